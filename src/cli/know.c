#include "cli/cli.h"
#include "cli/table.h"
#include "know/know.h"

/* kula know: what a name stands for on a day, and which row says so. kula know --compile: the tables become one file. */

static kula_status compile(const char *directory, const char *path, kula_error *err)
{
	buf b = {0};
	kula_status s = know_compile(directory, false, &b, err);
	FILE *f = NULL;
	if (!s && !(f = fopen(path, "wb")))
		s = kula_fail(err, KULA_EIO, 0, "'%s' can't be written", path);
	if (f) {
		const bool whole = fwrite(b.at, 1, b.n, f) == b.n;
		if (fclose(f) || !whole) {
			remove(path);
			s = kula_fail(err, KULA_EIO, 0, "'%s' can't be written: disk full?", path);
		}
	}
	buf_free(&b);
	return s;
}

static const char *prior_word(uint8_t prior)
{
	static const char *const words[] = {"hardly", "doubtful", "likely", "sure"};
	return words[prior & 3];
}

int cmd_know(int argc, char **argv)
{
	const char *knowledge = NULL, *own = NULL, *from = NULL, *to = NULL;
	bool json = false, all = false;
	kula_day on = KULA_NO_DAY;
	const cli_option table_of[] = {
		{0, "on", OPTION_DAY, &on, "DAY", "what the name means in a report of that day"},
		{'a', "all", OPTION_FLAG, &all, NULL, "every reading; else the twelve likeliest"},
		CLI_JSON(&json),
		CLI_KNOW(&own),
		CLI_KNOWLEDGE(&knowledge),
		{0, "compile", OPTION_TEXT, &from, "DIR", "make a knowledge file from a directory of tables"},
		{'o', "output", OPTION_TEXT, &to, "FILE", "where --compile writes"},
	};
	static const cli_usage usage = {"know", "NAME...", "Shows what a name stands for, with its code, the table row that says so, and how\n"
		"likely it is before any document speaks for or against it.", NULL};
	cli_words words;
	int code;
	if (!options_parse(&usage, table_of, COUNT_OF(table_of), argc, argv, &words, &code))
		return code;
	kula_error err = {0};
	if (from || to) {
		if (!from || !to || words.count)
			return cli_error(KULA_EUSAGE, "--compile DIR and -o FILE go together, without names");
		return compile(from, to, &err) ? cli_fail(&err) : CLI_OK;
	}
	if (!words.count)
		return cli_error(KULA_EUSAGE, "which name?");
	know *k = know_open(knowledge, &err);
	if (!k)
		return cli_fail(&err);
	if (own && know_layer(k, own, &err)) {
		know_close(k);
		return cli_fail(&err);
	}
	static const sheet_column columns[] = {
		{"name", NULL, false, SHEET_KEEP, 0}, {"code", NULL, false, SHEET_KEEP, 0}, {"country", "is", false, SHEET_CUT, 8},
		{"type", NULL, false, SHEET_KEEP, 0}, {"prior", NULL, false, SHEET_KEEP, 0}, {"in_date", "then", false, SHEET_KEEP, 0},
		{"row", "because", false, SHEET_WRAP, 20}};
	const screen view = screen_of(stdout);
	sheet *t = sheet_new(json ? SHEET_JSON : SHEET_PEOPLE, view, columns, COUNT_OF(columns));
	arena *a = arena_new(64u << 20);
	if (!t || !a) {
		sheet_free(t);
		arena_free(a);
		know_close(k);
		return cli_error(KULA_EMEMORY, "no memory for the answer");
	}
	bool found = false;
	for (int i = 0; i < words.count; i++) {
		uint32_t count, shown = 0;
		const mention *m = know_readings(k, a, words.at[i], on, &count);
		if (!count)
			cli_note(false, "nothing is known of '%s'", words.at[i]);
		for (uint32_t j = 0; j < count && (all || shown < 12); j++, shown++) {
			found = true;
			sheet_cell(t, STYLE_NONE, words.at[i]);
			sheet_cell(t, STYLE_BOLD, m[j].code[0] ? m[j].code : json ? NULL : "-");
			const char *is = m[j].code[0] ? know_code_name(k, m[j].code) : NULL;
			sheet_cell(t, STYLE_NONE, is ? is : json ? NULL : "nobody");
			sheet_cell(t, STYLE_NONE, know_type_name(m[j].type));
			const char number[2] = {(char)('0' + m[j].prior), 0};
			sheet_json(t, m[j].prior >= 2 ? STYLE_GOOD : STYLE_DIM, prior_word(m[j].prior), number);
			sheet_json(t, m[j].in_date ? STYLE_NONE : STYLE_WARN, m[j].in_date ? "" : "not then",
				on == KULA_NO_DAY ? "null" : m[j].in_date ? "true" : "false");
			sheet_cell(t, STYLE_DIM, know_row(k, a, m[j].row));
		}
		if (shown < count && !json)
			cli_note(false, "%u more readings of '%s': --all", count - shown, words.at[i]);
	}
	buf out = {0};
	if (found)
		sheet_print(t, &out);
	fwrite(out.at, 1, out.n, stdout);
	buf_free(&out);
	sheet_free(t);
	arena_free(a);
	know_close(k);
	return found ? CLI_OK : CLI_NO;
}
