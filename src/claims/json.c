/* json: documents and claims as the contract's JSON. */
#include "claims/claims.h"

#include <math.h>

/* Counts from the text's beginning in another unit. Spans of one claim lie close together, so it walks from where it
 * stood, forwards or back, instead of from the front each time. */
typedef struct ruler {
	const byte *text; uint32_t n;
	claims_offsets unit;
	uint32_t byte_at, count;
} ruler;

/* What a byte adds to the count: a character counts where it begins; four bytes of UTF-8 are two units of UTF-16. */
static uint32_t weight(const ruler *r, byte b)
{
	return (uint32_t)((b & 0xC0) != 0x80) + (uint32_t)(r->unit == OFFSETS_UTF16 && b >= 0xF0);
}

static uint32_t measured_at(ruler *r, uint32_t at)
{
	if (r->unit == OFFSETS_BYTES)
		return at;
	at = MIN_OF(at, r->n);
	while (r->byte_at < at)
		r->count += weight(r, r->text[r->byte_at++]);
	while (r->byte_at > at)
		r->count -= weight(r, r->text[--r->byte_at]);
	return r->count;
}

static void span_out(buf *b, ruler *r, const char *key, kula_span s)
{
	if (r == NULL || s.to == 0)
		return;
	const uint32_t from = measured_at(r, s.from);
	buf_format(b, ",\"%s\":[%u,%u]", key, from, measured_at(r, s.to));
}

static void text_out(buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_format(b, ",\"%s\":", key);
	json_text(b, value);
}

static void day_out(buf *b, kula_day d)
{
	char iso[16];
	kula_day_format(d, iso);
	if (iso[0] != '\0')
		buf_format(b, "\"%s\"", iso);
	else
		buf_text(b, "null");
}

static void days_out(buf *b, kula_days d)
{
	buf_char(b, '[');
	day_out(b, d.first);
	buf_char(b, ',');
	day_out(b, d.last);
	buf_char(b, ']');
}

static void parties_out(buf *b, ruler *r, const char *key, const kula_party *p, uint32_t count)
{
	buf_format(b, ",\"%s\":[", key);
	for (uint32_t i = 0; i < count; i++) {
		buf_text(b, i > 0 ? ",{\"text\":" : "{\"text\":");
		json_text(b, p[i].text);
		buf_text(b, ",\"code\":");
		json_text(b, p[i].code[0] != '\0' ? p[i].code : NULL);
		text_out(b, "verb", p[i].verb);
		span_out(b, r, "span", p[i].span);
		span_out(b, r, "verb_span", p[i].verb_span);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void bounds_out(buf *b, const kula_quantity *q)
{
	buf_text(b, "\"min\":");
	json_number(b, q->min);
	buf_text(b, ",\"max\":");
	json_number(b, q->max);
	buf_text(b, ",\"unit\":");
	json_text(b, q->unit);
	if (q->per != KULA_PER_NONE)
		text_out(b, "per", kula_per_name(q->per));
	if (q->approx)
		buf_text(b, ",\"approx\":true");
}

static void items_out(buf *b, ruler *r, const kula_item *items, uint32_t count)
{
	buf_text(b, ",\"items\":[");
	for (uint32_t i = 0; i < count; i++) {
		const kula_item *const t = &items[i];
		buf_text(b, i > 0 ? ",{\"text\":" : "{\"text\":");
		json_text(b, t->text);
		buf_text(b, ",\"what\":");
		json_text(b, t->what);
		buf_text(b, ",\"kind\":");
		json_text(b, kula_kind_name(t->kind));
		buf_char(b, ',');
		bounds_out(b, &t->q);
		if (t->in >= 0)
			buf_format(b, ",\"in\":%d", t->in);
		span_out(b, r, "span", t->span);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void place_out(buf *b, const kula_claim *c)
{
	const char *const keys[] = {"at", "from", "to"}, *const names[] = {c->place_at, c->place_from, c->place_to};
	bool any = false;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (names[i] == NULL)
			continue;
		buf_format(b, any ? ",\"%s\":" : ",\"place\":{\"%s\":", keys[i]);
		json_text(b, names[i]);
		any = true;
	}
	if (any)
		buf_char(b, '}');
}

static void claim_out(buf *b, ruler *r, const kula_claim *c)
{
	buf_char(b, '{');
	if (c->id != NULL) {
		buf_text(b, "\"id\":");
		json_text(b, c->id);
		buf_char(b, ',');
	}
	if (c->exchange != NULL) {
		buf_text(b, "\"exchange\":");
		json_text(b, c->exchange);
		buf_char(b, ',');
	}
	buf_text(b, "\"evidence\":");
	json_text(b, c->evidence);
	buf_text(b, ",\"trigger\":");
	json_text(b, c->trigger);
	text_out(b, "act", kula_act_name(c->act));
	text_out(b, "status", kula_status_name(c->status));
	parties_out(b, r, "from", c->from, c->from_count);
	parties_out(b, r, "to", c->to, c->to_count);
	items_out(b, r, c->items, c->item_count);
	buf_text(b, ",\"date\":");
	if (c->date.first != KULA_NO_DAY)
		days_out(b, c->date);
	else
		buf_text(b, "null");
	if (c->due.first != KULA_NO_DAY) {
		buf_text(b, ",\"due\":");
		days_out(b, c->due);
	}
	if (c->has_value) {
		buf_text(b, ",\"value\":{");
		bounds_out(b, &c->value);
		span_out(b, r, "span", c->value_span);
		buf_char(b, '}');
	}
	place_out(b, c);
	text_out(b, "means", c->means);
	text_out(b, "agreement", c->agreement);
	text_out(b, "condition", c->condition);
	parties_out(b, r, "said_by", c->said_by, c->said_by_count);
	span_out(b, r, "span", c->span);
	span_out(b, r, "trigger_span", c->trigger_span);
	span_out(b, r, "date_span", c->date_span);
	span_out(b, r, "due_span", c->due_span);
	if (r != NULL && c->confidence >= 0 && c->confidence <= 1) {
		buf_text(b, ",\"confidence\":");
		json_number(b, round(c->confidence * 10000) / 10000);
	}
	buf_char(b, '}');
}

void claims_write_claim(buf *b, const kula_document *d, const kula_claim *c, bool reader, claims_offsets o)
{
	ruler r = {(const byte *)d->text, (uint32_t)d->text_bytes, o, 0, 0};
	claim_out(b, reader ? &r : NULL, c);
}

void claims_write_document(buf *b, const kula_document *d, const kula_claim *claims, uint32_t count, bool reader, claims_offsets o)
{
	ruler r = {(const byte *)d->text, (uint32_t)d->text_bytes, o, 0, 0};
	buf_text(b, "{\"doc\":");
	json_text(b, d->id);
	text_out(b, "dossier", d->dossier);
	buf_text(b, ",\"title\":");
	json_text(b, d->title);
	buf_text(b, ",\"published\":");
	day_out(b, d->published);
	buf_text(b, ",\"publisher\":");
	json_text(b, d->publisher);
	buf_text(b, ",\"text\":");
	json_string(b, d->text, d->text_bytes);
	/* Bytes are the contract's; whoever reads other spans back must know. */
	if (reader && o != OFFSETS_BYTES)
		text_out(b, "offsets", o == OFFSETS_CHARS ? "chars" : "utf16");
	buf_text(b, ",\"claims\":[");
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(b, ',');
		claim_out(b, reader ? &r : NULL, &claims[i]);
	}
	buf_text(b, "]}\n");
}
