#include "base/base.h"
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

uint32_t cores(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > 256 ? 256 : (uint32_t)n;
}

typedef struct job { atomic_uint_least64_t next; uint64_t count; void (*work)(void *, uint64_t, uint32_t); void *arg; } job;
typedef struct worker { job *j; uint32_t number; pthread_t thread; } worker;

static void *run(void *arg)
{
	const worker *w = arg;
	for (uint64_t i; (i = atomic_fetch_add(&w->j->next, 1)) < w->j->count;)
		w->j->work(w->j->arg, i, w->number);
	return NULL;
}

void work_all(uint32_t threads, uint64_t count, void (*work)(void *arg, uint64_t i, uint32_t worker), void *arg)
{
	job j = { .count = count, .work = work, .arg = arg };
	worker w[256];
	uint32_t started = 0;
	threads = MIN_OF(threads, 256u);
	for (uint32_t i = 1; i < threads && i < count; i++) {
		w[started + 1] = (worker){ .j = &j, .number = started + 1 };
		if (pthread_create(&w[started + 1].thread, NULL, run, &w[started + 1]) != 0)
			break;                  /* fewer threads do the same work */
		started++;
	}
	w[0] = (worker){ .j = &j };
	run(&w[0]);
	for (uint32_t i = 1; i <= started; i++)
		pthread_join(w[i].thread, NULL);
}
