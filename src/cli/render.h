/* render: claims in words, for the commands that answer from the ledger. */
#ifndef KULA_CLI_RENDER_H
#define KULA_CLI_RENDER_H

#include "cli/cli.h"
#include "cli/table.h"
#include "know/know.h"
#include "ledger/ledger.h"

/* "12–14 Mar 2024" is for novels; ISO sorts: "2024-11-20", "2024-11", "2024", "2024-11-18/20". Nothing for KULA_NO_DAY. */
void render_days(buf *b, kula_days d);
void render_day(buf *b, kula_day d);
/* Codes, each once, parted by commas; the words of a party without one. */
void render_codes(buf *b, const kula_party *p, uint32_t count);
/* What it is about: its items, else its agreement, else its trigger in quotes; then value, due day, place. */
void render_what(buf *b, const screen *s, const kula_claim *c);
/* "70 brown bear", "≥ 2.5 million USD a month": the item by its numbers. */
void render_quantity(buf *b, const screen *s, const kula_quantity *q);
/* Who says so: sources with their verbs, then the publisher. */
void render_sources(buf *b, const ledger_claim *k);
/* The status with its colour goes through style_of_status. */

/* The code of what a person typed, with the knowledge base or, where that isn't there, as it stands if it looks like a code.
 * False: said on standard error, *code is the exit code. name gets the display name, or the code. */
typedef struct render_party { char code[KULA_CODE_BYTES]; char name[64]; } render_party;
bool render_code_of(const know *k, const char *typed, render_party *out, int *code);

/* Masks from "give,lend" against the contract's words. False: said, *code set. what: "act" or "status". */
bool render_mask(const char *what, const char *list, uint32_t count, const char *(*name)(uint32_t), uint32_t *mask, int *code);
const char *render_act(uint32_t i);
const char *render_status(uint32_t i);
const char *render_kind(uint32_t i);

/* One claim as a JSON object, without newline: {"id","doc","title","publisher","published","reader","claim":{...}}; `extra` is
 * put in behind the id ("\"way\":\"forth\"") or NULL. */
void render_json(buf *b, const ledger_claim *k, const char *extra);

/* Writes b to standard output and empties it. */
void render_out(buf *b);

#endif
