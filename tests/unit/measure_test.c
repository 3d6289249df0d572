/* Quantities: every example of the tables, and the cases that are not a row's. */
#include "test.h"

#include "measure/measure.h"
#include "measure/tables.h"

static const char VOCABULARY[] = "[UNK]\n[CLS]\n[SEP]\n";

/* "70.. count", "30..30 tonne /day about": what the first counted quantity of a text says, in the tables' own words. */
static void quantity_say(const measured *m, char *out, size_t room)
{
	buf b = { 0 };
	if (!isnan(m->min))
		json_number(&b, m->min);
	buf_text(&b, "..");
	if (!isnan(m->max))
		json_number(&b, m->max);
	if (strcmp(m->unit, "count") != 0)
		buf_format(&b, " %s", m->unit);
	if (m->per)
		buf_format(&b, " /%s", kula_per_name(m->per));
	static const struct { uint32_t flag; const char *word; } FLAGS[] = { { MEASURE_ARTICLE, " article" }, { MEASURE_ORDINAL, " ordinal" },
		{ MEASURE_AGE, " age" }, { MEASURE_NONE, " none" }, { MEASURE_DURATION, " duration" }, { MEASURE_ATTRIBUTE, " attribute" },
		{ MEASURE_DATE, " date" } };
	for (size_t i = 0; i < COUNT_OF(FLAGS); i++)
		if (m->flags & FLAGS[i].flag)
			buf_text(&b, FLAGS[i].word);
	if (m->approx)
		buf_text(&b, " about");
	snprintf(out, room, "%s", buf_string(&b));
	buf_free(&b);
}

/* All quantities of a text, "; " between them; articles only where they are alone. */
static void text_say(const char *text, size_t n, bool articles, char *out, size_t room)
{
	arena *a = arena_new(1 << 24);
	kula_error err = { 0 };
	vocabulary *v = vocabulary_new((const byte *)VOCABULARY, sizeof VOCABULARY - 1, &err);
	text_doc *d = text_cut(a, v, (const byte *)text, n, NULL, 0, &err);
	uint32_t count = 0;
	measured *m = d ? measure_quantities(a, d, 0, d->sentence_count, &count) : NULL;
	out[0] = 0;
	for (uint32_t i = 0; m && i < count; i++) {
		char one[120];
		if ((m[i].flags & MEASURE_ARTICLE) && !articles)
			continue;
		quantity_say(&m[i], one, sizeof one);
		snprintf(out + strlen(out), room - strlen(out), "%s%s", out[0] ? "; " : "", one);
	}
	if (!out[0])
		snprintf(out, room, "nothing");
	vocabulary_free(v);
	arena_free(a);
}

TEST(tables_are_whole)
{
	const tables *t = tables_open();
	CHECK_EQ_INT(t->err.status, KULA_OK);
	if (t->err.status)
		fprintf(stderr, "%s\n", t->err.text);
	CHECK(t->count > 500);
	CHECK_EQ_INT(strlen(measure_hash()), 16);
}

/* Reads the examples of one table and expects what its row says. */
static void examples(uint32_t which)
{
	const table_file f = tables_file(which);
	tsv in = { f.name, f.at, f.at + f.n, 0, NULL };
	cell c[5];
	kula_error err = { 0 };
	uint32_t n;
	while ((n = tsv_next(&in, c, 5, &err)) != 0 && n != UINT32_MAX) {
		if (n != 5)
			continue;
		char got[400], want[200], alone[400];
		snprintf(want, sizeof want, "%.*s", (int)c[4].n, c[4].at);
		text_say(c[3].at, c[3].n, false, got, sizeof got);
		text_say(c[3].at, c[3].n, true, alone, sizeof alone);
		char semi[400];                 /* the table writes "10..10;20..20" */
		size_t k = 0;
		for (size_t i = 0; got[i] && k + 1 < sizeof semi; i++)
			if (!(got[i] == ' ' && i && got[i - 1] == ';'))
				semi[k++] = got[i];
		semi[k] = 0;
		if (strcmp(semi, want) != 0 && strcmp(alone, want) != 0) {
			test_fault(f.name, (int)in.line, "an example reads otherwise");
			fprintf(stderr, "    '%.*s' reads '%s', the row says '%s'\n", (int)c[3].n, c[3].at, semi, want);
		}
	}
	CHECK_EQ_INT(err.status, KULA_OK);
}

TEST(examples_of_numbers) { examples(TABLE_NUMBERS); }
TEST(examples_of_vague) { examples(TABLE_VAGUE); }
TEST(examples_of_bounds) { examples(TABLE_BOUNDS); }
TEST(examples_of_units) { examples(TABLE_UNITS); }
TEST(examples_of_currencies) { examples(TABLE_CURRENCIES); }
TEST(examples_of_homes) { examples(TABLE_HOMES); }
TEST(examples_of_rates) { examples(TABLE_RATES); }

TEST(contract)
{
	static const struct { const char *text, *want; } CASES[] = {
		{ "It sent two lions.", "2..2" },
		{ "It sent more than 70 animals.", "70.." },
		{ "It sent at least 70 animals.", "70.." },
		{ "It sent over 70 animals.", "70.." },
		{ "It sent up to 100 tanks.", "..100" },
		{ "It sent as many as 100 tanks.", "..100" },
		{ "It sent fewer than 100 tanks.", "..100" },
		{ "It sent between 10 and 20 tanks.", "10..20" },
		{ "It sent about 70 tanks.", "70..70 about" },
		{ "It sent dozens of tanks.", "24.." },
		{ "It sent hundreds of tanks.", "200.." },
		{ "It sent several tanks.", "3.." },
		{ "It sent a few tanks.", "3.." },
		{ "It sent nearly 100 tanks.", "..100" },
		{ "It sent almost 100 tanks.", "..100" },
		{ "It sent a few dozen tanks.", "24.." },
		{ "It sent thousands of tanks.", "2000.." },
		{ "It sent tens of thousands of men.", "20000.." },
		{ "It sent several hundred tanks.", "200.." },
		{ "It sent a pair of lions.", "2..2" },
		{ "It pumps 10,000 barrels a day.", "10000..10000 barrel /day" },
		{ "It pumps 10,000 barrels of oil a day.", "10000..10000 barrel /day" },
		{ "It paid $2.5 million.", "2500000..2500000 USD" },
		{ "It paid $2bn.", "2000000000..2000000000 USD" },
		{ "It paid 50m euros.", "50000000..50000000 EUR" },
		{ "It paid US$30 million.", "30000000..30000000 USD" },
		{ "It paid between $2bn and $3bn.", "2000000000..3000000000 USD" },
		{ "It paid $10-20 million.", "10000000..20000000 USD" },
		{ "It paid 2 to 3 million dollars.", "2000000..3000000 USD" },
		{ "It sent 20,000 tonnes of grain.", "20000..20000 tonne" },
		{ "It sent two or three ships.", "2..3" },
		{ "It sent a 50-strong team.", "50..50" },
		{ "It sent twenty-one men.", "21..21" },
		{ "It sent two-and-a-half million doses.", "2500000..2500000" },
		{ "It sent half of the 90 ships.", "45..45" },
		{ "It sent eight F-16s.", "8..8" },
		{ "It sent an F-16.", "nothing" },
		{ "The Group of Eight met.", "nothing" },
		{ "Resolution 1718 and Article 5 bind the G8.", "nothing" },
		{ "It rose from 11,000 to 100,000 troops.", "11000..11000; 100000..100000" },
		{ "It rose from 11,000 to as many as 100,000 troops.", "11000..11000; ..100000" },
		{ "A two-year-old lion came.", "2..2 year age" },
		{ "They signed a 10-year agreement.", "10..10 year age" },
	};
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char got[400];
		text_say(CASES[i].text, strlen(CASES[i].text), false, got, sizeof got);
		if (strcmp(got, CASES[i].want) != 0)
			fprintf(stderr, "    '%s' reads '%s'\n", CASES[i].text, got);
		CHECK_ROW(strcmp(got, CASES[i].want) == 0, CASES[i].text);
	}
}

/* Any text: pieces of the tables and of nonsense in random order, whole words within the document, in order, not nested. */
TEST(any_text)
{
	static const char *const PIECES[] = { "more than", "$", "2.5", "1,000", "million", "-", "to", "and", "a", "half", "third", "of the", "dozens", "tens of",
		"F-16", "2003", "March", "on Tuesday", "last", "week", "ago", "two", "twenty", "%", ",", ".", "(", "9999999999999999999999999", "per day", "tonnes",
		"the end of", "between", "from", "1/2", "5/17/2018", "2019-02-31", "31 April", "in", "since", "years", "\xc2\xbd", "\xe2\x80\x93", "\xe2\x82\xac", "every",
		"\xc2\xa0", "'s", "no", "99999", "years ago", "centuries", "later", "0", "00", "next", "Easter", "first", "quarter", "BC", "'90s", "1e9", "m", "bn" };
	uint64_t seed = 88172645463325252u;
	for (int round = 0; round < 3000; round++) {
		char text[2000];
		size_t n = 0;
		const int parts = 1 + (int)(seed % 40);
		for (int i = 0; i < parts; i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			const char *p = PIECES[seed % COUNT_OF(PIECES)];
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", (seed >> 20) % 4 ? " " : "", p);
		}
		arena *a = arena_new(1 << 24);
		kula_error err = { 0 };
		vocabulary *v = vocabulary_new((const byte *)VOCABULARY, sizeof VOCABULARY - 1, &err);
		text_doc *d = text_cut(a, v, (const byte *)text, n, NULL, 0, &err);
		REQUIRE(d);
		uint32_t count, days;
		measured *m = measure_quantities(a, d, 0, d->sentence_count, &count);
		dated *x = measure_days(a, d, 0, d->sentence_count, round % 5 ? (kula_day)(round * 7) : KULA_NO_DAY, &days);
		REQUIRE(m && x);
		uint32_t at = 0;
		for (uint32_t i = 0; i < count; i++) {
			CHECK_ROW(m[i].word_from >= at && m[i].word_from < m[i].word_to && m[i].word_to <= d->word_count, text);
			CHECK_ROW(m[i].number_from >= m[i].word_from && m[i].number_to <= m[i].word_to && m[i].number_from < m[i].number_to, text);
			at = m[i].word_to;
		}
		at = 0;
		for (uint32_t i = 0; i < days; i++) {
			CHECK_ROW(x[i].word_from >= at && x[i].word_from < x[i].word_to && x[i].word_to <= d->word_count, text);
			const kula_days r[3] = { x[i].past, x[i].ahead, x[i].ongoing };
			for (int k = 0; k < 3; k++)
				CHECK_ROW(r[k].first <= r[k].last && (r[k].first == KULA_NO_DAY) == (r[k].last == KULA_NO_DAY), text);
			at = x[i].word_to;
		}
		for (uint32_t from = 0; from < d->word_count; from += 3) {
			kula_quantity q;
			measure_item(d, m, count, from, MIN_OF(from + 5, d->word_count), false, false, &q);
			CHECK_ROW(q.unit != NULL && (isnan(q.min) || isnan(q.max) || q.min <= q.max), text);
		}
		vocabulary_free(v);
		arena_free(a);
	}
}

/* A small arena: an answer or NULL, never a crash. */
TEST(arena_refuses)
{
	const char text[] = "Two lions, three bears, 40 tonnes of grain, $5 million and a third of the 90 ships came on Tuesday.";
	kula_error err = { 0 };
	vocabulary *v = vocabulary_new((const byte *)VOCABULARY, sizeof VOCABULARY - 1, &err);
	for (uint64_t n = 1; n < 40; n++) {
		arena *a = arena_new(1 << 24);
		text_doc *d = text_cut(a, v, (const byte *)text, sizeof text - 1, NULL, 0, &err);
		REQUIRE(d);
		arena *small = arena_new(n * 512);
		uint32_t count;
		if (small) {
			measured *m = measure_quantities(small, d, 0, d->sentence_count, &count);
			CHECK(m || arena_refused(small));
			arena_clear(small);
			dated *x = measure_days(small, d, 0, d->sentence_count, 20000, &count);
			CHECK(x || arena_refused(small));
		}
		arena_free(small);
		arena_free(a);
	}
	vocabulary_free(v);
}

/* Faults of a table are told with line and cell. */
TEST(table_faults)
{
	static const struct { const char *text; const char *want; } CASES[] = {
		{ "one\tsmall\t1\tone ship\n", "t.tsv:1: expected 5 columns, found fewer" },
		{ "# x\none\tsmal\t1\tone ship\t1..1\n", "t.tsv:2:2: unknown kind 'smal'" },
		{ "one\tsmall\t\tone ship\t1..1\n", "t.tsv:1:3: '' is no number, range or short word" },
		{ "one\tsmall\t1\t\t1..1\n", "t.tsv:1:4: the example is missing" },
		{ "\tsmall\t1\tx\t1..1\n", "t.tsv:1:1: column 'words' must have 1 to 60 bytes" },
		{ "one\tsmall\t1\tone ship\t1..1\tmore\n", "t.tsv:1: expected 5 columns, found more" },
	};
	static tables t;
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		memset(&t, 0, sizeof t);
		t.count = 1;
		kula_error err = { 0 };
		const table_file f = { "t.tsv", (const byte *)CASES[i].text, strlen(CASES[i].text) };
		CHECK_EQ_INT(tables_parse(&t, TABLE_NUMBERS, &f, &err), KULA_EFORMAT);
		CHECK_EQ_STR(err.text, CASES[i].want);
	}
}

TEST_MAIN(TEST_ENTRY(any_text), TEST_ENTRY(arena_refuses), TEST_ENTRY(table_faults), TEST_ENTRY(tables_are_whole), TEST_ENTRY(examples_of_numbers), TEST_ENTRY(examples_of_vague), TEST_ENTRY(examples_of_bounds),
	TEST_ENTRY(examples_of_units), TEST_ENTRY(examples_of_currencies), TEST_ENTRY(examples_of_rates), TEST_ENTRY(examples_of_homes), TEST_ENTRY(contract))
