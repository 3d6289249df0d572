/* exchange.c: exchanges with their accounts, what these allow together, how the status moved, what is linked and what differs.
 * A set of exchanges is loaded by one statement for each table, so that a pair with thousands of claims costs a few range scans. */
#include "answer/room.h"
#include <stdlib.h>

static const char *const link_names[ANSWER_LINKS] = {"fulfils", "part", "returns", "under", "answers"};
const char *answer_link_name(answer_link_type t) { return t < ANSWER_LINKS ? link_names[t] : ""; }

/* ---- rows as they come, before they are sorted to their exchanges ---- */

typedef struct party_row { uint32_t account; byte side; kula_party p; } party_row;
typedef struct item_row { uint32_t account; kula_item item; } item_row;
typedef struct link_row { uint32_t exchange; answer_link link; } link_row;
typedef struct difference_row { uint32_t exchange; const char *field; int64_t one, other; } difference_row;

typedef struct rows { void *at; size_t count, room; } rows;

static void *row_add(rows *r, size_t size)
{
	if (r->count == r->room) {
		const size_t room = r->room ? r->room * 2 : 128;
		void *more = base_realloc(r->at, room * size);
		if (!more)
			return NULL;
		r->at = more;
		r->room = room;
	}
	void *at = (char *)r->at + r->count++ * size;
	memset(at, 0, size);
	return at;
}

typedef struct load {
	ledger      *l;
	arena       *a;
	const answer_units *u;
	const answer_filter *f;
	answer_set  *s;
	uint32_t     from;              /* exchanges of this round begin here */
	buf          ids;               /* "[1,2,3]": exchanges, then their claims */
	rows         accounts;          /* ledger_claim */
	rows         parties, items, links, differences;
	table       *account_of;        /* claim -> account */
	rows         places;            /* uint32_t: the exchange of each account */
	kula_error  *err;
	kula_status  status;
} load;

static bool good(const load *d) { return d->status == KULA_OK; }
static bool refuse(load *d)
{
	if (good(d))
		d->status = answer_no_memory(d->err);
	return false;
}

/* Calls see for every row of a query whose ?1 is the list of this round's exchanges. */
static void each(load *d, const char *sql, bool (*see)(load *d, sqlite3_stmt *q))
{
	if (!good(d))
		return;
	sqlite3_stmt *q = db_query(d->l, sql, d->err);
	if (!q) {
		d->status = d->err->status;
		return;
	}
	sqlite3_bind_text(q, 1, d->ids.at, (int)d->ids.n, SQLITE_STATIC);
	int code = SQLITE_DONE;
	while (good(d) && (code = sqlite3_step(q)) == SQLITE_ROW)
		see(d, q);
	if (good(d) && code != SQLITE_DONE)
		d->status = db_fail(d->l, d->err, code, "reading exchanges");
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

static kula_day day_at(sqlite3_stmt *q, int at) { return sqlite3_column_type(q, at) == SQLITE_NULL ? KULA_NO_DAY : sqlite3_column_int(q, at); }
static double real_at(sqlite3_stmt *q, int at) { return sqlite3_column_type(q, at) == SQLITE_NULL ? NAN : sqlite3_column_double(q, at); }

static bool see_exchange(load *d, sqlite3_stmt *q)
{
	answer_set *s = d->s;
	const int64_t exchange = sqlite3_column_int64(q, 0);
	if (s->count == s->room) {
		const uint32_t room = s->room ? s->room * 2 : 64;
		answer_exchange *more = ARENA_NEW(d->a, answer_exchange, room);
		if (!more)
			return refuse(d);
		if (s->count)
			memcpy(more, s->at, s->count * sizeof *more);
		s->at = more;
		s->room = room;
	}
	bool fresh;
	uint32_t *place = table_put(s->index, &exchange, sizeof exchange, &fresh);
	if (!place)
		return refuse(d);
	if (!fresh)
		return true;
	*place = s->count;
	const int act = kula_act_of((const char *)sqlite3_column_text(q, 2)), status = kula_claim_status_of((const char *)sqlite3_column_text(q, 3));
	if (act < 0 || status < 0) {
		d->status = kula_fail(d->err, KULA_EFORMAT, 0, "exchange %lld: its act or status is none of the contract's", (long long)exchange);
		return false;
	}
	answer_exchange *x = &s->at[s->count++];
	*x = (answer_exchange){.exchange = exchange, .lead = (uint32_t)-1, .act = (kula_act)act, .status = (kula_claim_status)status,
		.fact = sqlite3_column_int(q, 4) != 0, .days = {day_at(q, 5), day_at(q, 6)}, .due = {KULA_NO_DAY, KULA_NO_DAY},
		.told_first = day_at(q, 7), .told_last = day_at(q, 8), .documents = (uint32_t)sqlite3_column_int(q, 10),
		.independent = (uint32_t)sqlite3_column_int(q, 11), .value = {NAN, NAN, false}};
	snprintf(x->number, sizeof x->number, "%lld", (long long)sqlite3_column_int64(q, 1));   /* the lead's row, until accounts are there */
	x->day = x->days.first != KULA_NO_DAY ? x->days.first : x->told_first;
	return true;
}

static bool see_claim(load *d, sqlite3_stmt *q)
{
	const int64_t exchange = sqlite3_column_int64(q, 0), claim = sqlite3_column_int64(q, 1);
	const uint32_t *place = table_get(d->s->index, &exchange, sizeof exchange);
	uint32_t *at = row_add(&d->places, sizeof *at);
	ledger_claim *k = row_add(&d->accounts, sizeof *k);
	uint32_t *account = table_put(d->account_of, &claim, sizeof claim, NULL);
	if (!at || !k || !account || !place)
		return refuse(d);
	*at = *place;
	*account = (uint32_t)d->accounts.count - 1;
	arena *a = d->a;
	k->claim = claim;
	k->document = sqlite3_column_int64(q, 2);
	k->ordinal = (uint32_t)sqlite3_column_int(q, 3);
	k->active = k->stands = true;
	k->as_read = sqlite3_column_int64(q, 25);
	snprintf(k->number, sizeof k->number, "%lld.%u", (long long)k->document, k->ordinal);
	kula_claim *c = &k->c;
	const int act = kula_act_of((const char *)sqlite3_column_text(q, 4)), status = kula_claim_status_of((const char *)sqlite3_column_text(q, 5));
	if (act < 0 || status < 0) {
		d->status = kula_fail(d->err, KULA_EFORMAT, 0, "claim %s: its act or status is none of the contract's", k->number);
		return false;
	}
	c->act = (kula_act)act;
	c->status = (kula_claim_status)status;
	c->date = (kula_days){day_at(q, 6), day_at(q, 7)};
	c->due = (kula_days){day_at(q, 8), day_at(q, 9)};
	c->value = (kula_quantity){.min = NAN, .max = NAN, .unit = "count"};
	c->has_value = sqlite3_column_type(q, 12) != SQLITE_NULL;
	if (c->has_value)
		c->value = (kula_quantity){.min = real_at(q, 10), .max = real_at(q, 11), .unit = db_text(q, 12, a), .approx = sqlite3_column_int(q, 13) != 0};
	c->place_at = db_text(q, 14, a);
	c->agreement = db_text(q, 15, a);
	c->condition = db_text(q, 16, a);
	c->confidence = real_at(q, 17);
	c->trigger = db_text(q, 18, a);
	c->span = (kula_span){(uint32_t)sqlite3_column_int(q, 19), (uint32_t)sqlite3_column_int(q, 20)};
	k->doc = db_text(q, 21, a);
	k->title = db_text(q, 22, a);
	k->publisher = db_text(q, 23, a);
	k->published = day_at(q, 24);
	k->day = c->date.first != KULA_NO_DAY ? c->date.first : k->published;
	return !arena_refused(a) || refuse(d);
}

static bool see_party(load *d, sqlite3_stmt *q)
{
	const int64_t claim = sqlite3_column_int64(q, 0);
	const uint32_t *account = table_get(d->account_of, &claim, sizeof claim);
	party_row *r = account ? row_add(&d->parties, sizeof *r) : NULL;
	if (!r)
		return refuse(d);
	const char *side = (const char *)sqlite3_column_text(q, 1);
	r->account = *account;
	r->side = side[0] == 'f' ? 0 : side[0] == 't' ? 1 : 2;
	r->p.text = db_text(q, 2, d->a);
	if (sqlite3_column_type(q, 3) != SQLITE_NULL)
		snprintf(r->p.code, sizeof r->p.code, "%s", (const char *)sqlite3_column_text(q, 3));
	r->p.verb = db_text(q, 4, d->a);
	return r->p.text || refuse(d);
}

static bool see_item(load *d, sqlite3_stmt *q)
{
	const int64_t claim = sqlite3_column_int64(q, 0);
	const uint32_t *account = table_get(d->account_of, &claim, sizeof claim);
	item_row *r = account ? row_add(&d->items, sizeof *r) : NULL;
	if (!r)
		return refuse(d);
	const int kind = kula_kind_of((const char *)sqlite3_column_text(q, 3));
	const int per = sqlite3_column_type(q, 7) == SQLITE_NULL ? 0 : kula_per_of((const char *)sqlite3_column_text(q, 7));
	r->account = *account;
	r->item = (kula_item){.text = db_text(q, 1, d->a), .what = db_text(q, 2, d->a), .kind = kind < 0 ? KULA_GOODS : (kula_kind)kind,
		.q = {real_at(q, 4), real_at(q, 5), db_text(q, 6, d->a), per < 0 ? KULA_PER_NONE : (kula_per)per, sqlite3_column_int(q, 8) != 0},
		.in = sqlite3_column_type(q, 9) == SQLITE_NULL ? -1 : sqlite3_column_int(q, 9)};
	return (r->item.text && r->item.what && r->item.q.unit) || refuse(d);
}

static bool see_link(load *d, sqlite3_stmt *q)
{
	const int64_t mine = sqlite3_column_int64(q, 0);
	const uint32_t *place = table_get(d->s->index, &mine, sizeof mine);
	const char *type = (const char *)sqlite3_column_text(q, 1);
	int t = 0;
	while (t < ANSWER_LINKS && strcmp(type, link_names[t]) != 0)
		t++;
	if (!place || t == ANSWER_LINKS)
		return true;
	link_row *r = row_add(&d->links, sizeof *r);
	if (!r)
		return refuse(d);
	r->exchange = *place;
	r->link = (answer_link){.type = (answer_link_type)t, .out = sqlite3_column_int(q, 3) != 0, .other = sqlite3_column_int64(q, 2)};
	snprintf(r->link.number, sizeof r->link.number, "x%lld.%lld", (long long)sqlite3_column_int64(q, 4), (long long)sqlite3_column_int64(q, 5));
	return true;
}

static bool see_difference(load *d, sqlite3_stmt *q)
{
	static const char *const fields[] = {"items", "date", "status", "act"};
	const int64_t exchange = sqlite3_column_int64(q, 0);
	const uint32_t *place = table_get(d->s->index, &exchange, sizeof exchange);
	const char *field = (const char *)sqlite3_column_text(q, 1);
	difference_row *r = place ? row_add(&d->differences, sizeof *r) : NULL;
	if (!r)
		return !place || refuse(d);
	r->exchange = *place;
	r->field = "";
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strcmp(field, fields[i]) == 0)
			r->field = fields[i];
	r->one = sqlite3_column_int64(q, 2);
	r->other = sqlite3_column_int64(q, 3);
	return true;
}

/* ---- what accounts allow together ---- */

const char *thing_head(const char *what, size_t *n)
{
	size_t end = strlen(what);
	while (end > 0 && what[end - 1] == ' ')
		end--;
	size_t from = end;
	while (from > 0 && what[from - 1] != ' ')
		from--;
	*n = end - from;
	return what + from;
}

bool thing_same_head(const char *a, const char *b)
{
	size_t n, m;
	const char *x = thing_head(a, &n), *y = thing_head(b, &m);
	if (n == 0 || n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (to_lower((byte)x[i]) != to_lower((byte)y[i]))
			return false;
	return true;
}

/* Whose figures count: of what happened those who tell of it as happened, not the plan before it; a denial has none. */
static uint32_t weight_of(const answer_exchange *x, kula_claim_status s)
{
	if (s == KULA_DENIED)
		return 0;
	if (!x->fact)
		return 2;
	return status_happened(s) ? 2 : 1;
}

static uint32_t figures(const kula_claim *c)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < c->item_count; i++)
		n += !isnan(c->items[i].q.min) || !isnan(c->items[i].q.max);
	return n;
}

typedef struct figure { uint32_t thing, account; answer_interval q; /* in the base unit */ } figure;

typedef struct things { answer_thing *at; uint32_t count, room; } things;

static answer_thing *thing_add(arena *a, things *t)
{
	if (t->count == t->room) {
		const uint32_t room = t->room ? t->room * 2 : 4;
		answer_thing *more = ARENA_NEW(a, answer_thing, room);
		if (!more)
			return NULL;
		if (t->count)
			memcpy(more, t->at, t->count * sizeof *more);
		t->at = more;
		t->room = room;
	}
	answer_thing *x = &t->at[t->count++];
	*x = (answer_thing){.in = -1};
	return x;
}

/* Items that are in no other, of a kind, unit and rate. */
static uint32_t tops_of(const answer_units *u, const kula_claim *c, kula_kind kind, const char *base, kula_per per)
{
	uint32_t n = 0;
	double times;
	for (uint32_t i = 0; i < c->item_count; i++)
		n += c->items[i].in < 0 && c->items[i].kind == kind && c->items[i].q.per == per
			&& strcmp(answer_unit_base(u, c->items[i].q.unit, &times), base) == 0;
	return n;
}

/* The thing that an item of another account is about, or a new one. parent: the thing that its including item is, or -1. */
static uint32_t thing_of(const answer_units *u, arena *a, things *t, const kula_claim *c, const kula_item *it, int32_t parent, bool first)
{
	double times;
	const char *base = answer_unit_base(u, it->q.unit, &times);
	uint32_t tops = 0, top = 0, named = UINT32_MAX;
	for (uint32_t i = 0; i < t->count; i++) {
		const answer_thing *x = &t->at[i];
		if (x->per != it->q.per || strcmp(x->base, base) != 0)
			continue;
		/* of several of one name the one at the same level */
		if (thing_same_head(x->what, it->what) && (named == UINT32_MAX || (x->in < 0) == (it->in < 0)))
			named = i;
		if (x->in < 0 && x->kind == it->kind) {
			tops++;
			top = i;
		}
	}
	if (named != UINT32_MAX)
		return named;
	const uint32_t mine = it->in < 0 ? tops_of(u, c, it->kind, base, it->q.per) : 0;
	if (!first && it->in < 0 && tops == 1 && mine == 1)
		return top;             /* each tells of one: "70 animals", "75 beasts" */
	answer_thing *x = thing_add(a, t);
	if (!x)
		return UINT32_MAX;
	const uint32_t at = t->count - 1;
	x->what = it->what;
	x->text = it->text;
	x->kind = it->kind;
	x->unit = it->q.unit;
	x->per = it->q.per;
	x->base = base;
	x->times = times;
	x->in = parent;
	if (!first && it->in < 0 && tops > 1 && mine == 1)      /* one figure for what another account tells one by one */
		for (uint32_t i = 0; i < at; i++)
			if (t->at[i].in < 0 && t->at[i].kind == it->kind && t->at[i].per == it->q.per && strcmp(t->at[i].base, base) == 0)
				t->at[i].in = (int32_t)at;
	return at;
}

static bool make_things(load *d, answer_exchange *x)
{
	uint32_t best = 0, reference = UINT32_MAX;
	for (uint32_t i = 0; i < x->account_count; i++) {
		const kula_claim *c = &x->accounts[i].c;
		const uint32_t w = weight_of(x, c->status) * 1000 + (c->item_count ? 100 : 0);
		if (c->item_count && w >= best) {
			const uint32_t rank = w + 10 * MIN_OF(c->item_count, 8) + 2 * MIN_OF(figures(c), 4) + (i == x->lead);
			if (rank > best) {
				best = rank;
				reference = i;
			}
		}
	}
	if (reference == UINT32_MAX)
		return true;
	const uint32_t level = weight_of(x, x->accounts[reference].c.status);
	things t = {0};
	uint32_t room = 0, count = 0;
	for (uint32_t i = 0; i < x->account_count; i++)
		room += x->accounts[i].c.item_count;
	figure *f = base_malloc((room + 1) * sizeof *f);
	int32_t *thing = base_malloc((room + 1) * sizeof *thing);
	answer_interval *q = base_malloc((room + 1) * sizeof *q);
	bool ok = f && thing && q;
	for (uint32_t round = 0; ok && round <= x->account_count; round++) {
		const uint32_t i = round == 0 ? reference : round - 1;
		const kula_claim *c = &x->accounts[i].c;
		if ((round && i == reference) || weight_of(x, c->status) < level)
			continue;
		for (uint32_t k = 0; k < c->item_count; k++)
			thing[k] = -1;
		/* wholes before their parts: as many passes as parts can be nested, each of which settles at least one */
		for (uint32_t pass = 0, left = c->item_count; ok && left && pass <= c->item_count; pass++)
			for (uint32_t k = 0; ok && k < c->item_count; k++) {
				const kula_item *it = &c->items[k];
				if (thing[k] >= 0 || (it->in >= 0 && thing[it->in] < 0))
					continue;
				const uint32_t at = thing_of(d->u, d->a, &t, c, it, it->in >= 0 ? thing[it->in] : -1, round == 0);
				if (at == UINT32_MAX) {
					ok = false;
					break;
				}
				thing[k] = (int32_t)at;
				left--;
				double times;
				answer_unit_base(d->u, it->q.unit, &times);
				const answer_interval told = interval_scaled((answer_interval){it->q.min, it->q.max, it->q.approx}, times);
				figure *same = NULL;    /* several items of one account that are one thing are added */
				for (uint32_t n = 0; n < count && !same; n++)
					if (f[n].thing == at && f[n].account == i)
						same = &f[n];
				if (same) {
					same->q = (answer_interval){same->q.min + told.min, same->q.max + told.max, same->q.approx || told.approx};
				} else {
					f[count++] = (figure){at, i, told};
					t.at[at].told++;
				}
				if (strcmp(t.at[at].unit, it->q.unit) != 0) {
					t.at[at].unit = t.at[at].base;
					t.at[at].times = 1;
				}
			}
	}
	for (uint32_t i = 0; ok && i < t.count; i++) {
		uint32_t n = 0;
		for (uint32_t k = 0; k < count; k++)
			if (f[k].thing == i)
				q[n++] = f[k].q;
		const answer_interval all = answer_allowed(q, n, &t.at[i].differ);
		/* the unit's factor was applied on the way in: back, and whole where the figures were */
		t.at[i].q = t.at[i].times == 1 ? all : interval_scaled(all, 1 / t.at[i].times);
		if (n == 1 && t.at[i].times != 1)
			for (uint32_t k = 0; k < x->accounts[reference].c.item_count; k++) {
				const kula_item *it = &x->accounts[reference].c.items[k];
				if (it->text == t.at[i].text)
					t.at[i].q = (answer_interval){it->q.min, it->q.max, it->q.approx};
			}
		const answer_interval told = n ? q[0] : (answer_interval){NAN, NAN, false};
		t.at[i].as_lead = ((isnan(told.min) && isnan(all.min)) || told.min == all.min) && ((isnan(told.max) && isnan(all.max)) || told.max == all.max);
	}
	free(f);
	free(thing);
	free(q);
	if (!ok)
		return refuse(d);
	x->things = t.at;
	x->thing_count = t.count;
	return true;
}

/* What days allow together: where they touch, their common part, else the narrowest; nothing from those without. */
static void narrow(kula_days *all, kula_days one)
{
	if (one.first == KULA_NO_DAY)
		return;
	if (all->first == KULA_NO_DAY)
		*all = one;
	else if (MAX_OF(all->first, one.first) <= MIN_OF(all->last, one.last))
		*all = (kula_days){MAX_OF(all->first, one.first), MIN_OF(all->last, one.last)};
	else if (one.last - one.first < all->last - all->first)
		*all = one;
}

static answer_way way_of(const answer_exchange *x, const char *a, const char *b)
{
	if (kula_act_is_equal(x->act))
		return ANSWER_BOTH;
	bool forth = false, back = false;
	for (uint32_t i = 0; i < x->account_count; i++) {
		const kula_claim *c = &x->accounts[i].c;
		forth |= has_code(c->from, c->from_count, a) && (!b || has_code(c->to, c->to_count, b));
		back |= (!b || has_code(c->from, c->from_count, b)) && has_code(c->to, c->to_count, a);
	}
	return forth == back ? ANSWER_BOTH : forth ? ANSWER_FORTH : ANSWER_BACK;
}

static int account_order(const void *left, const void *right)
{
	const ledger_claim *x = left, *y = right;
	if (x->published != y->published)
		return x->published < y->published ? -1 : 1;
	if (x->document != y->document)
		return x->document < y->document ? -1 : 1;
	return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static uint32_t account_named(const answer_exchange *x, int64_t claim)
{
	for (uint32_t i = 0; i < x->account_count; i++)
		if (x->accounts[i].claim == claim)
			return i;
	return UINT32_MAX;
}

static int link_order(const void *left, const void *right)
{
	const answer_link *x = left, *y = right;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->out != y->out)
		return x->out ? -1 : 1;
	return x->other < y->other ? -1 : x->other > y->other;
}

static bool finish(load *d, answer_exchange *x)
{
	const int64_t lead = strtoll(x->number, NULL, 10);
	if (x->account_count == 0) {
		d->status = kula_fail(d->err, KULA_EFORMAT, 0, "exchange %lld has no claim: run 'kula join --rebuild'", (long long)x->exchange);
		return false;
	}
	qsort(x->accounts, x->account_count, sizeof *x->accounts, account_order);
	const uint32_t first = account_named(x, x->exchange);
	x->lead = account_named(x, lead);
	if (x->lead == UINT32_MAX)
		x->lead = 0;
	snprintf(x->number, sizeof x->number, "x%s", x->accounts[first == UINT32_MAX ? 0 : first].number);
	x->steps = ARENA_NEW(d->a, answer_step, x->account_count);
	if (!x->steps)
		return refuse(d);
	const kula_claim *told = &x->accounts[x->lead].c;
	x->from = told->from;
	x->from_count = told->from_count;
	x->to = told->to;
	x->to_count = told->to_count;
	x->agreement = told->agreement;
	x->condition = told->condition;
	uint32_t worth = 0;
	answer_interval *values = base_malloc(x->account_count * sizeof *values);
	if (!values)
		return refuse(d);
	for (uint32_t i = 0; i < x->account_count; i++) {
		const kula_claim *c = &x->accounts[i].c;
		if (x->step_count == 0 || x->steps[x->step_count - 1].status != c->status)
			x->steps[x->step_count++] = (answer_step){c->status, x->accounts[i].published, i};
		if (!kula_act_is_equal(c->act) && x->from_count == 0 && c->from_count) {
			x->from = c->from;
			x->from_count = c->from_count;
		}
		if (!kula_act_is_equal(c->act) && x->to_count == 0 && c->to_count) {
			x->to = c->to;
			x->to_count = c->to_count;
		}
		x->agreement = x->agreement ? x->agreement : c->agreement;
		x->condition = x->condition ? x->condition : c->condition;
		narrow(&x->due, c->due);
		if (c->has_value && c->status != KULA_DENIED && (!x->value_unit || strcmp(x->value_unit, c->value.unit) == 0)) {
			x->value_unit = c->value.unit;
			values[worth++] = (answer_interval){c->value.min, c->value.max, c->value.approx};
		}
	}
	bool differ;
	if (worth)
		x->value = answer_allowed(values, worth, &differ);
	free(values);
	if (d->f->a || (d->f->from && d->f->to))
		x->way = way_of(x, d->f->a ? d->f->a : d->f->from, d->f->a ? d->f->b : d->f->to);
	return make_things(d, x);
}

/* ---- from rows to exchanges ---- */

static void sort_accounts(load *d)
{
	answer_set *s = d->s;
	ledger_claim *all = d->accounts.at;
	const uint32_t *place = d->places.at, count = (uint32_t)d->accounts.count;
	const party_row *p = d->parties.at;
	const item_row *it = d->items.at;
	/* parties and items to their claims: rows of one claim and side stand together, in order */
	for (size_t i = 0, end; good(d) && i < d->parties.count; i = end) {
		for (end = i; end < d->parties.count && p[end].account == p[i].account && p[end].side == p[i].side; end++) {}
		kula_party *copy = ARENA_NEW(d->a, kula_party, end - i);
		if (!copy) {
			refuse(d);
			return;
		}
		for (size_t k = i; k < end; k++)
			copy[k - i] = p[k].p;
		kula_claim *c = &all[p[i].account].c;
		const uint32_t n = (uint32_t)(end - i);
		if (p[i].side == 0) {
			c->from = copy;
			c->from_count = n;
		} else if (p[i].side == 1) {
			c->to = copy;
			c->to_count = n;
		} else {
			c->said_by = copy;
			c->said_by_count = n;
		}
	}
	for (size_t i = 0, end; good(d) && i < d->items.count; i = end) {
		for (end = i; end < d->items.count && it[end].account == it[i].account; end++) {}
		kula_item *copy = ARENA_NEW(d->a, kula_item, end - i);
		if (!copy) {
			refuse(d);
			return;
		}
		const uint32_t n = (uint32_t)(end - i);
		for (size_t k = i; k < end; k++) {
			copy[k - i] = it[k].item;
			if (copy[k - i].in >= (int32_t)n || copy[k - i].in < 0)
				copy[k - i].in = -1;
		}
		all[it[i].account].c.items = copy;
		all[it[i].account].c.item_count = n;
	}
	for (uint32_t i = 0; i < count; i++)
		s->at[place[i]].account_count++;
	for (uint32_t e = d->from; good(d) && e < s->count; e++) {
		s->at[e].accounts = ARENA_NEW(d->a, ledger_claim, MAX_OF(s->at[e].account_count, 1));
		if (!s->at[e].accounts)
			refuse(d);
		s->at[e].account_count = 0;
	}
	for (uint32_t i = 0; good(d) && i < count; i++) {
		answer_exchange *x = &s->at[place[i]];
		x->accounts[x->account_count++] = all[i];
	}
	for (uint32_t e = d->from; good(d) && e < s->count; e++)
		finish(d, &s->at[e]);
}

static void sort_links(load *d)
{
	answer_set *s = d->s;
	const link_row *r = d->links.at;
	const difference_row *f = d->differences.at;
	for (size_t i = 0; i < d->links.count; i++)
		s->at[r[i].exchange].link_count++;
	for (size_t i = 0; i < d->differences.count; i++)
		s->at[f[i].exchange].difference_count++;
	for (uint32_t e = d->from; e < s->count; e++) {
		answer_exchange *x = &s->at[e];
		x->links = ARENA_NEW(d->a, answer_link, MAX_OF(x->link_count, 1));
		x->differences = ARENA_NEW(d->a, answer_difference, MAX_OF(x->difference_count, 1));
		if (!x->links || !x->differences) {
			refuse(d);
			return;
		}
		x->link_count = x->difference_count = 0;
	}
	for (size_t i = 0; i < d->links.count; i++) {
		answer_exchange *x = &s->at[r[i].exchange];
		x->links[x->link_count++] = r[i].link;
	}
	for (uint32_t e = d->from; e < s->count; e++)
		if (s->at[e].link_count > 1)
			qsort(s->at[e].links, s->at[e].link_count, sizeof *s->at[e].links, link_order);
	for (size_t i = 0; i < d->differences.count; i++) {
		answer_exchange *x = &s->at[f[i].exchange];
		const uint32_t one = account_named(x, f[i].one), other = account_named(x, f[i].other);
		if (one == UINT32_MAX || other == UINT32_MAX || !*f[i].field)
			continue;
		x->differences[x->difference_count++] = (answer_difference){f[i].field, one, other};
		if (strcmp(f[i].field, "status") == 0)
			x->contested = true;
	}
}

/* The list that `each` asks with: these numbers, or with NULL the claims that were read. */
static void list_ids(load *d, const int64_t *ids, size_t count)
{
	const ledger_claim *accounts = d->accounts.at;
	d->ids.n = 0;
	buf_char(&d->ids, '[');
	for (size_t i = 0; i < count; i++)
		buf_format(&d->ids, i ? ",%lld" : "%lld", (long long)(ids ? ids[i] : accounts[i].claim));
	buf_char(&d->ids, ']');
	if (d->ids.refused)
		refuse(d);
}

/* One round: the exchanges of a list that are not in the set yet. */
static void load_round(load *d, const int64_t *ids, size_t count)
{
	d->from = d->s->count;
	list_ids(d, ids, count);
	d->accounts.count = d->parties.count = d->items.count = d->links.count = d->differences.count = d->places.count = 0;
	d->account_of = table_new();
	if (!d->account_of)
		refuse(d);
#define OF_THESE " FROM json_each(?1) j CROSS JOIN "
	each(d, "SELECT x.exchange, x.lead, x.act, x.status, x.fact, x.day_first, x.day_last, x.told_first, x.told_last, x.claims, x.documents,"
		" x.independent" OF_THESE "exchange x ON x.exchange = j.value", see_exchange);
	each(d, "SELECT e.exchange, c.claim, c.document, c.ordinal, c.act, c.status, c.date_first, c.date_last, c.due_first, c.due_last,"
		" c.value_min, c.value_max, c.value_unit, c.value_approx, c.place_at, c.agreement, c.condition, c.confidence, c.trigger_text,"
		" c.span_from, c.span_to, d.doc, d.title, d.publisher, d.published, ifnull(c.as_read, c.claim)" OF_THESE "exchange_claim e ON e.exchange = j.value"
		" CROSS JOIN claim c ON c.claim = e.claim CROSS JOIN document d ON d.document = c.document", see_claim);
	/* Of claims in this order, each one's rows in the order of their key: no sorting. */
	list_ids(d, NULL, d->accounts.count);
	each(d, "SELECT p.claim, p.side, p.text, p.code, p.verb" OF_THESE "party p ON p.claim = j.value", see_party);
	each(d, "SELECT i.claim, i.text, i.what, i.kind, i.min, i.max, i.unit, i.per, i.approx, i.in_item" OF_THESE "item i ON i.claim = j.value", see_item);
	list_ids(d, ids, count);
	each(d, "SELECT k.exchange, k.field, k.claim, k.other" OF_THESE "difference k ON k.exchange = j.value", see_difference);
	if (!d->f->without_links) {
		each(d, "SELECT k.from_exchange, k.type, k.to_exchange, 1, c.document, c.ordinal" OF_THESE "link k ON k.from_exchange = j.value"
			" CROSS JOIN claim c ON c.claim = k.to_exchange", see_link);
		each(d, "SELECT k.to_exchange, k.type, k.from_exchange, 0, c.document, c.ordinal" OF_THESE "link k ON k.to_exchange = j.value"
			" CROSS JOIN claim c ON c.claim = k.from_exchange", see_link);
	}
#undef OF_THESE
	if (good(d))
		sort_accounts(d);
	if (good(d))
		sort_links(d);
	table_free(d->account_of);
	d->account_of = NULL;
}

kula_status answer_exchanges(ledger *l, const answer_units *u, arena *a, const answer_filter *f, uint32_t links, answer_set *out, kula_error *err)
{
	*out = (answer_set){.index = table_new()};
	load d = {.l = l, .a = a, .u = u, .f = f, .s = out, .err = err};
	id_list ids = {0};
	if (!out->index)
		refuse(&d);
	/* One instant of the ledger for all that is read. */
	if (good(&d))
		d.status = db_run(l, "SAVEPOINT answer", err);
	const bool begun = good(&d);
	if (good(&d))
		d.status = answer_ids(l, f, &ids, err);
	if (good(&d) && ids.count)
		load_round(&d, ids.at, ids.count);
	out->asked = out->count;
	while (good(&d) && links && out->count) {
		ids.count = 0;
		table *met = table_new();
		if (!met)
			refuse(&d);
		for (uint32_t e = d.from; good(&d) && e < out->count; e++)
			for (uint32_t k = 0; k < out->at[e].link_count; k++) {
				const answer_link *n = &out->at[e].links[k];
				bool fresh = false;
				if (!(links & 1u << n->type) || table_get(out->index, &n->other, sizeof n->other))
					continue;
				if (!table_put(met, &n->other, sizeof n->other, &fresh))
					refuse(&d);
				if (fresh)
					id_add(&ids, n->other);
			}
		table_free(met);
		if (ids.refused)
			refuse(&d);
		if (!good(&d) || ids.count == 0)
			break;
		load_round(&d, ids.at, ids.count);
	}
	if (begun)
		db_run(l, "RELEASE answer", NULL);
	id_free(&ids);
	buf_free(&d.ids);
	free(d.accounts.at);
	free(d.parties.at);
	free(d.items.at);
	free(d.links.at);
	free(d.differences.at);
	free(d.places.at);
	if (!good(&d))
		answer_set_clear(out);
	return d.status;
}

void answer_set_clear(answer_set *s)
{
	table_free(s->index);
	*s = (answer_set){0};
}

uint32_t answer_place(const answer_set *s, int64_t exchange)
{
	const uint32_t *place = s->index ? table_get(s->index, &exchange, sizeof exchange) : NULL;
	return place ? *place : UINT32_MAX;
}

const char *answer_sentence(ledger *l, arena *a, int64_t claim, kula_error *err)
{
	ledger_claim k;
	return ledger_claim_load(l, a, claim, &k, err) == KULA_OK ? k.c.evidence : NULL;
}
