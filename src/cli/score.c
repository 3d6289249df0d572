/* kula score: read claims against annotated ones. */
#include "cli/cli.h"

#include <math.h>
#include <stdlib.h>

#include "claims/score.h"

/* ---- as JSON ---- */

/* Always with a point, as whoever reads real numbers expects. */
static void real_out(buf *b, double v)
{
	const size_t from = b->n;
	json_number(b, v);
	if (b->n > from && memchr(b->at + from, '.', b->n - from) == NULL && memchr(b->at + from, 'e', b->n - from) == NULL)
		buf_text(b, ".0");
}

static void prf_json(buf *b, const char *key, const score_prf *f, const score_bounds *interval)
{
	buf_format(b, ",\n \"%s\": {\n  \"P\": ", key);
	real_out(b, f->P);
	buf_text(b, ",\n  \"R\": ");
	real_out(b, f->R);
	buf_text(b, ",\n  \"F1\": ");
	real_out(b, f->F1);
	buf_format(b, ",\n  \"hit\": %llu,\n  \"read\": %llu,\n  \"gold\": %llu", (unsigned long long)f->hit,
		(unsigned long long)f->read, (unsigned long long)f->gold);
	if (interval != NULL) {
		buf_text(b, ",\n  \"interval\": [\n   ");
		real_out(b, interval->low);
		buf_text(b, ",\n   ");
		real_out(b, interval->high);
		buf_text(b, "\n  ]");
	}
	buf_text(b, "\n }");
}

static void result_json(buf *b, const score_result *s, const score_bounds *intervals)
{
	buf_format(b, "{\n \"documents\": %llu", (unsigned long long)s->documents);
	prf_json(b, "found", &s->found, intervals != NULL ? &intervals[0] : NULL);
	prf_json(b, "event", &s->event, intervals != NULL ? &intervals[1] : NULL);
	prf_json(b, "strict", &s->strict, intervals != NULL ? &intervals[2] : NULL);
	prf_json(b, "parties", &s->parties, NULL);
	prf_json(b, "items", &s->items, NULL);
	prf_json(b, "said_by", &s->said_by, NULL);
	buf_text(b, ",\n \"status\": ");
	real_out(b, s->status);
	prf_json(b, "date", &s->date, NULL);
	buf_text(b, ",\n \"trace\": ");
	real_out(b, s->trace);
	buf_text(b, "\n}\n");
}

/* ---- for people ---- */

static void prf_text(buf *b, const char *key, const score_prf *f, const score_bounds *interval)
{
	buf_format(b, "%-8s P %.3f  R %.3f  F1 %.3f   (%llu right of %llu read, %llu annotated)", key, f->P, f->R, f->F1,
		(unsigned long long)f->hit, (unsigned long long)f->read, (unsigned long long)f->gold);
	if (interval != NULL)
		buf_format(b, "  [%.3f, %.3f]", interval->low, interval->high);
	buf_char(b, '\n');
}

static void result_text(buf *b, const score_result *s, const score_bounds *intervals)
{
	buf_format(b, "%llu documents\n", (unsigned long long)s->documents);
	prf_text(b, "found", &s->found, intervals != NULL ? &intervals[0] : NULL);
	prf_text(b, "event", &s->event, intervals != NULL ? &intervals[1] : NULL);
	prf_text(b, "strict", &s->strict, intervals != NULL ? &intervals[2] : NULL);
	prf_text(b, "parties", &s->parties, NULL);
	prf_text(b, "items", &s->items, NULL);
	prf_text(b, "said_by", &s->said_by, NULL);
	prf_text(b, "date", &s->date, NULL);
	buf_format(b, "status   %.3f of the found\ntrace    %.3f of their right parties and items\n", s->status, s->trace);
}

/* ---- where the two differ ---- */

typedef struct misses { buf *out; uint64_t left; } misses;

static void codes_short(buf *b, const kula_party *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_text(b, i > 0 ? "+" : "");
		buf_text(b, p[i].code[0] != '\0' ? p[i].code : "?");
	}
	if (n == 0)
		buf_char(b, '_');
}

static void bound_short(buf *b, double v)
{
	if (isnan(v))
		buf_text(b, "None");
	else
		json_number(b, v);
}

static void claim_short(buf *b, const kula_claim *c)
{
	if (c == NULL) {
		buf_char(b, '-');
		return;
	}
	buf_format(b, "%s/%s ", kula_act_name(c->act), kula_status_name(c->status));
	codes_short(b, c->from, c->from_count);
	buf_char(b, '>');
	codes_short(b, c->to, c->to_count);
	buf_text(b, " [");
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *const t = &c->items[i];
		buf_text(b, i > 0 ? ", " : "");
		bound_short(b, t->q.min);
		buf_text(b, "..");
		bound_short(b, t->q.max);
		buf_format(b, " %s/%s", t->what != NULL ? t->what : "None", kula_kind_name(t->kind));
	}
	buf_text(b, "] <");
	for (uint32_t i = 0; i < c->said_by_count; i++) {
		const kula_party *const p = &c->said_by[i];
		buf_format(b, i > 0 ? "; %s:%s" : "%s:%s", p->code[0] != '\0' ? p->code : p->text, p->verb != NULL ? p->verb : "None");
	}
	buf_format(b, "> '%s' ", c->trigger);
	if (c->date.first != KULA_NO_DAY) {
		char first[16], last[16];
		kula_day_format(c->date.first, first);
		kula_day_format(c->date.last, last);
		buf_format(b, "['%s', '%s']", first, last);
	}
}

static size_t characters(const char *s, uint32_t most)
{
	size_t n = 0;
	while (s[n] != '\0' && (most > 0 || ((byte)s[n] & 0xC0) == 0x80)) {
		most -= ((byte)s[n] & 0xC0) != 0x80;
		n++;
	}
	return n;
}

static void miss_out(void *arg, const char *document, const char *why, const kula_claim *gold, const kula_claim *read)
{
	misses *const m = arg;
	if (m->left == 0)
		return;
	m->left--;
	const char *const evidence = (gold != NULL ? gold : read)->evidence;
	buf_format(m->out, "\n%s %s: ", document, why);
	buf_add(m->out, evidence, characters(evidence, 150));
	buf_text(m->out, "\n   annotated ");
	claim_short(m->out, gold);
	buf_text(m->out, "\n   read      ");
	claim_short(m->out, read);
	buf_char(m->out, '\n');
}

/* ---- the command ---- */

static kula_status compare(const char *gold_path, const char *read_path, bool json, bool interval, uint64_t most, buf *out, kula_error *err)
{
	score_set *const gold = score_set_read(gold_path, err), *const read = gold != NULL ? score_set_read(read_path, err) : NULL;
	score_share *shares = NULL;
	score_result result;
	score_bounds bounds[3];
	buf differences = {0};
	misses m = {&differences, most};
	kula_status status = gold != NULL && read != NULL ? KULA_OK : err->status;
	if (status == KULA_OK && interval) {
		shares = base_malloc((score_documents(gold) + 1) * sizeof *shares);
		if (shares == NULL)
			status = kula_fail(err, KULA_EMEMORY, 0, "no memory for the intervals");
	}
	if (status == KULA_OK)
		status = score_claims(gold, read, &result, shares, most > 0 ? miss_out : NULL, &m, err);
	if (status == KULA_OK && interval)
		status = score_interval(shares, score_documents(gold), bounds, err);
	if (status == KULA_OK) {
		(json ? result_json : result_text)(out, &result, interval ? bounds : NULL);
		buf_add(out, buf_string(&differences), differences.n);
		if (out->refused || differences.refused)
			status = kula_fail(err, KULA_EMEMORY, 0, "no memory for the figures");
	}
	buf_free(&differences);
	free(shares);
	score_set_free(gold);
	score_set_free(read);
	return status;
}

int cmd_score(int argc, char **argv);
int cmd_score(int argc, char **argv)
{
	bool json = false, interval = false;
	uint64_t most = 0;
	const cli_option options[] = {
		{0, "json", OPTION_FLAG, &json, NULL, "the figures as JSON"},
		{0, "interval", OPTION_FLAG, &interval, NULL, "95 % intervals of found, event and strict F1, from 1,000\nresamplings of the documents"},
		{0, "misses", OPTION_COUNT, &most, "N", "also the first N claims that differ, were missed or invented"},
	};
	static const cli_usage usage = {"score", "GOLD READ", "Compares read claims with annotated ones, document by document (JSONL both).\n"
		"\n"
		"  found    the sentence and the act agree\n"
		"  event    found, and the codes of both sides agree\n"
		"  strict   event, and status, first source and first item agree\n"
		"  parties, items, said_by   counted one by one over all claims\n"
		"  date     over the found claims: both ends agree to the day\n"
		"  status, trace   shares of the found: the status agrees; the words of right\n"
		"           parties and items overlap with those annotated", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count != 2)
		return cli_error(KULA_EUSAGE, "'score' needs two files: the annotated claims and the read ones");
	kula_error err = {0};
	buf out = {0};
	const kula_status status = compare(words.at[0], words.at[1], json, interval, most, &out, &err);
	if (status == KULA_OK)
		fwrite(out.at, 1, out.n, stdout);
	buf_free(&out);
	return status == KULA_OK ? CLI_OK : cli_fail(&err);
}
