#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* ---- exit codes and messages ---- */

int cli_exit(kula_status s)
{
	switch (s) {
	case KULA_OK: return 0;
	case KULA_EUSAGE: return 2;
	case KULA_EIO: return 3;
	case KULA_EFORMAT: return 4;
	case KULA_ELIMIT: return 5;
	case KULA_EMEMORY: return 6;
	case KULA_EVERSION: return 7;
	case KULA_EBUSY: return 8;
	case KULA_ENOTFOUND: return 9;
	case KULA_ECANCELLED: return 130;       /* as a shell reports a process ended by an interrupt */
	}
	return 70;
}

static void say(const char *severity, const char *text)
{
	const bool colour = cli_colour(stderr);
	if (severity == NULL)
		fprintf(stderr, "kula: %s\n", text);
	else if (colour)
		fprintf(stderr, "kula: \033[%sm%s:\033[0m %s\n", severity[0] == 'e' ? "1;31" : "1;33", severity, text);
	else
		fprintf(stderr, "kula: %s: %s\n", severity, text);
}

int cli_fail(const kula_error *err)
{
	char text[600];
	if (err->source != NULL && err->byte > 0)
		snprintf(text, sizeof(text), "'%s' byte %llu: %s", err->source, (unsigned long long)err->byte, err->text);
	else if (err->source != NULL && strstr(err->text, err->source) == NULL)
		snprintf(text, sizeof(text), "'%s': %s", err->source, err->text);
	else
		snprintf(text, sizeof(text), "%s", err->text);
	say("error", text);
	return cli_exit(err->status != KULA_OK ? err->status : KULA_EIO);
}

int cli_error(kula_status s, const char *format, ...)
{
	char text[600];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	say("error", text);
	return cli_exit(s);
}

void cli_warn(const char *format, ...)
{
	char text[600];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	say("warning", text);
}

void cli_note(bool quiet, const char *format, ...)
{
	if (quiet)
		return;
	char text[600];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	say(NULL, text);
}

/* ---- the terminal ---- */

bool cli_is_terminal(FILE *f)
{
	return isatty(fileno(f)) == 1;
}

bool cli_colour(FILE *f)
{
	const char *const no = getenv("NO_COLOR"), *const term = getenv("TERM");
	return (no == NULL || no[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0 && cli_is_terminal(f);
}

uint32_t cli_columns(FILE *f)
{
	const char *const columns = getenv("COLUMNS");
	const long asked = columns != NULL ? strtol(columns, NULL, 10) : 0;
	struct winsize w;
	if (asked >= 20 && asked <= 1000)
		return (uint32_t)asked;
	if (ioctl(fileno(f), TIOCGWINSZ, &w) == 0 && w.ws_col >= 20)
		return w.ws_col;
	return 100;
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void cli_progress_begin(cli_progress *p, const char *what, uint64_t total, bool quiet)
{
	*p = (cli_progress){.on = !quiet && cli_is_terminal(stderr), .what = what, .total = total, .began_ms = now_ms()};
	p->drawn_ms = p->began_ms + 800;        /* so that the first line comes after a second */
}

void cli_progress_at(cli_progress *p, uint64_t done)
{
	const uint64_t now = p->on ? now_ms() : 0;
	if (!p->on || now < p->drawn_ms + 200)
		return;
	const double seconds = (double)(now - p->began_ms) / 1000;
	p->drawn_ms = now;
	p->shown = true;
	if (p->total > 0)
		fprintf(stderr, "\r\033[Kkula: %s %llu of %llu, %.1f/s", p->what, (unsigned long long)done,
			(unsigned long long)p->total, (double)done / seconds);
	else
		fprintf(stderr, "\r\033[Kkula: %s %llu, %.1f/s", p->what, (unsigned long long)done, (double)done / seconds);
	fflush(stderr);
}

void cli_progress_end(cli_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

/* ---- stopping ---- */

/* A signal handler has nowhere else to leave word: the one mark of the process, and only the command line has it. */
static volatile sig_atomic_t stop_mark;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stop_mark = 1;
}

void cli_catch_stop(void)
{
	struct sigaction a = {.sa_handler = on_stop, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
}

bool cli_stopped(void)
{
	return stop_mark != 0;
}

const char *cli_ledger_path(const char *option)
{
	const char *const set = getenv("KULA_LEDGER");
	return option != NULL ? option : set != NULL && set[0] != '\0' ? set : "kula.db";
}
