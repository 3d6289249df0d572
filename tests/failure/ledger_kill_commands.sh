#!/bin/sh
# kill -9 of kula add, import, join and review at random points: the file opens and is whole, an import is in whole or not at all,
# of what is added at most the document in hand is lost, and what is joined equals a join of all anew. KILLS sets how often (8).
set -u
kula=$1/kula
kills=${KILLS:-8}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
KULA_LEDGER=$dir/l.db
export KULA_LEDGER
bad() { echo "round $round, $what: $1"; failed=$((failed + 1)); }
good() { passed=$((passed + 1)); }
same() { if [ "$1" = "$2" ]; then good; else bad "$3: '$1', expected '$2'"; fi; }

# reports FROM COUNT: as many, each with two claims of a few parties, things and days.
reports() {
	awk -v from="$1" -v count="$2" 'BEGIN {
		split("Russia France", name, " "); split("RUS FRA", code, " "); split("tanks bears lorries", thing, " "); split("arms animal vehicle", kind, " ")
		for (i = from; i < from + count; i++) {
			text = ""; claims = ""
			for (k = 0; k < 2; k++) {
				a = 1 + (i + k) % 2; t = 1 + (i * 7 + k) % 3; n = 1 + (i % 3) * 40
				s = name[a] " sent " n " " thing[t] " to China."
				text = text (k ? " " : "") s
				claims = claims (k ? "," : "") "{\"evidence\":\"" s "\",\"trigger\":\"sent\",\"act\":\"supply\",\"status\":\"" (i % 4 ? "done" : "promised") \
					"\",\"from\":[{\"text\":\"" name[a] "\",\"code\":\"" code[a] "\"}],\"to\":[{\"text\":\"China\",\"code\":\"CHN\"}],\"items\":[{\"text\":\"" \
					n " " thing[t] "\",\"what\":\"" thing[t] "\",\"kind\":\"" kind[t] "\",\"min\":" n ",\"max\":" n ",\"unit\":\"count\"}],\"date\":null,\"said_by\":[]}"
			}
			printf "{\"doc\":\"r%d\",\"publisher\":\"Wire %d\",\"published\":\"2024-%02d-%02d\",\"text\":\"%s\",\"claims\":[%s]}\n", i, i % 5, 1 + i % 3, \
				1 + i % 28, text, claims
		}
	}'
}
count() { "$kula" documents --csv 2>/dev/null | tail -n +2 | wc -l | tr -d ' '; }
answers() { "$kula" between RUS CHN --csv 2>/dev/null; "$kula" between FRA CHN --csv 2>/dev/null; }

round=0 next=12 what=start killed=0
reports 0 12 >"$dir/first"
"$kula" add --claims "$dir/first" -q || bad "the first reports"
before=12
while [ "$round" -lt "$kills" ]; do
	round=$((round + 1))
	case $((round % 4)) in
	0) what=join; set -- join --rebuild ;;
	1) what=add; reports "$next" 8 >"$dir/more"; set -- add --claims "$dir/more" ;;
	2) what=review; set -- review correct "$((1 + round % before)).1" items.1.number "$round..$((round + 5))" --reviewer ada ;;
	3) what=import; reports "$next" 8 >"$dir/more"; set -- import --format jsonl "$dir/more" ;;
	esac
	"$kula" "$@" -q >"$dir/out" 2>&1 &
	pid=$!
	sleep "$(awk -v seed="$round" 'BEGIN { srand(seed * 7919); printf "%.4f", rand() * rand() * 0.12 }')"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	[ "$?" -eq 137 ] && killed=$((killed + 1))
	after=$(count)
	if [ "$what" = import ]; then
		if [ "$after" -eq "$before" ] || [ "$after" -eq $((before + 8)) ]; then good; else bad "$((after - before)) of 8 rows are in"; fi
	elif [ "$what" = add ]; then
		if [ "$after" -ge "$before" ] && [ "$after" -le $((before + 8)) ]; then good; else bad "$after documents, $before were there"; fi
	else
		same "$after" "$before" documents
	fi
	case $what in add | import) next=$((next + 8)) ;; esac
	before=$after
	"$kula" join -q || bad "can't be joined"
	grown=$(answers)
	"$kula" join --rebuild -q || bad "can't be joined anew"
	if [ "$grown" = "$(answers)" ]; then good; else bad "joined otherwise than anew"; fi
	if "$kula" doctor 2>/dev/null | grep -q '^integrity *ok'; then good; else bad "not whole: $("$kula" doctor 2>&1 | grep -i fault | head -n 3)"; fi
	if [ "$before" -gt 120 ]; then          # small ledgers show the same in less time
		rm -f "$dir"/l.db*
		"$kula" add --claims "$dir/first" -q
		before=12
	fi
done
# A test in which nobody is killed tells nothing.
what="the kills"
if [ $((killed * 8)) -ge "$kills" ]; then good; else bad "only $killed of $kills found the command at work"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
