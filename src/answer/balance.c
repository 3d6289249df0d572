/* balance.c: what two parties passed to each other, by kind and unit: pledged, planned, delivered, outstanding. */
#include "answer/room.h"
#include <stdlib.h>

enum { TRANSFERS = 1u << KULA_GIVE | 1u << KULA_LEND | 1u << KULA_SELL | 1u << KULA_SUPPLY };

uint32_t answer_passing_acts(void)
{
	return TRANSFERS | 1u << KULA_RETURN | 1u << KULA_TAKE | 1u << KULA_SEND | 1u << KULA_WITHDRAW | 1u << KULA_TRAIN | 1u << KULA_YIELD;
}

/* Which column an exchange belongs to. */
typedef enum column { PLEDGED, PLANNED, DELIVERED, COLUMNS, NOWHERE = COLUMNS } column;

static column column_of(const answer_exchange *x)
{
	switch (x->status) {
	case KULA_PROMISED: case KULA_OFFERED: return PLEDGED;
	case KULA_PLANNED: return PLANNED;
	case KULA_DONE: case KULA_ONGOING: return DELIVERED;
	case KULA_REQUESTED: case KULA_THREATENED: case KULA_POSSIBLE: case KULA_REFUSED: case KULA_DENIED: case KULA_STATUSES: break;
	}
	return NOWHERE;
}

/* `supply` leaves the terms open: they are those of what it fulfils, is fulfilled by, or is part of. */
static kula_act terms_of(const answer_set *s, const answer_exchange *x)
{
	if (x->act != KULA_SUPPLY)
		return x->act;
	for (uint32_t i = 0; i < x->link_count; i++) {
		if (x->links[i].type != ANSWER_FULFILS && x->links[i].type != ANSWER_PART)
			continue;
		const uint32_t at = answer_place(s, x->links[i].other);
		if (at != UINT32_MAX && s->at[at].act != KULA_SUPPLY && TRANSFERS & 1u << s->at[at].act)
			return s->at[at].act;
	}
	return x->act;
}

typedef struct work {
	const answer_set *s;
	arena         *a;
	kula_act      *act;             /* of each exchange asked for: its terms */
	column        *col;
	answer_pledge *pledges;         /* of each exchange asked for that is one */
	uint32_t      *list;            /* room for members */
	answer_balance_row *rows;       uint32_t count, room;
} work;

static bool same_row(const answer_balance_row *r, answer_way way, kula_act act, const answer_thing *t, bool by_what)
{
	return r->way == way && r->act == act && r->kind == t->kind && r->per == t->per && strcmp(r->unit, t->base) == 0
		&& (by_what ? r->what && thing_same_head(r->what, t->what) : !r->what);
}

static answer_balance_row *row_new(work *w)
{
	if (w->count == w->room) {
		const uint32_t room = w->room ? w->room * 2 : 32;
		answer_balance_row *more = ARENA_NEW(w->a, answer_balance_row, room);
		if (!more)
			return NULL;
		if (w->count)
			memcpy(more, w->rows, w->count * sizeof *more);
		w->rows = more;
		w->room = room;
	}
	w->rows[w->count] = (answer_balance_row){0};
	return &w->rows[w->count++];
}

static bool row_for(work *w, answer_way way, kula_act act, const answer_thing *t, bool by_what)
{
	for (uint32_t i = w->count; i-- > 0;)
		if (same_row(&w->rows[i], way, act, t, by_what))
			return true;
	answer_balance_row *r = row_new(w);
	if (r)
		*r = (answer_balance_row){.way = way, .act = act, .kind = t->kind, .unit = t->base, .per = t->per, .what = by_what ? t->what : NULL};
	return r != NULL;
}

static int row_order(const void *left, const void *right)
{
	const answer_balance_row *x = left, *y = right;
	if (x->way != y->way)
		return x->way < y->way ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	const int unit = strcmp(x->unit, y->unit);
	if (unit)
		return unit;
	if (x->per != y->per)
		return x->per < y->per ? -1 : 1;
	if (x->all != y->all)           /* the sum over acts stands behind them */
		return x->all ? 1 : -1;
	if (x->act != y->act)
		return x->act < y->act ? -1 : 1;
	if (!x->what || !y->what)
		return x->what ? 1 : y->what ? -1 : 0;
	return strcmp(x->what, y->what);
}

static bool in_row(const work *w, const answer_balance_row *r, uint32_t e, const sum_key *k)
{
	const answer_exchange *x = &w->s->at[e];
	if (x->way != r->way || (r->all ? !(TRANSFERS & 1u << w->act[e]) : w->act[e] != r->act))
		return false;
	return sum_has(x, k);
}

/* Is some exchange that it is part of, over any number of parts, in a column and of this row? */
static bool whole_in(work *w, const answer_balance_row *r, uint32_t e, column c, const sum_key *k)
{
	const arena_mark mark = arena_marked(w->a);
	uint32_t n;
	const uint32_t *up = linked_to(w->s, w->a, &e, 1, ANSWER_PART, true, false, &n);
	bool found = false;
	for (uint32_t i = 0; up && i < n && !found; i++)
		found = up[i] < w->s->asked && w->col[up[i]] == c && in_row(w, r, up[i], k);
	arena_rewind(w->a, mark);
	return found;
}

static bool fill_row(work *w, answer_balance_row *r)
{
	const answer_set *s = w->s;
	const sum_key k = {r->kind, r->unit, r->per, r->what, false, false};
	answer_sum *const sums[COLUMNS] = {&r->pledged, &r->planned, &r->delivered};
	const char *unit = NULL;
	double times = 1;
	bool mixed = false;
	uint32_t numbers = 0;
	r->planned.q = r->pledged.q = r->delivered.q = r->outstanding.q = (answer_interval){0, 0, false};
	r->over = (answer_interval){0, 0, false};
	for (int c = 0; c < COLUMNS; c++) {
		uint32_t n = 0;
		for (uint32_t e = 0; e < s->asked; e++) {
			if (w->col[e] != (column)c || !in_row(w, r, e, &k))
				continue;
			numbers++;
			for (uint32_t i = 0; i < s->at[e].thing_count; i++) {
				const answer_thing *t = &s->at[e].things[i];
				if (t->kind != r->kind || t->per != r->per || strcmp(t->base, r->unit) != 0 || (r->what && !thing_same_head(r->what, t->what)))
					continue;
				mixed |= unit && strcmp(unit, t->unit) != 0;
				unit = t->unit;
				times = t->times;
			}
			/* what is planned as part of what is done stands with the latter */
			if (c != PLANNED || !whole_in(w, r, e, DELIVERED, &k))
				w->list[n++] = e;
		}
		if (n && !sum_of(s, w->a, w->list, n, &k, sums[c], NULL))
			return false;
		if (c != PLANNED || n == 0)
			continue;
		/* of a plan what is done of it is not planned any more */
		const arena_mark mark = arena_marked(w->a);
		uint32_t parts, m = 0;
		uint32_t *down = linked_to(s, w->a, w->list, n, ANSWER_PART, false, false, &parts);
		if (!down)
			return false;
		/* whatever name they have: the works that were planned came as "bronzes" */
		const sum_key of_plan = {r->kind, r->unit, r->per, r->what, r->what != NULL, r->what != NULL};
		for (uint32_t i = 0; i < parts; i++)
			if (down[i] < s->asked && w->col[down[i]] == DELIVERED && in_row(w, r, down[i], &of_plan))
				down[m++] = down[i];
		answer_sum done;
		if (m && !sum_of(s, w->a, down, m, &of_plan, &done, NULL))
			return false;
		arena_rewind(w->a, mark);
		if (m)
			r->planned.q = answer_minus(r->planned.q, done.q);
	}
	for (uint32_t e = 0; e < s->asked; e++) {
		if (w->col[e] != PLEDGED || !in_row(w, r, e, &k) || whole_in(w, r, e, PLEDGED, &k))
			continue;
		const answer_exchange *x = &s->at[e];
		const answer_pledge *p = &w->pledges[e];
		for (uint32_t i = 0; i < p->line_count; i++) {
			const answer_thing *t = &x->things[p->lines[i].thing];
			if (t->kind != r->kind || t->per != r->per || strcmp(t->base, r->unit) != 0 || (r->what && !thing_same_head(r->what, t->what)))
				continue;
			r->outstanding.q = answer_plus(r->outstanding.q, interval_scaled(p->lines[i].outstanding.q, t->times));
			r->outstanding.differ |= p->lines[i].outstanding.differ;
			r->outstanding.exchanges++;
			r->outstanding.unknown += !interval_told(t->q);
			r->over = answer_plus(r->over, interval_scaled(p->lines[i].over, t->times));
		}
	}
	r->claims = ARENA_NEW(w->a, const char *, numbers + 1);
	if (!r->claims)
		return false;
	for (uint32_t e = 0; e < s->asked && r->claim_count < numbers; e++)
		if (w->col[e] != NOWHERE && in_row(w, r, e, &k))
			r->claims[r->claim_count++] = s->at[e].number + 1;
	if (unit && !mixed && times != 1) {
		answer_interval *const all[] = {&r->pledged.q, &r->planned.q, &r->delivered.q, &r->outstanding.q, &r->over};
		for (size_t i = 0; i < COUNT_OF(all); i++)
			*all[i] = interval_scaled(*all[i], 1 / times);
		r->unit = unit;
	}
	return true;
}

kula_status answer_balance_of(const answer_set *s, arena *a, uint32_t acts, bool by_what, answer_balance *out, kula_error *err)
{
	*out = (answer_balance){0};
	work w = {.s = s, .a = a, .act = ARENA_NEW(a, kula_act, s->asked + 1u), .col = ARENA_NEW(a, column, s->asked + 1u),
		.pledges = ARENA_NEW(a, answer_pledge, s->asked + 1u), .list = ARENA_NEW(a, uint32_t, s->asked + 1u)};
	if (!w.act || !w.col || !w.pledges || !w.list)
		return answer_no_memory(err);
	for (uint32_t e = 0; e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		w.act[e] = terms_of(s, x);
		w.col[e] = NOWHERE;
		if (!(acts & 1u << x->act) || x->act == KULA_HOLD)
			continue;
		out->exchanges++;
		w.col[e] = column_of(x);
		if (w.col[e] == NOWHERE) {
			out->denied += x->status == KULA_DENIED;
			out->possible += x->status == KULA_POSSIBLE;
			out->other += x->status != KULA_DENIED && x->status != KULA_POSSIBLE;
			continue;
		}
		out->without += x->thing_count == 0;
		if (w.col[e] == PLEDGED && !pledge_fill(s, a, e, false, KULA_NO_DAY, &w.pledges[e]))
			return answer_no_memory(err);
		for (uint32_t i = 0; i < x->thing_count; i++)
			if ((x->things[i].in < 0 && !row_for(&w, x->way, w.act[e], &x->things[i], false))
				|| (by_what && !row_for(&w, x->way, w.act[e], &x->things[i], true)))
				return answer_no_memory(err);
	}
	if (w.count)
		qsort(w.rows, w.count, sizeof *w.rows, row_order);
	/* Several terms of one kind: a sum over them. */
	const uint32_t count = w.count;
	for (uint32_t i = 0, end; i < count; i = end) {
		uint32_t terms = 0;
		for (end = i; end < count && w.rows[end].way == w.rows[i].way && w.rows[end].kind == w.rows[i].kind && w.rows[end].per == w.rows[i].per
			&& strcmp(w.rows[end].unit, w.rows[i].unit) == 0; end++)
			terms += !w.rows[end].what && TRANSFERS & 1u << w.rows[end].act;
		if (terms < 2)
			continue;
		const answer_balance_row like = w.rows[i];
		answer_balance_row *r = row_new(&w);
		if (!r)
			return answer_no_memory(err);
		*r = (answer_balance_row){.way = like.way, .all = true, .kind = like.kind, .unit = like.unit, .per = like.per};
	}
	if (w.count)
		qsort(w.rows, w.count, sizeof *w.rows, row_order);
	for (uint32_t i = 0; i < w.count; i++)
		if (!fill_row(&w, &w.rows[i]))
			return answer_no_memory(err);
	out->rows = w.rows;
	out->count = w.count;
	return KULA_OK;
}
