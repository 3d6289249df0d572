/* ledger_words.c: corrections as people type them become a field and its JSON.
 *
 *	act give        status done        date 2024-11-18..2024-11-20        date 2024-11        due none
 *	from Russia=RUS        to "North Korea"        said_by "officials in Moscow=RUS said"        to none
 *	from.1.code CHN        items.2.min 70        items.1.number 70..75        items.3 none        value "2500000 USD"
 *	place.at Vladivostok        agreement "defence treaty"        items '[{"text":...}]'
 *
 * Numbers in a field's name count from 1; what is behind the last is a new one. Only the words that are typed are looked at:
 * whether the claim keeps the contract with them is the business of ledger_review. */
#include <jansson.h>            /* before base.h, which says why */
#include "claims/claims.h"
#include "ledger/ledger_room.h"
#include <math.h>
#include <stdlib.h>

typedef struct words {
	arena        *a;
	kula_document d;                /* its text: a code alone is looked for in it */
	json_t       *claim;            /* as it stands */
	ledger_code_of code_of;
	void         *arg;
	kula_error   *err;
} words;

static bool wrong(const words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(const words *w, const char *format, ...)
{
	char what[200];
	va_list list;
	va_start(list, format);
	vsnprintf(what, sizeof what, format, list);
	va_end(list);
	kula_fail(w->err, KULA_EUSAGE, 0, "%s", what);
	return false;
}

static bool is_none(const char *typed)
{
	return !*typed || strcmp(typed, "none") == 0 || strcmp(typed, "-") == 0 || strcmp(typed, "null") == 0;
}

static json_t *text_json(const words *w, const char *at, size_t n)
{
	while (n && is_space((byte)at[0])) {
		at++;
		n--;
	}
	while (n && is_space((byte)at[n - 1]))
		n--;
	json_t *s = json_stringn(at, n);
	if (!s)
		wrong(w, "'%.*s' is not UTF-8", (int)MIN_OF(n, 60), at);
	return s;
}

/* ---- numbers and days ---- */

/* "70", "2,500,000", "2.5e6". */
static bool number_word(const char *at, size_t n, double *out)
{
	char digits[64];
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		if (is_space((byte)at[i]) && (i == 0 || i + 1 == n || k == 0))
			continue;
		if (at[i] == ',')
			continue;
		if (k + 1 == sizeof digits || !(is_digit((byte)at[i]) || strchr(".eE+-", at[i])))
			return false;
		digits[k++] = at[i];
	}
	digits[k] = 0;
	char *end;
	*out = strtod(digits, &end);
	return k > 0 && *end == 0 && isfinite(*out);
}

/* "70", "70..75", "70..", "..100", "?": both bounds. */
static bool interval_word(const char *at, size_t n, double *min, double *max)
{
	*min = *max = NAN;
	while (n && is_space((byte)at[n - 1]))
		n--;
	if (n == 1 && at[0] == '?')
		return true;
	const char *dots = memmem(at, n, "..", 2);
	if (!dots) {
		const bool good = number_word(at, n, min);
		*max = *min;
		return good;
	}
	const size_t before = (size_t)(dots - at), after = n - before - 2;
	return (before == 0 || number_word(at, before, min)) && (after == 0 || number_word(dots + 2, after, max)) && before + after > 0;
}

static json_t *number_json(double v) { return isnan(v) ? json_null() : json_real(v); }

/* A day, a month, a year: its first and last day. */
static bool days_word(const char *at, size_t n, kula_days *out)
{
	const kula_day day = kula_day_parse(at, n);
	*out = (kula_days){day, day};
	if (day != KULA_NO_DAY)
		return true;
	int year = 0, month = 0;
	for (size_t i = 0; i < 4; i++) {
		if (i >= n || !is_digit((byte)at[i]))
			return false;
		year = year * 10 + (at[i] - '0');
	}
	if (n == 7 && at[4] == '-' && is_digit((byte)at[5]) && is_digit((byte)at[6]))
		month = (at[5] - '0') * 10 + (at[6] - '0');
	else if (n != 4)
		return false;
	if (n == 7 && (month < 1 || month > 12))
		return false;
	*out = month ? (kula_days){day_of(year, month, 1), day_of(year, month, days_in_month(year, month))}
		: (kula_days){day_of(year, 1, 1), day_of(year, 12, 31)};
	return true;
}

static bool set_days(const words *w, const char *field, const char *typed, json_t **out)
{
	const size_t n = strlen(typed);
	const char *dots = strstr(typed, "..");
	if (!dots)
		dots = strchr(typed, '/');
	kula_days first, last;
	const size_t before = dots ? (size_t)(dots - typed) : n, skip = dots && *dots == '/' ? 1 : 2;
	if (!days_word(typed, before, &first) || (dots && !days_word(dots + skip, n - before - skip, &last)))
		return wrong(w, "%s: '%.60s' is no day: 2024-11-20, 2024-11, 2024, or two with '..' between them", field, typed);
	char from[16], to[16];
	kula_day_format(first.first, from);
	kula_day_format(dots ? last.last : first.last, to);
	*out = json_pack("[s,s]", from, to);
	return true;
}

/* ---- parties ---- */

static bool looks_like_code(const char *at, size_t n)
{
	bool upper = n >= 2 && n < KULA_CODE_BYTES;
	for (size_t i = 0; i < n && upper; i++)
		upper = is_upper((byte)at[i]) || (i > 0 && is_digit((byte)at[i]));
	return upper;
}

/* One party: WORDS=CODE, WORDS=, CODE, WORDS; a source with its verb behind the code. `was`: who stands there now, or NULL. */
static bool party_word(const words *w, const char *field, const char *at, size_t n, bool says, const json_t *was, json_t **out)
{
	while (n && is_space((byte)*at)) {
		at++;
		n--;
	}
	while (n && is_space((byte)at[n - 1]))
		n--;
	if (n == 0)
		return wrong(w, "%s: a party without words", field);
	const char *mark = memrchr(at, '=', n);
	char code[KULA_CODE_BYTES] = "";
	json_t *text = NULL, *verb = NULL;
	const json_t *old_text = json_object_get(was, "text");
	if (mark) {
		const char *c = mark + 1, *end = at + n;
		size_t digits = 0;
		while (c + digits < end && !is_space((byte)c[digits]))
			digits++;
		if (digits && !looks_like_code(c, digits))
			return wrong(w, "%s: '%.*s' is no code", field, (int)MIN_OF(digits, 40), c);
		memcpy(code, c, digits);
		text = text_json(w, at, (size_t)(mark - at));
		if (c + digits < end)
			verb = text_json(w, c + digits, (size_t)(end - c) - digits);
	} else if (looks_like_code(at, n) && !memmem(w->d.text, w->d.text_bytes, at, n)) {
		if (!old_text)
			return wrong(w, "%s: which words of the text stand for '%.*s'? 'WORDS=%.*s' says so", field, (int)n, at, (int)n, at);
		memcpy(code, at, n);
		text = json_copy((json_t *)(uintptr_t)old_text);
	} else {
		char *name = arena_text(w->a, at, n);
		if (looks_like_code(at, n))
			memcpy(code, at, n);
		else if (!name || !w->code_of || !w->code_of(w->arg, name, code))
			return wrong(w, "%s: whose code has '%.*s'? '%.*s=CODE' says so, '%.*s=' that there is none", field, (int)MIN_OF(n, 40), at,
				(int)MIN_OF(n, 40), at, (int)MIN_OF(n, 40), at);
		text = text_json(w, at, n);
	}
	if (says && !verb)
		verb = json_copy(json_object_get(was, "verb"));
	if (!text || (says && !verb)) {
		json_decref(text);
		json_decref(verb);
		return wrong(w, "%s: a source needs its verb: 'WORDS=CODE said'", field);
	}
	*out = json_pack("{s:o}", "text", text);
	json_object_set_new(*out, "code", *code ? json_string_nocheck(code) : json_null());
	if (verb)
		json_object_set_new(*out, "verb", verb);
	/* The same words stand where they stood. */
	if (old_text && json_equal(json_object_get(*out, "text"), old_text) && json_object_get(was, "span"))
		json_object_set(*out, "span", json_object_get(was, "span"));
	return true;
}

static bool parties_word(const words *w, const char *field, const char *typed, bool says, const json_t *was, json_t **out)
{
	json_t *list = json_array();
	size_t i = 0;
	for (const char *at = typed; list; i++) {
		const char *end = strchr(at, ';');
		const size_t n = end ? (size_t)(end - at) : strlen(at);
		json_t *party = NULL;
		if (!party_word(w, field, at, n, says, json_array_get(was, i), &party)) {
			json_decref(list);
			return false;
		}
		json_array_append_new(list, party);
		if (!end)
			break;
		at = end + 1;
	}
	*out = list;
	return true;
}

/* ---- quantities ---- */

static bool per_word(const char *at, size_t n, const char **out)
{
	for (int p = KULA_PER_DAY; p < KULA_PERS; p++) {
		*out = kula_per_name((kula_per)p);
		if (same_text(at, n, *out))
			return true;
	}
	return false;
}

/* "about 2500000..3000000 USD a month": number, unit, rate. */
static bool quantity_word(const words *w, const char *field, const char *typed, json_t *q)
{
	double min, max;
	const char *at = typed;
	json_object_del(q, "approx");
	if (strncmp(at, "about ", 6) == 0) {
		json_object_set_new(q, "approx", json_true());
		at += 6;
	}
	const size_t n = strcspn(at, " ");
	if (!interval_word(at, n, &min, &max))
		return wrong(w, "%s: '%.60s' is no quantity: 70, 70..75, 70.., ..100, ? and a unit behind it", field, typed);
	json_object_set_new(q, "min", number_json(min));
	json_object_set_new(q, "max", number_json(max));
	at += n;
	while (*at == ' ')
		at++;
	const char *per = NULL, *slash = strstr(at, " a ");
	const size_t unit = slash ? (size_t)(slash - at) : strlen(at);
	if (slash && !per_word(slash + 3, strlen(slash + 3), &per))
		return wrong(w, "%s: '%.40s' is no rate: day, week, month or year", field, slash + 3);
	if (unit)
		json_object_set_new(q, "unit", text_json(w, at, unit));
	else if (!json_object_get(q, "unit"))
		json_object_set_new(q, "unit", json_string_nocheck("count"));
	if (per)
		json_object_set_new(q, "per", json_string_nocheck(per));
	else
		json_object_del(q, "per");
	return true;
}

/* ---- one key of a thing ---- */

static bool is_one_of(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (strcmp(*keys, key) == 0)
			return true;
	return false;
}

static bool set_key(const words *w, const char *path, json_t *thing, const char *key, const char *typed)
{
	static const char *const numbers[] = {"min", "max", NULL}, *const clearable[] = {"code", "verb", "min", "max", "per", "approx", "in", NULL};
	double v, max;
	if (strcmp(key, "number") == 0) {
		if (!interval_word(typed, strlen(typed), &v, &max))
			return wrong(w, "%s: '%.40s' is no number: 70, 70..75, 70.., ..100 or ?", path, typed);
		json_object_set_new(thing, "min", number_json(v));
		json_object_set_new(thing, "max", number_json(max));
		return true;
	}
	if (is_none(typed) && is_one_of(key, clearable)) {
		if (is_one_of(key, numbers) || strcmp(key, "code") == 0)
			json_object_set_new(thing, key, json_null());
		else
			json_object_del(thing, key);
		return true;
	}
	if (is_one_of(key, numbers) || strcmp(key, "in") == 0) {
		if (!number_word(typed, strlen(typed), &v) || (strcmp(key, "in") == 0 && v < 1))
			return wrong(w, "%s: '%.40s' is no number", path, typed);
		json_object_set_new(thing, key, json_real(strcmp(key, "in") == 0 ? v - 1 : v));         /* people count from 1, the contract from 0 */
		return true;
	}
	if (strcmp(key, "approx") == 0) {
		const bool yes = strcmp(typed, "yes") == 0 || strcmp(typed, "true") == 0;
		if (!yes && strcmp(typed, "no") != 0 && strcmp(typed, "false") != 0)
			return wrong(w, "%s: yes or no", path);
		json_object_set_new(thing, key, json_boolean(yes));
		return true;
	}
	json_t *text = text_json(w, typed, strlen(typed));
	if (!text)
		return false;
	if (strcmp(key, "text") == 0)
		json_object_del(thing, "span");
	if (strcmp(key, "verb") == 0)
		json_object_del(thing, "verb_span");
	json_object_set_new(thing, key, text);
	return true;
}

/* ---- a part of a field ---- */

static bool list_part(const words *w, const char *path, const char *field, const char *rest, const char *typed, json_t **out)
{
	static const char *const of_party[] = {"text", "code", NULL}, *const of_source[] = {"text", "code", "verb", NULL},
		*const of_item[] = {"text", "what", "kind", "min", "max", "unit", "per", "approx", "in", "number", NULL};
	const bool items = strcmp(field, "items") == 0, says = strcmp(field, "said_by") == 0;
	char *end;
	const unsigned long at = strtoul(rest, &end, 10);
	json_t *list = json_deep_copy(json_object_get(w->claim, field));
	if (!list)
		list = json_array();
	*out = list;
	const size_t count = json_array_size(list);
	if (at < 1 || at > count + 1 || (*end && *end != '.') || end == rest)
		return wrong(w, "%s: there %s %zu; a number from 1, or %zu for a new one, comes behind '%s.'", path, count == 1 ? "is" : "are", count,
			count + 1, field);
	json_t *thing = json_array_get(list, at - 1);
	if (*end == '.') {
		const char *key = end + 1;
		if (!is_one_of(key, items ? of_item : says ? of_source : of_party))
			return wrong(w, "%s: '%.40s' is no part of %s", path, key, items ? "an item" : says ? "a source" : "a party");
		if (!thing)
			return wrong(w, "%s: there is no number %lu yet; give the whole of it as %s.%lu", path, at, field, at);
		return set_key(w, path, thing, key, typed);
	}
	if (is_none(typed)) {
		if (!thing)
			return wrong(w, "%s: there is none", path);
		json_array_remove(list, at - 1);
		for (size_t i = 0; items && i < json_array_size(list); i++) {   /* what was inside of it, or behind it */
			json_t *o = json_array_get(list, i);
			const json_t *in = json_object_get(o, "in");
			const double was = in ? json_number_value(in) : -1;
			if (in && was == (double)(at - 1))
				json_object_del(o, "in");
			else if (in && was > (double)(at - 1))
				json_object_set_new(o, "in", json_real(was - 1));
		}
		return true;
	}
	json_t *fresh = NULL;
	if (typed[0] == '{') {
		json_error_t where;
		fresh = json_loads(typed, JSON_DECODE_INT_AS_REAL, &where);
		if (!fresh)
			return wrong(w, "%s: '%.60s' is not JSON: %s", path, typed, where.text);
	} else if (items) {
		return wrong(w, "%s: an item is JSON, or set by its parts: %s.text, .what, .kind, .number, .unit", path, path);
	} else if (!party_word(w, path, typed, strlen(typed), says, thing, &fresh)) {
		return false;
	}
	if (thing)
		json_array_set_new(list, at - 1, fresh);
	else
		json_array_append_new(list, fresh);
	return true;
}

static bool object_part(const words *w, const char *path, const char *field, const char *key, const char *typed, json_t **out)
{
	static const char *const of_place[] = {"at", "from", "to", NULL}, *const of_value[] = {"min", "max", "unit", "per", "approx", "number", NULL};
	const bool place = strcmp(field, "place") == 0;
	json_t *o = json_deep_copy(json_object_get(w->claim, field));
	if (!json_is_object(o)) {
		json_decref(o);
		o = json_object();
	}
	*out = o;
	if (!is_one_of(key, place ? of_place : of_value))
		return wrong(w, "%s: '%.40s' is no part of %s", path, key, place ? "a place (at, from, to)" : "a value (min, max, unit, per, approx)");
	if (place && is_none(typed)) {
		json_object_del(o, key);
		return true;
	}
	if (!place && !json_object_get(o, "unit"))
		json_object_set_new(o, "unit", json_string_nocheck("count"));
	return set_key(w, path, o, key, typed);
}

/* ---- the whole ---- */

static bool whole_field(const words *w, const char *field, const char *typed, json_t **out)
{
	static const char *const lists[] = {"from", "to", "items", "said_by", NULL}, *const days[] = {"date", "due", NULL};
	const bool list = is_one_of(field, lists);
	if (is_none(typed)) {
		*out = list ? json_array() : json_null();
		return true;
	}
	if ((typed[0] == '[' && (list || is_one_of(field, days))) || (typed[0] == '{' && (strcmp(field, "value") == 0 || strcmp(field, "place") == 0))) {
		json_error_t where;
		*out = json_loads(typed, JSON_DECODE_INT_AS_REAL, &where);
		return *out || wrong(w, "%s: '%.60s' is not JSON: %s", field, typed, where.text);
	}
	if (is_one_of(field, days))
		return set_days(w, field, typed, out);
	if (strcmp(field, "items") == 0)
		return wrong(w, "items: a list of items is JSON; a part of one is set by its name: items.1.number 70..75");
	if (list)
		return parties_word(w, field, typed, strcmp(field, "said_by") == 0, json_object_get(w->claim, field), out);
	if (strcmp(field, "place") == 0)
		return wrong(w, "place: at, from or to? place.at '%.40s'", typed);
	if (strcmp(field, "value") == 0) {
		*out = json_object();
		return quantity_word(w, field, typed, *out);
	}
	*out = text_json(w, typed, strlen(typed));
	return *out != NULL;
}

static bool correction(const words *w, const char *typed_field, const char *typed, const char **field, json_t **out)
{
	const char *dot = strchr(typed_field, '.');
	*field = arena_text(w->a, typed_field, dot ? (size_t)(dot - typed_field) : strlen(typed_field));
	if (!*field) {
		kula_fail(w->err, KULA_EMEMORY, 0, "no memory");
		return false;
	}
	if (!review_field(*field))
		return wrong(w, "'%.40s' is no field of a claim: act, status, from, to, items, date, due, value, place, means, agreement, condition,"
			" said_by, evidence, trigger", *field);
	if (!dot)
		return whole_field(w, *field, typed, out);
	if (strcmp(*field, "from") == 0 || strcmp(*field, "to") == 0 || strcmp(*field, "items") == 0 || strcmp(*field, "said_by") == 0)
		return list_part(w, typed_field, *field, dot + 1, typed, out);
	if (strcmp(*field, "place") == 0 || strcmp(*field, "value") == 0)
		return object_part(w, typed_field, *field, dot + 1, typed, out);
	return wrong(w, "'%s' has no parts", *field);
}

kula_status ledger_correction(ledger *l, arena *a, int64_t claim, const char *typed_field, const char *typed_value, ledger_code_of code_of,
	void *arg, const char **field, const char **value, kula_error *err)
{
	kula_error own = {0};
	ledger_claim c;
	int64_t now = 0;
	words w = {.a = a, .code_of = code_of, .arg = arg, .err = err ? err : &own};
	/* What is corrected is the claim as it stands, whichever of its versions was named. */
	kula_status status = one_number(l, "SELECT ifnull((SELECT v.claim FROM claim v WHERE v.as_read = (SELECT ifnull(as_read, claim) FROM claim"
		" WHERE claim = ?1)), ?1)", claim, 0, claim, &now, w.err);
	if (status == KULA_OK)
		status = ledger_claim_load(l, a, now, &c, w.err);
	if (status != KULA_OK)
		return status;
	w.d = (kula_document){.id = c.doc};
	w.d.text = ledger_text(l, a, c.document, &w.d.text_bytes, w.err);
	if (!w.d.text)
		return w.err->status;
	if (utf8_check((const byte *)typed_value, strlen(typed_value)) != strlen(typed_value))
		return kula_fail(w.err, KULA_EUSAGE, 0, "the value is not UTF-8");
	json_t *out = NULL;
	w.claim = review_json(&w.d, &c.c);
	char *text = NULL;
	if (!w.claim)
		kula_fail(w.err, KULA_EMEMORY, 0, "no memory");
	else if (correction(&w, typed_field, typed_value, field, &out)) {
		text = out ? json_dumps(out, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		*value = text ? arena_text(a, text, strlen(text)) : NULL;
		if (!*value)
			kula_fail(w.err, KULA_EMEMORY, 0, "no memory");
	}
	free(text);
	json_decref(out);
	json_decref(w.claim);
	return w.err->status;
}
