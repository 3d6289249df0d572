#include "cli/ask.h"
#include "ledger/join.h"
#include <math.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)8 << 30)

ask ask_new(void)
{
	return (ask){.f = answer_filter_all(), .on = KULA_NO_DAY, .mode = LEDGER_READ};
}

void ask_close(ask *q)
{
	answer_set_clear(&q->set);
	answer_units_free(q->u);
	know_close(q->k);
	buf_free(&q->out);
	arena_free(q->a);
	ledger_close(q->l);
}

int ask_fail(ask *q)
{
	const int code = cli_fail(&q->err);
	ask_close(q);
	return code;
}

int ask_end(ask *q, bool any, const char *nothing)
{
	int code = any ? CLI_OK : CLI_NO;
	if (q->out.refused || arena_refused(q->a))
		code = cli_error(KULA_EMEMORY, "no memory for the answer");
	else
		render_out(&q->out);
	if (!any && code == CLI_NO)
		cli_note(q->quiet, "%s", nothing);
	ask_close(q);
	return code;
}

/* The ledger as it was, in place of the one that is. */
static bool go_back(ask *q)
{
	char moment[21];
	if (q->as_of && !ledger_moment(q->as_of, moment))
		return kula_fail(&q->err, KULA_EUSAGE, 0, "'%.60s' is no moment like 2024-11-20 or 2024-11-20T09:30", q->as_of) == KULA_OK;
	join_rules *r = join_rules_open(NULL, NULL, &q->err);
	ledger *then = r ? ledger_as_of(q->l, r, q->as_of ? moment : NULL, q->as_read, &q->err) : NULL;
	join_rules_free(r);
	if (!then)
		return false;
	ledger_close(q->l);
	q->l = then;
	return true;
}

bool ask_ledger(ask *q)
{
	q->l = ledger_open(cli_ledger_path(q->path), q->mode, &q->err);
	return q->l && (!(q->as_of || q->as_read) || go_back(q));
}

static bool open_all(ask *q, int *code)
{
	kula_error ignored = {0};
	q->k = know_open(q->knowledge, &ignored);
	if (q->k && q->own && know_layer(q->k, q->own, &q->err) != KULA_OK) {
		*code = cli_fail(&q->err);
		return false;
	}
	for (int i = 0; i < q->words.count && i < 2; i++) {
		if (!render_code_of(q->k, q->words.at[i], &q->party[i], code))
			return false;
		q->parties++;
	}
	if ((q->from && !render_code_of(q->k, q->from, &q->from_party, code)) || (q->to && !render_code_of(q->k, q->to, &q->to_party, code)))
		return false;
	q->f.a = q->parties > 0 ? q->party[0].code : NULL;
	q->f.b = q->parties > 1 ? q->party[1].code : NULL;
	q->f.from = q->from ? q->from_party.code : NULL;
	q->f.to = q->to ? q->to_party.code : NULL;
	int64_t pending = 0;
	if (!ask_ledger(q) || !(q->u = answer_units_open(NULL, &q->err)) || answer_ready(q->l, &pending, &q->err) != KULA_OK) {
		*code = cli_fail(&q->err);
		return false;
	}
	q->a = arena_new(ARENA_BYTES);
	if (!q->a) {
		*code = cli_error(KULA_EMEMORY, "no memory");
		return false;
	}
	if (pending)
		cli_note(q->quiet, "%lld document%s of '%s' %s not been joined yet, and so %s left out: run 'kula join'", (long long)pending,
			pending == 1 ? "" : "s", ledger_path(q->l), pending == 1 ? "has" : "have", pending == 1 ? "is" : "are");
	return true;
}

bool ask_open(ask *q, int *code)
{
	q->s = screen_of(stdout);
	if (!open_all(q, code)) {
		ask_close(q);
		return false;
	}
	return true;
}

bool ask_begin(ask *q, const cli_usage *usage, const cli_option *options, size_t count, int argc, char **argv, int least, int most, int *code)
{
	if (!options_parse(usage, options, count, argc, argv, &q->words, code))
		return false;
	if (q->words.count < least || q->words.count > most) {
		static const char *const what[] = {"no words", "a country or organisation", "two countries or organisations, like RUS PRK"};
		*code = cli_error(KULA_EUSAGE, "'kula %s' takes %s%s; 'kula %s --help'", usage->command, least < most ? "at most " : "", what[MIN_OF(most, 2)],
			usage->command);
		return false;
	}
	if (q->json && q->csv) {
		*code = cli_error(KULA_EUSAGE, "--json and --csv can't both be");
		return false;
	}
	if (q->f.since != KULA_NO_DAY && q->f.until != KULA_NO_DAY && q->f.since > q->f.until) {
		*code = cli_error(KULA_EUSAGE, "--since is after --until");
		return false;
	}
	if (q->f.min_confidence < 0 || q->f.min_confidence > 1) {
		*code = cli_error(KULA_EUSAGE, "--min-confidence takes a probability, 0 to 1");
		return false;
	}
	if (!render_mask("act", q->acts, KULA_ACTS, render_act, &q->f.acts, code)
		|| !render_mask("status", q->statuses, KULA_STATUSES, render_status, &q->f.statuses, code)
		|| !render_mask("kind", q->kinds, KULA_KINDS, render_kind, &q->f.kinds, code))
		return false;
	return ask_open(q, code);
}

bool ask_on(ask *q)
{
	return q->on != KULA_NO_DAY || answer_newest(q->l, &q->on, &q->err) == KULA_OK;
}

/* ---- in words ---- */

const char *ask_arrow(const ask *q, kula_act act)
{
	if (kula_act_is_equal(act))
		return q->s.utf8 ? "↔" : "<>";
	return q->s.utf8 ? "→" : "->";
}

void say_sides(buf *b, const ask *q, const answer_exchange *x)
{
	const size_t before = b->n;
	render_codes(b, x->from, x->from_count);
	if (x->to_count == 0)
		return;
	if (b->n > before)
		buf_char(b, ' ');
	buf_format(b, "%s ", ask_arrow(q, x->act));
	render_codes(b, x->to, x->to_count);
}

void say_when(buf *b, const answer_exchange *x)
{
	if (x->days.first != KULA_NO_DAY) {
		render_days(b, x->days);
	} else if (x->told_first != KULA_NO_DAY) {
		buf_char(b, '(');
		render_day(b, x->told_first);
		buf_char(b, ')');
	}
}

void say_amount(buf *b, const ask *q, answer_interval v, const char *unit, kula_per per)
{
	/* "At least 0" says nothing. */
	const double min = v.min > 0 || (!isnan(v.max) && v.max <= 0) ? v.min : NAN;
	if (isnan(min) && isnan(v.max))
		return;
	interval_for_people(b, &q->s, min, v.max, v.approx);
	if (unit && strcmp(unit, "count") != 0)
		buf_format(b, " %s", unit);
	if (per != KULA_PER_NONE)
		buf_format(b, " a %s", kula_per_name(per));
}

void say_sum(buf *b, const ask *q, const answer_sum *s, const char *unit, kula_per per)
{
	if (s->exchanges == 0)
		return;
	const size_t before = b->n;
	say_amount(b, q, s->q, unit, per);
	if (b->n == before)
		buf_text(b, "some");
	if (s->differ)
		buf_char(b, '*');
}

void say_things(buf *b, const ask *q, const answer_exchange *x)
{
	const size_t before = b->n;
	for (uint32_t i = 0; i < x->thing_count; i++) {
		const answer_thing *t = &x->things[i];
		buf_format(b, "%s%s", b->n == before ? "" : t->in >= 0 ? ", of them " : "; ", t->text);
		if (!t->as_lead) {
			buf_text(b, " [");
			interval_for_people(b, &q->s, t->q.min, t->q.max, t->q.approx);
			if (strcmp(t->unit, "count") != 0)
				buf_format(b, " %s", t->unit);
			buf_char(b, ']');
		}
	}
	if (x->thing_count == 0 && x->agreement)
		buf_text(b, x->agreement);
	else if (x->thing_count == 0)
		buf_format(b, q->s.utf8 ? "“%s”" : "\"%s\"", x->accounts[x->lead].c.trigger);
	else if (x->agreement)
		buf_format(b, " (%s)", x->agreement);
}

void say_what(buf *b, const ask *q, const answer_exchange *x)
{
	say_things(b, q, x);
	if (x->value_unit && (!isnan(x->value.min) || !isnan(x->value.max))) {
		buf_text(b, ", worth ");
		interval_for_people(b, &q->s, x->value.min, x->value.max, x->value.approx);
		buf_format(b, " %s", x->value_unit);
	}
	if (x->due.first != KULA_NO_DAY) {
		buf_text(b, ", due ");
		render_days(b, x->due);
	}
	if (x->condition)
		buf_format(b, ", %s", x->condition);
}

void say_status(buf *b, const ask *q, const answer_exchange *x)
{
	buf_text(b, kula_status_name(x->status));
	if (x->step_count < 2)
		return;
	buf_text(b, " (");
	for (uint32_t i = 0; i < x->step_count; i++)
		buf_format(b, "%s%s", i ? q->s.utf8 ? " → " : " > " : "", kula_status_name(x->steps[i].status));
	buf_char(b, ')');
}

void say_differs(buf *b, const answer_exchange *x)
{
	for (uint32_t i = 0; i < x->difference_count; i++)
		buf_format(b, i ? ", %s" : "%s", x->differences[i].field);
}

void say_claims(buf *b, const ask *q, const answer_exchange *x, uint32_t most)
{
	(void)q;
	/* the one that tells most first */
	buf_text(b, x->accounts[x->lead].number);
	uint32_t told = 1;
	for (uint32_t i = 0; i < x->account_count && (most == 0 || told < most); i++) {
		if (i == x->lead)
			continue;
		buf_format(b, " %s", x->accounts[i].number);
		told++;
	}
	if (told < x->account_count)
		buf_format(b, " +%u", x->account_count - told);
}

void say_source(buf *b, const ledger_claim *k)
{
	render_sources(b, k);
}

/* ---- pledges, balances, differences, pacts ---- */

void say_due(buf *b, const answer_pledge *p)
{
	if (p->due.first == KULA_NO_DAY)
		return;
	render_days(b, p->due);
	if (p->overdue)
		buf_format(b, " (%d day%s over)", p->days_over, p->days_over == 1 ? "" : "s");
}

/* Of each thing a part of the cell: what, and how much of it. which: 0 the pledge, 1 what came of it, 2 what is outstanding. */
static void say_lines(buf *b, const ask *q, const answer_pledge *p, int which)
{
	const answer_exchange *x = &q->set.at[p->exchange];
	for (uint32_t i = 0; i < p->line_count; i++) {
		const answer_line *n = &p->lines[i];
		const answer_thing *t = &x->things[n->thing];
		const size_t before = b->n;
		if (which == 1)
			say_sum(b, q, &n->delivered, t->unit, n->rate ? KULA_PER_NONE : t->per);
		else if (p->state != ANSWER_KEPT && (!isnan(n->outstanding.q.max) || n->outstanding.q.min > 0))
			say_amount(b, q, n->outstanding.q, t->unit, t->per);
		if (which == 1 && n->over.min > 0) {
			buf_text(b, ", over by ");
			say_amount(b, q, n->over, t->unit, t->per);
		}
		if (b->n > before && p->line_count > 1) {
			buf_format(b, " %s", t->what);
			if (i + 1 < p->line_count)
				buf_text(b, "; ");
		}
	}
	if (which == 2 && b->n == 0 && p->state != ANSWER_KEPT)
		buf_text(b, p->state == ANSWER_OPEN ? "all" : "?");
}

void say_came(buf *b, const ask *q, const answer_pledge *p)
{
	say_lines(b, q, p, 1);
	if (b->n == 0 && p->delivery_count)
		buf_text(b, "done");
	if (p->planned_count)
		buf_format(b, "%s%u planned", b->n ? ", " : "", p->planned_count);
}

void say_left(buf *b, const ask *q, const answer_pledge *p) { say_lines(b, q, p, 2); }

void say_way(buf *b, const ask *q, answer_way w)
{
	static const char *const wide[ANSWER_WAYS] = {"→", "←", "↔"}, *const plain[ANSWER_WAYS] = {"->", "<-", "<>"};
	if (w == ANSWER_BACK)
		buf_format(b, "%s %s %s", q->party[1].code, ask_arrow(q, KULA_GIVE), q->party[0].code);
	else
		buf_format(b, "%s %s %s", q->party[0].code, (q->s.utf8 ? wide : plain)[w], q->party[1].code);
}

void say_kind(buf *b, const answer_balance_row *r)
{
	buf_text(b, r->what ? r->what : kula_kind_name(r->kind));
	if (strcmp(r->unit, "count") != 0)
		buf_format(b, ", %s", r->unit);
	if (r->per != KULA_PER_NONE)
		buf_format(b, " a %s", kula_per_name(r->per));
}

/* Where nothing is sure and nothing bounds it there is still something: "some". */
void say_column(buf *b, const ask *q, const answer_sum *s)
{
	say_sum(b, q, s, NULL, KULA_PER_NONE);
	if (s->unknown && s->unknown < s->exchanges)
		buf_format(b, " +%u?", s->unknown);
}

void say_value(buf *b, const ask *q, const answer_side *s)
{
	if (s->word) {
		buf_text(b, s->word);
	} else if (s->days.first != KULA_NO_DAY) {
		render_days(b, s->days);
	} else if (s->what) {
		interval_for_people(b, &q->s, s->q.min, s->q.max, s->q.approx);
		if (strcmp(s->unit, "count") != 0)
			buf_format(b, " %s", s->unit);
		if (s->per != KULA_PER_NONE)
			buf_format(b, " a %s", kula_per_name(s->per));
		buf_format(b, " (%s)", s->what);
	} else {
		buf_text(b, "another");
	}
}

void say_agreement(buf *b, const ask *q, const answer_agreement *r)
{
	const answer_exchange *x = &q->set.at[r->exchange];
	if (r->name) {
		buf_text(b, r->name);
		return;
	}
	buf_text(b, "an agreement");
	if (x->thing_count) {
		buf_text(b, " on ");
		say_things(b, q, x);
	}
}

/* ---- for programs ---- */

void json_member(buf *b, const char *name, const char *text)
{
	buf_format(b, ",\"%s\":", name);
	json_text(b, text);
}

void json_day(buf *b, const char *name, kula_day d)
{
	char iso[16];
	buf_format(b, ",\"%s\":", name);
	if (d == KULA_NO_DAY) {
		buf_text(b, "null");
		return;
	}
	kula_day_format(d, iso);
	json_text(b, iso);
}

void json_days(buf *b, const char *name, kula_days d)
{
	char first[16], last[16];
	buf_format(b, ",\"%s\":", name);
	if (d.first == KULA_NO_DAY) {
		buf_text(b, "null");
		return;
	}
	kula_day_format(d.first, first);
	kula_day_format(d.last, last);
	buf_format(b, "[\"%s\",\"%s\"]", first, last);
}

void json_interval(buf *b, const char *name, answer_interval v)
{
	buf_format(b, ",\"%s\":{\"min\":", name);
	json_number(b, v.min);
	buf_text(b, ",\"max\":");
	json_number(b, v.max);
	if (v.approx)
		buf_text(b, ",\"approx\":true");
	buf_char(b, '}');
}

static void json_parties(buf *b, const char *name, const kula_party *p, uint32_t count)
{
	buf_format(b, ",\"%s\":[", name);
	for (uint32_t i = 0; i < count; i++) {
		buf_text(b, i ? ",{\"text\":" : "{\"text\":");
		json_text(b, p[i].text);
		json_member(b, "code", *p[i].code ? p[i].code : NULL);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

void json_exchange(buf *b, const ask *q, const answer_exchange *x, const char *extra)
{
	static const char *const ways[ANSWER_WAYS] = {"forth", "back", "both"};
	buf_text(b, "{\"exchange\":");
	json_text(b, x->number);
	if (extra && *extra)
		buf_format(b, ",%s", extra);
	if (q->f.a && q->f.b)
		json_member(b, "way", ways[x->way]);
	json_member(b, "act", kula_act_name(x->act));
	json_member(b, "status", kula_status_name(x->status));
	json_parties(b, "from", x->from, x->from_count);
	json_parties(b, "to", x->to, x->to_count);
	buf_text(b, ",\"things\":[");
	for (uint32_t i = 0; i < x->thing_count; i++) {
		const answer_thing *t = &x->things[i];
		buf_text(b, i ? ",{\"what\":" : "{\"what\":");
		json_text(b, t->what);
		json_member(b, "text", t->text);
		json_member(b, "kind", kula_kind_name(t->kind));
		buf_text(b, ",\"min\":");
		json_number(b, t->q.min);
		buf_text(b, ",\"max\":");
		json_number(b, t->q.max);
		json_member(b, "unit", t->unit);
		if (t->per != KULA_PER_NONE)
			json_member(b, "per", kula_per_name(t->per));
		if (t->q.approx)
			buf_text(b, ",\"approx\":true");
		if (t->in >= 0)
			buf_format(b, ",\"in\":%d", t->in);
		buf_format(b, ",\"accounts\":%u", t->told);
		if (t->differ)
			buf_text(b, ",\"differ\":true");
		buf_char(b, '}');
	}
	buf_char(b, ']');
	json_days(b, "date", x->days);
	json_days(b, "due", x->due);
	if (x->value_unit) {
		json_interval(b, "value", x->value);
		b->n--;                         /* the unit goes inside */
		json_member(b, "unit", x->value_unit);
		buf_char(b, '}');
	}
	if (x->agreement)
		json_member(b, "agreement", x->agreement);
	if (x->condition)
		json_member(b, "condition", x->condition);
	json_days(b, "told", x->told_first == KULA_NO_DAY ? (kula_days){KULA_NO_DAY, KULA_NO_DAY} : (kula_days){x->told_first, x->told_last});
	buf_text(b, ",\"history\":[");
	for (uint32_t i = 0; i < x->step_count; i++) {
		buf_text(b, i ? ",{\"status\":" : "{\"status\":");
		json_text(b, kula_status_name(x->steps[i].status));
		json_day(b, "day", x->steps[i].day);
		json_member(b, "claim", x->accounts[x->steps[i].account].number);
		buf_char(b, '}');
	}
	buf_format(b, "],\"independent\":%u,\"documents\":%u,\"differs\":[", x->independent, x->documents);
	for (uint32_t i = 0; i < x->difference_count; i++) {
		buf_text(b, i ? ",{\"field\":" : "{\"field\":");
		json_text(b, x->differences[i].field);
		buf_text(b, ",\"claims\":[");
		json_text(b, x->accounts[x->differences[i].one].number);
		buf_char(b, ',');
		json_text(b, x->accounts[x->differences[i].other].number);
		buf_text(b, "]}");
	}
	buf_text(b, "],\"links\":[");
	for (uint32_t i = 0; i < x->link_count; i++) {
		buf_text(b, i ? ",{\"type\":" : "{\"type\":");
		json_text(b, answer_link_name(x->links[i].type));
		json_member(b, x->links[i].out ? "to" : "from", x->links[i].number);
		buf_char(b, '}');
	}
	buf_text(b, "],\"claims\":[");
	for (uint32_t i = 0; i < x->account_count; i++) {
		if (i)
			buf_char(b, ',');
		json_text(b, x->accounts[i].number);
	}
	buf_text(b, "]}");
}

void cell_day(sheet *t, kula_day d)
{
	char iso[16];
	if (d == KULA_NO_DAY) {
		sheet_cell(t, STYLE_NONE, NULL);
		return;
	}
	kula_day_format(d, iso);
	sheet_cell(t, STYLE_NONE, iso);
}

void cell_text(sheet *t, buf *words)
{
	sheet_cell(t, STYLE_NONE, words->n ? buf_string(words) : NULL);
	words->n = 0;
}
