/* The reader: a document in, its claims out. Long documents are read in chapters, so that memory stays bounded. */
#include "claims/decode.h"
#include "claims/gate.h"
#include <pthread.h>
#include <stdlib.h>

/* A chapter ends at a paragraph where one ends between CHAPTER_FROM and CHAPTER_TO bytes, else at a sentence's end, else
 * at white space, else anywhere between characters. News reports are one chapter; nothing is joined across chapters. */
#define CHAPTER_FROM (16u << 10)
#define CHAPTER_TO (24u << 10)
#define WORK_BYTES ((size_t)512 << 20)
#define KEEP_BYTES ((size_t)1 << 30)

/* What a thread reads with; kept from document to document. */
typedef struct desk_room {
	arena *work;
	model_room *room;
	float *rows;                                                 /* [READ_AGAIN][H]: of the window in hand, then of a trigger's reach */
	struct desk_room *next;
} desk_room;

struct kula_reader {
	model *m;
	know *k;
	vocabulary *v;
	heads h;
	settings s;
	gate g;
	struct kula_reader_options o;
	pthread_mutex_t lock;                                        /* guards idle */
	desk_room *idle;
};

struct kula_reading {
	arena *keep;
	kula_document d;
	claim_list claims;
};

KULA_API kula_reader *kula_reader_new(const kula_reader_options *options, kula_error *err)
{
	kula_reader *r = base_malloc(sizeof *r);
	if (r == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for a reader");
		return NULL;
	}
	memset(r, 0, sizeof *r);
	if (options != NULL)
		r->o = *options;
	pthread_mutex_init(&r->lock, NULL);
	tensor words;
	if ((r->m = model_open(r->o.weights, err)) == NULL || (r->k = know_open(r->o.knowledge, err)) == NULL
		|| (r->o.own_tables != NULL && know_layer(r->k, r->o.own_tables, err) != KULA_OK)
		|| heads_open(&r->h, r->m, err) != KULA_OK || settings_read(&r->s, r->m, err) != KULA_OK
		|| (!r->o.no_gate && gate_open(&r->g, r->m, err) != KULA_OK)
		|| model_tensor(r->m, "vocabulary", 2, 1, &words, err) != KULA_OK
		|| (r->v = vocabulary_new(words.at, words.bytes, err)) == NULL) {
		kula_reader_free(r);
		return NULL;
	}
	return r;
}

static void room_free(desk_room *w)
{
	arena_free(w->work);
	model_room_free(w->room);
	free(w->rows);
	free(w);
}

KULA_API void kula_reader_free(kula_reader *r)
{
	if (r == NULL)
		return;
	while (r->idle != NULL) {
		desk_room *w = r->idle;
		r->idle = w->next;
		room_free(w);
	}
	vocabulary_free(r->v);
	know_close(r->k);
	model_close(r->m);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

KULA_API const char *kula_reader_weights(const kula_reader *r)
{
	return model_hash(r->m);
}

KULA_API const char *kula_reader_knowledge(const kula_reader *r)
{
	return know_hash(r->k);
}

/* The reader is const for callers: that a workspace is lent and taken back doesn't show in any answer. */
static desk_room *room_take(const kula_reader *reader)
{
	kula_reader *r = (kula_reader *)(uintptr_t)reader;
	pthread_mutex_lock(&r->lock);
	desk_room *w = r->idle;
	if (w != NULL)
		r->idle = w->next;
	pthread_mutex_unlock(&r->lock);
	if (w != NULL)
		return w;
	w = base_malloc(sizeof *w);
	if (w == NULL)
		return NULL;
	memset(w, 0, sizeof *w);
	w->work = arena_new(WORK_BYTES);
	w->room = model_room_new(r->m);
	w->rows = aligned_alloc(64, (size_t)MAX_OF(TEXT_WINDOW, READ_AGAIN) * model_hidden(r->m) * sizeof(float));
	if (w->work == NULL || w->room == NULL || w->rows == NULL) {
		room_free(w);
		return NULL;
	}
	return w;
}

static void room_give(const kula_reader *reader, desk_room *w)
{
	kula_reader *r = (kula_reader *)(uintptr_t)reader;
	arena_clear(w->work);
	pthread_mutex_lock(&r->lock);
	w->next = r->idle;
	r->idle = w;
	pthread_mutex_unlock(&r->lock);
}

/* Where the chapter that begins at `from` ends. */
static size_t chapter_end(const byte *t, size_t from, size_t n)
{
	if (n - from <= CHAPTER_TO)
		return n;
	const size_t lo = from + CHAPTER_FROM, hi = from + CHAPTER_TO;
	for (size_t i = lo; i < hi; i++)
		if (t[i] == '\n')
			return i + 1;
	for (size_t i = lo; i + 1 < hi; i++)
		if ((t[i] == '.' || t[i] == '!' || t[i] == '?') && t[i + 1] == ' ')
			return i + 1;
	for (size_t i = hi; i > lo; i--)
		if (t[i - 1] == ' ')
			return i;
	size_t i = hi;
	while (i > lo && (t[i] & 0xC0) == 0x80)
		i--;
	return i;
}

/* Whether the gate lets any paragraph of [from, to) pass. */
static bool any_passes(const gate *g, const byte *t, size_t from, size_t to)
{
	while (from < to) {
		const byte *stop = memchr(t + from, '\n', to - from);
		const size_t end = stop != NULL ? (size_t)(stop - t) : to;
		if (gate_passes(g, t + from, end - from))
			return true;
		from = end + 1;
	}
	return false;
}

/* Which windows are worth encoding: those that score a sentence of a paragraph that passes. */
static bool *windows_wanted(const kula_reader *r, arena *a, const candidates *c)
{
	const text_doc *d = c->doc;
	bool *want = ARENA_NEW(a, bool, c->win->count + 1);
	uint32_t paragraph = UINT32_MAX;
	bool passes = false;
	for (uint32_t s = 0; s < d->sentence_count && want != NULL; s++) {
		const sentence *x = &d->sentences[s];
		if (x->in_title || x->word_from == x->word_to)
			continue;
		if (x->paragraph != paragraph) {
			paragraph = x->paragraph;
			uint32_t last = s;
			while (last + 1 < d->sentence_count && d->sentences[last + 1].paragraph == paragraph)
				last++;
			passes = gate_passes(&r->g, d->text + x->at.from, d->sentences[last].at.to - x->at.from);
		}
		if (passes)
			want[c->win->word_window[x->word_from]] = true;
	}
	return want;
}

/* The mean of each word's rows of a window into out [words][H], from word `at` on. */
static void add_means(const candidates *c, const float *rows, uint32_t H, uint32_t at, uint32_t end, float *out)
{
	for (; at < end; at++) {
		const uint32_t a = c->win->row_from[at], b = c->win->row_to[at];
		float *y = out + (size_t)at * H;
		for (uint32_t row = a; row < b; row++)
			for (uint32_t j = 0; j < H; j++)
				y[j] += rows[(size_t)row * H + j];
		for (uint32_t j = 0; j < H && b > a; j++)
			y[j] /= (float)(b - a);
	}
}

/* Two vectors for each word, behind the lower layers and behind all: the means of its pieces' rows in the window that scores
 * it; zeros where that is not wanted. */
static bool word_vectors_of(const kula_reader *r, desk_room *w, const candidates *c, const bool *want, float **lower, float **whole)
{
	const uint32_t H = model_hidden(r->m), W = c->doc->word_count;
	*lower = ARENA_NEW(w->work, float, (size_t)W * H + 1);
	*whole = ARENA_NEW(w->work, float, (size_t)W * H + 1);
	if (*lower == NULL || *whole == NULL)
		return false;
	uint32_t at = 0;
	for (uint32_t i = 0; i < c->win->count; i++) {
		const window *x = &c->win->at[i];
		uint32_t end = at;
		while (end < W && c->win->word_window[end] == i)
			end++;
		if (want[i]) {
			model_encode(r->m, w->room, c->win->ids + x->piece_from, c->win->shapes + x->piece_from, x->piece_count, model_lower(r->m), w->rows);
			add_means(c, w->rows, H, at, end, *lower);
			model_encode_upper(r->m, w->room, x->piece_count, w->rows);
			add_means(c, w->rows, H, at, end, *whole);
		}
		at = end;
	}
	return true;
}

static char *kept_text(arena *a, const char *s)
{
	return s != NULL ? arena_text(a, s, strlen(s)) : NULL;
}

KULA_API kula_reading *kula_read(const kula_reader *r, const kula_document *d, kula_error *err)
{
	if (d->text_bytes > SOURCE_DOCUMENT_BYTES) {
		kula_fail(err, KULA_ELIMIT, 0, "the text has %zu bytes, the limit is %u", d->text_bytes, SOURCE_DOCUMENT_BYTES);
		return NULL;
	}
	const size_t bad = utf8_check((const byte *)d->text, d->text_bytes);
	if (bad < d->text_bytes) {
		kula_fail(err, KULA_EFORMAT, bad, "the text is not UTF-8");
		return NULL;
	}
	if (d->title != NULL && utf8_check((const byte *)d->title, strlen(d->title)) < strlen(d->title)) {
		kula_fail(err, KULA_EFORMAT, 0, "the title is not UTF-8");
		return NULL;
	}
	desk_room *w = room_take(r);
	kula_reading *g = base_malloc(sizeof *g);
	arena *keep = arena_new(KEEP_BYTES);
	if (w == NULL || g == NULL || keep == NULL)
		goto refused;
	*g = (kula_reading){ .keep = keep, .d = *d };
	g->d.id = kept_text(keep, d->id);
	g->d.title = kept_text(keep, d->title);
	g->d.publisher = kept_text(keep, d->publisher);
	g->d.dossier = kept_text(keep, d->dossier);
	g->d.text = arena_text(keep, d->text, d->text_bytes);
	if (g->d.text == NULL)
		goto refused;
	for (size_t from = 0, to; from < d->text_bytes; from = to) {
		to = chapter_end((const byte *)d->text, from, d->text_bytes);
		if (!any_passes(&r->g, (const byte *)d->text, from, to))
			continue;
		kula_document part = g->d;
		part.text = g->d.text + from;
		part.text_bytes = to - from;
		const candidates *c = claims_candidates(w->work, r->v, r->k, &part, err);
		if (c == NULL)
			goto failed;
		const bool *want = windows_wanted(r, w->work, c);
		float *lower, *whole;
		const decoder with = { .m = r->m, .room = w->room, .rows = w->rows, .h = &r->h, .s = &r->s, .k = r->k, .why = r->o.why };
		if (want == NULL || !word_vectors_of(r, w, c, want, &lower, &whole)
			|| !decode_chapter(&with, c, &part, lower, whole, want, (uint32_t)from, w->work, keep, &g->claims))
			goto refused;
		arena_clear(w->work);
	}
	uint32_t kept = 0;
	for (uint32_t i = 0; i < g->claims.count; i++)
		if (g->claims.at[i].confidence >= r->o.min_confidence) {
			g->claims.at[kept] = g->claims.at[i];
			if (g->claims.why != NULL)
				g->claims.why[kept] = g->claims.why[i];
			kept++;
		}
	g->claims.count = kept;
	room_give(r, w);
	return g;
refused:
	kula_fail(err, w != NULL && (arena_refused(w->work) || (keep != NULL && arena_refused(keep))) ? KULA_ELIMIT : KULA_EMEMORY, 0,
		"the document needs more memory than there is for one");
failed:
	if (w != NULL)
		room_give(r, w);
	arena_free(keep);
	free(g);
	return NULL;
}

KULA_API void kula_reading_free(kula_reading *g)
{
	if (g == NULL)
		return;
	arena_free(g->keep);
	free(g);
}

KULA_API uint32_t kula_claim_count(const kula_reading *g)
{
	return g->claims.count;
}

KULA_API const kula_claim *kula_claim_at(const kula_reading *g, uint32_t i)
{
	return &g->claims.at[i];
}

KULA_API const kula_document *kula_reading_document(const kula_reading *g)
{
	return &g->d;
}

KULA_API const char *kula_reading_why(const kula_reading *g, uint32_t i)
{
	return g->claims.why != NULL ? g->claims.why[i] : NULL;
}
