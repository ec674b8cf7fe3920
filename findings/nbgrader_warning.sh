#!/usr/bin/env bash
# A notebook's test that passes, and prints a warning of NumPy's, as nbgrader counts its points.
#
# One would expect full points: nothing failed, and the same test without the warning has them. A test cell that
# writes to stderr has none, and a warning does: log of 0, a deprecated name, a slow download.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ipykernel==7.4.0 nbclient==0.11.0 nbformat==5.11.1 nbgrader==0.9.6 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

kind = {"grade": True, "solution": False, "locked": True, "points": 3, "cell_type": "code", "schema_version": 3}
tests = {
    "silent": "import numpy as np\nassert np.exp(np.float64(0)) == 1",
    "warns": "assert np.log(np.float64(0)) == -np.inf",
    "fails": "assert np.exp(np.float64(0)) == 2",
}
notebook = new_notebook(
    cells=[
        new_code_cell(text, metadata={"nbgrader": {**kind, "grade_id": name}, "tags": ["raises-exception"]})
        for name, text in tests.items()
    ]
)
NotebookClient(notebook, kernel_name="python3").execute()
points = {name: determine_grade(cell) for name, cell in zip(tests, notebook.cells)}
print("nbgrader", version("nbgrader"))
print("points of 3:", {name: earned for name, (earned, _) in points.items()})
assert points == {"silent": (3, 3), "warns": (0, 3), "fails": (0, 3)}
PYTHON
