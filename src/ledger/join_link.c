#include <stdlib.h>
#include "ledger/join_room.h"

/* Typed links between exchanges of one dyad. What can't be a link by its acts, statuses and directions is never scored;
 * the rest is weighed as pairs of claims are, with weights of its own for each type. */

#define FEATURES(X) \
	X(bias) X(one_row) X(act_same) X(parties_part) X(parties_open) X(turned) \
	X(kind_same) X(head_same) X(what_alike) X(name_alike) X(items_none) X(items_one) X(money_from) X(money_to) \
	X(less) X(same) X(more) X(told_from) X(told_to) X(untold) \
	X(after) X(before) X(inside) X(soon) X(years) X(undated_from) X(undated_to) X(wider_to) \
	X(one_document) X(one_sentence) X(next_sentence) X(no_document) X(back) X(back_here) \
	X(agreement_alike) X(agreement_told) X(agreement_other) X(part_word) X(whole_word) \
	X(done_from) X(planned_from) X(denied_from) X(pledge_from) X(pledge_to) X(request_to) X(offer_to) X(threat_to) X(done_to) X(denied_to) \
	X(words_alike) X(place_from) X(transfer_from) X(send_to) X(take_to) X(meet_from) X(words_from) X(end_from) X(ratify_from) \
	X(apart) X(within) X(exact_from) X(deal_to) X(arrival_from) X(several_to) X(force_from) X(undated_both) \
	X(swap)                 /* one text, one day, one act and kind of thing, the sides turned: prisoners for prisoners */ \
	X(outside)              /* both days told, and not one of the one is of the other's */

enum {
#define NAME(f) L_##f,
	FEATURES(NAME)
#undef NAME
	FEATURE_COUNT
};
_Static_assert((int)FEATURE_COUNT <= (int)JOIN_FEATURES_MAX, "raise JOIN_FEATURES_MAX");

static const char *const feature_names[] = {
#define NAME(f) #f,
	FEATURES(NAME)
#undef NAME
};

uint32_t join_link_feature_count(void) { return FEATURE_COUNT; }
const char *join_link_feature_name(uint32_t f) { return feature_names[f]; }

/* ---- an exchange as links see it ---- */

typedef struct summary {
	const join_face *lead;          /* the member that tells most */
	uint32_t acts;                  /* mask */
	bool     fact;
	uint8_t  status;                /* the last one told, denials aside where something else was told */
	kula_days date;                 /* the narrowest told */
	kula_days hull;                 /* from the first day told of to the last, days of publication included */
	kula_day told;                  /* first publication */
	uint32_t flags;                 /* of all members */
} summary;

static int fullness(const join_face *f)
{
	int n = f->from_count + f->to_count + 2 * (f->item_count > 0) + days_told(f->date) + (f->agreement.n > 0);
	for (int i = 0; i < f->item_count; i++)
		n += !isnan(f->items[i].min) || !isnan(f->items[i].max);
	return n - (f->status == KULA_DENIED);
}

static summary summarize(const join_face *faces, const join_result *x, uint32_t e)
{
	summary s = { .date = { KULA_NO_DAY, KULA_NO_DAY }, .hull = { KULA_NO_DAY, KULA_NO_DAY } };
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++) {
		const join_face *f = &faces[x->members[i]];
		if (!s.lead || fullness(f) > fullness(s.lead)) s.lead = f;
		if (i == x->first[e]) { s.status = f->status; s.told = f->published; s.fact = status_is_fact(f->status); }
		if (f->status != KULA_DENIED || s.status == KULA_DENIED) s.status = f->status;
		s.acts |= 1u << f->act;
		s.flags |= f->flags;
		kula_days span = f->date;
		if (!days_told(span)) span = (kula_days){ f->published, f->published };
		if (days_told(span)) {
			if (!days_told(s.hull)) s.hull = span;
			s.hull.first = MIN_OF(s.hull.first, span.first);
			s.hull.last = MAX_OF(s.hull.last, span.last);
		}
		if (f->status == KULA_DENIED && days_told(s.date))
			continue;
		if (days_told(f->date) && (!days_told(s.date) || f->date.last - f->date.first < s.date.last - s.date.first))
			s.date = f->date;
	}
	return s;
}

void join_exchange_summary(const join_face *faces, const join_result *x, uint32_t e, uint32_t *lead, uint8_t *act, uint8_t *status)
{
	const summary s = summarize(faces, x, e);
	*lead = (uint32_t)(s.lead - faces);
	*status = s.status;
	*act = s.lead->act;
	/* give, lend and sell say more than supply; sign more than agree */
	if (*act == KULA_SUPPLY || *act == KULA_AGREE)
		for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++) {
			const join_face *f = &faces[x->members[i]];
			if (f->act != KULA_SUPPLY && f->act != KULA_AGREE && f->status != KULA_DENIED) {
				*act = f->act;
				break;
			}
		}
}

enum { ACTS_TRANSFER = 1u << KULA_GIVE | 1u << KULA_LEND | 1u << KULA_SELL | 1u << KULA_SUPPLY | 1u << KULA_RETURN };
enum { ACTS_PACT = 1u << KULA_SIGN | 1u << KULA_AGREE };
enum { ACTS_BACK = 1u << KULA_RETURN | 1u << KULA_WITHDRAW | 1u << KULA_YIELD };
enum { ACTS_OUT = 1u << KULA_GIVE | 1u << KULA_LEND | 1u << KULA_SELL | 1u << KULA_SUPPLY | 1u << KULA_TAKE | 1u << KULA_SEND | 1u << KULA_COERCE };

/* Could it be, by acts and statuses? turned: the sides stand the other way round. */
static bool possible(const join_rules *r, join_link_type t, const summary *f, const summary *to, bool straight, bool turned)
{
	const bool family = r->family[f->lead->act] == r->family[to->lead->act];
	if (f->lead->act == KULA_HOLD || to->lead->act == KULA_HOLD)
		return false;
	switch (t) {
	case JOIN_FULFILS:
		return f->fact && !to->fact && to->status != KULA_REFUSED && straight &&
			(family || (f->acts & ACTS_TRANSFER && to->acts & ACTS_TRANSFER));
	case JOIN_PART_OF:
		return f->fact == to->fact && (f->fact || f->status == to->status) && straight && family && !(f->acts & ACTS_PACT);
	case JOIN_RETURNS: {
		if (!f->fact || !to->fact || !(f->acts & ACTS_BACK) || !(to->acts & ACTS_OUT))
			return false;
		/* what was taken or sent goes back along the same line of from and to; what passed goes back along the other */
		const bool along = to->acts & (1u << KULA_TAKE | 1u << KULA_SEND | 1u << KULA_COERCE);
		if (along && f->acts & 1u << KULA_WITHDRAW && !(to->acts & 1u << KULA_SEND)) return false;
		if (f->acts & 1u << KULA_WITHDRAW && !along) return false;
		if (f->acts & 1u << KULA_YIELD && !(to->acts & (1u << KULA_TAKE | 1u << KULA_COERCE))) return false;
		return along ? straight : turned;
	}
	case JOIN_UNDER:
		return (to->acts & ACTS_PACT) && to->fact && !(f->acts & ACTS_PACT) && (straight || turned);
	case JOIN_ANSWERS:
		return turned && f->fact && !(f->acts & ACTS_PACT);
	default:
		return false;
	}
}

/* Whether a register tells the two in one row (an order, and what was delivered of it), or in two. */
typedef enum row_relation_kind { ROW_NONE, ROW_ONE, ROW_TWO } row_relation_kind;
static row_relation_kind row_relation(const join_face *faces, const join_result *x, uint32_t e, uint32_t o)
{
	row_relation_kind is = ROW_NONE;
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++)
		for (uint32_t j = x->first[o]; j < x->first[o + 1]; j++) {
			const join_face *a = &faces[x->members[i]], *b = &faces[x->members[j]];
			if (!a->table || a->table != b->table)
				continue;
			if (a->table_row == b->table_row)
				return ROW_ONE;
			is = ROW_TWO;
		}
	return is;
}

/* All but one_row, which the caller knows, and words_alike. */
static void features(const join_rules *r, const join_face *faces, const join_result *x, uint32_t e, uint32_t o,
	const summary *f, const summary *to, bool turned, double *v)
{
	for (int i = 0; i < FEATURE_COUNT; i++) v[i] = 0;
	v[L_bias] = 1;
	v[L_act_same] = (f->acts & to->acts) != 0;
	v[L_turned] = turned;
	v[L_no_document] = 1;
	bool items = false, told_from = false, told_to = false;
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++)
		for (uint32_t j = x->first[o]; j < x->first[o + 1]; j++) {
			const join_face *a = &faces[x->members[i]], *b = &faces[x->members[j]];
			if (a->document == b->document) {
				v[L_one_document] = 1;
				v[L_no_document] = 0;
				if (a->sentence == b->sentence) {
					v[L_one_sentence] = 1;
					if (a->flags & JOIN_BACKREF) v[L_back_here] = 1;
				} else if (a->place == b->place + 1 || b->place == a->place + 1) {
					v[L_next_sentence] = 1;
					if ((a->flags | b->flags) & JOIN_BACKREF) v[L_back] = 1;
				}
			}
			if (a->agreement.n && b->agreement.n) {
				if (join_likeness(&a->agreement, &b->agreement) >= 0.5) v[L_agreement_alike] = 1;
				else v[L_agreement_other] = 1;
			}
			if (a->agreement.n) v[L_agreement_told] = 1;
			int p, q;
			join_item_pair(a, b, &p, &q);
			if (p < 0)
				continue;
			items = true;
			const join_item *s = &a->items[p], *t = &b->items[q];
			if (s->kind == t->kind) v[L_kind_same] = 1;
			if (s->head && s->head == t->head) v[L_head_same] = 1;
			v[L_what_alike] = MAX_OF(v[L_what_alike], join_likeness(&s->what, &t->what));
			v[L_name_alike] = MAX_OF(v[L_name_alike], join_likeness(&s->name, &t->name));
			const bool st = !isnan(s->min) || !isnan(s->max), tt = !isnan(t->min) || !isnan(t->max);
			told_from |= st;
			told_to |= tt;
			if (!st || !tt || s->unit != t->unit || a->status == KULA_DENIED || b->status == KULA_DENIED)
				continue;
			const double sl = isnan(s->max) ? s->min : s->max, tl = isnan(t->min) ? t->max : t->min;
			const quantity_relation k = join_quantities(s->min, s->max, t->min, t->max, s->approx || t->approx);
			if (k == QUANTITY_SAME) v[L_same] = 1;
			else if (sl < tl || (k == QUANTITY_OVERLAP && !isnan(s->max) && isnan(t->max))) v[L_less] = 1;
			else v[L_more] = 1;
		}
	v[L_items_none] = !f->lead->item_count && !to->lead->item_count;
	v[L_items_one] = !items && !(v[L_items_none] != 0);
	if (items && !(v[L_less] != 0) && !(v[L_same] != 0) && !(v[L_more] != 0)) {
		v[L_told_from] = told_from && !told_to;
		v[L_told_to] = told_to && !told_from;
		v[L_untold] = !told_from && !told_to;
	}
	v[L_money_from] = f->lead->item_count && f->lead->items[0].kind == KULA_MONEY;
	v[L_money_to] = to->lead->item_count && to->lead->items[0].kind == KULA_MONEY;
	/* a day that nobody tells is that of the first report, for what is past */
	kula_days df = f->date, dt = to->date;
	if (!days_told(df)) { v[L_undated_from] = 1; df = (kula_days){ f->told, f->told }; }
	if (!days_told(dt)) { v[L_undated_to] = 1; dt = (kula_days){ to->told, to->told }; }
	v[L_undated_both] = (v[L_undated_from] != 0) && (v[L_undated_to] != 0);
	/* an order comes before its deliveries */
	const bool later = to->flags & JOIN_DEAL && df.first > dt.last;
	v[L_apart] = !(v[L_undated_from] != 0) && !(v[L_undated_to] != 0) && days_gap(df, to->hull) > 0 && !later;
	v[L_within] = days_told(df) && days_told(to->hull) && to->hull.last > to->hull.first && df.first >= to->hull.first && df.last <= to->hull.last;
	v[L_swap] = turned && (v[L_act_same] != 0) && (v[L_one_document] != 0) && (v[L_kind_same] != 0) && days_told(f->date) && days_told(to->date) &&
		days_gap(f->date, to->date) == 0 && f->date.last - f->date.first <= 31;
	v[L_outside] = days_told(f->date) && days_told(to->date) && days_gap(f->date, to->date) > 0;
	v[L_exact_from] = !(v[L_undated_from] != 0) && df.last - df.first <= 10 && ((v[L_undated_to] != 0) || dt.last - dt.first > 10);
	if (df.first != KULA_NO_DAY && dt.first != KULA_NO_DAY) {
		v[L_after] = df.first > dt.last;
		v[L_before] = df.last < dt.first;
		v[L_inside] = !(v[L_undated_from] != 0) && !(v[L_undated_to] != 0) && df.first >= dt.first && df.last <= dt.last;
		v[L_wider_to] = (v[L_inside] != 0) && dt.last - dt.first > df.last - df.first;
		v[L_soon] = days_gap(df, dt) <= 60;
		v[L_years] = days_gap(df, dt) > 1000;
	}
	v[L_part_word] = f->lead->flags & JOIN_PART ? 1 : 0;
	for (int i = 0; i < f->lead->item_count; i++) if (f->lead->items[i].part) v[L_part_word] = 1;
	for (int i = 0; i < to->lead->item_count; i++) if (to->lead->items[i].whole) v[L_whole_word] = 1;
	v[L_done_from] = f->status == KULA_DONE;
	v[L_planned_from] = f->status == KULA_PLANNED || f->status == KULA_POSSIBLE;
	v[L_denied_from] = f->status == KULA_DENIED;
	v[L_pledge_from] = !f->fact;
	v[L_pledge_to] = to->status == KULA_PROMISED;
	v[L_request_to] = to->status == KULA_REQUESTED;
	v[L_offer_to] = to->status == KULA_OFFERED;
	v[L_threat_to] = to->status == KULA_THREATENED;
	v[L_done_to] = to->status == KULA_DONE;
	v[L_denied_to] = to->status == KULA_DENIED;
	v[L_place_from] = f->lead->place_from.n || f->lead->at.n;
	v[L_transfer_from] = (f->acts & ACTS_TRANSFER) != 0;
	v[L_send_to] = (to->acts & 1u << KULA_SEND) != 0;
	v[L_take_to] = (to->acts & (1u << KULA_TAKE | 1u << KULA_COERCE)) != 0;
	v[L_meet_from] = r->sort[f->lead->act] == SORT_MEET;
	v[L_end_from] = (f->acts & (1u << KULA_END | 1u << KULA_BREACH)) != 0;
	v[L_ratify_from] = (f->acts & 1u << KULA_RATIFY) != 0;
	v[L_force_from] = r->sort[f->lead->act] == SORT_FORCE;
	v[L_deal_to] = to->flags & JOIN_DEAL ? 1 : 0;
	v[L_arrival_from] = f->flags & JOIN_ARRIVAL ? 1 : 0;
	v[L_several_to] = x->first[o + 1] - x->first[o] > 1;
	v[L_words_from] = r->sort[f->lead->act] == SORT_WORDS;
	const party_relation p = join_parties(r, f->lead, to->lead);
	v[L_parties_part] = p.from.common || p.to.common;
	v[L_parties_open] = p.from.open || p.to.open;
}

/* By itself, since all words of all members cost as much as everything else: asked last, and where it can still decide. */
static double words_alike(const join_face *faces, const join_result *x, uint32_t e, uint32_t o)
{
	double most = 0;
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++)
		for (uint32_t j = x->first[o]; j < x->first[o + 1]; j++) {
			const join_face *a = &faces[x->members[i]], *b = &faces[x->members[j]];
			const uint32_t least = MIN_OF(a->word_count, b->word_count);
			if (least && a->sentence != b->sentence)
				most = MAX_OF(most, (double)join_common(a->words, a->word_count, b->words, b->word_count) / least);
		}
	return most;
}

/* ---- candidates: exchanges that share a dyad, whichever way it runs ---- */

typedef struct entry { uint64_t key; int32_t day; uint32_t exchange; } entry;
typedef struct two { uint32_t a, b; } two;

static int by_key(const void *x, const void *y)
{
	const entry *a = x, *b = y;
	if (a->key != b->key) return a->key < b->key ? -1 : 1;
	if (a->day != b->day) return a->day < b->day ? -1 : 1;
	return a->exchange < b->exchange ? -1 : a->exchange > b->exchange;
}
static int by_two(const void *x, const void *y)
{
	const two *a = x, *b = y;
	if (a->a != b->a) return a->a < b->a ? -1 : 1;
	return a->b < b->b ? -1 : a->b > b->b;
}

static bool fits(side_relation s) { return s.same || s.common || s.open; }

static bool straight_sides(const join_rules *r, const join_face *a, const join_face *b)
{
	const party_relation p = join_parties(r, a, b);
	return fits(p.from) && fits(p.to) && !(p.from.open && p.to.open);
}
static bool turned_sides(const join_rules *r, const join_face *a, const join_face *b)
{
	const party_relation p = join_parties_turned(r, a, b);
	return fits(p.from) && fits(p.to) && !(p.from.open && p.to.open);
}

enum { LINK_FAR = 1500, LINK_NEAR = 45 };       /* days between exchanges of one kind of thing; of any */
enum { LINK_EVER = 1 << 28 };                  /* whenever */
/* Pacts; what names an agreement and may stand under one; a register's row; of a kind of thing (the lowest byte), what goes out and
 * what comes back, and what is of one family of acts (the family in the byte above). */
enum { KEY_ANY = 255, KEY_PACT = 254, KEY_UNDER = 253, KEY_ROW = 252, KEY_OUT = 1 << 16, KEY_BACK = 2 << 16, KEY_FAMILY = 3 << 16 };

static void put_key(join_key *keys, uint32_t *n, uint32_t a, uint32_t b, uint32_t kind)
{
	const uint32_t k[4] = { MIN_OF(a, b), MAX_OF(a, b), kind, 0x4B4E494C };
	const uint64_t key = hash_bytes(k, sizeof k);
	for (uint32_t i = 0; i < *n; i++)
		if (keys[i].key == key)
			return;
	if (*n < JOIN_KEYS)
		keys[(*n)++] = (join_key){ key, kind == KEY_ANY ? LINK_NEAR : kind == KEY_ROW ? LINK_EVER : LINK_FAR,
			kind != KEY_ANY && kind != KEY_ROW };
}

static uint32_t summary_keys(const join_rules *r, const join_face *faces, const join_result *x, uint32_t e, const summary *s, bool ask,
	join_key keys[JOIN_KEYS], int32_t days[3], uint32_t *day_count)
{
	uint32_t n = 0, kinds = 0;
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++)
		for (int k = 0; k < faces[x->members[i]].item_count; k++)
			kinds |= 1u << faces[x->members[i]].items[k].kind;
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++)
		if (faces[x->members[i]].table)
			put_key(keys, &n, faces[x->members[i]].table_row, faces[x->members[i]].table, KEY_ROW);
	const join_face *f = s->lead;
	/* far apart, only what could be a link at all by its acts: a pair that is in the news every day has thousands of exchanges */
	const bool pact = s->acts & ACTS_PACT, out = s->acts & ACTS_OUT, back = s->acts & ACTS_BACK;
	bool named = false;
	for (uint32_t i = x->first[e]; i < x->first[e + 1]; i++)
		named |= faces[x->members[i]].agreement.n > 0;
	for (int a = 0; a < MAX_OF(f->from_count, 1) && f->act != KULA_HOLD; a++)
		for (int b = 0; b < MAX_OF(f->to_count, 1); b++) {
			const uint32_t ca = f->from_count ? join_whole_code(r, f->from[a]) : 0, cb = f->to_count ? join_whole_code(r, f->to[b]) : 0;
			put_key(keys, &n, ca, cb, KEY_ANY);
			/* acts that name an agreement ask for pacts, and pacts for them, whatever things they are about */
			if (pact)
				put_key(keys, &n, ca, cb, ask ? KEY_UNDER : KEY_PACT);
			else if (named)
				put_key(keys, &n, ca, cb, ask ? KEY_PACT : KEY_UNDER);
			for (uint32_t k = 0; k < KULA_KINDS; k++) {
				if (!(kinds & 1u << k))
					continue;
				put_key(keys, &n, ca, cb, k | KEY_FAMILY | (uint32_t)r->family[f->act] << 8);
				if (ask ? back : out) put_key(keys, &n, ca, cb, k | KEY_OUT);
				if (ask ? out : back) put_key(keys, &n, ca, cb, k | KEY_BACK);
			}
		}
	const join_face *last = &faces[x->members[x->first[e + 1] - 1]];
	const int32_t all[3] = { s->told, last->published, days_told(s->date) ? s->date.first + (s->date.last - s->date.first) / 2 : s->told };
	*day_count = 0;
	for (int i = 0; i < 3; i++) {
		const int32_t day = all[i] == KULA_NO_DAY ? 0 : all[i];
		bool there = false;
		for (uint32_t k = 0; k < *day_count; k++) there |= days[k] == day;
		if (!there) days[(*day_count)++] = day;
	}
	return n;
}

uint32_t join_link_keys(const join_rules *r, const join_face *faces, const join_result *x, uint32_t e, bool ask,
	join_key keys[JOIN_KEYS], int32_t days[3], uint32_t *day_count)
{
	const summary s = summarize(faces, x, e);
	return summary_keys(r, faces, x, e, &s, ask, keys, days, day_count);
}

/* Does the one, asking, find the other? Both ways or neither, unless one of them has more keys than are kept. */
static bool finds(const join_rules *r, const join_face *faces, const join_result *x, uint32_t i, uint32_t o, const summary *s)
{
	join_key ask[JOIN_KEYS], filed[JOIN_KEYS];
	int32_t days[3], at[3];
	uint32_t day_count, at_count;
	const uint32_t n = summary_keys(r, faces, x, i, &s[i], true, ask, days, &day_count);
	const uint32_t m = summary_keys(r, faces, x, o, &s[o], false, filed, at, &at_count);
	for (uint32_t a = 0; a < n; a++)
		for (uint32_t b = 0; b < m; b++)
			for (uint32_t d = 0; ask[a].key == filed[b].key && d < day_count; d++)
				for (uint32_t k = 0; k < at_count; k++)
					if (llabs((int64_t)days[d] - at[k]) <= ask[a].reach) return true;
	return false;
}

typedef kula_status scored(void *arg, join_link_type t, uint32_t from, uint32_t to, const double *v);

/* Without its words a link of this type is worth so much; could they make it worth seeing? */
typedef bool worth(void *arg, join_link_type t, const double *v);

/* changed: only pairs with one of these exchanges; NULL: all. asked: NULL where every pair is to be seen. */
static kula_status walk(const join_rules *r, const join_face *faces, const join_result *x, const bool *changed, worth *asked, scored *see,
	void *arg, kula_error *err)
{
	summary *s = base_malloc((x->count + 1u) * sizeof *s);
	size_t count = 0, room = 0, pairs = 0, pair_room = 0;
	entry *e = NULL;
	two *found = NULL;
	join_key keys[JOIN_KEYS];
	int32_t days[3];
	uint32_t day_count;
	bool *many = base_malloc(x->count + 1u);        /* more keys than are kept */
	bool ok = s != NULL && many != NULL;
	for (uint32_t i = 0; ok && i < x->count; i++) {
		s[i] = summarize(faces, x, i);
		const uint32_t n = summary_keys(r, faces, x, i, &s[i], false, keys, days, &day_count);
		many[i] = n == JOIN_KEYS;
		if (count + (size_t)n * 3 > room) {
			room = room * 2 + (size_t)n * 3 + 64;
			entry *grown = base_realloc(e, room * sizeof *e);
			if (!grown) { ok = false; break; }
			e = grown;
		}
		for (uint32_t k = 0; k < n; k++)
			for (uint32_t d = 0; d < day_count; d++)
				e[count++] = (entry){ keys[k].key, days[d], i };
	}
	if (ok && count) qsort(e, count, sizeof *e, by_key);
	for (uint32_t i = 0; ok && i < x->count; i++) {
		/* who asks is found in turn by whom it finds, so it's enough that the changed ask */
		if (changed && !changed[i])
			continue;
		const uint32_t n = summary_keys(r, faces, x, i, &s[i], true, keys, days, &day_count);
		for (uint32_t k = 0; ok && k < n; k++)
			for (uint32_t d = 0; ok && d < day_count; d++) {
				size_t lo = 0, hi = count;
				const int64_t from = (int64_t)days[d] - keys[k].reach;
				while (lo < hi) {
					const size_t mid = lo + (hi - lo) / 2;
					if (e[mid].key < keys[k].key || (e[mid].key == keys[k].key && e[mid].day < from)) lo = mid + 1;
					else hi = mid;
				}
				for (; lo < count && e[lo].key == keys[k].key && e[lo].day <= (int64_t)days[d] + keys[k].reach; lo++) {
					const uint32_t o = e[lo].exchange;
					if (o == i)
						continue;
					if (pairs == pair_room) {
						pair_room = pair_room ? pair_room * 2 : 256;
						two *grown = base_realloc(found, pair_room * sizeof *found);
						if (!grown) { ok = false; break; }
						found = grown;
					}
					found[pairs++] = (two){ MIN_OF(i, o), MAX_OF(i, o) };
				}
			}
	}
	free(e);
	kula_status status = ok ? KULA_OK : kula_fail(err, KULA_EMEMORY, 0, "no memory for links");
	if (ok && pairs) qsort(found, pairs, sizeof *found, by_two);
	for (size_t i = 0; status == KULA_OK && i < pairs; i++) {
		if (i && !by_two(&found[i - 1], &found[i]))
			continue;
		/* whichever of the two came last must find the other, or the order would show */
		if ((many[found[i].a] || many[found[i].b]) &&
			!(finds(r, faces, x, found[i].a, found[i].b, s) && finds(r, faces, x, found[i].b, found[i].a, s)))
			continue;
		for (int way = 0; way < 2; way++) {
			const uint32_t from = way ? found[i].b : found[i].a, to = way ? found[i].a : found[i].b;
			bool any = false;
			for (int t = 0; t < JOIN_LINKS; t++)
				any |= possible(r, (join_link_type)t, &s[from], &s[to], true, true);
			if (!any)
				continue;
			const bool straight = straight_sides(r, s[from].lead, s[to].lead), turned = turned_sides(r, s[from].lead, s[to].lead);
			row_relation_kind rows = ROW_NONE;
			double v[FEATURE_COUNT], alike = -1;
			bool filled = false;
			for (int t = 0; status == KULA_OK && t < JOIN_LINKS; t++) {
				if (!possible(r, (join_link_type)t, &s[from], &s[to], straight, turned))
					continue;
				if (!filled) {
					features(r, faces, x, from, to, &s[from], &s[to], !straight, v);
					rows = row_relation(faces, x, from, to);
					v[L_one_row] = rows == ROW_ONE;
					filled = true;
				}
				/* rows of one register stand by themselves, and a row says what was done of what was undertaken */
				if (rows == ROW_TWO || (rows == ROW_ONE && t != JOIN_FULFILS))
					continue;
				v[L_words_alike] = 0;
				if (asked && !asked(arg, (join_link_type)t, v))
					continue;
				if (alike < 0) alike = words_alike(faces, x, from, to);
				v[L_words_alike] = alike;
				status = see(arg, (join_link_type)t, from, to, v);
			}
		}
	}
	free(found);
	free(many);
	free(s);
	return status;
}

/* ---- choosing ---- */

static const double LINK_SLACK = -2.5;

typedef struct chosen { const join_rules *r; join_link *at; size_t count, room; } chosen;

static bool may_weigh(void *arg, join_link_type t, const double *v)
{
	const chosen *c = arg;
	/* a little more, since the sum is taken in another order */
	double s = MAX_OF(c->r->link_weight[t][L_words_alike], 0.0) + 1e-9;
	for (int f = 0; f < FEATURE_COUNT; f++)
		s += c->r->link_weight[t][f] * v[f];
	return s > c->r->link + LINK_SLACK;
}

static kula_status weigh(void *arg, join_link_type t, uint32_t from, uint32_t to, const double *v)
{
	chosen *c = arg;
	double s = 0;
	for (int f = 0; f < FEATURE_COUNT; f++)
		s += c->r->link_weight[t][f] * v[f];
	/* what is nearly one is kept for now: a part of what fulfils a pledge fulfils it too */
	if (!(s > c->r->link + LINK_SLACK))
		return KULA_OK;
	if (c->count == c->room) {
		const size_t room = c->room ? c->room * 2 : 64;
		join_link *grown = base_realloc(c->at, room * sizeof *grown);
		if (!grown)
			return KULA_EMEMORY;
		c->at = grown;
		c->room = room;
	}
	c->at[c->count++] = (join_link){ t, from, to, s };
	return KULA_OK;
}

static int by_link(const void *x, const void *y)
{
	const join_link *a = x, *b = y;
	if (a->from != b->from) return a->from < b->from ? -1 : 1;
	if (a->type != b->type) return a->type < b->type ? -1 : 1;
	if (a->score != b->score) return a->score > b->score ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* The first of the links of a type from an exchange, and the place of one link; c->count where there is none. */
static size_t links_from(const chosen *c, join_link_type t, uint32_t from)
{
	size_t lo = 0, hi = c->count;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const join_link *k = &c->at[mid];
		if (k->from < from || (k->from == from && k->type < t)) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}
static size_t link_at(const chosen *c, join_link_type t, uint32_t from, uint32_t to)
{
	for (size_t i = links_from(c, t, from); i < c->count && c->at[i].from == from && c->at[i].type == t; i++)
		if (c->at[i].to == to)
			return i;
	return c->count;
}

/* A part of a part is a part of the whole, and what is part of a delivery fulfils the pledge that the delivery fulfils, where
 * nothing speaks against it. Rounds are few: wholes seldom nest deeper. */
static void close_parts(chosen *c, bool *keep)
{
	for (int round = 0; round < 3; round++) {
		bool changed = false;
		for (size_t i = 0; i < c->count; i++) {
			if (!keep[i] || c->at[i].type != JOIN_PART_OF)
				continue;
			static const join_link_type types[] = { JOIN_PART_OF, JOIN_FULFILS };
			for (int t = 0; t < 2; t++)
				for (size_t k = links_from(c, types[t], c->at[i].to); k < c->count && c->at[k].from == c->at[i].to &&
					c->at[k].type == types[t]; k++) {
					const size_t m = keep[k] ? link_at(c, types[t], c->at[i].from, c->at[k].to) : c->count;
					if (m < c->count && !keep[m]) changed = keep[m] = true;
				}
		}
		if (!changed)
			break;
	}
}

kula_status join_link_base(const join_rules *r, const join_face *faces, const join_result *x, const bool *changed,
	join_link **out, size_t *count, kula_error *err)
{
	chosen c = { .r = r };
	const kula_status status = walk(r, faces, x, changed, may_weigh, weigh, &c, err);
	if (status != KULA_OK) {
		free(c.at);
		return kula_fail(err, status, 0, "no memory for links");
	}
	*out = c.at;
	*count = c.count;
	return KULA_OK;
}

size_t join_link_select(const join_rules *r, join_link *links, size_t count)
{
	chosen c = { .r = r, .at = links, .count = count };
	bool *keep = base_malloc(count + 1);
	if (!keep)
		return SIZE_MAX;
	if (count) qsort(c.at, c.count, sizeof *c.at, by_link);
	for (size_t i = 0; i < c.count; i++)
		keep[i] = c.at[i].score > r->link;
	/* nothing is part of its part: the likelier way round */
	for (size_t i = 0; i < c.count; i++) {
		if (!keep[i] || c.at[i].type != JOIN_PART_OF)
			continue;
		const size_t k = link_at(&c, JOIN_PART_OF, c.at[i].to, c.at[i].from);
		if (k < c.count && keep[k])
			keep[c.at[k].score > c.at[i].score || (c.at[k].score == c.at[i].score && k < i) ? i : k] = false;
	}
	close_parts(&c, keep);
	size_t kept = 0;
	for (size_t i = 0, group = 0; i < c.count; i++) {
		/* one agreement, one thing that is returned: the best one stands first */
		if (i == 0 || c.at[i].from != c.at[group].from || c.at[i].type != c.at[group].type)
			group = i;
		const bool one = c.at[i].type == JOIN_UNDER || c.at[i].type == JOIN_RETURNS;
		if (!keep[i] || (one && i != group))
			keep[i] = false;
	}
	for (size_t i = 0; i < c.count; i++)
		if (keep[i]) c.at[kept++] = c.at[i];
	free(keep);
	return kept;
}

kula_status join_link_all(const join_rules *r, arena *a, const join_face *faces, join_result *x, kula_error *err)
{
	join_link *links = NULL;
	size_t count = 0;
	kula_status status = join_link_base(r, faces, x, NULL, &links, &count, err);
	if (status != KULA_OK)
		return status;
	const size_t kept = join_link_select(r, links, count);
	x->links = kept == SIZE_MAX ? NULL : ARENA_NEW(a, join_link, kept + 1);
	if (x->links) {
		if (kept) memcpy(x->links, links, kept * sizeof *links);
		x->link_count = (uint32_t)kept;
	} else
		status = kula_fail(err, KULA_EMEMORY, 0, "no memory for links");
	free(links);
	return status;
}

typedef struct shown { void (*see)(void *arg, join_link_type t, uint32_t from, uint32_t to, const double *x); void *arg; } shown;
static kula_status show(void *arg, join_link_type t, uint32_t from, uint32_t to, const double *v)
{
	const shown *s = arg;
	s->see(s->arg, t, from, to, v);
	return KULA_OK;
}

kula_status join_link_pairs(const join_rules *r, arena *a, const join_face *faces, uint32_t count, const join_result *joined,
	void (*see)(void *arg, join_link_type t, uint32_t from, uint32_t to, const double *x), void *arg, kula_error *err)
{
	(void)a;
	(void)count;
	shown s = { see, arg };
	return walk(r, faces, joined, NULL, NULL, show, &s, err);
}
