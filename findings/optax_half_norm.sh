#!/usr/bin/env bash
# optax clips a gradient of four times 200 to the norm 1, in bfloat16, float32 and float16.
#
# One would expect 0.5 four times: the length is 400, which each of the three types holds. In float16 the squares are
# added first, 160 000, beyond its largest number 65 504; so the norm is infinite, and the gradient is divided by it.
# What comes out is 0, not NaN, and no warning: a step whose gradient is longer than 256 is no step at all.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 optax==0.2.8

JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import optax

print(f"optax {optax.__version__}, JAX {jax.__version__}")
clip = optax.clip_by_global_norm(1.0)
for kind in (jnp.bfloat16, jnp.float32, jnp.float16):
    gradient = {"w": jnp.full(4, 200.0, kind)}
    norm = float(optax.tree.norm(gradient))
    clipped = clip.update(gradient, clip.init(gradient))[0]["w"]
    compiled = jax.jit(clip.update)(gradient, clip.init(gradient))[0]["w"]
    print(f"{jnp.dtype(kind).name}: norm {norm}, clipped {clipped.tolist()}, compiled {compiled.tolist()}")
    half = kind is jnp.float16
    assert clipped.dtype == kind
    assert norm == (float("inf") if half else 400)
    assert clipped.tolist() == compiled.tolist() == [0.0 if half else 0.5] * 4
PYTHON
