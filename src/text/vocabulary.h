/* vocabulary: the trie of word pieces, and the word lists that cut.c asks. Only for the text room. */
#ifndef KULA_TEXT_VOCABULARY_H
#define KULA_TEXT_VOCABULARY_H

#include "text/text.h"

/* An edge of the trie: the node behind `node` by the byte `by`; in an open hash table. */
typedef struct edge { uint32_t node_by; uint32_t to; } edge;
#define EDGE_NONE UINT32_MAX
#define NODE_WORD 0u            /* root of pieces that begin a word */
#define NODE_REST 1u            /* root of those behind "##" */

struct vocabulary {
	uint32_t  count;
	edge     *edges;  uint32_t edge_mask;
	int32_t  *node_piece;           /* [nodes] id or -1 */
	uint32_t  node_count;
	uint16_t  unknown;
	table    *lists;                /* data/text/: form -> LIST_ flags (lists.c) */
};

/* What data/text/ says of a form. */
enum {
	LIST_TITLE = 1u << 0, LIST_MONTH = 1u << 1, LIST_UNIT = 1u << 2, LIST_STATE = 1u << 3, LIST_COUNTRY = 1u << 4,
	LIST_RANK = 1u << 5, LIST_LATIN = 1u << 6, LIST_OTHER = 1u << 7, LIST_NUMBER = 1u << 8, LIST_CLOCK = 1u << 9,
	LIST_MAY_END = 1u << 10,        /* of an abbreviation: ends a sentence too, if a starter follows */
	LIST_ABBREVIATION = 0x3FFu,
	LIST_STARTER = 1u << 11, LIST_SAYING = 1u << 12, LIST_DAY = 1u << 13,
	LIST_PREFIX = 1u << 14, LIST_DESIGNATION = 1u << 15,
	LIST_GLUED_UNIT = 1u << 16, LIST_MONEY_UNIT = 1u << 17, LIST_CODE = 1u << 18,
	LIST_CAPITAL_ENDS = 1u << 19    /* of an abbreviation: ends a sentence if any capital follows */
};
table *lists_new(kula_error *err);
uint32_t list_flags(const vocabulary *v, const byte *at, size_t n);     /* 0: in no list */

static inline uint32_t edge_slot(uint32_t node_by, uint32_t mask)
{
	return (uint32_t)((node_by * UINT64_C(0x9E3779B97F4A7C15)) >> 40) & mask;
}

/* The node behind one byte, or EDGE_NONE. */
static inline uint32_t vocabulary_step(const vocabulary *v, uint32_t node, byte by)
{
	const uint32_t key = node << 8 | by;
	for (uint32_t i = edge_slot(key, v->edge_mask);; i = (i + 1) & v->edge_mask) {
		if (v->edges[i].node_by == key)
			return v->edges[i].to;
		if (v->edges[i].node_by == EDGE_NONE)
			return EDGE_NONE;
	}
}

#endif
