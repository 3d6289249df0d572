/* Features that the heads get beside vectors. One definition for prepare and for reading. */
#ifndef KULA_CLAIMS_FEATURES_H
#define KULA_CLAIMS_FEATURES_H

#include "claims/claims.h"

/* What tables and rules make of an item's words; the network decides whether to believe them. */
typedef enum quantity_case {
	QUANTITY_NONE,          /* no number, no article */
	QUANTITY_NUMBER,        /* a number */
	QUANTITY_ONE,           /* "a", "the", "its": 1..1 by rule */
	QUANTITY_CASES
} quantity_case;

typedef struct item_features {
	int kind, kind_strength;        /* know_kind of the words, -1 if unknown */
	int quantity_case;
	int quantity_index;             /* into candidates.quantities, -1 */
	kula_quantity quantity;
	uint32_t begin, head;           /* the words that name the thing: [begin, head], the head noun last */
} item_features;

void claims_item_features(arena *a, const candidates *c, const know *k, uint32_t word_from, uint32_t word_to, item_features *out);

#endif
