/* kula sources: who is credited with what, how often, and how often somebody contradicts it. */
#include "cli/ask.h"

static void say_acts(buf *b, const answer_source *r, uint32_t most)
{
	uint32_t left[KULA_ACTS];
	memcpy(left, r->acts, sizeof left);
	for (uint32_t n = 0; n < most; n++) {
		uint32_t best = KULA_ACTS;
		for (uint32_t i = 0; i < KULA_ACTS; i++)
			if (left[i] && (best == KULA_ACTS || left[i] > left[best]))
				best = i;
		if (best == KULA_ACTS)
			return;
		buf_format(b, n ? ", %s %u" : "%s %u", kula_act_name((kula_act)best), left[best]);
		left[best] = 0;
	}
}

static void say_name(buf *b, const ask *q, const answer_source *r)
{
	const char *name = r->code && q->k ? know_code_name(q->k, r->code) : NULL;
	if (name)
		buf_format(b, "%s (%s)", name, r->code);
	else
		buf_text(b, r->name);
}

static void print_people(ask *q, const answer_sources *g)
{
	static const sheet_column columns[] = {
		{"source", "source", false, SHEET_WRAP, 14},
		{"claims", "claims", true, SHEET_KEEP, 0},
		{"exchanges", "exchanges", true, SHEET_KEEP, 0},
		{"alone", "alone", true, SHEET_KEEP, 0},
		{"confirmed", "confirmed", true, SHEET_KEEP, 0},
		{"contradicted", "contradicted", true, SHEET_KEEP, 0},
		{"acts", "of what", false, SHEET_WRAP, 14},
		{"verbs", "verbs", false, SHEET_WRAP, 8},
		{"first", "first", true, SHEET_KEEP, 0},
		{"last", "last", true, SHEET_KEEP, 0},
	};
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_source *r = &g->rows[i];
		if (i == 0 && !r->own_voice)
			sheet_heading(t, STYLE_BOLD, "credited");
		if (r->own_voice && (i == 0 || !g->rows[i - 1].own_voice))
			sheet_heading(t, STYLE_BOLD, "publishers, in their own voice");
#define CELL(style_, fill) (words.n = 0, fill, sheet_cell(t, style_, buf_string(&words)))
		CELL(STYLE_NONE, say_name(&words, q, r));
		sheet_whole(t, STYLE_NONE, r->claims);
		sheet_whole(t, STYLE_NONE, r->exchanges);
		sheet_whole(t, STYLE_DIM, r->alone);
		sheet_whole(t, STYLE_GOOD, r->confirmed);
		sheet_whole(t, r->contradicted ? STYLE_BAD : STYLE_DIM, r->contradicted);
		CELL(STYLE_NONE, say_acts(&words, r, 3));
		words.n = 0;
		for (uint32_t k = 0; k < r->verb_count; k++)
			buf_format(&words, k ? ", %s" : "%s", r->verbs[k]);
		sheet_cell(t, STYLE_DIM, buf_string(&words));
		sheet_cell(t, STYLE_DIM, r->first);
		sheet_cell(t, STYLE_DIM, r->last);
#undef CELL
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

static void print_json(ask *q, const answer_sources *g)
{
	buf *out = &q->out;
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_source *r = &g->rows[i];
		buf_text(out, "{\"source\":");
		json_text(out, r->name);
		json_member(out, "code", r->code);
		buf_format(out, ",\"own_voice\":%s,\"claims\":%u,\"exchanges\":%u,\"alone\":%u,\"confirmed\":%u,\"contradicted\":%u,\"acts\":{",
			r->own_voice ? "true" : "false", r->claims, r->exchanges, r->alone, r->confirmed, r->contradicted);
		const char *comma = "";
		for (uint32_t k = 0; k < KULA_ACTS; k++) {
			if (!r->acts[k])
				continue;
			buf_format(out, "%s\"%s\":%u", comma, kula_act_name((kula_act)k), r->acts[k]);
			comma = ",";
		}
		buf_text(out, "},\"verbs\":[");
		for (uint32_t k = 0; k < r->verb_count; k++) {
			if (k)
				buf_char(out, ',');
			json_text(out, r->verbs[k]);
		}
		buf_char(out, ']');
		json_member(out, "first", r->first);
		json_member(out, "last", r->last);
		json_day(out, "first_day", r->first_day);
		json_day(out, "last_day", r->last_day);
		buf_text(out, "}\n");
	}
}

static void print_csv(ask *q, const answer_sources *g)
{
	static const sheet_column columns[] = {
		{.key = "source"}, {.key = "code"}, {.key = "own_voice"}, {.key = "claims"}, {.key = "exchanges"}, {.key = "alone"}, {.key = "confirmed"},
		{.key = "contradicted"}, {.key = "acts"}, {.key = "verbs"}, {.key = "first"}, {.key = "last"}, {.key = "first_day"}, {.key = "last_day"},
	};
	sheet *t = sheet_new(SHEET_CSV, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	if (!t) {
		q->out.refused = true;
		return;
	}
	for (uint32_t i = 0; i < g->count; i++) {
		const answer_source *r = &g->rows[i];
		sheet_cell(t, STYLE_NONE, r->name);
		sheet_cell(t, STYLE_NONE, r->code);
		sheet_whole(t, STYLE_NONE, r->own_voice);
		sheet_whole(t, STYLE_NONE, r->claims);
		sheet_whole(t, STYLE_NONE, r->exchanges);
		sheet_whole(t, STYLE_NONE, r->alone);
		sheet_whole(t, STYLE_NONE, r->confirmed);
		sheet_whole(t, STYLE_NONE, r->contradicted);
		say_acts(&words, r, KULA_ACTS);
		cell_text(t, &words);
		for (uint32_t k = 0; k < r->verb_count; k++)
			buf_format(&words, k ? ", %s" : "%s", r->verbs[k]);
		cell_text(t, &words);
		sheet_cell(t, STYLE_NONE, r->first);
		sheet_cell(t, STYLE_NONE, r->last);
		cell_day(t, r->first_day);
		cell_day(t, r->last_day);
	}
	sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
}

int cmd_sources(int argc, char **argv)
{
	ask q = ask_new();
	uint64_t most = 0;
	bool contradicted = false;
	const cli_option options[] = {
		ASK_SIDES(q),
		ASK_DAYS(q),
		ASK_ACT(q),
		ASK_STATUS(q),
		ASK_KIND(q),
		{0, "contradicted", OPTION_FLAG, &contradicted, NULL, "only those whom somebody contradicts"},
		{'n', "limit", OPTION_COUNT, &most, "N", "at most N sources, those credited most first"},
		ASK_FORMS(q),
	};
	static const cli_usage usage = {"sources", "[A [B]]",
		"Who is credited with what, how often, and how often contradicted. A source is the outermost one that a claim is credited to,\n"
		"by its code where it has one; what a text says itself is its publisher's. With A, in what A has a part; with A and B, between them.",
		"alone: exchanges of which nobody else tells. confirmed: of which another tells, independently, and no accounts differ.\n"
		"contradicted: exchanges on which its account excludes another's. Neither says who is right. Exit code 1: no source."};
	int code;
	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 0, 2, &code))
		return code;
	answer_sources g;
	q.f.without_links = true;
	if (answer_exchanges(q.l, q.u, q.a, &q.f, 0, &q.set, &q.err) != KULA_OK || answer_sources_of(&q.set, q.a, &g, &q.err) != KULA_OK)
		return ask_fail(&q);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < g.count; i++)
		if ((!contradicted || g.rows[i].contradicted) && (most == 0 || kept < most))
			g.rows[kept++] = g.rows[i];
	g.count = kept;
	if (q.json)
		print_json(&q, &g);
	else if (q.csv)
		print_csv(&q, &g);
	else if (g.count)
		print_people(&q, &g);
	char nothing[300];
	snprintf(nothing, sizeof nothing, "no source in '%s' that meets the conditions", ledger_path(q.l));
	return ask_end(&q, g.count > 0, nothing);
}
