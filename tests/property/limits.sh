#!/bin/sh
# Every limit of docs/LIMITS.md is defined where the page says so.
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
list=$(mktemp)
trap 'rm -f "$list"' EXIT
sed -nE 's/^\|.*\| `([A-Z_]+)` \| `([^`]+)` \|$/\1 \2/p' docs/LIMITS.md >"$list"
while read -r name file; do
	if grep -qE "^#define $name\b|\b$name = " "$file" 2>/dev/null; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "docs/LIMITS.md: $name is not defined in $file"
	fi
done <"$list"
[ "$passed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
