/* The kernels of the model room: one table of functions for each instruction set, all with the same results, bit for bit.
 * The portable ones are the definition (docs/NUMERICS.md); the wide ones do the same operations in the same order.
 *
 * Legend: T pieces, K inputs of a product, N its outputs, H hidden units, d units of an attention head.
 * Packed weights: blocks of 16 outputs and 4 inputs, [N/16][K/4][16][4]: one AVX-512 register, two of AVX2.
 * Packed pairs:   blocks of 16 outputs and 2 inputs, [N/16][K/2][16][2] of 16-bit numbers.
 */
#ifndef KULA_MODEL_KERNELS_H
#define KULA_MODEL_KERNELS_H

#include "model/model.h"

#define WEIGHT_LEVELS 63                /* 255 * 63 * 2 < 32768: the sum of two byte products fits AVX2's 16 bits */
#define QK_LEVELS 4095                  /* 64 * 4095 * 4095 < 2^30 */
#define V_LEVELS 1023                   /* 512 * 4095 * 1023 < 2^31 */
#define P_LEVELS 4095
#define SMALLEST_RANGE 1e-30f           /* a row that spreads less is taken as zeros */
#define LAYER_EPSILON 1e-12f

/* Activations of 8 bits: row t is scale[t] * (q[t][k] - zero[t]). */
typedef struct rows8 { uint8_t *q; float *scale; int32_t *zero; } rows8;

/* A linear layer: packed weights, a scale, the sum of the whole weights, and a bias for each output. */
typedef struct linear8 { const int8_t *w; const float *scale, *bias; const int32_t *sum; uint32_t in, out; } linear8;

typedef struct kernels {
	const char *name;

	/* x[T][K] in rows `stride` floats apart, K a multiple of 64, to r.q[T][K]. */
	void (*round_rows)(const float *x, size_t stride, uint32_t T, uint32_t K, rows8 r);
	/* y[T][out] = r W^T + bias, rows of y `stride` floats apart. */
	void (*linear)(const rows8 *r, uint32_t T, const linear8 *l, float *y, size_t stride);
	/* sum[o] = sum over k of w[o][k] of packed weights. */
	void (*sums)(const int8_t *w, uint32_t out, uint32_t in, int32_t *sum);
	/* Are all of n (a multiple of 64) within -63..63? */
	bool (*within)(const int8_t *w, size_t n);

	/* c[T][N] = a[T][K] b[N][K]^T in whole numbers. b packed pairs, N a multiple of 16, K even; a's rows `a_stride` apart and
	 * 4-byte aligned, c's `c_stride`. No sum may leave 32 bits. */
	void (*pairs)(const int16_t *a, size_t a_stride, uint32_t T, uint32_t K, const int16_t *b, uint32_t N, int32_t *c, size_t c_stride);
	/* The largest |x| of x[T][d] in rows `stride` apart; d a multiple of 32. */
	float (*largest)(const float *x, size_t stride, uint32_t T, uint32_t d);
	/* q = round(x * inverse) within -levels..levels, n a multiple of 16. */
	void (*round_pairs)(const float *x, uint32_t n, float inverse, float levels, int16_t *q);
	/* p[n] = round(4095 * 2^((s - max s) * c)); p up to the next multiple of 16 is zero. The sum of p comes back, 1 at least.
	 * s has room up to that multiple. */
	int32_t (*softmax)(int32_t *s, uint32_t n, float c, int16_t *p);
	/* y[n] = (float)s[n] * f, n a multiple of 16. */
	void (*scaled)(const int32_t *s, uint32_t n, float f, float *y);

	/* x[n] = x Phi(x), any n. */
	void (*gelu)(float *x, size_t n);
	/* x[T][H] = norm(x + y) * weight + bias; y may be NULL. H any. */
	void (*add_norm)(float *x, const float *y, uint32_t T, uint32_t H, const float *weight, const float *bias);
	/* y[n][O] = x[n][I] W[O][I]^T + b. */
	void (*dense)(const float *x, uint32_t n, uint32_t I, const float *W, const float *b, uint32_t O, float *y);
} kernels;

extern const kernels kernels_portable;
#if defined(__x86_64__)
extern const kernels kernels_avx2, kernels_avxvnni, kernels_avx512vnni;
#endif

/* The table in use. Chosen at the first call (KULA_CPU, else the best) and by model_cpu_use. */
const kernels *kernels_now(void);
/* KULA_CPU as it is set when it names nothing that this machine runs; NULL: all is well. */
const char *kernels_unknown(void);

/* Coefficients shared by all paths; train/quant.py has the same. */
#define ROUNDER 12582912.0f             /* 1.5 * 2^23: adding and taking it away rounds to whole numbers, halves to even */
#define GELU_TOP 5.25f
#define GELU_MAP (2.0f / (GELU_TOP * GELU_TOP))
#define GELU_DEGREE 12
extern const float gelu_terms[GELU_DEGREE + 1];        /* highest first */
#define POWER_DEGREE 4
extern const float power_terms[POWER_DEGREE + 1];      /* 4095 * 2^f for f in -0.5..0.5, highest first */
#define POWER_LOWEST -30.0f

static inline float larger(float a, float b) { return a > b ? a : b; }          /* b where a is NaN, as maxps has it */
static inline float smaller(float a, float b) { return a < b ? a : b; }
static inline float whole(float x) { return (x + ROUNDER) - ROUNDER; }
static inline float add_eight(const float s[8])
{
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* The scale, its inverse and the zero of a row that spans lo..hi, lo <= 0 <= hi. */
static inline float row_scale(float lo, float hi, float *inverse, float *zero)
{
	const float spread = hi - lo, scale = spread > SMALLEST_RANGE ? spread / 255.0f : 1.0f;
	*inverse = 1.0f / scale;
	*zero = smaller(larger(whole(-lo * *inverse), 0.0f), 255.0f);
	return scale;
}

/* 1 / the standard deviation. */
float inverse_root(float variance);

#endif
