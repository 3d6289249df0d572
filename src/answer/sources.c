/* sources.c: who is credited with what, how often others say the same, how often somebody contradicts it. */
#include "answer/room.h"
#include <stdlib.h>

enum { VERBS = 8 };
typedef struct tally {
	answer_source s;
	struct { const char *verb; uint32_t count; } verbs[VERBS];
	uint32_t seen_exchange, seen_contradicted;      /* place + 1 of the exchange that was counted last */
} tally;

typedef struct work { arena *a; table *of; tally *at; uint32_t count, room; } work;

/* The source of a claim: the outermost that it is credited to, else the publisher. */
static tally *tally_of(work *w, const ledger_claim *k)
{
	char key[300];
	const kula_party *p = k->c.said_by_count ? &k->c.said_by[0] : NULL;
	const char *name = p ? p->text : k->publisher ? k->publisher : k->doc;
	int n;
	if (p && *p->code)
		n = snprintf(key, sizeof key, "c%s", p->code);
	else
		n = snprintf(key, sizeof key, "%c%.280s", p ? 't' : 'p', name);
	for (int i = 1; i < n; i++)
		key[i] = (char)to_lower((byte)key[i]);
	bool fresh;
	uint32_t *at = table_put(w->of, key, (size_t)n, &fresh);
	if (!at)
		return NULL;
	if (fresh) {
		if (w->count == w->room) {
			const uint32_t room = w->room ? w->room * 2 : 64;
			tally *more = ARENA_NEW(w->a, tally, room);
			if (!more)
				return NULL;
			if (w->count)
				memcpy(more, w->at, w->count * sizeof *more);
			w->at = more;
			w->room = room;
		}
		*at = w->count;
		w->at[w->count++] = (tally){.s = {.name = name, .code = p && *p->code ? p->code : NULL, .own_voice = !p, .first_day = KULA_NO_DAY,
			.last_day = KULA_NO_DAY}};
	}
	return &w->at[*at];
}

static void count_verb(tally *t, const char *verb)
{
	for (uint32_t i = 0; verb && i < VERBS; i++) {
		if (!t->verbs[i].verb)
			t->verbs[i].verb = verb;
		if (strcmp(t->verbs[i].verb, verb) == 0) {
			t->verbs[i].count++;
			return;
		}
	}
}

static int by_claims(const void *left, const void *right)
{
	const answer_source *x = left, *y = right;
	if (x->own_voice != y->own_voice)
		return x->own_voice ? 1 : -1;
	if (x->claims != y->claims)
		return x->claims > y->claims ? -1 : 1;
	const int code = strcmp(x->code ? x->code : "", y->code ? y->code : "");
	return code ? code : strcmp(x->name, y->name);
}

kula_status answer_sources_of(const answer_set *s, arena *a, answer_sources *out, kula_error *err)
{
	*out = (answer_sources){0};
	work w = {.a = a, .of = table_new()};
	bool ok = w.of != NULL;
	for (uint32_t e = 0; ok && e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		uint32_t only = UINT32_MAX;     /* by number: the tallies may move */
		bool several = false;
		for (uint32_t i = 0; ok && i < x->account_count; i++) {
			const ledger_claim *k = &x->accounts[i];
			tally *t = tally_of(&w, k);
			if (!t) {
				ok = false;
				break;
			}
			t->s.claims++;
			t->s.acts[k->c.act]++;
			if (k->c.said_by_count)
				count_verb(t, k->c.said_by[0].verb);
			if (t->s.claims == 1 || (k->published != KULA_NO_DAY && k->published < t->s.first_day)) {
				t->s.first_day = k->published;
				snprintf(t->s.first, sizeof t->s.first, "%.23s", k->number);
			}
			if (t->s.claims == 1 || k->published >= t->s.last_day) {
				t->s.last_day = k->published;
				snprintf(t->s.last, sizeof t->s.last, "%.23s", k->number);
			}
			if (t->seen_exchange != e + 1) {
				t->seen_exchange = e + 1;
				t->s.exchanges++;
			}
			several |= only != UINT32_MAX && only != (uint32_t)(t - w.at);
			only = (uint32_t)(t - w.at);
		}
		/* alone, or with others whose accounts are independent */
		for (uint32_t i = 0; ok && i < x->account_count; i++) {
			tally *t = tally_of(&w, &x->accounts[i]);
			ok = t != NULL;
			if (!ok || t->seen_exchange != e + 1)
				continue;
			t->seen_exchange = 0;   /* once for each exchange */
			if (!several)
				t->s.alone++;
			else if (x->independent > 1 && x->difference_count == 0)
				t->s.confirmed++;
		}
		for (uint32_t k = 0; ok && k < x->difference_count; k++) {
			const uint32_t sides[2] = {x->differences[k].one, x->differences[k].other};
			for (int i = 0; ok && i < 2; i++) {
				tally *t = tally_of(&w, &x->accounts[sides[i]]);
				ok = t != NULL;
				if (ok && t->seen_contradicted != e + 1) {
					t->seen_contradicted = e + 1;
					t->s.contradicted++;
				}
			}
		}
	}
	table_free(w.of);
	out->rows = ok ? ARENA_NEW(a, answer_source, w.count + 1u) : NULL;
	if (!out->rows)
		return answer_no_memory(err);
	for (uint32_t i = 0; i < w.count; i++) {
		tally *t = &w.at[i];
		while (t->s.verb_count < COUNT_OF(t->s.verbs)) {
			uint32_t best = VERBS;
			for (uint32_t v = 0; v < VERBS; v++)
				if (t->verbs[v].count && (best == VERBS || t->verbs[v].count > t->verbs[best].count))
					best = v;
			if (best == VERBS)
				break;
			t->s.verbs[t->s.verb_count++] = t->verbs[best].verb;
			t->verbs[best].count = 0;
		}
		out->rows[out->count++] = t->s;
	}
	if (out->count)
		qsort(out->rows, out->count, sizeof *out->rows, by_claims);
	return KULA_OK;
}
