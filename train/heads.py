"""The heads: what each word's vector says of acts, roles, parties, days, status and kinds. src/claims/heads.c is the same in C.

The encoder reads the text once; on its vectors triggers are found and names are known. For each trigger with its act, a frame, the upper layers
read the sentences around it again, word by word, from the lower layers' vectors, with the trigger marked: all else is decided on what comes out
(`Frames`).

Every head is one hidden layer: the vectors of those concerned and small embeddings of their features are added up, a
product of two projections beside the sum lets them be compared, then GELU and a linear layer."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from data import ACTS, STATUSES, KINDS, ROLES, DISTANCES, SENTENCES, NAME_TYPES, VARIANTS, buckets, sentence_buckets

CHOSEN = (0, 1, 2, 3)           # from, to, item, source
R, A, S, K = len(ROLES), len(ACTS), len(STATUSES), len(KINDS)


def take(x, i):
    """x[i]; its gradient is a sum by index, several times faster than that of indexing."""
    return x.index_select(0, i)


def bits(x, n):
    return torch.stack([(x >> i) & 1 for i in range(n)], -1).float()


class Heads(nn.Module):
    def __init__(self, H, trigger=256, role=256, pair=192, drop=0.1):
        super().__init__()
        self.H = H
        self.drop = nn.Dropout(drop)
        L, E = nn.Linear, nn.Embedding
        self.trigger_in, self.trigger_out = L(H, trigger), L(trigger, A)
        # what marks the trigger when the upper layers read again
        self.mark, self.mark_act, self.mark_slot = nn.Parameter(torch.randn(H) * 0.2), E(A, H), E(3, H)
        # status and count of a trigger's act
        self.status_in, self.status_act, self.status_slot = L(H, pair), E(A, pair), E(3, pair)
        self.status_out, self.count_out = L(pair, S), L(pair, 3)
        # roles
        self.role_word, self.role_trigger = L(H, role), L(H, role, bias=False)
        self.role_word2, self.role_trigger2 = L(H, role, bias=False), L(H, role, bias=False)
        self.role_act, self.role_slot, self.role_dist, self.role_sent = E(A, role), E(3, role), E(DISTANCES, role), E(SENTENCES, role)
        self.role_out = L(role, R * 3)
        # whom a span stands for
        self.span_in = L(3 * H, pair)
        self.span_in2 = L(3 * H, pair, bias=False)
        self.name_in, self.name_in2 = L(H, pair, bias=False), L(H, pair, bias=False)
        self.nobody, self.publisher = nn.Parameter(torch.zeros(H)), nn.Parameter(torch.zeros(H))
        self.name_type, self.name_rank, self.name_prior, self.name_date = E(NAME_TYPES + 2, pair), E(4, pair), E(4, pair), E(2, pair)
        self.pair_sent, self.pair_dist, self.pair_share = E(SENTENCES, pair), E(DISTANCES, pair), E(5, pair)
        self.pair_flags = L(8, pair, bias=False)
        self.pair_out = L(pair, 1)
        # days
        self.day_trigger, self.day_trigger2 = L(H, pair), L(H, pair, bias=False)
        self.day_in, self.day_in2 = L(H, pair, bias=False), L(H, pair, bias=False)
        self.no_day = nn.Parameter(torch.zeros(H))
        self.day_act, self.day_status, self.day_variant = E(A, pair), E(S, pair), E(VARIANTS + 1, pair)
        self.day_sent, self.day_dist, self.day_flags = E(SENTENCES, pair), E(DISTANCES, pair), E(4, pair)
        self.day_out = L(pair, 2)
        # items
        self.item_in, self.item_act, self.item_kind, self.item_strength, self.item_case = L(3 * H, pair), E(A, pair), E(K + 1, pair), E(4, pair), E(3, pair)
        self.item_out = L(pair, K + 3)
        self.in_a, self.in_b, self.in_out = L(3 * H, pair), L(3 * H, pair, bias=False), L(pair, 1)
        nn.init.constant_(self.trigger_out.bias, -5.0)       # few words are triggers, few stand in a role: begin from there
        nn.init.constant_(self.role_out.bias, -4.0)
        for m in self.modules():
            if isinstance(m, nn.Embedding):
                nn.init.normal_(m.weight, std=0.02)

    # h [W, H] word vectors; all else index tensors into it

    def trigger(self, h):
        return self.trigger_out(self.drop(F.gelu(self.trigger_in(h)))).float()

    def state(self, t, act, slot):
        x = self.drop(F.gelu(self.status_in(t) + self.status_act(act) + self.status_slot(slot)))
        return self.status_out(x).float(), self.count_out(x).float()

    def role_hidden(self, f):
        u, u2 = self.role_word(f.h), self.role_word2(f.h)
        v = self.role_trigger(f.t)
        if f.act is not None:
            v = v + self.role_act(f.act) + self.role_slot(f.slot)
        v2 = self.role_trigger2(f.t)
        return F.gelu(u + take(v, f.frame) + self.role_dist(f.dist) + self.role_sent(f.sent) + u2 * take(v2, f.frame))

    def role(self, f):
        """Logits [rows, R, 3] of start, end, inside for every row of frames."""
        return self.role_out(self.drop(self.role_hidden(f))).view(-1, R, 3).float()

    def span(self, h, first, end):
        """First word, last word and mean of spans [first, end)."""
        c = F.pad(h.cumsum(0), (0, 0, 1, 0))
        n = (end - first)[:, None].to(h.dtype)
        return torch.cat([take(h, first), take(h, end - 1), (take(c, end) - take(c, first)) / n], -1)

    def mean(self, h, first, end, special):
        """Mean vectors of [first, end); first < 0 takes special[-first - 1]."""
        f, e = first.clamp(min=0), torch.where(first < 0, 1, end)
        c = F.pad(h.cumsum(0), (0, 0, 1, 0))
        m = (take(c, e) - take(c, f)) / (e - f)[:, None].to(h.dtype)
        for i, v in enumerate(special):
            m = torch.where((first == -i - 1)[:, None], v, m)
        return m

    def belongs(self, h, rows, spans, names, pairs, feats):
        """A score for each (span, reading of a name): spans are of rows, the names' words of h; all as data.Batch makes them."""
        p = self.span(rows, spans[:, 0], spans[:, 1])
        m = self.mean(h, names[:, 0], names[:, 1], (self.nobody, self.publisher))
        n = self.name_in(m) + self.name_type(names[:, 2]) + self.name_rank(names[:, 3].clamp(max=3)) + self.name_prior(names[:, 4]) + self.name_date(names[:, 5])
        s, k = pairs[:, 0], pairs[:, 1]
        x = (take(self.span_in(p), s) + take(n, k) + self.pair_sent(feats[:, 0]) + self.pair_dist(feats[:, 1]) + self.pair_share(feats[:, 3])
             + self.pair_flags(bits(feats[:, 2], 8)) + take(self.span_in2(p), s) * take(self.name_in2(m), k))
        return self.pair_out(self.drop(F.gelu(x)))[:, 0]

    def days(self, h, t, act, status, day):
        """Scores [candidates, 2] (date, due); day[:, 0] is the frame, as data.Batch makes them."""
        m = self.mean(h, day[:, 1], day[:, 2], (self.no_day,))
        g = day[:, 0]
        variant = torch.where(day[:, 1] < 0, VARIANTS, day[:, 3])
        x = (take(self.day_trigger(t) + self.day_act(act) + self.day_status(status), g) + self.day_in(m) + self.day_variant(variant) + self.day_sent(day[:, 4])
             + self.day_dist(day[:, 5]) + self.day_flags(day[:, 6]) + take(self.day_trigger2(t), g) * self.day_in2(m))
        return self.day_out(self.drop(F.gelu(x)))

    def item(self, h, items, act, feats):
        """Logits of kind [n, K] and of the quantity's case [n, 3]; and the spans, for `inside`."""
        p = self.span(h, items[:, 0], items[:, 1])
        x = self.item_in(p) + self.item_act(act) + self.item_kind(feats[:, 0]) + self.item_strength(feats[:, 1]) + self.item_case(feats[:, 2])
        y = self.item_out(self.drop(F.gelu(x)))
        return y[:, :K].float(), y[:, K:].float(), p

    def inside(self, p, ins):
        return self.in_out(F.gelu(self.in_a(p)[ins[:, 0]] + self.in_b(p)[ins[:, 1]]))[:, 0].float()


def words(vectors, b):
    """Word vectors [W, H] of a batch: the mean of each word's pieces."""
    flat = vectors.reshape(-1, vectors.shape[-1])
    out = torch.zeros(b.n_words, flat.shape[1], dtype=flat.dtype)
    return out.index_add(0, b.word_of, take(flat, b.row_of)) / b.lens


def segment_logsumexp(x, seg, n):
    x = x.float()
    top = torch.full((n,), -1e9).scatter_reduce(0, seg, x.detach(), "amax")
    return top + torch.zeros(n).index_add(0, seg, (x - top[seg]).exp()).clamp(min=1e-30).log()


class Frames:
    """Triggers with their acts, each with the words of its reach read again from the lower layers' vectors: h [rows, H], a frame's words in order, frame after frame;
    of each row its frame, distance and sentence; t [frames, H]: the triggers' rows. Predicates of the helper task have no act."""

    def __init__(self, enc, heads, lower, b, trigger, act, slot, quant=False, chunk=48, lo=None, hi=None):
        self.act, self.slot, n = act, slot, len(trigger)
        lo, hi = (b.lo[trigger], b.hi[trigger]) if lo is None else (lo, hi)
        L = hi - lo
        self.base = L.cumsum(0) - L
        self.frame = torch.arange(n).repeat_interleave(L)
        word = torch.arange(len(self.frame)) - (self.base - lo)[self.frame]
        self.dist = buckets(word - trigger[self.frame])
        self.sent = sentence_buckets(b.sentence[word] - b.sentence[trigger][self.frame])
        mark = heads.mark.expand(n, -1) if act is None else heads.mark + heads.mark_act(act) + heads.mark_slot(slot)
        order = L.argsort(stable=True)
        rows, at = [], []
        for part in order.split(chunk):
            T = int(L[part].max())
            grid = torch.arange(T)
            inside = grid < L[part][:, None]
            x = take(lower, (lo[part][:, None] + grid.clamp(max=T)).clamp(max=len(lower) - 1).reshape(-1)).view(len(part), T, -1)
            x = x.index_put((torch.arange(len(part)), trigger[part] - lo[part]), mark[part].to(x.dtype), accumulate=True)
            bias = torch.zeros(inside.shape).masked_fill(~inside, -1e4)[:, None, None, :]
            x = enc.upper(x, bias, quant)
            rows.append(take(x.reshape(-1, x.shape[-1]), inside.reshape(-1).nonzero()[:, 0]))
            at.append((self.base[part][:, None] + grid)[inside])
        back = torch.empty(len(self.frame), dtype=torch.long)
        back[torch.cat(at)] = torch.arange(len(self.frame))
        self.h = take(torch.cat(rows).float(), back)
        self.t = take(self.h, self.base + trigger - lo)


def loss(enc, heads, lower, h, b, quant=False):
    """Losses by name, each about 1 at the start; word vectors behind the lower layers and behind all."""
    out = {}
    logit = heads.trigger(h)
    w = b.act_weight * b.scored[:, None]
    n = max(1, len(b.frames["trigger"]))
    out["trigger"] = (F.binary_cross_entropy_with_logits(logit, b.act, reduction="none") * w).sum() / max(n, b.n_words / 30)
    if not len(b.frames["trigger"]):
        return out
    f = Frames(enc, heads, lower, b, b.frames["trigger"], b.frames["act"], b.frames["slot"], quant)
    hf = heads.drop(f.h)
    status, count = heads.state(heads.drop(f.t), f.act, f.slot)
    out["status"] = F.cross_entropy(status, b.frames["status"])
    first = b.frames["slot"] == 0
    out["count"] = F.cross_entropy(count[first], b.frames["count"][first])
    role = heads.role(f)
    known = b.role >= 0
    out["role"] = (F.binary_cross_entropy_with_logits(role, b.role.clamp(min=0), reduction="none") * known).sum() / n / 3
    # beside each word for itself: the words of a frame compete for a role's start and end, with nobody (0) among them
    choice = 0.0
    for r in CHOSEN:
        for e in (0, 1):
            x = torch.cat([torch.where(known[:, r, e], role[:, r, e], torch.full_like(role[:, r, e], -1e4)), torch.zeros(n)])
            own = torch.cat([f.frame, torch.arange(n)])
            z = segment_logsumexp(x, own, n)
            y = b.role[:, r, e].clamp(min=0)
            many = torch.zeros(n).index_add(0, f.frame, y)
            hit = torch.zeros(n).index_add(0, f.frame, y * role[:, r, e]) / many.clamp(min=1)
            choice = choice + (z - hit).mean()
    out["choice"] = choice / 2
    if len(b.spans):
        s = heads.belongs(h, hf, b.spans, b.names, b.pairs, b.pair_f)
        z = segment_logsumexp(s, b.pairs[:, 0], len(b.spans))
        seg, idx, wt, own = [], [], [], []
        for i, (sp, good, x) in enumerate(b.want):
            seg += [i] * len(good); idx += good; wt.append(x); own.append(sp)
        top = segment_logsumexp(s[torch.tensor(idx)], torch.tensor(seg), len(b.want))
        out["belongs"] = ((z[torch.tensor(own)] - top) * torch.tensor(wt)).sum() / len(b.spans)
    d = heads.days(hf, f.t, b.frames["act"], b.frames["status"], b.day)
    for i, (key, good, want) in enumerate((("date", b.day_good, b.day_want), ("due", b.due_good, b.due_want))):
        z = segment_logsumexp(d[:, i], b.day[:, 0], n)
        top = segment_logsumexp(d[good, i], b.day[good, 0], n)
        out[key] = (z - top)[want].sum() / n
    if len(b.items):
        kind, case, p = heads.item(hf, b.items, b.item_act, b.item_f)
        out["kind"] = F.cross_entropy(kind, b.item_kind)
        if (b.item_case >= 0).any():
            out["case"] = F.cross_entropy(case, b.item_case, ignore_index=-1)
        if len(b.ins):
            out["in"] = F.binary_cross_entropy_with_logits(heads.inside(p, b.ins), b.in_y) * .3
    return out
