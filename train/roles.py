#!/usr/bin/env python3
"""Semantic roles as a helper task: predicates and their arguments (PropBank) train the same second reading as claims do.

usage: roles.py text OUT.jsonl OUT.roles.jsonl --ewt CONLLU ROLES.jsonl --masc FILE --examples FILE     documents for `kula prepare`, and their predicates

A line of OUT.roles.jsonl belongs to the document of the same line: [[predicate from, to, sentence from, to, [[label, from, to]...]]...], all
in bytes of its text."""
import argparse, json, random
import torch
import torch.nn as nn
import torch.nn.functional as F
from data import buckets, sentence_buckets

LABELS = "ARG0 ARG1 ARG2 ARG3 ARG4 ARGM-TMP ARGM-LOC ARGM-DIR ARGM-GOL ARGM-MNR ARGM-PRP ARGM-CAU ARGM-COM ARGM-ADV ARGM-NEG ARGM-MOD ARGM-ADJ ARGM-PRD".split()
SENTENCES_A_DOCUMENT = 12


# ---- making documents ----

def sentence_of(tokens, spaces, predicates):
    """A sentence's text and its predicates in bytes; tokens are numbered from 1, ends included."""
    text, at = "", []
    for t, space in zip(tokens, spaces):
        a = len(text.encode())
        text += t
        at.append((a, len(text.encode())))
        text += " " if space else ""
    out = []
    for (a, b), args in predicates:
        args = [(l, at[x - 1][0], at[y - 1][1]) for l, x, y in args if l in LABELS and 1 <= x <= y <= len(at)]
        if args and 1 <= a <= b <= len(at):
            out.append((at[a - 1][0], at[b - 1][1], args))
    return text.rstrip(), out


def ewt(conllu, roles):
    preds = {}
    for line in open(roles, encoding="utf-8"):
        j = json.loads(line)
        preds[j["sent_id"]] = j["preds"]
    tokens, spaces, pos, name = [], [], {}, None
    for line in open(conllu, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("# sent_id"):
            name = line.split("=", 1)[1].strip()
        elif line and line[0] != "#":
            c = line.split("\t")
            if c[0].isdigit():
                tokens.append(c[1]); spaces.append("SpaceAfter=No" not in c[9]); pos[int(c[0])] = c[3]
        elif not line and tokens:
            yield sentence_of(tokens, spaces, [((p["t"], p["t"]), [a[:3] for a in p["args"]]) for p in preds.get(name, []) if pos.get(p["t"]) != "AUX"])
            tokens, spaces, pos = [], [], {}


def spaced(tokens):
    """Whether a space follows each token of a text that came as tokens."""
    return [not (i + 1 < len(tokens) and (tokens[i + 1] in (",", ".", ";", ":", "?", "!", ")", "%", "n't") or tokens[i + 1].startswith("'")) or t in ("(", "$"))
            for i, t in enumerate(tokens)]


def masc(path):
    for line in open(path, encoding="utf-8"):
        j = json.loads(line)
        preds = [((p["t"],) * 2 if isinstance(p["t"], int) else tuple(p["t"][:2]), [a[:3] for a in p["args"]]) for p in j["preds"]]
        yield sentence_of(j["tokens"], spaced(j["tokens"]), preds)


def examples(path):
    for line in open(path, encoding="utf-8"):
        j = json.loads(line)
        if not j["traces"] and 3 <= len(j["tokens"]) <= 80 and j["rel"]:
            yield sentence_of(j["tokens"], spaced(j["tokens"]), [((j["rel"][0],) * 2, [a[:3] for a in j["args"]])])


def make(a):
    sets = [list(ewt(*a.ewt)) if a.ewt else [], list(masc(a.masc)) if a.masc else [], list(examples(a.examples)) if a.examples else []]
    random.Random(1).shuffle(sets[2])                   # neighbours there are of one verb
    n = 0
    with open(a.text, "w", encoding="utf-8") as texts, open(a.roles, "w", encoding="utf-8") as roles:
        for s in sets:
            for i in range(0, len(s), SENTENCES_A_DOCUMENT):
                text, frames = "", []
                for words, preds in s[i:i + SENTENCES_A_DOCUMENT]:
                    base = len(text.encode())
                    end = base + len(words.encode())
                    frames += [(base + x, base + y, base, end, [(l, base + p, base + q) for l, p, q in args]) for x, y, args in preds]
                    text += words + "\n"
                if frames:
                    print(json.dumps({"doc": f"roles-{n}", "title": "", "published": "2010-01-01", "publisher": "", "text": text, "claims": []}, ensure_ascii=False), file=texts)
                    print(json.dumps(frames), file=roles)
                    n += 1


# ---- training ----

class Document:
    """A prepared document and its predicates, in words."""

    def __init__(self, line, roles):
        j = json.loads(line)
        self.windows, self.words, self.sent = j["windows"], j["words"], j["sentences"]
        self.pieces = sum(len(w["ids"]) for w in self.windows)
        begins, ends = {}, {}
        for w, x in enumerate(self.words):
            for b in range(x[4], x[5]):
                begins[b] = w
        self.frames = []
        word = lambda a, b: (begins.get(a), begins.get(b - 1))
        for a, b, c, d, args in json.loads(roles):
            t, s, e = begins.get(a), begins.get(c), begins.get(d - 1)
            if t is None or s is None or e is None or not s <= t <= e or e - s > 120:
                continue
            spans = [(LABELS.index(l), *word(p, q)) for l, p, q in args]
            spans = [(l, p, q) for l, p, q in spans if p is not None and q is not None and s <= p <= q <= e]
            self.frames.append((t, s, e + 1, spans))

    def reach(self, w):
        return w, w + 1                                 # a predicate's own reach is its sentence


def load(prepared, roles):
    with open(prepared, encoding="utf-8") as f, open(roles, encoding="utf-8") as g:
        return [Document(x, y) for x, y in zip(f, g)]


class Roles(nn.Module):
    """Start, end and inside of each label, out of the hidden layer of the role head."""

    def __init__(self, role=256):
        super().__init__()
        self.out = nn.Linear(role, len(LABELS) * 3)
        nn.init.constant_(self.out.bias, -3.0)

    def loss(self, enc, heads, lower, b, Frames, quant=False, most=240):
        frames = [(w0 + t, w0 + s, w0 + e, [(l, w0 + p, w0 + q) for l, p, q in spans]) for d, w0 in zip(b.docs, b.word0) for t, s, e, spans in d.frames]
        frames = random.sample(frames, min(most, len(frames)))
        f = Frames(enc, heads, lower, b, torch.tensor([x[0] for x in frames]), None, None, quant, lo=torch.tensor([x[1] for x in frames]), hi=torch.tensor([x[2] for x in frames]))
        y = torch.zeros(len(f.frame), len(LABELS), 3)
        for (t, s, e, spans), base in zip(frames, f.base.tolist()):
            for l, p, q in spans:
                y[base + p - s, l, 0] = 1
                y[base + q - s, l, 1] = 1
                y[base + p - s:base + q - s + 1, l, 2] = 1
        logit = self.out(heads.drop(heads.role_hidden(f))).view(-1, len(LABELS), 3).float()
        return F.binary_cross_entropy_with_logits(logit, y, reduction="sum") / len(frames) / 3


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("text")
    p.add_argument("roles")
    p.add_argument("--ewt", nargs=2)
    p.add_argument("--masc")
    p.add_argument("--examples")
    make(p.parse_args())
