#!/usr/bin/env python3
"""Finds the decoder's thresholds and calibrates the confidence, on annotated documents that were held out of the training.

usage: tune.py --kula KULA --state STATE.pt --vocab vocab.txt --gold HELD.jsonl --out settings.json

Reads the held-out documents with the program itself (so that what is tuned is what runs), one setting at a time:
thresholds by coordinate search on found + event + strict F1 where precision is no lower than recall; then the confidence by
logistic regression of "act and both sides are right" on the trigger's log odds and the sides' log probabilities."""
import argparse, json, math, os, struct, subprocess, sys, tempfile
import xxhash
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
import score_claims
from pack import ROLE_KEYS

KEYS = ["trigger", "second", "c0", "c1", "c2", "c3"] + ["role." + k for k in ROLE_KEYS] + ["more." + k for k in ROLE_KEYS]


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
    p.add_argument("--rounds", type=int, default=1)
    a = p.parse_args()
    data = bytearray(open(a.weights, "rb").read())
    entry = settings_at(data)
    gold = score_claims.load(a.gold)
    seen = {}

    def read(s, why=False):
        with tempfile.NamedTemporaryFile(suffix=".weights") as f:
            write(f.name, data, entry, [s[k] for k in KEYS])
            out = subprocess.run([a.kula, "read", "--json", "--quiet", "--no-gate", "--weights", f.name] + (["--why"] if why else []) + [a.gold], capture_output=True, check=True).stdout
        return {d["doc"]: d for d in map(json.loads, out.splitlines())}

    def value(s):
        key = tuple(s[k] for k in KEYS)
        if key not in seen:
            r, _ = score_claims.score(gold, read(s))
            f = r["found"]
            v = r["found"]["F1"] + r["event"]["F1"] + r["strict"]["F1"] + 0.2 * (r["items"]["F1"] + r["said_by"]["F1"]) - 3 * max(0, f["R"] - f["P"])
            seen[key] = v
            print(f"{v:.4f} found {f['P']:.3f}/{f['R']:.3f}/{f['F1']:.3f} event {r['event']['F1']:.3f} strict {r['strict']['F1']:.3f} items {r['items']['F1']:.3f} said {r['said_by']['F1']:.3f} "
                  + " ".join(f"{k}={s[k]:g}" for k in KEYS if s[k] != start[k]), flush=True)
        return seen[key]

    start = dict.fromkeys(KEYS, 0.0)
    start.update({"role.from": -2.0, "role.to": -2.0, "more.from": 1.0, "more.to": 1.0, "role.item": -0.5, "more.item": 0.5, "role.source": -0.5, "more.source": 1.0})
    start.update(trigger=0.45, second=0.3, c1=1.0, c2=1.0, c3=1.0)
    s = dict(start)
    for _ in range(a.rounds):
        for k, steps in [("trigger", (0.3, 0.4, 0.5)), ("role.from", (-3, -1, 0)), ("more.from", (0.5, 1.5, 2, 2.5)), ("role.to", (-3, -1, 0)), ("more.to", (0.5, 1.5, 2, 2.5)),
                         ("role.item", (-2, -1, 0)), ("more.item", (0.5, 1.5)), ("role.source", (-2, -1, 0)), ("more.source", (0.5, 1.5, 2)), ("second", (0.2, 0.4)), ("trigger", (0.3, 0.35, 0.4, 0.45, 0.5, 0.55))]:
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
    c = [0.0, 0.5, 0.5, 0.5]
    for _ in range(4000):
        g = [0.0] * 4
        for xi, yi in zip(x, y):
            e = 1 / (1 + math.exp(-max(-30, min(30, sum(ci * v for ci, v in zip(c, xi)))))) - yi
            for k in range(4):
                g[k] += e * xi[k]
        c = [ci - 0.5 * gi / len(x) for ci, gi in zip(c, g)]
    for k, v in zip(("c0", "c1", "c2", "c3"), c):
        s[k] = v
    json.dump(dict(trigger=s["trigger"], second=s["second"], calibration=c, role={k: s["role." + k] for k in ROLE_KEYS}, more={k: s["more." + k] for k in ROLE_KEYS}), open(a.out, "w"), indent=1)
    write(a.weights, data, entry, [s[k] for k in KEYS])
    print(f"{len(x)} claims, {sum(y) / len(y):.3f} of them right; calibration {c}")


if __name__ == "__main__":
    main()
