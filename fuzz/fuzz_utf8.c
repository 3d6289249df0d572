/* UTF-8 against a decoder written another way: by the ranges of Unicode's table 3-7. */
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes of the well-formed sequence that begins at s, or 0. */
static uint32_t well_formed(const byte *s, size_t n)
{
	static const struct { byte from, to, second_from, second_to; uint32_t bytes; } rows[] = {
		{0x00, 0x7F, 0, 0, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
		{0xF4, 0xF4, 0x80, 0x8F, 4}
	};
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		if (s[0] < rows[r].from || s[0] > rows[r].to)
			continue;
		if (n < rows[r].bytes || (rows[r].bytes > 1 && (s[1] < rows[r].second_from || s[1] > rows[r].second_to)))
			return 0;
		for (uint32_t i = 2; i < rows[r].bytes; i++)
			if (s[i] < 0x80 || s[i] > 0xBF)
				return 0;
		return rows[r].bytes;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	byte *const s = malloc(size > 0 ? size : 1);    /* of exactly the size: one byte too far is seen */
	size_t bad = size;
	if (s == NULL)
		abort();
	if (size > 0)
		memcpy(s, data, size);
	for (size_t i = 0; i < size;) {
		const uint32_t n = well_formed(s + i, size - i);
		uint32_t bytes = 0;
		byte back[4];
		const uint32_t c = utf8_next(s + i, size - i, &bytes);
		if (n == 0 ? c != 0xFFFD || bytes != 1 : bytes != n || utf8_write(c, back) != n || memcmp(back, s + i, n) != 0)
			abort();
		if (n == 0 && bad == size)
			bad = i;
		i += bytes;
	}
	if (utf8_check(s, size) != bad)
		abort();
	free(s);
	return 0;
}
