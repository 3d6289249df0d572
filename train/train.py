#!/usr/bin/env python3
"""Trains encoder and heads on what `kula prepare` wrote. See README.md; `make model` runs it.

usage: train.py --train FILE... --encoder FILE --out DIR [--kula KULA --vocab FILE --dev NAME=GOLD...] [options]

Dev scores are the program's own: behind an epoch the state is packed and `kula read` reads the annotated documents.
"""
import argparse, os, random, subprocess, sys, time
import torch
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import data, heads as heads_, roles as roles_
from quant import Encoder, load_pretrained


WEIGHT = {"trigger": 1.5, "role": 0.35, "choice": 0.6}       # sums over many words


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--train", nargs="+", default=[])
    p.add_argument("--dev", nargs="*", default=[], help="name=annotated documents, read by --kula")
    p.add_argument("--kula", help="the program, for dev scores")
    p.add_argument("--vocab", help="the word pieces, for dev scores")
    p.add_argument("--encoder", required=True, help="pre-trained weights")
    p.add_argument("--init", help="begin from the weights of this state instead")
    p.add_argument("--layers", type=int, default=0)
    p.add_argument("--lower", type=int, default=8, help="layers that read the text once; the others read again for each trigger")
    p.add_argument("--mask", type=float, default=0.0, help="share of the pieces that are hidden while training")
    p.add_argument("--out", required=True)
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--quant-epochs", type=int, default=0, help="the last so many know of the rounding")
    p.add_argument("--roles", nargs=2, help="train on semantic roles instead, to begin from: prepared text and its predicates (roles.py)")
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
    docs = roles_.load(*a.roles) if a.roles else data.load(a.train)
    rnd = random.Random(a.seed)
    if a.hold:
        docs = [d for i, d in enumerate(docs) if i % a.hold]
    if a.share < 1:
        docs = rnd.sample(docs, int(len(docs) * a.share))
    cfg = load_config(a)
    enc = Encoder(cfg)
    load_pretrained(enc, a.encoder)
    hd = heads_.Heads(cfg["hidden"], drop=a.drop)
    helper = roles_.Roles() if a.roles else None
    groups = []
    for n, p in enc.named_parameters():
        if n.startswith("embed.word") and not a.train_words:
            p.requires_grad_(False)         # half of all parameters; training them doubles the time and gains nothing (README)
            continue
        depth = int(n.split(".")[1]) + 1 if n.startswith("layer.") else cfg["layers"] + 1 if n.startswith("final") else 0
        lr = a.lr * a.decay ** (cfg["layers"] - depth)
        groups.append(dict(params=[p], lr=lr, weight_decay=0.01 if p.dim() > 1 else 0.0, base=lr))
    for n, p in [*hd.named_parameters(), *(helper.named_parameters() if helper else [])]:
        groups.append(dict(params=[p], lr=a.head_lr, weight_decay=0.01 if p.dim() > 1 else 0.0, base=a.head_lr))
    fast = dict(fused=True) if tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 4) else {}
    opt = torch.optim.AdamW(groups, betas=(0.9, 0.98), **fast)
    steps = sum(len(data.batches(docs, a.pieces, random.Random(s))) for s in range(2)) // 2 * a.epochs
    at, epoch = 0, 0
    state = os.path.join(a.out, "state.pt")
    if a.init and not os.path.exists(state):
        s = torch.load(a.init, map_location="cpu")
        enc.load_state_dict(s["enc"]); hd.load_state_dict(s["heads"])
    if os.path.exists(state):
        s = torch.load(state)
        enc.load_state_dict(s["enc"]); hd.load_state_dict(s["heads"]); opt.load_state_dict(s["opt"]); epoch, at = s["epoch"], s["at"]
        if helper:
            helper.load_state_dict(s["roles"])
        torch.set_rng_state(s["rng"])
        print(f"going on from epoch {epoch}", flush=True)
    kind = "predicates" if helper else "claims"
    print(f"{len(docs)} documents, {sum(len(d.frames) for d in docs)} {kind}, {sum(d.pieces for d in docs)} pieces, {steps} steps", flush=True)
    autocast = lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=not a.f32)
    while epoch < a.epochs:
        enc.train(); hd.train()
        quant = epoch >= a.epochs - a.quant_epochs
        t0, sums, seen, batches = time.time(), {}, 0, 0
        for group in data.batches(docs, a.pieces, random.Random(a.seed * 1000 + epoch)):
            b = data.Batch(group, targets=not helper)
            if a.mask:
                hide = (torch.rand(b.ids.shape) < a.mask) & (b.ids > 103)
                b.ids[hide] = 103               # [MASK] in BERT's vocabulary
            with autocast():
                lower, v = enc(b.ids, b.shapes, b.mask, quant=quant)
            lower, h = heads_.words(lower.float(), b), torch.nn.functional.dropout(heads_.words(v.float(), b), a.drop)
            with autocast():
                ls = dict(roles=helper.loss(enc, hd, lower, b, heads_.Frames, quant)) if helper else heads_.loss(enc, hd, lower, h, b, quant)
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
        torch.save(dict(enc=enc.state_dict(), heads=hd.state_dict(), roles=helper.state_dict() if helper else None, opt=opt.state_dict(), epoch=epoch, at=at, rng=torch.get_rng_state(), cfg=cfg, args=vars(a)), state + ".new")
        os.replace(state + ".new", state)
        line = f"epoch {epoch}/{a.epochs}{' quantised' if quant else ''} {time.time() - t0:.0f} s  loss " + means(sums, batches)
        print(line, flush=True)
        if a.dev and (epoch % a.eval_every == 0 or epoch == a.epochs):
            evaluate(a, state)


def means(sums, n):
    return " ".join(f"{k} {x / n:.3f}" for k, x in sums.items())


def load_config(a):
    from quant import config_of
    cfg = config_of(a.encoder)
    if a.layers:
        cfg["layers"] = a.layers
    cfg["shapes"] = 6
    cfg["lower"] = a.lower
    return cfg


def evaluate(a, state):
    """What the program reads with these weights, rounded, under the settings that pack.py begins from."""
    here, packed, read = os.path.dirname(os.path.abspath(__file__)), os.path.join(a.out, "dev.weights"), os.path.join(a.out, "dev.jsonl")
    subprocess.run([sys.executable, os.path.join(here, "pack.py"), state, "--vocab", a.vocab, "--name", "dev", "--out", packed], check=True, stdout=subprocess.DEVNULL)
    for x in a.dev:
        name, gold = x.split("=", 1)
        subprocess.run([a.kula, "read", "--json", "--quiet", "--no-gate", "--weights", packed, "-o", read, gold], check=True)
        figures = subprocess.run([a.kula, "score", gold, read], check=True, capture_output=True, text=True).stdout.splitlines()
        print(f"  {name}: " + "; ".join(" ".join(line.split("(")[0].split()) for line in figures if line.startswith(("found", "event", "strict"))), flush=True)


if __name__ == "__main__":
    main()
