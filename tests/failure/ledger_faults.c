/* The ledger in trouble: a full disk, a read-only file and folder, another writer, a damaged file, no memory. Each a clear error, and
 * what was in stays in. */
#include "test.h"
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ledger/db.h"
#include "ledger/join.h"
#include "ledger/ledger.h"

static char folder[64], path[80];

static void begin(void)
{
	snprintf(folder, sizeof folder, "/tmp/kula-faults-%d", (int)getpid());
	snprintf(path, sizeof path, "%s/kula.db", folder);
	mkdir(folder, 0777);
	chmod(folder, 0777);
}

static void end(void)
{
	const char *const tails[] = {"", "-wal", "-shm"};
	char name[100];
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
	chmod(folder, 0777);
	rmdir(folder);
}

#define TEXT "Russia gave North Korea two bears. "

/* A document of `sentences` sentences, all alike, each a claim. */
static kula_status add(ledger *l, const char *id, uint32_t sentences, ledger_added *out, kula_error *err)
{
	const size_t n = strlen(TEXT);
	char *text = malloc(n * sentences + 1);
	kula_claim *claims = calloc(sentences, sizeof *claims);
	kula_party *p = calloc(sentences * 2, sizeof *p);
	for (uint32_t i = 0; i < sentences; i++) {
		const uint32_t at = (uint32_t)(n * i);
		memcpy(text + at, TEXT, n);
		p[2 * i] = (kula_party){.text = "Russia", .code = "RUS", .span = {at, at + 6}};
		p[2 * i + 1] = (kula_party){.text = "North Korea", .code = "PRK", .span = {at + 12, at + 23}};
		claims[i] = (kula_claim){.evidence = "Russia gave North Korea two bears.", .span = {at, at + (uint32_t)n - 1}, .trigger = "gave",
			.trigger_span = {at + 7, at + 11}, .act = KULA_GIVE, .status = KULA_DONE, .from = &p[2 * i], .from_count = 1, .to = &p[2 * i + 1],
			.to_count = 1, .date = {KULA_NO_DAY, KULA_NO_DAY}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.5};
	}
	const kula_document d = {.id = id, .title = "Bears", .published = 20000, .text = text, .text_bytes = n * sentences};
	const int64_t reader = ledger_reader(l, "kula", "1", "", "", err);
	const kula_status status = reader < 0 ? err->status : ledger_add(l, &d, NULL, claims, sentences, reader, false, out, err);
	free(text);
	free(claims);
	free(p);
	return status;
}

static int64_t documents(ledger *l)
{
	ledger_stats s;
	kula_error err = {0};
	return ledger_stat(l, &s, &err) == KULA_OK ? s.documents : -1;
}

static void say(void *arg, const char *fault)
{
	(void)arg;
	fprintf(stderr, "    %s\n", fault);
}

static bool whole(int64_t count)
{
	kula_error err = {0};
	ledger *l = ledger_open(path, LEDGER_WRITE, &err);
	if (!l) {
		fprintf(stderr, "    %s\n", err.text);
		return false;
	}
	const bool ok = documents(l) == count && ledger_check(l, false, say, NULL, &err) == 0;
	ledger_close(l);
	return ok;
}

/* Runs part of a test in a process of its own, whose limits and user go with it. */
static int apart(int (*run)(void))
{
	const pid_t child = fork();
	if (child == 0)
		_exit(run());
	int how = 0;
	waitpid(child, &how, 0);
	return WIFEXITED(how) ? WEXITSTATUS(how) : 100 + WTERMSIG(how);
}

/* ---- a full disk ---- */

static int on_a_small_disk(void)
{
	kula_error err = {0};
	ledger_added out;
	signal(SIGXFSZ, SIG_IGN);       /* as a program would that wants the error instead */
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	if (!l || add(l, "one", 10, &out, &err) != KULA_OK)
		return 1;
	struct rlimit r = {800 << 10, 800 << 10};
	setrlimit(RLIMIT_FSIZE, &r);
	if (add(l, "big", 5000, &out, &err) != KULA_EIO)
		return 2;
	if (!strstr(err.text, "too large") && !strstr(err.text, "full") && !strstr(err.text, "no room"))
		return fprintf(stderr, "    %s\n", err.text), 3;
	err = (kula_error){0};
	if (add(l, "two", 2, &out, &err) != KULA_OK)    /* a small one still fits, in the same session */
		return fprintf(stderr, "    %s\n", err.text), 4;
	if (documents(l) != 2)
		return 5;
	ledger_close(l);
	return 0;
}

TEST(full_disk)
{
	begin();
	CHECK_EQ_INT(apart(on_a_small_disk), 0);
	CHECK(whole(2));
	kula_error err = {0};
	ledger_added out;
	ledger *l = ledger_open(path, LEDGER_WRITE, &err);
	REQUIRE(l);
	sqlite3_exec(ledger_db(l), "PRAGMA max_page_count = 150", NULL, NULL, NULL);
	CHECK_EQ_INT(add(l, "big", 5000, &out, &err), KULA_EIO);
	CHECK(strstr(err.text, "the disk is full") != NULL);
	sqlite3_exec(ledger_db(l), "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
	err = (kula_error){0};
	CHECK_EQ_INT(add(l, "big", 5000, &out, &err), KULA_OK);
	ledger_close(l);
	CHECK(whole(3));
	end();
}

static int64_t count(ledger *l, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int64_t v = -1;
	if (sqlite3_prepare_v2(ledger_db(l), sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
		v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return v;
}

/* Joining and reviewing on a disk that fills: what was in stays in, and goes on when there is room. */
TEST(full_disk_while_joining_and_reviewing)
{
	begin();
	kula_error err = {0};
	ledger_added out;
	join_rules *r = join_rules_open(NULL, NULL, &err);
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	REQUIRE(l && r);
	for (int i = 0; i < 12; i++) {
		char id[16];
		snprintf(id, sizeof id, "doc-%d", i);
		CHECK_EQ_INT(add(l, id, 3, &out, &err), KULA_OK);
	}
	char sql[64];
	const int64_t pages = count(l, "PRAGMA page_count");
	for (int64_t room = 0; room < 40; room += 13) {
		snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)(pages + room));
		sqlite3_exec(ledger_db(l), sql, NULL, NULL, NULL);
		err = (kula_error){0};
		const kula_status status = ledger_join(l, r, false, NULL, &err);
		if (status != KULA_OK) {
			CHECK_EQ_INT(status, KULA_EIO);
			CHECK_ROW(strstr(err.text, "the disk is full") != NULL, err.text);
		} else {
			CHECK(room > 0);
		}
		CHECK_EQ_INT(documents(l), 12);
	}
	sqlite3_exec(ledger_db(l), "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
	err = (kula_error){0};
	CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
	CHECK_EQ_INT(count(l, "SELECT count(*) FROM exchange_claim"), 36);
	/* reviews until there is no room */
	snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)count(l, "PRAGMA page_count") + 1);
	sqlite3_exec(ledger_db(l), sql, NULL, NULL, NULL);
	uint32_t said = 0;
	char note[2000];
	memset(note, 'x', sizeof note - 1);
	note[sizeof note - 1] = 0;
	while (said < 200 && ledger_review(l, 1 + said % 36, "ada", LEDGER_CORRECT, "status", said % 2 ? "\"planned\"" : "\"done\"", note, &err) > 0)
		said++;
	CHECK(said < 200);
	CHECK_EQ_INT(err.status, KULA_EIO);
	CHECK_ROW(strstr(err.text, "the disk is full") != NULL, err.text);
	CHECK_EQ_INT(count(l, "SELECT count(*) FROM review"), said);
	ledger_close(l);
	join_rules_free(r);
	CHECK(whole(12));
	end();
}

/* ---- read-only ---- */

static int as_nobody(void)
{
	if (geteuid() == 0 && setuid(65534) != 0)
		return 0;                       /* can't be tried here */
	kula_error err = {0};
	ledger_added out;
	if (ledger_open(path, LEDGER_WRITE, &err))
		return 1;
	if (err.status != KULA_EIO || !strstr(err.text, "read-only"))
		return fprintf(stderr, "    %s\n", err.text), 2;
	err = (kula_error){0};
	ledger *l = ledger_open(path, LEDGER_READ, &err);
	if (!l)
		return fprintf(stderr, "    %s\n", err.text), 3;
	if (documents(l) != 1 || add(l, "two", 2, &out, &err) != KULA_EIO)
		return 4;
	ledger_close(l);
	return 0;
}

static int where_nothing_can_be_made(void)
{
	if (geteuid() == 0 && setuid(65534) != 0)
		return 0;
	kula_error err = {0};
	char name[100];
	snprintf(name, sizeof name, "%s/other.db", folder);
	return !ledger_open(name, LEDGER_CREATE, &err) && err.status == KULA_EIO ? 0 : 1;
}

TEST(read_only)
{
	begin();
	kula_error err = {0};
	ledger_added out;
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	REQUIRE(l);
	CHECK_EQ_INT(add(l, "one", 10, &out, &err), KULA_OK);
	ledger_close(l);
	chmod(path, 0444);
	chmod(folder, 0555);
	CHECK_EQ_INT(apart(as_nobody), 0);
	CHECK_EQ_INT(apart(where_nothing_can_be_made), 0);
	chmod(folder, 0777);
	chmod(path, 0644);
	CHECK(whole(1));
	end();
}

/* ---- two writers ---- */

TEST(two_writers)
{
	begin();
	kula_error err = {0};
	ledger_added out;
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	REQUIRE(l);
	CHECK_EQ_INT(add(l, "one", 10, &out, &err), KULA_OK);
	int ready[2], go[2];
	REQUIRE(pipe(ready) == 0 && pipe(go) == 0);
	const pid_t child = fork();
	if (child == 0) {
		kula_error e = {0};
		char c = 0;
		ledger *other = ledger_open(path, LEDGER_WRITE, &e);
		if (!other || db_begin(other, &e) != KULA_OK || write(ready[1], "x", 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		if (add(other, "theirs", 5, &out, &e) != KULA_OK || db_end(other, true, &e) != KULA_OK)
			_exit(2);
		ledger_close(other);
		_exit(0);
	}
	char c;
	REQUIRE(read(ready[0], &c, 1) == 1);
	ledger_wait(l, 100);
	CHECK_EQ_INT(add(l, "mine", 5, &out, &err), KULA_EBUSY);
	char pid[32];
	snprintf(pid, sizeof pid, "process %d ", (int)child);
	CHECK_ROW(strstr(err.text, pid) != NULL, err.text);
	err = (kula_error){0};
	CHECK_EQ_INT(ledger_review(l, 1, "ada", LEDGER_ACCEPT, NULL, NULL, NULL, &err), -1);
	CHECK_EQ_INT(err.status, KULA_EBUSY);
	CHECK_ROW(strstr(err.text, pid) != NULL, err.text);
	char copy[100];
	snprintf(copy, sizeof copy, "%s/copy.db", folder);
	err = (kula_error){0};
	CHECK_EQ_INT(ledger_backup(l, copy, &err), KULA_OK);    /* while the other writes: what is committed */
	ledger *copied = ledger_open(copy, LEDGER_READ, &err);
	CHECK(copied && documents(copied) == 1);
	ledger_close(copied);
	unlink(copy);
	CHECK_EQ_INT(documents(l), 1);                   /* reading goes on meanwhile */
	REQUIRE(write(go[1], "x", 1) == 1);
	ledger_wait(l, 5000);                            /* now it waits for its turn */
	err = (kula_error){0};
	CHECK_EQ_INT(add(l, "mine", 5, &out, &err), KULA_OK);
	int how;
	waitpid(child, &how, 0);
	CHECK(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	ledger_close(l);
	CHECK(whole(3));
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
	end();
}

/* ---- a damaged file ---- */

static bool see_nothing(void *arg, const ledger_hit *h) { (void)arg; (void)h; return true; }
static bool see_none(void *arg, const ledger_document *d) { (void)arg; (void)d; return true; }
static bool see_no_log(void *arg, const ledger_log_entry *e) { (void)arg; (void)e; return true; }
static void hush(void *arg, const char *fault) { (void)fault; ++*(int *)arg; }

TEST(damaged_file)
{
	begin();
	kula_error err = {0};
	ledger_added out;
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	REQUIRE(l);
	for (int i = 0; i < 20; i++) {
		char id[16];
		snprintf(id, sizeof id, "doc-%d", i);
		CHECK_EQ_INT(add(l, id, 20, &out, &err), KULA_OK);
	}
	ledger_close(l);
	FILE *f = fopen(path, "rb");
	REQUIRE(f);
	fseek(f, 0, SEEK_END);
	const long n = ftell(f);
	rewind(f);
	byte *good = malloc((size_t)n), *bad = malloc((size_t)n);
	REQUIRE(good && bad && fread(good, 1, (size_t)n, f) == (size_t)n);
	fclose(f);
	srand(11);
	uint32_t refused = 0, found = 0;
	for (int round = 0; round < 120; round++) {
		memcpy(bad, good, (size_t)n);
		long size = n;
		if (round % 8 == 7) {
			size = rand() % n;              /* cut off */
		} else {
			for (int i = 0; i < 1 << (round % 8); i++)
				bad[rand() % (round % 2 ? n : MIN_OF(n, 8192))] = (byte)rand();
		}
		f = fopen(path, "wb");
		REQUIRE(f && fwrite(bad, 1, (size_t)size, f) == (size_t)size);
		fclose(f);
		err = (kula_error){0};
		l = ledger_open(path, LEDGER_WRITE, &err);
		if (!l) {
			CHECK(err.text[0] != 0);
			refused++;
			continue;
		}
		int faults = 0;
		err = (kula_error){0};
		if (ledger_check(l, false, hush, &faults, &err) != 0)
			found++;
		err = (kula_error){0};
		arena *a = arena_new(1 << 22);
		const ledger_filter all = ledger_filter_all();
		ledger_walk *w = ledger_claims(l, &all, &err);
		ledger_claim k;
		while (w && ledger_next(w, a, &k, &err) == KULA_OK)
			arena_clear(a);
		ledger_walk_free(w);
		ledger_documents(l, true, see_none, NULL, &err);
		ledger_log(l, see_no_log, NULL, &err);
		ledger_search(l, "bears", 5, see_nothing, NULL, &err);
		err = (kula_error){0};
		add(l, "another", 3, &out, &err);
		ledger_forget(l, 3, &err);
		arena_free(a);
		ledger_close(l);
		char name[100];
		snprintf(name, sizeof name, "%s-wal", path);
		unlink(name);
		snprintf(name, sizeof name, "%s-shm", path);
		unlink(name);
	}
	CHECK(refused > 0);
	CHECK(found > 12);
	free(good);
	free(bad);
	end();
}

/* ---- no memory ---- */

TEST(no_memory)
{
	/* The first allocation fails, then the second, and so on until all succeed. */
	bool done = false;
	for (uint64_t n = 1; n < 500 && !done; n++) {
		kula_error err = {0};
		ledger_added out;
		base_fail_allocation(n);
		ledger *l = ledger_memory(&err);
		if (l) {
			add(l, "one", 3, &out, &err);
			arena *a = arena_new(1 << 20);
			const ledger_filter all = ledger_filter_all();
			ledger_walk *w = a ? ledger_claims(l, &all, &err) : NULL;
			ledger_claim k;
			uint32_t count = 0;
			while (w && ledger_next(w, a, &k, &err) == KULA_OK)
				count++;
			ledger_walk_free(w);
			if (a && err.status == KULA_OK)
				ledger_search(l, "bears", 5, see_nothing, NULL, &err);
			done = a && err.status == KULA_OK && count == 3;
			arena_free(a);
		}
		base_fail_allocation(0);
		if (!done)
			CHECK_ROW(!l || err.status == KULA_EMEMORY || err.status == KULA_OK, err.text);
		ledger_close(l);
	}
	CHECK(done);
}

TEST_MAIN(TEST_ENTRY(full_disk), TEST_ENTRY(full_disk_while_joining_and_reviewing), TEST_ENTRY(read_only), TEST_ENTRY(two_writers), TEST_ENTRY(damaged_file), TEST_ENTRY(no_memory))
