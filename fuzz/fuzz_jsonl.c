/* The door for JSONL and plain text with any bytes. Every document that comes in is located, checked, written in all three
 * units, and read back: what was written reads back as the same document, and is written the same again. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "claims/claims.h"
#include "source/room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void there_and_back(arena *a, source_document *d)
{
	buf once = {0}, twice = {0}, other = {0};
	source_document again;
	kula_error err = {0};
	const source s = {.file = "again", .name = "again", .published = KULA_NO_DAY, .line = 1};
	for (uint32_t i = 0; i < d->claim_count; i++) {
		kula_error fault = {0};
		claims_locate(&d->d, &d->claims[i]);
		claims_check(&d->d, &d->claims[i], &fault);
	}
	claims_write_document(&other, &d->d, d->claims, d->claim_count, true, OFFSETS_CHARS);
	claims_write_document(&other, &d->d, d->claims, d->claim_count, true, OFFSETS_UTF16);
	claims_write_document(&once, &d->d, d->claims, d->claim_count, true, OFFSETS_BYTES);
	byte *const exact = malloc(once.n);
	if (exact == NULL)
		abort();
	memcpy(exact, once.at, once.n);
	if (source_parse(&s, a, exact, once.n, 0, &again, &err) != KULA_OK) {
		fprintf(stderr, "%s\n%.*s\n", err.text, (int)once.n, once.at);
		abort();
	}
	claims_write_document(&twice, &again.d, again.claims, again.claim_count, true, OFFSETS_BYTES);
	if (once.n != twice.n || memcmp(once.at, twice.at, once.n) != 0) {
		fprintf(stderr, "%.*s%.*s", (int)once.n, once.at, (int)twice.n, twice.at);
		abort();
	}
	free(exact);
	buf_free(&once);
	buf_free(&twice);
	buf_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static arena *a;        /* kept: a new one for each input would be most of the work */
	if (a == NULL)
		a = arena_new((size_t)1 << 28);
	byte *const line = malloc(size > 0 ? size : 1);
	kula_error err = {0};
	source_document d;
	if (a == NULL || line == NULL)
		abort();
	if (size > 0)
		memcpy(line, data, size);

	/* as one line, in a block of exactly its size */
	const source one = {.file = "fuzz", .name = "fuzz", .published = KULA_NO_DAY, .line = 1};
	d = (source_document){0};
	source_parse(&one, a, line, size, 0, &d, &err);
	free(line);

	/* as a file */
	char path[64];
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	err = (kula_error){0};
	source *const s = source_open(path, NULL, KULA_NO_DAY, &err);
	if (s == NULL)
		abort();
	for (;;) {
		arena_clear(a);
		err = (kula_error){0};
		const kula_status status = source_next(s, a, &d, &err);
		if (status == KULA_ENOTFOUND)
			break;
		if (status != err.status || (status != KULA_OK && (err.source == NULL || err.byte > size)))
			abort();
		if (status == KULA_OK && d.extra == NULL)
			there_and_back(a, &d);
	}
	source_close(s);
	close(fd);
	arena_clear(a);
	return 0;
}
