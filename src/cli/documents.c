/* kula documents: what the ledger has read. */
#include "cli/render.h"

static const sheet_column columns[] = {
	{"document", "no.", true, SHEET_KEEP, 0},
	{"published", "published", false, SHEET_KEEP, 0},
	{"publisher", "publisher", false, SHEET_CUT, 10},
	{"title", "title", false, SHEET_CUT, 16},
	{"doc", "id", false, SHEET_CUT, 10},
	{"claims", "claims", true, SHEET_KEEP, 0},
	{"bytes", "bytes", true, SHEET_KEEP, 0},
	{"reader", "read by", false, SHEET_CUT, 6},
	{"added", "added", false, SHEET_CUT, 10},
	{"sha256", "sha-256", false, SHEET_CUT, 8},
};

typedef struct listing { sheet *t; bool people; buf words; } listing;

static bool see(void *arg, const ledger_document *d)
{
	listing *x = arg;
	sheet_whole(x->t, STYLE_DIM, d->document);
	x->words.n = 0;
	render_day(&x->words, d->published);
	sheet_cell(x->t, STYLE_NONE, x->words.n ? buf_string(&x->words) : NULL);
	sheet_cell(x->t, STYLE_NONE, d->publisher);
	sheet_cell(x->t, STYLE_BOLD, d->title);
	sheet_cell(x->t, STYLE_NONE, d->doc);
	sheet_whole(x->t, d->claims ? STYLE_NONE : STYLE_DIM, d->claims);
	sheet_whole(x->t, STYLE_DIM, (int64_t)d->text_bytes);
	sheet_cell(x->t, STYLE_DIM, d->reader);
	sheet_cell(x->t, STYLE_DIM, d->added);
	if (!x->people)
		sheet_cell_n(x->t, STYLE_DIM, d->sha256, d->sha256 ? MIN_OF(strlen(d->sha256), 64) : 0);
	return true;
}

int cmd_documents(int argc, char **argv)
{
	bool json = false, csv = false, quiet = false, oldest = false;
	const char *path = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	const cli_option options[] = {
		CLI_LEDGER(&path),
		{0, "oldest-first", OPTION_FLAG, &oldest, NULL, "in the order in which they were added"},
		CLI_JSON(&json),
		{0, "csv", OPTION_FLAG, &csv, NULL, "CSV"},
		CLI_WEIGHTS(&weights), CLI_KNOWLEDGE(&knowledge), CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"documents", "", "Lists the ledger's documents, the latest added first.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count)
		return cli_error(KULA_EUSAGE, "'kula documents' takes no words; 'kula search' finds some");
	kula_error err = {0};
	ledger *l = ledger_open(cli_ledger_path(path), LEDGER_READ, &err);
	if (!l)
		return cli_fail(&err);
	/* The hash is for programs. */
	const sheet_form form = json ? SHEET_JSON : csv ? SHEET_CSV : SHEET_PEOPLE;
	listing x = {.t = sheet_new(form, screen_of(stdout), columns, form == SHEET_PEOPLE ? COUNT_OF(columns) - 1 : COUNT_OF(columns)),
		.people = form == SHEET_PEOPLE};
	buf out = {0};
	if (!x.t)
		code = cli_error(KULA_EMEMORY, "no memory");
	else if (ledger_documents(l, !oldest, see, &x, &err) != KULA_OK)
		code = cli_fail(&err);
	else {
		if (sheet_rows(x.t) == 0)
			cli_note(quiet, "'%s' has no documents", ledger_path(l));
		else
			sheet_print(x.t, &out);
		code = out.refused ? cli_error(KULA_EMEMORY, "no memory") : CLI_OK;
		render_out(&out);
	}
	sheet_free(x.t);
	buf_free(&x.words);
	buf_free(&out);
	ledger_close(l);
	return code;
}
