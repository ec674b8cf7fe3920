#!/usr/bin/env bash
# A million numbers of Keras' truncated normal, on its backend torch.
#
# One would expect none beyond two standard deviations: that is what truncated means, and what the function says.
# There each number is the first fitting one of four draws, and where none of the four fits it is left as it is: a
# few of a million lie outside, in the initial weights of HeNormal, too.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 numpy==2.4.6 torch==2.13.0

KERAS_BACKEND=torch "$folder/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np
import torch

draw = keras.initializers.TruncatedNormal(0.0, 1.0, seed=0)((1000, 1000))
draw = np.abs(keras.ops.convert_to_numpy(draw))
outside = int((draw > 2.0001).sum())
print(f"Keras {keras.__version__} on {keras.backend.backend()} {torch.__version__}")
print(f"{outside} of a million beyond 2, the largest {draw.max():.2f}")
assert 0 < outside < 100
PYTHON
