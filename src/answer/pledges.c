/* pledges.c: what was promised or offered and what came of it; what was lent and what came back. The same sums serve both. */
#include "answer/room.h"
#include <stdlib.h>

static const char *const state_names[ANSWER_STATES] = {"open", "partly", "unclear", "kept"};
const char *answer_state_name(answer_state s) { return s < ANSWER_STATES ? state_names[s] : ""; }

static int by_day(const void *left, const void *right, void *arg)
{
	const answer_set *s = arg;
	const answer_exchange *x = &s->at[*(const uint32_t *)left], *y = &s->at[*(const uint32_t *)right];
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return x->exchange < y->exchange ? -1 : x->exchange > y->exchange;
}

void places_by_day(const answer_set *s, uint32_t *list, uint32_t count)
{
	if (count > 1)
		qsort_r(list, count, sizeof *list, by_day, (void *)(uintptr_t)s);
}

/* How many things at the top are of a kind, unit and rate. */
static uint32_t alike(const answer_exchange *x, const answer_thing *t)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < x->thing_count; i++)
		n += x->things[i].in < 0 && x->things[i].kind == t->kind && x->things[i].per == t->per && strcmp(x->things[i].base, t->base) == 0;
	return n;
}

/* What is left after deliveries; of "about 30" a tenth more or less is nothing. */
static void settle(answer_line *n, const answer_thing *t, answer_interval delivered)
{
	const answer_interval own = interval_scaled(t->q, t->times);
	answer_interval left = answer_minus(own, delivered), over = answer_minus(delivered, own);
	/* more than an open pledge is not known to be too much */
	if (!interval_told(own) || isnan(own.max))
		over = (answer_interval){0, 0, false};
	if (own.approx || delivered.approx) {
		const double slack = 0.1 * (isnan(own.max) ? 0 : own.max);
		if (left.min <= slack) left.min = 0;
		if (left.max <= slack) left.max = 0;
		if (over.min <= slack) over.min = 0;
		if (over.max <= slack) over.max = 0;
	}
	const double back = 1 / t->times;
	n->delivered.q = interval_scaled(delivered, back);
	n->outstanding.q = interval_scaled(left, back);
	n->over = interval_scaled(over, back);
	n->outstanding.differ = t->differ || n->delivered.differ;
}

/* Deliveries of a thing: of that name whatever their kind; of another name where the pledge has one thing of the kind only. */
static sum_key key_of(const answer_exchange *x, uint32_t thing)
{
	const answer_thing *t = &x->things[thing];
	return (sum_key){t->kind, t->base, t->per, t->what, true, alike(x, t) == 1};
}

bool pledge_fill(const answer_set *s, arena *a, uint32_t place, bool loan, kula_day on, answer_pledge *out)
{
	const answer_exchange *x = &s->at[place];
	*out = (answer_pledge){.exchange = place, .due = x->due, .days_over = INT32_MIN};
	uint32_t own_count, answer_count, whole_count;
	/* what answers a part of the pledge answers the pledge */
	uint32_t *own = linked_to(s, a, &place, 1, ANSWER_PART, false, true, &own_count);
	uint32_t *wholes = linked_to(s, a, &place, 1, ANSWER_PART, true, false, &whole_count);
	if (!own || !wholes)
		return false;
	uint32_t room = 0;
	for (uint32_t i = 0; i < own_count; i++)
		room += s->at[own[i]].link_count;
	uint32_t *answers = ARENA_NEW(a, uint32_t, room + 1);
	out->deliveries = ARENA_NEW(a, uint32_t, room + 1);
	out->planned = ARENA_NEW(a, uint32_t, room + 1);
	if (!answers || !out->deliveries || !out->planned)
		return false;
	answer_count = 0;
	for (uint32_t i = 0; i < own_count; i++) {
		const answer_exchange *o = &s->at[own[i]];
		for (uint32_t k = 0; k < o->link_count; k++) {
			if (o->links[k].type != (loan ? ANSWER_RETURNS : ANSWER_FULFILS) || o->links[k].out)
				continue;
			const uint32_t at = answer_place(s, o->links[k].other);
			bool there = at == UINT32_MAX;
			for (uint32_t n = 0; n < answer_count && !there; n++)
				there = answers[n] == at;
			if (!there)
				answers[answer_count++] = at;
		}
	}
	places_by_day(s, answers, answer_count);
	bool ongoing = false, done = false;
	for (uint32_t i = 0; i < answer_count; i++) {
		const answer_exchange *d = &s->at[answers[i]];
		if (status_happened(d->status)) {
			out->deliveries[out->delivery_count++] = answers[i];
			ongoing |= d->status == KULA_ONGOING;
			done |= d->status == KULA_DONE && !d->contested;
		} else if (d->status == KULA_PLANNED || d->status == KULA_POSSIBLE) {
			out->planned[out->planned_count++] = answers[i];
		}
	}
	for (uint32_t i = 0; i < x->thing_count; i++)
		out->line_count += x->things[i].in < 0;
	out->lines = ARENA_NEW(a, answer_line, out->line_count + 1);
	if (!out->lines)
		return false;
	/* Deliveries that name none of the things, or in units that don't compare, may be of any: "the second shipment arrived". */
	uint32_t silent = 0;
	for (uint32_t k = 0; k < out->delivery_count; k++) {
		bool named = false;
		for (uint32_t i = 0; i < x->thing_count && !named; i++) {
			const sum_key key = key_of(x, i);
			named = x->things[i].in < 0 && sum_has(&s->at[out->deliveries[k]], &key);
		}
		silent += !named;
	}
	bool all = true, lack = false;
	uint32_t n = 0;
	for (uint32_t i = 0; i < x->thing_count; i++) {
		const answer_thing *t = &x->things[i];
		if (t->in >= 0)
			continue;
		sum_key key = key_of(x, i);
		answer_line *line = &out->lines[n++];
		line->thing = i;
		if (!sum_of(s, a, out->deliveries, out->delivery_count, &key, &line->delivered, NULL))
			return false;
		if (t->per != KULA_PER_NONE && line->delivered.exchanges == 0) {
			key.per = KULA_PER_NONE;
			if (!sum_of(s, a, out->deliveries, out->delivery_count, &key, &line->delivered, NULL))
				return false;
			line->rate = line->delivered.exchanges > 0;
		}
		if (line->rate) {
			line->delivered.q = interval_scaled(line->delivered.q, 1 / t->times);
			line->outstanding.q = (answer_interval){0, NAN, false};
			line->over = (answer_interval){0, 0, false};
			all = false;
			continue;
		}
		answer_interval delivered = line->delivered.q;
		if (silent) {
			delivered.max = NAN;
			line->delivered.unknown += silent;
			line->delivered.exchanges += silent;
		}
		settle(line, t, delivered);
		all &= line->outstanding.q.max <= 0;            /* NaN: not known */
		lack |= line->outstanding.q.min > 0;
	}
	if (out->delivery_count == 0)
		out->state = ANSWER_OPEN;
	else if (out->line_count == 0)
		out->state = done ? ANSWER_KEPT : ongoing ? ANSWER_PARTLY : ANSWER_UNCLEAR;
	else
		out->state = all ? ANSWER_KEPT : lack ? ANSWER_PARTLY : ANSWER_UNCLEAR;
	for (uint32_t i = 0; i < whole_count && out->due.first == KULA_NO_DAY; i++)
		out->due = s->at[wholes[i]].due;
	/* a loan is due when it is planned to come back */
	for (uint32_t i = 0; loan && i < out->planned_count && out->due.first == KULA_NO_DAY; i++)
		out->due = s->at[out->planned[i]].days;
	if (out->due.first != KULA_NO_DAY && on != KULA_NO_DAY) {
		out->days_over = on - out->due.last;
		out->overdue = out->days_over > 0 && (out->state == ANSWER_OPEN || (out->state == ANSWER_PARTLY));
	}
	return true;
}

kula_status answer_pledges_of(const answer_set *s, arena *a, bool loans, kula_day on, answer_pledges *out, kula_error *err)
{
	*out = (answer_pledges){.rows = ARENA_NEW(a, answer_pledge, s->asked + 1u)};
	if (!out->rows)
		return answer_no_memory(err);
	for (uint32_t e = 0; e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		if (loans ? x->act != KULA_LEND || !status_happened(x->status) : x->fact)
			continue;
		if (!pledge_fill(s, a, e, loans, on, &out->rows[out->count++]))
			return answer_no_memory(err);
	}
	return KULA_OK;
}

kula_status answer_pledge_of(const answer_set *s, arena *a, uint32_t place, kula_day on, answer_pledge *out, kula_error *err)
{
	return pledge_fill(s, a, place, false, on, out) ? KULA_OK : answer_no_memory(err);
}
