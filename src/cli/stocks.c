/* kula stocks: what somebody has, as it was told from time to time. */
#include "cli/ask.h"
#include <math.h>

static const answer_thing *thing_at(const ask *q, const answer_stock *k, uint32_t i, const answer_exchange **x)
{
	*x = &q->set.at[k->exchanges[i]];
	return &(*x)->things[k->things[i]];
}

static void say_change(buf *b, const ask *q, answer_interval c)
{
	if (isnan(c.min) || isnan(c.max))
		return;
	if (c.min == 0 && c.max == 0) {
		buf_char(b, '=');
		return;
	}
	if (c.min >= 0)
		buf_char(b, '+');
	interval_for_people(b, &q->s, c.min, c.max, c.approx);
}

static void print_people(ask *q, const answer_stocks *g)
{
	static const sheet_column columns[] = {
		{"holder", "holder", false, SHEET_WRAP, 8},
		{"what", "has", false, SHEET_WRAP, 14},
		{"amount", "", true, SHEET_KEEP, 0},
		{"day", "as of", false, SHEET_KEEP, 0},
		{"place", "at", false, SHEET_WRAP, 8},
		{"change", "change", true, SHEET_KEEP, 0},
		{"before", "before", false, SHEET_WRAP, 10},
		{"differs", "differ in", false, SHEET_WRAP, 9},
		{"claims", "claims", false, SHEET_WRAP, 9},
	};
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_stock *k = &g->rows[i];
		const answer_exchange *x;
		const answer_thing *last = thing_at(q, k, k->count - 1, &x);
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(t, style_, buf_string(&words)))
		CELL(STYLE_ACCENT, buf_text(&words, k->code ? k->code : k->holder));
		sheet_cell(t, x->status == KULA_DENIED ? STYLE_BAD : STYLE_NONE, last->text);
		CELL(STYLE_BOLD, say_amount(&words, q, last->q, last->unit, last->per));
		CELL(x->days.first != KULA_NO_DAY ? STYLE_NONE : STYLE_DIM, say_when(&words, x));
		sheet_cell(t, STYLE_DIM, k->place);
		CELL(STYLE_NONE, say_change(&words, q, k->change));
		words.n = 0;
		for (uint32_t n = k->count - 1; n-- > 0 && k->count - 1 - n <= 3;) {
			const answer_exchange *y;
			const answer_thing *then = thing_at(q, k, n, &y);
			if (words.n)
				buf_text(&words, "; ");
			say_when(&words, y);
			buf_text(&words, ": ");
			say_amount(&words, q, then->q, then->unit, then->per);
		}
		sheet_cell(t, STYLE_DIM, buf_string(&words));
		CELL(STYLE_BAD, say_differs(&words, x));
		CELL(STYLE_DIM, say_claims(&words, q, x, 4));
#undef CELL
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

static void print_json(ask *q, const answer_stocks *g)
{
	buf *out = &q->out;
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_stock *k = &g->rows[i];
		buf_text(out, "{\"holder\":");
		json_text(out, k->holder);
		json_member(out, "code", k->code);
		json_member(out, "what", k->what);
		json_member(out, "kind", kula_kind_name(k->kind));
		json_member(out, "unit", k->unit);
		json_member(out, "per", k->per != KULA_PER_NONE ? kula_per_name(k->per) : NULL);
		json_member(out, "place", k->place);
		json_interval(out, "change", k->change);
		buf_text(out, ",\"told\":[");
		for (uint32_t n = 0; n < k->count; n++) {
			const answer_exchange *x;
			const answer_thing *then = thing_at(q, k, n, &x);
			buf extra = {0};
			buf_format(&extra, "\"thing\":%u", k->things[n]);
			json_interval(&extra, "figure", then->q);
			json_member(&extra, "figure_unit", then->unit);
			if (n)
				buf_char(out, ',');
			json_exchange(out, q, x, buf_string(&extra));
			buf_free(&extra);
		}
		buf_text(out, "]}\n");
	}
}

/* A line for each time that a stock was told. */
static void print_csv(ask *q, const answer_stocks *g)
{
	static const sheet_column columns[] = {
		{.key = "holder"}, {.key = "code"}, {.key = "what"}, {.key = "kind"}, {.key = "place"}, {.key = "date_first"}, {.key = "date_last"},
		{.key = "told_first"}, {.key = "min"}, {.key = "max"}, {.key = "unit"}, {.key = "per"}, {.key = "status"}, {.key = "last"}, {.key = "independent"},
		{.key = "differs"}, {.key = "exchange"}, {.key = "claims"},
	};
	sheet *t = sheet_new(SHEET_CSV, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_stock *k = &g->rows[i];
		for (uint32_t n = 0; n < k->count; n++) {
			const answer_exchange *x;
			const answer_thing *then = thing_at(q, k, n, &x);
			sheet_cell(t, STYLE_NONE, k->holder);
			sheet_cell(t, STYLE_NONE, k->code);
			sheet_cell(t, STYLE_NONE, then->what);
			sheet_cell(t, STYLE_NONE, kula_kind_name(k->kind));
			sheet_cell(t, STYLE_NONE, k->place);
			cell_day(t, x->days.first);
			cell_day(t, x->days.last);
			cell_day(t, x->told_first);
			sheet_number(t, STYLE_NONE, then->q.min);
			sheet_number(t, STYLE_NONE, then->q.max);
			sheet_cell(t, STYLE_NONE, then->unit);
			sheet_cell(t, STYLE_NONE, k->per != KULA_PER_NONE ? kula_per_name(k->per) : NULL);
			sheet_cell(t, STYLE_NONE, kula_status_name(x->status));
			sheet_whole(t, STYLE_NONE, n + 1 == k->count);
			sheet_whole(t, STYLE_NONE, x->independent);
			say_differs(&words, x);
			cell_text(t, &words);
			sheet_cell(t, STYLE_NONE, x->number);
			say_claims(&words, q, x, 0);
			cell_text(t, &words);
		}
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

int cmd_stocks(int argc, char **argv)
{
	ask q = ask_new();
	const cli_option options[] = {
		ASK_DAYS(q),
		ASK_STATUS(q),
		ASK_KIND(q),
		ASK_FORMS(q),
	};
	static const cli_usage usage = {"stocks", "[HOLDER]",
		"What somebody has: the figure told last, since when, how it changed, and what was told before. Stocks at different places are\n"
		"different stocks, and no stock is added to what passed.", "Exit code 1: no stock."};
	int code;
	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 0, 1, &code))
		return code;
	q.f.acts = 1u << KULA_HOLD;
	if (!q.f.statuses)
		q.f.statuses = 1u << KULA_DONE | 1u << KULA_ONGOING;
	answer_stocks g;
	if (answer_exchanges(q.l, q.u, q.a, &q.f, 0, &q.set, &q.err) != KULA_OK || answer_stocks_of(&q.set, q.a, &g, &q.err) != KULA_OK)
		return ask_fail(&q);
	if (q.json)
		print_json(&q, &g);
	else if (q.csv)
		print_csv(&q, &g);
	else if (g.count)
		print_people(&q, &g);
	char nothing[300];
	snprintf(nothing, sizeof nothing, "no stock%s%s in '%s'", q.parties ? " of " : "", q.parties ? q.party[0].name : "", ledger_path(q.l));
	return ask_end(&q, g.count > 0, nothing);
}
