/* The kernels in plain C: the definition of the numbers. Each operation is rounded by itself, in the order written here. */
#include "model/kernels.h"

#include <math.h>

const float gelu_terms[GELU_DEGREE + 1] = { 0.00104139233f, -0.00290061045f, 0.00298075634f, -0.00345743075f, 0.007972016f,
	-0.0137750143f, 0.0188174862f, -0.0248045344f, 0.0319669358f, -0.0397867449f, 0.049650766f, -0.0671261922f, 0.13465929f };
const float power_terms[POWER_DEGREE + 1] = { 39.2417641f, 228.936844f, 983.786865f, 2838.34351f, 4095.0f };

float inverse_root(float variance)
{
	return 1.0f / sqrtf(variance + LAYER_EPSILON);
}

/* ---- rounding of rows ---- */

static void round_rows(const float *x, size_t stride, uint32_t T, uint32_t K, rows8 r)
{
	for (uint32_t t = 0; t < T; t++, x += stride) {
		float lo = 0.0f, hi = 0.0f, inverse, zero;
		for (uint32_t k = 0; k < K; k++) {
			lo = smaller(x[k], lo);
			hi = larger(x[k], hi);
		}
		r.scale[t] = row_scale(lo, hi, &inverse, &zero);
		r.zero[t] = (int32_t)zero;
		uint8_t *q = r.q + (size_t)t * K;
		for (uint32_t k = 0; k < K; k++)
			q[k] = (uint8_t)(int32_t)smaller(larger(whole(x[k] * inverse) + zero, 0.0f), 255.0f);
	}
}

/* ---- products of bytes ---- */

static void linear(const rows8 *r, uint32_t T, const linear8 *l, float *y, size_t stride)
{
	for (uint32_t n = 0; n < l->out; n += 16) {
		const int8_t *block = l->w + (size_t)n * l->in;
		for (uint32_t t = 0; t < T; t++) {
			const uint8_t *q = r->q + (size_t)t * l->in;
			int32_t acc[16] = {0};
			for (uint32_t k = 0; k < l->in; k += 4) {
				const int8_t *w = block + (size_t)k * 16;
				for (uint32_t o = 0; o < 16; o++)
					acc[o] += (q[k] * w[o * 4] + q[k + 1] * w[o * 4 + 1]) + (q[k + 2] * w[o * 4 + 2] + q[k + 3] * w[o * 4 + 3]);
			}
			float *to = y + t * stride + n;
			for (uint32_t o = 0; o < 16; o++) {
				const int32_t whole_sum = acc[o] - r->zero[t] * l->sum[n + o];
				to[o] = (float)whole_sum * (r->scale[t] * l->scale[n + o]) + l->bias[n + o];
			}
		}
	}
}

static void sums(const int8_t *w, uint32_t out, uint32_t in, int32_t *sum)
{
	for (uint32_t n = 0; n < out; n += 16, w += (size_t)16 * in) {
		int32_t acc[16] = {0};
		for (uint32_t k = 0; k < in; k += 4)
			for (uint32_t o = 0; o < 16; o++)
				for (uint32_t j = 0; j < 4; j++)
					acc[o] += w[(size_t)k * 16 + o * 4 + j];
		memcpy(sum + n, acc, sizeof acc);
	}
}

static bool within(const int8_t *w, size_t n)
{
	uint8_t over = 0;
	for (; n >= 64; n -= 64, w += 64)
		for (uint32_t i = 0; i < 64; i++)
			over |= (uint8_t)(w[i] > WEIGHT_LEVELS) | (uint8_t)(w[i] < -WEIGHT_LEVELS);
	return over == 0;
}

/* ---- attention ---- */

static void pairs(const int16_t *a, size_t a_stride, uint32_t T, uint32_t K, const int16_t *b, uint32_t N, int32_t *c, size_t c_stride)
{
	for (uint32_t n = 0; n < N; n += 16, b += (size_t)16 * K)
		for (uint32_t t = 0; t < T; t++) {
			const int16_t *x = a + t * a_stride;
			int32_t acc[16] = {0};
			for (uint32_t k = 0; k < K; k += 2) {
				const int16_t *w = b + (size_t)k * 16;
				for (uint32_t o = 0; o < 16; o++)
					acc[o] += x[k] * w[o * 2] + x[k + 1] * w[o * 2 + 1];
			}
			memcpy(c + t * c_stride + n, acc, sizeof acc);
		}
}

static float largest(const float *x, size_t stride, uint32_t T, uint32_t d)
{
	float top = 0.0f;
	for (uint32_t t = 0; t < T; t++, x += stride)
		for (uint32_t i = 0; i < d; i++)
			top = larger(fabsf(x[i]), top);
	return top;
}

static void round_pairs(const float *x, uint32_t n, float inverse, float levels, int16_t *q)
{
	for (uint32_t i = 0; i < n; i++)
		q[i] = (int16_t)(int32_t)smaller(larger(whole(x[i] * inverse), -levels), levels);
}

static int32_t softmax(int32_t *s, uint32_t n, float c, int16_t *p)
{
	int32_t top = s[0], sum = 0;
	for (uint32_t i = 1; i < n; i++)
		top = MAX_OF(top, s[i]);
	for (uint32_t i = 0; i < n; i++) {
		const float t = larger((float)(s[i] - top) * c, POWER_LOWEST), w = whole(t), f = t - w;
		float y = power_terms[0];
		for (uint32_t j = 1; j <= POWER_DEGREE; j++)
			y = y * f + power_terms[j];
		int32_t bits;                   /* times 2^w: y is 2895..5791 and w -30..0, so the exponent stays in range */
		memcpy(&bits, &y, sizeof bits);
		bits += (int32_t)w * (1 << 23);
		memcpy(&y, &bits, sizeof y);
		p[i] = (int16_t)(int32_t)whole(y);
		sum += p[i];
	}
	for (uint32_t i = n; i % 16 != 0; i++)
		p[i] = 0;
	return MAX_OF(sum, 1);
}

static void scaled(const int32_t *s, uint32_t n, float f, float *y)
{
	for (uint32_t i = 0; i < n; i++)
		y[i] = (float)s[i] * f;
}

/* ---- floats ---- */

static void gelu(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const float z = smaller(larger(x[i], -GELU_TOP), GELU_TOP), u = (z * z) * GELU_MAP - 1.0f;
		float y = gelu_terms[0];
		for (uint32_t j = 1; j <= GELU_DEGREE; j++)
			y = y * u + gelu_terms[j];
		x[i] = x[i] * (z * y + 0.5f);
	}
}

static void add_norm(float *x, const float *y, uint32_t T, uint32_t H, const float *weight, const float *bias)
{
	for (uint32_t t = 0; t < T; t++, x += H) {
		float s[8] = {0}, v[8] = {0};
		for (uint32_t i = 0; i < H; i++) {
			if (y != NULL)
				x[i] = x[i] + y[(size_t)t * H + i];
			s[i % 8] += x[i];
		}
		const float mean = add_eight(s) / (float)H;
		for (uint32_t i = 0; i < H; i++) {
			x[i] = x[i] - mean;
			v[i % 8] += x[i] * x[i];
		}
		const float inverse = inverse_root(add_eight(v) / (float)H);
		for (uint32_t i = 0; i < H; i++)
			x[i] = (x[i] * inverse) * weight[i] + bias[i];
	}
}

static void dense(const float *x, uint32_t n, uint32_t I, const float *W, const float *b, uint32_t O, float *y)
{
	for (uint32_t t = 0; t < n; t++, x += I)
		for (uint32_t o = 0; o < O; o++) {
			const float *w = W + (size_t)o * I;
			float s[8] = {0};
			for (uint32_t i = 0; i < I; i++)
				s[i % 8] += x[i] * w[i];
			y[(size_t)t * O + o] = b != NULL ? add_eight(s) + b[o] : add_eight(s);
		}
}

const kernels kernels_portable = { "portable", round_rows, linear, sums, within, pairs, largest, round_pairs, softmax, scaled,
	gelu, add_norm, dense };
