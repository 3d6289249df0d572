/* agreements.c: pacts with who signed and ratified them, what they oblige to, what was done under them, who broke them. Links say
 * so (`under`), and where there is none the name under which a text speaks of a pact. */
#include "answer/room.h"
#include <stdlib.h>

static const char *const role_names[ANSWER_ROLES] = {"agreed", "signed", "ratified", "obligation", "act", "breach", "end"};
const char *answer_role_name(answer_part_role r) { return r < ANSWER_ROLES ? role_names[r] : ""; }

/* ---- names ---- */

enum { NAME_WORDS = 12 };
typedef struct name_words { const char *at[NAME_WORDS]; size_t n[NAME_WORDS]; uint32_t count; } name_words;

/* What any pact may be called tells none from another. */
static bool says_nothing(const char *w, size_t n)
{
	static const char *const words[] = {"the", "of", "and", "on", "for", "a", "an", "to", "in", "with", "between", "its", "their", "new", "this",
		"agreement", "agreements", "treaty", "pact", "deal", "accord", "accords", "contract", "convention", "protocol", "memorandum",
		"understanding", "mou", "document", "documents"};
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (same_folded(w, n, words[i]))
			return true;
	return n < 2 && !is_digit((byte)*w);
}

static name_words words_of(const char *name)
{
	name_words w = {0};
	for (const char *p = name ? name : ""; *p && w.count < NAME_WORDS;) {
		while (*p && !is_alpha((byte)*p) && !is_digit((byte)*p) && (byte)*p < 128)
			p++;
		const char *from = p;
		while (*p && (is_alpha((byte)*p) || is_digit((byte)*p) || (byte)*p >= 128))
			p++;
		const size_t n = (size_t)(p - from);
		if (n && !says_nothing(from, n)) {
			w.at[w.count] = from;
			w.n[w.count++] = n;
		}
	}
	return w;
}

static bool same_word(const char *a, size_t n, const char *b, size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (to_lower((byte)a[i]) != to_lower((byte)b[i]))
			return false;
	return true;
}

/* Two names of one pact: of the shorter one's telling words at least two in three are in the other. */
static bool same_name(const char *a, const char *b)
{
	const name_words x = words_of(a), y = words_of(b);
	const name_words *less = x.count <= y.count ? &x : &y, *more = less == &x ? &y : &x;
	uint32_t common = 0;
	for (uint32_t i = 0; i < less->count; i++)
		for (uint32_t k = 0; k < more->count; k++)
			if (same_word(less->at[i], less->n[i], more->at[k], more->n[k])) {
				common++;
				break;
			}
	return common > 0 && common * 3 >= less->count * 2;
}

/* ---- which exchanges make up a pact ---- */

static bool is_pact(kula_act a) { return a == KULA_SIGN || a == KULA_AGREE; }

static bool shares_party(const answer_exchange *x, const answer_exchange *y)
{
	const struct { const kula_party *p; uint32_t n; } a[] = {{x->from, x->from_count}, {x->to, x->to_count}}, b[] = {{y->from, y->from_count}, {y->to, y->to_count}};
	for (int i = 0; i < 2; i++)
		for (uint32_t k = 0; k < a[i].n; k++)
			for (int j = 0; j < 2 && *a[i].p[k].code; j++)
				if (has_code(b[j].p, b[j].n, a[i].p[k].code))
					return true;
	return false;
}

static answer_part_role role_of(const answer_exchange *x)
{
	if (is_pact(x->act))
		return x->act == KULA_SIGN ? ANSWER_SIGNED : ANSWER_AGREED;
	if (x->act == KULA_RATIFY)
		return ANSWER_RATIFIED;
	if (x->act == KULA_BREACH)
		return ANSWER_BREACHED;
	if (x->act == KULA_END)
		return ANSWER_ENDED;
	return x->fact && status_happened(x->status) ? ANSWER_ACT : ANSWER_OBLIGATION;
}

typedef struct sorting { const answer_set *s; } sorting;

static int clause_order(const void *left, const void *right, void *arg)
{
	const answer_clause *x = left, *y = right;
	const answer_set *s = ((const sorting *)arg)->s;
	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	const answer_exchange *a = &s->at[x->exchange], *b = &s->at[y->exchange];
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->exchange < b->exchange ? -1 : a->exchange > b->exchange;
}

typedef struct group { uint32_t *up; } group;

static uint32_t root_of(const group *g, uint32_t i)
{
	while (g->up[i] != i)
		i = g->up[i];
	return i;
}

kula_status answer_agreements_of(const answer_set *s, arena *a, answer_agreements *out, kula_error *err)
{
	*out = (answer_agreements){0};
	group g = {.up = ARENA_NEW(a, uint32_t, s->count + 1u)};
	uint32_t *row_of = ARENA_NEW(a, uint32_t, s->count + 1u);
	bool *named = ARENA_NEW(a, bool, s->count + 1u), *taken = ARENA_NEW(a, bool, s->count + 1u);
	if (!g.up || !row_of || !named || !taken)
		return answer_no_memory(err);
	/* Signings of one name between the same parties are one pact, told twice or reached first and signed later. */
	for (uint32_t e = 0; e < s->count; e++) {
		g.up[e] = e;
		row_of[e] = UINT32_MAX;
		if (!is_pact(s->at[e].act) || !s->at[e].agreement)
			continue;
		for (uint32_t o = 0; o < e; o++)
			if (is_pact(s->at[o].act) && s->at[o].agreement && root_of(&g, o) != root_of(&g, e) && same_name(s->at[o].agreement, s->at[e].agreement)
				&& shares_party(&s->at[o], &s->at[e]))
				g.up[root_of(&g, e)] = root_of(&g, o);
	}
	/* What a link puts under a pact; a link is to one signing of it. */
	for (uint32_t e = 0; e < s->count; e++) {
		const answer_exchange *x = &s->at[e];
		for (uint32_t k = 0; k < x->link_count && !is_pact(x->act); k++) {
			if (x->links[k].type != ANSWER_UNDER || !x->links[k].out)
				continue;
			const uint32_t at = answer_place(s, x->links[k].other);
			if (at != UINT32_MAX && is_pact(s->at[at].act)) {
				g.up[e] = root_of(&g, at);
				taken[e] = true;
				break;
			}
		}
	}
	/* Else its name, where it names a pact: that of its parties, signed before it where there are several. */
	for (uint32_t e = 0; e < s->count; e++) {
		const answer_exchange *x = &s->at[e];
		const bool of_pacts = x->act == KULA_RATIFY || x->act == KULA_BREACH || x->act == KULA_END;
		if (taken[e] || is_pact(x->act) || !x->agreement)
			continue;
		uint32_t best = UINT32_MAX;
		for (uint32_t o = 0; o < s->count; o++) {
			const answer_exchange *y = &s->at[o];
			const bool host = is_pact(y->act) || (of_pacts && o < e && root_of(&g, o) == o && (y->act == KULA_RATIFY || y->act == KULA_BREACH || y->act == KULA_END));
			if (o == e || !host || !y->agreement || !same_name(x->agreement, y->agreement) || !shares_party(x, y))
				continue;
			if (best == UINT32_MAX || (is_pact(y->act) && !is_pact(s->at[best].act)) || (y->day <= x->day && y->day > s->at[best].day))
				best = o;
		}
		if (best != UINT32_MAX && root_of(&g, best) != e) {
			g.up[e] = root_of(&g, best);
			named[e] = true;
		}
	}
	/* Rows: groups with a pact, or a ratification, breach or end of a named one; those that were asked for. */
	out->rows = ARENA_NEW(a, answer_agreement, s->count + 1u);
	if (!out->rows)
		return answer_no_memory(err);
	for (uint32_t e = 0; e < s->count; e++) {
		const answer_exchange *x = &s->at[e];
		const bool counts = is_pact(x->act) || x->act == KULA_RATIFY || ((x->act == KULA_BREACH || x->act == KULA_END) && x->agreement);
		const uint32_t root = root_of(&g, e);
		if (!counts || e >= s->asked || row_of[root] != UINT32_MAX)
			continue;
		row_of[root] = out->count;
		out->rows[out->count++] = (answer_agreement){.exchange = e};
	}
	for (uint32_t e = 0; e < s->count; e++)
		if (row_of[root_of(&g, e)] != UINT32_MAX)
			out->rows[row_of[root_of(&g, e)]].clause_count++;
	for (uint32_t i = 0; i < out->count; i++) {
		out->rows[i].clauses = ARENA_NEW(a, answer_clause, out->rows[i].clause_count);
		if (!out->rows[i].clauses)
			return answer_no_memory(err);
		out->rows[i].clause_count = 0;
	}
	for (uint32_t e = 0; e < s->count; e++) {
		const uint32_t row = row_of[root_of(&g, e)];
		if (row == UINT32_MAX)
			continue;
		answer_agreement *r = &out->rows[row];
		const answer_exchange *x = &s->at[e];
		r->clauses[r->clause_count++] = (answer_clause){role_of(x), e, named[e]};
		/* the fullest name; a signing's before another's */
		if (x->agreement && (!r->name || (is_pact(x->act) && !r->is_signed) || (is_pact(x->act) && strlen(x->agreement) > strlen(r->name))))
			r->name = x->agreement;
		if (is_pact(x->act) && !r->is_signed) {
			r->is_signed = x->act == KULA_SIGN && x->status == KULA_DONE;
			r->exchange = e;
		}
	}
	sorting by = {s};
	for (uint32_t i = 0; i < out->count; i++)
		if (out->rows[i].clause_count > 1)
			qsort_r(out->rows[i].clauses, out->rows[i].clause_count, sizeof *out->rows[i].clauses, clause_order, &by);
	return KULA_OK;
}
