/* The head noun of an item, its kind by table, its quantity by measure. */
#include "claims/features.h"

/* The head is the last word before a preposition, a comma, a relative or a bracket: "two of the bears" ends with the
 * noun behind "of" when a number or quantifier stands in front of it. */
static bool is_stop(const know *k, const char *w)
{
	return (w[0] != 0 && strchr(",(-;:", w[0]) != NULL && (w[1] == 0 || strcmp(w, "--") == 0)) || know_is_word(k, w, KNOW_ENDS_NOUN);
}

void claims_item_features(arena *a, const candidates *c, const know *k, uint32_t word_from, uint32_t word_to, item_features *out)
{
	*out = (item_features){ .kind = -1, .quantity_index = -1, .quantity = { .min = __builtin_nan(""), .max = __builtin_nan(""), .unit = "count" } };
	const text_doc *d = c->doc;
	const arena_mark mark = arena_marked(a);
	uint32_t begin = word_from;
	for (uint32_t i = 0; i < c->quantity_count; i++)            /* the noun stands behind the number */
		if (c->quantities[i].word_from >= word_from && c->quantities[i].word_to < word_to
			&& !(c->quantities[i].flags & (MEASURE_ORDINAL | MEASURE_AGE | MEASURE_DATE))) {
			begin = c->quantities[i].word_to;
			break;
		}
	uint32_t n, head = begin < word_to ? begin : word_to - 1;
	const char *fold = text_fold(a, word_bytes(d, head, &n), d->words[head].at.to - d->words[head].at.from);
	if (fold != NULL && strcmp(fold, "of") == 0 && head + 1 < word_to)
		begin = head = head + 1;
	for (uint32_t w = begin; w < word_to; w++) {
		const byte *at = word_bytes(d, w, &n);
		fold = text_fold(a, at, n);
		if (fold == NULL)
			break;
		/* a hyphen between two words of a compound is no stop: "surface-to-air missiles" */
		const bool compound = w > begin && w + 1 < word_to && !d->words[w + 1].space_before && !d->words[w].space_before;
		if (is_stop(k, fold) && w > begin && !compound && !(w > begin && !d->words[w].space_before && strcmp(fold, "to") == 0))
			break;
		if (d->words[w].shape != SHAPE_OTHER)
			head = w;
	}
	out->begin = begin;
	out->head = head;
	char phrase[256];
	size_t used = 0;
	for (uint32_t w = begin; w <= head && fold != NULL; w++) {
		fold = text_fold(a, word_bytes(d, w, &n), d->words[w].at.to - d->words[w].at.from);
		if (fold == NULL)
			break;
		const size_t len = strlen(fold);
		if (used + len + 2 > sizeof phrase) {
			used = 0;                                       /* keep the tail: the head is what counts */
			if (len + 2 > sizeof phrase)
				continue;
		}
		if (used > 0 && d->words[w].space_before)
			phrase[used++] = ' ';
		memcpy(phrase + used, fold, len);
		used += len;
	}
	phrase[used] = 0;
	out->kind = know_kind(k, phrase, &out->kind_strength);
	if (out->kind < 0)
		out->kind_strength = 0;
	bool mass = false, plural = false;
	fold = text_fold(a, word_bytes(d, head, &n), d->words[head].at.to - d->words[head].at.from);
	if (fold != NULL) {
		mass = know_is_mass(k, fold);
		const char *one = know_singular(k, a, fold);
		plural = one != NULL && strcmp(one, fold) != 0;
	}
	out->quantity_index = measure_item(d, c->quantities, c->quantity_count, word_from, word_to, mass, plural, &out->quantity);
	if (out->quantity_index >= 0 && !(c->quantities[out->quantity_index].flags & MEASURE_ARTICLE))
		out->quantity_case = QUANTITY_NUMBER;
	else if (out->quantity.min == 1 && out->quantity.max == 1)
		out->quantity_case = QUANTITY_ONE;
	arena_rewind(a, mark);
}
