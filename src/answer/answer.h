/* answer: what the ledger's claims add up to. Takes a ledger and two parties, gives timelines and totals in the caller's arena.
 *
 * takes    a ledger                          promises   intervals are added as intervals; parts are not added to their wholes;
 * gives    timelines, totals                            stocks stay apart from flows; every row names its claim
 *                                            leaves alone   how a row looks (cli)
 */
#ifndef KULA_ANSWER_H
#define KULA_ANSWER_H

#include "ledger/ledger.h"

/* Which way a claim goes between two parties A and B. */
typedef enum answer_way {
	ANSWER_FORTH,           /* A acts, B is acted on */
	ANSWER_BACK,            /* B acts, A is acted on */
	ANSWER_BOTH,            /* sides that are equal (meet, agree, sign, cooperate), or both on both */
	ANSWER_WAYS
} answer_way;

typedef struct answer_row {
	ledger_claim claim;
	answer_way   way;
} answer_row;

/* The sum over items of one kind, unit and rate that pass one way by one act at one status. Claims are added as they stand:
 * what two reports tell is here twice until they are joined to exchanges. */
typedef struct answer_total {
	answer_way way;
	kula_act   act;
	kula_claim_status status;
	bool       items;       /* false: claims without an item; kind, unit and the interval mean nothing then */
	kula_kind  kind;
	const char *unit;
	kula_per   per;
	uint32_t   claims;      /* that have a part in it */
	uint32_t   quantities;  /* items added up */
	uint32_t   unknown;     /* of them without any number */
	double     min, max;    /* of the sum; min is 0 where nothing is known, max NaN where it is open */
	bool       approx;
} answer_total;

typedef struct answer_between {
	char          a[KULA_CODE_BYTES], b[KULA_CODE_BYTES];
	answer_row   *rows;     uint32_t count;        /* by day, then document and ordinal */
	answer_total *totals;   uint32_t total_count;  /* by way, act, kind, unit, rate, status */
	uint32_t      documents, publishers;            /* that the rows come from; publishers named */
} answer_between;

/* What passed between a and b. f: more conditions (its a, b, from, to are set here), or NULL. */
kula_status answer_between_of(ledger *l, arena *a, const char *code_a, const char *code_b, const ledger_filter *f, answer_between *out,
	kula_error *err);

#endif
