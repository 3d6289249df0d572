/* claims: buckets as train/data.py has them, an item's words and quantity, the gate's buckets, and the whole reader: spans
 * slice to their words in texts of any length, the same document gives the same claims, bad text is refused. */
#include "claims/features.h"
#include "claims/gate.h"
#include "claims/heads.h"
#include "test.h"
#include <math.h>
#include <stdlib.h>

TEST(buckets_of_distances)
{
	static const struct { int32_t words; uint32_t row; } cases[] = { { 0, 0 }, { 1, 1 }, { 4, 4 }, { 5, 5 }, { 6, 5 }, { 7, 6 }, { 9, 6 }, { 10, 7 },
		{ 14, 7 }, { 15, 8 }, { 24, 8 }, { 25, 9 }, { 39, 9 }, { 40, 10 }, { 69, 10 }, { 70, 11 }, { 5000, 11 }, { -1, 13 }, { -5, 17 }, { -70, 23 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CHECK_EQ_INT(distance_bucket(cases[i].words), cases[i].row);
	static const struct { int32_t sentences; uint32_t row; } far[] = { { 0, 0 }, { -1, 1 }, { -2, 2 }, { -3, 3 }, { -5, 3 }, { -6, 4 }, { -9, 4 }, { 1, 5 }, { 2, 6 }, { 9, 6 } };
	for (size_t i = 0; i < COUNT_OF(far); i++)
		CHECK_EQ_INT(sentence_bucket(far[i].sentences), far[i].row);
}

TEST(gate_counts_each_bucket_once)
{
	uint32_t a[GATE_FEATURES], b[GATE_FEATURES];
	static const char once[] = "Tanks rolled in.", twice[] = "tanks rolled in; TANKS rolled in";
	const uint32_t n = gate_features((const byte *)once, strlen(once), a), m = gate_features((const byte *)twice, strlen(twice), b);
	CHECK_EQ_INT(n, 6);                                          /* three words, three pairs */
	CHECK_EQ_INT(m, 7);                                          /* and the pair "in tanks" */
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ_INT(a[i], b[i]);
	CHECK_EQ_INT(gate_features((const byte *)"... --", 6, a), 0);
	const gate open = { 0 };
	CHECK(gate_passes(&open, (const byte *)"x", 1));
}

static const char words_alone[] = "[UNK]\n[CLS]\n[SEP]\n";

TEST(items_by_words_and_tables)
{
	static const struct { const char *text; uint32_t from, to; const char *head; int kind; double min, max; } cases[] = {
		{ "They sent two giant pandas to Berlin.", 2, 5, "pandas", KULA_ANIMAL, 2, 2 },
		{ "They sent a lion to Berlin.", 2, 4, "lion", KULA_ANIMAL, 1, 1 },
		{ "They sent more than 30 of the tanks.", 2, 8, "tanks", KULA_ARMS, 30, NAN },
		{ "They sent grain from the Black Sea.", 2, 3, "grain", KULA_FOOD, NAN, NAN },
		{ "They sent surface-to-air missiles.", 2, 8, "missiles", KULA_ARMS, NAN, NAN },
	};
	kula_error err = { 0 };
	know *k = know_open(NULL, &err);
	vocabulary *v = vocabulary_new((const byte *)words_alone, strlen(words_alone), &err);
	arena *a = arena_new((size_t)64 << 20);
	CHECK(k != NULL && v != NULL && a != NULL);
	for (size_t i = 0; k != NULL && v != NULL && i < COUNT_OF(cases); i++) {
		const kula_document d = { .id = "x", .published = kula_day_parse("2024-11-20", 10), .text = cases[i].text, .text_bytes = strlen(cases[i].text) };
		const candidates *c = claims_candidates(a, v, k, &d, &err);
		CHECK(c != NULL);
		if (c == NULL)
			break;
		item_features f;
		claims_item_features(a, c, k, cases[i].from, cases[i].to, &f);
		uint32_t n;
		const byte *at = word_bytes(c->doc, f.head, &n);
		CHECK(same_text(at, n, cases[i].head));
		CHECK_EQ_INT(f.kind, cases[i].kind);
		CHECK(isnan(cases[i].min) ? isnan(f.quantity.min) : f.quantity.min == cases[i].min);
		CHECK(isnan(cases[i].max) ? isnan(f.quantity.max) : f.quantity.max == cases[i].max);
		arena_clear(a);
	}
	arena_free(a);
	vocabulary_free(v);
	know_close(k);
}

static bool slices(const kula_document *d, kula_span s, const char *words)
{
	return s.from < s.to && s.to <= d->text_bytes && same_text(d->text + s.from, s.to - s.from, words);
}

static void check_spans(const kula_reading *g)
{
	const kula_document *d = kula_reading_document(g);
	for (uint32_t i = 0; i < kula_claim_count(g); i++) {
		const kula_claim *c = kula_claim_at(g, i);
		kula_error err = { 0 };
		CHECK(claims_check(d, c, &err));
		CHECK(slices(d, c->span, c->evidence) && slices(d, c->trigger_span, c->trigger));
		CHECK(c->trigger_span.from >= c->span.from && c->trigger_span.to <= c->span.to);
		for (uint32_t j = 0; j < c->from_count; j++)
			CHECK(slices(d, c->from[j].span, c->from[j].text));
		for (uint32_t j = 0; j < c->to_count; j++)
			CHECK(slices(d, c->to[j].span, c->to[j].text));
		for (uint32_t j = 0; j < c->item_count; j++)
			CHECK(slices(d, c->items[j].span, c->items[j].text) && c->items[j].in < (int32_t)c->item_count && c->items[j].in != (int32_t)j);
		CHECK(c->confidence >= 0 && c->confidence <= 1);
	}
}

static const char *const sentences[] = {
	"Norway gave Kenya four rescue boats on Monday. ", "The Kenyan navy said it would train their crews. ",
	"Brazil and Chile signed a fishing treaty in Lima. ", "The weather was fine — “très beau”. ", "Japan pledged $20 million to the World Food Program.\n",
	"India denied that it had sold missiles to Vietnam. ", "Two German engineers were arrested in Iran last week.\n",
};

TEST(spans_slice_in_long_documents)
{
	kula_error err = { 0 };
	kula_reader *r = kula_reader_new(NULL, &err);
	CHECK(r != NULL);
	if (r == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return;
	}
	buf b = { 0 };
	uint32_t seed = 1, claims = 0;
	for (int i = 0; i < 900; i++) {                              /* several chapters */
		seed = seed * 1103515245u + 12345u;
		buf_text(&b, sentences[(seed >> 16) % COUNT_OF(sentences)]);
	}
	const kula_document d = { .id = "long", .title = "News in brief", .published = kula_day_parse("2024-11-20", 10), .text = buf_string(&b), .text_bytes = b.n };
	kula_reading *g = kula_read(r, &d, &err), *again = kula_read(r, &d, &err);
	CHECK(g != NULL && again != NULL);
	if (g != NULL && again != NULL) {
		check_spans(g);
		claims = kula_claim_count(g);
		buf x = { 0 }, y = { 0 };
		CHECK_EQ_INT(claims, kula_claim_count(again));
		for (uint32_t i = 0; i < claims; i++) {
			claims_write_claim(&x, &d, kula_claim_at(g, i), true, OFFSETS_BYTES);
			claims_write_claim(&y, &d, kula_claim_at(again, i), true, OFFSETS_BYTES);
		}
		CHECK(x.n == y.n && memcmp(x.at, y.at, x.n) == 0);
		buf_free(&x);
		buf_free(&y);
	}
	CHECK(claims > 300);                                         /* most of these sentences state one */
	kula_reading_free(g);
	kula_reading_free(again);
	buf_free(&b);
	kula_reader_free(r);
}

TEST(bad_text_is_refused)
{
	kula_error err = { 0 };
	kula_reader *r = kula_reader_new(NULL, &err);
	CHECK(r != NULL);
	if (r == NULL)
		return;
	const kula_document bad = { .id = "bad", .text = "Peru sent \xC3( help.", .text_bytes = 18, .published = KULA_NO_DAY };
	CHECK(kula_read(r, &bad, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_EFORMAT);
	CHECK_EQ_INT(err.byte, 10);
	const kula_document empty = { .id = "empty", .text = "", .published = KULA_NO_DAY };
	err = (kula_error){ 0 };
	kula_reading *g = kula_read(r, &empty, &err);
	CHECK(g != NULL && kula_claim_count(g) == 0);
	kula_reading_free(g);
	kula_reader_free(r);
}

TEST(no_memory_costs_the_document_only)
{
	kula_error err = { 0 };
	kula_reader *r = kula_reader_new(NULL, &err);
	CHECK(r != NULL);
	if (r == NULL)
		return;
	static const char text[] = "Norway gave Kenya four rescue boats on Monday.";
	const kula_document d = { .id = "x", .text = text, .text_bytes = sizeof text - 1, .published = kula_day_parse("2024-11-20", 10) };
	uint32_t refused = 0;
	for (uint64_t n = 1; n < 400; n++) {
		err = (kula_error){ 0 };
		base_fail_allocation(n);
		kula_reading *g = kula_read(r, &d, &err);
		base_fail_allocation(0);
		if (g == NULL) {
			refused++;
			CHECK(err.status == KULA_EMEMORY || err.status == KULA_ELIMIT);
		}
		kula_reading_free(g);
	}
	CHECK(refused > 0);
	err = (kula_error){ 0 };
	kula_reading *g = kula_read(r, &d, &err);
	CHECK(g != NULL && kula_claim_count(g) > 0);
	kula_reading_free(g);
	kula_reader_free(r);
}

TEST_MAIN(TEST_ENTRY(buckets_of_distances), TEST_ENTRY(gate_counts_each_bucket_once), TEST_ENTRY(items_by_words_and_tables),
	TEST_ENTRY(spans_slice_in_long_documents), TEST_ENTRY(bad_text_is_refused), TEST_ENTRY(no_memory_costs_the_document_only))
