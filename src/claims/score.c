#include "claims/score.h"

#include <math.h>
#include <stdlib.h>
#include <utf8proc.h>

struct score_set {
	arena *room;
	table *ids;                     /* -> index of the document */
	source_document *documents;     uint32_t count, held;
};

/* ---- reading ---- */

static kula_status keep(score_set *s, const source_document *d)
{
	bool fresh;
	uint32_t *const at = table_put(s->ids, d->d.id, strlen(d->d.id), &fresh);
	if (at == NULL)
		return KULA_EMEMORY;
	if (fresh && s->count == s->held) {
		const uint32_t held = s->held == 0 ? 64 : s->held * 2;
		source_document *const more = base_realloc(s->documents, held * sizeof *more);
		if (more == NULL)
			return KULA_EMEMORY;
		s->documents = more;
		s->held = held;
	}
	if (fresh)
		*at = s->count++;
	s->documents[*at] = *d;
	return KULA_OK;
}

score_set *score_set_read(const char *path, kula_error *err)
{
	score_set *const s = base_malloc(sizeof *s);
	if (s == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for '%s'", path);
		return NULL;
	}
	*s = (score_set){.room = arena_new(SIZE_MAX / 4), .ids = table_new()};
	source *const in = source_open(path, NULL, KULA_NO_DAY, err);
	kula_status status = s->room != NULL && s->ids != NULL ? KULA_OK : KULA_EMEMORY;
	source_document d;
	while (in != NULL && status == KULA_OK && (status = source_next(in, s->room, &d, err)) == KULA_OK)
		if (d.extra == NULL)
			status = keep(s, &d);
	source_close(in);
	if (in != NULL && status == KULA_ENOTFOUND)
		return s;
	if (in != NULL)
		kula_fail(err, status, 0, "no memory for '%s'", path);
	score_set_free(s);
	return NULL;
}

void score_set_free(score_set *s)
{
	if (s == NULL)
		return;
	arena_free(s->room);
	table_free(s->ids);
	free(s->documents);
	free(s);
}

uint32_t score_documents(const score_set *s)
{
	return s->count;
}

/* ---- members: what stands in a claim's lists, made comparable ---- */

typedef struct member {
	const char *text;
	const char *code;               /* of a party; "" for none */
	const kula_item *item;          /* or of an item */
} member;

typedef struct members { member *at; uint32_t n; } members;

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool same_quantity(const kula_item *a, const kula_item *b)
{
	return a->kind == b->kind && same_number(a->q.min, b->q.min) && same_number(a->q.max, b->q.max)
		&& strcmp(a->q.unit, b->q.unit) == 0 && a->q.per == b->q.per;
}

static bool same_member(const member *a, const member *b)
{
	return a->item != NULL ? same_quantity(a->item, b->item) : strcmp(a->code, b->code) == 0;
}

static void add_parties(members *m, const kula_party *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		m->at[m->n++] = (member){p[i].text, p[i].code, NULL};
}

static void add_items(members *m, const kula_item *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		m->at[m->n++] = (member){t[i].text, NULL, &t[i]};
}

/* How many members the two have in common, each counted as often as in the one that has it less often. used: [b.n] */
static uint32_t in_common(members a, members b, bool *used)
{
	uint32_t n = 0;
	memset(used, 0, b.n * sizeof *used);
	for (uint32_t i = 0; i < a.n; i++)
		for (uint32_t j = 0; j < b.n; j++)
			if (!used[j] && same_member(&a.at[i], &b.at[j])) {
				used[j] = true;
				n++;
				break;
			}
	return n;
}

/* ---- words: runs of letters, digits and "_" of any script, in lower case ---- */

typedef struct word_set { uint64_t *at; uint32_t n; } word_set;

static bool is_word(int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return c == '_';
	}
}

static bool is_cased(int32_t c)
{
	const utf8proc_category_t k = utf8proc_category(c);
	return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LL || k == UTF8PROC_CATEGORY_LT;
}

/* Characters that stand inside of a word without a case of their own (Unicode's Case_Ignorable). */
static bool is_case_ignored(int32_t c)
{
	const utf8proc_category_t k = utf8proc_category(c);
	return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME || k == UTF8PROC_CATEGORY_CF || k == UTF8PROC_CATEGORY_LM
		|| k == UTF8PROC_CATEGORY_SK || c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x387 || c == 0x2018
		|| c == 0x2019 || c == 0x2024 || c == 0x2027 || c == 0x55F || c == 0x5F4 || c == 0xFE13 || c == 0xFE52 || c == 0xFE55
		|| c == 0xFF07 || c == 0xFF0E || c == 0xFF1A;
}

/* A capital sigma is written otherwise at the end of a word: behind a letter, with none to follow. */
static bool sigma_ends(const byte *at, size_t i, size_t n)
{
	uint32_t bytes;
	size_t next = i + 2, before = i;
	while (next < n) {
		const int32_t c = (int32_t)utf8_next(at + next, n - next, &bytes);
		if (!is_case_ignored(c)) {
			if (is_cased(c))
				return false;
			break;
		}
		next += bytes;
	}
	while (before > 0) {
		do
			before--;
		while (before > 0 && (at[before] & 0xC0) == 0x80);
		const int32_t c = (int32_t)utf8_next(at + before, n - before, &bytes);
		if (!is_case_ignored(c))
			return is_cased(c);
	}
	return false;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static bool words_of(arena *a, const char *text, word_set *out)
{
	const byte *const at = (const byte *)text;
	const size_t n = strlen(text);
	/* No character's lower case is longer than 3 bytes for each of its own, and no word shorter than a byte. */
	byte *const lower = arena_alloc(a, n * 3 + 4, 1);
	out->at = ARENA_NEW(a, uint64_t, n / 2 + 2);
	out->n = 0;
	if (lower == NULL || out->at == NULL)
		return false;
	size_t length = 0;
	uint32_t bytes;
	for (size_t i = 0; i <= n; i += bytes) {
		bytes = 1;
		const int32_t c = i < n ? (int32_t)utf8_next(at + i, n - i, &bytes) : ' ';
		int32_t low = utf8proc_tolower(c);
		if (c == 0x3A3 && sigma_ends(at, i, n))
			low = 0x3C2;
		if (is_word(low))
			length += utf8_write((uint32_t)low, lower + length);
		/* The capital I with a dot is the one character with two in lower case, the second of them a mark. */
		if ((!is_word(low) || c == 0x130) && length > 0) {
			out->at[out->n++] = hash_bytes(lower, length);
			length = 0;
		}
	}
	qsort(out->at, out->n, sizeof *out->at, by_value);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < out->n; i++)
		if (kept == 0 || out->at[kept - 1] != out->at[i])
			out->at[kept++] = out->at[i];
	out->n = kept;
	return true;
}

static uint32_t words_in_common(word_set a, word_set b)
{
	uint32_t n = 0;
	for (uint32_t i = 0, j = 0; i < a.n && j < b.n;) {
		if (a.at[i] == b.at[j]) {
			n++;
			i++;
			j++;
		} else if (a.at[i] < b.at[j])
			i++;
		else
			j++;
	}
	return n;
}

/* ---- one document ---- */

/* Room for one document's work, drawn from an arena that is emptied behind it. */
typedef struct bench {
	arena *a;
	member *one, *other;
	bool *used;
} bench;

/* Of the members that agree: how many, and how many whose words overlap. */
static bool traced(bench *w, members gold, members read, uint64_t *right, uint64_t *same)
{
	const arena_mark mark = arena_marked(w->a);
	word_set *const words = ARENA_NEW(w->a, word_set, gold.n + 1);
	bool *const gone = ARENA_NEW(w->a, bool, gold.n + 1);
	if (words == NULL || gone == NULL)
		return false;
	for (uint32_t i = 0; i < gold.n; i++)
		if (!words_of(w->a, gold.at[i].text, &words[i]))
			return false;
	for (uint32_t j = 0; j < read.n; j++) {
		word_set mine;
		uint32_t best = UINT32_MAX, most = 0;
		if (!words_of(w->a, read.at[j].text, &mine))
			return false;
		for (uint32_t i = 0; i < gold.n; i++) {
			if (gone[i] || !same_member(&gold.at[i], &read.at[j]))
				continue;
			const uint32_t n = words_in_common(words[i], mine);
			if (best == UINT32_MAX || n > most) {
				best = i;
				most = n;
			}
		}
		if (best == UINT32_MAX)
			continue;
		gone[best] = true;
		*right += 1;
		*same += most > 0 || strcmp(gold.at[best].text, read.at[j].text) == 0;
	}
	arena_rewind(w->a, mark);
	return true;
}

static members side(member *room, const kula_claim *c, bool from, bool to)
{
	members m = {room, 0};
	if (from)
		add_parties(&m, c->from, c->from_count);
	if (to)
		add_parties(&m, c->to, c->to_count);
	return m;
}

static bool same_bag(members a, members b, bool *used)
{
	return a.n == b.n && in_common(a, b, used) == a.n;
}

/* Both acts are the same. */
static bool same_sides(bench *w, const kula_claim *g, const kula_claim *r)
{
	if (kula_act_is_equal(g->act))
		return same_bag(side(w->one, g, true, true), side(w->other, r, true, true), w->used);
	return same_bag(side(w->one, g, true, false), side(w->other, r, true, false), w->used)
		&& same_bag(side(w->one, g, false, true), side(w->other, r, false, true), w->used);
}

static bool same_first_item(const kula_claim *g, const kula_claim *r)
{
	if (g->item_count == 0 || r->item_count == 0)
		return g->item_count == r->item_count;
	return same_quantity(&g->items[0], &r->items[0]);
}

static bool same_first_source(const kula_claim *g, const kula_claim *r)
{
	if (g->said_by_count == 0 || r->said_by_count == 0)
		return g->said_by_count == r->said_by_count;
	return strcmp(g->said_by[0].code, r->said_by[0].code) == 0;
}

/* How much two claims agree, in halves. */
static uint32_t agreement(bench *w, const kula_claim *g, const kula_claim *r)
{
	uint32_t halves = 8;            /* the act */
	if (strcmp(g->trigger, r->trigger) == 0)
		halves += 4;
	else if (strstr(r->trigger, g->trigger) != NULL || (r->trigger[0] != '\0' && strstr(g->trigger, r->trigger) != NULL))
		halves += 2;
	halves += same_sides(w, g, r) ? 4 : 0;
	halves += g->status == r->status;
	halves += same_first_item(g, r) ? 2 : 0;
	return halves;
}

/* The evidence's place in characters; {0,0} where it isn't in the text. */
static kula_span place(const kula_document *d, const char *evidence)
{
	const size_t n = strlen(evidence);
	const char *const hit = n > 0 ? memmem(d->text, d->text_bytes, evidence, n) : NULL;
	kula_span s = {0};
	if (hit == NULL)
		return s;
	for (const char *c = d->text; c < hit; c++)
		s.from += ((byte)*c & 0xC0) != 0x80;
	s.to = s.from;
	for (const char *c = evidence; *c != '\0'; c++)
		s.to += ((byte)*c & 0xC0) != 0x80;
	return s;
}

static bool same_sentence(kula_span a, kula_span b)
{
	const int64_t over = (int64_t)MIN_OF(a.to, b.to) - (int64_t)MAX_OF(a.from, b.from);
	const int64_t m = a.to - a.from, n = b.to - b.from, shorter = MIN_OF(m, n), longer = MAX_OF(m, n);
	return over > 0 && 2 * over >= shorter && 2 * longer <= 3 * shorter;
}

typedef struct couple { uint32_t halves, gold, read; } couple;

static int best_first(const void *a, const void *b)
{
	const couple *const x = a, *const y = b;
	if (x->halves != y->halves)
		return x->halves > y->halves ? -1 : 1;
	if (x->gold != y->gold)
		return x->gold < y->gold ? -1 : 1;
	return (x->read > y->read) - (x->read < y->read);
}

/* pairs: room for the fewer of both; how many there are comes back in *count. */
static bool pair_up(bench *w, const source_document *g, const source_document *r, couple *pairs, uint32_t *count)
{
	const arena_mark mark = arena_marked(w->a);
	kula_span *const gs = ARENA_NEW(w->a, kula_span, g->claim_count + 1), *const rs = ARENA_NEW(w->a, kula_span, r->claim_count + 1);
	bool *const g_gone = ARENA_NEW(w->a, bool, g->claim_count + 1), *const r_gone = ARENA_NEW(w->a, bool, r->claim_count + 1);
	if (gs == NULL || rs == NULL || g_gone == NULL || r_gone == NULL)
		return false;
	for (uint32_t i = 0; i < g->claim_count; i++)
		gs[i] = place(&g->d, g->claims[i].evidence);
	for (uint32_t j = 0; j < r->claim_count; j++)
		rs[j] = place(&g->d, r->claims[j].evidence);
	couple *all = NULL;
	size_t n = 0;
	for (int pass = 0; pass < 2; pass++) {          /* counted first, then kept */
		n = 0;
		for (uint32_t i = 0; i < g->claim_count; i++)
			for (uint32_t j = 0; j < r->claim_count; j++)
				if (g->claims[i].act == r->claims[j].act && same_sentence(gs[i], rs[j])) {
					if (all != NULL)
						all[n] = (couple){agreement(w, &g->claims[i], &r->claims[j]), i, j};
					n++;
				}
		if (all == NULL && (all = ARENA_NEW(w->a, couple, n + 1)) == NULL)
			return false;
	}
	qsort(all, n, sizeof *all, best_first);
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (g_gone[all[i].gold] || r_gone[all[i].read])
			continue;
		g_gone[all[i].gold] = r_gone[all[i].read] = true;
		pairs[(*count)++] = all[i];
	}
	arena_rewind(w->a, mark);
	return true;
}

/* ---- all documents ---- */

typedef struct counts {
	uint64_t found, event, strict, status, read, gold;
	uint64_t parties_hit, parties_read, parties_gold, items_hit, items_read, items_gold, said_hit, said_read, said_gold;
	uint64_t date, date_read, date_gold, trace, trace_right;
} counts;

/* Counts a pair; false: no memory. */
static bool count_pair(bench *w, const kula_claim *g, const kula_claim *r, counts *n, bool *strict)
{
	const bool equal = kula_act_is_equal(g->act), event = same_sides(w, g, r), status = g->status == r->status;
	*strict = event && status && same_first_source(g, r) && same_first_item(g, r);
	n->found++;
	n->event += event;
	n->status += status;
	n->strict += *strict;
	for (int end = 0; end < (equal ? 1 : 2); end++) {
		const members a = side(w->one, g, equal || end == 0, equal || end == 1);
		const members b = side(w->other, r, equal || end == 0, equal || end == 1);
		n->parties_hit += in_common(a, b, w->used);
		if (!traced(w, a, b, &n->trace_right, &n->trace))
			return false;
	}
	members a = {w->one, 0}, b = {w->other, 0};
	add_items(&a, g->items, g->item_count);
	add_items(&b, r->items, r->item_count);
	n->items_hit += in_common(a, b, w->used);
	if (!traced(w, a, b, &n->trace_right, &n->trace))
		return false;
	a.n = b.n = 0;
	add_parties(&a, g->said_by, g->said_by_count);
	add_parties(&b, r->said_by, r->said_by_count);
	n->said_hit += in_common(a, b, w->used);
	const bool g_dated = g->date.first != KULA_NO_DAY, r_dated = r->date.first != KULA_NO_DAY;
	n->date_gold += g_dated;
	n->date_read += r_dated;
	n->date += g_dated && g->date.first == r->date.first && g->date.last == r->date.last;
	return true;
}

static uint32_t count_members(const source_document *d, uint64_t *parties, uint64_t *items, uint64_t *said)
{
	uint32_t most = 0;
	for (uint32_t i = 0; i < d->claim_count; i++) {
		const kula_claim *const c = &d->claims[i];
		*parties += c->from_count + c->to_count;
		*items += c->item_count;
		*said += c->said_by_count;
		most = MAX_OF(most, MAX_OF(c->from_count + c->to_count, MAX_OF(c->item_count, c->said_by_count)));
	}
	return most;
}

static bool count_document(arena *a, const source_document *g, const source_document *r, counts *n, score_miss miss, void *arg)
{
	n->gold += g->claim_count;
	n->read += r->claim_count;
	const uint32_t g_most = count_members(g, &n->parties_gold, &n->items_gold, &n->said_gold);
	const uint32_t r_most = count_members(r, &n->parties_read, &n->items_read, &n->said_read);
	bench w = {a, ARENA_NEW(a, member, g_most + 1), ARENA_NEW(a, member, r_most + 1), ARENA_NEW(a, bool, r_most + 1)};
	couple *const pairs = ARENA_NEW(a, couple, MIN_OF(g->claim_count, r->claim_count) + 1);
	bool *const g_paired = ARENA_NEW(a, bool, g->claim_count + 1), *const r_paired = ARENA_NEW(a, bool, r->claim_count + 1);
	uint32_t count;
	if (w.one == NULL || w.other == NULL || w.used == NULL || pairs == NULL || g_paired == NULL || r_paired == NULL
			|| !pair_up(&w, g, r, pairs, &count))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const kula_claim *const x = &g->claims[pairs[i].gold], *const y = &r->claims[pairs[i].read];
		bool strict;
		g_paired[pairs[i].gold] = r_paired[pairs[i].read] = true;
		if (!count_pair(&w, x, y, n, &strict))
			return false;
		if (!strict && miss != NULL)
			miss(arg, g->d.id, "differs", x, y);
	}
	for (uint32_t i = 0; i < g->claim_count && miss != NULL; i++)
		if (!g_paired[i])
			miss(arg, g->d.id, "missed", &g->claims[i], NULL);
	for (uint32_t j = 0; j < r->claim_count && miss != NULL; j++)
		if (!r_paired[j])
			miss(arg, g->d.id, "invented", NULL, &r->claims[j]);
	return true;
}

score_prf score_of(uint64_t hit, uint64_t read, uint64_t gold)
{
	const double P = read > 0 ? (double)hit / (double)read : 0.0, R = gold > 0 ? (double)hit / (double)gold : 0.0;
	return (score_prf){P, R, P + R > 0 ? 2 * P * R / (P + R) : 0.0, hit, read, gold};
}

static int by_id(const void *a, const void *b, void *arg)
{
	const score_set *const s = arg;
	return strcmp(s->documents[*(const uint32_t *)a].d.id, s->documents[*(const uint32_t *)b].d.id);
}

kula_status score_claims(const score_set *gold, const score_set *read, score_result *out, score_share *shares,
	score_miss miss, void *arg, kula_error *err)
{
	static const source_document unread;
	counts n = {0};
	arena *const a = arena_new(SIZE_MAX / 4);
	score_share *const of_file = base_malloc((gold->count + 1) * sizeof *of_file);
	uint32_t *const order = base_malloc((gold->count + 1) * sizeof *order);
	bool good = a != NULL && of_file != NULL && order != NULL;
	for (uint32_t i = 0; i < gold->count && good; i++) {
		const source_document *const g = &gold->documents[i];
		const uint32_t *const at = table_get(read->ids, g->d.id, strlen(g->d.id));
		const counts before = n;
		arena_clear(a);
		good = count_document(a, g, at != NULL ? &read->documents[*at] : &unread, &n, miss, arg);
		of_file[i] = (score_share){n.found - before.found, n.event - before.event, n.strict - before.strict,
			n.read - before.read, n.gold - before.gold};
		order[i] = i;
	}
	if (good && shares != NULL) {
		qsort_r(order, gold->count, sizeof *order, by_id, (void *)(uintptr_t)gold);
		for (uint32_t i = 0; i < gold->count; i++)
			shares[i] = of_file[order[i]];
	}
	arena_free(a);
	free(of_file);
	free(order);
	if (!good)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory to compare the claims");
	*out = (score_result){
		.documents = gold->count,
		.found = score_of(n.found, n.read, n.gold),
		.event = score_of(n.event, n.read, n.gold),
		.strict = score_of(n.strict, n.read, n.gold),
		.parties = score_of(n.parties_hit, n.parties_read, n.parties_gold),
		.items = score_of(n.items_hit, n.items_read, n.items_gold),
		.said_by = score_of(n.said_hit, n.said_read, n.said_gold),
		.date = score_of(n.date, n.date_read, n.date_gold),
		.status = n.found > 0 ? (double)n.status / (double)n.found : 0.0,
		.trace = n.trace_right > 0 ? (double)n.trace / (double)n.trace_right : 0.0,
	};
	return KULA_OK;
}

/* ---- intervals ---- */

/* Random numbers as Python's random has them, so that the contract's scorer and this one draw the same documents.
 * Method: Matsumoto and Nishimura, "Mersenne Twister", 1998; seeded by their init_by_array with the one word 1. */
typedef struct twister { uint32_t state[624]; uint32_t at; } twister;

static void twister_seed(twister *t, uint32_t seed)
{
	uint32_t *const s = t->state;
	uint32_t i = 1;
	s[0] = 19650218u;
	for (uint32_t k = 1; k < 624; k++)
		s[k] = 1812433253u * (s[k - 1] ^ s[k - 1] >> 30) + k;
	for (uint32_t k = 624; k > 0; k--) {
		s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1664525u) + seed;
		if (++i == 624) {
			s[0] = s[623];
			i = 1;
		}
	}
	for (uint32_t k = 623; k > 0; k--) {
		s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1566083941u) - i;
		if (++i == 624) {
			s[0] = s[623];
			i = 1;
		}
	}
	s[0] = 0x80000000u;
	t->at = 624;
}

static uint32_t twister_word(twister *t)
{
	uint32_t *const s = t->state;
	if (t->at == 624) {
		for (uint32_t k = 0; k < 624; k++) {
			const uint32_t y = (s[k] & 0x80000000u) | (s[(k + 1) % 624] & 0x7FFFFFFFu);
			s[k] = s[(k + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908B0DFu : 0);
		}
		t->at = 0;
	}
	uint32_t y = s[t->at++];
	y ^= y >> 11;
	y ^= y << 7 & 0x9D2C5680u;
	y ^= y << 15 & 0xEFC60000u;
	return y ^ y >> 18;
}

static double twister_real(twister *t)
{
	const uint32_t a = twister_word(t) >> 5, b = twister_word(t) >> 6;
	return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0);
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

kula_status score_interval(const score_share *shares, uint32_t count, score_bounds out[3], kula_error *err)
{
	enum { DRAWS = 1000 };
	double (*const F1)[DRAWS] = base_malloc(3 * sizeof *F1);
	twister *const t = base_malloc(sizeof *t);
	if (F1 == NULL || t == NULL) {
		free(F1);
		free(t);
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for the intervals");
	}
	twister_seed(t, 1);
	for (uint32_t draw = 0; draw < DRAWS; draw++) {
		score_share sum = {0};
		for (uint32_t i = 0; i < count; i++) {
			const score_share *const s = &shares[(uint32_t)(twister_real(t) * count)];
			sum.found += s->found;
			sum.event += s->event;
			sum.strict += s->strict;
			sum.read += s->read;
			sum.gold += s->gold;
		}
		F1[0][draw] = score_of(sum.found, sum.read, sum.gold).F1;
		F1[1][draw] = score_of(sum.event, sum.read, sum.gold).F1;
		F1[2][draw] = score_of(sum.strict, sum.read, sum.gold).F1;
	}
	for (int k = 0; k < 3; k++) {
		qsort(F1[k], DRAWS, sizeof F1[k][0], by_size);
		out[k] = (score_bounds){F1[k][25], F1[k][974]};
	}
	free(F1);
	free(t);
	return KULA_OK;
}
