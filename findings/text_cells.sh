#!/usr/bin/env bash
# pandas writes the ids "007" and "012" to .xlsx and .ods and reads them again.
#
# One would expect text: both formats have types, the cells are stored as text, and openpyxl reads them as
# text. pandas passes what it has read through its CSV parser's guesses, which make 7 and 12 of it, and True of
# the word TRUE.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check odfpy==1.4.1 openpyxl==3.1.5 pandas==3.1.1

"$folder/venv/bin/python" - <<'PYTHON'
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd

print(f"pandas {pd.__version__}, openpyxl {openpyxl.__version__}")
with tempfile.TemporaryDirectory() as folder:
    for ending in ("xlsx", "ods"):
        path = Path(folder, f"ids.{ending}")
        pd.DataFrame({"id": ["007", "012"], "word": ["TRUE", "FALSE"]}).to_excel(path, index=False)
        back = pd.read_excel(path)
        print(ending, back["id"].tolist(), back["word"].tolist())
        assert back["id"].tolist() == [7, 12]
        assert back["word"].tolist() == [True, False]
    cell = openpyxl.load_workbook(Path(folder, "ids.xlsx")).active["A2"]
    print("the cell itself:", repr(cell.value), cell.data_type)
    assert (cell.value, cell.data_type) == ("007", "s")
PYTHON
