/* schema.h: the tables of the ledger, version 2. docs/LEDGER.md explains them to people who query them. */
#ifndef KULA_LEDGER_SCHEMA_H
#define KULA_LEDGER_SCHEMA_H

extern const char ledger_tables[];              /* and indexes */
extern const char ledger_claim_table[];         /* the table of claims, behind the others */
extern const char ledger_triggers[];            /* these and the views hold no data: they are made again at every change of the schema */
extern const char ledger_views[];
extern const char *const ledger_from_1[];       /* version 1 to 2, triggers and views set aside; ends with 0 */

#endif
