/* A writer of the ledger is killed (kill -9) at random points while it adds, reads again and forgets documents; another while it
 * adds, joins and reviews. Each time the file opens, SQLite's integrity check and ours hold, and all that was said to be in is in,
 * whole: at most what was in hand is lost. What is joined then equals a join of all anew. KILLS in the environment sets how often
 * (25); `make slow` kills 500 times. */
#include "test.h"
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ledger/db.h"
#include "ledger/join.h"
#include "ledger/ledger.h"

enum { CLAIMS = 40 };

static char text[CLAIMS * 64];
static kula_claim claims[CLAIMS];
static kula_party parties[2 * CLAIMS];
static kula_item items[CLAIMS];
static char words[CLAIMS][6][64];

/* A document with CLAIMS sentences, each a claim. */
static void write_document(uint32_t seed, kula_document *d, char id[32])
{
	size_t at = 0;
	for (uint32_t i = 0; i < CLAIMS; i++) {
		char (*w)[64] = words[i];
		snprintf(w[1], 64, "Russia");
		snprintf(w[2], 64, "%u tanks", seed * 7 + i);
		snprintf(w[3], 64, "China");
		snprintf(w[0], 64, "Russia sent %s to China.", w[2]);
		const size_t n = strlen(w[0]);
		memcpy(text + at, w[0], n);
		const uint32_t from = (uint32_t)at;
		parties[2 * i] = (kula_party){.text = w[1], .code = "RUS", .span = {from, from + 6}};
		parties[2 * i + 1] = (kula_party){.text = w[3], .code = "CHN", .span = {from + (uint32_t)n - 6, from + (uint32_t)n - 1}};
		items[i] = (kula_item){.text = w[2], .what = "tank", .kind = KULA_ARMS, .q = {1, 2, "count", KULA_PER_NONE, false}, .in = -1,
			.span = {from + 12, from + 12 + (uint32_t)strlen(w[2])}};
		claims[i] = (kula_claim){.evidence = w[0], .span = {from, from + (uint32_t)n}, .trigger = "sent", .trigger_span = {from + 7, from + 11},
			.act = KULA_SUPPLY, .status = KULA_DONE, .from = &parties[2 * i], .from_count = 1, .to = &parties[2 * i + 1], .to_count = 1,
			.items = &items[i], .item_count = 1, .date = {KULA_NO_DAY, KULA_NO_DAY}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.5};
		at += n;
		text[at++] = ' ';
	}
	snprintf(id, 32, "doc-%u", seed);
	*d = (kula_document){.id = id, .title = "Tanks", .publisher = "Example Wire", .published = 20000, .text = text, .text_bytes = at};
}

/* What the child says it has done: a document is in, was read again, is out. */
typedef struct word { char what; uint32_t seed; } word;

static _Noreturn void writer(const char *path, uint32_t from, int say)
{
	kula_error err = {0};
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	const int64_t first = l ? ledger_reader(l, "first", "", "", "", &err) : -1;
	const int64_t second = l ? ledger_reader(l, "second", "", "", "", &err) : -1;
	if (first < 0 || second < 0) {
		fprintf(stderr, "writer: %s\n", err.text);
		_exit(3);
	}
	/* What a killed process has handed to the system stays there, so most of them need not wait for the disk. */
	if (from % 4)
		ledger_sync(l, false);
	for (uint32_t seed = from;; seed++) {
		kula_document d;
		char id[32];
		ledger_added out;
		write_document(seed, &d, id);
		if (ledger_add(l, &d, NULL, claims, CLAIMS, first, false, &out, &err) != KULA_OK)
			_exit(4);
		word w = {'a', seed};
		if (write(say, &w, sizeof w) != sizeof w)
			_exit(0);
		if (seed % 3 == 1) {
			if (ledger_add(l, &d, NULL, claims, CLAIMS / 2, second, true, &out, &err) != KULA_OK)
				_exit(5);
			w.what = 'r';
			if (write(say, &w, sizeof w) != sizeof w)
				_exit(0);
		}
		if (seed % 3 == 2) {
			if (ledger_forget(l, out.document, &err) != KULA_OK)
				_exit(6);
			w.what = 'f';
			if (write(say, &w, sizeof w) != sizeof w)
				_exit(0);
		}
	}
}

static int64_t number(ledger *l, const char *sql, const char *id)
{
	sqlite3_stmt *q = NULL;
	int64_t v = -1;
	if (sqlite3_prepare_v2(ledger_db(l), sql, -1, &q, NULL) == SQLITE_OK) {
		sqlite3_bind_text(q, 1, id, -1, SQLITE_STATIC);
		if (sqlite3_step(q) == SQLITE_ROW)
			v = sqlite3_column_int64(q, 0);
	}
	sqlite3_finalize(q);
	return v;
}

static void say_fault(void *arg, const char *fault)
{
	(void)arg;
	fprintf(stderr, "    %s\n", fault);
}

/* The state of a document after the last word on it, where the next step may or may not have been done. */
static void check_document(ledger *l, uint32_t seed, char last, bool in_hand)
{
	char id[32];
	snprintf(id, sizeof id, "doc-%u", seed);
	const int64_t there = number(l, "SELECT count(*) FROM document WHERE doc = ?1", id);
	const int64_t active = number(l, "SELECT g.claims FROM reading g JOIN document d USING (document) WHERE d.doc = ?1 AND g.active", id);
	if (last == 'f')
		CHECK_ROW(there == 0, id);
	else if (last == 'r')
		CHECK_ROW(there == 1 && active == CLAIMS / 2, id);
	else if (!in_hand)
		CHECK_ROW(there == 1 && active == CLAIMS, id);
	else if (seed % 3 == 2)
		CHECK_ROW(there == 0 || active == CLAIMS, id);
	else
		CHECK_ROW(there == 1 && (active == CLAIMS || (seed % 3 == 1 && active == CLAIMS / 2)), id);
}

TEST(killed_at_random)
{
	const char *asked = getenv("KILLS");
	const int kills = asked ? atoi(asked) : 25;
	char path[64], name[80];
	snprintf(path, sizeof path, "/tmp/kula-kill-%d.db", (int)getpid());
	uint32_t next = 0, in = 0;
	srand(7);
	for (int round = 0; round < kills; round++) {
		int ends[2];
		REQUIRE(pipe(ends) == 0);
		const pid_t child = fork();
		REQUIRE(child >= 0);
		if (child == 0) {
			close(ends[0]);
			writer(path, next, ends[1]);
		}
		close(ends[1]);
		/* The first rounds fall into the making of the file; the others after some steps and a part of another. */
		word w, last = {0, next};
		uint32_t said = 0, first = next;
		char *words_of = calloc(100000, 1);
		REQUIRE(words_of);
		for (int steps = round < 10 ? 0 : rand() % 6; steps > 0 && read(ends[0], &w, sizeof w) == sizeof w; steps--) {
			words_of[w.seed - first] = w.what;
			last = w;
			said++;
		}
		nanosleep(&(struct timespec){0, rand() % 20000 * 1000L}, NULL);
		kill(child, SIGKILL);
		int how;
		waitpid(child, &how, 0);
		CHECK(WIFSIGNALED(how));
		while (read(ends[0], &w, sizeof w) == sizeof w) {
			if (w.seed - first < 100000)
				words_of[w.seed - first] = w.what;
			last = w;
			said++;
		}
		close(ends[0]);

		kula_error err = {0};
		ledger *l = ledger_open(path, LEDGER_CREATE, &err);
		if (!l)
			fprintf(stderr, "round %d: %s\n", round, err.text);
		REQUIRE(l);
		CHECK_EQ_INT(ledger_check(l, false, say_fault, NULL, &err), 0);
		for (uint32_t seed = first; said && seed <= last.seed; seed++)
			check_document(l, seed, words_of[seed - first], seed == last.seed);
		in += said;
		free(words_of);
		/* The one in hand: there whole or not at all. */
		char id[32];
		const uint32_t hand = said ? last.seed + 1 : next;
		snprintf(id, sizeof id, "doc-%u", hand);
		const int64_t claims_of = number(l, "SELECT count(*) FROM claim c JOIN document d USING (document) WHERE d.doc = ?1", id);
		CHECK_ROW(claims_of == 0 || claims_of == CLAIMS, id);
		CHECK_EQ_INT(number(l, "SELECT count(*) FROM document WHERE CAST(substr(doc, 5) AS INTEGER) > ?1 + 0", id + 4), 0);
		ledger_close(l);
		next = hand + 1;
	}
	if (kills >= 20)
		CHECK(in > (uint32_t)kills / 2);    /* the kills did fall among documents, not before all of them */
	fprintf(stderr, "%d kills among %u steps\n", kills, in);
	const char *const tails[] = {"", "-wal", "-shm"};
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
}

/* ---- joining and reviewing ---- */

enum { FEW = 5, DOCS_MOST = 40 };

static uint32_t rolled(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % n;
}

/* A document with FEW claims of a few dyads, things and days, so that some of them join. */
static void write_report(uint32_t seed, kula_document *d, char id[32])
{
	static const char *const from[] = {"Russia", "France"}, *const from_codes[] = {"RUS", "FRA"}, *const things[] = {"tanks", "bears", "lorries"};
	static const kula_kind kinds[] = {KULA_ARMS, KULA_ANIMAL, KULA_VEHICLE};
	uint64_t state = seed * 77u + 1;
	size_t at = 0;
	for (uint32_t i = 0; i < FEW; i++) {
		char (*w)[64] = words[i];
		const uint32_t a = rolled(&state, 2), k = rolled(&state, 3), n = 1 + rolled(&state, 3) * 40;
		snprintf(w[1], 64, "%s", from[a]);
		snprintf(w[2], 64, "%u %s", n, things[k]);
		snprintf(w[3], 64, "China");
		snprintf(w[0], 64, "%s sent %s to China.", w[1], w[2]);
		const size_t bytes = strlen(w[0]), m = strlen(w[1]);
		memcpy(text + at, w[0], bytes);
		const uint32_t start = (uint32_t)at, verb = start + (uint32_t)m + 1;
		parties[2 * i] = (kula_party){.text = w[1], .span = {start, start + (uint32_t)m}};
		snprintf(parties[2 * i].code, sizeof parties[2 * i].code, "%s", from_codes[a]);
		parties[2 * i + 1] = (kula_party){.text = w[3], .code = "CHN", .span = {start + (uint32_t)bytes - 6, start + (uint32_t)bytes - 1}};
		items[i] = (kula_item){.text = w[2], .what = things[k], .kind = kinds[k], .q = {n, n, "count", KULA_PER_NONE, false}, .in = -1,
			.span = {verb + 5, verb + 5 + (uint32_t)strlen(w[2])}};
		claims[i] = (kula_claim){.evidence = w[0], .span = {start, start + (uint32_t)bytes}, .trigger = "sent", .trigger_span = {verb, verb + 4},
			.act = KULA_SUPPLY, .status = rolled(&state, 4) ? KULA_DONE : KULA_PROMISED, .from = &parties[2 * i], .from_count = 1,
			.to = &parties[2 * i + 1], .to_count = 1, .items = &items[i], .item_count = 1, .date = {KULA_NO_DAY, KULA_NO_DAY},
			.due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.5};
		at += bytes;
		text[at++] = ' ';
	}
	snprintf(id, 32, "report-%u", seed);
	*d = (kula_document){.id = id, .publisher = "Example Wire", .published = 20000 + (kula_day)rolled(&state, 30), .text = text, .text_bytes = at};
}

/* 'a' and the seed of a document; 'v' and a review's number; 'r' and a ruling's. */
static _Noreturn void reviewer(const char *path, uint32_t from, int say)
{
	kula_error err = {0};
	join_rules *r = join_rules_open(NULL, NULL, &err);
	ledger *l = r ? ledger_open(path, LEDGER_CREATE, &err) : NULL;
	const int64_t reader = l ? ledger_reader(l, "first", "", "", "", &err) : -1;
	if (reader < 0) {
		fprintf(stderr, "reviewer: %s\n", err.text);
		_exit(3);
	}
	if (from % 4)
		ledger_sync(l, false);
	uint64_t state = from + 99;
	for (uint32_t seed = from;; seed++) {
		kula_document d;
		char id[32];
		ledger_added out;
		write_report(seed, &d, id);
		if (ledger_add(l, &d, NULL, claims, FEW, reader, false, &out, &err) != KULA_OK)
			_exit(4);
		word w = {'a', seed};
		if (write(say, &w, sizeof w) != sizeof w)
			_exit(0);
		if (rolled(&state, 2) && ledger_join(l, r, false, NULL, &err) != KULA_OK) {
			fprintf(stderr, "joining: %s\n", err.text);
			_exit(5);
		}
		for (uint32_t i = rolled(&state, 4); i > 0; i--) {
			char name[48];
			int64_t picked[2];
			for (int k = 0; k < 2; k++) {
				snprintf(name, sizeof name, "%lld.%u", (long long)out.document - (k ? rolled(&state, 3) : 0), 1 + rolled(&state, FEW));
				picked[k] = ledger_claim_of(l, name, &err);
			}
			err = (kula_error){0};
			const uint32_t what = rolled(&state, 6);
			int64_t n;
			if (what < 4)
				n = ledger_review(l, picked[0], "ada", what == 0 ? LEDGER_ACCEPT : what == 1 ? LEDGER_REJECT : what == 2 ? LEDGER_CORRECT : LEDGER_UNDO,
					what == 2 ? "status" : NULL, what == 2 ? "\"planned\"" : NULL, "so it is", &err);
			else
				n = ledger_judge(l, picked[0], picked[1], what == 4, "ada", NULL, &err);
			if (n < 0 && err.status != KULA_ENOTFOUND && err.status != KULA_EUSAGE) {
				fprintf(stderr, "reviewing: %s\n", err.text);
				_exit(6);
			}
			w = (word){what < 4 ? 'v' : 'r', (uint32_t)n};
			if (n > 0 && write(say, &w, sizeof w) != sizeof w)
				_exit(0);
			err = (kula_error){0};
		}
	}
}

/* What joining says, a line for each claim and link. */
static char *joined(ledger *l)
{
	buf b = {0};
	sqlite3_stmt *q = NULL;
	CHECK(sqlite3_prepare_v2(ledger_db(l), "SELECT 'x ' || claim || ' ' || exchange FROM exchange_claim UNION ALL SELECT 'e ' || exchange || ' ' || lead"
		" || ' ' || act || ' ' || status || ' ' || claims || ' ' || independent FROM exchange UNION ALL"
		" SELECT 'l ' || from_exchange || type || to_exchange FROM link UNION ALL SELECT 'd ' || exchange || field FROM difference ORDER BY 1",
		-1, &q, NULL) == SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW)
		buf_format(&b, "%s\n", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	buf_string(&b);
	return b.at ? b.at : strdup("");
}

static void remove_ledger(const char *path)
{
	const char *const tails[] = {"", "-wal", "-shm"};
	char name[80];
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		unlink(name);
	}
}

TEST(killed_while_joining_and_reviewing)
{
	const char *asked = getenv("KILLS");
	const int kills = asked ? atoi(asked) : 25;
	char path[64];
	snprintf(path, sizeof path, "/tmp/kula-kill-review-%d.db", (int)getpid());
	kula_error err = {0};
	join_rules *r = join_rules_open(NULL, NULL, &err);
	REQUIRE(r);
	uint32_t next = 0, first_in_file = 0, steps = 0, waited_for = 0;
	srand(11);
	for (int round = 0; round < kills; round++) {
		int ends[2];
		REQUIRE(pipe(ends) == 0);
		const pid_t child = fork();
		REQUIRE(child >= 0);
		if (child == 0) {
			close(ends[0]);
			reviewer(path, next, ends[1]);
		}
		close(ends[1]);
		enum { WORDS = 10000 };
		word *all = calloc(WORDS, sizeof *all), w;
		uint32_t count = 0;
		REQUIRE(all);
		for (int wait = round < 3 ? 0 : rand() % 8; wait > 0 && read(ends[0], &w, sizeof w) == sizeof w; wait--)
			all[count++] = w;
		nanosleep(&(struct timespec){0, rand() % 8000 * 1000L}, NULL);
		kill(child, SIGKILL);
		int how;
		waitpid(child, &how, 0);
		CHECK(WIFSIGNALED(how));
		while (count < WORDS && read(ends[0], &w, sizeof w) == sizeof w)
			all[count++] = w;
		close(ends[0]);

		ledger *l = ledger_open(path, LEDGER_CREATE, &err);
		if (!l)
			fprintf(stderr, "round %d: %s\n", round, err.text);
		REQUIRE(l);
		CHECK_EQ_INT(ledger_check(l, false, say_fault, NULL, &err), 0);
		for (uint32_t i = 0; i < count; i++) {
			char id[32];
			snprintf(id, sizeof id, all[i].what == 'a' ? "report-%u" : "%u", all[i].seed);
			const char *sql = all[i].what == 'a' ? "SELECT count(*) FROM claim c JOIN document d USING (document) WHERE d.doc = ?1 AND as_read IS NULL"
				: all[i].what == 'v' ? "SELECT count(*) FROM review WHERE review = ?1 + 0" : "SELECT count(*) FROM judgement WHERE ruling = ?1 + 0";
			CHECK_ROW(number(l, sql, id) == (all[i].what == 'a' ? FEW : 1), id);
			if (all[i].what == 'a')
				next = all[i].seed + 1;
		}
		/* Half joined or half reviewed: what is joined from here equals a join of all. */
		waited_for += number(l, "SELECT count(*) FROM join_pending", "") > 0;
		CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
		char *grown = joined(l);
		CHECK_EQ_INT(ledger_join(l, r, true, NULL, &err), KULA_OK);
		char *whole = joined(l);
		CHECK(strcmp(grown, whole) == 0);
		CHECK_EQ_INT(ledger_check(l, false, say_fault, NULL, &err), 0);
		CHECK_EQ_STR(err.text, "");
		free(grown);
		free(whole);
		free(all);
		ledger_close(l);
		steps += count;
		next += 1;                      /* the document in hand may be in */
		if (next - first_in_file > DOCS_MOST) {
			remove_ledger(path);
			first_in_file = next;
		}
	}
	CHECK(kills < 20 || (steps > (uint32_t)kills && waited_for > 0));
	fprintf(stderr, "%d kills among %u steps, %u of them before a join\n", kills, steps, waited_for);
	remove_ledger(path);
	join_rules_free(r);
}

TEST_MAIN(TEST_ENTRY(killed_at_random), TEST_ENTRY(killed_while_joining_and_reviewing))
