/* ask: what the commands that answer from exchanges share: options and filters, parties by name, output in three forms.
 *
 *	ask q = ask_new();
 *	const cli_option options[] = {ASK_OPTIONS(q), ASK_FORMS(q), ASK_OPENING(q)};
 *	...
 *	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 2, 2, &code)) return code;
 *	answer_exchanges(...)  ->  q.out
 *	return ask_end(&q, q.set.asked > 0, "no exchange");
 */
#ifndef KULA_CLI_ASK_H
#define KULA_CLI_ASK_H

#include "answer/answer.h"
#include "cli/render.h"

typedef struct ask {
	/* as typed */
	const char *path, *acts, *statuses, *kinds, *from, *to, *knowledge, *own, *weights, *as_of;
	bool        json, csv, quiet, as_read;
	kula_day    on;                 /* the day that "overdue" means: as asked, else the newest in the ledger */
	answer_filter f;
	/* opened */
	screen      s;
	ledger     *l;
	ledger_mode mode;               /* LEDGER_READ unless a command says otherwise before ask_begin */
	know       *k;
	answer_units *u;
	arena      *a;
	answer_set  set;
	cli_words   words;
	render_party party[2];          /* of the words */
	uint32_t    parties;
	render_party from_party, to_party;
	buf         out;
	kula_error  err;
} ask;
ask ask_new(void);

/* Filters; each command takes those that make sense for it. */
#define ASK_DAYS(q) \
	{0, "since", OPTION_DAY, &(q).f.since, "DAY", "what touches this day or a later one (its own days, else when it was told)"}, \
	{0, "until", OPTION_DAY, &(q).f.until, "DAY", "what touches this day or an earlier one"}
#define ASK_ACT(q) {0, "act", OPTION_TEXT, &(q).acts, "ACT,...", "only these acts: give,lend,sell,..."}
#define ASK_STATUS(q) {0, "status", OPTION_TEXT, &(q).statuses, "STATUS,...", "only what stands there now: done,promised,..."}
#define ASK_KIND(q) {0, "kind", OPTION_TEXT, &(q).kinds, "KIND,...", "only with an item of these kinds: arms,money,..."}
#define ASK_SIDES(q) \
	{0, "from", OPTION_TEXT, &(q).from, "A", "by whom: a code or a name"}, \
	{0, "to", OPTION_TEXT, &(q).to, "B", "to or on whom"}
#define ASK_ON(q) {0, "on", OPTION_DAY, &(q).on, "DAY", "overdue as of this day (default: the newest day of publication in the ledger)"}
#define ASK_LIMIT(q) {'n', "limit", OPTION_COUNT, &(q).f.limit, "N", "at most N"}
#define ASK_THEN(q) \
	{0, "as-of", OPTION_TEXT, &(q).as_of, "MOMENT", "what the ledger knew then: 2024-11-20, 2024-11-20T09:30"}, \
	{0, "as-read", OPTION_FLAG, &(q).as_read, NULL, "as the machine read it, without reviews"}
#define ASK_FORMS(q) \
	CLI_CONFIDENCE(&(q).f.min_confidence), \
	CLI_JSON(&(q).json), \
	{0, "csv", OPTION_FLAG, &(q).csv, NULL, "CSV"}, \
	ASK_THEN(q), \
	CLI_LEDGER(&(q).path), \
	CLI_KNOWLEDGE(&(q).knowledge), \
	CLI_KNOW(&(q).own), \
	CLI_WEIGHTS(&(q).weights), \
	CLI_QUIET(&(q).quiet)

/* Parses the line, looks up the parties among the words (least to most of them) and of --from, --to, opens the ledger and what else
 * is needed, and sets the filter. False: said, *code is the exit code, and nothing is left open. */
bool ask_begin(ask *q, const cli_usage *usage, const cli_option *options, size_t count, int argc, char **argv, int least, int most, int *code);
/* The second half alone, for commands that parse their own line: looks up, opens. False: as above. */
bool ask_open(ask *q, int *code);
/* The ledger alone, as it is or as it was (ASK_THEN): for commands that show claims and need nothing joined. False: q->err. */
bool ask_ledger(ask *q);
void ask_close(ask *q);                 /* lets everything go */
/* Prints the output and lets everything go. any false: says that there is nothing, unless quiet, and gives exit code 1. */
int ask_end(ask *q, bool any, const char *nothing);
/* After a failure: says q->err and lets everything go. */
int ask_fail(ask *q);
/* Sets q->on where it was not asked for. */
bool ask_on(ask *q);

/* ---- an exchange in words ---- */

const char *ask_arrow(const ask *q, kula_act act);
void say_sides(buf *b, const ask *q, const answer_exchange *x);          /* "RUS → PRK" */
void say_when(buf *b, const answer_exchange *x);                         /* its days, else in brackets when it was told */
void say_things(buf *b, const ask *q, const answer_exchange *x);         /* its things with what all accounts allow, else its pact or trigger */
void say_what(buf *b, const ask *q, const answer_exchange *x);           /* the same with worth, due day and condition */
void say_status(buf *b, const ask *q, const answer_exchange *x);         /* "done (planned 2024-03-01)" */
void say_differs(buf *b, const answer_exchange *x);                      /* "items, date" */
void say_claims(buf *b, const ask *q, const answer_exchange *x, uint32_t most);  /* "12.3 14.1 + 7"; most 0: all */
void say_amount(buf *b, const ask *q, answer_interval v, const char *unit, kula_per per);        /* "≥ 70", "2 tonne a month"; "" for nothing known */
void say_sum(buf *b, const ask *q, const answer_sum *s, const char *unit, kula_per per);         /* "" where no exchange has a part in it */
/* A source and its paper: "the ministry (said), in Wire A". */
void say_source(buf *b, const ledger_claim *k);

/* Of a pledge or loan of q->set: what came of it, what is outstanding, when it is due. */
void say_came(buf *b, const ask *q, const answer_pledge *p);
void say_left(buf *b, const ask *q, const answer_pledge *p);
void say_due(buf *b, const answer_pledge *p);
/* Of a balance between q->party: the direction, what it is about, a column. */
void say_way(buf *b, const ask *q, answer_way w);
void say_kind(buf *b, const answer_balance_row *r);
void say_column(buf *b, const ask *q, const answer_sum *s);
void say_value(buf *b, const ask *q, const answer_side *s);              /* what one side of a difference says */
void say_agreement(buf *b, const ask *q, const answer_agreement *r);     /* its name */

/* ---- for programs ---- */

/* One exchange as a JSON object without newline (docs/ANSWERS.md); extra: members put in front ("\"state\":\"open\""), or NULL. */
void json_exchange(buf *b, const ask *q, const answer_exchange *x, const char *extra);
void json_interval(buf *b, const char *name, answer_interval v);        /* ,"name":{"min":1,"max":null} */
void json_days(buf *b, const char *name, kula_days d);                  /* ,"name":["2024-01-01","2024-01-31"] or null */
void json_day(buf *b, const char *name, kula_day d);
void json_member(buf *b, const char *name, const char *text);           /* ,"name":"text" or null */
/* Cells of a CSV row. */
void cell_day(sheet *t, kula_day d);
void cell_text(sheet *t, buf *words);                                   /* the words, which it empties; empty: no cell text */

#endif
