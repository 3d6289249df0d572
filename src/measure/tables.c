/* The tables of data/measure, embedded in the binary and parsed once.
 *
 * Each file has five columns: words, kind, value, example, reads. The assembler takes the files as they lie in the tree, so
 * the build must run from its root and tables.o depends on the tables of data/measure.
 */
#include "measure/tables.h"

#include <math.h>
#include <pthread.h>

#define EMBED(symbol, file) \
	__asm__(".pushsection .rodata\n.balign 16\n" \
		".hidden " #symbol "\n.global " #symbol "\n" #symbol ":\n.incbin \"data/measure/" file "\"\n" \
		".hidden " #symbol "_end\n.global " #symbol "_end\n" #symbol "_end:\n.byte 0\n.popsection\n"); \
	extern const byte symbol[], symbol##_end[]

EMBED(measure_tsv_numbers, "numbers.tsv");
EMBED(measure_tsv_vague, "vague.tsv");
EMBED(measure_tsv_bounds, "bounds.tsv");
EMBED(measure_tsv_units, "units.tsv");
EMBED(measure_tsv_currencies, "currencies.tsv");
EMBED(measure_tsv_homes, "homes.tsv");
EMBED(measure_tsv_rates, "rates.tsv");
EMBED(measure_tsv_months, "months.tsv");
EMBED(measure_tsv_weekdays, "weekdays.tsv");
EMBED(measure_tsv_holidays, "holidays.tsv");
EMBED(measure_tsv_deictics, "deictics.tsv");
EMBED(measure_tsv_spans, "spans.tsv");
EMBED(measure_tsv_leads, "leads.tsv");

static const struct { const char *name; const byte *at, *end; } FILES[TABLES] = {
	[TABLE_NUMBERS]    = { "numbers.tsv", measure_tsv_numbers, measure_tsv_numbers_end },
	[TABLE_VAGUE]      = { "vague.tsv", measure_tsv_vague, measure_tsv_vague_end },
	[TABLE_BOUNDS]     = { "bounds.tsv", measure_tsv_bounds, measure_tsv_bounds_end },
	[TABLE_UNITS]      = { "units.tsv", measure_tsv_units, measure_tsv_units_end },
	[TABLE_CURRENCIES] = { "currencies.tsv", measure_tsv_currencies, measure_tsv_currencies_end },
	[TABLE_HOMES]      = { "homes.tsv", measure_tsv_homes, measure_tsv_homes_end },
	[TABLE_RATES]      = { "rates.tsv", measure_tsv_rates, measure_tsv_rates_end },
	[TABLE_MONTHS]     = { "months.tsv", measure_tsv_months, measure_tsv_months_end },
	[TABLE_WEEKDAYS]   = { "weekdays.tsv", measure_tsv_weekdays, measure_tsv_weekdays_end },
	[TABLE_HOLIDAYS]   = { "holidays.tsv", measure_tsv_holidays, measure_tsv_holidays_end },
	[TABLE_DEICTICS]   = { "deictics.tsv", measure_tsv_deictics, measure_tsv_deictics_end },
	[TABLE_SPANS]      = { "spans.tsv", measure_tsv_spans, measure_tsv_spans_end },
	[TABLE_LEADS]      = { "leads.tsv", measure_tsv_leads, measure_tsv_leads_end },
};

/* How the kind column writes each kind. */
static const char *const KIND_NAMES[KINDS] = {
	[KIND_SMALL] = "small", [KIND_TEN] = "ten", [KIND_HUNDRED] = "hundred", [KIND_DOZEN] = "dozen", [KIND_SCALE] = "scale",
	[KIND_SUFFIX] = "suffix", [KIND_HALF] = "half", [KIND_FRACTION] = "fraction", [KIND_ORDINAL] = "ordinal",
	[KIND_ORDINAL_END] = "ordinal-end", [KIND_GROUP] = "group", [KIND_GROUPS] = "groups", [KIND_BOTH] = "both",
	[KIND_SINGLE] = "single", [KIND_PLURAL] = "plural", [KIND_SOME] = "some", [KIND_OPEN] = "open", [KIND_NONE] = "none",
	[KIND_ARTICLE] = "article", [KIND_DEFINITE] = "definite", [KIND_LEAST] = "least", [KIND_MOST] = "most",
	[KIND_ABOUT] = "about", [KIND_EXACT] = "exact", [KIND_LEAST_BEHIND] = "least-behind", [KIND_MOST_BEHIND] = "most-behind",
	[KIND_ABOUT_BEHIND] = "about-behind", [KIND_BETWEEN] = "between", [KIND_FROM] = "from", [KIND_GROWTH] = "growth", [KIND_LABEL] = "label", [KIND_PARTICLE] = "particle",
	[KIND_MASS] = "mass", [KIND_VOLUME] = "volume", [KIND_AREA] = "area", [KIND_LENGTH] = "length", [KIND_POWER] = "power",
	[KIND_ENERGY] = "energy", [KIND_PERCENT] = "percent", [KIND_TIME] = "time", [KIND_SIGN] = "sign", [KIND_WORD] = "word", [KIND_SCALED_WORD] = "scaled-word",
	[KIND_HUNDREDTH] = "hundredth", [KIND_FAMILY] = "family", [KIND_HOME] = "home", [KIND_BEHIND] = "behind", [KIND_FRONT] = "front", [KIND_MONTH] = "month",
	[KIND_SEASON] = "season", [KIND_WEEKDAY] = "weekday", [KIND_FIXED] = "fixed", [KIND_EASTER] = "easter",
	[KIND_NTH] = "nth", [KIND_DAY] = "day", [KIND_VAGUE] = "vague", [KIND_THIS] = "this", [KIND_LAST] = "last",
	[KIND_NEXT] = "next", [KIND_EARLIER] = "earlier", [KIND_LATER] = "later", [KIND_SAME] = "same", [KIND_DAYS] = "days",
	[KIND_WEEKS] = "weeks", [KIND_MONTHS] = "months", [KIND_YEARS] = "years", [KIND_QUARTERS] = "quarters",
	[KIND_HOURS] = "hours", [KIND_WEEKENDS] = "weekends", [KIND_DECADES] = "decades", [KIND_CENTURIES] = "centuries",
	[KIND_FORTNIGHTS] = "fortnights", [KIND_PART] = "part", [KIND_IN] = "in",
	[KIND_SINCE] = "since", [KIND_UNTIL] = "until", [KIND_BY] = "by", [KIND_BEFORE] = "before", [KIND_AFTER] = "after",
	[KIND_STARTING] = "starting", [KIND_DURING] = "during", [KIND_WITHIN] = "within", [KIND_OVER] = "over",
	[KIND_FOR] = "for", [KIND_AGO] = "ago", [KIND_LATER_BEHIND] = "later-behind", [KIND_EDGE_START] = "edge-start",
	[KIND_EDGE_END] = "edge-end", [KIND_EDGE_MIDDLE] = "edge-middle", [KIND_EARLY] = "early", [KIND_MID] = "mid",
	[KIND_LATE] = "late", [KIND_BETWEEN_DAYS] = "between-days", [KIND_HENCE] = "hence",
	[KIND_BEFORE_BEHIND] = "before-behind",
};

static uint32_t fold_hash(const byte *at, uint32_t n)
{
	uint32_t h = 2166136261u;               /* FNV-1a */
	for (uint32_t i = 0; i < n; i++)
		h = (h ^ to_lower(at[i])) * 16777619u;
	return h;
}

bool atom_is(const atom *x, const char *folded)
{
	return same_folded(x->at, x->n, folded);
}

/* ---- atoms ---- */

/* One atom at at[0..n), n > 0; its bytes. */
static uint32_t atom_take(const byte *at, uint32_t n, bool may_point, atom *x)
{
	uint32_t bytes;
	uint32_t c = utf8_next(at, n, &bytes);
	x->at = at;
	x->plain = false;
	x->digits = 0;
	x->mark = 0;
	x->value = 0;
	x->capital = is_upper(c);
	if (is_digit(c) || (may_point && c == '.' && n > 1 && is_digit(at[1]))) {      /* ".25" where a number may begin */
		double v = 0, part = 0.1;
		uint32_t i = 0, run = 0;
		bool point = false, comma = false, plain = true;
		while (i < n) {
			if (is_digit(at[i])) {
				if (point) {
					v += part * (at[i] - '0');
					part /= 10;
				} else {
					v = v * 10 + (at[i] - '0');
					if (x->digits < 255)
						x->digits++;
				}
				run++;
				i++;
			} else if (at[i] == ',' && !point && i + 3 < n && is_digit(at[i + 1]) && is_digit(at[i + 2])
					&& is_digit(at[i + 3]) && (i + 4 >= n || !is_digit(at[i + 4])) && (comma ? run == 3 : run <= 3)) {
				comma = true;   /* "1,250": three digits and no fourth */
				plain = false;
				run = 0;
				i++;
			} else if (at[i] == '.' && !point && i + 1 < n && is_digit(at[i + 1])) {
				point = true;
				plain = false;
				i++;
			} else {
				break;
			}
		}
		if (point) {                    /* by one division: 2.3 is the number that "2.3" reads as */
			char text[48];
			uint32_t k = 0;
			for (uint32_t j = 0; j < i && k < sizeof text - 1; j++)
				if (at[j] != ',')
					text[k++] = (char)at[j];
			text[k] = 0;
			double whole = 0, scale = 1;
			bool after = false;
			for (uint32_t j = 0; j < k; j++) {
				if (text[j] == '.')
					after = true;
				else {
					whole = whole * 10 + (text[j] - '0');
					if (after)
						scale *= 10;
				}
			}
			v = whole / scale;
		}
		x->kind = ATOM_NUMBER;
		x->value = v;
		x->plain = plain;
		x->n = i;
		x->hash = 0;
		return i;
	}
	static const struct { uint32_t c; double v; } VULGAR[] = { { 0xBD, 0.5 }, { 0xBC, 0.25 }, { 0xBE, 0.75 }, { 0x2153, 1.0 / 3 }, { 0x2154, 2.0 / 3 },
		{ 0x2155, 0.2 }, { 0x2156, 0.4 }, { 0x2157, 0.6 }, { 0x2158, 0.8 }, { 0x2159, 1.0 / 6 }, { 0x215A, 5.0 / 6 }, { 0x215B, 0.125 },
		{ 0x215C, 0.375 }, { 0x215D, 0.625 }, { 0x215E, 0.875 } };
	for (size_t k = 0; k < COUNT_OF(VULGAR); k++)
		if (c == VULGAR[k].c) {
			x->kind = ATOM_NUMBER;
			x->value = VULGAR[k].v;
			x->n = bytes;
			x->hash = 0;
			return bytes;
		}
	/* Marks beyond ASCII: general punctuation, currency signs, Latin-1 signs; all else up there counts as a letter. */
	const bool mark = c < 128 ? !is_alpha(c) : (c >= 0x2000 && c < 0x2070) || (c >= 0x20A0 && c < 0x20D0)
		|| (c >= 0xA0 && c < 0xC0 && c != 0xAA && c != 0xB2 && c != 0xB3 && c != 0xBA) || c == 0x3000;
	if (mark) {
		x->kind = ATOM_MARK;
		x->n = bytes;
		x->mark = (c >= 0x2010 && c <= 0x2015) ? '-' : (c == 0x2019 || c == 0x2018) ? '\'' : c;
		const byte dash = (byte)x->mark;
		x->hash = x->mark < 128 ? fold_hash(&dash, 1) : fold_hash(at, bytes);
		return bytes;
	}
	uint32_t i = bytes;
	while (i < n) {
		const uint32_t d = utf8_next(at + i, n - i, &bytes);
		if (!(is_alpha(d) || d == 0xB2 || d == 0xB3 || (d >= 0xC0 && !(d >= 0x2000 && d < 0x2070) && !(d >= 0x20A0 && d < 0x20D0)
				&& !(d >= 0x2150 && d < 0x2160) && d != 0x3000)))
			break;
		i += bytes;
	}
	x->kind = ATOM_WORD;
	x->n = i;
	x->hash = fold_hash(at, i);
	return i;
}

bool atoms_init(arena *a, const text_doc *d, uint32_t sentence_from, uint32_t sentence_to, atoms *out)
{
	uint32_t most = 0;
	for (uint32_t s = sentence_from; s < sentence_to && s < d->sentence_count; s++)
		most = MAX_OF(most, d->sentences[s].at.to - d->sentences[s].at.from);
	out->room = MIN_OF(most, ATOMS_MOST) + 1;
	out->count = 0;
	out->at = ARENA_NEW(a, atom, out->room);
	return out->at != NULL;
}

void atoms_cut(const text_doc *d, uint32_t sentence_index, atoms *out)
{
	const sentence *x = &d->sentences[sentence_index];
	const uint32_t room = out->room;
	out->count = 0;
	for (uint32_t w = x->word_from; w < x->word_to; w++) {
		uint32_t n;
		const byte *at = word_bytes(d, w, &n);
		bool glued = w > x->word_from && !d->words[w].space_before;
		for (uint32_t i = 0; i < n && out->count + 1 < room; ) {
			atom *o = &out->at[out->count];
			i += atom_take(at + i, n - i, !glued || (out->count && o[-1].kind == ATOM_MARK && o[-1].mark != '.'), o);
			if (o->kind == ATOM_MARK && (o->mark == 0xA0 || o->mark == 0x2009 || o->mark == 0x202F || is_space(o->mark))) {
				glued = false;
				continue;       /* a space that the words kept inside */
			}
			o->word = w;
			o->glued = glued;
			glued = true;
			if (o->kind == ATOM_NUMBER && o->plain && o->glued && out->count && atom_is_mark(&o[-1], '.') && !o[-1].glued
					&& o[-1].at + 1 == o->at) {
				/* ".25": the words have the point apart */
				for (uint32_t k = 0; k < o->n; k++)
					o->value /= 10;
				o->plain = false;
				o->digits = 0;
				o->at--;
				o->n++;
				o->word = o[-1].word;
				o->glued = false;
				o[-1] = *o;
				continue;
			}
			out->count++;
		}
	}
	atom *end = &out->at[out->count];
	memset(end, 0, sizeof *end);
	end->kind = ATOM_MARK;
	end->at = (const byte *)"";
	end->word = x->word_to;
}

/* ---- rows ---- */

static bool cell_number(const char *at, size_t n, double *v)
{
	double whole = 0, scale = 1;
	bool point = false, any = false, minus = false;
	for (size_t i = 0; i < n; i++) {
		if (i == 0 && at[i] == '-' && n > 1) {
			minus = true;
		} else if (is_digit((byte)at[i])) {
			whole = whole * 10 + (at[i] - '0');
			any = true;
			if (point)
				scale *= 10;
		} else if (at[i] == '.' && !point) {
			point = true;
		} else {
			return false;
		}
	}
	*v = (minus ? -whole : whole) / scale;
	return any;
}

static kula_status cell_value(cell c, lexeme *x)
{
	x->a = x->b = (double)NAN;
	if (same_text(c.at, c.n, "-"))
		return KULA_OK;
	for (size_t i = 0; i + 1 < c.n; i++)
		if (c.at[i] == '.' && c.at[i + 1] == '.') {
			if ((i && !cell_number(c.at, i, &x->a)) || (i + 2 < c.n && !cell_number(c.at + i + 2, c.n - i - 2, &x->b)))
				return KULA_EFORMAT;
			return KULA_OK;
		}
	if (cell_number(c.at, c.n, &x->a)) {
		x->b = x->a;
		return KULA_OK;
	}
	if (c.n == 0 || c.n >= sizeof x->code)
		return KULA_EFORMAT;
	memcpy(x->code, c.at, c.n);
	return KULA_OK;
}

kula_status tables_parse(tables *t, uint32_t which, const table_file *file, kula_error *err)
{
	const byte *p = file->at, *const end = file->at + file->n;
	for (uint32_t line = 1; p < end; line++) {
		const byte *eol = memchr(p, '\n', (size_t)(end - p));
		const byte *const stop = eol ? eol : end;
		const byte *const begin = p;
		p = eol ? eol + 1 : end;
		if (begin == stop || *begin == '#')
			continue;
		cell cells[5];
		uint32_t count = 0;
		for (const byte *q = begin; count < 5; ) {
			const byte *tab = memchr(q, '\t', (size_t)(stop - q));
			cells[count].at = (const char *)q;
			cells[count].n = (size_t)((tab ? tab : stop) - q);
			count++;
			if (!tab)
				break;
			q = tab + 1;
			if (count == 5)
				count = 6;
		}
		const uint64_t at = (uint64_t)(begin - file->at);
		if (count != 5)
			return kula_fail(err, KULA_EFORMAT, at, "%s:%u: expected 5 columns, found %s", file->name, line, count > 5 ? "more" : "fewer");
		if (t->count >= COUNT_OF(t->row))
			return kula_fail(err, KULA_ELIMIT, at, "%s:%u: more than %zu rows in all tables", file->name, line, COUNT_OF(t->row));
		lexeme *x = &t->row[t->count];
		memset(x, 0, sizeof *x);
		x->phrase = begin;
		x->n = (uint8_t)MIN_OF(cells[0].n, 255u);
		x->line = (uint16_t)line;
		x->table = (uint8_t)which;
		if (cells[0].n == 0 || cells[0].n > 60)
			return kula_fail(err, KULA_EFORMAT, at, "%s:%u:1: column 'words' must have 1 to 60 bytes", file->name, line);
		for (uint32_t i = 0; i < cells[0].n; ) {
			if (begin[i] == ' ') {
				i++;
				continue;
			}
			atom o;
			i += atom_take(begin + i, (uint32_t)cells[0].n - i, false, &o);
			if (x->atom_count == COUNT_OF(x->hash))
				return kula_fail(err, KULA_EFORMAT, at, "%s:%u:1: more than %zu parts in column 'words'", file->name, line, COUNT_OF(x->hash));
			x->hash[x->atom_count++] = o.kind == ATOM_NUMBER ? fold_hash(o.at, o.n) : o.hash;
		}
		/* "May", "Monday", "MW" are written so; names of currencies are met in any case, but "A$" is not "a $5 million loan" */
		x->capital = is_upper(*begin) && (which != TABLE_CURRENCIES || (cells[0].n <= 3 && !is_upper(begin[1]) && begin[1] != ' ') || same_text(begin, 3, "TRY"));
		uint32_t kind = 0;
		while (kind < KINDS && !same_text(cells[1].at, cells[1].n, KIND_NAMES[kind]))
			kind++;
		if (kind == KINDS)
			return kula_fail(err, KULA_EFORMAT, at, "%s:%u:2: unknown kind '%.*s'", file->name, line, (int)MIN_OF(cells[1].n, 40u), cells[1].at);
		x->kind = (uint8_t)kind;
		if (cell_value(cells[2], x) != KULA_OK)
			return kula_fail(err, KULA_EFORMAT, at, "%s:%u:3: '%.*s' is no number, range or short word", file->name, line, (int)MIN_OF(cells[2].n, 40u), cells[2].at);
		if (cells[3].n == 0 || cells[4].n == 0)
			return kula_fail(err, KULA_EFORMAT, at, "%s:%u:%u: the example is missing", file->name, line, cells[3].n ? 5u : 4u);
		snprintf(x->say, sizeof x->say, "%s:%u: %.*s", file->name, line, (int)x->n, (const char *)x->phrase);
		/* into its chain, longer ones first, else in the order of the file */
		uint32_t *link = &t->bucket[x->hash[0] % COUNT_OF(t->bucket)];
		while (*link && t->row[*link].atom_count >= x->atom_count)
			link = &t->row[*link].next;
		x->next = *link;
		*link = t->count++;
	}
	return KULA_OK;
}

static tables TABLES_ONE;               /* written once under ONCE, constant ever after */
static pthread_once_t ONCE = PTHREAD_ONCE_INIT;

static void tables_init(void)
{
	tables *t = &TABLES_ONE;
	t->count = 1;
	uint64_t h = 0;
	for (uint32_t i = 0; i < TABLES; i++) {
		const table_file f = { FILES[i].name, FILES[i].at, (size_t)(FILES[i].end - FILES[i].at) };
		if (tables_parse(t, i, &f, &t->err) != KULA_OK)
			break;
		h = h * 1099511628211u + hash_bytes(f.at, f.n);
	}
	for (int i = 0; i < 16; i++)
		t->hash[i] = "0123456789abcdef"[h >> (60 - 4 * i) & 15];
}

const tables *tables_open(void)
{
	pthread_once(&ONCE, tables_init);
	return &TABLES_ONE;
}

table_file tables_file(uint32_t which)
{
	if (which >= TABLES)
		return (table_file){ "", (const byte *)"", 0 };
	return (table_file){ FILES[which].name, FILES[which].at, (size_t)(FILES[which].end - FILES[which].at) };
}

/* The bytes of a row's words against atoms, so that a chance meeting of hashes is no match. */
static bool row_matches(const lexeme *x, const atoms *s, uint32_t i)
{
	if (i + x->atom_count > s->count)
		return false;
	for (uint32_t k = 0; k < x->atom_count; k++) {
		const atom *o = &s->at[i + k];
		if (o->kind != ATOM_NUMBER && o->hash != x->hash[k])
			return false;
	}
	uint32_t at = 0;
	for (uint32_t k = 0; k < x->atom_count; k++) {
		const atom *o = &s->at[i + k];
		const bool joined = k > 0 && x->phrase[at] != ' ';
		if (joined && !o->glued)
			return false;           /* "m2" is not "12 m 2 dm" */
		while (at < x->n && x->phrase[at] == ' ')
			at++;
		if (o->kind == ATOM_MARK && o->mark < 128) {
			uint32_t bytes;
			const uint32_t c = utf8_next(x->phrase + at, (uint32_t)x->n - at, &bytes);
			if (c != o->mark)
				return false;
			at += bytes;
			continue;
		}
		if (at + o->n > x->n)
			return false;
		for (uint32_t j = 0; j < o->n; j++)
			if (to_lower(o->at[j]) != to_lower(x->phrase[at + j]))
				return false;
		at += o->n;
	}
	return at == x->n && (!x->capital || s->at[i].capital);
}

uint32_t tables_find_kind(const tables *t, uint32_t which, const atoms *s, uint32_t i, lexeme_kind from, lexeme_kind to)
{
	if (i >= s->count || s->at[i].kind == ATOM_NUMBER)
		return 0;
	for (uint32_t r = t->bucket[s->at[i].hash % COUNT_OF(t->bucket)]; r; r = t->row[r].next)
		if (t->row[r].table == which && t->row[r].kind >= from && t->row[r].kind <= to && row_matches(&t->row[r], s, i))
			return r;
	return 0;
}

uint32_t tables_find(const tables *t, uint32_t which, const atoms *s, uint32_t i)
{
	return tables_find_kind(t, which, s, i, (lexeme_kind)0, KINDS);
}

const char *measure_hash(void)
{
	return tables_open()->hash;
}

const char *measure_row(uint32_t row)
{
	const tables *t = tables_open();
	return row > 0 && row < t->count ? t->row[row].say : "figures";
}
