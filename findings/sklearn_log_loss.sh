#!/usr/bin/env bash
# scikit-learn's log_loss of three predictions that are exactly 0 or 1, one of them wrong, as float64, float32 and
# float16.
#
# One would expect one loss: each of the three types holds 0 and 1 exactly. Probabilities are clipped by the
# smallest step of their type, so the same wrong prediction costs 36 as float64, 16 as float32 and 7 as float16: a
# network that computes in half precision looks five times as good.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scikit-learn==1.9.1

"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import sklearn
from sklearn.metrics import log_loss

print(f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}")
labels, predicted = [0, 1, 1], np.array([[1, 0], [0, 1], [1, 0]])
found = {kind: log_loss(labels, predicted.astype(kind)) for kind in ("float64", "float32", "float16")}
for kind, loss in found.items():
    print(f"{kind}: {loss:.4f}")
assert abs(found["float64"] - 36.0437 / 3) < 1e-3
assert abs(found["float32"] - 15.9424 / 3) < 1e-3
assert abs(found["float16"] - 6.93 / 3) < 1e-2
PYTHON
