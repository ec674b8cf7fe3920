#!/usr/bin/env bash
# safetensors.numpy saves a transposed array and loads it again.
#
# One would expect the same matrix. What comes back has its shape, but its numbers in the order of the
# memory behind it: a weight matrix saved as `w.T` is another matrix, without a warning.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 safetensors==0.8.0

"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import safetensors
from safetensors.numpy import load, save

matrix = np.arange(6.0).reshape(2, 3)
back = load(save({"w": matrix.T}))["w"]
print(f"safetensors {safetensors.__version__}, NumPy {np.__version__}")
print("saved ", matrix.T.tolist())
print("loaded", back.tolist())
copied = load(save({"w": np.ascontiguousarray(matrix.T)}))["w"]
assert np.array_equal(copied, matrix.T)
assert back.shape == (3, 2)
assert back.tolist() == [[0, 1], [2, 3], [4, 5]]
PYTHON
