#!/usr/bin/env bash
# The first step of Adam in MLX, with a rate of 0.1 and a gradient of 1.
#
# One would expect a step of 0.1, the rate, as Adam's paper and the other libraries have it: the averages
# start at 0, and a correction makes up for that. In MLX the correction is left out unless one asks for it,
# and the first step is 3.16 times as long: 0.1 over the root of 0.001.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlx==0.32.4 mlx-cpu==0.32.4

"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import mlx.core as mx
import mlx.optimizers as optimizers

found = {}
for words in ({}, {"bias_correction": True}):
    adam = optimizers.Adam(learning_rate=0.1, **words)
    moved = adam.apply_gradients({"w": mx.ones(1)}, {"w": mx.zeros(1)})
    found[bool(words)] = -moved["w"].item()
print(f"mlx {version('mlx')}")
print(f"first step: {found[False]:.4f}; with bias_correction=True: {found[True]:.4f}")
assert abs(found[False] - 0.1 * 0.1 / 0.001**0.5) < 1e-4
assert abs(found[True] - 0.1) < 1e-4
PYTHON
