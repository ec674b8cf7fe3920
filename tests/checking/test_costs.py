"""What grading costs, counted and not timed: the same on every machine, so that growth is seen at once.

Each number has a bound. Whoever passes one on purpose raises it here, and says why in the commit.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from loaded_modules import loaded

from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.gradients.gradcheck import check_layer, check_loss
from grader.checking.gradients.known import know
from grader.checking.run import grading
from grader.checking.run.session import run_jobs
from grader.checks import grid_values
from grader.course.loader import find_course, find_exercise
from grader.student.grade import make_job

ROOT = Path(__file__).resolve().parents[2]

# What a student's run must not load.
SLOW = {"dask", "hypothesis", "jinja2", "jsonschema", "matplotlib", "nbformat", "pandas", "rich",
        "sqlalchemy", "torch"}  # fmt: skip

# For the reference of each exercise, as a mean over its checks: messages to the student's process, and
# calls of the student's functions in them. One message carries as many calls as a check has ready.
BOUNDS = {
    "ex01": (4.9, 5.0),
    "ex02": (6.0, 7.0),
    "ex03": (4.3, 5.7),
    "ex04": (2.1, 3.0),
    "ex05": (3.3, 5.7),
    "ex06": (5.7, 8.2),
    "ex07": (5.1, 5.2),
    "ex08": (5.0, 5.3),
    "ex09": (4.6, 5.3),
    "ex10": (3.0, 2.9),
    "ex11": (13.0, 13.2),  # each attribute that is set or read is a message of its own
    "ex12": (11.1, 15.9),  # its steps follow each other, one call each
    "ex13": (51.7, 52.5),  # each operation and each attribute is a message of its own
    "ex14": (4.0, 4.3),
    "ex15": (6.6, 6.9),
}
WRONG = (2.1, 4.2)  # examples/dmitri_overwrites.py, whose mistake is measured and recognised
FORWARD = (3.0, 17.1)  # the reference's file with the filters turned, in the forward alone


@pytest.fixture
def count(monkeypatch, server):
    """Grades one submission; returns its processes, the number of checks, and messages and calls by
    check."""

    def grade(name, path):
        course = find_course(ROOT)
        exercise = find_exercise(course, name)
        codes, calls, messages, now = [], Counter(), Counter(), ["loading"]

        class Counted(SandboxedCode):
            def __init__(self, *args):
                super().__init__(*args)
                codes.append(self)

            def call(self, function, arguments, *rest):
                calls[now[0]] += len(arguments)
                return super().call(function, arguments, *rest)

            def _exchange(self, *args):
                messages[now[0]] += 1
                return super()._exchange(*args)

        def on_check(_, __, title):
            now[0] = title

        monkeypatch.setattr(grading, "SandboxedCode", Counted)
        job = make_job(exercise, path)
        reports = []
        run_jobs(
            course,
            [exercise],
            [job],
            lambda _, report: reports.append(report),
            server=server,
            on_check=on_check,
        )
        return sum(code.starts for code in codes), len(reports[0].checks), messages, calls

    return grade


def within(what, counted, checks, bound):
    """Fail, naming the checks that have the largest part, if there is more than allowed a check."""
    mean = sum(counted.values()) / checks
    most = ", ".join(f"{n} in “{title}”" for title, n in counted.most_common(4))
    assert mean <= bound, f"{mean:.2f} {what} a check, {bound} are allowed; most of all: {most}"


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if n > "ex08" else ()) for n in BOUNDS],
)
def test_a_right_submission(name, count):
    """One process a submission; no more messages and calls than when the bound was set."""
    starts, checks, messages, calls = count(name, ROOT / "solutions")
    assert starts == 1, f"{starts} processes for one submission"
    within("messages to the student's process", messages, checks, BOUNDS[name][0])
    within("calls of the student's functions", calls, checks, BOUNDS[name][1])


def test_a_wrong_submission(count):
    """A mistake that is measured, shown and recognised costs little more than none."""
    starts, checks, messages, calls = count("ex04", ROOT / "examples" / "dmitri_overwrites.py")
    assert starts == 1, f"{starts} processes for one submission"
    within("messages to the student's process", messages, checks, WRONG[0])
    within("calls of the student's functions", calls, checks, WRONG[1])


def test_a_forward_that_alone_is_wrong(count, tmp_path):
    """Its backward is the right layer's: which of its own slopes that does not fit, nobody asks."""
    source = (ROOT / "solutions" / "ex04_convolution.py").read_text(encoding="utf-8")
    turned = source.replace("(windows, w, axes", "(windows, w[:, :, ::-1, ::-1], axes")
    assert turned != source
    path = tmp_path / "ex04_convolution.py"
    path.write_text(turned, encoding="utf-8")
    _, checks, messages, calls = count("ex04", path)
    within("messages to the student's process", messages, checks, FORWARD[0])
    within("calls of the student's functions", calls, checks, FORWARD[1])


def affine(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def relu(x):
    return np.maximum(x, 0), x


def tanh(x):
    return np.tanh(x), np.tanh(x)


def squares(x, y):
    return np.mean((x - y) ** 2), 2 * (x - y) / x.size


LAYERS = {
    "linear": (affine, affine_backward, [(4, 5), (5, 3), (3,)], "linear", 10),
    "piecewise linear": (relu, lambda dout, x: dout * (x > 0), [(6, 8)], "auto", 8),
    "smooth": (tanh, lambda dout, out: dout * (1 - out**2), [(6, 8)], "auto", 16),
    "wrong": (tanh, lambda dout, out: dout * (1 - out), [(6, 8)], "auto", 264),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_evaluations_of_a_gradient_check(kind):
    """A check of a layer calls its forward pass this often: for a right one, whatever its size."""
    forward, backward, shapes, promised, bound = LAYERS[kind]
    rng = np.random.default_rng(0)
    arrays = [grid_values(rng, shape) for shape in shapes]
    found = check_layer(forward, backward, arrays, {}, rng=rng, kind=promised)
    assert found.passed == (kind != "wrong")
    assert found.evaluations <= bound, f"{found.evaluations} evaluations, {bound} were allowed"


def test_evaluations_of_a_loss():
    """A loss brings its gradient along, and costs this many calls."""
    rng = np.random.default_rng(0)
    arrays = [grid_values(rng, (6, 8)), grid_values(rng, (6, 8))]
    found = check_loss(squares, arrays, {}, rng=rng)
    assert found.passed
    assert found.evaluations <= 15, f"{found.evaluations} evaluations, 15 were allowed"


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("kind", ["linear", "piecewise linear", "smooth"])
def test_evaluations_beside_a_trusted_pair(kind, wrong):
    """Where the output is the trusted one, the forward pass is called twice, whether the backward pass
    is right or wrong."""
    forward, backward, shapes, promised, _ = LAYERS[kind]
    rng = np.random.default_rng(0)
    arrays = [grid_values(rng, shape) for shape in shapes]
    known = know(forward, backward, arrays, {}, seed=0)

    def tested(dout, cache):
        return backward(2 * dout if wrong else dout, cache)

    found = check_layer(forward, tested, arrays, {}, rng=rng, kind=promised, known=known)
    assert (found.passed, found.evaluations) == (not wrong, 2)


# What a run loads


@pytest.mark.parametrize("submission", ["solutions", "examples/chloe_flipped.py"])
def test_a_students_run_loads_no_more_than_it_needs(submission):
    """`grade ex04` loads pytest, NumPy and click; nothing of what other commands need."""
    modules = loaded("ex04", submission)
    tops = {name.partition(".")[0] for name in modules}
    assert not tops & SLOW
    assert "grader.render.json" not in modules
    assert "grader.intake.notebook" not in modules or "nbformat" not in modules
    if submission == "solutions":  # there is no mistake to look for
        assert not {n for n in modules if n.startswith("grader.checking.diagnosis.repair")}
    most = 560  # 504 with Python 3.11, NumPy 2.4, pytest 9.2; other versions differ a little
    count = {top: sum(n.partition(".")[0] == top for n in modules) for top in tops}
    largest = sorted(count.items(), key=lambda item: -item[1])[:8]
    assert len(modules) <= most, f"{len(modules)} modules are loaded, most by {largest}"


def test_help_loads_neither_numpy_nor_pytest():
    """A command that only talks, such as `grade --help`, loads nothing heavy."""
    tops = {name.partition(".")[0] for name in loaded("--help")}
    assert not tops & {*SLOW, "numpy", "pytest", "_pytest"}
