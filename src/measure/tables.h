/* The room's own header: atoms, the tables of words, the number reader.
 *
 *	words     |two| |-| |year| |-| |old|   |$| |2.5| |m|   |F-16s|          as src/text cuts them
 *	atoms      two   -   year   -   old     $   2.5   m     F - 16 s        letters, digits, single marks
 *
 * Tables speak of atoms, so that a row matches however the words were cut, and "50-strong" and "50 strong" are two
 * atoms with or without a mark between.
 */
#ifndef KULA_MEASURE_TABLES_H
#define KULA_MEASURE_TABLES_H

#include "measure/measure.h"

typedef enum atom_kind { ATOM_WORD, ATOM_NUMBER, ATOM_MARK } atom_kind;

typedef struct atom {
	const byte *at;
	double   value;                 /* of a number */
	uint32_t n;
	uint32_t word;                  /* of the document */
	uint32_t hash;                  /* of the folded bytes */
	uint32_t mark;                  /* the character of a mark; every dash is '-' */
	uint8_t  kind;
	uint8_t  digits;                /* of a number: digits before the point, at most 255 */
	bool     glued;                 /* no space before it */
	bool     capital;               /* its first letter is one */
	bool     plain;                 /* a number of digits alone: no separator, no point */
} atom;

/* The atoms of one sentence; at most ATOMS_MOST, what is beyond is not measured (a sentence has at most 400 words, so
 * only a word of thousands of characters gets there). at[count] is an empty mark, so that looking one ahead is safe. */
#define ATOMS_MOST 4096u
typedef struct atoms { atom *at; uint32_t count, room; } atoms;
/* Room for the atoms of any of these sentences; false: the arena refused. One room serves all sentences in turn. */
bool atoms_init(arena *a, const text_doc *d, uint32_t sentence_from, uint32_t sentence_to, atoms *out);
void atoms_cut(const text_doc *d, uint32_t sentence_index, atoms *out);

typedef enum table_id {
	TABLE_NUMBERS, TABLE_VAGUE, TABLE_BOUNDS, TABLE_UNITS, TABLE_CURRENCIES, TABLE_HOMES, TABLE_RATES,
	TABLE_MONTHS, TABLE_WEEKDAYS, TABLE_HOLIDAYS, TABLE_DEICTICS, TABLE_SPANS, TABLE_LEADS,
	TABLES
} table_id;

/* One row. Its kind is what the code asks for; a new kind needs code, a new row of a known kind needs none. */
typedef enum lexeme_kind {
	/* numbers */ KIND_SMALL, KIND_TEN, KIND_HUNDRED, KIND_DOZEN, KIND_SCALE, KIND_SUFFIX, KIND_HALF, KIND_FRACTION,
	KIND_ORDINAL, KIND_ORDINAL_END, KIND_GROUP, KIND_GROUPS, KIND_BOTH, KIND_SINGLE,
	/* vague */ KIND_PLURAL, KIND_SOME, KIND_OPEN, KIND_NONE, KIND_ARTICLE, KIND_DEFINITE,
	/* bounds */ KIND_LEAST, KIND_MOST, KIND_ABOUT, KIND_EXACT, KIND_LEAST_BEHIND, KIND_MOST_BEHIND, KIND_ABOUT_BEHIND,
	KIND_BETWEEN, KIND_FROM, KIND_GROWTH, KIND_LABEL, KIND_PARTICLE,
	/* units */ KIND_MASS, KIND_VOLUME, KIND_AREA, KIND_LENGTH, KIND_POWER, KIND_ENERGY, KIND_PERCENT, KIND_TIME,
	/* currencies */ KIND_SIGN, KIND_WORD, KIND_SCALED_WORD, KIND_HUNDREDTH, KIND_FAMILY,
	/* homes */ KIND_HOME,
	/* rates */ KIND_BEHIND, KIND_FRONT,
	/* months, weekdays, holidays */ KIND_MONTH, KIND_SEASON, KIND_WEEKDAY, KIND_FIXED, KIND_EASTER, KIND_NTH,
	/* deictics */ KIND_DAY, KIND_VAGUE, KIND_THIS, KIND_LAST, KIND_NEXT, KIND_EARLIER, KIND_LATER, KIND_SAME,
	/* spans */ KIND_DAYS, KIND_WEEKS, KIND_MONTHS, KIND_YEARS, KIND_QUARTERS, KIND_HOURS, KIND_WEEKENDS, KIND_DECADES, KIND_CENTURIES, KIND_FORTNIGHTS,
	KIND_PART,
	/* leads */ KIND_IN, KIND_SINCE, KIND_UNTIL, KIND_BY, KIND_BEFORE, KIND_AFTER, KIND_STARTING, KIND_DURING, KIND_WITHIN,
	KIND_OVER, KIND_FOR, KIND_AGO, KIND_LATER_BEHIND, KIND_EDGE_START, KIND_EDGE_END, KIND_EDGE_MIDDLE, KIND_EARLY,
	KIND_MID, KIND_LATE, KIND_BETWEEN_DAYS, KIND_HENCE, KIND_BEFORE_BEHIND,
	KINDS
} lexeme_kind;

typedef struct lexeme {
	const byte *phrase;             /* in the embedded table */
	double   a, b;                  /* the value, or min and max; NaN: open */
	uint32_t next;                  /* of the same first atom, longer ones first; 0: none */
	uint32_t hash[7];               /* of its atoms */
	uint16_t line;
	uint8_t  n, atom_count, table, kind;
	bool     capital;               /* must be written with a capital where the row is */
	char     say[84];               /* "bounds.tsv:7: more than" */
	char     code[16];              /* a value that is a word: unit, currency, per */
} lexeme;

typedef struct table_file { const char *name; const byte *at; size_t n; } table_file;

typedef struct tables {
	lexeme   row[2048];             /* [0] is none */
	uint32_t count;
	uint32_t bucket[1024];
	char     hash[17];
	kula_error err;                 /* a fault of the tables: line and cell; KULA_OK in any build that passed its tests */
} tables;

/* Parsed at the first call, read-only ever after; the one thing of the room that outlives a call. */
const tables *tables_open(void);
table_file tables_file(uint32_t which);         /* for the tests */
kula_status tables_parse(tables *t, uint32_t which, const table_file *file, kula_error *err);

/* The longest row of a table that begins at atom i and ends at or before `end`; 0: none. */
uint32_t tables_find(const tables *t, uint32_t which, const atoms *s, uint32_t i);
/* The same among rows of kinds from..to: one word may stand in front and behind ("at least 70", "70 at least"). */
uint32_t tables_find_kind(const tables *t, uint32_t which, const atoms *s, uint32_t i, lexeme_kind from, lexeme_kind to);
static inline const lexeme *tables_row(const tables *t, uint32_t row) { return &t->row[row]; }

/* A cardinal number at atom i. */
typedef struct number {
	double   value;
	uint32_t end;                   /* first atom behind it */
	uint32_t row;                   /* of the last number word; 0: digits alone */
	bool     words;                 /* any number word in it */
	bool     digits;                /* any figures in it */
	bool     article;               /* begins with "a": "a hundred" */
	bool     scaled;                /* ends with thousand, million, ... */
	bool     grouped;               /* dozen, pair: names a number of things by a noun */
} number;
bool number_read(const tables *t, const atoms *s, uint32_t i, number *out);

/* "half", "a third", "two-thirds", "3/4": a share. */
typedef struct fraction { double value; uint32_t end, row; } fraction;
bool fraction_read(const tables *t, const atoms *s, uint32_t i, fraction *out);

/* An ordinal: "third", "21st", "twenty-first". */
bool ordinal_read(const tables *t, const atoms *s, uint32_t i, number *out);

/* Day expressions of one sentence by their atoms, for measure_quantities, which marks the numbers inside. */
typedef struct atom_range { uint32_t from, to; } atom_range;
uint32_t days_ranges(const tables *t, const atoms *s, atom_range *out, uint32_t room);

static inline bool atom_is_mark(const atom *x, uint32_t c) { return x->kind == ATOM_MARK && x->mark == c; }
bool atom_is(const atom *x, const char *folded);

#endif
