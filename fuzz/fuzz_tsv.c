/* Tables of a user's own, and compiled knowledge files: the first byte chooses which. A table is read as if it lay in the
 * directory of --know; a file gets a right length and checksum first, so that what lies behind them is reached. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "know/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put64(byte *at, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		at[i] = (byte)(v >> (8 * i));
}

static void as_image(const uint8_t *data, size_t n)
{
	uint64_t *block = calloc(n / 8 + 1, 8);         /* aligned, as a mapped file is */
	if (!block)
		return;
	byte *at = (byte *)block;
	memcpy(at, data, n);
	if (n >= 64) {
		memcpy(at, "KULAKNW1", 8);
		put64(at + 16, n);
		put64(at + 24, hash_bytes(at + 64, n - 64));
	}
	image g;
	kula_error err = {0};
	if (!image_open(&g, at, n, "fuzz", &err)) {
		image_find_name(&g, "russia", 6);
		image_find_thing(&g, "lion", 4);
		image_find_form(&g, "lions", 5);
		image_find_publisher(&g, "reuters", 7);
		image_find_hint(&g, "georgia", 7);
	}
	free(block);
}

static void as_table(const char *name, const uint8_t *data, size_t n)
{
	/* in memory where the system offers it: a disk would be most of the work */
	char dir[] = "/dev/shm/kula-fuzz-XXXXXX", path[128];
	if (!mkdtemp(dir) && (memcpy(dir, "/tmp/kula-fuzz-XXXXXX", sizeof "/tmp/kula-fuzz-XXXXXX"), !mkdtemp(dir)))
		return;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	if (f) {
		fwrite(data, 1, n, f);
		fclose(f);
		buf b = {0};
		kula_error err = {0};
		if (!know_compile(dir, true, &b, &err)) {
			image g;
			if (image_open(&g, (const byte *)b.at, b.n, "fuzz", &err))
				abort();                /* what we compile, we open */
		} else if (!err.text[0]) {
			abort();                        /* a fault without a word */
		}
		buf_free(&b);
		unlink(path);
	}
	rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tables[] = {"countries.tsv", "organisations.tsv", "leaders.tsv", "cities.tsv", "names.tsv", "publishers.tsv",
		"items.tsv", "noun_kinds.tsv", "species.tsv", "mass_nouns.tsv", "plurals.tsv", "hints.tsv", "words.tsv"};
	if (!size)
		return 0;
	const size_t which = data[0] % (COUNT_OF(tables) + 1);
	if (which == COUNT_OF(tables))
		as_image(data + 1, size - 1);
	else
		as_table(tables[which], data + 1, size - 1);
	return 0;
}
