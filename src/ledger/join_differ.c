#include "ledger/join_room.h"

/* Fields on which two accounts of one exchange can't both be right. A plan and its outcome never differ: the status moved. */

static bool happened(uint8_t s) { return s == KULA_DONE || s == KULA_ONGOING; }

/* The sources that a claim is credited to; a text in its own voice is its publisher's. */
static bool one_voice(const join_face *a, const join_face *b)
{
	if (a->document != b->document || a->said_count != b->said_count)
		return false;
	for (int i = 0; i < a->said_count; i++)
		if (a->said[i] != b->said[i])
			return false;
	return !(a->said_name.n && b->said_name.n && join_likeness(&a->said_name, &b->said_name) == 0);
}

static bool act_differs(const join_face *a, const join_face *b)
{
	if (a->act == b->act || a->status == KULA_DENIED || b->status == KULA_DENIED)
		return false;
	const uint32_t terms = 1u << KULA_GIVE | 1u << KULA_LEND | 1u << KULA_SELL;
	const uint32_t both = 1u << a->act | 1u << b->act;
	if ((both & ~terms) == 0)
		return true;
	return both == (1u << KULA_RETURN | 1u << KULA_LEND);
}

/* "Not yet" and a later "done" is news, not a contradiction; a denial of what was told before, or of a day that was over
 * when it was denied, is one. Two statements in one text contradict each other only where their sources differ. */
static bool status_differs(const join_face *a, const join_face *b)
{
	if ((a->status == KULA_DENIED) == (b->status == KULA_DENIED))
		return false;
	const join_face *no = a->status == KULA_DENIED ? a : b, *yes = no == a ? b : a;
	if (one_voice(a, b))
		return false;
	if (yes->act != no->act && yes->act != KULA_SUPPLY && no->act != KULA_SUPPLY)
		return false;
	if (yes->status == KULA_PLANNED || yes->status == KULA_POSSIBLE)
		return yes->document == no->document && yes->said_count && no->said_count;
	if (days_told(no->date) && days_told(yes->date) && days_gap(no->date, yes->date) > 0)
		return false;
	if (no->published == KULA_NO_DAY || yes->published == KULA_NO_DAY)
		return true;
	if (no->published >= yes->published)
		return no->document == yes->document || !(no->flags & JOIN_NOT_YET && yes->status == KULA_ONGOING);
	return days_told(yes->date) && yes->date.first <= no->published && !(no->flags & JOIN_NOT_YET);
}

static bool date_differs(const join_face *a, const join_face *b)
{
	if (!happened(a->status) || !happened(b->status))
		return false;
	if (days_told(a->date) && days_told(b->date))
		return days_gap(a->date, b->date) > 0 && a->status == KULA_DONE && b->status == KULA_DONE;
	const join_face *told = days_told(a->date) ? a : b, *other = told == a ? b : a;
	/* done, says one; it was to be later, says the other */
	return days_told(told->date) && other->published != KULA_NO_DAY && a->status == KULA_DONE && b->status == KULA_DONE &&
		told->date.first > other->published + 1;
}

static bool items_differ(const join_face *a, const join_face *b)
{
	if (a->status == KULA_DENIED || b->status == KULA_DENIED)
		return false;
	for (int i = 0; i < a->item_count; i++)
		for (int j = 0; j < b->item_count; j++) {
			const join_item *p = &a->items[i], *q = &b->items[j];
			if (p->unit != q->unit || p->kind != q->kind || p->per != q->per || p->in >= 0 || q->in >= 0)
				continue;
			const bool alike = (p->head && p->head == q->head) || join_likeness(&p->what, &q->what) > 0 ||
				(a->item_count == 1 && b->item_count == 1);
			if (!alike)
				continue;
			/* the one of several that is meant is the likest: females with females */
			bool likest = true;
			const double like = join_item_likeness(p, q);
			for (int k = 0; k < a->item_count; k++) likest &= k == i || join_item_likeness(&a->items[k], q) <= like;
			for (int k = 0; k < b->item_count; k++) likest &= k == j || join_item_likeness(p, &b->items[k]) <= like;
			if (!likest)
				continue;
			double amin = p->min, amax = p->max, bmin = q->min, bmax = q->max;
			if (a->item_count != b->item_count) {   /* "five females and three males" are eight */
				join_item_total(a, i, &amin, &amax);
				join_item_total(b, j, &bmin, &bmax);
			}
			if (join_quantities(amin, amax, bmin, bmax, p->approx || q->approx) >= QUANTITY_NEAR)
				return true;
		}
	return false;
}

kula_status join_differ(const join_rules *r, arena *a, const join_face *faces, join_result *x, kula_error *err)
{
	(void)r;
	static bool (*const differs[JOIN_FIELDS])(const join_face *, const join_face *) = {
		[JOIN_FIELD_ITEMS] = items_differ, [JOIN_FIELD_DATE] = date_differs,
		[JOIN_FIELD_STATUS] = status_differs, [JOIN_FIELD_ACT] = act_differs,
	};
	x->differences = ARENA_NEW(a, join_difference, (size_t)x->count * JOIN_FIELDS + 1);
	if (!x->differences)
		return kula_fail(err, KULA_EMEMORY, 0, "no memory for differences");
	for (uint32_t e = 0; e < x->count; e++)
		for (int f = 0; f < JOIN_FIELDS; f++) {
			bool found = false;
			for (uint32_t i = x->first[e]; !found && i < x->first[e + 1]; i++)
				for (uint32_t j = i + 1; !found && j < x->first[e + 1]; j++)
					if (differs[f](&faces[x->members[i]], &faces[x->members[j]])) {
						x->differences[x->difference_count++] =
							(join_difference){ (join_field)f, e, x->members[i], x->members[j] };
						found = true;
					}
		}
	return KULA_OK;
}
