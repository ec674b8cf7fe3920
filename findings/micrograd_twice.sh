#!/usr/bin/env bash
# micrograd calls `backward` twice on 12 a, without setting gradients to zero in between.
#
# One would expect gradients to add up, as they do in PyTorch: 12, then 24. The second pass adds to the gradients of
# the steps between as well, and hands on what the first one left there: it is 12, then 36. The longer the chain, the
# more it is.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check micrograd==0.1.0

"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from micrograd.engine import Value

a = Value(2.0)
three = a * 3
twelve = three * 4
twelve.backward()
once = a.grad
twelve.backward()
print("micrograd", version("micrograd"))
print("the gradient of 12 a after one pass, and after two:", once, a.grad)
assert once == 12
assert a.grad == 36
PYTHON
