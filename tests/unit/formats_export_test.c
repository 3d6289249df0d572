/* export: what stands in the columns, from a ledger in memory. */
#include "test.h"

#include <stdlib.h>

#include "formats/formats.h"
#include "ledger/join.h"

typedef struct shop { ledger *l; formats *f; know *k; buf out; export_sum sum; kula_error err; } shop;

static bool to_buf(void *arg, const char *at, size_t n)
{
	buf_add(arg, at, n);
	return true;
}

static bool to_nowhere(void *arg, const char *at, size_t n)
{
	(void)arg, (void)at, (void)n;
	return false;
}

/* Lines of JSONL go in, as they come from another reader. */
static bool open_shop(shop *s, const char *lines)
{
	memset(s, 0, sizeof *s);
	s->l = ledger_memory(&s->err);
	s->f = formats_open(NULL, &s->err);
	s->k = know_open(NULL, &s->err);
	FILE *const file = fopen("/dev/shm/kula-export-test.jsonl", "w");
	if (s->l == NULL || s->f == NULL || s->k == NULL || file == NULL)
		return false;
	fputs(lines, file);
	fclose(file);
	const import_options o = {.format = IMPORT_JSONL, .f = s->f, .published = KULA_NO_DAY};
	importer *const i = import_open(&o, "/dev/shm/kula-export-test.jsonl", &s->err);
	arena *const a = arena_new((size_t)64 << 20);
	const int64_t reader = ledger_reader(s->l, "ada", "", "", "", &s->err);
	import_document d;
	while (i != NULL && import_next(i, a, &d, &s->err) == KULA_OK) {
		ledger_added added;
		ledger_add(s->l, &d.d, NULL, d.claims, d.count, reader, false, &added, &s->err);
	}
	import_close(i);
	arena_free(a);
	remove("/dev/shm/kula-export-test.jsonl");
	join_rules *const r = join_rules_open(NULL, NULL, &s->err);
	if (r != NULL)
		ledger_join(s->l, r, false, NULL, &s->err);
	join_rules_free(r);
	if (s->err.status != KULA_OK)
		fprintf(stderr, "    %s\n", s->err.text);
	return s->err.status == KULA_OK;
}

static const char *export_of(shop *s, export_format format)
{
	const export_options o = {.format = format, .f = s->f, .k = s->k, .filter = ledger_filter_all(), .all = true};
	s->out.n = 0;
	s->err = (kula_error){0};
	CHECK_EQ_INT(export_write(s->l, &o, to_buf, &s->out, &s->sum, &s->err), KULA_OK);
	return buf_string(&s->out);
}

static void close_shop(shop *s)
{
	ledger_close(s->l);
	formats_free(s->f);
	know_close(s->k);
	buf_free(&s->out);
}

#define PARTY(text, code) "{\"text\":\"" text "\",\"code\":\"" code "\"}"
#define DOC(id, title, text, claims) "{\"doc\":\"" id "\",\"title\":\"" title "\",\"publisher\":\"=Wire, \\\"A\\\"\",\"published\":\"2024-03-05\",\"text\":\"" text "\",\"claims\":[" claims "]}\n"
#define CLAIM(evidence, trigger, act, status, from, to, items, more) \
	"{\"evidence\":\"" evidence "\",\"trigger\":\"" trigger "\",\"act\":\"" act "\",\"status\":\"" status "\",\"from\":[" from "],\"to\":[" to "],\"items\":[" items "],\"date\":null,\"said_by\":[]" more "}"

static const char lines[] =
	DOC("http://example.org/a?x=1", "Caf\xC3\xA9 <talks> & \xE2\x80\x9Cmore\xE2\x80\x9D", "\xC3\x89t\xC3\xA9. Chile gave Peru 5 million dollars on Monday.\\nPeru asked Chile for grain.",
		CLAIM("Chile gave Peru 5 million dollars on Monday.", "gave", "give", "done", PARTY("Chile", "CHL"), PARTY("Peru", "PER"),
			"{\"text\":\"5 million dollars\",\"what\":\"dollar\",\"kind\":\"money\",\"min\":5000000,\"max\":5000000,\"unit\":\"USD\"}", "") ","
		CLAIM("Peru asked Chile for grain.", "asked", "give", "requested", PARTY("Chile", "CHL"), PARTY("Peru", "PER"),
			"{\"text\":\"grain\",\"what\":\"grain\",\"kind\":\"food\",\"min\":null,\"max\":null,\"unit\":\"count\"}", ""))
	DOC("b", "-", "The two met. Peru has 70 tanks. Rebels fled.",
		CLAIM("The two met.", "met", "meet", "done", PARTY("The two", "PER") "," PARTY("The two", "CHL"), "", "", "") ","
		CLAIM("Peru has 70 tanks.", "has", "hold", "ongoing", PARTY("Peru", "PER"), "",
			"{\"text\":\"70 tanks\",\"what\":\"tank\",\"kind\":\"arms\",\"min\":70,\"max\":70,\"unit\":\"count\"}", "") ","
		CLAIM("Rebels fled.", "fled", "withdraw", "done", "{\"text\":\"Rebels\",\"code\":null}", "", "", ""))
	DOC("c", "Arms", "In 2022 Chile promised Peru 31 Leopard 2 tanks. It delivered 10 Leopard 2 tanks in 2023.",
		"{\"evidence\":\"In 2022 Chile promised Peru 31 Leopard 2 tanks.\",\"trigger\":\"promised\",\"act\":\"supply\",\"status\":\"promised\",\"from\":[" PARTY("Chile", "CHL") "],\"to\":["
			PARTY("Peru", "PER") "],\"items\":[{\"text\":\"31 Leopard 2 tanks\",\"what\":\"Leopard 2 tank\",\"kind\":\"arms\",\"min\":31,\"max\":31,\"unit\":\"count\"}],\"date\":[\"2022-01-01\",\"2022-12-31\"],\"said_by\":[]},"
		"{\"evidence\":\"It delivered 10 Leopard 2 tanks in 2023.\",\"trigger\":\"delivered\",\"act\":\"supply\",\"status\":\"done\",\"from\":[" PARTY("It", "CHL") "],\"to\":[" PARTY("Peru", "PER")
			"],\"items\":[{\"text\":\"10 Leopard 2 tanks\",\"what\":\"Leopard 2 tank\",\"kind\":\"arms\",\"min\":10,\"max\":10,\"unit\":\"count\"}],\"date\":[\"2023-01-01\",\"2023-12-31\"],\"said_by\":[]}")
	DOC("d", "Pact", "Chile and Peru signed a mutual defence pact in May 2020. Under the mutual defence pact Chile will send troops if Peru is attacked.",
		"{\"evidence\":\"Chile and Peru signed a mutual defence pact in May 2020.\",\"trigger\":\"signed\",\"act\":\"sign\",\"status\":\"done\",\"from\":[" PARTY("Chile", "CHL") "],\"to\":[" PARTY("Peru", "PER")
			"],\"items\":[],\"date\":[\"2020-05-01\",\"2020-05-31\"],\"said_by\":[],\"agreement\":\"mutual defence pact\"},"
		CLAIM("Under the mutual defence pact Chile will send troops if Peru is attacked.", "send", "send", "promised", PARTY("Chile", "CHL"), PARTY("Peru", "PER"),
			"{\"text\":\"troops\",\"what\":\"troop\",\"kind\":\"troops\",\"min\":null,\"max\":null,\"unit\":\"count\"}", ",\"agreement\":\"mutual defence pact\",\"condition\":\"if Peru is attacked\""));

#define HAS(words) CHECK_ROW(strstr(got, words) != NULL, words)
#define HASNT(words) CHECK_ROW(strstr(got, words) == NULL, words)

TEST(claims)
{
	shop s;
	REQUIRE(open_shop(&s, lines));
	const char *got = export_of(&s, EXPORT_CSV);
	CHECK_EQ_INT(s.sum.of, 9);
	CHECK_EQ_INT(s.sum.rows, 9);
	HAS("\"'=Wire, \"\"A\"\"\"");                                  /* no formula, and its quotes */
	HAS("1.1,give,done,,,,,CHL,Chile,PER,Peru,5 million dollars,dollar,money,5000000,5000000,USD,");
	HAS("2.1,meet,done,,,,,PER; CHL,The two; The two,");
	got = export_of(&s, EXPORT_JSONL);
	CHECK(strncmp(got, "{\"reader\":\"ada\",\"doc\":\"http://example.org/a?x=1\"", 44) == 0);
	got = export_of(&s, EXPORT_WEBANNOTATION);
	/* "Été. " is five characters and seven bytes: the selectors count characters. */
	HAS("\"source\":\"http://example.org/a?x=1\"");
	HAS("\"exact\":\"Chile gave Peru 5 million dollars on Monday.\",\"prefix\":\"\xC3\x89t\xC3\xA9. \",\"suffix\":\"\\nPeru asked Chile for grain.\"");
	HAS("{\"type\":\"TextPositionSelector\",\"start\":5,\"end\":49}");
	HAS("\"source\":\"urn:kula:document:b\"");
	HAS("\"total\":9,");
	HAS("CHL give (done) PER: 5000000 USD dollar");
	close_shop(&s);
}

TEST(events)
{
	shop s;
	REQUIRE(open_shop(&s, lines));
	const char *got = export_of(&s, EXPORT_ICEWS);
	/* of a request whoever asks is the source */
	HAS("2024-03-05\tPeru\t\tPeru\tAppeal for humanitarian aid\t0233\t3.4\tChile\t\tChile\t1\t2\t=Wire, \"A\"");
	HAS("\tChile\t\tChile\tProvide economic aid\t071\t7.4\tPeru\t\tPeru\t1\t1\t");
	HAS("\tConsult\t040\t1.0\t");
	CHECK_EQ_INT(s.sum.left_count, 2);                             /* the stock; the rebels, alone */
	got = export_of(&s, EXPORT_PLOVER);
	HAS("1.1\t2024-03-05\tAID\t");
	HAS("MATERIAL COOPERATION");
	HAS("\tChile\tCHL\t155\t");
	close_shop(&s);
}

TEST(graphs)
{
	shop s;
	REQUIRE(open_shop(&s, lines));
	const char *got = export_of(&s, EXPORT_FTM);
	HAS("{\"id\":\"kula-party-chl\",\"schema\":\"PublicBody\",\"properties\":{\"name\":[\"Chile\"],\"country\":[\"cl\"]}}");
	HAS("\"schema\":\"Payment\",\"properties\":{\"payer\":[\"kula-party-chl\"],\"beneficiary\":[\"kula-party-per\"],\"amount\":[\"5000000\"],\"currency\":[\"USD\"]");
	HAS("\"schema\":\"Event\",\"properties\":{\"name\":[\"hold (ongoing): 70 tank\"],\"involved\":[\"kula-party-per\"]");
	HAS("\"sourceUrl\":[\"http://example.org/a?x=1\"]");
	CHECK_EQ_INT(s.sum.left_count, 1);
	got = export_of(&s, EXPORT_GRAPHML);
	HAS("<edge source=\"CHL\" target=\"PER\"><data key=\"act\">give</data><data key=\"status\">done</data>");
	HAS("<edge source=\"CHL\" target=\"PER\"><data key=\"equal\">true</data><data key=\"act\">meet</data>");
	HASNT("directed=\"false\"");
	close_shop(&s);
}

TEST(registers)
{
	shop s;
	REQUIRE(open_shop(&s, lines));
	const char *got = export_of(&s, EXPORT_SIPRI);
	HAS("Peru,Chile,2022,,31,,Leopard 2,Tank,10,,2023,,claims 3.1 3.2,,,\n");
	got = export_of(&s, EXPORT_ATOP);
	HAS(",155,CHL,Chile,mutual defence pact,2020,5,,,,,1,0,0,0,0,0,1,0,");
	HAS(",135,PER,Peru,mutual defence pact,2020,5,,,,,1,0,0,0,0,0,0,0,");
	got = export_of(&s, EXPORT_EXCHANGES);
	HAS("\"links\":[{\"type\":\"fulfils\",\"from\":\"x3.2\"}]");
	close_shop(&s);
}

TEST(nowhere_to_write)
{
	shop s;
	REQUIRE(open_shop(&s, lines));
	for (int f = 0; f < EXPORT_FORMATS; f++) {
		const export_options o = {.format = (export_format)f, .f = s.f, .k = s.k, .filter = ledger_filter_all(), .all = true};
		s.err = (kula_error){0};
		CHECK_EQ_INT(export_write(s.l, &o, to_nowhere, NULL, &s.sum, &s.err), KULA_EIO);
	}
	close_shop(&s);
}

/* Names, and what can't be carried, are there for every format. */
TEST(formats_have_names)
{
	for (int f = 0; f < EXPORT_FORMATS; f++) {
		CHECK_EQ_INT(export_format_of(export_format_name((export_format)f)), f);
		CHECK(export_format_about((export_format)f)[0] != '\0' && export_format_lost((export_format)f)[0] != '\0');
	}
	for (int f = 0; f < IMPORT_FORMATS; f++)
		CHECK_EQ_INT(import_format_of(import_format_name((import_format)f)), f);
	CHECK_EQ_INT(export_format_of("parquet"), -1);
}

/* Without memory at any point: an error, no crash, and the next try works. */
TEST(no_memory)
{
	shop s;
	REQUIRE(open_shop(&s, lines));
	static const export_format formats_tried[] = {EXPORT_JSONL, EXPORT_CSV, EXPORT_FTM, EXPORT_GRAPHML, EXPORT_WEBANNOTATION, EXPORT_SIPRI};
	for (size_t f = 0; f < COUNT_OF(formats_tried); f++) {
		const export_options o = {.format = formats_tried[f], .f = s.f, .k = s.k, .filter = ledger_filter_all(), .all = true};
		bool done = false;
		for (uint64_t n = 1; n < 3000 && !done; n += n < 60 ? 1 : 17) {
			s.err = (kula_error){0};
			s.out.n = 0;
			base_fail_allocation(n);
			const kula_status status = export_write(s.l, &o, to_buf, &s.out, &s.sum, &s.err);
			base_fail_allocation(0);
			done = status == KULA_OK && !s.out.refused;
			CHECK(status == KULA_OK || s.err.text[0] != '\0');
			if (s.out.refused)
				buf_free(&s.out);
		}
		CHECK_ROW(done, export_format_name(formats_tried[f]));
	}
	close_shop(&s);
}

TEST_MAIN(TEST_ENTRY(claims), TEST_ENTRY(events), TEST_ENTRY(graphs), TEST_ENTRY(registers), TEST_ENTRY(nowhere_to_write), TEST_ENTRY(formats_have_names),
	TEST_ENTRY(no_memory))
