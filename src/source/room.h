/* What the files of source share: a file seen through a window, and the parser of one JSONL line. */
#ifndef KULA_SOURCE_ROOM_H
#define KULA_SOURCE_ROOM_H

#include "source/source.h"

struct source {
	const char *file;               /* for errors */
	const char *name;               /* the file's own name, for ids */
	const char *publisher;
	kula_day    published;
	int         fd;
	byte       *window; size_t at, filled, room;    /* window[at .. filled) is read and not yet taken */
	uint64_t    taken;              /* bytes of the file before window[at] */
	uint64_t    line;               /* lines taken */
	bool        begun, jsonl, skipping, ended;
};

/* Sets err with the file's name; returns status. */
kula_status source_fail(const source *s, kula_error *err, kula_status status, uint64_t at_byte, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The document of line s->line, text[0..n), which begins at `from` of the file. */
kula_status source_parse(const source *s, arena *a, const byte *text, size_t n, uint64_t from, source_document *out, kula_error *err);

#endif
