/* kula show CLAIM: the sentence with its parts marked, and every field with the words that it rests on. */
#include "cli/render.h"
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
		for (; i < end; i++) {
			style st = STYLE_NONE;
			for (uint32_t k = 0; k < m->count; k++)
				if (i >= m->at[k].from && i < m->at[k].to)
					st = m->at[k].st;
			if (st != now) {
				paint_end(out, s, now);
				paint_begin(out, s, st);
				now = st;
			}
			if ((byte)text[i] >= 0x20 && (byte)text[i] != 0x7F)
				buf_char(out, text[i]);
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

static void show_people(buf *out, const screen *s, const know *k, const ledger_claim *lc)
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
	marks *m = base_malloc(sizeof *m);
	if (!m) {
		out->refused = true;
		return;
	}
	m->count = 0;
	collect(m, c);
	mark_sentence(out, s, m, c->evidence);
	free(m);
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

int cmd_show(int argc, char **argv)
{
	bool json = false, quiet = false, text = false;
	const char *path = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	const cli_option options[] = {
		CLI_LEDGER(&path),
		CLI_JSON(&json),
		{0, "text", OPTION_FLAG, &text, NULL, "the whole text of its document behind it"},
		CLI_KNOWLEDGE(&knowledge),
		CLI_KNOW(&own),
		CLI_WEIGHTS(&weights),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"show", "CLAIM...",
		"Shows claims: the sentence with its parts marked, every field, and where in the text it stands.\n"
		"A claim is named by the number that other commands print, like 12.3: the third of document 12. The document's\n"
		"own id does as well (report-7.3), and so does the id that a reader gave the claim.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count == 0)
		return cli_error(KULA_EUSAGE, "which claim? 'kula show 12.3'");
	kula_error err = {0}, ignored = {0};
	ledger *l = ledger_open(cli_ledger_path(path), LEDGER_READ, &err);
	if (!l)
		return cli_fail(&err);
	know *k = json ? NULL : know_open(knowledge, &ignored);
	arena *a = arena_new((size_t)256 << 20);
	const screen s = screen_of(stdout);
	buf out = {0};
	code = a ? CLI_OK : cli_error(KULA_EMEMORY, "no memory");
	for (int i = 0; i < words.count && a; i++) {
		ledger_claim lc;
		err = (kula_error){0};
		arena_clear(a);
		const int64_t claim = ledger_claim_of(l, words.at[i], &err);
		if (claim == 0 || ledger_claim_load(l, a, claim, &lc, &err) != KULA_OK) {
			const int failed = cli_fail(&err);
			code = code ? code : failed;
			continue;
		}
		if (json) {
			render_json(&out, &lc, NULL);
			buf_char(&out, '\n');
		} else {
			if (i)
				buf_char(&out, '\n');
			show_people(&out, &s, k, &lc);
			show_said(&out, &s, l, a, &lc, &err);
		}
		size_t n = 0;
		const char *body = text && !json ? ledger_text(l, a, lc.document, &n, &err) : NULL;
		for (size_t at = 0; body && at < n;) {
			const char *line = memchr(body + at, '\n', n - at);
			const size_t end = line ? (size_t)(line - body) : n;
			const char *paragraph = arena_text(a, body + at, end - at);
			buf_char(&out, '\n');
			if (paragraph)
				text_wrap(&out, &s, 0, false, STYLE_NONE, paragraph);
			at = end + 1;
		}
		render_out(&out);
	}
	buf_free(&out);
	arena_free(a);
	know_close(k);
	ledger_close(l);
	return code;
}
