/* export: what the writers of formats share. */
#ifndef KULA_FORMATS_EXPORT_H
#define KULA_FORMATS_EXPORT_H

#include "formats/room.h"

typedef struct writer {
	ledger     *l;
	const export_options *o;
	export_sink sink;
	void       *arg;
	export_sum *sum;
	kula_error *err;
	buf         out;                /* not yet sunk */
	uint32_t    cells;              /* of the row in hand */
	char        comma;              /* what parts cells: ',' or '\t' */
	const char *none;               /* what an empty cell of a tab-separated row says */
	void       *own;                /* the format's own */
	bool        refused;            /* no memory in a writer's own tables */
} writer;

/* Sinks what has gathered. False: err is set. */
bool writer_flush(writer *w, bool all);
/* Something that the format has no place for; why is a literal. */
void writer_left(writer *w, const char *why, uint64_t count);

/* A document with those of its claims that were asked for, in their order. d.text is NULL unless asked for. */
typedef struct told {
	const ledger_document *doc;
	kula_document d;
	const ledger_claim *claims;     uint32_t count;
	arena *a;                       /* for scratch: cleared behind this document */
} told;
kula_status export_documents(writer *w, bool text, bool (*see)(writer *w, const told *t));

/* Rows of cells. Comma: RFC 4180, and a cell that a spreadsheet would take for a formula has an apostrophe in front. Tab: what
 * would break a row is a space. NULL is an empty cell. */
void put_text(writer *w, const char *text);
void put_text_n(writer *w, const char *text, size_t n);
void put_number(writer *w, double v);          /* NaN: empty */
void put_whole(writer *w, int64_t v);
void put_day(writer *w, kula_day d);
void put_row(writer *w);
void put_head(writer *w, const char *const *names, size_t count);

/* Names of parties, parted by "; ": codes, words or display names, each once. An empty list leaves b as it is. */
void codes_of_parties(buf *b, const kula_party *p, uint32_t count);
void texts_of_parties(buf *b, const kula_party *p, uint32_t count);
const char *name_of_code(const writer *w, const char *code);            /* the code where nothing is known */
/* The code's cell of states.tsv in column 1 (two letters) or 2 (Correlates of War); {0} where it has none. */
cell state_of_code(const writer *w, const char *code, uint32_t column);
bool code_is_state(const writer *w, const char *code);

/* The days a claim stands at: its own, else that of publication. */
kula_days days_of_claim(const ledger_claim *k);
/* "70 brown bear", "12500 artillery shell (up to)", for people who read a cell. */
void item_words(buf *b, const kula_item *t);

kula_status export_jsonl(writer *w);
kula_status export_csv(writer *w);
kula_status export_plover(writer *w);
kula_status export_icews(writer *w);
kula_status export_ftm(writer *w);
kula_status export_webannotation(writer *w);
kula_status export_graphml(writer *w);
kula_status export_exchanges(writer *w);
kula_status export_exchanges_csv(writer *w);
kula_status export_sipri(writer *w);
kula_status export_atop(writer *w);

#endif
