/* kula why EXCHANGE: what put its claims together, and what kept the likeliest others out. */
/* base has a json_string of its own, for writing */
#define json_string jansson_string
#include <jansson.h>
#undef json_string
#include <stdlib.h>
#include "cli/cli.h"
#include "ledger/join.h"

static const char *text_at(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "-";
}

static void say_because(const json_t *why)
{
	size_t i;
	json_t *b;
	printf("    together %+.2f:", json_number_value(json_object_get(why, "score")));
	json_array_foreach(json_object_get(why, "because"), i, b) {
		char name[64];
		snprintf(name, sizeof name, "%s", text_at(b, "field"));
		for (char *c = name; *c; c++)
			if (*c == '_') *c = ' ';
		printf("%s %s %+.1f", i ? "," : "", name, json_number_value(json_object_get(b, "adds")));
	}
	putchar('\n');
}

static bool name_claim(ledger *l, const char *number, kula_error *err)
{
	arena *a = arena_new(16 << 20);
	kula_error own = {0};
	ledger_claim c;
	const int64_t claim = ledger_claim_of(l, number, &own);
	bool ok = a && claim && ledger_claim_load(l, a, claim, &c, &own) == KULA_OK;
	if (ok) {
		char day[16] = "";
		if (c.published != KULA_NO_DAY) kula_day_format(c.published, day);
		printf("  %s  %s %s, %s %s\n    \"%s\"\n", number, kula_act_name(c.c.act), kula_status_name(c.c.status), c.publisher ? c.publisher : c.doc,
			day, c.c.evidence);
	} else if (own.status)
		*err = own;
	arena_free(a);
	return ok;
}

/* "12.3" or "x12.3": a claim, and by it the exchange that it stands in. */
static int64_t exchange_named(ledger *l, const char *typed, kula_error *err)
{
	const int64_t claim = ledger_claim_of(l, typed[0] == 'x' && is_digit((byte)typed[1]) ? typed + 1 : typed, err);
	if (!claim)
		return 0;
	const int64_t exchange = ledger_exchange_of(l, claim, err);
	if (!exchange)
		kula_fail(err, KULA_ENOTFOUND, 0, "claim '%s' stands in no exchange: run 'kula join'", typed);
	return exchange;
}

int cmd_why(int argc, char **argv)
{
	const char *ledger_at = NULL, *rules_at = NULL;
	bool json = false;
	const cli_option table_of[] = {
		CLI_LEDGER(&ledger_at),
		{0, "rules", OPTION_TEXT, &rules_at, "DIR", "the tables of joining (default: the installed ones)"},
		CLI_JSON(&json),
	};
	static const cli_usage usage = {"why", "EXCHANGE|CLAIM",
		"Why claims stand in one exchange: for each the claim that speaks most for it, the fields that agree and disagree and what\n"
		"each adds (log odds; above the threshold of weights.tsv binds), and the likeliest claims that were kept out.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, table_of, COUNT_OF(table_of), argc, argv, &words, &code))
		return code;
	if (words.count != 1)
		return cli_error(KULA_EUSAGE, "why needs one exchange, by any of its claims; see 'kula why --help'");
	kula_error err = {0};
	buf b = {0};
	join_rules *r = join_rules_open(rules_at, NULL, &err);
	ledger *l = r ? ledger_open(cli_ledger_path(ledger_at), LEDGER_READ, &err) : NULL;
	const int64_t exchange = l ? exchange_named(l, words.at[0], &err) : 0;
	bool ok = exchange && ledger_why(l, r, exchange, &b, &err) == KULA_OK;
	if (ok && json)
		puts(buf_string(&b));
	else if (ok) {
		json_t *all = json_loads(buf_string(&b), 0, NULL);
		size_t i;
		json_t *m;
		printf("exchange x%s\n", text_at(all, "exchange"));
		json_array_foreach(json_object_get(all, "joined"), i, m) {
			name_claim(l, text_at(m, "claim"), &err);
			printf("    most like %s; average over the exchange %+.2f%s\n", text_at(m, "with"), json_number_value(json_object_get(m, "average")),
				json_is_true(json_object_get(m, "contradicts")) ? "; one text sets the two against each other" : "");
			say_because(json_object_get(m, "why"));
		}
		if (!json_array_size(json_object_get(all, "joined")))
			name_claim(l, text_at(all, "exchange"), &err);
		json_array_foreach(json_object_get(all, "judged"), i, m)
			printf("  judged %s: %s and %s\n", json_is_true(json_object_get(m, "same")) ? "the same" : "not the same",
				json_string_value(json_array_get(json_object_get(m, "claims"), 0)), json_string_value(json_array_get(json_object_get(m, "claims"), 1)));
		if (json_array_size(json_object_get(all, "kept_out")))
			puts("kept out");
		json_array_foreach(json_object_get(all, "kept_out"), i, m) {
			name_claim(l, text_at(m, "claim"), &err);
			printf("    against %s\n", text_at(m, "with"));
			say_because(json_object_get(m, "why"));
		}
		json_decref(all);
	}
	buf_free(&b);
	ledger_close(l);
	join_rules_free(r);
	return ok ? CLI_OK : cli_fail(&err);
}
