/* json: JSON into a buf. */
#include "base/base.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

void json_string(buf *b, const void *at, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const byte *const s = at;
	size_t from = 0;
	buf_char(b, '"');
	for (size_t i = 0; i < n; i++) {
		const byte c = s[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		char out[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
		size_t length = 2;
		switch (c) {
		case '"': case '\\': out[1] = (char)c; break;
		case '\n': out[1] = 'n'; break;
		case '\r': out[1] = 'r'; break;
		case '\t': out[1] = 't'; break;
		case '\b': out[1] = 'b'; break;
		case '\f': out[1] = 'f'; break;
		default: length = 6;
		}
		if (i > from)
			buf_add(b, s + from, i - from);
		buf_add(b, out, length);
		from = i + 1;
	}
	if (n > from)
		buf_add(b, s + from, n - from);
	buf_char(b, '"');
}

void json_text(buf *b, const char *s)
{
	if (s == NULL)
		buf_text(b, "null");
	else
		json_string(b, s, strlen(s));
}

void json_number(buf *b, double v)
{
	char out[40];
	if (!isfinite(v)) {
		buf_text(b, "null");
		return;
	}
	/* Whoever uses the library may have set a locale with a decimal comma. */
	const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	const locale_t before = plain != (locale_t)0 ? uselocale(plain) : (locale_t)0;
	if (fabs(v) <= 9007199254740992.0 && floor(v) == v) {
		snprintf(out, sizeof out, "%.0f", v == 0 ? 0.0 : v);
	} else {
		/* Fifteen digits survive in any number but the tiniest, which have fewer. */
		for (int digits = fabs(v) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
			snprintf(out, sizeof out, "%.*g", digits, v);
			if (strtod(out, NULL) == v)
				break;
		}
	}
	if (plain != (locale_t)0) {
		uselocale(before);
		freelocale(plain);
	}
	buf_text(b, out);
}
