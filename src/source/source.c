#include "source/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)1 << 16)

kula_status source_fail(const source *s, kula_error *err, kula_status status, uint64_t at_byte, const char *format, ...)
{
	char what[sizeof err->text];
	if (err != NULL && err->status == KULA_OK)
		err->source = s->file;
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return kula_fail(err, status, at_byte, "%s", what);
}

source *source_open(const char *path, const char *publisher, kula_day published, kula_error *err)
{
	source *const s = base_malloc(sizeof *s);
	if (s == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory to read '%s'", path);
		return NULL;
	}
	*s = (source){.file = path, .publisher = publisher, .published = published, .fd = STDIN_FILENO};
	const char *const slash = strrchr(path, '/');
	s->name = slash != NULL ? slash + 1 : path;
	if (strcmp(path, "-") == 0) {
		s->file = "standard input";
		s->name = "stdin";
		return s;
	}
	struct stat st;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		kula_fail(err, KULA_EIO, 0, "'%s' can't be opened: %s", path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		kula_fail(err, KULA_EIO, 0, "'%s' is a folder", path);
	else
		return s;
	source_close(s);
	return NULL;
}

void source_close(source *s)
{
	if (s == NULL)
		return;
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	free(s->window);
	free(s);
}

static void take(source *s, size_t n)
{
	s->at += n;
	s->taken += n;
}

/* What was read so far is no whole document; there is nothing behind it. */
static kula_status give_up(source *s, kula_status status)
{
	take(s, s->filled - s->at);
	s->ended = true;
	return status;
}

/* Reads at least one byte behind what the window holds, or finds the end. */
static kula_status more(source *s, kula_error *err)
{
	const size_t held = s->filled - s->at;
	if (s->room - s->filled < BLOCK_BYTES && s->at > 0 && s->at >= held) {
		memmove(s->window, s->window + s->at, held);
		s->at = 0;
		s->filled = held;
	}
	if (s->room - s->filled < BLOCK_BYTES) {
		const size_t room = MAX_OF(s->room * 2, 2 * BLOCK_BYTES);
		byte *const grown = base_realloc(s->window, room);
		if (grown == NULL)
			return source_fail(s, err, KULA_EMEMORY, s->taken, "no memory for the document");
		s->window = grown;
		s->room = room;
	}
	ssize_t n;
	do
		n = read(s->fd, s->window + s->filled, s->room - s->filled);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		const kula_status status = source_fail(s, err, KULA_EIO, s->taken + held, "can't be read: %s", strerror(errno));
		return give_up(s, status);
	}
	s->ended = n == 0;
	s->filled += (size_t)n;
	return KULA_OK;
}

/* Sees which kind of file it is. */
static kula_status begin(source *s, kula_error *err)
{
	static const struct { const char *magic; size_t n; const char *what; } others[] = {
		{"\x1F\x8B", 2, "this is gzip; unpack it first"},
		{"\x28\xB5\x2F\xFD", 4, "this is zstd; unpack it first"},
		{"PK\x03\x04", 4, "this is a zip archive; unpack it first"},
		{"%PDF-", 5, "this is PDF, no text"},
		{"\xFF\xFE", 2, "this is UTF-16; convert it to UTF-8 first"},
		{"\xFE\xFF", 2, "this is UTF-16; convert it to UTF-8 first"},
	};
	kula_status status = KULA_OK;
	s->begun = true;                /* whatever comes of it: a fault here is told once */
	while (status == KULA_OK && !s->ended && s->filled < 5)         /* a pipe may bring its bytes one by one */
		status = more(s, err);
	for (size_t i = 0; i < COUNT_OF(others) && status == KULA_OK; i++)
		if (s->filled >= others[i].n && memcmp(s->window, others[i].magic, others[i].n) == 0)
			status = source_fail(s, err, KULA_EFORMAT, 0, "%s", others[i].what);
	if (status != KULA_OK)
		return give_up(s, status);
	if (s->filled >= 3 && memcmp(s->window, "\xEF\xBB\xBF", 3) == 0)
		take(s, 3);
	for (size_t at = s->at;; at++) {
		while (at == s->filled && !s->ended && s->filled < SOURCE_DOCUMENT_BYTES) {
			const size_t before = s->at;
			status = more(s, err);
			at -= before - s->at;
			if (status != KULA_OK)
				return give_up(s, status);
		}
		if (at == s->filled)
			return KULA_OK;
		if (!is_space(s->window[at])) {
			s->jsonl = s->window[at] == '{';
			return KULA_OK;
		}
	}
}

static kula_status next_plain(source *s, arena *a, source_document *out, kula_error *err)
{
	kula_status status = KULA_OK;
	if (s->line > 0)
		return KULA_ENOTFOUND;
	s->line = 1;
	while (status == KULA_OK && !s->ended && s->filled - s->at <= SOURCE_DOCUMENT_BYTES)
		status = more(s, err);
	if (status != KULA_OK)
		return status;
	const byte *const text = s->window + s->at;
	const size_t n = s->filled - s->at;
	if (n > SOURCE_DOCUMENT_BYTES)
		return source_fail(s, err, KULA_ELIMIT, s->taken + SOURCE_DOCUMENT_BYTES, "the document is longer than %u MiB",
			SOURCE_DOCUMENT_BYTES >> 20);
	size_t white = 0;
	while (white < n && is_space(text[white]))
		white++;
	if (white == n)
		return KULA_ENOTFOUND;          /* an empty file has no document, and is no fault */
	const byte *const zero = memchr(text, 0, n);
	const size_t valid = utf8_check(text, n);
	if (zero != NULL && (size_t)(zero - text) < valid)
		return source_fail(s, err, KULA_EFORMAT, s->taken + (uint64_t)(zero - text), "a zero byte: this is no text");
	if (valid < n)
		return source_fail(s, err, KULA_EFORMAT, s->taken + valid, "byte 0x%02X is not UTF-8", text[valid]);
	const char *const point = strrchr(s->name, '.');
	out->line = 1;
	out->byte = s->taken;
	out->d.id = arena_text(a, s->name, point != NULL && point > s->name ? (size_t)(point - s->name) : strlen(s->name));
	out->d.publisher = s->publisher;
	out->d.published = s->published;
	out->d.text = arena_text(a, text, n);
	out->d.text_bytes = n;
	if (out->d.id == NULL || out->d.text == NULL)
		return source_fail(s, err, KULA_ELIMIT, s->taken, "the document needs more memory than there is for one");
	sha256_hex(text, n, out->sha256);
	take(s, n);
	return KULA_OK;
}

/* The next line without its end: window[at .. at + *n); *past is how much to take. KULA_ENOTFOUND: no more. */
static kula_status next_line(source *s, size_t *n, size_t *past, kula_error *err)
{
	for (size_t seen = 0;;) {
		const byte *const from = s->window + s->at;
		const size_t held = s->filled - s->at;
		const byte *const end = held > seen ? memchr(from + seen, '\n', held - seen) : NULL;
		if (end != NULL || (s->ended && held > 0)) {
			*n = end != NULL ? (size_t)(end - from) : held;
			*past = *n + (end != NULL);
			s->line++;
			if (!s->skipping)
				return KULA_OK;
			s->skipping = false;
			take(s, *past);
			seen = 0;
			continue;
		}
		if (s->ended)
			return KULA_ENOTFOUND;
		seen = held;
		if (s->skipping || held > SOURCE_LINE_BYTES) {
			take(s, held);
			seen = 0;
			if (!s->skipping) {
				s->skipping = true;
				return source_fail(s, err, KULA_ELIMIT, s->taken - held, "line %llu is longer than %u MiB",
					(unsigned long long)s->line + 1, SOURCE_LINE_BYTES >> 20);
			}
		}
		const kula_status status = more(s, err);
		if (status == KULA_EMEMORY) {
			take(s, s->filled - s->at);
			s->skipping = true;
		}
		if (status != KULA_OK)
			return status;
	}
}

kula_status source_next(source *s, arena *a, source_document *out, kula_error *err)
{
	*out = (source_document){.file = s->file, .d.published = KULA_NO_DAY};
	if (!s->begun) {
		const kula_status status = begin(s, err);
		if (status != KULA_OK)
			return status;
	}
	if (!s->jsonl)
		return next_plain(s, a, out, err);
	for (;;) {
		size_t n = 0, past = 0;
		const kula_status status = next_line(s, &n, &past, err);
		if (status != KULA_OK)
			return status;
		const byte *const text = s->window + s->at;
		const uint64_t from = s->taken;
		take(s, past);
		size_t white = 0;
		while (white < n && is_space(text[white]))
			white++;
		if (white < n)
			return source_parse(s, a, text, n, from, out, err);
	}
}
