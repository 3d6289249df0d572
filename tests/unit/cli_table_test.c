/* Tables for people, CSV and JSON from the same rows; widths; what a text may not do to a terminal. */
#include "test.h"
#include <math.h>
#include <stdlib.h>
#include "cli/table.c"

static const sheet_column columns[] = {
	{"id", "no.", true, SHEET_KEEP, 0},
	{"name", "name", false, SHEET_WRAP, 8},
	{"note", "note", false, SHEET_CUT, 6},
};

static const char *print(sheet_form form, screen s, const char *name, const char *note, double n)
{
	static buf out;
	out.n = 0;
	sheet *t = sheet_new(form, s, columns, COUNT_OF(columns));
	sheet_number(t, STYLE_NONE, n);
	sheet_cell(t, STYLE_NONE, name);
	sheet_cell(t, STYLE_GOOD, note);
	sheet_print(t, &out);
	sheet_free(t);
	return buf_string(&out);
}

TEST(forms)
{
	const screen plain = {.utf8 = true};
	CHECK_EQ_STR(print(SHEET_PEOPLE, plain, "Russia", "ok", 12500),
		"   no.  name    note\n──────  ──────  ────\n12,500  Russia  ok\n");
	CHECK_EQ_STR(print(SHEET_CSV, plain, "a \"b\", c", "", 12500), "id,name,note\r\n12500,\"a \"\"b\"\", c\",\r\n");
	CHECK_EQ_STR(print(SHEET_CSV, plain, "=SUM(A1)", "-5", NAN), "id,name,note\r\n,'=SUM(A1),-5\r\n");
	CHECK_EQ_STR(print(SHEET_CSV, plain, "two\nlines", " x", 1), "id,name,note\r\n1,\"two\nlines\",\" x\"\r\n");
	CHECK_EQ_STR(print(SHEET_JSON, plain, "a \"b\"\n\x1b", NULL, 0.5), "{\"id\":0.5,\"name\":\"a \\\"b\\\"\\n\\u001b\",\"note\":null}\n");
	CHECK_EQ_STR(print(SHEET_JSON, plain, "", "x", NAN), "{\"id\":null,\"name\":\"\",\"note\":\"x\"}\n");
}

TEST(colours_only_when_asked)
{
	screen s = {.utf8 = true, .terminal = true, .width = 80};
	CHECK(strchr(print(SHEET_PEOPLE, s, "Russia", "ok", 1), 0x1b) == NULL);
	s.colour = true;
	CHECK(strstr(print(SHEET_PEOPLE, s, "Russia", "ok", 1), "\x1b[32mok\x1b[0m") != NULL);
	CHECK(strchr(print(SHEET_CSV, s, "Russia", "ok", 1), 0x1b) == NULL);
	CHECK(strchr(print(SHEET_JSON, s, "Russia", "ok", 1), 0x1b) == NULL);
}

/* A document can't drive the terminal: no escapes, no bells, no turning of the line, no rows of its own. */
TEST(texts_are_cleaned)
{
	const screen s = {.utf8 = true, .colour = true, .terminal = true, .width = 80};
	const char *out = print(SHEET_PEOPLE, s, "\x1b[2J\x07red\xE2\x80\xAEtxt\xC2\x9B" "31m", "a\r\nb\tc", 1);
	CHECK(strstr(out, "[2J") != NULL && strstr(out, "\x1b[2J") == NULL);
	CHECK(strchr(out, 7) == NULL);
	CHECK(strstr(out, "\xE2\x80\xAE") == NULL);
	CHECK(strstr(out, "\xC2\x9B") == NULL);
	CHECK(strstr(out, "a b c") != NULL);
	buf b = {0};
	text_clean(&b, "x\xFFy\xC3", 4);
	CHECK_EQ_STR(buf_string(&b), "x\xEF\xBF\xBDy\xEF\xBF\xBD");
	buf_free(&b);
}

static uint32_t widest(const char *out)
{
	uint32_t most = 0;
	for (const char *p = out; *p;) {
		const size_t n = strcspn(p, "\n");
		most = MAX_OF(most, text_columns(p, n));
		p += n + (p[n] == '\n');
	}
	return most;
}

TEST(rows_fit_the_screen)
{
	static const char *const names[] = {
		"the Ministry of Foreign Affairs of the Democratic People's Republic of Korea", "北京的外交部发言人在例行记者会上回答了记者的问题并表示",
		"averyveryverylongwordwithoutanyspaceinitthatmustbebrokensomewhere", "e\xCC\x81" "e\xCC\x81" "e\xCC\x81" "e\xCC\x81" "e\xCC\x81" "e\xCC\x81 d\xCC\xA3" "e\xCC\x81 e\xCC\x81",
		"👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦 family", "", " ", "a",
	};
	for (uint32_t width = 30; width < 120; width += 7) {
		for (size_t i = 0; i < COUNT_OF(names); i++) {
			const screen s = {.utf8 = true, .terminal = true, .width = width};
			const char *out = print(SHEET_PEOPLE, s, names[i], "a rather long note about it all", 1e6 + 1);
			CHECK_ROW(widest(out) <= width, out);
			CHECK_ROW(utf8_check((const byte *)out, strlen(out)) == strlen(out), out);
		}
	}
	/* all letters survive the wrapping */
	const screen s = {.utf8 = true, .terminal = true, .width = 34};
	const char *out = print(SHEET_PEOPLE, s, names[2], "n", 1);
	size_t n = 0;
	for (const char *p = strchr(strchr(out, '\n') + 1, '\n'); *p; p++)
		n += is_alpha((byte)*p);
	CHECK_EQ_INT(n, strlen(names[2]) + 1);
}

TEST(numbers_for_people)
{
	static const struct { double min, max; bool approx; const char *utf8, *ascii; } cases[] = {
		{70, 70, false, "70", "70"}, {70, NAN, false, "≥ 70", ">= 70"}, {NAN, 100, false, "≤ 100", "<= 100"}, {10, 20, false, "10–20", "10-20"},
		{NAN, NAN, false, "?", "?"}, {2500000, 2500000, true, "≈ 2.5 million", "~ 2.5 million"}, {12500, 12500, false, "12,500", "12,500"},
		{1e9, 1e9, false, "1 billion", "1 billion"}, {2512345, 2512345, false, "2,512,345", "2,512,345"}, {0.5, 0.5, false, "0.5", "0.5"},
		{-1200, -1200, false, "-1,200", "-1,200"}, {0, 0, false, "0", "0"}, {1e18, 1e18, false, "1e+18", "1e+18"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf b = {0};
		interval_for_people(&b, &(screen){.utf8 = true}, cases[i].min, cases[i].max, cases[i].approx);
		CHECK_EQ_STR(buf_string(&b), cases[i].utf8);
		b.n = 0;
		interval_for_people(&b, &(screen){0}, cases[i].min, cases[i].max, cases[i].approx);
		CHECK_EQ_STR(buf_string(&b), cases[i].ascii);
		buf_free(&b);
	}
}

TEST(wrapping)
{
	buf b = {0};
	const screen s = {.utf8 = true, .width = 30};
	text_wrap(&b, &s, 4, true, STYLE_NONE, "one two three four five six seven eight nine ten");
	CHECK_EQ_STR(buf_string(&b), "    one two three four five\n    six seven eight nine ten\n");
	b.n = 0;
	text_wrap(&b, &(screen){.utf8 = true}, 4, false, STYLE_NONE, "one two");
	CHECK_EQ_STR(buf_string(&b), "one two\n");
	b.n = 0;
	text_wrap(&b, &s, 2, true, STYLE_NONE, "");
	CHECK_EQ_STR(buf_string(&b), "  \n");
	buf_free(&b);
}

TEST_MAIN(TEST_ENTRY(forms), TEST_ENTRY(colours_only_when_asked), TEST_ENTRY(texts_are_cleaned), TEST_ENTRY(rows_fit_the_screen),
	TEST_ENTRY(numbers_for_people), TEST_ENTRY(wrapping))
