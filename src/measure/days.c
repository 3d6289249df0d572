/* Days: expressions of time become intervals of whole days against the day of publication.
 *
 *	[lead] [early, the end of] time [to time]               "by the end of next April", "from 3 to 7 May"
 *
 * A time knows three readings: of what is past, of what is ahead, of what goes on. `anchor` is the time that the text named
 * last, for "the same day" and "two years later".
 */
#include "measure/tables.h"

#include <math.h>

typedef enum grain { G_NONE, G_DAY, G_WEEK, G_WEEKEND, G_MONTH, G_SEASON, G_QUARTER, G_YEAR, G_DECADE, G_CENTURY, G_LENGTH } grain;

static const kula_days NO_DAYS = { KULA_NO_DAY, KULA_NO_DAY };

typedef struct when {
	kula_days past, ahead, ongoing;
	uint32_t end, row;
	uint8_t  grain;
	bool     relative, vague, duration;
	bool     fixed;                 /* the words alone fix it */
	int      year, month, day;      /* of a calendar date, 0 where the words leave it out; 0,0,0 for any other time */
} when;

typedef struct ctx {
	const tables *t;
	const atoms *s;
	kula_day     published;
	kula_days    anchor;
	uint8_t      anchor_grain;
	kula_day     anchor_day;        /* the last that was one day, whatever was named since */
	bool         anchor_here;       /* the anchor was named in this sentence */
} ctx;

/* ---- arithmetic ---- */

static bool is_days(kula_days d) { return d.first != KULA_NO_DAY; }
static kula_days days_of(kula_day first, kula_day last) { return (kula_days){ first, last }; }

static kula_day month_add(kula_day d, int n)
{
	int y, m, k;
	day_split(d, &y, &m, &k);
	const int months = y * 12 + m - 1 + n;
	y = months / 12;
	m = months % 12 + 1;
	if (y < 1 || y > 9999)
		return d;
	return day_of(y, m, MIN_OF(k, days_in_month(y, m)));
}

static kula_days month_days(int y, int m)
{
	while (m > 12) {
		m -= 12;
		y++;
	}
	while (m < 1) {
		m += 12;
		y--;
	}
	if (y < 1 || y > 9999)
		return NO_DAYS;
	return days_of(day_of(y, m, 1), day_of(y, m, days_in_month(y, m)));
}

static kula_days months_days(int y, int m, int n)
{
	const kula_days a = month_days(y, m), b = month_days(y, m + n - 1);
	return is_days(a) && is_days(b) ? days_of(a.first, b.last) : NO_DAYS;
}

/* The calendar unit around day d, moved by n units. */
static kula_days unit_around(kula_day d, grain g, int n)
{
	if (d == KULA_NO_DAY || n > 20000 || n < -20000)
		return NO_DAYS;
	int y, m, k;
	day_split(d, &y, &m, &k);
	switch (g) {
	case G_DAY:
		return days_of(d + n, d + n);
	case G_WEEK: {
		const kula_day monday = d - day_of_week(d) + 7 * n;
		return days_of(monday, monday + 6);
	}
	case G_WEEKEND: {
		const kula_day monday = d - day_of_week(d) + 7 * n;
		return days_of(monday + 5, monday + 6);
	}
	case G_MONTH:
		return month_days(y, m + n);
	case G_QUARTER:
		return months_days(y, (m - 1) / 3 * 3 + 1 + 3 * n, 3);
	case G_YEAR:
		return y + n < 1 || y + n > 9999 ? NO_DAYS : months_days(y + n, 1, 12);
	case G_DECADE:
		y = y / 10 * 10 + 10 * n;
		return y < 1 || y > 9980 ? NO_DAYS : months_days(y, 1, 120);
	case G_CENTURY:
		y = (y - 1) / 100 * 100 + 1 + 100 * n;
		return y < 1 || y > 9900 ? NO_DAYS : months_days(y, 1, 1200);
	default:
		return NO_DAYS;
	}
}

/* The day n units before (n < 0) or after d. */
static kula_day unit_step(kula_day d, grain g, double n)
{
	if (d == KULA_NO_DAY || n > 9000 || n < -9000)
		return KULA_NO_DAY;
	switch (g) {
	case G_DAY: return d + (kula_day)n;
	case G_WEEK: return d + (kula_day)(7 * n);
	case G_MONTH: return month_add(d, (int)n);
	case G_QUARTER: return month_add(d, (int)(3 * n));
	case G_YEAR: return month_add(d, (int)(12 * n));
	case G_DECADE: return month_add(d, (int)(120 * n));
	case G_CENTURY: return month_add(d, (int)(1200 * n));
	default: return KULA_NO_DAY;
	}
}

/* Early, mid, late by the contract: ten days of a month, quarters of a year; thirds of what it doesn't name. */
static kula_days part_of(kula_days d, grain g, lexeme_kind k)
{
	if (!is_days(d))
		return d;
	const int which = k == KIND_EARLY || k == KIND_EDGE_START ? 0 : k == KIND_MID || k == KIND_EDGE_MIDDLE ? 1 : 2;
	int y, m, day;
	day_split(d.first, &y, &m, &day);
	switch (g) {
	case G_DAY:
		return d;
	case G_MONTH:
		if (which == 0)
			return days_of(d.first, d.first + 9);
		return which == 1 ? days_of(d.first + 10, d.first + 19) : days_of(d.first + 20, d.last);
	case G_YEAR:
		if (which == 0)
			return months_days(y, 1, 3);
		return which == 1 ? months_days(y, 4, 6) : months_days(y, 10, 3);
	case G_DECADE:
		if (which == 0)
			return months_days(y, 1, 36);
		return which == 1 ? months_days(y + 3, 1, 48) : months_days(y + 7, 1, 36);
	default: {
		const int32_t n = d.last - d.first + 1, third = n / 3;
		if (which == 0)
			return days_of(d.first, d.first + MAX_OF(third, 1) - 1);
		return which == 1 ? days_of(d.first + third, d.last - third) : days_of(d.last - MAX_OF(third, 1) + 1, d.last);
	}
	}
}

static kula_day easter(int y)
{
	/* the anonymous Gregorian algorithm */
	const int a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3,
		h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
	return day_of(y, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
}

static void all_readings(when *w, kula_days d)
{
	w->past = w->ahead = w->ongoing = d;
}

/* ---- rows ---- */

static const lexeme *row_at(const ctx *c, uint32_t which, uint32_t i, uint32_t *row)
{
	*row = tables_find(c->t, which, c->s, i);
	return *row ? tables_row(c->t, *row) : NULL;
}

static bool word_at(const ctx *c, uint32_t i, const char *w)
{
	return i < c->s->count && atom_is(&c->s->at[i], w);
}

static bool mark_at(const ctx *c, uint32_t i, uint32_t m)
{
	return i < c->s->count && atom_is_mark(&c->s->at[i], m);
}

static grain grain_of(const lexeme *x)
{
	switch ((lexeme_kind)x->kind) {
	case KIND_DAYS: return G_DAY;
	case KIND_WEEKS: case KIND_FORTNIGHTS: return G_WEEK;
	case KIND_MONTHS: return G_MONTH;
	case KIND_QUARTERS: return G_QUARTER;
	case KIND_YEARS: return G_YEAR;
	case KIND_DECADES: return G_DECADE;
	case KIND_CENTURIES: return G_CENTURY;
	case KIND_WEEKENDS: return G_WEEKEND;
	default: return G_NONE;
	}
}

/* ---- calendar dates ---- */

/* A year in figures; not "2,000", not "2000 troops". */
static bool year_at(const ctx *c, uint32_t i, int *year)
{
	if (i >= c->s->count)
		return false;
	const atom *x = &c->s->at[i];
	if (x->kind != ATOM_NUMBER || !x->plain || x->n != 4 || x->value < 1000 || x->value > 2199)
		return false;
	if (i + 1 < c->s->count && c->s->at[i + 1].glued && c->s->at[i + 1].kind == ATOM_WORD)
		return false;
	/* "in 1230 BC" is no year that the contract's days reach */
	const atom *q = &c->s->at[i + 1];
	if (q->kind == ATOM_WORD && (atom_is(q, "BC") || atom_is(q, "BCE")))
		return false;
	if (atom_is(q, "B") && i + 3 < c->s->count && atom_is_mark(&c->s->at[i + 2], '.') && atom_is(&c->s->at[i + 3], "C"))
		return false;
	*year = (int)x->value;
	return true;
}

/* A day of the month: "5", "5th", "the 5th", "fifth". */
static bool monthday_at(const ctx *c, uint32_t i, int *day, uint32_t *end)
{
	if (i >= c->s->count)
		return false;
	const atom *x = &c->s->at[i];
	number o;
	if (ordinal_read(c->t, c->s, i, &o) && o.value >= 1 && o.value <= 31) {
		*day = (int)o.value;
		*end = o.end;
		return true;
	}
	if (x->kind == ATOM_NUMBER && x->plain && x->n <= 2 && x->value >= 1 && x->value <= 31) {
		if (i + 1 < c->s->count && c->s->at[i + 1].glued && c->s->at[i + 1].kind == ATOM_WORD)
			return false;
		if (i + 2 < c->s->count && atom_is_mark(&c->s->at[i + 1], ':') && c->s->at[i + 2].kind == ATOM_NUMBER)
			return false;           /* a clock */
		*day = (int)x->value;
		*end = i + 1;
		return true;
	}
	return false;
}

/* "March" the month, not the verb; "May" not the modal. */
static bool month_at(const ctx *c, uint32_t i, int *month, uint32_t *end, uint32_t *row)
{
	const lexeme *x = row_at(c, TABLE_MONTHS, i, row);
	if (!x || x->kind != KIND_MONTH)
		return false;
	*month = (int)x->a;
	*end = i + x->atom_count;
	if (x->phrase[x->n - 1] != '.' && mark_at(c, *end, '.') && c->s->at[*end].glued && *end + 1 < c->s->count
			&& c->s->at[*end + 1].kind == ATOM_NUMBER && x->n <= 4)
		++*end;
	return true;
}

/* "May" and "March" alone need a sign that they are months. */
static bool is_doubtful(const ctx *c, uint32_t i)
{
	if (!word_at(c, i, "May") && !word_at(c, i, "March") && !word_at(c, i, "Mar") && !word_at(c, i, "April"))
		return false;
	if (i == 0)
		return true;
	const atom *p = &c->s->at[i - 1];
	uint32_t r;
	if (row_at(c, TABLE_LEADS, i - 1, &r) || row_at(c, TABLE_DEICTICS, i - 1, &r) || p->kind == ATOM_NUMBER)
		return false;
	static const char *const FINE[] = { "and", "to", "or", "until", "than", "the", "between", "late", "early", "mid", "-", "per", "each", "every" };
	for (size_t k = 0; k < COUNT_OF(FINE); k++)
		if (atom_is(p, FINE[k]))
			return false;
	return word_at(c, i, "May") || word_at(c, i, "March") || word_at(c, i, "Mar");
}

/* The calendar date's readings, from its parts. */
static void date_resolve(const ctx *c, when *w)
{
	w->past = w->ahead = w->ongoing = NO_DAYS;
	w->grain = w->day ? G_DAY : w->month ? G_MONTH : G_YEAR;
	w->fixed = w->year != 0;
	w->relative = w->year == 0;
	if (w->year) {
		if (w->day)
			w->past.first = w->past.last = day_of(w->year, w->month, MIN_OF(w->day, days_in_month(w->year, w->month)));
		else if (w->month)
			w->past = month_days(w->year, w->month);
		else
			w->past = months_days(w->year, 1, 12);
		w->ahead = w->ongoing = w->past;
		return;
	}
	if (c->published == KULA_NO_DAY)
		return;
	int y, m, d;
	day_split(c->published, &y, &m, &d);
	for (int k = 0; k < 5; k++) {           /* five, for 29 February */
		kula_days x = w->day ? NO_DAYS : month_days(y - k, w->month);
		if (w->day && w->day <= days_in_month(y - k, w->month))
			x.first = x.last = day_of(y - k, w->month, w->day);
		if (is_days(x) && x.first <= c->published && !is_days(w->past))
			w->past = x;
		x = w->day ? NO_DAYS : month_days(y + k, w->month);
		if (w->day && w->day <= days_in_month(y + k, w->month))
			x.first = x.last = day_of(y + k, w->month, w->day);
		if (is_days(x) && x.last >= c->published && !is_days(w->ahead))
			w->ahead = x;
	}
	w->ongoing = w->past;
}

/* The readings of one that the other follows in one range without a year of its own. */
static void date_join(const ctx *c, when *a, when *b)
{
	if (b->year && !a->year) {
		a->year = a->month > b->month ? b->year - 1 : b->year;
		date_resolve(c, a);
	} else if (a->year && !b->year && b->month) {
		b->year = a->month > b->month ? a->year + 1 : a->year;
		date_resolve(c, b);
	}
}

/* "2019-04-05", "04/05/2019" (month first, unless the first can't be one), "5.4.2019". */
static bool figures_date(const ctx *c, uint32_t i, when *w)
{
	if (i + 4 >= c->s->count + 0u && i + 4 != c->s->count - 0u)
		if (i + 5 > c->s->count)
			return false;
	const atom *x = &c->s->at[i];
	for (uint32_t k = 1; k < 5; k++)
		if (!x[k].glued)
			return false;
	if (x[0].kind != ATOM_NUMBER || x[2].kind != ATOM_NUMBER || x[4].kind != ATOM_NUMBER || x[1].mark != x[3].mark
			|| (x[1].mark != '-' && x[1].mark != '/') || !x[0].plain || !x[2].plain || !x[4].plain)
		return false;
	int y, m, d;
	if (x[0].n == 4) {
		y = (int)x[0].value;
		m = (int)x[2].value;
		d = (int)x[4].value;
	} else if (x[4].n == 4) {
		y = (int)x[4].value;
		m = (int)x[0].value;
		d = (int)x[2].value;
		if (m > 12) {
			const int k = m;
			m = d;
			d = k;
		}
	} else {
		return false;
	}
	if (x[0].n > 4 || x[2].n > 2 || x[4].n > 4 || y < 1000 || y > 2199 || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
		return false;
	w->year = y;
	w->month = m;
	w->day = d;
	w->end = i + 5;
	date_resolve(c, w);
	return true;
}

/* The year behind a month: "2019", ", 2019", "of 2019", "this year", "of last year". */
static void year_behind(const ctx *c, when *w)
{
	uint32_t e = w->end;
	int y;
	if ((mark_at(c, e, ',') || (mark_at(c, e, '-') && w->day)) && year_at(c, e + 1, &y)) {       /* 8-May-2006 */
		w->year = y;
		w->end = e + 2;
		return;
	}
	if (word_at(c, e, "of") || (mark_at(c, e, ',') && (word_at(c, e + 1, "last") || word_at(c, e + 1, "this") || word_at(c, e + 1, "next"))))
		e++;
	if (year_at(c, e, &y)) {
		w->year = y;
		w->end = e + 1;
		return;
	}
	uint32_t r;
	const lexeme *x = row_at(c, TABLE_DEICTICS, e, &r);
	if (x && (x->kind == KIND_THIS || x->kind == KIND_LAST || x->kind == KIND_NEXT) && word_at(c, e + x->atom_count, "year")
			&& c->published != KULA_NO_DAY) {
		int m, d;
		day_split(c->published, &y, &m, &d);
		w->year = x->kind == KIND_THIS ? y : x->kind == KIND_LAST ? y - 1 : y + 1;
		w->end = e + x->atom_count + 1;
	} else if (x && x->kind == KIND_SAME && word_at(c, e + x->atom_count, "year") && is_days(c->anchor)) {
		int m, d;
		day_split(c->anchor.first, &y, &m, &d);
		w->year = y + (int)x->a;
		w->end = e + x->atom_count + 1;
	}
}

/* Dates by month name; a range inside one month comes back as one. */
static bool date_read(const ctx *c, uint32_t i, when *w)
{
	if (figures_date(c, i, w))
		return true;
	int day, day2 = 0, month;
	uint32_t e, r;
	uint32_t j = i;
	if (word_at(c, j, "the"))
		j++;
	bool made = false;
	if (monthday_at(c, j, &day, &e)) {
		/* 5 April, the 5th of April, 3-7 May, 3 to 7 May, 3 and 4 May */
		uint32_t e2 = e;
		if (mark_at(c, e, '-') || word_at(c, e, "to") || word_at(c, e, "and") || word_at(c, e, "or")) {
			int d2;
			const uint32_t k = e + 1 + (word_at(c, e + 1, "the") ? 1 : 0);
			if (monthday_at(c, k, &d2, &e2) && d2 > day)
				day2 = d2;
			else
				e2 = e;
		}
		uint32_t m = e2;
		if (word_at(c, m, "of"))
			m++;
		if (mark_at(c, m, '-') && c->s->at[m].glued)
			m++;
		if (month_at(c, m, &month, &e, &r)) {
			w->month = month;
			w->day = day;
			w->end = e;
			w->row = r;
			made = true;
		}
	}
	if (!made && month_at(c, i, &month, &e, &r)) {
		/* April, April 5, April 5th, April 5-7, April 5 and 6 */
		w->month = month;
		w->row = r;
		w->end = e;
		w->day = 0;
		uint32_t m = e;
		if (word_at(c, m, "the"))
			m++;
		if (monthday_at(c, m, &day, &e) && !(mark_at(c, e, ':'))) {
			uint32_t e2;
			int d2;
			w->day = day;
			w->end = e;
			if ((mark_at(c, e, '-') || word_at(c, e, "to") || word_at(c, e, "and") || word_at(c, e, "through") || word_at(c, e, "or"))
					&& monthday_at(c, e + 1, &d2, &e2) && d2 > day && !word_at(c, e2, "of")
					&& !(e2 < c->s->count && c->s->at[e2].kind == ATOM_WORD && !mark_at(c, e, '-') && !row_at(c, TABLE_LEADS, e2, &r)
						&& c->s->at[e2].n > 1 && c->s->at[e2].at[c->s->at[e2].n - 1] == 's')) {
				day2 = d2;
				w->end = e2;
			}
		} else if (is_doubtful(c, i)) {
			int y;
			if (!year_at(c, e, &y) && !(mark_at(c, e, ',') && year_at(c, e + 1, &y)))
				return false;
		}
		made = true;
	}
	if (!made)
		return false;
	year_behind(c, w);
	date_resolve(c, w);
	if (day2) {
		when other = *w;
		other.day = day2;
		date_resolve(c, &other);
		if (is_days(w->past) && is_days(other.past)) {
			w->past.last = other.past.last >= w->past.first ? other.past.last : w->past.first + (day2 - w->day);
			w->ongoing = w->past;
		}
		if (is_days(w->ahead) && is_days(other.ahead)) {
			w->ahead.last = other.ahead.last;
			if (w->ahead.first > w->ahead.last)
				w->ahead.first = w->ahead.last - (day2 - w->day);
		}
	}
	return true;
}

/* ---- weekdays, seasons, holidays ---- */

/* Parts of the day behind a day: "Friday night", "in the morning" stays outside. */
static uint32_t over_part(const ctx *c, uint32_t i)
{
	uint32_t r;
	const lexeme *x = row_at(c, TABLE_SPANS, i, &r);
	return x && x->kind == KIND_PART ? i + x->atom_count : i;
}

static bool weekday_read(const ctx *c, uint32_t i, when *w)
{
	uint32_t r, rd;
	uint32_t j = i;
	const lexeme *dx = row_at(c, TABLE_DEICTICS, i, &rd);
	lexeme_kind shift = KINDS;
	if (dx && (dx->kind == KIND_THIS || dx->kind == KIND_LAST || dx->kind == KIND_NEXT)) {
		shift = (lexeme_kind)dx->kind;
		j += dx->atom_count;
	} else if (word_at(c, i, "the")) {
		j++;
	}
	const lexeme *x = row_at(c, TABLE_WEEKDAYS, j, &r);
	if (!x)
		return false;
	const int weekday = (int)x->a;
	uint32_t e = over_part(c, j + x->atom_count);
	w->row = r;
	w->relative = true;
	w->grain = G_DAY;
	/* "Tuesday, March 4", "Tuesday 4 March 2003", "Tuesday (4 March)" */
	when date = { 0 };
	uint32_t k = e;
	if (mark_at(c, k, ',') || mark_at(c, k, '('))
		k++;
	if (shift == KINDS && date_read(c, k, &date) && date.day) {
		*w = date;
		if (mark_at(c, e, '(') && mark_at(c, w->end, ')'))
			w->end++;
		return true;
	}
	w->end = e;
	if (c->published == KULA_NO_DAY)
		return true;
	const kula_day p = c->published;
	const kula_day back = p - (day_of_week(p) - weekday + 7) % 7, forth = p + (weekday - day_of_week(p) + 7) % 7;
	/* "Tuesday last week", "Tuesday of this week", "Tuesday next week" */
	k = e + (word_at(c, e, "of") ? 1 : 0);
	const lexeme *wx = row_at(c, TABLE_DEICTICS, k, &rd);
	if (wx && (wx->kind == KIND_THIS || wx->kind == KIND_LAST || wx->kind == KIND_NEXT) && word_at(c, k + wx->atom_count, "week")) {
		const kula_days week = unit_around(p, G_WEEK, wx->kind == KIND_LAST ? -1 : wx->kind == KIND_NEXT ? 1 : 0);
		w->past = w->ahead = w->ongoing = days_of(week.first + weekday, week.first + weekday);
		w->end = k + wx->atom_count + 1;
		return true;
	}
	w->past = days_of(back, back);
	w->ahead = days_of(forth, forth);
	if (shift == KIND_LAST) {
		const kula_day d = back == p ? p - 7 : back;
		w->past = days_of(d, d);
		w->ahead = NO_DAYS;
	} else if (shift == KIND_NEXT) {
		const kula_day d = forth == p ? p + 7 : forth;
		w->past = NO_DAYS;
		w->ahead = days_of(d, d);
	}
	w->ongoing = w->past;
	return true;
}

static void season_days(int year, const lexeme *x, kula_days *d)
{
	const int from = (int)x->a, to = (int)x->b;
	*d = months_days(year, from, to >= from ? to - from + 1 : to + 12 - from + 1);
}

static bool season_read(const ctx *c, uint32_t i, when *w)
{
	uint32_t r, rd, j = i;
	const lexeme *dx = row_at(c, TABLE_DEICTICS, i, &rd);
	lexeme_kind shift = KINDS;
	bool lead = false;
	if (dx && (dx->kind == KIND_THIS || dx->kind == KIND_LAST || dx->kind == KIND_NEXT)) {
		shift = (lexeme_kind)dx->kind;
		j += dx->atom_count;
	} else if (word_at(c, i, "the")) {
		j++;
		lead = i > 0 && row_at(c, TABLE_LEADS, i - 1, &rd);
	} else {
		lead = i > 0 && row_at(c, TABLE_LEADS, i - 1, &rd);
	}
	const lexeme *x = row_at(c, TABLE_MONTHS, j, &r);
	if (!x || x->kind != KIND_SEASON)
		return false;
	when year = { 0 };
	year.end = j + 1;
	year_behind(c, &year);
	if (!year.year && shift == KINDS && !lead)
		return false;                   /* "a spring", "the fall of" */
	if (!year.year && shift == KINDS && word_at(c, j + 1, "of"))
		return false;
	w->row = r;
	w->grain = G_SEASON;
	w->end = year.end;
	if (year.year) {
		season_days(year.year, x, &w->past);
		w->ahead = w->ongoing = w->past;
		w->fixed = true;
		return true;
	}
	w->relative = true;
	if (c->published == KULA_NO_DAY)
		return true;
	int y, m, d;
	day_split(c->published, &y, &m, &d);
	kula_days before = NO_DAYS, now = NO_DAYS, after = NO_DAYS;
	for (int k = -2; k <= 2; k++) {
		kula_days s;
		season_days(y + k, x, &s);
		if (s.last < c->published)
			before = s;
		else if (s.first <= c->published)
			now = s;
		else if (!is_days(after))
			after = s;
	}
	w->past = shift == KIND_LAST ? before : is_days(now) ? now : before;
	w->ahead = shift == KIND_NEXT ? after : is_days(now) ? now : after;
	if (shift == KIND_LAST)
		w->ahead = NO_DAYS;
	if (shift == KIND_NEXT)
		w->past = NO_DAYS;
	w->ongoing = w->past;
	return true;
}

static kula_day holiday_day(const lexeme *x, int y)
{
	if (x->kind == KIND_EASTER)
		return easter(y) + (kula_day)x->a;
	int part[3] = { 0, 0, 0 }, k = 0;
	for (const char *p = x->code; *p && k < 3; p++)
		if (*p == '-')
			k++;
		else
			part[k] = part[k] * 10 + (*p - '0');
	if (x->kind == KIND_FIXED)
		return day_of(y, part[0], part[1]);
	const kula_day first = day_of(y, part[0], 1), last = day_of(y, part[0], days_in_month(y, part[0]));
	if (part[1] == 9)
		return last - (day_of_week(last) - part[2] + 7) % 7;
	return first + (part[2] - day_of_week(first) + 7) % 7 + 7 * (part[1] - 1);
}

static bool holiday_read(const ctx *c, uint32_t i, when *w)
{
	uint32_t r;
	const lexeme *x = row_at(c, TABLE_HOLIDAYS, i, &r);
	if (!x)
		return false;
	when year = { 0 };
	year.end = i + x->atom_count;
	year_behind(c, &year);
	w->row = r;
	w->grain = G_DAY;
	w->end = year.end;
	w->relative = !year.year;
	if (year.year) {
		const kula_day d = holiday_day(x, year.year);
		w->past = w->ahead = w->ongoing = days_of(d, d);
		w->fixed = true;
		return true;
	}
	if (c->published == KULA_NO_DAY)
		return true;
	int y, m, d;
	day_split(c->published, &y, &m, &d);
	for (int k = -1; k <= 1; k++) {
		const kula_day h = holiday_day(x, y + k);
		if (h <= c->published)
			w->past = days_of(h, h);
		if (h >= c->published && !is_days(w->ahead))
			w->ahead = days_of(h, h);
	}
	w->ongoing = w->past;
	return true;
}

/* ---- units of time ---- */

typedef struct length { double n; grain g; uint32_t end, row; bool vague; bool hours; } length;

/* "two weeks", "a year", "several days", "48 hours". */
static bool length_read(const ctx *c, uint32_t i, length *l)
{
	memset(l, 0, sizeof *l);
	number n;
	uint32_t j = i, r;
	l->n = 1;
	/* bounds that leave a length one: "more than two years ago", "about a week ago" */
	const lexeme *b = row_at(c, TABLE_BOUNDS, j, &r);
	if (b && (b->kind == KIND_LEAST || b->kind == KIND_MOST || b->kind == KIND_ABOUT || b->kind == KIND_EXACT))
		j += b->atom_count;
	const lexeme *v = row_at(c, TABLE_VAGUE, j, &r);
	fraction f;
	if (number_read(c->t, c->s, j, &n) && n.value <= 9000) {
		l->n = n.value;
		j = n.end;
	} else if (fraction_read(c->t, c->s, j, &f) && f.value == 0.5) {
		l->n = 0.5;
		j = f.end;
		if (word_at(c, j, "a") || word_at(c, j, "an"))
			j++;
	} else if (v && (v->kind == KIND_SOME || v->kind == KIND_OPEN || v->kind == KIND_PLURAL)) {
		l->vague = true;
		l->n = isnan(v->a) ? 0 : v->a;
		j += v->atom_count;
		if (word_at(c, j, "of"))
			j++;
	} else if (word_at(c, j, "a") || word_at(c, j, "an")) {
		j++;
	} else if (b) {
		return false;
	} else {
		return false;
	}
	if (mark_at(c, j, '-') && c->s->at[j].glued)
		return false;                   /* "a two-year deal" */
	if (word_at(c, j, "full") || word_at(c, j, "more") || word_at(c, j, "whole"))
		j++;
	const lexeme *x = row_at(c, TABLE_SPANS, j, &l->row);
	if (!x || x->kind == KIND_PART || x->kind == KIND_WEEKENDS)
		return false;
	l->hours = x->kind == KIND_HOURS;
	l->g = l->hours ? G_DAY : grain_of(x);
	if (x->kind == KIND_FORTNIGHTS)
		l->n *= 2;
	if (l->hours)
		l->n = x->n > 3 && (x->phrase[0] == 'h') ? floor(l->n / 24) : 0;
	if (l->n == 0.5) {              /* half a year, half a century */
		l->n = l->g == G_YEAR ? 6 : l->g == G_DECADE ? 5 : l->g == G_CENTURY ? 50 : 0.5;
		l->g = l->g == G_YEAR ? G_MONTH : l->g == G_DECADE || l->g == G_CENTURY ? G_YEAR : l->g;
	} else if (l->n != floor(l->n)) {
		if (l->g == G_YEAR) {
			l->n = floor(l->n * 12);
			l->g = G_MONTH;
		} else {
			l->n = floor(l->n);
		}
	}
	if (l->g == G_DECADE) {
		l->n *= 10;
		l->g = G_YEAR;
	} else if (l->g == G_CENTURY) {
		l->n *= 100;
		l->g = G_YEAR;
	}
	l->end = j + x->atom_count;
	return true;
}

/* "last week", "this month", "the coming year", "earlier this month", "last April", "in the past ten days". */
static bool deictic_read(const ctx *c, uint32_t i, when *w)
{
	uint32_t r, j = i;
	bool the = false;
	const lexeme *x = row_at(c, TABLE_DEICTICS, j, &r);
	if (!x && word_at(c, j, "the")) {
		the = true;
		x = row_at(c, TABLE_DEICTICS, ++j, &r);
	}
	if (!x)
		return false;
	const kula_day p = c->published;
	w->row = r;
	w->relative = true;
	uint32_t e = j + x->atom_count;
	if (x->kind == KIND_DAY) {
		w->end = e;
		w->grain = G_DAY;
		if (p != KULA_NO_DAY) {
			const kula_days d = days_of(p + (kula_day)x->a, p + (kula_day)x->b);
			if (x->a <= 0)
				w->past = w->ongoing = d;
			if (x->b >= 0)
				w->ahead = x->a < x->b ? days_of(p, p + 1) : d;         /* overnight: the night before, or the next */
		}
		return true;
	}
	if (x->kind == KIND_VAGUE) {
		/* "soon after the war", "shortly before": counts from something else */
		if (x->atom_count == 1 && (word_at(c, e, "after") || word_at(c, e, "before")))
			return false;
		w->vague = true;
		w->end = e;
		return true;
	}
	lexeme_kind edge = KINDS;
	if (x->kind == KIND_EARLIER || x->kind == KIND_LATER) {
		edge = (lexeme_kind)x->kind;
		uint32_t k = e;
		if (word_at(c, k, "in") || word_at(c, k, "on"))
			k++;
		const lexeme *y = row_at(c, TABLE_DEICTICS, k, &r);
		if (word_at(c, k, "the") && row_at(c, TABLE_SPANS, k + 1, &r)) {
			e = k + 1;                      /* earlier in the week */
		} else if (y && (y->kind == KIND_THIS || y->kind == KIND_LAST || y->kind == KIND_NEXT)) {
			e = k + y->atom_count;
			x = y;
		} else {
			when inner = { 0 };             /* earlier on Tuesday, later in April, later in the summer */
			inner.past = inner.ahead = inner.ongoing = NO_DAYS;
			if (k > e && (date_read(c, k, &inner) || weekday_read(c, k, &inner) || season_read(c, k, &inner))) {
				*w = inner;
				if (p != KULA_NO_DAY && inner.grain != G_DAY) {
					if (is_days(w->past) && w->past.last > p)
						w->past.last = MAX_OF(p, w->past.first);
					if (is_days(w->ahead) && w->ahead.first < p)
						w->ahead.first = MIN_OF(p, w->ahead.last);
					w->ongoing = w->past;
				}
				return true;
			}
			return false;
		}
		if (x->kind == KIND_EARLIER || x->kind == KIND_LATER)
			x = NULL;
	}
	const lexeme_kind shift = x ? (lexeme_kind)x->kind : KIND_THIS;
	if (shift == KIND_SAME) {
		uint32_t rs;
		const lexeme *u = row_at(c, TABLE_SPANS, e, &rs);
		const lexeme *mx = u ? NULL : row_at(c, TABLE_MONTHS, e, &rs);
		if (mx) {
			/* "that October", "the following January", "that same summer" */
			w->end = e + mx->atom_count;
			w->grain = mx->kind == KIND_MONTH ? G_MONTH : G_SEASON;
			w->relative = false;
			if (!is_days(c->anchor))
				return false;
			int y, m, d;
			day_split(c->anchor.first, &y, &m, &d);
			const int month = (int)mx->a;
			if (x->a > 0 && month <= m)
				y++;
			else if (x->a < 0 && month >= m)
				y--;
			kula_days k;
			if (mx->kind == KIND_MONTH)
				k = month_days(y, month);
			else
				season_days(y, mx, &k);
			all_readings(w, k);
			return true;
		}
		if (!u)
			return false;
		const grain g = u->kind == KIND_PART ? G_DAY : grain_of(u);
		if (g == G_NONE)
			return false;
		w->grain = (uint8_t)g;
		w->end = e + u->atom_count;
		w->relative = false;
		if (g == G_DAY && c->anchor_day != KULA_NO_DAY)
			all_readings(w, days_of(c->anchor_day + (kula_day)x->a, c->anchor_day + (kula_day)x->a));
		else if (is_days(c->anchor) && (x->a == 0 ? c->anchor_grain <= g || g != G_DAY : true))
			all_readings(w, unit_around(c->anchor.first, g, (int)x->a));
		else if (!is_days(c->anchor) && x->a != 0) {
			w->relative = true;
			all_readings(w, unit_around(p, g, (int)x->a));
		}
		return true;
	}
	/* last April, this May, next October; "last" is the one before now, in another month */
	int month;
	uint32_t rm, em;
	if (edge == KINDS && month_at(c, e, &month, &em, &rm)) {
		int day = 0;
		uint32_t ed;
		if (monthday_at(c, em, &day, &ed))
			em = ed;
		else
			day = 0;
		w->month = month;
		w->day = day;
		w->end = em;
		w->row = rm;
		if (p != KULA_NO_DAY) {
			int y, m, d;
			day_split(p, &y, &m, &d);
			if (shift == KIND_THIS)
				w->year = y;
			else if (shift == KIND_LAST)
				w->year = month < m ? y : y - 1;
			else
				w->year = month > m ? y : y + 1;
			date_resolve(c, w);
		} else {
			w->grain = day ? G_DAY : G_MONTH;
		}
		w->relative = true;
		w->year = 0;
		return true;
	}
	/* the past ten days, the last two years, the next three months, the first ... */
	length l;
	uint32_t rs;
	const bool counted = (shift == KIND_LAST || shift == KIND_NEXT) && length_read(c, e, &l);
	const lexeme *u = counted ? NULL : row_at(c, TABLE_SPANS, e, &rs);
	if (counted) {
		w->end = l.end;
		w->grain = G_LENGTH;
		if (l.vague) {
			w->vague = true;
			return true;
		}
		if (p != KULA_NO_DAY) {
			const kula_day d = unit_step(p, l.g, shift == KIND_LAST ? -l.n : l.n);
			if (d != KULA_NO_DAY && shift == KIND_LAST)
				w->past = w->ongoing = days_of(d, p);
			else if (d != KULA_NO_DAY)
				w->ahead = days_of(p, d);
		}
		return true;
	}
	if (!u)
		return false;
	w->end = e + u->atom_count;
	if (u->kind == KIND_PART) {     /* "this morning" has its row; "that night", "next morning" */
		w->grain = G_DAY;
		if (p != KULA_NO_DAY && shift == KIND_THIS)
			all_readings(w, days_of(p, p));
		return true;
	}
	if (u->kind == KIND_HOURS)
		return false;
	const grain g = grain_of(u);
	const bool plural = u->n > 1 && u->phrase[u->n - 1] == 's';
	w->grain = (uint8_t)g;
	if (plural && (shift == KIND_LAST || shift == KIND_NEXT)) {
		w->vague = true;                /* in the past months */
		return true;
	}
	if (plural || p == KULA_NO_DAY)
		return !plural;
	kula_days d = unit_around(p, g, shift == KIND_LAST ? -1 : shift == KIND_NEXT ? 1 : 0);
	if (!is_days(d))
		return true;
	/* "the past year", "over the last week": that long back; "last year": the calendar's */
	if (shift == KIND_LAST && (the || atom_is(&c->s->at[j], "past")) && !word_at(c, j, "previous")) {
		const kula_day from = unit_step(p, g, -1);
		if (from != KULA_NO_DAY && atom_is(&c->s->at[j], "past"))
			d = days_of(from, p);
		else if (from != KULA_NO_DAY && the)
			d = days_of(from, p);
		w->grain = G_LENGTH;
	}
	if (shift == KIND_THIS) {
		w->past = w->ongoing = days_of(d.first, MIN_OF(p, d.last));
		w->ahead = days_of(MAX_OF(p, d.first), d.last);
		if (g == G_WEEKEND)
			all_readings(w, d);
		if (edge == KIND_EARLIER)
			w->ahead = NO_DAYS;
		if (edge == KIND_LATER)
			w->past = w->ongoing = NO_DAYS;
		return true;
	}
	if (shift == KIND_NEXT)
		w->ahead = d;
	else
		w->past = w->ongoing = d;
	return true;
}

/* "two weeks ago", "a year earlier", "two days later", "two weeks from now". */
static bool length_ago_read(const ctx *c, uint32_t i, when *w)
{
	length l;
	uint32_t r;
	bool the = false;
	if (length_read(c, i, &l)) {
	} else if (word_at(c, i, "the")) {
		const lexeme *u = row_at(c, TABLE_SPANS, i + 1, &r);
		if (!u || (grain_of(u) == G_NONE && u->kind != KIND_PART))
			return false;
		l = (length){ 1, u->kind == KIND_PART ? G_DAY : grain_of(u), i + 1 + u->atom_count, r, false, false };
		the = true;
	} else {
		return false;
	}
	const lexeme *x = row_at(c, TABLE_LEADS, l.end, &r);
	/* the longest row may be "before" the lead; the same word stands in both roles */
	lexeme_kind k = x ? (lexeme_kind)x->kind : KINDS;
	if (k == KIND_AFTER)
		k = KIND_LATER_BEHIND;
	if (k == KIND_BEFORE && x->atom_count == 1)
		k = KIND_BEFORE_BEHIND;
	if (word_at(c, l.end, "earlier"))
		k = KIND_BEFORE_BEHIND;
	if (word_at(c, l.end, "back"))
		k = KIND_AGO;
	if (word_at(c, l.end, "since") && i > 0 && (word_at(c, i - 1, "is") || word_at(c, i - 1, "only") || word_at(c, i - 1, "just")
			|| word_at(c, i - 1, "marked") || word_at(c, i - 1, "nearly") || word_at(c, i - 1, "almost")))
		k = KIND_AGO;                   /* "it is nine days since they met" */
	if (word_at(c, l.end, "on") && l.n > 0 && !l.vague && l.end + 1 < c->s->count && !c->s->at[l.end + 1].capital
			&& c->s->at[l.end + 1].kind != ATOM_NUMBER && !word_at(c, l.end + 1, "the") && !word_at(c, l.end + 1, "a")
			&& !word_at(c, l.end + 1, "an") && !word_at(c, l.end + 1, "its") && !word_at(c, l.end + 1, "his"))
		k = KIND_LATER_BEHIND;          /* "four years on" */
	if (the && k != KIND_LATER_BEHIND && k != KIND_BEFORE_BEHIND)
		return false;
	if (k != KIND_AGO && k != KIND_HENCE && k != KIND_LATER_BEHIND && k != KIND_BEFORE_BEHIND)
		return false;
	const uint32_t e = l.end + (x ? x->atom_count : 1u);
	/* "came on Friday, two days after the attack": what stands behind was two days before the day that is told, and "two days
	 * before he is to go" two days after it */
	const bool clause = (word_at(c, l.end, "after") || word_at(c, l.end, "before")) && e < c->s->count && c->s->at[e].kind != ATOM_MARK;
	if (clause && (row_at(c, TABLE_WEEKDAYS, e, &r) || row_at(c, TABLE_MONTHS, e, &r) || c->s->at[e].kind == ATOM_NUMBER))
		return false;
	w->row = r ? r : l.row;
	w->end = e;
	w->grain = (uint8_t)l.g;
	if (l.vague || (k == KIND_AGO && l.n == 0 && !l.hours)) {
		w->vague = true;
		return true;
	}
	if (k == KIND_AGO || k == KIND_HENCE) {
		w->relative = true;
		const kula_days d = unit_around(c->published, l.g, k == KIND_AGO ? -(int)l.n : (int)l.n);
		if (k == KIND_AGO)
			w->past = w->ongoing = d;
		else
			w->ahead = d;
		return true;
	}
	/* a year that was named gives no day: "in 1982 ... a day later" */
	bool anchored = is_days(c->anchor) && (c->anchor_grain <= (uint8_t)l.g || c->anchor_grain == G_SEASON) && (c->anchor_here || !clause);
	kula_day from = anchored ? c->anchor.first : c->published;
	if (!anchored && !clause && l.g == G_DAY && c->anchor_day != KULA_NO_DAY) {
		from = c->anchor_day;
		anchored = true;
	}
	if (!anchored)
		w->relative = true;
	all_readings(w, unit_around(from, l.g, (k == KIND_LATER_BEHIND) != clause ? (int)l.n : -(int)l.n));
	return true;
}

/* "the first quarter of 2019", "the second half of last year", "the fourth quarter". */
static bool part_read(const ctx *c, uint32_t i, when *w)
{
	number o;
	uint32_t j = i, r;
	if (word_at(c, j, "the"))
		j++;
	double n;
	if (ordinal_read(c->t, c->s, j, &o)) {
		n = o.value;
		j = o.end;
	} else if (word_at(c, j, "last") || word_at(c, j, "final")) {
		n = -1;
		j++;
	} else {
		return false;
	}
	int months, parts;
	double count = 1;
	number k;
	if (number_read(c->t, c->s, j, &k) && k.value >= 2 && k.value <= 11 && word_at(c, k.end, "months")) {
		count = k.value;                /* the first five months of the year */
		j = k.end;
	}
	if (word_at(c, j, "quarter")) {
		months = 3;
		parts = 4;
	} else if (word_at(c, j, "half")) {
		months = 6;
		parts = 2;
	} else if (word_at(c, j, "months") && count > 1 && (n == 1 || n == -1)) {
		months = (int)count;
		parts = 1;
	} else {
		return false;
	}
	if (n > parts && parts > 1)
		return false;
	when year = { 0 };
	year.end = j + 1;
	year_behind(c, &year);
	bool relative = !year.year;
	int y = year.year, m, d;
	bool this_year = false;
	if (!y && word_at(c, j + 1, "of") && word_at(c, j + 2, "the") && word_at(c, j + 3, "year")) {
		year.end = j + 4;
		this_year = true;
	}
	if (!y && !this_year && (parts != 4 || n < 0))
		return false;
	w->end = year.end;
	w->grain = G_QUARTER;
	w->relative = relative;
	w->row = tables_find(c->t, TABLE_SPANS, c->s, j);
	if (!w->row)
		w->row = tables_find(c->t, TABLE_NUMBERS, c->s, j);
	(void)r;
	if (!y && c->published == KULA_NO_DAY)
		return true;
	if (y) {
		const int from = n < 0 ? 12 - months + 1 : ((int)n - 1) * months + 1;
		all_readings(w, months_days(y, from, months));
		return true;
	}
	day_split(c->published, &y, &m, &d);
	for (int s = 1; s >= -1; s--) {
		const int from = n < 0 ? 12 - months + 1 : ((int)n - 1) * months + 1;
		const kula_days q = months_days(y + s, from, months);
		if (q.first <= c->published && !is_days(w->past))
			w->past = w->ongoing = q;
		if (q.last >= c->published)
			w->ahead = q;
	}
	return true;
}

/* ---- one time ---- */

/* `lead`: a word like "in" or "early" stands before, so that a bare year or season is one. */
static bool when_read(const ctx *c, uint32_t i, bool lead, when *w)
{
	memset(w, 0, sizeof *w);
	w->past = w->ahead = w->ongoing = NO_DAYS;
	if (i >= c->s->count)
		return false;
	const atom *x = &c->s->at[i];
	if (x->kind == ATOM_NUMBER && x->glued && i > 0 && !atom_is_mark(&c->s->at[i - 1], '-') && !atom_is_mark(&c->s->at[i - 1], '(')
			&& !atom_is_mark(&c->s->at[i - 1], '"') && c->s->at[i - 1].mark < 128 && c->s->at[i - 1].mark != '\'')
		return false;
	if (holiday_read(c, i, w) || weekday_read(c, i, w) || date_read(c, i, w) || season_read(c, i, w) || part_read(c, i, w))
		return true;
	memset(w, 0, sizeof *w);
	w->past = w->ahead = w->ongoing = NO_DAYS;
	if (deictic_read(c, i, w))
		return true;
	memset(w, 0, sizeof *w);
	w->past = w->ahead = w->ongoing = NO_DAYS;
	if (length_ago_read(c, i, w))
		return true;
	/* "the 19th century" is 1800 to 1899, as people count */
	number o;
	const uint32_t ce = i + (word_at(c, i, "the") ? 1 : 0);
	if (ordinal_read(c->t, c->s, ce, &o) && o.value >= 11 && o.value <= 22) {
		const uint32_t at = o.end + (mark_at(c, o.end, '-') ? 1 : 0);
		if (word_at(c, at, "century")) {
			all_readings(w, months_days((int)(o.value - 1) * 100, 1, 1200));
			w->grain = G_CENTURY;
			w->fixed = true;
			w->row = o.row;
			w->end = at + 1;
			return true;
		}
	}
	/* years and decades */
	uint32_t j = i;
	bool the = false;
	if (word_at(c, j, "the")) {
		the = true;
		j++;
	}
	if (word_at(c, j, "year") && j + 1 < c->s->count && c->s->at[j + 1].kind == ATOM_NUMBER)
		j++;
	int y;
	if (j < c->s->count && c->s->at[j].kind == ATOM_NUMBER && c->s->at[j].plain && (c->s->at[j].n == 4 || c->s->at[j].n == 2)
			&& (word_at(c, j + 1, "s") || (mark_at(c, j + 1, '\'') && word_at(c, j + 2, "s"))) && fmod(c->s->at[j].value, 10) == 0) {
		y = (int)c->s->at[j].value;
		const bool quote = j > 0 && c->s->at[j].glued && mark_at(c, j - 1, '\'');
		if (c->s->at[j].n == 2) {
			if (!the && !quote)
				return false;
			y += y <= 20 ? 2000 : 1900;
		}
		if (y < 1000 || y > 2190 || !c->s->at[j + 1].glued)
			return false;
		w->grain = y % 100 == 0 && c->s->at[j].n == 4 && false ? G_CENTURY : G_DECADE;
		all_readings(w, unit_around(day_of(y, 1, 1), (grain)w->grain, 0));
		w->end = word_at(c, j + 1, "s") ? j + 2 : j + 3;
		w->fixed = true;
		return true;
	}
	if (year_at(c, j, &y)) {
		const uint32_t e = j + 1;
		const atom *q = &c->s->at[e];
		const bool plural = q->kind == ATOM_WORD && !q->capital && q->n > 2 && q->at[q->n - 1] == 's' && !row_at(c, TABLE_LEADS, e, &(uint32_t){0});
		uint32_t r;
		const lexeme *unit = row_at(c, TABLE_UNITS, e, &r);
		if (unit || row_at(c, TABLE_CURRENCIES, e, &r))
			return false;
		if (!lead && !(q->kind == ATOM_MARK || the || (j > 0 && (word_at(c, j - 1, "a") || word_at(c, j - 1, "its") || word_at(c, j - 1, "s")))
				|| word_at(c, e, "and") || row_at(c, TABLE_LEADS, e, &r) || q->kind == ATOM_NUMBER
				|| (y > 1900 && y % 100 != 0 && !plural)))
			return false;
		if (plural && (fmod((double)y, 100) == 0 || !(lead || the)))
			return false;
		if (!lead && !the && (y < 1700 || y > 2100))
			return false;
		w->year = y;
		w->end = e;
		date_resolve(c, w);
		return true;
	}
	return false;
}

/* Leads and edges around times; ranges of two. */
static bool range_read(const ctx *c, uint32_t i, when *w)
{
	uint32_t j = i, r, lead_row = 0, edge_row = 0;
	lexeme_kind lead = KINDS, edge = KINDS;
	const lexeme *x = row_at(c, TABLE_DEICTICS, j, &r);
	if (x && x->kind == KIND_VAGUE)
		return when_read(c, j, false, w);       /* "in recent months" is one row, its "in" no lead */
	x = row_at(c, TABLE_LEADS, j, &r);
	if (x && x->kind >= KIND_IN && x->kind <= KIND_FOR) {
		lead = (lexeme_kind)x->kind;
		lead_row = r;
		j += x->atom_count;
		if (lead == KIND_STARTING && (word_at(c, j, "in") || word_at(c, j, "on")))
			j++;
	} else if (x && x->kind == KIND_BETWEEN_DAYS) {
		lead = KIND_BETWEEN_DAYS;
		lead_row = r;
		j += x->atom_count;
	}
	if (lead == KIND_BY && word_at(c, j, "no") && word_at(c, j + 1, "later") && word_at(c, j + 2, "than"))
		j += 3;
	uint32_t k = j;
	if (word_at(c, k, "the") && (x = row_at(c, TABLE_LEADS, k + 1, &r)) && x->kind >= KIND_EARLY && x->kind <= KIND_LATE)
		k++;
	x = row_at(c, TABLE_LEADS, k, &r);
	if (x && ((x->kind >= KIND_EARLY && x->kind <= KIND_LATE) || (x->kind >= KIND_EDGE_START && x->kind <= KIND_EDGE_MIDDLE))) {
		edge = (lexeme_kind)x->kind;
		edge_row = r;
		j = k + x->atom_count;
		if (mark_at(c, j, '-') && c->s->at[j].glued)
			j++;
		if (word_at(c, j, "to") && row_at(c, TABLE_LEADS, j + 1, &r))
			return false;
	}
	const bool introduced = lead != KINDS || edge != KINDS;
	/* lengths that a lead makes times: within 30 days, in two weeks, over two years, for three days */
	length l;
	when probe;
	if (edge == KINDS && lead != KINDS && length_read(c, j, &l) && !when_read(c, j, true, &probe)) {
		memset(w, 0, sizeof *w);
		w->past = w->ahead = w->ongoing = NO_DAYS;
		w->row = lead_row;
		w->grain = G_LENGTH;
		w->end = l.end;
		w->relative = true;
		const kula_day p = c->published, to = unit_step(p, l.g, l.n);
		if (lead == KIND_FOR || lead == KIND_OVER || lead == KIND_DURING || (lead == KIND_AFTER && l.end < c->s->count && word_at(c, l.end, "of"))
				|| (lead == KIND_AFTER && word_at(c, l.end, "in"))) {
			w->duration = true;     /* "has fought for three years": what goes on began that long ago */
			const kula_day began = unit_step(p, l.g, -l.n);
			if (!l.vague && l.n > 0 && began != KULA_NO_DAY)
				w->ongoing = days_of(began, p);
			return true;
		}
		if (lead == KIND_WITHIN && !l.vague) {
			if (to != KULA_NO_DAY)
				w->ahead = days_of(p, to);
			return true;
		}
		if (lead == KIND_IN && word_at(c, i, "in")) {
			w->vague = l.vague;
			if (!l.vague && p != KULA_NO_DAY)
				w->ahead = unit_around(p, l.g, (int)l.n);
			return true;
		}
		return false;
	}
	if (lead == KIND_FOR && edge == KINDS) {
		/* "for the past three years", "for Tuesday", "for decades" */
		x = row_at(c, TABLE_SPANS, j, &r);
		if (x && x->n > 1 && x->phrase[x->n - 1] == 's' && x->kind != KIND_PART) {
			memset(w, 0, sizeof *w);
			w->past = w->ahead = w->ongoing = NO_DAYS;
			w->duration = true;
			w->row = lead_row;
			w->end = j + x->atom_count;
			return true;
		}
	}
	/* the end of the year, early in the week: the unit around the day of publication, or around the anchor */
	if (edge != KINDS || lead == KIND_BY || lead == KIND_DURING || lead == KIND_IN || lead == KIND_OVER || lead == KIND_UNTIL || lead == KIND_BEFORE) {
		uint32_t u = j;
		bool the = word_at(c, u, "the");
		if (the)
			u++;
		x = row_at(c, TABLE_SPANS, u, &r);
		const grain g = x ? grain_of(x) : G_NONE;
		if ((edge != KINDS || lead == KIND_BY || g == G_WEEKEND) && (g == G_YEAR || g == G_MONTH || g == G_WEEK || g == G_DECADE || g == G_WEEKEND || g == G_QUARTER || g == G_CENTURY)
				&& (x->n < 2 || x->phrase[x->n - 1] != 's') && (the || word_at(c, u - 1, "s") || atom_is(&c->s->at[u - 1], "-"))) {
			memset(w, 0, sizeof *w);
			w->row = edge_row ? edge_row : r;
			w->end = u + x->atom_count;
			w->grain = (uint8_t)g;
			w->relative = true;
			w->past = w->ahead = w->ongoing = NO_DAYS;
			if (c->published != KULA_NO_DAY) {
				w->past = unit_around(c->published, g, 0);
				if (w->past.first > c->published && g == G_WEEKEND)
					w->past = unit_around(c->published, g, -1);
				w->ahead = unit_around(c->published, g, 0);
				w->ongoing = w->past;
			}
			goto have;
		}
	}
	/* "at the weekend" */
	if (!when_read(c, j, introduced, w))
		return false;
have:
	if (w->row == 0)
		w->row = edge_row ? edge_row : lead_row;
	if (edge != KINDS) {
		kula_days (*const f)(kula_days, grain, lexeme_kind) = part_of;
		w->past = f(w->past, (grain)w->grain, edge);
		w->ahead = f(w->ahead, (grain)w->grain, edge);
		w->ongoing = f(w->ongoing, (grain)w->grain, edge);
		w->row = edge_row;
	}
	if (w->vague)
		return true;
	/* ranges: from A to B, between A and B, A to B, A-B */
	const uint32_t e = w->end;
	if (e + 1 < c->s->count) {
		const bool to = word_at(c, e, "to") || word_at(c, e, "until") || word_at(c, e, "till") || word_at(c, e, "through"),
			and = word_at(c, e, "and"), dash = mark_at(c, e, '-');
		if ((to && lead != KIND_UNTIL && lead != KIND_BY) || dash || and) {
			when b;
			uint32_t k2 = e + 1;
			lexeme_kind edge2 = KINDS;
			uint32_t er;
			if (word_at(c, k2, "the") && (x = row_at(c, TABLE_LEADS, k2 + 1, &er)) && x->kind >= KIND_EARLY && x->kind <= KIND_LATE)
				k2++;
			x = row_at(c, TABLE_LEADS, k2, &er);
			if (x && ((x->kind >= KIND_EARLY && x->kind <= KIND_LATE) || (x->kind >= KIND_EDGE_START && x->kind <= KIND_EDGE_MIDDLE))) {
				edge2 = (lexeme_kind)x->kind;
				k2 += x->atom_count;
				if (mark_at(c, k2, '-'))
					k2++;
			}
			int y2;
			bool ok = when_read(c, k2, true, &b);
			if (!ok && dash && w->year && !w->month && k2 < c->s->count && c->s->at[k2].kind == ATOM_NUMBER && c->s->at[k2].plain && c->s->at[k2].n <= 2) {
				const int tens = c->s->at[k2].n == 2 ? 100 : 10;
				y2 = w->year / tens * tens + (int)c->s->at[k2].value;   /* 1939-45, 2006-8 */
				if (y2 > w->year) {
					memset(&b, 0, sizeof b);
					b.year = y2;
					b.end = k2 + 1;
					date_resolve(c, &b);
					ok = true;
				}
			}
			if (and && lead != KIND_BETWEEN_DAYS) {
				/* "on Tuesday and Thursday", "in 2005 and 2006": one stretch of time; not "in 1997 and two years later" */
				uint32_t rk;
				const lexeme *dk = row_at(c, TABLE_DEICTICS, k2, &rk);
				ok = ok && (row_at(c, TABLE_WEEKDAYS, k2, &rk) || row_at(c, TABLE_MONTHS, k2, &rk) || (dk && dk->kind == KIND_DAY)
					|| (c->s->at[k2].kind == ATOM_NUMBER && (b.year || b.grain == G_DECADE)));
			}
			if (ok && !b.vague && !b.duration && b.grain != G_LENGTH && !((dash || (and && lead != KIND_BETWEEN_DAYS)) && w->grain != b.grain)) {
				if (w->month && b.month)
					date_join(c, w, &b);
				else if (w->month && !w->year && b.year && !b.month) {
					w->year = b.year;
					date_resolve(c, w);
				}
				if (edge2 != KINDS) {
					b.past = part_of(b.past, (grain)b.grain, edge2);
					b.ahead = part_of(b.ahead, (grain)b.grain, edge2);
					b.ongoing = part_of(b.ongoing, (grain)b.grain, edge2);
				}
				const kula_days past = w->past, ahead = w->ahead;
				w->past = w->ahead = NO_DAYS;
				if (is_days(past) && is_days(b.past)) {
					if (b.past.last >= past.first)
						w->past = days_of(past.first, b.past.last);
					else if (is_days(b.ahead) && b.ahead.last >= past.first)
						w->past = days_of(past.first, b.ahead.last);    /* a range that today is in */
				}
				if (is_days(ahead) && is_days(b.ahead)) {
					if (b.ahead.last >= ahead.first)
						w->ahead = days_of(ahead.first, b.ahead.last);
					else if (is_days(past) && b.ahead.last >= past.first)
						w->ahead = days_of(past.first, b.ahead.last);
				}
				w->ongoing = is_days(w->past) ? w->past : w->ahead;
				w->relative = w->relative || b.relative;
				w->end = b.end;
				w->grain = b.grain;
				w->day = w->month = w->year = 0;
				if (lead == KIND_BETWEEN_DAYS || lead == KIND_STARTING || lead == KIND_FOR)
					lead = KIND_IN;
			}
		}
	}
	if (lead == KIND_BETWEEN_DAYS)
		return false;
	/* what the lead makes of it */
	const kula_day p = c->published;
	switch (lead) {
	case KIND_SINCE: {
		kula_days d = is_days(w->past) ? w->past : w->ahead;
		w->ahead = NO_DAYS;
		w->past = w->ongoing = is_days(d) && p != KULA_NO_DAY && d.first <= p ? days_of(d.first, p) : NO_DAYS;
		/* "since June, when the bank paid": what was done then */
		if (mark_at(c, w->end, ',') && word_at(c, w->end + 1, "when"))
			w->past = d;
		w->relative = true;
		w->row = lead_row;
		break;
	}
	case KIND_UNTIL: case KIND_BY: case KIND_BEFORE: {
		const kula_days d = is_days(w->ahead) ? w->ahead : NO_DAYS;
		/* "before April" ends with March; "before Friday", "before the end of June" by the contract's own rows */
		const kula_day last = lead == KIND_BEFORE && edge == KINDS && w->grain != G_DAY && is_days(d) && d.first > p ? d.first - 1 : d.last;
		/* what is done was done until then, or put off until then */
		if (!is_days(w->past))
			w->past = d;
		w->ahead = is_days(d) && p != KULA_NO_DAY && d.last >= p ? days_of(p, last) : NO_DAYS;
		w->ongoing = w->past;
		w->relative = true;
		w->row = lead_row;
		break;
	}
	case KIND_STARTING: {
		const kula_days d = w->past;
		if (is_days(d) && p != KULA_NO_DAY && d.first <= p)
			w->ongoing = days_of(d.first, p);
		w->row = lead_row;
		break;
	}
	default:
		/* "since the war broke out in 1998": to the day of publication for what goes on */
		for (uint32_t b = i; b > 0 && b + 12 > i && c->s->at[b - 1].kind != ATOM_MARK; b--)
			if (word_at(c, b - 1, "since") && is_days(w->past) && p != KULA_NO_DAY && w->past.first <= p && w->grain != G_LENGTH) {
				w->ongoing = days_of(w->past.first, p);
				break;
			}
		break;
	}
	return true;
}

/* Day expressions of one sentence; `each` gets them. False: the caller's store refused. */
typedef bool (*day_sink)(void *to, uint32_t from_atom, const when *w);

static bool days_scan(ctx *c, day_sink sink, void *to)
{
	for (uint32_t i = 0; i < c->s->count; ) {
		when w;
		const atom *x = &c->s->at[i];
		if (x->kind == ATOM_MARK && x->mark != '\'') {
			i++;
			continue;
		}
		if (!range_read(c, i, &w) || w.end <= i) {
			i++;
			continue;
		}
		const kula_days d = is_days(w.past) ? w.past : w.ahead;
		if (is_days(d) && !w.vague && !w.duration && w.grain != G_LENGTH) {
			c->anchor = d;
			c->anchor_grain = w.grain;
			c->anchor_here = true;
			if (w.grain == G_DAY && d.first == d.last)
				c->anchor_day = d.first;
		}
		if (!sink(to, i, &w))
			return false;
		i = w.end;
	}
	return true;
}

typedef struct range_sink { atom_range *at; uint32_t count, room; } range_sink;

static bool range_add(void *to, uint32_t from, const when *w)
{
	range_sink *r = to;
	if (r->count < r->room && !w->duration)
		r->at[r->count++] = (atom_range){ from, w->end };
	return true;
}

uint32_t days_ranges(const tables *t, const atoms *s, atom_range *out, uint32_t room)
{
	range_sink r = { out, 0, room };
	ctx c = { t, s, KULA_NO_DAY, NO_DAYS, G_NONE, KULA_NO_DAY, false };
	days_scan(&c, range_add, &r);
	return r.count;
}

typedef struct dated_sink { arena *a; const atoms *s; dated *at; uint32_t count, room; } dated_sink;

static bool dated_add(void *to, uint32_t from, const when *w)
{
	dated_sink *k = to;
	const dated x = { .word_from = k->s->at[from].word, .word_to = k->s->at[w->end - 1].word + 1, .past = w->past, .ahead = w->ahead,
		.ongoing = w->ongoing, .vague = w->vague, .duration = w->duration, .relative = w->relative, .row = w->row };
	if (k->count && k->at[k->count - 1].word_to > x.word_from)
		return true;                    /* two in one word: the first stays */
	if (k->count == k->room) {
		const uint32_t room = k->room * 2;
		dated *at = ARENA_NEW(k->a, dated, room);
		if (!at)
			return false;
		memcpy(at, k->at, k->count * sizeof *at);
		k->at = at;
		k->room = room;
	}
	k->at[k->count++] = x;
	return true;
}

dated *measure_days(arena *a, const text_doc *d, uint32_t sentence_from, uint32_t sentence_to, kula_day published, uint32_t *count)
{
	dated_sink k = { a, NULL, ARENA_NEW(a, dated, 16), 0, 16 };
	atoms s;
	*count = 0;
	if (!k.at || !atoms_init(a, d, sentence_from, sentence_to, &s))
		return NULL;
	ctx c = { tables_open(), NULL, published, NO_DAYS, G_NONE, KULA_NO_DAY, false };
	c.s = k.s = &s;
	for (uint32_t i = sentence_from; i < sentence_to && i < d->sentence_count; i++) {
		atoms_cut(d, i, &s);
		c.anchor_here = false;
		if (!days_scan(&c, dated_add, &k))
			return NULL;
	}
	*count = k.count;
	return k.at;
}
