/* kula search WORDS: documents that hold them, the words in their place, and the claims of those sentences. */
#include "cli/render.h"

typedef struct searching {
	ledger  *l;
	screen   s;
	buf      out;
	bool     json, failed;
	uint32_t hits;
	kula_error err;
} searching;

/* Text in which hits stand between \1 and \2, wrapped, with the hits in colour (or between asterisks). */
static void print_words(buf *out, const screen *s, const char *words)
{
	buf line = {0};
	uint32_t column = 2;
	buf_text(out, "  ");
	bool inside = false;
	for (const char *p = words; *p;) {
		/* a word, with its marks */
		const char *end = p;
		line.n = 0;
		uint32_t wide = 0;
		const bool was = inside;
		bool now = inside;
		for (; *end && !is_space((byte)*end); end++) {
			if (*end == 1 || *end == 2) {
				if (!s->colour)
					buf_char(&line, '*');
				wide += !s->colour;
				now = *end == 1;
			}
		}
		wide += text_columns(p, (size_t)(end - p));
		if (column > 2 && s->width && column + wide > s->width) {
			buf_text(out, "\n  ");
			column = 2;
		}
		now = was;
		for (const char *from = p; from < end;) {
			const size_t n = strcspn(from, "\1\2");
			const size_t piece = MIN_OF(n, (size_t)(end - from));
			paint_n(out, s, now ? STYLE_ACCENT : STYLE_NONE, from, piece);
			from += piece;
			if (from < end && (*from == 1 || *from == 2)) {
				if (!s->colour)
					buf_char(out, '*');
				now = *from == 1;
				from++;
			}
		}
		inside = now;
		column += wide;
		p = end;
		while (*p && is_space((byte)*p))
			p++;
		if (*p) {
			buf_char(out, ' ');
			column++;
		}
	}
	buf_char(out, '\n');
	buf_free(&line);
}

static void print_claims(searching *x, const ledger_hit *h, arena *a)
{
	for (uint32_t i = 0; i < h->claim_count; i++) {
		ledger_claim k;
		if (ledger_claim_load(x->l, a, h->claims[i], &k, &x->err) != KULA_OK) {
			x->failed = true;
			return;
		}
		buf line = {0};
		buf_format(&line, "%s  ", k.number);
		if (k.c.from_count == 0)
			buf_char(&line, '?');
		render_codes(&line, k.c.from, k.c.from_count);
		buf_format(&line, " %s ", x->s.utf8 ? "→" : "->");
		if (k.c.to_count == 0 && k.c.act != KULA_HOLD)
			buf_char(&line, '?');
		render_codes(&line, k.c.to, k.c.to_count);
		buf_format(&line, ": %s, %s, ", kula_act_name(k.c.act), kula_status_name(k.c.status));
		render_what(&line, &x->s, &k.c);
		buf_text(&x->out, "    ");
		text_wrap(&x->out, &x->s, 8, false, STYLE_DIM, buf_string(&line));
		buf_free(&line);
	}
}

static void print_json(searching *x, const ledger_hit *h, arena *a)
{
	buf *out = &x->out;
	char iso[16];
	buf_format(out, "{\"document\":%lld,\"doc\":", (long long)h->document);
	json_text(out, h->doc);
	buf_text(out, ",\"title\":");
	json_text(out, h->title);
	buf_text(out, ",\"publisher\":");
	json_text(out, h->publisher);
	buf_text(out, ",\"published\":");
	if (h->published != KULA_NO_DAY)
		kula_day_format(h->published, iso);
	json_text(out, h->published != KULA_NO_DAY ? iso : NULL);
	buf plain = {0};
	for (const char *p = h->words; p && *p; p++)
		if (*p != 1 && *p != 2)
			buf_char(&plain, *p);
	buf_text(out, ",\"words\":");
	json_string(out, buf_string(&plain), plain.n);
	buf_free(&plain);
	buf_text(out, ",\"claims\":[");
	for (uint32_t i = 0; i < h->claim_count; i++) {
		ledger_claim k;
		if (ledger_claim_load(x->l, a, h->claims[i], &k, &x->err) != KULA_OK) {
			x->failed = true;
			break;
		}
		if (i)
			buf_char(out, ',');
		json_text(out, k.number);
	}
	buf_text(out, "]}\n");
}

static bool see(void *arg, const ledger_hit *h)
{
	searching *x = arg;
	arena *a = arena_new((size_t)64 << 20);
	if (!a) {
		kula_fail(&x->err, KULA_EMEMORY, 0, "no memory");
		x->failed = true;
		return false;
	}
	if (x->json) {
		print_json(x, h, a);
	} else {
		buf *out = &x->out;
		buf line = {0};
		if (x->hits)
			buf_char(out, '\n');
		paint(out, &x->s, STYLE_BOLD, h->title && *h->title ? h->title : h->doc);
		buf_format(&line, "  no. %lld", (long long)h->document);
		if (h->publisher)
			buf_format(&line, ", %s", h->publisher);
		if (h->published != KULA_NO_DAY) {
			buf_text(&line, ", ");
			render_day(&line, h->published);
		}
		paint(out, &x->s, STYLE_DIM, buf_string(&line));
		buf_char(out, '\n');
		buf_free(&line);
		print_words(out, &x->s, h->words ? h->words : "");
		print_claims(x, h, a);
	}
	x->hits++;
	arena_free(a);
	return !x->failed;
}

int cmd_search(int argc, char **argv)
{
	bool quiet = false;
	uint64_t limit = 20;
	const char *path = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	searching x = {0};
	const cli_option options[] = {
		CLI_LEDGER(&path),
		{'n', "number", OPTION_COUNT, &limit, "N", "at most N documents (default: 20; 0: all)"},
		CLI_JSON(&x.json),
		CLI_WEIGHTS(&weights), CLI_KNOWLEDGE(&knowledge), CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"search", "WORDS...",
		"Finds documents that hold all the words, best first, and the claims of the sentences in which they stand.",
		"\"several words\" in quotes stand together; word* is any that begins so; -- -word leaves out what holds it. Accents and\n"
		"capitals make no difference. Exit code 1: nothing found."};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count == 0)
		return cli_error(KULA_EUSAGE, "which words?");
	x.l = ledger_open(cli_ledger_path(path), LEDGER_READ, &x.err);
	if (!x.l)
		return cli_fail(&x.err);
	x.s = screen_of(stdout);
	buf query = {0};
	for (int i = 0; i < words.count; i++) {
		/* A word of the shell with spaces in it was quoted: it is a phrase, unless it has quotes of its own. */
		const char *one = words.at[i];
		const bool phrase = words.count > 1 && strchr(one, ' ') && !strchr(one, '"');
		buf_format(&query, phrase ? "%s\"%s\"" : "%s%s", i ? " " : "", one);
	}
	if (ledger_search(x.l, buf_string(&query), (uint32_t)MIN_OF(limit, UINT32_MAX), see, &x, &x.err) != KULA_OK || x.failed)
		code = cli_fail(&x.err);
	else
		code = x.hits ? CLI_OK : CLI_NO;
	render_out(&x.out);
	if (code == CLI_NO)
		cli_note(quiet, "no document in '%s' holds %s", ledger_path(x.l), buf_string(&query));
	buf_free(&query);
	buf_free(&x.out);
	ledger_close(x.l);
	return code;
}
