/* sum.c: sums over exchanges, with nothing counted twice that is a part of what is counted. */
#include "answer/room.h"
#include <stdlib.h>

static bool key_fits(const answer_thing *t, const sum_key *k)
{
	if (t->per != k->per || strcmp(t->base, k->base) != 0)
		return false;
	if (k->what)
		return (k->named || t->kind == k->kind) && thing_same_head(t->what, k->what);
	return t->kind == k->kind;
}

/* Things inside others are not added to them; of one name inside another name they count. */
static bool key_counts(const answer_exchange *x, uint32_t i, const sum_key *k)
{
	if (!key_fits(&x->things[i], k))
		return false;
	int32_t in = x->things[i].in;
	for (uint32_t step = 0; in >= 0 && step <= x->thing_count; step++) {
		if (!k->what || key_fits(&x->things[in], k))
			return false;
		in = x->things[in].in;
	}
	return true;
}

static bool key_any(const answer_exchange *x, const sum_key *k)
{
	for (uint32_t i = 0; i < x->thing_count; i++)
		if (key_counts(x, i, k))
			return true;
	return false;
}

/* The key for this exchange: without the name where it has nothing of that name. */
static sum_key key_for(const answer_exchange *x, const sum_key *k)
{
	sum_key own = *k;
	if (k->what && k->any && !key_any(x, k))
		own.what = NULL;
	return own;
}

bool sum_has(const answer_exchange *x, const sum_key *k)
{
	const sum_key own = key_for(x, k);
	return key_any(x, &own);
}

typedef struct node {
	uint32_t place, whole;          /* index of the member that it is part of, or UINT32_MAX */
	uint32_t depth;
	bool     has, told, parts;
	answer_interval own, of_parts;
} node;

static int by_depth(const void *left, const void *right)
{
	const node *x = *(const node *const *)left, *y = *(const node *const *)right;
	if (x->depth != y->depth)
		return x->depth > y->depth ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* What a whole comes to when its parts come to so much: not less than they. */
static answer_interval whole_of(answer_interval own, answer_interval parts, bool *differ)
{
	answer_interval q = own;
	if (!(own.min >= parts.min))
		q.min = parts.min;
	if (q.max < q.min) {            /* the parts are more than the whole: somebody is wrong, unless it was "about" */
		if (own.approx && q.min <= own.max * 1.1) {
			q.max = q.min;
		} else {
			q.min = isnan(own.min) ? 0 : own.min;
			q.max = parts.min;
			*differ = true;
		}
	}
	return q;
}

bool sum_of(const answer_set *s, arena *scratch, const uint32_t *members, uint32_t count, const sum_key *k, answer_sum *out, bool *used)
{
	*out = (answer_sum){.q = {0, 0, false}};
	const arena_mark mark = arena_marked(scratch);
	node *at = ARENA_NEW(scratch, node, count + 1u), **order = ARENA_NEW(scratch, node *, count + 1u);
	table *member = table_new();
	bool ok = at && order && member;
	for (uint32_t i = 0; ok && i < count; i++) {
		uint32_t *v = table_put(member, &members[i], sizeof members[i], NULL);
		ok = v != NULL;
		if (ok)
			*v = i;
		const answer_exchange *x = &s->at[members[i]];
		at[i] = (node){.place = members[i], .whole = UINT32_MAX, .own = {NAN, NAN, false}, .of_parts = {0, 0, false}};
		const sum_key own = key_for(x, k);
		bool first = true;
		for (uint32_t n = 0; n < x->thing_count; n++) {
			if (!key_counts(x, n, &own))
				continue;
			const answer_interval q = interval_scaled(x->things[n].q, x->things[n].times);
			at[i].own = first ? q : (answer_interval){(isnan(at[i].own.min) ? 0 : at[i].own.min) + (isnan(q.min) ? 0 : q.min), at[i].own.max + q.max,
				at[i].own.approx || q.approx};
			at[i].told |= interval_told(q);
			at[i].has = true;
			out->differ |= x->things[n].differ;
			first = false;
		}
		/* One says it happened, the other that it did not: between nothing and all of it. */
		if (at[i].has && x->contested) {
			at[i].own.min = NAN;
			out->differ = true;
		}
	}
	/* The nearest whole above each that has such a thing itself; links that run in a circle end it. */
	for (uint32_t i = 0; ok && i < count; i++) {
		if (!at[i].has)
			continue;
		uint32_t up = i;
		for (uint32_t step = 0; step < count && at[i].whole == UINT32_MAX; step++) {
			const answer_exchange *x = &s->at[at[up].place];
			uint32_t next = UINT32_MAX;
			for (uint32_t n = 0; n < x->link_count && next == UINT32_MAX; n++) {
				if (x->links[n].type != ANSWER_PART || !x->links[n].out)
					continue;
				const uint32_t place = answer_place(s, x->links[n].other);
				const uint32_t *v = place == UINT32_MAX ? NULL : table_get(member, &place, sizeof place);
				if (v && *v != i)
					next = *v;
			}
			if (next == UINT32_MAX)
				break;
			if (at[next].has)
				at[i].whole = next;
			up = next;
		}
	}
	for (uint32_t i = 0; ok && i < count; i++) {
		order[i] = &at[i];
		for (uint32_t up = at[i].whole; up != UINT32_MAX; up = at[up].whole) {
			if (++at[i].depth > count) {    /* a circle */
				at[i].whole = UINT32_MAX;
				at[i].depth = 0;
				break;
			}
		}
	}
	if (ok && count)
		qsort(order, count, sizeof *order, by_depth);
	for (uint32_t i = 0; ok && i < count; i++) {
		node *n = order[i];
		if (used)
			used[n - at] = n->has;
		if (!n->has)
			continue;
		const answer_interval q = n->parts ? whole_of(n->own, n->of_parts, &out->differ) : n->own;
		out->exchanges++;
		out->unknown += !n->told && !(n->parts && n->of_parts.min > 0);
		if (n->whole != UINT32_MAX) {
			node *w = &at[n->whole];
			w->of_parts = answer_plus(w->of_parts, q);
			w->parts = true;
		} else {
			out->q = answer_plus(out->q, q);
		}
	}
	table_free(member);
	arena_rewind(scratch, mark);
	return ok;
}

static int by_place(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

uint32_t *linked_to(const answer_set *s, arena *a, const uint32_t *members, uint32_t count, answer_link_type t, bool out, bool self, uint32_t *n)
{
	id_list found = {0};
	table *met = table_new();
	bool fresh, ok = met != NULL;
	for (uint32_t i = 0; ok && i < count; i++) {
		ok = table_put(met, &members[i], sizeof members[i], &fresh) != NULL;
		if (ok && fresh)
			id_add(&found, members[i]);
	}
	const size_t own = found.count;
	for (size_t i = 0; ok && i < found.count; i++) {
		const answer_exchange *x = &s->at[found.at[i]];
		for (uint32_t k = 0; ok && k < x->link_count; k++) {
			if (x->links[k].type != t || x->links[k].out != out)
				continue;
			const uint32_t place = answer_place(s, x->links[k].other);
			if (place == UINT32_MAX)
				continue;
			ok = table_put(met, &place, sizeof place, &fresh) != NULL;
			if (ok && fresh)
				id_add(&found, place);
		}
	}
	const size_t from = self ? 0 : own;
	uint32_t *list = ok && !found.refused ? ARENA_NEW(a, uint32_t, found.count - from + 1) : NULL;
	*n = 0;
	for (size_t i = from; list && i < found.count; i++)
		list[(*n)++] = (uint32_t)found.at[i];
	if (list && *n > 1)
		qsort(list, *n, sizeof *list, by_place);
	table_free(met);
	id_free(&found);
	return list;
}
