#!/usr/bin/env bash
# numexpr adds up an array without numbers.
#
# One would expect 0 for its sum and 1 for its product, as in NumPy and in mathematics; of three numbers numexpr gives
# one. Of none it gives an array without numbers, of the shape of what was to be added: a loss of an empty batch, say,
# that is no number, and compares with nothing.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numexpr==2.14.2 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
import numexpr
import numpy as np

some, none = np.array([1.0, 2.0, 3.0]), np.zeros((0, 4))
print(f"numexpr {numexpr.__version__}, numpy {np.__version__}")
for name, reduce in (("sum", np.sum), ("prod", np.prod)):
    of_some = numexpr.evaluate(f"{name}(some)")
    of_none = numexpr.evaluate(f"{name}(none)")
    print(f"{name}: of some {of_some}, of none an array of shape {of_none.shape}; NumPy says {reduce(none)}")
    assert of_some.shape == () and of_some == reduce(some)
    assert of_none.shape == (0, 4)
PYTHON
