/* ledger_room.h: what the files of the ledger share among themselves. */
#ifndef KULA_LEDGER_ROOM_H
#define KULA_LEDGER_ROOM_H

#include "ledger/db.h"

typedef struct ledger_query { const char *sql; sqlite3_stmt *q; } ledger_query;

struct ledger {
	sqlite3     *db;
	char        *path;
	int          wait_ms;
	bool         memory, read_only;
	bool         broken;            /* a step of the transaction failed: it will be rolled back */
	uint32_t     depth;             /* of nested transactions */
	uint32_t     query_count;
	ledger_query queries[64];
};

#define LEDGER_NO_DAY_SQL "-2147483648"         /* dyad.day where neither claim nor document has one */

/* Hand: bind and read without a thought for NULL. */
void bind_text(sqlite3_stmt *q, int at, const char *text);                      /* NULL and "" are kept apart */
void bind_text_n(sqlite3_stmt *q, int at, const char *text, size_t n);
void bind_day(sqlite3_stmt *q, int at, kula_day d);
void bind_real(sqlite3_stmt *q, int at, double v);                              /* NaN: NULL */
void bind_span(sqlite3_stmt *q, int at, kula_span s);                           /* two columns; {0,0}: NULL */
kula_day column_day(sqlite3_stmt *q, int at);
double column_real(sqlite3_stmt *q, int at);
kula_span column_span(sqlite3_stmt *q, int at);

/* Steps a statement that gives no rows, and resets it. */
kula_status db_step(ledger *l, sqlite3_stmt *q, const char *what, kula_error *err);
/* The integer of a one-row query, `none` where there is no row; resets it. */
kula_status db_number(ledger *l, sqlite3_stmt *q, int64_t none, int64_t *out, kula_error *err);

/* ---- between the files ---- */

ledger *db_copy(ledger *l, kula_error *err);    /* private, temporary, writable; NULL on failure */

/* The rows of a claim; as_read: 0, or the claim that this is the reviewed version of. */
kula_status rows_add_claim(ledger *l, int64_t document, int64_t reading, uint32_t ordinal, int64_t as_read, bool stands,
	const kula_claim *c, int64_t *claim, kula_error *err);
/* Its pairs of parties, for a claim that stands. */
kula_status rows_add_dyads(ledger *l, int64_t claim, kula_day published, const kula_claim *c, kula_error *err);
/* A statement with two integers at most, and one that gives a number. */
kula_status run_with(ledger *l, const char *sql, int64_t a, int64_t b, const char *what, kula_error *err);
kula_status one_number(ledger *l, const char *sql, int64_t a, int64_t b, int64_t none, int64_t *out, kula_error *err);
/* Does the claim keep the contract and the text? n: its number in messages. */
bool claim_holds(const kula_document *d, const kula_claim *c, uint32_t n, kula_error *err);

/* Takes the hashes of a document's words out of the join's index. */
kula_status join_forget_runs(ledger *l, int64_t document, kula_error *err);

/* Makes what follows from the reviews of a claim (as read) anew: its reviewed version, which of the two stands, its pairs. */
kula_status review_derive(ledger *l, int64_t as_read, kula_error *err);
kula_status review_derive_all(ledger *l, kula_error *err);
bool review_field(const char *name);            /* a field of the contract that can be corrected */
/* The claim as JSON with spans, jansson's own; the caller lets go of it. NULL: no memory. */
struct json_t *review_json(const kula_document *d, const kula_claim *c);
/* Reviews and judgements that carry over from one reading of a document to another; *carried: how many reviews. */
kula_status review_carry(ledger *l, int64_t old_reading, int64_t reading, uint32_t *carried, kula_error *err);

#endif
