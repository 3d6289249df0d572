#include "answer/plover.h"
#include <math.h>
#include <stdlib.h>
#include "answer/plover_room.h"

/* A sentence in hand: its words, and where its clauses part. */
typedef struct scene {
	const plover        *p;
	arena               *a;
	const kula_document *d;
	kula_span            at;                /* in the document */
	const char          *text;              /* its bytes */
	said_words           words;
	bool                 in_document;       /* spans point into d->text */
} scene;

/* Of an event that isn't chosen yet. */
typedef struct draft {
	plover_event e;
	double       weight;                    /* how much it is what the sentence is about */
	uint32_t     order;
} draft;

/* ---- small helps ---- */

static bool fits(phrases p, const said_words *w)
{
	return p.at == NULL || phrases_find(p, w, 0, NULL) >= 0;
}

static const word_row *row_of(const rows *in, const said_words *w, const char *name)
{
	for (uint32_t i = 0; i < in->count; i++)
		if ((name == NULL || strcmp(in->at[i].name, name) == 0) && in->at[i].words.at != NULL
			&& phrases_find(in->at[i].words, w, 0, NULL) >= 0)
			return &in->at[i];
	return NULL;
}

/* The word of the sentence that holds byte `at` of it, or the first behind. */
static uint32_t word_at(const said_words *w, uint32_t at)
{
	uint32_t i = 0;
	while (i < w->count && w->span[i].to <= at)
		i++;
	return i;
}

static scene scene_of(const plover *p, arena *a, const kula_document *d, kula_span at, const char *text, size_t bytes, bool in_document)
{
	scene s = {.p = p, .a = a, .d = d, .at = at, .text = text, .in_document = in_document};
	s.words = said_words_of(a, text, bytes);
	return s;
}

/* ---- actors ---- */

/* IGO, NGO, IMG ... by the mention's words, then by the claim's code; else the code itself. */
static void code_actor(const plover *p, plover_actor *out, const said_words *words)
{
	snprintf(out->code, sizeof out->code, "%s", out->claim_code);
	for (uint32_t i = 0; i < p->codes.count; i++) {
		const word_row *const r = &p->codes.at[i];
		const bool is_code = r->words.at != NULL && r->words.at[0] == '=';
		if (is_code ? strcmp(r->words.at + 1, out->claim_code) == 0 : fits(r->words, words)) {
			snprintf(out->code, sizeof out->code, "%s", r->name);
			return;
		}
	}
}

/* Whether only spaces lie between two words of the sentence. */
static bool beside(const scene *s, uint32_t left, uint32_t right)
{
	for (uint32_t i = s->words.span[left].to; i < s->words.span[right].from; i++)
		if (s->text[i] != ' ')
			return false;
	return true;
}

/* A mention is often cut to the name: "British Defence Secretary Tom King" is told by "Tom King". The words before a name that
 * begin with a capital, and the words beside it that sectors.tsv knows, speak for it too. */
static said_words around(const scene *s, kula_span span)
{
	enum { LEFT = 5, RIGHT = 2 };
	const said_words *const w = &s->words;
	uint32_t from = word_at(w, span.from), to = word_at(w, span.to > 0 ? span.to - 1 : 0);
	if (from >= w->count || to >= w->count || to < from)
		return (said_words){0};
	to++;
	for (uint32_t n = 0; n < LEFT && from > 0 && beside(s, from - 1, from); n++, from--) {
		said_words one = {&w->at[from - 1], &w->span[from - 1], 1};
		if (!is_upper((byte)s->text[w->span[from - 1].from]) && row_of(&s->p->sectors, &one, NULL) == NULL)
			break;
	}
	for (uint32_t n = 0; n < RIGHT && to < w->count && beside(s, to - 1, to); n++, to++) {
		said_words one = {&w->at[to], &w->span[to], 1};
		if (row_of(&s->p->sectors, &one, NULL) == NULL)
			break;
	}
	return (said_words){w->at + from, w->span + from, to - from};
}

static const char *sector_known(const plover *p, arena *a, const char *text, kula_day on)
{
	uint32_t n = 0;
	const mention *const m = p->names != NULL && text != NULL ? know_readings(p->names, a, text, on, &n) : NULL;
	if (m == NULL || n == 0)
		return "";
	switch (m[0].type) {
	case NAME_LEADER: case NAME_SURNAME: case NAME_METONYM: return "GOV";
	case NAME_ARMED: return "REB";
	default: return "";
	}
}

static plover_actor actor_of(const scene *s, const char *text, const char *code, kula_span span)
{
	plover_actor out = {.text = text != NULL ? text : "", .span = span, .sector = ""};
	const said_words own = said_words_of(s->a, out.text, strlen(out.text));
	snprintf(out.claim_code, sizeof out.claim_code, "%s", code);
	code_actor(s->p, &out, &own);
	said_words near = {0};
	if (s->in_document && span.to > span.from && span.from >= s->at.from && span.to <= s->at.to)
		near = around(s, (kula_span){span.from - s->at.from, span.to - s->at.from});
	const word_row *r = row_of(&s->p->sectors, &own, NULL);
	if (r == NULL)
		r = row_of(&s->p->sectors, &near, NULL);
	out.sector = r != NULL ? (strcmp(r->name, "-") == 0 ? "" : r->name) : sector_known(s->p, s->a, out.text, s->d->published);
	return out;
}

static bool same_actor(const plover_actor *x, const plover_actor *y)
{
	return strcmp(x->code, y->code) == 0 && strcmp(x->sector, y->sector) == 0 && (x->code[0] != '\0' || strcmp(x->text, y->text) == 0);
}

static bool has_actor(const plover_actor *list, uint32_t n, const plover_actor *x)
{
	for (uint32_t i = 0; i < n; i++)
		if (same_actor(&list[i], x))
			return true;
	return false;
}

static uint32_t add_side(const scene *s, plover_actor *out, uint32_t n, const kula_party *side, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const plover_actor x = actor_of(s, side[i].text, side[i].code, side[i].span);
		if (!has_actor(out, n, &x))
			out[n++] = x;
	}
	return n;
}

/* The first of the row's sides that holds anybody; coded ones first. Whoever is in `but` already is left out, unless nobody else
 * is there. */
static plover_actor *fill_side(const scene *s, const kula_claim *c, const uint8_t *sides, const plover_actor *but, uint32_t but_count,
	uint32_t *count)
{
	plover_actor *const out = ARENA_NEW(s->a, plover_actor, c->from_count + c->to_count + c->said_by_count + 1u);
	*count = 0;
	if (out == NULL)
		return NULL;
	for (int again = 0; again < 2; again++)
		for (int i = 0; i < 3 && sides[i] != SIDE_NONE; i++) {
			uint32_t n = 0, coded = 0;
			if (sides[i] == SIDE_FROM)
				n = add_side(s, out, n, c->from, c->from_count);
			if (sides[i] == SIDE_TO || sides[i] == SIDE_EQUAL)
				n = add_side(s, out, n, c->to, c->to_count);
			if (sides[i] == SIDE_SAID && c->said_by_count > 0)      /* the outermost source: it speaks */
				n = add_side(s, out, n, c->said_by, 1);
			uint32_t kept_count = 0;
			for (uint32_t k = 0; k < n; k++)
				if (again || !has_actor(but, but_count, &out[k]))
					out[kept_count++] = out[k];
			for (uint32_t k = 0; k < kept_count; k++)
				coded += out[k].code[0] != '\0';
			if (coded > 0 || (again && kept_count > 0)) {
				*count = kept_count;
				return out;
			}
		}
	return out;
}

/* ---- mode and context ---- */

static const char *mode_of(const plover *p, plover_class class, int act, const said_words *own, const said_words *all)
{
	for (int pass = 0; pass < 2; pass++)            /* the claim's own words first, then its sentence */
		for (uint32_t i = 0; i < p->modes.count; i++) {
			const word_row *const r = &p->modes.at[i];
			if ((r->classes != 0 && !(r->classes & 1u << class)) || (r->acts != 0 && (act < 0 || !(r->acts & 1u << act))))
				continue;
			if (r->words.at == NULL ? pass == 1 : phrases_find(r->words, pass == 0 ? own : all, 0, NULL) >= 0)
				return strcmp(r->name, "-") == 0 ? "" : r->name;
		}
	return "";
}

static void contexts_of(const plover *p, plover_event *e, const said_words *all)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < p->contexts.count && n < PLOVER_CONTEXTS; i++) {
		const word_row *const r = &p->contexts.at[i];
		bool there = false;
		for (uint32_t k = 0; k < n; k++)
			there |= strcmp(e->context[k], r->name) == 0;
		if (!there && fits(r->words, all))
			e->context[n++] = r->name;
	}
}

/* ---- events of claims ---- */

/* The claim's own words: what it is about, apart from its sentence. */
static said_words own_words(arena *a, const kula_claim *c)
{
	buf b = {0};
	const char *const parts[] = {c->trigger, c->agreement, c->means};
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (parts[i] != NULL)
			buf_format(&b, "%s / ", parts[i]);
	for (uint32_t i = 0; i < c->item_count; i++)
		buf_format(&b, "%s / ", c->items[i].text != NULL ? c->items[i].text : "");
	const char *const text = arena_text(a, buf_string(&b), b.n);
	const said_words w = text != NULL ? said_words_of(a, text, b.n) : (said_words){0};
	buf_free(&b);
	return w;
}

static const class_row *row_for(const plover *p, const kula_claim *c, const said_words *own, const said_words *all)
{
	uint32_t kinds = c->item_count == 0 ? 1u << KULA_KINDS : 0;
	for (uint32_t i = 0; i < c->item_count; i++)
		kinds |= 1u << c->items[i].kind;
	for (uint32_t i = 0; i < p->class_count; i++) {
		const class_row *const r = &p->classes[i];
		if ((r->acts == 0 || r->acts & 1u << c->act) && (r->statuses == 0 || r->statuses & 1u << c->status)
			&& (r->kinds == 0 || r->kinds & kinds) && fits(r->words, own) && fits(r->near, all))
			return r;
	}
	return NULL;
}

/* How much an event is what its sentence is about: main clauses come first in news, what follows "after", "which", "because"
 * tells of the background. */
static double weight_of(const scene *s, uint32_t trigger_byte, double confidence)
{
	const uint32_t at = word_at(&s->words, trigger_byte);
	uint32_t below = 0;
	for (uint32_t i = 0; i < s->p->words.count; i++) {
		const word_row *const r = &s->p->words.at[i];
		if (strcmp(r->name, "below") != 0)
			continue;
		for (int32_t k = -1; (k = phrases_find(r->words, &s->words, (uint32_t)(k + 1), NULL)) >= 0 && (uint32_t)k < at;)
			below += k > 0;                 /* "After ..." at the head of a sentence parts nothing yet */
	}
	const double place = s->words.count > 0 ? (double)at / s->words.count : 0;
	return (isnan(confidence) ? 0.5 : confidence) - 0.4 * place - 0.25 * MIN_OF(below, 2u);
}

static bool has_code(const plover_event *e)
{
	for (uint32_t i = 0; i < e->source_count; i++)
		if (e->source[i].code[0] != '\0')
			return true;
	for (uint32_t i = 0; i < e->target_count; i++)
		if (e->target[i].code[0] != '\0')
			return true;
	return false;
}

static bool claim_event(const scene *s, const kula_claim *c, int32_t index, draft *out)
{
	const said_words own = own_words(s->a, c);
	const class_row *const r = row_for(s->p, c, &own, &s->words);
	if (r == NULL || r->class < 0)
		return false;
	plover_event e = {.class = (plover_class)r->class, .date = c->date, .sentence = c->span, .trigger = c->trigger_span,
		.sentence_text = c->evidence, .trigger_text = c->trigger, .claim = index, .confidence = c->confidence, .row = r->line};
	e.place = c->place_at != NULL ? c->place_at : c->place_to != NULL ? c->place_to : c->place_from;
	e.source = fill_side(s, c, r->source, NULL, 0, &e.source_count);
	e.reciprocal = r->target[0] == SIDE_EQUAL;
	e.target = fill_side(s, c, r->target, e.source, e.source_count, &e.target_count);
	if (!has_code(&e))
		return false;
	e.mode = mode_of(s->p, e.class, (int)c->act, &own, &s->words);
	contexts_of(s->p, &e, &s->words);
	*out = (draft){.e = e, .weight = weight_of(s, c->trigger_span.from >= s->at.from ? c->trigger_span.from - s->at.from : 0, c->confidence)};
	/* Whoever asks, refuses or threatens does so in the main clause; what is planned or told beside it stands below. */
	if (c->status == KULA_REQUESTED || c->status == KULA_REFUSED || c->status == KULA_THREATENED)
		out->weight += 0.25;
	return true;
}

/* ---- events of words: for sentences in which no claim was read ---- */

/* Where the report of who said it begins ("..., the agency said"), as a word's index; the count where there is none. */
static uint32_t tail_of(const scene *s)
{
	const said_words *const w = &s->words;
	for (uint32_t i = w->count; i > 1; i--) {
		bool comma = false;
		for (uint32_t b = w->span[i - 2].to; b < w->span[i - 1].from; b++)
			comma |= s->text[b] == ',';
		if (!comma)
			continue;
		const said_words rest = {w->at + i - 1, w->span + i - 1, w->count - (i - 1)};
		return row_of(&s->p->words, &rest, "say") != NULL ? i - 1 : w->count;
	}
	return w->count;
}

/* The parties named among words from .. to, each code once. m, n: the sentence's mentions with their bytes. */
typedef struct named { const mention *m; kula_span at; const char *text; } named;

static uint32_t pick(const scene *s, const named *names, uint32_t n, uint32_t from_byte, uint32_t to_byte, bool last, plover_actor *out,
	const plover_actor *but)
{
	const named *best = NULL;
	for (uint32_t i = 0; i < n; i++) {
		if (names[i].at.from < from_byte || names[i].at.to > to_byte || (but != NULL && strcmp(names[i].m->code, but->claim_code) == 0))
			continue;
		if (best == NULL || last)
			best = &names[i];
	}
	if (best == NULL)
		return 0;
	*out = actor_of(s, best->text, best->m->code, (kula_span){best->at.from + s->at.from, best->at.to + s->at.from});
	return 1;
}

static bool word_event(const scene *s, const named *names, uint32_t count, draft *out)
{
	const said_words *const w = &s->words;
	const uint32_t tail = tail_of(s);
	const word_row *row = NULL;
	uint32_t at = 0, length = 0;
	double best = -10;
	for (uint32_t i = 0; i < s->p->verbs.count; i++) {
		uint32_t takes = 0;
		const int32_t k = phrases_find(s->p->verbs.at[i].words, w, 0, &takes);
		if (k < 0 || (uint32_t)k >= tail)
			continue;
		const double weight = weight_of(s, w->span[k].from, 0.5) - 0.0001 * i;
		if (weight > best) {
			best = weight;
			row = &s->p->verbs.at[i];
			at = (uint32_t)k;
			length = takes;
		}
	}
	if (row == NULL || row->class < 0)
		return false;
	const uint32_t begin = w->span[at].from, end = w->span[at + length - 1].to;
	const uint32_t stop = tail < w->count ? w->span[tail].from : w->span[w->count - 1].to;
	bool passive = false;
	if (at > 0 && row_of(&s->p->words, &(said_words){w->at + at - 1, w->span + at - 1, 1}, "passive") != NULL)
		passive = true;
	plover_actor *const x = ARENA_NEW(s->a, plover_actor, 2);
	if (x == NULL)
		return false;
	uint32_t sources = pick(s, names, count, 0, begin, false, &x[0], NULL);
	uint32_t targets = pick(s, names, count, end, stop, false, &x[1], sources ? &x[0] : NULL);
	if (targets == 0 && sources)
		targets = pick(s, names, count, end, stop, false, &x[1], NULL);
	plover_event e = {.class = (plover_class)row->class, .mode = row->mode, .date = {KULA_NO_DAY, KULA_NO_DAY}, .sentence = s->at,
		.trigger = {s->at.from + begin, s->at.from + end}, .claim = -1, .confidence = NAN, .row = row->line};
	e.sentence_text = arena_text(s->a, s->text, s->at.to - s->at.from);
	e.trigger_text = arena_text(s->a, s->text + begin, end - begin);
	e.source = passive ? &x[1] : &x[0];
	e.target = passive ? &x[0] : &x[1];
	e.source_count = passive ? targets : sources;
	e.target_count = passive ? sources : targets;
	if (!has_code(&e))
		return false;
	if (e.mode[0] == '\0')
		e.mode = mode_of(s->p, e.class, -1, &(said_words){0}, w);
	contexts_of(s->p, &e, w);
	*out = (draft){.e = e, .weight = best};
	return true;
}

static uint32_t word_events(const plover *p, arena *a, const kula_document *d, draft *out, uint32_t count, uint32_t room)
{
	kula_error err = {0};
	const text_doc *const doc = p->names != NULL ? text_cut(a, p->v, (const byte *)d->text, d->text_bytes, NULL, 0, &err) : NULL;
	if (doc == NULL)
		return count;
	uint32_t mention_count = 0;
	const mention *const m = know_mentions(p->names, a, doc, d->published, d->publisher, &mention_count);
	named *const names = ARENA_NEW(a, named, mention_count + 1u);
	const uint32_t claims = count;
	if (names == NULL)
		return count;
	for (uint32_t i = 0; i < doc->sentence_count && count < room; i++) {
		const sentence *const x = &doc->sentences[i];
		bool told = false;
		for (uint32_t k = 0; k < claims; k++)
			told |= out[k].e.sentence.from < x->at.to && x->at.from < out[k].e.sentence.to;
		if (told)
			continue;
		uint32_t n = 0;
		for (uint32_t k = 0; k < mention_count; k++)
			if (m[k].rank == 0 && m[k].code[0] != '\0' && m[k].prior > 0 && m[k].word_from >= x->word_from && m[k].word_to <= x->word_to) {
				const uint32_t from = doc->words[m[k].word_from].at.from, to = doc->words[m[k].word_to - 1].at.to;
				names[n].text = arena_text(a, d->text + from, to - from);
				names[n].m = &m[k];
				names[n].at = (kula_span){from - x->at.from, to - x->at.from};
				n += names[n].text != NULL;
			}
		if (n == 0)
			continue;
		const scene s = scene_of(p, a, d, x->at, d->text + x->at.from, x->at.to - x->at.from, true);
		if (word_event(&s, names, n, &out[count])) {
			out[count].order = count;
			count++;
		}
	}
	return count;
}

/* ---- all of a document ---- */

static int by_sentence(const void *left, const void *right)
{
	const draft *const x = left, *const y = right;
	if (x->e.sentence.from != y->e.sentence.from)
		return x->e.sentence.from < y->e.sentence.from ? -1 : 1;
	if (x->weight > y->weight || x->weight < y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool same_codes(const plover_actor *x, uint32_t n, const plover_actor *y, uint32_t m)
{
	if (n != m)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(x[i].code, y[i].code) != 0)
			return false;
	return true;
}

/* Two words for one act ("arrived", "visit") are one event. */
static bool same_event(const plover_event *x, const plover_event *y)
{
	return x->class == y->class && x->sentence.from == y->sentence.from && same_codes(x->source, x->source_count, y->source, y->source_count)
		&& same_codes(x->target, x->target_count, y->target, y->target_count);
}

plover_event *plover_events(const plover *p, arena *a, const kula_document *d, const kula_claim *claims, uint32_t claim_count,
	plover_from from, uint32_t *count)
{
	*count = 0;
	uint32_t lines = 1;
	for (size_t i = 0; i < d->text_bytes; i++)
		lines += d->text[i] == '.' || d->text[i] == '\n' || d->text[i] == '!' || d->text[i] == '?';
	const uint32_t room = claim_count + (from == PLOVER_WORDS ? lines + 1 : 0);
	draft *const drafts = ARENA_NEW(a, draft, room + 1u);
	plover_event *const out = ARENA_NEW(a, plover_event, room + 1u);
	if (drafts == NULL || out == NULL)
		return NULL;
	uint32_t n = 0;
	for (uint32_t i = 0; i < claim_count; i++) {
		const kula_claim *const c = &claims[i];
		const bool in_document = d->text != NULL && c->span.to > c->span.from && c->span.to <= d->text_bytes;
		const scene s = in_document ? scene_of(p, a, d, c->span, d->text + c->span.from, c->span.to - c->span.from, true)
			: scene_of(p, a, d, c->span, c->evidence, strlen(c->evidence), false);
		if (claim_event(&s, c, (int32_t)i, &drafts[n])) {
			drafts[n].order = n;
			n++;
		}
	}
	if (from == PLOVER_WORDS && d->text != NULL)
		n = word_events(p, a, d, drafts, n, room);
	if (n > 1)
		qsort(drafts, n, sizeof *drafts, by_sentence);
	for (uint32_t i = 0; i < n; i++) {
		bool told = false;
		for (uint32_t k = *count; k > 0 && !told && out[k - 1].sentence.from == drafts[i].e.sentence.from; k--)
			told = same_event(&out[k - 1], &drafts[i].e);
		if (told)
			continue;
		drafts[i].e.main = *count == 0 || out[*count - 1].sentence.from != drafts[i].e.sentence.from;
		out[(*count)++] = drafts[i].e;
	}
	return *count > 0 && !arena_refused(a) ? out : NULL;
}

/* ---- JSON ---- */

static void write_day(buf *b, const char *key, kula_day day)
{
	char iso[16] = "";
	if (day == KULA_NO_DAY)
		return;
	kula_day_format(day, iso);
	buf_format(b, ",\"%s\":\"%s\"", key, iso);
}

static void write_actors(buf *b, const char *key, const plover_actor *x, uint32_t n)
{
	buf_format(b, ",\"%s\":[", key);
	for (uint32_t i = 0; i < n; i++) {
		buf_text(b, i > 0 ? ",{\"text\":" : "{\"text\":");
		json_text(b, x[i].text);
		buf_text(b, ",\"code\":");
		json_text(b, x[i].code[0] != '\0' ? x[i].code : NULL);
		buf_text(b, ",\"sector\":");
		json_text(b, x[i].sector[0] != '\0' ? x[i].sector : NULL);
		if (strcmp(x[i].code, x[i].claim_code) != 0) {
			buf_text(b, ",\"claim_code\":");
			json_text(b, x[i].claim_code[0] != '\0' ? x[i].claim_code : NULL);
		}
		if (x[i].span.to > x[i].span.from)
			buf_format(b, ",\"span\":[%u,%u]", x[i].span.from, x[i].span.to);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

void plover_write(buf *b, const kula_document *d, const plover_event *e)
{
	buf_text(b, "{\"doc\":");
	json_text(b, d->id);
	write_day(b, "published", d->published);
	if (d->publisher != NULL) {
		buf_text(b, ",\"publisher\":");
		json_text(b, d->publisher);
	}
	buf_format(b, ",\"event\":\"%s\",\"mode\":", plover_class_name(e->class));
	json_text(b, e->mode[0] != '\0' ? e->mode : NULL);
	buf_text(b, ",\"context\":[");
	for (uint32_t i = 0; i < PLOVER_CONTEXTS && e->context[i] != NULL; i++) {
		buf_text(b, i > 0 ? "," : "");
		json_text(b, e->context[i]);
	}
	buf_char(b, ']');
	write_actors(b, "source", e->source, e->source_count);
	write_actors(b, "target", e->target, e->target_count);
	buf_format(b, ",\"reciprocal\":%s", e->reciprocal ? "true" : "false");
	write_day(b, "date", e->date.first);
	write_day(b, "date_last", e->date.first != KULA_NO_DAY ? e->date.last : KULA_NO_DAY);
	if (e->place != NULL) {
		buf_text(b, ",\"place\":");
		json_text(b, e->place);
	}
	buf_format(b, ",\"main\":%s,\"claim\":", e->main ? "true" : "false");
	if (e->claim >= 0)
		buf_format(b, "%d", e->claim + 1);
	else
		buf_text(b, "null");
	buf_text(b, ",\"trigger\":");
	json_text(b, e->trigger_text);
	buf_text(b, ",\"sentence\":");
	json_text(b, e->sentence_text);
	buf_format(b, ",\"span\":[%u,%u]", e->sentence.from, e->sentence.to);
	if (!isnan(e->confidence)) {
		buf_text(b, ",\"confidence\":");
		json_number(b, e->confidence);
	}
	buf_format(b, ",\"row\":\"%s:%u\"}", e->claim >= 0 ? "classes.tsv" : "verbs.tsv", e->row);
}
