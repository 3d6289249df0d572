#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include "cli/cli.h"
#include "claims/claims.h"
#include "ledger/join.h"
#include "source/source.h"

/* kula join: annotated documents, dossier by dossier, each joined by itself in memory; a line a dossier, as
 * score_joins.py takes it. With --read the texts are read, and Kula's claims take the ids of the annotated ones that they
 * are paired with. */

enum { DOSSIER_BYTES = 1 << 30, LINE_BYTES = 256 << 20 };

typedef struct told { const kula_claim *c; const kula_document *d; const char *id, *exchange; } told;

typedef struct dossier {
	const char *name;
	told       *claims;     uint32_t count, room;
	join_face  *faces;
	join_sketch *sketches;  uint32_t texts, text_room;
	json_t     *links;      /* annotated, for fitting */
} dossier;

typedef struct command {
	join_rules *rules;
	arena      *all;        /* documents and claims of the whole input: a dossier's may be scattered */
	FILE       *pairs, *link_pairs;
	dossier    *at;         uint32_t count, room;
	table      *names;
	bool        given;      /* --given */
	kula_reader *reader;
	kula_reading **readings;        /* claims live in them */
	uint32_t    reading_count;
} command;

static void dossier_clear(dossier *d)
{
	free(d->claims);
	free(d->faces);
	free(d->sketches);
	json_decref(d->links);
}

static void *grown(void *at, uint32_t count, uint32_t *room, size_t size)
{
	if (count < *room)
		return at;
	const uint32_t more = *room ? *room * 2 : 16;
	void *p = base_realloc(at, more * size);
	if (p) *room = more;
	return p;
}

static dossier *dossier_named(command *k, const char *name, kula_error *err)
{
	bool fresh;
	uint32_t *i = table_put(k->names, name, strlen(name), &fresh);
	if (i && fresh) {
		dossier *p = grown(k->at, k->count, &k->room, sizeof *p);
		if (p) {
			k->at = p;
			*i = k->count;
			p[k->count] = (dossier){ .name = arena_text(k->all, name, strlen(name)) };
			if (p[k->count].name)
				return &k->at[k->count++];
		}
		i = NULL;
	}
	if (!i) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for dossiers");
		return NULL;
	}
	return &k->at[*i];
}

static kula_status add_claim(command *k, dossier *d, const kula_document *doc, uint64_t document, const kula_claim *c, uint32_t place, const char *id,
	const char *exchange, kula_error *err)
{
	const uint32_t before = d->room;
	told *t = grown(d->claims, d->count, &d->room, sizeof *t);
	if (t) {
		d->claims = t;
		if (d->room != before) {
			join_face *f = base_realloc(d->faces, d->room * sizeof *f);
			if (!f) t = NULL;
			else d->faces = f;
		}
	}
	if (!t)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for claims");
	t[d->count] = (told){ c, doc, id, exchange };
	join_face_fill(k->rules, doc, document, c, place, &d->faces[d->count]);
	d->faces[d->count].row = d->count;
	d->count++;
	return KULA_OK;
}

/* ---- reading ---- */

/* Codes of a side, "?" for none, as one sorted text; both sides together where they are equal. */
static void codes_of(const kula_claim *c, bool from, bool to, char out[256])
{
	const char *code[16];
	uint32_t n = 0;
	for (uint32_t i = 0; from && i < c->from_count && n < COUNT_OF(code); i++) code[n++] = c->from[i].code[0] ? c->from[i].code : "?";
	for (uint32_t i = 0; to && i < c->to_count && n < COUNT_OF(code); i++) code[n++] = c->to[i].code[0] ? c->to[i].code : "?";
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t k = i; k > 0 && strcmp(code[k - 1], code[k]) > 0; k--) {
			const char *t = code[k];
			code[k] = code[k - 1];
			code[k - 1] = t;
		}
	size_t at = 0;
	out[0] = 0;
	for (uint32_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, 256 - at, "%s ", code[i]);
}

static bool same_codes(const kula_claim *a, const kula_claim *b, bool from, bool to)
{
	char x[256], y[256];
	codes_of(a, from, to, x);
	codes_of(b, from, to, y);
	return !strcmp(x, y);
}

static bool same_number(double a, double b) { return isnan(a) ? isnan(b) : a == b; }

/* How much two claims agree, in halves: as the contract's scorer counts it. */
static uint32_t agreement(const kula_claim *g, const kula_claim *r)
{
	uint32_t halves = 8;
	if (!strcmp(g->trigger, r->trigger)) halves += 4;
	else if (strstr(r->trigger, g->trigger) || (r->trigger[0] && strstr(g->trigger, r->trigger))) halves += 2;
	if (kula_act_is_equal(g->act) ? same_codes(g, r, true, true) : same_codes(g, r, true, false) && same_codes(g, r, false, true)) halves += 4;
	if (g->status == r->status) halves += 1;
	if (g->item_count && r->item_count) {
		const kula_item *a = g->items, *b = r->items;
		if (a->kind == b->kind && same_number(a->q.min, b->q.min) && same_number(a->q.max, b->q.max) && !strcmp(a->q.unit, b->q.unit) &&
			a->q.per == b->q.per) halves += 2;
	} else if (g->item_count == r->item_count) halves += 2;
	return halves;
}

typedef struct couple { uint32_t halves, gold, read; } couple;
static int best_first(const void *a, const void *b)
{
	const couple *x = a, *y = b;
	if (x->halves != y->halves) return x->halves > y->halves ? -1 : 1;
	if (x->gold != y->gold) return x->gold < y->gold ? -1 : 1;
	return x->read < y->read ? -1 : x->read > y->read;
}

static bool same_sentence(kula_span a, kula_span b)
{
	const int64_t over = (int64_t)MIN_OF(a.to, b.to) - (int64_t)MAX_OF(a.from, b.from);
	const int64_t m = a.to - a.from, n = b.to - b.from, shorter = MIN_OF(m, n), longer = MAX_OF(m, n);
	return over > 0 && 2 * over >= shorter && 2 * longer <= 3 * shorter;
}

/* which[i]: the annotated claim that read claim i is paired with, or UINT32_MAX. Not the ids, the readings are kept. */
static bool pair_up(const source_document *s, const kula_reading *g, uint32_t *which)
{
	const uint32_t n = kula_claim_count(g);
	couple *all = base_malloc(((size_t)n * s->claim_count + 1) * sizeof *all);
	bool *gone = base_malloc(s->claim_count + 1u);
	size_t count = 0;
	if (!all || !gone) {
		free(all);
		free(gone);
		return false;
	}
	memset(gone, 0, s->claim_count + 1u);
	for (uint32_t i = 0; i < n; i++)
		which[i] = UINT32_MAX;
	for (uint32_t k = 0; k < s->claim_count; k++) {
		kula_claim c = s->claims[k];
		if (c.span.to == c.span.from) {
			const char *at = strstr(s->d.text, c.evidence);
			if (at) c.span = (kula_span){ (uint32_t)(at - s->d.text), (uint32_t)(at - s->d.text + (long)strlen(c.evidence)) };
		}
		for (uint32_t i = 0; i < n; i++) {
			const kula_claim *r = kula_claim_at(g, i);
			if (r->act == c.act && same_sentence(c.span, r->span)) all[count++] = (couple){ agreement(&c, r), k, i };
		}
	}
	if (count) qsort(all, count, sizeof *all, best_first);
	for (size_t i = 0; i < count; i++)
		if (!gone[all[i].gold] && which[all[i].read] == UINT32_MAX) {
			gone[all[i].gold] = true;
			which[all[i].read] = all[i].gold;
		}
	free(all);
	free(gone);
	return true;
}

static const char *id_of(command *k, const source_document *s, uint32_t i)
{
	return s->claims[i].id ? s->claims[i].id : arena_format(k->all, "%s-c%u", s->d.id ? s->d.id : "", i + 1);
}

/* Reads the text; every claim takes part in joining, those that are paired have ids. */
static kula_status read_document(command *k, dossier *d, const source_document *s, const kula_document *doc, uint64_t document, kula_error *err)
{
	kula_reading *g = kula_read(k->reader, doc, err);
	if (!g)
		return err->status;
	const uint32_t n = kula_claim_count(g);
	uint32_t *which = ARENA_NEW(k->all, uint32_t, n + 1u);
	kula_reading **more = base_realloc(k->readings, (k->reading_count + 1u) * sizeof *more);
	if (more) {
		k->readings = more;
		k->readings[k->reading_count++] = g;
	} else
		kula_reading_free(g);
	if (!which || !more || !pair_up(s, g, which))
		return kula_fail(err, KULA_EMEMORY, 0, "no memory to read '%s'", d->name);
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t w = which[i];
		const kula_status status = add_claim(k, d, doc, document, kula_claim_at(g, i), i, w == UINT32_MAX ? NULL : id_of(k, s, w),
			w == UINT32_MAX ? NULL : s->claims[w].exchange, err);
		if (status != KULA_OK)
			return status;
	}
	return KULA_OK;
}

static kula_status add_document(command *k, const source_document *s, kula_error *err)
{
	dossier *d = dossier_named(k, s->d.dossier ? s->d.dossier : s->d.id ? s->d.id : "", err);
	if (!d)
		return err->status;
	kula_document *doc = ARENA_NEW(k->all, kula_document, 1);
	join_sketch *t = grown(d->sketches, d->texts, &d->text_room, sizeof *t);
	if (!doc || !t)
		return kula_fail(err, KULA_EMEMORY, s->byte, "no memory for documents");
	*doc = s->d;
	d->sketches = t;
	char sha256[65];
	sha256_hex(doc->text, doc->text_bytes, sha256);
	const uint64_t document = join_document_key(doc->id, sha256);
	join_sketch_fill(doc->text, doc->text_bytes, doc->published, document, &t[d->texts++]);
	if (k->reader)
		return read_document(k, d, s, doc, document, err);
	for (uint32_t i = 0; i < s->claim_count; i++) {
		const kula_claim *c = &s->claims[i];
		const kula_status status = add_claim(k, d, doc, document, c, i, id_of(k, s, i), c->exchange, err);
		if (status != KULA_OK)
			return status;
	}
	return KULA_OK;
}

/* ---- fitting ---- */

typedef struct fit { FILE *f; const dossier *d; const join_result *x; table *gold; } fit;

static void see_pair(void *arg, uint32_t a, uint32_t b, const double *x)
{
	const fit *t = arg;
	const char *ea = t->d->claims[a].exchange, *eb = t->d->claims[b].exchange;
	if (!ea || !eb)
		return;
	fprintf(t->f, "%s\tpair\t%d\t%s\t%s", t->d->name, strcmp(ea, eb) == 0, t->d->claims[a].id, t->d->claims[b].id);
	for (uint32_t i = 0; i < join_feature_count(); i++)
		fprintf(t->f, "\t%g", x[i]);
	fputc('\n', t->f);
}

static void see_link(void *arg, join_link_type type, uint32_t from, uint32_t to, const double *x)
{
	const fit *t = arg;
	const char *ef = t->d->claims[t->x->members[t->x->first[from]]].exchange, *et = t->d->claims[t->x->members[t->x->first[to]]].exchange;
	bool is = false;
	size_t i;
	json_t *l;
	json_array_foreach(t->d->links, i, l) {
		const char *k = json_string_value(json_object_get(l, "type")), *f = json_string_value(json_object_get(l, "from")),
			*o = json_string_value(json_object_get(l, "to"));
		is |= k && f && o && ef && et && !strcmp(k, join_link_name(type)) && !strcmp(f, ef) && !strcmp(o, et);
	}
	fprintf(t->f, "%s\t%s\t%d\t%s\t%s", t->d->name, join_link_name(type), is, ef ? ef : "", et ? et : "");
	for (uint32_t n = 0; n < join_link_feature_count(); n++)
		fprintf(t->f, "\t%g", x[n]);
	fputc('\n', t->f);
}

static void head_of(FILE *f, uint32_t count, const char *(*name)(uint32_t))
{
	fputs("dossier\tof\tis\ta\tb", f);
	for (uint32_t i = 0; i < count; i++)
		fprintf(f, "\t%s", name(i));
	fputc('\n', f);
}

/* The annotated exchanges as if joining had made them: what links are fitted on. */
static kula_status annotated(const dossier *d, arena *a, join_result *x, kula_error *err)
{
	join_judgement *j = ARENA_NEW(a, join_judgement, (size_t)d->count * d->count + 1);
	uint32_t *up = ARENA_NEW(a, uint32_t, d->count + 1u);
	x->exchange_of = ARENA_NEW(a, uint32_t, d->count + 1u);
	x->first = ARENA_NEW(a, uint32_t, d->count + 2u);
	x->members = ARENA_NEW(a, uint32_t, d->count + 1u);
	if (!j || !up || !x->exchange_of || !x->first || !x->members)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for annotated exchanges");
	x->count = 0;
	for (uint32_t i = 0; i < d->count; i++) {
		uint32_t k = 0;
		while (k < i && (!d->claims[k].exchange || !d->claims[i].exchange || strcmp(d->claims[k].exchange, d->claims[i].exchange))) k++;
		x->exchange_of[i] = k < i ? x->exchange_of[k] : x->count++;
	}
	uint32_t at = 0;
	for (uint32_t e = 0; e < x->count; e++) {
		x->first[e] = at;
		for (uint32_t i = 0; i < d->count; i++)
			if (x->exchange_of[i] == e) x->members[at++] = i;
	}
	x->first[x->count] = at;
	return KULA_OK;
}

/* ---- one dossier ---- */

/* The first claim of an exchange that has an id; NULL: nobody annotated any. */
static const char *named(const dossier *d, const join_result *x, uint32_t e)
{
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++)
		if (d->claims[x->members[i]].id)
			return d->claims[x->members[i]].id;
	return NULL;
}

static void write_dossier(const dossier *d, const join_result *x)
{
	buf b = {0};
	buf_text(&b, "{\"dossier\":");
	json_text(&b, d->name);
	buf_text(&b, ",\"exchanges\":[");
	bool some = false;
	for (uint32_t e = 0; e < x->count; e++) {
		if (!named(d, x, e))
			continue;
		buf_text(&b, some ? ",[" : "[");
		some = true;
		bool any = false;
		for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++) {
			if (!d->claims[x->members[i]].id)
				continue;
			if (any) buf_char(&b, ',');
			any = true;
			json_text(&b, d->claims[x->members[i]].id);
		}
		buf_char(&b, ']');
	}
	some = false;
	buf_text(&b, "],\"links\":[");
	for (uint32_t l = 0; l < x->link_count; l++) {
		const join_link *k = &x->links[l];
		const char *from = named(d, x, k->from), *to = named(d, x, k->to);
		if (!from || !to)
			continue;
		buf_format(&b, "%s{\"type\":\"%s\",\"from\":", some ? "," : "", join_link_name(k->type));
		some = true;
		json_text(&b, from);
		buf_text(&b, ",\"to\":");
		json_text(&b, to);
		buf_char(&b, '}');
	}
	buf_text(&b, "],\"differences\":[");
	some = false;
	for (uint32_t l = 0; l < x->difference_count; l++) {
		const join_difference *k = &x->differences[l];
		const char *one = d->claims[k->a].id ? d->claims[k->a].id : named(d, x, k->exchange);
		const char *other = d->claims[k->b].id ? d->claims[k->b].id : named(d, x, k->exchange);
		if (!one || !other)
			continue;
		buf_format(&b, "%s{\"field\":\"%s\",\"claims\":[", some ? "," : "", join_field_name(k->field));
		some = true;
		json_text(&b, one);
		buf_char(&b, ',');
		json_text(&b, other);
		buf_text(&b, "]}");
	}
	buf_text(&b, "],\"independent\":[");
	some = false;
	for (uint32_t e = 0; e < x->count; e++)
		if (named(d, x, e)) {
			buf_format(&b, "%s%u", some ? "," : "", x->independent[e]);
			some = true;
		}
	buf_text(&b, "]}\n");
	fwrite(b.at, 1, b.n, stdout);
	buf_free(&b);
}

static kula_status join_dossier(command *k, dossier *d, kula_error *err)
{
	arena *a = arena_new(DOSSIER_BYTES);
	if (!a)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory to join '%s'", d->name);
	join_result x;
	join_copies *near = join_copies_new(a, d->sketches, d->texts);
	kula_status s = join_all(k->rules, a, d->faces, d->count, NULL, 0, near, &x, err);
	fit f = { k->pairs, d, &x, NULL };
	if (s == KULA_OK && k->pairs)
		s = join_pairs(k->rules, d->faces, d->count, see_pair, &f, err);
	if (s == KULA_OK && k->link_pairs) {
		join_result gold = {0};
		f.f = k->link_pairs;
		f.x = &gold;
		s = annotated(d, a, &gold, err);
		if (s == KULA_OK)
			s = join_link_pairs(k->rules, a, d->faces, d->count, &gold, see_link, &f, err);
	}
	if (s == KULA_OK && k->given) {
		s = annotated(d, a, &x, err);
		if (s == KULA_OK) s = join_rest(k->rules, a, d->faces, near, &x, err);
	}
	if (s == KULA_OK)
		write_dossier(d, &x);
	arena_free(a);
	return s;
}

static FILE *open_out(const char *path, kula_error *err)
{
	FILE *f = fopen(path, "w");
	if (!f)
		kula_fail(err, KULA_EIO, 0, "'%s' can't be written", path);
	return f;
}

int cli_join_after(ledger *l, const char *rules, bool quiet)
{
	kula_error err = {0};
	ledger_joined out;
	join_rules *r = join_rules_open(rules, NULL, &err);
	const bool ok = r && ledger_join(l, r, false, &out, &err) == KULA_OK;
	join_rules_free(r);
	if (ok) {
		cli_note(quiet || out.changed == 0, "%llu claim%s joined, %llu exchange%s made or changed", (unsigned long long)out.claims,
			out.claims == 1 ? "" : "s", (unsigned long long)out.changed, out.changed == 1 ? "" : "s");
		return CLI_OK;
	}
	cli_warn("the claims are in the ledger but not joined yet; 'kula join' does it");
	return cli_fail(&err);
}

static int join_ledger(const char *path, const char *rules, const char *weights, bool rebuild, bool json, bool quiet)
{
	kula_error err = {0};
	join_rules *r = join_rules_open(rules, weights, &err);
	ledger *l = r ? ledger_open(cli_ledger_path(path), LEDGER_WRITE, &err) : NULL;
	ledger_joined out;
	const bool ok = l && ledger_join(l, r, rebuild, &out, &err) == KULA_OK;
	if (ok && json)
		printf("{\"claims\":%llu,\"exchanges\":%llu,\"rebuilt\":%s}\n", (unsigned long long)out.claims, (unsigned long long)out.changed,
			out.rebuilt ? "true" : "false");
	else if (ok)
		cli_note(quiet, "%llu claims joined, %llu exchanges made or changed", (unsigned long long)out.claims, (unsigned long long)out.changed);
	ledger_close(l);
	join_rules_free(r);
	return ok ? CLI_OK : cli_fail(&err);
}

int cmd_join(int argc, char **argv)
{
	const char *rules = NULL, *weights = NULL, *pairs = NULL, *links = NULL, *ledger_at = NULL;
	kula_reader_options how = {0};
	bool own = false, given = false, rebuild = false, json = false, quiet = false;
	const cli_option table_of[] = {
		{'l', "ledger", OPTION_TEXT, &ledger_at, "FILE", "the ledger whose claims are joined (default without FILE.jsonl:\n$KULA_LEDGER, else kula.db)"},
		{0, "rebuild", OPTION_FLAG, &rebuild, NULL, "join all of the ledger anew; the result is the same"},
		{0, "read", OPTION_FLAG, &own, NULL, "read the texts instead of taking their annotated claims"},
		{0, "given", OPTION_FLAG, &given, NULL, "take the annotated exchanges; only links and differences are found"},
		{0, "rules", OPTION_TEXT, &rules, "DIR", "the tables of joining (default: the installed ones)"},
		{0, "join-weights", OPTION_TEXT, &weights, "FILE", "another weights.tsv"},
		CLI_WEIGHTS(&how.weights),
		CLI_KNOWLEDGE(&how.knowledge),
		CLI_JSON(&json),
		CLI_QUIET(&quiet),
		{0, "pairs", OPTION_TEXT, &pairs, "FILE", "for fitting: the features of every pair of claims compared"},
		{0, "link-pairs", OPTION_TEXT, &links, "FILE", "for fitting: the features of every pair of annotated exchanges"},
	};
	static const cli_usage usage = {"join", "[FILE.jsonl...|-]",
		"Joins claims that tell of one exchange. Without a file: those of the ledger, what is new and what it touches.\n"
		"With files of annotated documents: dossier by dossier, each by itself in memory, and prints a line for each.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, table_of, COUNT_OF(table_of), argc, argv, &words, &code))
		return code;
	if (!words.count || ledger_at)
		return words.count ? cli_error(KULA_EUSAGE, "join takes files or a ledger, not both") :
			join_ledger(ledger_at, rules, weights, rebuild, json, quiet);
	kula_error err = {0};
	command k = { .given = given };
	k.all = arena_new((size_t)DOSSIER_BYTES * 4);
	k.names = table_new();
	k.rules = join_rules_open(rules, weights, &err);
	bool ok = k.all && k.names && k.rules;
	if (!k.all || !k.names)
		kula_fail(&err, KULA_EMEMORY, 0, "no memory");
	if (ok && own)
		ok = (k.reader = kula_reader_new(&how, &err)) != NULL;
	if (ok && pairs) {
		ok = (k.pairs = open_out(pairs, &err)) != NULL;
		if (ok) head_of(k.pairs, join_feature_count(), join_feature_name);
	}
	if (ok && links) {
		ok = (k.link_pairs = open_out(links, &err)) != NULL;
		if (ok) head_of(k.link_pairs, join_link_feature_count(), join_link_feature_name);
	}
	bool lost = false;
	for (int i = 0; ok && i < words.count; i++) {
		source *s = source_open(words.at[i], NULL, KULA_NO_DAY, &err);
		if (!s) { ok = false; break; }
		for (;;) {
			source_document doc;
			kula_error one = {0};
			const kula_status status = source_next(s, k.all, &doc, &one);
			if (status == KULA_ENOTFOUND)
				break;
			if (status != KULA_OK) {
				cli_fail(&one);
				lost = true;
				continue;
			}
			if (doc.extra) {
				json_t *line = json_loads(doc.extra, 0, NULL);
				const char *name = json_string_value(json_object_get(line, "dossier"));
				dossier *d = name ? dossier_named(&k, name, &err) : NULL;
				if (d && !d->links) d->links = json_incref(json_object_get(line, "links"));
				json_decref(line);
				continue;
			}
			ok = add_document(&k, &doc, &err) == KULA_OK;
			if (!ok) break;
		}
		source_close(s);
	}
	for (uint32_t i = 0; ok && i < k.count; i++)
		ok = join_dossier(&k, &k.at[i], &err) == KULA_OK;
	for (uint32_t i = 0; i < k.count; i++)
		dossier_clear(&k.at[i]);
	free(k.at);
	for (uint32_t i = 0; i < k.reading_count; i++)
		kula_reading_free(k.readings[i]);
	free(k.readings);
	if (k.reader) kula_reader_free(k.reader);
	if (k.pairs && fclose(k.pairs) && ok) ok = false, kula_fail(&err, KULA_EIO, 0, "'%s' can't be written", pairs);
	if (k.link_pairs && fclose(k.link_pairs) && ok) ok = false, kula_fail(&err, KULA_EIO, 0, "'%s' can't be written", links);
	table_free(k.names);
	arena_free(k.all);
	join_rules_free(k.rules);
	if (!ok)
		return cli_fail(&err);
	return lost ? cli_exit(KULA_EFORMAT) : CLI_OK;
}
