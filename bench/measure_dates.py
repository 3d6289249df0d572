#!/usr/bin/env python3
"""Span and value F1 of `kula measure` on day expressions: WikiWars (TIMEX2) and the dates of GUM.

	bench/measure_dates.py --kula build/kula --wikiwars DIR/wikiwars-train.jsonl
	bench/measure_dates.py --kula build/kula --gum DIR/gum-dates-dev.jsonl --gum-text DIR/en_gum-ud-dev.conllu

Strict: the same span but for a preposition in front; relaxed: some overlap; value: relaxed, and one of the readings equals
the gold interval (YYYY, YYYY-MM, YYYY-MM-DD; seasons and parts of months by the contract), out of the gold expressions that
have such a value and the read ones that have an interval. Durations, sets and references without a day count for spans only.
"""
import argparse
import calendar
import json
import re
import subprocess

LEADS = re.compile(r"^(in|on|at|by|since|until|till|before|after|from|during|over|for|within|of|between|through|throughout|"
                   r"starting|beginning|as of|up to|the|ahead of|prior to)\s+", re.I)


def interval(value, mod=None):
    """The days of a calendar value, or None."""
    value = re.sub(r"T.*$", "", value or "")
    m = re.fullmatch(r"(\d{4})", value)
    if m:
        first, last = f"{value}-01-01", f"{value}-12-31"
        if mod in ("START", "MID", "END"):
            return {"START": (f"{value}-01-01", f"{value}-03-31"), "MID": (f"{value}-04-01", f"{value}-09-30"),
                    "END": (f"{value}-10-01", f"{value}-12-31")}[mod]
        return first, last
    m = re.fullmatch(r"(\d{4})-(\d\d)", value)
    if m:
        y, mo = int(m[1]), int(m[2])
        if not 1 <= mo <= 12 or y < 1:
            return None
        n = calendar.monthrange(y, mo)[1]
        a, b = {"START": (1, 10), "MID": (11, 20), "END": (21, n)}.get(mod, (1, n))
        return f"{value}-{a:02}", f"{value}-{b:02}"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value, value
    m = re.fullmatch(r"(\d{3})", value)
    if m:
        return f"{value}0-01-01", f"{value}9-12-31"
    m = re.fullmatch(r"(\d{4})-(SP|SU|FA|WI)", value)
    if m:
        y = int(m[1])
        a, b, c = {"SP": (3, 5, y), "SU": (6, 8, y), "FA": (9, 11, y), "WI": (12, 2, y + 1)}[m[2]]
        return f"{y}-{a:02}-01", f"{c}-{b:02}-{calendar.monthrange(c, b)[1]}"
    return None


def read(kula, text, published):
    out = subprocess.run([kula, "measure", "--json", "--published", published, "-"], input=text.encode(), capture_output=True)
    if out.returncode > 1:
        raise SystemExit(out.stderr.decode())
    data = text.encode()
    found = []
    for line in out.stdout.decode().splitlines():
        d = json.loads(line)
        if "date" not in d:
            continue
        a, b = (len(data[:x].decode()) for x in d["span"])
        found.append((a, b, d["date"], [tuple(d[k]) for k in ("past", "ahead", "ongoing") if d[k]]))
    return found


def f1(hit_r, gold, hit_p, got):
    r, p = hit_r / max(gold, 1), hit_p / max(got, 1)
    return f"P {p:.4f} R {r:.4f} F1 {2 * p * r / max(p + r, 1e-9):.4f}"


def measure(name, documents, kula, show):
    n = dict.fromkeys("gold got strict relaxed relaxed_got valued value got_valued value_got".split(), 0)
    for text, published, gold in documents:
        got = read(kula, text, published)
        n["gold"] += len(gold)
        n["got"] += len(got)
        trimmed = []
        for a, b, words, days in got:
            m = LEADS.match(words)
            lead = len(m[0]) if m else 0
            trimmed.append({a, a + lead, a + (len(m[1]) + 1 if m else 0)})
        for a, b, value in gold:
            over = [i for i, g in enumerate(got) if g[0] < b and a < g[1]]
            n["relaxed"] += bool(over)
            start = a + (4 if text[a:a + 4].lower() == "the " else 0)
            n["strict"] += any(got[i][1] == b and (a in trimmed[i] or start in trimmed[i] or any(text[x:x + 4].lower() == "the " and x + 4 == a for x in trimmed[i])) for i in over)
            if value:
                n["valued"] += 1
                ok = any(value in got[i][3] for i in over)
                n["value"] += ok
                if show and not ok:
                    print("miss", value, repr(text[max(0, a - 40):b + 20]), [(got[i][2], got[i][3][:1]) for i in over])
        for g in got:
            over = [x for x in gold if x[0] < g[1] and g[0] < x[1]]
            n["relaxed_got"] += bool(over)
            if g[3]:
                n["got_valued"] += 1
                n["value_got"] += any(x[2] in g[3] for x in over)
            if show and not over:
                print("extra", repr(g[2]), repr(text[max(0, g[0] - 30):g[1] + 20]))
    print(f"{name}: {n['gold']} gold expressions, {n['got']} read")
    print("  span, strict ", f1(n["strict"], n["gold"], n["strict"], n["got"]))
    print("  span, relaxed", f1(n["relaxed"], n["gold"], n["relaxed_got"], n["got"]))
    print(f"  value         {f1(n['value'], n['valued'], n['value_got'], n['got_valued'])}  (of {n['valued']} gold values)")


def wikiwars(path):
    for line in open(path):
        d = json.loads(line)
        flat = sorted(d["timex2"], key=lambda t: (t["s"], -t["e"]))
        yield d["text"], d["dct"][:10], [(t["s"], t["e"], interval(t.get("val"), t.get("mod"))) for t in flat]


def gum(path, conllu):
    words = {}
    sent = None
    for line in open(conllu):
        if line.startswith("# sent_id = "):
            sent = line[12:].strip()
            words[sent] = []
        elif line[:1].isdigit():
            c = line.rstrip("\n").split("\t")
            if c[0].isdigit():
                words[sent].append(c[1])
    for line in open(path):
        d = json.loads(line)
        w = words.get(d["sent_id"])
        if not w:
            continue
        at, spans = 0, []
        for x in w:
            spans.append((at, at + len(x)))
            at += len(x) + 1
        gold = []
        for t in d["dates"]:
            value = None
            if "when" in t:
                value = interval(t["when"])
            elif "from" in t and "to" in t:
                a, b = interval(t["from"]), interval(t["to"])
                value = (a[0], b[1]) if a and b else None
            gold.append((spans[t["s"] - 1][0], spans[t["e"] - 1][1], value))
        yield " ".join(w), d["dct"][:10], gold


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--kula", default="build/kula")
    p.add_argument("--wikiwars")
    p.add_argument("--gum")
    p.add_argument("--gum-text")
    p.add_argument("--misses", action="store_true")
    a = p.parse_args()
    if a.wikiwars:
        measure("WikiWars", wikiwars(a.wikiwars), a.kula, a.misses)
    if a.gum:
        measure("GUM dates", gum(a.gum, a.gum_text), a.kula, a.misses)


if __name__ == "__main__":
    main()
