/* kula prepare: annotated documents as training lines, by the C that reads, so that training and reading can't drift apart. */
#include "cli/cli.h"

#include "claims/claims.h"

#define PREPARE_BYTES ((size_t)1 << 30)         /* for one document */

/* What the lines are made with. */
typedef struct kit {
	know       *k;
	mapped      file;               /* the vocabulary's, where one is given */
	model      *m;                  /* else the weights that hold it */
	vocabulary *v;
	arena      *a;
	const char *publisher;
	kula_day    published;
} kit;

static kula_status kit_open(kit *t, const char *vocab, const char *weights, const char *knowledge, const char *own, kula_error *err)
{
	const byte *at;
	size_t n;
	if (vocab != NULL) {
		if (file_map(vocab, &t->file, err) != KULA_OK)
			return err->status;
		at = t->file.at;
		n = t->file.n;
	} else {
		tensor words;
		t->m = model_open(weights, err);
		if (t->m == NULL || model_tensor(t->m, "vocabulary", 2, 1, &words, err) != KULA_OK)
			return err->status;
		at = words.at;
		n = words.bytes;
	}
	t->v = vocabulary_new(at, n, err);
	if (t->v == NULL || (t->k = know_open(knowledge, err)) == NULL)
		return err->status;
	if (own != NULL && know_layer(t->k, own, err) != KULA_OK)
		return err->status;
	t->a = arena_new(PREPARE_BYTES);
	return t->a != NULL ? KULA_OK : kula_fail(err, KULA_EMEMORY, 0, "no memory");
}

static void kit_close(kit *t)
{
	arena_free(t->a);
	know_close(t->k);
	vocabulary_free(t->v);
	model_close(t->m);
	file_unmap(&t->file);
}

/* Every document of a file; a bad one is reported and costs no other. The code of the first that failed. */
static int prepare_file(const kit *t, const char *path, buf *b)
{
	kula_error err = {0};
	int code = CLI_OK;
	source *const s = source_open(path, t->publisher, t->published, &err);
	if (s == NULL)
		return cli_fail(&err);
	for (;;) {
		source_document d;
		err = (kula_error){0};
		arena_clear(t->a);
		kula_status status = source_next(s, t->a, &d, &err);
		if (status == KULA_ENOTFOUND)
			break;
		if (status == KULA_OK && d.extra == NULL) {
			b->n = 0;
			claims_prepare(b, t->a, t->v, t->k, &d.d, d.claims, d.claim_count, &err);
			status = b->refused ? kula_fail(&err, KULA_EMEMORY, 0, "no memory for the document's line") : err.status;
			if (status == KULA_OK)
				fwrite(b->at, 1, b->n, stdout);
			else
				err.source = d.d.id;    /* lives until the arena is cleared */
		}
		if (status != KULA_OK) {
			const int failed = cli_fail(&err);
			code = code != CLI_OK ? code : failed;
		}
		if (b->refused) {
			buf_free(b);
			b->refused = false;
		}
	}
	source_close(s);
	return code;
}

int cmd_prepare(int argc, char **argv);
int cmd_prepare(int argc, char **argv)
{
	const char *vocab = NULL, *weights = NULL, *knowledge = NULL, *own = NULL;
	kit t = {.published = KULA_NO_DAY};
	const cli_option options[] = {
		{0, "vocab", OPTION_TEXT, &vocab, "FILE", "the encoder's vocabulary, a piece a line (default: that of the weights)"},
		CLI_WEIGHTS(&weights),
		CLI_KNOWLEDGE(&knowledge),
		CLI_KNOW(&own),
		CLI_PUBLISHED(&t.published),
		CLI_PUBLISHER(&t.publisher),
	};
	static const cli_usage usage = {"prepare", "FILE...", "Writes annotated documents (JSONL) as training lines: sentences, words, pieces, the\n"
		"candidates for parties, quantities and dates, and where among them the annotated fields stand.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count == 0)
		return cli_error(KULA_EUSAGE, "which files?");
	kula_error err = {0};
	buf b = {0};
	code = kit_open(&t, vocab, weights, knowledge, own, &err) == KULA_OK ? CLI_OK : cli_fail(&err);
	for (int i = 0, kept = code; kept == CLI_OK && i < words.count; i++) {
		const int failed = prepare_file(&t, words.at[i], &b);
		code = code != CLI_OK ? code : failed;
	}
	buf_free(&b);
	kit_close(&t);
	return code;
}
