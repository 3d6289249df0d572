/* claims: written, checked, located, scored. */
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claims/score.h"

/* ---- a claim to begin with ---- */

/*                         0         1         2         3         4         5         6
                           0123456789012345678901234567890123456789012345678901234567890 */
static const char text[] = "No news. Moscow gave Mali two dogs, an aide said.\nMali thanked Moscow.";

typedef struct example { kula_document d; kula_claim c; kula_party from[1], to[1], said[1]; kula_item items[2]; } example;

static void example_init(example *e)
{
	*e = (example){
		.d = {.id = "d", .published = 20047, .text = text, .text_bytes = strlen(text)},
		.from = {{.text = "Moscow", .code = "RUS"}}, .to = {{.text = "Mali", .code = "MLI"}},
		.said = {{.text = "an aide", .verb = "said"}},
		.items = {{.text = "two dogs", .what = "dog", .kind = KULA_ANIMAL, .q = {.min = 2, .max = 2, .unit = "count"}, .in = -1},
			{.text = "dogs", .what = "dog", .kind = KULA_ANIMAL, .q = {.min = NAN, .max = NAN, .unit = "count"}, .in = 0}},
	};
	e->c = (kula_claim){
		.evidence = "Moscow gave Mali two dogs, an aide said.", .trigger = "gave", .act = KULA_GIVE, .status = KULA_DONE,
		.from = e->from, .from_count = 1, .to = e->to, .to_count = 1, .items = e->items, .item_count = 2,
		.said_by = e->said, .said_by_count = 1, .date = {KULA_NO_DAY, KULA_NO_DAY}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = NAN,
	};
}

/* ---- checking ---- */

static const char *fault_of(example *e)
{
	static char what[240];
	kula_error err = {0};
	const bool good = claims_check(&e->d, &e->c, &err);
	CHECK_EQ_INT(good, err.status == KULA_OK);
	snprintf(what, sizeof what, "%s", err.text);
	return what;
}

/* Sets a field of an example otherwise, and expects the fault. */
#define FAULT(says, ...) \
	do { \
		example e; \
		example_init(&e); \
		__VA_ARGS__; \
		CHECK_EQ_STR(fault_of(&e), says); \
	} while (0)

TEST(a_good_claim_passes)
{
	FAULT("", (void)0);
	FAULT("", e.from[0].code[0] = '\0');
	FAULT("", strcpy(e.from[0].code, "COMMONWEALTH"));
	FAULT("", e.c.span = (kula_span){9, 49}; e.c.trigger_span = (kula_span){16, 20});
	FAULT("", e.from[0].text = "thanked");          /* a party may stand elsewhere in the text */
	FAULT("", e.items[0].q.max = NAN; e.c.confidence = 1; e.c.date = (kula_days){5, 5});
}

TEST(every_fault_is_found)
{
	FAULT("the evidence is not in the text: 'Moscow gave Mali ten dogs'", e.c.evidence = "Moscow gave Mali ten dogs");
	FAULT("the evidence is not in the text: ''", e.c.evidence = "");
	FAULT("the evidence is not in the text: ''", e.c.evidence = NULL);
	FAULT("the trigger 'thanked' is not in the evidence", e.c.trigger = "thanked");
	FAULT("unknown act", e.c.act = KULA_ACTS);
	FAULT("unknown status", e.c.status = (kula_claim_status)77);
	FAULT("from 'Kyiv' is not in the text", e.from[0].text = "Kyiv");
	FAULT("to '' is not in the text", e.to[0].text = NULL);
	FAULT("to has the unknown code 'mli'", strcpy(e.to[0].code, "mli"));
	FAULT("to has the unknown code 'G8'", strcpy(e.to[0].code, "G8"));
	FAULT("said_by 'an aide' has no verb", e.said[0].verb = NULL);
	FAULT("item 'three' is not in the text", e.items[1].text = "three");
	FAULT("item 'dogs' has no 'what'", e.items[1].what = "");
	FAULT("item 'dogs' has an unknown kind", e.items[1].kind = KULA_KINDS);
	FAULT("item 'two dogs' has bounds that hold nothing", e.items[0].q.max = 1);
	FAULT("item 'two dogs' has bounds that hold nothing", e.items[0].q.max = INFINITY);
	FAULT("item 'dogs' is in an item that isn't there", e.items[1].in = 2);
	FAULT("the date ends before it begins, or its span is none", e.c.date = (kula_days){5, 4});
	FAULT("the date ends before it begins, or its span is none", e.c.date = (kula_days){KULA_NO_DAY, 4});
	FAULT("what is due ends before it begins, or its span is none", e.c.due = (kula_days){4, KULA_NO_DAY});
	FAULT("the value has no unit", e.c.has_value = true; e.c.value.unit = "");
	FAULT("the span of the evidence has other words", e.c.span = (kula_span){8, 48});
	FAULT("the span of the evidence has other words", e.c.span = (kula_span){9, 5000});
	FAULT("the span of the trigger 'gave' has other words", e.c.trigger_span = (kula_span){16, 19});
	FAULT("the span of from 'Moscow' has other words", e.from[0].span = (kula_span){10, 16});
	FAULT("the span of item 'dogs' has other words", e.items[1].span = (kula_span){30, 30});
	FAULT("the verb's span of said_by 'an aide' has other words", e.said[0].verb_span = (kula_span){1, 2});
	FAULT("the date ends before it begins, or its span is none", e.c.date_span = (kula_span){3, 3});
	FAULT("the confidence is no probability", e.c.confidence = 1.5);
}

TEST(a_trigger_in_another_sentence_is_found)
{
	static const char twice[] = "A gave B. A gave B.";
	kula_claim c = {.evidence = "A gave B.", .trigger = "gave", .span = {10, 19}, .trigger_span = {2, 6},
		.date = {KULA_NO_DAY, KULA_NO_DAY}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = NAN};
	const kula_document d = {.text = twice, .text_bytes = strlen(twice)};
	kula_error err = {0};
	CHECK(!claims_check(&d, &c, &err));
	CHECK_EQ_STR(err.text, "the trigger 'gave' lies outside of the evidence");
	CHECK_EQ_INT(err.byte, 10);
}

/* ---- spans for claims without ---- */

static void spot(const example *e, kula_span s, const char *words, uint32_t from)
{
	CHECK_EQ_INT(s.from, from);
	CHECK(same_text(e->d.text + s.from, s.to - s.from, words));
}

TEST(spans_are_found)
{
	example e;
	example_init(&e);
	e.items[1].text = "thanked";
	claims_locate(&e.d, &e.c);
	spot(&e, e.c.span, "Moscow gave Mali two dogs, an aide said.", 9);
	spot(&e, e.c.trigger_span, "gave", 16);
	spot(&e, e.from[0].span, "Moscow", 9);
	spot(&e, e.to[0].span, "Mali", 21);             /* the one in the evidence, not that of the next sentence */
	spot(&e, e.said[0].span, "an aide", 36);
	spot(&e, e.said[0].verb_span, "said", 44);
	spot(&e, e.items[0].span, "two dogs", 26);
	spot(&e, e.items[1].span, "thanked", 55);       /* nowhere in the evidence */
	CHECK_EQ_STR(fault_of(&e), "");
}

TEST(the_nearest_whole_words_are_taken)
{
	static const char words[] = "Iran, Iranians say, armed Iran; an Iraqi ran. He ran.";
	kula_document d = {.text = words, .text_bytes = strlen(words)};
	kula_party p[] = {{.text = "Iran"}, {.text = "ran"}, {.text = "He"}, {.text = "nobody"}};
	kula_claim c = {.evidence = "Iran, Iranians say, armed Iran; an Iraqi ran.", .trigger = "armed", .from = p, .from_count = 4};
	claims_locate(&d, &c);
	CHECK_EQ_INT(c.trigger_span.from, 20);
	CHECK_EQ_INT(p[0].span.from, 26);               /* nearer than the first, and a word of its own */
	CHECK_EQ_INT(p[1].span.from, 41);               /* "ran" of "Iran" is nearer, but part of a word */
	CHECK_EQ_INT(p[2].span.from, 46);
	CHECK_EQ_INT(p[3].span.to, 0);
	/* spans that are there stay */
	p[0].span = (kula_span){0, 4};
	claims_locate(&d, &c);
	CHECK_EQ_INT(p[0].span.to, 4);
}

/* ---- writing ---- */

TEST(the_contracts_fields_in_their_order)
{
	example e;
	buf b = {0};
	example_init(&e);
	e.c.id = "c1";
	e.c.exchange = "x";
	e.c.date = (kula_days){20045, 20047};
	e.c.due = (kula_days){20088, 20100};
	e.c.has_value = true;
	e.c.value = (kula_quantity){.min = 2.5e6, .max = NAN, .unit = "USD"};
	e.c.place_from = "Moscow";
	e.c.place_to = "Mali";
	e.c.means = "plane";
	e.c.agreement = "pact";
	e.c.condition = "if \"so\"";
	e.items[0].q.per = KULA_PER_DAY;
	e.items[0].q.approx = true;
	claims_write_document(&b, &e.d, &e.c, 1, false, OFFSETS_BYTES);
	CHECK_EQ_STR(buf_string(&b),
		"{\"doc\":\"d\",\"title\":null,\"published\":\"2024-11-20\",\"publisher\":null,"
		"\"text\":\"No news. Moscow gave Mali two dogs, an aide said.\\nMali thanked Moscow.\",\"claims\":["
		"{\"id\":\"c1\",\"exchange\":\"x\",\"evidence\":\"Moscow gave Mali two dogs, an aide said.\",\"trigger\":\"gave\",\"act\":\"give\",\"status\":\"done\","
		"\"from\":[{\"text\":\"Moscow\",\"code\":\"RUS\"}],\"to\":[{\"text\":\"Mali\",\"code\":\"MLI\"}],"
		"\"items\":[{\"text\":\"two dogs\",\"what\":\"dog\",\"kind\":\"animal\",\"min\":2,\"max\":2,\"unit\":\"count\",\"per\":\"day\",\"approx\":true},"
		"{\"text\":\"dogs\",\"what\":\"dog\",\"kind\":\"animal\",\"min\":null,\"max\":null,\"unit\":\"count\",\"in\":0}],"
		"\"date\":[\"2024-11-18\",\"2024-11-20\"],\"due\":[\"2024-12-31\",\"2025-01-12\"],"
		"\"value\":{\"min\":2500000,\"max\":null,\"unit\":\"USD\"},\"place\":{\"from\":\"Moscow\",\"to\":\"Mali\"},\"means\":\"plane\","
		"\"agreement\":\"pact\",\"condition\":\"if \\\"so\\\"\",\"said_by\":[{\"text\":\"an aide\",\"code\":null,\"verb\":\"said\"}]}]}\n");
	buf_free(&b);
}

TEST(a_readers_spans_in_three_units)
{
	static const char line[] = "\xF0\x9F\x90\x95 Chad\xC3\xA9 gave \xE2\x82\xAC" "1.";      /* a dog of four bytes, two units of UTF-16 */
	static const struct { claims_offsets o; const char *spans; } cases[] = {
		{OFFSETS_BYTES, "\"span\":[0,22],\"trigger_span\":[12,16],\"date_span\":[5,11],\"confidence\":0.1235}"},
		{OFFSETS_CHARS, "\"span\":[0,16],\"trigger_span\":[8,12],\"date_span\":[2,7],\"confidence\":0.1235}"},
		{OFFSETS_UTF16, "\"span\":[0,17],\"trigger_span\":[9,13],\"date_span\":[3,8],\"confidence\":0.1235}"},
	};
	const kula_document d = {.id = "d", .published = KULA_NO_DAY, .text = line, .text_bytes = strlen(line)};
	const kula_party from = {.text = "Chad\xC3\xA9", .code = "TCD", .span = {5, 11}};
	const kula_claim c = {.evidence = line, .span = {0, 22}, .trigger = "gave", .trigger_span = {12, 16}, .from = &from, .from_count = 1,
		.date = {KULA_NO_DAY, KULA_NO_DAY}, .date_span = {5, 11}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.12345678};
	REQUIRE(d.text_bytes == 22);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf b = {0};
		claims_write_claim(&b, &d, &c, true, cases[i].o);
		CHECK(b.n > strlen(cases[i].spans));
		CHECK_EQ_STR(buf_string(&b) + b.n - strlen(cases[i].spans), cases[i].spans);
		b.n = 0;
		claims_write_document(&b, &d, &c, 1, true, cases[i].o);
		CHECK((strstr(buf_string(&b), "\"offsets\":") != NULL) == (i > 0));
		buf_free(&b);
	}
	buf b = {0};
	claims_write_claim(&b, &d, &c, false, OFFSETS_BYTES);
	CHECK(strstr(buf_string(&b), "span") == NULL && strstr(buf_string(&b), "confidence") == NULL);
	buf_free(&b);
}

/* ---- scoring ---- */

static score_set *set_of(const char *lines)
{
	char path[64];
	kula_error err = {0};
	const int fd = memfd_create("kula", 0);
	if (fd < 0 || write(fd, lines, strlen(lines)) != (ssize_t)strlen(lines))
		return NULL;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	score_set *const s = score_set_read(path, &err);
	close(fd);
	return s;
}

#define DOC(claims) "{\"doc\":\"a\",\"text\":\"Moscow gave Mali two dogs, an aide said. They met.\",\"claims\":[" claims "]}\n"
#define GIVE(evidence, from, min, text) "{\"evidence\":\"" evidence "\",\"trigger\":\"gave\",\"act\":\"give\",\"status\":\"done\"," \
	"\"from\":[{\"text\":\"Moscow\",\"code\":" from "}],\"to\":[{\"text\":\"Mali\",\"code\":\"MLI\"}]," \
	"\"items\":[{\"text\":\"" text "\",\"what\":\"dog\",\"kind\":\"animal\",\"min\":" min ",\"max\":2,\"unit\":\"count\"}]}"
#define WHOLE "Moscow gave Mali two dogs, an aide said."

TEST(what_counts_as_found)
{
	static const struct { const char *read; unsigned found, event, strict, parties, items; double trace; } cases[] = {
		{GIVE(WHOLE, "\"RUS\"", "2", "two dogs"), 1, 1, 1, 2, 1, 1},
		{GIVE(WHOLE, "null", "2", "two dogs"), 1, 0, 0, 1, 1, 1},
		{GIVE(WHOLE, "\"RUS\"", "null", "two dogs"), 1, 1, 0, 2, 0, 1},
		{GIVE(WHOLE, "\"RUS\"", "2", "they"), 1, 1, 1, 2, 1, 2.0 / 3},  /* right, but other words */
		{GIVE(WHOLE, "\"RUS\"", "2", "DOGS"), 1, 1, 1, 2, 1, 1},
		{GIVE("gave Mali two dogs, an aide said", "\"RUS\"", "2", "two dogs"), 1, 1, 1, 2, 1, 1},
		{GIVE("Moscow gave Mali two dogs", "\"RUS\"", "2", "two dogs"), 0, 0, 0, 0, 0, 0},      /* 40 of 25 is too long */
		{GIVE("They met.", "\"RUS\"", "2", "two dogs"), 0, 0, 0, 0, 0, 0},
		{GIVE("not in the text", "\"RUS\"", "2", "two dogs"), 0, 0, 0, 0, 0, 0},
	};
	score_set *const gold = set_of(DOC(GIVE(WHOLE, "\"RUS\"", "2", "two dogs")));
	REQUIRE(gold != NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf b = {0};
		score_result r;
		buf_format(&b, DOC("%s"), cases[i].read);
		score_set *const read = set_of(buf_string(&b));
		REQUIRE(read != NULL);
		CHECK_EQ_INT(score_claims(gold, read, &r, NULL, NULL, NULL, NULL), KULA_OK);
		CHECK_EQ_INT(r.found.hit, cases[i].found);
		CHECK_EQ_INT(r.event.hit, cases[i].event);
		CHECK_EQ_INT(r.strict.hit, cases[i].strict);
		CHECK_EQ_INT(r.parties.hit, cases[i].parties);
		CHECK_EQ_INT(r.items.hit, cases[i].items);
		CHECK_NEAR(r.trace, cases[i].trace, 1e-15);
		score_set_free(read);
		buf_free(&b);
	}
	score_set_free(gold);
}

static void note_miss(void *arg, const char *document, const char *why, const kula_claim *g, const kula_claim *r)
{
	buf_format(arg, "%s %s %d%d; ", document, why, g != NULL, r != NULL);
}

TEST(pairs_are_one_to_one_and_best_first)
{
	/* the second read claim answers the annotated one better, although it comes later */
	score_set *const gold = set_of(DOC(GIVE(WHOLE, "\"RUS\"", "2", "two dogs")) "\n");
	score_set *const read = set_of(DOC(GIVE(WHOLE, "\"USA\"", "2", "two dogs") "," GIVE(WHOLE, "\"RUS\"", "2", "two dogs")));
	score_result r;
	score_share share[1];
	buf b = {0};
	REQUIRE(gold != NULL && read != NULL && score_documents(gold) == 1);
	CHECK_EQ_INT(score_claims(gold, read, &r, share, note_miss, &b, NULL), KULA_OK);
	CHECK(r.event.hit == 1 && r.found.read == 2 && r.found.P == 0.5 && r.found.R == 1);
	CHECK(share[0].event == 1 && share[0].read == 2 && share[0].gold == 1);
	CHECK_EQ_STR(buf_string(&b), "a invented 01; ");
	b.n = 0;
	CHECK_EQ_INT(score_claims(read, gold, &r, NULL, note_miss, &b, NULL), KULA_OK);
	CHECK_EQ_STR(buf_string(&b), "a missed 10; ");
	buf_free(&b);
	score_set_free(gold);
	score_set_free(read);
}

TEST(sides_of_equal_acts_are_one)
{
#define MEET(a, b) "{\"evidence\":\"They met.\",\"trigger\":\"met\",\"act\":\"meet\",\"status\":\"done\",\"from\":[{\"text\":\"They\",\"code\":\"" a "\"}]," \
	"\"to\":[{\"text\":\"They\",\"code\":\"" b "\"}]}"
	score_set *const gold = set_of(DOC(MEET("RUS", "MLI"))), *const read = set_of(DOC(MEET("MLI", "RUS")));
	score_result r;
	REQUIRE(gold != NULL && read != NULL);
	CHECK_EQ_INT(score_claims(gold, read, &r, NULL, NULL, NULL, NULL), KULA_OK);
	CHECK(r.strict.hit == 1 && r.parties.hit == 2 && r.trace == 1);
	score_set_free(gold);
	score_set_free(read);
}

TEST(intervals_are_those_of_seed_1)
{
	/* drawn by the contract's scorer for five documents with these counts */
	static const score_share shares[] = {{3, 2, 1, 4, 5}, {0, 0, 0, 2, 1}, {7, 7, 6, 8, 7}, {1, 0, 0, 1, 3}, {5, 3, 3, 9, 6}};
	score_bounds b[3];
	CHECK_EQ_INT(score_interval(shares, COUNT_OF(shares), b, NULL), KULA_OK);
	CHECK(b[0].low == 0.42857142857142855 && b[0].high == 0.84375);
	CHECK(b[1].low == 0.17391304347826086 && b[1].high == 0.7936507936507936);
	CHECK(b[2].low == 0.08695652173913043 && b[2].high == 0.6666666666666667);
	CHECK_EQ_INT(score_interval(shares, 0, b, NULL), KULA_OK);
	CHECK(b[0].low == 0 && b[0].high == 0);
}

TEST(files_to_score_must_be_good)
{
	CHECK(set_of("{\"doc\":\"a\"}\n") == NULL);
	score_set *const empty = set_of("");
	score_result r;
	REQUIRE(empty != NULL);
	CHECK_EQ_INT(score_claims(empty, empty, &r, NULL, NULL, NULL, NULL), KULA_OK);
	CHECK(r.documents == 0 && r.found.F1 == 0 && r.trace == 0);
	score_set_free(empty);
	score_set_free(NULL);
}

TEST_MAIN(TEST_ENTRY(a_good_claim_passes), TEST_ENTRY(every_fault_is_found), TEST_ENTRY(a_trigger_in_another_sentence_is_found),
	TEST_ENTRY(spans_are_found), TEST_ENTRY(the_nearest_whole_words_are_taken), TEST_ENTRY(the_contracts_fields_in_their_order),
	TEST_ENTRY(a_readers_spans_in_three_units), TEST_ENTRY(what_counts_as_found), TEST_ENTRY(pairs_are_one_to_one_and_best_first),
	TEST_ENTRY(sides_of_equal_acts_are_one), TEST_ENTRY(intervals_are_those_of_seed_1), TEST_ENTRY(files_to_score_must_be_good))
