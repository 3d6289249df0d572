/* ledger_read.c: documents and claims out of the ledger. */
#include "ledger/ledger_room.h"
#include <math.h>
#include <stdlib.h>

/* ---- names that people type ---- */

/* The whole number at the start of text, or -1; *n gets its digits. */
static int64_t typed_number(const char *text, size_t *n)
{
	int64_t v = 0;
	*n = 0;
	while (is_digit((byte)text[*n]) && *n < 18)
		v = v * 10 + (text[(*n)++] - '0');
	return *n ? v : -1;
}

static kula_status number_by_text(ledger *l, const char *sql, const char *text, size_t n, int64_t *out, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, sql, err);
	if (q)
		bind_text_n(q, 1, text, n);
	return db_number(l, q, 0, out, err);
}

static kula_status document_named(ledger *l, const char *typed, size_t n, int64_t *document, kula_error *err)
{
	kula_status status = KULA_OK;
	*document = 0;
	char word[24];
	size_t digits = 0;
	if (n > 0 && n < sizeof word) {
		memcpy(word, typed, n);
		word[n] = 0;
		const int64_t number = typed_number(word, &digits);
		if (digits == n && number > 0) {
			sqlite3_stmt *q = db_query(l, "SELECT document FROM document WHERE document = ?1", err);
			if (q)
				sqlite3_bind_int64(q, 1, number);
			status = db_number(l, q, 0, document, err);
		}
	}
	if (status == KULA_OK && *document == 0)
		status = number_by_text(l, "SELECT max(document) FROM document WHERE doc = ?1", typed, n, document, err);
	return status;
}

int64_t ledger_document_of(ledger *l, const char *typed, kula_error *err)
{
	int64_t document = 0;
	const size_t n = strlen(typed);
	if (document_named(l, typed, n, &document, err) != KULA_OK)
		return 0;
	bool hex = n >= 8 && n <= 64;
	for (size_t i = 0; i < n && hex; i++)
		hex = is_digit((byte)typed[i]) || (typed[i] >= 'a' && typed[i] <= 'f');
	if (document == 0 && hex) {
		char end[66];
		memcpy(end, typed, n);
		end[n] = 'g';           /* behind every hash that begins so */
		sqlite3_stmt *q = db_query(l, "SELECT max(document) FROM document WHERE sha256 >= ?1 AND sha256 < ?2", err);
		if (q) {
			bind_text_n(q, 1, typed, n);
			bind_text_n(q, 2, end, n + 1);
		}
		if (db_number(l, q, 0, &document, err) != KULA_OK)
			return 0;
	}
	if (document == 0)
		kula_fail(err, KULA_ENOTFOUND, 0, "the ledger has no document '%.100s'", typed);
	return document;
}

int64_t ledger_claim_of(ledger *l, const char *typed, kula_error *err)
{
	const char *dot = strrchr(typed, '.');
	int64_t claim = 0;
	size_t digits = 0;
	if (dot && dot > typed && dot[1]) {
		const int64_t ordinal = typed_number(dot + 1, &digits);
		int64_t document = 0;
		if (ordinal > 0 && dot[1 + digits] == 0) {
			if (document_named(l, typed, (size_t)(dot - typed), &document, err) != KULA_OK)
				return 0;
			sqlite3_stmt *q = db_query(l, "SELECT claim FROM claim WHERE document = ?1 AND ordinal = ?2"
				" ORDER BY as_read IS NULL LIMIT 1", err);
			if (q) {
				sqlite3_bind_int64(q, 1, document);
				sqlite3_bind_int64(q, 2, ordinal);
			}
			if (db_number(l, q, 0, &claim, err) != KULA_OK)
				return 0;
		}
	}
	if (claim == 0 && number_by_text(l, "SELECT claim FROM claim WHERE own_id = ?1"
		" ORDER BY stands DESC, claim DESC LIMIT 1", typed, strlen(typed), &claim, err) != KULA_OK)
		return 0;
	if (claim == 0)
		kula_fail(err, KULA_ENOTFOUND, 0, "the ledger has no claim '%.100s'; claims are named like 12.3", typed);
	return claim;
}

/* ---- documents ---- */

#define DOCUMENT_COLUMNS \
	"SELECT d.document, d.doc, d.sha256, d.title, d.publisher, d.fetched, d.added, d.dossier, d.published," \
	" length(CAST(d.text AS BLOB)), coalesce(g.claims, 0), r.name," \
	" (SELECT count(*) FROM reading x WHERE x.document = d.document)," \
	" (SELECT count(*) FROM review v JOIN claim c ON c.claim = v.claim WHERE c.document = d.document)," \
	" (SELECT count(*) FROM judgement j WHERE j.claim IN (SELECT claim FROM claim c WHERE c.document = d.document)" \
	"   OR j.other IN (SELECT claim FROM claim c WHERE c.document = d.document))" \
	" FROM document d LEFT JOIN reading g ON g.document = d.document AND g.active LEFT JOIN reader r ON r.reader = g.reader "

static void read_document(sqlite3_stmt *q, arena *a, ledger_document *out)
{
	*out = (ledger_document){
		.document = sqlite3_column_int64(q, 0), .doc = db_text(q, 1, a), .sha256 = db_text(q, 2, a), .title = db_text(q, 3, a),
		.publisher = db_text(q, 4, a), .fetched = db_text(q, 5, a), .added = db_text(q, 6, a), .dossier = db_text(q, 7, a),
		.published = column_day(q, 8), .text_bytes = (uint64_t)sqlite3_column_int64(q, 9),
		.claims = (uint32_t)sqlite3_column_int64(q, 10), .reader = db_text(q, 11, a),
		.readings = (uint32_t)sqlite3_column_int64(q, 12), .reviews = (uint32_t)sqlite3_column_int64(q, 13),
		.judgements = (uint32_t)sqlite3_column_int64(q, 14),
	};
}

kula_status ledger_document_load(ledger *l, arena *a, int64_t document, ledger_document *out, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, DOCUMENT_COLUMNS "WHERE d.document = ?1", err);
	if (!q)
		return KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, document);
	const int code = sqlite3_step(q);
	kula_status status = KULA_OK;
	if (code == SQLITE_ROW)
		read_document(q, a, out);
	else if (code == SQLITE_DONE)
		status = kula_fail(err, KULA_ENOTFOUND, 0, "the ledger has no document %lld", (long long)document);
	else
		status = db_fail(l, err, code, "reading a document");
	sqlite3_reset(q);
	if (status == KULA_OK && arena_refused(a))
		return kula_fail(err, KULA_EMEMORY, 0, "no memory");
	return status;
}

const char *ledger_text(ledger *l, arena *a, int64_t document, size_t *bytes, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT text FROM document WHERE document = ?1", err);
	if (!q)
		return NULL;
	sqlite3_bind_int64(q, 1, document);
	const int code = sqlite3_step(q);
	const char *text = NULL;
	if (code == SQLITE_ROW) {
		text = db_text(q, 0, a);
		*bytes = (size_t)sqlite3_column_bytes(q, 0);
		if (!text)
			kula_fail(err, KULA_EMEMORY, 0, "no memory");
	} else if (code == SQLITE_DONE) {
		kula_fail(err, KULA_ENOTFOUND, 0, "the ledger has no document %lld", (long long)document);
	} else {
		db_fail(l, err, code, "reading a document");
	}
	sqlite3_reset(q);
	return text;
}

kula_status ledger_documents(ledger *l, bool newest_first, bool (*see)(void *arg, const ledger_document *d), void *arg, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, newest_first ? DOCUMENT_COLUMNS "ORDER BY d.document DESC" : DOCUMENT_COLUMNS "ORDER BY d.document", err);
	arena *a = arena_new(1u << 20);
	if (!q || !a) {
		arena_free(a);
		return !q ? KULA_EFORMAT : kula_fail(err, KULA_EMEMORY, 0, "no memory");
	}
	int code;
	bool on = true;
	kula_status status = KULA_OK;
	while (on && (code = sqlite3_step(q)) == SQLITE_ROW) {
		ledger_document d;
		arena_clear(a);
		read_document(q, a, &d);
		on = see(arg, &d);
	}
	if (on && code != SQLITE_DONE)
		status = db_fail(l, err, code, "reading documents");
	sqlite3_reset(q);
	arena_free(a);
	return status;
}

/* ---- claims ---- */

#define CLAIM_COLUMNS \
	"c.claim, c.document, c.ordinal, g.active, c.act, c.status, c.span_from, c.span_to, c.trigger_text, c.trigger_from, c.trigger_to," \
	" c.date_first, c.date_last, c.date_from, c.date_to, c.due_first, c.due_last, c.due_from, c.due_to," \
	" c.value_min, c.value_max, c.value_unit, c.value_per, c.value_approx, c.value_from, c.value_to," \
	" c.place_at, c.place_from, c.place_to, c.means, c.agreement, c.condition, c.confidence, c.own_id, c.told_exchange," \
	" d.doc, d.title, d.publisher, d.published, r.name, c.stands, ifnull(c.as_read, c.claim)"

/* A document's text is read a sentence at a time: of a long one only the pages that hold it. */
typedef struct text_window { sqlite3_blob *blob; int64_t document; } text_window;

static kula_status window_slice(ledger *l, text_window *w, int64_t document, kula_span s, arena *a, const char **out, kula_error *err)
{
	int code = SQLITE_OK;
	for (int round = 0; round < 2; round++) {       /* a write in between makes the handle stale: once more */
		if (!w->blob)
			code = sqlite3_blob_open(l->db, "main", "document", "text", document, 0, &w->blob);
		else if (w->document != document)
			code = sqlite3_blob_reopen(w->blob, document);
		if (code == SQLITE_OK) {
			w->document = document;
			const int bytes = sqlite3_blob_bytes(w->blob);
			if (s.to > (uint32_t)bytes)
				return kula_fail(err, KULA_EFORMAT, s.from, "document %lld: a claim's evidence lies outside the text", (long long)document);
			char *at = arena_alloc(a, s.to - s.from + 1, 1);
			if (!at)
				return kula_fail(err, KULA_EMEMORY, 0, "no memory");
			code = sqlite3_blob_read(w->blob, at, (int)(s.to - s.from), (int)s.from);
			*out = at;
			if (code == SQLITE_OK)
				return KULA_OK;
		}
		sqlite3_blob_close(w->blob);
		w->blob = NULL;
	}
	return db_fail(l, err, code, "reading a sentence");
}

static int named(sqlite3_stmt *q, int column, int (*of)(const char *))
{
	const char *word = (const char *)sqlite3_column_text(q, column);
	return word ? of(word) : -1;
}

static kula_status read_parties(ledger *l, arena *a, ledger_claim *out, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT side, text, code, span_from, span_to, verb, verb_from, verb_to FROM party WHERE claim = ?1"
		" ORDER BY side, ordinal", err);
	if (!q)
		return KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, out->claim);
	kula_party *all = NULL;
	uint32_t count = 0, room = 0, counts[3] = {0};
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		if (count == room) {
			kula_party *more = ARENA_NEW(a, kula_party, room ? room * 2 : 8);
			if (!more)
				break;
			if (count)
				memcpy(more, all, count * sizeof *all);
			all = more;
			room = room ? room * 2 : 8;
		}
		const char *side = (const char *)sqlite3_column_text(q, 0), *party_code = (const char *)sqlite3_column_text(q, 2);
		kula_party *p = &all[count++];
		*p = (kula_party){.text = db_text(q, 1, a), .span = column_span(q, 3), .verb = db_text(q, 5, a), .verb_span = column_span(q, 6)};
		if (party_code)
			snprintf(p->code, sizeof p->code, "%s", party_code);
		counts[side && side[0] == 'f' ? 0 : side && side[0] == 't' ? 2 : 1]++;    /* in order of the sides' names: from, said_by, to */
	}
	sqlite3_reset(q);
	if (code != SQLITE_DONE)
		return code == SQLITE_ROW ? kula_fail(err, KULA_EMEMORY, 0, "no memory") : db_fail(l, err, code, "reading parties");
	out->c.from = all;
	out->c.from_count = counts[0];
	out->c.said_by = all ? all + counts[0] : NULL;
	out->c.said_by_count = counts[1];
	out->c.to = all ? all + counts[0] + counts[1] : NULL;
	out->c.to_count = counts[2];
	return KULA_OK;
}

static kula_status read_items(ledger *l, arena *a, ledger_claim *out, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT text, what, kind, min, max, unit, per, approx, in_item, span_from, span_to FROM item"
		" WHERE claim = ?1 ORDER BY ordinal", err);
	if (!q)
		return KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, out->claim);
	kula_item *all = NULL;
	uint32_t count = 0, room = 0;
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		if (count == room) {
			kula_item *more = ARENA_NEW(a, kula_item, room ? room * 2 : 8);
			if (!more)
				break;
			if (count)
				memcpy(more, all, count * sizeof *all);
			all = more;
			room = room ? room * 2 : 8;
		}
		const int kind = named(q, 2, kula_kind_of), per = named(q, 6, kula_per_of);
		if (kind < 0) {
			sqlite3_reset(q);
			return kula_fail(err, KULA_EFORMAT, 0, "claim %s: an item of an unknown kind", out->number);
		}
		kula_item *it = &all[count++];
		*it = (kula_item){.text = db_text(q, 0, a), .what = db_text(q, 1, a), .kind = (kula_kind)kind,
			.q = {.min = column_real(q, 3), .max = column_real(q, 4), .unit = db_text(q, 5, a), .per = per > 0 ? (kula_per)per : KULA_PER_NONE,
				.approx = sqlite3_column_int(q, 7) != 0},
			.in = sqlite3_column_type(q, 8) == SQLITE_NULL ? -1 : sqlite3_column_int(q, 8), .span = column_span(q, 9)};
	}
	sqlite3_reset(q);
	if (code != SQLITE_DONE)
		return code == SQLITE_ROW ? kula_fail(err, KULA_EMEMORY, 0, "no memory") : db_fail(l, err, code, "reading items");
	for (uint32_t i = 0; i < count; i++)
		if (all[i].in >= (int32_t)count || all[i].in < 0)
			all[i].in = -1;
	out->c.items = all;
	out->c.item_count = count;
	return KULA_OK;
}

/* The row that q stands on, with CLAIM_COLUMNS from column 0. */
static kula_status read_claim(ledger *l, sqlite3_stmt *q, text_window *w, arena *a, ledger_claim *out, kula_error *err)
{
	*out = (ledger_claim){.claim = sqlite3_column_int64(q, 0), .document = sqlite3_column_int64(q, 1),
		.ordinal = (uint32_t)sqlite3_column_int64(q, 2), .active = sqlite3_column_int(q, 3) != 0};
	snprintf(out->number, sizeof out->number, "%lld.%u", (long long)out->document, out->ordinal);
	kula_claim *c = &out->c;
	const int act = named(q, 4, kula_act_of), status_of = named(q, 5, kula_claim_status_of);
	if (act < 0 || status_of < 0)
		return kula_fail(err, KULA_EFORMAT, 0, "claim %s: its act or status is none of the contract's", out->number);
	c->act = (kula_act)act;
	c->status = (kula_claim_status)status_of;
	c->span = column_span(q, 6);
	if (c->span.to == 0)
		return kula_fail(err, KULA_EFORMAT, 0, "claim %s: it has no evidence", out->number);
	c->trigger = db_text(q, 8, a);
	c->trigger_span = column_span(q, 9);
	c->date = (kula_days){column_day(q, 11), column_day(q, 12)};
	c->date_span = column_span(q, 13);
	c->due = (kula_days){column_day(q, 15), column_day(q, 16)};
	c->due_span = column_span(q, 17);
	c->value = (kula_quantity){.min = NAN, .max = NAN, .unit = "count"};
	c->has_value = sqlite3_column_type(q, 21) != SQLITE_NULL;
	if (c->has_value) {
		const int per = named(q, 22, kula_per_of);
		c->value = (kula_quantity){.min = column_real(q, 19), .max = column_real(q, 20), .unit = db_text(q, 21, a),
			.per = per > 0 ? (kula_per)per : KULA_PER_NONE, .approx = sqlite3_column_int(q, 23) != 0};
		c->value_span = column_span(q, 24);
	}
	c->place_at = db_text(q, 26, a);
	c->place_from = db_text(q, 27, a);
	c->place_to = db_text(q, 28, a);
	c->means = db_text(q, 29, a);
	c->agreement = db_text(q, 30, a);
	c->condition = db_text(q, 31, a);
	c->confidence = column_real(q, 32);
	c->id = db_text(q, 33, a);
	c->exchange = db_text(q, 34, a);
	out->doc = db_text(q, 35, a);
	out->title = db_text(q, 36, a);
	out->publisher = db_text(q, 37, a);
	out->published = column_day(q, 38);
	out->reader = db_text(q, 39, a);
	out->stands = sqlite3_column_int(q, 40) != 0;
	out->as_read = sqlite3_column_int64(q, 41);
	out->day = c->date.first != KULA_NO_DAY ? c->date.first : out->published;
	kula_status status = window_slice(l, w, out->document, c->span, a, &c->evidence, err);
	if (status == KULA_OK)
		status = read_parties(l, a, out, err);
	if (status == KULA_OK)
		status = read_items(l, a, out, err);
	if (status == KULA_OK && arena_refused(a))
		status = kula_fail(err, KULA_EMEMORY, 0, "no memory");
	return status;
}

kula_status ledger_claim_load(ledger *l, arena *a, int64_t claim, ledger_claim *out, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT " CLAIM_COLUMNS " FROM claim c JOIN reading g ON g.reading = c.reading"
		" JOIN document d ON d.document = c.document JOIN reader r ON r.reader = g.reader WHERE c.claim = ?1", err);
	if (!q)
		return KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, claim);
	const int code = sqlite3_step(q);
	text_window w = {0};
	kula_status status;
	if (code == SQLITE_ROW)
		status = read_claim(l, q, &w, a, out, err);
	else if (code == SQLITE_DONE)
		status = kula_fail(err, KULA_ENOTFOUND, 0, "the ledger has no claim %lld", (long long)claim);
	else
		status = db_fail(l, err, code, "reading a claim");
	sqlite3_blob_close(w.blob);
	sqlite3_reset(q);
	return status;
}

/* ---- walking ---- */

struct ledger_walk {
	ledger       *l;
	sqlite3_stmt *q;
	text_window   w;
};

ledger_filter ledger_filter_all(void)
{
	return (ledger_filter){.since = KULA_NO_DAY, .until = KULA_NO_DAY};
}

static void add_words(buf *b, const char *column, uint32_t mask, uint32_t count, const char *(*name)(uint32_t))
{
	if (mask == 0)
		return;
	buf_format(b, " AND %s IN (", column);
	const char *comma = "";
	for (uint32_t i = 0; i < count; i++) {
		if (mask & 1u << i) {
			buf_format(b, "%s'%s'", comma, name(i));
			comma = ",";
		}
	}
	buf_text(b, ")");
}

static const char *act_word(uint32_t i) { return kula_act_name((kula_act)i); }
static const char *status_word(uint32_t i) { return kula_status_name((kula_claim_status)i); }
static const char *kind_word(uint32_t i) { return kula_kind_name((kula_kind)i); }

/* The claims that the filter lets through. Parameters: ?1 a, ?2 b, ?3 from, ?4 to, ?5 since, ?6 until, ?7 document,
 * ?8 confidence, ?9 limit. Codes go through dyad, which knows only claims that stand; else through the parties. */
static void filter_sql(buf *b, const ledger_filter *f, const char *columns, bool order)
{
	const bool coded = f->a || f->from || f->to;
	const bool paired = coded && !f->every_reading;
	buf_format(b, "SELECT %s FROM ", columns);
	if (paired) {
		buf_text(b, "(");
		if (f->a && f->b)
			buf_text(b, "SELECT claim, day FROM dyad WHERE a = ?1 AND b = ?2 UNION SELECT claim, day FROM dyad WHERE a = ?2 AND b = ?1");
		else if (f->a)
			buf_text(b, "SELECT claim, day FROM dyad WHERE a = ?1 UNION SELECT claim, day FROM dyad WHERE b = ?1");
		else
			buf_format(b, "SELECT DISTINCT claim, day FROM dyad WHERE %s%s%s", f->from ? "a = ?3" : "", f->from && f->to ? " AND " : "",
				f->to ? "b = ?4" : "");
		buf_text(b, ") y CROSS JOIN claim c ON c.claim = y.claim");
	} else {
		buf_text(b, "claim c");
	}
	buf_text(b, " JOIN document d ON d.document = c.document JOIN reading g ON g.reading = c.reading JOIN reader r ON r.reader = g.reader WHERE 1");
	buf_text(b, f->every_reading ? " AND c.as_read IS NULL" : " AND c.stands");
	if (coded && !paired) {
#define ON(parameter, side) "c.claim IN (SELECT claim FROM party WHERE code = " parameter " AND side = '" side "')"
#define CODED(side) "EXISTS (SELECT 1 FROM party p WHERE p.claim = c.claim AND p.side = '" side "' AND p.code IS NOT NULL)"
		if (f->a && f->b)       /* as dyad has it: across, or on one side of an act whose sides are equal */
			buf_text(b, " AND (" ON("?1", "from") " AND " ON("?2", "to") " OR " ON("?2", "from") " AND " ON("?1", "to")
				" OR ?1 <> ?2 AND c.act IN ('meet', 'agree', 'sign', 'cooperate') AND ("
				ON("?1", "from") " AND " ON("?2", "from") " AND NOT " CODED("to") " OR "
				ON("?1", "to") " AND " ON("?2", "to") " AND NOT " CODED("from") "))");
		else if (f->a)
			buf_text(b, " AND (" ON("?1", "from") " OR " ON("?1", "to") ")");
		if (f->from)
			buf_text(b, " AND " ON("?3", "from"));
		if (f->to)
			buf_text(b, " AND " ON("?4", "to"));
#undef ON
#undef CODED
	}
	add_words(b, "c.act", f->acts, KULA_ACTS, act_word);
	add_words(b, "c.status", f->statuses, KULA_STATUSES, status_word);
	if (f->kinds) {
		buf_text(b, " AND EXISTS (SELECT 1 FROM item i WHERE i.claim = c.claim");
		add_words(b, "i.kind", f->kinds, KULA_KINDS, kind_word);
		buf_text(b, ")");
	}
	if (f->since != KULA_NO_DAY)
		buf_text(b, " AND coalesce(c.date_last, d.published) >= ?5");
	if (f->until != KULA_NO_DAY)
		buf_text(b, " AND coalesce(c.date_first, d.published) <= ?6");
	if (f->document)
		buf_text(b, " AND c.document = ?7");
	if (f->min_confidence > 0)
		buf_text(b, " AND (c.confidence IS NULL OR c.confidence >= ?8)");
	if (order && f->by_document)
		buf_text(b, f->newest_first ? " ORDER BY c.document DESC, c.ordinal" : " ORDER BY c.document, c.ordinal");
	else if (order)
		buf_format(b, " ORDER BY coalesce(c.date_first, d.published, " LEDGER_NO_DAY_SQL ") %s, c.document, c.ordinal",
			f->newest_first ? "DESC" : "ASC");
	if (f->limit)
		buf_text(b, " LIMIT ?9");
}

static sqlite3_stmt *filter_query(ledger *l, const ledger_filter *f, const char *columns, bool order, kula_error *err)
{
	buf sql = {0};
	filter_sql(&sql, f, columns, order);
	sqlite3_stmt *q = NULL;
	const char *text = buf_string(&sql);
	if (sql.refused) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory");
		buf_free(&sql);
		return NULL;
	}
	const int code = sqlite3_prepare_v2(l->db, text, -1, &q, NULL);
	buf_free(&sql);
	if (code != SQLITE_OK) {
		db_fail(l, err, code, "asking for claims");
		return NULL;
	}
	const char *const codes[] = {f->a, f->b, f->from, f->to};
	for (int i = 0; i < 4; i++)     /* the caller may let go of them before the walk ends */
		if (codes[i])
			sqlite3_bind_text(q, i + 1, codes[i], -1, SQLITE_TRANSIENT);
	bind_day(q, 5, f->since);
	bind_day(q, 6, f->until);
	sqlite3_bind_int64(q, 7, f->document);
	sqlite3_bind_double(q, 8, f->min_confidence);
	sqlite3_bind_int64(q, 9, f->limit > INT64_MAX ? INT64_MAX : (int64_t)f->limit);
	return q;
}

ledger_walk *ledger_claims(ledger *l, const ledger_filter *f, kula_error *err)
{
	ledger_walk *w = base_malloc(sizeof *w);
	if (!w) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory");
		return NULL;
	}
	*w = (ledger_walk){.l = l, .q = filter_query(l, f, CLAIM_COLUMNS, true, err)};
	if (!w->q) {
		free(w);
		return NULL;
	}
	return w;
}

kula_status ledger_next(ledger_walk *w, arena *a, ledger_claim *out, kula_error *err)
{
	const int code = sqlite3_step(w->q);
	if (code == SQLITE_ROW)
		return read_claim(w->l, w->q, &w->w, a, out, err);
	return code == SQLITE_DONE ? KULA_ENOTFOUND : db_fail(w->l, err, code, "reading claims");
}

void ledger_walk_free(ledger_walk *w)
{
	if (!w)
		return;
	sqlite3_blob_close(w->w.blob);
	sqlite3_finalize(w->q);
	free(w);
}

int64_t ledger_count(ledger *l, const ledger_filter *f, kula_error *err)
{
	sqlite3_stmt *q = filter_query(l, f, "count(*)", false, err);
	if (!q)
		return -1;
	const int code = sqlite3_step(q);
	int64_t count = -1;
	if (code == SQLITE_ROW)
		count = sqlite3_column_int64(q, 0);
	else
		db_fail(l, err, code, "counting claims");
	sqlite3_finalize(q);
	if (count >= 0 && f->limit && (uint64_t)count > f->limit)
		count = (int64_t)f->limit;
	return count;
}

/* ---- search ---- */

/* What a person types, as FTS5 understands it: every word a quoted string, so that nothing in it is syntax. */
static bool search_query(buf *b, const char *words)
{
	buf without = {0};
	uint32_t terms = 0;
	for (const char *p = words; *p;) {
		while (is_space((byte)*p))
			p++;
		if (!*p)
			break;
		const bool minus = *p == '-' && p[1] && !is_space((byte)p[1]);
		if (minus)
			p++;
		const bool phrase = *p == '"';
		if (phrase)
			p++;
		const char *from = p;
		while (*p && (phrase ? *p != '"' : !is_space((byte)*p)))
			p++;
		size_t n = (size_t)(p - from);
		if (phrase && *p)
			p++;
		const bool prefix = (!phrase && n > 1 && from[n - 1] == '*') || (phrase && *p == '*');
		if (phrase && *p == '*')
			p++;
		else if (prefix)
			n--;
		bool any = false;       /* a term of marks alone has no token: it would match nothing, or be an error */
		for (size_t i = 0; i < n; i++)
			any = any || is_alpha((byte)from[i]) || is_digit((byte)from[i]) || (byte)from[i] > 127;
		if (!any)
			continue;
		buf *to = minus ? &without : b;
		if (minus)
			buf_text(to, to->n ? " OR " : "");
		else
			buf_text(to, terms++ ? " AND " : "(");
		buf_char(to, '"');
		for (size_t i = 0; i < n; i++) {
			if (from[i] == '"')
				buf_char(to, '"');
			buf_char(to, from[i]);
		}
		buf_text(to, prefix ? "\"*" : "\"");
	}
	if (terms)
		buf_char(b, ')');
	if (terms && without.n)
		buf_format(b, " NOT (%s)", buf_string(&without));
	b->refused |= without.refused;
	buf_free(&without);
	return terms > 0;
}

/* The claims of a document whose sentences hold a hit. marked is the text with \1 before and \2 behind every hit. */
static kula_status claims_of_hits(ledger *l, int64_t document, const char *marked, size_t marked_n, const char *text, size_t n,
	ledger_hit *h, kula_error *err)
{
	enum { HITS = 256 };
	uint32_t at[HITS], hits = 0;
	for (size_t i = 0, j = 0; i < marked_n && hits < HITS;) {
		if (j < n && marked[i] == text[j]) {
			i++;
			j++;
			continue;
		}
		if (marked[i] == 1)
			at[hits++] = (uint32_t)j;
		i++;
	}
	sqlite3_stmt *q = db_query(l, "SELECT c.claim, c.span_from, c.span_to FROM claim c WHERE c.document = ?1 AND c.stands ORDER BY c.span_from, c.ordinal", err);
	if (!q)
		return KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, document);
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW && h->claim_count < COUNT_OF(h->claims)) {
		const int64_t from = sqlite3_column_int64(q, 1), to = sqlite3_column_int64(q, 2);
		bool holds = false;
		for (uint32_t i = 0; i < hits && !holds; i++)
			holds = at[i] >= from && at[i] < to;
		if (holds)
			h->claims[h->claim_count++] = sqlite3_column_int64(q, 0);
	}
	const kula_status status = code == SQLITE_DONE || code == SQLITE_ROW ? KULA_OK : db_fail(l, err, code, "searching");
	sqlite3_reset(q);
	return status;
}

kula_status ledger_search(ledger *l, const char *words, uint32_t limit, bool (*see)(void *arg, const ledger_hit *h), void *arg, kula_error *err)
{
	buf query = {0};
	if (utf8_check((const byte *)words, strlen(words)) != strlen(words))
		return kula_fail(err, KULA_EFORMAT, 0, "the words to look for are not UTF-8");
	if (!search_query(&query, words)) {
		buf_free(&query);
		return kula_fail(err, KULA_EUSAGE, 0, "no word to look for in '%.100s'", words);
	}
	buf_string(&query);
	if (query.refused) {
		buf_free(&query);
		return kula_fail(err, KULA_EMEMORY, 0, "no memory");
	}
	/* Ranked and cut first, marked after: marking reads whole texts. */
	sqlite3_stmt *q = db_query(l,
		"SELECT w.rowid, d.doc, d.title, d.publisher, d.published, snippet(words, -1, char(1), char(2), '…', 24),"
		" highlight(words, 1, char(1), char(2)), d.text FROM words w JOIN document d ON d.document = w.rowid"
		" WHERE words MATCH ?1 AND w.rowid IN (SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rank, rowid LIMIT ?2)"
		" ORDER BY w.rank, w.rowid", err);
	arena *a = arena_new(1u << 20);
	kula_status status = KULA_OK;
	if (!q || !a)
		status = q ? kula_fail(err, KULA_EMEMORY, 0, "no memory") : KULA_EFORMAT;
	if (status == KULA_OK) {
		bind_text(q, 1, buf_string(&query));
		sqlite3_bind_int64(q, 2, limit ? limit : INT32_MAX);
		int code = SQLITE_DONE;
		bool on = true;
		while (on && status == KULA_OK && (code = sqlite3_step(q)) == SQLITE_ROW) {
			arena_clear(a);
			ledger_hit h = {.document = sqlite3_column_int64(q, 0), .doc = db_text(q, 1, a), .title = db_text(q, 2, a),
				.publisher = db_text(q, 3, a), .published = column_day(q, 4), .words = db_text(q, 5, a)};
			const char *marked = (const char *)sqlite3_column_text(q, 6), *text = (const char *)sqlite3_column_text(q, 7);
			if (marked && text)
				status = claims_of_hits(l, h.document, marked, (size_t)sqlite3_column_bytes(q, 6), text, (size_t)sqlite3_column_bytes(q, 7),
					&h, err);
			if (status == KULA_OK)
				on = see(arg, &h);
		}
		if (on && status == KULA_OK && code != SQLITE_DONE)
			status = db_fail(l, err, code, "searching");
		sqlite3_reset(q);
		sqlite3_clear_bindings(q);
	}
	arena_free(a);
	buf_free(&query);
	return status;
}
