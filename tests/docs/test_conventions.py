"""What libraries do where a convention decides: the page, what it says of our checks, the findings."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from conventions import grading, page  # noqa: E402
from conventions.rows.registry import load, number, show  # noqa: E402

PAGE = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
FINDINGS = sorted((ROOT / "findings").glob("*.sh"))
CHEAP = ("relu", "ties", "mse")  # these are graded in a few seconds
HANDOUTS = [
    path
    for place in ("exercises", "student_template/exercises")
    for path in sorted((ROOT / place).glob("ex*/README.md"))
]


def lines_between(name):
    """The table rows between two marks of the page, each as its cells."""
    begin, end = f"<!-- conventions-{name}:begin -->", f"<!-- conventions-{name}:end -->"
    text = PAGE.partition(begin)[2].partition(end)[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


# The page


def test_every_row_is_on_the_page():
    """Each row that is run stands in the table of its topic, in order; there are at least forty."""
    rows = load().values()
    assert len(rows) >= 40
    for topic in {row.topic for row in rows}:
        shown = [tuple(cells[:2]) for cells in lines_between(f"rows-{topic}")]
        assert shown == [(row.library, row.call) for row in rows if row.topic == topic]


def test_the_run_is_dated_and_every_library_has_its_version():
    """The page says when it was run, and with which version of everything that a row names."""
    assert re.search(r"One run, on 20\d\d-\d\d-\d\d, with Python 3", PAGE)
    pinned = PAGE.partition("conventions-versions:begin")[2].partition("conventions-versions:end")[
        0
    ]
    for library in {row.library for row in load().values()} - {"python"}:
        name = {"tensorflow": "tensorflow-cpu"}.get(library, library)
        assert re.search(rf"\b{name}[. ]\d", pinned), library


def test_each_guess_belongs_to_a_row_and_the_wrong_ones_are_counted():
    """A guess or a known answer for every row; the page counts what its list of wrong ones holds."""
    text = page.GUESSES.read_text(encoding="utf-8")
    guessed = re.findall(r"^(\w+) = ", text, re.MULTILINE)
    assert sorted(guessed) == sorted(load())
    said = re.search(r"Of (\d+) rows, (\d+) were guessed .*; (\d+) of the guesses were wrong", PAGE)
    assert int(said[1]) == len(load())
    assert int(said[2]) == len(re.findall(r"^\w+ = ", text.partition("[seen]")[0], re.MULTILINE))
    assert int(said[3]) == len(lines_between("guesses"))


@pytest.mark.slow
def test_what_the_page_says_of_our_checks_is_so():
    """Solutions with other conventions are graded as the page says, for the cheap topics."""
    cheap = [v for v in grading.variants() if v.topic in CHEAP]
    found = grading.verdicts(cheap)
    for topic in CHEAP:
        now = [[v.form, verdict] for v, verdict in found.items() if v.topic == topic]
        assert lines_between(f"checks-{topic}") == now
    assert {"accepted"} < set(found.values())


def test_every_variant_is_an_edit_of_its_solution(tmp_path):
    """Each passage that a variant replaces is in the solution once, and the variant is on the page."""
    for place, variant in enumerate(grading.variants()):
        variant.write(tmp_path / str(place))
        assert variant.form in [cells[0] for cells in lines_between(f"checks-{variant.topic}")]


def test_a_difference_is_shown():
    """A value that has changed is a difference, named by its line; nothing else is."""
    begin, end = "<!-- conventions-rows-ties:begin -->", "<!-- conventions-rows-ties:end -->"
    text = f"before\n{begin}\n| torch | first | 1 0 |\n{end}\nafter\n"
    same = page.filled(text, {"rows-ties": "| torch | first | 1 0 |"})
    other = page.filled(text, {"rows-ties": "| torch | first | 0 1 |"})
    assert page.differences(text, same) == []
    assert page.differences(text, other)[3:] == [
        "-| torch | first | 1 0 |",
        "+| torch | first | 0 1 |",
    ]
    with pytest.raises(ValueError, match="rows-flip"):
        page.filled(text, {"rows-flip": ""})


def test_values_are_written_so_that_conventions_differ():
    """Signs of zero, NaN and large sums stay apart; the last digits do not show."""
    assert [number(v) for v in (-0.0, 0.0, float("nan"), 3.0, 2 / 3, 100958.34)] == [
        "-0", "0", "nan", "3", "0.6667", "100958",
    ]  # fmt: skip
    assert show([[1.0, 0.5], True]) == "1 0.5 yes"
    assert page.agrees("0.577", "0.58")
    assert not page.agrees("0.5 0.5", "1 0")
    assert not page.agrees("nan", "0")


# The way to the page


def test_every_handout_is_there_twice():
    """Once for us, once in the students' workspace."""
    names = [path.parent.name for path in HANDOUTS]
    assert sorted(names) == sorted(2 * list(set(names)))


@pytest.mark.parametrize("handout", HANDOUTS, ids=lambda path: f"{path.parts[-4]}-{path.parts[-2]}")
def test_every_handout_names_the_page(handout):
    """A student who compares with a library is led to the page, here and in the workspace."""
    assert "`docs/conventions.md`" in handout.read_text(encoding="utf-8")


# The findings


def test_there_are_findings():
    """At least a dozen surprises are kept."""
    assert len(FINDINGS) >= 12


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_stands_alone(finding):
    """A script that can be run: it says what it expects, installs pinned packages in a folder of its
    own, removes that, and knows nothing of this project."""
    text = finding.read_text(encoding="utf-8")
    header = text.partition("set -euo pipefail")[0]
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert "One would expect" in header
    assert "folder=$(mktemp -d)" in text
    assert "trap 'rm -rf \"$folder\"' EXIT" in text
    installed = re.search(r"pip\" install --quiet --disable-pip-version-check (.*)", text)[
        1
    ].split()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", package) for package in installed)
    assert "assert " in text
    assert not re.search(r"nn-grader|import grader|https?://|index-url", text)
    if os.name == "posix":
        assert os.access(finding, os.X_OK)
        subprocess.run(["bash", "-n", str(finding)], check=True)
