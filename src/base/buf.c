#include "base/base.h"
#include <stdlib.h>

void buf_free(buf *b)
{
	free(b->at);
	*b = (buf){ 0 };
}

static bool room_for(buf *b, size_t n)
{
	if (b->refused || n > SIZE_MAX / 4 || b->n > SIZE_MAX / 4) {
		b->refused = true;
		return false;
	}
	if (b->room - b->n > n)         /* one more for the zero of buf_string */
		return true;
	size_t room = b->room ? b->room * 2 : 256;
	while (room - b->n <= n)
		room *= 2;
	char *at = base_realloc(b->at, room);
	if (at == NULL) {
		b->refused = true;
		return false;
	}
	b->at = at;
	b->room = room;
	return true;
}

void buf_add(buf *b, const void *at, size_t n)
{
	if (n == 0 || !room_for(b, n))
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
	char small[256];
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	const int n = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof small)
		buf_add(b, small, (size_t)n);
	else if (n >= 0 && room_for(b, (size_t)n + 1)) {
		vsnprintf(b->at + b->n, (size_t)n + 1, format, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

const char *buf_string(buf *b)
{
	if (b->at == NULL)
		return "";
	b->at[b->n] = 0;                /* room_for keeps one byte free */
	return b->at;
}
