/* The gate: a linear model over hashed words and word pairs of a paragraph. Most of a crawl is sport, weather, shopping; what
 * it turns away is not cut, encoded or scored. Trained to lose at most 1 claim in 100 (train/gate.py).
 *
 *	features  lower-cased runs of letters and digits (bytes above 127 are letters) and pairs of neighbours; hashed to
 *	          GATE_BUCKETS; each bucket counts once a paragraph
 *	score     bias + sum of the buckets' weights; a paragraph passes at or above the threshold
 */
#ifndef KULA_CLAIMS_GATE_H
#define KULA_CLAIMS_GATE_H

#include "model/model.h"

#define GATE_BUCKETS 65536u
#define GATE_FEATURES 1024u     /* of a paragraph; what comes behind is not looked at, and a paragraph so long passes */

typedef struct gate { const float *weight; float bias, threshold; } gate;       /* weight NULL: everything passes */

/* Tensors "gate.weight" [GATE_BUCKETS] and "gate.settings" [2] (bias, threshold). A weights file without them has no gate. */
kula_status gate_open(gate *g, const model *m, kula_error *err);

/* The different buckets of a paragraph in order of appearance; their number. */
uint32_t gate_features(const byte *text, size_t n, uint32_t out[GATE_FEATURES]);
bool gate_passes(const gate *g, const byte *text, size_t n);

#endif
