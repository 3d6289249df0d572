/* The ledger: what goes in comes out; twice is once; nothing read ever changes; other files are refused. */
#include "test.h"
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ledger/db.h"
#include "ledger/join.h"
#include "ledger/ledger.h"
#include "source/source.h"

#define TEXT "Russia gave North Korea more than 70 animals, including two brown bears, officials in Moscow said.\n" \
	"China bought 400 tonnes of \xC3\xA9toile wheat from Russia."

static kula_span span_of(const char *text, const char *words)
{
	const char *at = strstr(text, words);
	return at ? (kula_span){(uint32_t)(at - text), (uint32_t)(at - text + (long)strlen(words))} : (kula_span){0, 0};
}

static kula_party party(const char *words, const char *code, const char *verb)
{
	kula_party p = {.text = words, .span = span_of(TEXT, words), .verb = verb};
	snprintf(p.code, sizeof p.code, "%s", code);
	return p;
}

/* A document with two claims that use every kind of field. */
typedef struct sample {
	kula_document d;
	kula_claim    c[2];
	kula_party    from[2], to[2], said[1];
	kula_item     items[3];
} sample;

static void fill(sample *s, const char *id)
{
	*s = (sample){.d = {.id = id, .title = "Animals for Pyongyang", .publisher = "Example Wire", .text = TEXT, .text_bytes = strlen(TEXT)}};
	s->d.published = kula_day_parse("2024-11-21", 10);
	s->from[0] = party("Russia", "RUS", NULL);
	s->to[0] = party("North Korea", "PRK", NULL);
	s->said[0] = party("officials in Moscow", "RUS", "said");
	s->said[0].verb_span = span_of(TEXT, "said");
	s->items[0] = (kula_item){.text = "more than 70 animals", .what = "animal", .kind = KULA_ANIMAL, .q = {70, NAN, "count", KULA_PER_NONE, true},
		.in = -1, .span = span_of(TEXT, "more than 70 animals")};
	s->items[1] = (kula_item){.text = "two brown bears", .what = "brown bear", .kind = KULA_ANIMAL, .q = {2, 2, "count", KULA_PER_NONE, false},
		.in = 0, .span = span_of(TEXT, "two brown bears")};
	s->c[0] = (kula_claim){.evidence = "Russia gave North Korea more than 70 animals, including two brown bears, officials in Moscow said.",
		.trigger = "gave", .act = KULA_GIVE, .status = KULA_DONE, .from = s->from, .from_count = 1, .to = s->to, .to_count = 1, .items = s->items,
		.item_count = 2, .said_by = s->said, .said_by_count = 1, .date = {19800, 19801}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.75,
		.place_to = "Pyongyang", .means = "plane", .agreement = "treaty", .condition = "if asked", .id = "c-one", .has_value = true,
		.value = {1000, 2000, "USD", KULA_PER_YEAR, true}};
	s->c[0].span = span_of(TEXT, s->c[0].evidence);
	s->c[0].trigger_span = span_of(TEXT, "gave");
	s->from[1] = party("Russia", "RUS", NULL);
	s->to[1] = party("China", "CHN", NULL);
	s->items[2] = (kula_item){.text = "400 tonnes of \xC3\xA9toile wheat", .what = "wheat", .kind = KULA_FOOD, .q = {400, 400, "tonne", KULA_PER_MONTH, false},
		.in = -1, .span = span_of(TEXT, "400 tonnes of \xC3\xA9toile wheat")};
	s->c[1] = (kula_claim){.evidence = "China bought 400 tonnes of \xC3\xA9toile wheat from Russia.", .trigger = "bought", .act = KULA_SELL, .status = KULA_PROMISED,
		.from = &s->from[1], .from_count = 1, .to = &s->to[1], .to_count = 1, .items = &s->items[2], .item_count = 1,
		.date = {KULA_NO_DAY, KULA_NO_DAY}, .due = {20000, 20030}, .confidence = NAN};
	s->c[1].span = span_of(TEXT, s->c[1].evidence);
	s->c[1].trigger_span = span_of(TEXT, "bought");
}

static ledger_added add(ledger *l, const sample *s, uint32_t count, const char *reader, bool reread)
{
	kula_error err = {0};
	ledger_added out = {0};
	const int64_t r = ledger_reader(l, reader, "1", "abc", "def", &err);
	CHECK(r > 0);
	CHECK_EQ_INT(ledger_add(l, &s->d, "2024-11-21T10:00:00Z", s->c, count, r, reread, &out, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
	return out;
}

static int64_t number(ledger *l, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int64_t v = -999;
	if (sqlite3_prepare_v2(ledger_db(l), sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
		v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return v;
}

static bool refused(ledger *l, const char *sql)
{
	return sqlite3_exec(ledger_db(l), sql, NULL, NULL, NULL) != SQLITE_OK;
}

static void say(void *arg, const char *fault)
{
	(void)arg;
	fprintf(stderr, "    %s\n", fault);
}

static const char *temporary(void)
{
	static char path[64];
	snprintf(path, sizeof path, "/tmp/kula-ledger-test-%d.db", (int)getpid());
	char more[80];
	const char *const ends[] = {"", "-wal", "-shm"};
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		snprintf(more, sizeof more, "%s%s", path, ends[i]);
		unlink(more);
	}
	return path;
}

/* ---- in and out ---- */

static void check_quantity(const kula_quantity *a, const kula_quantity *b)
{
	CHECK_NEAR(a->min, b->min, 0);
	CHECK_NEAR(a->max, b->max, 0);
	CHECK_EQ_STR(a->unit, b->unit);
	CHECK_EQ_INT(a->per, b->per);
	CHECK_EQ_INT(a->approx, b->approx);
}

static void check_span(kula_span a, kula_span b)
{
	CHECK_EQ_INT(a.from, b.from);
	CHECK_EQ_INT(a.to, b.to);
}

static void check_parties(const kula_party *a, uint32_t na, const kula_party *b, uint32_t nb)
{
	CHECK_EQ_INT(na, nb);
	for (uint32_t i = 0; i < na && i < nb; i++) {
		CHECK_EQ_STR(a[i].text, b[i].text);
		CHECK_EQ_STR(a[i].code, b[i].code);
		CHECK_EQ_STR(a[i].verb, b[i].verb);
		check_span(a[i].span, b[i].span);
		check_span(a[i].verb_span, b[i].verb_span);
	}
}

TEST(everything_comes_back)
{
	kula_error err = {0};
	sample s;
	fill(&s, "report-1");
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	const ledger_added a1 = add(l, &s, 2, "kula", false);
	CHECK_EQ_INT(a1.outcome, LEDGER_ADDED);
	CHECK_EQ_INT(a1.claims, 2);
	arena *a = arena_new(1 << 20);
	for (uint32_t i = 0; i < 2; i++) {
		char name[32];
		snprintf(name, sizeof name, "%lld.%u", (long long)a1.document, i + 1);
		const int64_t id = ledger_claim_of(l, name, &err);
		REQUIRE(id > 0);
		ledger_claim k;
		CHECK_EQ_INT(ledger_claim_load(l, a, id, &k, &err), KULA_OK);
		const kula_claim *x = &k.c, *y = &s.c[i];
		CHECK_EQ_STR(k.number, name);
		CHECK_EQ_STR(k.doc, "report-1");
		CHECK_EQ_STR(k.publisher, "Example Wire");
		CHECK_EQ_STR(k.reader, "kula");
		CHECK_EQ_INT(k.published, s.d.published);
		CHECK(k.active);
		CHECK_EQ_STR(x->evidence, y->evidence);
		CHECK_EQ_STR(x->trigger, y->trigger);
		CHECK_EQ_INT(x->act, y->act);
		CHECK_EQ_INT(x->status, y->status);
		check_span(x->span, y->span);
		check_span(x->trigger_span, y->trigger_span);
		check_parties(x->from, x->from_count, y->from, y->from_count);
		check_parties(x->to, x->to_count, y->to, y->to_count);
		check_parties(x->said_by, x->said_by_count, y->said_by, y->said_by_count);
		CHECK_EQ_INT(x->item_count, y->item_count);
		for (uint32_t j = 0; j < x->item_count; j++) {
			CHECK_EQ_STR(x->items[j].text, y->items[j].text);
			CHECK_EQ_STR(x->items[j].what, y->items[j].what);
			CHECK_EQ_INT(x->items[j].kind, y->items[j].kind);
			CHECK_EQ_INT(x->items[j].in, y->items[j].in);
			check_span(x->items[j].span, y->items[j].span);
			check_quantity(&x->items[j].q, &y->items[j].q);
		}
		CHECK_EQ_INT(x->date.first, y->date.first);
		CHECK_EQ_INT(x->date.last, y->date.last);
		CHECK_EQ_INT(x->due.first, y->due.first);
		CHECK_EQ_INT(x->due.last, y->due.last);
		CHECK_EQ_INT(x->has_value, y->has_value);
		if (y->has_value)
			check_quantity(&x->value, &y->value);
		CHECK_EQ_STR(x->place_at, y->place_at);
		CHECK_EQ_STR(x->place_to, y->place_to);
		CHECK_EQ_STR(x->means, y->means);
		CHECK_EQ_STR(x->agreement, y->agreement);
		CHECK_EQ_STR(x->condition, y->condition);
		CHECK_EQ_STR(x->id, y->id);
		CHECK_NEAR(x->confidence, y->confidence, 0);
		CHECK_EQ_INT(k.day, i == 0 ? 19800 : s.d.published);
	}
	CHECK_EQ_INT(ledger_claim_of(l, "report-1.2", &err), ledger_claim_of(l, "1.2", &err));
	CHECK_EQ_INT(ledger_claim_of(l, "c-one", &err), ledger_claim_of(l, "1.1", &err));
	CHECK_EQ_INT(ledger_claim_of(l, "1.3", &err), 0);
	CHECK_EQ_INT(err.status, KULA_ENOTFOUND);
	size_t n = 0;
	err = (kula_error){0};
	const char *text = ledger_text(l, a, 1, &n, &err);
	CHECK_EQ_STR(text, TEXT);
	CHECK_EQ_INT(n, strlen(TEXT));
	CHECK_EQ_INT(ledger_check(l, false, say, NULL, &err), 0);
	arena_free(a);
	ledger_close(l);
}

TEST(twice_is_once)
{
	kula_error err = {0};
	sample s;
	ledger_added out;
	fill(&s, "report-1");
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	add(l, &s, 2, "kula", false);
	const int64_t changes = number(l, "SELECT total_changes()");
	out = add(l, &s, 2, "kula", false);
	CHECK_EQ_INT(out.outcome, LEDGER_KNOWN);
	CHECK_EQ_INT(out.claims, 2);
	out = add(l, &s, 1, "other", false);            /* another reader, not asked to reread */
	CHECK_EQ_INT(out.outcome, LEDGER_KNOWN);
	out = add(l, &s, 1, "kula", true);              /* reread by the reader that has read it */
	CHECK_EQ_INT(out.outcome, LEDGER_KNOWN);
	CHECK_EQ_INT(number(l, "SELECT total_changes()"), changes + 1);         /* the other reader's row */
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim"), 2);
	CHECK_EQ_INT(ledger_has(l, &s.d, 0, &err), 1);
	CHECK_EQ_INT(ledger_has(l, &s.d, 2, &err), 0);

	s.d.text_bytes--;                                /* the same id, another text: another version */
	s.c[1].evidence = "China bought 400 tonnes of \xC3\xA9toile wheat from Russia";
	s.c[1].span.to--;
	CHECK_EQ_INT(ledger_has(l, &s.d, 0, &err), 0);
	out = add(l, &s, 2, "kula", false);
	CHECK_EQ_INT(out.outcome, LEDGER_ADDED);
	CHECK_EQ_INT(out.document, 2);
	CHECK_EQ_INT(ledger_document_of(l, "report-1", &err), 2);
	CHECK_EQ_INT(ledger_document_of(l, "1", &err), 1);
	arena *a = arena_new(1 << 20);
	ledger_document d;
	CHECK_EQ_INT(ledger_document_load(l, a, 1, &d, &err), KULA_OK);
	char start[11];
	snprintf(start, sizeof start, "%.10s", d.sha256);
	CHECK_EQ_INT(ledger_document_of(l, start, &err), 1);
	arena_free(a);
	ledger_close(l);
}

TEST(rereading_layers)
{
	kula_error err = {0};
	sample s;
	fill(&s, "report-1");
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	add(l, &s, 2, "kula", false);
	const int64_t first = ledger_claim_of(l, "1.1", &err);
	CHECK(ledger_review(l, first, "ada", LEDGER_ACCEPT, NULL, NULL, "seen", &err) > 0);
	CHECK(ledger_review(l, first, "ada", LEDGER_CORRECT, "status", "\"planned\"", NULL, &err) > 0);
	CHECK(ledger_review(l, first, "bob", LEDGER_UNDO, NULL, NULL, NULL, &err) > 0);
	const ledger_added out = add(l, &s, 1, "newer", true);
	CHECK_EQ_INT(out.outcome, LEDGER_REREAD);
	CHECK_EQ_INT(out.document, 1);
	CHECK_EQ_INT(out.carried, 1);                    /* the acceptance; the correction was undone */
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim"), 3);
	const int64_t third = ledger_claim_of(l, "1.3", &err);
	CHECK(third > first);
	CHECK_EQ_INT(ledger_claim_of(l, "1.1", &err), first);
	ledger_filter f = ledger_filter_all();
	CHECK_EQ_INT(ledger_count(l, &f, &err), 1);
	f.every_reading = true;
	CHECK_EQ_INT(ledger_count(l, &f, &err), 3);
	f.a = "CHN";
	CHECK_EQ_INT(ledger_count(l, &f, &err), 1);
	f.every_reading = false;
	CHECK_EQ_INT(ledger_count(l, &f, &err), 0);      /* the newer reading has no Chinese claim */
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim_view"), 1);
	CHECK_EQ_INT(number(l, "SELECT verdict = 'accept' FROM claim_view"), 1);
	CHECK_EQ_INT(ledger_check(l, false, say, NULL, &err), 0);
	ledger_close(l);
}

TEST(forgetting_leaves_nothing)
{
	kula_error err = {0};
	sample s;
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	fill(&s, "report-1");
	add(l, &s, 2, "kula", false);
	fill(&s, "report-2");
	add(l, &s, 2, "kula", false);
	const int64_t x = ledger_claim_of(l, "1.1", &err), y = ledger_claim_of(l, "2.1", &err);
	CHECK(ledger_judge(l, y, x, true, "ada", NULL, &err) > 0);
	CHECK(ledger_review(l, x, "ada", LEDGER_REJECT, NULL, NULL, NULL, &err) > 0);
	CHECK(ledger_review(l, x, "ada", LEDGER_UNDO, NULL, NULL, NULL, &err) > 0);
	CHECK(ledger_review(l, x, "ada", LEDGER_ACCEPT, NULL, NULL, NULL, &err) > 0);
	fill(&s, "report-1");
	add(l, &s, 2, "newer", true);                    /* with a review carried over */
	CHECK_EQ_INT(ledger_forget(l, 1, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM document"), 1);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim WHERE document = 1"), 0);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM party"), 5);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM item"), 3);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM dyad"), 2);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM review"), 0);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM judgement"), 0);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM words WHERE words MATCH 'animals'"), 1);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM log WHERE what = 'forget' AND document = 1 AND claims = 4"), 1);
	CHECK_EQ_INT(ledger_check(l, false, say, NULL, &err), 0);
	CHECK_EQ_INT(ledger_forget(l, 1, &err), KULA_ENOTFOUND);
	CHECK_EQ_INT(add(l, &s, 2, "kula", false).document, 3);        /* its number is not used again */
	ledger_close(l);
}

TEST(nothing_read_changes)
{
	static const char *const tries[] = {
		"UPDATE claim SET act = 'take'", "UPDATE party SET code = 'USA'", "UPDATE item SET min = 1", "UPDATE document SET title = 'x'",
		"UPDATE reading SET claims = 0", "UPDATE review SET verdict = 'reject'", "UPDATE judgement SET same = 0",
		"DELETE FROM claim", "DELETE FROM party", "DELETE FROM item", "DELETE FROM document", "DELETE FROM reading", "DELETE FROM review",
		"DELETE FROM judgement",
		"INSERT INTO claim (document, ordinal, reading, act, status, span_from, span_to, trigger_text, trigger_from, trigger_to)"
		" VALUES (1, 9, 1, 'steal', 'done', 0, 5, 'x', 0, 0)",
		"INSERT INTO claim (document, ordinal, reading, act, status, span_from, span_to, trigger_text, trigger_from, trigger_to)"
		" VALUES (7, 9, 1, 'give', 'done', 0, 5, 'x', 0, 0)",
		"INSERT INTO item (claim, ordinal, text, what, kind, unit) VALUES (1, 9, 'x', 'x', 'magic', 'count')",
		"INSERT INTO reading (document, reader, time, claims, active) VALUES (1, 99, '', 0, 0)",
	};
	kula_error err = {0};
	sample s;
	fill(&s, "report-1");
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	add(l, &s, 2, "kula", false);
	ledger_review(l, 1, "ada", LEDGER_ACCEPT, NULL, NULL, NULL, &err);
	ledger_judge(l, 1, 2, false, "ada", NULL, &err);
	for (size_t i = 0; i < COUNT_OF(tries); i++)
		CHECK_ROW(refused(l, tries[i]), tries[i]);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim WHERE act IN ('give', 'sell')"), 2);
	ledger_close(l);
}

/* ---- what is refused at the door ---- */

TEST(faults_are_refused)
{
	kula_error err = {0};
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	const int64_t reader = ledger_reader(l, "kula", "1", "", "", &err);
	for (int i = 0; i < 16; i++) {
		sample s;
		ledger_added out;
		fill(&s, "report-1");
		const char *expected = "";
		switch (i) {
		case 0: s.c[0].span = (kula_span){0, 0}; expected = "its evidence is not in the text"; break;
		case 1: s.c[0].span.to = 100000; expected = "which is not in the text"; break;
		case 2: s.c[0].evidence = "Another sentence."; expected = "is not what the text has there"; break;
		case 3: s.c[0].trigger_span = span_of(TEXT, "bears"); expected = "trigger 'gave'"; break;
		case 4: s.from[0].span = span_of(TEXT, "China"); expected = "from 'Russia'"; break;
		case 5: s.items[0].in = 7; expected = "in item 7"; break;
		case 6: s.items[0].in = 1; expected = "inside itself"; break;
		case 7: s.items[0].q.max = 3; expected = "a minimum above its maximum"; break;
		case 8: s.c[0].date = (kula_days){9, 8}; expected = "ends before it begins"; break;
		case 9: s.c[0].act = (kula_act)77; expected = "no such act"; break;
		case 10: snprintf(s.from[0].code, sizeof s.from[0].code, "rus'--"); expected = "is no code"; break;
		case 11: s.c[0].from_count = 65; expected = "65 parties"; break;
		case 12: s.d.title = "\xFF"; expected = "not UTF-8"; break;
		case 13: s.d.text = "\xC0\x80"; s.d.text_bytes = 2; expected = "the text is not UTF-8"; break;
		case 14: s.c[1].means = "\xED\xA0\x80"; expected = "means is not UTF-8"; break;
		case 15: s.c[1].value_span = (kula_span){127, 128}; s.c[1].value_span.from = span_of(TEXT, "\xC3\xA9").from + 1; expected = "inside a character"; break;
		}
		s.c[1].value_span.to = i == 15 ? s.c[1].value_span.from + 2 : 0;
		err = (kula_error){0};
		CHECK(ledger_add(l, &s.d, NULL, s.c, 2, reader, false, &out, &err) == (i == 11 ? KULA_ELIMIT : KULA_EFORMAT));
		CHECK_ROW(strstr(err.text, expected) != NULL, err.text);
	}
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM document"), 0);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM log WHERE what <> 'create'"), 0);
	ledger_close(l);
}

/* ---- filters ---- */

static uint32_t walk(ledger *l, const ledger_filter *f, char *order, size_t room)
{
	kula_error err = {0};
	arena *a = arena_new(1 << 20);
	ledger_walk *w = ledger_claims(l, f, &err);
	uint32_t count = 0;
	ledger_claim k;
	order[0] = 0;
	while (w && ledger_next(w, a, &k, &err) == KULA_OK) {
		snprintf(order + strlen(order), room - strlen(order), "%s%s", count ? " " : "", k.number);
		count++;
	}
	CHECK_EQ_INT(err.status, KULA_OK);
	ledger_walk_free(w);
	arena_free(a);
	CHECK_EQ_INT(ledger_count(l, f, &err), count);
	return count;
}

TEST(filters)
{
	kula_error err = {0};
	sample s;
	char order[200];
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	fill(&s, "report-1");
	add(l, &s, 2, "kula", false);
	fill(&s, "report-2");
	s.d.published = 19000;
	s.c[0].act = KULA_MEET;                          /* "North Korea and Russia met": both on one side */
	s.c[0].date.first = KULA_NO_DAY;
	s.from[1] = s.to[0];
	s.c[0].from_count = 2;
	s.c[0].to_count = 0;
	s.c[1].from_count = 0;                           /* nobody is named as giver */
	add(l, &s, 2, "kula", false);
	ledger_filter f = ledger_filter_all();
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.1 2.2 1.1 1.2");         /* by day: 19000, 19000, 19800, 2024-11-21 */
	f.newest_first = true;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "1.2 1.1 2.1 2.2");
	f = ledger_filter_all();
	f.by_document = true;
	f.limit = 3;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "1.1 1.2 2.1");
	f = ledger_filter_all();
	f.a = "PRK";
	f.b = "RUS";
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.1 1.1");
	f.b = NULL;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.1 1.1");
	f.a = "CHN";
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.2 1.2");
	f.a = NULL;
	f.from = "RUS";
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.1 1.1 1.2");
	f.to = "CHN";
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "1.2");
	f = ledger_filter_all();
	f.acts = 1u << KULA_SELL | 1u << KULA_MEET;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.1 2.2 1.2");
	f.statuses = 1u << KULA_PROMISED;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.2 1.2");
	f = ledger_filter_all();
	f.kinds = 1u << KULA_ANIMAL;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.1 1.1");
	f = ledger_filter_all();
	f.since = 19801;                                 /* 19800..19801 touches it */
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "1.1 1.2");
	f.until = 19900;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "1.1");
	f = ledger_filter_all();
	f.min_confidence = 0.8;
	walk(l, &f, order, sizeof order);
	CHECK_EQ_STR(order, "2.2 1.2");                 /* those without confidence pass */
	f = ledger_filter_all();
	f.a = "X' OR 1=1 --";
	CHECK_EQ_INT(walk(l, &f, order, sizeof order), 0);
	ledger_close(l);
}

/* ---- search ---- */

typedef struct found { uint32_t count, claims; char words[200]; } found;

static bool see_hit(void *arg, const ledger_hit *h)
{
	found *x = arg;
	x->count++;
	x->claims += h->claim_count;
	snprintf(x->words, sizeof x->words, "%s", h->words);
	return true;
}

TEST(search_takes_any_words)
{
	static const struct { const char *words; uint32_t count, claims; kula_status status; } cases[] = {
		{"animals", 1, 1, KULA_OK}, {"ANIMALS bears", 1, 1, KULA_OK}, {"\"brown bears\"", 1, 1, KULA_OK}, {"\"bears brown\"", 0, 0, KULA_OK},
		{"etoile", 1, 1, KULA_OK}, {"anim*", 1, 1, KULA_OK}, {"russia", 1, 2, KULA_OK}, {"animals -wheat", 0, 0, KULA_OK},
		{"animals -horses", 1, 1, KULA_OK}, {"pyongyang", 1, 0, KULA_OK}, {"AND OR NOT", 0, 0, KULA_OK}, {"title:animals", 0, 0, KULA_OK},
		{"animals) OR (x", 0, 0, KULA_OK}, {"\"animals", 1, 1, KULA_OK}, {"* ^ ( ) { } : +", 0, 0, KULA_EUSAGE}, {"-animals", 0, 0, KULA_EUSAGE},
		{"", 0, 0, KULA_EUSAGE}, {"\xFF", 0, 0, KULA_EFORMAT}, {"NEAR(animals bears)", 0, 0, KULA_OK}, {"... animals !!!", 1, 1, KULA_OK},
	};
	kula_error err = {0};
	sample s;
	fill(&s, "report-1");
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	add(l, &s, 2, "kula", false);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		found x = {0};
		err = (kula_error){0};
		const kula_status status = ledger_search(l, cases[i].words, 10, see_hit, &x, &err);
		CHECK_ROW(status == cases[i].status, cases[i].words);
		CHECK_ROW(x.count == cases[i].count, cases[i].words);
		CHECK_ROW(x.claims == cases[i].claims, cases[i].words);
	}
	found x = {0};
	ledger_search(l, "bears", 10, see_hit, &x, &err);
	CHECK(strstr(x.words, "\1bears\2") != NULL);
	ledger_close(l);
}

/* ---- reviews ---- */

TEST(reviews_are_layered)
{
	kula_error err = {0};
	sample s;
	fill(&s, "report-1");
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	add(l, &s, 2, "kula", false);
	CHECK_EQ_INT(ledger_review(l, 1, "", LEDGER_ACCEPT, NULL, NULL, NULL, &err), -1);
	CHECK_EQ_INT(err.status, KULA_EUSAGE);
	err = (kula_error){0};
	CHECK_EQ_INT(ledger_review(l, 1, "ada", LEDGER_CORRECT, NULL, "1", NULL, &err), -1);
	err = (kula_error){0};
	CHECK_EQ_INT(ledger_review(l, 99, "ada", LEDGER_ACCEPT, NULL, NULL, NULL, &err), -1);
	err = (kula_error){0};
	CHECK_EQ_INT(ledger_review(l, 1, "ada", LEDGER_UNDO, NULL, NULL, NULL, &err), -1);
	CHECK_EQ_INT(err.status, KULA_ENOTFOUND);
	err = (kula_error){0};
	const int64_t first = ledger_review(l, 1, "ada", LEDGER_ACCEPT, NULL, NULL, NULL, &err);
	const int64_t second = ledger_review(l, 1, "ada", LEDGER_REJECT, NULL, NULL, "on second thought", &err);
	CHECK(second > first && first > 0);
	ledger_review(l, 1, "ada", LEDGER_UNDO, NULL, NULL, NULL, &err);
	CHECK_EQ_INT(number(l, "SELECT undoes FROM review ORDER BY review DESC LIMIT 1"), second);
	ledger_review(l, 1, "ada", LEDGER_UNDO, NULL, NULL, NULL, &err);
	CHECK_EQ_INT(number(l, "SELECT undoes FROM review ORDER BY review DESC LIMIT 1"), first);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM review"), 4);
	CHECK_EQ_INT(number(l, "SELECT verdict IS NULL FROM claim_view WHERE claim = 1"), 1);
	CHECK_EQ_INT(ledger_judge(l, 1, 1, true, "ada", NULL, &err), -1);
	ledger_close(l);
}

/* ---- views ---- */

TEST(views)
{
	kula_error err = {0};
	sample s;
	fill(&s, "report-1");
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	add(l, &s, 2, "kula", false);
	CHECK_EQ_INT(number(l, "SELECT evidence = 'China bought 400 tonnes of \xC3\xA9toile wheat from Russia.' FROM claim_view WHERE id = '1.2'"), 1);
	CHECK_EQ_INT(number(l, "SELECT date_first = '2024-03-18' AND date_last = '2024-03-19' AND day = '2024-03-18' FROM claim_view WHERE id = '1.1'"), 1);
	CHECK_EQ_INT(number(l, "SELECT from_codes = 'RUS' AND to_codes = 'PRK' AND said_by_texts = 'officials in Moscow' FROM claim_view WHERE id = '1.1'"), 1);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM item_view"), 3);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM account WHERE own_voice"), 1);
	join_rules *r = join_rules_open(NULL, NULL, &err);
	REQUIRE(r);
	CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
	fill(&s, "report-2");                           /* told again: once in what flowed */
	s.d.publisher = "Another Wire";
	add(l, &s, 2, "kula", false);
	CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM exchange_view WHERE claims = 2 AND documents = 2"), 2);
	CHECK_EQ_INT(number(l, "SELECT exchanges FROM flow_by_month WHERE from_code = 'RUS' AND to_code = 'PRK'"), 1);
	CHECK_EQ_INT(number(l, "SELECT min FROM flow_by_month WHERE from_code = 'RUS' AND to_code = 'PRK' AND month = '2024-03' AND max IS NULL"), 70);
	CHECK_EQ_INT(number(l, "SELECT claims FROM document_view"), 2);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM dyad_view WHERE from_code = 'RUS'"), 4);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM pledge WHERE what = 'wheat' AND min = 400 AND outstanding_max = 400"), 1);
	join_rules_free(r);
	ledger_close(l);
}

/* Every query of docs/LEDGER.md runs and finds something in the ledger of the reports in examples/, as they were once read, with a
 * review or two. */
TEST(questions_of_the_manual)
{
	kula_error err = {0};
	buf page = {0};
	REQUIRE(file_read("docs/LEDGER.md", 1 << 20, &page, &err) == KULA_OK);
	ledger *l = ledger_memory(&err);
	source *in = source_open("tests/data/examples_read.jsonl", NULL, KULA_NO_DAY, &err);
	join_rules *r = join_rules_open(NULL, NULL, &err);
	arena *a = arena_new((size_t)64 << 20);
	REQUIRE(l && in && r && a);
	source_document d;
	ledger_added out;
	int64_t reader = ledger_reader(l, "kula", "1", "", "", &err);
	while (source_next(in, a, &d, &err) == KULA_OK)
		CHECK_EQ_INT(ledger_add(l, &d.d, NULL, d.claims, d.claim_count, reader, false, &out, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
	source_close(in);
	reader = ledger_reader(l, "kula", "2", "", "", &err);    /* the first document was read again */
	in = source_open("tests/data/examples_read.jsonl", NULL, KULA_NO_DAY, &err);
	REQUIRE(in && source_next(in, a, &d, &err) == KULA_OK);
	CHECK_EQ_INT(ledger_add(l, &d.d, NULL, d.claims, d.claim_count - 1, reader, true, &out, &err), KULA_OK);
	source_close(in);
	const int64_t claim = ledger_claim_of(l, "2.1", &err);
	CHECK(ledger_review(l, claim, "ada", LEDGER_CORRECT, "status", "\"planned\"", "not yet", &err) > 0);
	CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
	join_rules_free(r);
	arena_free(a);
	uint32_t queries = 0, answered = 0;
	for (const char *at = buf_string(&page); (at = strstr(at, "```sql\n")) != NULL;) {
		at += strlen("```sql\n");
		const char *end = strstr(at, "```");
		REQUIRE(end);
		char sql[2000];
		snprintf(sql, sizeof sql, "%.*s", (int)(end - at), at);
		sqlite3_stmt *q = NULL;
		CHECK_ROW(sqlite3_prepare_v2(ledger_db(l), sql, -1, &q, NULL) == SQLITE_OK, sqlite3_errmsg(ledger_db(l)));
		const int code = sqlite3_step(q);
		CHECK_ROW(code == SQLITE_ROW || code == SQLITE_DONE, sql);
		CHECK_ROW(code == SQLITE_ROW, sql);
		queries++;
		answered += code == SQLITE_ROW;
		sqlite3_finalize(q);
		at = end + 3;
	}
	CHECK(queries >= 10);
	CHECK_EQ_INT(answered, queries);
	buf_free(&page);
	ledger_close(l);
}

/* ---- versions ---- */

/* A file as version 1 wrote it, from tests/data/ledger_v1.sql. */
static bool make_version_1(const char *path)
{
	kula_error err = {0};
	buf sql = {0};
	sqlite3 *db = NULL;
	bool ok = file_read("tests/data/ledger_v1.sql", 1 << 20, &sql, &err) == KULA_OK && sqlite3_open(path, &db) == SQLITE_OK
		&& sqlite3_exec(db, buf_string(&sql), NULL, NULL, NULL) == SQLITE_OK
		&& sqlite3_exec(db, "PRAGMA application_id = 1263881281; PRAGMA user_version = 1", NULL, NULL, NULL) == SQLITE_OK;
	if (!ok)
		fprintf(stderr, "    %s\n", db ? sqlite3_errmsg(db) : err.text);
	sqlite3_close(db);
	buf_free(&sql);
	return ok;
}

TEST(version_1_is_brought_up_to_date)
{
	kula_error err = {0};
	const char *path = temporary();
	REQUIRE(make_version_1(path));
	ledger *l = ledger_open(path, LEDGER_READ, &err);        /* reading is enough */
	CHECK_EQ_STR(err.text, "");
	REQUIRE(l);
	CHECK_EQ_INT(number(l, "PRAGMA user_version"), LEDGER_VERSION);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM document"), 3);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM log WHERE what = 'upgrade'"), 1);
	/* what was said in version 1 takes effect */
	CHECK_EQ_INT(number(l, "SELECT act = 'supply' AND corrected FROM claim_view WHERE id = '1.1'"), 1);
	CHECK_EQ_INT(number(l, "SELECT act = 'give' AND NOT stands FROM claim WHERE claim = 1"), 1);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim_view WHERE id = '3.1'"), 0);
	CHECK_EQ_INT(number(l, "SELECT ruling FROM judgement"), 1);
	ledger_close(l);
	l = ledger_open(path, LEDGER_WRITE, &err);
	REQUIRE(l);
	CHECK_EQ_INT(ledger_check(l, false, say, NULL, &err), 0);
	join_rules *r = join_rules_open(NULL, NULL, &err);
	REQUIRE(r);
	CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM exchange"), 2);     /* the judgement keeps 1.1 and 2.1 apart */
	CHECK(ledger_unjudge(l, 1, "ada", NULL, &err) > 0);
	CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM exchange"), 1);
	CHECK(ledger_review(l, 3, "ada", LEDGER_UNDO, NULL, NULL, NULL, &err) > 0);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim_view WHERE id = '3.1'"), 1);
	CHECK_EQ_INT(ledger_check(l, false, say, NULL, &err), 0);
	CHECK(refused(l, "UPDATE claim SET act = 'take'"));
	join_rules_free(r);
	ledger_close(l);
	/* one that can't be brought up to date stays as it was */
	path = temporary();
	REQUIRE(make_version_1(path));
	sqlite3 *db = NULL;
	REQUIRE(sqlite3_open(path, &db) == SQLITE_OK);
	sqlite3_exec(db, "PRAGMA foreign_keys = OFF; INSERT INTO party (claim, side, ordinal, text) VALUES (99, 'to', 0, 'nobody')", NULL, NULL, NULL);
	sqlite3_close(db);
	CHECK(!ledger_open(path, LEDGER_WRITE, &err));
	CHECK_EQ_INT(err.status, KULA_EFORMAT);
	CHECK_ROW(strstr(err.text, "can't be brought to version 2") != NULL, err.text);
	REQUIRE(sqlite3_open(path, &db) == SQLITE_OK);
	sqlite3_stmt *q = NULL;
	REQUIRE(sqlite3_prepare_v2(db, "SELECT (SELECT count(*) FROM claim_view), user_version FROM pragma_user_version", -1, &q, NULL) == SQLITE_OK);
	CHECK_EQ_INT(sqlite3_step(q), SQLITE_ROW);
	CHECK_EQ_INT(sqlite3_column_int(q, 0), 3);
	CHECK_EQ_INT(sqlite3_column_int(q, 1), 1);
	sqlite3_finalize(q);
	sqlite3_close(db);
	temporary();
}

/* ---- files ---- */

static bool see_document(void *arg, const ledger_document *d)
{
	*(int64_t *)arg = *(int64_t *)arg * 10 + d->document;
	return true;
}

TEST(files)
{
	kula_error err = {0};
	sample s;
	const char *path = temporary();
	CHECK(ledger_open(path, LEDGER_READ, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_ENOTFOUND);
	err = (kula_error){0};
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	REQUIRE(l);
	fill(&s, "report-1");
	add(l, &s, 2, "kula", false);
	fill(&s, "report-2");
	add(l, &s, 0, "kula", false);
	ledger *r = ledger_open(path, LEDGER_READ, &err);       /* while the other has it open */
	REQUIRE(r);
	int64_t seen = 0;
	CHECK_EQ_INT(ledger_documents(r, true, see_document, &seen, &err), KULA_OK);
	CHECK_EQ_INT(seen, 21);
	ledger_added out;
	fill(&s, "report-3");
	CHECK_EQ_INT(ledger_add(r, &s.d, NULL, s.c, 2, 1, false, &out, &err), KULA_EIO);
	err = (kula_error){0};
	ledger_close(r);
	ledger_close(l);
	l = ledger_open(path, LEDGER_WRITE, &err);
	REQUIRE(l);
	CHECK_EQ_INT(number(l, "PRAGMA application_id"), LEDGER_APPLICATION_ID);
	CHECK_EQ_INT(number(l, "PRAGMA user_version"), LEDGER_VERSION);
	CHECK_EQ_INT(number(l, "SELECT count(*) FROM claim"), 2);
	CHECK_EQ_INT(ledger_check(l, false, say, NULL, &err), 0);

	char copy[80];
	snprintf(copy, sizeof copy, "%s.copy", path);
	unlink(copy);
	CHECK_EQ_INT(ledger_backup(l, copy, &err), KULA_OK);
	CHECK_EQ_INT(ledger_backup(l, copy, &err), KULA_EUSAGE);
	err = (kula_error){0};
	ledger *c = ledger_open(copy, LEDGER_READ, &err);
	CHECK(c != NULL);
	if (c)
		CHECK_EQ_INT(number(c, "SELECT count(*) FROM claim"), 2);
	ledger_close(c);
	unlink(copy);
	ledger_close(l);
	temporary();
}

TEST(other_files_are_refused)
{
	kula_error err = {0};
	const char *path = temporary();
	/* another program's database */
	sqlite3 *db;
	sqlite3_open(path, &db);
	sqlite3_exec(db, "CREATE TABLE recipe (name)", NULL, NULL, NULL);
	sqlite3_close(db);
	CHECK(ledger_open(path, LEDGER_CREATE, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EVERSION);
	CHECK(strstr(err.text, "another program") != NULL);
	/* a newer ledger */
	path = temporary();
	err = (kula_error){0};
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	REQUIRE(l);
	sqlite3_exec(ledger_db(l), "PRAGMA user_version = 99", NULL, NULL, NULL);
	ledger_close(l);
	CHECK(ledger_open(path, LEDGER_READ, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EVERSION);
	CHECK(strstr(err.text, "version 99") != NULL);
	/* no database, an empty file, a folder, a place that isn't */
	path = temporary();
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("This is a diary. ", f);
	fclose(f);
	err = (kula_error){0};
	CHECK(ledger_open(path, LEDGER_CREATE, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EFORMAT);
	f = fopen(path, "w");
	fclose(f);
	err = (kula_error){0};
	CHECK(ledger_open(path, LEDGER_READ, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EFORMAT);
	err = (kula_error){0};
	l = ledger_open(path, LEDGER_CREATE, &err);      /* a process killed while making it leaves an empty file */
	CHECK(l != NULL);
	ledger_close(l);
	err = (kula_error){0};
	CHECK(ledger_open("/", LEDGER_CREATE, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EIO);
	err = (kula_error){0};
	CHECK(ledger_open("/no/such/folder/kula.db", LEDGER_CREATE, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EIO);
	temporary();
}

static void keep_fault(void *arg, const char *fault)
{
	buf_text(arg, fault);
	buf_char(arg, '\n');
}

TEST(hand_edits_are_found)
{
	static const struct { const char *sql, *says; } cases[] = {
		{"DROP TRIGGER document_keeps; UPDATE document SET text = replace(text, 'Russia', 'Prussi')", "SHA-256"},
		{"DROP TRIGGER claim_keeps; UPDATE claim SET span_to = 100000 WHERE ordinal = 1", "outside the text"},
		{"DROP TRIGGER claim_keeps; UPDATE claim SET trigger_text = 'took'", "trigger is not"},
		{"DROP TRIGGER party_keeps; UPDATE party SET text = 'Rossia' WHERE side = 'from'", "is not what the text has there"},
		{"DROP TRIGGER party_stays; DROP TRIGGER claim_stays; DELETE FROM party; DELETE FROM item; DELETE FROM dyad; DELETE FROM claim WHERE ordinal = 2", "2 claims were read, 1 are there"},
		{"UPDATE reading SET active = 0", "no active reading"},
		{"UPDATE claim SET stands = 0 WHERE ordinal = 1", "does not stand, against its reading and its reviews"},
		{"INSERT INTO review (claim, reviewer, time, verdict, field, value) VALUES (1, 'x', '2024', 'correct', 'act', '\"take\"')", "no reviewed version"},
		{"INSERT INTO review (claim, reviewer, time, verdict) VALUES (1, 'x', '2024', 'reject')", "stands, against its reading and its reviews"},
		{"DELETE FROM join_pending", "stands in no exchange"},
		{"DELETE FROM join_pending; INSERT INTO exchange VALUES (1, 1, 'give', 'done', 1, NULL, NULL, NULL, NULL, 2, 1, 1);"
			" INSERT INTO exchange_claim VALUES (1, 1)", "2 claims are said to be in it, 1 are"},
		{"DELETE FROM dyad", "not in dyad"},
		{"PRAGMA foreign_keys = OFF; DROP TRIGGER claim_keeps; UPDATE claim SET reading = 77", "not there"},
		{"PRAGMA ignore_check_constraints = ON; DROP TRIGGER claim_keeps; UPDATE claim SET act = 'steal'; PRAGMA ignore_check_constraints = OFF", "CHECK constraint failed"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		kula_error err = {0};
		sample s;
		char first[400] = "";
		fill(&s, "report-1");
		ledger *l = ledger_memory(&err);
		REQUIRE(l);
		add(l, &s, 2, "kula", false);
		char *why = NULL;
		sqlite3_exec(ledger_db(l), "DROP TRIGGER item_stays", NULL, NULL, NULL);
		CHECK_ROW(sqlite3_exec(ledger_db(l), cases[i].sql, NULL, NULL, &why) == SQLITE_OK, why ? why : cases[i].sql);
		sqlite3_free(why);
		buf faults = {0};
		CHECK_ROW(ledger_check(l, false, keep_fault, &faults, &err) > 0, cases[i].sql);
		snprintf(first, sizeof first, "%s", buf_string(&faults));
		CHECK_ROW(strstr(first, cases[i].says) != NULL, first);
		buf_free(&faults);
		ledger_close(l);
	}
}

TEST_MAIN(
	TEST_ENTRY(everything_comes_back), TEST_ENTRY(twice_is_once), TEST_ENTRY(rereading_layers), TEST_ENTRY(forgetting_leaves_nothing),
	TEST_ENTRY(nothing_read_changes), TEST_ENTRY(faults_are_refused), TEST_ENTRY(filters), TEST_ENTRY(search_takes_any_words),
	TEST_ENTRY(reviews_are_layered), TEST_ENTRY(views), TEST_ENTRY(questions_of_the_manual), TEST_ENTRY(version_1_is_brought_up_to_date), TEST_ENTRY(files), TEST_ENTRY(other_files_are_refused), TEST_ENTRY(hand_edits_are_found))
