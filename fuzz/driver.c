/* A small driver for the fuzz targets, where clang's fuzzer isn't: every seed as it is, then `runs` changed ones.
 *
 *	target RUNS [SEED FILE...]
 *
 * Always the same changes: a fault can be repeated. The input in hand is written to fuzz-last before it is tried when
 * KULA_FUZZ_KEEP is set.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_BYTES = 1 << 16, MOST_SEEDS = 256 };

typedef struct seed { uint8_t *at; size_t n; } seed;

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t below(uint64_t *state, size_t n)
{
	return n > 0 ? (size_t)(next(state) % n) : 0;
}

/* Tries one input in a block of exactly its length, so that one byte too far is seen. */
static void try(const uint8_t *at, size_t n)
{
	if (getenv("KULA_FUZZ_KEEP") != NULL) {
		FILE *const f = fopen("fuzz-last", "wb");
		if (f != NULL) {
			fwrite(at, 1, n, f);
			fclose(f);
		}
	}
	uint8_t *const block = malloc(n > 0 ? n : 1);
	if (block == NULL)
		abort();
	memcpy(block, at, n);
	LLVMFuzzerTestOneInput(block, n);
	free(block);
}

/* Changes work[0..n) in a few places; the new length. */
static size_t change(uint64_t *state, uint8_t *work, size_t n, const seed *seeds, size_t count)
{
	static const char *const tokens[] = {"{", "}", "[", "]", "\"", "\\", "\\u0000", "\\ud800", ":", ",", "\n", "\t", "\0", "\xff", "\xc0\x80",
		"\xed\xa0\x80", "\xef\xbb\xbf", "9999999999999999999", "-1", "1e999", "nan", "null", "\"text\":", "\"claims\":[", "\"span\":[", "#", "&#", "\xe2\x80\x8b"};
	for (size_t k = 1 + below(state, 4); k > 0; k--) {
		const size_t at = below(state, n);
		switch (below(state, 6)) {
		case 0:
			if (n > 0)
				work[at] = (uint8_t)next(state);
			break;
		case 1:
			if (n > 0)
				work[at] ^= (uint8_t)(1u << below(state, 8));
			break;
		case 2: {                       /* a piece goes */
			const size_t gone = n > 0 ? 1 + below(state, n - at < 64 ? n - at : 64) : 0;
			memmove(work + at, work + at + gone, n - at - gone);
			n -= gone;
			break;
		}
		case 3: {                       /* a token comes */
			const char *const token = tokens[below(state, sizeof(tokens) / sizeof(tokens[0]))];
			const size_t more = token[0] == '\0' ? 1 : strlen(token);
			if (n + more > MOST_BYTES)
				break;
			memmove(work + at + more, work + at, n - at);
			memcpy(work + at, token, more);
			n += more;
			break;
		}
		case 4: {                       /* a piece of another seed comes */
			const seed *const other = &seeds[below(state, count)];
			const size_t from = below(state, other->n), more = other->n > 0 ? 1 + below(state, other->n - from < 200 ? other->n - from : 200) : 0;
			if (n + more > MOST_BYTES)
				break;
			memmove(work + at + more, work + at, n - at);
			memcpy(work + at, other->at + from, more);
			n += more;
			break;
		}
		default:                        /* the end is cut */
			if (below(state, 8) == 0)
				n = at;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	static seed seeds[MOST_SEEDS];
	static uint8_t work[MOST_BYTES];
	size_t count = 1;                       /* the first seed is empty */
	uint64_t state = 0x9E3779B97F4A7C15u;
	const long runs = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
	seeds[0].at = work;
	for (int i = 2; i < argc && count < MOST_SEEDS; i++) {
		FILE *const f = fopen(argv[i], "rb");
		seeds[count].at = malloc(MOST_BYTES);
		if (f == NULL || seeds[count].at == NULL) {
			fprintf(stderr, "driver: '%s' can't be read\n", argv[i]);
			return 2;
		}
		seeds[count].n = fread(seeds[count].at, 1, MOST_BYTES, f);
		fclose(f);
		count++;
	}
	for (size_t i = 0; i < count; i++)
		try(seeds[i].at, seeds[i].n);
	for (long i = 0; i < runs; i++) {
		const seed *const s = &seeds[below(&state, count)];
		memcpy(work, s->at, s->n);
		try(work, change(&state, work, s->n, seeds, count));
	}
	for (size_t i = 1; i < count; i++)
		free(seeds[i].at);
	return 0;
}
