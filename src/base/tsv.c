/* tsv: rows of tab-separated text as people edit them. */
#include "base/base.h"

uint32_t tsv_next(tsv *t, cell *cells, uint32_t max, kula_error *err)
{
	while (t->at < t->end) {
		const byte *const from = t->at;
		const byte *to = memchr(from, '\n', (size_t)(t->end - from));
		t->at = to != NULL ? to + 1 : t->end;
		to = to != NULL ? to : t->end;
		t->line++;
		t->line_at = from;
		if (to > from && to[-1] == '\r')
			to--;
		if (to == from || from[0] == '#')
			continue;
		uint32_t count = 0;
		for (const byte *at = from;;) {
			const byte *tab = memchr(at, '\t', (size_t)(to - at));
			const cell c = {(const char *)at, (size_t)((tab != NULL ? tab : to) - at)};
			if (count == max) {
				tsv_fail(t, &c, err, "more than %u columns", max);
				return UINT32_MAX;
			}
			cells[count++] = c;
			if (tab == NULL)
				return count;
			at = tab + 1;
		}
	}
	return 0;
}

kula_status tsv_fail(const tsv *t, const cell *c, kula_error *err, const char *format, ...)
{
	char what[sizeof err->text];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	const size_t column = c != NULL ? (size_t)((const byte *)c->at - t->line_at) : 0;
	return kula_fail(err, KULA_EFORMAT, column, "%s:%u:%zu: %s", t->file, t->line, column + 1, what);
}
