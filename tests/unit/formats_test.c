/* formats: rows become claims that point at their cells; faults name the cell. */
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/formats.h"

typedef struct bench { formats *f; know *k; arena *a; importer *i; kula_error err; } bench;

static const char *path_of(const char *text)
{
	static char path[64];
	const int fd = memfd_create("kula", 0);         /* stays open until the program ends: the path is lent */
	const size_t n = strlen(text);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		return "";
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return path;
}

static bool begin(bench *b, import_format format, const char *text)
{
	memset(b, 0, sizeof *b);
	b->f = formats_open(NULL, &b->err);
	b->k = know_open(NULL, &b->err);
	b->a = arena_new((size_t)64 << 20);
	const import_options o = {.format = format, .f = b->f, .k = b->k, .published = KULA_NO_DAY};
	static import_options lent;
	lent = o;
	b->i = b->f != NULL && b->k != NULL ? import_open(&lent, path_of(text), &b->err) : NULL;
	return b->i != NULL;
}

static void end(bench *b)
{
	import_close(b->i);
	formats_free(b->f);
	know_close(b->k);
	arena_free(b->a);
}

static kula_status next(bench *b, import_document *d)
{
	b->err = (kula_error){0};
	return import_next(b->i, b->a, d, &b->err);
}

/* Everything with a span slices to its words. */
static bool points(const import_document *d)
{
	for (uint32_t c = 0; c < d->count; c++) {
		kula_error err = {0};
		if (!claims_check(&d->d, &d->claims[c], &err))
			return false;
		const kula_claim *const k = &d->claims[c];
		if (k->span.to != d->d.text_bytes || k->from[0].span.to == 0 || k->to[0].span.to == 0 || k->items[0].span.to == 0)
			return false;
	}
	return true;
}

#define CITES "Year,App.,Taxon,Class,Order,Family,Genus,Importer,Exporter,Origin,Importer reported quantity,Exporter reported quantity,Term,Unit,Purpose,Source\n"

TEST(cites_row)
{
	bench b;
	import_document d;
	REQUIRE(begin(&b, IMPORT_CITES, CITES
		"2011,II,Ara ararauna,Aves,,,,JP,PE,,4,6.5,live,,T,C\n"
		"2012,II,Dendrobium nobile,,,,,NA,TH,LA,,20,live,Number of specimens,P,A\n"
		"2012,I,Ara macao,Aves,,,,XX,BR,,,0.5,feathers,g,S,W\n"));
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 2);
	CHECK(points(&d));
	CHECK_EQ_STR(d.d.publisher, "CITES Trade Database");
	CHECK_EQ_STR(d.d.dossier, "register:cites");
	CHECK_EQ_INT(d.claims[0].act, KULA_SELL);
	CHECK_EQ_INT(d.claims[0].status, KULA_DONE);
	CHECK_EQ_STR(d.claims[0].from[0].code, "PER");
	CHECK_EQ_STR(d.claims[0].to[0].code, "JPN");
	CHECK_EQ_STR(d.claims[0].items[0].what, "captive-bred blue-and-yellow macaw");
	CHECK_EQ_INT(d.claims[0].items[0].kind, KULA_ANIMAL);
	CHECK_NEAR(d.claims[0].items[0].q.min, 6.5, 0);
	CHECK_NEAR(d.claims[1].items[0].q.max, 4, 0);
	CHECK_EQ_STR(d.claims[0].said_by[0].code, "PER");
	CHECK_EQ_STR(d.claims[1].said_by[0].code, "JPN");
	CHECK_EQ_STR(d.claims[0].exchange, d.claims[1].exchange);       /* two accounts of one exchange */
	CHECK_EQ_INT(d.claims[0].date.first, day_of(2011, 1, 1));
	CHECK_EQ_INT(d.claims[0].date.last, day_of(2011, 12, 31));
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 1);
	CHECK_EQ_STR(d.claims[0].to[0].code, "NAM");                    /* NA is Namibia among countries */
	CHECK_EQ_INT(d.claims[0].items[0].kind, KULA_GOODS);            /* a plant: no Class */
	CHECK_EQ_STR(d.claims[0].place_from, "LA");
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 1);
	CHECK_EQ_STR(d.claims[0].to[0].code, "");
	CHECK_EQ_STR(d.claims[0].items[0].q.unit, "gram");
	CHECK_EQ_STR(d.claims[0].items[0].what, "wild scarlet macaw feather");
	CHECK_EQ_INT(next(&b, &d), KULA_ENOTFOUND);
	end(&b);
}

/* One fault in a row, and where it is. */
TEST(cites_faults)
{
	static const struct { const char *row, *place, *says; } cases[] = {
		{"x,II,Ara macao,Aves,,,,JP,PE,,4,,live,,T,C", ":2:1:", "'x' is no year in column 'Year'"},
		{"2011,II,,Aves,,,,JP,PE,,4,,live,,T,C", ":2:9:", "no taxon in column 'Taxon'"},
		{"2011,II,Ara macao,Aves,,,,Q9,PE,,4,,live,,T,C", ":2:27:", "'Q9' is nobody that kula knows"},
		{"2011,II,Ara macao,Aves,,,,JP,PE,,four,,live,,T,C", ":2:34:", "'four' is no number in column 'Importer reported quantity'"},
		{"2011,II,Ara macao,Aves,,,,JP,PE,,,,live,,T,C", ":2:35:", "neither side reports a quantity"},
		{"2011,II,Ara macao,Aves,,,,JP,PE,,4,,sparkles,,T,C", ":2:37:", "'sparkles' is no term"},
		{"2011,II,Ara macao,Aves,,,,JP,PE,,4,,live,furlong,T,C", ":2:42:", "'furlong' is no unit"},
		{"2011,II,Ara macao,Aves,,,,JP,PE,,4,,live,,?,C", ":2:43:", "'?' is no purpose"},
		{"2011,II,Ara macao,Aves,,,,JP,PE,,4,,live,,T,9", ":2:45:", "'9' is no source"},
		{"2011,II,Ara macao,Aves,,,,XX,XX,,4,,live,,T,C", ":2:30:", "neither side is a state"},
		{"2011,II", ":2:6:", "nobody in column 'Exporter'"},
		{"2011,II,Ara macao,Aves,,,,JP,PE,,4,,live,,T,C,more,and more", ":2:47:", "the row has 18 cells, the header 16; is a cell with a ',' in it quoted?"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bench b;
		import_document d;
		buf text = {0};
		buf_text(&text, CITES);
		buf_format(&text, "%s\n2010,II,Ara macao,Aves,,,,JP,PE,,4,,live,,T,C\n", cases[i].row);
		REQUIRE(begin(&b, IMPORT_CITES, buf_string(&text)));
		CHECK_ROW(next(&b, &d) == KULA_EFORMAT, cases[i].row);
		CHECK_ROW(strstr(b.err.text, cases[i].place) != NULL && strstr(b.err.text, cases[i].says) != NULL, cases[i].row);
		if (strstr(b.err.text, cases[i].place) == NULL || strstr(b.err.text, cases[i].says) == NULL)
			fprintf(stderr, "    %s\n", b.err.text);
		CHECK_ROW(next(&b, &d) == KULA_OK, cases[i].row);       /* it costs no other row */
		end(&b);
		buf_free(&text);
	}
}

TEST(columns_in_another_order)
{
	bench b;
	import_document d;
	/* Another mark, quotes, a mark in front, CRLF, other capitals, remarks above, unknown columns, the header again. */
	REQUIRE(begin(&b, IMPORT_CITES, "\xEF\xBB\xBFTrade, as reported; see notes\r\n\r\n"
		"SOURCE;Purpose;term;exporter reported quantity;\"Importer reported quantity\";exporter;importer;Taxon;year;Remark\r\n"
		"W;Z;live;2;3;ID;AU;Pongo abelii;1999;\"said \"\"a\"\"\r\nand b\"\r\n"
		"SOURCE;Purpose;term;exporter reported quantity;\"Importer reported quantity\";exporter;importer;Taxon;year;Remark\r\n"));
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 2);
	CHECK_EQ_STR(d.claims[0].from[0].code, "IDN");
	CHECK_EQ_INT(d.claims[0].items[0].kind, KULA_ANIMAL);          /* without a column Class nothing says that it is a plant */
	CHECK(strstr(d.d.text, "Remark: said \"a\" and b.") != NULL);
	CHECK_EQ_INT(next(&b, &d), KULA_ENOTFOUND);
	end(&b);
	CHECK(!begin(&b, IMPORT_CITES, "Year,Taxon,Exporter,Importer,Term\n1,2,3,4,5\n"));
	CHECK(strstr(b.err.text, ":1:1: the header lacks a column 'imported'") != NULL);
	end(&b);
	CHECK(!begin(&b, IMPORT_CITES, "one,two\n1,2\n"));
	CHECK(strstr(b.err.text, "no header of a cites table") != NULL);
	end(&b);
	CHECK(!begin(&b, IMPORT_CITES, ""));
	end(&b);
	CHECK(!begin(&b, IMPORT_CITES, "Year,Taxon,Exporter,Importer,Term,Importer reported quantity,Exporter reported quantity,Taxon\n"));
	CHECK(strstr(b.err.text, "'Taxon' is there twice") != NULL);
	end(&b);
}

#define SIPRI "Recipient,Supplier,Year of order,,Number ordered,,Weapon designation,Weapon description,Number delivered,,Year(s) of delivery,status,Comments\n"

TEST(sipri_row)
{
	bench b;
	import_document d;
	REQUIRE(begin(&b, IMPORT_SIPRI, "Transfers of major weapons\n\nA '?' means uncertain, \"mostly\"\n" SIPRI
		"Peru,Belarus,1996,?,(16),,MiG-29,Fighter aircraft,16,,1996; 1998,Second hand,\"Part of deal, $252 m\"\n"
		"Chile,Germany,2006,,,,Marder,IFV,,,,New,\n"
		"Hezbollah (Lebanon)*,Iran,,,,,Zelzal-2,Artillery rocket,20-30,?,2004,New,\n"
		"Chad; Niger,France,2010,,4,,ERC-90,Armoured car,0,,,New,\n"));
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 2);
	CHECK(points(&d));
	CHECK_EQ_INT(d.claims[0].status, KULA_PROMISED);
	CHECK_EQ_INT(d.claims[0].act, KULA_SUPPLY);
	CHECK_EQ_STR(d.claims[0].from[0].code, "BLR");
	CHECK_EQ_STR(d.claims[0].to[0].code, "PER");
	CHECK_EQ_STR(d.claims[0].items[0].what, "MiG-29 fighter aircraft");
	CHECK_EQ_INT(d.claims[0].items[0].kind, KULA_AIRCRAFT);
	CHECK(d.claims[0].items[0].q.approx);
	CHECK_NEAR(d.claims[0].items[0].q.min, 16, 0);
	CHECK_EQ_INT(d.claims[1].status, KULA_DONE);
	CHECK_EQ_INT(d.claims[1].date.first, day_of(1996, 1, 1));
	CHECK_EQ_INT(d.claims[1].date.last, day_of(1998, 12, 31));
	CHECK(strstr(d.claims[0].exchange, "/ordered") != NULL && strstr(d.claims[1].exchange, "/delivered") != NULL);
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 1);              /* ordered, nobody knows how many */
	CHECK_EQ_INT(d.claims[0].status, KULA_PROMISED);
	CHECK(isnan(d.claims[0].items[0].q.min) && isnan(d.claims[0].items[0].q.max));
	CHECK_EQ_INT(d.claims[0].items[0].kind, KULA_ARMS);
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 1);
	CHECK_EQ_INT(d.claims[0].status, KULA_DONE);
	CHECK_EQ_STR(d.claims[0].to[0].code, "LBN");
	CHECK_NEAR(d.claims[0].items[0].q.min, 20, 0);
	CHECK_NEAR(d.claims[0].items[0].q.max, 30, 0);
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 1);              /* nothing delivered */
	CHECK_EQ_INT(d.claims[0].to_count, 2);
	CHECK_EQ_STR(d.claims[0].to[1].code, "NER");
	CHECK_EQ_STR(d.claims[0].to[1].text, "Niger");
	end(&b);
}

TEST(kiel_row)
{
	bench b;
	import_document d;
	REQUIRE(begin(&b, IMPORT_KIEL, "sub_activity_id,announcement_date,donor,aid_type_general,aid_type_specific,explanation,measure,item_type,item,item_numb,item_numb_deliv,tot_sub_activity_value_EUR\n"
		"PLX1_1,2022-05-03,Poland,Military,Weapons and equipment,howitzers,Allocation,Heavy weapon,Krab howitzer,18,12,\"90,000,000\"\n"
		"EUX2_1,6/30/2023,EU (Commission and Council),Financial,Loan,a loan,Commitment,.,.,.,.,1.5e+09\n"
		"X3,44713,Norway,Humanitarian,Grant,relief,Commitment,.,.,.,.,.\n"
		"X4,until 12/20/2022,Norway,Humanitarian,Grant,relief,Commitment,.,Generators,.,.,.\n"
		"X5,soon,Norway,Humanitarian,Grant,relief,Commitment,.,Generators,.,.,.\n"));
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 2);
	CHECK(points(&d));
	CHECK_EQ_STR(d.d.id, "kiel:PLX1_1");
	CHECK_EQ_STR(d.claims[0].to[0].code, "UKR");
	CHECK_EQ_STR(d.claims[0].items[0].text, "Krab howitzer");
	CHECK_EQ_INT(d.claims[0].items[0].kind, KULA_ARMS);
	CHECK_NEAR(d.claims[0].items[0].q.min, 18, 0);
	CHECK(d.claims[0].has_value);
	CHECK_NEAR(d.claims[0].value.min, 9e7, 0);
	CHECK_EQ_INT(d.claims[0].date.first, day_of(2022, 5, 3));
	CHECK_EQ_INT(d.claims[1].status, KULA_DONE);
	CHECK_NEAR(d.claims[1].items[0].q.min, 12, 0);
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 1);
	CHECK_EQ_INT(d.claims[0].act, KULA_LEND);
	CHECK_EQ_STR(d.claims[0].from[0].code, "EU");
	CHECK_EQ_INT(d.claims[0].items[0].kind, KULA_MONEY);
	CHECK_NEAR(d.claims[0].items[0].q.max, 1.5e9, 0);
	CHECK_EQ_STR(d.claims[0].items[0].q.unit, "EUR");
	CHECK_EQ_INT(d.claims[0].date.first, day_of(2023, 6, 30));
	CHECK_EQ_INT(next(&b, &d), KULA_EFORMAT);                      /* neither goods nor a sum */
	REQUIRE(next(&b, &d) == KULA_OK);
	CHECK_EQ_INT(d.claims[0].date.first, day_of(2022, 1, 1));
	CHECK_EQ_INT(d.claims[0].date.last, day_of(2022, 12, 20));
	CHECK_EQ_INT(next(&b, &d), KULA_EFORMAT);
	CHECK(strstr(b.err.text, "'soon' is no day in column 'announcement_date'") != NULL);
	end(&b);
}

/* Editions of a table: what says which row it is stays, whatever the figures; rows that are the same are counted. */
TEST(rows_have_names)
{
	bench b;
	import_document d, e, f;
	REQUIRE(begin(&b, IMPORT_CITES, CITES "2011,II,Ara macao,Aves,,,,JP,PE,,4,6,live,,T,C\n" "2011,II,Ara macao,Aves,,,,JP,PE,,4,7,live,,T,C\n"
		"2011,II,Ara macao,Aves,,,,JP,PE,,4,6,live,,T,W\n"));
	REQUIRE(next(&b, &d) == KULA_OK && next(&b, &e) == KULA_OK && next(&b, &f) == KULA_OK);
	CHECK(strncmp(d.d.id, e.d.id, strlen(d.d.id)) == 0 && strcmp(e.d.id + strlen(d.d.id), "#2") == 0);
	CHECK(strcmp(d.d.id, f.d.id) != 0);
	end(&b);
}

TEST(jsonl)
{
	bench b;
	import_document d;
	REQUIRE(begin(&b, IMPORT_JSONL, "{\"reader\":\"ada\",\"doc\":\"a\",\"published\":\"2020-01-02\",\"text\":\"Peru gave Chile a ship.\",\"claims\":[{\"evidence\":\"Peru gave Chile a ship.\",\"trigger\":\"gave\","
		"\"act\":\"give\",\"status\":\"done\",\"from\":[{\"text\":\"Peru\",\"code\":\"PER\"}],\"to\":[{\"text\":\"Chile\",\"code\":\"CHL\"}],\"items\":[],\"date\":null,\"said_by\":[]}]}\n"
		"{\"doc\":\"b\",\"text\":\"Peru gave Chile a ship.\",\"claims\":[{\"evidence\":\"Peru gave Chile a ship.\",\"trigger\":\"gave\",\"act\":\"give\",\"status\":\"done\","
		"\"from\":[{\"text\":\"Peru\",\"code\":\"PER\",\"span\":[5,9]}],\"to\":[],\"items\":[],\"date\":null,\"said_by\":[]}]}\n"
		"{\"doc\":\"c\",\"text\":\"Nothing.\"}\n" "{\"doc\":\"d\",\"text\":\"Nothing.\",\"claims\":[]}\n" "no json\n"));
	REQUIRE(next(&b, &d) == KULA_OK && d.count == 1);
	CHECK_EQ_STR(d.reader, "ada");
	CHECK_EQ_INT(d.claims[0].to[0].span.from, 10);
	CHECK_EQ_INT(next(&b, &d), KULA_EFORMAT);                      /* a span that is not its words */
	CHECK(strstr(b.err.text, ":2:1: claim 1: the span of from 'Peru' has other words") != NULL);
	CHECK_EQ_INT(next(&b, &d), KULA_EFORMAT);
	CHECK(strstr(b.err.text, ":3:1: the line has no 'claims'") != NULL);
	CHECK_EQ_INT(next(&b, &d), KULA_OK);                           /* read, and nothing found */
	CHECK_EQ_INT(next(&b, &d), KULA_EFORMAT);
	CHECK_EQ_INT(next(&b, &d), KULA_ENOTFOUND);
	end(&b);
}

/* A user's own tables: a fault points at the cell. */
TEST(tables)
{
	char dir[] = "/tmp/kula-formats-XXXXXX", path[128];
	kula_error err = {0};
	REQUIRE(mkdtemp(dir) != NULL);
	formats *f = formats_open(dir, &err);
	CHECK(f == NULL);
	CHECK_EQ_INT(err.status, KULA_EIO);
	snprintf(path, sizeof path, "%s/atop.tsv", dir);
	FILE *const out = fopen(path, "w");
	REQUIRE(out != NULL);
	fputs("# field\nact\tmeet\n", out);
	fclose(out);
	err = (kula_error){0};
	f = formats_open(dir, &err);
	CHECK(f == NULL);
	CHECK(strstr(err.text, "atop.tsv:2:5: 2 columns, expected 3") != NULL);
	unlink(path);
	rmdir(dir);
	err = (kula_error){0};
	f = formats_open(NULL, &err);
	CHECK(f != NULL);
	formats_free(f);
}

TEST_MAIN(TEST_ENTRY(cites_row), TEST_ENTRY(cites_faults), TEST_ENTRY(columns_in_another_order), TEST_ENTRY(sipri_row), TEST_ENTRY(kiel_row),
	TEST_ENTRY(rows_have_names), TEST_ENTRY(jsonl), TEST_ENTRY(tables))
