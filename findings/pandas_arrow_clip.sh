#!/usr/bin/env bash
# The percentages of 0 of 0, 8 of 10 and 12 of 10 points, as PyArrow divides them, read by pandas and cut to 0 ... 100.
#
# One would expect that the first stays without a number, as with pandas' own types: 0 / 0 is NaN, and clip, by its
# documentation, sets what is above or below a bound to the bound, which NaN is not. In a column of type
# double[pyarrow] it becomes the upper bound: who had nothing to earn has 100. With a lower bound alone it is 0.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 pyarrow==26.0.1

"$folder/venv/bin/python" - <<'PYTHON'
import io

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

print(f"pandas {pd.__version__}, PyArrow {pa.__version__}")
points, possible = pa.array([0.0, 8.0, 12.0]), pa.array([0.0, 10.0, 10.0])
file = io.BytesIO()
pq.write_table(pa.table({"percent": pc.multiply(pc.divide(points, possible), 100.0)}), file)
found = {}
for backend in ("numpy", "numpy_nullable", "pyarrow"):
    choice = {} if backend == "numpy" else {"dtype_backend": backend}
    column = pd.read_parquet(io.BytesIO(file.getvalue()), **choice)["percent"]
    cut, raised = column.clip(0, 100), column.clip(lower=0)
    print(f"{column.dtype}: {column.tolist()}, clip(0, 100) {cut.tolist()}, clip(lower=0) {raised.tolist()}")
    assert not column[0] >= 0 if backend != "numpy_nullable" else column[0] is pd.NA
    assert cut[1:].tolist() == [80, 100]
    found[backend] = [None if pd.isna(series[0]) else series[0] for series in (cut, raised)]
assert found == {"numpy": [None, None], "numpy_nullable": [None, None], "pyarrow": [100, 0]}
PYTHON
