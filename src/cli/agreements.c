/* kula agreements A B: pacts, who signed and ratified them and when, what they oblige to, what was done under them, who broke them. */
#include "cli/ask.h"

/* What came of an obligation. */
static const char *state_of(ask *q, const answer_clause *c)
{
	answer_pledge p;
	const answer_exchange *x = &q->set.at[c->exchange];
	if (c->role != ANSWER_OBLIGATION || x->fact || answer_pledge_of(&q->set, q->a, c->exchange, q->on, &p, &q->err) != KULA_OK)
		return NULL;
	return p.overdue ? "overdue" : answer_state_name(p.state);
}

static void print_people(ask *q, const answer_agreements *g)
{
	static const sheet_column columns[] = {
		{"role", "", false, SHEET_KEEP, 0},
		{"day", "when", false, SHEET_KEEP, 0},
		{"sides", "who", false, SHEET_WRAP, 9},
		{"act", "act", false, SHEET_KEEP, 0},
		{"status", "status", false, SHEET_WRAP, 9},
		{"what", "what", false, SHEET_WRAP, 18},
		{"state", "state", false, SHEET_KEEP, 0},
		{"claims", "claims", false, SHEET_WRAP, 9},
	};
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_agreement *r = &g->rows[i];
		words.n = 0;
		if (i)
			sheet_heading(t, STYLE_NONE, " ");
		say_agreement(&words, q, r);
		if (!r->is_signed)
			buf_text(&words, " (no signing told)");
		sheet_heading(t, STYLE_BOLD, buf_string(&words));
		for (uint32_t k = 0; k < r->clause_count; k++) {
			const answer_clause *c = &r->clauses[k];
			const answer_exchange *x = &q->set.at[c->exchange];
			const char *state = state_of(q, c);
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(t, style_, buf_string(&words)))
			CELL(c->role == ANSWER_BREACHED || c->role == ANSWER_ENDED ? STYLE_BAD : STYLE_DIM, buf_format(&words, "%s%s", answer_role_name(c->role),
				c->by_name ? "~" : ""));
			CELL(x->days.first != KULA_NO_DAY ? STYLE_NONE : STYLE_DIM, say_when(&words, x));
			CELL(STYLE_ACCENT, say_sides(&words, q, x));
			sheet_cell(t, STYLE_BOLD, kula_act_name(x->act));
			CELL(style_of_status(x->status), say_status(&words, q, x));
			CELL(STYLE_NONE, say_what(&words, q, x));
			sheet_cell(t, state && strcmp(state, "overdue") == 0 ? STYLE_BAD : STYLE_NONE, state ? state : "");
			CELL(STYLE_DIM, say_claims(&words, q, x, 4));
#undef CELL
		}
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
	paint(&q->out, &q->s, STYLE_DIM, "~: no text says so outright; it names a pact of that name.");
	buf_char(&q->out, '\n');
}

static void print_json(ask *q, const answer_agreements *g)
{
	buf *out = &q->out, extra = {0};
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_agreement *r = &g->rows[i];
		buf_text(out, "{\"agreement\":");
		json_text(out, r->name);
		json_member(out, "exchange", q->set.at[r->exchange].number);
		buf_format(out, ",\"signed\":%s,\"clauses\":[", r->is_signed ? "true" : "false");
		for (uint32_t k = 0; k < r->clause_count; k++) {
			const answer_clause *c = &r->clauses[k];
			const char *state = state_of(q, c);
			extra.n = 0;
			buf_format(&extra, "\"role\":\"%s\",\"by_name\":%s", answer_role_name(c->role), c->by_name ? "true" : "false");
			if (state)
				json_member(&extra, "state", state);
			if (k)
				buf_char(out, ',');
			json_exchange(out, q, &q->set.at[c->exchange], buf_string(&extra));
		}
		buf_text(out, "]}\n");
	}
	buf_free(&extra);
}

static void print_csv(ask *q, const answer_agreements *g)
{
	static const sheet_column columns[] = {
		{.key = "agreement"}, {.key = "signed"}, {.key = "role"}, {.key = "by_name"}, {.key = "exchange"}, {.key = "act"}, {.key = "status"}, {.key = "from"},
		{.key = "to"}, {.key = "date_first"}, {.key = "date_last"}, {.key = "told_first"}, {.key = "what"}, {.key = "condition"}, {.key = "due_first"},
		{.key = "due_last"}, {.key = "state"}, {.key = "claims"},
	};
	sheet *t = sheet_new(SHEET_CSV, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < g->count; i++)
		for (uint32_t k = 0; k < g->rows[i].clause_count; k++) {
			const answer_agreement *r = &g->rows[i];
			const answer_clause *c = &r->clauses[k];
			const answer_exchange *x = &q->set.at[c->exchange];
			say_agreement(&words, q, r);
			cell_text(t, &words);
			sheet_whole(t, STYLE_NONE, r->is_signed);
			sheet_cell(t, STYLE_NONE, answer_role_name(c->role));
			sheet_whole(t, STYLE_NONE, c->by_name);
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
			say_things(&words, q, x);
			cell_text(t, &words);
			sheet_cell(t, STYLE_NONE, x->condition);
			cell_day(t, x->due.first);
			cell_day(t, x->due.last);
			sheet_cell(t, STYLE_NONE, state_of(q, c));
			say_claims(&words, q, x, 0);
			cell_text(t, &words);
		}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

int cmd_agreements(int argc, char **argv)
{
	ask q = ask_new();
	const cli_option options[] = {
		ASK_ON(q),
		ASK_DAYS(q),
		ASK_FORMS(q),
	};
	static const cli_usage usage = {"agreements", "A [B]",
		"Pacts between A and B, or all that A has a part in: who signed, who ratified and when, what they oblige to with conditions and\n"
		"what came of it, what was done under them, breaches, and their end.",
		"What belongs to a pact is what a text says was done under it, and what names a pact of that name and its parties (marked ~).\n"
		"Exit code 1: no pact."};
	int code;
	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 1, 2, &code))
		return code;
	answer_agreements g;
	if (!ask_on(&q) || answer_exchanges(q.l, q.u, q.a, &q.f, 1u << ANSWER_UNDER | 1u << ANSWER_FULFILS | 1u << ANSWER_PART, &q.set, &q.err) != KULA_OK
		|| answer_agreements_of(&q.set, q.a, &g, &q.err) != KULA_OK)
		return ask_fail(&q);
	if (q.json)
		print_json(&q, &g);
	else if (q.csv)
		print_csv(&q, &g);
	else if (g.count)
		print_people(&q, &g);
	char nothing[300];
	snprintf(nothing, sizeof nothing, "no agreement %s %s%s%s in '%s'", q.parties > 1 ? "between" : "of", q.party[0].name, q.parties > 1 ? " and " : "",
		q.parties > 1 ? q.party[1].name : "", ledger_path(q.l));
	return ask_end(&q, g.count > 0, nothing);
}
