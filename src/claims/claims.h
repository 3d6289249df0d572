/* claims: scores, words and knowledge become claims.
 *
 * takes    a document, weights, knowledge        promises   every field's words are the text's; every claim keeps the contract
 * gives    the claims of docs/CLAIMS.md          leaves alone   which claims speak of one exchange (ledger)
 *
 *	text_cut -> know_mentions, measure_quantities, measure_days      candidates.c   who, how many, when might be meant
 *	text_windows -> model_encode                                     read.c         a vector for each word
 *	heads.c   trigger -> roles -> belongs, date, status, kind        scores
 *	decode.c  scores -> claims                                       one document's
 *	prepare.c annotated document -> training lines                   the same candidates, so that training can't drift
 */
#ifndef KULA_CLAIMS_H
#define KULA_CLAIMS_H

#include "know/know.h"
#include "measure/measure.h"
#include "model/model.h"
#include "source/source.h"

/* One document with its claims as one JSON line (newline included), fields in the contract's order; spans, trigger_span,
 * confidence as a reader's output has them when `reader` is true. offsets: how spans are counted. */
typedef enum claims_offsets { OFFSETS_BYTES, OFFSETS_CHARS, OFFSETS_UTF16 } claims_offsets;
void claims_write_document(buf *b, const kula_document *d, const kula_claim *claims, uint32_t count, bool reader, claims_offsets o);
void claims_write_claim(buf *b, const kula_document *d, const kula_claim *c, bool reader, claims_offsets o);   /* no newline */

/* Faults of a claim against the contract and the text (evidence verbatim in text, trigger in evidence, spans slice to their
 * words, known act, status, kind, code, a coded side ...). False: err says which. */
bool claims_check(const kula_document *d, const kula_claim *c, kula_error *err);

/* Finds spans for claims that came without (evidence, trigger nearest, parties, items). */
void claims_locate(const kula_document *d, kula_claim *c);

/* ---- candidates: what the heads choose among; the same in prepare and in reading ---- */

typedef struct candidates {
	text_doc *doc;
	windows  *win;
	mention  *mentions;   uint32_t mention_count;
	measured *quantities; uint32_t quantity_count;
	dated    *days;       uint32_t day_count;
} candidates;
candidates *claims_candidates(arena *a, const vocabulary *v, const know *k, const kula_document *d, kula_error *err);

/* One training line for an annotated document (train/README.md has the format). */
void claims_prepare(buf *b, arena *a, const vocabulary *v, const know *k, const kula_document *d,
	const kula_claim *claims, uint32_t count, kula_error *err);

/* ---- score: the figures of the contract's scorer ---- */
typedef struct score_prf { double P, R, F1; uint64_t hit, read, gold; } score_prf;
typedef struct score_result {
	uint64_t documents;
	score_prf found, event, strict, parties, items, said_by, date;
	double status, trace;
} score_result;

#endif
