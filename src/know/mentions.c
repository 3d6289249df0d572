/* mentions.c: the names in a document and what each may stand for, likeliest first.
 *
 *	words -> tokens     canonical form, case, glue
 *	tokens -> groups    the longest known name at each place, with all its readings that the case and the day allow
 *	groups -> votes     which countries the document names beyond doubt; whom it introduces by full name
 *	groups -> mentions  readings scored by neighbours, votes, publisher, prior; the best six
 */
#include "know/image.h"

#include <stdlib.h>

#define NAME_WORDS 14u          /* the most words of a text that one name is tried on */
#define READINGS 6u             /* the most that a place gets */
#define MEMORY_DAYS 2192        /* a surname still means its bearer six years after the office */
#define AHEAD_DAYS 730          /* ... and two years before it: candidates, designates */

typedef struct token {
	const char *key;
	uint16_t n;
	uint16_t flags;                 /* name_flags of the word itself, over all images */
	uint32_t hash;                  /* of key, to tell words apart fast */
	uint8_t longest;                /* bytes of the longest key that begins with it */
	bool cap, caps, glue, possessive, initial, start, shouted, titled;
} token;

typedef struct group {
	uint32_t from, to;
	uint32_t first, count;          /* candidates */
	bool     person;                /* a bearer of this name was introduced as somebody without a row */
} group;

typedef struct candidate {
	const image *g;
	uint32_t img;
	image_reading r;
	bool in_date, given;            /* given: it comes from the document's own introduction, not from a row by this name */
	int score;
} candidate;

typedef struct vote { char code[KULA_CODE_BYTES]; uint32_t n; const char *area; } vote;
typedef struct introduced { const char *key; uint32_t hash, from; candidate c; bool unknown; } introduced;

#define VOTES 256u
#define PEOPLE 512u

typedef struct reader {
	const know *k;
	arena *a;
	const text_doc *d;
	kula_day day;
	const char *publisher_code;
	token *tokens;
	group *groups;      uint32_t group_count, group_room;
	candidate *cands;   uint32_t cand_count, cand_room;
	vote *votes;        uint32_t vote_count;
	introduced *people; uint32_t people_count;
	bool refused;
} reader;

static bool capital_at(const byte *at, uint32_t n)
{
	if (n == 0)
		return false;
	if (*at < 128)
		return is_upper(*at);
	uint32_t k;
	const uint32_t c = utf8_next(at, n, &k);
	return (c >= 0xC0 && c <= 0xDE) || (c >= 0x100 && c < 0x180 && (c < 0x139 || c > 0x148 ? c % 2 == 0 : c % 2 == 1))
		|| (c >= 0x179 && c <= 0x17D && c % 2 == 1) || (c >= 0x1E00 && c < 0x1F00 && c % 2 == 0) || (c >= 0x391 && c <= 0x3A9)
		|| (c >= 0x410 && c <= 0x42F) || (c >= 0x218 && c <= 0x21A && c % 2 == 0);
}

static void token_fill(reader *r, uint32_t w, token *t)
{
	uint32_t n;
	const byte *at = word_bytes(r->d, w, &n);
	memset(t, 0, sizeof *t);
	t->key = "";
	t->glue = know_glues(at, n);
	if (t->glue)
		return;
	if ((at[0] == '\'' || (n > 2 && know_glues(at, 3))) && n <= 5) {
		const byte last = at[n - 1] | 32;
		t->possessive = last == 's' && n <= 4;
	}
	const char *key = know_canon(r->a, at, n);
	if (!key) {
		r->refused = true;
		return;
	}
	const size_t kn = strlen(key);
	if (kn > 120)
		return;
	t->key = key;
	t->n = (uint16_t)kn;
	t->hash = (uint32_t)hash_bytes(key, kn);
	t->cap = capital_at(at, n);
	uint32_t letters = 0, capitals = 0;
	for (uint32_t i = 0; i < n; i++) {
		letters += is_alpha(at[i]) || at[i] >= 128;
		capitals += is_upper(at[i]);
	}
	t->caps = letters && letters == capitals;
	t->initial = letters == 1 && capitals == 1 && n <= 2;
	if (n >= 3 && know_glues(at, 1) && capital_at(at + 1, n - 1))   /* "'Abbas" */
		t->cap = true;
	for (uint32_t i = 0; i < r->k->image_count && kn; i++) {
		const image_name *m = image_find_name(&r->k->images[i], key, kn);
		if (m) {
			t->flags |= m->flags;
			t->longest = MAX_OF(t->longest, m->longest);
		}
	}
}

static group *group_new(reader *r)
{
	if (r->group_count == r->group_room) {
		const uint32_t room = r->group_room ? r->group_room * 2 : 256;
		group *g = ARENA_NEW(r->a, group, room);
		if (!g) {
			r->refused = true;
			return NULL;
		}
		if (r->group_count)
			memcpy(g, r->groups, r->group_count * sizeof *g);
		r->groups = g;
		r->group_room = room;
	}
	group *g = &r->groups[r->group_count++];
	memset(g, 0, sizeof *g);
	return g;
}

static candidate *candidate_new(reader *r)
{
	if (r->cand_count == r->cand_room) {
		const uint32_t room = r->cand_room ? r->cand_room * 2 : 1024;
		candidate *c = ARENA_NEW(r->a, candidate, room);
		if (!c) {
			r->refused = true;
			return NULL;
		}
		if (r->cand_count)
			memcpy(c, r->cands, r->cand_count * sizeof *c);
		r->cands = c;
		r->cand_room = room;
	}
	candidate *c = &r->cands[r->cand_count++];
	memset(c, 0, sizeof *c);
	return c;
}

/* The word before w in its sentence that isn't glue, or UINT32_MAX. */
static uint32_t before(const reader *r, uint32_t w)
{
	const sentence *s = &r->d->sentences[r->d->words[w].sentence];
	return w > s->word_from && !r->tokens[w - 1].glue ? w - 1 : UINT32_MAX;
}

static uint32_t after(const reader *r, uint32_t to)
{
	if (!to || to >= r->d->word_count)
		return UINT32_MAX;
	const sentence *s = &r->d->sentences[r->d->words[to - 1].sentence];
	return to < s->word_to && !r->tokens[to].glue ? to : UINT32_MAX;
}

static bool is_name_type(uint8_t t) { return t == NAME_LEADER || t == NAME_SURNAME; }

/* A capitalised word that could be part of somebody's name: no title, no function word, no adjective of a country. */
static bool personal(const reader *r, uint32_t w)
{
	if (w == UINT32_MAX)
		return false;
	const token *t = &r->tokens[w];
	return t->cap && t->n > 0 && !(t->flags & (NF_TITLE | NF_STOP | NF_NATION));
}

/* Does what is written at from..to allow this reading? Its prior comes back, -1 for no. */
static int allowed(const reader *r, const image_reading *x, uint32_t from, uint32_t to, uint16_t flags, bool *in_date, const image_row *row)
{
	const token *first = &r->tokens[from], *last = &r->tokens[to - 1];
	int prior = x->prior;
	const bool single = to - from == 1;
	if (!first->cap && !(x->flags & RF_FIRST_LOWER))
		return -1;
	if (!last->cap && !(x->flags & RF_LAST_LOWER) && !(last->possessive) && !is_digit((byte)*last->key))
		return -1;
	if (x->flags & RF_ACRONYM) {
		if (!first->caps && !is_digit((byte)*first->key) && !(first->n > 4 && first->cap))
			return -1;
		if (first->shouted && (flags & (NF_WORD | NF_STOP)))
			return -1;
		if (first->shouted && first->n <= 2)
			prior--;
	} else if (single && first->caps && first->n <= 3 && !first->shouted && first->n > 1 && x->type != NAME_COUNTRY
		&& x->type != NAME_ORGANISATION) {
		return -1;                              /* "HIM", "MAN": letters that happen to spell a town */
	}
	if (x->flags & RF_THE && x->type != NAME_COUNTRY) {
		const uint32_t p = before(r, from);
		if (p == UINT32_MAX || strcmp(r->tokens[p].key, "the"))
			prior -= 2;
	}
	*in_date = true;
	if (r->day != KULA_NO_DAY)
		*in_date = row->start <= r->day && r->day <= row->end;
	if (single && (x->type == NAME_CITY || x->type == NAME_SURNAME || x->type == NAME_BODY || x->type == NAME_REGION
		|| x->type == NAME_LEADER)) {
		const uint32_t p = before(r, from);
		if (flags & NF_STOP && !(x->type == NAME_SURNAME && p != UINT32_MAX && r->tokens[p].flags & NF_TITLE))
			return -1;                      /* but "Mr. Ban" */
		if (flags & NF_WORD && !(x->flags & RF_ACRONYM) && x->prior < 3 && x->type != NAME_SURNAME)
			prior -= first->start || first->titled ? 2 : 1;
	}
	return prior;
}

/* Offices that a bare surname can call to mind. */
static bool high(const image_reading *x) { return !(x->flags & RF_NOT_ALONE); }

/* Collects the readings of a key at from..to. False: none. */
static bool collect(reader *r, const char *key, size_t n, uint32_t from, uint32_t to)
{
	const uint32_t first = r->cand_count;
	uint16_t flags = 0;
	for (uint32_t i = 0; i < r->k->image_count; i++) {
		const image_name *m = image_find_name(&r->k->images[i], key, n);
		if (m)
			flags |= m->flags;
	}
	for (uint32_t i = 0; i < r->k->image_count; i++) {
		const image *g = &r->k->images[i];
		const image_name *m = image_find_name(g, key, n);
		for (uint32_t j = 0; m && j < m->count; j++) {
			const image_reading *x = &g->readings[m->from + j];
			const image_row *row = &g->rows[x->row];
			bool in_date;
			int prior = allowed(r, x, from, to, flags, &in_date, row);
			if (prior < 0)
				continue;
			uint8_t type = x->type;
			int distance = 0;               /* days between the office and the document */
			if (is_name_type(type) && r->day != KULA_NO_DAY) {
				if (r->day < row->start)
					distance = (int)MIN_OF((int64_t)row->start - r->day, 40000);
				else if (r->day > row->end)
					distance = (int)MIN_OF((int64_t)r->day - row->end, 40000);
			}
			if (!in_date && !is_name_type(type))
				prior = MIN_OF(prior, 1);
			const bool ahead = is_name_type(type) && r->day != KULA_NO_DAY && r->day < row->start;
			if (type == NAME_SURNAME) {
				uint32_t p = before(r, from);
				const uint32_t q = after(r, to);
				while (p != UINT32_MAX && r->tokens[p].initial)
					p = before(r, p);
				const bool titled = p != UINT32_MAX && r->tokens[p].flags & NF_TITLE;
				if (personal(r, p) && !r->tokens[from].titled && !r->tokens[from].shouted)
					continue;
				if (personal(r, q) && !r->tokens[from].titled && !r->tokens[from].shouted && !r->tokens[q].possessive)
					continue;
				if (key[0] == '~')
					prior = titled && in_date ? 2 : 1;
				else if (!high(x) && !titled)
					continue;
				if (r->day != KULA_NO_DAY && (ahead ? distance > AHEAD_DAYS : distance > MEMORY_DAYS))
					continue;
				prior += titled && in_date && (row->start > KNOW_DAY_MIN || row->end < KNOW_DAY_MAX) ? 1 : 0;
				if (flags & (NF_GIVEN | NF_WORD) && !titled)
					prior--;
				if (distance > 400)
					prior--;
				if (r->day == KULA_NO_DAY)
					prior--;
				if (titled && high(x) && in_date && strcmp(r->tokens[p].key, "mr") && strcmp(r->tokens[p].key, "mrs")
					&& strcmp(r->tokens[p].key, "ms"))
					type = NAME_LEADER;
			}
			candidate *c = candidate_new(r);
			if (!c)
				return false;
			c->g = g;
			c->img = i;
			c->r = *x;
			c->r.type = type;
			c->r.prior = (uint8_t)(prior < 0 ? 0 : prior > 3 ? 3 : prior);
			c->in_date = in_date;
			c->score = -distance / 40;      /* about nine points a year */
			if (c->score < -150)
				c->score = -150;
			if (ahead)
				c->score -= 40;
		}
	}
	if (r->cand_count == first)
		return false;
	/* Moscow in 1985: the state of that day before the one that came after it */
	bool former = false;
	for (uint32_t j = first; j < r->cand_count; j++) {
		candidate *c = &r->cands[j];
		if (r->day != KULA_NO_DAY && c->in_date && !is_name_type(c->r.type) && c->g->rows[c->r.row].end < KNOW_DAY_MAX && c->r.code) {
			c->r.prior = 3;
			former = true;
		}
	}
	for (uint32_t j = first; former && j < r->cand_count; j++) {
		candidate *c = &r->cands[j];
		if (c->r.prior > 1 && !is_name_type(c->r.type) && c->g->rows[c->r.row].end == KNOW_DAY_MAX)
			c->r.prior = 1;
	}
	group *gr = group_new(r);
	if (!gr)
		return false;
	gr->from = from;
	gr->to = to;
	gr->first = first;
	gr->count = r->cand_count - first;
	return true;
}

static const char *code_of(const candidate *c) { return c->g->codes[c->r.code].code; }

/* Tries the names that begin at w, longest first; where the next look begins. inner: shorter than that many words only. */
static uint32_t names_at(reader *r, uint32_t w, uint32_t stop)
{
	const token *t = &r->tokens[w];
	if (!t->n || !t->longest)
		return w + 1;
	char keys[NAME_WORDS][2][160];
	uint32_t ends[NAME_WORDS];
	bool plain[NAME_WORDS];
	uint32_t tried = 0;
	size_t n = 0, m = 0;            /* the key so far: with the initials inside it, without */
	bool glue = false, skipped = false;
	for (uint32_t e = w; e < stop && tried < NAME_WORDS; e++) {
		const token *x = &r->tokens[e];
		if (x->glue) {
			if (glue)
				break;
			glue = true;
			continue;
		}
		if (!x->n)
			break;
		const bool join = glue || x->possessive || e == w;
		if (n + x->n + 1 >= 160 || m + x->n + 1 >= 160)
			break;
		char full[160], less[160];
		if (tried) {
			memcpy(full, keys[tried - 1][0], n + 1);
			memcpy(less, keys[tried - 1][1], m + 1);
		}
		if (!join) {
			full[n++] = ' ';
		}
		memcpy(full + n, x->key, x->n + 1u);
		n += x->n;
		if (x->initial && e > w) {
			skipped = true;
		} else {
			if (!join)
				less[m++] = ' ';
			memcpy(less + m, x->key, x->n + 1u);
			m += x->n;
		}
		glue = false;
		memcpy(keys[tried][0], full, n + 1);
		memcpy(keys[tried][1], less, m + 1);
		plain[tried] = !skipped || x->initial;
		ends[tried++] = e + 1;
		if (m > t->longest)
			break;
	}
	while (tried-- > 0) {
		const uint32_t to = ends[tried];
		if (r->tokens[to - 1].possessive && to - w > 1 && !r->tokens[to - 1].cap)
			continue;               /* "Iraqi's" is not "Iraqis" */
		if (collect(r, keys[tried][0], strlen(keys[tried][0]), w, to))
			return to;
		if (!plain[tried] && collect(r, keys[tried][1], strlen(keys[tried][1]), w, to))
			return to;
		if (r->refused)
			return w + 1;
	}
	return w + 1;
}

/* A person by the sound of first and last name, where no row has this spelling: where the next look begins. */
static uint32_t sounds_at(reader *r, uint32_t w, uint32_t stop)
{
	const token *t = &r->tokens[w];
	if (!t->cap || t->titled || t->shouted || t->n < 2 || t->flags & (NF_STOP | NF_NATION))
		return w;
	char key[64] = "~";
	const uint32_t p = before(r, w);
	if (t->flags & NF_TITLE)
		return w;
	if (p != UINT32_MAX && r->tokens[p].flags & NF_TITLE && t->n > 3 && !personal(r, after(r, w + 1))) {
		key[1] = '~';
		const size_t family = know_sound(t->key, t->n, key + 2);
		if (family >= 4 && collect(r, key, family + 2, w, w + 1))
			return w + 1;
	}
	key[1] = 0;
	size_t k = 1 + know_sound(t->key, t->n, key + 1);
	uint32_t e = w + 1;
	while (e < stop && r->tokens[e].initial)
		e++;
	/* "Ayman al-Zawahiri": the article is a word of its own */
	if (e + 2 < stop && r->tokens[e].n && r->tokens[e].n <= 3 && r->tokens[e + 1].glue)
		e += 2;
	if (e >= stop || !r->tokens[e].cap || r->tokens[e].n < 4 || r->tokens[e].flags & (NF_STOP | NF_NATION | NF_TITLE))
		return w;
	if (personal(r, after(r, e + 1)) || (p != UINT32_MAX && personal(r, p) && !r->tokens[p].start))
		return w;
	key[k++] = ' ';
	k += know_sound(r->tokens[e].key, r->tokens[e].n, key + k);
	return collect(r, key, k, w, e + 1) ? e + 1 : w;
}

static void tokens_fill(reader *r)
{
	const text_doc *d = r->d;
	r->tokens = ARENA_NEW(r->a, token, d->word_count + 1u);
	if (!r->tokens) {
		r->refused = true;
		return;
	}
	for (uint32_t s = 0; s < d->sentence_count && !r->refused; s++) {
		const sentence *x = &d->sentences[s];
		uint32_t words = 0, caps = 0, capital = 0;
		bool start = true;
		for (uint32_t w = x->word_from; w < x->word_to && !r->refused; w++) {
			token *t = &r->tokens[w];
			token_fill(r, w, t);
			if (!t->n || is_digit((byte)*t->key) || t->possessive)
				continue;
			t->start = start;
			start = false;
			words++;
			caps += t->caps && t->n > 1;
			capital += t->cap || t->n < 4;
		}
		const bool shouted = words >= 3 && caps * 10 >= words * 8, titled = words >= 4 && capital * 10 >= words * 9;
		for (uint32_t w = x->word_from; w < x->word_to; w++) {
			r->tokens[w].shouted = shouted;
			r->tokens[w].titled = titled;
		}
	}
}

static bool only_small(const reader *r, const group *g)
{
	for (uint32_t i = 0; i < g->count; i++) {
		const uint8_t t = r->cands[g->first + i].r.type;
		if (t != NAME_BODY && t != NAME_CITY)
			return false;
	}
	return true;
}

static void groups_fill(reader *r)
{
	const text_doc *d = r->d;
	for (uint32_t s = 0; s < d->sentence_count && !r->refused; s++) {
		const sentence *x = &d->sentences[s];
		for (uint32_t w = x->word_from; w < x->word_to && !r->refused;) {
			const uint32_t had = r->group_count;
			uint32_t next = names_at(r, w, x->word_to);
			if (r->group_count == had) {
				const uint32_t end = sounds_at(r, w, x->word_to);
				next = MAX_OF(next, end);
			}
			if (r->group_count > had && next - w > 1 && only_small(r, &r->groups[had])) {
				/* a country inside the name of a body or town of another country: both are given */
				for (uint32_t i = w; i < next && !r->refused;) {
					const uint32_t before_count = r->group_count, cands = r->cand_count;
					const uint32_t to = names_at(r, i, i == w ? next - 1 : next);
					if (r->group_count > before_count) {
						const group *in = &r->groups[before_count];
						bool other = false, same = false;
						for (uint32_t j = 0; j < in->count; j++) {
							const candidate *c = &r->cands[in->first + j];
							other |= c->r.type <= NAME_METONYM || c->r.type == NAME_ORGANISATION;
							for (uint32_t q = 0; q < r->groups[had].count; q++)
								same |= !strcmp(code_of(c), code_of(&r->cands[r->groups[had].first + q]));
						}
						other &= !same;
						if (!other) {
							r->group_count = before_count;
							r->cand_count = cands;
						}
					}
					i = to;
				}
			}
			w = next;
		}
	}
}

static bool sure_type(uint8_t t) { return t != NAME_SURNAME && t != NAME_CITY && t != NAME_BODY && t != NAME_NOBODY; }

/* What beyond doubt is named: groups whose likely readings have one code. */
static void votes_count(reader *r)
{
	for (uint32_t i = 0; i < r->group_count; i++) {
		const group *g = &r->groups[i];
		const char *code = NULL;
		const candidate *of = NULL;
		bool one = true;
		for (uint32_t j = 0; j < g->count && one; j++) {
			const candidate *c = &r->cands[g->first + j];
			if (c->r.prior < 2)
				continue;
			if (!code)
				code = code_of(c), of = c;
			else
				one = !strcmp(code, code_of(c));
			if (sure_type(c->r.type))
				of = c;
		}
		if (!code || !one || !*code || !(sure_type(of->r.type) || of->r.prior == 3) || (of->r.type == NAME_LEADER && !of->in_date))
			continue;
		uint32_t v = 0;
		while (v < r->vote_count && strcmp(r->votes[v].code, code))
			v++;
		if (v == r->vote_count) {
			if (v == VOTES)
				continue;
			r->vote_count++;
			snprintf(r->votes[v].code, sizeof r->votes[v].code, "%s", code);
			r->votes[v].area = of->g->strings + of->g->codes[of->r.code].area;
		}
		r->votes[v].n++;
	}
}

static introduced *person_new(reader *r, const token *t, uint32_t from)
{
	if (r->people_count == PEOPLE)
		return NULL;
	introduced *p = &r->people[r->people_count++];
	memset(p, 0, sizeof *p);
	p->key = t->key;
	p->hash = t->hash;
	p->from = from;
	return p;
}

/* Whom the document introduces: by a full name that a row knows, or by one that none does. */
static void people_find(reader *r)
{
	for (uint32_t i = 0; i < r->group_count; i++) {
		const group *g = &r->groups[i];
		const candidate *best = NULL;
		for (uint32_t j = 0; j < g->count; j++) {
			const candidate *c = &r->cands[g->first + j];
			if (c->r.type == NAME_LEADER && g->to - g->from > 1
				&& (!best || c->score + c->r.weight / 10 > best->score + best->r.weight / 10))
				best = c;
		}
		for (uint32_t w = g->from; best && w < g->to; w++)
			if (r->tokens[w].n >= 2 && r->tokens[w].cap && !(r->tokens[w].flags & (NF_TITLE | NF_STOP | NF_NATION))) {
				introduced *p = person_new(r, &r->tokens[w], g->to);
				if (p)
					p->c = *best;
			}
	}
	/* "Ibrahim Rugova" without a row: the last of a run of personal words that belong to no group */
	uint32_t g = 0;
	for (uint32_t w = 1; w < r->d->word_count; w++) {
		while (g < r->group_count && r->groups[g].to <= w)
			g++;
		const bool inside = g < r->group_count && r->groups[g].from <= w;
		const token *t = &r->tokens[w];
		if ((inside && r->groups[g].to - r->groups[g].from > 1) || t->titled || t->shouted || t->initial || !personal(r, w))
			continue;
		uint32_t p = before(r, w);
		if (p != UINT32_MAX && r->tokens[p].initial)
			p = before(r, p);
		if (p == UINT32_MAX || !personal(r, p) || (r->tokens[p].start && !(r->tokens[p].flags & NF_GIVEN)))
			continue;
		if (!(r->tokens[p].flags & (NF_GIVEN | NF_FAMILY)) && !(t->flags & NF_FAMILY))
			continue;               /* two capitals are not yet a person */
		const uint32_t q = after(r, w + 1);
		if (personal(r, q))
			continue;
		introduced *x = person_new(r, t, w);
		if (x)
			x->unknown = true;
	}
}

static const introduced *introduced_as(const reader *r, const token *t, uint32_t at, bool unknown)
{
	const introduced *found = NULL;
	for (uint32_t i = 0; i < r->people_count; i++)
		if (r->people[i].hash == t->hash && r->people[i].unknown == unknown && r->people[i].from <= at && !strcmp(r->people[i].key, t->key)
			&& (!found || r->people[i].from >= found->from))
			found = &r->people[i];
	return found;
}

/* A surname that was introduced by the full name earlier means that person, whatever tables say. */
static void surnames_resolve(reader *r)
{
	const uint32_t groups = r->group_count;
	uint32_t g = 0;
	for (uint32_t w = 0; w < r->d->word_count && !r->refused; w++) {
		const token *t = &r->tokens[w];
		if (!t->cap || t->n < 2 || t->flags & NF_STOP)
			continue;
		while (g < groups && r->groups[g].to <= w)
			g++;
		const bool inside = g < groups && r->groups[g].from <= w;
		if (inside && r->groups[g].to - r->groups[g].from > 1)
			continue;
		const introduced *p = introduced_as(r, t, w, false);
		if (!p)
			continue;
		const uint32_t prev = before(r, w), next = after(r, w + 1);
		if ((personal(r, prev) || personal(r, next)) && !t->titled && !t->shouted)
			continue;
		if (inside) {
			bool nation = false;
			for (uint32_t j = 0; j < r->groups[g].count; j++)
				nation |= r->cands[r->groups[g].first + j].r.type <= NAME_METONYM;
			if (nation)
				continue;
		}
		const uint32_t first = r->cand_count;
		candidate *c = candidate_new(r);
		if (!c)
			return;
		*c = p->c;
		c->r.type = NAME_SURNAME;
		c->r.prior = 3;
		c->given = true;
		group *gr;
		if (inside) {
			gr = &r->groups[g];
			/* the person first; the other readings behind it */
			const uint32_t old = gr->first, n = gr->count;
			for (uint32_t j = 0; j < n; j++) {
				candidate *copy = candidate_new(r);
				if (!copy)
					return;
				*copy = r->cands[old + j];
			}
			gr->first = first;
			gr->count = n + 1;
		} else {
			gr = group_new(r);
			if (!gr)
				return;
			gr->from = w;
			gr->to = w + 1;
			gr->first = first;
			gr->count = 1;
		}
	}
}

static uint32_t votes_for(const reader *r, const char *code)
{
	for (uint32_t v = 0; v < r->vote_count; v++)
		if (!strcmp(r->votes[v].code, code))
			return r->votes[v].n;
	return 0;
}

static uint32_t votes_area(const reader *r, const char *area, const char *but)
{
	uint32_t n = 0;
	for (uint32_t v = 0; v < r->vote_count && *area; v++)
		if (strcmp(r->votes[v].code, but) && r->votes[v].area && !strcmp(r->votes[v].area, area))
			n += r->votes[v].n;
	return n;
}

/* Do words of a hint stand within reach of a group? near: in the next or last three words. */
static int hint_score(const reader *r, const group *g, const char *words)
{
	const sentence *s = &r->d->sentences[r->d->words[g->from].sentence];
	const uint32_t from = g->from > s->word_from + 12 ? g->from - 12 : s->word_from, to = MIN_OF(g->to + 12, s->word_to);
	int best = 0;
	for (uint32_t w = from; w < to; w++) {
		if (w >= g->from && w < g->to)
			continue;
		char phrase[130];
		size_t n = 0;
		phrase[n++] = '|';
		for (uint32_t e = w; e < to && e < w + 4; e++) {
			const token *t = &r->tokens[e];
			if (!t->n || n + t->n + 3 > sizeof phrase || (e >= g->from && e < g->to))
				break;
			if (n > 1)
				phrase[n++] = ' ';
			memcpy(phrase + n, t->key, t->n);
			n += t->n;
			phrase[n] = '|';
			phrase[n + 1] = 0;
			bool found = strstr(words, phrase) != NULL;
			if (!found && n > 4 && phrase[n - 1] == 's') {          /* "senators" for "senator" */
				memcpy(phrase + n - 1, "|", 2);
				found = strstr(words, phrase) != NULL;
				memcpy(phrase + n - 1, "s|", 3);
			}
			if (found) {
				const uint32_t gap = w < g->from ? g->from - w : w - g->to;
				const int score = gap <= 3 ? 420 : gap <= 6 ? 330 : 260;
				best = MAX_OF(best, score);
			}
		}
	}
	return best;
}

/* The one code of a group's likely readings, or NULL. */
static const char *sure_code(const reader *r, const group *g)
{
	const char *code = NULL;
	for (uint32_t j = 0; j < g->count; j++) {
		const candidate *c = &r->cands[g->first + j];
		if (c->r.prior < 2)
			continue;
		if (code && strcmp(code, code_of(c)))
			return NULL;
		code = code_of(c);
	}
	return code;
}

/* What the names around group i in its sentence say for a code: "Tripoli in northern Lebanon", "the Greek region of Macedonia". */
static int beside(const reader *r, uint32_t i, const char *code)
{
	const group *g = &r->groups[i];
	const uint32_t sentence_at = r->d->words[g->from].sentence;
	int best = 0;
	if (!*code)
		return 0;
	for (int way = -1; way <= 1; way += 2)
		for (uint32_t q = i + (uint32_t)way; q < r->group_count && r->d->words[r->groups[q].from].sentence == sentence_at;
			q += (uint32_t)way) {
			const group *o = &r->groups[q];
			if (o->from < g->to && g->from < o->to)
				continue;
			const char *sure = sure_code(r, o);
			if (!sure || strcmp(sure, code))
				continue;
			const uint32_t gap = o->from >= g->to ? o->from - g->to : g->from - o->to;
			best = MAX_OF(best, gap <= 3 ? 220 : gap <= 8 ? 110 : 60);
		}
	return best;
}

static const int type_score[NAME_TYPES] = {
	[NAME_COUNTRY] = 70, [NAME_ADJECTIVE] = 60, [NAME_PEOPLE] = 50, [NAME_CAPITAL] = 45, [NAME_METONYM] = 40, [NAME_LEADER] = 60,
	[NAME_SURNAME] = 20, [NAME_ORGANISATION] = 60, [NAME_BODY] = 5, [NAME_ARMED] = 30, [NAME_CITY] = 0, [NAME_REGION] = 5,
	[NAME_FORMER] = 40, [NAME_NOBODY] = 75
};

static void score_all(reader *r)
{
	for (uint32_t i = 0; i < r->group_count; i++) {
		const group *g = &r->groups[i];
		char key[160];
		size_t n = 0;
		for (uint32_t w = g->from; w < g->to; w++) {
			const token *t = &r->tokens[w];
			if (n + t->n + 2 >= sizeof key)
				break;
			if (n && t->n && !t->possessive && !r->tokens[w - 1].glue)
				key[n++] = ' ';
			memcpy(key + n, t->key, t->n);
			n += t->n;
		}
		key[n] = 0;
		const introduced *stranger = g->to - g->from == 1 ? introduced_as(r, &r->tokens[g->from], g->from, true) : NULL;
		bool country = false;           /* a country bears the name: towns and regions of others need more than a neighbour */
		for (uint32_t j = 0; j < g->count; j++)
			country |= r->cands[g->first + j].r.type == NAME_COUNTRY && r->cands[g->first + j].r.prior == 3;
		const group *left = NULL, *right = NULL;         /* "Atlanta, Georgia": the names across a comma */
		if (i && r->groups[i - 1].to + 1 == g->from && !r->tokens[g->from - 1].n && !r->tokens[g->from - 1].glue)
			left = &r->groups[i - 1];
		if (i + 1 < r->group_count && g->to + 1 == r->groups[i + 1].from && !r->tokens[g->to].n && !r->tokens[g->to].glue)
			right = &r->groups[i + 1];
		for (uint32_t j = 0; j < g->count; j++) {
			candidate *c = &r->cands[g->first + j];
			const char *code = code_of(c);
			const image_row *row = &c->g->rows[c->r.row];
			int s = c->score + c->r.prior * 100 + c->r.weight / 10 + type_score[c->r.type];
			if (!c->in_date && !is_name_type(c->r.type))
				s -= 120;
			if (c->given)
				s += 600;
			if (c->img + 1 < r->k->image_count)
				s += 400;               /* a user's own row */
			if (c->r.flags & RF_DOC)
				s += votes_for(r, code) ? 120 : -20000;
			if (g->count > 1) {
				const uint32_t v = votes_for(r, code);
				s += (int)MIN_OF(v, 4u) * 50 + (v ? 30 : 0);
				s += (int)MIN_OF(votes_area(r, c->g->strings + c->g->codes[c->r.code].area, code), 4u) * 12;
				if (*code && !strcmp(code, r->publisher_code))
					s += 30;
				s += country && c->r.type >= NAME_CITY && c->r.type <= NAME_REGION ? beside(r, i, code) / 2 : beside(r, i, code);
				for (uint32_t q = 0; q < r->k->image_count; q++) {
					const image *h = &r->k->images[q];
					const image_hint *x = image_find_hint(h, key, n);
					for (; x && x < h->hints + h->hint_count && !strcmp(h->strings + x->key, key); x++)
						if (!strcmp(h->codes[x->code].code, code))
							s += hint_score(r, g, h->strings + x->words);
				}
			}
			int across = 0;
			if (left)
				for (uint32_t q = 0; q < left->count; q++) {
					const candidate *o = &r->cands[left->first + q];
					const char *region = o->g->strings + o->g->rows[o->r.row].region;
					if (o->r.type != NAME_CITY && o->r.type != NAME_CAPITAL && o->r.type != NAME_REGION)
						continue;
					if (!strcmp(code_of(o), code))
						across = MAX_OF(across, *region && !strcmp(region, key) ? 600 : c->r.type == NAME_COUNTRY ? 200 : 0);
				}
			if (right)
				for (uint32_t q = 0; q < right->count; q++) {
					const candidate *o = &r->cands[right->first + q];
					if (c->r.type != NAME_CITY && c->r.type != NAME_CAPITAL && c->r.type != NAME_REGION)
						continue;
					if (strcmp(code_of(o), code))
						continue;
					const char *region = c->g->strings + row->region;
					const char *name = o->g->strings + o->g->rows[o->r.row].name;
					if (*region && o->r.type == NAME_REGION && same_folded(region, strlen(region), name))
						across = MAX_OF(across, 600);
					else if (o->r.type == NAME_COUNTRY)
						across = MAX_OF(across, 400);
				}
			s += across;
			if (stranger && !c->given) {
				if (c->r.type == NAME_SURNAME || c->r.type == NAME_LEADER)
					c->r.prior = 0, s -= 400;
				else if (c->r.type > NAME_METONYM)
					c->r.prior = (uint8_t)(c->r.prior ? c->r.prior - 1 : 0);
			}
			c->score = s;
		}
	}
}

static bool better(const candidate *x, const candidate *y)
{
	if (x->score != y->score)
		return x->score > y->score;
	if (x->r.type != y->r.type)
		return x->r.type < y->r.type;
	const int c = strcmp(code_of(x), code_of(y));
	return c ? c < 0 : x->r.row < y->r.row;
}

/* "Michael Jordan", "Paris Hilton": a place's name beside a personal one is part of somebody's name. */
static bool somebodys(const reader *r, const group *g)
{
	if (g->to - g->from != 1 || r->tokens[g->from].titled || r->tokens[g->from].shouted)
		return false;
	const token *t = &r->tokens[g->from];
	bool place = false;
	for (uint32_t j = 0; j < g->count; j++) {
		const uint8_t ty = r->cands[g->first + j].r.type;
		if (ty == NAME_ADJECTIVE || ty == NAME_ORGANISATION || ty == NAME_ARMED || ty == NAME_METONYM || t->caps)
			return false;
		place |= ty == NAME_COUNTRY || ty == NAME_CITY || ty == NAME_REGION || ty == NAME_CAPITAL;
	}
	if (!place)
		return false;
	const uint32_t p = before(r, g->from);
	if (p != UINT32_MAX && r->tokens[p].initial && r->d->words[p].at.to - r->d->words[p].at.from == 2)
		return true;                            /* "Booker T. Washington", not "A Paris court" */
	if (personal(r, p) && r->tokens[p].flags & NF_GIVEN && !(r->tokens[p].flags & NF_PLACE))
		return true;
	const uint32_t q = after(r, g->to);
	if (!(t->flags & NF_GIVEN) || !personal(r, q) || r->tokens[q].caps || r->tokens[q].flags & (NF_WORD | NF_PLACE))
		return false;
	if (r->tokens[q].flags & NF_FAMILY)
		return true;
	/* "Jordan Spieth": a first name before a word that nothing else is called; not "Jordan Airlines" */
	return !r->tokens[q].flags && !r->tokens[q].longest && !personal(r, after(r, q + 1)) && know_kind(r->k, r->tokens[q].key, NULL) < 0;
}

static int by_place(const void *x, const void *y)
{
	const group *a = x, *b = y;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to > b->to ? -1 : a->to < b->to;
}

mention *know_mentions(const know *k, arena *a, const text_doc *d, kula_day published, const char *publisher, uint32_t *count)
{
	*count = 0;
	reader r = {.k = k, .a = a, .d = d, .day = published, .publisher_code = know_publisher(k, publisher)};
	r.votes = ARENA_NEW(a, vote, VOTES);
	r.people = ARENA_NEW(a, introduced, PEOPLE);
	if (!r.votes || !r.people)
		return NULL;
	tokens_fill(&r);
	if (!r.refused)
		groups_fill(&r);
	if (!r.refused) {
		votes_count(&r);
		people_find(&r);
		surnames_resolve(&r);
	}
	if (r.refused)
		return NULL;
	if (r.group_count)
		qsort(r.groups, r.group_count, sizeof *r.groups, by_place);
	score_all(&r);
	mention *out = ARENA_NEW(a, mention, (size_t)r.group_count * READINGS + 1);
	if (!out)
		return NULL;
	uint32_t n = 0;
	for (uint32_t i = 0; i < r.group_count; i++) {
		const group *g = &r.groups[i];
		if (somebodys(&r, g))
			continue;
		candidate *best[READINGS];
		uint32_t m = 0;
		for (uint32_t j = 0; j < g->count; j++) {
			candidate *c = &r.cands[g->first + j];
			if (c->score < -10000)
				continue;
			/* one reading for each code: the best */
			uint32_t q = 0;
			while (q < m && strcmp(code_of(best[q]), code_of(c)))
				q++;
			if (q < m) {
				if (!better(c, best[q]))
					continue;
				memmove(best + q, best + q + 1, (m - q - 1) * sizeof *best);
				m--;
			}
			q = m;
			while (q > 0 && better(c, best[q - 1]))
				q--;
			if (q == READINGS)
				continue;
			const uint32_t keep = MIN_OF(m, READINGS - 1);
			memmove(best + q + 1, best + q, (keep - q) * sizeof *best);
			best[q] = c;
			m = keep + 1;
		}
		/* a common word that some town, family or paper is called, and nothing speaks for it */
		bool weak = true;
		for (uint32_t q = 0; q < m; q++)
			weak &= best[q]->r.prior == 0 && best[q]->score < 250 && (best[q]->r.type == NAME_CITY || best[q]->r.type == NAME_BODY
				|| best[q]->r.type == NAME_SURNAME || best[q]->r.type == NAME_REGION);
		if (weak)
			continue;
		for (uint32_t q = 0; q < m; q++) {
			mention *x = &out[n++];
			*x = (mention){.word_from = g->from, .word_to = g->to, .type = best[q]->r.type, .rank = (uint8_t)q,
				.prior = best[q]->r.prior, .in_date = best[q]->in_date, .row = ROW_OF(best[q]->img, best[q]->r.row)};
			snprintf(x->code, sizeof x->code, "%s", code_of(best[q]));
		}
	}
	*count = n;
	return out;
}

const char *know_type_name(uint8_t type)
{
	static const char *const names[NAME_TYPES] = {"country", "adjective", "people", "capital", "metonym", "leader", "surname",
		"organisation", "body", "armed", "city", "region", "former", "nobody"};
	return type < NAME_TYPES ? names[type] : "";
}

static int by_score(const void *x, const void *y)
{
	const candidate *a = x, *b = y;
	if (better(a, b))
		return -1;
	return better(b, a) ? 1 : 0;
}

mention *know_readings(const know *k, arena *a, const char *name, kula_day on, uint32_t *count)
{
	*count = 0;
	const size_t bytes = strlen(name);
	if (!bytes || bytes > 1000 || utf8_check((const byte *)name, bytes) < bytes)
		return NULL;
	const char *key = know_canon(a, name, bytes);
	if (!key)
		return NULL;
	for (;;) {                              /* "the Hague" and "President Putin" are known without their first word, too */
		const size_t first = strcspn(key, " ");
		uint16_t flags = 0;
		bool known = false;
		for (uint32_t i = 0; i < k->image_count; i++) {
			const image_name *m = image_find_name(&k->images[i], key, first);
			flags |= m ? m->flags : 0;
			m = image_find_name(&k->images[i], key, strlen(key));
			known |= m && m->count;
		}
		if (known || !key[first] || !(flags & (NF_TITLE | NF_STOP)))
			break;
		key += first + 1;
	}
	reader r = {.k = k, .a = a, .day = on};
	for (uint32_t i = 0; i < k->image_count; i++) {
		const image *g = &k->images[i];
		const image_name *m = image_find_name(g, key, strlen(key));
		for (uint32_t j = 0; m && j < m->count; j++) {
			candidate *c = candidate_new(&r);
			if (!c)
				return NULL;
			c->g = g;
			c->img = i;
			c->r = g->readings[m->from + j];
			const image_row *row = &g->rows[c->r.row];
			c->in_date = on == KULA_NO_DAY || (row->start <= on && on <= row->end);
			const int64_t gap = c->in_date ? 0 : on < row->start ? (int64_t)row->start - on : (int64_t)on - row->end;
			c->score = c->r.prior * 100 + c->r.weight / 10 + type_score[c->r.type] - (int)MIN_OF(gap / 20, 300)
				+ (i + 1 < k->image_count ? 400 : 0);
			if (!c->in_date)
				c->score -= 60;
			if (on == KULA_NO_DAY && is_name_type(c->r.type) && row->end < KNOW_DAY_MAX)
				c->score -= 20 - (int)MIN_OF(MAX_OF(row->end, 0) / 1100, 20);   /* the later first */
		}
	}
	if (!r.cand_count)
		return NULL;
	qsort(r.cands, r.cand_count, sizeof *r.cands, by_score);
	mention *out = ARENA_NEW(a, mention, r.cand_count);
	if (!out)
		return NULL;
	uint32_t n = 0;
	for (uint32_t i = 0; i < r.cand_count; i++) {
		const candidate *c = &r.cands[i];
		bool again = false;             /* one row may enter a name by two of its forms */
		for (uint32_t j = i > 8 ? i - 8 : 0; j < i && !again; j++)
			again = r.cands[j].img == c->img && r.cands[j].r.row == c->r.row && r.cands[j].r.type == c->r.type;
		if (again)
			continue;
		out[n] = (mention){.type = c->r.type, .rank = (uint8_t)MIN_OF(n, 255u), .prior = c->r.prior, .in_date = c->in_date,
			.row = ROW_OF(c->img, c->r.row)};
		snprintf(out[n].code, sizeof out[n].code, "%s", code_of(c));
		n++;
	}
	*count = n;
	return out;
}
