/* formats: what other people's programs write and read.
 *
 * takes    a ledger; tables of registers, other readers' JSONL     promises   everything that comes in can be traced to a line and
 * gives    the ledger in foreign columns; documents with                      column; what a format can't carry is told; the
 *          claims for the ledger                                              vocabularies are rows of data/formats, not code
 *                                                                  leaves alone   the ledger: who imports adds (cli)
 *
 *	table.csv -> csv_next (source) -> row -> a document whose text is the row, with its claims        import.c, import_*.c
 *	ledger -> claims, exchanges -> rows                                                               export.c, export_*.c
 *	data/formats/ *.tsv -> formats                                                                    tables.c
 *
 * docs/FORMATS.md says what becomes of each column, and where its conventions come from.
 */
#ifndef KULA_FORMATS_H
#define KULA_FORMATS_H

#include "claims/claims.h"
#include "know/know.h"
#include "ledger/ledger.h"

typedef struct formats formats;         /* the tables of data/formats; shared by threads once open */
formats *formats_open(const char *folder, kula_error *err);     /* NULL: the installed ones */
void formats_free(formats *f);
uint64_t formats_hash(const formats *f);        /* of all their bytes */

/* ---- in ---- */

typedef enum import_format { IMPORT_JSONL, IMPORT_CITES, IMPORT_SIPRI, IMPORT_KIEL, IMPORT_FORMATS } import_format;
const char *import_format_name(import_format f);
int import_format_of(const char *name);                 /* -1: none */
const char *import_format_about(import_format f);       /* one line for --help */

typedef struct import_options {
	import_format  format;
	const formats *f;
	const know    *k;               /* may be NULL for JSONL */
	const char    *publisher;       /* NULL: the register's own */
	kula_day       published;       /* of the table; or KULA_NO_DAY */
	csv_encoding   encoding;
} import_options;

/* A row, or a line of JSONL: a document and its claims, checked against the contract. */
typedef struct import_document {
	kula_document d;
	kula_claim   *claims;           uint32_t count;
	const char   *reader;           /* who found the claims; NULL: the line doesn't say */
	const char   *fetched;          /* or NULL */
	uint64_t      line;
} import_document;

typedef struct importer importer;
/* path "-" is standard input. The options and path are lent. */
importer *import_open(const import_options *o, const char *path, kula_error *err);
void import_close(importer *i);
/* KULA_OK: a document; KULA_ENOTFOUND: the end; anything else: this row is lost, err names file, line and column, and the next
 * call goes on behind it. Strings live as long as the arena and the importer. */
kula_status import_next(importer *i, arena *a, import_document *out, kula_error *err);
/* True once if the bytes were no UTF-8 and were read as Windows-1252, which some registers write. */
bool import_guessed_encoding(const importer *i);

/* ---- out ---- */

typedef enum export_format {
	EXPORT_JSONL, EXPORT_CSV, EXPORT_EXCHANGES, EXPORT_EXCHANGES_CSV, EXPORT_PLOVER, EXPORT_ICEWS, EXPORT_FTM, EXPORT_WEBANNOTATION,
	EXPORT_GRAPHML, EXPORT_SIPRI, EXPORT_ATOP,
	EXPORT_FORMATS
} export_format;
const char *export_format_name(export_format f);
int export_format_of(const char *name);                 /* -1: none */
const char *export_format_about(export_format f);       /* one line for --help */
const char *export_format_lost(export_format f);        /* what of the ledger it has no place for */

typedef struct export_options {
	export_format  format;
	const formats *f;
	const know    *k;               /* may be NULL: parties then have no names */
	ledger_filter  filter;          /* its order is the export's own */
	bool           all;             /* the filter lets everything through: documents without claims are written, too */
} export_options;

/* What was written, and what was not: claims, or exchanges, that the format has no place for. */
enum { EXPORT_LEFT = 8 };
typedef struct export_sum {
	uint64_t    rows;               /* lines, entities, edges, annotations */
	uint64_t    of;                 /* claims or exchanges that were asked for */
	struct { const char *why; uint64_t count; } left[EXPORT_LEFT];
	uint32_t    left_count;
} export_sum;

/* Where it goes, piece by piece; false stops the export (KULA_EIO). */
typedef bool (*export_sink)(void *arg, const char *at, size_t n);
kula_status export_write(ledger *l, const export_options *o, export_sink sink, void *arg, export_sum *sum, kula_error *err);

#endif
