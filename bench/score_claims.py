#!/usr/bin/env python3
"""Score read claims against annotated ones (both JSONL as in docs/CLAIMS.md).

usage: score_claims.py GOLD READ [--json] [--interval] [--misses N]

Documents are paired by "doc". Inside a document a read claim can answer an annotated one when both rest on the
same sentence: their evidence overlaps in the text by at least half of the shorter, and neither is more than half as
long again as the other (evidence is one sentence); pairs are chosen one to one, best first, by how much of them
agrees. Figures, each with precision P, recall R and F1:

  found    the sentence and the act agree
  event    found, and the codes of both sides agree
  strict   event, and status, the first source's code (or that there is none) and the first item's kind, quantity
           and unit agree
  parties  codes of from and to, counted one by one over all claims (a missed claim's count as missed)
  items    kind, quantity (min, max), unit and per of every item, counted one by one
  said_by  codes of the sources ("?" for one without a code), counted one by one
  date     over the found claims: the date agrees to the day at both ends; a claim without a date that has none counts
           in neither P nor R
and two shares of the found claims:
  status   the status agrees
  trace    of the parties with the right code and the items with the right quantity: their words overlap with those
           annotated

--interval adds 95 % intervals of found, event and strict F1, from 1,000 resamplings of the documents.
"""
import json, random, re, sys
from collections import Counter

EQUAL = {"meet", "agree", "sign", "cooperate"}


def load(path):
    docs = {}
    for line in open(path, encoding="utf-8"):
        if line.strip():
            d = json.loads(line)
            docs[d["doc"]] = d
    return docs


def span(text, claim):
    at = text.find(claim.get("evidence") or "\0")
    return (at, at + len(claim["evidence"])) if at >= 0 else (-1, -1)


def codes(parties):
    return Counter((p.get("code") or "?") for p in (parties or []))


def sides(c):
    """The codes of both sides; one merged bag where the act has no direction."""
    f, t = codes(c.get("from")), codes(c.get("to"))
    return ("=", f + t) if c["act"] in EQUAL else (f, t)


def quantity(it):
    return (it.get("kind"), it.get("min"), it.get("max"), it.get("unit"), it.get("per"))


def words(s):
    return set(re.findall(r"\w+", (s or "").lower()))


def traced(gold, read, key):
    """Of the members (parties, items) that agree by `key`: how many, and how many whose words overlap."""
    right = same = 0
    left = list(gold or [])
    for r in read or []:
        like = [g for g in left if key(g) == key(r)]
        if like:
            best = max(like, key=lambda g: len(words(g["text"]) & words(r.get("text"))))
            left.remove(best)
            right += 1
            same += bool(words(best["text"]) & words(r.get("text"))) or best["text"] == r.get("text")
    return right, same


def first_item(c):
    items = c.get("items") or []
    return quantity(items[0]) if items else None


def first_source(c):
    s = c.get("said_by") or []
    return (s[0].get("code") or "?") if s else None


def agreement(g, r):
    """How much two claims on one sentence agree: 0 (not the same act) up."""
    s = 0.0
    if g["act"] == r["act"]:
        s += 4
    if g["trigger"] == r.get("trigger"):
        s += 2
    elif g["trigger"] in (r.get("trigger") or "") or (r.get("trigger") or "\0") in g["trigger"]:
        s += 1
    if sides(g) == sides(r):
        s += 2
    if g["status"] == r.get("status"):
        s += .5
    if first_item(g) == first_item(r):
        s += 1
    return s


def pair(text, gold, read):
    cand = []
    for i, g in enumerate(gold):
        gs = span(text, g)
        for j, r in enumerate(read):
            rs = span(text, r)
            over = min(gs[1], rs[1]) - max(gs[0], rs[0])
            short_, long_ = sorted((gs[1] - gs[0], rs[1] - rs[0]))
            if g["act"] == r["act"] and over > 0 and over >= .5 * short_ and long_ <= 1.5 * short_:
                cand.append((-agreement(g, r), i, j))
    cand.sort()
    gi, rj, out = set(), set(), []
    for a, i, j in cand:
        if i not in gi and j not in rj:
            gi.add(i)
            rj.add(j)
            out.append((i, j))
    return out


def prf(hit, read, gold):
    p = hit / read if read else 0.0
    r = hit / gold if gold else 0.0
    return {"P": p, "R": r, "F1": 2 * p * r / (p + r) if p + r else 0.0, "hit": hit, "read": read, "gold": gold}


def overlap(a, b):
    return sum((a & b).values())


def score(gold_docs, read_docs):
    n = Counter()
    misses = []
    for key, gd in gold_docs.items():
        text, gold = gd["text"], gd.get("claims", [])
        read = read_docs.get(key, {}).get("claims", [])
        pairs = pair(text, gold, read)
        n["gold"] += len(gold)
        n["read"] += len(read)
        for c in gold:
            n["parties_gold"] += len(c.get("from") or []) + len(c.get("to") or [])
            n["items_gold"] += len(c.get("items") or [])
            n["said_gold"] += len(c.get("said_by") or [])
        for c in read:
            n["parties_read"] += len(c.get("from") or []) + len(c.get("to") or [])
            n["items_read"] += len(c.get("items") or [])
            n["said_read"] += len(c.get("said_by") or [])
        paired = set()
        for i, j in pairs:
            g, r = gold[i], read[j]
            paired.add(i)
            n["found"] += 1
            ev = sides(g) == sides(r)
            n["event"] += ev
            st = g["status"] == r.get("status")
            n["status"] += st
            strict = ev and st and first_source(g) == first_source(r) and first_item(g) == first_item(r)
            n["strict"] += strict
            gs, rs = sides(g), sides(r)
            if gs[0] == "=":
                n["parties_hit"] += overlap(gs[1], rs[1])
            else:
                n["parties_hit"] += overlap(gs[0], rs[0]) + overlap(gs[1], rs[1])
            n["items_hit"] += overlap(Counter(map(quantity, g.get("items") or [])), Counter(map(quantity, r.get("items") or [])))
            n["said_hit"] += overlap(codes(g.get("said_by")), codes(r.get("said_by")))
            n["date_gold"] += bool(g.get("date"))
            n["date_read"] += bool(r.get("date"))
            n["date"] += bool(g.get("date")) and g["date"] == r.get("date")
            code = lambda p: p.get("code")
            if g["act"] in EQUAL:
                ends = [((g.get("from") or []) + (g.get("to") or []), (r.get("from") or []) + (r.get("to") or []))]
            else:
                ends = [(g.get("from"), r.get("from")), (g.get("to"), r.get("to"))]
            for a, b, k in [(x, y, code) for x, y in ends] + [(g.get("items"), r.get("items"), quantity)]:
                right, same = traced(a, b, k)
                n["trace_right"] += right
                n["trace"] += same
            if not strict:
                misses.append((key, "differs", g, r))
        misses += [(key, "missed", gold[i], None) for i in range(len(gold)) if i not in paired]
        used = {j for _, j in pairs}
        misses += [(key, "invented", None, read[j]) for j in range(len(read)) if j not in used]
    return {
        "documents": len(gold_docs),
        "found": prf(n["found"], n["read"], n["gold"]),
        "event": prf(n["event"], n["read"], n["gold"]),
        "strict": prf(n["strict"], n["read"], n["gold"]),
        "parties": prf(n["parties_hit"], n["parties_read"], n["parties_gold"]),
        "items": prf(n["items_hit"], n["items_read"], n["items_gold"]),
        "said_by": prf(n["said_hit"], n["said_read"], n["said_gold"]),
        "status": n["status"] / n["found"] if n["found"] else 0.0,
        "date": prf(n["date"], n["date_read"], n["date_gold"]),
        "trace": n["trace"] / n["trace_right"] if n["trace_right"] else 0.0,
    }, misses


def short(c):
    if c is None:
        return "-"
    who = lambda ps: "+".join((p.get("code") or "?") for p in ps or []) or "_"
    items = ", ".join(f"{i.get('min')}..{i.get('max')} {i.get('what')}/{i.get('kind')}" for i in c.get("items") or [])
    said = "; ".join(f"{s.get('code') or s['text']}:{s.get('verb')}" for s in c.get("said_by") or [])
    return f"{c['act']}/{c.get('status')} {who(c.get('from'))}>{who(c.get('to'))} [{items}] <{said}> '{c.get('trigger')}' {c.get('date') or ''}"


def intervals(gold, read):
    """95 % intervals of found, event, strict F1: documents drawn anew with replacement, seed 1."""
    one = {}
    for key in gold:
        res, _ = score({key: gold[key]}, {key: read.get(key, {})})
        one[key] = {k: (res[k]["hit"], res[k]["read"], res[k]["gold"]) for k in ("found", "event", "strict")}
    rnd, keys, out = random.Random(1), sorted(one), {k: [] for k in ("found", "event", "strict")}
    for _ in range(1000):
        draw = rnd.choices(keys, k=len(keys))
        for k in out:
            out[k].append(prf(*(sum(one[d][k][i] for d in draw) for i in range(3)))["F1"])
    return {k: (sorted(v)[25], sorted(v)[974]) for k, v in out.items()}


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")][:2]
    if len(args) < 2:
        sys.exit(__doc__)
    gold, read = load(args[0]), load(args[1])
    res, misses = score(gold, read)
    if "--interval" in sys.argv:
        for k, (lo, hi) in intervals(gold, read).items():
            res[k]["interval"] = [lo, hi]
    if "--json" in sys.argv:
        print(json.dumps(res, indent=1))
    else:
        print(f"{res['documents']} documents")
        for k in ("found", "event", "strict", "parties", "items", "said_by", "date"):
            f = res[k]
            span_ = "  [{:.3f}, {:.3f}]".format(*f["interval"]) if "interval" in f else ""
            print(f"{k:8s} P {f['P']:.3f}  R {f['R']:.3f}  F1 {f['F1']:.3f}   ({f['hit']} right of {f['read']} read, {f['gold']} annotated){span_}")
        print(f"status   {res['status']:.3f} of the found\ntrace    {res['trace']:.3f} of their right parties and items")
    if "--misses" in sys.argv:
        most = int(sys.argv[sys.argv.index("--misses") + 1]) if sys.argv[-1] != "--misses" else 50
        for key, why, g, r in misses[:most]:
            print(f"\n{key} {why}: {(g or r)['evidence'][:150]}\n   annotated {short(g)}\n   read      {short(r)}")


if __name__ == "__main__":
    main()
