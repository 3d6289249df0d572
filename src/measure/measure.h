/* measure: exact readers of numbers with their bounds, of units, money, rates, fractions, and of days.
 *
 * takes    the words of a document, the day of publication     promises   the contract's tables, all of them, and nothing
 * gives    quantities and day expressions                                 that depends on today's date
 *                                                              leaves alone   which quantity belongs to which claim
 * The vocabulary is data/measure/ (tables) (number words, bounds, units, currencies, months, weekdays, deictics), compiled into
 * the binary at build time or mapped; each row carries an example that the tests read.
 */
#ifndef KULA_MEASURE_H
#define KULA_MEASURE_H

#include "text/text.h"

typedef enum measure_flags {
	MEASURE_ARTICLE   = 1,  /* "a", "an": 1..1 from an article alone */
	MEASURE_ORDINAL   = 2,  /* "third": not a quantity of things; min = max = its number */
	MEASURE_PERCENT   = 4,  /* "12 percent", "a third of": a share; unit "percent" or "fraction" */
	MEASURE_AGE       = 8,  /* "two-year-old", "aged 15", "10-year (agreement)": a duration or age, not a count of things */
	MEASURE_VAGUE     = 16, /* "dozens", "several", "thousands" */
	MEASURE_DATE      = 32, /* part of a day expression */
	MEASURE_NONE      = 64, /* "no", "none", "any": null..null */
	MEASURE_DURATION  = 128,/* "three days", "10 years" */
	MEASURE_ATTRIBUTE = 256 /* "a 5,000-tonne ship", "a 10-member team": says what the thing is like, not how many there are */
} measure_flags;

/* One quantity in the text: bound words, number, unit: "more than 2.5 million dollars a month". */
typedef struct measured {
	uint32_t word_from, word_to;    /* all its words, bound and unit included */
	uint32_t number_from, number_to;/* the number's own words */
	double   min, max;              /* NaN: open; in the unit as written out in full: 2500000 */
	char     unit[16];              /* "count", "USD", "tonne", "barrel", "percent", ...: the contract's, then data/measure/units.tsv's */
	kula_per per;
	bool     approx;
	uint32_t flags;
	uint32_t row;                   /* of the table row that decided, for --why */
} measured;

/* One day expression. The interval depends on whether what it dates lies behind or ahead ("on Tuesday", "in April"), so both
 * are given; where the words fix it, they are equal. */
typedef struct dated {
	uint32_t  word_from, word_to;   /* preposition included where it changes the interval ("by", "since", "from", "before",
	                                   "until", "after") or introduces it ("on", "in", "during") */
	kula_days past, ahead;          /* first is KULA_NO_DAY where there is no such reading */
	kula_days ongoing;              /* "since 10 July", "for the past week", "this year": to the day of publication */
	bool      vague;                /* "recently", "soon": null, and known to be null */
	bool      duration;             /* "for three days": a length, not a time */
	bool      relative;             /* needed the day of publication */
	uint32_t  row;
} dated;

/* All quantities and day expressions of sentences [sentence_from, sentence_to), in order of their first word, not nested.
 * A weekday that the text itself fixes ("Tuesday, March 4") is that day. published may be KULA_NO_DAY: relative ones
 * then have no interval. NULL only when the arena refuses. */
measured *measure_quantities(arena *a, const text_doc *d, uint32_t sentence_from, uint32_t sentence_to, uint32_t *count);
dated *measure_days(arena *a, const text_doc *d, uint32_t sentence_from, uint32_t sentence_to, kula_day published, uint32_t *count);

/* What the item with words [from, to) amounts to by the contract: its first counted quantity, else 1..1 for a definite or
 * possessed or indefinite singular, else null..null. `mass` says whether the head noun is not counted, `plural` whether it
 * is a plural form (claims knows, from know). Returns the index into quantities of the one used, or -1. */
int measure_item(const text_doc *d, const measured *quantities, uint32_t count, uint32_t word_from, uint32_t word_to,
	bool mass, bool plural, kula_quantity *out);

/* The row behind an answer, for people: "bounds.tsv: more than N". */
const char *measure_row(uint32_t row);
/* 16 hex digits of the tables' contents. */
const char *measure_hash(void);

#endif
