#include "text/text.h"

#define INSIDE (TEXT_WINDOW - 2u)       /* pieces between [CLS] and [SEP] */
#define CONTEXT 64u                     /* pieces of sentences before that a window keeps room for */

/* What stands in a window, before it is written: the front, then the sentences [context, scored), then those that it
 * scores, [scored, end). */
typedef struct plan {
	uint32_t title_pieces, first_pieces;            /* of the front; 0: not there */
	uint32_t context, scored, end;
	uint32_t pieces;                                /* without [CLS] and [SEP] */
} plan;

static uint32_t sentence_pieces(const text_doc *d, uint32_t s)
{
	const sentence *const x = &d->sentences[s];
	return x->word_from == x->word_to ? 0 : d->words[x->word_to - 1].piece_to - d->words[x->word_from].piece_from;
}

/* The text's first sentence: behind the title, which is more than one where it is very long. */
static uint32_t first_sentence(const text_doc *d)
{
	uint32_t first = 0;
	while (first < d->sentence_count && d->sentences[first].in_title)
		first++;
	return first;
}

static plan plan_window(const text_doc *d, uint32_t first, uint32_t scored)
{
	plan p = {.context = scored, .scored = scored, .end = scored};
	const uint32_t own = MIN_OF(sentence_pieces(d, scored), INSIDE);
	uint32_t left = INSIDE;
	/* the front, for as much of it as leaves room for the sentence */
	if (d->has_title && scored > 0) {
		p.title_pieces = MIN_OF(sentence_pieces(d, 0), TEXT_FRONT);
		if (p.title_pieces + own > left)
			p.title_pieces = 0;
		left -= p.title_pieces;
	}
	if (scored > first) {
		p.first_pieces = MIN_OF(sentence_pieces(d, first), TEXT_FRONT);
		if (p.first_pieces + own > left)
			p.first_pieces = 0;
		left -= p.first_pieces;
	}
	/* context for the first that is scored */
	uint32_t context = 0;
	while (p.context > first + 1) {
		const uint32_t n = sentence_pieces(d, p.context - 1);
		if (context + n > CONTEXT || context + n + own > left)
			break;
		context += n;
		p.context--;
	}
	left -= context;
	while (p.end < d->sentence_count) {
		const uint32_t n = p.end == scored ? own : sentence_pieces(d, p.end);
		if (n > left)
			break;
		left -= n;
		p.end++;
	}
	/* what room is left goes to more context */
	while (p.context > first + 1) {
		const uint32_t n = sentence_pieces(d, p.context - 1);
		if (n > left)
			break;
		left -= n;
		p.context--;
	}
	p.pieces = INSIDE - left;
	return p;
}

/* Appends pieces of a sentence, at most `most`. */
static void put_sentence(windows *w, const text_doc *d, uint32_t s, uint32_t most, bool scored, uint32_t index)
{
	const sentence *const x = &d->sentences[s];
	const uint32_t window_from = w->at[index].piece_from, end = w->id_count + most;
	for (uint32_t i = x->word_from; i < x->word_to; i++) {
		const word *const y = &d->words[i];
		const uint32_t row = w->id_count - window_from;
		if (scored)
			w->word_window[i] = index;
		if (y->piece_to - y->piece_from > end - w->id_count) {
			/* no room for the whole word: of the sentence that is scored it has no row, in front it is cut */
			if (scored) {
				w->row_from[i] = w->row_to[i] = (uint16_t)row;
				for (uint32_t j = i + 1; j < x->word_to; j++) {
					w->word_window[j] = index;
					w->row_from[j] = w->row_to[j] = (uint16_t)row;
				}
			}
			break;
		}
		for (uint32_t j = y->piece_from; j < y->piece_to; j++) {
			w->ids[w->id_count] = d->pieces[j];
			w->shapes[w->id_count++] = y->shape;
		}
		if (scored) {
			w->row_from[i] = (uint16_t)row;
			w->row_to[i] = (uint16_t)(w->id_count - window_from);
		}
	}
}

static void put_mark(windows *w, uint16_t id)
{
	w->ids[w->id_count] = id;
	w->shapes[w->id_count++] = SHAPE_OTHER;
}

windows *text_windows(arena *a, const vocabulary *v, const text_doc *d, kula_error *err)
{
	const uint32_t first = first_sentence(d);
	uint64_t count = 0, ids = 0;
	for (uint32_t s = 0; s < d->sentence_count; count++) {
		const plan p = plan_window(d, first, s);
		ids += p.pieces + 2;
		s = p.end;
	}
	if (ids > UINT32_MAX) {
		kula_fail(err, KULA_ELIMIT, 0, "the windows have more than 4294967295 pieces");
		return NULL;
	}
	windows *const w = ARENA_NEW(a, windows, 1);
	if (w) {
		w->at = ARENA_NEW(a, window, count + 1);
		w->ids = ARENA_NEW(a, uint16_t, ids + 1);
		w->shapes = ARENA_NEW(a, uint8_t, ids + 1);
		w->word_window = ARENA_NEW(a, uint32_t, d->word_count + 1ull);
		w->row_from = ARENA_NEW(a, uint16_t, d->word_count + 1ull);
		w->row_to = ARENA_NEW(a, uint16_t, d->word_count + 1ull);
	}
	if (!w || !w->at || !w->ids || !w->shapes || !w->word_window || !w->row_from || !w->row_to) {
		kula_fail(err, arena_refused(a) ? KULA_ELIMIT : KULA_EMEMORY, 0, "the document's arena is full");
		return NULL;
	}
	const uint16_t cls = (uint16_t)vocabulary_id(v, vocabulary_cls), sep = (uint16_t)vocabulary_id(v, vocabulary_sep);
	for (uint32_t s = 0; s < d->sentence_count;) {
		const plan p = plan_window(d, first, s);
		const uint32_t index = w->count++, from = w->id_count;
		w->at[index].piece_from = from;
		put_mark(w, cls);
		if (p.title_pieces)
			put_sentence(w, d, 0, p.title_pieces, false, index);
		if (p.first_pieces)
			put_sentence(w, d, first, p.first_pieces, false, index);
		for (uint32_t i = p.context; i < p.end; i++)
			put_sentence(w, d, i, INSIDE - (w->id_count - from - 1), i >= p.scored, index);
		put_mark(w, sep);
		w->at[index].piece_count = w->id_count - from;
		s = p.end;
	}
	return w;
}
