/* golden: reads the texts of a golden file and writes it again with the claims as they are read now.
 *
 *	golden FILE.kc          on standard output; tests/golden/run compares it with the file
 *
 * The files are in the short form of the corpus (bench/compact_claims.py explains it), one case after another:
 *
 *	@ id | published | publisher | title
 *	A sentence of the text.
 *	- give done given | fr: Russia=RUS | to: North Korea=PRK | it: two dogs ~ dog ~ animal ~ 2
 */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"

enum { MOST_LINES = 400 };

typedef struct line { const char *at; size_t n; bool text; kula_span span; } line;

typedef struct golden_case {
	const char *meta;       size_t meta_bytes;
	line     lines[MOST_LINES];
	uint32_t count;
} golden_case;

static void print_quantity(double min, double max)
{
	if (isnan(min) && isnan(max))
		printf("?");
	else if (isnan(min))
		printf("..%.15g", max);
	else if (isnan(max))
		printf("%.15g..", min);
	else if (min == max)
		printf("%.15g", min);
	else
		printf("%.15g..%.15g", min, max);
}

static void print_parties(const char *name, const kula_party *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		printf("%s%s=%s", i == 0 ? name : " ; ", p[i].text, p[i].code[0] != '\0' ? p[i].code : "-");
}

static void print_days(const char *name, kula_days d)
{
	char first[16], last[16];
	if (d.first == KULA_NO_DAY)
		return;
	kula_day_format(d.first, first);
	kula_day_format(d.last, last);
	if (d.first == d.last)
		printf(" | %s: %s", name, first);
	else
		printf(" | %s: %s/%s", name, first, last);
}

static void print_text(const char *name, const char *text)
{
	if (text != NULL)
		printf(" | %s: %s", name, text);
}

static void print_claim(const kula_claim *c)
{
	printf("- %s %s %s", kula_act_name(c->act), kula_status_name(c->status), c->trigger);
	print_parties(" | fr: ", c->from, c->from_count);
	print_parties(" | to: ", c->to, c->to_count);
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *const it = &c->items[i];
		printf(" | it: %s ~ %s ~ %s ~ ", it->text, it->what, kula_kind_name(it->kind));
		print_quantity(it->q.min, it->q.max);
		if (strcmp(it->q.unit, "count") != 0)
			printf(" ~ %s", it->q.unit);
		if (it->q.per != KULA_PER_NONE)
			printf(" ~ per %s", kula_per_name(it->q.per));
		if (it->in >= 0)
			printf(" ~ in %d", it->in);
	}
	print_days("date", c->date);
	print_days("due", c->due);
	if (c->has_value) {
		printf(" | val: ");
		print_quantity(c->value.min, c->value.max);
		printf(" %s", c->value.unit);
	}
	print_text("at", c->place_at);
	print_text("pfrom", c->place_from);
	print_text("pto", c->place_to);
	print_text("by", c->means);
	print_text("ag", c->agreement);
	print_text("if", c->condition);
	for (uint32_t i = 0; i < c->said_by_count; i++) {
		const kula_party *const p = &c->said_by[i];
		printf("%s%s=%s~%s", i == 0 ? " | src: " : " ; ", p->text, p->code[0] != '\0' ? p->code : "-", p->verb != NULL ? p->verb : "");
	}
	putchar('\n');
}

/* The field of the meta line behind the i-th bar, trimmed, in room. */
static const char *meta_field(const golden_case *g, int i, char *room, size_t room_bytes)
{
	const char *at = g->meta + 1, *const end = g->meta + g->meta_bytes;
	for (; i > 0 && at < end; at++)
		i -= *at == '|';
	const char *stop = at;
	while (stop < end && *stop != '|')
		stop++;
	while (at < stop && *at == ' ')
		at++;
	while (stop > at && stop[-1] == ' ')
		stop--;
	snprintf(room, room_bytes, "%.*s", (int)(stop - at), at);
	return room[0] != '\0' ? room : NULL;
}

static void print_line(const line *l)
{
	fwrite(l->at, 1, l->n, stdout);
	putchar('\n');
}

/* Joins the case's lines to a text, reads it, and prints it with the claims below their sentences. */
static bool run_case(const kula_reader *r, golden_case *g)
{
	buf text = {0};
	bool paragraph = false;
	for (uint32_t i = 0; i < g->count; i++) {
		line *const l = &g->lines[i];
		paragraph |= l->n == 0;
		if (!l->text)
			continue;
		if (text.n > 0)
			buf_char(&text, paragraph ? '\n' : ' ');
		paragraph = false;
		l->span.from = (uint32_t)text.n;
		buf_add(&text, l->at, l->n);
		l->span.to = (uint32_t)text.n;
	}
	char id[100], published[40], publisher[100], title[400];
	const char *const day = meta_field(g, 1, published, sizeof published);
	const kula_document d = {
		.id = meta_field(g, 0, id, sizeof id),
		.published = day != NULL ? kula_day_parse(day, strlen(day)) : KULA_NO_DAY,
		.publisher = meta_field(g, 2, publisher, sizeof publisher),
		.title = meta_field(g, 3, title, sizeof title),
		.text = buf_string(&text), .text_bytes = text.n,
	};
	kula_error err = {0};
	kula_reading *const reading = kula_read(r, &d, &err);
	if (reading == NULL)
		fprintf(stderr, "golden: '%s': %s\n", d.id, err.text);
	printf("%.*s\n", (int)g->meta_bytes, g->meta);
	for (uint32_t i = 0; i < g->count && reading != NULL; i++) {
		const line *const l = &g->lines[i];
		print_line(l);
		for (uint32_t c = 0; l->text && c < kula_claim_count(reading); c++) {
			const kula_span at = kula_claim_at(reading, c)->span;
			if (at.from >= l->span.from && at.from < l->span.to)
				print_claim(kula_claim_at(reading, c));
		}
	}
	const bool whole = reading != NULL;
	kula_reading_free(reading);
	buf_free(&text);
	return whole;
}

int main(int argc, char **argv)
{
	kula_error err = {0};
	buf file = {0};
	if (argc != 2 || file_read(argv[1], 1 << 24, &file, &err) != KULA_OK) {
		fprintf(stderr, "golden: %s\n", argc == 2 ? err.text : "one file, please");
		return 2;
	}
	kula_reader *const r = kula_reader_new(NULL, &err);
	golden_case *const g = calloc(1, sizeof(*g));
	if (r == NULL || g == NULL) {
		fprintf(stderr, "golden: %s\n", r == NULL ? err.text : "no memory");
		return 2;
	}
	bool whole = true;
	const char *at = buf_string(&file), *const end = at + file.n;
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop != NULL ? stop : end;
		const line l = {at, (size_t)(stop - at), stop > at && at[0] != '#', {0, 0}};
		if (l.n > 0 && at[0] == '@') {
			whole &= g->meta == NULL || run_case(r, g);
			*g = (golden_case){.meta = at, .meta_bytes = l.n};
		} else if (l.n > 1 && at[0] == '-' && at[1] == ' ') {
			/* a claim as it was read some time ago */
		} else if (g->meta == NULL) {
			print_line(&l);         /* what stands before the first case */
		} else if (g->count < MOST_LINES) {
			g->lines[g->count++] = l;
		}
		at = stop + 1;
	}
	whole &= g->meta == NULL || run_case(r, g);
	free(g);
	kula_reader_free(r);
	buf_free(&file);
	return whole ? 0 : 1;
}
