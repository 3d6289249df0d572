#!/bin/sh
# The weights of joining from annotated dossiers, and how they fare on dossiers that they were not fitted on.
#   train/join_fit.sh KULA DOSSIERS.jsonl SCORER.py [OUT-WEIGHTS]
# Prints the figures of weights fitted on all dossiers (in-sample) and of each dossier joined with weights fitted on the others.
set -eu
KULA=$1 GOLD=$2 SCORER=$3 OUT=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
${CC:-cc} -O2 -D_GNU_SOURCE "$here/join_fit.c" -lm -o "$tmp/fit"
"$KULA" join --pairs "$tmp/pairs" --link-pairs "$tmp/links" "$GOLD" >/dev/null
# Left out one after the other, these made joining of left-out dossiers no worse: fewer weights to read.
without=,sort_move,sort_meet,undertaking,requested,act_left_open,act_return,quantity_overlap,quantity_near,quantity_one,condition_one,fact_one_document,
fit() { "$tmp/fit" -r 1.2 -k 6 -x "$without" -p "$here/join_priors.tsv" -s "$here/join_cluster.tsv" "$@" "$tmp/pairs" "$tmp/links"; }
fit >"$tmp/all.tsv"
echo 'in-sample'
"$KULA" join --join-weights "$tmp/all.tsv" "$GOLD" >"$tmp/all.jsonl"
python3 "$SCORER" "$GOLD" "$tmp/all.jsonl"
for d in $(cut -f1 "$tmp/pairs" | sed 1d | sort -u); do
	fit -l "$d" >"$tmp/one.tsv"
	"$KULA" join --join-weights "$tmp/one.tsv" "$GOLD" | grep "^{\"dossier\":\"$d\"" >>"$tmp/left.jsonl"
done
echo 'each left out'
python3 "$SCORER" "$GOLD" "$tmp/left.jsonl"
[ -z "$OUT" ] || cp "$tmp/all.tsv" "$OUT"
