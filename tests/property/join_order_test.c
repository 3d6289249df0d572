/* Exchanges are a function of the claims and judgements that are there: whatever the order in which documents come, however
 * often they are joined in between, whatever was added and forgotten again, the ledger is the one that joins all at once, and
 * the same as joining in memory. */
#include <stdlib.h>
#include "claims/claims.h"
#include "ledger/join.h"
#include "test.h"

enum { DOCS = 48, EXTRA = 6, CLAIMS_MOST = 7, TEXT_BYTES = 4096 };

typedef struct told {
	char text[TEXT_BYTES], id[16], publisher[24];
	kula_day published;
	kula_claim claims[CLAIMS_MOST];
	char evidence[CLAIMS_MOST][400], agreement[CLAIMS_MOST][32];
	kula_party from[CLAIMS_MOST], to[CLAIMS_MOST], by[CLAIMS_MOST];
	kula_item items[CLAIMS_MOST];
	uint32_t count;
} told;

static uint32_t dice(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % n;
}

static const char *const countries[] = { "Aland", "Boria", "Cadia", "Dorne" };
static const char *const codes[] = { "FIN", "BRA", "CAN", "DNK" };
static const char *const things[] = { "tanker", "grain", "bear" };
static const kula_kind kinds[] = { KULA_SHIP, KULA_FOOD, KULA_ANIMAL };
static const char *const verbs[] = { "gave", "lent", "sold", "returned", "signed", "withdrew", "supplied", "pledged" };
static const kula_act acts[] = { KULA_GIVE, KULA_LEND, KULA_SELL, KULA_RETURN, KULA_SIGN, KULA_WITHDRAW, KULA_SUPPLY, KULA_SUPPLY };

static kula_party party_of(uint32_t k)
{
	kula_party p = { .text = countries[k] };
	snprintf(p.code, sizeof p.code, "%s", codes[k]);
	return p;
}

static void make(told *t, uint32_t number, uint64_t *seed)
{
	memset(t, 0, sizeof *t);
	snprintf(t->id, sizeof t->id, "d%u", number);
	snprintf(t->publisher, sizeof t->publisher, "Paper %u", dice(seed, 9));
	t->published = 19000 + (kula_day)dice(seed, 300);
	t->count = 1 + dice(seed, CLAIMS_MOST);
	size_t at = 0;
	for (uint32_t i = 0; i < t->count; i++) {
		kula_claim *c = &t->claims[i];
		const uint32_t a = dice(seed, 2) ? 0 : dice(seed, 4), b = (a + 1 + dice(seed, 2)) % 4, v = dice(seed, 8), k = dice(seed, 3);
		const uint32_t amount = 1 + dice(seed, 4) * 7;
		t->from[i] = party_of(a);
		t->to[i] = party_of(b);
		snprintf(t->evidence[i], sizeof t->evidence[i], "%s %s %u %ss to %s under the %s treaty, report %u of %s.", countries[a], verbs[v],
			amount, things[k], countries[b], dice(seed, 2) ? "northern" : "southern", dice(seed, 5), t->publisher);
		snprintf(t->agreement[i], sizeof t->agreement[i], "%s treaty", strstr(t->evidence[i], "northern") ? "northern" : "southern");
		c->evidence = t->evidence[i];
		const size_t n = strlen(t->evidence[i]);
		memcpy(t->text + at, t->evidence[i], n);
		c->span = (kula_span){ (uint32_t)at, (uint32_t)(at + n) };
		const char *verb = strstr(t->evidence[i], verbs[v]);
		c->trigger = verbs[v];
		c->trigger_span.from = (uint32_t)(at + (size_t)(verb - t->evidence[i]));
		c->trigger_span.to = c->trigger_span.from + (uint32_t)strlen(verbs[v]);
		at += n;
		t->text[at++] = ' ';
		c->act = acts[v];
		c->status = v == 7 ? KULA_PROMISED : dice(seed, 6) == 0 ? KULA_DENIED : dice(seed, 4) == 0 ? KULA_PLANNED : KULA_DONE;
		c->from = &t->from[i];
		c->from_count = dice(seed, 12) ? 1 : 0;
		c->to = &t->to[i];
		c->to_count = c->from_count && dice(seed, 12) == 0 ? 0 : 1;
		c->date = c->due = (kula_days){ KULA_NO_DAY, KULA_NO_DAY };
		if (dice(seed, 2)) {
			c->date.first = t->published - (kula_day)dice(seed, 40);
			c->date.last = c->date.first + (kula_day)(dice(seed, 2) ? 0 : dice(seed, 30));
		}
		if (v != 4) {
			t->items[i] = (kula_item){ .text = things[k], .what = things[k], .kind = kinds[k], .in = -1,
				.q = { .min = amount, .max = amount, .unit = "count" } };
			c->items = &t->items[i];
			c->item_count = 1;
		}
		if (dice(seed, 3) == 0) {
			t->by[i] = party_of(dice(seed, 4));
			c->said_by = &t->by[i];
			c->said_by_count = 1;
		}
		if (dice(seed, 3) == 0) c->agreement = t->agreement[i];
		c->confidence = NAN;
	}
	t->text[at] = 0;
}

static told docs[DOCS + EXTRA];

static kula_document document_of(const told *t)
{
	return (kula_document){ .id = t->id, .publisher = t->publisher, .published = t->published, .text = t->text, .text_bytes = strlen(t->text) };
}

static void add(ledger *l, const told *t, kula_error *err)
{
	ledger_added out;
	const kula_document d = document_of(t);
	const int64_t reader = ledger_reader(l, "maker", "", "", "", err);
	ledger_add(l, &d, NULL, t->claims, t->count, reader, false, &out, err);
}

/* Judgements and rejections name claims by document, so that they mean the same in every order. */
static int64_t claim_named(ledger *l, uint32_t doc, uint32_t ordinal, kula_error *err)
{
	char name[32];
	snprintf(name, sizeof name, "d%u.%u", doc, ordinal);
	return ledger_claim_of(l, name, err);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* All that joining says, in words that don't depend on row numbers, sorted. */
#include <sqlite3.h>
sqlite3 *ledger_db(ledger *l);
static char *said(ledger *l)
{
	static const char *const sql[] = {
		"SELECT 'x ' || group_concat(n, ' ') || ' | ' || act || ' ' || status || ' ' || ifnull(day_first, '-') || ' ' || ifnull(day_last, '-')"
		" || ' ' || ind || ' docs ' || documents FROM (SELECT x.exchange e, d.doc || '.' || c.ordinal n, x.act, x.status, x.day_first,"
		" x.day_last, x.independent ind, x.documents FROM exchange x JOIN exchange_claim m USING (exchange) JOIN claim c ON c.claim = m.claim"
		" JOIN document d USING (document) ORDER BY 1, 2) GROUP BY e",
		"SELECT 'l ' || l.type || ' ' || d1.doc || '.' || c1.ordinal || ' ' || d2.doc || '.' || c2.ordinal || ' ' || printf('%.6f', l.score)"
		" FROM link l JOIN claim c1 ON c1.claim = l.from_exchange JOIN document d1 ON d1.document = c1.document"
		" JOIN claim c2 ON c2.claim = l.to_exchange JOIN document d2 ON d2.document = c2.document",
		"SELECT 'd ' || f.field || ' ' || d1.doc || '.' || c1.ordinal || ' ' || d2.doc || '.' || c2.ordinal FROM difference f"
		" JOIN claim c1 ON c1.claim = f.claim JOIN document d1 ON d1.document = c1.document"
		" JOIN claim c2 ON c2.claim = f.other JOIN document d2 ON d2.document = c2.document",
		"SELECT 'lost ' || count(*) FROM exchange WHERE claims <> (SELECT count(*) FROM exchange_claim m WHERE m.exchange = exchange.exchange)",
	};
	char **line = NULL;
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(sql); i++) {
		sqlite3_stmt *q;
		if (sqlite3_prepare_v2(ledger_db(l), sql[i], -1, &q, NULL) != SQLITE_OK) {
			fprintf(stderr, "%s\n", sqlite3_errmsg(ledger_db(l)));
			continue;
		}
		while (sqlite3_step(q) == SQLITE_ROW) {
			line = realloc(line, (n + 1) * sizeof *line);
			line[n++] = strdup((const char *)sqlite3_column_text(q, 0));
		}
		sqlite3_finalize(q);
	}
	if (n) qsort(line, n, sizeof *line, by_text);
	buf b = {0};
	for (size_t i = 0; i < n; i++) {
		buf_format(&b, "%s\n", line[i]);
		free(line[i]);
	}
	free(line);
	buf_string(&b);
	return b.at;
}

static void judge(ledger *l, kula_error *err)
{
	for (uint32_t i = 0; i < 6; i++) {
		const int64_t a = claim_named(l, i * 3, 1, err), b = claim_named(l, i * 5 + 1, 1, err);
		if (a && b && a != b) ledger_judge(l, a, b, i % 2 == 0, "tester", NULL, err);
	}
	for (uint32_t i = 0; i < 4; i++) {
		const int64_t c = claim_named(l, i * 7 + 2, 1, err);
		if (c) ledger_review(l, c, "tester", LEDGER_REJECT, NULL, NULL, NULL, err);
	}
}

static void differ_at(const char *a, const char *b)
{
	const char *x = a, *y = b;
	while (*x && *x == *y) { x++; y++; }
	while (x > a && x[-1] != '\n') { x--; y--; }
	fprintf(stderr, "  one says:   %.*s\n  other says: %.*s\n", (int)strcspn(x, "\n"), x, (int)strcspn(y, "\n"), y);
}

TEST(any_order_gives_the_same)
{
	kula_error err = {0};
	join_rules *r = join_rules_open(NULL, NULL, &err);
	REQUIRE(r != NULL);
	for (uint64_t round = 0; round < 6; round++) {
		uint64_t seed = 77 + round;
		for (uint32_t i = 0; i < DOCS + EXTRA; i++)
			make(&docs[i], i, &seed);
		/* near copies, a day later, by another paper */
		for (uint32_t i = 1; i < DOCS; i += 9) {
			uint64_t again = 77 + round;
			for (uint32_t k = 0; k < i; k++) make(&docs[i], k, &again);
			snprintf(docs[i].id, sizeof docs[i].id, "d%u", i);
			docs[i].published++;
		}
		ledger *whole = ledger_memory(&err);
		REQUIRE(whole != NULL);
		for (uint32_t i = 0; i < DOCS; i++)
			add(whole, &docs[i], &err);
		judge(whole, &err);
		CHECK_EQ_INT(ledger_join(whole, r, false, NULL, &err), KULA_OK);
		char *first = said(whole);
		CHECK(strlen(first) > 1000);
		CHECK(strstr(first, "lost 0") != NULL);
		CHECK(strstr(first, "\nl ") != NULL || first[0] == 'l');
		for (uint32_t shuffle = 0; shuffle < 4; shuffle++) {
			uint32_t order[DOCS + EXTRA];
			for (uint32_t i = 0; i < DOCS + EXTRA; i++) order[i] = i;
			for (uint32_t i = DOCS + EXTRA - 1; i > 0; i--) {
				const uint32_t k = dice(&seed, i + 1), t = order[i];
				order[i] = order[k];
				order[k] = t;
			}
			ledger *l = ledger_memory(&err);
			REQUIRE(l != NULL);
			const uint32_t judged_after = dice(&seed, 3);
			for (uint32_t i = 0; i < DOCS + EXTRA; i++) {
				add(l, &docs[order[i]], &err);
				if (dice(&seed, 3) == 0) CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
			}
			for (uint32_t when = 0; when < 3; when++) {
				if (when == judged_after) judge(l, &err);
				if (when == 1)
					for (uint32_t i = DOCS; i < DOCS + EXTRA; i++)
						CHECK_EQ_INT(ledger_forget(l, ledger_document_of(l, docs[i].id, &err), &err), KULA_OK);
				CHECK_EQ_INT(ledger_join(l, r, false, NULL, &err), KULA_OK);
			}
			char *other = said(l);
			if (strcmp(first, other)) differ_at(first, other);
			CHECK(strcmp(first, other) == 0);
			free(other);
			CHECK_EQ_INT(ledger_join(l, r, true, NULL, &err), KULA_OK);
			other = said(l);
			if (strcmp(first, other)) differ_at(first, other);
			CHECK(strcmp(first, other) == 0);
			free(other);
			ledger_close(l);
		}
		free(first);
		ledger_close(whole);
	}
	if (err.status) fprintf(stderr, "  %s\n", err.text);
	CHECK_EQ_INT(err.status, KULA_OK);
	join_rules_free(r);
}

TEST(memory_in_any_order)
{
	kula_error err = {0};
	join_rules *r = join_rules_open(NULL, NULL, &err);
	REQUIRE(r != NULL);
	enum { MOST = DOCS * CLAIMS_MOST };
	join_face *faces = malloc(MOST * sizeof *faces), *mixed = malloc(MOST * sizeof *faces);
	for (uint64_t round = 0; round < 10; round++) {
		uint64_t seed = 1000 + round;
		uint32_t n = 0;
		for (uint32_t i = 0; i < DOCS; i++) {
			make(&docs[i], i, &seed);
			const kula_document d = document_of(&docs[i]);
			for (uint32_t k = 0; k < docs[i].count; k++) {
				join_face_fill(r, &d, join_document_key(d.id, "0"), &docs[i].claims[k], k, &faces[n]);
				faces[n].row = n;
				n++;
			}
		}
		arena *a = arena_new(1 << 28);
		join_result x, y;
		CHECK_EQ_INT(join_all(r, a, faces, n, NULL, 0, NULL, &x, &err), KULA_OK);
		memcpy(mixed, faces, n * sizeof *faces);
		for (uint32_t i = n - 1; i > 0; i--) {
			const uint32_t k = dice(&seed, i + 1);
			const join_face t = mixed[i];
			mixed[i] = mixed[k];
			mixed[k] = t;
		}
		CHECK_EQ_INT(join_all(r, a, mixed, n, NULL, 0, NULL, &y, &err), KULA_OK);
		CHECK_EQ_INT(x.count, y.count);
		CHECK_EQ_INT(x.link_count, y.link_count);
		CHECK_EQ_INT(x.difference_count, y.difference_count);
		for (uint32_t i = 0; i < n; i++)
			CHECK_EQ_INT(y.exchange_of[i], x.exchange_of[mixed[i].row]);
		arena_free(a);
	}
	free(faces);
	free(mixed);
	join_rules_free(r);
}

TEST_MAIN(TEST_ENTRY(any_order_gives_the_same), TEST_ENTRY(memory_in_any_order))
