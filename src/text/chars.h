/* chars: what the encoder's tokenizer makes of one character. Only for the text room.
 *
 * The definitions are those of BERT's uncased tokenizer as Hugging Face's tokenizers 0.23 has them: its tables of
 * punctuation and marks are older than utf8proc's, so chars.c lists where the two differ. */
#ifndef KULA_TEXT_CHARS_H
#define KULA_TEXT_CHARS_H

#include "base/base.h"

typedef enum char_kind {
	CHAR_DROPPED,           /* control and format characters, combining marks: gives no piece, parts no word */
	CHAR_SPACE,
	CHAR_MARK,              /* punctuation, ASCII symbols: a piece of its own */
	CHAR_HAN,               /* a Chinese character: a piece of its own */
	CHAR_LETTER             /* everything else: letters, digits, symbols beyond ASCII, the unassigned */
} char_kind;

#define CHAR_FOLDED 8u          /* at most so many characters come of one */

/* Lower case without marks of a character: out[0..count). The kind is that of the first. 0 when it is dropped. */
uint32_t char_fold(uint32_t c, uint32_t out[CHAR_FOLDED], char_kind *kind);
char_kind char_kind_of(uint32_t c);
char_kind char_kind_folded(uint32_t c);         /* of a character that char_fold gave */
uint32_t char_order(uint32_t c);                /* canonical combining class: marks are sorted by it */
bool char_is_upper_wide(uint32_t c);            /* of characters beyond ASCII */
bool char_is_letter_wide(uint32_t c);
bool char_is_currency_wide(uint32_t c);
bool char_is_accent(uint32_t c);                /* a mark that stands on the letter before it */

/* The kinds of ASCII, a row of 16 characters each: nearly every character of the news. */
#define D CHAR_DROPPED
#define S CHAR_SPACE
#define M CHAR_MARK
#define L CHAR_LETTER
static const uint8_t ascii_kinds[128] = {
	D, D, D, D, D, D, D, D, D, S, S, D, D, S, D, D,
	D, D, D, D, D, D, D, D, D, D, D, D, D, D, D, D,
	S, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	L, L, L, L, L, L, L, L, L, L, M, M, M, M, M, M,
	M, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, L, L, M, M, M, M, M,
	M, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, L, L, M, M, M, M, D,
};
#undef D
#undef S
#undef M
#undef L

static inline bool ascii_mark(uint32_t c)
{
	return ascii_kinds[c & 127] == CHAR_MARK;
}

static inline bool char_is_upper(uint32_t c)
{
	return c < 128 ? is_upper(c) : char_is_upper_wide(c);
}

/* Letters of any script. */
static inline bool char_is_letter(uint32_t c)
{
	return c < 128 ? is_alpha(c) : char_is_letter_wide(c);
}

static inline bool char_is_currency(uint32_t c)
{
	return c < 128 ? c == '$' : char_is_currency_wide(c);
}

#endif
