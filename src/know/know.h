/* know: what names stand for, on a day.
 *
 * takes    words, a day                      promises   the same answer for the same table and day; every answer names its row
 * gives    mentions with codes; kinds        leaves alone   which of several readings the text means (claims decides,
 *                                                          with the order given here as prior)
 *
 * One mapped file, compiled from the tables of data/know by `kula know --compile` at build time. A user's own tables (same columns)
 * are layered over it at run time.
 */
#ifndef KULA_KNOW_H
#define KULA_KNOW_H

#include "text/text.h"

typedef enum name_type {
	NAME_COUNTRY,           /* Russia, Russian Federation, U.S. */
	NAME_ADJECTIVE,         /* Russian, Israeli */
	NAME_PEOPLE,            /* Russians, an Israeli (noun) */
	NAME_CAPITAL,           /* Moscow */
	NAME_METONYM,           /* Kremlin, White House, Pentagon */
	NAME_LEADER,            /* a person by full name or title with surname, in office on the day or within a few years */
	NAME_SURNAME,           /* surname alone, or "Mr. Bush": somebody in high office on the day */
	NAME_ORGANISATION,      /* one with a code of the contract's list: NATO, United Nations */
	NAME_BODY,              /* a body of a country: Gazprom, Duma, Mossad, BBC, a party, a ministry by name */
	NAME_ARMED,             /* Hamas, Taliban: code of the country where it is based */
	NAME_CITY,
	NAME_REGION,            /* a part of a state: Chechnya, Darfur, Texas; also bigger places: West Bank */
	NAME_FORMER,            /* Soviet Union, Yugoslavia */
	NAME_NOBODY,            /* a known name that has no code: the West, Middle East, Europe, al-Qaida */
	NAME_TYPES
} name_type;

/* One reading of one place in the text. Readings of the same words stand together, likeliest first. */
typedef struct mention {
	uint32_t word_from, word_to;    /* half open */
	uint8_t  type;                  /* name_type */
	uint8_t  rank;                  /* 0 the likeliest reading of these words, 1 the next, ... */
	uint8_t  prior;                 /* how likely a priori that these words are this at all: 3 sure, 2 likely, 1 doubtful
	                                   (a common word, an ambiguous name), 0 hardly */
	bool     in_date;               /* the row holds on the document's day */
	char     code[KULA_CODE_BYTES]; /* contract code; "" for nobody */
	uint32_t row;                   /* what know_row prints */
} mention;

typedef struct know know;
know *know_open(const char *path, kula_error *err);     /* NULL path: the installed one */
void know_close(know *k);
kula_status know_layer(know *k, const char *directory, kula_error *err);        /* before first use by threads */
const char *know_hash(const know *k);                   /* 16 hex digits of its contents */

/* All mentions in a document, by place (longest match at each place; a shorter name inside a longer one is left out,
 * unless the longer is only NAME_BODY/NAME_CITY of another country, when both are given). Ambiguous names are ordered by
 * the document: the words beside them, its unambiguous mentions, then the prior. published may be KULA_NO_DAY.
 * count gets the number; NULL only when the arena refuses. */
mention *know_mentions(const know *k, arena *a, const text_doc *d, kula_day published, const char *publisher, uint32_t *count);

/* The code of the country of a publisher ("Voice of America" USA), or "". */
const char *know_publisher(const know *k, const char *publisher);

/* The kind of a thing by its (lower-cased, folded) words, head last: "giant panda", "artillery shells", "MiG-29s".
 * -1: not known. Tries the longest tail first, singular and plural. strength: 3 named item or set by hand, 2 first sense,
 * 1 other. */
int know_kind(const know *k, const char *folded_words, int *strength);
/* The singular of a folded head noun by table and rule ("troops" "troop", "men" "man", "series" "series"). In the arena. */
const char *know_singular(const know *k, arena *a, const char *folded);
/* True for nouns that aren't counted ("artillery", "grain", "aid"), data/know/mass_nouns.tsv. */
bool know_is_mass(const know *k, const char *folded);

/* What data/know/words.tsv says of a folded word beside nouns. */
typedef enum know_word { KNOW_ENDS_NOUN, KNOW_DETERMINER, KNOW_SEVERAL } know_word;
bool know_is_word(const know *k, const char *folded, know_word what);

/* The row behind a mention, for people: "leaders.tsv: Vladimir Putin, President of Russia, 2012-05-07 -". In the arena. */
const char *know_row(const know *k, arena *a, uint32_t row);

/* Everything that a name by itself may stand for on a day (KULA_NO_DAY: any), likeliest first, a row each: no document
 * speaks for one or the other. Titles before it ("President Putin") and "the" are passed over. word_from, word_to are 0.
 * NULL with *count 0: nothing is known, or the arena refuses. */
mention *know_readings(const know *k, arena *a, const char *name, kula_day on, uint32_t *count);
/* "country", "adjective", ... for a name_type. */
const char *know_type_name(uint8_t type);

/* Compiles a directory's tables into the bytes of a mapped file. own: a user's own tables, any of which may be missing.
 * Errors point at cells: "names.tsv:12:9: unknown type 'stat' in column 'type'". */
kula_status know_compile(const char *directory, bool own, buf *out, kula_error *err);

/* Display name of a code: "RUS" "Russia". NULL: not known. */
const char *know_code_name(const know *k, const char *code);
/* A code for what a user typed: a code, a name, an adjective ("russia", "RUS", "Soviet Union"). "" if none. */
const char *know_code_of(const know *k, const char *typed);

#endif
