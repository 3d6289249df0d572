/* What people say of claims takes effect everywhere, and undoing it restores exactly what was: after any sequence of reviews,
 * corrections, merges, splits and their undoing the joins equal a rebuild, and when all is undone the ledger says what it said
 * before anybody spoke. The ledger as it was is the one that was. */
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>
#include "ledger/db.h"
#include "ledger/join.h"
#include "test.h"

enum { DOCS = 14, CLAIMS = 4, ACTS = 40 };

static uint64_t seed;
static uint32_t dice(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static const char *const countries[] = {"Aland", "Boria", "Cadia"};
static const char *const codes[] = {"FIN", "BRA", "CAN"};
static const char *const things[] = {"tankers", "bears"};
static const kula_kind kinds[] = {KULA_SHIP, KULA_ANIMAL};

typedef struct told {
	char       text[2000], id[16], evidence[CLAIMS][300], words[CLAIMS][40];
	kula_claim claims[CLAIMS];
	kula_party from[CLAIMS], to[CLAIMS];
	kula_item  items[CLAIMS];
	kula_document d;
} told;

static void make(told *t, uint32_t number)
{
	*t = (told){0};
	size_t at = 0;
	snprintf(t->id, sizeof t->id, "d%u", number);
	const kula_day published = 19000 + (kula_day)dice(40);
	for (uint32_t i = 0; i < CLAIMS; i++) {
		const uint32_t a = dice(2), b = 1 + a, k = dice(2), n = 1 + dice(3) * 10;
		snprintf(t->words[i], sizeof t->words[i], "%u %s", n, things[k]);
		snprintf(t->evidence[i], sizeof t->evidence[i], "%s sent %s to %s, report %u of wire %u.", countries[a], t->words[i], countries[b], dice(4),
			dice(5));
		const size_t bytes = strlen(t->evidence[i]);
		memcpy(t->text + at, t->evidence[i], bytes);
		const uint32_t from = (uint32_t)at, words = from + (uint32_t)strlen(countries[a]) + 6;
		t->from[i] = (kula_party){.text = countries[a], .span = {from, from + (uint32_t)strlen(countries[a])}};
		snprintf(t->from[i].code, sizeof t->from[i].code, "%s", codes[a]);
		const uint32_t to = words + (uint32_t)strlen(t->words[i]) + 4;
		t->to[i] = (kula_party){.text = countries[b], .span = {to, to + (uint32_t)strlen(countries[b])}};
		snprintf(t->to[i].code, sizeof t->to[i].code, "%s", codes[b]);
		t->items[i] = (kula_item){.text = t->words[i], .what = things[k], .kind = kinds[k], .q = {n, n, "count", KULA_PER_NONE, false}, .in = -1,
			.span = {words, words + (uint32_t)strlen(t->words[i])}};
		t->claims[i] = (kula_claim){.evidence = t->evidence[i], .span = {from, from + (uint32_t)bytes}, .trigger = "sent",
			.trigger_span = {words - 5, words - 1}, .act = KULA_SUPPLY, .status = dice(4) ? KULA_DONE : KULA_PROMISED, .from = &t->from[i],
			.from_count = 1, .to = &t->to[i], .to_count = 1, .items = &t->items[i], .item_count = 1, .confidence = 0.5,
			.date = {published - (kula_day)dice(5), published}, .due = {KULA_NO_DAY, KULA_NO_DAY}};
		at += bytes;
		t->text[at++] = ' ';
	}
	t->d = (kula_document){.id = t->id, .publisher = "Wire", .published = published, .text = t->text, .text_bytes = at};
}

static told docs[DOCS];

static void add(ledger *l, const told *t, const char *reader, bool reread)
{
	kula_error err = {0};
	ledger_added out;
	const int64_t r = ledger_reader(l, reader, "", "", "", &err);
	CHECK_EQ_INT(ledger_add(l, &t->d, NULL, t->claims, CLAIMS, r, reread, &out, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* All that counts, without row numbers of what is derived: claims that stand with their fields, pairs, exchanges, links, differences. */
static char *said(ledger *l)
{
	static const char *const sql[] = {
		"SELECT 'c ' || id || ' ' || act || ' ' || status || ' ' || ifnull(from_codes, '-') || ' ' || ifnull(to_codes, '-') || ' ' || items || ' '"
		" || ifnull(date_first, '-') || ' ' || ifnull(date_last, '-') || ' ' || ifnull(means, '-') || ' ' || ifnull(place_at, '-') || ' '"
		" || ifnull(value_min, '-') || ' ' || evidence || trigger FROM claim_view",
		"SELECT 'i ' || id || ' ' || ordinal || ' ' || ifnull(min, '-') || ' ' || ifnull(max, '-') || ' ' || kind || ' ' || unit FROM item_view",
		"SELECT 'y ' || from_code || ' ' || to_code || ' ' || day || ' ' || id FROM dyad_view",
		"SELECT 'x ' || group_concat(n, ' ') || ' | ' || act || ' ' || status || ' ' || ifnull(day_first, '-') || ' ' || ifnull(day_last, '-')"
		" || ' ' || ind || ' ' || lead FROM (SELECT x.exchange e, c.document || '.' || c.ordinal n, x.act, x.status, x.day_first, x.day_last,"
		" x.independent ind, (SELECT k.document || '.' || k.ordinal FROM claim k WHERE k.claim = x.lead) AS lead"
		" FROM exchange x JOIN exchange_claim m USING (exchange) JOIN claim c ON c.claim = m.claim ORDER BY 1, c.document, c.ordinal) GROUP BY e",
		"SELECT 'l ' || from_id || ' ' || type || ' ' || to_id FROM link_view",
		"SELECT 'd ' || exchange || ' ' || field || ' ' || id || ' ' || other_id FROM difference_view",
	};
	char **line = NULL;
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(sql); i++) {
		sqlite3_stmt *q;
		if (sqlite3_prepare_v2(ledger_db(l), sql[i], -1, &q, NULL) != SQLITE_OK) {
			CHECK_ROW(false, sqlite3_errmsg(ledger_db(l)));
			continue;
		}
		while (sqlite3_step(q) == SQLITE_ROW) {
			const char *text = (const char *)sqlite3_column_text(q, 0);
			line = realloc(line, (n + 1) * sizeof *line);
			line[n++] = strdup(text ? text : "?");
		}
		sqlite3_finalize(q);
	}
	if (n)
		qsort(line, n, sizeof *line, by_text);
	buf b = {0};
	for (size_t i = 0; i < n; i++) {
		buf_format(&b, "%s\n", line[i]);
		free(line[i]);
	}
	free(line);
	buf_string(&b);
	return b.at ? b.at : strdup("");
}

static bool same(const char *what, char *a, char *b)
{
	const bool equal = strcmp(a, b) == 0;
	if (!equal) {
		const char *x = a, *y = b;
		while (*x && *x == *y) { x++; y++; }
		while (x > a && x[-1] != '\n') { x--; y--; }
		fprintf(stderr, "  %s\n  one:   %.*s\n  other: %.*s\n", what, (int)strcspn(x, "\n"), x, (int)strcspn(y, "\n"), y);
	}
	free(b);
	return equal;
}

static int64_t some_claim(ledger *l)
{
	char name[32];
	kula_error err = {0};
	snprintf(name, sizeof name, "d%u.%u", dice(DOCS), 1 + dice(CLAIMS));
	return ledger_claim_of(l, name, &err);
}

/* One thing that a person may say; what can't be said is refused and changes nothing. */
static void say_something(ledger *l, arena *a)
{
	static const char *const typed[][2] = {{"status", "denied"}, {"status", "done"}, {"act", "give"}, {"act", "lend"}, {"date", "2022-01"},
		{"date", "none"}, {"from.1.code", "CAN"}, {"to", "none"}, {"items.1.number", "5..9"}, {"items.1.number", "?"}, {"items.1.kind", "arms"},
		{"items", "none"}, {"means", "barge"}, {"place.at", "the port"}, {"value", "2,000..3,000 USD a month"}, {"from.2", "Aland=FIN"},
		{"act", "steal"}, {"date", "2022-02-30"}, {"items.7.min", "3"}, {"trigger", "sold"}, {"said_by", "Boria=BRA sent"}, {"due", "2023"}};
	kula_error err = {0};
	const int64_t claim = some_claim(l), other = some_claim(l);
	const char *field, *value;
	switch (dice(8)) {
	case 0: ledger_review(l, claim, "ada", LEDGER_ACCEPT, NULL, NULL, NULL, &err); break;
	case 1: ledger_review(l, claim, "ada", LEDGER_REJECT, NULL, NULL, NULL, &err); break;
	case 2: ledger_merge(l, (int64_t[]){claim, other, some_claim(l)}, 3, "bob", NULL, &err); break;
	case 3: ledger_split(l, &claim, 1, (int64_t[]){other, some_claim(l)}, 2, "bob", NULL, &err); break;
	case 4: ledger_review(l, claim, "cyd", LEDGER_UNDO, NULL, NULL, NULL, &err); break;
	default: {
		const uint32_t k = dice(COUNT_OF(typed));
		if (ledger_correction(l, a, claim, typed[k][0], typed[k][1], NULL, NULL, &field, &value, &err) == KULA_OK)
			ledger_review(l, claim, "ada", LEDGER_CORRECT, field, value, "so it is", &err);
		break;
	}
	}
	CHECK_ROW(err.status == KULA_OK || err.status == KULA_EUSAGE || err.status == KULA_ENOTFOUND, err.text);
}

static void fault(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "    %s\n", text);
}

static ledger *made(join_rules *r)
{
	kula_error err = {0};
	ledger *l = ledger_memory(&err);
	for (uint32_t i = 0; l && i < DOCS; i++) {
		make(&docs[i], i);
		add(l, &docs[i], "maker", false);
	}
	if (l)
		CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
	return l;
}

/* Undoes the last thing that anybody said, of claims and of exchanges, until nothing stands. */
static void undo_all(ledger *l)
{
	static const char *const people[] = {"ada", "bob", "cyd"};
	for (size_t p = 0; p < COUNT_OF(people);) {
		int64_t claim, ruling;
		kula_error err = {0};
		const kula_status status = ledger_last_said(l, people[p], &claim, &ruling, &err);
		if (status != KULA_OK) {
			CHECK_EQ_INT(status, KULA_ENOTFOUND);
			p++;
			continue;
		}
		if (ruling)
			CHECK(ledger_unjudge(l, ruling, "cyd", NULL, &err) > 0);
		else
			CHECK(ledger_review(l, claim, "cyd", LEDGER_UNDO, NULL, NULL, NULL, &err) > 0);
		CHECK_EQ_STR(err.text, "");
		if (err.status != KULA_OK)
			return;
	}
}

TEST(any_words_and_their_undoing)
{
	kula_error err = {0};
	join_rules *r = join_rules_open(NULL, NULL, &err);
	arena *a = arena_new((size_t)64 << 20);
	REQUIRE(r && a);
	for (uint64_t round = 0; round < 8; round++) {
		seed = 1000 + round;
		ledger *l = made(r);
		REQUIRE(l);
		char *before = said(l);
		CHECK(strlen(before) > 1000);
		for (uint32_t i = 0; i < ACTS; i++) {
			arena_clear(a);
			say_something(l, a);
			if (dice(3))
				continue;
			CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
			if (dice(4) == 0) {
				char *grown = said(l);
				CHECK_EQ_INT(ledger_check(l, false, fault, NULL, &err), 0);
				CHECK_EQ_INT(ledger_join(l, r, true, NULL, &err), KULA_OK);
				CHECK(same("a rebuild", grown, said(l)));
				free(grown);
			}
		}
		CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
		char *reviewed = said(l);
		CHECK(strcmp(before, reviewed) != 0);
		CHECK_EQ_INT(ledger_check(l, false, fault, NULL, &err), 0);

		/* as the machine read it, and as reviewed but in a copy: nobody's word, and everybody's */
		ledger *then = ledger_as_of(l, r, NULL, true, &err);
		REQUIRE(then);
		CHECK(same("as read", before, said(then)));
		CHECK_EQ_INT(ledger_check(then, false, fault, NULL, &err), 0);
		ledger_close(then);
		then = ledger_as_of(l, r, NULL, false, &err);
		REQUIRE(then);
		CHECK(same("as it is", reviewed, said(then)));
		ledger_close(then);
		CHECK(same("the ledger itself", reviewed, said(l)));

		/* what carries over to another reading that says the same is the same */
		for (uint32_t i = 0; i < DOCS; i++)
			add(l, &docs[i], "newer", true);
		CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
		CHECK_EQ_INT(ledger_check(l, false, fault, NULL, &err), 0);
		char *again = said(l);
		CHECK_EQ_INT(ledger_join(l, r, true, NULL, &err), KULA_OK);
		CHECK(same("read again", again, said(l)));
		free(again);
		then = ledger_as_of(l, r, NULL, true, &err);
		REQUIRE(then);
		sqlite3_stmt *q;
		REQUIRE(sqlite3_prepare_v2(ledger_db(then), "SELECT count(*) FROM claim WHERE stands", -1, &q, NULL) == SQLITE_OK);
		CHECK_EQ_INT(sqlite3_step(q), SQLITE_ROW);
		CHECK_EQ_INT(sqlite3_column_int(q, 0), DOCS * CLAIMS);
		sqlite3_finalize(q);
		ledger_close(then);
		free(reviewed);
		ledger_close(l);

		/* the same words again, and all undone */
		seed = 1000 + round;
		l = made(r);
		REQUIRE(l);
		for (uint32_t i = 0; i < ACTS; i++) {
			arena_clear(a);
			say_something(l, a);
			if (dice(3) == 0)
				CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
		}
		undo_all(l);
		CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
		CHECK(same("all undone", before, said(l)));
		CHECK_EQ_INT(ledger_check(l, false, fault, NULL, &err), 0);
		free(before);
		ledger_close(l);
	}
	CHECK_EQ_STR(err.text, "");
	arena_free(a);
	join_rules_free(r);
}

/* Times are whole seconds, so this one sleeps: the ledger at each second is the one that was. */
TEST(as_it_was)
{
	kula_error err = {0};
	join_rules *r = join_rules_open(NULL, NULL, &err);
	arena *a = arena_new((size_t)64 << 20);
	REQUIRE(r && a);
	seed = 77;
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	enum { STEPS = 4 };
	char when[STEPS][21], *was[STEPS];
	for (uint32_t step = 0; step < STEPS; step++) {
		for (uint32_t i = step * 3; i < step * 3 + 3; i++) {
			make(&docs[i], i);
			add(l, &docs[i], "maker", false);
		}
		if (step == 2)
			for (uint32_t i = 0; i < 4; i++) {
				docs[i].claims[0].status = KULA_PLANNED;        /* another reader reads it so */
				add(l, &docs[i], "newer", true);
			}
		for (uint32_t i = 0; i < step * 4; i++) {
			arena_clear(a);
			say_something(l, a);
		}
		CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
		was[step] = said(l);
		CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
		CHECK(same("joined twice", was[step], said(l)));
		CHECK_EQ_INT(ledger_join(l, r, true, NULL, &err), KULA_OK);
		CHECK(same("a rebuild", was[step], said(l)));
		db_now(when[step]);
		usleep(1100 * 1000);
	}
	for (uint32_t step = 0; step < STEPS; step++) {
		ledger *then = ledger_as_of(l, r, when[step], false, &err);
		CHECK_EQ_STR(err.text, "");
		REQUIRE(then);
		CHECK(same(when[step], was[step], said(then)));
		CHECK_EQ_INT(ledger_check(then, false, fault, NULL, &err), 0);
		ledger_close(then);
	}
	ledger *none = ledger_as_of(l, r, "2001-01-01T00:00:00Z", false, &err);
	REQUIRE(none);
	CHECK(same("before all", (char[]){""}, said(none)));
	ledger_close(none);
	for (uint32_t step = 0; step < STEPS; step++)
		free(was[step]);
	arena_free(a);
	ledger_close(l);
	join_rules_free(r);
}

TEST_MAIN(TEST_ENTRY(any_words_and_their_undoing), TEST_ENTRY(as_it_was))
