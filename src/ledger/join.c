#include <stdlib.h>
#include "ledger/join_room.h"

/* From faces to exchanges. Everything works on ranks (places in the order of join_face_order), never on the order in which
 * the caller gave the faces, so any order of arrival gives the same exchanges.
 *
 *	index      (family, code, code) -> claims, by day
 *	pairs      scored; those above the threshold bind claims into components
 *	exchanges  within a component, edges from the strongest down: two groups become one if the average over all pairs
 *	           between them is above the threshold and no pair forbids it
 */

typedef struct entry { uint64_t key; int32_t day; uint32_t rank; } entry;
typedef struct pair { uint32_t a, b; double score; } pair;      /* ranks, a < b */

/* ---- the index ----
 *
 * A claim is filed under its dyad, and under each code by itself; one with an open side also as such. It asks under its dyad,
 * and for those who leave a side open: the half-told ask for everybody of their code. Near in time the dyad is enough; far
 * apart the kind of thing must agree as well, and a key that very many claims share (FAR_MOST) says nothing. */

enum { SHAPE_ANY = 1, SHAPE_HALF, SHAPE_DYAD, SHAPE_FAR, SHAPE_TOLD };
enum { NO_KIND = 255 };

static uint64_t key_of(uint8_t shape, uint8_t family, bool fact, uint8_t kind, uint32_t a, uint32_t b)
{
	struct { uint32_t a, b; uint8_t shape, family, fact, kind; } k = { MIN_OF(a, b), MAX_OF(a, b), shape, family, fact, kind };
	return hash_bytes(&k, sizeof k);
}

uint32_t join_whole_code(const join_rules *r, uint32_t code)
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

uint32_t join_days(const join_face *f, int32_t days[2])
{
	days[0] = f->published == KULA_NO_DAY ? 0 : f->published;
	days[1] = stands_at(f);
	return days[0] == days[1] ? 1 : 2;
}

/* Two rows of one register, or two exchanges of one row: never the same. */
static bool told_apart(const join_face *a, const join_face *b) { return a->table && a->table == b->table && a->told != b->told; }

bool join_candidates(const join_rules *r, const join_face *a, const join_face *b)
{
	if (told_apart(a, b))
		return false;
	if (r->family[a->act] != r->family[b->act])
		return false;
	const bool fact = status_is_fact(a->status);
	if (fact != status_is_fact(b->status) || (!fact && a->status != b->status))
		return false;
	const party_relation p = join_parties(r, a, b);
	return !p.from.apart && !p.to.apart && !(p.from.open && p.to.open);
}

static uint32_t coded(const join_rules *r, const uint32_t *codes, uint8_t n, uint32_t *out)
{
	uint32_t count = 0;
	for (int i = 0; i < n; i++)
		if (codes[i]) out[count++] = join_whole_code(r, codes[i]);
	return count;
}

static void put_key(join_key *keys, uint32_t *n, uint64_t key, int32_t reach, bool far)
{
	for (uint32_t i = 0; i < *n; i++)
		if (keys[i].key == key)
			return;
	if (*n < JOIN_KEYS)
		keys[(*n)++] = (join_key){ key, reach, far };
}

uint32_t join_keys(const join_rules *r, const join_face *f, bool ask, join_key keys[JOIN_KEYS])
{
	uint32_t n = 0, from[JOIN_SIDE], to[JOIN_SIDE];
	const uint8_t family = r->family[f->act];
	const bool fact = status_is_fact(f->status);
	const int32_t near = r->near[f->act], days = r->days[f->act];
	const uint32_t from_count = coded(r, f->from, f->from_count, from), to_count = coded(r, f->to, f->to_count, to);
	const bool half = !from_count || !to_count;
	if (f->table)           /* another edition of the table, whenever it came out */
		put_key(keys, &n, key_of(SHAPE_TOLD, family, fact, NO_KIND, f->told, f->table), 1 << 28, false);
	for (uint32_t i = 0; i < MAX_OF(from_count, 1u); i++)
		for (uint32_t j = 0; j < MAX_OF(to_count, 1u); j++) {
			const uint32_t a = from_count ? from[i] : 0, b = to_count ? to[j] : 0;
			put_key(keys, &n, key_of(SHAPE_DYAD, family, fact, NO_KIND, a, b), near, false);
			if (!f->item_count)
				put_key(keys, &n, key_of(SHAPE_FAR, family, fact, NO_KIND, a, b), days, true);
			for (int k = 0; k < f->item_count; k++)
				if (f->items[k].in < 0)
					put_key(keys, &n, key_of(SHAPE_FAR, family, fact, f->items[k].kind, a, b), days, true);
		}
	for (uint32_t i = 0; i < from_count + to_count; i++) {
		const uint32_t code = i < from_count ? from[i] : to[i - from_count];
		if (!ask || half)
			put_key(keys, &n, key_of(SHAPE_ANY, family, fact, NO_KIND, code, 0), near, false);
		if (ask ? !half : half)
			put_key(keys, &n, key_of(SHAPE_HALF, family, fact, NO_KIND, code, 0), near, false);
	}
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

typedef struct seen { uint64_t key; double score; } seen;

enum { WEIGHED = 4096 };
typedef struct weighed { uint32_t a, b, a_size, b_size; double score; } weighed;  /* sizes are at least 1: empty is 0 */

typedef struct work {
	const join_rules *r;
	const join_face **face;         /* [n] by rank */
	uint32_t *rank_of;              /* [n] rank of face i */
	uint32_t  n;
	pair     *pairs;   size_t pair_count, pair_room;
	pair     *barred;  size_t barred_count;         /* judged not the same */
	seen     *seen;    size_t seen_room, seen_count;
	weighed  *weighed;                              /* NULL: not worth remembering */
} work;

static void work_clear(work *w)
{
	free(w->face);
	free(w->rank_of);
	free(w->pairs);
	free(w->barred);
	free(w->seen);
	free(w->weighed);
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

/* The first entry that is not before (key, day). */
static size_t entry_at(const entry *e, size_t count, uint64_t key, int64_t day)
{
	size_t lo = 0, hi = count;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (e[mid].key < key || (e[mid].key == key && e[mid].day < day)) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}

/* Fills w->pairs with every candidate once, in order of ranks. */
static bool find_pairs(work *w)
{
	size_t count = 0;
	entry *e = base_malloc(MAX_OF(w->n, 1u) * (size_t)(2 * JOIN_KEYS) * sizeof *e);
	if (!e)
		return false;
	join_key keys[JOIN_KEYS];
	int32_t days[2];
	for (uint32_t k = 0; k < w->n; k++) {
		const uint32_t n = join_keys(w->r, w->face[k], false, keys), d = join_days(w->face[k], days);
		for (uint32_t i = 0; i < n; i++)
			for (uint32_t m = 0; m < d; m++)
				e[count++] = (entry){ keys[i].key, days[m], k };
	}
	qsort(e, count, sizeof *e, by_key);
	bool ok = true;
	for (uint32_t k = 0; ok && k < w->n; k++) {
		const uint32_t n = join_keys(w->r, w->face[k], true, keys), d = join_days(w->face[k], days);
		for (uint32_t i = 0; ok && i < n; i++) {
			if (keys[i].far && entry_at(e, count, keys[i].key, INT64_MAX) - entry_at(e, count, keys[i].key, INT64_MIN) > JOIN_FAR_MOST)
				continue;
			for (uint32_t m = 0; ok && m < d; m++)
				for (size_t q = entry_at(e, count, keys[i].key, (int64_t)days[m] - keys[i].reach); ok && q < count &&
					e[q].key == keys[i].key && e[q].day <= (int64_t)days[m] + keys[i].reach; q++)
					ok = add_pair(w, k, e[q].rank);
		}
	}
	free(e);
	if (!ok)
		return false;
	if (w->pair_count) qsort(w->pairs, w->pair_count, sizeof *w->pairs, by_ranks);
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

enum { JUDGED = 1000000 };      /* a score that no average outweighs */
enum { GROUP_LOOKS = 4096 };    /* more pairs between two groups than this, and they stay apart */

/* The score of any two, whether or not the index brought them together: a judgement's, else the faces'. */
static double score_of(work *w, uint32_t a, uint32_t b)
{
	if (a > b) { const uint32_t t = a; a = b; b = t; }
	const uint64_t key = ((uint64_t)a << 32 | b) + 1;
	const size_t mask = w->seen_room - 1;
	size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & mask;
	while (w->seen[at].key && w->seen[at].key != key)
		at = (at + 1) & mask;
	if (w->seen[at].key)
		return w->seen[at].score;
	const double s = told_apart(w->face[a], w->face[b]) ? -JUDGED : join_candidates(w->r, w->face[a], w->face[b]) ? join_score(w->r, w->face[a], w->face[b]) : w->r->absent;
	if (w->seen_count * 4 < w->seen_room * 3) {     /* a full table only costs the time to score again */
		w->seen[at] = (seen){ key, s };
		w->seen_count++;
	}
	return s;
}

static bool seen_begin(work *w)
{
	w->seen_room = 64;
	while (w->seen_room < w->pair_count * 4 && w->seen_room < (size_t)1 << 24) w->seen_room *= 2;
	w->seen = base_malloc(w->seen_room * sizeof *w->seen);
	if (!w->seen)
		return false;
	memset(w->seen, 0, w->seen_room * sizeof *w->seen);
	for (size_t i = 0; i < w->pair_count; i++) {
		const uint64_t key = ((uint64_t)w->pairs[i].a << 32 | w->pairs[i].b) + 1;
		size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (w->seen_room - 1);
		while (w->seen[at].key) at = (at + 1) & (w->seen_room - 1);
		if (w->seen_count * 4 >= w->seen_room * 3)
			break;
		w->seen[at] = (seen){ key, w->pairs[i].score };
		w->seen_count++;
	}
	return true;
}

/* The average over all pairs between the groups of a and b; -INFINITY where one forbids it. */
static double average(work *w, const groups *g, uint32_t a, uint32_t b)
{
	if ((uint64_t)g->size[a] * g->size[b] > GROUP_LOOKS)
		return -INFINITY;
	double sum = 0;
	uint32_t i = a;
	do {
		uint32_t j = b;
		do {
			const double s = score_of(w, i, j);
			if (s < w->r->veto)
				return -INFINITY;
			sum += s;
			j = g->next[j];
		} while (j != b);
		i = g->next[i];
	} while (i != a);
	return sum / ((double)g->size[a] * g->size[b]);
}

/* The same, remembered: a group is its first member and its size, since groups only grow. */
static double between(work *w, const groups *g, uint32_t a, uint32_t b)
{
	if (!w->weighed)
		return average(w, g, MIN_OF(a, b), MAX_OF(a, b));
	const weighed key = { MIN_OF(a, b), MAX_OF(a, b), g->size[MIN_OF(a, b)], g->size[MAX_OF(a, b)], 0 };
	weighed *k = &w->weighed[(key.a * 0x9E3779B1u ^ key.b * 0x85EBCA77u ^ key.a_size * 0xC2B2AE3Du ^ key.b_size) % WEIGHED];
	if (k->a == key.a && k->b == key.b && k->a_size == key.a_size && k->b_size == key.b_size)
		return k->score;
	*k = key;
	k->score = average(w, g, key.a, key.b);
	return k->score;
}

/* A person's "not the same" stands between the two groups. */
static bool forbidden(work *w, const groups *g, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < w->barred_count; i++) {
		const uint32_t x = find_root(g->up, w->barred[i].a), y = find_root(g->up, w->barred[i].b);
		if ((x == a && y == b) || (x == b && y == a))
			return true;
	}
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
	w->barred = base_malloc(MAX_OF(n, 1u) * sizeof *w->barred);
	if (!all || !w->barred) {
		free(all);
		return false;
	}
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
		if (!all[i].same) w->barred[w->barred_count++] = key;
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
	pair *edges = base_malloc(MAX_OF(w->pair_count, (size_t)1) * sizeof *edges);
	if (!g->up || !g->next || !g->size || !edges) {
		free(edges);
		return false;
	}
	for (uint32_t i = 0; i < w->n; i++) {
		g->up[i] = g->next[i] = i;
		g->size[i] = 1;
	}
	size_t count = 0;
	for (size_t i = 0; i < w->pair_count; i++)
		if (join_is_edge(w->r, w->face[w->pairs[i].a], w->face[w->pairs[i].b], w->pairs[i].score))
			edges[count++] = w->pairs[i];
	qsort(edges, count, sizeof *edges, by_score);
	if (count > 64 && (w->weighed = base_malloc(WEIGHED * sizeof *w->weighed))) memset(w->weighed, 0, WEIGHED * sizeof *w->weighed);
	/* a claim that another source sets against its neighbour speaks of whatever the neighbour speaks of: it fits the rest of
	 * the exchange badly by its nature ("not a single animal was sold"), so it isn't weighed against the rest */
	bool *follows = base_malloc((w->n + 1u) * sizeof *follows);
	pair *leads = base_malloc((w->n + 1u) * sizeof *leads);
	if (!follows || !leads) {
		free(follows); free(leads); free(edges);
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
			if (a == b || !(between(w, g, a, b) > w->r->threshold))
				continue;
			join_groups(g, a, b);
			changed = true;
		}
	}
	for (uint32_t i = 0; i < led; i++) {
		const uint32_t a = find_root(g->up, leads[i].a), b = find_root(g->up, leads[i].b);
		if (a != b && !forbidden(w, g, a, b)) join_groups(g, a, b);
	}
	free(follows);
	free(leads);
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

bool join_is_edge(const join_rules *r, const join_face *a, const join_face *b, double score)
{
	return score > r->threshold || (score > r->threshold - r->contested && join_contests(r, a, b));
}

/* Pairs are there and scored: groups, numbered by their earliest claims. */
static kula_status bind(work *w, arena *a, const join_judgement *judged, uint32_t judged_count, join_result *out, kula_error *err)
{
	groups g = {0};
	const uint32_t count = w->n;
	bool ok = apply_judgements(w, judged, judged_count) && seen_begin(w) && make_groups(w, &g);
	if (ok) {
		out->pairs = w->pair_count;
		out->exchange_of = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		out->first = ARENA_NEW(a, uint32_t, count + 2u);
		out->members = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		uint32_t *number = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		uint32_t *face_at = ARENA_NEW(a, uint32_t, MAX_OF(count, 1u));
		ok = out->exchange_of && out->first && out->members && number && face_at;
		if (ok) {
			for (uint32_t i = 0; i < count; i++)
				face_at[w->rank_of[i]] = i;
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
	return ok ? KULA_OK : kula_fail(err, KULA_EMEMORY, 0, "no memory to join %u claims", count);
}

kula_status join_bind(const join_rules *r, arena *a, const join_face *faces, uint32_t count, const join_edge *edges, size_t edge_count,
	const join_judgement *judged, uint32_t judged_count, join_result *out, kula_error *err)
{
	work w;
	*out = (join_result){0};
	bool ok = work_begin(&w, r, faces, count);
	w.pairs = ok ? base_malloc((edge_count + 1) * sizeof *w.pairs) : NULL;
	ok = w.pairs != NULL;
	for (size_t i = 0; ok && i < edge_count; i++) {
		const uint32_t x = w.rank_of[edges[i].a], y = w.rank_of[edges[i].b];
		w.pairs[w.pair_count++] = (pair){ MIN_OF(x, y), MAX_OF(x, y), edges[i].score };
	}
	w.pair_room = edge_count + 1;
	if (ok && w.pair_count) qsort(w.pairs, w.pair_count, sizeof *w.pairs, by_ranks);
	const kula_status s = ok ? bind(&w, a, judged, judged_count, out, err) :
		kula_fail(err, KULA_EMEMORY, 0, "no memory to join %u claims", count);
	work_clear(&w);
	return s;
}

kula_status join_all(const join_rules *r, arena *a, const join_face *faces, uint32_t count,
	const join_judgement *judged, uint32_t judged_count, const join_copies *near, join_result *out, kula_error *err)
{
	work w;
	*out = (join_result){0};
	const bool ok = work_begin(&w, r, faces, count) && find_pairs(&w);
	kula_status s = KULA_OK;
	if (!ok)
		s = kula_fail(err, KULA_EMEMORY, 0, "no memory to join %u claims", count);
	else {
		for (size_t i = 0; i < w.pair_count; i++)
			w.pairs[i].score = join_score(r, w.face[w.pairs[i].a], w.face[w.pairs[i].b]);
		s = bind(&w, a, judged, judged_count, out, err);
	}
	work_clear(&w);
	return s == KULA_OK ? join_rest(r, a, faces, near, out, err) : s;
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
