/* jsonl: one line of JSON becomes a document, with its claims where it has any. */
#include <jansson.h>            /* before base.h, which says why */

#include "source/room.h"

#include <math.h>

/* Where the parser stands, for its errors, and what it draws from. */
typedef struct line {
	const source *s;                /* NULL: a claim by itself, of no file */
	arena      *a;
	kula_error *err;
	uint64_t    from;
	char        part[48];           /* "claim 3: item 0: ", or "" */
	bool        foreign_spans;      /* counted in characters or UTF-16: left out, claims_locate finds them again */
} line;

/* Always false, so that "return wrong(...)" reads well. */
static bool wrong(line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(line *l, const char *format, ...)
{
	char what[160];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (l->s == NULL)
		kula_fail(l->err, KULA_EFORMAT, l->from, "%s%s", l->part, what);
	else
		source_fail(l->s, l->err, KULA_EFORMAT, l->from, "line %llu: %s%s", (unsigned long long)l->s->line, l->part, what);
	return false;
}

static bool refused(line *l)
{
	if (l->s == NULL) {
		kula_fail(l->err, KULA_ELIMIT, l->from, "the claim needs more memory than there is for one");
		return false;
	}
	source_fail(l->s, l->err, KULA_ELIMIT, l->from, "line %llu: the document needs more memory than there is for one",
		(unsigned long long)l->s->line);
	return false;
}

/* ---- what a line must keep before it is parsed ---- */

/* The parser works by recursion and takes a block of memory for each value: both are bounded here. */
static bool bounded(line *l, const byte *at, size_t n)
{
	bool quoted = false;
	uint32_t depth = 0, values = 0;
	for (size_t i = 0; i < n; i++) {
		const byte c = at[i];
		if (quoted) {
			if (c == '\\')
				i++;
			else
				quoted = c != '"';
			continue;
		}
		if (c == '"')
			quoted = true;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth -= depth > 0;
		values += c == ',' || c == '{' || c == '[';
		if (depth > SOURCE_DEPTH || values > SOURCE_VALUES) {
			source_fail(l->s, l->err, KULA_ELIMIT, l->from + i, depth > SOURCE_DEPTH ? "line %llu: nested deeper than %u"
				: "line %llu: more than %u values", (unsigned long long)l->s->line, depth > SOURCE_DEPTH ? SOURCE_DEPTH : SOURCE_VALUES);
			return false;
		}
	}
	return true;
}

/* ---- fields ---- */

/* The text under a key; NULL where it is missing or null. */
static bool text_of(line *l, const json_t *object, const char *key, bool needed, const char **out)
{
	const json_t *const v = json_object_get(object, key);
	*out = NULL;
	if (v == NULL || json_is_null(v))
		return !needed || wrong(l, "no '%s'", key);
	if (!json_is_string(v))
		return wrong(l, "'%s' is no text", key);
	*out = arena_text(l->a, json_string_value(v), json_string_length(v));
	return *out != NULL || refused(l);
}

static bool number_of(line *l, const json_t *object, const char *key, double *out)
{
	const json_t *const v = json_object_get(object, key);
	*out = NAN;
	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_number(v))
		return wrong(l, "'%s' is no number", key);
	*out = json_number_value(v);
	return true;
}

static bool day_in(line *l, const json_t *v, const char *key, kula_day *out)
{
	const char *const s = json_string_value(v);
	*out = s != NULL ? kula_day_parse(s, json_string_length(v)) : KULA_NO_DAY;
	return *out != KULA_NO_DAY || wrong(l, s != NULL ? "'%s' has '%.40s', which is no day" : "'%s' has something that is no day", key, s);
}

static bool days_of(line *l, const json_t *object, const char *key, kula_days *out)
{
	const json_t *const v = json_object_get(object, key);
	*out = (kula_days){KULA_NO_DAY, KULA_NO_DAY};
	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_array(v) || json_array_size(v) != 2)
		return wrong(l, "'%s' is no pair of days", key);
	return day_in(l, json_array_get(v, 0), key, &out->first) && day_in(l, json_array_get(v, 1), key, &out->last);
}

static bool span_of(line *l, const json_t *object, const char *key, kula_span *out)
{
	const json_t *const v = json_object_get(object, key);
	*out = (kula_span){0};
	if (v == NULL || json_is_null(v) || l->foreign_spans)
		return true;
	double end[2] = {NAN, NAN};
	for (size_t i = 0; i < 2 && json_is_array(v) && json_array_size(v) == 2; i++)
		if (json_is_number(json_array_get(v, i)))
			end[i] = json_number_value(json_array_get(v, i));
	if (!(end[0] >= 0 && end[0] <= end[1] && end[1] <= UINT32_MAX && floor(end[0]) == end[0] && floor(end[1]) == end[1]))
		return wrong(l, "'%s' is no span", key);
	*out = (kula_span){(uint32_t)end[0], (uint32_t)end[1]};
	return true;
}

/* One of the contract's words. */
static bool word_of(line *l, const json_t *object, const char *key, int (*of)(const char *), int *out)
{
	const json_t *const v = json_object_get(object, key);
	const char *const s = json_string_value(v);
	*out = s != NULL ? of(s) : -1;
	if (*out >= 0)
		return true;
	return s != NULL ? wrong(l, "unknown %s '%.40s'", key, s) : wrong(l, v == NULL || json_is_null(v) ? "no '%s'" : "'%s' is no text", key);
}

static bool quantity_of(line *l, const json_t *object, bool unit_needed, kula_quantity *q)
{
	int per = KULA_PER_NONE;
	const json_t *const p = json_object_get(object, "per");
	if (!number_of(l, object, "min", &q->min) || !number_of(l, object, "max", &q->max)
			|| !text_of(l, object, "unit", unit_needed, &q->unit)
			|| (p != NULL && !json_is_null(p) && !word_of(l, object, "per", kula_per_of, &per)))
		return false;
	if (q->unit == NULL)
		q->unit = "count";
	q->per = (kula_per)per;
	q->approx = json_is_true(json_object_get(object, "approx"));
	return true;
}

/* The list under a key, empty where it is missing or null; *out is room for as many things. */
static bool list_of(line *l, const json_t *object, const char *key, size_t size, const json_t **list, void **out, uint32_t *count)
{
	*list = json_object_get(object, key);
	*out = NULL;
	*count = 0;
	if (*list == NULL || json_is_null(*list))
		return true;
	if (!json_is_array(*list))
		return wrong(l, "'%s' is no list", key);
	*count = (uint32_t)json_array_size(*list);      /* at most SOURCE_VALUES */
	if (*count == 0)
		return true;
	*out = arena_alloc(l->a, *count, size);
	return *out != NULL || refused(l);
}

static bool parties_of(line *l, const json_t *claim, const char *key, const kula_party **out, uint32_t *count)
{
	const json_t *list;
	void *room;
	if (!list_of(l, claim, key, sizeof(kula_party), &list, &room, count))
		return false;
	kula_party *const parties = room;
	*out = parties;
	const size_t outer = strlen(l->part);
	for (uint32_t i = 0; i < *count; i++) {
		const json_t *const o = json_array_get(list, i), *const code = json_object_get(o, "code");
		kula_party *const p = &parties[i];
		snprintf(l->part + outer, sizeof l->part - outer, "%s %u: ", key, i);
		if (!json_is_object(o))
			return wrong(l, "no object");
		if (!text_of(l, o, "text", true, &p->text) || !text_of(l, o, "verb", false, &p->verb)
				|| !span_of(l, o, "span", &p->span) || !span_of(l, o, "verb_span", &p->verb_span))
			return false;
		if (code != NULL && !json_is_null(code)) {
			if (!json_is_string(code))
				return wrong(l, "'code' is no text");
			const size_t n = json_string_length(code);
			if (n == 0 || n >= sizeof p->code)
				return wrong(l, "'%.40s' is no code", json_string_value(code));
			memcpy(p->code, json_string_value(code), n);
		}
		l->part[outer] = '\0';
	}
	return true;
}

static bool items_of(line *l, const json_t *claim, const kula_item **out, uint32_t *count)
{
	const json_t *list;
	void *room;
	if (!list_of(l, claim, "items", sizeof(kula_item), &list, &room, count))
		return false;
	kula_item *const items = room;
	*out = items;
	const size_t outer = strlen(l->part);
	for (uint32_t i = 0; i < *count; i++) {
		const json_t *const o = json_array_get(list, i);
		kula_item *const t = &items[i];
		double in;
		int kind;
		snprintf(l->part + outer, sizeof l->part - outer, "item %u: ", i);
		if (!json_is_object(o))
			return wrong(l, "no object");
		if (!text_of(l, o, "text", true, &t->text) || !text_of(l, o, "what", false, &t->what)
				|| !word_of(l, o, "kind", kula_kind_of, &kind) || !quantity_of(l, o, false, &t->q)
				|| !number_of(l, o, "in", &in) || !span_of(l, o, "span", &t->span))
			return false;
		if (!isnan(in) && !(in >= 0 && in < *count && floor(in) == in))
			return wrong(l, "'in' is no index of an item");
		t->kind = (kula_kind)kind;
		t->in = isnan(in) ? -1 : (int32_t)in;
		l->part[outer] = '\0';
	}
	return true;
}

static bool claim_of(line *l, const json_t *o, kula_claim *c)
{
	const json_t *const place = json_object_get(o, "place"), *const value = json_object_get(o, "value");
	int act, status;
	if (!json_is_object(o))
		return wrong(l, "no object");
	if (!text_of(l, o, "evidence", true, &c->evidence) || !text_of(l, o, "trigger", true, &c->trigger)
			|| !word_of(l, o, "act", kula_act_of, &act) || !word_of(l, o, "status", kula_claim_status_of, &status)
			|| !parties_of(l, o, "from", &c->from, &c->from_count) || !parties_of(l, o, "to", &c->to, &c->to_count)
			|| !items_of(l, o, &c->items, &c->item_count)
			|| !days_of(l, o, "date", &c->date) || !days_of(l, o, "due", &c->due)
			|| !text_of(l, o, "means", false, &c->means) || !text_of(l, o, "agreement", false, &c->agreement)
			|| !text_of(l, o, "condition", false, &c->condition)
			|| !parties_of(l, o, "said_by", &c->said_by, &c->said_by_count)
			|| !span_of(l, o, "span", &c->span) || !span_of(l, o, "trigger_span", &c->trigger_span)
			|| !span_of(l, o, "date_span", &c->date_span) || !span_of(l, o, "due_span", &c->due_span)
			|| !number_of(l, o, "confidence", &c->confidence)
			|| !text_of(l, o, "id", false, &c->id) || !text_of(l, o, "exchange", false, &c->exchange))
		return false;
	c->act = (kula_act)act;
	c->status = (kula_claim_status)status;
	if (place != NULL && !json_is_null(place)) {
		if (!json_is_object(place))
			return wrong(l, "'place' is no object");
		if (!text_of(l, place, "at", false, &c->place_at) || !text_of(l, place, "from", false, &c->place_from)
				|| !text_of(l, place, "to", false, &c->place_to))
			return false;
	}
	if (value != NULL && !json_is_null(value)) {
		const size_t outer = strlen(l->part);
		snprintf(l->part + outer, sizeof l->part - outer, "value: ");
		if (!json_is_object(value))
			return wrong(l, "no object");
		if (!quantity_of(l, value, true, &c->value) || !span_of(l, value, "span", &c->value_span))
			return false;
		c->has_value = true;
		l->part[outer] = '\0';
	}
	return true;
}

static bool claims_of(line *l, const json_t *o, source_document *out)
{
	const json_t *list;
	void *room;
	out->has_claims = json_object_get(o, "claims") != NULL;
	if (!list_of(l, o, "claims", sizeof(kula_claim), &list, &room, &out->claim_count))
		return false;
	out->claims = room;
	for (uint32_t i = 0; i < out->claim_count; i++) {
		snprintf(l->part, sizeof l->part, "claim %u: ", i);
		if (!claim_of(l, json_array_get(list, i), &out->claims[i]))
			return false;
	}
	l->part[0] = '\0';
	return true;
}

/* ---- the document ---- */

/* "2024-11-20", or a moment of that day: "2024-11-20T08:15:00Z". */
static bool published_of(line *l, const json_t *o, kula_day *out)
{
	const json_t *const v = json_object_get(o, "published");
	if (v == NULL || json_is_null(v))
		return true;
	const char *const s = json_string_value(v);
	if (s == NULL)
		return wrong(l, "'published' is no text");
	size_t n = json_string_length(v);
	if (n > 10 && (s[10] == 'T' || s[10] == ' '))
		n = 10;
	*out = kula_day_parse(s, n);
	return *out != KULA_NO_DAY || wrong(l, "'published' is '%.40s', which is no day", s);
}

static bool document_of(line *l, const json_t *o, source_document *out)
{
	const json_t *const text = json_object_get(o, "text"), *const offsets = json_object_get(o, "offsets");
	kula_document *const d = &out->d;
	l->foreign_spans = json_is_string(offsets) && strcmp(json_string_value(offsets), "bytes") != 0;
	*d = (kula_document){.published = l->s->published, .text_bytes = json_string_length(text)};
	if (d->text_bytes > SOURCE_DOCUMENT_BYTES) {
		source_fail(l->s, l->err, KULA_ELIMIT, l->from, "line %llu: the text is longer than %u MiB",
			(unsigned long long)l->s->line, SOURCE_DOCUMENT_BYTES >> 20);
		return false;
	}
	if (!text_of(l, o, "doc", false, &d->id) || !text_of(l, o, "title", false, &d->title)
			|| !text_of(l, o, "publisher", false, &d->publisher) || !text_of(l, o, "dossier", false, &d->dossier)
			|| !text_of(l, o, "reader", false, &out->reader) || !text_of(l, o, "fetched", false, &out->fetched)
			|| !published_of(l, o, &d->published) || !text_of(l, o, "text", true, &d->text))
		return false;
	if (d->publisher == NULL)
		d->publisher = l->s->publisher;
	if (d->id == NULL || d->id[0] == '\0') {
		d->id = arena_format(l->a, "%s#%llu", l->s->name, (unsigned long long)l->s->line);
		if (d->id == NULL)
			return refused(l);
	}
	sha256_hex(d->text, d->text_bytes, out->sha256);
	return claims_of(l, o, out);
}

kula_status source_parse(const source *s, arena *a, const byte *text, size_t n, uint64_t from, source_document *out, kula_error *err)
{
	line l = {.s = s, .a = a, .err = err, .from = from};
	kula_error own = {0};
	json_error_t where;
	if (err == NULL)
		l.err = &own;           /* the status to give back stands there */
	out->line = s->line;
	out->byte = from;
	const size_t valid = utf8_check(text, n);
	if (valid < n)
		return source_fail(s, l.err, KULA_EFORMAT, from + valid, "line %llu: byte 0x%02X is not UTF-8", (unsigned long long)s->line, text[valid]);
	if (!bounded(&l, text, n))
		return KULA_ELIMIT;
	/* Whole numbers as reals: quantities have no limit of 64 bits. */
	json_t *const o = json_loadb((const char *)text, n, JSON_DECODE_INT_AS_REAL, &where);
	if (o == NULL)
		return source_fail(s, l.err, json_error_code(&where) == json_error_out_of_memory ? KULA_EMEMORY : KULA_EFORMAT,
			from + (where.position > 0 ? (uint64_t)where.position : 0), "line %llu: not JSON: %s", (unsigned long long)s->line, where.text);
	bool good;
	if (!json_is_object(o))
		good = wrong(&l, "no object");
	else if (json_object_get(o, "text") == NULL && json_object_get(o, "dossier") != NULL) {
		out->extra = arena_text(a, text, n);
		good = out->extra != NULL ? text_of(&l, o, "dossier", false, &out->d.dossier) : refused(&l);
	} else
		good = document_of(&l, o, out);
	json_decref(o);
	return good ? KULA_OK : l.err->status;
}

kula_status source_claim(arena *a, const char *json, size_t n, kula_claim *out, kula_error *err)
{
	kula_error own = {0};
	line l = {.a = a, .err = err != NULL ? err : &own};
	json_error_t where;
	json_t *const o = json_loadb(json, n, JSON_DECODE_INT_AS_REAL, &where);
	*out = (kula_claim){0};
	if (o == NULL)
		return kula_fail(l.err, json_error_code(&where) == json_error_out_of_memory ? KULA_EMEMORY : KULA_EFORMAT,
			where.position > 0 ? (uint64_t)where.position : 0, "not JSON: %s", where.text);
	const bool good = claim_of(&l, o, out);
	json_decref(o);
	return good ? KULA_OK : l.err->status;
}
