#!/bin/sh
# Every command and every option of --help has its place in the manual page and, but for options, which it asks the program for,
# in the completion for bash.
set -u
kula=$1/kula
passed=0 failed=0
manual=$(sed 's/\\-/-/g' docs/kula.1)
commands=$("$kula" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
	case $manual in *"kula $command"*) passed=$((passed + 1)) ;; *) echo "docs/kula.1 lacks 'kula $command'"; failed=$((failed + 1)) ;; esac
	for option in $("$kula" "$command" --help | sed -nE 's/^ +(-., )?(--[a-z-]+).*/\2/p'); do
		if printf '%s\n' "$manual" | grep -qE -- "(^|[^-a-z])$option([^-a-z]|\$)"; then
			passed=$((passed + 1))
		else
			echo "docs/kula.1 lacks $option of 'kula $command'"
			failed=$((failed + 1))
		fi
	done
done
if [ "$passed" -lt 200 ]; then
	echo "only $passed commands and options: the help isn't read right"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
