"""The whole way on Gradescope, with its folders recreated: both scripts, and every kind of end."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from autograder_host import CASES, Host

from grader.course.loader import find_course
from grader.hosts.gradescope.build import gradescope
from grader.hosts.gradescope.settings import Settings

RIGHT = CASES / "right" / "submission" / "ex01_line.py"
WRONG = CASES / "wrong_value" / "submission" / "ex01_line.py"
WAITS = "import time\ntime.sleep(60)\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="Gradescope starts as root"
    ),
]

HOSTILE = """
import os, signal, sys


def attempt(name, action):
    try:
        print(name, "GOT THROUGH", action())
    except BaseException as error:
        print(name, "refused", type(error).__name__)


attempt("read", lambda: open("{root}/source/course.zip", "rb").read(9))
attempt("list", lambda: os.listdir("{root}/source"))
attempt("look", lambda: os.listdir("/tmp") + os.listdir("/dev/shm"))
attempt("write", lambda: open("{root}/results/results.json", "w").write('{{"score": 99}}'))
attempt("remove", lambda: os.remove("{root}/results/results.json"))
attempt("kill", lambda: os.kill(os.getppid(), signal.SIGKILL))
attempt("fork", lambda: os.fork())
print("user", os.getuid())
"""


def test_right_submission(installed):
    """A right submission gets all points; the instructor's output holds the whole report."""
    installed.submit(RIGHT)
    result, output = installed.run()
    assert result["score"] == 11
    assert {t["status"] for t in result["tests"]} == {"passed"}
    assert "Guarantees: filesystem, network" in result["output"]
    assert "11 of 11 points" in output
    assert result["stdout_visibility"] == "hidden"


def test_wrong_submission(installed):
    """A wrong submission gets the points of what is right, and is told what is not."""
    installed.submit(WRONG)
    result, _ = installed.run()
    failed = [t for t in result["tests"] if t["status"] == "failed"]
    assert len(failed) == 1
    assert result["score"] == 11 - failed[0]["max_score"]
    assert failed[0]["output"]


def test_late_submission(installed):
    """The declared penalty is taken off by what the host's record says."""
    installed.submit(RIGHT)
    record = {
        "created_at": "2026-03-03T12:00:00.000000-08:00",
        "assignment": {"due_date": "2026-03-02T12:00:00.000000-08:00"},
    }
    path = installed.root / "submission_metadata.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    result, _ = installed.run()
    assert result["score"] == pytest.approx(9.9)
    assert result["output"].startswith("Submitted 1 day late: 10%")
    assert sum(t["score"] for t in result["tests"]) == 11


def test_hostile_submission(installed):
    """Student code is another user, who reads neither source nor results, writes no result and
    stops no grader."""
    source = installed.root / "source" / "course.zip"
    before = hashlib.sha256(source.read_bytes()).digest()
    hostile = HOSTILE.format(root=installed.root) + RIGHT.read_text("utf-8")
    installed.submit(ex01_line=hostile)
    result, _ = installed.run()
    said = result["output"]
    assert said.count(" refused ") == 7
    assert "GOT THROUGH" not in said
    assert "user 0\n" not in said + "\n"
    assert result["score"] == 11
    assert hashlib.sha256(source.read_bytes()).digest() == before


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv makes another user")
def test_folders_are_closed_to_other_users(installed):
    """Also by the folders' permissions alone nobody else reads the source or the results."""
    installed.submit(RIGHT)
    installed.run()
    other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    paths = ["source/course.zip", "source/settings.json", "results/results.json"]
    for path, code in [*((p, 1) for p in paths), ("submission/ex01_line.py", 0)]:
        done = subprocess.run(
            [*other, "cat", installed.root / path], capture_output=True, check=False
        )
        assert done.returncode == code, path


def test_missing_submission(installed):
    """Nothing, or nothing that fits, scores zero with the reason; so does a missing folder."""
    installed.submit()
    result, _ = installed.run()
    assert result["score"] == 0
    assert "ex01_line.py is missing" in result["output"]
    assert result["extra_data"]["outcomes"] == {"ex01": "failed"}
    shutil.rmtree(installed.root / "submission")
    assert "ex01_line.py is missing" in installed.run()[0]["output"]


def children(pid):
    """The processes that a process has started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(word) for word in path.read_text().split()]
    except OSError:
        return []


def wait_for(process, depth):
    """The only descendant at this depth, once it is there: 1 supervises, 2 grades."""
    for _ in range(1000):
        found = [process.pid]
        for _ in range(depth):
            found = [c for p in found for c in children(p)]
        with contextlib.suppress(OSError):  # one that the script started before has just ended
            if (
                found
                and b"grader.hosts.gradescope" in Path(f"/proc/{found[0]}/cmdline").read_bytes()
            ):
                return found[0]
        time.sleep(0.01)
    raise AssertionError("it was never started")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("depth", "said"), [(2, "was killed (signal 9)"), (1, "was stopped from outside")]
)
def test_killed_grader(installed, depth, said):
    """If the grading process or the one that watches it is killed, the result is valid, says so,
    and is no grade."""
    installed.submit(ex01_line=WAITS)
    process = subprocess.Popen(
        installed.command,
        env=installed.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    groups = [process.pid]
    try:
        watcher, grading = wait_for(process, 1), wait_for(process, 2)
        groups.append(grading)
        os.kill({1: watcher, 2: grading}[depth], signal.SIGKILL)
        process.wait(30)
    finally:
        for pid in reversed(groups):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        process.wait()
    result = installed.result()
    assert said in result["output"]
    assert result["extra_data"]["ungraded"]
    assert result["tests"] == []


@pytest.fixture
def hurried(installed):
    """The host with another set of settings, for one test."""
    path = installed.root / "source" / "settings.json"
    before = path.read_text("utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def test_time_runs_out(installed, hurried):
    """Grading that takes too long is ended with all that it started, and the result says so."""
    hurried.write_text(Settings(("ex01",), seconds=1.5).dumps())
    installed.submit(ex01_line=WAITS)
    result, _ = installed.run()
    assert "stopped after 1.5 seconds" in result["output"]
    assert result["extra_data"]["ungraded"]


@pytest.mark.parametrize("text", ["{", '{"exercises": ["ex09"]}', '{"wrong": 1}'])
def test_broken_package(installed, hurried, text):
    """With settings that cannot be used there is a valid result; the reason is the instructor's."""
    hurried.write_text(text)
    installed.submit(RIGHT)
    result, output = installed.run()
    assert result["extra_data"]["ungraded"]
    assert "exit code 1" in result["output"]
    assert output


def test_setup_that_failed(scratch):
    """Where nothing was installed there is a valid result nevertheless."""
    host = Host(scratch())
    host.unzip(gradescope(find_course(CASES, CASES / "course"), Settings(("ex01",))))
    host.submit(RIGHT)
    result, _ = host.run()
    assert "was not started" in result["output"]
