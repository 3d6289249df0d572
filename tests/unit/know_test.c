/* Names, days, places, kinds: the room know on its own tables, on damaged files, on a user's tables. */
#include <stdlib.h>
#include <unistd.h>
#include "know/know.h"
#include "test.h"

static know *open_own(void)
{
	static char path[] = "/tmp/kula-know-test-XXXXXX";
	static bool made;
	kula_error err = {0};
	if (!made) {
		buf b = {0};
		const int fd = mkstemp(path);
		if (fd < 0 || know_compile("data/know", false, &b, &err) || write(fd, b.at, b.n) != (ssize_t)b.n) {
			fprintf(stderr, "data/know: %s\n", err.text);
			exit(1);
		}
		close(fd);
		buf_free(&b);
		made = true;
	}
	know *k = know_open(path, &err);
	if (!k) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return k;
}

typedef struct seen { arena *a; vocabulary *v; text_doc *d; mention *m; uint32_t n; const char *text; } seen;

static seen look(const know *k, const char *text, const char *day, const char *publisher)
{
	static const char pieces[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\n";
	seen s = {.text = text};
	kula_error err = {0};
	s.a = arena_new(64u << 20);
	s.v = vocabulary_new((const byte *)pieces, sizeof pieces - 1, &err);
	s.d = s.v ? text_cut(s.a, s.v, (const byte *)text, strlen(text), (const byte *)"", 0, &err) : NULL;
	if (s.d)
		s.m = know_mentions(k, s.a, s.d, day ? kula_day_parse(day, strlen(day)) : KULA_NO_DAY, publisher, &s.n);
	return s;
}

static void done(seen *s)
{
	vocabulary_free(s->v);
	arena_free(s->a);
}

/* The likeliest reading of the words `name`: its first mention with just these bytes, else one that covers its first place. */
static const mention *reading(const seen *s, const char *name)
{
	const size_t n = strlen(name);
	const char *at = strstr(s->text, name);
	const mention *covers = NULL;
	for (uint32_t i = 0; i < s->n; i++) {
		const mention *m = &s->m[i];
		const uint32_t from = s->d->words[m->word_from].at.from, to = s->d->words[m->word_to - 1].at.to;
		if (m->rank)
			continue;
		if (to - from == n && !memcmp(s->text + from, name, n))
			return m;
		if (at && !covers && from <= (size_t)(at - s->text) && to >= (size_t)(at - s->text) + n)
			covers = m;
	}
	return covers;
}

static const char *code_in(const know *k, const char *text, const char *day, const char *name)
{
	static char code[KULA_CODE_BYTES];
	seen s = look(k, text, day, NULL);
	const mention *m = reading(&s, name);
	snprintf(code, sizeof code, "%s", m ? m->code[0] ? m->code : "nobody" : "none");
	done(&s);
	return code;
}

TEST(names)
{
	static const struct { const char *text, *day, *name, *code; } cases[] = {
		{"Russia sent a lion to Pyongyang.", NULL, "Russia", "RUS"},
		{"Russia sent a lion to Pyongyang.", NULL, "Pyongyang", "PRK"},
		{"The U.S. ambassador left.", NULL, "U.S.", "USA"},
		{"The US ambassador left.", NULL, "US", "USA"},
		{"They told us to leave.", NULL, "us", "none"},
		{"They bought turkey and china.", NULL, "turkey", "none"},
		{"They bought turkey and china.", NULL, "china", "none"},
		{"Iraq's army and Iraqis fled.", NULL, "Iraq", "IRQ"},
		{"Iraq's army and Iraqis fled.", NULL, "Iraqis", "IRQ"},
		{"The EU and NATO met the WFP.", NULL, "EU", "EU"},
		{"The EU and NATO met the WFP.", NULL, "WFP", "WFP"},
		{"The Kremlin and the White House agreed.", NULL, "Kremlin", "RUS"},
		{"The Kremlin and the White House agreed.", NULL, "White House", "USA"},
		{"Officials in the West and the Middle East.", NULL, "West", "nobody"},
		{"Officials in the West and the Middle East.", NULL, "Middle East", "nobody"},
		{"Fighters of Hezbollah and the Taliban.", NULL, "Hezbollah", "LBN"},
		{"Fighters of Hezbollah and the Taliban.", NULL, "Taliban", "AFG"},
		{"The Houthis fired at Hamas.", NULL, "Houthis", "YEM"},
		{"The Houthis fired at Hamas.", NULL, "Hamas", "PSE"},
		{"Gazprom sued Naftogaz.", NULL, "Gazprom", "RUS"},
		{"Soldiers in Darfur and the West Bank.", NULL, "Darfur", "SDN"},
		{"Soldiers in Darfur and the West Bank.", NULL, "West Bank", "PSE"},
		{"Kosovo and Taiwan signed.", NULL, "Kosovo", "XKX"},
		{"Kosovo and Taiwan signed.", NULL, "Taiwan", "TWN"},
		{"MOSCOW AND CAIRO AGREE ON WHEAT", NULL, "CAIRO", "EGY"},
		{"Côte d'Ivoire thanked the Czech Republic.", NULL, "Côte d'Ivoire", "CIV"},
		{"Trinidad and Tobago thanked St. Lucia.", NULL, "Trinidad and Tobago", "TTO"},
		{"A ship from Ho Chi Minh City.", NULL, "Ho Chi Minh City", "VNM"},
		{"Moscow lent Hanoi four planes.", "1979-03-01", "Moscow", "SUN"},
		{"Moscow lent Hanoi four planes.", "2019-03-01", "Moscow", "RUS"},
		{"East Germany sold Zaire lorries.", "1985-03-01", "East Germany", "DDR"},
	};
	know *k = open_own();
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CHECK_ROW(!strcmp(code_in(k, cases[i].text, cases[i].day, cases[i].name), cases[i].code), cases[i].text);
	know_close(k);
}

TEST(people)
{
	static const struct { const char *text, *day, *name, *code; } cases[] = {
		{"President Putin flew home.", "2005-03-01", "Putin", "RUS"},
		{"Nicolas Sarkozy flew home.", "2009-03-01", "Nicolas Sarkozy", "FRA"},
		{"Mr. Bush asked for money.", "2006-03-01", "Bush", "USA"},
		{"Bush asked for money.", "2006-03-01", "Bush", "USA"},
		{"Mr. Ban praised the pact.", "2010-03-01", "Ban", "UN"},
		{"Mahmoud Abbas spoke. Later Abbas left.", "2010-03-01", "Abbas", "PSE"},
		{"Hosni Mubarak said so.", "2004-03-01", "Hosni Mubarak", "EGY"},
		/* spelt as no row has it */
		{"Muamar Gadafi said so.", "2004-03-01", "Muamar Gadafi", "LBY"},
		/* somebody else of that name, introduced by the text */
		{"Engineer Timothy Bush spoke. Bush was tired.", "2016-03-01", "Bush", "none"},
	};
	know *k = open_own();
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CHECK_ROW(!strcmp(code_in(k, cases[i].text, cases[i].day, cases[i].name), cases[i].code), cases[i].text);
	seen s = look(k, "President Putin flew home.", "2005-03-01", NULL);
	const mention *m = reading(&s, "Putin");
	REQUIRE(m);
	CHECK(m->in_date);
	CHECK_EQ_INT(m->type, NAME_LEADER);
	CHECK(strstr(know_row(k, s.a, m->row), "Vladimir Putin"));
	done(&s);
	know_close(k);
}

/* tests/unit/know_ambiguous.tsv: at least 95 in 100 right, in each half */
TEST(ambiguous)
{
	know *k = open_own();
	mapped f;
	kula_error err = {0};
	REQUIRE(!file_map("tests/unit/know_ambiguous.tsv", &f, &err));
	tsv t = {.file = "know_ambiguous.tsv", .at = f.at, .end = f.at + f.n};
	cell c[8];
	unsigned right[2] = {0}, all[2] = {0};
	tsv_next(&t, c, 8, &err);
	while (tsv_next(&t, c, 8, &err) == 4) {
		char text[512], name[64], code[16];
		snprintf(text, sizeof text, "%.*s", (int)c[0].n, c[0].at);
		snprintf(name, sizeof name, "%.*s", (int)c[1].n, c[1].at);
		snprintf(code, sizeof code, "%.*s", (int)c[2].n, c[2].at);
		const char *got = code_in(k, text, "2012-06-15", name);
		const unsigned half = c[3].at[0] == 'b';
		all[half]++;
		right[half] += !strcmp(got, code) || (code[0] == '-' && (!strcmp(got, "nobody") || !strcmp(got, "none")));
	}
	CHECK_EQ_INT(err.status, KULA_OK);
	CHECK_EQ_INT(all[0] + all[1], 312);
	CHECK(right[0] * 100 >= all[0] * 95);
	CHECK(right[1] * 100 >= all[1] * 95);
	file_unmap(&f);
	know_close(k);
}

/* Whatever the text: in order, ranks from 0 without gaps, codes known or empty, and the same each time. */
TEST(order)
{
	static const char text[] = "Georgia, Georgia! The Democratic Republic of the Congo's army's Kim Kim Kim; U.S.-led al-Qaida, al-"
		"\nTHE WHO IS IN US. Sudan South Sudan \xE2\x80\x9C" "Chad\xE2\x80\x9D Jr. J. R. R. Tolkien - - ' 's Paris Paris Paris, Texas.";
	know *k = open_own();
	seen s = look(k, text, "2012-06-15", "Voice of America"), again = look(k, text, "2012-06-15", "Voice of America");
	REQUIRE(s.m && again.m);
	CHECK_EQ_INT(s.n, again.n);
	CHECK(!memcmp(s.m, again.m, s.n * sizeof *s.m));
	for (uint32_t i = 0; i < s.n; i++) {
		const mention *m = &s.m[i];
		CHECK(m->word_from < m->word_to && m->word_to <= s.d->word_count);
		CHECK(!m->code[0] || know_code_name(k, m->code));
		CHECK_EQ_INT(s.d->words[m->word_from].sentence, s.d->words[m->word_to - 1].sentence);
		if (i && m->rank)
			CHECK(m->word_from == m[-1].word_from && m->word_to == m[-1].word_to && m->rank == m[-1].rank + 1);
		else if (i)
			CHECK(m->word_from > m[-1].word_from || (m->word_from >= m[-1].word_from && m->word_to < m[-1].word_to));
	}
	done(&s);
	done(&again);
	know_close(k);
}

TEST(refused)
{
	know *k = open_own();
	seen s = look(k, "Russia sent a lion to Pyongyang, said President Putin of Russia.", "2012-06-15", NULL);
	unsigned refused = 0;
	for (size_t limit = 64; limit < 4u << 20; limit += limit / 2) {
		arena *a = arena_new(limit);
		uint32_t n;
		if (a && !know_mentions(k, a, s.d, KULA_NO_DAY, NULL, &n)) {
			CHECK_EQ_INT(n, 0);
			refused++;
		}
		arena_free(a);
	}
	CHECK(refused > 0);
	done(&s);
	know_close(k);
}

TEST(codes)
{
	know *k = open_own();
	CHECK_EQ_STR(know_code_of(k, "russia"), "RUS");
	CHECK_EQ_STR(know_code_of(k, "RUS"), "RUS");
	CHECK_EQ_STR(know_code_of(k, "prk"), "PRK");
	CHECK_EQ_STR(know_code_of(k, "the Soviet Union"), "SUN");
	CHECK_EQ_STR(know_code_of(k, "French"), "FRA");
	CHECK_EQ_STR(know_code_of(k, "North Korea"), "PRK");
	CHECK_EQ_STR(know_code_of(k, "commonwealth"), "COMMONWEALTH");
	CHECK_EQ_STR(know_code_of(k, "no such place"), "");
	CHECK_EQ_STR(know_code_of(k, ""), "");
	CHECK_EQ_STR(know_code_of(k, "\xFF"), "");
	CHECK_EQ_STR(know_code_name(k, "UN"), "United Nations");
	CHECK_EQ_STR(know_code_name(k, "RUS"), "Russia");
	CHECK_EQ_STR(know_code_name(k, "AL"), "Arab League");
	CHECK(!know_code_name(k, "QQQ"));
	CHECK(!know_code_name(k, ""));
	CHECK_EQ_STR(know_publisher(k, "Voice of America"), "USA");
	CHECK_EQ_STR(know_publisher(k, "The Guardian"), "GBR");
	CHECK_EQ_STR(know_publisher(k, "BBC News, Nairobi"), "GBR");
	CHECK_EQ_STR(know_publisher(k, "Department of Defence, Canberra"), "AUS");
	CHECK_EQ_STR(know_publisher(k, "The Morning Ledger"), "");
	CHECK_EQ_STR(know_publisher(k, NULL), "");
	CHECK_EQ_INT(strlen(know_hash(k)), 16);
	/* the codes of docs/CLAIMS.md each have a name */
	static const char *const listed[] = {"UN", "NATO", "EU", "AU", "ASEAN", "OPEC", "WHO", "WFP", "UNICEF", "UNHCR", "UNESCO", "IAEA",
		"ICRC", "IFRC", "WB", "IMF", "WTO", "OSCE", "AL", "GCC", "ECOWAS", "SADC", "CIS", "CSTO", "SCO", "BRICS", "G7", "G20",
		"CARICOM", "OAS", "MERCOSUR", "COMMONWEALTH", "INTERPOL", "ICC", "ICJ", "MSF", "CITES", "IUCN", "WWF", "EAZA", "WAZA",
		"XKX", "PSE", "TWN", "SUN", "YUG", "CSK", "DDR"};
	for (size_t i = 0; i < COUNT_OF(listed); i++)
		CHECK_ROW(know_code_name(k, listed[i]), listed[i]);
	know_close(k);
}

TEST(kinds)
{
	static const struct { const char *words; const char *kind; } cases[] = {
		{"giant panda", "animal"}, {"giant pandas", "animal"}, {"artillery shells", "arms"}, {"mig-29s", "aircraft"}, {"f-16s", "aircraft"},
		{"troops", "troops"}, {"brown bear", "animal"}, {"wolves", "animal"}, {"leopards", "animal"}, {"leopard 2 tanks", "arms"},
		{"anti-tank missiles", "arms"}, {"tonnes of wheat", "food"}, {"crude oil", "fuel"}, {"women", "people"}, {"xyzzy", NULL}, {"", NULL}};
	static const struct { const char *plural, *one; } forms[] = {
		{"troops", "troop"}, {"men", "man"}, {"series", "series"}, {"aircraft", "aircraft"}, {"artillery shells", "artillery shell"},
		{"batteries", "battery"}, {"boxes", "box"}, {"buses", "bus"}, {"policewomen", "policewoman"}, {"wolves", "wolf"},
		{"potatoes", "potato"}, {"glass", "glass"}, {"mig-29s", "mig-29"}, {"horses", "horse"}, {"virus", "virus"}, {"", ""}};
	know *k = open_own();
	arena *a = arena_new(1u << 20);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int strength;
		const int kind = know_kind(k, cases[i].words, &strength);
		CHECK_ROW(cases[i].kind ? kind == kula_kind_of(cases[i].kind) : kind == -1, cases[i].words);
		CHECK_ROW((kind >= 0) == (strength > 0), cases[i].words);
	}
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		CHECK_EQ_STR(know_singular(k, a, forms[i].plural), forms[i].one);
	CHECK(know_is_mass(k, "artillery") && know_is_mass(k, "humanitarian aid"));
	CHECK(!know_is_mass(k, "tank") && !know_is_mass(k, ""));
	arena_free(a);
	know_close(k);
}

TEST(readings)
{
	know *k = open_own();
	arena *a = arena_new(4u << 20);
	uint32_t n;
	const mention *m = know_readings(k, a, "President Putin", kula_day_parse("2005-03-01", 10), &n);
	REQUIRE(m && n);
	CHECK_EQ_STR(m[0].code, "RUS");
	CHECK(m[0].in_date);
	CHECK_EQ_STR(know_type_name(m[0].type), "surname");
	m = know_readings(k, a, "the Congo", KULA_NO_DAY, &n);
	REQUIRE(m && n >= 2);
	CHECK_EQ_STR(m[0].code, "COD");
	CHECK(!know_readings(k, a, "no such name", KULA_NO_DAY, &n) && !n);
	arena_free(a);
	know_close(k);
}

/* ---- files that aren't what they should be ---- */

static void file_write(const char *path, const void *at, size_t n)
{
	FILE *f = fopen(path, "wb");
	if (f) {
		fwrite(at, 1, n, f);
		fclose(f);
	}
}

TEST(damaged)
{
	buf b = {0};
	kula_error err = {0};
	char path[] = "/tmp/kula-know-damaged-XXXXXX";
	const int fd = mkstemp(path);
	REQUIRE(fd >= 0);
	close(fd);
	REQUIRE(!know_compile("data/know", false, &b, &err));
	static const struct { size_t at; kula_status status; } bytes[] = {
		{0, KULA_EFORMAT}, {8, KULA_EVERSION}, {12, KULA_EFORMAT}, {16, KULA_EFORMAT}, {24, KULA_EFORMAT}, {64, KULA_EFORMAT},
		{500, KULA_EFORMAT}, {5000000, KULA_EFORMAT}};
	for (size_t i = 0; i < COUNT_OF(bytes); i++) {
		b.at[bytes[i].at] ^= 0x10;
		file_write(path, b.at, b.n);
		err = (kula_error){0};
		CHECK(!know_open(path, &err));
		CHECK_EQ_INT(err.status, bytes[i].status);
		CHECK(strstr(err.text, path));
		b.at[bytes[i].at] ^= 0x10;
	}
	static const size_t lengths[] = {0, 1, 63, 64, 184, 200, 100000};
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		file_write(path, b.at, lengths[i]);
		err = (kula_error){0};
		CHECK(!know_open(path, &err));
		CHECK(err.status == KULA_EFORMAT || err.status == KULA_EIO);
	}
	/* a right checksum over wrong offsets: every record is checked by itself */
	unsigned opened = 0;
	uint64_t seed = 7;
	for (unsigned i = 0; i < 60; i++) {
		char keep[4];
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		const size_t at = i < 30 ? 64 + i * 4 : 64 + (size_t)(seed >> 20) % (b.n - 68);
		memcpy(keep, b.at + at, 4);
		memset(b.at + at, 0xEE, 4);
		const uint64_t sum = hash_bytes(b.at + 64, b.n - 64);
		for (int j = 0; j < 8; j++)
			b.at[24 + j] = (char)(sum >> (8 * j));
		file_write(path, b.at, b.n);
		err = (kula_error){0};
		know *k = know_open(path, &err);
		if (k) {                        /* the damage lies in a string or a weight; nothing may crash */
			opened++;
			seen s = look(k, "Russia sent Georgia a lion; President Putin and Mr. Bush met in Paris, Texas.", "2005-01-01", "BBC");
			know_kind(k, "giant pandas", NULL);
			done(&s);
			know_close(k);
		} else {
			CHECK_EQ_INT(err.status, KULA_EFORMAT);
		}
		memcpy(b.at + at, keep, 4);
	}
	CHECK(opened < 60);
	unlink(path);
	err = (kula_error){0};
	CHECK(!know_open("/nowhere/kula.know", &err));
	CHECK_EQ_INT(err.status, KULA_EIO);
	buf_free(&b);
}

TEST(own_tables)
{
	char dir[] = "/tmp/kula-know-own-XXXXXX", path[128];
	REQUIRE(mkdtemp(dir));
	know *k = open_own();
	kula_error err = {0};
	CHECK_EQ_INT(know_layer(k, dir, &err), KULA_ENOTFOUND);
	snprintf(path, sizeof path, "%s/names.tsv", dir);
	static const struct { const char *rows, *says; } faults[] = {
		{"name\taliases\ttype\tcode\nFreedonia\t\tstat\tPKR\n", "names.tsv:2:12: unknown type 'stat' in column 'type'"},
		{"name\taliases\ttype\tcode\nFreedonia\t\tcountry\tPKR\n", "names.tsv:2:20: unknown code 'PKR' in column 'code'"},
		{"name\taliases\ttype\tcode\tprior\nFreedonia\t\tcountry\tFRA\t9\n", "names.tsv:2:24: a prior is 0 to 3"},
		{"name\taliases\ttype\nFreedonia\t\tcountry\n", "names.tsv:1: no column 'code'"},
		{"", "names.tsv: no header line"},
	};
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		file_write(path, faults[i].rows, strlen(faults[i].rows));
		err = (kula_error){0};
		CHECK_EQ_INT(know_layer(k, dir, &err), KULA_EFORMAT);
		CHECK_EQ_STR(err.text, faults[i].says);
	}
	char before[17];
	snprintf(before, sizeof before, "%s", know_hash(k));
	static const char rows[] = "name\taliases\ttype\tcode\nFree Harbour Brigade\tFHB\tarmed\tYEM\nGeorgia\t\tregion\tUSA\n";
	file_write(path, rows, sizeof rows - 1);
	err = (kula_error){0};
	CHECK_EQ_INT(know_layer(k, dir, &err), KULA_OK);
	CHECK(strcmp(before, know_hash(k)));
	CHECK_EQ_STR(code_in(k, "The Free Harbour Brigade fired at Georgia.", NULL, "Free Harbour Brigade"), "YEM");
	CHECK_EQ_STR(code_in(k, "The Free Harbour Brigade fired at Georgia.", NULL, "Georgia"), "USA");
	CHECK_EQ_STR(code_in(k, "The FHB fired.", NULL, "FHB"), "YEM");
	CHECK_EQ_STR(know_code_of(k, "free harbour brigade"), "YEM");
	CHECK_EQ_STR(know_code_name(k, "YEM"), "Yemen");
	unlink(path);
	rmdir(dir);
	know_close(k);
}

/* Memory runs out at the first, the second, ... allocation: an error each time, and at last it works. */
TEST(no_memory)
{
	char dir[] = "/tmp/kula-know-small-XXXXXX", path[128];
	REQUIRE(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/names.tsv", dir);
	static const char rows[] = "name\taliases\ttype\tcode\nFreedonia\tFree Land\tcountry\tFRA\n";
	file_write(path, rows, sizeof rows - 1);
	unsigned failed = 0;
	for (uint64_t n = 1; n < 500; n++) {
		kula_error err = {0};
		buf b = {0};
		base_fail_allocation(n);
		const kula_status s = know_compile(dir, true, &b, &err);
		base_fail_allocation(0);
		buf_free(&b);
		if (!s)
			break;
		CHECK_EQ_INT(s, KULA_EMEMORY);
		failed++;
	}
	CHECK(failed > 5 && failed < 499);
	unlink(path);
	rmdir(dir);
}

TEST_MAIN(TEST_ENTRY(names), TEST_ENTRY(people), TEST_ENTRY(ambiguous), TEST_ENTRY(order), TEST_ENTRY(refused), TEST_ENTRY(codes),
	TEST_ENTRY(kinds), TEST_ENTRY(readings), TEST_ENTRY(damaged), TEST_ENTRY(own_tables), TEST_ENTRY(no_memory))
