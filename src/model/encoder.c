/* The encoder: a BERT whose linear layers and attention products are whole numbers. */
#include "model/encoder.h"

#include <math.h>
#include <stdlib.h>

/* Rows that go through the inner layer together: their floats (64 x 1536 x 4 bytes) stay in the second cache. */
#define INNER_ROWS 64u
/* Rows of one head whose scores are held together. */
#define SCORE_ROWS 24u

struct model_room {
	void *block;
	rows8 r;
	float *qkv;                     /* [P][3H] */
	float *y;                       /* [P][H]: what attention or an inner layer gives */
	float *inner;                   /* [INNER_ROWS][I] */
	int16_t *q, *k, *v;             /* one head: [P][d], packed pairs of k by key and of v by unit */
	int32_t *score;                 /* [SCORE_ROWS][P16] */
	int16_t *p;                     /* [SCORE_ROWS][P16] */
};

static uint32_t up_to(uint32_t n, uint32_t multiple)
{
	return (n + multiple - 1) / multiple * multiple;
}

model_room *model_room_new(const model *m)
{
	model_room *r = base_malloc(sizeof *r);
	if (r == NULL)
		return NULL;
	memset(r, 0, sizeof *r);
	const size_t P = up_to(m->P, 16), H = m->H, K = MAX_OF(m->H, m->I), d = m->d;
	const struct { void *to; size_t bytes; } parts[] = {
		{ &r->r.q, MAX_OF(P * H, INNER_ROWS * K) }, { &r->r.scale, P * 4 }, { &r->r.zero, P * 4 }, { &r->qkv, P * 3 * H * 4 },
		{ &r->y, P * H * 4 }, { &r->inner, INNER_ROWS * (size_t)m->I * 4 }, { &r->q, P * d * 2 }, { &r->k, P * d * 2 }, { &r->v, P * d * 2 },
		{ &r->score, SCORE_ROWS * MAX_OF(P, d) * 4 }, { &r->p, SCORE_ROWS * P * 2 },
	};
	size_t bytes = 64;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		bytes += (parts[i].bytes + 63) / 64 * 64;
	r->block = base_malloc(bytes);
	if (r->block == NULL) {
		free(r);
		return NULL;
	}
	/* Lanes of padding are computed and thrown away; they must be defined, and the same each time. */
	memset(r->block, 0, bytes);
	byte *at = (byte *)r->block + (64 - (uintptr_t)r->block % 64) % 64;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		memcpy(parts[i].to, &at, sizeof at);
		at += (parts[i].bytes + 63) / 64 * 64;
	}
	return r;
}

void model_room_free(model_room *r)
{
	if (r != NULL)
		free(r->block);
	free(r);
}

/* ---- one head ---- */

/* The scale and inverse of numbers up to `top` in `levels` steps. */
static float level_scale(float top, float levels, float *inverse)
{
	const float scale = top > SMALLEST_RANGE ? top / levels : 1.0f;
	*inverse = 1.0f / scale;
	return scale;
}

/* Pairs of a row's units lie 16 keys apart: [T/16][d/2][16 keys][2 units]. Missing keys become zeros. */
static void pack_keys(const kernels *K, const float *x, size_t stride, uint32_t T, uint32_t d, float inverse, int16_t *k)
{
	int16_t row[64];
	for (uint32_t t = 0; t < up_to(T, 16); t++) {
		if (t < T)
			K->round_pairs(x + t * stride, d, inverse, QK_LEVELS, row);
		else
			memset(row, 0, sizeof row);
		int16_t *to = k + (size_t)(t / 16) * 16 * d + (t % 16) * 2;
		for (uint32_t i = 0; i < d; i += 2)
			memcpy(to + (size_t)i * 16, row + i, 4);
	}
}

/* Pairs of a unit's pieces: [d/16][T/2][16 units][2 pieces]. A missing last piece becomes zero. */
static void pack_values(const kernels *K, const float *x, size_t stride, uint32_t T, uint32_t d, float inverse, int16_t *v)
{
	int16_t row[2][64];
	const uint32_t half = (T + 1) / 2;
	for (uint32_t h = 0; h < half; h++) {
		K->round_pairs(x + 2 * h * stride, d, inverse, V_LEVELS, row[0]);
		if (2 * h + 1 < T)
			K->round_pairs(x + (2 * h + 1) * stride, d, inverse, V_LEVELS, row[1]);
		else
			memset(row[1], 0, sizeof row[1]);
		for (uint32_t i = 0; i < d; i++) {
			int16_t *to = v + ((size_t)(i / 16) * half + h) * 32 + (i % 16) * 2;
			to[0] = row[0][i];
			to[1] = row[1][i];
		}
	}
}

static void attend(const model *m, model_room *r, const kernels *K, uint32_t T, uint32_t head)
{
	const uint32_t d = m->d, T16 = up_to(T, 16);
	const size_t H = m->H, stride = 3 * H;
	const float *q = r->qkv + (size_t)head * d, *k = q + H, *v = k + H;
	float q_inverse, k_inverse, v_inverse;
	const float q_scale = level_scale(K->largest(q, stride, T, d), QK_LEVELS, &q_inverse);
	const float k_scale = level_scale(K->largest(k, stride, T, d), QK_LEVELS, &k_inverse);
	const float v_scale = level_scale(K->largest(v, stride, T, d), V_LEVELS, &v_inverse);
	const float c = (q_scale * k_scale) * (float)(1.4426950408889634 / sqrt((double)d));    /* in powers of two */
	pack_keys(K, k, stride, T, d, k_inverse, r->k);
	pack_values(K, v, stride, T, d, v_inverse, r->v);
	for (uint32_t t = 0; t < T; t++)
		K->round_pairs(q + t * stride, d, q_inverse, QK_LEVELS, r->q + (size_t)t * d);
	for (uint32_t from = 0; from < T; from += SCORE_ROWS) {
		const uint32_t rows = MIN_OF(SCORE_ROWS, T - from);
		int32_t sum[SCORE_ROWS];
		K->pairs(r->q + (size_t)from * d, d, rows, d, r->k, T16, r->score, T16);
		for (uint32_t i = 0; i < rows; i++)
			sum[i] = K->softmax(r->score + (size_t)i * T16, T, c, r->p + (size_t)i * T16);
		K->pairs(r->p, T16, rows, up_to(T, 2), r->v, d, r->score, d);
		for (uint32_t i = 0; i < rows; i++)
			K->scaled(r->score + (size_t)i * d, d, v_scale / (float)sum[i], r->y + (from + i) * H + (size_t)head * d);
	}
}

/* ---- the whole ---- */

static void embed(const model *m, const uint16_t *ids, const uint8_t *shapes, uint32_t T, float *out)
{
	for (uint32_t t = 0; t < T; t++, out += m->H) {
		const size_t id = ids[t] < m->V ? ids[t] : 0, kind = shapes[t] < m->shapes ? shapes[t] : 0;
		const int8_t *w = m->word + id * m->H;
		const float scale = m->word_scale[id], *p = m->position + (size_t)t * m->H, *s = m->shape + kind * m->H;
		for (uint32_t i = 0; i < m->H; i++)
			out[i] = ((float)w[i] * scale + p[i]) + s[i];
	}
}

/* Layers [from, to) over the vectors in out. */
static void run_layers(const model *m, model_room *r, uint32_t from, uint32_t to, uint32_t T, float *out)
{
	const kernels *K = kernels_now();
	const uint32_t H = m->H, I = m->I;
	for (const layer *l = m->layer + from; l < m->layer + to; l++) {
		K->round_rows(out, H, T, H, r->r);
		K->linear(&r->r, T, &l->qkv, r->qkv, 3 * (size_t)H);
		for (uint32_t head = 0; head < m->heads; head++)
			attend(m, r, K, T, head);
		K->round_rows(r->y, H, T, H, r->r);
		K->linear(&r->r, T, &l->out, r->y, H);
		K->add_norm(out, r->y, T, H, l->norm1_weight, l->norm1_bias);
		for (uint32_t begin = 0; begin < T; begin += INNER_ROWS) {
			const uint32_t rows = MIN_OF(INNER_ROWS, T - begin);
			float *x = out + (size_t)begin * H;
			K->round_rows(x, H, rows, H, r->r);
			K->linear(&r->r, rows, &l->up, r->inner, I);
			K->gelu(r->inner, (size_t)rows * I);
			K->round_rows(r->inner, I, rows, I, r->r);
			K->linear(&r->r, rows, &l->down, r->y, H);
			K->add_norm(x, r->y, rows, H, l->norm2_weight, l->norm2_bias);
		}
	}
}

void model_encode(const model *m, model_room *r, const uint16_t *ids, const uint8_t *shapes, uint32_t T, uint32_t layers, float *out)
{
	T = MIN_OF(T, m->P);
	embed(m, ids, shapes, T, out);
	kernels_now()->add_norm(out, NULL, T, m->H, m->norm_weight, m->norm_bias);
	run_layers(m, r, 0, layers == 0 ? m->N : MIN_OF(layers, m->N), T, out);
}

void model_encode_upper(const model *m, model_room *r, uint32_t T, float *x)
{
	run_layers(m, r, m->lower, m->N, MIN_OF(T, m->P), x);
}
