/* kula pledges, kula loans: what was undertaken and what came of it; what was lent and what came back. */
#include "cli/ask.h"
#include <math.h>
#include <stdlib.h>

typedef struct pledging {
	ask      q;
	bool     loans, open_only, overdue_only;
	answer_pledges p;
} pledging;

static const char *state_of(const pledging *w, const answer_pledge *p)
{
	static const char *const of_loans[ANSWER_STATES] = {"out", "partly back", "unclear", "returned"};
	return w->loans ? of_loans[p->state] : answer_state_name(p->state);
}

static style style_of_state(const answer_pledge *p)
{
	static const style of[ANSWER_STATES] = {STYLE_NONE, STYLE_WARN, STYLE_WARN, STYLE_GOOD};
	return p->overdue ? STYLE_BAD : of[p->state];
}

static bool shown(const pledging *w, const answer_pledge *p)
{
	return (!w->open_only || p->state != ANSWER_KEPT) && (!w->overdue_only || p->overdue);
}

static void say_evidence(buf *b, const pledging *w, const answer_pledge *p)
{
	say_claims(b, &w->q, &w->q.set.at[p->exchange], 2);
	for (uint32_t i = 0; i < MIN_OF(p->delivery_count, 4); i++)
		buf_format(b, i ? " %s" : "; %s", w->q.set.at[p->deliveries[i]].number + 1);
	if (p->delivery_count > 4)
		buf_format(b, " +%u", p->delivery_count - 4);
}

static void print_people(pledging *w, uint32_t count)
{
	const sheet_column columns[] = {
		{"day", "when", false, SHEET_KEEP, 0},
		{"sides", "who", false, SHEET_WRAP, 9},
		{"act", "act", false, SHEET_KEEP, 0},
		{"what", w->loans ? "what was lent" : "what was pledged", false, SHEET_WRAP, 16},
		{"status", w->loans ? "status" : "as", false, SHEET_KEEP, 0},
		{"came", w->loans ? "came back" : "delivered", false, SHEET_WRAP, 9},
		{"outstanding", "outstanding", false, SHEET_WRAP, 11},
		{"due", "due", false, SHEET_WRAP, 10},
		{"state", "state", false, SHEET_KEEP, 0},
		{"claims", "claims", false, SHEET_WRAP, 9},
	};
	ask *q = &w->q;
	buf words = {0};
	uint32_t overdue = 0;
	for (uint32_t i = 0; i < w->p.count; i++)
		overdue += shown(w, &w->p.rows[i]) && w->p.rows[i].overdue;
	buf_format(&words, "%u %s%s", count, w->loans ? "loan" : "pledge", count == 1 ? "" : "s");
	if (overdue)
		buf_format(&words, ", %u overdue", overdue);
	if (q->on != KULA_NO_DAY) {
		buf_text(&words, " on ");
		render_day(&words, q->on);
	}
	paint(&q->out, &q->s, STYLE_BOLD, buf_string(&words));
	buf_text(&q->out, "\n\n");
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < w->p.count; i++) {
		const answer_pledge *p = &w->p.rows[i];
		const answer_exchange *x = &q->set.at[p->exchange];
		if (!shown(w, p))
			continue;
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(t, style_, buf_string(&words)))
		CELL(x->days.first != KULA_NO_DAY ? STYLE_NONE : STYLE_DIM, say_when(&words, x));
		CELL(STYLE_ACCENT, say_sides(&words, q, x));
		sheet_cell(t, STYLE_BOLD, kula_act_name(x->act));
		CELL(STYLE_NONE, say_things(&words, q, x));
		sheet_cell(t, style_of_status(x->status), kula_status_name(x->status));
		CELL(STYLE_GOOD, say_came(&words, q, p));
		CELL(STYLE_NONE, say_left(&words, q, p));
		CELL(p->overdue ? STYLE_BAD : STYLE_NONE, say_due(&words, p));
		sheet_cell(t, style_of_state(p), state_of(w, p));
		CELL(STYLE_DIM, say_evidence(&words, w, p));
#undef CELL
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

static void json_places(buf *b, const pledging *w, const char *name, const uint32_t *list, uint32_t count)
{
	buf_format(b, ",\"%s\":[", name);
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			buf_char(b, ',');
		json_text(b, w->q.set.at[list[i]].number);
	}
	buf_char(b, ']');
}

static void print_json(pledging *w)
{
	ask *q = &w->q;
	buf extra = {0};
	for (uint32_t i = 0; i < w->p.count; i++) {
		const answer_pledge *p = &w->p.rows[i];
		const answer_exchange *x = &q->set.at[p->exchange];
		if (!shown(w, p))
			continue;
		extra.n = 0;
		buf_text(&extra, "\"state\":");
		json_text(&extra, state_of(w, p));
		buf_format(&extra, ",\"overdue\":%s", p->overdue ? "true" : "false");
		json_day(&extra, "on", q->on);
		if (p->days_over != INT32_MIN)
			buf_format(&extra, ",\"days_over\":%d", p->days_over);
		json_days(&extra, "due_by", p->due);
		buf_text(&extra, ",\"lines\":[");
		for (uint32_t k = 0; k < p->line_count; k++) {
			const answer_line *n = &p->lines[k];
			const answer_thing *t = &x->things[n->thing];
			buf_format(&extra, k ? ",{\"thing\":%u" : "{\"thing\":%u", n->thing);
			json_member(&extra, "what", t->what);
			json_member(&extra, "unit", t->unit);
			json_interval(&extra, w->loans ? "lent" : "pledged", t->q);
			json_interval(&extra, w->loans ? "returned" : "delivered", n->delivered.q);
			json_interval(&extra, "outstanding", n->outstanding.q);
			json_interval(&extra, "over", n->over);
			buf_format(&extra, ",\"unknown\":%u%s}", n->delivered.unknown, n->rate ? ",\"rate\":true" : "");
		}
		buf_char(&extra, ']');
		json_places(&extra, w, w->loans ? "returns" : "deliveries", p->deliveries, p->delivery_count);
		json_places(&extra, w, "planned", p->planned, p->planned_count);
		json_exchange(&q->out, q, x, buf_string(&extra));
		buf_char(&q->out, '\n');
	}
	buf_free(&extra);
}

static void print_csv(pledging *w)
{
	static const sheet_column columns[] = {
		{.key = "exchange"}, {.key = "act"}, {.key = "status"}, {.key = "from"}, {.key = "to"}, {.key = "date_first"}, {.key = "date_last"}, {.key = "told_first"},
		{.key = "what"}, {.key = "kind"}, {.key = "unit"}, {.key = "per"}, {.key = "pledged_min"}, {.key = "pledged_max"}, {.key = "delivered_min"},
		{.key = "delivered_max"}, {.key = "outstanding_min"}, {.key = "outstanding_max"}, {.key = "over_min"}, {.key = "over_max"}, {.key = "due_first"},
		{.key = "due_last"}, {.key = "state"}, {.key = "overdue"}, {.key = "days_over"}, {.key = "condition"}, {.key = "deliveries"}, {.key = "planned"},
		{.key = "claims"},
	};
	static const sheet_column of_loans[] = {
		{.key = "exchange"}, {.key = "act"}, {.key = "status"}, {.key = "from"}, {.key = "to"}, {.key = "date_first"}, {.key = "date_last"}, {.key = "told_first"},
		{.key = "what"}, {.key = "kind"}, {.key = "unit"}, {.key = "per"}, {.key = "lent_min"}, {.key = "lent_max"}, {.key = "returned_min"},
		{.key = "returned_max"}, {.key = "outstanding_min"}, {.key = "outstanding_max"}, {.key = "over_min"}, {.key = "over_max"}, {.key = "due_first"},
		{.key = "due_last"}, {.key = "state"}, {.key = "overdue"}, {.key = "days_over"}, {.key = "condition"}, {.key = "returns"}, {.key = "planned"},
		{.key = "claims"},
	};
	_Static_assert(sizeof columns == sizeof of_loans, "one line for both");
	ask *q = &w->q;
	sheet *t = sheet_new(SHEET_CSV, q->s, w->loans ? of_loans : columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < w->p.count; i++) {
		const answer_pledge *p = &w->p.rows[i];
		const answer_exchange *x = &q->set.at[p->exchange];
		for (uint32_t k = 0; shown(w, p) && k < MAX_OF(p->line_count, 1); k++) {
			const answer_line *n = p->line_count ? &p->lines[k] : NULL;
			const answer_thing *g = n ? &x->things[n->thing] : NULL;
			sheet_cell(t, STYLE_NONE, x->number);
			sheet_cell(t, STYLE_NONE, kula_act_name(x->act));
			sheet_cell(t, STYLE_NONE, kula_status_name(x->status));
			render_codes(&words, x->from, x->from_count);
			cell_text(t, &words);
			render_codes(&words, x->to, x->to_count);
			cell_text(t, &words);
			cell_day(t, x->days.first);
			cell_day(t, x->days.last);
			cell_day(t, x->told_first);
			sheet_cell(t, STYLE_NONE, g ? g->what : NULL);
			sheet_cell(t, STYLE_NONE, g ? kula_kind_name(g->kind) : NULL);
			sheet_cell(t, STYLE_NONE, g ? g->unit : NULL);
			sheet_cell(t, STYLE_NONE, g && g->per != KULA_PER_NONE ? kula_per_name(g->per) : NULL);
			const answer_interval nothing = {NAN, NAN, false};
			const answer_interval of[] = {g ? g->q : nothing, n ? n->delivered.q : nothing, n ? n->outstanding.q : nothing, n ? n->over : nothing};
			for (size_t m = 0; m < COUNT_OF(of); m++) {
				sheet_number(t, STYLE_NONE, of[m].min);
				sheet_number(t, STYLE_NONE, of[m].max);
			}
			cell_day(t, p->due.first);
			cell_day(t, p->due.last);
			sheet_cell(t, STYLE_NONE, state_of(w, p));
			sheet_whole(t, STYLE_NONE, p->overdue);
			if (p->days_over != INT32_MIN)
				sheet_whole(t, STYLE_NONE, p->days_over);
			else
				sheet_cell(t, STYLE_NONE, NULL);
			sheet_cell(t, STYLE_NONE, x->condition);
			for (uint32_t m = 0; m < p->delivery_count; m++)
				buf_format(&words, m ? " %s" : "%s", q->set.at[p->deliveries[m]].number + 1);
			cell_text(t, &words);
			for (uint32_t m = 0; m < p->planned_count; m++)
				buf_format(&words, m ? " %s" : "%s", q->set.at[p->planned[m]].number + 1);
			cell_text(t, &words);
			say_claims(&words, q, x, 0);
			cell_text(t, &words);
		}
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

static int answer(pledging *w, const char *nothing)
{
	ask *q = &w->q;
	if (!ask_on(q) || answer_exchanges(q->l, q->u, q->a, &q->f, 1u << ANSWER_PART | 1u << (w->loans ? ANSWER_RETURNS : ANSWER_FULFILS), &q->set, &q->err)
		!= KULA_OK || answer_pledges_of(&q->set, q->a, w->loans, q->on, &w->p, &q->err) != KULA_OK)
		return ask_fail(q);
	uint32_t count = 0;
	for (uint32_t i = 0; i < w->p.count; i++)
		count += shown(w, &w->p.rows[i]);
	if (q->json)
		print_json(w);
	else if (q->csv)
		print_csv(w);
	else if (count)
		print_people(w, count);
	char text[300];
	snprintf(text, sizeof text, "%s in '%s'%s", nothing, ledger_path(q->l), w->p.count || q->parties || q->from || q->to || q->f.kinds ?
		" that meets the conditions" : "");
	return ask_end(q, count > 0, text);
}

int cmd_pledges(int argc, char **argv)
{
	pledging w = {.q = ask_new()};
	const cli_option options[] = {
		ASK_SIDES(w.q),
		ASK_ON(w.q),
		{0, "open", OPTION_FLAG, &w.open_only, NULL, "not what was kept"},
		{0, "overdue", OPTION_FLAG, &w.overdue_only, NULL, "only what is overdue"},
		ASK_DAYS(w.q),
		ASK_ACT(w.q),
		{0, "status", OPTION_TEXT, &w.q.statuses, "STATUS,...", "other undertakings: requested,threatened,refused (default: promised,offered)"},
		ASK_KIND(w.q),
		ASK_LIMIT(w.q),
		ASK_FORMS(w.q),
	};
	static const cli_usage usage = {"pledges", "[A [B]]",
		"What was promised or offered, what was delivered under it, and what is outstanding, each an interval. With A, what A has a part\n"
		"in; with A and B, what stands between them; --from and --to say who pledged and to whom.",
		"state: open (nothing came of it yet), partly, unclear (the accounts leave open whether all of it), kept.\n"
		"overdue: its last due day lies before --on, and it is open or partly kept. Today's date is never asked. Exit code 1: no pledge."};
	int code;
	if (!ask_begin(&w.q, &usage, options, COUNT_OF(options), argc, argv, 0, 2, &code))
		return code;
	w.q.f.undertakings = true;
	if (!w.q.f.statuses)
		w.q.f.statuses = 1u << KULA_PROMISED | 1u << KULA_OFFERED;
	return answer(&w, "no pledge");
}

int cmd_loans(int argc, char **argv)
{
	pledging w = {.q = ask_new(), .loans = true};
	const cli_option options[] = {
		ASK_SIDES(w.q),
		ASK_ON(w.q),
		{0, "open", OPTION_FLAG, &w.open_only, NULL, "not what came back"},
		{0, "overdue", OPTION_FLAG, &w.overdue_only, NULL, "only what is overdue"},
		ASK_DAYS(w.q),
		ASK_KIND(w.q),
		ASK_LIMIT(w.q),
		ASK_FORMS(w.q),
	};
	static const cli_usage usage = {"loans", "[A [B]]",
		"What was lent or leased, what came back, and what is outstanding. With A, what A lent or borrowed; with A and B, what stands\n"
		"between them; --from and --to say who lent and to whom.",
		"state: out (nothing came back yet), partly back, unclear, returned. due: as a text says, else when its return is planned.\n"
		"overdue: its last due day lies before --on, and it is not back. Exit code 1: no loan."};
	int code;
	if (!ask_begin(&w.q, &usage, options, COUNT_OF(options), argc, argv, 0, 2, &code))
		return code;
	w.q.f.acts = 1u << KULA_LEND;
	w.q.f.statuses = 1u << KULA_DONE | 1u << KULA_ONGOING;
	return answer(&w, "no loan");
}
