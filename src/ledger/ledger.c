/* ledger.c: what goes in, and what is taken out. */
#include "ledger/ledger_room.h"
#include <math.h>
#include <stdlib.h>

#define PARTIES_LIMIT 64        /* a side: more than there are in any sentence; bounds the pairs of dyad */
#define ITEMS_LIMIT 256         /* a claim */

void bind_text_n(sqlite3_stmt *q, int at, const char *text, size_t n)
{
	if (text)
		sqlite3_bind_text64(q, at, text, n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(q, at);
}

void bind_text(sqlite3_stmt *q, int at, const char *text) { bind_text_n(q, at, text, text ? strlen(text) : 0); }

void bind_day(sqlite3_stmt *q, int at, kula_day d)
{
	if (d == KULA_NO_DAY)
		sqlite3_bind_null(q, at);
	else
		sqlite3_bind_int(q, at, d);
}

void bind_real(sqlite3_stmt *q, int at, double v)
{
	if (isnan(v))
		sqlite3_bind_null(q, at);
	else
		sqlite3_bind_double(q, at, v);
}

void bind_span(sqlite3_stmt *q, int at, kula_span s)
{
	if (s.to == 0) {
		sqlite3_bind_null(q, at);
		sqlite3_bind_null(q, at + 1);
	} else {
		sqlite3_bind_int64(q, at, s.from);
		sqlite3_bind_int64(q, at + 1, s.to);
	}
}

kula_day column_day(sqlite3_stmt *q, int at)
{
	return sqlite3_column_type(q, at) == SQLITE_NULL ? KULA_NO_DAY : sqlite3_column_int(q, at);
}

double column_real(sqlite3_stmt *q, int at)
{
	return sqlite3_column_type(q, at) == SQLITE_NULL ? NAN : sqlite3_column_double(q, at);
}

kula_span column_span(sqlite3_stmt *q, int at)
{
	const int64_t from = sqlite3_column_int64(q, at), to = sqlite3_column_int64(q, at + 1);
	if (from < 0 || to > UINT32_MAX || from >= to)
		return (kula_span){0, 0};
	return (kula_span){(uint32_t)from, (uint32_t)to};
}

kula_status db_step(ledger *l, sqlite3_stmt *q, const char *what, kula_error *err)
{
	if (!q)
		return err && err->status != KULA_OK ? err->status : KULA_EIO;
	const int code = sqlite3_step(q);
	kula_status status = KULA_OK;
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		status = db_fail(l, err, code, what);
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	return status;
}

kula_status db_number(ledger *l, sqlite3_stmt *q, int64_t none, int64_t *out, kula_error *err)
{
	*out = none;
	if (!q)
		return err && err->status != KULA_OK ? err->status : KULA_EIO;
	const int code = sqlite3_step(q);
	kula_status status = KULA_OK;
	if (code == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	else if (code != SQLITE_DONE)
		status = db_fail(l, err, code, "asking the ledger");
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	return status;
}

/* ---- readers ---- */

int64_t ledger_reader(ledger *l, const char *name, const char *version, const char *weights, const char *knowledge, kula_error *err)
{
	const char *const parts[] = {name, version ? version : "", weights ? weights : "", knowledge ? knowledge : ""};
	if (!name || !*name) {
		kula_fail(err, KULA_EUSAGE, 0, "a reader needs a name");
		return -1;
	}
	static const char find[] = "SELECT reader FROM reader WHERE name = ?1 AND version = ?2 AND weights = ?3 AND knowledge = ?4";
	int64_t reader = 0;
	for (int round = 0; round < 2; round++) {
		sqlite3_stmt *q = db_query(l, find, err);
		for (int i = 0; q && i < 4; i++)
			bind_text(q, i + 1, parts[i]);
		if (db_number(l, q, 0, &reader, err) != KULA_OK)
			return -1;
		if (reader > 0)
			return reader;
		if (db_begin(l, err) != KULA_OK)
			return -1;
		q = db_query(l, "INSERT OR IGNORE INTO reader (name, version, weights, knowledge) VALUES (?1, ?2, ?3, ?4)", err);
		for (int i = 0; q && i < 4; i++)
			bind_text(q, i + 1, parts[i]);
		const bool ok = db_step(l, q, "adding a reader", err) == KULA_OK;
		if (db_end(l, ok, err) != KULA_OK || !ok)
			return -1;
	}
	kula_fail(err, KULA_EFORMAT, 0, "the reader '%s' did not stay in the ledger", name);
	return -1;
}

/* ---- checks: nothing is stored that can't be traced ---- */

/* The words of a span, or a fault. A span that is not given passes where `optional`. */
static bool span_holds(const kula_document *d, kula_span s, const char *words, bool optional, const char *field, uint32_t claim, kula_error *err)
{
	if (s.to == 0 && s.from == 0 && optional)
		return true;
	if (s.from >= s.to || s.to > d->text_bytes) {
		kula_fail(err, KULA_EFORMAT, s.from, "claim %u: %s has the span %u..%u, which is not in the text", claim, field, s.from, s.to);
		return false;
	}
	if (words && !same_text(d->text + s.from, s.to - s.from, words)) {
		kula_fail(err, KULA_EFORMAT, s.from, "claim %u: %s '%.60s' is not what the text has there", claim, field, words);
		return false;
	}
	/* A span ends between characters: what it cuts out must be UTF-8 itself. */
	if (((byte)d->text[s.from] & 0xC0) == 0x80 || (s.to < d->text_bytes && ((byte)d->text[s.to] & 0xC0) == 0x80)) {
		kula_fail(err, KULA_EFORMAT, s.from, "claim %u: %s begins or ends inside a character", claim, field);
		return false;
	}
	return true;
}

static bool words_are_text(const char *words, const char *field, uint32_t claim, kula_error *err)
{
	if (words && utf8_check((const byte *)words, strlen(words)) != strlen(words)) {
		kula_fail(err, KULA_EFORMAT, 0, "claim %u: %s is not UTF-8", claim, field);
		return false;
	}
	return true;
}

static bool parties_hold(const kula_document *d, const kula_party *p, uint32_t count, const char *field, uint32_t claim, kula_error *err)
{
	if (count > PARTIES_LIMIT) {
		kula_fail(err, KULA_ELIMIT, 0, "claim %u: %u parties in %s, limit %d", claim, count, field, PARTIES_LIMIT);
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!p[i].text) {
			kula_fail(err, KULA_EFORMAT, 0, "claim %u: a party in %s without text", claim, field);
			return false;
		}
		if (!words_are_text(p[i].text, field, claim, err) || !words_are_text(p[i].verb, "verb", claim, err)
			|| !span_holds(d, p[i].span, p[i].text, true, field, claim, err)
			|| !span_holds(d, p[i].verb_span, NULL, true, "verb", claim, err))
			return false;
		for (const char *c = p[i].code; *c; c++) {
			if (!is_upper((byte)*c) && !is_digit((byte)*c)) {
				kula_fail(err, KULA_EFORMAT, p[i].span.from, "claim %u: '%.15s' is no code", claim, p[i].code);
				return false;
			}
		}
	}
	return true;
}

static bool days_hold(kula_days x, const char *field, uint32_t claim, kula_error *err)
{
	if ((x.first == KULA_NO_DAY) == (x.last == KULA_NO_DAY || x.first == KULA_NO_DAY) && (x.first == KULA_NO_DAY || x.first <= x.last))
		return true;
	kula_fail(err, KULA_EFORMAT, 0, "claim %u: the %s ends before it begins", claim, field);
	return false;
}

bool claim_holds(const kula_document *d, const kula_claim *c, uint32_t n, kula_error *err)
{
	if (c->span.to == 0) {
		kula_fail(err, KULA_EFORMAT, 0, "claim %u: its evidence is not in the text", n);
		return false;
	}
	if ((uint32_t)c->act >= KULA_ACTS || (uint32_t)c->status >= KULA_STATUSES) {
		kula_fail(err, KULA_EFORMAT, c->span.from, "claim %u: no such act or status", n);
		return false;
	}
	if (!span_holds(d, c->span, c->evidence, false, "evidence", n, err) || !span_holds(d, c->trigger_span, c->trigger, true, "trigger", n, err)
		|| !span_holds(d, c->date_span, NULL, true, "date", n, err) || !span_holds(d, c->due_span, NULL, true, "due", n, err)
		|| !span_holds(d, c->value_span, NULL, true, "value", n, err))
		return false;
	if (!words_are_text(c->trigger, "trigger", n, err) || !words_are_text(c->place_at, "place", n, err)
		|| !words_are_text(c->place_from, "place", n, err) || !words_are_text(c->place_to, "place", n, err)
		|| !words_are_text(c->means, "means", n, err) || !words_are_text(c->agreement, "agreement", n, err)
		|| !words_are_text(c->condition, "condition", n, err) || !words_are_text(c->id, "id", n, err))
		return false;
	if (!parties_hold(d, c->from, c->from_count, "from", n, err) || !parties_hold(d, c->to, c->to_count, "to", n, err)
		|| !parties_hold(d, c->said_by, c->said_by_count, "said_by", n, err))
		return false;
	if (!days_hold(c->date, "date", n, err) || !days_hold(c->due, "due day", n, err))
		return false;
	if (c->item_count > ITEMS_LIMIT) {
		kula_fail(err, KULA_ELIMIT, c->span.from, "claim %u: %u items, limit %d", n, c->item_count, ITEMS_LIMIT);
		return false;
	}
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *it = &c->items[i];
		if (!it->text || !it->q.unit || (uint32_t)it->kind >= KULA_KINDS || (uint32_t)it->q.per >= KULA_PERS) {
			kula_fail(err, KULA_EFORMAT, it->span.from, "claim %u: item %u lacks its text, kind or unit", n, i);
			return false;
		}
		if (!words_are_text(it->text, "item", n, err) || !words_are_text(it->what, "what", n, err)
			|| !words_are_text(it->q.unit, "unit", n, err) || !span_holds(d, it->span, it->text, true, "item", n, err))
			return false;
		if (it->in >= (int32_t)c->item_count || it->in < -1 || it->in == (int32_t)i) {
			kula_fail(err, KULA_EFORMAT, it->span.from, "claim %u: item %u is in item %d, which is none", n, i, it->in);
			return false;
		}
		if (it->q.min > it->q.max) {
			kula_fail(err, KULA_EFORMAT, it->span.from, "claim %u: item %u has a minimum above its maximum", n, i);
			return false;
		}
	}
	/* "in" must end somewhere: two items inside each other would be counted nowhere. */
	for (uint32_t i = 0; i < c->item_count; i++) {
		uint32_t steps = 0;
		for (int32_t j = c->items[i].in; j >= 0; j = c->items[j].in) {
			if (++steps > c->item_count) {
				kula_fail(err, KULA_EFORMAT, c->items[i].span.from, "claim %u: item %u is inside itself", n, i);
				return false;
			}
		}
	}
	return true;
}

/* ---- rows of a claim ---- */

static kula_status add_party(ledger *l, int64_t claim, const char *side, uint32_t i, const kula_party *p, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "INSERT INTO party (claim, side, ordinal, text, code, span_from, span_to, verb, verb_from, verb_to)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", err);
	if (q) {
		sqlite3_bind_int64(q, 1, claim);
		bind_text(q, 2, side);
		sqlite3_bind_int64(q, 3, i);
		bind_text(q, 4, p->text);
		bind_text(q, 5, *p->code ? p->code : NULL);
		bind_span(q, 6, p->span);
		bind_text(q, 8, p->verb);
		bind_span(q, 9, p->verb_span);
	}
	return db_step(l, q, "adding a party", err);
}

static kula_status add_item(ledger *l, int64_t claim, uint32_t i, const kula_item *it, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "INSERT INTO item (claim, ordinal, text, what, kind, min, max, unit, per, approx, in_item, span_from, span_to)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)", err);
	if (q) {
		sqlite3_bind_int64(q, 1, claim);
		sqlite3_bind_int64(q, 2, i);
		bind_text(q, 3, it->text);
		bind_text(q, 4, it->what ? it->what : it->text);
		bind_text(q, 5, kula_kind_name(it->kind));
		bind_real(q, 6, it->q.min);
		bind_real(q, 7, it->q.max);
		bind_text(q, 8, it->q.unit);
		bind_text(q, 9, it->q.per == KULA_PER_NONE ? NULL : kula_per_name(it->q.per));
		sqlite3_bind_int(q, 10, it->q.approx);
		if (it->in >= 0)
			sqlite3_bind_int(q, 11, it->in);
		bind_span(q, 12, it->span);
	}
	return db_step(l, q, "adding an item", err);
}

kula_status rows_add_claim(ledger *l, int64_t document, int64_t reading, uint32_t ordinal, int64_t as_read, bool stands,
	const kula_claim *c, int64_t *claim, kula_error *err)
{
	sqlite3_stmt *q = db_query(l,
		"INSERT INTO claim (document, ordinal, reading, act, status, span_from, span_to, trigger_text, trigger_from, trigger_to,"
		" date_first, date_last, date_from, date_to, due_first, due_last, due_from, due_to,"
		" value_min, value_max, value_unit, value_per, value_approx, value_from, value_to,"
		" place_at, place_from, place_to, means, agreement, condition, confidence, own_id, told_exchange, as_read, stands)"
		" VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,"
		"?33,?34,?35,?36)", err);
	if (q) {
		sqlite3_bind_int64(q, 1, document);
		sqlite3_bind_int64(q, 2, ordinal);
		sqlite3_bind_int64(q, 3, reading);
		bind_text(q, 4, kula_act_name(c->act));
		bind_text(q, 5, kula_status_name(c->status));
		bind_span(q, 6, c->span);
		bind_text(q, 8, c->trigger ? c->trigger : "");
		sqlite3_bind_int64(q, 9, c->trigger_span.from);
		sqlite3_bind_int64(q, 10, c->trigger_span.to);
		bind_day(q, 11, c->date.first);
		bind_day(q, 12, c->date.first == KULA_NO_DAY ? KULA_NO_DAY : c->date.last);
		bind_span(q, 13, c->date_span);
		bind_day(q, 15, c->due.first);
		bind_day(q, 16, c->due.first == KULA_NO_DAY ? KULA_NO_DAY : c->due.last);
		bind_span(q, 17, c->due_span);
		if (c->has_value) {
			bind_real(q, 19, c->value.min);
			bind_real(q, 20, c->value.max);
			bind_text(q, 21, c->value.unit ? c->value.unit : "");
			bind_text(q, 22, c->value.per == KULA_PER_NONE ? NULL : kula_per_name(c->value.per));
			sqlite3_bind_int(q, 23, c->value.approx);
			bind_span(q, 24, c->value_span);
		}
		bind_text(q, 26, c->place_at);
		bind_text(q, 27, c->place_from);
		bind_text(q, 28, c->place_to);
		bind_text(q, 29, c->means);
		bind_text(q, 30, c->agreement);
		bind_text(q, 31, c->condition);
		bind_real(q, 32, c->confidence);
		bind_text(q, 33, c->id);
		bind_text(q, 34, c->exchange);
		if (as_read)
			sqlite3_bind_int64(q, 35, as_read);
		sqlite3_bind_int(q, 36, stands);
	}
	kula_status status = db_step(l, q, "adding a claim", err);
	*claim = sqlite3_last_insert_rowid(l->db);
	for (uint32_t i = 0; status == KULA_OK && i < c->from_count; i++)
		status = add_party(l, *claim, "from", i, &c->from[i], err);
	for (uint32_t i = 0; status == KULA_OK && i < c->to_count; i++)
		status = add_party(l, *claim, "to", i, &c->to[i], err);
	for (uint32_t i = 0; status == KULA_OK && i < c->said_by_count; i++)
		status = add_party(l, *claim, "said_by", i, &c->said_by[i], err);
	for (uint32_t i = 0; status == KULA_OK && i < c->item_count; i++)
		status = add_item(l, *claim, i, &c->items[i], err);
	return status;
}

static kula_status add_pair(ledger *l, const char *a, const char *b, kula_day day, int64_t claim, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "INSERT OR IGNORE INTO dyad (a, b, day, claim) VALUES (?1, ?2, ?3, ?4)", err);
	if (q) {
		bind_text(q, 1, a);
		bind_text(q, 2, b);
		sqlite3_bind_int64(q, 3, day);
		sqlite3_bind_int64(q, 4, claim);
	}
	return db_step(l, q, "adding a pair of parties", err);
}

static uint32_t codes_of(const kula_party *p, uint32_t count, const char **codes)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++) {
		bool known = !*p[i].code;
		for (uint32_t j = 0; j < n && !known; j++)
			known = strcmp(codes[j], p[i].code) == 0;
		if (!known)
			codes[n++] = p[i].code;
	}
	return n;
}

kula_status rows_add_dyads(ledger *l, int64_t claim, kula_day published, const kula_claim *c, kula_error *err)
{
	const char *from[PARTIES_LIMIT], *to[PARTIES_LIMIT];
	const uint32_t froms = codes_of(c->from, c->from_count, from), tos = codes_of(c->to, c->to_count, to);
	const kula_day day = c->date.first != KULA_NO_DAY ? c->date.first : published;
	kula_status status = KULA_OK;
	for (uint32_t i = 0; status == KULA_OK && i < MAX_OF(froms, 1); i++)
		for (uint32_t j = 0; status == KULA_OK && j < MAX_OF(tos, 1); j++)
			if (froms || tos)
				status = add_pair(l, froms ? from[i] : "", tos ? to[j] : "", day, claim, err);
	/* "Russia and China signed": where the sides are equal and all stand on one, the act is between them. */
	if (kula_act_is_equal(c->act) && (froms == 0 || tos == 0)) {
		const char **all = froms ? from : to;
		const uint32_t n = froms + tos;
		for (uint32_t i = 0; status == KULA_OK && i < n; i++)
			for (uint32_t j = i + 1; status == KULA_OK && j < n; j++)
				status = add_pair(l, all[i], all[j], day, claim, err);
	}
	return status;
}

/* ---- adding ---- */

static kula_status find_document(ledger *l, const char *doc, const char *sha256, int64_t *document, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT document FROM document WHERE doc = ?1 AND sha256 = ?2", err);
	if (q) {
		bind_text(q, 1, doc);
		bind_text(q, 2, sha256);
	}
	return db_number(l, q, 0, document, err);
}

/* A document without an id is known by its text. */
static const char *own_id(const kula_document *d, const char *sha256, char room[20])
{
	if (d->id && *d->id)
		return d->id;
	memcpy(room, sha256, 16);
	room[16] = 0;
	return room;
}

int64_t ledger_has(ledger *l, const kula_document *d, int64_t reader, kula_error *err)
{
	char sha256[65], room[20];
	sha256_hex(d->text, d->text_bytes, sha256);
	int64_t document = 0;
	if (find_document(l, own_id(d, sha256, room), sha256, &document, err) != KULA_OK)
		return -1;
	if (document == 0 || reader == 0)
		return document;
	sqlite3_stmt *q = db_query(l, "SELECT document FROM reading WHERE document = ?1 AND reader = ?2", err);
	if (q) {
		sqlite3_bind_int64(q, 1, document);
		sqlite3_bind_int64(q, 2, reader);
	}
	return db_number(l, q, 0, &document, err) == KULA_OK ? document : -1;
}

static kula_status insert_document(ledger *l, const kula_document *d, const char *doc, const char *sha256, const char *fetched, int64_t *document, kula_error *err)
{
	char now[21];
	db_now(now);
	sqlite3_stmt *q = db_query(l, "INSERT INTO document (doc, sha256, title, publisher, published, fetched, added, dossier, text)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", err);
	if (q) {
		bind_text(q, 1, doc);
		bind_text(q, 2, sha256);
		bind_text(q, 3, d->title);
		bind_text(q, 4, d->publisher);
		bind_day(q, 5, d->published);
		bind_text(q, 6, fetched);
		bind_text(q, 7, now);
		bind_text(q, 8, d->dossier);
		bind_text_n(q, 9, d->text, d->text_bytes);
	}
	kula_status status = db_step(l, q, "adding a document", err);
	if (status != KULA_OK)
		return status;
	*document = sqlite3_last_insert_rowid(l->db);
	q = db_query(l, "INSERT INTO words (rowid, title, text) VALUES (?1, ?2, ?3)", err);
	if (q) {
		sqlite3_bind_int64(q, 1, *document);
		bind_text(q, 2, d->title);
		bind_text_n(q, 3, d->text, d->text_bytes);
	}
	return db_step(l, q, "adding its words", err);
}

kula_status one_number(ledger *l, const char *sql, int64_t a, int64_t b, int64_t none, int64_t *out, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, sql, err);
	if (q) {
		sqlite3_bind_int64(q, 1, a);
		if (sqlite3_bind_parameter_count(q) > 1)
			sqlite3_bind_int64(q, 2, b);
	}
	return db_number(l, q, none, out, err);
}

kula_status run_with(ledger *l, const char *sql, int64_t a, int64_t b, const char *what, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, sql, err);
	if (q) {
		sqlite3_bind_int64(q, 1, a);
		if (sqlite3_bind_parameter_count(q) > 1)
			sqlite3_bind_int64(q, 2, b);
	}
	return db_step(l, q, what, err);
}

static kula_status add_in_transaction(ledger *l, const kula_document *d, const char *fetched, const kula_claim *claims, uint32_t count,
	int64_t reader, bool reread, ledger_added *out, kula_error *err)
{
	char sha256[65], room[20], now[21];
	sha256_hex(d->text, d->text_bytes, sha256);
	const char *doc = own_id(d, sha256, room);
	int64_t document = 0, old_reading = 0, last = 0, mine = 0;
	kula_status status = find_document(l, doc, sha256, &document, err);
	if (status == KULA_OK && document > 0) {
		int64_t known = 0;
		status = one_number(l, "SELECT reading FROM reading WHERE document = ?1 AND active", document, 0, 0, &old_reading, err);
		if (status == KULA_OK)
			status = one_number(l, "SELECT reading FROM reading WHERE document = ?1 AND reader = ?2", document, reader, 0, &mine, err);
		if (status == KULA_OK)
			status = one_number(l, "SELECT claims FROM reading WHERE reading = ?1", old_reading, 0, 0, &known, err);
		if (status != KULA_OK)
			return status;
		if (mine > 0 || !reread) {
			*out = (ledger_added){LEDGER_KNOWN, document, old_reading, (uint32_t)known, 0};
			return KULA_OK;
		}
		status = one_number(l, "SELECT max(ordinal) FROM claim WHERE document = ?1", document, 0, 0, &last, err);
	} else if (status == KULA_OK) {
		status = insert_document(l, d, doc, sha256, fetched, &document, err);
	}
	*out = (ledger_added){old_reading ? LEDGER_REREAD : LEDGER_ADDED, document, 0, count, 0};
	if (status == KULA_OK && old_reading)
		status = run_with(l, "DELETE FROM dyad WHERE claim IN (SELECT claim FROM claim WHERE reading = ?1)", old_reading, 0,
			"rereading", err);
	if (status == KULA_OK && old_reading)
		status = run_with(l, "UPDATE claim SET stands = 0 WHERE reading = ?1 AND stands", old_reading, 0, "rereading", err);
	if (status == KULA_OK && old_reading)
		status = run_with(l, "UPDATE reading SET active = 0 WHERE reading = ?1", old_reading, 0, "rereading", err);
	if (status != KULA_OK)
		return status;

	db_now(now);
	sqlite3_stmt *q = db_query(l, "INSERT INTO reading (document, reader, time, claims, active) VALUES (?1, ?2, ?3, ?4, 1)", err);
	if (q) {
		sqlite3_bind_int64(q, 1, document);
		sqlite3_bind_int64(q, 2, reader);
		bind_text(q, 3, now);
		sqlite3_bind_int64(q, 4, count);
	}
	status = db_step(l, q, "adding a reading", err);
	out->reading = sqlite3_last_insert_rowid(l->db);
	for (uint32_t i = 0; status == KULA_OK && i < count; i++) {
		int64_t claim = 0;
		status = rows_add_claim(l, document, out->reading, (uint32_t)last + i + 1, 0, true, &claims[i], &claim, err);
		if (status == KULA_OK)
			status = rows_add_dyads(l, claim, d->published, &claims[i], err);
	}
	if (status == KULA_OK && old_reading)
		status = review_carry(l, old_reading, out->reading, &out->carried, err);
	if (status != KULA_OK)
		return status;
	q = db_query(l, "INSERT INTO log (time, what, document, claims, reader) VALUES (?1, ?2, ?3, ?4, ?5)", err);
	if (q) {
		bind_text(q, 1, now);
		bind_text(q, 2, old_reading ? "reread" : "add");
		sqlite3_bind_int64(q, 3, document);
		sqlite3_bind_int64(q, 4, count);
		sqlite3_bind_int64(q, 5, reader);
	}
	return db_step(l, q, "writing the log", err);
}

kula_status ledger_add(ledger *l, const kula_document *d, const char *fetched, const kula_claim *claims, uint32_t count,
	int64_t reader, bool reread, ledger_added *out, kula_error *err)
{
	if (!d->text)
		return kula_fail(err, KULA_EFORMAT, 0, "the document has no text");
	const size_t good = utf8_check((const byte *)d->text, d->text_bytes);
	if (good != d->text_bytes)
		return kula_fail(err, KULA_EFORMAT, good, "the text is not UTF-8");
	if (!words_are_text(d->id, "the document's id", 0, err) || !words_are_text(d->title, "the title", 0, err)
		|| !words_are_text(d->publisher, "the publisher", 0, err))
		return KULA_EFORMAT;
	for (uint32_t i = 0; i < count; i++) {
		kula_error fault = {0};
		if (!claim_holds(d, &claims[i], i + 1, &fault))
			return kula_fail(err, fault.status, fault.byte, "%s", fault.text);
	}
	kula_status status = db_begin(l, err);
	if (status != KULA_OK)
		return status;
	status = add_in_transaction(l, d, fetched, claims, count, reader, reread, out, err);
	const kula_status end = db_end(l, status == KULA_OK, err);
	return status != KULA_OK ? status : end;
}

kula_status ledger_batch_begin(ledger *l, kula_error *err) { return db_begin(l, err); }
kula_status ledger_batch_end(ledger *l, bool ok, kula_error *err) { return db_end(l, ok, err); }

/* ---- forgetting ---- */

kula_status ledger_forget(ledger *l, int64_t document, kula_error *err)
{
	int64_t there = 0, claims = 0;
	kula_status status = db_begin(l, err);
	if (status != KULA_OK)
		return status;
	status = one_number(l, "SELECT document FROM document WHERE document = ?1", document, 0, 0, &there, err);
	if (status == KULA_OK && there == 0)
		status = kula_fail(err, KULA_ENOTFOUND, 0, "there is no document %lld", (long long)document);
	if (status == KULA_OK)
		status = one_number(l, "SELECT count(*) FROM claim WHERE document = ?1", document, 0, 0, &claims, err);
	/* Overwritten with zeros, so that the words are gone from the file and not only from its tables. */
	if (status == KULA_OK)
		status = db_run(l, "PRAGMA secure_delete = ON", err);
	if (status == KULA_OK)
		status = run_with(l, "INSERT INTO meta VALUES ('forgetting', ?1)", document, 0, "forgetting", err);
	/* The references among reviews are not cascading: they go from the latest to the earliest. */
	if (status == KULA_OK)
		status = run_with(l, "DELETE FROM review WHERE undoes IN (SELECT v.review FROM review v JOIN claim c ON c.claim = v.claim WHERE c.document = ?1)",
			document, 0, "forgetting", err);
	while (status == KULA_OK) {
		status = run_with(l, "DELETE FROM review WHERE review IN (SELECT v.review FROM review v JOIN claim c ON c.claim = v.claim"
			" WHERE c.document = ?1 AND NOT EXISTS (SELECT 1 FROM review w WHERE w.carried_from = v.review))", document, 0, "forgetting", err);
		if (status == KULA_OK && sqlite3_changes(l->db) == 0)
			break;
	}
	if (status == KULA_OK)
		status = run_with(l, "INSERT INTO words (words, rowid, title, text) SELECT 'delete', document, title, text FROM document WHERE document = ?1",
			document, 0, "forgetting", err);
	if (status == KULA_OK)
		status = join_forget_runs(l, document, err);
	if (status == KULA_OK)
		status = run_with(l, "DELETE FROM document WHERE document = ?1", document, 0, "forgetting", err);
	if (status == KULA_OK)
		status = db_run(l, "DELETE FROM meta WHERE key = 'forgetting'", err);
	if (status == KULA_OK) {
		char now[21];
		db_now(now);
		sqlite3_stmt *q = db_query(l, "INSERT INTO log (time, what, document, claims) VALUES (?1, 'forget', ?2, ?3)", err);
		if (q) {
			bind_text(q, 1, now);
			sqlite3_bind_int64(q, 2, document);
			sqlite3_bind_int64(q, 3, claims);
		}
		status = db_step(l, q, "writing the log", err);
	}
	const kula_status end = db_end(l, status == KULA_OK, err);
	sqlite3_exec(l->db, "PRAGMA secure_delete = OFF", NULL, NULL, NULL);
	if (status == KULA_OK && end == KULA_OK)        /* the words are in the log too; a reader may hold it, then they go later */
		sqlite3_wal_checkpoint_v2(l->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return status != KULA_OK ? status : end;
}
