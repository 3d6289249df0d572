#include "base/base.h"

uint32_t utf8_next(const byte *at, size_t n, uint32_t *bytes)
{
	const uint32_t c = at[0];
	*bytes = 1;
	if (c < 0x80)
		return c;
	const uint32_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
	if (c < 0xC2 || c > 0xF4 || n < len)
		return 0xFFFD;
	uint32_t x = c & (0x7Fu >> len);
	for (uint32_t i = 1; i < len; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0xFFFD;
		x = x << 6 | (at[i] & 0x3Fu);
	}
	if ((len == 3 && (x < 0x800 || (x >= 0xD800 && x < 0xE000))) || (len == 4 && (x < 0x10000 || x > 0x10FFFF)))
		return 0xFFFD;
	*bytes = len;
	return x;
}

size_t utf8_check(const byte *at, size_t n)
{
	size_t i = 0;
	while (i < n) {
		if (at[i] < 0x80) {
			i++;
			continue;
		}
		uint32_t len;
		if (utf8_next(at + i, n - i, &len) == 0xFFFD && len == 1)
			return i;
		i += len;
	}
	return n;
}

uint32_t utf8_write(uint32_t c, byte out[4])
{
	if (c < 0x80) {
		out[0] = (byte)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (byte)(0xC0 | c >> 6);
		out[1] = (byte)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (byte)(0xE0 | c >> 12);
		out[1] = (byte)(0x80 | (c >> 6 & 0x3F));
		out[2] = (byte)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (byte)(0xF0 | c >> 18);
	out[1] = (byte)(0x80 | (c >> 12 & 0x3F));
	out[2] = (byte)(0x80 | (c >> 6 & 0x3F));
	out[3] = (byte)(0x80 | (c & 0x3F));
	return 4;
}

bool same_text(const void *a, size_t na, const char *b)
{
	return strlen(b) == na && memcmp(a, b, na) == 0;
}

bool same_folded(const void *a, size_t na, const char *b)
{
	const byte *s = a;
	for (size_t i = 0; i < na; i++)
		if (b[i] == 0 || to_lower(s[i]) != to_lower((byte)b[i]))
			return false;
	return b[na] == 0;
}
