/* join_fit: the weights of joining, from what `kula join --pairs` and `--link-pairs` write.
 *
 *	join_fit [-l DOSSIER] [-r RIDGE] [-k LINK-RIDGE] [-p PRIORS] [-x ,FEATURE,FEATURE,] [-s CLUSTER-ROWS] PAIRS LINK-PAIRS > data/join/weights.tsv
 *
 * Logistic regression with a ridge towards the weights of PRIORS (what the contract says, where examples are few), by Newton's method, one for pairs and one for each type of link. -l leaves a dossier out.
 * Deterministic: sums run in the order of the rows. Build: cc -O2 train/join_fit.c -lm -o join_fit
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURES_MAX = 128, FIRST = 5 };
typedef struct row { double x[FEATURES_MAX], weight; int is; char a[40], b[40]; } row;
typedef struct rows { row *at; size_t n, room; char name[FEATURES_MAX][40]; int features; } rows;

/* Reads the rows of one kind; where: "pair", "fulfils" ... */
static void read_rows(const char *path, const char *of, const char *leave, rows *r)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	if (!f) { perror(path); exit(2); }
	memset(r, 0, sizeof *r);
	for (int first = 1; getline(&line, &room, f) > 0; first = 0) {
		char *cells[FEATURES_MAX + FIRST], *at = line;
		int n = 0;
		line[strcspn(line, "\n")] = 0;
		for (char *c; n < FEATURES_MAX + FIRST && (c = strsep(&at, "\t")); ) cells[n++] = c;
		if (first) {
			r->features = n - FIRST;
			for (int i = FIRST; i < n; i++) snprintf(r->name[i - FIRST], sizeof r->name[0], "%s", cells[i]);
			continue;
		}
		if (n < FIRST || strcmp(cells[1], of) || (leave && !strcmp(cells[0], leave))) continue;
		if (r->n == r->room) {
			r->room = r->room ? r->room * 2 : 1024;
			r->at = realloc(r->at, r->room * sizeof *r->at);
			if (!r->at) exit(2);
		}
		row *w = &r->at[r->n++];
		memset(w, 0, sizeof *w);
		w->is = cells[2][0] == '1';
		snprintf(w->a, sizeof w->a, "%s", cells[3]);
		snprintf(w->b, sizeof w->b, "%s", cells[4]);
		for (int i = FIRST; i < n; i++) w->x[i - FIRST] = atof(cells[i]);
	}
	free(line);
	fclose(f);
}

/* An exchange of 12 claims makes 66 pairs, one of 3 makes 3: a pair counts for less where its claims have many. */
static void even_out(rows *r)
{
	for (size_t i = 0; i < r->n; i++) {
		r->at[i].weight = 1;
		if (!r->at[i].is) continue;
		int n = 0;
		for (size_t k = 0; k < r->n; k++)
			n += r->at[k].is && (!strcmp(r->at[k].a, r->at[i].a) || !strcmp(r->at[k].b, r->at[i].a));
		r->at[i].weight = n > 1 ? 1 / sqrt(n) : 1;
	}
}

/* Solves A v = b for symmetric positive A by Cholesky; A and b are spent. */
static void solve(double A[FEATURES_MAX][FEATURES_MAX], double *b, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++) {
			double s = A[i][j];
			for (int k = 0; k < j; k++) s -= A[i][k] * A[j][k];
			A[i][j] = i == j ? sqrt(s > 1e-12 ? s : 1e-12) : s / A[j][j];
		}
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < i; k++) b[i] -= A[i][k] * b[k];
		b[i] /= A[i][i];
	}
	for (int i = n - 1; i >= 0; i--) {
		for (int k = i + 1; k < n; k++) b[i] -= A[k][i] * b[k];
		b[i] /= A[i][i];
	}
}

static void fit(const rows *r, double ridge, const double *prior, const double *strength, double *w)
{
	static double H[FEATURES_MAX][FEATURES_MAX];
	const int n = r->features;
	double g[FEATURES_MAX];
	memcpy(w, prior, FEATURES_MAX * sizeof *w);
	for (int step = 0; step < 25; step++) {
		memset(H, 0, sizeof H);
		for (int i = 0; i < n; i++) {
			const double k = (i ? ridge : ridge * 0.1) * strength[i];       /* the bias is held least */
			H[i][i] = k;
			g[i] = -k * (w[i] - prior[i]);
		}
		for (size_t m = 0; m < r->n; m++) {
			const row *x = &r->at[m];
			double s = 0;
			for (int i = 0; i < n; i++) s += w[i] * x->x[i];
			const double p = 1 / (1 + exp(-s)), v = p * (1 - p) * x->weight;
			for (int i = 0; i < n; i++) {
				if (x->x[i] == 0) continue;
				g[i] += x->weight * (x->is - p) * x->x[i];
				for (int j = 0; j <= i; j++) H[i][j] += v * x->x[i] * x->x[j];
			}
		}
		for (int i = 0; i < n; i++) for (int j = i + 1; j < n; j++) H[i][j] = H[j][i];
		solve(H, g, n);
		double most = 0;
		for (int i = 0; i < n; i++) { w[i] += g[i]; if (fabs(g[i]) > most) most = fabs(g[i]); }
		if (most < 1e-6) break;
	}
}

int main(int argc, char **argv)
{
	const char *leave = NULL, *seed = NULL, *priors = NULL, *without = NULL;
	double ridge = 2, link_ridge = 2;
	int i = 1;
	for (; i + 1 < argc && argv[i][0] == '-'; i += 2)
		switch (argv[i][1]) {
		case 'l': leave = argv[i + 1]; break;
		case 'r': ridge = atof(argv[i + 1]); break;
		case 'k': link_ridge = atof(argv[i + 1]); break;
		case 'p': priors = argv[i + 1]; break;
		case 's': seed = argv[i + 1]; break;
		case 'x': without = argv[i + 1]; break;
		}
	if (i + 2 != argc) { fputs("usage: join_fit [-l DOSSIER] [-r RIDGE] [-k LINK-RIDGE] [-s CLUSTER-ROWS] PAIRS LINK-PAIRS\n", stderr); return 2; }
	printf("# Made by train/join_fit.c from the open dossiers; docs/JOIN.md. What each agreement or disagreement of two claims (pair),\n"
		"# or of two exchanges (the links), adds to the log odds. cluster: see docs/JOIN.md; set by hand.\n# of\tname\tweight\n");
	if (seed) {
		FILE *f = fopen(seed, "r");
		char *line = NULL;
		size_t room = 0;
		while (f && getline(&line, &room, f) > 0) if (!strncmp(line, "cluster\t", 8)) fputs(line, stdout);
		free(line);
		if (f) fclose(f);
	}
	static const char *const of[] = { "pair", "fulfils", "part", "returns", "under", "answers" };
	for (int k = 0; k < 6; k++) {
		rows r;
		double w[FEATURES_MAX];
		read_rows(argv[i + (k > 0)], of[k], leave, &r);
		double prior[FEATURES_MAX] = {0}, strength[FEATURES_MAX];
		for (int m = 0; m < FEATURES_MAX; m++) strength[m] = 1;
		FILE *f = priors ? fopen(priors, "r") : NULL;
		char word[24], name[48];
		double p, h;
		char *line = NULL;
		size_t room = 0;
		while (f && getline(&line, &room, f) > 0)
			if (sscanf(line, "%23s %47s %lf %lf", word, name, &p, (h = 1, &h)) >= 3 && !strcmp(word, of[k]))
				for (int m = 0; m < r.features; m++) if (!strcmp(r.name[m], name)) { prior[m] = p; strength[m] = h; }
		free(line);
		if (f) fclose(f);
		/* a feature held at nothing: its values are, so that its weight stays at 0 */
		for (int m = 0; without && m < r.features; m++) {
			char key[64];
			snprintf(key, sizeof key, ",%s,", r.name[m]);
			if (k || !strstr(without, key)) continue;
			prior[m] = 0;
			for (size_t n = 0; n < r.n; n++) r.at[n].x[m] = 0;
		}
		if (!k) even_out(&r);
		else for (size_t m = 0; m < r.n; m++) r.at[m].weight = 1;
		fit(&r, k ? link_ridge : ridge, prior, strength, w);
		for (int f = 0; f < r.features; f++)
			if (fabs(w[f]) >= 0.005) printf("%s\t%s\t%.2f\n", of[k], r.name[f], w[f]);
		free(r.at);
	}
	return 0;
}
