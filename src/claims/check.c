/* check: does a claim keep the contract, and do its words stand in the text? */
#include "claims/claims.h"

#include <math.h>

/* Where in the document a fault is: the claim's own bytes. */
static bool fault(const kula_claim *c, kula_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool fault(const kula_claim *c, kula_error *err, const char *format, ...)
{
	char what[sizeof err->text];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	kula_fail(err, KULA_EFORMAT, c->span.from, "%s", what);
	return false;
}

static bool stands_in(const char *words, const char *at, size_t n)
{
	return words != NULL && words[0] != '\0' && memmem(at, n, words, strlen(words)) != NULL;
}

static bool is_code(const char *code)
{
	static const char *const bodies[] = {
		"UN", "NATO", "EU", "AU", "ASEAN", "OPEC", "WHO", "WFP", "UNICEF", "UNHCR", "UNESCO", "IAEA", "ICRC", "IFRC", "WB",
		"IMF", "WTO", "OSCE", "AL", "GCC", "ECOWAS", "SADC", "CIS", "CSTO", "SCO", "BRICS", "G7", "G20", "CARICOM", "OAS",
		"MERCOSUR", "COMMONWEALTH", "INTERPOL", "ICC", "ICJ", "MSF", "CITES", "IUCN", "WWF", "EAZA", "WAZA"
	};
	if (strlen(code) == 3 && is_upper((byte)code[0]) && is_upper((byte)code[1]) && is_upper((byte)code[2]))
		return true;
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		if (strcmp(code, bodies[i]) == 0)
			return true;
	return false;
}

/* A span that is given slices to its words; words NULL: only that it lies in the text, between characters. */
static bool slices(const kula_document *d, kula_span s, const char *words)
{
	if (s.from == 0 && s.to == 0)
		return true;
	if (s.from >= s.to || s.to > d->text_bytes)
		return false;
	if (words != NULL)
		return same_text(d->text + s.from, s.to - s.from, words);
	return ((byte)d->text[s.from] & 0xC0) != 0x80 && (s.to == d->text_bytes || ((byte)d->text[s.to] & 0xC0) != 0x80);
}

static bool parties_good(const kula_document *d, const kula_claim *c, const char *side, const kula_party *p, uint32_t count,
	bool sources, kula_error *err)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!stands_in(p[i].text, d->text, d->text_bytes))
			return fault(c, err, "%s '%.60s' is not in the text", side, p[i].text != NULL ? p[i].text : "");
		if (p[i].code[0] != '\0' && !is_code(p[i].code))
			return fault(c, err, "%s has the unknown code '%.15s'", side, p[i].code);
		if (sources && (p[i].verb == NULL || p[i].verb[0] == '\0'))
			return fault(c, err, "%s '%.60s' has no verb", side, p[i].text);
		if (!slices(d, p[i].span, p[i].text))
			return fault(c, err, "the span of %s '%.60s' has other words", side, p[i].text);
		if (!slices(d, p[i].verb_span, p[i].verb))
			return fault(c, err, "the verb's span of %s '%.60s' has other words", side, p[i].text);
	}
	return true;
}

static bool items_good(const kula_document *d, const kula_claim *c, kula_error *err)
{
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *const t = &c->items[i];
		if (!stands_in(t->text, d->text, d->text_bytes))
			return fault(c, err, "item '%.60s' is not in the text", t->text != NULL ? t->text : "");
		if (t->what == NULL || t->what[0] == '\0')
			return fault(c, err, "item '%.60s' has no 'what'", t->text);
		if ((unsigned)t->kind >= KULA_KINDS)
			return fault(c, err, "item '%.60s' has an unknown kind", t->text);
		if (t->q.min > t->q.max || isinf(t->q.min) || isinf(t->q.max))
			return fault(c, err, "item '%.60s' has bounds that hold nothing", t->text);
		if (t->in < -1 || (t->in >= 0 && (uint32_t)t->in >= c->item_count))
			return fault(c, err, "item '%.60s' is in an item that isn't there", t->text);
		if (!slices(d, t->span, t->text))
			return fault(c, err, "the span of item '%.60s' has other words", t->text);
	}
	return true;
}

static bool days_good(kula_days x)
{
	return (x.first == KULA_NO_DAY) == (x.last == KULA_NO_DAY) && x.first <= x.last;
}

bool claims_check(const kula_document *d, const kula_claim *c, kula_error *err)
{
	if (!stands_in(c->evidence, d->text, d->text_bytes))
		return fault(c, err, "the evidence is not in the text: '%.60s'", c->evidence != NULL ? c->evidence : "");
	if (!stands_in(c->trigger, c->evidence, strlen(c->evidence)))
		return fault(c, err, "the trigger '%.60s' is not in the evidence", c->trigger != NULL ? c->trigger : "");
	if ((unsigned)c->act >= KULA_ACTS)
		return fault(c, err, "unknown act");
	if ((unsigned)c->status >= KULA_STATUSES)
		return fault(c, err, "unknown status");
	if (!slices(d, c->span, c->evidence))
		return fault(c, err, "the span of the evidence has other words");
	if (!slices(d, c->trigger_span, c->trigger))
		return fault(c, err, "the span of the trigger '%.60s' has other words", c->trigger);
	if (c->span.to > 0 && c->trigger_span.to > 0 && (c->trigger_span.from < c->span.from || c->trigger_span.to > c->span.to))
		return fault(c, err, "the trigger '%.60s' lies outside of the evidence", c->trigger);
	if (!parties_good(d, c, "from", c->from, c->from_count, false, err) || !parties_good(d, c, "to", c->to, c->to_count, false, err)
			|| !items_good(d, c, err) || !parties_good(d, c, "said_by", c->said_by, c->said_by_count, true, err))
		return false;
	if (!days_good(c->date) || !slices(d, c->date_span, NULL))
		return fault(c, err, "the date ends before it begins, or its span is none");
	if (!days_good(c->due) || !slices(d, c->due_span, NULL))
		return fault(c, err, "what is due ends before it begins, or its span is none");
	if (c->has_value && (c->value.unit == NULL || c->value.unit[0] == '\0'))
		return fault(c, err, "the value has no unit");
	if (c->has_value && !slices(d, c->value_span, NULL))
		return fault(c, err, "the value's span is none");
	if (!isnan(c->confidence) && !(c->confidence >= 0 && c->confidence <= 1))
		return fault(c, err, "the confidence is no probability");
	return true;
}

/* ---- spans for claims that came without ---- */

static bool joins_word(byte b)
{
	return is_alpha(b) || is_digit(b) || b >= 0x80;
}

/* Where words stand in [from, to) of the text, nearest to `near`; whole words before parts of words. {0,0}: nowhere. */
static kula_span nearest(const kula_document *d, uint32_t from, uint32_t to, const char *words, uint32_t near)
{
	const byte *const text = (const byte *)d->text;
	const size_t n = words != NULL ? strlen(words) : 0;
	kula_span best = {0};
	uint64_t best_cost = UINT64_MAX;
	for (size_t at = from; n > 0 && at + n <= to;) {
		const byte *const hit = memmem(text + at, to - at, words, n);
		if (hit == NULL)
			break;
		const uint32_t b = (uint32_t)(hit - text), e = b + (uint32_t)n;
		const bool part = (b > 0 && joins_word(text[b - 1]) && joins_word(text[b])) || (e < d->text_bytes && joins_word(text[e]) && joins_word(text[e - 1]));
		const uint64_t cost = (uint64_t)(b > near ? b - near : near > e ? near - e : 0) + ((uint64_t)part << 32);
		if (cost >= best_cost && !part && b > near)
			break;                  /* those behind lie farther off */
		if (cost < best_cost) {
			best_cost = cost;
			best = (kula_span){b, e};
		}
		at = b + 1;
	}
	return best;
}

/* In the evidence first; in the rest of the text where it isn't there. */
static void place_nearest(const kula_document *d, const kula_claim *c, const char *words, uint32_t near, kula_span *out)
{
	if (out->to != 0 || words == NULL)
		return;
	*out = nearest(d, c->span.from, c->span.to, words, near);
	if (out->to == 0)
		*out = nearest(d, 0, (uint32_t)d->text_bytes, words, near);
}

/* The claim is the caller's to change, so are its lists; only kula.h lends them as const. */
static void place_parties(const kula_document *d, const kula_claim *c, const kula_party *parties, uint32_t count)
{
	kula_party *const p = (kula_party *)(uintptr_t)parties;
	for (uint32_t i = 0; i < count; i++) {
		place_nearest(d, c, p[i].text, c->trigger_span.from, &p[i].span);
		place_nearest(d, c, p[i].verb, p[i].span.from, &p[i].verb_span);
	}
}

void claims_locate(const kula_document *d, kula_claim *c)
{
	if (c->span.to == 0)
		c->span = nearest(d, 0, (uint32_t)d->text_bytes, c->evidence, 0);
	if (c->span.to == 0)
		return;                         /* nothing to hold on to; claims_check says so */
	if (c->trigger_span.to == 0)
		c->trigger_span = nearest(d, c->span.from, c->span.to, c->trigger, c->span.from);
	place_parties(d, c, c->from, c->from_count);
	place_parties(d, c, c->to, c->to_count);
	place_parties(d, c, c->said_by, c->said_by_count);
	kula_item *const items = (kula_item *)(uintptr_t)c->items;
	for (uint32_t i = 0; i < c->item_count; i++)
		place_nearest(d, c, items[i].text, c->trigger_span.from, &items[i].span);
}
