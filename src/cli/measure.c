#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "measure/measure.h"

/* kula measure: what numbers, units and dates in a text amount to, and which row of the tables says so.
 * The cutter wants a vocabulary, and measuring none: one of three pieces will do. */

#define MEASURE_TEXT_BYTES (8u << 20)

static const char PIECES[] = "[UNK]\n[CLS]\n[SEP]\n";

static const struct { uint32_t flag; const char *word; } FLAGS[] = {
	{MEASURE_ARTICLE, "article"}, {MEASURE_ORDINAL, "ordinal"}, {MEASURE_PERCENT, "share"}, {MEASURE_AGE, "age"},
	{MEASURE_VAGUE, "vague"}, {MEASURE_DATE, "date"}, {MEASURE_NONE, "none"}, {MEASURE_DURATION, "duration"},
	{MEASURE_ATTRIBUTE, "attribute"},
};

static void days_json(buf *b, const char *key, kula_days d)
{
	char day[12];
	buf_format(b, ",\"%s\":", key);
	if (d.first == KULA_NO_DAY) {
		buf_text(b, "null");
		return;
	}
	kula_day_format(d.first, day);
	buf_format(b, "[\"%s\",", day);
	kula_day_format(d.last, day);
	buf_format(b, "\"%s\"]", day);
}

static void days_text(char out[32], kula_days d)
{
	out[0] = 0;
	if (d.first == KULA_NO_DAY)
		return;
	kula_day_format(d.first, out);
	if (d.last != d.first) {
		memcpy(out + 10, "..", 2);
		kula_day_format(d.last, out + 12);
	}
}

static kula_span words_span(const text_doc *d, uint32_t from, uint32_t to)
{
	return (kula_span){d->words[from].at.from, d->words[to - 1].at.to};
}

static void quantity_json(buf *b, const text_doc *d, const measured *m, bool articles)
{
	if ((m->flags & MEASURE_ARTICLE) && !articles)
		return;
	const kula_span s = words_span(d, m->word_from, m->word_to), n = words_span(d, m->number_from, m->number_to);
	buf_text(b, "{\"quantity\":");
	json_string(b, d->text + s.from, s.to - s.from);
	buf_format(b, ",\"span\":[%u,%u],\"number_span\":[%u,%u],\"min\":", s.from, s.to, n.from, n.to);
	json_number(b, m->min);
	buf_text(b, ",\"max\":");
	json_number(b, m->max);
	buf_text(b, ",\"unit\":");
	json_text(b, m->unit);
	if (m->per) {
		buf_text(b, ",\"per\":");
		json_text(b, kula_per_name(m->per));
	}
	if (m->approx)
		buf_text(b, ",\"approx\":true");
	buf_text(b, ",\"flags\":[");
	bool first = true;
	for (size_t i = 0; i < COUNT_OF(FLAGS); i++)
		if (m->flags & FLAGS[i].flag) {
			buf_format(b, "%s\"%s\"", first ? "" : ",", FLAGS[i].word);
			first = false;
		}
	buf_text(b, "],\"row\":");
	json_text(b, measure_row(m->row));
	buf_text(b, "}\n");
}

static void date_json(buf *b, const text_doc *d, const dated *x)
{
	const kula_span s = words_span(d, x->word_from, x->word_to);
	buf_text(b, "{\"date\":");
	json_string(b, d->text + s.from, s.to - s.from);
	buf_format(b, ",\"span\":[%u,%u]", s.from, s.to);
	days_json(b, "past", x->past);
	days_json(b, "ahead", x->ahead);
	days_json(b, "ongoing", x->ongoing);
	buf_format(b, ",\"vague\":%s,\"duration\":%s,\"relative\":%s,\"row\":", x->vague ? "true" : "false", x->duration ? "true" : "false",
		x->relative ? "true" : "false");
	json_text(b, measure_row(x->row));
	buf_text(b, "}\n");
}

static void quantity_row(sheet *t, const screen *view, const text_doc *d, const measured *m, bool articles)
{
	if ((m->flags & MEASURE_ARTICLE) && !articles)
		return;
	const kula_span s = words_span(d, m->word_from, m->word_to);
	buf b = {0};
	buf_format(&b, "%u-%u", s.from, s.to);
	sheet_cell(t, STYLE_DIM, buf_string(&b));
	sheet_cell_n(t, STYLE_BOLD, (const char *)d->text + s.from, s.to - s.from);
	b.n = 0;
	if (m->flags & MEASURE_NONE)
		buf_text(&b, "none");
	else
		interval_for_people(&b, view, m->min, m->max, m->approx);
	buf_format(&b, " %s%s%s", m->unit, m->per ? " a " : "", kula_per_name(m->per));
	sheet_cell(t, STYLE_ACCENT, buf_string(&b));
	b.n = 0;
	for (size_t i = 0; i < COUNT_OF(FLAGS); i++)
		if (m->flags & FLAGS[i].flag)
			buf_format(&b, "%s%s", b.n ? " " : "", FLAGS[i].word);
	sheet_cell(t, STYLE_NONE, buf_string(&b));
	sheet_cell(t, STYLE_DIM, measure_row(m->row));
	buf_free(&b);
}

static void date_row(sheet *t, const text_doc *d, const dated *x)
{
	const kula_span s = words_span(d, x->word_from, x->word_to);
	buf b = {0};
	buf_format(&b, "%u-%u", s.from, s.to);
	sheet_cell(t, STYLE_DIM, buf_string(&b));
	sheet_cell_n(t, STYLE_BOLD, (const char *)d->text + s.from, s.to - s.from);
	char past[32], ahead[32], going[32];
	days_text(past, x->past);
	days_text(ahead, x->ahead);
	days_text(going, x->ongoing);
	b.n = 0;
	if (strcmp(past, ahead) == 0 && (strcmp(past, going) == 0)) {
		buf_text(&b, past);
	} else {
		if (*past)
			buf_format(&b, "past %s", past);
		if (*ahead)
			buf_format(&b, "%sahead %s", b.n ? ", " : "", ahead);
		if (*going && strcmp(going, past) != 0)
			buf_format(&b, "%songoing %s", b.n ? ", " : "", going);
	}
	sheet_cell(t, STYLE_GOOD, b.n ? buf_string(&b) : x->vague || x->duration ? "no day" : "no day of publication");
	b.n = 0;
	if (x->vague)
		buf_text(&b, "vague ");
	if (x->duration)
		buf_text(&b, "duration ");
	if (x->relative)
		buf_text(&b, "relative");
	sheet_cell(t, STYLE_NONE, buf_string(&b));
	sheet_cell(t, STYLE_DIM, measure_row(x->row));
	buf_free(&b);
}

int cmd_measure(int argc, char **argv)
{
	bool json = false, articles = false;
	kula_day published = KULA_NO_DAY;
	const cli_option options[] = {
		CLI_PUBLISHED(&published),
		CLI_JSON(&json),
		{'a', "articles", OPTION_FLAG, &articles, NULL, "also every \"a\" and \"an\""},
	};
	static const cli_usage usage = {"measure", "[TEXT...|-]", "Shows what the numbers, units and dates of a text amount to, each with the table row\n"
		"that decided. Without TEXT, or with -, the text is standard input.",
		"Dates are given as past, ahead and ongoing where these differ; relative ones need --published.\n"};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	kula_error err = {0};
	buf text = {0};
	if (!words.count || (words.count == 1 && strcmp(words.at[0], "-") == 0)) {
		if (file_read("-", MEASURE_TEXT_BYTES, &text, &err)) {
			buf_free(&text);
			return cli_fail(&err);
		}
	} else {
		for (int i = 0; i < words.count; i++)
			buf_format(&text, "%s%s", i ? " " : "", words.at[i]);
	}
	const size_t bad = utf8_check((const byte *)buf_string(&text), text.n);
	if (bad < text.n) {
		buf_free(&text);
		kula_fail(&err, KULA_EFORMAT, bad, "the text is not UTF-8");
		return cli_fail(&err);
	}
	const screen view = screen_of(stdout);
	static const sheet_column columns[] = {
		{"at", NULL, false, SHEET_KEEP, 0}, {"words", NULL, false, SHEET_WRAP, 12}, {"amounts", "amounts to", false, SHEET_WRAP, 24},
		{"flags", "", false, SHEET_KEEP, 0}, {"row", "because", false, SHEET_WRAP, 16}};
	arena *a = arena_new((size_t)1 << 30);
	vocabulary *v = vocabulary_new((const byte *)PIECES, sizeof PIECES - 1, &err);
	sheet *t = sheet_new(SHEET_PEOPLE, view, columns, COUNT_OF(columns));
	text_doc *d = a && v && t ? text_cut(a, v, (const byte *)buf_string(&text), text.n, NULL, 0, &err) : NULL;
	uint32_t quantities = 0, days = 0;
	measured *m = d ? measure_quantities(a, d, 0, d->sentence_count, &quantities) : NULL;
	dated *x = d ? measure_days(a, d, 0, d->sentence_count, published, &days) : NULL;
	buf out = {0};
	if (!m || !x) {
		kula_fail(&err, KULA_EMEMORY, 0, "no memory for the answer");
		code = cli_fail(&err);
	} else {
		for (uint32_t i = 0, j = 0; i < quantities || j < days; ) {     /* by place; the day first where both begin */
			if (j < days && (i >= quantities || x[j].word_from <= m[i].word_from)) {
				if (json)
					date_json(&out, d, &x[j++]);
				else
					date_row(t, d, &x[j++]);
			} else if (json) {
				quantity_json(&out, d, &m[i++], articles);
			} else {
				quantity_row(t, &view, d, &m[i++], articles);
			}
		}
		if (!json)
			sheet_print(t, &out);
		fwrite(out.at ? out.at : "", 1, out.n, stdout);
		code = quantities || days ? CLI_OK : CLI_NO;
	}
	buf_free(&out);
	buf_free(&text);
	sheet_free(t);
	vocabulary_free(v);
	arena_free(a);
	return code;
}
