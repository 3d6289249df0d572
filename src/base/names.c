/* names: the contract's words for acts, statuses, kinds and rates. */
#include "base/base.h"

static const char *const acts[KULA_ACTS] = {
	"give", "lend", "sell", "supply", "return", "take", "send", "withdraw", "train", "meet", "agree", "sign", "ratify",
	"end", "breach", "cooperate", "support", "criticise", "sanction", "coerce", "protest", "mobilize", "attack", "yield",
	"hold"
};
static const char *const statuses[KULA_STATUSES] = {
	"done", "ongoing", "planned", "promised", "offered", "requested", "threatened", "possible", "refused", "denied"
};
static const char *const kinds[KULA_KINDS] = {
	"animal", "arms", "vehicle", "aircraft", "ship", "food", "fuel", "medicine", "money", "people", "troops", "prisoner",
	"remains", "information", "technology", "equipment", "art", "document", "territory", "service", "goods"
};
static const char *const pers[KULA_PERS] = {"", "day", "week", "month", "year"};

static int index_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; name != NULL && i < count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

/* A value that is none (from a broken ledger, say) reads as "?": never out of the table. */
const char *kula_act_name(kula_act a) { return (unsigned)a < KULA_ACTS ? acts[a] : "?"; }
const char *kula_status_name(kula_claim_status s) { return (unsigned)s < KULA_STATUSES ? statuses[s] : "?"; }
const char *kula_kind_name(kula_kind k) { return (unsigned)k < KULA_KINDS ? kinds[k] : "?"; }
const char *kula_per_name(kula_per p) { return (unsigned)p < KULA_PERS ? pers[p] : "?"; }

int kula_act_of(const char *name) { return index_of(name, acts, COUNT_OF(acts)); }
int kula_claim_status_of(const char *name) { return index_of(name, statuses, COUNT_OF(statuses)); }
int kula_kind_of(const char *name) { return index_of(name, kinds, COUNT_OF(kinds)); }
int kula_per_of(const char *name) { return index_of(name, pers, COUNT_OF(pers)); }

bool kula_act_is_equal(kula_act a)
{
	return a == KULA_MEET || a == KULA_AGREE || a == KULA_SIGN || a == KULA_COOPERATE;
}
