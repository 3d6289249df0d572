/* export_exchanges: what joining made of the claims, by itself and as registers of arms and of pacts would have it. */
#include "formats/export.h"

#include <math.h>
#include <stdlib.h>
#include "answer/answer.h"

#define ARENA_BYTES ((size_t)8 << 30)   /* exchanges with their accounts, some 6 KiB each: all of a register, else a piece */

enum { PIECE = 4096 };                  /* exchanges looked at at once, where each is written by itself */

typedef struct asked { arena *a; answer_units *u; answer_filter f; answer_set set; } asked;

static void asked_free(asked *x)
{
	answer_set_clear(&x->set);
	answer_units_free(x->u);
	arena_free(x->a);
}

/* What the filter of claims means for exchanges. */
static kula_status ask_begin(writer *w, asked *x, uint32_t acts, uint32_t kinds)
{
	const ledger_filter *const from = &w->o->filter;
	int64_t pending = 0;
	*x = (asked){.a = arena_new(ARENA_BYTES), .f = answer_filter_all()};
	answer_filter *const f = &x->f;
	f->a = from->a;
	f->b = from->b;
	f->since = from->since;
	f->until = from->until;
	f->acts = from->acts != 0 ? from->acts : acts;
	f->statuses = from->statuses;
	f->kinds = from->kinds != 0 ? from->kinds : kinds;
	f->min_confidence = from->min_confidence;
	if (x->a == NULL)
		return kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
	if (from->document != 0)
		return kula_fail(w->err, KULA_EUSAGE, 0, "an exchange is told in several documents: --document is for formats of claims");
	kula_status status = answer_ready(w->l, &pending, w->err);
	if (status == KULA_OK)
		status = (x->u = answer_units_open(NULL, w->err)) != NULL ? KULA_OK : w->err->status;
	if (status == KULA_OK && pending > 0) {
		answer_filter any = answer_filter_all();
		any.limit = 1;
		status = answer_exchanges(w->l, x->u, x->a, &any, 0, &x->set, w->err);
		if (status == KULA_OK && x->set.count == 0)
			status = kula_fail(w->err, KULA_ENOTFOUND, 0, "the claims of '%s' have not been joined to exchanges yet: run 'kula join'", ledger_path(w->l));
		answer_set_clear(&x->set);
		arena_clear(x->a);
	}
	writer_left(w, "documents that joining has not looked at yet ('kula join')", (uint64_t)pending);
	return status;
}

/* All of them at once, and what hangs on them by these links. */
static kula_status ask_all(writer *w, asked *x, uint32_t acts, uint32_t kinds, uint32_t links)
{
	kula_status status = ask_begin(w, x, acts, kinds);
	if (status == KULA_OK)
		status = answer_exchanges(w->l, x->u, x->a, &x->f, links, &x->set, w->err);
	w->sum->of = x->set.asked;
	return status;
}

/* One after the other, in the order of their numbers. */
static kula_status each_exchange(writer *w, void (*write)(writer *w, const answer_exchange *x))
{
	asked x;
	kula_status status = ask_begin(w, &x, 0, 0);
	x.f.by_number = true;
	x.f.limit = PIECE;
	for (bool more = true; status == KULA_OK && more;) {
		answer_set_clear(&x.set);
		arena_clear(x.a);
		status = answer_exchanges(w->l, x.u, x.a, &x.f, 0, &x.set, w->err);
		more = x.set.asked == PIECE;
		for (uint32_t i = 0; status == KULA_OK && i < x.set.asked; i++) {
			write(w, &x.set.at[i]);
			w->sum->of++;
			x.f.after = x.set.at[i].exchange;
			if (!writer_flush(w, false))
				status = w->err->status;
		}
	}
	asked_free(&x);
	return status;
}

/* ---- JSON ---- */

static void day_json(buf *b, kula_day d)
{
	char iso[16] = "";
	if (d != KULA_NO_DAY)
		kula_day_format(d, iso);
	json_text(b, iso[0] != '\0' ? iso : NULL);
}

static void days_json(buf *b, const char *key, kula_days d)
{
	if (d.first == KULA_NO_DAY)
		return;
	buf_format(b, ",\"%s\":[", key);
	day_json(b, d.first);
	buf_char(b, ',');
	day_json(b, d.last);
	buf_char(b, ']');
}

static void parties_json(buf *b, const char *key, const kula_party *p, uint32_t count, bool verbs)
{
	buf_format(b, ",\"%s\":[", key);
	for (uint32_t i = 0; i < count; i++) {
		buf_text(b, i > 0 ? ",{\"text\":" : "{\"text\":");
		json_text(b, p[i].text);
		buf_text(b, ",\"code\":");
		json_text(b, p[i].code[0] != '\0' ? p[i].code : NULL);
		if (verbs && p[i].verb != NULL) {
			buf_text(b, ",\"verb\":");
			json_text(b, p[i].verb);
		}
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void interval_json(buf *b, double min, double max, const char *unit, kula_per per, bool approx)
{
	buf_text(b, "\"min\":");
	json_number(b, min);
	buf_text(b, ",\"max\":");
	json_number(b, max);
	buf_text(b, ",\"unit\":");
	json_text(b, unit);
	if (per != KULA_PER_NONE)
		buf_format(b, ",\"per\":\"%s\"", kula_per_name(per));
	if (approx)
		buf_text(b, ",\"approx\":true");
}

static void optional_json(buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_format(b, ",\"%s\":", key);
	json_text(b, value);
}

static void account_json(buf *b, const ledger_claim *k)
{
	const kula_claim *const c = &k->c;
	buf_format(b, "{\"claim\":\"%s\"", k->number);
	optional_json(b, "doc", k->doc);
	optional_json(b, "publisher", k->publisher);
	buf_text(b, ",\"published\":");
	day_json(b, k->published);
	buf_format(b, ",\"act\":\"%s\",\"status\":\"%s\"", kula_act_name(c->act), kula_status_name(c->status));
	days_json(b, "date", c->date);
	parties_json(b, "said_by", c->said_by, c->said_by_count, true);
	buf_text(b, ",\"items\":[");
	for (uint32_t i = 0; i < c->item_count; i++) {
		const kula_item *const t = &c->items[i];
		buf_text(b, i > 0 ? ",{\"text\":" : "{\"text\":");
		json_text(b, t->text);
		buf_char(b, ',');
		interval_json(b, t->q.min, t->q.max, t->q.unit, t->q.per, t->q.approx);
		buf_char(b, '}');
	}
	buf_text(b, "]}");
}

static void exchange_json(writer *w, const answer_exchange *x)
{
	buf *const b = &w->out;
	w->sum->rows++;
	buf_format(b, "{\"exchange\":\"%s\",\"act\":\"%s\",\"status\":\"%s\",\"fact\":%s", x->number, kula_act_name(x->act), kula_status_name(x->status),
		x->fact ? "true" : "false");
	if (x->contested)
		buf_text(b, ",\"contested\":true");
	parties_json(b, "from", x->from, x->from_count, false);
	parties_json(b, "to", x->to, x->to_count, false);
	buf_text(b, ",\"things\":[");
	for (uint32_t i = 0; i < x->thing_count; i++) {
		const answer_thing *const t = &x->things[i];
		buf_text(b, i > 0 ? ",{\"what\":" : "{\"what\":");
		json_text(b, t->what);
		buf_format(b, ",\"kind\":\"%s\",", kula_kind_name(t->kind));
		interval_json(b, t->q.min, t->q.max, t->unit, t->per, t->q.approx);
		if (t->in >= 0)
			buf_format(b, ",\"in\":%d", t->in);
		if (t->differ)
			buf_text(b, ",\"differ\":true");
		buf_format(b, ",\"told\":%u}", t->told);
	}
	buf_char(b, ']');
	if (x->value_unit != NULL) {
		buf_text(b, ",\"value\":{");
		interval_json(b, x->value.min, x->value.max, x->value_unit, KULA_PER_NONE, x->value.approx);
		buf_char(b, '}');
	}
	days_json(b, "date", x->days);
	days_json(b, "due", x->due);
	days_json(b, "told", (kula_days){x->told_first, x->told_last});
	optional_json(b, "agreement", x->agreement);
	optional_json(b, "condition", x->condition);
	buf_format(b, ",\"documents\":%u,\"independent\":%u,\"history\":[", x->documents, x->independent);
	for (uint32_t i = 0; i < x->step_count; i++) {
		buf_format(b, "%s{\"status\":\"%s\",\"day\":", i > 0 ? "," : "", kula_status_name(x->steps[i].status));
		day_json(b, x->steps[i].day);
		buf_format(b, ",\"claim\":\"%s\"}", x->accounts[x->steps[i].account].number);
	}
	buf_text(b, "],\"accounts\":[");
	for (uint32_t i = 0; i < x->account_count; i++) {
		buf_text(b, i > 0 ? "," : "");
		account_json(b, &x->accounts[i]);
	}
	buf_text(b, "],\"differences\":[");
	for (uint32_t i = 0; i < x->difference_count; i++)
		buf_format(b, "%s{\"field\":\"%s\",\"claims\":[\"%s\",\"%s\"]}", i > 0 ? "," : "", x->differences[i].field, x->accounts[x->differences[i].one].number,
			x->accounts[x->differences[i].other].number);
	buf_text(b, "],\"links\":[");
	for (uint32_t i = 0; i < x->link_count; i++)
		buf_format(b, "%s{\"type\":\"%s\",\"%s\":\"%s\"}", i > 0 ? "," : "", answer_link_name(x->links[i].type), x->links[i].out ? "to" : "from",
			x->links[i].number);
	buf_text(b, "]}\n");
}

kula_status export_exchanges(writer *w) { return each_exchange(w, exchange_json); }

/* ---- CSV ---- */

static void put_words(writer *w, void (*words)(buf *b, const kula_party *p, uint32_t count), const kula_party *p, uint32_t count)
{
	buf b = {0};
	words(&b, p, count);
	put_text_n(w, b.at, b.n);
	buf_free(&b);
}

static void exchange_rows(writer *w, const answer_exchange *e)
{
	for (uint32_t j = 0; j < MAX_OF(e->thing_count, 1); j++) {
		const answer_thing *const t = e->thing_count > 0 ? &e->things[j] : NULL;
		buf b = {0};
		put_text(w, e->number);
		put_text(w, kula_act_name(e->act));
		put_text(w, kula_status_name(e->status));
		put_whole(w, e->fact);
		put_whole(w, e->contested);
		put_words(w, codes_of_parties, e->from, e->from_count);
		put_words(w, texts_of_parties, e->from, e->from_count);
		put_words(w, codes_of_parties, e->to, e->to_count);
		put_words(w, texts_of_parties, e->to, e->to_count);
		put_text(w, t != NULL ? t->what : NULL);
		put_text(w, t != NULL ? kula_kind_name(t->kind) : NULL);
		put_number(w, t != NULL ? t->q.min : NAN);
		put_number(w, t != NULL ? t->q.max : NAN);
		put_text(w, t != NULL ? t->unit : NULL);
		put_text(w, t != NULL ? kula_per_name(t->per) : NULL);
		put_text(w, t != NULL && t->q.approx ? "1" : NULL);
		put_number(w, t != NULL && t->in >= 0 ? (double)t->in : NAN);
		put_text(w, t != NULL && t->differ ? "1" : NULL);
		put_number(w, e->value_unit != NULL ? e->value.min : NAN);
		put_number(w, e->value_unit != NULL ? e->value.max : NAN);
		put_text(w, e->value_unit);
		put_day(w, e->days.first);
		put_day(w, e->days.first != KULA_NO_DAY ? e->days.last : KULA_NO_DAY);
		put_day(w, e->due.first);
		put_day(w, e->due.first != KULA_NO_DAY ? e->due.last : KULA_NO_DAY);
		put_day(w, e->told_first);
		put_day(w, e->told_last);
		put_text(w, e->agreement);
		put_text(w, e->condition);
		put_whole(w, e->documents);
		put_whole(w, e->independent);
		for (uint32_t k = 0; k < e->account_count; k++)
			buf_format(&b, k > 0 ? " %s" : "%s", e->accounts[k].number);
		put_text_n(w, b.at, b.n);
		b.n = 0;
		for (uint32_t k = 0; k < e->difference_count; k++)
			buf_format(&b, k > 0 ? "; %s" : "%s", e->differences[k].field);
		put_text_n(w, b.at, b.n);
		b.n = 0;
		for (uint32_t k = 0; k < e->link_count; k++)
			buf_format(&b, "%s%s %s %s", k > 0 ? "; " : "", answer_link_name(e->links[k].type), e->links[k].out ? "to" : "from", e->links[k].number);
		put_text_n(w, b.at, b.n);
		buf_free(&b);
		put_row(w);
	}
}

kula_status export_exchanges_csv(writer *w)
{
	static const char *const columns[] = {
		"exchange", "act", "status", "fact", "contested", "from_codes", "from", "to_codes", "to", "what", "kind", "min", "max", "unit", "per", "approx", "in",
		"differ", "value_min", "value_max", "value_unit", "date_first", "date_last", "due_first", "due_last", "told_first", "told_last", "agreement", "condition",
		"documents", "independent", "claims", "differences", "links",
	};
	put_head(w, columns, COUNT_OF(columns));
	return each_exchange(w, exchange_rows);
}

/* ---- a register of arms ---- */

/* The parties of a side as the register names them, parted by "; ". */
static void put_side(writer *w, const kula_party *p, uint32_t count)
{
	buf b = {0};
	for (uint32_t i = 0; i < count; i++) {
		bool again = false;
		for (uint32_t j = 0; j < i && !again; j++)
			again = p[i].code[0] != '\0' ? strcmp(p[i].code, p[j].code) == 0 : strcmp(p[i].text, p[j].text) == 0;
		if (!again)
			buf_format(&b, b.n > 0 ? "; %s" : "%s", p[i].code[0] != '\0' ? name_of_code(w, p[i].code) : p[i].text);
	}
	if (count == 0)
		buf_text(&b, "unknown country");
	put_text_n(w, b.at, b.n);
	buf_free(&b);
}

/* 12, >=12, <=12, 10-20; the cell behind it has a question mark where it is no exact number. */
static void put_amount(writer *w, answer_interval q)
{
	buf b = {0};
	if (!isnan(q.min) && isnan(q.max))
		buf_text(&b, ">=");
	if (isnan(q.min) && !isnan(q.max))
		buf_text(&b, "<=");
	if (!isnan(q.min))
		json_number(&b, q.min);
	if (!isnan(q.max) && !(q.min == q.max)) {
		buf_text(&b, isnan(q.min) ? "" : "-");
		json_number(&b, q.max);
	}
	put_text_n(w, b.at, b.n);
	buf_free(&b);
	put_text(w, q.approx && b.n == 0 && (!isnan(q.min) || !isnan(q.max)) ? "?" : NULL);
}

static int year_of(kula_day d)
{
	int year, month, day;
	day_split(d, &year, &month, &day);
	return year;
}

/* What a thing is called and what it is: "T-90S tank" is designation and description, "155mm artillery shell" too; the designation
 * ends before the first word that is plainly a word. */
static size_t designation_of(const answer_thing *t)
{
	const size_t n = strlen(t->what), words = t->text != NULL ? strlen(t->text) : 0;
	if (words > 0 && words < n && strncmp(t->what, t->text, words) == 0 && t->what[words] == ' ')
		return words;
	size_t end = 0;
	for (size_t at = 0; at < n;) {
		size_t to = at + strcspn(t->what + at, " ");
		bool name = is_upper((byte)t->what[at]) || (byte)t->what[at] >= 0x80;
		for (size_t i = at; i < to && !name; i++)
			name = is_digit((byte)t->what[i]);
		if (!name)
			break;
		end = to;
		at = to + (t->what[to] == ' ');
	}
	return end;
}

typedef struct years { int first, last; bool is[400]; } years;          /* from 1800 on */
static void years_add(years *y, kula_days d)
{
	if (d.first == KULA_NO_DAY)
		return;
	for (int year = MAX_OF(year_of(d.first), 1800); year <= MIN_OF(year_of(d.last), 2199); year++)
		y->is[year - 1800] = true;
}

static void sipri_row(writer *w, const answer_set *s, const answer_exchange *x, const answer_thing *t, const answer_interval *ordered,
	const answer_interval *delivered, const uint32_t *deliveries, uint32_t delivery_count)
{
	years y = {0};
	buf b = {0};
	const size_t name = designation_of(t);
	put_side(w, x->to, x->to_count);
	put_side(w, x->from, x->from_count);
	const kula_day order = ordered == NULL ? KULA_NO_DAY : x->days.first != KULA_NO_DAY ? x->days.first : x->told_first;
	if (order != KULA_NO_DAY)
		put_whole(w, year_of(order));
	else
		put_text(w, NULL);
	put_text(w, order != KULA_NO_DAY && (x->days.first == KULA_NO_DAY || year_of(x->days.first) != year_of(x->days.last)) ? "?" : NULL);
	put_amount(w, ordered != NULL ? *ordered : (answer_interval){NAN, NAN, false});
	put_text_n(w, t->what, name);
	const char *const what = t->what + name + (name > 0 && t->what[name] == ' ');
	if (strcmp(t->unit, "count") != 0)
		buf_format(&b, "%s (%s)", what, t->unit);
	else
		buf_text(&b, what);
	if (b.n > 0 && is_lower((byte)b.at[0]))
		b.at[0] = (char)(b.at[0] - 'a' + 'A');          /* as SIPRI has it */
	put_text_n(w, b.at, b.n);
	b.n = 0;
	put_amount(w, delivered != NULL ? *delivered : (answer_interval){NAN, NAN, false});
	for (uint32_t i = 0; i < delivery_count; i++)
		years_add(&y, s->at[deliveries[i]].days);
	for (int i = 0; i < (int)COUNT_OF(y.is); i++)
		if (y.is[i])
			buf_format(&b, b.n > 0 ? "; %d" : "%d", 1800 + i);
	put_text_n(w, b.at, b.n);
	b.n = 0;
	put_text(w, NULL);                                      /* new or second-hand */
	if (x->agreement != NULL)
		buf_format(&b, "%s; ", x->agreement);
	buf_text(&b, "claims");
	for (uint32_t i = 0; i < x->account_count && ordered != NULL; i++)
		buf_format(&b, " %s", x->accounts[i].number);
	for (uint32_t i = 0; i < delivery_count; i++)
		for (uint32_t k = 0; k < s->at[deliveries[i]].account_count; k++)
			buf_format(&b, " %s", s->at[deliveries[i]].accounts[k].number);
	if (t->differ)
		buf_text(&b, "; accounts differ");
	put_text_n(w, b.at, b.n);
	buf_free(&b);
	for (int i = 0; i < 3; i++)
		put_text(w, NULL);                              /* trend indicator values */
	put_row(w);
}

static bool is_arms(const answer_thing *t, uint32_t kinds) { return t->in < 0 && (kinds >> t->kind & 1) != 0; }

kula_status export_sipri(writer *w)
{
	static const char *const columns[] = {
		"Recipient", "Supplier", "Year of order", "", "Number ordered", "", "Weapon designation", "Weapon description", "Number delivered", "",
		"Year(s) of delivery", "status", "Comments", "SIPRI TIV per unit", "SIPRI TIV for total order", "SIPRI TIV of delivered weapons",
	};
	const uint32_t arms = 1u << KULA_ARMS | 1u << KULA_AIRCRAFT | 1u << KULA_SHIP | 1u << KULA_VEHICLE | 1u << KULA_EQUIPMENT;
	const uint32_t kinds = w->o->filter.kinds != 0 ? w->o->filter.kinds : arms;
	asked x;
	kula_status status = ask_all(w, &x, 1u << KULA_GIVE | 1u << KULA_LEND | 1u << KULA_SELL | 1u << KULA_SUPPLY, arms, 1u << ANSWER_FULFILS | 1u << ANSWER_PART);
	answer_pledges pledges = {0};
	if (status == KULA_OK)
		status = answer_pledges_of(&x.set, x.a, false, KULA_NO_DAY, &pledges, w->err);
	bool *const done = status == KULA_OK ? ARENA_NEW(x.a, bool, x.set.count + 1) : NULL;
	if (status == KULA_OK && done == NULL)
		status = kula_fail(w->err, KULA_EMEMORY, 0, "no memory for the export");
	put_head(w, columns, COUNT_OF(columns));
	for (uint32_t i = 0; status == KULA_OK && i < pledges.count; i++) {
		const answer_pledge *const p = &pledges.rows[i];
		const answer_exchange *const e = &x.set.at[p->exchange];
		if (e->status != KULA_PROMISED) {
			writer_left(w, "offered, requested, threatened or refused: a register has orders only", 1);
			done[p->exchange] = true;
			continue;
		}
		for (uint32_t j = 0; j < p->line_count; j++) {
			const answer_thing *const t = &e->things[p->lines[j].thing];
			const answer_interval *const had = &p->lines[j].delivered.q;
			if (!is_arms(t, kinds))
				continue;
			const bool some = p->delivery_count > 0 && !(had->max <= 0);
			sipri_row(w, &x.set, e, t, &t->q, some ? had : NULL, p->deliveries, some ? p->delivery_count : 0);
		}
		done[p->exchange] = true;
		for (uint32_t j = 0; j < p->delivery_count; j++)
			done[p->deliveries[j]] = true;
	}
	for (uint32_t i = 0; status == KULA_OK && i < x.set.asked; i++) {
		const answer_exchange *const e = &x.set.at[i];
		bool part = false;
		for (uint32_t j = 0; j < e->link_count && !part; j++)
			part = e->links[j].type == ANSWER_PART && e->links[j].out && answer_place(&x.set, e->links[j].other) != UINT32_MAX;
		if (done[i])
			continue;
		if (part || (e->status != KULA_DONE && e->status != KULA_ONGOING)) {
			writer_left(w, part ? "parts of a whole that has a row" : "planned, possible, denied, undertaken otherwise: neither ordered nor delivered", 1);
			continue;
		}
		for (uint32_t j = 0; j < e->thing_count; j++)
			if (is_arms(&e->things[j], kinds))
				sipri_row(w, &x.set, e, &e->things[j], NULL, &e->things[j].q, &i, 1);
		if (!writer_flush(w, false))
			status = w->err->status;
	}
	asked_free(&x);
	return status;
}

/* ---- obligations of pacts ---- */

enum { DEFENSE, OFFENSE, NEUTRAL, NONAGG, CONSUL, MILAID, OBLIGATIONS };
static const char *const obligation_names[OBLIGATIONS] = {"defense", "offense", "neutral", "nonagg", "consul", "milaid"};

/* One of the words parted by | stands in the text; a * at the end lets the word go on. */
static bool some_stands(cell list, const char *text)
{
	for (size_t from = 0; text != NULL && from <= list.n;) {
		const char *const bar = memchr(list.at + from, '|', list.n - from);
		const size_t to = bar != NULL ? (size_t)(bar - list.at) : list.n;
		const bool open = to > from && list.at[to - 1] == '*';
		const size_t n = to - from - open, all = strlen(text);
		for (size_t at = 0; n > 0 && at + n <= all; at++) {
			size_t i = 0;
			while (i < n && to_lower((byte)text[at + i]) == to_lower((byte)list.at[from + i]))
				i++;
			if (i == n && (at == 0 || !is_alpha((byte)text[at - 1])) && (open || !is_alpha((byte)text[at + n])))
				return true;
		}
		from = to + 1;
	}
	return false;
}

static void oblige(const formats *f, const char *field, const char *text, bool *has)
{
	const mapping *const m = &f->maps[MAP_ATOP];
	for (uint32_t i = 0; i < m->count; i++)
		if (cell_is(m->rows[i][0], field) && some_stands(m->rows[i][1], text))
			for (int k = 0; k < OBLIGATIONS; k++)
				if (cell_is(m->rows[i][2], obligation_names[k]))
					has[k] = true;
}

static bool side_has(const kula_party *p, uint32_t count, const char *code)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(p[i].code, code) == 0)
			return true;
	return false;
}

static void put_date(writer *w, kula_days d)
{
	int first[3] = {0}, last[3] = {0};
	if (d.first != KULA_NO_DAY) {
		day_split(d.first, &first[0], &first[1], &first[2]);
		day_split(d.last, &last[0], &last[1], &last[2]);
	}
	bool known = d.first != KULA_NO_DAY;
	for (int i = 0; i < 3; i++) {           /* year, month, day as far as they are certain */
		known = known && first[i] == last[i];
		put_number(w, known ? (double)first[i] : NAN);
	}
}

/* Codes of all that stand in the exchanges of the pact, each once. */
static uint32_t members_of(const answer_set *s, const answer_agreement *g, const char **codes, uint32_t most)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i <= g->clause_count; i++) {
		if (i < g->clause_count && g->clauses[i].role != ANSWER_SIGNED && g->clauses[i].role != ANSWER_RATIFIED)
			continue;
		const answer_exchange *const e = &s->at[i < g->clause_count ? g->clauses[i].exchange : g->exchange];
		for (uint32_t j = 0; j < e->from_count + e->to_count; j++) {
			const char *const code = (j < e->from_count ? &e->from[j] : &e->to[j - e->from_count])->code;
			bool again = code[0] == '\0';
			for (uint32_t k = 0; k < n && !again; k++)
				again = strcmp(codes[k], code) == 0;
			if (!again && n < most)
				codes[n++] = code;
		}
	}
	return n;
}

kula_status export_atop(writer *w)
{
	static const char *const columns[] = {
		"atopid", "member", "memcode", "memname", "treaty", "begyr", "begmo", "begday", "endyr", "endmo", "endday", "defense", "offense", "neutral", "nonagg",
		"consul", "milaid", "conditio", "ratified", "claims",
	};
	enum { MEMBERS_MOST = 128 };
	asked x;
	kula_status status = ask_all(w, &x, 0, 0, 1u << ANSWER_UNDER);
	answer_agreements pacts = {0};
	if (status == KULA_OK)
		status = answer_agreements_of(&x.set, x.a, &pacts, w->err);
	put_head(w, columns, COUNT_OF(columns));
	for (uint32_t i = 0; status == KULA_OK && i < pacts.count; i++) {
		const answer_agreement *const g = &pacts.rows[i];
		const answer_exchange *const head = &x.set.at[g->exchange];
		const char *members[MEMBERS_MOST];
		const uint32_t n = members_of(&x.set, g, members, MEMBERS_MOST);
		kula_days ended = {KULA_NO_DAY, KULA_NO_DAY};
		for (uint32_t k = 0; k < g->clause_count; k++)
			if (g->clauses[k].role == ANSWER_ENDED)
				ended = x.set.at[g->clauses[k].exchange].days;
		if (n == 0)
			writer_left(w, "pacts without a member that has a code", 1);
		for (uint32_t m = 0; m < n; m++) {
			bool has[OBLIGATIONS] = {false}, condition = false, ratified = false;
			buf claims = {0};
			oblige(w->o->f, "agreement", g->name, has);
			for (uint32_t k = 0; k < g->clause_count; k++) {
				const answer_exchange *const e = &x.set.at[g->clauses[k].exchange];
				for (uint32_t c = 0; c < e->account_count; c++)
					buf_format(&claims, claims.n > 0 ? " %s" : "%s", e->accounts[c].number);
				ratified = ratified || (g->clauses[k].role == ANSWER_RATIFIED && side_has(e->from, e->from_count, members[m]));
				if (g->clauses[k].role != ANSWER_OBLIGATION || !side_has(e->from, e->from_count, members[m]))
					continue;
				oblige(w->o->f, "act", kula_act_name(e->act), has);
				oblige(w->o->f, "condition", e->condition, has);
				condition = condition || e->condition != NULL;
				for (uint32_t t = 0; t < e->thing_count; t++)
					has[MILAID] = has[MILAID] || e->things[t].kind == KULA_ARMS;
			}
			const cell cow = state_of_code(w, members[m], 2);
			put_text(w, head->number);
			put_text_n(w, cow.at, cow.n);
			put_text(w, members[m]);
			put_text(w, name_of_code(w, members[m]));
			put_text(w, g->name);
			put_date(w, g->is_signed ? head->days : (kula_days){KULA_NO_DAY, KULA_NO_DAY});
			put_date(w, ended);
			for (int k = 0; k < OBLIGATIONS; k++)
				put_whole(w, has[k]);
			put_whole(w, condition);
			put_whole(w, ratified);
			put_text_n(w, claims.at, claims.n);
			put_row(w);
			buf_free(&claims);
		}
		if (!writer_flush(w, false))
			status = w->err->status;
	}
	asked_free(&x);
	return status;
}
