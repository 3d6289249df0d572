/* csv: rows and cells as they were meant, and faults with their place that cost one row. */
#include "test.h"

#include <stdlib.h>

#include "source/source.h"

/* The rows of bytes as one line: cells in <>, rows parted by |, a fault as !line:column. */
static void read_all(buf *out, const void *at, size_t n, char delimiter, csv_encoding e)
{
	kula_error err = {0};
	arena *const a = arena_new((size_t)64 << 20);
	csv *const c = csv_of("t", at, n, e, &err);
	if (c == NULL) {
		buf_format(out, "!! %s", err.text);
		arena_free(a);
		return;
	}
	csv_rewind(c, delimiter);
	for (uint32_t rows = 0; rows < 1000; rows++) {
		csv_row row;
		err = (kula_error){0};
		const kula_status status = csv_next(c, a, &row, &err);
		if (status == KULA_ENOTFOUND)
			break;
		buf_text(out, rows > 0 ? "|" : "");
		if (status != KULA_OK) {
			CHECK(strncmp(err.text, "t:", 2) == 0);
			const char *const end = strstr(err.text, ": ");
			buf_format(out, "!%.*s", end != NULL ? (int)(end - err.text - 2) : 0, err.text + 2);
			continue;
		}
		for (uint32_t i = 0; i < row.count; i++) {
			buf_char(out, '<');
			buf_add(out, row.cells[i].at, row.cells[i].n);
			buf_char(out, '>');
		}
	}
	csv_close(c);
	arena_free(a);
}

#define READS(text, delimiter, e, expected) \
	do { \
		buf got = {0}; \
		read_all(&got, text, sizeof(text) - 1, delimiter, e); \
		CHECK_EQ_STR(buf_string(&got), expected); \
		buf_free(&got); \
	} while (0)

TEST(plain)
{
	READS("a,b\nc,d\n", ',', CSV_AUTO, "<a><b>|<c><d>");
	READS("a,b\nc,d", ',', CSV_AUTO, "<a><b>|<c><d>");
	READS("a;b\r\nc;d\r\n", ';', CSV_AUTO, "<a><b>|<c><d>");
	READS("a\tb\rc\td\r", '\t', CSV_AUTO, "<a><b>|<c><d>");
	READS("a,,\n,,\n", ',', CSV_AUTO, "<a><><>|<><><>");
	READS("a,b,", ',', CSV_AUTO, "<a><b><>");
	READS("\n\n\r\na\n\n\nb\n\n", ',', CSV_AUTO, "<a>|<b>");
	READS("", ',', CSV_AUTO, "");
	READS("\n", ',', CSV_AUTO, "");
	READS(" a , b\n", ',', CSV_AUTO, "< a >< b>");
}

TEST(quotes)
{
	READS("\"a,b\",\"c\"\n", ',', CSV_AUTO, "<a,b><c>");
	READS("\"a \"\"b\"\"\",c\n", ',', CSV_AUTO, "<a \"b\"><c>");
	READS("\"two\nlines\",\"three\r\n\r\nlines\"\nd,e\n", ',', CSV_AUTO, "<two\nlines><three\r\n\r\nlines>|<d><e>");
	READS("a, \"b, c\" ,d\n", ',', CSV_AUTO, "<a><b, c><d>");
	READS("\"\",\"\"\"\"\n", ',', CSV_AUTO, "<><\">");
	READS("5\" gun,b\n", ',', CSV_AUTO, "<5\" gun><b>");            /* a quote inside of a cell is a character */
	READS("\"a\rb\",c\n", ',', CSV_AUTO, "<a\rb><c>");
}

TEST(bad_rows)
{
	/* One row is lost, the next is read. */
	READS("a,\"b\"c,d\ne,f\n", ',', CSV_AUTO, "!1:6|<e><f>");
	READS("a,\"b\nc,d\ne,f\n", ',', CSV_AUTO, "!1:3|<c><d>|<e><f>");
	READS("x\n\"two\nlines\"z,y\ng\n", ',', CSV_AUTO, "<x>|!3:7|<g>");
	READS("a,b\xFF\nc,d\n", ',', CSV_AUTO, "!1:4|<c><d>");
	READS("a\n\"b\n\xC3(\",d\ne\n", ',', CSV_AUTO, "<a>|!3:1|<e>");
	READS("a,b\0c\nd\n", ',', CSV_AUTO, "!1:4|<d>");
	READS("\"", ',', CSV_AUTO, "!1:1");
	READS("a\n\"", ',', CSV_AUTO, "<a>|!2:1");
}

TEST(encodings)
{
	READS("\xEF\xBB\xBF" "a,b\n", ',', CSV_AUTO, "<a><b>");
	READS("\xEF\xBB\xBF" "\"a\",b\n", ',', CSV_AUTO, "<a><b>");
	READS("C\xF4te,\x80 5,\x93q\x94\n", ',', CSV_WINDOWS_1252, "<C\xC3\xB4te><\xE2\x82\xAC 5><\xE2\x80\x9Cq\xE2\x80\x9D>");
	READS("\xFF\xFE" "a\0\t\0\xE9\0\n\0=\xD8\x00\xDE", '\t', CSV_AUTO, "<a><\xC3\xA9>|<\xF0\x9F\x98\x80>");
	READS("\xFE\xFF\0a\0,\0b\0\n", ',', CSV_AUTO, "<a><b>");
	READS("\xFF\xFE\x00\xD8", ',', CSV_AUTO, "<\xEF\xBF\xBD>");              /* half a character */
	READS("PK\x03\x04....", ',', CSV_AUTO, "!! 't': this is a spreadsheet file (xlsx, ods) or a zip archive; save its sheet as CSV first");
	CHECK_EQ_INT(csv_encoding_of("Latin1"), CSV_WINDOWS_1252);
	CHECK_EQ_INT(csv_encoding_of("UTF-8"), CSV_UTF8);
	CHECK_EQ_INT(csv_encoding_of("ebcdic"), -1);
}

TEST(places)
{
	static const char text[] = "a,\"b\nb\",  \"c\"\n,dd,e\n";
	kula_error err = {0};
	arena *const a = arena_new((size_t)1 << 20);
	csv *const c = csv_of("t", text, sizeof text - 1, CSV_AUTO, &err);
	csv_row row;
	REQUIRE(c != NULL && csv_next(c, a, &row, &err) == KULA_OK && row.count == 3);
	CHECK_EQ_INT(row.line, 1);
	CHECK_EQ_INT(row.cells[1].line, 1);
	CHECK_EQ_INT(row.cells[1].column, 3);
	CHECK_EQ_INT(row.cells[2].line, 2);
	CHECK_EQ_INT(row.cells[2].column, 6);
	REQUIRE(csv_next(c, a, &row, &err) == KULA_OK && row.count == 3);
	CHECK_EQ_INT(row.line, 3);
	CHECK_EQ_INT(row.cells[2].column, 5);
	CHECK_EQ_INT(csv_next(c, a, &row, &err), KULA_ENOTFOUND);
	csv_close(c);
	arena_free(a);
}

TEST(limits)
{
	/* A quote that is never closed must not swallow the file and the time: the row is lost, the others are read. */
	buf b = {0};
	buf_text(&b, "a,\"open\n");
	for (int i = 0; i < 200000; i++)
		buf_text(&b, "some,cells\n");
	kula_error err = {0};
	arena *a = arena_new((size_t)1 << 20);
	csv *c = csv_of("t", b.at, b.n, CSV_AUTO, &err);
	csv_row row;
	CHECK_EQ_INT(csv_next(c, a, &row, &err), KULA_EFORMAT);
	CHECK(strstr(err.text, "t:1:3: the cell that a quote opens here is longer") == err.text);
	uint32_t rows = 0;
	while (csv_next(c, a, &row, &err) == KULA_OK && row.count == 2) {
		rows++;
		arena_clear(a);
	}
	CHECK_EQ_INT(rows, 200000);
	csv_close(c);
	b.n = 0;
	for (uint32_t i = 0; i < CSV_CELLS + 10; i++)
		buf_char(&b, ',');
	buf_text(&b, "\nx\n");
	err = (kula_error){0};
	c = csv_of("t", b.at, b.n, CSV_AUTO, &err);
	CHECK_EQ_INT(csv_next(c, a, &row, &err), KULA_EFORMAT);
	CHECK(strstr(err.text, "more than 1024 cells") != NULL);
	CHECK_EQ_INT(csv_next(c, a, &row, &err), KULA_OK);
	CHECK_EQ_INT(row.count, 1);
	csv_close(c);
	b.n = 0;
	for (uint32_t i = 0; i < CSV_CELL_BYTES + 1; i++)
		buf_char(&b, 'x');
	buf_text(&b, "\ny\n");
	err = (kula_error){0};
	c = csv_of("t", b.at, b.n, CSV_AUTO, &err);
	CHECK_EQ_INT(csv_next(c, a, &row, &err), KULA_EFORMAT);
	CHECK_EQ_INT(csv_next(c, a, &row, &err), KULA_OK);
	csv_close(c);
	buf_free(&b);
	arena_free(a);
}

/* What is written with quotes reads back as it was: cells of random bytes that are text. */
TEST(written_reads_back)
{
	static const char *const bits[] = {"a", "\"", ",", ";", "\n", "\r\n", "\r", " ", "\xC3\xA9", "\t", "", "x y"};
	uint64_t seed = 12345;
	for (int round = 0; round < 400; round++) {
		char cells[12][64];
		buf b = {0};
		uint32_t count = 0;
		for (uint32_t i = 0; i < 12; i++) {
			cells[i][0] = '\0';
			for (int k = 0; k < 6; k++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				strcat(cells[i], bits[(seed >> 33) % COUNT_OF(bits)]);
			}
			buf_char(&b, '"');
			for (const char *p = cells[i]; *p != '\0'; p++) {
				if (*p == '"')
					buf_char(&b, '"');
				buf_char(&b, *p);
			}
			buf_text(&b, i % 4 == 3 ? (round % 2 ? "\"\r\n" : "\"\n") : "\",");
		}
		kula_error err = {0};
		arena *const a = arena_new((size_t)1 << 20);
		csv *const c = csv_of("t", b.at, b.n, CSV_AUTO, &err);
		csv_row row;
		while (csv_next(c, a, &row, &err) == KULA_OK)
			for (uint32_t i = 0; i < row.count; i++, count++)
				CHECK(count < 12 && same_text(row.cells[i].at, row.cells[i].n, cells[count]));
		CHECK_EQ_INT(count, 12);
		CHECK_EQ_INT(err.status, KULA_OK);
		csv_close(c);
		arena_free(a);
		buf_free(&b);
	}
}

TEST_MAIN(TEST_ENTRY(plain), TEST_ENTRY(quotes), TEST_ENTRY(bad_rows), TEST_ENTRY(encodings), TEST_ENTRY(places), TEST_ENTRY(limits),
	TEST_ENTRY(written_reads_back))
