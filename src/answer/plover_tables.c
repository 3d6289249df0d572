/* The tables of data/plover: opened, checked, matched. */
#include <stdlib.h>
#include "answer/plover_room.h"

static const char *const class_names[PLOVER_CLASSES] = {
	"AGREE", "CONSULT", "SUPPORT", "COOPERATE", "AID", "CONCEDE", "RETREAT", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "PROTEST",
	"SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
};

const char *plover_class_name(plover_class c)
{
	return c < PLOVER_CLASSES ? class_names[c] : "";
}

int plover_class_of(const char *name, size_t n)
{
	for (int i = 0; i < PLOVER_CLASSES; i++)
		if (same_text(name, n, class_names[i]))
			return i;
	return -1;
}

/* ---- words ---- */

static bool in_word(byte c)
{
	return is_alpha(c) || is_digit(c) || c >= 0x80;
}

/* Bytes of the right quote, which stands in "party's" as an apostrophe does. */
static bool is_quote(const char *at, size_t n)
{
	return n >= 3 && memcmp(at, "\xE2\x80\x99", 3) == 0;
}

said_words said_words_of(arena *a, const char *text, size_t bytes)
{
	said_words w = {0};
	uint32_t room = 0;
	for (size_t i = 0; i < bytes; i++)
		room += in_word((byte)text[i]) && (i == 0 || !in_word((byte)text[i - 1]));
	/* a right quote parts a word that looks like one run of letters: leave room for it */
	for (size_t i = 0; i + 3 <= bytes; i++)
		room += is_quote(text + i, bytes - i);
	w.at = ARENA_NEW(a, const char *, room + 1u);
	w.span = ARENA_NEW(a, kula_span, room + 1u);
	if (w.at == NULL || w.span == NULL)
		return (said_words){0};
	for (size_t i = 0; i < bytes && w.count < room;) {
		if (!in_word((byte)text[i]) || is_quote(text + i, bytes - i)) {
			i += is_quote(text + i, bytes - i) ? 3 : 1;
			continue;
		}
		size_t to = i;
		while (to < bytes && in_word((byte)text[to]) && !is_quote(text + to, bytes - to))
			to++;
		const char *const folded = text_fold(a, (const byte *)text + i, to - i);
		if (folded == NULL)
			break;
		w.at[w.count] = folded;
		w.span[w.count++] = (kula_span){(uint32_t)i, (uint32_t)to};
		i = to;
	}
	return w;
}

static bool word_fits(const char *pattern, size_t n, const char *w)
{
	const size_t length = strlen(w);
	if (n > 0 && pattern[n - 1] == '*')
		return length >= n - 1 && memcmp(pattern, w, n - 1) == 0;
	return length == n && memcmp(pattern, w, n) == 0;
}

/* Whether the phrase stands at word `at`; *length is what it takes. */
static bool phrase_at(const char *p, size_t n, const said_words *w, uint32_t at, uint32_t *length)
{
	enum { GAP = 3 };
	uint32_t i = at;
	bool gap = false;
	for (size_t k = 0; k < n;) {
		size_t to = k;
		while (to < n && p[to] != ' ')
			to++;
		if (to - k == 2 && p[k] == '.' && p[k + 1] == '.')
			gap = true;
		else {
			const uint32_t last = gap ? MIN_OF(i + GAP, w->count) : i;
			while (i < last && (i >= w->count || !word_fits(p + k, to - k, w->at[i])))
				i++;
			if (i >= w->count || !word_fits(p + k, to - k, w->at[i]))
				return false;
			i++;
			gap = false;
		}
		k = to + 1;
	}
	*length = i - at;
	return i > at;
}

int32_t phrases_find(phrases p, const said_words *w, uint32_t from, uint32_t *length)
{
	uint32_t takes = 0;
	for (uint32_t i = from; i < w->count; i++)
		for (size_t k = 0; k < p.n;) {
			const char *const bar = memchr(p.at + k, '|', p.n - k);
			const size_t to = bar != NULL ? (size_t)(bar - p.at) : p.n;
			if (phrase_at(p.at + k, to - k, w, i, &takes)) {
				if (length != NULL)
					*length = takes;
				return (int32_t)i;
			}
			k = to + 1;
		}
	return -1;
}

/* ---- rows ---- */

static bool is_any(const cell *c)
{
	return c->n == 0 || (c->n == 1 && c->at[0] == '*');
}

static phrases kept(plover *p, const cell *c)
{
	return is_any(c) ? (phrases){0} : (phrases){arena_text(p->a, c->at, c->n), c->n};
}

typedef int name_reader(const char *name, size_t n);

static int act_reader(const char *name, size_t n)
{
	for (int i = 0; i < KULA_ACTS; i++)
		if (same_text(name, n, kula_act_name((kula_act)i)))
			return i;
	return -1;
}

static int status_reader(const char *name, size_t n)
{
	for (int i = 0; i < KULA_STATUSES; i++)
		if (same_text(name, n, kula_status_name((kula_claim_status)i)))
			return i;
	return -1;
}

static int kind_reader(const char *name, size_t n)
{
	for (int i = 0; i < KULA_KINDS; i++)
		if (same_text(name, n, kula_kind_name((kula_kind)i)))
			return i;
	return n == 1 && name[0] == '-' ? KULA_KINDS : -1;
}

static int side_reader(const char *name, size_t n)
{
	static const char *const sides[SIDES] = {"-", "from", "to", "said", "equal"};
	for (int i = 0; i < SIDES; i++)
		if (same_text(name, n, sides[i]))
			return i;
	return -1;
}

/* "give|lend" through read; each number to see. False: err points at the word. */
static bool read_list(const tsv *t, const cell *c, name_reader *read, const char *what, uint8_t *out, uint32_t room, uint32_t *count,
	kula_error *err)
{
	*count = 0;
	for (size_t k = 0; k <= c->n;) {
		const char *const bar = k < c->n ? memchr(c->at + k, '|', c->n - k) : NULL;
		const size_t to = bar != NULL ? (size_t)(bar - c->at) : c->n;
		const cell part = {c->at + k, to - k};
		const int v = read(part.at, part.n);
		if (v < 0 || *count == room) {
			tsv_fail(t, &part, err, "unknown word '%.*s' in column '%s'", (int)MIN_OF(part.n, 40u), part.at, what);
			return false;
		}
		out[(*count)++] = (uint8_t)v;
		k = to + 1;
	}
	return true;
}

static bool read_mask(const tsv *t, const cell *c, name_reader *read, const char *what, uint32_t *mask, kula_error *err)
{
	uint8_t list[32];
	uint32_t count;
	*mask = 0;
	if (is_any(c))
		return true;
	if (!read_list(t, c, read, what, list, COUNT_OF(list), &count, err))
		return false;
	for (uint32_t i = 0; i < count; i++)
		*mask |= 1u << list[i];
	return true;
}

static bool read_class(const tsv *t, const cell *c, int8_t *class, kula_error *err)
{
	const int v = plover_class_of(c->at, c->n);
	*class = (int8_t)v;
	if (v >= 0 || same_text(c->at, c->n, "none"))
		return true;
	tsv_fail(t, c, err, "unknown class '%.*s' in column 'class'", (int)MIN_OF(c->n, 40u), c->at);
	return false;
}

/* act, status, kind, words, near, class, source, target, example */
static bool class_line(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	enum { MOST = 1000 };
	if (n < 8) {
		tsv_fail(t, &c[0], err, "expected act, status, kind, words, near, class, source, target");
		return false;
	}
	if (p->classes == NULL && (p->classes = ARENA_NEW(p->a, class_row, MOST)) == NULL) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the tables of PLOVER");
		return false;
	}
	if (p->class_count == MOST) {
		tsv_fail(t, &c[0], err, "more than %d rows", MOST);
		return false;
	}
	class_row *const r = &p->classes[p->class_count++];
	uint32_t count;
	r->line = t->line;
	r->words = kept(p, &c[3]);
	r->near = kept(p, &c[4]);
	return read_mask(t, &c[0], act_reader, "act", &r->acts, err) && read_mask(t, &c[1], status_reader, "status", &r->statuses, err)
		&& read_mask(t, &c[2], kind_reader, "kind", &r->kinds, err) && read_class(t, &c[5], &r->class, err)
		&& read_list(t, &c[6], side_reader, "source", r->source, COUNT_OF(r->source), &count, err)
		&& read_list(t, &c[7], side_reader, "target", r->target, COUNT_OF(r->target), &count, err);
}

static word_row *row_new(plover *p, rows *in, const tsv *t, kula_error *err)
{
	if (in->count == in->room) {
		const uint32_t room = in->room ? in->room * 2 : 256;
		word_row *const more = ARENA_NEW(p->a, word_row, room);
		if (more == NULL) {
			kula_fail(err, KULA_EMEMORY, 0, "no memory for the tables of PLOVER");
			return NULL;
		}
		if (in->count > 0)
			memcpy(more, in->at, in->count * sizeof *more);
		in->at = more;
		in->room = room;
	}
	word_row *const r = &in->at[in->count++];
	r->line = t->line;
	r->class = -1;
	return r;
}

/* class, act, words, mode, example */
static bool mode_line(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	if (n < 4) {
		tsv_fail(t, &c[0], err, "expected class, act, words and mode");
		return false;
	}
	word_row *const r = row_new(p, &p->modes, t, err);
	if (r == NULL || !read_mask(t, &c[0], plover_class_of, "class", &r->classes, err)
		|| !read_mask(t, &c[1], act_reader, "act", &r->acts, err))
		return false;
	r->words = kept(p, &c[2]);
	r->name = arena_text(p->a, c[3].at, c[3].n);
	return r->name != NULL;
}

/* words, what they give, example */
static bool pair_line(plover *p, rows *in, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	if (n < 2 || c[0].n == 0 || c[1].n == 0) {
		tsv_fail(t, &c[0], err, "expected words and what they stand for");
		return false;
	}
	word_row *const r = row_new(p, in, t, err);
	if (r == NULL)
		return false;
	r->words = kept(p, &c[0]);
	r->name = arena_text(p->a, c[1].at, c[1].n);
	return r->name != NULL;
}

static bool context_line(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	return pair_line(p, &p->contexts, t, c, n, err);
}

static bool sector_line(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	return pair_line(p, &p->sectors, t, c, n, err);
}

static bool marker_line(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	return pair_line(p, &p->words, t, c, n, err);
}

static bool code_line(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	if (n >= 2 && c[1].n >= KULA_CODE_BYTES) {
		tsv_fail(t, &c[1], err, "a code has at most %d letters", KULA_CODE_BYTES - 1);
		return false;
	}
	return pair_line(p, &p->codes, t, c, n, err);
}

/* words, class, mode, example */
static bool verb_line(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	if (n < 3) {
		tsv_fail(t, &c[0], err, "expected words, class and mode");
		return false;
	}
	if (!pair_line(p, &p->verbs, t, c, n, err))
		return false;
	word_row *const r = &p->verbs.at[p->verbs.count - 1];
	if (!read_class(t, &c[1], &r->class, err))
		return false;
	r->mode = is_any(&c[2]) ? "" : arena_text(p->a, c[2].at, c[2].n);
	return r->mode != NULL;
}

typedef bool line_reader(plover *p, tsv *t, const cell *c, uint32_t n, kula_error *err);

static bool read_table(plover *p, const char *path, line_reader *line, kula_error *err)
{
	mapped m;
	if (file_map(path, &m, err) != KULA_OK)
		return false;
	const char *const slash = strrchr(path, '/');
	const char *const name = arena_text(p->a, slash != NULL ? slash + 1 : path, strlen(slash != NULL ? slash + 1 : path));
	tsv t = {.file = name != NULL ? name : "", .at = m.at, .end = m.at + m.n};
	bool ok = name != NULL;
	cell c[12] = {{0}};
	for (uint32_t n; ok && (n = tsv_next(&t, c, COUNT_OF(c), err)) != 0;)
		ok = n != UINT32_MAX && line(p, &t, c, n, err);
	file_unmap(&m);
	return ok;
}

plover *plover_open(const char *folder, const know *names, kula_error *err)
{
	static const struct { const char *name; line_reader *line; } files[] = {
		{"classes.tsv", class_line}, {"modes.tsv", mode_line}, {"contexts.tsv", context_line}, {"sectors.tsv", sector_line},
		{"codes.tsv", code_line}, {"verbs.tsv", verb_line},
		{"words.tsv", marker_line},
	};
	static const char pieces[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
	arena *const a = arena_new((size_t)16 << 20);
	plover *const p = a != NULL ? ARENA_NEW(a, plover, 1) : NULL;
	if (p == NULL) {
		arena_free(a);
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the tables of PLOVER");
		return NULL;
	}
	p->a = a;
	p->names = names;
	p->v = vocabulary_new((const byte *)pieces, sizeof pieces - 1, err);
	bool ok = p->v != NULL;
	for (size_t i = 0; ok && i < COUNT_OF(files); i++) {
		char path[1024], name[64];
		if (folder != NULL)
			snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
		else {
			snprintf(name, sizeof name, "plover/%s", files[i].name);
			if (data_path(name, path, sizeof path) == NULL) {
				kula_fail(err, KULA_ENOTFOUND, 0, "'%s' is not among the installed data", name);
				break;
			}
		}
		ok = read_table(p, path, files[i].line, err);
	}
	if (err != NULL ? err->status == KULA_OK && ok && !arena_refused(a) : ok && p->verbs.count > 0)
		return p;
	if (arena_refused(a))
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the tables of PLOVER");
	plover_close(p);
	return NULL;
}

void plover_close(plover *p)
{
	if (p == NULL)
		return;
	vocabulary_free(p->v);
	arena_free(p->a);
}
