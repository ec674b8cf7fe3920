"""The example submissions, which the README's first command grades, say what they are there to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

# What each of them shows: full marks, or the mistakes that must be named.
SHOWS = {
    "amira_im2col.py": (),
    "ben_loops.py": (),
    "chloe_flipped.py": ("flipped_filter",),
    "dmitri_overwrites.py": ("filters_overwrite_dx",),
    "emma_crop.py": ("crop_fails_without_padding",),
    "farid_unfinished.ipynb": None,
}


def test_every_example_is_listed():
    """No example is without its expectation."""
    assert {p.name for p in EXAMPLES.iterdir() if p.suffix in (".py", ".ipynb")} == set(SHOWS)


@pytest.mark.parametrize("name", SHOWS)
def test_example(name, grade):
    """Right ones get full marks, wrong ones are told which mistake they made, and keep the points of
    what is right."""
    result = grade("ex04", EXAMPLES / name, "--format", "json")
    report = result.report
    named = {c["misconception"] for c in report["checks"]} - {""}
    if SHOWS[name] == ():
        assert (result.code, report["outcome"]) == (0, "passed")
        assert report["score"] == report["max_score"]
        return
    assert (result.code, report["outcome"]) == (1, "failed")
    assert 0 < report["score"] < report["max_score"]
    for mistake in SHOWS[name] or ():
        assert mistake in named
        hints = {c["hint"] for c in report["checks"] if c["misconception"] == mistake}
        assert all(hint.strip() for hint in hints)


def test_the_unfinished_notebook(grade):
    """The notebook's raising cell is named with its number; its finished functions are graded."""
    report = grade("ex04", EXAMPLES / "farid_unfinished.ipynb", "--format", "json").report
    assert any("farid_unfinished.ipynb cell " in problem for problem in report["problems"])
    outcomes = {c["name"]: c["outcome"] for c in report["checks"]}
    assert outcomes["test_values"] == "passed"
    assert outcomes["test_gradient_shapes"] != "passed"


def test_all_examples_at_once(grade):
    """Graded together they get the same verdicts as one by one, in order."""
    names = sorted(SHOWS)
    result = grade("ex04", *(EXAMPLES / name for name in names), "--format", "json")
    assert result.code == 1
    reports = json.loads(result.out)
    assert [Path(r["submission"]).name for r in reports] == names
    assert [r["outcome"] == "passed" for r in reports] == [SHOWS[name] == () for name in names]
