/* ledger_review.c: what people say of claims, and what follows from it. */
#include <jansson.h>            /* before base.h, which says why */
#include "claims/claims.h"
#include "ledger/ledger_room.h"
#include <math.h>
#include <stdlib.h>

/* A review is a row that stays; what follows from the rows of a claim that stand is derived, and made anew at every change:
 *
 *	claim as read   act give, from RUS            never changes
 *	review          correct from = [CHN]          stands until a later row undoes it
 *	claim           act give, from CHN            as_read = the former; stands = 1, and the former's stands = 0
 *	dyad            CHN ...                       of the one that stands
 *
 * A rejected claim stands in neither version. So everything that asks for claims that stand sees what people said, at the price of
 * an ordinary claim; and to undo is to take a row out of what is derived from. */

#define ARENA_BYTES ((size_t)256 << 20)         /* a document with a claim and its JSON */

const char *ledger_verdict_name(ledger_verdict v)
{
	static const char *const names[LEDGER_VERDICTS] = {"accept", "reject", "correct", "undo"};
	return v < LEDGER_VERDICTS ? names[v] : "?";
}

static kula_status no_memory(kula_error *err) { return kula_fail(err, KULA_EMEMORY, 0, "no memory for a review"); }

/* ---- a claim with its corrections ---- */

static const char *const fields[] = {"act", "status", "from", "to", "items", "date", "due", "value", "place", "means", "agreement",
	"condition", "said_by", "evidence", "trigger"};

bool review_field(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strcmp(fields[i], name) == 0)
			return true;
	return false;
}

/* Puts a field in its place. The words that stood for the former value don't stand for the new one. */
static bool set_field(json_t *claim, const char *field, const char *value, kula_error *err)
{
	json_error_t where;
	json_t *v = json_loads(value, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &where);
	if (!v) {
		kula_fail(err, KULA_EUSAGE, 0, "%s: '%.80s' is not JSON: %s", field, value, where.text);
		return false;
	}
	static const struct { const char *field, *span; } spans[] = {{"date", "date_span"}, {"due", "due_span"}, {"evidence", "span"},
		{"evidence", "trigger_span"}, {"trigger", "trigger_span"}};
	for (size_t i = 0; i < COUNT_OF(spans); i++)
		if (strcmp(field, spans[i].field) == 0)
			json_object_del(claim, spans[i].span);
	const bool gone = json_is_null(v);
	const int code = gone ? (json_object_del(claim, field), 0) : json_object_set(claim, field, v);
	json_decref(v);
	if (code != 0)
		no_memory(err);
	return code == 0;
}

json_t *review_json(const kula_document *d, const kula_claim *c)
{
	buf b = {0};
	claims_write_claim(&b, d, c, true, OFFSETS_BYTES);
	json_t *o = b.refused ? NULL : json_loadb(b.at, b.n, JSON_DECODE_INT_AS_REAL, NULL);
	buf_free(&b);
	return o;
}

/* The claim that a JSON object is, with its place in the text, or what is wrong with it: KULA_EUSAGE, since a person said so. */
static bool claim_of_json(arena *a, const kula_document *d, const json_t *o, kula_claim *out, kula_error *err)
{
	kula_error fault = {0};
	char *text = json_dumps(o, JSON_COMPACT);
	if (!text) {
		no_memory(err);
		return false;
	}
	const kula_status status = source_claim(a, text, strlen(text), out, &fault);
	free(text);
	if (status == KULA_OK) {
		claims_locate(d, out);
		out->confidence = NAN;          /* it was the reader's, of the claim as read */
		if (claims_check(d, out, &fault) && claim_holds(d, out, 1, &fault))
			return true;
	}
	kula_fail(err, fault.status == KULA_EMEMORY || fault.status == KULA_ELIMIT ? fault.status : KULA_EUSAGE, fault.byte, "%s", fault.text);
	return false;
}

typedef struct reviewed {
	arena        *a;
	ledger_claim  read;             /* as it was read */
	kula_document d;
	json_t       *now;              /* with its corrections; NULL: none */
	bool          rejected;
} reviewed;

static void reviewed_clear(reviewed *r)
{
	json_decref(r->now);
	arena_free(r->a);
	*r = (reviewed){0};
}

#define STANDING "NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = v.review)"

/* The claim as read, its document, and what its standing reviews make of it. */
static kula_status reviewed_load(ledger *l, int64_t as_read, reviewed *r, kula_error *err)
{
	*r = (reviewed){.a = arena_new(ARENA_BYTES)};
	if (!r->a)
		return no_memory(err);
	kula_status status = ledger_claim_load(l, r->a, as_read, &r->read, err);
	if (status != KULA_OK)
		return status;
	size_t n = 0;
	const char *text = ledger_text(l, r->a, r->read.document, &n, err);
	if (!text)
		return err && err->status != KULA_OK ? err->status : KULA_EIO;
	r->d = (kula_document){.id = r->read.doc, .title = r->read.title, .publisher = r->read.publisher, .published = r->read.published,
		.text = text, .text_bytes = n};
	sqlite3_stmt *q = db_query(l, "SELECT verdict, field, value FROM review v WHERE claim = ?1 AND verdict <> 'undo' AND " STANDING
		" ORDER BY review", err);
	if (!q)
		return KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, as_read);
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		const char *verdict = (const char *)sqlite3_column_text(q, 0), *field = (const char *)sqlite3_column_text(q, 1);
		const char *value = (const char *)sqlite3_column_text(q, 2);
		r->rejected = verdict && strcmp(verdict, "reject") == 0;
		if (!field)
			continue;
		if (!r->now && !(r->now = review_json(&r->d, &r->read.c)))
			status = no_memory(err);
		else if (!set_field(r->now, field, value ? value : "null", err))
			status = KULA_EFORMAT;
		if (status != KULA_OK)
			break;
	}
	sqlite3_reset(q);
	if (status == KULA_OK && code != SQLITE_DONE)
		status = db_fail(l, err, code, "reading reviews");
	return status;
}

/* ---- what follows ---- */

static kula_status drop_version(ledger *l, int64_t claim, kula_error *err)
{
	static const char *const drops[] = {"DELETE FROM dyad WHERE claim = ?1", "DELETE FROM party WHERE claim = ?1",
		"DELETE FROM item WHERE claim = ?1", "DELETE FROM claim WHERE claim = ?1"};
	kula_status status = KULA_OK;
	for (size_t i = 0; status == KULA_OK && i < COUNT_OF(drops); i++)
		status = run_with(l, drops[i], claim, 0, "reviewing", err);
	return status;
}

static kula_status derive(ledger *l, const reviewed *r, kula_error *err)
{
	const int64_t as_read = r->read.claim;
	int64_t old = 0, version = 0, stood = 0, reading = 0;
	kula_claim now;
	if (r->now && !claim_of_json(r->a, &r->d, r->now, &now, err))
		return KULA_EUSAGE;
	kula_status status = one_number(l, "SELECT claim FROM claim WHERE as_read = ?1", as_read, 0, 0, &old, err);
	if (status == KULA_OK)
		status = one_number(l, "SELECT stands FROM claim WHERE claim = ?1", as_read, 0, 0, &stood, err);
	if (status == KULA_OK)
		status = one_number(l, "SELECT reading FROM claim WHERE claim = ?1", as_read, 0, 0, &reading, err);
	if (status == KULA_OK && old)
		status = drop_version(l, old, err);
	const bool counts = r->read.active && !r->rejected, stands = counts && !r->now;
	if (status == KULA_OK && r->now)
		status = rows_add_claim(l, r->read.document, reading, r->read.ordinal, as_read, counts, &now, &version, err);
	if (status == KULA_OK && r->now && counts)
		status = rows_add_dyads(l, version, r->read.published, &now, err);
	if (status == KULA_OK)
		status = run_with(l, "INSERT OR IGNORE INTO join_pending VALUES (?1)", r->read.document, 0, "reviewing", err);
	if (status == KULA_OK && stands != (stood != 0)) {
		status = run_with(l, "UPDATE claim SET stands = ?2 WHERE claim = ?1", as_read, stands, "reviewing", err);
		if (status == KULA_OK)
			status = run_with(l, "DELETE FROM dyad WHERE claim = ?1", as_read, 0, "reviewing", err);
		if (status == KULA_OK && stands)
			status = rows_add_dyads(l, as_read, r->read.published, &r->read.c, err);
	}
	return status;
}

kula_status review_derive(ledger *l, int64_t as_read, kula_error *err)
{
	reviewed r;
	kula_status status = reviewed_load(l, as_read, &r, err);
	if (status == KULA_OK)
		status = derive(l, &r, err);
	reviewed_clear(&r);
	return status;
}

/* Every claim that anything was said of, one after the other: deriving writes to what a query over all would read. */
kula_status review_derive_all(ledger *l, kula_error *err)
{
	int64_t claim = 0;
	for (;;) {
		kula_status status = one_number(l, "SELECT min(claim) FROM review WHERE claim > ?1 AND verdict <> 'accept'", claim, 0, 0, &claim, err);
		if (status != KULA_OK || claim == 0)
			return status;
		status = review_derive(l, claim, err);
		if (status != KULA_OK)
			return status;
	}
}

/* ---- saying ---- */

static kula_status write_log(ledger *l, const char *what, const char *now, int64_t document, int64_t claims, int64_t about, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "INSERT INTO log (time, what, document, claims, about) VALUES (?1, ?2, ?3, ?4, ?5)", err);
	if (q) {
		bind_text(q, 1, now);
		bind_text(q, 2, what);
		if (document)
			sqlite3_bind_int64(q, 3, document);
		sqlite3_bind_int64(q, 4, claims);
		sqlite3_bind_int64(q, 5, about);
	}
	return db_step(l, q, "writing the log", err);
}

static bool person(const char *reviewer, kula_error *err)
{
	if (reviewer && *reviewer && utf8_check((const byte *)reviewer, strlen(reviewer)) == strlen(reviewer))
		return true;
	kula_fail(err, KULA_EUSAGE, 0, "a review needs a reviewer");
	return false;
}

/* The field as the contract writes it, with spans: what is kept of a correction. */
static char *canonical(const reviewed *r, const char *field, kula_error *err)
{
	kula_claim c;
	if (!claim_of_json(r->a, &r->d, r->now, &c, err))
		return NULL;
	buf b = {0};
	claims_write_claim(&b, &r->d, &c, true, OFFSETS_BYTES);
	json_t *o = b.refused ? NULL : json_loadb(b.at, b.n, 0, NULL);
	buf_free(&b);
	json_t *none = json_null();
	const json_t *v = o ? json_object_get(o, field) : NULL;
	char *text = o ? json_dumps(v ? v : none, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : NULL;
	json_decref(none);
	json_decref(o);
	if (!text)
		no_memory(err);
	return text;
}

static kula_status insert_review(ledger *l, int64_t claim, const char *reviewer, const char *now, ledger_verdict v, const char *field,
	const char *value, const char *note, int64_t undoes, int64_t *review, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "INSERT INTO review (claim, reviewer, time, verdict, field, value, note, undoes)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", err);
	if (q) {
		sqlite3_bind_int64(q, 1, claim);
		bind_text(q, 2, reviewer);
		bind_text(q, 3, now);
		bind_text(q, 4, ledger_verdict_name(v));
		bind_text(q, 5, field);
		bind_text(q, 6, value);
		bind_text(q, 7, note);
		if (undoes)
			sqlite3_bind_int64(q, 8, undoes);
	}
	const kula_status status = db_step(l, q, "adding a review", err);
	*review = sqlite3_last_insert_rowid(l->db);
	return status;
}

static kula_status review_in_transaction(ledger *l, int64_t claim, const char *reviewer, ledger_verdict v, const char *field,
	const char *value, const char *note, int64_t *review, kula_error *err)
{
	int64_t as_read = 0, undoes = 0;
	kula_status status = one_number(l, "SELECT ifnull(as_read, claim) FROM claim WHERE claim = ?1", claim, 0, 0, &as_read, err);
	if (status == KULA_OK && as_read == 0)
		status = kula_fail(err, KULA_ENOTFOUND, 0, "there is no claim %lld", (long long)claim);
	if (status != KULA_OK)
		return status;
	if (v == LEDGER_UNDO) {
		status = one_number(l, "SELECT max(review) FROM review v WHERE claim = ?1 AND verdict <> 'undo' AND " STANDING, as_read, 0, 0, &undoes, err);
		if (status == KULA_OK && undoes == 0)
			status = kula_fail(err, KULA_ENOTFOUND, 0, "the claim has no review to undo");
	}
	reviewed r = {0};
	char *kept = NULL, now[21];
	db_now(now);
	if (status == KULA_OK)
		status = reviewed_load(l, as_read, &r, err);
	if (status == KULA_OK && !r.read.active)
		status = kula_fail(err, KULA_EUSAGE, 0, "claim %s is of an earlier reading, which says nothing any more", r.read.number);
	if (status == KULA_OK && v == LEDGER_CORRECT) {
		if (!r.now && !(r.now = review_json(&r.d, &r.read.c)))
			status = no_memory(err);
		else if (!set_field(r.now, field, value ? value : "null", err) || !(kept = canonical(&r, field, err)))
			status = KULA_EUSAGE;
	}
	if (status == KULA_OK)
		status = insert_review(l, as_read, reviewer, now, v, field, kept, note, undoes, review, err);
	if (status == KULA_OK)
		status = write_log(l, ledger_verdict_name(v), now, r.read.document, 1, *review, err);
	const bool changes = v != LEDGER_ACCEPT || r.rejected;
	reviewed_clear(&r);
	free(kept);
	return status == KULA_OK && changes ? review_derive(l, as_read, err) : status;
}

int64_t ledger_review(ledger *l, int64_t claim, const char *reviewer, ledger_verdict v, const char *field, const char *value,
	const char *note, kula_error *err)
{
	if (!person(reviewer, err))
		return -1;
	if (v >= LEDGER_VERDICTS || (v == LEDGER_CORRECT) != (field != NULL)) {
		kula_fail(err, KULA_EUSAGE, 0, "a correction needs a field, and nothing else has one");
		return -1;
	}
	if (field && !review_field(field)) {
		kula_fail(err, KULA_EUSAGE, 0, "'%.40s' is no field of a claim", field);
		return -1;
	}
	if (db_begin(l, err) != KULA_OK)
		return -1;
	int64_t review = -1;
	const kula_status status = review_in_transaction(l, claim, reviewer, v, field, value, note, &review, err);
	return db_end(l, status == KULA_OK, err) == KULA_OK && status == KULA_OK ? review : -1;
}

/* ---- the same exchange, or not ---- */

/* A claim and its reviewed version are one: judgements are of claims as read. */
static kula_status judge(ledger *l, int64_t claim, int64_t other, bool same, const char *reviewer, const char *now, const char *note,
	int64_t ruling, int64_t undoes, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "INSERT INTO judgement (claim, other, same, reviewer, time, note, ruling, undoes)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", err);
	if (q) {
		sqlite3_bind_int64(q, 1, MIN_OF(claim, other));
		sqlite3_bind_int64(q, 2, MAX_OF(claim, other));
		sqlite3_bind_int(q, 3, same);
		bind_text(q, 4, reviewer);
		bind_text(q, 5, now);
		bind_text(q, 6, note);
		sqlite3_bind_int64(q, 7, ruling);
		if (undoes)
			sqlite3_bind_int64(q, 8, undoes);
	}
	return db_step(l, q, "adding a judgement", err);
}

static kula_status next_ruling(ledger *l, int64_t *ruling, kula_error *err)
{
	const kula_status status = one_number(l, "SELECT seq FROM sqlite_sequence WHERE name = 'judgement'", 0, 0, 0, ruling, err);
	++*ruling;
	return status;
}

static kula_status as_read_of(ledger *l, int64_t claim, int64_t *as_read, kula_error *err)
{
	const kula_status status = one_number(l, "SELECT ifnull(as_read, claim) FROM claim WHERE claim = ?1", claim, 0, 0, as_read, err);
	return status == KULA_OK && *as_read == 0 ? kula_fail(err, KULA_ENOTFOUND, 0, "there is no claim %lld", (long long)claim) : status;
}

/* same: each of `one` with each of `other`; pairs of a claim with itself are passed over. */
static int64_t rule(ledger *l, const int64_t *one, uint32_t one_count, const int64_t *other, uint32_t other_count, bool same,
	const char *reviewer, const char *note, kula_error *err)
{
	if (!person(reviewer, err))
		return -1;
	if (db_begin(l, err) != KULA_OK)
		return -1;
	char now[21];
	db_now(now);
	int64_t ruling = 0, first = 0, document = 0;
	uint32_t pairs = 0;
	kula_status status = next_ruling(l, &ruling, err);
	for (uint32_t i = 0; status == KULA_OK && i < one_count; i++) {
		int64_t a = 0, b = 0;
		status = as_read_of(l, one[i], &a, err);
		first = first ? first : a;
		for (uint32_t k = 0; status == KULA_OK && k < other_count; k++) {
			status = as_read_of(l, other[k], &b, err);
			if (status != KULA_OK || a == b)
				continue;
			status = judge(l, a, b, same, reviewer, now, note, ruling, 0, err);
			pairs++;
		}
	}
	if (status == KULA_OK && pairs == 0)
		status = kula_fail(err, KULA_EUSAGE, 0, same ? "it takes two claims to be the same" : "there is nothing to part them from");
	if (status == KULA_OK)
		status = one_number(l, "SELECT document FROM claim WHERE claim = ?1", first, 0, 0, &document, err);
	if (status == KULA_OK)
		status = write_log(l, same ? "merge" : "split", now, document, same ? other_count : one_count, ruling, err);
	return db_end(l, status == KULA_OK, err) == KULA_OK && status == KULA_OK ? ruling : -1;
}

int64_t ledger_judge(ledger *l, int64_t claim, int64_t other, bool same, const char *reviewer, const char *note, kula_error *err)
{
	return rule(l, &claim, 1, &other, 1, same, reviewer, note, err);
}

int64_t ledger_merge(ledger *l, const int64_t *claims, uint32_t count, const char *reviewer, const char *note, kula_error *err)
{
	/* What binds is transitive: the first with each other is enough. */
	return rule(l, claims, count > 0, claims, count, true, reviewer, note, err);
}

int64_t ledger_split(ledger *l, const int64_t *claims, uint32_t count, const int64_t *rest, uint32_t rest_count, const char *reviewer,
	const char *note, kula_error *err)
{
	return rule(l, claims, count, rest, rest_count, false, reviewer, note, err);
}

int64_t ledger_unjudge(ledger *l, int64_t ruling, const char *reviewer, const char *note, kula_error *err)
{
	if (!person(reviewer, err))
		return -1;
	if (db_begin(l, err) != KULA_OK)
		return -1;
	char now[21];
	db_now(now);
	int64_t undo = 0, count = 0;
	kula_status status = next_ruling(l, &undo, err);
	if (status == KULA_OK)
		status = one_number(l, "SELECT count(*) FROM judgement j WHERE ruling = ?1 AND undoes IS NULL"
			" AND NOT EXISTS (SELECT 1 FROM judgement u WHERE u.undoes = j.judgement)", ruling, 0, 0, &count, err);
	if (status == KULA_OK && count == 0)
		status = kula_fail(err, KULA_ENOTFOUND, 0, "there is no such merge or split to undo");
	if (status == KULA_OK) {
		sqlite3_stmt *q = db_query(l, "INSERT INTO judgement (claim, other, same, reviewer, time, note, ruling, undoes)"
			" SELECT claim, other, same, ?2, ?3, ?4, ?5, judgement FROM judgement j WHERE ruling = ?1 AND undoes IS NULL"
			" AND NOT EXISTS (SELECT 1 FROM judgement u WHERE u.undoes = j.judgement) ORDER BY judgement", err);
		if (q) {
			sqlite3_bind_int64(q, 1, ruling);
			bind_text(q, 2, reviewer);
			bind_text(q, 3, now);
			bind_text(q, 4, note);
			sqlite3_bind_int64(q, 5, undo);
		}
		status = db_step(l, q, "undoing a judgement", err);
	}
	if (status == KULA_OK)
		status = write_log(l, "undo", now, 0, count, undo, err);
	return db_end(l, status == KULA_OK, err) == KULA_OK && status == KULA_OK ? undo : -1;
}

/* ---- from one reading to another ---- */

/* Claims of two readings are the same where they say the same act in the same words; of several the first. */
#define SAME_CLAIM(o, n) n ".document = " o ".document AND " n ".span_from = " o ".span_from AND " n ".span_to = " o ".span_to" \
	" AND " n ".trigger_from = " o ".trigger_from AND " n ".trigger_to = " o ".trigger_to AND " n ".act = " o ".act" \
	" AND " n ".as_read IS NULL AND " o ".as_read IS NULL"

/* A correction that the new claim can't take (it would not keep the contract) is undone, and says why. */
static kula_status derive_carried(ledger *l, int64_t claim, kula_error *err)
{
	for (;;) {
		kula_error fault = {0};
		const kula_status status = review_derive(l, claim, &fault);
		if (status != KULA_EUSAGE)
			return status == KULA_OK ? status : kula_fail(err, fault.status, fault.byte, "%s", fault.text);
		char now[21];
		int64_t last = 0, undo = 0;
		db_now(now);
		kula_status did = one_number(l, "SELECT max(review) FROM review v WHERE claim = ?1 AND verdict = 'correct' AND " STANDING, claim, 0, 0,
			&last, err);
		if (did == KULA_OK && last == 0)
			did = kula_fail(err, fault.status, fault.byte, "%s", fault.text);
		if (did == KULA_OK)
			did = insert_review(l, claim, "kula", now, LEDGER_UNDO, NULL, NULL, "the new reading can't take the correction", last, &undo, err);
		if (did != KULA_OK)
			return did;
	}
}

kula_status review_carry(ledger *l, int64_t old_reading, int64_t reading, uint32_t *carried, kula_error *err)
{
	kula_status status = run_with(l,
		"INSERT INTO review (claim, reviewer, time, verdict, field, value, note, carried_from)"
		" SELECT n.claim, v.reviewer, v.time, v.verdict, v.field, v.value, v.note, v.review"
		" FROM review v JOIN claim o ON o.claim = v.claim AND o.reading = ?1"
		" JOIN claim n ON n.reading = ?2 AND " SAME_CLAIM("o", "n")
		" WHERE v.verdict <> 'undo' AND " STANDING
		"   AND n.claim = (SELECT min(m.claim) FROM claim m WHERE m.reading = n.reading AND " SAME_CLAIM("n", "m") ")"
		" ORDER BY v.review", old_reading, reading, "carrying reviews over", err);
	*carried = status == KULA_OK ? (uint32_t)sqlite3_changes(l->db) : 0;
	int64_t claim = 0;
	while (status == KULA_OK && *carried) {
		status = one_number(l, "SELECT min(v.claim) FROM review v JOIN claim c ON c.claim = v.claim AND c.reading = ?1 WHERE v.claim > ?2",
			reading, claim, 0, &claim, err);
		if (status != KULA_OK || claim == 0)
			break;
		status = derive_carried(l, claim, err);
	}
	/* Judgements likewise; one of two claims of this document carries over if both do. The pair keeps its order by number. */
	if (status == KULA_OK)
		status = run_with(l,
			"WITH twin AS MATERIALIZED (SELECT o.claim AS was, min(n.claim) AS is_now FROM claim o JOIN claim n ON n.reading = ?2 AND " SAME_CLAIM("o", "n")
			"   WHERE o.reading = ?1 AND EXISTS (SELECT 1 FROM judgement j WHERE j.claim = o.claim OR j.other = o.claim) GROUP BY o.claim),\n"
			" moved AS (SELECT j.judgement, j.same, j.reviewer, j.time, j.note, j.ruling,"
			"   coalesce((SELECT is_now FROM twin WHERE was = j.claim), iif(c.reading = ?1, NULL, j.claim)) AS a,"
			"   coalesce((SELECT is_now FROM twin WHERE was = j.other), iif(o.reading = ?1, NULL, j.other)) AS b"
			"   FROM judgement j JOIN claim c ON c.claim = j.claim JOIN claim o ON o.claim = j.other"
			"   WHERE (j.claim IN (SELECT was FROM twin) OR j.other IN (SELECT was FROM twin)) AND j.undoes IS NULL"
			"     AND NOT EXISTS (SELECT 1 FROM judgement u WHERE u.undoes = j.judgement))"
			" INSERT INTO judgement (claim, other, same, reviewer, time, note, ruling, carried_from)"
			" SELECT min(a, b), max(a, b), same, reviewer, time, note, ruling, judgement FROM moved"
			" WHERE a IS NOT NULL AND b IS NOT NULL AND a <> b ORDER BY judgement", old_reading, reading, "carrying judgements over", err);
	return status;
}

/* ---- what was said ---- */

kula_status ledger_said_each(ledger *l, int64_t claim, const char *reviewer, bool (*see)(void *arg, const ledger_said *s), void *arg,
	kula_error *err)
{
	int64_t as_read = 0;
	if (claim && as_read_of(l, claim, &as_read, err) != KULA_OK)
		return err ? err->status : KULA_ENOTFOUND;
	sqlite3_stmt *q = db_query(l,
		"SELECT v.review, 0, v.time, v.reviewer, v.verdict, c.document || '.' || c.ordinal, v.field, v.value, v.note,"
		" v.verdict <> 'undo' AND " STANDING " FROM review v JOIN claim c ON c.claim = v.claim"
		" WHERE (?1 = 0 OR v.claim = ?1) AND (?2 IS NULL OR v.reviewer = ?2)"
		" UNION ALL"
		" SELECT j.ruling, 1, min(j.time), j.reviewer, CASE WHEN j.undoes IS NOT NULL THEN 'undo' WHEN j.same THEN 'merge' ELSE 'split' END,"
		" (SELECT group_concat(n, ' ') FROM (SELECT DISTINCT c.document || '.' || c.ordinal AS n FROM judgement k JOIN claim c ON c.claim IN (k.claim, k.other)"
		"   WHERE k.ruling = j.ruling AND k.carried_from IS NULL ORDER BY c.document, c.ordinal)), NULL, NULL, j.note,"
		" j.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM judgement u WHERE u.undoes = j.judgement)"
		" FROM judgement j WHERE j.carried_from IS NULL AND (?1 = 0 OR j.ruling IN (SELECT ruling FROM judgement k WHERE k.claim = ?1 OR k.other = ?1))"
		" AND (?2 IS NULL OR j.reviewer = ?2) GROUP BY j.ruling ORDER BY 3, 2, 1", err);
	arena *a = arena_new((size_t)64 << 20);
	if (!q || !a) {
		arena_free(a);
		return q ? no_memory(err) : KULA_EFORMAT;
	}
	sqlite3_bind_int64(q, 1, as_read);
	if (reviewer)
		sqlite3_bind_text(q, 2, reviewer, -1, SQLITE_TRANSIENT);
	int code;
	bool on = true;
	while (on && (code = sqlite3_step(q)) == SQLITE_ROW) {
		arena_clear(a);
		const ledger_said s = {.number = sqlite3_column_int64(q, 0), .ruling = sqlite3_column_int(q, 1) != 0, .time = db_text(q, 2, a),
			.reviewer = db_text(q, 3, a), .verdict = db_text(q, 4, a), .claims = db_text(q, 5, a), .field = db_text(q, 6, a),
			.value = db_text(q, 7, a), .note = db_text(q, 8, a), .stands = sqlite3_column_int(q, 9) != 0};
		on = see(arg, &s);
	}
	const kula_status status = on && code != SQLITE_DONE ? db_fail(l, err, code, "reading reviews") : KULA_OK;
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	arena_free(a);
	return status;
}

kula_status ledger_reviewed_each(ledger *l, bool (*see)(void *arg, int64_t document, uint32_t claims, uint32_t reviewed), void *arg,
	kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT c.document, count(*), sum(EXISTS (SELECT 1 FROM review v WHERE v.claim = c.claim AND v.verdict <> 'undo'"
		" AND " STANDING ")) AS said FROM claim c JOIN reading g ON g.reading = c.reading AND g.active"
		" WHERE c.as_read IS NULL AND c.document IN (SELECT r.document FROM review w JOIN claim r ON r.claim = w.claim)"
		" GROUP BY c.document HAVING said > 0 ORDER BY c.document", err);
	if (!q)
		return KULA_EFORMAT;
	int code;
	bool on = true;
	while (on && (code = sqlite3_step(q)) == SQLITE_ROW)
		on = see(arg, sqlite3_column_int64(q, 0), (uint32_t)sqlite3_column_int64(q, 1), (uint32_t)sqlite3_column_int64(q, 2));
	const kula_status status = on && code != SQLITE_DONE ? db_fail(l, err, code, "reading reviews") : KULA_OK;
	sqlite3_reset(q);
	return status;
}

kula_status ledger_last_said(ledger *l, const char *reviewer, int64_t *claim, int64_t *ruling, kula_error *err)
{
	*claim = *ruling = 0;
	sqlite3_stmt *q = db_query(l,
		"SELECT what, about FROM log o WHERE what IN ('accept', 'reject', 'correct') AND EXISTS (SELECT 1 FROM review v WHERE v.review = o.about"
		" AND v.reviewer = ?1 AND " STANDING ") OR what IN ('merge', 'split') AND EXISTS (SELECT 1 FROM judgement j WHERE j.ruling = o.about"
		" AND j.reviewer = ?1 AND NOT EXISTS (SELECT 1 FROM judgement u WHERE u.undoes = j.judgement)) ORDER BY entry DESC LIMIT 1", err);
	if (!q)
		return KULA_EFORMAT;
	bind_text(q, 1, reviewer);
	const int code = sqlite3_step(q);
	int64_t about = 0;
	bool of_claim = false;
	if (code == SQLITE_ROW) {
		const char *what = (const char *)sqlite3_column_text(q, 0);
		about = sqlite3_column_int64(q, 1);
		of_claim = what && strcmp(what, "merge") != 0 && strcmp(what, "split") != 0;
	}
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? kula_fail(err, KULA_ENOTFOUND, 0, "'%.60s' has said nothing that could be undone", reviewer)
			: db_fail(l, err, code, "reading reviews");
	if (!of_claim) {
		*ruling = about;
		return KULA_OK;
	}
	return one_number(l, "SELECT claim FROM review WHERE review = ?1", about, 0, 0, claim, err);
}
