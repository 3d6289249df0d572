#!/bin/sh
# The figures of 'kula score' are those of the contract's scorer, byte for byte: on claims made wrong here and there, and on
# words of many scripts. The scorer is Python's and stands beside the checkout (KULA_SHARED, else ../shared); where either is
# missing there is nothing to compare with.
#	tests/property/score_equals.sh BUILD
B=$1
shared=${KULA_SHARED:-../shared}
scorer=$shared/tools/score_claims.py
passed=0 failed=0
if ! command -v python3 >/dev/null || [ ! -f "$scorer" ]; then
	echo "skipped: needs python3 and $scorer"
	echo "0 passed, 0 failed"
	exit 0
fi
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

# same GOLD READ OPTIONS...
same() {
	PYTHONIOENCODING=utf-8 python3 "$scorer" "$@" >"$T/theirs" && "$B/kula" score "$@" >"$T/ours"
	if cmp -s "$T/theirs" "$T/ours"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "differs: score $*"
		diff "$T/theirs" "$T/ours" | head -n 6
	fi
}

# Words: case of other scripts, a dotted capital I, a sigma at the end, marks, numerals, underscores, no words at all.
claim() {
	printf '{"evidence":"%s","trigger":"gave","act":"give","status":"done","from":[{"text":"%s","code":"GRC"}],"to":[],"items":[],"date":null,"said_by":[]}' "$1" "$2"
}
document() {
	printf '{"doc":"%s","title":null,"published":"2020-01-01","publisher":null,"text":"%s","claims":[' "$1" "$2"
	claim "$2" "$3"
	printf ']}\n'
}
n=0
while IFS='|' read -r one other; do
	n=$((n + 1))
	document "d$n" "Es gab É: $one gave $n." "$one" >>"$T/one"
	document "d$n" "Es gab É: $one gave $n." "$other" >>"$T/other"
done <<'CASES'
ΟΔΟΣ|οδος
ΟΔΟΣ|οδοσ
ΟΔΟΣ.Α|οδος
Σ|σ
Σ|ς
ΑΣ'|ας
İstanbul|istanbul
İstanbul|i
ÉCOLE|école
École|École
x²|X²
²|x
½ ton|½
Ⅻ|ⅻ
a_b|A_B
नमस्ते|नम
ไทย|ไทย
!!!|???
!!!|!!!
Straße|STRASSE
ǅ|ǆ
五千|五千人
٣ دبابات|٣
U.S.|us
U.S.|u
CASES
for options in '' '--json --misses 100'; do
	# shellcheck disable=SC2086
	same "$T/one" "$T/other" $options
	# shellcheck disable=SC2086
	same "$T/other" "$T/one" $options
done
: >"$T/none"
same "$T/none" "$T/one" --json
same "$T/one" "$T/none" --json

# Each start of the scorer takes long, so a run shows all it can.
for seed in 1 2; do
	for gold in corpus/claims-train-1.jsonl corpus/claims-train-8.jsonl; do
		[ -f "$gold" ] || continue
		"$B/tests/property/score_perturb" "$seed" "$gold" >"$T/read" || failed=$((failed + 1))
		same "$gold" "$T/read" --json --misses 100000
	done
done
same "$gold" "$T/read" --json --interval
same "$gold" "$T/read" --interval --misses 3
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
