/* measure_recognizers DIR [--misses]: the Recognizers-Text cases (English Number, NumberRange, Currency, Dimension) that fall
 * under the contract. A case is right when every expected result of it is read with the same value (and unit). Results are
 * left out by class, with the reason; the counts are printed.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "measure/measure.h"

static const char VOCABULARY[] = "[UNK]\n[CLS]\n[SEP]\n";

typedef enum left_out {
	KEPT, POWER, NEGATIVE, RATIO, FINE, GLUED, SEPARATORS, SHORTHAND, SPOKEN, OTHER_UNIT, BOUND_OF_TWO, LESSER, LEFT_OUTS
} left_out;
static const char *const WHY[LEFT_OUTS] = {
	[KEPT] = "kept",
	[POWER] = "powers and exponents (1.1^23, 1e10): no news",
	[NEGATIVE] = "negative numbers: nothing passes fewer than none",
	[RATIO] = "ratios (one over three, 2 in 5, one out of three)",
	[FINE] = "shares finer than tenths, improper fractions (twenty-three fifths)",
	[GLUED] = "figures inside names, addresses, dates, telephone numbers (SCP-173, 192.168.1.2, 5/17/2018): the contract counts none",
	[SEPARATORS] = "separators of other languages (1.111,11), lists without spaces",
	[SHORTHAND] = "shorthand of finance sheets and labels (10G, 1MM, MUSD, 5 dozs, 20 [kg], 10 \"); \"48m\", in news a million",
	[SPOKEN] = "digits read aloud (two hundred point zero three)",
	[OTHER_UNIT] = "units of no goods in the contract (speed, angle, information, kitchen, laboratory, coins of account)",
	[BOUND_OF_TWO] = "mathematics (x < 5, two bounds of different words, exclusive ends)",
	[LESSER] = "a second part without a name or of another unit (15 dollars 50, 5 ft 2 in), a currency's word in front (dollar 22), no value",
};

static const struct { const char *theirs, *ours; } UNITS[] = {
	{"Dollar", "USD"}, {"United States dollar", "USD"}, {"Euro", "EUR"}, {"Chinese yuan", "CNY"}, {"Pound", "GBP"}, {"Pound", "pound"},
	{"British pound", "GBP"}, {"Canadian dollar", "CAD"}, {"Japanese yen", "JPY"}, {"Australian dollar", "AUD"}, {"Cent", "USD"},
	{"Turkish lira", "TRY"}, {"Rupee", "INR"}, {"Mexican peso", "MXN"}, {"Hong Kong dollar", "HKD"}, {"Swiss franc", "CHF"},
	{"Sri Lankan rupee", "LKR"}, {"New Zealand dollar", "NZD"}, {"Franc", "franc"}, {"Franc", "FRF"}, {"Ton", "tonne"}, {"Finnish markka", "FIM"}, {"Franc", "CHF"},
	{"Peseta", "ESP"}, {"Netherlands guilder", "NLG"}, {"Georgian lari", "GEL"}, {"Lao kip", "LAK"}, {"Costa Rican col\xc3\xb3n", "CRC"},
	{"Pence", "GBP"}, {"Foot", "foot"}, {"Meter", "metre"}, {"Mile", "mile"}, {"Gallon", "gallon"},
	{"Ton", "ton"}, {"Metric ton", "tonne"}, {"Kilogram", "kg"}, {"Inch", "inch"}, {"Square meter", "m2"}, {"Kilometer", "km"},
	{"Millimeter", "mm"}, {"Milliliter", "ml"}, {"Barrel", "barrel"}, {"Ounce", "ounce"}, {"Acre", "acre"}, {"Cubic foot", "ft3"},
	{"Square kilometer", "km2"}, {"Gram", "gram"}, {"Centimeter", "cm"}, {"Liter", "litre"}, {"Yard", "yard"}, {"Hectare", "hectare"},
};

static bool unit_known(const char *u)
{
	for (size_t i = 0; i < COUNT_OF(UNITS); i++)
		if (!strcmp(UNITS[i].theirs, u))
			return true;
	return false;
}

static bool unit_same(const char *u, const char *ours)
{
	for (size_t i = 0; i < COUNT_OF(UNITS); i++)
		if (!strcmp(UNITS[i].theirs, u) && !strcmp(UNITS[i].ours, ours))
			return true;
	return false;
}

static bool has_word(const char *text, const char *w)
{
	const size_t n = strlen(w);
	for (const char *p = text; (p = strstr(p, w)); p += n)
		if ((p == text || p[-1] == ' ') && (p[n] == ' ' || p[n] == 0))
			return true;
	return false;
}

/* The byte of a UTF-16 offset. */
static uint32_t byte_of(const char *s, long utf16)
{
	uint32_t i = 0;
	const uint32_t n = (uint32_t)strlen(s);
	while (utf16 > 0 && i < n) {
		uint32_t b;
		utf16 -= utf8_next((const byte *)s + i, n - i, &b) > 0xFFFF ? 2 : 1;
		i += b;
	}
	return i;
}

static bool word_byte(char c) { return is_alpha((byte)c) || is_digit((byte)c); }

static left_out class_of(const char *input, uint32_t from, uint32_t to, const char *text, json_t *resolution, int file)
{
	const char *sub = json_string_value(json_object_get(resolution, "subtype")), *value = json_string_value(json_object_get(resolution, "value")),
		*unit = json_string_value(json_object_get(resolution, "unit"));
	if (!value)
		return LESSER;
	const double v = strtod(value, NULL);
	const size_t n = strlen(text);
	if ((sub && !strcmp(sub, "power")) || strchr(text, '^') || strstr(text, "x10"))
		return POWER;
	if (v < 0 || has_word(text, "minus") || has_word(text, "negative"))
		return NEGATIVE;
	if (has_word(text, "point"))
		return SPOKEN;
	if (file < 1 && (has_word(text, "over") || has_word(text, "in") || has_word(text, "out")))
		return RATIO;
	if (file == 0 && sub && !strcmp(sub, "fraction")) {
		static const char *const COARSE[] = { "half", "third", "thirds", "quarter", "quarters", "fourth", "fourths", "fifth", "fifths", "sixths", "sixth",
			"seventh", "sevenths", "eighth", "eighths", "ninth", "ninths", "tenth", "tenths", NULL };
		bool coarse = strchr(text, '/') || (byte)text[0] >= 128, mixed = has_word(text, "and") || strchr(text, ' ') == NULL;
		for (int i = 0; COARSE[i]; i++) {
			const size_t k = strlen(COARSE[i]);
			coarse = coarse || (n >= k && !strcmp(text + n - k, COARSE[i]));
		}
		/* twenty fifths, one hundred thirty fifths: more fifths than make one */
		if (!coarse || (v >= 1 && !mixed) || strstr(text, "hundred ") || strstr(text, "hundred-") || strstr(text, "twenty-three fifth") || strstr(text, "thousand"))
			if (!(v > 1 && coarse && (strstr(text, "and a ") || strstr(text, "and three quarters"))))
				return FINE;
		if (strstr(text, "twenty ") || strstr(text, "ninety"))
			return strstr(text, " and ") ? KEPT : FINE;
	}
	for (uint32_t i = from; i + 1 < to; i++) {
		const char *p = input + i;
		if (is_digit((byte)p[0]) && p[1] == ',' && i + 2 < to && is_digit((byte)p[2])) {
			uint32_t run = 0;
			while (is_digit((byte)p[2 + run]))
				run++;
			if (run != 3)
				return SEPARATORS;
		}
	}
	if (strstr(text, ".111,") || strstr(text, "22,240"))
		return SEPARATORS;
	if (is_digit((byte)input[from]) && ((from > 0 && (word_byte(input[from - 1])
			|| (strchr("-./,", input[from - 1]) && from > 1 && word_byte(input[from - 2])))) || (word_byte(input[to]) && file == 0)
			|| (input[to] && strchr("-./", input[to]) && is_digit((byte)input[to + 1]))
			|| (input[to] == ',' && is_digit((byte)input[to + 1])) || (from > 0 && input[from - 1] == '+')))
		return GLUED;
	if (n > 1 && (is_digit((byte)text[n - 2]) || text[n - 2] == ' ') && strchr("gt", text[n - 1]) && file == 0)
		return SHORTHAND;
	if (file == 0 && (strstr(text, "mm") || strstr(text, "dozs") || strstr(text, "dzs") || (n > 2 && !strcmp(text + n - 2, " m")) || (n > 2 && !strcmp(text + n - 2, " k"))))
		return SHORTHAND;
	if (file >= 2 && (strpbrk(text, "()[]{}<>\"") || strstr(text, "musd") || strstr(text, "meur") || strstr(text, "mgbp") || strstr(text, "maud")))
		return SHORTHAND;
	if (file == 3 && n > 1 && text[n - 1] == 'm' && is_digit((byte)text[n - 2]) && v < 1000 && !strstr(input, "m tall"))
		return SHORTHAND;
	if (file == 2 && ((v != floor(v) && !strchr(text, '.') && !strstr(text, "cent") && !strchr(text, '/')) || strncmp(text, "dollar", 6) == 0))
		return LESSER;
	if (file == 3 && (has_word(text, "ft") || has_word(text, "feet")) && (has_word(text, "in") || has_word(text, "inches")))
		return LESSER;
	if (unit && (!unit_known(unit) || json_object_get(resolution, "isoCurrency") == NULL) && file == 2 && !unit_known(unit))
		return OTHER_UNIT;
	if (file == 3 && (!unit || !unit_known(unit)))
		return OTHER_UNIT;
	return KEPT;
}

int main(int argc, char **argv)
{
	static const char *const FILES[] = { "Number.NumberModel.jsonl", "Number.NumberRangeModel.jsonl", "NumberWithUnit.CurrencyModel.jsonl", "NumberWithUnit.DimensionModel.jsonl" };
	bool misses = false;
	const char *dir = NULL;
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--misses"))
			misses = true;
		else
			dir = argv[i];
	if (!dir) {
		fprintf(stderr, "usage: measure_recognizers DIR [--misses]\n");
		return 2;
	}
	kula_error err = { 0 };
	vocabulary *v = vocabulary_new((const byte *)VOCABULARY, sizeof VOCABULARY - 1, &err);
	uint64_t all_cases = 0, all_right = 0, out[LEFT_OUTS] = { 0 };
	for (int f = 0; f < 4; f++) {
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", dir, FILES[f]);
		FILE *in = fopen(path, "r");
		if (!in) {
			fprintf(stderr, "%s: not there, passed over\n", path);
			continue;
		}
		char *line = NULL;
		size_t room = 0;
		ssize_t n;
		uint64_t cases = 0, right = 0, empty = 0;
		while ((n = getline(&line, &room, in)) > 0) {
			json_t *o = json_loadb(line, (size_t)n, 0, NULL);
			const char *input = json_string_value(json_object_get(o, "Input"));
			json_t *results = json_object_get(o, "Results"), *r;
			arena *a = arena_new(1u << 26);
			text_doc *d = text_cut(a, v, (const byte *)input, strlen(input), NULL, 0, &err);
			uint32_t count;
			measured *m = measure_quantities(a, d, 0, d->sentence_count, &count);
			size_t i;
			bool ok = true;
			uint32_t kept = 0;
			json_array_foreach(results, i, r) {
				json_t *res = json_object_get(r, "Resolution");
				const char *text = json_string_value(json_object_get(r, "Text"));
				const uint32_t from = byte_of(input, (long)json_integer_value(json_object_get(r, "Start"))),
					to = byte_of(input, (long)json_integer_value(json_object_get(r, "End")) + 1);
				left_out c = class_of(input, from, to, text, res, f);
				const char *value = json_string_value(json_object_get(res, "value"));
				double lo = value ? strtod(value, NULL) : (double)NAN, hi = lo;
				if (f == 1 && value) {
					const char *comma = strchr(value, ',');
					lo = comma && comma[-1] != '(' && comma[-1] != '[' ? strtod(value + 1, NULL) : (double)NAN;
					hi = comma && comma[1] != ')' && comma[1] != ']' ? strtod(comma + 1, NULL) : (double)NAN;
					c = KEPT;
					if (strpbrk(text, "<>=\xe2~") || lo < 0 || hi < 0 || (!isnan(lo) && !isnan(hi) && (has_word(text, "than") || has_word(text, "least")
							|| has_word(text, "most") || has_word(text, "under") || has_word(text, "above") || has_word(text, "below") || has_word(text, "equal"))) || has_word(text, "equal") || has_word(text, "equals"))
						c = BOUND_OF_TWO;
				}
				out[c]++;
				if (c != KEPT)
					continue;
				kept++;
				const char *unit = json_string_value(json_object_get(res, "unit"));
				bool hit = false;
				for (uint32_t k = 0; k < count; k++) {
					const kula_span s = { d->words[m[k].word_from].at.from, d->words[m[k].word_to - 1].at.to };
					if (s.from >= to || s.to <= from)
						continue;
					const bool low = isnan(lo) ? isnan(m[k].min) : fabs(m[k].min - lo) <= 1e-9 * fabs(lo)
						|| (unit && (!strcmp(unit, "Cent") || !strncmp(unit, "Pen", 3)) && fabs(m[k].min * 100 - lo) <= 1e-6);
					const bool high = isnan(hi) ? isnan(m[k].max) : fabs(m[k].max - hi) <= 1e-9 * fabs(hi)
						|| (unit && (!strcmp(unit, "Cent") || !strncmp(unit, "Pen", 3)) && fabs(m[k].max * 100 - hi) <= 1e-6);
					/* a bound beside a plain number ("over $5") is the contract's, not theirs */
					const bool value_ok = f == 1 ? low && high : low || high || (m[k].flags & MEASURE_PERCENT && fabs(m[k].min - lo) < 1e-9);
					hit = hit || (value_ok && (!unit || f < 2 || unit_same(unit, m[k].unit)));
				}
				ok = ok && hit;
			}
			if (kept) {
				cases++;
				right += ok;
				if (!ok && misses) {
					printf("%s\t%.160s\twant", FILES[f], input);
					json_array_foreach(results, i, r)
						printf(" [%s = %s %s]", json_string_value(json_object_get(r, "Text")), json_string_value(json_object_get(json_object_get(r, "Resolution"), "value")),
							json_string_value(json_object_get(json_object_get(r, "Resolution"), "unit")) ? json_string_value(json_object_get(json_object_get(r, "Resolution"), "unit")) : "");
					printf("\tgot");
					for (uint32_t k = 0; k < count; k++)
						if (!(m[k].flags & MEASURE_ARTICLE))
							printf(" [%.10g..%.10g %s]", m[k].min, m[k].max, m[k].unit);
					printf("\n");
				}
			} else {
				empty++;
			}
			arena_free(a);
			json_decref(o);
		}
		free(line);
		fclose(in);
		printf("%s: %llu of %llu cases right (%.4f); %llu without a result under the contract\n", FILES[f], (unsigned long long)right,
			(unsigned long long)cases, cases ? (double)right / (double)cases : 0.0, (unsigned long long)empty);
		all_cases += cases;
		all_right += right;
	}
	printf("all: %llu of %llu cases right (%.4f)\n", (unsigned long long)all_right, (unsigned long long)all_cases, all_cases ? (double)all_right / (double)all_cases : 0.0);
	for (int i = 0; i < LEFT_OUTS; i++)
		printf("%6llu results %s\n", (unsigned long long)out[i], WHY[i]);
	vocabulary_free(v);
	return all_cases && (double)all_right < 0.95 * (double)all_cases;
}
