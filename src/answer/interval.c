/* interval.c: what several figures allow together, sums and differences of intervals, and units that measure the same. */
#include "answer/room.h"
#include <stdlib.h>

static const double SLACK = 0.1;        /* an approximate figure gives way by a tenth, as in joining (docs/EXCHANGES.md) */

kula_status answer_no_memory(kula_error *err) { return kula_fail(err, KULA_EMEMORY, 0, "no memory for the answer"); }

typedef struct range { double lo, hi; } range;

static range range_of(answer_interval q) { return (range){isnan(q.min) ? -INFINITY : q.min, isnan(q.max) ? INFINITY : q.max}; }
static range wide(answer_interval q)
{
	const range r = range_of(q);
	return (range){r.lo - fabs(r.lo) * SLACK, r.hi + fabs(r.hi) * SLACK};
}
static range both(range a, range b) { return (range){MAX_OF(a.lo, b.lo), MIN_OF(a.hi, b.hi)}; }
static range either(range a, range b) { return (range){MIN_OF(a.lo, b.lo), MAX_OF(a.hi, b.hi)}; }
static bool empty(range r) { return r.lo > r.hi; }
static answer_interval interval_of(range r, bool approx)
{
	return (answer_interval){isinf(r.lo) ? NAN : r.lo, isinf(r.hi) ? NAN : r.hi, approx};
}

answer_interval answer_allowed(const answer_interval *figures, uint32_t count, bool *differ)
{
	const range all = {-INFINITY, INFINITY}, none = {INFINITY, -INFINITY};
	range exact = all, about = all, about_wide = all, hull = none, about_hull = none;
	bool some_about = false, some_exact = false;
	*differ = false;
	for (uint32_t i = 0; i < count; i++) {
		if (!interval_told(figures[i]))
			continue;
		const range r = range_of(figures[i]);
		hull = either(hull, r);
		if (figures[i].approx) {
			about = both(about, r);
			about_wide = both(about_wide, wide(figures[i]));
			about_hull = either(about_hull, r);
			some_about = true;
		} else {
			exact = both(exact, r);
			some_exact = true;
		}
	}
	if (!some_about && !some_exact)
		return (answer_interval){NAN, NAN, false};
	if (empty(exact) || empty(about_wide) || empty(both(exact, about_wide))) {
		*differ = true;
		return interval_of(hull, some_about);
	}
	if (!some_about)
		return interval_of(exact, false);
	/* "About 70" and "about 74" agree; together they say 70 to 74. */
	const range close = empty(about) ? about_hull : about;
	range r = both(exact, close);
	if (empty(r))
		r = both(exact, about_wide);
	return interval_of(r, !some_exact || r.lo < r.hi);
}

answer_interval answer_plus(answer_interval a, answer_interval b)
{
	return (answer_interval){(isnan(a.min) ? 0 : a.min) + (isnan(b.min) ? 0 : b.min), a.max + b.max, a.approx || b.approx};
}

answer_interval answer_minus(answer_interval a, answer_interval b)
{
	const double least = isnan(b.max) ? 0 : MAX_OF((isnan(a.min) ? 0 : a.min) - b.max, 0);
	const double most = isnan(a.max) ? NAN : MAX_OF(a.max - (isnan(b.min) ? 0 : b.min), 0);
	return (answer_interval){least, most, a.approx || b.approx};
}

static double tidy(double v)
{
	const double whole = nearbyint(v);
	return fabs(v - whole) < 1e-9 * MAX_OF(fabs(v), 1) ? whole : v;
}

answer_interval interval_scaled(answer_interval q, double times)
{
	return times == 1 ? q : (answer_interval){tidy(q.min * times), tidy(q.max * times), q.approx};
}

/* ---- units ---- */

enum { UNITS_MOST = 256, UNIT_BYTES = 24 };
struct answer_units {
	struct { char unit[UNIT_BYTES], base[UNIT_BYTES]; double times; } at[UNITS_MOST];
	uint32_t count;
};

answer_units *answer_units_open(const char *folder, kula_error *err)
{
	char room[4096], path[4096];
	if (folder)
		snprintf(path, sizeof path, "%s/units.tsv", folder);
	else if (data_path("join/units.tsv", room, sizeof room))
		snprintf(path, sizeof path, "%s", room);
	else {
		kula_fail(err, KULA_EIO, 0, "the table of units is not installed: join/units.tsv");
		return NULL;
	}
	mapped m;
	if (file_map(path, &m, err) != KULA_OK)
		return NULL;
	answer_units *u = base_malloc(sizeof *u);
	kula_status status = u ? KULA_OK : answer_no_memory(err);
	if (u)
		u->count = 0;
	const char *slash = strrchr(path, '/');
	tsv t = {.file = slash ? slash + 1 : path, .at = m.at, .end = m.at + m.n};
	cell cells[8];
	for (uint32_t n; status == KULA_OK && (n = tsv_next(&t, cells, COUNT_OF(cells), err)) != 0;) {
		if (n == UINT32_MAX) {
			status = KULA_EFORMAT;
			break;
		}
		char number[64], *end = number;
		if (n < 3 || cells[0].n == 0 || cells[0].n >= UNIT_BYTES || cells[1].n == 0 || cells[1].n >= UNIT_BYTES || cells[2].n >= sizeof number
			|| u->count == UNITS_MOST) {
			status = tsv_fail(&t, &cells[0], err, "expected a unit, its base and a number");
			break;
		}
		snprintf(number, sizeof number, "%.*s", (int)cells[2].n, cells[2].at);
		const double times = strtod(number, &end);
		if (*end || !(times > 0) || isinf(times)) {
			status = tsv_fail(&t, &cells[2], err, "'%s' is no number above 0", number);
			break;
		}
		snprintf(u->at[u->count].unit, UNIT_BYTES, "%.*s", (int)cells[0].n, cells[0].at);
		snprintf(u->at[u->count].base, UNIT_BYTES, "%.*s", (int)cells[1].n, cells[1].at);
		u->at[u->count++].times = times;
	}
	file_unmap(&m);
	if (status != KULA_OK) {
		free(u);
		return NULL;
	}
	return u;
}

void answer_units_free(answer_units *u) { free(u); }

const char *answer_unit_base(const answer_units *u, const char *unit, double *times)
{
	*times = 1;
	for (uint32_t i = 0; u && i < u->count; i++) {
		if (strcmp(u->at[i].unit, unit) == 0) {
			*times = u->at[i].times;
			return u->at[i].base;
		}
	}
	return unit;
}
