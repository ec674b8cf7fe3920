"""The edits that a repair tries: of which kind they are, and in which order."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.checking.diagnosis.repair.edits import edits

ROOT = Path(__file__).resolve().parents[3]
LIST = """
import ast
from pathlib import Path
from grader.checking.diagnosis.repair.edits import edits
tree = ast.parse(Path("solutions/ex04_convolution.py").read_text(encoding="utf-8"))
(function,) = (f for f in tree.body if getattr(f, "name", "") == "conv_backward")
for edit in edits(function):
    with edit.made():
        print(edit.cost, edit.kind, ast.dump(function))
"""


@pytest.mark.parametrize(
    ("source", "changed", "kind"),
    [
        ("scores = np.where(mask, low, scores)", "np.where(1 - mask, low, scores)", "condition"),
        ("kept = rng.random(3) < p", "rng.random(3) < 1 - p", "share"),
        ("out = x @ w + b[0]", "x @ w + b\n", "entry"),
        ("out = x[1:]", "out = x\n", "slice"),
    ],
)
def test_what_an_edit_is_called(source, changed, kind):
    """By its kind a student is told what to look at, so it must be what stands there."""
    function = ast.parse(f"def f(x, w, b, p, mask, low, scores, rng):\n    {source}\n").body[0]
    found = set()
    for edit in edits(function):
        with edit.made():
            if changed in ast.unparse(function) + "\n":
                found.add(edit.kind)
    assert found == {kind}


def test_the_order_is_the_same_in_every_process():
    """Of edits that cost the same the first that is right is told: sets are in another order each time."""
    listed = [
        subprocess.run(
            [sys.executable, "-c", LIST],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (0, 2)
    ]
    assert listed[0] == listed[1]
    assert len(listed[0].splitlines()) > 1000
