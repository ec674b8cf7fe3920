#!/usr/bin/env bash
# The gradient of PyTorch's softplus at 20, by PyTorch's own gradient check.
#
# One would expect it to be confirmed: softplus is smooth, and float64 has digits enough. From 20 on PyTorch gives the
# argument itself, which is 2e-9 less: the function has a jump there, over which its own check finds a slope that is a
# thousandth off. A little before, and a little after, it is confirmed.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 torch==2.13.0

"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.autograd import gradcheck
from torch.nn.functional import softplus

at, after = torch.tensor([20.0, 20.0 + 1e-14], dtype=torch.float64)
jump = float((softplus(at) - softplus(after)) + (after - at))


def confirmed(where):
    x = torch.tensor([where], dtype=torch.float64, requires_grad=True)
    return gradcheck(softplus, x, raise_exception=False)


found = {x: confirmed(x) for x in (19.9, 20.0, 20.1)}
print(f"torch {torch.__version__}")
print(f"softplus falls by {jump:.2g} at 20; gradcheck says {found}")
assert 2.0e-9 < jump < 2.1e-9
assert found == {19.9: True, 20.0: False, 20.1: True}
PYTHON
