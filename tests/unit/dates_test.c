/* Day expressions: every example of the tables, and the contract's table of dates. */
#include "test.h"

#include "measure/measure.h"
#include "measure/tables.h"

static const char VOCABULARY[] = "[UNK]\n[CLS]\n[SEP]\n";

static void interval_say(kula_days d, buf *b)
{
	if (d.first == KULA_NO_DAY) {
		buf_text(b, "-");
		return;
	}
	char x[12];
	kula_day_format(d.first, x);
	buf_text(b, x);
	buf_text(b, "..");
	kula_day_format(d.last, x);
	buf_text(b, x);
}

/* The last day expression of a text, as the tables write it: past | ahead | ongoing. */
static void text_say(const char *text, size_t n, kula_day published, char *out, size_t room)
{
	arena *a = arena_new(1 << 24);
	kula_error err = { 0 };
	vocabulary *v = vocabulary_new((const byte *)VOCABULARY, sizeof VOCABULARY - 1, &err);
	text_doc *d = text_cut(a, v, (const byte *)text, n, NULL, 0, &err);
	uint32_t count = 0;
	dated *m = d ? measure_days(a, d, 0, d->sentence_count, published, &count) : NULL;
	buf b = { 0 };
	if (!m || !count) {
		buf_text(&b, "nothing");
	} else {
		const dated *x = &m[count - 1];
		if (x->vague)
			buf_text(&b, "vague");
		else if (x->duration)
			buf_text(&b, "duration");
		else {
			interval_say(x->past, &b);
			buf_text(&b, " | ");
			interval_say(x->ahead, &b);
			buf_text(&b, " | ");
			interval_say(x->ongoing, &b);
		}
	}
	snprintf(out, room, "%s", buf_string(&b));
	buf_free(&b);
	vocabulary_free(v);
	arena_free(a);
}

/* What a row says is what any of the readings say where it gives only one. */
static bool agrees(const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return true;
	if (strchr(want, '|'))
		return false;
	char each[100];
	size_t n = strlen(want);
	snprintf(each, sizeof each, "%s | ", want);
	if (strncmp(got, each, n + 3) == 0)
		return true;                    /* the past reading */
	return strncmp(got, "- | ", 4) == 0 && strncmp(got + 4, each, n + 3) == 0;
}

static void examples(uint32_t which)
{
	const table_file f = tables_file(which);
	tsv in = { f.name, f.at, f.at + f.n, 0, NULL };
	cell c[5];
	kula_error err = { 0 };
	uint32_t n;
	const kula_day published = kula_day_parse("2024-11-20", 10);
	while ((n = tsv_next(&in, c, 5, &err)) != 0 && n != UINT32_MAX) {
		if (n != 5)
			continue;
		char got[200], want[200];
		snprintf(want, sizeof want, "%.*s", (int)c[4].n, c[4].at);
		text_say(c[3].at, c[3].n, published, got, sizeof got);
		if (!agrees(got, want)) {
			test_fault(f.name, (int)in.line, "an example reads otherwise");
			fprintf(stderr, "    '%.*s' reads '%s', the row says '%s'\n", (int)c[3].n, c[3].at, got, want);
		}
	}
	CHECK_EQ_INT(err.status, KULA_OK);
}

TEST(examples_of_months) { examples(TABLE_MONTHS); }
TEST(examples_of_weekdays) { examples(TABLE_WEEKDAYS); }
TEST(examples_of_holidays) { examples(TABLE_HOLIDAYS); }
TEST(examples_of_deictics) { examples(TABLE_DEICTICS); }
TEST(examples_of_spans) { examples(TABLE_SPANS); }
TEST(examples_of_leads) { examples(TABLE_LEADS); }

/* Published on Wednesday, 2024-11-20. */
TEST(contract)
{
	static const struct { const char *text, *want; } CASES[] = {
		{ "They met on Tuesday.", "2024-11-19..2024-11-19 | 2024-11-26..2024-11-26 | 2024-11-19..2024-11-19" },
		{ "They met last week.", "2024-11-11..2024-11-17" },
		{ "They will meet next week.", "- | 2024-11-25..2024-12-01 | -" },
		{ "They met last month.", "2024-10-01..2024-10-31" },
		{ "They met in April.", "2024-04-01..2024-04-30 | 2025-04-01..2025-04-30 | 2024-04-01..2024-04-30" },
		{ "They met in 2019.", "2019-01-01..2019-12-31" },
		{ "They met earlier this month.", "2024-11-01..2024-11-20" },
		{ "They met two days ago.", "2024-11-18..2024-11-18" },
		{ "They met two weeks ago.", "2024-11-04..2024-11-10" },
		{ "They met two months ago.", "2024-09-01..2024-09-30" },
		{ "They met two years ago.", "2022-01-01..2022-12-31" },
		{ "They have met since 10 July.", "2024-07-10..2024-11-20" },
		{ "They will meet by the end of April.", "2024-04-21..2024-04-30 | 2024-11-20..2025-04-30 | 2024-04-21..2024-04-30" },
		{ "They will meet before Friday.", "2024-11-15..2024-11-15 | 2024-11-20..2024-11-22 | 2024-11-15..2024-11-15" },
		{ "They met between January and March.", "2024-01-01..2024-03-31" },
		{ "They met from 3 to 7 May.", "2024-05-03..2024-05-07" },
		{ "They met over the past year.", "2023-11-20..2024-11-20" },
		{ "They met in the past ten days.", "2024-11-10..2024-11-20" },
		{ "They met recently.", "vague" },
		{ "They met decades ago.", "vague" },
		{ "They met in early April 2019.", "2019-04-01..2019-04-10" },
		{ "They met in mid-April 2019.", "2019-04-11..2019-04-20" },
		{ "They met in late April 2019.", "2019-04-21..2019-04-30" },
		{ "They met in early 2019.", "2019-01-01..2019-03-31" },
		{ "They met in mid-2019.", "2019-04-01..2019-09-30" },
		{ "They met in late 2019.", "2019-10-01..2019-12-31" },
		{ "They met late last year.", "2023-10-01..2023-12-31" },
		{ "They met on 2019-04-05.", "2019-04-05..2019-04-05" },
		{ "They met on 04/05/2019.", "2019-04-05..2019-04-05" },
		{ "They met on Tuesday, March 4, 2003.", "2003-03-04..2003-03-04" },
		{ "They met in the 1990s.", "1990-01-01..1999-12-31" },
		{ "They met in the first quarter of 2019.", "2019-01-01..2019-03-31" },
		{ "They met late on Friday.", "2024-11-15..2024-11-15" },
		{ "They met on Friday night.", "2024-11-15..2024-11-15" },
		{ "They met from 1939 to 1945.", "1939-01-01..1945-12-31" },
		{ "They met on 5 May 2019 and again two days later.", "2019-05-07..2019-05-07" },
		{ "They met on 8-May-2006.", "2006-05-08..2006-05-08" },
		{ "They met in the 19th century.", "1800-01-01..1899-12-31" },
		{ "They met in 2005 and 2006.", "2005-01-01..2006-12-31" },
		{ "They met in 2019 and that October they signed.", "2019-10-01..2019-10-31" },
		{ "On 20 May 2018 it paid, ten days after the ship came.", "2018-05-10..2018-05-10" },
		{ "They have fought for three years.", "duration" },
		{ "They met in 1230 BC.", "nothing" },
		{ "They may march.", "nothing" },
		{ "It sent 2000 soldiers.", "nothing" },
	};
	const kula_day published = kula_day_parse("2024-11-20", 10);
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char got[200];
		text_say(CASES[i].text, strlen(CASES[i].text), published, got, sizeof got);
		if (!agrees(got, CASES[i].want))
			fprintf(stderr, "    '%s' reads '%s'\n", CASES[i].text, got);
		CHECK_ROW(agrees(got, CASES[i].want), CASES[i].text);
	}
}

TEST(without_publication)
{
	char got[200];
	text_say("They met on Tuesday.", 20, KULA_NO_DAY, got, sizeof got);
	CHECK_EQ_STR(got, "- | - | -");
	text_say("They met in 2019.", 17, KULA_NO_DAY, got, sizeof got);
	CHECK_EQ_STR(got, "2019-01-01..2019-12-31 | 2019-01-01..2019-12-31 | 2019-01-01..2019-12-31");
}

TEST_MAIN(TEST_ENTRY(examples_of_months), TEST_ENTRY(examples_of_weekdays), TEST_ENTRY(examples_of_holidays), TEST_ENTRY(examples_of_deictics),
	TEST_ENTRY(examples_of_spans), TEST_ENTRY(examples_of_leads), TEST_ENTRY(contract), TEST_ENTRY(without_publication))
