/* base: arena, strings, UTF-8, hash table, errors, JSON out and in, files, threads. Knows nothing of language.
 *
 * takes    -                              promises   the same answer on every machine and in every locale
 * gives    the ground everything stands on           leaves alone   documents, claims, meaning
 *
 *	arena     all that is read from a document lives in one and dies with it
 *	buf       a growing block of bytes for output (heap)
 *	table     string -> uint32, walked in order of insertion
 */
#ifndef KULA_BASE_H
#define KULA_BASE_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "kula/kula.h"

typedef unsigned char byte;

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* ---- errors ---- */

/* Sets err (if not NULL and still KULA_OK) and returns status, so that "return kula_fail(...)" reads well. */
kula_status kula_fail(kula_error *err, kula_status status, uint64_t at_byte, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
const char *kula_status_word(kula_status s);                    /* "usage", "io", "format", ... */

/* ---- arena ---- */

typedef struct arena arena;
typedef struct arena_mark { void *block; size_t used; size_t total; } arena_mark;

arena *arena_new(size_t limit_bytes);                           /* NULL: no memory */
void arena_free(arena *a);                                      /* NULL is fine */
void arena_clear(arena *a);                                     /* empty again; keeps its first block */
void *arena_alloc(arena *a, size_t count, size_t size);         /* zeroed, 64-byte aligned if >= 64 bytes, else 16;
                                                                   NULL: limit or no memory, and arena_refused */
bool arena_refused(const arena *a);
size_t arena_used(const arena *a);
arena_mark arena_marked(const arena *a);
void arena_rewind(arena *a, arena_mark m);
char *arena_text(arena *a, const void *at, size_t n);           /* a copy with a zero behind it */
char *arena_format(arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define ARENA_NEW(a, type, count) ((type *)arena_alloc((a), (count), sizeof(type)))

/* For the failure tests: the n-th allocation from now on (arena blocks, buf, xalloc) fails; 0 turns it off. */
void base_fail_allocation(uint64_t n);
void *base_malloc(size_t n);                                    /* malloc that the failure tests can refuse */
void *base_realloc(void *p, size_t n);

/* ---- buf ---- */

typedef struct buf { char *at; size_t n, room; bool refused; } buf;     /* {0} is an empty one */
void buf_free(buf *b);
void buf_add(buf *b, const void *at, size_t n);
void buf_text(buf *b, const char *s);
void buf_format(buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_char(buf *b, char c);
const char *buf_string(buf *b);                                 /* zero-terminated view; "" if empty */

/* ---- JSON out (into a buf): no spaces after ':' or ',', no escapes for what UTF-8 can say ---- */

/* jansson has a json_string too, and two symbols of one name would meet in one program. jansson.h goes before this header. */
#define json_string base_json_string
void json_string(buf *b, const void *at, size_t n);             /* quoted; control characters as \u00XX, \n etc. */
void json_text(buf *b, const char *s);                          /* zero-terminated; NULL writes null */
void json_number(buf *b, double v);                             /* whole numbers without point or exponent up to 2^53,
                                                                   else the shortest that reads back; NaN writes null */

/* ---- UTF-8 ---- */

/* The character at at[0..n), n > 0; its length in *bytes. 0xFFFD with length 1 where it is not UTF-8. */
uint32_t utf8_next(const byte *at, size_t n, uint32_t *bytes);
/* The first byte that breaks UTF-8 (surrogates, overlong, > 10FFFF included), or n. */
size_t utf8_check(const byte *at, size_t n);
uint32_t utf8_write(uint32_t c, byte out[4]);                   /* bytes written */

/* ---- ASCII, no locale ---- */

static inline bool is_digit(uint32_t c) { return c - '0' < 10u; }
static inline bool is_upper(uint32_t c) { return c - 'A' < 26u; }
static inline bool is_lower(uint32_t c) { return c - 'a' < 26u; }
static inline bool is_alpha(uint32_t c) { return (c | 32u) - 'a' < 26u; }
static inline bool is_space(uint32_t c) { return c == ' ' || c - 9u < 5u; }
static inline uint32_t to_lower(uint32_t c) { return is_upper(c) ? c | 32u : c; }
bool same_text(const void *a, size_t na, const char *b);        /* a[0..na) is the zero-terminated b */
bool same_folded(const void *a, size_t na, const char *b);      /* the same but for ASCII case */

/* ---- hash ---- */

uint64_t hash_bytes(const void *at, size_t n);                  /* XXH3, 64 bits */
void sha256_hex(const void *at, size_t n, char out[65]);

typedef struct table table;                                     /* heap; keys are copied */
table *table_new(void);
void table_free(table *t);
/* The value's place for a key, made with value 0 if absent (*fresh says so); NULL: no memory. Valid until the next put. */
uint32_t *table_put(table *t, const void *key, size_t n, bool *fresh);
const uint32_t *table_get(const table *t, const void *key, size_t n);
uint32_t table_count(const table *t);
const char *table_key(const table *t, uint32_t i, size_t *n);   /* in order of insertion */
uint32_t table_value(const table *t, uint32_t i);

/* ---- days ---- */

kula_day day_of(int year, int month, int day);                  /* any Gregorian day; month 1..12, day 1..31, else KULA_NO_DAY */
void day_split(kula_day d, int *year, int *month, int *day);
int day_of_week(kula_day d);                                    /* Monday 0 .. Sunday 6 */
int days_in_month(int year, int month);

/* ---- files ---- */

typedef struct mapped { const byte *at; size_t n; } mapped;
kula_status file_map(const char *path, mapped *m, kula_error *err);     /* read-only */
void file_unmap(mapped *m);
kula_status file_read(const char *path, size_t limit_bytes, buf *out, kula_error *err);        /* "-" is standard input */
/* Where installed files lie: KULA_DATA, or beside the binary's tree, or the prefix given at build time. NULL: not there. */
const char *data_path(const char *name, char *room, size_t room_bytes);

/* A line of a TSV at a time. Comments (#) and empty lines are passed over. Cells are views into the line. */
typedef struct tsv { const char *file; const byte *at, *end; uint32_t line; const byte *line_at; } tsv;
typedef struct cell { const char *at; size_t n; } cell;
/* The number of cells of the next row (0: at the end). More than max: an error is set and UINT32_MAX comes back. */
uint32_t tsv_next(tsv *t, cell *cells, uint32_t max, kula_error *err);
/* An error that points at a cell: "parties.tsv:214:7: unknown code 'PKR' in column 'code'". */
kula_status tsv_fail(const tsv *t, const cell *c, kula_error *err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- work on all cores ---- */

uint32_t cores(void);
/* Calls work(arg, i, worker) for i in 0..count-1 from `threads` threads, i taken in order. Returns when all is done. */
void work_all(uint32_t threads, uint64_t count, void (*work)(void *arg, uint64_t i, uint32_t worker), void *arg);

#endif
