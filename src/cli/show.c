/* kula show CLAIM|EXCHANGE: the sentence with its parts marked, and every field with the words that it rests on; of an exchange
 * what its accounts allow together, and the sentence of each. */
#include "cli/ask.h"
#include "ledger/join.h"
#include <math.h>
#include <stdlib.h>

/* A stretch of the sentence that plays a part. Of stretches inside each other the inner one decides the colour. */
typedef struct mark_part { uint32_t from, to; style st; const char *name; } mark_part;

typedef struct marks { mark_part at[160]; uint32_t count; kula_span in; } marks;

static void add_mark(marks *m, kula_span s, style st, const char *name)
{
	if (s.to <= s.from || s.from < m->in.from || s.to > m->in.to || m->count == COUNT_OF(m->at))
		return;
	m->at[m->count++] = (mark_part){s.from - m->in.from, s.to - m->in.from, st, name};
}

/* The first place of words in the sentence: fields that the contract gives as words, without a span. */
static kula_span find_words(const kula_claim *c, const char *words)
{
	const char *at = words && *words ? strstr(c->evidence, words) : NULL;
	if (!at)
		return (kula_span){0, 0};
	const uint32_t from = c->span.from + (uint32_t)(at - c->evidence);
	return (kula_span){from, from + (uint32_t)strlen(words)};
}

static void collect(marks *m, const kula_claim *c)
{
	m->in = c->span;
	add_mark(m, c->trigger_span, STYLE_HEAD, "act");
	for (uint32_t i = 0; i < c->from_count; i++)
		add_mark(m, c->from[i].span, STYLE_ACCENT, "from");
	for (uint32_t i = 0; i < c->to_count; i++)
		add_mark(m, c->to[i].span, STYLE_SECOND, "to");
	for (uint32_t i = 0; i < c->item_count; i++)
		add_mark(m, c->items[i].span, STYLE_WARN, "item");
	for (uint32_t i = 0; i < c->said_by_count; i++)
		add_mark(m, c->said_by[i].span, STYLE_GOOD, "source");
	add_mark(m, c->date_span, STYLE_BOLD, "date");
	add_mark(m, c->due_span, STYLE_BOLD, "due");
	add_mark(m, c->value_span, STYLE_WARN, "value");
	add_mark(m, find_words(c, c->agreement), STYLE_BOLD, "agreement");
	add_mark(m, find_words(c, c->means), STYLE_BOLD, "means");
}

static int mark_order(const void *left, const void *right)
{
	const mark_part *x = left, *y = right;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to > y->to ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* With colours each byte takes its innermost mark's. Without, marks are written in: [from: Russia] sent ... */
static void mark_sentence(buf *out, const screen *s, marks *m, const char *text)
{
	const uint32_t n = m->in.to - m->in.from;
	if (m->count)
		qsort(m->at, m->count, sizeof *m->at, mark_order);
	if (!s->colour) {
		buf marked = {0};
		for (uint32_t i = 0; i <= n; i++) {
			for (uint32_t k = 0; k < m->count; k++)
				if (m->at[k].to == i)
					buf_char(&marked, ']');
			for (uint32_t k = 0; k < m->count; k++)
				if (m->at[k].from == i)
					buf_format(&marked, "[%s: ", m->at[k].name);
			if (i < n)
				buf_char(&marked, text[i]);
		}
		buf_text(out, "  ");
		text_wrap(out, s, 2, false, STYLE_NONE, buf_string(&marked));
		buf_free(&marked);
		return;
	}
	/* Words are wrapped here, since text_wrap would count the codes. */
	uint32_t column = 2;
	style now = STYLE_NONE;
	buf_text(out, "  ");
	for (uint32_t i = 0; i < n;) {
		uint32_t end = i;
		while (end < n && !is_space((byte)text[end]))
			end++;
		const uint32_t wide = text_columns(text + i, end - i);
		if (column > 2 && s->width && column + wide > s->width) {
			paint_end(out, s, now);
			buf_text(out, "\n  ");
			paint_begin(out, s, now);
			column = 2;
		}
		for (uint32_t size; i < end; i += size) {
			utf8_next((const byte *)text + i, end - i, &size);
			style st = STYLE_NONE;
			for (uint32_t k = 0; k < m->count; k++)
				if (i >= m->at[k].from && i < m->at[k].to)
					st = m->at[k].st;
			if (st != now) {
				paint_end(out, s, now);
				paint_begin(out, s, st);
				now = st;
			}
			text_clean(out, text + i, size);
		}
		column += wide;
		while (i < n && is_space((byte)text[i]))
			i++;
		if (i < n) {
			bool inside = false;    /* a mark goes over the space between its words, and no further */
			for (uint32_t k = 0; k < m->count; k++)
				inside = inside || (end >= m->at[k].from && end < m->at[k].to);
			if (!inside && now != STYLE_NONE) {
				paint_end(out, s, now);
				now = STYLE_NONE;
			}
			buf_char(out, ' ');
			column++;
		}
	}
	paint_end(out, s, now);
	buf_char(out, '\n');
}

static void field(sheet *t, const char *name, style st, const char *value, kula_span at)
{
	char bytes[48] = "";
	if (at.to)
		snprintf(bytes, sizeof bytes, "%u..%u", at.from, at.to);
	sheet_cell(t, STYLE_DIM, name);
	sheet_cell(t, st, value);
	sheet_cell(t, STYLE_DIM, bytes);
}

static void party_fields(sheet *t, const screen *s, const know *k, const char *name, style st, const kula_party *p, uint32_t count)
{
	buf line = {0};
	for (uint32_t i = 0; i < count; i++) {
		line.n = 0;
		buf_text(&line, p[i].text);
		const char *country = k && *p[i].code ? know_code_name(k, p[i].code) : NULL;
		if (*p[i].code && country)
			buf_format(&line, " (%s, %s)", p[i].code, country);
		else
			buf_format(&line, " (%s)", *p[i].code ? p[i].code : "no code");
		if (p[i].verb)
			buf_format(&line, s->utf8 ? ": “%s”" : ": \"%s\"", p[i].verb);
		field(t, i ? "" : name, st, buf_string(&line), p[i].span);
	}
	buf_free(&line);
}

static void item_fields(sheet *t, const screen *s, const kula_claim *c)
{
	buf line = {0};
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *it = &c->items[i];
		line.n = 0;
		buf_format(&line, "%s (%s: ", it->text, kula_kind_name(it->kind));
		render_quantity(&line, s, &it->q);
		buf_format(&line, " %s)", it->what);
		if (it->in >= 0)
			buf_format(&line, ", of %s", c->items[it->in].text);
		field(t, i ? "" : "items", STYLE_WARN, buf_string(&line), it->span);
	}
	buf_free(&line);
}

static void text_field(sheet *t, const char *name, const char *value)
{
	if (value)
		field(t, name, STYLE_NONE, value, (kula_span){0, 0});
}

/* The exchange that a claim stands in, by its number; 0: in none, or not joined yet. */
static int64_t exchange_of(ledger *l, arena *a, int64_t claim, char number[40])
{
	kula_error ignored = {0};
	ledger_claim first;
	const int64_t exchange = ledger_exchange_of(l, claim, &ignored);
	if (exchange == 0 || ledger_claim_load(l, a, exchange, &first, &ignored) != KULA_OK)
		return 0;
	snprintf(number, 40, "x%s", first.number);
	return exchange;
}

static void show_sentence(buf *out, const screen *s, const kula_claim *c)
{
	marks *m = base_malloc(sizeof *m);
	if (!m) {
		out->refused = true;
		return;
	}
	m->count = 0;
	collect(m, c);
	mark_sentence(out, s, m, c->evidence);
	free(m);
}

/* exchange: its number, or NULL */
static void show_people(buf *out, const screen *s, const know *k, const ledger_claim *lc, const char *exchange)
{
	static const sheet_column columns[] = {
		{"field", "", false, SHEET_KEEP, 0},
		{"value", "", false, SHEET_WRAP, 20},
		{"bytes", "", true, SHEET_KEEP, 0},
	};
	const kula_claim *c = &lc->c;
	buf line = {0};
	buf_format(&line, "claim %s", lc->number);
	paint(out, s, STYLE_BOLD, buf_string(&line));
	buf_text(out, "  ");
	paint(out, s, STYLE_HEAD, kula_act_name(c->act));
	buf_text(out, "  ");
	paint(out, s, style_of_status(c->status), kula_status_name(c->status));
	if (!lc->active)
		paint(out, s, STYLE_BAD, "  of an earlier reading");
	else if (lc->as_read != lc->claim)
		paint(out, s, lc->stands ? STYLE_WARN : STYLE_BAD, lc->stands ? "  as reviewed" : "  rejected");
	else if (!lc->stands)
		paint(out, s, STYLE_BAD, "  rejected");
	buf_text(out, "\n\n");
	show_sentence(out, s, c);
	buf_char(out, '\n');

	sheet *t = sheet_new(SHEET_PEOPLE, *s, columns, COUNT_OF(columns));
	if (!t) {
		out->refused = true;
		return;
	}
	field(t, "trigger", STYLE_HEAD, c->trigger, c->trigger_span);
	party_fields(t, s, k, "from", STYLE_ACCENT, c->from, c->from_count);
	party_fields(t, s, k, "to", STYLE_SECOND, c->to, c->to_count);
	item_fields(t, s, c);
	if (c->date.first != KULA_NO_DAY) {
		line.n = 0;
		render_days(&line, c->date);
		field(t, "date", STYLE_BOLD, buf_string(&line), c->date_span);
	}
	if (c->due.first != KULA_NO_DAY) {
		line.n = 0;
		render_days(&line, c->due);
		field(t, "due", STYLE_BOLD, buf_string(&line), c->due_span);
	}
	if (c->has_value) {
		line.n = 0;
		render_quantity(&line, s, &c->value);
		field(t, "value", STYLE_WARN, buf_string(&line), c->value_span);
	}
	text_field(t, "place", c->place_at);
	text_field(t, "place from", c->place_from);
	text_field(t, "place to", c->place_to);
	text_field(t, "means", c->means);
	text_field(t, "agreement", c->agreement);
	text_field(t, "condition", c->condition);
	party_fields(t, s, k, "said by", STYLE_GOOD, c->said_by, c->said_by_count);
	if (!isnan(c->confidence)) {
		line.n = 0;
		buf_format(&line, "%.2f", c->confidence);
		text_field(t, "confidence", buf_string(&line));
	}
	line.n = 0;
	buf_text(&line, lc->title && *lc->title ? lc->title : lc->doc);
	if (lc->publisher)
		buf_format(&line, ", %s", lc->publisher);
	if (lc->published != KULA_NO_DAY) {
		buf_text(&line, ", ");
		render_day(&line, lc->published);
	}
	text_field(t, "told in", buf_string(&line));
	text_field(t, "document", lc->doc);
	text_field(t, "own id", c->id);
	text_field(t, "read by", lc->reader);
	text_field(t, "exchange", exchange);
	sheet_print(t, out);
	sheet_free(t);
	buf_free(&line);
}

/* What people said of the claim, and what it was as read where that is something else. */
typedef struct said_lines { buf *out; const screen *s; } said_lines;

static bool say_said(void *arg, const ledger_said *said)
{
	const said_lines *x = arg;
	if (!said->stands)
		return true;
	buf line = {0};
	buf_format(&line, "%s by %s, %.10s", said->verdict, said->reviewer, said->time);
	if (said->field)
		buf_format(&line, ": %s", said->field);
	if (said->ruling)
		buf_format(&line, ": %s", said->claims);
	if (said->note)
		buf_format(&line, " (%s)", said->note);
	buf_text(x->out, "  ");
	text_wrap(x->out, x->s, 4, false, STYLE_DIM, buf_string(&line));
	buf_free(&line);
	return true;
}

static void show_said(buf *out, const screen *s, ledger *l, arena *a, const ledger_claim *lc, kula_error *err)
{
	buf said = {0};
	said_lines x = {&said, s};
	ledger_said_each(l, lc->claim, NULL, say_said, &x, err);
	if (said.n) {
		buf_text(out, "\nreviews\n");
		buf_add(out, said.at, said.n);
	}
	buf_free(&said);
	ledger_claim read;
	if (lc->as_read == lc->claim || ledger_claim_load(l, a, lc->as_read, &read, err) != KULA_OK)
		return;
	buf line = {0};
	buf_format(&line, "as it was read: %s, %s, ", kula_act_name(read.c.act), kula_status_name(read.c.status));
	render_codes(&line, read.c.from, read.c.from_count);
	buf_text(&line, s->utf8 ? " \xE2\x86\x92 " : " > ");
	render_codes(&line, read.c.to, read.c.to_count);
	for (uint32_t i = 0; i < read.c.item_count; i++) {
		buf_text(&line, i ? "; " : ", ");
		render_quantity(&line, s, &read.c.items[i].q);
		buf_format(&line, " %s", read.c.items[i].what);
	}
	if (read.c.date.first != KULA_NO_DAY) {
		buf_text(&line, ", ");
		render_days(&line, read.c.date);
	}
	text_wrap(out, s, 2, true, STYLE_DIM, buf_string(&line));
	buf_free(&line);
}

/* ---- exchanges ---- */

static const char *link_words(const answer_link *k)
{
	static const char *const out[ANSWER_LINKS] = {"fulfils", "part of", "returns", "under", "in answer to"};
	static const char *const in[ANSWER_LINKS] = {"fulfilled by", "has the part", "returned by", "acts under it:", "answered by"};
	return (k->out ? out : in)[k->type];
}

static bool show_exchange(ask *q, arena *a, const answer_exchange *x)
{
	buf *out = &q->out, line = {0};
	buf_format(&line, "exchange %s", x->number);
	paint(out, &q->s, STYLE_BOLD, buf_string(&line));
	buf_text(out, "  ");
	paint(out, &q->s, STYLE_HEAD, kula_act_name(x->act));
	buf_text(out, "  ");
	line.n = 0;
	say_status(&line, q, x);
	paint(out, &q->s, style_of_status(x->status), buf_string(&line));
	buf_text(out, "\n\n");
	static const sheet_column columns[] = {{"field", "", false, SHEET_KEEP, 0}, {"value", "", false, SHEET_WRAP, 20}};
	sheet *t = sheet_new(SHEET_PEOPLE, q->s, columns, COUNT_OF(columns));
	if (!t) {
		out->refused = true;
		buf_free(&line);
		return true;
	}
#define ROW(name, fill) (line.n = 0, fill, line.n ? (sheet_cell(t, STYLE_DIM, name), sheet_cell(t, STYLE_NONE, buf_string(&line))) : (void)0)
	ROW("when", say_when(&line, x));
	ROW("who", say_sides(&line, q, x));
	ROW("what", say_what(&line, q, x));
	ROW("accounts", buf_format(&line, "%u claim%s in %u document%s, %u independent", x->account_count, x->account_count == 1 ? "" : "s",
		x->documents, x->documents == 1 ? "" : "s", x->independent));
	ROW("differ in", say_differs(&line, x));
	for (uint32_t i = 0; i < x->link_count; i++)
		ROW(i ? "" : "links", buf_format(&line, "%s %s", link_words(&x->links[i]), x->links[i].number));
#undef ROW
	sheet_print(t, out);
	sheet_free(t);
	for (uint32_t i = 0; i < x->account_count; i++) {
		ledger_claim c;
		arena_clear(a);
		if (ledger_claim_load(q->l, a, x->accounts[i].claim, &c, &q->err) != KULA_OK) {
			buf_free(&line);
			return false;
		}
		line.n = 0;
		buf_format(&line, "%s: %s, %s. ", c.number, kula_act_name(c.c.act), kula_status_name(c.c.status));
		say_source(&line, &c);
		if (c.published != KULA_NO_DAY) {
			buf_text(&line, ", ");
			render_day(&line, c.published);
		}
		buf_char(out, '\n');
		text_wrap(out, &q->s, 2, false, STYLE_DIM, buf_string(&line));
		show_sentence(out, &q->s, &c.c);
	}
	buf_free(&line);
	return true;
}

/* "x12.3": the exchange that claim 12.3 stands in. 0: no such exchange, and the words may still be a claim's. */
static int64_t exchange_typed(ledger *l, const char *typed)
{
	kula_error ignored = {0};
	if (typed[0] != 'x' || !is_digit((byte)typed[1]))
		return 0;
	const int64_t claim = ledger_claim_of(l, typed + 1, &ignored);
	return claim ? ledger_exchange_of(l, claim, &ignored) : 0;
}

static bool exchange_named(ask *q, arena *a, int64_t exchange)
{
	answer_filter f = answer_filter_all();
	f.by_number = true;
	f.after = exchange - 1;
	f.limit = 1;
	arena_clear(q->a);
	bool ok = (q->u || (q->u = answer_units_open(NULL, &q->err))) && answer_exchanges(q->l, q->u, q->a, &f, 0, &q->set, &q->err) == KULA_OK;
	if (ok && q->set.asked == 1) {
		if (q->json) {
			json_exchange(&q->out, q, &q->set.at[0], NULL);
			buf_char(&q->out, '\n');
		} else
			ok = show_exchange(q, a, &q->set.at[0]);
	}
	answer_set_clear(&q->set);
	return ok;
}

static bool claim_named(ask *q, arena *a, const char *typed, bool text)
{
	ledger_claim lc;
	char number[40] = "", member[64];
	const int64_t claim = ledger_claim_of(q->l, typed, &q->err);
	if (claim == 0 || ledger_claim_load(q->l, a, claim, &lc, &q->err) != KULA_OK)
		return false;
	const bool joined = exchange_of(q->l, a, lc.claim, number) != 0;
	if (q->json) {
		snprintf(member, sizeof member, "\"exchange\":\"%s\"", number);
		render_json(&q->out, &lc, joined ? member : NULL);
		buf_char(&q->out, '\n');
		return true;
	}
	show_people(&q->out, &q->s, q->k, &lc, joined ? number : NULL);
	show_said(&q->out, &q->s, q->l, a, &lc, &q->err);
	size_t n = 0;
	const char *body = text ? ledger_text(q->l, a, lc.document, &n, &q->err) : NULL;
	for (size_t at = 0; body && at < n;) {
		const char *line = memchr(body + at, '\n', n - at);
		const size_t end = line ? (size_t)(line - body) : n;
		const char *paragraph = arena_text(a, body + at, end - at);
		buf_char(&q->out, '\n');
		if (paragraph)
			text_wrap(&q->out, &q->s, 0, false, STYLE_NONE, paragraph);
		at = end + 1;
	}
	return true;
}

int cmd_show(int argc, char **argv)
{
	ask q = ask_new();
	bool text = false;
	const cli_option options[] = {
		CLI_JSON(&q.json),
		{0, "text", OPTION_FLAG, &text, NULL, "the whole text of its document behind it"},
		ASK_THEN(q),
		CLI_LEDGER(&q.path),
		CLI_KNOWLEDGE(&q.knowledge),
		CLI_KNOW(&q.own),
		CLI_WEIGHTS(&q.weights),
		CLI_QUIET(&q.quiet),
	};
	static const cli_usage usage = {"show", "CLAIM|EXCHANGE...",
		"Shows claims: the sentence with its parts marked, every field, where in the text it stands, and what people said of it.\n"
		"A claim is named by the number that other commands print, like 12.3: the third of document 12. The document's\n"
		"own id does as well (report-7.3), and so does the id that a reader gave the claim. Of an exchange (x12.3): what its\n"
		"accounts allow together, its links, and the sentence of each account.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count == 0)
		return cli_error(KULA_EUSAGE, "which claim? 'kula show 12.3'");
	kula_error ignored = {0};
	q.s = screen_of(stdout);
	if (!ask_ledger(&q))
		return ask_fail(&q);
	q.k = q.json ? NULL : know_open(q.knowledge, &ignored);
	q.a = arena_new((size_t)1 << 30);
	arena *a = arena_new((size_t)256 << 20);
	code = q.a && a ? CLI_OK : cli_error(KULA_EMEMORY, "no memory");
	for (int i = 0; i < words.count && q.a && a; i++) {
		q.err = (kula_error){0};
		arena_clear(a);
		if (i && !q.json)
			buf_char(&q.out, '\n');
		const int64_t exchange = exchange_typed(q.l, words.at[i]);
		if (!(exchange ? exchange_named(&q, a, exchange) : claim_named(&q, a, words.at[i], text))) {
			const int failed = cli_fail(&q.err);
			code = code ? code : failed;
		}
		render_out(&q.out);
	}
	arena_free(a);
	ask_close(&q);
	return code;
}
