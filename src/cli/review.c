/* kula review: what a person says of claims and exchanges. Nothing is overwritten; every act has its row, and can be undone. */
#include <jansson.h>            /* before base.h, which says why */
#include "cli/render.h"
#include <errno.h>
#include <math.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>
#include "claims/claims.h"
#include "ledger/join.h"

#define ARENA_BYTES ((size_t)512 << 20)

typedef struct reviewing {
	const char *path, *reviewer, *note, *out_path, *knowledge, *own;
	bool        no_join, json, csv, quiet, partly;
	ledger     *l;
	arena      *a;
	know       *k;                  /* opened when a name is looked up */
	bool        changed;            /* something to join */
} reviewing;

static const char *users_name(void)
{
	static const char *const names[] = {"KULA_REVIEWER", "USER", "LOGNAME"};
	const char *name = getenv(names[0]);
	if (name && *name)
		return name;
	const struct passwd *p = getpwuid(getuid());
	if (p && p->pw_name && *p->pw_name)
		return p->pw_name;
	for (size_t i = 1; i < COUNT_OF(names); i++)
		if ((name = getenv(names[i])) && *name)
			return name;
	return NULL;
}

/* One line of JSON for what was done, or a note. */
static void done(const reviewing *w, const char *what, int64_t number, const char *claims, const char *words)
{
	if (w->json) {
		buf b = {0};
		buf_format(&b, "{\"done\":\"%s\",\"%s\":%lld,\"claims\":", what, strcmp(what, "merge") == 0 || strcmp(what, "split") == 0
			|| strcmp(what, "undo ruling") == 0 ? "ruling" : "review", (long long)number);
		json_text(&b, claims);
		buf_text(&b, ",\"reviewer\":");
		json_text(&b, w->reviewer);
		buf_text(&b, "}\n");
		render_out(&b);
		buf_free(&b);
	} else {
		cli_note(w->quiet, "%s", words);
	}
}

/* ---- of claims ---- */

static void describe_claim(buf *b, const reviewing *w, int64_t claim)
{
	kula_error err = {0};
	ledger_claim c;
	const screen s = {.utf8 = screen_of(stderr).utf8};
	if (ledger_claim_load(w->l, w->a, claim, &c, &err) != KULA_OK)
		return;
	buf_format(b, "%s, %s: ", kula_act_name(c.c.act), kula_status_name(c.c.status));
	render_codes(b, c.c.from, c.c.from_count);
	buf_text(b, s.utf8 ? " \xE2\x86\x92 " : " > ");
	render_codes(b, c.c.to, c.c.to_count);
	buf_text(b, ", ");
	render_what(b, &s, &c.c);
}

static int say_one(reviewing *w, const char *typed, ledger_verdict v, const char *field, const char *value)
{
	static const char *const past[] = {"accepted", "rejected", "corrected", "undone"};
	kula_error err = {0};
	const int64_t claim = ledger_claim_of(w->l, typed, &err);
	const int64_t review = claim ? ledger_review(w->l, claim, w->reviewer, v, field, value, w->note, &err) : -1;
	if (review < 0)
		return cli_fail(&err);
	w->changed = true;
	buf line = {0}, clean = {0};
	buf_format(&line, "%s %s", typed, past[v]);
	const int64_t now = v == LEDGER_ACCEPT || v == LEDGER_REJECT ? 0 : ledger_claim_of(w->l, typed, &err);
	if (now) {
		buf_text(&line, "; now ");
		describe_claim(&line, w, now);
	}
	text_clean(&clean, buf_string(&line), line.n);
	done(w, ledger_verdict_name(v), review, typed, buf_string(&clean));
	buf_free(&line);
	buf_free(&clean);
	return CLI_OK;
}

static int say_each(reviewing *w, const cli_words *words, ledger_verdict v)
{
	int code = CLI_OK;
	for (int i = 1; i < words->count; i++) {
		arena_clear(w->a);
		const int one = say_one(w, words->at[i], v, NULL, NULL);
		code = code ? code : one;
	}
	return code;
}

static bool look_up(void *arg, const char *name, char code[KULA_CODE_BYTES])
{
	reviewing *w = arg;
	kula_error ignored = {0};
	if (!w->k)
		w->k = know_open(w->knowledge, &ignored);
	if (w->k && w->own && know_layer(w->k, w->own, &ignored) != KULA_OK)
		return false;
	const char *found = w->k ? know_code_of(w->k, name) : "";
	snprintf(code, KULA_CODE_BYTES, "%s", found);
	return *found != 0;
}

static int correct(reviewing *w, const cli_words *words)
{
	if (words->count != 4)
		return cli_error(KULA_EUSAGE, "'kula review correct CLAIM FIELD VALUE': one value, in quotes if it has spaces");
	kula_error err = {0};
	const char *field, *value;
	const int64_t claim = ledger_claim_of(w->l, words->at[1], &err);
	if (!claim || ledger_correction(w->l, w->a, claim, words->at[2], words->at[3], look_up, w, &field, &value, &err) != KULA_OK)
		return cli_fail(&err);
	return say_one(w, words->at[1], LEDGER_CORRECT, field, value);
}

/* ---- of exchanges ---- */

typedef struct claims { int64_t *at; uint32_t count, room; } claims;

static bool put_claim(reviewing *w, claims *c, int64_t claim)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (c->at[i] == claim)
			return true;
	if (c->count == c->room) {
		const uint32_t room = c->room ? c->room * 2 : 16;
		int64_t *at = ARENA_NEW(w->a, int64_t, room);
		if (!at)
			return false;
		if (c->count)
			memcpy(at, c->at, c->count * sizeof *at);
		c->at = at;
		c->room = room;
	}
	c->at[c->count++] = claim;
	return true;
}

/* "x12.3" is the exchange of claim 12.3. */
static const char *exchange_word(const char *typed) { return typed[0] == 'x' && is_digit((byte)typed[1]) ? typed + 1 : NULL; }

static bool mates_of(reviewing *w, int64_t claim, int64_t **mates, uint32_t *count, kula_error *err)
{
	const int64_t exchange = ledger_exchange_of(w->l, claim, err);
	if (!exchange) {
		kula_fail(err, KULA_ENOTFOUND, 0, "the claim stands in no exchange: it was rejected, or 'kula join' is to be run");
		return false;
	}
	return ledger_exchange_claims(w->l, w->a, exchange, mates, count, err) == KULA_OK;
}

static void number_words(buf *b, reviewing *w, const int64_t *at, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		ledger_claim c;
		kula_error ignored = {0};
		if (ledger_claim_load(w->l, w->a, at[i], &c, &ignored) == KULA_OK)
			buf_format(b, i ? " %s" : "%s", c.number);
	}
}

static int merge(reviewing *w, const cli_words *words)
{
	kula_error err = {0};
	claims all = {0};
	for (int i = 1; i < words->count; i++) {
		const char *exchange = exchange_word(words->at[i]);
		const int64_t claim = ledger_claim_of(w->l, exchange ? exchange : words->at[i], &err);
		int64_t *mates = NULL;
		uint32_t count = 0;
		bool ok = claim && put_claim(w, &all, claim);
		if (ok && exchange && (ok = mates_of(w, claim, &mates, &count, &err)))
			for (uint32_t k = 0; ok && k < count; k++)
				ok = put_claim(w, &all, mates[k]);
		if (!ok) {
			kula_fail(&err, KULA_EMEMORY, 0, "no memory");
			return cli_fail(&err);
		}
	}
	const int64_t ruling = ledger_merge(w->l, all.at, all.count, w->reviewer, w->note, &err);
	if (ruling < 0)
		return cli_fail(&err);
	w->changed = true;
	buf names = {0}, line = {0};
	number_words(&names, w, all.at, all.count);
	buf_format(&line, "the same exchange: %s", buf_string(&names));
	done(w, "merge", ruling, buf_string(&names), buf_string(&line));
	buf_free(&names);
	buf_free(&line);
	return CLI_OK;
}

static int split(reviewing *w, const cli_words *words)
{
	kula_error err = {0};
	claims out = {0}, rest = {0};
	for (int i = 1; i < words->count; i++) {
		if (exchange_word(words->at[i]))
			return cli_error(KULA_EUSAGE, "'%s' is an exchange: name the claims that don't belong to it; 'kula why %s' lists all", words->at[i],
				words->at[i]);
		const int64_t claim = ledger_claim_of(w->l, words->at[i], &err);
		if (!claim || !put_claim(w, &out, claim)) {
			kula_fail(&err, KULA_EMEMORY, 0, "no memory");
			return cli_fail(&err);
		}
	}
	for (uint32_t i = 0; i < out.count; i++) {
		int64_t *mates;
		uint32_t count;
		if (!mates_of(w, out.at[i], &mates, &count, &err))
			return cli_fail(&err);
		for (uint32_t k = 0; k < count; k++) {
			bool named = false;
			for (uint32_t m = 0; m < out.count && !named; m++)
				named = out.at[m] == mates[k];
			if (!named && !put_claim(w, &rest, mates[k]))
				return cli_error(KULA_EMEMORY, "no memory");
		}
	}
	if (rest.count == 0)
		return cli_error(KULA_EUSAGE, out.count == 1 ? "%s stands alone in its exchange: there is nothing to split it from"
			: "%s and the others are all of their exchange: name those that don't belong", words->at[1]);
	const int64_t ruling = ledger_split(w->l, out.at, out.count, rest.at, rest.count, w->reviewer, w->note, &err);
	if (ruling < 0)
		return cli_fail(&err);
	w->changed = true;
	buf names = {0}, line = {0};
	number_words(&names, w, out.at, out.count);
	buf_format(&line, "another exchange: %s, apart from ", buf_string(&names));
	number_words(&line, w, rest.at, rest.count);
	done(w, "split", ruling, buf_string(&names), buf_string(&line));
	buf_free(&names);
	buf_free(&line);
	return CLI_OK;
}

/* ---- undoing ---- */

static bool keep_ruling(void *arg, const ledger_said *s)
{
	if (s->ruling && s->stands)
		*(int64_t *)arg = s->number;
	return true;
}

static int undo_ruling(reviewing *w, int64_t ruling, const char *about)
{
	kula_error err = {0};
	const int64_t undo = ledger_unjudge(w->l, ruling, w->reviewer, w->note, &err);
	if (undo < 0)
		return cli_fail(&err);
	w->changed = true;
	done(w, "undo ruling", undo, about, "the last merge or split is undone");
	return CLI_OK;
}

static int undo(reviewing *w, const cli_words *words)
{
	kula_error err = {0};
	if (words->count == 1) {
		int64_t claim = 0, ruling = 0;
		ledger_claim c;
		if (ledger_last_said(w->l, w->reviewer, &claim, &ruling, &err) != KULA_OK)
			return cli_fail(&err);
		if (ruling)
			return undo_ruling(w, ruling, NULL);
		if (ledger_claim_load(w->l, w->a, claim, &c, &err) != KULA_OK)
			return cli_fail(&err);
		return say_one(w, c.number, LEDGER_UNDO, NULL, NULL);
	}
	int code = CLI_OK;
	for (int i = 1; i < words->count; i++) {
		arena_clear(w->a);
		const char *exchange = exchange_word(words->at[i]);
		int one;
		if (!exchange) {
			one = say_one(w, words->at[i], LEDGER_UNDO, NULL, NULL);
		} else {
			/* The last word on any claim of the exchange. */
			int64_t *mates = NULL, last = 0;
			uint32_t count = 0;
			err = (kula_error){0};
			const int64_t claim = ledger_claim_of(w->l, exchange, &err);
			bool ok = claim && ledger_said_each(w->l, claim, NULL, keep_ruling, &last, &err) == KULA_OK;
			if (ok && mates_of(w, claim, &mates, &count, &err)) {
				for (uint32_t k = 0; ok && k < count; k++) {
					int64_t of_mate = 0;
					ok = ledger_said_each(w->l, mates[k], NULL, keep_ruling, &of_mate, &err) == KULA_OK;
					last = MAX_OF(last, of_mate);
				}
			}
			if (ok && !last)
				one = cli_error(KULA_ENOTFOUND, "nobody merged or split anything of '%s'", words->at[i]);
			else
				one = ok ? undo_ruling(w, last, words->at[i]) : cli_fail(&err);
		}
		code = code ? code : one;
	}
	return code;
}

/* ---- listing ---- */

/* A correction's value as a person would type it: "Russia=RUS", "two bears: 2 bear", "2024-11-18..2024-11-20", or its JSON. */
static void value_words(buf *b, const char *field, const char *value)
{
	json_t *v = json_loads(value, JSON_DECODE_ANY, NULL), *o;
	size_t i;
	const bool days = strcmp(field, "date") == 0 || strcmp(field, "due") == 0, parties = strcmp(field, "from") == 0 || strcmp(field, "to") == 0
		|| strcmp(field, "said_by") == 0;
	const screen plain = {.utf8 = true};
	if (json_is_null(v) || (json_is_array(v) && json_array_size(v) == 0)) {
		buf_text(b, "none");
	} else if (json_is_string(v)) {
		buf_text(b, json_string_value(v));
	} else if (days && json_array_size(v) == 2) {
		const char *first = json_string_value(json_array_get(v, 0)), *last = json_string_value(json_array_get(v, 1));
		buf_format(b, first && last && strcmp(first, last) == 0 ? "%s" : "%s..%s", first ? first : "?", last ? last : "?");
	} else if (parties || strcmp(field, "items") == 0) {
		json_array_foreach(v, i, o) {
			const char *text = json_string_value(json_object_get(o, "text")), *code = json_string_value(json_object_get(o, "code"));
			buf_format(b, i ? "; %s" : "%s", text ? text : "?");
			if (parties) {
				const char *verb = json_string_value(json_object_get(o, "verb"));
				buf_format(b, "=%s%s%s", code ? code : "", verb ? " " : "", verb ? verb : "");
				continue;
			}
			const json_t *min = json_object_get(o, "min"), *max = json_object_get(o, "max");
			const char *kind = json_string_value(json_object_get(o, "kind")), *unit = json_string_value(json_object_get(o, "unit"));
			buf_format(b, " (%s, ", kind ? kind : "?");
			interval_for_people(b, &plain, json_is_number(min) ? json_number_value(min) : NAN, json_is_number(max) ? json_number_value(max) : NAN,
				json_is_true(json_object_get(o, "approx")));
			buf_format(b, "%s%s)", unit && strcmp(unit, "count") != 0 ? " " : "", unit && strcmp(unit, "count") != 0 ? unit : "");
		}
	} else {
		buf_text(b, value);
	}
	json_decref(v);
}

static bool list_one(void *arg, const ledger_said *s)
{
	sheet *t = arg;
	buf words = {0};
	if (s->value)
		value_words(&words, s->field ? s->field : "", s->value);
	sheet_cell(t, STYLE_DIM, s->time);
	sheet_cell(t, STYLE_NONE, s->reviewer);
	sheet_cell(t, strcmp(s->verdict, "reject") == 0 || strcmp(s->verdict, "split") == 0 ? STYLE_BAD : strcmp(s->verdict, "undo") == 0 ? STYLE_DIM
		: strcmp(s->verdict, "accept") == 0 ? STYLE_GOOD : STYLE_ACCENT, s->verdict);
	sheet_cell(t, STYLE_NONE, s->claims);
	sheet_cell(t, STYLE_BOLD, s->field);
	sheet_json(t, STYLE_NONE, s->value ? buf_string(&words) : NULL, s->value ? s->value : "null");
	buf_free(&words);
	sheet_cell(t, STYLE_NONE, s->note);
	sheet_json(t, s->stands ? STYLE_GOOD : STYLE_DIM, s->stands ? "stands" : strcmp(s->verdict, "undo") == 0 ? "" : "undone", s->stands ? "true" : "false");
	return true;
}

static int list(reviewing *w, const cli_words *words, bool one_reviewer)
{
	static const sheet_column columns[] = {
		{"time", "when", false, SHEET_KEEP, 0},
		{"reviewer", "who", false, SHEET_CUT, 8},
		{"verdict", "what", false, SHEET_KEEP, 0},
		{"claims", "claim", false, SHEET_WRAP, 8},
		{"field", "field", false, SHEET_KEEP, 0},
		{"value", "value", false, SHEET_WRAP, 20},
		{"note", "note", false, SHEET_WRAP, 12},
		{"stands", "", false, SHEET_KEEP, 0},
	};
	kula_error err = {0};
	sheet *t = sheet_new(w->json ? SHEET_JSON : w->csv ? SHEET_CSV : SHEET_PEOPLE, screen_of(stdout), columns, COUNT_OF(columns));
	if (!t)
		return cli_error(KULA_EMEMORY, "no memory");
	int code = CLI_OK;
	for (int i = 1; i < MAX_OF(words->count, 2) && code == CLI_OK; i++) {
		const char *typed = i < words->count ? words->at[i] : NULL, *exchange = typed ? exchange_word(typed) : NULL;
		const int64_t claim = typed ? ledger_claim_of(w->l, exchange ? exchange : typed, &err) : 0;
		if ((typed && !claim) || ledger_said_each(w->l, claim, one_reviewer ? w->reviewer : NULL, list_one, t, &err) != KULA_OK)
			code = cli_fail(&err);
	}
	if (code == CLI_OK && sheet_rows(t) == 0) {
		cli_note(w->quiet, "nothing was said");
		code = CLI_NO;
	}
	buf out = {0};
	if (code == CLI_OK) {
		sheet_print(t, &out);
		render_out(&out);
	}
	sheet_free(t);
	buf_free(&out);
	return code;
}

/* ---- training data ---- */

typedef struct exporting {
	reviewing *w;
	FILE      *to;
	uint64_t   documents, claims, left;
	kula_error err;
} exporting;

static bool export_one(void *arg, int64_t document, uint32_t read, uint32_t said)
{
	exporting *x = arg;
	reviewing *w = x->w;
	if (said < read && !w->partly) {
		x->left++;
		return true;
	}
	arena_clear(w->a);
	ledger_document d;
	size_t n = 0;
	ledger_filter f = ledger_filter_all();
	f.document = document;
	f.by_document = true;
	if (ledger_document_load(w->l, w->a, document, &d, &x->err) != KULA_OK)
		return false;
	const char *text = ledger_text(w->l, w->a, document, &n, &x->err);
	const int64_t count = text ? ledger_count(w->l, &f, &x->err) : -1;
	kula_claim *all = count >= 0 ? ARENA_NEW(w->a, kula_claim, (size_t)count + 1) : NULL;
	ledger_walk *walk = all ? ledger_claims(w->l, &f, &x->err) : NULL;
	uint32_t k = 0;
	ledger_claim c;
	while (walk && k < count && ledger_next(walk, w->a, &c, &x->err) == KULA_OK)
		all[k++] = c.c;
	ledger_walk_free(walk);
	if (x->err.status == KULA_OK && (!all || !walk))
		kula_fail(&x->err, KULA_EMEMORY, 0, "no memory");
	if (x->err.status != KULA_OK)
		return false;
	const kula_document out = {.id = d.doc, .title = d.title, .publisher = d.publisher, .published = d.published, .dossier = d.dossier, .text = text,
		.text_bytes = n};
	buf line = {0};
	claims_write_document(&line, &out, all, k, false, OFFSETS_BYTES);
	if (line.refused)
		kula_fail(&x->err, KULA_EMEMORY, 0, "no memory");
	else if (fwrite(line.at, 1, line.n, x->to) != line.n)
		kula_fail(&x->err, KULA_EIO, 0, "'%s' can't be written: %s", w->out_path ? w->out_path : "standard output", strerror(errno));
	buf_free(&line);
	x->documents++;
	x->claims += k;
	return x->err.status == KULA_OK;
}

static int export(reviewing *w, const cli_words *words)
{
	if (words->count > 1)
		return cli_error(KULA_EUSAGE, "'kula review export' takes no words; -o FILE says where to");
	exporting x = {.w = w, .to = w->out_path ? fopen(w->out_path, "w") : stdout};
	if (!x.to)
		return cli_error(KULA_EIO, "'%s' can't be written: %s", w->out_path, strerror(errno));
	kula_error err = {0};
	const kula_status status = ledger_reviewed_each(w->l, export_one, &x, &err);
	if (w->out_path && fclose(x.to) != 0)
		kula_fail(&x.err, KULA_EIO, 0, "'%s' can't be written: %s", w->out_path, strerror(errno));
	if (status != KULA_OK || x.err.status != KULA_OK)
		return cli_fail(status != KULA_OK ? &err : &x.err);
	cli_note(w->quiet, "%llu document%s with %llu claim%s written", (unsigned long long)x.documents, x.documents == 1 ? "" : "s",
		(unsigned long long)x.claims, x.claims == 1 ? "" : "s");
	if (x.left)
		cli_note(w->quiet, "%llu document%s left out, of which not every claim was reviewed (--partly takes them)", (unsigned long long)x.left,
			x.left == 1 ? "" : "s");
	return x.documents ? CLI_OK : CLI_NO;
}

/* ---- the command ---- */

int cmd_review(int argc, char **argv)
{
	static const char *const verbs[] = {"accept", "reject", "correct", "merge", "split", "undo", "list", "export"};
	reviewing w = {0};
	const char *weights = NULL, *rules = NULL;
	const cli_option options[] = {
		CLI_LEDGER(&w.path),
		{0, "reviewer", OPTION_TEXT, &w.reviewer, "NAME", "who says so (default: $KULA_REVIEWER, else your user name);\nfor list: only what this one said"},
		{0, "note", OPTION_TEXT, &w.note, "TEXT", "why"},
		CLI_NO_JOIN(&w.no_join),
		{0, "rules", OPTION_TEXT, &rules, "DIR", "the tables of joining (default: the installed ones)"},
		{0, "partly", OPTION_FLAG, &w.partly, NULL, "export: also documents of which only some claims were reviewed;\nthe others are taken as they were read"},
		{'o', "output", OPTION_TEXT, &w.out_path, "FILE", "export: the file to write"},
		CLI_JSON(&w.json),
		{0, "csv", OPTION_FLAG, &w.csv, NULL, "list: CSV"},
		CLI_WEIGHTS(&weights), CLI_KNOWLEDGE(&w.knowledge), CLI_KNOW(&w.own),
		CLI_QUIET(&w.quiet),
	};
	static const cli_usage usage = {"review", "VERB ...",
		"Says what a person finds of claims and exchanges. Nothing is overwritten: what was read stays, every word has its reviewer\n"
		"and time, and can be undone. Joins and answers follow at once.\n"
		"\n"
		"  accept CLAIM...              it is right\n"
		"  reject CLAIM...              it is wrong: it counts no longer\n"
		"  correct CLAIM FIELD VALUE    it is right with this field so\n"
		"  merge CLAIM|EXCHANGE...      they are one exchange (12.3 names a claim, x12.3 all of its exchange)\n"
		"  split CLAIM...               they don't belong to the exchange that they stand in\n"
		"  undo [CLAIM|EXCHANGE...]     takes back the last word on it; without a name your own last word\n"
		"  list [CLAIM...]              all that was said\n"
		"  export                       documents that were reviewed, as annotated JSONL for 'kula prepare' and 'make model'",
		"A field is one of the contract's (act, status, from, to, items, date, due, value, place, means, agreement, condition, said_by,\n"
		"evidence, trigger) or a part of one (from.1.code, items.2.number, place.at); a value is JSON or short, 'none' clears it:\n"
		"\nexamples:\n  kula review accept 12.1 12.2\n  kula review correct 12.3 status promised --note \"'will send'\"\n"
		"  kula review correct 12.3 from 'Seoul=KOR'\n  kula review correct 12.3 items.1.number 70..75\n"
		"  kula review correct 12.3 date 2024-11-18..2024-11-20\n  kula review correct 12.3 value '2500000 USD'\n"
		"  kula review split 14.1 --note 'another convoy'\n  kula review undo"};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	const char *verb = words.count ? words.at[0] : "";
	size_t v = 0;
	while (v < COUNT_OF(verbs) && strcmp(verbs[v], verb) != 0)
		v++;
	if (v == COUNT_OF(verbs)) {
		const char *near = *verb ? options_nearest(verb, verbs, COUNT_OF(verbs)) : NULL;
		return near ? cli_error(KULA_EUSAGE, "unknown verb '%s'; did you mean '%s'?", verb, near)
			: cli_error(KULA_EUSAGE, "accept, reject, correct, merge, split, undo, list or export? 'kula review --help' explains them");
	}
	const bool reads = v >= 6, one_reviewer = w.reviewer != NULL;
	if (words.count < 2 && v < 5)
		return cli_error(KULA_EUSAGE, "which claim? 'kula review %s 12.3'", verb);
	if (!w.reviewer)
		w.reviewer = users_name();
	if (!w.reviewer && !reads)
		return cli_error(KULA_EUSAGE, "who says so? --reviewer NAME");
	kula_error err = {0};
	w.l = ledger_open(cli_ledger_path(w.path), reads ? LEDGER_READ : LEDGER_WRITE, &err);
	if (!w.l)
		return cli_fail(&err);
	w.a = arena_new(ARENA_BYTES);
	if (!w.a)
		code = cli_error(KULA_EMEMORY, "no memory");
	else switch (v) {
	case 0: code = say_each(&w, &words, LEDGER_ACCEPT); break;
	case 1: code = say_each(&w, &words, LEDGER_REJECT); break;
	case 2: code = correct(&w, &words); break;
	case 3: code = merge(&w, &words); break;
	case 4: code = split(&w, &words); break;
	case 5: code = undo(&w, &words); break;
	case 6: code = list(&w, &words, one_reviewer); break;
	default: code = export(&w, &words); break;
	}
	if (w.changed && !w.no_join) {
		const int joined = cli_join_after(w.l, rules, true);
		code = code ? code : joined;
	}
	know_close(w.k);
	arena_free(w.a);
	ledger_close(w.l);
	return code;
}
