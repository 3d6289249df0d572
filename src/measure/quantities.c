/* Quantities: [bound] [sign] number [to number] [unit] [bound] [rate]. One pass over the atoms of a sentence. */
#include "measure/tables.h"

#include <math.h>

#define NONE_ROW 0u

typedef struct found { measured *at; uint32_t count, room; } found;

static bool found_add(arena *a, found *f, const measured *m)
{
	if (f->count == f->room) {
		const uint32_t room = f->room ? f->room * 2 : 32;
		measured *at = ARENA_NEW(a, measured, room);
		if (!at)
			return false;
		if (f->count)
			memcpy(at, f->at, f->count * sizeof *at);
		f->at = at;
		f->room = room;
	}
	f->at[f->count++] = *m;
	return true;
}

/* A quantity in atoms. */
typedef struct reading {
	uint32_t from, to;              /* atoms, all of it */
	uint32_t number_from, number_to;
	double   min, max;
	const char *unit;
	kula_per per;
	bool     approx, money;
	uint32_t flags, row;
} reading;

static const lexeme *row_at(const tables *t, uint32_t which, const atoms *s, uint32_t i, uint32_t *row)
{
	*row = tables_find(t, which, s, i);
	return *row ? tables_row(t, *row) : NULL;
}

static const lexeme *kind_at(const tables *t, uint32_t which, const atoms *s, uint32_t i, lexeme_kind from, lexeme_kind to, uint32_t *row)
{
	*row = tables_find_kind(t, which, s, i, from, to);
	return *row ? tables_row(t, *row) : NULL;
}

/* A figure that is part of a name or a clock: "F-16", "G8", "10:30", "192.168", "4x4", "No. 5". */
static bool is_designation(const tables *t, const atoms *s, uint32_t i, uint32_t end)
{
	const atom *x = &s->at[i];
	if (x->kind == ATOM_NUMBER && i > 0 && x->glued) {
		const atom *p = &s->at[i - 1];
		if (p->kind != ATOM_MARK)
			return true;
		if (p->mark == '-' && i > 1 && p->glued && (s->at[i - 2].kind == ATOM_NUMBER || s->at[i - 2].kind == ATOM_WORD)) {
			/* "pre-2003" and the like are dates; "minus" has a space */
			return true;
		}
		if ((p->mark == '.' || p->mark == ',' || p->mark == ':' || p->mark == '/') && i > 1 && p->glued
				&& s->at[i - 2].kind == ATOM_NUMBER)
			return true;
		if (p->mark == '#')
			return true;
	}
	if (x->kind == ATOM_NUMBER && end < s->count && end == i + 1) {
		const atom *q = &s->at[end];
		uint32_t r;
		if (q->glued && q->kind == ATOM_WORD && end + 1 < s->count && s->at[end + 1].glued && s->at[end + 1].kind == ATOM_NUMBER)
			return true;                    /* "9M729" */
		if (q->glued && q->kind == ATOM_WORD && !row_at(t, TABLE_UNITS, s, end, &r) && !row_at(t, TABLE_CURRENCIES, s, end, &r)
				&& !atom_is(q, "strong"))
			return true;
		if (q->glued && (q->mark == ':' || q->mark == '/') && end + 1 < s->count && s->at[end + 1].glued
				&& s->at[end + 1].kind == ATOM_NUMBER)
			return true;
	}
	/* "Resolution 1718", "Group of Eight", "No. 5" */
	for (uint32_t back = 1; back <= 4 && back <= i; back++) {
		uint32_t r;
		const lexeme *l = kind_at(t, TABLE_BOUNDS, s, i - back, KIND_LABEL, KIND_LABEL, &r);
		if (l && l->atom_count == back)
			return true;
	}
	return false;
}

/* Unit or currency at i, behind a number; false: none. */
static bool unit_read(const tables *t, const atoms *s, uint32_t i, bool scaled, bool figures, reading *q, uint32_t *end)
{
	(void)figures;
	uint32_t r, j = i;
	if (j + 1 < s->count && atom_is_mark(&s->at[j], '-') && s->at[j].glued && s->at[j + 1].glued)
		j++;
	const lexeme *x = row_at(t, TABLE_CURRENCIES, s, j, &r);
	if (x && x->kind == KIND_SIGN && !(s->at[j].kind == ATOM_MARK || x->n == 3))
		x = NULL;
	if (x && x->kind == KIND_SCALED_WORD && !scaled)
		x = NULL;
	if (x && x->kind == KIND_WORD && same_folded(x->phrase, x->n, "pounds") && j + x->atom_count < s->count
			&& atom_is(&s->at[j + x->atom_count], "of")) {
		q->unit = "pound";              /* "1,000 pounds of explosives" */
		q->row = r;
		*end = j + x->atom_count;
		return true;
	}
	if (x) {
		q->unit = x->code;
		q->money = true;
		q->row = r;
		if (x->kind == KIND_HUNDREDTH) {
			q->min /= 100;
			q->max /= 100;
		}
		*end = j + x->atom_count;
		uint32_t e = *end, r2;
		const lexeme *scale = kind_at(t, TABLE_NUMBERS, s, e, KIND_SCALE, KIND_SCALE, &r2);
		if (scale && !scaled && x->n == 3) {    /* "75 USD million" */
			q->min *= scale->a;
			q->max *= scale->a;
			*end = e + 1;
		}
		/* "3 dollars (and) 50 cents" */
		if (x->kind == KIND_WORD) {
			if (e < s->count && atom_is(&s->at[e], "and"))
				e++;
			number cents;
			if (number_read(t, s, e, &cents) && cents.value < 100 && kind_at(t, TABLE_CURRENCIES, s, cents.end, KIND_HUNDREDTH, KIND_HUNDREDTH, &r2)) {
				q->min += cents.value / 100;
				q->max += cents.value / 100;
				*end = cents.end + 1;
			}
		}
		return true;
	}
	x = row_at(t, TABLE_UNITS, s, j, &r);
	if (!x)
		return false;
	q->unit = x->code;
	q->row = r;
	*end = j + x->atom_count;
	if (x->kind == KIND_PERCENT)
		q->flags |= MEASURE_PERCENT;
	if (x->kind == KIND_TIME)
		q->flags |= MEASURE_DURATION;
	/* "a 10-year agreement", "two-year-old", "15 years old", "a 5,000-tonne ship" */
	const bool hyphen = j > i;
	uint32_t e = *end;
	if (e + 1 < s->count && atom_is_mark(&s->at[e], '-') && s->at[e].glued)
		e++;
	if (e < s->count && (x->kind == KIND_TIME || x->kind == KIND_LENGTH)
			&& (atom_is(&s->at[e], "old") || atom_is(&s->at[e], "olds") || atom_is(&s->at[e], "long") || atom_is(&s->at[e], "high")
				|| atom_is(&s->at[e], "wide") || atom_is(&s->at[e], "deep") || atom_is(&s->at[e], "tall"))) {
		q->flags = (q->flags | MEASURE_AGE) & ~(uint32_t)MEASURE_DURATION;
		*end = e + 1;
	} else if (x->kind == KIND_LENGTH && x->n == 2 && !hyphen && q->min == q->max && e < s->count && s->at[e].kind == ATOM_WORD
			&& !s->at[e].glued && (same_folded(x->phrase, x->n, "mm") || same_folded(x->phrase, x->n, "cm")) && !atom_is(&s->at[e], "of")
			&& !atom_is(&s->at[e], "to") && !atom_is(&s->at[e], "in") && !atom_is(&s->at[e], "and") && !atom_is(&s->at[e], "on")) {
		q->flags |= MEASURE_ATTRIBUTE;          /* "122mm rockets" */
	} else if (hyphen && x->kind == KIND_TIME) {
		q->flags = (q->flags | MEASURE_AGE) & ~(uint32_t)MEASURE_DURATION;
	} else if (hyphen && x->n && x->phrase[x->n - 1] != 's' && e < s->count && s->at[e].kind == ATOM_WORD && !atom_is(&s->at[e], "of")) {
		q->flags |= MEASURE_ATTRIBUTE;
	}
	return true;
}

static bool atom_in(const atom *x, const char *const *list)
{
	for (; *list; list++)
		if (atom_is(x, *list))
			return true;
	return false;
}

/* A rate at i, or after the rest of a noun phrase ("10,000 barrels of oil a day"). */
static void rate_read(const tables *t, const atoms *s, uint32_t i, reading *q)
{
	/* what makes a time of it ("a week ago", "a month to leave"), and what ends a noun phrase */
	static const char *const TIME[] = { "ago", "earlier", "later", "after", "before", "to", "old", "long", "when", "that", "early", NULL };
	static const char *const CLAUSE[] = { "within", "have", "has", "had", "at", "to", "that", "who", "which", "them", "ago", "last", "this",
		"next", "is", "was", "are", "were", "for", "by", "until", "on", "it", "they", "he", NULL };
	for (uint32_t k = i; k < s->count && k <= i + 9; k++) {
		uint32_t r;
		const lexeme *x = kind_at(t, TABLE_RATES, s, k, KIND_BEHIND, KIND_BEHIND, &r);
		if (x && !(k + x->atom_count < s->count && atom_in(&s->at[k + x->atom_count], TIME) && s->at[k].n < 3)) {
			q->per = (kula_per)kula_per_of(x->code);
			if (k == i)
				q->to = k + x->atom_count;
			return;
		}
		if (x || (s->at[k].kind == ATOM_MARK && s->at[k].mark != '-' && s->at[k].mark != '\'') || atom_in(&s->at[k], CLAUSE))
			return;
	}
}

static void bound_apply(reading *q, lexeme_kind k)
{
	if (k == KIND_LEAST || k == KIND_LEAST_BEHIND)
		q->max = (double)NAN;
	else if (k == KIND_MOST || k == KIND_MOST_BEHIND) {
		q->max = isnan(q->max) ? q->min : q->max;
		q->min = (double)NAN;
	} else if (k == KIND_ABOUT || k == KIND_ABOUT_BEHIND)
		q->approx = true;
}

/* "or more", "-plus": at i or up to three words on. */
static void behind_read(const tables *t, const atoms *s, uint32_t i, reading *q)
{
	for (uint32_t k = i; k < s->count && k <= i + 3; k++) {
		uint32_t r, j = k;
		if (j + 1 < s->count && atom_is_mark(&s->at[j], '-') && s->at[j].glued)
			j++;
		const lexeme *x = kind_at(t, TABLE_BOUNDS, s, j, KIND_LEAST_BEHIND, KIND_ABOUT_BEHIND, &r);
		if (x && j + x->atom_count < s->count && atom_is(&s->at[j + x->atom_count], "than"))
			return;                         /* "12 and more than 194" */
		if (x && k > i && !atom_is(&s->at[j], "or"))
			return;                         /* behind the noun only "or more" and its like; "10 soldiers at least" is rare, and
			                                   "killed 10 soldiers at least twice" is not */
		if (x) {
			bound_apply(q, (lexeme_kind)x->kind);
			if (k == i)
				q->to = j + x->atom_count;
			q->row = r;
			return;
		}
		if (s->at[k].kind != ATOM_WORD || row_at(t, TABLE_BOUNDS, s, k, &r))
			return;
	}
}

static bool is_of(const atoms *s, uint32_t i)
{
	return i < s->count && atom_is(&s->at[i], "of");
}

/* The number itself with sign, range and unit, from atom i on. */
static bool core_read(const tables *t, const atoms *s, uint32_t i, bool between, bool growth, reading *q)
{
	memset(q, 0, sizeof *q);
	q->unit = "count";
	q->from = q->number_from = i;
	uint32_t r;
	const lexeme *sign = kind_at(t, TABLE_CURRENCIES, s, i, KIND_SIGN, KIND_SIGN, &r);
	uint32_t sign_row = 0, j = i;
	if (sign && sign->kind == KIND_SIGN && i + sign->atom_count < s->count && s->at[i + sign->atom_count].kind == ATOM_NUMBER) {
		sign_row = r;
		j = i + sign->atom_count;
	} else {
		sign = NULL;
	}
	number n;
	const lexeme *v = sign ? NULL : row_at(t, TABLE_VAGUE, s, i, &r);
	if (v && (v->kind == KIND_SOME || v->kind == KIND_PLURAL)) {
		uint32_t e = i + v->atom_count, r2;
		double m = v->a;
		q->row = r;
		if (v->kind == KIND_PLURAL) {
			m *= 2;
			while (e + 1 < s->count && is_of(s, e)) {       /* tens of thousands, hundreds of millions */
				const lexeme *w = row_at(t, TABLE_VAGUE, s, e + 1, &r2);
				if (!w || w->kind != KIND_PLURAL)
					break;
				m *= w->a;
				e += 1 + w->atom_count;
			}
		} else {
			const lexeme *w = row_at(t, TABLE_NUMBERS, s, e, &r2);
			while (w && (w->kind == KIND_HUNDRED || w->kind == KIND_SCALE || w->kind == KIND_DOZEN)) {
				m = (m == v->a ? 2 : m) * w->a;                 /* several hundred thousand */
				e++;
				w = row_at(t, TABLE_NUMBERS, s, e, &r2);
			}
		}
		q->flags |= MEASURE_VAGUE;
		q->min = m;
		q->max = (double)NAN;
		q->number_to = q->to = e;
		if (is_of(s, e) ? unit_read(t, s, e + 1, true, false, q, &e) : unit_read(t, s, e, true, false, q, &e))
			q->to = e;
		rate_read(t, s, q->to, q);
		return true;
	}
	if (v && v->kind == KIND_NONE && i + 2 < s->count && atom_is_mark(&s->at[i + 1], '.') && s->at[i + 2].kind == ATOM_NUMBER)
		return false;                   /* "No. 5" */
	if (v && (v->kind == KIND_OPEN || v->kind == KIND_NONE)) {
		q->flags |= v->kind == KIND_NONE ? MEASURE_NONE : MEASURE_VAGUE;
		q->row = r;
		q->min = q->max = (double)NAN;
		q->number_to = q->to = i + v->atom_count;
		return true;
	}
	const lexeme *nl = sign ? NULL : row_at(t, TABLE_NUMBERS, s, i, &r);
	if (nl && nl->kind == KIND_BOTH) {
		q->min = q->max = 2;
		q->row = r;
		q->number_to = q->to = i + 1;
		return true;
	}
	bool ok = number_read(t, s, j, &n);
	number o;
	fraction slash;
	if (ok && !sign && is_designation(t, s, j, n.end) && !ordinal_read(t, s, i, &o)
			&& !(fraction_read(t, s, i, &slash) && !s->at[i].glued && slash.end == i + 3 && !s->at[slash.end].glued))
		return false;
	if (!sign) {
		fraction f;
		if (ordinal_read(t, s, i, &o) && (!ok || o.end > n.end)) {
			q->flags |= MEASURE_ORDINAL;
			q->min = q->max = o.value;
			q->row = o.row;
			q->number_to = q->to = o.end;
			return true;
		}
		if (fraction_read(t, s, i, &f) && (!ok || f.end > n.end)) {
			q->number_to = q->to = f.end;
			q->row = f.row;
			q->min = q->max = f.value;
			q->unit = "fraction";
			q->flags |= MEASURE_PERCENT;
			/* "1/4 mile", "half a tonne", "a quarter of a mile" */
			uint32_t u = f.end, u_end;
			if (is_of(s, u) && u + 1 < s->count && (atom_is(&s->at[u + 1], "a") || atom_is(&s->at[u + 1], "an")))
				u += 2;
			else if (u < s->count && (atom_is(&s->at[u], "a") || atom_is(&s->at[u], "an")))
				u++;
			reading m = { .min = f.value, .max = f.value };
			if (unit_read(t, s, u, false, false, &m, &u_end) && !(m.flags & MEASURE_PERCENT)) {
				q->unit = m.unit;
				q->money = m.money;
				q->flags = m.flags;
				q->row = m.row;
				q->to = u_end;
				return true;
			}
			/* "a third of the 90", "half of the firm's 28 satellites": the whole within a few words behind "of" */
			if (is_of(s, f.end))
				for (uint32_t k = f.end + 1; k < s->count && k <= f.end + 6; k++) {
					reading w;
					if (s->at[k].kind == ATOM_MARK && s->at[k].mark != '\'' && s->at[k].mark != '$' && s->at[k].mark < 128)
						break;
					uint32_t r3;
					const lexeme *c = kind_at(t, TABLE_CURRENCIES, s, k, KIND_SIGN, KIND_SIGN, &r3);
					if (!(c && c->kind == KIND_SIGN) && !number_read(t, s, k, &n))
						continue;
					if (!core_read(t, s, k, false, false, &w) || w.flags || isnan(w.min))
						break;
					q->min = f.value * w.min;
					q->max = f.value * w.max;
					q->unit = w.unit;
					q->money = w.money;
					q->per = w.per;
					q->flags &= ~(uint32_t)MEASURE_PERCENT;
					q->to = w.to;
					break;
				}
			return true;
		}
	}
	if (!ok)
		return false;
	q->min = q->max = n.value;
	q->row = n.row ? n.row : sign_row;
	q->number_to = q->to = n.end;
	if (sign) {
		q->unit = sign->code;
		q->money = true;
		q->row = sign_row;
	}
	bool scaled = n.scaled;
	/* a range */
	uint32_t e = n.end;
	if (e + 1 < s->count) {
		const bool dash = atom_is_mark(&s->at[e], '-') && s->at[e + 1].kind == ATOM_NUMBER;
		const bool to = (atom_is(&s->at[e], "to") || atom_is(&s->at[e], "through")) && !growth, or = atom_is(&s->at[e], "or"), and = between && atom_is(&s->at[e], "and");
		if (dash || to || or || and) {
			uint32_t k = e + 1, r2;
			const lexeme *sign2 = kind_at(t, TABLE_CURRENCIES, s, k, KIND_SIGN, KIND_SIGN, &r2);
			const bool signed2 = sign2 && sign2->kind == KIND_SIGN && sign && strcmp(sign->code, sign2->code) == 0;
			if (signed2)
				k += sign2->atom_count;
			number m;
			if (number_read(t, s, k, &m) && !m.article) {
				double low = n.value;
				const double high = m.value;
				if (m.scaled && !n.scaled && low < 1000) {
					double scale = tables_row(t, m.row)->a;
					if (high / scale > low)
						low *= scale;           /* "2 to 3 million" */
				}
				const bool glued_tail = m.end < s->count && s->at[m.end].glued && s->at[m.end].mark == '-' && dash
					&& s->at[m.end + 1].kind == ATOM_NUMBER;
				if (low < high && !glued_tail && !(or && high > low * 10)) {
					q->min = low;
					q->max = high;
					q->number_to = q->to = m.end;
					scaled = m.scaled;
				}
			}
		}
	}
	uint32_t unit_end;
	if (!sign && unit_read(t, s, q->to, scaled, n.digits, q, &unit_end)) {
		q->to = unit_end;
	} else if (sign && unit_read(t, s, q->to, true, true, &(reading){0}, &unit_end)) {
		reading same = { 0 };
		unit_read(t, s, q->to, true, true, &same, &unit_end);
		if (same.money && tables_row(t, same.row)->kind != KIND_SIGN)
			q->to = unit_end;                               /* "$5 million dollars", "$5m US dollars" */
	} else if (n.grouped && is_of(s, q->to)) {
		reading u = *q;
		if (unit_read(t, s, q->to + 1, true, false, &u, &unit_end) && u.money) {
			*q = u;
			q->to = unit_end;
		}
	} else if (q->to + 1 < s->count && atom_is_mark(&s->at[q->to], '-') && s->at[q->to].glued && atom_is(&s->at[q->to + 1], "strong")) {
		q->to += 2;
	} else if (q->to + 1 < s->count && atom_is_mark(&s->at[q->to], '-') && s->at[q->to].glued && s->at[q->to + 1].kind == ATOM_WORD
			&& s->at[q->to + 1].glued && !(s->at[q->to + 1].n && s->at[q->to + 1].at[s->at[q->to + 1].n - 1] == 's') && !atom_is(&s->at[q->to + 1], "plus")
			&& !atom_is(&s->at[q->to + 1], "odd")) {
		q->flags |= MEASURE_ATTRIBUTE;                          /* "a four-engine plane", "a 10-member team" */
	}
	if (q->to < s->count && atom_is(&s->at[q->to], "times"))
		q->flags |= MEASURE_ATTRIBUTE;                          /* "20 times as many" */
	if (i > 0 && (atom_is(&s->at[i - 1], "aged") || atom_is(&s->at[i - 1], "age")))
		q->flags |= MEASURE_AGE;
	behind_read(t, s, q->to, q);
	if (!(q->flags & (MEASURE_AGE | MEASURE_DURATION)))
		rate_read(t, s, q->to, q);
	/* a pair that percent or fraction takes of a whole: "30 percent of the 90" */
	if ((q->flags & MEASURE_PERCENT) && is_of(s, q->to))
		for (uint32_t k = q->to + 1; k < s->count && k <= q->to + 3; k++) {
			reading w;
			uint32_t r3;
			const lexeme *c = kind_at(t, TABLE_CURRENCIES, s, k, KIND_SIGN, KIND_SIGN, &r3);
			if (!(c && c->kind == KIND_SIGN) && !(s->at[k].kind == ATOM_NUMBER))
				continue;
			if (!core_read(t, s, k, false, false, &w) || w.flags || isnan(w.min))
				break;
			q->min = q->min / 100 * w.min;
			q->max = q->max / 100 * w.max;
			q->unit = w.unit;
			q->money = w.money;
			q->flags &= ~(uint32_t)MEASURE_PERCENT;
			q->to = w.to;
			break;
		}
	return true;
}

/* Bounds in front, then the core. */
static bool quantity_read(const tables *t, const atoms *s, uint32_t i, reading *q)
{
	uint32_t bound_row[4], bounds = 0, j = i, r;
	bool between = false, growth = false, front_rate = false;
	kula_per per = KULA_PER_NONE;
	while (bounds < COUNT_OF(bound_row)) {
		const lexeme *x = row_at(t, TABLE_BOUNDS, s, j, &r);
		/* "handed over 24 jets", "turned it over": the verb's own particle */
		if (x && x->kind == KIND_LEAST && x->atom_count == 1 && atom_is(&s->at[j], "over"))
			for (uint32_t k = j; k > 0 && k + 2 > j; k--)
				if (kind_at(t, TABLE_BOUNDS, s, k - 1, KIND_PARTICLE, KIND_PARTICLE, &(uint32_t){0}))
					x = NULL;
		if (x && (x->kind == KIND_LEAST || x->kind == KIND_MOST || x->kind == KIND_ABOUT || x->kind == KIND_EXACT || x->kind == KIND_BETWEEN || x->kind == KIND_FROM)) {
			between = between || x->kind == KIND_BETWEEN;
			if (x->kind == KIND_FROM)
				for (uint32_t k = j; k > 0 && k + 6 > j; k--) {
					uint32_t r2;
					const lexeme *g = row_at(t, TABLE_BOUNDS, s, k - 1, &r2);
					growth = growth || (g && g->kind == KIND_GROWTH);
				}
			bound_row[bounds++] = r;
			j += x->atom_count;
			continue;
		}
		x = kind_at(t, TABLE_RATES, s, j, KIND_FRONT, KIND_FRONT, &r);
		if (x) {
			per = (kula_per)kula_per_of(x->code);
			front_rate = true;
			j += x->atom_count;
			continue;
		}
		break;
	}
	if (!core_read(t, s, j, between, growth, q))
		return false;
	if (bounds || front_rate) {
		if (q->flags & (MEASURE_ORDINAL | MEASURE_NONE))
			return false;
		/* "between 10 and 20": the and is wanted; "from 10" alone is no bound */
		q->from = i;
		uint32_t lead = 0;
		for (uint32_t b = bounds; b-- > 0; ) {
			const lexeme_kind k = (lexeme_kind)tables_row(t, bound_row[b])->kind;
			if (k == KIND_FROM && q->min == q->max) {
				lead = b + 1;           /* leave "from" outside */
				break;
			}
			bound_apply(q, k);
			if (k != KIND_EXACT && k != KIND_FROM)
				q->row = bound_row[b];
		}
		for (uint32_t b = 0; b < lead; b++)
			q->from += tables_row(t, bound_row[b])->atom_count;
		if (front_rate)
			q->per = per;
	}
	return true;
}

/* The currency of a family by the country that the sentence names, else by the one that the text named last. */
typedef struct homes { const lexeme *at[8]; uint32_t count; } homes;

static bool home_of(const lexeme *home, const char *family)
{
	const size_t n = strlen(family);
	return strncmp(home->code, family, n) == 0 && home->code[n] == ':';
}

static void homes_note(const tables *t, const atoms *s, homes *h)
{
	for (uint32_t i = 0; i < s->count; i++) {
		uint32_t r;
		const lexeme *x = row_at(t, TABLE_HOMES, s, i, &r);
		if (!x)
			continue;
		uint32_t k = 0;
		while (k < h->count && strcmp(h->at[k]->code, x->code) != 0)
			k++;
		if (k == h->count && h->count < COUNT_OF(h->at))
			h->count++;
		else if (k == h->count)
			k--;
		for (; k > 0; k--)              /* the latest first */
			h->at[k] = h->at[k - 1];
		h->at[0] = x;
	}
}

measured *measure_quantities(arena *a, const text_doc *d, uint32_t sentence_from, uint32_t sentence_to, uint32_t *count)
{
	const tables *t = tables_open();
	found f = { ARENA_NEW(a, measured, 16), 0, 16 };
	homes known = { { NULL }, 0 };
	atoms s;
	*count = 0;
	if (!f.at || !atoms_init(a, d, sentence_from, sentence_to, &s))
		return NULL;
	for (uint32_t k = sentence_from; k < sentence_to && k < d->sentence_count; k++) {
		atom_range dates[256];
		atoms_cut(d, k, &s);
		homes_note(t, &s, &known);
		const uint32_t date_count = days_ranges(t, &s, dates, COUNT_OF(dates));
		for (uint32_t i = 0; i < s.count; ) {
			reading q;
			uint32_t r;
			const lexeme *x;
			bool ok = quantity_read(t, &s, i, &q);
			if (!ok && (x = kind_at(t, TABLE_RATES, &s, i, KIND_BEHIND, KIND_BEHIND, &r))) {
				i += x->atom_count;     /* the "a" of "a day" is no article */
				continue;
			}
			if (!ok && (x = row_at(t, TABLE_VAGUE, &s, i, &r)) && x->kind == KIND_ARTICLE && i + 1 < s.count
					&& s.at[i + 1].kind != ATOM_MARK && !(s.at[i].capital && i > 0 && s.at[i - 1].kind != ATOM_MARK)) {
				memset(&q, 0, sizeof q);
				q = (reading){ .from = i, .to = i + 1, .number_from = i, .number_to = i + 1, .min = 1, .max = 1, .unit = "count",
					.flags = MEASURE_ARTICLE, .row = r };
				uint32_t e;
				reading u = q;
				if (unit_read(t, &s, i + 1, false, false, &u, &e) && !(u.flags & MEASURE_DURATION) && !(u.flags & MEASURE_PERCENT)) {
					q = u;
					q.to = e;
				}
				ok = true;
			}
			if (!ok) {
				i++;
				continue;
			}
			for (uint32_t z = 0; z < date_count; z++)
				if (q.number_from < dates[z].to && dates[z].from < q.number_to && !(q.flags & MEASURE_ARTICLE))
					q.flags |= MEASURE_DATE;
			if (q.to <= i)
				q.to = i + 1;
			measured m = { .word_from = s.at[q.from].word, .word_to = s.at[q.to - 1].word + 1,
				.number_from = s.at[q.number_from].word, .number_to = s.at[q.number_to - 1].word + 1,
				.min = q.min, .max = q.max, .per = q.per, .approx = q.approx, .flags = q.flags, .row = q.row };
			for (uint32_t z = 0; z < known.count && q.money; z++)
				if (home_of(known.at[z], q.unit)) {
					q.unit = strchr(known.at[z]->code, ':') + 1;
					break;
				}
			strncpy(m.unit, q.unit, sizeof m.unit - 1);
			/* two readings of one word (a word that holds several atoms) would nest: the first stays */
			if (f.count == 0 || f.at[f.count - 1].word_to <= m.word_from)
				if (!found_add(a, &f, &m))
					return NULL;
			i = q.to;
		}
	}
	*count = f.count;
	return f.at;
}

/* ---- items ---- */

static bool word_is(const text_doc *d, uint32_t w, const char *folded)
{
	uint32_t n;
	const byte *at = word_bytes(d, w, &n);
	return same_folded(at, n, folded);
}

static bool word_in(const text_doc *d, uint32_t w, const char *const *list)
{
	for (; *list; list++)
		if (word_is(d, w, *list))
			return true;
	return false;
}

/* "Castor and Pollux", "the Alpha, the Beta and the Gamma": how many names; 0 where it is no list of them. */
static uint32_t names_in(const text_doc *d, uint32_t from, uint32_t to)
{
	uint32_t lists = 0;
	bool and = false, named = false;
	for (uint32_t w = from; w < to; w++) {
		uint32_t n;
		const byte *at = word_bytes(d, w, &n);
		if (word_is(d, w, "and") || word_is(d, w, ",")) {
			if (!named)
				return 0;
			and = and || at[0] != ',';
			lists++;
			named = false;
		} else if (is_upper(at[0]) || at[0] >= 128) {
			named = true;
		} else if (!word_is(d, w, "the") && !word_is(d, w, "'s")) {
			return 0;
		}
	}
	return and && named ? lists + 1 : 0;
}

/* The unit that a bare number takes from the quantity before it: "$50 million ... and another 12 million". */
static const measured *unit_before(const text_doc *d, const measured *quantities, uint32_t i)
{
	const uint32_t here = d->words[quantities[i].word_from].sentence;
	for (uint32_t k = i; k-- > 0; ) {
		const measured *m = &quantities[k];
		if (d->words[m->word_from].sentence != here)
			return NULL;
		if (m->flags & (MEASURE_ARTICLE | MEASURE_ORDINAL | MEASURE_DATE | MEASURE_DURATION | MEASURE_AGE | MEASURE_PERCENT | MEASURE_ATTRIBUTE | MEASURE_NONE))
			continue;
		return strcmp(m->unit, "count") == 0 ? NULL : m;
	}
	return NULL;
}

int measure_item(const text_doc *d, const measured *quantities, uint32_t count, uint32_t word_from, uint32_t word_to,
	bool mass, bool plural, kula_quantity *out)
{
	static const char *const SINGULAR[] = { "the", "its", "his", "her", "their", "our", "my", "your", "this", "that", "another", "one",
		"each", "every", "a", "an", "'s", "’s", "'", "’", NULL };
	static const char *const NOBODY[] = { "any", "no", "none", "these", "those", "they", "them", "all", "some", "such", "other", "more",
		"what", "which", "others", "enough", "most", "much", "both", "theirs", "whatever", "we", "us", NULL };
	static const char *const ONE[] = { "he", "him", "she", "her", "it", "himself", "herself", "itself", "this", "that", "i", "me", "one", NULL };
	static const char *const STOP[] = { "of", "with", "for", "from", "in", "to", "on", "at", "carrying", "including", "who", "which",
		"that", "by", "under", "against", "worth", "into", "among", "between", "(", ",", ";", ":", "and", "or", "without", "over", NULL };
	static const char *const ALL[] = { "all", "whole", "entirety", "total", NULL };
	/* sums by another name: "a $3 million loan" is 3 million, "the $20 million bridge" one bridge */
	static const char *const SUM[] = { "credit", "loan", "grant", "debt", "aid", "package", "fund", "donation", "contribution", "payment", "cheque",
		"check", "gift", "ransom", "fine", "budget", "subsidy", "rescue", "bailout", "tranche", "pledge", "assistance", "bond", "line", "facility",
		"instalment", "installment", "deposit", "advance", "help", "support", "relief", "reward", "prize", "fee",
		"award", "program", "programme", "initiative", "plan", "sum", "amount", "settlement", "compensation", NULL };
	/* a part of something, or a quality that stands for those who have it: as many as there are */
	static const char *const OPEN[] = { "rest", "last", "remainder", "majority", "wounded", "dead", "injured", "stuff", "own", "share", "part",
		"amount", "number", "portion", "bulk", "proportion", "percentage", "quantity", "presence", "whole", NULL };
	*out = (kula_quantity){ .min = (double)NAN, .max = (double)NAN, .unit = "count" };
	/* where the head of the phrase ends: no number behind it counts but one right behind "of" ("a crew of seven") */
	uint32_t head_end = word_from;
	while (head_end < word_to && (head_end == word_from || !word_in(d, head_end, STOP)))
		head_end++;
	int article = -1, none = -1;
	for (uint32_t i = 0; i < count; i++) {
		const measured *m = &quantities[i];
		if (m->number_from < word_from || m->number_from >= word_to)
			continue;
		if (m->flags & (MEASURE_ORDINAL | MEASURE_AGE | MEASURE_DATE | MEASURE_DURATION | MEASURE_ATTRIBUTE))
			continue;
		const bool behind = m->word_from >= head_end && m->word_from > word_from;
		const bool of = head_end + 1 < word_to && word_is(d, head_end, "of") && (m->word_from == head_end + 1
			/* "all of the 90", "the whole of the 5 billion" */
			|| (m->word_from == head_end + 2 && word_in(d, head_end - 1, ALL) && word_in(d, head_end + 1, SINGULAR)));
		if (behind && !of
				&& !(strlen(m->unit) == 3 && is_upper((byte)m->unit[0]) && m->word_from > 0
					&& (word_is(d, m->word_from - 1, "worth") || word_is(d, m->word_from - 1, ","))
					&& m->word_to < word_to))
			continue;
		if (m->flags & MEASURE_ARTICLE) {
			if (article < 0 && !behind)
				article = (int)i;
			continue;
		}
		if (m->flags & MEASURE_NONE) {
			if (none < 0)
				none = (int)i;
			continue;
		}
		/* "the $20 million bridge": what the one thing cost */
		if (!behind && !plural && !mass && strlen(m->unit) == 3 && is_upper((byte)m->unit[0]) && m->word_to < head_end && m->word_from > word_from
				&& word_in(d, word_from, SINGULAR) && !word_in(d, head_end - 1, SUM) && !word_is(d, m->word_to, "more")
				&& !word_is(d, m->word_to, "worth"))
			continue;
		/* "the rest of the 90", "the last of the 350" */
		if (behind && head_end > word_from && word_in(d, head_end - 1, OPEN) && !word_in(d, head_end - 1, ALL))
			return -1;
		if (m->flags & MEASURE_PERCENT)
			return (int)i;          /* a share of a whole that isn't told: open */
		out->min = m->min;
		out->max = m->max;
		out->unit = m->unit;
		out->per = m->per;
		out->approx = m->approx;
		if (strcmp(m->unit, "count") == 0 && !(m->flags & MEASURE_VAGUE && isnan(m->min))
				&& (m->word_to >= word_to || word_is(d, m->word_to, "more") || word_is(d, m->word_to, "of") || word_is(d, m->word_to, "in"))) {
			const measured *before = unit_before(d, quantities, (uint32_t)i);
			const bool money = before && strlen(before->unit) == 3 && is_upper((byte)before->unit[0]);
			const double size = isnan(m->min) ? m->max : m->min;
			if (before && (money ? size >= 1e6 : m->word_to >= word_to || size >= 1000)) {
				out->unit = before->unit;
				if (!out->per && m->word_to >= word_to)
					out->per = KULA_PER_NONE;
			}
		}
		return (int)i;
	}
	if (none >= 0 && (article < 0 || none < article))
		return none;
	const bool open = head_end > word_from && word_in(d, head_end - 1, OPEN);
	if (article >= 0) {
		const measured *m = &quantities[article];
		if ((!mass || strcmp(m->unit, "count") != 0) && !open) {
			out->min = out->max = 1;
			out->unit = m->unit;
			out->per = m->per;
		}
		return article;
	}
	if (word_from >= word_to)
		return -1;
	const uint32_t names = names_in(d, word_from, word_to);
	if (names > 1) {
		out->min = out->max = names;
		return -1;
	}
	if (mass || plural || open)
		return -1;
	if (word_to - word_from == 1 && word_in(d, word_from, ONE)) {
		out->min = out->max = 1;
		return -1;
	}
	if (word_in(d, word_from, NOBODY))
		return -1;
	bool definite = false;
	for (uint32_t w = word_from; w < head_end; w++)
		definite = definite || word_in(d, w, SINGULAR);
	/* a name stands for one thing */
	uint32_t n;
	const byte *last = word_bytes(d, head_end - 1, &n);
	const bool name = n > 1 && is_upper(last[0]);
	if (definite || name)
		out->min = out->max = 1;
	return -1;
}
