#!/bin/sh
# Large input: a million sentences in one document; a line of 100 MB, and what follows it. Minutes, so not part of `make test`.
# usage: tests/slow/large.sh [BUILD]
cd "$(dirname "$0")/../.." || exit 1
kula=${1:-build}/kula
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
check() {               # check WHAT COMMAND...
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$what"
	fi
}

# a claim in every thousandth sentence, in a paragraph of its own; the others ten to a paragraph
awk 'BEGIN { for (i = 1; i <= 1000000; i++) printf "%s%s", i % 1000 == 0 ? "\nNorway gave " i / 1000 + 1 " lorries to Mali." : "The sun rose over hill " i ".", i % 10 ? " " : "\n" }' >"$tmp/million.txt"
check "a million sentences are not read" sh -c "ulimit -v 2000000; '$kula' read --flat --quiet --published 2024-05-01 '$tmp/million.txt' >'$tmp/million.jsonl'"
claims=$(grep -c '"act":"give"' "$tmp/million.jsonl")
check "of 1,000 gifts among a million sentences only $claims are read" [ "$claims" -ge 900 ]
check "a gift has another number of lorries than its sentence" sh -c "grep '\"act\":\"give\"' '$tmp/million.jsonl' | sed -nE 's/.*\"evidence\":\"Norway gave ([0-9]+) lorries.*\"min\":([0-9]+).*/\1 \2/p' | awk '\$1 != \$2 { bad++ } END { exit !(NR >= 900 && bad == 0) }'"

# a line of 100 MB of text: too long for a document, said with its place; the next line is read
{
	printf '{"doc":"long","published":"2024-05-01","text":"'
	head -c 100000000 /dev/zero | tr '\0' 'a'
	printf '"}\n{"doc":"short","published":"2024-05-01","text":"Norway gave 12 lorries to Mali."}\n'
} >"$tmp/long.jsonl"
"$kula" read --json --quiet "$tmp/long.jsonl" >"$tmp/long.out" 2>"$tmp/long.err"
check "a document that is too long makes no error" [ $? -ne 0 ]
check "the error names neither file nor limit: $(head -c 300 "$tmp/long.err")" grep -q 'long.jsonl.*line 1: .*longer than' "$tmp/long.err"
check "the document behind a long line is lost" grep -q '"doc":"short"' "$tmp/long.out"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
