/* kula forget DOC: takes a document and all that came of it out of the ledger, and says so before. */
#include "cli/render.h"

static void describe(buf *b, const ledger_document *d)
{
	buf_format(b, "document %lld, '%s'", (long long)d->document, d->title && *d->title ? d->title : d->doc);
	if (d->publisher)
		buf_format(b, " (%s", d->publisher);
	if (d->published != KULA_NO_DAY) {
		buf_text(b, d->publisher ? ", " : " (");
		render_day(b, d->published);
	}
	if (d->publisher || d->published != KULA_NO_DAY)
		buf_char(b, ')');
	buf_format(b, ": its text of %llu bytes, %u reading%s with %u claim%s", (unsigned long long)d->text_bytes, d->readings,
		d->readings == 1 ? "" : "s", d->claims, d->claims == 1 ? "" : "s");
	if (d->reviews)
		buf_format(b, ", %u review%s", d->reviews, d->reviews == 1 ? "" : "s");
	if (d->judgements)
		buf_format(b, ", %u judgement%s", d->judgements, d->judgements == 1 ? "" : "s");
}

static bool confirmed(void)
{
	char answer[16];
	fprintf(stderr, "forget? [y/N] ");
	fflush(stderr);
	return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

int cmd_forget(int argc, char **argv)
{
	bool yes = false, quiet = false, dry = false, no_join = false;
	const char *path = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	const cli_option options[] = {
		CLI_LEDGER(&path),
		{'y', "yes", OPTION_FLAG, &yes, NULL, "don't ask"},
		{'n', "dry-run", OPTION_FLAG, &dry, NULL, "only say what would go"},
		CLI_NO_JOIN(&no_join),
		CLI_WEIGHTS(&weights), CLI_KNOWLEDGE(&knowledge), CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"forget", "DOC...",
		"Takes documents out of the ledger with all that came of them: text, readings, claims, reviews, judgements, words.\n"
		"A document is named by its number, its own id or the start of its SHA-256.",
		"It is said before it is done, and asked on a terminal; elsewhere --yes is needed. The log keeps the number and the day."};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count == 0)
		return cli_error(KULA_EUSAGE, "which document? 'kula documents' lists them");
	kula_error err = {0};
	ledger *l = ledger_open(cli_ledger_path(path), dry ? LEDGER_READ : LEDGER_WRITE, &err);
	if (!l)
		return cli_fail(&err);
	arena *a = arena_new(1u << 20);
	code = a ? CLI_OK : cli_error(KULA_EMEMORY, "no memory");
	bool any = false;
	for (int i = 0; i < words.count && a; i++) {
		ledger_document d;
		err = (kula_error){0};
		arena_clear(a);
		const int64_t document = ledger_document_of(l, words.at[i], &err);
		if (document == 0 || ledger_document_load(l, a, document, &d, &err) != KULA_OK) {
			const int failed = cli_fail(&err);
			code = code ? code : failed;
			continue;
		}
		buf line = {0}, clean = {0};
		describe(&line, &d);
		text_clean(&clean, buf_string(&line), line.n);
		cli_note(quiet && (yes || dry), "%s %s", dry ? "would go:" : "goes:", buf_string(&clean));
		buf_free(&line);
		buf_free(&clean);
		if (dry)
			continue;
		if (!yes && !cli_is_terminal(stdin)) {
			code = cli_error(KULA_EUSAGE, "nothing forgotten: nobody to ask; --yes does it");
			break;
		}
		if (!yes && !confirmed()) {
			cli_note(quiet, "kept");
			code = code ? code : CLI_NO;
			continue;
		}
		if (ledger_forget(l, document, &err) != KULA_OK) {
			code = cli_fail(&err);
			break;
		}
		cli_note(quiet, "forgotten");
		any = true;
	}
	if (any && !no_join) {
		const int joined = cli_join_after(l, NULL, true);
		code = code ? code : joined;
	}
	arena_free(a);
	ledger_close(l);
	return code;
}
