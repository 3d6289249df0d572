/* base has a json_string of its own, for writing */
#define json_string jansson_string
#include <jansson.h>
#undef json_string
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
	bool        own;        /* --read */
	bool        given;      /* --given */
	kula_reader *reader;
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
	for (uint32_t i = 0; i < s->claim_count; i++) {
		const kula_claim *c = &s->claims[i];
		const char *id = c->id ? c->id : arena_format(k->all, "%s-c%u", doc->id ? doc->id : "", i + 1);
		const kula_status status = add_claim(k, d, doc, document, c, i, id, c->exchange, err);
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

static void write_dossier(const dossier *d, const join_result *x)
{
	buf b = {0};
	buf_text(&b, "{\"dossier\":");
	json_text(&b, d->name);
	buf_text(&b, ",\"exchanges\":[");
	for (uint32_t e = 0; e < x->count; e++) {
		buf_text(&b, e ? ",[" : "[");
		for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++) {
			if (i > x->first[e]) buf_char(&b, ',');
			json_text(&b, d->claims[x->members[i]].id);
		}
		buf_char(&b, ']');
	}
	buf_text(&b, "],\"links\":[");
	for (uint32_t l = 0; l < x->link_count; l++) {
		const join_link *k = &x->links[l];
		buf_format(&b, "%s{\"type\":\"%s\",\"from\":", l ? "," : "", join_link_name(k->type));
		json_text(&b, d->claims[x->members[x->first[k->from]]].id);
		buf_text(&b, ",\"to\":");
		json_text(&b, d->claims[x->members[x->first[k->to]]].id);
		buf_char(&b, '}');
	}
	buf_text(&b, "],\"differences\":[");
	for (uint32_t l = 0; l < x->difference_count; l++) {
		const join_difference *k = &x->differences[l];
		buf_format(&b, "%s{\"field\":\"%s\",\"claims\":[", l ? "," : "", join_field_name(k->field));
		json_text(&b, d->claims[k->a].id);
		buf_char(&b, ',');
		json_text(&b, d->claims[k->b].id);
		buf_text(&b, "]}");
	}
	buf_text(&b, "],\"independent\":[");
	for (uint32_t e = 0; e < x->count; e++)
		buf_format(&b, "%s%u", e ? "," : "", x->independent[e]);
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

int cmd_join(int argc, char **argv)
{
	const char *rules = NULL, *weights = NULL, *pairs = NULL, *links = NULL;
	bool own = false, given = false;
	const cli_option table_of[] = {
		{0, "read", OPTION_FLAG, &own, NULL, "read the texts instead of taking their annotated claims"},
		{0, "given", OPTION_FLAG, &given, NULL, "take the annotated exchanges; only links and differences are found"},
		{0, "rules", OPTION_TEXT, &rules, "DIR", "the tables of joining (default: the installed ones)"},
		{0, "join-weights", OPTION_TEXT, &weights, "FILE", "another weights.tsv"},
		{0, "pairs", OPTION_TEXT, &pairs, "FILE", "for fitting: the features of every pair of claims compared"},
		{0, "link-pairs", OPTION_TEXT, &links, "FILE", "for fitting: the features of every pair of annotated exchanges"},
	};
	static const cli_usage usage = {"join", "FILE.jsonl...|-",
		"Joins the claims of annotated documents into exchanges, dossier by dossier, and prints a line for each.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, table_of, COUNT_OF(table_of), argc, argv, &words, &code))
		return code;
	if (!words.count)
		return cli_error(KULA_EUSAGE, "join needs a file of annotated documents; see 'kula join --help'");
	kula_error err = {0};
	command k = { .own = own, .given = given };
	k.all = arena_new((size_t)DOSSIER_BYTES * 4);
	k.names = table_new();
	k.rules = join_rules_open(rules, weights, &err);
	bool ok = k.all && k.names && k.rules;
	if (!k.all || !k.names)
		kula_fail(&err, KULA_EMEMORY, 0, "no memory");
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
	if (k.pairs && fclose(k.pairs) && ok) ok = false, kula_fail(&err, KULA_EIO, 0, "'%s' can't be written", pairs);
	if (k.link_pairs && fclose(k.link_pairs) && ok) ok = false, kula_fail(&err, KULA_EIO, 0, "'%s' can't be written", links);
	table_free(k.names);
	arena_free(k.all);
	join_rules_free(k.rules);
	if (!ok)
		return cli_fail(&err);
	return lost ? cli_exit(KULA_EFORMAT) : CLI_OK;
}
