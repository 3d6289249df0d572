/* What weights.c finds and encoder.c runs. */
#ifndef KULA_MODEL_ENCODER_H
#define KULA_MODEL_ENCODER_H

#include "model/kernels.h"

#define POSITION_LIMIT 512u             /* sums of attention fit 32 bits up to here (kernels.h) */
#define LAYER_LIMIT 48u

typedef struct layer {
	linear8 qkv, out, up, down;
	const float *norm1_weight, *norm1_bias, *norm2_weight, *norm2_bias;
} layer;

struct model {
	mapped file;
	uint32_t count;                 /* tensors */
	char hash[17];
	char *config;                   /* "key\0value\0" and so on */
	size_t config_bytes;
	uint32_t H, I, N, lower, heads, d, V, P, shapes;        /* hidden, inner, layers, heads and their units, pieces, positions */
	const int8_t *word;             /* [V][H] */
	const float *word_scale, *position, *shape, *norm_weight, *norm_bias;
	layer *layer;
	int32_t *sums;                  /* of all linear layers, one after the other */
};

#endif
