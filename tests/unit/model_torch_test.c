/* The encoder against PyTorch: train/sample.py wrote what PyTorch gives for 50 sentences under the installed weights. */
#include "base/base.h"
#include "model/model.h"
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#define SAMPLE "tests/data/model_sample.bin"
#define WEIGHTS "data/kula.weights"

static const byte *take(const byte **at, const byte *end, size_t n)
{
	if ((size_t)(end - *at) < n) {
		fprintf(stderr, SAMPLE " ends too early\n");
		exit(1);
	}
	const byte *const here = *at;
	*at += n;
	return here;
}

static const float *floats(const model *m, const char *name, uint32_t rank, uint32_t *rows)
{
	tensor t;
	kula_error err = {0};
	if (model_tensor(m, name, TENSOR_F32, rank, &t, &err) != KULA_OK)
		return NULL;
	*rows = t.dim[0];
	return t.at;
}

static void compare(const char *weights, const char *path)
{
	kula_error err = {0};
	mapped f;
	REQUIRE(file_map(path, &f, &err) == KULA_OK);
	model *m = model_open(weights, &err);
	CHECK_EQ_STR(err.text, "");
	REQUIRE(m != NULL);
	const byte *at = f.at, *end = f.at + f.n;
	REQUIRE(memcmp(take(&at, end, 8), "KULASMP1", 8) == 0);
	const bool ours = memcmp(take(&at, end, 16), model_hash(m), 16) == 0;
	if (!ours)
		fprintf(stderr, "%s is of other weights; again: train/sample.py %s %s\n", path, weights, path);
	REQUIRE(ours);
	uint32_t windows, scores, T, hidden = 0, outs = 0;
	memcpy(&windows, take(&at, end, 4), 4);
	memcpy(&scores, take(&at, end, 4), 4);
	const uint32_t H = model_hidden(m);
	const float *in = NULL, *in_bias = NULL, *out = NULL, *out_bias = NULL;
	if (scores > 0) {
		in = floats(m, "heads.trigger_in.weight", 2, &hidden);
		in_bias = floats(m, "heads.trigger_in.bias", 1, &hidden);
		out = floats(m, "heads.trigger_out.weight", 2, &outs);
		out_bias = floats(m, "heads.trigger_out.bias", 1, &outs);
		REQUIRE(in != NULL && in_bias != NULL && out != NULL && out_bias != NULL && outs == scores);
	}
	model_room *r = model_room_new(m);
	REQUIRE(r != NULL);
	uint64_t apart = 0, all = 0;
	for (uint32_t w = 0; w < windows; w++) {
		memcpy(&T, take(&at, end, 4), 4);
		REQUIRE(T >= 1 && T <= 512);
		uint16_t ids[512];
		uint8_t shapes[512];
		uint64_t expected;
		memcpy(ids, take(&at, end, T * 2), T * 2);
		memcpy(shapes, take(&at, end, T), T);
		memcpy(&expected, take(&at, end, 8), 8);
		float *x = aligned_alloc(64, (size_t)T * H * 4), *h = malloc((size_t)T * hidden * 4 + 4), *y = malloc((size_t)T * scores * 4 + 4);
		REQUIRE(x != NULL && h != NULL && y != NULL);
		model_encode(m, r, ids, shapes, T, 0, x);
		CHECK(hash_bytes(x, (size_t)T * H * 4) == expected);
		const byte *their = take(&at, end, (size_t)T * scores * 4);
		if (scores > 0) {
			head_linear(x, T, H, in, in_bias, hidden, h);
			head_gelu(h, (size_t)T * hidden);
			head_linear(h, T, hidden, out, out_bias, scores, y);
		}
		for (uint32_t i = 0; i < T * scores; i++, all++) {
			float theirs;
			memcpy(&theirs, their + i * 4, 4);
			apart += fabsf(theirs - y[i]) > 0.05f;
		}
		free(x); free(h); free(y);
	}
	CHECK(at == end);
	CHECK(apart * 1000 <= all);                     /* 99.9 % of the scores */
	model_room_free(r);
	model_close(m);
	file_unmap(&f);
}

TEST(same_bits_as_pytorch)
{
	/* KULA_MODEL_TEST_WEIGHTS and _SAMPLE: another pair, for weights in the making */
	const char *weights = getenv("KULA_MODEL_TEST_WEIGHTS"), *sample = getenv("KULA_MODEL_TEST_SAMPLE");
	if (weights == NULL && (access(WEIGHTS, R_OK) != 0 || access(SAMPLE, R_OK) != 0)) {
		fprintf(stderr, "no " WEIGHTS " or no " SAMPLE ": nothing to compare\n");
		return;
	}
	for (const char *const *name = model_cpus(); *name != NULL; name++) {
		CHECK(model_cpu_use(*name));
		compare(weights != NULL ? weights : WEIGHTS, sample != NULL ? sample : SAMPLE);
	}
}

TEST_MAIN(TEST_ENTRY(same_bits_as_pytorch))
