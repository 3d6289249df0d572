/* source: every way in. Bytes become documents.
 *
 * takes    files, standard input: plain text or JSONL       promises   UTF-8 checked, limits enforced, errors that name file and
 * gives    documents, one at a time, in order                          offset; a bad document never costs the next
 *                                                          leaves alone   what the text says
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

#endif
