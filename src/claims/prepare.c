/* An annotated document as one line for training: the candidates that reading would have, and where among them the
 * annotated fields stand. Annotations give words, not offsets; here the words are sought, nearest to the trigger.
 * train/README.md describes the line. */
#include "claims/claims.h"
#include "claims/features.h"
#include "claims/gate.h"

#define MOST_PLACES 16u

typedef struct word_range { uint32_t from, to; } word_range;

typedef struct places { word_range at[MOST_PLACES]; uint32_t n; } places;

/* The words that bytes [from, to) of the text cover; false if none. exact: the bytes begin and end with words. */
static bool covering(const text_doc *d, uint32_t from, uint32_t to, word_range *out, bool *exact)
{
	uint32_t lo = d->has_title ? d->sentences[0].word_to : 0, hi = d->word_count;
	const uint32_t end = hi;
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (d->words[mid].at.to > from)
			hi = mid;
		else
			lo = mid + 1;
	}
	uint32_t last = lo;
	while (last < end && d->words[last].at.from < to)
		last++;
	if (last == lo)
		return false;
	*out = (word_range){ lo, last };
	*exact = d->words[lo].at.from == from && d->words[last - 1].at.to == to;
	return true;
}

/* Every place in bytes [from, to) of the text where needle stands as whole words; where none does, as parts of words. */
static places find(const text_doc *d, const char *needle, uint32_t from, uint32_t to)
{
	places whole = { .n = 0 }, part = { .n = 0 };
	const size_t n = strlen(needle);
	if (n == 0)
		return whole;
	const byte *at = d->text + from, *end = d->text + to;
	while (at < end && whole.n < MOST_PLACES) {
		const byte *hit = memmem(at, (size_t)(end - at), needle, n);
		if (hit == NULL)
			break;
		const uint32_t b = (uint32_t)(hit - d->text);
		word_range r;
		bool exact;
		if (covering(d, b, b + (uint32_t)n, &r, &exact)) {
			if (exact)
				whole.at[whole.n++] = r;
			else if (part.n < MOST_PLACES)
				part.at[part.n++] = r;
		}
		at = hit + 1;
	}
	return whole.n > 0 ? whole : part;
}

static uint32_t gap(word_range r, uint32_t trigger)
{
	return r.from > trigger ? r.from - trigger : r.to <= trigger ? trigger - r.to + 1 : 0;
}

static void nearest_first(places *p, uint32_t trigger)
{
	for (uint32_t i = 1; i < p->n; i++)
		for (uint32_t j = i; j > 0 && gap(p->at[j], trigger) < gap(p->at[j - 1], trigger); j--) {
			const word_range swap = p->at[j];
			p->at[j] = p->at[j - 1];
			p->at[j - 1] = swap;
		}
}

/* In the evidence first; else the nearest mention before it, then behind it. */
static places seek(const text_doc *d, const char *words, kula_span evidence, uint32_t trigger)
{
	places p = find(d, words, evidence.from, evidence.to);
	if (p.n == 0) {
		p = find(d, words, 0, evidence.from);
		if (p.n > 1) {                                          /* the last one only */
			p.at[0] = p.at[p.n - 1];
			p.n = 1;
		}
	}
	if (p.n == 0) {
		p = find(d, words, evidence.to, d->text_bytes);
		if (p.n > 1)
			p.n = 1;
	}
	nearest_first(&p, trigger);
	return p;
}

static void write_places(buf *b, const places *p)
{
	buf_char(b, '[');
	for (uint32_t i = 0; i < p->n; i++)
		buf_format(b, "%s[%u,%u]", i ? "," : "", p->at[i].from, p->at[i].to);
	buf_char(b, ']');
}

static void write_parties(buf *b, const char *key, const text_doc *d, const kula_party *p, uint32_t n, kula_span evidence, uint32_t trigger)
{
	buf_format(b, ",\"%s\":[", key);
	for (uint32_t i = 0; i < n; i++) {
		const places at = seek(d, p[i].text, evidence, trigger);
		buf_format(b, "%s{\"at\":", i ? "," : "");
		write_places(b, &at);
		buf_text(b, ",\"code\":");
		json_text(b, p[i].code[0] ? p[i].code : NULL);
		if (p[i].verb != NULL && p[i].verb[0]) {
			places verb = find(d, p[i].verb, evidence.from, evidence.to);
			nearest_first(&verb, at.n ? at.at[0].from : trigger);   /* a cue stands beside its source */
			buf_text(b, ",\"verb\":");
			write_places(b, &verb);
		}
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void write_words_field(buf *b, const char *key, const text_doc *d, const char *words, kula_span evidence, uint32_t trigger)
{
	if (words == NULL)
		return;
	const places at = seek(d, words, evidence, trigger);
	buf_format(b, ",\"%s\":", key);
	write_places(b, &at);
}

static void write_items(buf *b, arena *a, const candidates *c, const know *k, const kula_claim *claim, kula_span evidence, uint32_t trigger)
{
	buf_text(b, ",\"items\":[");
	for (uint32_t i = 0; i < claim->item_count; i++) {
		const kula_item *it = &claim->items[i];
		const places at = seek(c->doc, it->text, evidence, trigger);
		buf_format(b, "%s{\"at\":", i ? "," : "");
		write_places(b, &at);
		buf_format(b, ",\"kind\":%d,\"in\":%d,\"min\":", (int)it->kind, (int)it->in);
		json_number(b, it->q.min);
		buf_text(b, ",\"max\":");
		json_number(b, it->q.max);
		buf_text(b, ",\"unit\":");
		json_text(b, it->q.unit);
		if (at.n > 0) {
			item_features f;
			claims_item_features(a, c, k, at.at[0].from, at.at[0].to, &f);
			buf_format(b, ",\"f\":[%d,%d,%d]", f.kind, f.kind_strength, f.quantity_case);
			buf_text(b, ",\"q\":[");
			json_number(b, f.quantity.min);
			buf_char(b, ',');
			json_number(b, f.quantity.max);
			buf_char(b, ',');
			json_text(b, f.quantity.unit);
			buf_format(b, ",%d]", (int)f.quantity.per);
		}
		buf_format(b, ",\"per\":%d}", (int)it->q.per);
	}
	buf_char(b, ']');
}

static void write_days(buf *b, const char *key, kula_days d)
{
	if (d.first != KULA_NO_DAY)
		buf_format(b, ",\"%s\":[%d,%d]", key, d.first, d.last);
}

static void write_day_pair(buf *b, kula_days d)
{
	if (d.first == KULA_NO_DAY)
		buf_text(b, ",null");
	else
		buf_format(b, ",[%d,%d]", d.first, d.last);
}

static void write_claim(buf *b, arena *a, const candidates *c, const know *k, const kula_claim *claim, table *used, bool *first)
{
	const text_doc *d = c->doc;
	const byte *hit = memmem(d->text, d->text_bytes, claim->evidence, strlen(claim->evidence));
	if (hit == NULL)
		return;
	const uint32_t from = (uint32_t)(hit - d->text);
	const kula_span evidence = { from, from + (uint32_t)strlen(claim->evidence) };
	const places triggers = find(d, claim->trigger, evidence.from, evidence.to);
	if (triggers.n == 0)
		return;
	/* the first place that no claim of this act has taken yet; where all are taken, the last one again */
	word_range trigger = triggers.at[triggers.n - 1];
	uint32_t slot = 0;
	for (uint32_t i = 0; i < triggers.n; i++) {
		uint32_t key[2] = { triggers.at[i].from, (uint32_t)claim->act };
		bool fresh;
		uint32_t *count = table_put(used, key, sizeof key, &fresh);
		if (count == NULL)
			return;
		if (fresh || i + 1 == triggers.n) {
			trigger = triggers.at[i];
			slot = (*count)++;
			break;
		}
	}
	buf_format(b, "%s{\"sentence\":%u,\"trigger\":[%u,%u],\"act\":%d,\"slot\":%u,\"status\":%d", *first ? "" : ",",
		d->words[trigger.from].sentence, trigger.from, trigger.to, (int)claim->act, slot, (int)claim->status);
	*first = false;
	write_parties(b, "from", d, claim->from, claim->from_count, evidence, trigger.from);
	write_parties(b, "to", d, claim->to, claim->to_count, evidence, trigger.from);
	write_parties(b, "src", d, claim->said_by, claim->said_by_count, evidence, trigger.from);
	write_items(b, a, c, k, claim, evidence, trigger.from);
	write_days(b, "date", claim->date);
	write_days(b, "due", claim->due);
	write_words_field(b, "at", d, claim->place_at, evidence, trigger.from);
	write_words_field(b, "pfrom", d, claim->place_from, evidence, trigger.from);
	write_words_field(b, "pto", d, claim->place_to, evidence, trigger.from);
	write_words_field(b, "means", d, claim->means, evidence, trigger.from);
	write_words_field(b, "ag", d, claim->agreement, evidence, trigger.from);
	write_words_field(b, "if", d, claim->condition, evidence, trigger.from);
	if (claim->has_value) {
		buf_text(b, ",\"value\":[");
		json_number(b, claim->value.min);
		buf_char(b, ',');
		json_number(b, claim->value.max);
		buf_char(b, ',');
		json_text(b, claim->value.unit);
		buf_char(b, ']');
	}
	buf_char(b, '}');
}

/* For the gate: of each paragraph, how many claims it states and its buckets. */
static void write_paragraphs(buf *b, const kula_document *d, const kula_claim *claims, uint32_t count)
{
	const char *at = d->text, *end = d->text + d->text_bytes;
	buf_text(b, "],\"paragraphs\":[");
	for (bool first = true; at < end; first = false) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		uint32_t stated = 0, f[GATE_FEATURES];
		for (uint32_t i = 0; i < count; i++) {
			const char *hit = memmem(d->text, d->text_bytes, claims[i].evidence, strlen(claims[i].evidence));
			stated += hit != NULL && hit >= at && hit < stop;
		}
		const uint32_t n = gate_features((const byte *)at, (size_t)(stop - at), f);
		buf_format(b, "%s[%u", first ? "" : ",", stated);
		for (uint32_t i = 0; i < n; i++)
			buf_format(b, ",%u", f[i]);
		buf_char(b, ']');
		at = stop + 1;
	}
}

void claims_prepare(buf *b, arena *a, const vocabulary *v, const know *k, const kula_document *d,
	const kula_claim *claims, uint32_t count, kula_error *err)
{
	const candidates *c = claims_candidates(a, v, k, d, err);
	table *used = table_new();
	if (c == NULL || used == NULL) {
		table_free(used);
		return;
	}
	const text_doc *doc = c->doc;
	buf_text(b, "{\"doc\":");
	json_text(b, d->id);
	buf_format(b, ",\"published\":%d,\"publisher\":", d->published);
	json_text(b, know_publisher(k, d->publisher != NULL ? d->publisher : ""));
	buf_text(b, ",\"title\":");
	json_text(b, d->title != NULL ? d->title : "");
	buf_text(b, ",\"text\":");
	json_string(b, d->text, d->text_bytes);
	buf_text(b, ",\"windows\":[");
	for (uint32_t w = 0; w < c->win->count; w++) {
		const window *x = &c->win->at[w];
		buf_text(b, w ? ",{\"ids\":[" : "{\"ids\":[");
		for (uint32_t i = 0; i < x->piece_count; i++)
			buf_format(b, "%s%u", i ? "," : "", c->win->ids[x->piece_from + i]);
		buf_text(b, "],\"shapes\":[");
		for (uint32_t i = 0; i < x->piece_count; i++)
			buf_format(b, "%s%u", i ? "," : "", c->win->shapes[x->piece_from + i]);
		buf_text(b, "]}");
	}
	buf_text(b, "],\"words\":[");
	for (uint32_t w = 0; w < doc->word_count; w++) {
		const word *x = &doc->words[w];
		buf_format(b, "%s[%u,%u,%u,%u,%u,%u,%u]", w ? "," : "", c->win->word_window[w], c->win->row_from[w], c->win->row_to[w],
			x->sentence, x->at.from, x->at.to, x->shape);
	}
	buf_text(b, "],\"sentences\":[");
	for (uint32_t s = 0; s < doc->sentence_count; s++)
		buf_format(b, "%s[%u,%u,%d,%u,%u]", s ? "," : "", doc->sentences[s].word_from, doc->sentences[s].word_to,
			doc->sentences[s].in_title, doc->sentences[s].at.from, doc->sentences[s].at.to);
	buf_text(b, "],\"mentions\":[");
	for (uint32_t i = 0; i < c->mention_count; i++) {
		const mention *m = &c->mentions[i];
		buf_format(b, "%s[%u,%u,%u,%u,%u,%d,\"%s\"]", i ? "," : "", m->word_from, m->word_to, m->type, m->rank, m->prior, m->in_date, m->code);
	}
	buf_text(b, "],\"days\":[");
	for (uint32_t i = 0; i < c->day_count; i++) {
		const dated *x = &c->days[i];
		buf_format(b, "%s[%u,%u", i ? "," : "", x->word_from, x->word_to);
		write_day_pair(b, x->past);
		write_day_pair(b, x->ahead);
		write_day_pair(b, x->ongoing);
		buf_format(b, ",%d,%d]", x->vague, x->duration);
	}
	buf_text(b, "],\"quantities\":[");
	for (uint32_t i = 0; i < c->quantity_count; i++) {
		const measured *q = &c->quantities[i];
		buf_format(b, "%s[%u,%u,", i ? "," : "", q->word_from, q->word_to);
		json_number(b, q->min);
		buf_char(b, ',');
		json_number(b, q->max);
		buf_char(b, ',');
		json_text(b, q->unit);
		buf_format(b, ",%d,%u]", (int)q->per, q->flags);
	}
	buf_text(b, "],\"claims\":[");
	bool first = true;
	for (uint32_t i = 0; i < count; i++)
		write_claim(b, a, c, k, &claims[i], used, &first);
	write_paragraphs(b, d, claims, count);
	buf_text(b, "]}\n");
	table_free(used);
}
