#!/usr/bin/env python3
"""Trains encoder and heads on what `kula prepare` wrote. See README.md; `make model` runs it.

usage: train.py --train FILE... --dev NAME=PREPARED=GOLD... --encoder FILE --out DIR [options]
"""
import argparse, json, math, os, random, sys, time
import torch
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import data, decode, heads as heads_
from quant import Encoder, load_pretrained


WEIGHT = {"role": 0.5}                         # a sum over many words


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--train", nargs="+", required=True)
    p.add_argument("--dev", nargs="*", default=[], help="name=prepared=gold")
    p.add_argument("--scorer", help="folder with score_claims.py")
    p.add_argument("--encoder", required=True, help="pre-trained weights")
    p.add_argument("--init", help="begin from the weights of this state instead")
    p.add_argument("--layers", type=int, default=0)
    p.add_argument("--out", required=True)
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--quant-epochs", type=int, default=0, help="the last so many know of the rounding")
    p.add_argument("--pieces", type=int, default=3000, help="a batch")
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--head-lr", type=float, default=1e-3)
    p.add_argument("--decay", type=float, default=1.0, help="of the learning rate from layer to layer below")
    p.add_argument("--drop", type=float, default=0.1)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--share", type=float, default=1.0, help="of the documents, for learning curves")
    p.add_argument("--hold", type=int, default=0, help="leave out every so many'th document (for thresholds and calibration)")
    p.add_argument("--once", action="store_true", help="stop behind one epoch (a long run slows down: its heap falls to pieces; start it again)")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--eval-every", type=int, default=1)
    p.add_argument("--train-words", action="store_true", help="train the pieces' embeddings too")
    p.add_argument("--f32", action="store_true")
    return p.parse_args()


def main():
    a = arguments()
    torch.manual_seed(a.seed); random.seed(a.seed); torch.set_num_threads(a.threads)
    os.makedirs(a.out, exist_ok=True)
    docs = data.load(a.train)
    rnd = random.Random(a.seed)
    if a.hold:
        docs = [d for i, d in enumerate(docs) if i % a.hold]
    if a.share < 1:
        docs = rnd.sample(docs, int(len(docs) * a.share))
    devs = []
    for x in a.dev:
        name, prepared, gold = x.split("=")
        devs.append((name, data.load([prepared]), gold))
    cfg = load_config(a)
    enc = Encoder(cfg)
    load_pretrained(enc, a.encoder)
    hd = heads_.Heads(cfg["hidden"], drop=a.drop)
    groups = []
    for n, p in enc.named_parameters():
        if n.startswith("embed.word") and not a.train_words:
            p.requires_grad_(False)         # half of all parameters; training them doubles the time and gains nothing (README)
            continue
        depth = int(n.split(".")[1]) + 1 if n.startswith("layer.") else cfg["layers"] + 1 if n.startswith("final") else 0
        lr = a.lr * a.decay ** (cfg["layers"] - depth)
        groups.append(dict(params=[p], lr=lr, weight_decay=0.01 if p.dim() > 1 else 0.0, base=lr))
    for n, p in hd.named_parameters():
        groups.append(dict(params=[p], lr=a.head_lr, weight_decay=0.01 if p.dim() > 1 else 0.0, base=a.head_lr))
    fast = dict(fused=True) if tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 4) else {}
    opt = torch.optim.AdamW(groups, betas=(0.9, 0.98), **fast)
    steps = sum(len(data.batches(docs, a.pieces, random.Random(s))) for s in range(2)) // 2 * a.epochs
    at, epoch = 0, 0
    state = os.path.join(a.out, "state.pt")
    if a.init and not os.path.exists(state):
        s = torch.load(a.init)
        enc.load_state_dict(s["enc"]); hd.load_state_dict(s["heads"])
    if os.path.exists(state):
        s = torch.load(state)
        enc.load_state_dict(s["enc"]); hd.load_state_dict(s["heads"]); opt.load_state_dict(s["opt"]); epoch, at = s["epoch"], s["at"]
        torch.set_rng_state(s["rng"])
        print(f"going on from epoch {epoch}", flush=True)
    print(f"{len(docs)} documents, {sum(len(d.claims) for d in docs)} claims, {sum(d.pieces for d in docs)} pieces, {steps} steps", flush=True)
    autocast = lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=not a.f32)
    while epoch < a.epochs:
        enc.train(); hd.train()
        quant = epoch >= a.epochs - a.quant_epochs
        t0, sums, seen, batches = time.time(), {}, 0, 0
        for group in data.batches(docs, a.pieces, random.Random(a.seed * 1000 + epoch)):
            b = data.Batch(group)
            with autocast():
                v = enc(b.ids, b.shapes, b.mask, quant=quant)
            h = torch.nn.functional.dropout(heads_.words(v.float(), b), a.drop)
            with autocast():
                ls = heads_.loss(hd, h, b)
            total = sum(WEIGHT.get(k, 1.0) * x for k, x in ls.items())
            total.backward()
            torch.nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], 5.0)
            at += 1
            f = min(1.0, at / (0.06 * steps)) * max(0.02, 1 - at / steps)
            for g in opt.param_groups:
                g["lr"] = g["base"] * f
            opt.step(); opt.zero_grad(set_to_none=True)
            for k, x in ls.items():
                sums[k] = sums.get(k, 0) + float(x)
            seen += sum(d.pieces for d in group)
            batches += 1
            if at % 50 == 0:
                print(f"  step {at}/{steps}  {seen / (time.time() - t0):.0f} pieces/s  " + means(sums, batches), file=sys.stderr, flush=True)
        epoch += 1
        torch.save(dict(enc=enc.state_dict(), heads=hd.state_dict(), opt=opt.state_dict(), epoch=epoch, at=at, rng=torch.get_rng_state(), cfg=cfg, args=vars(a)), state + ".new")
        os.replace(state + ".new", state)
        line = f"epoch {epoch}/{a.epochs}{' quantised' if quant else ''} {time.time() - t0:.0f} s  loss " + means(sums, batches)
        print(line, flush=True)
        if devs and (epoch % a.eval_every == 0 or epoch == a.epochs):
            evaluate(a, enc, hd, devs, quant, autocast)


def means(sums, n):
    return " ".join(f"{k} {x / n:.3f}" for k, x in sums.items())


def load_config(a):
    from quant import config_of
    cfg = config_of(a.encoder)
    if a.layers:
        cfg["layers"] = a.layers
    cfg["shapes"] = 6
    return cfg


def evaluate(a, enc, hd, devs, quant, autocast, thetas=(0.4, 0.5, 0.6)):
    sys.path.insert(0, a.scorer)
    import score_claims
    enc.eval(); hd.eval()
    def vectors(b):
        with torch.no_grad(), autocast():
            return enc(b.ids, b.shapes, b.mask, quant=quant)
    for name, docs, gold in devs:
        t0 = time.time()
        low = decode.decode(docs, vectors, hd, theta=min(thetas))
        g = score_claims.load(gold)
        for th in thetas:
            read = {k: {"claims": [c for c in d["claims"] if c["p"] > th]} for k, d in low.items()}
            r, _ = score_claims.score(g, read)
            print(f"  {name} >{th}: found P {r['found']['P']:.3f} R {r['found']['R']:.3f} F {r['found']['F1']:.3f}  event {r['event']['F1']:.3f}  strict {r['strict']['F1']:.3f}  parties {r['parties']['F1']:.3f}"
                  f"  items {r['items']['F1']:.3f}  said {r['said_by']['F1']:.3f}  status {r['status']:.3f}  date {r['date']['F1']:.3f}  trace {r['trace']:.3f}", flush=True)


if __name__ == "__main__":
    main()
