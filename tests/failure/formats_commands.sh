#!/bin/sh
# kula import and kula export: bad rows load nothing unless asked, what goes out comes in again as it was, a writer that is killed
# leaves all or nothing.
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
# try NAME CODE COMMAND...; then has WORDS (in either output), hasnt WORDS, lines N, same FILE FILE.
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
same() { if cmp -s "$1" "$2"; then good; else bad "$1 and $2 differ: $(diff "$1" "$2" | head -n 4)"; fi; }
holds() { "$kula" export -q -f csv --ledger "$1" 2>/dev/null | tail -n +2 | wc -l; }

cat >"$dir/cites.csv" <<'END'
Year,App.,Taxon,Class,Order,Family,Genus,Importer,Exporter,Origin,Importer reported quantity,Exporter reported quantity,Term,Unit,Purpose,Source
2009,I,Gorilla gorilla,Mammalia,Primates,Hominidae,Gorilla,SG,NL,,1,2,live,,Z,C
2009,I,Gorilla gorilla,Mammalia,Primates,Hominidae,Gorilla,SG,NL,,,2,specimens,ml,S,C
2010,II,Boa constrictor,Reptilia,Serpentes,Boidae,Boa,US,CO,,900,900,live,,T,F
END
printf '%s\r\n' 'Transfers of major weapons' '' \
	'Recipient;Supplier;Year of order;;Number ordered;;Weapon designation;Weapon description;Number delivered;;Year(s) of delivery;status;Comments' \
	"C$(printf '\364')te d'Ivoire;Bulgaria;2002;?;10;;BMP-1;IFV;6;?;2002; 2003;Second hand;" >"$dir/bad_sipri.csv"
printf '%s\r\n' 'Transfers of major weapons' '' \
	'Recipient;Supplier;Year of order;;Number ordered;;Weapon designation;Weapon description;Number delivered;;Year(s) of delivery;status;Comments' \
	"C$(printf '\364')te d'Ivoire;Bulgaria;2002;?;10;;BMP-1;IFV;6;?;\"2002; 2003\";Second hand;" \
	"Peru;Italy;2005;;2;;Lupo;Frigate;2;;2006;Second hand;" "Fiji;unknown supplier(s);;;;;Rifle 9;Assault rifle;40;;1990;New;" >"$dir/sipri.csv"

# Usage.
try "no format" 2 "$kula" import "$dir/cites.csv"; has "--format says"
try "an unknown format" 2 "$kula" import -f citse "$dir/cites.csv"; has "did you mean 'cites'"
try "an unknown encoding" 2 "$kula" import -f cites --encoding klingon "$dir/cites.csv"; has "klingon"
try "no such file" 3 "$kula" import -f cites "$dir/nowhere.csv"; has "nowhere.csv"
try "a folder" 3 "$kula" import -f cites "$dir"
try "no export format" 2 "$kula" export; has "jsonl, csv"
try "an unknown export format" 2 "$kula" export -f graphlm; has "graphml"
try "words" 2 "$kula" export -f csv x; has "no words"
try "a spreadsheet" 4 sh -c "printf 'PK\003\004xxxx' >'$dir/x.xlsx'; '$kula' import -f kiel '$dir/x.xlsx'"; has "as CSV"

# Nothing, all, or the good ones.
try "look only" 0 "$kula" import -f cites --check "$dir/cites.csv"; has "3 good rows with 5 claims"
if [ -e "$dir/l.db" ] && [ "$(holds "$dir/l.db")" -ne 0 ]; then bad "--check wrote"; else good; fi
{ sed -n 1,2p "$dir/cites.csv"; echo '2009,I,Gorilla gorilla,Mammalia,,,,SG,NL,,many,2,live,,Z,C'; echo '2009,I,Gorilla gorilla,Mammalia,,,,SG,Q9,,1,2,live,,Z,C'; sed -n 3,4p "$dir/cites.csv"; } >"$dir/mixed.csv"
try "bad rows load nothing" 4 "$kula" import -f cites "$dir/mixed.csv"
has "mixed.csv:3:43: 'many' is no number in column 'Importer reported quantity'"; has "mixed.csv:4:39: 'Q9' is nobody"; has "nothing loaded"; has "2 are bad"; has "--skip-bad"
if [ "$(holds "$dir/l.db")" -eq 0 ]; then good; else bad "loaded some"; fi
try "one bad file of two loads nothing" 4 "$kula" import -f cites "$dir/cites.csv" "$dir/mixed.csv"
if [ "$(holds "$dir/l.db")" -eq 0 ]; then good; else bad "loaded some"; fi
try "the good ones if asked" 4 "$kula" import -f cites --skip-bad "$dir/mixed.csv"; has "3 rows added with 5 claims, 2 are bad"
if [ "$(holds "$dir/l.db")" -eq 5 ]; then good; else bad "holds $(holds "$dir/l.db")"; fi
try "again" 0 "$kula" import -f cites "$dir/cites.csv"; has "0 rows added"; has "3 known already"
try "an answer leads to the row" 0 "$kula" show 1.2; has "Importer reported quantity"; has "said by"
try "two accounts of one exchange" 0 "$kula" export -q -f exchanges-csv; lines 4; has ",2,1.1 1.2,items,"
try "from standard input" 0 sh -c "'$kula' import -q -f cites - --ledger '$dir/in.db' <'$dir/cites.csv'"
try "the wrong register" 4 "$kula" import -f sipri "$dir/cites.csv"; has "header"

# Encodings, marks, CRLF.
try "windows-1252 is guessed" 0 "$kula" import -f sipri "$dir/sipri.csv" --ledger "$dir/s.db"; has "Windows-1252"; has "3 rows added with 5 claims"
try "an unquoted list of years" 4 "$kula" import -f sipri "$dir/bad_sipri.csv" --ledger "$dir/s2.db"; has "bad_sipri.csv:4:"; has "the header 13"
try "elsewhere it is a fault" 4 sh -c "sed 's/NL/N\xFF/' '$dir/cites.csv' >'$dir/latin.csv'; '$kula' import -f cites '$dir/latin.csv' --ledger '$dir/s2.db'"; has "is not UTF-8"; has "--encoding"
try "utf-16" 0 sh -c "iconv -f utf-8 -t utf-16 '$dir/cites.csv' >'$dir/u16.csv'; '$kula' import -q -f cites '$dir/u16.csv' --ledger '$dir/u.db'"

# What goes out comes in again as it was.
for format in jsonl csv exchanges exchanges-csv plover icews ftm webannotation graphml sipri atop; do
	try "export $format" 0 "$kula" export -f "$format" -o "$dir/a.$format"; has "not carried by $format"
	"$kula" export -q -f "$format" >"$dir/b.$format" 2>"$dir/err"
	same "$dir/a.$format" "$dir/b.$format"
done
"$kula" add -q --claims examples/gifts.jsonl corpus/claims-dev-real.jsonl --ledger "$dir/n.db" --reader ada >/dev/null 2>&1
"$kula" import -q -f sipri "$dir/sipri.csv" --ledger "$dir/n.db" 2>"$dir/err"
"$kula" export -q -f jsonl --ledger "$dir/n.db" >"$dir/one.jsonl"
try "jsonl comes in" 0 "$kula" import -f jsonl "$dir/one.jsonl" --ledger "$dir/n2.db"
"$kula" export -q -f jsonl --ledger "$dir/n2.db" >"$dir/two.jsonl"
name="jsonl round trip"; same "$dir/one.jsonl" "$dir/two.jsonl"
name="the round trip had documents"; if [ "$(wc -l <"$dir/one.jsonl")" -gt 100 ]; then good; else bad "$(wc -l <"$dir/one.jsonl")"; fi
"$kula" export -q -f exchanges --ledger "$dir/n.db" | sed 's/"documents.*//' | sort >"$dir/ex1"
"$kula" export -q -f exchanges --ledger "$dir/n2.db" | sed 's/"documents.*//' | sort >"$dir/ex2"
name="and the same exchanges"; same "$dir/ex1" "$dir/ex2"
"$kula" export -q -f sipri --ledger "$dir/s.db" >"$dir/r1.csv"
try "our register comes in" 0 "$kula" import -f sipri "$dir/r1.csv" --ledger "$dir/r.db"
"$kula" export -q -f sipri --ledger "$dir/r.db" >"$dir/r2.csv"
sed 's/claims [0-9. ]*//' "$dir/r1.csv" | sort >"$dir/r1"; sed 's/claims [0-9. ]*//' "$dir/r2.csv" | sort >"$dir/r2"
name="sipri round trip"; same "$dir/r1" "$dir/r2"
name="sipri rows"; if [ "$(wc -l <"$dir/r1")" -eq 4 ]; then good; else bad "$(cat "$dir/r1")"; fi
name="sipri figures"; cp "$dir/r1.csv" "$dir/out"; : >"$dir/err"; has "Peru,Italy,2005,,2,,Lupo,Frigate,2,,2006"; has "Bulgaria,2002,,10,,BMP-1,IFV,6,?,2002; 2003"
try "the filter" 0 "$kula" export -q -f csv --party PER --ledger "$dir/s.db"; lines 3; hasnt "Bulgaria"
try "nothing fits" 1 "$kula" export -q -f csv --party JPN --ledger "$dir/s.db"; lines 1
try "as it was read" 0 "$kula" export -q -f csv --as-read --ledger "$dir/s.db"; lines 6
try "before there was anything" 1 "$kula" export -q -f csv --as-of 2001-01-01 --party PER --ledger "$dir/s.db"; lines 1
try "not joined yet" 9 sh -c "'$kula' import -q --no-join -f sipri '$dir/sipri.csv' --ledger '$dir/nj.db' && '$kula' export -q -f sipri --ledger '$dir/nj.db'"; has "kula join"
try "a reader's name is kept" 0 "$kula" log --csv --ledger "$dir/n2.db"; has "ada"; has "kula import sipri"

# Another edition of a table: the same rows are the same exchanges, with the figures of both.
sed 's/,900,900,/,900,910,/' "$dir/cites.csv" >"$dir/later.csv"
try "a later edition" 0 "$kula" import -f cites "$dir/later.csv"; has "1 row added"
try "is told as one exchange" 0 "$kula" export -q -f exchanges-csv; lines 4; has "3.1 3.2 4.1 4.2"

# A user's own tables.
mkdir "$dir/tables" && cp data/formats/*.tsv "$dir/tables" && printf 'sipri	Fiji	-\n' >>"$dir/tables/parties.tsv"
sed -i 's/^APC	arms/APC	vehicle/; s/^IFV	arms/IFV	vehicle/' "$dir/tables/sipri_weapons.tsv"
try "other tables read otherwise" 4 "$kula" import -f sipri --reread --tables "$dir/tables" --skip-bad "$dir/r1.csv" --ledger "$dir/r.db"; has "read again"
try "and it is the active reading" 0 "$kula" export -q -f csv --ledger "$dir/r.db" --kind vehicle; lines 3
printf 'act	zap\n' >>"$dir/tables/atop.tsv"
try "a fault in a table" 4 "$kula" import -f sipri --tables "$dir/tables" "$dir/r1.csv" --ledger "$dir/r.db"; has "atop.tsv:"; has "2 columns, expected 3"

# Disks and killers.
try "a full disk" 3 sh -c "ulimit -f 60; trap '' XFSZ; '$kula' import -f cites '$dir/cites.csv' --ledger '$dir/full.db'"
try "an export to a full disk" 3 "$kula" export -q -f csv -o /dev/full
try "an export that can't be opened" 3 "$kula" export -q -f csv -o "$dir/no/such/place"
awk 'NR == 1 { print; next } { for (i = 0; i < 1500; i++) { sub(/^[0-9]+/, 1900 + i % 120); print } }' "$dir/cites.csv" >"$dir/many.csv"
kills=${KILLS:-6} i=0
while [ "$i" -lt "$kills" ]; do
	name="killed at $i"
	rm -f "$dir"/k.db*
	"$kula" import -q --no-join -f cites "$dir/many.csv" --ledger "$dir/k.db" >"$dir/out" 2>"$dir/err" &
	pid=$!
	sleep "0.0$((i * 37 % 90 + 10))"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	n=0
	[ ! -e "$dir/k.db" ] || n=$(holds "$dir/k.db")
	if [ "$n" -eq 0 ] || [ "$n" -eq 7500 ]; then good; else bad "$n claims of 7500"; fi
	if [ -e "$dir/k.db" ]; then
		"$kula" doctor --ledger "$dir/k.db" >"$dir/out" 2>"$dir/err"
		hasnt "fault "
	fi
	i=$((i + 1))
done
name="closed pipe"
: >"$dir/out"
"$kula" export -q -f jsonl 2>"$dir/err" | true
if [ -s "$dir/err" ]; then bad "said something"; else good; fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
