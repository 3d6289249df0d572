/* kula: the command line. Finds the command and calls it; everything else is in the command's own file. */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "know/know.h"
#include "measure/measure.h"
#include "model/model.h"

#define COMMAND(name, about) int cmd_##name(int argc, char **argv);
#include "cli/commands.h"
#undef COMMAND

typedef struct command { const char *name; int (*run)(int argc, char **argv); const char *about; } command;

static const command commands[] = {
#define COMMAND(name, about) {#name, cmd_##name, about},
#include "cli/commands.h"
#undef COMMAND
};

static const command *command_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	const char *names[COUNT_OF(commands)];
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		names[n++] = commands[i].name;
	const char *const near = options_nearest(name, names, n);
	return near != NULL ? cli_error(KULA_EUSAGE, "unknown command '%s'; did you mean '%s'?", name, near)
		: cli_error(KULA_EUSAGE, "unknown command '%s'; 'kula --help' lists them", name);
}

static void usage(FILE *to)
{
	fputs("usage: kula COMMAND [options] [words]\n\n"
		"Reads news reports and keeps the ledger of what passes between states: who gave, lent, sold, sent,\n"
		"promised, signed what, to whom, how many, when, and according to whom.\n\ncommands:\n", to);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(to, "  %-12s%s\n", commands[i].name, commands[i].about);
	fputs("\n'kula COMMAND --help' explains one. Options that every command takes may also stand before it:\n"
		"  --ledger FILE   the ledger (default: $KULA_LEDGER, else kula.db)\n"
		"  --know DIR      your own tables, layered over the built-in knowledge\n"
		"  --weights FILE  --knowledge FILE  --quiet  --version\n", to);
}

/* The program, and the hashes of what its answers depend on. What can't be opened is said in its place. */
static int version(void)
{
	kula_error err = {0};
	model *const m = model_open(NULL, &err);
	if (m != NULL)
		printf("kula %s\nweights %s\n", KULA_VERSION, model_hash(m));
	else
		printf("kula %s\nweights none: %s\n", KULA_VERSION, err.text);
	model_close(m);
	err = (kula_error){0};
	know *const k = know_open(NULL, &err);
	if (k != NULL)
		printf("knowledge %s\n", know_hash(k));
	else
		printf("knowledge none: %s\n", err.text);
	know_close(k);
	printf("measures %s\n", measure_hash());
	return CLI_OK;
}

/* Options before the command go behind it, where the command's own table reads them. */
static int run_with_front(int argc, char **argv, int at)
{
	char **const moved = calloc((size_t)argc + 1, sizeof(*moved));
	if (moved == NULL)
		return cli_error(KULA_EMEMORY, "no memory");
	int n = 0;
	moved[n++] = argv[at];
	for (int i = 1; i < at; i++)
		moved[n++] = argv[i];
	for (int i = at + 1; i < argc; i++)
		moved[n++] = argv[i];
	const command *const c = command_of(argv[at]);
	const int code = c != NULL ? c->run(n, moved) : unknown(argv[at]);
	free(moved);
	return code;
}

static int run(int argc, char **argv)
{
	static const char *const with_value[] = {"--ledger", "-l", "--know", "--weights", "--knowledge"};
	int at = 1;
	while (at < argc && argv[at][0] == '-') {
		const char *const arg = argv[at];
		if (strcmp(arg, "--version") == 0 || strcmp(arg, "-V") == 0)
			return version();
		if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
			usage(stdout);
			return CLI_OK;
		}
		bool known = strcmp(arg, "--quiet") == 0 || strcmp(arg, "-q") == 0, value = false;
		for (size_t i = 0; i < COUNT_OF(with_value); i++) {
			const size_t n = strlen(with_value[i]);
			if (strncmp(arg, with_value[i], n) == 0 && (arg[n] == '\0' || arg[n] == '=')) {
				known = true;
				value = arg[n] == '\0';
			}
		}
		if (!known)
			return cli_error(KULA_EUSAGE, "unknown option '%s'; 'kula --help' lists them", arg);
		at += value ? 2 : 1;
	}
	if (at >= argc) {
		usage(stderr);
		return cli_exit(KULA_EUSAGE);
	}
	if (strcmp(argv[at], "help") == 0) {
		if (at + 1 >= argc) {
			usage(stdout);
			return CLI_OK;
		}
		const command *const c = command_of(argv[at + 1]);
		char help[] = "--help", *ask[] = {argv[at + 1], help, NULL};
		return c != NULL ? c->run(2, ask) : unknown(argv[at + 1]);
	}
	return run_with_front(argc, argv, at);
}

int main(int argc, char **argv)
{
	/* A reader of our output that goes away ends us quietly, even where a parent had that signal ignored. */
	signal(SIGPIPE, SIG_DFL);
	const int code = run(argc, argv);
	errno = 0;
	if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE && code <= CLI_NO)       /* else it has been said */
		return cli_error(KULA_EIO, "standard output can't be written: %s", strerror(errno != 0 ? errno : EIO));
	return code;
}
