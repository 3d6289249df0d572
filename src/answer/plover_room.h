/* The room's own: tables of data/plover and the matching of their words. */
#ifndef KULA_ANSWER_PLOVER_ROOM_H
#define KULA_ANSWER_PLOVER_ROOM_H

#include "answer/plover.h"

/* A text as folded words, each with its bytes. Hyphens part words here: "cease-fire" is "cease fire". */
typedef struct said_words {
	const char **at;  kula_span *span;  uint32_t count;
} said_words;
said_words said_words_of(arena *a, const char *text, size_t bytes);

/* Where one of the cell's phrases begins among the words, from `from` on; -1: nowhere. A phrase is words; "demand*" is any word
 * that begins so, ".." is up to three words. length gets the words it takes. */
typedef struct phrases { const char *at; size_t n; } phrases;   /* "demand*|call* .. off" */
int32_t phrases_find(phrases p, const said_words *w, uint32_t from, uint32_t *length);

enum { SIDE_NONE, SIDE_FROM, SIDE_TO, SIDE_SAID, SIDE_EQUAL, SIDES };

typedef struct class_row {
	uint32_t acts, statuses, kinds;         /* masks; kinds has bit KULA_KINDS for claims without items */
	phrases  words, near;                   /* in the claim's own words; in its sentence. at NULL: any */
	int8_t   class;                         /* -1: no event */
	uint8_t  source[3], target[3];          /* SIDE_*: the first that holds anybody */
	uint32_t line;
} class_row;

typedef struct word_row {                       /* modes, contexts, sectors, codes, verbs: words that give a word */
	uint32_t classes;                       /* mask; 0: all */
	uint32_t acts;                          /* mask; 0: all */
	phrases  words;
	const char *name;                       /* what they give */
	const char *mode;
	int8_t   class;
	uint32_t line;
} word_row;

typedef struct rows { word_row *at; uint32_t count, room; } rows;

struct plover {
	arena      *a;
	const know *names;
	vocabulary *v;                          /* of nothing but unknown pieces: sentences and names need no others */
	class_row  *classes; uint32_t class_count;
	rows        modes, contexts, sectors, codes, verbs, words;
};

#endif
