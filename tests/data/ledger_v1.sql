PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT
) WITHOUT ROWID;
INSERT INTO meta VALUES('created','2026-11-25T04:24:55Z');
INSERT INTO meta VALUES('created_by','kula 0.1.0');
CREATE TABLE reader (
  reader INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL DEFAULT '',
  weights TEXT NOT NULL DEFAULT '',
  knowledge TEXT NOT NULL DEFAULT '',
  UNIQUE (name, version, weights, knowledge)
);
INSERT INTO reader VALUES(1,'ada','','','');
INSERT INTO reader VALUES(2,'bob','','','');
CREATE TABLE document (
  document INTEGER PRIMARY KEY AUTOINCREMENT,
  doc TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  title TEXT,
  publisher TEXT,
  published INTEGER,
  fetched TEXT,
  added TEXT NOT NULL,
  dossier TEXT,
  text TEXT NOT NULL,
  UNIQUE (doc, sha256)
);
INSERT INTO document VALUES(1,'one','12e0dfbcf778e7b1e32cd64154b0acb6ae2a271cc431fcfb46b983b4c55cd025','A lion for Pyongyang','Wire A',20047,NULL,'2026-11-25T04:24:55Z',NULL,'Russia sent a lion to North Korea on Tuesday, officials in Moscow said. It is well.');
INSERT INTO document VALUES(2,'three','b0b6747d8ff9fdca0e5306e97983b8bea910af3f81b85f1db2c3768772a65bcb','A lion','Wire C',20048,NULL,'2026-11-25T04:24:55Z',NULL,'North Korea got a lion from Russia on Tuesday.');
INSERT INTO document VALUES(3,'two','3bd9f6116121451a6bb8010828b9410fc78b4c6f10d7068d795af5a20f2249e9',NULL,'Wire B',20058,NULL,'2026-11-25T04:24:55Z',NULL,'North Korea promised Russia 100 ducks.');
CREATE TABLE reading (
  reading INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
  reader INTEGER NOT NULL REFERENCES reader,
  time TEXT NOT NULL,
  claims INTEGER NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  UNIQUE (document, reader)
);
INSERT INTO reading VALUES(1,1,1,'2026-11-25T04:24:55Z',1,1);
INSERT INTO reading VALUES(2,2,1,'2026-11-25T04:24:55Z',1,1);
INSERT INTO reading VALUES(3,3,2,'2026-11-25T04:24:55Z',1,1);
CREATE TABLE claim (
  claim INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
  ordinal INTEGER NOT NULL CHECK (ordinal > 0),
  reading INTEGER NOT NULL REFERENCES reading ON DELETE CASCADE,
  act TEXT NOT NULL CHECK (act IN ('give','lend','sell','supply','return','take','send','withdraw','train','meet','agree',
    'sign','ratify','end','breach','cooperate','support','criticise','sanction','coerce','protest','mobilize','attack',
    'yield','hold')),
  status TEXT NOT NULL CHECK (status IN ('done','ongoing','planned','promised','offered','requested','threatened','possible',
    'refused','denied')),
  span_from INTEGER NOT NULL CHECK (span_from >= 0),
  span_to INTEGER NOT NULL CHECK (span_to > span_from),
  trigger_text TEXT NOT NULL,
  trigger_from INTEGER NOT NULL, trigger_to INTEGER NOT NULL,
  date_first INTEGER, date_last INTEGER, date_from INTEGER, date_to INTEGER,
  due_first INTEGER, due_last INTEGER, due_from INTEGER, due_to INTEGER,
  value_min REAL, value_max REAL, value_unit TEXT, value_per TEXT, value_approx INTEGER,
  value_from INTEGER, value_to INTEGER,
  place_at TEXT, place_from TEXT, place_to TEXT,
  means TEXT, agreement TEXT, condition TEXT,
  confidence REAL,
  own_id TEXT,
  told_exchange TEXT,
  UNIQUE (document, ordinal),
  CHECK ((date_first IS NULL) = (date_last IS NULL) AND date_first <= date_last),
  CHECK ((due_first IS NULL) = (due_last IS NULL) AND due_first <= due_last)
);
INSERT INTO claim VALUES(1,1,1,1,'give','done',0,71,'sent',7,11,20046,20046,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO claim VALUES(2,2,1,2,'give','done',0,46,'got',12,15,20046,20046,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO claim VALUES(3,3,1,3,'give','promised',0,38,'promised',12,20,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE party (
  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,
  side TEXT NOT NULL CHECK (side IN ('from','to','said_by')),
  ordinal INTEGER NOT NULL,
  text TEXT NOT NULL,
  code TEXT,
  span_from INTEGER, span_to INTEGER,
  verb TEXT, verb_from INTEGER, verb_to INTEGER,
  PRIMARY KEY (claim, side, ordinal)
) WITHOUT ROWID;
INSERT INTO party VALUES(1,'from',0,'Russia','RUS',0,6,NULL,NULL,NULL);
INSERT INTO party VALUES(1,'said_by',0,'officials in Moscow','RUS',46,65,'said',66,70);
INSERT INTO party VALUES(1,'to',0,'North Korea','PRK',22,33,NULL,NULL,NULL);
INSERT INTO party VALUES(2,'from',0,'Russia','RUS',28,34,NULL,NULL,NULL);
INSERT INTO party VALUES(2,'to',0,'North Korea','PRK',0,11,NULL,NULL,NULL);
INSERT INTO party VALUES(3,'from',0,'North Korea','PRK',0,11,NULL,NULL,NULL);
INSERT INTO party VALUES(3,'to',0,'Russia','RUS',21,27,NULL,NULL,NULL);
CREATE TABLE item (
  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  text TEXT NOT NULL,
  what TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('animal','arms','vehicle','aircraft','ship','food','fuel','medicine','money','people',
    'troops','prisoner','remains','information','technology','equipment','art','document','territory','service','goods')),
  min REAL, max REAL,
  unit TEXT NOT NULL,
  per TEXT,
  approx INTEGER NOT NULL DEFAULT 0,
  in_item INTEGER,
  span_from INTEGER, span_to INTEGER,
  PRIMARY KEY (claim, ordinal),
  FOREIGN KEY (claim, in_item) REFERENCES item (claim, ordinal) DEFERRABLE INITIALLY DEFERRED,
  CHECK (in_item <> ordinal)
) WITHOUT ROWID;
INSERT INTO item VALUES(1,0,'a lion','lion','animal',1.0,1.0,'count',NULL,0,NULL,12,18);
INSERT INTO item VALUES(2,0,'a lion','lion','animal',1.0,1.0,'count',NULL,0,NULL,16,22);
INSERT INTO item VALUES(3,0,'100 ducks','duck','animal',100.0,100.0,'count',NULL,0,NULL,28,37);
CREATE TABLE dyad (
  a TEXT NOT NULL,
  b TEXT NOT NULL,
  day INTEGER NOT NULL,
  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,
  PRIMARY KEY (a, b, day, claim)
) WITHOUT ROWID;
INSERT INTO dyad VALUES('RUS','PRK',20046,1);
INSERT INTO dyad VALUES('RUS','PRK',20046,2);
INSERT INTO dyad VALUES('PRK','RUS',20058,3);
CREATE TABLE review (
  review INTEGER PRIMARY KEY AUTOINCREMENT,
  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,
  reviewer TEXT NOT NULL,
  time TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('accept','reject','correct','undo')),
  field TEXT,
  value TEXT,
  note TEXT,
  undoes INTEGER REFERENCES review,
  carried_from INTEGER REFERENCES review,
  CHECK ((verdict = 'correct') = (field IS NOT NULL)),
  CHECK ((verdict = 'undo') = (undoes IS NOT NULL))
);
INSERT INTO review VALUES(1,1,'ada','2024-12-02T10:00:00Z','correct','act','"supply"','not said to be a gift',NULL,NULL);
INSERT INTO review VALUES(2,3,'ada','2024-12-02T10:01:00Z','reject',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE judgement (
  judgement INTEGER PRIMARY KEY AUTOINCREMENT,
  claim INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,
  other INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,
  same INTEGER NOT NULL CHECK (same IN (0, 1)),
  reviewer TEXT NOT NULL,
  time TEXT NOT NULL,
  note TEXT,
  CHECK (claim < other)
);
INSERT INTO judgement VALUES(1,1,2,0,'ada','2024-12-02T10:02:00Z',NULL);
CREATE TABLE log (
  entry INTEGER PRIMARY KEY AUTOINCREMENT,
  time TEXT NOT NULL,
  what TEXT NOT NULL,
  document INTEGER,
  claims INTEGER NOT NULL DEFAULT 0,
  reader INTEGER REFERENCES reader
);
INSERT INTO log VALUES(1,'2026-11-25T04:24:55Z','create',NULL,0,NULL);
INSERT INTO log VALUES(2,'2026-11-25T04:24:55Z','add',1,1,1);
INSERT INTO log VALUES(3,'2026-11-25T04:24:55Z','add',2,1,1);
INSERT INTO log VALUES(4,'2026-11-25T04:24:55Z','add',3,1,2);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','words','words',0,'CREATE VIRTUAL TABLE words USING fts5 (title, text, content=''document'', content_rowid=''document'',
  tokenize="unicode61 remove_diacritics 2")');
CREATE TABLE IF NOT EXISTS 'words_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO words_data VALUES(1,X'03061f');
INSERT INTO words_data VALUES(10,X'000000000101010001010101');
INSERT INTO words_data VALUES(137438953473,X'000001340430313030030601010601016101080201010401080201010501056475636b7303060101070103666f720102040203726f6d02060101070103676f7402060101040102696e010601010c0201730106010110020174010601010f01056b6f72656101060101080106010103010601010301046c696f6e01080301010501080301010601066d6f73636f77010601010d01056e6f72746801060101070106010102010601010201096f6666696369616c73010601010b02016e01060101090106010109010870726f6d6973656403060101040208796f6e6779616e670102050106727573736961010601010201060101080106010105010473616964010601010e0203656e7401060101030102746f01060101060206756573646179010601010a010601010a010477656c6c0106010111040a0f0c080a0a09080816120d16100d0f0d170b0a0912');
CREATE TABLE IF NOT EXISTS 'words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO words_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'words_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO words_docsize VALUES(1,X'0410');
INSERT INTO words_docsize VALUES(2,X'0209');
INSERT INTO words_docsize VALUES(3,X'0006');
CREATE TABLE IF NOT EXISTS 'words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO words_config VALUES('version',4);
CREATE TABLE join_pending (document INTEGER PRIMARY KEY);
INSERT INTO join_pending VALUES(1);
INSERT INTO join_pending VALUES(2);
INSERT INTO join_pending VALUES(3);
CREATE TABLE join_dirty (claim INTEGER PRIMARY KEY);
INSERT INTO join_dirty VALUES(1);
INSERT INTO join_dirty VALUES(2);
CREATE TABLE join_relink (exchange INTEGER PRIMARY KEY);
CREATE TABLE join_gone (claim INTEGER PRIMARY KEY, face BLOB NOT NULL);
CREATE TABLE join_face (
  claim INTEGER PRIMARY KEY REFERENCES claim ON DELETE CASCADE,
  document INTEGER NOT NULL,
  face BLOB NOT NULL
);
CREATE TABLE join_index (key INTEGER, day INTEGER, claim INTEGER, PRIMARY KEY (key, day, claim)) WITHOUT ROWID;
CREATE TABLE join_far (key INTEGER PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE join_edge (
  a INTEGER REFERENCES join_face (claim) ON DELETE CASCADE,
  b INTEGER REFERENCES join_face (claim) ON DELETE CASCADE,
  score REAL NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE join_text (
  document INTEGER PRIMARY KEY REFERENCES document ON DELETE CASCADE,
  identity INTEGER NOT NULL, sketch BLOB NOT NULL, copies INTEGER NOT NULL);
CREATE TABLE join_run (hash INTEGER, day INTEGER, document INTEGER, PRIMARY KEY (hash, day, document)) WITHOUT ROWID;
CREATE TABLE exchange (
  exchange INTEGER PRIMARY KEY,
  lead INTEGER NOT NULL,
  act TEXT NOT NULL,
  status TEXT NOT NULL,
  fact INTEGER NOT NULL,
  day_first INTEGER, day_last INTEGER,
  told_first INTEGER, told_last INTEGER,
  claims INTEGER NOT NULL, documents INTEGER NOT NULL, independent INTEGER NOT NULL
);
CREATE TABLE exchange_claim (
  claim INTEGER PRIMARY KEY REFERENCES claim ON DELETE CASCADE,
  exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE
);
CREATE TABLE difference (
  exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
  field TEXT NOT NULL CHECK (field IN ('items','date','status','act')),
  claim INTEGER NOT NULL, other INTEGER NOT NULL,
  PRIMARY KEY (exchange, field)
) WITHOUT ROWID;
CREATE TABLE exchange_place (
  exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
  key INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (key, day, exchange)) WITHOUT ROWID;
CREATE TABLE link_base (
  from_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
  type TEXT NOT NULL,
  to_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
  score REAL NOT NULL, PRIMARY KEY (from_exchange, type, to_exchange)) WITHOUT ROWID;
CREATE TABLE link (
  from_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
  type TEXT NOT NULL CHECK (type IN ('fulfils','part','returns','under','answers')),
  to_exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
  score REAL NOT NULL, PRIMARY KEY (from_exchange, type, to_exchange)) WITHOUT ROWID;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('document',3);
INSERT INTO sqlite_sequence VALUES('log',4);
INSERT INTO sqlite_sequence VALUES('review',2);
INSERT INTO sqlite_sequence VALUES('judgement',1);
CREATE INDEX document_by_hash ON document (sha256);
CREATE UNIQUE INDEX reading_active ON reading (document) WHERE active;
CREATE INDEX claim_by_reading ON claim (reading);
CREATE INDEX claim_by_own_id ON claim (own_id) WHERE own_id IS NOT NULL;
CREATE INDEX party_by_code ON party (code, side);
CREATE INDEX item_by_whole ON item (claim, in_item) WHERE in_item IS NOT NULL;
CREATE INDEX dyad_by_b ON dyad (b, a, day);
CREATE INDEX dyad_by_claim ON dyad (claim);
CREATE INDEX review_by_claim ON review (claim);
CREATE INDEX review_by_undoes ON review (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX review_by_carried ON review (carried_from) WHERE carried_from IS NOT NULL;
CREATE INDEX judgement_by_claim ON judgement (claim);
CREATE INDEX judgement_by_other ON judgement (other);
CREATE TRIGGER document_keeps BEFORE UPDATE ON document BEGIN
  SELECT RAISE(ABORT, 'documents never change');
END;
CREATE TRIGGER reading_keeps BEFORE UPDATE OF reading, document, reader, time, claims ON reading BEGIN
  SELECT RAISE(ABORT, 'readings never change, but for which one is active');
END;
CREATE TRIGGER claim_keeps BEFORE UPDATE ON claim BEGIN
  SELECT RAISE(ABORT, 'claims never change');
END;
CREATE TRIGGER party_keeps BEFORE UPDATE ON party BEGIN
  SELECT RAISE(ABORT, 'claims never change');
END;
CREATE TRIGGER item_keeps BEFORE UPDATE ON item BEGIN
  SELECT RAISE(ABORT, 'claims never change');
END;
CREATE TRIGGER review_keeps BEFORE UPDATE ON review BEGIN
  SELECT RAISE(ABORT, 'reviews never change: undo them');
END;
CREATE TRIGGER judgement_keeps BEFORE UPDATE ON judgement BEGIN
  SELECT RAISE(ABORT, 'judgements never change: the last one counts');
END;
CREATE TRIGGER document_stays BEFORE DELETE ON document
WHEN (SELECT value FROM meta WHERE key = 'forgetting') IS NOT old.document BEGIN
  SELECT RAISE(ABORT, 'documents are taken out with kula forget');
END;
CREATE TRIGGER reading_stays BEFORE DELETE ON reading
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN
  SELECT RAISE(ABORT, 'readings go with their document only');
END;
CREATE TRIGGER claim_stays BEFORE DELETE ON claim
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN
  SELECT RAISE(ABORT, 'claims go with their document only');
END;
CREATE TRIGGER party_stays BEFORE DELETE ON party
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN
  SELECT RAISE(ABORT, 'claims go with their document only');
END;
CREATE TRIGGER item_stays BEFORE DELETE ON item
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN
  SELECT RAISE(ABORT, 'claims go with their document only');
END;
CREATE TRIGGER review_stays BEFORE DELETE ON review
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN
  SELECT RAISE(ABORT, 'reviews stay: undo them');
END;
CREATE TRIGGER judgement_stays BEFORE DELETE ON judgement
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'forgetting') BEGIN
  SELECT RAISE(ABORT, 'judgements stay: the last one counts');
END;
CREATE VIEW claim_view AS
SELECT c.document || '.' || c.ordinal AS id, c.claim, c.document, d.doc, d.title, d.publisher,
  date(d.published * 86400, 'unixepoch') AS published, c.act, c.status,
  (SELECT group_concat(code, ' ') FROM (SELECT DISTINCT code FROM party p WHERE p.claim = c.claim AND p.side = 'from' AND code IS NOT NULL)) AS from_codes, (SELECT group_concat(text, ', ') FROM (SELECT text FROM party p WHERE p.claim = c.claim AND p.side = 'from' ORDER BY ordinal)) AS from_texts,
  (SELECT group_concat(code, ' ') FROM (SELECT DISTINCT code FROM party p WHERE p.claim = c.claim AND p.side = 'to' AND code IS NOT NULL)) AS to_codes, (SELECT group_concat(text, ', ') FROM (SELECT text FROM party p WHERE p.claim = c.claim AND p.side = 'to' ORDER BY ordinal)) AS to_texts,
  (SELECT group_concat(text, '; ') FROM (SELECT text FROM item i WHERE i.claim = c.claim ORDER BY ordinal)) AS items,
  date(c.date_first * 86400, 'unixepoch') AS date_first, date(c.date_last * 86400, 'unixepoch') AS date_last,
  date(c.due_first * 86400, 'unixepoch') AS due_first, date(c.due_last * 86400, 'unixepoch') AS due_last,
  coalesce(date(c.date_first * 86400, 'unixepoch'), date(d.published * 86400, 'unixepoch')) AS day,
  c.value_min, c.value_max, c.value_unit, c.value_per, c.place_at, c.place_from, c.place_to, c.means, c.agreement, c.condition,
  (SELECT group_concat(code, ' ') FROM (SELECT DISTINCT code FROM party p WHERE p.claim = c.claim AND p.side = 'said_by' AND code IS NOT NULL)) AS said_by_codes, (SELECT group_concat(text, ', ') FROM (SELECT text FROM party p WHERE p.claim = c.claim AND p.side = 'said_by' ORDER BY ordinal)) AS said_by_texts,
  CAST(substr(CAST(d.text AS BLOB), c.span_from + 1, c.span_to - c.span_from) AS TEXT) AS evidence, c.trigger_text AS "trigger", c.confidence, r.name AS reader,
  (SELECT v.verdict FROM review v WHERE v.claim = c.claim AND v.verdict <> 'undo'
     AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = v.review) ORDER BY v.review DESC LIMIT 1) AS verdict
FROM claim c JOIN reading g ON g.reading = c.reading AND g.active JOIN document d ON d.document = c.document
JOIN reader r ON r.reader = g.reader;
CREATE VIEW item_view AS
SELECT c.document || '.' || c.ordinal AS id, i.claim, i.ordinal, c.act, c.status, i.text, i.what, i.kind, i.min, i.max, i.unit,
  i.per, i.approx, i.in_item, (SELECT group_concat(code, ' ') FROM (SELECT DISTINCT code FROM party p WHERE p.claim = c.claim AND p.side = 'from' AND code IS NOT NULL)) AS from_codes, (SELECT group_concat(code, ' ') FROM (SELECT DISTINCT code FROM party p WHERE p.claim = c.claim AND p.side = 'to' AND code IS NOT NULL)) AS to_codes,
  coalesce(date(c.date_first * 86400, 'unixepoch'), date(d.published * 86400, 'unixepoch')) AS day
FROM item i JOIN claim c ON c.claim = i.claim JOIN reading g ON g.reading = c.reading AND g.active
JOIN document d ON d.document = c.document;
CREATE VIEW dyad_view AS
SELECT y.a AS from_code, y.b AS to_code, date(nullif(y.day, -2147483648) * 86400, 'unixepoch') AS day, c.act, c.status, y.claim,
  c.document || '.' || c.ordinal AS id
FROM dyad y JOIN claim c ON c.claim = y.claim;
CREATE VIEW account AS
SELECT c.document || '.' || c.ordinal AS id, c.claim, c.document, d.publisher, p.text AS source, p.code AS source_code, p.verb,
  p.text IS NULL AS own_voice, CAST(substr(CAST(d.text AS BLOB), c.span_from + 1, c.span_to - c.span_from) AS TEXT) AS evidence
FROM claim c JOIN reading g ON g.reading = c.reading AND g.active JOIN document d ON d.document = c.document
LEFT JOIN party p ON p.claim = c.claim AND p.side = 'said_by' AND p.ordinal = 0;
CREATE VIEW flow_by_month AS
SELECT strftime('%Y-%m', y.day * 86400, 'unixepoch') AS month, y.a AS from_code, y.b AS to_code, c.act, c.status, i.kind, i.unit,
  i.per, count(*) AS items, sum(coalesce(i.min, 0)) AS min, CASE WHEN count(i.max) = count(*) THEN sum(i.max) END AS max
FROM dyad y JOIN claim c ON c.claim = y.claim JOIN item i ON i.claim = c.claim AND i.in_item IS NULL
WHERE y.day <> -2147483648 AND c.act <> 'hold'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
CREATE VIEW document_view AS
SELECT d.document, d.doc, d.title, d.publisher, date(d.published * 86400, 'unixepoch') AS published, d.fetched, d.added, d.sha256,
  length(CAST(d.text AS BLOB)) AS bytes, g.claims, r.name AS reader, r.version AS reader_version, r.weights, r.knowledge
FROM document d LEFT JOIN reading g ON g.document = d.document AND g.active LEFT JOIN reader r ON r.reader = g.reader;
CREATE INDEX join_face_by_document ON join_face (document);
CREATE INDEX join_edge_by_b ON join_edge (b);
CREATE INDEX join_text_by_copies ON join_text (copies);
CREATE INDEX exchange_claim_by_exchange ON exchange_claim (exchange);
CREATE INDEX exchange_place_by_exchange ON exchange_place (exchange);
CREATE INDEX link_base_by_to ON link_base (to_exchange);
CREATE INDEX link_by_to ON link (to_exchange, type);
CREATE TRIGGER join_read AFTER INSERT ON reading BEGIN
  INSERT OR IGNORE INTO join_pending VALUES (new.document);
END;
CREATE TRIGGER join_reread AFTER UPDATE OF active ON reading BEGIN
  INSERT OR IGNORE INTO join_pending VALUES (new.document);
END;
CREATE TRIGGER join_reviewed AFTER INSERT ON review BEGIN
  INSERT OR IGNORE INTO join_pending SELECT document FROM claim WHERE claim = new.claim;
END;
CREATE TRIGGER join_judged AFTER INSERT ON judgement BEGIN
  INSERT OR IGNORE INTO join_dirty VALUES (new.claim), (new.other);
END;
CREATE TRIGGER join_forget BEFORE DELETE ON claim BEGIN
  INSERT OR IGNORE INTO join_gone SELECT claim, face FROM join_face WHERE claim = old.claim;
  INSERT OR IGNORE INTO join_dirty SELECT b FROM join_edge WHERE a = old.claim UNION SELECT a FROM join_edge WHERE b = old.claim
    UNION SELECT claim FROM exchange_claim WHERE exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim)
    UNION SELECT other FROM judgement WHERE claim = old.claim UNION SELECT claim FROM judgement WHERE other = old.claim;
  INSERT OR IGNORE INTO join_relink SELECT to_exchange FROM link_base
    WHERE from_exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim)
    UNION SELECT from_exchange FROM link_base WHERE to_exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim);
  DELETE FROM exchange WHERE exchange = (SELECT exchange FROM exchange_claim WHERE claim = old.claim);
  DELETE FROM join_dirty WHERE claim = old.claim;
END;
CREATE TRIGGER join_forget_text AFTER DELETE ON document BEGIN
  DELETE FROM join_pending WHERE document = old.document;
END;
PRAGMA writable_schema=OFF;
COMMIT;
