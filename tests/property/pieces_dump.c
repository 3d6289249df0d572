/* Prints what the text room makes of each record of standard input (records end in a zero byte), for comparison with
 * the encoder's own tokenizer (pieces_check.py) and with annotated sentences and words:
 *
 *	pieces_dump VOCABULARY pieces           ids of text_pieces
 *	pieces_dump VOCABULARY words            ids of the words' pieces of text_cut, all sentences on one line
 *	pieces_dump VOCABULARY sentences        "from to" in bytes of each sentence, then ";" and the words' "from-to" */
#include <stdlib.h>

#include "text/text.h"

static void dump(const vocabulary *v, const char *what, const byte *at, size_t n)
{
	if (!strcmp(what, "pieces")) {
		uint16_t *const ids = malloc((n + 1) * sizeof *ids);
		if (!ids)
			exit(1);
		const uint32_t count = text_pieces(v, at, (uint32_t)n, ids, NULL, (uint32_t)n);
		for (uint32_t i = 0; i < count; i++)
			printf("%s%u", i ? " " : "", ids[i]);
		free(ids);
	} else {
		arena *const a = arena_new((size_t)4 << 30);
		kula_error err = {0};
		const text_doc *const d = text_cut(a, v, at, n, NULL, 0, &err);
		if (!d) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
		if (!strcmp(what, "words"))
			for (uint32_t i = 0; i < d->piece_count; i++)
				printf("%s%u", i ? " " : "", d->pieces[i]);
		else {
			for (uint32_t i = 0; i < d->sentence_count; i++)
				printf("%s%u %u", i ? " " : "", d->sentences[i].at.from, d->sentences[i].at.to);
			printf(";");
			for (uint32_t i = 0; i < d->word_count; i++)
				printf("%s%u-%u", i ? " " : "", d->words[i].at.from, d->words[i].at.to);
		}
		arena_free(a);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	kula_error err = {0};
	mapped file;
	if (argc != 3 || file_map(argv[1], &file, &err) != KULA_OK) {
		fprintf(stderr, "usage: pieces_dump vocab.txt pieces|words|sentences <records\n");
		return 2;
	}
	vocabulary *const v = vocabulary_new(file.at, file.n, &err);
	if (!v) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	buf in = {0};
	if (file_read("-", (size_t)1 << 32, &in, &err) != KULA_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (size_t from = 0; from < in.n;) {
		const char *const zero = memchr(in.at + from, 0, in.n - from);
		const size_t to = zero ? (size_t)(zero - in.at) : in.n;
		dump(v, argv[2], (const byte *)in.at + from, to - from);
		from = to + 1;
	}
	buf_free(&in);
	vocabulary_free(v);
	file_unmap(&file);
	return 0;
}
