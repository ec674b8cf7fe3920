"""A hostile class in a gradebook, its report, and a real browser to look at it."""

import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.classroom.gradebook import open_gradebook
from grader.classroom.report.site import write_site

AXE = "axe-core@4.14.1"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
EVIL = (
    "<script>window.hacked=1</script>",
    "\"><img src=x onerror='window.hacked=1'>",
    "</style></pre></code><svg onload=window.hacked=1>",
    "{{ 7*7 }}{% raw %}",
    "javascript:window.hacked=1//\u202e\x1b[31m",
)
PICTURE = {
    "title": "out[0,1]",
    "expected": [[1.0, 2.0], [3.0, 4.0]],
    "got": [[1.0, -2.0], ["nan", 4.0]],
    "wrong": [[False, True], [True, False]],
}


def check(name, outcome, evil="", **more):
    """One check of a report."""
    failed = outcome != "passed"
    return {
        "name": name,
        "title": f"What {name} says",
        "outcome": outcome,
        "score": 0.0 if failed else 5.0,
        "max_score": 5.0,
        "hidden": False,
        "message": f"message {evil}" if failed else "",
        "hint": f"hint {evil}" if failed else "",
        "misconception": "",
        "output": f"{evil}\x1b[31m" + "x" * 300 if failed else "",
        "file": "",
        "line": 0,
        "duration": 0.0,
        **more,
    }


def report(evil, passes):
    """A report of three checks, of which some pass."""
    file = f"ex04_{evil}.py"
    checks = [
        check("test_a", "passed" if passes else "failed", evil, file=file, line=2, picture=PICTURE)
        if not passes
        else check("test_a", "passed"),
        check("test_b", "passed" if passes else "error", evil, misconception="" if passes else "not_divided_by_n"),
        check("test_c", "passed"),
    ]  # fmt: skip
    score = sum(c["score"] for c in checks)
    return {
        "title": "Convolution",
        "score": score,
        "max_score": 15.0,
        "outcome": "passed" if passes else "failed",
        "grader": "1.0",
        "problems": [] if passes else [f"problem {evil}"],
        "notes": [f"note {evil}"],
        "checks": checks,
    }


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
            book.hand_in(who, "ex04", key, key, submitted=when, penalty=0.1 * (number == 3))
            source = {f"ex04_{evil}.py": f"import numpy\n{evil} = 1\n" + "y = 'wide'" * 40}
            book.add_result(key, key, "e4", report(evil, number % 3 == 0), source)
        book.add_student("nobody<b>", "Handed in nothing")
        book.adjust(f"s03{EVIL[3]}", "ex04", "add", 1, f"reason {EVIL[0]}", EVIL[1])
        write_site(f"Course {EVIL[0]}", book, (), place / "site")
    return place / "site"


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The source of axe-core, from the npm registry."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: accessibility is not checked (apt-get install npm)")
    place = tmp_path_factory.mktemp("axe")
    done = subprocess.run(["npm", "pack", AXE], cwd=place, capture_output=True, check=False)
    packed = list(place.glob("*.tgz"))
    if done.returncode or not packed:
        pytest.skip(f"{AXE} cannot be had from the npm registry: accessibility is not checked")
    with tarfile.open(packed[0]) as archive:
        member = archive.extractfile("package/axe.min.js")
        return member.read().decode()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A real Chromium without a window."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("no browser: run apt-get install chromium chromium-driver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    chrome = webdriver.Chrome(options=options, service=service)
    yield chrome
    chrome.quit()


@pytest.fixture
def pages(site):
    """The class's page and three students' pages."""
    found = [site / "index.html", *sorted((site / "students").iterdir())[:3]]
    return [Path(p) for p in found]
