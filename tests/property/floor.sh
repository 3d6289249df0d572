#!/bin/sh
# The reader's figures on the two dev collections don't fall below those committed in floor.txt.
set -u
kula=$1/kula
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
for name in claims-dev claims-dev-real; do
	grep -q "^$name	" tests/property/floor.txt || continue
	gold=../shared/bench/$name.jsonl
	[ -f "$gold" ] || gold=corpus/$name.jsonl
	if ! "$kula" read --quiet "$gold" >"$dir/read" || ! "$kula" score --json "$gold" "$dir/read" >"$dir/score"; then
		echo "$name: can't be read or scored"
		failed=$((failed + 1))
		continue
	fi
	# One figure a line: "found F1 0.7123", "status 0.83".
	tr -d ' \n' <"$dir/score" | grep -oE '"[a-z_]+":(\{"P":[^}]*\}|[0-9.e-]+)' |
		sed -E 's/"([a-z_]+)":\{"P":([^,]*),"R":([^,]*),"F1":([^,}]*).*/\1 \4\n\1_P \2\n\1_R \3/; s/"([a-z_]+)":([0-9.e-]+)/\1 \2/' >"$dir/figures"
	while read -r collection figure least; do
		[ "$collection" = "$name" ] || continue
		is=$(awk -v f="$figure" '$1 == f { print $2 }' "$dir/figures")
		if [ -n "$is" ] && awk -v a="$is" -v b="$least" 'BEGIN { exit !(a >= b) }'; then
			printf '%-16s %-8s %.4f  (least %s)\n' "$name" "$figure" "$is" "$least"
			passed=$((passed + 1))
		else
			printf '%-16s %-8s %s is below %s\n' "$name" "$figure" "${is:-no figure}" "$least"
			failed=$((failed + 1))
		fi
	done <tests/property/floor.txt
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
