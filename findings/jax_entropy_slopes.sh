#!/usr/bin/env bash
# The slope of p log p at p = 0 in JAX, by two functions of jax.scipy.special.
#
# One would expect one answer, up to the sign: rel_entr(p, 1) is p log p and entr(p) is -p log p. The slope of the
# first is 0 at 0 and the slope of the second is +inf; a little above 0 they are each other's negative.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2 numpy==2.4.6

JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PYTHON'
import jax
from jax.scipy.special import entr, rel_entr

print(f"JAX {jax.__version__}")
found = {}
for p in (0.0, 0.5):
    found[p] = float(jax.grad(lambda p: rel_entr(p, 1.0))(p)), float(jax.grad(entr)(p))
    print(f"p = {p}: slope of rel_entr(p, 1) {found[p][0]}, slope of entr(p) {found[p][1]}")
assert abs(found[0.5][0] + found[0.5][1]) < 1e-6
assert found[0.0] == (0.0, float("inf"))
PYTHON
