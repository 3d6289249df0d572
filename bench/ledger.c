/* ledger: adding to a ledger, opening it, asking it. Claims are generated: parties, acts and items by Zipf's law, as news has them.
 *
 *	build/bench/ledger [BUILD] [CLAIMS]             100,000 claims by default; a file beside BUILD, removed afterwards
 */
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "ledger/ledger.h"

enum { A_DOCUMENT = 8, PARTIES = 180, ASKED = 200 };

static uint64_t state = 0x9E3779B97F4A7C15u;

static double random_share(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

/* 0 often, n - 1 seldom. */
static uint32_t zipf(uint32_t n) { return (uint32_t)(pow((double)n + 1, random_share()) - 1) % n; }

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void code_of(uint32_t i, char out[4])
{
	static const char *const great[] = {"USA", "RUS", "CHN", "GBR", "FRA", "DEU", "IRN", "ISR", "UKR", "PRK"};
	if (i < COUNT_OF(great))
		memcpy(out, great[i], 4);
	else
		snprintf(out, 4, "%c%c%c", 'A' + i % 26, 'A' + i / 26 % 26, 'Q');
}

typedef struct page { char text[A_DOCUMENT * 200]; char words[A_DOCUMENT][4][40]; char evidence[A_DOCUMENT][200]; kula_claim c[A_DOCUMENT]; kula_party p[3 * A_DOCUMENT]; kula_item i[A_DOCUMENT]; } page;

static void fill(page *g, uint32_t n, kula_document *d, char id[24])
{
	static const char *const things[] = {"tanks", "dollars", "soldiers", "tonnes of grain", "shells", "doctors", "aircraft", "barrels of oil"};
	static const kula_kind kinds[] = {KULA_ARMS, KULA_MONEY, KULA_TROOPS, KULA_FOOD, KULA_ARMS, KULA_PEOPLE, KULA_AIRCRAFT, KULA_FUEL};
	static const kula_act acts[] = {KULA_MEET, KULA_CRITICISE, KULA_SUPPLY, KULA_GIVE, KULA_SEND, KULA_AGREE, KULA_SELL, KULA_SANCTION, KULA_ATTACK};
	const kula_day published = 11000 + (kula_day)(random_share() * 9000);
	uint32_t at = 0;
	for (uint32_t k = 0; k < A_DOCUMENT; k++) {
		char from[4], to[4];
		const uint32_t thing = zipf(COUNT_OF(things));
		code_of(zipf(PARTIES), from);
		code_of(zipf(PARTIES), to);
		char (*w)[40] = g->words[k];
		snprintf(w[0], 40, "%s", from);
		snprintf(w[1], 40, "%s", to);
		snprintf(w[2], 40, "%u %s", 1 + zipf(10000), things[thing]);
		snprintf(w[3], 40, "officials in %s", from);
		const int size = snprintf(g->evidence[k], 200, "%s passed %s to %s after talks that had gone on since the spring, %s said on the day.", w[0], w[2], w[1], w[3]);
		memcpy(g->text + at, g->evidence[k], (size_t)size + 1);
		const uint32_t item = at + (uint32_t)strlen(w[0]) + 8, given = item + (uint32_t)strlen(w[2]) + 4;
		g->p[3 * k] = (kula_party){.text = w[0], .span = {at, at + 3}};
		g->p[3 * k + 1] = (kula_party){.text = w[1], .span = {given, given + 3}};
		g->p[3 * k + 2] = (kula_party){.text = w[3], .verb = "said"};
		memcpy(g->p[3 * k].code, from, 4);
		memcpy(g->p[3 * k + 1].code, to, 4);
		memcpy(g->p[3 * k + 2].code, from, 4);
		g->i[k] = (kula_item){.text = w[2], .what = things[thing], .kind = kinds[thing], .q = {1, 2, thing == 1 ? "USD" : "count", KULA_PER_NONE, false}, .in = -1,
			.span = {item, item + (uint32_t)strlen(w[2])}};
		const kula_days date = random_share() < 0.5 ? (kula_days){published - 3, published} : (kula_days){KULA_NO_DAY, KULA_NO_DAY};
		g->c[k] = (kula_claim){.evidence = g->evidence[k], .span = {at, at + (uint32_t)size}, .trigger = "passed", .trigger_span = {at + 4, at + 10},
			.act = acts[zipf(COUNT_OF(acts))], .status = (kula_claim_status)zipf(KULA_STATUSES), .from = &g->p[3 * k], .from_count = 1,
			.to = &g->p[3 * k + 1], .to_count = 1, .items = &g->i[k], .item_count = zipf(2) + 1 > 1 ? 0 : 1, .said_by = &g->p[3 * k + 2],
			.said_by_count = zipf(2), .date = date, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.7};
		at += (uint32_t)size;
		g->text[at++] = ' ';
	}
	snprintf(id, 24, "report-%u", n);
	*d = (kula_document){.id = id, .title = "A report", .publisher = n % 3 ? "Wire" : "Times", .published = published, .text = g->text, .text_bytes = at};
}

static int by_size(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static int fail(const kula_error *err)
{
	fprintf(stderr, "%s\n", err->text);
	return 1;
}

int main(int argc, char **argv)
{
	const uint32_t claims = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000, documents = claims / A_DOCUMENT;
	char path[300];
	kula_error err = {0};
	static page g;
	snprintf(path, sizeof path, "%s/bench-ledger.db", argc > 1 ? argv[1] : "build");
	unlink(path);
	ledger *l = ledger_open(path, LEDGER_CREATE, &err);
	const int64_t reader = l ? ledger_reader(l, "bench", "", "", "", &err) : -1;
	if (reader < 0)
		return fail(&err);
	ledger_sync(l, false);          /* the disk's waiting is the disk's speed, not ours */
	double began = now();
	const clock_t cpu = clock();
	for (uint32_t n = 0; n < documents; n++) {
		kula_document d;
		char id[24];
		ledger_added out;
		fill(&g, n, &d, id);
		if (ledger_add(l, &d, NULL, g.c, A_DOCUMENT, reader, false, &out, &err) != KULA_OK)
			return fail(&err);
	}
	const double added = now() - began, worked = (double)(clock() - cpu) / CLOCKS_PER_SEC;
	ledger_close(l);
	struct stat st;
	stat(path, &st);
	printf("claims                 %u in %u documents\n", documents * A_DOCUMENT, documents);
	printf("added                  %.0f claims/s, %.0f a second of processor time (a transaction a document, without waiting for the disk)\n",
		documents * A_DOCUMENT / added, documents * A_DOCUMENT / worked);
	printf("file                   %.1f MB, %.0f bytes a claim with text and search index\n", (double)st.st_size / 1e6, (double)st.st_size / (documents * A_DOCUMENT));

	double times[ASKED], opens[20];
	for (uint32_t i = 0; i < COUNT_OF(opens); i++) {
		began = now();
		l = ledger_open(path, LEDGER_READ, &err);
		opens[i] = now() - began;
		if (!l)
			return fail(&err);
		if (i + 1 < COUNT_OF(opens))
			ledger_close(l);
	}
	qsort(opens, COUNT_OF(opens), sizeof *opens, by_size);
	printf("opening                %.2f ms, median of %zu\n", opens[COUNT_OF(opens) / 2] * 1e3, COUNT_OF(opens));
	uint64_t rows = 0, most = 0;
	for (uint32_t i = 0; i < ASKED; i++) {
		char a[4], b[4];
		code_of(zipf(PARTIES), a);
		code_of(zipf(PARTIES), b);
		arena *room = arena_new((size_t)4 << 30);
		ledger_filter f = ledger_filter_all();
		ledger_claim c;
		uint64_t found = 0;
		f.a = a;
		f.b = b;
		began = now();
		ledger_walk *walk = room ? ledger_claims(l, &f, &err) : NULL;
		while (walk && ledger_next(walk, room, &c, &err) == KULA_OK)
			found++;
		ledger_walk_free(walk);
		if (!walk || err.status != KULA_OK)
			return fail(&err);
		times[i] = now() - began;
		rows += found;
		most = MAX_OF(most, found);
		arena_free(room);
	}
	qsort(times, ASKED, sizeof *times, by_size);
	printf("claims of two          %.2f ms median, %.2f ms p95, over %d pairs with %.0f claims in the mean, %llu at most\n", times[ASKED / 2] * 1e3,
		times[ASKED * 95 / 100] * 1e3, ASKED, (double)rows / ASKED, (unsigned long long)most);
	ledger_close(l);
	unlink(path);
	return 0;
}
