#include "text/vocabulary.h"

#include <stdlib.h>

const char *const vocabulary_cls = "[CLS]", *const vocabulary_sep = "[SEP]", *const vocabulary_unk = "[UNK]";

/* A step that makes what isn't there. EDGE_NONE: no memory. */
static uint32_t make_step(vocabulary *v, uint32_t *node_room, uint32_t node, byte by)
{
	const uint32_t there = vocabulary_step(v, node, by);
	if (there != EDGE_NONE)
		return there;
	if (v->node_count == *node_room) {
		const uint32_t room = *node_room * 2;
		int32_t *const grown = base_realloc(v->node_piece, room * sizeof *grown);
		if (!grown)
			return EDGE_NONE;
		v->node_piece = grown;
		*node_room = room;
	}
	if (v->node_count * 2 > v->edge_mask) {         /* half full: double */
		const uint32_t mask = v->edge_mask * 2 + 1;
		edge *const wider = base_malloc((mask + 1ull) * sizeof *wider);
		if (!wider)
			return EDGE_NONE;
		memset(wider, 0xFF, (mask + 1ull) * sizeof *wider);
		for (uint32_t i = 0; i <= v->edge_mask; i++) {
			if (v->edges[i].node_by == EDGE_NONE)
				continue;
			uint32_t to = edge_slot(v->edges[i].node_by, mask);
			while (wider[to].node_by != EDGE_NONE)
				to = (to + 1) & mask;
			wider[to] = v->edges[i];
		}
		free(v->edges);
		v->edges = wider;
		v->edge_mask = mask;
	}
	const uint32_t key = node << 8 | by;
	uint32_t i = edge_slot(key, v->edge_mask);
	while (v->edges[i].node_by != EDGE_NONE)
		i = (i + 1) & v->edge_mask;
	v->edges[i] = (edge){key, v->node_count};
	v->node_piece[v->node_count] = -1;
	return v->node_count++;
}

/* Where a piece's letters begin, and from which root: "##s" is "s" behind a word. */
static uint32_t piece_root(const byte **at, size_t *n)
{
	if (*n <= 2 || (*at)[0] != '#' || (*at)[1] != '#')
		return NODE_WORD;
	*at += 2;
	*n -= 2;
	return NODE_REST;
}

static kula_status add_lines(vocabulary *v, const byte *at, size_t n, kula_error *err)
{
	uint32_t node_room = 1024;
	v->edge_mask = 4095;
	v->edges = base_malloc((v->edge_mask + 1ull) * sizeof *v->edges);
	v->node_piece = base_malloc(node_room * sizeof *v->node_piece);
	if (!v->edges || !v->node_piece)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for the vocabulary");
	memset(v->edges, 0xFF, (v->edge_mask + 1ull) * sizeof *v->edges);
	v->node_piece[NODE_WORD] = v->node_piece[NODE_REST] = -1;
	v->node_count = 2;
	for (size_t from = 0; from < n;) {
		const byte *const end = memchr(at + from, '\n', n - from);
		const size_t to = end ? (size_t)(end - at) : n;
		const byte *piece = at + from;
		size_t bytes = to - from;
		if (bytes && piece[bytes - 1] == '\r')
			bytes--;
		if (v->count == 65536)
			return kula_fail(err, KULA_ELIMIT, from, "more than 65536 word pieces");
		if (!bytes)
			return kula_fail(err, KULA_EFORMAT, from, "line %u of the vocabulary is empty", v->count + 1);
		if (bytes > 1000)
			return kula_fail(err, KULA_EFORMAT, from, "line %u of the vocabulary is %zu bytes long, limit 1000",
				v->count + 1, bytes);
		if (v->node_count + bytes >= 1u << 24)
			return kula_fail(err, KULA_ELIMIT, from, "the vocabulary is too large");
		uint32_t node = piece_root(&piece, &bytes);
		for (size_t i = 0; i < bytes && node != EDGE_NONE; i++)
			node = make_step(v, &node_room, node, piece[i]);
		if (node == EDGE_NONE)
			return kula_fail(err, KULA_EMEMORY, from, "no memory for the vocabulary");
		if (v->node_piece[node] < 0)            /* the first of two equal lines counts */
			v->node_piece[node] = (int32_t)v->count;
		v->count++;
		from = to + 1;
	}
	return KULA_OK;
}

vocabulary *vocabulary_new(const byte *at, size_t n, kula_error *err)
{
	vocabulary *const v = base_malloc(sizeof *v);
	if (!v) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the vocabulary");
		return NULL;
	}
	memset(v, 0, sizeof *v);
	kula_status s = add_lines(v, at, n, err);
	const char *const needed[] = {vocabulary_cls, vocabulary_sep, vocabulary_unk};
	for (size_t i = 0; s == KULA_OK && i < COUNT_OF(needed); i++)
		if (vocabulary_id(v, needed[i]) < 0)
			s = kula_fail(err, KULA_EFORMAT, 0, "the vocabulary has no '%s'", needed[i]);
	if (s == KULA_OK) {
		v->unknown = (uint16_t)vocabulary_id(v, vocabulary_unk);
		v->lists = lists_new(err);
	}
	if (!v->lists) {
		vocabulary_free(v);
		return NULL;
	}
	return v;
}

void vocabulary_free(vocabulary *v)
{
	if (!v)
		return;
	free(v->edges);
	free(v->node_piece);
	if (v->lists)
		table_free(v->lists);
	free(v);
}

uint32_t vocabulary_count(const vocabulary *v)
{
	return v->count;
}

int32_t vocabulary_id(const vocabulary *v, const char *piece)
{
	const byte *at = (const byte *)piece;
	size_t n = strlen(piece);
	uint32_t node = piece_root(&at, &n);
	for (size_t i = 0; i < n && node != EDGE_NONE; i++)
		node = vocabulary_step(v, node, at[i]);
	return n && node != EDGE_NONE ? v->node_piece[node] : -1;
}
