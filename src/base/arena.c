#include "base/base.h"
#include <stdlib.h>
#include <stdatomic.h>

/* The failure tests count allocations down from here; 0 means that none fails. The one global of this room: it changes
 * nothing unless a test sets it. */
static atomic_uint_least64_t fail_in;

void base_fail_allocation(uint64_t n)
{
	atomic_store(&fail_in, n);
}

static bool refuse(void)
{
	uint_least64_t n = atomic_load_explicit(&fail_in, memory_order_relaxed);
	if (n == 0)
		return false;
	return atomic_fetch_sub(&fail_in, 1) == 1;
}

void *base_malloc(size_t n)
{
	return refuse() ? NULL : malloc(n ? n : 1);
}

void *base_realloc(void *p, size_t n)
{
	return refuse() ? NULL : realloc(p, n ? n : 1);
}

typedef struct block {
	struct block *next;             /* the one filled before it */
	size_t size, used;
	_Alignas(64) byte at[];
} block;

struct arena {
	block *head;                    /* the one in use */
	size_t limit, total;            /* bytes handed out, alignment included */
	bool refused;
};

#define FIRST_BLOCK ((size_t)1 << 16)
#define MOST_BLOCK ((size_t)1 << 23)

arena *arena_new(size_t limit_bytes)
{
	arena *a = base_malloc(sizeof *a);
	if (a != NULL)
		*a = (arena){ .limit = limit_bytes };
	return a;
}

static void drop_until(arena *a, const block *keep)
{
	while (a->head != keep) {
		block *b = a->head;
		a->head = b->next;
		free(b);
	}
}

void arena_free(arena *a)
{
	if (a == NULL)
		return;
	drop_until(a, NULL);
	free(a);
}

void arena_clear(arena *a)
{
	block *first = a->head;
	while (first != NULL && first->next != NULL)
		first = first->next;
	drop_until(a, first);
	if (first != NULL)
		first->used = 0;
	a->total = 0;
	a->refused = false;
}

void *arena_alloc(arena *a, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes) || bytes > a->limit - a->total)
		goto refused;
	const size_t align = bytes >= 64 ? 64 : 16;
	block *b = a->head;
	size_t at = b != NULL ? (b->used + align - 1) & ~(align - 1) : 0;
	if (b == NULL || at > b->size || bytes > b->size - at) {
		size_t room = b == NULL ? FIRST_BLOCK : MIN_OF(b->size * 2, MOST_BLOCK);
		if (room < bytes)
			room = bytes;
		if (room > SIZE_MAX - sizeof *b - 64)
			goto refused;
		const size_t whole = (sizeof *b + room + 63) & ~(size_t)63;
		b = refuse() ? NULL : aligned_alloc(64, whole);
		if (b == NULL)
			goto refused;
		*b = (block){ .next = a->head, .size = room };
		a->head = b;
		at = 0;
	}
	a->total += bytes + (at - b->used);
	if (a->total > a->limit)
		a->total = a->limit;
	b->used = at + bytes;
	return memset(b->at + at, 0, bytes);
refused:
	a->refused = true;              /* stays set until the arena is cleared */
	return NULL;
}

bool arena_refused(const arena *a)
{
	return a->refused;
}

size_t arena_used(const arena *a)
{
	return a->total;
}

arena_mark arena_marked(const arena *a)
{
	return (arena_mark){ .block = a->head, .used = a->head != NULL ? a->head->used : 0, .total = a->total };
}

void arena_rewind(arena *a, arena_mark m)
{
	if (m.block == NULL) {          /* it was empty: keep the first block */
		const bool refused = a->refused;
		arena_clear(a);
		a->refused = refused;
		return;
	}
	drop_until(a, m.block);
	a->head->used = m.used;
	a->total = m.total;
}

char *arena_text(arena *a, const void *at, size_t n)
{
	char *out = n == SIZE_MAX ? NULL : arena_alloc(a, n + 1, 1);
	if (out != NULL && n > 0)
		memcpy(out, at, n);
	return out;
}

char *arena_format(arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	const int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *out = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1);
	if (out != NULL)
		vsnprintf(out, (size_t)n + 1, format, again);
	va_end(again);
	return out;
}
