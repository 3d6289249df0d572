/* differ.c: exchanges on which accounts differ: what each side says, and who stands on it. */
#include "answer/room.h"

static bool apart(answer_interval a, answer_interval b)
{
	bool differ;
	const answer_interval two[] = {a, b};
	(void)answer_allowed(two, 2, &differ);
	return differ;
}

/* All items of a claim that go with one of its items, added, in base units. */
static answer_interval total(const answer_units *u, const kula_claim *c, const kula_item *like)
{
	double times, other;
	const char *base = answer_unit_base(u, like->q.unit, &times);
	answer_interval sum = {0, 0, false};
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *it = &c->items[i];
		if (it->in >= 0 || it->kind != like->kind || it->q.per != like->q.per || strcmp(answer_unit_base(u, it->q.unit, &other), base) != 0)
			continue;
		sum.min += it->q.min * other;
		sum.max += it->q.max * other;
		sum.approx |= it->q.approx;
	}
	return sum;
}

static answer_interval figure_of(const answer_units *u, const kula_item *it)
{
	double times;
	answer_unit_base(u, it->q.unit, &times);
	return interval_scaled((answer_interval){it->q.min, it->q.max, it->q.approx}, times);
}

static bool comparable(const answer_units *u, const kula_item *a, const kula_item *b)
{
	double times;
	return a->in < 0 && b->in < 0 && a->kind == b->kind && a->q.per == b->q.per
		&& strcmp(answer_unit_base(u, a->q.unit, &times), answer_unit_base(u, b->q.unit, &times)) == 0;
}

/* The two items that exclude each other: of one name before others. */
static bool item_pair(const answer_units *u, const kula_claim *a, const kula_claim *b, const kula_item **p, const kula_item **q)
{
	int best = 0;
	for (uint32_t i = 0; i < a->item_count; i++)
		for (uint32_t k = 0; k < b->item_count; k++) {
			const kula_item *x = &a->items[i], *y = &b->items[k];
			if (!comparable(u, x, y))
				continue;
			const int rank = 1 + 2 * apart(figure_of(u, x), figure_of(u, y)) + 4 * thing_same_head(x->what, y->what);
			if (rank > best) {
				best = rank;
				*p = x;
				*q = y;
			}
		}
	return best > 0;
}

/* Which side another account stands on: 0, 1, or -1 for neither. */
static int side_of(const answer_units *u, const char *field, const answer_dispute *d, const kula_claim *c, const kula_item *item[2],
	const kula_claim *told[2])
{
	if (strcmp(field, "act") == 0)
		return c->act == told[0]->act ? 0 : c->act == told[1]->act ? 1 : -1;
	if (strcmp(field, "status") == 0) {
		const bool no = c->status == KULA_DENIED;
		if (!no && !status_happened(c->status))
			return -1;
		return (told[0]->status == KULA_DENIED) == no ? 0 : 1;
	}
	if (strcmp(field, "date") == 0) {
		bool touches[2];
		for (int i = 0; i < 2; i++)
			touches[i] = c->date.first != KULA_NO_DAY && d->sides[i].days.first != KULA_NO_DAY && c->date.first <= d->sides[i].days.last
				&& c->date.last >= d->sides[i].days.first;
		return touches[0] == touches[1] ? -1 : touches[0] ? 0 : 1;
	}
	if (!item[0] || !item[1] || c->status == KULA_DENIED)
		return -1;
	for (uint32_t i = 0; i < c->item_count; i++) {
		if (!comparable(u, &c->items[i], item[0]) || (!thing_same_head(c->items[i].what, item[0]->what)
			&& !thing_same_head(c->items[i].what, item[1]->what) && c->item_count > 1))
			continue;
		const answer_interval q = figure_of(u, &c->items[i]);
		if (!interval_told(q))
			return -1;
		const bool one = apart(q, figure_of(u, item[0])), other = apart(q, figure_of(u, item[1]));
		return one == other ? -1 : one ? 1 : 0;
	}
	return -1;
}

kula_status answer_disputes_of(const answer_set *s, const answer_units *u, arena *a, answer_disputes *out, kula_error *err)
{
	uint32_t room = 0;
	for (uint32_t e = 0; e < s->asked; e++)
		room += s->at[e].difference_count;
	*out = (answer_disputes){.rows = ARENA_NEW(a, answer_dispute, room + 1u)};
	if (!out->rows)
		return answer_no_memory(err);
	for (uint32_t e = 0; e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		for (uint32_t k = 0; k < x->difference_count; k++) {
			const answer_difference *f = &x->differences[k];
			answer_dispute *d = &out->rows[out->count++];
			const uint32_t at[2] = {f->one, f->other};
			const kula_claim *told[2] = {&x->accounts[f->one].c, &x->accounts[f->other].c};
			const kula_item *item[2] = {NULL, NULL};
			*d = (answer_dispute){.exchange = e, .field = f->field};
			const bool items = strcmp(f->field, "items") == 0 && item_pair(u, told[0], told[1], &item[0], &item[1]);
			/* where no two items exclude each other their sums do */
			const bool sums = items && !apart(figure_of(u, item[0]), figure_of(u, item[1]));
			for (int i = 0; i < 2; i++) {
				answer_side *side = &d->sides[i];
				side->q = (answer_interval){NAN, NAN, false};
				side->days = (kula_days){KULA_NO_DAY, KULA_NO_DAY};
				if (items) {
					double times;
					answer_unit_base(u, item[i]->q.unit, &times);
					side->q = sums ? interval_scaled(total(u, told[i], item[i]), 1 / times) : (answer_interval){item[i]->q.min, item[i]->q.max, item[i]->q.approx};
					side->unit = item[i]->q.unit;
					side->per = item[i]->q.per;
					side->what = item[i]->what;
				} else if (strcmp(f->field, "date") == 0) {
					side->days = told[i]->date;
					if (side->days.first == KULA_NO_DAY) {  /* told as done on the day it was told */
						const kula_day day = x->accounts[at[i]].published;
						side->days = (kula_days){day, day};
					}
				} else if (strcmp(f->field, "act") == 0) {
					side->word = kula_act_name(told[i]->act);
				} else {
					side->word = kula_status_name(told[i]->status);
				}
				side->accounts = ARENA_NEW(a, uint32_t, x->account_count);
				if (!side->accounts)
					return answer_no_memory(err);
				side->accounts[side->count++] = at[i];
			}
			for (uint32_t i = 0; i < x->account_count; i++) {
				if (i == f->one || i == f->other)
					continue;
				const int side = side_of(u, f->field, d, &x->accounts[i].c, item, told);
				if (side >= 0)
					d->sides[side].accounts[d->sides[side].count++] = i;
			}
		}
	}
	return KULA_OK;
}
