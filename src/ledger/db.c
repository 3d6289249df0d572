#include "ledger/db.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "ledger/join.h"
#include "ledger/ledger_room.h"
#include "ledger/schema.h"

/* ---- who holds the file ---- */

/* SQLite says only that the file is busy. In WAL mode the writer holds byte 120 of FILE-shm (its WAL_WRITE_LOCK, fixed by the
 * file format), and the kernel lists who does. Opening FILE-shm to ask fcntl would drop our own process's locks on it when
 * closed, so the list is read instead. 0 where nobody can be named. */
static long lock_holder(const char *path)
{
	char shm[4100];
	struct stat st;
	if (snprintf(shm, sizeof shm, "%s-shm", path) >= (int)sizeof shm || stat(shm, &st) != 0)
		return 0;
	FILE *f = fopen("/proc/locks", "re");
	if (!f)
		return 0;
	char line[256];
	long holder = 0;
	while (!holder && fgets(line, sizeof line, f)) {
		char type[16], kind[16], mode[16];
		long pid;
		unsigned major, minor;
		unsigned long long inode, from, to;
		if (sscanf(line, "%*s %15s %15s %15s %ld %x:%x:%llu %llu %llu", type, kind, mode, &pid, &major, &minor, &inode, &from, &to) != 9)
			continue;
		if (inode == st.st_ino && strcmp(mode, "WRITE") == 0 && from <= 120 && to >= 120 && pid > 0)
			holder = pid;
	}
	fclose(f);
	return holder;
}

static void say_holder(const char *path, char *out, size_t room)
{
	const long pid = lock_holder(path);
	char name[64] = "", proc[64];
	if (pid == 0) {
		snprintf(out, room, "another program");
		return;
	}
	snprintf(proc, sizeof proc, "/proc/%ld/comm", pid);
	FILE *f = fopen(proc, "re");
	if (f) {
		if (!fgets(name, sizeof name, f))
			name[0] = 0;
		name[strcspn(name, "\n")] = 0;
		fclose(f);
	}
	if (*name)
		snprintf(out, room, "process %ld (%s)", pid, name);
	else
		snprintf(out, room, "process %ld", pid);
}

/* ---- errors ---- */

static kula_status status_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE: return KULA_OK;
	case SQLITE_BUSY: case SQLITE_LOCKED: return KULA_EBUSY;
	case SQLITE_NOMEM: return KULA_EMEMORY;
	case SQLITE_CORRUPT: case SQLITE_NOTADB: case SQLITE_CONSTRAINT: case SQLITE_MISMATCH: case SQLITE_SCHEMA: case SQLITE_ERROR:
		return KULA_EFORMAT;
	case SQLITE_TOOBIG: return KULA_ELIMIT;
	case SQLITE_INTERRUPT: return KULA_ECANCELLED;
	default: return KULA_EIO;       /* IOERR, FULL, CANTOPEN, READONLY, PERM, ... */
	}
}

kula_status db_fail(ledger *l, kula_error *err, int code, const char *what)
{
	const kula_status status = status_of(code);
	if (status == KULA_EBUSY) {
		char holder[128];
		say_holder(l->path, holder, sizeof holder);
		return kula_fail(err, status, 0, "%s: the ledger is being written by %s; waited %.1f s", what, holder, l->wait_ms / 1000.0);
	}
	const int extended = sqlite3_extended_errcode(l->db);
	const int number = sqlite3_system_errno(l->db);
	if ((code & 0xff) == SQLITE_FULL)
		return kula_fail(err, status, 0, "%s: the disk is full", what);
	if ((code & 0xff) == SQLITE_READONLY)
		return kula_fail(err, status, 0, "%s: the ledger '%s' can't be written (read-only)", what, l->path);
	if ((code & 0xff) == SQLITE_IOERR)      /* SQLite has often lost the system's word for it by now */
		return kula_fail(err, status, 0, "%s: '%s' can't be %s: %s", what, l->path, extended == SQLITE_IOERR_READ ? "read" : "written",
			number ? strerror(number) : "no room for it, or the disk fails");
	if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
		return kula_fail(err, status, 0, "%s: the ledger '%s' is damaged: %s", what, l->path, sqlite3_errmsg(l->db));
	return kula_fail(err, status, 0, "%s: %s (%d)", what, sqlite3_errmsg(l->db), extended);
}

/* ---- statements ---- */

sqlite3 *ledger_db(ledger *l) { return l->db; }

kula_status db_run(ledger *l, const char *sql, kula_error *err)
{
	const int code = sqlite3_exec(l->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? KULA_OK : db_fail(l, err, code, "writing");
}

sqlite3_stmt *db_query(ledger *l, const char *sql, kula_error *err)
{
	for (uint32_t i = 0; i < l->query_count; i++) {
		if (l->queries[i].sql == sql || strcmp(l->queries[i].sql, sql) == 0) {
			sqlite3_reset(l->queries[i].q);
			sqlite3_clear_bindings(l->queries[i].q);
			return l->queries[i].q;
		}
	}
	sqlite3_stmt *q = NULL;
	const int code = sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q, NULL);
	if (code != SQLITE_OK) {
		db_fail(l, err, code, "asking the ledger");
		return NULL;
	}
	if (l->query_count == COUNT_OF(l->queries)) {   /* the oldest goes: it is the likeliest to be done with */
		sqlite3_finalize(l->queries[0].q);
		memmove(l->queries, l->queries + 1, (COUNT_OF(l->queries) - 1) * sizeof l->queries[0]);
		l->query_count--;
	}
	l->queries[l->query_count++] = (ledger_query){sql, q};
	return q;
}

const char *db_text(sqlite3_stmt *q, int column, arena *a)
{
	const unsigned char *at = sqlite3_column_text(q, column);
	return at ? arena_text(a, at, (size_t)sqlite3_column_bytes(q, column)) : NULL;
}

/* ---- transactions ---- */

kula_status db_begin(ledger *l, kula_error *err)
{
	if (l->read_only)
		return kula_fail(err, KULA_EIO, 0, "the ledger '%s' is open for reading only", l->path);
	if (l->depth++ > 0)
		return KULA_OK;
	l->broken = false;
	const int code = sqlite3_exec(l->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return KULA_OK;
	l->depth = 0;
	return db_fail(l, err, code, "beginning to write");
}

kula_status db_end(ledger *l, bool ok, kula_error *err)
{
	if (!ok)
		l->broken = true;
	if (--l->depth > 0)
		return KULA_OK;
	if (l->broken) {
		/* SQLite may have rolled back by itself (a full disk); then this one has nothing to do and its error says so. */
		if (!sqlite3_get_autocommit(l->db))
			sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
		return KULA_OK;
	}
	const int code = sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return KULA_OK;
	const kula_status status = db_fail(l, err, code, "committing");
	if (!sqlite3_get_autocommit(l->db))
		sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

void db_now(char out[21])
{
	const time_t now = time(NULL);
	struct tm t;
	gmtime_r(&now, &t);
	strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &t);
}

/* ---- open, close ---- */

static kula_status read_number(ledger *l, const char *sql, int64_t *out, kula_error *err)
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(l->db, sql, -1, &q, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(q);
		if (code == SQLITE_ROW) {
			*out = sqlite3_column_int64(q, 0);
			code = SQLITE_OK;
		}
	}
	sqlite3_finalize(q);
	if (code == SQLITE_OK)
		return KULA_OK;
	if (code == SQLITE_NOTADB)
		return kula_fail(err, KULA_EFORMAT, 0, "'%s' is not a ledger: no SQLite file", l->path);
	if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)
		return kula_fail(err, KULA_EIO, 0, "'%s' can't be opened: %s", l->path, sqlite3_errmsg(l->db));
	return db_fail(l, err, code, "opening the ledger");
}

static kula_status make_schema(ledger *l, kula_error *err)
{
	char now[21], sql[400];
	kula_status status = db_begin(l, err);
	if (status != KULA_OK)
		return status;
	int64_t version = 0;
	status = read_number(l, "PRAGMA user_version", &version, err);
	/* Another process may have made it between our look and our lock. */
	if (status == KULA_OK && version == 0) {
		db_now(now);
		snprintf(sql, sizeof sql,
			"INSERT INTO meta VALUES ('created', '%s'), ('created_by', 'kula " KULA_VERSION "');"
			"INSERT INTO log (time, what) VALUES ('%s', 'create');"
			"PRAGMA application_id = %d; PRAGMA user_version = %d;", now, now, LEDGER_APPLICATION_ID, LEDGER_VERSION);
		const char *const parts[] = {ledger_tables, ledger_claim_table, ledger_triggers, join_schema, ledger_views, sql};
		for (size_t i = 0; status == KULA_OK && i < COUNT_OF(parts); i++)
			status = db_run(l, parts[i], err);
	}
	const kula_status end = db_end(l, status == KULA_OK, err);
	return status != KULA_OK ? status : end;
}

/* Triggers and views hold no data, and name tables that an upgrade makes anew: they are set aside for it. */
static kula_status drop_triggers_and_views(ledger *l, kula_error *err)
{
	buf drops = {0};
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(l->db, "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')", -1, &q, NULL);
	while (code == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
		buf_format(&drops, "DROP %s \"%s\";\n", (const char *)sqlite3_column_text(q, 0), (const char *)sqlite3_column_text(q, 1));
	sqlite3_finalize(q);
	kula_status status = code == SQLITE_OK ? KULA_OK : db_fail(l, err, code, "bringing the ledger to a newer version");
	const char *sql = buf_string(&drops);
	if (status == KULA_OK)
		status = drops.refused ? kula_fail(err, KULA_EMEMORY, 0, "no memory") : db_run(l, sql, err);
	buf_free(&drops);
	return status;
}

/* A ledger of an older version becomes one of this version, all in one transaction. What refers to a table that is made anew
 * refers to it by name, so foreign keys sleep meanwhile and are checked at the end. */
static kula_status upgrade(ledger *l, kula_error *err)
{
	int64_t version = 0, faults = 0;
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 1, NULL);
	kula_status status = db_begin(l, err);
	const bool begun = status == KULA_OK;
	if (begun)
		status = read_number(l, "PRAGMA user_version", &version, err);
	if (status == KULA_OK && version == 1) {        /* else another process has just done it */
		char now[21], sql[200];
		db_now(now);
		snprintf(sql, sizeof sql, "INSERT INTO log (time, what) VALUES ('%s', 'upgrade'); PRAGMA user_version = %d;", now, LEDGER_VERSION);
		status = drop_triggers_and_views(l, err);
		for (size_t i = 0; status == KULA_OK && ledger_from_1[i]; i++)
			status = db_run(l, ledger_from_1[i], err);
		const char *const parts[] = {ledger_triggers, join_schema, ledger_views, sql};
		for (size_t i = 0; status == KULA_OK && i < COUNT_OF(parts); i++)
			status = db_run(l, parts[i], err);
		if (status == KULA_OK)
			status = review_derive_all(l, err);
		if (status == KULA_OK)
			status = read_number(l, "SELECT count(*) FROM pragma_foreign_key_check", &faults, err);
		if (status == KULA_OK && faults)
			status = kula_fail(err, KULA_EFORMAT, 0, "'%s' can't be brought to version %d: %lld of its rows refer to rows that are not there",
				l->path, LEDGER_VERSION, (long long)faults);
	}
	if (begun) {
		const kula_status end = db_end(l, status == KULA_OK, err);
		status = status != KULA_OK ? status : end;
	}
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0, NULL);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	return status;
}

static kula_status check_version(ledger *l, bool *empty, bool *old, kula_error *err)
{
	int64_t id = 0, version = 0, tables = 0;
	kula_status status = read_number(l, "PRAGMA application_id", &id, err);
	if (status == KULA_OK)
		status = read_number(l, "PRAGMA user_version", &version, err);
	if (status == KULA_OK)
		status = read_number(l, "SELECT count(*) FROM sqlite_master", &tables, err);
	if (status != KULA_OK)
		return status;
	*empty = id == 0 && version == 0 && tables == 0;
	if (*empty)
		return KULA_OK;
	if (id != LEDGER_APPLICATION_ID)
		return kula_fail(err, KULA_EVERSION, 68, "'%s' is a database of another program (application id %lld), not a ledger", l->path,
			(long long)id);
	if (version > LEDGER_VERSION)
		return kula_fail(err, KULA_EVERSION, 60, "'%s' is a ledger of version %lld, made by a newer kula; this one knows up to %d",
			l->path, (long long)version, LEDGER_VERSION);
	if (version < 1)
		return kula_fail(err, KULA_EFORMAT, 60, "'%s' is a ledger of version %lld, which never was", l->path, (long long)version);
	*old = version < LEDGER_VERSION;
	return KULA_OK;
}

static kula_status open_db(ledger *l, const char *name, int flags, kula_error *err)
{
	const int code = sqlite3_open_v2(name, &l->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		return KULA_OK;
	if (!l->db)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory");
	const int number = sqlite3_system_errno(l->db);
	const kula_status status = kula_fail(err, KULA_EIO, 0, "'%s' can't be opened: %s", l->path,
		number ? strerror(number) : sqlite3_errmsg(l->db));
	sqlite3_close_v2(l->db);
	l->db = NULL;
	return status;
}

static kula_status set_up(ledger *l, ledger_mode mode, kula_error *err)
{
	sqlite3_busy_timeout(l->db, l->wait_ms);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(l->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	bool empty = false, old = false;
	kula_status status = check_version(l, &empty, &old, err);
	if (status != KULA_OK)
		return status;
	if (old && l->read_only)
		return kula_fail(err, KULA_EVERSION, 60, "'%s' is of an older version and can't be brought to version %d where it can't be written",
			l->path, LEDGER_VERSION);
	if (empty && mode != LEDGER_CREATE)
		return kula_fail(err, KULA_EFORMAT, 0, "'%s' is empty: no ledger was made in it", l->path);
	if (l->read_only) {
		/* Questions go over one index after another: what they have read stays in memory for the next statement. */
		sqlite3_exec(l->db, "PRAGMA cache_size = -64000;", NULL, NULL, NULL);
		return KULA_OK;
	}
	if (!l->memory) {
		/* A checkpoint waits for the disk twice: every 16 MB instead of 4, for those who load much. */
		const int code = sqlite3_exec(l->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
			"PRAGMA cache_size = -16000;", NULL, NULL, NULL);
		if (code != SQLITE_OK)
			return db_fail(l, err, code, "opening the ledger");
	}
	return empty ? make_schema(l, err) : old ? upgrade(l, err) : KULA_OK;
}

/* A ledger on a read-only medium: SQLite needs FILE-shm to read a file in WAL mode and can't make it there. Nobody else can
 * write it either, so it may be taken for unchanging, if no log is waiting beside it. */
static bool may_be_immutable(const char *path)
{
	char name[4100];
	struct stat st;
	if (snprintf(name, sizeof name, "%s-wal", path) >= (int)sizeof name)
		return false;
	return stat(name, &st) != 0 || st.st_size == 0;
}

static char *immutable_name(const char *path)
{
	buf b = {0};
	buf_text(&b, "file:");
	for (const char *p = path; *p; p++) {
		const byte c = (byte)*p;
		if (is_alpha(c) || is_digit(c) || c == '/' || c == '.' || c == '-' || c == '_')
			buf_char(&b, *p);
		else
			buf_format(&b, "%%%02X", c);
	}
	buf_text(&b, "?immutable=1");
	buf_string(&b);
	if (b.refused) {
		buf_free(&b);
		return NULL;
	}
	return b.at;
}

static ledger *ledger_new(const char *path)
{
	ledger *l = base_malloc(sizeof *l);
	if (!l)
		return NULL;
	*l = (ledger){.wait_ms = 5000};
	const size_t n = strlen(path) + 1;
	l->path = base_malloc(n);
	if (!l->path) {
		free(l);
		return NULL;
	}
	memcpy(l->path, path, n);
	return l;
}

/* A ledger of an older version that shall only be read is brought up to date first, if it may be written. */
static bool is_old(const char *path)
{
	byte head[100];
	FILE *f = fopen(path, "rbe");
	const bool whole = f && fread(head, 1, sizeof head, f) == sizeof head;
	if (f)
		fclose(f);
	const uint32_t version = whole ? (uint32_t)head[60] << 24 | (uint32_t)head[61] << 16 | (uint32_t)head[62] << 8 | head[63] : 0;
	const uint32_t id = whole ? (uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 | (uint32_t)head[70] << 8 | head[71] : 0;
	return id == LEDGER_APPLICATION_ID && version > 0 && version < LEDGER_VERSION;
}

ledger *ledger_open(const char *path, ledger_mode mode, kula_error *err)
{
	struct stat st;
	const bool there = stat(path, &st) == 0;
	if (!there && errno != ENOENT) {
		kula_fail(err, KULA_EIO, 0, "'%s' can't be opened: %s", path, strerror(errno));
		return NULL;
	}
	if (there && !S_ISREG(st.st_mode)) {
		kula_fail(err, KULA_EIO, 0, "'%s' is not a file", path);
		return NULL;
	}
	if (!there && mode != LEDGER_CREATE) {
		kula_fail(err, KULA_ENOTFOUND, 0, "there is no ledger '%s'", path);
		return NULL;
	}
	ledger *l = ledger_new(path);
	if (!l) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory");
		return NULL;
	}
	if (mode == LEDGER_READ && there && is_old(path)) {
		ledger *upgraded = ledger_open(path, LEDGER_WRITE, NULL);       /* what goes wrong is said when it is read */
		ledger_close(upgraded);
	}
	l->read_only = mode == LEDGER_READ;
	const int flags = mode == LEDGER_READ ? SQLITE_OPEN_READONLY : mode == LEDGER_WRITE ? SQLITE_OPEN_READWRITE
		: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	kula_error first = {0};
	kula_status status = open_db(l, path, flags, &first);
	if (status == KULA_OK && !l->read_only && sqlite3_db_readonly(l->db, "main") == 1)
		status = kula_fail(&first, KULA_EIO, 0, "the ledger '%s' can't be written (read-only)", path);
	if (status == KULA_OK)
		status = set_up(l, mode, &first);
	if (status == KULA_EIO && l->read_only && l->db && may_be_immutable(path)) {
		char *name = immutable_name(path);
		kula_error second = {0};
		sqlite3_close_v2(l->db);
		l->db = NULL;
		if (name && open_db(l, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, &second) == KULA_OK
			&& set_up(l, mode, &second) == KULA_OK)
			status = KULA_OK;
		free(name);
	}
	if (status != KULA_OK) {
		kula_fail(err, first.status, first.byte, "%s", first.text);
		ledger_close(l);
		return NULL;
	}
	return l;
}

ledger *ledger_memory(kula_error *err)
{
	ledger *l = ledger_new(":memory:");
	if (!l) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory");
		return NULL;
	}
	l->memory = true;
	if (open_db(l, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err) != KULA_OK || set_up(l, LEDGER_CREATE, err) != KULA_OK) {
		ledger_close(l);
		return NULL;
	}
	return l;
}

/* A private copy in a temporary file that SQLite makes and removes (in memory as long as it is small): one instant of l. */
ledger *db_copy(ledger *l, kula_error *err)
{
	ledger *copy = ledger_new(l->path);
	if (!copy) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory");
		return NULL;
	}
	copy->memory = true;
	kula_status status = open_db(copy, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
	if (status == KULA_OK) {
		sqlite3_backup *b = sqlite3_backup_init(copy->db, "main", l->db, "main");
		int code = b ? sqlite3_backup_step(b, -1) : sqlite3_errcode(copy->db);
		if (b) {
			const int end = sqlite3_backup_finish(b);
			code = code == SQLITE_DONE ? end : code;
		}
		if (code != SQLITE_OK)
			status = db_fail(copy, err, code, "copying the ledger");
	}
	if (status == KULA_OK)
		status = set_up(copy, LEDGER_WRITE, err);
	if (status == KULA_OK)
		return copy;
	ledger_close(copy);
	return NULL;
}

void ledger_close(ledger *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->query_count; i++)
		sqlite3_finalize(l->queries[i].q);
	sqlite3_close_v2(l->db);
	free(l->path);
	free(l);
}

const char *ledger_path(const ledger *l) { return l->path; }

void ledger_wait(ledger *l, int wait_ms)
{
	l->wait_ms = wait_ms;
	sqlite3_busy_timeout(l->db, wait_ms);
}

void ledger_sync(ledger *l, bool every_commit)
{
	if (!l->memory && !l->read_only)
		sqlite3_exec(l->db, every_commit ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
}
