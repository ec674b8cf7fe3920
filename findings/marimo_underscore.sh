#!/usr/bin/env bash
# A Jupyter notebook that sets `_rate` in one cell and uses it in the next, converted by marimo.
#
# One would expect the converted notebook to run, since the original does, and since marimo renames variables
# that two cells set. A name with a leading underscore is private to its cell there; the conversion leaves it as
# it is, and the program ends with a NameError.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check marimo==0.25.2 nbformat==5.11.1

"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys
import tempfile
from pathlib import Path

import marimo
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

print(f"marimo {marimo.__version__}")
with tempfile.TemporaryDirectory() as folder:
    book, program = Path(folder, "book.ipynb"), Path(folder, "book.py")
    cells = [new_code_cell("_rate = 0.5"), new_code_cell("print(2 * _rate)")]
    nbformat.write(new_notebook(cells=cells), book)
    convert = [sys.executable, "-m", "marimo", "convert", str(book), "-o", str(program)]
    subprocess.run(convert, check=True, capture_output=True)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
print("exit code", done.returncode, "-", done.stderr.strip().splitlines()[-1])
assert done.returncode == 1
assert "NameError: name '_rate' is not defined" in done.stderr
PYTHON
