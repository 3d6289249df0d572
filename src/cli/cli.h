/* cli: the commands. One file a command; commands.h lists them, main.c calls them.
 *
 * takes    words of a command line           promises   data on standard output, words for people on standard error;
 * gives    an exit code (docs/EXIT.md)                  colours only on a terminal and never with NO_COLOR
 *                                            leaves alone   how anything is read, kept or answered
 *
 * A command is `int cmd_NAME(int argc, char **argv)`: argv[0] is its name, the value is the exit code. main() flushes
 * standard output behind it and reports what could not be written, so a command need not look at every printf.
 */
#ifndef KULA_CLI_H
#define KULA_CLI_H

#include "base/base.h"
#include "cli/options.h"

/* ---- exit codes ---- */

enum {
	CLI_OK = 0,
	CLI_NO = 1              /* done, and the answer is no: a check found faults, nothing matched */
};
int cli_exit(kula_status s);                            /* the code of a status: docs/EXIT.md */

/* ---- words for people, on standard error ---- */

int cli_fail(const kula_error *err);                    /* "kula: error: 'src' byte 4213: ..."; gives cli_exit of it */
/* The same from a text: return cli_error(KULA_EUSAGE, "'%s' is no code", word). */
int cli_error(kula_status s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_note(bool quiet, const char *format, ...) __attribute__((format(printf, 2, 3)));       /* "kula: ..." unless quiet */

/* ---- the terminal ---- */

bool cli_is_terminal(FILE *f);
bool cli_colour(FILE *f);                               /* a terminal, TERM not "dumb", NO_COLOR not set */
uint32_t cli_columns(FILE *f);                          /* its width: COLUMNS, the terminal's own, or 100 */

/* A line on standard error that is drawn over itself, for work of more than a second; nothing where it is no terminal or
 * quiet. done counts up to total; total 0: not known. */
typedef struct cli_progress { bool on, shown; const char *what; uint64_t total, began_ms, drawn_ms; } cli_progress;
void cli_progress_begin(cli_progress *p, const char *what, uint64_t total, bool quiet);
void cli_progress_at(cli_progress *p, uint64_t done);
void cli_progress_end(cli_progress *p);                 /* takes the line away */

/* ---- stopping ---- */

/* From now on the first interrupt (Ctrl-C, SIGTERM) only sets a mark that cli_stopped reads: the command ends after the
 * document in hand. A second interrupt kills at once. */
void cli_catch_stop(void);
bool cli_stopped(void);

/* ---- what several commands share ---- */

/* The ledger's file: the option's value, else KULA_LEDGER, else "kula.db". */
const char *cli_ledger_path(const char *option);

/* Brings the ledger's exchanges up to date after a change (ledger_join), with the installed rules or those of the folder, and says
 * how many if not quiet. What was changed stays whatever happens; then the failure is said with what to do, and the code is its. */
struct ledger;
int cli_join_after(struct ledger *l, const char *rules, bool quiet);
#define CLI_NO_JOIN(at)    {0, "no-join", OPTION_FLAG, (at), NULL, "don't bring the joining up to date; 'kula join' does it later"}

/* Rows for option tables, so that the same option reads the same everywhere. */
#define CLI_LEDGER(at)     {'l', "ledger", OPTION_TEXT, (at), "FILE", "the ledger (default: $KULA_LEDGER, else kula.db)"}
#define CLI_JSON(at)       {0, "json", OPTION_FLAG, (at), NULL, "JSON lines instead of a table"}
#define CLI_QUIET(at)      {'q', "quiet", OPTION_FLAG, (at), NULL, "no notes and no progress on standard error"}
#define CLI_WEIGHTS(at)    {0, "weights", OPTION_TEXT, (at), "FILE", "the reader's weights (default: the installed ones)"}
#define CLI_KNOWLEDGE(at)  {0, "knowledge", OPTION_TEXT, (at), "FILE", "the compiled knowledge (default: the installed one)"}
#define CLI_KNOW(at)       {0, "know", OPTION_TEXT, (at), "DIR", "your own tables, layered over the built-in knowledge"}
#define CLI_PUBLISHED(at)  {0, "published", OPTION_DAY, (at), "DAY", "day of publication, for what doesn't bring its own"}
#define CLI_PUBLISHER(at)  {0, "publisher", OPTION_TEXT, (at), "NAME", "publisher, for what doesn't bring its own"}
#define CLI_JOBS(at)       {'j', "jobs", OPTION_COUNT, (at), "N", "documents read at once (default: the number of cores)"}
#define CLI_CONFIDENCE(at) {0, "min-confidence", OPTION_NUMBER, (at), "P", "leave out claims less likely to be right than P"}

#endif
