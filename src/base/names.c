/* The contract's words (docs/CLAIMS.md) and ISO days. */
#include "base/base.h"

static const char *const acts[KULA_ACTS] = { "give", "lend", "sell", "supply", "return", "take", "send", "withdraw", "train", "meet", "agree",
	"sign", "ratify", "end", "breach", "cooperate", "support", "criticise", "sanction", "coerce", "protest", "mobilize", "attack", "yield", "hold" };
static const char *const statuses[KULA_STATUSES] = { "done", "ongoing", "planned", "promised", "offered", "requested", "threatened", "possible",
	"refused", "denied" };
static const char *const kinds[KULA_KINDS] = { "animal", "arms", "vehicle", "aircraft", "ship", "food", "fuel", "medicine", "money", "people",
	"troops", "prisoner", "remains", "information", "technology", "equipment", "art", "document", "territory", "service", "goods" };
static const char *const pers[KULA_PERS] = { "", "day", "week", "month", "year" };

static const char *name_in(const char *const *names, size_t n, size_t i)
{
	return i < n ? names[i] : "?";
}

static int index_in(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n && name != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

KULA_API const char *kula_act_name(kula_act a) { return name_in(acts, KULA_ACTS, (size_t)a); }
KULA_API const char *kula_status_name(kula_claim_status s) { return name_in(statuses, KULA_STATUSES, (size_t)s); }
KULA_API const char *kula_kind_name(kula_kind k) { return name_in(kinds, KULA_KINDS, (size_t)k); }
KULA_API const char *kula_per_name(kula_per p) { return name_in(pers, KULA_PERS, (size_t)p); }
KULA_API int kula_act_of(const char *name) { return index_in(acts, KULA_ACTS, name); }
KULA_API int kula_claim_status_of(const char *name) { return index_in(statuses, KULA_STATUSES, name); }
KULA_API int kula_kind_of(const char *name) { return index_in(kinds, KULA_KINDS, name); }
KULA_API int kula_per_of(const char *name) { return index_in(pers, KULA_PERS, name); }

KULA_API bool kula_act_is_equal(kula_act a)
{
	return a == KULA_MEET || a == KULA_AGREE || a == KULA_SIGN || a == KULA_COOPERATE;
}

KULA_API kula_day kula_day_parse(const char *iso, size_t bytes)
{
	static const char shape[] = "0000-00-00";
	if (iso == NULL || bytes != 10)
		return KULA_NO_DAY;
	for (size_t i = 0; i < 10; i++)
		if (shape[i] == '-' ? iso[i] != '-' : !is_digit((byte)iso[i]))
			return KULA_NO_DAY;
	const int y = (iso[0] - '0') * 1000 + (iso[1] - '0') * 100 + (iso[2] - '0') * 10 + (iso[3] - '0');
	return day_of(y, (iso[5] - '0') * 10 + (iso[6] - '0'), (iso[8] - '0') * 10 + (iso[9] - '0'));
}

KULA_API void kula_day_format(kula_day d, char *out)
{
	int y, m, day;
	day_split(d, &y, &m, &day);
	y = y < 0 ? 0 : y > 9999 ? 9999 : y;
	out[0] = (char)('0' + y / 1000);
	out[1] = (char)('0' + y / 100 % 10);
	out[2] = (char)('0' + y / 10 % 10);
	out[3] = (char)('0' + y % 10);
	out[4] = out[7] = '-';
	out[5] = (char)('0' + m / 10);
	out[6] = (char)('0' + m % 10);
	out[8] = (char)('0' + day / 10);
	out[9] = (char)('0' + day % 10);
	out[10] = 0;
}
