/* table: what people see. Columns that fit the terminal, colours that stay out of files, CSV and JSON of the same rows.
 *
 *	screen s = screen_of(stdout, ...);                     a terminal? how wide? colours?
 *	sheet *t = sheet_new(SHEET_PEOPLE, s, columns, 4);
 *	sheet_cell(t, STYLE_DIM, "12.3"); sheet_cell(t, STYLE_NONE, "supply"); ...     row by row, left to right
 *	sheet_print(t, &out);                                   a buf; the caller writes it
 *	sheet_free(t);
 *
 * Cells may hold any text of a document: control characters (a terminal would obey them) and marks that turn the direction of
 * writing are taken out of what people see, and kept in CSV and JSON.
 */
#ifndef KULA_CLI_TABLE_H
#define KULA_CLI_TABLE_H

#include "base/base.h"

typedef struct screen {
	bool     terminal;
	bool     colour;                /* a terminal, and neither NO_COLOR nor TERM=dumb */
	bool     utf8;                  /* lines and dots beyond ASCII may be used */
	uint32_t width;                 /* columns; 0: no limit (not a terminal) */
} screen;
/* What stands behind a stream. COLUMNS overrides the terminal's own word. KULA_SCREEN=<columns> pretends a terminal of that
 * width without colours, for tests and for pages of a manual; KULA_SCREEN=<columns>c with them. */
screen screen_of(FILE *f);

typedef enum style {
	STYLE_NONE, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_WARN, STYLE_BAD, STYLE_ACCENT, STYLE_SECOND, STYLE_HEAD,
	STYLES
} style;
/* The colour that a status has everywhere. */
style style_of_status(kula_claim_status s);

/* Text in a style, cleaned; escape codes only if the screen has colours. */
void paint(buf *out, const screen *s, style st, const char *text);
void paint_n(buf *out, const screen *s, style st, const char *text, size_t n);
/* Begin and end of a style by hand. */
void paint_begin(buf *out, const screen *s, style st);
void paint_end(buf *out, const screen *s, style st);

/* Columns that text takes on a terminal: wide characters 2, combining ones 0. */
uint32_t text_columns(const char *text, size_t n);
/* The text without control characters and turning marks; white space becomes single spaces. Appended to out. */
void text_clean(buf *out, const char *text, size_t n);
/* Writes text wrapped at words to the screen's width, each line after the first (or all, first_too) behind `indent` spaces. */
void text_wrap(buf *out, const screen *s, uint32_t indent, bool first_too, style st, const char *text);

typedef enum sheet_form { SHEET_PEOPLE, SHEET_CSV, SHEET_JSON } sheet_form;     /* JSON: one object a line */
typedef enum sheet_fit {
	SHEET_KEEP,                     /* its full width, always */
	SHEET_WRAP,                     /* may be broken over lines */
	SHEET_CUT                       /* may be cut, with an ellipsis */
} sheet_fit;

typedef struct sheet_column {
	const char *key;                /* in CSV's first line and JSON's objects */
	const char *head;               /* for people; NULL: the key */
	bool        right;              /* numbers */
	sheet_fit   fit;
	uint32_t    least;              /* columns that it keeps when room is short; 0: 8 */
} sheet_column;

typedef struct sheet sheet;
/* columns must outlive the sheet. NULL: no memory. */
sheet *sheet_new(sheet_form form, screen s, const sheet_column *columns, uint32_t count);
void sheet_free(sheet *t);
/* The next cell. NULL is an empty cell, null in JSON. Cells beyond the last column begin the next row. */
void sheet_cell(sheet *t, style st, const char *text);
void sheet_cell_n(sheet *t, style st, const char *text, size_t n);
void sheet_number(sheet *t, style st, double v);                /* grouped for people (12,500), plain elsewhere; NaN: empty */
void sheet_whole(sheet *t, style st, int64_t v);                /* never grouped: numbers of things, years */
void sheet_json(sheet *t, style st, const char *people, const char *json);     /* people's text; JSON takes `json` as it is */
/* A line between rows, for people only: a heading over the rows that follow, or a rule with text NULL. Between rows only. */
void sheet_heading(sheet *t, style st, const char *text);
uint32_t sheet_rows(const sheet *t);
void sheet_print(sheet *t, buf *out);
/* A number as people read it: 12,500; 2.5 million from a million on. */
void number_for_people(buf *out, double v);
/* An interval: "70", "70–75", "≥ 70", "≤ 100", "?". Same for ASCII screens with "-", ">=", "<=". */
void interval_for_people(buf *out, const screen *s, double min, double max, bool approx);

#endif
