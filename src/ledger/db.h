/* db.h: the SQLite underneath, for the files of this room (ledger's and join's) only. */
#ifndef KULA_LEDGER_DB_H
#define KULA_LEDGER_DB_H

#include <sqlite3.h>
#include "ledger/ledger.h"

sqlite3 *ledger_db(ledger *l);

/* SQLite's last error as ours: status by its code, "<what>: <sqlite's words>", busy with the process that holds the file. */
kula_status db_fail(ledger *l, kula_error *err, int code, const char *what);
/* Runs statements that return nothing. */
kula_status db_run(ledger *l, const char *sql, kula_error *err);
/* A prepared statement kept by the ledger and reused by the same text (a literal): reset and cleared. NULL: err says why. */
sqlite3_stmt *db_query(ledger *l, const char *sql, kula_error *err);
/* A column's text copied to the arena; NULL for NULL. */
const char *db_text(sqlite3_stmt *q, int column, arena *a);

/* Transactions nest: only the outermost begins and ends. db_begin takes the write lock at once (BEGIN IMMEDIATE), waiting for
 * it as ledger_wait says. db_end commits if ok, else rolls everything back; its result is the commit's. */
kula_status db_begin(ledger *l, kula_error *err);
kula_status db_end(ledger *l, bool ok, kula_error *err);

/* Now, "2024-11-20T09:30:00Z", UTC; 21 bytes. */
void db_now(char out[21]);

#endif
