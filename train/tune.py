#!/usr/bin/env python3
"""Finds the decoder's thresholds and calibrates the confidence, on annotated documents that were held out of the training.

usage: tune.py --kula KULA --weights PACKED --gold HELD.jsonl --train CLAIMS.jsonl... --out settings.json

Reads the held-out documents with the program itself (so that what is tuned is what runs), one setting at a time:
thresholds by coordinate search on found + event + strict F1 where precision is no lower than recall; then the confidence by
logistic regression of "act and both sides are right" on the trigger's log odds and the sides' log probabilities."""
import argparse, json, math, os, struct, subprocess, sys, tempfile
import numpy as np
import xxhash
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
import score_claims
from data import ACTS
from pack import ROLE_KEYS

KEYS = ["trigger", "second", "c0", "c1", "c2", "c3", "same", "both"] + ["role." + k for k in ROLE_KEYS] + ["more." + k for k in ROLE_KEYS]


def self_log_odds(paths):
    """For each act the log odds that one code stands at both ends, of the annotated claims with codes at both."""
    yes, no = dict.fromkeys(ACTS, 1.0), dict.fromkeys(ACTS, 1.0)
    for p in paths:
        for line in open(p, encoding="utf-8"):
            for c in json.loads(line).get("claims", []):
                a, b = ({x["code"] for x in c[k] if x["code"]} for k in ("from", "to"))
                if a and b:
                    (yes if a & b else no)[c["act"]] += 1
    return [math.log(yes[a] / no[a]) for a in ACTS]


def settings_at(data):
    count = struct.unpack_from("<I", data, 12)[0]
    for i in range(count):
        at = 64 + i * 88
        if data[at:at + 48].rstrip(b"\0") == b"settings":
            return at
    raise SystemExit("no tensor 'settings'")


def write(path, data, entry, numbers):
    offset = struct.unpack_from("<Q", data, entry + 48 + 4 + 4 + 16)[0]
    struct.pack_into(f"<{len(numbers)}f", data, offset, *numbers)
    struct.pack_into("<Q", data, 24, xxhash.xxh3_64_intdigest(memoryview(data)[64:]))
    open(path, "wb").write(data)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--kula", required=True)
    p.add_argument("--weights", required=True, help="a packed file; it is rewritten with the settings found")
    p.add_argument("--gold", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--train", nargs="+", required=True, help="the annotated training claims")
    p.add_argument("--settings", help="begin from these, and only calibrate")
    p.add_argument("--rounds", type=int, default=1)
    a = p.parse_args()
    data = bytearray(open(a.weights, "rb").read())
    entry = settings_at(data)
    gold = score_claims.load(a.gold)
    odds = self_log_odds(a.train)
    seen = {}

    def numbers(s):
        return [s[k] for k in KEYS] + [s["self"] * x for x in odds]

    def read(s, why=False):
        with tempfile.NamedTemporaryFile(suffix=".weights") as f:
            write(f.name, data, entry, numbers(s))
            out = subprocess.run([a.kula, "read", "--json", "--quiet", "--no-gate", "--weights", f.name] + (["--why"] if why else []) + [a.gold], capture_output=True, check=True).stdout
        return {d["doc"]: d for d in map(json.loads, out.splitlines())}

    def value(s):
        key = tuple(numbers(s))
        if key not in seen:
            r, _ = score_claims.score(gold, read(s))
            f = r["found"]
            v = r["found"]["F1"] + r["event"]["F1"] + r["strict"]["F1"] + 0.2 * (r["items"]["F1"] + r["said_by"]["F1"]) - 3 * max(0, f["R"] - f["P"])
            seen[key] = v
            print(f"{v:.4f} found {f['P']:.3f}/{f['R']:.3f}/{f['F1']:.3f} event {r['event']['F1']:.3f} strict {r['strict']['F1']:.3f} items {r['items']['F1']:.3f} said {r['said_by']['F1']:.3f} "
                  + " ".join(f"{k}={s[k]:g}" for k in s if s[k] != start[k]), flush=True)
        return seen[key]

    start = dict.fromkeys(KEYS, 0.0)
    start.update({"role.from": -2.0, "role.to": -2.0, "more.from": 1.0, "more.to": 1.0, "role.item": -0.5, "more.item": 0.5, "role.source": -0.5, "more.source": 1.0})
    start.update(self=0.5, same=2.0, both=0.6, trigger=0.45, second=0.3, c1=1.0, c2=1.0, c3=1.0)
    s = dict(start)
    if a.settings:
        j = json.load(open(a.settings))
        s.update({k: j[k] for k in ("trigger", "second", "same", "both")}, self=next(x / o for x, o in zip(j["self"], odds) if o))
        s.update({f"{m}.{k}": j[m][k] for m in ("role", "more") for k in ROLE_KEYS})
    for _ in range(0 if a.settings else a.rounds):
        for k, steps in [("second", (0.25, 0.35, 0.4)), ("self", (0.0, 0.8)), ("both", (0.4, 0.8)), ("role.from", (-3, -1.5)), ("more.from", (0.5, 2)), ("role.to", (-3, -1.5)), ("more.to", (0.5, 2)), ("same", (1, 3)), ("role.item", (-1, 0)),
                         ("more.item", (1.5,)), ("role.source", (-1, 0)), ("more.source", (0.5, 2)), ("trigger", (0.3, 0.35, 0.4, 0.5, 0.55, 0.6))]:
            best = max([s[k], *steps], key=lambda x: (value({**s, k: x}), -abs(x - start[k])))
            s[k] = best
    # confidence
    x, y = [], []
    for doc, d in read(s, why=True).items():
        pairs = dict((j, i) for i, j in score_claims.pair(gold[doc]["text"], gold[doc]["claims"], d["claims"]))
        for j, c in enumerate(d["claims"]):
            w = next(f for f in c["why"] if f["field"] == "confidence")
            x.append([1.0, w["trigger_log_odds"], w["from_log_p"], w["to_log_p"]])
            g = gold[doc]["claims"][pairs[j]] if j in pairs else None
            y.append(float(g is not None and score_claims.sides(g) == score_claims.sides(c)))
    X, Y, c = np.array(x), np.array(y), np.zeros(4)
    for _ in range(30):                         # Newton's steps, with a little weight on small numbers
        q = 1 / (1 + np.exp(-np.clip(X @ c, -30, 30)))
        c = c + np.linalg.solve((X * (q * (1 - q))[:, None]).T @ X + 1e-2 * np.eye(4), X.T @ (Y - q) - 1e-2 * c)
    c = c.tolist()
    for k, v in zip(("c0", "c1", "c2", "c3"), c):
        s[k] = v
    json.dump(dict(trigger=s["trigger"], second=s["second"], calibration=c, same=s["same"], both=s["both"], self=[s["self"] * x for x in odds], role={k: s["role." + k] for k in ROLE_KEYS}, more={k: s["more." + k] for k in ROLE_KEYS}), open(a.out, "w"), indent=1)
    write(a.weights, data, entry, numbers(s))
    print(f"{len(x)} claims, {sum(y) / len(y):.3f} of them right; calibration {c}")


if __name__ == "__main__":
    main()
