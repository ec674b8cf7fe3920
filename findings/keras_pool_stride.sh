#!/usr/bin/env bash
# `keras.ops.max_pool(x, 2)` on the backend JAX: the strides are left out, so they are the pool size.
#
# One would expect what the layer MaxPooling1D(2) gives, the largest of each pair. The function raises a TypeError on
# windows and strides of different lengths, since the default is taken after the size has got its batch and
# channel axes; with `strides=2` it works.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2 keras==3.15.1 numpy==2.4.6

KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PYTHON'
import jax
import keras
import numpy as np

x = np.arange(4, dtype="float32").reshape(1, 4, 1)


def pooled(function):
    try:
        return keras.ops.convert_to_numpy(function()).ravel().tolist()
    except TypeError as error:
        return type(error).__name__


answers = {
    "layer": pooled(lambda: keras.layers.MaxPooling1D(2)(x)),
    "function, strides=2": pooled(lambda: keras.ops.max_pool(x, 2, strides=2)),
    "function": pooled(lambda: keras.ops.max_pool(x, 2)),
}
print(f"Keras {keras.__version__} on {keras.backend.backend()} {jax.__version__}")
for what, answer in answers.items():
    print(f"{what}: {answer}")
assert list(answers.values()) == [[1, 3], [1, 3], "TypeError"]
PYTHON
