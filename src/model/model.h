/* model: the weights file, the kernels, the encoder and the heads as plain matrix work. Knows of shapes, not of claims.
 *
 * takes    piece ids, shapes                 promises   the same bits on AVX2, AVX-VNNI, AVX-512 VNNI and plain C; no
 * gives    a vector for each piece                      allocation and no lock in the loop; believes nothing of a file
 *                                            leaves alone   words, roles, thresholds
 *
 * The weights file (little-endian; written by train/export.py; mapped read-only):
 *
 *	"KULAWTS1"  u32 version  u32 tensor count  u64 file bytes  u64 xxh3 of everything from byte 64 on   zeros to byte 64
 *	tensor table, sorted by name: per tensor  char name[48]  u32 type  u32 rank  u32 dim[4]  u64 offset  u64 bytes
 *	tensors, each aligned to 64 bytes
 *
 * Types: 0 f32, all finite; 1 i8, row by row; 2 bytes; 3 packed, i8 in -63..63 in the order in which every instruction set
 * multiplies: a matrix [out][in] lies in blocks of 16 outputs by 4 inputs, [out/16][in/4][16][4], so that nothing is
 * rearranged at start and the mapped pages are shared by all processes.
 *
 * Tensors of the encoder (H hidden, I inner, V pieces, N layers, P positions; a linear layer is packed [out][in] with
 * "<name>.scale" and "<name>.bias" f32 [out]):
 *	config (bytes: "key value\n" lines: hidden, inner, layers, lower, heads, vocabulary, positions, shapes, version, name)
 *	vocabulary (bytes)
 *	embed.word i8 [V][H] + embed.word.scale f32 [V];  embed.position f32 [P][H] (token type 0 added in)
 *	embed.shape f32 [shapes][H];  embed.norm.weight / .bias f32 [H]
 *	layer.<i>.qkv (3H x H: q, k, v)  layer.<i>.out (H x H)  layer.<i>.up (I x H)  layer.<i>.down (H x I)
 *	layer.<i>.norm1.weight/.bias  layer.<i>.norm2.weight/.bias
 *	heads: any other names; f32 matrices [out][in] and vectors; read by name
 * H and I are multiples of 64 (H up to 1024, I up to 8192), P is at most 512, heads have 32 or 64 units.
 *
 * Numbers (docs/NUMERICS.md has them with reasons; train/quant.py says the same in PyTorch, bit for bit):
 *	row quantisation  lo = min(0, row), hi = max(0, row); scale = (hi - lo)/255, or 1 for a row of zeros;
 *	                  zero = round(-lo/scale) in 0..255; q = clamp(round(x * (1/scale)) + zero, 0, 255)
 *	linear            acc = sum q*w (i32, exact);  y = (float)(acc - zero*sum(w)) * (scale * wscale[o]) + bias[o]
 *	attention         q, k in -4095..4095 and v in -1023..1023, one scale for each head and window; scores are exact i32 dots;
 *	                  p = round(4095 * 2^((score - max) * c)); attention = sum(p*v) * (vscale / sum(p)), sums exact
 *	gelu, exp         our own polynomials, the same operations in the same order everywhere; no fused multiply-add
 *	layer norm        two passes, eight running sums (order of STYLE.md's dot), eps 1e-12
 */
#ifndef KULA_MODEL_H
#define KULA_MODEL_H

#include "base/base.h"

typedef struct model model;
model *model_open(const char *path, kula_error *err);           /* NULL path: the installed one; checksum verified */
void model_close(model *m);
const char *model_hash(const model *m);                         /* 16 hex digits */
uint32_t model_hidden(const model *m);
uint32_t model_layers(const model *m);
uint32_t model_lower(const model *m);                           /* layers that read a text once; those above read again, for each trigger */
uint32_t model_positions(const model *m);
const char *model_config(const model *m, const char *key);      /* NULL: none */

enum { TENSOR_F32, TENSOR_I8, TENSOR_BYTES, TENSOR_PACKED };
typedef struct tensor { const void *at; uint32_t type, rank, dim[4]; size_t bytes; } tensor;
/* The tensor of a name with the given type and rank; an error names what is missing or of another shape. */
kula_status model_tensor(const model *m, const char *name, uint32_t type, uint32_t rank, tensor *out, kula_error *err);
bool model_has(const model *m, const char *name);

/* Scratch for one thread: as big as the longest window needs. */
typedef struct model_room model_room;
model_room *model_room_new(const model *m);
void model_room_free(model_room *r);

/* Encodes one window: ids[T], shapes[T], T in 1..positions. out [T][H] float, 64-byte aligned rows (H is a multiple of 16).
 * layers: how many to run, 0 for all. Cannot fail. */
void model_encode(const model *m, model_room *r, const uint16_t *ids, const uint8_t *shapes, uint32_t T, uint32_t layers, float *out);

/* The layers above model_lower over x [T][H] in place, T in 1..positions, 64-byte aligned. Cannot fail. */
void model_encode_upper(const model *m, model_room *r, uint32_t T, float *x);

/* ---- plain float matrix work for the heads; one fixed order of operations on every path ---- */

/* y[n][O] = x[n][I] W[O][I]^T + b[O] (b may be NULL). Any sizes; I is padded by nobody. */
void head_linear(const float *x, uint32_t n, uint32_t I, const float *W, const float *b, uint32_t O, float *y);
void head_gelu(float *x, size_t n);
void head_softmax(float *x, uint32_t n);                        /* in place, over one row */
float head_sigmoid(float x);
float head_exp(float x);
void head_norm(const float *x, uint32_t n, uint32_t H, const float *weight, const float *bias, float *y);

/* Which instruction set runs: "portable", "avx2", "avxvnni", "avx512vnni". KULA_CPU names one; read once, before threads. */
const char *model_cpu(void);
/* For tests: the names this machine can run, and a switch (not thread-safe). False: not on this machine. */
const char *const *model_cpus(void);
bool model_cpu_use(const char *name);

#endif
