"""What the command says of the sandbox, and how it refuses to run without."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.loader import find_course
from grader.errors import ExerciseError, ExitCode
from grader.sandbox.guarantees import GUARANTEES

ROOT = Path(__file__).parents[2]
RIGHT = ROOT / "solutions/ex04_convolution.py"


def grade(*words: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell would."""
    command = [sys.executable, "-c", "from grader.cli import main; main()", *map(str, words)]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_doctor_shows_each_guarantee_and_how_it_was_tried() -> None:
    """A row for each guarantee: whether it holds, by what, and what was tried; exit code 0."""
    done = grade("doctor")
    assert done.returncode == 0
    for guarantee, promise in GUARANTEES.items():
        assert guarantee in done.stdout
        assert promise in done.stdout
    assert "Tried: read a file" in done.stdout.replace("\n" + " " * 20, " ")


def test_doctor_can_look_at_a_weaker_level() -> None:
    """`--level T0` shows what limits alone amount to, and says what got through."""
    done = grade("doctor", "--level", "T0")
    assert done.returncode == 0
    assert "NOT REFUSED" in done.stdout
    assert "  no   filesystem" in done.stdout


def test_a_report_carries_what_held() -> None:
    """The JSON report's `sandbox` says which guarantees held, and by what."""
    done = grade("ex04", RIGHT, "--format", "json", "-k", "output_size")
    held = json.loads(done.stdout)["sandbox"]
    assert held["memory"] is True
    assert held["mechanism"]


def test_a_requirement_that_holds_changes_nothing() -> None:
    """With `--require` met, grading goes on as usual."""
    done = grade("ex04", RIGHT, "-k", "output_size", "--require", "cpu, output")
    assert done.returncode == ExitCode.FULL_MARKS


def test_a_requirement_that_does_not_hold_refuses_to_run() -> None:
    """Below what is demanded nothing is run: exit code 3, and a sentence that says what to do."""
    done = grade("ex04", RIGHT, "--level", "T0", "--require", "filesystem,memory")
    assert done.returncode == ExitCode.CANNOT_GRADE
    assert done.stdout == ""
    assert "filesystem, memory: required, but does not hold here" in done.stderr
    assert "grade doctor" in done.stderr


def test_a_misspelt_requirement_is_a_wrong_usage() -> None:
    """An unknown guarantee is refused with the list of those that there are."""
    done = grade("ex04", RIGHT, "--require", "secrecy")
    assert done.returncode == ExitCode.USAGE
    assert "environment" in done.stderr


def test_debug_cannot_be_combined_with_a_requirement() -> None:
    """`--debug` runs in the grader's process and must not pretend to guarantee anything."""
    done = grade("ex04", RIGHT, "--debug", "--require", "cpu")
    assert done.returncode == ExitCode.USAGE


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one exercise and room for a requirement."""
    folder = tmp_path / "exercises"
    shutil.copytree(ROOT / "exercises/ex04_convolution", folder / "ex04_convolution")
    (folder / "course.toml").write_text(
        f'title = "T"\nsolutions = "{(ROOT / "solutions").as_posix()}"\nrequire = ["filesystem"]\n',
        encoding="utf-8",
    )
    return folder


def test_a_course_can_require_guarantees(course: Path) -> None:
    """`require` in course.toml is honoured by every run of its exercises."""
    done = grade("ex04", RIGHT, "--course", course, "--level", "T0")
    assert done.returncode == ExitCode.CANNOT_GRADE
    assert "filesystem: required" in done.stderr


def test_a_course_cannot_require_what_does_not_exist(course: Path) -> None:
    """A misspelt guarantee in course.toml is the author's mistake, named with its file."""
    path = course / "course.toml"
    path.write_text(path.read_text("utf-8").replace("filesystem", "sekrecy"), encoding="utf-8")
    with pytest.raises(ExerciseError, match=r"course\.toml: require: .*sekrecy"):
        find_course(course)


WINDOWS = """
import os, select, signal, socket, sys
sys.platform = "win32"
for name in ("resource", "fcntl", "pwd", "grp"):
    sys.modules[name] = None
for module, names in {
    os: "fork getuid geteuid getsid setsid killpg pidfd_open memfd_create O_NOFOLLOW O_NONBLOCK",
    signal: "pidfd_send_signal SIGKILL", select: "poll", socket: "send_fds recv_fds AF_UNIX",
}.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
from grader.sandbox import box, confine, forked, guarantees, imports, launch, levels, spawned
assert levels.levels_to_try() == [levels.LEVELS["T1"]]
assert launch.Server.__init__.__kwdefaults__ == {"fork": False}
assert confine.confine(confine.Settings()) == []
"""


def test_everything_imports_where_there_is_no_fork() -> None:
    """Without what only POSIX has, the modules import, and processes are started afresh."""
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stderr == ""
    assert done.returncode == 0
