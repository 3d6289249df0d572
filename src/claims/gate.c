#include "claims/gate.h"

kula_status gate_open(gate *g, const model *m, kula_error *err)
{
	*g = (gate){ 0 };
	if (!model_has(m, "gate.weight"))
		return KULA_OK;
	tensor w, s;
	kula_status st = model_tensor(m, "gate.weight", 0, 1, &w, err);
	if (st == KULA_OK)
		st = model_tensor(m, "gate.settings", 0, 1, &s, err);
	if (st != KULA_OK)
		return st;
	if (w.dim[0] != GATE_BUCKETS || s.dim[0] != 2)
		return kula_fail(err, KULA_EFORMAT, 0, "weights: the gate has %u buckets, this version reads %u", w.dim[0], GATE_BUCKETS);
	g->weight = w.at;
	g->bias = ((const float *)s.at)[0];
	g->threshold = ((const float *)s.at)[1];
	return KULA_OK;
}

#define LONGEST_WORD 40u        /* bytes; of longer ones the first so many */

uint32_t gate_features(const byte *text, size_t n, uint32_t out[GATE_FEATURES])
{
	uint8_t seen[GATE_BUCKETS / 8] = { 0 };
	uint32_t count = 0;
	uint64_t before = 0;            /* the hash of the word before; 0 at the paragraph's start */
	byte word[LONGEST_WORD];
	for (size_t i = 0; i < n && count + 2 <= GATE_FEATURES;) {
		uint32_t len = 0;
		for (; i < n && (is_alpha(text[i]) || is_digit(text[i]) || text[i] >= 0x80); i++)
			if (len < LONGEST_WORD)
				word[len++] = is_digit(text[i]) ? '0' : (byte)to_lower(text[i]);
		if (len == 0) {
			i++;
			continue;
		}
		const uint64_t hash = hash_bytes(word, len), pair[2] = { before, hash };
		const uint32_t both[2] = { (uint32_t)hash % GATE_BUCKETS, (uint32_t)hash_bytes(pair, sizeof pair) % GATE_BUCKETS };
		for (uint32_t j = 0; j < 2; j++) {
			const uint32_t b = both[j];
			if (!(seen[b >> 3] >> (b & 7) & 1)) {
				seen[b >> 3] |= (uint8_t)(1u << (b & 7));
				out[count++] = b;
			}
		}
		before = hash;
	}
	return count;
}

bool gate_passes(const gate *g, const byte *text, size_t n)
{
	if (g->weight == NULL)
		return true;
	uint32_t f[GATE_FEATURES];
	const uint32_t count = gate_features(text, n, f);
	if (count + 2 > GATE_FEATURES)
		return true;
	float score = g->bias;
	for (uint32_t i = 0; i < count; i++)
		score += g->weight[f[i]];
	return score >= g->threshold;
}
