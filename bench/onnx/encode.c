/* encode WEIGHTS WINDOWS [CPU]: the encoder over a file of windows (u32 T, u16 ids [T] each), best of several runs, in seconds. */
#include "model/model.h"

#include <stdlib.h>
#include <time.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	kula_error err = {0};
	mapped f = {0};
	model *m = argc > 2 && file_map(argv[2], &f, &err) == KULA_OK ? model_open(argv[1], &err) : NULL;
	if (m == NULL || (argc > 3 && !model_cpu_use(argv[3]))) {
		fprintf(stderr, "encode: %s\n", err.text);
		return 1;
	}
	model_room *r = model_room_new(m);
	float *out = aligned_alloc(64, (size_t)512 * model_hidden(m) * 4);
	static const uint8_t shapes[512];
	if (r == NULL || out == NULL)
		return 1;
	double best = 1e9;
	for (int run = 0; run < 5; run++) {
		const double from = now();
		for (const byte *at = f.at; at < f.at + f.n;) {
			uint32_t T;
			uint16_t ids[512];
			memcpy(&T, at, 4);
			memcpy(ids, at + 4, T * 2);
			at += 4 + T * 2;
			model_encode(m, r, ids, shapes, T, 0, out);
		}
		best = MIN_OF(best, now() - from);
	}
	printf("%.6f\n", best);
	return 0;
}
