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

/* Consonants in classes, vowels gone, doubles once: coarse, so it only serves persons of high office, first and last name
 * together. Romanisations of Arabic, Persian and Cyrillic differ in just what this drops. */
size_t know_sound(const char *at, size_t n, char *out)
{
	size_t o = 0;
	for (size_t i = 0; i < n && o < 23; i++) {
		const char c = at[i], next = i + 1 < n ? at[i + 1] : 0;
		char s = c;
		switch (c) {
		case 'a': case 'e': case 'i': case 'o': case 'u':
			s = i ? 0 : 'a';
			break;
		case 'y':
			s = i ? 0 : 'y';
			break;
		case 'h':
			s = i ? 0 : 'h';
			break;
		case 'c':
			s = next == 'h' ? 's' : next == 'e' || next == 'i' ? 's' : 'k';
			break;
		case 'q':
			s = 'k';
			break;
		case 'x':
			s = 'k';
			break;
		case 'z':
			s = 's';
			break;
		case 'w':
			s = i ? 0 : 'v';
			break;
		case 'p':
			s = next == 'h' ? 'f' : 'p';
			break;
		case 'j':
			s = 'j';
			break;
		default:
			if (!is_lower((byte)c))
				s = 0;
		}
		if (s && (!o || out[o - 1] != s))
			out[o++] = s;
	}
	out[o] = 0;
	return o;
}
