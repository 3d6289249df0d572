/* The weights file, in good order and damaged in every way; the encoder on every path. Weights are random, written here. */
#include "model_made.h"
#include "test.h"

static made *tensor_of(maker *m, const char *name)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (strcmp(m->t[i].name, name) == 0)
			return &m->t[i];
	return NULL;
}

static byte *entry_of(image f, const char *name)
{
	for (byte *e = f.at + FIRST; e < f.at + f.n; e += ENTRY)
		if (strcmp((const char *)e, name) == 0)
			return e;
	abort();
}

static byte *data_of(image f, const char *name)
{
	const byte *e = entry_of(f, name);
	uint64_t at = 0;
	for (uint32_t i = 0; i < 8; i++)
		at |= (uint64_t)e[72 + i] << (8 * i);
	return f.at + at;
}

/* ---- opening ---- */

TEST(opens)
{
	kula_error err;
	image f = written(encoder_made(64, 2, 2, 1.0f));
	model *m = opened(f, &err);
	CHECK_EQ_STR(err.text, "");
	REQUIRE(m != NULL);
	CHECK_EQ_INT(model_hidden(m), 64);
	CHECK_EQ_INT(model_layers(m), 2);
	CHECK_EQ_INT(strlen(model_hash(m)), 16);
	CHECK_EQ_STR(model_config(m, "name"), "a test");
	CHECK_EQ_STR(model_config(m, "version"), "3");
	CHECK(model_config(m, "nothing") == NULL);
	CHECK(model_config(m, "a test") == NULL);
	CHECK(model_has(m, "vocabulary") && !model_has(m, "vocabular"));
	tensor t;
	REQUIRE(model_tensor(m, "heads.trigger.weight", TENSOR_F32, 2, &t, &err) == KULA_OK);
	CHECK_EQ_INT(t.dim[0], 5);
	CHECK_EQ_INT(t.dim[1], 64);
	CHECK_EQ_INT((uintptr_t)t.at % 64, 0);
	CHECK(model_tensor(m, "heads.trigger.weight", TENSOR_F32, 1, &t, &err) == KULA_EFORMAT);
	CHECK(strstr(err.text, "'heads.trigger.weight' is of type 0 and rank 2") != NULL);
	err = (kula_error){0};
	CHECK(model_tensor(m, "heads.none", TENSOR_F32, 1, &t, &err) == KULA_EFORMAT);
	CHECK_EQ_STR(err.text, "weights: no tensor 'heads.none'");
	CHECK(model_tensor(m, "heads.none", TENSOR_F32, 1, &t, NULL) == KULA_EFORMAT);
	model_close(m);
	model_close(NULL);
	free(f.at);
}

TEST(names_a_missing_file)
{
	kula_error err = {0};
	CHECK(model_open("/nonexistent/kula.weights", &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EIO);
	CHECK(strstr(err.text, "/nonexistent/kula.weights") != NULL);
	CHECK(model_open("/nonexistent/kula.weights", NULL) == NULL);
}

/* What is done to a good file, and what is said of it. The checksum is made right again, except where it is at stake. */
static void header(image *f, uint64_t at) { f->at[at] ^= 1; }
static void damage_magic(image *f) { header(f, 0); }
static void damage_version(image *f) { f->at[8] = 2; }
static void damage_size(image *f) { header(f, 16); }
static void damage_header(image *f) { header(f, 40); }
static void damage_count(image *f) { put(f->at + 12, 4097, 4); }
static void damage_count_none(image *f) { put(f->at + 12, 0, 4); }
static void damage_byte(image *f) { f->at[f->n - 1] ^= 4; }
static void damage_name(image *f) { memset(f->at + FIRST, 'a', 48); }
static void damage_name_empty(image *f) { f->at[FIRST] = 0; }
static void damage_name_control(image *f) { f->at[FIRST + 1] = '\n'; }
static void damage_order(image *f) { f->at[FIRST] = 'z'; }
static void damage_twice(image *f) { memcpy(f->at + FIRST + ENTRY, f->at + FIRST, ENTRY); }
static void damage_type(image *f) { put(f->at + FIRST + 48, 4, 4); }
static void damage_rank(image *f) { put(f->at + FIRST + 52, 5, 4); }
static void damage_rank_none(image *f) { put(f->at + FIRST + 52, 0, 4); }
static void damage_dim(image *f) { put(entry_of(*f, "embed.norm.bias") + 56, 0, 4); }
static void damage_dim_unused(image *f) { put(entry_of(*f, "embed.norm.bias") + 64, 3, 4); }
static void damage_dim_huge(image *f) { byte *e = entry_of(*f, "embed.norm.bias"); put(e + 52, 4, 4); put(e + 56, UINT64_MAX, 8); put(e + 64, UINT64_MAX, 8); }
static void damage_bytes(image *f) { put(entry_of(*f, "embed.norm.bias") + 80, 252, 8); }
static void damage_offset(image *f) { entry_of(*f, "embed.norm.bias")[72] ^= 32; }
static void damage_offset_far(image *f) { put(entry_of(*f, "embed.norm.bias") + 72, UINT64_MAX - 63, 8); }
static void damage_offset_end(image *f) { put(entry_of(*f, "embed.norm.bias") + 72, f->n / 64 * 64, 8); }
static void damage_offset_table(image *f) { put(entry_of(*f, "embed.norm.bias") + 72, 64, 8); }
static void damage_finite(image *f) { put(data_of(*f, "layer.1.up.bias") + 8, 0x7f800000, 4); }
static void damage_number(image *f) { put(data_of(*f, "embed.shape"), 0xffc00000, 4); }
static void damage_weight(image *f) { data_of(*f, "layer.1.down")[77] = 64; }
static void damage_weight_low(image *f) { data_of(*f, "layer.0.qkv")[1] = (byte)-64; }
static void damage_blocks(image *f) { byte *e = entry_of(*f, "layer.0.out"); put(e + 56, 8, 4); put(e + 60, 512, 4); }
static void damage_config(image *f) { data_of(*f, "config")[5] = '\n'; }
static void damage_config_zero(image *f) { data_of(*f, "config")[6] = 0; }
static void damage_config_end(image *f) { put(entry_of(*f, "config") + 80, 10, 8); put(entry_of(*f, "config") + 56, 10, 4); }
static void damage_hidden(image *f) { memcpy(strstr((char *)data_of(*f, "config"), "hidden 64"), "hidden 65", 9); }
static void damage_hidden_word(image *f) { memcpy(strstr((char *)data_of(*f, "config"), "hidden 64"), "hidden 6x", 9); }
static void damage_heads(image *f) { memcpy(strstr((char *)data_of(*f, "config"), "heads 2"), "heads 4", 7); }
static void damage_layers(image *f) { memcpy(strstr((char *)data_of(*f, "config"), "layers 2"), "layers 3", 8); }
static void damage_positions(image *f) { memcpy(strstr((char *)data_of(*f, "config"), "positions 70"), "positions 71", 12); }
static void damage_missing(image *f) { memcpy(entry_of(*f, "embed.word.scale"), "embed.word.scald", 16); }

static const struct { const char *name; void (*damage)(image *); bool sealed; kula_status status; const char *said; } damages[] = {
	{ "magic", damage_magic, true, KULA_EFORMAT, "not a weights file of kula" },
	{ "version", damage_version, true, KULA_EVERSION, "weights of version 2, this program reads 1" },
	{ "size", damage_size, true, KULA_EFORMAT, "and should have" },
	{ "header", damage_header, true, KULA_EFORMAT, "the header is damaged" },
	{ "count", damage_count, true, KULA_EFORMAT, "4097 tensors don't fit" },
	{ "no tensors", damage_count_none, true, KULA_EFORMAT, "0 tensors don't fit" },
	{ "a byte", damage_byte, false, KULA_EFORMAT, "the checksum is wrong" },
	{ "name", damage_name, true, KULA_EFORMAT, "tensor 0 has no proper name" },
	{ "empty name", damage_name_empty, true, KULA_EFORMAT, "tensor 0 has no proper name" },
	{ "name with a line end", damage_name_control, true, KULA_EFORMAT, "tensor 0 has no proper name" },
	{ "order", damage_order, true, KULA_EFORMAT, "is not in order" },
	{ "twice", damage_twice, true, KULA_EFORMAT, "'config' is not in order" },
	{ "type", damage_type, true, KULA_EFORMAT, "'config' is of unknown type 4" },
	{ "rank", damage_rank, true, KULA_EFORMAT, "'config' has rank 5" },
	{ "no rank", damage_rank_none, true, KULA_EFORMAT, "'config' has rank 0" },
	{ "dimension", damage_dim, true, KULA_EFORMAT, "'embed.norm.bias' has a dimension of 0" },
	{ "unused dimension", damage_dim_unused, true, KULA_EFORMAT, "'embed.norm.bias' has a dimension of 3" },
	{ "huge dimensions", damage_dim_huge, true, KULA_EFORMAT, "'embed.norm.bias' is larger than any file" },
	{ "bytes", damage_bytes, true, KULA_EFORMAT, "'embed.norm.bias' has 252 bytes, its dimensions say 256" },
	{ "offset", damage_offset, true, KULA_EFORMAT, "is not aligned to 64 bytes" },
	{ "far offset", damage_offset_far, true, KULA_EFORMAT, "lies outside of the file" },
	{ "offset at the end", damage_offset_end, true, KULA_EFORMAT, "lies outside of the file" },
	{ "offset in the table", damage_offset_table, true, KULA_EFORMAT, "lies outside of the file" },
	{ "infinity", damage_finite, true, KULA_EFORMAT, "'layer.1.up.bias' holds a number that is not finite" },
	{ "no number", damage_number, true, KULA_EFORMAT, "'embed.shape' holds a number that is not finite" },
	{ "weight", damage_weight, true, KULA_EFORMAT, "'layer.1.down' holds a weight beyond 63" },
	{ "low weight", damage_weight_low, true, KULA_EFORMAT, "'layer.0.qkv' holds a weight beyond 63" },
	{ "blocks", damage_blocks, true, KULA_EFORMAT, "'layer.0.out' is not made of blocks of 16 by 4" },
	{ "configuration", damage_config, true, KULA_EFORMAT, "a line of the configuration is no 'key value'" },
	{ "zero in the configuration", damage_config_zero, true, KULA_EFORMAT, "the configuration is not lines of text" },
	{ "end of the configuration", damage_config_end, true, KULA_EFORMAT, "the configuration is not lines of text" },
	{ "hidden", damage_hidden, true, KULA_EFORMAT, "'hidden' is '65'; it must be a multiple of 64, from 64 to 1024" },
	{ "hidden as a word", damage_hidden_word, true, KULA_EFORMAT, "'hidden' is '6x'" },
	{ "heads", damage_heads, true, KULA_EFORMAT, "4 heads of 16 units; a head must have 32 or 64" },
	{ "layers", damage_layers, true, KULA_EFORMAT, "no tensor 'layer.2.qkv'" },
	{ "positions", damage_positions, true, KULA_EFORMAT, "'embed.position' is 70 x 64, the configuration says 71 x 64" },
	{ "missing", damage_missing, true, KULA_EFORMAT, "no tensor 'embed.word.scale'" },
};

TEST(believes_nothing)
{
	image good = written(encoder_made(64, 2, 2, 1.0f));
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		image f = { malloc(good.n), good.n };
		REQUIRE(f.at != NULL);
		memcpy(f.at, good.at, good.n);
		damages[i].damage(&f);
		if (damages[i].sealed)
			seal(f);
		kula_error err;
		model *m = opened(f, &err);
		CHECK_ROW(m == NULL, damages[i].name);
		CHECK_EQ_INT(err.status, damages[i].status);
		CHECK_ROW(strstr(err.text, damages[i].said) != NULL, damages[i].name);
		if (strstr(err.text, damages[i].said) == NULL)
			fprintf(stderr, "    said '%s'\n", err.text);
		model_close(m);
		free(f.at);
	}
	static const size_t lengths[] = { 0, 1, 7, 8, 63, 64, 65, 100, 4000 };
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		kula_error err;
		CHECK(opened((image){ good.at, lengths[i] }, &err) == NULL);
		CHECK_EQ_INT(err.status, KULA_EFORMAT);
	}
	free(good.at);
}

TEST(survives_refused_memory)
{
	image f = written(encoder_made(64, 2, 1, 1.0f));
	kula_error err;
	bool done = false;
	for (uint64_t n = 1; n < 20 && !done; n++) {
		base_fail_allocation(n);
		model *m = opened(f, &err);
		model_room *r = m != NULL ? model_room_new(m) : NULL;
		base_fail_allocation(0);
		CHECK(m != NULL || err.status == KULA_EMEMORY);
		done = r != NULL;
		CHECK(done || n < 10);
		model_room_free(r);
		model_close(m);
	}
	CHECK(done);
	free(f.at);
}

/* ---- encoding ---- */

static void agree(uint32_t H, uint32_t heads, uint32_t N, float spread)
{
	kula_error err;
	image f = written(encoder_made(H, heads, N, spread));
	model *m = opened(f, &err);
	free(f.at);
	REQUIRE(m != NULL);
	static const uint32_t lengths[] = { 1, 2, 3, 4, 7, 13, 15, 16, 17, 24, 25, 31, 32, 33, 48, 63, 64, 65, 70 };
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		const uint32_t T = lengths[i];
		uint16_t ids[70];
		uint8_t shapes[70];
		for (uint32_t t = 0; t < T; t++) {
			ids[t] = (uint16_t)((t * 37 + i * 11) % 200);
			shapes[t] = (uint8_t)(t % 6);
		}
		float *a = rows(T, H), *b = rows(T, H);
		CHECK(model_cpu_use("portable"));
		model_room *r = model_room_new(m);
		REQUIRE(r != NULL);
		model_encode(m, r, ids, shapes, T, 0, a);
		if (spread < 100.0f)
			for (uint32_t k = 0; k < T * H; k++)
				CHECK(isfinite(a[k]) && fabsf(a[k]) < 100.0f);
		for (const char *const *name = model_cpus(); *name != NULL; name++) {
			CHECK(model_cpu_use(*name));
			model_encode(m, r, ids, shapes, T, 0, b);       /* in a room that other windows have been in */
			CHECK_ROW(same(a, b, (size_t)T * H), *name);
		}
		model_room_free(r);
		free(a);
		free(b);
	}
	model_close(m);
}

TEST(same_bits_on_every_path)
{
	agree(64, 2, 2, 1.0f);
	agree(128, 2, 1, 1.0f);
	agree(192, 6, 1, 1.0f);
	agree(384, 12, 1, 1.0f);
	agree(256, 4, 1, 3.0f);
}

TEST(same_bits_beyond_reason)
{
	/* finite weights whose sums are not: nothing sensible comes out, but nothing breaks and all paths agree */
	agree(64, 2, 2, 1e20f);
	agree(64, 1, 2, 1e37f);
}

TEST(layers_are_a_prefix)
{
	kula_error err;
	image two = written(encoder_made(64, 2, 2, 1.0f));
	maker *cut = encoder_made(64, 2, 2, 1.0f);
	memcpy(strstr((char *)tensor_of(cut, "config")->data, "layers 2"), "layers 1", 8);
	image one = written(cut);
	model *m = opened(two, &err), *n = opened(one, &err);
	REQUIRE(m != NULL && n != NULL);
	CHECK_EQ_INT(model_layers(n), 1);
	CHECK_EQ_INT(model_lower(m), 1);
	model_room *r = model_room_new(m);
	REQUIRE(r != NULL);
	const uint16_t ids[5] = { 3, 1, 199, 0, 7 };
	const uint8_t shapes[5] = { 0, 1, 2, 3, 5 };
	float *a = rows(5, 64), *b = rows(5, 64);
	model_encode(m, r, ids, shapes, 5, 1, a);
	model_encode(n, r, ids, shapes, 5, 0, b);
	CHECK(same(a, b, 5 * 64));
	model_encode(m, r, ids, shapes, 5, 9, a);               /* no more than there are */
	model_encode(m, r, ids, shapes, 5, 2, b);
	CHECK(same(a, b, 5 * 64));
	model_encode(n, r, ids, shapes, 5, 0, b);
	CHECK(!same(a, b, 5 * 64));
	model_encode_upper(n, r, 5, b);                         /* its only layer is a lower one: nothing is above */
	CHECK(!same(a, b, 5 * 64));
	model_encode_upper(m, r, 5, b);                         /* the second layer over the first one's vectors */
	CHECK(same(a, b, 5 * 64));
	/* an id beyond the vocabulary is piece 0, a shape beyond the shapes shape 0 */
	const uint16_t wild[5] = { 3, 1, 199, 65535, 7 };
	const uint8_t odd[5] = { 200, 1, 2, 3, 5 };
	model_encode(m, r, wild, odd, 5, 2, b);
	CHECK(same(a, b, 5 * 64));
	model_room_free(r);
	model_close(m);
	model_close(n);
	free(two.at); free(one.at); free(a); free(b);
}

TEST(head_norm_leaves_its_input)
{
	float x[16], y[16], w[16], b[16];
	for (uint32_t i = 0; i < 16; i++) {
		x[i] = (float)i;
		w[i] = 2.0f;
		b[i] = 1.0f;
	}
	head_norm(x, 1, 16, w, b, y);
	CHECK(x[3] == 3.0f);
	CHECK_NEAR(y[15] + y[0], 2.0, 1e-6);
	head_norm(x, 2, 8, w, b, x);
	CHECK_NEAR(x[0], x[8], 1e-6);
}

TEST_MAIN(TEST_ENTRY(opens), TEST_ENTRY(names_a_missing_file), TEST_ENTRY(believes_nothing), TEST_ENTRY(survives_refused_memory),
	TEST_ENTRY(same_bits_on_every_path), TEST_ENTRY(same_bits_beyond_reason), TEST_ENTRY(layers_are_a_prefix),
	TEST_ENTRY(head_norm_leaves_its_input))
