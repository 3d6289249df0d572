/* source when memory runs out, reads fail, and lines never end. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claims/claims.h"

static const char lines[] =
	"{\"doc\":\"a\",\"text\":\"Moscow sent two dogs.\",\"claims\":[{\"evidence\":\"Moscow sent two dogs.\",\"trigger\":\"sent\",\"act\":\"give\","
	"\"status\":\"done\",\"from\":[{\"text\":\"Moscow\",\"code\":\"RUS\"}],\"items\":[{\"text\":\"two dogs\",\"what\":\"dog\",\"kind\":\"animal\",\"min\":2,"
	"\"max\":2,\"unit\":\"count\"}]}]}\n"
	"{\"text\":\"b\"}\n";

static int of_bytes(char path[64], const char *at, size_t n)
{
	const int fd = memfd_create("kula", 0);
	if (fd >= 0 && write(fd, at, n) != (ssize_t)n)
		return -1;
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* The n-th allocation fails, for n = 1, 2, ... until all goes well. Every fault is told, none comes twice for ever, and a
 * document that comes through is whole. */
static void until_it_works(const char *at, size_t n, int documents)
{
	char path[64];
	const int fd = of_bytes(path, at, n);
	REQUIRE(fd >= 0);
	bool whole = false;
	for (uint64_t nth = 1; !whole && nth < 1000; nth++) {
		int seen = 0, faults = 0;
		kula_error err = {0};
		base_fail_allocation(nth);
		arena *const a = arena_new(1 << 20);
		source *const s = a != NULL ? source_open(path, NULL, KULA_NO_DAY, &err) : NULL;
		CHECK(a == NULL || s != NULL || err.status == KULA_EMEMORY);
		for (int calls = 0; s != NULL; calls++) {
			source_document d;
			err = (kula_error){0};
			const kula_status status = source_next(s, a, &d, &err);
			if (status == KULA_ENOTFOUND)
				break;
			REQUIRE(calls < 10);
			CHECK_EQ_INT(status, err.status);
			if (status != KULA_OK) {
				CHECK(status == KULA_EMEMORY || status == KULA_ELIMIT);
				faults++;
				continue;
			}
			buf b = {0};
			for (uint32_t i = 0; i < d.claim_count; i++)
				claims_locate(&d.d, &d.claims[i]);
			claims_write_document(&b, &d.d, d.claims, d.claim_count, true, OFFSETS_BYTES);
			CHECK(b.refused || b.at[b.n - 1] == '\n');
			faults += b.refused;
			buf_free(&b);
			seen++;
		}
		base_fail_allocation(0);
		source_close(s);
		arena_free(a);
		whole = a != NULL && s != NULL && faults == 0;
		CHECK(!whole || seen == documents);
	}
	CHECK(whole);
	close(fd);
}

TEST(memory_runs_out_in_lines)
{
	until_it_works(lines, strlen(lines), 2);
}

TEST(memory_runs_out_in_plain_text)
{
	static char text[300000];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 80 == 79 ? '\n' : 'x';
	until_it_works(text, sizeof text, 1);
}

TEST(an_arena_too_small_costs_only_that_document)
{
	char path[64];
	const int fd = of_bytes(path, lines, strlen(lines));
	kula_error err = {0};
	source_document d;
	arena *const a = arena_new(200);
	source *const s = source_open(path, NULL, KULA_NO_DAY, &err);
	REQUIRE(fd >= 0 && s != NULL && a != NULL);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_ELIMIT);
	CHECK_EQ_STR(err.text, "line 1: the document needs more memory than there is for one");
	arena_clear(a);
	err = (kula_error){0};
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_OK);
	CHECK_EQ_STR(d.d.text, "b");
	source_close(s);
	arena_free(a);
	close(fd);
}

TEST(reads_that_fail_are_told_once)
{
	/* a process's own memory can be opened, but nothing stands at its beginning */
	kula_error err = {0};
	source_document d;
	arena *const a = arena_new(1 << 20);
	source *const s = source_open("/proc/self/mem", NULL, KULA_NO_DAY, &err);
	REQUIRE(s != NULL && a != NULL);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_EIO);
	CHECK_EQ_STR(err.source, "/proc/self/mem");
	CHECK(strstr(err.text, "can't be read: ") == err.text);
	CHECK_EQ_INT(source_next(s, a, &d, NULL), KULA_ENOTFOUND);
	source_close(s);
	arena_free(a);
}

/* A line that doesn't end, a good one behind it. */
static void *endless(void *arg)
{
	static char block[1 << 16];
	const int fd = *(const int *)arg;
	static const char begin[] = "{\"doc\":\"a\",\"text\":\"", end[] = "\"}\n{\"doc\":\"b\",\"text\":\"y\"}\n";
	memset(block, 'x', sizeof block);
	bool good = write(fd, begin, strlen(begin)) > 0;
	for (size_t sent = 0; good && sent <= SOURCE_LINE_BYTES; sent += sizeof block)
		good = write(fd, block, sizeof block) > 0;
	good = good && write(fd, end, strlen(end)) > 0;
	close(fd);
	return NULL;
}

TEST(a_line_over_the_limit_costs_no_other)
{
	int ends[2];
	char path[64];
	pthread_t thread;
	kula_error err = {0};
	source_document d;
	arena *const a = arena_new(1 << 20);
	REQUIRE(pipe(ends) == 0 && a != NULL);
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
	REQUIRE(pthread_create(&thread, NULL, endless, &ends[1]) == 0);
	source *const s = source_open(path, NULL, KULA_NO_DAY, &err);
	close(ends[0]);
	REQUIRE(s != NULL);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_ELIMIT);
	CHECK_EQ_INT(err.byte, 0);
	CHECK_EQ_STR(err.text, "line 1 is longer than 128 MiB");
	err = (kula_error){0};
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_OK);
	CHECK_EQ_STR(d.d.id, "b");
	CHECK_EQ_INT(d.line, 2);
	CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_ENOTFOUND);
	pthread_join(thread, NULL);
	source_close(s);
	arena_free(a);
}

TEST(a_text_over_the_limit)
{
	static const char begin[] = "{\"doc\":\"a\",\"text\":\"", end[] = "\"}\n{\"doc\":\"b\",\"text\":\"y\"}\n";
	const size_t n = SOURCE_DOCUMENT_BYTES + 1;
	char path[64];
	buf b = {0};
	arena *const a = arena_new((size_t)1 << 27);
	char *const much = malloc(n);
	REQUIRE(much != NULL && a != NULL);
	memset(much, 'x', n);
	buf_text(&b, begin);
	buf_add(&b, much, n);
	buf_text(&b, end);
	for (int plain = 0; plain < 2; plain++) {
		const int fd = plain ? of_bytes(path, much, n) : of_bytes(path, b.at, b.n);
		kula_error err = {0};
		source_document d;
		source *const s = source_open(path, NULL, KULA_NO_DAY, &err);
		REQUIRE(s != NULL);
		CHECK_EQ_INT(source_next(s, a, &d, &err), KULA_ELIMIT);
		CHECK_EQ_STR(err.text, plain ? "the document is longer than 32 MiB" : "line 1: the text is longer than 32 MiB");
		arena_clear(a);
		CHECK_EQ_INT(source_next(s, a, &d, NULL), plain ? KULA_ENOTFOUND : KULA_OK);
		source_close(s);
		close(fd);
		arena_clear(a);
	}
	free(much);
	buf_free(&b);
	arena_free(a);
}

TEST_MAIN(TEST_ENTRY(memory_runs_out_in_lines), TEST_ENTRY(memory_runs_out_in_plain_text),
	TEST_ENTRY(an_arena_too_small_costs_only_that_document), TEST_ENTRY(reads_that_fail_are_told_once),
	TEST_ENTRY(a_line_over_the_limit_costs_no_other), TEST_ENTRY(a_text_over_the_limit))
