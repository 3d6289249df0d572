#!/usr/bin/env python3
"""Check a claims file (JSONL, one document a line) against docs/CLAIMS.md.

usage: check_claims.py FILE...      prints one line a fault; exits 1 if there is any
"""
import json, re, sys

ACTS = set("give lend sell supply return take send withdraw train meet agree sign ratify end breach cooperate "
           "support criticise sanction coerce protest mobilize attack yield hold".split())
STATUSES = set("done ongoing planned promised offered requested threatened possible refused denied".split())
KINDS = set("animal arms vehicle aircraft ship food fuel medicine money people troops prisoner remains information "
            "technology equipment art document territory service goods".split())
ORGS = set("UN NATO EU AU ASEAN OPEC WHO WFP UNICEF UNHCR UNESCO IAEA ICRC IFRC WB IMF WTO OSCE AL GCC ECOWAS SADC CIS "
           "CSTO SCO BRICS G7 G20 CARICOM OAS MERCOSUR COMMONWEALTH INTERPOL ICC ICJ MSF CITES IUCN WWF EAZA WAZA".split())
DAY = re.compile(r"\d{4}-\d\d-\d\d$")


def faults(doc):
    text = doc.get("text", "")
    for key in ("doc", "text", "published"):
        if not doc.get(key):
            yield f"no {key}"
    for n, c in enumerate(doc.get("claims", [])):
        at = f"claim {n}"
        ev = c.get("evidence") or ""
        if not ev or ev not in text:
            yield f"{at}: evidence is not verbatim in text: {ev[:60]!r}"
        if not c.get("trigger") or c["trigger"] not in ev:
            yield f"{at}: trigger {c.get('trigger')!r} is not verbatim in evidence"
        if c.get("act") not in ACTS:
            yield f"{at}: act {c.get('act')!r}"
        if c.get("status") not in STATUSES:
            yield f"{at}: status {c.get('status')!r}"
        for side in ("from", "to", "said_by"):
            for p in c.get(side) or []:
                if not p.get("text") or p["text"] not in text:
                    yield f"{at}: {side} {p.get('text')!r} is not verbatim in text"
                code = p.get("code")
                if code is not None and code not in ORGS and not re.fullmatch(r"[A-Z]{3}", code):
                    yield f"{at}: {side} code {code!r}"
                if side == "said_by" and not p.get("verb"):
                    yield f"{at}: said_by without a verb"
        items = c.get("items") or []
        for i, it in enumerate(items):
            if not it.get("text") or it["text"] not in text:
                yield f"{at}: item {it.get('text')!r} is not verbatim in text"
            if not it.get("what"):
                yield f"{at}: item {i} has no what"
            if it.get("kind") not in KINDS:
                yield f"{at}: item kind {it.get('kind')!r}"
            for b in ("min", "max"):
                if it.get(b) is not None and not isinstance(it[b], (int, float)):
                    yield f"{at}: item {b} {it[b]!r}"
            if it.get("min") is not None and it.get("max") is not None and it["min"] > it["max"]:
                yield f"{at}: item min > max"
            if it.get("in") is not None and not (isinstance(it["in"], int) and 0 <= it["in"] < len(items)):
                yield f"{at}: item in {it['in']!r}"
        for key in ("date", "due"):
            d = c.get(key)
            if d is not None and not (isinstance(d, list) and len(d) == 2 and d[0] <= d[1]
                                      and all(isinstance(x, str) and DAY.match(x) for x in d)):
                yield f"{at}: {key} {d!r}"
        v = c.get("value")
        if v is not None and not (isinstance(v, dict) and v.get("unit")):
            yield f"{at}: value {v!r}"


def main():
    bad = docs = claims = 0
    for path in sys.argv[1:]:
        for ln, line in enumerate(open(path, encoding="utf-8"), 1):
            if not line.strip():
                continue
            doc = json.loads(line)
            docs += 1
            claims += len(doc.get("claims", []))
            for f in faults(doc):
                bad += 1
                print(f"{path}:{ln}: {doc.get('doc')}: {f}")
    print(f"{docs} documents, {claims} claims, {bad} faults")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
