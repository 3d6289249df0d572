#include "claims/decode.h"
#include <math.h>
#include <stdlib.h>

#define LONGEST_ROLE 14u        /* words of a span */
#define START_LEAST -4.5f       /* log odds of a start that are not worth a look */
#define MOST_SPANS 12u          /* of one role of one claim */
#define MOST_CODES 96u          /* different codes in the running for one span */

/* ---- settings ---- */

#define SETTINGS (8u + 2u * ROLES + KULA_ACTS)

/* Tensor "settings", f32: trigger, second, calibration 0..3, same, both, a threshold for each role's best span, one for its further spans,
 * then for each act the log odds of one party at both ends. */
kula_status settings_read(settings *s, const model *m, kula_error *err)
{
	tensor t;
	const kula_status st = model_tensor(m, "settings", 0, 1, &t, err);
	if (st != KULA_OK)
		return st;
	if (t.dim[0] != SETTINGS)
		return kula_fail(err, KULA_EFORMAT, 0, "weights: 'settings' has %u numbers, this version reads %u", t.dim[0], SETTINGS);
	const float *v = t.at;
	s->trigger = v[0];
	s->second = v[1];
	memcpy(s->calibration, v + 2, sizeof s->calibration);
	s->same = v[6];
	s->both = v[7];
	memcpy(s->role, v + 8, sizeof s->role);
	memcpy(s->more, v + 8 + ROLES, sizeof s->more);
	memcpy(s->self, v + 8 + 2 * ROLES, sizeof s->self);
	return KULA_OK;
}

/* The natural logarithm by our own operations: libm's differs in the last bit between machines. x > 0. */
static float log_of(float x)
{
	int e;
	double m = frexp((double)x, &e);                             /* exact */
	if (m < 0.70710678118654752440) {
		m *= 2;
		e--;
	}
	const double z = (m - 1) / (m + 1), zz = z * z;              /* ln m = 2 atanh z, |z| < 0.172 */
	double sum = 0;
	for (int i = 13; i >= 1; i -= 2)
		sum = sum * zz + 1.0 / i;
	return (float)(2 * z * sum + e * 0.69314718055994530942);
}

/* The index of the highest of x[0], x[stride], ...; the first of equals. next, if asked for, gets the runner-up, UINT32_MAX
 * where there is none. */
static uint32_t best_of(const float *x, uint32_t n, uint32_t stride, uint32_t *next)
{
	uint32_t best = 0, second = UINT32_MAX;
	for (uint32_t i = 1; i < n; i++) {
		if (x[i * stride] > x[best * stride]) {
			second = best;
			best = i;
		} else if (second == UINT32_MAX || x[i * stride] > x[second * stride]) {
			second = i;
		}
	}
	if (next != NULL)
		*next = second;
	return best;
}

/* ---- one document at work ---- */

typedef struct word_span { uint32_t from, to; float score; } word_span;
typedef struct span_list { word_span at[MOST_SPANS]; uint32_t n; } span_list;

typedef struct resolved {
	char  code[2][KULA_CODE_BYTES];
	float p[2], next;               /* next: probability of the runner-up that was left out */
	char  next_code[KULA_CODE_BYTES];
	uint32_t n;                     /* 1 or 2 parties behind one span */
	int32_t anchor;                 /* the name that weighed most, -1 nobody, -2 publisher */
} resolved;

typedef struct desk {
	const heads *h;
	const settings *s;
	const know *k;
	const candidates *c;
	const text_doc *doc;
	const kula_document *d;
	const decoder *with;
	const bool *encoded;
	uint32_t offset;
	arena *a, *keep;
	word_vectors lower, whole;      /* of the chapter, behind the lower layers and behind all */
	/* names in the running: nobody, the publisher's country, then every reading of every mention */
	name_place *names;
	const char **name_code;
	uint8_t *name_share;
	uint32_t name_count, name_first;        /* name_first: where the mentions begin */
	name_vectors nv;
	const char **folded;                    /* [words] */
	bool why;
} desk;

static const char *span_text(const desk *k, uint32_t from, uint32_t to)
{
	const uint32_t a = k->doc->words[from].at.from, b = k->doc->words[to - 1].at.to;
	return arena_text(k->keep, k->doc->text + a, b - a);
}

static kula_span span_bytes(const desk *k, uint32_t from, uint32_t to)
{
	return (kula_span){ k->doc->words[from].at.from + k->offset, k->doc->words[to - 1].at.to + k->offset };
}

static bool is_capital(const desk *k, uint32_t w)
{
	const uint8_t s = k->doc->words[w].shape;
	return s == SHAPE_INITIAL || s == SHAPE_CAPS || s == SHAPE_MIXED;
}

static bool same_word(const desk *k, uint32_t v, uint32_t w)
{
	return strcmp(k->folded[v], k->folded[w]) == 0;
}

/* ---- names ---- */

static bool gather_names(desk *k)
{
	const candidates *c = k->c;
	const char *publisher = know_publisher(k->k, k->d->publisher != NULL ? k->d->publisher : "");
	k->name_first = publisher != NULL && publisher[0] ? 2 : 1;
	k->name_count = k->name_first + c->mention_count;
	k->names = ARENA_NEW(k->a, name_place, k->name_count);
	k->name_code = ARENA_NEW(k->a, const char *, k->name_count);
	k->name_share = ARENA_NEW(k->a, uint8_t, k->name_count);
	k->folded = ARENA_NEW(k->a, const char *, k->doc->word_count + 1u);
	if (k->names == NULL || k->name_code == NULL || k->name_share == NULL || k->folded == NULL)
		return false;
	for (uint32_t w = 0; w < k->doc->word_count; w++) {
		uint32_t n;
		const byte *at = word_bytes(k->doc, w, &n);
		k->folded[w] = text_fold(k->a, at, n);
		if (k->folded[w] == NULL)
			return false;
	}
	k->names[0].type = NAME_TYPES;
	k->name_code[0] = "";
	if (k->name_first == 2) {
		k->names[1].type = NAME_TYPES + 1;
		k->name_code[1] = publisher;
	}
	for (uint32_t i = 0; i < c->mention_count; i++) {
		const mention *m = &c->mentions[i];
		k->names[k->name_first + i] = (name_place){ m->word_from, m->word_to, m->type, m->rank, m->prior, m->in_date };
		k->name_code[k->name_first + i] = m->code;
	}
	/* a code's share of the document's names, in fifths */
	uint32_t all = 0;
	for (uint32_t i = 0; i < c->mention_count; i++)
		all += c->mentions[i].rank == 0 && c->mentions[i].code[0];
	table *t = table_new();
	if (t == NULL)
		return false;
	for (uint32_t i = 0; i < c->mention_count; i++) {
		const mention *m = &c->mentions[i];
		if (m->rank == 0 && m->code[0]) {
			bool fresh;
			uint32_t *n = table_put(t, m->code, strlen(m->code), &fresh);
			if (n != NULL)
				++*n;
		}
	}
	for (uint32_t i = 0; i < k->name_count; i++) {
		const uint32_t *n = table_get(t, k->name_code[i], strlen(k->name_code[i]));
		k->name_share[i] = (uint8_t)(n != NULL ? MIN_OF(4u, 5u * *n / MAX_OF(1u, all)) : 0);
	}
	table_free(t);
	return heads_names(k->h, k->a, &k->whole, k->names, k->name_count, &k->nv);
}

#define NEAR_WORDS 6u

/* train/data.py's pair_features is the same. */
static pair_place place_of(const desk *k, uint32_t from, uint32_t to, uint32_t name)
{
	const text_doc *d = k->doc;
	const name_place *m = &k->names[name];
	const uint32_t s = d->words[from].sentence, t = d->words[m->word_from].sentence;
	const bool title = d->sentences[t].in_title, inside = m->word_from >= from && m->word_to <= to;
	uint32_t flags = inside ? 1u | (uint32_t)(m->word_from == from) << 1 | (uint32_t)(m->word_to == to) << 2 : 0;
	if (!inside) {
		const uint32_t lo = MAX_OF(d->sentences[t].word_from, m->word_from >= NEAR_WORDS ? m->word_from - NEAR_WORDS : 0);
		const uint32_t hi = MIN_OF(d->sentences[t].word_to, m->word_to + NEAR_WORDS);
		bool shared = false, all = true;
		for (uint32_t w = from; w < to && !shared; w++)
			for (uint32_t x = lo; x < hi && is_capital(k, w) && !shared; x++)
				shared = is_capital(k, x) && same_word(k, w, x);
		for (uint32_t x = m->word_from; x < m->word_to && all; x++) {
			bool there = false;
			for (uint32_t w = from; w < to && !there; w++)
				there = same_word(k, w, x);
			all = there;
		}
		flags |= (uint32_t)shared << 3 | (uint32_t)all << 4;
	}
	flags |= (uint32_t)title << 5 | (uint32_t)(m->word_from == d->sentences[t].word_from) << 6 | (uint32_t)(m->word_to <= from) << 7;
	int32_t gap = 0;
	if (!inside)
		gap = m->word_from >= to ? (int32_t)(m->word_from - to + 1) : m->word_to <= from ? -(int32_t)(from - m->word_to + 1) : 0;
	gap = gap > 99 ? 99 : gap < -99 ? -99 : gap;
	return (pair_place){ .sentence = (uint8_t)sentence_bucket(title ? -9 : (int32_t)t - (int32_t)s),
		.distance = (uint8_t)distance_bucket(gap), .flags = (uint8_t)flags, .share = k->name_share[name] };
}

/* Whether a span may stand for two parties: a plural ("the leaders"), a word for more than one ("both"), or two names. */
static bool may_be_two(const desk *k, uint32_t from, uint32_t to)
{
	const char *last = k->folded[to - 1], *one = know_singular(k->k, k->a, last);
	if (one != NULL && strcmp(one, last) != 0)
		return true;
	for (uint32_t w = from; w < to; w++)
		if (know_is_word(k->k, k->folded[w], KNOW_SEVERAL))
			return true;
	const char *code = NULL;
	for (uint32_t i = k->name_first; i < k->name_count; i++) {
		if (k->names[i].word_from < from || k->names[i].word_to > to || k->names[i].rank != 0)
			continue;
		if (code != NULL && strcmp(code, k->name_code[i]) != 0)
			return true;
		code = k->name_code[i];
	}
	return false;
}

/* Whom a span stands for: the probabilities of the names that carry one code add up. */
static bool resolve(const desk *k, const word_vectors *v, uint32_t from, uint32_t to, resolved *out)
{
	memset(out, 0, sizeof *out);
	const arena_mark mark = arena_marked(k->a);
	pair_place *places = ARENA_NEW(k->a, pair_place, k->name_count);
	float *score = ARENA_NEW(k->a, float, k->name_count);
	if (places == NULL || score == NULL)
		return false;
	for (uint32_t i = 0; i < k->name_count; i++)
		places[i] = i < k->name_first ? (pair_place){ .share = k->name_share[i] } : place_of(k, from, to, i);
	heads_belongs(k->h, k->a, v, from, to, &k->nv, places, score);
	head_softmax(score, k->name_count);
	struct { const char *code; float p; } sum[MOST_CODES];
	uint32_t n = 0, heaviest = 0;
	for (uint32_t i = 0; i < k->name_count; i++) {
		uint32_t j = 0;
		while (j < n && strcmp(sum[j].code, k->name_code[i]) != 0)
			j++;
		if (j == n) {
			if (n == MOST_CODES)
				continue;
			sum[n].code = k->name_code[i];
			sum[n++].p = 0;
		}
		sum[j].p += score[i];
		if (score[i] > score[heaviest])
			heaviest = i;
	}
	for (uint32_t i = 0; i < MIN_OF(3u, n); i++) {               /* the three likeliest to the front; ties keep their order */
		uint32_t best = i;
		for (uint32_t j = i + 1; j < n; j++)
			if (sum[j].p > sum[best].p)
				best = j;
		const char *code = sum[best].code;
		const float p = sum[best].p;
		for (uint32_t j = best; j > i; j--)
			sum[j] = sum[j - 1];
		sum[i].code = code;
		sum[i].p = p;
	}
	out->n = n > 1 && sum[0].code[0] && sum[1].code[0] && sum[1].p > k->s->second && may_be_two(k, from, to) ? 2 : 1;
	for (uint32_t i = 0; i < out->n; i++) {
		snprintf(out->code[i], KULA_CODE_BYTES, "%s", sum[i].code);
		out->p[i] = sum[i].p;
	}
	if (n > out->n) {
		snprintf(out->next_code, KULA_CODE_BYTES, "%s", sum[out->n].code);
		out->next = sum[out->n].p;
	}
	out->anchor = heaviest >= k->name_first ? (int32_t)(heaviest - k->name_first) : -1 - (int32_t)heaviest;
	arena_rewind(k->a, mark);
	return true;
}

/* ---- spans of a role ---- */

static int by_score(const void *x, const void *y)
{
	const word_span *a = x, *b = y;
	return a->score != b->score ? (a->score > b->score ? -1 : 1) : (a->from > b->from) - (a->from < b->from);
}

/* The best spans that don't overlap, in the order of the text. score is the mean of the log odds of start, end, inside. */
static void spans_of(const desk *k, const float *logit, uint32_t lo, uint32_t hi, role r, float first, float more, span_list *out)
{
	word_span all[64];
	uint32_t n = 0;
	out->n = 0;
	for (uint32_t i = 0; i < hi - lo && n < COUNT_OF(all); i++) {
		const float start = logit[((size_t)i * ROLES + r) * 3];
		if (start < START_LEAST)
			continue;
		const uint32_t s = k->doc->words[lo + i].sentence;
		word_span best = { 0, 0, -1e9f };
		float inside = 0;
		for (uint32_t j = i; j < MIN_OF(hi - lo, i + LONGEST_ROLE) && k->doc->words[lo + j].sentence == s; j++) {
			const float *x = logit + ((size_t)j * ROLES + r) * 3;
			inside += x[2];
			const float score = (start + x[1] + inside / (float)(j - i + 1)) / 3.0f;
			if (score > best.score)
				best = (word_span){ lo + i, lo + j + 1, score };
		}
		all[n++] = best;
	}
	qsort(all, n, sizeof *all, by_score);
	for (uint32_t i = 0; i < n; i++) {
		bool free = true;
		for (uint32_t j = 0; j < out->n && free; j++)
			free = all[i].to <= out->at[j].from || all[i].from >= out->at[j].to;
		if (!free)
			continue;
		if (all[i].score <= (out->n == 0 ? first : more) || out->n == MOST_SPANS)
			break;
		out->at[out->n++] = all[i];
	}
	for (uint32_t i = 1; i < out->n; i++)                        /* back to the order of the text */
		for (uint32_t j = i; j > 0 && out->at[j].from < out->at[j - 1].from; j--) {
			const word_span swap = out->at[j];
			out->at[j] = out->at[j - 1];
			out->at[j - 1] = swap;
		}
}

/* ---- one claim ---- */

/* A trigger, and its reach read again with it marked. */
typedef struct trigger {
	uint32_t word; kula_act act; uint32_t slot;
	float p;                        /* that there is such a claim */
	uint32_t slots;                 /* claims of this act at this word, less one */
	bool both_ways;                 /* there is more than one */
	kula_claim_status status, next_status;
	float status_p, next_status_p;
	word_vectors v;
} trigger;

static float logit_of(float p)
{
	const float q = p < 1e-6f ? 1e-6f : p > 1 - 1e-6f ? 1 - 1e-6f : p;
	return log_of(q / (1 - q));
}

static bool share_code(const resolved *a, const resolved *b)
{
	for (uint32_t i = 0; i < a->n; i++)
		for (uint32_t j = 0; j < b->n; j++)
			if (a->code[i][0] && strcmp(a->code[i], b->code[j]) == 0)
				return true;
	return false;
}

/* The spans that may stand at one side, best first, and whom they stand for. */
typedef struct side { span_list spans; resolved who[MOST_SPANS]; uint32_t order[MOST_SPANS]; bool stays[MOST_SPANS]; } side;

static bool side_of(const desk *k, const word_vectors *v, const float *logit, role r, float first, float more, side *out)
{
	memset(out->stays, 0, sizeof out->stays);
	spans_of(k, logit, v->first, v->first + v->count, r, first, more, &out->spans);
	const span_list *s = &out->spans;
	for (uint32_t i = 0; i < s->n; i++) {
		if (!resolve(k, v, s->at[i].from, s->at[i].to, &out->who[i]))
			return false;
		uint32_t j = i;
		for (; j > 0 && s->at[out->order[j - 1]].score < s->at[i].score; j--)
			out->order[j] = out->order[j - 1];
		out->order[j] = i;
	}
	return true;
}

/* The best span of each side, chosen together: one party at both ends is rare for most acts, the rule for some. UINT32_MAX: nobody. */
static void choose_sides(const desk *k, kula_act act, const side *from, const side *to, uint32_t *best_from, uint32_t *best_to)
{
	float best = -1e9f;
	for (uint32_t i = 0; i <= from->spans.n; i++)
		for (uint32_t j = 0; j <= to->spans.n; j++) {
			const bool f = i < from->spans.n, t = j < to->spans.n;
			const float score = (f ? from->spans.at[i].score : k->s->role[ROLE_FROM]) + (t ? to->spans.at[j].score : k->s->role[ROLE_TO])
				+ (f && t && share_code(&from->who[i], &to->who[j]) ? k->s->self[act] : 0);
			if (score > best) {
				best = score;
				*best_from = f ? i : UINT32_MAX;
				*best_to = t ? j : UINT32_MAX;
			}
		}
}

/* "The two leaders signed", "the two countries swapped prisoners": one span for both sides, of two parties. Where the sides are
 * equal one party stands at each; where the act is told both ways, a claim for each way. */
static void share_out(const trigger *t, side *from, uint32_t best_from, side *to, uint32_t best_to)
{
	if (best_from == UINT32_MAX || best_to == UINT32_MAX || (!kula_act_is_equal(t->act) && !t->both_ways))
		return;
	const word_span *f = &from->spans.at[best_from], *o = &to->spans.at[best_to];
	resolved *a = &from->who[best_from], *b = &to->who[best_to];
	if (f->from != o->from || f->to != o->to || a->n != 2 || b->n != 2)
		return;
	const uint32_t first = t->slot % 2;
	memmove(a->code[0], a->code[first], sizeof a->code[0]);
	a->p[0] = a->p[0] + a->p[1];
	memmove(b->code[0], b->code[1 - first], sizeof b->code[0]);
	b->p[0] = b->p[0] + b->p[1];
	a->n = b->n = 1;
}

/* Further spans beside the best one: sure ones, and surer ones where the party stands at this side or the other already
 * ("the Air Force ... it"). */
static void keep_more(const desk *k, side *x, uint32_t best, float more, const side *other, uint32_t best_other)
{
	if (best == UINT32_MAX)
		return;
	x->stays[best] = true;
	for (uint32_t i = 0; i < x->spans.n; i++) {
		const uint32_t y = x->order[i];
		if (y == best || x->spans.at[y].score <= more)
			continue;
		bool there = other != NULL && best_other != UINT32_MAX && share_code(&x->who[y], &other->who[best_other]);
		for (uint32_t j = 0; j < x->spans.n && !there; j++)
			there = x->stays[j] && share_code(&x->who[y], &x->who[j]);
		x->stays[y] = !there || x->spans.at[y].score > k->s->same;
	}
}

/* The parties of one role; p gets the probability that they are these. */
static kula_party *parties_of(const desk *k, const side *x_side, uint32_t *count, float *p, bool *coded, buf *why, const char *key)
{
	const span_list *spans = &x_side->spans;
	*count = 0;
	*p = 1;                                                      /* an empty side: the probability that no span stands there */
	bool nobody = true;
	for (uint32_t i = 0; i < spans->n; i++)
		nobody &= !x_side->stays[i];
	for (uint32_t i = 0; i < spans->n && nobody; i++)
		*p = MIN_OF(*p, 1 - head_sigmoid(spans->at[i].score));
	kula_party *out = ARENA_NEW(k->keep, kula_party, 2u * spans->n + 1u);
	if (out == NULL)
		return NULL;
	for (uint32_t i = 0; i < spans->n; i++) {
		const word_span *x = &spans->at[i];
		const resolved r = x_side->who[i];
		for (uint32_t j = 0; j < r.n && x_side->stays[i]; j++) {
			kula_party *q = &out[(*count)++];
			q->text = span_text(k, x->from, x->to);
			q->span = span_bytes(k, x->from, x->to);
			memcpy(q->code, r.code[j], sizeof q->code);
			if (q->text == NULL)
				return NULL;
			*coded |= q->code[0] != 0;
			*p *= r.p[j] > 0.999f ? 0.999f : r.p[j];
			if (why != NULL) {
				buf_format(why, ",{\"field\":\"%s\",\"words\":", key);
				json_text(why, q->text);
				buf_format(why, ",\"role_p\":%.3f,\"code\":", (double)head_sigmoid(x->score));
				json_text(why, q->code[0] ? q->code : NULL);
				buf_format(why, ",\"code_p\":%.3f,\"by\":", (double)r.p[j]);
				if (r.anchor >= 0) {
					const mention *m = &k->c->mentions[r.anchor];
					uint32_t n0, n1;
					const byte *b0 = word_bytes(k->doc, m->word_from, &n0), *b1 = word_bytes(k->doc, m->word_to - 1, &n1);
					json_string(why, b0, (size_t)(b1 - b0) + n1);
					buf_text(why, ",\"row\":");
					json_text(why, know_row(k->k, k->a, m->row));
				} else {
					json_text(why, r.anchor == -1 ? "nobody named" : "the publisher's country");
				}
				buf_text(why, ",\"runner_up\":");
				json_text(why, r.next_code[0] ? r.next_code : NULL);
				buf_format(why, ",\"runner_up_p\":%.3f}", (double)r.next);
			}
		}
		if (x_side->stays[i])
			*p *= head_sigmoid(x->score);
	}
	return out;
}

static const char *first_text(const desk *k, const span_list *s)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < s->n; i++)
		if (s->at[i].score > s->at[best].score)
			best = i;
	return s->n > 0 ? span_text(k, s->at[best].from, s->at[best].to) : NULL;
}

/* "giant panda" of "Two giant pandas": the modifiers as they stand, the head noun in the singular. */
static const char *what_of(const desk *k, const item_features *f)
{
	uint32_t n;
	const byte *head = word_bytes(k->doc, f->head, &n);
	const char *one = know_singular(k->k, k->a, k->folded[f->head]);
	const bool plural = one != NULL && strcmp(one, k->folded[f->head]) != 0;
	uint32_t from = f->begin;
	while (from < f->head && know_is_word(k->k, k->folded[from], KNOW_DETERMINER))
		from++;
	buf b = { 0 };
	const uint32_t a = k->doc->words[from].at.from, e = k->doc->words[f->head].at.from;
	if (from < f->head)
		buf_add(&b, k->doc->text + a, e - a);
	if (plural)
		buf_text(&b, one);
	else
		buf_add(&b, head, n);
	const char *out = arena_text(k->keep, buf_string(&b), b.n);
	buf_free(&b);
	return out;
}

static kula_item *items_of(const desk *k, const trigger *t, const span_list *spans, uint32_t *count, buf *why)
{
	const uint32_t n = spans->n, H = k->h->H;
	kula_item *out = ARENA_NEW(k->keep, kula_item, n + 1u);
	float *pool = ARENA_NEW(k->a, float, (size_t)(n + 1) * 3 * H);
	*count = n;
	if (out == NULL || pool == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		const word_span *x = &spans->at[i];
		item_features f;
		claims_item_features(k->a, k->c, k->k, x->from, x->to, &f);
		float kinds[KULA_KINDS], cases[3];
		heads_item(k->h, &t->v, x->from, x->to, t->act, (uint32_t)(f.kind + 1), (uint32_t)f.kind_strength, (uint32_t)f.quantity_case,
			kinds, cases, pool + (size_t)i * 3 * H);
		uint32_t next;
		const uint32_t kind = best_of(kinds, KULA_KINDS, 1, &next);
		uint32_t which = best_of(cases, QUANTITY_CASES, 1, NULL);
		if (which == QUANTITY_NUMBER && f.quantity_case == QUANTITY_NONE)
			which = QUANTITY_NONE;
		kula_item *it = &out[i];
		it->text = span_text(k, x->from, x->to);
		it->span = span_bytes(k, x->from, x->to);
		it->what = what_of(k, &f);
		it->kind = (kula_kind)kind;
		it->in = -1;
		it->q = (kula_quantity){ .min = NAN, .max = NAN, .unit = "count" };
		if (which == QUANTITY_NUMBER)
			it->q = f.quantity;
		else if (which == QUANTITY_ONE)
			it->q.min = it->q.max = 1;
		it->q.unit = arena_text(k->keep, it->q.unit, strlen(it->q.unit));
		if (it->text == NULL || it->what == NULL || it->q.unit == NULL)
			return NULL;
		if (why != NULL) {
			static const char *const by[] = { "no number", "number", "a single thing" };
			head_softmax(kinds, KULA_KINDS);
			buf_text(why, ",{\"field\":\"item\",\"words\":");
			json_text(why, it->text);
			buf_format(why, ",\"role_p\":%.3f,\"kind\":\"%s\",\"kind_p\":%.3f,\"kind_by_table\":", (double)head_sigmoid(x->score),
				kula_kind_name(it->kind), (double)kinds[kind]);
			json_text(why, f.kind >= 0 ? kula_kind_name((kula_kind)f.kind) : NULL);
			buf_format(why, ",\"runner_up\":\"%s\",\"runner_up_p\":%.3f,\"quantity_by\":\"%s\",\"row\":", kula_kind_name((kula_kind)next), (double)kinds[next], by[which]);
			json_text(why, which == QUANTITY_NUMBER && f.quantity_index >= 0 ? measure_row(k->c->quantities[f.quantity_index].row) : NULL);
			buf_char(why, '}');
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		float best = 0;
		for (uint32_t j = 0; j < n; j++) {
			const float s = i == j ? -1 : heads_inside(k->h, pool + (size_t)i * 3 * H, pool + (size_t)j * 3 * H);
			if (s <= best)
				continue;
			bool round = false;                             /* no item is in itself by any way */
			for (int32_t up = (int32_t)j; up >= 0 && !round; up = out[up].in)
				round = up == (int32_t)i;
			if (!round) {
				best = s;
				out[i].in = (int32_t)j;
			}
		}
	}
	return out;
}

static kula_party *sources_of(const desk *k, const side *sources, const span_list *verbs, uint32_t *count, buf *why)
{
	float p;
	bool coded = false;
	kula_party *out = parties_of(k, sources, count, &p, &coded, why, "said_by");
	if (out == NULL)
		return NULL;
	for (uint32_t i = 0; i < *count; i++) {
		uint32_t best = UINT32_MAX, gap = UINT32_MAX;
		for (uint32_t j = 0; j < verbs->n; j++) {
			const kula_span v = span_bytes(k, verbs->at[j].from, verbs->at[j].to);
			const uint32_t g = v.from >= out[i].span.to ? v.from - out[i].span.to : v.to <= out[i].span.from ? out[i].span.from - v.to : 0;
			if (g < gap) {
				gap = g;
				best = j;
			}
		}
		out[i].verb = best != UINT32_MAX ? span_text(k, verbs->at[best].from, verbs->at[best].to) : "";
		if (best != UINT32_MAX)
			out[i].verb_span = span_bytes(k, verbs->at[best].from, verbs->at[best].to);
		if (out[i].verb == NULL)
			return NULL;
	}
	return out;
}

static bool days_of(const desk *k, const trigger *t, kula_claim *c, buf *why)
{
	const text_doc *d = k->doc;
	const uint32_t s = d->words[t->word].sentence;
	const arena_mark mark = arena_marked(k->a);
	day_place *at = ARENA_NEW(k->a, day_place, 3u * k->c->day_count + 1u);
	kula_days *iv = ARENA_NEW(k->a, kula_days, 3u * k->c->day_count + 1u);
	uint32_t *which = ARENA_NEW(k->a, uint32_t, 3u * k->c->day_count + 1u);
	if (at == NULL || iv == NULL || which == NULL)
		return false;
	uint32_t n = 0;
	at[n].variant = VARIANTS;
	iv[n++] = (kula_days){ KULA_NO_DAY, KULA_NO_DAY };
	for (uint32_t i = 0; i < k->c->day_count; i++) {
		const dated *x = &k->c->days[i];
		const uint32_t u = d->words[x->word_from].sentence;
		if (d->sentences[u].in_title || u + DAY_REACH < s || u > s + DAY_REACH || x->word_from < t->v.first || x->word_to > t->v.first + t->v.count)
			continue;
		const kula_days reading[VARIANTS] = { x->past, x->ahead, x->ongoing };
		for (uint32_t v = 0; v < VARIANTS; v++) {
			bool fresh = reading[v].first != KULA_NO_DAY;
			for (uint32_t w = 0; w < v && fresh; w++)
				fresh = reading[w].first != reading[v].first || reading[w].last != reading[v].last;
			if (!fresh)
				continue;
			int32_t gap = (int32_t)x->word_from - (int32_t)t->word;
			gap = gap > 99 ? 99 : gap < -99 ? -99 : gap;
			at[n] = (day_place){ x->word_from, x->word_to, (uint8_t)v, (uint8_t)sentence_bucket((int32_t)u - (int32_t)s),
				(uint8_t)distance_bucket(gap), (uint8_t)(x->vague | x->duration << 1) };
			which[n] = i;
			iv[n++] = reading[v];
		}
	}
	float *score = ARENA_NEW(k->a, float, (size_t)n * 2);
	if (score == NULL)
		return false;
	heads_days(k->h, k->a, &t->v, t->word, t->act, c->status, at, n, score);
	for (uint32_t f = 0; f < 2; f++) {
		uint32_t next;
		const uint32_t best = best_of(score + f, n, 2, &next);
		*(f == 0 ? &c->date : &c->due) = iv[best];
		if (best != 0)
			*(f == 0 ? &c->date_span : &c->due_span) = span_bytes(k, at[best].word_from, at[best].word_to);
		if (why != NULL && (best != 0 || f == 0)) {
			char first[12], last[12];
			buf_format(why, ",{\"field\":\"%s\",\"words\":", f == 0 ? "date" : "due");
			if (best != 0) {
				json_text(why, span_text(k, at[best].word_from, at[best].word_to));
				kula_day_format(iv[best].first, first);
				kula_day_format(iv[best].last, last);
				buf_format(why, ",\"days\":[\"%s\",\"%s\"],\"row\":", first, last);
				json_text(why, measure_row(k->c->days[which[best]].row));
			} else {
				buf_text(why, "null");
			}
			if (next != UINT32_MAX) {
				buf_text(why, ",\"runner_up\":");
				json_text(why, next != 0 ? span_text(k, at[next].word_from, at[next].word_to) : NULL);
				buf_format(why, ",\"ahead_by\":%.2f", (double)(score[2 * best + f] - score[2 * next + f]));
			}
			buf_char(why, '}');
		}
	}
	arena_rewind(k->a, mark);
	return true;
}

/* False: an arena refused. kept: whether the contract lets this be a claim. */
static bool claim_of(const desk *k, const trigger *t, kula_claim *c, const char **why_out, bool *kept)
{
	const text_doc *d = k->doc;
	const sentence *se = &d->sentences[d->words[t->word].sentence];
	buf why_buf = { 0 }, *why = k->why ? &why_buf : NULL;
	memset(c, 0, sizeof *c);
	c->act = t->act;
	c->evidence = arena_text(k->keep, d->text + se->at.from, se->at.to - se->at.from);
	c->span = (kula_span){ se->at.from + k->offset, se->at.to + k->offset };
	c->trigger = span_text(k, t->word, t->word + 1);
	c->trigger_span = span_bytes(k, t->word, t->word + 1);
	if (c->evidence == NULL || c->trigger == NULL)
		return false;
	c->status = t->status;
	if (why != NULL) {
		buf_text(why, "[{\"field\":\"trigger\",\"words\":");
		json_text(why, c->trigger);
		buf_format(why, ",\"act\":\"%s\",\"p\":%.3f},{\"field\":\"status\",\"status\":\"%s\",\"p\":%.3f,\"runner_up\":\"%s\",\"runner_up_p\":%.3f}",
			kula_act_name(t->act), (double)t->p, kula_status_name(t->status), (double)t->status_p,
			kula_status_name(t->next_status), (double)t->next_status_p);
	}
	/* roles */
	const uint32_t from = t->v.first, to = t->v.first + t->v.count;
	const arena_mark mark = arena_marked(k->a);
	float *logit = ARENA_NEW(k->a, float, (size_t)(to - from) * ROLES * 3);
	span_list *spans = ARENA_NEW(k->a, span_list, ROLES);
	if (logit == NULL || spans == NULL)
		return false;
	heads_role(k->h, k->a, &t->v, d, t->word, t->act, t->slot, from, to, logit);
	for (uint32_t r = 0; r < ROLES; r++)
		if (r != ROLE_FROM && r != ROLE_TO && r != ROLE_SOURCE)
			spans_of(k, logit, from, to, (role)r, k->s->role[r], k->s->more[r], &spans[r]);
	side *sides = ARENA_NEW(k->a, side, 3);
	if (sides == NULL || !side_of(k, &t->v, logit, ROLE_FROM, START_LEAST, START_LEAST, &sides[0])
		|| !side_of(k, &t->v, logit, ROLE_TO, START_LEAST, START_LEAST, &sides[1])
		|| !side_of(k, &t->v, logit, ROLE_SOURCE, k->s->role[ROLE_SOURCE], k->s->more[ROLE_SOURCE], &sides[2])) {
		buf_free(&why_buf);
		return false;
	}
	uint32_t best_from = UINT32_MAX, best_to = UINT32_MAX;
	choose_sides(k, t->act, &sides[0], &sides[1], &best_from, &best_to);
	share_out(t, &sides[0], best_from, &sides[1], best_to);
	keep_more(k, &sides[0], best_from, k->s->more[ROLE_FROM], &sides[1], best_to);
	keep_more(k, &sides[1], best_to, k->s->more[ROLE_TO], &sides[0], best_from);
	if (sides[2].spans.n > 0)
		keep_more(k, &sides[2], sides[2].order[0], k->s->more[ROLE_SOURCE], NULL, UINT32_MAX);
	bool coded = false;
	float p_from, p_to;
	c->from = parties_of(k, &sides[0], &c->from_count, &p_from, &coded, why, "from");
	c->to = parties_of(k, &sides[1], &c->to_count, &p_to, &coded, why, "to");
	*kept = coded;
	if (c->from == NULL || c->to == NULL) {
		buf_free(&why_buf);
		return false;
	}
	if (!coded) {                                                /* at least one side is a country or an organisation */
		buf_free(&why_buf);
		arena_rewind(k->a, mark);
		return true;
	}
	c->items = items_of(k, t, &spans[ROLE_ITEM], &c->item_count, why);
	c->said_by = sources_of(k, &sides[2], &spans[ROLE_VERB], &c->said_by_count, why);
	const bool has_days = days_of(k, t, c, why);
	c->place_at = first_text(k, &spans[ROLE_AT]);
	c->place_from = first_text(k, &spans[ROLE_PLACE_FROM]);
	c->place_to = first_text(k, &spans[ROLE_PLACE_TO]);
	c->means = first_text(k, &spans[ROLE_MEANS]);
	c->agreement = first_text(k, &spans[ROLE_AGREEMENT]);
	c->condition = first_text(k, &spans[ROLE_CONDITION]);
	for (uint32_t i = 0; i < k->c->quantity_count && spans[ROLE_VALUE].n > 0 && !c->has_value; i++) {
		const measured *q = &k->c->quantities[i];
		const word_span *x = &spans[ROLE_VALUE].at[0];
		if (q->word_to <= x->from || q->word_from >= x->to || q->flags & (MEASURE_DATE | MEASURE_ORDINAL | MEASURE_AGE) || strcmp(q->unit, "count") == 0)
			continue;
		c->has_value = true;
		c->value = (kula_quantity){ q->min, q->max, arena_text(k->keep, q->unit, strlen(q->unit)), q->per, q->approx };
		c->value_span = span_bytes(k, x->from, x->to);
	}
	const float *g = k->s->calibration;
	const float x[3] = { logit_of(t->p), log_of(MAX_OF(p_from, 1e-6f)), log_of(MAX_OF(p_to, 1e-6f)) };
	c->confidence = (double)head_sigmoid(g[0] + g[1] * x[0] + g[2] * x[1] + g[3] * x[2]);
	if (why != NULL)
		buf_format(why, ",{\"field\":\"confidence\",\"trigger_log_odds\":%.4f,\"from_log_p\":%.4f,\"to_log_p\":%.4f}", (double)x[0], (double)x[1], (double)x[2]);
	arena_rewind(k->a, mark);
	if (why != NULL) {
		buf_char(why, ']');
		*why_out = arena_text(k->keep, buf_string(why), why->n);
		buf_free(why);
	}
	return c->items != NULL && c->said_by != NULL && has_days;
}

/* ---- a chapter ---- */

static bool put_claim(arena *keep, claim_list *l, const kula_claim *c, const char *why, bool with_why)
{
	if (l->count == l->room) {
		const uint32_t room = l->room ? 2 * l->room : 32;
		kula_claim *at = ARENA_NEW(keep, kula_claim, room);
		const char **y = with_why ? ARENA_NEW(keep, const char *, room) : NULL;
		if (at == NULL || (with_why && y == NULL))
			return false;
		if (l->count > 0) {
			memcpy(at, l->at, l->count * sizeof *at);
			if (with_why)
				memcpy(y, l->why, l->count * sizeof *y);
		}
		l->at = at;
		l->why = y;
		l->room = room;
	}
	l->at[l->count] = *c;
	if (with_why)
		l->why[l->count] = why;
	l->count++;
	return true;
}

/* Reads the sentences around a trigger again, the trigger marked. Its vectors last until the next one is read. */
static void read_again(const desk *k, trigger *t)
{
	const text_doc *d = k->doc;
	const uint32_t s = d->words[t->word].sentence, H = k->h->H;
	uint32_t lo = s > ROLE_BACK ? s - ROLE_BACK : 0;
	while (d->sentences[lo].in_title || d->sentences[lo].word_from == d->sentences[lo].word_to)
		lo++;
	const uint32_t hi = MIN_OF(s + ROLE_AHEAD, d->sentence_count - 1), most = MIN_OF(READ_AGAIN, model_positions(k->with->m));
	const uint32_t first = d->sentences[lo].word_from, end = d->sentences[hi].word_to;
	uint32_t from = t->word, to = t->word + 1;                  /* no further than words have vectors */
	while (from > first && t->word - from < most / 2 && k->encoded[k->c->win->word_window[from - 1]])
		from--;
	while (to < end && to - from < most && k->encoded[k->c->win->word_window[to]])
		to++;
	t->v = (word_vectors){ .first = from, .count = to - from };
	const decoder *with = k->with;
	float status[KULA_STATUSES], count[SLOTS];
	memcpy(with->rows, k->lower.at + (size_t)from * H, (size_t)t->v.count * H * sizeof(float));
	heads_mark(k->h, t->act, t->slot, with->rows + (size_t)(t->word - from) * H);
	model_encode_upper(with->m, with->room, t->v.count, with->rows);
	t->v.at = with->rows;
	heads_state(k->h, with->rows + (size_t)(t->word - from) * H, t->act, t->slot, status, count);
	t->slots = best_of(count, SLOTS, 1, NULL);
	uint32_t next;
	const uint32_t best = best_of(status, KULA_STATUSES, 1, &next);
	head_softmax(status, KULA_STATUSES);
	t->status = (kula_claim_status)best;
	t->next_status = (kula_claim_status)next;
	t->status_p = status[best];
	t->next_status_p = status[next];
}

bool decode_chapter(const decoder *with, const candidates *c, const kula_document *d, const float *lower, const float *vectors,
	const bool *encoded, uint32_t text_offset, arena *a, arena *keep, claim_list *out)
{
	const text_doc *doc = c->doc;
	desk k = { .with = with, .h = with->h, .s = with->s, .k = with->k, .c = c, .doc = doc, .d = d, .encoded = encoded, .offset = text_offset,
		.a = a, .keep = keep, .why = with->why, .lower = { .at = lower, .count = doc->word_count }, .whole = { .at = vectors, .count = doc->word_count } };
	const arena_mark mark = arena_marked(a);
	float *p = ARENA_NEW(a, float, (size_t)doc->word_count * KULA_ACTS + 1);
	if (p == NULL)
		return false;
	heads_trigger(k.h, a, vectors, doc->word_count, p);
	bool ready = false;                                          /* names are projected for texts with a trigger only */
	for (uint32_t w = 0; w < doc->word_count; w++) {
		const sentence *se = &doc->sentences[doc->words[w].sentence];
		if (se->in_title || !encoded[c->win->word_window[w]] || c->win->row_from[w] == c->win->row_to[w])
			continue;
		const uint32_t likeliest = best_of(p + (size_t)w * KULA_ACTS, KULA_ACTS, 1, NULL);
		for (uint32_t act = 0; act < KULA_ACTS; act++) {
			const float x = p[(size_t)w * KULA_ACTS + act];
			if (head_sigmoid(x) <= (act == likeliest ? k.s->trigger : k.s->both))
				continue;
			/* of two neighbours that state one act ("bomb attack") the surer one does */
			if ((w > se->word_from && p[(size_t)(w - 1) * KULA_ACTS + act] > x) || (w + 1 < se->word_to && p[(size_t)(w + 1) * KULA_ACTS + act] >= x))
				continue;
			if (!ready && !gather_names(&k))
				return false;
			ready = true;
			trigger t = { .word = w, .act = (kula_act)act, .p = head_sigmoid(x) };
			for (uint32_t slot = 0, slots = 0; slot <= slots; slot++) {
				t.slot = slot;
				read_again(&k, &t);
				if (slot == 0)
					slots = t.slots;
				t.both_ways = slots > 0;
				kula_claim claim;
				const char *grounds = NULL;
				bool kept = false;
				if (!claim_of(&k, &t, &claim, &grounds, &kept) || (kept && !put_claim(keep, out, &claim, grounds, with->why)))
					return false;
			}
		}
	}
	arena_rewind(a, mark);
	return true;
}
