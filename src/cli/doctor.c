/* kula doctor: weights, knowledge, processor, ledger: what is there, and whether it is whole. */
#include "cli/render.h"
#include "measure/measure.h"
#include "model/model.h"

typedef struct visit {
	sheet *t;
	uint32_t faults;
	int code;               /* of the first fault */
} visit;

static void finding(visit *v, const char *what, bool whole, const char *state, const char *more)
{
	sheet_cell(v->t, STYLE_BOLD, what);
	sheet_cell(v->t, whole ? STYLE_GOOD : STYLE_BAD, state);
	sheet_cell(v->t, STYLE_NONE, more);
}

static void fault(visit *v, const char *what, const char *state, const kula_error *err)
{
	finding(v, what, false, state, err->text);
	v->faults++;
	if (v->code == 0)
		v->code = cli_exit(err->status);
}

static void say_fault(void *arg, const char *text)
{
	visit *v = arg;
	v->faults++;
	if (v->code == 0)
		v->code = CLI_NO;
	if (v->faults <= 50)
		finding(v, "ledger", false, "fault", text);
}

static void see_program(visit *v)
{
	buf line = {0};
	finding(v, "program", true, "ok", "kula " KULA_VERSION);
	buf_format(&line, "%s (this processor can run:", model_cpu());
	for (const char *const *p = model_cpus(); p && *p; p++)
		buf_format(&line, " %s", *p);
	buf_format(&line, "), %u cores", cores());
	finding(v, "processor", true, "ok", buf_string(&line));
	buf_free(&line);
}

static void see_files(visit *v, const char *weights, const char *knowledge, const char *own)
{
	kula_error err = {0};
	buf line = {0};
	model *m = model_open(weights, &err);
	if (m) {
		const char *name = model_config(m, "name");
		buf_format(&line, "%s%s%s, %u layers of %u, checksum holds", name ? name : "", name ? ", " : "", model_hash(m), model_layers(m), model_hidden(m));
		finding(v, "weights", true, "ok", buf_string(&line));
	} else {
		fault(v, "weights", err.status == KULA_EIO || err.status == KULA_ENOTFOUND ? "missing" : "damaged", &err);
	}
	model_close(m);
	err = (kula_error){0};
	line.n = 0;
	know *k = know_open(knowledge, &err);
	if (k && own && know_layer(k, own, &err) != KULA_OK) {
		fault(v, "own tables", "fault", &err);
	} else if (k) {
		buf_format(&line, "%s%s%s", know_hash(k), own ? ", with tables of " : "", own ? own : "");
		finding(v, "knowledge", true, "ok", buf_string(&line));
	} else {
		fault(v, "knowledge", err.status == KULA_EIO || err.status == KULA_ENOTFOUND ? "missing" : "damaged", &err);
	}
	know_close(k);
	finding(v, "measures", true, "ok", measure_hash());
	buf_free(&line);
}

static void see_ledger(visit *v, const char *path, bool asked, bool quick)
{
	kula_error err = {0};
	/* Writable where possible: the search index checks itself by a write that changes nothing. */
	ledger *l = ledger_open(path, LEDGER_WRITE, &err);
	bool read_only = false;
	if (!l && err.status == KULA_EIO) {
		err = (kula_error){0};
		l = ledger_open(path, LEDGER_READ, &err);
		read_only = l != NULL;
	}
	if (!l && err.status == KULA_ENOTFOUND && !asked) {
		finding(v, "ledger", true, "none yet", path);
		return;
	}
	if (!l) {
		fault(v, "ledger", err.status == KULA_ENOTFOUND ? "missing" : err.status == KULA_EVERSION ? "foreign" : err.status == KULA_EBUSY ? "busy" : "damaged", &err);
		return;
	}
	ledger_stats s;
	buf line = {0};
	const uint32_t before = v->faults;
	if (ledger_stat(l, &s, &err) != KULA_OK) {
		fault(v, "ledger", "damaged", &err);
	} else {
		buf_format(&line, "%s%s: version %d, %lld documents, %lld claims", path, read_only ? " (read-only)" : "", s.version, (long long)s.documents,
			(long long)s.claims);
		if (s.claims_inactive)
			buf_format(&line, ", %lld of earlier readings", (long long)s.claims_inactive);
		buf_format(&line, ", %lld reviews, %lld judgements, %lld KiB, SQLite %s", (long long)s.reviews, (long long)s.judgements,
			(long long)(s.file_bytes / 1024), s.sqlite);
		finding(v, "ledger", true, "ok", buf_string(&line));
		const int64_t faults = ledger_check(l, quick, say_fault, v, &err);
		if (faults < 0)
			fault(v, "integrity", err.status == KULA_EBUSY ? "busy" : "damaged", &err);
		else if (v->faults == before)
			finding(v, "integrity", true, "ok", quick ? "structure and references" : "structure, references, hashes, spans, search index");
		if (faults > 50) {
			line.n = 0;
			buf_format(&line, "and %lld faults more", (long long)faults - 50);
			finding(v, "ledger", false, "fault", buf_string(&line));
		}
	}
	buf_free(&line);
	ledger_close(l);
}

int cmd_doctor(int argc, char **argv)
{
	static const sheet_column columns[] = {
		{"what", "", false, SHEET_KEEP, 0},
		{"state", "", false, SHEET_KEEP, 0},
		{"more", "", false, SHEET_WRAP, 30},
	};
	bool json = false, quiet = false, quick = false;
	const char *path = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	const cli_option options[] = {
		CLI_LEDGER(&path),
		{0, "quick", OPTION_FLAG, &quick, NULL, "leave out what takes long in a big ledger: hashes, spans, search index"},
		CLI_JSON(&json),
		CLI_WEIGHTS(&weights), CLI_KNOWLEDGE(&knowledge), CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"doctor", "",
		"Looks at the program, the processor's path, the weights, the knowledge and the ledger: what is there, and whether it\n"
		"is whole. Nothing is changed.", "Exit code 0: all is well. Otherwise that of the first fault (docs/EXIT.md)."};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count)
		return cli_error(KULA_EUSAGE, "'kula doctor' takes no words; --ledger FILE names the ledger");
	visit v = {.t = sheet_new(json ? SHEET_JSON : SHEET_PEOPLE, screen_of(stdout), columns, COUNT_OF(columns))};
	if (!v.t)
		return cli_error(KULA_EMEMORY, "no memory");
	see_program(&v);
	see_files(&v, weights, knowledge, own);
	see_ledger(&v, cli_ledger_path(path), path != NULL, quick);
	buf out = {0};
	sheet_print(v.t, &out);
	render_out(&out);
	sheet_free(v.t);
	buf_free(&out);
	if (v.faults)
		cli_note(quiet, "%u fault%s", v.faults, v.faults == 1 ? "" : "s");
	return v.code;
}
