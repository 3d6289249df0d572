/* kula watch FILE: standing questions, a row each; what is new for them since the last time. */
#include "cli/ask.h"
#include <stdlib.h>

enum { COLUMNS_MOST = 16, NAME_BYTES = 120, CELL_BYTES = 300, QUERIES_MOST = 1000 };

/* The columns that a file may have, in any order; the first row names them. */
typedef enum watch_column { W_NAME, W_A, W_B, W_FROM, W_TO, W_ACT, W_STATUS, W_KIND, W_WHAT, W_SINCE, W_UNTIL, W_CONFIDENCE, W_EVENTS, W_NOTE, W_COLUMNS } watch_column;
static const char *const column_names[W_COLUMNS] = {"name", "a", "b", "from", "to", "act", "status", "kind", "what", "since", "until", "min_confidence",
	"events", "note"};

typedef struct watching {
	ask      q;
	bool     baseline, dry_run;
	uint64_t news;
	sheet   *t;
	tsv      in;
	table   *names;
	struct asked { char name[NAME_BYTES]; answer_set set; } *asked;         /* to be remembered once it was said */
	uint32_t asked_count;
} watching;

static bool cell_string(const tsv *t, const cell *c, char *out, size_t room, kula_error *err)
{
	if (c->n >= room) {
		tsv_fail(t, c, err, "longer than %zu bytes", room - 1);
		return false;
	}
	memcpy(out, c->at, c->n);
	out[c->n] = 0;
	return true;
}

/* "new,status" -> mask. */
static bool events_of(const tsv *t, const cell *c, uint32_t *mask, kula_error *err)
{
	*mask = 0;
	for (size_t i = 0; i < c->n;) {
		size_t n = 0;
		while (i + n < c->n && c->at[i + n] != ',' && c->at[i + n] != ' ')
			n++;
		bool there = n == 0;
		for (uint32_t e = 0; e < ANSWER_EVENTS && n; e++)
			if (same_text(c->at + i, n, answer_event_name((answer_event)e))) {
				*mask |= 1u << e;
				there = true;
			}
		if (!there) {
			tsv_fail(t, c, err, "'%.*s' is no event; there are: new, status, differ, told", (int)MIN_OF(n, 40), c->at + i);
			return false;
		}
		i += n + 1;
	}
	return true;
}

static bool holds_word(const char *text, const char *part)
{
	return text && strcasestr(text, part) != NULL;
}

/* Keeps of the set what names the thing, in the order that it has. */
static void keep_what(answer_set *s, const char *what)
{
	uint32_t kept = 0;
	for (uint32_t e = 0; e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		bool there = holds_word(x->agreement, what);
		for (uint32_t i = 0; i < x->thing_count && !there; i++)
			there = holds_word(x->things[i].what, what) || holds_word(x->things[i].text, what);
		if (there)
			s->at[kept++] = *x;
	}
	s->asked = s->count = kept;
}

static void tell(watching *w, const answer_set *set, const char *name, const answer_newses *n)
{
	ask *q = &w->q;
	buf words = {0};
	for (uint32_t i = 0; i < n->count; i++) {
		const answer_news *e = &n->rows[i];
		const answer_exchange *x = &set->at[e->exchange];
		w->news++;
		if (q->json) {
			words.n = 0;
			buf_text(&words, "\"query\":");
			json_text(&words, name);
			json_member(&words, "event", answer_event_name(e->event));
			if (e->event == ANSWER_STATUS)
				json_member(&words, "was", kula_status_name(e->was));
			buf_format(&words, ",\"new_claims\":%u", e->claims);
			json_exchange(&q->out, q, x, buf_string(&words));
			buf_char(&q->out, '\n');
			continue;
		}
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(w->t, style_, buf_string(&words)))
		sheet_cell(w->t, STYLE_BOLD, name);
		if (q->csv)
			sheet_cell(w->t, STYLE_NONE, answer_event_name(e->event));
		else
			CELL(STYLE_WARN, e->event == ANSWER_TOLD ? buf_format(&words, "told again (%u)", e->claims) : e->event == ANSWER_STATUS
				? buf_format(&words, "was %s", kula_status_name(e->was)) : buf_text(&words, e->event == ANSWER_DIFFER ? "accounts differ" : "new"));
		CELL(STYLE_NONE, say_when(&words, x));
		CELL(STYLE_ACCENT, say_sides(&words, q, x));
		sheet_cell(w->t, STYLE_BOLD, kula_act_name(x->act));
		sheet_cell(w->t, style_of_status(x->status), kula_status_name(x->status));
		CELL(STYLE_NONE, say_what(&words, q, x));
		CELL(STYLE_BAD, say_differs(&words, x));
		CELL(STYLE_DIM, say_claims(&words, q, x, q->csv ? 0 : 4));
#undef CELL
	}
	buf_free(&words);
}

/* One row: asks, tells, and remembers unless it is a trial. False: err says why. */
static bool one_query(watching *w, const watch_column *columns, const cell *cells, uint32_t count, int *code)
{
	ask *q = &w->q;
	char text[W_COLUMNS][CELL_BYTES];
	memset(text, 0, sizeof text);
	const cell *at[W_COLUMNS] = {0};
	for (uint32_t i = 0; i < count; i++) {
		if (!cell_string(&w->in, &cells[i], text[columns[i]], CELL_BYTES, &q->err))
			return false;
		at[columns[i]] = &cells[i];
	}
	if (!*text[W_NAME] || strlen(text[W_NAME]) >= NAME_BYTES) {
		tsv_fail(&w->in, at[W_NAME], &q->err, "a question needs a name of at most %d bytes", NAME_BYTES - 1);
		return false;
	}
	bool fresh;
	if (!table_put(w->names, text[W_NAME], strlen(text[W_NAME]), &fresh) || !fresh) {
		tsv_fail(&w->in, at[W_NAME], &q->err, "a second question '%s'", text[W_NAME]);
		return false;
	}
	q->f = answer_filter_all();
	render_party party[4] = {0};
	const char **const codes[] = {&q->f.a, &q->f.b, &q->f.from, &q->f.to};
	for (int i = 0; i < 4; i++) {
		const char *typed = text[W_A + i];
		if (!*typed)
			continue;
		const char *found = q->k ? know_code_of(q->k, typed) : typed;
		if (!*found || strlen(found) >= KULA_CODE_BYTES) {
			tsv_fail(&w->in, at[W_A + i], &q->err, "'%s' is no country or organisation that kula knows", typed);
			return false;
		}
		snprintf(party[i].code, sizeof party[i].code, "%s", found);
		*codes[i] = party[i].code;
	}
	if (q->f.b && !q->f.a) {
		tsv_fail(&w->in, at[W_B], &q->err, "'b' without 'a'");
		return false;
	}
	const struct { watch_column c; const char *what; uint32_t n; const char *(*name)(uint32_t); uint32_t *mask; } masks[] = {
		{W_ACT, "act", KULA_ACTS, render_act, &q->f.acts}, {W_STATUS, "status", KULA_STATUSES, render_status, &q->f.statuses},
		{W_KIND, "kind", KULA_KINDS, render_kind, &q->f.kinds}};
	for (size_t i = 0; i < COUNT_OF(masks); i++)
		if (!render_mask(masks[i].what, text[masks[i].c], masks[i].n, masks[i].name, masks[i].mask, code)) {
			tsv_fail(&w->in, at[masks[i].c], &q->err, "unknown %s", masks[i].what);
			return false;
		}
	const struct { watch_column c; kula_day *day; } days[] = {{W_SINCE, &q->f.since}, {W_UNTIL, &q->f.until}};
	for (size_t i = 0; i < COUNT_OF(days); i++) {
		if (!*text[days[i].c])
			continue;
		*days[i].day = kula_day_parse(text[days[i].c], strlen(text[days[i].c]));
		if (*days[i].day == KULA_NO_DAY) {
			tsv_fail(&w->in, at[days[i].c], &q->err, "'%.40s' is no day like 2024-11-20", text[days[i].c]);
			return false;
		}
	}
	if (*text[W_CONFIDENCE]) {
		char *end;
		q->f.min_confidence = strtod(text[W_CONFIDENCE], &end);
		if (*end || !(q->f.min_confidence >= 0 && q->f.min_confidence <= 1)) {
			tsv_fail(&w->in, at[W_CONFIDENCE], &q->err, "'%.40s' is no probability", text[W_CONFIDENCE]);
			return false;
		}
	}
	uint32_t events = 1u << ANSWER_NEW | 1u << ANSWER_STATUS | 1u << ANSWER_DIFFER;
	if (*text[W_EVENTS] && !events_of(&w->in, at[W_EVENTS], &events, &q->err))
		return false;
	if (w->asked_count == QUERIES_MOST) {
		tsv_fail(&w->in, at[W_NAME], &q->err, "more than %d questions", QUERIES_MOST);
		return false;
	}
	struct asked *more = base_realloc(w->asked, (w->asked_count + 1) * sizeof *more);
	if (!more) {
		kula_fail(&q->err, KULA_EMEMORY, 0, "no memory");
		return false;
	}
	w->asked = more;
	answer_newses n;
	answer_set *set = &w->asked[w->asked_count].set;
	if (answer_exchanges(q->l, q->u, q->a, &q->f, 0, set, &q->err) != KULA_OK)
		return false;
	snprintf(w->asked[w->asked_count++].name, NAME_BYTES, "%s", text[W_NAME]);
	if (*text[W_WHAT])
		keep_what(set, text[W_WHAT]);
	if (w->baseline)
		return true;
	if (answer_watch(q->l, q->a, set, text[W_NAME], events, &n, &q->err) != KULA_OK)
		return false;
	tell(w, set, text[W_NAME], &n);
	return true;
}

static bool read_head(watching *w, const cell *cells, uint32_t count, watch_column *columns)
{
	bool met[W_COLUMNS] = {false};
	for (uint32_t i = 0; i < count; i++) {
		uint32_t c = 0;
		while (c < W_COLUMNS && !same_folded(cells[i].at, cells[i].n, column_names[c]))
			c++;
		if (c == W_COLUMNS || met[c]) {
			buf all = {0};
			for (uint32_t k = 0; k < W_COLUMNS; k++)
				buf_format(&all, k ? ", %s" : "%s", column_names[k]);
			tsv_fail(&w->in, &cells[i], &w->q.err, c == W_COLUMNS ? "unknown column '%.*s'; there are: %s" : "column '%.*s' twice (of %s)",
				(int)MIN_OF(cells[i].n, 30), cells[i].at, buf_string(&all));
			buf_free(&all);
			return false;
		}
		met[c] = true;
		columns[i] = (watch_column)c;
	}
	if (!met[W_NAME])
		tsv_fail(&w->in, &cells[0], &w->q.err, "the first row names the columns, and lacks 'name'");
	return met[W_NAME];
}

static const sheet_column people[] = {
	{"query", "question", false, SHEET_WRAP, 8},
	{"event", "news", false, SHEET_WRAP, 8},
	{"when", "when", false, SHEET_KEEP, 0},
	{"who", "who", false, SHEET_WRAP, 9},
	{"act", "act", false, SHEET_KEEP, 0},
	{"status", "status", false, SHEET_KEEP, 0},
	{"what", "what", false, SHEET_WRAP, 16},
	{"differs", "differ in", false, SHEET_WRAP, 9},
	{"claims", "claims", false, SHEET_WRAP, 9},
};

/* The file's rows, what they bring, and that it is remembered. *any: something is new. */
static bool ask_all(watching *w, const char *path, const buf *file, int *code)
{
	ask *q = &w->q;
	w->names = table_new();
	w->t = sheet_new(q->csv ? SHEET_CSV : SHEET_PEOPLE, q->s, people, COUNT_OF(people));
	w->in = (tsv){.file = path, .at = (const byte *)file->at, .end = (const byte *)file->at + file->n};
	cell cells[COLUMNS_MOST];
	watch_column columns[COLUMNS_MOST];
	uint32_t head = 0, n;
	if (!w->names || !w->t)
		return kula_fail(&q->err, KULA_EMEMORY, 0, "no memory") == KULA_OK;
	while ((n = tsv_next(&w->in, cells, COLUMNS_MOST, &q->err)) != 0) {
		if (n == UINT32_MAX)
			return false;
		if (head == 0) {
			if (!read_head(w, cells, n, columns))
				return false;
			head = n;
		} else if (n > head) {
			tsv_fail(&w->in, &cells[head], &q->err, "%u cells under %u columns", n, head);
			return false;
		} else if (!one_query(w, columns, cells, n, code)) {
			return false;
		}
	}
	if (head == 0)
		return kula_fail(&q->err, KULA_EFORMAT, 0, "'%s' has no question", path) == KULA_OK;
	if (!q->json && (w->news || q->csv) && !w->baseline)
		sheet_print(w->t, &q->out);
	/* What could not be said stays news. */
	if (q->out.refused)
		return kula_fail(&q->err, KULA_EMEMORY, 0, "no memory for the answer") == KULA_OK;
	render_out(&q->out);
	if (fflush(stdout) != 0)
		return kula_fail(&q->err, KULA_EIO, 0, "standard output can't be written; nothing was remembered") == KULA_OK;
	for (uint32_t i = 0; !w->dry_run && i < w->asked_count; i++)
		if (answer_watch_keep(q->l, &w->asked[i].set, w->asked[i].name, &q->err) != KULA_OK)
			return false;
	return true;
}

int cmd_watch(int argc, char **argv)
{
	watching w = {.q = ask_new()};
	ask *q = &w.q;
	const cli_option options[] = {
		{0, "baseline", OPTION_FLAG, &w.baseline, NULL, "take all that is there as known, and say nothing"},
		{0, "dry-run", OPTION_FLAG, &w.dry_run, NULL, "say what is new without remembering that it was said"},
		CLI_JSON(&q->json),
		{0, "csv", OPTION_FLAG, &q->csv, NULL, "CSV"},
		CLI_LEDGER(&q->path),
		CLI_KNOWLEDGE(&q->knowledge),
		CLI_KNOW(&q->own),
		CLI_WEIGHTS(&q->weights),
		CLI_QUIET(&q->quiet),
	};
	static const cli_usage usage = {"watch", "FILE",
		"Asks standing questions, the rows of a tab-separated file, and says what is new since it was asked last: an exchange (new), its\n"
		"status (status), accounts that differ now (differ), and if asked for further accounts of it (told).",
		"The first row names the columns, in any order: name (needed), a, b (between the two, or of a), from, to, act, status, kind, what\n"
		"(a word in the thing or pact), since, until, min_confidence, events (new,status,differ,told; by default the first three), note.\n"
		"What was said is kept in the ledger by the question's name. Exit code 1: nothing is new.\n"
		"\nexample:\n  name\\tfrom\\tto\\tkind\n  arms to Mali\\t\\tMLI\\tarms,aircraft"};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count != 1)
		return cli_error(KULA_EUSAGE, "'kula watch' takes a file of questions; 'kula watch --help' has its columns");
	if (w.baseline && w.dry_run)
		return cli_error(KULA_EUSAGE, "--baseline and --dry-run can't both be");
	buf file = {0};
	if (file_read(words.at[0], (size_t)4 << 20, &file, &q->err) != KULA_OK) {
		buf_free(&file);
		return cli_fail(&q->err);
	}
	const size_t bad = utf8_check((const byte *)buf_string(&file), file.n);
	if (bad != file.n) {
		buf_free(&file);
		return cli_error(KULA_EFORMAT, "'%s' byte %zu: not UTF-8", words.at[0], bad);
	}
	q->mode = w.dry_run ? LEDGER_READ : LEDGER_WRITE;
	if (!ask_open(q, &code)) {
		buf_free(&file);
		return code;
	}
	const bool ok = ask_all(&w, words.at[0], &file, &code);
	for (uint32_t i = 0; i < w.asked_count; i++)
		answer_set_clear(&w.asked[i].set);
	free(w.asked);
	sheet_free(w.t);
	table_free(w.names);
	buf_free(&file);
	if (!ok)
		return ask_fail(q);
	if (w.baseline)
		cli_note(q->quiet, "what is there now is known");
	return ask_end(q, w.news > 0 || w.baseline, "nothing new");
}
