/* base: the ground. */
#include "test.h"

#include <locale.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"

/* ---- errors ---- */

TEST(the_first_cause_is_kept)
{
	kula_error err = {0};
	CHECK_EQ_INT(kula_fail(&err, KULA_EFORMAT, 7, "expected %d columns", 9), KULA_EFORMAT);
	CHECK_EQ_INT(kula_fail(&err, KULA_EIO, 8, "later"), KULA_EIO);
	CHECK_EQ_INT(err.status, KULA_EFORMAT);
	CHECK_EQ_INT(err.byte, 7);
	CHECK_EQ_STR(err.text, "expected 9 columns");
	CHECK_EQ_INT(kula_fail(NULL, KULA_EBUSY, 0, "nobody asks"), KULA_EBUSY);
}

TEST(errors_can_be_printed)
{
	static const struct { const char *given, *text; } cases[] = {
		{"a\x1B[31mred", "a?[31mred"},
		{"line\nend", "line?end"},
		{"half \xC3", "half ?"},
		{"caf\xC3\xA9", "caf\xC3\xA9"},
		{"\xC2\x9B" "1m", "??1m"},              /* a control character of two bytes */
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		kula_error err = {0};
		kula_fail(&err, KULA_EFORMAT, 0, "%s", cases[i].given);
		CHECK_EQ_STR(err.text, cases[i].text);
	}
	/* one too long is cut, and not in the middle of a character */
	char many[600] = "x";
	for (size_t i = 1; i + 2 < sizeof many; i += 2)
		memcpy(many + i, "\xC3\xA9", 3);
	kula_error err = {0};
	kula_fail(&err, KULA_EFORMAT, 0, "%s", many);
	CHECK_EQ_INT(utf8_check((const byte *)err.text, strlen(err.text)), strlen(err.text));
	CHECK_EQ_INT(strlen(err.text), sizeof err.text - 1);
	CHECK_EQ_STR(kula_status_word(KULA_ELIMIT), "limit");
}

/* ---- arena ---- */

TEST(arena_gives_zeroed_aligned_room)
{
	arena *a = arena_new(1 << 24);
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 3000; n = n * 3 + 1) {
			byte *p = arena_alloc(a, n, 1);
			REQUIRE(p != NULL);
			CHECK((uintptr_t)p % (n >= 64 ? 64 : 16) == 0);
			for (size_t i = 0; i < n; i++)
				CHECK(p[i] == 0);
			memset(p, 0xEE, n);
		}
		arena_clear(a);
		CHECK_EQ_INT(arena_used(a), 0);
	}
	arena_free(a);
	arena_free(NULL);
}

TEST(arena_keeps_its_limit)
{
	arena *a = arena_new(1000);
	CHECK(arena_alloc(a, 900, 1) != NULL);
	CHECK(!arena_refused(a));
	CHECK(arena_alloc(a, 200, 1) == NULL);
	CHECK(arena_refused(a));
	CHECK(arena_alloc(a, 10, 1) != NULL);          /* what fits is still given, and the refusal stays */
	CHECK(arena_refused(a));
	arena_clear(a);
	CHECK(!arena_refused(a));
	CHECK(arena_alloc(a, SIZE_MAX / 2, 4) == NULL); /* the product overflows */
	CHECK(arena_alloc(a, 1000, 1) != NULL);
	CHECK(arena_used(a) <= 1000);
	arena_free(a);
}

TEST(arena_grows_and_rewinds)
{
	arena *a = arena_new((size_t)1 << 26);
	char *first = arena_text(a, "first", 5);
	const arena_mark m = arena_marked(a);
	const size_t used = arena_used(a);
	for (int i = 0; i < 40; i++)
		CHECK(arena_alloc(a, 1 << 20, 1) != NULL);
	arena_rewind(a, m);
	CHECK_EQ_INT(arena_used(a), used);
	CHECK_EQ_STR(first, "first");
	const char *said = arena_format(a, "%s-%d", "x", 12);
	CHECK_EQ_STR(said, "x-12");
	CHECK_EQ_STR(arena_text(a, NULL, 0), "");
	arena_free(a);
}

TEST(the_nth_allocation_fails)
{
	base_fail_allocation(2);
	void *one = base_malloc(8), *two = base_malloc(8), *three = base_malloc(8);
	CHECK(one != NULL && two == NULL && three != NULL);
	free(one);
	free(three);
	base_fail_allocation(1);
	CHECK(arena_new(100) == NULL);
	base_fail_allocation(1);
	buf b = {0};
	buf_text(&b, "lost");
	CHECK(b.refused);
	buf_text(&b, "nothing more either");
	CHECK_EQ_STR(buf_string(&b), "");
	buf_free(&b);
	CHECK(!b.refused);
	base_fail_allocation(0);
}

/* ---- buf and JSON ---- */

TEST(buf_grows)
{
	buf b = {0};
	CHECK_EQ_STR(buf_string(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_format(&b, "%d,", i);
	buf_char(&b, '!');
	CHECK_EQ_INT(b.n, 3891);
	CHECK(strncmp(buf_string(&b), "0,1,2,", 6) == 0 && strcmp(buf_string(&b) + b.n - 5, "999,!") == 0);
	buf_free(&b);
}

TEST(json_strings)
{
	static const struct { const char *given; size_t n; const char *json; } cases[] = {
		{"", 0, "\"\""},
		{"plain", 5, "\"plain\""},
		{"\"\\/", 3, "\"\\\"\\\\/\""},
		{"\n\r\t\b\f", 5, "\"\\n\\r\\t\\b\\f\""},
		{"a\0b\x1F\x7F", 5, "\"a\\u0000b\\u001f\x7F\""},
		{"\xC3\xA9\xF0\x9F\x98\x80", 6, "\"\xC3\xA9\xF0\x9F\x98\x80\""},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf b = {0};
		json_string(&b, cases[i].given, cases[i].n);
		CHECK_EQ_STR(buf_string(&b), cases[i].json);
		buf_free(&b);
	}
	buf b = {0};
	json_text(&b, NULL);
	CHECK_EQ_STR(buf_string(&b), "null");
	buf_free(&b);
}

TEST(json_numbers)
{
	static const struct { double v; const char *json; } cases[] = {
		{0, "0"}, {-0.0, "0"}, {1, "1"}, {-3, "-3"}, {2500000, "2500000"}, {9007199254740992.0, "9007199254740992"},
		{1e18, "1e+18"}, {0.1, "0.1"}, {2.5, "2.5"}, {1.0 / 3, "0.3333333333333333"}, {0.7071067811865476, "0.7071067811865476"},
		{5e-324, "5e-324"}, {1e-7, "1e-07"}, {123456.789, "123456.789"}, {NAN, "null"}, {INFINITY, "null"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf b = {0};
		json_number(&b, cases[i].v);
		CHECK_EQ_STR(buf_string(&b), cases[i].json);
		buf_free(&b);
	}
	/* every number reads back */
	uint64_t bits = 1;
	for (int i = 0; i < 20000; i++) {
		double v;
		bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407u;
		memcpy(&v, &bits, sizeof v);
		if (!isfinite(v))
			continue;
		buf b = {0};
		json_number(&b, v);
		CHECK(strtod(buf_string(&b), NULL) == v);
		buf_free(&b);
	}
}

TEST(no_locale_changes_a_number)
{
	static const char *const with_comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "de_DE", "fr_FR"};
	for (size_t i = 0; i < COUNT_OF(with_comma); i++)
		if (setlocale(LC_ALL, with_comma[i]) != NULL)
			break;
	buf b = {0};
	json_number(&b, 2.5);
	CHECK_EQ_STR(buf_string(&b), "2.5");
	buf_free(&b);
	setlocale(LC_ALL, "C");
}

/* ---- UTF-8 ---- */

TEST(utf8_breaks_where_it_breaks)
{
	/* the caret stands under the byte that breaks */
	static const struct { const char *text; size_t n, bad; } cases[] = {
		{"plain ASCII of more than eight bytes", 36, 36},
		{"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, 9},
		{"ab\xFF", 3, 2},
		{"ab\x80", 3, 2},
		{"\xC0\xAF", 2, 0},                     /* overlong '/' */
		{"\xE0\x80\xAF", 3, 0},
		{"\xF0\x80\x80\xAF", 4, 0},
		{"\xED\xA0\x80", 3, 0},                 /* a surrogate */
		{"\xF4\x90\x80\x80", 4, 0},             /* beyond 10FFFF */
		{"\xF4\x8F\xBF\xBF", 4, 4},
		{"12345678\xE2\x82", 10, 8},            /* cut off */
		{"12345678901\xC3", 12, 11},
		{"", 0, 0},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CHECK_EQ_INT(utf8_check((const byte *)cases[i].text, cases[i].n), cases[i].bad);
	/* a replacement character that is really there is no fault */
	uint32_t bytes;
	CHECK_EQ_INT(utf8_next((const byte *)"\xEF\xBF\xBD", 3, &bytes), 0xFFFD);
	CHECK_EQ_INT(bytes, 3);
	CHECK_EQ_INT(utf8_check((const byte *)"\xEF\xBF\xBD", 3), 3);
}

TEST(utf8_there_and_back)
{
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		byte at[4];
		uint32_t bytes;
		const uint32_t n = utf8_write(c, at), back = utf8_next(at, n, &bytes);
		if (c >= 0xD800 && c < 0xE000)
			CHECK(back == 0xFFFD);
		else if (back != c || bytes != n)
			CHECK_EQ_INT(back, c);
	}
}

TEST(ascii_without_locale)
{
	CHECK(same_text("send", 4, "send") && !same_text("sends", 5, "send") && !same_text("sen", 3, "send") && same_text("", 0, ""));
	CHECK(same_folded("SeNd", 4, "send") && !same_folded("SeN", 3, "send") && !same_folded("sends", 5, "send"));
	CHECK(is_space('\v') && is_space('\n') && !is_space(0xA0) && !is_alpha(0xE9) && !is_digit(0xB2));
	CHECK(to_lower('Z') == 'z' && to_lower('[') == '[');
}

/* ---- hash ---- */

TEST(hashes_are_the_known_ones)
{
	char hex[65];
	sha256_hex("abc", 3, hex);
	CHECK_EQ_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex("", 0, hex);
	CHECK_EQ_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	CHECK(hash_bytes("", 0) == UINT64_C(0x2D06800538D394C2));       /* XXH3's own test vector */
}

TEST(table_keeps_order)
{
	table *t = table_new();
	char key[16];
	bool fresh;
	CHECK(table_get(t, "none", 4) == NULL);
	for (uint32_t i = 0; i < 5000; i++) {
		const int n = snprintf(key, sizeof key, "k%u", i * 7919 % 5000);
		uint32_t *v = table_put(t, key, (size_t)n, &fresh);
		REQUIRE(v != NULL);
		CHECK(fresh && *v == 0);
		*v = i;
	}
	for (uint32_t i = 0; i < 5000; i++) {
		const int n = snprintf(key, sizeof key, "k%u", i * 7919 % 5000);
		size_t bytes;
		const uint32_t *v = table_get(t, key, (size_t)n);
		REQUIRE(v != NULL);
		CHECK_EQ_INT(*v, i);
		CHECK_EQ_STR(table_key(t, i, &bytes), key);
		CHECK_EQ_INT(bytes, n);
		CHECK_EQ_INT(table_value(t, i), i);
	}
	*table_put(t, "k5", 2, &fresh) = 77;
	CHECK(!fresh && *table_get(t, "k5", 2) == 77);
	CHECK_EQ_INT(table_count(t), 5000);
	/* an empty key, and one with a zero in it, are keys */
	*table_put(t, "", 0, NULL) = 1;
	*table_put(t, "a\0b", 3, NULL) = 2;
	*table_put(t, "a\0c", 3, NULL) = 3;
	CHECK_EQ_INT(*table_get(t, "a\0b", 3), 2);
	CHECK_EQ_INT(*table_get(t, "", 0), 1);
	CHECK(table_get(t, "a", 1) == NULL);
	table_free(t);
	table_free(NULL);
}

/* ---- days ---- */

TEST(days)
{
	static const struct { int year, month, day; kula_day d; int weekday; } cases[] = {
		{1970, 1, 1, 0, 3}, {1969, 12, 31, -1, 2}, {2000, 2, 29, 11016, 1}, {2024, 11, 20, 20047, 2}, {1900, 3, 1, -25508, 3},
		{1, 1, 1, -719162, 0}, {9999, 12, 31, 2932896, 4},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK_EQ_INT(day_of(cases[i].year, cases[i].month, cases[i].day), cases[i].d);
		CHECK_EQ_INT(day_of_week(cases[i].d), cases[i].weekday);
	}
	static const int none[][3] = {{2023, 2, 29}, {1900, 2, 29}, {2024, 0, 1}, {2024, 13, 1}, {2024, 4, 31}, {2024, 4, 0}};
	for (size_t i = 0; i < COUNT_OF(none); i++)
		CHECK_EQ_INT(day_of(none[i][0], none[i][1], none[i][2]), KULA_NO_DAY);
	CHECK_EQ_INT(days_in_month(2024, 2), 29);
	CHECK_EQ_INT(days_in_month(2100, 2), 28);
	CHECK_EQ_INT(days_in_month(2024, 13), 0);
	/* every day of some centuries, one behind the other */
	kula_day last = day_of(1583, 12, 31);
	for (int year = 1584; year < 2205; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= days_in_month(year, month); day++) {
				int y, m, d;
				const kula_day now = day_of(year, month, day);
				day_split(now, &y, &m, &d);
				if (now != last + 1 || y != year || m != month || d != day || day_of_week(now) != (day_of_week(last) + 1) % 7)
					CHECK_EQ_INT(now, last + 1);
				last = now;
			}
	int y, m, d;
	day_split(INT32_MAX, &y, &m, &d);               /* the ends of the type are no trap */
	day_split(INT32_MIN, &y, &m, &d);
}

TEST(days_as_text)
{
	char out[16];
	CHECK_EQ_INT(kula_day_parse("2024-11-20", 10), 20047);
	static const char *const none[] = {"2024-11-2", "2024-11-200", "2024/11/20", "2024-13-20", "2024-02-30", "20241120", "+024-11-20",
		"2024-11-2x", "", "null"};
	for (size_t i = 0; i < COUNT_OF(none); i++)
		CHECK_ROW(kula_day_parse(none[i], strlen(none[i])) == KULA_NO_DAY, none[i]);
	CHECK_EQ_INT(kula_day_parse(NULL, 10), KULA_NO_DAY);
	kula_day_format(20047, out);
	CHECK_EQ_STR(out, "2024-11-20");
	kula_day_format(day_of(7, 1, 2), out);
	CHECK_EQ_STR(out, "0007-01-02");
	kula_day_format(KULA_NO_DAY, out);
	CHECK_EQ_STR(out, "");
	kula_day_format(INT32_MAX, out);
	CHECK_EQ_STR(out, "");
}

/* ---- the contract's words ---- */

TEST(words_of_the_contract)
{
	for (int i = 0; i < KULA_ACTS; i++)
		CHECK_EQ_INT(kula_act_of(kula_act_name((kula_act)i)), i);
	for (int i = 0; i < KULA_STATUSES; i++)
		CHECK_EQ_INT(kula_claim_status_of(kula_status_name((kula_claim_status)i)), i);
	for (int i = 0; i < KULA_KINDS; i++)
		CHECK_EQ_INT(kula_kind_of(kula_kind_name((kula_kind)i)), i);
	for (int i = 0; i < KULA_PERS; i++)
		CHECK_EQ_INT(kula_per_of(kula_per_name((kula_per)i)), i);
	CHECK_EQ_STR(kula_act_name(KULA_GIVE), "give");
	CHECK_EQ_STR(kula_act_name(KULA_HOLD), "hold");
	CHECK_EQ_STR(kula_status_name(KULA_DENIED), "denied");
	CHECK_EQ_STR(kula_kind_name(KULA_GOODS), "goods");
	CHECK_EQ_INT(kula_act_of("donate"), -1);
	CHECK_EQ_INT(kula_act_of(NULL), -1);
	CHECK_EQ_STR(kula_act_name((kula_act)99), "?");
	int equal = 0;
	for (int i = 0; i < KULA_ACTS; i++)
		equal += kula_act_is_equal((kula_act)i);
	CHECK_EQ_INT(equal, 4);
}

/* ---- files ---- */

static const char *scratch(char *room, const char *bytes, size_t n)
{
	strcpy(room, "/tmp/kula-base-XXXXXX");
	const int fd = mkstemp(room);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		return NULL;
	close(fd);
	return room;
}

TEST(files_are_mapped_and_read)
{
	char path[64];
	kula_error err = {0};
	mapped m;
	buf b = {0};
	REQUIRE(scratch(path, "some bytes", 10) != NULL);
	CHECK_EQ_INT(file_map(path, &m, &err), KULA_OK);
	CHECK(m.n == 10 && memcmp(m.at, "some bytes", 10) == 0);
	file_unmap(&m);
	file_unmap(&m);
	CHECK_EQ_INT(file_read(path, 10, &b, &err), KULA_OK);
	CHECK_EQ_STR(buf_string(&b), "some bytes");
	b.n = 0;
	CHECK_EQ_INT(file_read(path, 9, &b, &err), KULA_ELIMIT);
	CHECK_EQ_INT(err.byte, 9);
	buf_free(&b);
	unlink(path);
	err = (kula_error){0};
	CHECK_EQ_INT(file_map(path, &m, &err), KULA_EIO);
	CHECK(strstr(err.text, "No such file") != NULL);
	CHECK_EQ_INT(file_map("/", &m, NULL), KULA_EIO);
	CHECK_EQ_INT(file_read("/", 10, &b, NULL), KULA_EIO);
	REQUIRE(scratch(path, "", 0) != NULL);
	CHECK_EQ_INT(file_map(path, &m, NULL), KULA_OK);
	CHECK(m.n == 0 && m.at != NULL);
	file_unmap(&m);
	unlink(path);
}

TEST(data_path_takes_the_users_folder_first)
{
	char path[64], room[128];
	REQUIRE(scratch(path, "x", 1) != NULL);
	const char *const own = getenv("KULA_DATA");
	char *const before = own != NULL ? strdup(own) : NULL;
	setenv("KULA_DATA", "/tmp", 1);
	CHECK_EQ_STR(data_path(path + 5, room, sizeof room), path);
	CHECK(data_path("no such file of Kula", room, sizeof room) == NULL);
	CHECK(data_path(path + 5, room, 4) == NULL);
	if (before != NULL)
		setenv("KULA_DATA", before, 1);
	else
		unsetenv("KULA_DATA");
	free(before);
	unlink(path);
}

/* ---- TSV ---- */

TEST(rows_and_cells)
{
	static const char text[] = "# a comment\n\none\t\tthree\r\n\t\n#\nlast";
	tsv t = {.file = "x.tsv", .at = (const byte *)text, .end = (const byte *)text + strlen(text)};
	cell c[4];
	kula_error err = {0};
	CHECK_EQ_INT(tsv_next(&t, c, 4, &err), 3);
	CHECK(same_text(c[0].at, c[0].n, "one") && c[1].n == 0 && same_text(c[2].at, c[2].n, "three"));
	CHECK_EQ_INT(tsv_fail(&t, &c[2], &err, "unknown '%.*s'", (int)c[2].n, c[2].at), KULA_EFORMAT);
	CHECK_EQ_STR(err.text, "x.tsv:3:6: unknown 'three'");
	CHECK_EQ_INT(tsv_next(&t, c, 4, &err), 2);
	CHECK_EQ_INT(tsv_next(&t, c, 4, &err), 1);
	CHECK(same_text(c[0].at, c[0].n, "last"));
	CHECK_EQ_INT(t.line, 6);
	CHECK_EQ_INT(tsv_next(&t, c, 4, &err), 0);
	static const char wide[] = "a\tb\tc\n";
	t = (tsv){.file = "wide.tsv", .at = (const byte *)wide, .end = (const byte *)wide + strlen(wide)};
	err = (kula_error){0};
	CHECK_EQ_INT(tsv_next(&t, c, 2, &err), UINT32_MAX);
	CHECK_EQ_STR(err.text, "wide.tsv:1:5: more than 2 columns");
}

/* ---- work ---- */

typedef struct tally { _Atomic uint32_t done[1000]; _Atomic uint64_t sum; _Atomic uint32_t most_worker; } tally;

static void count_one(void *arg, uint64_t i, uint32_t worker)
{
	tally *t = arg;
	atomic_fetch_add(&t->done[i], 1);
	atomic_fetch_add(&t->sum, i);
	uint32_t most = atomic_load(&t->most_worker);
	while (worker > most && !atomic_compare_exchange_weak(&t->most_worker, &most, worker))
		;
}

TEST(work_is_done_once_each)
{
	static const uint32_t threads[] = {0, 1, 2, 7, 1000000};
	CHECK(cores() >= 1);
	for (size_t k = 0; k < COUNT_OF(threads); k++) {
		tally *t = calloc(1, sizeof *t);
		REQUIRE(t != NULL);
		work_all(threads[k], 1000, count_one, t);
		for (int i = 0; i < 1000; i++)
			CHECK(t->done[i] == 1);
		CHECK_EQ_INT(t->sum, 999 * 500);
		CHECK(t->most_worker < MAX_OF(threads[k], 1u));
		free(t);
	}
	work_all(4, 0, count_one, NULL);
}

TEST_MAIN(TEST_ENTRY(the_first_cause_is_kept), TEST_ENTRY(errors_can_be_printed), TEST_ENTRY(arena_gives_zeroed_aligned_room),
	TEST_ENTRY(arena_keeps_its_limit), TEST_ENTRY(arena_grows_and_rewinds), TEST_ENTRY(the_nth_allocation_fails),
	TEST_ENTRY(buf_grows), TEST_ENTRY(json_strings), TEST_ENTRY(json_numbers), TEST_ENTRY(no_locale_changes_a_number),
	TEST_ENTRY(utf8_breaks_where_it_breaks), TEST_ENTRY(utf8_there_and_back), TEST_ENTRY(ascii_without_locale),
	TEST_ENTRY(hashes_are_the_known_ones), TEST_ENTRY(table_keeps_order), TEST_ENTRY(days), TEST_ENTRY(days_as_text),
	TEST_ENTRY(words_of_the_contract), TEST_ENTRY(files_are_mapped_and_read), TEST_ENTRY(data_path_takes_the_users_folder_first),
	TEST_ENTRY(rows_and_cells), TEST_ENTRY(work_is_done_once_each))
