/* kula import: claims by other readers, and tables of registers, into the ledger.
 *
 * All that a command line names is one transaction. A bad row is named with file, line and column; then nothing is loaded, unless
 * --skip-bad says that the good rows shall be. The rest is looked at all the same, so that all faults are told at once.
 */
#include "cli/cli.h"
#include <stdlib.h>
#include "formats/formats.h"
#include "ledger/ledger.h"

#define ARENA_BYTES ((size_t)512 << 20)         /* a line of JSONL and its claims, or a row */

enum { FAULTS_SAID = 20 };

typedef struct importing {
	ledger        *l;
	import_options o;
	const char    *reader_name;         /* of JSONL lines that name none */
	char           knowledge[20];       /* hash of what a table was read with: the knowledge base, data/formats */
	int64_t        reader;              /* of tables */
	bool           skip_bad, check, quiet, stopped, reread;
	uint64_t       added, known, reread_count, claims, bad;
	int            code;                /* of the first fault */
	cli_progress   progress;
} importing;

static void fault(importing *w, const kula_error *err)
{
	cli_progress_end(&w->progress);
	if (w->bad++ < FAULTS_SAID) {
		const int code = cli_fail(err);
		w->code = w->code == 0 ? code : w->code;
	} else if (w->bad == FAULTS_SAID + 1) {
		cli_note(false, "further faults are only counted");
	}
}

static int64_t reader_of(importing *w, const import_document *d, kula_error *err)
{
	if (w->o.format == IMPORT_JSONL)
		return ledger_reader(w->l, d->reader != NULL ? d->reader : w->reader_name, "", "", "", err);
	if (w->reader == 0) {
		char name[40];
		snprintf(name, sizeof name, "kula import %s", import_format_name(w->o.format));
		w->reader = ledger_reader(w->l, name, KULA_VERSION, "", w->knowledge, err);
	}
	return w->reader;
}

/* False: the ledger itself fails, and goes on failing. */
static bool add(importing *w, const import_document *d, const char *path, kula_error *err)
{
	if (w->check) {
		w->added++;
		w->claims += d->count;
		return true;
	}
	ledger_added out = {0};
	kula_error why = {0};
	const int64_t reader = reader_of(w, d, &why);
	if (reader > 0)
		ledger_add(w->l, &d->d, d->fetched, d->claims, d->count, reader, w->o.format == IMPORT_JSONL || w->reread, &out, &why);
	if (why.status != KULA_OK) {
		const bool broken = why.status == KULA_EIO || why.status == KULA_EBUSY || why.status == KULA_EVERSION || why.status == KULA_EMEMORY;
		if (broken)
			*err = why;
		else
			kula_fail(err, why.status, 0, "%s:%llu:1: %s", path, (unsigned long long)d->line, why.text);
		return !broken;
	}
	switch (out.outcome) {
	case LEDGER_ADDED: w->added++; break;
	case LEDGER_KNOWN: w->known++; break;
	case LEDGER_REREAD: w->reread_count++; break;
	}
	if (out.outcome != LEDGER_KNOWN)
		w->claims += d->count;
	return true;
}

static void import_file(importing *w, arena *a, const char *path)
{
	kula_error err = {0};
	importer *const i = import_open(&w->o, path, &err);
	if (i == NULL) {
		fault(w, &err);
		return;
	}
	if (import_guessed_encoding(i))
		cli_note(w->quiet, "'%s' is not UTF-8, so it is read as Windows-1252, which SIPRI writes (--encoding says otherwise)", path);
	while (!w->stopped && !cli_stopped()) {
		import_document d;
		arena_clear(a);
		err = (kula_error){0};
		const kula_status status = import_next(i, a, &d, &err);
		if (status == KULA_ENOTFOUND)
			break;
		if (status == KULA_OK && !add(w, &d, path, &err))
			w->stopped = true;
		if (err.status == KULA_EMEMORY)
			w->stopped = true;
		if (err.status != KULA_OK)
			fault(w, &err);
		cli_progress_at(&w->progress, w->added + w->known + w->reread_count + w->bad);
	}
	import_close(i);
}

static void say_sum(const importing *w, bool loaded)
{
	const bool rows = w->o.format != IMPORT_JSONL;
	const char *const thing = rows ? "row" : "document";
	buf said = {0};
	if (w->check)
		buf_format(&said, "%llu good %s%s with %llu claims", (unsigned long long)w->added, thing, w->added == 1 ? "" : "s", (unsigned long long)w->claims);
	else if (!loaded)
		buf_format(&said, "nothing loaded: of %llu %ss", (unsigned long long)(w->added + w->known + w->reread_count + w->bad), thing);
	else
		buf_format(&said, "%llu %s%s added with %llu claim%s", (unsigned long long)(w->added + w->reread_count), thing, w->added + w->reread_count == 1 ? "" : "s",
			(unsigned long long)w->claims, w->claims == 1 ? "" : "s");
	if (loaded && w->reread_count > 0)
		buf_format(&said, " (%llu of them read again)", (unsigned long long)w->reread_count);
	if (loaded && w->known > 0)
		buf_format(&said, ", %llu known already", (unsigned long long)w->known);
	if (w->bad > 0)
		buf_format(&said, "%s %llu %s bad", loaded || w->check ? "," : "", (unsigned long long)w->bad, w->bad == 1 ? "is" : "are");
	if (!loaded && !w->check && w->bad > 0 && !w->stopped)
		buf_text(&said, "; --skip-bad loads the others");
	if (loaded)
		buf_format(&said, " (%s)", ledger_path(w->l));
	cli_note(w->quiet, "%s", buf_string(&said));
	buf_free(&said);
}

int cmd_import(int argc, char **argv)
{
	bool quiet = false, skip_bad = false, check = false, no_join = false, reread = false;
	const char *path = NULL, *format = NULL, *publisher = NULL, *knowledge = NULL, *own = NULL, *reader_name = "unknown", *encoding = NULL, *tables = NULL;
	kula_day published = KULA_NO_DAY;
	char formats_help[600];
	int n = snprintf(formats_help, sizeof formats_help, "what the files are:");
	for (int f = 0; f < IMPORT_FORMATS && n > 0 && (size_t)n < sizeof formats_help; f++)
		n += snprintf(formats_help + n, sizeof formats_help - (size_t)n, "\n%-6s %s", import_format_name((import_format)f), import_format_about((import_format)f));
	const cli_option options[] = {
		{'f', "format", OPTION_TEXT, &format, "FORMAT", formats_help},
		CLI_LEDGER(&path),
		{0, "skip-bad", OPTION_FLAG, &skip_bad, NULL, "load the good rows where others are bad; else nothing is loaded then"},
		{0, "reread", OPTION_FLAG, &reread, NULL, "rows that the ledger has are read again, where data/formats or the knowledge\nhave changed since; reviews carry over"},
		{'n', "check", OPTION_FLAG, &check, NULL, "only look whether the files are good; write nothing"},
		CLI_NO_JOIN(&no_join),
		{0, "reader", OPTION_TEXT, &reader_name, "NAME", "who read the claims, where a line of JSONL doesn't say"},
		CLI_PUBLISHER(&publisher),
		{0, "published", OPTION_DAY, &published, "DAY", "day of the table's edition, or for JSONL that doesn't bring its own"},
		{0, "encoding", OPTION_TEXT, &encoding, "NAME", "utf-8, windows-1252 (latin1) or utf-16 (default: by the mark in\nfront, else utf-8; for SIPRI windows-1252 where it is not)"},
		{0, "tables", OPTION_TEXT, &tables, "DIR", "your own copy of data/formats: terms, units, kinds, names of columns"},
		CLI_KNOWLEDGE(&knowledge),
		CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"import", "--format FORMAT [FILE...|-]",
		"Adds claims that others read, and the rows of registers, to the ledger, which is made if it isn't there. Each row of a\n"
		"table becomes a document: its text is the row, and every party, number and year points at its cell, so that\n"
		"'kula show' leads from an answer to the row.",
		"All is one transaction. A bad row is named with file, line and column, and then nothing is loaded unless --skip-bad is\n"
		"given. Rows that the ledger has already are passed over. At the end claims about one exchange are joined. docs/FORMATS.md says what becomes of each column.\n"
		"\nexamples:\n  kula import --format jsonl claims-by-ada.jsonl --reader ada\n  kula import --format sipri trade-register.csv --check"};
	cli_words files;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &files, &code))
		return code;
	if (format == NULL)
		return cli_error(KULA_EUSAGE, "--format says what the files are: jsonl, cites, sipri or kiel");
	const int which = import_format_of(format), coded = encoding != NULL ? csv_encoding_of(encoding) : CSV_AUTO;
	if (which < 0) {
		const char *names[IMPORT_FORMATS];
		for (int f = 0; f < IMPORT_FORMATS; f++)
			names[f] = import_format_name((import_format)f);
		const char *const near = options_nearest(format, names, IMPORT_FORMATS);
		return cli_error(KULA_EUSAGE, "'%s' is no format to import%s%s%s; there are jsonl, cites, sipri and kiel", format, near != NULL ? ": did you mean '" : "",
			near != NULL ? near : "", near != NULL ? "'?" : "");
	}
	if (coded < 0)
		return cli_error(KULA_EUSAGE, "'%s' is no encoding that can be read; there are utf-8, windows-1252 and utf-16", encoding);

	kula_error err = {0};
	importing w = {.o = {.format = (import_format)which, .publisher = publisher, .published = published, .encoding = (csv_encoding)coded},
		.reader_name = reader_name, .skip_bad = skip_bad, .reread = reread, .check = check, .quiet = quiet};
	formats *const f = formats_open(tables, &err);
	if (f == NULL)
		return cli_fail(&err);
	know *k = NULL;
	if (which != IMPORT_JSONL) {
		k = know_open(knowledge, &err);
		if (k == NULL || (own != NULL && know_layer(k, own, &err) != KULA_OK)) {
			code = cli_fail(&err);
			know_close(k);
			formats_free(f);
			return code;
		}
		const uint64_t read_with = hash_bytes(know_hash(k), strlen(know_hash(k))) ^ formats_hash(f);
		snprintf(w.knowledge, sizeof w.knowledge, "%016llx", (unsigned long long)read_with);
	}
	w.o.f = f;
	w.o.k = k;
	arena *const a = arena_new(ARENA_BYTES);
	if (!check)
		w.l = ledger_open(cli_ledger_path(path), LEDGER_CREATE, &err);
	if (a == NULL || (!check && w.l == NULL) || (!check && ledger_batch_begin(w.l, &err) != KULA_OK)) {
		code = a == NULL ? cli_error(KULA_EMEMORY, "no memory") : cli_fail(&err);
	} else {
		cli_catch_stop();
		cli_progress_begin(&w.progress, which == IMPORT_JSONL ? "documents looked at:" : "rows looked at:", 0, quiet);
		for (int i = 0; i < MAX_OF(files.count, 1) && !w.stopped && !cli_stopped(); i++)
			import_file(&w, a, files.count > 0 ? files.at[i] : "-");
		cli_progress_end(&w.progress);
		bool good = !w.stopped && !cli_stopped() && (w.bad == 0 || skip_bad);
		err = (kula_error){0};
		code = w.code;
		if (!check) {
			const bool keep = good && w.added + w.known + w.reread_count > 0;
			if (ledger_batch_end(w.l, keep, &err) != KULA_OK) {
				code = cli_fail(&err);
				good = false;
			}
			good = good && (keep || w.bad == 0);
		}
		say_sum(&w, good && !check);
		if (good && !check && !no_join && w.added + w.reread_count > 0) {
			const int joined = cli_join_after(w.l, NULL, quiet);
			code = code != 0 ? code : joined;
		}
		if (cli_stopped())
			code = cli_exit(KULA_ECANCELLED);
	}
	arena_free(a);
	ledger_close(w.l);
	know_close(k);
	formats_free(f);
	return code;
}
