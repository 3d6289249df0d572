/* The weights file: opened, believed in nothing, and handed out by name. */
#include "model/encoder.h"

#include <stdlib.h>

#define MAGIC "KULAWTS1"
#define FILE_VERSION 1u
#define HEADER_BYTES 64u
#define NAME_BYTES 48u
#define ENTRY_BYTES 88u
#define TENSOR_LIMIT 4096u
#define CONFIG_BYTES 4096u

static uint32_t u32_at(const byte *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t u64_at(const byte *at)
{
	return u32_at(at) | (uint64_t)u32_at(at + 4) << 32;
}

static const byte *entry_at(const model *m, uint32_t i)
{
	return m->file.at + HEADER_BYTES + (size_t)i * ENTRY_BYTES;
}

/* ---- the table ---- */

static const uint8_t unit_bytes[] = { [TENSOR_F32] = 4, [TENSOR_I8] = 1, [TENSOR_BYTES] = 1, [TENSOR_PACKED] = 1 };

static kula_status check_entry(const model *m, uint32_t i, kula_error *err)
{
	const byte *e = entry_at(m, i);
	const uint64_t at = (uint64_t)(e - m->file.at);
	const char *name = (const char *)e;
	if (e[0] == 0 || e[NAME_BYTES - 1] != 0)
		return kula_fail(err, KULA_EFORMAT, at, "weights: tensor %u has no proper name", i);
	for (const byte *c = e; *c != 0; c++)
		if (*c <= ' ' || *c > '~')
			return kula_fail(err, KULA_EFORMAT, at, "weights: tensor %u has no proper name", i);
	if (i > 0 && strcmp((const char *)entry_at(m, i - 1), name) >= 0)
		return kula_fail(err, KULA_EFORMAT, at, "weights: tensor '%s' is not in order", name);
	const uint32_t type = u32_at(e + 48), rank = u32_at(e + 52);
	const uint64_t offset = u64_at(e + 72), bytes = u64_at(e + 80);
	if (type >= COUNT_OF(unit_bytes))
		return kula_fail(err, KULA_EFORMAT, at + 48, "weights: '%s' is of unknown type %u", name, type);
	if (rank < 1 || rank > 4)
		return kula_fail(err, KULA_EFORMAT, at + 52, "weights: '%s' has rank %u", name, rank);
	uint64_t size = unit_bytes[type];
	for (uint32_t d = 0; d < 4; d++) {
		const uint64_t dim = u32_at(e + 56 + d * 4);
		if (d < rank ? dim == 0 : dim != 0)
			return kula_fail(err, KULA_EFORMAT, at + 56 + d * 4, "weights: '%s' has a dimension of %llu", name, (unsigned long long)dim);
		if (d < rank && __builtin_mul_overflow(size, dim, &size))
			return kula_fail(err, KULA_EFORMAT, at + 56, "weights: '%s' is larger than any file", name);
	}
	if (size != bytes)
		return kula_fail(err, KULA_EFORMAT, at + 80, "weights: '%s' has %llu bytes, its dimensions say %llu", name,
			(unsigned long long)bytes, (unsigned long long)size);
	if (offset % 64 != 0)
		return kula_fail(err, KULA_EFORMAT, at + 72, "weights: '%s' is not aligned to 64 bytes", name);
	if (offset > m->file.n || bytes > m->file.n - offset || offset < HEADER_BYTES + (uint64_t)m->count * ENTRY_BYTES)
		return kula_fail(err, KULA_EFORMAT, at + 72, "weights: '%s' lies outside of the file", name);
	const byte *data = m->file.at + offset;
	if (type == TENSOR_F32) {
		/* The largest float that is still finite has exponent 254: as whole numbers without sign, all others lie above. */
		uint32_t top = 0;
		for (uint64_t k = 0; k < bytes; k += 4) {
			uint32_t bits;
			memcpy(&bits, data + k, 4);
			bits &= 0x7fffffffu;
			top = bits > top ? bits : top;
		}
		if (top >= 0x7f800000u)
			return kula_fail(err, KULA_EFORMAT, offset, "weights: '%s' holds a number that is not finite", name);
	}
	if (type == TENSOR_PACKED) {
		if (rank != 2 || u32_at(e + 56) % 16 != 0 || u32_at(e + 60) % 64 != 0)
			return kula_fail(err, KULA_EFORMAT, at + 56, "weights: '%s' is not made of blocks of 16 by 4", name);
		if (!kernels_now()->within((const int8_t *)data, (size_t)bytes))
			return kula_fail(err, KULA_EFORMAT, offset, "weights: '%s' holds a weight beyond %d", name, WEIGHT_LEVELS);
	}
	return KULA_OK;
}

static kula_status check_file(model *m, kula_error *err)
{
	const mapped f = m->file;
	if (f.n < HEADER_BYTES || memcmp(f.at, MAGIC, 8) != 0)
		return kula_fail(err, KULA_EFORMAT, 0, "not a weights file of kula");
	if (u32_at(f.at + 8) != FILE_VERSION)
		return kula_fail(err, KULA_EVERSION, 8, "weights of version %u, this program reads %u", u32_at(f.at + 8), FILE_VERSION);
	if (u64_at(f.at + 16) != f.n)
		return kula_fail(err, KULA_EFORMAT, 16, "weights: the file has %llu bytes and should have %llu", (unsigned long long)f.n,
			(unsigned long long)u64_at(f.at + 16));
	for (uint32_t i = 32; i < HEADER_BYTES; i++)
		if (f.at[i] != 0)
			return kula_fail(err, KULA_EFORMAT, i, "weights: the header is damaged");
	m->count = u32_at(f.at + 12);
	if (m->count == 0 || m->count > TENSOR_LIMIT || (f.n - HEADER_BYTES) / ENTRY_BYTES < m->count)
		return kula_fail(err, KULA_EFORMAT, 12, "weights: %u tensors don't fit", m->count);
	const uint64_t sum = hash_bytes(f.at + HEADER_BYTES, f.n - HEADER_BYTES);
	if (sum != u64_at(f.at + 24))
		return kula_fail(err, KULA_EFORMAT, 24, "weights: the checksum is wrong, the file is damaged");
	snprintf(m->hash, sizeof m->hash, "%016llx", (unsigned long long)sum);
	for (uint32_t i = 0; i < m->count; i++)
		if (check_entry(m, i, err) != KULA_OK)
			return err != NULL ? err->status : KULA_EFORMAT;
	return KULA_OK;
}

static const byte *find(const model *m, const char *name)
{
	uint32_t from = 0, to = m->count;
	while (from < to) {
		const uint32_t middle = from + (to - from) / 2;
		const int order = strcmp((const char *)entry_at(m, middle), name);
		if (order == 0)
			return entry_at(m, middle);
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

bool model_has(const model *m, const char *name)
{
	return find(m, name) != NULL;
}

kula_status model_tensor(const model *m, const char *name, uint32_t type, uint32_t rank, tensor *out, kula_error *err)
{
	const byte *e = find(m, name);
	if (e == NULL)
		return kula_fail(err, KULA_EFORMAT, 0, "weights: no tensor '%s'", name);
	if (u32_at(e + 48) != type || u32_at(e + 52) != rank)
		return kula_fail(err, KULA_EFORMAT, (uint64_t)(e - m->file.at), "weights: '%s' is of type %u and rank %u, expected %u and %u", name,
			u32_at(e + 48), u32_at(e + 52), type, rank);
	*out = (tensor){ .at = m->file.at + u64_at(e + 72), .type = type, .rank = rank, .bytes = (size_t)u64_at(e + 80) };
	for (uint32_t d = 0; d < 4; d++)
		out->dim[d] = u32_at(e + 56 + d * 4);
	return KULA_OK;
}

/* A tensor of exactly this shape; b is 0 for a vector. */
static const void *shaped(const model *m, const char *name, uint32_t type, uint32_t a, uint32_t b, kula_error *err)
{
	tensor t;
	if (model_tensor(m, name, type, b > 0 ? 2 : 1, &t, err) != KULA_OK)
		return NULL;
	if (t.dim[0] == a && t.dim[1] == b)
		return t.at;
	kula_fail(err, KULA_EFORMAT, 0, "weights: '%s' is %u x %u, the configuration says %u x %u", name, t.dim[0], t.dim[1], a, b);
	return NULL;
}

/* ---- the configuration ---- */

static kula_status read_config(model *m, kula_error *err)
{
	tensor t;
	if (model_tensor(m, "config", TENSOR_BYTES, 1, &t, err) != KULA_OK)
		return KULA_EFORMAT;
	const uint64_t at = (uint64_t)((const byte *)t.at - m->file.at);
	if (t.bytes > CONFIG_BYTES || memchr(t.at, 0, t.bytes) != NULL || ((const char *)t.at)[t.bytes - 1] != '\n')
		return kula_fail(err, KULA_EFORMAT, at, "weights: the configuration is not lines of text");
	m->config = base_malloc(t.bytes + 1);
	if (m->config == NULL)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for the weights' configuration");
	memcpy(m->config, t.at, t.bytes);
	m->config[t.bytes] = '\0';
	m->config_bytes = t.bytes;
	/* "key value\n" becomes "key\0value\0". */
	for (char *line = m->config, *end = m->config + t.bytes; line < end;) {
		char *stop = memchr(line, '\n', (size_t)(end - line)), *space = memchr(line, ' ', (size_t)(end - line));
		if (space == NULL || space > stop || space == line)
			return kula_fail(err, KULA_EFORMAT, at + (uint64_t)(line - m->config), "weights: a line of the configuration is no 'key value'");
		*space = *stop = '\0';
		line = stop + 1;
	}
	return KULA_OK;
}

const char *model_config(const model *m, const char *key)
{
	for (const char *line = m->config, *end = m->config + m->config_bytes; line < end;) {
		const char *value = line + strlen(line) + 1;
		if (strcmp(line, key) == 0)
			return value;
		line = value + strlen(value) + 1;
	}
	return NULL;
}

static kula_status config_number(const model *m, const char *key, uint32_t least, uint32_t most, uint32_t multiple, uint32_t *out, kula_error *err)
{
	const char *s = model_config(m, key);
	uint32_t n = 0;
	bool good = s != NULL && *s != '\0' && strlen(s) < 9;
	for (const char *c = s; good && *c != '\0'; c++) {
		good = is_digit((byte)*c);
		n = n * 10 + (uint32_t)(*c - '0');
	}
	if (!good || n < least || n > most || n % multiple != 0)
		return kula_fail(err, KULA_EFORMAT, 0, "weights: '%s' is '%.40s'; it must be a multiple of %u, from %u to %u", key,
			s != NULL ? s : "missing", multiple, least, most);
	*out = n;
	return KULA_OK;
}

/* ---- the encoder's tensors ---- */

static kula_status open_linear(model *m, uint32_t i, const char *part, uint32_t out, uint32_t in, linear8 *l, int32_t **sums, kula_error *err)
{
	char name[64], other[80];
	snprintf(name, sizeof name, "layer.%u.%s", i, part);
	l->in = in;
	l->out = out;
	if ((l->w = shaped(m, name, TENSOR_PACKED, out, in, err)) == NULL)
		return KULA_EFORMAT;
	snprintf(other, sizeof other, "%s.scale", name);
	if ((l->scale = shaped(m, other, TENSOR_F32, out, 0, err)) == NULL)
		return KULA_EFORMAT;
	snprintf(other, sizeof other, "%s.bias", name);
	if ((l->bias = shaped(m, other, TENSOR_F32, out, 0, err)) == NULL)
		return KULA_EFORMAT;
	kernels_now()->sums(l->w, out, in, *sums);
	l->sum = *sums;
	*sums += out;
	return KULA_OK;
}

static kula_status open_norm(const model *m, const char *prefix, const float **weight, const float **bias, kula_error *err)
{
	char name[64];
	snprintf(name, sizeof name, "%s.weight", prefix);
	*weight = shaped(m, name, TENSOR_F32, m->H, 0, err);
	snprintf(name, sizeof name, "%s.bias", prefix);
	*bias = *weight != NULL ? shaped(m, name, TENSOR_F32, m->H, 0, err) : NULL;
	return *bias != NULL ? KULA_OK : KULA_EFORMAT;
}

static kula_status open_encoder(model *m, kula_error *err)
{
	const struct { const char *key; uint32_t least, most, multiple, *to; } numbers[] = {
		{ "hidden", 64, 1024, 64, &m->H }, { "inner", 64, 8192, 64, &m->I }, { "layers", 1, LAYER_LIMIT, 1, &m->N },
		{ "heads", 1, 32, 1, &m->heads }, { "vocabulary", 1, 65536, 1, &m->V }, { "positions", 1, POSITION_LIMIT, 1, &m->P },
		{ "shapes", 1, 256, 1, &m->shapes }, { "lower", 1, LAYER_LIMIT, 1, &m->lower },
	};
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (config_number(m, numbers[i].key, numbers[i].least, numbers[i].most, numbers[i].multiple, numbers[i].to, err) != KULA_OK)
			return KULA_EFORMAT;
	if (m->lower > m->N)
		return kula_fail(err, KULA_EFORMAT, 0, "weights: %u lower layers of %u", m->lower, m->N);
	m->d = m->H / m->heads;
	if (m->d * m->heads != m->H || (m->d != 32 && m->d != 64))
		return kula_fail(err, KULA_EFORMAT, 0, "weights: %u heads of %u units; a head must have 32 or 64", m->heads, m->d);
	if ((m->word = shaped(m, "embed.word", TENSOR_I8, m->V, m->H, err)) == NULL
		|| (m->word_scale = shaped(m, "embed.word.scale", TENSOR_F32, m->V, 0, err)) == NULL
		|| (m->position = shaped(m, "embed.position", TENSOR_F32, m->P, m->H, err)) == NULL
		|| (m->shape = shaped(m, "embed.shape", TENSOR_F32, m->shapes, m->H, err)) == NULL
		|| open_norm(m, "embed.norm", &m->norm_weight, &m->norm_bias, err) != KULA_OK)
		return KULA_EFORMAT;
	m->layer = base_malloc(m->N * sizeof *m->layer);
	m->sums = base_malloc((size_t)m->N * (5 * m->H + m->I) * sizeof *m->sums);
	if (m->layer == NULL || m->sums == NULL)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for %u layers", m->N);
	int32_t *sums = m->sums;
	for (uint32_t i = 0; i < m->N; i++) {
		layer *l = &m->layer[i];
		char name[32];
		if (open_linear(m, i, "qkv", 3 * m->H, m->H, &l->qkv, &sums, err) != KULA_OK
			|| open_linear(m, i, "out", m->H, m->H, &l->out, &sums, err) != KULA_OK
			|| open_linear(m, i, "up", m->I, m->H, &l->up, &sums, err) != KULA_OK
			|| open_linear(m, i, "down", m->H, m->I, &l->down, &sums, err) != KULA_OK)
			return KULA_EFORMAT;
		snprintf(name, sizeof name, "layer.%u.norm1", i);
		if (open_norm(m, name, &l->norm1_weight, &l->norm1_bias, err) != KULA_OK)
			return KULA_EFORMAT;
		snprintf(name, sizeof name, "layer.%u.norm2", i);
		if (open_norm(m, name, &l->norm2_weight, &l->norm2_bias, err) != KULA_OK)
			return KULA_EFORMAT;
	}
	return KULA_OK;
}

/* ---- opening ---- */

model *model_open(const char *path, kula_error *err)
{
	char room[4096];
	const char *source = path;
	if (kernels_unknown() != NULL) {
		kula_fail(err, KULA_EUSAGE, 0, "KULA_CPU is '%.40s'; this machine runs up to '%s'", kernels_unknown(), model_cpus()[0]);
		return NULL;
	}
	if (path == NULL && (source = data_path("kula.weights", room, sizeof room)) == NULL) {
		kula_fail(err, KULA_EIO, 0, "'kula.weights' is not installed (KULA_DATA can name its folder)");
		return NULL;
	}
	model *m = base_malloc(sizeof *m);
	if (m == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the weights");
		return NULL;
	}
	memset(m, 0, sizeof *m);
	kula_error own = {0}, *e = err != NULL ? err : &own;
	if (file_map(source, &m->file, e) != KULA_OK || check_file(m, e) != KULA_OK || read_config(m, e) != KULA_OK
		|| open_encoder(m, e) != KULA_OK) {
		if (e->source == NULL)
			e->source = path != NULL ? path : "kula.weights";
		model_close(m);
		return NULL;
	}
	return m;
}

void model_close(model *m)
{
	if (m == NULL)
		return;
	if (m->file.at != NULL)
		file_unmap(&m->file);
	free(m->config);
	free(m->layer);
	free(m->sums);
	free(m);
}

const char *model_hash(const model *m) { return m->hash; }
uint32_t model_hidden(const model *m) { return m->H; }
uint32_t model_layers(const model *m) { return m->N; }
uint32_t model_lower(const model *m) { return m->lower; }
uint32_t model_positions(const model *m) { return m->P; }
