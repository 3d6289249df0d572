/* Annotated claims made wrong here and there, as a poor reader would read them:  score_perturb SEED FILE  */
#include <stdlib.h>

#include "claims/claims.h"

#include <math.h>

/* xorshift: the same on every machine. */
static uint64_t state;
static uint32_t upto(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % n;
}
static bool now_and_then(void) { return upto(10) == 0; }

static const char *part_of(arena *a, const char *s)
{
	const size_t n = strlen(s);
	size_t from = 0, to = n;
	switch (upto(3)) {
	case 0: to = upto((uint32_t)n + 1); break;
	case 1: from = upto((uint32_t)n + 1); break;
	default: from = n / 8; to = n - n / 8;
	}
	while (from > 0 && ((byte)s[from] & 0xC0) == 0x80)
		from--;
	while (to > from && ((byte)s[to] & 0xC0) == 0x80)
		to--;
	return arena_text(a, s + from, to - from);
}

static const char *other_words(arena *a, const char *s)
{
	switch (upto(4)) {
	case 0: return arena_format(a, "the %s", s);
	case 1: return "he";
	case 2: return part_of(a, s);
	default:
		break;
	}
	char *const capitals = arena_text(a, s, strlen(s));
	for (char *c = capitals; *c != '\0'; c++)
		if (is_lower((byte)*c))
			*c = (char)(*c & ~32);
	return capitals;
}

static void parties(arena *a, const kula_party **list, uint32_t *count)
{
	static const char *const codes[] = {"USA", "RUS", "", "UN"};
	kula_party *const p = ARENA_NEW(a, kula_party, *count + 1);
	for (uint32_t i = 0; i < *count; i++) {
		p[i] = (*list)[i];
		if (now_and_then())
			snprintf(p[i].code, sizeof p[i].code, "%s", codes[upto(4)]);
		if (now_and_then())
			p[i].text = other_words(a, p[i].text);
	}
	if (*count > 0 && now_and_then())
		p[*count] = p[0], *count += 1;
	else if (*count > 0 && now_and_then())
		*count -= 1;
	*list = p;
}

static void items(arena *a, const kula_item **list, uint32_t *count)
{
	kula_item *const t = ARENA_NEW(a, kula_item, *count + 1);
	for (uint32_t i = 0; i < *count; i++) {
		t[i] = (*list)[now_and_then() ? *count - 1 - i : i];
		if (now_and_then())
			t[i].q.min = upto(2) ? 2.5 : NAN;
		if (now_and_then())
			t[i].q.max = upto(2) ? 1234567 : NAN;
		if (now_and_then())
			t[i].kind = (kula_kind)upto(KULA_KINDS);
		if (now_and_then())
			t[i].q.per = (kula_per)upto(KULA_PERS);
		if (now_and_then())
			t[i].text = other_words(a, t[i].text);
	}
	if (*count > 0 && now_and_then())
		t[*count] = t[0], *count += 1;
	*list = t;
}

static kula_claim worse(arena *a, kula_claim c)
{
	if (now_and_then())
		c.act = (kula_act)upto(KULA_ACTS);
	if (now_and_then())
		c.status = (kula_claim_status)upto(KULA_STATUSES);
	if (now_and_then())
		c.date = (kula_days){day_of(2010, 1, 1), day_of(2010, 1, 1 + (int)upto(3))};
	if (now_and_then())
		c.date = (kula_days){KULA_NO_DAY, KULA_NO_DAY};
	if (now_and_then())
		c.trigger = part_of(a, upto(2) ? c.trigger : c.evidence);
	if (now_and_then())
		c.evidence = part_of(a, c.evidence);
	parties(a, &c.from, &c.from_count);
	parties(a, &c.to, &c.to_count);
	parties(a, &c.said_by, &c.said_by_count);
	items(a, &c.items, &c.item_count);
	return c;
}

int main(int argc, char **argv)
{
	kula_error err = {0};
	source *const s = argc == 3 ? source_open(argv[2], NULL, KULA_NO_DAY, &err) : NULL;
	arena *const a = arena_new((size_t)1 << 28);
	source_document d;
	buf out = {0};
	if (s == NULL || a == NULL)
		return 1;
	state = 0x9E3779B97F4A7C15u * (strtoull(argv[1], NULL, 10) + 1);
	while (source_next(s, a, &d, &err) == KULA_OK) {
		kula_claim *const claims = ARENA_NEW(a, kula_claim, d.claim_count * 2 + 1);
		uint32_t n = 0;
		for (uint32_t i = 0; i < d.claim_count; i++)
			for (uint32_t copies = now_and_then() ? upto(3) : 1; copies > 0; copies--)
				claims[n++] = worse(a, d.claims[i]);
		for (uint32_t i = n; i > 1 && now_and_then(); i--) {
			const uint32_t j = upto(i);
			const kula_claim swap = claims[i - 1];
			claims[i - 1] = claims[j];
			claims[j] = swap;
		}
		if (d.extra == NULL && upto(20) > 0)
			claims_write_document(&out, &d.d, claims, n, false, OFFSETS_BYTES);
		arena_clear(a);
	}
	fwrite(out.at, 1, out.n, stdout);
	buf_free(&out);
	arena_free(a);
	source_close(s);
	return err.status != KULA_OK;
}
