#!/bin/sh
# The ledger's commands: what they print, what they refuse and with which exit code, and that what was in stays in. Claims are
# brought along, so that no weights are needed.
set -u
kula=$1/kula
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
KULA_LEDGER=$dir/l.db
export KULA_LEDGER
unset KULA_SCREEN COLUMNS 2>/dev/null
bad() { echo "$name: $1"; head -n 6 "$dir/out" "$dir/err"; failed=$((failed + 1)); }
good() { passed=$((passed + 1)); }
# try NAME CODE COMMAND...; then has WORDS (in either output), hasnt WORDS, lines N.
try() {
	name=$1 code=$2
	shift 2
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	if [ "$got" -eq "$code" ]; then good; else bad "exit code $got, expected $code"; fi
}
has() { if grep -qF -- "$1" "$dir/out" "$dir/err"; then good; else bad "lacks '$1'"; fi; }
hasnt() { if grep -qF -- "$1" "$dir/out" "$dir/err"; then bad "has '$1'"; else good; fi; }
lines() { if [ "$(wc -l <"$dir/out")" -eq "$1" ]; then good; else bad "$(wc -l <"$dir/out") lines, expected $1"; fi; }

cat >"$dir/in" <<'END'
{"doc":"one","title":"A lion for Pyongyang","publisher":"Wire A","published":"2024-11-20","reader":"ada","text":"Russia sent a lion to North Korea on Tuesday, officials in Moscow said. It is well.","claims":[{"evidence":"Russia sent a lion to North Korea on Tuesday, officials in Moscow said.","trigger":"sent","act":"give","status":"done","from":[{"text":"Russia","code":"RUS"}],"to":[{"text":"North Korea","code":"PRK"}],"items":[{"text":"a lion","what":"lion","kind":"animal","min":1,"max":1,"unit":"count"}],"date":["2024-11-19","2024-11-19"],"said_by":[{"text":"officials in Moscow","code":"RUS","verb":"said"}]}]}
{"doc":"two","publisher":"Wire B","published":"2024-12-01","text":"North Korea promised Russia 100 ducks.","claims":[{"evidence":"North Korea promised Russia 100 ducks.","trigger":"promised","act":"give","status":"promised","from":[{"text":"North Korea","code":"PRK"}],"to":[{"text":"Russia","code":"RUS"}],"items":[{"text":"100 ducks","what":"duck","kind":"animal","min":100,"max":100,"unit":"count"}],"date":null,"said_by":[]}]}
END
try "no ledger yet" 9 "$kula" log; has "no ledger"
try "doctor without a ledger" "$("$kula" doctor >/dev/null 2>&1; echo $?)" "$kula" doctor; has "none yet"
try add 0 "$kula" add --claims "$dir/in" --reader bob; has "2 documents added with 2 claims"
try "add twice" 0 "$kula" add --claims "$dir/in" --reader bob; has "0 documents added"; has "2 known already"
try "add from standard input" 0 sh -c "\"$kula\" add --claims --reader bob - <'$dir/in'"; has "2 known already"
try between 0 "$kula" between RUS PRK --csv; lines 3; has "a lion"; has "duck"; has "1.1"
try "between, the other way round" 0 "$kula" between PRK RUS; has "2.1"; has "100"
try "between, with names" 0 "$kula" between russia "North Korea" --json; lines 2
try "between, nothing there" 1 "$kula" between FRA JPN; has "no exchange between"
try "between, conditions" 0 "$kula" between RUS PRK --since 2024-11-25 --csv; lines 2; hasnt "lion"
try "between, status" 0 "$kula" between RUS PRK --status done --csv; lines 2; hasnt "ducks"
try "between, no such act" 2 "$kula" between RUS PRK --act steal; has "is no act"
try "between, a name that is none" 9 "$kula" between RUS Zzyzzxland; has "Zzyzzxland"
try "between, one party" 2 "$kula" between RUS
try "no colours into a file" 0 "$kula" show 1.1; hasnt "$(printf '\033')"; has "[from: Russia]"; has "[item: a lion]"
try "colours on a screen" 0 env KULA_SCREEN=80c "$kula" show 1.1; has "$(printf '\033[')"
try "show by the document's id" 0 "$kula" show two.1 --json; lines 1; has '"id":"2.1"'
try "show, none" 9 "$kula" show 9.9 1.1; has "9.9"; has "lion"
# what a terminal would obey, or what turns the direction of writing, doesn't reach it
printf '{"doc":"h","text":"Russia sent lions \\u001b[31m\\u009b31m\\u202e to China.","claims":[{"evidence":"Russia sent lions \\u001b[31m\\u009b31m\\u202e to China.","trigger":"sent","act":"supply","status":"done","from":[{"text":"Russia","code":"RUS"}],"to":[{"text":"China","code":"CHN"}],"items":[],"date":null,"said_by":[]}]}\n' >"$dir/hostile"
try "a hostile text" 0 "$kula" add --claims "$dir/hostile" --ledger "$dir/hostile.db"
for screen in 80 80c; do
	try "a hostile text on a screen of $screen" 0 env KULA_SCREEN=$screen "$kula" show 1.1 --ledger "$dir/hostile.db"; has China; hasnt "$(printf '\033[31')"
	hasnt "$(printf '\302\233')"; hasnt "$(printf '\342\200\256')"
done
try search 0 "$kula" search LION; has "A lion for Pyongyang"; has "1.1"
try "search, nothing" 1 "$kula" search unicorn
try "search, marks" 2 "$kula" search '***'
try documents 0 "$kula" documents --json; lines 2; has '"doc":"two"'
try log 0 "$kula" log --csv; lines 4; has "bob"; has "ada"
try "forget, nobody to ask" 2 "$kula" forget two; has "1 claim"; has "--yes"
try "forget, said only" 0 "$kula" forget two --dry-run; has "would go"
try "still there" 0 "$kula" show 2.1
try forget 0 "$kula" forget two --yes; has "forgotten"
try "gone" 9 "$kula" show 2.1
if grep -qF "100 ducks" "$dir/l.db"; then name="forgotten words"; bad "are in the file"; else good; fi
try "forget, none" 9 "$kula" forget two --yes
try "log of a forgotten one" 0 "$kula" log --csv; has "(forgotten)"; hasnt "Wire B"

# Review: takes effect in answers, undone as if it had not been said; nothing is overwritten.
try "add again" 0 "$kula" add --claims "$dir/in" --reader bob; has "1 document added"; has "exchange"
try accept 0 "$kula" review accept 1.1 --reviewer ada --note "heard it"; has "1.1 accepted"
try "correct a number" 0 "$kula" review correct 1.1 items.1.number 2..3 --reviewer ada
try "it is seen" 0 "$kula" between RUS PRK --csv; has "animal,2,3,count"
try "correct a day" 0 "$kula" review correct 1.1 date 2024-11 --reviewer ada
try "correct by a name" 0 "$kula" review correct 1.1 to Moscow --reviewer ada
try "it stands nowhere else" 0 "$kula" between RUS PRK --csv; lines 2; has "ducks"
try "show as reviewed" 0 "$kula" show 1.1; has "as reviewed"; has "as it was read"; has "(heard it)"; has "PRK"
try "undo your last" 0 "$kula" review undo --reviewer ada; has "undone"
try "it is back" 0 "$kula" between RUS PRK --csv; lines 3; has "animal,2,3,count"
try "no such act" 2 "$kula" review correct 1.1 act steal --reviewer ada; has "unknown act 'steal'"
try "no such field" 2 "$kula" review correct 1.1 colour red --reviewer ada; has "no field"
try "no such day" 2 "$kula" review correct 1.1 date 2024-13 --reviewer ada; has "2024-11-20"
try "not in the text" 2 "$kula" review correct 1.1 from Atlantis=FRA --reviewer ada; has "not in the text"
try "no such part" 2 "$kula" review correct 1.1 items.4.min 3 --reviewer ada; has "items.4"
try "no such claim" 9 "$kula" review accept 9.9 --reviewer ada; has "9.9"
try "no such verb" 2 "$kula" review acept 1.1; has "did you mean 'accept'"
try "nothing to split" 2 "$kula" review split 1.1 --reviewer ada; has "stands alone"
try merge 0 "$kula" review merge 1.1 3.1 --reviewer bea; has "same exchange"
try "show of an exchange" 0 "$kula" show x3.1; has "exchange x1.1"; has "2 claims in 2 documents"; has "[item: a lion]"; has "[item: 100 ducks]"
try "show of an exchange, for programs" 0 "$kula" show x1.1 --json; lines 1; has '"claims":["1.1","3.1"]'
try "show names the exchange" 0 "$kula" show 3.1 --json; has '"exchange":"x1.1"'
try "show, no such exchange" 9 "$kula" show x9.9; has "x9.9"
try "why merged" 0 "$kula" why 1.1; has "judged the same"
try split 0 "$kula" review split 3.1 --reviewer bea; has "apart from 1.1"
try "undo of an exchange" 0 "$kula" review undo x3.1 --reviewer bea
try "merged again" 0 "$kula" why 3.1; has "judged the same"
try "export, not all" 0 "$kula" review export; lines 1; has '"min":2,"max":3'; hasnt "ducks"
try reject 0 "$kula" review reject 3.1 --reviewer ada --note "no ducks"; has "rejected"
try "rejected ones don't count" 0 "$kula" between RUS PRK --csv; lines 2; hasnt "ducks"
try "export to a file" 0 "$kula" review export -o "$dir/reviewed"; has "2 documents with 1 claim"
try "what is exported can be added" 0 "$kula" add --claims "$dir/reviewed" --reader ada --ledger "$dir/again.db"; has "2 documents added with 1 claim"
try "all that was said" 0 "$kula" review list --json; lines 9; has '"stands":false'
try "of one claim" 0 "$kula" review list 3.1 --csv; has "no ducks"
try "as the machine read it" 0 "$kula" between RUS PRK --csv --as-read; lines 3; has "ducks"; has "animal,1,1,count"
try "show of a rejected one" 0 "$kula" show 3.1; has "rejected"; has "no ducks"
try "show as the machine read it" 0 "$kula" show 3.1 --as-read; hasnt "rejected"; hasnt "no ducks"
try "show as it was long ago" 9 "$kula" show 3.1 --as-of 2001-01-01
try "as it was long ago" 1 "$kula" between RUS PRK --as-of 2001-01-01
try "undo rejecting" 0 "$kula" review undo 3.1 --reviewer ada
try "reviews in the log" 0 "$kula" log; has merge; has correct
try "backup" 0 "$kula" backup "$dir/copy.db" --check
try "backup overwrites nothing" 2 "$kula" backup "$dir/copy.db"; has "there already"
try "the copy answers" 0 "$kula" between RUS PRK --csv --ledger "$dir/copy.db"; lines 2; has "1.1 3.1"
try "add without joining" 0 "$kula" add --claims "$dir/in" --no-join --ledger "$dir/free.db"; hasnt "joined"
mkdir "$dir/join" && echo "no table" >"$dir/join/acts.tsv"
try "a failed join loses nothing" 4 env KULA_DATA="$dir" "$kula" add --claims "$dir/in" --ledger "$dir/kept.db"; has "2 documents added"; has "kula join"
try "it is in" 0 "$kula" documents --ledger "$dir/kept.db" --csv; lines 3
try forget 0 "$kula" forget two --yes

# Bad documents among good ones.
{
	sed -n 1p "$dir/in" | sed 's/"doc":"one"/"doc":"three"/'
	echo '{"doc":"bad","text":"A text.","claims":[{"evidence":"Not there.","trigger":"Not","act":"give","status":"done","from":[],"to":[],"items":[],"date":null,"said_by":[]}]}'
	echo '{"doc":"none","text":"A text without claims."}'
	echo 'no json'
	sed -n 2p "$dir/in" | sed 's/"doc":"two"/"doc":"four"/'
} >"$dir/mixed"
try "bad ones among good" 4 "$kula" add --claims "$dir/mixed" --reader bob; has "2 documents added"; has "3 failed"; has "bad"; has "line 4"
try "no such file" 3 "$kula" add --claims "$dir/nowhere" "$dir/in"; has "nowhere"; has "1 document added"
try "doctor's integrity" "$("$kula" doctor >/dev/null 2>&1; echo $?)" "$kula" doctor; has "search index"; hasnt "fault "

# Other files.
echo "dear diary, dear diary, dear diary" >"$dir/diary"
try "a file that is none" 4 "$kula" log --ledger "$dir/diary"; has "diary"
try "add to a file that is none" 4 "$kula" add --claims "$dir/in" --ledger "$dir/diary"
if [ "$(cat "$dir/diary")" = "dear diary, dear diary, dear diary" ]; then good; else bad "the diary was written to"; fi
cp "$dir/l.db" "$dir/newer.db"
# user_version is at byte 60 of the header, big-endian
printf '\000\000\000\143' | dd of="$dir/newer.db" bs=1 seek=60 conv=notrunc 2>/dev/null
try "a newer ledger" 7 "$kula" add --claims "$dir/in" --ledger "$dir/newer.db"; has "version 99"
printf '\001\002\003\004' | dd of="$dir/newer.db" bs=1 seek=68 conv=notrunc 2>/dev/null
try "another program's" 7 "$kula" between RUS PRK --ledger "$dir/newer.db"; has "another program"
head -c 9000 "$dir/l.db" >"$dir/short.db"
try "a ledger that is cut off" 4 "$kula" log --ledger "$dir/short.db"; has "damaged"
try "a full disk" 3 sh -c "ulimit -f 40; trap '' XFSZ; '$kula' add --claims '$dir/in' --ledger '$dir/full.db'"

# A reader of the output that goes away ends the command quietly.
name="closed pipe"
: >"$dir/out"
"$kula" documents 2>"$dir/err" | true
if [ -s "$dir/err" ]; then bad "said something"; else good; fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
