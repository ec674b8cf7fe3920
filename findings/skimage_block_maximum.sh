#!/usr/bin/env bash
# scikit-image's block_reduce takes the maximum of blocks of two over -5 -3 -4.
#
# One would expect -3 and -4. The last block is filled up with zeros before it is reduced, so the second
# maximum is 0, a number that is not in the picture; the minimum of 5 3 4 likewise ends in 0.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scikit-image==0.26.0

"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import skimage
from skimage.measure import block_reduce

largest = block_reduce(np.array([-5, -3, -4]), 2, np.max).tolist()
least = block_reduce(np.array([5, 3, 4]), 2, np.min).tolist()
print(f"scikit-image {skimage.__version__}: largest {largest}, least {least}")
assert largest == [-3, 0]
assert least == [3, 0]
PYTHON
