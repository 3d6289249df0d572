/* stocks.c: what somebody has, as it was told from time to time. Figures of different days are not added: the last one counts. */
#include "answer/room.h"
#include <stdlib.h>

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && same_folded(a, strlen(a), b));
}

static int stock_order(const void *left, const void *right)
{
	const answer_stock *x = left, *y = right;
	const int holder = strcmp(x->code ? x->code : x->holder, y->code ? y->code : y->holder);
	if (holder)
		return holder;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	const int what = strcmp(x->what, y->what);
	if (what)
		return what;
	return strcmp(x->place ? x->place : "", y->place ? y->place : "");
}

kula_status answer_stocks_of(const answer_set *s, arena *a, answer_stocks *out, kula_error *err)
{
	*out = (answer_stocks){0};
	uint32_t things = 0;
	for (uint32_t e = 0; e < s->asked; e++)
		if (s->at[e].act == KULA_HOLD)
			things += s->at[e].thing_count;
	uint32_t *row_of = ARENA_NEW(a, uint32_t, things + 1u);
	out->rows = ARENA_NEW(a, answer_stock, things + 1u);
	if (!row_of || !out->rows)
		return answer_no_memory(err);
	uint32_t at = 0;
	for (uint32_t e = 0; e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		const kula_party *holder = x->from_count ? &x->from[0] : x->to_count ? &x->to[0] : NULL;
		const char *place = x->account_count ? x->accounts[x->lead].c.place_at : NULL;
		for (uint32_t i = 0; x->act == KULA_HOLD && i < x->thing_count; i++) {
			const answer_thing *t = &x->things[i];
			uint32_t r = 0;
			for (; r < out->count; r++) {
				const answer_stock *k = &out->rows[r];
				const bool who = holder && (*holder->code ? k->code && strcmp(k->code, holder->code) == 0 : !k->code && same(k->holder, holder->text));
				if ((who || (!holder && !*k->holder)) && k->kind == t->kind && k->per == t->per && strcmp(k->unit, t->base) == 0 && same(k->what, t->what)
					&& same(k->place, place))
					break;
			}
			if (r == out->count)
				out->rows[out->count++] = (answer_stock){.holder = holder ? holder->text : "", .code = holder && *holder->code ? holder->code : NULL,
					.what = t->what, .unit = t->base, .place = place, .kind = t->kind, .per = t->per};
			out->rows[r].count++;
			row_of[at++] = r;
		}
	}
	for (uint32_t r = 0; r < out->count; r++) {
		answer_stock *k = &out->rows[r];
		k->exchanges = ARENA_NEW(a, uint32_t, k->count);
		k->things = ARENA_NEW(a, uint32_t, k->count);
		if (!k->exchanges || !k->things)
			return answer_no_memory(err);
		k->count = 0;
	}
	at = 0;
	for (uint32_t e = 0; e < s->asked; e++)
		for (uint32_t i = 0; s->at[e].act == KULA_HOLD && i < s->at[e].thing_count; i++) {
			answer_stock *k = &out->rows[row_of[at++]];
			uint32_t n = k->count++;
			for (; n > 0 && s->at[k->exchanges[n - 1]].day > s->at[e].day; n--) {
				k->exchanges[n] = k->exchanges[n - 1];
				k->things[n] = k->things[n - 1];
			}
			k->exchanges[n] = e;
			k->things[n] = i;
		}
	for (uint32_t r = 0; r < out->count; r++) {
		answer_stock *k = &out->rows[r];
		k->change = (answer_interval){NAN, NAN, false};
		const answer_thing *last = &s->at[k->exchanges[k->count - 1]].things[k->things[k->count - 1]];
		bool one_unit = true;
		for (uint32_t i = 0; i < k->count; i++)
			one_unit &= strcmp(s->at[k->exchanges[i]].things[k->things[i]].unit, last->unit) == 0;
		if (one_unit)
			k->unit = last->unit;
		if (k->count < 2)
			continue;
		const answer_thing *before = &s->at[k->exchanges[k->count - 2]].things[k->things[k->count - 2]];
		const double b = one_unit ? 1 : before->times, n = one_unit ? 1 : last->times;
		/* may go down: no floor at 0 */
		k->change = (answer_interval){last->q.min * n - before->q.max * b, last->q.max * n - before->q.min * b, last->q.approx || before->q.approx};
	}
	if (out->count)
		qsort(out->rows, out->count, sizeof *out->rows, stock_order);
	return KULA_OK;
}
