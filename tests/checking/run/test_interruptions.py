"""What ends a student's process from outside is not held against the student, and buys nothing."""

import os
import signal
import sys
from pathlib import Path

import pytest

from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.run import session
from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course
from grader.errors import Interrupted
from grader.intake.submission import read_submission
from grader.sandbox.box import Box
from grader.sandbox.launch import Server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills processes by their pidfd")

SUICIDE = """
import os

def count(x):
    os.kill(os.getpid(), 9)
"""


def student_of(box):
    """The number of a student's process."""
    text = Path(f"/proc/self/fdinfo/{box._channel._handle}").read_text("ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pid:"))


@pytest.fixture
def kill(monkeypatch):
    """Kill a process just before some of the messages to a student's process, by their number. The
    canary, which is no student's, is not counted."""

    def arrange(server, when, victim, how=signal.SIGKILL):
        assert server.claims
        exchange, count = Box.exchange, [0]

        def deadly(box, *words, **keywords):
            count[0] += 1
            if when(count[0]):
                os.kill(victim(box), how)
            return exchange(box, *words, **keywords)

        monkeypatch.setattr(Box, "exchange", deadly)

    return arrange


@pytest.fixture
def run(small):
    """Grade the small course's solution, or other sources; returns the report."""

    def call(server, source=""):
        course = find_course(small.root)
        (exercise,) = course.exercises
        text = small.solution.read_text("utf-8") + source
        submission = read_submission(small.submit(text), exercise)
        reports = []
        run_jobs(
            course,
            [exercise],
            [Job(exercise, submission=submission)],
            lambda _, report: reports.append(report),
            server=server,
        )
        return reports[0]

    return call


WEAKER = [pytest.param(level, marks=pytest.mark.slow) for level in ("T1", "T0")]


@pytest.mark.parametrize("level", ["T3", *WEAKER])
@pytest.mark.parametrize("message", [1, 2, 5])
@pytest.mark.parametrize("who", ["student", "server"])
def test_one_kill_changes_nothing(who, message, level, run, kill):
    """The submission is graded again, with a new server if need be; nobody could tell from the report."""
    with Server(level) as server:
        victims = {"student": student_of, "server": lambda _: server._process._process.pid}
        kill(server, lambda number: number == message, victims[who])
        report = run(server)
    assert (report.outcome, report.score) == ("passed", report.max_score)


def test_kills_of_one_process_after_the_other_change_nothing(run, kill):
    """Who kills at random may hit the next process of the same submission, in the same check, too."""
    with Server() as server:
        kill(server, lambda number: number <= 6, student_of)
        report = run(server)
    assert (report.outcome, report.score) == ("passed", report.max_score)


def test_other_signals_that_stop_everything(run, kill):
    """A system that is shut down sends SIGTERM to every process, also to students'."""
    with Server() as server:
        kill(server, lambda number: number == 2, student_of, signal.SIGTERM)
        report = run(server)
    assert (report.outcome, report.score) == ("passed", report.max_score)


@pytest.mark.parametrize("level", ["T1", "T0"])
def test_a_server_that_is_killed_again_and_again(level, run, kill):
    """Twice, then it is no verdict, whether or not the submission could have done it."""
    with Server(level) as server:
        kill(server, lambda _: True, lambda _: server._process._process.pid)
        with pytest.raises(Interrupted, match="killed from outside"):
            run(server)


def test_whoever_kills_itself_has_a_verdict(run, monkeypatch):
    """It is graded again as if it had been killed from outside, a few times and no more; then its checks
    crash, and the others count."""
    runs = []
    init = SandboxedCode.__init__
    monkeypatch.setattr(
        SandboxedCode, "__init__", lambda code, *words: (runs.append(code), init(code, *words))[1]
    )
    with Server() as server:
        report = run(server, SUICIDE)
    outcomes = {str(check.outcome) for check in report.checks}
    assert "crashed" in outcomes
    assert "passed" in outcomes
    assert report.score < report.max_score
    assert 1 < len(runs) <= session.MAX_TRIES


def test_kills_in_every_check_are_soon_a_verdict(run, kill):
    """Nobody gets tries without bound: a process that is always killed ends in crashes."""
    with Server() as server:
        kill(server, lambda _: True, student_of)
        report = run(server)
    assert report.score == 0
