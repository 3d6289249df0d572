/* What holds of every document that text_cut and text_windows made, whatever the text: for pieces_test.c and the fuzzer. */
#ifndef PIECES_INVARIANTS_H
#define PIECES_INVARIANTS_H

#include <stdlib.h>

#include "text/text.h"

/* A small vocabulary: every ASCII letter, digit and mark, and a few longer pieces. Bytes go to out; the size comes back. */
static inline size_t small_vocabulary(char *out, size_t room)
{
	static const char *const more[] = {
		"[PAD]", "[UNK]", "[CLS]", "[SEP]", "russia", "ship", "##s", "##ment", "un", "##aff", "##able", "the", "sent",
		"lion", "##19", "10", "##0", "us", "don", "\xe4\xb8\xad", "\xe2\x82\xac", "##\xe2\x82\xac", "\xce\xb1",
		"##\xce\xb1", "\xcf\x83", "##\xcf\x83",
	};
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(more); i++)
		n += (size_t)snprintf(out + n, room - n, "%s\n", more[i]);
	for (int c = 33; c < 127; c++)
		if (!is_upper((uint32_t)c))
			n += (size_t)snprintf(out + n, room - n, "%c\n", c);
	for (int c = 'a'; c <= 'z'; c++)
		if (c != 's')
			n += (size_t)snprintf(out + n, room - n, "##%c\n", c);
	for (int c = '1'; c <= '9'; c++)
		n += (size_t)snprintf(out + n, room - n, "##%c\n", c);
	return n;
}

/* Is there a cut beside a digit? Only there may the words' pieces differ from the sentence's. */
static inline bool cut_at_number(const text_doc *d, uint32_t word_from, uint32_t word_to)
{
	const byte *const at = d->sentences[d->words[word_from].sentence].in_title ? d->title : d->text;
	for (uint32_t w = word_from + 1; w < word_to; w++)
		if (d->words[w - 1].at.to == d->words[w].at.from &&
				(is_digit(at[d->words[w].at.from]) || is_digit(at[d->words[w - 1].at.to - 1])))
			return true;
	return false;
}

/* NULL if all holds, else what doesn't. */
static inline const char *document_fault(const vocabulary *v, const text_doc *d, const windows *w)
{
	uint32_t word_at = 0, piece_at = 0, text_at = 0;
	const char *fault = NULL;
	if (d->has_title != (d->sentence_count > 0 && d->sentences[0].in_title))
		return "has_title and the first sentence disagree";
	for (uint32_t s = 0; s < d->sentence_count; s++) {
		const sentence *const x = &d->sentences[s];
		const byte *const at = x->in_title ? d->title : d->text;
		if (s && d->sentences[s - 1].in_title && !x->in_title)
			text_at = 0;
		if (x->in_title != (x->paragraph == UINT32_MAX))
			return "a title's paragraph";
		if (x->word_from != word_at || x->word_to <= x->word_from || x->word_to - x->word_from > TEXT_SENTENCE_WORDS)
			return "a sentence's words";
		if (x->at.from < text_at || x->at.to <= x->at.from || x->at.to > (x->in_title ? d->title_bytes : d->text_bytes))
			return "a sentence's bytes";
		if (x->at.from != d->words[x->word_from].at.from || x->at.to != d->words[x->word_to - 1].at.to)
			return "a sentence isn't its words";
		const uint32_t pieces_from = piece_at;
		uint32_t byte_at = x->at.from;
		for (; word_at < x->word_to; word_at++) {
			const word *const y = &d->words[word_at];
			if (y->sentence != s || y->at.from < byte_at || y->at.to <= y->at.from || y->at.to > x->at.to)
				return "a word's bytes";
			if (y->piece_from != piece_at || y->piece_to <= y->piece_from || y->piece_to > d->piece_count)
				return "a word's pieces";
			if (y->shape >= SHAPES)
				return "a word's shape";
			byte_at = y->at.to;
			piece_at = y->piece_to;
		}
		const uint32_t room = x->at.to - x->at.from;
		uint16_t *const ids = malloc(room * sizeof *ids);
		kula_span *const spans = malloc(room * sizeof *spans);
		if (ids && spans) {
			const uint32_t n = text_pieces(v, at + x->at.from, room, ids, spans, room);
			const bool same = n == piece_at - pieces_from && !memcmp(ids, d->pieces + pieces_from, n * sizeof *ids);
			if (n > room)
				fault = "more pieces than bytes";
			else if (!same && !cut_at_number(d, x->word_from, x->word_to))
				fault = "the words' pieces aren't the sentence's";
			for (uint32_t i = 0; i < n && !fault; i++)
				if (spans[i].to <= spans[i].from || spans[i].to > room || (i && spans[i].from < spans[i - 1].from))
					fault = "a piece's bytes";
		}
		free(ids);
		free(spans);
		if (fault)
			return fault;
		text_at = x->at.to;
	}
	if (word_at != d->word_count || piece_at != d->piece_count)
		return "words or pieces of no sentence";

	uint32_t ids_at = 0;
	for (uint32_t i = 0; i < w->count; i++) {
		if (w->at[i].piece_from != ids_at || w->at[i].piece_count < 3 || w->at[i].piece_count > TEXT_WINDOW)
			return "a window's pieces";
		ids_at += w->at[i].piece_count;
		if (w->ids[w->at[i].piece_from] != vocabulary_id(v, vocabulary_cls) || w->ids[ids_at - 1] != vocabulary_id(v, vocabulary_sep))
			return "a window's ends";
	}
	if (ids_at != w->id_count)
		return "pieces of no window";
	for (uint32_t i = 0; i < d->word_count; i++) {
		const word *const y = &d->words[i];
		if (w->word_window[i] >= w->count || (i && w->word_window[i] < w->word_window[i - 1]))
			return "a word's window";
		if (i && d->words[i - 1].sentence == y->sentence && w->word_window[i] != w->word_window[i - 1])
			return "a sentence in two windows";
		const window *const x = &w->at[w->word_window[i]];
		if (w->row_from[i] == w->row_to[i])
			continue;
		if (w->row_from[i] < 1 || w->row_to[i] >= x->piece_count || w->row_to[i] - w->row_from[i] != (int)(y->piece_to - y->piece_from))
			return "a word's rows";
		for (uint32_t j = y->piece_from; j < y->piece_to; j++) {
			const uint32_t row = x->piece_from + w->row_from[i] + (j - y->piece_from);
			if (w->ids[row] != d->pieces[j] || w->shapes[row] != y->shape)
				return "a word's rows hold something else";
		}
	}
	return NULL;
}

#endif
