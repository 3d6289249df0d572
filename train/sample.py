#!/usr/bin/env python3
"""Writes what PyTorch gives for 50 sentences under a weights file, for tests/unit/model_torch_test.c to compare with C.

usage: sample.py data/kula.weights tests/data/model_sample.bin

The file: "KULASMP1", the checksum of the weights (16 hex digits), u32 windows, u32 scores a piece; per window u32 T, u16
ids [T], u8 shapes [T], u64 XXH3 of the vectors f32 [T][H], f32 scores [T] (those of the trigger head, as if each piece were
a word). The vectors must agree bit for bit; the scores, whose sums PyTorch orders as it likes, within 0.05."""
import os
import struct
import sys

import numpy as np
import torch
import xxhash

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from quant import exact_window

WHO = ["Norland", "the government of Suria", "President Alma Reyes", "the Eastern Union", "the rebels"]
DOES = ["will send", "gave", "has promised to lend", "refused to sell", "is said to have withdrawn"]
WHAT = ["31 tanks", "a pair of giant pandas", "$2.5 million a month", "more than 70 wounded soldiers", "11,000 tonnes of wheat"]
WHOM = ["to Ostland", "to its neighbours", "to the United Nations", "from the border town of Kesh", "to the families of the victims"]
WHEN = ["on Wednesday", "in May 2017", "last year", "by the end of the month", "the foreign ministry said on 3 March"]


def sentences():
    """50 of the 3,125, each word list walked at its own pace; a few of them joined, so that there are long windows too."""
    out = []
    for i in range(50):
        n = 1 + 11 * (i % 10 == 9)
        out.append(" ".join(f"{WHO[j % 5]} {DOES[(j // 2) % 5]} {WHAT[(j // 3 + j) % 5]} {WHOM[(j // 5 + j) % 5]} {WHEN[(j // 7 + j) % 5]}."
                            for j in range(i, i + n)))
    return out


def pieces(text, vocabulary):
    """Greedy word pieces; enough of src/text for plain English."""
    ids, shapes = [vocabulary["[CLS]"]], [0]
    word = ""
    for c in text + " ":
        if c.isalnum():
            word += c
            continue
        for w in (word, c.strip()):
            at, low = 0, w.lower()
            shape = 5 if w.isdigit() else 1 if w[:1].isupper() else 0
            while at < len(low):
                end = next((e for e in range(len(low), at, -1) if ("##" if at else "") + low[at:e] in vocabulary), None)
                ids.append(vocabulary["[UNK]"] if end is None else vocabulary[("##" if at else "") + low[at:end]])
                shapes.append(shape)
                at = end or len(low)
        word = ""
    return ids + [vocabulary["[SEP]"]], shapes + [0]


def read(path):
    """The tensors of a weights file by name, matrices unpacked; and its checksum."""
    with open(path, "rb") as f:
        b = f.read()
    magic, version, count, size, checksum = struct.unpack_from("<8sIIQQ", b)
    assert magic == b"KULAWTS1" and version == 1 and size == len(b) and xxhash.xxh3_64_intdigest(b[64:]) == checksum
    out = {}
    for i in range(count):
        name, kind, rank, *rest = struct.unpack_from("<48sII4IQQ", b, 64 + 88 * i)
        shape, (at, n) = rest[:rank], rest[4:]
        x = np.frombuffer(b[at:at + n], ("<f4", "i1", "u1", "i1")[kind])
        if kind == 3:
            x = x.reshape(shape[0] // 16, shape[1] // 4, 16, 4).transpose(0, 2, 1, 3)
        out[name.rstrip(b"\0").decode()] = x.tobytes() if kind == 2 else torch.from_numpy(x.reshape(shape).copy())
    return out, checksum


def main():
    t, checksum = read(sys.argv[1])
    config = dict(line.split(" ", 1) for line in t["config"].decode().splitlines())
    vocabulary = {w: i for i, w in enumerate(t["vocabulary"].decode().splitlines())}
    head = [t.get("heads.trigger_" + x) for x in ("in.weight", "in.bias", "out.weight", "out.bias")]
    scores = 0 if head[0] is None else len(head[3])
    windows = []
    for s in sentences():
        ids, shapes = pieces(s, vocabulary)
        ids, shapes = ids[:int(config["positions"])], shapes[:int(config["positions"])]
        x = exact_window(t, int(config["layers"]), int(config["heads"]), torch.tensor(ids), torch.tensor(shapes))
        w = struct.pack("<I", len(ids)) + np.array(ids, "<u2").tobytes() + np.array(shapes, "u1").tobytes()
        w += struct.pack("<Q", xxhash.xxh3_64_intdigest(x.numpy().astype("<f4").tobytes()))
        if scores:
            y = torch.nn.functional.linear(torch.nn.functional.gelu(torch.nn.functional.linear(x, head[0], head[1])), head[2], head[3])
            w += y.numpy().astype("<f4").tobytes()
        windows.append(w)
    with open(sys.argv[2], "wb") as f:
        f.write(b"KULASMP1" + f"{checksum:016x}".encode() + struct.pack("<II", len(windows), scores) + b"".join(windows))


if __name__ == "__main__":
    torch.set_num_threads(1)            # small products: a second thread would only wait
    main()
