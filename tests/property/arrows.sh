#!/bin/sh
# The #include arrows between the rooms of src/ point upstream: a room includes itself and those above it, and of the others
# only headers. Prints the arrows there are when one turns round.
set -u
cd "$(dirname "$0")/../.." || exit 1
rooms="base source text model know measure claims ledger answer formats serve cli"
passed=0 failed=0
place() {
	n=0
	for room in $rooms; do
		n=$((n + 1))
		[ "$room" != "$1" ] || { echo "$n"; return; }
	done
	echo 0
}
arrows=$(grep -rnoE '^#[[:space:]]*include[[:space:]]+"[^"]+"' src --include='*.c' --include='*.h' |
	sed -E 's|^src/([a-z]+)/([^:]+):([0-9]+):.*"(\.\./)?([^"]+)"$|\1 \5 src/\1/\2:\3|')
list=$(mktemp)
trap 'rm -f "$list"' EXIT
printf '%s\n' "$arrows" >"$list"
while read -r from what at; do
	[ -n "$from" ] || continue
	case "$what" in
	kula/*) continue ;;
	*/*) to=${what%%/*} ;;
	*) to=$from ;;                          # a file of the same folder
	esac
	a=$(place "$from") b=$(place "$to")
	if [ "$a" -eq 0 ]; then
		echo "$at: '$from' is no room of the design"
		failed=$((failed + 1))
	elif [ "$b" -eq 0 ] || [ "$b" -gt "$a" ]; then
		echo "$at: $from includes '$what', which lies below it"
		failed=$((failed + 1))
	elif [ "${what%.h}" = "$what" ] && [ "$from" != "$to" ]; then
		echo "$at: '$what' is no header"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
done <"$list"
if [ "$failed" -gt 0 ]; then
	echo "arrows:"
	awk '$2 ~ /\// { split($2, to, "/"); if (to[1] != $1 && to[1] != "kula") print "  " $1 " -> " to[1] }' "$list" | sort | uniq -c
fi
# Whole files of checked arrows count as one test, so that the sum means something.
if [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]; then echo "1 passed, 0 failed"; else echo "0 passed, 1 failed"; exit 1; fi
