/* kula read: documents in, claims out, in order, on all cores.
 *
 *	main thread     files -> documents -> slots            workers     slot -> claims -> bytes         writer     bytes, in order
 *
 * The slots are a ring, so memory is bounded by their number and by the bytes of text that they may hold together. A thread of
 * its own writes, so that a program which sends one document and waits for its answer gets it before it sends the next.
 */
#include "cli/cli.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer/plover.h"
#include "claims/claims.h"
#include "cli/render.h"

#define ARENA_BYTES ((size_t)512 << 20)         /* of one document with its line and the claims it brings along */
#define FLIGHT_BYTES ((size_t)48 << 20)         /* of text under way; one document may be more, then it flies alone */

enum { MOST_JOBS = 256 };

typedef enum slot_state { SLOT_EMPTY, SLOT_READY, SLOT_TAKEN, SLOT_DONE } slot_state;

typedef struct slot {
	slot_state      state;
	arena          *a;
	source_document doc;
	kula_error      err;            /* the document is lost, and why */
	bool            fatal;          /* nothing can be read any more */
	buf             out;
	uint32_t        claims;
} slot;

typedef struct read_work {
	/* fixed before the threads start */
	const kula_reader *reader;
	const know        *names;       /* for the tables and for events only */
	const plover      *events;      /* not NULL: events instead of claims */
	screen             screen;
	bool               table, flat, why, quiet;
	claims_offsets     offsets;
	FILE              *out;
	const char        *out_name;

	pthread_mutex_t lock;           /* guards all below, and the states of the slots */
	pthread_cond_t  moved;
	slot           *slots;
	uint32_t        slot_count;
	uint64_t        filled, taken, written;         /* documents so far; slot i % slot_count */
	size_t          flight_bytes;
	bool            ended;          /* no more documents come */
	bool            stopping;       /* asked to stop, or the output is gone */
	bool            waiting;        /* the main thread is inside source_next */

	/* the writer's own */
	uint64_t     documents, claims, failed;
	bool         said_no_day;
	int          code;              /* of the first document that failed */
	cli_progress progress;
} read_work;

/* ---- one document's bytes ---- */

static void add_why(buf *b, const kula_reading *g, uint32_t i)
{
	const char *const why = kula_reading_why(g, i);
	if (why == NULL || b->n == 0 || b->refused)
		return;
	b->n--;                                 /* the claim's closing brace */
	buf_text(b, ",\"why\":");
	buf_text(b, why);
	buf_char(b, '}');
}

static void write_flat(const read_work *w, buf *b, const kula_reading *g)
{
	const kula_document *const d = kula_reading_document(g);
	for (uint32_t i = 0; i < kula_claim_count(g); i++) {
		buf_text(b, "{\"doc\":");
		json_text(b, d->id);
		if (d->published != KULA_NO_DAY) {
			char day[16];
			kula_day_format(d->published, day);
			buf_format(b, ",\"published\":\"%s\"", day);
		}
		if (d->publisher != NULL) {
			buf_text(b, ",\"publisher\":");
			json_text(b, d->publisher);
		}
		const size_t brace = b->n;
		claims_write_claim(b, d, kula_claim_at(g, i), true, w->offsets);
		if (!b->refused)
			b->at[brace] = ',';
		if (w->why)
			add_why(b, g, i);
		buf_char(b, '\n');
	}
}

static void write_json(const read_work *w, buf *b, const kula_reading *g)
{
	static const char empty[] = "]}\n";
	const kula_document *const d = kula_reading_document(g);
	const uint32_t count = kula_claim_count(g);
	if (!w->why) {
		claims_write_document(b, d, count > 0 ? kula_claim_at(g, 0) : NULL, count, true, w->offsets);
		return;
	}
	claims_write_document(b, d, NULL, 0, true, w->offsets);
	if (b->refused || b->n < strlen(empty))
		return;
	b->n -= strlen(empty);                  /* the list of claims ends the line; it is filled here */
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(b, ',');
		claims_write_claim(b, d, kula_claim_at(g, i), true, w->offsets);
		add_why(b, g, i);
	}
	buf_text(b, empty);
}

/* ---- the table for people ---- */

static bool is_told(const kula_party *p, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (p[i].code[0] != '\0' && strcmp(p[i].code, p[j].code) == 0)
			return true;
	return false;
}

/* Names of countries, each once; the words of a party without a code. */
static void party_names(const read_work *w, buf *b, const kula_party *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (is_told(p, i))
			continue;
		const char *const name = p[i].code[0] != '\0' && w->names != NULL ? know_code_name(w->names, p[i].code) : NULL;
		buf_text(b, i > 0 ? ", " : "");
		buf_text(b, name != NULL ? name : p[i].code[0] != '\0' ? p[i].code : p[i].text);
	}
}

static void says_words(buf *b, const kula_claim *c)
{
	for (uint32_t i = 0; i < c->said_by_count; i++) {
		const kula_party *const p = &c->said_by[i];
		buf_text(b, i > 0 ? "; " : "");
		buf_text(b, p->text);
		if (p->code[0] != '\0' && strcmp(p->code, p->text) != 0)
			buf_format(b, " (%s)", p->code);
		if (p->verb != NULL && p->verb[0] != '\0')
			buf_format(b, ": %s", p->verb);
	}
}

/* The end of the JSON string, number or word that begins at `at`. */
static const char *value_end(const char *at)
{
	if (*at != '"')
		return at + strcspn(at, ",}]");
	for (at++; *at != '\0' && *at != '"'; at++)
		at += *at == '\\' && at[1] != '\0';
	return at + (*at == '"');
}

/* The grounds of one claim, a line for each field. why is a list of flat objects: [{"field":"from","words":"Moscow",...},...] */
static void why_lines(const read_work *w, buf *b, const char *why)
{
	buf line = {0};
	for (const char *at = why != NULL ? why : ""; *at != '\0';) {
		if (*at != '"') {
			if (*at == '}' && line.n > 0) {
				text_wrap(b, &w->screen, 16, false, STYLE_DIM, buf_string(&line));
				line.n = 0;
			}
			at++;
			continue;
		}
		const char *const key = at + 1, *const key_end = value_end(at) - 1;
		const char *const value = key_end[0] == '"' && key_end[1] == ':' ? key_end + 2 : key_end;
		const char *const end = value_end(value);
		if (same_text(key, (size_t)(key_end - key), "field"))
			buf_format(b, "    %-12.*s", (int)MAX_OF(end - value - 2, 0), value + 1);
		else if (!same_text(value, (size_t)(end - value), "null"))
			buf_format(&line, "%s%.*s %.*s", line.n > 0 ? ", " : "", (int)(key_end - key), key, (int)(end - value), value);
		at = end > at ? end : at + 1;
	}
	buf_free(&line);
}

/* Title, id, publisher and day: what stands over a document's table. */
static void write_head(const read_work *w, buf *b, const kula_document *d)
{
	char day[16] = "";
	if (d->published != KULA_NO_DAY)
		kula_day_format(d->published, day);
	paint(b, &w->screen, STYLE_BOLD, d->title != NULL && d->title[0] != '\0' ? d->title : d->id);
	buf_char(b, '\n');
	paint(b, &w->screen, STYLE_DIM, d->id);
	if (d->publisher != NULL) {
		paint(b, &w->screen, STYLE_DIM, "  ");
		paint(b, &w->screen, STYLE_DIM, d->publisher);
	}
	if (day[0] != '\0') {
		paint(b, &w->screen, STYLE_DIM, "  ");
		paint(b, &w->screen, STYLE_DIM, day);
	}
	buf_char(b, '\n');
}

static void write_table(const read_work *w, buf *b, const kula_reading *g)
{
	static const sheet_column columns[] = {
		{"claim", "", true, SHEET_KEEP, 2},
		{"from", "from", false, SHEET_WRAP, 10},
		{"act", "act", false, SHEET_KEEP, 6},
		{"to", "to", false, SHEET_WRAP, 10},
		{"what", "what", false, SHEET_WRAP, 16},
		{"status", "status", false, SHEET_KEEP, 6},
		{"when", "when", false, SHEET_KEEP, 10},
		{"says", "according to", false, SHEET_WRAP, 12},
	};
	const kula_document *const d = kula_reading_document(g);
	const uint32_t count = kula_claim_count(g);
	write_head(w, b, d);
	if (count == 0) {
		paint(b, &w->screen, STYLE_DIM, "no claims");
		buf_text(b, "\n\n");
		return;
	}
	buf words = {0};
	sheet *t = NULL;
	for (uint32_t i = 0; i < count; i++) {
		const kula_claim *const c = kula_claim_at(g, i);
		if (t == NULL)
			t = sheet_new(SHEET_PEOPLE, w->screen, columns, COUNT_OF(columns));
		if (t == NULL)
			break;
		sheet_whole(t, STYLE_DIM, (int64_t)i + 1);
#define CELL(style, fill) (words.n = 0, fill, sheet_cell(t, style, buf_string(&words)))
		CELL(STYLE_ACCENT, party_names(w, &words, c->from, c->from_count));
		CELL(STYLE_BOLD, buf_text(&words, kula_act_name(c->act)));
		CELL(STYLE_SECOND, party_names(w, &words, c->to, c->to_count));
		CELL(STYLE_NONE, render_what(&words, &w->screen, c));
		CELL(style_of_status(c->status), buf_text(&words, kula_status_name(c->status)));
		CELL(STYLE_NONE, render_days(&words, c->date));
		CELL(STYLE_DIM, says_words(&words, c));
#undef CELL
		if (w->why) {                   /* each claim by itself, its grounds below it */
			sheet_print(t, b);
			sheet_free(t);
			t = NULL;
			why_lines(w, b, kula_reading_why(g, i));
		}
	}
	if (t != NULL)
		sheet_print(t, b);
	sheet_free(t);
	buf_free(&words);
	buf_char(b, '\n');
}

/* ---- events of PLOVER ---- */

static void actor_words(buf *b, const plover_actor *x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_text(b, i > 0 ? ", " : "");
		buf_text(b, x[i].code[0] != '\0' ? x[i].code : x[i].text);
		if (x[i].sector[0] != '\0')
			buf_format(b, " %s", x[i].sector);
	}
}

static void context_words(buf *b, const plover_event *e)
{
	for (uint32_t i = 0; i < PLOVER_CONTEXTS && e->context[i] != NULL; i++)
		buf_format(b, "%s%s", i > 0 ? ", " : "", e->context[i]);
}

static void event_table(const read_work *w, buf *b, const kula_document *d, const plover_event *e, uint32_t count)
{
	static const sheet_column columns[] = {
		{"claim", "", true, SHEET_KEEP, 2},
		{"event", "event", false, SHEET_KEEP, 8},
		{"mode", "mode", false, SHEET_KEEP, 6},
		{"source", "source", false, SHEET_WRAP, 10},
		{"target", "target", false, SHEET_WRAP, 10},
		{"date", "date", false, SHEET_KEEP, 10},
		{"context", "context", false, SHEET_WRAP, 10},
		{"words", "words", false, SHEET_WRAP, 10},
	};
	write_head(w, b, d);
	sheet *const t = count > 0 ? sheet_new(SHEET_PEOPLE, w->screen, columns, COUNT_OF(columns)) : NULL;
	if (t == NULL) {
		paint(b, &w->screen, STYLE_DIM, "no events");
		buf_text(b, "\n\n");
		return;
	}
	buf words = {0};
	for (uint32_t i = 0; i < count; i++) {
		if (e[i].claim >= 0)
			sheet_whole(t, STYLE_DIM, (int64_t)e[i].claim + 1);
		else
			sheet_cell(t, STYLE_DIM, NULL);
#define CELL(style, fill) (words.n = 0, fill, sheet_cell(t, style, buf_string(&words)))
		CELL(e[i].main ? STYLE_BOLD : STYLE_NONE, buf_text(&words, plover_class_name(e[i].class)));
		sheet_cell(t, STYLE_NONE, e[i].mode);
		CELL(STYLE_ACCENT, actor_words(&words, e[i].source, e[i].source_count));
		CELL(STYLE_SECOND, actor_words(&words, e[i].target, e[i].target_count));
		CELL(STYLE_NONE, render_days(&words, e[i].date));
		CELL(STYLE_DIM, context_words(&words, &e[i]));
		sheet_cell(t, STYLE_NONE, e[i].trigger_text);
#undef CELL
	}
	sheet_print(t, b);
	sheet_free(t);
	buf_free(&words);
	buf_char(b, '\n');
}

/* The events of one document; their number. a: the document's own arena. */
static uint32_t write_events(const read_work *w, arena *a, buf *b, const kula_reading *g)
{
	const kula_document *const d = kula_reading_document(g);
	uint32_t count = 0;
	const uint32_t claims = kula_claim_count(g);
	const plover_event *const e = plover_events(w->events, a, d, claims > 0 ? kula_claim_at(g, 0) : NULL, claims, PLOVER_WORDS, &count);
	if (arena_refused(a))
		b->refused = true;
	else if (w->table)
		event_table(w, b, d, e, count);
	else
		for (uint32_t i = 0; i < count; i++) {
			plover_write(b, d, &e[i]);
			buf_char(b, '\n');
		}
	return count;
}

/* ---- the threads ---- */

static void read_slot(const read_work *w, slot *s)
{
	kula_reading *const g = kula_read(w->reader, &s->doc.d, &s->err);
	if (g == NULL) {
		if (s->err.status == KULA_OK)
			kula_fail(&s->err, KULA_EMEMORY, 0, "no memory");
		return;
	}
	s->claims = kula_claim_count(g);
	if (w->events != NULL)
		s->claims = write_events(w, s->a, &s->out, g);
	else if (w->table)
		write_table(w, &s->out, g);
	else if (w->flat)
		write_flat(w, &s->out, g);
	else
		write_json(w, &s->out, g);
	if (s->out.refused)
		kula_fail(&s->err, KULA_EMEMORY, 0, "no memory for its claims");
	kula_reading_free(g);
}

static void *work_thread(void *arg)
{
	read_work *const w = arg;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->taken == w->filled && !w->ended && !w->stopping)
			pthread_cond_wait(&w->moved, &w->lock);
		if (w->taken == w->filled || w->stopping)
			break;
		slot *const s = &w->slots[w->taken++ % w->slot_count];
		s->state = SLOT_TAKEN;
		pthread_mutex_unlock(&w->lock);
		if (s->err.status == KULA_OK)           /* else it was lost at the door, and only has its place in the order */
			read_slot(w, s);
		pthread_mutex_lock(&w->lock);
		s->state = SLOT_DONE;
		pthread_cond_broadcast(&w->moved);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Writes one document's lines, or says why there are none. False: the output is gone. */
static bool write_slot(read_work *w, const slot *s)
{
	if (s->err.status != KULA_OK) {
		cli_progress_end(&w->progress);
		kula_error err = s->err;
		if (err.source == NULL)
			err.source = s->doc.d.id;
		const int code = cli_fail(&err);
		if (w->code == 0)
			w->code = code;
		w->failed++;
		return true;
	}
	if (s->doc.d.published == KULA_NO_DAY && !w->said_no_day) {
		w->said_no_day = true;
		cli_note(w->quiet, "'%s' has no day of publication (--published), so days like \"last week\" stay open", s->doc.d.id);
	}
	w->documents++;
	w->claims += s->claims;
	cli_progress_at(&w->progress, w->documents);
	return s->out.n == 0 || fwrite(s->out.at, 1, s->out.n, w->out) == s->out.n;
}

static void *write_thread(void *arg)
{
	read_work *const w = arg;
	bool whole = true;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		slot *const s = &w->slots[w->written % w->slot_count];
		if (w->written < w->filled && s->state == SLOT_DONE) {
			pthread_mutex_unlock(&w->lock);
			whole = write_slot(w, s);
			pthread_mutex_lock(&w->lock);
			w->flight_bytes -= s->doc.d.text_bytes;
			s->state = SLOT_EMPTY;
			w->written++;
			w->stopping |= !whole;
			pthread_cond_broadcast(&w->moved);
			if (!whole)
				break;
			continue;
		}
		/* Asked to stop: what no worker has begun is left. */
		if ((w->ended && w->written == w->filled) || (w->stopping && w->written == w->taken))
			break;
		pthread_mutex_unlock(&w->lock);
		whole = fflush(w->out) == 0;    /* nothing to write now: let the others see what there is */
		pthread_mutex_lock(&w->lock);
		w->stopping |= !whole;
		if (!whole)
			break;
		if (w->written < w->filled && s->state == SLOT_DONE)
			continue;
		if (!(w->ended && w->written == w->filled) && !(w->stopping && w->written == w->taken))
			pthread_cond_wait(&w->moved, &w->lock);
	}
	cli_progress_end(&w->progress);
	if ((!whole || fflush(w->out) != 0) && w->code != cli_exit(KULA_EIO))
		w->code = cli_error(KULA_EIO, "'%s' can't be written: %s", w->out_name, strerror(errno));
	/* The main thread may stand in a read of a pipe that nobody writes to; there is nothing left to wait for. */
	if (w->stopping && w->waiting)
		_exit(whole ? cli_exit(KULA_ECANCELLED) : cli_exit(KULA_EIO));
	w->stopping = true;
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Interrupts come here and nowhere else. The second one ends the process at once. */
static void *stop_thread(void *arg)
{
	read_work *const w = arg;
	sigset_t set;
	int number;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &number);
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	w->code = cli_exit(KULA_ECANCELLED);
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
	sigwait(&set, &number);
	_exit(cli_exit(KULA_ECANCELLED));
}

/* The next slot to fill, once there is one and the text under way leaves room; NULL: asked to stop. Leaves w->waiting set, since
 * its caller goes on to wait for a document. */
static slot *free_slot(read_work *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->stopping && (w->filled - w->written == w->slot_count || w->flight_bytes > FLIGHT_BYTES))
		pthread_cond_wait(&w->moved, &w->lock);
	slot *const s = w->stopping ? NULL : &w->slots[w->filled % w->slot_count];
	w->waiting = s != NULL;
	pthread_mutex_unlock(&w->lock);
	return s;
}

/* Hands a slot to the workers, a document or the error in its place. */
static void fill_slot(read_work *w, slot *s)
{
	pthread_mutex_lock(&w->lock);
	w->waiting = false;
	s->state = SLOT_READY;
	w->flight_bytes += s->doc.d.text_bytes;
	w->filled++;
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
}

/* All documents of one file into the slots. False: asked to stop. */
static bool read_file(read_work *w, const char *path, const char *publisher, kula_day published)
{
	source *in = NULL;
	bool opened = false;
	for (;;) {
		slot *const s = free_slot(w);
		if (s == NULL)
			break;
		arena_clear(s->a);
		s->out.n = 0;
		s->claims = 0;
		s->err = (kula_error){0};
		s->doc = (source_document){.d = {.published = KULA_NO_DAY}};
		if (!opened)
			in = source_open(path, publisher, published, &s->err);
		if (in == NULL) {
			if (s->err.source == NULL)
				s->err.source = path;
			fill_slot(w, s);
			return true;
		}
		opened = true;
		kula_status got;
		do {                            /* lines without text, such as a dossier's links, are no documents */
			got = source_next(in, s->a, &s->doc, &s->err);
		} while (got == KULA_OK && s->doc.d.text == NULL);
		if (got == KULA_ENOTFOUND) {
			pthread_mutex_lock(&w->lock);
			w->waiting = false;
			pthread_mutex_unlock(&w->lock);
			source_close(in);
			return true;
		}
		if (got != KULA_OK) {
			if (s->err.source == NULL)
				s->err.source = path;
			s->doc.d.text_bytes = 0;
		}
		fill_slot(w, s);
	}
	source_close(in);
	return false;
}

static int read_all(read_work *w, const cli_words *files, const char *publisher, kula_day published, uint32_t jobs)
{
	static char dash[] = "-";
	char *standard[] = {dash};
	pthread_t workers[MOST_JOBS], writer, stopper;
	uint32_t started = 0;
	bool writing = false, ready = true;
	sigset_t set;

	/* Every thread inherits this mask: only stop_thread waits for these two. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->moved, NULL);
	w->slot_count = 4 * jobs + 4;
	w->slots = calloc(w->slot_count, sizeof(*w->slots));
	for (uint32_t i = 0; i < w->slot_count && w->slots != NULL; i++) {
		w->slots[i].a = arena_new(ARENA_BYTES);
		ready &= w->slots[i].a != NULL;
	}
	ready &= w->slots != NULL;
	const bool stoppable = ready && pthread_create(&stopper, NULL, stop_thread, w) == 0;
	if (ready)
		writing = pthread_create(&writer, NULL, write_thread, w) == 0;
	while (writing && started < jobs && pthread_create(&workers[started], NULL, work_thread, w) == 0)
		started++;
	if (!writing || started == 0) {
		/* Nothing was read; threads that did start are left to the end of the process. */
		return cli_error(KULA_EMEMORY, "no memory to read with");
	}
	const int count = files->count > 0 ? files->count : 1;
	char *const *const at = files->count > 0 ? files->at : standard;
	for (int i = 0; i < count; i++)
		if (!read_file(w, at[i], publisher, published))
			break;
	pthread_mutex_lock(&w->lock);
	w->ended = true;
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
	for (uint32_t i = 0; i < started; i++)
		pthread_join(workers[i], NULL);
	pthread_join(writer, NULL);
	if (stoppable) {
		pthread_cancel(stopper);        /* it stands in sigwait, the only place where it can be ended */
		pthread_join(stopper, NULL);
	}
	for (uint32_t i = 0; i < w->slot_count; i++) {
		arena_free(w->slots[i].a);
		buf_free(&w->slots[i].out);
	}
	free(w->slots);
	w->slots = NULL;
	return w->code;
}

int cmd_read(int argc, char **argv)
{
	bool json = false, table_wanted = false, flat = false, events = false, no_gate = false, why = false, quiet = false;
	const char *publisher = NULL, *weights = NULL, *knowledge = NULL, *own = NULL, *out_name = NULL, *offsets = "bytes";
	kula_day published = KULA_NO_DAY;
	uint64_t jobs = 0;
	double min_confidence = 0;
	const cli_option options[] = {
		CLI_JSON(&json),
		{0, "table", OPTION_FLAG, &table_wanted, NULL, "a table even where the output is no terminal"},
		{0, "flat", OPTION_FLAG, &flat, NULL, "JSON, a line for each claim instead of each document"},
		{0, "plover", OPTION_FLAG, &events, NULL, "events of PLOVER (class, mode, source, target, date) instead of claims"},
		CLI_PUBLISHED(&published),
		CLI_PUBLISHER(&publisher),
		CLI_CONFIDENCE(&min_confidence),
		{0, "why", OPTION_FLAG, &why, NULL, "for each field what it rests on, and the runner-up"},
		{0, "offsets", OPTION_TEXT, &offsets, "UNIT", "count spans in bytes, chars or utf16 (default: bytes)"},
		{0, "no-gate", OPTION_FLAG, &no_gate, NULL, "read every sentence, also those that look idle"},
		CLI_JOBS(&jobs),
		{'o', "output", OPTION_TEXT, &out_name, "FILE", "write there instead of standard output"},
		CLI_WEIGHTS(&weights),
		CLI_KNOWLEDGE(&knowledge),
		CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"read", "[FILE...|-]",
		"Reads news reports and prints the claims in them: who did what to whom, how much of it, when, and who says so.\n"
		"A file is plain text, or one JSON object a line with \"text\" and, where known, \"doc\", \"title\", \"publisher\",\n"
		"\"published\". Without a file, or for \"-\", standard input. On a terminal it prints a table, elsewhere JSON, a\n"
		"document a line, in the order of the input.",
		"examples:\n"
		"  kula read report.txt --published 2024-11-20 --publisher Reuters\n"
		"  kula read --flat reports.jsonl | grep '\"act\":\"give\"'\n"
		"  kula read --plover reports.jsonl > events.jsonl\n"
		"\nA document that can't be read is named on standard error; the others go on, and the exit code tells\n"
		"(docs/EXIT.md). An interrupt ends after the documents in hand, a second one at once."};
	cli_words files;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &files, &code))
		return code;

	read_work w = {.flat = flat, .why = why, .quiet = quiet, .out = stdout, .out_name = "standard output"};
	if (strcmp(offsets, "bytes") == 0)
		w.offsets = OFFSETS_BYTES;
	else if (strcmp(offsets, "chars") == 0)
		w.offsets = OFFSETS_CHARS;
	else if (strcmp(offsets, "utf16") == 0)
		w.offsets = OFFSETS_UTF16;
	else
		return cli_error(KULA_EUSAGE, "--offsets takes bytes, chars or utf16, not '%s'", offsets);
	if (min_confidence < 0 || min_confidence > 1)
		return cli_error(KULA_EUSAGE, "--min-confidence takes a probability, 0 to 1");
	if (jobs > MOST_JOBS)
		return cli_error(KULA_EUSAGE, "--jobs takes at most %d", MOST_JOBS);
	if (jobs == 0)
		jobs = MIN_OF(cores(), MOST_JOBS);

	kula_error err = {0};
	const kula_reader_options how = {.weights = weights, .knowledge = knowledge, .own_tables = own, .no_gate = no_gate,
		.why = why, .min_confidence = min_confidence};
	kula_reader *const reader = kula_reader_new(&how, &err);
	if (reader == NULL)
		return cli_fail(&err);
	w.reader = reader;
	/* Events need the names; the table shows them, and does without where they can't be had. */
	kula_error no_names = {0};
	know *const names = know_open(knowledge, events ? &err : &no_names);
	plover *const tables = events && names != NULL && (own == NULL || know_layer(names, own, &err) == KULA_OK)
		? plover_open(NULL, names, &err) : NULL;
	if (events && tables == NULL) {
		know_close(names);
		kula_reader_free(reader);
		return cli_fail(&err);
	}
	w.names = names;
	w.events = tables;
	if (out_name != NULL && strcmp(out_name, "-") != 0) {
		w.out = fopen(out_name, "wb");
		w.out_name = out_name;
		if (w.out == NULL) {
			const int cause = errno;
			plover_close(tables);
			know_close(names);
			kula_reader_free(reader);
			return cli_error(KULA_EIO, "'%s' can't be written: %s", out_name, strerror(cause));
		}
	}
	w.screen = screen_of(w.out);
	w.table = table_wanted || (w.screen.terminal && !json && !flat);
	cli_progress_begin(&w.progress, "documents read:", 0, quiet || cli_is_terminal(w.out));

	code = read_all(&w, &files, publisher, published, (uint32_t)jobs);
	if (w.out != stdout && fclose(w.out) != 0 && code == 0)
		code = cli_error(KULA_EIO, "'%s' can't be written: %s", out_name, strerror(errno));
	if (w.failed > 0 && w.documents > 0)
		cli_note(quiet, "%llu read, %llu %s; %llu failed", (unsigned long long)w.documents, (unsigned long long)w.claims, events ? "events" : "claims",
			(unsigned long long)w.failed);
	plover_close(tables);
	know_close(names);
	kula_reader_free(reader);
	return code;
}
