/* Scores become claims: which words are triggers, who stands at which end, when, how many, who says so. */
#ifndef KULA_CLAIMS_DECODE_H
#define KULA_CLAIMS_DECODE_H

#include "claims/features.h"
#include "claims/heads.h"

/* Thresholds and calibration; written into the weights file by train/, so that weights and settings can't part. */
typedef struct settings {
	float trigger;                  /* probability from which a word is a trigger */
	float role[ROLES];              /* log odds from which the best span has a role */
	float more[ROLES];              /* log odds from which a further span has it too */
	float second;                   /* probability from which a span stands for a second party ("the two leaders") */
	float both;                     /* probability from which a word that is the trigger of a likelier act is one of this act too */
	float same;                     /* log odds from which a further span for a party that a side already has counts again */
	float self[KULA_ACTS];          /* log odds, by act, that one party stands at both ends; learned from the corpus, scaled */
	float calibration[4];           /* confidence = sigmoid(c0 + c1 logit(trigger) + c2 log(from) + c3 log(to)) */
} settings;
kula_status settings_read(settings *s, const model *m, kula_error *err);

/* A claim of a chapter, still in words; bytes of the chapter's text. */
typedef struct claim_list {
	kula_claim *at; uint32_t count, room;
	const char **why;               /* [room], or NULL where nobody asked */
} claim_list;

/* What a chapter is decoded with. rows: [READ_AGAIN][H], 64-byte aligned, for the upper layers. */
#define READ_AGAIN 320u         /* words that are read again with a trigger at most */
typedef struct decoder {
	const model *m;
	model_room *room;
	float *rows;
	const heads *h;
	const settings *s;
	const know *k;
	bool why;
} decoder;

/* Decodes one chapter into out; strings in arena `keep`, scratch in `a`. lower, vectors: of each word, behind the encoder's
 * lower layers and behind all; encoded [windows] says which windows have some. text_offset is added to every span. False: an
 * arena refused. */
bool decode_chapter(const decoder *with, const candidates *c, const kula_document *d, const float *lower, const float *vectors,
	const bool *encoded, uint32_t text_offset, arena *a, arena *keep, claim_list *out);

#endif
