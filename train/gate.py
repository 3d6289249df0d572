#!/usr/bin/env python3
"""Trains the gate: which paragraphs plainly state no claim (src/claims/gate.h).

usage: gate.py --out gate.pt PREPARED... [--general PREPARED...]

General text is not annotated: it comes with the claims that the reader itself finds in it with the gate off, so that what looks
like news in it counts as such; only the annotated documents set the threshold.

A linear model over hashed words and pairs, by logistic regression with L2; the threshold is set by five-fold
cross-validation so that at most 1 claim in 100 of the annotated documents is lost."""
import argparse, json, random
import torch

BUCKETS = 65536


def load(paths):
    """(file, document, claims, features) of every paragraph."""
    out = []
    for p in paths:
        for n, line in enumerate(open(p, encoding="utf-8")):
            for x in json.loads(line)["paragraphs"]:
                out.append((p, n, x[0], x[1:]))
    return out


def fit(rows, epochs, l2, seed):
    torch.manual_seed(seed)
    w, b = torch.zeros(BUCKETS, requires_grad=True), torch.zeros(1, requires_grad=True)
    opt = torch.optim.Adam([w, b], lr=0.02)
    rnd = random.Random(seed)
    for e in range(epochs):
        rnd.shuffle(rows)
        for i in range(0, len(rows), 512):
            part = rows[i:i + 512]
            idx = torch.tensor([f for r in part for f in r[3]], dtype=torch.long)
            own = torch.tensor([k for k, r in enumerate(part) for _ in r[3]], dtype=torch.long)
            y = torch.tensor([float(r[2] > 0) for r in part])
            s = b + torch.zeros(len(part)).index_add(0, own, w[idx])
            weight = torch.tensor([1.0 + r[2] for r in part])       # what is lost is claims, not paragraphs
            loss = (torch.nn.functional.binary_cross_entropy_with_logits(s, y, reduction="none") * weight).mean() + l2 * (w[idx] ** 2).sum() / len(part)
            loss.backward(); opt.step(); opt.zero_grad()
    return w.detach(), float(b)


def score(rows, w, b):
    return [b + float(w[torch.tensor(r[3], dtype=torch.long)].sum()) if r[3] else b for r in rows]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--out", required=True)
    p.add_argument("--epochs", type=int, default=6)
    p.add_argument("--l2", type=float, default=2e-3)
    p.add_argument("--lose", type=float, default=0.008, help="share of claims that may be lost, below the 1 in 100 that is promised")
    p.add_argument("--general", nargs="*", default=[])
    p.add_argument("files", nargs="+")
    a = p.parse_args()
    rows = load(a.files + a.general)
    annotated = set(a.files)
    rnd = random.Random(1)
    docs = sorted({r[:2] for r in rows}); rnd.shuffle(docs)
    fold = {d: i % 5 for i, d in enumerate(docs)}
    held = []
    for k in range(5):
        w, b = fit([r for r in rows if fold[r[:2]] != k], a.epochs, a.l2, 1)
        part = [r for r in rows if fold[r[:2]] == k]
        held += zip(score(part, w, b), part)
    stated = sorted((s, r[2]) for s, r in held if r[2] and r[0] in annotated)
    total, lost, threshold = sum(n for _, n in stated), 0, stated[0][0]
    for s, n in stated:
        threshold = s
        if lost + n > a.lose * total:
            break
        lost += n
    for name, some in (("annotated", lambda r: r[0] in annotated), ("general", lambda r: r[0] not in annotated)):
        part = [(s, r) for s, r in held if some(r)]
        if part:
            words = sum(len(r[3]) for _, r in part)
            told = sum(r[2] for _, r in part)
            print(f"{name}: {len(part)} paragraphs with {told} claims, {sum(r[2] for s, r in part if s >= threshold) / max(1, told):.3f} of these pass; of the paragraphs pass {sum(s >= threshold for s, _ in part) / len(part):.3f}, of their features {sum(len(r[3]) for s, r in part if s >= threshold) / words:.3f}")
    print(f"threshold {threshold:.3f}, claims lost in cross-validation {lost} of {total}")
    w, b = fit(rows, a.epochs, a.l2, 1)
    torch.save(dict(weight=w, settings=torch.tensor([b, threshold])), a.out)


if __name__ == "__main__":
    main()
