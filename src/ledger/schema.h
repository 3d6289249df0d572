/* schema.h: the tables of the ledger, version 1. docs/LEDGER.md explains them to people who query them. */
#ifndef KULA_LEDGER_SCHEMA_H
#define KULA_LEDGER_SCHEMA_H

extern const char ledger_schema[];              /* tables, indexes, triggers */
extern const char ledger_views[];               /* made again at every schema change: they hold no data */

#endif
