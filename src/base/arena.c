/* arena: blocks in a chain, the newest first. */
#include "base/base.h"

#include <stdatomic.h>
#include <stdlib.h>

#define FIRST_BLOCK_BYTES ((size_t)1 << 20)     /* untouched pages of it cost nothing */
#define MOST_BLOCK_BYTES ((size_t)16 << 20)

/* The one thing that changes outside a struct: the failure tests must reach every allocation, however deep. */
static _Atomic uint64_t fail_in;

void base_fail_allocation(uint64_t n)
{
	atomic_store(&fail_in, n);
}

static bool refuse_now(void)
{
	uint64_t n = atomic_load_explicit(&fail_in, memory_order_relaxed);
	if (n == 0)
		return false;
	while (n > 0 && !atomic_compare_exchange_weak(&fail_in, &n, n - 1))
		;
	return n == 1;
}

void *base_malloc(size_t n)
{
	return refuse_now() ? NULL : malloc(n > 0 ? n : 1);
}

void *base_realloc(void *p, size_t n)
{
	return refuse_now() ? NULL : realloc(p, n > 0 ? n : 1);
}

typedef struct block {
	struct block *older;
	byte  *data;            /* 64-byte aligned, inside the same allocation */
	size_t room;
} block;

struct arena {
	block *newest;
	size_t used;            /* of the newest block */
	size_t total;           /* drawn from all blocks, counted against the limit */
	size_t limit;
	bool   refused;
};

static block *block_new(size_t room, block *older)
{
	size_t bytes;
	if (__builtin_add_overflow(room, sizeof(block) + 64, &bytes))
		return NULL;
	block *const b = base_malloc(bytes);
	if (b == NULL)
		return NULL;
	b->older = older;
	b->data = (byte *)(((uintptr_t)(b + 1) + 63) & ~(uintptr_t)63);
	b->room = room;
	return b;
}

arena *arena_new(size_t limit_bytes)
{
	arena *const a = base_malloc(sizeof *a);
	if (a == NULL)
		return NULL;
	*a = (arena){.limit = limit_bytes};
	a->newest = block_new(MIN_OF(FIRST_BLOCK_BYTES, MAX_OF(limit_bytes, (size_t)64)), NULL);
	if (a->newest == NULL) {
		free(a);
		return NULL;
	}
	return a;
}

static void drop_newer_than(arena *a, const block *kept)
{
	while (a->newest != kept) {
		block *const b = a->newest;
		a->newest = b->older;
		free(b);
	}
}

void arena_free(arena *a)
{
	if (a == NULL)
		return;
	drop_newer_than(a, NULL);
	free(a);
}

void arena_clear(arena *a)
{
	const block *first = a->newest;
	while (first->older != NULL)
		first = first->older;
	drop_newer_than(a, first);
	a->used = a->total = 0;
	a->refused = false;
}

void *arena_alloc(arena *a, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes) || bytes > a->limit - a->total) {
		a->refused = true;              /* stays set until the arena is cleared */
		return NULL;
	}
	const size_t align = bytes >= 64 ? 64 : 16;
	size_t at = (a->used + align - 1) & ~(align - 1);
	if (at > a->newest->room || bytes > a->newest->room - at) {
		const size_t grown = MIN_OF(a->newest->room * 2, MOST_BLOCK_BYTES);
		block *const b = block_new(MAX_OF(bytes, grown), a->newest);
		if (b == NULL) {
			a->refused = true;
			return NULL;
		}
		a->newest = b;
		a->used = at = 0;
	}
	/* What aligning skips counts too, as far as the limit has room for it. */
	const size_t drawn = bytes + (at - a->used);
	a->total = drawn > a->limit - a->total ? a->limit : a->total + drawn;
	a->used = at + bytes;
	return memset(a->newest->data + at, 0, bytes);
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
	return (arena_mark){a->newest, a->used, a->total};
}

void arena_rewind(arena *a, arena_mark m)
{
	drop_newer_than(a, m.block);
	a->used = m.used;
	a->total = m.total;
}

char *arena_text(arena *a, const void *at, size_t n)
{
	char *const copy = n < SIZE_MAX ? arena_alloc(a, n + 1, 1) : NULL;
	if (copy != NULL && n > 0)
		memcpy(copy, at, n);
	return copy;
}

char *arena_format(arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	const int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *const out = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1);
	if (out != NULL)
		vsnprintf(out, (size_t)n + 1, format, again);
	va_end(again);
	return out;
}
