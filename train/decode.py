"""Claims from scores, for dev scores while training. The reader's own decoding is src/claims/decode.c; this one lacks
the tables (items' words, kinds by table), so that its strict and item figures are a lower bound."""
import math
import torch
from data import ACTS, STATUSES, KINDS, ROLES, EQUAL, PARTY_ROLES, Batch, bucket, sentence_bucket, NOBODY_PUBLISHER, MEASURE_COUNTED_OUT
from datetime import date, timedelta
from heads import words

LONGEST = 14


def spans_of(logit, doc, lo, hi, want):
    """Best non-overlapping spans of one role: logit [words, 3]; score is the mean of the three log odds."""
    out = []
    st, en, ins = logit[:, 0], logit[:, 1], logit[:, 2]
    for i in range(hi - lo):
        if st[i] < -2.5:
            continue
        s = doc.words[lo + i][3]
        best, total = None, 0.0
        for j in range(i, min(hi - lo, i + LONGEST)):
            if doc.words[lo + j][3] != s:
                break
            total += ins[j]
            x = (st[i] + en[j] + total / (j - i + 1)) / 3
            if best is None or x > best[0]:
                best = (x, lo + i, lo + j + 1)
        if best and best[0] > want:
            out.append(best)
    out.sort(key=lambda x: (-x[0], x[1]))
    kept = []
    for x in out:
        if all(x[2] <= k[1] or x[1] >= k[2] for k in kept):
            kept.append(x)
    return sorted(kept, key=lambda x: x[1])


def iso(n):
    return (date(1970, 1, 1) + timedelta(n)).isoformat()


@torch.no_grad()
def decode(docs, vectors_of, heads, theta=0.5, role_theta=0.0, second=0.3):
    heads.eval()
    result = {}
    for d in docs:
        b = Batch([d], targets=False)
        h = words(vectors_of(b).float(), b)
        p = heads.trigger(h).sigmoid()
        trig = []
        for w in range(len(d.words)):
            if d.sent[d.words[w][3]][2]:
                continue
            for a in (p[w] > theta).nonzero()[:, 0].tolist():
                x = p[w, a]
                if w and d.words[w - 1][3] == d.words[w][3] and p[w - 1, a] > x or w + 1 < len(d.words) and d.words[w + 1][3] == d.words[w][3] and p[w + 1, a] >= x:
                    continue
                trig.append((w, a))
        claims = []
        if trig:
            T, Aq = torch.tensor([t for t, _ in trig]), torch.tensor([a for _, a in trig])
            _, count = heads.state(h[T], Aq, torch.zeros_like(T))
            frames = [(t, a, s) for (t, a), k in zip(trig, count.argmax(-1).tolist()) for s in range(k + 1)]
            T, Aq, Sl = (torch.tensor(x) for x in zip(*frames))
            status = heads.state(h[T], Aq, Sl)[0].argmax(-1)
            pf, pw, pd, ps, reach = [], [], [], [], []
            for n, (t, a, s) in enumerate(frames):
                lo, hi = d.reach(t)
                reach.append((lo, hi, len(pw)))
                for w in range(lo, hi):
                    pf.append(n); pw.append(w); pd.append(bucket(w - t)); ps.append(sentence_bucket(d.words[w][3] - d.words[t][3]))
            role = heads.role(h, h[T], Aq, Sl, *(torch.tensor(x) for x in (pf, pw, pd, ps)))
            day, dn = [], []
            for n, (t, a, s) in enumerate(frames):
                day.append((n, -1, -1, 0, 0, 0, 0)); dn.append(None)
                for k, v, iv in d.day_candidates(t):
                    x = d.days[k]
                    day.append((n, x[0], x[1], v, sentence_bucket(d.words[x[0]][3] - d.words[t][3]), bucket(max(-99, min(99, x[0] - t))), x[5] | x[6] << 1)); dn.append(iv)
            ds = heads.days(h, h[T], Aq, status, torch.tensor(day))
            chosen, codes = [], {}
            for n in range(len(frames)):
                lo, hi, at = reach[n]
                x = role[at:at + hi - lo]
                got = [spans_of(x[:, r].tolist() and x[:, r], d, lo, hi, role_theta) for r in range(len(ROLES))]
                chosen.append(got)
                for r in PARTY_ROLES:
                    for _, i, j in got[r]:
                        codes.setdefault((i, j), None)
            if codes:
                keys = list(codes)
                pairs, feats, names = [], [], []
                for s, (i, j) in enumerate(keys):
                    cands = [(-1, None)] + ([(-2, d.j["publisher"])] if d.j["publisher"] else []) + [(k, m[6] or None) for k, m in enumerate(d.mentions)]
                    for k, code in cands:
                        pairs.append((s, -1 - k if k < 0 else 2 + k))
                        feats.append((0, 0, 0, d.share.get(code, 0)) if k < 0 else d.pair_features(i, j, k))
                        names.append(code)
                places = list(NOBODY_PUBLISHER) + [(m[0], m[1], m[2], m[3], m[4], int(m[5])) for m in d.mentions]
                sc = heads.belongs(h, torch.tensor(keys), torch.tensor(places), torch.tensor(pairs), torch.tensor(feats))
                at = 0
                for s, key in enumerate(keys):
                    n = sum(1 for q in pairs if q[0] == s)
                    pr = sc[at:at + n].softmax(0).tolist()
                    tot = {}
                    for c, x in zip(names[at:at + n], pr):
                        tot[c] = tot.get(c, 0) + x
                    top = sorted(tot.items(), key=lambda x: -x[1])
                    codes[key] = [c for i, (c, x) in enumerate(top) if i == 0 or i == 1 and c and top[0][0] and x > second]
                    at += n
            for n, (t, a, s) in enumerate(frames):
                got = chosen[n]
                word = lambda i, j: (d.text)[d.words[i][4]:d.words[j - 1][5]].decode()
                def parties(r):
                    return [{"text": word(i, j), "code": c} for _, i, j in got[r] for c in codes[i, j]]
                sides = [parties(0), parties(1)]
                if not any(q["code"] for q in sides[0] + sides[1]):
                    continue
                verbs = got[4]
                src = []
                for q, (_, i, j) in zip(range(99), got[3]):
                    v = min(verbs, key=lambda v: min(abs(v[1] - j), abs(i - v[2])), default=None)
                    src += [{"text": word(i, j), "code": codes[i, j][0], "verb": word(v[1], v[2]) if v else ""}]
                items = []
                if got[2]:
                    lst = [(i, j) for _, i, j in got[2]]
                    feats, qs = [], []
                    for i, j in lst:
                        q = next((q for q in d.j["quantities"] if q[0] >= i and q[1] <= j and not q[6] & MEASURE_COUNTED_OUT), None)
                        qs.append(q); feats.append((0, 0, 1 if q else 0))
                    kind, case, _ = heads.item(h, torch.tensor(lst), torch.full((len(lst),), a), torch.tensor(feats))
                    for (i, j), k, cs, q in zip(lst, kind.argmax(-1).tolist(), case.argmax(-1).tolist(), qs):
                        lo_, hi_, unit = (q[2], q[3], q[4]) if q and cs == 1 else (1, 1, "count") if cs == 2 else (None, None, "count")
                        it = {"text": word(i, j), "what": "", "kind": KINDS[k], "min": lo_, "max": hi_, "unit": unit}
                        if q and q[5]:
                            it["per"] = ("", "day", "week", "month", "year")[q[5]]
                        items.append(it)
                mine = [k for k, x in enumerate(day) if x[0] == n]
                best = max(mine, key=lambda k: float(ds[k, 0]))
                se = d.sent[d.words[t][3]]
                c = {"evidence": d.text[se[3]:se[4]].decode(), "trigger": word(t, t + 1), "act": ACTS[a], "status": STATUSES[status[n]], "from": sides[0], "to": sides[1],
                     "items": items, "date": [iso(x) for x in dn[best]] if dn[best] else None, "said_by": src, "p": float(p[t, a])}
                claims.append(c)
        result[d.id] = {"doc": d.id, "claims": claims}
    return result
