#!/usr/bin/env python3
"""Our encoder and ONNX Runtime's dynamic int8 by turns, same weights and windows, one thread. Run by run.sh.

Windows are the texts cut into whole sentences up to 256 pieces, as the reader cuts them, one at a time (no batches, so that
neither side pays for padding). Each side's time is the best of five runs of its thread's own processor time. Beside the
speed: how far the vectors are from those of floats, which training aware of the rounding then makes up for."""
import json
import os
import struct
import subprocess
import sys
import time
import zipfile

import numpy as np
import torch

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "..", "train"))
import onnx
import onnxruntime as ort
from onnxruntime.quantization import QuantType, quantize_dynamic

import quant
from export import export

PIECES, TOTAL = 256, 6000


def windows(texts, vocabulary):
    """Crude pieces (this measures speed): whole words in the vocabulary, else [UNK]."""
    out, window, n = [], [101], 0
    for line in open(texts):
        for sentence in json.loads(line)["text"].replace("\n", " ").split(". "):
            ids = [vocabulary.get(w.lower(), 100) for w in sentence.replace(",", " ,").split()][:PIECES - 2] + [1012]
            if len(window) + len(ids) >= PIECES:
                out.append(window + [102])
                window = [101]
            window += ids
        if len(window) > 1:
            out.append(window + [102])
            window = [101]
        n = sum(map(len, out))
        if n > TOTAL:
            break
    return out


class Plain(torch.nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, ids):
        return self.encoder(ids, torch.zeros_like(ids), torch.ones_like(ids, dtype=torch.bool))


def session(path):
    o = ort.SessionOptions()
    o.intra_op_num_threads = o.inter_op_num_threads = 1
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    return ort.InferenceSession(path, o, providers=["CPUExecutionProvider"])


def inputs(s, w):
    """An encoder's own file asks for a mask and token types as well."""
    given = {"mask": np.ones_like(w), "type": np.zeros_like(w)}
    return {i.name: next((v for k, v in given.items() if k in i.name), w) for i in s.get_inputs()}


def timed(s, ws):
    best = 1e9
    for _ in range(5):
        t = time.thread_time()
        for w in ws:
            s.run(None, inputs(s, w))
        best = min(best, time.thread_time() - t)
    return best


def main():
    folder, encoder, texts, words = sys.argv[1:5]
    torch.set_num_threads(1)
    cfg = quant.config_of(encoder)
    cfg["shapes"] = 6
    enc = quant.Encoder(cfg).eval()
    quant.load_pretrained(enc, encoder)
    ws = windows(texts, {w.rstrip("\n"): i for i, w in enumerate(open(words))})
    total = sum(map(len, ws))
    f32, int8, weights, packed = (os.path.join(folder, n) for n in ("f32.onnx", "int8.onnx", "kula.weights", "windows.bin"))
    if encoder.endswith(".safetensors"):
        torch.onnx.export(Plain(enc), (torch.tensor([ws[0]]),), f32, input_names=["ids"], output_names=["x"],
                          dynamic_axes={"ids": {1: "T"}, "x": {1: "T"}}, opset_version=17)
    else:                                                   # the encoder's own graph, whose patterns the tools know
        z = zipfile.ZipFile(encoder) if zipfile.is_zipfile(encoder) else None
        with open(f32, "wb") as f:
            f.write(z.read(next(n for n in z.namelist() if n.endswith(".onnx"))) if z else open(encoder, "rb").read())
    try:
        from onnxruntime.transformers import optimizer
        o = optimizer.optimize_model(f32, model_type="bert", num_heads=cfg["heads"], hidden_size=cfg["hidden"])
        o.save_model_to_file(f32)
        print("fused:", {k: v for k, v in o.get_fused_operator_statistics().items() if v})
    except Exception as e:
        print("without fusions:", type(e).__name__)
    quantize_dynamic(f32, int8, weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
    export(weights, enc, {}, dict(version=1, name="bench"), b"[PAD]\n")
    with open(packed, "wb") as f:
        for w in ws:
            f.write(struct.pack("<I", len(w)) + np.array(w, "<u2").tobytes())
    arrays = [np.array([w], dtype=np.int64) for w in ws]
    print(f"{len(ws)} windows, {total} pieces, {cfg['layers']} layers of {cfg['hidden']}; onnxruntime {ort.__version__}, one thread")
    sides = {"onnx int8": session(int8), "onnx float": session(f32)}
    print(f"{'':22}{'pieces/s':>10}")
    times = {}
    for name, s in sides.items():
        times[name] = timed(s, arrays)
        print(f"{name:22}{total / times[name]:10.0f}", flush=True)
    for cpu in ("avx512vnni", "avxvnni", "avx2", "portable"):
        r = subprocess.run([os.path.join(folder, "encode"), weights, packed, cpu], capture_output=True, text=True)
        if r.returncode == 0:
            t = float(r.stdout)
            print(f"{'kula ' + cpu:22}{total / t:10.0f}   {times['onnx int8'] / t:.2f} x onnx int8", flush=True)
    off = {"onnx int8": 0.0, "kula": 0.0}
    some = arrays[:8]
    for w in some:
        with torch.no_grad():
            right = Plain(enc)(torch.from_numpy(w))[0]
        spread = right.std()
        off["onnx int8"] += float((torch.from_numpy(sides["onnx int8"].run(None, inputs(sides["onnx int8"], w))[0][0]) - right).square().mean().sqrt() / spread) / len(some)
        exact = enc.exact(torch.from_numpy(w), torch.zeros_like(torch.from_numpy(w)))[0]
        off["kula"] += float((exact - right).square().mean().sqrt() / spread) / len(some)
    print("off floats by, of the spread: " + ", ".join(f"{k} {v:.3f}" for k, v in off.items()))


if __name__ == "__main__":
    main()
