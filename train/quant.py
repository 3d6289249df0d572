"""The encoder in PyTorch: as it is trained (floats, or floats that know of the rounding) and exactly as src/model runs it.

	enc = Encoder(dict(hidden=384, inner=1536, layers=6, heads=12, vocabulary=30522, positions=512, shapes=6))
	load_pretrained(enc, "model.safetensors")
	enc(ids, shapes, mask)                  floats
	enc(ids, shapes, mask, quant=True)      inputs and weights of the linear layers rounded, gradients straight through
	enc.exact(ids, shapes, mask)            the same bits as model_encode of the exported weights; slow, no gradients

docs/NUMERICS.md defines the numbers; this file and src/model/ say the same in two languages, and a test compares them.
Needs torch >= 1.13 and numpy; reading .onnx needs nothing more."""
import json
import math
import struct
import zipfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

EPSILON = 1e-12
WEIGHT_LEVELS = 63      # 7 bits: 255 * 63 * 2 < 32768, so AVX2's sum of two byte products can't saturate
EMBED_LEVELS = 127      # only ever turned back into floats
SMALLEST_RANGE = 1e-30
QK_LEVELS, V_LEVELS, P_LEVELS = 4095, 1023, 4095        # 64 * 4095**2 and 512 * 4095 * 1023 are below 2**31


# ---- rounding, with gradients straight through ----

def rows_to_levels(x):
    """Whole numbers q - zero (in -255..255) and the scale of each row, so that x is about scale * (q - zero)."""
    x = x.float()
    lo, hi = x.amin(-1, keepdim=True).clamp(max=0), x.amax(-1, keepdim=True).clamp(min=0)
    spread = hi - lo
    scale = torch.where(spread > SMALLEST_RANGE, spread / 255, torch.ones_like(spread))
    inverse = 1 / scale
    zero = (-lo * inverse).round().clamp(0, 255)
    return ((x * inverse).round() + zero).clamp(0, 255) - zero, scale, zero


def weight_to_levels(w, levels=WEIGHT_LEVELS):
    """Whole numbers in -levels..levels and the scale of each output channel (row)."""
    w = w.float()
    top = w.abs().amax(-1, keepdim=True)
    scale = torch.where(top > SMALLEST_RANGE, top / levels, torch.ones_like(top))
    return (w / scale).round().clamp(-levels, levels), scale


def fake_quant_rows(x):
    q, scale, _ = rows_to_levels(x.detach())
    return x + (q * scale - x.detach()).to(x.dtype)


def fake_quant_weight(w, levels=WEIGHT_LEVELS):
    q, scale = weight_to_levels(w.detach(), levels)
    return w + (q * scale - w.detach()).to(w.dtype)


def lower_precision(device):
    """What autocast computes matrix products in, or float32."""
    try:
        on = torch.is_autocast_enabled(device)                  # torch >= 2.4
        return torch.get_autocast_dtype(device) if on else torch.float32
    except TypeError:
        on = torch.is_autocast_cpu_enabled() if device == "cpu" else torch.is_autocast_enabled()
        return (torch.bfloat16 if device == "cpu" else torch.get_autocast_gpu_dtype()) if on else torch.float32


class RoundedLinear(torch.autograd.Function):
    """y = x W^T + b with both factors rounded. Whole numbers up to 256 are exact in bfloat16, so the products are of whole
    numbers and scaled afterwards: bfloat16 then adds no error of its own to what is multiplied."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        kind = lower_precision(x.device.type)
        q, scale, _ = rows_to_levels(x)
        w, wscale = weight_to_levels(weight)
        q, w, wscale = q.to(kind), w.to(kind), wscale[:, 0]
        ctx.save_for_backward(q, scale, w, wscale)
        ctx.kinds = x.dtype, weight.dtype
        y = F.linear(q, w).float().mul_(scale).mul_(wscale).add_(bias)
        return y.to(kind)

    @staticmethod
    def backward(ctx, g):
        q, scale, w, wscale = ctx.saved_tensors
        kind = q.dtype
        g2 = g.reshape(-1, g.shape[-1])
        gx = ((g2 * wscale).to(kind) @ w).view(q.shape).to(ctx.kinds[0])
        gw = ((g2 * scale.reshape(-1, 1)).to(kind).t() @ q.reshape(-1, q.shape[-1])).to(ctx.kinds[1])
        return gx, gw, g2.float().sum(0)


class QuantLinear(nn.Linear):
    def forward(self, x, quant=False):
        return RoundedLinear.apply(x, self.weight, self.bias) if quant else F.linear(x, self.weight, self.bias)


# ---- the encoder ----

def attention(q, k, v, bias):
    # plainly: PyTorch's fused attention is three times slower on these sizes on a CPU; and outside autocast, which would make floats of the scores
    with torch.autocast(q.device.type, enabled=False):
        s = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)
        return (s if bias is None else s + bias.to(s.dtype)).softmax(-1) @ v


class Layer(nn.Module):
    def __init__(self, cfg, drop):
        super().__init__()
        H, I = cfg["hidden"], cfg["inner"]
        self.heads = cfg["heads"]
        self.qkv, self.out = QuantLinear(H, 3 * H), QuantLinear(H, H)
        self.up, self.down = QuantLinear(H, I), QuantLinear(I, H)
        self.norm1, self.norm2 = nn.LayerNorm(H, eps=EPSILON), nn.LayerNorm(H, eps=EPSILON)
        self.drop = nn.Dropout(drop)

    def forward(self, x, bias, quant):
        # The attention products themselves are of 11 to 13 bits; what they lose is far below what bfloat16 loses here.
        B, T, H = x.shape
        q, k, v = self.qkv(x, quant).view(B, T, 3, self.heads, H // self.heads).permute(2, 0, 3, 1, 4)
        a = attention(q, k, v, bias).transpose(1, 2).reshape(B, T, H)
        x = self.norm1(x + self.drop(self.out(a, quant)))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x, quant)), quant)))


class Encoder(nn.Module):
    def __init__(self, cfg, drop=0.1):
        super().__init__()
        H = cfg["hidden"]
        self.cfg = dict(cfg)
        self.embed = nn.ModuleDict(dict(word=nn.Embedding(cfg["vocabulary"], H), position=nn.Embedding(cfg["positions"], H),
                                        shape=nn.Embedding(cfg["shapes"], H), norm=nn.LayerNorm(H, eps=EPSILON)))
        nn.init.zeros_(self.embed["shape"].weight)
        self.layer = nn.ModuleList(Layer(cfg, drop) for _ in range(cfg["layers"]))
        self.drop = nn.Dropout(drop)

    def forward(self, ids, shapes, mask, quant=False):
        """Vectors [B, T, H] of ids [B, T] and shapes [B, T], behind the lower layers and behind all; mask is True where there is a piece."""
        e = self.embed
        word = e["word"](ids)
        if quant:
            word = fake_quant_weight(word, EMBED_LEVELS)        # the rows in use; the table is rounded row by row
        x = self.drop(e["norm"](word + e["position"].weight[:ids.shape[1]] + e["shape"](shapes)))
        bias = None
        if not bool(mask.all()):
            bias = torch.zeros(mask.shape, device=x.device).masked_fill(~mask, -1e4)[:, None, None, :]
        for layer in self.layer[:self.cfg["lower"]]:
            x = layer(x, bias, quant)
        return x, self.upper(x, bias, quant)

    def upper(self, x, bias, quant=False):
        """Vectors [B, T, H] behind the upper layers: of those behind the lower ones, or of these with a trigger marked."""
        for layer in self.layer[self.cfg["lower"]:]:
            x = layer(x, bias, quant)
        return x

    @torch.no_grad()
    def exact(self, ids, shapes, mask=None, layers=0):
        """What model_encode gives for each row of the batch, bit for bit. Rows of padding come out as zeros."""
        mask = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask
        out, t = torch.zeros(*ids.shape, self.cfg["hidden"]), rounded(self)
        for b in range(ids.shape[0]):
            T = int(mask[b].sum())
            out[b, :T] = exact_window(t, layers or self.cfg["layers"], self.cfg["heads"], ids[b, :T], shapes[b, :T])
        return out


# ---- the definition, operation by operation (float32, each operation rounded by itself) ----

# Coefficients of src/model/portable.c, highest power first.
GELU_TOP = 5.25
GELU = [0.00104139233, -0.00290061045, 0.00298075634, -0.00345743075, 0.007972016, -0.0137750143, 0.0188174862, -0.0248045344,
        0.0319669358, -0.0397867449, 0.049650766, -0.0671261922, 0.13465929]
POWER = [39.2417641, 228.936844, 983.786865, 2838.34351, 4095.0]
POWER_LOWEST = -30.0


def f32(x):
    return torch.tensor(x, dtype=torch.float32)


def running_sums(x):
    """Eight running sums over the last axis, joined as src/model's dot joins them."""
    n = x.shape[-1]
    s = torch.zeros(*x.shape[:-1], 8)
    for i in range(0, n - n % 8, 8):
        s = s + x[..., i:i + 8]
    if n % 8:
        s[..., :n % 8] = s[..., :n % 8] + x[..., n - n % 8:]
    return ((s[..., 0] + s[..., 4]) + (s[..., 2] + s[..., 6])) + ((s[..., 1] + s[..., 5]) + (s[..., 3] + s[..., 7]))


def exact_norm(x, weight, bias):
    n = f32(float(x.shape[-1]))
    d = x - (running_sums(x) / n)[..., None]
    # NumPy's square root is rounded correctly; PyTorch's is off by one unit in one of eight
    inverse = 1 / torch.from_numpy(np.sqrt(((running_sums(d * d) / n) + f32(EPSILON)).numpy()))
    return (d * inverse[..., None]) * weight + bias


def rounded(encoder):
    """The tensors of the weights file by name: whole numbers for matrices (not packed yet) and their scales, floats else."""
    t, state = {}, {k: v.detach().float().cpu() for k, v in encoder.state_dict().items()}
    t["embed.word"], t["embed.word.scale"] = weight_to_levels(state["embed.word.weight"], EMBED_LEVELS)
    for name in ("embed.position", "embed.shape"):
        t[name] = state[name + ".weight"]
    for name, x in state.items():
        stem, part = name.rsplit(".", 1)
        kind = stem.rsplit(".", 1)[-1]
        if kind in ("qkv", "out", "up", "down") and part == "weight":
            t[stem], t[stem + ".scale"] = weight_to_levels(x)
        elif stem.startswith("layer.") or kind == "norm":
            t[name] = x
    return {k: v[:, 0] if k.endswith(".scale") else v for k, v in t.items()}


def exact_linear(x, t, name):
    q, scale, zero = rows_to_levels(x)
    w = t[name].double()
    acc = (q + zero).double() @ w.t() - zero.double() * w.sum(1)        # whole numbers: exact in doubles
    return acc.float() * (scale * t[name + ".scale"]) + t[name + ".bias"]


def polynomial(terms, u):
    y = torch.full_like(u, terms[0])
    for t in terms[1:]:
        y = y * u + f32(t)
    return y


def exact_gelu(x):
    z = x.clamp(-GELU_TOP, GELU_TOP)
    u = (z * z) * (f32(2.0) / f32(GELU_TOP * GELU_TOP)) - 1
    return x * (z * polynomial(GELU, u) + 0.5)


def levels_of(x, levels):
    """Whole numbers of one head's window and their scale."""
    top = x.abs().max()
    scale = top / levels if top > SMALLEST_RANGE else f32(1.0)
    return (x * (1 / scale)).round().clamp(-levels, levels), scale


def exact_attention(q, k, v):
    """[T, d] each, of one head."""
    q, q_scale = levels_of(q, QK_LEVELS)
    k, k_scale = levels_of(k, QK_LEVELS)
    v, v_scale = levels_of(v, V_LEVELS)
    c = (q_scale * k_scale) * f32(1.4426950408889634 / math.sqrt(q.shape[1]))
    s = q.double() @ k.double().t()
    t = ((s - s.amax(1, keepdim=True)).float() * c).clamp(min=POWER_LOWEST)
    w = t.round()
    p = torch.ldexp(polynomial(POWER, t - w), w).round()
    return (p.double() @ v.double()).float() * (v_scale / p.sum(1, keepdim=True))


def exact_window(t, layers, heads, ids, shapes):
    """Vectors [T, H] of one window; t is what rounded() gives or train/sample.py reads from a weights file."""
    T = len(ids)
    x = (t["embed.word"][ids].float() * t["embed.word.scale"][ids][:, None] + t["embed.position"][:T]) + t["embed.shape"][shapes]
    x = exact_norm(x, t["embed.norm.weight"], t["embed.norm.bias"])
    for i in range(layers):
        l = f"layer.{i}."
        q, k, v = (y.split(y.shape[1] // heads, 1) for y in exact_linear(x, t, l + "qkv").chunk(3, 1))
        a = torch.cat([exact_attention(*h) for h in zip(q, k, v)], 1)
        x = exact_norm(x + exact_linear(a, t, l + "out"), t[l + "norm1.weight"], t[l + "norm1.bias"])
        y = exact_linear(exact_gelu(exact_linear(x, t, l + "up")), t, l + "down")
        x = exact_norm(x + y, t[l + "norm2.weight"], t[l + "norm2.bias"])
    return x


# ---- pre-trained encoders ----

def read_safetensors(path):
    with open(path, "rb") as f:
        n = struct.unpack("<Q", f.read(8))[0]
        head = json.loads(f.read(n))
        body = f.read()
    out = {}
    for name, t in head.items():
        if name != "__metadata__" and t["dtype"] in ("F32", "F16"):
            a, b = t["data_offsets"]
            out[name] = np.frombuffer(body[a:b], "<f4" if t["dtype"] == "F32" else "<f2").reshape(t["shape"]).astype(np.float32)
    return out


def fields(b):
    """The fields of a protocol buffer message: (number, value), where value is an int or bytes."""
    at, end = 0, len(b)

    def varint():
        nonlocal at
        x = shift = 0
        while True:
            c = b[at]
            at += 1
            x |= (c & 127) << shift
            shift += 7
            if c < 128:
                return x
    while at < end:
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
        else:
            n = varint() if kind == 2 else {1: 8, 5: 4}[kind]
            yield key >> 3, b[at:at + n]
            at += n


def read_onnx(data):
    """Initializers by name; the weights of linear layers, which export folds into nameless ones, by the path of their node."""
    graph = memoryview(next(v for k, v in fields(memoryview(data)) if k == 7))
    tensors, nodes = {}, []
    for number, value in fields(graph):
        if number == 5:                                         # initializer
            dims, name, kind, raw = [], "", 0, None
            for k, v in fields(value):
                if k == 1:
                    dims.append(v) if isinstance(v, int) else dims.extend(varints(v))
                elif k == 2:
                    kind = v
                elif k == 8:
                    name = bytes(v).decode()
                elif k in (4, 9):
                    raw = v
            if kind == 1 and raw is not None:
                tensors[name] = np.frombuffer(raw, "<f4").reshape(dims)
        elif number == 1:                                       # node
            inputs, name, op = [], "", ""
            for k, v in fields(value):
                if k == 1:
                    inputs.append(bytes(v).decode())
                elif k == 3:
                    name = bytes(v).decode()
                elif k == 4:
                    op = bytes(v).decode()
            nodes.append((op, name, inputs))
    out = {k: v for k, v in tensors.items() if not k.startswith("onnx::")}
    for op, name, inputs in nodes:
        if op == "MatMul" and inputs[1] in tensors:
            path = name.strip("/").rsplit("/", 1)[0].replace("/", ".") + ".weight"
            out[path] = tensors[inputs[1]].T                    # stored as [in][out]
    return out


def varints(b):
    x = shift = 0
    for c in b:
        x |= (c & 127) << shift
        shift += 7
        if c < 128:
            yield x
            x = shift = 0


def read_bert(path):
    """The tensors of a BERT by their usual names, out of .safetensors, .onnx, or a zip or jar with an .onnx in it."""
    if path.endswith(".safetensors"):
        t = read_safetensors(path)
    elif zipfile.is_zipfile(path) and not path.endswith(".pt"):
        with zipfile.ZipFile(path) as z:
            t = read_onnx(z.read(next(n for n in z.namelist() if n.endswith(".onnx"))))
    else:
        with open(path, "rb") as f:
            t = read_onnx(f.read())
    return {k[5:] if k.startswith("bert.") else k: v for k, v in t.items()}


def pretrained(path):
    """The state of an Encoder, without embed.shape."""
    if path.endswith(".pt"):                                    # an encoder of our own, as train.py saves it
        s = torch.load(path, map_location="cpu")
        return s.get("enc", s)
    t = read_bert(path)
    g = lambda k: torch.from_numpy(np.array(t[k], dtype=np.float32))
    out = {"embed.word.weight": g("embeddings.word_embeddings.weight"),
           "embed.position.weight": g("embeddings.position_embeddings.weight") + g("embeddings.token_type_embeddings.weight")[0],
           "embed.norm.weight": g("embeddings.LayerNorm.weight"), "embed.norm.bias": g("embeddings.LayerNorm.bias")}
    names = dict(out="attention.output.dense", up="intermediate.dense", down="output.dense",
                 norm1="attention.output.LayerNorm", norm2="output.LayerNorm")
    i = 0
    while f"encoder.layer.{i}.attention.self.query.bias" in t:
        for part in ("weight", "bias"):
            out[f"layer.{i}.qkv.{part}"] = torch.cat([g(f"encoder.layer.{i}.attention.self.{x}.{part}") for x in ("query", "key", "value")])
            for ours, theirs in names.items():
                out[f"layer.{i}.{ours}.{part}"] = g(f"encoder.layer.{i}.{theirs}.{part}")
        i += 1
    return out


def config_of(path):
    """The sizes of a pre-trained encoder. Its heads are of 32, as in every model of 384 that we start from, or 64."""
    s = pretrained(path)
    V, H = s["embed.word.weight"].shape
    layers = 1 + max(int(k.split(".")[1]) for k in s if k.startswith("layer."))
    cfg = dict(hidden=H, inner=s["layer.0.up.weight"].shape[0], layers=layers, heads=H // (64 if H >= 512 else 32), vocabulary=V,
               positions=s["embed.position.weight"].shape[0])
    if "embed.shape.weight" in s:
        cfg["shapes"] = s["embed.shape.weight"].shape[0]
    return cfg


def load_pretrained(encoder, path):
    """Fills an encoder, which may have fewer layers than the file; shapes start at zero unless the file has some."""
    have = pretrained(path)
    state = encoder.state_dict()
    missing = [k for k in state if k not in have and k != "embed.shape.weight"]
    if missing:
        raise ValueError(f"{path}: no {missing[0]}")
    encoder.load_state_dict({k: have.get(k, v) for k, v in state.items()})
