#!/usr/bin/env bash
# Weights in float16, written to Parquet by PyArrow and read by fastparquet.
#
# One would expect the numbers, or an error: the format has a type for half precision, in which PyArrow writes them
# and reads them again. fastparquet does not know it, and gives the bytes, without a word. It takes zeros off the end
# of each, too: 0 is an empty string of bytes, and not all have the two bytes that a float16 is made of.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fastparquet==2026.9.0 numpy==2.4.6 pandas==3.1.1 pyarrow==26.0.1

"$folder/venv/bin/python" - "$folder/weights.parquet" <<'PYTHON'
import sys

import fastparquet
import numpy as np
import pandas as pd
import pyarrow as pa

path = sys.argv[1]
# 6e-8 is the smallest number of float16: a one, and a byte of zeros
weights = np.array([0.0, 1.0, -0.1, 6e-8], dtype=np.float16)
pd.DataFrame({"weight": weights}).to_parquet(path, engine="pyarrow")
print(f"fastparquet {fastparquet.__version__}, PyArrow {pa.__version__}, pandas {pd.__version__}")
read = {"pyarrow": pd.read_parquet(path, engine="pyarrow"), "fastparquet": fastparquet.ParquetFile(path).to_pandas()}
read = {engine: table["weight"] for engine, table in read.items()}
for engine, column in read.items():
    print(f"{engine}: {column.dtype}, {column.tolist()}")
print("bytes of the numbers:", [number.tobytes() for number in weights])
assert read["pyarrow"].dtype == np.float16
assert read["pyarrow"].tolist() == weights.tolist()
assert read["fastparquet"].tolist() == [number.astype("<f2").tobytes().rstrip(b"\0") for number in weights]
assert read["fastparquet"][0] == b""
PYTHON
