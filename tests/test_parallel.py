"""The whole suite runs in several processes without what is slow; a file in one, and all of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from parallel import APART, HERE, LIGHT, LONGEST, TOGETHER

HOOKS = Path(__file__).with_name("parallel.py")
TESTS = """import os, pytest
@pytest.mark.parametrize("n", range(6))
def test_where(n):
    with open("where.txt", "a") as file:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        print(__name__, worker, os.getppid(), file=file)
@pytest.mark.slow
def test_slow():
    test_where(6)
"""
CONFIGURATION = """[pytest]
testpaths = tests
markers = slow
"""


@pytest.fixture
def run(tmp_path):
    """Run a suite of three files that has our hooks: file, process and process above of each test."""
    (tmp_path / "tests").mkdir()
    shutil.copy(HOOKS, tmp_path / "tests" / "conftest.py")
    for name in ("test_a.py", "test_b.py", "test_c.py"):
        (tmp_path / "tests" / name).write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(CONFIGURATION, encoding="utf-8")

    def call(*words):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        environment["PYTEST_ADDOPTS"] = LIGHT
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=60)
        lines = (tmp_path / "where.txt").read_text(encoding="utf-8").splitlines()
        return [tuple(line.split(" ")) for line in lines]

    return call


def test_the_whole_suite_runs_side_by_side(run, tmp_path):
    """Five files are in more than one process, each in one, and all processes have one parent; what
    shares an installation is together."""
    pytest.importorskip("xdist")
    together = tmp_path / "tests" / TOGETHER
    together.mkdir()
    for name in ("test_d.py", "test_e.py"):
        (together / name).write_text(TESTS, encoding="utf-8")
    found = run()
    assert len(found) == 30
    assert len({worker for _, worker, _ in found}) > 1
    assert len({(name, worker) for name, worker, _ in found}) == 5
    assert len({worker for name, worker, _ in found if name in ("test_d", "test_e")}) == 1
    assert len({above for _, _, above in found}) == 1


def test_what_is_named_exists():
    """The files that begin, those whose tests run beside each other, and the folder that is together."""
    for name in {*LONGEST, *APART, TOGETHER}:
        assert (HERE / name).exists(), name


@pytest.mark.parametrize("words", [("-n0",), ("-p", "no:xdist")])
def test_one_process_where_one_is_asked_for(run, words):
    """With -n0, and without pytest-xdist, everything runs in pytest's own process."""
    found = run(*words)
    assert {worker for _, worker, _ in found} == {""}
    assert len(found) == 18


def test_a_file_that_is_named_runs_as_a_whole(run):
    """It runs in pytest's own process, with its slow tests."""
    found = run("tests/test_a.py")
    assert {worker for _, worker, _ in found} == {""}
    assert len(found) == 7


def test_slow_tests_on_demand(run):
    """`-m slow` runs what the whole suite leaves out."""
    assert len(run("-m", "slow")) == 3
