/* speed FILE.jsonl...: text bytes to claims, one thread, medians of three runs. For each file: word pieces a second with and
 * without the gate, what the gate passes and loses, and where the time goes. Then start-up and peak memory.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "claims/claims.h"
#include "claims/gate.h"

enum { RUNS = 3, MOST_DOCUMENTS = 4000 };
#define ARENA_BYTES ((size_t)1 << 30)

typedef struct collection {
	kula_document *at;
	uint32_t count;
	uint64_t bytes, pieces, paragraphs, passed;
} collection;

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, uint32_t n)
{
	qsort(v, n, sizeof(*v), by_size);
	return v[n / 2];
}

static _Noreturn void stop(const kula_error *err)
{
	fprintf(stderr, "speed: %s%s%s\n", err->source != NULL ? err->source : "", err->source != NULL ? ": " : "", err->text);
	exit(1);
}

static void load(collection *c, arena *a, const char *path)
{
	kula_error err = {0};
	source *const in = source_open(path, NULL, KULA_NO_DAY, &err);
	source_document d;
	if (in == NULL)
		stop(&err);
	c->at = ARENA_NEW(a, kula_document, MOST_DOCUMENTS);
	for (kula_status s; (s = source_next(in, a, &d, &err)) != KULA_ENOTFOUND && c->count < MOST_DOCUMENTS;) {
		if (s != KULA_OK)
			stop(&err);
		if (d.d.text == NULL)
			continue;
		c->at[c->count++] = d.d;
		c->bytes += d.d.text_bytes;
	}
	source_close(in);
}

/* Reads everything once and writes it; the number of claims. */
static uint64_t read_once(const kula_reader *r, const collection *c)
{
	uint64_t claims = 0;
	buf out = {0};
	for (uint32_t i = 0; i < c->count; i++) {
		kula_error err = {0};
		kula_reading *const g = kula_read(r, &c->at[i], &err);
		if (g == NULL)
			stop(&err);
		const uint32_t n = kula_claim_count(g);
		out.n = 0;
		claims_write_document(&out, &c->at[i], n > 0 ? kula_claim_at(g, 0) : NULL, n, true, OFFSETS_BYTES);
		claims += n;
		kula_reading_free(g);
	}
	buf_free(&out);
	return claims;
}

static double read_seconds(const kula_reader *r, const collection *c, uint64_t *claims)
{
	double took[RUNS];
	for (uint32_t run = 0; run < RUNS; run++) {
		const double began = seconds();
		*claims = read_once(r, c);
		took[run] = seconds() - began;
	}
	return median(took, RUNS);
}

enum { STAGE_CUT, STAGE_WINDOWS, STAGE_NAMES, STAGE_QUANTITIES, STAGE_DAYS, STAGE_ENCODER, STAGES };
static const char *const stage_names[STAGES] = {"cut", "windows", "names", "quantities", "days", "encoder"};

/* The time of each stage that can be called by itself, over the whole collection; counts pieces and the gate's share. */
static void stages(collection *c, const model *m, const vocabulary *v, const know *k, const gate *g, double *took)
{
	arena *const a = arena_new(ARENA_BYTES);
	model_room *const room = model_room_new(m);
	float *const rows = aligned_alloc(64, (size_t)TEXT_WINDOW * model_hidden(m) * sizeof(float));
	if (a == NULL || room == NULL || rows == NULL)
		exit(1);
	for (uint32_t i = 0; i < c->count; i++) {
		const kula_document *const d = &c->at[i];
		kula_error err = {0};
		uint32_t n;
		double at[STAGES + 1];
		at[0] = seconds();
		const text_doc *const t = text_cut(a, v, (const byte *)d->text, d->text_bytes, (const byte *)d->title,
			d->title != NULL ? strlen(d->title) : 0, &err);
		if (t == NULL)
			stop(&err);
		at[1] = seconds();
		const windows *const w = text_windows(a, v, t, &err);
		if (w == NULL)
			stop(&err);
		at[2] = seconds();
		know_mentions(k, a, t, d->published, d->publisher, &n);
		at[3] = seconds();
		measure_quantities(a, t, 0, t->sentence_count, &n);
		at[4] = seconds();
		measure_days(a, t, 0, t->sentence_count, d->published, &n);
		at[5] = seconds();
		for (uint32_t j = 0; j < w->count; j++)
			model_encode(m, room, w->ids + w->at[j].piece_from, w->shapes + w->at[j].piece_from, w->at[j].piece_count, 0, rows);
		at[6] = seconds();
		for (uint32_t s = 0; s < STAGES; s++)
			took[s] += at[s + 1] - at[s];
		c->pieces += t->piece_count;
		for (uint32_t s = 0; s < t->sentence_count; ) {
			uint32_t last = s;
			while (last + 1 < t->sentence_count && t->sentences[last + 1].paragraph == t->sentences[s].paragraph)
				last++;
			if (!t->sentences[s].in_title) {
				c->paragraphs++;
				c->passed += gate_passes(g, t->text + t->sentences[s].at.from, t->sentences[last].at.to - t->sentences[s].at.from);
			}
			s = last + 1;
		}
		arena_clear(a);
	}
	free(rows);
	model_room_free(room);
	arena_free(a);
}

int main(int argc, char **argv)
{
	kula_error err = {0};
	double opened[RUNS];
	for (uint32_t i = 0; i < RUNS; i++) {
		const double began = seconds();
		kula_reader *const r = kula_reader_new(NULL, &err);
		if (r == NULL)
			stop(&err);
		opened[i] = seconds() - began;
		kula_reader_free(r);
	}
	const kula_reader_options ungated = {.no_gate = true};
	kula_reader *const r = kula_reader_new(NULL, &err), *const all = kula_reader_new(&ungated, &err);
	model *const m = model_open(NULL, &err);
	know *const k = know_open(NULL, &err);
	tensor words;
	gate g;
	if (r == NULL || all == NULL || m == NULL || k == NULL || model_tensor(m, "vocabulary", 2, 1, &words, &err) != KULA_OK
		|| gate_open(&g, m, &err) != KULA_OK)
		stop(&err);
	vocabulary *const v = vocabulary_new(words.at, words.bytes, &err);
	arena *const texts = arena_new(ARENA_BYTES);
	if (v == NULL || texts == NULL)
		stop(&err);
	printf("kernels   %s\nstart-up  %.1f ms (open weights and knowledge, checksums included; median of %d)\n", model_cpu(), 1000 * median(opened, RUNS), RUNS);
	for (int i = 1; i < argc; i++) {
		collection c = {0};
		load(&c, texts, argv[i]);
		double took[STAGES] = {0}, sum = 0;
		stages(&c, m, v, k, &g, took);
		uint64_t claims, claims_gated;
		const double whole = read_seconds(all, &c, &claims), gated = read_seconds(r, &c, &claims_gated);
		printf("\n%s: %u documents, %.0f kB, %llu pieces\n", strrchr(argv[i], '/') != NULL ? strrchr(argv[i], '/') + 1 : argv[i], c.count,
			(double)c.bytes / 1000, (unsigned long long)c.pieces);
		printf("  %-12s %10s %10s %10s %8s\n", "", "pieces/s", "docs/s", "kB/s", "claims");
		printf("  %-12s %10.0f %10.1f %10.0f %8llu\n", "all read", (double)c.pieces / whole, (double)c.count / whole, (double)c.bytes / whole / 1000,
			(unsigned long long)claims);
		printf("  %-12s %10.0f %10.1f %10.0f %8llu\n", "with gate", (double)c.pieces / gated, (double)c.count / gated, (double)c.bytes / gated / 1000,
			(unsigned long long)claims_gated);
		printf("  the gate passes %.1f %% of %llu paragraphs\n", 100.0 * (double)c.passed / (double)MAX_OF(c.paragraphs, 1u), (unsigned long long)c.paragraphs);
		printf("  share of the time, all read:");
		for (uint32_t s = 0; s < STAGES; s++) {
			printf(" %s %.1f %%,", stage_names[s], 100 * took[s] / whole);
			sum += took[s];
		}
		printf(" reading again at triggers, heads, decoding, JSON %.1f %%\n", 100 * (whole - sum) / whole);
	}
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	printf("\npeak memory  %ld MB (this program holds the texts and two readers)\n", u.ru_maxrss / 1024);
	arena_free(texts);
	vocabulary_free(v);
	know_close(k);
	model_close(m);
	kula_reader_free(all);
	kula_reader_free(r);
	return 0;
}
