#!/usr/bin/env bash
# jupytext turns a notebook into a script; one cell ends with the variable `ls`, another with `lr`.
#
# One would expect both lines in the script. A line that is a shell command's name is taken for the command and
# commented out, although the cell above gives the name a value; `cat`, `cp` and `cd` likewise.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jupytext==1.19.6 nbformat==5.11.1

"$folder/venv/bin/python" - <<'PYTHON'
import jupytext
from nbformat.v4 import new_code_cell, new_notebook

notebook = new_notebook(cells=[new_code_cell("ls = [1, 2]\nls"), new_code_cell("lr = 0.1\nlr")])
script = jupytext.writes(notebook, "py:percent")
lines = script.partition("# %%")[2].splitlines()
print(f"jupytext {jupytext.__version__}")
print("\n".join(lines))
assert "ls = [1, 2]" in lines and "# ls" in lines and "ls" not in lines
assert "lr" in lines
PYTHON
