"""A student's run against plain pytest: `grade ex04` isolates, and is to be faster all the same.

    python benchmarks/student_run.py --runs 15

In turn, in one run: `grade ex04 solutions/`, and a fresh pytest process with the same checks on the
same solution in the same process, which measures gradients by full central differences. Wall and CPU
time of whole processes, medians, and the ratio pair by pair.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CONFTEST = """
import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

spec = importlib.util.spec_from_file_location("solution", {solution!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


class Function:
    last = SimpleNamespace(changed=())

    def __init__(self, function):
        self.function, self.name = function, function.__name__

    def __call__(self, *args, **keywords):
        return self.function(*args, **keywords)


functions = SimpleNamespace(**{{
    name: Function(getattr(module, name))
    for name in ("output_size", "conv_forward", "conv_backward", "parameter_counts")
}})


@pytest.fixture
def student():
    return functions


@pytest.fixture
def reference():
    return functions


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def pytest_configure(config):
    for mark in ("points(n)", "hidden", "after(name)"):
        config.addinivalue_line("markers", mark)
"""

PLAIN = """
import copy

import numpy as np


def grid_values(rng, shape, *, limit=2.0, step=1 / 16):
    half = max(1, round(limit / step / 2))
    return (2 * rng.integers(-half, half, shape) + 1) * step


def upstream(rng, shape):
    return grid_values(rng, shape, limit=1.0, step=1 / 32)


def assert_same(got, want, *, name="", because=""):
    if isinstance(want, dict):
        assert got == want
    else:
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)


def assert_shape(got, shape, *, name="", because=""):
    assert np.shape(got) == tuple(shape)


def assert_arguments_unchanged(function, *args, **keywords):
    before = copy.deepcopy(args)
    value = function(*args, **keywords)
    for a, b in zip(args, before):
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)
    return value


def assert_raises(function, exception, *args, **keywords):
    try:
        function(*args, **keywords)
    except Exception as error:
        assert type(error).__name__ == exception
    else:
        raise AssertionError(exception)


def fail(message):
    raise AssertionError(message)


def assert_gradients(forward, backward, *arrays, kind="", **parameters):
    out, cache = forward(*arrays, **parameters)
    dout = np.random.default_rng(0).standard_normal(out.shape)
    for index, gradient in enumerate(backward(dout, cache)):
        x = arrays[index]
        numeric = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            kept, h = x[place], 1e-5
            x[place] = kept + h
            above = forward(*arrays, **parameters)[0]
            x[place] = kept - h
            below = forward(*arrays, **parameters)[0]
            x[place] = kept
            numeric[place] = np.sum((above - below) * dout) / (2 * h)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-7)
"""


def prepare(folder: Path) -> None:
    """The same checks as plain pytest tests."""
    source = (ROOT / "exercises" / "ex04_convolution" / "test_ex04.py").read_text(encoding="utf-8")
    test = source.replace("from grader.checks import", "from plain_checks import")
    solution = str(ROOT / "solutions" / "ex04_convolution.py")
    for name, text in (
        ("test_plain.py", test),
        ("plain_checks.py", PLAIN),
        ("conftest.py", CONFTEST.format(solution=solution)),
        ("pytest.ini", "[pytest]\n"),
    ):
        (folder / name).write_text(text, encoding="utf-8")


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of a whole process and its children."""
    before = os.times()
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    after = os.times()
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return wall, cpu


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    grade = shutil.which("grade", path=str(Path(sys.executable).parent)) or "grade"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        commands = {
            "grade ex04 solutions/": ([grade, "ex04", "solutions"], ROOT),
            "plain pytest": ([sys.executable, "-m", "pytest", "-q"], folder),
        }
        times: dict[str, list[tuple[float, float]]] = {key: [] for key in commands}
        for turn in range(options.runs + 1):
            for key, (command, place) in commands.items():
                measured = run(command, place)
                if turn:  # the first turn fills caches
                    times[key].append(measured)
    print("| command | wall s, median | wall s, least | CPU s, median |\n|---|---|---|---|")
    for key, values in times.items():
        walls, cpus = zip(*values, strict=True)
        print(
            f"| {key} | {statistics.median(walls):.3f} | {min(walls):.3f} "
            f"| {statistics.median(cpus):.3f} |"
        )
    ours, plain = times.values()
    for what, index in (("wall", 0), ("CPU", 1)):
        ratios = [a[index] / b[index] for a, b in zip(ours, plain, strict=True)]
        print(f"ratio of {what} time, pair by pair: median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
