#include "know/image.h"

bool know_glues(const byte *at, size_t n)
{
	if (n == 1)
		return *at == '-' || *at == '\'' || *at == '.' || *at == '/';
	/* hyphens U+2010, U+2011, apostrophes U+2018, U+2019 */
	return n == 3 && at[0] == 0xE2 && at[1] == 0x80 && (at[2] == 0x90 || at[2] == 0x91 || at[2] == 0x98 || at[2] == 0x99);
}

/* Marks that vanish inside a word: those that glue, and modifier letters used as apostrophes (U+02BB, U+02BC, U+02BF). */
static uint32_t vanishing(const byte *at, size_t n)
{
	if (know_glues(at, 1) || *at == '`')
		return 1;
	if (n >= 3 && know_glues(at, 3))
		return 3;
	if (n >= 2 && at[0] == 0xCA && (at[1] == 0xBB || at[1] == 0xBC || at[1] == 0xBF || at[1] == 0xBE))
		return 2;
	return 0;
}

const char *know_canon(arena *a, const void *at, size_t n)
{
	const char *folded = text_fold(a, at, n);
	if (!folded)
		return NULL;
	const byte *f = (const byte *)folded;
	const size_t fn = strlen(folded);
	char *out = arena_alloc(a, fn * 3 + 1, 1);      /* "&" grows to "and" */
	if (!out)
		return NULL;
	size_t o = 0;
	bool gap = false;
	for (size_t i = 0; i < fn;) {
		const uint32_t gone = vanishing(f + i, fn - i);
		if (gone) {
			i += gone;
			continue;
		}
		const byte c = f[i];
		if (c < 128 && !is_alpha(c) && !is_digit(c) && c != '&' && c != '+') {
			gap = true;
			i++;
			continue;
		}
		if (gap && o)
			out[o++] = ' ';
		gap = false;
		if (c == '&') {
			if (o && out[o - 1] != ' ')
				out[o++] = ' ';
			memcpy(out + o, "and", 3);
			o += 3;
			gap = true;
			i++;
			continue;
		}
		if (c < 128) {
			out[o++] = (char)c;
			i++;
			continue;
		}
		uint32_t k;
		const uint32_t u = utf8_next(f + i, fn - i, &k);
		if (u >= 0x2010 && u <= 0x206F) {               /* dashes, quotation marks, ellipsis: a gap */
			gap = true;
		} else {
			memcpy(out + o, f + i, k);
			o += k;
		}
		i += k;
	}
	out[o] = 0;
	return out;
}
