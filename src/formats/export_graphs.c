/* export_graphs: FollowTheMoney entities, and GraphML of the parties. */
#include "formats/export.h"

#include <math.h>
#include <stdlib.h>

/* ---- FollowTheMoney ---- */

/* Properties of an entity, one after the other: {"id","schema","properties":{"name":["Russia"],...}}. */
static void entity_begin(buf *b, const char *schema) { buf_format(b, "\",\"schema\":\"%s\",\"properties\":{", schema); }

static void property(buf *b, bool *any, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	buf_format(b, "%s\"%s\":[", *any ? "," : "", name);
	json_text(b, value);
	buf_char(b, ']');
	*any = true;
}

static void property_day(buf *b, bool *any, const char *name, kula_day d)
{
	char iso[16] = "";
	if (d != KULA_NO_DAY)
		kula_day_format(d, iso);
	property(b, any, name, iso);
}

static void id_of_party(buf *b, const char *code)
{
	buf_text(b, "kula-party-");
	for (const char *p = code; *p != '\0'; p++)
		buf_char(b, (char)to_lower((byte)*p));
}

/* FollowTheMoney's country: two small letters, or its own for states that are no more. */
static void country_of(const writer *w, const char *code, char out[8])
{
	const cell *const own = mapping_find_for(w->o->f, MAP_PARTIES, "ftm", code, strlen(code));
	const cell c = own != NULL ? own[2] : state_of_code(w, code, 1);
	size_t n = 0;
	for (; n < c.n && n < 7; n++)
		out[n] = (char)to_lower((byte)c.at[n]);
	out[n] = '\0';
}

/* An entity for each party, once. */
static void party_entities(writer *w, const kula_party *p, uint32_t count)
{
	table *const seen = w->own;
	for (uint32_t i = 0; i < count; i++) {
		bool fresh = false;
		if (p[i].code[0] == '\0')
			continue;
		if (table_put(seen, p[i].code, strlen(p[i].code), &fresh) == NULL)
			w->refused = true;
		if (!fresh)
			continue;
		bool any = false;
		char country[8];
		country_of(w, p[i].code, country);
		buf_text(&w->out, "{\"id\":\"");
		id_of_party(&w->out, p[i].code);
		entity_begin(&w->out, code_is_state(w, p[i].code) ? "PublicBody" : "Organization");
		property(&w->out, &any, "name", name_of_code(w, p[i].code));
		property(&w->out, &any, "country", country);
		buf_text(&w->out, "}}\n");
		w->sum->rows++;
	}
}

static void property_parties(buf *b, bool *any, const char *name, const kula_party *p, uint32_t count, const kula_party *more, uint32_t more_count)
{
	bool some = false;
	for (uint32_t i = 0; i < count + more_count; i++) {
		const kula_party *const one = i < count ? &p[i] : &more[i - count];
		bool again = one->code[0] == '\0';
		for (uint32_t j = 0; j < i && !again; j++)
			again = strcmp((j < count ? &p[j] : &more[j - count])->code, one->code) == 0;
		if (again)
			continue;
		if (some)
			buf_text(b, ",\"");
		else
			buf_format(b, "%s\"%s\":[\"", *any ? "," : "", name);
		id_of_party(b, one->code);
		buf_char(b, '"');
		some = *any = true;
	}
	if (some)
		buf_char(b, ']');
}

static uint32_t coded(const kula_party *p, uint32_t count)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++)
		n += p[i].code[0] != '\0';
	return n;
}

/* What a Payment needs: one sum of money that went from somebody to somebody. */
static const kula_item *payment_of(const kula_claim *c)
{
	const bool passes = c->act == KULA_GIVE || c->act == KULA_LEND || c->act == KULA_SUPPLY || c->act == KULA_RETURN;
	if (!passes || (c->status != KULA_DONE && c->status != KULA_ONGOING) || coded(c->from, c->from_count) == 0 || coded(c->to, c->to_count) == 0)
		return NULL;
	for (uint32_t i = 0; i < c->item_count; i++)
		if (c->items[i].kind == KULA_MONEY && !isnan(c->items[i].q.min) && c->items[i].in < 0)
			return &c->items[i];
	return NULL;
}

static bool ftm_document(writer *w, const told *t)
{
	buf *const b = &w->out;
	char doc_id[48];
	bool any = false;
	snprintf(doc_id, sizeof doc_id, "kula-doc-%.16s", t->doc->sha256 != NULL ? t->doc->sha256 : "");
	buf_format(b, "{\"id\":\"%s", doc_id);
	entity_begin(b, "Article");
	property(b, &any, "title", t->doc->title != NULL ? t->doc->title : t->doc->doc);
	property(b, &any, "name", t->doc->title != NULL ? t->doc->title : t->doc->doc);
	property(b, &any, "publisher", t->doc->publisher);
	property_day(b, &any, "publishedAt", t->doc->published);
	property(b, &any, "sourceUrl", t->doc->doc != NULL && strncmp(t->doc->doc, "http", 4) == 0 ? t->doc->doc : NULL);
	buf_text(b, "}}\n");
	w->sum->rows++;
	for (uint32_t i = 0; i < t->count; i++) {
		const ledger_claim *const k = &t->claims[i];
		const kula_claim *const c = &k->c;
		const uint32_t froms = coded(c->from, c->from_count), tos = coded(c->to, c->to_count);
		if (froms + tos == 0) {
			writer_left(w, "nobody with a code stands in them", 1);
			continue;
		}
		party_entities(w, c->from, c->from_count);
		party_entities(w, c->to, c->to_count);
		const kula_item *const sum = payment_of(c);
		buf words = {0};
		buf_format(&words, "%s (%s)", kula_act_name(c->act), kula_status_name(c->status));
		for (uint32_t j = 0; j < c->item_count; j++) {
			buf_text(&words, j > 0 ? ", " : ": ");
			item_words(&words, &c->items[j]);
		}
		any = false;
		buf_format(b, "{\"id\":\"kula-claim-%.16s-%u", t->doc->sha256 != NULL ? t->doc->sha256 : "", k->ordinal);
		if (sum != NULL) {
			buf amount = {0};
			json_number(&amount, sum->q.min);
			entity_begin(b, "Payment");
			property_parties(b, &any, "payer", c->from, c->from_count, NULL, 0);
			property_parties(b, &any, "beneficiary", c->to, c->to_count, NULL, 0);
			property(b, &any, "amount", buf_string(&amount));
			property(b, &any, "currency", sum->q.unit);
			property(b, &any, "purpose", buf_string(&words));
			property(b, &any, "programme", c->agreement);
			buf_free(&amount);
		} else if (froms > 0 && tos > 0) {
			entity_begin(b, "UnknownLink");
			property_parties(b, &any, "subject", c->from, c->from_count, NULL, 0);
			property_parties(b, &any, "object", c->to, c->to_count, NULL, 0);
			property(b, &any, "role", buf_string(&words));
			property(b, &any, "status", kula_status_name(c->status));
		} else {
			entity_begin(b, "Event");
			property(b, &any, "name", buf_string(&words));
			property_parties(b, &any, "involved", c->from, c->from_count, c->to, c->to_count);
			property(b, &any, "location", c->place_at);
		}
		if (c->date.first != KULA_NO_DAY && c->date.first == c->date.last)
			property_day(b, &any, "date", c->date.first);
		else if (c->date.first != KULA_NO_DAY) {
			property_day(b, &any, "startDate", c->date.first);
			property_day(b, &any, "endDate", c->date.last);
		}
		property(b, &any, "summary", c->evidence);
		property(b, &any, "recordId", k->number);
		property(b, &any, "publisher", k->publisher);
		property(b, &any, "proof", doc_id);
		buf_text(b, "}}\n");
		buf_free(&words);
		w->sum->rows++;
	}
	return !b->refused && !w->refused;
}

kula_status export_ftm(writer *w)
{
	w->own = table_new();
	if (w->own == NULL)
		return kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
	const kula_status status = export_documents(w, false, ftm_document);
	table_free(w->own);
	return status;
}

/* ---- GraphML ---- */

typedef struct edge { uint32_t claims, documents; int64_t last_document; kula_day first, last; } edge;
typedef struct graph {
	table *nodes, *edges;           /* code; from, to, act, status */
	edge  *at;      uint32_t room;
} graph;

static void text_xml(buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '<': buf_text(b, "&lt;"); break;
		case '>': buf_text(b, "&gt;"); break;
		case '&': buf_text(b, "&amp;"); break;
		case '"': buf_text(b, "&quot;"); break;
		default:
			if ((byte)*s >= 0x20 || *s == '\t' || *s == '\n')       /* XML has no other control characters */
				buf_char(b, *s);
		}
	}
}

static bool edge_add(graph *g, const ledger_claim *k, const char *from, const char *to)
{
	char key[96];
	bool fresh;
	const int n = snprintf(key, sizeof key, "%s\x1F%s\x1F%s\x1F%s", from, to, kula_act_name(k->c.act), kula_status_name(k->c.status));
	if (table_put(g->nodes, from, strlen(from), NULL) == NULL || table_put(g->nodes, to, strlen(to), NULL) == NULL)
		return false;
	uint32_t *const place = table_put(g->edges, key, (size_t)n, &fresh);
	if (place == NULL)
		return false;
	if (fresh) {
		*place = table_count(g->edges) - 1;
		if (*place >= g->room) {
			const uint32_t room = g->room > 0 ? g->room * 2 : 256;
			edge *const more = base_realloc(g->at, room * sizeof *more);
			if (more == NULL)
				return false;
			g->at = more;
			g->room = room;
		}
		g->at[*place] = (edge){.first = KULA_NO_DAY, .last = KULA_NO_DAY};
	}
	edge *const e = &g->at[*place];
	const kula_days d = days_of_claim(k);
	e->claims++;
	e->documents += e->last_document != k->document;
	e->last_document = k->document;
	if (d.first != KULA_NO_DAY) {
		e->first = e->first == KULA_NO_DAY ? d.first : MIN_OF(e->first, d.first);
		e->last = e->last == KULA_NO_DAY ? d.last : MAX_OF(e->last, d.last);
	}
	return true;
}

static bool graph_document(writer *w, const told *t)
{
	graph *const g = w->own;
	for (uint32_t i = 0; i < t->count; i++) {
		const ledger_claim *const k = &t->claims[i];
		const kula_claim *const c = &k->c;
		bool any = false;
		const bool one_side = c->to_count == 0 && kula_act_is_equal(c->act);
		for (uint32_t a = 0; a < c->from_count; a++)
			for (uint32_t b = one_side ? a + 1 : 0; b < (one_side ? c->from_count : c->to_count); b++) {
				const kula_party *const from = &c->from[a], *const to = one_side ? &c->from[b] : &c->to[b];
				if (from->code[0] == '\0' || to->code[0] == '\0' || (one_side && strcmp(from->code, to->code) == 0))
					continue;
				any = true;
				/* Where the sides are equal, two who met are one edge, whoever is named first. */
				const bool turn = kula_act_is_equal(c->act) && strcmp(from->code, to->code) > 0;
				if (!edge_add(g, k, turn ? to->code : from->code, turn ? from->code : to->code))
					return false;
			}
		if (!any)
			writer_left(w, "they don't stand between two parties with codes", 1);
	}
	return true;
}

static void data_xml(buf *b, const char *key, const char *value)
{
	buf_format(b, "<data key=\"%s\">", key);
	text_xml(b, value);
	buf_text(b, "</data>");
}

kula_status export_graphml(writer *w)
{
	graph g = {.nodes = table_new(), .edges = table_new()};
	buf *const b = &w->out;
	kula_status status = g.nodes != NULL && g.edges != NULL ? KULA_OK : kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
	w->own = &g;
	if (status == KULA_OK)
		status = export_documents(w, false, graph_document);
	if (status == KULA_OK) {
		buf_text(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
			" xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n"
			"<desc>Parties and what passed between them, as reports tell it; counted by claim, so what two reports tell is here twice. Not carried: ");
		text_xml(b, export_format_lost(EXPORT_GRAPHML));
		buf_text(b, "</desc>\n"
			"<key id=\"name\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/>\n<key id=\"sort\" for=\"node\" attr.name=\"sort\" attr.type=\"string\"/>\n"
			"<key id=\"act\" for=\"edge\" attr.name=\"act\" attr.type=\"string\"/>\n<key id=\"status\" for=\"edge\" attr.name=\"status\" attr.type=\"string\"/>\n"
			"<key id=\"claims\" for=\"edge\" attr.name=\"claims\" attr.type=\"int\"/>\n<key id=\"documents\" for=\"edge\" attr.name=\"documents\" attr.type=\"int\"/>\n"
			"<key id=\"first\" for=\"edge\" attr.name=\"first\" attr.type=\"string\"/>\n<key id=\"last\" for=\"edge\" attr.name=\"last\" attr.type=\"string\"/>\n"
			"<graph id=\"ledger\" edgedefault=\"directed\">\n");
	}
	for (uint32_t i = 0; status == KULA_OK && i < table_count(g.nodes); i++) {
		size_t n;
		const char *const code = table_key(g.nodes, i, &n);
		buf_text(b, "<node id=\"");
		text_xml(b, code);
		buf_text(b, "\">");
		data_xml(b, "name", name_of_code(w, code));
		data_xml(b, "sort", code_is_state(w, code) ? "state" : "organisation");
		buf_text(b, "</node>\n");
	}
	for (uint32_t i = 0; status == KULA_OK && i < table_count(g.edges); i++) {
		size_t n;
		char parts[4][KULA_CODE_BYTES + 8] = {""};
		const char *at = table_key(g.edges, i, &n);
		for (int p = 0; p < 4; p++) {
			const size_t length = strcspn(at, "\x1F");
			snprintf(parts[p], sizeof parts[p], "%.*s", (int)length, at);
			at += length + (at[length] != '\0');
		}
		const edge *const e = &g.at[table_value(g.edges, i)];
		buf_text(b, "<edge source=\"");
		text_xml(b, parts[0]);
		buf_text(b, "\" target=\"");
		text_xml(b, parts[1]);
		/* Of an act whose sides are equal the direction means nothing. */
		buf_text(b, kula_act_is_equal((kula_act)kula_act_of(parts[2])) ? "\" directed=\"false\">" : "\">");
		data_xml(b, "act", parts[2]);
		data_xml(b, "status", parts[3]);
		buf_format(b, "<data key=\"claims\">%u</data><data key=\"documents\">%u</data>", e->claims, e->documents);
		char iso[16];
		if (e->first != KULA_NO_DAY) {
			kula_day_format(e->first, iso);
			data_xml(b, "first", iso);
			kula_day_format(e->last, iso);
			data_xml(b, "last", iso);
		}
		buf_text(b, "</edge>\n");
		w->sum->rows++;
		if (!writer_flush(w, false))
			status = w->err->status;
	}
	if (status == KULA_OK)
		buf_text(b, "</graph>\n</graphml>\n");
	table_free(g.nodes);
	table_free(g.edges);
	free(g.at);
	return status;
}
