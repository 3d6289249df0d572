/* Numbers: figures and words, fractions, ordinals. */
#include "measure/tables.h"

#include <math.h>

static uint32_t find(const tables *t, const atoms *s, uint32_t i)
{
	return tables_find(t, TABLE_NUMBERS, s, i);
}

static lexeme_kind kind_at(const tables *t, const atoms *s, uint32_t i, uint32_t *row)
{
	*row = find(t, s, i);
	return *row ? (lexeme_kind)t->row[*row].kind : KINDS;
}

/* Over one hyphen that joins its neighbours: "twenty-five", "half-a-dozen". */
static uint32_t over_hyphen(const atoms *s, uint32_t i)
{
	return i + 1 < s->count && atom_is_mark(&s->at[i], '-') && s->at[i].glued && s->at[i + 1].glued ? i + 1 : i;
}

/* The same between number words, where a tokenizer may have set spaces ("fifty - two"); not over a dash. */
static uint32_t over_any_hyphen(const atoms *s, uint32_t i)
{
	return i + 1 < s->count && atom_is_mark(&s->at[i], '-') && s->at[i].n == 1 && s->at[i].glued == s->at[i + 1].glued ? i + 1 : i;
}

static bool is_article(const atoms *s, uint32_t i)
{
	return i < s->count && (atom_is(&s->at[i], "a") || atom_is(&s->at[i], "an"));
}

/* "and a half", "-and-a-half", "and three quarters" at i: what it adds. */
static bool and_fraction(const tables *t, const atoms *s, uint32_t i, double *add, uint32_t *end, uint32_t *row)
{
	i = over_hyphen(s, i);
	if (i >= s->count || !atom_is(&s->at[i], "and"))
		return false;
	i = over_hyphen(s, i + 1);
	double times = 1;
	uint32_t r;
	if (is_article(s, i)) {
		i = over_hyphen(s, i + 1);
	} else if (kind_at(t, s, i, &r) == KIND_SMALL && t->row[r].a < 10) {
		times = t->row[r].a;
		i = over_hyphen(s, i + 1);
	} else {
		return false;
	}
	const lexeme_kind k = kind_at(t, s, i, &r);
	if (k == KIND_HALF)
		*add = times * 0.5;
	else if (k == KIND_FRACTION)
		*add = times / t->row[r].a;
	else
		return false;
	*row = r;
	*end = i + 1;
	return true;
}

/* "a 3m-high wall", "1.8m tall": metres, where else "m" behind a figure is a million. */
static bool is_metre(const atoms *s, uint32_t i)
{
	static const char *const SIZE[] = { "tall", "high", "long", "wide", "deep", "thick", "above", "below", "x", "away", "apart" };
	if (!atom_is(&s->at[i], "m") || i + 1 >= s->count)
		return false;
	const uint32_t j = i + 1 + (atom_is_mark(&s->at[i + 1], '-') ? 1 : 0);
	for (size_t k = 0; k < COUNT_OF(SIZE) && j < s->count; k++)
		if (atom_is(&s->at[j], SIZE[k]))
			return true;
	return false;
}

/* Scales behind a number: "2.5-million", "thousand million", "1.5m". */
static void scales(const tables *t, const atoms *s, number *n)
{
	for (uint32_t turns = 0; turns < 4; turns++) {
		uint32_t r, i = over_hyphen(s, n->end);
		const lexeme_kind k = kind_at(t, s, i, &r);
		if (k == KIND_SCALE || (k == KIND_HUNDRED && !n->scaled) || (k == KIND_DOZEN && t->row[r].a == 12 && !n->scaled)) {
			n->value *= t->row[r].a;
			n->scaled = n->scaled || k == KIND_SCALE;
			n->grouped = n->grouped || k == KIND_DOZEN;
		} else if (k == KIND_SUFFIX && n->digits && !n->words && i == n->end && s->at[i].glued && !is_metre(s, i)
				&& !(i + 1 < s->count && s->at[i + 1].glued && (s->at[i + 1].kind != ATOM_MARK || s->at[i + 1].mark == '/'))) {
			n->value *= t->row[r].a;
			n->scaled = true;
		} else {
			return;
		}
		n->row = r;
		n->words = true;
		n->end = i + 1;
	}
}

static bool figures_read(const tables *t, const atoms *s, uint32_t i, number *out)
{
	const atom *x = &s->at[i];
	out->value = x->value;
	out->digits = true;
	out->end = i + 1;
	/* "20 000" */
	if (x->plain && x->digits <= 3 && x->value >= 1) {
		/* groups of three behind spaces: two of them at least, or one of zeros; the last may have a point */
		uint32_t e = i + 1, groups = 0;
		double v = x->value;
		bool zeros = true;
		while (e < s->count && s->at[e].kind == ATOM_NUMBER && s->at[e].digits == 3 && !s->at[e].glued && (s->at[e].plain || s->at[e].value < 1000)) {
			v = v * 1000 + s->at[e].value;
			zeros = zeros && s->at[e].value == 0;
			groups++;
			if (!s->at[e++].plain)
				break;
		}
		if (groups > 1 || (groups == 1 && zeros)) {
			out->value = v;
			out->end = e;
		}
	}
	const uint32_t j = out->end;
	if (j < s->count && s->at[j].kind == ATOM_NUMBER && s->at[j].glued && s->at[j].value < 1 && s->at[j].digits == 0) {
		out->value += s->at[j].value;           /* 2½ */
		out->end = j + 1;
	} else if (j + 2 < s->count && s->at[j].kind == ATOM_NUMBER && x->plain && s->at[j].plain && atom_is_mark(&s->at[j + 1], '/')
			&& s->at[j + 1].glued && s->at[j + 2].kind == ATOM_NUMBER && s->at[j + 2].glued && s->at[j + 2].value > s->at[j].value) {
		out->value += s->at[j].value / s->at[j + 2].value;      /* 1 1/2 */
		out->end = j + 3;
	} else {
		double add;
		uint32_t end, row;
		if (x->value < 1000 && and_fraction(t, s, out->end, &add, &end, &row)) {
			out->value += add;
			out->end = end;
			out->row = row;
		}
	}
	const double bare = out->value;
	scales(t, s, out);
	double add;
	uint32_t end, row;
	if (out->words && bare > 0 && and_fraction(t, s, out->end, &add, &end, &row)) {
		out->value += add * (out->value / bare);        /* 3 million and a half */
		out->end = end;
	} else if (out->words && !out->grouped) {
		/* "4 thousand 3 hundred", "3 hundred and 21" */
		uint32_t e = out->end;
		const bool hundred = out->row && t->row[out->row].kind == KIND_HUNDRED;
		const bool joined = hundred && e < s->count && atom_is(&s->at[e], "and");
		if (joined)
			e++;
		number rest;
		uint32_t next_row;
		const lexeme_kind next = kind_at(t, s, e + 1, &next_row);
		if (hundred && (next == KIND_HUNDRED || next == KIND_SCALE))
			return true;
		if (e < s->count && !s->at[e].glued && s->at[e].kind == ATOM_NUMBER && (joined || !hundred) && s->at[e].value < (hundred ? 100 : 10)
				&& s->at[e].value >= 1 && s->at[e].plain && (hundred || (kind_at(t, s, e + 1, &row) == KIND_HUNDRED && number_read(t, s, e, &rest)))) {
			out->value += hundred ? s->at[e].value : rest.value;
			out->end = hundred ? e + 1 : rest.end;
		} else if (joined && kind_at(t, s, e, &row) == KIND_SMALL && number_read(t, s, e, &rest) && rest.value < 100) {
			out->value += rest.value;
			out->end = rest.end;
		}
	}
	return true;
}

bool number_read(const tables *t, const atoms *s, uint32_t i, number *out)
{
	memset(out, 0, sizeof *out);
	if (i >= s->count)
		return false;
	if (s->at[i].kind == ATOM_NUMBER)
		return figures_read(t, s, i, out);
	uint32_t r, j = i;
	lexeme_kind k;
	if (is_article(s, i)) {
		j = over_hyphen(s, i + 1);
		k = kind_at(t, s, j, &r);
		if (k != KIND_HUNDRED && k != KIND_SCALE && k != KIND_DOZEN && k != KIND_GROUP && k != KIND_HALF && k != KIND_FRACTION && k != KIND_SINGLE)
			return false;
		out->article = true;
	}
	k = kind_at(t, s, j, &r);
	if (k == KIND_HALF) {
		/* half a million, a half-million, half dozen */
		uint32_t e = over_hyphen(s, j + 1);
		if (is_article(s, e))
			e = over_hyphen(s, e + 1);
		const lexeme_kind k2 = kind_at(t, s, e, &r);
		if (k2 != KIND_SCALE && k2 != KIND_DOZEN && k2 != KIND_HUNDRED)
			return false;
		out->value = t->row[r].a / 2;
		out->scaled = k2 == KIND_SCALE;
		out->grouped = k2 == KIND_DOZEN;
		out->words = true;
		out->row = r;
		out->end = e + 1;
		scales(t, s, out);
		return true;
	}
	/* a quarter (of a) million, three-quarters of a million */
	fraction f;
	if ((k == KIND_FRACTION || k == KIND_SMALL) && fraction_read(t, s, i, &f)) {
		uint32_t e = over_hyphen(s, f.end);
		if (e < s->count && atom_is(&s->at[e], "of"))
			e++;
		if (is_article(s, e))
			e++;
		const lexeme_kind k2 = kind_at(t, s, e, &r);
		if (k2 == KIND_SCALE || k2 == KIND_DOZEN) {
			out->value = f.value * t->row[r].a;
			out->scaled = k2 == KIND_SCALE;
			out->words = true;
			out->row = r;
			out->end = e + 1;
			return true;
		}
		if (k == KIND_FRACTION)
			return false;
		r = find(t, s, j);
	} else if (k == KIND_FRACTION && t->row[r].a == 4) {
		/* "quarter million" */
		const double part = 1 / t->row[r].a;
		if (kind_at(t, s, over_hyphen(s, j + 1), &r) != KIND_SCALE)
			return false;
		*out = (number){ .value = part * t->row[r].a, .end = over_hyphen(s, j + 1) + 1, .row = r, .words = true, .scaled = true };
		return true;
	}
	if (k == KIND_SINGLE) {
		out->value = 1;
		out->end = j + 1;
		out->row = r;
		out->words = true;
		return true;
	}
	if (k == KIND_GROUP) {
		out->value = t->row[r].a;
		out->grouped = true;
		out->words = true;
		out->row = r;
		out->end = j + 1;
		/* a couple of hundred, a couple dozen */
		uint32_t e = out->end;
		if (e < s->count && atom_is(&s->at[e], "of"))
			e++;
		const lexeme_kind k2 = kind_at(t, s, e, &r);
		if (k2 == KIND_HUNDRED || k2 == KIND_SCALE || k2 == KIND_DOZEN) {
			out->value *= t->row[r].a;
			out->scaled = k2 == KIND_SCALE;
			out->row = r;
			out->end = e + 1;
			scales(t, s, out);
		}
		return true;
	}
	double total = 0, part = 0, scale = INFINITY;
	lexeme_kind last = KINDS;
	uint32_t end = j;
	for (uint32_t turns = 0; turns < 40; turns++) {
		double add;
		uint32_t e2, row;
		if (last == KIND_HUNDRED && and_fraction(t, s, end, &add, &e2, &row)) {
			part += add;                    /* one hundred and three quarters */
			end = e2;
			break;
		}
		uint32_t e = last == KINDS ? j : last == KIND_TEN ? over_any_hyphen(s, end) : over_hyphen(s, end);
		if (last == KIND_HUNDRED || last == KIND_SCALE) {
			if (e + 1 < s->count && atom_is(&s->at[e], "and"))
				e = over_hyphen(s, e + 1);
			else if (e + 1 < s->count && last == KIND_SCALE && atom_is_mark(&s->at[e], ',') && s->at[e + 1].kind == ATOM_WORD) {
				/* "two million, five hundred thousand": only before a part that a smaller scale or hundred closes */
				number rest;
				if (number_read(t, s, e + 1, &rest) && rest.words && !rest.article && rest.value >= 100 && rest.value < scale)
					e = e + 1;
			}
		}
		k = kind_at(t, s, e, &r);
		const double v = r ? t->row[r].a : 0;
		if (k == KIND_SMALL && (last == KINDS || last == KIND_HUNDRED || last == KIND_SCALE || (last == KIND_TEN && v > 0 && v < 10))) {
			part += v;
		} else if (k == KIND_TEN && (last == KINDS || last == KIND_HUNDRED || last == KIND_SCALE)) {
			part += v;
		} else if (k == KIND_HUNDRED && last != KIND_HUNDRED && last != KIND_SCALE) {
			part = (last == KINDS ? 1 : part) * 100;
		} else if (k == KIND_DOZEN && ((last == KINDS && !same_folded(t->row[r].phrase, t->row[r].n, "dozens")) || last == KIND_SMALL || last == KIND_TEN || last == KIND_HUNDRED)) {
			part = (last == KINDS ? 1 : part) * v;
			out->grouped = true;
			end = e + 1;
			out->row = r;
			last = k;
			break;
		} else if (k == KIND_GROUPS && (last == KIND_SMALL || last == KIND_TEN || last == KIND_HUNDRED)) {
			part *= v;
			out->grouped = true;
			end = e + 1;
			out->row = r;
			last = k;
			break;
		} else if (k == KIND_SCALE && last == KIND_SCALE && part == 0) {
			total *= v;                     /* thousand million */
			scale = v;
		} else if (k == KIND_SCALE && v < scale && (last != KIND_SCALE || part != 0)) {
			total += (last == KINDS ? 1 : part) * v;
			part = 0;
			scale = v;
		} else {
			break;
		}
		out->row = r;
		end = e + 1;
		last = k;
		if ((k == KIND_SMALL || k == KIND_TEN) && and_fraction(t, s, end, &add, &e2, &row)) {
			part += add;                    /* two and a half (million) */
			end = e2;
		} else if (k == KIND_SCALE && and_fraction(t, s, end, &add, &e2, &row)) {
			total += add * v;               /* a million and a half */
			end = e2;
			break;
		}
	}
	if (last == KINDS)
		return false;
	out->value = total + part;
	out->words = true;
	out->scaled = isfinite(scale) && part == 0;
	out->end = end;
	return true;
}

bool fraction_read(const tables *t, const atoms *s, uint32_t i, fraction *out)
{
	if (i >= s->count)
		return false;
	/* 3/4 */
	if (s->at[i].kind == ATOM_NUMBER) {
		if (i + 2 < s->count && s->at[i].plain && s->at[i].digits <= 2 && atom_is_mark(&s->at[i + 1], '/') && s->at[i + 1].glued
				&& s->at[i + 2].kind == ATOM_NUMBER && s->at[i + 2].glued && s->at[i + 2].plain && s->at[i].value >= 1
				&& s->at[i + 2].value > s->at[i].value && s->at[i + 2].value <= 10) {
			*out = (fraction){ s->at[i].value / s->at[i + 2].value, i + 3, 0 };
			return true;
		}
		if (s->at[i].digits == 0 && s->at[i].value < 1) {
			*out = (fraction){ s->at[i].value, i + 1, 0 };
			return true;
		}
	}
	double times = 1;
	uint32_t r, j = i;
	lexeme_kind k = kind_at(t, s, j, &r);
	bool numerator = false;
	if (is_article(s, i)) {
		j = over_hyphen(s, i + 1);
		numerator = true;
	} else if (k == KIND_SMALL && t->row[r].a >= 1 && t->row[r].a < 100) {
		times = t->row[r].a;
		j = over_any_hyphen(s, i + 1);
		numerator = true;
	} else if (s->at[i].kind == ATOM_NUMBER && s->at[i].plain && s->at[i].value < 100) {
		times = s->at[i].value;
		j = over_hyphen(s, i + 1);
		numerator = true;
	}
	k = kind_at(t, s, j, &r);
	if (k == KIND_HALF && (times == 1 || !numerator)) {
		*out = (fraction){ 0.5, j + 1, r };
		return true;
	}
	if (k != KIND_FRACTION || !numerator)
		return false;
	/* A singular that is an ordinal too ("a third man") is a share only before "of". */
	const lexeme *x = &t->row[r];
	const bool plural = x->n && x->phrase[x->n - 1] == 's';
	if (times > 1 ? !plural : plural)
		return false;
	if (!plural && x->a != 4 && s->at[i].kind == ATOM_WORD && is_article(s, i) && !(j + 1 < s->count && atom_is(&s->at[j + 1], "of"))) {
		/* "fell by a third." */
		if (!(j + 1 >= s->count || s->at[j + 1].kind == ATOM_MARK))
			return false;
	}
	if (times > x->a && x->a < 100)
		return false;
	*out = (fraction){ times / x->a, j + 1, r };
	return true;
}

bool ordinal_read(const tables *t, const atoms *s, uint32_t i, number *out)
{
	memset(out, 0, sizeof *out);
	if (i >= s->count)
		return false;
	uint32_t r;
	if (s->at[i].kind == ATOM_NUMBER) {
		if (!s->at[i].plain || i + 1 >= s->count || !s->at[i + 1].glued || kind_at(t, s, i + 1, &r) != KIND_ORDINAL_END)
			return false;
		*out = (number){ .value = s->at[i].value, .end = i + 2, .row = r, .digits = true };
		return true;
	}
	/* The tables have fraction rows for the same words; look for the ordinal of them. */
	double before = 0;
	uint32_t j = i;
	if (kind_at(t, s, i, &r) == KIND_TEN) {
		before = t->row[r].a;
		j = over_hyphen(s, i + 1);
		if (j == i + 1)
			return false;
	}
	if (j >= s->count)
		return false;
	for (r = t->bucket[s->at[j].hash % COUNT_OF(t->bucket)]; r; r = t->row[r].next)
		if (t->row[r].table == TABLE_NUMBERS && t->row[r].kind == KIND_ORDINAL && t->row[r].atom_count == 1
				&& s->at[j].n == t->row[r].n && t->row[r].hash[0] == s->at[j].hash) {
			if (before > 0 && t->row[r].a >= 10)
				return false;
			*out = (number){ .value = before + t->row[r].a, .end = j + 1, .row = r, .words = true };
			return true;
		}
	return false;
}
