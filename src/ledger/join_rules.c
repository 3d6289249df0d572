#include <stdlib.h>
#include "ledger/join_room.h"

/* The rules are files that people edit: data/join/acts.tsv, bodies.tsv, units.tsv, words.tsv, weights.tsv. */

static const char *const sort_names[SORTS] = { "transfer", "force", "move", "meet", "pact", "stop", "words", "hold" };
static const char *const link_names[JOIN_LINKS] = { "fulfils", "part", "returns", "under", "answers" };
static const char *const field_names[JOIN_FIELDS] = { "items", "date", "status", "act" };
const char *join_link_name(join_link_type t) { return link_names[t]; }
int join_link_of(const char *name)
{
	for (int t = 0; name && t < JOIN_LINKS; t++)
		if (!strcmp(link_names[t], name))
			return t;
	return -1;
}
const char *join_field_name(join_field f) { return field_names[f]; }

static bool cell_number(const cell *c, double *v)
{
	char s[40], *end;
	if (!c->n || c->n >= sizeof s)
		return false;
	memcpy(s, c->at, c->n);
	s[c->n] = 0;
	/* strtod knows the locale's point; the numbers of these files are plain, and read here digit by digit */
	double sign = 1, x = 0, scale = 1;
	size_t i = 0;
	if (s[i] == '-') { sign = -1; i++; }
	bool point = false, any = false;
	for (; s[i]; i++) {
		if (s[i] == '.' && !point) { point = true; continue; }
		if (!is_digit((byte)s[i])) return false;
		x = x * 10 + (s[i] - '0');
		if (point) scale *= 10;
		any = true;
	}
	(void)end;
	*v = sign * x / scale;
	return any;
}

static int name_index(const cell *c, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (same_text(c->at, c->n, names[i]))
			return i;
	return -1;
}

typedef kula_status row_reader(join_rules *r, tsv *t, const cell *c, uint32_t n, kula_error *err);

static kula_status word_row(join_rules *r, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	static const char *const names[] = { "stop", "part", "whole", "back", "yet", "deal", "arrival" };
	const int k = n > 1 ? name_index(&c[1], names, 7) : -1;
	if (k < 0)
		return tsv_fail(t, &c[n > 1], err, "unknown class in column 'class'");
	bool fresh;
	uint32_t *v = table_put(k == 3 ? r->backs : r->words, c[0].at, c[0].n, &fresh);
	if (!v)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for words");
	*v |= 1u << k;
	return KULA_OK;
}

static kula_status unit_row(join_rules *r, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	double times;
	const uint32_t i = table_count(r->units);
	if (n < 3 || !cell_number(&c[2], &times))
		return tsv_fail(t, &c[n > 2 ? 2 : 0], err, "expected unit, base and a number");
	if (i >= COUNT_OF(r->unit_base))
		return tsv_fail(t, &c[0], err, "more than %u units", (unsigned)COUNT_OF(r->unit_base));
	bool fresh;
	uint32_t *v = table_put(r->units, c[0].at, c[0].n, &fresh);
	if (!v)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for units");
	if (fresh) *v = i;
	r->unit_base[*v] = join_hash(c[1].at, c[1].n);
	r->unit_times[*v] = times;
	return KULA_OK;
}

static kula_status body_row(join_rules *r, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	if (n < 2 || r->code_count >= COUNT_OF(r->code_of))
		return tsv_fail(t, &c[0], err, n < 2 ? "expected body and whole" : "too many bodies");
	r->code_of[r->code_count] = join_hash(c[0].at, c[0].n);
	r->code_whole[r->code_count++] = join_hash(c[1].at, c[1].n);
	return KULA_OK;
}

static kula_status act_row(join_rules *r, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	if (n < 5)
		return tsv_fail(t, &c[0], err, "expected act, family, near, far and sort");
	char name[24] = "";
	memcpy(name, c[0].at, MIN_OF(c[0].n, sizeof name - 1));
	const int act = kula_act_of(name);
	double days;
	if (act < 0)
		return tsv_fail(t, &c[0], err, "unknown act in column 'act'");
	memset(name, 0, sizeof name);
	memcpy(name, c[1].at, MIN_OF(c[1].n, sizeof name - 1));
	bool fresh;
	uint32_t *v = table_put(r->codes, name, strlen(name), &fresh);
	if (!v)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for acts");
	if (fresh) *v = table_count(r->codes);
	r->family[act] = (uint8_t)*v;
	for (int i = 2; i < 4; i++) {
		if (!cell_number(&c[i], &days) || days < 0 || days > 40000)
			return tsv_fail(t, &c[i], err, "expected 0 to 40000 days");
		*(i == 2 ? &r->near[act] : &r->days[act]) = (int32_t)days;
	}
	const int sort = name_index(&c[4], sort_names, SORTS);
	if (sort < 0)
		return tsv_fail(t, &c[4], err, "unknown sort in column 'sort'");
	r->sort[act] = (uint8_t)sort;
	return KULA_OK;
}

/* of, name, weight, what it means. of: pair, fulfils, part ..., or cluster (threshold, veto, absent). */
static kula_status weight_row(join_rules *r, tsv *t, const cell *c, uint32_t n, kula_error *err)
{
	double w;
	if (n < 3 || !cell_number(&c[2], &w))
		return tsv_fail(t, &c[n > 2 ? 2 : 0], err, "expected a number in column 'weight'");
	if (same_text(c[0].at, c[0].n, "cluster")) {
		if (same_text(c[1].at, c[1].n, "threshold")) r->threshold = w;
		else if (same_text(c[1].at, c[1].n, "veto")) r->veto = w;
		else if (same_text(c[1].at, c[1].n, "absent")) r->absent = w;
		else if (same_text(c[1].at, c[1].n, "contested")) r->contested = w;
		else if (same_text(c[1].at, c[1].n, "link")) r->link = w;
		else return tsv_fail(t, &c[1], err, "unknown name in column 'name'");
		return KULA_OK;
	}
	if (same_text(c[0].at, c[0].n, "pair")) {
		for (uint32_t f = 0; f < join_feature_count(); f++)
			if (same_text(c[1].at, c[1].n, join_feature_name(f))) {
				r->weight[f] = w;
				return KULA_OK;
			}
		return tsv_fail(t, &c[1], err, "unknown feature of a pair");
	}
	const int k = name_index(&c[0], link_names, JOIN_LINKS);
	if (k < 0)
		return tsv_fail(t, &c[0], err, "unknown word in column 'of'");
	for (uint32_t f = 0; f < join_link_feature_count(); f++)
		if (same_text(c[1].at, c[1].n, join_link_feature_name(f))) {
			r->link_weight[k][f] = w;
			return KULA_OK;
		}
	return tsv_fail(t, &c[1], err, "unknown feature of a link");
}

static kula_status read_rows(join_rules *r, const char *path, row_reader *row, kula_error *err)
{
	mapped m;
	if (file_map(path, &m, err) != KULA_OK)
		return err ? err->status : KULA_EIO;
	const char *slash = strrchr(path, '/');
	r->hash = (r->hash ^ hash_bytes(m.at, m.n)) * 0x9E3779B97F4A7C15u;
	tsv t = { .file = slash ? slash + 1 : path, .at = m.at, .end = m.at + m.n };
	kula_status s = KULA_OK;
	cell c[8];
	uint32_t n;
	while (s == KULA_OK && (n = tsv_next(&t, c, 8, err)) != 0) {
		if (n == UINT32_MAX)
			s = KULA_EFORMAT;
		else
			s = row(r, &t, c, n, err);
	}
	file_unmap(&m);
	return s;
}

join_rules *join_rules_open(const char *folder, const char *weights, kula_error *err)
{
	static const struct { const char *name; row_reader *row; } files[] = {
		{ "acts.tsv", act_row }, { "bodies.tsv", body_row }, { "units.tsv", unit_row }, { "words.tsv", word_row },
		{ "weights.tsv", weight_row },
	};
	join_rules *r = base_malloc(sizeof *r);
	if (!r) {
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the rules of joining");
		return NULL;
	}
	memset(r, 0, sizeof *r);
	r->hash = sizeof(join_face) * 1000 + JOIN_VERSION;
	/* What a register says of its own rows outweighs all else; the other weights are learned from texts, which have no rows. */
	for (uint32_t f = 0; f < join_feature_count(); f++)
		if (strcmp(join_feature_name(f), "told_same") == 0) r->weight[f] = 50;
	for (uint32_t f = 0; f < join_link_feature_count(); f++)
		if (strcmp(join_link_feature_name(f), "one_row") == 0) r->link_weight[JOIN_FULFILS][f] = 50;
	r->words = table_new();
	r->backs = table_new();
	r->units = table_new();
	r->codes = table_new();
	bool ok = r->words && r->backs && r->units && r->codes;
	if (!ok)
		kula_fail(err, KULA_EMEMORY, 0, "no memory for the rules of joining");
	for (size_t i = 0; ok && i < COUNT_OF(files); i++) {
		char path[1024], name[64];
		if (weights && files[i].row == weight_row)
			snprintf(path, sizeof path, "%s", weights);
		else if (folder)
			snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
		else {
			snprintf(name, sizeof name, "join/%s", files[i].name);
			if (!data_path(name, path, sizeof path)) {
				kula_fail(err, KULA_ENOTFOUND, 0, "'%s' is not among the installed data", name);
				ok = false;
				break;
			}
		}
		ok = read_rows(r, path, files[i].row, err) == KULA_OK;
	}
	for (int a = 0; ok && a < KULA_ACTS; a++)
		if (!r->family[a]) {
			kula_fail(err, KULA_EFORMAT, 0, "acts.tsv has no row for '%s'", kula_act_name((kula_act)a));
			ok = false;
		}
	if (ok)
		return r;
	join_rules_free(r);
	return NULL;
}

uint64_t join_rules_hash(const join_rules *r) { return r->hash; }

void join_rules_free(join_rules *r)
{
	if (!r)
		return;
	table_free(r->words);
	table_free(r->backs);
	table_free(r->units);
	table_free(r->codes);
	free(r);
}
