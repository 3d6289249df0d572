/* measure_claims [--items] [--dates] FILE...: how well measure_item and measure_days agree with annotated claims (JSONL).
 *
 * Prints the figures; with --items or --dates also every miss, one a line. An item's words are sought in the evidence; the
 * kind of its head noun (mass, plural) is guessed by spelling here, because this room knows of no nouns.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "measure/measure.h"

static const char VOCABULARY[] = "[UNK]\n[CLS]\n[SEP]\n";

static bool head_is_plural(const char *w, size_t n)
{
	static const char *const MORE[] = { "people", "men", "women", "children", "police", "troops", "personnel", "staff", "policemen", "servicemen",
		"them", "they", "those", "these", "others", "crew", "civilians", "aircraft", "cattle", "sheep", "fish", "geese", "teeth", "feet", "we", "us", "both", NULL };
	for (int i = 0; MORE[i]; i++)
		if (same_folded(w, n, MORE[i]))
			return true;
	return n > 2 && w[n - 1] == 's' && w[n - 2] != 's' && w[n - 2] != 'u' && w[n - 2] != '\'' && !(w[n-2] == 'i' && n < 5);
}

static bool head_is_mass(const char *w, size_t n)
{
	static const char *const MASS[] = { "aid", "oil", "gas", "food", "equipment", "artillery", "ammunition", "grain", "wheat", "beef", "help",
		"assistance", "information", "support", "money", "cash", "uranium", "fuel", "coal", "rice", "flour", "water", "medicine", "technology",
		"intelligence", "training", "material", "maize", "cement", "steel", "gold", "electricity", "weaponry", "protection", "trade", "relief",
		"evidence", "data", "hardware", "software", "poultry", "timber", "fertiliser", "fertilizer", "copper", "plutonium", "debt", "funding",
		"territory", "land", "power", "explosives", "asylum", "amnesty", "shelter", "care", "milk", "meat", "sugar", "salt", "diesel", "petrol", "control", "rubble", NULL };
	for (int i = 0; MASS[i]; i++)
		if (same_folded(w, n, MASS[i]))
			return true;
	return false;
}

static uint32_t word_from_byte(const text_doc *d, uint32_t at, bool end)
{
	for (uint32_t w = 0; w < d->word_count; w++)
		if (!d->sentences[d->words[w].sentence].in_title && (end ? d->words[w].at.to >= at : d->words[w].at.to > at))
			return end ? w + 1 : w;
	return d->word_count;
}

static bool same_number(double a, json_t *b)
{
	return json_is_number(b) ? !isnan(a) && fabs(a - json_number_value(b)) < 1e-6 * fabs(a) + 1e-9 : isnan(a);
}

static void number_say(char *out, double v)
{
	if (isnan(v))
		strcpy(out, "-");
	else
		sprintf(out, "%.10g", v);
}

int main(int argc, char **argv)
{
	bool say_items = false, say_dates = false, say_all = false;
	uint64_t items = 0, minmax = 0, both = 0, unit = 0, per = 0, numbered = 0, numbered_hit = 0, dates = 0, date_hit = 0, date_status = 0, date_none = 0, lost = 0;
	kula_error err = { 0 };
	vocabulary *v = vocabulary_new((const byte *)VOCABULARY, sizeof VOCABULARY - 1, &err);
	for (int k = 1; k < argc; k++) {
		if (!strcmp(argv[k], "--items")) { say_items = true; continue; }
		if (!strcmp(argv[k], "--dates")) { say_dates = true; continue; }
		if (!strcmp(argv[k], "--all")) { say_all = say_dates = true; continue; }
		FILE *f = fopen(argv[k], "r");
		if (!f) {
			perror(argv[k]);
			return 1;
		}
		char *line = NULL;
		size_t room = 0;
		ssize_t n;
		while ((n = getline(&line, &room, f)) > 0) {
			json_t *doc = json_loadb(line, (size_t)n, 0, NULL);
			const char *text = json_string_value(json_object_get(doc, "text"));
			const char *pub = json_string_value(json_object_get(doc, "published"));
			const kula_day published = pub ? kula_day_parse(pub, strlen(pub)) : KULA_NO_DAY;
			arena *a = arena_new(1u << 28);
			text_doc *d = text_cut(a, v, (const byte *)text, strlen(text), NULL, 0, &err);
			uint32_t qn, dn;
			measured *q = measure_quantities(a, d, 0, d->sentence_count, &qn);
			dated *days = measure_days(a, d, 0, d->sentence_count, published, &dn);
			size_t i;
			json_t *claim;
			json_array_foreach(json_object_get(doc, "claims"), i, claim) {
				const char *evidence = json_string_value(json_object_get(claim, "evidence"));
				const char *at = evidence ? strstr(text, evidence) : NULL;
				if (!at)
					continue;
				const uint32_t from = (uint32_t)(at - text), to = from + (uint32_t)strlen(evidence);
				size_t j;
				json_t *item;
				json_array_foreach(json_object_get(claim, "items"), j, item) {
					const char *words = json_string_value(json_object_get(item, "text"));
					const char *p = words && *words ? strstr(at, words) : NULL;
					if (!p || p >= text + to) {
						lost++;
						continue;
					}
					const uint32_t wf = word_from_byte(d, (uint32_t)(p - text), false), wt = word_from_byte(d, (uint32_t)(p - text) + (uint32_t)strlen(words), true);
					/* the head: last word before a preposition */
					uint32_t head = wt - 1;
					static const char *const STOP[] = { "of", "with", "for", "from", "in", "to", "on", "at", "carrying", "who", "which", "that", ",", "into", "by", NULL };
					bool stop = false;
					for (uint32_t w = wf + 1; w < wt && !stop; w++) {
						uint32_t len;
						const byte *s = word_bytes(d, w, &len);
						for (int z = 0; STOP[z]; z++)
							if (same_folded(s, len, STOP[z])) {
								head = w - 1;
								stop = true;
								break;
							}
					}
					uint32_t len;
					const byte *s = word_bytes(d, head, &len);
					kula_quantity got;
					const int which = measure_item(d, q, qn, wf, wt, head_is_mass((const char *)s, len), head_is_plural((const char *)s, len), &got);
					json_t *lo = json_object_get(item, "min"), *hi = json_object_get(item, "max");
					const char *u = json_string_value(json_object_get(item, "unit")), *pr = json_string_value(json_object_get(item, "per"));
					const bool mm = same_number(got.min, lo) && same_number(got.max, hi), un = u && !strcmp(u, got.unit);
					const bool rate = !strcmp(pr ? pr : "", kula_per_name(got.per));
					items++;
					minmax += mm;
					unit += un;
					per += rate;
					both += mm && un && rate;
					bool digit = false;
					for (const char *c = words; *c; c++)
						digit = digit || is_digit((byte)*c);
					if (digit) {
						numbered++;
						numbered_hit += mm && un && rate;
					}
					if (say_items && !(mm && un && rate)) {
						char g[4][40];
						number_say(g[0], got.min);
						number_say(g[1], got.max);
						number_say(g[2], json_is_number(lo) ? json_number_value(lo) : (double)NAN);
						number_say(g[3], json_is_number(hi) ? json_number_value(hi) : (double)NAN);
						printf("item\t%s\tgot %s..%s %s %s\twant %s..%s %s %s\t%s\t%s\n", words, g[0], g[1], got.unit, kula_per_name(got.per), g[2], g[3], u, pr ? pr : "", which >= 0 ? measure_row(q[which].row) : "", digit ? "figures" : "words");
					}
				}
				json_t *date = json_object_get(claim, "date");
				if (json_is_array(date)) {
					const char *d1 = json_string_value(json_array_get(date, 0)), *d2 = json_string_value(json_array_get(date, 1));
					const kula_days want = { kula_day_parse(d1, strlen(d1)), kula_day_parse(d2, strlen(d2)) };
					const char *status = json_string_value(json_object_get(claim, "status"));
					const bool ahead = status && (!strcmp(status, "planned") || !strcmp(status, "possible")), going = status && !strcmp(status, "ongoing");
					bool hit = false, fit = false, any = false;
					char seen[600] = "";
					for (uint32_t z = 0; z < dn; z++) {
						const sentence *se = &d->sentences[d->words[days[z].word_from].sentence];
						const uint32_t b = d->words[days[z].word_from].at.from;
						if (se->in_title || b < from || b >= to)
							continue;
						any = any || !days[z].duration;
						const kula_days r[3] = { days[z].past, days[z].ahead, days[z].ongoing };
						for (int y = 0; y < 3; y++)
							hit = hit || (r[y].first == want.first && r[y].last == want.last && want.first != KULA_NO_DAY);
						const kula_days c = r[going ? 2 : ahead ? 1 : 0];
						fit = fit || (c.first == want.first && c.last == want.last);
						char x[2][12] = { "-", "-" };
						if (r[0].first != KULA_NO_DAY) {
							kula_day_format(r[0].first, x[0]);
							kula_day_format(r[0].last, x[1]);
						}
						snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "[%.*s = %s..%s%s] ", (int)(d->words[days[z].word_to - 1].at.to - b), text + b, x[0], x[1], days[z].vague ? " vague" : days[z].duration ? " duration" : "");
					}
					dates++;
					date_hit += hit;
					date_status += fit;
					date_none += !any;
					if (say_dates && (!hit || say_all))
						printf("date\t%s\t%s..%s\tpub %s\t%s\t%s\t%s\n", hit ? "hit" : any ? "wrong" : "none", d1, d2, pub, status, seen, evidence);
				}
			}
			arena_free(a);
			json_decref(doc);
		}
		free(line);
		fclose(f);
	}
	printf("items %llu (words not found in the evidence: %llu): min and max %.4f, unit %.4f, per %.4f, all three %.4f; with figures %.4f of %llu\n",
		(unsigned long long)items, (unsigned long long)lost, (double)minmax / (double)items, (double)unit / (double)items, (double)per / (double)items,
		(double)both / (double)items, (double)numbered_hit / (double)numbered, (unsigned long long)numbered);
	printf("dates %llu: some reading equal %.4f, the status's own reading equal %.4f, no day expression in the evidence %.4f\n",
		(unsigned long long)dates, (double)date_hit / (double)dates, (double)date_status / (double)dates, (double)date_none / (double)dates);
	vocabulary_free(v);
	return 0;
}
