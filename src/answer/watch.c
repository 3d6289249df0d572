/* watch.c: what is new for a standing query. What it has shown before is kept in the ledger, claim by claim: an exchange is known
 * by any of its claims as they were read, so that neither joining anew nor a correction makes old news new. */
#include "answer/room.h"

static const char *const event_names[ANSWER_EVENTS] = {"new", "status", "differ", "told"};
const char *answer_event_name(answer_event e) { return e < ANSWER_EVENTS ? event_names[e] : ""; }

static const char watch_schema[] =
	"CREATE TABLE IF NOT EXISTS watch_seen (\n"
	"  query TEXT NOT NULL,\n"                      /* the row's name in the file of queries */
	"  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,\n"
	"  status TEXT NOT NULL,\n"                     /* of its exchange when it was shown */
	"  differs INTEGER NOT NULL,\n"                 /* mask of fields on which accounts differed */
	"  PRIMARY KEY (query, claim)\n"
	") WITHOUT ROWID;\n";

static uint32_t fields_of(const answer_exchange *x)
{
	static const char *const fields[] = {"items", "date", "status", "act"};
	uint32_t mask = 0;
	for (uint32_t i = 0; i < x->difference_count; i++)
		for (uint32_t k = 0; k < COUNT_OF(fields); k++)
			if (strcmp(x->differences[i].field, fields[k]) == 0)
				mask |= 1u << k;
	return mask;
}

static kula_status keep_seen(ledger *l, const answer_exchange *x, const char *name, kula_error *err)
{
	for (uint32_t i = 0; i < x->account_count; i++) {
		sqlite3_stmt *q = db_query(l, "INSERT OR REPLACE INTO watch_seen (query, claim, status, differs) VALUES (?1, ?2, ?3, ?4)", err);
		if (!q)
			return KULA_EFORMAT;
		sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
		sqlite3_bind_int64(q, 2, x->accounts[i].as_read);
		sqlite3_bind_text(q, 3, kula_status_name(x->status), -1, SQLITE_STATIC);
		sqlite3_bind_int(q, 4, (int)fields_of(x));
		const int code = sqlite3_step(q);
		sqlite3_reset(q);
		sqlite3_clear_bindings(q);
		if (code != SQLITE_DONE)
			return db_fail(l, err, code, "remembering what was shown");
	}
	return KULA_OK;
}

/* What was remembered of an exchange: how many of its claims, the status and the differences it had. */
typedef struct seen { uint32_t known, differed; int status; } seen;

static kula_status look(ledger *l, const answer_exchange *x, const char *name, seen *out, kula_error *err)
{
	*out = (seen){.status = -1};
	for (uint32_t i = 0; i < x->account_count; i++) {
		sqlite3_stmt *q = db_query(l, "SELECT status, differs FROM watch_seen WHERE query = ?1 AND claim = ?2", err);
		if (!q)
			return KULA_EFORMAT;
		sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
		sqlite3_bind_int64(q, 2, x->accounts[i].as_read);
		const int code = sqlite3_step(q);
		if (code == SQLITE_ROW) {
			out->known++;
			out->status = kula_claim_status_of((const char *)sqlite3_column_text(q, 0));
			out->differed |= (uint32_t)sqlite3_column_int(q, 1);
		}
		sqlite3_reset(q);
		sqlite3_clear_bindings(q);
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			return db_fail(l, err, code, "asking what was shown");
	}
	return KULA_OK;
}

kula_status answer_watch(ledger *l, arena *a, const answer_set *s, const char *name, uint32_t events, answer_newses *out, kula_error *err)
{
	*out = (answer_newses){.rows = ARENA_NEW(a, answer_news, 2 * (size_t)s->asked + 1u)};
	if (!out->rows)
		return answer_no_memory(err);
	sqlite3_stmt *q = db_query(l, "SELECT 1 FROM sqlite_schema WHERE name = 'watch_seen'", err);
	if (!q)
		return KULA_EFORMAT;
	const bool there = sqlite3_step(q) == SQLITE_ROW;
	sqlite3_reset(q);
	for (uint32_t e = 0; e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		seen before = {.status = -1};
		if (there) {
			const kula_status status = look(l, x, name, &before, err);
			if (status != KULA_OK)
				return status;
		}
		const uint32_t fresh = x->account_count - before.known, count = out->count;
		if (before.known == 0) {
			if (events & 1u << ANSWER_NEW)
				out->rows[out->count++] = (answer_news){ANSWER_NEW, e, x->status, fresh};
			continue;
		}
		if (before.status >= 0 && before.status != (int)x->status && events & 1u << ANSWER_STATUS)
			out->rows[out->count++] = (answer_news){ANSWER_STATUS, e, (kula_claim_status)before.status, fresh};
		if ((fields_of(x) & ~before.differed) && events & 1u << ANSWER_DIFFER)
			out->rows[out->count++] = (answer_news){ANSWER_DIFFER, e, x->status, fresh};
		if (fresh && out->count == count && events & 1u << ANSWER_TOLD)
			out->rows[out->count++] = (answer_news){ANSWER_TOLD, e, x->status, fresh};
	}
	return KULA_OK;
}

kula_status answer_watch_keep(ledger *l, const answer_set *s, const char *name, kula_error *err)
{
	kula_status status = db_begin(l, err);
	if (status != KULA_OK)
		return status;
	status = db_run(l, watch_schema, err);
	for (uint32_t e = 0; status == KULA_OK && e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		seen before;
		status = look(l, x, name, &before, err);
		if (status == KULA_OK && (before.known < x->account_count || before.status != (int)x->status || fields_of(x) != before.differed))
			status = keep_seen(l, x, name, err);
	}
	const kula_status ended = db_end(l, status == KULA_OK, err);
	return status == KULA_OK ? ended : status;
}
