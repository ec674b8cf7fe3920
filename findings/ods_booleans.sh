#!/usr/bin/env bash
# A sheet with the cells True and False, written by pyexcel-ods3 and read by pandas.
#
# One would expect True and False. pandas reads False twice, without a warning; what pyexcel-ods3 reads back from the
# same file is right. The format keeps the value in an attribute, beside the text that is shown. pandas goes by the
# text and takes all but TRUE for False; the other library writes the value alone.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lml==0.2.0 odfpy==1.4.1 pandas==3.1.1 pyexcel-ods3==0.6.1

"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import tempfile
from pathlib import Path

import pandas as pd
import pyexcel_ods3

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "passed.ods")
    pyexcel_ods3.save_data(str(path), {"S": [["passed"], [True], [False]]})
    by_writer = [row[0] for row in pyexcel_ods3.get_data(str(path))["S"][1:]]
    by_pandas = pd.read_excel(path, engine="odf")["passed"].tolist()
print(f"pyexcel-ods3 {importlib.metadata.version('pyexcel-ods3')}, pandas {pd.__version__}")
print("read back by the writer:", by_writer, " read by pandas:", by_pandas)
assert by_writer == [True, False]
assert by_pandas == [False, False]
PYTHON
