/* ledger_keep.c: what is there and whether it is whole; the log; copies. */
#include "ledger/ledger_room.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what is there ---- */

kula_status ledger_stat(ledger *l, ledger_stats *out, kula_error *err)
{
	*out = (ledger_stats){0};
	const struct { const char *sql; int64_t *to; } counts[] = {
		{"SELECT count(*) FROM document", &out->documents},
		{"SELECT coalesce(sum(claims), 0) FROM reading WHERE active", &out->claims},
		{"SELECT coalesce(sum(claims), 0) FROM reading WHERE NOT active", &out->claims_inactive},
		{"SELECT count(*) FROM reading", &out->readings},
		{"SELECT count(*) FROM reader", &out->readers},
		{"SELECT count(*) FROM review", &out->reviews},
		{"SELECT count(*) FROM judgement", &out->judgements},
	};
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		const kula_status status = db_number(l, db_query(l, counts[i].sql, err), 0, counts[i].to, err);
		if (status != KULA_OK)
			return status;
	}
	int64_t version = 0;
	const kula_status status = db_number(l, db_query(l, "PRAGMA user_version", err), 0, &version, err);
	out->version = (int)version;
	struct stat st;
	if (!l->memory && stat(l->path, &st) == 0)
		out->file_bytes = st.st_size;
	snprintf(out->sqlite, sizeof out->sqlite, "%s", sqlite3_libversion());
	return status;
}

/* ---- whether it is whole ---- */

typedef struct checker { void (*say)(void *arg, const char *fault); void *arg; int64_t faults; } checker;

static void fault(checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fault(checker *c, const char *format, ...)
{
	char text[400];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	c->faults++;
	if (c->say)
		c->say(c->arg, text);
}

/* Every row of a query is a fault: its first column a text to print. */
static bool rows_are_faults(ledger *l, checker *c, const char *sql, const char *fine, kula_error *err)
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(l->db, sql, -1, &q, NULL);
	if (code == SQLITE_OK) {
		while ((code = sqlite3_step(q)) == SQLITE_ROW) {
			const char *text = (const char *)sqlite3_column_text(q, 0);
			if (!text || !fine || strcmp(text, fine) != 0)
				fault(c, "%s", text ? text : "?");
		}
	}
	sqlite3_finalize(q);
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
		fault(c, "%s", sqlite3_errmsg(l->db));
		return true;
	}
	if (code != SQLITE_DONE) {
		db_fail(l, err, code, "checking");
		return false;
	}
	return true;
}

static bool check_texts(ledger *l, checker *c, kula_error *err)
{
	sqlite3_stmt *q = NULL, *claims = NULL, *parties = NULL;
	int code = sqlite3_prepare_v2(l->db, "SELECT document, sha256, text FROM document ORDER BY document", -1, &q, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(l->db, "SELECT ordinal, claim, span_from, span_to, trigger_text, trigger_from, trigger_to FROM claim"
			" WHERE document = ?1 ORDER BY ordinal", -1, &claims, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(l->db, "SELECT text, span_from, span_to FROM party WHERE claim = ?1 AND span_to IS NOT NULL UNION ALL"
			" SELECT text, span_from, span_to FROM item WHERE claim = ?1 AND span_to IS NOT NULL", -1, &parties, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(q);
		if (code != SQLITE_ROW)
			break;
		const int64_t document = sqlite3_column_int64(q, 0);
		const char *hash = (const char *)sqlite3_column_text(q, 1), *text = (const char *)sqlite3_column_text(q, 2);
		const size_t n = (size_t)sqlite3_column_bytes(q, 2);
		char sha256[65];
		sha256_hex(text ? text : "", n, sha256);
		if (!hash || strcmp(hash, sha256) != 0)
			fault(c, "document %lld: the text is not the one that was added (its SHA-256 differs)", (long long)document);
		sqlite3_bind_int64(claims, 1, document);
		while ((code = sqlite3_step(claims)) == SQLITE_ROW) {
			const long long ordinal = sqlite3_column_int64(claims, 0);
			const int64_t from = sqlite3_column_int64(claims, 2), to = sqlite3_column_int64(claims, 3);
			const char *trigger = (const char *)sqlite3_column_text(claims, 4);
			const int64_t tfrom = sqlite3_column_int64(claims, 5), tto = sqlite3_column_int64(claims, 6);
			if (from < 0 || to <= from || to > (int64_t)n)
				fault(c, "claim %lld.%lld: its evidence lies outside the text", (long long)document, ordinal);
			if (tto != 0 && (tfrom < 0 || tto <= tfrom || tto > (int64_t)n || !trigger || !same_text(text + tfrom, (size_t)(tto - tfrom), trigger)))
				fault(c, "claim %lld.%lld: its trigger is not what the text has there", (long long)document, ordinal);
			sqlite3_bind_int64(parties, 1, sqlite3_column_int64(claims, 1));
			int inner;
			while ((inner = sqlite3_step(parties)) == SQLITE_ROW) {
				const char *words = (const char *)sqlite3_column_text(parties, 0);
				const int64_t pfrom = sqlite3_column_int64(parties, 1), pto = sqlite3_column_int64(parties, 2);
				if (pfrom < 0 || pto <= pfrom || pto > (int64_t)n || !words || !same_text(text + pfrom, (size_t)(pto - pfrom), words))
					fault(c, "claim %lld.%lld: '%.60s' is not what the text has there", (long long)document, ordinal, words ? words : "");
			}
			sqlite3_reset(parties);
			if (inner != SQLITE_DONE)
				break;
		}
		sqlite3_reset(claims);
		if (code == SQLITE_DONE)
			code = SQLITE_OK;
	}
	sqlite3_finalize(q);
	sqlite3_finalize(claims);
	sqlite3_finalize(parties);
	if (code == SQLITE_DONE || code == SQLITE_OK)
		return true;
	db_fail(l, err, code, "checking texts");
	return false;
}

int64_t ledger_check(ledger *l, bool quick, void (*say)(void *arg, const char *fault), void *arg, kula_error *err)
{
	checker c = {say, arg, 0};
	if (!rows_are_faults(l, &c, quick ? "PRAGMA quick_check" : "PRAGMA integrity_check", "ok", err))
		return -1;
	if (c.faults)           /* what a damaged file says of the rules means nothing */
		return c.faults;
	if (!rows_are_faults(l, &c, "SELECT 'table ' || \"table\" || ' row ' || coalesce(rowid, '?') || ': refers to a row of ' || parent || ' that is not there'"
		" FROM pragma_foreign_key_check", NULL, err))
		return -1;
	if (!rows_are_faults(l, &c, "SELECT 'document ' || document || ': no active reading' FROM document d WHERE NOT EXISTS"
		" (SELECT 1 FROM reading g WHERE g.document = d.document AND g.active)", NULL, err))
		return -1;
	if (quick)
		return c.faults;
	static const char *const rules[] = {
		"SELECT 'reading ' || reading || ': ' || claims || ' claims were read, ' || (SELECT count(*) FROM claim c WHERE c.reading = g.reading"
		" AND c.as_read IS NULL) || ' are there' FROM reading g WHERE claims <> (SELECT count(*) FROM claim c WHERE c.reading = g.reading"
		" AND c.as_read IS NULL)",
		"SELECT 'claim ' || c.document || '.' || c.ordinal || ': its reading is of another document' FROM claim c"
		" JOIN reading g ON g.reading = c.reading WHERE g.document <> c.document",
		"SELECT 'claim ' || c.document || '.' || c.ordinal || ': stands between ' || y.a || ' and ' || y.b || ' in dyad, but does not stand'"
		" FROM dyad y JOIN claim c ON c.claim = y.claim WHERE NOT c.stands",
		"SELECT 'claim ' || c.document || '.' || c.ordinal || ': not in dyad, though it has a party with a code' FROM claim c"
		" WHERE c.stands AND EXISTS (SELECT 1 FROM party p WHERE p.claim = c.claim"
		" AND p.code IS NOT NULL AND p.side <> 'said_by') AND NOT EXISTS (SELECT 1 FROM dyad y WHERE y.claim = c.claim)",
		/* which of a claim's versions stands follows from its reading and its reviews */
		"SELECT 'claim ' || document || '.' || ordinal || iif(as_read IS NULL, ' as read', ' as reviewed') || iif(stands, ' stands', ' does not stand')"
		" || ', against its reading and its reviews' FROM (SELECT c.*, g.active, ifnull((SELECT v.verdict FROM review v"
		"   WHERE v.claim = ifnull(c.as_read, c.claim) AND v.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = v.review)"
		"   ORDER BY v.review DESC LIMIT 1), '') AS verdict, EXISTS (SELECT 1 FROM review v WHERE v.claim = ifnull(c.as_read, c.claim)"
		"   AND v.verdict = 'correct' AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = v.review)) AS corrected"
		"   FROM claim c JOIN reading g ON g.reading = c.reading)"
		" WHERE stands <> (active AND verdict <> 'reject' AND corrected = (as_read IS NOT NULL))",
		"SELECT 'claim ' || c.document || '.' || c.ordinal || ': it was corrected, and has no reviewed version' FROM claim c"
		" JOIN reading g ON g.reading = c.reading AND g.active WHERE c.as_read IS NULL"
		" AND EXISTS (SELECT 1 FROM review v WHERE v.claim = c.claim AND v.verdict = 'correct' AND NOT EXISTS (SELECT 1 FROM review u"
		"   WHERE u.undoes = v.review)) AND NOT EXISTS (SELECT 1 FROM claim w WHERE w.as_read = c.claim)",
		"SELECT 'claim ' || c.document || '.' || c.ordinal || ': stands in exchange ' || m.exchange || ', but does not stand' FROM exchange_claim m"
		" JOIN claim c ON c.claim = m.claim WHERE NOT c.stands AND NOT EXISTS (SELECT 1 FROM join_pending p WHERE p.document = c.document)",
		/* what is joined is a function of the rest; these rules need no joining to be looked at */
		"SELECT 'exchange ' || x.exchange || ': ' || x.claims || ' claims are said to be in it, ' || count(m.claim) || ' are: kula join --rebuild'"
		" FROM exchange x LEFT JOIN exchange_claim m ON m.exchange = x.exchange GROUP BY x.exchange HAVING x.claims <> count(m.claim)",
		"SELECT 'exchange ' || x.exchange || ': the claim that tells most of it is not in it: kula join --rebuild' FROM exchange x"
		" WHERE NOT EXISTS (SELECT 1 FROM exchange_claim m WHERE m.claim = x.lead AND m.exchange = x.exchange)",
		"SELECT 'claim ' || c.document || '.' || c.ordinal || ': stands in no exchange, and is not waiting to be joined: kula join --rebuild' FROM claim c"
		" WHERE c.stands AND NOT EXISTS (SELECT 1 FROM exchange_claim m WHERE m.claim = c.claim)"
		" AND NOT EXISTS (SELECT 1 FROM join_pending p WHERE p.document = c.document) AND NOT EXISTS (SELECT 1 FROM join_dirty y WHERE y.claim = c.claim)",
		"SELECT 'a document was being forgotten' FROM meta WHERE key = 'forgetting'",
	};
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		if (!rows_are_faults(l, &c, rules[i], NULL, err))
			return -1;
	if (!check_texts(l, &c, err))
		return -1;
	/* The search index checks itself against the texts by an insert, which a ledger open for reading can't do. */
	if (!l->read_only) {
		const int code = sqlite3_exec(l->db, "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)", NULL, NULL, NULL);
		if ((code & 0xff) == SQLITE_CORRUPT)
			fault(&c, "the search index is not that of the texts");
		else if (code != SQLITE_OK) {
			db_fail(l, err, code, "checking the search index");
			return -1;
		}
	}
	return c.faults;
}

/* ---- the log ---- */

kula_status ledger_log(ledger *l, bool (*see)(void *arg, const ledger_log_entry *e), void *arg, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT o.entry, o.time, o.what, o.document, d.doc, d.title, d.publisher, o.claims,"
		" CASE WHEN r.reader IS NOT NULL THEN r.name || iif(r.version <> '', ' ' || r.version, '') || iif(r.weights <> '', ' weights ' || r.weights, '') END"
		" FROM log o LEFT JOIN document d ON d.document = o.document LEFT JOIN reader r ON r.reader = o.reader ORDER BY o.entry DESC", err);
	arena *a = arena_new(1u << 20);
	if (!q || !a) {
		arena_free(a);
		return q ? kula_fail(err, KULA_EMEMORY, 0, "no memory") : KULA_EFORMAT;
	}
	int code;
	bool on = true;
	while (on && (code = sqlite3_step(q)) == SQLITE_ROW) {
		arena_clear(a);
		const ledger_log_entry e = {.entry = sqlite3_column_int64(q, 0), .time = db_text(q, 1, a), .what = db_text(q, 2, a),
			.document = sqlite3_column_int64(q, 3), .doc = db_text(q, 4, a), .title = db_text(q, 5, a), .publisher = db_text(q, 6, a),
			.claims = sqlite3_column_int64(q, 7), .reader = db_text(q, 8, a)};
		on = see(arg, &e);
	}
	const kula_status status = on && code != SQLITE_DONE ? db_fail(l, err, code, "reading the log") : KULA_OK;
	sqlite3_reset(q);
	arena_free(a);
	return status;
}

/* ---- copies ---- */

kula_status ledger_backup(ledger *l, const char *path, kula_error *err)
{
	struct stat st;
	if (stat(path, &st) == 0)
		return kula_fail(err, KULA_EUSAGE, 0, "'%s' is there already; a backup overwrites nothing", path);
	sqlite3 *to = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		const int number = to ? sqlite3_system_errno(to) : 0;
		sqlite3_close_v2(to);
		return kula_fail(err, KULA_EIO, 0, "'%s' can't be made: %s", path, number ? strerror(number) : sqlite3_errstr(code));
	}
	sqlite3_backup *b = sqlite3_backup_init(to, "main", l->db, "main");
	if (b) {
		code = sqlite3_backup_step(b, -1);      /* all at once: one instant, by the reader's snapshot */
		const int end = sqlite3_backup_finish(b);
		if (code == SQLITE_DONE)
			code = end;
	} else {
		code = sqlite3_errcode(to);
	}
	kula_status status = KULA_OK;
	if (code != SQLITE_OK)
		status = kula_fail(err, (code & 0xff) == SQLITE_BUSY ? KULA_EBUSY : KULA_EIO, 0, "'%s' can't be written: %s", path,
			(code & 0xff) == SQLITE_FULL ? "the disk is full" : sqlite3_errmsg(to));
	sqlite3_close_v2(to);
	if (status != KULA_OK)
		unlink(path);
	return status;
}
