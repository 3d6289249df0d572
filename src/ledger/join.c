#include <stdlib.h>
#include "ledger/join_room.h"

/* From faces to exchanges. Everything works on ranks (places in the order of join_face_order), never on the order in which
 * the caller gave the faces, so any order of arrival gives the same exchanges.
 *
 *	index      (family, code, code) -> claims, by day      a claim meets those of its dyad; one with an open side, all of its code
 *	pairs      scored; those above the threshold bind claims into components
 *	exchanges  within a component, edges from the strongest down: two groups become one if the average over all pairs
 *	           between them is above the threshold and no pair forbids it
 */

typedef struct entry { uint64_t key; int32_t day; uint32_t rank; } entry;
typedef struct pair { uint32_t a, b; double score; } pair;      /* ranks, a < b */

enum { ANY = 1, DYAD = 2 };

static uint64_t key_of(uint8_t shape, uint8_t family, bool fact, uint32_t a, uint32_t b)
{
	struct { uint32_t a, b; uint8_t shape, family, fact, none; } k = { MIN_OF(a, b), MAX_OF(a, b), shape, family, fact, 0 };
	return hash_bytes(&k, sizeof k);
}

static uint32_t whole_code(const join_rules *r, uint32_t code)
{
	for (uint32_t i = 0; i < r->code_count; i++)
		if (r->code_of[i] == code)
			return r->code_whole[i];
	return code;
}

/* The day a claim stands at: the middle of its date, else its publication. */
static int32_t stands_at(const join_face *f)
{
	if (days_told(f->date))
		return f->date.first + (f->date.last - f->date.first) / 2;
	return f->published == KULA_NO_DAY ? 0 : f->published;
}
static int32_t published_at(const join_face *f) { return f->published == KULA_NO_DAY ? 0 : f->published; }

bool join_candidates(const join_rules *r, const join_face *a, const join_face *b)
{
	if (r->family[a->act] != r->family[b->act])
		return false;
	const bool fact = status_is_fact(a->status);
	if (fact != status_is_fact(b->status) || (!fact && a->status != b->status))
		return false;
	const int32_t days = r->days[a->act];
	const int64_t told = (int64_t)published_at(a) - published_at(b), at = (int64_t)stands_at(a) - stands_at(b);
	if ((told > days || told < -days) && (at > days || at < -days))
		return false;
	const party_relation p = join_parties(r, a, b);
	return !p.from.apart && !p.to.apart && !(p.from.open && p.to.open);
}

/* The keys that a claim is filed under: every dyad, and every code. */
enum { KEYS_MOST = JOIN_SIDE * JOIN_SIDE + 2 * JOIN_SIDE };

static bool has_code(const uint32_t *codes, uint8_t n)
{
	for (int i = 0; i < n; i++)
		if (codes[i])
			return true;
	return false;
}
/* One side is nobody or nobody with a code. */
static bool is_half(const join_face *f) { return !has_code(f->from, f->from_count) || !has_code(f->to, f->to_count); }

static uint32_t keys_of(const join_rules *r, const join_face *f, uint64_t *keys)
{
	uint32_t n = 0;
	const uint8_t family = r->family[f->act];
	const bool fact = status_is_fact(f->status);
	uint32_t from[JOIN_SIDE], to[JOIN_SIDE], from_count = 0, to_count = 0;
	for (int i = 0; i < f->from_count; i++) if (f->from[i]) from[from_count++] = whole_code(r, f->from[i]);
	for (int i = 0; i < f->to_count; i++) if (f->to[i]) to[to_count++] = whole_code(r, f->to[i]);
	for (uint32_t i = 0; i < from_count; i++) {
		keys[n++] = key_of(ANY, family, fact, from[i], 0);
		for (uint32_t j = 0; j < to_count; j++)
			keys[n++] = key_of(DYAD, family, fact, from[i], to[j]);
	}
	for (uint32_t j = 0; j < to_count; j++)
		keys[n++] = key_of(ANY, family, fact, to[j], 0);
	return n;
}

static int by_key(const void *x, const void *y)
{
	const entry *a = x, *b = y;
	if (a->key != b->key) return a->key < b->key ? -1 : 1;
	if (a->day != b->day) return a->day < b->day ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}
static int by_ranks(const void *x, const void *y)
{
	const pair *a = x, *b = y;
	if (a->a != b->a) return a->a < b->a ? -1 : 1;
	return a->b < b->b ? -1 : a->b > b->b;
}
static int by_score(const void *x, const void *y)
{
	const pair *a = x, *b = y;
	if (a->score != b->score) return a->score > b->score ? -1 : 1;
	return by_ranks(x, y);
}

/* ---- a working set ---- */

typedef struct work {
	const join_rules *r;
	const join_face **face;         /* [n] by rank */
	uint32_t *rank_of;              /* [n] rank of face i */
	uint32_t  n;
	pair     *pairs;   size_t pair_count, pair_room;
	uint64_t  looked;
} work;

static void work_clear(work *w)
{
	free(w->face);
	free(w->rank_of);
	free(w->pairs);
}

typedef struct ranked { const join_face *f; uint32_t i; } ranked;
static int by_face(const void *x, const void *y)
{
	const ranked *a = x, *b = y;
	const int o = join_face_order(a->f, b->f);
	return o ? o : a->i < b->i ? -1 : a->i > b->i;
}

static bool work_begin(work *w, const join_rules *r, const join_face *faces, uint32_t n)
{
	*w = (work){ .r = r, .n = n };
	w->face = base_malloc(MAX_OF(n, 1u) * sizeof *w->face);
	w->rank_of = base_malloc(MAX_OF(n, 1u) * sizeof *w->rank_of);
	ranked *order = base_malloc(MAX_OF(n, 1u) * sizeof *order);
	if (!w->face || !w->rank_of || !order) {
		free(order);
		return false;
	}
	for (uint32_t i = 0; i < n; i++)
		order[i] = (ranked){ &faces[i], i };
	qsort(order, n, sizeof *order, by_face);
	for (uint32_t k = 0; k < n; k++) {
		w->face[k] = order[k].f;
		w->rank_of[order[k].i] = k;
	}
	free(order);
	return true;
}

static bool add_pair(work *w, uint32_t a, uint32_t b)
{
	if (a == b || !join_candidates(w->r, w->face[a], w->face[b]))
		return true;
	if (w->pair_count == w->pair_room) {
		const size_t room = w->pair_room ? w->pair_room * 2 : 256;
		pair *p = base_realloc(w->pairs, room * sizeof *p);
		if (!p)
			return false;
		w->pairs = p;
		w->pair_room = room;
	}
	w->pairs[w->pair_count++] = (pair){ MIN_OF(a, b), MAX_OF(a, b), 0 };
	return true;
}

/* Fills w->pairs with every candidate once, in order of ranks. Each index is walked twice: by the day of publication and by
 * the day of the act, since either nearness makes a candidate. */
static bool find_pairs(work *w)
{
	size_t count = 0;
	entry *e = base_malloc(MAX_OF(w->n, 1u) * (size_t)KEYS_MOST * sizeof *e);
	if (!e)
		return false;
	bool ok = true;
	for (int walk = 0; ok && walk < 2; walk++) {
		count = 0;
		for (uint32_t k = 0; k < w->n; k++) {
			uint64_t keys[KEYS_MOST];
			const uint32_t n = keys_of(w->r, w->face[k], keys);
			for (uint32_t i = 0; i < n; i++)
				e[count++] = (entry){ keys[i], walk ? stands_at(w->face[k]) : published_at(w->face[k]), k };
		}
		qsort(e, count, sizeof *e, by_key);
		/* groups that hold only claims with both sides meet inside their dyads; ANY groups are for the half-told */
		for (size_t from = 0, to; ok && from < count; from = to) {
			for (to = from + 1; to < count && e[to].key == e[from].key; to++) {}
			const join_face *f = w->face[e[from].rank];
			const int32_t days = w->r->days[f->act];
			const uint8_t family = w->r->family[f->act];
			const bool fact = status_is_fact(f->status);
			bool any = false;
			for (int s = 0; s < f->from_count + f->to_count; s++) {
				const uint32_t code = s < f->from_count ? f->from[s] : f->to[s - f->from_count];
				if (code && key_of(ANY, family, fact, whole_code(w->r, code), 0) == e[from].key) any = true;
			}
			for (size_t p = from; ok && p < to; p++) {
				const bool p_half = is_half(w->face[e[p].rank]);
				for (size_t q = p + 1; ok && q < to && e[q].day - e[p].day <= days; q++) {
					if (any && !p_half && !is_half(w->face[e[q].rank]))
						continue;
					w->looked++;
					ok = add_pair(w, e[p].rank, e[q].rank);
				}
			}
		}
	}
	free(e);
	if (!ok)
		return false;
	qsort(w->pairs, w->pair_count, sizeof *w->pairs, by_ranks);
	size_t kept = 0;
	for (size_t i = 0; i < w->pair_count; i++)
		if (!kept || by_ranks(&w->pairs[kept - 1], &w->pairs[i]))
			w->pairs[kept++] = w->pairs[i];
	w->pair_count = kept;
	return true;
}

/* ---- exchanges ---- */

static uint32_t find_root(uint32_t *up, uint32_t i)
{
	while (up[i] != i) {
		up[i] = up[up[i]];
		i = up[i];
	}
	return i;
}

/* Groups as rings of next[]; root[] names the smallest rank of a group. */
typedef struct groups { uint32_t *up, *next, *size; } groups;

static void join_groups(groups *g, uint32_t a, uint32_t b)
{
	const uint32_t lo = MIN_OF(a, b), hi = MAX_OF(a, b);
	g->up[hi] = lo;
	g->size[lo] += g->size[hi];
	const uint32_t t = g->next[lo];
	g->next[lo] = g->next[hi];
	g->next[hi] = t;
}

static const pair *pair_at(const work *w, const size_t *first, uint32_t a, uint32_t b)
{
	if (a > b) { const uint32_t t = a; a = b; b = t; }
	size_t lo = first[a], hi = first[a + 1];
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (w->pairs[mid].b < b) lo = mid + 1;
		else hi = mid;
	}
	return lo < first[a + 1] && w->pairs[lo].b == b ? &w->pairs[lo] : NULL;
}

enum { JUDGED = 1000000 };      /* a score that no average outweighs */
enum { GROUP_LOOKS = 4096 };    /* pairs looked at between two groups before they count as apart */

/* The average over all pairs between the groups of a and b; -INFINITY where one forbids it. */
static double between(const work *w, const groups *g, const size_t *first, uint32_t a, uint32_t b)
{
	if ((uint64_t)g->size[a] * g->size[b] > GROUP_LOOKS)
		return -INFINITY;
	double sum = 0;
	uint32_t i = a;
	do {
		uint32_t j = b;
		do {
			const pair *p = pair_at(w, first, i, j);
			const double s = p ? p->score : w->r->absent;
			if (s < w->r->veto)
				return -INFINITY;
			sum += s;
			j = g->next[j];
		} while (j != b);
		i = g->next[i];
	} while (i != a);
	return sum / ((double)g->size[a] * g->size[b]);
}

/* A person's "not the same" stands between the two groups. */
static bool forbidden(const work *w, const groups *g, const size_t *first, uint32_t a, uint32_t b)
{
	uint32_t i = a;
	do {
		uint32_t j = b;
		do {
			const pair *p = pair_at(w, first, i, j);
			if (p && p->score <= -JUDGED)
				return true;
			j = g->next[j];
		} while (j != b);
		i = g->next[i];
	} while (i != a);
	return false;
}

typedef struct ruling { uint32_t a, b, order; bool same; } ruling;
static int by_ruling(const void *x, const void *y)
{
	const ruling *a = x, *b = y;
	if (a->a != b->a) return a->a < b->a ? -1 : 1;
	if (a->b != b->b) return a->b < b->b ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static bool apply_judgements(work *w, const join_judgement *judged, uint32_t n)
{
	ruling *all = base_malloc(MAX_OF(n, 1u) * sizeof *all);
	if (!all)
		return false;
	uint32_t count = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (judged[i].a >= w->n || judged[i].b >= w->n || judged[i].a == judged[i].b)
			continue;
		const uint32_t a = w->rank_of[judged[i].a], b = w->rank_of[judged[i].b];
		all[count++] = (ruling){ MIN_OF(a, b), MAX_OF(a, b), i, judged[i].same };
	}
	qsort(all, count, sizeof *all, by_ruling);
	bool ok = true;
	size_t before = w->pair_count;
	for (uint32_t i = 0; ok && i < count; i++) {
		if (i + 1 < count && all[i].a == all[i + 1].a && all[i].b == all[i + 1].b)
			continue;               /* the last one counts */
		const pair key = { all[i].a, all[i].b, 0 };
		pair *p = before ? bsearch(&key, w->pairs, before, sizeof *p, by_ranks) : NULL;
		const double score = all[i].same ? JUDGED : -JUDGED;
		if (p) {
			p->score = score;
			continue;
		}
		if (w->pair_count == w->pair_room) {
			const size_t room = w->pair_room ? w->pair_room * 2 : 256;
			pair *grown = base_realloc(w->pairs, room * sizeof *grown);
			if (!grown) { ok = false; break; }
			w->pairs = grown;
			w->pair_room = room;
		}
		w->pairs[w->pair_count++] = (pair){ all[i].a, all[i].b, score };
	}
	free(all);
	if (ok && w->pair_count > before)
		qsort(w->pairs, w->pair_count, sizeof *w->pairs, by_ranks);
	return ok;
}

static bool make_groups(work *w, groups *g)
{
	g->up = base_malloc((w->n + 1u) * sizeof *g->up);
	g->next = base_malloc((w->n + 1u) * sizeof *g->next);
	g->size = base_malloc((w->n + 1u) * sizeof *g->size);
	size_t *first = base_malloc((w->n + 1u) * sizeof *first);
	pair *edges = base_malloc(MAX_OF(w->pair_count, (size_t)1) * sizeof *edges);
	if (!g->up || !g->next || !g->size || !first || !edges) {
		free(first);
		free(edges);
		return false;
	}
	for (uint32_t i = 0; i < w->n; i++) {
		g->up[i] = g->next[i] = i;
		g->size[i] = 1;
	}
	size_t at = 0;
	for (uint32_t i = 0; i <= w->n; i++) {
		while (at < w->pair_count && w->pairs[at].a < i) at++;
		first[i] = at;
	}
	size_t count = 0;
	for (size_t i = 0; i < w->pair_count; i++)
		if (w->pairs[i].score > w->r->threshold || (w->pairs[i].score > w->r->threshold - w->r->contested &&
			join_contests(w->r, w->face[w->pairs[i].a], w->face[w->pairs[i].b])))
			edges[count++] = w->pairs[i];
	qsort(edges, count, sizeof *edges, by_score);
	/* a claim that another source sets against its neighbour speaks of whatever the neighbour speaks of: it fits the rest of
	 * the exchange badly by its nature ("not a single animal was sold"), so it isn't weighed against the rest */
	bool *follows = base_malloc((w->n + 1u) * sizeof *follows);
	pair *leads = base_malloc((w->n + 1u) * sizeof *leads);
	if (!follows || !leads) {
		free(follows); free(leads); free(first); free(edges);
		return false;
	}
	memset(follows, 0, (w->n + 1u) * sizeof *follows);
	uint32_t led = 0;
	for (size_t i = 0; i < count; i++) {
		const uint32_t a = edges[i].a, b = edges[i].b;
		if (edges[i].score >= JUDGED || !join_contests(w->r, w->face[a], w->face[b]))
			continue;
		const uint32_t follower = w->face[a]->status == KULA_DENIED && w->face[b]->status != KULA_DENIED ? a : b;
		const uint32_t leader = follower == a ? b : a;
		if (follows[follower] || follows[leader])
			continue;
		follows[follower] = true;
		leads[led++] = (pair){ leader, follower, 0 };
	}
	/* a person's "the same" binds before anything is weighed */
	size_t k = 0;
	for (; k < count && edges[k].score >= JUDGED; k++) {
		const uint32_t a = find_root(g->up, edges[k].a), b = find_root(g->up, edges[k].b);
		if (a != b) join_groups(g, a, b);
	}
	for (bool changed = true; changed; ) {
		changed = false;
		for (size_t i = k; i < count; i++) {
			if (follows[edges[i].a] || follows[edges[i].b] || !(edges[i].score > w->r->threshold))
				continue;
			const uint32_t a = find_root(g->up, edges[i].a), b = find_root(g->up, edges[i].b);
			if (a == b || !(between(w, g, first, a, b) > w->r->threshold))
				continue;
			join_groups(g, a, b);
			changed = true;
		}
	}
	for (uint32_t i = 0; i < led; i++) {
		const uint32_t a = find_root(g->up, leads[i].a), b = find_root(g->up, leads[i].b);
		if (a != b && !forbidden(w, g, first, a, b)) join_groups(g, a, b);
	}
	free(follows);
	free(leads);
	free(first);
	free(edges);
	return true;
}

kula_status join_rest(const join_rules *r, arena *a, const join_face *faces, const join_copies *near, join_result *out, kula_error *err)
{
	out->link_count = out->difference_count = 0;
	kula_status s = join_accounts(a, faces, near, out, err);
	if (s == KULA_OK) s = join_differ(r, a, faces, out, err);
	if (s == KULA_OK) s = join_link_all(r, a, faces, out, err);
	return s;
}

kula_status join_all(const join_rules *r, arena *a, const join_face *faces, uint32_t count,
	const join_judgement *judged, uint32_t judged_count, const join_copies *near, join_result *out, kula_error *err)
{
	work w;
	groups g = {0};
	*out = (join_result){0};
	bool ok = work_begin(&w, r, faces, count) && find_pairs(&w);
	if (ok) {
		for (size_t i = 0; i < w.pair_count; i++)
			w.pairs[i].score = join_score(r, w.face[w.pairs[i].a], w.face[w.pairs[i].b]);
		ok = apply_judgements(&w, judged, judged_count) && make_groups(&w, &g);
	}
	if (ok) {
		out->pairs = w.pair_count;
		out->exchange_of = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		out->first = ARENA_NEW(a, uint32_t, count + 2u);
		out->members = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		uint32_t *number = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		uint32_t *face_at = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		ok = out->exchange_of && out->first && out->members && number && face_at;
		if (ok) {
			for (uint32_t i = 0; i < count; i++)
				face_at[w.rank_of[i]] = i;
			for (uint32_t k = 0; k < count; k++)
				if (find_root(g.up, k) == k)
					number[k] = out->count++;
			for (uint32_t k = 0; k < count; k++) {
				const uint32_t x = number[find_root(g.up, k)];
				out->exchange_of[face_at[k]] = x;
				out->first[x + 1]++;
			}
			for (uint32_t x = 0; x < out->count; x++)
				out->first[x + 1] += out->first[x];
			uint32_t *fill = number;        /* no longer needed as numbers */
			for (uint32_t x = 0; x < out->count; x++)
				fill[x] = out->first[x];
			for (uint32_t k = 0; k < count; k++) {
				const uint32_t x = out->exchange_of[face_at[k]];
				out->members[fill[x]++] = face_at[k];
			}
		}
	}
	free(g.up);
	free(g.next);
	free(g.size);
	work_clear(&w);
	if (!ok)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory to join %u claims", count);
	return join_rest(r, a, faces, near, out, err);
}

kula_status join_pairs(const join_rules *r, const join_face *faces, uint32_t count,
	void (*see)(void *arg, uint32_t a, uint32_t b, const double *x), void *arg, kula_error *err)
{
	work w;
	bool ok = work_begin(&w, r, faces, count) && find_pairs(&w);
	uint32_t *face_at = ok ? base_malloc(MAX_OF(count, 1u) * sizeof *face_at) : NULL;
	if (face_at) {
		double x[JOIN_FEATURES_MAX];
		for (uint32_t i = 0; i < count; i++)
			face_at[w.rank_of[i]] = i;
		for (size_t i = 0; i < w.pair_count; i++) {
			join_features(r, w.face[w.pairs[i].a], w.face[w.pairs[i].b], x);
			see(arg, face_at[w.pairs[i].a], face_at[w.pairs[i].b], x);
		}
	}
	const bool done = face_at;
	free(face_at);
	work_clear(&w);
	return done ? KULA_OK : kula_fail(err, KULA_EMEMORY, 0, "no memory to pair %u claims", count);
}
