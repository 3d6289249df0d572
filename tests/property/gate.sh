#!/bin/sh
# The gate loses at most 1 claim in 100 of those that are read without it.
set -u
kula=$1/kula
passed=0 failed=0
for name in claims-dev claims-dev-real; do
	all=$("$kula" read --json --quiet --no-gate --flat "corpus/$name.jsonl" | wc -l)
	gated=$("$kula" read --json --quiet --flat "corpus/$name.jsonl" | wc -l)
	if [ "$all" -gt 300 ] && [ $((gated * 100)) -ge $((all * 99)) ]; then
		passed=$((passed + 1))
	else
		echo "$name: $gated claims with the gate, $all without"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
