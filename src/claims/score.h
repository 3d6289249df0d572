/* score: how far read claims agree with annotated ones. The figures are those of the contract's scorer, to the last digit.
 *
 *	found    the sentence and the act agree                  strict   event, and status, first source, first item agree
 *	event    found, and the codes of both sides agree        parties, items, said_by   counted one by one
 *
 * A read claim can answer an annotated one when both state the same act and rest on the same sentence: their evidence
 * overlaps in the text by at least half of the shorter, and neither is more than half as long again as the other. Pairs are
 * chosen one to one, best first: by trigger, sides, status, first item. A missed claim's members count as missed.
 * Everything is counted in characters, and words are compared in lower case, of any script, so that the figures are those of
 * the scorer that came with the contract (tests/property/score_equals.sh). */
#ifndef KULA_SCORE_H
#define KULA_SCORE_H

#include "claims/claims.h"

/* The documents of one file by id, in the order of the file; of two with one id the later counts. */
typedef struct score_set score_set;
score_set *score_set_read(const char *path, kula_error *err);   /* NULL: err says which line; no line may be bad */
void score_set_free(score_set *s);

/* Pairs that differ in something ("differs": both), annotated claims that nobody read ("missed": gold), read ones that
 * nobody annotated ("invented": read). */
typedef void (*score_miss)(void *arg, const char *document, const char *why, const kula_claim *gold, const kula_claim *read);

typedef struct score_share { uint64_t found, event, strict, read, gold; } score_share;  /* of one document */

/* miss may be NULL. shares, if not NULL, gets one for each gold document, in the order of their ids (for score_interval);
 * room for score_documents(gold). */
kula_status score_claims(const score_set *gold, const score_set *read, score_result *out, score_share *shares,
	score_miss miss, void *arg, kula_error *err);
uint32_t score_documents(const score_set *s);

/* 95 % intervals of the F1 of found, event, strict, from 1,000 resamplings of the documents with seed 1. */
typedef struct score_bounds { double low, high; } score_bounds;
kula_status score_interval(const score_share *shares, uint32_t count, score_bounds out[3], kula_error *err);

score_prf score_of(uint64_t hit, uint64_t read, uint64_t gold);

#endif
