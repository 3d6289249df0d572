/* answers: questions to a joined ledger. Its claims and exchanges are generated and written as joining would leave them, so that a
 * ledger of ten million claims is there in minutes: pairs of parties by Zipf's law (the most told pair has some 1 in 100 claims),
 * half of the claims tell again what another told in the days before.
 *
 *	build/bench/answers [BUILD] [CLAIMS] [keep]     100,000 claims by default; a file beside BUILD, removed afterwards unless kept
 *
 * Pairs asked for: `told` are drawn as claims are, so that the most told pairs come most often; `pairs` each alike.
 */
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "answer/answer.h"
#include "ledger/db.h"
#include "ledger/join.h"

enum { A_DOCUMENT = 8, PARTIES = 200, ASKED = 200, OPEN = 400, DAYS = 9000 };

static uint64_t state = 0x9E3779B97F4A7C15u;

static double random_share(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}
static uint32_t below(uint32_t n) { return (uint32_t)(random_share() * n); }

/* Processor time: what a machine that does nothing else takes, once the file's pages are in memory. */
static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Pairs by Zipf's law with exponent 0.8: of 20,000 pairs the first has 1 in 100. */
static double *shares;
enum { PAIRS = 20000 };
static uint32_t pair_at(double share)
{
	uint32_t lo = 0, hi = PAIRS - 1;
	while (lo < hi) {
		const uint32_t mid = (lo + hi) / 2;
		if (shares[mid] < share) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}
static void party_of(uint32_t i, char out[4]) { snprintf(out, 4, "%c%c%c", 'A' + i % 26, 'A' + i / 26 % 26, 'Q'); }
static void pair_of(uint32_t n, char a[4], char b[4])
{
	/* number n of the pairs in the order (0,1), (0,2), (1,2), (0,3) ...: the first ones are among the great */
	uint32_t high = 1;
	while (n >= high) { n -= high; high++; }
	party_of(n, a);
	party_of(high, b);
}

typedef struct made { int64_t exchange; uint32_t pair; kula_act act; kula_claim_status status; int thing, day, claims; bool turned; double least; } made;

static sqlite3_stmt *prepare(ledger *l, const char *sql)
{
	sqlite3_stmt *q = NULL;
	if (sqlite3_prepare_v2(ledger_db(l), sql, -1, &q, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s\n%s\n", sqlite3_errmsg(ledger_db(l)), sql);
		exit(1);
	}
	return q;
}
static void put(sqlite3_stmt *q, const char *types, ...)
{
	va_list list;
	va_start(list, types);
	for (int i = 0; types[i]; i++) {
		if (types[i] == 't') sqlite3_bind_text(q, i + 1, va_arg(list, const char *), -1, SQLITE_STATIC);
		else if (types[i] == 'r') sqlite3_bind_double(q, i + 1, va_arg(list, double));
		else sqlite3_bind_int64(q, i + 1, va_arg(list, int64_t));
	}
	va_end(list);
	if (sqlite3_step(q) != SQLITE_DONE) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(sqlite3_db_handle(q)));
		exit(1);
	}
	sqlite3_reset(q);
}
static void sql(ledger *l, const char *text)
{
	kula_error err = {0};
	if (db_run(l, text, &err) != KULA_OK) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

static const char *const things[] = {"tank", "dollar", "soldier", "tonne of grain", "shell", "doctor", "aircraft", "barrel of oil"};
static const char *const kinds[] = {"arms", "money", "troops", "food", "arms", "people", "aircraft", "fuel"};
static const char *const units[] = {"count", "USD", "count", "tonne", "count", "count", "count", "barrel"};
static const kula_act acts[] = {KULA_SUPPLY, KULA_MEET, KULA_CRITICISE, KULA_GIVE, KULA_SELL, KULA_SEND, KULA_AGREE, KULA_SIGN, KULA_LEND, KULA_ATTACK, KULA_HOLD};
static const kula_claim_status statuses[] = {KULA_DONE, KULA_DONE, KULA_DONE, KULA_ONGOING, KULA_PLANNED, KULA_PROMISED, KULA_OFFERED, KULA_DENIED};

static void generate(ledger *l, uint32_t claims, int64_t reader)
{
	sqlite3_stmt *document = prepare(l, "INSERT INTO document (document, doc, sha256, title, publisher, published, added, text) VALUES (?1, ?2, ?3, 'A report', ?4, ?5, '', ?6)"),
		*reading = prepare(l, "INSERT INTO reading (reading, document, reader, time, claims, active) VALUES (?1, ?1, ?2, '', 8, 1)"),
		*claim = prepare(l, "INSERT INTO claim (claim, document, ordinal, reading, stands, act, status, span_from, span_to, trigger_text, trigger_from,"
			" trigger_to, date_first, date_last, confidence) VALUES (?1, ?2, ?3, ?2, 1, ?4, ?5, ?6, ?7, 'passed', ?6, ?7, ?8, ?8, 0.8)"),
		*party = prepare(l, "INSERT INTO party (claim, side, ordinal, text, code) VALUES (?1, ?2, 0, ?3, ?3)"),
		*item = prepare(l, "INSERT INTO item (claim, ordinal, text, what, kind, min, max, unit) VALUES (?1, 0, ?2, ?2, ?3, ?4, ?4, ?5)"),
		*dyad = prepare(l, "INSERT INTO dyad (a, b, day, claim) VALUES (?1, ?2, ?3, ?4)"),
		*member = prepare(l, "INSERT INTO exchange_claim (claim, exchange) VALUES (?1, ?2)"),
		*exchange = prepare(l, "INSERT INTO exchange (exchange, lead, act, status, fact, day_first, day_last, told_first, told_last, claims, documents,"
			" independent) VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?8, ?8)"),
		*differ = prepare(l, "INSERT OR IGNORE INTO difference (exchange, field, claim, other) VALUES (?1, 'items', ?1, ?2)"),
		*link = prepare(l, "INSERT OR IGNORE INTO link (from_exchange, type, to_exchange, score) VALUES (?1, ?2, ?3, 1)");
	static const char body[] = "The ministry said on the day that talks had gone on since the spring, and that more would be known before the year was over. ";
	made *open = calloc(OPEN, sizeof *open);
	int64_t *last_pledge = calloc(PAIRS, sizeof *last_pledge);
	uint32_t opened = 0;
	char text[A_DOCUMENT * 150], name[32], sha[65];
	text[0] = 0;
	for (int i = 0; i < A_DOCUMENT; i++)
		strcat(text, body);
	if (!open || !last_pledge)
		exit(1);
	sql(l, "BEGIN");
	const uint32_t documents = claims / A_DOCUMENT;
	for (uint32_t n = 1; n <= documents; n++) {
		const int day = 11000 + (int)((double)n / documents * DAYS);
		snprintf(name, sizeof name, "report-%u", n);
		snprintf(sha, sizeof sha, "%064u", n);
		put(document, "itttit", (int64_t)n, name, sha, n % 3 ? "Wire" : "Times", (int64_t)day, text);
		put(reading, "ii", (int64_t)n, reader);
		for (int k = 0; k < A_DOCUMENT; k++) {
			const int64_t row = (int64_t)(n - 1) * A_DOCUMENT + k + 1;
			const bool again = opened && random_share() < 0.5;
			made *m = again ? &open[below(MIN_OF(opened, OPEN))] : &open[opened % OPEN];
			if (!again) {
				if (opened >= OPEN)
					put(exchange, "ittiiiii", m->exchange, kula_act_name(m->act), kula_status_name(m->status),
						(int64_t)(m->status != KULA_PROMISED && m->status != KULA_OFFERED), (int64_t)m->day, (int64_t)m->day, (int64_t)day, (int64_t)m->claims);
				*m = (made){.exchange = row, .pair = pair_at(random_share()), .act = acts[(uint32_t)(pow(COUNT_OF(acts) + 1, random_share()) - 1) % COUNT_OF(acts)],
					.status = statuses[below(COUNT_OF(statuses))], .thing = (int)below(COUNT_OF(things)), .day = day - (int)below(10),
					.turned = random_share() < 0.4, .least = 1 + below(1000)};
				opened++;
				if (m->status == KULA_PROMISED)
					last_pledge[m->pair] = row;
				else if (last_pledge[m->pair] && random_share() < 0.2)
					put(link, "iti", row, "fulfils", last_pledge[m->pair]);
			}
			m->claims++;
			char a[4], b[4];
			pair_of(m->pair, a, b);
			const char *from = m->turned ? b : a, *to = m->turned ? a : b;
			const int64_t at = k * (int64_t)(sizeof body - 1);
			put(claim, "iiittiii", row, (int64_t)n, (int64_t)k + 1, kula_act_name(m->act), kula_status_name(m->status), at,
				at + (int64_t)sizeof body - 2, (int64_t)m->day);
			put(party, "itt", row, "from", from);
			if (m->act != KULA_HOLD)
				put(party, "itt", row, "to", to);
			if (row % 2)
				put(party, "itt", row, "said_by", from);
			if (m->thing < 6) {
				const bool other = again && random_share() < 0.06;
				put(item, "ittrt", row, things[m->thing], kinds[m->thing], m->least * (other ? 2 : 1), units[m->thing]);
				if (other)
					put(differ, "ii", m->exchange, row);
			}
			put(dyad, "ttii", from, m->act != KULA_HOLD ? to : "", (int64_t)m->day, row);
			put(member, "ii", row, m->exchange);
		}
		if (n % 20000 == 0)
			sql(l, "COMMIT; BEGIN");
	}
	for (uint32_t i = 0; i < MIN_OF(opened, OPEN); i++) {
		const made *m = &open[i];
		put(exchange, "ittiiiii", m->exchange, kula_act_name(m->act), kula_status_name(m->status),
			(int64_t)(m->status != KULA_PROMISED && m->status != KULA_OFFERED), (int64_t)m->day, (int64_t)m->day, (int64_t)m->day + 5, (int64_t)m->claims);
	}
	sql(l, "DELETE FROM join_pending; COMMIT");
	sqlite3_stmt *const all[] = {document, reading, claim, party, item, dyad, member, exchange, differ, link};
	for (size_t i = 0; i < COUNT_OF(all); i++)
		sqlite3_finalize(all[i]);
	free(open);
	free(last_pledge);
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

typedef enum question { BETWEEN, BALANCE, DIFFER, PLEDGES, DIFFER_ALL, QUESTIONS } question;
static const char *const names[QUESTIONS] = {"between A B", "balance A B", "differ A B", "pledges A B", "differ, newest 100"};

static bool ask(ledger *l, const answer_units *u, question what, const char *a, const char *b, uint32_t *exchanges, kula_error *err)
{
	arena *room = arena_new((size_t)8 << 30);
	answer_filter f = answer_filter_all();
	answer_set s = {0};
	f.a = what == DIFFER_ALL ? NULL : a;
	f.b = what == DIFFER_ALL ? NULL : b;
	uint32_t links = 0;
	f.without_links = what != BALANCE && what != PLEDGES;
	if (what == BALANCE) {
		f.acts = answer_passing_acts();
		links = 1u << ANSWER_FULFILS | 1u << ANSWER_PART;
	} else if (what == DIFFER || what == DIFFER_ALL) {
		f.differing = f.newest_first = true;
		f.limit = 100;
	} else if (what == PLEDGES) {
		f.undertakings = true;
		f.statuses = 1u << KULA_PROMISED | 1u << KULA_OFFERED;
		links = 1u << ANSWER_FULFILS | 1u << ANSWER_PART;
	}
	bool ok = room && answer_exchanges(l, u, room, &f, links, &s, err) == KULA_OK;
	answer_balance balance;
	answer_disputes disputes;
	answer_pledges pledges;
	if (ok && what == BALANCE)
		ok = answer_balance_of(&s, room, f.acts, false, &balance, err) == KULA_OK;
	if (ok && (what == DIFFER || what == DIFFER_ALL))
		ok = answer_disputes_of(&s, u, room, &disputes, err) == KULA_OK;
	if (ok && what == PLEDGES)
		ok = answer_pledges_of(&s, room, false, 20000, &pledges, err) == KULA_OK;
	*exchanges = s.asked;
	answer_set_clear(&s);
	arena_free(room);
	return ok;
}

int main(int argc, char **argv)
{
	const uint32_t claims = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000;
	char path[300];
	kula_error err = {0};
	snprintf(path, sizeof path, "%s/bench-answers-%u.db", argc > 1 ? argv[1] : "build", claims);
	shares = malloc(PAIRS * sizeof *shares);
	double sum = 0;
	for (uint32_t i = 0; shares && i < PAIRS; i++)
		shares[i] = sum += pow(i + 1, -0.8);
	for (uint32_t i = 0; shares && i < PAIRS; i++)
		shares[i] /= sum;
	if (!shares)
		return 1;
	if (access(path, R_OK) != 0) {
		ledger *l = ledger_open(path, LEDGER_CREATE, &err);
		const int64_t reader = l ? ledger_reader(l, "bench", "", "", "", &err) : -1;
		if (reader < 0)
			return fail(&err);
		ledger_sync(l, false);
		sql(l, "PRAGMA cache_size = -400000");
		sql(l, "PRAGMA foreign_keys = OFF");
		sql(l, join_schema);
		const double began = now();
		generate(l, claims, reader);
		printf("generated in           %.0f s\n", now() - began);
		ledger_close(l);
	}
	struct stat st;
	stat(path, &st);
	printf("claims                 %u; file %.0f MB\n", claims, (double)st.st_size / 1e6);
	answer_units *u = answer_units_open(NULL, &err);
	ledger *l = u ? ledger_open(path, LEDGER_READ, &err) : NULL;
	if (!l)
		return fail(&err);
	puts("                              median       p95       max  exchanges: mean, most");
	for (int weighted = 1; weighted >= 0; weighted--)
		for (int what = 0; what < QUESTIONS; what++) {
			double times[ASKED];
			uint64_t rows = 0, most = 0;
			state = 88172645463325252u;
			for (uint32_t i = 0; i < ASKED; i++) {
				char a[4], b[4];
				uint32_t n;
				pair_of(weighted ? pair_at(random_share()) : below(PAIRS), a, b);
				const double began = now();
				if (!ask(l, u, (question)what, a, b, &n, &err))
					return fail(&err);
				times[i] = (now() - began) * 1e3;
				rows += n;
				most = MAX_OF(most, n);
			}
			qsort(times, ASKED, sizeof *times, by_size);
			printf("%-6s %-20s %8.2f  %8.2f  %8.2f ms  %8.0f %8llu\n", weighted ? "told" : "pairs", names[what], times[ASKED / 2], times[ASKED * 95 / 100],
				times[ASKED - 1], (double)rows / ASKED, (unsigned long long)most);
		}
	ledger_close(l);
	answer_units_free(u);
	free(shares);
	if (argc < 4)
		unlink(path);
	return 0;
}
