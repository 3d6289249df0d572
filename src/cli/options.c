#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/cli.h"

/* ---- names near to one that was mistyped ---- */

/* Edits (insert, drop, change, swap neighbours) from a to b; both are short. */
static uint32_t edits(const char *a, const char *b)
{
	enum { LONGEST = 32 };
	const size_t na = strlen(a), nb = strlen(b);
	if (na >= LONGEST || nb >= LONGEST)
		return UINT32_MAX;
	uint32_t row[3][LONGEST + 1];
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (uint32_t)j;
	for (size_t i = 1; i <= na; i++) {
		uint32_t *const now = row[i % 3], *const above = row[(i + 2) % 3], *const two = row[(i + 1) % 3];
		now[0] = (uint32_t)i;
		for (size_t j = 1; j <= nb; j++) {
			uint32_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
			best = MIN_OF(best, above[j] + 1);
			best = MIN_OF(best, now[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN_OF(best, two[j - 2] + 1);
			now[j] = best;
		}
	}
	return row[na % 3][nb];
}

const char *options_nearest(const char *typed, const char *const *names, size_t count)
{
	const char *best = NULL;
	uint32_t least = 3;                     /* more than two slips is another word */
	for (size_t i = 0; i < count; i++) {
		const uint32_t n = edits(typed, names[i]);
		if (n < least && n < strlen(names[i])) {
			least = n;
			best = names[i];
		}
	}
	return best;
}

/* ---- help ---- */

void options_help(const cli_usage *usage, const cli_option *options, size_t count, FILE *to)
{
	enum { COLUMN = 26 };
	fprintf(to, "usage: kula %s [options]%s%s\n\n%s\n", usage->command, usage->words[0] != '\0' ? " " : "", usage->words,
		usage->about);
	fprintf(to, "\noptions:\n");
	for (size_t i = 0; i <= count; i++) {
		static const cli_option help = {'h', "help", OPTION_FLAG, NULL, NULL, "this page"};
		const cli_option *const o = i < count ? &options[i] : &help;
		char left[80];
		int n = o->letter != 0 ? snprintf(left, sizeof(left), "  -%c, --%s", o->letter, o->name)
			: snprintf(left, sizeof(left), "      --%s", o->name);
		if (o->value != NULL && n > 0 && (size_t)n < sizeof(left))
			n += snprintf(left + n, sizeof(left) - (size_t)n, " %s", o->value);
		if (n < COLUMN - 1)
			fprintf(to, "%-*s", COLUMN, left);
		else
			fprintf(to, "%s\n%*s", left, COLUMN, "");
		for (const char *at = o->help; *at != '\0'; at++) {
			fputc(*at, to);
			if (*at == '\n')
				fprintf(to, "%*s", COLUMN, "");
		}
		fputc('\n', to);
	}
	if (usage->more != NULL)
		fprintf(to, "\n%s\n", usage->more);
}

/* ---- parsing ---- */

static bool is_flag(const cli_option *o)
{
	return o->kind == OPTION_FLAG || o->kind == OPTION_UNSET;
}

/* Puts a value where it belongs. shown is the option as typed. */
static kula_status take(const cli_option *o, const char *shown, const char *value, kula_error *err)
{
	char *end = NULL;
	errno = 0;
	switch (o->kind) {
	case OPTION_FLAG:
		*(bool *)o->at = true;
		return KULA_OK;
	case OPTION_UNSET:
		*(bool *)o->at = false;
		return KULA_OK;
	case OPTION_TEXT:
		*(const char **)o->at = value;
		return KULA_OK;
	case OPTION_COUNT: {
		const unsigned long long n = strtoull(value, &end, 10);
		if (!is_digit((byte)value[0]) || *end != '\0' || errno != 0)
			return kula_fail(err, KULA_EUSAGE, 0, "%s takes a whole number, not '%s'", shown, value);
		*(uint64_t *)o->at = n;
		return KULA_OK;
	}
	case OPTION_NUMBER: {
		const double n = strtod(value, &end);
		if (end == value || *end != '\0' || errno != 0 || !(n - n == 0))
			return kula_fail(err, KULA_EUSAGE, 0, "%s takes a number, not '%s'", shown, value);
		*(double *)o->at = n;
		return KULA_OK;
	}
	case OPTION_DAY: {
		const kula_day day = kula_day_parse(value, strlen(value));
		if (day == KULA_NO_DAY)
			return kula_fail(err, KULA_EUSAGE, 0, "%s takes a day like 2024-11-20, not '%s'", shown, value);
		*(kula_day *)o->at = day;
		return KULA_OK;
	}
	case OPTION_LIST: {
		cli_list *const list = o->at;
		if (list->count == COUNT_OF(list->at))
			return kula_fail(err, KULA_EUSAGE, 0, "%s is given more than %zu times", shown, COUNT_OF(list->at));
		list->at[list->count++] = value;
		return KULA_OK;
	}
	}
	return kula_fail(err, KULA_EUSAGE, 0, "%s has no kind", shown);
}

/* The row of a long option's name (n bytes), whole or the only one that begins so; NULL: err says why. */
static const cli_option *long_option(const cli_usage *usage, const cli_option *options, size_t count, const char *name, size_t n,
	kula_error *err)
{
	const cli_option *found = NULL;
	bool many = false;
	for (size_t i = 0; i < count; i++) {
		if (strncmp(options[i].name, name, n) != 0)
			continue;
		if (options[i].name[n] == '\0')
			return &options[i];
		many = found != NULL;
		found = &options[i];
	}
	if (found != NULL && !many)
		return found;
	if (many) {
		kula_fail(err, KULA_EUSAGE, 0, "'--%.*s' may mean several options", (int)MIN_OF(n, 60), name);
		return NULL;
	}
	const char *names[64];
	size_t known = 0;
	for (size_t i = 0; i < count && known < COUNT_OF(names); i++)
		names[known++] = options[i].name;
	char typed[40];
	snprintf(typed, sizeof(typed), "%.*s", (int)MIN_OF(n, 39), name);
	const char *const near = options_nearest(typed, names, known);
	if (near != NULL)
		kula_fail(err, KULA_EUSAGE, 0, "unknown option '--%s'; did you mean '--%s'?", typed, near);
	else
		kula_fail(err, KULA_EUSAGE, 0, "unknown option '--%s'; 'kula %s --help' lists them", typed, usage->command);
	return NULL;
}

/* A word that begins with one dash: letters, the last of which may have a value, here or in the next word. */
static kula_status letters(const cli_usage *usage, const cli_option *options, size_t count, const char *word, char **next, bool *used,
	bool *help, kula_error *err)
{
	for (const char *at = word + 1; *at != '\0'; at++) {
		const cli_option *o = NULL;
		for (size_t i = 0; i < count && o == NULL; i++)
			if (options[i].letter == *at)
				o = &options[i];
		if (o == NULL && *at == 'h') {
			*help = true;
			return KULA_OK;
		}
		if (o == NULL)
			return kula_fail(err, KULA_EUSAGE, 0, "unknown option '-%c'; 'kula %s --help' lists them", *at, usage->command);
		const char shown[3] = {'-', *at, '\0'};
		if (is_flag(o)) {
			take(o, shown, NULL, err);
			continue;
		}
		if (at[1] != '\0')
			return take(o, shown, at + 1, err);
		if (*next == NULL)
			return kula_fail(err, KULA_EUSAGE, 0, "-%c needs a value: %s", *at, o->value);
		*used = true;
		return take(o, shown, *next, err);
	}
	return KULA_OK;
}

bool options_parse(const cli_usage *usage, const cli_option *options, size_t count, int argc, char **argv, cli_words *words, int *code)
{
	kula_error err = {0};
	bool help = false, all_words = false;
	*words = (cli_words){0, argv + 1};      /* words are moved to the front, over what was parsed before them */
	for (int i = 1; i < argc && !help && err.status == KULA_OK; i++) {
		char *const word = argv[i];
		char *next = i + 1 < argc ? argv[i + 1] : NULL;
		bool used = false;
		if (all_words || word[0] != '-' || word[1] == '\0') {
			words->at[words->count++] = word;
		} else if (strcmp(word, "--") == 0) {
			all_words = true;
		} else if (strcmp(word, "--help") == 0) {
			help = true;
		} else if (word[1] == '-') {
			const char *const name = word + 2, *const equals = strchr(name, '=');
			const size_t n = equals != NULL ? (size_t)(equals - name) : strlen(name);
			const cli_option *const o = long_option(usage, options, count, name, n, &err);
			char shown[48];
			if (o == NULL)
				break;
			snprintf(shown, sizeof(shown), "--%s", o->name);
			if (is_flag(o) && equals != NULL)
				kula_fail(&err, KULA_EUSAGE, 0, "%s takes no value", shown);
			else if (!is_flag(o) && equals == NULL && next == NULL)
				kula_fail(&err, KULA_EUSAGE, 0, "%s needs a value: %s", shown, o->value);
			else if (is_flag(o) || equals != NULL)
				take(o, shown, equals != NULL ? equals + 1 : NULL, &err);
			else {
				used = true;
				take(o, shown, next, &err);
			}
		} else {
			letters(usage, options, count, word, &next, &used, &help, &err);
		}
		i += used;
	}
	if (err.status != KULA_OK) {
		*code = cli_fail(&err);
		return false;
	}
	if (help) {
		options_help(usage, options, count, stdout);
		*code = CLI_OK;
		return false;
	}
	return true;
}
