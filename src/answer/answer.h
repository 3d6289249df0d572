/* answer: what the ledger's exchanges add up to. Takes a joined ledger and a question, gives rows in the caller's arena.
 *
 * takes    a ledger whose claims have been joined      promises   intervals are added as intervals; parts are not added to
 * gives    exchanges with what all their accounts                 their wholes, nor what fulfils a pledge to the pledge;
 *          allow; balances, pledges, loans, pacts,                stocks stay apart from flows; every row names its claims
 *          differences, sources, stocks, news          leaves alone   how a row looks (cli)
 *
 *	dyad, exchange, exchange_claim, link, difference        ids.c       which exchanges are asked for
 *	ids -> exchanges with accounts, things, steps, links    exchange.c
 *	figures of accounts -> the interval that all allow      interval.c
 *	exchanges -> a sum, parts within wholes                 sum.c
 *	sums -> balance.c  pledges.c (and loans)  stocks.c      exchanges -> agreements.c  differ.c  sources.c  watch.c
 *
 * The arithmetic and every convention: docs/ANSWERS.md.
 */
#ifndef KULA_ANSWER_H
#define KULA_ANSWER_H

#include "ledger/ledger.h"

/* ---- intervals ---- */

/* NaN: that end is open. Both open: nothing is known. */
typedef struct answer_interval { double min, max; bool approx; } answer_interval;

/* What all of some figures allow: their intersection. An approximate figure gives way by a tenth of itself. *differ: no number
 * fits all, and the result runs from the least to the greatest told. Figures without any bound don't count. */
answer_interval answer_allowed(const answer_interval *figures, uint32_t count, bool *differ);
/* Ends are added; an open end stays open, but for a sum at least nothing is at least 0. */
answer_interval answer_plus(answer_interval a, answer_interval b);
/* What is left of a when b is taken from it, never below 0. */
answer_interval answer_minus(answer_interval a, answer_interval b);

/* ---- units: data/join/units.tsv ---- */

typedef struct answer_units answer_units;
answer_units *answer_units_open(const char *folder, kula_error *err);          /* NULL folder: the installed one */
void answer_units_free(answer_units *u);
/* The unit that quantities of this one are compared in, and by what to multiply; itself and 1 where the table has no row. */
const char *answer_unit_base(const answer_units *u, const char *unit, double *times);

/* ---- an exchange ---- */

/* Which way it goes between two parties A and B. */
typedef enum answer_way {
	ANSWER_FORTH,           /* A acts, B is acted on */
	ANSWER_BACK,            /* B acts, A is acted on */
	ANSWER_BOTH,            /* sides that are equal (meet, agree, sign, cooperate), or both on both */
	ANSWER_WAYS
} answer_way;

/* Something that passes, as all accounts that tell of it allow. */
typedef struct answer_thing {
	const char *what;               /* "brown bear" */
	const char *text;               /* the words of the account that tells most */
	kula_kind   kind;
	const char *unit;               /* the one that all accounts use, else the base unit */
	kula_per    per;
	answer_interval q;              /* in unit */
	const char *base; double times; /* q * times is in base */
	int32_t     in;                 /* index of the thing that includes it, or -1 */
	uint32_t    told;               /* accounts that tell of it */
	bool        differ;             /* no number fits all of them */
	bool        as_lead;            /* q is what `text` says */
} answer_thing;

typedef struct answer_step { kula_claim_status status; kula_day day; uint32_t account; } answer_step;
typedef struct answer_difference { const char *field; uint32_t one, other; } answer_difference;         /* accounts, one a side */
typedef enum answer_link_type { ANSWER_FULFILS, ANSWER_PART, ANSWER_RETURNS, ANSWER_UNDER, ANSWER_ANSWERS, ANSWER_LINKS } answer_link_type;
const char *answer_link_name(answer_link_type t);
typedef struct answer_link {
	answer_link_type type;
	bool    out;                    /* from this exchange to the other */
	int64_t other;
	char    number[40];             /* the other's: "x12.3" */
} answer_link;

typedef struct answer_exchange {
	int64_t    exchange;
	char       number[40];          /* "x12.3": 12.3 tells of it first */
	kula_act   act;
	kula_claim_status status;       /* now */
	bool       fact;                /* the act itself; else an undertaking: promised, offered, requested, threatened, refused */
	bool       contested;           /* one account denies what another tells as done */
	answer_way way;
	kula_days  days;                /* of the act, as all dated accounts allow */
	kula_days  due;
	kula_day   day;                 /* where it stands in a timeline: first of days, else when first told, else KULA_NO_DAY */
	kula_day   told_first, told_last;
	uint32_t   independent, documents;
	ledger_claim *accounts;         uint32_t account_count; /* its claims, by publication, document, ordinal; without evidence */
	uint32_t   lead;                /* the account that tells most */
	const kula_party *from, *to;    uint32_t from_count, to_count;
	answer_thing *things;           uint32_t thing_count;
	answer_interval value;          const char *value_unit;         /* NULL: not told */
	const char *agreement, *condition;
	answer_step *steps;             uint32_t step_count;            /* how its status moved */
	answer_difference *differences; uint32_t difference_count;
	answer_link *links;             uint32_t link_count;
} answer_exchange;

/* Exchanges by the order asked for; those behind `asked` were not asked for but hang on them by links. */
typedef struct answer_set {
	answer_exchange *at;
	uint32_t count;
	uint32_t asked;
	uint32_t room;
	table   *index;                 /* exchange -> place in at; freed by answer_set_clear */
} answer_set;

typedef struct answer_filter {
	const char *a, *b;              /* codes: exchanges between the two, both directions; b NULL: any with a */
	const char *from, *to;          /* codes: one direction */
	kula_day    since, until;       /* its days, or the days when it was told, touch this; KULA_NO_DAY: open */
	uint32_t    acts, statuses, kinds;      /* masks: bit 1 << KULA_GIVE; 0: all */
	double      min_confidence;     /* some claim of it is at least so likely, or has no confidence */
	bool        differing;          /* only those on which accounts differ */
	bool        undertakings, facts;        /* only these; neither: all */
	bool        newest_first;
	bool        without_links;      /* links are not looked at: for those who don't show them */
	bool        by_number;          /* in the order of their numbers, those behind `after`: with a limit, to walk through very many */
	int64_t     after;
	uint64_t    limit;              /* 0: none */
} answer_filter;
answer_filter answer_filter_all(void);

/* Whether the ledger can be asked: KULA_ENOTFOUND where nothing has been joined yet. *pending: documents that joining has not
 * looked at. */
kula_status answer_ready(ledger *l, int64_t *pending, kula_error *err);
/* The newest day of publication in the ledger; KULA_NO_DAY where there is none. */
kula_status answer_newest(ledger *l, kula_day *day, kula_error *err);

/* links: mask of types, 1 << ANSWER_PART; what hangs on them by such links, over any number of them, is loaded behind them. */
kula_status answer_exchanges(ledger *l, const answer_units *u, arena *a, const answer_filter *f, uint32_t links, answer_set *out,
	kula_error *err);
void answer_set_clear(answer_set *s);
/* The place of an exchange in the set, or UINT32_MAX. */
uint32_t answer_place(const answer_set *s, int64_t exchange);
/* The sentence of an account; NULL: err says why. */
const char *answer_sentence(ledger *l, arena *a, int64_t claim, kula_error *err);

/* ---- balance ---- */

/* A sum of things of one key over some exchanges. */
typedef struct answer_sum {
	answer_interval q;              /* min is 0 where nothing is known */
	uint32_t exchanges;             /* that have a part in it */
	uint32_t unknown;               /* of them without any number */
	bool     differ;                /* accounts differ on some of it, or deny it */
} answer_sum;

typedef struct answer_balance_row {
	answer_way way;
	kula_act   act;
	bool       all;                 /* over give, lend, sell and supply; act means nothing then */
	bool       stock;               /* hold: what is there, not what passed; only `delivered` means something */
	kula_kind  kind;
	const char *what;               /* of rows by thing; NULL: all things of the kind */
	const char *unit;
	kula_per   per;
	answer_sum pledged, planned, delivered, outstanding;
	answer_interval over;           /* delivered beyond what was pledged; max 0: nothing for sure or possibly */
	const char **claims;            uint32_t claim_count;   /* numbers of the exchanges, "12.3" */
} answer_balance_row;

typedef struct answer_balance {
	answer_balance_row *rows;       uint32_t count;
	uint32_t exchanges;             /* of the pair that the filter lets through */
	uint32_t without;               /* of them without a thing that passes */
	uint32_t denied, possible, other;       /* left out: denied; only possible; requested, threatened, refused */
} answer_balance;
/* by_what: a row for each thing ("tank", "shell") under that of its kind. */
kula_status answer_balance_of(const answer_set *s, arena *a, uint32_t acts, bool by_what, answer_balance *out, kula_error *err);
/* The acts by which something passes, which a balance is about unless others are asked for. */
uint32_t answer_passing_acts(void);

/* ---- pledges and loans ---- */

typedef enum answer_state {
	ANSWER_OPEN,            /* nothing was delivered, or came back */
	ANSWER_PARTLY,          /* some was, some is outstanding for sure */
	ANSWER_UNCLEAR,         /* something was; whether all, the accounts leave open */
	ANSWER_KEPT,            /* nothing is outstanding */
	ANSWER_STATES
} answer_state;
const char *answer_state_name(answer_state s);  /* open, partly, unclear, kept */

/* Of one thing of a pledge. rate: the pledge is one ("twelve a year"), what was delivered is not: no telling what is outstanding. */
typedef struct answer_line { uint32_t thing; answer_sum delivered, outstanding; answer_interval over; bool rate; } answer_line;

/* A pledge with what was delivered under it, or a loan with what came back. */
typedef struct answer_pledge {
	uint32_t     exchange;          /* place in the set */
	answer_line *lines;             uint32_t line_count;    /* for each thing of it that is in no other */
	uint32_t    *deliveries;        uint32_t delivery_count;        /* places: done or ongoing, by day */
	uint32_t    *planned;           uint32_t planned_count;         /* places: still to come */
	answer_state state;
	kula_days    due;               /* its own, else that of what it is part of */
	bool         overdue;           /* due before `on`, and something is outstanding for sure */
	int32_t      days_over;         /* since the last due day; negative: until it; INT32_MIN: no due day */
} answer_pledge;
typedef struct answer_pledges { answer_pledge *rows; uint32_t count; } answer_pledges;
/* Of the exchanges asked for those that are undertakings (loans: lent). on: the day that "overdue" means. */
kula_status answer_pledges_of(const answer_set *s, arena *a, bool loans, kula_day on, answer_pledges *out, kula_error *err);
/* The same for one undertaking of the set. */
kula_status answer_pledge_of(const answer_set *s, arena *a, uint32_t place, kula_day on, answer_pledge *out, kula_error *err);

/* ---- agreements ---- */

typedef enum answer_part_role { ANSWER_AGREED, ANSWER_SIGNED, ANSWER_RATIFIED, ANSWER_OBLIGATION, ANSWER_ACT, ANSWER_BREACHED, ANSWER_ENDED, ANSWER_ROLES } answer_part_role;
const char *answer_role_name(answer_part_role r);       /* agreed, signed, ratified, obligation, act, breach, end */
typedef struct answer_clause { answer_part_role role; uint32_t exchange; bool by_name; } answer_clause;  /* by_name: no link, its name says so */
typedef struct answer_agreement {
	const char    *name;            /* NULL: nobody names it */
	uint32_t       exchange;        /* place of the signing, or of the first that names it */
	bool           is_signed;       /* a signing is told */
	answer_clause *clauses;         uint32_t clause_count;          /* by role, then day */
} answer_agreement;
typedef struct answer_agreements { answer_agreement *rows; uint32_t count; } answer_agreements;
kula_status answer_agreements_of(const answer_set *s, arena *a, answer_agreements *out, kula_error *err);

/* ---- differences ---- */

typedef struct answer_side {
	const char *word;               /* status: "denied"; act: "lend"; NULL for figures and days */
	kula_days   days;               /* of dates */
	answer_interval q;              /* of items, with unit, rate and what */
	const char *unit, *what;        kula_per per;
	uint32_t   *accounts;           uint32_t count;         /* of the exchange; the first is the one that the ledger names */
} answer_side;
typedef struct answer_dispute { uint32_t exchange; const char *field; answer_side sides[2]; } answer_dispute;
typedef struct answer_disputes { answer_dispute *rows; uint32_t count; } answer_disputes;
kula_status answer_disputes_of(const answer_set *s, const answer_units *u, arena *a, answer_disputes *out, kula_error *err);

/* ---- sources ---- */

typedef struct answer_source {
	const char *name;               /* a code's, else the words; a publisher's in its own voice */
	const char *code;               /* NULL: none */
	bool        own_voice;          /* a publisher, for what it says itself */
	uint32_t    claims, exchanges, alone, confirmed, contradicted;
	uint32_t    acts[KULA_ACTS];    /* claims by act */
	const char *verbs[3];           uint32_t verb_count;    /* most used first */
	char        first[24], last[24];/* claims */
	kula_day    first_day, last_day;
} answer_source;
typedef struct answer_sources { answer_source *rows; uint32_t count; } answer_sources;
kula_status answer_sources_of(const answer_set *s, arena *a, answer_sources *out, kula_error *err);

/* ---- stocks ---- */

typedef struct answer_stock {
	const char *holder, *code;      /* code NULL: none */
	const char *what, *unit, *place;
	kula_kind   kind;
	kula_per    per;
	uint32_t   *exchanges;          uint32_t count;         /* places, by day */
	uint32_t   *things;             /* of each its thing */
	answer_interval change;         /* from the last but one to the last; both open: unknown */
} answer_stock;
typedef struct answer_stocks { answer_stock *rows; uint32_t count; } answer_stocks;
kula_status answer_stocks_of(const answer_set *s, arena *a, answer_stocks *out, kula_error *err);

/* ---- watching ---- */

typedef enum answer_event { ANSWER_NEW, ANSWER_STATUS, ANSWER_DIFFER, ANSWER_TOLD, ANSWER_EVENTS } answer_event;
const char *answer_event_name(answer_event e);          /* new, status, differ, told */
typedef struct answer_news { answer_event event; uint32_t exchange; kula_claim_status was; uint32_t claims; } answer_news;
typedef struct answer_newses { answer_news *rows; uint32_t count; } answer_newses;
/* What of the set is news for the query of this name; events: mask. Nothing is written. */
kula_status answer_watch(ledger *l, arena *a, const answer_set *s, const char *name, uint32_t events, answer_newses *out, kula_error *err);
/* Remembers all of the set as shown. The ledger must be open for writing. */
kula_status answer_watch_keep(ledger *l, const answer_set *s, const char *name, kula_error *err);

#endif
