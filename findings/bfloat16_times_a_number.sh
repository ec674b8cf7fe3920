#!/usr/bin/env bash
# An array of bfloat16 times a Python number, since NumPy 2 gives Python numbers no precision of their own.
#
# One would expect bfloat16 for `x * 3` and for `x * 3.0`, as float16 stays float16 in both. The whole
# number keeps bfloat16; the fraction makes float32 of it, and an int4 array becomes int8 either way.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
import ml_dtypes
import numpy as np

print(f"ml_dtypes {ml_dtypes.__version__}, NumPy {np.__version__}")
half, brain, tiny = (np.ones(2, t) for t in (np.float16, ml_dtypes.bfloat16, ml_dtypes.int4))
for x in (half, brain, tiny):
    print(f"{x.dtype} * 3: {(x * 3).dtype}" + (f", * 3.0: {(x * 3.0).dtype}" if x is not tiny else ""))
assert (half * 3).dtype == (half * 3.0).dtype == np.float16
assert (brain * 3).dtype == ml_dtypes.bfloat16
assert (brain * 3.0).dtype == np.float32
assert (tiny * 3).dtype == np.int8
PYTHON
