#include "base/base.h"

uint32_t tsv_next(tsv *t, cell *cells, uint32_t max, kula_error *err)
{
	while (t->at < t->end) {
		const byte *from = t->at, *to = memchr(from, '\n', (size_t)(t->end - from));
		t->at = to != NULL ? to + 1 : t->end;
		if (to == NULL)
			to = t->end;
		if (to > from && to[-1] == '\r')
			to--;
		t->line++;
		t->line_at = from;
		if (from == to || *from == '#')
			continue;
		uint32_t n = 0;
		for (const byte *c = from;; n++) {
			const byte *tab = memchr(c, '\t', (size_t)(to - c));
			const byte *end = tab != NULL ? tab : to;
			const cell now = { (const char *)c, (size_t)(end - c) };
			if (n == max) {
				tsv_fail(t, &now, err, "more than %u columns", max);
				return UINT32_MAX;
			}
			cells[n] = now;
			if (tab == NULL)
				break;
			c = tab + 1;
		}
		return n + 1;
	}
	return 0;
}

kula_status tsv_fail(const tsv *t, const cell *c, kula_error *err, const char *format, ...)
{
	char what[160];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	const size_t column = c != NULL ? (size_t)((const byte *)c->at - t->line_at) + 1 : 1;
	return kula_fail(err, KULA_EFORMAT, 0, "%s:%u:%zu: %s", t->file, t->line, column, what);
}
