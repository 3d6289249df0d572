"""Compares text_pieces, and the words' pieces of text_cut, with Hugging Face's tokenizer.

    python pieces_check.py PIECES_DUMP VOCAB_TXT points             every code point of Unicode
    python pieces_check.py PIECES_DUMP VOCAB_TXT random [SEED]      made-up text of odd characters
    python pieces_check.py PIECES_DUMP VOCAB_TXT FILE...            each line of the files (JSON's "text", conllu's # text, plain)

Prints the records that differ. For words a difference is allowed only where a number meets its unit or currency.
"""
import collections
import json
import random
import re
import subprocess
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers


def reference(vocab):
    pieces = {line.rstrip("\n"): i for i, line in enumerate(open(vocab, encoding="utf-8", newline="\n"))}
    t = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]", max_input_chars_per_word=100))
    t.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return t


def dump(program, vocab, what, records):
    data = b"".join(r.encode("utf-8") + b"\0" for r in records)
    out = subprocess.run([program, vocab, what], input=data, stdout=subprocess.PIPE, check=True).stdout
    lines = out.decode().split("\n")[:-1]
    assert len(lines) == len(records), (len(lines), len(records))
    return lines


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(x, str) for x in value):
            yield " ".join(value)
        for x in value:
            yield from strings(x)
    elif isinstance(value, dict):
        for x in value.values():
            yield from strings(x)


def read(path):
    tokens = []
    for line in open(path, encoding="utf-8", errors="replace"):
        line = line.rstrip("\n")
        if path.endswith((".jsonl", ".json")):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            yield from strings(value)
        elif path.endswith(".conllu"):
            if line.startswith("# text = "):
                yield line[9:]
        elif path.endswith((".conll", ".iob2")):
            if not line or line.startswith("# "):
                if tokens:
                    yield " ".join(tokens)
                tokens = []
            else:
                cells = line.split("\t")
                tokens.append(max(cells[:2], key=len) if cells[0].isdigit() and len(cells) > 1 else cells[0])
        else:
            yield line


ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz", "ABCDEFGH", "0123456789", " \t\r  ", ".,;:!?'\"()[]-/&%$#@*_=+<>|\\`~^{}",
    "àéîõüçñßøæœłđþðıİŞŽșțǅǆŉſKÅ", "αβγδΣσςΩώΐΰᾳᾼ", "абвгЖЩъёЙ", "אבגדִַ", "ابتثجحخدَُِّ", "कखगघि्ँ", "กขคงัิ์",
    "가각힣각", "中文字漢語豈𠀀𪜀𫠝", "あいうアイウガがﾊﾟ", "\u0300\u0301\u0308\u0327\u0323\u0345\u0338\u05b0\u3099\u302e\u302f\U0001d165\U0001d16d\u1abf\u1dfb",
    "\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\u0085\x0b\x0c", "\u200b\u200c\u200d\u00ad\ufeff\u2060\u061c\ufffd\x01\x1f\x7f\x9f", "€£¥₹₽¢₿", "😀👍🏽🇫🇷👨‍👩‍👧☃♥→≠≮≤×°µ½²", "“”‘’–—…«»„‹›•·¿¡。！？、「」",
    "\ue000\U000f0000\u0378\u0590\U000e0001\U0010ffff\U0001e000", "ŉǰẖΐﬁﬃ㎏㍿①Ⅳª",
]


def made_up(seed, count=20000):
    r = random.Random(seed)
    for _ in range(count):
        out = []
        for _ in range(r.randint(1, 12)):
            kind = r.random()
            if kind < 0.1:
                out.append(chr(r.choice([r.randint(1, 0xD7FF), r.randint(0xE000, 0xFFFF), r.randint(0x10000, 0x10FFFF)])))
            elif kind < 0.15:
                out.append(r.choice(ALPHABETS) * 1 + "a" * r.randint(90, 105))
            else:
                alphabet = r.choice(ALPHABETS)
                out.append("".join(r.choice(alphabet) for _ in range(r.randint(1, 6))))
        yield "".join(out)


UNIT = re.compile(r"\d[^\W\d_]|[^\W\d_]\d|[€£¥₤₩₪₫₹₽₱₦¢₿₴₺﷼\u20a0-\u20c0]\d|\d[€£¥¢\u20a0-\u20c0]")


def main():
    program, vocab, *what = sys.argv[1:]
    if what[0] == "points":
        records = [f"a{chr(c)}b {chr(c)} x\u0316{chr(c)}\u0316\u0301y {chr(c)}{chr(c)}" for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
    elif what[0] == "random":
        records = list(made_up(int(what[1]) if len(what) > 1 else 1))
    else:
        records = [x for f in what for x in read(f)]
    records = [x.replace("\0", " ") for x in dict.fromkeys(records) if x]
    t = reference(vocab)
    expected = []
    for i in range(0, len(records), 10000):
        expected += [" ".join(map(str, e.ids)) for e in t.encode_batch(records[i:i + 10000], add_special_tokens=False)]
    for mode in ("pieces", "words"):
        bad = [(r, e, g) for r, e, g in zip(records, expected, dump(program, vocab, mode, records)) if e != g]
        unexplained = bad if mode == "pieces" else [b for b in bad if not UNIT.search(b[0])]
        print(f"{mode}: {len(records)} records, {len(bad)} differ, {len(unexplained)} without a number beside letters")
        for r, e, g in unexplained[:5]:
            print("  ", ascii(r[:300]), "\n     expected", e[:300], "\n     found   ", g[:300])
        if mode == "words":
            where = collections.Counter()
            for r, _, _ in bad:
                for m in UNIT.finditer(r):
                    where[m.group()] += 1
            print("  ", where.most_common(12))


main()
