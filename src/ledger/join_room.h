/* join_room.h: what the files of the join share among themselves. */
#ifndef KULA_LEDGER_JOIN_ROOM_H
#define KULA_LEDGER_JOIN_ROOM_H

#include <math.h>
#include "ledger/join.h"

/* Which accounts can be of one act: undertakings stand apart from the act itself. */
static inline bool status_is_fact(uint8_t s)
{
	return s == KULA_DONE || s == KULA_ONGOING || s == KULA_PLANNED || s == KULA_POSSIBLE || s == KULA_DENIED;
}

typedef enum word_class { WORD_STOP = 1, WORD_PART = 2, WORD_WHOLE = 4, WORD_BACK = 8, WORD_YET = 16, WORD_DEAL = 32, WORD_ARRIVAL = 64 } word_class;
typedef enum act_sort { SORT_TRANSFER, SORT_FORCE, SORT_MOVE, SORT_MEET, SORT_PACT, SORT_STOP, SORT_WORDS, SORT_HOLD, SORTS } act_sort;

enum { JOIN_FEATURES_MAX = 128 };

enum { JOIN_VERSION = 3 };      /* raise it when faces, keys or the method change: ledgers are then joined anew */

struct join_rules {
	uint64_t hash;                          /* of the files and of the version */
	table   *words;                         /* word -> classes */
	table   *backs;                         /* phrases that say what an act was done for */
	table   *units;                         /* unit -> index of unit_base, unit_times */
	table   *codes;                         /* code -> index of code_whole */
	uint32_t unit_base[64];   double unit_times[64];
	uint32_t code_of[64], code_whole[64];   uint32_t code_count;
	uint8_t  family[KULA_ACTS], sort[KULA_ACTS];
	int32_t  near[KULA_ACTS], days[KULA_ACTS];
	double   weight[JOIN_FEATURES_MAX];
	double   link_weight[JOIN_LINKS][JOIN_FEATURES_MAX];
	/* of average linkage: joined above the first; never joined below veto; absent: for a pair that is no candidate; contested:
	 * how much less is asked of neighbours that contradict each other */
	double   threshold, veto, absent, contested;
	double   link;                          /* a link above this is one */
};

/* ---- the index: what a claim is filed under, what it asks under ---- */

enum { JOIN_KEYS = 96 };
enum { JOIN_FAR_MOST = 1000 };          /* entries under one far key; more, and it is asked by nobody */
typedef struct join_key { uint64_t key; int32_t reach; bool far; } join_key;   /* reach: in days, either way */
uint32_t join_keys(const join_rules *r, const join_face *f, bool ask, join_key keys[JOIN_KEYS]);
/* The days a claim is filed at: of publication, and of the act. */
uint32_t join_days(const join_face *f, int32_t days[2]);

uint32_t join_hash(const void *at, size_t n);           /* never 0 */
/* The stem of a word: lower case, endings of number and tense off. Writes at most 32 bytes; its length. */
size_t join_stem(const char *word, size_t n, char out[32]);
uint32_t join_common(const uint32_t *a, uint32_t na, const uint32_t *b, uint32_t nb);  /* of two sorted lists */
double join_likeness(const join_words *a, const join_words *b);         /* common words by the smaller list; 0 if either is empty */
/* A code and the body it is part of are one; 0 (no code) is like none. */
bool join_code_same(const join_rules *r, uint32_t a, uint32_t b);

/* How two quantities stand to each other. */
typedef enum quantity_relation {
	QUANTITY_UNTOLD,                /* neither has a bound */
	QUANTITY_ONE,                   /* only one has */
	QUANTITY_SAME, QUANTITY_OVERLAP, QUANTITY_NEAR, QUANTITY_LESS, QUANTITY_MORE    /* a against b: near is disjoint by under a third */
} quantity_relation;
quantity_relation join_quantities(double amin, double amax, double bmin, double bmax, bool approx);

/* The items of two claims that correspond best; -1 where none do. */
void join_item_pair(const join_face *a, const join_face *b, int *ia, int *ib);
double join_item_likeness(const join_item *a, const join_item *b);
/* Sum of the items that are in no other, of one unit and kind as item i. */
void join_item_total(const join_face *f, int i, double *min, double *max);

/* Sides compared in the order that fits better where an act's sides are equal. */
typedef struct side_relation { uint8_t same, common, open, apart; } side_relation;
typedef struct party_relation { side_relation from, to; bool turned; } party_relation;
party_relation join_parties(const join_rules *r, const join_face *a, const join_face *b);
party_relation join_parties_turned(const join_rules *r, const join_face *a, const join_face *b);  /* from against to, whatever the acts */

/* Days between two intervals; 0 where they touch. */
static inline int32_t days_gap(kula_days a, kula_days b)
{
	return a.first > b.last ? a.first - b.last : b.first > a.last ? b.first - a.last : 0;
}
static inline bool days_told(kula_days d) { return d.first != KULA_NO_DAY; }

/* The later steps of join_all, each on the exchanges that are there. */
kula_status join_accounts(arena *a, const join_face *faces, const join_copies *near, join_result *x, kula_error *err);
kula_status join_differ(const join_rules *r, arena *a, const join_face *faces, join_result *x, kula_error *err);
kula_status join_link_all(const join_rules *r, arena *a, const join_face *faces, join_result *x, kula_error *err);

/* One text sets the two against each other: neighbours, other sources, and a denial or another figure. */
bool join_contests(const join_rules *r, const join_face *a, const join_face *b);

/* Links in two steps, so that a ledger can keep the first: every pair of exchanges that is nearly one (a function of the two
 * alone; heap, the caller frees), then the choice among them, within what hangs together. select sorts, keeps the chosen in
 * front and returns how many; SIZE_MAX: no memory. Exchanges must be numbered in the order of their first claims. */
kula_status join_link_base(const join_rules *r, const join_face *faces, const join_result *x, const bool *changed,
	join_link **out, size_t *count, kula_error *err);
size_t join_link_select(const join_rules *r, join_link *links, size_t count);
uint32_t join_link_keys(const join_rules *r, const join_face *faces, const join_result *x, uint32_t e, bool ask,
	join_key keys[JOIN_KEYS], int32_t days[3], uint32_t *day_count);
uint32_t join_whole_code(const join_rules *r, uint32_t code);

/* Copies whose groups are known: documents and groups by identity. */
join_copies *join_copies_given(arena *a, const uint64_t *documents, const uint64_t *groups, uint32_t count);

/* Clusters of faces bound by edges that are given. */
typedef struct join_edge { uint32_t a, b; double score; } join_edge;
bool join_is_edge(const join_rules *r, const join_face *a, const join_face *b, double score);
kula_status join_bind(const join_rules *r, arena *a, const join_face *faces, uint32_t count, const join_edge *edges, size_t edge_count,
	const join_judgement *judged, uint32_t judged_count, join_result *out, kula_error *err);

/* Of an exchange: the face that tells most (index), the act that is told most plainly, the status now. */
void join_exchange_summary(const join_face *faces, const join_result *x, uint32_t e, uint32_t *lead, uint8_t *act, uint8_t *status);

double join_score(const join_rules *r, const join_face *a, const join_face *b);

/* Orders claims whatever the order of arrival: by publication, document, place. */
int join_face_order(const join_face *a, const join_face *b);

#endif
