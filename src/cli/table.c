#include "cli/table.h"
#include <math.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

/* ---- screen ---- */

static uint32_t columns_from(const char *s)
{
	if (!s || !is_digit((byte)*s))
		return 0;
	const unsigned long v = strtoul(s, NULL, 10);
	return v >= 20 && v <= 10000 ? (uint32_t)v : 0;
}

/* The locale is not set by the library, so that no locale changes an answer; only its name is asked here. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *v = getenv(names[i]);
		if (v && *v)
			return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
	}
	return true;    /* nothing said: containers and cron, whose readers use UTF-8 today */
}

screen screen_of(FILE *f)
{
	screen s = {.utf8 = locale_is_utf8()};
	const char *pretend = getenv("KULA_SCREEN");
	if (columns_from(pretend)) {
		s.terminal = true;
		s.width = columns_from(pretend);
		s.colour = pretend[strlen(pretend) - 1] == 'c';
		return s;
	}
	s.terminal = isatty(fileno(f));
	if (!s.terminal)
		return s;
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	s.colour = !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
	s.width = columns_from(getenv("COLUMNS"));
	struct winsize w;
	if (!s.width && ioctl(fileno(f), TIOCGWINSZ, &w) == 0 && w.ws_col >= 20)
		s.width = w.ws_col;
	if (!s.width)
		s.width = 80;
	return s;
}

/* ---- styles ---- */

static const char *const style_codes[STYLES] = {
	[STYLE_NONE] = "", [STYLE_BOLD] = "1", [STYLE_DIM] = "2", [STYLE_GOOD] = "32", [STYLE_WARN] = "33", [STYLE_BAD] = "31",
	[STYLE_ACCENT] = "36", [STYLE_SECOND] = "35", [STYLE_HEAD] = "1;4",
};

style style_of_status(kula_claim_status s)
{
	static const byte of[KULA_STATUSES] = {
		[KULA_DONE] = STYLE_GOOD, [KULA_ONGOING] = STYLE_GOOD, [KULA_PLANNED] = STYLE_ACCENT, [KULA_PROMISED] = STYLE_ACCENT,
		[KULA_OFFERED] = STYLE_ACCENT, [KULA_REQUESTED] = STYLE_WARN, [KULA_THREATENED] = STYLE_WARN,
		[KULA_POSSIBLE] = STYLE_WARN, [KULA_REFUSED] = STYLE_BAD, [KULA_DENIED] = STYLE_BAD,
	};
	return s < KULA_STATUSES ? (style)of[s] : STYLE_NONE;
}

void paint_begin(buf *out, const screen *s, style st)
{
	if (s->colour && st != STYLE_NONE)
		buf_format(out, "\x1b[%sm", style_codes[st]);
}

void paint_end(buf *out, const screen *s, style st)
{
	if (s->colour && st != STYLE_NONE)
		buf_text(out, "\x1b[0m");
}

void paint_n(buf *out, const screen *s, style st, const char *text, size_t n)
{
	if (n == 0)
		return;
	paint_begin(out, s, st);
	text_clean(out, text, n);
	paint_end(out, s, st);
}

void paint(buf *out, const screen *s, style st, const char *text)
{
	if (text)
		paint_n(out, s, st, text, strlen(text));
}

/* ---- text ---- */

/* Marks that turn the direction of writing could make a row read as another than it is ("Trojan source"). */
static bool turns(uint32_t c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static uint32_t columns_of(uint32_t c)
{
	const int w = utf8proc_charwidth((utf8proc_int32_t)c);
	return w > 0 ? (uint32_t)w : 0;
}

uint32_t text_columns(const char *text, size_t n)
{
	uint32_t columns = 0;
	for (size_t i = 0; i < n;) {
		uint32_t size;
		columns += columns_of(utf8_next((const byte *)text + i, n - i, &size));
		i += size;
	}
	return columns;
}

void text_clean(buf *out, const char *text, size_t n)
{
	bool space = false;
	for (size_t i = 0; i < n;) {
		uint32_t size;
		const uint32_t c = utf8_next((const byte *)text + i, n - i, &size);
		if (is_space(c) || c == 0x85 || c == 0x2028 || c == 0x2029) {
			space = true;
		} else if (c >= 0x20 && !(c >= 0x7F && c < 0xA0) && !turns(c)) {
			if (space)
				buf_char(out, ' ');
			space = false;
			if (c == 0xFFFD)
				buf_text(out, "\xEF\xBF\xBD");
			else
				buf_add(out, text + i, size);
		}
		i += size;
	}
	if (space)
		buf_char(out, ' ');
}

/* The end of the first line of text[0..n): as many bytes as fit `width` columns, broken at a space where there is one. Spaces
 * behind the break are not part of either line: *next is where the rest begins. A word wider than the line is broken between
 * characters that a person sees as one (a letter keeps its accents). width > 0; makes progress for n > 0. */
static size_t line_end(const char *text, size_t n, uint32_t width, size_t *next)
{
	size_t at = 0, space_at = 0, fits = 0;
	uint32_t used = 0, last = 0;
	utf8proc_int32_t state = 0;
	bool space = false;
	while (at < n) {
		uint32_t size;
		const uint32_t c = utf8_next((const byte *)text + at, n - at, &size);
		if (at > 0 && utf8proc_grapheme_break_stateful((utf8proc_int32_t)last, (utf8proc_int32_t)c, &state))
			fits = at;
		used += columns_of(c);
		if (c == ' ' && at > 0) {
			space_at = at;
			space = true;
		}
		if (used > width && !(c == ' ')) {
			size_t end = space ? space_at : fits;
			if (end == 0)
				end = at ? at : size;
			*next = end;
			while (*next < n && text[*next] == ' ')
				(*next)++;
			return end;
		}
		last = c;
		at += size;
	}
	*next = n;
	while (n > 0 && text[n - 1] == ' ')
		n--;
	return n;
}

static void spaces(buf *out, uint32_t n)
{
	while (n--)
		buf_char(out, ' ');
}

void text_wrap(buf *out, const screen *s, uint32_t indent, bool first_too, style st, const char *text)
{
	buf clean = {0};
	text_clean(&clean, text, strlen(text));
	const char *at = buf_string(&clean);
	size_t n = clean.n;
	const uint32_t width = s->width == 0 ? UINT32_MAX : s->width > indent + 20 ? s->width - indent : 20;
	bool first = true;
	do {
		size_t next = n;
		const size_t end = n ? line_end(at, n, width, &next) : 0;
		if (!first || first_too)
			spaces(out, indent);
		first = false;
		paint_begin(out, s, st);
		buf_add(out, at, end);
		paint_end(out, s, st);
		buf_char(out, '\n');
		at += next;
		n -= next;
	} while (n > 0);
	buf_free(&clean);
}

void number_for_people(buf *out, double v)
{
	if (isnan(v)) {
		buf_char(out, '?');
		return;
	}
	static const struct { double at; const char *word; } big[] = {{1e12, " trillion"}, {1e9, " billion"}, {1e6, " million"}};
	for (size_t i = 0; i < COUNT_OF(big); i++) {
		const double scaled = v / big[i].at;
		/* Only where nothing is lost: 2,500,000 is "2.5 million", 2,512,345 stays. */
		if (fabs(v) >= big[i].at && fabs(v) < 1e15 && fabs(scaled * 1000 - nearbyint(scaled * 1000)) < 1e-9 * 1000) {
			buf_format(out, "%.10g%s", scaled, big[i].word);
			return;
		}
	}
	if (fabs(v) < 1e15 && v == trunc(v)) {
		char digits[32];
		const int n = snprintf(digits, sizeof digits, "%.0f", fabs(v));
		if (v < 0)
			buf_char(out, '-');
		for (int i = 0; i < n; i++) {
			if (i && (n - i) % 3 == 0)
				buf_char(out, ',');
			buf_char(out, digits[i]);
		}
		return;
	}
	buf_format(out, "%.6g", v);
}

void interval_for_people(buf *out, const screen *s, double min, double max, bool approx)
{
	if (isnan(min) && isnan(max)) {
		buf_char(out, '?');
		return;
	}
	if (approx)
		buf_text(out, s->utf8 ? "≈ " : "~ ");
	if (isnan(max)) {
		buf_text(out, s->utf8 ? "≥ " : ">= ");
		number_for_people(out, min);
	} else if (isnan(min)) {
		buf_text(out, s->utf8 ? "≤ " : "<= ");
		number_for_people(out, max);
	} else {
		number_for_people(out, min);
		if (max != min) {
			buf_text(out, s->utf8 ? "–" : "-");
			number_for_people(out, max);
		}
	}
}

/* ---- sheet ---- */

typedef enum cell_type { CELL_TEXT, CELL_RAW, CELL_NULL, CELL_HEADING } cell_type;

typedef struct sheet_entry {
	size_t at, n;                   /* people's text, or the plain one */
	size_t raw_at, raw_n;           /* JSON as it is */
	byte   style, type;
} sheet_entry;

struct sheet {
	sheet_form  form;
	screen      s;
	const sheet_column *columns;
	uint32_t    count;
	uint32_t    column, rows;
	sheet_entry *entries;
	size_t      entry_count, entry_room;
	buf         text;
	bool        refused;
};

sheet *sheet_new(sheet_form form, screen s, const sheet_column *columns, uint32_t count)
{
	sheet *t = base_malloc(sizeof *t);
	if (t)
		*t = (sheet){.form = form, .s = s, .columns = columns, .count = count};
	return t;
}

void sheet_free(sheet *t)
{
	if (!t)
		return;
	free(t->entries);
	buf_free(&t->text);
	free(t);
}

static sheet_entry *add_entry(sheet *t)
{
	if (t->entry_count == t->entry_room) {
		const size_t room = t->entry_room ? t->entry_room * 2 : 256;
		sheet_entry *more = base_realloc(t->entries, room * sizeof *more);
		if (!more) {
			t->refused = true;
			return NULL;
		}
		t->entries = more;
		t->entry_room = room;
	}
	sheet_entry *e = &t->entries[t->entry_count++];
	*e = (sheet_entry){0};
	return e;
}

static void add_cell(sheet *t, style st, cell_type type, const char *text, size_t n, const char *raw)
{
	sheet_entry *e = add_entry(t);
	if (e) {
		e->style = (byte)st;
		e->type = (byte)type;
		e->at = t->text.n;
		if (t->form == SHEET_PEOPLE)
			text_clean(&t->text, text, n);
		else
			buf_add(&t->text, text, n);
		e->n = t->text.n - e->at;
		if (raw) {
			e->raw_at = t->text.n;
			e->raw_n = strlen(raw);
			buf_text(&t->text, raw);
		}
	}
	if (type == CELL_HEADING)
		return;
	if (++t->column == t->count) {
		t->column = 0;
		t->rows++;
	}
}

void sheet_cell_n(sheet *t, style st, const char *text, size_t n) { add_cell(t, st, CELL_TEXT, text, n, NULL); }

void sheet_cell(sheet *t, style st, const char *text)
{
	if (text)
		add_cell(t, st, CELL_TEXT, text, strlen(text), NULL);
	else
		add_cell(t, st, CELL_NULL, "", 0, NULL);
}

void sheet_number(sheet *t, style st, double v)
{
	if (isnan(v)) {
		sheet_cell(t, st, NULL);
		return;
	}
	buf people = {0}, raw = {0};
	json_number(&raw, v);
	if (t->form == SHEET_PEOPLE)
		number_for_people(&people, v);
	else
		json_number(&people, v);
	add_cell(t, st, CELL_RAW, buf_string(&people), people.n, buf_string(&raw));
	buf_free(&people);
	buf_free(&raw);
}

void sheet_whole(sheet *t, style st, int64_t v)
{
	char digits[24];
	const int n = snprintf(digits, sizeof digits, "%lld", (long long)v);
	add_cell(t, st, CELL_RAW, digits, (size_t)n, digits);
}

void sheet_json(sheet *t, style st, const char *people, const char *json)
{
	add_cell(t, st, CELL_RAW, people ? people : "", people ? strlen(people) : 0, json);
}

void sheet_heading(sheet *t, style st, const char *text)
{
	if (t->form == SHEET_PEOPLE && t->column == 0)
		add_cell(t, st, CELL_HEADING, text ? text : "", text ? strlen(text) : 0, NULL);
}

uint32_t sheet_rows(const sheet *t) { return t->rows; }

static void csv_cell(buf *out, const char *text, size_t n)
{
	/* RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe before it, unless it is a number. */
	bool quote = false, formula = n > 0 && (text[0] == '=' || text[0] == '@' || text[0] == '+' || text[0] == '-');
	if (formula) {
		char *end;
		char number[64];
		if (n < sizeof number) {
			memcpy(number, text, n);
			number[n] = 0;
			strtod(number, &end);
			formula = *end != 0;
		}
	}
	for (size_t i = 0; i < n && !quote; i++)
		quote = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t';
	if (!quote && n > 0)
		quote = text[0] == ' ' || text[n - 1] == ' ';
	if (!quote) {
		if (formula)
			buf_char(out, '\'');
		buf_add(out, text, n);
		return;
	}
	buf_char(out, '"');
	if (formula)
		buf_char(out, '\'');
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			buf_char(out, '"');
		buf_char(out, text[i]);
	}
	buf_char(out, '"');
}

static void print_csv(const sheet *t, buf *out)
{
	for (uint32_t c = 0; c < t->count; c++) {
		if (c)
			buf_char(out, ',');
		csv_cell(out, t->columns[c].key, strlen(t->columns[c].key));
	}
	buf_text(out, "\r\n");
	for (size_t i = 0; i < t->entry_count; i++) {
		const uint32_t c = (uint32_t)(i % t->count);
		if (c)
			buf_char(out, ',');
		csv_cell(out, t->text.at + t->entries[i].at, t->entries[i].n);
		if (c + 1 == t->count)
			buf_text(out, "\r\n");
	}
}

static void print_json(const sheet *t, buf *out)
{
	for (size_t i = 0; i < t->entry_count; i++) {
		const uint32_t c = (uint32_t)(i % t->count);
		const sheet_entry *e = &t->entries[i];
		buf_char(out, c ? ',' : '{');
		json_text(out, t->columns[c].key);
		buf_char(out, ':');
		if (e->type == CELL_NULL)
			buf_text(out, "null");
		else if (e->type == CELL_RAW)
			buf_add(out, t->text.at + e->raw_at, e->raw_n);
		else
			json_string(out, t->text.at + e->at, e->n);
		if (c + 1 == t->count)
			buf_text(out, "}\n");
	}
}

#define GAP 2

/* Widths: every column its widest cell, then those that may give way give it in proportion to what they have beyond their
 * least, until the row fits. A column that would keep under its least keeps it: then the row is too wide, and the terminal
 * wraps it; better than hiding a number. */
static void fit_columns(const sheet *t, uint32_t *width)
{
	for (uint32_t c = 0; c < t->count; c++) {
		const char *head = t->columns[c].head ? t->columns[c].head : t->columns[c].key;
		width[c] = text_columns(head, strlen(head));
	}
	uint32_t c = 0;
	for (size_t i = 0; i < t->entry_count; i++) {
		const sheet_entry *e = &t->entries[i];
		if (e->type == CELL_HEADING)
			continue;
		const uint32_t w = text_columns(t->text.at + e->at, e->n);
		width[c] = MAX_OF(width[c], w);
		c = c + 1 == t->count ? 0 : c + 1;
	}
	if (t->s.width == 0)
		return;
	for (uint32_t round = 0; round < 8; round++) {
		uint64_t total = (uint64_t)GAP * (t->count - 1), spare = 0;
		for (c = 0; c < t->count; c++) {
			const uint32_t least = t->columns[c].least ? t->columns[c].least : 8;
			total += width[c];
			if (t->columns[c].fit != SHEET_KEEP && width[c] > least)
				spare += width[c] - least;
		}
		if (total <= t->s.width || spare == 0)
			return;
		const uint64_t want = MIN_OF(total - t->s.width, spare);
		uint64_t taken = 0;
		for (c = 0; c < t->count; c++) {
			const uint32_t least = t->columns[c].least ? t->columns[c].least : 8;
			if (t->columns[c].fit == SHEET_KEEP || width[c] <= least)
				continue;
			uint64_t take = (width[c] - least) * want / spare;
			if (take == 0 && taken < want)
				take = 1;
			width[c] -= (uint32_t)take;
			taken += take;
		}
	}
}

static void print_padded(buf *out, const sheet *t, style st, bool right, uint32_t width, const char *text, size_t n, bool last)
{
	const uint32_t used = text_columns(text, n);
	const uint32_t pad = used < width ? width - used : 0;
	if (right)
		spaces(out, pad);
	if (n) {
		paint_begin(out, &t->s, st);
		buf_add(out, text, n);
		paint_end(out, &t->s, st);
	}
	if (!right && !last)
		spaces(out, pad);
}

/* The line that runs under the heads. */
static void print_rule(buf *out, const sheet *t, const uint32_t *width)
{
	paint_begin(out, &t->s, STYLE_DIM);
	for (uint32_t c = 0; c < t->count; c++) {
		if (c)
			spaces(out, GAP);
		for (uint32_t i = 0; i < width[c]; i++)
			buf_text(out, t->s.utf8 ? "─" : "-");
	}
	paint_end(out, &t->s, STYLE_DIM);
	buf_char(out, '\n');
}

typedef struct row_cell { const char *at; size_t n; style st; } row_cell;

static void print_row(buf *out, const sheet *t, const uint32_t *width, row_cell *cells)
{
	const char *dots = t->s.utf8 ? "…" : "..";
	const uint32_t dots_columns = t->s.utf8 ? 1 : 2;
	bool more = true;
	for (uint32_t line = 0; more; line++) {
		more = false;
		uint32_t last = t->count - 1;
		while (last > 0 && cells[last].n == 0)
			last--;
		for (uint32_t c = 0; c <= last; c++) {
			row_cell *const k = &cells[c];
			const sheet_column *const col = &t->columns[c];
			if (c)
				spaces(out, GAP);
			size_t next = k->n, end = k->n;
			buf cut = {0};
			if (text_columns(k->at, k->n) > width[c] && width[c] > 0) {
				if (col->fit == SHEET_WRAP) {
					end = line_end(k->at, k->n, width[c], &next);
				} else if (col->fit == SHEET_CUT) {
					end = line_end(k->at, k->n, width[c] > dots_columns ? width[c] - dots_columns : 1, &next);
					next = k->n;
					buf_add(&cut, k->at, end);
					buf_text(&cut, dots);
				}
			}
			if (cut.n)
				print_padded(out, t, k->st, col->right, width[c], cut.at, cut.n, c == last);
			else
				print_padded(out, t, k->st, col->right, width[c], k->at, end, c == last);
			buf_free(&cut);
			k->at += next;
			k->n -= next;
			if (k->n)
				more = true;
		}
		buf_char(out, '\n');
	}
}

static void print_people(const sheet *t, buf *out)
{
	uint32_t *width = base_malloc(t->count * sizeof *width);
	row_cell *cells = base_malloc(t->count * sizeof *cells);
	if (!width || !cells) {
		out->refused = true;
		free(width);
		free(cells);
		return;
	}
	fit_columns(t, width);
	bool heads = false;
	for (uint32_t c = 0; c < t->count; c++) {
		const char *head = t->columns[c].head ? t->columns[c].head : t->columns[c].key;
		cells[c] = (row_cell){head, strlen(head), STYLE_BOLD};
		if (*head)
			heads = true;
	}
	if (heads) {
		print_row(out, t, width, cells);
		print_rule(out, t, width);
	}
	uint32_t c = 0;
	for (size_t i = 0; i < t->entry_count; i++) {
		const sheet_entry *e = &t->entries[i];
		if (e->type == CELL_HEADING) {
			if (e->n) {
				paint_begin(out, &t->s, (style)e->style);
				buf_add(out, t->text.at + e->at, e->n);
				paint_end(out, &t->s, (style)e->style);
				buf_char(out, '\n');
			} else {
				print_rule(out, t, width);
			}
			continue;
		}
		cells[c] = (row_cell){t->text.at + e->at, e->n, (style)e->style};
		if (++c == t->count) {
			print_row(out, t, width, cells);
			c = 0;
		}
	}
	free(width);
	free(cells);
}

void sheet_print(sheet *t, buf *out)
{
	while (t->column != 0)
		sheet_cell(t, STYLE_NONE, NULL);
	if (t->refused || t->text.refused) {
		out->refused = true;
		return;
	}
	buf_char(&t->text, 0);          /* a place to point at even where every cell is empty */
	switch (t->form) {
	case SHEET_CSV: print_csv(t, out); break;
	case SHEET_JSON: print_json(t, out); break;
	case SHEET_PEOPLE: print_people(t, out); break;
	}
}
