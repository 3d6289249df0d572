#include "ledger/join_room.h"

/* A claim as joining sees it: words become hashes of stems, units become base units. The face holds no pointers, so the
 * ledger may keep it or make it again, and comparing two costs no look at the text. */

uint32_t join_hash(const void *at, size_t n)
{
	const uint64_t h = hash_bytes(at, n);
	const uint32_t folded = (uint32_t)(h ^ h >> 32);
	return folded ? folded : 1;
}

static bool ends(const char *w, size_t n, const char *tail)
{
	const size_t m = strlen(tail);
	return n > m && memcmp(w + n - m, tail, m) == 0;
}

/* Rough on purpose: "delivered", "deliveries" and "delivery" should meet, and two claims are never joined for one stem. */
size_t join_stem(const char *word, size_t n, char out[32])
{
	size_t m = 0;
	for (size_t i = 0; i < n && m < 31; i++)
		out[m++] = (char)to_lower((byte)word[i]);
	if (m > 5 && ends(out, m, "ing")) m -= 3;
	else if (m > 5 && (ends(out, m, "ied") || ends(out, m, "ies"))) m -= 3;
	else if (m > 4 && ends(out, m, "ed")) m -= 2;
	else if (m > 4 && ends(out, m, "es") && !ends(out, m, "ses")) m -= 2;
	else if (m > 3 && ends(out, m, "s") && !ends(out, m, "ss")) m -= 1;
	if (m > 4 && (out[m - 1] == 'y' || out[m - 1] == 'e')) m -= 1;
	if (m > 4 && out[m - 1] == out[m - 2]) m -= 1;
	return m;
}

/* Words are runs of letters, digits and bytes above 127; an apostrophe ends one. */
static bool is_word_byte(byte c) { return is_alpha(c) || is_digit(c) || c > 127; }

static size_t next_word(const char *s, size_t n, size_t *at, size_t *length)
{
	size_t i = *at;
	while (i < n && !is_word_byte((byte)s[i])) i++;
	const size_t from = i;
	while (i < n && (is_word_byte((byte)s[i]) || ((s[i] == '.' || s[i] == ',') && i > from && i + 1 < n && is_digit((byte)s[i - 1]) && is_digit((byte)s[i + 1])))) i++;
	*length = i - from;
	*at = i;
	return from;
}

static uint32_t word_classes(const join_rules *r, const char *w, size_t n, const char *end)
{
	char low[32] = "";
	if (n > 31)
		return 0;
	for (size_t i = 0; i < n; i++)
		low[i] = (char)to_lower((byte)w[i]);
	const uint32_t *v = table_get(r->words, low, n);
	if (v && *v & WORD_PART && n == 4 && !memcmp(low, "more", 4)) {
		/* "20 more" is a part, "more than 20" is a number */
		const char *after = w + n;
		if (after + 5 <= end && same_folded(after, 5, " than"))
			return *v & ~(uint32_t)WORD_PART;
	}
	return v ? *v : 0;
}

/* Puts v into a sorted list without repeats; the largest hash falls off a full list, so that the list is the same whatever
 * the order of its words. */
static void put_sorted(uint32_t *list, uint32_t *n, uint32_t room, uint32_t v)
{
	uint32_t i = *n;
	while (i > 0 && list[i - 1] > v) i--;
	if (i > 0 && list[i - 1] == v)
		return;
	if (i >= room)
		return;
	const uint32_t last = *n < room ? *n : room - 1;
	for (uint32_t k = last; k > i; k--)
		list[k] = list[k - 1];
	list[i] = v;
	if (*n < room) ++*n;
}

/* All words but the empty ones; a lone letter says nothing. classes: those met, "or"ed. */
static void words_of(const join_rules *r, const char *s, size_t n, uint32_t *list, uint32_t *count, uint32_t room, uint32_t *classes)
{
	for (size_t at = 0, length; at < n; ) {
		const size_t from = next_word(s, n, &at, &length);
		if (!length)
			break;
		const uint32_t class = word_classes(r, s + from, length, s + n);
		if (classes) *classes |= class;
		if ((class & WORD_STOP) || (length == 1 && !is_digit((byte)s[from])))
			continue;
		char stem[32];
		const size_t m = join_stem(s + from, length, stem);
		put_sorted(list, count, room, join_hash(stem, m));
	}
}

static void name_of(const join_rules *r, const char *s, join_words *out, uint32_t *classes)
{
	if (s)
		words_of(r, s, strlen(s), out->at, &out->n, JOIN_NAME, classes);
}

static uint32_t code_hash(const char *code) { return code[0] ? join_hash(code, strlen(code)) : 0; }

static uint8_t side_of(const join_rules *r, const kula_party *p, uint32_t n, uint32_t *codes, join_words *name)
{
	uint32_t count = 0;
	bool nameless = false;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t h = code_hash(p[i].code);
		if (!h) { nameless = true; }
		else put_sorted(codes, &count, JOIN_SIDE, h);
		name_of(r, p[i].text, name, NULL);
	}
	/* nobody with a code: one party that is known by its words only */
	if (!count && nameless)
		codes[count++] = 0;
	return (uint8_t)count;
}

static uint32_t unit_of(const join_rules *r, const char *unit, double *times)
{
	const uint32_t *i = unit ? table_get(r->units, unit, strlen(unit)) : NULL;
	*times = i ? r->unit_times[*i] : 1;
	return i ? r->unit_base[*i] : unit ? join_hash(unit, strlen(unit)) : 0;
}

/* "150 of the country's soldiers", "two of them": a part of what is known; "30,000 tonnes of fuel" is not. */
static bool is_partitive(const char *text, size_t n)
{
	static const char *const numbers[] = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "some", "most", "many",
		"several"};
	bool number = false, of = false;
	for (size_t at = 0, m; at < n; ) {
		const size_t f = next_word(text, n, &at, &m);
		if (!m)
			break;
		if (of) {
			static const char *const known[] = {"the", "its", "his", "her", "their", "these", "those", "them"};
			for (size_t i = 0; i < COUNT_OF(known); i++)
				if (same_folded(text + f, m, known[i]))
					return true;
			return m > 2 && (text[f + m - 2] == '\'' || (f + m + 1 < n && text[f + m] == '\'' && text[f + m + 1] == 's'));
		}
		of = number && same_folded(text + f, m, "of");
		number = is_digit((byte)text[f]);
		for (size_t i = 0; i < COUNT_OF(numbers); i++)
			number |= same_folded(text + f, m, numbers[i]);
	}
	return false;
}

static void item_of(const join_rules *r, const kula_item *i, join_item *out)
{
	double times;
	out->unit = unit_of(r, i->q.unit, &times);
	out->min = i->q.min * times;
	out->max = i->q.max * times;
	out->approx = i->q.approx;
	out->kind = (uint8_t)i->kind;
	out->per = (uint8_t)i->q.per;
	out->in = (int8_t)(i->in >= 0 && i->in < JOIN_ITEMS ? i->in : -1);
	uint32_t classes = 0;
	const char *what = i->what ? i->what : "";
	name_of(r, what, &out->what, &classes);
	name_of(r, i->text, &out->name, &classes);
	out->part = classes & WORD_PART;
	out->whole = classes & WORD_WHOLE;
	const char *text = i->text ? i->text : "";
	const size_t text_n = strlen(text);
	for (size_t at = 0, m; at < text_n && !out->ordinal; ) {
		const size_t f = next_word(text, text_n, &at, &m);
		if (m && word_classes(r, text + f, m, text + text_n) & WORD_PART) out->ordinal = join_hash(text + f, m);
	}
	out->part |= is_partitive(text, text_n);
	/* the head: the last word, or the one before "of" ("dose of vaccine") */
	const size_t n = strlen(what);
	size_t from = 0, length = 0;
	for (size_t at = 0, m; at < n; ) {
		const size_t f = next_word(what, n, &at, &m);
		if (!m || (m == 2 && length && same_folded(what + f, 2, "of")))
			break;
		from = f;
		length = m;
	}
	if (length) {
		char stem[32];
		out->head = join_hash(stem, join_stem(what + from, length, stem));
	}
}

uint64_t join_document_key(const char *id, const char *sha256)
{
	const uint64_t own = id ? hash_bytes(id, strlen(id)) : 0;
	return own ^ (hash_bytes(sha256, strlen(sha256)) * 0x9E3779B97F4A7C15u);
}

/* "in return", "in exchange for": phrases, since "return" alone is an act. */
static bool join_says_back(const join_rules *r, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i && is_word_byte((byte)s[i - 1]))
			continue;
		for (uint32_t k = 0; k < table_count(r->backs); k++) {
			size_t m;
			const char *phrase = table_key(r->backs, k, &m);
			if (i + m <= n && same_folded(s + i, m, phrase) && (i + m == n || !is_word_byte((byte)s[i + m])))
				return true;
		}
	}
	return false;
}

/* A register tells its exchanges apart itself: "sipri:89ab/ordered" is one of the row "sipri:89ab". */
static void row_of_register(const kula_document *d, const kula_claim *c, join_face *f)
{
	const size_t n = sizeof LEDGER_REGISTER - 1;
	if (d->dossier == NULL || c->exchange == NULL || strncmp(d->dossier, LEDGER_REGISTER, n) != 0)
		return;
	const char *const slash = strrchr(c->exchange, '/');
	f->table = join_hash(d->dossier, strlen(d->dossier));
	f->table_row = join_hash(c->exchange, slash != NULL ? (size_t)(slash - c->exchange) : strlen(c->exchange));
	f->told = join_hash(c->exchange, strlen(c->exchange));
}

void join_face_fill(const join_rules *r, const kula_document *d, uint64_t document, const kula_claim *c, uint32_t place, join_face *f)
{
	memset(f, 0, sizeof *f);
	f->document = document;
	f->place = place;
	const uint64_t both[2] = { f->document, place };
	f->key = hash_bytes(both, sizeof both);
	f->act = (uint8_t)c->act;
	f->status = (uint8_t)c->status;
	f->from_count = side_of(r, c->from, c->from_count, f->from, &f->from_name);
	f->to_count = side_of(r, c->to, c->to_count, f->to, &f->to_name);
	for (uint32_t i = 0; i < c->item_count && i < JOIN_ITEMS; i++)
		item_of(r, &c->items[i], &f->items[f->item_count++]);
	for (uint32_t i = 0; i < c->said_by_count && f->said_count < JOIN_SIDE; i++) {
		const kula_party *p = &c->said_by[i];
		f->said[f->said_count++] = p->code[0] ? code_hash(p->code) : p->text ? join_hash(p->text, strlen(p->text)) : 1;
	}
	row_of_register(d, c, f);
	f->date = c->date;
	f->due = c->due;
	f->published = d->published;
	name_of(r, d->publisher, &f->publisher_name, NULL);
	if (c->said_by_count) name_of(r, c->said_by[0].text, &f->said_name, NULL);
	if (c->evidence) {
		const size_t n = strlen(c->evidence);
		uint32_t classes = 0;
		f->sentence = join_hash(c->evidence, n);
		words_of(r, c->evidence, n, f->words, &f->word_count, JOIN_WORDS, &classes);
		if (join_says_back(r, c->evidence, n)) f->flags |= JOIN_BACKREF;
		if (classes & WORD_YET) f->flags |= JOIN_NOT_YET;
		if (classes & WORD_PART) f->flags |= JOIN_PART;
	}
	if (c->trigger) {
		const size_t n = strlen(c->trigger);
		size_t from = 0, length = 0;
		for (size_t at = 0, m; at < n; ) {
			const size_t w = next_word(c->trigger, n, &at, &m);
			const uint32_t class = m ? word_classes(r, c->trigger + w, m, c->trigger + n) : 0;
			if (class & WORD_DEAL) f->flags |= JOIN_DEAL;
			if (class & WORD_ARRIVAL) f->flags |= JOIN_ARRIVAL;
			if (m > length) { from = w; length = m; }
		}
		if (length) {
			char stem[32];
			f->trigger = join_hash(stem, join_stem(c->trigger + from, length, stem));
		}
	}
	name_of(r, c->agreement, &f->agreement, NULL);
	name_of(r, c->place_at, &f->at, NULL);
	name_of(r, c->place_from, &f->place_from, NULL);
	name_of(r, c->place_to, &f->place_to, NULL);
	name_of(r, c->means, &f->means, NULL);
	name_of(r, c->condition, &f->condition, NULL);
	if (c->has_value) {
		double times;
		f->flags |= JOIN_HAS_VALUE;
		f->value_unit = unit_of(r, c->value.unit, &times);
		f->value_min = c->value.min * times;
		f->value_max = c->value.max * times;
	}
}

int join_face_order(const join_face *a, const join_face *b)
{
	if (a->published != b->published) return a->published < b->published ? -1 : 1;
	if (a->document != b->document) return a->document < b->document ? -1 : 1;
	if (a->place != b->place) return a->place < b->place ? -1 : 1;
	return 0;
}
