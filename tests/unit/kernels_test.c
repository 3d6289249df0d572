/* Every kernel on every path against the portable one, bit for bit; and the portable one against the C library. */
#include "model/kernels.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>

/* ---- numbers to try ---- */

static uint64_t state = 1;

static uint32_t draw(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

static float real(float spread)
{
	return ((float)draw() / 2147483648.0f - 0.5f) * 2.0f * spread;
}

static int32_t between(int32_t from, int32_t to)
{
	return from + (int32_t)(draw() % (uint32_t)(to - from + 1));
}

/* A block that ends where memory does, as far as the sanitizer sees; 64-byte aligned like the real ones. */
static void *block(size_t bytes)
{
	void *at = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
	if (at == NULL)
		abort();
	memset(at, 0xa5, (bytes + 63) / 64 * 64 + 64);
	return at;
}

static float *reals(size_t n, float spread)
{
	float *x = block(n * sizeof *x);
	for (size_t i = 0; i < n; i++)
		x[i] = real(spread);
	return x;
}

/* No number is like another; all else must have the same bits. */
static bool same(const float *a, const float *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i])))
			return false;
	return true;
}

static const kernels *const P = &kernels_portable;

/* Runs the statement that follows with K as each of the other paths. */
#define EACH_PATH(K) \
	for (const char *const *name = model_cpus(); *name != NULL; name++) \
		for (const kernels *K = model_cpu_use(*name) ? kernels_now() : NULL; K != NULL && K != P; K = NULL)

/* ---- whole numbers ---- */

TEST(rounds_rows)
{
	static const uint32_t widths[] = { 64, 128, 384, 1536 };
	for (uint32_t w = 0; w < COUNT_OF(widths); w++) {
		const uint32_t K = widths[w], T = 12, stride = K + 16;
		float *x = reals((size_t)T * stride, 3.0f);
		for (uint32_t k = 0; k < K; k++) {
			x[k] = 0.0f;
			x[stride + k] = -fabsf(x[stride + k]);
			x[2 * stride + k] = 1.0f + fabsf(x[2 * stride + k]);
			x[3 * stride + k] *= 1e-38f;
			x[4 * stride + k] *= 1e38f;
			x[5 * stride + k] = k % 2 == 0 ? -0.0f : 0.0f;
			x[8 * stride + k] = (float)(k % 256) - 100.5f;          /* all halves */
		}
		x[6 * stride + 5] = INFINITY;
		x[7 * stride + K - 1] = NAN;
		x[9 * stride] = -INFINITY;
		x[10 * stride + 3] = 1e9f;
		rows8 a = { block((size_t)T * K), block(T * 4), block(T * 4) }, b = { block((size_t)T * K), block(T * 4), block(T * 4) };
		P->round_rows(x, stride, T, K, a);
		EACH_PATH(other) {
			other->round_rows(x, stride, T, K, b);
			CHECK(memcmp(a.q, b.q, (size_t)T * K) == 0);
			CHECK(same(a.scale, b.scale, T));
			CHECK(memcmp(a.zero, b.zero, T * sizeof *a.zero) == 0);
		}
		for (uint32_t t = 8; t < T; t += 3)             /* rows 8 and 11: half a step off at most */
			for (uint32_t k = 0; k < K; k++)
				CHECK_NEAR(a.scale[t] * (float)((int32_t)a.q[t * K + k] - a.zero[t]), x[t * stride + k], a.scale[t] * 0.501f);
		free(x); free(a.q); free(a.scale); free(a.zero); free(b.q); free(b.scale); free(b.zero);
	}
}

TEST(multiplies_bytes)
{
	static const struct { uint32_t in, out; } sizes[] = { { 64, 64 }, { 128, 192 }, { 384, 64 }, { 1536, 128 } };
	for (uint32_t z = 0; z < COUNT_OF(sizes); z++)
		for (uint32_t T = 1; T <= 27; T += z < 2 ? 1 : 5) {
			const uint32_t K = sizes[z].in, N = sizes[z].out;
			const bool extreme = T % 4 == 0;
			int8_t *w = block((size_t)N * K);
			int32_t *sum = block(N * 4), *sum2 = block(N * 4);
			float *scale = reals(N, 0.01f), *bias = reals(N, 1.0f), *y = block((size_t)T * N * 4), *y2 = block((size_t)T * N * 4);
			rows8 r = { block((size_t)T * K), reals(T, 0.1f), block(T * 4) };
			for (size_t i = 0; i < (size_t)N * K; i++)
				w[i] = (int8_t)(extreme ? (draw() % 2 ? 63 : -63) : between(-63, 63));
			for (size_t i = 0; i < (size_t)T * K; i++)
				r.q[i] = (uint8_t)(extreme ? 255 : between(0, 255));
			if (extreme)
				memset(w, 63, (size_t)16 * K);          /* the largest sums there are */
			for (uint32_t t = 0; t < T; t++)
				r.zero[t] = between(0, 255);
			P->sums(w, N, K, sum);
			const linear8 l = { .w = w, .scale = scale, .bias = bias, .sum = sum, .in = K, .out = N };
			P->linear(&r, T, &l, y, N);
			EACH_PATH(other) {
				other->sums(w, N, K, sum2);
				CHECK(memcmp(sum, sum2, N * sizeof *sum) == 0);
				other->linear(&r, T, &l, y2, N);
				CHECK(same(y, y2, (size_t)T * N));
			}
			/* and one of them by the definition, from the unpacked matrix */
			const uint32_t t = T / 2, o = N - 3;
			int32_t acc = 0;
			for (uint32_t k = 0; k < K; k++)
				acc += ((int32_t)r.q[t * K + k] - r.zero[t]) * w[(size_t)(o / 16) * 16 * K + (k / 4) * 64 + (o % 16) * 4 + k % 4];
			const float expected = (float)acc * (r.scale[t] * scale[o]) + bias[o];
			CHECK(same(&expected, &y[t * N + o], 1));
			free(w); free(sum); free(sum2); free(scale); free(bias); free(y); free(y2); free(r.q); free(r.scale); free(r.zero);
		}
}

TEST(finds_weights_out_of_range)
{
	int8_t w[192];
	for (const char *const *name = model_cpus(); *name != NULL; name++) {
		CHECK(model_cpu_use(*name));
		for (uint32_t i = 0; i < sizeof w; i++) {
			static const int8_t bad[] = { 64, 127, -64, -128 };
			memset(w, i % 2 ? 63 : -63, sizeof w);
			CHECK(kernels_now()->within(w, sizeof w));
			w[i] = bad[i % 4];
			CHECK(!kernels_now()->within(w, sizeof w));
		}
	}
}

TEST(multiplies_pairs)
{
	for (uint32_t T = 1; T <= 26; T++)
		for (uint32_t N = 16; N <= 80; N += 16) {
			const uint32_t K = 2 * (uint32_t)between(1, 40), a_stride = K + 2 * (uint32_t)between(0, 3), c_stride = N + (uint32_t)between(0, 5);
			int16_t *a = block((size_t)T * a_stride * 2), *b = block((size_t)N * K * 2);
			int32_t *c = block((size_t)T * c_stride * 4), *c2 = block((size_t)T * c_stride * 4);
			for (uint32_t i = 0; i < T * a_stride; i++)
				a[i] = (int16_t)between(-4095, 4095);
			for (uint32_t i = 0; i < N * K; i++)
				b[i] = (int16_t)between(-4095, 4095);
			P->pairs(a, a_stride, T, K, b, N, c, c_stride);
			EACH_PATH(other) {
				other->pairs(a, a_stride, T, K, b, N, c2, c_stride);
				CHECK(memcmp(c, c2, ((size_t)(T - 1) * c_stride + N) * 4) == 0);
			}
			free(a); free(b); free(c); free(c2);
		}
}

TEST(largest_sums_of_attention_fit)
{
	enum { K = 512, N = 32 };
	int16_t *a = block(2 * K * 2), *b = block(N * K * 2);
	int32_t *c = block(2 * N * 4);
	for (uint32_t i = 0; i < 2 * K; i++)
		a[i] = P_LEVELS;
	for (uint32_t i = 0; i < N * K; i++)
		b[i] = i % 64 < 32 ? V_LEVELS : -V_LEVELS;
	for (const char *const *name = model_cpus(); *name != NULL; name++) {
		CHECK(model_cpu_use(*name));
		kernels_now()->pairs(a, K, 2, K, b, N, c, N);
		CHECK_EQ_INT(c[0], 0);
		kernels_now()->pairs(a, K, 2, 2, b, 16, c, N);
		CHECK_EQ_INT(c[0], 2 * P_LEVELS * V_LEVELS);
	}
	for (uint32_t i = 0; i < N * K; i++)
		b[i] = V_LEVELS;
	for (const char *const *name = model_cpus(); *name != NULL; name++) {
		CHECK(model_cpu_use(*name));
		kernels_now()->pairs(a, K, 2, K, b, N, c, N);
		CHECK_EQ_INT(c[N + 31], 512ll * 4095 * 1023);
	}
	free(a); free(b); free(c);
}

TEST(attention_by_rows)
{
	for (uint32_t n = 1; n <= 80; n++) {
		const uint32_t room = (n + 15) / 16 * 16;
		int32_t *s = block(room * 4);
		int16_t *p = block(room * 2), *p2 = block(room * 2);
		float *y = block(room * 4), *y2 = block(room * 4);
		const float c = n % 7 == 0 ? 1e-12f : n % 11 == 0 ? INFINITY : n % 13 == 0 ? NAN : 1e-6f;
		for (uint32_t i = 0; i < room; i++)
			s[i] = n % 5 == 0 ? (draw() % 2 ? 64 * 4095 * 4095 : -64 * 4095 * 4095) : between(-8000000, 8000000);
		const int32_t sum = P->softmax(s, n, c, p);
		P->scaled(s, room, 0.37f, y);
		EACH_PATH(other) {
			memset(p2, 0x77, room * sizeof *p2);
			CHECK_EQ_INT(other->softmax(s, n, c, p2), sum);
			CHECK(memcmp(p, p2, room * sizeof *p) == 0);
			other->scaled(s, room, 0.37f, y2);
			CHECK(same(y, y2, room));
		}
		int32_t top = s[0], total = 0;
		for (uint32_t i = 0; i < n; i++)
			top = MAX_OF(top, s[i]);
		for (uint32_t i = 0; i < n; i++)
			total += p[i];
		if (c < 1.0f) {
			CHECK_EQ_INT(total, sum);
			for (uint32_t i = 0; i < n; i++)
				CHECK_NEAR(p[i], 4095.0 * exp2(((double)s[i] - top) * (double)c), 0.55);
		}
		for (uint32_t i = n; i < room; i++)
			CHECK_EQ_INT(p[i], 0);
		free(s); free(p); free(p2); free(y); free(y2);
	}
	for (uint32_t T = 1; T < 9; T++)
		for (uint32_t d = 32; d <= 64; d += 32) {
			float *x = reals((size_t)T * 100, 5.0f);
			int16_t q[64], q2[64];
			x[3] = NAN;
			x[4] = -INFINITY * (float)(T % 2);
			P->round_pairs(x, d, 4095.0f / 5.0f, 4095.0f, q);
			EACH_PATH(other) {
				CHECK(P->largest(x, 100, T, d) == other->largest(x, 100, T, d));
				other->round_pairs(x, d, 4095.0f / 5.0f, 4095.0f, q2);
				CHECK(memcmp(q, q2, d * sizeof *q) == 0);
			}
			free(x);
		}
}

/* ---- floats ---- */

TEST(gelu_of_every_length)
{
	for (uint32_t n = 0; n <= 70; n++) {
		float *x = reals(n, 8.0f), *y = block(n * 4), *z = block(n * 4);
		if (n > 5) {
			x[0] = INFINITY;
			x[1] = -INFINITY;
			x[2] = NAN;
			x[3] = 0.0f;
			x[4] = -1e30f;
		}
		memcpy(y, x, n * sizeof *x);
		P->gelu(y, n);
		EACH_PATH(other) {
			memcpy(z, x, n * sizeof *x);
			other->gelu(z, n);
			CHECK(same(y, z, n));
		}
		free(x); free(y); free(z);
	}
	for (double x = -12; x < 12; x += 0.001) {
		float y = (float)x;
		P->gelu(&y, 1);
		CHECK_NEAR(y, (double)(float)x * 0.5 * erfc(-(double)(float)x * 0.70710678118654752), 3e-6);
	}
}

TEST(norms)
{
	static const uint32_t widths[] = { 1, 5, 8, 16, 61, 64, 384, 768 };
	for (uint32_t w = 0; w < COUNT_OF(widths); w++)
		for (uint32_t T = 1; T <= 9; T++) {
			const uint32_t H = widths[w];
			const size_t n = (size_t)T * H;
			float *x = reals(n, 2.0f), *y = reals(n, 1.0f), *weight = reals(H, 1.0f), *bias = reals(H, 1.0f), *a = block(n * 4), *b = block(n * 4);
			for (int with = 0; with < 2; with++) {
				memcpy(a, x, n * sizeof *x);
				P->add_norm(a, with ? y : NULL, T, H, weight, bias);
				EACH_PATH(other) {
					memcpy(b, x, n * sizeof *x);
					other->add_norm(b, with ? y : NULL, T, H, weight, bias);
					CHECK(same(a, b, n));
				}
			}
			double mean = 0, square = 0;
			for (uint32_t i = 0; i < H; i++)
				mean += ((double)x[i] + (double)y[i]) / H;
			for (uint32_t i = 0; i < H; i++)
				square += ((double)x[i] + (double)y[i] - mean) * ((double)x[i] + (double)y[i] - mean) / H;
			if (H > 1)
				CHECK_NEAR(a[H - 1], ((double)x[H - 1] + (double)y[H - 1] - mean) / sqrt(square) * (double)weight[H - 1] + (double)bias[H - 1], 1e-4);
			free(x); free(y); free(weight); free(bias); free(a); free(b);
		}
}

TEST(dense_of_every_size)
{
	for (uint32_t I = 0; I <= 35; I++)
		for (uint32_t O = 1; O <= 9; O++)
			for (uint32_t n = 1; n <= 5; n++) {
				float *x = reals((size_t)n * I, 1.0f), *W = reals((size_t)O * I, 1.0f), *bias = reals(O, 1.0f);
				float *a = block((size_t)n * O * 4), *b = block((size_t)n * O * 4);
				if (I > 2)
					x[1] = W[1] = -0.0f;
				P->dense(x, n, I, W, n % 2 ? bias : NULL, O, a);
				EACH_PATH(other) {
					other->dense(x, n, I, W, n % 2 ? bias : NULL, O, b);
					CHECK(same(a, b, (size_t)n * O));
				}
				double sum = n % 2 ? (double)bias[O - 1] : 0;
				for (uint32_t i = 0; i < I; i++)
					sum += (double)x[(n - 1) * I + i] * (double)W[(O - 1) * I + i];
				CHECK_NEAR(a[n * O - 1], sum, 1e-5);
				free(x); free(W); free(bias); free(a); free(b);
			}
}

TEST(functions_of_the_heads)
{
	for (double x = -80; x < 80; x += 0.01)
		CHECK_NEAR((double)head_exp((float)x) / exp((double)(float)x), 1.0, 3e-7);
	CHECK(head_exp(0.0f) == 1.0f);
	CHECK(head_exp(-1e9f) > 0.0f && head_exp(-1e9f) < 1e-37f);
	CHECK(isfinite(head_exp(1e9f)) && head_exp(1e9f) > 1e38f);
	CHECK(head_sigmoid(0.0f) == 0.5f);
	CHECK_NEAR(head_sigmoid(2.0f), 0.88079708, 1e-6);
	CHECK(head_sigmoid(-200.0f) >= 0.0f && head_sigmoid(200.0f) == 1.0f);
	float x[11], sum = 0, y[11];
	for (uint32_t i = 0; i < 11; i++)
		y[i] = x[i] = real(20.0f);
	head_softmax(x, 11);
	for (uint32_t i = 0; i < 11; i++) {
		sum += x[i];
		CHECK_NEAR(x[i] / x[0], exp((double)y[i] - (double)y[0]), 1e-3 * exp((double)y[i] - (double)y[0]));
	}
	CHECK_NEAR(sum, 1.0, 1e-6);
	head_softmax(x, 0);
	head_softmax(x, 1);
	CHECK(x[0] == 1.0f);
}

TEST(paths_by_name)
{
	CHECK(!model_cpu_use("abacus"));
	CHECK(!model_cpu_use(NULL));
	CHECK(model_cpu_use("portable"));
	CHECK_EQ_STR(model_cpu(), "portable");
	uint32_t n = 0;
	for (const char *const *name = model_cpus(); *name != NULL; name++, n++) {
		CHECK(model_cpu_use(*name));
		CHECK_EQ_STR(model_cpu(), *name);
	}
	CHECK(n >= 1);
	CHECK_EQ_STR(model_cpus()[n - 1], "portable");
}

TEST_MAIN(TEST_ENTRY(rounds_rows), TEST_ENTRY(multiplies_bytes), TEST_ENTRY(finds_weights_out_of_range), TEST_ENTRY(multiplies_pairs),
	TEST_ENTRY(largest_sums_of_attention_fit), TEST_ENTRY(attention_by_rows), TEST_ENTRY(gelu_of_every_length), TEST_ENTRY(norms),
	TEST_ENTRY(dense_of_every_size), TEST_ENTRY(functions_of_the_heads), TEST_ENTRY(paths_by_name))
