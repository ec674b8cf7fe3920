#!/usr/bin/env bash
# Keras' cross-entropy of predictions 0.2, 0.2 and 0.1 for the first class, on its backend torch.
#
# One would expect -log 0.2, which is 1.609. Keras divides predictions by their sum first, so that they are 0.4, 0.4
# and 0.2, and gives -log 0.4, which is 0.916. So a network that forgot its softmax trains without a word, and each
# output gets a gradient, not only that of the right class.
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

given = torch.tensor([[0.2, 0.2, 0.1]], requires_grad=True)
loss = keras.losses.categorical_crossentropy(np.array([[1.0, 0.0, 0.0]]), given)[0]
loss.backward()
print(f"Keras {keras.__version__} on {keras.backend.backend()} {torch.__version__}")
print(f"loss {float(loss.detach()):.3f}, -log 0.2 is {-np.log(0.2):.3f}; gradient {given.grad.numpy().round(3)}")
assert abs(float(loss.detach()) - -np.log(0.4)) < 1e-6
assert (given.grad[0, 1:] > 1).all()
PYTHON
