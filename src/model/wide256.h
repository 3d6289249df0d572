/* The kernels for registers of 256 bits, included by avx2.c and avxvnni.c. Whoever includes this has defined
 *	WIDE                            the attribute that names the instruction set
 *	MULTIPLY_BYTES(acc, a, b)       acc += a * b by fours of bytes, a unsigned
 *	MULTIPLY_PAIRS(acc, a, b)       acc += a * b by pairs of 16 bits
 *	TILE_ROWS                       rows of a tile, at most 6; a tile is one block of 16 outputs wide */
#include <immintrin.h>
#include <stdint.h>

#define LANES 8u
typedef __m256 vf;
typedef __m256i vi;
#define vf_load(p) _mm256_loadu_ps(p)
#define vf_store(p, x) _mm256_storeu_ps(p, x)
#define vf_all(x) _mm256_set1_ps(x)
#define vf_max(a, b) _mm256_max_ps(a, b)
#define vf_min(a, b) _mm256_min_ps(a, b)
#define vf_and(a, b) _mm256_and_ps(a, b)
#define vf_of(x) _mm256_cvtepi32_ps(x)
#define vi_of(x) _mm256_cvttps_epi32(x)
#define vi_round(x) _mm256_cvtps_epi32(x)
#define vi_load(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define vi_store(p, x) _mm256_storeu_si256((__m256i *)(void *)(p), x)
#define vi_all(x) _mm256_set1_epi32(x)
#define vi_max(a, b) _mm256_max_epi32(a, b)
#define vi_add(a, b) _mm256_add_epi32(a, b)
#define vi_sub(a, b) _mm256_sub_epi32(a, b)
#define vi_exponent(x) _mm256_slli_epi32(x, 23)
#define vi_as_vf(x) _mm256_castsi256_ps(x)
#define vf_as_vi(x) _mm256_castps_si256(x)
#define narrow(x) _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1))
#define vi_store_u8(p, x) _mm_storel_epi64((__m128i *)(void *)(p), _mm_packus_epi16(narrow(x), _mm_setzero_si128()))
#define vi_store_i16(p, x) _mm_storeu_si128((__m128i *)(void *)(p), narrow(x))

#include "model/wide.h"

static inline WIDE __attribute__((always_inline)) void linear_tile(const uint8_t *q, const float *scale, const int32_t *zero, uint32_t rows,
	const linear8 *l, uint32_t n, float *y, size_t stride)
{
	const size_t K = l->in;
	const int8_t *w = l->w + (size_t)n * K;
	__m256i acc[6][2];
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		acc[t][0] = acc[t][1] = _mm256_setzero_si256();
	for (size_t k = 0; k < K; k += 4) {
		const __m256i b0 = vi_load(w + k * 16), b1 = vi_load(w + k * 16 + 32);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			int32_t four;
			memcpy(&four, q + t * K + k, 4);
			const __m256i a = _mm256_set1_epi32(four);
			MULTIPLY_BYTES(acc[t][0], a, b0);
			MULTIPLY_BYTES(acc[t][1], a, b1);
		}
	}
	UNROLL
	for (uint32_t j = 0; j < 2; j++) {
		const uint32_t o = n + j * 8;
		const __m256i sum = vi_load(l->sum + o);
		const __m256 by = vf_load(l->scale + o), bias = vf_load(l->bias + o);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			const __m256i s = _mm256_sub_epi32(acc[t][j], _mm256_mullo_epi32(_mm256_set1_epi32(zero[t]), sum));
			vf_store(y + t * stride + o, vf_of(s) * (vf_all(scale[t]) * by) + bias);
		}
	}
}

static WIDE void linear(const rows8 *r, uint32_t T, const linear8 *l, float *y, size_t stride)
{
	for (uint32_t n = 0; n < l->out; n += 16) {
		uint32_t t = 0;
#define TILE(h) linear_tile(r->q + (size_t)t * l->in, r->scale + t, r->zero + t, h, l, n, y + t * stride, stride)
		for (; t + TILE_ROWS <= T; t += TILE_ROWS)
			TILE(TILE_ROWS);
		switch (T - t) {
		case 5: TILE(5); break;
		case 4: TILE(4); break;
		case 3: TILE(3); break;
		case 2: TILE(2); break;
		case 1: TILE(1); break;
		}
#undef TILE
	}
}

static WIDE void sums(const int8_t *w, uint32_t out, uint32_t in, int32_t *sum)
{
	const __m256i one = _mm256_set1_epi8(1);
	for (uint32_t n = 0; n < out; n += 16, w += (size_t)16 * in) {
		__m256i a = _mm256_setzero_si256(), b = a;
		for (uint32_t k = 0; k < in; k += 4) {
			MULTIPLY_BYTES(a, one, vi_load(w + (size_t)k * 16));
			MULTIPLY_BYTES(b, one, vi_load(w + (size_t)k * 16 + 32));
		}
		vi_store(sum + n, a);
		vi_store(sum + n + 8, b);
	}
}

static WIDE bool within(const int8_t *w, size_t n)
{
	__m256i most = _mm256_setzero_si256(), least = most;
	for (; n >= 32; n -= 32, w += 32) {
		most = _mm256_max_epi8(most, vi_load(w));
		least = _mm256_min_epi8(least, vi_load(w));
	}
	return _mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpgt_epi8(most, _mm256_set1_epi8(WEIGHT_LEVELS)),
		_mm256_cmpgt_epi8(_mm256_set1_epi8(-WEIGHT_LEVELS), least))) == 0;
}

static inline WIDE __attribute__((always_inline)) void pairs_tile(const int16_t *a, size_t a_stride, uint32_t rows, uint32_t K, const int16_t *b,
	int32_t *c, size_t c_stride)
{
	__m256i acc[6][2];
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		acc[t][0] = acc[t][1] = _mm256_setzero_si256();
	for (size_t k = 0; k < K; k += 2) {
		const __m256i b0 = vi_load(b + k * 16), b1 = vi_load(b + k * 16 + 16);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			int32_t two;
			memcpy(&two, a + t * a_stride + k, 4);
			const __m256i x = _mm256_set1_epi32(two);
			MULTIPLY_PAIRS(acc[t][0], x, b0);
			MULTIPLY_PAIRS(acc[t][1], x, b1);
		}
	}
	UNROLL
	for (uint32_t t = 0; t < rows; t++) {
		vi_store(c + t * c_stride, acc[t][0]);
		vi_store(c + t * c_stride + 8, acc[t][1]);
	}
}

static WIDE void pairs(const int16_t *a, size_t a_stride, uint32_t T, uint32_t K, const int16_t *b, uint32_t N, int32_t *c, size_t c_stride)
{
	for (uint32_t n = 0; n < N; n += 16) {
		uint32_t t = 0;
#define TILE(h) pairs_tile(a + t * a_stride, a_stride, h, K, b + (size_t)n * K, c + t * c_stride + n, c_stride)
		for (; t + TILE_ROWS <= T; t += TILE_ROWS)
			TILE(TILE_ROWS);
		switch (T - t) {
		case 5: TILE(5); break;
		case 4: TILE(4); break;
		case 3: TILE(3); break;
		case 2: TILE(2); break;
		case 1: TILE(1); break;
		}
#undef TILE
	}
}
