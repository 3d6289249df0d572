/* kula report A B: one page with the timeline, the totals, the differences and every sentence behind them. It needs no script, no
 * network and no other file; what it shows of documents is escaped, whatever they hold. */
#include "cli/ask.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- HTML ---- */

/* Text between tags or inside quotes of an attribute: cleaned as for a terminal, then escaped. */
static void html(buf *out, const char *text, size_t n)
{
	buf clean = {0};
	text_clean(&clean, text, n);
	for (size_t i = 0; i < clean.n; i++) {
		switch (clean.at[i]) {
		case '&': buf_text(out, "&amp;"); break;
		case '<': buf_text(out, "&lt;"); break;
		case '>': buf_text(out, "&gt;"); break;
		case '"': buf_text(out, "&quot;"); break;
		case '\'': buf_text(out, "&#39;"); break;
		default: buf_char(out, clean.at[i]);
		}
	}
	out->refused |= clean.refused;
	buf_free(&clean);
}

static void html_text(buf *out, const char *text)
{
	if (text)
		html(out, text, strlen(text));
}

/* <tag class="style">words</tag>; empties the words. */
static void html_words(buf *out, const char *tag, const char *style_name, buf *words)
{
	buf_format(out, "<%s", tag);
	if (style_name)
		buf_format(out, " class=\"%s\"", style_name);
	buf_char(out, '>');
	html(out, buf_string(words), words->n);
	buf_format(out, "</%s>", tag);
	words->n = 0;
}

static void claim_ref(buf *out, const char *number)
{
	buf_text(out, "<code>");
	html_text(out, number);
	buf_text(out, "</code>");
}

/* The name of an exchange, a link to it where it is on the page. */
static void exchange_ref(buf *out, const ask *q, const char *number, int64_t exchange)
{
	const uint32_t at = answer_place(&q->set, exchange);
	if (at < q->set.asked) {
		buf_text(out, "<a href=\"#");
		html_text(out, number);
		buf_text(out, "\">");
	}
	claim_ref(out, number);
	if (at < q->set.asked)
		buf_text(out, "</a>");
}

static const char style_sheet[] =
	":root{color-scheme:light dark;--ink:#1b1b1b;--dim:#5a5a5a;--ground:#fff;--line:#d4d4d4;--panel:#f6f5f2;--forth:#0b5c7a;--back:#8a3a6b;"
	"--good:#1e6b34;--plan:#6a5300;--bad:#a4262c}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e8e6e3;--dim:#a9a6a1;--ground:#161616;--line:#3a3a3a;--panel:#202020;--forth:#7cc4e0;"
	"--back:#e09ac4;--good:#86d39b;--plan:#e0c060;--bad:#ff9a94}}\n"
	"*{box-sizing:border-box}body{margin:0 auto;padding:1.5rem;max-width:64rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}\n"
	"h1{font-size:1.7rem;margin:0}h2{font-size:1.25rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:0}\n"
	"a{color:var(--forth)}a.skip{position:absolute;left:-99rem}a.skip:focus{left:1rem}.dim,small{color:var(--dim)}\n"
	"code{font:.85em ui-monospace,monospace;color:var(--dim)}\n"
	"table{border-collapse:collapse;width:100%;font-size:.92rem}caption{text-align:left;color:var(--dim);padding:.2rem 0}\n"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}td.n,th.n{text-align:right;white-space:nowrap}\n"
	".scroll{overflow-x:auto}.forth{color:var(--forth)}.back{color:var(--back)}.good{color:var(--good)}.plan{color:var(--plan)}.bad{color:var(--bad)}\n"
	"article{padding:.8rem 0;border-bottom:1px solid var(--line)}article:target{background:var(--panel)}article p{margin:.2rem 0}\n"
	"ul.told{list-style:none;margin:.4rem 0 0;padding:0 0 0 .9rem;border-left:3px solid var(--line)}ul.told li{margin:.3rem 0}\n"
	"q{quotes:'\\201C' '\\201D'}mark{background:none;color:inherit;font-weight:600;text-decoration:underline;text-underline-offset:.15em}\n"
	".sides{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.sides>div{background:var(--panel);padding:.6rem .8rem}\n"
	"@media (max-width:40rem){.sides{grid-template-columns:1fr}}\n"
	"svg{width:100%;height:auto;display:block;background:var(--panel)}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg text.dim{fill:var(--dim)}\n"
	"svg .axis{stroke:var(--line);stroke-width:1}svg .link{stroke:var(--dim);stroke-width:1;fill:none;opacity:.6}\n"
	"svg .m{stroke-width:2}svg .forth .m{stroke:var(--forth);fill:var(--forth)}svg .back .m{stroke:var(--back);fill:var(--back)}"
	"svg .both .m{stroke:var(--ink);fill:var(--ink)}svg .hollow .m{fill:var(--panel)}svg .dashed .m{stroke-dasharray:3 2}\n"
	"svg .ring{fill:none;stroke:var(--bad);stroke-width:2}svg a:focus .m{outline:2px solid var(--bad)}\n"
	"@media print{:root{--ink:#000;--dim:#444;--ground:#fff;--panel:#fff;--line:#bbb;--forth:#0b5c7a;--back:#8a3a6b;--good:#1e6b34;--plan:#6a5300;"
	"--bad:#a4262c}body{max-width:none;padding:0;font-size:10pt}article,tr,.sides>div{break-inside:avoid}h2{break-after:avoid}a{color:inherit;"
	"text-decoration:none}a.skip{display:none}}\n";

/* ---- the timeline ---- */

enum { LEFT = 20, RIGHT = 980, ROW = 18, LANES = 3, LANE_HEAD = 20, ROWS_MOST = 400, LABELLED = 60, LABEL = 26 };

/* label: columns of the words beside it, 0 for none; they stand to the left of marks near the right edge. */
typedef struct marked { double from, to; uint32_t row; bool there, left; uint32_t label; double x, y; } marked;

/* A few words for a mark: what passes, else the act. */
static void say_label(buf *b, const answer_exchange *x)
{
	const char *words = x->thing_count ? x->things[0].text : kula_act_name(x->act);
	size_t n = 0, fits = 0;
	for (uint32_t c = 0, size; words[n] && c < LABEL; c++) {
		utf8_next((const byte *)words + n, strlen(words + n), &size);
		n += size;
		if (words[n] == ' ' || words[n] == 0)
			fits = n;
	}
	if (!words[n])
		fits = n;
	buf_add(b, words, fits ? fits : n);
	if (words[fits ? fits : n])
		buf_text(b, "…");
}

static const char *const lane_names[ANSWER_WAYS] = {"forth", "back", "both"};

/* The first day of the period that a day is in, and of the next: steps of months; 0: weeks. */
static kula_day tick_from(kula_day d, int months)
{
	int y, m, day;
	if (months == 0)
		return d - day_of_week(d);
	day_split(d, &y, &m, &day);
	const int at = (y * 12 + m - 1) / months * months;
	return day_of(at / 12, at % 12 + 1, 1);
}
static kula_day tick_next(kula_day d, int months)
{
	int y, m, day;
	if (months == 0)
		return d + 7;
	day_split(d, &y, &m, &day);
	const int at = y * 12 + m - 1 + months;
	return day_of(at / 12, at % 12 + 1, 1);
}

static void draw_mark(buf *out, const ask *q, const answer_exchange *x, const marked *m, buf *words)
{
	const bool undertaking = !x->fact, no = x->status == KULA_DENIED || x->status == KULA_REFUSED;
	const bool plan = x->status == KULA_PLANNED || x->status == KULA_POSSIBLE;
	buf_text(out, "<a href=\"#");
	html_text(out, x->number);
	buf_format(out, "\" class=\"%s%s%s\"><title>", lane_names[x->way], undertaking || plan || no ? " hollow" : "", plan ? " dashed" : "");
	say_when(words, x);
	buf_text(words, ": ");
	say_sides(words, q, x);
	buf_format(words, ", %s, ", kula_act_name(x->act));
	say_status(words, q, x);
	buf_text(words, ", ");
	say_things(words, q, x);
	if (x->difference_count) {
		buf_text(words, "; accounts differ on ");
		say_differs(words, x);
	}
	html(out, buf_string(words), words->n);
	words->n = 0;
	buf_text(out, "</title>");
	const double w = m->to - m->from;
	if (no)
		buf_format(out, "<path class=\"m\" d=\"M%.1f %.1fl8 8m0 -8l-8 8\"/>", m->x - 4, m->y - 4);
	else if (undertaking)
		buf_format(out, "<path class=\"m\" d=\"M%.1f %.1fl6 6l-6 6l-6 -6z\"/>", m->x, m->y - 6);
	else if (w > 10)
		buf_format(out, "<rect class=\"m\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"8\" rx=\"4\"/>", m->from, m->y - 4, w);
	else
		buf_format(out, "<circle class=\"m\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>", m->x, m->y);
	if (m->label) {
		say_label(words, x);
		buf_format(out, "<text class=\"dim\" x=\"%.1f\" y=\"%.1f\"%s>", m->left ? MIN_OF(m->from, m->x) - 11 : MAX_OF(w > 10 && !undertaking && !no ? m->to : m->x, m->x) + 11,
			m->y + 4, m->left ? " text-anchor=\"end\"" : "");
		html(out, buf_string(words), words->n);
		words->n = 0;
		buf_text(out, "</text>");
	}
	if (x->difference_count)
		buf_format(out, "<circle class=\"ring\" cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/>", m->x, m->y);
	buf_text(out, "</a>\n");
}

static bool draw_timeline(buf *out, const ask *q)
{
	static const answer_way lanes[LANES] = {ANSWER_FORTH, ANSWER_BOTH, ANSWER_BACK};
	const answer_set *s = &q->set;
	marked *m = calloc(s->asked + 1u, sizeof *m);
	double (*ends)[ROWS_MOST] = calloc(LANES, sizeof *ends);
	if (!m || !ends) {
		free(m);
		free(ends);
		return false;
	}
	kula_day first = KULA_NO_DAY, last = KULA_NO_DAY;
	uint32_t undated = 0;
	for (uint32_t e = 0; e < s->asked; e++) {
		const answer_exchange *x = &s->at[e];
		if (x->day == KULA_NO_DAY) {
			undated++;
			continue;
		}
		const kula_day end = x->days.first != KULA_NO_DAY ? x->days.last : x->day;
		first = first == KULA_NO_DAY ? x->day : MIN_OF(first, x->day);
		last = last == KULA_NO_DAY ? end : MAX_OF(last, end);
	}
	buf words = {0};
	if (first != KULA_NO_DAY) {
		if (last - first < 28) {
			first -= 7;
			last += 7;
		}
		const double scale = (double)(RIGHT - LEFT) / MAX_OF(last - first, 1);
		uint32_t rows[LANES] = {0};
		for (uint32_t e = 0; e < s->asked; e++) {
			const answer_exchange *x = &s->at[e];
			if (x->day == KULA_NO_DAY)
				continue;
			const kula_day end = x->days.first != KULA_NO_DAY ? x->days.last : x->day;
			const int lane = x->way == ANSWER_FORTH ? 0 : x->way == ANSWER_BOTH ? 1 : 2;
			m[e].there = true;
			m[e].from = LEFT + (x->day - first) * scale;
			m[e].to = LEFT + (end - first) * scale;
			const bool bar = x->fact && x->status != KULA_DENIED && m[e].to - m[e].from > 10;
			m[e].x = bar ? (m[e].from + m[e].to) / 2 : m[e].from;
			double begin = m[e].from - 10, end_at = (bar ? m[e].to : m[e].x) + 10;
			if (s->asked <= LABELLED) {
				say_label(&words, x);
				m[e].label = text_columns(buf_string(&words), words.n);
				words.n = 0;
				const double width = m[e].label * 6.6 + 6;      /* of 12 pixels, in most fonts */
				m[e].left = end_at + width > 1000;
				if (m[e].left)
					begin -= width;
				else
					end_at += width;
			}
			uint32_t row = 0;
			while (row + 1 < ROWS_MOST && ends[lane][row] > begin)
				row++;
			ends[lane][row] = end_at;
			m[e].row = row;
			rows[lane] = MAX_OF(rows[lane], row + 1);
		}
		uint32_t top[LANES + 1] = {4};
		for (int lane = 0; lane < LANES; lane++)
			top[lane + 1] = top[lane] + (rows[lane] ? LANE_HEAD + rows[lane] * ROW : 0);
		for (uint32_t e = 0; e < s->asked; e++) {
			const answer_way way = s->at[e].way;
			m[e].y = top[way == ANSWER_FORTH ? 0 : way == ANSWER_BOTH ? 1 : 2] + LANE_HEAD + m[e].row * ROW + ROW / 2.0;
		}
		const uint32_t bottom = top[LANES] + 4;
		buf_format(out, "<figure class=\"scroll\" style=\"margin:0\"><svg viewBox=\"0 0 1000 %u\" role=\"group\" aria-labelledby=\"tl tld\">\n<title id=\"tl\">Timeline</title>"
			"<desc id=\"tld\">%u exchanges by day; each links to its entry below, where all of this is in words.</desc>\n", bottom + 24, s->asked);
		/* the axis: as many ticks as leave room for their labels */
		static const int steps[] = {0, 1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200};
		size_t step = 0;
		while (step + 1 < COUNT_OF(steps) && (last - first) / (steps[step] ? steps[step] * 30.44 : 7) > 14)
			step++;
		for (kula_day d = tick_from(first, steps[step]); d <= last && d != KULA_NO_DAY; d = tick_next(d, steps[step])) {
			char iso[16];
			const double x = LEFT + (d - first) * scale;
			if (d < first)
				continue;
			kula_day_format(d, iso);
			if (steps[step] >= 12)
				iso[4] = 0;
			else if (steps[step] > 0)
				iso[7] = 0;
			buf_format(out, "<path class=\"axis\" d=\"M%.1f 4V%u\"/><text class=\"dim\" x=\"%.1f\" y=\"%u\"%s>%s</text>\n", x, bottom, x, bottom + 15,
				x > RIGHT - 40 ? " text-anchor=\"end\"" : "", iso);
		}
		for (int lane = 0; lane < LANES; lane++) {
			if (!rows[lane])
				continue;
			say_way(&words, q, lanes[lane]);
			buf_format(out, "<text x=\"4\" y=\"%u\">", top[lane] + 13);
			html(out, buf_string(&words), words.n);
			words.n = 0;
			buf_text(out, "</text>\n");
		}
		for (uint32_t e = 0; e < s->asked; e++)
			for (uint32_t k = 0; k < s->at[e].link_count; k++) {
				const uint32_t to = answer_place(s, s->at[e].links[k].other);
				if (!s->at[e].links[k].out || to >= s->asked || !m[e].there || !m[to].there || s->at[e].links[k].type == ANSWER_UNDER)
					continue;
				buf_format(out, "<path class=\"link\" d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\"/>\n", m[e].x, m[e].y, (m[e].x + m[to].x) / 2,
					MIN_OF(m[e].y, m[to].y) - 8, m[to].x, m[to].y);
			}
		for (uint32_t e = 0; e < s->asked; e++)
			if (m[e].there)
				draw_mark(out, q, &s->at[e], &m[e], &words);
		buf_text(out, "</svg><figcaption class=\"dim\">Filled: done or under way; a bar: over these days. Dashed: planned or possible. Diamond: promised, offered, "
			"requested or threatened. Cross: denied or refused. Ringed: accounts differ. Lines: what fulfils, is part of, returns or answers what.");
		if (undated)
			buf_format(out, " %u without any day %s not drawn.", undated, undated == 1 ? "is" : "are");
		buf_text(out, "</figcaption></figure>\n");
	}
	buf_free(&words);
	free(m);
	free(ends);
	return true;
}

/* ---- tables ---- */

static void write_balance(buf *out, const ask *q, const answer_balance *b)
{
	buf words = {0};
	buf_text(out, "<section aria-labelledby=\"totals\"><h2 id=\"totals\">What passed, in sum</h2>\n");
	if (b->count == 0) {
		buf_text(out, "<p>Nothing that can be added up.</p></section>\n");
		return;
	}
	buf_text(out, "<div class=\"scroll\"><table><caption>Intervals are added as intervals; a part is not added to its whole, a delivery not to its pledge. "
		"* accounts differ or one denies it; +n? n more without a number; ! more than was pledged.</caption>\n"
		"<thead><tr><th scope=\"col\">who</th><th scope=\"col\">what</th><th scope=\"col\">act</th><th scope=\"col\" class=\"n\">pledged</th>"
		"<th scope=\"col\" class=\"n\">planned</th><th scope=\"col\" class=\"n\">delivered</th><th scope=\"col\" class=\"n\">outstanding</th>"
		"<th scope=\"col\">claims</th></tr></thead><tbody>\n");
	for (uint32_t i = 0; i < b->count; i++) {
		const answer_balance_row *r = &b->rows[i];
		buf_text(out, "<tr>");
		say_way(&words, q, r->way);
		html_words(out, "td", lane_names[r->way], &words);
		say_kind(&words, r);
		html_words(out, "td", NULL, &words);
		buf_text(&words, r->all ? "in all" : kula_act_name(r->act));
		html_words(out, "td", NULL, &words);
		say_column(&words, q, &r->pledged);
		html_words(out, "td", "n", &words);
		say_column(&words, q, &r->planned);
		html_words(out, "td", "n", &words);
		say_column(&words, q, &r->delivered);
		if (r->over.min > 0)
			buf_text(&words, " !");
		html_words(out, "td", "n good", &words);
		say_column(&words, q, &r->outstanding);
		html_words(out, "td", r->outstanding.q.min > 0 ? "n plan" : "n", &words);
		buf_text(out, "<td>");
		for (uint32_t k = 0; k < r->claim_count; k++) {
			if (k)
				buf_char(out, ' ');
			buf_text(out, "<a href=\"#x");
			html_text(out, r->claims[k]);
			buf_text(out, "\">");
			claim_ref(out, r->claims[k]);
			buf_text(out, "</a>");
		}
		buf_text(out, "</td></tr>\n");
	}
	buf_text(out, "</tbody></table></div></section>\n");
	buf_free(&words);
}

static bool write_pledges(buf *out, ask *q, bool loans)
{
	answer_pledges p;
	buf words = {0};
	if (answer_pledges_of(&q->set, q->a, loans, q->on, &p, &q->err) != KULA_OK)
		return false;
	uint32_t count = 0;
	for (uint32_t i = 0; i < p.count; i++) {
		const kula_claim_status s = q->set.at[p.rows[i].exchange].status;
		if (loans || s == KULA_PROMISED || s == KULA_OFFERED)
			p.rows[count++] = p.rows[i];
	}
	if (count == 0)
		return true;
	buf_format(out, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n<div class=\"scroll\"><table><caption>", loans ? "loans" : "pledges",
		loans ? "loans" : "pledges", loans ? "Loans" : "Pledges and offers");
	if (q->on != KULA_NO_DAY) {
		buf_text(out, "Overdue as of ");
		render_day(out, q->on);
		buf_char(out, '.');
	}
	buf_format(out, "</caption>\n<thead><tr><th scope=\"col\">when</th><th scope=\"col\">who</th><th scope=\"col\">act</th><th scope=\"col\">what</th>"
		"<th scope=\"col\">%s</th><th scope=\"col\">outstanding</th><th scope=\"col\">due</th><th scope=\"col\">state</th><th scope=\"col\">entry</th></tr></thead><tbody>\n",
		loans ? "came back" : "delivered");
	for (uint32_t i = 0; i < count; i++) {
		const answer_pledge *r = &p.rows[i];
		const answer_exchange *x = &q->set.at[r->exchange];
		buf_text(out, "<tr>");
		say_when(&words, x);
		html_words(out, "td", NULL, &words);
		say_sides(&words, q, x);
		html_words(out, "td", lane_names[x->way], &words);
		buf_text(&words, kula_act_name(x->act));
		html_words(out, "td", NULL, &words);
		say_things(&words, q, x);
		html_words(out, "td", NULL, &words);
		say_came(&words, q, r);
		html_words(out, "td", "good", &words);
		say_left(&words, q, r);
		html_words(out, "td", NULL, &words);
		say_due(&words, r);
		html_words(out, "td", r->overdue ? "bad" : NULL, &words);
		buf_text(&words, r->overdue ? "overdue" : loans && r->state == ANSWER_KEPT ? "returned" : answer_state_name(r->state));
		html_words(out, "td", r->overdue ? "bad" : NULL, &words);
		buf_text(out, "<td>");
		exchange_ref(out, q, x->number, x->exchange);
		buf_text(out, "</td></tr>\n");
	}
	buf_text(out, "</tbody></table></div></section>\n");
	buf_free(&words);
	return true;
}

/* ---- sentences ---- */

/* The sentence of an account, its trigger marked, and who says so. */
static bool write_account(buf *out, ask *q, const ledger_claim *k)
{
	ledger_claim full;
	buf words = {0};
	if (ledger_claim_load(q->l, q->a, k->claim, &full, &q->err) != KULA_OK)
		return false;
	const kula_claim *c = &full.c;
	const size_t n = strlen(c->evidence);
	const size_t from = c->trigger_span.from >= c->span.from ? c->trigger_span.from - c->span.from : 0;
	const size_t to = c->trigger_span.to >= c->span.from ? c->trigger_span.to - c->span.from : 0;
	buf_text(out, "<q dir=\"auto\">");
	if (to > from && to <= n) {
		html(out, c->evidence, from);
		buf_text(out, "<mark>");
		html(out, c->evidence + from, to - from);
		buf_text(out, "</mark>");
		html(out, c->evidence + to, n - to);
	} else {
		html(out, c->evidence, n);
	}
	buf_text(out, "</q> <small>");
	say_source(&words, &full);
	if (full.published != KULA_NO_DAY) {
		buf_text(&words, ", ");
		render_day(&words, full.published);
	}
	html_words(out, "bdi", NULL, &words);
	buf_char(out, ' ');
	claim_ref(out, full.number);
	buf_text(out, "</small>");
	buf_free(&words);
	return true;
}

static bool write_differences(buf *out, ask *q)
{
	answer_disputes d;
	buf words = {0};
	if (answer_disputes_of(&q->set, q->u, q->a, &d, &q->err) != KULA_OK)
		return false;
	buf_text(out, "<section aria-labelledby=\"differences\"><h2 id=\"differences\">Where accounts differ</h2>\n");
	if (d.count == 0)
		buf_text(out, "<p>No two accounts exclude each other.</p>\n");
	for (uint32_t i = 0; i < d.count; i++) {
		const answer_dispute *f = &d.rows[i];
		const answer_exchange *x = &q->set.at[f->exchange];
		buf_text(out, "<article><h3>");
		say_when(&words, x);
		buf_text(&words, " ");
		say_sides(&words, q, x);
		buf_format(&words, ", %s: ", kula_act_name(x->act));
		say_things(&words, q, x);
		html_words(out, "span", NULL, &words);
		buf_text(out, " <span class=\"bad\">");
		html_text(out, f->field);
		buf_text(out, "</span> ");
		exchange_ref(out, q, x->number, x->exchange);
		buf_text(out, "</h3><div class=\"sides\">");
		for (int side = 0; side < 2; side++) {
			buf_text(out, "<div>");
			say_value(&words, q, &f->sides[side]);
			html_words(out, "strong", NULL, &words);
			buf_text(out, "<ul class=\"told\">");
			for (uint32_t k = 0; k < f->sides[side].count; k++) {
				buf_text(out, "<li>");
				if (!write_account(out, q, &x->accounts[f->sides[side].accounts[k]])) {
					buf_free(&words);
					return false;
				}
				buf_text(out, "</li>");
			}
			buf_text(out, "</ul></div>");
		}
		buf_text(out, "</div></article>\n");
	}
	buf_text(out, "</section>\n");
	buf_free(&words);
	return true;
}

static bool write_agreements(buf *out, ask *q)
{
	answer_agreements g;
	buf words = {0};
	if (answer_agreements_of(&q->set, q->a, &g, &q->err) != KULA_OK)
		return false;
	if (g.count == 0)
		return true;
	buf_text(out, "<section aria-labelledby=\"pacts\"><h2 id=\"pacts\">Agreements</h2>\n");
	for (uint32_t i = 0; i < g.count; i++) {
		const answer_agreement *r = &g.rows[i];
		buf_text(out, "<article>");
		say_agreement(&words, q, r);
		html_words(out, "h3", NULL, &words);
		buf_text(out, "<ul>");
		for (uint32_t k = 0; k < r->clause_count; k++) {
			const answer_exchange *x = &q->set.at[r->clauses[k].exchange];
			buf_format(out, "<li><span class=\"%s\">%s</span>%s: ", r->clauses[k].role == ANSWER_BREACHED || r->clauses[k].role == ANSWER_ENDED ? "bad" : "dim",
				answer_role_name(r->clauses[k].role), r->clauses[k].by_name ? " (by its name)" : "");
			say_when(&words, x);
			buf_char(&words, ' ');
			say_sides(&words, q, x);
			buf_format(&words, ", %s ", kula_act_name(x->act));
			say_status(&words, q, x);
			buf_text(&words, ": ");
			say_what(&words, q, x);
			html_words(out, "bdi", NULL, &words);
			buf_char(out, ' ');
			exchange_ref(out, q, x->number, x->exchange);
			buf_text(out, "</li>");
		}
		buf_text(out, "</ul></article>\n");
	}
	buf_text(out, "</section>\n");
	buf_free(&words);
	return true;
}

static const char *link_words(answer_link_type t, bool out)
{
	static const char *const forth[ANSWER_LINKS] = {"fulfils", "part of", "returns", "under", "answers"};
	static const char *const back[ANSWER_LINKS] = {"fulfilled by", "has the part", "returned by", "under it", "answered by"};
	return out ? forth[t] : back[t];
}

static bool write_exchanges(buf *out, ask *q)
{
	buf words = {0};
	buf_text(out, "<section aria-labelledby=\"exchanges\"><h2 id=\"exchanges\">Every exchange, in the words of its accounts</h2>\n");
	for (uint32_t e = 0; e < q->set.asked; e++) {
		const answer_exchange *x = &q->set.at[e];
		buf_text(out, "<article id=\"");
		html_text(out, x->number);
		buf_text(out, "\"><h3>");
		say_when(&words, x);
		html_words(out, "span", NULL, &words);
		buf_char(out, ' ');
		say_sides(&words, q, x);
		html_words(out, "span", lane_names[x->way], &words);
		buf_format(out, " %s ", kula_act_name(x->act));
		say_status(&words, q, x);
		html_words(out, "span", x->status == KULA_DONE || x->status == KULA_ONGOING ? "good" : x->status == KULA_DENIED || x->status == KULA_REFUSED ? "bad"
			: "plan", &words);
		buf_char(out, ' ');
		claim_ref(out, x->number);
		buf_text(out, "</h3>");
		say_what(&words, q, x);
		html_words(out, "p", NULL, &words);
		buf_format(out, "<p class=\"dim\">%u independent account%s in %u document%s", x->independent, x->independent == 1 ? "" : "s", x->documents,
			x->documents == 1 ? "" : "s");
		if (x->difference_count) {
			buf_text(out, "; <span class=\"bad\">they differ on ");
			say_differs(&words, x);
			html(out, buf_string(&words), words.n);
			words.n = 0;
			buf_text(out, "</span>");
		}
		for (uint32_t k = 0; k < x->link_count; k++) {
			buf_format(out, "; %s ", link_words(x->links[k].type, x->links[k].out));
			exchange_ref(out, q, x->links[k].number, x->links[k].other);
		}
		buf_text(out, "</p><ul class=\"told\">");
		for (uint32_t i = 0; i < x->account_count; i++) {
			buf_text(out, "<li>");
			if (!write_account(out, q, &x->accounts[i])) {
				buf_free(&words);
				return false;
			}
			buf_text(out, "</li>");
		}
		buf_text(out, "</ul></article>\n");
	}
	buf_text(out, "</section>\n");
	buf_free(&words);
	return true;
}

static bool write_page(buf *out, ask *q, const char *title)
{
	buf words = {0};
	uint32_t claims = 0;
	answer_balance b;
	q->s = (screen){.utf8 = true};
	for (uint32_t e = 0; e < q->set.asked; e++)
		claims += q->set.at[e].account_count;
	if (answer_balance_of(&q->set, q->a, q->f.acts ? q->f.acts : answer_passing_acts(), false, &b, &q->err) != KULA_OK)
		return false;
	if (title)
		buf_text(&words, title);
	else
		buf_format(&words, "%s and %s: what passed between them", q->party[0].name, q->party[1].name);
	buf_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"generator\" content=\"Kula " KULA_VERSION "\">\n<title>");
	html(out, buf_string(&words), words.n);
	buf_format(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#exchanges\">to the exchanges</a>\n<header>", style_sheet);
	html_words(out, "h1", NULL, &words);
	buf_format(out, "<p class=\"dim\">%u exchange%s told in %u claim%s", q->set.asked, q->set.asked == 1 ? "" : "s", claims, claims == 1 ? "" : "s");
	if (q->f.since != KULA_NO_DAY) {
		buf_text(out, ", from ");
		render_day(out, q->f.since);
	}
	if (q->f.until != KULA_NO_DAY) {
		buf_text(out, ", up to ");
		render_day(out, q->f.until);
	}
	if (q->on != KULA_NO_DAY) {
		buf_text(out, "; the newest report is of ");
		render_day(out, q->on);
	}
	buf_text(out, ". Every statement is an account's own: its sentence and its source stand below.</p></header>\n<main>\n"
		"<section aria-labelledby=\"timeline\"><h2 id=\"timeline\">Timeline</h2>\n");
	bool ok = draw_timeline(out, q);
	if (!ok)
		kula_fail(&q->err, KULA_EMEMORY, 0, "no memory for the timeline");
	buf_text(out, "</section>\n");
	if (ok)
		write_balance(out, q, &b);
	ok = ok && write_pledges(out, q, false) && write_pledges(out, q, true) && write_agreements(out, q) && write_differences(out, q) && write_exchanges(out, q);
	buf_text(out, "</main>\n<footer><h2>How to read this</h2><p class=\"dim\">A program read the reports and joined the claims that tell of one act. An exchange is one act or "
		"undertaking, whoever tells of it. A figure in square brackets is what all accounts allow together, or from the least to the greatest told where they "
		"exclude each other. A day in round brackets is that of the first report: no text gives its own. Copies of one report count as one account. "
		"<code>12.3</code> is the third claim of document 12; <code>kula show 12.3</code> has it.</p></footer>\n</body>\n</html>\n");
	buf_free(&words);
	return ok;
}

/* Beside the file first, so that a page that is there is whole, the old one or the new one. */
static int write_file(const char *path, const buf *page)
{
	buf beside = {0};
	buf_format(&beside, "%s.%ld", path, (long)getpid());
	const char *name = buf_string(&beside);
	FILE *f = beside.refused ? NULL : fopen(name, "wb");
	bool ok = f != NULL && fwrite(page->at, 1, page->n, f) == page->n;
	if (f && fclose(f) != 0)
		ok = false;
	ok = ok && rename(name, path) == 0;
	const int why = errno;
	if (!ok && f)
		unlink(name);
	buf_free(&beside);
	return ok ? CLI_OK : cli_error(KULA_EIO, "'%s' can't be written: %s", path, strerror(why));
}

int cmd_report(int argc, char **argv)
{
	ask q = ask_new();
	const char *path = NULL, *title = NULL;
	const cli_option options[] = {
		{'o', "output", OPTION_TEXT, &path, "FILE", "the page (default: standard output)"},
		{0, "title", OPTION_TEXT, &title, "TEXT", "its title"},
		ASK_ON(q),
		ASK_DAYS(q),
		ASK_ACT(q),
		ASK_STATUS(q),
		ASK_KIND(q),
		CLI_CONFIDENCE(&q.f.min_confidence),
		ASK_THEN(q),
		CLI_LEDGER(&q.path),
		CLI_KNOWLEDGE(&q.knowledge),
		CLI_KNOW(&q.own),
		CLI_WEIGHTS(&q.weights),
		CLI_QUIET(&q.quiet),
	};
	static const cli_usage usage = {"report", "A B",
		"One HTML page on what passed between two countries or organisations: the timeline drawn, totals, pledges, loans, agreements,\n"
		"where accounts differ, and every sentence with its source. It needs no script and no other file, prints, and follows the\n"
		"reader's light or dark colours.",
		"The same ledger gives the same page. Exit code 1: there is no such exchange, and nothing is written.\n"
		"\nexample:\n  kula report Russia \"North Korea\" --since 2024-01-01 -o page.html"};
	int code;
	if (!ask_begin(&q, &usage, options, COUNT_OF(options), argc, argv, 2, 2, &code))
		return code;
	const uint32_t links = 1u << ANSWER_FULFILS | 1u << ANSWER_PART | 1u << ANSWER_RETURNS | 1u << ANSWER_UNDER;
	if (!ask_on(&q) || answer_exchanges(q.l, q.u, q.a, &q.f, links, &q.set, &q.err) != KULA_OK)
		return ask_fail(&q);
	char nothing[300];
	snprintf(nothing, sizeof nothing, "no exchange between %s and %s in '%s'; no page was written", q.party[0].name, q.party[1].name, ledger_path(q.l));
	const uint32_t count = q.set.asked;
	if (count == 0)
		return ask_end(&q, false, nothing);
	if (!write_page(&q.out, &q, title))
		return ask_fail(&q);
	if (!path || strcmp(path, "-") == 0 || q.out.refused)
		return ask_end(&q, true, nothing);
	code = write_file(path, &q.out);
	q.out.n = 0;
	if (code == CLI_OK)
		cli_note(q.quiet, "%u exchange%s in '%s'", count, count == 1 ? "" : "s", path);
	const int end = ask_end(&q, true, nothing);
	return code ? code : end;
}
