/* Two paths of the kernels on the same numbers: any difference of a bit is a fault. The first bytes choose sizes, the rest
 * are the floats, so that infinities, no-numbers and the smallest ones all come. */
#include "../tests/unit/model_made.h"
#include "model/kernels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool good, const char *path, const char *what)
{
	if (!good) {
		fprintf(stderr, "%s: %s differs from the portable one\n", path, what);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ROWS = 5, WIDE_MOST = 192 };
	if (size < 8)
		return 0;
	const uint32_t T = 1 + data[0] % ROWS, K = 64u * (1u + data[1] % 3), n = data[2] % WIDE_MOST, O = 1 + data[3] % 9, spread = data[4];
	static const uint32_t powers[] = { 1, 1000, 1000000 };
	float *x = rows(ROWS, WIDE_MOST), *y = rows(ROWS, WIDE_MOST), *a = rows(ROWS * 16, WIDE_MOST), *b = rows(ROWS * 16, WIDE_MOST);
	for (size_t i = 0; i < ROWS * WIDE_MOST; i++) {
		uint32_t bits = 0;
		for (uint32_t j = 0; j < 4; j++)
			bits |= (uint32_t)data[5 + (i * 4 + j) % (size - 5)] << (8 * j);
		memcpy(&x[i], &bits, 4);
		if (spread % 4 != 0)            /* mostly numbers of everyday sizes */
			x[i] = (float)(int32_t)bits / 2147483648.0f * (float)powers[spread % 3];
		y[i] = (float)(int32_t)(bits * 2654435761u) / 2147483648.0f;
	}
	int8_t w[64 * WIDE_MOST];
	int32_t sum[64], other_sum[64], s[WIDE_MOST + 16], c[ROWS * WIDE_MOST], d[ROWS * WIDE_MOST];
	int16_t p[WIDE_MOST + 16], q[WIDE_MOST + 16], pairs[32 * WIDE_MOST];
	uint8_t u[ROWS * WIDE_MOST], v[ROWS * WIDE_MOST];
	float scale[ROWS], other_scale[ROWS];
	int32_t zero[ROWS], other_zero[ROWS];
	for (size_t i = 0; i < sizeof w; i++)
		w[i] = (int8_t)(data[i * 7 % size] % 127 - 63);
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		pairs[i] = (int16_t)(data[i * 3 % size] * 32 - 4080);
	for (size_t i = 0; i < COUNT_OF(s); i++)
		s[i] = (data[i * 5 % size] - 128) * (1 << (spread % 23));
	const kernels *P = &kernels_portable;
	const rows8 one = { u, scale, zero }, two = { v, other_scale, other_zero };
	const linear8 l = { .w = w, .scale = y, .bias = y + 64, .sum = sum, .in = K, .out = 64 };
	for (const char *const *name = model_cpus(); *name != NULL; name++) {
		if (!model_cpu_use(*name))
			abort();
		const kernels *k = kernels_now();
		P->round_rows(x, WIDE_MOST, T, K, one);
		k->round_rows(x, WIDE_MOST, T, K, two);
		expect(memcmp(u, v, (size_t)T * K) == 0 && same(scale, other_scale, T) && memcmp(zero, other_zero, T * 4) == 0, *name, "round_rows");
		P->sums(w, 64, K, sum);
		k->sums(w, 64, K, other_sum);
		expect(memcmp(sum, other_sum, sizeof sum) == 0, *name, "sums");
		expect(k->within(w, sizeof w), *name, "within");
		P->linear(&one, T, &l, a, 64);
		k->linear(&one, T, &l, b, 64);
		expect(same(a, b, (size_t)T * 64), *name, "linear");
		expect(P->largest(x, WIDE_MOST, T, 64) == k->largest(x, WIDE_MOST, T, 64), *name, "largest");
		P->round_pairs(x, 64, y[0] * 1000, QK_LEVELS, p);
		k->round_pairs(x, 64, y[0] * 1000, QK_LEVELS, q);
		expect(memcmp(p, q, 128) == 0, *name, "round_pairs");
		P->pairs(p, 16, T, 16, pairs, 32, c, 32);
		k->pairs(p, 16, T, 16, pairs, 32, d, 32);
		expect(memcmp(c, d, (size_t)T * 128) == 0, *name, "pairs");
		const float by = (float)exp2((double)(spread % 40) - 30);
		const int32_t total = P->softmax(s, n + 1, by, p);
		expect(k->softmax(s, n + 1, by, q) == total && memcmp(p, q, (n + 16) / 16 * 32) == 0, *name, "softmax");
		memcpy(a, x, n * 4);
		memcpy(b, x, n * 4);
		P->gelu(a, n);
		k->gelu(b, n);
		expect(same(a, b, n), *name, "gelu");
		memcpy(a, x, (size_t)T * K * 4);
		memcpy(b, x, (size_t)T * K * 4);
		P->add_norm(a, y, T, K, y, x);
		k->add_norm(b, y, T, K, y, x);
		expect(same(a, b, (size_t)T * K), *name, "add_norm");
		P->dense(x, T, n / 5, y, spread % 2 ? y : NULL, O, a);
		k->dense(x, T, n / 5, y, spread % 2 ? y : NULL, O, b);
		expect(same(a, b, (size_t)T * O), *name, "dense");
	}
	free(x); free(y); free(a); free(b);
	return 0;
}
