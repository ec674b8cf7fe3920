#!/usr/bin/env bash
# The mean of a thousand ones in bfloat16, an ml_dtypes type inside NumPy.
#
# One would expect 1, or nearly: NumPy adds in pairs, and takes the mean of its own float16 in float32. For a
# type from outside it does neither. The sum stands still at 256, where the next number of bfloat16 is 258,
# so the mean is 0.256, and it falls as more ones are added.
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
for count in (256, 1000, 100_000):
    ones = np.ones(count, ml_dtypes.bfloat16)
    print(count, "ones: sum", np.sum(ones), "mean", np.mean(ones), "mean in float32", ones.mean(dtype="f"))
    assert float(np.sum(ones)) == 256
    assert abs(float(np.mean(ones)) - 256 / count) < 0.01 * 256 / count
    assert np.mean(np.ones(count, np.float16)) == 1
PYTHON
