#!/usr/bin/env python3
"""Kula's PLOVER events against the gold standard records (plover-gsr-dev.jsonl).

usage: bench/measure_plover.py GOLD.jsonl [--kula build/kula] [--events EVENTS.jsonl] [--errors]

Every sentence of GOLD is a document of its own, without a day of publication or a publisher. One event is coded for each.

Pairing. The file codes one event a sentence, though many sentences tell of more. Two readings are reported:
  main   the reader's main event of the sentence stands for it; its other events are passed over. A sentence where the reader
         finds nothing is missed (recall), and nothing is wrong (precision).
  best   of all events that the reader prints for the sentence, the one that agrees with the gold event in most of class, source and
         target (the class first) stands for it. A second event is not shown wrong by the file, so the others are passed over here too.
         This is the upper end: a reader that prints more has more chances. The number of events printed is told beside it.

Figures, each P, R and F1:
  class   the same of the 16 classes (field event_2021). micro: over all sentences; macro: the mean of F1 over the 16.
  source  codes: hits are codes on both sides of the pair (as multisets without repetition); P over codes read, R over codes coded.
  target  the same. Where the coders marked an event as reciprocal, both parties are in `source`: then, for a reader's event that is
          reciprocal or has both parties, source and target together are compared with them, and nothing with the target.
  whole   class, all source codes and all target codes equal.
  sector  source and target sectors of sides whose codes agree (told for information).
  mode    of pairs whose class agrees and whose gold event has one; names of 0.5b1 are read as those of 0.8 (MODES).
"""
import argparse, collections, json, subprocess, sys

CLASSES = ("AGREE CONSULT SUPPORT COOPERATE AID CONCEDE RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE COERCE "
           "ASSAULT").split()

MODES = {"strike-hun": "hunger", "strike-gen": "strike", "confiscate": "seize", "riot-spon": "riot", "demo-spon": "demo",
         "demo-org": "demo", "detain": "arrest"}


def codes(side):
    return {x["code"] for x in side if x.get("code")}


def sides(gold, read):
    """Gold source and target, read source and target, as sets of codes."""
    gs, gt = codes(gold["source"]), codes(gold["target"])
    if read is None:
        return gs, gt, set(), set()
    rs, rt = codes(read["source"]), codes(read["target"])
    if gold["reciprocal"]:
        return gs, set(), rs | rt, set()
    return gs, gt, rs, rt


def agreement(gold, read):
    gs, gt, rs, rt = sides(gold, read)
    return (gold["event_2021"] == read["event"], (gs == rs) + (gt == rt), len(gs & rs) + len(gt & rt), read["main"])


def prf(hit, read, gold):
    p = hit / read if read else 0.0
    r = hit / gold if gold else 0.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def measure(gold, pairs):
    n = collections.Counter()
    by = collections.defaultdict(collections.Counter)
    for g in gold:
        e = pairs.get(g["id"])
        gs, gt, rs, rt = sides(g, e)
        n["gold"] += 1
        by[g["event_2021"]]["gold"] += 1
        n["source gold"] += len(gs)
        n["target gold"] += len(gt)
        if e is None:
            continue
        n["read"] += 1
        by[e["event"]]["read"] += 1
        same = e["event"] == g["event_2021"]
        n["class hit"] += same
        if same:
            by[e["event"]]["hit"] += 1
            if g["mode"]:
                n["mode gold"] += 1
                n["mode hit"] += e["mode"] == MODES.get(g["mode"], g["mode"])
        for side, x, y in (("source", gs, rs), ("target", gt, rt)):
            n[side + " hit"] += len(x & y)
            n[side + " read"] += len(y)
            if x and x == y and not g["reciprocal"]:
                n["sector all"] += 1
                n["sector hit"] += {a["sector"] for a in g[side]} == {a["sector"] for a in e[side]}
        n["whole hit"] += same and gs == rs and gt == rt
    rows = [("class", prf(n["class hit"], n["read"], n["gold"]))]
    rows.append(("source", prf(n["source hit"], n["source read"], n["source gold"])))
    rows.append(("target", prf(n["target hit"], n["target read"], n["target gold"])))
    rows.append(("whole", prf(n["whole hit"], n["read"], n["gold"])))
    f = {c: prf(by[c]["hit"], by[c]["read"], by[c]["gold"]) for c in CLASSES}
    rows.append(("class, macro", (sum(v[0] for v in f.values()) / 16, sum(v[1] for v in f.values()) / 16, sum(v[2] for v in f.values()) / 16)))
    extra = {"sentences with an event": f"{n['read']} of {n['gold']}",
             "sector where the code agrees": f"{n['sector hit']} of {n['sector all']}",
             "mode where the class agrees": f"{n['mode hit']} of {n['mode gold']}"}
    return rows, extra, f, by


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("gold")
    args.add_argument("--kula", default="build/kula")
    args.add_argument("--events", help="what `kula read --plover` printed, instead of running it")
    args.add_argument("--errors", action="store_true", help="which class is taken for which")
    a = args.parse_args()
    gold = [json.loads(line) for line in open(a.gold, encoding="utf-8")]
    if a.events:
        lines = open(a.events, encoding="utf-8").read().splitlines()
    else:
        documents = "".join(json.dumps({"doc": g["id"], "text": g["text"]}, ensure_ascii=False) + "\n" for g in gold)
        run = subprocess.run([a.kula, "read", "--plover", "--quiet", "-"], input=documents.encode(), stdout=subprocess.PIPE)
        if run.returncode != 0:
            sys.exit(f"measure_plover: {a.kula} read --plover ended with {run.returncode}")
        lines = run.stdout.decode().splitlines()
    events = collections.defaultdict(list)
    for line in lines:
        e = json.loads(line)
        events[e["doc"]].append(e)
    main_of = {k: next(e for e in v if e["main"]) for k, v in events.items()}
    best_of = {g["id"]: max(events[g["id"]], key=lambda e: agreement(g, e)) for g in gold if events.get(g["id"])}
    print(f"{len(gold)} sentences, {len(lines)} events read")
    for name, pairs in (("main", main_of), ("best", best_of)):
        rows, extra, f, by = measure(gold, pairs)
        print(f"\n{name:<14}    P     R    F1")
        for what, (p, r, x) in rows:
            print(f"  {what:<14} {p:.3f} {r:.3f} {x:.3f}")
        for what, v in extra.items():
            print(f"  {what}: {v}")
        if name == "main" or a.errors:
            print("  class          gold read   F1")
            for c in CLASSES:
                print(f"  {c:<14} {by[c]['gold']:4} {by[c]['read']:4} {f[c][2]:.3f}")
        if a.errors:
            wrong = collections.Counter((g["event_2021"], pairs[g["id"]]["event"] if g["id"] in pairs else "nothing") for g in gold)
            for (x, y), k in wrong.most_common():
                if x != y:
                    print(f"  {k:3} {x} read as {y}")


if __name__ == "__main__":
    main()
