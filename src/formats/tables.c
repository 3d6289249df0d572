/* tables: data/formats, read once. */
#include "formats/room.h"

#include <stdlib.h>

/* columns: how many cells a row has. check: cells that must be words of the contract. */
static const struct { const char *name; uint32_t columns; int act, kind, status; } files[MAPS] = {
	[MAP_ATOP] = {"atop", 3, -1, -1, -1},
	[MAP_BLANKS] = {"blanks", 3, -1, -1, -1},
	[MAP_CAMEO] = {"cameo", 7, -1, -1, -1},
	[MAP_CITES_PURPOSES] = {"cites_purposes", 3, 1, -1, -1},
	[MAP_CITES_SOURCES] = {"cites_sources", 3, -1, -1, -1},
	[MAP_CITES_TERMS] = {"cites_terms", 5, -1, 2, -1},
	[MAP_CITES_UNITS] = {"cites_units", 4, -1, -1, -1},
	[MAP_COLUMNS] = {"columns", 4, -1, -1, -1},
	[MAP_KIEL_MEASURES] = {"kiel_measures", 3, -1, -1, 1},
	[MAP_KIEL_TYPES] = {"kiel_types", 4, 2, 3, -1},
	[MAP_PARTIES] = {"parties", 3, -1, -1, -1},
	[MAP_PLOVER_QUADS] = {"plover_quads", 2, -1, -1, -1},
	[MAP_REGISTERS] = {"registers", 5, -1, -1, -1},
	[MAP_SIPRI_WEAPONS] = {"sipri_weapons", 2, -1, 1, -1},
	[MAP_STATES] = {"states", 4, -1, -1, -1},
	[MAP_TAXA] = {"taxa", 2, -1, -1, -1},
};

bool cell_is(cell c, const char *words) { return same_folded(c.at, c.n, words); }
bool cell_told(cell c) { return c.n > 0 && !(c.n == 1 && c.at[0] == '-'); }

static bool word_holds(const tsv *t, cell c, const char *what, int (*of)(const char *), kula_error *err)
{
	char spelt[24] = "";
	if (!cell_told(c))
		return true;
	if (c.n < sizeof spelt)
		memcpy(spelt, c.at, c.n);
	if (of(spelt) >= 0)
		return true;
	tsv_fail(t, &c, err, "'%.*s' is no %s", (int)MIN_OF(c.n, 40), c.at, what);
	return false;
}

/* Small letters of ASCII, cut to the room. */
static size_t folded(const char *at, size_t n, char *low, size_t room)
{
	n = MIN_OF(n, room);
	for (size_t i = 0; i < n; i++)
		low[i] = (char)to_lower((byte)at[i]);
	return n;
}

static kula_status load(mapping *m, mapping_name which, const char *folder, kula_error *err)
{
	char path[4096], installed[96], room[4096];
	snprintf(m->file, sizeof m->file, "%s.tsv", files[which].name);
	snprintf(installed, sizeof installed, "formats/%s", m->file);
	const char *at = path;
	if (folder != NULL)
		snprintf(path, sizeof path, "%s/%s", folder, m->file);
	else
		at = data_path(installed, room, sizeof room);
	if (at == NULL)
		return kula_fail(err, KULA_ENOTFOUND, 0, "'%s' is not installed; KULA_DATA names the folder where it lies", installed);
	kula_status status = file_map(at, &m->map, err);
	if (status != KULA_OK)
		return status;
	uint32_t lines = 1;
	for (size_t i = 0; i < m->map.n; i++)
		lines += m->map.at[i] == '\n';
	m->rows = base_malloc(lines * sizeof *m->rows);
	if (m->rows == NULL)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for '%s'", m->file);
	memset(m->rows, 0, lines * sizeof *m->rows);
	tsv t = {.file = m->file, .at = m->map.at, .end = m->map.at + m->map.n};
	const size_t good = utf8_check(m->map.at, m->map.n);
	if (good < m->map.n)
		return kula_fail(err, KULA_EFORMAT, good, "'%s' is not UTF-8 at byte %zu", m->file, good);
	for (;;) {
		cell *const row = m->rows[m->count];
		const uint32_t n = tsv_next(&t, row, files[which].columns, err);
		if (n == 0)
			return KULA_OK;
		if (n == UINT32_MAX)
			return KULA_EFORMAT;
		if (n < files[which].columns)
			return tsv_fail(&t, &row[n - 1], err, "%u columns, expected %u", n, files[which].columns);
		if ((files[which].act >= 0 && !word_holds(&t, row[files[which].act], "act", kula_act_of, err))
				|| (files[which].kind >= 0 && !word_holds(&t, row[files[which].kind], "kind", kula_kind_of, err))
				|| (files[which].status >= 0 && !word_holds(&t, row[files[which].status], "status", kula_claim_status_of, err)))
			return KULA_EFORMAT;
		m->count++;
	}
}

/* The first cells of a long table, so that no row is looked for by walking. */
static kula_status build_index(mapping *m, kula_error *err)
{
	enum { LONG = 500 };
	if (m->count < LONG)
		return KULA_OK;
	m->index = table_new();
	for (uint32_t i = 0; m->index != NULL && i < m->count; i++) {
		char low[128];
		const size_t n = folded(m->rows[i][0].at, m->rows[i][0].n, low, sizeof low);
		bool fresh;
		uint32_t *const place = table_put(m->index, low, n, &fresh);
		if (place == NULL)
			return kula_fail(err, KULA_EMEMORY, 0, "no memory for '%s'", m->file);
		if (fresh)
			*place = i;
	}
	return m->index != NULL ? KULA_OK : kula_fail(err, KULA_EMEMORY, 0, "no memory for '%s'", m->file);
}

formats *formats_open(const char *folder, kula_error *err)
{
	formats *const f = base_malloc(sizeof *f);
	if (f == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory");
		return NULL;
	}
	*f = (formats){0};
	for (int m = 0; m < MAPS; m++) {
		if (load(&f->maps[m], (mapping_name)m, folder, err) != KULA_OK || build_index(&f->maps[m], err) != KULA_OK) {
			formats_free(f);
			return NULL;
		}
	}
	return f;
}

uint64_t formats_hash(const formats *f)
{
	uint64_t h = MAPS;
	for (int m = 0; m < MAPS; m++)
		h = (h ^ hash_bytes(f->maps[m].map.at, f->maps[m].map.n)) * 0x9E3779B97F4A7C15u;
	return h;
}

void formats_free(formats *f)
{
	if (f == NULL)
		return;
	for (int m = 0; m < MAPS; m++) {
		free(f->maps[m].rows);
		table_free(f->maps[m].index);
		file_unmap(&f->maps[m].map);
	}
	free(f);
}

static bool same_cell(cell c, const char *words, size_t n)
{
	if (c.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (to_lower((byte)c.at[i]) != to_lower((byte)words[i]))
			return false;
	return true;
}

const cell *mapping_find(const formats *f, mapping_name m, uint32_t column, const char *words, size_t n)
{
	const mapping *const t = &f->maps[m];
	if (t->index != NULL && column == 0) {
		char low[128];
		const uint32_t *const place = table_get(t->index, low, folded(words, n, low, sizeof low));
		return place != NULL && same_cell(t->rows[*place][0], words, n) ? t->rows[*place] : NULL;
	}
	for (uint32_t i = 0; i < t->count; i++)
		if (same_cell(t->rows[i][column], words, n))
			return t->rows[i];
	return NULL;
}

const cell *mapping_find_for(const formats *f, mapping_name m, const char *format, const char *words, size_t n)
{
	const mapping *const t = &f->maps[m];
	for (uint32_t i = 0; i < t->count; i++)
		if (cell_is(t->rows[i][0], format) && same_cell(t->rows[i][1], words, n))
			return t->rows[i];
	return NULL;
}

const cell *mapping_state(const formats *f, uint32_t column, const char *words, size_t n)
{
	return mapping_find(f, MAP_STATES, column, words, n);
}
