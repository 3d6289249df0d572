/* kula log: what was done to the ledger when, and by which reader. */
#include "cli/render.h"

typedef struct listing { sheet *t; uint64_t left; } listing;

static bool see(void *arg, const ledger_log_entry *e)
{
	listing *x = arg;
	char day[24] = "";
	snprintf(day, sizeof day, "%s", e->time ? e->time : "");
	sheet_cell(x->t, STYLE_DIM, day);
	sheet_cell(x->t, strcmp(e->what, "forget") == 0 ? STYLE_BAD : strcmp(e->what, "add") == 0 ? STYLE_GOOD : STYLE_ACCENT, e->what);
	if (e->document)
		sheet_whole(x->t, STYLE_NONE, e->document);
	else
		sheet_cell(x->t, STYLE_NONE, NULL);
	sheet_cell(x->t, STYLE_NONE, e->document && !e->doc ? "(forgotten)" : e->title && *e->title ? e->title : e->doc);
	sheet_cell(x->t, STYLE_NONE, e->publisher);
	sheet_whole(x->t, e->claims ? STYLE_NONE : STYLE_DIM, e->claims);
	sheet_cell(x->t, STYLE_DIM, e->reader);
	return x->left == 0 || --x->left > 0;
}

int cmd_log(int argc, char **argv)
{
	static const sheet_column columns[] = {
		{"time", "when", false, SHEET_KEEP, 0},
		{"what", "what", false, SHEET_KEEP, 0},
		{"document", "no.", true, SHEET_KEEP, 0},
		{"title", "document", false, SHEET_CUT, 16},
		{"publisher", "publisher", false, SHEET_CUT, 10},
		{"claims", "claims", true, SHEET_KEEP, 0},
		{"reader", "reader", false, SHEET_CUT, 12},
	};
	bool json = false, csv = false, quiet = false;
	uint64_t count = 0;
	const char *path = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	const cli_option options[] = {
		CLI_LEDGER(&path),
		{'n', "number", OPTION_COUNT, &count, "N", "only the last N"},
		CLI_JSON(&json),
		{0, "csv", OPTION_FLAG, &csv, NULL, "CSV"},
		CLI_WEIGHTS(&weights), CLI_KNOWLEDGE(&knowledge), CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"log", "",
		"Lists what was done to the ledger, newest first: documents added, read again and forgotten, with their claims and the\n"
		"reader (its version and weights). Of what was forgotten only the number is left.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count)
		return cli_error(KULA_EUSAGE, "'kula log' takes no words");
	kula_error err = {0};
	ledger *l = ledger_open(cli_ledger_path(path), LEDGER_READ, &err);
	if (!l)
		return cli_fail(&err);
	listing x = {.t = sheet_new(json ? SHEET_JSON : csv ? SHEET_CSV : SHEET_PEOPLE, screen_of(stdout), columns, COUNT_OF(columns)), .left = count};
	buf out = {0};
	if (!x.t)
		code = cli_error(KULA_EMEMORY, "no memory");
	else if (ledger_log(l, see, &x, &err) != KULA_OK)
		code = cli_fail(&err);
	else {
		sheet_print(x.t, &out);
		code = out.refused ? cli_error(KULA_EMEMORY, "no memory") : CLI_OK;
		render_out(&out);
	}
	sheet_free(x.t);
	buf_free(&out);
	ledger_close(l);
	return code;
}
