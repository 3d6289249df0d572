/* buf: once an allocation is refused, nothing more is added and `refused` stays. */
#include "base/base.h"

#include <stdlib.h>

void buf_free(buf *b)
{
	free(b->at);
	*b = (buf){0};
}

/* Room for n more bytes and a zero. */
static bool buf_reserve(buf *b, size_t n)
{
	size_t need;
	if (b->refused)
		return false;
	if (__builtin_add_overflow(b->n, n, &need) || __builtin_add_overflow(need, (size_t)1, &need)) {
		b->refused = true;
		return false;
	}
	if (need <= b->room)
		return true;
	const size_t room = MAX_OF(need, b->room < SIZE_MAX / 2 ? MAX_OF(b->room * 2, (size_t)256) : need);
	char *const more = base_realloc(b->at, room);
	if (more == NULL) {
		b->refused = true;
		return false;
	}
	b->at = more;
	b->room = room;
	return true;
}

void buf_add(buf *b, const void *at, size_t n)
{
	if (n == 0 || !buf_reserve(b, n))
		return;
	memcpy(b->at + b->n, at, n);
	b->n += n;
}

void buf_text(buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_char(buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_format(buf *b, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	const int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n > 0 && buf_reserve(b, (size_t)n)) {
		vsnprintf(b->at + b->n, (size_t)n + 1, format, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

const char *buf_string(buf *b)
{
	if (b->at == NULL)
		return "";
	b->at[b->n] = '\0';             /* every reserve leaves room for it */
	return b->at;
}
