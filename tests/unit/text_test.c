#include "test.h"

#include <stdlib.h>

#include "text/text.h"

/* ---- cases ---- */

/* Text and its words. */
static const struct { const char *text, *words; } word_cases[] = {
	/* marks */
	{"Ruritania sent a lion.", "Ruritania|sent|a|lion|."},
	{"(A lion, a bear; two: three!)", "(|A|lion|,|a|bear|;|two|:|three|!|)"},
	{"He said \"no\" ... and left -- at once.", "He|said|\"|no|\"|...|and|left|--|at|once|."},
	{"\xe2\x80\x9cWe won,\xe2\x80\x9d he said\xe2\x80\xa6", "\xe2\x80\x9c|We|won|,|\xe2\x80\x9d|he|said|\xe2\x80\xa6"},
	{"aid\xe2\x80\x94" "food,water\xe2\x80\x94" "came", "aid|\xe2\x80\x94|food|,|water|\xe2\x80\x94|came"},
	{"AT&T and R&D & more", "AT&T|and|R&D|&|more"},
	/* abbreviations and initials */
	{"U.S. troops met Mr. Okoro of the U.N.", "U.S.|troops|met|Mr.|Okoro|of|the|U.N."},
	{"a U.S.-led force", "a|U.S.|-|led|force"},
	{"Gen. J. K. Okoro, Ph.D., at 5 p.m. on Jan. 5", "Gen.|J.|K.|Okoro|,|Ph.D.|,|at|5|p.m.|on|Jan.|5"},
	{"Mr.Okoro read No.5", "Mr.|Okoro|read|No.|5"},
	{"It is No. 5. He said no.", "It|is|No.|5|.|He|said|no|."},
	{"GEN. OKORO MET MR. BARI", "GEN.|OKORO|MET|MR.|BARI"},
	{"They chose plan B.", "They|chose|plan|B|."},
	/* clitics */
	{"Ruritania's lions' cage", "Ruritania|'s|lions|'|cage"},
	{"the army\xe2\x80\x99s", "the|army|\xe2\x80\x99s"},
	{"We're sure he'd say they'll go, I'm told", "We|'re|sure|he|'d|say|they|'ll|go|,|I|'m|told"},
	{"It didn't, can't and won't", "It|didn't|,|can't|and|won't"},
	{"O'Brien at six o'clock", "O'Brien|at|six|o'clock"},
	{"Ruritania 's lion", "Ruritania|'s|lion"},
	{"the 1990's and the 1990s", "the|1990|'s|and|the|1990s"},
	/* numbers */
	{"1,000 tons, 2.5 and .5 at 10:30", "1,000|tons|,|2.5|and|.5|at|10:30"},
	{"10-15 or 10\xe2\x80\x93" "15, 9/11, 5%", "10|-|15|or|10|\xe2\x80\x93|15|,|9|/|11|,|5|%"},
	{"$2.5m, \xc2\xa3" "3bn, 5\xe2\x82\xac, US$40B, USD100", "$|2.5|m|,|\xc2\xa3|3|bn|,|5|\xe2\x82\xac|,|US|$|40|B|,|USD|100"},
	{"5km, 80mm, 10pm, 5th, 3D, 747s", "5|km|,|80|mm|,|10|pm|,|5th|,|3D|,|747s"},
	{"a 20-year-old", "a|20|-|year|-|old"},
	{"5\xc2\xadm and USD\xc2\xad" "5", "5\xc2\xadm|and|USD\xc2\xad" "5"},        /* not parted at a hidden character */
	{"It has 5.", "It|has|5|."},
	{"It has 5m.", "It|has|5|m|."},
	{"in 1999, 20 came", "in|1999|,|20|came"},
	/* hyphens */
	{"Ruritanian-made F-16s, MiG-29, S-400, T-72B, COVID-19 and covid-19",
		"Ruritanian|-|made|F-16s|,|MiG-29|,|S-400|,|T-72B|,|COVID-19|and|covid-19"},
	{"re-elected, co-signed, Co-founder, pro-Ruritanian, anti-tank",
		"re-elected|,|co-signed|,|Co-founder|,|pro|-|Ruritanian|,|anti-tank"},
	{"anti-Ruritanian", "anti|-|Ruritanian"},
	{"al-Bari met Mid-April pre- and post-war guests", "al|-|Bari|met|Mid|-|April|pre|-|and|post|-|war|guests"},
	{"F/A-18 jets and/or tanks", "F/A-18|jets|and|/|or|tanks"},
	{"Sept-11 and Monday-5", "Sept|-|11|and|Monday|-|5"},
	/* addresses */
	{"See http://a.example/b?c=d. Or www.example.com, or me@example.com!",
		"See|http://a.example/b?c=d|.|Or|www.example.com|,|or|me@example.com|!"},
	/* other scripts; what gives no piece is no word */
	{"\xe4\xb8\xad\xe5\x9b\xbd said", "\xe4\xb8\xad|\xe5\x9b\xbd|said"},
	{"caf\xc3\xa9 Z\xc3\xbcrich cafe\xcc\x81", "caf\xc3\xa9|Z\xc3\xbcrich|cafe\xcc\x81"},
	{"a \xe2\x80\x8b b\xe2\x80\x8b \xcc\x81 c", "a|b|c"},
	{"a\xc2\xa0" "b\tc\xe2\x80\x83" "d", "a|b|c|d"},
	{"", ""},
	{" \n \r\n\t", ""},
};

/* Text and its sentences. */
static const struct { const char *text, *sentences; } sentence_cases[] = {
	{"It came by air. It ate.", "It came by air.|It ate."},
	{"One line\nAnother line\r\nA third\xe2\x80\xa9" "A fourth", "One line|Another line|A third|A fourth"},
	{"Was it sent? No! It was sold.", "Was it sent?|No!|It was sold."},
	/* abbreviations go on */
	{"U.S. President Okoro met Mr. Bari and Gen. John Doe on Jan. 5 at No. 5 Main St. in Milford, Va., near the port.",
		"U.S. President Okoro met Mr. Bari and Gen. John Doe on Jan. 5 at No. 5 Main St. in Milford, Va., near the port."},
	{"George W. Okoro gave 2.5 million. It was 3 p.m. Monday.", "George W. Okoro gave 2.5 million.|It was 3 p.m. Monday."},
	{"It landed at 3 p.m. EST and left at 5 p.m. Okoro saw it.", "It landed at 3 p.m. EST and left at 5 p.m.|Okoro saw it."},
	{"Kestrel Inc. President Okoro spoke.", "Kestrel Inc. President Okoro spoke."},
	{"guns, shells, etc. and more", "guns, shells, etc. and more"},
	/* or end */
	{"He went to the U.N. The talks failed. They met in the U.S. He left.",
		"He went to the U.N.|The talks failed.|They met in the U.S.|He left."},
	{"It came in Jan. The next is due.", "It came in Jan.|The next is due."},
	{"guns, shells, etc. Okoro was there.", "guns, shells, etc.|Okoro was there."},
	{"They said no. Okoro said yes.", "They said no.|Okoro said yes."},
	{"It weighed 50 kg. Okoro lifted it.", "It weighed 50 kg.|Okoro lifted it."},
	/* quotations and brackets */
	{"He said \"We won.\" and left.", "He said \"We won.\" and left."},
	{"He said \"We won.\" Then he left.", "He said \"We won.\"|Then he left."},
	{"\xe2\x80\x9cWe won.\xe2\x80\x9d \xe2\x80\x9cSo did we.\xe2\x80\x9d", "\xe2\x80\x9cWe won.\xe2\x80\x9d|\xe2\x80\x9cSo did we.\xe2\x80\x9d"},
	{"(The ship sank.) It was old.", "(The ship sank.)|It was old."},
	{"\"Why now?\" asked Okoro.", "\"Why now?\" asked Okoro."},
	{"\"Why now?\" President Okoro asked. He left.", "\"Why now?\" President Okoro asked.|He left."},
	{"It sank.[3] Okoro wept. [12] He left.", "It sank.[3]|Okoro wept. [12]|He left."},
	/* what doesn't end one */
	{"It came: a lion; two bears, three... and a swan.", "It came: a lion; two bears, three... and a swan."},
	{"MILFORD - The ship left. LAGOS, Nev. - The ship came.", "MILFORD - The ship left.|LAGOS, Nev. - The ship came."},
	{"8:05 a.m. - The ship left.", "8:05 a.m. - The ship left."},
	{"1. The ship left.\n2. It came.", "1. The ship left.|2. It came."},
	{"The .com firm Yahoo! Japan grew. See http://a.example/b. It is there.",
		"The .com firm Yahoo! Japan grew.|See http://a.example/b.|It is there."},
	{"It hit 3. al-Bari left. iPods sold.", "It hit 3.|al-Bari left.|iPods sold."},
	/* a lost space */
	{"They sent tents.He thanked them.", "They sent tents.|He thanked them."},
	{"They fought for Ruritania.Okoro left.", "They fought for Ruritania.|Okoro left."},
	{"They use Example.Com and node.JS daily.", "They use Example.Com and node.JS daily."},
	{"\xe4\xb8\xad\xe3\x80\x82\xe4\xb8\xad", "\xe4\xb8\xad\xe3\x80\x82|\xe4\xb8\xad"},
};

static const struct { const char *text; word_shape shape; } shape_cases[] = {
	{"lion", SHAPE_LOWER}, {"Lion", SHAPE_INITIAL}, {"I", SHAPE_INITIAL}, {"UN", SHAPE_CAPS}, {"U.S.", SHAPE_CAPS},
	{"McCoy", SHAPE_MIXED}, {"iPod", SHAPE_MIXED}, {"F-16", SHAPE_MIXED}, {"5th", SHAPE_MIXED}, {"1,000", SHAPE_DIGITS},
	{"...", SHAPE_OTHER}, {"$", SHAPE_OTHER}, {"\xc3\x89" "cole", SHAPE_INITIAL}, {"\xce\xa3", SHAPE_INITIAL},
	{"O'Brien", SHAPE_MIXED}, {"didn't", SHAPE_LOWER},
};

/* Text and its pieces with the vocabulary below. */
static const struct { const char *text, *pieces; } piece_cases[] = {
	{"Lions", "lion ##s"}, {"LIONS", "lion ##s"}, {"unaffable", "un ##aff ##able"}, {"lionx", "[UNK]"}, {"x lion", "[UNK] lion"},
	{"l\xc3\xad" "on", "lion"}, {"li\xcc\x81on\xcc\xa7", "lion"}, {"li\xc2\xad" "on", "lion"}, {"li\x01on", "lion"},
	{"lion's.", "lion ' s ."}, {"lion\xe4\xb8\xadlion", "lion \xe4\xb8\xad lion"}, {"\xe2\x89\xa0", "="},
	{"\xe1\xbf\xaf", "`"}, {"\xcf\x83\xce\xa3\xcf\x82", "\xcf\x83 ##\xcf\x83 ##\xcf\x82"}, {"\xc4\xb0s", "is"},
	{"lion\xc2\xa0lion\xe3\x80\x80lion\xe2\x80\xa8lion", "lion lion lion lion"}, {"[UNK]", "[UNK] [UNK] [UNK]"}, {"", ""},
};

static const struct { const char *text, *folded; } fold_cases[] = {
	{"Lion", "lion"}, {"C\xc3\xb4te d\xe2\x80\x99Ivoire", "cote d'ivoire"}, {"Stra\xc3\x9f" "e", "strasse"},
	{"\xc5\x81\xc3\xb3" "d\xc5\xba", "lodz"}, {"Troms\xc3\xb8", "tromso"}, {"Diyarbak\xc4\xb1r", "diyarbakir"},
	{"F\xe2\x80\x93" "16", "f-16"}, {"\xc4\xb0stanbul", "istanbul"}, {"\xe1\xba\xa4", "a"}, {"a\xc2\xa0" "b", "a b"}, {"", ""},
	{"\xea\xb0\x81", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"},
};

/* ---- checks ---- */

static const char lines[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nlion\n##s\nun\n##aff\n##able\n.\n'\ns\n\xe4\xb8\xad\n=\n`\n\xcf\x83\n"
	"##\xcf\x83\n##\xcf\x82\nis\na\n";

static vocabulary *new_vocabulary(void)
{
	kula_error err = {0};
	vocabulary *const v = vocabulary_new((const byte *)lines, sizeof lines - 1, &err);
	CHECK_EQ_STR(err.text, "");
	return v;
}

/* The bytes of spans, with '|' between them. */
static void join(char *out, const byte *at, kula_span s)
{
	if (s.from != s.to && *out)
		strcat(out, "|");
	const size_t from = strlen(out);
	memcpy(out + from, at + s.from, s.to - s.from);
	out[from + s.to - s.from] = 0;
}

TEST(words)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 24);
	for (size_t i = 0; i < COUNT_OF(word_cases); i++) {
		kula_error err = {0};
		const byte *const at = (const byte *)word_cases[i].text;
		const text_doc *const d = text_cut(a, v, at, strlen(word_cases[i].text), NULL, 0, &err);
		REQUIRE(d != NULL);
		char found[1000] = "";
		for (uint32_t w = 0; w < d->word_count; w++)
			join(found, at, d->words[w].at);
		CHECK_EQ_STR(found, word_cases[i].words);
	}
	arena_free(a);
	vocabulary_free(v);
}

TEST(sentences)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 24);
	for (size_t i = 0; i < COUNT_OF(sentence_cases); i++) {
		kula_error err = {0};
		const byte *const at = (const byte *)sentence_cases[i].text;
		const text_doc *const d = text_cut(a, v, at, strlen(sentence_cases[i].text), NULL, 0, &err);
		REQUIRE(d != NULL);
		char found[1000] = "";
		for (uint32_t s = 0; s < d->sentence_count; s++)
			join(found, at, d->sentences[s].at);
		CHECK_EQ_STR(found, sentence_cases[i].sentences);
	}
	arena_free(a);
	vocabulary_free(v);
}

TEST(shapes)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 24);
	for (size_t i = 0; i < COUNT_OF(shape_cases); i++) {
		kula_error err = {0};
		const char *const text = shape_cases[i].text;
		const text_doc *const d = text_cut(a, v, (const byte *)text, strlen(text), NULL, 0, &err);
		REQUIRE(d != NULL && d->word_count == 1);
		CHECK_ROW(d->words[0].shape == shape_cases[i].shape, text);
	}
	arena_free(a);
	vocabulary_free(v);
}

TEST(pieces)
{
	static const char *const names[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "lion", "##s", "un", "##aff", "##able", ".", "'",
		"s", "\xe4\xb8\xad", "=", "`", "\xcf\x83", "##\xcf\x83", "##\xcf\x82", "is", "a"};
	vocabulary *const v = new_vocabulary();
	CHECK_EQ_INT(vocabulary_count(v), COUNT_OF(names));
	for (size_t i = 0; i < COUNT_OF(names); i++)
		CHECK_EQ_INT(vocabulary_id(v, names[i]), i);
	CHECK_EQ_INT(vocabulary_id(v, "lio"), -1);
	CHECK_EQ_INT(vocabulary_id(v, ""), -1);
	CHECK_EQ_INT(vocabulary_id(v, "##lion"), -1);
	for (size_t i = 0; i < COUNT_OF(piece_cases); i++) {
		uint16_t ids[64];
		const char *const text = piece_cases[i].text;
		const uint32_t n = text_pieces(v, (const byte *)text, (uint32_t)strlen(text), ids, NULL, 64);
		char found[400] = "";
		for (uint32_t j = 0; j < n; j++) {
			strcat(found, j ? " " : "");
			strcat(found, names[ids[j]]);
		}
		CHECK_EQ_STR(found, piece_cases[i].pieces);
	}
	/* spans; and no more than there is room for */
	uint16_t ids[2] = {9, 9};
	kula_span spans[2];
	CHECK_EQ_INT(text_pieces(v, (const byte *)" L\xc3\xadon\xcc\x81s.", 10, ids, spans, 2), 3);
	CHECK_EQ_INT(ids[0], 4);
	CHECK_EQ_INT(spans[0].from, 1);
	CHECK_EQ_INT(spans[0].to, 6);
	CHECK_EQ_INT(spans[1].from, 8);
	CHECK_EQ_INT(spans[1].to, 9);
	CHECK_EQ_INT(text_pieces(v, (const byte *)"lion", 4, NULL, NULL, 0), 1);
	/* 100 characters are looked at, 101 are not */
	char longest[103];
	memset(longest, 's', sizeof longest);
	CHECK_EQ_INT(text_pieces(v, (const byte *)longest, 100, ids, NULL, 1), 100);
	CHECK_EQ_INT(ids[0], 11);
	CHECK_EQ_INT(text_pieces(v, (const byte *)longest, 101, ids, NULL, 1), 1);
	CHECK_EQ_INT(ids[0], 1);
	vocabulary_free(v);
}

TEST(vocabulary_faults)
{
	static const struct { const char *text; kula_status status; uint64_t byte; const char *message; } cases[] = {
		{"", KULA_EFORMAT, 0, "the vocabulary has no '[CLS]'"},
		{"[CLS]\n[SEP]\nlion\n", KULA_EFORMAT, 0, "the vocabulary has no '[UNK]'"},
		{"[CLS]\n\n[SEP]\n", KULA_EFORMAT, 6, "line 2 of the vocabulary is empty"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		kula_error err = {0};
		CHECK(vocabulary_new((const byte *)cases[i].text, strlen(cases[i].text), &err) == NULL);
		CHECK_EQ_INT(err.status, cases[i].status);
		CHECK_EQ_INT(err.byte, cases[i].byte);
		CHECK_EQ_STR(err.text, cases[i].message);
	}
	char *const many = malloc(65540 * 6);
	REQUIRE(many != NULL);
	size_t n = 0;
	for (unsigned i = 0; i < 65537; i++)
		n += (size_t)sprintf(many + n, "%x\n", i);
	kula_error err = {0};
	CHECK(vocabulary_new((const byte *)many, n, &err) == NULL);
	CHECK_EQ_STR(err.text, "more than 65536 word pieces");
	free(many);
	/* lines may end as on other systems, the last may lack its end */
	kula_error none = {0};
	vocabulary *const v = vocabulary_new((const byte *)"[CLS]\r\n[SEP]\r\n[UNK]", 19, &none);
	REQUIRE(v != NULL);
	CHECK_EQ_INT(vocabulary_id(v, "[UNK]"), 2);
	vocabulary_free(v);
}

TEST(document)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 24);
	kula_error err = {0};
	const char *const title = " Lion flown to zoo. It ate ", *const text = "A lion came.  It \"ate\".\n\nThe end";
	const text_doc *const d = text_cut(a, v, (const byte *)text, strlen(text), (const byte *)title, strlen(title), &err);
	REQUIRE(d != NULL);
	CHECK(d->has_title);
	REQUIRE(d->sentence_count == 4);                /* the title is one, whatever it holds */
	CHECK(d->sentences[0].in_title && !d->sentences[1].in_title);
	CHECK_EQ_INT(d->sentences[0].at.from, 1);
	CHECK_EQ_INT(d->sentences[0].at.to, 26);
	CHECK_EQ_INT(d->sentences[0].paragraph, UINT32_MAX);
	CHECK_EQ_INT(d->sentences[1].paragraph, 0);
	CHECK_EQ_INT(d->sentences[2].paragraph, 0);
	CHECK_EQ_INT(d->sentences[3].paragraph, 1);
	uint32_t n;
	const byte *at = word_bytes(d, 0, &n);
	CHECK(same_text(at, n, "Lion"));
	at = word_bytes(d, d->sentences[1].word_from, &n);
	CHECK(same_text(at, n, "A"));
	const uint32_t it = d->sentences[2].word_from;  /* It " ate " . */
	CHECK(d->words[it].space_before && d->words[it + 1].space_before && !d->words[it + 2].space_before);
	CHECK(!d->words[it + 3].space_before && !d->words[it + 4].space_before);
	CHECK_EQ_INT(d->words[it].sentence, 2);
	/* no title, no text */
	const text_doc *const none = text_cut(a, v, NULL, 0, (const byte *)" ", 1, &err);
	REQUIRE(none != NULL);
	CHECK(!none->has_title);
	CHECK_EQ_INT(none->sentence_count + none->word_count + none->piece_count, 0);
	const windows *const w = text_windows(a, v, none, &err);
	REQUIRE(w != NULL);
	CHECK_EQ_INT(w->count, 0);
	arena_free(a);
	vocabulary_free(v);
}

TEST(long_sentences)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 26);
	kula_error err = {0};
	char text[2100];
	for (size_t i = 0; i < sizeof text; i += 2)
		memcpy(text + i, "a ", 2);
	const text_doc *const d = text_cut(a, v, (const byte *)text, sizeof text, (const byte *)text, 1000, &err);
	REQUIRE(d != NULL);
	CHECK_EQ_INT(d->word_count, 1550);
	REQUIRE(d->sentence_count == 5);                /* 400, 100; 400, 400, 250 */
	CHECK(d->sentences[1].in_title && !d->sentences[2].in_title);
	CHECK_EQ_INT(d->sentences[2].word_to - d->sentences[2].word_from, TEXT_SENTENCE_WORDS);
	CHECK_EQ_INT(d->sentences[3].paragraph, 0);
	CHECK_EQ_INT(d->sentences[4].at.to, 2099);
	/* what doesn't fit into a window has no row */
	const windows *const w = text_windows(a, v, d, &err);
	REQUIRE(w != NULL);
	CHECK_EQ_INT(w->at[w->word_window[0]].piece_count, TEXT_WINDOW);
	CHECK_EQ_INT(w->row_from[0], 1);
	CHECK_EQ_INT(w->row_to[253], 255);
	CHECK_EQ_INT(w->row_from[254], w->row_to[254]);
	CHECK_EQ_INT(w->row_from[399], w->row_to[399]);
	arena_free(a);
	vocabulary_free(v);
}

/* Sentence i of the text has ten pieces: nine "a" and a point. */
TEST(windows)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 26);
	kula_error err = {0};
	enum { SENTENCES = 60 };
	char text[SENTENCES * 20], title[] = "lion lion lion";
	for (size_t i = 0; i < SENTENCES; i++)
		memcpy(text + i * 20, "A a a a a a a a a. \n", 20);
	const text_doc *const d = text_cut(a, v, (const byte *)text, sizeof text, (const byte *)title, strlen(title), &err);
	REQUIRE(d != NULL);
	REQUIRE(d->sentence_count == SENTENCES + 1);
	const windows *const w = text_windows(a, v, d, &err);
	REQUIRE(w != NULL);
	/* first: the title (3) and 25 sentences make 253 */
	CHECK_EQ_INT(w->at[0].piece_count, 255);
	CHECK_EQ_INT(w->word_window[d->sentences[25].word_to - 1], 0);
	CHECK_EQ_INT(w->word_window[d->sentences[26].word_from], 1);
	/* then: the title and the first sentence in front (13), six of context (60), 18 that are scored */
	CHECK_EQ_INT(w->ids[w->at[1].piece_from + 1], 4);
	CHECK_EQ_INT(w->row_from[d->sentences[26].word_from], 1 + 13 + 60);
	CHECK_EQ_INT(w->word_window[d->sentences[43].word_to - 1], 1);
	/* last: 17 are left, and what room remains is context */
	CHECK_EQ_INT(w->count, 3);
	CHECK_EQ_INT(w->row_from[d->sentences[44].word_from], 1 + 13 + 70);
	CHECK_EQ_INT(w->at[2].piece_count, 255);
	CHECK_EQ_INT(w->shapes[w->at[1].piece_from], SHAPE_OTHER);
	CHECK_EQ_INT(w->shapes[w->at[1].piece_from + 1], SHAPE_LOWER);
	arena_free(a);
	vocabulary_free(v);
}

/* A long title and a long first sentence are cut to TEXT_FRONT in front. */
TEST(front)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 26);
	kula_error err = {0};
	char title[400], text[1200];
	for (size_t i = 0; i < sizeof title; i += 2)
		memcpy(title + i, "a ", 2);
	for (size_t i = 0; i < sizeof text; i += 2)
		memcpy(text + i, i % 400 == 398 ? ".\n" : "a ", 2);
	const text_doc *const d = text_cut(a, v, (const byte *)text, sizeof text, (const byte *)title, sizeof title, &err);
	REQUIRE(d != NULL);
	REQUIRE(d->sentence_count == 4);                /* each of 200 */
	const windows *const w = text_windows(a, v, d, &err);
	REQUIRE(w != NULL);
	REQUIRE(w->count == 4);
	CHECK_EQ_INT(w->at[0].piece_count, 202);
	CHECK_EQ_INT(w->at[1].piece_count, 2 + TEXT_FRONT + 200);
	/* the title still fits before the second sentence, the first no more */
	CHECK_EQ_INT(w->at[2].piece_count, 2 + TEXT_FRONT + 200);
	CHECK_EQ_INT(w->row_from[d->sentences[2].word_from], 1 + TEXT_FRONT);
	arena_free(a);
	vocabulary_free(v);
}

TEST(folds)
{
	arena *const a = arena_new((size_t)1 << 20);
	for (size_t i = 0; i < COUNT_OF(fold_cases); i++)
		CHECK_EQ_STR(text_fold(a, (const byte *)fold_cases[i].text, strlen(fold_cases[i].text)), fold_cases[i].folded);
	arena_free(a);
	arena *const small = arena_new(64);
	CHECK(text_fold(small, (const byte *)"a long enough text to be refused by it", 38) == NULL);
	arena_free(small);
}

/* A full arena is a limit, not a crash; memory that runs out at any call is an error, and the next try succeeds. */
TEST(refusals)
{
	const char *const text = "A lion came. It ate.";
	vocabulary *v = new_vocabulary();
	arena *const small = arena_new(100);
	kula_error err = {0};
	CHECK(text_cut(small, v, (const byte *)text, strlen(text), NULL, 0, &err) == NULL);
	CHECK_EQ_INT(err.status, KULA_ELIMIT);
	arena_free(small);
	vocabulary_free(v);

	bool done = false;
	for (uint64_t n = 1; n < 2000 && !done; n++) {
		kula_error e = {0};
		arena *const a = arena_new((size_t)1 << 20);
		REQUIRE(a != NULL);
		base_fail_allocation(n);
		v = vocabulary_new((const byte *)lines, sizeof lines - 1, &e);
		const text_doc *const d = v ? text_cut(a, v, (const byte *)text, strlen(text), NULL, 0, &e) : NULL;
		const windows *const w = d ? text_windows(a, v, d, &e) : NULL;
		base_fail_allocation(0);
		done = w != NULL;
		CHECK(done || e.status == KULA_EMEMORY || e.status == KULA_ELIMIT);
		vocabulary_free(v);
		arena_free(a);
	}
	CHECK(done);
}

/* Every example of the lists reads as its row says. */
TEST(list_examples)
{
	vocabulary *const v = new_vocabulary();
	arena *const a = arena_new((size_t)1 << 24);
	static const char *const files[] = {"data/text/abbreviations.tsv", "data/text/words.tsv"};
	for (uint32_t f = 0; f < 2; f++) {
		kula_error err = {0};
		mapped file;
		REQUIRE(file_map(files[f], &file, &err) == KULA_OK);
		tsv rows = {.file = files[f], .at = file.at, .end = file.at + file.n};
		cell c[4];
		uint32_t count = 0;
		for (uint32_t n; (n = tsv_next(&rows, c, 4, &err)) != 0; count++) {
			REQUIRE(n == 4 - f);
			const cell *const form = &c[0], *const kind = &c[1], *const example = &c[n - 1];
			const text_doc *const d = text_cut(a, v, (const byte *)example->at, example->n, NULL, 0, &err);
			REQUIRE(d != NULL);
			bool found = false;
			for (uint32_t w = 0; w < d->word_count; w++) {
				uint32_t bytes;
				const byte *const at = word_bytes(d, w, &bytes);
				found = found || (bytes == form->n && !memcmp(at, form->at, bytes)) ||
					/* a prefix or a designation makes one word with what follows */
					(bytes > form->n && at[form->n] == '-' && !memcmp(at, form->at, form->n));
			}
			found = found || form->at[form->n - 1] == '!';
			const uint32_t sentences = f == 1 && same_text(kind->at, kind->n, "starter") ? 2 : 1;
			if (!found || d->sentence_count != sentences) {
				CHECK_ROW(found && d->sentence_count == sentences, files[f]);
				fprintf(stderr, "    line %u: %.*s\n", rows.line, (int)example->n, example->at);
			}
		}
		CHECK_EQ_STR(err.text, "");
		CHECK(count > 100);
		file_unmap(&file);
	}
	arena_free(a);
	vocabulary_free(v);
}

TEST_MAIN(TEST_ENTRY(words), TEST_ENTRY(sentences), TEST_ENTRY(shapes), TEST_ENTRY(pieces), TEST_ENTRY(vocabulary_faults),
	TEST_ENTRY(document), TEST_ENTRY(long_sentences), TEST_ENTRY(windows), TEST_ENTRY(front), TEST_ENTRY(folds),
	TEST_ENTRY(refusals), TEST_ENTRY(list_examples))
