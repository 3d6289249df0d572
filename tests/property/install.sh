#!/bin/sh
# What `make install` lays down serves a stranger: examples/api.c builds against it with pkg-config, shared and static, and runs.
set -u
B=$1
kula=$B/kula
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
ok() {
	if "$@" >"$dir/log" 2>&1; then
		passed=$((passed + 1))
	else
		echo "failed: $*"
		head -n 20 "$dir/log"
		failed=$((failed + 1))
	fi
}
case "$B" in *asan* | *tsan*) echo "0 passed, 0 failed"; exit 0 ;; esac        # a sanitizer must be linked in from outside
ok env -u MAKEFLAGS make -s install B="$B" DESTDIR="$dir/root" PREFIX=/opt/kula
at=$dir/root/opt/kula
export PKG_CONFIG_PATH="$at/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$dir/root" KULA_DATA="$at/share/kula"
for file in bin/kula lib/libkula.a lib/libkula.so lib/libkula.so.0 include/kula/kula.h share/kula/kula.weights share/kula/kula.know share/man/man1/kula.1 \
	share/bash-completion/completions/kula; do
	ok test -s "$at/$file"
done
# shellcheck disable=SC2046
ok "${CC:-gcc}" -std=c11 -Wall -Wextra -Werror examples/api.c $(pkg-config --cflags --libs kula) -o "$dir/shared"
# shellcheck disable=SC2046
ok "${CC:-gcc}" -std=c11 examples/api.c $(pkg-config --cflags kula) "$at/lib/libkula.a" $(pkg-config --static --libs-only-l kula | sed 's/-lkula//') -pthread -o "$dir/static"
if command -v g++ >/dev/null 2>&1; then
	ok g++ -x c++ -fsyntax-only "$at/include/kula/kula.h"
fi
ok env LD_LIBRARY_PATH="$at/lib" "$dir/shared" examples/aid.txt
cp "$dir/log" "$dir/a"
ok "$dir/static" examples/aid.txt
cp "$dir/log" "$dir/b"
ok cmp "$dir/a" "$dir/b"
ok env -u KULA_DATA "$at/bin/kula" --version
ok env -u KULA_DATA "$at/bin/kula" read examples/aid.txt --published 2024-11-20
# Nothing but the API is seen from outside.
nm -D --defined-only "$at/lib/libkula.so.0" | awk '$2 != "A" { print $3 }' | grep -v '^kula_' >"$dir/log"
if [ -s "$dir/log" ]; then
	echo "libkula.so shows more than its header:"
	head "$dir/log"
	failed=$((failed + 1))
else
	passed=$((passed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
