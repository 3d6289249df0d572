#include "text/chars.h"

#include <utf8proc.h>

typedef struct char_range { uint32_t from, to; char_kind kind; } char_range;
typedef struct case_range { uint32_t from, to; int32_t shift; } case_range;

/* Where the tokenizer's tables differ from utf8proc 2.8: characters newer than Unicode 8 are letters to it. Made by
 * comparing the two on every code point (tests/property/pieces_check.py does it again). */
#define LETTER  CHAR_LETTER
#define MARK    CHAR_MARK
#define DROPPED CHAR_DROPPED
static const char_range exceptions[] = {
	{0x061d, 0x061d, LETTER}, {0x07fd, 0x07fd, LETTER}, {0x0890, 0x0891, LETTER}, {0x0898, 0x089f, LETTER},
	{0x08ca, 0x08e2, LETTER}, {0x09fd, 0x09fe, LETTER}, {0x0a76, 0x0a76, LETTER}, {0x0afa, 0x0aff, LETTER},
	{0x0b55, 0x0b55, LETTER}, {0x0c04, 0x0c04, LETTER}, {0x0c3c, 0x0c3c, LETTER}, {0x0c77, 0x0c77, LETTER},
	{0x0c84, 0x0c84, LETTER}, {0x0d00, 0x0d00, LETTER}, {0x0d3b, 0x0d3c, LETTER}, {0x0d81, 0x0d81, LETTER},
	{0x0eba, 0x0eba, LETTER}, {0x0ece, 0x0ece, LETTER}, {0x166d, 0x166d, MARK}, {0x1734, 0x1734, DROPPED},
	{0x180f, 0x180f, LETTER}, {0x1885, 0x1886, LETTER}, {0x1abf, 0x1ace, LETTER}, {0x1b7d, 0x1b7e, LETTER},
	{0x1df6, 0x1dfb, LETTER}, {0x2e43, 0x2e4f, LETTER}, {0x2e52, 0x2e5d, LETTER}, {0xa82c, 0xa82c, LETTER},
	{0xa8c5, 0xa8c5, LETTER}, {0xa8ff, 0xa8ff, LETTER}, {0xa9bd, 0xa9bd, LETTER}, {0x10d24, 0x10d27, LETTER},
	{0x10eab, 0x10ead, LETTER}, {0x10efd, 0x10eff, LETTER}, {0x10f46, 0x10f50, LETTER},
	{0x10f55, 0x10f59, LETTER}, {0x10f82, 0x10f89, LETTER}, {0x11070, 0x11070, LETTER},
	{0x11073, 0x11074, LETTER}, {0x110c2, 0x110c2, LETTER}, {0x110cd, 0x110cd, LETTER}, {0x111c9, 0x111c9, MARK},
	{0x111cf, 0x111cf, LETTER}, {0x1123e, 0x1123e, LETTER}, {0x11241, 0x11241, LETTER},
	{0x1133b, 0x1133b, LETTER}, {0x11438, 0x1143f, LETTER}, {0x11442, 0x11444, LETTER},
	{0x11446, 0x11446, LETTER}, {0x1144b, 0x1144f, LETTER}, {0x1145a, 0x1145b, LETTER},
	{0x1145d, 0x1145e, LETTER}, {0x11660, 0x1166c, LETTER}, {0x116b9, 0x116b9, LETTER},
	{0x1182f, 0x11837, LETTER}, {0x11839, 0x1183b, LETTER}, {0x11938, 0x11938, LETTER},
	{0x1193b, 0x1193c, LETTER}, {0x1193e, 0x1193e, LETTER}, {0x11943, 0x11946, LETTER},
	{0x119d4, 0x119d7, LETTER}, {0x119da, 0x119db, LETTER}, {0x119e0, 0x119e0, LETTER},
	{0x119e2, 0x119e2, LETTER}, {0x11a01, 0x11a0a, LETTER}, {0x11a33, 0x11a38, LETTER},
	{0x11a3b, 0x11a47, LETTER}, {0x11a51, 0x11a56, LETTER}, {0x11a59, 0x11a5b, LETTER},
	{0x11a8a, 0x11a96, LETTER}, {0x11a98, 0x11a9c, LETTER}, {0x11a9e, 0x11aa2, LETTER},
	{0x11b00, 0x11b09, LETTER}, {0x11c30, 0x11c36, LETTER}, {0x11c38, 0x11c3d, LETTER},
	{0x11c3f, 0x11c3f, LETTER}, {0x11c41, 0x11c45, LETTER}, {0x11c70, 0x11c71, LETTER},
	{0x11c92, 0x11ca7, LETTER}, {0x11caa, 0x11cb0, LETTER}, {0x11cb2, 0x11cb3, LETTER},
	{0x11cb5, 0x11cb6, LETTER}, {0x11d31, 0x11d36, LETTER}, {0x11d3a, 0x11d3a, LETTER},
	{0x11d3c, 0x11d3d, LETTER}, {0x11d3f, 0x11d45, LETTER}, {0x11d47, 0x11d47, LETTER},
	{0x11d90, 0x11d91, LETTER}, {0x11d95, 0x11d95, LETTER}, {0x11d97, 0x11d97, LETTER},
	{0x11ef3, 0x11ef4, LETTER}, {0x11ef7, 0x11ef8, LETTER}, {0x11f00, 0x11f01, LETTER},
	{0x11f36, 0x11f3a, LETTER}, {0x11f40, 0x11f40, LETTER}, {0x11f42, 0x11f4f, LETTER},
	{0x11fff, 0x11fff, LETTER}, {0x12ff1, 0x12ff2, LETTER}, {0x13430, 0x13440, LETTER},
	{0x13447, 0x13455, LETTER}, {0x16e97, 0x16e9a, LETTER}, {0x16f4f, 0x16f4f, LETTER},
	{0x16fe2, 0x16fe2, LETTER}, {0x16fe4, 0x16fe4, LETTER}, {0x1cf00, 0x1cf2d, LETTER},
	{0x1cf30, 0x1cf46, LETTER}, {0x1e000, 0x1e006, LETTER}, {0x1e008, 0x1e018, LETTER},
	{0x1e01b, 0x1e021, LETTER}, {0x1e023, 0x1e024, LETTER}, {0x1e026, 0x1e02a, LETTER},
	{0x1e08f, 0x1e08f, LETTER}, {0x1e130, 0x1e136, LETTER}, {0x1e2ae, 0x1e2ae, LETTER},
	{0x1e2ec, 0x1e2ef, LETTER}, {0x1e4ec, 0x1e4ef, LETTER}, {0x1e944, 0x1e94a, LETTER},
	{0x1e95e, 0x1e95f, LETTER},
};
#undef LETTER
#undef MARK
#undef DROPPED

/* Capitals of Unicode 16 and 17 */
static const case_range newer_case[] = {
	{0x1c89, 0x1c89, 1}, {0xa7cb, 0xa7cb, -42343}, {0xa7cc, 0xa7cc, 1}, {0xa7ce, 0xa7ce, 1}, {0xa7d2, 0xa7d2, 1},
	{0xa7d4, 0xa7d4, 1}, {0xa7da, 0xa7da, 1}, {0xa7dc, 0xa7dc, -42561}, {0x10d50, 0x10d65, 32},
	{0x16ea0, 0x16eb8, 27},
};

static const char_range *exception(uint32_t c)
{
	if (c < exceptions[0].from)
		return NULL;
	size_t low = 0, high = COUNT_OF(exceptions);
	while (low < high) {
		const size_t middle = (low + high) / 2;
		if (exceptions[middle].to < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < COUNT_OF(exceptions) && exceptions[low].from <= c ? &exceptions[low] : NULL;
}

static bool is_han(uint32_t c)
{
	return c - 0x4E00u <= 0x51FFu || c - 0x3400u <= 0x19BFu || c - 0x20000u <= 0xA6DFu || c - 0x2A700u <= 0x103Fu ||
		c - 0x2B740u <= 0xDFu || c - 0x2B920u <= 0x158Fu || c - 0xF900u <= 0x1FFu || c - 0x2F800u <= 0x21Fu;
}

static bool is_white(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 || c == 0x1680 || c - 0x2000u <= 10u ||
		c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static uint32_t lower(uint32_t c)
{
	if (c < 128)
		return to_lower(c);
	if (c >= newer_case[0].from)
		for (size_t i = 0; i < COUNT_OF(newer_case); i++)
			if (c - newer_case[i].from <= newer_case[i].to - newer_case[i].from)
				return (uint32_t)((int32_t)c + newer_case[i].shift);
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

char_kind char_kind_folded(uint32_t c)
{
	if (c < 128)
		return (char_kind)ascii_kinds[c];
	if (is_white(c))
		return CHAR_SPACE;
	if (is_han(c))
		return CHAR_HAN;
	const char_range *const x = exception(c);
	if (x)
		return x->kind;
	const utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
	return k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_PO ? CHAR_MARK : CHAR_LETTER;
}

uint32_t char_fold(uint32_t c, uint32_t out[CHAR_FOLDED], char_kind *kind)
{
	if (c < 128) {
		*kind = char_kind_folded(c);
		out[0] = *kind == CHAR_SPACE ? ' ' : to_lower(c);
		return *kind != CHAR_DROPPED;
	}
	*kind = CHAR_DROPPED;
	if (c == 0xFFFD)
		return 0;
	if (is_white(c)) {
		*kind = CHAR_SPACE;
		out[0] = ' ';
		return 1;
	}
	const char_range *const x = exception(c);
	if (x) {
		*kind = x->kind;
		out[0] = c;
		return x->kind != CHAR_DROPPED;
	}
	const utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
	if (k == UTF8PROC_CATEGORY_CC || k == UTF8PROC_CATEGORY_CF || k == UTF8PROC_CATEGORY_CO || k == UTF8PROC_CATEGORY_MN)
		return 0;
	utf8proc_int32_t parts[CHAR_FOLDED];
	int boundary = 0;
	const utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, parts, CHAR_FOLDED, UTF8PROC_DECOMPOSE,
		&boundary);
	uint32_t count = 0;
	for (utf8proc_ssize_t i = 0; i < n && i < (utf8proc_ssize_t)CHAR_FOLDED; i++)
		if (utf8proc_category(parts[i]) != UTF8PROC_CATEGORY_MN)
			out[count++] = lower((uint32_t)parts[i]);
	if (count)
		*kind = is_han(c) ? CHAR_HAN : char_kind_folded(out[0]);
	return count;
}

char_kind char_kind_of(uint32_t c)
{
	uint32_t unused[CHAR_FOLDED];
	char_kind kind;
	char_fold(c, unused, &kind);
	return kind;
}

uint32_t char_order(uint32_t c)
{
	if (c < 0x300 || exception(c))
		return 0;
	return (uint32_t)utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
}

bool char_is_upper_wide(uint32_t c)
{
	const utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
	return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LT;
}

bool char_is_letter_wide(uint32_t c)
{
	const utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
	return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

bool char_is_currency_wide(uint32_t c)
{
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_SC;
}

bool char_is_accent(uint32_t c)
{
	return c >= 0x300 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MN;
}
