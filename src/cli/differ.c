/* kula differ: exchanges on which accounts differ, field by field, each side with its sentences and sources. */
#include "cli/ask.h"
#include <math.h>

enum { SENTENCES = 3 };         /* of each side that people see; programs see all */

static bool print_people(ask *q, const answer_disputes *d)
{
	buf words = {0};
	for (uint32_t i = 0; i < d->count; i++) {
		const answer_dispute *f = &d->rows[i];
		const answer_exchange *x = &q->set.at[f->exchange];
		if (i)
			buf_char(&q->out, '\n');
#define SAY(style_, fill) (words.n = 0, fill, paint(&q->out, &q->s, style_, buf_string(&words)), buf_text(&q->out, "  "))
		SAY(STYLE_BOLD, say_when(&words, x));
		SAY(STYLE_BOLD, say_sides(&words, q, x));
		SAY(STYLE_BOLD, buf_text(&words, kula_act_name(x->act)));
		SAY(STYLE_NONE, say_what(&words, q, x));
#undef SAY
		paint(&q->out, &q->s, STYLE_DIM, x->number);
		buf_char(&q->out, '\n');
		paint(&q->out, &q->s, STYLE_BAD, f->field);
		buf_text(&q->out, ":\n");
		for (int side = 0; side < 2; side++) {
			const answer_side *s = &f->sides[side];
			words.n = 0;
			say_value(&words, q, s);
			buf_text(&q->out, "  ");
			paint(&q->out, &q->s, side ? STYLE_SECOND : STYLE_ACCENT, buf_string(&words));
			if (s->count > SENTENCES) {
				words.n = 0;
				buf_format(&words, "  %u accounts, of them", s->count);
				paint(&q->out, &q->s, STYLE_DIM, buf_string(&words));
			}
			buf_char(&q->out, '\n');
			for (uint32_t k = 0; k < MIN_OF(s->count, SENTENCES); k++) {
				const ledger_claim *c = &x->accounts[s->accounts[k]];
				const char *said = answer_sentence(q->l, q->a, c->claim, &q->err);
				if (!said) {
					buf_free(&words);
					return false;
				}
				words.n = 0;
				buf_format(&words, q->s.utf8 ? "“%s”" : "\"%s\"", said);
				buf_text(&q->out, "    ");
				text_wrap(&q->out, &q->s, 4, false, STYLE_NONE, buf_string(&words));
				words.n = 0;
				say_source(&words, c);
				if (c->published != KULA_NO_DAY) {
					buf_text(&words, ", ");
					render_day(&words, c->published);
				}
				buf_format(&words, "  [%s]", c->number);
				buf_text(&q->out, "    ");
				text_wrap(&q->out, &q->s, 4, false, STYLE_DIM, buf_string(&words));
			}
		}
	}
	buf_free(&words);
	return true;
}

static void json_source(buf *b, const ledger_claim *c)
{
	json_member(b, "publisher", c->publisher);
	json_day(b, "published", c->published);
	buf_text(b, ",\"said_by\":[");
	for (uint32_t i = 0; i < c->c.said_by_count; i++) {
		buf_text(b, i ? ",{\"text\":" : "{\"text\":");
		json_text(b, c->c.said_by[i].text);
		json_member(b, "code", *c->c.said_by[i].code ? c->c.said_by[i].code : NULL);
		json_member(b, "verb", c->c.said_by[i].verb);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static bool print_json(ask *q, const answer_disputes *d)
{
	buf *out = &q->out, extra = {0};
	for (uint32_t i = 0; i < d->count; i++) {
		const answer_dispute *f = &d->rows[i];
		const answer_exchange *x = &q->set.at[f->exchange];
		extra.n = 0;
		buf_text(&extra, "\"field\":");
		json_text(&extra, f->field);
		buf_text(&extra, ",\"sides\":[");
		for (int side = 0; side < 2; side++) {
			const answer_side *s = &f->sides[side];
			buf_text(&extra, side ? ",{\"value\":" : "{\"value\":");
			buf words = {0};
			say_value(&words, q, s);
			json_text(&extra, buf_string(&words));
			buf_free(&words);
			if (s->what) {
				json_interval(&extra, "figure", s->q);
				json_member(&extra, "unit", s->unit);
				json_member(&extra, "what", s->what);
			}
			if (s->days.first != KULA_NO_DAY)
				json_days(&extra, "date", s->days);
			buf_text(&extra, ",\"accounts\":[");
			for (uint32_t k = 0; k < s->count; k++) {
				const ledger_claim *c = &x->accounts[s->accounts[k]];
				const char *said = answer_sentence(q->l, q->a, c->claim, &q->err);
				if (!said) {
					buf_free(&extra);
					return false;
				}
				buf_text(&extra, k ? ",{\"claim\":" : "{\"claim\":");
				json_text(&extra, c->number);
				json_source(&extra, c);
				json_member(&extra, "sentence", said);
				buf_char(&extra, '}');
			}
			buf_text(&extra, "]}");
		}
		buf_char(&extra, ']');
		json_exchange(out, q, x, buf_string(&extra));
		buf_char(out, '\n');
	}
	buf_free(&extra);
	return true;
}

/* A line for each account of each side. */
static bool print_csv(ask *q, const answer_disputes *d)
{
	static const sheet_column columns[] = {
		{.key = "exchange"}, {.key = "field"}, {.key = "act"}, {.key = "from"}, {.key = "to"}, {.key = "date_first"}, {.key = "date_last"}, {.key = "side"},
		{.key = "value"}, {.key = "min"}, {.key = "max"}, {.key = "unit"}, {.key = "claim"}, {.key = "source"}, {.key = "publisher"}, {.key = "published"},
		{.key = "sentence"},
	};
	sheet *t = sheet_new(SHEET_CSV, q->s, columns, COUNT_OF(columns));
	buf words = {0};
	bool ok = t != NULL;
	for (uint32_t i = 0; ok && i < d->count; i++) {
		const answer_dispute *f = &d->rows[i];
		const answer_exchange *x = &q->set.at[f->exchange];
		for (int side = 0; side < 2; side++)
			for (uint32_t k = 0; ok && k < f->sides[side].count; k++) {
				const answer_side *s = &f->sides[side];
				const ledger_claim *c = &x->accounts[s->accounts[k]];
				const char *said = answer_sentence(q->l, q->a, c->claim, &q->err);
				ok = said != NULL;
				sheet_cell(t, STYLE_NONE, x->number);
				sheet_cell(t, STYLE_NONE, f->field);
				sheet_cell(t, STYLE_NONE, kula_act_name(x->act));
				render_codes(&words, x->from, x->from_count);
				cell_text(t, &words);
				render_codes(&words, x->to, x->to_count);
				cell_text(t, &words);
				cell_day(t, x->days.first);
				cell_day(t, x->days.last);
				sheet_whole(t, STYLE_NONE, side + 1);
				say_value(&words, q, s);
				cell_text(t, &words);
				sheet_number(t, STYLE_NONE, s->what ? s->q.min : NAN);
				sheet_number(t, STYLE_NONE, s->what ? s->q.max : NAN);
				sheet_cell(t, STYLE_NONE, s->unit);
				sheet_cell(t, STYLE_NONE, c->number);
				for (uint32_t n = 0; n < c->c.said_by_count; n++)
					buf_format(&words, n ? ": %s" : "%s", c->c.said_by[n].text);
				cell_text(t, &words);
				sheet_cell(t, STYLE_NONE, c->publisher);
				cell_day(t, c->published);
				sheet_cell(t, STYLE_NONE, said);
			}
	}
	if (ok)
		sheet_print(t, &q->out);
	sheet_free(t);
	buf_free(&words);
	return ok;
}

int cmd_differ(int argc, char **argv)
{
	ask q = ask_new();
	const char *fields = NULL;
	q.f.differing = true;
	q.f.newest_first = true;
	q.f.limit = 100;
	const cli_option options[] = {
		ASK_SIDES(q),
		{0, "field", OPTION_TEXT, &fields, "FIELD,...", "only differences in items, date, status or act"},
		ASK_DAYS(q),
		ASK_ACT(q),
		ASK_STATUS(q),
		ASK_KIND(q),
		{'n', "limit", OPTION_COUNT, &q.f.limit, "N", "at most N exchanges, told last first (default: 100; 0: all)"},
		ASK_FORMS(q),
	};
	static const cli_usage usage = {"differ", "[A [B]]",
		"Exchanges on which accounts differ, field by field (items, date, status, act): what each side says, in which words, according to\n"
		"whom. With A, those that A has a part in; with A and B, those between them.",
		"A plan and its outcome don't differ: the status has moved. Exit code 1: no accounts differ."};
	int code;
	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 0, 2, &code))
		return code;
	answer_disputes d;
	q.f.without_links = !q.json;
	if (answer_exchanges(q.l, q.u, q.a, &q.f, 0, &q.set, &q.err) != KULA_OK || answer_disputes_of(&q.set, q.u, q.a, &d, &q.err) != KULA_OK)
		return ask_fail(&q);
	static const char *const known[] = {"items", "date", "status", "act"};
	for (const char *p = fields; p && *p;) {
		const size_t n = strcspn(p, ", ");
		bool there = n == 0;
		for (size_t i = 0; i < COUNT_OF(known); i++)
			there |= same_text(p, n, known[i]);
		if (!there) {
			kula_fail(&q.err, KULA_EUSAGE, 0, "'%.*s' is no field on which accounts can differ: items, date, status, act", (int)MIN_OF(n, 40), p);
			return ask_fail(&q);
		}
		p += n + strspn(p + n, ", ");
	}
	if (fields) {
		uint32_t kept = 0;
		for (uint32_t i = 0; i < d.count; i++)
			for (const char *p = fields; *p;) {
				const size_t n = strcspn(p, ", ");
				if (same_text(p, n, d.rows[i].field)) {
					d.rows[kept++] = d.rows[i];
					break;
				}
				p += n + strspn(p + n, ", ");
			}
		d.count = kept;
	}
	const bool ok = q.json ? print_json(&q, &d) : q.csv ? print_csv(&q, &d) : print_people(&q, &d);
	if (!ok)
		return ask_fail(&q);
	if (q.f.limit && q.set.asked == q.f.limit)
		cli_note(q.quiet, "the %llu exchanges told last; --limit 0 gives all", (unsigned long long)q.f.limit);
	char nothing[300];
	snprintf(nothing, sizeof nothing, "no accounts that differ in '%s'%s", ledger_path(q.l), q.parties || q.from || q.to || fields ? " that meet the conditions" : "");
	return ask_end(&q, d.count > 0, nothing);
}
