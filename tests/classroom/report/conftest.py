"""A hostile class in a gradebook, and its report."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reports import check, report

from grader.classroom.gradebook import open_gradebook
from grader.classroom.report.site import write_site
from grader.model import Picture

EVIL = (
    "<script>window.hacked=1</script>",
    "\"><img src=x onerror='window.hacked=1'>",
    "</style></pre></code><svg onload=window.hacked=1>",
    "{{ 7*7 }}{% raw %}",
    "javascript:window.hacked=1//\u202e\x1b[31m",
)
PICTURE = Picture(
    title="out[0,1]",
    expected=((1.0, 2.0), (3.0, 4.0)),
    got=((1.0, -2.0), (math.nan, 4.0)),
    wrong=((False, True), (True, False)),
)


def failed(name, outcome, evil, **more):
    """A check that did not pass, with hostile words wherever there are words."""
    words = {"message": f"message {evil}", "hint": f"hint {evil}"}
    return check(name, outcome, output=f"{evil}\x1b[31m" + "x" * 300, **words, **more)


def report_on(evil, passes):
    """A report of three checks, of which some pass."""
    first, second = check("test_a", "passed", 5.0), check("test_b", "passed", 5.0)
    if not passes:
        first = failed("test_a", "failed", evil, file=f"ex04_{evil}.py", line=2, picture=PICTURE)
        second = failed("test_b", "error", evil, misconception="not_divided_by_n")
        if evil == "Student 13":
            words = "For x (10, 3):\nout has shape (10,), expected (10, 1).\nMore."
            second, first = check("test_b", message=words), check("test_a", "passed", 5.0)
    about = {
        "problems": () if passes or evil == "Student 13" else (f"problem {evil}",),
        "notes": (f"note {evil}",),
    }
    checks = (first, second, check("test_c", "passed", 5.0))
    return report(*checks, exercise="ex04", title="Convolution", **about)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of a report on a class in which some names, files and outputs are hostile."""
    place = tmp_path_factory.mktemp("report")
    with open_gradebook(str(place / "grades.db"), create=True) as book:
        book.add_exercise("e4", "ex04", "Convolution", 15)
        for number in range(14):
            evil = EVIL[number % len(EVIL)] if number < 7 else f"Student {number}"
            who = (f"s{number:02d}{evil}", evil, f"{number}@example.org{evil}")
            when = datetime(2026, 10, 10 + number % 5, 12, tzinfo=UTC)
            key = f"k{number}"
            book.add_submission(who, "ex04", key, key, submitted=when, penalty=0.1 * (number == 3))
            source = {f"ex04_{evil}.py": f"import numpy\n{evil} = 1\n" + "y = 'wide'" * 40}
            book.add_result(key, key, "e4", report_on(evil, number % 3 == 0), source)
        book.add_student("nobody<b>", "Handed in nothing")
        book.adjust(f"s03{EVIL[3]}", "ex04", "add", 1, f"reason {EVIL[0]}", EVIL[1])
        write_site(f"Course {EVIL[0]}", book, (), place / "site")
    return place / "site"


@pytest.fixture
def pages(site):
    """The class's page and three students' pages."""
    found = [site / "index.html", *sorted((site / "students").iterdir())[:3]]
    return [Path(p) for p in found]
