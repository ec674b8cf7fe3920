"""What authors import from `grader.checks` is documented in full, and every example runs."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest

from grader import checks
from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.student import Student
from grader.checking.diagnosis.reference import Reference
from grader.model import Exercise, Function

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
DECLARED = {
    "relu_forward": Function("relu_forward", (("x", ...),), (("out", "array"), ("cache", "cache"))),
    "relu_backward": Function("relu_backward", (("dout", ...), ("cache", ...)), (("dx", "array"),)),
    "mse_loss": Function(
        "mse_loss", (("pred", ...), ("target", ...)), (("loss", "number"), ("dpred", "array"))
    ),
}


def relu_forward(x):
    return np.maximum(x, 0), x > 0


def relu_backward(dout, cache):
    return dout * cache


def mse_loss(pred, target):
    if pred.shape != target.shape:
        raise ValueError("pred and target must have the same shape")
    return float(np.mean((pred - target) ** 2)), 2 * (pred - target) / pred.size


@pytest.fixture
def names():
    """The names that the examples use, fresh for each of them."""
    exercise = Exercise("ex00", "ex00_relu", "ReLU", Path(), 1, DECLARED)
    functions = {f.__name__: f for f in (relu_forward, relu_backward, mse_loss)}
    public = {name: getattr(checks, name) for name in checks.__all__}
    student = Student(LocalCode(functions, exercise), exercise, 0)
    fixtures = {"student": student, "reference": Reference(functions)}
    return {**public, **fixtures, "np": np, "rng": np.random.default_rng(0)}


@pytest.mark.parametrize("name", checks.__all__)
def test_an_example_runs(name, names):
    """The docstring of each public name has an example, and it gives what it says."""
    value = getattr(checks, name)
    examples = doctest.DocTestParser().get_doctest(
        inspect.getdoc(value), names, name, inspect.getsourcefile(value), 0
    )
    assert examples.examples, f"{name} has no example"
    assert doctest.DocTestRunner(optionflags=OPTIONS).run(examples).failed == 0


@pytest.mark.parametrize("name", checks.__all__)
def test_parameters_and_errors_are_documented(name):
    """Each parameter is explained by its name; what ends a check says that it raises `CheckEnded`."""
    value = getattr(checks, name)
    text = inspect.getdoc(value)
    unexplained = [word for word in inspect.signature(value).parameters if word not in text]
    assert not unexplained
    if name.startswith("assert_") or name == "fail":
        assert "`CheckEnded`" in text
