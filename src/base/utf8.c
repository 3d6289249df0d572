/* utf8: strict, as Unicode's table 3-7 has it. */
#include "base/base.h"

uint32_t utf8_next(const byte *at, size_t n, uint32_t *bytes)
{
	const uint32_t c = at[0];
	*bytes = 1;
	if (c < 0x80)
		return c;
	if (c < 0xC2)
		return 0xFFFD;
	if (c < 0xE0) {
		if (n < 2 || (at[1] & 0xC0) != 0x80)
			return 0xFFFD;
		*bytes = 2;
		return (c & 0x1F) << 6 | (at[1] & 0x3Fu);
	}
	if (c < 0xF0) {
		if (n < 3 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80)
			return 0xFFFD;
		const uint32_t out = (c & 0x0F) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
		if (out < 0x800 || (out >= 0xD800 && out < 0xE000))
			return 0xFFFD;
		*bytes = 3;
		return out;
	}
	if (c < 0xF5) {
		if (n < 4 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80 || (at[3] & 0xC0) != 0x80)
			return 0xFFFD;
		const uint32_t out = (c & 0x07) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
		if (out < 0x10000 || out > 0x10FFFF)
			return 0xFFFD;
		*bytes = 4;
		return out;
	}
	return 0xFFFD;
}

size_t utf8_check(const byte *at, size_t n)
{
	size_t i = 0;
	while (i < n) {
		if (at[i] < 0x80) {
			for (uint64_t eight; n - i >= 8; i += 8) {
				memcpy(&eight, at + i, 8);
				if (eight & UINT64_C(0x8080808080808080))
					break;
			}
			while (i < n && at[i] < 0x80)
				i++;
			continue;
		}
		uint32_t bytes;
		if (utf8_next(at + i, n - i, &bytes) == 0xFFFD && bytes == 1)
			return i;
		i += bytes;
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
	if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		c = 0xFFFD;
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
	const byte *const s = a;
	for (size_t i = 0; i < na; i++)
		if (b[i] == '\0' || to_lower(s[i]) != to_lower((byte)b[i]))
			return false;
	return b[na] == '\0';
}
