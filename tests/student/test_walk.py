"""`grade watch` and `grade reset`: through the course, exercise by exercise."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from workspaces import ROOT, solve

from grader.course.loader import find_course, find_exercise
from grader.errors import UsageError
from grader.model import CheckResult, Confinement, Outcome, Report
from grader.student import walk as walking
from grader.student.progress import read_progress
from grader.student.walk import walk
from grader.student.workspace import reset

TRANSCRIPT = Path(__file__).with_name("first_hour.txt")
SAVE = re.compile(r"save (\S+)(?: with (.+) for (.+))?")


@pytest.mark.skipif(os.name == "nt", reason="it needs a pseudo-terminal")
def test_the_first_hour(tmp_path):
    """The transcript holds, word for word, in a terminal: from an empty folder to ex02 done."""
    pexpect = pytest.importorskip("pexpect")
    folder, terminal = tmp_path, None
    count = str(len(find_course(ROOT).exercises))
    for line in TRANSCRIPT.read_text("utf-8").splitlines():
        if line.startswith("$ cd "):
            folder /= line.removeprefix("$ cd ")
        elif line.startswith("$ "):
            words = ["-m", "grader", *shlex.split(line)[2:]]
            terminal = pexpect.spawn(
                sys.executable,
                words,
                cwd=folder,
                encoding="utf-8",
                dimensions=(40, 80),
                timeout=60,
                env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
            )
        elif line.startswith("press "):
            terminal.send(line.removeprefix("press "))
        elif found := SAVE.fullmatch(line):
            name, new, old = found.groups("")
            text = (ROOT / "solutions" / name).read_text("utf-8")
            (folder / name).write_text(text.replace(old, new) if old else text, "utf-8")
        elif line.startswith("    "):
            assert terminal is not None
            terminal.expect_exact(line.strip().replace("COUNT", count))


class Screen:
    """A screen that notes what it was told; a student who solves `solving` exercises and quits."""

    def __init__(self, solving):
        self.told, self._solving = [], solving

    def begin(self, exercise):
        """Note it."""
        self.told.append(f"begin {exercise.id}")

    def checked(self, exercise, report):
        """Note it, with what was checked."""
        self.told.append(f"checked {exercise.id} {report.submission}")

    def done(self, exercise, report):
        """Note it."""
        self.told.append(f"done {exercise.id}")

    def end(self):
        """Note it."""
        self.told.append("end")

    def act(self, exercise, report):
        """Solve it, or quit."""
        if exercise.id in self._solving:
            return "again"
        return "stop"


@pytest.fixture
def grading(monkeypatch, workspace):
    """In the place of checks: the second time, an exercise has full marks."""
    tried = set()

    def watch(course, exercise, path, on_report, *, act, **_):
        while True:
            outcome = Outcome.PASSED if exercise.id in tried else Outcome.FAILED
            score = 1.0 if outcome is Outcome.PASSED else 0.0
            check = CheckResult(
                "test_a", "A.", outcome, score, 1.0, message="No." * (1 - int(score))
            )
            report = Report(exercise.id, "", str(path), (check,), Confinement(), "1")
            on_report(report, True)
            tried.add(exercise.id)
            if act() == "stop":
                return

    monkeypatch.setattr(walking, "watch", watch)
    monkeypatch.chdir(workspace)
    return find_course(workspace)


def test_a_walk_goes_on_by_itself(grading):
    """It begins at the first exercise that is not done, goes on when it is, and remembers."""
    screen = Screen({"ex01"})
    assert not walk(grading, screen)
    assert screen.told == [
        "begin ex01",
        "checked ex01 ex01_neuron.py",
        "done ex01",
        "begin ex02",
        "checked ex02 ex02_activations.py",
    ]
    again = Screen(set())
    walk(grading, again)
    assert again.told[0] == "begin ex02"


def test_a_walk_ends(grading):
    """After the last exercise comes the end, also where no progress can be recorded."""
    (grading.root.parent / ".grade").write_text("a file in the place of the folder")
    screen = Screen({e.id for e in grading.exercises})
    assert walk(grading, screen)
    assert screen.told.count("begin ex10") == 1
    assert screen.told[-1] == "end"
    assert not read_progress(grading)


def test_a_walk_needs_a_workspace():
    """In a clone there is nobody's own work to watch."""
    with pytest.raises(UsageError, match="grade init my-course"):
        walk(find_course(ROOT), Screen(set()))


def test_reset_keeps_the_old_file(workspace, run):
    """The stub is back; every old file is kept under a name of its own, and no progress is left."""
    stub = (workspace / "ex04_convolution.py").read_text("utf-8")
    for kept in ("ex04_convolution.py.old", "ex04_convolution.py.old2"):
        solve(workspace)
        solved = (workspace / "ex04_convolution.py").read_text("utf-8")
        done = run(workspace, "reset", "4")
        assert (done.code, kept in done.out) == (0, True)
        assert (workspace / "ex04_convolution.py").read_text("utf-8") == stub
        assert (workspace / kept).read_text("utf-8") == solved
    (workspace / "ex04_convolution.py").unlink()
    course = find_course(workspace)
    assert reset(course, find_exercise(course, "ex04"))[1] is None
    assert "ex04" not in read_progress(course)


def test_reset_only_where_a_stub_is_known(workspace):
    """A clone, and an exercise that is not in the installed template, are refused."""
    clone = find_course(ROOT)
    with pytest.raises(UsageError, match="only a student's workspace"):
        reset(clone, find_exercise(clone, "ex04"))
    folder = workspace / "exercises" / "ex04_convolution"
    folder.rename(folder.with_name("ex04_other"))
    course = find_course(workspace)
    with pytest.raises(UsageError, match=r"ex04_other\.py: this installation has no stub"):
        reset(course, find_exercise(course, "ex04"))
