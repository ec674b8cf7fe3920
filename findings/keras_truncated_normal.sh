#!/usr/bin/env bash
# A million numbers of Keras' truncated normal, on two of its backends.
#
# One would expect none beyond two standard deviations: that is what is promised, and what the backend JAX
# gives. On the backend torch each number is the first fitting one of four draws, and where none of the four
# fits it is left as it is: a few of a million lie outside, in the initial weights of HeNormal, too.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2 keras==3.15.1 numpy==2.4.6 torch==2.13.0

"$folder/venv/bin/python" - <<'PYTHON'
import os
import subprocess
import sys

DRAW = """
import keras
import numpy as np
draw = keras.initializers.TruncatedNormal(0.0, 1.0, seed=0)((1000, 1000))
draw = np.abs(keras.ops.convert_to_numpy(draw))
print(keras.__version__, keras.backend.backend(), (draw > 2.0001).sum(), round(float(draw.max()), 2))
"""
outside = {}
for backend in ("jax", "torch"):
    variables = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", DRAW], env=variables, capture_output=True, text=True, check=True)
    version, name, count, largest = done.stdout.split()
    print(f"Keras {version} on {name}: {count} of a million beyond 2, the largest {largest}")
    outside[name] = int(count)
assert outside["jax"] == 0
assert 0 < outside["torch"] < 100
PYTHON
