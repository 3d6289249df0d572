#include "know/image.h"

#include <stdlib.h>
#include <unistd.h>

static void hash_name(know *k)
{
	uint64_t sum = 0;
	for (uint32_t i = k->image_count; i-- > 0;)
		sum = sum * 0x9E3779B97F4A7C15u + k->images[i].sum;
	snprintf(k->hash, sizeof k->hash, "%016llx", (unsigned long long)sum);
}

know *know_open(const char *path, kula_error *err)
{
	char room[4096];
	if (!path && !(path = data_path("kula.know", room, sizeof room))) {
		kula_fail(err, KULA_ENOTFOUND, 0, "no knowledge file 'kula.know' beside the program or where KULA_DATA says");
		return NULL;
	}
	know *k = base_malloc(sizeof *k);
	if (!k) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the knowledge");
		return NULL;
	}
	memset(k, 0, sizeof *k);
	if (file_map(path, &k->map, err)) {
		free(k);
		return NULL;
	}
	if (image_open(&k->images[0], k->map.at, k->map.n, path, err)) {
		if (err)
			err->source = NULL;             /* path need not outlive the call; its text names it */
		know_close(k);
		return NULL;
	}
	k->image_count = 1;
	hash_name(k);
	return k;
}

void know_close(know *k)
{
	if (!k)
		return;
	for (uint32_t i = 0; i < KNOW_IMAGES; i++)
		buf_free(&k->layers[i]);
	file_unmap(&k->map);
	free(k);
}

kula_status know_layer(know *k, const char *directory, kula_error *err)
{
	if (k->image_count == KNOW_IMAGES)
		return kula_fail(err, KULA_ELIMIT, 0, "more than %u layers of tables", KNOW_IMAGES - 1);
	static const char *const tables[] = {"countries.tsv", "organisations.tsv", "leaders.tsv", "cities.tsv", "names.tsv",
		"publishers.tsv", "items.tsv", "noun_kinds.tsv", "species.tsv", "mass_nouns.tsv", "plurals.tsv", "hints.tsv", "words.tsv"};
	bool any = false;
	for (size_t i = 0; i < COUNT_OF(tables) && !any; i++) {
		char path[4096];
		any = snprintf(path, sizeof path, "%s/%s", directory, tables[i]) < (int)sizeof path && !access(path, R_OK);
	}
	if (!any)
		return kula_fail(err, KULA_ENOTFOUND, 0, "'%s' holds none of Kula's tables (names.tsv, leaders.tsv, ...)", directory);
	buf b = {0};
	image g;
	kula_status s = know_compile_over(directory, true, &k->images[k->image_count - 1], &b, err);
	if (!s)
		s = image_open(&g, (const byte *)b.at, b.n, directory, err);
	if (s) {
		buf_free(&b);
		return s;
	}
	memmove(k->images + 1, k->images, k->image_count * sizeof *k->images);
	k->images[0] = g;
	k->layers[k->image_count - 1] = b;
	k->image_count++;
	hash_name(k);
	return KULA_OK;
}

const char *know_hash(const know *k) { return k->hash; }

const char *know_publisher(const know *k, const char *publisher)
{
	if (!publisher || !*publisher)
		return "";
	arena *a = arena_new(1u << 20);
	const char *code = "";
	const size_t n = strlen(publisher);
	const char *key = a && n < 1000 ? know_canon(a, publisher, n) : NULL;
	if (key && !strncmp(key, "the ", 4))
		key += 4;
	for (uint32_t i = 0; key && i < k->image_count && !*code; i++) {
		const image *g = &k->images[i];
		/* "BBC News, Nairobi", "The Guardian (London)": the longest beginning that is a publisher's name */
		size_t kn = strlen(key);
		while (kn) {
			const image_publisher *p = image_find_publisher(g, key, kn);
			if (p) {
				code = g->codes[p->code].code;
				break;
			}
			while (kn && key[kn - 1] != ' ')
				kn--;
			if (kn)
				kn--;
		}
		/* else a country or its adjective in the name: "Ministry of Defence, India", "Bulgarian Press Agency" */
		for (const char *w = key; !*code && *w;) {
			const char *best = NULL;
			size_t skip = strcspn(w, " ");
			for (size_t end = strlen(w); end; ) {
				const image_name *m = image_find_name(g, w, end);
				for (uint32_t r = 0; m && r < m->count; r++) {
					const image_reading *x = &g->readings[m->from + r];
					if ((x->type == NAME_COUNTRY || x->type == NAME_ADJECTIVE || x->type == NAME_CAPITAL
						|| x->type == NAME_ORGANISATION || (x->type == NAME_CITY && x->prior == 3)
						|| (x->type == NAME_REGION && x->prior >= 2)) && x->code
						&& !(x->flags & RF_ACRONYM && end < 3 && strcmp(key, w))) {
						best = g->codes[x->code].code;
						break;
					}
				}
				if (best)
					break;
				while (end && w[end - 1] != ' ')
					end--;
				if (end)
					end--;
			}
			if (best)
				code = best;
			w += skip;
			while (*w == ' ')
				w++;
		}
	}
	arena_free(a);
	return code;
}

const char *know_row(const know *k, arena *a, uint32_t row)
{
	const uint32_t which = row >> 28, at = row & 0x0FFFFFFFu;
	if (which >= k->image_count || at >= k->images[which].row_count)
		return "";
	const image *g = &k->images[which];
	const image_row *r = &g->rows[at];
	char from[16] = "", to[16] = "";
	if (r->start != KNOW_DAY_MIN)
		kula_day_format(r->start, from);
	if (r->end != KNOW_DAY_MAX)
		kula_day_format(r->end, to);
	const char *note = g->strings + r->note, *region = g->strings + r->region, *home = g->strings + g->codes[r->code].name;
	const char *s = arena_format(a, "%s:%u: %s%s%s%s%s%s%s%s%s%s", g->strings + g->files[r->file], r->line, g->strings + r->name,
		*note ? ", " : "", note, *region ? ", " : "", region, *home ? ", " : "", home,
		*from || *to ? ", " : "", from, *from || *to ? " -" : "");
	return s && *to ? arena_format(a, "%s %s", s, to) : s;
}

static const image_code *code_find(const know *k, const char *code, const image **in)
{
	for (uint32_t i = 0; i < k->image_count; i++)
		for (uint32_t c = 1; c < k->images[i].code_count; c++)
			if (!strcmp(k->images[i].codes[c].code, code) && (i + 1 == k->image_count || k->images[i].codes[c].name)) {
				*in = &k->images[i];
				return &k->images[i].codes[c];
			}
	return NULL;
}

const char *know_code_name(const know *k, const char *code)
{
	const image *g = NULL;
	const image_code *c = code_find(k, code, &g);
	return c && c->name ? g->strings + c->name : NULL;
}

const char *know_code_of(const know *k, const char *typed)
{
	const image *g = NULL;
	char upper[KULA_CODE_BYTES];
	const size_t n = strlen(typed);
	if (n && n < sizeof upper) {
		for (size_t i = 0; i <= n; i++)
			upper[i] = (char)(is_lower((byte)typed[i]) ? typed[i] - 32 : typed[i]);
		const image_code *c = code_find(k, upper, &g);
		if (c)
			return c->code;
	}
	if (!n || n > 200 || utf8_check((const byte *)typed, n) < n)
		return "";
	arena *a = arena_new(1u << 16);
	const char *key = a ? know_canon(a, typed, n) : NULL;
	const char *found = "";
	int best = -1;
	if (key && !strncmp(key, "the ", 4))
		key += 4;
	for (uint32_t i = 0; key && i < k->image_count && best < 0; i++) {
		g = &k->images[i];
		const image_name *m = image_find_name(g, key, strlen(key));
		for (uint32_t r = 0; m && r < m->count; r++) {
			const image_reading *x = &g->readings[m->from + r];
			/* a country before an organisation before the rest, as a person who types a name means it */
			const int rank = (x->type <= NAME_PEOPLE || x->type == NAME_FORMER ? 4000 : x->type == NAME_ORGANISATION ? 3500
				: x->type <= NAME_METONYM ? 3000 : x->type == NAME_SURNAME ? 500 : 1000) + x->prior * 100 + x->weight / 10;
			if (x->code && rank > best) {
				best = rank;
				found = g->codes[x->code].code;
			}
		}
	}
	arena_free(a);
	return found;
}

/* ---- things ---- */

/* The singular of a word by rule, into out: "batteries" "battery", "boxes" "box", "shells" "shell". False: it has none. */
static bool singular_by_rule(const char *w, size_t n, char *out, size_t room)
{
	if (n < 3 || n + 2 > room || w[n - 1] != 's' || w[n - 2] == 's' || w[n - 2] == 'u')
		return false;
	memcpy(out, w, n);
	out[n] = 0;
	if (n > 4 && !memcmp(w + n - 3, "ies", 3)) {
		memcpy(out + n - 3, "y", 2);
		return true;
	}
	if (n > 4 && w[n - 2] == 'e' && (w[n - 3] == 'x' || w[n - 3] == 'z' || (w[n - 3] == 's' && w[n - 4] == 's')
		|| (w[n - 3] == 'h' && (w[n - 4] == 'c' || w[n - 4] == 's')))) {
		out[n - 2] = 0;
		return true;
	}
	if (n > 3 && w[n - 2] == 'i')
		return false;                           /* "Yemenis" are none of our things; "debris" is no plural */
	out[n - 1] = 0;
	return true;
}

static const char *irregular(const know *k, const char *key, size_t n)
{
	for (uint32_t i = 0; i < k->image_count; i++) {
		const image_form *f = image_find_form(&k->images[i], key, n);
		if (f)
			return k->images[i].strings + f->to;
	}
	return NULL;
}

static const image_thing *thing_of(const know *k, const char *key, size_t n)
{
	for (uint32_t i = 0; i < k->image_count; i++) {
		const image_thing *t = image_find_thing(&k->images[i], key, n);
		if (t && t->kind != 255)
			return t;
	}
	return NULL;
}

/* key with its last word made singular, in all ways that a table or a rule knows. */
static const image_thing *thing_singular(const know *k, const char *key, size_t n)
{
	const image_thing *t = thing_of(k, key, n);
	if (t)
		return t;
	const char *to = irregular(k, key, n);
	if (to)
		return thing_of(k, to, strlen(to));
	char out[160];
	size_t last = n;
	while (last && key[last - 1] != ' ')
		last--;
	if (last && last < 100 && (to = irregular(k, key + last, n - last)) && strlen(to) < 50) {
		memcpy(out, key, last);
		memcpy(out + last, to, strlen(to) + 1);
		return thing_of(k, out, strlen(out));
	}
	if (singular_by_rule(key, n, out, sizeof out)) {
		if ((t = thing_of(k, out, strlen(out))))
			return t;
		if (n > 4 && !memcmp(key + n - 2, "es", 2) && n - 2 < sizeof out) {
			out[n - 2] = 0;                 /* "tomatoes", "buses" */
			memcpy(out, key, n - 2);
			return thing_of(k, out, n - 2);
		}
	}
	return NULL;
}

int know_kind(const know *k, const char *folded_words, int *strength)
{
	const size_t n = strlen(folded_words);
	if (strength)
		*strength = 0;
	if (!n || n > 2000)
		return -1;
	arena *a = arena_new(1u << 16);
	const char *key = a ? know_canon(a, folded_words, n) : NULL;
	int kind = -1;
	if (key) {
		const size_t kn = strlen(key);
		const char *w = kn > 100 ? key + kn - 100 : key;        /* the head is at the end */
		while (*w && kind < 0) {
			const image_thing *t = thing_singular(k, w, strlen(w));
			if (t) {
				kind = t->kind;
				if (strength)
					*strength = t->strength;
			}
			w += strcspn(w, " ");
			while (*w == ' ')
				w++;
		}
		/* "anti-tank missile" is glued to "antitank missile"; "two-seater" may be known by its last part only */
		if (kind < 0) {
			const char *dash = strrchr(folded_words, '-');
			if (dash && dash[1] && strlen(dash + 1) < 100) {
				const char *tail = know_canon(a, dash + 1, strlen(dash + 1));
				const image_thing *t = tail ? thing_singular(k, tail, strlen(tail)) : NULL;
				if (t) {
					kind = t->kind;
					if (strength)
						*strength = 1;
				}
			}
		}
	}
	arena_free(a);
	return kind;
}

const char *know_singular(const know *k, arena *a, const char *folded)
{
	const size_t n = strlen(folded);
	if (n > 500)
		return folded;
	const char *to = irregular(k, folded, n);
	if (to)
		return arena_text(a, to, strlen(to));
	size_t last = n;
	while (last && folded[last - 1] != ' ' && folded[last - 1] != '-')
		last--;
	const char *head = folded + last;
	const size_t hn = n - last;
	char out[512];
	if (last && (to = irregular(k, head, hn)))
		return arena_format(a, "%.*s%s", (int)last, folded, to);
	if (!singular_by_rule(head, hn, out, sizeof out))
		return arena_text(a, folded, n);
	if (hn > 4 && !memcmp(head + hn - 2, "es", 2) && !thing_of(k, out, strlen(out))) {
		char other[512];
		memcpy(other, head, hn - 2);
		other[hn - 2] = 0;
		if (thing_of(k, other, hn - 2))
			memcpy(out, other, hn - 1);
	}
	/* "diabetes", "mathematics", "series": known as it stands, and not without its s */
	if (thing_of(k, head, hn) && !thing_of(k, out, strlen(out)))
		return arena_text(a, folded, n);
	return arena_format(a, "%.*s%s", (int)last, folded, out);
}

bool know_is_mass(const know *k, const char *folded)
{
	const size_t n = strlen(folded);
	if (!n || n > 200)
		return false;
	arena *a = arena_new(1u << 16);
	const char *key = a ? know_canon(a, folded, n) : NULL;
	bool mass = false;
	for (uint32_t i = 0; key && i < k->image_count && !mass; i++) {
		const image_thing *t = image_find_thing(&k->images[i], key, strlen(key));
		mass = t && t->mass;
	}
	arena_free(a);
	return mass;
}

bool know_is_word(const know *k, const char *folded, know_word what)
{
	const uint16_t flag = what == KNOW_ENDS_NOUN ? NF_ENDS_NOUN : what == KNOW_DETERMINER ? NF_DETERMINER : NF_SEVERAL;
	for (uint32_t i = 0; i < k->image_count; i++) {
		const image_name *m = image_find_name(&k->images[i], folded, strlen(folded));
		if (m != NULL && m->flags & flag)
			return true;
	}
	return false;
}
