#include "cli/render.h"
#include <math.h>
#include "claims/claims.h"

void render_day(buf *b, kula_day d)
{
	if (d == KULA_NO_DAY)
		return;
	char iso[16];
	kula_day_format(d, iso);
	buf_text(b, iso);
}

void render_days(buf *b, kula_days d)
{
	if (d.first == KULA_NO_DAY)
		return;
	char first[16], last[16];
	int y, m, day, y2, m2, day2;
	kula_day_format(d.first, first);
	kula_day_format(d.last, last);
	day_split(d.first, &y, &m, &day);
	day_split(d.last, &y2, &m2, &day2);
	if (d.first == d.last)
		buf_text(b, first);
	else if (y == y2 && m == 1 && day == 1 && m2 == 12 && day2 == 31)
		buf_format(b, "%.4s", first);
	else if (y == y2 && m == m2 && day == 1 && day2 == days_in_month(y, m))
		buf_format(b, "%.7s", first);
	else if (y == y2 && m == m2)
		buf_format(b, "%s/%s", first, last + 8);
	else if (y == y2)
		buf_format(b, "%s/%s", first, last + 5);
	else
		buf_format(b, "%s/%s", first, last);
}

void render_codes(buf *b, const kula_party *p, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		bool told = false;
		for (uint32_t j = 0; j < i && !told; j++)
			told = *p[i].code ? strcmp(p[i].code, p[j].code) == 0 : !*p[j].code && strcmp(p[i].text, p[j].text) == 0;
		if (told)
			continue;
		if (i)
			buf_text(b, ", ");
		buf_text(b, *p[i].code ? p[i].code : p[i].text);
	}
}

void render_quantity(buf *b, const screen *s, const kula_quantity *q)
{
	interval_for_people(b, s, q->min, q->max, q->approx);
	if (strcmp(q->unit, "count") != 0)
		buf_format(b, " %s", q->unit);
	if (q->per != KULA_PER_NONE)
		buf_format(b, " a %s", kula_per_name(q->per));
}

void render_what(buf *b, const screen *s, const kula_claim *c)
{
	for (uint32_t i = 0; i < c->item_count; i++) {
		if (i)
			buf_text(b, c->items[i].in >= 0 ? ", of them " : "; ");
		buf_text(b, c->items[i].text);
	}
	if (c->item_count == 0 && c->agreement)
		buf_text(b, c->agreement);
	else if (c->item_count == 0)
		buf_format(b, s->utf8 ? "“%s”" : "\"%s\"", c->trigger);
	else if (c->agreement)
		buf_format(b, " (%s)", c->agreement);
	if (c->has_value) {
		buf_text(b, ", worth ");
		render_quantity(b, s, &c->value);
	}
	if (c->due.first != KULA_NO_DAY) {
		buf_text(b, ", due ");
		render_days(b, c->due);
	}
	if (c->condition)
		buf_format(b, ", %s", c->condition);
}

void render_sources(buf *b, const ledger_claim *k)
{
	for (uint32_t i = 0; i < k->c.said_by_count; i++) {
		const kula_party *p = &k->c.said_by[i];
		if (i && strcmp(p->text, p[-1].text) == 0)      /* "both parties" are two with the same words */
			continue;
		if (i)
			buf_text(b, ": ");
		buf_text(b, p->text);
		if (p->verb)
			buf_format(b, " (%s)", p->verb);
	}
	if (k->c.said_by_count)
		buf_text(b, ", in ");
	buf_text(b, k->publisher ? k->publisher : k->doc);
}

bool render_code_of(const know *k, const char *typed, render_party *out, int *code)
{
	*out = (render_party){0};
	const char *found = k ? know_code_of(k, typed) : "";
	if (!k) {
		const size_t n = strlen(typed);
		bool like = n >= 2 && n < KULA_CODE_BYTES;
		for (size_t i = 0; i < n && like; i++)
			like = is_upper((byte)typed[i]) || is_digit((byte)typed[i]);
		if (like)
			found = typed;
	}
	if (!*found) {
		*code = k ? cli_error(KULA_ENOTFOUND, "'%s' is no country or organisation that kula knows; 'kula know %s' looks closer", typed, typed)
			: cli_error(KULA_ENOTFOUND, "'%s' is no code, and without the knowledge file names can't be looked up", typed);
		return false;
	}
	snprintf(out->code, sizeof out->code, "%s", found);
	const char *name = k ? know_code_name(k, found) : NULL;
	snprintf(out->name, sizeof out->name, "%s", name ? name : found);
	return true;
}

const char *render_act(uint32_t i) { return kula_act_name((kula_act)i); }
const char *render_status(uint32_t i) { return kula_status_name((kula_claim_status)i); }
const char *render_kind(uint32_t i) { return kula_kind_name((kula_kind)i); }

bool render_mask(const char *what, const char *list, uint32_t count, const char *(*name)(uint32_t), uint32_t *mask, int *code)
{
	*mask = 0;
	for (const char *p = list; p && *p;) {
		const size_t n = strcspn(p, ", ");
		bool found = n == 0;
		for (uint32_t i = 0; i < count && !found; i++) {
			if (same_folded(p, n, name(i))) {
				*mask |= 1u << i;
				found = true;
			}
		}
		if (!found) {
			buf all = {0};
			for (uint32_t i = 0; i < count; i++)
				buf_format(&all, i ? ", %s" : "%s", name(i));
			*code = cli_error(KULA_EUSAGE, "'%.*s' is no %s; there are: %s", (int)MIN_OF(n, 60), p, what, buf_string(&all));
			buf_free(&all);
			return false;
		}
		p += n;
		while (*p == ',' || *p == ' ')
			p++;
	}
	return true;
}

void render_json(buf *b, const ledger_claim *k, const char *extra)
{
	char iso[16];
	buf_text(b, "{\"id\":");
	json_text(b, k->number);
	if (extra)
		buf_format(b, ",%s", extra);
	buf_text(b, ",\"doc\":");
	json_text(b, k->doc);
	buf_text(b, ",\"title\":");
	json_text(b, k->title);
	buf_text(b, ",\"publisher\":");
	json_text(b, k->publisher);
	buf_text(b, ",\"published\":");
	if (k->published != KULA_NO_DAY) {
		kula_day_format(k->published, iso);
		json_text(b, iso);
	} else {
		buf_text(b, "null");
	}
	buf_text(b, ",\"reader\":");
	json_text(b, k->reader);
	buf_text(b, ",\"claim\":");
	/* Spans in bytes need no text of the document. */
	const kula_document d = {.id = k->doc, .title = k->title, .publisher = k->publisher, .published = k->published, .text = ""};
	claims_write_claim(b, &d, &k->c, true, OFFSETS_BYTES);
	buf_char(b, '}');
}

void render_out(buf *b)
{
	fwrite(buf_string(b), 1, b->n, stdout);
	b->n = 0;
}
