/* Events of PLOVER: which class a claim becomes, who is source and who is target, and what a faulty table is told. */
#include "test.h"
#include <stdlib.h>
#include <unistd.h>
#include "answer/plover_room.h"

static know *names;

static kula_party party(const char *text, const char *code)
{
	kula_party p = {.text = text};
	snprintf(p.code, sizeof p.code, "%s", code);
	return p;
}

/* A claim in a sentence of its own, which is also the document. */
typedef struct told {
	const char *sentence, *trigger;
	kula_act act;  kula_claim_status status;
	const char *from, *from_code, *to, *to_code, *said, *said_code;
	const char *item;  kula_kind kind;
	const char *event, *mode, *source, *target;     /* what is expected; event NULL: none */
} told;

static const told cases[] = {
	{"Veldia gave Marotia grain.", "gave", KULA_GIVE, KULA_DONE, "Veldia", "SWE", "Marotia", "FIN", NULL, NULL, "grain", KULA_FOOD, "AID", "", "SWE", "FIN"},
	{"Veldia will give Marotia grain.", "give", KULA_GIVE, KULA_PLANNED, "Veldia", "SWE", "Marotia", "FIN", NULL, NULL, "grain", KULA_FOOD, "AGREE", "", "SWE", "FIN"},
	{"Norway urged Sweden to give Finland grain.", "give", KULA_GIVE, KULA_REQUESTED, "Sweden", "SWE", "Finland", "FIN", "Norway", "NOR", "grain", KULA_FOOD,
		"REQUEST", "assist", "NOR", "SWE"},
	{"Finland asked Sweden for grain.", "asked", KULA_GIVE, KULA_REQUESTED, "Sweden", "SWE", "Finland", "FIN", NULL, NULL, "grain", KULA_FOOD,
		"REQUEST", "assist", "FIN", "SWE"},
	{"Sweden refused to meet Finland.", "meet", KULA_MEET, KULA_REFUSED, "Sweden", "SWE", "Finland", "FIN", NULL, NULL, NULL, 0, "REJECT", "meet", "SWE", "FIN"},
	{"Sweden threatened to bomb Finland.", "bomb", KULA_ATTACK, KULA_THREATENED, "Sweden", "SWE", "Finland", "FIN", NULL, NULL, NULL, 0,
		"THREATEN", "violence", "SWE", "FIN"},
	{"Swedish warplanes bombed Finland.", "bombed", KULA_ATTACK, KULA_DONE, "Swedish warplanes", "SWE", "Finland", "FIN", NULL, NULL, NULL, 0,
		"ASSAULT", "aerial", "SWE MIL", "FIN"},
	{"Swedish police arrested Finnish refugees.", "arrested", KULA_COERCE, KULA_DONE, "Swedish police", "SWE", "Finnish refugees", "FIN", NULL, NULL, NULL, 0,
		"COERCE", "arrest", "SWE COP", "FIN REF"},
	{"NATO accused Sweden.", "accused", KULA_CRITICISE, KULA_DONE, "NATO", "NATO", "Sweden", "SWE", NULL, NULL, NULL, 0, "ACCUSE", "allege", "IGO", "SWE"},
	{"Sweden withdrew its troops from Finland.", "withdrew", KULA_WITHDRAW, KULA_DONE, "Sweden", "SWE", "Finland", "FIN", NULL, NULL, "its troops", KULA_TROOPS,
		"RETREAT", "withdraw", "SWE", "FIN"},
	{"Sweden has 40 tanks.", "has", KULA_HOLD, KULA_DONE, "Sweden", "SWE", NULL, NULL, NULL, NULL, "40 tanks", KULA_ARMS, NULL, NULL, NULL, NULL},
	{"Sweden did not give Finland grain.", "give", KULA_GIVE, KULA_DENIED, "Sweden", "SWE", "Finland", "FIN", NULL, NULL, "grain", KULA_FOOD, NULL, NULL, NULL, NULL},
	{"Somebody met somebody.", "met", KULA_MEET, KULA_DONE, "Somebody", "", "somebody", "", NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL},
};

static const char *actors(arena *a, const plover_actor *x, uint32_t n)
{
	char out[200] = "";
	for (uint32_t i = 0; i < n; i++)
		snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s%s%s", i ? "," : "", x[i].code, x[i].sector[0] ? " " : "", x[i].sector);
	return arena_text(a, out, strlen(out));
}

static kula_claim claim_of(const told *t, kula_party p[3], kula_item *item)
{
	p[0] = party(t->from, t->from_code ? t->from_code : "");
	p[1] = party(t->to, t->to_code ? t->to_code : "");
	p[2] = party(t->said, t->said_code ? t->said_code : "");
	*item = (kula_item){.text = t->item, .what = t->item, .kind = t->kind, .q = {NAN, NAN, "count", KULA_PER_NONE, false}, .in = -1};
	const uint32_t at = (uint32_t)(strstr(t->sentence, t->trigger) - t->sentence);
	return (kula_claim){.evidence = t->sentence, .span = {0, (uint32_t)strlen(t->sentence)}, .trigger = t->trigger,
		.trigger_span = {at, at + (uint32_t)strlen(t->trigger)}, .act = t->act, .status = t->status, .from = &p[0], .from_count = t->from != NULL,
		.to = &p[1], .to_count = t->to != NULL, .said_by = &p[2], .said_by_count = t->said != NULL, .items = item, .item_count = t->item != NULL,
		.date = {KULA_NO_DAY, KULA_NO_DAY}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.5};
}

TEST(claims_become_events)
{
	kula_error err = {0};
	plover *p = plover_open(NULL, NULL, &err);
	CHECK_EQ_STR(err.text, "");
	REQUIRE(p != NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const told *t = &cases[i];
		arena *a = arena_new(1 << 20);
		kula_party parties[3];
		kula_item item;
		const kula_claim c = claim_of(t, parties, &item);
		const kula_document d = {.id = "d", .text = t->sentence, .text_bytes = strlen(t->sentence), .published = KULA_NO_DAY};
		uint32_t n = 0;
		const plover_event *e = plover_events(p, a, &d, &c, 1, PLOVER_CLAIMS, &n);
		CHECK_ROW(n == (t->event != NULL), t->sentence);
		if (n == 1 && t->event != NULL) {
			CHECK_EQ_STR(plover_class_name(e->class), t->event);
			CHECK_EQ_STR(e->mode, t->mode);
			CHECK_EQ_STR(actors(a, e->source, e->source_count), t->source);
			CHECK_EQ_STR(actors(a, e->target, e->target_count), t->target);
			CHECK_EQ_INT(e->claim, 0);
			CHECK(e->main);
		}
		arena_free(a);
	}
	plover_close(p);
}

/* Every act at every status is decided by a row, "none" or a class. */
TEST(every_claim_is_decided)
{
	kula_error err = {0};
	plover *p = plover_open(NULL, NULL, &err);
	REQUIRE(p != NULL);
	arena *a = arena_new(1 << 20);
	for (uint32_t act = 0; act < KULA_ACTS; act++)
		for (uint32_t s = 0; s < KULA_STATUSES; s++) {
			bool decided = false;
			for (uint32_t i = 0; i < p->class_count; i++) {
				const class_row *r = &p->classes[i];
				decided |= (r->acts == 0 || r->acts & 1u << act) && (r->statuses == 0 || r->statuses & 1u << s) && r->kinds == 0
					&& r->words.at == NULL && r->near.at == NULL;
			}
			char what[64];
			snprintf(what, sizeof what, "%s %s", kula_act_name((kula_act)act), kula_status_name((kula_claim_status)s));
			CHECK_ROW(decided, what);
		}
	arena_free(a);
	plover_close(p);
}

/* The example of a row of verbs.tsv is read as the row says. */
TEST(examples_of_verbs)
{
	kula_error err = {0};
	char path[1024];
	mapped m;
	REQUIRE(data_path("plover/verbs.tsv", path, sizeof path) != NULL && file_map(path, &m, &err) == KULA_OK);
	tsv t = {.file = "verbs.tsv", .at = m.at, .end = m.at + m.n};
	cell c[8];
	uint32_t lines = 0;
	arena *a = arena_new(1 << 20);
	for (uint32_t n; (n = tsv_next(&t, c, 8, &err)) != 0 && n != UINT32_MAX; lines++) {
		REQUIRE(n == 4);
		const said_words w = said_words_of(a, c[3].at, c[3].n);
		const char *example = arena_text(a, c[3].at, c[3].n);
		CHECK_ROW(phrases_find((phrases){c[0].at, c[0].n}, &w, 0, NULL) >= 0, example);
	}
	CHECK(lines > 20);
	arena_free(a);
	file_unmap(&m);
}

TEST(phrases)
{
	static const struct { const char *pattern, *text; int at; } given[] = {
		{"demand*", "They demanded it", 1}, {"demand", "They demanded it", -1}, {"call* off", "It was called off today", 2},
		{"call* .. off", "called the whole thing off", 0}, {"call* .. off", "called one two three four off", -1}, {"cease fire", "a cease-fire", 1},
		{"war|peace", "for peace", 1}, {"", "anything", -1}, {"government", "the government’s plan", 1}, {"etats unis", "les États-Unis", 1},
		{"..", "one two", -1}, {"a ..", "a", 0},
	};
	arena *a = arena_new(1 << 20);
	for (size_t i = 0; i < COUNT_OF(given); i++) {
		const said_words w = said_words_of(a, given[i].text, strlen(given[i].text));
		CHECK_ROW(phrases_find((phrases){given[i].pattern, strlen(given[i].pattern)}, &w, 0, NULL) == given[i].at, given[i].pattern);
	}
	arena_free(a);
}

/* Sentences without a claim: the verb and the names around it. */
TEST(words_become_events)
{
	static const struct { const char *text, *event, *source, *target; } given[] = {
		{"Sweden rejected a proposal by Finland.", "REJECT", "SWE", "FIN"},
		{"The Swedish government demanded that Finland hold elections, Norwegian radio reported.", "REQUEST", "SWE GOV", "FIN"},
		{"Finland was condemned by Sweden.", "ACCUSE", "SWE", "FIN"},
		{"A cake was baked.", NULL, NULL, NULL},
		{"Sweden is a country.", NULL, NULL, NULL},
	};
	kula_error err = {0};
	REQUIRE(names != NULL);
	plover *p = plover_open(NULL, names, &err);
	REQUIRE(p != NULL);
	for (size_t i = 0; i < COUNT_OF(given); i++) {
		arena *a = arena_new(1 << 24);
		const kula_document d = {.id = "d", .text = given[i].text, .text_bytes = strlen(given[i].text), .published = KULA_NO_DAY};
		uint32_t n = 0;
		const plover_event *e = plover_events(p, a, &d, NULL, 0, PLOVER_WORDS, &n);
		CHECK_ROW(n == (given[i].event != NULL), given[i].text);
		if (n == 1 && given[i].event != NULL) {
			CHECK_EQ_STR(plover_class_name(e->class), given[i].event);
			CHECK_EQ_STR(actors(a, e->source, e->source_count), given[i].source);
			CHECK_EQ_STR(actors(a, e->target, e->target_count), given[i].target);
			CHECK_EQ_INT(e->claim, -1);
		}
		arena_free(a);
	}
	plover_close(p);
}

static void write_text(const char *folder, const char *name, const char *text)
{
	char path[300];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	if (f != NULL) {
		fputs(text, f);
		fclose(f);
	}
}

/* A folder of tables in which one has a fault: the error points at the cell. */
TEST(faulty_tables)
{
	static const struct { const char *file, *text, *error; } given[] = {
		{"classes.tsv", "giv\t*\t*\t*\t*\tAID\tfrom\tto\tx\n", "classes.tsv:1:1: unknown word 'giv' in column 'act'"},
		{"classes.tsv", "give\tdone|don\t*\t*\t*\tAID\tfrom\tto\tx\n", "classes.tsv:1:11: unknown word 'don' in column 'status'"},
		{"classes.tsv", "give\t*\t*\t*\t*\tHELP\tfrom\tto\tx\n", "classes.tsv:1:14: unknown class 'HELP' in column 'class'"},
		{"classes.tsv", "give\t*\t*\t*\t*\tAID\tfrom|to|said|to\tto\tx\n", "classes.tsv:1:31: unknown word 'to' in column 'source'"},
		{"classes.tsv", "give\tdone\n", "classes.tsv:1:1: expected act, status, kind, words, near, class, source, target"},
		{"modes.tsv", "AID\n", "modes.tsv:1:1: expected class, act, words and mode"},
		{"codes.tsv", "red cross\tABCDEFGHIJKLMNOPQ\n", "codes.tsv:1:11: a code has at most 15 letters"},
		{"verbs.tsv", "gave\tHELP\t*\tx\n", "verbs.tsv:1:6: unknown class 'HELP' in column 'class'"},
	};
	static const char *const files[] = {"classes.tsv", "modes.tsv", "contexts.tsv", "sectors.tsv", "codes.tsv", "verbs.tsv", "words.tsv"};
	char folder[] = "/tmp/kula_plover_XXXXXX";
	REQUIRE(mkdtemp(folder) != NULL);
	for (size_t i = 0; i < COUNT_OF(given); i++) {
		for (size_t k = 0; k < COUNT_OF(files); k++)
			write_text(folder, files[k], "# nothing\n");
		write_text(folder, given[i].file, given[i].text);
		kula_error err = {0};
		plover *p = plover_open(folder, NULL, &err);
		CHECK(p == NULL);
		CHECK_EQ_STR(err.text, given[i].error);
		CHECK_EQ_INT(err.status, KULA_EFORMAT);
		plover_close(p);
	}
	for (size_t k = 0; k < COUNT_OF(files); k++) {
		char path[300];
		snprintf(path, sizeof path, "%s/%s", folder, files[k]);
		unlink(path);
	}
	kula_error err = {0};
	CHECK(plover_open(folder, NULL, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EIO);
	rmdir(folder);
}

TEST(no_memory)
{
	kula_error err = {0};
	bool done = false;
	for (uint64_t n = 1; n < 5000 && !done; n++) {
		err = (kula_error){0};
		base_fail_allocation(n);
		plover *p = plover_open(NULL, NULL, &err);
		done = p != NULL;
		base_fail_allocation(0);
		CHECK(done || err.status == KULA_EMEMORY);
		plover_close(p);
	}
	CHECK(done);
}

int main(int argc, char **argv)
{
	static const test_case all[] = {TEST_ENTRY(claims_become_events), TEST_ENTRY(every_claim_is_decided), TEST_ENTRY(examples_of_verbs),
		TEST_ENTRY(phrases), TEST_ENTRY(words_become_events), TEST_ENTRY(faulty_tables), TEST_ENTRY(no_memory)};
	kula_error err = {0};
	names = know_open(NULL, &err);
	const int code = test_all(all, COUNT_OF(all), argc, argv);
	know_close(names);
	return code;
}
