#!/usr/bin/env python3
"""Packs a trained state, the settings of the decoder and the gate into one weights file.

usage: pack.py STATE.pt --vocab vocab.txt --name NAME --out kula.weights [--settings settings.json] [--gate gate.pt]
"""
import argparse, json, os, sys
import torch
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import heads as heads_
from export import export
from quant import Encoder

ROLE_KEYS = ["from", "to", "item", "source", "verb", "at", "place_from", "place_to", "means", "agreement", "condition", "value"]
DEFAULT = dict(trigger=0.5, second=0.3, calibration=[0.0, 1.0, 1.0, 1.0], same=2.0, both=0.6, self=[0.0] * 25, role={}, more={})


def main():
    p = argparse.ArgumentParser()
    p.add_argument("state")
    p.add_argument("--vocab", required=True)
    p.add_argument("--name", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--settings")
    p.add_argument("--gate")
    a = p.parse_args()
    s = torch.load(a.state, map_location="cpu", weights_only=False) if "weights_only" in torch.load.__code__.co_varnames else torch.load(a.state, map_location="cpu")
    enc = Encoder(s["cfg"])
    enc.load_state_dict(s["enc"])
    hd = {"heads." + k: v for k, v in s["heads"].items()}
    set_ = dict(DEFAULT, **(json.load(open(a.settings)) if a.settings else {}))
    numbers = [set_["trigger"], set_["second"], *set_["calibration"], set_["same"], set_["both"], *(set_["role"].get(k, 0.0) for k in ROLE_KEYS), *(set_["more"].get(k, 0.0) for k in ROLE_KEYS), *set_["self"]]
    extra = {"settings": torch.tensor(numbers, dtype=torch.float32)}
    if a.gate:
        g = torch.load(a.gate)
        extra["gate.weight"], extra["gate.settings"] = g["weight"], g["settings"]
    cfg = {k: s["cfg"][k] for k in ("hidden", "inner", "layers", "lower", "heads", "vocabulary", "positions", "shapes")}
    export(a.out, enc, hd, dict(cfg, version=1, name=a.name), open(a.vocab, "rb").read(), extra)
    print(f"{a.out}: {os.path.getsize(a.out)} bytes")


if __name__ == "__main__":
    main()
