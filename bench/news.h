/* news: documents with claims as a ledger meets them over the years, made up. What matters to a ledger is skew: few dyads are in the
 * news every day and most once a year, few acts are told by fifty papers and most by one, agency reports are printed again word for word.
 *
 *	news n; news_begin(&n, 1, 9000);                a seed; days of news
 *	while (...) { news_next(&n, &d, &claims, &count); ledger_add(...); }    lent until the next call; in the order of their days
 */
#ifndef KULA_BENCH_NEWS_H
#define KULA_BENCH_NEWS_H

#include <math.h>
#include "base/base.h"

enum { NEWS_CLAIMS = 8, NEWS_PARTIES = 190, NEWS_LIVE = 4096, NEWS_TEXT = 4096 };

/* One thing that happens in the made-up world; papers tell of it for some weeks. */
typedef struct news_act { uint8_t from, to, act, status, thing, dated; double amount; kula_day day; uint32_t place; } news_act;

typedef struct news {
	uint64_t state;
	uint32_t documents, spread;             /* documents a day */
	double   day;
	news_act live[NEWS_LIVE];  uint32_t live_count;     /* a ring */
	uint8_t  topic_from, topic_to;
	char     id[24], publisher[24], text[NEWS_TEXT], evidence[NEWS_CLAIMS][400];
	char     words[NEWS_CLAIMS][5][48];
	kula_claim claim[NEWS_CLAIMS];
	kula_party party[3 * NEWS_CLAIMS];
	kula_item  item[NEWS_CLAIMS];
	uint32_t count, bytes;
	kula_document last;
} news;

static inline double news_share(news *n)
{
	n->state ^= n->state << 13;
	n->state ^= n->state >> 7;
	n->state ^= n->state << 17;
	return (double)(n->state >> 11) / 9007199254740992.0;
}
/* 0 often, of - 1 seldom: the i-th about 1 / (i + 1) as often as the first. */
static inline uint32_t news_zipf(news *n, uint32_t of) { return (uint32_t)(pow((double)of + 1, news_share(n)) - 1) % of; }

static inline void news_code(uint32_t i, char out[4])
{
	static const char *const great[] = {"USA", "RUS", "CHN", "GBR", "FRA", "DEU", "IRN", "ISR", "UKR", "PRK", "IRQ", "PAK", "IND", "JPN", "TUR"};
	if (i < COUNT_OF(great))
		memcpy(out, great[i], 4);
	else
		snprintf(out, 4, "%c%c%c", 'A' + i % 26, 'A' + i / 26 % 26, 'Q');
}

static inline void news_begin(news *n, uint64_t seed, uint32_t documents_a_day)
{
	memset(n, 0, sizeof *n);
	n->state = seed * 0x9E3779B97F4A7C15u + 1;
	n->spread = documents_a_day;
	n->day = 11000;
}

static inline news_act news_happens(news *n)
{
	static const uint8_t acts[] = {KULA_MEET, KULA_CRITICISE, KULA_SUPPLY, KULA_ATTACK, KULA_GIVE, KULA_SEND, KULA_AGREE, KULA_SELL, KULA_SANCTION,
		KULA_SUPPORT, KULA_COERCE, KULA_SIGN, KULA_WITHDRAW, KULA_COOPERATE, KULA_YIELD, KULA_RETURN};
	static const uint8_t statuses[] = {KULA_DONE, KULA_PLANNED, KULA_ONGOING, KULA_PROMISED, KULA_POSSIBLE, KULA_REQUESTED, KULA_DENIED, KULA_OFFERED};
	news_act a = {.from = n->topic_from, .to = n->topic_to};
	if (news_share(n) < 0.3)
		a.to = (uint8_t)news_zipf(n, NEWS_PARTIES);
	if (a.to == a.from)
		a.to = (uint8_t)((a.to + 1) % NEWS_PARTIES);
	a.act = acts[news_zipf(n, COUNT_OF(acts))];
	a.status = statuses[news_zipf(n, COUNT_OF(statuses))];
	a.thing = (uint8_t)news_zipf(n, 24);
	a.amount = floor(exp(news_share(n) * 10)) + 1;
	a.dated = news_share(n) < 0.5;
	a.day = (kula_day)n->day - (kula_day)(news_share(n) * 4);
	a.place = (uint32_t)(news_share(n) * 500);
	return a;
}

static inline void news_tell(news *n, uint32_t k, const news_act *a)
{
	static const char *const things[] = {"soldiers", "tonnes of grain", "tanks", "million dollars", "shells", "doctors", "aircraft", "barrels of oil", "trucks",
		"rifles", "prisoners", "tonnes of rice", "missiles", "vaccines", "engineers", "ships", "patrol boats", "horses", "generators", "tents", "radars", "books",
		"paintings", "elephants"};
	static const uint8_t kinds[] = {KULA_TROOPS, KULA_FOOD, KULA_ARMS, KULA_MONEY, KULA_ARMS, KULA_PEOPLE, KULA_AIRCRAFT, KULA_FUEL, KULA_VEHICLE, KULA_ARMS,
		KULA_PRISONER, KULA_FOOD, KULA_ARMS, KULA_MEDICINE, KULA_PEOPLE, KULA_SHIP, KULA_SHIP, KULA_ANIMAL, KULA_EQUIPMENT, KULA_GOODS, KULA_EQUIPMENT,
		KULA_DOCUMENT, KULA_ART, KULA_ANIMAL};
	static const char *const verbs[] = {"passed", "moved", "sent over", "handed", "brought", "released"};
	char from[4], to[4];
	char (*w)[48] = n->words[k];
	news_code(a->from, from);
	news_code(a->to, to);
	/* one in six gives another figure */
	const double amount = news_share(n) < 0.16 ? floor(a->amount * (0.7 + 0.6 * news_share(n))) + 1 : a->amount;
	const bool things_told = (a->act != KULA_MEET && a->act != KULA_CRITICISE && a->act != KULA_AGREE && a->act != KULA_SUPPORT && a->act != KULA_SIGN);
	snprintf(w[0], 48, "%s", from);
	snprintf(w[1], 48, "%s", verbs[(a->place + a->thing) % COUNT_OF(verbs)]);
	snprintf(w[2], 48, "%.0f %s", amount, things[a->thing]);
	snprintf(w[3], 48, "%s", to);
	snprintf(w[4], 48, "officials in %s", news_share(n) < 0.5 ? from : to);
	const uint32_t at = n->bytes;
	char line[400], rest[160] = "";
	/* the rest of the sentence is each paper's own: words by Zipf's law, of two or three syllables */
	for (uint32_t i = 0, end = 0; i < 10; i++) {
		static const char *const syllables[] = {"ba", "co", "di", "fe", "gu", "ha", "ki", "lo", "me", "nu", "pa", "ro", "si", "te", "vu", "za", "bre", "cla", "dro", "sti"};
		const uint32_t word = news_zipf(n, 8000);
		end += (uint32_t)snprintf(rest + end, sizeof rest - end, "%s%s%s%s", i ? " " : "", syllables[word % 20], syllables[word / 20 % 20],
			syllables[word / 400 % 20]);
	}
	const int size = snprintf(line, sizeof line, "%s %s %s to %s at Q%u, %s, %s %s.", w[0], w[1], w[2], w[3], a->place, rest, w[4],
		news_share(n) < 0.7 ? "said" : "announced");
	memcpy(n->evidence[k], line, (size_t)size + 1);
	memcpy(n->text + at, line, (size_t)size + 1);
	const uint32_t verb = at + (uint32_t)strlen(w[0]) + 1, item = verb + (uint32_t)strlen(w[1]) + 1, given = item + (uint32_t)strlen(w[2]) + 4;
	n->party[3 * k] = (kula_party){.text = w[0], .span = {at, at + 3}};
	n->party[3 * k + 1] = (kula_party){.text = w[3], .span = {given, given + 3}};
	n->party[3 * k + 2] = (kula_party){.text = w[4], .verb = "said"};
	memcpy(n->party[3 * k].code, from, 4);
	memcpy(n->party[3 * k + 1].code, to, 4);
	memcpy(n->party[3 * k + 2].code, w[4] + 13, 4);
	n->item[k] = (kula_item){.text = w[2], .what = things[a->thing], .kind = (kula_kind)kinds[a->thing],
		.q = {amount, amount, a->thing == 3 ? "USD" : "count", KULA_PER_NONE, false}, .in = -1, .span = {item, item + (uint32_t)strlen(w[2])}};
	n->claim[k] = (kula_claim){.evidence = n->evidence[k], .span = {at, at + (uint32_t)size}, .trigger = w[1], .trigger_span = {verb, verb + (uint32_t)strlen(w[1])},
		.act = (kula_act)a->act, .status = (kula_claim_status)a->status, .from = &n->party[3 * k], .from_count = 1, .to = &n->party[3 * k + 1], .to_count = 1,
		.items = &n->item[k], .item_count = things_told ? 1 : 0, .said_by = &n->party[3 * k + 2], .said_by_count = news_share(n) < 0.6,
		.date = a->dated ? (kula_days){a->day, a->day} : (kula_days){KULA_NO_DAY, KULA_NO_DAY}, .due = {KULA_NO_DAY, KULA_NO_DAY}, .confidence = 0.7};
	n->bytes += (uint32_t)size;
	n->text[n->bytes++] = ' ';
}

static inline void news_next(news *n, kula_document *d, const kula_claim **claims, uint32_t *count)
{
	n->day += 1.0 / n->spread;
	snprintf(n->id, sizeof n->id, "report-%u", n->documents++);
	snprintf(n->publisher, sizeof n->publisher, "Paper %u", news_zipf(n, 300));
	/* one in eight prints another's report again */
	if (n->documents == 1 || news_share(n) >= 0.125) {
		n->bytes = n->count = 0;
		n->topic_from = (uint8_t)news_zipf(n, NEWS_PARTIES);
		n->topic_to = (uint8_t)news_zipf(n, NEWS_PARTIES);
		const uint32_t wanted = 1 + news_zipf(n, NEWS_CLAIMS);
		/* what is in the news: of the last weeks, the newest most; a paper tells of two or three things */
		while (n->count < wanted) {
			news_act a;
			const uint32_t back = news_zipf(n, MIN_OF(MAX_OF(n->live_count, 1u), MIN_OF((uint32_t)NEWS_LIVE, 14 * n->spread)));
			if (n->live_count > 0 && news_share(n) < 0.6)
				a = n->live[(n->live_count - 1 - back) % NEWS_LIVE];
			else {
				a = news_happens(n);
				n->live[n->live_count++ % NEWS_LIVE] = a;
			}
			news_tell(n, n->count, &a);
			n->count++;
		}
	}
	*d = (kula_document){.id = n->id, .title = "A report", .publisher = n->publisher, .published = (kula_day)n->day, .text = n->text, .text_bytes = n->bytes};
	*claims = n->claim;
	*count = n->count;
}

#endif
