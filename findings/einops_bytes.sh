#!/usr/bin/env bash
# The sum of two bytes, 200 and 100, with einops: once by reduce, once by einsum.
#
# One would expect the same number from two functions of one library with one notation. `reduce` says 300, as
# NumPy's sum does; `einsum` says 44, since NumPy's einsum adds in the type of its operands.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check einops==0.8.2 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
import einops
import numpy as np

pixels = np.array([200, 100], np.uint8)
reduced, contracted = einops.reduce(pixels, "a -> ", "sum"), einops.einsum(pixels, "a -> ")
print(f"einops {einops.__version__}, NumPy {np.__version__}")
print("reduce:", reduced, reduced.dtype, " einsum:", contracted, np.asarray(contracted).dtype)
assert int(reduced) == 300
assert int(contracted) == 44
PYTHON
