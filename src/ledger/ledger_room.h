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

#endif
