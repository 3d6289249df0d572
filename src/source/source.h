/* source: every way in. Bytes become documents.
 *
 * takes    files, standard input: plain text, JSONL, CSV    promises   UTF-8 checked, limits enforced, errors that name file and
 * gives    documents or rows, one at a time, in order                  offset; a bad document or row never costs the next
 *                                                          leaves alone   what the text or a cell says
 *
 * A file is JSONL when its first byte that isn't white space is '{', else one plain text document (its title: none;
 * id: the file's name without folder and ending). Limits: SOURCE_DOCUMENT_BYTES a document, SOURCE_LINE_BYTES a line,
 * SOURCE_VALUES and SOURCE_DEPTH for the JSON of a line (docs/LIMITS.md).
 *
 *	{"doc": "a", "text": ...}       a document                      spans count from the first byte of its text
 *	{"doc": "b", "text": ...        an error with line and byte     the next call goes on at the next line
 *	{"dossier": "x", "links": ...}  extra: the line as it stands
 *
 * A byte order mark in front of the file is passed over; line ends inside of plain text stay as they are.
 */
#ifndef KULA_SOURCE_H
#define KULA_SOURCE_H

#include "base/base.h"

#define SOURCE_DOCUMENT_BYTES (32u << 20)
#define SOURCE_LINE_BYTES (128u << 20)
#define SOURCE_VALUES (1u << 20)        /* a value takes some 150 bytes while a line is parsed */
#define SOURCE_DEPTH 64u

/* Claims that a JSONL line brings along (annotated or read by another reader), parsed. */
typedef struct source_document {
	kula_document d;                        /* strings live in the arena given */
	kula_claim   *claims;   uint32_t claim_count;
	bool          has_claims;               /* the line had the key */
	const char   *reader;                   /* "reader" of the line, or NULL */
	const char   *fetched;                  /* or NULL */
	uint64_t      line, byte;               /* where it began: line counted from 1, byte from 0 */
	const char   *file;
	char          sha256[65];               /* of the text's bytes */
	const char   *extra;                    /* a line without text: links, differences ... of a dossier, as JSON; else NULL */
} source_document;

typedef struct source source;
/* path "-" is standard input. publisher and published are for plain text, and fill what JSONL lacks; may be NULL /
 * KULA_NO_DAY. path and publisher are lent until the source, its documents and its errors are done with. */
source *source_open(const char *path, const char *publisher, kula_day published, kula_error *err);
void source_close(source *s);
/* The next document into the arena. KULA_OK: there is one; KULA_ENOTFOUND: the end; anything else: this document is lost,
 * err says which and why (file, byte), and the next call goes on behind it. */
kula_status source_next(source *s, arena *a, source_document *out, kula_error *err);

/* One claim by itself, an object as in a document's "claims", into the arena. What is no claim: err names the field. The JSON
 * must be of our own making or short: it may nest as deep as the parser allows. */
kula_status source_claim(arena *a, const char *json, size_t n, kula_claim *out, kula_error *err);

/* ---- tables: CSV as spreadsheets and registers write it ----
 *
 *	Year,Taxon,"Importer, by code"          cells parted by , ; tab or |
 *	2019,"a ""quoted"" cell","two
 *	lines"                                  one row; its third cell begins in line 2
 *
 * RFC 4180, and what is met in the wild: a byte order mark, UTF-16 behind one, CRLF or CR, spaces before a quote, rows of
 * unequal length, empty lines (passed over). A row that can't be read is an error with its line and column, and the next call
 * goes on behind it: behind the line that a quote was opened in where it is never closed.
 */
#define CSV_FILE_BYTES ((size_t)2 << 30)        /* of standard input, or of what is converted */
#define CSV_CELL_BYTES (1u << 20)
#define CSV_CELLS 1024u                         /* of a row */

typedef enum csv_encoding {
	CSV_AUTO,               /* by the byte order mark; else UTF-8 */
	CSV_UTF8, CSV_WINDOWS_1252, CSV_UTF16LE, CSV_UTF16BE,
	CSV_ENCODINGS
} csv_encoding;
const char *csv_encoding_name(csv_encoding e);          /* "auto", "utf-8", "windows-1252", ... */
int csv_encoding_of(const char *name);                  /* latin1, iso-8859-1 and cp1252 are windows-1252; -1: none */

typedef struct csv_cell {
	const char *at; size_t n;       /* lives as long as the arena and the csv */
	uint32_t line, column;          /* where it begins: line and byte of it, from 1 */
} csv_cell;
typedef struct csv_row { csv_cell *cells; uint32_t count; uint32_t line; } csv_row;

typedef struct csv csv;
/* path "-" is standard input. The path is lent. NULL: err says why. */
csv *csv_open(const char *path, csv_encoding e, kula_error *err);
/* Bytes in memory, lent; name stands for them in errors. */
csv *csv_of(const char *name, const void *at, size_t n, csv_encoding e, kula_error *err);
void csv_close(csv *c);                                 /* NULL is fine */
const char *csv_name(const csv *c);
/* True if the bytes are UTF-8 (or were converted to it): what is asked before another encoding is tried. */
bool csv_is_utf8(const csv *c);
/* To the first row again, with cells parted by this byte. */
void csv_rewind(csv *c, char delimiter);
char csv_delimiter(const csv *c);
/* KULA_OK: a row; KULA_ENOTFOUND: the end; anything else: this row is lost, err has "file:line:column: why". */
kula_status csv_next(csv *c, arena *a, csv_row *out, kula_error *err);
/* An error at a cell: "file:line:column: why". Returns KULA_EFORMAT. */
kula_status csv_fail(const csv *c, uint32_t line, uint32_t column, kula_error *err, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
