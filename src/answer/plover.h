/* plover: claims as events of PLOVER, the coding scheme of event data (classes of 0.8, 2021: AGREE ... ASSAULT).
 *
 * takes    the claims of one document         promises   every event names the claim (or the words) it rests on and the row of
 * gives    its events: class, mode, context,             the tables that decided; the same claims give the same events
 *          actors with codes and sectors      leaves alone   quantities, conditions, agreements, who says so: PLOVER has no
 *                                                        place for them
 *
 *	plover *p = plover_open(NULL, names, &err);             tables of data/plover, which people edit
 *	events = plover_events(p, a, document, claims, count, PLOVER_WORDS, &n);
 *	plover_close(p);
 *
 * The tables are explained at the head of each: classes.tsv (act, status, kinds, words -> class, who is source and target),
 * modes.tsv, contexts.tsv, sectors.tsv (words of a mention -> sector), codes.tsv (UN -> IGO), verbs.tsv (for sentences in which
 * no claim was read). A plover is read-only once open; threads may share it.
 */
#ifndef KULA_ANSWER_PLOVER_H
#define KULA_ANSWER_PLOVER_H

#include "know/know.h"

typedef enum plover_class {
	PLOVER_AGREE, PLOVER_CONSULT, PLOVER_SUPPORT, PLOVER_COOPERATE, PLOVER_AID, PLOVER_CONCEDE, PLOVER_RETREAT,
	PLOVER_REQUEST, PLOVER_ACCUSE, PLOVER_REJECT, PLOVER_THREATEN, PLOVER_PROTEST, PLOVER_SANCTION, PLOVER_MOBILIZE,
	PLOVER_COERCE, PLOVER_ASSAULT,
	PLOVER_CLASSES
} plover_class;
const char *plover_class_name(plover_class c);          /* "AGREE" */
int plover_class_of(const char *name, size_t n);        /* -1: none */

typedef struct plover_actor {
	const char *text;                       /* the mention, verbatim */
	char        code[KULA_CODE_BYTES];      /* ISO 3166-1 alpha-3, IGO, NGO, IMG, ...; "" where nobody knows */
	char        claim_code[KULA_CODE_BYTES];        /* the claim's own: "UN" */
	const char *sector;                     /* "GOV", "MIL", ... or "" */
	kula_span   span;                       /* in the document; {0,0} where it isn't known */
} plover_actor;

enum { PLOVER_CONTEXTS = 4 };

typedef struct plover_event {
	plover_class  class;
	const char   *mode;                     /* "arrest", "" where it has none */
	const char   *context[PLOVER_CONTEXTS]; /* "military", ...; NULL behind the last */
	plover_actor *source;   uint32_t source_count;
	plover_actor *target;   uint32_t target_count;
	bool          reciprocal;               /* both sides do it: an agreement, a treaty; source and target are the claim's two sides */
	kula_days     date;                     /* of the act, or when it was promised, asked for ...; first KULA_NO_DAY: not said */
	kula_span     sentence, trigger;        /* in the document */
	const char   *sentence_text, *trigger_text;
	const char   *place;                    /* or NULL */
	int32_t       claim;                    /* index of the claim it was read from, or -1: from words (verbs.tsv) */
	bool          main;                     /* the sentence's first and foremost event; the others follow from what else it says */
	double        confidence;               /* the claim's; NaN: none */
	uint32_t      row;                      /* line of classes.tsv, or of verbs.tsv where claim is -1 */
} plover_event;

typedef struct plover plover;
/* folder NULL: the installed tables. names: for sectors of persons and for verbs.tsv; NULL: without. It must outlive the
 * plover. A fault in a table: KULA_EFORMAT, "classes.tsv:12:3: unknown act 'giv'". */
plover *plover_open(const char *folder, const know *names, kula_error *err);
void plover_close(plover *p);                           /* NULL is fine */

typedef enum plover_from {
	PLOVER_CLAIMS,          /* events of claims only */
	PLOVER_WORDS            /* and, for sentences without a claim, what verbs.tsv finds in them */
} plover_from;
/* The events of one document in order of its sentences, the main event of each sentence first. Strings are lent by the claims,
 * the document, the tables and the arena. A claim may give no event (a stock, a denial): count can be less than claims. NULL with
 * *count 0 where there are none, or where the arena refuses (arena_refused). */
plover_event *plover_events(const plover *p, arena *a, const kula_document *d, const kula_claim *claims, uint32_t claim_count,
	plover_from from, uint32_t *count);

/* One event as a JSON object without newline: {"doc","date","event","mode","context","source","target",...}. */
void plover_write(buf *b, const kula_document *d, const plover_event *e);

#endif
