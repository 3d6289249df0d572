/* text: a document cut into paragraphs, sentences, words and word pieces; windows for the encoder.
 *
 * takes    UTF-8 text (checked), a title           promises   every span slices to its words; any text, any Unicode
 * gives    a text_doc in the caller's arena        leaves alone   what the words mean
 *
 *	title    "Lion flown to Pyongyang zoo"                               sentence 0, in_title
 *	text     "Russia sent a lion. It came by air.\nNorth Korea ..."
 *	sentences  |------------------||--------------|                      spans into text, paragraph numbers
 *	words      |----||--||||--||                                         spans, shape, pieces
 *	pieces     russia sent a lion .                                      ids of the encoder's vocabulary
 *
 * A word is a maximal run that a claim's field may begin or end at. Rules (tests/unit/text_test.c has the cases):
 *   - split at white space; then every mark is its own word; runs of the same mark ("...", "--") stay one word;
 *   - abbreviations and initials keep their points ("U.S.", "Mr.", "J.", data/text/abbreviations.tsv); a single letter
 *     or a number that ends its sentence doesn't ("plan B" ".");
 *   - "'s", "'", "'re", "'ll", "'ve", "'d", "'m" behind a word are words of their own ("Russia" "'s"); "didn't", "can't",
 *     "O'Brien" are one word, because the encoder's tokenizer cuts "didn" "'" "t", and no field begins inside;
 *   - a number keeps its separators ("1,000", "2.5", "10:30"; "10-15" is "10" "-" "15"); a currency sign or code in front
 *     ("US" "$", "USD") and a "%", "m", "bn", "km" behind (data/text/words.tsv) are words of their own ("$" "2.5" "m");
 *     "5th", "1990s", "747s" are one word;
 *   - a hyphen or slash or dash between two parts splits in three ("Russian" "-" "made", "10" "-" "year") unless the
 *     left part is a designation and the right begins with a digit ("F-16", "MiG-29", "S-400", "T-72B", "COVID-19",
 *     "F/A-18"), or the left part is a prefix (data/text/words.tsv) and the right is in lower case ("re-elected",
 *     "co-signed", "anti-tank"; but "pro" "-" "Russian"); "al-Assad" splits;
 *   - addresses of the web and of mail are one word; a Chinese character is one word; control and format characters
 *     belong to no word's ends, and a word always has a piece.
 *
 * A sentence ends at . ! ? or an ellipsis with the quotes, brackets and footnote marks that close it, when white space
 * and a capital, a digit or an opening mark follow, and at the end of a line. It doesn't end at abbreviations, unless a
 * word that begins sentences follows ("in the U.S. He"), at "Jan. 5", "No. 5", initials, list numbers, `"Why?" Okoro
 * asked`, or before a lower-case word. The title is one sentence.
 */
#ifndef KULA_TEXT_H
#define KULA_TEXT_H

#include "base/base.h"

typedef enum word_shape {       /* how a word is written; the encoder is uncased and gets this beside its pieces */
	SHAPE_LOWER, SHAPE_INITIAL, SHAPE_CAPS, SHAPE_MIXED, SHAPE_DIGITS, SHAPE_OTHER /* punctuation, symbols */, SHAPES
} word_shape;

typedef struct word {
	kula_span at;                   /* bytes of the text, or of the title for words of sentence 0 when it is the title */
	uint32_t  sentence;             /* index */
	uint32_t  piece_from, piece_to; /* into text_doc.piece; never empty (an unknown word is one [UNK]) */
	uint8_t   shape;                /* word_shape */
	bool      space_before;
} word;

typedef struct sentence {
	kula_span at;                   /* trimmed of white space */
	uint32_t  word_from, word_to;
	uint32_t  paragraph;            /* counted from 0; the title has its own, UINT32_MAX */
	bool      in_title;
} sentence;

typedef struct text_doc {
	const byte *text;   uint32_t text_bytes;        /* lent */
	const byte *title;  uint32_t title_bytes;       /* lent; 0 where there is none */
	sentence *sentences; uint32_t sentence_count;   /* [0] is the title where there is one */
	word     *words;     uint32_t word_count;
	uint16_t *pieces;    uint32_t piece_count;      /* ids; 0 .. vocabulary - 1 */
	bool has_title;
} text_doc;

/* The bytes of a word, wherever it lies. */
static inline const byte *word_bytes(const text_doc *d, uint32_t w, uint32_t *n)
{
	const word *x = &d->words[w];
	*n = x->at.to - x->at.from;
	return (d->sentences[x->sentence].in_title ? d->title : d->text) + x->at.from;
}

/* The vocabulary of word pieces: a mapped view of a file with one piece a line (BERT's vocab.txt), or of the same
 * bytes inside the weights file. */
typedef struct vocabulary vocabulary;
vocabulary *vocabulary_new(const byte *at, size_t n, kula_error *err);  /* lines; lent; at most 65,536 pieces */
void vocabulary_free(vocabulary *v);
uint32_t vocabulary_count(const vocabulary *v);
int32_t vocabulary_id(const vocabulary *v, const char *piece);          /* -1: none */
extern const char *const vocabulary_cls, *const vocabulary_sep, *const vocabulary_unk;  /* "[CLS]" ... */

/* Pieces of any text as the encoder's own tokenizer gives them (BERT uncased: clean, split CJK, lower-case, NFD without
 * marks, split punctuation, greedy longest match, words over 100 characters are [UNK]); ids into out[0..room), the
 * count comes back (may exceed room, never n). spans, if not NULL, gets each piece's bytes. "[SEP]" and the like in the
 * text are ordinary characters. tests/property/pieces_check.py compares with Hugging Face's tokenizer. */
uint32_t text_pieces(const vocabulary *v, const byte *at, uint32_t n, uint16_t *out, kula_span *spans, uint32_t room);

/* Cuts a document. NULL: arena refused (KULA_ELIMIT/KULA_EMEMORY in err). text must be valid UTF-8 (text_doc trusts it).
 * A word's pieces are those of its bytes alone; together they equal text_pieces of the sentence (tested), but where a
 * number was parted from its unit or currency ("5m" is "5" "m" here, "5" "##m" there).
 * A sentence over TEXT_SENTENCE_WORDS words is cut there. */
#define TEXT_SENTENCE_WORDS 400u
text_doc *text_cut(arena *a, const vocabulary *v, const byte *text, size_t text_bytes,
	const byte *title, size_t title_bytes, kula_error *err);

/* Windows: whole sentences, at most TEXT_WINDOW pieces with [CLS] in front and [SEP] at the end; the title and the first
 * sentence in front (each cut to TEXT_FRONT pieces) unless they are scored there or there is no room, then sentences of
 * context before (64 pieces, or what room is left), then the sentences that are scored in this window, each exactly once
 * in the document. A sentence of more pieces than fit is cut to the room there is: the words beyond it have no row
 * (row_from == row_to). */
#define TEXT_WINDOW 256u
#define TEXT_FRONT 48u
typedef struct window {
	uint32_t  piece_from, piece_count;      /* into windows.ids and windows.shapes */
} window;
typedef struct windows {
	window   *at; uint32_t count;
	uint16_t *ids; uint8_t *shapes;         /* shapes: the word's shape for each piece; SHAPE_OTHER for [CLS], [SEP] */
	uint32_t *word_window;                  /* [word_count] the window that scores each word */
	uint16_t *row_from, *row_to;            /* [word_count] its pieces' rows in that window */
	uint32_t  id_count;
} windows;
windows *text_windows(arena *a, const vocabulary *v, const text_doc *d, kula_error *err);

/* Lower-case ASCII-fold of a word for lookups (Unicode lower case, marks removed, "ss" for sharp s, "o" for o with a
 * stroke and the like, curly quotes and dashes as on a keyboard), zero-terminated, in the arena. NULL: it refused. */
const char *text_fold(arena *a, const byte *at, size_t n);

#endif
