"""Reads what `kula prepare` writes and makes batches. Nothing here looks at words: spans, candidates, ids only."""
import json, random
import torch

ACTS = "give lend sell supply return take send withdraw train meet agree sign ratify end breach cooperate support criticise sanction coerce protest mobilize attack yield hold".split()
STATUSES = "done ongoing planned promised offered requested threatened possible refused denied".split()
KINDS = "animal arms vehicle aircraft ship food fuel medicine money people troops prisoner remains information technology equipment art document territory service goods".split()
EQUAL = {ACTS.index(a) for a in ("meet", "agree", "sign", "cooperate")}
ROLES = "from to item src verb at pfrom pto means ag if value".split()
PARTY_ROLES = (0, 1, 3)
BACK, AHEAD = 2, 1              # sentences before and behind the trigger's that are read again with it, and where a role may stand
NAME_TYPES = 14
VARIANTS = 3                    # past, ahead, ongoing
DAY_BACK, DAY_AHEAD = 1, 1      # sentences where the day may stand
MEASURE_COUNTED_OUT = 2 | 8 | 32        # ordinals, ages, parts of dates are no amounts


def bucket(d):
    """A signed distance in words to one of 25 buckets: 0; 1 2 3 4 5-6 7-9 10-14 15-24 25-39 40-69 70- either way."""
    a = abs(d)
    k = 0 if a == 0 else a if a < 5 else 5 if a < 7 else 6 if a < 10 else 7 if a < 15 else 8 if a < 25 else 9 if a < 40 else 10 if a < 70 else 11
    return k if d >= 0 else 12 + k if k else 0


DISTANCES = 24


DISTANCES = 24
FAR = 99                        # distances beyond are all one bucket
BUCKETS = torch.tensor([bucket(d) for d in range(-FAR, FAR + 1)])


def buckets(d):
    return BUCKETS[d.clamp(-FAR, FAR) + FAR]


def sentence_bucket(d):
    """Sentences from there to here: 0; before 1, 2, 3-5, 6-; behind 1, 2-."""
    return 0 if d == 0 else 1 if d == -1 else 2 if d == -2 else 3 if -6 < d < 0 else 4 if d < 0 else 5 if d == 1 else 6


SENTENCES = 7
SENTENCE_BUCKETS = torch.tensor([sentence_bucket(d) for d in range(-9, 10)])


def sentence_buckets(d):
    return SENTENCE_BUCKETS[d.clamp(-9, 9) + 9]


NOBODY_PUBLISHER = ((-1, -1, NAME_TYPES, 0, 0, 0), (-2, -2, NAME_TYPES + 1, 0, 0, 0))   # the first two names of every batch
PAIR_FLAGS = 8                  # see pair_features


class Doc:
    """One document with targets; all word numbers are the document's own."""

    def __init__(self, line, targets=True):
        j = json.loads(line)
        self.j, self.id = j, j["doc"]
        self.words = j["words"]
        self.sent = j["sentences"]
        self.claims = j["claims"]
        self.mentions = j["mentions"]
        self.days = j["days"]
        self.windows = j["windows"]
        self.pieces = sum(len(w["ids"]) for w in self.windows)
        self.text = j["text"].encode()
        self.title = j["title"].encode()
        self.lower = [self.word(w).lower() for w in range(len(self.words))]
        self.known = {}
        self.anchors_make()
        if targets:
            self.frames = [self.frame(c) for c in self.claims]

    def word(self, w):
        x = self.words[w]
        return (self.title if self.sent[x[3]][2] else self.text)[x[4]:x[5]].decode("utf-8", "replace")

    # ---- where roles may stand

    def reach(self, w):
        s = self.words[w][3]
        lo, hi = max(0, s - BACK), min(len(self.sent) - 1, s + AHEAD)
        while lo < hi and self.sent[lo][2]:
            lo += 1
        return self.sent[lo][0], self.sent[hi][1]

    def anchors_make(self):
        count = {}
        for m in self.mentions:
            if m[6] and m[3] == 0:
                count[m[6]] = count.get(m[6], 0) + 1
        n = max(1, sum(count.values()))
        self.share = {c: min(4, int(5 * k / n)) for c, k in count.items()}
        self.capital = [x[6] in (1, 2, 3) for x in self.words]
        # the capitalised words near each mention, for "Egeland" after "U.N. coordinator Jan Egeland"
        self.near = []
        for m in self.mentions:
            s = self.words[m[0]][3]
            a, b = max(self.sent[s][0], m[0] - 6), min(self.sent[s][1], m[1] + 6)
            self.near.append({self.lower[w] for w in range(a, b) if self.capital[w]})

    def pair_features(self, a, b, k):
        """Span [a, b) and mention k: sentence bucket, distance bucket, flags, share."""
        m = self.mentions[k]
        s, t = self.words[a][3], self.words[m[0]][3]
        inside = m[0] >= a and m[1] <= b
        flags = inside | (inside and m[0] == a) << 1 | (inside and m[1] == b) << 2
        names = {self.lower[w] for w in range(a, b) if self.capital[w]}
        flags |= (not inside and bool(names & self.near[k])) << 3
        flags |= (not inside and {self.lower[w] for w in range(m[0], m[1])} <= {self.lower[w] for w in range(a, b)}) << 4
        flags |= self.sent[t][2] << 5
        flags |= (m[0] == self.sent[t][0]) << 6
        flags |= (m[1] <= a) << 7
        d = 0 if inside else m[0] - b + 1 if m[0] >= b else m[1] - 1 - a if m[1] <= a else 0
        return sentence_bucket(t - s if not self.sent[t][2] else -9), bucket(d if s == t else max(-99, min(99, d))), flags, self.share.get(m[6], 0)

    # ---- days

    def day_candidates(self, w):
        """(day, variant, interval) that may date what word w states."""
        s = self.words[w][3]
        out = []
        for k, d in enumerate(self.days):
            t = self.words[d[0]][3]
            if self.sent[t][2] or t < s - DAY_BACK or t > s + DAY_AHEAD:
                continue
            seen = []
            for v in range(VARIANTS):
                if d[2 + v] and d[2 + v] not in seen:
                    seen.append(d[2 + v])
                    out.append((k, v, d[2 + v]))
        return out

    # ---- targets

    def frame(self, c):
        t = c["trigger"][0]
        lo, hi = self.reach(t)
        yes, maybe = {r: [] for r in range(len(ROLES))}, {r: [] for r in range(len(ROLES))}
        def put(r, places):
            places = [p for p in places if lo <= p[0] and p[1] <= hi]
            if places and places[0] not in yes[r]:
                yes[r].append(places[0])
                maybe[r] += places[1:]
        for key, r in (("from", 0), ("to", 1), ("src", 3)):
            for p in c[key]:
                put(r, p["at"])
                if p.get("verb"):
                    put(4, p["verb"])
        for i in c["items"]:
            put(2, i["at"])
        for key in ("at", "pfrom", "pto", "means", "ag", "if"):
            if c.get(key):
                put(ROLES.index(key), c[key])
        if c.get("value"):
            s = self.words[t][3]
            for q in self.j["quantities"]:
                if self.words[q[0]][3] == s and [q[2], q[3], q[4]] == c["value"]:
                    put(ROLES.index("value"), [[q[0], q[1]]])
                    break
        return dict(trigger=t, end=c["trigger"][1], act=c["act"], slot=min(c["slot"], 2), status=c["status"], lo=lo, hi=hi, yes=yes, maybe=maybe, claim=c)

    def spans(self, c):
        """The words of a frame's annotated parties, with the codes they stand for."""
        out = {}
        for key in ("from", "to", "src"):
            for p in c["claim"][key]:
                if p["at"] and c["lo"] <= p["at"][0][0] and p["at"][0][1] <= c["hi"]:
                    out.setdefault(tuple(p["at"][0]), set()).add(p["code"])
        return out

    def candidates(self):
        """Whom a span may stand for: nobody, the publisher, each reading of each name; as (name, code)."""
        return [(-1, None)] + ([(-2, self.j["publisher"])] if self.j["publisher"] else []) + [(k, m[6] or None) for k, m in enumerate(self.mentions)]

    def features(self, a, b):
        """Features of span [a, b) against each candidate."""
        if (a, b) not in self.known:
            self.known[a, b] = torch.tensor([(0, 0, 0, self.share.get(code, 0)) if k < 0 else self.pair_features(a, b, k) for k, code in self.candidates()])
        return self.known[a, b]


def load(paths, targets=True):
    out = []
    for p in paths:
        with open(p, encoding="utf-8") as f:
            out += [Doc(line, targets) for line in f if line.strip()]
    return out


class Batch:
    """Several documents, words numbered through; tensors for the encoder and for each head."""

    def __init__(self, docs, targets=True):
        self.docs = docs
        rows = [w for d in docs for w in d.windows]
        T = -(-max(len(w["ids"]) for w in rows) // 32) * 32         # few different shapes: each costs a compilation
        self.ids = torch.zeros(len(rows), T, dtype=torch.long)
        self.shapes = torch.full((len(rows), T), 5, dtype=torch.long)
        self.mask = torch.zeros(len(rows), T, dtype=torch.bool)
        for i, w in enumerate(rows):
            n = len(w["ids"])
            self.ids[i, :n] = torch.tensor(w["ids"])
            self.shapes[i, :n] = torch.tensor(w["shapes"])
            self.mask[i, :n] = True
        first_row, first_word, self.word0 = 0, 0, []
        row_of, word_of, lens, words = [], [], [], 0
        for d in docs:
            self.word0.append(words)
            for win, a, b, *_ in d.words:
                for r in range(a, b):
                    row_of.append((first_row + win) * T + r)
                    word_of.append(words)
                lens.append(max(1, b - a))
                words += 1
            first_row += len(d.windows)
        self.row_of, self.word_of = torch.tensor(row_of), torch.tensor(word_of)
        self.lens = torch.tensor(lens, dtype=torch.float32)[:, None]
        self.n_words = words
        # of each word: its sentence, and the words [lo, hi) that are read again with it
        sentence, lo, hi = [], [], []
        for d, w0 in zip(docs, self.word0):
            for x in d.sent:
                if x[1] > x[0]:
                    l, h = d.reach(x[0])
                    sentence += [d.words[x[0]][3]] * (x[1] - x[0]); lo += [w0 + l] * (x[1] - x[0]); hi += [w0 + h] * (x[1] - x[0])
        self.sentence, self.lo, self.hi = torch.tensor(sentence), torch.tensor(lo), torch.tensor(hi)
        if targets:
            self.targets()

    def targets(self):
        A, R = len(ACTS), len(ROLES)
        self.act = torch.zeros(self.n_words, A)
        self.act_weight = torch.ones(self.n_words, A)
        self.scored = torch.zeros(self.n_words, dtype=torch.bool)
        f = dict(trigger=[], act=[], slot=[], status=[], count=[])
        labels, base = [], 0                    # base: of the frame's rows, one a word of its reach
        names = list(NOBODY_PUBLISHER)
        sp, pairs, pair_f, want = [], [], [], []
        dp, dgood, dwant, dugood, duwant = [], [], [], [], []
        it, itf, itk, itq, itact = [], [], [], [], []
        inp, iny = [], []
        pair_base = 0
        for d, w0 in zip(self.docs, self.word0):
            for s in d.sent:
                if not s[2]:
                    self.scored[w0 + s[0]:w0 + s[1]] = True
            most = {}
            for c in d.frames:
                most[c["trigger"], c["act"]] = max(most.get((c["trigger"], c["act"]), 0), c["slot"])
            name0 = len(names)
            names += [(w0 + m[0], w0 + m[1], m[2], m[3], m[4], int(m[5])) for m in d.mentions]
            cands = d.candidates()
            have = {c for _, c in cands}
            place = torch.tensor([-1 - k if k < 0 else name0 + k for k, _ in cands])
            for c in d.frames:
                t, n, row = c["trigger"], len(f["trigger"]), base - c["lo"]
                self.act[w0 + t, c["act"]] = 1
                for w in range(t + 1, c["end"]):
                    self.act_weight[w0 + w, c["act"]] = 0
                f["trigger"].append(w0 + t); f["act"].append(c["act"]); f["slot"].append(c["slot"]); f["status"].append(c["status"])
                f["count"].append(most[t, c["act"]])
                L = torch.zeros(c["hi"] - c["lo"], R, 3)
                for r in range(R):
                    for a, b in c["maybe"][r]:
                        L[a - c["lo"]:b - c["lo"], r] = -1
                    for a, b in c["yes"][r]:
                        L[a - c["lo"]:b - c["lo"], r] = 0
                    for a, b in c["yes"][r]:
                        L[a - c["lo"], r, 0] = 1
                        L[b - 1 - c["lo"], r, 1] = 1
                        L[a - c["lo"]:b - c["lo"], r, 2] = 1
                labels.append(L)
                ts = d.words[t][3]
                # whom the parties' words stand for
                for (a, b), codes in d.spans(c).items():
                    codes = [x for x in codes if x in have]
                    if not codes or not d.mentions and None not in codes:
                        continue
                    s = len(sp)
                    sp.append((row + a, row + b))
                    pairs.append(torch.stack([torch.full_like(place, s), place], 1))
                    pair_f.append(d.features(a, b))
                    for code in codes:
                        want.append((s, [pair_base + i for i, (_, x) in enumerate(cands) if x == code], 1.0 / len(codes)))
                    pair_base += len(cands)
                # days
                dp.append((n, -1, -1, 0, 0, 0, 0)); good = [not c["claim"].get("date")]; due = [not c["claim"].get("due")]
                for k, v, iv in d.day_candidates(t):
                    x = d.days[k]
                    dp.append((n, row + x[0], row + x[1], v, sentence_bucket(d.words[x[0]][3] - ts), bucket(max(-FAR, min(FAR, x[0] - t))), x[5] | x[6] << 1))
                    good.append(c["claim"].get("date") == iv)
                    due.append(c["claim"].get("due") == iv)
                dgood += good; dugood += due
                dwant.append(any(good)); duwant.append(any(due))
                # items
                mine = []
                for i in c["claim"]["items"]:
                    if not i["at"] or i["at"][0][0] < c["lo"] or i["at"][0][1] > c["hi"]:
                        mine.append(None); continue
                    a, b = i["at"][0]
                    q = i["q"]; num = [i["min"], i["max"], i["unit"]] == q[:3] and i["f"][2] != 0
                    none = i["min"] is None and i["max"] is None
                    case = 1 if i["f"][2] == 1 and num else 2 if i["min"] == 1 and i["max"] == 1 else 0 if none else -1
                    mine.append(len(it))
                    it.append((row + a, row + b)); itf.append((i["f"][0] + 1, i["f"][1], i["f"][2])); itk.append(i["kind"]); itq.append(case); itact.append(c["act"])
                for x in range(len(mine)):
                    for y in range(len(mine)):
                        if x != y and mine[x] is not None and mine[y] is not None:
                            inp.append((mine[x], mine[y])); iny.append(float(c["claim"]["items"][x]["in"] == y))
                base += c["hi"] - c["lo"]
        self.frames = {k: torch.tensor(v, dtype=torch.long) for k, v in f.items()}
        self.role = torch.cat(labels) if labels else torch.zeros(0, R, 3)
        self.spans = torch.tensor(sp, dtype=torch.long).view(-1, 2)
        self.names = torch.tensor(names, dtype=torch.long).view(-1, 6)
        self.pairs = torch.cat(pairs) if pairs else torch.zeros(0, 2, dtype=torch.long)
        self.pair_f = torch.cat(pair_f) if pair_f else torch.zeros(0, 4, dtype=torch.long)
        self.want = want
        self.day = torch.tensor(dp, dtype=torch.long).view(-1, 7)
        self.day_good, self.due_good = torch.tensor(dgood, dtype=torch.bool), torch.tensor(dugood, dtype=torch.bool)
        self.day_want, self.due_want = torch.tensor(dwant, dtype=torch.bool), torch.tensor(duwant, dtype=torch.bool)
        self.items = torch.tensor(it, dtype=torch.long).view(-1, 2)
        self.item_f = torch.tensor(itf, dtype=torch.long).view(-1, 3)
        self.item_kind, self.item_case = torch.tensor(itk, dtype=torch.long), torch.tensor(itq, dtype=torch.long)
        self.item_act = torch.tensor(itact, dtype=torch.long)
        self.ins, self.in_y = torch.tensor(inp, dtype=torch.long).view(-1, 2), torch.tensor(iny)


def batches(docs, pieces, rnd):
    """Documents of like size together, about `pieces` pieces a batch, in random order."""
    order = sorted(docs, key=lambda d: max(len(w["ids"]) for w in d.windows) + rnd.random() * 40)
    out, now, n = [], [], 0
    for d in order:
        if now and n + d.pieces > pieces:
            out.append(now); now, n = [], 0
        now.append(d); n += d.pieces
    if now:
        out.append(now)
    rnd.shuffle(out)
    return out
