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

TEST_MAIN(TEST_ENTRY(tables_are_whole), TEST_ENTRY(examples_of_numbers), TEST_ENTRY(examples_of_vague), TEST_ENTRY(examples_of_bounds),
	TEST_ENTRY(examples_of_units), TEST_ENTRY(examples_of_currencies), TEST_ENTRY(examples_of_rates), TEST_ENTRY(examples_of_homes), TEST_ENTRY(contract))
