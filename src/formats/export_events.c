/* export_events: claims as events, in the columns of the two event data sets that people have. */
#include "formats/export.h"

#include <math.h>
#include "answer/plover.h"

/* ---- PLOVER in POLECAT's columns ---- */

static const char *const polecat_columns[] = {
	"Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts", "Actor Name", "Actor Country", "Actor COW",
	"Primary Actor Sector", "Actor Sectors", "Actor Title", "Actor Name Raw", "Wikipedia Actor ID", "Recipient Name", "Recipient Country", "Recipient COW",
	"Primary Recipient Sector", "Recipient Sectors", "Recipient Title", "Recipient Name Raw", "Wikipedia Recipient ID", "Placename", "City", "District",
	"Province", "Country", "Latitude", "Longitude", "GeoNames ID", "Raw Placename", "Feature Type", "Source", "Publication Date", "Story People",
	"Story Organizations", "Story Locations", "Language", "Version",
};

static bool again(const plover_actor *list, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (strcmp(list[j].text != NULL ? list[j].text : "", list[i].text != NULL ? list[i].text : "") == 0 && strcmp(list[j].code, list[i].code) == 0)
			return true;
	return false;
}

typedef enum actor_word { ACTOR_NAME, ACTOR_COUNTRY, ACTOR_COW, ACTOR_SECTOR, ACTOR_RAW } actor_word;

static void actor_cell(writer *w, const plover_actor *list, uint32_t count, actor_word what, bool first)
{
	buf b = {0};
	bool any = false;
	for (uint32_t i = 0; i < count && !(first && any); i++) {
		const plover_actor *const p = &list[i];
		if (again(list, i))
			continue;
		const cell cow = state_of_code(w, p->claim_code, 2);
		const char *words = "";
		switch (what) {
		case ACTOR_NAME: words = p->claim_code[0] != '\0' ? name_of_code(w, p->claim_code) : p->text; break;
		case ACTOR_COUNTRY: words = p->code; break;
		case ACTOR_COW: break;
		case ACTOR_SECTOR: words = p->sector; break;
		case ACTOR_RAW: words = p->text; break;
		}
		if (what == ACTOR_COW ? cow.n == 0 : words == NULL || words[0] == '\0')
			continue;
		buf_text(&b, any ? "; " : "");
		if (what == ACTOR_COW)
			buf_add(&b, cow.at, cow.n);
		else
			buf_text(&b, words);
		any = true;
	}
	put_text_n(w, b.at, b.n);
	buf_free(&b);
}

static void actor_cells(writer *w, const plover_actor *list, uint32_t count)
{
	actor_cell(w, list, count, ACTOR_NAME, false);
	actor_cell(w, list, count, ACTOR_COUNTRY, false);
	actor_cell(w, list, count, ACTOR_COW, false);
	actor_cell(w, list, count, ACTOR_SECTOR, true);
	actor_cell(w, list, count, ACTOR_SECTOR, false);
	put_text(w, NULL);                              /* title */
	actor_cell(w, list, count, ACTOR_RAW, false);
	put_text(w, NULL);                              /* Wikipedia */
}

static bool plover_document(writer *w, const told *t)
{
	const plover *const p = w->own;
	kula_claim *const claims = ARENA_NEW(t->a, kula_claim, MAX_OF(t->count, 1));
	bool *const told_of = ARENA_NEW(t->a, bool, MAX_OF(t->count, 1));
	if (claims == NULL || told_of == NULL)
		return false;
	for (uint32_t i = 0; i < t->count; i++)
		claims[i] = t->claims[i].c;
	uint32_t count;
	const plover_event *const events = plover_events(p, t->a, &t->d, claims, t->count, PLOVER_CLAIMS, &count);
	for (uint32_t i = 0; events != NULL && i < count; i++) {
		const plover_event *const e = &events[i];
		if (e->claim < 0 || (uint32_t)e->claim >= t->count)
			continue;
		const ledger_claim *const k = &t->claims[e->claim];
		const char *const class = plover_class_name(e->class);
		const cell *const quad = mapping_find(w->o->f, MAP_PLOVER_QUADS, 0, class, strlen(class));
		buf contexts = {0};
		for (uint32_t j = 0; j < PLOVER_CONTEXTS && e->context[j] != NULL; j++)
			buf_format(&contexts, j > 0 ? "; %s" : "%s", e->context[j]);
		told_of[e->claim] = true;
		put_text(w, k->number);
		put_day(w, e->date.first != KULA_NO_DAY ? e->date.first : k->published);
		put_text(w, class);
		put_text(w, e->mode);
		put_text(w, NULL);                      /* intensity */
		put_text_n(w, quad != NULL ? quad[1].at : NULL, quad != NULL ? quad[1].n : 0);
		put_text_n(w, contexts.at, contexts.n);
		actor_cells(w, e->source, e->source_count);
		actor_cells(w, e->target, e->target_count);
		put_text(w, e->place);
		for (int j = 0; j < 7; j++)
			put_text(w, NULL);              /* city ... GeoNames */
		put_text(w, e->place);
		put_text(w, NULL);
		put_text(w, k->publisher);
		put_day(w, k->published);
		for (int j = 0; j < 4; j++)
			put_text(w, NULL);
		put_text(w, "Kula " KULA_VERSION);
		put_row(w);
		buf_free(&contexts);
	}
	for (uint32_t i = 0; i < t->count; i++)
		if (!told_of[i])
			writer_left(w, "PLOVER has no event for them (stocks, denials, possibilities), or another event of the sentence stands for them", 1);
	return !w->out.refused && !arena_refused(t->a);
}

kula_status export_plover(writer *w)
{
	plover *const p = plover_open(NULL, w->o->k, w->err);
	if (p == NULL)
		return w->err->status;
	w->own = p;
	w->comma = '\t';
	w->none = NULL;
	put_head(w, polecat_columns, COUNT_OF(polecat_columns));
	w->none = "None";
	const kula_status status = export_documents(w, true, plover_document);
	plover_close(p);
	return status;
}

/* ---- CAMEO in ICEWS's columns ---- */

static const char *const icews_columns[] = {
	"Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text", "CAMEO Code", "Intensity", "Target Name", "Target Sectors",
	"Target Country", "Story ID", "Sentence Number", "Publisher", "City", "District", "Province", "Country", "Latitude", "Longitude",
};

/* One of several words parted by |, or * */
static bool listed(cell list, const char *one)
{
	const size_t n = strlen(one);
	if (list.n == 1 && list.at[0] == '*')
		return true;
	for (size_t from = 0; from <= list.n;) {
		const char *const bar = memchr(list.at + from, '|', list.n - from);
		const size_t to = bar != NULL ? (size_t)(bar - list.at) : list.n;
		if (to - from == n && memcmp(list.at + from, one, n) == 0)
			return true;
		from = to + 1;
	}
	return false;
}

static const cell *cameo_of(const formats *f, const kula_claim *c)
{
	const mapping *const m = &f->maps[MAP_CAMEO];
	const char *const kind = c->item_count > 0 ? kula_kind_name(c->items[0].kind) : "-";
	for (uint32_t i = 0; i < m->count; i++)
		if (listed(m->rows[i][0], kula_act_name(c->act)) && listed(m->rows[i][1], kula_status_name(c->status)) && listed(m->rows[i][2], kind))
			return m->rows[i];
	return NULL;
}

static void icews_row(writer *w, const ledger_claim *k, const cell *event, const kula_party *from, const kula_party *to)
{
	put_whole(w, k->claim);
	put_day(w, days_of_claim(k).first);
	put_text(w, from->text);
	put_text(w, NULL);
	put_text(w, from->code[0] != '\0' && code_is_state(w, from->code) ? name_of_code(w, from->code) : NULL);
	put_text_n(w, event[4].at, event[4].n);
	put_text_n(w, event[3].at, event[3].n);
	put_text_n(w, event[5].at, event[5].n);
	put_text(w, to->text);
	put_text(w, NULL);
	put_text(w, to->code[0] != '\0' && code_is_state(w, to->code) ? name_of_code(w, to->code) : NULL);
	put_whole(w, k->document);
	put_whole(w, k->ordinal);
	put_text(w, k->publisher);
	for (int i = 0; i < 6; i++)
		put_text(w, NULL);
	put_row(w);
}

static bool icews_document(writer *w, const told *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const ledger_claim *const k = &t->claims[i];
		const kula_claim *const c = &k->c;
		const cell *const event = cameo_of(w->o->f, c);
		if (event == NULL || !cell_told(event[3])) {
			writer_left(w, "CAMEO has no code for them (stocks, denials, possibilities)", 1);
			continue;
		}
		const bool turn = cell_is(event[6], "1");
		const kula_party *const from = turn ? c->to : c->from, *const to = turn ? c->from : c->to;
		const uint32_t froms = turn ? c->to_count : c->from_count, tos = turn ? c->from_count : c->to_count;
		if (tos == 0 && froms > 1 && kula_act_is_equal(c->act)) {        /* all on one side: between each two */
			for (uint32_t a = 0; a < froms; a++)
				for (uint32_t b = a + 1; b < froms; b++)
					icews_row(w, k, event, &from[a], &from[b]);
			continue;
		}
		if (froms == 0 || tos == 0)
			writer_left(w, "ICEWS needs somebody on both sides", 1);
		for (uint32_t a = 0; a < froms; a++)
			for (uint32_t b = 0; b < tos; b++)
				icews_row(w, k, event, &from[a], &to[b]);
	}
	return !w->out.refused;
}

kula_status export_icews(writer *w)
{
	w->comma = '\t';
	put_head(w, icews_columns, COUNT_OF(icews_columns));
	return export_documents(w, false, icews_document);
}
