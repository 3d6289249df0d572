/* ids.c: which exchanges are asked for. One range of the index of pairs where a question names parties; else of an index of
 * exchanges. */
#include "answer/room.h"
#include <stdlib.h>

void id_add(id_list *s, int64_t v)
{
	if (s->count == s->room) {
		const size_t room = s->room ? s->room * 2 : 256;
		int64_t *more = base_realloc(s->at, room * sizeof *more);
		if (!more) {
			s->refused = true;
			return;
		}
		s->at = more;
		s->room = room;
	}
	s->at[s->count++] = v;
}

void id_free(id_list *s)
{
	free(s->at);
	*s = (id_list){0};
}

answer_filter answer_filter_all(void) { return (answer_filter){.since = KULA_NO_DAY, .until = KULA_NO_DAY}; }

kula_status answer_ready(ledger *l, int64_t *pending, kula_error *err)
{
	*pending = 0;
	sqlite3_stmt *q = db_query(l, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('exchange', 'join_pending')", err);
	if (!q)
		return KULA_EFORMAT;
	const bool there = sqlite3_step(q) == SQLITE_ROW && sqlite3_column_int(q, 0) == 2;
	sqlite3_reset(q);
	if (!there)
		return kula_fail(err, KULA_ENOTFOUND, 0, "the claims of '%s' have not been joined to exchanges yet: run 'kula join'", ledger_path(l));
	q = db_query(l, "SELECT count(*) FROM join_pending", err);
	if (!q)
		return KULA_EFORMAT;
	if (sqlite3_step(q) == SQLITE_ROW)
		*pending = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return KULA_OK;
}

kula_status answer_newest(ledger *l, kula_day *day, kula_error *err)
{
	*day = KULA_NO_DAY;
	sqlite3_stmt *q = db_query(l, "SELECT max(told_last) FROM exchange", err);
	if (!q)
		return KULA_EFORMAT;
	const int code = sqlite3_step(q);
	if (code == SQLITE_ROW && sqlite3_column_type(q, 0) != SQLITE_NULL)
		*day = sqlite3_column_int(q, 0);
	sqlite3_reset(q);
	return code == SQLITE_ROW ? KULA_OK : db_fail(l, err, code, "asking for the newest day");
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

/* Parameters: ?1 a, ?2 b, ?3 from, ?4 to, ?5 since, ?6 until, ?7 confidence, ?8 limit, ?9 after. */
static void ids_sql(buf *b, const answer_filter *f)
{
	buf_text(b, "SELECT x.exchange FROM ");
	if (f->a || f->from || f->to) {
		buf_text(b, "(");
		if (f->a && f->b)
			buf_text(b, "SELECT claim FROM dyad WHERE a = ?1 AND b = ?2 UNION SELECT claim FROM dyad WHERE a = ?2 AND b = ?1");
		else if (f->a)
			buf_text(b, "SELECT claim FROM dyad WHERE a = ?1 UNION SELECT claim FROM dyad WHERE b = ?1");
		if (f->a && (f->from || f->to))
			buf_text(b, " INTERSECT ");
		if (f->from || f->to)
			buf_format(b, "SELECT claim FROM dyad WHERE %s%s%s", f->from ? "a = ?3" : "", f->from && f->to ? " AND " : "", f->to ? "b = ?4" : "");
		buf_text(b, ") y CROSS JOIN exchange_claim e ON e.claim = y.claim CROSS JOIN exchange x ON x.exchange = e.exchange");
	} else if (f->differing) {
		buf_text(b, "exchange x");
	} else {
		buf_text(b, "exchange x");
	}
	buf_text(b, " WHERE 1");
	add_words(b, "x.act", f->acts, KULA_ACTS, act_word);
	add_words(b, "x.status", f->statuses, KULA_STATUSES, status_word);
	if (f->facts != f->undertakings)
		buf_text(b, f->facts ? " AND x.fact" : " AND NOT x.fact");
	if (f->differing)
		buf_text(b, " AND EXISTS (SELECT 1 FROM difference d WHERE d.exchange = x.exchange)");
	if (f->kinds) {
		buf_text(b, " AND EXISTS (SELECT 1 FROM exchange_claim k JOIN item i ON i.claim = k.claim WHERE k.exchange = x.exchange");
		add_words(b, "i.kind", f->kinds, KULA_KINDS, kind_word);
		buf_text(b, ")");
	}
	if (f->min_confidence > 0)
		buf_text(b, " AND EXISTS (SELECT 1 FROM exchange_claim k JOIN claim c ON c.claim = k.claim WHERE k.exchange = x.exchange"
			" AND (c.confidence IS NULL OR c.confidence >= ?7))");
	/* Where nobody gives a day, it is when it was told. */
	if (f->since != KULA_NO_DAY)
		buf_text(b, " AND coalesce(x.day_last, x.told_last) >= ?5");
	if (f->until != KULA_NO_DAY)
		buf_text(b, " AND coalesce(x.day_first, x.told_first) <= ?6");
	if (f->by_number)
		buf_text(b, " AND x.exchange > ?9");
	if (f->a || f->from || f->to)
		buf_text(b, " GROUP BY x.exchange");
	if (f->by_number)
		buf_text(b, " ORDER BY x.exchange");
	else if (f->newest_first)
		buf_text(b, " ORDER BY x.told_last DESC, x.exchange DESC");
	else
		buf_text(b, " ORDER BY coalesce(x.day_first, x.told_first), x.exchange");
	if (f->limit)
		buf_text(b, " LIMIT ?8");
}

kula_status answer_ids(ledger *l, const answer_filter *f, id_list *out, kula_error *err)
{
	buf sql = {0};
	ids_sql(&sql, f);
	const char *text = buf_string(&sql);
	sqlite3_stmt *q = NULL;
	if (sql.refused) {
		buf_free(&sql);
		return answer_no_memory(err);
	}
	int code = sqlite3_prepare_v2(ledger_db(l), text, -1, &q, NULL);
	buf_free(&sql);
	if (code != SQLITE_OK)
		return db_fail(l, err, code, "asking for exchanges");
	const char *const codes[] = {f->a, f->b, f->from, f->to};
	for (int i = 0; i < 4; i++)
		if (codes[i])
			sqlite3_bind_text(q, i + 1, codes[i], -1, SQLITE_STATIC);
	sqlite3_bind_int(q, 5, f->since);
	sqlite3_bind_int(q, 6, f->until);
	sqlite3_bind_double(q, 7, f->min_confidence);
	sqlite3_bind_int64(q, 8, f->limit > INT64_MAX ? INT64_MAX : (int64_t)f->limit);
	sqlite3_bind_int64(q, 9, f->after);
	while ((code = sqlite3_step(q)) == SQLITE_ROW)
		id_add(out, sqlite3_column_int64(q, 0));
	kula_status status = code == SQLITE_DONE ? KULA_OK : db_fail(l, err, code, "asking for exchanges");
	sqlite3_finalize(q);
	if (status == KULA_OK && out->refused)
		status = answer_no_memory(err);
	return status;
}
