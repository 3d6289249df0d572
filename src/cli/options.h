/* options: the words of a command line, by a table that also writes the command's --help.
 *
 *	bool json = false; const char *publisher = NULL; uint64_t jobs = 0;
 *	const cli_option table[] = {
 *		{'j', "jobs", OPTION_COUNT, &jobs, "N", "documents read at once (default: the number of cores)"},
 *		{0, "json", OPTION_FLAG, &json, NULL, "JSON lines even on a terminal"},
 *		{0, "publisher", OPTION_TEXT, &publisher, "NAME", "who published plain text"},
 *	};
 *	static const cli_usage usage = {"read", "[FILE...|-]", "Reads reports and prints their claims.", NULL};
 *	cli_words words;
 *	int code;
 *	if (!options_parse(&usage, table, COUNT_OF(table), argc, argv, &words, &code))
 *		return code;                            --help was printed, or a fault was
 *	for (int i = 0; i < words.count; i++)
 *		use(words.at[i]);
 *
 * Takes -j4, -j 4, --jobs=4, --jobs 4, -qv for two flags, and "--" before words that begin with a dash. Options and words
 * may be mixed. An option may be shortened as long as one only begins so.
 */
#ifndef KULA_CLI_OPTIONS_H
#define KULA_CLI_OPTIONS_H

#include "base/base.h"

typedef enum option_kind {
	OPTION_FLAG,            /* bool *: set to true */
	OPTION_UNSET,           /* bool *: set to false ("--no-gate" on a "gate") */
	OPTION_TEXT,            /* const char **: the word as it stands */
	OPTION_COUNT,           /* uint64_t *: a whole number from 0 */
	OPTION_NUMBER,          /* double * */
	OPTION_DAY,             /* kula_day *: "2024-11-20" */
	OPTION_LIST             /* cli_list *: may be given many times */
} option_kind;

typedef struct cli_list { const char *at[32]; uint32_t count; } cli_list;

typedef struct cli_option {
	char        letter;     /* 0: none */
	const char *name;       /* without the dashes */
	option_kind kind;
	void       *at;         /* where the value goes; its type follows from kind */
	const char *value;      /* what --help calls the value: "FILE"; NULL for flags */
	const char *help;       /* one line or more, parted by '\n' */
} cli_option;

typedef struct cli_usage {
	const char *command;    /* "read" */
	const char *words;      /* "[FILE...|-]" */
	const char *about;      /* what it does: full sentences */
	const char *more;       /* printed behind the options; or NULL */
} cli_usage;

typedef struct cli_words { int count; char **at; } cli_words;   /* what is no option, in order */

/* argv[0] is the command's own name. False: nothing is left to do, *code is the exit code. */
bool options_parse(const cli_usage *usage, const cli_option *options, size_t count, int argc, char **argv, cli_words *words, int *code);
void options_help(const cli_usage *usage, const cli_option *options, size_t count, FILE *to);

/* The nearest of some names to a mistyped one, or NULL where none is near. */
const char *options_nearest(const char *typed, const char *const *names, size_t count);

#endif
