/* Joining: which claims become one exchange, what links and differs, whose word binds. */
#include <stdlib.h>
#include <unistd.h>
#include "ledger/join.h"
#include "test.h"

/* A claim in one line: fields that most cases leave alone have the plainest value. */
typedef struct tale {
	const char *doc; int day;               /* published, days from a Monday */
	kula_act act; kula_claim_status status;
	const char *from, *to;                  /* codes; NULL: nobody */
	const char *what; kula_kind kind; double min, max; bool approx;
	int first, last;                        /* date, days as above; 99999: none */
	const char *by;                         /* code of a source */
	const char *sentence;
	const char *agreement;
} tale;

enum { NONE = 99999, MOST = 16, MONDAY = 19000 };

typedef struct told {
	join_face  faces[MOST];
	uint32_t   count;
	join_rules *rules;
	arena      *a;
	join_result x;
} told;

static const char *trigger_of(const char *sentence)
{
	static char word[64];
	const char *at = strchr(sentence, '*');
	snprintf(word, sizeof word, "%.*s", (int)strcspn(at + 1, " .,"), at + 1);
	return word;
}

static void tell(told *t, const tale *tales, uint32_t n, const join_judgement *judged, uint32_t judged_count)
{
	kula_error err = {0};
	memset(t, 0, sizeof *t);
	t->rules = join_rules_open(NULL, NULL, &err);
	t->a = arena_new(64 << 20);
	if (!t->rules) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	uint32_t place = 0;
	for (uint32_t i = 0; i < n; i++) {
		const tale *s = &tales[i];
		place = i && !strcmp(tales[i - 1].doc, s->doc) ? place + 1 : 0;
		kula_party from = { .text = s->from }, to = { .text = s->to }, by = { .text = s->by };
		if (s->from) snprintf(from.code, sizeof from.code, "%s", s->from);
		if (s->to) snprintf(to.code, sizeof to.code, "%s", s->to);
		if (s->by) snprintf(by.code, sizeof by.code, "%s", s->by);
		kula_item item = { .text = s->what, .what = s->what, .kind = s->kind, .in = -1,
			.q = { .min = s->min, .max = s->max, .unit = s->kind == KULA_MONEY ? "USD" : "count", .approx = s->approx } };
		kula_claim c = { .evidence = s->sentence, .trigger = trigger_of(s->sentence), .act = s->act, .status = s->status,
			.from = &from, .from_count = s->from != NULL, .to = &to, .to_count = s->to != NULL,
			.items = &item, .item_count = s->what != NULL, .said_by = &by, .said_by_count = s->by != NULL,
			.date = { KULA_NO_DAY, KULA_NO_DAY }, .due = { KULA_NO_DAY, KULA_NO_DAY }, .agreement = s->agreement };
		if (s->first != NONE) c.date = (kula_days){ MONDAY + s->first, MONDAY + s->last };
		const kula_document d = { .id = s->doc, .publisher = s->doc, .published = MONDAY + s->day };
		join_face_fill(t->rules, &d, join_document_key(s->doc, "0"), &c, place, &t->faces[t->count++]);
	}
	if (join_all(t->rules, t->a, t->faces, t->count, judged, judged_count, NULL, &t->x, &err) != KULA_OK) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

static void done(told *t)
{
	arena_free(t->a);
	join_rules_free(t->rules);
}

static bool one(const told *t, uint32_t a, uint32_t b) { return t->x.exchange_of[a] == t->x.exchange_of[b]; }

static bool differ(const told *t, uint32_t claim, join_field f)
{
	for (uint32_t i = 0; i < t->x.difference_count; i++)
		if (t->x.differences[i].field == f && t->x.differences[i].exchange == t->x.exchange_of[claim])
			return true;
	return false;
}

static bool linked(const told *t, join_link_type type, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < t->x.link_count; i++)
		if (t->x.links[i].type == type && t->x.links[i].from == t->x.exchange_of[from] && t->x.links[i].to == t->x.exchange_of[to])
			return true;
	return false;
}

TEST(told_twice_is_one)
{
	const tale s[] = {
		{ "a", 0, KULA_GIVE, KULA_DONE, "POL", "UKR", "tank", KULA_ARMS, 14, 14, false, 0, 0, NULL, "Poland *gave Ukraine 14 tanks on Monday.", NULL },
		{ "b", 2, KULA_SUPPLY, KULA_DONE, "POL", "UKR", "tank", KULA_ARMS, 14, 14, false, 0, 0, NULL, "Ukraine *received 14 tanks from Poland on Monday.", NULL },
		{ "c", 2, KULA_GIVE, KULA_DONE, "FRA", "UKR", "tank", KULA_ARMS, 14, 14, false, 0, 0, NULL, "France *gave Ukraine 14 tanks on Monday.", NULL },
	};
	told t;
	tell(&t, s, 3, NULL, 0);
	CHECK(one(&t, 0, 1));
	CHECK(!one(&t, 0, 2));
	CHECK_EQ_INT(t.x.count, 2);
	CHECK_EQ_INT(t.x.difference_count, 0);
	CHECK_EQ_INT(t.x.independent[t.x.exchange_of[0]], 2);
	done(&t);
}

TEST(figures_differ)
{
	tale s[] = {
		{ "a", 1, KULA_SEND, KULA_DONE, "FRA", "MLI", "soldier", KULA_TROOPS, 300, 300, false, 0, 0, NULL, "France *sent 300 soldiers to Mali on Monday.", NULL },
		{ "b", 2, KULA_SEND, KULA_DONE, "FRA", "MLI", "soldier", KULA_TROOPS, 320, 320, false, 0, 0, NULL, "France *sent 320 soldiers to Mali on Monday.", NULL },
	};
	told t;
	tell(&t, s, 2, NULL, 0);
	CHECK(one(&t, 0, 1));
	CHECK(differ(&t, 0, JOIN_FIELD_ITEMS));
	done(&t);
	/* "about 300" allows a tenth */
	s[0].approx = true;
	tell(&t, s, 2, NULL, 0);
	CHECK(one(&t, 0, 1));
	CHECK(!differ(&t, 0, JOIN_FIELD_ITEMS));
	done(&t);
}

TEST(undertakings_stand_apart)
{
	const tale s[] = {
		{ "a", 0, KULA_GIVE, KULA_PROMISED, "JPN", "KEN", "bus", KULA_VEHICLE, 30, 30, false, 0, 0, NULL, "Japan *promised Kenya 30 buses on Monday.", NULL },
		{ "b", 60, KULA_GIVE, KULA_DONE, "JPN", "KEN", "bus", KULA_VEHICLE, 10, 10, false, 58, 58, NULL, "Japan *gave Kenya ten of the 30 buses on Wednesday.", NULL },
		{ "b", 60, KULA_GIVE, KULA_PROMISED, "JPN", "KEN", "bus", KULA_VEHICLE, 30, 30, false, 0, 0, NULL, "Japan had *promised Kenya 30 buses in the spring.", NULL },
	};
	told t;
	tell(&t, s, 3, NULL, 0);
	CHECK(!one(&t, 0, 1));
	CHECK(one(&t, 0, 2));
	CHECK(linked(&t, JOIN_FULFILS, 1, 0));
	done(&t);
}

TEST(parts_are_no_accounts_of_the_whole)
{
	const tale s[] = {
		{ "a", 200, KULA_SUPPLY, KULA_DONE, "USA", "TWN", "tank", KULA_ARMS, 31, 31, false, 0, 199, NULL, "The United States *delivered all 31 tanks to Taiwan by June.", NULL },
		{ "a", 200, KULA_SUPPLY, KULA_DONE, "USA", "TWN", "tank", KULA_ARMS, 10, 10, false, 90, 100, NULL, "The United States *delivered the first 10 tanks to Taiwan in March.", NULL },
		{ "a", 200, KULA_SUPPLY, KULA_DONE, "USA", "TWN", "tank", KULA_ARMS, 21, 21, false, 150, 160, NULL, "The United States *delivered the other 21 tanks to Taiwan in May.", NULL },
	};
	told t;
	tell(&t, s, 3, NULL, 0);
	CHECK_EQ_INT(t.x.count, 3);
	CHECK(linked(&t, JOIN_PART_OF, 1, 0));
	CHECK(linked(&t, JOIN_PART_OF, 2, 0));
	CHECK(!linked(&t, JOIN_PART_OF, 0, 1));
	CHECK_EQ_INT(t.x.difference_count, 0);
	done(&t);
}

TEST(denied_and_done)
{
	tale s[] = {
		{ "a", 1, KULA_SELL, KULA_DONE, "SWE", "OMN", "radar", KULA_EQUIPMENT, 4, 4, false, 0, 0, NULL, "Sweden *sold Oman four radars on Monday.", NULL },
		{ "a", 1, KULA_SELL, KULA_DENIED, "SWE", "OMN", "radar", KULA_EQUIPMENT, 1, 1, false, NONE, NONE, "SWE", "Sweden denied having *sold Oman a single radar.", NULL },
	};
	told t;
	tell(&t, s, 2, NULL, 0);
	CHECK(one(&t, 0, 1));
	CHECK(differ(&t, 0, JOIN_FIELD_STATUS));
	CHECK(!differ(&t, 0, JOIN_FIELD_ITEMS));
	done(&t);
	/* "not yet" and a later "done" is news */
	const tale news[] = {
		{ "a", 1, KULA_SELL, KULA_DENIED, "SWE", "OMN", "radar", KULA_EQUIPMENT, 4, 4, false, NONE, NONE, NULL, "Sweden has not yet *sold Oman the four radars.", NULL },
		{ "b", 20, KULA_SELL, KULA_DONE, "SWE", "OMN", "radar", KULA_EQUIPMENT, 4, 4, false, 19, 19, NULL, "Sweden *sold Oman the four radars on Saturday.", NULL },
	};
	tell(&t, news, 2, NULL, 0);
	CHECK(!differ(&t, 1, JOIN_FIELD_STATUS));
	done(&t);
}

TEST(give_against_lend)
{
	const tale s[] = {
		{ "a", 1, KULA_GIVE, KULA_DONE, "CHN", "MYS", "panda", KULA_ANIMAL, 2, 2, false, 0, 0, NULL, "China *gave Malaysia two pandas on Monday.", NULL },
		{ "b", 1, KULA_LEND, KULA_DONE, "CHN", "MYS", "panda", KULA_ANIMAL, 2, 2, false, 0, 0, NULL, "China *lent Malaysia two pandas on Monday.", NULL },
	};
	told t;
	tell(&t, s, 2, NULL, 0);
	CHECK(one(&t, 0, 1));
	CHECK(differ(&t, 0, JOIN_FIELD_ACT));
	done(&t);
}

TEST(repeated_acts_are_many)
{
	const tale s[] = {
		{ "a", 1, KULA_GIVE, KULA_DONE, "TUR", "SYR", "lorry", KULA_VEHICLE, 20, 20, false, 0, 0, NULL, "A convoy of 20 lorries from Turkey *crossed into Syria on Monday.", NULL },
		{ "b", 31, KULA_GIVE, KULA_DONE, "TUR", "SYR", "lorry", KULA_VEHICLE, 20, 20, false, 30, 30, NULL, "A convoy of 20 lorries from Turkey *crossed into Syria on Wednesday.", NULL },
	};
	told t;
	tell(&t, s, 2, NULL, 0);
	CHECK(!one(&t, 0, 1));
	done(&t);
}

TEST(judgements_bind)
{
	const tale s[] = {
		{ "a", 0, KULA_GIVE, KULA_DONE, "POL", "UKR", "tank", KULA_ARMS, 14, 14, false, 0, 0, NULL, "Poland *gave Ukraine 14 tanks on Monday.", NULL },
		{ "b", 2, KULA_GIVE, KULA_DONE, "POL", "UKR", "tank", KULA_ARMS, 14, 14, false, 0, 0, NULL, "Poland *gave Ukraine 14 tanks on Monday.", NULL },
		{ "c", 500, KULA_MEET, KULA_DONE, "FRA", "USA", NULL, KULA_GOODS, NAN, NAN, false, 500, 500, NULL, "France *met America on Monday.", NULL },
	};
	told t;
	const join_judgement apart[] = { { 0, 1, false } };
	tell(&t, s, 3, apart, 1);
	CHECK(!one(&t, 0, 1));
	done(&t);
	/* even two that no index would bring together; the last word about a pair counts */
	const join_judgement same[] = { { 0, 2, false }, { 0, 1, true }, { 0, 2, true }, { 1, 0, true } };
	tell(&t, s, 3, same, 4);
	CHECK(one(&t, 0, 2));
	CHECK(one(&t, 0, 1));
	done(&t);
	/* out of range or of itself: passed over */
	const join_judgement wild[] = { { 0, 99, true }, { 1, 1, false } };
	tell(&t, s, 3, wild, 2);
	CHECK(one(&t, 0, 1));
	done(&t);
}

TEST(signed_under)
{
	const tale s[] = {
		{ "a", 1, KULA_SIGN, KULA_DONE, "IRQ", "JOR", NULL, KULA_GOODS, NAN, NAN, false, 0, 0, NULL, "Iraq and Jordan *signed a fuel agreement on Monday.", "fuel agreement" },
		{ "a", 1, KULA_SELL, KULA_PROMISED, "IRQ", "JOR", "oil", KULA_FUEL, 1000, 1000, false, 0, 0, NULL, "Under the fuel agreement Iraq *undertook to sell Jordan 1,000 barrels.", "fuel agreement" },
	};
	told t;
	tell(&t, s, 2, NULL, 0);
	CHECK(!one(&t, 0, 1));
	CHECK(linked(&t, JOIN_UNDER, 1, 0));
	done(&t);
}

TEST(near_copies)
{
	static const char text[] = "The harbour master of Tromso said on Monday that eleven crates of instruments had come in from the north "
		"aboard a coaster, that nobody had asked for them, and that they would be sent back as soon as a ship could be found.";
	static const char copy[] = "The harbour master of Tromso said on Monday that eleven crates of instruments had come in from the north "
		"aboard a coaster, that nobody had asked for them, and that they would be returned.";
	static const char other[] = "A bridge in the south was closed for repairs after the flood; the ministry promised to open it within a year.";
	join_sketch a, b, c, late, none;
	join_sketch_fill(text, sizeof text - 1, 100, 1, &a);
	join_sketch_fill(copy, sizeof copy - 1, 101, 2, &b);
	join_sketch_fill(other, sizeof other - 1, 100, 3, &c);
	join_sketch_fill(copy, sizeof copy - 1, 200, 4, &late);
	join_sketch_fill("", 0, 100, 5, &none);
	CHECK(join_sketch_copies(&a, &b));
	CHECK(!join_sketch_copies(&a, &c));
	CHECK(!join_sketch_copies(&a, &late));
	CHECK_NEAR(join_sketch_near(&a, &a), 1, 0);
	CHECK_NEAR(join_sketch_near(&a, &none), 0, 0);
	arena *m = arena_new(1 << 20);
	const join_sketch all[] = { c, b, a, late };
	const join_copies *g = join_copies_new(m, all, 4);
	CHECK(join_copies_group(g, 1) == join_copies_group(g, 2));
	CHECK(join_copies_group(g, 1) != join_copies_group(g, 3));
	CHECK(join_copies_group(g, 77) == 77);
	arena_free(m);
}

TEST(rules_say_where_they_are_wrong)
{
	char path[] = "join_test_XXXXXX";
	const int f = mkstemp(path);
	REQUIRE(f >= 0);
	static const char rows[] = "# of\tname\tweight\npair\tbias\t-1\npair\tno_such_thing\t1\n";
	CHECK_EQ_INT(write(f, rows, sizeof rows - 1), (long)sizeof rows - 1);
	close(f);
	kula_error err = {0};
	CHECK(join_rules_open(NULL, path, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EFORMAT);
	CHECK(strstr(err.text, ":3:6: unknown feature of a pair") != NULL);
	unlink(path);
	err = (kula_error){0};
	CHECK(join_rules_open(NULL, "no such file", &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EIO);
}

TEST(why_names_fields)
{
	const tale s[] = {
		{ "a", 0, KULA_GIVE, KULA_DONE, "POL", "UKR", "tank", KULA_ARMS, 14, 14, false, 0, 0, NULL, "Poland *gave Ukraine 14 tanks on Monday.", NULL },
		{ "b", 2, KULA_GIVE, KULA_DONE, "POL", "UKR", "tank", KULA_ARMS, 14, 14, false, 0, 0, NULL, "Poland *gave Ukraine 14 tanks on Monday.", NULL },
	};
	told t;
	tell(&t, s, 2, NULL, 0);
	buf b = {0};
	const double score = join_why_pair(t.rules, &t.faces[0], &t.faces[1], &b);
	CHECK(score > 0);
	CHECK(strstr(buf_string(&b), "\"field\":\"quantity_same\"") != NULL);
	CHECK(strstr(buf_string(&b), "\"field\":\"date_same\"") != NULL);
	buf_free(&b);
	done(&t);
}

TEST(no_claims)
{
	told t;
	tell(&t, NULL, 0, NULL, 0);
	CHECK_EQ_INT(t.x.count, 0);
	CHECK_EQ_INT(t.x.link_count, 0);
	done(&t);
}

TEST_MAIN(TEST_ENTRY(told_twice_is_one), TEST_ENTRY(figures_differ), TEST_ENTRY(undertakings_stand_apart),
	TEST_ENTRY(parts_are_no_accounts_of_the_whole), TEST_ENTRY(denied_and_done), TEST_ENTRY(give_against_lend),
	TEST_ENTRY(repeated_acts_are_many), TEST_ENTRY(judgements_bind), TEST_ENTRY(signed_under), TEST_ENTRY(near_copies),
	TEST_ENTRY(rules_say_where_they_are_wrong), TEST_ENTRY(why_names_fields), TEST_ENTRY(no_claims))
