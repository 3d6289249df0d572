/* export: the ledger in other people's columns; what they share. */
#include "formats/export.h"

#include <math.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)1 << 30)   /* a document with all its claims */
#define SINK_BYTES ((size_t)1 << 16)

static const struct { const char *name, *about, *lost; kula_status (*write)(writer *w); } formats_out[EXPORT_FORMATS] = {
	[EXPORT_JSONL] = {"jsonl", "documents with their claims, a line each, as docs/CLAIMS.md has them",
		"reviews, exchanges, a reader's version and hashes", export_jsonl},
	[EXPORT_CSV] = {"csv", "claims, a row for each item",
		"spans, which party has which verb, exchanges, reviews", export_csv},
	[EXPORT_EXCHANGES] = {"exchanges", "exchanges as JSON lines: what all accounts allow, links, differences",
		"texts and spans (jsonl has them)", export_exchanges},
	[EXPORT_EXCHANGES_CSV] = {"exchanges-csv", "exchanges, a row for each thing that passes",
		"each account's own figures, texts and spans", export_exchanges_csv},
	[EXPORT_PLOVER] = {"plover", "events in POLECAT's columns, PLOVER's classes",
		"quantities, what passes, values, due days, conditions, agreements, who says so, denials, stocks, intensities, coordinates", export_plover},
	[EXPORT_ICEWS] = {"icews", "events in ICEWS's columns, CAMEO codes",
		"quantities, what passes, values, due days, conditions, agreements, who says so, denials, stocks, coordinates", export_icews},
	[EXPORT_FTM] = {"ftm", "FollowTheMoney entities as JSON lines",
		"quantities other than sums of money, items as things, statuses as such, conditions, spans, parties without a code", export_ftm},
	[EXPORT_WEBANNOTATION] = {"webannotation", "W3C Web Annotations (JSON-LD) of the sentences behind the claims",
		"nothing of the claims, which are the annotations' bodies; exchanges and reviews", export_webannotation},
	[EXPORT_GRAPHML] = {"graphml", "parties as nodes, what passed between them as edges with counts",
		"items, quantities, sources, single claims, parties without a code", export_graphml},
	[EXPORT_SIPRI] = {"sipri", "a register of arms in SIPRI's columns: ordered, delivered, years",
		"values, conditions, sources, days within a year, differences; SIPRI's trend indicator values are none of ours", export_sipri},
	[EXPORT_ATOP] = {"atop", "obligations of pacts, a row for each member, named as in ATOP",
		"quantities, sources, sentences; ATOP codes treaty texts, these rows are what reports say of them", export_atop},
};

const char *export_format_name(export_format f) { return (unsigned)f < EXPORT_FORMATS ? formats_out[f].name : "?"; }
const char *export_format_about(export_format f) { return (unsigned)f < EXPORT_FORMATS ? formats_out[f].about : "?"; }
const char *export_format_lost(export_format f) { return (unsigned)f < EXPORT_FORMATS ? formats_out[f].lost : "?"; }

int export_format_of(const char *name)
{
	for (int f = 0; f < EXPORT_FORMATS; f++)
		if (strcmp(name, formats_out[f].name) == 0)
			return f;
	return -1;
}

kula_status export_write(ledger *l, const export_options *o, export_sink sink, void *arg, export_sum *sum, kula_error *err)
{
	writer w = {.l = l, .o = o, .sink = sink, .arg = arg, .sum = sum, .err = err, .comma = ','};
	*sum = (export_sum){0};
	kula_status status = formats_out[o->format].write(&w);
	if (status == KULA_OK && (w.refused || w.out.refused))
		status = kula_fail(err, KULA_EMEMORY, 0, "no memory for the export");
	if (status == KULA_OK && !writer_flush(&w, true))
		status = KULA_EIO;
	buf_free(&w.out);
	return status;
}

bool writer_flush(writer *w, bool all)
{
	if (w->out.refused) {
		kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
		return false;
	}
	if (w->out.n == 0 || (!all && w->out.n < SINK_BYTES))
		return true;
	const bool good = w->sink(w->arg, w->out.at, w->out.n);
	w->out.n = 0;
	if (!good)
		kula_fail(w->err, KULA_EIO, 0, "the export can't be written");
	return good;
}

void writer_left(writer *w, const char *why, uint64_t count)
{
	uint32_t i = 0;
	while (i < w->sum->left_count && strcmp(w->sum->left[i].why, why) != 0)
		i++;
	if (i == EXPORT_LEFT || count == 0)
		return;
	if (i == w->sum->left_count)
		w->sum->left[w->sum->left_count++].why = why;
	w->sum->left[i].count += count;
}

/* ---- documents ---- */

/* One document is shown; *status says what went wrong where it says false. */
static bool show(writer *w, arena *a, int64_t document, const ledger_claim *claims, uint32_t count, bool text,
	bool (*see)(writer *w, const told *t), kula_status *status)
{
	ledger_document doc;
	told t = {.doc = &doc, .claims = claims, .count = count, .a = a};
	*status = ledger_document_load(w->l, a, document, &doc, w->err);
	if (*status != KULA_OK)
		return false;
	t.d = (kula_document){.id = doc.doc, .title = doc.title, .publisher = doc.publisher, .published = doc.published, .dossier = doc.dossier};
	if (text) {
		t.d.text = ledger_text(w->l, a, document, &t.d.text_bytes, w->err);
		if (t.d.text == NULL) {
			*status = w->err->status;
			return false;
		}
	}
	w->sum->of += count;
	const bool good = see(w, &t);
	if (!good || !writer_flush(w, false)) {
		*status = w->err->status != KULA_OK ? w->err->status : kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
		return false;
	}
	return true;
}

typedef struct claim_list { ledger_claim *at; uint32_t count, room; } claim_list;

static ledger_claim *list_next(claim_list *c)
{
	if (c->count == c->room) {
		const uint32_t room = c->room > 0 ? c->room * 2 : 64;
		ledger_claim *const more = base_realloc(c->at, room * sizeof *more);
		if (more == NULL)
			return NULL;
		c->at = more;
		c->room = room;
	}
	return &c->at[c->count];
}

/* Documents that some claim asked for stands in. The first claim of the next document is read before this one is done with: two
 * arenas take turns, and the first claim of a document lies in the other one. */
static kula_status documents_of_claims(writer *w, bool text, bool (*see)(writer *w, const told *t), arena *pair[2])
{
	ledger_filter f = w->o->filter;
	f.by_document = true;
	ledger_walk *const walk = ledger_claims(w->l, &f, w->err);
	if (walk == NULL)
		return w->err->status;
	claim_list list = {0};
	kula_status status = KULA_OK;
	int turn = 0;
	for (bool going = true; going;) {
		ledger_claim *const next = list_next(&list);
		if (next == NULL) {
			status = kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
			break;
		}
		status = ledger_next(walk, pair[turn], next, w->err);
		if (status != KULA_OK && status != KULA_ENOTFOUND)
			break;
		going = status == KULA_OK;
		status = KULA_OK;
		if (list.count > 0 && (!going || next->document != list.at[0].document)) {
			if (!show(w, pair[turn], list.at[0].document, list.at, list.count, text, see, &status))
				break;
			list.at[0] = list.at[list.count];
			list.count = 0;
			turn = !turn;
			arena_clear(pair[turn]);
		}
		list.count += going;
	}
	free(list.at);
	ledger_walk_free(walk);
	return status;
}

typedef struct numbers { int64_t *at; size_t count, room; bool refused; } numbers;

static bool keep_number(void *arg, const ledger_document *d)
{
	numbers *const n = arg;
	if (n->count == n->room) {
		const size_t room = n->room > 0 ? n->room * 2 : 256;
		int64_t *const more = base_realloc(n->at, room * sizeof *more);
		n->refused = more == NULL;
		if (more == NULL)
			return false;
		n->at = more;
		n->room = room;
	}
	n->at[n->count++] = d->document;
	return true;
}

static kula_status all_documents(writer *w, bool text, bool (*see)(writer *w, const told *t), arena *a)
{
	numbers all = {0};
	claim_list list = {0};
	kula_status status = ledger_documents(w->l, false, keep_number, &all, w->err);
	if (status == KULA_OK && all.refused)
		status = kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
	for (size_t i = 0; status == KULA_OK && i < all.count; i++) {
		ledger_filter f = w->o->filter;
		f.by_document = true;
		f.document = all.at[i];
		arena_clear(a);
		list.count = 0;
		ledger_walk *const walk = ledger_claims(w->l, &f, w->err);
		status = walk != NULL ? KULA_OK : w->err->status;
		while (status == KULA_OK) {
			ledger_claim *const next = list_next(&list);
			status = next != NULL ? ledger_next(walk, a, next, w->err) : kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
			list.count += status == KULA_OK;
		}
		ledger_walk_free(walk);
		if (status == KULA_ENOTFOUND && show(w, a, all.at[i], list.at, list.count, text, see, &status))
			status = KULA_OK;
	}
	free(list.at);
	free(all.at);
	return status;
}

kula_status export_documents(writer *w, bool text, bool (*see)(writer *w, const told *t))
{
	arena *pair[2] = {arena_new(ARENA_BYTES), arena_new(ARENA_BYTES)};
	kula_status status = KULA_EMEMORY;
	if (pair[0] == NULL || pair[1] == NULL)
		kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
	else if (w->o->all && w->o->format == EXPORT_JSONL)
		status = all_documents(w, text, see, pair[0]);
	else
		status = documents_of_claims(w, text, see, pair);
	arena_free(pair[0]);
	arena_free(pair[1]);
	return status;
}

/* ---- cells ---- */

static void between(writer *w)
{
	if (w->cells++ > 0)
		buf_char(&w->out, w->comma);
}

/* A number is none, however it begins. */
static bool looks_like_formula(const char *text, size_t n)
{
	if (n == 0 || strchr("=@+-", text[0]) == NULL)
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_digit((byte)text[i]) && strchr(".eE+-", text[i]) == NULL)
			return true;
	return n == 1;
}

void put_text_n(writer *w, const char *text, size_t n)
{
	between(w);
	if (text == NULL || n == 0) {
		if (w->comma == '\t' && w->none != NULL)
			buf_text(&w->out, w->none);
		return;
	}
	if (w->comma == '\t') {
		for (size_t i = 0; i < n; i++)
			buf_char(&w->out, is_space((byte)text[i]) ? ' ' : text[i]);
		return;
	}
	const bool formula = w->o->format != EXPORT_SIPRI && w->o->format != EXPORT_ATOP && looks_like_formula(text, n);
	bool quote = text[0] == ' ' || text[n - 1] == ' ';
	for (size_t i = 0; i < n && !quote; i++)
		quote = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
	if (quote)
		buf_char(&w->out, '"');
	if (formula)
		buf_char(&w->out, '\'');
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			buf_char(&w->out, '"');
		buf_char(&w->out, text[i]);
	}
	if (quote)
		buf_char(&w->out, '"');
}

void put_text(writer *w, const char *text) { put_text_n(w, text, text != NULL ? strlen(text) : 0); }

void put_number(writer *w, double v)
{
	buf digits = {0};
	if (!isnan(v))
		json_number(&digits, v);
	put_text_n(w, digits.at, digits.n);
	buf_free(&digits);
}

void put_whole(writer *w, int64_t v)
{
	between(w);
	buf_format(&w->out, "%lld", (long long)v);
}

void put_day(writer *w, kula_day d)
{
	char iso[16] = "";
	if (d != KULA_NO_DAY)
		kula_day_format(d, iso);
	put_text(w, iso);
}

void put_row(writer *w)
{
	buf_char(&w->out, '\n');
	w->cells = 0;
	w->sum->rows++;
}

void put_head(writer *w, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_text(w, names[i]);
	put_row(w);
	w->sum->rows = 0;
}

/* ---- parties, days, items ---- */

void codes_of_parties(buf *b, const kula_party *p, uint32_t count)
{
	bool any = false;
	for (uint32_t i = 0; i < count; i++) {
		bool known = p[i].code[0] == '\0';
		for (uint32_t j = 0; j < i && !known; j++)
			known = strcmp(p[j].code, p[i].code) == 0;
		if (known)
			continue;
		buf_text(b, any ? "; " : "");
		buf_text(b, p[i].code);
		any = true;
	}
}

void texts_of_parties(buf *b, const kula_party *p, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		buf_text(b, i > 0 ? "; " : "");
		buf_text(b, p[i].text);
	}
}

const char *name_of_code(const writer *w, const char *code)
{
	const char *const name = w->o->k != NULL ? know_code_name(w->o->k, code) : NULL;
	return name != NULL ? name : code;
}

cell state_of_code(const writer *w, const char *code, uint32_t column)
{
	const cell *const row = mapping_state(w->o->f, 0, code, strlen(code));
	return row != NULL && cell_told(row[column]) ? row[column] : (cell){0};
}

bool code_is_state(const writer *w, const char *code) { return mapping_state(w->o->f, 0, code, strlen(code)) != NULL; }

kula_days days_of_claim(const ledger_claim *k)
{
	return k->c.date.first != KULA_NO_DAY ? k->c.date : (kula_days){k->published, k->published};
}

void item_words(buf *b, const kula_item *t)
{
	if (t->q.approx)
		buf_text(b, "about ");
	if (isnan(t->q.max) && !isnan(t->q.min))
		buf_text(b, "at least ");
	else if (isnan(t->q.min) && !isnan(t->q.max))
		buf_text(b, "up to ");
	if (!isnan(t->q.min))
		json_number(b, t->q.min);
	if (!isnan(t->q.min) && !isnan(t->q.max) && t->q.min != t->q.max)
		buf_text(b, " to ");
	if (!isnan(t->q.max) && !(t->q.max == t->q.min))
		json_number(b, t->q.max);
	if (!isnan(t->q.min) || !isnan(t->q.max))
		buf_char(b, ' ');
	if (strcmp(t->q.unit, "count") != 0)
		buf_format(b, "%s ", t->q.unit);
	buf_text(b, t->what != NULL ? t->what : t->text);
	if (t->q.per != KULA_PER_NONE)
		buf_format(b, " a %s", kula_per_name(t->q.per));
}
