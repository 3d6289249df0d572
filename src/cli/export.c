/* kula export: the ledger in other people's formats. What a format has no place for is told on standard error. */
#include "cli/cli.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/render.h"
#include "formats/formats.h"
#include "ledger/join.h"

static bool to_file(void *arg, const char *at, size_t n) { return fwrite(at, 1, n, arg) == n; }

static void say_sum(const export_options *o, const export_sum *sum)
{
	static const char *const things[EXPORT_FORMATS] = {
		[EXPORT_JSONL] = "document", [EXPORT_CSV] = "row", [EXPORT_EXCHANGES] = "exchange", [EXPORT_EXCHANGES_CSV] = "row", [EXPORT_PLOVER] = "event",
		[EXPORT_ICEWS] = "event", [EXPORT_FTM] = "entitie", [EXPORT_WEBANNOTATION] = "annotation", [EXPORT_GRAPHML] = "edge", [EXPORT_SIPRI] = "row",
		[EXPORT_ATOP] = "row",
	};
	const bool exchanges = o->format == EXPORT_EXCHANGES || o->format == EXPORT_EXCHANGES_CSV || o->format == EXPORT_SIPRI || o->format == EXPORT_ATOP;
	cli_note(false, "%llu %s%s of %llu %s%s", (unsigned long long)sum->rows, o->format == EXPORT_FTM && sum->rows == 1 ? "entity" : things[o->format],
		sum->rows == 1 ? "" : "s", (unsigned long long)sum->of, exchanges ? "exchange" : "claim", sum->of == 1 ? "" : "s");
	cli_note(false, "not carried by %s: %s", export_format_name(o->format), export_format_lost(o->format));
	for (uint32_t i = 0; i < sum->left_count; i++)
		cli_note(false, "%llu left out: %s", (unsigned long long)sum->left[i].count, sum->left[i].why);
}

/* The ledger as it was, or as it was read, in place of the one that is open. NULL: err says why. */
static ledger *go_back(ledger *l, const char *as_of, bool as_read, kula_error *err)
{
	char moment[21];
	ledger *then = NULL;
	if (as_of != NULL && !ledger_moment(as_of, moment)) {
		kula_fail(err, KULA_EUSAGE, 0, "'%.60s' is no moment like 2024-11-20 or 2024-11-20T09:30", as_of);
	} else {
		join_rules *const r = join_rules_open(NULL, NULL, err);
		if (r != NULL)
			then = ledger_as_of(l, r, as_of != NULL ? moment : NULL, as_read, err);
		join_rules_free(r);
	}
	ledger_close(l);
	return then;
}

int cmd_export(int argc, char **argv)
{
	bool quiet = false, as_read = false;
	const char *path = NULL, *as_of = NULL, *format = NULL, *output = NULL, *acts = NULL, *statuses = NULL, *kinds = NULL, *knowledge = NULL, *own = NULL, *tables = NULL,
		*document = NULL;
	cli_list parties = {0};
	export_options o = {.filter = ledger_filter_all()};
	const double any = o.filter.min_confidence;
	char formats_help[1200];
	int n = snprintf(formats_help, sizeof formats_help, "what to write:");
	for (int f = 0; f < EXPORT_FORMATS && n > 0 && (size_t)n < sizeof formats_help; f++)
		n += snprintf(formats_help + n, sizeof formats_help - (size_t)n, "\n%-13s %s", export_format_name((export_format)f), export_format_about((export_format)f));
	const cli_option options[] = {
		{'f', "format", OPTION_TEXT, &format, "FORMAT", formats_help},
		{'o', "output", OPTION_TEXT, &output, "FILE", "write there (default: standard output)"},
		CLI_LEDGER(&path),
		{0, "party", OPTION_LIST, &parties, "WHO", "only what this country or organisation takes part in;\ntwice: only between the two"},
		{0, "since", OPTION_DAY, &o.filter.since, "DAY", "from this day on"},
		{0, "until", OPTION_DAY, &o.filter.until, "DAY", "up to this day"},
		{0, "act", OPTION_TEXT, &acts, "ACT,...", "only these acts: give,lend,sell,..."},
		{0, "status", OPTION_TEXT, &statuses, "STATUS,...", "only these statuses: done,promised,..."},
		{0, "kind", OPTION_TEXT, &kinds, "KIND,...", "only with an item of these kinds: arms,money,..."},
		{0, "document", OPTION_TEXT, &document, "DOC", "only claims of this document"},
		CLI_CONFIDENCE(&o.filter.min_confidence),
		{0, "as-of", OPTION_TEXT, &as_of, "MOMENT", "what the ledger knew then: 2024-11-20, 2024-11-20T09:30"},
		{0, "as-read", OPTION_FLAG, &as_read, NULL, "as the machine read it, without reviews"},
		{0, "tables", OPTION_TEXT, &tables, "DIR", "your own copy of data/formats: CAMEO codes, states, obligations"},
		CLI_KNOWLEDGE(&knowledge),
		CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"export", "--format FORMAT",
		"Writes the ledger's claims or exchanges in a format that other programs read.",
		"What the format has no place for, and how many claims therefore were left out, is told on standard error, and in the\n"
		"header of webannotation and graphml. docs/FORMATS.md explains each column.\n"
		"\nexamples:\n  kula export --format jsonl -o ledger.jsonl\n  kula export --format plover --party RUS --party PRK --since 2024-01-01"};
	cli_words words;
	int code = 0;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count > 0)
		return cli_error(KULA_EUSAGE, "'kula export' takes no words, only options; '%s' is one", words.at[0]);
	const int which = format != NULL ? export_format_of(format) : -1;
	if (which < 0) {
		const char *names[EXPORT_FORMATS];
		buf list = {0};
		for (int f = 0; f < EXPORT_FORMATS; f++) {
			names[f] = export_format_name((export_format)f);
			buf_format(&list, f > 0 ? ", %s" : "%s", names[f]);
		}
		const char *const near = format != NULL ? options_nearest(format, names, EXPORT_FORMATS) : NULL;
		code = format == NULL ? cli_error(KULA_EUSAGE, "--format says what to write: %s", buf_string(&list))
			: near != NULL ? cli_error(KULA_EUSAGE, "'%s' is no format to export; did you mean '%s'?", format, near)
			: cli_error(KULA_EUSAGE, "'%s' is no format to export; there are %s", format, buf_string(&list));
		buf_free(&list);
		return code;
	}
	if (parties.count > 2)
		return cli_error(KULA_EUSAGE, "--party is given once, or twice for what passed between the two");
	o.format = (export_format)which;
	if (!render_mask("act", acts, KULA_ACTS, render_act, &o.filter.acts, &code)
		|| !render_mask("status", statuses, KULA_STATUSES, render_status, &o.filter.statuses, &code)
		|| !render_mask("kind", kinds, KULA_KINDS, render_kind, &o.filter.kinds, &code))
		return code;

	kula_error err = {0};
	know *const k = know_open(knowledge, &err);
	if (k != NULL && own != NULL && know_layer(k, own, &err) != KULA_OK) {
		know_close(k);
		return cli_fail(&err);
	}
	if (k == NULL)
		cli_note(quiet, "without the knowledge file (%s) parties have no names, only codes", err.text);
	err = (kula_error){0};
	o.k = k;
	render_party sides[2];
	for (uint32_t i = 0; i < parties.count && code == 0; i++)
		render_code_of(k, parties.at[i], &sides[i], &code);
	formats *const f = code == 0 ? formats_open(tables, &err) : NULL;
	ledger *l = f != NULL ? ledger_open(cli_ledger_path(path), LEDGER_READ, &err) : NULL;
	if (l != NULL && (as_of != NULL || as_read))
		l = go_back(l, as_of, as_read, &err);
	o.f = f;
	if (code == 0 && l == NULL)
		code = cli_fail(&err);
	if (code == 0 && document != NULL && (o.filter.document = ledger_document_of(l, document, &err)) == 0)
		code = cli_fail(&err);
	FILE *to = stdout;
	if (code == 0 && output != NULL && strcmp(output, "-") != 0 && (to = fopen(output, "wb")) == NULL)
		code = cli_error(KULA_EIO, "'%s' can't be written: %s", output, strerror(errno));
	if (code == 0) {
		o.filter.a = parties.count > 0 ? sides[0].code : NULL;
		o.filter.b = parties.count > 1 ? sides[1].code : NULL;
		const ledger_filter *const x = &o.filter;
		o.all = x->a == NULL && x->since == KULA_NO_DAY && x->until == KULA_NO_DAY && x->acts == 0 && x->statuses == 0 && x->kinds == 0 && x->document == 0
			&& !(x->min_confidence > any) && !(x->min_confidence < any);
		export_sum sum;
		errno = 0;
		if (export_write(l, &o, to_file, to, &sum, &err) != KULA_OK)
			code = err.status == KULA_EIO && errno != 0 ? cli_error(KULA_EIO, "'%s' can't be written: %s", output != NULL ? output : "standard output", strerror(errno))
				: cli_fail(&err);
		if (to != stdout && fclose(to) != 0 && code == 0)
			code = cli_error(KULA_EIO, "'%s' can't be written: %s", output, strerror(errno));
		if (code == 0 && !quiet)
			say_sum(&o, &sum);
		if (code == 0 && sum.of == 0 && !o.all)
			code = CLI_NO;
	}
	ledger_close(l);
	formats_free(f);
	know_close(k);
	return code;
}
