#include "base/base.h"
#include <math.h>
#include <stdlib.h>

void json_string(buf *b, const void *at, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const byte *s = at;
	size_t plain = 0;
	buf_char(b, '"');
	for (size_t i = 0; i < n; i++) {
		const byte c = s[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s + plain, i - plain);
		plain = i + 1;
		const char *short_form = c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t"
			: c == '\b' ? "\\b" : c == '\f' ? "\\f" : NULL;
		if (short_form != NULL) {
			buf_text(b, short_form);
		} else {
			const char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
			buf_add(b, escape, sizeof escape);
		}
	}
	buf_add(b, s + plain, n - plain);
	buf_char(b, '"');
}

void json_text(buf *b, const char *s)
{
	if (s == NULL)
		buf_text(b, "null");
	else
		json_string(b, s, strlen(s));
}

/* printf's decimal point follows the locale of the program that we are part of; JSON's doesn't. */
static void point(char *s)
{
	for (; *s; s++)
		if (*s == ',')
			*s = '.';
}

void json_number(buf *b, double v)
{
	if (isnan(v) || isinf(v)) {
		buf_text(b, "null");
		return;
	}
	if (v == floor(v) && fabs(v) <= 9007199254740992.0) {
		buf_format(b, "%.0f", v == 0 ? 0.0 : v);
		return;
	}
	char s[40];
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	point(s);
	buf_text(b, s);
}
