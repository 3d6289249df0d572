/* kula.h: the reader of Kula as a library.
 *
 * Takes the text of a news report; gives the claims in it: who gave, lent, sold, sent, promised, signed what,
 * to whom, how many, when, under which agreement, and according to whom. The meaning of every field is the
 * contract, "Claims: what Kula reads out of a text", version 1.3 (docs/CLAIMS.md).
 *
 *	kula_error err = {0};
 *	kula_reader *r = kula_reader_new(NULL, &err);           weights and knowledge, mapped read-only
 *	kula_reading *g = kula_read(r, &document, &err);        one document; any number of threads at once
 *	for (uint32_t i = 0; i < kula_claim_count(g); i++)
 *		use(kula_claim_at(g, i));
 *	kula_reading_free(g);
 *	kula_reader_free(r);
 *
 * Promises: no global state, no printing, no exit; the same document gives the same claims, byte for byte, on any
 * number of threads and on any processor. A kula_reader may be shared by threads; a kula_reading belongs to one.
 */
#ifndef KULA_KULA_H
#define KULA_KULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KULA_VERSION "0.1.0"

#if defined __GNUC__
#define KULA_API __attribute__((visibility("default")))
#else
#define KULA_API
#endif

/* What became of a call. The values are stable; the command line's exit codes follow from them (docs/EXIT.md). */
typedef enum kula_status {
	KULA_OK = 0,
	KULA_EUSAGE,            /* an argument makes no sense */
	KULA_EIO,               /* a file can't be opened, read or written; a full disk */
	KULA_EFORMAT,           /* bytes are not what they should be: JSON, UTF-8, TSV, weights, a ledger */
	KULA_ELIMIT,            /* over a stated limit */
	KULA_EMEMORY,           /* no memory */
	KULA_EVERSION,          /* made by a newer Kula, or by another program */
	KULA_EBUSY,             /* somebody else holds the ledger */
	KULA_ENOTFOUND,         /* no such document, claim, name */
	KULA_ECANCELLED         /* asked to stop */
} kula_status;

/* An error is a value: no allocation, no global. The first cause is kept. */
typedef struct kula_error {
	kula_status status;     /* KULA_OK while all is well */
	const char *source;     /* document id or file name, or NULL; outlives the error */
	uint64_t    byte;       /* where in it, from 0 */
	char        text[240];  /* the cause, ready to print; lower case, no full stop */
} kula_error;

/* A piece of a document's text, in bytes of UTF-8, half open. {0,0} where there is none. */
typedef struct kula_span { uint32_t from, to; } kula_span;

/* Whole days, counted from 1970-01-01, which is 0 (proleptic Gregorian). KULA_NO_DAY: not known. */
typedef int32_t kula_day;
#define KULA_NO_DAY INT32_MIN
typedef struct kula_days { kula_day first, last; } kula_days;   /* both ends belong to it */

/* Acts, statuses and kinds: the contract's words, in the contract's order. kula_act_name(KULA_GIVE) is "give". */
typedef enum kula_act {
	KULA_GIVE, KULA_LEND, KULA_SELL, KULA_SUPPLY, KULA_RETURN, KULA_TAKE, KULA_SEND, KULA_WITHDRAW, KULA_TRAIN,
	KULA_MEET, KULA_AGREE, KULA_SIGN, KULA_RATIFY, KULA_END, KULA_BREACH, KULA_COOPERATE, KULA_SUPPORT,
	KULA_CRITICISE, KULA_SANCTION, KULA_COERCE, KULA_PROTEST, KULA_MOBILIZE, KULA_ATTACK, KULA_YIELD, KULA_HOLD,
	KULA_ACTS
} kula_act;

typedef enum kula_claim_status {
	KULA_DONE, KULA_ONGOING, KULA_PLANNED, KULA_PROMISED, KULA_OFFERED, KULA_REQUESTED, KULA_THREATENED,
	KULA_POSSIBLE, KULA_REFUSED, KULA_DENIED,
	KULA_STATUSES
} kula_claim_status;

typedef enum kula_kind {
	KULA_ANIMAL, KULA_ARMS, KULA_VEHICLE, KULA_AIRCRAFT, KULA_SHIP, KULA_FOOD, KULA_FUEL, KULA_MEDICINE, KULA_MONEY,
	KULA_PEOPLE, KULA_TROOPS, KULA_PRISONER, KULA_REMAINS, KULA_INFORMATION, KULA_TECHNOLOGY, KULA_EQUIPMENT,
	KULA_ART, KULA_DOCUMENT, KULA_TERRITORY, KULA_SERVICE, KULA_GOODS,
	KULA_KINDS
} kula_kind;

typedef enum kula_per { KULA_PER_NONE, KULA_PER_DAY, KULA_PER_WEEK, KULA_PER_MONTH, KULA_PER_YEAR, KULA_PERS } kula_per;

/* The word of the contract for a value, and back; the second gives -1 for a word that is none. */
KULA_API const char *kula_act_name(kula_act a);
KULA_API const char *kula_status_name(kula_claim_status s);
KULA_API const char *kula_kind_name(kula_kind k);
KULA_API const char *kula_per_name(kula_per p);                          /* "" for KULA_PER_NONE */
KULA_API int kula_act_of(const char *name);
KULA_API int kula_claim_status_of(const char *name);
KULA_API int kula_kind_of(const char *name);
KULA_API int kula_per_of(const char *name);
KULA_API bool kula_act_is_equal(kula_act a);                             /* meet, agree, sign, cooperate: sides are equal */

#define KULA_CODE_BYTES 16                                      /* the longest code is COMMONWEALTH */

/* Strings are UTF-8 with a zero at the end; NULL where the contract leaves the field out. */
typedef struct kula_party {
	const char *text;               /* the mention, verbatim */
	char        code[KULA_CODE_BYTES];      /* "" where the contract has null */
	kula_span   span;
	const char *verb;               /* sources only: the cue */
	kula_span   verb_span;
} kula_party;

typedef struct kula_quantity {
	double      min, max;           /* NaN where the contract has null */
	const char *unit;               /* "count", "tonne", "USD", ... never NULL */
	kula_per    per;
	bool        approx;
} kula_quantity;

typedef struct kula_item {
	const char   *text, *what;
	kula_kind     kind;
	kula_quantity q;
	int32_t       in;               /* index of the item of this claim that includes it, or -1 */
	kula_span     span;
} kula_item;

typedef struct kula_claim {
	const char *evidence;   kula_span span;
	const char *trigger;    kula_span trigger_span;
	kula_act act;
	kula_claim_status status;
	const kula_party *from;         uint32_t from_count;
	const kula_party *to;           uint32_t to_count;
	const kula_item  *items;        uint32_t item_count;
	const kula_party *said_by;      uint32_t said_by_count;        /* outermost first */
	kula_days date;         kula_span date_span;           /* first is KULA_NO_DAY where null */
	kula_days due;          kula_span due_span;
	bool has_value;         kula_quantity value;    kula_span value_span;
	const char *place_at, *place_from, *place_to, *means, *agreement, *condition;
	double confidence;              /* probability that the act and both sides are right; NaN: not given */
	const char *id;                 /* NULL where it has none */
	const char *exchange;           /* annotated dossiers only */
} kula_claim;

/* A document as it comes in. Only text is needed; the rest may be NULL or KULA_NO_DAY. All is lent. */
typedef struct kula_document {
	const char *id, *title, *publisher;
	kula_day    published;
	const char *text;
	size_t      text_bytes;
	const char *dossier;            /* annotated dossiers only */
} kula_document;

typedef struct kula_reader kula_reader;
typedef struct kula_reading kula_reading;

typedef struct kula_reader_options {
	const char *weights;            /* file; NULL: the installed one */
	const char *knowledge;          /* file; NULL: the installed one */
	const char *own_tables;         /* directory of the user's own know/ tables, layered over; or NULL */
	bool        no_gate;            /* read every sentence */
	bool        why;                /* keep the grounds of every field for kula_reading_why */
	double      min_confidence;     /* leave out claims below it */
} kula_reader_options;

/* Opens weights and knowledge. NULL on failure, err says why. options may be NULL. Free with kula_reader_free. */
KULA_API kula_reader *kula_reader_new(const kula_reader_options *options, kula_error *err);
KULA_API void kula_reader_free(kula_reader *r);

/* The hashes of what it reads with, 16 hex digits each, as `kula --version` shows them; they live as long as the reader. */
KULA_API const char *kula_reader_weights(const kula_reader *r);
KULA_API const char *kula_reader_knowledge(const kula_reader *r);

/* Reads one document. NULL on failure (the document alone is lost). The reading owns its strings, document included. */
KULA_API kula_reading *kula_read(const kula_reader *r, const kula_document *d, kula_error *err);
KULA_API void kula_reading_free(kula_reading *g);

KULA_API uint32_t kula_claim_count(const kula_reading *g);
KULA_API const kula_claim *kula_claim_at(const kula_reading *g, uint32_t i);
KULA_API const kula_document *kula_reading_document(const kula_reading *g);
/* What decided each field of claim i, one JSON object, or NULL where options.why was not set. */
KULA_API const char *kula_reading_why(const kula_reading *g, uint32_t i);

/* ISO days: "2024-11-20". day_parse gives KULA_NO_DAY for anything else. day_format writes 11 bytes. */
KULA_API kula_day kula_day_parse(const char *iso, size_t bytes);
KULA_API void kula_day_format(kula_day d, char *out);

#ifdef __cplusplus
}
#endif
#endif
