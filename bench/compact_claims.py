#!/usr/bin/env python3
"""Turn claims written in the compact form into the JSONL of docs/CLAIMS.md, and check them.

usage: compact_claims.py FILE.kc... > OUT.jsonl      faults go to standard error; exits 1 if there is any
       compact_claims.py --back FILE.jsonl           the other way: JSONL to the compact form

The compact form, one document after another:

    @ id | published | publisher | title
    First sentence of the text.
    - give done gifted | fr: Vladimir Putin=RUS | to: a zoo in North Korea=PRK | it: dozens of animals ~ animal ~ animal ~ 24.. | it: a lion ~ lion ~ animal ~ 1 ~ in 0
    - supply promised provide | fr: either side=RUS ; either side=PRK | to: ... | if: if either side is in a state of war
    Second sentence.

    Third sentence, of another paragraph.

A claim stands under the sentence that is its evidence: `- act status trigger`, then fields separated by " | ":
fr, to    parties, separated by " ; ", each text=CODE ("=-" where there is no code)
src       sources, each text=CODE~verb
it        one item: text ~ what ~ kind ~ quantity [~ unit] [~ per day] [~ in N]; repeat the field for more items.
          quantity: 70 (just), 70.. (at least), ..100 (at most), 10..20, ? (none); unit is count where left out
date, due  YYYY-MM-DD or YYYY-MM-DD/YYYY-MM-DD
val       quantity and unit: 655000000 USD
at, pfrom, pto, by, ag, if    place at / from / to, means, agreement, condition
A line that begins with "#" is a comment.

Dossiers (docs/EXCHANGES.md): a line `@@ name` begins a dossier; its documents follow; each claim has a field `x: name` (its
exchange), and behind the documents stand lines
    = link fulfils x3 x1                        type, from, to
    = differ x1 items d1-c2 d3-c1               exchange, field, the two claims (their ids: document id, "-c", number from 1)
    = independent x1 2                          independent accounts
"""
import json, re, sys, os
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_claims import faults


def number(s):
    s = s.strip().replace(",", "").replace("_", "")
    f = float(s)
    return int(f) if f == int(f) else f


def quantity(s):
    s = s.strip()
    if s in ("?", ""):
        return None, None
    if ".." in s:
        a, b = s.split("..", 1)
        return (number(a) if a.strip() else None), (number(b) if b.strip() else None)
    return number(s), number(s)


def party(s):
    text, _, code = s.rpartition("=")
    if not text:
        raise ValueError(f"party without '=CODE': {s!r}")
    code = code.strip()
    return {"text": text.strip(), "code": None if code == "-" else code}


def parties(s):
    return [party(p) for p in s.split(" ; ") if p.strip()]


def source(s):
    head, _, verb = s.rpartition("~")
    if not head:
        raise ValueError(f"source without '~verb': {s!r}")
    return {**party(head.strip()), "verb": verb.strip()}


def item(s):
    f = [x.strip() for x in s.split(" ~ ")]
    if len(f) < 4:
        raise ValueError(f"item needs text ~ what ~ kind ~ quantity: {s!r}")
    lo, hi = quantity(f[3])
    it = {"text": f[0], "what": f[1], "kind": f[2], "min": lo, "max": hi, "unit": "count"}
    for x in f[4:]:
        if m := re.fullmatch(r"in (\d+)", x):
            it["in"] = int(m[1])
        elif m := re.fullmatch(r"per (day|week|month|year)", x):
            it["per"] = m[1]
        elif x:
            it["unit"] = x
    return it


def days(s):
    a, _, b = s.strip().partition("/")
    return [a, b or a]


def claim(line, evidence):
    fields = line[2:].split(" | ")
    head = fields[0].split(None, 2)
    if len(head) < 3:
        raise ValueError(f"claim needs act, status, trigger: {fields[0]!r}")
    c = {"evidence": evidence, "trigger": head[2].strip().strip('"'), "act": head[0], "status": head[1],
         "from": [], "to": [], "items": [], "date": None, "said_by": []}
    place = {}
    for f in fields[1:]:
        key, _, v = f.strip().partition(":")
        v = v.strip()
        if key == "fr": c["from"] = parties(v)
        elif key == "to": c["to"] = parties(v)
        elif key == "it": c["items"].append(item(v))
        elif key == "src": c["said_by"] = [source(x) for x in v.split(" ; ")]
        elif key in ("date", "due"): c[key] = days(v)
        elif key == "val":
            q, _, u = v.rpartition(" ")
            lo, hi = quantity(q)
            c["value"] = {"min": lo, "max": hi, "unit": u}
        elif key == "x": c["exchange"] = v
        elif key in ("at", "pfrom", "pto"): place[{"at": "at", "pfrom": "from", "pto": "to"}[key]] = v
        elif key in ("by", "ag", "if"): c[{"by": "means", "ag": "agreement", "if": "condition"}[key]] = v
        else: raise ValueError(f"unknown field {key!r}")
    if place:
        c["place"] = place
    return c


def dossier_line(d, w):
    if d is None:
        raise ValueError("line of a dossier before any '@@'")
    if w[0] == "link" and len(w) == 4:
        d["links"].append({"type": w[1], "from": w[2], "to": w[3]})
    elif w[0] == "differ" and len(w) == 5:
        d["differences"].append({"exchange": w[1], "field": w[2], "claims": w[3:]})
    elif w[0] == "independent" and len(w) == 3:
        d["independent"][w[1]] = int(w[2])
    else:
        raise ValueError(f"not a dossier line: {' '.join(w)!r}")


def order(out):
    """Dossier lines go behind their documents, and must name exchanges and claims that are there."""
    done, bad, hold = [], 0, None
    def flush():
        nonlocal bad
        if hold is None:
            return
        docs = [d for _, d in done if d.get("dossier") == hold[1]["dossier"] and "text" in d]
        ex = {c["exchange"] for d in docs for c in d["claims"]}
        ids = {c["id"] for d in docs for c in d["claims"]}
        for x in [l[k] for l in hold[1]["links"] for k in ("from", "to")] + [d["exchange"] for d in hold[1]["differences"]] + list(hold[1]["independent"]):
            if x not in ex:
                print(f"dossier {hold[1]['dossier']}: no claim has the exchange {x!r}", file=sys.stderr); bad += 1
        for x in [c for d in hold[1]["differences"] for c in d["claims"]]:
            if x not in ids:
                print(f"dossier {hold[1]['dossier']}: no claim {x!r}", file=sys.stderr); bad += 1
        done.append(hold)
    for n, d in out:
        if "links" in d:
            flush()
            hold = (n, d)
        else:
            done.append((n, d))
    flush()
    return done, bad


def read(path):
    """Yields (line number of the header, document); raises nothing: faults are printed and counted in `bad`."""
    doc = sent = dossier = None
    bad = 0
    out = []
    for n, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if line.startswith("#"):
            continue
        if line.startswith("@@"):
            dossier = {"dossier": line[2:].strip(), "links": [], "differences": [], "independent": {}}
            out.append((n, dossier)); doc = sent = None
        elif line.startswith("= "):
            try:
                dossier_line(dossier, line[2:].split())
            except Exception as e:
                print(f"{path}:{n}: {e}", file=sys.stderr); bad += 1
        elif line.startswith("@"):
            f = [x.strip() for x in line[1:].split(" | ")]
            if len(f) < 4:
                print(f"{path}:{n}: header needs id | published | publisher | title", file=sys.stderr); bad += 1
                f += [""] * 4
            doc = {"doc": f[0], "title": " | ".join(f[3:]), "published": f[1], "publisher": f[2], "text": "", "claims": []}
            if dossier:
                doc = {"doc": f[0], "dossier": dossier["dossier"], **{k: v for k, v in doc.items() if k != "doc"}}
            out.append((n, doc)); sent = None; gap = False
        elif not line.strip():
            gap = True
        elif line.startswith("- "):
            try:
                if sent is None:
                    raise ValueError("claim before any sentence")
                c = claim(line, sent)
                if dossier:
                    if not c.get("exchange"):
                        raise ValueError("claim of a dossier without 'x: exchange'")
                    c = {"id": f"{doc['doc']}-c{len(doc['claims']) + 1}", "exchange": c.pop("exchange"), **c}
                doc["claims"].append(c)
            except Exception as e:
                print(f"{path}:{n}: {e}", file=sys.stderr); bad += 1
        elif doc is None:
            print(f"{path}:{n}: text before any document", file=sys.stderr); bad += 1
        else:
            sent = line.strip()
            doc["text"] += ("" if not doc["text"] else "\n" if gap else " ") + sent
            gap = False
    out, b = order(out)
    return out, bad + b


def sentences(para, evidence):
    """The paragraph cut at the ends of the evidence sentences; what lies between them is a line of its own."""
    cuts = {0, len(para)}
    for e in evidence:
        at = para.find(e)
        if at >= 0:
            cuts |= {at, at + len(e)}
    cuts = sorted(cuts)
    return [x for x in (para[a:b].strip() for a, b in zip(cuts, cuts[1:])) if x]


def show(c, left):
    def q(lo, hi): return "?" if lo is None and hi is None else str(lo) if lo == hi else f"{'' if lo is None else lo}..{'' if hi is None else hi}"
    def ps(x): return " ; ".join(f"{p['text']}={p['code'] or '-'}" for p in x)
    left.remove(c)
    o = [f"- {c['act']} {c['status']} {c['trigger']}"]
    if c.get("exchange"): o.append(f"x: {c['exchange']}")
    if c["from"]: o.append("fr: " + ps(c["from"]))
    if c["to"]: o.append("to: " + ps(c["to"]))
    for i in c.get("items") or []:
        o.append(f"it: {i['text']} ~ {i['what']} ~ {i['kind']} ~ {q(i.get('min'), i.get('max'))}" + ("" if i.get("unit") == "count" else f" ~ {i.get('unit')}")
                 + (f" ~ per {i['per']}" if i.get("per") else "") + (f" ~ in {i['in']}" if i.get("in") is not None else ""))
    for k in ("date", "due"):
        if c.get(k): o.append(f"{k}: " + "/".join(c[k]))
    if c.get("value"): o.append(f"val: {q(c['value'].get('min'), c['value'].get('max'))} {c['value']['unit']}")
    for k, v in (c.get("place") or {}).items():
        if v: o.append({"at": "at", "from": "pfrom", "to": "pto"}[k] + ": " + str(v))
    for k, f in (("means", "by"), ("agreement", "ag"), ("condition", "if")):
        if c.get(k): o.append(f"{f}: {c[k]}")
    if c.get("said_by"): o.append("src: " + " ; ".join(f"{p['text']}={p['code'] or '-'}~{p.get('verb', '')}" for p in c["said_by"]))
    print(" | ".join(o))


def back(path):
    for line in open(path, encoding="utf-8"):
        d = json.loads(line)
        if "text" not in d:
            continue
        print(f"@ {d['doc']} | {d['published']} | {d.get('publisher', '')} | {d.get('title', '')}")
        left = list(d["claims"])
        for n, para in enumerate(d["text"].split("\n")):
            if n:
                print()
            for line in sentences(para, {c["evidence"] for c in left}):
                print(line)
                for c in [c for c in left if c["evidence"] == line]:
                    show(c, left)
        for c in left:
            print(f"{d['doc']}: evidence is not within one paragraph: {c['evidence'][:60]!r}", file=sys.stderr)
        print()


def main():
    if sys.argv[1:2] == ["--back"]:
        return back(sys.argv[2])
    bad = docs = claims = 0
    for path in sys.argv[1:]:
        got, b = read(path)
        bad += b
        for n, d in got:
            if "text" in d:
                docs += 1; claims += len(d["claims"])
                for f in faults(d):
                    bad += 1
                    print(f"{path}:{n}: {d['doc']}: {f}", file=sys.stderr)
            print(json.dumps(d, ensure_ascii=False))
    print(f"{docs} documents, {claims} claims, {bad} faults", file=sys.stderr)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
