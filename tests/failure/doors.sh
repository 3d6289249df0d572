#!/bin/sh
# Bad input at the command line: what is said, where it points, the exit code (docs/EXIT.md), and that the others go on.
set -u
kula=$1/kula
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
if ! "$kula" doctor >/dev/null 2>&1 && [ ! -f data/kula.weights ] && [ -z "${KULA_TEST_STUB:-}" ]; then
	echo "no weights: nothing can be read"
	echo "0 passed, 1 failed"
	exit 1
fi

# try NAME CODE WORDS COMMAND...: the exit code, and words that standard error (with output) must hold ("" for none).
try() {
	name=$1 code=$2 words=$3
	shift 3
	"$@" >"$dir/out" 2>"$dir/err"
	got=$?
	if [ "$got" -ne "$code" ]; then
		echo "$name: exit code $got, expected $code: $*"
		head -n 5 "$dir/err"
		failed=$((failed + 1))
	elif [ -n "$words" ] && ! grep -qF -- "$words" "$dir/err"; then
		echo "$name: standard error lacks '$words':"
		head -n 5 "$dir/err"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}
# lines N: the last command wrote N lines.
lines() {
	if [ "$(wc -l <"$dir/out")" -eq "$1" ]; then
		passed=$((passed + 1))
	else
		echo "$name: $(wc -l <"$dir/out") lines, expected $1"
		failed=$((failed + 1))
	fi
}
good='{"doc":"g","published":"2024-11-20","text":"Russia sent a lion to North Korea."}'
in=$dir/in

: >"$in"
try "empty file" 0 "" "$kula" read "$in"
printf '\001\002\000\377\376ELF' >"$in"
try "binary file" 4 "$in" "$kula" read "$in"
printf 'Russia sent a lion.\377 More.' >"$in"
try "invalid UTF-8" 4 "byte 19" "$kula" read "$in"
printf '%s\nnot json\n%s\n' "$good" "$good" >"$in"
try "a line that is no JSON" 4 "line 2" "$kula" read "$in"
lines 2
printf '%s\n{"doc":"x"}\n%s\n' "$good" "$good" >"$in"
try "a line without text" 4 "line 2" "$kula" read "$in"
lines 2
printf '%s\n{"doc":"x","text":7}\n%s\n' "$good" "$good" >"$in"
try "text that is a number" 4 "line 2" "$kula" read "$in"
lines 2
printf '%s\n{"doc":"x","text":"cut o' "$good" >"$in"
try "a line that is cut off" 4 "line 2" "$kula" read "$in"
lines 1
{ echo "$good"; printf '{"doc":"x","text":"'; head -c 100000000 /dev/zero | tr '\0' a; printf '"}\n'; echo "$good"; } >"$in"
try "a line of 100 MB" 5 "$in" "$kula" read "$in"
lines 2
{ echo "$good"; printf '{"a":'; head -c 1000000 /dev/zero | tr '\0' '['; printf '\n'; echo "$good"; } >"$in"
try "a million brackets" 5 "line 2" "$kula" read "$in"
lines 2
rm -f "$in"
try "no such file" 3 "$in" "$kula" read "$in"
echo "$good" >"$in"
try "one file of two is not there" 3 "no-such-file" "$kula" read "$dir/no-such-file" "$in"
lines 1
try "a folder" 3 "$dir" "$kula" read "$dir"
printf 'Russia sent a lion to North Korea last week.' >"$in"
try "no day of publication" 0 "no day of publication" "$kula" read "$in"
try "no day, quiet" 0 "" "$kula" read --quiet "$in"
if [ -s "$dir/err" ]; then echo "quiet: it spoke"; failed=$((failed + 1)); else passed=$((passed + 1)); fi
cat "$in" >"$dir/in2"
"$kula" read "$in" "$dir/in2" >/dev/null 2>"$dir/err"
if [ "$(grep -c 'no day' "$dir/err")" -eq 1 ]; then passed=$((passed + 1)); else echo "no day: not said once"; failed=$((failed + 1)); fi

try "full disk" 3 "No space left" sh -c '"$1" read examples/*.jsonl >/dev/full' sh "$kula"
try "full disk, -o" 3 "/dev/full" "$kula" read -o /dev/full examples/zoo.jsonl
try "output in no folder" 3 "$dir/no/out" "$kula" read -o "$dir/no/out" examples/zoo.jsonl
"$kula" read examples/*.jsonl 2>"$dir/err" | head -c 1 >/dev/null
if [ -s "$dir/err" ]; then echo "closed pipe: it spoke"; cat "$dir/err"; failed=$((failed + 1)); else passed=$((passed + 1)); fi

if [ -z "${KULA_TEST_STUB:-}" ]; then
	try "no weights" 3 "$dir/none" "$kula" read --weights "$dir/none" examples/zoo.jsonl
	try "no knowledge" 3 "$dir/none" "$kula" read --knowledge "$dir/none" examples/zoo.jsonl
	echo "not weights at all, but long enough to have a header in it, one would think, were it not text" >"$dir/bad"
	try "weights that are text" 4 "$dir/bad" "$kula" read --weights "$dir/bad" examples/zoo.jsonl
	try "knowledge that is text" 4 "$dir/bad" "$kula" read --knowledge "$dir/bad" examples/zoo.jsonl
	: >"$dir/bad"
	try "empty weights" 4 "$dir/bad" "$kula" read --weights "$dir/bad" examples/zoo.jsonl
	weights=data/kula.weights
	head -c 1000000 "$weights" >"$dir/bad"
	try "weights cut short" 4 "$dir/bad" "$kula" read --weights "$dir/bad" examples/zoo.jsonl
	cp "$weights" "$dir/bad"
	printf 'X' | dd of="$dir/bad" bs=1 seek=3000000 conv=notrunc 2>/dev/null
	try "weights with a byte changed" 4 "$dir/bad" "$kula" read --weights "$dir/bad" examples/zoo.jsonl
	cp "$1/kula.know" "$dir/bad"
	printf 'X' | dd of="$dir/bad" bs=1 seek=300000 conv=notrunc 2>/dev/null
	try "knowledge with a byte changed" 4 "$dir/bad" "$kula" read --knowledge "$dir/bad" examples/zoo.jsonl
	mkdir "$dir/tables"
	printf 'nobody\tknows\tthese\n' >"$dir/tables/no-such-table.tsv"
	printf 'a\tb\n' >"$dir/tables/names.tsv"
	try "a user's table with a bad row" 4 "names.tsv:1" "$kula" read --know "$dir/tables" examples/zoo.jsonl
fi

# ledgers
echo "no database, but a text" >"$dir/text.db"
try "a ledger that is text" 4 "$dir/text.db" "$kula" documents --ledger "$dir/text.db"
try "no ledger" 9 "$dir/none.db" "$kula" documents --ledger "$dir/none.db"
try "ledger in no folder" 3 "$dir/no/such.db" "$kula" add --ledger "$dir/no/such.db" examples/zoo.jsonl

# words of the command line
try "unknown command" 2 "did you mean 'read'" "$kula" raed
try "unknown option" 2 "did you mean '--json'" "$kula" read --jsno
try "option without its value" 2 "needs a value" "$kula" read --jobs
try "a flag with a value" 2 "takes no value" "$kula" read --json=yes
try "no number" 2 "whole number" "$kula" read --jobs many
try "no day" 2 "2024-02-30" "$kula" read --published 2024-02-30
try "no unit of offsets" 2 "'words'" "$kula" read --offsets words
try "no command" 2 "usage: kula" "$kula"
try "help" 0 "" "$kula" --help
try "help of a command" 0 "" "$kula" help read
try "version" 0 "" "$kula" --version
for command in $("$kula" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	try "$command --help" 0 "" "$kula" "$command" --help
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
