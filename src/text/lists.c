#include "text/vocabulary.h"

#include <stdlib.h>

/* The lists are part of the program, so that a sentence ends at the same place wherever it runs. The paths are those
 * of the repository's root, where make runs the compiler. */
#define EMBED(name, path) \
	__asm__(".section .rodata\n.balign 16\n" #name "_begin:\n.incbin \"" path "\"\n" #name "_end:\n.byte 0\n.text\n"); \
	extern const byte name##_begin[] __attribute__((visibility("hidden"))); \
	extern const byte name##_end[] __attribute__((visibility("hidden")))

EMBED(text_abbreviations, "data/text/abbreviations.tsv");
EMBED(text_words, "data/text/words.tsv");

typedef struct kind_name { const char *name; uint32_t flag; } kind_name;
static const kind_name abbreviation_kinds[] = {
	{"title", LIST_TITLE}, {"month", LIST_MONTH}, {"unit", LIST_UNIT}, {"state", LIST_STATE}, {"country", LIST_COUNTRY},
	{"rank", LIST_RANK}, {"latin", LIST_LATIN}, {"other", LIST_OTHER}, {"number", LIST_NUMBER}, {"clock", LIST_CLOCK},
};
static const kind_name ends[] = {{"starter", LIST_MAY_END}, {"capital", LIST_MAY_END | LIST_CAPITAL_ENDS}};
static const kind_name word_kinds[] = {
	{"starter", LIST_STARTER}, {"saying", LIST_SAYING}, {"day", LIST_DAY}, {"prefix", LIST_PREFIX},
	{"designation", LIST_DESIGNATION}, {"unit", LIST_GLUED_UNIT}, {"money", LIST_MONEY_UNIT}, {"code", LIST_CODE},
};

static uint32_t kind_flag(const kind_name *kinds, size_t count, const cell *c)
{
	for (size_t i = 0; i < count; i++)
		if (same_text(c->at, c->n, kinds[i].name))
			return kinds[i].flag;
	return 0;
}

static kula_status add_form(table *t, const cell *form, uint32_t flags, kula_error *err)
{
	bool fresh;
	uint32_t *const place = table_put(t, form->at, form->n, &fresh);
	if (!place)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for the word lists");
	*place |= flags;
	return KULA_OK;
}

static kula_status read_abbreviations(table *t, kula_error *err)
{
	tsv rows = {.file = "abbreviations.tsv", .at = text_abbreviations_begin, .end = text_abbreviations_end};
	cell c[4];
	for (uint32_t n; (n = tsv_next(&rows, c, 4, err)) != 0;) {
		if (n == UINT32_MAX)
			return KULA_EFORMAT;
		if (n != 4)
			return tsv_fail(&rows, &c[0], err, "expected 4 columns, found %u", n);
		const uint32_t kind = kind_flag(abbreviation_kinds, COUNT_OF(abbreviation_kinds), &c[1]);
		if (!kind)
			return tsv_fail(&rows, &c[1], err, "unknown kind '%.*s' in column 'kind'", (int)c[1].n, c[1].at);
		const uint32_t end = kind_flag(ends, COUNT_OF(ends), &c[2]);
		if (!end && !same_text(c[2].at, c[2].n, "no"))
			return tsv_fail(&rows, &c[2], err, "'%.*s' in column 'may_end' is none of no, starter, capital",
				(int)c[2].n, c[2].at);
		if (add_form(t, &c[0], kind | end, err) != KULA_OK)
			return KULA_EMEMORY;
	}
	return KULA_OK;
}

static kula_status read_words(table *t, kula_error *err)
{
	tsv rows = {.file = "words.tsv", .at = text_words_begin, .end = text_words_end};
	cell c[3];
	for (uint32_t n; (n = tsv_next(&rows, c, 3, err)) != 0;) {
		if (n == UINT32_MAX)
			return KULA_EFORMAT;
		if (n != 3)
			return tsv_fail(&rows, &c[0], err, "expected 3 columns, found %u", n);
		const uint32_t kind = kind_flag(word_kinds, COUNT_OF(word_kinds), &c[1]);
		if (!kind)
			return tsv_fail(&rows, &c[1], err, "unknown kind '%.*s' in column 'kind'", (int)c[1].n, c[1].at);
		if (add_form(t, &c[0], kind, err) != KULA_OK)
			return KULA_EMEMORY;
	}
	return KULA_OK;
}

table *lists_new(kula_error *err)
{
	table *const t = table_new();
	if (!t) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the word lists");
		return NULL;
	}
	if (read_abbreviations(t, err) != KULA_OK || read_words(t, err) != KULA_OK) {
		table_free(t);
		return NULL;
	}
	return t;
}

#define FORM_BYTES 24u          /* no form is longer */

uint32_t list_flags(const vocabulary *v, const byte *at, size_t n)
{
	if (!n || n > FORM_BYTES)
		return 0;
	const uint32_t *const there = table_get(v->lists, at, n);
	if (there)
		return *there;
	/* "GEN." is "Gen.", "THE" is "The"; but "MTS." needn't be "Mts." */
	if (n < 3 || !is_upper(at[0]) || !is_upper(at[1]))
		return 0;
	byte lower[FORM_BYTES];
	lower[0] = at[0];
	for (size_t i = 1; i < n; i++) {
		if (is_lower(at[i]))
			return 0;
		lower[i] = (byte)to_lower(at[i]);
	}
	const uint32_t *const written = table_get(v->lists, lower, n);
	return written && (at[n - 1] != '.' || *written & (LIST_TITLE | LIST_RANK | LIST_MONTH)) ? *written : 0;
}
