/* What the files of formats share: the tables of data/formats. */
#ifndef KULA_FORMATS_ROOM_H
#define KULA_FORMATS_ROOM_H

#include "formats/formats.h"

/* One table: rows of cells that are views into the mapped file. */
enum { MAPPING_CELLS = 8 };
typedef struct mapping {
	mapped   map;
	char     file[64];
	cell   (*rows)[MAPPING_CELLS];  uint32_t count;
	table   *index;                 /* of long tables: first cell in small letters -> row; else NULL */
} mapping;

typedef enum mapping_name {
	MAP_ATOP, MAP_BLANKS, MAP_CAMEO, MAP_CITES_PURPOSES, MAP_CITES_SOURCES, MAP_CITES_TERMS, MAP_CITES_UNITS, MAP_COLUMNS, MAP_KIEL_MEASURES, MAP_KIEL_TYPES,
	MAP_PARTIES, MAP_PLOVER_QUADS, MAP_REGISTERS, MAP_SIPRI_WEAPONS, MAP_STATES, MAP_TAXA,
	MAPS
} mapping_name;

struct formats { mapping maps[MAPS]; };

/* The first row whose cell `column` is these words (capitals make no difference), or NULL. */
const cell *mapping_find(const formats *f, mapping_name m, uint32_t column, const char *words, size_t n);
/* The same among rows whose first cell is `format`, words in the second. */
const cell *mapping_find_for(const formats *f, mapping_name m, const char *format, const char *words, size_t n);
/* The state of a code, two letters or number: column 0, 1 or 2 of states.tsv. */
const cell *mapping_state(const formats *f, uint32_t column, const char *words, size_t n);

bool cell_is(cell c, const char *words);
bool cell_told(cell c);                 /* neither empty nor - */

#endif
