/* compile.c: the tables of data/know become one image (image.h draws it). */
#include "know/image.h"

#include <stdlib.h>
#include <sys/stat.h>

/* ---- growing arrays ---- */

typedef struct list { byte *at; size_t n, room, size; } list;

static void *list_add(list *l)
{
	if (l->n == l->room) {
		const size_t room = l->room ? l->room * 2 : 256;
		byte *at = base_realloc(l->at, room * l->size);
		if (!at)
			return NULL;
		l->at = at;
		l->room = room;
	}
	void *p = l->at + l->n++ * l->size;
	memset(p, 0, l->size);
	return p;
}

typedef struct draft {          /* a reading before its name has its place */
	uint32_t name;          /* index into builder.names */
	uint32_t order;
	image_reading r;
} draft;

typedef struct builder {
	const char *directory;
	bool     own;
	bool     raw_codes;     /* nobody says which codes there are: take them as they stand */
	arena   *a;             /* all canonical forms; cleared by file */
	buf      strings;
	table   *interned;      /* string -> offset + 1 */
	table   *names;         /* key -> index into name */
	list     name, drafts, rows, codes, things, forms, publishers, hints, files;
	table   *code_of;       /* code -> index + 1 */
	table   *thing_of;      /* key -> index + 1 */
	table   *form_of, *publisher_of;
	table   *claims_code;   /* code of countries.tsv or organisations.tsv -> index of the contract's code + 1 */
	table   *country_code;  /* iso3 and own codes of countries.tsv -> index of the claims code + 1 */
	table   *nation_code;   /* key of a country's name or adjective -> index of its code + 1 */
	uint32_t file;          /* index of the file being read */
	kula_error *err;
	bool     full;          /* no memory */
} builder;

static uint32_t intern(builder *b, const void *at, size_t n)
{
	if (!n)
		return 0;
	bool fresh;
	uint32_t *v = table_put(b->interned, at, n, &fresh);
	if (!v) {
		b->full = true;
		return 0;
	}
	if (fresh) {
		*v = (uint32_t)b->strings.n;
		buf_add(&b->strings, at, n);
		buf_char(&b->strings, 0);
	}
	return *v;
}

static uint16_t code_index(builder *b, const void *at, size_t n)
{
	bool fresh;
	uint32_t *v = table_put(b->code_of, at, n, &fresh);
	if (!v || n >= KULA_CODE_BYTES) {
		b->full |= !v;
		return 0;
	}
	if (fresh) {
		*v = (uint32_t)b->codes.n;
		image_code *c = list_add(&b->codes);
		if (!c) {
			b->full = true;
			return 0;
		}
		memcpy(c->code, at, n);
	}
	return (uint16_t)*v;
}

static uint32_t name_index(builder *b, const char *key, size_t n)
{
	bool fresh;
	uint32_t *v = table_put(b->names, key, n, &fresh);
	if (!v) {
		b->full = true;
		return 0;
	}
	if (fresh) {
		*v = (uint32_t)b->name.n;
		image_name *m = list_add(&b->name);
		if (m)
			m->key = intern(b, key, n);
		else
			b->full = true;
	}
	return *v;
}

/* i comes from name_index, so it is in range unless memory ran out, and then nobody asks (b->full). */
static image_name *name_at(builder *b, uint32_t i) { return (image_name *)(void *)b->name.at + i; }

/* Remembers that a name of n bytes begins with this word, so that a look-up knows how far to try. */
static void longest(builder *b, const char *first, size_t n, size_t bytes)
{
	if (!n)
		return;
	const uint32_t i = name_index(b, first, n);
	if (b->full)
		return;
	image_name *m = name_at(b, i);
	if (m->longest < bytes)
		m->longest = (uint8_t)bytes;
}

/* ---- names ---- */

static bool is_upper_at(const char *at, size_t n)
{
	uint32_t k;
	if (!n)
		return false;
	const uint32_t c = utf8_next((const byte *)at, n, &k);
	return is_upper(c) || (c >= 0xC0 && c <= 0xDE) || c == 0x160 || c == 0x17D || c == 0x10C || c == 0x15E || c == 0x130
		|| c == 0x2BB || c == 0x2BF || c == 0x2018 || c == 0x2019 || (c >= 0x100 && c < 0x180 && c % 2 == 0);
}

static uint8_t case_flags(const char *at, size_t n)
{
	uint8_t f = 0;
	size_t letters = 0, capitals = 0, gaps = 0;
	for (size_t i = 0; i < n; i++) {
		letters += is_alpha((byte)at[i]) || (byte)at[i] >= 128;
		capitals += is_upper((byte)at[i]);
		gaps += at[i] == ' ';
	}
	size_t last = n;
	while (last > 0 && at[last - 1] != ' ' && at[last - 1] != '-')
		last--;
	if (!is_upper_at(at, n) && !is_digit((byte)at[0]))
		f |= RF_FIRST_LOWER;
	if (!is_upper_at(at + last, n - last) && !is_digit((byte)at[last]))
		f |= RF_LAST_LOWER;
	if (!gaps && letters >= 2 && letters == capitals && n <= 6)
		f |= RF_ACRONYM;
	return f;
}

static void reading_add(builder *b, const char *key, size_t n, const image_reading *r)
{
	if (!n || n > 120)
		return;
	const uint32_t i = name_index(b, key, n);
	draft *d = list_add(&b->drafts);
	if (!d || b->full) {
		b->full = true;
		return;
	}
	d->name = i;
	d->order = (uint32_t)b->drafts.n;
	d->r = *r;
	const char *space = memchr(key, ' ', n);
	longest(b, key, space ? (size_t)(space - key) : n, n);
}

/* A surface form with its reading. A form with a hyphen is entered glued and spaced ("alassad", "al assad"). */
static void form_add(builder *b, const char *at, size_t n, image_reading r)
{
	while (n && is_space((byte)*at))
		at++, n--;
	while (n && is_space((byte)at[n - 1]))
		n--;
	if (n > 4 && same_folded(at, 4, "the ")) {
		at += 4;
		n -= 4;
		if (!(r.flags & RF_NOT_ALONE))
			r.flags |= RF_THE;
	}
	if (!n || n > 100)
		return;
	r.flags |= case_flags(at, n);
	const arena_mark m = arena_marked(b->a);
	const char *key = know_canon(b->a, at, n);
	if (!key) {
		b->full = true;
		return;
	}
	const size_t kn = strlen(key);
	if (kn < 2 && !(r.type == NAME_ORGANISATION)) {
		arena_rewind(b->a, m);
		return;
	}
	reading_add(b, key, kn, &r);
	if (!b->full && (r.type == NAME_COUNTRY || r.type == NAME_ADJECTIVE)) {
		bool fresh;
		uint32_t *v = table_put(b->nation_code, key, kn, &fresh);
		if (!v)
			b->full = true;
		else if (fresh)
			*v = r.code + 1u;
	}
	if (!b->full && !memchr(key, ' ', kn)) {
		if (r.type <= NAME_PEOPLE || r.type == NAME_FORMER || r.type == NAME_METONYM)
			name_at(b, name_index(b, key, kn))->flags |= NF_NATION;
		else if (r.prior >= 2 && (r.type == NAME_CITY || r.type == NAME_CAPITAL || r.type == NAME_REGION))
			name_at(b, name_index(b, key, kn))->flags |= NF_PLACE;
	}
	size_t piece = 0;
	while (piece < n && at[piece] != '-' && at[piece] != '\'' && at[piece] != ' ' && at[piece] != '/' && (byte)at[piece] != 0xE2)
		piece++;
	if (piece < n && at[piece] != ' ') {
		const char *first = know_canon(b->a, at, piece);
		if (first)
			longest(b, first, strlen(first), kn);
	}
	if (memchr(at, '-', n)) {
		char *spaced = arena_text(b->a, at, n);
		if (spaced) {
			for (size_t i = 0; i < n; i++)
				if (spaced[i] == '-')
					spaced[i] = ' ';
			const char *other = know_canon(b->a, spaced, n);
			if (other)
				reading_add(b, other, strlen(other), &r);
		}
	}
	arena_rewind(b->a, m);
}

/* "Russian Navy", "US State Department": the country stands in the name, and its own mention says as much. */
static bool begins_with_own(builder *b, const char *at, size_t n, uint16_t code)
{
	const arena_mark m = arena_marked(b->a);
	const char *key = know_canon(b->a, at, n);
	bool own = false;
	for (size_t end = 0, kn = key ? strlen(key) : 0; end < kn && !own; end++) {
		if (key[end] != ' ')
			continue;
		const uint32_t *i = table_get(b->names, key, end);
		const uint32_t *c = i ? table_get(b->nation_code, key, end) : NULL;
		own = c && *c == code + 1u;
	}
	arena_rewind(b->a, m);
	return own;
}

static void name_flag(builder *b, const char *at, size_t n, uint16_t flag)
{
	const arena_mark m = arena_marked(b->a);
	const char *key = know_canon(b->a, at, n);
	if (key && *key) {
		const uint32_t i = name_index(b, key, strlen(key));
		if (!b->full)
			name_at(b, i)->flags |= flag;
	}
	arena_rewind(b->a, m);
}

/* ---- rows and dates ---- */

/* "1998", "1998-05", "1998-05-07": the first or last day it can mean. */
static int32_t day_edge(const char *at, size_t n, bool last)
{
	int v[3] = {0, 0, 0}, k = 0;
	for (size_t i = 0; i < n; i++) {
		if (is_digit((byte)at[i]))
			v[k] = v[k] * 10 + (at[i] - '0');
		else if (at[i] == '-' && k < 2 && i)
			k++;
		else
			return KULA_NO_DAY;
		if (v[k] > 9999)
			return KULA_NO_DAY;
	}
	if (!v[0])
		return KULA_NO_DAY;
	const int month = v[1] >= 1 && v[1] <= 12 ? v[1] : last ? 12 : 1;
	const int most = days_in_month(v[0], month);
	const int day = v[2] >= 1 && v[2] <= most ? v[2] : last ? most : 1;
	return day_of(v[0], month, day);
}

static uint32_t row_add(builder *b, uint32_t name, uint32_t note, uint32_t region, int32_t start, int32_t end,
	uint32_t line, uint16_t code)
{
	image_row *r = list_add(&b->rows);
	if (!r) {
		b->full = true;
		return 0;
	}
	*r = (image_row){name, note, region, start, end, line, code, (uint8_t)b->file, 0};
	return (uint32_t)b->rows.n - 1;
}

/* ---- tables ---- */

#define COLUMNS 32u

typedef struct sheet {
	tsv     t;
	mapped  m;
	char    path[4096];
	cell    head[COLUMNS], cells[COLUMNS];
	uint32_t columns, n;
} sheet;

/* KULA_ENOTFOUND: there is no such table, which is fine for a user's own. */
static kula_status sheet_open(builder *b, sheet *s, const char *name, bool needed)
{
	memset(s, 0, sizeof *s);
	if (snprintf(s->path, sizeof s->path, "%s/%s", b->directory, name) >= (int)sizeof s->path)
		return kula_fail(b->err, KULA_EUSAGE, 0, "path of '%s' is too long", name);
	struct stat st;
	if (!needed && stat(s->path, &st))
		return KULA_ENOTFOUND;
	kula_status k = file_map(s->path, &s->m, b->err);
	if (k)
		return k;
	const size_t bad = utf8_check(s->m.at, s->m.n);
	if (bad < s->m.n) {
		k = kula_fail(b->err, KULA_EFORMAT, bad, "%s: byte %zu is not UTF-8", name, bad);
		file_unmap(&s->m);
		return k;
	}
	s->t = (tsv){.file = s->path, .at = s->m.at, .end = s->m.at + s->m.n};
	/* the file's own name, without the folder, stands in rows and errors */
	const char *slash = strrchr(s->path, '/');
	s->t.file = slash ? slash + 1 : s->path;
	s->columns = tsv_next(&s->t, s->head, COLUMNS, b->err);
	if (s->columns == UINT32_MAX || s->columns == 0) {
		if (s->columns == 0)
			kula_fail(b->err, KULA_EFORMAT, 0, "%s: no header line", name);
		file_unmap(&s->m);
		return KULA_EFORMAT;
	}
	uint32_t *f = list_add(&b->files);
	if (!f)
		b->full = true;
	else
		*f = intern(b, s->t.file, strlen(s->t.file));
	b->file = (uint32_t)b->files.n - 1;
	return KULA_OK;
}

static void sheet_close(sheet *s) { file_unmap(&s->m); }

/* The next row; false at the end or on an error (then *k is set). */
static bool sheet_next(builder *b, sheet *s, kula_status *k)
{
	if (b->full) {
		*k = kula_fail(b->err, KULA_EMEMORY, 0, "no memory for the tables");
		return false;
	}
	s->n = tsv_next(&s->t, s->cells, COLUMNS, b->err);
	if (s->n == UINT32_MAX) {
		*k = KULA_EFORMAT;
		return false;
	}
	if (s->n > s->columns) {
		*k = tsv_fail(&s->t, &s->cells[s->columns], b->err, "%u cells, but the header has %u columns", s->n, s->columns);
		return false;
	}
	return s->n > 0;
}

static uint32_t column(const sheet *s, const char *name)
{
	for (uint32_t i = 0; i < s->columns; i++)
		if (same_text(s->head[i].at, s->head[i].n, name))
			return i;
	return UINT32_MAX;
}

static cell at_column(const sheet *s, uint32_t c)
{
	static const cell none = {"", 0};
	return c < s->n ? s->cells[c] : none;
}

static kula_status columns_need(builder *b, const sheet *s, const char *const *names, uint32_t *at, uint32_t n, uint32_t needed)
{
	for (uint32_t i = 0; i < n; i++) {
		at[i] = column(s, names[i]);
		if (at[i] == UINT32_MAX && i < needed)
			return kula_fail(b->err, KULA_EFORMAT, 0, "%s:1: no column '%s'", s->t.file, names[i]);
	}
	return KULA_OK;
}

/* Splits a cell at '|'. */
static bool part_next(cell *rest, cell *part)
{
	if (!rest->n)
		return false;
	const char *bar = memchr(rest->at, '|', rest->n);
	const size_t n = bar ? (size_t)(bar - rest->at) : rest->n;
	*part = (cell){rest->at, n};
	rest->at += n + (bar != NULL);
	rest->n -= n + (bar != NULL);
	return true;
}

/* "Zaire[1971-1997]", "Islamic Emirate[1996-2001,2021-]": the surface form, and the years of the last interval and the first. */
static cell dated_strip(cell c, int32_t *start, int32_t *end)
{
	*start = KNOW_DAY_MIN;
	*end = KNOW_DAY_MAX;
	if (!c.n || c.at[c.n - 1] != ']')
		return c;
	size_t open = c.n;
	while (open > 0 && c.at[open - 1] != '[')
		open--;
	if (!open)
		return c;
	const char *years = c.at + open;
	size_t n = c.n - open - 1;
	/* several intervals: from the first year to the last, which is near enough for a weight */
	const char *last = years;
	for (size_t i = 0; i < n; i++)
		if (years[i] == ',')
			last = years + i + 1;
	const char *dash = memchr(years, '-', n);
	if (dash && dash > years)
		*start = day_edge(years, (size_t)(dash - years), false);
	const size_t last_n = n - (size_t)(last - years);
	const char *to = memchr(last, '-', last_n);
	if (to && (size_t)(to - last) + 1 < last_n)
		*end = day_edge(to + 1, last_n - (size_t)(to - last) - 1, true);
	if (*start == KULA_NO_DAY)
		*start = KNOW_DAY_MIN;
	if (*end == KULA_NO_DAY)
		*end = KNOW_DAY_MAX;
	return (cell){c.at, open - 1};
}

static const char *const contract_codes[] = {
	"UN", "NATO", "EU", "AU", "ASEAN", "OPEC", "WHO", "WFP", "UNICEF", "UNHCR", "UNESCO", "IAEA", "ICRC", "IFRC", "WB", "IMF",
	"WTO", "OSCE", "AL", "GCC", "ECOWAS", "SADC", "CIS", "CSTO", "SCO", "BRICS", "G7", "G20", "CARICOM", "OAS", "MERCOSUR",
	"COMMONWEALTH", "INTERPOL", "ICC", "ICJ", "MSF", "CITES", "IUCN", "WWF", "EAZA", "WAZA"
};

/* Former states that keep their own code; the others were renamed, and a text that uses the old name means the new one. */
static const char *const former_codes[] = {"SUN", "YUG", "CSK", "DDR", "SCG", "VDR", "YMD"};

static bool listed(const char *const *list_of, size_t n, cell c)
{
	for (size_t i = 0; i < n; i++)
		if (same_text(c.at, c.n, list_of[i]))
			return true;
	return false;
}

static void code_map(builder *b, table *t, cell key, uint16_t code)
{
	bool fresh;
	uint32_t *v = table_put(t, key.at, key.n, &fresh);
	if (!v)
		b->full = true;
	else if (fresh)
		*v = code + 1u;
}

static int map_code(const table *t, cell key)
{
	const uint32_t *v = table_get(t, key.at, key.n);
	return v ? (int)*v - 1 : -1;
}

static kula_status read_countries(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "countries.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_CODE, C_KIND, C_BELONGS, C_NAME, C_OFFICIAL, C_OTHER, C_ADJ, C_NOUN, C_PLURAL, C_CAPITAL, C_AREA, C_METONYM,
		C_FROM, C_TO, C_N };
	static const char *const names[C_N] = {"code", "kind", "belongs", "name", "official", "other_names", "adjectives",
		"nouns", "plurals", "capital", "subregion", "metonyms", "valid_from", "valid_to"};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_NAME + 1);
	while (!k && sheet_next(b, &s, &k)) {
		const cell code = at_column(&s, c[C_CODE]), kind = at_column(&s, c[C_KIND]), name = at_column(&s, c[C_NAME]);
		cell belongs = at_column(&s, c[C_BELONGS]);
		const bool state = same_text(kind.at, kind.n, "state"), former = same_text(kind.at, kind.n, "historical"),
			part = same_text(kind.at, kind.n, "part") || same_text(kind.at, kind.n, "disputed"),
			territory = same_text(kind.at, kind.n, "territory");
		if (!state && !former && !part && !territory) {
			k = tsv_fail(&s.t, &s.cells[c[C_KIND]], b->err, "unknown kind '%.*s' in column 'kind'", (int)kind.n, kind.at);
			break;
		}
		if (!name.n || !code.n || code.n >= KULA_CODE_BYTES) {
			k = tsv_fail(&s.t, &s.cells[c[C_CODE]], b->err, "no code or no name");
			break;
		}
		cell claims = belongs.n ? belongs : code;
		if (state || territory || (former && listed(former_codes, COUNT_OF(former_codes), code)))
			claims = code;
		if (claims.n >= KULA_CODE_BYTES) {
			k = tsv_fail(&s.t, &s.cells[c[C_BELONGS]], b->err, "code '%.*s' is too long", (int)claims.n, claims.at);
			break;
		}
		const bool new_code = !table_get(b->code_of, claims.at, claims.n);
		const uint16_t ci = code_index(b, claims.at, claims.n);
		image_code *ic = (image_code *)(void *)b->codes.at + ci;
		if (!part && claims.n == code.n && !memcmp(claims.at, code.at, code.n) && (new_code || !ic->name)) {
			ic->name = intern(b, name.at, name.n);
			const cell area = at_column(&s, c[C_AREA]);
			ic->area = intern(b, area.at, area.n);
		}
		code_map(b, b->country_code, code, ci);
		code_map(b, b->claims_code, code, ci);
		int32_t from = KNOW_DAY_MIN, to = KNOW_DAY_MAX;
		const cell vf = at_column(&s, c[C_FROM]), vt = at_column(&s, c[C_TO]);
		if (vf.n)
			from = day_edge(vf.at, vf.n, false);
		if (vt.n)
			to = day_edge(vt.at, vt.n, true);
		if (from == KULA_NO_DAY || to == KULA_NO_DAY) {
			k = tsv_fail(&s.t, &s.cells[c[from == KULA_NO_DAY ? C_FROM : C_TO]], b->err, "not a year");
			break;
		}
		const uint8_t type = state || territory ? NAME_COUNTRY : former ? NAME_FORMER : NAME_REGION;
		const uint16_t weight = state ? 900 : part ? 700 : territory ? 600 : 300;
		const uint8_t prior = former && !(from > KNOW_DAY_MIN && !memcmp(code.at, claims.at, MIN_OF(code.n, claims.n))) ? 2 : 3;
		static const struct { int column; uint8_t type; const char *note; } kinds[] = {
			{C_NAME, NAME_COUNTRY, "name"}, {C_OFFICIAL, NAME_COUNTRY, "official name"},
			{C_OTHER, NAME_COUNTRY, "other name"}, {C_ADJ, NAME_ADJECTIVE, "adjective"}, {C_NOUN, NAME_PEOPLE, "people"},
			{C_PLURAL, NAME_PEOPLE, "people"}, {C_CAPITAL, NAME_CAPITAL, "capital"}, {C_METONYM, NAME_METONYM, "metonym"}};
		for (size_t i = 0; i < COUNT_OF(kinds); i++) {
			cell rest = at_column(&s, c[kinds[i].column]), p;
			while (part_next(&rest, &p)) {
				int32_t start, end;
				p = dated_strip(p, &start, &end);
				if (!p.n)
					continue;
				if (former)
					start = MAX_OF(start, from), end = MIN_OF(end, to);
				uint8_t t = kinds[i].type == NAME_COUNTRY ? type : kinds[i].type;
				/* the seat of a part of a state stands for no government of its own */
				if (t == NAME_CAPITAL && !state)
					t = former ? NAME_CAPITAL : NAME_CITY;
				const uint32_t row = row_add(b, intern(b, name.at, name.n), intern(b, kinds[i].note, strlen(kinds[i].note)),
					0, start, end, s.t.line, ci);
				image_reading r = {.row = row, .code = ci, .type = t, .prior = prior, .weight = weight};
				if (former && t != NAME_FORMER)
					r.prior = 1, r.weight = 100;
				form_add(b, p.at, p.n, r);
			}
		}
	}
	sheet_close(&s);
	return k;
}

static kula_status read_organisations(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "organisations.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_NAME, C_ALIASES, C_CODE, C_CLAIMS, C_TYPE, C_HOME, C_AMBIGUOUS, C_SOURCE, C_N };
	static const char *const names[C_N] = {"name", "aliases", "code", "claims_code", "type", "home", "ambiguous", "source"};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_TYPE + 1);
	while (!k && sheet_next(b, &s, &k)) {
		const cell name = at_column(&s, c[C_NAME]), code = at_column(&s, c[C_CODE]), type = at_column(&s, c[C_TYPE]),
			home = at_column(&s, c[C_HOME]), source = at_column(&s, c[C_SOURCE]), ambiguous = at_column(&s, c[C_AMBIGUOUS]);
		cell claims = at_column(&s, c[C_CLAIMS]);
		int32_t start, end;
		claims = dated_strip(claims, &start, &end);
		const bool phoenix = same_text(source.at, source.n, "phoenix"), armed = same_text(type.at, type.n, "armed");
		const bool on_list = listed(contract_codes, COUNT_OF(contract_codes), claims);
		if (!name.n) {
			k = tsv_fail(&s.t, &s.cells[c[C_NAME]], b->err, "no name");
			break;
		}
		uint16_t ci = 0;                                /* nobody */
		uint8_t t = NAME_NOBODY;
		if (on_list) {
			ci = code_index(b, claims.at, claims.n);
			t = NAME_ORGANISATION;
		} else {
			cell who = claims.n ? claims : home;
			int m = map_code(b->country_code, who);
			if (m < 0 && who.n && !phoenix && b->raw_codes)
				m = code_index(b, who.at, who.n);
			if (m < 0 && who.n && !phoenix) {
				k = tsv_fail(&s.t, &s.cells[claims.n ? c[C_CLAIMS] : c[C_HOME]], b->err, "unknown code '%.*s' in column '%s'",
					(int)who.n, who.at, claims.n ? "claims_code" : "home");
				break;
			}
			if (m >= 0) {
				ci = (uint16_t)m;
				t = armed ? NAME_ARMED : NAME_BODY;
			}
		}
		if (code.n && !phoenix)
			code_map(b, b->claims_code, code, ci);
		if (on_list) {                                  /* shown as the body that bears the code, not as one of its agencies */
			image_code *ic = (image_code *)(void *)b->codes.at + ci;
			cell other = at_column(&s, c[C_ALIASES]), w = name;
			bool bears = false;
			do
				bears |= same_folded(w.at, w.n, ic->code);
			while (part_next(&other, &w));
			if (bears || !ic->name)
				ic->name = intern(b, name.at, name.n);
		}
		const uint32_t row = row_add(b, intern(b, name.at, name.n), intern(b, type.at, type.n), 0, KNOW_DAY_MIN, KNOW_DAY_MAX,
			s.t.line, ci);
		cell rest = at_column(&s, c[C_ALIASES]), p = name;
		do {
			/* " (Country)" only tells two bodies apart */
			size_t n = p.n;
			if (n && p.at[n - 1] == ')') {
				size_t open = n;
				while (open > 0 && p.at[open - 1] != '(')
					open--;
				if (open > 2)
					n = open - 2;
			}
			image_reading r = {.row = row, .code = ci, .type = t, .prior = phoenix ? 2 : 3,
				.weight = (uint16_t)(on_list ? 850 : armed ? 500 : phoenix ? 200 : 450)};
			cell amb = ambiguous, w;
			while (part_next(&amb, &w))
				if (w.n == n && !memcmp(w.at, p.at, n))
					r.prior = 1;
			if (phoenix && !memchr(p.at, ' ', n))
				r.prior = 1;
			if (t == NAME_BODY && n && begins_with_own(b, p.at, n, ci))
				continue;
			if (t == NAME_BODY && !claims.n && same_text(type.at, type.n, "ngo")) {
				/* an aid or rights group is nobody's as a rule, and its home's in some texts */
				image_reading nobody = r;
				nobody.type = NAME_NOBODY;
				nobody.code = 0;
				form_add(b, p.at, n, nobody);
				r.prior = 1;
			}
			form_add(b, p.at, n, r);
		} while (part_next(&rest, &p));
	}
	sheet_close(&s);
	return k;
}

static bool has_word(cell c, const char *sought);

static uint8_t office_of(cell c)
{
	static const struct { const char *word; uint8_t office; } words[] = {
		{"head_of_state", OFFICE_HEAD_OF_STATE}, {"head_of_government", OFFICE_HEAD_OF_GOVERNMENT}, {"leader", OFFICE_LEADER},
		{"foreign", OFFICE_FOREIGN}, {"defence", OFFICE_DEFENCE}, {"igo_head", OFFICE_IGO_HEAD},
		{"party_leader", OFFICE_PARTY_LEADER}, {"armed_leader", OFFICE_ARMED_LEADER}, {"deputy", OFFICE_DEPUTY},
		{"governor_general", OFFICE_GOVERNOR_GENERAL}, {"minister", OFFICE_MINISTER}, {"legislature", OFFICE_LEGISLATURE},
		{"governor", OFFICE_GOVERNOR}, {"military", OFFICE_MILITARY}, {"central_bank", OFFICE_CENTRAL_BANK},
		{"ambassador", OFFICE_AMBASSADOR}, {"other", OFFICE_OTHER}};
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (same_text(c.at, c.n, words[i].word))
			return words[i].office;
	return OFFICE_NONE;
}

/* ---- people ---- */

static bool one_of(cell c, const char *words)           /* words: " CHN TWN " */
{
	const char *at = c.n && c.n < 8 ? words : NULL;
	while (at && (at = strchr(at, ' ')) && at[1]) {
		at++;
		if (!strncmp(at, c.at, c.n) && at[c.n] == ' ')
			return true;
	}
	return false;
}

static void pair_add(builder *b, cell x, cell y, image_reading r, uint8_t prior)
{
	char both[128];
	if (x.n + y.n + 1 >= sizeof both || x.n < 2 || y.n < 2 || (x.n == y.n && !memcmp(x.at, y.at, x.n)))
		return;
	memcpy(both, x.at, x.n);
	both[x.n] = ' ';
	memcpy(both + x.n + 1, y.at, y.n);
	r.prior = prior;
	form_add(b, both, x.n + y.n + 1, r);
}

static void surname_add(builder *b, cell c, image_reading r, uint8_t less)
{
	r.type = NAME_SURNAME;
	r.prior = (uint8_t)(2 - less);
	if (r.office > OFFICE_DEPUTY)
		r.flags |= RF_NOT_ALONE, r.prior = 1;
	form_add(b, c.at, c.n, r);
	name_flag(b, c.at, c.n, NF_FAMILY);
}

/* "al-Zawahiri" without its article, or empty. */
static cell article_off(cell c)
{
	if (c.n > 5 && (c.at[0] == 'a' || c.at[0] == 'A' || c.at[0] == 'e' || c.at[0] == 'E') && (c.at[2] == '-' || c.at[3] == '-')) {
		const size_t at = c.at[2] == '-' ? 3 : 4;
		return (cell){c.at + at, c.n - at};
	}
	return (cell){"", 0};
}

/* The forms in which reports give a person: without middle names, by either of two Spanish surnames, family name first. */
static void person_forms(builder *b, cell iso, cell name, cell surname, image_reading r)
{
	cell word_at[12];
	uint32_t n = 0;
	for (size_t i = 0, from = 0; i <= name.n && n < COUNT_OF(word_at); i++)
		if (i == name.n || name.at[i] == ' ') {
			if (i > from)
				word_at[n++] = (cell){name.at + from, i - from};
			from = i + 1;
		}
	while (n > 2 && (same_folded(word_at[n - 1].at, word_at[n - 1].n, "jr.") || same_folded(word_at[n - 1].at, word_at[n - 1].n, "jr")
		|| same_folded(word_at[n - 1].at, word_at[n - 1].n, "sr.")))
		n--;
	if (n < 2) {
		if (surname.n)
			surname_add(b, surname, r, 1);
		return;
	}
	const cell first = word_at[0], last = word_at[n - 1];
	if (first.n > 2)
		name_flag(b, first.at, first.n, NF_GIVEN);
	const bool east = one_of(iso, " CHN TWN KOR PRK HKG MAC VNM KHM ") || (n == 2 && one_of(iso, " UN ") && memchr(last.at, '-', last.n)),
		spanish = one_of(iso, " ARG BOL CHL COL CRI CUB DOM ECU SLV ESP GTM HND MEX NIC PAN PRY PER URY VEN PHL GNQ ");
	if (surname.n)
		surname_add(b, surname, r, 0);
	if (east && first.n > 1)
		surname_add(b, first, r, 0);
	if (!east && !(surname.n == last.n && !memcmp(surname.at, last.at, last.n)))
		surname_add(b, last, r, 1);
	if (spanish && n >= 3 && word_at[n - 2].n > 3) {
		surname_add(b, word_at[n - 2], r, n == 3 ? 0 : 1);
		pair_add(b, first, word_at[n - 2], r, 2);
	}
	const cell bare = article_off(last);
	if (bare.n)
		surname_add(b, bare, r, 1);
	if (n >= 3 && !east) {
		pair_add(b, first, last, r, 2);
		for (uint32_t i = 1; i + 1 < n; i++)            /* "Mohamed Hosni Mubarak" is Hosni Mubarak */
			if (word_at[i].n > 2 && !is_lower((byte)*word_at[i].at) && !memchr(word_at[i].at, '.', word_at[i].n))
				pair_add(b, word_at[i], last, r, 1);
	}
	/* by sound, for those whose names are romanised in many ways */
	if (r.office && r.office <= OFFICE_DEPUTY && !(r.flags & RF_NOT_ALONE)) {
		const arena_mark m = arena_marked(b->a);
		const cell end = bare.n ? bare : last;
		const char *f = know_canon(b->a, first.at, first.n), *l = know_canon(b->a, end.at, end.n);
		char key[64] = "~";
		if (f && l && end.n > 3 && first.n > 2) {
			size_t k = 1 + know_sound(f, strlen(f), key + 1);
			const size_t given = k - 1;
			key[k++] = ' ';
			const size_t family = know_sound(l, strlen(l), key + k);
			if (family >= 2 && given + family >= 4) {
				image_reading x = r;
				x.prior = 2;
				x.weight = (uint16_t)(x.weight / 2);
				reading_add(b, key, k + family, &x);
			}
			if (family >= 4) {
				key[0] = '~';
				key[1] = '~';
				memmove(key + 2, key + k, family);
				image_reading x = r;
				x.type = NAME_SURNAME;
				x.prior = 1;
				x.flags |= RF_NOT_ALONE;
				x.weight = (uint16_t)(x.weight / 2);
				reading_add(b, key, family + 2, &x);
			}
		}
		arena_rewind(b->a, m);
	}
}

static kula_status read_leaders(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "leaders.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_ISO, C_NAME, C_SURNAME, C_VARIANTS, C_OFFICE, C_CLASS, C_START, C_END, C_QUALITY, C_N };
	static const char *const names[C_N] = {"iso3", "name", "surname", "variants", "office", "class", "start", "end", "end_quality"};
	static const uint16_t weights[OFFICE_CLASSES] = {0, 800, 800, 780, 600, 500, 700, 600, 600, 450, 200, 150, 150, 150, 150, 100,
		80, 60};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_CLASS + 1);
	while (!k && sheet_next(b, &s, &k)) {
		const cell iso = at_column(&s, c[C_ISO]), name = at_column(&s, c[C_NAME]), surname = at_column(&s, c[C_SURNAME]),
			office = at_column(&s, c[C_OFFICE]), class = at_column(&s, c[C_CLASS]), from = at_column(&s, c[C_START]),
			to = at_column(&s, c[C_END]), quality = at_column(&s, c[C_QUALITY]);
		const uint8_t o = office_of(class);
		if (!o) {
			k = tsv_fail(&s.t, &s.cells[c[C_CLASS]], b->err, "unknown class '%.*s' in column 'class'", (int)class.n, class.at);
			break;
		}
		int code = map_code(b->claims_code, iso);
		if (code < 0 && b->raw_codes && iso.n && iso.n < KULA_CODE_BYTES)
			code = code_index(b, iso.at, iso.n);
		if (code < 0) {
			k = tsv_fail(&s.t, &s.cells[c[C_ISO]], b->err, "unknown code '%.*s' in column 'iso3'", (int)iso.n, iso.at);
			break;
		}
		int32_t start = KNOW_DAY_MIN, end = KNOW_DAY_MAX;
		if (from.n && (start = day_edge(from.at, from.n, false)) == KULA_NO_DAY) {
			k = tsv_fail(&s.t, &s.cells[c[C_START]], b->err, "'%.*s' is not a day, month or year", (int)from.n, from.at);
			break;
		}
		if (to.n && (end = day_edge(to.at, to.n, true)) == KULA_NO_DAY) {
			k = tsv_fail(&s.t, &s.cells[c[C_END]], b->err, "'%.*s' is not a day, month or year", (int)to.n, to.at);
			break;
		}
		if (!to.n && same_text(quality.at, quality.n, "unknown"))
			end = start > KNOW_DAY_MAX - 1826 ? KNOW_DAY_MAX : start + 1826;
		const uint32_t row = row_add(b, intern(b, name.at, name.n), intern(b, office.at, office.n), 0, start, end, s.t.line,
			(uint16_t)code);
		image_reading r = {.row = row, .code = (uint16_t)code, .type = NAME_LEADER, .prior = 3, .office = o, .weight = weights[o]};
		const bool single = !memchr(name.at, ' ', name.n);
		if (single)
			r.prior = 2;
		form_add(b, name.at, name.n, r);
		cell rest = at_column(&s, c[C_VARIANTS]), p;
		while (part_next(&rest, &p)) {
			image_reading v = r;
			if (!memchr(p.at, ' ', p.n))
				v.type = NAME_SURNAME, v.prior = 2;
			form_add(b, p.at, p.n, v);
		}
		person_forms(b, iso, name, surname, r);
	}
	sheet_close(&s);
	return k;
}

static uint32_t number_of(cell c)
{
	uint32_t v = 0;
	for (size_t i = 0; i < c.n && is_digit((byte)c.at[i]) && v < 100000000; i++)
		v = v * 10 + (uint32_t)(c.at[i] - '0');
	return v;
}

static uint16_t weight_of_people(uint32_t people)
{
	uint16_t w = 0;
	while (people > 1000 && w < 500) {              /* about 40 for each doubling */
		people /= 2;
		w = (uint16_t)(w + 40);
	}
	return w;
}

static bool has_word(cell c, const char *sought)
{
	cell p;
	while (part_next(&c, &p))
		if (p.n >= strlen(sought) && !memcmp(p.at, sought, strlen(sought)))
			return true;
	return false;
}

static kula_status read_cities(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "cities.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_NAME, C_ALT, C_KIND, C_ISO, C_REGION, C_POP, C_AMBIGUOUS, C_N };
	static const char *const names[C_N] = {"name", "alternates", "kind", "iso3", "region", "population", "ambiguous"};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_ISO + 1);
	while (!k && sheet_next(b, &s, &k)) {
		const cell name = at_column(&s, c[C_NAME]), kind = at_column(&s, c[C_KIND]), iso = at_column(&s, c[C_ISO]),
			region = at_column(&s, c[C_REGION]), ambiguous = at_column(&s, c[C_AMBIGUOUS]);
		const uint32_t people = number_of(at_column(&s, c[C_POP]));
		int code = map_code(b->country_code, iso);
		if (code < 0 && b->raw_codes && iso.n && iso.n < KULA_CODE_BYTES)
			code = code_index(b, iso.at, iso.n);
		if (code < 0) {
			k = tsv_fail(&s.t, &s.cells[c[C_ISO]], b->err, "unknown code '%.*s' in column 'iso3'", (int)iso.n, iso.at);
			break;
		}
		const bool is_region = same_text(kind.at, kind.n, "region"), capital = same_text(kind.at, kind.n, "capital"),
			seat = same_text(kind.at, kind.n, "seat1");
		const arena_mark m = arena_marked(b->a);
		const char *of = region.n && !is_region ? know_canon(b->a, region.at, region.n) : "";
		const uint32_t row = row_add(b, intern(b, name.at, name.n), intern(b, kind.at, kind.n), of ? intern(b, of, strlen(of)) : 0,
			KNOW_DAY_MIN, KNOW_DAY_MAX, s.t.line, (uint16_t)code);
		arena_rewind(b->a, m);
		image_reading r = {.row = row, .code = (uint16_t)code, .type = is_region ? NAME_REGION : NAME_CITY,
			.weight = weight_of_people(people)};
		if (is_region)
			r.weight = (uint16_t)(r.weight / 2 + 200), r.flags |= RF_STATE;
		if (capital)
			r.weight = (uint16_t)(r.weight + 150);
		r.prior = capital || people >= 1000000 ? 3 : people >= 100000 || is_region || seat ? 2 : 1;
		if (has_word(ambiguous, "word") || has_word(ambiguous, "surname"))
			r.prior = people >= 500000 ? 2 : 1;
		if (has_word(ambiguous, "word") && people < 300000)
			r.prior = 0;
		if (has_word(ambiguous, "country"))
			r.prior = 1, r.weight = (uint16_t)(r.weight / 2);
		form_add(b, name.at, name.n, r);
		cell rest = at_column(&s, c[C_ALT]), p;
		while (part_next(&rest, &p)) {
			int32_t start, end;
			p = dated_strip(p, &start, &end);
			if (p.n == name.n && !memcmp(p.at, name.at, p.n))
				continue;
			image_reading o = r;
			/* a transliteration that happens to be a word or somebody's name is seldom meant */
			if (o.prior && p.n < 5)
				o.prior = 1;
			o.weight = (uint16_t)(o.weight * 3 / 4);
			form_add(b, p.at, p.n, o);
		}
	}
	sheet_close(&s);
	return k;
}

static const struct { const char *word; uint8_t type; } type_words[] = {
	{"country", NAME_COUNTRY}, {"adjective", NAME_ADJECTIVE}, {"people", NAME_PEOPLE}, {"capital", NAME_CAPITAL},
	{"metonym", NAME_METONYM}, {"leader", NAME_LEADER}, {"surname", NAME_SURNAME}, {"organisation", NAME_ORGANISATION},
	{"body", NAME_BODY}, {"armed", NAME_ARMED}, {"city", NAME_CITY}, {"region", NAME_REGION}, {"former", NAME_FORMER},
	{"nobody", NAME_NOBODY}};

/* names.tsv: whatever the other tables have no column for. */
static kula_status read_names(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "names.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_NAME, C_ALIASES, C_TYPE, C_CODE, C_PRIOR, C_FROM, C_TO, C_NEEDS, C_N };
	static const char *const names[C_N] = {"name", "aliases", "type", "code", "prior", "from", "to", "needs"};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_CODE + 1);
	while (!k && sheet_next(b, &s, &k)) {
		const cell name = at_column(&s, c[C_NAME]), type = at_column(&s, c[C_TYPE]), code = at_column(&s, c[C_CODE]),
			prior = at_column(&s, c[C_PRIOR]), from = at_column(&s, c[C_FROM]), to = at_column(&s, c[C_TO]);
		uint8_t t = NAME_TYPES;
		for (size_t i = 0; i < COUNT_OF(type_words); i++)
			if (same_text(type.at, type.n, type_words[i].word))
				t = type_words[i].type;
		if (t == NAME_TYPES) {
			k = tsv_fail(&s.t, &s.cells[c[C_TYPE]], b->err, "unknown type '%.*s' in column 'type'", (int)type.n, type.at);
			break;
		}
		int ci = 0;
		if (code.n) {
			ci = map_code(b->country_code, code);
			if (ci < 0 && listed(contract_codes, COUNT_OF(contract_codes), code))
				ci = code_index(b, code.at, code.n);
			if (ci < 0 && b->raw_codes && code.n < KULA_CODE_BYTES)
				ci = code_index(b, code.at, code.n);
			if (ci < 0) {
				k = tsv_fail(&s.t, &s.cells[c[C_CODE]], b->err, "unknown code '%.*s' in column 'code'", (int)code.n, code.at);
				break;
			}
		} else if (t != NAME_NOBODY) {
			k = tsv_fail(&s.t, &s.cells[c[C_CODE]], b->err, "no code in column 'code'");
			break;
		}
		int32_t start = KNOW_DAY_MIN, end = KNOW_DAY_MAX;
		if (from.n && (start = day_edge(from.at, from.n, false)) == KULA_NO_DAY) {
			k = tsv_fail(&s.t, &s.cells[c[C_FROM]], b->err, "'%.*s' is not a day, month or year", (int)from.n, from.at);
			break;
		}
		if (to.n && (end = day_edge(to.at, to.n, true)) == KULA_NO_DAY) {
			k = tsv_fail(&s.t, &s.cells[c[C_TO]], b->err, "'%.*s' is not a day, month or year", (int)to.n, to.at);
			break;
		}
		if (prior.n && (prior.n != 1 || prior.at[0] < '0' || prior.at[0] > '3')) {
			k = tsv_fail(&s.t, &s.cells[c[C_PRIOR]], b->err, "a prior is 0 to 3");
			break;
		}
		const uint32_t row = row_add(b, intern(b, name.at, name.n), intern(b, type.at, type.n), 0, start, end, s.t.line, (uint16_t)ci);
		image_reading r = {.row = row, .code = (uint16_t)ci, .type = t, .prior = (uint8_t)(prior.n ? prior.at[0] - '0' : 3),
			.weight = 950};
		const cell needs = at_column(&s, c[C_NEEDS]);
		if (has_word(needs, "document"))
			r.flags |= RF_DOC;
		else if (needs.n) {
			k = tsv_fail(&s.t, &s.cells[c[C_NEEDS]], b->err, "unknown need '%.*s' in column 'needs'", (int)needs.n, needs.at);
			break;
		}
		if (t == NAME_LEADER)
			r.office = OFFICE_OTHER;
		if (t == NAME_SURNAME)
			r.office = OFFICE_LEADER;
		cell rest = at_column(&s, c[C_ALIASES]), p = name;
		do
			form_add(b, p.at, p.n, r);
		while (part_next(&rest, &p));
		/* a person: the last word is the name that comes back later in a report */
		if (t == NAME_LEADER) {
			size_t last = name.n;
			while (last > 0 && name.at[last - 1] != ' ')
				last--;
			if (last) {
				r.type = NAME_SURNAME;
				r.flags |= RF_NOT_ALONE;
				r.prior = 1;
				form_add(b, name.at + last, name.n - last, r);
			}
		}
	}
	sheet_close(&s);
	return k;
}

static kula_status read_publishers(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "publishers.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_NAME, C_ALIASES, C_CODE, C_N };
	static const char *const names[C_N] = {"name", "aliases", "code"};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_N);
	while (!k && sheet_next(b, &s, &k)) {
		const cell name = at_column(&s, c[C_NAME]), code = at_column(&s, c[C_CODE]);
		int ci = map_code(b->claims_code, code);
		if (ci < 0 && b->raw_codes && code.n && code.n < KULA_CODE_BYTES)
			ci = code_index(b, code.at, code.n);
		if (ci < 0) {
			k = tsv_fail(&s.t, &s.cells[c[C_CODE]], b->err, "unknown code '%.*s' in column 'code'", (int)code.n, code.at);
			break;
		}
		const uint32_t row = row_add(b, intern(b, name.at, name.n), intern(b, "publisher", 9), 0, KNOW_DAY_MIN, KNOW_DAY_MAX,
			s.t.line, (uint16_t)ci);
		cell rest = at_column(&s, c[C_ALIASES]), p = name;
		do {
			const image_reading r = {.row = row, .code = (uint16_t)ci, .type = NAME_BODY, .prior = memchr(p.at, ' ', p.n) ? 3 : 2,
				.weight = 400};
			cell plain = p;
			if (plain.n > 4 && same_folded(plain.at, 4, "the "))
				plain.at += 4, plain.n -= 4;
			form_add(b, plain.at, plain.n, r);
			const arena_mark m = arena_marked(b->a);
			const char *key = know_canon(b->a, plain.at, plain.n);
			if (key && *key) {
				bool fresh;
				uint32_t *v = table_put(b->publisher_of, key, strlen(key), &fresh);
				if (!v) {
					b->full = true;
				} else if (fresh) {
					image_publisher *q = list_add(&b->publishers);
					if (q)
						*q = (image_publisher){intern(b, key, strlen(key)), (uint16_t)ci, 0};
					else
						b->full = true;
				}
			}
			arena_rewind(b->a, m);
		} while (part_next(&rest, &p));
	}
	sheet_close(&s);
	return k;
}

/* ---- things ---- */

/* shy: only where no other table knows the word. */
static void thing_add(builder *b, const char *at, size_t n, int kind, uint8_t strength, bool mass, bool shy)
{
	const arena_mark m = arena_marked(b->a);
	const char *key = know_canon(b->a, at, n);
	if (key && *key && strlen(key) < 100) {
		bool fresh;
		uint32_t *v = table_put(b->thing_of, key, strlen(key), &fresh);
		if (!v) {
			b->full = true;
		} else {
			image_thing *t;
			if (fresh) {
				*v = (uint32_t)b->things.n;
				t = list_add(&b->things);
				if (!t) {
					b->full = true;
					arena_rewind(b->a, m);
					return;
				}
				t->key = intern(b, key, strlen(key));
				t->kind = 255;
			} else {
				t = (image_thing *)(void *)b->things.at + *v;
			}
			if (kind >= 0 && (t->kind == 255 || (strength > t->strength && !shy))) {
				t->kind = (uint8_t)kind;
				t->strength = strength;
			}
			t->mass |= mass;
		}
	}
	arena_rewind(b->a, m);
}

static void form_map(builder *b, cell from, cell to)
{
	const arena_mark m = arena_marked(b->a);
	const char *key = know_canon(b->a, from.at, from.n), *value = know_canon(b->a, to.at, to.n);
	if (key && *key && value && *value) {
		bool fresh;
		uint32_t *v = table_put(b->form_of, key, strlen(key), &fresh);
		if (!v) {
			b->full = true;
		} else if (fresh) {
			image_form *f = list_add(&b->forms);
			if (f)
				*f = (image_form){intern(b, key, strlen(key)), intern(b, value, strlen(value))};
			else
				b->full = true;
		}
	}
	arena_rewind(b->a, m);
}

static kula_status kind_of(builder *b, sheet *s, uint32_t c, int *kind)
{
	const cell k = at_column(s, c);
	char name[32];
	if (k.n < sizeof name) {
		memcpy(name, k.at, k.n);
		name[k.n] = 0;
		if ((*kind = kula_kind_of(name)) >= 0)
			return KULA_OK;
	}
	return tsv_fail(&s->t, c < s->n ? &s->cells[c] : NULL, b->err, "unknown kind '%.*s' in column 'kind'", (int)k.n, k.at);
}

static kula_status read_things(builder *b)
{
	sheet s;
	/* nouns before animals before named systems: a leopard is an animal, the Leopard 2 a tank */
	kula_status k = sheet_open(b, &s, "noun_kinds.tsv", !b->own);
	if (!k) {
		enum { C_LEMMA, C_KIND, C_RANK, C_N };
		static const char *const names[C_N] = {"lemma", "kind", "rank"};
		uint32_t c[C_N];
		int kind;
		k = columns_need(b, &s, names, c, C_N, C_N);
		while (!k && sheet_next(b, &s, &k)) {
			if ((k = kind_of(b, &s, c[C_KIND], &kind)))
				break;
			const cell lemma = at_column(&s, c[C_LEMMA]);
			const uint32_t rank = number_of(at_column(&s, c[C_RANK]));
			thing_add(b, lemma.at, lemma.n, kind, rank == 0 ? 3 : rank == 1 ? 2 : 1, false, false);
			if (!memchr(lemma.at, ' ', lemma.n) && is_lower((byte)*lemma.at))
				name_flag(b, lemma.at, lemma.n, NF_WORD);
		}
		sheet_close(&s);
	}
	if (k && k != KULA_ENOTFOUND)
		return k;
	k = sheet_open(b, &s, "species.tsv", !b->own);
	if (!k) {
		enum { C_NAME, C_PLURAL, C_AMBIGUOUS, C_N };
		static const char *const names[C_N] = {"common_name", "plural", "ambiguous"};
		uint32_t c[C_N];
		k = columns_need(b, &s, names, c, C_N, 1);
		while (!k && sheet_next(b, &s, &k)) {
			const cell name = at_column(&s, c[C_NAME]), plural = at_column(&s, c[C_PLURAL]);
			thing_add(b, name.at, name.n, KULA_ANIMAL, has_word(at_column(&s, c[C_AMBIGUOUS]), "word") ? 1 : 2, false, false);
			if (plural.n)
				form_map(b, plural, name);
		}
		sheet_close(&s);
	}
	if (k && k != KULA_ENOTFOUND)
		return k;
	k = sheet_open(b, &s, "items.tsv", !b->own);
	if (!k) {
		enum { C_NAME, C_ALIASES, C_KIND, C_CLASS, C_N };
		static const char *const names[C_N] = {"name", "aliases", "kind", "class"};
		uint32_t c[C_N];
		int kind;
		k = columns_need(b, &s, names, c, C_N, C_KIND + 1);
		while (!k && sheet_next(b, &s, &k)) {
			if ((k = kind_of(b, &s, c[C_KIND], &kind)))
				break;
			cell rest = at_column(&s, c[C_ALIASES]), p = at_column(&s, c[C_NAME]);
			do {
				bool named = false;     /* more than a plain word: "F-16", "Javelin missile" */
				for (size_t i = 0; i < p.n; i++)
					named |= is_digit((byte)p.at[i]) || p.at[i] == ' ' || p.at[i] == '-';
				thing_add(b, p.at, p.n, kind, 3, false, !named);
			} while (part_next(&rest, &p));
		}
		sheet_close(&s);
	}
	if (k && k != KULA_ENOTFOUND)
		return k;
	k = sheet_open(b, &s, "mass_nouns.tsv", !b->own);
	if (!k) {
		const uint32_t c = column(&s, "noun");
		if (c == UINT32_MAX)
			k = kula_fail(b->err, KULA_EFORMAT, 0, "%s:1: no column 'noun'", s.t.file);
		while (!k && sheet_next(b, &s, &k)) {
			const cell noun = at_column(&s, c);
			thing_add(b, noun.at, noun.n, -1, 0, true, false);
		}
		sheet_close(&s);
	}
	if (k && k != KULA_ENOTFOUND)
		return k;
	k = sheet_open(b, &s, "plurals.tsv", !b->own);
	if (!k) {
		enum { C_PLURAL, C_SINGULAR, C_N };
		static const char *const names[C_N] = {"plural", "singular"};
		uint32_t c[C_N];
		k = columns_need(b, &s, names, c, C_N, C_N);
		while (!k && sheet_next(b, &s, &k))
			form_map(b, at_column(&s, c[C_PLURAL]), at_column(&s, c[C_SINGULAR]));
		sheet_close(&s);
	}
	return k == KULA_ENOTFOUND ? KULA_OK : k;
}

static kula_status read_hints(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "hints.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_NAME, C_CODE, C_WORDS, C_N };
	static const char *const names[C_N] = {"name", "code", "words"};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_N);
	while (!k && sheet_next(b, &s, &k)) {
		const cell name = at_column(&s, c[C_NAME]), code = at_column(&s, c[C_CODE]);
		int ci = code.n ? map_code(b->claims_code, code) : 0;
		if (ci < 0 && b->raw_codes && code.n < KULA_CODE_BYTES)
			ci = code_index(b, code.at, code.n);
		if (ci < 0) {
			k = tsv_fail(&s.t, &s.cells[c[C_CODE]], b->err, "unknown code '%.*s' in column 'code'", (int)code.n, code.at);
			break;
		}
		const char *key = know_canon(b->a, name.at, name.n);
		/* words: " atlanta | senator | " each canonical, with bars around, so that a look-up is a search */
		buf words = {0};
		buf_char(&words, '|');
		cell rest = at_column(&s, c[C_WORDS]), p;
		while (part_next(&rest, &p)) {
			const char *w = know_canon(b->a, p.at, p.n);
			if (w && *w) {
				buf_text(&words, w);
				buf_char(&words, '|');
			}
		}
		image_hint *h = list_add(&b->hints);
		if (!key || !h || words.refused)
			b->full = true;
		else
			*h = (image_hint){intern(b, key, strlen(key)), intern(b, words.at, words.n), (uint16_t)ci, 0};
		buf_free(&words);
	}
	sheet_close(&s);
	return k;
}

/* words.tsv: words beside names: titles, first names, words that are no names whatever their capitals; words around nouns. */
static kula_status read_words(builder *b)
{
	sheet s;
	kula_status k = sheet_open(b, &s, "words.tsv", !b->own);
	if (k)
		return k == KULA_ENOTFOUND ? KULA_OK : k;
	enum { C_WORDS, C_ROLE, C_N };
	static const char *const names[C_N] = {"words", "role"};
	static const struct { const char *role; uint16_t flag; } roles[] = {{"given", NF_GIVEN}, {"title", NF_TITLE}, {"stop", NF_STOP},
		{"word", NF_WORD}, {"family", NF_FAMILY}, {"ends noun", NF_ENDS_NOUN}, {"determiner", NF_DETERMINER}, {"several", NF_SEVERAL}};
	uint32_t c[C_N];
	k = columns_need(b, &s, names, c, C_N, C_N);
	while (!k && sheet_next(b, &s, &k)) {
		const cell role = at_column(&s, c[C_ROLE]);
		uint16_t flag = 0;
		for (size_t i = 0; i < COUNT_OF(roles); i++)
			if (same_text(role.at, role.n, roles[i].role))
				flag = roles[i].flag;
		if (!flag) {
			k = tsv_fail(&s.t, &s.cells[c[C_ROLE]], b->err, "unknown role '%.*s' in column 'role'", (int)role.n, role.at);
			break;
		}
		cell rest = at_column(&s, c[C_WORDS]), p;
		while (part_next(&rest, &p))
			name_flag(b, p.at, p.n, flag);
	}
	sheet_close(&s);
	return k;
}

/* ---- writing ---- */

static int by_name(const void *x, const void *y)
{
	const draft *a = x, *b = y;
	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	/* one reading by type and code: the weightiest stays in front of its like */
	if (a->r.type != b->r.type)
		return a->r.type < b->r.type ? -1 : 1;
	if (a->r.code != b->r.code)
		return a->r.code < b->r.code ? -1 : 1;
	if (a->r.prior != b->r.prior)
		return a->r.prior > b->r.prior ? -1 : 1;
	if (a->r.weight != b->r.weight)
		return a->r.weight > b->r.weight ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int by_hint(const void *x, const void *y)
{
	const image_hint *a = x, *b = y;
	return a->key < b->key ? -1 : a->key > b->key ? 1 : a->words < b->words ? -1 : a->words > b->words;
}

static void pad(buf *o)
{
	while (o->n % 8)
		buf_char(o, 0);
}

static void put32(byte *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (byte)(v >> (8 * i));
}

static void put64(byte *at, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		at[i] = (byte)(v >> (8 * i));
}

/* A hash section over records of `size` bytes that begin with their key's offset. Equal keys: the first is found. */
static void hash_write(builder *b, buf *o, const list *records, byte *entry)
{
	uint32_t slots = 16;
	while (slots < records->n * 2)
		slots *= 2;
	uint32_t *h = base_malloc(slots * sizeof *h);
	if (!h) {
		b->full = true;
		return;
	}
	memset(h, 0, slots * sizeof *h);
	for (size_t i = 0; i < records->n; i++) {
		uint32_t key;
		memcpy(&key, records->at + i * records->size, sizeof key);
		const char *k = b->strings.at + key;
		uint32_t at = (uint32_t)hash_bytes(k, strlen(k)) & (slots - 1);
		while (h[at])
			at = (at + 1) & (slots - 1);
		h[at] = (uint32_t)i + 1;
	}
	pad(o);
	put32(entry, (uint32_t)o->n);
	put32(entry + 4, slots);
	buf_add(o, h, slots * sizeof *h);
	free(h);
}

static void section_write(buf *o, const void *at, size_t count, size_t size, byte *entry)
{
	pad(o);
	put32(entry, (uint32_t)o->n);
	put32(entry + 4, (uint32_t)count);
	if (count)
		buf_add(o, at, count * size);
}

static kula_status image_write(builder *b, buf *o)
{
	if (b->full || b->strings.refused)      /* keys may be missing */
		return kula_fail(b->err, KULA_EMEMORY, 0, "no memory for the tables");
	draft *d = (draft *)(void *)b->drafts.at;
	if (b->drafts.n)
		qsort(d, b->drafts.n, sizeof *d, by_name);
	list readings = {.size = sizeof(image_reading)};
	for (size_t i = 0; i < b->drafts.n; i++) {
		/* places of one name in one country: the greatest will do. People keep all their offices: the day decides. */
		if (i && d[i].name == d[i - 1].name && d[i].r.type == d[i - 1].r.type && d[i].r.code == d[i - 1].r.code
			&& d[i].r.type != NAME_LEADER && d[i].r.type != NAME_SURNAME && d[i].r.type != NAME_FORMER
			&& d[i].r.type != NAME_COUNTRY && d[i].r.type != NAME_CAPITAL && d[i].r.type != NAME_CITY
			&& !(((image_row *)(void *)b->rows.at)[d[i].r.row].end != ((image_row *)(void *)b->rows.at)[d[i - 1].r.row].end)) {
			/* "TASS" and "Tass": what either spelling allows, the one reading allows */
			image_reading *kept = readings.n ? (image_reading *)(void *)readings.at + readings.n - 1 : NULL;
			if (kept) {
				kept->flags = (uint8_t)((kept->flags & d[i].r.flags & (RF_ACRONYM | RF_THE | RF_DOC))
					| (kept->flags & (RF_STATE | RF_NOT_ALONE))
					| ((kept->flags | d[i].r.flags) & (RF_FIRST_LOWER | RF_LAST_LOWER)));
			}
			continue;
		}
		image_name *m = name_at(b, d[i].name);
		if (!m->count)
			m->from = (uint32_t)readings.n;
		if (m->count == UINT16_MAX)
			continue;
		image_reading *r = list_add(&readings);
		if (!r) {
			b->full = true;
			break;
		}
		*r = d[i].r;
		m->count++;
	}
	if (b->hints.n)
		qsort(b->hints.at, b->hints.n, b->hints.size, by_hint);
	if (b->codes.n > IMAGE_CODES)
		b->full = true;
	const size_t head = 64 + IMG_SECTIONS * 8;
	byte table_at[IMG_SECTIONS * 8] = {0};
	byte zeros[64 + IMG_SECTIONS * 8] = {0};
	buf_add(o, zeros, head);
#define SECTION(which, l) section_write(o, (l).at, (l).n, (l).size, table_at + (which) * 8)
	section_write(o, b->strings.at, b->strings.n, 1, table_at + IMG_STRINGS * 8);
	SECTION(IMG_NAMES, b->name);
	hash_write(b, o, &b->name, table_at + IMG_NAME_HASH * 8);
	SECTION(IMG_READINGS, readings);
	SECTION(IMG_ROWS, b->rows);
	SECTION(IMG_CODES, b->codes);
	SECTION(IMG_THINGS, b->things);
	hash_write(b, o, &b->things, table_at + IMG_THING_HASH * 8);
	SECTION(IMG_FORMS, b->forms);
	hash_write(b, o, &b->forms, table_at + IMG_FORM_HASH * 8);
	SECTION(IMG_PUBLISHERS, b->publishers);
	hash_write(b, o, &b->publishers, table_at + IMG_PUBLISHER_HASH * 8);
	SECTION(IMG_HINTS, b->hints);
	hash_write(b, o, &b->hints, table_at + IMG_HINT_HASH * 8);
	SECTION(IMG_FILES, b->files);
#undef SECTION
	pad(o);
	free(readings.at);
	if (b->full || o->refused || b->strings.refused)
		return kula_fail(b->err, KULA_EMEMORY, 0, "no memory for the tables");
	byte *at = (byte *)o->at;
	memcpy(at + 64, table_at, sizeof table_at);
	memcpy(at, "KULAKNW1", 8);
	put32(at + 8, IMAGE_VERSION);
	put32(at + 12, IMG_SECTIONS);
	put64(at + 16, o->n);
	put64(at + 24, hash_bytes(at + 64, o->n - 64));
	return KULA_OK;
}

kula_status know_compile(const char *directory, bool own, buf *out, kula_error *err)
{
	return know_compile_over(directory, own, NULL, out, err);
}

kula_status know_compile_over(const char *directory, bool own, const image *base, buf *out, kula_error *err)
{
	builder b = {.directory = directory, .own = own, .raw_codes = own && !base, .err = err};
	b.name.size = sizeof(image_name);
	b.drafts.size = sizeof(draft);
	b.rows.size = sizeof(image_row);
	b.codes.size = sizeof(image_code);
	b.things.size = sizeof(image_thing);
	b.forms.size = sizeof(image_form);
	b.publishers.size = sizeof(image_publisher);
	b.hints.size = sizeof(image_hint);
	b.files.size = sizeof(uint32_t);
	table **tables[] = {&b.interned, &b.names, &b.code_of, &b.thing_of, &b.form_of, &b.publisher_of, &b.nation_code, &b.claims_code, &b.country_code};
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		if (!(*tables[i] = table_new()))
			b.full = true;
	b.a = arena_new(64u << 20);
	kula_status k = KULA_OK;
	if (b.full || !b.a) {
		k = kula_fail(err, KULA_EMEMORY, 0, "no memory for the tables");
	} else {
		buf_char(&b.strings, 0);                /* offset 0: the empty string */
		code_index(&b, "", 0);                  /* code 0: nobody */
		for (uint32_t i = 1; base && i < base->code_count; i++) {
			const cell c = {base->codes[i].code, strlen(base->codes[i].code)};
			const uint16_t ci = code_index(&b, c.at, c.n);
			code_map(&b, b.country_code, c, ci);
			code_map(&b, b.claims_code, c, ci);
		}
		static kula_status (*const readers[])(builder *) = {read_countries, read_organisations, read_leaders, read_cities,
			read_names, read_publishers, read_things, read_hints, read_words};
		for (size_t i = 0; i < COUNT_OF(readers) && !k; i++) {
			k = readers[i](&b);
			arena_clear(b.a);
		}
		if (!k)
			k = image_write(&b, out);
	}
	list *lists[] = {&b.name, &b.drafts, &b.rows, &b.codes, &b.things, &b.forms, &b.publishers, &b.hints, &b.files};
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		free(lists[i]->at);
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		table_free(*tables[i]);
	buf_free(&b.strings);
	arena_free(b.a);
	return k;
}
