/* import_cites: the comparative tables of the CITES trade database. A row is a trade that the exporting and the importing state
 * report each for itself: one exchange, up to two accounts. */
#include "formats/import.h"

#include <math.h>

enum { YEAR, TAXON, CLASS, IMPORTER, EXPORTER, ORIGIN, IMPORTED, EXPORTED, TERM, UNIT, PURPOSE, SOURCE, APPENDIX, CITES_FIELDS };
static const char *const fields[CITES_FIELDS] = {
	"year", "taxon", "class", "importer", "exporter", "origin", "imported", "exported", "term", "unit", "purpose", "source", "appendix"
};

static const cell *term_of(const formats *f, const char *term)
{
	const size_t n = strlen(term);
	const cell *row = mapping_find(f, MAP_CITES_TERMS, 0, term, n);
	return row != NULL ? row : mapping_find(f, MAP_CITES_TERMS, 1, term, n);
}

/* "wild lion skin": where it came from, what it was, what of it. */
static kula_status item_of(row_view *r, kula_item *t)
{
	const formats *const f = import_formats(r->i);
	const cell *const term = term_of(f, r->fields[TERM].value);
	if (!row_told(r, TAXON))
		return row_fail(r, TAXON, "no taxon");
	if (term == NULL)
		return row_fail(r, TERM, "'%.60s' is no term that kula knows (cites_terms.tsv)", r->fields[TERM].value);
	const bool plant = r->fields[CLASS].head_text != NULL && !row_told(r, CLASS);
	const cell kind = plant && cell_told(term[3]) ? term[3] : term[2];
	char spelt[24];
	snprintf(spelt, sizeof spelt, "%.*s", (int)MIN_OF(kind.n, 23), kind.at);
	const cell *const from = row_told(r, SOURCE) ? mapping_find(f, MAP_CITES_SOURCES, 0, r->fields[SOURCE].value, strlen(r->fields[SOURCE].value)) : NULL;
	if (row_told(r, SOURCE) && from == NULL)
		return row_fail(r, SOURCE, "'%.60s' is no source of specimens (cites_sources.tsv)", r->fields[SOURCE].value);
	const cell *const called = mapping_find(f, MAP_TAXA, 0, r->fields[TAXON].value, strlen(r->fields[TAXON].value));
	const cell name = called != NULL ? called[1] : (cell){r->fields[TAXON].value, strlen(r->fields[TAXON].value)};
	const bool before = from != NULL && cell_told(from[1]), behind = cell_told(term[4]);
	*t = (kula_item){.text = r->fields[TAXON].value, .span = r->fields[TAXON].span, .kind = (kula_kind)kula_kind_of(spelt), .in = -1,
		.what = arena_format(r->a, "%.*s%s%.*s%s%.*s", before ? (int)from[1].n : 0, before ? from[1].at : "", before ? " " : "", (int)name.n, name.at,
			behind ? " " : "", behind ? (int)term[4].n : 0, behind ? term[4].at : "")};
	return t->what != NULL ? KULA_OK : kula_fail(r->err, KULA_EMEMORY, 0, "no memory for the row");
}

/* The unit and how many of it one of theirs is. */
static kula_status unit_of(row_view *r, const char **unit, double *times)
{
	*unit = "count";
	*times = 1;
	if (!row_told(r, UNIT))
		return KULA_OK;
	const formats *const f = import_formats(r->i);
	const char *const typed = r->fields[UNIT].value;
	const cell *row = mapping_find(f, MAP_CITES_UNITS, 0, typed, strlen(typed));
	if (row == NULL)
		row = mapping_find(f, MAP_CITES_UNITS, 1, typed, strlen(typed));
	if (row == NULL)
		return row_fail(r, UNIT, "'%.60s' is no unit that kula knows (cites_units.tsv)", typed);
	*unit = arena_text(r->a, row[2].at, row[2].n);
	double whole = 0, part = 0, scale = 1;
	bool behind = false;
	for (size_t i = 0; i < row[3].n; i++) {
		if (row[3].at[i] == '.')
			behind = true;
		else if (behind)
			part += (row[3].at[i] - '0') / (scale *= 10);
		else
			whole = whole * 10 + (row[3].at[i] - '0');
	}
	*times = whole + part;
	return *unit != NULL ? KULA_OK : kula_fail(r->err, KULA_EMEMORY, 0, "no memory for the row");
}

static kula_status account(row_view *r, uint32_t field, const kula_party *from, const kula_party *to, const kula_party *teller, const kula_item *item,
	kula_act act, kula_days date, double times)
{
	kula_item t = *item;
	kula_quantity q = t.q;
	if (!row_told(r, field))
		return KULA_OK;
	kula_status status = row_number(r, field, &q);
	if (status != KULA_OK)
		return status;
	t.q.min = q.min * times;
	t.q.max = q.max * times;
	t.q.approx = q.approx;
	kula_party said = *teller;
	said.verb = "reported";
	const char *const verb = strstr(r->fields[field].head_text, said.verb);
	if (verb != NULL) {
		const uint32_t at = r->fields[field].head.from + (uint32_t)(verb - r->fields[field].head_text);
		said.verb_span = (kula_span){at, at + (uint32_t)strlen(said.verb)};
	}
	kula_claim *const c = row_claim(r, field, act, KULA_DONE, NULL);
	c->from = row_keep(r, from, 1, sizeof *from);
	c->to = row_keep(r, to, 1, sizeof *to);
	c->items = row_keep(r, &t, 1, sizeof t);
	c->said_by = row_keep(r, &said, 1, sizeof said);
	if (c->from == NULL || c->to == NULL || c->items == NULL || c->said_by == NULL)
		return KULA_EMEMORY;
	c->from_count = c->to_count = c->item_count = c->said_by_count = 1;
	c->date = date;
	c->date_span = r->fields[YEAR].span;
	if (row_told(r, ORIGIN))
		c->place_from = r->fields[ORIGIN].value;
	return KULA_OK;
}

static kula_status read_row(row_view *r)
{
	kula_party from, to;
	kula_item item;
	kula_days date;
	const char *unit;
	double times;
	kula_status status = row_years(r, YEAR, &date);
	if (status == KULA_OK && date.first == KULA_NO_DAY)
		status = row_fail(r, YEAR, "no year");
	if (status == KULA_OK) status = row_party(r, EXPORTER, &from);
	if (status == KULA_OK) status = row_party(r, IMPORTER, &to);
	if (status == KULA_OK) status = item_of(r, &item);
	if (status == KULA_OK) status = unit_of(r, &unit, &times);
	if (status != KULA_OK)
		return status;
	if (from.code[0] == '\0' && to.code[0] == '\0')
		return row_fail(r, EXPORTER, "neither side is a state: '%.40s'", from.text);
	item.q = (kula_quantity){.min = NAN, .max = NAN, .unit = unit};
	kula_act act = KULA_SUPPLY;
	if (row_told(r, PURPOSE)) {
		const cell *const purpose = mapping_find(import_formats(r->i), MAP_CITES_PURPOSES, 0, r->fields[PURPOSE].value, strlen(r->fields[PURPOSE].value));
		if (purpose == NULL)
			return row_fail(r, PURPOSE, "'%.60s' is no purpose of trade (cites_purposes.tsv)", r->fields[PURPOSE].value);
		char spelt[24];
		snprintf(spelt, sizeof spelt, "%.*s", (int)MIN_OF(purpose[1].n, 23), purpose[1].at);
		act = (kula_act)kula_act_of(spelt);
	}
	if (!row_told(r, EXPORTED) && !row_told(r, IMPORTED))
		return row_fail(r, EXPORTED, "neither side reports a quantity: nothing");
	status = account(r, EXPORTED, &from, &to, &from, &item, act, date, times);
	if (status == KULA_OK)
		status = account(r, IMPORTED, &from, &to, &to, &item, act, date, times);
	r->title = arena_format(r->a, "CITES %.10s: %s, %s to %s", r->fields[YEAR].value, item.what, from.text, to.text);
	return status;
}

const register_kind import_cites = {
	.name = "cites", .fields = fields, .field_count = CITES_FIELDS, .id = FIELDS_MOST, .read = read_row,
	.keys = 1u << YEAR | 1u << TAXON | 1u << IMPORTER | 1u << EXPORTER | 1u << ORIGIN | 1u << TERM | 1u << UNIT | 1u << PURPOSE | 1u << SOURCE
		| 1u << APPENDIX,
};
