#include "claims/heads.h"

uint32_t distance_bucket(int32_t words)
{
	const uint32_t d = (uint32_t)(words < 0 ? -words : words);
	const uint32_t k = d < 5 ? d : d < 7 ? 5 : d < 10 ? 6 : d < 15 ? 7 : d < 25 ? 8 : d < 40 ? 9 : d < 70 ? 10 : 11;
	return words >= 0 || k == 0 ? k : 12 + k;
}

uint32_t sentence_bucket(int32_t s)
{
	return s == 0 ? 0 : s == -1 ? 1 : s == -2 ? 2 : s < 0 ? (s > -6 ? 3 : 4) : s == 1 ? 5 : 6;
}

/* ---- opening ---- */

static const float *vector(const model *m, const char *name, uint32_t rows, uint32_t n, kula_error *err)
{
	tensor t;
	char full[64];
	snprintf(full, sizeof full, "heads.%s", name);
	if (model_tensor(m, full, 0, rows ? 2 : 1, &t, err) != KULA_OK)
		return NULL;
	if (rows ? t.dim[0] != rows || t.dim[1] != n : t.dim[0] != n) {
		kula_fail(err, KULA_EFORMAT, 0, "weights: '%s' has another shape than this version reads", full);
		return NULL;
	}
	return t.at;
}

static bool open_linear(const model *m, const char *name, bool bias, uint32_t in, uint32_t out, linear *l, kula_error *err)
{
	char full[64];
	snprintf(full, sizeof full, "%s.weight", name);
	l->in = in;
	l->out = out;
	l->b = NULL;
	l->w = vector(m, full, out, in, err);
	if (l->w != NULL && bias) {
		snprintf(full, sizeof full, "%s.bias", name);
		l->b = vector(m, full, 0, out, err);
		return l->b != NULL;
	}
	return l->w != NULL;
}

static uint32_t rows_of(const model *m, const char *name)
{
	tensor t;
	return model_tensor(m, name, 0, 2, &t, NULL) == KULA_OK ? t.dim[0] : 0;
}

kula_status heads_open(heads *h, const model *m, kula_error *err)
{
	h->H = model_hidden(m);
	h->trigger = rows_of(m, "heads.trigger_in.weight");
	h->role = rows_of(m, "heads.role_word.weight");
	h->pair = rows_of(m, "heads.span_in.weight");
	if (h->trigger == 0 || h->role == 0 || h->pair == 0 || h->role > 1024 || h->pair > 1024 || h->trigger > 1024)
		return kula_fail(err, KULA_EFORMAT, 0, "weights: no heads that this version reads");
	const uint32_t H = h->H, T = h->trigger, R = h->role, P = h->pair;
	const struct { const char *name; linear *to; uint32_t in, out; bool bias; } linears[] = {
		{ "trigger_in", &h->trigger_in, H, T, true }, { "trigger_out", &h->trigger_out, T, KULA_ACTS, true },
		{ "status_in", &h->status_in, H, P, true }, { "status_out", &h->status_out, P, KULA_STATUSES, true },
		{ "count_out", &h->count_out, P, SLOTS, true },
		{ "role_word", &h->role_word, H, R, true }, { "role_trigger", &h->role_trigger, H, R, false },
		{ "role_word2", &h->role_word2, H, R, false }, { "role_trigger2", &h->role_trigger2, H, R, false },
		{ "role_out", &h->role_out, R, ROLES * 3, true },
		{ "span_in", &h->span_in, 3 * H, P, true }, { "span_in2", &h->span_in2, 3 * H, P, false },
		{ "name_in", &h->name_in, H, P, false }, { "name_in2", &h->name_in2, H, P, false },
		{ "pair_flags", &h->pair_flags, PAIR_FLAGS, P, false }, { "pair_out", &h->pair_out, P, 1, true },
		{ "day_trigger", &h->day_trigger, H, P, true }, { "day_trigger2", &h->day_trigger2, H, P, false },
		{ "day_in", &h->day_in, H, P, false }, { "day_in2", &h->day_in2, H, P, false }, { "day_out", &h->day_out, P, 2, true },
		{ "item_in", &h->item_in, 3 * H, P, true }, { "item_out", &h->item_out, P, KULA_KINDS + 3, true },
		{ "in_a", &h->in_a, 3 * H, P, true }, { "in_b", &h->in_b, 3 * H, P, false }, { "in_out", &h->in_out, P, 1, true },
	};
	const struct { const char *name; const float **to; uint32_t rows, n; } tables[] = {
		{ "mark", &h->mark, 0, H }, { "mark_act.weight", &h->mark_act, KULA_ACTS, H }, { "mark_slot.weight", &h->mark_slot, SLOTS, H },
		{ "status_act.weight", &h->status_act, KULA_ACTS, P }, { "status_slot.weight", &h->status_slot, SLOTS, P },
		{ "role_act.weight", &h->role_act, KULA_ACTS, R }, { "role_slot.weight", &h->role_slot, SLOTS, R },
		{ "role_dist.weight", &h->role_dist, DISTANCES, R }, { "role_sent.weight", &h->role_sent, SENTENCES, R },
		{ "name_type.weight", &h->name_type, NAME_TYPES + 2, P }, { "name_rank.weight", &h->name_rank, 4, P },
		{ "name_prior.weight", &h->name_prior, 4, P }, { "name_date.weight", &h->name_date, 2, P },
		{ "pair_sent.weight", &h->pair_sent, SENTENCES, P }, { "pair_dist.weight", &h->pair_dist, DISTANCES, P },
		{ "pair_share.weight", &h->pair_share, 5, P }, { "nobody", &h->nobody, 0, H }, { "publisher", &h->publisher, 0, H },
		{ "no_day", &h->no_day, 0, H }, { "day_act.weight", &h->day_act, KULA_ACTS, P }, { "day_status.weight", &h->day_status, KULA_STATUSES, P },
		{ "day_variant.weight", &h->day_variant, VARIANTS + 1, P }, { "day_sent.weight", &h->day_sent, SENTENCES, P },
		{ "day_dist.weight", &h->day_dist, DISTANCES, P }, { "day_flags.weight", &h->day_flags, 4, P },
		{ "item_act.weight", &h->item_act, KULA_ACTS, P }, { "item_kind.weight", &h->item_kind, KULA_KINDS + 1, P },
		{ "item_strength.weight", &h->item_strength, 4, P }, { "item_case.weight", &h->item_case, 3, P },
	};
	for (size_t i = 0; i < COUNT_OF(linears); i++)
		if (!open_linear(m, linears[i].name, linears[i].bias, linears[i].in, linears[i].out, linears[i].to, err))
			return KULA_EFORMAT;
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		if ((*tables[i].to = vector(m, tables[i].name, tables[i].rows, tables[i].n, err)) == NULL)
			return KULA_EFORMAT;
	return KULA_OK;
}

/* ---- small vector work ---- */

static void apply(const linear *l, const float *x, uint32_t n, float *y)
{
	head_linear(x, n, l->in, l->w, l->b, l->out, y);
}

static void add(float *restrict to, const float *restrict x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] += x[i];
}

static void add_row(float *restrict to, const float *restrict rows, uint32_t row, uint32_t n)
{
	add(to, rows + (size_t)row * n, n);
}

static void add_product(float *restrict to, const float *restrict x, const float *restrict y, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] += x[i] * y[i];
}

static const float *vector_of(const word_vectors *v, uint32_t w, uint32_t H)
{
	return v->at + (size_t)(w - v->first) * H;
}

static void mean_of(const word_vectors *v, uint32_t from, uint32_t to, uint32_t H, float *out)
{
	memset(out, 0, H * sizeof *out);
	for (uint32_t w = from; w < to; w++)
		add(out, vector_of(v, w, H), H);
	const float n = (float)(to - from);
	for (uint32_t i = 0; i < H; i++)
		out[i] /= n;
}

static void span_of(const word_vectors *v, uint32_t from, uint32_t to, uint32_t H, float *out)
{
	memcpy(out, vector_of(v, from, H), H * sizeof *out);
	memcpy(out + H, vector_of(v, to - 1, H), H * sizeof *out);
	mean_of(v, from, to, H, out + 2 * H);
}

/* ---- the heads ---- */

void heads_mark(const heads *h, kula_act act, uint32_t slot, float *v)
{
	for (uint32_t i = 0; i < h->H; i++)
		v[i] += (h->mark[i] + h->mark_act[(size_t)act * h->H + i]) + h->mark_slot[(size_t)slot * h->H + i];
}

#define TRIGGER_ROWS 64u

void heads_trigger(const heads *h, arena *a, const float *vectors, uint32_t W, float *out)
{
	const arena_mark mark = arena_marked(a);
	float *x = ARENA_NEW(a, float, (size_t)TRIGGER_ROWS * h->trigger);
	for (uint32_t w = 0; w < W && x != NULL; w += TRIGGER_ROWS) {
		const uint32_t n = MIN_OF(TRIGGER_ROWS, W - w);
		apply(&h->trigger_in, vectors + (size_t)w * h->H, n, x);
		head_gelu(x, (size_t)n * h->trigger);
		apply(&h->trigger_out, x, n, out + (size_t)w * KULA_ACTS);
	}
	arena_rewind(a, mark);
}

void heads_state(const heads *h, const float *trigger, kula_act act, uint32_t slot, float *status, float *count)
{
	float x[1024];
	apply(&h->status_in, trigger, 1, x);
	add_row(x, h->status_act, (uint32_t)act, h->pair);
	add_row(x, h->status_slot, slot, h->pair);
	head_gelu(x, h->pair);
	apply(&h->status_out, x, 1, status);
	apply(&h->count_out, x, 1, count);
}

void heads_role(const heads *h, arena *a, const word_vectors *v, const text_doc *d, uint32_t trigger, kula_act act, uint32_t slot,
	uint32_t from, uint32_t to, float *out)
{
	const arena_mark mark = arena_marked(a);
	const uint32_t R = h->role, n = to - from;
	float *x = ARENA_NEW(a, float, (size_t)n * R), *product = ARENA_NEW(a, float, (size_t)n * R), t[1024], t2[1024];
	if (x == NULL || product == NULL) {
		memset(out, 0, (size_t)n * ROLES * 3 * sizeof *out);
		return;
	}
	apply(&h->role_trigger, vector_of(v, trigger, h->H), 1, t);
	apply(&h->role_trigger2, vector_of(v, trigger, h->H), 1, t2);
	apply(&h->role_word, vector_of(v, from, h->H), n, x);
	apply(&h->role_word2, vector_of(v, from, h->H), n, product);
	add_row(t, h->role_act, (uint32_t)act, R);
	add_row(t, h->role_slot, slot, R);
	for (uint32_t i = 0; i < n; i++) {
		float *y = x + (size_t)i * R;
		const uint32_t w = from + i;
		add(y, t, R);
		add_row(y, h->role_dist, distance_bucket((int32_t)w - (int32_t)trigger), R);
		add_row(y, h->role_sent, sentence_bucket((int32_t)d->words[w].sentence - (int32_t)d->words[trigger].sentence), R);
		add_product(y, product + (size_t)i * R, t2, R);
	}
	head_gelu(x, (size_t)n * R);
	apply(&h->role_out, x, n, out);
	arena_rewind(a, mark);
}

bool heads_names(const heads *h, arena *a, const word_vectors *v, const name_place *names, uint32_t n, name_vectors *out)
{
	const uint32_t P = h->pair;
	*out = (name_vectors){ .n = n, .sum = ARENA_NEW(a, float, (size_t)n * P), .product = ARENA_NEW(a, float, (size_t)n * P) };
	if (out->sum == NULL || out->product == NULL)
		return false;
	const arena_mark mark = arena_marked(a);
	float *m = ARENA_NEW(a, float, h->H);
	if (m == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const name_place *x = &names[i];
		float *sum = out->sum + (size_t)i * P;
		if (x->type == NAME_TYPES)
			memcpy(m, h->nobody, h->H * sizeof *m);
		else if (x->type == NAME_TYPES + 1)
			memcpy(m, h->publisher, h->H * sizeof *m);
		else
			mean_of(v, x->word_from, x->word_to, h->H, m);
		apply(&h->name_in, m, 1, sum);
		apply(&h->name_in2, m, 1, out->product + (size_t)i * P);
		add_row(sum, h->name_type, x->type, P);
		add_row(sum, h->name_rank, MIN_OF(x->rank, 3u), P);
		add_row(sum, h->name_prior, MIN_OF(x->prior, 3u), P);
		add_row(sum, h->name_date, x->in_date, P);
	}
	arena_rewind(a, mark);
	return true;
}

void heads_belongs(const heads *h, arena *a, const word_vectors *v, uint32_t word_from, uint32_t word_to, const name_vectors *names,
	const pair_place *places, float *out)
{
	const arena_mark mark = arena_marked(a);
	const uint32_t P = h->pair;
	float *span = ARENA_NEW(a, float, (size_t)3 * h->H), p[1024], p2[1024], x[1024], flags[PAIR_FLAGS], f[1024];
	if (span == NULL) {
		memset(out, 0, names->n * sizeof *out);
		return;
	}
	span_of(v, word_from, word_to, h->H, span);
	apply(&h->span_in, span, 1, p);
	apply(&h->span_in2, span, 1, p2);
	for (uint32_t i = 0; i < names->n; i++) {
		const pair_place *q = &places[i];
		for (uint32_t b = 0; b < PAIR_FLAGS; b++)
			flags[b] = (float)(q->flags >> b & 1);
		apply(&h->pair_flags, flags, 1, f);
		memcpy(x, p, P * sizeof *x);
		add(x, names->sum + (size_t)i * P, P);
		add_row(x, h->pair_sent, q->sentence, P);
		add_row(x, h->pair_dist, q->distance, P);
		add_row(x, h->pair_share, q->share, P);
		add(x, f, P);
		add_product(x, p2, names->product + (size_t)i * P, P);
		head_gelu(x, P);
		apply(&h->pair_out, x, 1, &out[i]);
	}
	arena_rewind(a, mark);
}

void heads_days(const heads *h, arena *a, const word_vectors *v, uint32_t trigger, kula_act act, kula_claim_status status,
	const day_place *days, uint32_t n, float *out)
{
	const arena_mark mark = arena_marked(a);
	const uint32_t P = h->pair;
	float t[1024], t2[1024], x[1024], y[1024], *m = ARENA_NEW(a, float, h->H);
	if (m == NULL) {
		memset(out, 0, (size_t)n * 2 * sizeof *out);
		return;
	}
	apply(&h->day_trigger, vector_of(v, trigger, h->H), 1, t);
	apply(&h->day_trigger2, vector_of(v, trigger, h->H), 1, t2);
	add_row(t, h->day_act, (uint32_t)act, P);
	add_row(t, h->day_status, (uint32_t)status, P);
	for (uint32_t i = 0; i < n; i++) {
		const day_place *q = &days[i];
		if (q->variant == VARIANTS)
			memcpy(m, h->no_day, h->H * sizeof *m);
		else
			mean_of(v, q->word_from, q->word_to, h->H, m);
		memcpy(x, t, P * sizeof *x);
		apply(&h->day_in, m, 1, y);
		add(x, y, P);
		add_row(x, h->day_variant, q->variant, P);
		add_row(x, h->day_sent, q->sentence, P);
		add_row(x, h->day_dist, q->distance, P);
		add_row(x, h->day_flags, q->flags, P);
		apply(&h->day_in2, m, 1, y);
		add_product(x, t2, y, P);
		head_gelu(x, P);
		apply(&h->day_out, x, 1, out + (size_t)i * 2);
	}
	arena_rewind(a, mark);
}

void heads_item(const heads *h, const word_vectors *v, uint32_t word_from, uint32_t word_to, kula_act act,
	uint32_t kind, uint32_t strength, uint32_t quantity_case, float *kinds, float *cases, float *span)
{
	float x[1024], y[KULA_KINDS + 3];
	span_of(v, word_from, word_to, h->H, span);
	apply(&h->item_in, span, 1, x);
	add_row(x, h->item_act, (uint32_t)act, h->pair);
	add_row(x, h->item_kind, kind, h->pair);
	add_row(x, h->item_strength, strength, h->pair);
	add_row(x, h->item_case, quantity_case, h->pair);
	head_gelu(x, h->pair);
	apply(&h->item_out, x, 1, y);
	memcpy(kinds, y, KULA_KINDS * sizeof *kinds);
	memcpy(cases, y + KULA_KINDS, 3 * sizeof *cases);
}

float heads_inside(const heads *h, const float *span, const float *whole)
{
	float x[1024], y[1024], out;
	apply(&h->in_a, span, 1, x);
	apply(&h->in_b, whole, 1, y);
	add(x, y, h->pair);
	head_gelu(x, h->pair);
	apply(&h->in_out, x, 1, &out);
	return out;
}
