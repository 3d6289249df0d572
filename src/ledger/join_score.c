#include "ledger/join_room.h"

/* Two claims and the agreements and disagreements of their fields. Features are 0 or 1 where not said otherwise, so that a
 * weight in weights.tsv reads as "what it adds to the log odds that both tell of one act". */

#define FEATURES(X) \
	X(bias) X(told_same)    /* a register says so; its weight is no row of weights.tsv unless somebody writes one */ \
	/* what each sort of act starts from; transfer is the ground */ \
	X(sort_force) X(sort_move) X(sort_meet) X(sort_pact) X(sort_stop) X(sort_words) X(sort_hold) \
	X(undertaking) X(requested) \
	X(act_left_open)        /* supply against give, lend, sell; agree against sign */ \
	X(act_terms_differ)     /* give, lend, sell against each other */ \
	X(act_return)           /* a return told as another transfer */ \
	X(status_same) X(status_settles) X(status_unsettles) X(status_denied) X(status_denied_first) \
	X(from_same) X(from_part) X(from_open) X(to_same) X(to_part) X(to_open) X(names_alike) \
	X(no_items) X(items_one) \
	X(kind_differs) X(kind_loose) X(head_same) X(head_differs) X(what_same) X(name_alike) X(several_items) \
	X(quantity_same) X(quantity_same_small) X(quantity_overlap) X(quantity_near) X(quantity_apart) X(quantity_one) \
	X(near_dated) X(near_undated) X(near_off)       /* figures less than a third apart, by what the days say */ \
	X(quantity_far)         /* less than half of the other, and neither small */ \
	X(unit_differs) X(rate_differs) X(value_same) X(value_differs) \
	X(part_differs)         /* one told as a part or rest, the other not */ \
	X(date_same) X(date_inside) X(date_overlap) X(date_near) X(date_off) X(date_exact_off) X(date_apart) \
	X(plan_missed)          /* planned for one day, done on another */ \
	X(date_one) X(date_one_fits) X(date_one_off) X(date_one_far) X(date_against) X(dates_none) X(undated_weeks) X(undated_months) \
	X(due_same) X(due_apart) \
	X(same_document) X(same_sentence) X(next_to) X(same_day) X(same_week) X(months_apart) X(year_apart) \
	X(here_dates_apart) X(here_quantity_apart)      /* one text tells them apart */ \
	X(contested)            /* one text, two sources: they speak of one thing */ \
	X(contested_quantity) X(differs_dated) X(differs_undated) X(attack_here) X(pact_unnamed) X(denied_beside) X(quantity_telling) X(ordinal_differs) X(deal_arrival) \
	X(copy) X(copy_other) X(words_alike) X(trigger_same) X(trigger_differs_here) \
	X(agreement_same) X(agreement_differs) X(place_same) X(place_differs) X(means_same) X(condition_one) \
	X(hold_later) X(words_fresh) X(words_other_speaker) X(requester_differs) X(meet_dated) X(fact_one_document) \
	X(status_moves_here)    /* one text: planned here, done there, nobody denies */ \
	X(possible_one)         /* what might happen, says one; the other knows more */

enum {
#define NAME(f) F_##f,
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

uint32_t join_feature_count(void) { return FEATURE_COUNT; }
const char *join_feature_name(uint32_t f) { return feature_names[f]; }

uint32_t join_common(const uint32_t *a, uint32_t na, const uint32_t *b, uint32_t nb)
{
	uint32_t n = 0;
	for (uint32_t i = 0, j = 0; i < na && j < nb; )
		if (a[i] == b[j]) { n++; i++; j++; }
		else if (a[i] < b[j]) i++;
		else j++;
	return n;
}

double join_likeness(const join_words *a, const join_words *b)
{
	const uint32_t least = MIN_OF(a->n, b->n);
	return least ? (double)join_common(a->at, a->n, b->at, b->n) / least : 0;
}

static uint32_t whole_of(const join_rules *r, uint32_t code)
{
	for (uint32_t i = 0; i < r->code_count; i++)
		if (r->code_of[i] == code)
			return r->code_whole[i];
	return 0;
}

bool join_code_same(const join_rules *r, uint32_t a, uint32_t b)
{
	if (!a || !b)
		return false;
	return a == b || whole_of(r, a) == b || whole_of(r, b) == a;
}

static side_relation sides(const join_rules *r, const uint32_t *a, uint32_t na, const uint32_t *b, uint32_t nb, double names)
{
	side_relation s = {0};
	const bool a_open = !na || (na == 1 && !a[0]), b_open = !nb || (nb == 1 && !b[0]);
	if (a_open || b_open) {
		/* both nameless: the same words are the same party ("the rebels"); a name against none leaves it open */
		if (a_open && b_open && names > 0.5) s.same = 1;
		else s.open = 1;
		return s;
	}
	uint32_t common = 0;
	for (uint32_t i = 0; i < na; i++)
		for (uint32_t j = 0; j < nb; j++)
			if (join_code_same(r, a[i], b[j])) { common++; break; }
	if (!common) s.apart = 1;
	else if (common == na && na == nb) s.same = 1;
	else s.common = 1;
	return s;
}

static int side_points(side_relation s) { return s.apart ? -4 : s.same ? 2 : s.common ? 1 : 0; }

party_relation join_parties_turned(const join_rules *r, const join_face *a, const join_face *b)
{
	return (party_relation){
		.from = sides(r, a->from, a->from_count, b->to, b->to_count, join_likeness(&a->from_name, &b->to_name)),
		.to = sides(r, a->to, a->to_count, b->from, b->from_count, join_likeness(&a->to_name, &b->from_name)),
		.turned = true,
	};
}

party_relation join_parties(const join_rules *r, const join_face *a, const join_face *b)
{
	party_relation p = {
		.from = sides(r, a->from, a->from_count, b->from, b->from_count, join_likeness(&a->from_name, &b->from_name)),
		.to = sides(r, a->to, a->to_count, b->to, b->to_count, join_likeness(&a->to_name, &b->to_name)),
	};
	if (kula_act_is_equal((kula_act)a->act) || kula_act_is_equal((kula_act)b->act)) {
		const party_relation q = join_parties_turned(r, a, b);
		if (side_points(q.from) + side_points(q.to) > side_points(p.from) + side_points(p.to))
			return q;
	}
	return p;
}

/* ---- items ---- */

quantity_relation join_quantities(double amin, double amax, double bmin, double bmax, bool approx)
{
	const bool a = !isnan(amin) || !isnan(amax), b = !isnan(bmin) || !isnan(bmax);
	if (!a || !b)
		return a || b ? QUANTITY_ONE : QUANTITY_UNTOLD;
	double alow = isnan(amin) ? 0 : amin, blow = isnan(bmin) ? 0 : bmin;
	double ahigh = isnan(amax) ? INFINITY : amax, bhigh = isnan(bmax) ? INFINITY : bmax;
	if (alow == blow && ahigh == bhigh)
		return QUANTITY_SAME;
	if (approx) {   /* "about 70" allows a tenth either way */
		alow *= 0.9; ahigh *= 1.1;
	}
	if (alow <= bhigh && blow <= ahigh)
		return QUANTITY_OVERLAP;
	const double gap = alow > bhigh ? bhigh / alow : ahigh / blow;
	if (gap >= 0.75)
		return QUANTITY_NEAR;
	return alow > bhigh ? QUANTITY_MORE : QUANTITY_LESS;
}

double join_item_likeness(const join_item *a, const join_item *b)
{
	double s = 0;
	if (a->kind == b->kind) s += 1;
	if (a->head && a->head == b->head) s += 2;
	s += join_likeness(&a->what, &b->what);
	s += 0.25 * join_likeness(&a->name, &b->name);
	if (a->unit != b->unit) s -= 0.5;
	return s;
}

void join_item_pair(const join_face *a, const join_face *b, int *ia, int *ib)
{
	double best = 0;
	*ia = *ib = -1;
	for (int i = 0; i < a->item_count; i++)
		for (int j = 0; j < b->item_count; j++) {
			double s = join_item_likeness(&a->items[i], &b->items[j]) - 0.1 * ((a->items[i].in >= 0) != (b->items[j].in >= 0));
			const quantity_relation q = join_quantities(a->items[i].min, a->items[i].max, b->items[j].min, b->items[j].max, false);
			if (q == QUANTITY_SAME) s += 0.3;
			if (s > best + 1e-9) { best = s; *ia = i; *ib = j; }
		}
}

void join_item_total(const join_face *f, int i, double *min, double *max)
{
	*min = *max = 0;
	for (int k = 0; k < f->item_count; k++) {
		const join_item *t = &f->items[k];
		if (k != i && (t->in >= 0 || t->unit != f->items[i].unit || t->kind != f->items[i].kind))
			continue;
		*min += t->min;
		*max += t->max;
	}
}

static bool words_told(const join_words *w) { return w->n > 0; }

static void place_features(const join_face *a, const join_face *b, double *x)
{
	bool same = false, told = false;
	const join_words *pa[] = { &a->at, &a->place_to, &a->place_from, &a->at, &a->place_to };
	const join_words *pb[] = { &b->at, &b->place_to, &b->place_from, &b->place_to, &b->at };
	for (size_t i = 0; i < COUNT_OF(pa); i++)
		if (words_told(pa[i]) && words_told(pb[i])) {
			told = true;
			if (join_likeness(pa[i], pb[i]) > 0) same = true;
		}
	x[F_place_same] = same;
	x[F_place_differs] = told && !same;
}

static bool bounded(const join_item *i) { return !isnan(i->min) || !isnan(i->max); }

static void item_features(const join_face *a, const join_face *b, double *x)
{
	if (!a->item_count || !b->item_count) {
		x[F_no_items] = !a->item_count && !b->item_count;
		x[F_items_one] = !(x[F_no_items] != 0);
		return;
	}
	int i, j;
	join_item_pair(a, b, &i, &j);
	if (i < 0) {
		x[F_kind_differs] = 1;
		x[F_head_differs] = 1;
		return;
	}
	const join_item *p = &a->items[i], *q = &b->items[j];
	/* goods is any other thing: "aid" may be food */
	x[p->kind == KULA_GOODS || q->kind == KULA_GOODS ? F_kind_loose : F_kind_differs] = p->kind != q->kind;
	x[F_head_same] = p->head && p->head == q->head;
	x[F_head_differs] = !(x[F_head_same] != 0) && join_likeness(&p->what, &q->what) == 0;
	x[F_what_same] = p->what.n > 1 && p->what.n == q->what.n && join_likeness(&p->what, &q->what) == 1;
	x[F_name_alike] = join_likeness(&p->name, &q->name);
	x[F_several_items] = a->item_count > 1 && b->item_count > 1;
	x[F_unit_differs] = p->unit != q->unit && bounded(p) && bounded(q);
	x[F_rate_differs] = p->per != q->per && bounded(p) && bounded(q);
	x[F_part_differs] = p->part != q->part;
	quantity_relation k = QUANTITY_UNTOLD;
	/* "not a single animal" counts nothing */
	const bool none = (a->status == KULA_DENIED && p->max <= 1) || (b->status == KULA_DENIED && q->max <= 1);
	if (!none && (p->unit == q->unit || !bounded(p) || !bounded(q))) {
		k = join_quantities(p->min, p->max, q->min, q->max, p->approx || q->approx);
		if (k >= QUANTITY_OVERLAP && a->item_count != b->item_count) {
			double amin, amax, bmin, bmax;
			join_item_total(a, i, &amin, &amax);
			join_item_total(b, j, &bmin, &bmax);
			const quantity_relation t = join_quantities(amin, amax, bmin, bmax, p->approx || q->approx);
			if (t == QUANTITY_SAME) k = t;
		}
	}
	const bool small = k == QUANTITY_SAME && !isnan(p->max) && p->max <= 2;
	x[F_quantity_same] = k == QUANTITY_SAME && !small;
	x[F_quantity_same_small] = small;
	x[F_quantity_telling] = k == QUANTITY_SAME && !isnan(p->max) && p->max >= 100;
	x[F_ordinal_differs] = p->ordinal && q->ordinal && p->ordinal != q->ordinal;
	x[F_quantity_overlap] = k == QUANTITY_OVERLAP;
	x[F_quantity_near] = k == QUANTITY_NEAR;
	x[F_quantity_apart] = k >= QUANTITY_LESS;
	const double low = isnan(p->max) ? p->min : p->max, other = isnan(q->max) ? q->min : q->max;
	x[F_quantity_far] = k >= QUANTITY_LESS && MAX_OF(low, other) >= 20 && MIN_OF(low, other) < MAX_OF(low, other) / 2;
	x[F_quantity_one] = k == QUANTITY_ONE;
}

/* ---- days ---- */

static int rank_of(uint8_t status)
{
	return status == KULA_POSSIBLE ? 0 : status == KULA_PLANNED ? 1 : status == KULA_ONGOING ? 2 : 3;
}

/* A done act is over by the day it was told; a planned one hadn't happened by then. */
static bool told_against(const join_face *a, const join_face *b)
{
	if (!days_told(a->date) || b->published == KULA_NO_DAY)
		return false;
	if (b->status == KULA_DONE && a->date.first > b->published + 1 && a->status != KULA_DENIED) return true;
	if (b->status == KULA_PLANNED && a->date.last < b->published - 1 && a->status == KULA_DONE) return true;
	return false;
}

static bool same_sources(const join_face *a, const join_face *b)
{
	if (a->said_count != b->said_count)
		return false;
	for (int i = 0; i < a->said_count; i++)
		if (a->said[i] != b->said[i])
			return false;
	/* the minister and the foresters of one country are two */
	return !(a->said_name.n && b->said_name.n && join_likeness(&a->said_name, &b->said_name) == 0);
}

/* No source of the one is a source of the other, and each names one. */
static bool other_sources(const join_face *a, const join_face *b)
{
	for (int i = 0; i < a->said_count; i++)
		for (int j = 0; j < b->said_count; j++)
			if (a->said[i] == b->said[j])
				return false;
	return a->said_count && b->said_count;
}

static void day_features(const join_face *a, const join_face *b, double *x)
{
	const bool da = days_told(a->date), db = days_told(b->date);
	if (da && db) {
		const int32_t gap = days_gap(a->date, b->date);
		const int32_t la = a->date.last - a->date.first, lb = b->date.last - b->date.first;
		const bool inside = (a->date.first >= b->date.first && a->date.last <= b->date.last) ||
			(b->date.first >= a->date.first && b->date.last <= a->date.last);
		if (gap == 0 && inside && MAX_OF(la, lb) <= 31) x[F_date_same] = 1;
		else if (gap == 0 && inside) x[F_date_inside] = 1;
		else if (gap == 0) x[F_date_overlap] = 1;
		else if (gap <= 3 && MAX_OF(la, lb) <= 10) x[F_date_near] = 1;
		else if (MAX_OF(la, lb) <= 10 && gap <= 45) x[F_date_exact_off] = 1;
		else if (gap <= 45) x[F_date_off] = 1;
		else x[F_date_apart] = 1;
		if (gap > 0 && (a->status == KULA_DONE || b->status == KULA_DONE) && a->status != b->status &&
			a->status != KULA_DENIED && b->status != KULA_DENIED) x[F_plan_missed] = 1;
	} else if (da || db) {
		const join_face *told = da ? a : b, *other = da ? b : a;
		x[F_date_one] = 1;
		if (other->published != KULA_NO_DAY) {
			const kula_days day = { other->published, other->published };
			const int32_t gap = days_gap(told->date, day);
			x[F_date_one_fits] = gap <= 3;
			x[F_date_one_off] = gap > 60 && gap <= 400;
			x[F_date_one_far] = gap > 400;
		}
	} else
		x[F_dates_none] = 1;
	x[F_date_against] = told_against(a, b) || told_against(b, a);
	if (days_told(a->due) && days_told(b->due)) {
		x[F_due_same] = days_gap(a->due, b->due) == 0;
		x[F_due_apart] = !(x[F_due_same] != 0);
	}
}

void join_features(const join_rules *r, const join_face *a, const join_face *b, double *x)
{
	for (uint32_t f = 0; f < FEATURE_COUNT; f++)
		x[f] = 0;
	if (join_face_order(a, b) > 0) { const join_face *t = a; a = b; b = t; }        /* a is the earlier */
	x[F_bias] = 1;
	x[F_told_same] = a->table != 0 && a->table == b->table && a->told == b->told;
	static const uint8_t sort_feature[SORTS] = {
		[SORT_FORCE] = F_sort_force, [SORT_MOVE] = F_sort_move, [SORT_MEET] = F_sort_meet, [SORT_PACT] = F_sort_pact,
		[SORT_STOP] = F_sort_stop, [SORT_WORDS] = F_sort_words, [SORT_HOLD] = F_sort_hold,
	};
	const uint8_t sort = r->sort[a->act];
	if (sort != SORT_TRANSFER)
		x[sort_feature[sort]] = 1;
	const bool fact = status_is_fact(a->status);
	x[F_undertaking] = !fact;
	x[F_requested] = a->status == KULA_REQUESTED;
	if (a->act != b->act) {
		const bool return_one = a->act == KULA_RETURN || b->act == KULA_RETURN;
		const bool open = a->act == KULA_SUPPLY || b->act == KULA_SUPPLY || sort == SORT_PACT;
		x[return_one ? F_act_return : open ? F_act_left_open : F_act_terms_differ] = 1;
	}
	const bool apart = a->published != b->published;
	if (a->status == b->status) x[F_status_same] = 1;
	else if (fact && a->status == KULA_DENIED) x[apart ? F_status_denied_first : F_status_denied] = 1;
	else if (fact && b->status == KULA_DENIED) x[F_status_denied] = 1;
	else if (rank_of(b->status) > rank_of(a->status)) x[F_status_settles] = 1;
	else x[F_status_unsettles] = 1;

	const party_relation p = join_parties(r, a, b);
	x[F_from_same] = p.from.same; x[F_from_part] = p.from.common; x[F_from_open] = p.from.open;
	x[F_to_same] = p.to.same; x[F_to_part] = p.to.common; x[F_to_open] = p.to.open;
	const double na = p.turned ? join_likeness(&a->from_name, &b->to_name) : join_likeness(&a->from_name, &b->from_name);
	const double nb = p.turned ? join_likeness(&a->to_name, &b->from_name) : join_likeness(&a->to_name, &b->to_name);
	x[F_names_alike] = (na + nb) / 2;

	item_features(a, b, x);
	if (a->flags & b->flags & JOIN_HAS_VALUE) {
		const quantity_relation v = a->value_unit != b->value_unit ? QUANTITY_MORE :
			join_quantities(a->value_min, a->value_max, b->value_min, b->value_max, true);
		x[F_value_same] = v == QUANTITY_SAME || v == QUANTITY_OVERLAP;
		x[F_value_differs] = v >= QUANTITY_NEAR;
	}
	day_features(a, b, x);
	place_features(a, b, x);

	const bool here = a->document == b->document;
	x[F_same_document] = here;
	x[F_same_sentence] = here && a->sentence == b->sentence;
	int32_t undated = 0;
	if (!here && a->published != KULA_NO_DAY && b->published != KULA_NO_DAY) {
		const int32_t gap = b->published - a->published;
		x[F_same_day] = gap <= 1;
		x[F_same_week] = gap > 1 && gap <= 7;
		x[F_months_apart] = gap > 60 && gap <= 365;
		x[F_year_apart] = gap > 365;
		undated = gap;
	}
	const bool sources = (a->said_count || b->said_count) && !same_sources(a, b);
	x[F_next_to] = here && !(x[F_same_sentence] != 0) && (a->place + 1 == b->place || b->place + 1 == a->place);
	if (here && days_told(a->date) && days_told(b->date) && days_gap(a->date, b->date) > 0 && !sources)
		x[F_here_dates_apart] = 1;
	if (here && ((x[F_quantity_apart] != 0) || (x[F_quantity_near] != 0))) x[sources ? F_contested_quantity : F_here_quantity_apart] = 1;
	x[F_contested] = here && sources && ((x[F_next_to] != 0) || (x[F_same_sentence] != 0));
	x[F_denied_beside] = here && (x[F_status_denied] != 0) && ((x[F_next_to] != 0) || (x[F_same_sentence] != 0));
	const uint32_t most = MAX_OF(a->word_count, b->word_count), least = MIN_OF(a->word_count, b->word_count);
	const uint32_t common = join_common(a->words, a->word_count, b->words, b->word_count);
	/* the same sentence weeks later is another convoy, not a copy */
	const bool fresh = a->published != KULA_NO_DAY && b->published != KULA_NO_DAY && b->published - a->published <= JOIN_COPY_DAYS;
	if (!here && fresh && most && common * 10 >= most * 7) {
		/* one sentence may tell two acts: its copy's first is the first */
		const bool other = a->trigger != b->trigger || (x[F_quantity_near] != 0) || (x[F_quantity_apart] != 0) ||
			(days_told(a->date) && days_told(b->date) && days_gap(a->date, b->date) > 0);
		x[other ? F_copy_other : F_copy] = 1;
	}
	if (least && !(x[F_same_sentence] != 0)) x[F_words_alike] = (double)common / least;
	x[F_trigger_same] = a->trigger && a->trigger == b->trigger;
	x[F_trigger_differs_here] = here && !(x[F_trigger_same] != 0);
	if (words_told(&a->agreement) && words_told(&b->agreement)) {
		x[F_agreement_same] = join_likeness(&a->agreement, &b->agreement) >= 0.5;
		x[F_agreement_differs] = !(x[F_agreement_same] != 0);
	}
	/* nobody dates it: without something that tells it apart, a later report speaks of a later act */
	if ((x[F_dates_none] != 0) && !(x[F_copy] != 0) && !(x[F_agreement_same] != 0) && !(x[F_quantity_same] != 0)) {
		x[F_undated_weeks] = undated > 7 && undated <= 60;
		x[F_undated_months] = undated > 60;
	}
	if ((x[F_quantity_near] != 0) || (x[F_quantity_apart] != 0)) {
		/* two figures for one day are two accounts; without a day they are two acts */
		const bool dated = (x[F_date_same] != 0) || (x[F_date_inside] != 0) || (x[F_date_near] != 0);
		/* another promise months later is another promise, whatever its figure */
		const bool off = (!fact && x[F_months_apart] + x[F_year_apart] > 0) || x[F_date_off] + x[F_date_exact_off] + x[F_date_apart] + x[F_date_overlap] > 0;
		if (x[F_quantity_near] != 0) {
			if (!here || dated) x[dated ? F_near_dated : off ? F_near_off : F_near_undated] = 1;
		} else if (!here || dated)
			x[dated ? F_differs_dated : F_differs_undated] = 1;
		x[F_quantity_near] = 0;
		if ((x[F_contested_quantity] != 0) && (x[F_date_one_far] != 0)) x[F_contested_quantity] = x[F_contested] = 0;
	}
	x[F_attack_here] = a->act == KULA_ATTACK && here && !(x[F_same_sentence] != 0) && !(x[F_trigger_same] != 0);
	x[F_pact_unnamed] = sort == SORT_PACT && !a->agreement.n && !b->agreement.n && a->status != b->status;
	x[F_means_same] = join_likeness(&a->means, &b->means) > 0;
	x[F_condition_one] = words_told(&a->condition) != words_told(&b->condition);
	x[F_hold_later] = sort == SORT_HOLD && !here && (x[F_months_apart] + x[F_year_apart] > 0);
	x[F_words_other_speaker] = sort == SORT_WORDS && a->from_name.n && b->from_name.n && join_likeness(&a->from_name, &b->from_name) == 0;
	x[F_requester_differs] = a->status == KULA_REQUESTED && other_sources(a, b);
	x[F_deal_arrival] = sort == SORT_TRANSFER && here && ((a->flags & JOIN_DEAL && b->flags & JOIN_ARRIVAL) || (b->flags & JOIN_DEAL && a->flags & JOIN_ARRIVAL));
	x[F_words_fresh] = sort == SORT_WORDS && !here && x[F_same_day] + x[F_same_week] > 0;
	x[F_meet_dated] = sort == SORT_MEET && x[F_date_same] + x[F_date_inside] > 0;
	x[F_status_moves_here] = here && (x[F_status_settles] != 0 || x[F_status_unsettles] != 0);
	x[F_possible_one] = a->status != b->status && (a->status == KULA_POSSIBLE || b->status == KULA_POSSIBLE);
	x[F_fact_one_document] = fact && here && sort == SORT_TRANSFER;
}

bool join_contests(const join_rules *r, const join_face *a, const join_face *b)
{
	if (a->document != b->document || MAX_OF(a->place, b->place) - MIN_OF(a->place, b->place) > 2)
		return false;
	if (!(a->said_count || b->said_count) || same_sources(a, b))
		return false;
	const party_relation p = join_parties(r, a, b);
	if (!p.from.same || !(p.to.same || (!a->to_count && !b->to_count)))
		return false;
	/* a figure of another time is no other account */
	const bool da = days_told(a->date), db = days_told(b->date);
	if (da && db && days_gap(a->date, b->date) > 0)
		return false;
	if (da != db && a->published != KULA_NO_DAY) {
		const kula_days day = { a->published, a->published };
		if (a->sentence != b->sentence && days_gap(da ? a->date : b->date, day) > 400)
			return false;
	}
	if ((a->status == KULA_DENIED) != (b->status == KULA_DENIED))
		return true;
	int i, j;
	const uint32_t terms = 1u << KULA_GIVE | 1u << KULA_LEND | 1u << KULA_SELL;
	if (a->act != b->act && a->status == b->status && !((1u << a->act | 1u << b->act) & ~terms))
		return true;
	join_item_pair(a, b, &i, &j);
	if (i < 0 || a->items[i].unit != b->items[j].unit || a->act != b->act || a->status != b->status)
		return false;
	return join_quantities(a->items[i].min, a->items[i].max, b->items[j].min, b->items[j].max, true) >= QUANTITY_NEAR;
}

double join_score(const join_rules *r, const join_face *a, const join_face *b)
{
	double x[FEATURE_COUNT], s = 0;
	join_features(r, a, b, x);
	for (uint32_t f = 0; f < FEATURE_COUNT; f++)
		s += r->weight[f] * x[f];
	return s;
}

double join_why_pair(const join_rules *r, const join_face *a, const join_face *b, buf *json)
{
	double x[FEATURE_COUNT], s = 0;
	bool told[FEATURE_COUNT] = {0};
	join_features(r, a, b, x);
	for (uint32_t f = 0; f < FEATURE_COUNT; f++)
		s += r->weight[f] * x[f];
	buf_text(json, "{\"score\":");
	buf_format(json, "%.2f", s);
	buf_text(json, ",\"because\":[");
	for (int n = 0; n < 12; n++) {
		uint32_t best = FEATURE_COUNT;
		for (uint32_t f = 0; f < FEATURE_COUNT; f++)
			if (!told[f] && fabs(r->weight[f] * x[f]) >= 0.05 &&
				(best == FEATURE_COUNT || fabs(r->weight[f] * x[f]) > fabs(r->weight[best] * x[best])))
				best = f;
		if (best == FEATURE_COUNT)
			break;
		told[best] = true;
		buf_format(json, "%s{\"field\":\"%s\",\"adds\":%.2f}", n ? "," : "", feature_names[best], r->weight[best] * x[best]);
	}
	buf_text(json, "]}");
	return s;
}
