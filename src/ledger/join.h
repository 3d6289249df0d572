/* join: claims of many documents become exchanges: one for each real act or undertaking, whoever tells of it.
 *
 * takes    claims with their documents' ids, days, publishers      promises   the same claims give the same exchanges, in any
 *          a person's judgements (same, not the same)                         order of arrival; candidates come from an index,
 * gives    exchanges, typed links, differences,                                never from all pairs; every decision can be
 *          independent accounts                                                explained (join_why_pair)
 *                                                                   leaves alone   the claims: they never change
 *
 *	claim -> face            what joining looks at: hashes, numbers, days; no pointers          join_face.c
 *	face, face -> features   agreements and disagreements of fields; weights.tsv -> a score     join_score.c
 *	index -> pairs -> exchanges   average linkage, judgements bind                               join.c
 *	exchange, exchange -> links   fulfils, part, returns, under, answers                         join_link.c
 *	exchange -> differences  fields on which two accounts can't both be right                    join_differ.c
 *	texts -> copies          near copies of one report count once                                join_copies.c
 *
 * The meaning of exchange, link and difference is the contract, docs/EXCHANGES.md. Method: docs/JOIN.md.
 */
#ifndef KULA_LEDGER_JOIN_H
#define KULA_LEDGER_JOIN_H

#include "base/base.h"
#include "ledger/ledger.h"

/* ---- what joining looks at ---- */

enum { JOIN_SIDE = 6, JOIN_NAME = 6, JOIN_ITEMS = 6, JOIN_WORDS = 48, JOIN_SKETCH = 32 };

/* The words of a short field as hashes of their stems, in order of the hash, without repeats. */
typedef struct join_words { uint32_t n; uint32_t at[JOIN_NAME]; } join_words;

typedef struct join_item {
	double     min, max;            /* in the base unit; NaN: not told */
	uint32_t   unit;                /* hash of the base unit */
	uint32_t   head;                /* stem of the last word of `what`; 0: none */
	join_words what, name;          /* all words of `what`; words of `text` that `what` leaves out */
	uint32_t   ordinal;             /* hash of the word that counts it: "second", "last"; 0: none */
	int8_t     in;                  /* index of the including item, or -1 */
	uint8_t    kind, per;
	bool       approx;
	bool       part;                /* told as a part: "the first", "the remaining", "half of" */
	bool       whole;               /* told as a whole: "all", "the entire" */
} join_item;

typedef struct join_face {
	uint64_t document, key;         /* the document's identity; key of the claim: both independent of arrival */
	uint32_t place;                 /* place in the document, from 0 */
	uint32_t row;                   /* the caller's number; joining only hands it back */
	uint32_t own;                   /* the caller's number of the document */
	uint8_t  act, status;
	uint8_t  from_count, to_count, item_count, said_count;
	uint32_t from[JOIN_SIDE], to[JOIN_SIDE];        /* hashes of codes; 0 for a party without one */
	join_words from_name, to_name;
	join_item  items[JOIN_ITEMS];
	kula_days  date, due;
	kula_day   published;
	uint32_t   said[JOIN_SIDE];     /* hashes of sources' codes, or of their words */
	join_words publisher_name, said_name;   /* said_name: of the outermost source */
	uint32_t   sentence;            /* hash of the evidence */
	uint32_t   trigger;             /* stem of its longest word */
	join_words agreement, at, place_from, place_to, means, condition;
	double     value_min, value_max; uint32_t value_unit;
	uint32_t   word_count;
	uint32_t   words[JOIN_WORDS];   /* of the evidence */
	uint32_t   flags;               /* JOIN_... below */
	uint32_t   table, table_row, told; /* of a row of a register: which register, which row, which exchange of it; 0: none */
} join_face;

enum {
	JOIN_BACKREF = 1,               /* the sentence says "in return", "in exchange" */
	JOIN_NOT_YET = 2,               /* the sentence says "not yet", "so far", "until now" */
	JOIN_HAS_VALUE = 4,
	JOIN_PART = 8,                  /* the sentence tells of a part: first, second, rest */
	JOIN_DEAL = 16,                 /* the trigger is of the deal: bought, ordered, sold */
	JOIN_ARRIVAL = 32               /* the trigger is of the thing's coming: landed, delivered */
};

/* ---- rules: data/join/ *.tsv, read once, shared ---- */

typedef struct join_rules join_rules;
/* From a folder, or NULL for the installed one. weights: another weights file than the folder's, or NULL. */
join_rules *join_rules_open(const char *folder, const char *weights, kula_error *err);
void join_rules_free(join_rules *r);
uint64_t join_rules_hash(const join_rules *r);           /* changes when any of the files does */

/* Fills the face of claim number `place` of its document, whose identity is join_document_key's; the text isn't looked at. */
void join_face_fill(const join_rules *r, const kula_document *d, uint64_t document, const kula_claim *c, uint32_t place, join_face *out);

/* ---- joining ---- */

typedef struct join_judgement { uint32_t a, b; bool same; } join_judgement;     /* indexes of faces; the last of a pair counts */

typedef enum join_link_type { JOIN_FULFILS, JOIN_PART_OF, JOIN_RETURNS, JOIN_UNDER, JOIN_ANSWERS, JOIN_LINKS } join_link_type;
const char *join_link_name(join_link_type t);
int join_link_of(const char *name);      /* -1: no type */

typedef struct join_link { join_link_type type; uint32_t from, to; double score; } join_link;

typedef enum join_field { JOIN_FIELD_ITEMS, JOIN_FIELD_DATE, JOIN_FIELD_STATUS, JOIN_FIELD_ACT, JOIN_FIELDS } join_field;
const char *join_field_name(join_field f);
typedef struct join_difference { join_field field; uint32_t exchange, a, b; } join_difference;  /* a, b: two claims, one a side */

/* Everything in the arena given. Faces are numbered as given; exchanges by their earliest claim. */
typedef struct join_result {
	uint32_t  count;                /* exchanges */
	uint32_t *exchange_of;          /* [faces] */
	uint32_t *first, *members;      /* members[first[x] .. first[x + 1]): the claims of x, earliest first */
	uint32_t *independent;          /* [exchanges] accounts that don't repeat one another */
	join_link *links;       uint32_t link_count;
	join_difference *differences;   uint32_t difference_count;
	uint64_t  pairs;                /* candidates looked at */
} join_result;

/* near: for near copies, pairs of document identities (join_face.document) whose texts are near copies; NULL: none. */
typedef struct join_copies join_copies;
kula_status join_all(const join_rules *r, arena *a, const join_face *faces, uint32_t count,
	const join_judgement *judged, uint32_t judged_count, const join_copies *near, join_result *out, kula_error *err);

/* Links, differences and independent accounts alone, for exchanges that are there: out->count, exchange_of, first, members. */
kula_status join_rest(const join_rules *r, arena *a, const join_face *faces, const join_copies *near, join_result *out, kula_error *err);

/* ---- near copies of texts ---- */

/* The smallest hashes of a text's runs of five words: texts that share a good part of them are near copies. */
enum { JOIN_COPY_DAYS = 3 };    /* copies of one report appear within so many days */
typedef struct join_sketch { uint64_t document; int32_t day; uint32_t n; uint32_t at[JOIN_SKETCH]; } join_sketch;
void join_sketch_fill(const char *text, size_t bytes, kula_day published, uint64_t document, join_sketch *out);
bool join_sketch_copies(const join_sketch *a, const join_sketch *b);
uint32_t join_sketch_least(const join_sketch *s);        /* a near copy shares at least so many runs with it */
double join_sketch_near(const join_sketch *a, const join_sketch *b);    /* estimated share of common runs, 0..1 */
/* A document's identity from its own id and the SHA-256 of its text. */
uint64_t join_document_key(const char *id, const char *sha256);
join_copies *join_copies_new(arena *a, const join_sketch *s, uint32_t count);
uint64_t join_copies_group(const join_copies *c, uint64_t document);    /* the same for near copies */

/* ---- why ---- */

/* The score of two claims and the fields that decided, greatest first, one JSON object. */
double join_why_pair(const join_rules *r, const join_face *a, const join_face *b, buf *json);
bool join_candidates(const join_rules *r, const join_face *a, const join_face *b);     /* could they be one, by act, status, sides */

/* ---- features, for fitting the weights (train/join_fit.c) ---- */

uint32_t join_feature_count(void);
const char *join_feature_name(uint32_t f);
void join_features(const join_rules *r, const join_face *a, const join_face *b, double *x);
/* Every candidate pair of the faces, in order: see(arg, a, b, features). */
kula_status join_pairs(const join_rules *r, const join_face *faces, uint32_t count,
	void (*see)(void *arg, uint32_t a, uint32_t b, const double *x), void *arg, kula_error *err);
uint32_t join_link_feature_count(void);
const char *join_link_feature_name(uint32_t f);
kula_status join_link_pairs(const join_rules *r, arena *a, const join_face *faces, uint32_t count, const join_result *joined,
	void (*see)(void *arg, join_link_type t, uint32_t from, uint32_t to, const double *x), void *arg, kula_error *err);

/* ---- in a ledger ---- */

typedef struct ledger_joined { uint64_t claims, changed; bool rebuilt; } ledger_joined; /* claims joined, exchanges made or remade */
/* Brings the ledger's exchanges up to date with its claims, reviews (rejected claims are left out) and judgements: only what is
 * new and what it touches, in transactions of at most two thousand documents. rebuild, other rules than last time: everything anew,
 * with the same result. Tables: exchange, exchange_claim, difference, link (docs/JOIN.md). out may be NULL. */
kula_status ledger_join(ledger *l, const join_rules *r, bool rebuild, ledger_joined *out, kula_error *err);
/* The exchange of a claim (0: not joined yet). */
int64_t ledger_exchange_of(ledger *l, int64_t claim, kula_error *err);
/* The claims of an exchange, in the arena. */
kula_status ledger_exchange_claims(ledger *l, arena *a, int64_t exchange, int64_t **claims, uint32_t *count, kula_error *err);
/* What joined the claims of an exchange and what kept others out: one JSON object. */
kula_status ledger_why(ledger *l, const join_rules *r, int64_t exchange, buf *json, kula_error *err);
extern const char join_schema[];        /* "IF NOT EXISTS": may be run at any time in a ledger that can be written */

#endif
