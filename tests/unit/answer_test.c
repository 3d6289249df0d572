/* What exchanges add up to: intervals that all accounts allow, parts and wholes, pledges and what came of them, loans, stocks, pacts,
 * differences, sources, news. Exchanges are put together by hand, so that nothing here hangs on how claims are joined. */
#include "test.h"
#include <math.h>
#include <stdlib.h>
#include "answer/answer.h"
#include "ledger/db.h"
#include "ledger/join.h"

/* One account in a line. x: the exchange that it belongs to, from 1. */
typedef struct tale {
	int x;
	int told;                               /* day of publication, counted from day 20000 */
	kula_act act; kula_claim_status status;
	const char *from, *to;
	const char *what; kula_kind kind; double min, max; const char *unit; bool approx;
	const char *by;                         /* code of a source */
	int due;                                /* day, as told; 0: none */
	const char *agreement;
	const char *part_of; double part;       /* a second item, included in the first */
	const char *also; double also_min;      /* a second item beside it */
	kula_per per;
	int day;                                /* of the act; 0: none */
	const char *place;
} tale;
typedef struct bond { int from; const char *type; int to; } bond;
typedef struct odds { int x; const char *field; int one, other; } odds;   /* accounts by their place among the tales, from 0 */

enum { DAY = 20000, MOST = 40 };

typedef struct world {
	ledger *l;
	arena  *a;
	answer_units *u;
	answer_set s;
	int64_t exchange[MOST + 1], claim[MOST];
	uint32_t documents;
	kula_error err;
} world;

static void sql(world *w, const char *text)
{
	if (db_run(w->l, text, &w->err) != KULA_OK)
		fprintf(stderr, "%s\n", w->err.text);
}

static void put(world *w, const tale *t, uint32_t n)
{
	kula_error err = {0};
	ledger_added out;
	char text[200], id[32];
	kula_party from = {.text = t->from}, to = {.text = t->to}, by = {.text = t->by, .verb = "said"};
	if (t->from) snprintf(from.code, sizeof from.code, "%s", t->from);
	if (t->to) snprintf(to.code, sizeof to.code, "%s", t->to);
	if (t->by) snprintf(by.code, sizeof by.code, "%s", t->by);
	snprintf(text, sizeof text, "Report %u: something was passed.", n);
	snprintf(id, sizeof id, "d%u", n);
	const uint32_t at = (uint32_t)(strstr(text, "passed") - text);
	const kula_item items[] = {
		{.text = t->what, .what = t->what, .kind = t->kind, .q = {t->min, t->max, t->unit ? t->unit : "count", t->per, t->approx}, .in = -1},
		{.text = t->part_of ? t->part_of : t->also, .what = t->part_of ? t->part_of : t->also, .kind = t->kind,
			.q = {t->part_of ? t->part : t->also_min, t->part_of ? t->part : t->also_min, "count", KULA_PER_NONE, false}, .in = t->part_of ? 0 : -1},
	};
	const kula_claim c = {.evidence = text, .span = {0, (uint32_t)strlen(text)}, .trigger = "passed", .trigger_span = {at, at + 6}, .act = t->act,
		.status = t->status, .from = &from, .from_count = t->from ? 1 : 0, .to = &to, .to_count = t->to ? 1 : 0, .items = items,
		.item_count = t->what ? t->part_of || t->also ? 2 : 1 : 0, .said_by = &by, .said_by_count = t->by ? 1 : 0,
		.date = {t->day ? DAY + t->day : KULA_NO_DAY, t->day ? DAY + t->day : KULA_NO_DAY},
		.due = {t->due ? DAY + t->due : KULA_NO_DAY, t->due ? DAY + t->due : KULA_NO_DAY}, .confidence = NAN, .agreement = t->agreement, .place_at = t->place};
	const kula_document d = {.id = id, .publisher = n % 2 ? "Alpha" : "Beta", .published = DAY + t->told, .text = text, .text_bytes = strlen(text)};
	CHECK_EQ_INT(ledger_add(w->l, &d, NULL, &c, 1, ledger_reader(w->l, "test", "", "", "", &err), false, &out, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
	char number[32];
	snprintf(number, sizeof number, "%lld.1", (long long)out.document);
	w->claim[n] = ledger_claim_of(w->l, number, &err);
	if (!w->exchange[t->x])
		w->exchange[t->x] = w->claim[n];
}

static bool make(world *w, const tale *tales, uint32_t count, const bond *bonds, uint32_t bond_count, const odds *differ, uint32_t differ_count)
{
	memset(w, 0, sizeof *w);
	w->l = ledger_memory(&w->err);
	w->a = arena_new(64 << 20);
	w->u = answer_units_open(NULL, &w->err);
	if (!w->l || !w->a || !w->u) {
		fprintf(stderr, "%s\n", w->err.text);
		return false;
	}
	sql(w, join_schema);
	for (uint32_t i = 0; i < count; i++)
		put(w, &tales[i], i);
	for (int x = 1; x <= MOST && w->exchange[x]; x++) {
		char text[400], day[24] = "NULL";
		const tale *last = NULL;
		int first_told = 0, n = 0;
		for (uint32_t i = 0; i < count; i++) {
			if (tales[i].x != x)
				continue;
			if (!last)
				first_told = tales[i].told;
			if (!last || tales[i].status != KULA_DENIED)
				last = &tales[i];
			if (tales[i].day)
				snprintf(day, sizeof day, "%d", DAY + tales[i].day);
			n++;
		}
		const kula_claim_status s = last->status;
		const bool fact = s != KULA_PROMISED && s != KULA_OFFERED && s != KULA_REQUESTED && s != KULA_THREATENED && s != KULA_REFUSED;
		snprintf(text, sizeof text, "INSERT INTO exchange VALUES (%lld, %lld, '%s', '%s', %d, %s, %s, %d, %d, %d, %d, %d)", (long long)w->exchange[x],
			(long long)w->exchange[x], kula_act_name(last->act), kula_status_name(s), fact, day, day, DAY + first_told, DAY + last->told, n, n, n);
		sql(w, text);
		for (uint32_t i = 0; i < count; i++)
			if (tales[i].x == x) {
				snprintf(text, sizeof text, "INSERT INTO exchange_claim VALUES (%lld, %lld)", (long long)w->claim[i], (long long)w->exchange[x]);
				sql(w, text);
			}
	}
	for (uint32_t i = 0; i < bond_count && bonds[i].type; i++) {
		char text[200];
		snprintf(text, sizeof text, "INSERT INTO link VALUES (%lld, '%s', %lld, 1)", (long long)w->exchange[bonds[i].from], bonds[i].type,
			(long long)w->exchange[bonds[i].to]);
		sql(w, text);
	}
	for (uint32_t i = 0; i < differ_count; i++) {
		char text[200];
		snprintf(text, sizeof text, "INSERT INTO difference VALUES (%lld, '%s', %lld, %lld)", (long long)w->exchange[differ[i].x], differ[i].field,
			(long long)w->claim[differ[i].one], (long long)w->claim[differ[i].other]);
		sql(w, text);
	}
	sql(w, "DELETE FROM join_pending");
	return *w->err.text == 0;
}
#define MAKE(w, tales, bonds, differ) \
	REQUIRE(make(&(w), (tales), COUNT_OF(tales), (bonds), COUNT_OF(bonds), (differ), COUNT_OF(differ)))
static const bond no_bonds[1];
static const odds no_odds[1];
#define MAKE_PLAIN(w, tales) REQUIRE(make(&(w), (tales), COUNT_OF(tales), no_bonds, 0, no_odds, 0))
#define MAKE_BOUND(w, tales, bonds) REQUIRE(make(&(w), (tales), COUNT_OF(tales), (bonds), COUNT_OF(bonds), no_odds, 0))

static void unmake(world *w)
{
	answer_set_clear(&w->s);
	answer_units_free(w->u);
	arena_free(w->a);
	ledger_close(w->l);
}

static const uint32_t all_links = 1u << ANSWER_FULFILS | 1u << ANSWER_PART | 1u << ANSWER_RETURNS | 1u << ANSWER_UNDER | 1u << ANSWER_ANSWERS;

static bool ask(world *w, answer_filter f)
{
	answer_set_clear(&w->s);
	const bool ok = answer_exchanges(w->l, w->u, w->a, &f, all_links, &w->s, &w->err) == KULA_OK;
	if (!ok)
		fprintf(stderr, "%s\n", w->err.text);
	return ok;
}
static answer_filter pair(const char *a, const char *b)
{
	answer_filter f = answer_filter_all();
	f.a = a;
	f.b = b;
	return f;
}
static const answer_exchange *number(const world *w, int x)
{
	const uint32_t at = answer_place(&w->s, w->exchange[x]);
	return at == UINT32_MAX ? NULL : &w->s.at[at];
}

/* ---- intervals ---- */

#define I(min, max) {min, max, false}
#define ABOUT(v) {v, v, true}

TEST(what_figures_allow)
{
	static const struct { const char *name; answer_interval q[3]; uint32_t n; double min, max; bool differ; } cases[] = {
		{"none", {I(NAN, NAN)}, 0, NAN, NAN, false},
		{"one", {I(70, NAN)}, 1, 70, NAN, false},
		{"one says nothing", {I(NAN, NAN), I(5, 5)}, 2, 5, 5, false},
		{"at least and at most", {I(70, NAN), I(NAN, 100)}, 2, 70, 100, false},
		{"narrower", {I(24, NAN), I(30, 40), I(35, 50)}, 3, 35, 40, false},
		{"apart", {I(70, 70), I(75, 75)}, 2, 70, 75, true},
		{"apart, one open", {I(200, NAN), I(NAN, 100)}, 2, NAN, NAN, true},
		{"about, near", {ABOUT(70), ABOUT(74)}, 2, 70, 74, false},
		{"about, far", {ABOUT(70), ABOUT(90)}, 2, 70, 90, true},
		{"about and exact within a tenth", {ABOUT(70), I(72, 72)}, 2, 72, 72, false},
		{"about and at least", {ABOUT(70), I(60, NAN)}, 2, 70, 70, false},
		{"about and more", {ABOUT(70), I(72, NAN)}, 2, 72, 77, false},
		{"about and exact beyond", {ABOUT(70), I(80, 80)}, 2, 70, 80, true},
		{"an outlier makes all differ", {I(70, 70), I(70, 70), I(7, 7)}, 3, 7, 70, true},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool differ;
		const answer_interval q = answer_allowed(cases[i].q, cases[i].n, &differ);
		CHECK_ROW(differ == cases[i].differ, cases[i].name);
		CHECK_ROW((isnan(q.min) && isnan(cases[i].min)) || fabs(q.min - cases[i].min) < 1e-9, cases[i].name);
		CHECK_ROW((isnan(q.max) && isnan(cases[i].max)) || fabs(q.max - cases[i].max) < 1e-9, cases[i].name);
	}
}

TEST(intervals_add_and_subtract)
{
	static const struct { answer_interval a, b; double plus_min, plus_max, minus_min, minus_max; } cases[] = {
		{I(31, 31), I(10, 10), 41, 41, 21, 21},
		{I(31, 31), I(10, NAN), 41, NAN, 0, 21},
		{I(31, 31), I(NAN, 10), 31, 41, 21, 31},
		{I(31, NAN), I(10, 12), 41, NAN, 19, NAN},
		{I(20, 30), I(25, 40), 45, 70, 0, 5},
		{I(10, 10), I(12, 12), 22, 22, 0, 0},
		{I(NAN, NAN), I(5, 5), 5, NAN, 0, NAN},
		{I(8, 8), I(NAN, NAN), 8, NAN, 0, 8},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const answer_interval plus = answer_plus(cases[i].a, cases[i].b), minus = answer_minus(cases[i].a, cases[i].b);
		CHECK_NEAR(plus.min, cases[i].plus_min, 0);
		CHECK_NEAR(plus.max, cases[i].plus_max, 0);
		CHECK_NEAR(minus.min, cases[i].minus_min, 0);
		CHECK_NEAR(minus.max, cases[i].minus_max, 0);
	}
}

/* ---- exchanges ---- */

TEST(accounts_of_one_exchange)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_SUPPLY, .status = KULA_PLANNED, .from = "RUS", .to = "PRK", .what = "animal", .kind = KULA_ANIMAL, .min = 100, .max = 100},
		{.x = 1, .told = 3, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "animal", .kind = KULA_ANIMAL, .min = 70, .max = NAN,
			.part_of = "bear", .part = 2, .day = 2},
		{.x = 1, .told = 4, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "beast", .kind = KULA_ANIMAL, .min = NAN, .max = 80},
		{.x = 1, .told = 5, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "bear", .kind = KULA_ANIMAL, .min = 2, .max = 2},
		{.x = 1, .told = 6, .act = KULA_GIVE, .status = KULA_DENIED, .from = "RUS", .to = "PRK", .what = "animal", .kind = KULA_ANIMAL, .min = 500, .max = 500, .by = "PRK"},
		{.x = 2, .told = 6, .act = KULA_MEET, .status = KULA_DONE, .from = "PRK", .to = "RUS"},
		{.x = 3, .told = 6, .act = KULA_MEET, .status = KULA_DONE, .from = "PRK", .to = "CHN"},
	};
	static const odds differ[] = {{1, "status", 1, 4}};
	world w;
	MAKE(w, tales, no_bonds, differ);
	REQUIRE(ask(&w, pair("RUS", "PRK")));
	CHECK_EQ_INT(w.s.asked, 2);
	const answer_exchange *x = number(&w, 1);
	REQUIRE(x != NULL);
	CHECK_EQ_STR(x->number, "x1.1");
	CHECK_EQ_INT(x->way, ANSWER_FORTH);
	CHECK_EQ_INT(x->account_count, 5);
	CHECK_EQ_INT(x->step_count, 3);         /* planned, done, denied */
	CHECK_EQ_INT(x->days.first, DAY + 2);
	CHECK(x->contested);
	/* seventy or more and at most eighty; of them two bears; the plan's hundred and the denial's five hundred don't count */
	REQUIRE(x->thing_count == 2);
	CHECK_NEAR(x->things[0].q.min, 70, 0);
	CHECK_NEAR(x->things[0].q.max, 80, 0);
	CHECK_EQ_INT(x->things[0].told, 2);
	CHECK(!x->things[0].differ && !x->things[0].as_lead);
	CHECK_EQ_STR(x->things[1].what, "bear");
	CHECK_EQ_INT(x->things[1].in, 0);
	CHECK_NEAR(x->things[1].q.max, 2, 0);
	CHECK_EQ_INT(x->things[1].told, 2);
	CHECK_EQ_INT(number(&w, 2)->way, ANSWER_BOTH);
	/* the other way round: the same exchange, the other direction */
	REQUIRE(ask(&w, pair("PRK", "RUS")));
	CHECK_EQ_INT(number(&w, 1)->way, ANSWER_BACK);
	answer_filter f = pair("RUS", "PRK");
	f.since = DAY + 4;
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(w.s.asked, 1);             /* the meeting: the gift was on day 2 */
	f = pair("RUS", "PRK");
	f.differing = true;
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(w.s.asked, 1);
	f = pair("RUS", "PRK");
	f.kinds = 1u << KULA_ARMS;
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(w.s.asked, 0);
	f = answer_filter_all();
	f.from = "PRK";
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(w.s.asked, 2);             /* of a meeting both sides act */
	unmake(&w);
}

TEST(one_figure_for_what_another_tells_apart)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_SELL, .status = KULA_DONE, .from = "FRA", .to = "EGY", .what = "tank", .kind = KULA_ARMS, .min = 10, .max = 10, .also = "gun", .also_min = 20},
		{.x = 1, .told = 2, .act = KULA_SELL, .status = KULA_DONE, .from = "FRA", .to = "EGY", .what = "weapon", .kind = KULA_ARMS, .min = 30, .max = 30},
		{.x = 1, .told = 3, .act = KULA_SELL, .status = KULA_DONE, .from = "FRA", .to = "EGY", .what = "tank", .kind = KULA_ARMS, .min = 12, .max = 12},
	};
	world w;
	MAKE_PLAIN(w, tales);
	REQUIRE(ask(&w, pair("FRA", "EGY")));
	const answer_exchange *x = number(&w, 1);
	REQUIRE(x && x->thing_count == 3);
	CHECK_EQ_STR(x->things[2].what, "weapon");
	CHECK_EQ_INT(x->things[0].in, 2);       /* tanks and guns are of the thirty weapons */
	CHECK_EQ_INT(x->things[1].in, 2);
	CHECK(x->things[0].differ);
	CHECK_NEAR(x->things[0].q.min, 10, 0);
	CHECK_NEAR(x->things[0].q.max, 12, 0);
	answer_balance b;
	CHECK_EQ_INT(answer_balance_of(&w.s, w.a, answer_passing_acts(), true, &b, &w.err), KULA_OK);
	REQUIRE(b.count == 4);
	CHECK(!b.rows[0].what);
	CHECK_NEAR(b.rows[0].delivered.q.min, 30, 0);   /* not sixty */
	CHECK_NEAR(b.rows[0].delivered.q.max, 30, 0);
	CHECK_EQ_STR(b.rows[1].what, "gun");
	CHECK_NEAR(b.rows[1].delivered.q.min, 20, 0);
	unmake(&w);
}

TEST(units_that_measure_the_same)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_GIVE, .status = KULA_DONE, .from = "IND", .to = "LKA", .what = "rice", .kind = KULA_FOOD, .min = 4000, .max = 4000, .unit = "kg"},
		{.x = 1, .told = 2, .act = KULA_GIVE, .status = KULA_DONE, .from = "IND", .to = "LKA", .what = "rice", .kind = KULA_FOOD, .min = 4, .max = NAN, .unit = "tonne"},
		{.x = 2, .told = 9, .act = KULA_GIVE, .status = KULA_DONE, .from = "IND", .to = "LKA", .what = "rice", .kind = KULA_FOOD, .min = 500, .max = 600, .unit = "kg"},
		{.x = 3, .told = 9, .act = KULA_GIVE, .status = KULA_DONE, .from = "IND", .to = "LKA", .what = "dollar", .kind = KULA_MONEY, .min = 10, .max = 10, .unit = "USD"},
		{.x = 4, .told = 9, .act = KULA_GIVE, .status = KULA_DONE, .from = "IND", .to = "LKA", .what = "euro", .kind = KULA_MONEY, .min = 20, .max = 20, .unit = "EUR"},
		{.x = 5, .told = 9, .act = KULA_GIVE, .status = KULA_DONE, .from = "IND", .to = "LKA", .what = "rice", .kind = KULA_FOOD, .min = 7, .max = 7, .unit = "tonne",
			.per = KULA_PER_MONTH},
	};
	world w;
	MAKE_PLAIN(w, tales);
	REQUIRE(ask(&w, pair("IND", "LKA")));
	const answer_exchange *x = number(&w, 1);
	REQUIRE(x && x->thing_count == 1);
	CHECK_EQ_STR(x->things[0].unit, "tonne");
	CHECK_NEAR(x->things[0].q.min, 4, 1e-9);
	CHECK_NEAR(x->things[0].q.max, 4, 1e-9);
	CHECK_EQ_STR(number(&w, 2)->things[0].unit, "kg");
	answer_balance b;
	CHECK_EQ_INT(answer_balance_of(&w.s, w.a, answer_passing_acts(), false, &b, &w.err), KULA_OK);
	REQUIRE(b.count == 4);          /* rice, rice a month, euros, dollars: no sum over currencies or over rates */
	CHECK_EQ_STR(b.rows[0].unit, "tonne");
	CHECK_NEAR(b.rows[0].delivered.q.min, 4.5, 1e-9);
	CHECK_NEAR(b.rows[0].delivered.q.max, 4.6, 1e-9);
	CHECK_EQ_INT(b.rows[1].per, KULA_PER_MONTH);
	CHECK_EQ_STR(b.rows[2].unit, "EUR");
	CHECK_EQ_STR(b.rows[3].unit, "USD");
	unmake(&w);
}

/* ---- sums ---- */

TEST(parts_and_wholes)
{
#define TANKS(x_, told_, status_, min_, max_) {.x = x_, .told = told_, .act = KULA_SUPPLY, .status = status_, .from = "DEU", .to = "UKR", .what = "tank", .kind = KULA_ARMS, .min = min_, .max = max_}
	static const struct { const char *name; tale tales[4]; uint32_t count; bond bonds[4]; uint32_t bond_count; double planned_min, planned_max, done_min, done_max; bool differ; } cases[] = {
		{"two parts of a whole", {TANKS(1, 9, KULA_DONE, 31, 31), TANKS(2, 3, KULA_DONE, 10, 10), TANKS(3, 5, KULA_DONE, 21, 21)}, 3,
			{{2, "part", 1}, {3, "part", 1}}, 2, 0, 0, 31, 31, false},
		{"the whole is at least its parts", {TANKS(1, 9, KULA_DONE, NAN, NAN), TANKS(2, 3, KULA_DONE, 10, 10), TANKS(3, 5, KULA_DONE, 21, NAN)}, 3,
			{{2, "part", 1}, {3, "part", 1}}, 2, 0, 0, 31, NAN, false},
		{"parts of a part", {TANKS(1, 9, KULA_DONE, 31, 31), TANKS(2, 3, KULA_DONE, 10, 10), TANKS(3, 5, KULA_DONE, 4, 4)}, 3,
			{{2, "part", 1}, {3, "part", 2}}, 2, 0, 0, 31, 31, false},
		{"parts that are more than the whole", {TANKS(1, 9, KULA_DONE, 20, 20), TANKS(2, 3, KULA_DONE, 10, 10), TANKS(3, 5, KULA_DONE, 21, 21)}, 3,
			{{2, "part", 1}, {3, "part", 1}}, 2, 0, 0, 20, 31, true},
		{"a circle of parts", {TANKS(1, 9, KULA_DONE, 20, 20), TANKS(2, 3, KULA_DONE, 20, 20)}, 2, {{1, "part", 2}, {2, "part", 1}}, 2, 0, 0, 20, 20, false},
		{"done parts of a plan", {TANKS(1, 1, KULA_PLANNED, 31, 31), TANKS(2, 3, KULA_DONE, 10, 10), TANKS(3, 5, KULA_DONE, 5, 6)}, 3,
			{{2, "part", 1}, {3, "part", 1}}, 2, 15, 16, 15, 16, false},
		{"a planned part of what is done", {TANKS(1, 1, KULA_DONE, 31, 31), TANKS(2, 3, KULA_PLANNED, 10, 10)}, 2, {{2, "part", 1}}, 1, 0, 0, 31, 31, false},
		{"unlinked ones add", {TANKS(1, 1, KULA_DONE, 10, NAN), TANKS(2, 3, KULA_DONE, NAN, 20), TANKS(3, 4, KULA_DONE, 5, 6)}, 3, {{0}}, 0, 0, 0, 15, NAN, false},
		{"possible and denied don't count", {TANKS(1, 1, KULA_DONE, 1, 1), TANKS(2, 3, KULA_POSSIBLE, 100, 100), TANKS(3, 4, KULA_DENIED, 50, 50)}, 3, {{0}}, 0, 0, 0, 1, 1, false},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		world w;
		REQUIRE(make(&w, cases[i].tales, cases[i].count, cases[i].bonds, cases[i].bond_count, no_odds, 0));
		answer_balance b;
		REQUIRE(ask(&w, pair("DEU", "UKR")));
		CHECK_EQ_INT(answer_balance_of(&w.s, w.a, answer_passing_acts(), false, &b, &w.err), KULA_OK);
		REQUIRE(b.count == 1);
		const answer_balance_row *r = &b.rows[0];
		CHECK_ROW(r->planned.q.min == cases[i].planned_min && r->planned.q.max == cases[i].planned_max, cases[i].name);
		CHECK_ROW(r->delivered.q.min == cases[i].done_min, cases[i].name);
		CHECK_ROW(isnan(cases[i].done_max) ? isnan(r->delivered.q.max) : r->delivered.q.max == cases[i].done_max, cases[i].name);
		CHECK_ROW(r->delivered.differ == cases[i].differ, cases[i].name);
		unmake(&w);
	}
}

TEST(a_contested_delivery_counts_from_nothing)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_SELL, .status = KULA_DONE, .from = "SVK", .to = "UKR", .what = "jet", .kind = KULA_AIRCRAFT, .min = 4, .max = 4},
		{.x = 1, .told = 2, .act = KULA_SELL, .status = KULA_DENIED, .from = "SVK", .to = "UKR", .what = "jet", .kind = KULA_AIRCRAFT, .min = 4, .max = 4, .by = "SVK"},
	};
	static const odds differ[] = {{1, "status", 0, 1}};
	world w;
	MAKE(w, tales, no_bonds, differ);
	answer_balance b;
	REQUIRE(ask(&w, pair("SVK", "UKR")));
	CHECK_EQ_INT(answer_balance_of(&w.s, w.a, answer_passing_acts(), false, &b, &w.err), KULA_OK);
	REQUIRE(b.count == 1);
	CHECK_NEAR(b.rows[0].delivered.q.min, 0, 0);
	CHECK_NEAR(b.rows[0].delivered.q.max, 4, 0);
	CHECK(b.rows[0].delivered.differ);
	unmake(&w);
}

TEST(pledged_delivered_outstanding)
{
#define GIFT(x_, told_, status_, min_, max_, ...) {.x = x_, .told = told_, .act = KULA_GIVE, .status = status_, .from = "JPN", .to = "KEN", .what = "bus", .kind = KULA_VEHICLE, .min = min_, .max = max_, __VA_ARGS__}
	static const struct {
		const char *name; tale tales[4]; uint32_t count; bond bonds[5]; uint32_t bond_count;
		double delivered_min, delivered_max, left_min, left_max; answer_state state; bool overdue; double over;
	} cases[] = {
		{"nothing yet, not due", {GIFT(1, 1, KULA_PROMISED, 31, 31, .due = 60)}, 1, {{0}}, 0, 0, 0, 31, 31, ANSWER_OPEN, false, 0},
		{"nothing yet, overdue", {GIFT(1, 1, KULA_PROMISED, 31, 31, .due = 40)}, 1, {{0}}, 0, 0, 0, 31, 31, ANSWER_OPEN, true, 0},
		{"on its last day it is not overdue", {GIFT(1, 1, KULA_PROMISED, 31, 31, .due = 50)}, 1, {{0}}, 0, 0, 0, 31, 31, ANSWER_OPEN, false, 0},
		{"partly", {GIFT(1, 1, KULA_PROMISED, 31, 31, .due = 40), GIFT(2, 5, KULA_DONE, 10, 10)}, 2, {{2, "fulfils", 1}}, 1, 10, 10, 21, 21, ANSWER_PARTLY, true, 0},
		{"kept in two parts", {GIFT(1, 1, KULA_PROMISED, 31, 31, .due = 40), GIFT(2, 5, KULA_DONE, 10, 10), GIFT(3, 6, KULA_DONE, 21, 21)}, 3,
			{{2, "fulfils", 1}, {3, "fulfils", 1}}, 2, 31, 31, 0, 0, ANSWER_KEPT, false, 0},
		{"the whole and its part both fulfil", {GIFT(1, 1, KULA_PROMISED, 31, 31), GIFT(2, 5, KULA_DONE, 31, 31), GIFT(3, 4, KULA_DONE, 10, 10)}, 3,
			{{2, "fulfils", 1}, {3, "fulfils", 1}, {3, "part", 2}}, 3, 31, 31, 0, 0, ANSWER_KEPT, false, 0},
		{"an open delivery", {GIFT(1, 1, KULA_PROMISED, 31, 31, .due = 40), GIFT(2, 5, KULA_DONE, 20, NAN)}, 2, {{2, "fulfils", 1}}, 1, 20, NAN, 0, 11, ANSWER_UNCLEAR, false, 0},
		{"more than was pledged", {GIFT(1, 1, KULA_PROMISED, 31, 31), GIFT(2, 5, KULA_DONE, 40, 40)}, 2, {{2, "fulfils", 1}}, 1, 40, 40, 0, 0, ANSWER_KEPT, false, 9},
		{"about as many", {GIFT(1, 1, KULA_PROMISED, 30, 30, .approx = true), GIFT(2, 5, KULA_DONE, 29, 29)}, 2, {{2, "fulfils", 1}}, 1, 29, 29, 0, 0, ANSWER_KEPT, false, 0},
		{"a plan is no delivery", {GIFT(1, 1, KULA_PROMISED, 31, 31), GIFT(2, 5, KULA_PLANNED, 10, 10)}, 2, {{2, "fulfils", 1}}, 1, 0, 0, 31, 31, ANSWER_OPEN, false, 0},
		{"a delivery without a figure", {GIFT(1, 1, KULA_PROMISED, 31, 31), GIFT(2, 5, KULA_DONE, NAN, NAN)}, 2, {{2, "fulfils", 1}}, 1, 0, NAN, 0, 31, ANSWER_UNCLEAR, false, 0},
		{"what answers a part answers the pledge", {GIFT(1, 1, KULA_PROMISED, 31, 31), GIFT(2, 2, KULA_PROMISED, 10, 10), GIFT(3, 5, KULA_DONE, 10, 10)}, 3,
			{{2, "part", 1}, {3, "fulfils", 2}}, 2, 10, 10, 21, 21, ANSWER_PARTLY, false, 0},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		world w;
		REQUIRE(make(&w, cases[i].tales, cases[i].count, cases[i].bonds, cases[i].bond_count, no_odds, 0));
		answer_filter f = answer_filter_all();
		f.undertakings = true;
		f.from = "JPN";
		answer_pledges p;
		REQUIRE(ask(&w, f));
		CHECK_EQ_INT(answer_pledges_of(&w.s, w.a, false, DAY + 50, &p, &w.err), KULA_OK);
		REQUIRE(p.count >= 1 && p.rows[0].line_count == 1);
		const answer_line *n = &p.rows[0].lines[0];
		CHECK_ROW(n->delivered.q.min == cases[i].delivered_min, cases[i].name);
		CHECK_ROW(isnan(cases[i].delivered_max) ? isnan(n->delivered.q.max) : n->delivered.q.max == cases[i].delivered_max, cases[i].name);
		CHECK_ROW(n->outstanding.q.min == cases[i].left_min && n->outstanding.q.max == cases[i].left_max, cases[i].name);
		CHECK_ROW(p.rows[0].state == cases[i].state, cases[i].name);
		CHECK_ROW(p.rows[0].overdue == cases[i].overdue, cases[i].name);
		CHECK_ROW(n->over.min == cases[i].over, cases[i].name);
		/* the balance says the same of the pair; a pledge that is part of another is in it once */
		answer_balance b;
		REQUIRE(ask(&w, pair("JPN", "KEN")));
		CHECK_EQ_INT(answer_balance_of(&w.s, w.a, answer_passing_acts(), false, &b, &w.err), KULA_OK);
		REQUIRE(b.count == 1);
		CHECK_ROW(b.rows[0].pledged.q.min == cases[i].tales[0].min, cases[i].name);
		CHECK_ROW(b.rows[0].outstanding.q.min == cases[i].left_min && b.rows[0].outstanding.q.max == cases[i].left_max, cases[i].name);
		unmake(&w);
	}
}

TEST(a_pledge_of_several_things)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_GIVE, .status = KULA_PROMISED, .from = "POL", .to = "UKR", .what = "tank", .kind = KULA_ARMS, .min = 14, .max = 14, .also = "shell", .also_min = 5000},
		{.x = 2, .told = 5, .act = KULA_SUPPLY, .status = KULA_DONE, .from = "POL", .to = "UKR", .what = "Leopard tank", .kind = KULA_ARMS, .min = 4, .max = 4},
		{.x = 3, .told = 6, .act = KULA_SUPPLY, .status = KULA_DONE, .from = "POL", .to = "UKR", .what = "shell", .kind = KULA_ARMS, .min = 5000, .max = 5000},
		/* a rate, of which one lot came */
		{.x = 4, .told = 7, .act = KULA_SUPPLY, .status = KULA_PROMISED, .from = "POL", .to = "UKR", .what = "litre of fuel", .kind = KULA_FUEL, .min = 100, .max = 100, .unit = "litre", .per = KULA_PER_DAY},
		{.x = 5, .told = 8, .act = KULA_SUPPLY, .status = KULA_DONE, .from = "POL", .to = "UKR", .what = "fuel", .kind = KULA_FUEL, .min = 700, .max = 700, .unit = "litre"},
	};
	static const bond bonds[] = {{2, "fulfils", 1}, {3, "fulfils", 1}, {5, "fulfils", 4}};
	world w;
	MAKE_BOUND(w, tales, bonds);
	answer_filter f = pair("POL", "UKR");
	f.undertakings = true;
	answer_pledges p;
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(answer_pledges_of(&w.s, w.a, false, KULA_NO_DAY, &p, &w.err), KULA_OK);
	REQUIRE(p.count == 2 && p.rows[0].line_count == 2);
	CHECK_NEAR(p.rows[0].lines[0].outstanding.q.min, 10, 0);
	CHECK_NEAR(p.rows[0].lines[1].outstanding.q.max, 0, 0);
	CHECK_EQ_INT(p.rows[0].state, ANSWER_PARTLY);
	CHECK(p.rows[1].lines[0].rate);
	CHECK_NEAR(p.rows[1].lines[0].delivered.q.min, 700, 0);
	CHECK_EQ_INT(p.rows[1].state, ANSWER_UNCLEAR);
	/* the terms of a delivery are those of its pledge: one row of gifts */
	answer_balance b;
	REQUIRE(ask(&w, pair("POL", "UKR")));
	CHECK_EQ_INT(answer_balance_of(&w.s, w.a, answer_passing_acts(), false, &b, &w.err), KULA_OK);
	CHECK_EQ_INT(b.rows[0].act, KULA_GIVE);
	CHECK_NEAR(b.rows[0].pledged.q.min, 5014, 0);
	CHECK_NEAR(b.rows[0].delivered.q.min, 5004, 0);
	CHECK_NEAR(b.rows[0].outstanding.q.min, 10, 0);
	unmake(&w);
}

TEST(loans_and_what_came_back)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_LEND, .status = KULA_DONE, .from = "CHN", .to = "USA", .what = "panda", .kind = KULA_ANIMAL, .min = 3, .max = 3, .due = 30},
		{.x = 2, .told = 9, .act = KULA_RETURN, .status = KULA_DONE, .from = "USA", .to = "CHN", .what = "panda", .kind = KULA_ANIMAL, .min = 2, .max = 2},
		{.x = 3, .told = 2, .act = KULA_LEND, .status = KULA_DONE, .from = "CHN", .to = "JPN", .what = "panda", .kind = KULA_ANIMAL, .min = 1, .max = 1},
		{.x = 4, .told = 9, .act = KULA_RETURN, .status = KULA_DONE, .from = "JPN", .to = "CHN", .what = "panda", .kind = KULA_ANIMAL, .min = 1, .max = 1},
		{.x = 5, .told = 3, .act = KULA_LEND, .status = KULA_DONE, .from = "CHN", .to = "FRA", .what = "panda", .kind = KULA_ANIMAL, .min = 2, .max = 2},
		{.x = 6, .told = 9, .act = KULA_RETURN, .status = KULA_PLANNED, .from = "FRA", .to = "CHN", .what = "panda", .kind = KULA_ANIMAL, .min = 2, .max = 2, .day = 40},
		{.x = 7, .told = 3, .act = KULA_LEND, .status = KULA_PLANNED, .from = "CHN", .to = "AUT", .what = "panda", .kind = KULA_ANIMAL, .min = 2, .max = 2},
	};
	static const bond bonds[] = {{2, "returns", 1}, {4, "returns", 3}, {6, "returns", 5}};
	world w;
	MAKE_BOUND(w, tales, bonds);
	answer_filter f = answer_filter_all();
	f.acts = 1u << KULA_LEND;
	answer_pledges p;
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(answer_pledges_of(&w.s, w.a, true, DAY + 50, &p, &w.err), KULA_OK);
	REQUIRE(p.count == 3);          /* a loan that is only planned is none yet */
	CHECK_EQ_INT(p.rows[0].state, ANSWER_PARTLY);
	CHECK(p.rows[0].overdue);
	CHECK_EQ_INT(p.rows[0].days_over, 20);
	CHECK_NEAR(p.rows[0].lines[0].outstanding.q.min, 1, 0);
	CHECK_EQ_INT(p.rows[1].state, ANSWER_KEPT);
	CHECK_EQ_INT(p.rows[2].state, ANSWER_OPEN);
	CHECK_EQ_INT(p.rows[2].due.last, DAY + 40);     /* when its return is planned */
	CHECK(p.rows[2].overdue);
	unmake(&w);
}

TEST(stocks_are_no_flow)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_HOLD, .status = KULA_ONGOING, .from = "RUS", .what = "tank", .kind = KULA_ARMS, .min = 3000, .max = 3000},
		{.x = 2, .told = 90, .act = KULA_HOLD, .status = KULA_ONGOING, .from = "RUS", .what = "tank", .kind = KULA_ARMS, .min = 2500, .max = 2600},
		{.x = 3, .told = 90, .act = KULA_HOLD, .status = KULA_ONGOING, .from = "RUS", .what = "tank", .kind = KULA_ARMS, .min = 10, .max = 10, .place = "Gyumri"},
		{.x = 4, .told = 5, .act = KULA_SELL, .status = KULA_DONE, .from = "RUS", .to = "IND", .what = "tank", .kind = KULA_ARMS, .min = 20, .max = 20},
	};
	world w;
	MAKE_PLAIN(w, tales);
	answer_filter f = answer_filter_all();
	f.a = "RUS";
	f.acts = 1u << KULA_HOLD;
	answer_stocks k;
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(answer_stocks_of(&w.s, w.a, &k, &w.err), KULA_OK);
	REQUIRE(k.count == 2);
	CHECK(!k.rows[0].place);
	CHECK_EQ_INT(k.rows[0].count, 2);       /* told twice, not added */
	CHECK_NEAR(k.rows[0].change.min, -500, 0);
	CHECK_NEAR(k.rows[0].change.max, -400, 0);
	CHECK_EQ_STR(k.rows[1].place, "Gyumri");
	answer_balance b;
	f = answer_filter_all();
	f.a = "RUS";
	REQUIRE(ask(&w, f));
	CHECK_EQ_INT(answer_balance_of(&w.s, w.a, UINT32_MAX, false, &b, &w.err), KULA_OK);
	REQUIRE(b.count == 1);
	CHECK_NEAR(b.rows[0].delivered.q.max, 20, 0);
	unmake(&w);
}

/* ---- pacts, differences, sources, news ---- */

TEST(pacts_with_what_belongs_to_them)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_AGREE, .status = KULA_DONE, .from = "ETH", .to = "SOM", .agreement = "port agreement"},
		{.x = 2, .told = 3, .act = KULA_SIGN, .status = KULA_DONE, .from = "SOM", .to = "ETH", .agreement = "the Berbera port treaty"},
		{.x = 3, .told = 5, .act = KULA_RATIFY, .status = KULA_DONE, .from = "ETH", .to = "SOM", .agreement = "port treaty"},
		{.x = 4, .told = 5, .act = KULA_SUPPLY, .status = KULA_PROMISED, .from = "ETH", .to = "SOM", .what = "crane", .kind = KULA_EQUIPMENT, .min = 4, .max = 4, .due = 8},
		{.x = 5, .told = 9, .act = KULA_SUPPLY, .status = KULA_DONE, .from = "ETH", .to = "SOM", .what = "crane", .kind = KULA_EQUIPMENT, .min = 1, .max = 1},
		{.x = 6, .told = 12, .act = KULA_BREACH, .status = KULA_DONE, .from = "SOM", .to = "ETH", .agreement = "the port deal"},
		{.x = 7, .told = 12, .act = KULA_BREACH, .status = KULA_DONE, .from = "SOM", .to = "ETH", .agreement = "ceasefire"},
		{.x = 8, .told = 12, .act = KULA_END, .status = KULA_DONE, .from = "SOM", .to = "ETH", .what = "gas", .kind = KULA_FUEL, .min = NAN, .max = NAN},
		{.x = 9, .told = 12, .act = KULA_SIGN, .status = KULA_DONE, .from = "SOM", .to = "KEN", .agreement = "port treaty"},
	};
	static const bond bonds[] = {{4, "under", 2}, {5, "fulfils", 4}, {5, "under", 2}};
	static const answer_part_role roles[] = {ANSWER_AGREED, ANSWER_SIGNED, ANSWER_RATIFIED, ANSWER_OBLIGATION, ANSWER_ACT, ANSWER_BREACHED};
	world w;
	MAKE_BOUND(w, tales, bonds);
	answer_agreements g;
	REQUIRE(ask(&w, pair("ETH", "SOM")));
	CHECK_EQ_INT(answer_agreements_of(&w.s, w.a, &g, &w.err), KULA_OK);
	REQUIRE(g.count == 2);          /* the port's, and a ceasefire of which only the breach is told; an end of deliveries is none */
	CHECK_EQ_STR(g.rows[0].name, "the Berbera port treaty");
	CHECK(g.rows[0].is_signed);
	REQUIRE(g.rows[0].clause_count == COUNT_OF(roles));
	for (uint32_t i = 0; i < COUNT_OF(roles); i++)
		CHECK_EQ_INT(g.rows[0].clauses[i].role, roles[i]);
	CHECK(g.rows[0].clauses[2].by_name && !g.rows[0].clauses[3].by_name);
	answer_pledge p;
	CHECK_EQ_INT(answer_pledge_of(&w.s, w.a, g.rows[0].clauses[3].exchange, DAY + 12, &p, &w.err), KULA_OK);
	CHECK(p.overdue);
	CHECK_EQ_STR(g.rows[1].name, "ceasefire");
	CHECK(!g.rows[1].is_signed);
	unmake(&w);
}

TEST(sides_of_a_difference)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "horse", .kind = KULA_ANIMAL, .min = 30, .max = 30, .by = "RUS"},
		{.x = 1, .told = 2, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "horse", .kind = KULA_ANIMAL, .min = 24, .max = 24, .by = "PRK"},
		{.x = 1, .told = 3, .act = KULA_LEND, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "horse", .kind = KULA_ANIMAL, .min = 30, .max = 31},
		{.x = 1, .told = 4, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "horse", .kind = KULA_ANIMAL, .min = 20, .max = NAN},
		{.x = 2, .told = 4, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "cat", .kind = KULA_ANIMAL, .min = 1, .max = 1, .by = "RUS"},
	};
	static const odds differ[] = {{1, "items", 0, 1}, {1, "act", 0, 2}};
	world w;
	MAKE(w, tales, no_bonds, differ);
	answer_disputes d;
	REQUIRE(ask(&w, pair("RUS", "PRK")));
	CHECK_EQ_INT(answer_disputes_of(&w.s, w.u, w.a, &d, &w.err), KULA_OK);
	REQUIRE(d.count == 2);
	CHECK_EQ_STR(d.rows[0].field, "act");
	CHECK_EQ_STR(d.rows[0].sides[1].word, "lend");
	CHECK_EQ_INT(d.rows[0].sides[0].count, 3);
	CHECK_EQ_STR(d.rows[1].field, "items");
	CHECK_NEAR(d.rows[1].sides[0].q.min, 30, 0);
	CHECK_NEAR(d.rows[1].sides[1].q.min, 24, 0);
	CHECK_EQ_INT(d.rows[1].sides[0].count, 2);      /* 30 and 30..31; "at least 20" stands with neither */
	CHECK_EQ_INT(d.rows[1].sides[1].count, 1);
	answer_sources g;
	CHECK_EQ_INT(answer_sources_of(&w.s, w.a, &g, &w.err), KULA_OK);
	REQUIRE(g.count == 4);          /* RUS, PRK, then the publishers */
	CHECK_EQ_STR(g.rows[0].code, "RUS");
	CHECK_EQ_INT(g.rows[0].claims, 2);
	CHECK_EQ_INT(g.rows[0].exchanges, 2);
	CHECK_EQ_INT(g.rows[0].alone, 1);
	CHECK_EQ_INT(g.rows[0].contradicted, 1);
	CHECK_EQ_STR(g.rows[1].code, "PRK");
	CHECK_EQ_INT(g.rows[1].contradicted, 1);
	CHECK(g.rows[2].own_voice && g.rows[3].own_voice);
	unmake(&w);
}

TEST(news)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_GIVE, .status = KULA_PLANNED, .from = "RUS", .to = "PRK", .what = "horse", .kind = KULA_ANIMAL, .min = 30, .max = 30},
		{.x = 2, .told = 1, .act = KULA_MEET, .status = KULA_DONE, .from = "RUS", .to = "PRK"},
		{.x = 3, .told = 1, .act = KULA_MEET, .status = KULA_DONE, .from = "RUS", .to = "PRK"},
	};
	const uint32_t events = 1u << ANSWER_NEW | 1u << ANSWER_STATUS | 1u << ANSWER_DIFFER, told = events | 1u << ANSWER_TOLD;
	world w;
	answer_newses n;
	MAKE_PLAIN(w, tales);
	REQUIRE(ask(&w, pair("RUS", "PRK")));
	CHECK_EQ_INT(answer_watch(w.l, w.a, &w.s, "q", events, &n, &w.err), KULA_OK);
	CHECK_EQ_INT(n.count, 3);
	CHECK_EQ_INT(answer_watch(w.l, w.a, &w.s, "q", events, &n, &w.err), KULA_OK);
	CHECK_EQ_INT(n.count, 3);               /* looking remembers nothing */
	CHECK_EQ_INT(answer_watch_keep(w.l, &w.s, "q", &w.err), KULA_OK);
	CHECK_EQ_INT(answer_watch(w.l, w.a, &w.s, "q", events, &n, &w.err), KULA_OK);
	CHECK_EQ_INT(n.count, 0);
	CHECK_EQ_INT(answer_watch(w.l, w.a, &w.s, "another", events, &n, &w.err), KULA_OK);
	CHECK_EQ_INT(n.count, 3);
	/* the plan comes true, told by a further account; accounts of a meeting differ; joining put the third into the second */
	const tale more = {.x = 1, .told = 5, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "horse", .kind = KULA_ANIMAL, .min = 30, .max = 30};
	put(&w, &more, 3);
	char text[300];
	snprintf(text, sizeof text, "UPDATE exchange SET status = 'done', claims = 2 WHERE exchange = %lld; INSERT INTO exchange_claim VALUES (%lld, %lld);"
		"UPDATE exchange_claim SET exchange = %lld WHERE claim = %lld; DELETE FROM exchange WHERE exchange = %lld",
		(long long)w.exchange[1], (long long)w.claim[3], (long long)w.exchange[1], (long long)w.exchange[2], (long long)w.claim[2], (long long)w.exchange[3]);
	sql(&w, text);
	REQUIRE(ask(&w, pair("RUS", "PRK")));
	CHECK_EQ_INT(answer_watch(w.l, w.a, &w.s, "q", told, &n, &w.err), KULA_OK);
	REQUIRE(n.count == 1);
	CHECK_EQ_INT(n.rows[0].event, ANSWER_STATUS);
	CHECK_EQ_INT(n.rows[0].was, KULA_PLANNED);
	CHECK_EQ_INT(n.rows[0].claims, 1);
	CHECK_EQ_INT(answer_watch_keep(w.l, &w.s, "q", &w.err), KULA_OK);
	snprintf(text, sizeof text, "INSERT INTO difference VALUES (%lld, 'date', %lld, %lld)", (long long)w.exchange[2], (long long)w.claim[1], (long long)w.claim[2]);
	sql(&w, text);
	const tale again = {.x = 1, .told = 6, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "PRK", .what = "horse", .kind = KULA_ANIMAL, .min = 30, .max = 30};
	put(&w, &again, 4);
	snprintf(text, sizeof text, "INSERT INTO exchange_claim VALUES (%lld, %lld)", (long long)w.claim[4], (long long)w.exchange[1]);
	sql(&w, text);
	REQUIRE(ask(&w, pair("RUS", "PRK")));
	CHECK_EQ_INT(answer_watch(w.l, w.a, &w.s, "q", told, &n, &w.err), KULA_OK);
	REQUIRE(n.count == 2);
	CHECK_EQ_INT(n.rows[0].event, ANSWER_TOLD);
	CHECK_EQ_INT(n.rows[1].event, ANSWER_DIFFER);
	CHECK_EQ_STR(w.err.text, "");
	unmake(&w);
}

TEST(not_joined_yet)
{
	kula_error err = {0};
	int64_t pending;
	ledger *l = ledger_memory(&err);
	REQUIRE(l);
	sql(&(world){.l = l}, "DROP TABLE IF EXISTS exchange");
	const kula_status status = answer_ready(l, &pending, &err);
	CHECK_EQ_INT(status, KULA_ENOTFOUND);
	CHECK(strstr(err.text, "kula join") != NULL);
	ledger_close(l);
}

TEST(no_memory)
{
	static const tale tales[] = {
		{.x = 1, .told = 1, .act = KULA_GIVE, .status = KULA_PROMISED, .from = "RUS", .to = "CHN", .what = "tank", .kind = KULA_ARMS, .min = 70, .max = 70},
		{.x = 2, .told = 2, .act = KULA_GIVE, .status = KULA_DONE, .from = "RUS", .to = "CHN", .what = "tank", .kind = KULA_ARMS, .min = 10, .max = 10},
	};
	static const bond bonds[] = {{2, "fulfils", 1}};
	world w;
	MAKE_BOUND(w, tales, bonds);
	const answer_filter f = pair("RUS", "CHN");
	bool done = false;
	for (uint64_t n = 1; n < 400 && !done; n++) {
		kula_error err = {0};
		answer_set s = {0};
		answer_balance b;
		base_fail_allocation(n);
		arena *a = arena_new(1 << 20);
		done = a && answer_exchanges(w.l, w.u, a, &f, all_links, &s, &err) == KULA_OK
			&& answer_balance_of(&s, a, answer_passing_acts(), true, &b, &err) == KULA_OK;
		base_fail_allocation(0);
		CHECK(done || !a || err.status == KULA_EMEMORY);
		answer_set_clear(&s);
		arena_free(a);
	}
	CHECK(done);
	unmake(&w);
}

TEST_MAIN(TEST_ENTRY(what_figures_allow), TEST_ENTRY(intervals_add_and_subtract), TEST_ENTRY(accounts_of_one_exchange),
	TEST_ENTRY(one_figure_for_what_another_tells_apart), TEST_ENTRY(units_that_measure_the_same), TEST_ENTRY(parts_and_wholes),
	TEST_ENTRY(a_contested_delivery_counts_from_nothing), TEST_ENTRY(pledged_delivered_outstanding), TEST_ENTRY(a_pledge_of_several_things),
	TEST_ENTRY(loans_and_what_came_back), TEST_ENTRY(stocks_are_no_flow), TEST_ENTRY(pacts_with_what_belongs_to_them),
	TEST_ENTRY(sides_of_a_difference), TEST_ENTRY(news), TEST_ENTRY(not_joined_yet), TEST_ENTRY(no_memory))
