#include <stdlib.h>
#include "ledger/join_room.h"

/* Near copies of one text, and the accounts of an exchange that don't repeat one another. */

/* Sketch: the smallest hashes of all runs of five words (Broder's min-wise sketch, one function, k smallest). */
void join_sketch_fill(const char *text, size_t bytes, kula_day published, uint64_t document, join_sketch *out)
{
	enum { RUN = 5 };
	uint32_t run[RUN] = {0}, words = 0;
	*out = (join_sketch){ .document = document, .day = published == KULA_NO_DAY ? 0 : published };
	for (size_t i = 0; i < bytes; ) {
		while (i < bytes && !is_alpha((byte)text[i]) && !is_digit((byte)text[i]) && (byte)text[i] < 128) i++;
		const size_t from = i;
		while (i < bytes && (is_alpha((byte)text[i]) || is_digit((byte)text[i]) || (byte)text[i] > 127)) i++;
		if (i == from)
			break;
		memmove(run, run + 1, sizeof run - sizeof run[0]);
		run[RUN - 1] = join_hash(text + from, i - from);
		if (++words < RUN)
			continue;
		const uint32_t h = join_hash(run, sizeof run);
		uint32_t k = out->n;
		while (k > 0 && out->at[k - 1] > h) k--;
		if ((k > 0 && out->at[k - 1] == h) || k >= JOIN_SKETCH)
			continue;
		const uint32_t last = out->n < JOIN_SKETCH ? out->n : JOIN_SKETCH - 1;
		for (uint32_t m = last; m > k; m--)
			out->at[m] = out->at[m - 1];
		out->at[k] = h;
		if (out->n < JOIN_SKETCH) out->n++;
	}
}

double join_sketch_near(const join_sketch *a, const join_sketch *b)
{
	/* of the smallest hashes of both together, the share that both have */
	uint32_t taken = 0, common = 0, i = 0, j = 0;
	while (taken < JOIN_SKETCH && (i < a->n || j < b->n)) {
		if (i < a->n && j < b->n && a->at[i] == b->at[j]) { common++; i++; j++; }
		else if (j >= b->n || (i < a->n && a->at[i] < b->at[j])) i++;
		else j++;
		taken++;
	}
	return taken ? (double)common / taken : 0;
}

struct join_copies { uint32_t count; struct { uint64_t document, group; } *at; };
typedef struct sketched { uint32_t hash; int32_t day; uint32_t text; } sketched;

static int by_hash(const void *x, const void *y)
{
	const sketched *a = x, *b = y;
	if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
	if (a->day != b->day) return a->day < b->day ? -1 : 1;
	return a->text < b->text ? -1 : a->text > b->text;
}
static int by_document(const void *x, const void *y)
{
	const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
	return a < b ? -1 : a > b;
}

static const double near_copy = 0.25;   /* half of the text rewritten still leaves a third of its runs */

uint32_t join_sketch_least(const join_sketch *s) { return MAX_OF((uint32_t)ceil(near_copy * s->n - 1e-9), 1u); }

bool join_sketch_copies(const join_sketch *a, const join_sketch *b)
{
	const int64_t gap = (int64_t)a->day - b->day;
	return gap >= -JOIN_COPY_DAYS && gap <= JOIN_COPY_DAYS && join_sketch_near(a, b) >= near_copy;
}

join_copies *join_copies_new(arena *a, const join_sketch *s, uint32_t count)
{
	join_copies *c = ARENA_NEW(a, join_copies, 1);
	uint32_t *up = ARENA_NEW(a, uint32_t, count + 1u);
	sketched *all = ARENA_NEW(a, sketched, (size_t)count * JOIN_SKETCH + 1);
	if (!c || !up || !all || !(c->at = arena_alloc(a, count + 1u, sizeof *c->at)))
		return NULL;
	size_t n = 0;
	for (uint32_t i = 0; i < count; i++) {
		up[i] = i;
		for (uint32_t k = 0; k < s[i].n; k++)
			all[n++] = (sketched){ s[i].at[k], s[i].day, i };
	}
	qsort(all, n, sizeof *all, by_hash);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && all[to].hash == all[from].hash; to++) {}
		for (size_t p = from; p < to; p++)
			for (size_t q = p + 1; q < to && (int64_t)all[q].day - all[p].day <= JOIN_COPY_DAYS; q++) {
				uint32_t x = all[p].text, y = all[q].text;
				while (up[x] != x) x = up[x];
				while (up[y] != y) y = up[y];
				if (x != y && join_sketch_copies(&s[all[p].text], &s[all[q].text]))
					up[MAX_OF(x, y)] = MIN_OF(x, y);
			}
	}
	/* the smallest identity names a group, so that its name doesn't hang on the order of arrival */
	uint64_t *name = ARENA_NEW(a, uint64_t, count + 1u);
	if (!name)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		name[i] = UINT64_MAX;
	c->count = count;
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < count; i++) {
			uint32_t x = i;
			while (up[x] != x) x = up[x];
			name[x] = MIN_OF(name[x], s[i].document);
			c->at[i].document = s[i].document;
			c->at[i].group = name[x];
		}
	qsort(c->at, count, sizeof *c->at, by_document);
	return c;
}

join_copies *join_copies_given(arena *a, const uint64_t *documents, const uint64_t *groups, uint32_t count)
{
	join_copies *c = ARENA_NEW(a, join_copies, 1);
	if (!c || !(c->at = arena_alloc(a, count + 1u, sizeof *c->at)))
		return NULL;
	c->count = count;
	for (uint32_t i = 0; i < count; i++) {
		c->at[i].document = documents[i];
		c->at[i].group = groups[i];
	}
	qsort(c->at, count, sizeof *c->at, by_document);
	return c;
}

uint64_t join_copies_group(const join_copies *c, uint64_t document)
{
	size_t lo = 0, hi = c ? c->count : 0;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (c->at[mid].document < document) lo = mid + 1;
		else hi = mid;
	}
	return c && lo < c->count && c->at[lo].document == document ? c->at[lo].group : document;
}

/* A report counts once for all its near copies, and not at all for what it only credits to another's publisher. */
kula_status join_accounts(arena *a, const join_face *faces, const join_copies *near, join_result *x, kula_error *err)
{
	x->independent = ARENA_NEW(a, uint32_t, x->count + 1u);
	uint64_t *seen = ARENA_NEW(a, uint64_t, x->count ? x->first[x->count] + 1u : 1u);
	if (!x->independent || !seen)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for accounts");
	for (uint32_t e = 0; e < x->count; e++) {
		uint32_t n = 0;
		for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++) {
			const join_face *f = &faces[x->members[i]];
			bool quoted = false;
			for (uint32_t j = x->first[e]; !quoted && j < x->first[e + 1]; j++) {
				const join_face *g = &faces[x->members[j]];
				quoted = f->document != g->document && f->said_name.n && g->publisher_name.n &&
					g->published <= f->published && join_likeness(&f->said_name, &g->publisher_name) >= 1;
			}
			if (quoted)
				continue;
			/* a register that compiles two reports into a row has two accounts there */
			const uint64_t group = join_copies_group(near, f->document) ^ (f->table && f->said_count ? (uint64_t)f->said[0] << 32 : 0);
			uint32_t k = 0;
			while (k < n && seen[k] != group) k++;
			if (k == n) seen[n++] = group;
		}
		x->independent[e] = MAX_OF(n, 1u);
	}
	return KULA_OK;
}
