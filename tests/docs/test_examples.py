"""The example submissions, which the README's first command grades, say what they are there to say."""

from __future__ import annotations

import json
import re
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


@pytest.fixture(scope="module")
def reports(grade_for_several):
    """The reports on all examples by name, graded together by the README's first command."""
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    command = re.search(r"&& \.venv/bin/(grade ex04 .+)$", readme, re.MULTILINE)[1]
    assert command == "grade ex04 examples/*"
    names = sorted(p.name for p in EXAMPLES.iterdir() if p.name != "README.md")
    result = grade_for_several("ex04", *(EXAMPLES / name for name in names), "--format", "json")
    assert (result.code, result.err) == (1, "")
    found = json.loads(result.out)
    assert [Path(r["submission"]).name for r in found] == names
    return dict(zip(names, found, strict=True))


def test_every_example_is_listed():
    """No example is without its expectation."""
    assert {p.name for p in EXAMPLES.iterdir() if p.suffix in (".py", ".ipynb")} == set(SHOWS)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWS)
def test_example(name, reports):
    """Right ones get full marks, wrong ones are told which mistake they made, and keep the points of
    what is right."""
    report = reports[name]
    named = {c["misconception"] for c in report["checks"]} - {""}
    if SHOWS[name] == ():
        assert report["outcome"] == "passed"
        assert report["score"] == report["max_score"]
        return
    assert report["outcome"] == "failed"
    assert 0 < report["score"] < report["max_score"]
    for mistake in SHOWS[name] or ():
        assert mistake in named
        hints = {c["hint"] for c in report["checks"] if c["misconception"] == mistake}
        assert all(hint.strip() for hint in hints)


@pytest.mark.slow
def test_the_unfinished_notebook(reports):
    """The notebook's raising cell is named with its number; its finished functions are graded."""
    report = reports["farid_unfinished.ipynb"]
    assert any("farid_unfinished.ipynb cell " in problem for problem in report["problems"])
    outcomes = {c["name"]: c["outcome"] for c in report["checks"]}
    assert outcomes["test_values"] == "passed"
    assert outcomes["test_gradient_shapes"] != "passed"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "code"), [("ben_loops.py", 0), ("dmitri_overwrites.py", 1)])
def test_company_changes_nothing(name, code, grade, reports):
    """Graded alone an example has the report that it has among the others, but for the time it took."""
    alone = grade("ex04", EXAMPLES / name, "--format", "json")
    assert alone.code == code
    assert timeless(alone.report) == timeless(reports[name])


def timeless(report):
    """A report without durations."""
    checks = [{**check, "duration": 0} for check in report["checks"]]
    return {**report, "checks": checks, "duration": 0}
