#!/usr/bin/env bash
# The median of 1, 2, 3, 4 in Polars, and the quantile at one half.
#
# One would expect the same number: the median is that quantile by definition, and NumPy, pandas and PyArrow say
# 2.5 for both. Polars says 2.5 and 3.0, since its quantile takes the nearest entry unless told otherwise.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0

"$folder/venv/bin/python" - <<'PYTHON'
import polars as pl

scores = pl.Series([1, 2, 3, 4])
median, quantile = scores.median(), scores.quantile(0.5)
print(f"Polars {pl.__version__}: median {median}, quantile(0.5) {quantile}")
print("quantile(0.5, interpolation='linear')", scores.quantile(0.5, interpolation="linear"))
assert median == 2.5
assert quantile == 3.0
PYTHON
