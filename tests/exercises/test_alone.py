"""An exercise submitted without the earlier ones that it builds on: what does not need them still counts."""

import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_what_needs_no_earlier_exercise_is_graded(grade, tmp_path):
    """Functions of ex08 that call nothing of ex03 earn their points; the others name the missing file."""
    shutil.copy(ROOT / "solutions" / "ex08_backpropagation.py", tmp_path)
    report = json.loads(grade("ex08", tmp_path, "--format", "json").out)
    assert 0 < report["score"] < report["max_score"]
    assert any("ex03_fully_connected.py" in note for note in report["notes"])
    wrong = [check for check in report["checks"] if check["outcome"] == "error"]
    assert wrong
    assert all("ex03_fully_connected.py" in check["message"] for check in wrong)
