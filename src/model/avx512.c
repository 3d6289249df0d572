/* AVX-512 with VNNI: vpdpbusd multiplies 64 bytes and adds them up by fours. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define LANES 16u
typedef __m512 vf;
typedef __m512i vi;
#define vf_load(p) _mm512_loadu_ps(p)
#define vf_store(p, x) _mm512_storeu_ps(p, x)
#define vf_all(x) _mm512_set1_ps(x)
#define vf_max(a, b) _mm512_max_ps(a, b)
#define vf_min(a, b) _mm512_min_ps(a, b)
#define vf_and(a, b) _mm512_and_ps(a, b)
#define vf_of(x) _mm512_cvtepi32_ps(x)
#define vi_of(x) _mm512_cvttps_epi32(x)
#define vi_round(x) _mm512_cvtps_epi32(x)
#define vi_load(p) _mm512_loadu_si512(p)
#define vi_store(p, x) _mm512_storeu_si512(p, x)
#define vi_all(x) _mm512_set1_epi32(x)
#define vi_max(a, b) _mm512_max_epi32(a, b)
#define vi_add(a, b) _mm512_add_epi32(a, b)
#define vi_sub(a, b) _mm512_sub_epi32(a, b)
#define vi_exponent(x) _mm512_slli_epi32(x, 23)
#define vi_as_vf(x) _mm512_castsi512_ps(x)
#define vf_as_vi(x) _mm512_castps_si512(x)
#define vi_store_u8(p, x) _mm_storeu_si128((__m128i *)(void *)(p), _mm512_cvtepi32_epi8(x))
#define vi_store_i16(p, x) _mm256_storeu_si256((__m256i *)(void *)(p), _mm512_cvtepi32_epi16(x))

#include "model/wide.h"

/* Rows by blocks of 16 outputs that one pass over the inputs makes: 24 sums, the weights of the blocks and an activation in 32
 * registers. Linear layers go wide, which asks least of the loads; a head of 32 units has only two blocks. */
#define TILE_ROWS 6u
#define TILE_BLOCKS 4u
#define PAIR_ROWS 12u
#define PAIR_BLOCKS 2u

/* acc += a * b by fours of bytes and by pairs. As intrinsics, GCC 12 keeps sums in memory and runs at less than half. */
#define MULTIPLY_BYTES(acc, a, b) __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(b))
#define MULTIPLY_PAIRS(acc, a, b) __asm__("vpdpwssd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(b))

static inline WIDE __attribute__((always_inline)) void linear_tile(const uint8_t *q, const float *scale, const int32_t *zero, uint32_t rows,
	const linear8 *l, uint32_t n, float *y, size_t stride)
{
	const size_t K = l->in;
	const int8_t *w = l->w + (size_t)n * K;
	__m512i acc[TILE_ROWS][TILE_BLOCKS];
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		UNROLL
		for (uint32_t j = 0; j < TILE_BLOCKS; j++)
			acc[t][j] = _mm512_setzero_si512();
	for (size_t k = 0; k < K; k += 4) {
		__m512i b[TILE_BLOCKS];
		UNROLL
		for (uint32_t j = 0; j < TILE_BLOCKS; j++)
			b[j] = _mm512_loadu_si512(w + j * 16 * K + k * 16);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			int32_t four;
			memcpy(&four, q + t * K + k, 4);
			const __m512i a = _mm512_set1_epi32(four);
			UNROLL
			for (uint32_t j = 0; j < TILE_BLOCKS; j++)
				MULTIPLY_BYTES(acc[t][j], a, b[j]);
		}
	}
	UNROLL
	for (uint32_t j = 0; j < TILE_BLOCKS; j++) {
		const uint32_t o = n + j * 16;
		const __m512i sum = _mm512_loadu_si512(l->sum + o);
		const __m512 by = _mm512_loadu_ps(l->scale + o), bias = _mm512_loadu_ps(l->bias + o);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			const __m512i s = _mm512_sub_epi32(acc[t][j], _mm512_mullo_epi32(_mm512_set1_epi32(zero[t]), sum));
			_mm512_storeu_ps(y + t * stride + o, _mm512_cvtepi32_ps(s) * (_mm512_set1_ps(scale[t]) * by) + bias);
		}
	}
}

/* Tiles of nearly equal height: 13 rows are 5, 4 and 4. */
#define LOW_HEIGHTS(do) do(1) do(2) do(3) do(4) do(5) do(6)
#define HIGH_HEIGHTS(do) do(7) do(8) do(9) do(10) do(11) do(12)

static WIDE void linear(const rows8 *r, uint32_t T, const linear8 *l, float *y, size_t stride)
{
	const uint32_t tiles = (T + TILE_ROWS - 1) / TILE_ROWS;
	for (uint32_t n = 0; n < l->out; n += 16 * TILE_BLOCKS)
		for (uint32_t i = 0; i < tiles; i++) {
			const uint32_t from = i * T / tiles, rows = (i + 1) * T / tiles - from;
			switch (rows) {
#define HEIGHT(h) case h: linear_tile(r->q + (size_t)from * l->in, r->scale + from, r->zero + from, h, l, n, y + from * stride, stride); break;
			LOW_HEIGHTS(HEIGHT)
#undef HEIGHT
			}
		}
}

static WIDE void sums(const int8_t *w, uint32_t out, uint32_t in, int32_t *sum)
{
	for (uint32_t n = 0; n < out; n += 16, w += (size_t)16 * in) {
		__m512i acc = _mm512_setzero_si512();
		for (uint32_t k = 0; k < in; k += 4)
			acc = _mm512_dpbusd_epi32(acc, _mm512_set1_epi8(1), _mm512_loadu_si512(w + (size_t)k * 16));
		_mm512_storeu_si512(sum + n, acc);
	}
}

static WIDE bool within(const int8_t *w, size_t n)
{
	__m512i most = _mm512_setzero_si512(), least = most;
	for (; n >= 64; n -= 64, w += 64) {
		most = _mm512_max_epi8(most, _mm512_loadu_si512(w));
		least = _mm512_min_epi8(least, _mm512_loadu_si512(w));
	}
	return _mm512_cmpgt_epi8_mask(most, _mm512_set1_epi8(WEIGHT_LEVELS)) == 0
		&& _mm512_cmplt_epi8_mask(least, _mm512_set1_epi8(-WEIGHT_LEVELS)) == 0;
}

static inline WIDE __attribute__((always_inline)) void pairs_tile(const int16_t *a, size_t a_stride, uint32_t rows, uint32_t K, const int16_t *b,
	uint32_t blocks, int32_t *c, size_t c_stride)
{
	__m512i acc[PAIR_ROWS][PAIR_BLOCKS];
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		UNROLL
		for (uint32_t j = 0; j < blocks; j++)
			acc[t][j] = _mm512_setzero_si512();
	for (size_t k = 0; k < K; k += 2) {
		__m512i w[PAIR_BLOCKS];
		UNROLL
		for (uint32_t j = 0; j < blocks; j++)
			w[j] = _mm512_loadu_si512(b + j * 16 * K + k * 16);
		UNROLL
		for (uint32_t t = 0; t < rows; t++) {
			int32_t two;
			memcpy(&two, a + t * a_stride + k, 4);
			const __m512i x = _mm512_set1_epi32(two);
			UNROLL
			for (uint32_t j = 0; j < blocks; j++)
				MULTIPLY_PAIRS(acc[t][j], x, w[j]);
		}
	}
	UNROLL
	for (uint32_t t = 0; t < rows; t++)
		UNROLL
		for (uint32_t j = 0; j < blocks; j++)
			_mm512_storeu_si512(c + t * c_stride + j * 16, acc[t][j]);
}

static WIDE void pairs(const int16_t *a, size_t a_stride, uint32_t T, uint32_t K, const int16_t *b, uint32_t N, int32_t *c, size_t c_stride)
{
	const uint32_t tiles = (T + PAIR_ROWS - 1) / PAIR_ROWS;
	for (uint32_t n = 0; n < N; n += 16 * PAIR_BLOCKS)
		for (uint32_t i = 0; i < tiles; i++) {
			const uint32_t from = i * T / tiles, rows = (i + 1) * T / tiles - from;
			const int16_t *x = a + from * a_stride, *w = b + (size_t)n * K;
			int32_t *to = c + from * c_stride + n;
			switch (N - n >= 16 * PAIR_BLOCKS ? rows : rows + 16u) {
#define HEIGHT(h) case h: pairs_tile(x, a_stride, h, K, w, 2, to, c_stride); break; \
		case h + 16u: pairs_tile(x, a_stride, h, K, w, 1, to, c_stride); break;
			LOW_HEIGHTS(HEIGHT) HIGH_HEIGHTS(HEIGHT)
#undef HEIGHT
			}
		}
}

const kernels kernels_avx512vnni = { "avx512vnni", round_rows, linear, sums, within, pairs, largest, round_pairs, softmax, scaled,
	gelu, add_norm, dense };
#endif
