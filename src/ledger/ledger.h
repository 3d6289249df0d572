/* ledger: what was read, kept. One SQLite file (docs/LEDGER.md has its tables and views).
 *
 * takes    documents with the claims that a reader found in them      promises   one transaction a document: a crash loses at
 * gives    documents, claims, reviews, searches                                  most the one in hand; claims never change;
 *                                                                                adding twice changes nothing
 *                                                                     leaves alone   which claims speak of one exchange (join.h),
 *                                                                                what they add up to (answer)
 *
 *	reader --< reading >-- document         a document is read once or again by newer weights; one reading is active
 *	              |
 *	           claim --< party, item        as read, immutable
 *	              |
 *	           review, judgement            a person's word on it, layered on top
 *
 * People name a claim as "12.3": the third claim of document 12. Claims of later readings of a document count on, so that
 * a number never comes to mean another claim; numbers of forgotten documents are not used again.
 *
 * A ledger belongs to one thread at a time. Several processes may read while one writes; a second writer waits
 * (ledger_wait), then gets KULA_EBUSY with the process that holds the file.
 */
#ifndef KULA_LEDGER_H
#define KULA_LEDGER_H

#include "base/base.h"

/* A document whose dossier begins so is a row of a register, which itself says which of its claims speak of one exchange: those
 * with the same kula_claim.exchange ("ROW/ordered", "ROW/delivered" are two of one row). Joining takes its word for it. */
#define LEDGER_REGISTER "register:"

#define LEDGER_APPLICATION_ID 0x4B554C41        /* "KULA", in the SQLite header */
#define LEDGER_VERSION 2                        /* of the schema: user_version in the SQLite header */

typedef struct ledger ledger;

typedef enum ledger_mode {
	LEDGER_READ,            /* must be there; nothing is written */
	LEDGER_WRITE,           /* must be there */
	LEDGER_CREATE           /* made if absent */
} ledger_mode;

/* NULL on failure: KULA_ENOTFOUND no such file; KULA_EVERSION another program's file or a newer schema (says which);
 * KULA_EFORMAT not a database, or a damaged one; KULA_EIO; KULA_EBUSY. */
ledger *ledger_open(const char *path, ledger_mode mode, kula_error *err);
ledger *ledger_memory(kula_error *err);         /* gone when closed: for tests, and for joining dossiers */
void ledger_close(ledger *l);                   /* NULL is fine */
const char *ledger_path(const ledger *l);       /* ":memory:" */
void ledger_wait(ledger *l, int wait_ms);       /* how long to wait for another writer; 5,000 from the start */
/* false: commits don't wait for the disk. A killed process still loses nothing, a power cut may lose the last documents. */
void ledger_sync(ledger *l, bool every_commit);

/* ---- adding ---- */

/* The number of a reader, made if new. version, weights, knowledge: "" where it has none. -1 on failure. */
int64_t ledger_reader(ledger *l, const char *name, const char *version, const char *weights, const char *knowledge,
	kula_error *err);

typedef enum ledger_outcome {
	LEDGER_ADDED,           /* a new document */
	LEDGER_KNOWN,           /* it was there and has been read: nothing changed */
	LEDGER_REREAD           /* it was there; these claims are now its active reading */
} ledger_outcome;

typedef struct ledger_added {
	ledger_outcome outcome;
	int64_t  document;      /* its number */
	int64_t  reading;
	uint32_t claims;        /* of its active reading */
	uint32_t carried;       /* reviews that carried over to the new reading */
} ledger_added;

/* Adds one document with its claims, all or nothing. The same document (own id and bytes of the text) again is KNOWN,
 * unless `reread` and another reader: then the claims become its active reading and the old ones stay. The same id with
 * another text is another version of the document, with a number of its own. fetched: ISO time or NULL.
 * Every claim needs its evidence's span (claims_locate); spans are checked against the text: KULA_EFORMAT. */
kula_status ledger_add(ledger *l, const kula_document *d, const char *fetched, const kula_claim *claims, uint32_t count,
	int64_t reader, bool reread, ledger_added *out, kula_error *err);

/* What is added between the two is one transaction: all of it, or with ok false nothing. Nothing else may write meanwhile. */
kula_status ledger_batch_begin(ledger *l, kula_error *err);
kula_status ledger_batch_end(ledger *l, bool ok, kula_error *err);

/* The number of the document with this own id and text if it is there and `reader` has read it (or any reader, for
 * reader 0); 0 if not: so that add need not read what it has. -1 on failure. */
int64_t ledger_has(ledger *l, const kula_document *d, int64_t reader, kula_error *err);

/* Takes a document and all that came of it out of the ledger: text, readings, claims, reviews, judgements, words. */
kula_status ledger_forget(ledger *l, int64_t document, kula_error *err);

/* ---- documents ---- */

typedef struct ledger_document {
	int64_t     document;   /* its number */
	const char *doc, *sha256, *title, *publisher, *fetched, *added, *reader, *dossier;      /* NULL: not known */
	kula_day    published;
	uint64_t    text_bytes;
	uint32_t    claims;     /* of the active reading */
	uint32_t    readings, reviews, judgements;
} ledger_document;

/* The document that a person names: its number, its own id (the newest version), or the start of its SHA-256 (8 digits or
 * more). 0 with KULA_ENOTFOUND if there is none. */
int64_t ledger_document_of(ledger *l, const char *typed, kula_error *err);
kula_status ledger_document_load(ledger *l, arena *a, int64_t document, ledger_document *out, kula_error *err);
/* The text of a document, in the arena. */
const char *ledger_text(ledger *l, arena *a, int64_t document, size_t *bytes, kula_error *err);

/* ---- claims ---- */

typedef struct ledger_claim {
	int64_t     claim;              /* its row, what other tables refer to */
	int64_t     document;
	uint32_t    ordinal;            /* from 1 */
	char        number[32];         /* "12.3" */
	bool        active;             /* of the active reading of its document */
	bool        stands;             /* it counts: active, not rejected, and not superseded by its reviewed version */
	int64_t     as_read;            /* the row of the claim as it was read: its own, unless this is the reviewed version */
	kula_claim  c;                  /* id: the reader's own, or NULL */
	const char *doc, *title, *publisher, *reader;
	kula_day    published;
	kula_day    day;                /* the day it stands at in a timeline: first of date, else published, else KULA_NO_DAY */
} ledger_claim;

/* "12.3", or "<document's own id>.3", or a reader's own claim id: the reviewed version where there is one. 0 with
 * KULA_ENOTFOUND if there is none. */
int64_t ledger_claim_of(ledger *l, const char *typed, kula_error *err);
/* Strings are the arena's. */
kula_status ledger_claim_load(ledger *l, arena *a, int64_t claim, ledger_claim *out, kula_error *err);

typedef struct ledger_filter {          /* {0} lets everything through, except bounds: ledger_filter_all() */
	const char *a, *b;              /* codes: claims between the two, both directions; b NULL: any with a */
	const char *from, *to;          /* codes: one direction */
	kula_day    since, until;       /* the claim's days touch this; KULA_NO_DAY: open */
	uint32_t    acts, statuses;     /* masks: bit 1 << KULA_GIVE; 0: all */
	uint32_t    kinds;              /* some item is of one of these; 0: all */
	int64_t     document;           /* 0: all */
	double      min_confidence;     /* claims without confidence pass */
	bool        every_reading;      /* all as they were read, of every reading, rejected ones too; else those that stand */
	bool        by_document;        /* in order of document and ordinal; else by day */
	bool        newest_first;
	uint64_t    limit;              /* 0: none */
} ledger_filter;
ledger_filter ledger_filter_all(void);

typedef struct ledger_walk ledger_walk;
ledger_walk *ledger_claims(ledger *l, const ledger_filter *f, kula_error *err);
/* KULA_OK: there is one; KULA_ENOTFOUND: the end; else err. out lives as long as the arena. */
kula_status ledger_next(ledger_walk *w, arena *a, ledger_claim *out, kula_error *err);
void ledger_walk_free(ledger_walk *w);
int64_t ledger_count(ledger *l, const ledger_filter *f, kula_error *err);      /* -1 on failure */

/* Calls see(arg, document) for every document, by number, from the newest with newest_first; stops when see says false. */
kula_status ledger_documents(ledger *l, bool newest_first, bool (*see)(void *arg, const ledger_document *d), void *arg,
	kula_error *err);

/* ---- search ---- */

typedef struct ledger_hit {
	int64_t     document;
	const char *doc, *title, *publisher;
	kula_day    published;
	const char *words;              /* the piece of text around the words, hits between \1 and \2 */
	int64_t     claims[16];         /* of sentences that hold a hit, in order of the text */
	uint32_t    claim_count;
} ledger_hit;
/* Documents whose title or text holds all words ("phrases" in quotes, word* for beginnings, -word for without), best first.
 * Any text is a query: nothing in it is a syntax error. */
kula_status ledger_search(ledger *l, const char *words, uint32_t limit, bool (*see)(void *arg, const ledger_hit *h), void *arg,
	kula_error *err);

/* ---- review: a person's word, layered on top; nothing is overwritten ----
 *
 * A correction gives the claim a reviewed version, which stands in its place everywhere; the claim as read stays. A rejected claim
 * stands nowhere. Reviews name a claim by either version. What was undone is as if it had not been said. */

typedef enum ledger_verdict { LEDGER_ACCEPT, LEDGER_REJECT, LEDGER_CORRECT, LEDGER_UNDO, LEDGER_VERDICTS } ledger_verdict;
const char *ledger_verdict_name(ledger_verdict v);
/* field (of the contract, whole: "from", "items", "place") and value (JSON as the contract writes it, null to clear) for CORRECT;
 * NULL otherwise. The claim with its correction must keep the contract and the text: else KULA_EUSAGE, and nothing is written.
 * UNDO takes back the claim's last review that isn't undone yet. The review's number, or -1. */
int64_t ledger_review(ledger *l, int64_t claim, const char *reviewer, ledger_verdict v, const char *field, const char *value,
	const char *note, kula_error *err);

/* What a person types for a correction, as field and value for ledger_review (docs/LEDGER.md, "Correcting"): a field or a part of
 * one ("from", "from.1.code", "items.2.min"), a value in JSON or in short ("70..75", "2024-11-18..2024-11-20", "Russia=RUS").
 * code_of: the code of a name, where the person gives a name alone; may be NULL. Strings are the arena's. */
typedef bool (*ledger_code_of)(void *arg, const char *name, char code[KULA_CODE_BYTES]);
kula_status ledger_correction(ledger *l, arena *a, int64_t claim, const char *typed_field, const char *typed_value, ledger_code_of code_of,
	void *arg, const char **field, const char **value, kula_error *err);

/* "The same exchange" or not: rows that every later join respects, the last about a pair. One call is one ruling, with its number,
 * or -1: two claims; all of the claims as one; the claims parted from each of the rest. */
int64_t ledger_judge(ledger *l, int64_t claim, int64_t other, bool same, const char *reviewer, const char *note, kula_error *err);
int64_t ledger_merge(ledger *l, const int64_t *claims, uint32_t count, const char *reviewer, const char *note, kula_error *err);
int64_t ledger_split(ledger *l, const int64_t *claims, uint32_t count, const int64_t *rest, uint32_t rest_count, const char *reviewer,
	const char *note, kula_error *err);
int64_t ledger_unjudge(ledger *l, int64_t ruling, const char *reviewer, const char *note, kula_error *err);

typedef struct ledger_said {
	int64_t     number;             /* of the review, or of the ruling */
	bool        ruling;             /* a merge, a split, or the undoing of one */
	bool        stands;             /* not undone, and no undoing itself */
	const char *time, *reviewer;
	const char *verdict;            /* "accept", "reject", "correct", "merge", "split", "undo" */
	const char *claims;             /* numbers, parted by spaces */
	const char *field, *value;      /* of a correction */
	const char *note;               /* NULL: none */
} ledger_said;
/* All that was said, in its order: of one claim (0: of all), by one reviewer (NULL: by all). see says false to stop. */
kula_status ledger_said_each(ledger *l, int64_t claim, const char *reviewer, bool (*see)(void *arg, const ledger_said *s), void *arg,
	kula_error *err);
/* Documents with a claim of the active reading of which anything stands that was said: see(arg, document, claims, of which reviewed). */
kula_status ledger_reviewed_each(ledger *l, bool (*see)(void *arg, int64_t document, uint32_t claims, uint32_t reviewed), void *arg,
	kula_error *err);
/* What this reviewer said last and hasn't undone: a claim to undo a review of, or a ruling. KULA_ENOTFOUND: nothing. */
kula_status ledger_last_said(ledger *l, const char *reviewer, int64_t *claim, int64_t *ruling, kula_error *err);

/* ---- the ledger as it was ---- */

struct join_rules;                      /* join.h */
/* A moment as people type it, in UTC: "2024-11-20" (to the end of that day), "2024-11-20T09:30", "2024-11-20 09:30:15",
 * with or without Z. False: no such moment. out: "2024-11-20T23:59:59Z". */
bool ledger_moment(const char *typed, char out[21]);
/* A ledger of its own, to be asked and closed like any other (its file is temporary), joined anew by r:
 *   as_read   the claims as the machine read them: no review and no judgement
 *   when      what was known at that moment: documents, readings, reviews and judgements up to it; NULL: now
 * Numbers of documents and claims are the same as in l. Documents that were forgotten since are not in it. Nothing is written
 * to l. r NULL: not joined. NULL on failure. */
ledger *ledger_as_of(ledger *l, const struct join_rules *r, const char *when, bool as_read, kula_error *err);

/* ---- what is there, and whether it is whole ---- */

typedef struct ledger_stats {
	int64_t  documents, claims, claims_inactive, readings, readers, reviews, judgements;
	int64_t  file_bytes;
	char     sqlite[16];
	int      version;
} ledger_stats;
kula_status ledger_stat(ledger *l, ledger_stats *out, kula_error *err);

/* SQLite's integrity check, foreign keys, the search index, and our own rules (spans inside texts and in order, a hash that
 * is the text's, one active reading a document, no claim without evidence). say gets every fault, ready to print; the number of
 * faults comes back, -1 if the check itself failed. quick: leaves out hashes, index and per-claim rules. */
int64_t ledger_check(ledger *l, bool quick, void (*say)(void *arg, const char *fault), void *arg, kula_error *err);

/* The log: what was done to the ledger when. newest first; see says false to stop. */
typedef struct ledger_log_entry {
	int64_t     entry;
	const char *time;               /* ISO, UTC */
	const char *what;               /* "create", "upgrade", "add", "reread", "forget", and of reviews "accept" ... "undo" */
	int64_t     document;           /* 0: none */
	const char *doc, *title, *publisher;    /* NULL once forgotten */
	int64_t     claims;
	const char *reader;             /* "kula 0.1.0 weights 0123456789abcdef" */
} ledger_log_entry;
kula_status ledger_log(ledger *l, bool (*see)(void *arg, const ledger_log_entry *e), void *arg, kula_error *err);

/* A copy of the whole ledger as of one instant, while others may write. Refuses a path that is there. */
kula_status ledger_backup(ledger *l, const char *path, kula_error *err);

#endif
