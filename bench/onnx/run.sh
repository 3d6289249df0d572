#!/bin/sh
# Our encoder against ONNX Runtime's dynamic int8: the same weights, the same texts, one thread.
#
#	bench/onnx/run.sh BUILD ENCODER TEXTS VOCABULARY
#
# BUILD has libkula.a; ENCODER is what train.py starts from (.safetensors, .onnx, or a jar with one); TEXTS is JSONL with a
# "text" in each line, VOCABULARY the encoder's vocab.txt. Makes its own virtual environment in BUILD/onnx (PyTorch, onnx, onnxruntime, tokenizers, xxhash);
# KULA_ONNX_PYTHON names a Python that has them already.
set -eu
B=$1 encoder=$2 texts=$3 vocabulary=$4
here=$(dirname "$0")
mkdir -p "$B/onnx"
python=${KULA_ONNX_PYTHON:-$B/onnx/venv/bin/python}
if [ ! -x "$python" ]; then
	python3 -m venv "$B/onnx/venv"
	"$B/onnx/venv/bin/pip" install --quiet torch onnx onnxruntime tokenizers xxhash numpy
fi
${CC:-gcc} -std=c17 -D_GNU_SOURCE -O2 -Iinclude -Isrc "$here/encode.c" "$B/libkula.a" -lxxhash -lnettle -ljansson -lutf8proc -lsqlite3 -lm -pthread -o "$B/onnx/encode"
exec "$python" "$here/compare.py" "$B/onnx" "$encoder" "$texts" "$vocabulary"
