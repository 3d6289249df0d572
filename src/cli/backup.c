/* kula backup FILE: a copy of the ledger as of one instant, while others may write. */
#include "cli/cli.h"
#include <sys/stat.h>
#include "ledger/ledger.h"

int cmd_backup(int argc, char **argv)
{
	bool quiet = false, check = false;
	const char *path = NULL, *knowledge = NULL, *own = NULL, *weights = NULL;
	const cli_option options[] = {
		CLI_LEDGER(&path),
		{0, "check", OPTION_FLAG, &check, NULL, "check the copy as 'kula doctor' checks a ledger"},
		CLI_WEIGHTS(&weights), CLI_KNOWLEDGE(&knowledge), CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"backup", "FILE",
		"Copies the ledger to a new file: all of it, as it was at one instant. Others may read and write meanwhile. The copy is a\n"
		"ledger like any other (--ledger FILE). A file that is there is not overwritten.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &words, &code))
		return code;
	if (words.count != 1)
		return cli_error(KULA_EUSAGE, "'kula backup FILE': one file to write");
	kula_error err = {0};
	ledger *l = ledger_open(cli_ledger_path(path), LEDGER_READ, &err);
	const bool ok = l && ledger_backup(l, words.at[0], &err) == KULA_OK;
	ledger_close(l);
	if (!ok)
		return cli_fail(&err);
	if (check) {
		l = ledger_open(words.at[0], LEDGER_READ, &err);
		const int64_t faults = l ? ledger_check(l, false, NULL, NULL, &err) : -1;
		ledger_close(l);
		if (faults < 0)
			return cli_fail(&err);
		if (faults > 0)
			return cli_error(KULA_EFORMAT, "'%s' has %lld faults, as the ledger has: 'kula doctor' names them", words.at[0], (long long)faults);
	}
	struct stat st = {0};
	stat(words.at[0], &st);
	cli_note(quiet, "'%s' written, %.1f MB", words.at[0], (double)st.st_size / 1e6);
	return CLI_OK;
}
