"""Poor surroundings: it grades, gives the same points, and says which guarantees hold."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from autograder_host import CASES

from grader.course.bundle import make_bundle
from grader.course.loader import find_course

ALL = "filesystem, network, processes, memory, cpu, disk, output, environment"

pytestmark = pytest.mark.slow

linux = pytest.mark.skipif(sys.platform != "linux", reason="made with Linux's own means")
root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to make"
)


def can(*command):
    """Whether a command works here."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def place(scratch):
    """A folder that every user may read: the course's bundle and a submission with one mistake."""
    folder = scratch()
    (folder / "course.zip").write_bytes(make_bundle(find_course(CASES, CASES / "course")))
    shutil.copy(CASES / "wrong_value" / "submission" / "ex01_line.py", folder)
    for path in folder.iterdir():
        path.chmod(0o644)
    return folder


@pytest.fixture
def run(installed, place):
    """Grade by the installed grader behind the words of another command; points and guarantees."""
    programs = installed.root / "venv" / "bin"
    before = [path.stat().st_mode for path in (installed.root, place)]
    assert all(mode & 0o005 == 0o005 for mode in before)

    def call(*wrap, options=(), course=place / "course.zip", **environment):
        command = [*wrap, programs / "grade", "--course", course, "ex01", "ex01_line.py"]
        done = subprocess.run(
            [*map(str, command), "--format", "markdown", *options],
            cwd=place,
            env={"PATH": os.environ["PATH"], "HOME": "/", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert done.stderr == ""
        assert "## ✗ ex01 A line through the data: 10 of 11 points" in done.stdout
        return re.search(r"Guarantees: (.*?)(?:; missing: (.*?))? \\\(level (\w+): (.*)\\\)",
                         done.stdout).groups()  # fmt: skip

    return call


def test_without_git_and_other_programs(run, tmp_path):
    """No program is needed: not git, not bubblewrap; nothing but Python is on the path."""
    held, missing, level, mechanism = run(PATH=str(tmp_path))
    assert "bubblewrap" not in mechanism
    assert level != "T3"
    if sys.platform == "linux":
        assert (held, missing) == (ALL, None)


@linux
@root
@pytest.mark.skipif(not can("unshare", "--net", "true"), reason="no network namespace can be made")
def test_without_network(run):
    """After installation no network is needed, not even the one of the machine itself."""
    held, missing, _, _ = run("unshare", "--net")
    assert (held, missing) == (ALL, None)


@linux
@root
@pytest.mark.skipif(not can("unshare", "--mount", "true"), reason="no mount can be made")
def test_read_only_file_system(run, place):
    """Where nothing at all can be written, a course's folder grades; a bundle needs one folder in
    memory."""
    closed = (
        "mount -o remount,ro,bind / && mount --bind /tmp /tmp && mount -o remount,ro,bind /tmp && "
    )
    shm = "mount -o remount,ro,bind /dev/shm && "
    shown = [Path("/dev/shm"), Path("/tmp")]
    if not any(place.is_relative_to(folder) for folder in shown[:1]):
        pytest.skip("the grader itself lies in the folder that is to be closed")
    held, missing, _, _ = run("unshare", "--mount", "sh", "-c", closed + 'exec "$@"', "sh")
    assert (held, missing) == (ALL, None)
    run(
        *("unshare", "--mount", "sh", "-c", closed + shm + 'exec "$@"', "sh"),
        course=CASES / "course",
    )


@linux
@root
@pytest.mark.skipif(not can("setpriv", "--version"), reason="setpriv makes another user")
def test_as_an_ordinary_user(run, installed):
    """Without root the same points, and the same guarantees by Landlock and the system call filter."""
    other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    base = "import subprocess, sys; subprocess.run([sys._base_executable, '-c', ''], check=True)"
    if not can(*other, str(installed.root / "venv" / "bin" / "python"), "-c", base):
        pytest.skip("this machine's Python is root's own")
    held, missing, level, mechanism = run(*other)
    assert (held, missing) == (ALL, None)
    assert "own user" not in mechanism or level == "T3"


@linux
@pytest.mark.parametrize("level", ["T2", "T1"])
def test_without_namespaces(run, level):
    """Without namespaces Landlock and the system call filter keep every promise."""
    if level == "T2" and os.geteuid() != 0:
        pytest.skip("only root can give each process a user of its own")
    held, missing, found, mechanism = run(options=["--level", level])
    assert (held, missing, found) == (ALL, None, level)
    assert "bubblewrap" not in mechanism


@linux
def test_with_limits_only(run):
    """On a machine that offers nothing but limits it grades, and says what does not hold."""
    held, missing, level, mechanism = run(options=["--level", "T0"])
    assert level == "T0"
    assert "filesystem" in missing
    assert "cpu" in held
    assert mechanism == "limits"


@linux
def test_required_guarantee_that_does_not_hold(installed, place):
    """What is required and does not hold refuses to run anything, and gives no score."""
    programs = installed.root / "venv" / "bin"
    command = [programs / "grade", "--course", place / "course.zip", "ex01", "ex01_line.py"]
    done = subprocess.run(
        [*command, "--level", "T0", "--require", "filesystem", "--format", "github"],
        cwd=place,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert "filesystem: required, but does not hold here" in done.stderr
