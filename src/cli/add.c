/* kula add: documents into the ledger, read here or with the claims that they bring.
 *
 *	main thread     files -> a batch of documents -> which are new?     workers     document -> claims     main thread -> ledger
 *
 * The ledger has one writer, and takes documents in their order: a batch is read on all cores, then added one document a
 * transaction. A batch is as many documents as keep the cores busy, and no more text than memory should hold.
 */
#include "cli/cli.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "claims/claims.h"
#include "ledger/ledger.h"

#define ARENA_BYTES ((size_t)512 << 20)         /* a document with its line and the claims that it brings */
#define BATCH_BYTES ((size_t)32 << 20)          /* of text; one document may be more, then it goes alone */

enum { MOST_JOBS = 256, BATCH_MOST = 1024 };

typedef struct slot {
	arena          *a;
	source_document doc;
	kula_error      err;
	kula_reading   *g;
	bool            known, skipped;
} slot;

typedef struct adding {
	ledger            *l;
	const kula_reader *reader;              /* NULL: claims are brought along */
	int64_t            reader_id;           /* of the reader above */
	const char        *reader_name;         /* of brought claims whose line names none */
	bool               reread, claims, quiet, stopped;
	slot              *slots;
	uint32_t           slot_count, filled;
	uint32_t           jobs;
	uint64_t           added, known, reread_count, claim_count, failed, unread;
	bool               said_no_day;
	int                code;
	cli_progress       progress;
	atomic_bool        waiting;             /* for a document on standard input: none is in hand */
} adding;

static void failed(adding *w, kula_error *err, const source_document *d)
{
	cli_progress_end(&w->progress);
	if (!err->source)
		err->source = d->d.id ? d->d.id : d->file;
	const int code = cli_fail(err);
	if (w->code == 0)
		w->code = code;
	w->failed++;
}

/* ---- reading ---- */

static void read_one(void *arg, uint64_t i, uint32_t worker)
{
	adding *w = arg;
	slot *s = &w->slots[i];
	(void)worker;
	if (s->err.status != KULA_OK || s->known || !w->reader)
		return;
	if (cli_stopped()) {
		s->skipped = true;
		return;
	}
	s->g = kula_read(w->reader, &s->doc.d, &s->err);
	if (!s->g && s->err.status == KULA_OK)
		kula_fail(&s->err, KULA_EMEMORY, 0, "no memory");
}

/* Claims that came along are another's word: every one is looked at, and finds its place in the text. */
static bool check_brought(slot *s)
{
	for (uint32_t i = 0; i < s->doc.claim_count; i++) {
		kula_claim *c = &s->doc.claims[i];
		claims_locate(&s->doc.d, c);
		kula_error fault = {0};
		if (!claims_check(&s->doc.d, c, &fault)) {
			kula_fail(&s->err, fault.status != KULA_OK ? fault.status : KULA_EFORMAT, fault.byte, "claim %u%s%s%s: %s", i + 1, c->id ? " (" : "",
				c->id ? c->id : "", c->id ? ")" : "", fault.text);
			return false;
		}
	}
	return true;
}

/* ---- adding ---- */

static void add_one(adding *w, slot *s)
{
	if (s->err.status == KULA_OK && s->skipped) {
		w->unread++;
		return;
	}
	if (s->err.status == KULA_OK && s->known) {
		w->known++;
		return;
	}
	ledger_added out = {0};
	if (s->err.status == KULA_OK && w->reader) {
		const uint32_t count = kula_claim_count(s->g);
		ledger_add(w->l, kula_reading_document(s->g), s->doc.fetched, count ? kula_claim_at(s->g, 0) : NULL, count, w->reader_id, w->reread,
			&out, &s->err);
	} else if (s->err.status == KULA_OK && check_brought(s)) {
		const int64_t reader = ledger_reader(w->l, s->doc.reader ? s->doc.reader : w->reader_name, "", "", "", &s->err);
		if (reader > 0)
			ledger_add(w->l, &s->doc.d, s->doc.fetched, s->doc.claims, s->doc.claim_count, reader, w->reread, &out, &s->err);
	}
	if (s->err.status != KULA_OK) {
		const kula_status why = s->err.status;
		failed(w, &s->err, &s->doc);
		/* A full disk, a busy or damaged ledger: the next document would fare no better. */
		if (why == KULA_EIO || why == KULA_EBUSY)
			w->stopped = true;
		return;
	}
	switch (out.outcome) {
	case LEDGER_ADDED: w->added++; break;
	case LEDGER_KNOWN: w->known++; break;
	case LEDGER_REREAD: w->reread_count++; break;
	}
	if (out.outcome != LEDGER_KNOWN)
		w->claim_count += out.claims;
	if (s->doc.d.published == KULA_NO_DAY && !w->said_no_day && w->reader) {
		w->said_no_day = true;
		cli_progress_end(&w->progress);
		cli_note(w->quiet, "'%s' has no day of publication (--published), so days like \"last week\" stay open", s->doc.d.id);
	}
}

static void add_batch(adding *w)
{
	for (uint32_t i = 0; i < w->filled; i++) {
		slot *s = &w->slots[i];
		if (s->err.status == KULA_OK && w->reader) {
			const int64_t document = ledger_has(w->l, &s->doc.d, w->reread ? w->reader_id : 0, &s->err);
			s->known = document > 0;
		}
	}
	if (w->reader)
		work_all(w->jobs, w->filled, read_one, w);
	for (uint32_t i = 0; i < w->filled; i++) {
		slot *s = &w->slots[i];
		if (w->stopped || (cli_stopped() && !w->reader))
			w->unread++;
		else
			add_one(w, s);
		kula_reading_free(s->g);
		s->g = NULL;
		cli_progress_at(&w->progress, w->added + w->known + w->reread_count + w->failed);
	}
	w->filled = 0;
}

/* ---- the end ---- */

static void say_sum(const adding *w)
{
	buf said = {0};
	buf_format(&said, "%llu document%s added", (unsigned long long)w->added, w->added == 1 ? "" : "s");
	if (w->reread_count)
		buf_format(&said, ", %llu read again", (unsigned long long)w->reread_count);
	buf_format(&said, " with %llu claim%s", (unsigned long long)w->claim_count, w->claim_count == 1 ? "" : "s");
	if (w->known)
		buf_format(&said, ", %llu known already", (unsigned long long)w->known);
	if (w->failed)
		buf_format(&said, ", %llu failed", (unsigned long long)w->failed);
	if (w->unread)
		buf_format(&said, ", %llu not begun", (unsigned long long)w->unread);
	buf_format(&said, " (%s)", ledger_path(w->l));
	cli_note(w->quiet, "%s", buf_string(&said));
	buf_free(&said);
}

/* An interrupt while the main thread stands in a read of a pipe that nobody writes to: there is nothing to wait for. Between
 * transactions the ledger may be left as it is. */
static void *watch(void *arg)
{
	adding *w = arg;
	for (;;) {
		nanosleep(&(struct timespec){0, 100000000}, NULL);
		if (cli_stopped() && atomic_load(&w->waiting)) {
			cli_progress_end(&w->progress);
			say_sum(w);
			_exit(cli_exit(KULA_ECANCELLED));
		}
	}
	return NULL;
}

/* ---- files ---- */

static slot *next_slot(adding *w)
{
	slot *s = &w->slots[w->filled];
	if (!s->a)
		s->a = arena_new(ARENA_BYTES);
	else
		arena_clear(s->a);
	if (!s->a)
		return NULL;
	*s = (slot){.a = s->a, .doc = {.d = {.published = KULA_NO_DAY}}};
	return s;
}

static void add_file(adding *w, const char *path, const char *publisher, kula_day published)
{
	kula_error err = {0};
	source *in = source_open(path, publisher, published, &err);
	if (!in) {
		failed(w, &err, &(source_document){.file = path});
		return;
	}
	size_t bytes = 0;
	const bool piped = strcmp(path, "-") == 0;
	while (!w->stopped && !cli_stopped()) {
		/* A program that sends a document now and then should not wait until a batch is full. */
		if (piped && w->filled && poll(&(struct pollfd){.fd = STDIN_FILENO, .events = POLLIN}, 1, 0) == 0) {
			add_batch(w);
			bytes = 0;
		}
		slot *s = next_slot(w);
		if (!s) {
			failed(w, &(kula_error){.status = KULA_EMEMORY, .text = "no memory"}, &(source_document){.file = path});
			break;
		}
		atomic_store(&w->waiting, piped);
		const kula_status status = source_next(in, s->a, &s->doc, &s->err);
		atomic_store(&w->waiting, false);
		if (status == KULA_ENOTFOUND)
			break;
		if (status == KULA_OK && !s->doc.d.text)                /* a dossier's links: no document */
			continue;
		if (status == KULA_OK && w->claims && !s->doc.has_claims)
			kula_fail(&s->err, KULA_EFORMAT, s->doc.byte, "it brings no claims, and --claims reads none itself");
		if (status != KULA_OK && !s->doc.file)
			s->doc.file = path;
		bytes += s->doc.d.text_bytes;
		if (++w->filled == w->slot_count || bytes > BATCH_BYTES) {
			add_batch(w);
			bytes = 0;
		}
	}
	add_batch(w);
	source_close(in);
}

/* --reread without files: what the ledger holds is read again, in its order. */
typedef struct numbers { int64_t *at; size_t count, room; bool refused; } numbers;

static bool keep_number(void *arg, const ledger_document *d)
{
	numbers *n = arg;
	if (n->count == n->room) {
		const size_t room = n->room ? n->room * 2 : 256;
		int64_t *more = base_realloc(n->at, room * sizeof *more);
		n->refused = !more;
		if (!more)
			return false;
		n->at = more;
		n->room = room;
	}
	n->at[n->count++] = d->document;
	return true;
}

static void reread_all(adding *w)
{
	kula_error err = {0};
	numbers all = {0};
	kula_status status = ledger_documents(w->l, false, keep_number, &all, &err);
	if (status == KULA_OK && all.refused)
		status = kula_fail(&err, KULA_EMEMORY, 0, "no memory");
	if (status != KULA_OK)
		failed(w, &err, &(source_document){.file = ledger_path(w->l)});
	w->progress.total = all.count;
	size_t bytes = 0;
	for (size_t i = 0; status == KULA_OK && i < all.count && !w->stopped && !cli_stopped(); i++) {
		slot *s = next_slot(w);
		if (!s) {
			failed(w, &(kula_error){.status = KULA_EMEMORY, .text = "no memory"}, &(source_document){.file = ledger_path(w->l)});
			break;
		}
		ledger_document d = {0};
		if (ledger_document_load(w->l, s->a, all.at[i], &d, &s->err) == KULA_OK) {
			size_t n = 0;
			const char *text = ledger_text(w->l, s->a, all.at[i], &n, &s->err);
			s->doc.d = (kula_document){.id = d.doc, .title = d.title, .publisher = d.publisher, .published = d.published, .dossier = d.dossier,
				.text = text, .text_bytes = n};
		}
		s->doc.file = ledger_path(w->l);
		bytes += s->doc.d.text_bytes;
		if (++w->filled == w->slot_count || bytes > BATCH_BYTES) {
			add_batch(w);
			bytes = 0;
		}
	}
	add_batch(w);
	free(all.at);
}

int cmd_add(int argc, char **argv)
{
	bool reread = false, claims = false, quiet = false, no_gate = false, no_sync = false, no_join = false;
	const char *path = NULL, *publisher = NULL, *weights = NULL, *knowledge = NULL, *own = NULL, *reader_name = "unknown";
	kula_day published = KULA_NO_DAY;
	uint64_t jobs = 0;
	double min_confidence = 0;
	const cli_option options[] = {
		CLI_LEDGER(&path),
		CLI_PUBLISHED(&published),
		CLI_PUBLISHER(&publisher),
		{0, "reread", OPTION_FLAG, &reread, NULL, "read documents again that another reader (older weights) has read;\nthe new reading becomes the active one, reviews carry over.\nWithout a FILE all that the ledger holds"},
		{0, "claims", OPTION_FLAG, &claims, NULL, "take the claims that the JSONL brings instead of reading the text"},
		{0, "reader", OPTION_TEXT, &reader_name, "NAME", "who read them, where a line doesn't say (with --claims)"},
		CLI_CONFIDENCE(&min_confidence),
		{0, "no-gate", OPTION_FLAG, &no_gate, NULL, "read every sentence, also those that look idle"},
		{0, "no-sync", OPTION_FLAG, &no_sync, NULL, "don't wait for the disk after each document: for loading much at once.\nA killed process still loses nothing, a power cut may lose the last ones"},
		CLI_NO_JOIN(&no_join),
		CLI_JOBS(&jobs),
		CLI_WEIGHTS(&weights),
		CLI_KNOWLEDGE(&knowledge),
		CLI_KNOW(&own),
		CLI_QUIET(&quiet),
	};
	static const cli_usage usage = {"add", "[FILE...|-]",
		"Reads reports and adds them with their claims to the ledger, which is made if it isn't there. What the ledger has\n"
		"already is passed over. A file is plain text or JSONL, as for 'kula read'. At the end claims about one exchange are joined.",
		"Every document is one transaction: whatever happens, at most the one in hand is lost. A document that can't be\n"
		"read is named on standard error and the others go on. An interrupt ends after the documents in hand.\n"
		"\nexamples:\n  kula add examples/*.txt --published 2024-11-20\n  kula add --claims annotated.jsonl --reader \"J. Doe\" --ledger test.db"};
	cli_words files;
	int code;
	if (!options_parse(&usage, options, COUNT_OF(options), argc, argv, &files, &code))
		return code;
	if (min_confidence < 0 || min_confidence > 1)
		return cli_error(KULA_EUSAGE, "--min-confidence takes a probability, 0 to 1");
	if (jobs > MOST_JOBS)
		return cli_error(KULA_EUSAGE, "--jobs takes at most %d", MOST_JOBS);
	if (jobs == 0)
		jobs = MIN_OF(cores(), MOST_JOBS);

	kula_error err = {0};
	kula_reader *reader = NULL;
	if (!claims) {
		const kula_reader_options how = {.weights = weights, .knowledge = knowledge, .own_tables = own, .no_gate = no_gate,
			.min_confidence = min_confidence};
		reader = kula_reader_new(&how, &err);
		if (!reader)
			return cli_fail(&err);
	}
	adding w = {.reader = reader, .reader_name = reader_name, .reread = reread, .claims = claims, .quiet = quiet, .jobs = (uint32_t)jobs,
		.slot_count = claims ? 16 : MIN_OF((uint32_t)jobs * 8, BATCH_MOST)};
	w.slots = calloc(w.slot_count, sizeof *w.slots);
	w.l = ledger_open(cli_ledger_path(path), LEDGER_CREATE, &err);
	if (w.l && no_sync)
		ledger_sync(w.l, false);
	if (w.l && w.slots && reader)
		w.reader_id = ledger_reader(w.l, "kula", KULA_VERSION, kula_reader_weights(reader), kula_reader_knowledge(reader), &err);
	if (!w.l || !w.slots || w.reader_id < 0) {
		code = w.slots ? cli_fail(&err) : cli_error(KULA_EMEMORY, "no memory");
	} else {
		cli_catch_stop();
		pthread_t watcher;
		const bool watched = pthread_create(&watcher, NULL, watch, &w) == 0;
		cli_progress_begin(&w.progress, "documents added:", 0, quiet);
		if (reread && !claims && files.count == 0)
			reread_all(&w);
		else for (int i = 0; i < MAX_OF(files.count, 1) && !w.stopped && !cli_stopped(); i++)
			add_file(&w, files.count ? files.at[i] : "-", publisher, published);
		if (watched) {                  /* it sleeps, or is about to: there it can be ended */
			pthread_cancel(watcher);
			pthread_join(watcher, NULL);
		}
		cli_progress_end(&w.progress);
		say_sum(&w);
		code = cli_stopped() ? cli_exit(KULA_ECANCELLED) : w.code;
		if (!no_join && !cli_stopped() && !w.stopped && w.added + w.reread_count > 0) {
			const int joined = cli_join_after(w.l, NULL, quiet);
			code = code ? code : joined;
		}
	}
	for (uint32_t i = 0; w.slots && i < w.slot_count; i++)
		arena_free(w.slots[i].a);
	free(w.slots);
	ledger_close(w.l);
	kula_reader_free(reader);
	return code;
}
