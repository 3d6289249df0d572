/* kula prepare: annotated documents become training lines, by the same C that reads. */
#include "claims/claims.h"
#include "cli/cli.h"
#include <stdlib.h>

#define PREPARE_BYTES ((size_t)512 << 20)

static kula_status prepare_file(const char *path, arena *a, const vocabulary *v, const know *k, int *code)
{
	kula_error err = { 0 };
	source *s = source_open(path, NULL, KULA_NO_DAY, &err);
	if (s == NULL) {
		*code = cli_fail(&err);
		return err.status;
	}
	for (;;) {
		source_document d = { 0 };
		kula_error fault = { 0 };
		const kula_status st = source_next(s, a, &d, &fault);
		if (st == KULA_ENOTFOUND)
			break;
		if (st == KULA_OK && d.extra == NULL) {
			buf b = { 0 };
			claims_prepare(&b, a, v, k, &d.d, d.claims, d.claim_count, &fault);
			fwrite(b.at, 1, b.n, stdout);
			buf_free(&b);
		}
		if (fault.status != KULA_OK)
			*code = cli_fail(&fault);
		arena_clear(a);
	}
	source_close(s);
	return KULA_OK;
}

int cmd_prepare(int argc, char **argv);
int cmd_prepare(int argc, char **argv)
{
	const char *vocab = NULL, *weights = NULL, *knowledge = NULL;
	const cli_option options[] = {
		{ 0, "vocab", OPTION_TEXT, &vocab, "FILE", "the encoder's vocabulary, one piece a line (default: the one in the weights)" },
		{ 0, "weights", OPTION_TEXT, &weights, "FILE", "take the vocabulary from these weights" },
		{ 0, "knowledge", OPTION_TEXT, &knowledge, "FILE", "compiled knowledge (default: the installed one)" },
	};
	static const cli_usage usage = { "prepare", "FILE...", "Writes annotated documents (JSONL) as training lines: sentences, words, pieces, candidates for\n"
		"parties, quantities and dates, and where among them the annotated fields stand.", NULL };
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count == 0)
		return cli_error(KULA_EUSAGE, "prepare needs at least one file");
	kula_error err = { 0 };
	mapped m = { 0 };
	model *from = NULL;
	tensor t = { 0 };
	if (vocab != NULL) {
		if (file_map(vocab, &m, &err) != KULA_OK)
			return cli_fail(&err);
	} else if ((from = model_open(weights, &err)) == NULL || model_tensor(from, "vocabulary", 2, 1, &t, &err) != KULA_OK) {
		model_close(from);
		return cli_fail(&err);
	}
	vocabulary *v = vocab != NULL ? vocabulary_new(m.at, m.n, &err) : vocabulary_new(t.at, t.bytes, &err);
	know *k = v != NULL ? know_open(knowledge, &err) : NULL;
	arena *a = arena_new(PREPARE_BYTES);
	code = CLI_OK;
	if (k == NULL || a == NULL)
		code = cli_fail(&err);
	for (int i = 0; i < words.count && k != NULL && a != NULL; i++)
		prepare_file(words.at[i], a, v, k, &code);
	arena_free(a);
	know_close(k);
	vocabulary_free(v);
	model_close(from);
	file_unmap(&m);
	return code;
}
