"""What a shell completes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from grader.cli.app import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "cases" / "course"


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["hint"], "e", ["ex01"]),
        (["--course", "exercises", "hint", "ex04"], "conv", ["conv_forward", "conv_backward"]),
        (["hint", "ex99"], "l", []),
        (["ex01", "-k"], "mean", ["mean"]),
        (["ex01", "-k"], "test_m", ["test_mean"]),
        (["check", "ex01", "-k"], "test_forward", ["test_forward_shape", "test_forward_values"]),
        (["-k"], "test_m", []),
        ([], "ex0", ["ex01"]),
        ([], "al", ["all"]),
    ],
)
def test_completion(words, text, found, monkeypatch):
    """Exercises, functions that have hints, and for -k functions and checks are offered."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("GRADE_COURSE", str(SMALL))
    shell = ShellComplete(main, {}, "grade", "_GRADE_COMPLETE")
    assert [item.value for item in shell.get_completions(words, text)] == found
