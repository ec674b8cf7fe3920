"""What the tests of renderers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import CheckResult, Confinement, Outcome, Picture, Report

GOLDEN = Path(__file__).parent / "golden"

# What a student could print or raise to confuse a terminal, a log or an XML reader.
HOSTILE = (
    "\x1b[2J\x1b[31mFull marks\x1b[0m \x1b]0;title\x07 \x9b31m\r\x00\x08\x7f ]]> <b>&amp;</b> "
    "\ud800 \ufffe\uffff \u202egnp.exe\u2066 \N{ZERO WIDTH SPACE} ::error::x '\"\N{PILE OF POO}"
)


def check(outcome=Outcome.PASSED, name="test_one", **more):
    """One result; it carries a message unless it passed."""
    passed = outcome is Outcome.PASSED
    values = {
        "name": name,
        "title": f"The title of {name}.",
        "outcome": outcome,
        "score": 2.0 if passed else 0.0,
        "max_score": 2.0,
        "message": "" if passed else f"What happened in {name}.",
    }
    return CheckResult(**{**values, **more})


def report(*checks, **more):
    """A report of these checks."""
    values = {
        "exercise": "ex01",
        "title": "A line",
        "submission": "ada.py",
        "checks": checks,
        "confinement": Confinement(True, True, True, True, mechanism="all of it"),
        "grader": "1.0.0",
    }
    return Report(**{**values, **more})


def picture(rows=3, columns=4, got=2.5):
    """A picture whose entries differ on the diagonal."""
    expected = tuple(tuple(float(i + j) for j in range(columns)) for i in range(rows))
    wrong = tuple(tuple(i == j for j in range(columns)) for i in range(rows))
    mine = tuple(
        tuple(got if w else e for e, w in zip(es, ws, strict=True))
        for es, ws in zip(expected, wrong, strict=True)
    )
    return Picture("out[0,1]", expected, mine, wrong)


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[str, str], None]:
    """Compare a text with `golden/NAME`; with `--update-golden`, write it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if pytestconfig.getoption("update_golden"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_bytes().decode("utf-8")

    return compare


@pytest.fixture(scope="session")
def make():
    """Makers of reports, as attributes: `make.report(make.check(Outcome.FAILED))`."""

    class Make:
        HOSTILE = HOSTILE
        check = staticmethod(check)
        report = staticmethod(report)
        picture = staticmethod(picture)

    return Make
