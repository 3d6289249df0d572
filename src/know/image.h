/* image.h: the layout of the mapped knowledge file; only the room includes it.
 *
 *	"KULAKNW1"  u32 version  u32 section count  u64 file bytes  u64 xxh3 of everything from byte 64 on   zeros to byte 64
 *	section table   {u32 offset, u32 count} for each, in the order of image_section
 *	sections        each aligned to 8 bytes; records below, little-endian, used where they are mapped
 *
 *	key -> NAME -> READINGS -> ROW          a name's possible meanings and the table rows that say so
 *	key -> THING                            the kind of a thing
 *	key -> FORM                             plural -> singular
 *	key -> PUBLISHER                        code
 *	key -> HINT                             words that decide for one reading of an ambiguous name
 *
 * Every record with a key begins with the key's offset in STRINGS; hash tables hold index + 1, 0 where empty.
 */
#ifndef KNOW_IMAGE_H
#define KNOW_IMAGE_H

#include "know/know.h"

#define IMAGE_VERSION 1u
#define IMAGE_CODES 4096u
#define KNOW_DAY_MIN (INT32_MIN + 1)
#define KNOW_DAY_MAX INT32_MAX

typedef enum image_section {
	IMG_STRINGS, IMG_NAMES, IMG_NAME_HASH, IMG_READINGS, IMG_ROWS, IMG_CODES, IMG_THINGS, IMG_THING_HASH,
	IMG_FORMS, IMG_FORM_HASH, IMG_PUBLISHERS, IMG_PUBLISHER_HASH, IMG_HINTS, IMG_HINT_HASH, IMG_FILES, IMG_SECTIONS
} image_section;

typedef enum name_flags {
	NF_GIVEN = 1,           /* people bear it as a first name */
	NF_FAMILY = 2,          /* ... as a family name */
	NF_WORD = 4,            /* an ordinary word, too */
	NF_TITLE = 8,           /* a title before a name: "president" */
	NF_STOP = 16,           /* a function word, month, weekday ...: no town and nobody, however it is written */
	NF_NATION = 32,         /* a country's name or adjective */
	NF_PLACE = 64,          /* a place of some size */
	NF_ENDS_NOUN = 128,     /* no noun phrase goes on behind it: "of", "which" */
	NF_DETERMINER = 256,    /* in front of a noun and no part of its name: "the", "some" */
	NF_SEVERAL = 512        /* stands for more than one: "they", "both" */
} name_flags;

typedef struct image_name {
	uint32_t key, from;
	uint16_t count;
	uint16_t flags;
	uint8_t  longest;       /* bytes of the longest key that begins with this as its first word; 0: none does */
	uint8_t  pad[3];
} image_name;

typedef enum reading_flags {
	RF_FIRST_LOWER = 1,     /* the name's first word is written small: "al-Qaida" */
	RF_LAST_LOWER = 2,      /* ... its last: "Islamic State group" */
	RF_ACRONYM = 4,         /* all capitals: "WHO" */
	RF_THE = 8,             /* only behind "the": "the West" */
	RF_STATE = 16,          /* a state of a federation or a province: a region row */
	RF_DOC = 64,            /* only where the document names the country beyond doubt: "the North", "Kurdish" */
	RF_NOT_ALONE = 32       /* a surname that needs a title or the full name before it */
} reading_flags;

typedef enum office_class {
	OFFICE_NONE, OFFICE_HEAD_OF_STATE, OFFICE_HEAD_OF_GOVERNMENT, OFFICE_LEADER, OFFICE_FOREIGN, OFFICE_DEFENCE,
	OFFICE_IGO_HEAD, OFFICE_PARTY_LEADER, OFFICE_ARMED_LEADER, OFFICE_DEPUTY, OFFICE_GOVERNOR_GENERAL,
	OFFICE_MINISTER, OFFICE_LEGISLATURE, OFFICE_GOVERNOR, OFFICE_MILITARY, OFFICE_CENTRAL_BANK, OFFICE_AMBASSADOR,
	OFFICE_OTHER, OFFICE_CLASSES
} office_class;

typedef struct image_reading {
	uint32_t row;
	uint16_t code;          /* index into CODES */
	uint8_t  type, prior, flags, office;
	uint16_t weight;        /* orders equals: population, importance of the office */
} image_reading;

typedef struct image_row {
	uint32_t name, note;    /* strings */
	uint32_t region;        /* string: the first-level division of a place, folded; 0 none */
	int32_t  start, end;    /* days; KNOW_DAY_MIN / KNOW_DAY_MAX where open */
	uint32_t line;
	uint16_t code;
	uint8_t  file, pad;     /* index into FILES */
} image_row;

typedef struct image_code {
	char     code[KULA_CODE_BYTES];
	uint32_t name;
	uint32_t area;          /* string: UN subregion, or 0 */
} image_code;

typedef struct image_thing { uint32_t key; uint8_t kind, strength, mass, pad; } image_thing;
typedef struct image_form { uint32_t key, to; } image_form;
typedef struct image_publisher { uint32_t key; uint16_t code, pad; } image_publisher;
typedef struct image_hint { uint32_t key; uint32_t words; uint16_t code; uint16_t weight; } image_hint;

_Static_assert(sizeof(image_name) == 16 && sizeof(image_reading) == 12 && sizeof(image_row) == 28
	&& sizeof(image_code) == 24 && sizeof(image_thing) == 8 && sizeof(image_form) == 8
	&& sizeof(image_publisher) == 8 && sizeof(image_hint) == 12, "the file's layout has no gaps");

typedef struct image {
	const byte *at; size_t n;
	const char            *strings;         uint32_t string_bytes;
	const image_name      *names;           uint32_t name_count;
	const image_reading   *readings;        uint32_t reading_count;
	const image_row       *rows;            uint32_t row_count;
	const image_code      *codes;           uint32_t code_count;
	const image_thing     *things;          uint32_t thing_count;
	const image_form      *forms;           uint32_t form_count;
	const image_publisher *publishers;      uint32_t publisher_count;
	const image_hint      *hints;           uint32_t hint_count;
	const uint32_t        *files;           uint32_t file_count;
	const uint32_t *name_hash, *thing_hash, *form_hash, *publisher_hash, *hint_hash;
	uint32_t name_slots, thing_slots, form_slots, publisher_slots, hint_slots;
	uint64_t sum;
} image;

/* Checks bytes and points into them. They must be aligned to 8 and outlive the image. */
kula_status image_open(image *g, const byte *at, size_t n, const char *path, kula_error *err);
const image_name *image_find_name(const image *g, const char *key, size_t n);
const image_thing *image_find_thing(const image *g, const char *key, size_t n);
const image_form *image_find_form(const image *g, const char *key, size_t n);
const image_publisher *image_find_publisher(const image *g, const char *key, size_t n);
const image_hint *image_find_hint(const image *g, const char *key, size_t n);   /* the first; more may follow it */

/* The same for a layer over base, whose codes are the known ones. base NULL and own: any code is taken. */
kula_status know_compile_over(const char *directory, bool own, const image *base, buf *out, kula_error *err);

/* The canonical form of a name, for keys: folded letters and digits; hyphens, apostrophes, points, slashes glue; the rest
 * is one space. In the arena. "al-Assad" "alassad", "U.S." "us", "Trinidad & Tobago" "trinidad and tobago". */
const char *know_canon(arena *a, const void *at, size_t n);
/* A word of a person's name by its sound, so that spellings meet: "Rafik" "Rafic", "Yushchenko" "Yuschenko". at is canonical.
 * out holds at least 24 bytes; its length comes back. */
size_t know_sound(const char *at, size_t n, char *out);
/* Does a mark glue its neighbours into one word of a key? */
bool know_glues(const byte *at, size_t n);

#define KNOW_IMAGES 8u
struct know {
	image    images[KNOW_IMAGES];   /* the layers, the user's last one first; the built-in one at the end */
	uint32_t image_count;
	mapped   map;
	buf      layers[KNOW_IMAGES];
	char     hash[17];
};
/* A mention's row is an index over all images: image number in the top 3 bits. */
#define ROW_OF(img, row) ((uint32_t)(img) << 28 | (row))

#endif
