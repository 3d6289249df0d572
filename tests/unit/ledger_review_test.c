/* Corrections as people type them: what they become, what is refused and why; and what reviews make of a claim. */
#include "test.h"
#include <sqlite3.h>
#include <stdlib.h>
#include "ledger/db.h"
#include "ledger/join.h"
#include "ledger/ledger.h"

#define TEXT "Russia gave North Korea 70 animals, including two bears, officials in Moscow said. The NATO chief called it odd."

static kula_span span_of(const char *words)
{
	const char *at = strstr(TEXT, words);
	return at ? (kula_span){(uint32_t)(at - TEXT), (uint32_t)(at - TEXT + (long)strlen(words))} : (kula_span){0, 0};
}

static ledger *made(void)
{
	static kula_party from, to, said;
	static kula_item items[2];
	kula_error err = {0};
	ledger_added out;
	from = (kula_party){.text = "Russia", .code = "RUS", .span = span_of("Russia")};
	to = (kula_party){.text = "North Korea", .code = "PRK", .span = span_of("North Korea")};
	said = (kula_party){.text = "officials in Moscow", .code = "RUS", .verb = "said", .span = span_of("officials in Moscow"), .verb_span = span_of("said")};
	items[0] = (kula_item){.text = "70 animals", .what = "animal", .kind = KULA_ANIMAL, .q = {70, 70, "count", KULA_PER_NONE, false}, .in = -1,
		.span = span_of("70 animals")};
	items[1] = (kula_item){.text = "two bears", .what = "bear", .kind = KULA_ANIMAL, .q = {2, 2, "count", KULA_PER_NONE, false}, .in = 0,
		.span = span_of("two bears")};
	kula_claim c = {.evidence = "Russia gave North Korea 70 animals, including two bears, officials in Moscow said.", .trigger = "gave",
		.trigger_span = span_of("gave"), .act = KULA_GIVE, .status = KULA_DONE, .from = &from, .from_count = 1, .to = &to, .to_count = 1, .items = items,
		.item_count = 2, .said_by = &said, .said_by_count = 1, .date = {20000, 20001}, .date_span = span_of("odd"), .due = {KULA_NO_DAY, KULA_NO_DAY},
		.confidence = 0.4};
	c.span = (kula_span){0, (uint32_t)strlen(c.evidence)};
	const kula_document d = {.id = "report", .publisher = "Wire", .published = 20002, .text = TEXT, .text_bytes = strlen(TEXT)};
	ledger *l = ledger_memory(&err);
	const int64_t reader = l ? ledger_reader(l, "kula", "", "", "", &err) : -1;
	CHECK_EQ_INT(ledger_add(l, &d, NULL, &c, 1, reader, false, &out, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
	return l;
}

static bool two_names(void *arg, const char *name, char code[KULA_CODE_BYTES])
{
	(void)arg;
	snprintf(code, KULA_CODE_BYTES, "%s", strcmp(name, "Moscow") == 0 ? "RUS" : strcmp(name, "The NATO chief") == 0 ? "NATO" : "");
	return *code != 0;
}

/* The field as it is written in the reviewed claim. */
static const char *const good[][4] = {
	{"act", "lend", "act", "\"lend\""},
	{"status", " denied ", "status", "\"denied\""},
	{"date", "2024-11-20", "date", "[\"2024-11-20\",\"2024-11-20\"]"},
	{"date", "2024-02", "date", "[\"2024-02-01\",\"2024-02-29\"]"},
	{"date", "2023", "date", "[\"2023-01-01\",\"2023-12-31\"]"},
	{"date", "2024-02..2024-03-05", "date", "[\"2024-02-01\",\"2024-03-05\"]"},
	{"due", "2024-02-01/2024-02-03", "due", "[\"2024-02-01\",\"2024-02-03\"]"},
	{"date", "[\"2024-01-01\",\"2024-01-02\"]", "date", "[\"2024-01-01\",\"2024-01-02\"]"},
	{"date", "none", "date", "null"},
	{"from", "Moscow=RUS", "from", "[{\"text\":\"Moscow\",\"code\":\"RUS\",\"span\":[70,76]}]"},
	{"from", "Moscow", "from", "[{\"text\":\"Moscow\",\"code\":\"RUS\",\"span\":[70,76]}]"},
	{"from", "FRA", "from", "[{\"text\":\"Russia\",\"code\":\"FRA\",\"span\":[0,6]}]"},
	{"from", "NATO", "from", "[{\"text\":\"NATO\",\"code\":\"NATO\",\"span\":[87,91]}]"},
	{"from", "officials=", "from", "[{\"text\":\"officials\",\"code\":null,\"span\":[57,66]}]"},
	{"from", "Russia=RUS; The NATO chief", "from",
		"[{\"text\":\"Russia\",\"code\":\"RUS\",\"span\":[0,6]},{\"text\":\"The NATO chief\",\"code\":\"NATO\",\"span\":[83,97]}]"},
	{"to", "none", "to", "[]"},
	{"to.1.code", "KOR", "to", "[{\"text\":\"North Korea\",\"code\":\"KOR\",\"span\":[12,23]}]"},
	{"to.1.code", "none", "to", "[{\"text\":\"North Korea\",\"code\":null,\"span\":[12,23]}]"},
	{"to.2", "Moscow", "to", "[{\"text\":\"North Korea\",\"code\":\"PRK\",\"span\":[12,23]},{\"text\":\"Moscow\",\"code\":\"RUS\",\"span\":[70,76]}]"},
	{"said_by", "The NATO chief=NATO called", "said_by",
		"[{\"text\":\"The NATO chief\",\"code\":\"NATO\",\"verb\":\"called\",\"span\":[83,97],\"verb_span\":[98,104]}]"},
	{"said_by.1", "none", "said_by", "[]"},
	{"items.1.number", "70..", "items", "[{\"text\":\"70 animals\",\"what\":\"animal\",\"kind\":\"animal\",\"min\":70,\"max\":null,\"unit\":\"count\",\"span\":[24,34]},"
		"{\"text\":\"two bears\",\"what\":\"bear\",\"kind\":\"animal\",\"min\":2,\"max\":2,\"unit\":\"count\",\"in\":0,\"span\":[46,55]}]"},
	{"items.1", "none", "items", "[{\"text\":\"two bears\",\"what\":\"bear\",\"kind\":\"animal\",\"min\":2,\"max\":2,\"unit\":\"count\",\"span\":[46,55]}]"},
	{"items.2", "none", "items", "[{\"text\":\"70 animals\",\"what\":\"animal\",\"kind\":\"animal\",\"min\":70,\"max\":70,\"unit\":\"count\",\"span\":[24,34]}]"},
	{"items", "[{\"text\":\"animals\",\"kind\":\"goods\",\"what\":\"beast\",\"min\":0.25}]", "items",
		"[{\"text\":\"animals\",\"what\":\"beast\",\"kind\":\"goods\",\"min\":0.25,\"max\":null,\"unit\":\"count\",\"span\":[27,34]}]"},
	{"value", "2,500,000 USD", "value", "{\"min\":2500000,\"max\":2500000,\"unit\":\"USD\"}"},
	{"value", "about ..3e3 EUR a month", "value", "{\"min\":null,\"max\":3000,\"unit\":\"EUR\",\"per\":\"month\",\"approx\":true}"},
	{"value.min", "7", "value", "{\"min\":7,\"max\":null,\"unit\":\"count\"}"},
	{"place.at", "Moscow", "place", "{\"at\":\"Moscow\"}"},
	{"means", "plane", "means", "\"plane\""},
	{"condition", "none", "condition", "null"},
	{"trigger", "including", "trigger", "\"including\""},
};

static const char *const bad[][3] = {
	{"colour", "red", "no field"}, {"act", "steal", "unknown act"}, {"act", "none", "act"}, {"date", "2024-13-01", "no day"},
	{"date", "2024-11-20..2024-11-01", "before it begins"}, {"date", "soon", "no day"}, {"from", "Atlantis=FRA", "not in the text"},
	{"from", "Atlantis", "whose code"}, {"from", "Russia=XX!", "no code"}, {"from", "Russia=rus", "no code"}, {"to", "Russia=RUS; ", "without words"},
	{"from.3", "Russia=RUS", "from.3"}, {"from.0", "Russia=RUS", "from.0"}, {"from.1.colour", "red", "no part"}, {"from.2.code", "FRA", "no number 2"},
	{"from.x", "Russia=RUS", "a number from 1"}, {"said_by", "Russia=RUS; Moscow=RUS", "verb"}, {"items", "bears", "JSON"}, {"items.1", "bears", "by its parts"},
	{"items.1.number", "many", "no number"}, {"items.1.number", "9..2", "bounds"}, {"items.1.in", "0", "no number"}, {"items.1.in", "7", "index of an item"},
	{"items.1.kind", "dragon", "unknown kind"}, {"items.1.approx", "perhaps", "yes or no"}, {"items", "[{\"kind\":\"arms\"}]", "text"},
	{"items", "[{", "not JSON"}, {"value", "much", "no quantity"}, {"value", "3 USD a fortnight", "no rate"}, {"place", "Moscow", "at, from or to"},
	{"place.over", "Moscow", "no part of a place"}, {"evidence", "Nothing of it.", "not in the text"}, {"trigger", "stole", "not in the evidence"},
	{"means.a", "plane", "no parts"}, {"means", "\xFF", "UTF-8"},
};

TEST(what_is_typed)
{
	arena *a = arena_new((size_t)64 << 20);
	REQUIRE(a);
	ledger *l = made();
	REQUIRE(l);
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		const char *field, *value;
		kula_error err = {0};
		arena_clear(a);
		CHECK_EQ_INT(ledger_correction(l, a, 1, good[i][0], good[i][1], two_names, NULL, &field, &value, &err), KULA_OK);
		CHECK_ROW(err.status == KULA_OK, err.text);
		if (err.status != KULA_OK)
			continue;
		CHECK_EQ_STR(field, good[i][2]);
		CHECK_ROW(ledger_review(l, 1, "ada", LEDGER_CORRECT, field, value, NULL, &err) > 0, good[i][1]);
		CHECK_EQ_STR(err.text, "");
		sqlite3_stmt *q = NULL;
		REQUIRE(sqlite3_prepare_v2(ledger_db(l), "SELECT value FROM review ORDER BY review DESC LIMIT 1", -1, &q, NULL) == SQLITE_OK);
		CHECK_EQ_INT(sqlite3_step(q), SQLITE_ROW);
		CHECK_EQ_STR((const char *)sqlite3_column_text(q, 0), good[i][3]);
		sqlite3_finalize(q);
		CHECK(ledger_review(l, 1, "ada", LEDGER_UNDO, NULL, NULL, NULL, &err) > 0);
	}
	CHECK_EQ_INT(ledger_check(l, false, NULL, NULL, &(kula_error){0}), 0);
	ledger_close(l);
	arena_free(a);
}

TEST(what_is_refused)
{
	arena *a = arena_new((size_t)64 << 20);
	REQUIRE(a);
	ledger *l = made();
	REQUIRE(l);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const char *field, *value;
		kula_error err = {0};
		arena_clear(a);
		if (ledger_correction(l, a, 1, bad[i][0], bad[i][1], two_names, NULL, &field, &value, &err) == KULA_OK)
			CHECK_ROW(ledger_review(l, 1, "ada", LEDGER_CORRECT, field, value, NULL, &err) < 0, bad[i][1]);
		CHECK_EQ_INT(err.status, KULA_EUSAGE);
		CHECK_ROW(strstr(err.text, bad[i][2]) != NULL, err.text);
	}
	sqlite3_stmt *q = NULL;
	REQUIRE(sqlite3_prepare_v2(ledger_db(l), "SELECT (SELECT count(*) FROM review) + (SELECT count(*) FROM claim WHERE as_read)", -1, &q, NULL) == SQLITE_OK);
	CHECK_EQ_INT(sqlite3_step(q), SQLITE_ROW);
	CHECK_EQ_INT(sqlite3_column_int(q, 0), 0);
	sqlite3_finalize(q);
	ledger_close(l);
	arena_free(a);
}

TEST(both_versions_are_there)
{
	kula_error err = {0};
	arena *a = arena_new((size_t)64 << 20);
	ledger *l = made();
	REQUIRE(a && l);
	CHECK(ledger_review(l, 1, "ada", LEDGER_CORRECT, "act", "\"lend\"", NULL, &err) > 0);
	CHECK(ledger_review(l, ledger_claim_of(l, "1.1", &err), "bob", LEDGER_CORRECT, "date", "[\"2020-01-01\",\"2020-01-01\"]", NULL, &err) > 0);
	ledger_claim read, now;
	CHECK_EQ_INT(ledger_claim_load(l, a, 1, &read, &err), KULA_OK);
	CHECK_EQ_INT(ledger_claim_load(l, a, ledger_claim_of(l, "1.1", &err), &now, &err), KULA_OK);
	CHECK(now.claim != 1 && now.as_read == 1 && now.stands && now.active);
	CHECK(read.as_read == 1 && !read.stands && read.active);
	CHECK_EQ_STR(now.number, "1.1");
	CHECK_EQ_STR(read.number, "1.1");
	CHECK_EQ_INT(read.c.act, KULA_GIVE);
	CHECK_EQ_INT(now.c.act, KULA_LEND);
	CHECK_EQ_INT(now.c.date.first, kula_day_parse("2020-01-01", 10));
	CHECK_EQ_INT(now.c.date_span.to, 0);            /* the words stood for another day */
	CHECK(read.c.date_span.to > 0);
	CHECK(isnan(now.c.confidence) && read.c.confidence == 0.4);
	CHECK_EQ_INT(now.c.item_count, 2);
	CHECK_EQ_INT(now.c.items[1].in, 0);
	ledger_filter f = ledger_filter_all();
	CHECK_EQ_INT(ledger_count(l, &f, &err), 1);
	f.a = "RUS";
	f.b = "PRK";
	f.acts = 1u << KULA_GIVE;
	CHECK_EQ_INT(ledger_count(l, &f, &err), 0);
	f.acts = 1u << KULA_LEND;
	CHECK_EQ_INT(ledger_count(l, &f, &err), 1);
	f = ledger_filter_all();
	f.every_reading = true;
	f.acts = 1u << KULA_GIVE;
	CHECK_EQ_INT(ledger_count(l, &f, &err), 1);
	/* whichever row is named */
	CHECK(ledger_review(l, now.claim, "ada", LEDGER_REJECT, NULL, NULL, NULL, &err) > 0);
	f = ledger_filter_all();
	CHECK_EQ_INT(ledger_count(l, &f, &err), 0);
	for (int i = 0; i < 3; i++)
		CHECK(ledger_review(l, 1, "ada", LEDGER_UNDO, NULL, NULL, NULL, &err) > 0);
	CHECK_EQ_INT(ledger_claim_of(l, "1.1", &err), 1);
	CHECK_EQ_INT(ledger_count(l, &f, &err), 1);
	CHECK_EQ_STR(err.text, "");
	ledger_close(l);
	arena_free(a);
}

TEST(moments)
{
	static const char *const cases[][2] = {{"2024-11-20", "2024-11-20T23:59:59Z"}, {"2024-11-20T09:30", "2024-11-20T09:30:59Z"},
		{"2024-11-20 09:30:15Z", "2024-11-20T09:30:15Z"}, {"2024-11-20T09:30Z", "2024-11-20T09:30:59Z"}, {"2024-11-20T", NULL}, {"2024-11-20T9", NULL},
		{"2024-11-20T25:00", NULL}, {"2024-11-20T10:61", NULL}, {"2024-13-20", NULL}, {"yesterday", NULL}, {"2024-11-20x", NULL}, {"", NULL}};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char out[21];
		const bool is = ledger_moment(cases[i][0], out);
		CHECK_ROW(is == (cases[i][1] != NULL), cases[i][0]);
		if (is)
			CHECK_EQ_STR(out, cases[i][1]);
	}
}

/* No allocation may fail without a word, and none leaves half a review. */
TEST(no_memory)
{
	bool done = false;
	for (uint64_t n = 1; n < 400 && !done; n++) {
		kula_error err = {0};
		ledger *l = made();
		REQUIRE(l);
		base_fail_allocation(n);
		const int64_t review = ledger_review(l, 1, "ada", LEDGER_CORRECT, "means", "\"plane\"", NULL, &err);
		base_fail_allocation(0);
		done = review > 0;
		CHECK_ROW(done || err.status == KULA_EMEMORY, err.text);
		CHECK_EQ_INT(ledger_check(l, false, NULL, NULL, &(kula_error){0}), 0);
		ledger_close(l);
	}
	CHECK(done);
}

TEST_MAIN(TEST_ENTRY(what_is_typed), TEST_ENTRY(what_is_refused), TEST_ENTRY(both_versions_are_there), TEST_ENTRY(moments), TEST_ENTRY(no_memory))
