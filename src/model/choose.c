/* Which kernels run: the widest that the processor offers, or the one that KULA_CPU names. */
#include "model/kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

static bool can_run(const char *name)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (strcmp(name, "avx2") == 0)
		return __builtin_cpu_supports("avx2");
	if (strcmp(name, "avxvnni") == 0) {
		uint32_t a, b, c, d;            /* Clang 14 has no name for it; leaf 7, part 1, says */
		return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> 4 & 1) != 0;
	}
	if (strcmp(name, "avx512vnni") == 0)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
			&& __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
#endif
	return strcmp(name, "portable") == 0;
}

/* Best first. */
static const kernels *const paths[] = {
#if defined(__x86_64__)
	&kernels_avx512vnni, &kernels_avxvnni, &kernels_avx2,
#endif
	&kernels_portable };

static const kernels *find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		if ((name == NULL || strcmp(paths[i]->name, name) == 0) && can_run(paths[i]->name))
			return paths[i];
	return NULL;
}

/* The one thing here that changes: the choice, made at the first call. Threads that race choose the same. */
static _Atomic(const kernels *) chosen;

const kernels *kernels_now(void)
{
	const kernels *k = atomic_load_explicit(&chosen, memory_order_acquire);
	if (k == NULL) {
		const char *name = getenv("KULA_CPU");
		k = find(name != NULL && *name != '\0' ? name : NULL);
		if (k == NULL)
			k = find(NULL);
		atomic_store_explicit(&chosen, k, memory_order_release);
	}
	return k;
}

const char *kernels_unknown(void)
{
	const char *name = getenv("KULA_CPU");
	return name != NULL && *name != '\0' && find(name) == NULL ? name : NULL;
}

const char *model_cpu(void)
{
	return kernels_now()->name;
}

const char *const *model_cpus(void)
{
	/* Best first; what a machine can't run is passed over at the front, and AVX-VNNI, which AVX-512 does not imply, by a list
	 * of its own. */
	static const char *const all[] = {
#if defined(__x86_64__)
		"avx512vnni", "avxvnni", "avx2",
#endif
		"portable", NULL };
	static const char *const without[] = {
#if defined(__x86_64__)
		"avx512vnni", "avx2",
#endif
		"portable", NULL };
	const char *const *names = can_run("avxvnni") ? all : without;
	while (!can_run(*names))
		names++;
	return names;                   /* what runs AVX-512 runs AVX2 as well */
}

bool model_cpu_use(const char *name)
{
	const kernels *k = name != NULL ? find(name) : NULL;
	if (k != NULL)
		atomic_store_explicit(&chosen, k, memory_order_release);
	return k != NULL;
}
