/* import_sipri: the trade register of SIPRI's arms transfers database. A row is an order, and what was delivered of it. */
#include "formats/import.h"

#include <math.h>

enum { RECIPIENT, SUPPLIER, YEAR, ORDERED, DESIGNATION, DESCRIPTION, DELIVERED, YEARS, STATUS, COMMENTS, SIPRI_FIELDS };
static const char *const fields[SIPRI_FIELDS] = {
	"recipient", "supplier", "year", "ordered", "designation", "description", "delivered", "years", "status", "comments"
};

/* The kind of the longest row that stands in the description; * where none does. */
static kula_kind kind_of(const formats *f, const char *description)
{
	const mapping *const m = &f->maps[MAP_SIPRI_WEAPONS];
	const cell *best = NULL;
	for (uint32_t i = 0; i < m->count; i++) {
		const cell *const row = m->rows[i];
		const bool any = cell_is(row[0], "*");
		if ((any && best == NULL) || (!any && words_stand(description, row[0]) && (best == NULL || cell_is(best[0], "*") || row[0].n > best[0].n)))
			best = row;
	}
	char spelt[24] = "arms";
	if (best != NULL)
		snprintf(spelt, sizeof spelt, "%.*s", (int)MIN_OF(best[1].n, 23), best[1].at);
	return (kula_kind)kula_kind_of(spelt);
}

/* "T-90S tank": the designation, then the description with a small letter unless it is an acronym. */
static const char *what_of(row_view *r)
{
	const char *const d = r->fields[DESCRIPTION].value;
	const bool plain = is_upper((byte)d[0]) && is_lower((byte)d[1]);
	return arena_format(r->a, "%s%s%c%s", r->fields[DESIGNATION].value, d[0] != '\0' && row_told(r, DESIGNATION) ? " " : "",
		d[0] == '\0' ? ' ' : plain ? (char)to_lower((byte)d[0]) : d[0], d[0] != '\0' ? d + 1 : "");
}

typedef struct sides { const kula_party *from, *to; uint32_t from_count, to_count; } sides;

static kula_status claim(row_view *r, uint32_t field, kula_claim_status status, const char *told, const sides *s,
	const kula_item *item, kula_quantity q, kula_days date, kula_span date_span)
{
	kula_item t = *item;
	t.q = q;
	kula_claim *const c = row_claim(r, field, KULA_SUPPLY, status, told);
	c->from = s->from;
	c->to = s->to;
	c->from_count = s->from_count;
	c->to_count = s->to_count;
	c->items = row_keep(r, &t, 1, sizeof t);
	if (c->items == NULL)
		return KULA_EMEMORY;
	c->item_count = 1;
	c->date = date;
	if (date.first != KULA_NO_DAY)
		c->date_span = date_span;
	return KULA_OK;
}

static kula_status read_row(row_view *r)
{
	sides s;
	kula_days ordered, delivered;
	kula_quantity want = {.unit = "count"}, had = {.unit = "count"};
	kula_status status = row_parties(r, SUPPLIER, &s.from, &s.from_count);
	if (status == KULA_OK) status = row_parties(r, RECIPIENT, &s.to, &s.to_count);
	if (status == KULA_OK) status = row_years(r, YEAR, &ordered);
	if (status == KULA_OK) status = row_number(r, ORDERED, &want);
	if (status == KULA_OK) status = row_number(r, DELIVERED, &had);
	if (status == KULA_OK) status = row_years(r, YEARS, &delivered);
	if (status != KULA_OK)
		return status;
	bool state = false;
	for (uint32_t i = 0; i < s.from_count + s.to_count; i++)
		state = state || (i < s.from_count ? &s.from[i] : &s.to[i - s.from_count])->code[0] != '\0';
	if (!state)
		return row_fail(r, SUPPLIER, "neither side is a state: '%.40s'", r->fields[SUPPLIER].value);
	const uint32_t named = row_told(r, DESIGNATION) ? DESIGNATION : DESCRIPTION;
	if (!row_told(r, named))
		return row_fail(r, DESIGNATION, "no weapon");
	kula_item item = {.text = r->fields[named].value, .span = r->fields[named].span, .what = what_of(r), .in = -1,
		.kind = kind_of(import_formats(r->i), r->fields[DESCRIPTION].value)};
	if (item.what == NULL)
		return kula_fail(r->err, KULA_EMEMORY, 0, "no memory for the row");
	/* An order of an unknown number is an order: its cell is empty then, and its year is what is told. */
	const bool order = row_told(r, ORDERED) || row_told(r, YEAR);
	const bool some = row_told(r, DELIVERED) && !(had.max <= 0);
	if (!order && !some)
		return row_fail(r, ORDERED, "nothing ordered and nothing delivered");
	if (order)
		status = claim(r, row_told(r, ORDERED) ? ORDERED : YEAR, KULA_PROMISED, "ordered", &s, &item, want, ordered, r->fields[YEAR].span);
	if (status == KULA_OK && some)
		status = claim(r, DELIVERED, KULA_DONE, "delivered", &s, &item, had, delivered, r->fields[YEARS].span);
	r->title = arena_format(r->a, "SIPRI: %s, %s to %s", item.what, r->fields[SUPPLIER].value, r->fields[RECIPIENT].value);
	return status;
}

const register_kind import_sipri = {
	.name = "sipri", .fields = fields, .field_count = SIPRI_FIELDS, .id = FIELDS_MOST, .read = read_row,
	.keys = 1u << RECIPIENT | 1u << SUPPLIER | 1u << YEAR | 1u << DESIGNATION | 1u << DESCRIPTION,
};
