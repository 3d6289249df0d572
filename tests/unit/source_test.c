/* source: bytes become documents; every fault has its place, and costs no other document. */
#include "test.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/source.h"

/* What a file gives: its documents' ids, "(extra)" for other lines, "!byte" for a fault, in order. */
typedef struct heard { buf what; kula_error first; } heard;

static void hear_source(source *s, arena *a, heard *h)
{
	for (;;) {
		source_document d;
		kula_error err = {0};
		const kula_status status = source_next(s, a, &d, &err);
		if (status == KULA_ENOTFOUND)
			break;
		buf_text(&h->what, h->what.n > 0 ? " " : "");
		if (status != KULA_OK) {
			CHECK_EQ_INT(status, err.status);
			CHECK(err.source != NULL);
			buf_format(&h->what, "!%llu", (unsigned long long)err.byte);
			if (h->first.status == KULA_OK)
				h->first = err;
		} else
			buf_text(&h->what, d.extra != NULL ? "(extra)" : d.d.id);
	}
}

static source *from_bytes(const void *at, size_t n)
{
	static char path[64];           /* outlives the source, as source.h asks */
	kula_error err = {0};
	const int fd = memfd_create("kula", 0);
	if (fd < 0 || write(fd, at, n) != (ssize_t)n)
		return NULL;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	source *const s = source_open(path, NULL, KULA_NO_DAY, &err);
	close(fd);
	return s;
}

static heard hear(const void *at, size_t n)
{
	heard h = {0};
	arena *const a = arena_new((size_t)1 << 28);
	source *const s = from_bytes(at, n);
	if (s != NULL)
		hear_source(s, a, &h);
	source_close(s);
	arena_free(a);
	return h;
}

#define DOC(id) "{\"doc\":\"" id "\",\"text\":\"x\"}"
/* A document with one claim in which a field is otherwise. */
#define CLAIM(fields) "{\"doc\":\"c\",\"text\":\"x\",\"claims\":[{\"evidence\":\"x\",\"trigger\":\"x\",\"act\":\"give\",\"status\":\"done\"" fields "}]}"

TEST(every_fault_has_its_place)
{
	static const struct { const char *text, *gives, *says; } cases[] = {
		/* what goes through */
		{DOC("a"), "a", ""},
		{DOC("a") "\n", "a", ""},
		{DOC("a") "\r\n" DOC("b") "\r\n", "a b", ""},
		{"\n \n" DOC("a") "\n\n\n" DOC("b"), "a b", ""},
		{"\xEF\xBB\xBF" DOC("a"), "a", ""},
		{DOC("a") "\n{\"dossier\":\"x\",\"links\":[]}\n" DOC("b"), "a (extra) b", ""},
		{CLAIM(""), "c", ""},
		{CLAIM(",\"from\":null,\"items\":null,\"date\":null,\"value\":null,\"place\":null,\"span\":null,\"confidence\":null"), "c", ""},
		{"{\"doc\":\"a\",\"text\":\"\"}", "a", ""},
		{"{\"doc\":\"a\",\"text\":\"x\",\"published\":\"2024-11-20T08:00:00Z\"}", "a", ""},
		{"{\"doc\":\"a\",\"text\":\"x\",\"unknown\":[[[{}]]]}", "a", ""},

		/* faults of a line; the next is read */
		{"{\n" DOC("b"), "!1 b", "not JSON"},
		{DOC("a") "\n{\"doc\":\"b\",\"text\":\"y\n" DOC("c"), "a !43 c", "not JSON"},
		{DOC("a") "\n{\"doc\":\"b\"\xFF}\n" DOC("c"), "a !33 c", "byte 0xFF is not UTF-8"},
		{DOC("a") "\n[1]\n" DOC("c"), "a !23 c", "line 2: no object"},
		{DOC("a") "\n{\"doc\":\"b\"}\n" DOC("c"), "a !23 c", "no 'text'"},
		{DOC("a") "\n{\"text\":7}\n" DOC("c"), "a !23 c", "'text' is no text"},
		{DOC("a") "\n{\"text\":null}\n" DOC("c"), "a !23 c", "no 'text'"},
		{"{\"text\":\"x\",\"doc\":7}\n" DOC("c"), "!0 c", "'doc' is no text"},
		{"{\"text\":\"a\\u0000b\"}\n" DOC("c"), "!18 c", "not JSON"},
		{"{\"text\":\"\\ud800\"}\n" DOC("c"), "!16 c", "not JSON"},
		{"{\"text\":\"x\",\"published\":\"20 Nov\"}\n" DOC("c"), "!0 c", "'published' is '20 Nov', which is no day"},
		{"{\"text\":\"x\",\"claims\":{}}\n" DOC("b"), "!0 b", "'claims' is no list"},
		{"{\"text\":\"x\",\"claims\":[3]}\n" DOC("b"), "!0 b", "claim 0: no object"},
		{"{\"text\":\"x\",\"claims\":[{}]}\n" DOC("b"), "!0 b", "claim 0: no 'evidence'"},
		{CLAIM(",\"act\":\"donate\"") "\n" DOC("b"), "!0 b", "claim 0: unknown act 'donate'"},
		{CLAIM(",\"act\":4"), "!0", "claim 0: 'act' is no text"},
		{CLAIM(",\"status\":\"\""), "!0", "claim 0: unknown status ''"},
		{CLAIM(",\"from\":[{\"code\":\"USA\"}]"), "!0", "claim 0: from 0: no 'text'"},
		{CLAIM(",\"to\":[{\"text\":\"x\"},{\"text\":\"x\",\"code\":\"FAR TOO LONG CODE\"}]"), "!0", "claim 0: to 1: 'FAR TOO LONG CODE' is no code"},
		{CLAIM(",\"items\":[{\"text\":\"x\",\"kind\":\"thing\"}]"), "!0", "claim 0: item 0: unknown kind 'thing'"},
		{CLAIM(",\"items\":[{\"text\":\"x\",\"kind\":\"art\",\"min\":\"2\"}]"), "!0", "claim 0: item 0: 'min' is no number"},
		{CLAIM(",\"items\":[{\"text\":\"x\",\"kind\":\"art\",\"in\":1}]"), "!0", "claim 0: item 0: 'in' is no index of an item"},
		{CLAIM(",\"items\":[{\"text\":\"x\",\"kind\":\"art\",\"in\":0.5}]"), "!0", "'in' is no index"},
		{CLAIM(",\"items\":[{\"text\":\"x\",\"kind\":\"art\",\"per\":\"hour\"}]"), "!0", "unknown per 'hour'"},
		{CLAIM(",\"date\":\"2020-01-01\""), "!0", "claim 0: 'date' is no pair of days"},
		{CLAIM(",\"date\":[\"2020-01-01\",\"2020-02-30\"]"), "!0", "claim 0: 'date' has '2020-02-30', which is no day"},
		{CLAIM(",\"span\":[3,1]"), "!0", "claim 0: 'span' is no span"},
		{CLAIM(",\"span\":[0,5000000000]"), "!0", "'span' is no span"},
		{CLAIM(",\"value\":{\"min\":1}"), "!0", "claim 0: value: no 'unit'"},
		{CLAIM(",\"place\":[]"), "!0", "claim 0: 'place' is no object"},
		{CLAIM(",\"confidence\":\"high\""), "!0", "claim 0: 'confidence' is no number"},

		/* other files */
		{"", "", ""},
		{" \n\t\n ", "", ""},
		{"\xEF\xBB\xBF", "", ""},
		{"\x1F\x8B\x08", "!0", "gzip"},
		{"\xFF\xFEt", "!0", "UTF-16"},
		{"%PDF-1.7\n", "!0", "PDF"},
		{"plain \xC3 text", "!6", "byte 0xC3 is not UTF-8"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		heard h = hear(cases[i].text, strlen(cases[i].text));
		CHECK_EQ_STR(buf_string(&h.what), cases[i].gives);
		CHECK_ROW(strstr(h.first.text, cases[i].says) != NULL, cases[i].text);
		if (strstr(h.first.text, cases[i].says) == NULL)
			CHECK_EQ_STR(h.first.text, cases[i].says);
		buf_free(&h.what);
	}
	heard h = hear("zero \0 byte", 11);
	CHECK_EQ_STR(buf_string(&h.what), "!5");
	CHECK_EQ_STR(h.first.text, "a zero byte: this is no text");
	buf_free(&h.what);
}

TEST(nesting_and_numbers_of_values_are_bounded)
{
	buf b = {0};
	buf_text(&b, "{\"text\":\"[[[[\\\"{{{{\",\"x\":");
	for (uint32_t i = 0; i < SOURCE_DEPTH; i++)
		buf_char(&b, '[');
	const size_t caret = b.n - 1;
	for (int i = 0; i < 100000; i++)
		buf_char(&b, '[');
	buf_text(&b, "\n" DOC("b") "\n{\"text\":\"x\",\"x\":[0");
	const size_t many = b.n;
	for (uint32_t i = 0; i < SOURCE_VALUES; i++)
		buf_text(&b, ",0");
	buf_text(&b, "]}\n" DOC("c"));
	heard h = hear(b.at, b.n);
	char gives[80];
	/* the value over the limit is the one whose comma is the last that counts */
	snprintf(gives, sizeof gives, "!%zu b !%zu c", caret, many + 2 * (size_t)(SOURCE_VALUES - 3));
	CHECK_EQ_STR(buf_string(&h.what), gives);
	CHECK_EQ_STR(h.first.text, "line 1: nested deeper than 64");
	CHECK_EQ_INT(h.first.status, KULA_ELIMIT);
	buf_free(&h.what);
	buf_free(&b);
}

TEST(plain_text_stays_as_it_is)
{
	static const char text[] = "\xEF\xBB\xBF  First line.\r\nSecond \"line\" \xE2\x82\xAC.\r\n";
	char path[] = "/tmp/kula.wire-XXXXXX";
	const int fd = mkstemp(path);
	kula_error err = {0};
	source_document d;
	arena *const a = arena_new(1 << 20);
	REQUIRE(fd >= 0 && write(fd, text, strlen(text)) > 0);
	close(fd);
	source *const s = source_open(path, "Example Wire", 20047, &err);
	REQUIRE(s != NULL);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_OK);
	CHECK_EQ_STR(d.d.text, text + 3);
	CHECK_EQ_INT(d.d.text_bytes, strlen(text) - 3);
	CHECK_EQ_INT(d.byte, 3);                        /* behind the byte order mark */
	CHECK_EQ_STR(d.d.id, "kula");                   /* the file's name without folder and ending */
	CHECK_EQ_STR(d.d.publisher, "Example Wire");
	CHECK_EQ_INT(d.d.published, 20047);
	CHECK(d.d.title == NULL && !d.has_claims && d.claims == NULL);
	char hex[65];
	sha256_hex(text + 3, strlen(text) - 3, hex);
	CHECK_EQ_STR(d.sha256, hex);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_ENOTFOUND);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_ENOTFOUND);
	source_close(s);
	unlink(path);
	arena_free(a);
}

TEST(a_document_with_all_its_fields)
{
	static const char line[] =
		"{\"doc\":\"d1\",\"dossier\":\"affair\",\"title\":\"T\",\"published\":\"2024-11-20\",\"publisher\":\"P\",\"reader\":\"r 1\","
		"\"fetched\":\"2024-11-21T00:00:00Z\",\"text\":\"Caf\\u00e9: Moscow sent 2.5 tonnes a day.\",\"claims\":[{\"id\":\"c1\",\"exchange\":\"x1\","
		"\"evidence\":\"Moscow sent 2.5 tonnes a day.\",\"trigger\":\"sent\",\"act\":\"supply\",\"status\":\"ongoing\","
		"\"from\":[{\"text\":\"Moscow\",\"code\":\"RUS\",\"span\":[7,13]}],\"to\":[],\"items\":[{\"text\":\"2.5 tonnes\",\"what\":\"grain\",\"kind\":\"food\","
		"\"min\":2.5,\"max\":null,\"unit\":\"tonne\",\"per\":\"day\",\"approx\":true}],\"date\":[\"2024-11-18\",\"2024-11-20\"],\"due\":[\"2025-01-01\",\"2025-12-31\"],"
		"\"value\":{\"min\":2000000000,\"max\":2000000000,\"unit\":\"USD\"},\"place\":{\"from\":\"Moscow\"},\"means\":\"rail\",\"agreement\":\"pact\",\"condition\":\"if\","
		"\"said_by\":[{\"text\":\"Moscow\",\"code\":null,\"verb\":\"said\"}],\"span\":[7,36],\"trigger_span\":[14,18],\"confidence\":0.75}]}";
	arena *const a = arena_new(1 << 20);
	source *const s = from_bytes(line, strlen(line));
	source_document d;
	kula_error err = {0};
	REQUIRE(s != NULL);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_OK);
	CHECK_EQ_STR(err.text, "");
	source_close(s);                        /* what the arena holds needs no source */
	REQUIRE(d.claim_count == 1);
	const kula_claim *const c = &d.claims[0];
	CHECK_EQ_STR(d.d.id, "d1");
	CHECK_EQ_STR(d.d.dossier, "affair");
	CHECK_EQ_STR(d.d.title, "T");
	CHECK_EQ_STR(d.d.text, "Caf\xC3\xA9: Moscow sent 2.5 tonnes a day.");
	CHECK_EQ_INT(d.d.published, 20047);
	CHECK_EQ_STR(d.reader, "r 1");
	CHECK_EQ_STR(d.fetched, "2024-11-21T00:00:00Z");
	CHECK(d.has_claims && d.line == 1 && d.byte == 0);
	CHECK_EQ_STR(c->id, "c1");
	CHECK_EQ_STR(c->exchange, "x1");
	CHECK_EQ_INT(c->act, KULA_SUPPLY);
	CHECK_EQ_INT(c->status, KULA_ONGOING);
	REQUIRE(c->from_count == 1 && c->to_count == 0 && c->item_count == 1 && c->said_by_count == 1);
	CHECK_EQ_STR(c->from[0].code, "RUS");
	CHECK_EQ_INT(c->from[0].span.from, 7);
	CHECK_EQ_STR(c->items[0].what, "grain");
	CHECK_EQ_INT(c->items[0].kind, KULA_FOOD);
	CHECK(c->items[0].q.min == 2.5 && isnan(c->items[0].q.max) && c->items[0].q.approx && c->items[0].in == -1);
	CHECK_EQ_STR(c->items[0].q.unit, "tonne");
	CHECK_EQ_INT(c->items[0].q.per, KULA_PER_DAY);
	CHECK_EQ_INT(c->date.first, 20045);
	CHECK_EQ_INT(c->due.last, day_of(2025, 12, 31));
	CHECK(c->has_value && c->value.min == 2e9);
	CHECK(c->place_at == NULL && strcmp(c->place_from, "Moscow") == 0);
	CHECK_EQ_STR(c->means, "rail");
	CHECK_EQ_STR(c->agreement, "pact");
	CHECK_EQ_STR(c->condition, "if");
	CHECK_EQ_STR(c->said_by[0].code, "");
	CHECK_EQ_STR(c->said_by[0].verb, "said");
	CHECK(c->span.from == 7 && c->span.to == 36 && c->trigger_span.to == 18 && c->date_span.to == 0);
	CHECK(c->confidence == 0.75);
	arena_free(a);
}

TEST(what_a_line_lacks_is_filled)
{
	static const char text[] = "{\"text\":\"x\"}\n{\"text\":\"y\",\"publisher\":\"Own\",\"published\":\"2020-01-01\",\"claims\":[]}\n";
	char path[] = "/tmp/kula-lines-XXXXXX";
	const int fd = mkstemp(path);
	kula_error err = {0};
	source_document d;
	arena *const a = arena_new(1 << 20);
	REQUIRE(fd >= 0 && write(fd, text, strlen(text)) > 0);
	close(fd);
	source *const s = source_open(path, "Given", 100, &err);
	REQUIRE(s != NULL);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_OK);
	char id[64];
	snprintf(id, sizeof id, "%s#1", path + 5);
	CHECK_EQ_STR(d.d.id, id);
	CHECK_EQ_STR(d.d.publisher, "Given");
	CHECK_EQ_INT(d.d.published, 100);
	CHECK(!d.has_claims);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_OK);
	CHECK_EQ_STR(d.d.publisher, "Own");
	CHECK_EQ_INT(d.d.published, day_of(2020, 1, 1));
	CHECK(d.has_claims && d.claim_count == 0);
	CHECK_EQ_INT(d.line, 2);
	CHECK_EQ_INT(d.byte, 13);
	source_close(s);
	unlink(path);
	arena_free(a);
}

TEST(spans_in_other_units_are_left_out)
{
	static const char line[] = "{\"text\":\"x\",\"offsets\":\"chars\",\"claims\":[{\"evidence\":\"x\",\"trigger\":\"x\",\"act\":\"give\",\"status\":\"done\",\"span\":[0,1]}]}";
	arena *const a = arena_new(1 << 20);
	source *const s = from_bytes(line, strlen(line));
	source_document d;
	REQUIRE(s != NULL);
	CHECK_EQ_INT(source_next(s, a, &d, NULL), KULA_OK);
	CHECK(d.claim_count == 1 && d.claims[0].span.to == 0);
	source_close(s);
	arena_free(a);
}

/* Bytes through a pipe, in pieces of any size. */
typedef struct trickle { int fd; const char *at; size_t n, piece; } trickle;
static void *trickle_run(void *arg)
{
	const trickle *const t = arg;
	for (size_t i = 0; i < t->n; i += t->piece)
		if (write(t->fd, t->at + i, MIN_OF(t->piece, t->n - i)) < 0)
			break;
	close(t->fd);
	return NULL;
}

TEST(pipes_bring_bytes_in_pieces)
{
	static const char *const text = "\n" DOC("a") "\n" DOC("b") "\r\n{\"text\": oops}\n" DOC("c");
	for (size_t piece = 1; piece < 40; piece += 6) {
		int ends[2];
		char path[64];
		pthread_t thread;
		heard h = {0};
		kula_error err = {0};
		REQUIRE(pipe(ends) == 0);
		trickle t = {ends[1], text, strlen(text), piece};
		snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
		REQUIRE(pthread_create(&thread, NULL, trickle_run, &t) == 0);
		source *const s = source_open(path, NULL, KULA_NO_DAY, &err);
		close(ends[0]);
		arena *const a = arena_new(1 << 20);
		REQUIRE(s != NULL);
		hear_source(s, a, &h);
		pthread_join(thread, NULL);
		CHECK_EQ_STR(buf_string(&h.what), "a b !61 c");
		buf_free(&h.what);
		source_close(s);
		arena_free(a);
	}
}

TEST(long_lines_cross_blocks)
{
	buf b = {0};
	buf want = {0};
	for (int i = 0; i < 60; i++) {
		buf_format(&b, "{\"doc\":\"d%d\",\"text\":\"", i);
		for (int k = 0; k < i * i * 97; k++)
			buf_char(&b, (char)('a' + k % 26));
		buf_text(&b, "\"}\n");
		buf_format(&want, i > 0 ? " d%d" : "d%d", i);
	}
	heard h = hear(b.at, b.n);
	CHECK_EQ_STR(buf_string(&h.what), buf_string(&want));
	buf_free(&h.what);
	buf_free(&b);
	buf_free(&want);
}

TEST(files_that_cannot_be_read)
{
	kula_error err = {0};
	CHECK(source_open("/no/such/file", NULL, KULA_NO_DAY, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EIO);
	CHECK_EQ_STR(err.text, "'/no/such/file' can't be opened: No such file or directory");
	err = (kula_error){0};
	CHECK(source_open("/tmp", NULL, KULA_NO_DAY, &err) == NULL);
	CHECK_EQ_STR(err.text, "'/tmp' is a folder");
	source_close(NULL);
}

TEST_MAIN(TEST_ENTRY(every_fault_has_its_place), TEST_ENTRY(nesting_and_numbers_of_values_are_bounded),
	TEST_ENTRY(plain_text_stays_as_it_is), TEST_ENTRY(a_document_with_all_its_fields), TEST_ENTRY(what_a_line_lacks_is_filled),
	TEST_ENTRY(spans_in_other_units_are_left_out), TEST_ENTRY(pipes_bring_bytes_in_pieces), TEST_ENTRY(long_lines_cross_blocks),
	TEST_ENTRY(files_that_cannot_be_read))
