#!/usr/bin/env bash
# `keras.ops.max_pool(x, 2)`: the strides are left out, so they are the pool size.
#
# One would expect the same from every backend. torch pools; JAX raises a TypeError on windows and strides of
# different lengths, since the default is taken after the size has got its batch and channel axes. The layer
# MaxPooling1D, which always says its strides, works on both.
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

POOL = """
import keras
import numpy as np
x = np.arange(4, dtype="float32").reshape(1, 4, 1)
layer = keras.ops.convert_to_numpy(keras.layers.MaxPooling1D(2)(x)).ravel().tolist()
try:
    plain = keras.ops.convert_to_numpy(keras.ops.max_pool(x, 2)).ravel().tolist()
except TypeError as error:
    plain = type(error).__name__
print(keras.__version__, keras.backend.backend(), layer, plain, sep=";")
"""
answers = {}
for backend in ("jax", "torch"):
    variables = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", POOL], env=variables, capture_output=True, text=True, check=True)
    version, name, layer, plain = done.stdout.strip().split(";")
    print(f"Keras {version} on {name}: layer {layer}, function {plain}")
    answers[name] = (layer, plain)
assert answers["torch"] == ("[1.0, 3.0]", "[1.0, 3.0]")
assert answers["jax"] == ("[1.0, 3.0]", "TypeError")
PYTHON
