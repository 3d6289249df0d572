#include "know/image.h"

static uint32_t get32(const byte *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t get64(const byte *at) { return get32(at) | (uint64_t)get32(at + 4) << 32; }

static const uint8_t record_bytes[IMG_SECTIONS] = {
	[IMG_STRINGS] = 1, [IMG_NAMES] = sizeof(image_name), [IMG_NAME_HASH] = 4, [IMG_READINGS] = sizeof(image_reading),
	[IMG_ROWS] = sizeof(image_row), [IMG_CODES] = sizeof(image_code), [IMG_THINGS] = sizeof(image_thing), [IMG_THING_HASH] = 4,
	[IMG_FORMS] = sizeof(image_form), [IMG_FORM_HASH] = 4, [IMG_PUBLISHERS] = sizeof(image_publisher),
	[IMG_PUBLISHER_HASH] = 4, [IMG_HINTS] = sizeof(image_hint), [IMG_HINT_HASH] = 4, [IMG_FILES] = 4
};

/* A hash table: a power of two slots, at least one of them empty, every entry an index + 1. */
static bool hash_sound(const uint32_t *h, uint32_t slots, uint32_t count)
{
	uint32_t empty = 0;
	for (uint32_t i = 0; i < slots; i++) {
		if (h[i] > count)
			return false;
		empty += h[i] == 0;
	}
	return slots && !(slots & (slots - 1)) && empty;
}

kula_status image_open(image *g, const byte *at, size_t n, const char *path, kula_error *err)
{
	memset(g, 0, sizeof *g);
	if (err && !err->source)
		err->source = path;
	if (n < 64 + IMG_SECTIONS * 8 || memcmp(at, "KULAKNW1", 8))
		return kula_fail(err, KULA_EFORMAT, 0, "%s: not a knowledge file", path);
	if (get32(at + 8) != IMAGE_VERSION)
		return kula_fail(err, KULA_EVERSION, 8, "%s: knowledge of version %u, this program reads %u", path, get32(at + 8), IMAGE_VERSION);
	if (get32(at + 12) != IMG_SECTIONS)
		return kula_fail(err, KULA_EFORMAT, 12, "%s: %u sections, expected %u", path, get32(at + 12), (unsigned)IMG_SECTIONS);
	if (get64(at + 16) != n || n > UINT32_MAX)
		return kula_fail(err, KULA_EFORMAT, 16, "%s: %zu bytes long, its header says %llu", path, n, (unsigned long long)get64(at + 16));
	g->sum = hash_bytes(at + 64, n - 64);
	if (get64(at + 24) != g->sum)
		return kula_fail(err, KULA_EFORMAT, 24, "%s: checksum does not match", path);
	uint32_t offset[IMG_SECTIONS], count[IMG_SECTIONS];
	for (uint32_t i = 0; i < IMG_SECTIONS; i++) {
		const uint32_t where = 64 + i * 8;
		offset[i] = get32(at + where);
		count[i] = get32(at + where + 4);
		if (offset[i] % 8 || offset[i] > n || (uint64_t)count[i] * record_bytes[i] > n - offset[i])
			return kula_fail(err, KULA_EFORMAT, where, "%s: section %u reaches beyond the file", path, i);
	}
#define VIEW(which, type) (const type *)(const void *)(at + offset[which])
	g->at = at;
	g->n = n;
	g->strings = (const char *)(at + offset[IMG_STRINGS]);
	g->string_bytes = count[IMG_STRINGS];
	g->names = VIEW(IMG_NAMES, image_name);
	g->name_count = count[IMG_NAMES];
	g->readings = VIEW(IMG_READINGS, image_reading);
	g->reading_count = count[IMG_READINGS];
	g->rows = VIEW(IMG_ROWS, image_row);
	g->row_count = count[IMG_ROWS];
	g->codes = VIEW(IMG_CODES, image_code);
	g->code_count = count[IMG_CODES];
	g->things = VIEW(IMG_THINGS, image_thing);
	g->thing_count = count[IMG_THINGS];
	g->forms = VIEW(IMG_FORMS, image_form);
	g->form_count = count[IMG_FORMS];
	g->publishers = VIEW(IMG_PUBLISHERS, image_publisher);
	g->publisher_count = count[IMG_PUBLISHERS];
	g->hints = VIEW(IMG_HINTS, image_hint);
	g->hint_count = count[IMG_HINTS];
	g->files = VIEW(IMG_FILES, uint32_t);
	g->file_count = count[IMG_FILES];
	g->name_hash = VIEW(IMG_NAME_HASH, uint32_t);
	g->name_slots = count[IMG_NAME_HASH];
	g->thing_hash = VIEW(IMG_THING_HASH, uint32_t);
	g->thing_slots = count[IMG_THING_HASH];
	g->form_hash = VIEW(IMG_FORM_HASH, uint32_t);
	g->form_slots = count[IMG_FORM_HASH];
	g->publisher_hash = VIEW(IMG_PUBLISHER_HASH, uint32_t);
	g->publisher_slots = count[IMG_PUBLISHER_HASH];
	g->hint_hash = VIEW(IMG_HINT_HASH, uint32_t);
	g->hint_slots = count[IMG_HINT_HASH];
#undef VIEW
	bool ok = g->string_bytes && !g->strings[0] && !g->strings[g->string_bytes - 1] && g->code_count && g->code_count <= IMAGE_CODES
		&& !g->codes[0].code[0] && g->row_count < 1u << 28;
	const uint32_t strings = g->string_bytes;
	for (uint32_t i = 0; ok && i < g->name_count; i++)
		ok = g->names[i].key < strings && g->names[i].from <= g->reading_count
			&& g->names[i].count <= g->reading_count - g->names[i].from;
	for (uint32_t i = 0; ok && i < g->reading_count; i++)
		ok = g->readings[i].row < g->row_count && g->readings[i].code < g->code_count && g->readings[i].type < NAME_TYPES
			&& g->readings[i].prior <= 3 && g->readings[i].office < OFFICE_CLASSES;
	for (uint32_t i = 0; ok && i < g->row_count; i++)
		ok = g->rows[i].name < strings && g->rows[i].note < strings && g->rows[i].region < strings
			&& g->rows[i].code < g->code_count && g->rows[i].file < g->file_count;
	for (uint32_t i = 0; ok && i < g->code_count; i++)
		ok = g->codes[i].name < strings && g->codes[i].area < strings && !g->codes[i].code[KULA_CODE_BYTES - 1];
	for (uint32_t i = 0; ok && i < g->thing_count; i++)
		ok = g->things[i].key < strings && (g->things[i].kind < KULA_KINDS || g->things[i].kind == 255);
	for (uint32_t i = 0; ok && i < g->form_count; i++)
		ok = g->forms[i].key < strings && g->forms[i].to < strings;
	for (uint32_t i = 0; ok && i < g->publisher_count; i++)
		ok = g->publishers[i].key < strings && g->publishers[i].code < g->code_count;
	for (uint32_t i = 0; ok && i < g->hint_count; i++)
		ok = g->hints[i].key < strings && g->hints[i].words < strings && g->hints[i].code < g->code_count;
	for (uint32_t i = 0; ok && i < g->file_count; i++)
		ok = g->files[i] < strings;
	ok = ok && hash_sound(g->name_hash, g->name_slots, g->name_count) && hash_sound(g->thing_hash, g->thing_slots, g->thing_count)
		&& hash_sound(g->form_hash, g->form_slots, g->form_count)
		&& hash_sound(g->publisher_hash, g->publisher_slots, g->publisher_count)
		&& hash_sound(g->hint_hash, g->hint_slots, g->hint_count);
	return ok ? KULA_OK : kula_fail(err, KULA_EFORMAT, 64, "%s: a table points outside the file", path);
}

/* The record of a key in any of the hashed sections. The caller's image is checked: every index is in range. */
static const void *find(const image *g, const uint32_t *hash, uint32_t slots, const void *records, size_t size, const char *key, size_t n)
{
	if (!slots)
		return NULL;
	for (uint32_t at = (uint32_t)hash_bytes(key, n) & (slots - 1); hash[at]; at = (at + 1) & (slots - 1)) {
		const byte *record = (const byte *)records + (hash[at] - 1) * size;
		uint32_t k;
		memcpy(&k, record, sizeof k);
		const char *found = g->strings + k;
		if (k + n < g->string_bytes && !memcmp(found, key, n) && !found[n])
			return record;
	}
	return NULL;
}

const image_name *image_find_name(const image *g, const char *key, size_t n)
{
	return find(g, g->name_hash, g->name_slots, g->names, sizeof *g->names, key, n);
}

const image_thing *image_find_thing(const image *g, const char *key, size_t n)
{
	return find(g, g->thing_hash, g->thing_slots, g->things, sizeof *g->things, key, n);
}

const image_form *image_find_form(const image *g, const char *key, size_t n)
{
	return find(g, g->form_hash, g->form_slots, g->forms, sizeof *g->forms, key, n);
}

const image_publisher *image_find_publisher(const image *g, const char *key, size_t n)
{
	return find(g, g->publisher_hash, g->publisher_slots, g->publishers, sizeof *g->publishers, key, n);
}

const image_hint *image_find_hint(const image *g, const char *key, size_t n)
{
	return find(g, g->hint_hash, g->hint_slots, g->hints, sizeof *g->hints, key, n);
}
