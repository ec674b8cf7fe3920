"""The checks as plain pytest tests of the files that SUBMISSIONS names, in the process of pytest."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import reference as solution
from plain_run import load, ready

FILES = os.environ.get("SUBMISSIONS", str(Path(__file__).with_name("reference.py")))


def pytest_configure(config):
    """Declare the marks of the exercise."""
    for mark in ("points(n)", "hidden", "after(name)"):
        config.addinivalue_line("markers", mark)


@pytest.fixture(scope="session", params=FILES.split(os.pathsep), ids=lambda file: Path(file).stem)
def student(request):
    """The submission's module."""
    return ready(load(request.param))


@pytest.fixture
def reference():
    """The solution."""
    return solution


@pytest.fixture
def rng():
    """The same numbers for every submission."""
    return np.random.default_rng(0)


def pytest_terminal_summary(terminalreporter):
    """Keep the names of the tests that did not pass, where VERDICTS says."""
    if "VERDICTS" in os.environ:
        stats = terminalreporter.stats
        names = [r.nodeid for key in ("failed", "error") for r in stats.get(key, [])]
        Path(os.environ["VERDICTS"]).write_text(json.dumps(names), encoding="utf-8")
