/* test.h: what a test program needs, and no more.
 *
 *	TEST(adds) { CHECK_EQ_INT(1 + 1, 2); }
 *	TEST_MAIN(TEST_ENTRY(adds))
 *
 * A failed check prints file:line and both values, and the test goes on; REQUIRE leaves it. The last line of a program
 * is "N passed, M failed", counted in tests. Arguments name the tests to run; none means all.
 */
#ifndef KULA_TEST_H
#define KULA_TEST_H

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct test_case { const char *name; void (*run)(void); } test_case;

/* Failed checks of the test that runs. A program of tests is one translation unit and one thread. */
static unsigned test_faults;

#define TEST(name) static void test_##name(void)
#define TEST_ENTRY(name) {#name, test_##name}
#define TEST_MAIN(...) \
	int main(int argc, char **argv) \
	{ \
		static const test_case cases[] = {__VA_ARGS__}; \
		return test_all(cases, sizeof(cases) / sizeof(cases[0]), argc, argv); \
	}

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			test_fault(__FILE__, __LINE__, #condition); \
	} while (0)
#define REQUIRE(condition) \
	do { \
		if (!(condition)) { \
			test_fault(__FILE__, __LINE__, #condition); \
			return; \
		} \
	} while (0)
#define CHECK_EQ_INT(a, b) test_eq_int(__FILE__, __LINE__, #a, (long long)(a), (long long)(b))
#define CHECK_EQ_STR(a, b) test_eq_str(__FILE__, __LINE__, #a, (a), (b))
#define CHECK_NEAR(a, b, within) test_near(__FILE__, __LINE__, #a, (double)(a), (double)(b), (double)(within))
/* For tables of cases: says which row was at work when a check failed. */
#define CHECK_ROW(condition, row) \
	do { \
		if (!(condition)) { \
			test_fault(__FILE__, __LINE__, #condition); \
			fprintf(stderr, "    in case '%s'\n", (row)); \
		} \
	} while (0)

static inline void test_fault(const char *file, int line, const char *what)
{
	test_faults++;
	fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
}

static inline void test_eq_int(const char *file, int line, const char *what, long long a, long long b)
{
	if (a == b)
		return;
	test_faults++;
	fprintf(stderr, "%s:%d: failed: %s is %lld, expected %lld\n", file, line, what, a, b);
}

static inline void test_eq_str(const char *file, int line, const char *what, const char *a, const char *b)
{
	if (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0))
		return;
	test_faults++;
	fprintf(stderr, "%s:%d: failed: %s\n    is       '%s'\n    expected '%s'\n", file, line, what,
		a != NULL ? a : "(null)", b != NULL ? b : "(null)");
}

static inline void test_near(const char *file, int line, const char *what, double a, double b, double within)
{
	if (fabs(a - b) <= within || (isnan(a) && isnan(b)))
		return;
	test_faults++;
	fprintf(stderr, "%s:%d: failed: %s is %.17g, expected %.17g (within %g)\n", file, line, what, a, b, within);
}

static inline int test_all(const test_case *cases, size_t count, int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	for (size_t i = 0; i < count; i++) {
		int wanted = argc < 2;
		for (int a = 1; a < argc; a++)
			wanted |= strcmp(argv[a], cases[i].name) == 0;
		if (!wanted)
			continue;
		test_faults = 0;
		cases[i].run();
		if (test_faults > 0) {
			failed++;
			fprintf(stderr, "  %s failed; again: %s %s\n", cases[i].name, argv[0], cases[i].name);
		} else {
			passed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}

#endif
