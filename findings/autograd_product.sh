#!/usr/bin/env bash
# The gradient of the product of 0 and 2, with autograd.
#
# One would expect 2 and 0: the slope by a factor is the product of the others. autograd divides the whole product
# by each factor instead, and answers NaN where a factor is 0, for a function that is smooth everywhere.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import warnings

import autograd.numpy as np
from autograd import grad

warnings.simplefilter("ignore")
factors = np.array([0.0, 2.0])
by_prod = grad(lambda x: np.prod(x))(factors)
by_hand = grad(lambda x: x[0] * x[1])(factors)
print(f"autograd {importlib.metadata.version('autograd')}")
print("np.prod(x):", by_prod, " x[0] * x[1]:", by_hand)
assert by_hand.tolist() == [2, 0]
assert np.isnan(by_prod[0])
PYTHON
