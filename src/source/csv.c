/* csv: rows of a table. The bytes are looked at where they lie (a mapped file); cells are copied only where quotes are
 * doubled, and the whole file only where it is not UTF-8. */
#include "source/source.h"

#include <stdlib.h>
#include <sys/stat.h>

struct csv {
	const char *name;
	mapped      map;
	buf         own;                /* standard input, or what was converted */
	const byte *from, *at, *end;
	uint32_t    line;               /* of `at`, from 1 */
	char        delimiter;
	bool        cr_ends;            /* lines end with CR alone */
};

/* ---- encodings ---- */

static const char *const encodings[CSV_ENCODINGS] = {"auto", "utf-8", "windows-1252", "utf-16le", "utf-16be"};

const char *csv_encoding_name(csv_encoding e) { return (unsigned)e < CSV_ENCODINGS ? encodings[e] : "?"; }

int csv_encoding_of(const char *name)
{
	static const struct { const char *name; csv_encoding e; } others[] = {
		{"utf8", CSV_UTF8}, {"latin1", CSV_WINDOWS_1252}, {"latin-1", CSV_WINDOWS_1252}, {"iso-8859-1", CSV_WINDOWS_1252},
		{"cp1252", CSV_WINDOWS_1252}, {"utf-16", CSV_UTF16LE}, {"utf16", CSV_UTF16LE},
	};
	const size_t n = strlen(name);
	for (int e = 0; e < CSV_ENCODINGS; e++)
		if (same_folded(name, n, encodings[e]))
			return e;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (same_folded(name, n, others[i].name))
			return (int)others[i].e;
	return -1;
}

/* What Windows-1252 has at 0x80..0x9F; 0: nothing. Everything else is its own number. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
	0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
};

static void add_character(buf *b, uint32_t c)
{
	byte out[4];
	buf_add(b, out, utf8_write(c, out));
}

static void from_windows_1252(buf *b, const byte *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint32_t c = at[i] >= 0x80 && at[i] < 0xA0 ? windows_1252[at[i] - 0x80] : at[i];
		add_character(b, c != 0 || at[i] == 0 ? c : 0xFFFD);
	}
}

static void from_utf16(buf *b, const byte *at, size_t n, bool big)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t c = big ? (uint32_t)at[i] << 8 | at[i + 1] : (uint32_t)at[i + 1] << 8 | at[i];
		if (c - 0xD800 < 0x400 && i + 3 < n) {
			const uint32_t low = big ? (uint32_t)at[i + 2] << 8 | at[i + 3] : (uint32_t)at[i + 3] << 8 | at[i + 2];
			if (low - 0xDC00 < 0x400) {
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		add_character(b, c - 0xD800 < 0x800 ? 0xFFFD : c);
	}
}

/* The bytes as UTF-8, without a mark in front. */
static kula_status settle(csv *c, const byte *at, size_t n, csv_encoding e, kula_error *err)
{
	static const struct { const char *magic; size_t n; const char *what; } others[] = {
		{"PK\x03\x04", 4, "this is a spreadsheet file (xlsx, ods) or a zip archive; save its sheet as CSV first"},
		{"\xD0\xCF\x11\xE0", 4, "this is an old spreadsheet file (xls); save its sheet as CSV first"},
		{"\x1F\x8B", 2, "this is gzip; unpack it first"},
		{"%PDF-", 5, "this is PDF, no table"},
	};
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (n >= others[i].n && memcmp(at, others[i].magic, others[i].n) == 0)
			return kula_fail(err, KULA_EFORMAT, 0, "'%s': %s", c->name, others[i].what);
	if (e == CSV_AUTO)
		e = n >= 2 && at[0] == 0xFF && at[1] == 0xFE ? CSV_UTF16LE : n >= 2 && at[0] == 0xFE && at[1] == 0xFF ? CSV_UTF16BE : CSV_UTF8;
	if (e != CSV_UTF8) {
		buf converted = {0};
		if (n > CSV_FILE_BYTES / 3)
			return kula_fail(err, KULA_ELIMIT, 0, "'%s' is too long to be converted from %s (%zu MiB); convert it to UTF-8 first", c->name,
				csv_encoding_name(e), n >> 20);
		if (e == CSV_WINDOWS_1252)
			from_windows_1252(&converted, at, n);
		else
			from_utf16(&converted, at, n, e == CSV_UTF16BE);
		if (converted.refused) {
			buf_free(&converted);
			return kula_fail(err, KULA_EMEMORY, 0, "no memory to convert '%s'", c->name);
		}
		buf_free(&c->own);
		c->own = converted;
		at = (const byte *)buf_string(&c->own);
		n = c->own.n;
	}
	if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) {
		at += 3;
		n -= 3;
	}
	c->from = at;
	c->end = at + n;
	const size_t look = MIN_OF(n, (size_t)1 << 16);
	c->cr_ends = look > 0 && memchr(at, '\n', look) == NULL && memchr(at, '\r', look) != NULL;
	csv_rewind(c, ',');
	return KULA_OK;
}

/* ---- opening ---- */

csv *csv_of(const char *name, const void *at, size_t n, csv_encoding e, kula_error *err)
{
	csv *const c = base_malloc(sizeof *c);
	if (c == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory to read '%s'", name);
		return NULL;
	}
	*c = (csv){.name = name};
	if (settle(c, at, n, e, err) == KULA_OK)
		return c;
	csv_close(c);
	return NULL;
}

csv *csv_open(const char *path, csv_encoding e, kula_error *err)
{
	csv *const c = base_malloc(sizeof *c);
	if (c == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory to read '%s'", path);
		return NULL;
	}
	const bool standard = strcmp(path, "-") == 0;
	*c = (csv){.name = standard ? "standard input" : path};
	struct stat st;
	/* What can't be mapped (a pipe, a substituted process) is read. */
	const bool piped = standard || (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
	kula_status status;
	if (piped)
		status = file_read(path, CSV_FILE_BYTES, &c->own, err);
	else
		status = file_map(path, &c->map, err);
	if (status == KULA_OK && piped)
		status = settle(c, (const byte *)buf_string(&c->own), c->own.n, e, err);
	else if (status == KULA_OK)
		status = settle(c, c->map.at, c->map.n, e, err);
	if (status == KULA_OK)
		return c;
	csv_close(c);
	return NULL;
}

void csv_close(csv *c)
{
	if (c == NULL)
		return;
	file_unmap(&c->map);
	buf_free(&c->own);
	free(c);
}

const char *csv_name(const csv *c) { return c->name; }

bool csv_is_utf8(const csv *c)
{
	const size_t n = (size_t)(c->end - c->from);
	return utf8_check(c->from, n) == n;
}

void csv_rewind(csv *c, char delimiter)
{
	c->at = c->from;
	c->line = 1;
	c->delimiter = delimiter;
}

char csv_delimiter(const csv *c) { return c->delimiter; }

kula_status csv_fail(const csv *c, uint32_t line, uint32_t column, kula_error *err, const char *format, ...)
{
	char what[sizeof err->text];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return kula_fail(err, KULA_EFORMAT, 0, "%s:%u:%u: %s", c->name, line, column, what);
}

/* ---- rows ---- */

/* Where one stands: a byte, the line that it is in, and where that line begins. */
typedef struct place { const byte *at, *line_at; uint32_t line; } place;

static uint32_t column_of(const place *p) { return (uint32_t)MIN_OF(p->at - p->line_at, (ptrdiff_t)UINT32_MAX - 1) + 1; }

/* The bytes of a line end at `at`, 0 where there is none. */
static size_t line_end(const csv *c, const byte *at)
{
	if (*at == '\n')
		return 1;
	if (*at == '\r' && at + 1 < c->end && at[1] == '\n')
		return 2;
	return *at == '\r' && (c->cr_ends || at + 1 == c->end) ? 1 : 0;
}

static void step_line(place *p, size_t bytes)
{
	p->at += bytes;
	p->line++;
	p->line_at = p->at;
}

/* Reading goes on behind the line of a place. */
static void skip_line(csv *c, place p)
{
	while (p.at < c->end && line_end(c, p.at) == 0)
		p.at++;
	if (p.at < c->end)
		step_line(&p, line_end(c, p.at));
	c->at = p.at;
	c->line = p.line;
}

/* The inside of a quoted cell; p stands behind the opening quote, and behind the closing one after. */
static kula_status quoted(csv *c, place *p, const place *opened, arena *a, csv_cell *out, kula_error *err)
{
	const byte *const from = p->at;
	size_t doubled = 0;
	for (;;) {
		if (p->at == c->end || (size_t)(p->at - from) > CSV_CELL_BYTES) {
			const bool ended = p->at == c->end;
			skip_line(c, *opened);
			return csv_fail(c, opened->line, column_of(opened), err, ended ? "the quote that opens here is never closed"
				: "the cell that a quote opens here is longer than %u bytes; is the quote closed?", CSV_CELL_BYTES);
		}
		const size_t end = line_end(c, p->at);
		if (end > 0) {
			step_line(p, end);
		} else if (*p->at != '"') {
			p->at++;
		} else if (p->at + 1 < c->end && p->at[1] == '"') {
			doubled++;
			p->at += 2;
		} else {
			break;
		}
	}
	out->at = (const char *)from;
	out->n = (size_t)(p->at - from);
	p->at++;
	if (doubled == 0)
		return KULA_OK;
	char *const plain = arena_alloc(a, out->n - doubled + 1, 1);
	if (plain == NULL)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for the row");
	size_t n = 0;
	for (size_t i = 0; i < out->n; i++) {
		plain[n++] = out->at[i];
		i += out->at[i] == '"';
	}
	out->at = plain;
	out->n = n;
	return KULA_OK;
}

/* One cell; *last says that its row ends with it. */
static kula_status cell_next(csv *c, place *p, arena *a, csv_cell *out, bool *last, kula_error *err)
{
	const place begun = *p;
	while (p->at < c->end && *p->at == ' ' && c->delimiter != ' ')
		p->at++;
	kula_status status = KULA_OK;
	if (p->at < c->end && *p->at == '"') {
		const place opened = *p;
		*out = (csv_cell){.line = opened.line, .column = column_of(&opened)};
		p->at++;
		status = quoted(c, p, &opened, a, out, err);
		if (status != KULA_OK)
			return status;
		while (p->at < c->end && *p->at == ' ')
			p->at++;
		if (p->at < c->end && *p->at != (byte)c->delimiter && line_end(c, p->at) == 0) {
			const place here = *p;
			skip_line(c, here);
			return csv_fail(c, here.line, column_of(&here), err, "text behind the quote that closes the cell; a quote inside of one is written twice");
		}
	} else {
		*p = begun;
		while (p->at < c->end && *p->at != (byte)c->delimiter && line_end(c, p->at) == 0)
			p->at++;
		*out = (csv_cell){(const char *)begun.at, (size_t)(p->at - begun.at), begun.line, column_of(&begun)};
		if (out->n > CSV_CELL_BYTES) {
			skip_line(c, *p);
			return csv_fail(c, begun.line, column_of(&begun), err, "a cell of %zu bytes; the limit is %u", out->n, CSV_CELL_BYTES);
		}
	}
	*last = true;
	if (p->at == c->end)
		return KULA_OK;
	if (*p->at == (byte)c->delimiter) {
		p->at++;
		*last = false;
	} else {
		step_line(p, line_end(c, p->at));
	}
	return KULA_OK;
}

/* Bytes that no text has, in the row [from, to) that begins in `line`. */
static kula_status row_is_text(const csv *c, const byte *from, const byte *to, uint32_t line, kula_error *err)
{
	const size_t n = (size_t)(to - from);
	const byte *const zero = memchr(from, 0, n);
	size_t bad = utf8_check(from, n);
	if (zero != NULL && (size_t)(zero - from) < bad)
		bad = (size_t)(zero - from);
	if (bad == n)
		return KULA_OK;
	place p = {from, from, line};
	while (p.at < from + bad) {
		const size_t end = line_end(c, p.at);
		if (end > 0 && p.at + end <= from + bad)
			step_line(&p, end);
		else
			p.at++;
	}
	return csv_fail(c, p.line, column_of(&p), err, from[bad] == 0 ? "a zero byte: this is no text"
		: "byte 0x%02X is not UTF-8; --encoding windows-1252 reads what spreadsheets often write", from[bad]);
}

kula_status csv_next(csv *c, arena *a, csv_row *out, kula_error *err)
{
	*out = (csv_row){0};
	place p = {c->at, c->at, c->line};
	for (size_t end; p.at < c->end && (end = line_end(c, p.at)) > 0;)       /* empty lines */
		step_line(&p, end);
	if (p.at == c->end) {
		c->at = p.at;
		return KULA_ENOTFOUND;
	}
	const byte *const from = p.at;
	const place begun = p;
	out->line = p.line;
	uint32_t room = 0;
	for (bool last = false; !last;) {
		if (out->count == room) {
			const uint32_t more = room > 0 ? room * 2 : 32;
			csv_cell *const cells = out->count < CSV_CELLS ? ARENA_NEW(a, csv_cell, more) : NULL;
			if (cells == NULL) {
				skip_line(c, begun);
				return out->count < CSV_CELLS ? kula_fail(err, KULA_EMEMORY, 0, "no memory for the row")
					: csv_fail(c, p.line, column_of(&p), err, "more than %u cells in a row", CSV_CELLS);
			}
			if (room > 0)
				memcpy(cells, out->cells, out->count * sizeof *cells);
			out->cells = cells;
			room = more;
		}
		const kula_status status = cell_next(c, &p, a, &out->cells[out->count], &last, err);
		if (status == KULA_EMEMORY)
			skip_line(c, begun);
		if (status != KULA_OK)
			return status;          /* c stands where reading goes on */
		out->count++;
	}
	c->at = p.at;
	c->line = p.line;
	return row_is_text(c, from, p.at, begun.line, err);
}
