/* ledger_then.c: the ledger as it was: at an earlier moment, or as the machine read it.
 *
 * A copy of the file, from which is taken out what came later; then what follows from reviews is derived, and what was touched is
 * joined, as if it had just come. Both are functions of what is there, so the copy is the ledger of that moment, as far as what
 * was there has not been forgotten since. */
#include "ledger/ledger_room.h"
#include <stdlib.h>
#include "ledger/join.h"

bool ledger_moment(const char *typed, char out[21])
{
	const size_t n = strlen(typed);
	if (n < 10 || kula_day_parse(typed, 10) == KULA_NO_DAY)
		return false;
	char clock[] = "23:59:59";
	const char *at = typed + 10;
	if (*at == 'T' || *at == ' ') {
		at++;
		size_t k = 0;           /* "09:30" is to the end of that minute */
		while (k < 8 && (k % 3 == 2 ? at[k] == ':' : is_digit((byte)at[k]))) {
			clock[k] = at[k];
			k++;
		}
		if ((k != 5 && k != 8) || clock[0] > '2' || (clock[0] == '2' && clock[1] > '3') || clock[3] > '5' || clock[6] > '5')
			return false;
		at += k;
	}
	if (*at == 'Z')
		at++;
	if (*at)
		return false;
	snprintf(out, 21, "%.10sT%sZ", typed, clock);
	return true;
}

/* Statements with the moment as their ?1, in order; those of the whole list run on the copy. */
static kula_status run_all(ledger *l, const char *const *sql, size_t count, const char *when, kula_error *err)
{
	kula_status status = KULA_OK;
	for (size_t i = 0; status == KULA_OK && i < count; i++) {
		sqlite3_stmt *q = NULL;
		int code = sqlite3_prepare_v2(l->db, sql[i], -1, &q, NULL);
		if (code == SQLITE_OK) {
			if (sqlite3_bind_parameter_count(q) > 0)
				bind_text(q, 1, when);
			do
				code = sqlite3_step(q);
			while (code == SQLITE_ROW);
		}
		if (code != SQLITE_DONE)
			status = db_fail(l, err, code, "going back");
		sqlite3_finalize(q);
	}
	return status;
}

/* The guards of what stays would not let it go, even of a copy. */
static const char *const unguard[] = {
	"DROP TRIGGER document_stays", "DROP TRIGGER reading_stays", "DROP TRIGGER claim_stays", "DROP TRIGGER party_stays",
	"DROP TRIGGER item_stays", "DROP TRIGGER review_stays", "DROP TRIGGER judgement_stays",
	"CREATE TEMP TABLE touched (claim INTEGER PRIMARY KEY)",
};

/* Reviews and judgements after ?1; the claims that they speak of are touched. */
static const char *const unsay[] = {
	"INSERT OR IGNORE INTO touched SELECT claim FROM review WHERE time > ?1",
	"INSERT OR IGNORE INTO join_dirty SELECT c.claim FROM judgement j JOIN claim c ON c.claim IN (j.claim, j.other) WHERE j.time > ?1",
	"INSERT OR IGNORE INTO join_dirty SELECT c.claim FROM judgement j JOIN claim c ON c.as_read IN (j.claim, j.other) WHERE j.time > ?1",
	"DELETE FROM judgement WHERE time > ?1",
	"DELETE FROM review WHERE time > ?1",
};

/* Documents and readings after ?1. A document that was read again since has its earlier reading back. */
static const char *const unread[] = {
	"INSERT INTO words (words, rowid, title, text) SELECT 'delete', document, title, text FROM document WHERE added > ?1",
	"DELETE FROM document WHERE added > ?1",
	"DELETE FROM reading WHERE time > ?1",
	"INSERT OR IGNORE INTO touched SELECT c.claim FROM claim c WHERE c.as_read IS NULL AND c.reading IN"
	" (SELECT max(reading) FROM reading GROUP BY document HAVING max(active) = 0)",
	"UPDATE reading SET active = 1 WHERE reading IN (SELECT max(reading) FROM reading GROUP BY document HAVING max(active) = 0)",
	"DELETE FROM log WHERE time > ?1",
};

static kula_status derive_touched(ledger *l, kula_error *err)
{
	int64_t claim = 0;
	for (;;) {
		kula_status status = one_number(l, "SELECT min(t.claim) FROM touched t JOIN claim c ON c.claim = t.claim WHERE t.claim > ?1", claim, 0, 0,
			&claim, err);
		if (status == KULA_OK && claim)
			status = review_derive(l, claim, err);
		if (status != KULA_OK || claim == 0)
			return status;
	}
}

static kula_status go_back(ledger *l, const char *when, bool as_read, kula_error *err)
{
	kula_status status = db_begin(l, err);
	if (status != KULA_OK)
		return status;
	status = run_all(l, unguard, COUNT_OF(unguard), NULL, err);
	if (status == KULA_OK && when)
		status = run_all(l, unread, COUNT_OF(unread), when, err);
	if (status == KULA_OK && (when || as_read))
		status = run_all(l, unsay, COUNT_OF(unsay), as_read ? "" : when, err);
	if (status == KULA_OK)
		status = derive_touched(l, err);
	const kula_status end = db_end(l, status == KULA_OK, err);
	return status != KULA_OK ? status : end;
}

/* Nothing has come since, and all is joined by these rules: the file itself will do. */
static bool is_now(ledger *l, const join_rules *r, const char *when, bool as_read)
{
	static const char later[] = "SELECT EXISTS (SELECT 1 FROM document WHERE added > ?1) OR EXISTS (SELECT 1 FROM reading WHERE time > ?1)"
		" OR EXISTS (SELECT 1 FROM review WHERE time > ?1) OR EXISTS (SELECT 1 FROM judgement WHERE time > ?1)";
	static const char said[] = "SELECT EXISTS (SELECT 1 FROM review) OR EXISTS (SELECT 1 FROM judgement)";
	static const char joined[] = "SELECT NOT EXISTS (SELECT 1 FROM join_pending) AND NOT EXISTS (SELECT 1 FROM join_dirty)"
		" AND NOT EXISTS (SELECT 1 FROM join_gone) AND EXISTS (SELECT 1 FROM meta WHERE key = 'join_rules' AND value = ?1)";
	char mark[32];
	int64_t any = 1;
	kula_error err = {0};
	if (l->memory)
		return false;
	if (when) {
		sqlite3_stmt *q = db_query(l, later, &err);
		if (q)
			bind_text(q, 1, when);
		if (db_number(l, q, 1, &any, &err) != KULA_OK || any)
			return false;
	}
	if (as_read && (db_number(l, db_query(l, said, &err), 1, &any, &err) != KULA_OK || any))
		return false;
	if (!r)
		return true;
	snprintf(mark, sizeof mark, "%016llx", (unsigned long long)join_rules_hash(r));
	sqlite3_stmt *q = db_query(l, joined, &err);
	if (q)
		bind_text(q, 1, mark);
	return db_number(l, q, 0, &any, &err) == KULA_OK && any;
}

ledger *ledger_as_of(ledger *l, const join_rules *r, const char *when, bool as_read, kula_error *err)
{
	kula_error own = {0};
	if (!err)
		err = &own;
	if (is_now(l, r, when, as_read))
		return ledger_open(l->path, LEDGER_READ, err);
	ledger *then = db_copy(l, err);
	kula_status status = then ? KULA_OK : err->status;
	if (status == KULA_OK)
		status = go_back(then, when, as_read, err);
	if (status == KULA_OK && r)
		status = ledger_join(then, r, false, NULL, err);
	if (status == KULA_OK)
		return then;
	ledger_close(then);
	return NULL;
}
