#!/usr/bin/env bash
# papermill hands NumPy's False and NumPy's 3 to a notebook as parameters.
#
# One would expect False and 3, as Python's own arrive: they come from a grid of settings, say. NumPy's float64 does,
# but other numbers and truth values of NumPy's are written as text: "False", which an `if` takes for true, and "3",
# twice which is "33".
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ipykernel==7.4.0 nbformat==5.11.1 numpy==2.4.6 papermill==2.7.0

"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from nbformat.v4 import new_notebook
from papermill.parameterize import parameterize_notebook

kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}, "papermill": {}}
settings = {"own": False, "shuffle": np.bool_(False), "epochs": np.int64(3), "rate": np.float64(0.5)}
notebook = parameterize_notebook(new_notebook(metadata=kernel), settings)
text = notebook.cells[0].source
found = {}
exec(text, found)
print("papermill", version("papermill"))
print(text)
assert found["own"] is False and found["rate"] == 0.5
assert found["shuffle"] == "False" and bool(found["shuffle"])
assert found["epochs"] == "3" and 2 * found["epochs"] == "33"
PYTHON
