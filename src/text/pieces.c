#include "text/text.h"
#include "text/chars.h"
#include "text/vocabulary.h"

#define WORD_CHARS 100u         /* a longer word is unknown, as it is to the encoder's own tokenizer */

/* One word of the tokenizer's, folded. */
typedef struct folded {
	uint32_t count;                         /* characters; may pass WORD_CHARS, the rest isn't kept */
	uint32_t at[WORD_CHARS];
	kula_span from[WORD_CHARS];             /* the bytes that each came of */
	kula_span span;
	bool ordered;                           /* has a mark that must be sorted */
} folded;

typedef struct sink {
	const vocabulary *v;
	uint16_t *out;
	kula_span *spans;
	uint32_t room, count;
} sink;

static void give(sink *s, uint32_t id, uint32_t from, uint32_t to)
{
	if (s->count < s->room) {
		s->out[s->count] = (uint16_t)id;
		if (s->spans)
			s->spans[s->count] = (kula_span){from, to};
	}
	s->count++;
}

/* Only the counts: to zero the rest would take longer than most words. */
static void folded_clear(folded *w)
{
	w->count = 0;
	w->ordered = false;
}

/* Stable, by combining class, between characters of class 0. At most WORD_CHARS long. */
static void sort_marks(folded *w)
{
	for (uint32_t i = 1; i < w->count; i++) {
		const uint32_t c = w->at[i], order = char_order(c);
		const kula_span from = w->from[i];
		uint32_t j = i;
		for (; order && j > 0 && char_order(w->at[j - 1]) > order; j--) {
			w->at[j] = w->at[j - 1];
			w->from[j] = w->from[j - 1];
		}
		w->at[j] = c;
		w->from[j] = from;
	}
}

/* The longest piece at each place, from left to right; a word of which some part is no piece is unknown as a whole. */
static void flush(sink *s, folded *w)
{
	if (!w->count)
		return;
	const uint32_t before = s->count;
	bool known = w->count <= WORD_CHARS;
	if (known && w->ordered)
		sort_marks(w);
	for (uint32_t i = 0; known && i < w->count;) {
		uint32_t node = i ? NODE_REST : NODE_WORD, end = 0;
		int32_t piece = -1;
		for (uint32_t j = i; j < w->count && node != EDGE_NONE; j++) {
			if (w->at[j] < 128)
				node = vocabulary_step(s->v, node, (byte)w->at[j]);
			else {
				byte bytes[4];
				const uint32_t n = utf8_write(w->at[j], bytes);
				for (uint32_t k = 0; k < n && node != EDGE_NONE; k++)
					node = vocabulary_step(s->v, node, bytes[k]);
			}
			if (node != EDGE_NONE && s->v->node_piece[node] >= 0) {
				piece = s->v->node_piece[node];
				end = j + 1;
			}
		}
		known = piece >= 0;
		if (known)
			give(s, (uint32_t)piece, w->from[i].from, w->from[end - 1].to);
		i = end;
	}
	if (!known) {
		s->count = before;
		give(s, s->v->unknown, w->span.from, w->span.to);
	}
	folded_clear(w);
}

static void add(folded *w, uint32_t c, uint32_t from, uint32_t to)
{
	if (!w->count)
		w->span.from = from;
	w->span.to = to;
	if (w->count < WORD_CHARS) {
		w->at[w->count] = c;
		w->from[w->count] = (kula_span){from, to};
	}
	if (w->count <= WORD_CHARS)
		w->count++;
}

uint32_t text_pieces(const vocabulary *v, const byte *at, uint32_t n, uint16_t *out, kula_span *spans, uint32_t room)
{
	sink s = {v, out, spans, room, 0};
	folded w;
	folded_clear(&w);
	for (uint32_t i = 0; i < n;) {
		if (at[i] < 128 && ascii_kinds[at[i]] == CHAR_LETTER) {         /* nearly always */
			add(&w, to_lower(at[i]), i, i + 1);
			i++;
			continue;
		}
		uint32_t bytes = 0, parts[CHAR_FOLDED];
		char_kind kind;
		const uint32_t c = utf8_next(at + i, n - i, &bytes), count = char_fold(c, parts, &kind);
		const uint32_t to = i + bytes;
		for (uint32_t j = 0; j < count; j++) {
			const char_kind k = j ? char_kind_folded(parts[j]) : kind;
			if (k == CHAR_LETTER) {
				w.ordered = w.ordered || (parts[j] >= 0x300 && char_order(parts[j]));
				add(&w, parts[j], i, to);
				continue;
			}
			flush(&s, &w);
			if (k == CHAR_MARK || k == CHAR_HAN) {
				add(&w, parts[j], i, to);
				flush(&s, &w);
			}
		}
		i = to;
	}
	flush(&s, &w);
	return s.count;
}

/* Letters that Unicode doesn't take apart, and marks that have a twin on every keyboard. */
static const struct { uint32_t c; char as[4]; } twins[] = {
	{0xA0, " "}, {0xDF, "ss"}, {0xE6, "ae"}, {0xF0, "d"}, {0xF8, "o"}, {0xFE, "th"}, {0x111, "d"}, {0x127, "h"},
	{0x131, "i"}, {0x142, "l"}, {0x153, "oe"}, {0x2BC, "'"}, {0x2BF, "'"}, {0x2010, "-"}, {0x2011, "-"}, {0x2012, "-"},
	{0x2013, "-"}, {0x2014, "-"}, {0x2018, "'"}, {0x2019, "'"}, {0x201A, "'"}, {0x201C, "\""}, {0x201D, "\""},
	{0x201E, "\""}, {0x2212, "-"},
};

const char *text_fold(arena *a, const byte *at, size_t n)
{
	/* lower case is never longer than three times (0x149 and the Hangul syllables, 3 to 9 bytes) */
	size_t room;
	if (__builtin_mul_overflow(n, 3u, &room) || __builtin_add_overflow(room, 1u, &room))
		room = SIZE_MAX;
	char *const out = arena_alloc(a, room, 1);
	if (!out)
		return NULL;
	size_t used = 0;
	for (size_t i = 0; i < n;) {
		if (at[i] < 128) {
			if (at[i])
				out[used++] = (char)to_lower(at[i]);
			i++;
			continue;
		}
		uint32_t bytes = 0, parts[CHAR_FOLDED];
		char_kind kind;
		const uint32_t c = utf8_next(at + i, n - i, &bytes), count = char_fold(c, parts, &kind);
		for (uint32_t j = 0; j < count; j++) {
			const char *as = NULL;
			for (size_t k = 0; k < COUNT_OF(twins) && !as; k++)
				if (twins[k].c == parts[j])
					as = twins[k].as;
			if (as) {
				const size_t m = strlen(as);
				memcpy(out + used, as, m);
				used += m;
			} else
				used += utf8_write(parts[j], (byte *)out + used);
		}
		i += bytes;
	}
	out[used] = 0;
	return out;
}
