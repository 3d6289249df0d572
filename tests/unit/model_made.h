/* Weights files made in memory, random and in good order, for the tests and fuzzers that damage and run them. */
#ifndef KULA_TESTS_MODEL_MADE_H
#define KULA_TESTS_MODEL_MADE_H

#include "base/base.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- a weights file ---- */

enum { LIMIT = 256, FIRST = 64, ENTRY = 88 };

typedef struct made { char name[48]; uint32_t type, rank, dim[4]; size_t bytes; byte *data; } made;
typedef struct maker { made t[LIMIT]; uint32_t n; uint64_t state; float spread; uint32_t H, I, N, heads, V, P, shapes; } maker;

static uint32_t draw(maker *m)
{
	m->state = m->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(m->state >> 33);
}

static made *make(maker *m, const char *name, uint32_t type, uint32_t a, uint32_t b)
{
	made *t = &m->t[m->n++];
	*t = (made){ .type = type, .rank = b > 0 ? 2 : 1, .dim = { a, b }, .bytes = (size_t)a * (b > 0 ? b : 1) * (type == TENSOR_F32 ? 4 : 1) };
	snprintf(t->name, sizeof t->name, "%s", name);
	t->data = calloc(t->bytes, 1);
	if (t->data == NULL)
		abort();
	return t;
}

static void floats(maker *m, const char *name, uint32_t a, uint32_t b, float middle, float spread)
{
	made *t = make(m, name, TENSOR_F32, a, b);
	for (size_t i = 0; i < t->bytes / 4; i++) {
		const float x = middle + ((float)draw(m) / 2147483648.0f - 0.5f) * 2.0f * spread;
		memcpy(t->data + i * 4, &x, 4);
	}
}

static void integers(maker *m, const char *name, uint32_t type, uint32_t a, uint32_t b, int32_t most)
{
	made *t = make(m, name, type, a, b);
	for (size_t i = 0; i < t->bytes; i++)
		t->data[i] = (byte)(int8_t)((int32_t)(draw(m) % (uint32_t)(2 * most + 1)) - most);
}

static void text(maker *m, const char *name, const char *s)
{
	made *t = make(m, name, TENSOR_BYTES, (uint32_t)strlen(s), 0);
	memcpy(t->data, s, strlen(s));
}

static void linear(maker *m, uint32_t layer, const char *part, uint32_t out, uint32_t in)
{
	char name[48];
	snprintf(name, sizeof name, "layer.%u.%s", layer, part);
	integers(m, name, TENSOR_PACKED, out, in, 63);
	snprintf(name, sizeof name, "layer.%u.%s.scale", layer, part);
	floats(m, name, out, 0, 0.002f * m->spread, 0.001f * m->spread);
	snprintf(name, sizeof name, "layer.%u.%s.bias", layer, part);
	floats(m, name, out, 0, 0.0f, 0.1f);
}

static void norm(maker *m, const char *prefix)
{
	char name[48];
	snprintf(name, sizeof name, "%s.weight", prefix);
	floats(m, name, m->H, 0, 1.0f, 0.3f);
	snprintf(name, sizeof name, "%s.bias", prefix);
	floats(m, name, m->H, 0, 0.0f, 0.3f);
}

static inline maker *encoder_sized(uint32_t H, uint32_t heads, uint32_t N, float spread, uint32_t P)
{
	maker *m = calloc(1, sizeof *m);
	if (m == NULL)
		abort();
	*m = (maker){ .state = H + N, .spread = spread, .H = H, .I = 4 * H, .N = N, .heads = heads, .V = 200, .P = P, .shapes = 6 };
	char config[256], name[48];
	snprintf(config, sizeof config, "heads %u\nhidden %u\ninner %u\nlayers %u\nlower %u\nname a test\npositions %u\nshapes %u\nversion 3\nvocabulary %u\n",
		heads, H, m->I, N, MAX_OF(N / 2, 1u), m->P, m->shapes, m->V);
	text(m, "config", config);
	text(m, "vocabulary", "[PAD]\n[UNK]\n");
	integers(m, "embed.word", TENSOR_I8, m->V, H, 127);
	floats(m, "embed.word.scale", m->V, 0, 0.001f, 0.0005f);
	floats(m, "embed.position", m->P, H, 0.0f, 0.05f);
	floats(m, "embed.shape", m->shapes, H, 0.0f, 0.05f);
	norm(m, "embed.norm");
	for (uint32_t i = 0; i < N; i++) {
		linear(m, i, "qkv", 3 * H, H);
		linear(m, i, "out", H, H);
		linear(m, i, "up", m->I, H);
		linear(m, i, "down", H, m->I);
		snprintf(name, sizeof name, "layer.%u.norm1", i);
		norm(m, name);
		snprintf(name, sizeof name, "layer.%u.norm2", i);
		norm(m, name);
	}
	floats(m, "heads.trigger.weight", 5, H, 0.0f, 1.0f);
	return m;
}

static inline maker *encoder_made(uint32_t H, uint32_t heads, uint32_t N, float spread)
{
	return encoder_sized(H, heads, N, spread, 70);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const made *)a)->name, ((const made *)b)->name);
}

static void put(byte *at, uint64_t x, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		at[i] = (byte)(x >> (8 * i));
}

typedef struct image { byte *at; size_t n; } image;

static void seal(image f)
{
	put(f.at + 24, hash_bytes(f.at + FIRST, f.n - FIRST), 8);
}

/* The file's bytes; the maker is given back. */
static inline image written(maker *m)
{
	qsort(m->t, m->n, sizeof *m->t, by_name);
	size_t n = FIRST + (size_t)m->n * ENTRY;
	for (uint32_t i = 0; i < m->n; i++)
		n = (n + 63) / 64 * 64 + m->t[i].bytes;
	image f = { calloc(n, 1), n };
	if (f.at == NULL)
		abort();
	memcpy(f.at, "KULAWTS1", 8);
	put(f.at + 8, 1, 4);
	put(f.at + 12, m->n, 4);
	put(f.at + 16, n, 8);
	size_t at = FIRST + (size_t)m->n * ENTRY;
	for (uint32_t i = 0; i < m->n; i++) {
		const made *t = &m->t[i];
		byte *e = f.at + FIRST + (size_t)i * ENTRY;
		at = (at + 63) / 64 * 64;
		memcpy(e, t->name, 48);
		put(e + 48, t->type, 4);
		put(e + 52, t->rank, 4);
		for (uint32_t d = 0; d < 4; d++)
			put(e + 56 + 4 * d, t->dim[d], 4);
		put(e + 72, at, 8);
		put(e + 80, t->bytes, 8);
		memcpy(f.at + at, t->data, t->bytes);
		at += t->bytes;
		free(t->data);
	}
	seal(f);
	free(m);
	return f;
}

/* Opens bytes as a file that never touches a disk. */
static inline model *opened(image f, kula_error *err)
{
	char path[64];
	const int fd = memfd_create("kula-weights", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	for (size_t at = 0; at < f.n;) {
		const ssize_t k = write(fd, f.at + at, f.n - at);
		if (k <= 0)
			abort();
		at += (size_t)k;
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	*err = (kula_error){0};
	model *m = model_open(path, err);
	err->source = NULL;
	close(fd);
	return m;
}

/* The same bits; no number is like another. */
static inline bool same(const float *a, const float *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i])))
			return false;
	return true;
}

static inline float *rows(size_t T, size_t H)
{
	float *x = aligned_alloc(64, T * H * sizeof *x);
	if (x == NULL)
		abort();
	return x;
}

#endif
