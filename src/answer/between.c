/* between.c: the timeline of two parties, and what it adds up to. */
#include "answer/answer.h"
#include <math.h>
#include <stdlib.h>

static bool has_code(const kula_party *p, uint32_t count, const char *code)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(p[i].code, code) == 0)
			return true;
	return false;
}

static answer_way way_of(const kula_claim *c, const char *a, const char *b)
{
	const bool forth = has_code(c->from, c->from_count, a) && has_code(c->to, c->to_count, b);
	const bool back = has_code(c->from, c->from_count, b) && has_code(c->to, c->to_count, a);
	if (kula_act_is_equal(c->act) || forth == back)
		return ANSWER_BOTH;
	return forth ? ANSWER_FORTH : ANSWER_BACK;
}

static bool same_total(const answer_total *x, const answer_total *y)
{
	return x->way == y->way && x->act == y->act && x->status == y->status && x->items == y->items
		&& (!x->items || (x->kind == y->kind && x->per == y->per && strcmp(x->unit, y->unit) == 0));
}

static int total_order(const void *left, const void *right)
{
	const answer_total *x = left, *y = right;
	if (x->way != y->way)
		return x->way < y->way ? -1 : 1;
	if (x->act != y->act)
		return x->act < y->act ? -1 : 1;
	if (x->items != y->items)
		return x->items ? -1 : 1;
	if (x->items && x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	const int unit = x->items ? strcmp(x->unit, y->unit) : 0;
	if (unit)
		return unit;
	if (x->per != y->per)
		return x->per < y->per ? -1 : 1;
	return x->status < y->status ? -1 : x->status > y->status;
}

typedef struct totals { arena *a; answer_total *at; uint32_t count, room; } totals;

static answer_total *total_for(totals *t, const answer_total *key)
{
	/* A dyad has some dozens of them: act, kind, unit and status repeat. From the latest on, which are likeliest. */
	for (uint32_t i = t->count; i-- > 0;)
		if (same_total(&t->at[i], key))
			return &t->at[i];
	if (t->count == t->room) {
		const uint32_t room = t->room ? t->room * 2 : 32;
		answer_total *more = ARENA_NEW(t->a, answer_total, room);
		if (!more)
			return NULL;
		if (t->count)
			memcpy(more, t->at, t->count * sizeof *more);
		t->at = more;
		t->room = room;
	}
	t->at[t->count] = *key;
	return &t->at[t->count++];
}

static bool add_claim(totals *t, const answer_row *r)
{
	const kula_claim *c = &r->claim.c;
	if (c->item_count == 0) {
		answer_total *sum = total_for(t, &(answer_total){.way = r->way, .act = c->act, .status = c->status, .unit = "", .max = NAN});
		if (!sum)
			return false;
		sum->claims++;
		return true;
	}
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *it = &c->items[i];
		if (it->in >= 0)        /* its whole is added */
			continue;
		answer_total *sum = total_for(t, &(answer_total){.way = r->way, .act = c->act, .status = c->status, .items = true, .kind = it->kind,
			.unit = it->q.unit, .per = it->q.per});
		if (!sum)
			return false;
		/* Several items of one claim in one sum are one claim. */
		bool first = true;
		for (uint32_t j = 0; j < i && first; j++)
			first = !(c->items[j].in < 0 && c->items[j].kind == it->kind && c->items[j].q.per == it->q.per
				&& strcmp(c->items[j].q.unit, it->q.unit) == 0);
		sum->claims += first;
		sum->quantities++;
		sum->unknown += isnan(it->q.min) && isnan(it->q.max);
		sum->approx |= it->q.approx;
		sum->min += isnan(it->q.min) ? 0 : it->q.min;
		sum->max += it->q.max;          /* NaN: open, and stays so */
	}
	return true;
}

static kula_status no_memory(kula_error *err) { return kula_fail(err, KULA_EMEMORY, 0, "no memory for the claims"); }

kula_status answer_between_of(ledger *l, arena *a, const char *code_a, const char *code_b, const ledger_filter *f, answer_between *out,
	kula_error *err)
{
	*out = (answer_between){0};
	snprintf(out->a, sizeof out->a, "%s", code_a);
	snprintf(out->b, sizeof out->b, "%s", code_b);
	ledger_filter filter = f ? *f : ledger_filter_all();
	filter.a = code_a;
	filter.b = code_b;
	filter.from = filter.to = NULL;
	ledger_walk *w = ledger_claims(l, &filter, err);
	table *documents = table_new(), *publishers = table_new();
	kula_status status = w && documents && publishers ? KULA_OK : w ? no_memory(err) : KULA_EIO;
	uint32_t room = 0;
	totals t = {.a = a};
	while (status == KULA_OK) {
		if (out->count == room) {
			const uint32_t more = room ? room * 2 : 64;
			answer_row *rows = ARENA_NEW(a, answer_row, more);
			if (!rows) {
				status = no_memory(err);
				break;
			}
			if (out->count)
				memcpy(rows, out->rows, out->count * sizeof *rows);
			out->rows = rows;
			room = more;
		}
		answer_row *r = &out->rows[out->count];
		status = ledger_next(w, a, &r->claim, err);
		if (status != KULA_OK)
			break;
		r->way = way_of(&r->claim.c, out->a, out->b);
		out->count++;
		if (!add_claim(&t, r)
			|| !table_put(documents, &r->claim.document, sizeof r->claim.document, NULL)
			|| (r->claim.publisher && !table_put(publishers, r->claim.publisher, strlen(r->claim.publisher), NULL)))
			status = no_memory(err);
	}
	if (status == KULA_ENOTFOUND)
		status = KULA_OK;
	if (status == KULA_OK) {
		if (t.count)
			qsort(t.at, t.count, sizeof *t.at, total_order);
		out->totals = t.at;
		out->total_count = t.count;
		out->documents = table_count(documents);
		out->publishers = table_count(publishers);
	}
	ledger_walk_free(w);
	table_free(documents);
	table_free(publishers);
	return status;
}
