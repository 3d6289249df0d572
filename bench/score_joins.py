#!/usr/bin/env python3
"""Score a joining of claims into exchanges against annotated dossiers (docs/EXCHANGES.md).

usage: score_joins.py GOLD JOINED [--json]

GOLD    dossier documents and dossier lines. JOINED  a line a dossier:
        {"dossier": name, "exchanges": [[claim id, ...], ...],
         "links": [{"type", "from": claim id, "to": claim id}], "differences": [{"field", "claims": [id, id]}]}
A joined link names its ends by any claim of the exchange. Figures over all dossiers:
  b3        B-cubed precision, recall, F1 over claims
  pairs     precision, recall, F1 of the pairs of claims put together
  links     F1 of typed links between exchanges (an end is right when its claim lies in the annotated exchange)
  differ    recall of the annotated differences (exchange and field) and the share of reported ones not annotated
"""
import json, sys
from itertools import combinations


def load_gold(path):
    out = {}
    for line in open(path, encoding="utf-8"):
        if not line.strip():
            continue
        d = json.loads(line)
        g = out.setdefault(d["dossier"], {"of": {}, "links": [], "differences": []})
        for c in d.get("claims", []):
            g["of"][c["id"]] = c["exchange"]
        g["links"] += d.get("links", [])
        g["differences"] += d.get("differences", [])
    return out


def f1(p, r):
    return 2 * p * r / (p + r) if p + r else 0.0


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(args) != 2:
        sys.exit(__doc__)
    gold = load_gold(args[0])
    joined = {}
    for line in open(args[1], encoding="utf-8"):
        if line.strip():
            d = json.loads(line)
            joined[d["dossier"]] = d
    n = bp = br = tp = pp = gp = lt = lr = lg = dh = dg = dr = da = 0
    for name, g in gold.items():
        j = joined.get(name, {})
        of = {}
        for k, members in enumerate(j.get("exchanges", [])):
            for m in members:
                of[m] = k
        ids = sorted(g["of"])
        for i, c in enumerate(ids):
            of.setdefault(c, ("alone", c))
        for c in ids:
            same_g = {x for x in ids if g["of"][x] == g["of"][c]}
            same_j = {x for x in ids if of[x] == of[c]}
            n += 1
            bp += len(same_g & same_j) / len(same_j)
            br += len(same_g & same_j) / len(same_g)
        for a, b in combinations(ids, 2):
            sg, sj = g["of"][a] == g["of"][b], of[a] == of[b]
            tp += sg and sj
            pp += sj
            gp += sg
        gl = {(l["type"], l["from"], l["to"]) for l in g["links"]}
        jl = {(l["type"], g["of"].get(l["from"]), g["of"].get(l["to"])) for l in j.get("links", [])}
        lt += len(gl & jl)
        lr += len(jl)
        lg += len(gl)
        gd = {(d["exchange"], d["field"]) for d in g["differences"]}
        jd = {(g["of"].get(d["claims"][0]), d["field"]) for d in j.get("differences", []) if d.get("claims")}
        dh += len(gd & jd)
        dg += len(gd)
        dr += len(jd)
        da += len(jd - gd)
    p, r = (bp / n, br / n) if n else (0, 0)
    pr, rc = (tp / pp if pp else 0, tp / gp if gp else 0)
    lp, lrc = (lt / lr if lr else 0, lt / lg if lg else 0)
    res = {"dossiers": len(gold), "claims": n,
           "b3": {"P": p, "R": r, "F1": f1(p, r)}, "pairs": {"P": pr, "R": rc, "F1": f1(pr, rc)},
           "links": {"P": lp, "R": lrc, "F1": f1(lp, lrc), "gold": lg},
           "differ": {"recall": dh / dg if dg else 0.0, "false": da / dr if dr else 0.0, "gold": dg}}
    if "--json" in sys.argv:
        print(json.dumps(res, indent=1))
        return
    print(f"{len(gold)} dossiers, {n} claims")
    for k in ("b3", "pairs", "links"):
        print(f"{k:7s} P {res[k]['P']:.3f}  R {res[k]['R']:.3f}  F1 {res[k]['F1']:.3f}")
    print(f"differ  recall {res['differ']['recall']:.3f} of {dg}, false alarms {res['differ']['false']:.3f}")


if __name__ == "__main__":
    main()
