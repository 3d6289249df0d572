/* The heads: what each word's vector says of acts, roles, parties, days, status, kinds. The same as train/heads.py.
 *
 * Every head is one hidden layer: vectors of those concerned and small embeddings of their features are added up, a product
 * of two projections beside the sum lets them be compared, then GELU and a linear layer. The trigger head and the names look
 * at the vectors of the whole encoder, all others at those of its upper layers when they read a trigger's reach again, from
 * the lower layers' vectors with the trigger marked. What depends on a name alone is projected once a chapter (heads_names).
 */
#ifndef KULA_CLAIMS_HEADS_H
#define KULA_CLAIMS_HEADS_H

#include "claims/claims.h"

typedef enum role {
	ROLE_FROM, ROLE_TO, ROLE_ITEM, ROLE_SOURCE, ROLE_VERB, ROLE_AT, ROLE_PLACE_FROM, ROLE_PLACE_TO, ROLE_MEANS,
	ROLE_AGREEMENT, ROLE_CONDITION, ROLE_VALUE, ROLES
} role;

#define ROLE_BACK 2u            /* sentences before the trigger's that are read again with it, and where a role may stand */
#define ROLE_AHEAD 1u           /* and behind */
#define DAY_REACH 1u            /* sentences before and behind where the day may stand */
#define SLOTS 3u
#define DISTANCES 24u
#define SENTENCES 7u
#define VARIANTS 3u             /* past, ahead, ongoing */
#define PAIR_FLAGS 8u

/* Signed distances in words and in sentences to embeddings' rows; train/data.py has the same. */
uint32_t distance_bucket(int32_t words);
uint32_t sentence_bucket(int32_t sentences);

typedef struct linear { const float *w, *b; uint32_t in, out; } linear;

typedef struct heads {
	uint32_t H, trigger, role, pair;
	linear trigger_in, trigger_out, status_in, status_out, count_out;
	linear role_word, role_trigger, role_word2, role_trigger2, role_out;
	linear span_in, span_in2, name_in, name_in2, pair_flags, pair_out;
	linear day_trigger, day_trigger2, day_in, day_in2, day_out;
	linear item_in, item_out, in_a, in_b, in_out;
	const float *mark, *mark_act, *mark_slot;       /* added to a trigger before the upper layers read again */
	const float *status_act, *status_slot, *role_act, *role_slot, *role_dist, *role_sent;
	const float *name_type, *name_rank, *name_prior, *name_date, *pair_sent, *pair_dist, *pair_share, *nobody, *publisher;
	const float *no_day, *day_act, *day_status, *day_variant, *day_sent, *day_dist, *day_flags;
	const float *item_act, *item_kind, *item_strength, *item_case;
} heads;

kula_status heads_open(heads *h, const model *m, kula_error *err);

/* Vectors [count][H] of the words [first, first + count): of a whole chapter, or of the reach of one trigger that was read
 * again. */
typedef struct word_vectors { const float *at; uint32_t first, count; } word_vectors;

/* What is added to a trigger's vector [H] to mark it. */
void heads_mark(const heads *h, kula_act act, uint32_t slot, float *vector);

/* Log odds of each act for each word: out [W][KULA_ACTS]. */
void heads_trigger(const heads *h, arena *a, const float *vectors, uint32_t W, float *out);

/* Of a trigger read again: logits of status [KULA_STATUSES] and of the count less one [SLOTS]. */
void heads_state(const heads *h, const float *trigger, kula_act act, uint32_t slot, float *status, float *count);

/* Log odds of start, end, inside for words [from, to): out [to - from][ROLES][3]. sentence_of gives each word's sentence. */
void heads_role(const heads *h, arena *a, const word_vectors *v, const text_doc *d, uint32_t trigger, kula_act act, uint32_t slot,
	uint32_t from, uint32_t to, float *out);

/* Names (readings of mentions, the publisher, nobody) projected once; then a score for each against a span. */
typedef struct name_vectors { uint32_t n; float *sum, *product; } name_vectors;
typedef struct name_place { uint32_t word_from, word_to; uint32_t type, rank, prior, in_date; } name_place;  /* type NAME_TYPES: nobody, + 1: publisher */
bool heads_names(const heads *h, arena *a, const word_vectors *v, const name_place *names, uint32_t n, name_vectors *out);
typedef struct pair_place { uint8_t sentence, distance, flags, share; } pair_place;
void heads_belongs(const heads *h, arena *a, const word_vectors *v, uint32_t word_from, uint32_t word_to, const name_vectors *names,
	const pair_place *places, float *out);

/* Scores of day candidates: out [n][2], date and due. */
typedef struct day_place { uint32_t word_from, word_to; uint8_t variant, sentence, distance, flags; } day_place;      /* variant VARIANTS: no day */
void heads_days(const heads *h, arena *a, const word_vectors *v, uint32_t trigger, kula_act act, kula_claim_status status,
	const day_place *days, uint32_t n, float *out);

/* Logits of an item's kind [KULA_KINDS] and quantity case [3]; span [3H] is kept for heads_inside. */
void heads_item(const heads *h, const word_vectors *v, uint32_t word_from, uint32_t word_to, kula_act act,
	uint32_t kind, uint32_t strength, uint32_t quantity_case, float *kinds, float *cases, float *span);
float heads_inside(const heads *h, const float *span, const float *whole);    /* log odds that span is in whole */

#endif
