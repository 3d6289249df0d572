/* The weights file. The first byte says how: 0 the rest is a file; else the rest are changes of a good file, 4 bytes each (a
 * place, in header and table or anywhere, and what is added to the byte there), of which some are truncated; the
 * checksum is made right again for most. What opens must encode. */
#include "../tests/unit/model_made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(const model *m)
{
	model_room *r = model_room_new(m);
	const uint16_t ids[6] = { 0, 1, 65535, 3, 4, 100 };
	const uint8_t shapes[6] = { 0, 1, 2, 255, 4, 5 };
	float *x = rows(6, model_hidden(m));
	if (r == NULL)
		abort();
	model_encode(m, r, ids, shapes, 6, 0, x);
	model_room_free(r);
	free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	kula_error err;
	image f;
	if (data[0] == 0) {
		f = (image){ malloc(size), size - 1 };
		if (f.at == NULL)
			abort();
		memcpy(f.at, data + 1, f.n);
		if (f.n > FIRST)
			seal(f);
	} else {
		f = written(encoder_made(64, 2, 1, 1.0f));
		const size_t front = FIRST + 28 * ENTRY;
		for (size_t i = 1; i + 4 <= size && i < 256; i += 4) {
			const size_t place = data[i] | (size_t)data[i + 1] << 8 | (size_t)(data[i + 2] & 0x7f) << 16;
			f.at[data[i + 2] & 0x80 ? place % f.n : place % front] += data[i + 3];
		}
		if (data[0] < 16)
			f.n -= MIN_OF(f.n, (size_t)data[0] * 37);
		if (data[0] % 2 && f.n > FIRST)
			seal(f);
	}
	model *m = opened(f, &err);
	if (m != NULL)
		encode(m);
	else if (err.text[0] == '\0')
		abort();
	model_close(m);
	free(f.at);
	return 0;
}
