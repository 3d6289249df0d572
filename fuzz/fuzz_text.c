/* The text room with any bytes: the first byte says how many belong to the title. Every span, piece and window is checked. */
#include "../tests/property/pieces_invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	char lines[4096];
	kula_error err = {0};
	vocabulary *const v = vocabulary_new((const byte *)lines, small_vocabulary(lines, sizeof lines), &err);
	const size_t title_bytes = data[0] < size - 1 ? data[0] : size - 1, text_bytes = size - 1 - title_bytes;
	byte *const title = malloc(title_bytes ? title_bytes : 1), *const text = malloc(text_bytes ? text_bytes : 1);
	arena *const a = arena_new((size_t)1 << 28);
	if (!v || !title || !text || !a)
		abort();
	memcpy(title, data + 1, title_bytes);
	memcpy(text, data + 1 + title_bytes, text_bytes);
	const text_doc *const d = text_cut(a, v, text, text_bytes, title, title_bytes, &err);
	const windows *const w = d ? text_windows(a, v, d, &err) : NULL;
	const char *const fault = w ? document_fault(v, d, w) : "refused";
	if (fault) {
		fprintf(stderr, "%s\n", fault);
		abort();
	}
	if (!text_fold(a, text, text_bytes))
		abort();
	arena_free(a);
	free(text);
	free(title);
	vocabulary_free(v);

	/* the input itself as a vocabulary */
	byte *const whole = malloc(size);
	if (!whole)
		abort();
	memcpy(whole, data, size);
	vocabulary_free(vocabulary_new(whole, size, &err));
	free(whole);
	return 0;
}
