/* import: what the readers of registers share: a row becomes the text of a document, and claims point into it.
 *
 *	row         Exporter,Importer,Taxon            ZA,AT,Panthera leo
 *	text        CITES Trade Database: Exporter: ZA; Importer: AT; Taxon: Panthera leo.
 *	            each header and each value keeps its span of the text
 */
#ifndef KULA_FORMATS_IMPORT_H
#define KULA_FORMATS_IMPORT_H

#include "formats/room.h"

enum { FIELDS_MOST = 16 };

/* A cell as it stands in the text. value is "" where the cell is empty or tells nothing. */
typedef struct row_field {
	const char *value;
	kula_span   span, head;         /* of the value and of the column's name; {0,0} where the cell is empty */
	const char *head_text;
	bool        flagged;            /* an unnamed column behind it has a question mark: uncertain */
	uint32_t    line, column;       /* of the cell, for errors */
} row_field;

typedef struct row_view {
	const importer *i;
	arena      *a;
	kula_error *err;
	const char *text;               uint32_t text_bytes;
	row_field   fields[FIELDS_MOST];        /* by the register's own enum */
	kula_span   register_span;      /* of the register's name in front */
	uint32_t    line;
	kula_claim  claims[4];          uint32_t count;
	const char *title;
	kula_day    published;
} row_view;

typedef struct register_kind {
	const char *name;               /* "cites" */
	const char *const *fields;      uint32_t field_count;   /* names in columns.tsv, by the register's own enum */
	uint32_t    keys;               /* mask of the fields that say which row it is */
	uint32_t    id;                 /* the field that is the row's own id, or FIELDS_MOST */
	kula_status (*read)(row_view *r);       /* fills claims and title; none: the row is passed over */
} register_kind;

extern const register_kind import_cites, import_sipri, import_kiel;

/* Faults at a field: "file:line:column: ... in column 'Year'". Returns KULA_EFORMAT. */
kula_status row_fail(const row_view *r, uint32_t field, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool row_told(const row_view *r, uint32_t field);
/* A number with its bounds, as registers write them: 12, 1,200, (12), 12?, c. 12, 10-20, >100, 1e+05. KULA_OK with NaN..NaN where
 * the cell is empty. */
kula_status row_number(const row_view *r, uint32_t field, kula_quantity *q);
/* A year, or several: 2019, (2019), 2019; 2021, 2019-2021. An empty cell: KULA_NO_DAY. */
kula_status row_years(const row_view *r, uint32_t field, kula_days *out);
/* 2022-02-27, 27.2.2022, 12/20/2022 (month first, unless it can't be), a spreadsheet's day number. */
kula_status row_day(const row_view *r, uint32_t field, kula_days *out);
/* The party that a cell names, with its code. */
kula_status row_party(const row_view *r, uint32_t field, kula_party *out);
/* The same where a cell may name several, parted by "; ", into the arena; *count is at least 1. */
kula_status row_parties(const row_view *r, uint32_t field, const kula_party **out, uint32_t *count);
/* The register's own words for whoever receives (registers.tsv). */
kula_status row_register_party(const row_view *r, kula_party *out);
/* Copies into the arena; NULL sets err. */
void *row_keep(const row_view *r, const void *at, size_t count, size_t size);

/* The next claim of the row with evidence, trigger (the words of a field's header) and confidence set; its lists are empty. NULL: no room. */
kula_claim *row_claim(row_view *r, uint32_t trigger_field, kula_act act, kula_claim_status status, const char *told);

/* True if `words` stands in `text` as whole words, whatever the capitals. */
bool words_stand(const char *text, cell words);

const formats *import_formats(const importer *i);
const char *import_register(const importer *i);

#endif
