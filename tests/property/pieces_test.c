/* Made-up documents of odd characters: every invariant holds, and the same document is cut alike twice. */
#include "../test.h"
#include "pieces_invariants.h"

static const char *const parts[] = {
	"a", "Russia", "ship", "ships", "unaffable", "the", "The", "HE", "U.S.", "U.S.S.R.", "Mr.", "Gen.", "No.", "no.", "Jan.",
	"p.m.", "etc.", "J.", "X", "McX", "don't", "'s", "'", "\"", "(", ")", "[1]", ".", "..", "...", ",", ";", ":", "!", "?",
	"-", "--", "/", "&", "@", "$", "%", "1", "10", "1,000", "2.5", "5m", "5bn", "USD", "km", "F-16", "re-elected", "www.",
	"http://", ".com", " ", "  ", "\n", "\t", "\r\n", "\xc2\xa0", "\xe2\x80\xa8", "\xe2\x80\x93", "\xe2\x80\x94",
	"\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\xa6", "\xe2\x82\xac", "\xc2\xa3", "\xc3\xa9", "\xc3\x89",
	"\xcc\x81", "\xcd\x85", "\xcf\x82", "\xce\xa3", "\xe4\xb8\xad", "\xea\xb0\x81", "\xd8\xa7", "\xd9\x8e", "\xe2\x80\x8b",
	"\xc2\xad", "\x01", "\x7f", "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "\xe3\x80\xae", "\xf0\x9d\x85\xa5", "\xe2\x89\xa0",
	"\xe3\x80\x82", "\xe1\xbf\xaf", "\xcc\xb8", "\xee\x80\x80",
};

/* A repeatable sequence of numbers (splitmix64) */
static uint32_t roll(uint64_t *state, uint32_t below)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (uint32_t)((z ^ (z >> 31)) % below);
}

static size_t make_up(uint64_t *state, char *out, size_t room)
{
	size_t n = 0;
	const uint32_t count = roll(state, 16) ? roll(state, 60) : roll(state, 3000), kinds = 1 + roll(state, COUNT_OF(parts));
	for (uint32_t i = 0; i < count; i++) {
		const char *const part = roll(state, 3) ? parts[roll(state, kinds)] : " ";
		const size_t bytes = strlen(part);
		if (n + bytes > room)
			break;
		memcpy(out + n, part, bytes);
		n += bytes;
	}
	return n;
}

static void check_documents(uint64_t seed, uint32_t documents)
{
	static char lines[4096], text[40000], title[40000];
	kula_error err = {0};
	vocabulary *const v = vocabulary_new((const byte *)lines, small_vocabulary(lines, sizeof lines), &err);
	REQUIRE(v != NULL);
	arena *const a = arena_new((size_t)1 << 28);
	for (uint32_t i = 0; i < documents; i++) {
		const size_t n = make_up(&seed, text, sizeof text), m = roll(&seed, 2) ? make_up(&seed, title, sizeof title) : 0;
		/* blocks of exactly the length, so that a byte too far is seen */
		byte *const at = malloc(n ? n : 1), *const head = malloc(m ? m : 1);
		REQUIRE(at && head);
		memcpy(at, text, n);
		memcpy(head, title, m);
		const text_doc *const d = text_cut(a, v, at, n, head, m, &err);
		REQUIRE(d != NULL);
		const windows *const w = text_windows(a, v, d, &err);
		REQUIRE(w != NULL);
		const char *const fault = document_fault(v, d, w);
		if (fault) {
			CHECK_ROW(fault == NULL, fault);
			fprintf(stderr, "document %u: '%.*s' / '%.*s'\n", i, (int)MIN_OF(m, 500), title, (int)MIN_OF(n, 500), text);
		}
		const text_doc *const again = text_cut(a, v, at, n, head, m, &err);
		REQUIRE(again != NULL);
		CHECK(again->word_count == d->word_count && again->piece_count == d->piece_count &&
			!memcmp(again->pieces, d->pieces, d->piece_count * sizeof *d->pieces));
		free(at);
		free(head);
		arena_clear(a);
	}
	arena_free(a);
	vocabulary_free(v);
}

TEST(short_documents)
{
	check_documents(1, 3000);
}

TEST(more_documents)
{
	check_documents(77, 3000);
}

TEST_MAIN(TEST_ENTRY(short_documents), TEST_ENTRY(more_documents))
