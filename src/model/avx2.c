/* AVX2: vpmaddubsw multiplies 32 bytes and adds them up by twos, vpmaddwd the twos by twos. */
#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
#define MULTIPLY_BYTES(acc, a, b) \
	((acc) = _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1))))
#define MULTIPLY_PAIRS(acc, a, b) ((acc) = _mm256_add_epi32(acc, _mm256_madd_epi16(a, b)))
/* 8 sums, 2 weights, an activation, ones and products in 16 registers. */
#define TILE_ROWS 4u

#include "model/wide256.h"

const kernels kernels_avx2 = { "avx2", round_rows, linear, sums, within, pairs, largest, round_pairs, softmax, scaled,
	gelu, add_norm, dense };
#endif
