"""Writes the weights file that src/model/model.h describes: the same encoder gives the same bytes."""
import struct

import numpy as np
import xxhash

from quant import rounded

MAGIC, VERSION = b"KULAWTS1", 1
F32, I8, BYTES, PACKED = range(4)


def array(x):
    return np.ascontiguousarray(x.detach().cpu().numpy() if hasattr(x, "detach") else np.asarray(x))


def packed(w):
    """[out][in] to [out/16][in/4][16][4]."""
    out, inputs = w.shape
    return w.reshape(out // 16, 16, inputs // 4, 4).transpose(0, 2, 1, 3)


def encoder_tensors(encoder):
    """name -> (type, dimensions, bytes)."""
    out = {}
    for name, x in rounded(encoder).items():
        x = array(x)
        if name == "embed.word":
            out[name] = I8, x.shape, x.astype("i1").tobytes()
        elif name.rsplit(".", 1)[-1] in ("qkv", "out", "up", "down"):
            out[name] = PACKED, x.shape, np.ascontiguousarray(packed(x.astype("i1"))).tobytes()
        else:
            out[name] = F32, x.shape, x.astype("<f4").tobytes()
    return out


def export(path, encoder, heads, config, vocab_bytes, extra=None):
    """heads and extra: name -> tensor, float vectors and matrices [out][in] (uint8 vectors are kept as bytes)."""
    t = encoder_tensors(encoder)
    for name, x in {**heads, **(extra or {})}.items():
        x = array(x)
        if name in t:
            raise ValueError(f"two tensors '{name}'")
        if x.dtype == np.uint8:
            t[name] = BYTES, (x.size,), x.tobytes()
        elif x.dtype == np.int8:
            t[name] = I8, x.shape, x.tobytes()
        else:
            x = x.astype("<f4")
            t[name] = F32, x.shape or (1,), x.tobytes()
    lines = "".join(f"{k} {v}\n" for k, v in sorted({**encoder.cfg, **config}.items()))
    for name, b in (("config", lines.encode()), ("vocabulary", bytes(vocab_bytes))):
        t[name] = BYTES, (len(b),), b
    write(path, t)


def write(path, tensors):
    names = sorted(tensors, key=str.encode)
    at = 64 + 88 * len(names)
    table, body = b"", []
    for name in names:
        kind, shape, data = tensors[name]
        if len(name.encode()) > 47 or not 1 <= len(shape) <= 4:
            raise ValueError(f"'{name}' {shape} doesn't fit the table")
        if kind == F32 and not np.isfinite(np.frombuffer(data, "<f4")).all():
            raise ValueError(f"'{name}' holds a number that is not finite")
        pad = -at % 64
        at += pad
        table += struct.pack("<48sII4IQQ", name.encode(), kind, len(shape), *shape, *[0] * (4 - len(shape)), at, len(data))
        body += [bytes(pad), data]
        at += len(data)
    rest = b"".join([table, *body])
    head = struct.pack("<8sIIQQ", MAGIC, VERSION, len(names), 64 + len(rest), xxhash.xxh3_64_intdigest(rest)).ljust(64, b"\0")
    with open(path, "wb") as f:
        f.write(head + rest)
