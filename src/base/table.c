/* table: open addressing over an array of entries in order of insertion; keys lie in one pool, each with a zero behind. */
#include "base/base.h"

#include <stdlib.h>

typedef struct entry { uint32_t hash, key_at, key_bytes, value; } entry;

struct table {
	entry    *entries;  uint32_t count, room;
	uint32_t *slots;    uint32_t mask;      /* entry index + 1; 0 is free; at most half are taken */
	char     *pool;     size_t pool_used, pool_room;
};

table *table_new(void)
{
	table *const t = base_malloc(sizeof *t);
	if (t != NULL)
		*t = (table){0};
	return t;
}

void table_free(table *t)
{
	if (t == NULL)
		return;
	free(t->entries);
	free(t->slots);
	free(t->pool);
	free(t);
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t slot_of(const table *t, uint32_t hash, const void *key, size_t n)
{
	for (uint32_t i = hash & t->mask;; i = (i + 1) & t->mask) {
		if (t->slots[i] == 0)
			return i;
		const entry *const e = &t->entries[t->slots[i] - 1];
		if (e->hash == hash && e->key_bytes == n && (n == 0 || memcmp(t->pool + e->key_at, key, n) == 0))
			return i;
	}
}

static bool grow(table *t, size_t key_bytes)
{
	if (t->slots == NULL || t->count >= t->mask / 2) {
		const uint32_t slots = t->slots == NULL ? 16 : (t->mask + 1) * 2;
		uint32_t *const s = slots <= UINT32_C(1) << 30 ? base_malloc(slots * sizeof *s) : NULL;
		if (s == NULL)
			return false;
		memset(s, 0, slots * sizeof *s);
		free(t->slots);
		t->slots = s;
		t->mask = slots - 1;
		for (uint32_t e = 0; e < t->count; e++) {
			uint32_t i = t->entries[e].hash & t->mask;
			while (s[i] != 0)
				i = (i + 1) & t->mask;
			s[i] = e + 1;
		}
	}
	if (t->count == t->room) {
		const uint32_t room = t->room == 0 ? 8 : t->room * 2;
		entry *const e = base_realloc(t->entries, room * sizeof *e);
		if (e == NULL)
			return false;
		t->entries = e;
		t->room = room;
	}
	if (key_bytes >= UINT32_MAX || t->pool_used + key_bytes + 1 > UINT32_MAX)
		return false;           /* the pool's offsets have 32 bits */
	if (t->pool_used + key_bytes + 1 > t->pool_room) {
		const size_t room = MAX_OF(t->pool_room * 2, t->pool_used + key_bytes + 256);
		char *const p = base_realloc(t->pool, room);
		if (p == NULL)
			return false;
		t->pool = p;
		t->pool_room = room;
	}
	return true;
}

uint32_t *table_put(table *t, const void *key, size_t n, bool *fresh)
{
	const uint32_t hash = (uint32_t)hash_bytes(key, n);
	if (fresh != NULL)
		*fresh = false;
	if (t->slots != NULL) {
		const uint32_t held = t->slots[slot_of(t, hash, key, n)];
		if (held != 0)
			return &t->entries[held - 1].value;
	}
	if (!grow(t, n))
		return NULL;
	t->slots[slot_of(t, hash, key, n)] = t->count + 1;
	if (n > 0)
		memcpy(t->pool + t->pool_used, key, n);
	t->pool[t->pool_used + n] = '\0';
	entry *const e = &t->entries[t->count++];
	*e = (entry){hash, (uint32_t)t->pool_used, (uint32_t)n, 0};
	t->pool_used += n + 1;
	if (fresh != NULL)
		*fresh = true;
	return &e->value;
}

const uint32_t *table_get(const table *t, const void *key, size_t n)
{
	if (t->slots == NULL)
		return NULL;
	const uint32_t held = t->slots[slot_of(t, (uint32_t)hash_bytes(key, n), key, n)];
	return held != 0 ? &t->entries[held - 1].value : NULL;
}

uint32_t table_count(const table *t)
{
	return t->count;
}

const char *table_key(const table *t, uint32_t i, size_t *n)
{
	if (n != NULL)
		*n = t->entries[i].key_bytes;
	return t->pool + t->entries[i].key_at;
}

uint32_t table_value(const table *t, uint32_t i)
{
	return t->entries[i].value;
}
