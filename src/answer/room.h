/* room.h: what the files of answer share among themselves. */
#ifndef KULA_ANSWER_ROOM_H
#define KULA_ANSWER_ROOM_H

#include "answer/answer.h"
#include "ledger/db.h"
#include <math.h>

static inline bool interval_told(answer_interval q) { return !isnan(q.min) || !isnan(q.max); }
static inline bool status_is_undertaking(kula_claim_status s)
{
	return s == KULA_PROMISED || s == KULA_OFFERED || s == KULA_REQUESTED || s == KULA_THREATENED || s == KULA_REFUSED;
}
static inline bool status_happened(kula_claim_status s) { return s == KULA_DONE || s == KULA_ONGOING; }
static inline bool has_code(const kula_party *p, uint32_t count, const char *code)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(p[i].code, code) == 0)
			return true;
	return false;
}
kula_status answer_no_memory(kula_error *err);

/* Row numbers in a growing list of the heap. */
typedef struct id_list { int64_t *at; size_t count, room; bool refused; } id_list;
void id_add(id_list *s, int64_t v);
void id_free(id_list *s);
/* The exchanges that a filter lets through, in its order. */
kula_status answer_ids(ledger *l, const answer_filter *f, id_list *out, kula_error *err);

/* The last word of what something is, folded: a name by which accounts mean the same thing. Views into `what`. */
const char *thing_head(const char *what, size_t *n);
bool thing_same_head(const char *a, const char *b);

/* ---- sums ---- */

/* Which things are added up: of this kind, unit, rate. what: only those of that name (NULL: any); named: those of that name whatever
 * their kind, and where an exchange has none of that name, those of the kind if `any`. */
typedef struct sum_key { kula_kind kind; const char *base; kula_per per; const char *what; bool named, any; } sum_key;
bool sum_has(const answer_exchange *x, const sum_key *k);
/* The sum over some exchanges of the set (places, each once), in the base unit. A part is not added to a whole that is among them,
 * but the whole is at least what its parts are together. used: of each member whether it had a thing of this key; or NULL. */
bool sum_of(const answer_set *s, arena *scratch, const uint32_t *members, uint32_t count, const sum_key *k, answer_sum *out, bool *used);
/* Places of exchanges that hang on these by links of a type coming in (of theirs going out), over any number of them; members
 * included where self. Sorted by place. NULL: no memory. */
uint32_t *linked_to(const answer_set *s, arena *a, const uint32_t *members, uint32_t count, answer_link_type t, bool out, bool self, uint32_t *n);
/* q in another unit: NaN stays, and what is a whole number but for rounding becomes one. */
answer_interval interval_scaled(answer_interval q, double times);

/* ---- pledges ---- */

/* Fills a row for one undertaking (or loan) of the set. False: no memory. */
bool pledge_fill(const answer_set *s, arena *a, uint32_t place, bool loan, kula_day on, answer_pledge *out);
/* Places by day, then exchange. */
void places_by_day(const answer_set *s, uint32_t *list, uint32_t count);

#endif
