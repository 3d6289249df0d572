/* AVX-VNNI: AVX-512's vpdpbusd for registers of 256 bits, in processors of laptops that have no AVX-512. */
#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
/* As in avx512.c, assembler keeps GCC's sums in registers; {vex} picks the encoding without AVX-512. */
#define MULTIPLY_BYTES(acc, a, b) __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(acc) : "x"(a), "x"(b))
#define MULTIPLY_PAIRS(acc, a, b) __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(acc) : "x"(a), "x"(b))
/* 12 sums, 2 weights and an activation in 16 registers. */
#define TILE_ROWS 6u

#include "model/wide256.h"

const kernels kernels_avxvnni = { "avxvnni", round_rows, linear, sums, within, pairs, largest, round_pairs, softmax, scaled,
	gelu, add_norm, dense };
#endif
