/* kula between A B: what passed between two parties, both ways, with totals. */
#include "cli/render.h"
#include <math.h>
#include <stdlib.h>
#include "answer/answer.h"

typedef struct between {
	answer_between a;
	render_party   one, other;
	screen         s;
	bool           totals_only, claims_only;
} between;

static const char *arrow(const screen *s, answer_way w)
{
	static const char *const wide[ANSWER_WAYS] = {"→", "←", "↔"}, *const plain[ANSWER_WAYS] = {"->", "<-", "<>"};
	return s->utf8 ? wide[w] : plain[w];
}

static const char *way_name(answer_way w)
{
	static const char *const names[ANSWER_WAYS] = {"forth", "back", "both"};
	return names[w];
}

/* ---- for people ---- */

static void print_rows(const between *b, buf *out)
{
	static const sheet_column columns[] = {
		{"day", "when", false, SHEET_KEEP, 0},
		{"way", "", false, SHEET_KEEP, 0},
		{"act", "act", false, SHEET_KEEP, 0},
		{"status", "status", false, SHEET_KEEP, 0},
		{"what", "what", false, SHEET_WRAP, 18},
		{"sources", "according to", false, SHEET_WRAP, 14},
		{"id", "claim", true, SHEET_KEEP, 0},
	};
	sheet *t = sheet_new(SHEET_PEOPLE, b->s, columns, COUNT_OF(columns));
	if (!t)
		return;
	buf words = {0};
	for (uint32_t i = 0; i < b->a.count; i++) {
		const answer_row *r = &b->a.rows[i];
		const kula_claim *c = &r->claim.c;
		const style st = style_of_status(c->status);
		words.n = 0;
		if (c->date.first != KULA_NO_DAY)
			render_days(&words, c->date);
		else if (r->claim.published != KULA_NO_DAY) {   /* the text gives no day: it was told then */
			buf_char(&words, '(');
			render_day(&words, r->claim.published);
			buf_char(&words, ')');
		}
		sheet_cell(t, c->date.first != KULA_NO_DAY ? STYLE_NONE : STYLE_DIM, buf_string(&words));
		words.n = 0;
		buf_format(&words, "%s %s %s", b->a.a, arrow(&b->s, r->way), b->a.b);
		sheet_cell(t, r->way == ANSWER_FORTH ? STYLE_ACCENT : r->way == ANSWER_BACK ? STYLE_SECOND : STYLE_NONE, buf_string(&words));
		sheet_cell(t, STYLE_BOLD, kula_act_name(c->act));
		sheet_cell(t, st, kula_status_name(c->status));
		words.n = 0;
		render_what(&words, &b->s, c);
		sheet_cell(t, STYLE_NONE, buf_string(&words));
		words.n = 0;
		render_sources(&words, &r->claim);
		sheet_cell(t, STYLE_DIM, buf_string(&words));
		sheet_cell(t, STYLE_DIM, r->claim.number);
	}
	sheet_print(t, out);
	sheet_free(t);
	buf_free(&words);
}

static void total_amount(buf *words, const between *b, const answer_total *x)
{
	if (!x->items || x->unknown == x->quantities) {
		buf_text(words, "");
		return;
	}
	/* "at least 0" says nothing: a sum of "up to 100" and "some" is at most open. */
	const double min = x->min > 0 || !isnan(x->max) ? x->min : NAN;
	interval_for_people(words, &b->s, min == 0 && x->max > 0 ? NAN : min, x->max, x->approx);
}

static void print_totals(const between *b, buf *out)
{
	static const sheet_column columns[] = {
		{"way", "", false, SHEET_KEEP, 0},
		{"act", "act", false, SHEET_KEEP, 0},
		{"kind", "of", false, SHEET_KEEP, 0},
		{"status", "status", false, SHEET_KEEP, 0},
		{"amount", "in all", true, SHEET_KEEP, 0},
		{"unit", "", false, SHEET_WRAP, 8},
		{"claims", "claims", true, SHEET_KEEP, 0},
	};
	sheet *t = sheet_new(SHEET_PEOPLE, b->s, columns, COUNT_OF(columns));
	if (!t)
		return;
	buf words = {0};
	for (uint32_t i = 0; i < b->a.total_count; i++) {
		const answer_total *x = &b->a.totals[i];
		words.n = 0;
		buf_format(&words, "%s %s %s", b->a.a, arrow(&b->s, x->way), b->a.b);
		sheet_cell(t, x->way == ANSWER_FORTH ? STYLE_ACCENT : x->way == ANSWER_BACK ? STYLE_SECOND : STYLE_NONE, buf_string(&words));
		sheet_cell(t, STYLE_BOLD, kula_act_name(x->act));
		sheet_cell(t, STYLE_NONE, x->items ? kula_kind_name(x->kind) : "");
		sheet_cell(t, style_of_status(x->status), kula_status_name(x->status));
		words.n = 0;
		total_amount(&words, b, x);
		sheet_cell(t, STYLE_NONE, buf_string(&words));
		words.n = 0;
		if (x->items && x->unknown < x->quantities) {
			if (strcmp(x->unit, "count") != 0)
				buf_text(&words, x->unit);
			if (x->per != KULA_PER_NONE)
				buf_format(&words, "%sa %s", words.n ? " " : "", kula_per_name(x->per));
			if (x->unknown)
				buf_format(&words, "%s+ %u without a number", words.n ? " " : "", x->unknown);
		}
		sheet_cell(t, STYLE_DIM, buf_string(&words));
		sheet_whole(t, STYLE_DIM, x->claims);
	}
	sheet_print(t, out);
	sheet_free(t);
	buf_free(&words);
}

static void print_people(const between *b, buf *out)
{
	buf line = {0};
	buf_format(&line, "%s %s %s", b->one.name, arrow(&b->s, ANSWER_BOTH), b->other.name);
	paint(out, &b->s, STYLE_BOLD, buf_string(&line));
	line.n = 0;
	buf_format(&line, "   %u claim%s in %u document%s", b->a.count, b->a.count == 1 ? "" : "s", b->a.documents, b->a.documents == 1 ? "" : "s");
	if (b->a.publishers)
		buf_format(&line, " of %u publisher%s", b->a.publishers, b->a.publishers == 1 ? "" : "s");
	paint_n(out, &b->s, STYLE_DIM, line.at, line.n);
	buf_text(out, "\n\n");
	buf_free(&line);
	if (!b->totals_only) {
		print_rows(b, out);
		buf_text(out, "\n");
	}
	print_totals(b, out);
	paint(out, &b->s, STYLE_DIM, "Claims are added as they were told: what two reports tell counts twice. 'kula show CLAIM' has the words.");
	buf_char(out, '\n');
}

/* ---- for programs ---- */

static void json_total(buf *out, const between *b, const answer_total *x)
{
	buf_format(out, "{\"total\":true,\"a\":\"%s\",\"b\":\"%s\",\"way\":\"%s\",\"act\":\"%s\",\"status\":\"%s\",\"kind\":", b->a.a, b->a.b,
		way_name(x->way), kula_act_name(x->act), kula_status_name(x->status));
	json_text(out, x->items ? kula_kind_name(x->kind) : NULL);
	buf_text(out, ",\"unit\":");
	json_text(out, x->items ? x->unit : NULL);
	buf_text(out, ",\"per\":");
	json_text(out, x->items && x->per != KULA_PER_NONE ? kula_per_name(x->per) : NULL);
	buf_text(out, ",\"min\":");
	json_number(out, x->items ? x->min : NAN);
	buf_text(out, ",\"max\":");
	json_number(out, x->max);
	buf_format(out, ",\"claims\":%u,\"quantities\":%u,\"unknown\":%u}\n", x->claims, x->quantities, x->unknown);
}

static void print_json(const between *b, buf *out)
{
	char extra[96];
	for (uint32_t i = 0; i < b->a.count; i++) {
		snprintf(extra, sizeof extra, "\"a\":\"%s\",\"b\":\"%s\",\"way\":\"%s\"", b->a.a, b->a.b, way_name(b->a.rows[i].way));
		render_json(out, &b->a.rows[i].claim, extra);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < b->a.total_count; i++)
		json_total(out, b, &b->a.totals[i]);
}

static void texts(buf *b, const kula_party *p, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		buf_format(b, i ? "; %s" : "%s", p[i].text);
}

/* One line for each item of each claim, or for the claim where it has none: what a spreadsheet wants. */
static void print_csv(const between *b, buf *out)
{
	static const sheet_column columns[] = {
		{.key = "claim"}, {.key = "way"}, {.key = "act"}, {.key = "status"}, {.key = "date_first"}, {.key = "date_last"}, {.key = "from_codes"}, {.key = "from"},
		{.key = "to_codes"}, {.key = "to"}, {.key = "item"}, {.key = "what"}, {.key = "kind"}, {.key = "min"}, {.key = "max"}, {.key = "unit"}, {.key = "per"},
		{.key = "in"}, {.key = "agreement"}, {.key = "said_by"}, {.key = "publisher"}, {.key = "published"}, {.key = "doc"}, {.key = "evidence"}, {.key = "confidence"},
	};
	sheet *t = sheet_new(SHEET_CSV, b->s, columns, COUNT_OF(columns));
	if (!t)
		return;
	buf words = {0};
	for (uint32_t i = 0; i < b->a.count; i++) {
		const ledger_claim *k = &b->a.rows[i].claim;
		const kula_claim *c = &k->c;
#define CELL(fill) (words.n = 0, fill, sheet_cell(t, STYLE_NONE, words.n ? buf_string(&words) : NULL))
		for (uint32_t j = 0; j < MAX_OF(c->item_count, 1); j++) {
			const kula_item *it = c->item_count ? &c->items[j] : NULL;
			sheet_cell(t, STYLE_NONE, k->number);
			sheet_cell(t, STYLE_NONE, way_name(b->a.rows[i].way));
			sheet_cell(t, STYLE_NONE, kula_act_name(c->act));
			sheet_cell(t, STYLE_NONE, kula_status_name(c->status));
			CELL(render_day(&words, c->date.first));
			CELL(c->date.first != KULA_NO_DAY ? render_day(&words, c->date.last) : (void)0);
			CELL(render_codes(&words, c->from, c->from_count));
			CELL(texts(&words, c->from, c->from_count));
			CELL(render_codes(&words, c->to, c->to_count));
			CELL(texts(&words, c->to, c->to_count));
			sheet_cell(t, STYLE_NONE, it ? it->text : NULL);
			sheet_cell(t, STYLE_NONE, it ? it->what : NULL);
			sheet_cell(t, STYLE_NONE, it ? kula_kind_name(it->kind) : NULL);
			sheet_number(t, STYLE_NONE, it ? it->q.min : NAN);
			sheet_number(t, STYLE_NONE, it ? it->q.max : NAN);
			sheet_cell(t, STYLE_NONE, it ? it->q.unit : NULL);
			sheet_cell(t, STYLE_NONE, it && it->q.per != KULA_PER_NONE ? kula_per_name(it->q.per) : NULL);
			sheet_number(t, STYLE_NONE, it && it->in >= 0 ? (double)it->in : NAN);
			sheet_cell(t, STYLE_NONE, c->agreement);
			CELL(texts(&words, c->said_by, c->said_by_count));
			sheet_cell(t, STYLE_NONE, k->publisher);
			CELL(render_day(&words, k->published));
			sheet_cell(t, STYLE_NONE, k->doc);
			sheet_cell(t, STYLE_NONE, c->evidence);
			sheet_number(t, STYLE_NONE, c->confidence);
		}
#undef CELL
	}
	sheet_print(t, out);
	sheet_free(t);
	buf_free(&words);
}

int cmd_between(int argc, char **argv)
{
	bool json = false, csv = false, quiet = false, totals = false;
	const char *path = NULL, *acts = NULL, *statuses = NULL, *kinds = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	ledger_filter f = ledger_filter_all();
	const cli_option options[] = {
		CLI_LEDGER(&path),
		{0, "since", OPTION_DAY, &f.since, "DAY", "from this day on"},
		{0, "until", OPTION_DAY, &f.until, "DAY", "up to this day"},
		{0, "act", OPTION_TEXT, &acts, "ACT,...", "only these acts: give,lend,sell,..."},
		{0, "status", OPTION_TEXT, &statuses, "STATUS,...", "only these statuses: done,promised,..."},
		{0, "kind", OPTION_TEXT, &kinds, "KIND,...", "only claims with an item of these kinds: arms,money,..."},
		CLI_CONFIDENCE(&f.min_confidence),
		{0, "totals", OPTION_FLAG, &totals, NULL, "the totals without the timeline"},
		CLI_JSON(&json),
		{0, "csv", OPTION_FLAG, &csv, NULL, "CSV, a line for each item of each claim"},
		CLI_KNOWLEDGE(&knowledge),
		CLI_KNOW(&own),
		CLI_WEIGHTS(&weights),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"between", "A B",
		"Shows what passed between two countries or organisations: a timeline both ways, with totals by act, kind and status.\n"
		"A and B are codes or names: 'kula between RUS \"North Korea\"'.",
		"A day in brackets is the day of publication: the text gave none. Exit code 1: there is no such claim."};
	cli_words words;
	int code = 0;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count != 2)
		return cli_error(KULA_EUSAGE, "'kula between' takes two countries or organisations, like RUS PRK");
	if (json && csv)
		return cli_error(KULA_EUSAGE, "--json and --csv can't both be");
	if (!render_mask("act", acts, KULA_ACTS, render_act, &f.acts, &code)
		|| !render_mask("status", statuses, KULA_STATUSES, render_status, &f.statuses, &code)
		|| !render_mask("kind", kinds, KULA_KINDS, render_kind, &f.kinds, &code))
		return code;

	kula_error err = {0};
	between b = {.s = screen_of(stdout), .totals_only = totals};
	know *k = know_open(knowledge, &err);
	if (k && own && know_layer(k, own, &err) != KULA_OK) {
		know_close(k);
		return cli_fail(&err);
	}
	err = (kula_error){0};
	if (!render_code_of(k, words.at[0], &b.one, &code) || !render_code_of(k, words.at[1], &b.other, &code)) {
		know_close(k);
		return code;
	}
	know_close(k);
	ledger *l = ledger_open(cli_ledger_path(path), LEDGER_READ, &err);
	arena *a = arena_new((size_t)4 << 30);
	if (!l || !a) {
		code = l ? cli_error(KULA_EMEMORY, "no memory") : cli_fail(&err);
		arena_free(a);
		ledger_close(l);
		return code;
	}
	buf out = {0};
	if (answer_between_of(l, a, b.one.code, b.other.code, &f, &b.a, &err) != KULA_OK) {
		code = cli_fail(&err);
	} else {
		if (json)
			print_json(&b, &out);
		else if (csv)
			print_csv(&b, &out);
		else if (b.a.count)
			print_people(&b, &out);
		code = b.a.count ? CLI_OK : CLI_NO;
		if (out.refused)
			code = cli_error(KULA_EMEMORY, "no memory for the answer");
		else
			render_out(&out);
		if (b.a.count == 0)
			cli_note(quiet, "no claim between %s (%s) and %s (%s) in '%s'%s", b.one.name, b.one.code, b.other.name, b.other.code,
				ledger_path(l), f.acts || f.statuses || f.kinds || f.since != KULA_NO_DAY || f.until != KULA_NO_DAY ? " that meets the conditions" : "");
	}
	buf_free(&out);
	arena_free(a);
	ledger_close(l);
	return code;
}
