/* kula balance A B: what passed between two parties in sum, by kind and unit. */
#include "cli/ask.h"
#include <math.h>
#include <stdlib.h>

static const char *const ways[ANSWER_WAYS] = {"forth", "back", "both"};

static void print_people(ask *q, const answer_balance *b)
{
	static const sheet_column columns[] = {
		{"way", "who", false, SHEET_KEEP, 0},
		{"kind", "what", false, SHEET_WRAP, 10},
		{"act", "act", false, SHEET_KEEP, 0},
		{"pledged", "pledged", true, SHEET_WRAP, 8},
		{"planned", "planned", true, SHEET_WRAP, 8},
		{"delivered", "delivered", true, SHEET_WRAP, 8},
		{"outstanding", "outstanding", true, SHEET_WRAP, 8},
		{"claims", "claims", false, SHEET_WRAP, 9},
	};
	buf words = {0};
	buf_format(&words, "%s %s %s", q->party[0].name, ask_arrow(q, KULA_MEET), q->party[1].name);
	paint(&q->out, &q->s, STYLE_BOLD, buf_string(&words));
	words.n = 0;
	buf_format(&words, "   from %u exchange%s by which something passes", b->exchanges, b->exchanges == 1 ? "" : "s");
	paint_n(&q->out, &q->s, STYLE_DIM, words.at, words.n);
	buf_text(&q->out, "\n\n");
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	if (!t) {
		q->out.refused = true;
		return;
	}
	bool over = false, differ = false, more = false;
	for (uint32_t i = 0; i < b->count; i++) {
		const answer_balance_row *r = &b->rows[i];
		const style st = r->what ? STYLE_DIM : STYLE_NONE;
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(t, style_, buf_string(&words)))
		CELL(r->way == ANSWER_FORTH ? STYLE_ACCENT : r->way == ANSWER_BACK ? STYLE_SECOND : STYLE_NONE, say_way(&words, q, r->way));
		CELL(st, r->what ? (buf_text(&words, "  of it "), say_kind(&words, r)) : say_kind(&words, r));
		sheet_cell(t, r->all ? STYLE_DIM : STYLE_BOLD, r->all ? "in all" : kula_act_name(r->act));
		CELL(st, say_column(&words, q, &r->pledged));
		CELL(st, say_column(&words, q, &r->planned));
		words.n = 0;
		say_column(&words, q, &r->delivered);
		if (r->over.min > 0) {
			buf_text(&words, " !");
			over = true;
		}
		sheet_cell(t, r->what ? STYLE_DIM : STYLE_GOOD, buf_string(&words));
		CELL(r->outstanding.q.min > 0 ? STYLE_WARN : st, say_column(&words, q, &r->outstanding));
		words.n = 0;
		for (uint32_t k = 0; k < MIN_OF(r->claim_count, 4); k++)
			buf_format(&words, k ? " %s" : "%s", r->claims[k]);
		if (r->claim_count > 4)
			buf_format(&words, " +%u", r->claim_count - 4);
		sheet_cell(t, STYLE_DIM, buf_string(&words));
#undef CELL
		const answer_sum *const sums[] = {&r->pledged, &r->planned, &r->delivered, &r->outstanding};
		for (size_t k = 0; k < COUNT_OF(sums); k++)
			more |= sums[k]->unknown && sums[k]->unknown < sums[k]->exchanges;
		differ |= r->pledged.differ || r->planned.differ || r->delivered.differ || r->outstanding.differ;
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	words.n = 0;
	if (differ)
		buf_text(&words, "*: accounts differ or one denies it; the interval holds what each says. ");
	if (over)
		buf_text(&words, "!: more than was pledged. ");
	if (more)
		buf_text(&words, "+n?: n more without a number. ");
	if (b->without)
		buf_format(&words, "%u exchange%s name%s nothing that passes. ", b->without, b->without == 1 ? "" : "s", b->without == 1 ? "s" : "");
	if (b->possible || b->denied || b->other)
		buf_format(&words, "Left out: %u only possible, %u denied, %u requested, threatened or refused.", b->possible, b->denied, b->other);
	text_wrap(&q->out, &q->s, 0, false, STYLE_DIM, buf_string(&words));
	buf_free(&words);
}

/* What each of the two has, as it was told last. */
static kula_status print_stocks(ask *q, uint32_t kinds)
{
	static const sheet_column columns[] = {
		{"holder", "holder", false, SHEET_WRAP, 6},
		{"what", "has", false, SHEET_WRAP, 12},
		{"amount", "", true, SHEET_KEEP, 0},
		{"day", "as of", false, SHEET_KEEP, 0},
		{"claims", "claims", false, SHEET_WRAP, 9},
	};
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	kula_status status = t ? KULA_OK : kula_fail(&q->err, KULA_EMEMORY, 0, "no memory");
	for (int side = 0; status == KULA_OK && side < 2; side++) {
		answer_set held;
		answer_stocks stocks;
		answer_filter f = answer_filter_all();
		f.from = q->party[side].code;
		f.acts = 1u << KULA_HOLD;
		f.kinds = kinds;
		status = answer_exchanges(q->l, q->u, q->a, &f, 0, &held, &q->err);
		if (status == KULA_OK)
			status = answer_stocks_of(&held, q->a, &stocks, &q->err);
		for (uint32_t i = 0; status == KULA_OK && i < stocks.count; i++) {
			const answer_stock *k = &stocks.rows[i];
			const answer_exchange *x = &held.at[k->exchanges[k->count - 1]];
			const answer_thing *g = &x->things[k->things[k->count - 1]];
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(t, style_, buf_string(&words)))
			sheet_cell(t, STYLE_NONE, k->code ? k->code : k->holder);
			sheet_cell(t, STYLE_NONE, g->text);
			CELL(STYLE_NONE, say_amount(&words, q, g->q, g->unit, g->per));
			CELL(STYLE_NONE, say_when(&words, x));
			CELL(STYLE_DIM, say_claims(&words, q, x, 4));
#undef CELL
		}
		answer_set_clear(&held);
	}
	if (status == KULA_OK && sheet_rows(t)) {
		buf_char(&q->out, '\n');
		paint(&q->out, &q->s, STYLE_BOLD, "Stocks, not added to what passed");
		buf_text(&q->out, "\n\n");
		sheet_print(t, &q->out);
	}
	sheet_free(t);
	buf_free(&words);
	return status;
}

static void json_sum(buf *out, const char *name, const answer_sum *s)
{
	if (s->exchanges == 0) {
		buf_format(out, ",\"%s\":null", name);
		return;
	}
	json_interval(out, name, s->q);
	out->n--;
	buf_format(out, ",\"exchanges\":%u,\"unknown\":%u,\"differ\":%s}", s->exchanges, s->unknown, s->differ ? "true" : "false");
}

static void print_json(ask *q, const answer_balance *b)
{
	buf *out = &q->out;
	for (uint32_t i = 0; i < b->count; i++) {
		const answer_balance_row *r = &b->rows[i];
		buf_format(out, "{\"a\":\"%s\",\"b\":\"%s\",\"way\":\"%s\",\"act\":\"%s\"", q->party[0].code, q->party[1].code, ways[r->way],
			r->all ? "all" : kula_act_name(r->act));
		json_member(out, "kind", kula_kind_name(r->kind));
		json_member(out, "what", r->what);
		json_member(out, "unit", r->unit);
		json_member(out, "per", r->per != KULA_PER_NONE ? kula_per_name(r->per) : NULL);
		json_sum(out, "pledged", &r->pledged);
		json_sum(out, "planned", &r->planned);
		json_sum(out, "delivered", &r->delivered);
		json_sum(out, "outstanding", &r->outstanding);
		json_interval(out, "over", r->over);
		buf_text(out, ",\"claims\":[");
		for (uint32_t k = 0; k < r->claim_count; k++) {
			if (k)
				buf_char(out, ',');
			json_text(out, r->claims[k]);
		}
		buf_text(out, "]}\n");
	}
}

static void print_csv(ask *q, const answer_balance *b)
{
	static const sheet_column columns[] = {
		{.key = "way"}, {.key = "act"}, {.key = "kind"}, {.key = "what"}, {.key = "unit"}, {.key = "per"}, {.key = "pledged_min"}, {.key = "pledged_max"},
		{.key = "planned_min"}, {.key = "planned_max"}, {.key = "delivered_min"}, {.key = "delivered_max"}, {.key = "outstanding_min"},
		{.key = "outstanding_max"}, {.key = "over_min"}, {.key = "over_max"}, {.key = "unknown"}, {.key = "differ"}, {.key = "claims"},
	};
	sheet *t = sheet_new(SHEET_CSV, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < b->count; i++) {
		const answer_balance_row *r = &b->rows[i];
		sheet_cell(t, STYLE_NONE, ways[r->way]);
		sheet_cell(t, STYLE_NONE, r->all ? "all" : kula_act_name(r->act));
		sheet_cell(t, STYLE_NONE, kula_kind_name(r->kind));
		sheet_cell(t, STYLE_NONE, r->what);
		sheet_cell(t, STYLE_NONE, r->unit);
		sheet_cell(t, STYLE_NONE, r->per != KULA_PER_NONE ? kula_per_name(r->per) : NULL);
		const answer_sum *const sums[] = {&r->pledged, &r->planned, &r->delivered, &r->outstanding};
		for (size_t k = 0; k < COUNT_OF(sums); k++) {
			sheet_number(t, STYLE_NONE, sums[k]->exchanges ? sums[k]->q.min : NAN);
			sheet_number(t, STYLE_NONE, sums[k]->exchanges ? sums[k]->q.max : NAN);
		}
		sheet_number(t, STYLE_NONE, r->over.min);
		sheet_number(t, STYLE_NONE, r->over.max);
		sheet_whole(t, STYLE_NONE, r->pledged.unknown + r->planned.unknown + r->delivered.unknown);
		sheet_whole(t, STYLE_NONE, r->pledged.differ || r->planned.differ || r->delivered.differ || r->outstanding.differ);
		for (uint32_t k = 0; k < r->claim_count; k++)
			buf_format(&words, k ? " %s" : "%s", r->claims[k]);
		cell_text(t, &words);
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

int cmd_balance(int argc, char **argv)
{
	ask q = ask_new();
	bool by_what = false, with_stocks = false;
	const cli_option options[] = {
		ASK_DAYS(q),
		{0, "act", OPTION_TEXT, &q.acts, "ACT,...", "only these acts; others than those by which something passes if asked for:\nattack sums its victims"},
		ASK_KIND(q),
		{0, "things", OPTION_FLAG, &by_what, NULL, "under each kind a row for each thing: tank, shell"},
		{0, "stocks", OPTION_FLAG, &with_stocks, NULL, "behind it what each of the two is told to have, for people only\n(see 'kula stocks')"},
		ASK_FORMS(q),
	};
	static const cli_usage usage = {"balance", "A B",
		"What passed between two countries or organisations in sum, by direction, kind, unit and act: pledged (promised or offered),\n"
		"planned, delivered (done or under way), and what is outstanding of the pledges.",
		"Intervals are added as intervals. A part is not added to its whole, a delivery not to its pledge, copies and several\n"
		"accounts of one exchange count once, and stocks are no flow. docs/ANSWERS.md has the arithmetic. Exit code 1: nothing passed."};
	int code;
	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 2, 2, &code))
		return code;
	answer_filter f = q.f;
	const uint32_t acts = f.acts ? f.acts : answer_passing_acts();
	f.acts = acts;
	answer_balance b;
	if (answer_exchanges(q.l, q.u, q.a, &f, 1u << ANSWER_FULFILS | 1u << ANSWER_PART, &q.set, &q.err) != KULA_OK
		|| answer_balance_of(&q.set, q.a, acts, by_what, &b, &q.err) != KULA_OK)
		return ask_fail(&q);
	if (q.json)
		print_json(&q, &b);
	else if (q.csv)
		print_csv(&q, &b);
	else if (b.count)
		print_people(&q, &b);
	if (with_stocks && !q.json && !q.csv && print_stocks(&q, f.kinds) != KULA_OK)
		return ask_fail(&q);
	char nothing[300];
	snprintf(nothing, sizeof nothing, "nothing that passed between %s and %s in '%s'%s", q.party[0].name, q.party[1].name, ledger_path(q.l),
		b.exchanges ? ": of what is there nothing has items, or all is denied or only possible" : "");
	return ask_end(&q, b.count > 0, nothing);
}
