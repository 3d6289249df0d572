/* Timelines and totals: intervals add as intervals, parts are not added to their wholes, directions and statuses stay apart. */
#include "test.h"
#include <math.h>
#include <stdlib.h>
#include "answer/answer.h"

/* One sentence a claim: "Russia sent China <text>." */
typedef struct told { const char *from, *to; kula_act act; kula_claim_status status; kula_day day; kula_item items[3]; uint32_t item_count; } told;

static void put(ledger *l, const char *id, const told *t)
{
	kula_error err = {0};
	ledger_added out;
	kula_party from = {.text = t->from}, to = {.text = t->to};
	snprintf(from.code, sizeof from.code, "%s", t->from);
	snprintf(to.code, sizeof to.code, "%s", t->to);
	const char *text = "Something was passed.";
	const kula_claim c = {.evidence = text, .span = {0, (uint32_t)strlen(text)}, .trigger = "passed", .trigger_span = {14, 20}, .act = t->act,
		.status = t->status, .from = &from, .from_count = *t->from ? 1 : 0, .to = &to, .to_count = *t->to ? 1 : 0, .items = t->items,
		.item_count = t->item_count, .date = {t->day, t->day}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = NAN};
	const kula_document d = {.id = id, .publisher = id[0] == 'a' ? "Alpha" : "Beta", .published = 20000, .text = text, .text_bytes = strlen(text)};
	CHECK_EQ_INT(ledger_add(l, &d, NULL, &c, 1, ledger_reader(l, "test", "", "", "", &err), false, &out, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
}

#define ITEM(kind_, min_, max_, unit_, per_, in_) {.text = "x", .what = "x", .kind = kind_, .q = {min_, max_, unit_, per_, false}, .in = in_}

TEST(intervals_add)
{
	static const struct { double min, max; } given[] = {{70, NAN}, {NAN, 100}, {10, 20}, {NAN, NAN}};
	kula_error err = {0};
	ledger *l = ledger_memory(&err);
	arena *a = arena_new(1 << 22);
	REQUIRE(l && a);
	answer_between b;
	/* after each: 70.., 70.. , 80.., 80..; and without the first: ..100, 10..120, 10.. */
	static const double min[] = {70, 70, 80, 80};
	for (size_t i = 0; i < COUNT_OF(given); i++) {
		char id[8];
		snprintf(id, sizeof id, "a%zu", i);
		const told t = {"RUS", "CHN", KULA_SUPPLY, KULA_DONE, 100 + (int)i, {ITEM(KULA_ARMS, given[i].min, given[i].max, "count", KULA_PER_NONE, -1)}, 1};
		put(l, id, &t);
		CHECK_EQ_INT(answer_between_of(l, a, "RUS", "CHN", NULL, &b, &err), KULA_OK);
		REQUIRE(b.total_count == 1);
		CHECK_NEAR(b.totals[0].min, min[i], 0);
		CHECK(isnan(b.totals[0].max));
		CHECK_EQ_INT(b.totals[0].claims, i + 1);
	}
	CHECK_EQ_INT(b.totals[0].unknown, 1);
	ledger_filter f = ledger_filter_all();
	f.since = 101;
	f.until = 102;
	CHECK_EQ_INT(answer_between_of(l, a, "CHN", "RUS", &f, &b, &err), KULA_OK);
	REQUIRE(b.total_count == 1);
	CHECK_NEAR(b.totals[0].min, 10, 0);
	CHECK_NEAR(b.totals[0].max, 120, 0);
	CHECK_EQ_INT(b.totals[0].way, ANSWER_BACK);
	CHECK_EQ_INT(b.count, 2);
	CHECK_EQ_INT(b.documents, 2);
	CHECK_EQ_INT(b.publishers, 1);
	arena_free(a);
	ledger_close(l);
}

TEST(parts_ways_and_statuses)
{
	kula_error err = {0};
	ledger *l = ledger_memory(&err);
	arena *a = arena_new(1 << 22);
	REQUIRE(l && a);
	const told all[] = {
		/* seventy animals, of them two bears: seventy */
		{"RUS", "CHN", KULA_GIVE, KULA_DONE, 3, {ITEM(KULA_ANIMAL, 70, 70, "count", KULA_PER_NONE, -1), ITEM(KULA_ANIMAL, 2, 2, "count", KULA_PER_NONE, 0)}, 2},
		/* two kinds in one claim, two items of one kind */
		{"RUS", "CHN", KULA_GIVE, KULA_DONE, 2, {ITEM(KULA_ANIMAL, 1, 1, "count", KULA_PER_NONE, -1), ITEM(KULA_ANIMAL, 4, 4, "count", KULA_PER_NONE, -1),
			ITEM(KULA_FUEL, 5, 5, "barrel", KULA_PER_DAY, -1)}, 3},
		{"RUS", "CHN", KULA_GIVE, KULA_PROMISED, 1, {ITEM(KULA_ANIMAL, 9, 9, "count", KULA_PER_NONE, -1)}, 1},
		{"CHN", "RUS", KULA_GIVE, KULA_DONE, 4, {ITEM(KULA_ANIMAL, 8, 8, "count", KULA_PER_NONE, -1)}, 1},
		{"CHN", "RUS", KULA_MEET, KULA_DONE, 5, {{0}}, 0},
		{"RUS", "CHN", KULA_MEET, KULA_DONE, 6, {{0}}, 0},
		{"RUS", "USA", KULA_GIVE, KULA_DONE, 7, {{0}}, 0},
	};
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		char id[8];
		snprintf(id, sizeof id, "%c%zu", i % 2 ? 'b' : 'a', i);
		put(l, id, &all[i]);
	}
	answer_between b;
	CHECK_EQ_INT(answer_between_of(l, a, "RUS", "CHN", NULL, &b, &err), KULA_OK);
	CHECK_EQ_INT(b.count, 6);
	CHECK_EQ_INT(b.documents, 6);
	CHECK_EQ_INT(b.publishers, 2);
	for (uint32_t i = 1; i < b.count; i++)
		CHECK(b.rows[i - 1].claim.day <= b.rows[i].claim.day);
	static const struct { answer_way way; kula_act act; kula_kind kind; kula_claim_status status; double sum; uint32_t claims; } expected[] = {
		{ANSWER_FORTH, KULA_GIVE, KULA_ANIMAL, KULA_DONE, 75, 2},
		{ANSWER_FORTH, KULA_GIVE, KULA_ANIMAL, KULA_PROMISED, 9, 1},
		{ANSWER_FORTH, KULA_GIVE, KULA_FUEL, KULA_DONE, 5, 1},
		{ANSWER_BACK, KULA_GIVE, KULA_ANIMAL, KULA_DONE, 8, 1},
		{ANSWER_BOTH, KULA_MEET, 0, KULA_DONE, NAN, 2},
	};
	CHECK_EQ_INT(b.total_count, COUNT_OF(expected));
	for (uint32_t i = 0; i < b.total_count && i < COUNT_OF(expected); i++) {
		CHECK_EQ_INT(b.totals[i].way, expected[i].way);
		CHECK_EQ_INT(b.totals[i].act, expected[i].act);
		CHECK_EQ_INT(b.totals[i].kind, expected[i].kind);
		CHECK_EQ_INT(b.totals[i].status, expected[i].status);
		CHECK_NEAR(b.totals[i].max, expected[i].sum, 0);
		CHECK_EQ_INT(b.totals[i].claims, expected[i].claims);
	}
	CHECK_EQ_INT(answer_between_of(l, a, "RUS", "FRA", NULL, &b, &err), KULA_OK);
	CHECK_EQ_INT(b.count, 0);
	CHECK_EQ_INT(b.total_count, 0);
	arena_free(a);
	ledger_close(l);
}

TEST(no_memory)
{
	kula_error err = {0};
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	const told t = {"RUS", "CHN", KULA_GIVE, KULA_DONE, 3, {ITEM(KULA_ANIMAL, 70, 70, "count", KULA_PER_NONE, -1)}, 1};
	put(l, "a", &t);
	bool done = false;
	for (uint64_t n = 1; n < 200 && !done; n++) {
		err = (kula_error){0};
		base_fail_allocation(n);
		arena *a = arena_new(1 << 20);
		answer_between b;
		done = a && answer_between_of(l, a, "RUS", "CHN", NULL, &b, &err) == KULA_OK;
		base_fail_allocation(0);
		CHECK(done || !a || err.status == KULA_EMEMORY);
		arena_free(a);
	}
	CHECK(done);
	ledger_close(l);
}

TEST_MAIN(TEST_ENTRY(intervals_add), TEST_ENTRY(parts_ways_and_statuses), TEST_ENTRY(no_memory))
