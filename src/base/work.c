/* work: a loop over all cores. */
#include "base/base.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS_MOST 256u

uint32_t cores(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return 1;
	const int n = CPU_COUNT(&set);
	return n > 0 ? (uint32_t)n : 1;
}

typedef struct job {
	_Atomic uint64_t next;
	uint64_t count;
	void (*work)(void *arg, uint64_t i, uint32_t worker);
	void *arg;
} job;

typedef struct hand { job *job; uint32_t worker; pthread_t thread; } hand;

static void *hand_run(void *arg)
{
	const hand *const h = arg;
	job *const j = h->job;
	for (uint64_t i; (i = atomic_fetch_add(&j->next, 1)) < j->count;)
		j->work(j->arg, i, h->worker);
	return NULL;
}

void work_all(uint32_t threads, uint64_t count, void (*work)(void *arg, uint64_t i, uint32_t worker), void *arg)
{
	job j = {.count = count, .work = work, .arg = arg};
	hand hands[THREADS_MOST];
	if (threads > count)
		threads = (uint32_t)count;
	threads = MIN_OF(MAX_OF(threads, 1u), THREADS_MOST);
	/* The caller is worker 0. Where a thread can't be had, the others do its share. */
	uint32_t started = 1;
	hands[0] = (hand){.job = &j};
	for (; started < threads; started++) {
		hands[started] = (hand){.job = &j, .worker = started};
		if (pthread_create(&hands[started].thread, NULL, hand_run, &hands[started]) != 0)
			break;
	}
	hand_run(&hands[0]);
	for (uint32_t i = 1; i < started; i++)
		pthread_join(hands[i].thread, NULL);
}
