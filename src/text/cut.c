#include "text/text.h"
#include "text/chars.h"
#include "text/vocabulary.h"

#include <stdlib.h>

/* The one cut of a document. The lists grow on the heap and go into the arena when their lengths are known. */
typedef struct cutter {
	const vocabulary *v;
	const byte *at;                 /* the title or the text */
	uint32_t    n;
	sentence   *sentences; size_t sentence_count, sentence_room;
	word       *words;     size_t word_count, word_room;
	uint16_t   *pieces;    size_t piece_count, piece_room;
	uint32_t    paragraph;
	uint32_t    tail;               /* from here on the sentence has only its last points, quotes and brackets */
	uint32_t    word_end;           /* of the word before, to know a clitic by */
	bool        in_title, money;    /* money: the word before is a currency */
	kula_status failed;
} cutter;

static bool grow(cutter *c, void *list, size_t *room, size_t needed, size_t size)
{
	if (needed <= *room)
		return true;
	size_t more = *room ? *room * 2 : 1024;
	if (more < needed)
		more = needed;
	void **const at = list;
	void *const grown = more <= SIZE_MAX / size ? base_realloc(*at, more * size) : NULL;
	if (!grown) {
		c->failed = KULA_EMEMORY;
		return false;
	}
	*at = grown;
	*room = more;
	return true;
}

/* ---- characters around a place ---- */

/* The kind of the character at p; its length in *bytes, itself in *ch. */
static char_kind kind_at(const cutter *c, uint32_t p, uint32_t to, uint32_t *ch, uint32_t *bytes)
{
	const uint32_t b = c->at[p];
	if (b < 128) {
		*ch = b;
		*bytes = 1;
		return (char_kind)ascii_kinds[b];
	}
	*ch = utf8_next(c->at + p, to - p, bytes);
	return char_kind_of(*ch);
}

static bool letter_at(const cutter *c, uint32_t p, uint32_t to)
{
	uint32_t ch, bytes;
	return p < to && kind_at(c, p, to, &ch, &bytes) == CHAR_LETTER;
}

static bool digit_at(const cutter *c, uint32_t p, uint32_t to)
{
	return p < to && is_digit(c->at[p]);
}

static uint32_t character_at(const cutter *c, uint32_t p, uint32_t to)
{
	uint32_t bytes;
	return p < to ? utf8_next(c->at + p, to - p, &bytes) : 0;
}

static bool is_apostrophe(uint32_t ch)
{
	return ch == '\'' || ch == 0x2019;
}

static bool is_hyphen(uint32_t ch)
{
	return ch == '-' || ch == 0x2010 || ch == 0x2011;
}

/* Over white space and dropped characters. */
static uint32_t skip_space(const cutter *c, uint32_t p, uint32_t to)
{
	while (p < to) {
		uint32_t ch, bytes;
		const char_kind k = kind_at(c, p, to, &ch, &bytes);
		if (k != CHAR_SPACE && k != CHAR_DROPPED)
			break;
		p += bytes;
	}
	return p;
}

/* ---- abbreviations ---- */

/* "U.S.", "a.m.", "Ph.D.": groups of at most two letters, each with a point, the first of them alone or "Ph". */
static bool is_acronym(const byte *at, size_t n)
{
	uint32_t groups = 0;
	for (size_t i = 0; i < n;) {
		size_t letters = 0;
		while (i + letters < n && is_alpha(at[i + letters]))
			letters++;
		if (letters < 1 || letters > 2 || i + letters >= n || at[i + letters] != '.')
			return false;
		if (letters == 2 && !(is_upper(at[i]) && is_lower(at[i + 1])))
			return false;
		i += letters + 1;
		groups++;
	}
	return groups >= 2;
}

/* "J." in any script */
static bool is_initial(const byte *at, size_t n)
{
	if (n < 2 || at[n - 1] != '.')
		return false;
	uint32_t bytes;
	const uint32_t ch = utf8_next(at, n - 1, &bytes);
	return bytes == n - 1 && char_is_upper(ch);
}

/* ---- words ---- */

static uint8_t shape_of(const byte *at, uint32_t n)
{
	uint32_t upper = 0, letters = 0, digits = 0;
	bool first_upper = false;
	for (uint32_t i = 0; i < n;) {
		uint32_t ch = at[i], bytes = 1;
		if (ch >= 128)
			ch = utf8_next(at + i, n - i, &bytes);
		if (char_is_letter(ch)) {
			const bool is = char_is_upper(ch);
			first_upper = letters ? first_upper : is;
			upper += is;
			letters++;
		} else if (is_digit(ch))
			digits++;
		i += bytes;
	}
	if (!letters)
		return digits ? SHAPE_DIGITS : SHAPE_OTHER;
	if (digits)
		return SHAPE_MIXED;
	if (!upper)
		return SHAPE_LOWER;
	if (upper == letters && letters > 1)
		return SHAPE_CAPS;
	return first_upper && upper == 1 ? SHAPE_INITIAL : SHAPE_MIXED;
}

static bool open_sentence(cutter *c)
{
	if (!grow(c, &c->sentences, &c->sentence_room, c->sentence_count + 1, sizeof *c->sentences))
		return false;
	c->sentences[c->sentence_count++] = (sentence){
		.word_from = (uint32_t)c->word_count, .word_to = (uint32_t)c->word_count,
		.paragraph = c->in_title ? UINT32_MAX : c->paragraph, .in_title = c->in_title,
	};
	return true;
}

/* A word of the last sentence. What gives no piece (a lone control character or mark) is none. */
static void add_word(cutter *c, uint32_t from, uint32_t to, uint32_t sentence_from)
{
	if (c->failed || !grow(c, &c->words, &c->word_room, c->word_count + 1, sizeof *c->words) ||
			!grow(c, &c->pieces, &c->piece_room, c->piece_count + (to - from), sizeof *c->pieces))
		return;
	const uint32_t pieces = text_pieces(c->v, c->at + from, to - from, c->pieces + c->piece_count, NULL, to - from);
	if (!pieces)
		return;
	if (c->piece_count + pieces > UINT32_MAX || c->word_count == UINT32_MAX) {
		c->failed = KULA_ELIMIT;
		return;
	}
	sentence *s = &c->sentences[c->sentence_count - 1];
	if (s->word_to - s->word_from == TEXT_SENTENCE_WORDS) {
		if (!open_sentence(c))
			return;
		s = &c->sentences[c->sentence_count - 1];
	}
	if (s->word_from == s->word_to)
		s->at.from = from;
	s->at.to = to;
	s->word_to++;
	/* anything between this word and the one before is white (or dropped, which looks like nothing) */
	bool space = from == sentence_from;
	for (uint32_t p = c->word_end; !space && p < from;) {
		uint32_t ch, bytes;
		space = kind_at(c, p, from, &ch, &bytes) == CHAR_SPACE;
		p += bytes;
	}
	c->words[c->word_count++] = (word){
		.at = {from, to}, .sentence = (uint32_t)c->sentence_count - 1, .piece_from = (uint32_t)c->piece_count,
		.piece_to = (uint32_t)c->piece_count + pieces, .shape = shape_of(c->at + from, to - from), .space_before = space,
	};
	c->piece_count += pieces;
	c->word_end = to;
}

/* The clitic that begins with the apostrophe at p: its length, or 0. "'t" is none: "don't" is one word, since the
 * encoder reads "don", "'", "t". */
static uint32_t clitic_at(const cutter *c, uint32_t p, uint32_t to)
{
	static const char clitics[][3] = {"s", "ll", "re", "ve", "d", "m"};
	uint32_t ch, bytes;
	if (p >= to)
		return 0;
	kind_at(c, p, to, &ch, &bytes);
	if (!is_apostrophe(ch))
		return 0;
	const uint32_t letters = p + bytes;
	for (size_t i = 0; i < COUNT_OF(clitics); i++) {
		const uint32_t n = (uint32_t)strlen(clitics[i]);
		uint32_t end = letters + n;
		if (end > to || !same_folded(c->at + letters, n, clitics[i]))
			continue;
		while (end < to && kind_at(c, end, to, &ch, &bytes) == CHAR_DROPPED)
			end += bytes;           /* the encoder's tokenizer sees through them */
		if (!letter_at(c, end, to))
			return letters + n - p;
	}
	return 0;
}

/* Does the point at q, with no letter behind it, belong to the word [p, q)? */
static bool keeps_point(const cutter *c, uint32_t p, uint32_t q)
{
	const byte *const at = c->at + p;
	const size_t n = q + 1 - p;
	if (is_digit(at[0]))
		return false;
	if (is_initial(at, n))
		return q < c->tail;
	if (n <= 24 && is_acronym(at, n))
		return true;
	const uint32_t flags = list_flags(c->v, at, n) & LIST_ABBREVIATION;
	if (flags != LIST_NUMBER)
		return flags != 0;
	const uint32_t next = skip_space(c, q + 1, c->n);
	return q < c->tail && digit_at(c, next, c->n);
}

/* Does the hyphen at q join the part [part, q) and what stands from next on? */
static bool hyphen_joins(const cutter *c, uint32_t part, uint32_t q, uint32_t next, uint32_t to)
{
	const uint32_t n = q - part;
	byte left[20];
	if (n > 16 || !letter_at(c, next, to))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const byte b = c->at[part + i];
		if (!is_alpha(b) && !is_digit(b) && b != '/')
			return false;
		left[i] = b;
	}
	if (is_digit(c->at[next])) {
		if (list_flags(c->v, left, n) & LIST_DESIGNATION)
			return true;
		left[n] = '.';
		return is_upper(left[0]) && !(list_flags(c->v, left, n) & LIST_DAY) &&
			!(list_flags(c->v, left, n + 1) & LIST_MONTH);
	}
	left[0] = (byte)to_lower(left[0]);
	uint32_t bytes;
	const uint32_t ch = utf8_next(c->at + next, to - next, &bytes);
	return char_is_letter(ch) && !char_is_upper(ch) && (list_flags(c->v, left, n) & LIST_PREFIX);
}

/* Is the run of letters and digits at q a unit, which ends a number before it? */
static bool unit_at(const cutter *c, uint32_t q, uint32_t to)
{
	uint32_t r = q;
	while (r < to && r - q < 8 && (is_alpha(c->at[r]) || is_digit(c->at[r])))
		r++;
	if (letter_at(c, r, to))
		return false;
	const uint32_t flags = list_flags(c->v, c->at + q, r - q);
	return flags & LIST_GLUED_UNIT || (c->money && flags & LIST_MONEY_UNIT);
}

/* The end of the word that begins at p, with a letter, a digit or the point of ".5". */
static uint32_t word_end(const cutter *c, uint32_t p, uint32_t to)
{
	uint32_t q = p, part = p;
	bool number = true, letters = true;     /* so far only digits and their separators; only ASCII letters */
	if (c->at[p] == '.') {
		letters = false;
		q++;
	}
	while (q < to) {
		uint32_t ch, bytes;
		const char_kind k = kind_at(c, q, to, &ch, &bytes);
		const uint32_t next = q + bytes;
		const bool after_digit = q > p && is_digit(c->at[q - 1]);
		if (k == CHAR_HAN || k == CHAR_SPACE)
			return q;
		if (k == CHAR_DROPPED) {
			q = next;
			continue;
		}
		if (k == CHAR_LETTER) {
			if (is_digit(ch)) {
				if (letters && q > p && is_alpha(c->at[q - 1]) && list_flags(c->v, c->at + p, q - p) & LIST_CODE)
					return q;
				letters = false;
			} else {
				if (char_is_currency(ch) && (after_digit || digit_at(c, next, to)))
					return q;
				if (number && after_digit && is_alpha(ch) && unit_at(c, q, to))
					return q;
				number = false;
				letters = letters && is_alpha(ch);
			}
			q = next;
			continue;
		}
		if (ch == '.') {
			if (!letter_at(c, next, to))
				return keeps_point(c, p, q) ? next : q;
			const uint32_t n = next - p;
			if (n > 2 && (is_upper(c->at[next]) || is_digit(c->at[next])) &&
					list_flags(c->v, c->at + p, n) & LIST_ABBREVIATION && !is_acronym(c->at + p, n))
				return next;            /* "Mr.Okoro", "No.5" */
			if (q >= c->tail)
				return q;
		} else if (ch == ',' || ch == ':') {
			if (!number || !after_digit || !digit_at(c, next, to))
				return q;
		} else if (is_apostrophe(ch)) {
			if (!letter_at(c, next, to) || clitic_at(c, q, to))
				return q;
		} else if (is_hyphen(ch)) {
			if (!hyphen_joins(c, part, q, next, to))
				return q;
			part = next;
		} else if (ch == '/') {                 /* "F/A-18" */
			if (q != part + 1 || !is_upper(c->at[part]) || next + 1 >= to || !is_upper(c->at[next]) ||
					!is_hyphen(character_at(c, next + 1, to)))
				return q;
		} else if (ch == '&' || ch == '_' || ch == '@') {
			if (!letter_at(c, next, to))
				return q;
		} else
			return q;
		letters = false;
		number = number && (ch == '.' || ch == ',' || ch == ':');
		q = next;
	}
	return q;
}

/* An address of the web or of mail, from its first letter: its end. It doesn't end in a mark that may be the sentence's. */
static uint32_t address_end(const cutter *c, uint32_t p, uint32_t to)
{
	while (to > p + 1 && c->at[to - 1] < 128 && ascii_mark(c->at[to - 1]) && c->at[to - 1] != '/' &&
			c->at[to - 1] != '&' && c->at[to - 1] != '=' && c->at[to - 1] != '_' && c->at[to - 1] != '-')
		to--;
	return to;
}

/* One stretch without white space. */
static void cut_chunk(cutter *c, uint32_t from, uint32_t to, bool address, uint32_t sentence_from)
{
	for (uint32_t p = from; p < to && !c->failed;) {
		uint32_t ch, bytes;
		const char_kind k = kind_at(c, p, to, &ch, &bytes);
		uint32_t end = p + bytes;
		bool money = false;
		if (k == CHAR_DROPPED || k == CHAR_SPACE) {
			p = end;
			continue;
		}
		const uint32_t clitic = is_apostrophe(ch) && (p == from || p == c->word_end) ? clitic_at(c, p, to) : 0;
		if (clitic && (p > from || p + clitic == to))
			end = p + clitic;
		else if (k == CHAR_LETTER && address) {
			end = address_end(c, p, to);
			address = false;
		} else if (k == CHAR_LETTER && char_is_currency(ch) &&
				(digit_at(c, end, to) || end == to || (p > from && is_digit(c->at[p - 1]))))
			money = true;
		else if (k == CHAR_LETTER || (ch == '.' && digit_at(c, end, to) && (p == from || c->at[p - 1] != '.') &&
				p != c->word_end)) {
			end = word_end(c, p, to);
			money = is_alpha(ch) && digit_at(c, end, to) && list_flags(c->v, c->at + p, end - p) & LIST_CODE;
		} else if (k == CHAR_MARK) {
			money = ch == '$';
			uint32_t again;
			while (end < to && utf8_next(c->at + end, to - end, &again) == ch && !clitic_at(c, end, to))
				end += again;
		}
		uint32_t last = end;            /* without hidden characters at its end */
		if (k == CHAR_LETTER)
			for (uint32_t q = p; q < end;) {
				const char_kind kq = kind_at(c, q, end, &ch, &bytes);
				q += bytes;
				if (kq != CHAR_DROPPED || char_is_accent(ch))
					last = q;
			}
		add_word(c, p, last, sentence_from);
		c->money = money;
		p = end;
	}
}

static bool is_closer(uint32_t ch)
{
	return ch == '"' || ch == '\'' || ch == ')' || ch == ']' || ch == '}' || ch == 0x201D || ch == 0x2019 ||
		ch == 0xBB || ch == 0x203A || ch == 0x300D || ch == 0x300F;
}

static bool is_terminator(uint32_t ch)
{
	return ch == '.' || ch == '!' || ch == '?' || ch == 0x2026 || ch == 0x3002 || ch == 0xFF01 || ch == 0xFF1F;
}

/* The start of the character that ends at p > 0. */
static uint32_t before(const cutter *c, uint32_t p)
{
	do
		p--;
	while (p > 0 && (c->at[p] & 0xC0) == 0x80);
	return p;
}

static void cut_words(cutter *c, uint32_t from, uint32_t to)
{
	if (!open_sentence(c))
		return;
	c->tail = to;
	while (c->tail > from) {
		const uint32_t p = before(c, c->tail), ch = character_at(c, p, to);
		if (!is_closer(ch) && !is_terminator(ch) && char_kind_of(ch) != CHAR_SPACE)
			break;
		c->tail = p;
	}
	c->word_end = from;
	c->money = false;
	for (uint32_t p = from; p < to && !c->failed;) {
		uint32_t end = p, letters = 0;
		bool address = false, at_sign = false;
		while (end < to) {
			uint32_t ch, bytes;
			if (c->at[end] < 128) {
				ch = c->at[end];
				bytes = 1;
				if (ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r')
					break;
				letters += is_alpha(ch);
				if (ch == ':' && end + 2 < to && c->at[end + 1] == '/' && c->at[end + 2] == '/' && letters)
					address = true;
				else if (ch == '@' && end > p && end + 1 < to && letter_at(c, end + 1, to))
					at_sign = true;
				else if (ch == '.' && ((at_sign && letter_at(c, end + 1, to)) ||
						(end >= 3 && end - p >= 3 && letters == 3 && same_folded(c->at + end - 3, 3, "www"))))
					address = true;
			} else if (kind_at(c, end, to, &ch, &bytes) == CHAR_SPACE)
				break;
			end += bytes;
		}
		if (end > p)
			cut_chunk(c, p, end, address, from);
		p = end;
		if (p < to) {
			uint32_t ch, bytes;
			kind_at(c, p, to, &ch, &bytes);
			p += bytes;
		}
	}
	if (!c->failed && c->sentences[c->sentence_count - 1].word_from == c->word_count)
		c->sentence_count--;            /* nothing but dropped characters */
}

/* ---- sentences ---- */

static bool is_opener(uint32_t ch)
{
	return ch == '"' || ch == '\'' || ch == '(' || ch == '[' || ch == '{' || ch == '`' || ch == 0x201C || ch == 0x2018 ||
		ch == 0xAB || ch == 0x2039 || ch == 0x201E || ch == 0x201A || ch == 0x300C || ch == 0x300E ||
		is_hyphen(ch) || ch == 0x2013 || ch == 0x2014 || ch == 0x2022 || ch == '*';
}

/* The flags of the word that begins at p. */
static uint32_t word_flags(const cutter *c, uint32_t p, uint32_t to)
{
	uint32_t q = p;
	while (q < to && q - p < 25 && is_alpha(c->at[q]))
		q++;
	if (q == p + 1 && q < to && c->at[q] == '.')
		return 0;                       /* "A." is an initial, not the article */
	return list_flags(c->v, c->at + p, q - p);
}

/* "Okoro said", "President Okoro asked": a name at p that goes on with a verb of saying. */
static bool name_says(const cutter *c, uint32_t p, uint32_t to)
{
	for (uint32_t words = 0; words < 5 && p < to; words++) {
		if (words && word_flags(c, p, to) & LIST_SAYING)
			return true;
		if (!char_is_upper(character_at(c, p, to)))
			return false;
		uint32_t length = 0;
		while (p < to && c->at[p] > ' ' && length++ < 40)
			p++;
		p = skip_space(c, p, to);
	}
	return false;
}

/* Does a lower-case letter at p begin a name or an address: "iPhone", "al-Assad", "http://..."? */
static bool lower_name_at(const cutter *c, uint32_t p, uint32_t to)
{
	uint32_t q = p;
	if (to - p > 8 && (!memcmp(c->at + p, "http", 4) || !memcmp(c->at + p, "www.", 4)))
		return true;
	while (q < to && q - p < 3 && is_lower(c->at[q]))
		q++;
	if (q < to && is_hyphen(c->at[q]) && q - p == 2)
		q++;
	return q < to && is_upper(c->at[q]);
}

/* The end of a footnote's mark, "[12]", at p; 0 if there is none. */
static uint32_t note_end(const cutter *c, uint32_t p, uint32_t to)
{
	uint32_t q = p + 1;
	if (p >= to || c->at[p] != '[')
		return 0;
	while (q < to && q - p < 5 && is_digit(c->at[q]))
		q++;
	return q > p + 1 && q < to && c->at[q] == ']' ? q + 1 : 0;
}

/* Where a sentence that began at `from` ends, if it does, at the terminator at i: behind it and what closes. 0: goes on.
 * *resume is where to look for the next terminator. */
static uint32_t ends_at(const cutter *c, uint32_t from, uint32_t i, uint32_t to, uint32_t *resume)
{
	uint32_t k = i, bytes, ch, terminators = 0;
	bool point_only = true, calls = false, quoted = false, wide = false;
	for (; k < to; k += bytes) {
		ch = utf8_next(c->at + k, to - k, &bytes);
		if (is_terminator(ch)) {
			terminators++;
			point_only = point_only && ch == '.' && terminators == 1;
			calls = calls || ch == '!' || ch == '?';
			wide = wide || ch > 0x2026;
		} else if (is_closer(ch))
			quoted = quoted || (ch != ')' && ch != ']' && ch != '}');
		else if (note_end(c, k, to))
			bytes = note_end(c, k, to) - k;
		else
			break;
	}
	for (uint32_t p = k; (p = note_end(c, skip_space(c, p, to), to)) != 0;)
		k = p;
	*resume = k;
	if (k == to || wide)
		return k;

	/* the word that the point stands behind */
	uint32_t token = i;
	while (token > from && i - token < 24 && (is_alpha(c->at[token - 1]) || is_digit(c->at[token - 1]) ||
			c->at[token - 1] == '.' || c->at[token - 1] == '&' || c->at[token - 1] >= 128 ||
			(c->at[token - 1] == '\'' && i - token > 0)))
		token--;
	const byte *const stem = c->at + token;
	const uint32_t stem_bytes = i + 1 - token;

	uint32_t next;
	const char_kind behind = kind_at(c, k, to, &next, &bytes);
	if (behind != CHAR_SPACE) {
		/* "the tents.He said", "for Ruritania.Okoro left": the space was lost. "Example.Com" is a name, though. */
		uint32_t lower = 0, q = k;
		while (i > from + lower && is_lower(c->at[i - lower - 1]) && lower < 3)
			lower++;
		if (!point_only || lower < 3 || !is_upper(next) || list_flags(c->v, stem, stem_bytes) || memchr(stem, '.', i - token))
			return 0;
		for (q++; q < to && q - k < 25 && is_lower(c->at[q]);)
			q++;
		const bool alone = q == to || is_space(c->at[q]) || c->at[q] == ',' || c->at[q] == '\'';
		return (q - k >= 4 && alone) || word_flags(c, k, to) & LIST_STARTER ? k : 0;
	}
	const uint32_t p = skip_space(c, k, to);
	if (p == to)
		return k;
	uint32_t q = p;                         /* behind opening quotes, brackets, dashes */
	while (q < to && q - p < 8) {
		ch = utf8_next(c->at + q, to - q, &bytes);
		if (!is_opener(ch) && char_kind_of(ch) != CHAR_SPACE)
			break;
		q += bytes;
	}
	const uint32_t start = character_at(c, q, to);
	const uint32_t next_flags = word_flags(c, q, to);
	const bool starter = next_flags & LIST_STARTER && char_is_upper(start);
	const bool lower = char_is_letter(start) && !char_is_upper(start) && start < 0x250;
	if (start == ',' || start == ';' || start == ':' || start == ')' || start == '.' || start == '!' || start == '?')
		return 0;
	if (lower && !lower_name_at(c, q, to))
		return 0;

	const bool dashed = q > p && (is_hyphen(next = character_at(c, p, to)) || next == 0x2013 || next == 0x2014);

	if (point_only) {
		if (token == from && stem_bytes <= 5) {         /* "1. The", "B. The", "IV. The": a list's */
			bool number = true, roman = true;
			for (uint32_t j = 0; j + 1 < stem_bytes; j++) {
				number = number && is_digit(stem[j]);
				roman = roman && (stem[j] == 'I' || stem[j] == 'V' || stem[j] == 'X');
			}
			if (stem_bytes > 1 && (roman || (number && stem_bytes <= 4) || (is_initial(stem, stem_bytes))))
				return 0;
		}
		uint32_t flags = list_flags(c->v, stem, stem_bytes);
		if (is_initial(stem, stem_bytes))
			return starter ? k : 0;
		if (flags & LIST_NUMBER && is_digit(start))
			return 0;
		flags &= ~(uint32_t)LIST_NUMBER;
		if (!(flags & LIST_ABBREVIATION) && is_acronym(stem, stem_bytes))
			flags = LIST_OTHER | LIST_MAY_END;
		if (flags & LIST_ABBREVIATION && dashed)
			return 0;               /* "LAGOS, Nev. - The", "8:05 a.m. - The" */
		if (flags & LIST_CAPITAL_ENDS)
			return char_is_upper(start) && !(flags & LIST_CLOCK && next_flags & LIST_DAY) ? k : 0;
		if (flags & LIST_ABBREVIATION)
			return starter && flags & LIST_MAY_END ? k : 0;
	} else if (calls) {
		if (quoted && name_says(c, q, to))
			return 0;
		if (terminators == 1 && list_flags(c->v, stem, stem_bytes))
			return starter ? k : 0;
	}
	return k;
}

/* A paragraph [from, to), without white space at its ends. */
static void cut_paragraph(cutter *c, uint32_t from, uint32_t to)
{
	uint32_t start = from;
	for (uint32_t i = from; i < to && !c->failed;) {
		const byte b = c->at[i];
		if (b != '.' && b != '!' && b != '?' && b < 0xE2) {
			i++;
			continue;
		}
		if (b >= 128 && !is_terminator(character_at(c, i, to))) {
			i++;
			continue;
		}
		uint32_t resume;
		const uint32_t end = ends_at(c, start, i, to, &resume);
		i = resume;
		if (end && end < to) {
			cut_words(c, start, end);
			start = i = skip_space(c, end, to);
		}
	}
	if (start < to)
		cut_words(c, start, to);
}

static bool is_line_end(uint32_t ch)
{
	return ch == '\n' || ch == '\r' || ch == 0x2028 || ch == 0x2029;
}

static void cut_text(cutter *c)
{
	for (uint32_t p = 0; p < c->n && !c->failed;) {
		p = skip_space(c, p, c->n);
		uint32_t to = p, trimmed = p, bytes;
		while (to < c->n) {
			if (c->at[to] < 128 && c->at[to] > ' ') {
				trimmed = ++to;
				continue;
			}
			uint32_t ch;
			const char_kind k = kind_at(c, to, c->n, &ch, &bytes);
			if (is_line_end(ch))
				break;
			to += bytes;
			if (k != CHAR_SPACE && (k != CHAR_DROPPED || char_is_accent(ch)))
				trimmed = to;
		}
		if (trimmed == p)
			continue;
		const size_t before_count = c->sentence_count;
		cut_paragraph(c, p, trimmed);
		c->paragraph += c->sentence_count > before_count;
		p = to;
	}
}

static void *into_arena(arena *a, const void *from, size_t count, size_t size)
{
	void *const to = arena_alloc(a, count ? count : 1, size);
	if (to && count)
		memcpy(to, from, count * size);
	return to;
}

text_doc *text_cut(arena *a, const vocabulary *v, const byte *text, size_t text_bytes,
	const byte *title, size_t title_bytes, kula_error *err)
{
	/* a span's end must fit, and no list may be longer than the text */
	if (text_bytes >= UINT32_MAX || title_bytes >= UINT32_MAX) {
		kula_fail(err, KULA_ELIMIT, 0, "text of %zu bytes, limit 4294967294", MAX_OF(text_bytes, title_bytes));
		return NULL;
	}
	cutter c = {.v = v, .at = title, .n = (uint32_t)title_bytes, .in_title = true};
	const uint32_t title_from = skip_space(&c, 0, c.n);
	if (title_from < c.n)
		cut_words(&c, title_from, c.n);
	const bool has_title = c.sentence_count > 0;
	c.at = text;
	c.n = (uint32_t)text_bytes;
	c.in_title = false;
	if (!c.failed)
		cut_text(&c);

	text_doc *d = NULL;
	if (!c.failed) {
		d = ARENA_NEW(a, text_doc, 1);
		if (d) {
			*d = (text_doc){
				.text = text, .text_bytes = (uint32_t)text_bytes, .title = title, .title_bytes = (uint32_t)title_bytes,
				.sentences = into_arena(a, c.sentences, c.sentence_count, sizeof *c.sentences),
				.sentence_count = (uint32_t)c.sentence_count,
				.words = into_arena(a, c.words, c.word_count, sizeof *c.words), .word_count = (uint32_t)c.word_count,
				.pieces = into_arena(a, c.pieces, c.piece_count, sizeof *c.pieces),
				.piece_count = (uint32_t)c.piece_count, .has_title = has_title,
			};
			if (!d->sentences || !d->words || !d->pieces)
				d = NULL;
		}
		if (!d)
			kula_fail(err, arena_refused(a) ? KULA_ELIMIT : KULA_EMEMORY, 0, "the document's arena is full");
	} else
		kula_fail(err, c.failed, 0, c.failed == KULA_ELIMIT ? "too many word pieces" : "no memory to cut the text");
	free(c.sentences);
	free(c.words);
	free(c.pieces);
	return d;
}
