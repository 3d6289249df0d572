/* import_kiel: the sheet of bilateral assistance of the Ukraine Support Tracker. A row is what one donor announced; columns of their
 * own say what of it was delivered. */
#include "formats/import.h"

#include <math.h>

enum { ID, DONOR, DAY, GENERAL, SPECIFIC, MEASURE, ITEM, ITEM_TYPE, NUMBER, NUMBER_DELIVERED, WORTH, WORTH_DELIVERED, KIEL_FIELDS };
static const char *const fields[KIEL_FIELDS] = {
	"id", "donor", "day", "general", "specific", "measure", "item", "item_type", "number", "number_delivered", "worth", "worth_delivered"
};

static bool stands_in(const char *text, cell words)
{
	for (size_t at = 0; words.n > 0 && at + words.n <= strlen(text); at++) {
		size_t i = 0;
		while (i < words.n && to_lower((byte)text[at + i]) == to_lower((byte)words.at[i]))
			i++;
		if (i == words.n)
			return true;
	}
	return false;
}

static void spell(cell c, char spelt[24]) { snprintf(spelt, 24, "%.*s", (int)MIN_OF(c.n, 23), c.at); }

/* Act and kind by the first rows of kiel_types.tsv that say something. */
static void sort_of(const row_view *r, kula_act *act, kula_kind *kind)
{
	const mapping *const m = &import_formats(r->i)->maps[MAP_KIEL_TYPES];
	bool acted = false, kinded = false;
	*act = KULA_GIVE;
	*kind = KULA_GOODS;
	for (uint32_t i = 0; i < m->count && !(acted && kinded); i++) {
		const cell *const row = m->rows[i];
		const uint32_t field = cell_is(row[0], "item") ? ITEM : cell_is(row[0], "item_type") ? ITEM_TYPE : cell_is(row[0], "specific") ? SPECIFIC
			: cell_is(row[0], "general") ? GENERAL : KIEL_FIELDS;
		if (!cell_is(row[0], "*") && (field == KIEL_FIELDS || !stands_in(r->fields[field].value, row[1])))
			continue;
		char spelt[24];
		if (!acted && cell_told(row[2])) {
			spell(row[2], spelt);
			*act = (kula_act)kula_act_of(spelt);
			acted = true;
		}
		if (!kinded && cell_told(row[3])) {
			spell(row[3], spelt);
			*kind = (kula_kind)kula_kind_of(spelt);
			kinded = true;
		}
	}
}

static bool counts(kula_quantity q) { return !isnan(q.min) || !isnan(q.max); }

/* Things that are counted, else money. False: neither is told. */
static bool item_of(row_view *r, kula_kind kind, uint32_t number_field, kula_quantity number, uint32_t worth_field, kula_quantity worth, kula_item *t)
{
	const bool thing = row_told(r, ITEM) || row_told(r, ITEM_TYPE);
	*t = (kula_item){.in = -1};
	if (thing && (counts(number) || !counts(worth) || kind != KULA_MONEY)) {
		const uint32_t named = row_told(r, ITEM) ? ITEM : ITEM_TYPE;
		t->text = r->fields[named].value;
		t->span = r->fields[named].span;
		t->what = t->text;
		t->kind = kind;
		t->q = number;
		t->q.unit = "count";
		return number_field == NUMBER || counts(number);
	}
	if (!counts(worth))
		return false;
	t->text = r->fields[worth_field].value;
	t->span = r->fields[worth_field].span;
	t->what = "euro";
	t->kind = KULA_MONEY;
	t->q = worth;
	t->q.unit = "EUR";
	return true;
}

static kula_status claim(row_view *r, uint32_t field, kula_act act, kula_claim_status status, const char *told, const kula_party *from,
	const kula_party *to, const kula_item *item, uint32_t worth_field, kula_quantity worth)
{
	kula_claim *const c = row_claim(r, field, act, status, told);
	c->from = row_keep(r, from, 1, sizeof *from);
	c->to = row_keep(r, to, 1, sizeof *to);
	c->items = row_keep(r, item, 1, sizeof *item);
	if (c->from == NULL || c->to == NULL || c->items == NULL)
		return KULA_EMEMORY;
	c->from_count = c->to_count = c->item_count = 1;
	if (counts(worth) && item->kind != KULA_MONEY) {
		c->has_value = true;
		c->value = worth;
		c->value.unit = "EUR";
		c->value_span = r->fields[worth_field].span;
	}
	return KULA_OK;
}

static kula_status read_row(row_view *r)
{
	kula_party from, to;
	kula_days day;
	kula_quantity number = {0}, delivered = {0}, worth = {0}, worth_delivered = {0};
	kula_status status = row_party(r, DONOR, &from);
	if (status == KULA_OK) status = row_register_party(r, &to);
	if (status == KULA_OK) status = row_day(r, DAY, &day);
	if (status == KULA_OK) status = row_number(r, NUMBER, &number);
	if (status == KULA_OK) status = row_number(r, NUMBER_DELIVERED, &delivered);
	if (status == KULA_OK) status = row_number(r, WORTH, &worth);
	if (status == KULA_OK) status = row_number(r, WORTH_DELIVERED, &worth_delivered);
	if (status != KULA_OK)
		return status;
	const mapping *const m = &import_formats(r->i)->maps[MAP_KIEL_MEASURES];
	const cell *measure = NULL;
	for (uint32_t i = 0; i < m->count && measure == NULL; i++)
		if (cell_is(m->rows[i][0], "*") ? !row_told(r, MEASURE) : cell_is(m->rows[i][0], r->fields[MEASURE].value))
			measure = m->rows[i];
	if (measure == NULL)
		return row_fail(r, MEASURE, "'%.60s' is no measure that kula knows (kiel_measures.tsv)", r->fields[MEASURE].value);
	if (!cell_told(measure[1]))
		return KULA_OK;
	char spelt[24];
	spell(measure[1], spelt);
	kula_act act;
	kula_kind kind;
	sort_of(r, &act, &kind);
	kula_item item;
	if (!item_of(r, kind, NUMBER, number, WORTH, worth, &item))
		return row_fail(r, GENERAL, "neither goods nor a sum: '%.40s'", r->fields[GENERAL].value);
	const uint32_t trigger = row_told(r, MEASURE) ? MEASURE : row_told(r, GENERAL) ? GENERAL : DONOR;
	status = claim(r, trigger, act, (kula_claim_status)kula_claim_status_of(spelt), "announced", &from, &to, &item, WORTH, worth);
	if (status != KULA_OK)
		return status;
	r->claims[0].date = day;
	if (day.first != KULA_NO_DAY)
		r->claims[0].date_span = r->fields[DAY].span;
	if (trigger == MEASURE) {               /* "Commitment" is the word; "measure" is the column's */
		r->claims[0].trigger = r->fields[MEASURE].value;
		r->claims[0].trigger_span = r->fields[MEASURE].span;
	}
	if (r->published == KULA_NO_DAY)
		r->published = day.last;
	/* Nothing delivered, and nothing told of it, are the same here: a column that is empty or 0. */
	const bool some = counts(delivered) && !(delivered.max <= 0), paid = counts(worth_delivered) && !(worth_delivered.max <= 0);
	if ((some || paid) && item_of(r, kind, NUMBER_DELIVERED, delivered, WORTH_DELIVERED, worth_delivered, &item))
		status = claim(r, some ? NUMBER_DELIVERED : WORTH_DELIVERED, act, KULA_DONE, "delivered", &from, &to, &item, WORTH_DELIVERED, worth_delivered);
	r->title = arena_format(r->a, "%s to %s: %s", from.text, to.text, r->claims[0].items->what);
	return status;
}

const register_kind import_kiel = {
	.name = "kiel", .fields = fields, .field_count = KIEL_FIELDS, .id = ID, .read = read_row,
	.keys = 1u << DONOR | 1u << DAY | 1u << GENERAL | 1u << SPECIFIC | 1u << MEASURE | 1u << ITEM | 1u << ITEM_TYPE,
};
