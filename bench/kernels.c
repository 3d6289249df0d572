/* kernels: the products of the encoder against what the machine can do at most, each path; then the whole encoder.
 *
 *	build/bench/kernels [BUILD] [WEIGHTS]           random weights of six layers of 384 by default
 *
 * Peak is a loop of the path's multiply-and-add instructions on registers alone. GOP/s count a multiplication and an addition
 * as two. Times are the best of many, of this thread's own processor time, so that a busy machine disturbs little.
 */
#include "../tests/unit/model_made.h"
#include "model/encoder.h"

#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The best time of `work`, in seconds, over some 0.2 s. */
#define BEST(seconds, work) \
	do { \
		double spent = 0, took; \
		(seconds) = 1e9; \
		for (int runs = 0; runs < 5 || (spent < 0.2 && runs < 20000); runs++) { \
			took = now(); \
			work; \
			took = now() - took; \
			spent += took; \
			(seconds) = MIN_OF(seconds, took); \
		} \
	} while (0)

enum { LOOPS = 20000, ROWS_MOST = 256 };

#if defined(__x86_64__)
static __attribute__((target("avx512f,avx512vnni"))) double vnni_loop(void)
{
	__m512i s[12], a = _mm512_set1_epi8(3);
	for (int i = 0; i < 12; i++)
		s[i] = _mm512_set1_epi32(i);
#define STEP(i) "vpdpbusd %12, %12, %" #i "\n\t"
	for (int k = 0; k < LOOPS; k++)
		__asm__ volatile(STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10) STEP(11)
			: "+v"(s[0]), "+v"(s[1]), "+v"(s[2]), "+v"(s[3]), "+v"(s[4]), "+v"(s[5]), "+v"(s[6]), "+v"(s[7]), "+v"(s[8]), "+v"(s[9]),
			"+v"(s[10]), "+v"(s[11]) : "v"(a));
	return 2.0 * 64 * 12 * LOOPS;
}

static __attribute__((target("avx2"))) double avxvnni_loop(void)
{
	__m256i s[12], a = _mm256_set1_epi8(3);
	for (int i = 0; i < 12; i++)
		s[i] = _mm256_set1_epi32(i);
#undef STEP
#define STEP(i) "%{vex%} vpdpbusd %12, %12, %" #i "\n\t"
	for (int k = 0; k < LOOPS; k++)
		__asm__ volatile(STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10) STEP(11)
			: "+x"(s[0]), "+x"(s[1]), "+x"(s[2]), "+x"(s[3]), "+x"(s[4]), "+x"(s[5]), "+x"(s[6]), "+x"(s[7]), "+x"(s[8]), "+x"(s[9]),
			"+x"(s[10]), "+x"(s[11]) : "x"(a));
	return 2.0 * 32 * 12 * LOOPS;
}

static __attribute__((target("avx2"))) double avx2_loop(void)
{
	__m256i s[8], a = _mm256_set1_epi8(3), ones = _mm256_set1_epi16(1), t, u;
	for (int i = 0; i < 8; i++)
		s[i] = _mm256_set1_epi32(i);
#undef STEP
#define STEP(i, t) "vpmaddubsw %10, %10, %" #t "\n\tvpmaddwd %11, %" #t ", %" #t "\n\tvpaddd %" #t ", %" #i ", %" #i "\n\t"
	for (int k = 0; k < LOOPS; k++)
		__asm__ volatile(STEP(0, 8) STEP(1, 9) STEP(2, 8) STEP(3, 9) STEP(4, 8) STEP(5, 9) STEP(6, 8) STEP(7, 9)
			: "+x"(s[0]), "+x"(s[1]), "+x"(s[2]), "+x"(s[3]), "+x"(s[4]), "+x"(s[5]), "+x"(s[6]), "+x"(s[7]), "=&x"(t), "=&x"(u)
			: "x"(a), "x"(ones));
	return 2.0 * 32 * 8 * LOOPS;
}
#endif

static double peak(const char *name)
{
	double seconds = 1, operations = 0;
#if defined(__x86_64__)
	if (strcmp(name, "avx512vnni") == 0)
		BEST(seconds, operations = vnni_loop());
	else if (strcmp(name, "avxvnni") == 0)
		BEST(seconds, operations = avxvnni_loop());
	else if (strcmp(name, "avx2") == 0)
		BEST(seconds, operations = avx2_loop());
#endif
	(void)name;
	return operations / seconds * 1e-9;
}

static void measure(const model *m, const char *name)
{
	static const uint32_t lengths[] = { 8, 32, 64, 128, 256 };
	const kernels *K = kernels_now();
	const double most = peak(name);
	const size_t wide = MAX_OF(3 * m->H, m->I);
	float *y = rows(ROWS_MOST, wide), *x = rows(ROWS_MOST, wide), *scale = rows(1, ROWS_MOST);
	int32_t *zero = calloc(ROWS_MOST, sizeof *zero);
	uint8_t *q = aligned_alloc(64, ROWS_MOST * wide);
	if (zero == NULL || q == NULL)
		abort();
	const rows8 r = { q, scale, zero };
	for (size_t i = 0; i < ROWS_MOST * wide; i++) {
		q[i] = (uint8_t)(i * 31);
		x[i] = (float)(i * 31 % 255) / 64.0f - 2.0f;
	}
	for (uint32_t i = 0; i < ROWS_MOST; i++)
		scale[i] = 0.01f;
	printf(most > 0 ? "\n%-11s peak %.0f GOP/s\n" : "\n%s\n", name, most);
	const struct { const char *name; const linear8 *l; } layers[] = { { "qkv", &m->layer[0].qkv }, { "out", &m->layer[0].out },
		{ "up", &m->layer[0].up }, { "down", &m->layer[0].down } };
	printf("  GOP/s at rows");
	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		printf("%12u", lengths[i]);
	printf("\n");
	double s;
	for (size_t j = 0; j < COUNT_OF(layers); j++) {
		const linear8 *l = layers[j].l;
		printf("  %-4s %4u x %-4u", layers[j].name, l->in, l->out);
		for (size_t i = 0; i < COUNT_OF(lengths); i++) {
			BEST(s, K->linear(&r, lengths[i], l, y, l->out));
			const double speed = 2e-9 * lengths[i] * l->in * l->out / s;
			if (most > 0)
				printf("%6.0f %3.0f %%", speed, 100 * speed / most);
			else
				printf("%12.0f", speed);
		}
		printf("\n");
	}
	printf("  encoder pieces/s");
	model_room *room = model_room_new(m);
	if (room == NULL)
		abort();
	uint16_t ids[ROWS_MOST];
	uint8_t shapes[ROWS_MOST];
	for (uint32_t i = 0; i < ROWS_MOST; i++) {
		ids[i] = (uint16_t)(i * 97 % m->V);
		shapes[i] = (uint8_t)(i % m->shapes);
	}
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		BEST(s, model_encode(m, room, ids, shapes, lengths[i], 0, y));
		printf("%*.0f", i == 0 ? 9 : 12, lengths[i] / s);
	}
	printf("\n  ns each:");
	const size_t n = (size_t)64 * m->I;
	BEST(s, K->gelu(x, n));
	printf(" gelu %.2f", s / (double)n * 1e9);
	BEST(s, K->round_rows(x, m->I, 64, m->I, r));
	printf("  rounding %.2f", s / (double)n * 1e9);
	BEST(s, K->add_norm(x, y, 64, m->H, m->norm_weight, m->norm_bias));
	printf("  norm %.2f", s / (64.0 * m->H) * 1e9);
	int32_t scores[256];
	int16_t p[256];
	for (int i = 0; i < 256; i++)
		scores[i] = i * 7919 % 10007;
	BEST(s, for (int i = 0; i < 100; i++) K->softmax(scores, 256, 1e-3f, p));
	printf("  softmax %.2f\n", s / 25600 * 1e9);
	model_room_free(room);
	free(x); free(y); free(scale); free(zero); free(q);
}

int main(int argc, char **argv)
{
	kula_error err = {0};
	model *m;
	double s = now();
	if (argc > 2) {
		m = model_open(argv[2], &err);
		printf("%s, ", argv[2]);
	} else {
		image f = written(encoder_sized(384, 12, 6, 1.0f, ROWS_MOST));
		s = now();
		m = opened(f, &err);
		free(f.at);
		printf("random weights, ");
	}
	if (m == NULL) {
		fprintf(stderr, "kernels: %s\n", err.text);
		return 1;
	}
	if (m->P < ROWS_MOST) {
		fprintf(stderr, "kernels: fewer than %d positions\n", ROWS_MOST);
		return 1;
	}
	printf("%u layers of %u, opened and checked in %.1f ms\n", m->N, m->H, (now() - s) * 1e3);
	for (const char *const *name = model_cpus(); *name != NULL; name++)
		if (model_cpu_use(*name))
			measure(m, *name);
	model_close(m);
	return 0;
}
