/* import: rows and lines become documents with claims.
 *
 * A table has no running text, and Kula keeps nothing that can't be traced. So a row becomes a document of its own: its text is the
 * row, column by column, its evidence is all of it, and each party, number and year points at its cell. Rows are documents, and not
 * tables, so that a table of a later year adds what is new in it and nothing twice. */
#include "formats/import.h"

#include <math.h>
#include <stdlib.h>

struct importer {
	import_options o;
	const char *path;
	source     *lines;              /* JSONL */
	csv        *rows;
	const register_kind *kind;
	buf         heads;              /* names of columns, one behind the other, each with a zero */
	uint32_t    head_at[CSV_CELLS]; /* into heads */
	uint8_t     field_of[CSV_CELLS];/* FIELDS_MOST: none that we know */
	uint32_t    columns;
	table      *keys;               /* how often a key was met */
	table      *codes;              /* name -> place in code_words + 1 */
	buf         code_words;
	buf         text;               /* of the row in hand */
	kula_error  row_err;
	bool        guessed;
};

static const char *const names[IMPORT_FORMATS] = {"jsonl", "cites", "sipri", "kiel"};
static const char *const abouts[IMPORT_FORMATS] = {
	[IMPORT_JSONL] = "claims by other readers, a document a line, as docs/CLAIMS.md has them",
	[IMPORT_CITES] = "CITES trade database, comparative table: exporter's and importer's figures are two accounts",
	[IMPORT_SIPRI] = "SIPRI arms transfers, trade register: ordered is promised, delivered is done",
	[IMPORT_KIEL] = "Kiel's Ukraine Support Tracker, the sheet of bilateral assistance saved as CSV",
};
static const register_kind *const kinds[IMPORT_FORMATS] = {
	[IMPORT_CITES] = &import_cites, [IMPORT_SIPRI] = &import_sipri, [IMPORT_KIEL] = &import_kiel,
};

const char *import_format_name(import_format f) { return (unsigned)f < IMPORT_FORMATS ? names[f] : "?"; }
const char *import_format_about(import_format f) { return (unsigned)f < IMPORT_FORMATS ? abouts[f] : "?"; }

int import_format_of(const char *name)
{
	for (int f = 0; f < IMPORT_FORMATS; f++)
		if (strcmp(name, names[f]) == 0)
			return f;
	return -1;
}

const formats *import_formats(const importer *i) { return i->o.f; }
const char *import_register(const importer *i) { return i->kind->name; }
bool import_guessed_encoding(const importer *i) { return i->guessed; }

/* ---- words of cells ---- */

/* White space becomes single spaces, none at the ends; what a terminal would obey is left out. */
static void add_clean(buf *b, const char *at, size_t n)
{
	bool space = false, any = false;
	for (size_t i = 0; i < n; i++) {
		const byte c = (byte)at[i];
		const bool no_break = c == 0xC2 && i + 1 < n && (byte)at[i + 1] == 0xA0;
		if (is_space(c) || no_break) {
			space = any;
			i += no_break;
		} else if (c >= 0x20 && c != 0x7F) {
			if (space)
				buf_char(b, ' ');
			buf_char(b, at[i]);
			space = false;
			any = true;
		}
	}
}

/* A name of a column by its letters and digits alone. */
static void add_plain(buf *b, const char *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_alpha((byte)at[i]) || is_digit((byte)at[i]) || (byte)at[i] >= 0x80)
			buf_char(b, (char)to_lower((byte)at[i]));
}

static bool name_is(const char *head, const char *name, size_t n)
{
	buf a = {0}, b = {0};
	add_plain(&a, head, strlen(head));
	add_plain(&b, name, n);
	const bool same = a.n > 0 && a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
	buf_free(&a);
	buf_free(&b);
	return same;
}

bool words_stand(const char *text, cell words)
{
	const size_t n = strlen(text);
	for (size_t at = 0; words.n > 0 && at + words.n <= n; at++) {
		size_t i = 0;
		while (i < words.n && to_lower((byte)text[at + i]) == to_lower((byte)words.at[i]))
			i++;
		const byte before = at > 0 ? (byte)text[at - 1] : ' ', behind = (byte)text[at + i];
		if (i == words.n && !is_alpha(before) && !is_digit(before) && before < 0x80 && !is_alpha(behind) && !is_digit(behind) && behind < 0x80)
			return true;
	}
	return false;
}

/* ---- the header ---- */

/* Which column is which field, by one row that may be the header. How many needed fields it has; *missing: the first it lacks. */
static uint32_t try_header(importer *i, const csv_row *row, const char **missing, uint32_t *needed, uint32_t *twice)
{
	const mapping *const m = &i->o.f->maps[MAP_COLUMNS];
	i->heads.n = 0;
	i->columns = row->count;
	*missing = NULL;
	*needed = 0;
	*twice = UINT32_MAX;
	for (uint32_t c = 0; c < row->count; c++) {
		i->head_at[c] = (uint32_t)i->heads.n;
		i->field_of[c] = FIELDS_MOST;
		add_clean(&i->heads, row->cells[c].at, row->cells[c].n);
		buf_char(&i->heads, '\0');
	}
	if (i->heads.refused)
		return 0;
	uint32_t found = 0;
	for (uint32_t r = 0; r < m->count; r++) {
		if (!cell_is(m->rows[r][0], i->kind->name))
			continue;
		uint32_t field = 0;
		while (field < i->kind->field_count && !cell_is(m->rows[r][1], i->kind->fields[field]))
			field++;
		if (field == i->kind->field_count)
			continue;
		const bool need = cell_is(m->rows[r][2], "1");
		bool there = false;
		/* Names in the order of the table: the first that is there counts. */
		const cell all = m->rows[r][3];
		for (size_t from = 0; from <= all.n && !there;) {
			const char *const bar = memchr(all.at + from, '|', all.n - from);
			const size_t to = bar != NULL ? (size_t)(bar - all.at) : all.n;
			for (uint32_t c = 0; c < row->count; c++) {
				if (!name_is(i->heads.at + i->head_at[c], all.at + from, to - from))
					continue;
				if (there)
					*twice = c;
				else if (i->field_of[c] == FIELDS_MOST)
					i->field_of[c] = (uint8_t)field;
				there = true;
			}
			from = to + 1;
		}
		*needed += need;
		found += need && there;
		if (need && !there && *missing == NULL) {
			static const char none[] = "?";
			*missing = field < i->kind->field_count ? i->kind->fields[field] : none;
		}
	}
	return found;
}

/* Registers put remarks above their tables, and part cells by one mark or another: the header is the first row, parted by
 * whichever mark, that has all columns we need. */
static kula_status find_header(importer *i, kula_error *err)
{
	enum { ROWS_ABOVE = 60 };
	static const char marks[] = {',', ';', '\t', '|'};
	uint32_t best = 0, best_line = 0;
	const char *best_missing = NULL;
	char best_mark = ',';
	arena *const a = arena_new((size_t)64 << 20);
	if (a == NULL)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory to read '%s'", csv_name(i->rows));
	for (size_t k = 0; k < sizeof marks; k++) {
		csv_rewind(i->rows, marks[k]);
		for (uint32_t n = 0; n < ROWS_ABOVE; n++) {
			csv_row row;
			const char *missing;
			uint32_t needed, twice;
			arena_clear(a);
			const kula_status status = csv_next(i->rows, a, &row, NULL);
			if (status == KULA_ENOTFOUND || status == KULA_EMEMORY)
				break;
			if (status != KULA_OK)
				continue;
			const uint32_t found = try_header(i, &row, &missing, &needed, &twice);
			if (found == needed && needed > 0) {
				arena_free(a);
				if (twice != UINT32_MAX)
					return csv_fail(i->rows, row.line, twice + 1, err, "the column '%.60s' is there twice", i->heads.at + i->head_at[twice]);
				return i->heads.refused ? kula_fail(err, KULA_EMEMORY, 0, "no memory") : KULA_OK;
			}
			if (found > best) {
				best = found;
				best_line = row.line;
				best_missing = missing;
				best_mark = marks[k];
			}
		}
	}
	arena_free(a);
	csv_rewind(i->rows, best_mark);
	if (best < 2)
		return csv_fail(i->rows, 1, 1, err, "no header of a %s table in the first %d rows; columns.tsv says what it is looked for by", i->kind->name,
			ROWS_ABOVE);
	return csv_fail(i->rows, best_line, 1, err, "the header lacks a column '%s'; its name can be put into columns.tsv", best_missing);
}

importer *import_open(const import_options *o, const char *path, kula_error *err)
{
	importer *const i = base_malloc(sizeof *i);
	if (i == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory");
		return NULL;
	}
	memset(i, 0, sizeof *i);
	i->o = *o;
	i->path = path;
	i->kind = kinds[o->format];
	if (o->format == IMPORT_JSONL) {
		i->lines = source_open(path, o->publisher, o->published, err);
		if (i->lines != NULL)
			return i;
	} else {
		i->rows = csv_open(path, o->encoding, err);
		/* SIPRI's own export is no UTF-8. Once a file isn't, all of it is taken for what spreadsheets write. */
		if (i->rows != NULL && o->encoding == CSV_AUTO && o->format == IMPORT_SIPRI && strcmp(path, "-") != 0 && !csv_is_utf8(i->rows)) {
			csv_close(i->rows);
			i->rows = csv_open(path, CSV_WINDOWS_1252, err);
			i->guessed = true;
		}
		i->keys = table_new();
		i->codes = table_new();
		if (i->rows != NULL && (i->keys == NULL || i->codes == NULL))
			kula_fail(err, KULA_EMEMORY, 0, "no memory");
		else if (i->rows != NULL && find_header(i, err) == KULA_OK)
			return i;
	}
	import_close(i);
	return NULL;
}

void import_close(importer *i)
{
	if (i == NULL)
		return;
	source_close(i->lines);
	csv_close(i->rows);
	table_free(i->keys);
	table_free(i->codes);
	buf_free(&i->heads);
	buf_free(&i->code_words);
	buf_free(&i->text);
	free(i);
}

/* ---- a row in hand ---- */

kula_status row_fail(const row_view *r, uint32_t field, const char *format, ...)
{
	char what[160];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	const row_field *const f = &r->fields[field];
	if (f->head_text == NULL)
		return csv_fail(r->i->rows, r->line, 1, r->err, "%s in column '%s', which the table hasn't", what, r->i->kind->fields[field]);
	return csv_fail(r->i->rows, f->line, f->column, r->err, "%s in column '%.60s'", what, f->head_text);
}

bool row_told(const row_view *r, uint32_t field) { return r->fields[field].value[0] != '\0'; }

void *row_keep(const row_view *r, const void *at, size_t count, size_t size)
{
	void *const kept = arena_alloc(r->a, count, size);
	if (kept == NULL)
		kula_fail(r->err, KULA_EMEMORY, 0, "no memory for the row");
	else
		memcpy(kept, at, count * size);
	return kept;
}

/* Digits with groups and a point; *end is behind them. NaN: no number. */
static double plain_number(const char *s, const char **end)
{
	char digits[64];
	size_t n = 0;
	const char *p = s;
	bool point = false;
	while (n + 1 < sizeof digits) {
		if (is_digit((byte)*p)) {
			digits[n++] = *p++;
		} else if ((*p == ',' || *p == ' ' || *p == '\'') && n > 0 && !point && is_digit((byte)p[1]) && is_digit((byte)p[2]) && is_digit((byte)p[3])
				&& !is_digit((byte)p[4])) {
			p++;                    /* 1,200 and 1 200 */
		} else if (*p == '.' && !point && (n > 0 || is_digit((byte)p[1]))) {
			if (n == 0)
				digits[n++] = '0';
			digits[n++] = *p++;
			point = true;
		} else if ((*p == 'e' || *p == 'E') && n > 0 && (is_digit((byte)p[1]) || ((p[1] == '+' || p[1] == '-') && is_digit((byte)p[2])))) {
			if (n + 8 > sizeof digits)
				return NAN;
			digits[n++] = *p++;
			if (!is_digit((byte)*p))
				digits[n++] = *p++;
			for (int k = 0; k < 3 && is_digit((byte)*p); k++)
				digits[n++] = *p++;
			break;
		} else {
			break;
		}
	}
	if (n == 0 || is_digit((byte)*p))
		return NAN;
	digits[n] = '\0';
	*end = p;
	double v = 0, scale = 1;
	int exponent = 0;
	bool behind = false;
	for (size_t k = 0; k < n; k++) {                /* by hand: strtod obeys the locale */
		if (digits[k] == 'e' || digits[k] == 'E') {
			exponent = atoi(digits + k + 1);
			break;
		}
		if (digits[k] == '.') {
			behind = true;
		} else {
			v = v * 10 + (digits[k] - '0');
			if (behind)
				scale *= 10;
		}
	}
	v = v / scale;
	return exponent != 0 ? v * pow(10, exponent) : v;
}

static const char *past_spaces(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

kula_status row_number(const row_view *r, uint32_t field, kula_quantity *q)
{
	const row_field *const f = &r->fields[field];
	q->min = q->max = NAN;
	q->approx = f->flagged;
	if (!row_told(r, field))
		return KULA_OK;
	const char *s = f->value;
	bool bracket = false, least = false, most = false;
	if (*s == '(') {
		bracket = true;
		s = past_spaces(s + 1);
	}
	if (*s == '>' || *s == '<' || *s == '~') {
		least = *s == '>';
		most = *s == '<';
		q->approx |= *s == '~';
		s = past_spaces(s + 1 + (s[1] == '='));
	} else if ((s[0] == 'c' || s[0] == 'C') && (s[1] == '.' || s[1] == 'a' || s[1] == ' ')) {
		q->approx = true;
		s += 1 + (s[1] == '.' || s[1] == 'a');
		s = past_spaces(*s == '.' ? s + 1 : s);
	}
	const char *end = s;
	const double first = plain_number(s, &end);
	double last = first;
	if (!isnan(first)) {
		s = past_spaces(end);
		const bool dash = *s == '-' && s > f->value, long_dash = strncmp(s, "\xE2\x80\x93", 3) == 0;
		if (dash || long_dash) {
			s = past_spaces(s + (dash ? 1 : 3));
			last = plain_number(s, &end);
			if (!isnan(last))
				s = past_spaces(end);
		}
		if (*s == '+') {
			least = true;
			s = past_spaces(s + 1);
		}
		if (*s == '?') {
			q->approx = true;
			s = past_spaces(s + 1);
		}
		if (bracket && *s == ')') {
			q->approx = true;
			bracket = false;
			s = past_spaces(s + 1);
		}
		if (*s == '?') {
			q->approx = true;
			s = past_spaces(s + 1);
		}
	}
	if (isnan(first) || isnan(last) || *s != '\0' || bracket || first > last || last > 1e18)
		return row_fail(r, field, "'%.60s' is no number", f->value);
	q->min = most ? NAN : first;
	q->max = least ? NAN : last;
	return KULA_OK;
}

kula_status row_years(const row_view *r, uint32_t field, kula_days *out)
{
	const row_field *const f = &r->fields[field];
	int first = 0, last = 0;
	*out = (kula_days){KULA_NO_DAY, KULA_NO_DAY};
	if (!row_told(r, field))
		return KULA_OK;
	for (const char *s = f->value; *s != '\0';) {
		if (is_digit((byte)s[0]) && is_digit((byte)s[1]) && is_digit((byte)s[2]) && is_digit((byte)s[3]) && !is_digit((byte)s[4])) {
			const int year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0');
			if (year < 1800 || year > 2200)
				return row_fail(r, field, "'%d' is no year", year);
			first = first == 0 ? year : MIN_OF(first, year);
			last = MAX_OF(last, year);
			s += 4;
		} else if (strchr(" ;,-/()?", *s) != NULL || (byte)*s >= 0x80) {
			s++;                    /* the long dash is bytes beyond ASCII */
		} else if (s[0] == '.' && s[1] == '0' && first != 0) {
			s += 2;                 /* 2019.0, from programs that count years as reals */
		} else {
			return row_fail(r, field, "'%.60s' is no year", f->value);
		}
	}
	if (first == 0)
		return row_fail(r, field, "'%.60s' is no year", f->value);
	*out = (kula_days){day_of(first, 1, 1), day_of(last, 12, 31)};
	return KULA_OK;
}

/* The day in s, KULA_NO_DAY if it is none. */
static kula_day day_in(const char *s)
{
	int n[3] = {0}, digits[3] = {0}, part = 0;
	char mark = 0;
	const size_t length = strlen(s);
	if (length >= 10 && s[4] == '-' && kula_day_parse(s, 10) != KULA_NO_DAY && (length == 10 || s[10] == ' ' || s[10] == 'T'))
		return kula_day_parse(s, 10);
	const char *p = s;
	for (; part < 3; p++) {
		if (is_digit((byte)*p) && digits[part] < 5) {
			n[part] = n[part] * 10 + (*p - '0');
			digits[part]++;
		} else if (digits[part] > 0 && part < 2 && (*p == '/' || *p == '.' || *p == '-') && (mark == 0 || mark == *p)) {
			mark = *p;
			part++;
		} else {
			break;
		}
	}
	if (*p != '\0' && *p != ' ')
		return KULA_NO_DAY;
	if (part == 0 && digits[0] == 5 && n[0] > 25000 && n[0] < 80000)
		return n[0] - 25569;            /* a spreadsheet counts from the day before 1900 */
	if (part != 2 || digits[2] != 4)
		return KULA_NO_DAY;
	const bool month_first = mark == '/' && n[0] <= 12;
	return month_first ? day_of(n[2], n[0], n[1]) : day_of(n[2], n[1], n[0]);
}

kula_status row_day(const row_view *r, uint32_t field, kula_days *out)
{
	const row_field *const f = &r->fields[field];
	*out = (kula_days){KULA_NO_DAY, KULA_NO_DAY};
	if (!row_told(r, field))
		return KULA_OK;
	const kula_day day = day_in(f->value);
	if (day != KULA_NO_DAY) {
		*out = (kula_days){day, day};
		return KULA_OK;
	}
	/* "until 12/20/2022": some day up to then, from the start of that year */
	const char *s = f->value;
	static const char until[] = "until ";
	size_t n = 0;
	while (n + 1 < sizeof until && to_lower((byte)s[n]) == (byte)until[n])
		n++;
	const kula_day last = n + 1 == sizeof until ? day_in(s + n) : KULA_NO_DAY;
	if (last == KULA_NO_DAY)
		return row_fail(r, field, "'%.60s' is no day", f->value);
	int year, month, day_number;
	day_split(last, &year, &month, &day_number);
	*out = (kula_days){day_of(year, 1, 1), last};
	return KULA_OK;
}

/* ---- parties ---- */

/* Registers mark who is no state with stars and add the country in brackets: "Hezbollah (Lebanon)*". */
static const char *code_of_name(const importer *i, const char *name, size_t n, char *room, size_t room_bytes)
{
	while (n > 0 && (name[n - 1] == '*' || name[n - 1] == ' '))
		n--;
	const cell *const own = mapping_find_for(i->o.f, MAP_PARTIES, i->kind->name, name, n);
	cell found = own != NULL ? own[2] : (cell){0};
	if (own == NULL && n == 2) {
		const cell *const state = mapping_state(i->o.f, 1, name, n);
		found = state != NULL ? state[0] : found;
	}
	if (found.n > 0) {
		snprintf(room, room_bytes, "%.*s", (int)found.n, found.at);
		return room;
	}
	if (i->o.k == NULL || n + 1 > room_bytes)
		return "";
	memcpy(room, name, n);
	room[n] = '\0';
	const char *code = know_code_of(i->o.k, room);
	char *const open = code[0] == '\0' && n > 0 && room[n - 1] == ')' ? strrchr(room, '(') : NULL;
	if (open != NULL) {
		room[n - 1] = '\0';
		code = know_code_of(i->o.k, open + 1);
	}
	return code;
}

/* The party of these words of a cell. */
static kula_status party_of(const row_view *r, uint32_t field, const char *words, kula_span span, kula_party *out)
{
	importer *const i = (importer *)(uintptr_t)r->i;        /* its cache of names changes, nothing that is seen */
	*out = (kula_party){.text = words, .span = span};
	const size_t n = strlen(words);
	bool fresh;
	uint32_t *const place = table_put(i->codes, words, n, &fresh);
	if (place == NULL)
		return kula_fail(r->err, KULA_EMEMORY, 0, "no memory");
	if (fresh) {
		char room[256];
		const char *const code = code_of_name(i, words, n, room, sizeof room);
		*place = (uint32_t)i->code_words.n + 1;
		buf_add(&i->code_words, code, strlen(code) + 1);
		if (i->code_words.refused)
			return kula_fail(r->err, KULA_EMEMORY, 0, "no memory");
	}
	const char *const code = i->code_words.at + *place - 1;
	if (code[0] == '\0')
		return row_fail(r, field, "'%.60s' is nobody that kula knows (a row of parties.tsv can say who)", words);
	if (strcmp(code, "-") != 0)
		snprintf(out->code, sizeof out->code, "%s", code);
	return KULA_OK;
}

kula_status row_party(const row_view *r, uint32_t field, kula_party *out)
{
	*out = (kula_party){0};
	return row_told(r, field) ? party_of(r, field, r->fields[field].value, r->fields[field].span, out) : row_fail(r, field, "nobody");
}

kula_status row_parties(const row_view *r, uint32_t field, const kula_party **out, uint32_t *count)
{
	enum { SEVERAL = 16 };
	const char *const value = r->fields[field].value;
	*out = NULL;
	*count = 0;
	if (!row_told(r, field))
		return row_fail(r, field, "nobody");
	kula_party *const list = ARENA_NEW(r->a, kula_party, SEVERAL);
	for (size_t from = 0; list != NULL && value[from] != '\0';) {
		if (*count == SEVERAL)
			return row_fail(r, field, "more than %d parties", SEVERAL);
		const char *const mark = strstr(value + from, "; ");
		const size_t to = mark != NULL ? (size_t)(mark - value) : strlen(value);
		char *const words = arena_text(r->a, value + from, to - from);
		if (words == NULL)
			break;
		const uint32_t at = r->fields[field].span.from;
		const kula_status status = party_of(r, field, words, (kula_span){at + (uint32_t)from, at + (uint32_t)to}, &list[(*count)++]);
		if (status != KULA_OK)
			return status;
		from = to + (mark != NULL ? 2 : 0);
	}
	*out = list;
	return list != NULL && !arena_refused(r->a) ? KULA_OK : kula_fail(r->err, KULA_EMEMORY, 0, "no memory for the row");
}

kula_status row_register_party(const row_view *r, kula_party *out)
{
	const cell *const own = mapping_find(r->i->o.f, MAP_REGISTERS, 0, r->i->kind->name, strlen(r->i->kind->name));
	*out = (kula_party){0};
	const char *const at = own != NULL && cell_told(own[3]) ? memmem(r->text, r->register_span.to, own[3].at, own[3].n) : NULL;
	if (at == NULL)
		return csv_fail(r->i->rows, r->line, 1, r->err, "registers.tsv doesn't say who receives in a %s table, in words of its third column", r->i->kind->name);
	char *const text = arena_text(r->a, own[3].at, own[3].n);
	if (text == NULL)
		return kula_fail(r->err, KULA_EMEMORY, 0, "no memory for the row");
	out->text = text;
	out->span = (kula_span){(uint32_t)(at - r->text), (uint32_t)(at - r->text) + (uint32_t)own[3].n};
	snprintf(out->code, sizeof out->code, "%.*s", (int)own[4].n, own[4].at);
	return KULA_OK;
}

kula_claim *row_claim(row_view *r, uint32_t trigger_field, kula_act act, kula_claim_status status, const char *told)
{
	if (r->count == COUNT_OF(r->claims))
		return NULL;
	kula_claim *const c = &r->claims[r->count++];
	const row_field *const f = &r->fields[trigger_field];
	*c = (kula_claim){.evidence = r->text, .span = {0, r->text_bytes}, .trigger = f->head_text, .trigger_span = f->head, .act = act,
		.status = status, .date = {KULA_NO_DAY, KULA_NO_DAY}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = NAN, .exchange = told};
	return c;
}

/* ---- rows ---- */

static bool is_blank(const importer *i, uint8_t field, const char *at, size_t n)
{
	const mapping *const m = &i->o.f->maps[MAP_BLANKS];
	if (n == 0)
		return true;
	for (uint32_t r = 0; r < m->count; r++)
		if (m->rows[r][2].n == n && memcmp(m->rows[r][2].at, at, n) == 0 && cell_is(m->rows[r][0], i->kind->name)
				&& (cell_is(m->rows[r][1], "*") || cell_is(m->rows[r][1], i->kind->fields[field])))
			return true;
	return false;
}

static void out_of_memory(row_view *r) { kula_fail(r->err, KULA_EMEMORY, 0, "no memory for the row"); }

/* Writes the text of the row and places the fields in it. */
static kula_status render(importer *i, const csv_row *row, row_view *r)
{
	const cell *const own = mapping_find(i->o.f, MAP_REGISTERS, 0, i->kind->name, strlen(i->kind->name));
	buf *const b = &i->text;
	b->n = 0;
	if (own != NULL)
		buf_add(b, own[2].at, own[2].n);
	r->register_span = (kula_span){0, (uint32_t)b->n};
	buf_char(b, ':');
	uint8_t last = FIELDS_MOST;
	bool first = true;
	/* Even where the last cell is empty: a mark inside of a cell that isn't quoted moves all behind it. */
	if (row->count > i->columns)
		return csv_fail(i->rows, row->cells[i->columns].line, row->cells[i->columns].column, r->err,
			"the row has %u cells, the header %u; is a cell with a '%c' in it quoted?", row->count, i->columns, csv_delimiter(i->rows));
	for (uint32_t c = 0; c < row->count; c++) {
		const char *const head = i->heads.at + i->head_at[c];
		const size_t begun = b->n;
		if (head[0] == '\0') {
			/* A column without a name belongs to the one before: SIPRI's question marks. */
			buf_text(b, " (");
			const size_t at = b->n;
			add_clean(b, row->cells[c].at, row->cells[c].n);
			if (b->n == at)
				b->n = begun;
			else {
				if (last < FIELDS_MOST)
					r->fields[last].flagged = true;
				buf_char(b, ')');
			}
			continue;
		}
		const uint8_t field = i->field_of[c];
		last = field;
		if (field < FIELDS_MOST) {
			r->fields[field].head_text = head;
			r->fields[field].line = row->cells[c].line;
			r->fields[field].column = row->cells[c].column;
		}
		buf_text(b, first ? " " : "; ");
		const uint32_t head_from = (uint32_t)b->n;
		buf_text(b, head);
		const uint32_t head_to = (uint32_t)b->n;
		buf_text(b, ": ");
		const uint32_t from = (uint32_t)b->n;
		add_clean(b, row->cells[c].at, row->cells[c].n);
		if (b->n == from) {
			b->n = begun;
			continue;
		}
		first = false;
		if (field < FIELDS_MOST && !is_blank(i, field, b->at + from, b->n - from)) {
			r->fields[field].head = (kula_span){head_from, head_to};
			r->fields[field].span = (kula_span){from, (uint32_t)b->n};
		}
	}
	for (uint32_t c = row->count; c < i->columns; c++)
		if (i->field_of[c] < FIELDS_MOST) {             /* a short row: what it lacks is empty, and the fault is at its end */
			const csv_cell *const end = &row->cells[row->count - 1];
			r->fields[i->field_of[c]].head_text = i->heads.at + i->head_at[c];
			r->fields[i->field_of[c]].line = end->line;
			r->fields[i->field_of[c]].column = end->column;
		}
	buf_char(b, '.');
	if (b->n > SOURCE_DOCUMENT_BYTES)
		return csv_fail(i->rows, row->line, 1, r->err, "the row is longer than %u MiB", SOURCE_DOCUMENT_BYTES >> 20);
	r->text = b->refused ? NULL : arena_text(r->a, b->at, b->n);
	r->text_bytes = (uint32_t)b->n;
	if (r->text == NULL) {
		out_of_memory(r);
		return KULA_EMEMORY;
	}
	for (uint32_t f = 0; f < FIELDS_MOST; f++) {
		const kula_span s = r->fields[f].span;
		r->fields[f].value = s.to > 0 ? arena_text(r->a, r->text + s.from, s.to - s.from) : "";
		if (r->fields[f].value == NULL) {
			out_of_memory(r);
			return KULA_EMEMORY;
		}
	}
	return KULA_OK;
}

/* Which row this is, whatever figures it has: "sipri:89abcdef01234567", with #2 behind it for the second such row of a table. */
static const char *key_of(importer *i, const row_view *r)
{
	buf words = {0};
	const bool own = i->kind->id < FIELDS_MOST && row_told(r, i->kind->id);
	for (uint32_t f = 0; f < i->kind->field_count; f++) {
		if (own ? f == i->kind->id : (i->kind->keys >> f & 1) != 0)
			buf_text(&words, r->fields[f].value);
		buf_char(&words, '\x1F');
	}
	const char *key = NULL;
	if (!words.refused)
		key = own ? arena_format(r->a, "%s:%s", i->kind->name, r->fields[i->kind->id].value)
			: arena_format(r->a, "%s:%016llx", i->kind->name, (unsigned long long)hash_bytes(words.at, words.n));
	buf_free(&words);
	uint32_t *const met = key != NULL ? table_put(i->keys, key, strlen(key), NULL) : NULL;
	if (met == NULL)
		return NULL;
	return ++*met > 1 ? arena_format(r->a, "%s#%u", key, *met) : key;
}

/* The header again, where tables were put behind one another. */
static bool is_header(const importer *i, const csv_row *row)
{
	if (row->count != i->columns)
		return false;
	for (uint32_t c = 0; c < row->count; c++)
		if (i->field_of[c] < FIELDS_MOST && !name_is(i->heads.at + i->head_at[c], row->cells[c].at, row->cells[c].n))
			return false;
	return true;
}

static bool is_empty(const csv_row *row)
{
	for (uint32_t c = 0; c < row->count; c++)
		for (size_t k = 0; k < row->cells[c].n; k++)
			if (!is_space((byte)row->cells[c].at[k]))
				return false;
	return true;
}

static kula_status next_row(importer *i, arena *a, import_document *out, kula_error *err)
{
	for (;;) {
		csv_row row;
		kula_status status = csv_next(i->rows, a, &row, err);
		if (status != KULA_OK)
			return status;
		if (is_empty(&row) || is_header(i, &row))
			continue;
		row_view *const r = ARENA_NEW(a, row_view, 1);
		if (r == NULL)
			return kula_fail(err, KULA_EMEMORY, 0, "no memory for the row");
		*r = (row_view){.i = i, .a = a, .err = err, .line = row.line, .published = i->o.published};
		status = render(i, &row, r);
		const char *const key = status == KULA_OK ? key_of(i, r) : NULL;
		if (status == KULA_OK && key == NULL)
			return kula_fail(err, KULA_EMEMORY, 0, "no memory for the row");
		if (status == KULA_OK)
			status = i->kind->read(r);
		if (status != KULA_OK)
			return status;
		if (r->count == 0)
			continue;
		const cell *const own = mapping_find(i->o.f, MAP_REGISTERS, 0, i->kind->name, strlen(i->kind->name));
		const char *publisher = i->o.publisher;
		if (publisher == NULL && own != NULL)
			publisher = arena_text(a, own[1].at, own[1].n);
		*out = (import_document){.d = {.id = key, .title = r->title, .publisher = publisher, .published = r->published, .text = r->text,
			.text_bytes = r->text_bytes, .dossier = arena_format(a, "register:%s", i->kind->name)}, .claims = r->claims, .count = r->count,
			.line = row.line};
		for (uint32_t c = 0; c < r->count; c++) {
			kula_claim *const k = &r->claims[c];
			k->exchange = k->exchange != NULL ? arena_format(a, "%s/%s", key, k->exchange) : key;
			kula_error fault = {0};
			if (!claims_check(&out->d, k, &fault))
				return csv_fail(i->rows, row.line, 1, err, "%s", fault.text);
		}
		return arena_refused(a) ? kula_fail(err, KULA_EMEMORY, 0, "no memory for the row") : KULA_OK;
	}
}

/* ---- lines of JSONL ---- */

static kula_status next_line(importer *i, arena *a, import_document *out, kula_error *err)
{
	for (;;) {
		source_document *const s = ARENA_NEW(a, source_document, 1);
		if (s == NULL)
			return kula_fail(err, KULA_EMEMORY, 0, "no memory for the line");
		kula_error fault = {0};
		kula_status status = source_next(i->lines, a, s, &fault);
		if (status == KULA_ENOTFOUND)
			return status;
		const char *const file = s->file != NULL ? s->file : i->path;
		if (status != KULA_OK) {
			const uint64_t column = fault.byte >= s->byte ? fault.byte - s->byte + 1 : 1;
			char what[sizeof fault.text];
			/* "line 3: " is said by the place in front */
			const char *const colon = strncmp(fault.text, "line ", 5) == 0 ? strstr(fault.text, ": ") : NULL;
			snprintf(what, sizeof what, "%s", colon != NULL ? colon + 2 : fault.text);
			if (s->line == 0)
				return kula_fail(err, status, fault.byte, "%s: %s", file, what);
			return kula_fail(err, status, 0, "%s:%llu:%llu: %s", file, (unsigned long long)s->line, (unsigned long long)column, what);
		}
		if (s->d.text == NULL)          /* a dossier's links */
			continue;
		if (!s->has_claims)
			return kula_fail(err, KULA_EFORMAT, 0, "%s:%llu:1: the line has no 'claims'; 'kula add' reads texts", file, (unsigned long long)s->line);
		for (uint32_t c = 0; c < s->claim_count; c++) {
			claims_locate(&s->d, &s->claims[c]);
			fault = (kula_error){0};
			if (!claims_check(&s->d, &s->claims[c], &fault)) {
				const char *const id = s->claims[c].id;
				return kula_fail(err, KULA_EFORMAT, 0, "%s:%llu:1: claim %u%s%.40s%s: %s", file, (unsigned long long)s->line, c + 1, id != NULL ? " (" : "",
					id != NULL ? id : "", id != NULL ? ")" : "", fault.text);
			}
		}
		*out = (import_document){.d = s->d, .claims = s->claims, .count = s->claim_count, .reader = s->reader, .fetched = s->fetched, .line = s->line};
		return KULA_OK;
	}
}

kula_status import_next(importer *i, arena *a, import_document *out, kula_error *err)
{
	*out = (import_document){0};
	return i->lines != NULL ? next_line(i, a, out, err) : next_row(i, a, out, err);
}
