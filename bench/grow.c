/* grow: what adding, joining and asking cost as a ledger grows. Made-up news (news.h), 150 documents a day.
 *
 *	build/bench/grow [BUILD] [CLAIMS] [TSV]         10,000, 100,000 ... up to CLAIMS (100,000); the rows go to TSV too
 *	build/bench/grow --plot TSV > docs/grow.svg     draws them
 *
 * At each size: claims added and joined a second of processor time over the last tenth (at least 5,000 claims), as they come, in
 * batches of 200 documents; `between` for 200 pairs, as often asked as they are in the news; bytes a claim; opening. Processor time,
 * so that a machine that does other work does not count; the disk isn't waited for.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "answer/answer.h"
#include "ledger/join.h"
#include "news.h"

enum { ASKED = 200, OPENED = 21, BATCH = 2000, A_DAY = 150 };

/* Of this process alone, so that a busy machine does not count. */
static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
 
static int by_size(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}
static int fail(const kula_error *err)
{
	fprintf(stderr, "grow: %s\n", err->text);
	return 1;
}

typedef struct figures { double claims, added, joined, both, opens, p50, p95, bytes, exchanges; } figures;

static bool ask(const char *path, news *n, figures *f, kula_error *err)
{
	double t[ASKED], opens[OPENED];
	ledger *l = NULL;
	for (uint32_t i = 0; i < OPENED; i++) {
		ledger_close(l);
		const double began = cpu();
		l = ledger_open(path, LEDGER_READ, err);
		opens[i] = cpu() - began;
		if (l == NULL)
			return false;
	}
	qsort(opens, OPENED, sizeof *opens, by_size);
	f->opens = opens[OPENED / 2];
	answer_units *const units = answer_units_open(NULL, err);
	for (uint32_t i = 0; units != NULL && i < ASKED; i++) {
		char a[4], b[4];
		const uint32_t x = news_zipf(n, NEWS_PARTIES), y = news_zipf(n, NEWS_PARTIES);
		news_code(x, a);
		news_code(x == y ? (y + 1) % NEWS_PARTIES : y, b);
		arena *room = arena_new((size_t)8 << 30);
		answer_filter pair = answer_filter_all();
		answer_set set = {0};
		pair.a = a;
		pair.b = b;
		pair.newest_first = true;
		pair.limit = 400;               /* what fits a few screens, as the command asks */
		const double began = cpu();
		const bool ok = room != NULL && answer_exchanges(l, units, room, &pair, 0, &set, err) == KULA_OK;
		t[i] = cpu() - began;
		answer_set_clear(&set);
		arena_free(room);
		if (!ok) {
			answer_units_free(units);
			ledger_close(l);
			return false;
		}
	}
	answer_units_free(units);
	if (units == NULL) {
		ledger_close(l);
		return false;
	}
	qsort(t, ASKED, sizeof *t, by_size);
	f->p50 = t[ASKED / 2];
	f->p95 = t[ASKED * 95 / 100];
	ledger_close(l);
	return true;
}

static void print_head(FILE *out)
{
	fprintf(out, "claims\tadd_per_s\tjoin_per_s\tboth_per_s\tbytes_per_claim\topen_ms\tbetween_p50_ms\tbetween_p95_ms\n");
}
static void print_row(FILE *out, const figures *f)
{
	fprintf(out, "%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%.1f\t%.1f\n", f->claims, f->added, f->joined, f->both, f->bytes, f->opens * 1e3, f->p50 * 1e3, f->p95 * 1e3);
	fflush(out);
}

static int grow(const char *build, uint32_t most, const char *rows_to)
{
	char path[300];
	kula_error err = {0};
	static news n;
	snprintf(path, sizeof path, "%s/bench-grow.db", build);
	unlink(path);
	join_rules *rules = join_rules_open(NULL, NULL, &err);
	ledger *l = rules != NULL ? ledger_open(path, LEDGER_CREATE, &err) : NULL;
	const int64_t reader = l != NULL ? ledger_reader(l, "bench", "", "", "", &err) : -1;
	if (reader < 0)
		return fail(&err);
	ledger_sync(l, false);          /* the disk's waiting is the disk's speed, not ours */
	FILE *rows = rows_to != NULL ? fopen(rows_to, "w") : NULL;
	if (rows != NULL)
		print_head(rows);
	print_head(stdout);
	news_begin(&n, 1, A_DAY);
	uint64_t claims = 0, from = 0, next = MIN_OF(10000u, most);
	double adding = 0, joining = 0;
	for (;;) {
		const uint64_t tenth = next - MAX_OF(next / 10, 5000u);
		double began = cpu();
		for (uint32_t i = 0; i < BATCH; i++) {
			kula_document d;
			const kula_claim *c;
			uint32_t count;
			ledger_added out;
			news_next(&n, &d, &c, &count);
			if (ledger_add(l, &d, NULL, c, count, reader, false, &out, &err) != KULA_OK)
				return fail(&err);
			claims += count;
		}
		const double between = cpu();
		ledger_joined joined;
		if (ledger_join(l, rules, false, &joined, &err) != KULA_OK)
			return fail(&err);
		if (claims >= tenth && from == 0) {     /* the last tenth begins behind this batch */
			from = claims;
			adding = joining = 0;
		} else {
			adding += between - began;
			joining += cpu() - between;
		}
		if (claims < next)
			continue;
		figures f = {.claims = (double)claims};
		const double told = (double)(claims - from);
		f.added = told / adding;
		f.joined = told / joining;
		f.both = told / (adding + joining);
		struct stat st;
		ledger_close(l);
		stat(path, &st);
		f.bytes = (double)st.st_size / (double)claims;
		news asking = n;
		if (!ask(path, &asking, &f, &err))
			return fail(&err);
		print_row(stdout, &f);
		if (rows != NULL)
			print_row(rows, &f);
		if (next >= most)
			break;
		next = MIN_OF(next * 10, most);
		from = 0;
		l = ledger_open(path, LEDGER_WRITE, &err);
		if (l == NULL)
			return fail(&err);
		ledger_sync(l, false);
	}
	if (rows != NULL)
		fclose(rows);
	join_rules_free(rules);
	unlink(path);
	return 0;
}

/* ---- the plot: cost against size, both axes by powers of ten ---- */

enum { PLOT_ROWS = 16, PLOT_COLUMNS = 8, WIDE = 720, HIGH = 420, LEFT = 64, RIGHT = 150, TOP = 28, BOTTOM = 48 };

static double place(double v, double low, double high, double from, double to)
{
	return from + (to - from) * (log10(v) - log10(low)) / (log10(high) - log10(low));
}

static int plot(const char *path)
{
	static const struct { int column; const char *name, *colour; double times; } lines[] = {
		{1, "added, claims/s", "#1b6ca8", 1}, {2, "joined, claims/s", "#2a9d5c", 1}, {3, "both, claims/s", "#444444", 1},
		{7, "between, p95, \xC2\xB5s", "#c8553d", 1000}, {5, "opening, \xC2\xB5s", "#8e6bbf", 1000},
	};
	double at[PLOT_ROWS][PLOT_COLUMNS];
	uint32_t rows = 0;
	char line[400];
	FILE *const f = fopen(path, "r");
	if (f == NULL) {
		fprintf(stderr, "grow: '%s' can't be read\n", path);
		return 1;
	}
	while (rows < PLOT_ROWS && fgets(line, sizeof line, f) != NULL) {
		double *const r = at[rows];
		rows += sscanf(line, "%lf%lf%lf%lf%lf%lf%lf%lf", r, r + 1, r + 2, r + 3, r + 4, r + 5, r + 6, r + 7) == PLOT_COLUMNS;
	}
	fclose(f);
	if (rows < 2) {
		fprintf(stderr, "grow: '%s' has no two rows to draw\n", path);
		return 1;
	}
	const double low = 100, high = 1e6, first = pow(10, floor(log10(at[0][0]) + 0.02)), last = pow(10, ceil(log10(at[rows - 1][0]) - 0.02));
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n", WIDE, HIGH);
	printf("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n<text x=\"%d\" y=\"16\">Cost by the size of the ledger</text>\n", WIDE, HIGH, LEFT);
	for (double v = low; v <= high * 1.01; v *= 10) {
		const double y = place(v, low, high, HIGH - BOTTOM, TOP);
		printf("<path d=\"M%d %.1fH%d\" stroke=\"#dddddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>\n", LEFT, y, WIDE - RIGHT, LEFT - 6, y + 4, v);
	}
	for (double v = first; v <= last * 1.01; v *= 10) {
		const double x = place(v, first, last, LEFT, WIDE - RIGHT);
		printf("<path d=\"M%.1f %dV%d\" stroke=\"#dddddd\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>\n", x, TOP, HIGH - BOTTOM, x, HIGH - BOTTOM + 18, v);
	}
	printf("<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">claims in the ledger</text>\n", (LEFT + WIDE - RIGHT) / 2, HIGH - 10);
	double taken[COUNT_OF(lines)];
	for (uint32_t k = 0; k < COUNT_OF(lines); k++) {
		double y = 0;
		printf("<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"", lines[k].colour);
		for (uint32_t i = 0; i < rows; i++) {
			const double v = fmin(fmax(at[i][lines[k].column] * lines[k].times, low), high);
			y = place(v, low, high, HIGH - BOTTOM, TOP);
			printf("%c%.1f %.1f", i ? 'L' : 'M', place(fmax(at[i][0], first), first, last, LEFT, WIDE - RIGHT), y);
		}
		/* names that would lie on one another move apart */
		for (uint32_t m = 0; m < k; m++)
			if (fabs(taken[m] - y) < 14) {
				y = taken[m] + 14;
				m = UINT32_MAX;         /* look again from the first */
			}
		taken[k] = y;
		printf("\"/><text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>\n", WIDE - RIGHT + 6, y + 4, lines[k].colour, lines[k].name);
	}
	puts("</svg>");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "--plot") == 0)
		return plot(argv[2]);
	return grow(argc > 1 ? argv[1] : "build", argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000, argc > 3 ? argv[3] : NULL);
}
