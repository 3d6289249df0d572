/* export_claims: the contract's JSONL, claims as CSV, and annotations of the sentences behind them. */
#include "formats/export.h"

#include <math.h>

/* ---- jsonl ---- */

static bool jsonl_document(writer *w, const told *t)
{
	buf *const b = &w->out;
	kula_claim *const claims = ARENA_NEW(t->a, kula_claim, MAX_OF(t->count, 1));
	if (claims == NULL)
		return false;
	for (uint32_t i = 0; i < t->count; i++)
		claims[i] = t->claims[i].c;
	/* Who read it goes in front: the contract's own keys are the library's to write. */
	if (t->doc->reader != NULL) {
		buf_text(b, "{\"reader\":");
		json_text(b, t->doc->reader);
	}
	if (t->doc->fetched != NULL) {
		buf_text(b, t->doc->reader != NULL ? ",\"fetched\":" : "{\"fetched\":");
		json_text(b, t->doc->fetched);
	}
	const bool any = t->doc->reader != NULL || t->doc->fetched != NULL;
	const size_t at = b->n;
	claims_write_document(b, &t->d, claims, t->count, true, OFFSETS_BYTES);
	if (any && !b->refused)
		b->at[at] = ',';
	w->sum->rows++;
	return !b->refused;
}

kula_status export_jsonl(writer *w) { return export_documents(w, true, jsonl_document); }

/* ---- csv ---- */

static const char *const csv_columns[] = {
	"claim", "act", "status", "date_first", "date_last", "due_first", "due_last", "from_codes", "from", "to_codes", "to", "item", "what", "kind", "min",
	"max", "unit", "per", "approx", "in", "value_min", "value_max", "value_unit", "place_at", "place_from", "place_to", "means", "agreement", "condition",
	"said_by_codes", "said_by", "verbs", "publisher", "published", "doc", "title", "trigger", "evidence", "confidence", "reader",
};

static void put_joined(writer *w, void (*join)(buf *b, const kula_party *p, uint32_t count), const kula_party *p, uint32_t count)
{
	buf words = {0};
	join(&words, p, count);
	put_text_n(w, words.at, words.n);
	buf_free(&words);
}

static void verbs_of_parties(buf *b, const kula_party *p, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		buf_text(b, i > 0 ? "; " : "");
		buf_text(b, p[i].verb != NULL ? p[i].verb : "");
	}
}

static bool csv_document(writer *w, const told *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const ledger_claim *const k = &t->claims[i];
		const kula_claim *const c = &k->c;
		for (uint32_t j = 0; j < MAX_OF(c->item_count, 1); j++) {
			const kula_item *const it = c->item_count > 0 ? &c->items[j] : NULL;
			put_text(w, k->number);
			put_text(w, kula_act_name(c->act));
			put_text(w, kula_status_name(c->status));
			put_day(w, c->date.first);
			put_day(w, c->date.first != KULA_NO_DAY ? c->date.last : KULA_NO_DAY);
			put_day(w, c->due.first);
			put_day(w, c->due.first != KULA_NO_DAY ? c->due.last : KULA_NO_DAY);
			put_joined(w, codes_of_parties, c->from, c->from_count);
			put_joined(w, texts_of_parties, c->from, c->from_count);
			put_joined(w, codes_of_parties, c->to, c->to_count);
			put_joined(w, texts_of_parties, c->to, c->to_count);
			put_text(w, it != NULL ? it->text : NULL);
			put_text(w, it != NULL ? it->what : NULL);
			put_text(w, it != NULL ? kula_kind_name(it->kind) : NULL);
			put_number(w, it != NULL ? it->q.min : NAN);
			put_number(w, it != NULL ? it->q.max : NAN);
			put_text(w, it != NULL ? it->q.unit : NULL);
			put_text(w, it != NULL ? kula_per_name(it->q.per) : NULL);
			put_text(w, it != NULL && it->q.approx ? "1" : NULL);
			put_number(w, it != NULL && it->in >= 0 ? (double)it->in : NAN);
			put_number(w, c->has_value ? c->value.min : NAN);
			put_number(w, c->has_value ? c->value.max : NAN);
			put_text(w, c->has_value ? c->value.unit : NULL);
			put_text(w, c->place_at);
			put_text(w, c->place_from);
			put_text(w, c->place_to);
			put_text(w, c->means);
			put_text(w, c->agreement);
			put_text(w, c->condition);
			put_joined(w, codes_of_parties, c->said_by, c->said_by_count);
			put_joined(w, texts_of_parties, c->said_by, c->said_by_count);
			put_joined(w, verbs_of_parties, c->said_by, c->said_by_count);
			put_text(w, k->publisher);
			put_day(w, k->published);
			put_text(w, k->doc);
			put_text(w, k->title);
			put_text(w, c->trigger);
			put_text(w, c->evidence);
			put_number(w, c->confidence);
			put_text(w, k->reader);
			put_row(w);
		}
	}
	return !w->out.refused;
}

kula_status export_csv(writer *w)
{
	put_head(w, csv_columns, COUNT_OF(csv_columns));
	return export_documents(w, false, csv_document);
}

/* ---- web annotations ---- */

/* Characters of text[0..to): what the selectors count in. Walks on from where the last call stood. */
typedef struct counter { const char *text; uint32_t byte_at, count; } counter;
static uint32_t characters_to(counter *c, uint32_t to)
{
	if (to < c->byte_at)
		c->byte_at = c->count = 0;
	for (; c->byte_at < to; c->byte_at++)
		c->count += ((byte)c->text[c->byte_at] & 0xC0) != 0x80;
	return c->count;
}

/* Some characters before or behind a span, for finding it again where the text has changed a little. */
static kula_span around(const kula_document *d, kula_span s, bool before)
{
	enum { CHARACTERS = 32 };
	uint32_t from = before ? s.from : s.to, to = from;
	for (uint32_t n = 0; n < CHARACTERS;) {
		if (before ? from == 0 : to == d->text_bytes)
			break;
		if (before)
			n += ((byte)d->text[--from] & 0xC0) != 0x80;
		else
			n += to + 1 == d->text_bytes || ((byte)d->text[to + 1] & 0xC0) != 0x80, to++;
	}
	return (kula_span){from, to};
}

/* A document's own id as an IRI: as it is where it is one already. */
static void iri_out(buf *b, const char *what, const char *id)
{
	static const char plain[] = "-._~:/?#@!$&*+,;=%";
	const char *const colon = strchr(id, ':');
	const bool is_iri = colon != NULL && (strncmp(id, "http://", 7) == 0 || strncmp(id, "https://", 8) == 0 || strncmp(id, "urn:", 4) == 0);
	buf_char(b, '"');
	if (!is_iri)
		buf_format(b, "urn:kula:%s:", what);
	for (const char *p = id; *p != '\0'; p++) {
		if (is_alpha((byte)*p) || is_digit((byte)*p) || (strchr(plain, *p) != NULL && (is_iri || *p != '%')))
			buf_char(b, *p);
		else
			buf_format(b, "%%%02X", (byte)*p);
	}
	buf_char(b, '"');
}

static bool annotation_document(writer *w, const told *t)
{
	buf *const b = &w->out;
	counter at = {.text = t->d.text};
	for (uint32_t i = 0; i < t->count; i++) {
		const ledger_claim *const k = &t->claims[i];
		const kula_claim *const c = &k->c;
		const kula_span before = around(&t->d, c->span, true), behind = around(&t->d, c->span, false);
		buf claim = {0};
		buf_text(b, w->sum->rows > 0 ? ",\n" : "\n");
		buf_format(b, "{\"id\":\"urn:kula:claim:%.16s:%u\",\"type\":\"Annotation\",\"motivation\":\"describing\"", t->doc->sha256 != NULL ? t->doc->sha256 : "",
			k->ordinal);
		buf_text(b, ",\"creator\":{\"type\":\"Software\",\"name\":");
		json_text(b, k->reader);
		buf_text(b, "},\"created\":");
		json_text(b, t->doc->added);
		/* The claim whole for programs, and in words for people. */
		claims_write_claim(&claim, &t->d, c, true, OFFSETS_CHARS);
		buf_text(b, ",\"body\":[{\"type\":\"TextualBody\",\"purpose\":\"describing\",\"format\":\"application/json\",\"value\":");
		json_string(b, claim.at, claim.n);
		claim.n = 0;
		codes_of_parties(&claim, c->from, c->from_count);
		buf_format(&claim, "%s%s (%s)", claim.n > 0 ? " " : "", kula_act_name(c->act), kula_status_name(c->status));
		if (c->to_count > 0)
			buf_char(&claim, ' ');
		codes_of_parties(&claim, c->to, c->to_count);
		for (uint32_t j = 0; j < c->item_count; j++) {
			buf_text(&claim, j > 0 ? ", " : ": ");
			item_words(&claim, &c->items[j]);
		}
		buf_text(b, "},{\"type\":\"TextualBody\",\"purpose\":\"tagging\",\"format\":\"text/plain\",\"value\":");
		json_string(b, claim.at, claim.n);
		buf_text(b, "}],\"target\":{\"source\":");
		iri_out(b, "document", t->d.id != NULL ? t->d.id : k->doc);
		buf_text(b, ",\"selector\":[{\"type\":\"TextQuoteSelector\",\"exact\":");
		json_text(b, c->evidence);
		buf_text(b, ",\"prefix\":");
		json_string(b, t->d.text + before.from, before.to - before.from);
		buf_text(b, ",\"suffix\":");
		json_string(b, t->d.text + behind.from, behind.to - behind.from);
		const uint32_t start = characters_to(&at, c->span.from);
		buf_format(b, "},{\"type\":\"TextPositionSelector\",\"start\":%u,\"end\":%u}]}}", start, characters_to(&at, c->span.to));
		w->sum->rows++;
		const bool refused = claim.refused;
		buf_free(&claim);
		if (refused)
			return false;
	}
	return !b->refused;
}

kula_status export_webannotation(writer *w)
{
	const int64_t total = ledger_count(w->l, &w->o->filter, w->err);
	if (total < 0)
		return w->err->status;
	buf_text(&w->out, "{\"@context\":\"http://www.w3.org/ns/anno.jsonld\",\"id\":\"urn:kula:claims\",\"type\":\"AnnotationCollection\","
		"\"label\":\"Claims read by Kula; each annotates the sentence that states it. Not carried: ");
	buf_text(&w->out, export_format_lost(EXPORT_WEBANNOTATION));
	buf_format(&w->out, "\",\"total\":%lld,\"first\":{\"id\":\"urn:kula:claims:1\",\"type\":\"AnnotationPage\",\"startIndex\":0,\"items\":[", (long long)total);
	const kula_status status = export_documents(w, true, annotation_document);
	buf_text(&w->out, "\n]}}\n");
	return status;
}
