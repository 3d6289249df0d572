/* The wide twins of portable.c's float work, included once for each width. Whoever includes this has defined
 *	WIDE            the attribute that names the instruction set
 *	LANES, vf, vi   floats in a register, and the types of registers of floats and of 32-bit whole numbers
 *	vf_load vf_store vf_all vf_max vf_min vf_of(vi) vi_of(vf: whole numbers) vi_round(vf: halves to even) vi_load vi_all vi_max
 *	vi_as_vf vf_as_vi  (the same bits)    vi_exponent(vi)  (shifted to where the exponent is)
 *	vi_store_u8 vi_store_i16  (narrowed; they fit)
 * Operands of vf_max and vf_min are in the order of larger() and smaller(): the second comes back where one is no number. */
#include "model/kernels.h"

#include <immintrin.h>

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

static inline WIDE vf vf_whole(vf x)
{
	return (x + vf_all(ROUNDER)) - vf_all(ROUNDER);
}

static inline WIDE float vf_largest(vf x)
{
	float s[LANES], top;
	vf_store(s, x);
	top = s[0];
	for (uint32_t i = 1; i < LANES; i++)
		top = larger(s[i], top);
	return top;
}

/* Eight sums joined as add_eight does. */
static inline WIDE float joined(__m256 s)
{
	const __m128 a = _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
	const __m128 b = _mm_add_ps(a, _mm_movehl_ps(a, a));
	return _mm_cvtss_f32(_mm_add_ss(b, _mm_shuffle_ps(b, b, 1)));
}

static WIDE void round_rows(const float *x, size_t stride, uint32_t T, uint32_t K, rows8 r)
{
	for (uint32_t t = 0; t < T; t++, x += stride) {
		vf lo[2] = { vf_all(0.0f), vf_all(0.0f) }, hi[2] = { lo[0], lo[0] };
		for (uint32_t k = 0; k < K; k += 2 * LANES)
			UNROLL
			for (uint32_t j = 0; j < 2; j++) {
				const vf a = vf_load(x + k + j * LANES);
				lo[j] = vf_min(a, lo[j]);
				hi[j] = vf_max(a, hi[j]);
			}
		float inverse, zero;
		r.scale[t] = row_scale(-vf_largest(vf_all(0.0f) - vf_min(lo[0], lo[1])), vf_largest(vf_max(hi[0], hi[1])), &inverse, &zero);
		r.zero[t] = (int32_t)zero;
		const vf by = vf_all(inverse), from = vf_all(zero), least = vf_all(0.0f), most = vf_all(255.0f);
		uint8_t *q = r.q + (size_t)t * K;
		for (uint32_t k = 0; k < K; k += LANES)
			vi_store_u8(q + k, vi_of(vf_min(vf_max(vf_whole(vf_load(x + k) * by) + from, least), most)));
	}
}

static WIDE float largest(const float *x, size_t stride, uint32_t T, uint32_t d)
{
	const vf plus = vi_as_vf(vi_all(0x7fffffff));
	vf top[2] = { vf_all(0.0f), vf_all(0.0f) };
	for (uint32_t t = 0; t < T; t++, x += stride)
		for (uint32_t i = 0; i < d; i += 2 * LANES)
			UNROLL
			for (uint32_t j = 0; j < 2; j++)
				top[j] = vf_max(vf_and(vf_load(x + i + j * LANES), plus), top[j]);
	return vf_largest(vf_max(top[0], top[1]));
}

static WIDE void round_pairs(const float *x, uint32_t n, float inverse, float levels, int16_t *q)
{
	for (uint32_t i = 0; i < n; i += LANES)
		vi_store_i16(q + i, vi_of(vf_min(vf_max(vf_whole(vf_load(x + i) * vf_all(inverse)), vf_all(-levels)), vf_all(levels))));
}

static WIDE int32_t softmax(int32_t *s, uint32_t n, float c, int16_t *p)
{
	int32_t top = s[0], part[LANES], sum = 0;
	const uint32_t even = n - n % LANES;
	vi best = vi_all(INT32_MIN), total = vi_all(0);
	for (uint32_t i = 0; i < even; i += LANES)
		best = vi_max(vi_load(s + i), best);
	vi_store(part, best);
	for (uint32_t i = 0; i < LANES; i++)
		top = MAX_OF(top, part[i]);
	for (uint32_t i = even; i < n; i++)
		top = MAX_OF(top, s[i]);
	for (uint32_t i = 0; i < n; i += LANES) {
		const vf t = vf_max(vf_of(vi_sub(vi_load(s + i), vi_all(top))) * vf_all(c), vf_all(POWER_LOWEST));
		const vf biased = t + vf_all(ROUNDER), f = t - (biased - vf_all(ROUNDER));
		vf y = vf_all(power_terms[0]);
		UNROLL
		for (uint32_t j = 1; j <= POWER_DEGREE; j++)
			y = y * f + vf_all(power_terms[j]);
		/* the lowest bits of t + ROUNDER are t as a whole number; shifted to the exponent, nothing else is left of them */
		y = vi_as_vf(vi_add(vf_as_vi(y), vi_exponent(vf_as_vi(biased))));
		const vi w = vi_round(y);
		vi_store_i16(p + i, w);
		if (i < even)
			total = vi_add(total, w);
	}
	vi_store(part, total);
	for (uint32_t i = 0; i < LANES; i++)
		sum += part[i];
	for (uint32_t i = even; i < n; i++)
		sum += p[i];
	for (uint32_t i = n; i % 16 != 0; i++)
		p[i] = 0;
	return MAX_OF(sum, 1);
}

static WIDE void scaled(const int32_t *s, uint32_t n, float f, float *y)
{
	for (uint32_t i = 0; i < n; i += LANES)
		vf_store(y + i, vf_of(vi_load(s + i)) * vf_all(f));
}

static inline WIDE vf gelu_of(vf x)
{
	const vf z = vf_min(vf_max(x, vf_all(-GELU_TOP)), vf_all(GELU_TOP)), u = (z * z) * vf_all(GELU_MAP) - vf_all(1.0f);
	vf y = vf_all(gelu_terms[0]);
	UNROLL
	for (uint32_t j = 1; j <= GELU_DEGREE; j++)
		y = y * u + vf_all(gelu_terms[j]);
	return x * (z * y + vf_all(0.5f));
}

static WIDE void gelu(float *x, size_t n)
{
	for (; n >= LANES; n -= LANES, x += LANES)
		vf_store(x, gelu_of(vf_load(x)));
	if (n > 0) {
		float rest[LANES] = {0};
		memcpy(rest, x, n * sizeof *x);
		vf_store(rest, gelu_of(vf_load(rest)));
		memcpy(x, rest, n * sizeof *x);
	}
}

/* Rows whose running sums are in flight together; one alone would wait for its own additions. */
#define NORM_ROWS 4

static inline WIDE __attribute__((always_inline)) void norm_rows(float *x, const float *y, uint32_t rows, uint32_t H, const float *weight, const float *bias)
{
	__m256 s[NORM_ROWS], v[NORM_ROWS], mean[NORM_ROWS], inverse[NORM_ROWS];
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		s[t] = v[t] = _mm256_setzero_ps();
	for (uint32_t i = 0; i < H; i += 8)
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			__m256 a = _mm256_loadu_ps(x + (size_t)t * H + i);
			if (y != NULL) {
				a = _mm256_add_ps(a, _mm256_loadu_ps(y + (size_t)t * H + i));
				_mm256_storeu_ps(x + (size_t)t * H + i, a);
			}
			s[t] = _mm256_add_ps(s[t], a);
		}
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		mean[t] = _mm256_set1_ps(joined(s[t]) / (float)H);
	for (uint32_t i = 0; i < H; i += 8)
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			const __m256 a = _mm256_sub_ps(_mm256_loadu_ps(x + (size_t)t * H + i), mean[t]);
			v[t] = _mm256_add_ps(v[t], _mm256_mul_ps(a, a));
		}
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		inverse[t] = _mm256_set1_ps(inverse_root(joined(v[t]) / (float)H));
	for (uint32_t i = 0; i < H; i += 8) {
		const __m256 w = _mm256_loadu_ps(weight + i), b = _mm256_loadu_ps(bias + i);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			const __m256 a = _mm256_sub_ps(_mm256_loadu_ps(x + (size_t)t * H + i), mean[t]);
			_mm256_storeu_ps(x + (size_t)t * H + i, _mm256_add_ps(_mm256_mul_ps(_mm256_mul_ps(a, inverse[t]), w), b));
		}
	}
}

static WIDE void add_norm(float *x, const float *y, uint32_t T, uint32_t H, const float *weight, const float *bias)
{
	if (H % 8 != 0) {
		kernels_portable.add_norm(x, y, T, H, weight, bias);
		return;
	}
	uint32_t t = 0;
	for (; t + NORM_ROWS <= T; t += NORM_ROWS)
		norm_rows(x + (size_t)t * H, y != NULL ? y + (size_t)t * H : NULL, NORM_ROWS, H, weight, bias);
	for (; t < T; t++)
		norm_rows(x + (size_t)t * H, y != NULL ? y + (size_t)t * H : NULL, 1, H, weight, bias);
}

/* The products of `rows` rows of x and `outs` rows of W. Lanes of the tail that lie outside are loaded as zeros, and adding
 * 0 * 0 to a sum changes no bit of it: no sum of products is ever a negative zero, because it starts at a positive one. */
static inline WIDE __attribute__((always_inline)) void dense_tile(const float *x, uint32_t rows, uint32_t I, const float *W, uint32_t outs,
	const float *b, uint32_t O, float *y)
{
	static const int32_t lanes[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };
	__m256 s[4][4];
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		UNROLL
		for (uint32_t o = 0; o < outs; o++)
			s[t][o] = _mm256_setzero_ps();
	uint32_t i = 0;
	for (; i + 8 <= I; i += 8) {
		__m256 w[4];
		UNROLL
		for (uint32_t o = 0; o < outs; o++)
			w[o] = _mm256_loadu_ps(W + (size_t)o * I + i);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			const __m256 a = _mm256_loadu_ps(x + (size_t)t * I + i);
			UNROLL
			for (uint32_t o = 0; o < outs; o++)
				s[t][o] = _mm256_add_ps(s[t][o], _mm256_mul_ps(a, w[o]));
		}
	}
	if (i < I) {
		const __m256i mask = _mm256_loadu_si256((const __m256i *)(const void *)(lanes + 8 - (I - i)));
		UNROLL
		for (uint32_t t = 0; t < rows; t++)
			UNROLL
			for (uint32_t o = 0; o < outs; o++)
				s[t][o] = _mm256_add_ps(s[t][o], _mm256_mul_ps(_mm256_maskload_ps(x + (size_t)t * I + i, mask),
					_mm256_maskload_ps(W + (size_t)o * I + i, mask)));
	}
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		UNROLL
		for (uint32_t o = 0; o < outs; o++)
			y[(size_t)t * O + o] = b != NULL ? joined(s[t][o]) + b[o] : joined(s[t][o]);
}

static WIDE void dense(const float *x, uint32_t n, uint32_t I, const float *W, const float *b, uint32_t O, float *y)
{
	for (uint32_t o = 0; o < O;) {
		const uint32_t outs = O - o >= 4 ? 4 : 1;
		const float *w = W + (size_t)o * I, *bias = b != NULL ? b + o : NULL;
		uint32_t t = 0;
		for (; t + 2 <= n && outs == 4; t += 2)
			dense_tile(x + (size_t)t * I, 2, I, w, 4, bias, O, y + (size_t)t * O + o);
		for (; t < n; t++)
			if (outs == 4)
				dense_tile(x + (size_t)t * I, 1, I, w, 4, bias, O, y + (size_t)t * O + o);
			else
				dense_tile(x + (size_t)t * I, 1, I, w, 1, bias, O, y + (size_t)t * O + o);
		o += outs;
	}
}
