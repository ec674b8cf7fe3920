#!/usr/bin/env bash
# The line 1 2 3 4 and the even kernel 1 10, "same" size, by two functions of scipy.signal.
#
# One would expect correlate2d on one row to be correlate. They take different middles of the full result and
# are one pixel apart. convolve and convolve2d agree with each other.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1

"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import scipy
from scipy import signal

line, kernel = np.array([[1, 2, 3, 4]]), np.array([[1, 10]])
found = {f.__name__: f(line, kernel, "same")[0].tolist()
         for f in (signal.correlate, signal.correlate2d, signal.convolve, signal.convolve2d)}
print(f"SciPy {scipy.__version__}")
for name, values in found.items():
    print(name, values)
assert found["correlate"] == [10, 21, 32, 43]
assert found["correlate2d"] == [21, 32, 43, 4]
assert found["convolve"] == found["convolve2d"]
PYTHON
