#include <stdlib.h>
#include "ledger/join_room.h"
#include "ledger/ledger_room.h"

/* The exchanges of a ledger, kept up as documents come and go.
 *
 *	join_pending   documents to look at: read, read again, reviewed (triggers put them there)
 *	join_face      what joining knows of each joined claim          join_index   what it is filed under
 *	join_edge      pairs that may bind; what hangs together by them is joined anew when one of it changes
 *	join_text      a document's sketch and the name of its group of near copies
 *	exchange, exchange_claim, difference, link                      the result; link_base: what is nearly a link
 *
 * Every row is a function of the claims and judgements that are there, never of the order in which they came, so a ledger
 * grown piece by piece equals one joined at once. Work is done in batches, each a transaction of its own. */

const char join_schema[] =
	"CREATE TABLE IF NOT EXISTS join_pending (document INTEGER PRIMARY KEY);\n"
	"CREATE TABLE IF NOT EXISTS join_dirty (claim INTEGER PRIMARY KEY);\n"
	"CREATE TABLE IF NOT EXISTS join_relink (exchange INTEGER PRIMARY KEY);\n"
	"CREATE TABLE IF NOT EXISTS join_gone (claim INTEGER PRIMARY KEY, face BLOB NOT NULL);\n"
	"CREATE TABLE IF NOT EXISTS join_face (\n"
	"  claim INTEGER PRIMARY KEY REFERENCES claim ON DELETE CASCADE,\n"
	"  document INTEGER NOT NULL,\n"
	"  face BLOB NOT NULL\n"
	");\n"
	"CREATE INDEX IF NOT EXISTS join_face_by_document ON join_face (document);\n"
	"CREATE TABLE IF NOT EXISTS join_index (key INTEGER, day INTEGER, claim INTEGER, PRIMARY KEY (key, day, claim)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS join_far (key INTEGER PRIMARY KEY, n INTEGER NOT NULL);\n"
	"CREATE TABLE IF NOT EXISTS join_edge (\n"
	"  a INTEGER REFERENCES join_face (claim) ON DELETE CASCADE,\n"
	"  b INTEGER REFERENCES join_face (claim) ON DELETE CASCADE,\n"
	"  score REAL NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;\n"
	"CREATE INDEX IF NOT EXISTS join_edge_by_b ON join_edge (b);\n"
	"CREATE TABLE IF NOT EXISTS join_text (\n"
	"  document INTEGER PRIMARY KEY REFERENCES document ON DELETE CASCADE,\n"
	"  identity INTEGER NOT NULL, sketch BLOB NOT NULL, copies INTEGER NOT NULL);\n"
	"CREATE INDEX IF NOT EXISTS join_text_by_copies ON join_text (copies);\n"
	"CREATE TABLE IF NOT EXISTS join_run (hash INTEGER, day INTEGER, document INTEGER, PRIMARY KEY (hash, day, document)) WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS exchange (\n"
	"  exchange INTEGER PRIMARY KEY,\n"             /* the claim that tells of it first */
	"  lead INTEGER NOT NULL,\n"                    /* the claim that tells most */
	"  act TEXT NOT NULL,\n"
	"  status TEXT NOT NULL,\n"                     /* now */
	"  fact INTEGER NOT NULL,\n"                    /* 1: the act itself; 0: an undertaking */
	"  day_first INTEGER, day_last INTEGER,\n"      /* what all dated accounts allow, else the narrowest */
	"  told_first INTEGER, told_last INTEGER,\n"
	"  claims INTEGER NOT NULL, documents INTEGER NOT NULL, independent INTEGER NOT NULL\n"
	");\n"
	/* what was told last; which undertakings, loans, stocks there are (answer) */
	"CREATE INDEX IF NOT EXISTS exchange_by_told ON exchange (told_last);\n"
	"CREATE INDEX IF NOT EXISTS exchange_by_act ON exchange (act, status);\n"
	"CREATE INDEX IF NOT EXISTS exchange_by_status ON exchange (status);\n"
	"CREATE TABLE IF NOT EXISTS exchange_claim (\n"
	"  claim INTEGER PRIMARY KEY REFERENCES claim ON DELETE CASCADE,\n"
	"  exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE\n"
	");\n"
	"CREATE INDEX IF NOT EXISTS exchange_claim_by_exchange ON exchange_claim (exchange);\n"
	"CREATE TABLE IF NOT EXISTS difference (\n"
	"  exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,\n"
	"  field TEXT NOT NULL CHECK (field IN ('items','date','status','act')),\n"
	"  claim INTEGER NOT NULL, other INTEGER NOT NULL,\n"   /* one of each side */
	"  PRIMARY KEY (exchange, field)\n"
	") WITHOUT ROWID;\n"
	"CREATE TABLE IF NOT EXISTS exchange_place (\n"
	"  exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,\n"
	"  key INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (key, day, exchange)) WITHOUT ROWID;\n"
	"CREATE INDEX IF NOT EXISTS exchange_place_by_exchange ON exchange_place (exchange);\n"
	"CREATE TABLE IF NOT EXISTS link_base (\n"
	"  from_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,\n"
	"  type TEXT NOT NULL,\n"
	"  to_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,\n"
	"  score REAL NOT NULL, PRIMARY KEY (from_exchange, type, to_exchange)) WITHOUT ROWID;\n"
	"CREATE INDEX IF NOT EXISTS link_base_by_to ON link_base (to_exchange);\n"
	"CREATE TABLE IF NOT EXISTS link (\n"
	"  from_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,\n"
	"  type TEXT NOT NULL CHECK (type IN ('fulfils','part','returns','under','answers')),\n"
	"  to_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,\n"
	"  score REAL NOT NULL, PRIMARY KEY (from_exchange, type, to_exchange)) WITHOUT ROWID;\n"
	"CREATE INDEX IF NOT EXISTS link_by_to ON link (to_exchange, type);\n"
	"CREATE TRIGGER IF NOT EXISTS join_read AFTER INSERT ON reading BEGIN\n"
	"  INSERT OR IGNORE INTO join_pending VALUES (new.document);\n"
	"END;\n"
	"CREATE TRIGGER IF NOT EXISTS join_reread AFTER UPDATE OF active ON reading BEGIN\n"
	"  INSERT OR IGNORE INTO join_pending VALUES (new.document);\n"
	"END;\n"
	"CREATE TRIGGER IF NOT EXISTS join_reviewed AFTER INSERT ON review BEGIN\n"
	"  INSERT OR IGNORE INTO join_pending SELECT document FROM claim WHERE claim = new.claim;\n"
	"END;\n"
	/* Judgements are of claims as read; whichever version stands is joined, and of the others nobody knows here. */
	"CREATE TRIGGER IF NOT EXISTS join_judged AFTER INSERT ON judgement BEGIN\n"
	"  INSERT OR IGNORE INTO join_dirty SELECT claim FROM claim WHERE claim IN (new.claim, new.other)\n"
	"    UNION SELECT claim FROM claim WHERE as_read IN (new.claim, new.other);\n"
	"END;\n"
	"CREATE TRIGGER IF NOT EXISTS join_forget BEFORE DELETE ON claim BEGIN\n"
	"  INSERT OR IGNORE INTO join_gone SELECT claim, face FROM join_face WHERE claim = old.claim;\n"
	"  INSERT OR IGNORE INTO join_dirty SELECT b FROM join_edge WHERE a = old.claim UNION SELECT a FROM join_edge WHERE b = old.claim\n"
	"    UNION SELECT claim FROM exchange_claim WHERE exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim)\n"
	"    UNION SELECT other FROM judgement WHERE claim = ifnull(old.as_read, old.claim)\n"
	"    UNION SELECT claim FROM judgement WHERE other = ifnull(old.as_read, old.claim)\n"
	"    UNION SELECT c.claim FROM judgement j JOIN claim c ON c.as_read = j.other WHERE j.claim = ifnull(old.as_read, old.claim)\n"
	"    UNION SELECT c.claim FROM judgement j JOIN claim c ON c.as_read = j.claim WHERE j.other = ifnull(old.as_read, old.claim);\n"
	"  INSERT OR IGNORE INTO join_relink SELECT to_exchange FROM link_base\n"
	"    WHERE from_exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim)\n"
	"    UNION SELECT from_exchange FROM link_base WHERE to_exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim);\n"
	"  DELETE FROM exchange WHERE exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim);\n"
	"  DELETE FROM join_dirty WHERE claim = old.claim;\n"
	"END;\n"
	/* One that goes may have been what made others copies of each other: they are compared anew. */
	"CREATE TRIGGER IF NOT EXISTS join_forget_copies BEFORE DELETE ON document\n"
	"WHEN (SELECT count(*) FROM join_text WHERE copies = (SELECT copies FROM join_text WHERE document = old.document)) > 2 BEGIN\n"
	"  INSERT OR IGNORE INTO join_pending SELECT document FROM join_text\n"
	"    WHERE copies = (SELECT copies FROM join_text WHERE document = old.document) AND document <> old.document;\n"
	"  DELETE FROM join_text WHERE copies = (SELECT copies FROM join_text WHERE document = old.document) AND document <> old.document;\n"
	"END;\n"
	"CREATE TRIGGER IF NOT EXISTS join_forget_text AFTER DELETE ON document BEGIN\n"
	"  DELETE FROM join_pending WHERE document = old.document;\n"
	"END;\n";

static const char join_empty[] =
	"DELETE FROM join_dirty; DELETE FROM join_relink; DELETE FROM join_gone; DELETE FROM link; DELETE FROM link_base;\n"
	"DELETE FROM exchange_place; DELETE FROM difference; DELETE FROM exchange_claim; DELETE FROM exchange; DELETE FROM join_edge;\n"
	"DELETE FROM join_index; DELETE FROM join_far; DELETE FROM join_face; DELETE FROM join_run; DELETE FROM join_text;\n"
	"INSERT OR IGNORE INTO join_pending SELECT document FROM document;\n";

/* A judgement is of claims as read, and may be undone; the join has to do with their versions. */
#define AS_READ "(SELECT ifnull(as_read, claim) FROM claim WHERE claim = ?1)"
#define VERSION(side) "ifnull((SELECT v.claim FROM claim v WHERE v.as_read = j." side "), j." side ")"
#define IN_FORCE "j.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM judgement u WHERE u.undoes = j.judgement)"

#define QUERIES(X) \
	X(PENDING, "SELECT document FROM join_pending ORDER BY document LIMIT ?1") \
	X(DONE, "DELETE FROM join_pending WHERE document = ?1") \
	X(DOCUMENT, "SELECT doc, sha256, publisher, published, dossier FROM document WHERE document = ?1") \
	X(TEXT, "SELECT text, coalesce(dossier, '') LIKE '" LEDGER_REGISTER "%' FROM document WHERE document = ?1") \
	X(WANT, "SELECT claim, ordinal FROM claim WHERE document = ?1 AND stands") \
	X(HAVE, "SELECT claim FROM join_face WHERE document = ?1") \
	X(FACE_ADD, "INSERT INTO join_face (claim, document, face) VALUES (?1, ?2, ?3)") \
	X(FACE, "SELECT face, document FROM join_face WHERE claim = ?1") \
	X(FACE_DROP, "DELETE FROM join_face WHERE claim = ?1") \
	X(INDEX_ADD, "INSERT OR IGNORE INTO join_index (key, day, claim) VALUES (?1, ?2, ?3)") \
	X(INDEX_DROP, "DELETE FROM join_index WHERE key = ?1 AND day = ?2 AND claim = ?3") \
	X(FAR_COUNT, "INSERT INTO join_far (key, n) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET n = n + ?2 RETURNING n") \
	X(FAR, "SELECT n FROM join_far WHERE key = ?1") \
	X(ASK, "SELECT claim FROM join_index WHERE key = ?1 AND day BETWEEN ?2 AND ?3") \
	X(KEY_CLAIMS, "SELECT DISTINCT claim FROM join_index WHERE key = ?1") \
	X(EDGE_ADD, "INSERT OR REPLACE INTO join_edge (a, b, score) VALUES (?1, ?2, ?3)") \
	X(EDGES, "SELECT b, score FROM join_edge WHERE a = ?1 UNION ALL SELECT a, 0 FROM join_edge WHERE b = ?1") \
	X(EDGE_DROP_A, "DELETE FROM join_edge WHERE a = ?1") \
	X(EDGE_DROP_B, "DELETE FROM join_edge WHERE b = ?1") \
	X(JUDGED, "SELECT " VERSION("claim") ", " VERSION("other") ", same, judgement FROM judgement j WHERE claim = " AS_READ " AND " IN_FORCE \
		" UNION SELECT " VERSION("claim") ", " VERSION("other") ", same, judgement FROM judgement j WHERE other = " AS_READ " AND " IN_FORCE \
		" ORDER BY judgement") \
	X(ANY_JUDGED, "SELECT 1 FROM judgement WHERE judgement > ?1 LIMIT 1") \
	X(GONE, "SELECT claim, face FROM join_gone") \
	X(GONE_EMPTY, "DELETE FROM join_gone") \
	X(DIRTY, "SELECT claim FROM join_dirty ORDER BY claim") \
	X(DIRTY_EMPTY, "DELETE FROM join_dirty") \
	X(RELINK, "SELECT exchange FROM join_relink") \
	X(RELINK_EMPTY, "DELETE FROM join_relink") \
	X(MATES, "SELECT claim FROM exchange_claim WHERE exchange = ?1") \
	X(EXCHANGE_OF, "SELECT exchange FROM exchange_claim WHERE claim = ?1") \
	X(SIZE, "SELECT count(*) FROM exchange_claim WHERE exchange = ?1") \
	X(EXCHANGE_ADD, "INSERT INTO exchange (exchange, lead, act, status, fact, day_first, day_last, told_first, told_last, claims," \
		" documents, independent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)") \
	X(EXCHANGE_DROP, "DELETE FROM exchange WHERE exchange = ?1") \
	X(MEMBER_ADD, "INSERT OR REPLACE INTO exchange_claim (claim, exchange) VALUES (?1, ?2)") \
	X(DIFFERENCE_ADD, "INSERT INTO difference (exchange, field, claim, other) VALUES (?1, ?2, ?3, ?4)") \
	X(PLACE_ADD, "INSERT OR IGNORE INTO exchange_place (exchange, key, day) VALUES (?1, ?2, ?3)") \
	X(PLACE_ASK, "SELECT exchange FROM exchange_place WHERE key = ?1 AND day BETWEEN ?2 AND ?3") \
	X(BASE_ADD, "INSERT OR REPLACE INTO link_base (from_exchange, type, to_exchange, score) VALUES (?1, ?2, ?3, ?4)") \
	X(BASE_OF, "SELECT to_exchange FROM link_base WHERE from_exchange = ?1 UNION SELECT from_exchange FROM link_base WHERE to_exchange = ?1") \
	X(BASE_FROM, "SELECT type, to_exchange, score FROM link_base WHERE from_exchange = ?1") \
	X(LINK_DROP, "DELETE FROM link WHERE from_exchange = ?1") \
	X(LINK_ADD, "INSERT INTO link (from_exchange, type, to_exchange, score) VALUES (?1, ?2, ?3, ?4)") \
	X(SKETCH, "SELECT sketch, copies FROM join_text WHERE document = ?1") \
	X(SKETCH_ADD, "INSERT INTO join_text (document, identity, sketch, copies) VALUES (?1, ?2, ?3, ?4)") \
	X(RUN_ADD, "INSERT OR IGNORE INTO join_run (hash, day, document) VALUES (?1, ?2, ?3)") \
	X(RUN_ASK, "SELECT document FROM join_run WHERE hash = ?1 AND day BETWEEN ?2 AND ?3") \
	X(COPIES_SET, "UPDATE join_text SET copies = ?2 WHERE copies = ?1") \
	X(COPIES_CLAIMS, "SELECT f.claim FROM join_text t JOIN join_face f ON f.document = t.document WHERE t.copies = ?1") \
	X(NUMBER, "SELECT document, ordinal FROM claim WHERE claim = ?1") \
	X(COPIES_OF, "SELECT identity, copies FROM join_text WHERE document = ?1")

enum {
#define NAME(n, sql) Q_##n,
	QUERIES(NAME)
#undef NAME
	Q_COUNT
};
static const char *const sql_of[Q_COUNT] = {
#define TEXT(n, sql) [Q_##n] = sql,
	QUERIES(TEXT)
#undef TEXT
};

/* ---- lists and sets of row numbers ---- */

typedef struct ids { int64_t *at; size_t n, room; } ids;

typedef struct job {
	ledger           *l;
	sqlite3          *db;
	const join_rules *r;
	kula_error       *err;
	kula_status       status;       /* the first trouble; everything later does nothing */
	sqlite3_stmt     *q[Q_COUNT];
	join_face        *faces;        size_t face_count, face_room;
	int64_t          *claim_at;     /* row number of face i */
	int64_t          *document_at;
	table            *face_of;      /* claim -> face */
	arena            *scratch;
	bool              judged;       /* somebody has judged anything; most ledgers are without */
} job;

static bool good(const job *j) { return j->status == KULA_OK; }

static void *fail_memory(job *j)
{
	if (good(j)) j->status = kula_fail(j->err, KULA_EMEMORY, 0, "no memory to join");
	return NULL;
}

static void push(job *j, ids *s, int64_t v)
{
	if (s->n == s->room) {
		const size_t room = s->room ? s->room * 2 : 64;
		int64_t *at = base_realloc(s->at, room * sizeof *at);
		if (!at) { fail_memory(j); return; }
		s->at = at;
		s->room = room;
	}
	s->at[s->n++] = v;
}
static int by_id(const void *x, const void *y)
{
	const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return a < b ? -1 : a > b;
}
static void sort_ids(ids *s)
{
	if (!s->n) return;
	qsort(s->at, s->n, sizeof *s->at, by_id);
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		if (!n || s->at[n - 1] != s->at[i]) s->at[n++] = s->at[i];
	s->n = n;
}
/* Only what is there so often, once each. */
static void keep_repeated(ids *s, uint32_t least)
{
	size_t n = 0;
	if (s->n) qsort(s->at, s->n, sizeof *s->at, by_id);
	for (size_t from = 0, to; from < s->n; from = to) {
		for (to = from + 1; to < s->n && s->at[to] == s->at[from]; to++) {}
		if (to - from >= least) s->at[n++] = s->at[from];
	}
	s->n = n;
}
static bool has_id(const ids *s, int64_t v) { return s->n && bsearch(&v, s->at, s->n, sizeof v, by_id) != NULL; }
static void free_ids(ids *s) { free(s->at); *s = (ids){0}; }

/* ---- statements ---- */

static sqlite3_stmt *query(job *j, int which)
{
	if (!good(j))
		return NULL;
	if (!j->q[which]) {
		const int code = sqlite3_prepare_v3(j->db, sql_of[which], -1, SQLITE_PREPARE_PERSISTENT, &j->q[which], NULL);
		if (code != SQLITE_OK) {
			j->status = db_fail(j->l, j->err, code, "joining");
			return NULL;
		}
	}
	sqlite3_reset(j->q[which]);
	return j->q[which];
}

static bool row(job *j, sqlite3_stmt *q)
{
	if (!q || !good(j))
		return false;
	const int code = sqlite3_step(q);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		j->status = db_fail(j->l, j->err, code, "joining");
	sqlite3_reset(q);
	return false;
}

/* One statement with up to three integers; rows, if any, go to out. */
static void run3(job *j, int which, int64_t a, int64_t b, int64_t c, ids *out)
{
	sqlite3_stmt *q = query(j, which);
	if (!q)
		return;
	const int n = sqlite3_bind_parameter_count(q);
	if (n > 0) sqlite3_bind_int64(q, 1, a);
	if (n > 1) sqlite3_bind_int64(q, 2, b);
	if (n > 2) sqlite3_bind_int64(q, 3, c);
	while (row(j, q))
		if (out) push(j, out, sqlite3_column_int64(q, 0));
}
static int64_t one(job *j, int which, int64_t a, int64_t none)
{
	sqlite3_stmt *q = query(j, which);
	if (!q)
		return none;
	sqlite3_bind_int64(q, 1, a);
	const int64_t v = row(j, q) ? sqlite3_column_int64(q, 0) : none;
	sqlite3_reset(q);
	return v;
}

/* ---- faces as blobs: runs of zero bytes left out, since most of a face is empty ---- */

static size_t pack_face(const join_face *f, byte *out)
{
	const byte *p = (const byte *)f;
	size_t n = 0;
	for (size_t i = 0; i < sizeof *f; ) {
		size_t zeros = 0, bytes = 0;
		while (i + zeros < sizeof *f && zeros < 255 && !p[i + zeros]) zeros++;
		while (i + zeros + bytes < sizeof *f && bytes < 255 && p[i + zeros + bytes]) bytes++;
		out[n++] = (byte)zeros;
		out[n++] = (byte)bytes;
		memcpy(out + n, p + i + zeros, bytes);
		n += bytes;
		i += zeros + bytes;
	}
	return n;
}

static bool unpack_face(const byte *in, size_t n, join_face *f)
{
	byte *p = (byte *)f;
	size_t at = 0;
	memset(f, 0, sizeof *f);
	for (size_t i = 0; i + 2 <= n; ) {
		const size_t zeros = in[i], bytes = in[i + 1];
		i += 2;
		if (bytes > n - i || zeros + bytes > sizeof *f - at)
			return false;
		memcpy(p + at + zeros, in + i, bytes);
		at += zeros + bytes;
		i += bytes;
	}
	return at == sizeof *f && f->item_count <= JOIN_ITEMS && f->from_count <= JOIN_SIDE && f->to_count <= JOIN_SIDE &&
		f->said_count <= JOIN_SIDE && f->word_count <= JOIN_WORDS && f->act < KULA_ACTS && f->status < KULA_STATUSES;
}

static uint32_t keep_face(job *j, int64_t claim, int64_t document, const join_face *f)
{
	if (j->face_count == j->face_room) {
		const size_t room = j->face_room ? j->face_room * 2 : 256;
		join_face *faces = base_realloc(j->faces, room * sizeof *faces);
		if (faces) j->faces = faces;
		int64_t *at = faces ? base_realloc(j->claim_at, room * sizeof *at) : NULL;
		if (at) j->claim_at = at;
		int64_t *documents = at ? base_realloc(j->document_at, room * sizeof *documents) : NULL;
		if (!documents) { fail_memory(j); return UINT32_MAX; }
		j->document_at = documents;
		j->face_room = room;
	}
	bool fresh;
	uint32_t *v = table_put(j->face_of, &claim, sizeof claim, &fresh);
	if (!v) { fail_memory(j); return UINT32_MAX; }
	if (!fresh)
		return *v;
	*v = (uint32_t)j->face_count;
	j->faces[j->face_count] = *f;
	j->faces[j->face_count].row = (uint32_t)j->face_count;
	j->claim_at[j->face_count] = claim;
	j->document_at[j->face_count] = document;
	return (uint32_t)j->face_count++;
}

/* UINT32_MAX: not joined (an index row of a claim that is gone, a judgement about a rejected one). */
static uint32_t face_of(job *j, int64_t claim)
{
	const uint32_t *v = table_get(j->face_of, &claim, sizeof claim);
	if (v)
		return *v;
	sqlite3_stmt *q = query(j, Q_FACE);
	if (!q)
		return UINT32_MAX;
	sqlite3_bind_int64(q, 1, claim);
	uint32_t found = UINT32_MAX;
	if (row(j, q)) {
		join_face f;
		if (unpack_face(sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0), &f))
			found = keep_face(j, claim, sqlite3_column_int64(q, 1), &f);
		else
			j->status = kula_fail(j->err, KULA_EFORMAT, 0, "a face of the join is damaged: run 'kula join --rebuild'");
	}
	sqlite3_reset(q);
	return found;
}

static void forget_faces(job *j)
{
	table_free(j->face_of);
	j->face_of = table_new();
	j->face_count = 0;
	if (!j->face_of) fail_memory(j);
}

/* ---- the index ---- */

/* Files a claim or takes it out; keys that thereby become too common, or cease to be, go to `crossed`. */
static void file_claim(job *j, int64_t claim, const join_face *f, bool add, ids *crossed)
{
	join_key keys[JOIN_KEYS];
	int32_t days[2];
	const uint32_t n = join_keys(j->r, f, false, keys), d = join_days(f, days);
	for (uint32_t i = 0; i < n && good(j); i++) {
		for (uint32_t k = 0; k < d; k++)
			run3(j, add ? Q_INDEX_ADD : Q_INDEX_DROP, (int64_t)keys[i].key, days[k], claim, NULL);
		if (!keys[i].far)
			continue;
		const int64_t by = add ? (int64_t)d : -(int64_t)d;
		sqlite3_stmt *q = query(j, Q_FAR_COUNT);
		if (!q)
			return;
		sqlite3_bind_int64(q, 1, (int64_t)keys[i].key);
		sqlite3_bind_int64(q, 2, by);
		int64_t now = 0;
		while (row(j, q)) now = sqlite3_column_int64(q, 0);
		if ((now > JOIN_FAR_MOST) != (now - by > JOIN_FAR_MOST))
			push(j, crossed, (int64_t)keys[i].key);
	}
}

/* Asks a key around each of up to three days; where their spans touch, once. */
static void ask_around(job *j, int which, const join_key *key, const int32_t *days, uint32_t count, ids *out)
{
	int32_t day[3];
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = i;
		for (; at > 0 && day[at - 1] > days[i]; at--) day[at] = day[at - 1];
		day[at] = days[i];
	}
	for (uint32_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && (int64_t)day[to] - day[to - 1] <= 2 * (int64_t)key->reach + 1; to++) {}
		run3(j, which, (int64_t)key->key, (int64_t)day[from] - key->reach, (int64_t)day[to - 1] + key->reach, out);
	}
}

static void drop_edges(job *j, int64_t claim)
{
	run3(j, Q_EDGE_DROP_A, claim, 0, 0, NULL);
	run3(j, Q_EDGE_DROP_B, claim, 0, 0, NULL);
}

static void find_edges(job *j, int64_t claim)
{
	const uint32_t me = face_of(j, claim);
	if (me == UINT32_MAX || !good(j))
		return;
	join_key keys[JOIN_KEYS];
	int32_t days[2];
	const uint32_t n = join_keys(j->r, &j->faces[me], true, keys), d = join_days(&j->faces[me], days);
	ids met = {0};
	for (uint32_t i = 0; i < n && good(j); i++) {
		if (keys[i].far && one(j, Q_FAR, (int64_t)keys[i].key, 0) > JOIN_FAR_MOST)
			continue;
		ask_around(j, Q_ASK, &keys[i], days, d, &met);
	}
	sort_ids(&met);
	for (size_t i = 0; i < met.n && good(j); i++) {
		const uint32_t other = met.at[i] == claim ? UINT32_MAX : face_of(j, met.at[i]);
		if (other == UINT32_MAX)
			continue;
		const join_face *a = &j->faces[me], *b = &j->faces[other];      /* face_of may have moved them */
		if (!join_candidates(j->r, a, b))
			continue;
		const double score = join_score(j->r, a, b);
		if (!join_is_edge(j->r, a, b, score))
			continue;
		sqlite3_stmt *q = query(j, Q_EDGE_ADD);
		if (!q)
			break;
		sqlite3_bind_int64(q, 1, MIN_OF(claim, met.at[i]));
		sqlite3_bind_int64(q, 2, MAX_OF(claim, met.at[i]));
		sqlite3_bind_double(q, 3, score);
		row(j, q);
	}
	free_ids(&met);
}

/* ---- documents in and out ---- */

static void drop_exchange(job *j, int64_t exchange, ids *relink)
{
	run3(j, Q_BASE_OF, exchange, 0, 0, relink);
	run3(j, Q_EXCHANGE_DROP, exchange, 0, 0, NULL);
}

static void take_out(job *j, int64_t claim, ids *dirty, ids *crossed, ids *relink)
{
	const uint32_t me = face_of(j, claim);
	if (me == UINT32_MAX)
		return;
	const join_face f = j->faces[me];
	run3(j, Q_EDGES, claim, 0, 0, dirty);
	sqlite3_stmt *q = j->judged ? query(j, Q_JUDGED) : NULL;
	if (q) sqlite3_bind_int64(q, 1, claim);
	while (row(j, q)) {
		push(j, dirty, sqlite3_column_int64(q, 0));
		push(j, dirty, sqlite3_column_int64(q, 1));
	}
	const int64_t exchange = one(j, Q_EXCHANGE_OF, claim, 0);
	if (exchange) {
		run3(j, Q_MATES, exchange, 0, 0, dirty);
		drop_exchange(j, exchange, relink);
	}
	file_claim(j, claim, &f, false, crossed);
	run3(j, Q_FACE_DROP, claim, 0, 0, NULL);        /* edges go with it */
	bool fresh;
	uint32_t *v = table_put(j->face_of, &claim, sizeof claim, &fresh);
	if (v) *v = UINT32_MAX;                         /* it is asked for once more, as its own neighbour */
}

/* Runs are filed by the span of days they were told in, so that today's lie together: a hash alone would touch a page of its own
 * for each run of each text, the whole file over. */
static int64_t run_key(uint32_t hash, int32_t day)
{
	enum { SPAN = 32 };             /* more than JOIN_COPY_DAYS either way, so two spans are asked at most */
	_Static_assert(2 * JOIN_COPY_DAYS < SPAN, "a wider span of days");
	const int64_t span = day >= 0 ? day / SPAN : -1 - (-1 - (int64_t)day) / SPAN;
	return (int64_t)((uint64_t)span << 32 | hash);
}

static void take_in_text(job *j, int64_t document, uint64_t identity, kula_day published, ids *dirty, ids *recount)
{
	join_sketch s;
	sqlite3_stmt *q = query(j, Q_TEXT);
	if (!q)
		return;
	sqlite3_bind_int64(q, 1, document);
	if (!row(j, q))
		return;
	const char *text = (const char *)sqlite3_column_text(q, 0);
	/* rows of a register are alike because their columns are */
	const bool in_register = sqlite3_column_int(q, 1) != 0;
	join_sketch_fill(text ? text : "", in_register ? 0 : (size_t)sqlite3_column_bytes(q, 0), published, identity, &s);
	sqlite3_reset(q);
	ids met = {0};
	const int32_t from = s.day - JOIN_COPY_DAYS, to = s.day + JOIN_COPY_DAYS;
	for (uint32_t i = 0; i < s.n; i++) {
		run3(j, Q_RUN_ASK, run_key(s.at[i], from), from, to, &met);
		if (run_key(s.at[i], to) != run_key(s.at[i], from)) run3(j, Q_RUN_ASK, run_key(s.at[i], to), from, to, &met);
	}
	keep_repeated(&met, join_sketch_least(&s));     /* every text has a phrase in common with many */
	ids groups = {0};
	uint64_t name = identity;
	for (size_t i = 0; i < met.n && good(j); i++) {
		join_sketch other;
		q = query(j, Q_SKETCH);
		if (!q)
			break;
		sqlite3_bind_int64(q, 1, met.at[i]);
		if (met.at[i] != document && row(j, q) && sqlite3_column_bytes(q, 0) == (int)sizeof other) {
			memcpy(&other, sqlite3_column_blob(q, 0), sizeof other);
			const int64_t group = sqlite3_column_int64(q, 1);
			if (other.n <= JOIN_SKETCH && join_sketch_copies(&s, &other)) {
				push(j, &groups, group);
				name = MIN_OF(name, (uint64_t)group);
			}
		}
		sqlite3_reset(q);
	}
	sort_ids(&groups);
	for (size_t i = 0; i < groups.n; i++) {
		run3(j, Q_COPIES_CLAIMS, groups.at[i], 0, 0, dirty);
		run3(j, Q_COPIES_CLAIMS, groups.at[i], 0, 0, recount);
		if (groups.at[i] != (int64_t)name) run3(j, Q_COPIES_SET, groups.at[i], (int64_t)name, 0, NULL);
	}
	q = query(j, Q_SKETCH_ADD);
	if (q) {
		sqlite3_bind_int64(q, 1, document);
		sqlite3_bind_int64(q, 2, (int64_t)identity);
		sqlite3_bind_blob(q, 3, &s, sizeof s, SQLITE_TRANSIENT);
		sqlite3_bind_int64(q, 4, (int64_t)name);
		row(j, q);
	}
	for (uint32_t i = 0; i < s.n; i++)
		run3(j, Q_RUN_ADD, run_key(s.at[i], s.day), s.day, document, NULL);
	run3(j, Q_HAVE, document, 0, 0, dirty);         /* compared anew: it may count by itself now */
	run3(j, Q_HAVE, document, 0, 0, recount);
	free_ids(&met);
	free_ids(&groups);
}

kula_status join_forget_runs(ledger *l, int64_t document, kula_error *err)
{
	join_sketch s;
	bool there = false;
	sqlite3_stmt *q = db_query(l, "SELECT sketch FROM join_text WHERE document = ?1", err);
	if (!q)
		return KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, document);
	if (sqlite3_step(q) == SQLITE_ROW && sqlite3_column_bytes(q, 0) == (int)sizeof s) {
		memcpy(&s, sqlite3_column_blob(q, 0), sizeof s);
		there = s.n <= JOIN_SKETCH;
	}
	sqlite3_reset(q);
	kula_status status = KULA_OK;
	for (uint32_t i = 0; there && status == KULA_OK && i < s.n; i++) {
		q = db_query(l, "DELETE FROM join_run WHERE hash = ?1 AND day = ?2 AND document = ?3", err);
		if (q) {
			sqlite3_bind_int64(q, 1, run_key(s.at[i], s.day));
			sqlite3_bind_int64(q, 2, s.day);
			sqlite3_bind_int64(q, 3, document);
		}
		status = db_step(l, q, "forgetting", err);
	}
	return status;
}

/* Compares what a document should have joined with what it has. */
static void look_at_document(job *j, int64_t document, ids *fresh, ids *dirty, ids *crossed, ids *relink, ids *recount)
{
	ids want = {0}, have = {0}, ordinal = {0};
	sqlite3_stmt *q = query(j, Q_WANT);
	if (q) sqlite3_bind_int64(q, 1, document);
	while (row(j, q)) {
		push(j, &want, sqlite3_column_int64(q, 0));
		push(j, &ordinal, sqlite3_column_int64(q, 1));
	}
	run3(j, Q_HAVE, document, 0, 0, &have);
	sort_ids(&have);
	char id[256] = "", sha256[72] = "", publisher[256] = "", dossier[64] = "";
	kula_document d = { .id = id, .publisher = publisher, .published = KULA_NO_DAY };
	q = query(j, Q_DOCUMENT);
	if (q) sqlite3_bind_int64(q, 1, document);
	if (row(j, q)) {
		const char *t = (const char *)sqlite3_column_text(q, 0);
		/* the identity must not hang on a cut name: long ids go in whole by their hash */
		const uint64_t identity = join_document_key(t, (const char *)sqlite3_column_text(q, 1));
		snprintf(id, sizeof id, "%s", t ? t : "");
		t = (const char *)sqlite3_column_text(q, 1);
		snprintf(sha256, sizeof sha256, "%s", t ? t : "");
		t = (const char *)sqlite3_column_text(q, 2);
		snprintf(publisher, sizeof publisher, "%s", t ? t : "");
		d.publisher = t ? publisher : NULL;
		if (sqlite3_column_type(q, 3) != SQLITE_NULL) d.published = (kula_day)sqlite3_column_int64(q, 3);
		t = (const char *)sqlite3_column_text(q, 4);
		snprintf(dossier, sizeof dossier, "%s", t ? t : "");
		d.dossier = t ? dossier : NULL;
		sqlite3_reset(q);
		if (one(j, Q_COPIES_OF, document, INT64_MIN) == INT64_MIN)
			take_in_text(j, document, identity, d.published, dirty, recount);
		ids wanted = {0};
		for (size_t i = 0; i < want.n && good(j); i++) {
			push(j, &wanted, want.at[i]);
			if (has_id(&have, want.at[i]))
				continue;
			const arena_mark m = arena_marked(j->scratch);
			ledger_claim c;
			join_face f;
			byte blob[2 * sizeof(join_face) + 16];
			const kula_status s = ledger_claim_load(j->l, j->scratch, want.at[i], &c, j->err);
			if (s != KULA_OK) { j->status = s; break; }
			join_face_fill(j->r, &d, identity, &c.c, (uint32_t)ordinal.at[i] - 1, &f);
			arena_rewind(j->scratch, m);
			q = query(j, Q_FACE_ADD);
			if (!q)
				break;
			sqlite3_bind_int64(q, 1, want.at[i]);
			sqlite3_bind_int64(q, 2, document);
			sqlite3_bind_blob(q, 3, blob, (int)pack_face(&f, blob), SQLITE_TRANSIENT);
			row(j, q);
			keep_face(j, want.at[i], document, &f);
			file_claim(j, want.at[i], &f, true, crossed);
			push(j, fresh, want.at[i]);
		}
		sort_ids(&wanted);
		for (size_t i = 0; i < have.n && good(j); i++)
			if (!has_id(&wanted, have.at[i]))
				take_out(j, have.at[i], dirty, crossed, relink);
		free_ids(&wanted);
	}
	run3(j, Q_DONE, document, 0, 0, NULL);
	free_ids(&want);
	free_ids(&have);
	free_ids(&ordinal);
}

/* ---- joining what hangs together ---- */

typedef struct bond { int64_t a, b; double score; } bond;       /* an edge by its claims, a < b */
typedef struct rulings { join_judgement *at; int64_t *number; uint32_t n, room; } rulings;

static kula_days allowed_days(const job *j, const join_result *x, uint32_t e)
{
	kula_days all = { KULA_NO_DAY, KULA_NO_DAY }, narrow = all;
	bool any = false, clash = false;
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++) {
		const join_face *f = &j->faces[x->members[i]];
		if (!days_told(f->date) || f->status == KULA_DENIED)
			continue;
		if (!any || f->date.last - f->date.first < narrow.last - narrow.first) narrow = f->date;
		if (!any) all = f->date;
		else {
			all.first = MAX_OF(all.first, f->date.first);
			all.last = MIN_OF(all.last, f->date.last);
			clash |= all.first > all.last;
		}
		any = true;
	}
	return clash ? narrow : all;
}

static void bind_day_or_null(sqlite3_stmt *q, int at, kula_day d)
{
	if (d == KULA_NO_DAY) sqlite3_bind_null(q, at);
	else sqlite3_bind_int64(q, at, d);
}

static void write_exchange(job *j, const join_result *x, uint32_t e)
{
	const uint32_t from = x->first[e], to = x->first[e + 1];
	const int64_t exchange = j->claim_at[x->members[from]];
	uint32_t lead;
	uint8_t act, status;
	join_exchange_summary(j->faces, x, e, &lead, &act, &status);
	kula_day told_first = KULA_NO_DAY, told_last = KULA_NO_DAY;
	ids documents = {0};
	for (uint32_t i = from; i < to; i++) {
		const join_face *f = &j->faces[x->members[i]];
		push(j, &documents, j->document_at[x->members[i]]);
		if (f->published == KULA_NO_DAY)
			continue;
		if (told_first == KULA_NO_DAY || f->published < told_first) told_first = f->published;
		if (told_last == KULA_NO_DAY || f->published > told_last) told_last = f->published;
	}
	sort_ids(&documents);
	const kula_days days = allowed_days(j, x, e);
	sqlite3_stmt *q = query(j, Q_EXCHANGE_ADD);
	if (q) {
		sqlite3_bind_int64(q, 1, exchange);
		sqlite3_bind_int64(q, 2, j->claim_at[lead]);
		sqlite3_bind_text(q, 3, kula_act_name((kula_act)act), -1, SQLITE_STATIC);
		sqlite3_bind_text(q, 4, kula_status_name((kula_claim_status)status), -1, SQLITE_STATIC);
		sqlite3_bind_int(q, 5, status_is_fact(status));
		bind_day_or_null(q, 6, days.first);
		bind_day_or_null(q, 7, days.last);
		bind_day_or_null(q, 8, told_first);
		bind_day_or_null(q, 9, told_last);
		sqlite3_bind_int64(q, 10, to - from);
		sqlite3_bind_int64(q, 11, (int64_t)documents.n);
		sqlite3_bind_int64(q, 12, x->independent[e]);
		row(j, q);
	}
	for (uint32_t i = from; i < to; i++)
		run3(j, Q_MEMBER_ADD, j->claim_at[x->members[i]], exchange, 0, NULL);
	for (uint32_t i = 0; i < x->difference_count && good(j); i++) {
		const join_difference *d = &x->differences[i];
		if (d->exchange != e || !(q = query(j, Q_DIFFERENCE_ADD)))
			continue;
		sqlite3_bind_int64(q, 1, exchange);
		sqlite3_bind_text(q, 2, join_field_name(d->field), -1, SQLITE_STATIC);
		sqlite3_bind_int64(q, 3, j->claim_at[d->a]);
		sqlite3_bind_int64(q, 4, j->claim_at[d->b]);
		row(j, q);
	}
	free_ids(&documents);
}

/* Near copies among the documents of the faces at hand. */
static join_copies *copies_of(job *j, const uint32_t *face, uint32_t n)
{
	uint64_t *document = ARENA_NEW(j->scratch, uint64_t, n + 1u), *group = ARENA_NEW(j->scratch, uint64_t, n + 1u);
	if (!document || !group)
		return fail_memory(j);
	uint32_t count = 0;
	for (uint32_t i = 0; i < n; i++) {
		sqlite3_stmt *q = query(j, Q_COPIES_OF);
		if (!q)
			return NULL;
		sqlite3_bind_int64(q, 1, j->document_at[face[i]]);
		if (row(j, q)) {
			document[count] = (uint64_t)sqlite3_column_int64(q, 0);
			group[count++] = (uint64_t)sqlite3_column_int64(q, 1);
		}
		sqlite3_reset(q);
	}
	return join_copies_given(j->scratch, document, group, count);
}

/* Everything that hangs together with `seed` by edges and judgements, joined; claims met go to `met`, exchanges that are not
 * as they were to `changed`. */
static void join_around(job *j, int64_t seed, table *met, const ids *recount, ids *changed, ids *relink)
{
	bool fresh;
	ids queue = {0}, touched = {0};
	rulings ruled = {0};
	if (!table_put(met, &seed, sizeof seed, &fresh)) { fail_memory(j); return; }
	if (!fresh)
		return;
	if (face_of(j, seed) == UINT32_MAX)
		return;
	push(j, &queue, seed);
	/* the edges are read once, by the claims they bind; places in the piece are known when all of it is */
	bond *bonds = NULL;
	size_t bond_count = 0, bond_room = 0;
	for (size_t at = 0; at < queue.n && good(j); at++) {
		const int64_t claim = queue.at[at];
		touched.n = 0;
		sqlite3_stmt *q = query(j, Q_EDGES);
		if (q) sqlite3_bind_int64(q, 1, claim);
		while (row(j, q)) {
			const int64_t other = sqlite3_column_int64(q, 0);
			push(j, &touched, other);
			if (other < claim)
				continue;
			if (bond_count == bond_room) {
				bond_room = bond_room ? bond_room * 2 : 64;
				bond *grown = base_realloc(bonds, bond_room * sizeof *bonds);
				if (!grown) { fail_memory(j); break; }
				bonds = grown;
			}
			bonds[bond_count++] = (bond){ claim, other, sqlite3_column_double(q, 1) };
		}
		q = j->judged ? query(j, Q_JUDGED) : NULL;
		if (q) sqlite3_bind_int64(q, 1, claim);
		while (row(j, q))
			if (sqlite3_column_int(q, 2))
				push(j, &touched, sqlite3_column_int64(q, 0) == claim ? sqlite3_column_int64(q, 1) : sqlite3_column_int64(q, 0));
		for (size_t i = 0; i < touched.n && good(j); i++) {
			if (face_of(j, touched.at[i]) == UINT32_MAX)
				continue;
			if (!table_put(met, &touched.at[i], sizeof touched.at[i], &fresh)) fail_memory(j);
			else if (fresh) push(j, &queue, touched.at[i]);
		}
	}
	const uint32_t n = (uint32_t)queue.n;
	const arena_mark mark = arena_marked(j->scratch);
	sort_ids(&queue);
	/* faces of this piece, edges and rulings among them, by place in the piece */
	join_face *piece = ARENA_NEW(j->scratch, join_face, n + 1u);
	uint32_t *face = ARENA_NEW(j->scratch, uint32_t, n + 1u);
	join_edge *edges = base_malloc((bond_count + 1) * sizeof *edges);
	size_t edge_count = 0;
	if (!piece || !face || !edges) fail_memory(j);
	for (uint32_t i = 0; i < n && good(j); i++) {
		face[i] = face_of(j, queue.at[i]);
		piece[i] = j->faces[face[i]];
	}
	for (size_t i = 0; i < bond_count && good(j); i++) {
		const int64_t *a = bsearch(&bonds[i].a, queue.at, n, sizeof bonds[i].a, by_id), *b = bsearch(&bonds[i].b, queue.at, n, sizeof bonds[i].b, by_id);
		if (a && b) edges[edge_count++] = (join_edge){ (uint32_t)(a - queue.at), (uint32_t)(b - queue.at), bonds[i].score };
	}
	for (uint32_t i = 0; i < n && j->judged && good(j); i++) {
		sqlite3_stmt *q = query(j, Q_JUDGED);
		if (q) sqlite3_bind_int64(q, 1, queue.at[i]);
		while (row(j, q)) {
			const int64_t other = sqlite3_column_int64(q, 0) == queue.at[i] ? sqlite3_column_int64(q, 1) : sqlite3_column_int64(q, 0);
			const int64_t *at = other > queue.at[i] ? bsearch(&other, queue.at, n, sizeof other, by_id) : NULL;
			if (!at)
				continue;
			if (ruled.n == ruled.room) {
				ruled.room = ruled.room ? ruled.room * 2 : 16;
				join_judgement *grown = base_realloc(ruled.at, ruled.room * sizeof *grown);
				if (!grown) { fail_memory(j); break; }
				ruled.at = grown;
			}
			ruled.at[ruled.n++] = (join_judgement){ i, (uint32_t)(at - queue.at), sqlite3_column_int(q, 2) != 0 };
		}
	}
	join_result x;
	if (good(j)) j->status = join_bind(j->r, j->scratch, piece, n, edges, edge_count, ruled.at, ruled.n, &x, j->err);
	/* what is as it was stays; the rest goes first, so that no claim stands in two */
	ids old = {0};
	bool *same = good(j) ? ARENA_NEW(j->scratch, bool, x.count + 1u) : NULL;
	int64_t *was = good(j) ? ARENA_NEW(j->scratch, int64_t, n + 1u) : NULL;
	if (good(j) && (!same || !was)) fail_memory(j);
	for (uint32_t i = 0; i < n && good(j); i++)
		was[i] = one(j, Q_EXCHANGE_OF, queue.at[i], 0);
	for (uint32_t e = 0; e < (good(j) ? x.count : 0); e++) {
		const int64_t exchange = queue.at[x.members[x.first[e]]];
		same[e] = true;
		for (uint32_t i = x.first[e]; i < x.first[e + 1]; i++) {
			if (was[x.members[i]] != exchange || has_id(recount, queue.at[x.members[i]])) same[e] = false;
		}
		if (same[e]) same[e] = one(j, Q_SIZE, exchange, 0) == x.first[e + 1] - x.first[e];
	}
	for (uint32_t e = 0; e < (good(j) ? x.count : 0); e++)
		for (uint32_t i = x.first[e]; !same[e] && i < x.first[e + 1]; i++)
			if (was[x.members[i]]) push(j, &old, was[x.members[i]]);
	sort_ids(&old);
	for (size_t i = 0; i < old.n; i++)
		drop_exchange(j, old.at[i], relink);
	if (good(j)) {
		/* from here on the members are numbers of the job's faces */
		join_result y = { .count = 0 };
		y.first = ARENA_NEW(j->scratch, uint32_t, x.count + 2u);
		y.members = ARENA_NEW(j->scratch, uint32_t, n + 1u);
		if (!y.first || !y.members) fail_memory(j);
		for (uint32_t e = 0; good(j) && e < x.count; e++) {
			if (same[e])
				continue;
			y.first[y.count + 1] = y.first[y.count];
			for (uint32_t i = x.first[e]; i < x.first[e + 1]; i++)
				y.members[y.first[y.count + 1]++] = face[x.members[i]];
			y.count++;
		}
		const join_copies *near = good(j) ? copies_of(j, y.members, y.first[y.count]) : NULL;
		if (good(j)) j->status = join_accounts(j->scratch, j->faces, near, &y, j->err);
		if (good(j)) j->status = join_differ(j->r, j->scratch, j->faces, &y, j->err);
		for (uint32_t e = 0; good(j) && e < y.count; e++) {
			write_exchange(j, &y, e);
			push(j, changed, j->claim_at[y.members[y.first[e]]]);
		}
	}
	arena_rewind(j->scratch, mark);
	free(edges);
	free(bonds);
	free(ruled.at);
	free(ruled.number);
	free_ids(&old);
	free_ids(&queue);
	free_ids(&touched);
}

/* ---- links ---- */

typedef struct ordered { const join_face *f; int64_t exchange; size_t at; } ordered;
static int by_first(const void *x, const void *y)
{
	const ordered *a = x, *b = y;
	const int o = join_face_order(a->f, b->f);
	return o ? o : a->exchange < b->exchange ? -1 : a->exchange > b->exchange;
}

/* Exchanges with all their members, numbered in the order of their first claims. */
static bool load_exchanges(job *j, ids *which, join_result *x, int64_t **numbers)
{
	*x = (join_result){ .count = 0 };
	ids members = {0};
	sort_ids(which);
	for (size_t i = 0; i < which->n && good(j); i++)
		face_of(j, which->at[i]);
	ordered *o = ARENA_NEW(j->scratch, ordered, which->n + 1);
	*numbers = ARENA_NEW(j->scratch, int64_t, which->n + 1);
	x->first = ARENA_NEW(j->scratch, uint32_t, which->n + 2);
	if (!o || !*numbers || !x->first) { fail_memory(j); return false; }
	size_t n = 0;
	/* the claims of each, read once: an exchange that is gone has none */
	ids claims = {0};
	size_t *first = ARENA_NEW(j->scratch, size_t, which->n + 1);
	if (!first) fail_memory(j);
	for (size_t i = 0; i < which->n && good(j); i++) {
		first[i] = claims.n;
		run3(j, Q_MATES, which->at[i], 0, 0, &claims);
		first[i + 1] = claims.n;
	}
	for (size_t i = 0; i < claims.n && good(j); i++)
		face_of(j, claims.at[i]);               /* all of them first: keeping one may move the others */
	for (size_t i = 0; i < which->n && good(j); i++) {
		const uint32_t f = first[i + 1] > first[i] ? face_of(j, which->at[i]) : UINT32_MAX;
		if (f != UINT32_MAX) o[n++] = (ordered){ &j->faces[f], which->at[i], i };
	}
	if (n) qsort(o, n, sizeof *o, by_first);
	for (size_t i = 0; i < n && good(j); i++) {
		(*numbers)[i] = o[i].exchange;
		for (size_t k = first[o[i].at]; k < first[o[i].at + 1]; k++) {
			const uint32_t f = face_of(j, claims.at[k]);
			if (f != UINT32_MAX) push(j, &members, f);
		}
		x->first[i + 1] = (uint32_t)members.n;
	}
	x->count = (uint32_t)n;
	x->members = ARENA_NEW(j->scratch, uint32_t, members.n + 1);
	if (!x->members) fail_memory(j);
	for (size_t i = 0; i < members.n && good(j); i++)
		x->members[i] = (uint32_t)members.at[i];
	/* earliest first, as the summary expects */
	for (uint32_t e = 0; e < x->count && good(j); e++)
		for (uint32_t i = x->first[e] + 1; i < x->first[e + 1]; i++)
			for (uint32_t k = i; k > x->first[e] && join_face_order(&j->faces[x->members[k - 1]], &j->faces[x->members[k]]) > 0; k--) {
				const uint32_t t = x->members[k];
				x->members[k] = x->members[k - 1];
				x->members[k - 1] = t;
			}
	free_ids(&claims);
	free_ids(&members);
	return good(j);
}

static void link_changed(job *j, ids *changed, ids *relink)
{
	const arena_mark mark = arena_marked(j->scratch);
	join_result x;
	int64_t *number;
	ids all = {0};
	join_key keys[JOIN_KEYS];
	int32_t days[3];
	uint32_t day_count;
	sort_ids(changed);
	if (load_exchanges(j, changed, &x, &number)) {
		for (uint32_t e = 0; e < x.count && good(j); e++) {
			const uint32_t n = join_link_keys(j->r, j->faces, &x, e, false, keys, days, &day_count);
			for (uint32_t k = 0; k < n; k++)
				for (uint32_t d = 0; d < day_count; d++)
					run3(j, Q_PLACE_ADD, number[e], (int64_t)keys[k].key, days[d], NULL);
		}
		for (uint32_t e = 0; e < x.count && good(j); e++) {
			push(j, &all, number[e]);
			const uint32_t n = join_link_keys(j->r, j->faces, &x, e, true, keys, days, &day_count);
			for (uint32_t k = 0; k < n; k++)
				ask_around(j, Q_PLACE_ASK, &keys[k], days, day_count, &all);
			if (all.n > 1 << 16) sort_ids(&all);
		}
	}
	if (load_exchanges(j, &all, &x, &number)) {
		bool *is = ARENA_NEW(j->scratch, bool, x.count + 1u);
		if (!is) fail_memory(j);
		for (uint32_t e = 0; e < x.count && good(j); e++)
			is[e] = has_id(changed, number[e]);
		join_link *links = NULL;
		size_t count = 0;
		if (good(j)) j->status = join_link_base(j->r, j->faces, &x, is, &links, &count, j->err);
		for (size_t i = 0; i < count && good(j); i++) {
			sqlite3_stmt *q = query(j, Q_BASE_ADD);
			if (!q)
				break;
			sqlite3_bind_int64(q, 1, number[links[i].from]);
			sqlite3_bind_text(q, 2, join_link_name(links[i].type), -1, SQLITE_STATIC);
			sqlite3_bind_int64(q, 3, number[links[i].to]);
			sqlite3_bind_double(q, 4, links[i].score);
			row(j, q);
		}
		free(links);
	}
	arena_rewind(j->scratch, mark);
	/* choose among the links of whatever hangs together with what changed */
	for (size_t i = 0; i < changed->n; i++)
		push(j, relink, changed->at[i]);
	sort_ids(relink);
	table *met = table_new();
	if (!met) fail_memory(j);
	for (size_t i = 0; i < relink->n && good(j); i++) {
		ids queue = {0}, touched = {0};
		bool fresh;
		if (!table_put(met, &relink->at[i], sizeof relink->at[i], &fresh)) fail_memory(j);
		else if (fresh) push(j, &queue, relink->at[i]);
		for (size_t at = 0; at < queue.n && good(j); at++) {
			touched.n = 0;
			run3(j, Q_BASE_OF, queue.at[at], 0, 0, &touched);
			for (size_t k = 0; k < touched.n && good(j); k++) {
				if (!table_put(met, &touched.at[k], sizeof touched.at[k], &fresh)) fail_memory(j);
				else if (fresh) push(j, &queue, touched.at[k]);
			}
		}
		const arena_mark here = arena_marked(j->scratch);
		if (queue.n && load_exchanges(j, &queue, &x, &number)) {
			table *place = table_new();
			join_link *links = NULL;
			size_t count = 0, room = 0;
			if (!place) fail_memory(j);
			for (uint32_t e = 0; e < x.count && good(j); e++) {
				uint32_t *v = table_put(place, &number[e], sizeof number[e], &fresh);
				if (!v) fail_memory(j);
				else *v = e;
			}
			for (uint32_t e = 0; e < x.count && good(j); e++) {
				run3(j, Q_LINK_DROP, number[e], 0, 0, NULL);
				sqlite3_stmt *q = query(j, Q_BASE_FROM);
				if (q) sqlite3_bind_int64(q, 1, number[e]);
				while (row(j, q)) {
					const int64_t to = sqlite3_column_int64(q, 1);
					const uint32_t *v = table_get(place, &to, sizeof to);
					const int type = join_link_of((const char *)sqlite3_column_text(q, 0));
					if (!v || type < 0)
						continue;
					if (count == room) {
						room = room ? room * 2 : 64;
						join_link *grown = base_realloc(links, room * sizeof *grown);
						if (!grown) { fail_memory(j); break; }
						links = grown;
					}
					links[count++] = (join_link){ (join_link_type)type, e, *v, sqlite3_column_double(q, 2) };
				}
			}
			const size_t kept = good(j) ? join_link_select(j->r, links, count) : 0;
			if (kept == SIZE_MAX) fail_memory(j);
			for (size_t k = 0; good(j) && k < kept; k++) {
				sqlite3_stmt *q = query(j, Q_LINK_ADD);
				if (!q)
					break;
				sqlite3_bind_int64(q, 1, number[links[k].from]);
				sqlite3_bind_text(q, 2, join_link_name(links[k].type), -1, SQLITE_STATIC);
				sqlite3_bind_int64(q, 3, number[links[k].to]);
				sqlite3_bind_double(q, 4, links[k].score);
				row(j, q);
			}
			free(links);
			table_free(place);
		}
		arena_rewind(j->scratch, here);
		free_ids(&queue);
		free_ids(&touched);
	}
	table_free(met);
	free_ids(&all);
}

/* ---- a batch ---- */

enum { BATCH_DOCUMENTS = 2000 };
enum { SCRATCH_BYTES = 1 << 30 };

/* One transaction's worth. False: nothing was left to do. */
static bool batch(job *j, ledger_joined *out)
{
	ids documents = {0}, fresh = {0}, dirty = {0}, crossed = {0}, relink = {0}, recount = {0}, changed = {0}, again = {0};
	forget_faces(j);
	run3(j, Q_PENDING, BATCH_DOCUMENTS, 0, 0, &documents);
	j->judged = one(j, Q_ANY_JUDGED, 0, 0) != 0;
	/* claims that were forgotten with their documents */
	sqlite3_stmt *q = query(j, Q_GONE);
	ids gone = {0};
	join_face *gone_face = NULL;
	while (row(j, q)) {
		join_face *grown = base_realloc(gone_face, (gone.n + 1) * sizeof *grown);
		if (!grown) { fail_memory(j); break; }
		gone_face = grown;
		if (unpack_face(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1), &gone_face[gone.n]))
			push(j, &gone, sqlite3_column_int64(q, 0));
	}
	for (size_t i = 0; i < gone.n && good(j); i++)
		file_claim(j, gone.at[i], &gone_face[i], false, &crossed);
	run3(j, Q_GONE_EMPTY, 0, 0, 0, NULL);
	run3(j, Q_DIRTY, 0, 0, 0, &dirty);
	run3(j, Q_DIRTY_EMPTY, 0, 0, 0, NULL);
	run3(j, Q_RELINK, 0, 0, 0, &relink);
	run3(j, Q_RELINK_EMPTY, 0, 0, 0, NULL);
	const bool any = documents.n || gone.n || dirty.n || relink.n;
	for (size_t i = 0; i < documents.n && good(j); i++)
		look_at_document(j, documents.at[i], &fresh, &dirty, &crossed, &relink, &recount);
	/* keys that became too common, or ceased to be: their claims look around anew */
	sort_ids(&crossed);
	for (size_t i = 0; i < crossed.n && good(j); i++)
		run3(j, Q_KEY_CLAIMS, crossed.at[i], 0, 0, &again);
	sort_ids(&again);
	for (size_t i = 0; i < again.n && good(j); i++) {
		run3(j, Q_EDGES, again.at[i], 0, 0, &dirty);
		push(j, &dirty, again.at[i]);
		drop_edges(j, again.at[i]);
	}
	out->claims += fresh.n;
	for (size_t i = 0; i < fresh.n; i++)
		push(j, &again, fresh.at[i]);
	sort_ids(&again);
	for (size_t i = 0; i < again.n && good(j); i++)
		find_edges(j, again.at[i]);
	for (size_t i = 0; i < again.n; i++)
		push(j, &dirty, again.at[i]);
	sort_ids(&dirty);
	sort_ids(&recount);
	table *met = table_new();
	if (!met) fail_memory(j);
	for (size_t i = 0; i < dirty.n && good(j); i++)
		join_around(j, dirty.at[i], met, &recount, &changed, &relink);
	table_free(met);
	out->changed += changed.n;
	if (good(j)) link_changed(j, &changed, &relink);
	free(gone_face);
	ids *const all[] = { &documents, &fresh, &dirty, &crossed, &relink, &recount, &changed, &again, &gone };
	for (size_t i = 0; i < COUNT_OF(all); i++)
		free_ids(all[i]);
	return any;
}

kula_status ledger_join(ledger *l, const join_rules *r, bool rebuild, ledger_joined *out, kula_error *err)
{
	ledger_joined none = {0};
	if (!out) out = &none;
	*out = none;
	kula_error own = {0};
	if (!err) err = &own;
	job j = { .l = l, .db = ledger_db(l), .r = r, .err = err, .face_of = table_new(), .scratch = arena_new(SCRATCH_BYTES) };
	if (!j.face_of || !j.scratch) fail_memory(&j);
	/* A batch touches pages all over the indexes, and what doesn't fit the cache is written more than once. The default is given
	 * back below. */
	sqlite3_exec(j.db, "PRAGMA cache_size = -200000", NULL, NULL, NULL);
	/* other rules, or no join yet: everything anew */
	if (good(&j)) j.status = db_begin(l, err);
	if (good(&j)) {
		char mark[32];
		snprintf(mark, sizeof mark, "%016llx", (unsigned long long)join_rules_hash(r));
		sqlite3_stmt *q = db_query(l, "SELECT value FROM meta WHERE key = 'join_rules'", err);
		bool current = false;
		if (!q) j.status = err->status;
		else if (sqlite3_step(q) == SQLITE_ROW) {
			const char *was = (const char *)sqlite3_column_text(q, 0);
			current = was && !strcmp(was, mark);
		}
		if (q) sqlite3_reset(q);
		if (good(&j)) j.status = db_run(l, join_schema, err);
		if (good(&j) && (rebuild || !current)) {
			out->rebuilt = true;
			j.status = db_run(l, join_empty, err);
			q = good(&j) ? db_query(l, "INSERT OR REPLACE INTO meta (key, value) VALUES ('join_rules', ?1)", err) : NULL;
			if (q) {
				sqlite3_bind_text(q, 1, mark, -1, SQLITE_TRANSIENT);
				const int code = sqlite3_step(q);
				if (code != SQLITE_DONE) j.status = db_fail(l, err, code, "joining");
				sqlite3_reset(q);
			} else if (good(&j))
				j.status = err->status;
		}
		const kula_status ended = db_end(l, good(&j), err);
		if (good(&j)) j.status = ended;
	}
	for (bool more = true; more && good(&j); ) {
		j.status = db_begin(l, err);
		if (!good(&j))
			break;
		more = batch(&j, out);
		for (int i = 0; i < Q_COUNT; i++)
			if (j.q[i]) sqlite3_reset(j.q[i]);
		const kula_status ended = db_end(l, good(&j), err);
		if (good(&j)) j.status = ended;
	}
	sqlite3_exec(j.db, "PRAGMA cache_size = -16000", NULL, NULL, NULL);
	for (int i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(j.q[i]);
	free(j.faces);
	free(j.claim_at);
	free(j.document_at);
	table_free(j.face_of);
	arena_free(j.scratch);
	return j.status;
}

int64_t ledger_exchange_of(ledger *l, int64_t claim, kula_error *err)
{
	sqlite3_stmt *q = db_query(l, "SELECT exchange FROM exchange_claim WHERE claim = ?1", err);
	if (!q)
		return 0;
	sqlite3_bind_int64(q, 1, claim);
	const int64_t exchange = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
	sqlite3_reset(q);
	return exchange;
}

kula_status ledger_exchange_claims(ledger *l, arena *a, int64_t exchange, int64_t **claims, uint32_t *count, kula_error *err)
{
	int64_t n = 0;
	*claims = NULL;
	*count = 0;
	kula_status status = one_number(l, "SELECT count(*) FROM exchange_claim WHERE exchange = ?1", exchange, 0, 0, &n, err);
	sqlite3_stmt *q = status == KULA_OK ? db_query(l, "SELECT claim FROM exchange_claim WHERE exchange = ?1 ORDER BY claim LIMIT ?2", err) : NULL;
	*claims = q ? ARENA_NEW(a, int64_t, (size_t)n + 1) : NULL;
	if (!*claims)
		return q ? kula_fail(err, KULA_EMEMORY, 0, "no memory") : KULA_EFORMAT;
	sqlite3_bind_int64(q, 1, exchange);
	sqlite3_bind_int64(q, 2, n);
	while (sqlite3_step(q) == SQLITE_ROW)
		(*claims)[(*count)++] = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	return status;
}

/* ---- why ---- */

static void write_number(job *j, int64_t claim, buf *b)
{
	sqlite3_stmt *q = query(j, Q_NUMBER);
	if (!q)
		return;
	sqlite3_bind_int64(q, 1, claim);
	if (row(j, q)) buf_format(b, "\"%lld.%lld\"", (long long)sqlite3_column_int64(q, 0), (long long)sqlite3_column_int64(q, 1));
	else buf_text(b, "null");
	sqlite3_reset(q);
}

enum { WHY_OTHERS = 5 };

kula_status ledger_why(ledger *l, const join_rules *r, int64_t exchange, buf *json, kula_error *err)
{
	kula_error own = {0};
	if (!err) err = &own;
	job j = { .l = l, .db = ledger_db(l), .r = r, .err = err, .face_of = table_new(), .scratch = arena_new(SCRATCH_BYTES) };
	ids members = {0}, met = {0};
	if (!j.face_of || !j.scratch) fail_memory(&j);
	run3(&j, Q_MATES, exchange, 0, 0, &members);
	if (good(&j) && !members.n) j.status = kula_fail(err, KULA_ENOTFOUND, 0, "there is no such exchange; has the ledger been joined?");
	for (size_t i = 0; i < members.n && good(&j); i++)
		face_of(&j, members.at[i]);
	if (good(&j)) {
		buf_text(json, "{\"exchange\":");
		write_number(&j, exchange, json);
		buf_text(json, ",\"joined\":[");
		/* every member with the one that speaks most for it */
		for (size_t i = 0, n = 0; i < members.n; i++) {
			const uint32_t me = face_of(&j, members.at[i]);
			uint32_t best = UINT32_MAX;
			double most = -INFINITY, sum = 0;
			int64_t best_claim = 0;
			for (size_t k = 0; k < members.n; k++) {
				const uint32_t f = face_of(&j, members.at[k]);
				if (f == UINT32_MAX || me == UINT32_MAX || k == i)
					continue;
				const double s = join_candidates(r, &j.faces[me], &j.faces[f]) ? join_score(r, &j.faces[me], &j.faces[f]) : r->absent;
				sum += s;
				if (s > most) { most = s; best = f; best_claim = members.at[k]; }
			}
			if (best == UINT32_MAX)
				continue;
			buf_text(json, n++ ? ",{\"claim\":" : "{\"claim\":");
			write_number(&j, members.at[i], json);
			buf_text(json, ",\"with\":");
			write_number(&j, best_claim, json);
			buf_format(json, ",\"average\":%.2f,\"why\":", sum / (double)(members.n - 1));
			join_why_pair(r, &j.faces[me], &j.faces[best], json);
			if (join_contests(r, &j.faces[me], &j.faces[best])) buf_text(json, ",\"contradicts\":true");
			buf_char(json, '}');
		}
		buf_text(json, "],\"judged\":[");
		for (size_t i = 0, n = 0; i < members.n && good(&j); i++) {
			sqlite3_stmt *q = query(&j, Q_JUDGED);
			if (q) sqlite3_bind_int64(q, 1, members.at[i]);
			while (row(&j, q)) {
				if (sqlite3_column_int64(q, 0) != members.at[i] && has_id(&members, sqlite3_column_int64(q, 0)))
					continue;
				const int64_t a = sqlite3_column_int64(q, 0), b = sqlite3_column_int64(q, 1);
				buf_text(json, n++ ? ",{\"claims\":[" : "{\"claims\":[");
				write_number(&j, a, json);
				buf_char(json, ',');
				write_number(&j, b, json);
				buf_format(json, "],\"same\":%s}", sqlite3_column_int(q, 2) ? "true" : "false");
			}
		}
		buf_text(json, "],\"kept_out\":[");
		/* the likeliest of those that the index brought near and that stand elsewhere */
		struct { double score; int64_t claim, with; } out[WHY_OTHERS];
		size_t count = 0;
		for (size_t i = 0; i < members.n && good(&j); i++) {
			const uint32_t me = face_of(&j, members.at[i]);
			if (me == UINT32_MAX)
				continue;
			join_key keys[JOIN_KEYS];
			int32_t days[2];
			const uint32_t n = join_keys(r, &j.faces[me], true, keys), d = join_days(&j.faces[me], days);
			met.n = 0;
			for (uint32_t k = 0; k < n; k++)
				for (uint32_t m = 0; m < d && !(keys[k].far && one(&j, Q_FAR, (int64_t)keys[k].key, 0) > JOIN_FAR_MOST); m++)
					run3(&j, Q_ASK, (int64_t)keys[k].key, (int64_t)days[m] - keys[k].reach, (int64_t)days[m] + keys[k].reach, &met);
			sort_ids(&met);
			for (size_t k = 0; k < met.n && good(&j); k++) {
				const uint32_t f = has_id(&members, met.at[k]) ? UINT32_MAX : face_of(&j, met.at[k]);
				if (f == UINT32_MAX || !join_candidates(r, &j.faces[me], &j.faces[f]))
					continue;
				const double s = join_score(r, &j.faces[me], &j.faces[f]);
				size_t at = 0;
				while (at < count && out[at].claim != met.at[k]) at++;
				if (at < count) {
					if (s > out[at].score) { out[at].score = s; out[at].with = members.at[i]; }
					continue;
				}
				if (count < WHY_OTHERS) at = count++;
				else {
					at = 0;
					for (size_t m = 1; m < count; m++) if (out[m].score < out[at].score) at = m;
					if (s <= out[at].score)
						continue;
				}
				out[at].score = s;
				out[at].claim = met.at[k];
				out[at].with = members.at[i];
			}
		}
		for (size_t n = 0; n < count && good(&j); n++) {
			size_t best = n;
			for (size_t k = n + 1; k < count; k++)
				if (out[k].score > out[best].score || (out[k].score == out[best].score && out[k].claim < out[best].claim)) best = k;
			const double s = out[best].score;
			const int64_t claim = out[best].claim, with = out[best].with;
			out[best] = out[n];
			out[n].score = s;
			buf_text(json, n ? ",{\"claim\":" : "{\"claim\":");
			write_number(&j, claim, json);
			buf_text(json, ",\"with\":");
			write_number(&j, with, json);
			buf_text(json, ",\"why\":");
			const uint32_t a = face_of(&j, with), b = face_of(&j, claim);
			if (a != UINT32_MAX && b != UINT32_MAX) join_why_pair(r, &j.faces[a], &j.faces[b], json);
			else buf_text(json, "null");
			buf_char(json, '}');
		}
		buf_text(json, "]}");
	}
	for (int i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(j.q[i]);
	free(j.faces);
	free(j.claim_at);
	free(j.document_at);
	table_free(j.face_of);
	arena_free(j.scratch);
	free_ids(&members);
	free_ids(&met);
	return j.status;
}
