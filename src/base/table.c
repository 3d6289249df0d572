/* A string table: open addressing over entries that stand in order of insertion. */
#include "base/base.h"
#include <stdlib.h>

typedef struct entry { uint64_t hash; size_t key, n; uint32_t value; } entry;

struct table {
	entry *entries;  uint32_t count, room;
	uint32_t *slots, mask;          /* entry + 1, 0 is free; mask + 1 slots, a power of two */
	buf keys;                       /* each key with a zero behind it */
};

table *table_new(void)
{
	table *t = base_malloc(sizeof *t);
	if (t != NULL)
		*t = (table){ 0 };
	return t;
}

void table_free(table *t)
{
	if (t == NULL)
		return;
	free(t->entries);
	free(t->slots);
	buf_free(&t->keys);
	free(t);
}

static uint32_t slot_of(const table *t, const void *key, size_t n, uint64_t hash)
{
	uint32_t s = (uint32_t)hash & t->mask;
	for (; t->slots[s] != 0; s = (s + 1) & t->mask) {
		const entry *e = &t->entries[t->slots[s] - 1];
		if (e->hash == hash && e->n == n && memcmp(t->keys.at + e->key, key, n) == 0)
			break;
	}
	return s;
}

static bool grow(table *t)
{
	const uint32_t room = t->room ? t->room * 2 : 16;
	if (room > UINT32_MAX / 4)
		return false;
	entry *entries = base_realloc(t->entries, room * sizeof *entries);
	if (entries == NULL)
		return false;
	t->entries = entries;
	uint32_t *slots = base_malloc((size_t)room * 2 * sizeof *slots);
	if (slots == NULL)
		return false;
	memset(slots, 0, (size_t)room * 2 * sizeof *slots);
	free(t->slots);
	t->slots = slots;
	t->mask = room * 2 - 1;
	t->room = room;
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t s = (uint32_t)t->entries[i].hash & t->mask;
		while (t->slots[s] != 0)
			s = (s + 1) & t->mask;
		t->slots[s] = i + 1;
	}
	return true;
}

uint32_t *table_put(table *t, const void *key, size_t n, bool *fresh)
{
	if (t->count == t->room && !grow(t))
		return NULL;
	const uint64_t hash = hash_bytes(key, n);
	const uint32_t s = slot_of(t, key, n, hash);
	*fresh = t->slots[s] == 0;
	if (*fresh) {
		const size_t at = t->keys.n;
		buf_add(&t->keys, key, n);
		buf_char(&t->keys, 0);
		if (t->keys.refused)
			return NULL;
		t->entries[t->count] = (entry){ hash, at, n, 0 };
		t->slots[s] = ++t->count;
	}
	return &t->entries[t->slots[s] - 1].value;
}

const uint32_t *table_get(const table *t, const void *key, size_t n)
{
	if (t->count == 0)
		return NULL;
	const uint32_t s = slot_of(t, key, n, hash_bytes(key, n));
	return t->slots[s] != 0 ? &t->entries[t->slots[s] - 1].value : NULL;
}

uint32_t table_count(const table *t)
{
	return t->count;
}

const char *table_key(const table *t, uint32_t i, size_t *n)
{
	if (n != NULL)
		*n = t->entries[i].n;
	return t->keys.at + t->entries[i].key;
}

uint32_t table_value(const table *t, uint32_t i)
{
	return t->entries[i].value;
}
