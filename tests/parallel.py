"""How the whole suite runs: without what is slow, side by side, by file, the longest first."""

from __future__ import annotations

import compileall
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent

# Small matrices are slower on several threads, and here each thread has a neighbour. NumPy looks at this
# when it is imported, so before that.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# Plugins of this environment that a pytest in a process of its own would load, though nobody there needs
# them; it takes three times as long as the rest of its start.
LIGHT = "-p no:hypothesispytest -p no:anyio"

# A folder whose tests share what takes long to make, such as an installation: one process runs it.
TOGETHER = "hosts/"
# Files whose tests share nothing and take long: these may run beside each other.
APART = {"test_mutants.py", "test_proven.py", "test_seeds.py"}
LONGEST = [
    TOGETHER,
    "authoring/test_release.py",
    "classroom/batch/test_batch.py",
    "sandbox/test_launch.py",
    "sandbox/test_attacks.py",
    "checking/diagnosis/test_kinds.py",
    "checking/diagnosis/test_repair.py",
    "exercises/test_wrong_forms.py",
    "exercises/test_handouts.py",
    "test_seeds.py",
    "student/test_workspace.py",
    "cli/test_cli.py",
    "docs/test_examples.py",
    "checking/gradients/test_gradcheck.py",
    "classroom/batch/test_kills.py",
    "solutions/test_solution_ex09.py",
    "test_machines.py",
    "test_package.py",
    "test_proven.py",
    "test_mutants.py",
]


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the whole suite in several processes and without slow tests, unless told otherwise.

    A file or folder that is named runs in this process, with its slow tests. One process more than
    there are cores: some tests wait.
    """
    option = config.option
    whole = config.args_source is config.ArgsSource.TESTPATHS
    if whole and not option.markexpr:
        option.markexpr = "not slow"
    # A process of ours comes through here as well, and must start none of its own.
    inner = hasattr(config, "workerinput") or "PYTEST_XDIST_WORKER" in os.environ
    if not whole or inner or option.usepdb or option.collectonly:
        return
    if getattr(option, "numprocesses", 0) is None:
        option.numprocesses = (os.cpu_count() or 1) + 1
        # Once, and not in each of hundreds of processes.
        compileall.compile_dir(HERE.parent / "grader", quiet=2)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep what the tests are compiled to, also where Python is told to write nothing: each process of
    each run reads all of them."""
    told, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        return (yield)
    finally:
        sys.dont_write_bytecode = told


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left with it in the end."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}

    def rank(item: pytest.Item) -> int:
        name = item.path.relative_to(HERE).as_posix()
        return ranks.get(TOGETHER if name.startswith(TOGETHER) else name, len(ranks))

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)  # there is none without pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep a file's tests in one process: its fixtures are made once, its ports used once."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            name = file.removeprefix("tests/")
            if name.startswith(TOGETHER):
                return TOGETHER
            return nodeid if name in APART else file

    config.option.loadscopereorder = False
    return ByFile(config, log)
