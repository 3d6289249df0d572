#!/bin/sh
# The same bytes out on any number of threads, on every set of kernels that this machine can run, and in any company.
set -u
kula=$1/kula
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
same() {
	if cmp -s "$2" "$3"; then
		passed=$((passed + 1))
	else
		echo "$1: other bytes"
		cmp "$2" "$3"
		failed=$((failed + 1))
	fi
}
{ cat examples/*.jsonl; head -n 2 corpus/claims-dev.jsonl; head -n 8 corpus/claims-dev-real.jsonl; } >"$dir/in"
case "$1" in *asan* | *tsan*) cat examples/zoo.jsonl examples/[gpt]*.jsonl >"$dir/in" ;; esac        # ten times as slow
if ! "$kula" read --jobs 1 "$dir/in" >"$dir/one" 2>"$dir/err"; then
	cat "$dir/err"
	echo "0 passed, 1 failed"
	exit 1
fi
for jobs in 2 8; do
	"$kula" read --jobs $jobs "$dir/in" >"$dir/out"
	same "$jobs threads" "$dir/one" "$dir/out"
done
for cpu in portable avx2 avx512vnni; do
	# A name that this machine can't run is refused; then there is nothing to compare.
	if KULA_CPU=$cpu "$kula" read --jobs 2 "$dir/in" >"$dir/out" 2>/dev/null; then
		same "KULA_CPU=$cpu" "$dir/one" "$dir/out"
	fi
done
tail -n 9 "$dir/in" | "$kula" read - >"$dir/out"
tail -n 9 "$dir/one" >"$dir/some"
same "a document in other company" "$dir/some" "$dir/out"
"$kula" read "$dir/one" >"$dir/out"
same "read from its own output" "$dir/one" "$dir/out"
"$kula" read -o "$dir/out" "$dir/in"
same "-o" "$dir/one" "$dir/out"
LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 TZ=Asia/Pyongyang "$kula" read "$dir/in" >"$dir/out"
same "another locale and time zone" "$dir/one" "$dir/out"
"$kula" read --no-gate "$dir/in" >"$dir/out"
claims() { grep -o '"trigger":' "$1" | wc -l; }
gated=$(claims "$dir/one") all=$(claims "$dir/out")
echo "the gate: $gated of $all claims"
if [ $((gated * 100)) -ge $((all * 97)) ]; then passed=$((passed + 1)); else echo "the gate loses too many"; failed=$((failed + 1)); fi
"$kula" read --flat "$dir/in" >"$dir/flat"
if [ "$(wc -l <"$dir/flat")" -eq "$gated" ]; then passed=$((passed + 1)); else echo "--flat: another number of claims"; failed=$((failed + 1)); fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
