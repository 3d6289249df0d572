#!/usr/bin/env python3
"""Running text of CoNLL-U files (their `# text` lines) as JSONL documents without claims, for the gate.

usage: general.py FILE.conllu... > general.jsonl"""
import json, sys


def documents(path):
    """Paragraphs of sentences, document by document."""
    paragraphs = []
    for line in open(path, encoding="utf-8"):
        if line.startswith("# newdoc") and paragraphs:
            yield paragraphs
            paragraphs = []
        if line.startswith(("# newdoc", "# newpar")) or not paragraphs:
            paragraphs.append([])
        if line.startswith("# text = "):
            paragraphs[-1].append(line[9:].strip())
    yield paragraphs


for path in sys.argv[1:]:
    for n, paragraphs in enumerate(documents(path)):
        text = "\n".join(" ".join(p) for p in paragraphs if p)
        if text:
            print(json.dumps({"doc": f"general-{n}", "title": "", "published": "2010-01-01", "publisher": "", "text": text, "claims": []}, ensure_ascii=False))
