/* kula between A B: the timeline of what passed between two parties, an exchange a row. */
#include "cli/ask.h"
#include <math.h>

static void print_people(ask *q)
{
	static const sheet_column columns[] = {
		{"day", "when", false, SHEET_KEEP, 0},
		{"way", "who", false, SHEET_WRAP, 9},
		{"act", "act", false, SHEET_KEEP, 0},
		{"status", "status", false, SHEET_WRAP, 9},
		{"what", "what", false, SHEET_WRAP, 18},
		{"independent", "accounts", true, SHEET_KEEP, 0},
		{"differs", "differ in", false, SHEET_WRAP, 9},
		{"claims", "claims", false, SHEET_WRAP, 9},
	};
	buf words = {0};
	uint32_t claims = 0, differing = 0;
	for (uint32_t e = 0; e < q->set.asked; e++) {
		claims += q->set.at[e].account_count;
		differing += q->set.at[e].difference_count > 0;
	}
	buf_format(&words, "%s %s %s", q->party[0].name, ask_arrow(q, KULA_MEET), q->party[1].name);
	paint(&q->out, &q->s, STYLE_BOLD, buf_string(&words));
	words.n = 0;
	buf_format(&words, "   %u exchange%s, told in %u claim%s", q->set.asked, q->set.asked == 1 ? "" : "s", claims, claims == 1 ? "" : "s");
	if (differing)
		buf_format(&words, "; accounts differ on %u", differing);
	paint_n(&q->out, &q->s, STYLE_DIM, words.at, words.n);
	buf_text(&q->out, "\n\n");
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t e = 0; e < q->set.asked; e++) {
		const answer_exchange *x = &q->set.at[e];
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(t, style_, buf_string(&words)))
		CELL(x->days.first != KULA_NO_DAY ? STYLE_NONE : STYLE_DIM, say_when(&words, x));
		CELL(x->way == ANSWER_FORTH ? STYLE_ACCENT : x->way == ANSWER_BACK ? STYLE_SECOND : STYLE_NONE, say_sides(&words, q, x));
		sheet_cell(t, STYLE_BOLD, kula_act_name(x->act));
		CELL(style_of_status(x->status), say_status(&words, q, x));
		CELL(STYLE_NONE, say_what(&words, q, x));
		sheet_whole(t, STYLE_DIM, x->independent);
		CELL(STYLE_BAD, say_differs(&words, x));
		CELL(STYLE_DIM, say_claims(&words, q, x, 4));
#undef CELL
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
	paint(&q->out, &q->s, STYLE_DIM, "[..]: what all accounts allow together. 'kula show CLAIM' has the words, 'kula balance' the sums.");
	buf_char(&q->out, '\n');
}

/* A line for each thing of each exchange, or for the exchange where it has none: what a spreadsheet wants. */
static void print_csv(ask *q)
{
	static const char *const ways[ANSWER_WAYS] = {"forth", "back", "both"};
	static const sheet_column columns[] = {
		{.key = "exchange"}, {.key = "way"}, {.key = "act"}, {.key = "status"}, {.key = "history"}, {.key = "date_first"}, {.key = "date_last"},
		{.key = "from"}, {.key = "to"}, {.key = "what"}, {.key = "text"}, {.key = "kind"}, {.key = "min"}, {.key = "max"}, {.key = "unit"}, {.key = "per"},
		{.key = "in"}, {.key = "value_min"}, {.key = "value_max"}, {.key = "value_unit"}, {.key = "agreement"}, {.key = "condition"},
		{.key = "due_first"}, {.key = "due_last"}, {.key = "told_first"}, {.key = "told_last"}, {.key = "independent"}, {.key = "documents"},
		{.key = "differs"}, {.key = "claims"},
	};
	sheet *t = sheet_new(SHEET_CSV, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t e = 0; e < q->set.asked; e++) {
		const answer_exchange *x = &q->set.at[e];
		for (uint32_t i = 0; i < MAX_OF(x->thing_count, 1); i++) {
			const answer_thing *g = x->thing_count ? &x->things[i] : NULL;
			sheet_cell(t, STYLE_NONE, x->number);
			sheet_cell(t, STYLE_NONE, ways[x->way]);
			sheet_cell(t, STYLE_NONE, kula_act_name(x->act));
			sheet_cell(t, STYLE_NONE, kula_status_name(x->status));
			for (uint32_t k = 0; k < x->step_count; k++) {
				buf_format(&words, k ? " %s" : "%s", kula_status_name(x->steps[k].status));
				if (x->steps[k].day != KULA_NO_DAY) {
					buf_char(&words, ':');
					render_day(&words, x->steps[k].day);
				}
			}
			cell_text(t, &words);
			cell_day(t, x->days.first);
			cell_day(t, x->days.first != KULA_NO_DAY ? x->days.last : KULA_NO_DAY);
			render_codes(&words, x->from, x->from_count);
			cell_text(t, &words);
			render_codes(&words, x->to, x->to_count);
			cell_text(t, &words);
			sheet_cell(t, STYLE_NONE, g ? g->what : NULL);
			sheet_cell(t, STYLE_NONE, g ? g->text : NULL);
			sheet_cell(t, STYLE_NONE, g ? kula_kind_name(g->kind) : NULL);
			sheet_number(t, STYLE_NONE, g ? g->q.min : NAN);
			sheet_number(t, STYLE_NONE, g ? g->q.max : NAN);
			sheet_cell(t, STYLE_NONE, g ? g->unit : NULL);
			sheet_cell(t, STYLE_NONE, g && g->per != KULA_PER_NONE ? kula_per_name(g->per) : NULL);
			sheet_number(t, STYLE_NONE, g && g->in >= 0 ? (double)g->in : NAN);
			sheet_number(t, STYLE_NONE, x->value_unit ? x->value.min : NAN);
			sheet_number(t, STYLE_NONE, x->value_unit ? x->value.max : NAN);
			sheet_cell(t, STYLE_NONE, x->value_unit);
			sheet_cell(t, STYLE_NONE, x->agreement);
			sheet_cell(t, STYLE_NONE, x->condition);
			cell_day(t, x->due.first);
			cell_day(t, x->due.first != KULA_NO_DAY ? x->due.last : KULA_NO_DAY);
			cell_day(t, x->told_first);
			cell_day(t, x->told_last);
			sheet_whole(t, STYLE_NONE, x->independent);
			sheet_whole(t, STYLE_NONE, x->documents);
			say_differs(&words, x);
			cell_text(t, &words);
			say_claims(&words, q, x, 0);
			cell_text(t, &words);
		}
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

int cmd_between(int argc, char **argv)
{
	ask q = ask_new();
	const cli_option options[] = {
		ASK_DAYS(q),
		ASK_ACT(q),
		ASK_STATUS(q),
		ASK_KIND(q),
		{0, "differing", OPTION_FLAG, &q.f.differing, NULL, "only exchanges on which accounts differ"},
		{0, "newest", OPTION_FLAG, &q.f.newest_first, NULL, "what was told last first"},
		ASK_LIMIT(q),
		ASK_FORMS(q),
	};
	static const cli_usage usage = {"between", "A B",
		"The timeline of what passed between two countries or organisations, both ways: an exchange a row, whoever tells of it, with\n"
		"what all its accounts allow, how many of them are independent, and on what they differ. A and B are codes or names:\n"
		"'kula between RUS \"North Korea\"'.",
		"A day in brackets is when it was told first: no text gives its own. Exit code 1: there is no such exchange."};
	int code;
	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 2, 2, &code))
		return code;
	q.f.without_links = !q.json;
	if (answer_exchanges(q.l, q.u, q.a, &q.f, 0, &q.set, &q.err) != KULA_OK)
		return ask_fail(&q);
	if (q.json) {
		for (uint32_t e = 0; e < q.set.asked; e++) {
			json_exchange(&q.out, &q, &q.set.at[e], NULL);
			buf_char(&q.out, '\n');
		}
	} else if (q.csv) {
		print_csv(&q);
	} else if (q.set.asked) {
		print_people(&q);
	}
	char nothing[400];
	snprintf(nothing, sizeof nothing, "no exchange between %s (%s) and %s (%s) in '%s'%s", q.party[0].name, q.party[0].code, q.party[1].name,
		q.party[1].code, ledger_path(q.l), q.f.acts || q.f.statuses || q.f.kinds || q.f.since != KULA_NO_DAY || q.f.until != KULA_NO_DAY || q.f.differing
		? " that meets the conditions" : "");
	return ask_end(&q, q.set.asked > 0, nothing);
}
