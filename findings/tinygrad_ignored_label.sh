#!/usr/bin/env bash
# tinygrad's cross-entropy of two rows, one with label -1, which is the default of `ignore_index`.
#
# One would expect that row to be left out, as with PyTorch's default -100: the mean is the loss of the other
# row. But the default means "nothing is ignored". The row costs 0 and counts in the mean, which is half as
# large; with -2 in both places it is left out.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 tinygrad==0.14.0

DEV=PYTHON "$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import math

from tinygrad import Tensor

print(f"tinygrad {importlib.metadata.version('tinygrad')}")
logits = [[0.0, math.log(3)], [0.0, math.log(3)]]
default = Tensor(logits).sparse_categorical_crossentropy(Tensor([0, -1])).item()
named = Tensor(logits).sparse_categorical_crossentropy(Tensor([0, -1]), ignore_index=-1).item()
other = Tensor(logits).sparse_categorical_crossentropy(Tensor([0, -2]), ignore_index=-2).item()
print(f"label -1, default: {default:.4f}; ignore_index=-1: {named:.4f}; label -2, ignore_index=-2: {other:.4f}")
assert abs(other - math.log(4)) < 1e-5
assert abs(default - math.log(4) / 2) < 1e-5
assert default == named
PYTHON
