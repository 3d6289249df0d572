/* Random claims with any mixture of fields: what is loaded writes the same JSON as what was added; documents added in another order,
 * and all of them twice, give the same claims to every filter; every span slices to its words. */
#include "test.h"
#include <math.h>
#include <stdlib.h>
#include "claims/claims.h"
#include "ledger/ledger.h"

enum { DOCUMENTS = 40, CLAIMS = 12 };

static uint64_t seed = 88172645463325252u;

static uint32_t below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 11) % n;
}

static const char *const some[] = {"Russia", "Chinas", "tanks", "gav\xC3\xA9", "\xE5\x8C\x97\xE4\xBA\xAC", "the", "\"said\"", "on\\off", "x", "Monday", "\xF0\x9F\x90\xBB",
	"sold", "<b>", "two", "a&b"};
static const char *const codes[] = {"RUS", "CHN", "PRK", "USA", "UN", "NATO", ""};
static const char *const units[] = {"count", "tonne", "USD", "km2"};

typedef struct made { kula_document d; kula_claim *claims; uint32_t count; } made;

/* A few words of the sentence, with their span. */
static const char *some_words(arena *a, const kula_document *d, kula_span s, kula_span *at)
{
	uint32_t starts[64], count = 0;
	for (uint32_t i = s.from; i < s.to && count < 64; i++)
		if (i == s.from || d->text[i - 1] == ' ')
			starts[count++] = i;
	const uint32_t first = below(count), last = first + below(MIN_OF(count - first, 3u));
	uint32_t end = starts[last];
	while (end < s.to && d->text[end] != ' ')
		end++;
	*at = (kula_span){starts[first], end};
	return arena_text(a, d->text + at->from, at->to - at->from);
}

static kula_party *some_parties(arena *a, const kula_document *d, kula_span s, uint32_t count, bool said)
{
	kula_party *p = ARENA_NEW(a, kula_party, count + 1);
	for (uint32_t i = 0; i < count; i++) {
		p[i].text = some_words(a, d, s, &p[i].span);
		if (below(5) == 0)
			p[i].span = (kula_span){0, 0};
		snprintf(p[i].code, sizeof p[i].code, "%s", codes[below(COUNT_OF(codes))]);
		if (said && below(3))
			p[i].verb = some_words(a, d, s, &p[i].verb_span);
	}
	return p;
}

static kula_quantity some_quantity(void)
{
	kula_quantity q = {.min = below(3) ? (double)below(1000) : NAN, .max = NAN, .unit = units[below(COUNT_OF(units))], .per = (kula_per)below(KULA_PERS),
		.approx = below(2)};
	if (below(2))
		q.max = (isnan(q.min) ? 0 : q.min) + below(5) + (below(4) ? 0 : 0.25);
	return q;
}

static kula_days some_days(void)
{
	const kula_day first = (kula_day)below(40000) - 10000;
	return below(2) ? (kula_days){first, first + (kula_day)below(400)} : (kula_days){KULA_NO_DAY, KULA_NO_DAY};
}

static made make(arena *a, uint32_t n)
{
	made m = {.count = below(CLAIMS)};
	kula_span sentences[CLAIMS];
	buf text = {0};
	for (uint32_t i = 0; i < CLAIMS; i++) {
		sentences[i].from = (uint32_t)text.n;
		for (uint32_t w = 3 + below(12); w > 0; w--)
			buf_format(&text, w > 1 ? "%s " : "%s.", some[below(COUNT_OF(some))]);
		sentences[i].to = (uint32_t)text.n;
		buf_char(&text, i % 3 ? ' ' : '\n');
	}
	m.d = (kula_document){.id = arena_format(a, "d%u", n), .title = below(2) ? "A title" : NULL, .publisher = below(2) ? "Wire" : NULL,
		.published = below(4) ? (kula_day)below(20000) : KULA_NO_DAY, .text = arena_text(a, text.at, text.n), .text_bytes = text.n};
	buf_free(&text);
	m.claims = ARENA_NEW(a, kula_claim, m.count + 1);
	for (uint32_t i = 0; i < m.count; i++) {
		kula_claim *c = &m.claims[i];
		const kula_span s = sentences[below(CLAIMS)];
		kula_span at;
		*c = (kula_claim){.span = s, .evidence = arena_text(a, m.d.text + s.from, s.to - s.from), .act = (kula_act)below(KULA_ACTS),
			.status = (kula_claim_status)below(KULA_STATUSES), .from_count = below(4), .to_count = below(3), .said_by_count = below(3),
			.item_count = below(5), .date = some_days(), .due = some_days(), .confidence = below(3) ? below(100) / 128.0 : NAN,
			.value = {NAN, NAN, "count", KULA_PER_NONE, false}};
		c->trigger = some_words(a, &m.d, s, &c->trigger_span);
		c->from = some_parties(a, &m.d, s, c->from_count, false);
		c->to = some_parties(a, &m.d, s, c->to_count, false);
		c->said_by = some_parties(a, &m.d, s, c->said_by_count, true);
		kula_item *items = ARENA_NEW(a, kula_item, c->item_count + 1);
		for (uint32_t j = 0; j < c->item_count; j++) {
			items[j] = (kula_item){.kind = (kula_kind)below(KULA_KINDS), .q = some_quantity(), .in = j && below(3) == 0 ? (int32_t)below(j) : -1};
			items[j].text = some_words(a, &m.d, s, &items[j].span);
			items[j].what = below(2) ? items[j].text : "thing";
		}
		c->items = items;
		if (c->date.first != KULA_NO_DAY && below(2))
			some_words(a, &m.d, s, &c->date_span);
		if (c->due.first != KULA_NO_DAY && below(2))
			some_words(a, &m.d, s, &c->due_span);
		if (below(3) == 0) {
			c->has_value = true;
			c->value = some_quantity();
			some_words(a, &m.d, s, &c->value_span);
		}
		const char **const fields[] = {&c->place_at, &c->place_from, &c->place_to, &c->means, &c->agreement, &c->condition, &c->id, &c->exchange};
		for (size_t f = 0; f < COUNT_OF(fields); f++)
			if (below(4) == 0)
				*fields[f] = some_words(a, &m.d, s, &at);
	}
	return m;
}

static const char *json(arena *a, const kula_document *d, const kula_claim *c)
{
	buf b = {0};
	claims_write_claim(&b, d, c, true, OFFSETS_BYTES);
	const char *text = arena_text(a, buf_string(&b), b.n);
	buf_free(&b);
	return text;
}

static void put(ledger *l, const made *m, ledger_outcome expected)
{
	kula_error err = {0};
	ledger_added out;
	const int64_t reader = ledger_reader(l, "random", "", "", "", &err);
	CHECK_EQ_INT(ledger_add(l, &m->d, NULL, m->claims, m->count, reader, false, &out, &err), KULA_OK);
	CHECK_ROW(err.status == KULA_OK, err.text);
	CHECK_EQ_INT(out.outcome, expected);
}

/* All claims that pass, "doc json" a line, in order of the lines. */
static int order(const void *x, const void *y) { return strcmp(*(const char *const *)x, *(const char *const *)y); }

static char *lines(ledger *l, const ledger_filter *f)
{
	kula_error err = {0};
	arena *a = arena_new((size_t)64 << 20);
	const char **all = calloc(DOCUMENTS * CLAIMS + 1, sizeof *all);
	uint32_t n = 0;
	ledger_claim k;
	ledger_walk *w = ledger_claims(l, f, &err);
	while (w && ledger_next(w, a, &k, &err) == KULA_OK) {
		const kula_document d = {.text = ""};
		all[n++] = arena_format(a, "%s %s", k.doc, json(a, &d, &k.c));
	}
	CHECK_ROW(err.status == KULA_OK, err.text);
	CHECK_EQ_INT(ledger_count(l, f, &err), n);
	ledger_walk_free(w);
	if (n)
		qsort(all, n, sizeof *all, order);
	buf b = {0};
	for (uint32_t i = 0; i < n; i++)
		buf_format(&b, "%s\n", all[i]);
	buf_string(&b);
	free(all);
	arena_free(a);
	return b.at;
}

TEST(orders_and_round_trips)
{
	arena *a = arena_new((size_t)256 << 20);
	static made all[DOCUMENTS];
	kula_error err = {0};
	ledger *one = ledger_memory(&err), *other = ledger_memory(&err);
	REQUIRE(a && one && other);
	for (uint32_t i = 0; i < DOCUMENTS; i++) {
		all[i] = make(a, i);
		put(one, &all[i], LEDGER_ADDED);
		for (uint32_t j = 0; j < all[i].count; j++) {
			char name[32];
			ledger_claim k;
			snprintf(name, sizeof name, "%u.%u", i + 1, j + 1);
			const int64_t claim = ledger_claim_of(one, name, &err);
			REQUIRE(claim > 0 && ledger_claim_load(one, a, claim, &k, &err) == KULA_OK);
			CHECK_EQ_STR(json(a, &all[i].d, &k.c), json(a, &all[i].d, &all[i].claims[j]));
			CHECK(same_text(all[i].d.text + k.c.span.from, k.c.span.to - k.c.span.from, k.c.evidence));
		}
	}
	uint32_t shuffled[DOCUMENTS];
	for (uint32_t i = 0; i < DOCUMENTS; i++) {
		const uint32_t j = below(i + 1);
		shuffled[i] = shuffled[j];
		shuffled[j] = i;
	}
	for (uint32_t i = 0; i < DOCUMENTS; i++) {
		put(other, &all[shuffled[i]], LEDGER_ADDED);
		put(other, &all[shuffled[below(i + 1)]], LEDGER_KNOWN);
	}
	for (uint32_t round = 0; round < 60; round++) {
		ledger_filter f = ledger_filter_all();
		if (round && below(2))
			f.a = codes[below(6)];
		if (f.a && below(2))
			f.b = codes[below(6)];
		if (round && !f.a && below(2))
			f.from = codes[below(6)];
		if (round && !f.a && below(2))
			f.to = codes[below(6)];
		if (round && below(3) == 0)
			f.acts = 1 + below((1u << KULA_ACTS) - 1);
		if (round && below(3) == 0)
			f.statuses = 1 + below((1u << KULA_STATUSES) - 1);
		if (round && below(3) == 0)
			f.kinds = 1 + below((1u << KULA_KINDS) - 1);
		if (round && below(3) == 0)
			f.since = (kula_day)below(30000) - 10000;
		if (round && below(3) == 0)
			f.until = (kula_day)below(30000);
		const bool sides = f.from || f.to;      /* of acts with equal sides dyad takes either side for both */
		f.every_reading = !sides && below(2);   /* each has one reading: the same */
		char *x = lines(one, &f);
		f.every_reading = !sides && below(2);
		char *y = lines(other, &f);
		CHECK_EQ_STR(x, y);
		free(x);
		free(y);
	}
	CHECK_EQ_INT(ledger_check(one, false, NULL, NULL, &err), 0);
	CHECK_EQ_INT(ledger_check(other, false, NULL, NULL, &err), 0);
	ledger_close(one);
	ledger_close(other);
	arena_free(a);
}

TEST_MAIN(TEST_ENTRY(orders_and_round_trips))
