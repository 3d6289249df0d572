#include "ledger/schema.h"

/* Days are integers counted from 1970-01-01, as in kula.h: half the size of ISO text, and an interval query is a comparison
 * of integers. The views show ISO days. Acts, statuses, kinds and sides are the contract's words, so that a query reads as
 * the contract does; a claim is some 300 bytes, of which they are 15.
 *
 * AUTOINCREMENT on document: the number of a forgotten document is not used again, since people cite "12.3".
 * dyad is derived (from claims that stand) and makes "what passed between A and B" one range of one index.
 *
 * A claim that a person corrected is in `claim` twice: as it was read, which never changes, and as reviewed (as_read names the
 * former), which is derived from the former and its reviews, and made anew whenever these change. `stands` marks the one that
 * counts, so that joining and answering look at one table by one mark, and their indexes hold nothing else. */
const char ledger_tables[] =
	"CREATE TABLE meta (\n"
	"  key TEXT PRIMARY KEY,\n"
	"  value TEXT\n"
	") WITHOUT ROWID;\n"

	"CREATE TABLE reader (\n"
	"  reader INTEGER PRIMARY KEY,\n"
	"  name TEXT NOT NULL,\n"
	"  version TEXT NOT NULL DEFAULT '',\n"
	"  weights TEXT NOT NULL DEFAULT '',\n"
	"  knowledge TEXT NOT NULL DEFAULT '',\n"
	"  UNIQUE (name, version, weights, knowledge)\n"
	");\n"

	"CREATE TABLE document (\n"
	"  document INTEGER PRIMARY KEY AUTOINCREMENT,\n"
	"  doc TEXT NOT NULL,\n"
	"  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),\n"
	"  title TEXT,\n"
	"  publisher TEXT,\n"
	"  published INTEGER,\n"
	"  fetched TEXT,\n"
	"  added TEXT NOT NULL,\n"
	"  dossier TEXT,\n"
	"  text TEXT NOT NULL,\n"
	"  UNIQUE (doc, sha256)\n"
	");\n"
	"CREATE INDEX document_by_hash ON document (sha256);\n"

	"CREATE TABLE reading (\n"
	"  reading INTEGER PRIMARY KEY,\n"
	"  document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,\n"
	"  reader INTEGER NOT NULL REFERENCES reader,\n"
	"  time TEXT NOT NULL,\n"
	"  claims INTEGER NOT NULL,\n"
	"  active INTEGER NOT NULL CHECK (active IN (0, 1)),\n"
	"  UNIQUE (document, reader)\n"
	");\n"
	"CREATE UNIQUE INDEX reading_active ON reading (document) WHERE active;\n"

	"CREATE TABLE party (\n"
	"  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,\n"
	"  side TEXT NOT NULL CHECK (side IN ('from','to','said_by')),\n"
	"  ordinal INTEGER NOT NULL,\n"         /* from 0; outermost source first */
	"  text TEXT NOT NULL,\n"
	"  code TEXT,\n"                        /* NULL: somebody without a code */
	"  span_from INTEGER, span_to INTEGER,\n"
	"  verb TEXT, verb_from INTEGER, verb_to INTEGER,\n"
	"  PRIMARY KEY (claim, side, ordinal)\n"
	") WITHOUT ROWID;\n"
	"CREATE INDEX party_by_code ON party (code, side);\n"

	"CREATE TABLE item (\n"
	"  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,\n"
	"  ordinal INTEGER NOT NULL,\n"         /* from 0 */
	"  text TEXT NOT NULL,\n"
	"  what TEXT NOT NULL,\n"
	"  kind TEXT NOT NULL CHECK (kind IN ('animal','arms','vehicle','aircraft','ship','food','fuel','medicine','money','people',\n"
	"    'troops','prisoner','remains','information','technology','equipment','art','document','territory','service','goods')),\n"
	"  min REAL, max REAL,\n"
	"  unit TEXT NOT NULL,\n"
	"  per TEXT,\n"                         /* day, week, month, year: a rate; NULL: none */
	"  approx INTEGER NOT NULL DEFAULT 0,\n"
	"  in_item INTEGER,\n"                  /* ordinal of the item of this claim that includes it */
	"  span_from INTEGER, span_to INTEGER,\n"
	"  PRIMARY KEY (claim, ordinal),\n"
	"  FOREIGN KEY (claim, in_item) REFERENCES item (claim, ordinal) DEFERRABLE INITIALLY DEFERRED,\n"
	"  CHECK (in_item <> ordinal)\n"
	") WITHOUT ROWID;\n"
	"CREATE INDEX item_by_whole ON item (claim, in_item) WHERE in_item IS NOT NULL;\n"

	"CREATE TABLE dyad (\n"
	"  a TEXT NOT NULL,\n"                  /* code on the from side, '' for none */
	"  b TEXT NOT NULL,\n"                  /* code on the to side, '' for none */
	"  day INTEGER NOT NULL,\n"             /* first of date, else published, else -2147483648 */
	"  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,\n"
	"  PRIMARY KEY (a, b, day, claim)\n"
	") WITHOUT ROWID;\n"
	"CREATE INDEX dyad_by_b ON dyad (b, a, day);\n"
	"CREATE INDEX dyad_by_claim ON dyad (claim);\n"

	"CREATE TABLE review (\n"
	"  review INTEGER PRIMARY KEY AUTOINCREMENT,\n"
	"  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,\n"
	"  reviewer TEXT NOT NULL,\n"
	"  time TEXT NOT NULL,\n"
	"  verdict TEXT NOT NULL CHECK (verdict IN ('accept','reject','correct','undo')),\n"
	"  field TEXT,\n"
	"  value TEXT,\n"                       /* JSON, as the contract writes the field */
	"  note TEXT,\n"
	"  undoes INTEGER REFERENCES review,\n"
	"  carried_from INTEGER REFERENCES review,\n"   /* the review of an earlier reading's claim that this repeats */
	"  CHECK ((verdict = 'correct') = (field IS NOT NULL)),\n"
	"  CHECK ((verdict = 'undo') = (undoes IS NOT NULL))\n"
	");\n"
	"CREATE INDEX review_by_claim ON review (claim);\n"
	"CREATE INDEX review_by_undoes ON review (undoes) WHERE undoes IS NOT NULL;\n"
	"CREATE INDEX review_by_carried ON review (carried_from) WHERE carried_from IS NOT NULL;\n"

	"CREATE TABLE judgement (\n"
	"  judgement INTEGER PRIMARY KEY AUTOINCREMENT,\n"
	"  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,\n"        /* the smaller number of the two */
	"  other INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,\n"
	"  same INTEGER NOT NULL CHECK (same IN (0, 1)),\n"
	"  reviewer TEXT NOT NULL,\n"
	"  time TEXT NOT NULL,\n"
	"  note TEXT,\n"
	"  ruling INTEGER,\n"                   /* the first judgement of the same merge or split */
	"  undoes INTEGER REFERENCES judgement,\n"
	"  carried_from INTEGER REFERENCES judgement,\n"
	"  CHECK (claim < other)\n"
	");\n"
	"CREATE INDEX judgement_by_undoes ON judgement (undoes) WHERE undoes IS NOT NULL;\n"
	"CREATE INDEX judgement_by_carried ON judgement (carried_from) WHERE carried_from IS NOT NULL;\n"
	"CREATE INDEX judgement_by_ruling ON judgement (ruling);\n"
	"CREATE INDEX judgement_by_claim ON judgement (claim);\n"
	"CREATE INDEX judgement_by_other ON judgement (other);\n"

	"CREATE TABLE log (\n"
	"  entry INTEGER PRIMARY KEY AUTOINCREMENT,\n"
	"  time TEXT NOT NULL,\n"
	"  what TEXT NOT NULL,\n"               /* create, upgrade, add, reread, forget, accept, reject, correct, merge, split, undo */
	"  document INTEGER,\n"                 /* no reference: the entry outlives what was forgotten, its name does not */
	"  claims INTEGER NOT NULL DEFAULT 0,\n"
	"  reader INTEGER REFERENCES reader,\n"
	"  about INTEGER\n"                     /* of accept to undo: the review, or the ruling of judgements */
	");\n"

	/* Filled by ledger.c: a trigger may not touch a virtual table where schemas are not trusted, and a ledger may come by mail. */
	"CREATE VIRTUAL TABLE words USING fts5 (title, text, content='document', content_rowid='document',\n"
	"  tokenize=\"unicode61 remove_diacritics 2\");\n";

const char ledger_claim_table[] =
	"CREATE TABLE claim (\n"
	"  claim INTEGER PRIMARY KEY,\n"
	"  document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,\n"
	"  ordinal INTEGER NOT NULL CHECK (ordinal > 0),\n"
	"  reading INTEGER NOT NULL REFERENCES reading ON DELETE CASCADE,\n"
	"  as_read INTEGER REFERENCES claim ON DELETE CASCADE,\n"      /* the claim that this is the reviewed version of; NULL: it was read so */
	"  stands INTEGER NOT NULL CHECK (stands IN (0, 1)),\n"         /* 1: of the active reading, not rejected, not superseded */
	"  act TEXT NOT NULL CHECK (act IN ('give','lend','sell','supply','return','take','send','withdraw','train','meet','agree',\n"
	"    'sign','ratify','end','breach','cooperate','support','criticise','sanction','coerce','protest','mobilize','attack',\n"
	"    'yield','hold')),\n"
	"  status TEXT NOT NULL CHECK (status IN ('done','ongoing','planned','promised','offered','requested','threatened','possible',\n"
	"    'refused','denied')),\n"
	"  span_from INTEGER NOT NULL CHECK (span_from >= 0),\n"
	"  span_to INTEGER NOT NULL CHECK (span_to > span_from),\n"
	"  trigger_text TEXT NOT NULL,\n"
	"  trigger_from INTEGER NOT NULL, trigger_to INTEGER NOT NULL,\n"
	"  date_first INTEGER, date_last INTEGER, date_from INTEGER, date_to INTEGER,\n"
	"  due_first INTEGER, due_last INTEGER, due_from INTEGER, due_to INTEGER,\n"
	"  value_min REAL, value_max REAL, value_unit TEXT, value_per TEXT, value_approx INTEGER,\n"
	"  value_from INTEGER, value_to INTEGER,\n"
	"  place_at TEXT, place_from TEXT, place_to TEXT,\n"
	"  means TEXT, agreement TEXT, condition TEXT,\n"
	"  confidence REAL,\n"
	"  own_id TEXT,\n"                      /* the id that the reader gave it */
	"  told_exchange TEXT,\n"               /* annotated dossiers only: the exchange that the annotator put it in */
	"  CHECK ((date_first IS NULL) = (date_last IS NULL) AND date_first <= date_last),\n"
	"  CHECK ((due_first IS NULL) = (due_last IS NULL) AND due_first <= due_last)\n"
	");\n"
	"CREATE UNIQUE INDEX claim_by_number ON claim (document, ordinal, ifnull(as_read, 0));\n"
	"CREATE UNIQUE INDEX claim_by_as_read ON claim (as_read) WHERE as_read IS NOT NULL;\n"
	"CREATE INDEX claim_by_reading ON claim (reading);\n"
	"CREATE INDEX claim_by_own_id ON claim (own_id) WHERE own_id IS NOT NULL;\n";

const char ledger_triggers[] =
	/* What was read never changes. Rows go only while their document is being forgotten (meta 'forgetting'). */
	"CREATE TRIGGER document_keeps BEFORE UPDATE ON document BEGIN\n"
	"  SELECT RAISE(ABORT, 'documents never change');\n"
	"END;\n"
	"CREATE TRIGGER reading_keeps BEFORE UPDATE OF reading, document, reader, time, claims ON reading BEGIN\n"
	"  SELECT RAISE(ABORT, 'readings never change, but for which one is active');\n"
	"END;\n"
	"CREATE TRIGGER claim_keeps BEFORE UPDATE OF claim, document, ordinal, reading, as_read, act, status, span_from, span_to, trigger_text,\n"
	"  trigger_from, trigger_to, date_first, date_last, date_from, date_to, due_first, due_last, due_from, due_to, value_min, value_max,\n"
	"  value_unit, value_per, value_approx, value_from, value_to, place_at, place_from, place_to, means, agreement, condition, confidence,\n"
	"  own_id, told_exchange ON claim BEGIN\n"
	"  SELECT RAISE(ABORT, 'claims never change');\n"
	"END;\n"
	"CREATE TRIGGER party_keeps BEFORE UPDATE ON party BEGIN\n"
	"  SELECT RAISE(ABORT, 'claims never change');\n"
	"END;\n"
	"CREATE TRIGGER item_keeps BEFORE UPDATE ON item BEGIN\n"
	"  SELECT RAISE(ABORT, 'claims never change');\n"
	"END;\n"
	"CREATE TRIGGER review_keeps BEFORE UPDATE ON review BEGIN\n"
	"  SELECT RAISE(ABORT, 'reviews never change: undo them');\n"
	"END;\n"
	"CREATE TRIGGER judgement_keeps BEFORE UPDATE ON judgement BEGIN\n"
	"  SELECT RAISE(ABORT, 'judgements never change: undo them');\n"
	"END;\n"
	"CREATE TRIGGER document_stays BEFORE DELETE ON document\n"
	"WHEN (SELECT value FROM meta WHERE key = 'forgetting') IS NOT old.document BEGIN\n"
	"  SELECT RAISE(ABORT, 'documents are taken out with kula forget');\n"
	"END;\n"
	"CREATE TRIGGER reading_stays BEFORE DELETE ON reading\n"
	"WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN\n"
	"  SELECT RAISE(ABORT, 'readings go with their document only');\n"
	"END;\n"
	"CREATE TRIGGER claim_stays BEFORE DELETE ON claim\n"
	"WHEN old.as_read IS NULL AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN\n"
	"  SELECT RAISE(ABORT, 'claims go with their document only');\n"
	"END;\n"
	"CREATE TRIGGER party_stays BEFORE DELETE ON party\n"
	"WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') AND\n"
	"  (SELECT as_read FROM claim WHERE claim = old.claim) IS NULL BEGIN\n"
	"  SELECT RAISE(ABORT, 'claims go with their document only');\n"
	"END;\n"
	"CREATE TRIGGER item_stays BEFORE DELETE ON item\n"
	"WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') AND\n"
	"  (SELECT as_read FROM claim WHERE claim = old.claim) IS NULL BEGIN\n"
	"  SELECT RAISE(ABORT, 'claims go with their document only');\n"
	"END;\n"
	"CREATE TRIGGER review_stays BEFORE DELETE ON review\n"
	"WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN\n"
	"  SELECT RAISE(ABORT, 'reviews stay: undo them');\n"
	"END;\n"
	"CREATE TRIGGER judgement_stays BEFORE DELETE ON judgement\n"
	"WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN\n"
	"  SELECT RAISE(ABORT, 'judgements stay: undo them');\n"
	"END;\n";

#define ISO(column) "date(" column " * 86400, 'unixepoch')"
/* A document's bytes [from, to) as text. */
#define SLICE(from, to) "CAST(substr(CAST(d.text AS BLOB), " from " + 1, " to " - " from ") AS TEXT)"
#define CODES(s) "(SELECT group_concat(code, ' ') FROM (SELECT DISTINCT code FROM party p WHERE p.claim = c.claim AND p.side = '" s "' AND code IS NOT NULL))"
#define TEXTS(s) "(SELECT group_concat(text, ', ') FROM (SELECT text FROM party p WHERE p.claim = c.claim AND p.side = '" s "' ORDER BY ordinal))"

/* A claim's number, an exchange's: of the claim that tells of it first. */
#define NUMBER(c) c ".document || '.' || " c ".ordinal"
#define ITEMS "(SELECT group_concat(text, '; ') FROM (SELECT text FROM item i WHERE i.claim = c.claim ORDER BY ordinal))"
/* The last review that stands; those of a reviewed version are of the claim as read. */
#define VERDICT \
	"(SELECT v.verdict FROM review v WHERE v.claim = ifnull(c.as_read, c.claim) AND v.verdict <> 'undo'\n" \
	"     AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = v.review) ORDER BY v.review DESC LIMIT 1)"
/* A part is not counted beside its whole. */
#define NO_PART(x) "NOT EXISTS (SELECT 1 FROM link p WHERE p.from_exchange = " x ".exchange AND p.type = 'part')"

const char ledger_views[] =
	"CREATE VIEW claim_view AS\n"
	"SELECT " NUMBER("c") " AS id, c.claim, c.document, d.doc, d.title, d.publisher,\n"
	"  " ISO("d.published") " AS published, c.act, c.status,\n"
	"  " CODES("from") " AS from_codes, " TEXTS("from") " AS from_texts,\n"
	"  " CODES("to") " AS to_codes, " TEXTS("to") " AS to_texts,\n"
	"  " ITEMS " AS items,\n"
	"  " ISO("c.date_first") " AS date_first, " ISO("c.date_last") " AS date_last,\n"
	"  " ISO("c.due_first") " AS due_first, " ISO("c.due_last") " AS due_last,\n"
	"  coalesce(" ISO("c.date_first") ", " ISO("d.published") ") AS day,\n"
	"  c.value_min, c.value_max, c.value_unit, c.value_per, c.place_at, c.place_from, c.place_to, c.means, c.agreement, c.condition,\n"
	"  " CODES("said_by") " AS said_by_codes, " TEXTS("said_by") " AS said_by_texts,\n"
	"  " SLICE("c.span_from", "c.span_to") " AS evidence, c.trigger_text AS \"trigger\", c.confidence, r.name AS reader,\n"
	"  " VERDICT " AS verdict, c.as_read IS NOT NULL AS corrected,\n"
	"  (SELECT 'x' || " NUMBER("f") " FROM exchange_claim m JOIN claim f ON f.claim = m.exchange WHERE m.claim = c.claim) AS exchange\n"
	"FROM claim c JOIN document d ON d.document = c.document JOIN reading g ON g.reading = c.reading JOIN reader r ON r.reader = g.reader\n"
	"WHERE c.stands;\n"

	"CREATE VIEW item_view AS\n"
	"SELECT " NUMBER("c") " AS id, i.claim, i.ordinal, c.act, c.status, i.text, i.what, i.kind, i.min, i.max, i.unit,\n"
	"  i.per, i.approx, i.in_item, " CODES("from") " AS from_codes, " CODES("to") " AS to_codes,\n"
	"  coalesce(" ISO("c.date_first") ", " ISO("d.published") ") AS day\n"
	"FROM item i JOIN claim c ON c.claim = i.claim AND c.stands JOIN document d ON d.document = c.document;\n"

	/* One row for each pair of parties that a claim stands between. */
	"CREATE VIEW dyad_view AS\n"
	"SELECT y.a AS from_code, y.b AS to_code, " ISO("nullif(y.day, -2147483648)") " AS day, c.act, c.status, y.claim,\n"
	"  " NUMBER("c") " AS id\n"
	"FROM dyad y JOIN claim c ON c.claim = y.claim;\n"

	/* Who says so: the outermost source that a claim is credited to, else the publisher in its own voice. */
	"CREATE VIEW account AS\n"
	"SELECT (SELECT 'x' || " NUMBER("f") " FROM exchange_claim m JOIN claim f ON f.claim = m.exchange WHERE m.claim = c.claim) AS exchange,\n"
	"  " NUMBER("c") " AS id, c.claim, c.document, d.publisher, " ISO("d.published") " AS published, c.act, c.status, " ITEMS " AS items,\n"
	"  p.text AS source, p.code AS source_code, p.verb, p.text IS NULL AS own_voice, " SLICE("c.span_from", "c.span_to") " AS evidence\n"
	"FROM claim c JOIN document d ON d.document = c.document\n"
	"LEFT JOIN party p ON p.claim = c.claim AND p.side = 'said_by' AND p.ordinal = 0\n"
	"WHERE c.stands;\n"

	/* One real act or undertaking; sides, items and sentence are those of the claim that tells most. */
	"CREATE VIEW exchange_view AS\n"
	"SELECT 'x' || " NUMBER("f") " AS id, x.exchange, x.act, x.status, x.fact, " CODES("from") " AS from_codes, " CODES("to") " AS to_codes,\n"
	"  " ITEMS " AS items, c.agreement, " ISO("x.day_first") " AS day_first, " ISO("x.day_last") " AS day_last,\n"
	"  coalesce(" ISO("x.day_first") ", " ISO("x.told_first") ") AS day, " ISO("x.told_first") " AS told_first, " ISO("x.told_last") " AS told_last,\n"
	"  x.claims, x.documents, x.independent,\n"
	"  (SELECT group_concat(field, ' ') FROM (SELECT field FROM difference e WHERE e.exchange = x.exchange ORDER BY field)) AS differs_on,\n"
	"  " NUMBER("c") " AS lead, " SLICE("c.span_from", "c.span_to") " AS evidence\n"
	"FROM exchange x JOIN claim f ON f.claim = x.exchange JOIN claim c ON c.claim = x.lead JOIN document d ON d.document = c.document;\n"

	"CREATE VIEW link_view AS\n"
	"SELECT 'x' || " NUMBER("f") " AS from_id, l.type, 'x' || " NUMBER("t") " AS to_id, a.act AS from_act, a.status AS from_status,\n"
	"  b.act AS to_act, b.status AS to_status, l.score, l.from_exchange, l.to_exchange\n"
	"FROM link l JOIN claim f ON f.claim = l.from_exchange JOIN claim t ON t.claim = l.to_exchange\n"
	"JOIN exchange a ON a.exchange = l.from_exchange JOIN exchange b ON b.exchange = l.to_exchange;\n"

	/* Two accounts of one exchange that can't both be right, with the words of each. */
	"CREATE VIEW difference_view AS\n"
	"SELECT 'x' || " NUMBER("f") " AS exchange, e.field, " NUMBER("c") " AS id, d.publisher, " SLICE("c.span_from", "c.span_to") " AS evidence,\n"
	"  " NUMBER("o") " AS other_id, h.publisher AS other_publisher,\n"
	"  CAST(substr(CAST(h.text AS BLOB), o.span_from + 1, o.span_to - o.span_from) AS TEXT) AS other_evidence\n"
	"FROM difference e JOIN claim f ON f.claim = e.exchange JOIN claim c ON c.claim = e.claim JOIN document d ON d.document = c.document\n"
	"JOIN claim o ON o.claim = e.other JOIN document h ON h.document = o.document;\n"

	/* An undertaking and one thing of it, with what exchanges that fulfil it have brought of that kind: done or under way, parts
	 * not beside their wholes. Outstanding is at least what was pledged at least, less what may have come, and the other way round. */
	"CREATE VIEW pledge AS\n"
	"SELECT id, exchange, status, act, from_codes, to_codes, what, kind, unit, per, min, max, made, due_first, due_last, deliveries,\n"
	"  delivered_min, delivered_max,\n"
	"  CASE WHEN min IS NOT NULL THEN ifnull(max(0, min - delivered_max), 0) END AS outstanding_min,\n"
	"  CASE WHEN max IS NOT NULL THEN max(0, max - delivered_min) END AS outstanding_max, evidence\n"
	"FROM (SELECT 'x' || " NUMBER("f") " AS id, x.exchange, x.status, x.act, " CODES("from") " AS from_codes, " CODES("to") " AS to_codes,\n"
	"    i.what, i.kind, i.unit, i.per, i.min, i.max, coalesce(" ISO("x.day_first") ", " ISO("x.told_first") ") AS made,\n"
	"    " ISO("c.due_first") " AS due_first, " ISO("c.due_last") " AS due_last,\n"
	"    count(DISTINCT e.exchange) AS deliveries, sum(ifnull(g.min, 0)) AS delivered_min,\n"
	"    CASE WHEN count(g.claim) = count(g.max) THEN sum(ifnull(g.max, 0)) END AS delivered_max,\n"
	"    " SLICE("c.span_from", "c.span_to") " AS evidence\n"
	"  FROM exchange x JOIN claim f ON f.claim = x.exchange JOIN claim c ON c.claim = x.lead JOIN document d ON d.document = c.document\n"
	"  LEFT JOIN item i ON i.claim = c.claim AND i.in_item IS NULL\n"
	"  LEFT JOIN link l ON l.to_exchange = x.exchange AND l.type = 'fulfils' AND NOT EXISTS (\n"
	"    SELECT 1 FROM link p JOIN link w ON w.from_exchange = p.to_exchange AND w.type = 'fulfils' AND w.to_exchange = x.exchange\n"
	"    WHERE p.from_exchange = l.from_exchange AND p.type = 'part')\n"
	"  LEFT JOIN exchange e ON e.exchange = l.from_exchange AND e.status IN ('done', 'ongoing')\n"
	"  LEFT JOIN item g ON g.claim = e.lead AND g.in_item IS NULL AND g.kind = i.kind AND g.unit = i.unit AND g.per IS i.per\n"
	"  WHERE NOT x.fact GROUP BY x.exchange, i.ordinal);\n"

	/* What exchanges moved between two codes in a month: a thing that fifty papers tell of is here once, and a part is not beside
	 * its whole. */
	"CREATE VIEW flow_by_month AS\n"
	"SELECT strftime('%Y-%m', coalesce(x.day_first, x.told_first) * 86400, 'unixepoch') AS month, y.a AS from_code, y.b AS to_code, x.act,\n"
	"  x.status, i.kind, i.unit, i.per, count(DISTINCT x.exchange) AS exchanges, sum(ifnull(i.min, 0)) AS min,\n"
	"  CASE WHEN count(i.max) = count(*) THEN sum(i.max) END AS max\n"
	"FROM exchange x JOIN dyad y ON y.claim = x.lead JOIN item i ON i.claim = x.lead AND i.in_item IS NULL\n"
	"WHERE coalesce(x.day_first, x.told_first) IS NOT NULL AND x.act <> 'hold' AND " NO_PART("x") "\n"
	"GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;\n"

	/* What somebody has: stocks, apart from what flows. */
	"CREATE VIEW stock AS\n"
	"SELECT 'x' || " NUMBER("f") " AS id, x.exchange, " CODES("from") " AS holder, i.what, i.kind, i.min, i.max, i.unit, c.place_at AS place,\n"
	"  coalesce(" ISO("x.day_first") ", " ISO("x.told_first") ") AS day, x.status, x.independent, " SLICE("c.span_from", "c.span_to") " AS evidence\n"
	"FROM exchange x JOIN claim f ON f.claim = x.exchange JOIN claim c ON c.claim = x.lead JOIN document d ON d.document = c.document\n"
	"JOIN item i ON i.claim = c.claim AND i.in_item IS NULL\n"
	"WHERE x.act = 'hold';\n"

	/* What people said: reviews of claims, and judgements of two. stands: 0 once undone. */
	"CREATE VIEW review_view AS\n"
	"SELECT v.time, v.reviewer, v.verdict, " NUMBER("c") " AS id, NULL AS other_id, v.field, v.value, v.note,\n"
	"  v.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = v.review) AS stands, v.review, NULL AS judgement\n"
	"FROM review v JOIN claim c ON c.claim = v.claim\n"
	"UNION ALL\n"
	"SELECT j.time, j.reviewer, CASE WHEN j.undoes IS NOT NULL THEN 'undo' WHEN j.same THEN 'merge' ELSE 'split' END,\n"
	"  " NUMBER("c") ", " NUMBER("o") ", NULL, NULL, j.note,\n"
	"  j.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM judgement u WHERE u.undoes = j.judgement), NULL, j.judgement\n"
	"FROM judgement j JOIN claim c ON c.claim = j.claim JOIN claim o ON o.claim = j.other;\n"

	"CREATE VIEW document_view AS\n"
	"SELECT d.document, d.doc, d.title, d.publisher, " ISO("d.published") " AS published, d.fetched, d.added, d.sha256,\n"
	"  length(CAST(d.text AS BLOB)) AS bytes, g.claims, r.name AS reader, r.version AS reader_version, r.weights, r.knowledge\n"
	"FROM document d LEFT JOIN reading g ON g.document = d.document AND g.active LEFT JOIN reader r ON r.reader = g.reader;\n";

/* ---- from version 1: no reviewed versions of claims; judgements that could not be undone ---- */

static const char from_1_before[] =
	"DROP INDEX claim_by_reading; DROP INDEX claim_by_own_id;\n"
	"ALTER TABLE claim RENAME TO claim_1;\n";
#define CLAIM_1 "act, status, span_from, span_to, trigger_text, trigger_from, trigger_to, date_first, date_last, date_from, date_to," \
	" due_first, due_last, due_from, due_to, value_min, value_max, value_unit, value_per, value_approx, value_from, value_to," \
	" place_at, place_from, place_to, means, agreement, condition, confidence, own_id, told_exchange"
static const char from_1_after[] =
	"INSERT INTO claim (claim, document, ordinal, reading, as_read, stands, " CLAIM_1 ")\n"
	"  SELECT claim, document, ordinal, reading, NULL, (SELECT active FROM reading g WHERE g.reading = c.reading), " CLAIM_1 " FROM claim_1 c;\n"
	"DROP TABLE claim_1;\n"
	"ALTER TABLE judgement ADD COLUMN ruling INTEGER;\n"
	"ALTER TABLE judgement ADD COLUMN undoes INTEGER REFERENCES judgement;\n"
	"ALTER TABLE judgement ADD COLUMN carried_from INTEGER REFERENCES judgement;\n"
	"UPDATE judgement SET ruling = judgement;\n"
	"CREATE INDEX judgement_by_undoes ON judgement (undoes) WHERE undoes IS NOT NULL;\n"
	"CREATE INDEX judgement_by_carried ON judgement (carried_from) WHERE carried_from IS NOT NULL;\n"
	"CREATE INDEX judgement_by_ruling ON judgement (ruling);\n"
	"ALTER TABLE log ADD COLUMN about INTEGER;\n";
const char *const ledger_from_1[] = {from_1_before, ledger_claim_table, from_1_after, 0};
