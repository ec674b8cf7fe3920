#!/usr/bin/env bash
# The same three lines on NumPy 2 and compiled by Numba on top of it.
#
# One would expect the same types. NumPy 2 keeps float32 in `x * 3.0` and uint8 in `x + 1`, and lets
# uint8(200) + 100 wrap to 44. Compiled, the results are float64, int64 and 300: a decorator for speed
# doubles the memory and changes the numbers.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import numba
import numpy as np

warnings.simplefilter("ignore")
singles, small = np.ones(2, np.float32), np.ones(2, np.uint8)


def triple(x):
    return x * 3.0


def increase(x):
    return x + 1


def add_hundred(x):
    return x + 100


print(f"Numba {numba.__version__}, NumPy {np.__version__}")
results = []
for function, argument in ((triple, singles), (increase, small), (add_hundred, np.uint8(200))):
    plain, compiled = function(argument), numba.njit(function)(argument)
    print(f"{function.__name__}: NumPy {plain!r}, compiled {compiled!r}")
    results.append((np.asarray(plain).dtype.name, np.asarray(compiled).dtype.name))
assert results == [("float32", "float64"), ("uint8", "int64"), ("uint8", "int64")]
assert numba.njit(add_hundred)(np.uint8(200)) == 300
PYTHON
