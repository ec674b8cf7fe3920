"""What a student can learn of a hidden check: whether it passed."""

import pytest

from grader.render import FORMATS

KEEPER = """
seen = []


def mean(x):
    seen.append(float(x[0]))
    print("remembered:", seen)
    raise ValueError(f"remembered: {seen}")


def count(x):
    return mean(x)
"""
CHECK = '''
import pytest
from grader.checks import *


@pytest.mark.points(1)
@pytest.mark.hidden
def test_secret(student):
    """A secret title."""
    student.mean(np.array([70717273.0]))


@pytest.mark.points(1)
def test_open(student):
    """An open title."""
    student.mean(np.array([1.0]))
'''


@pytest.mark.parametrize("style", [f for f in FORMATS if f not in ("terminal", "json")])
def test_hidden_inputs_reach_no_student(style, grade, small):
    """A submission that keeps what it is given, and prints and raises it in the next check, gets no
    hidden input into any format that students see: hidden checks run last, and are veiled."""
    small.checks.write_text(f"import numpy as np\n{CHECK}", encoding="utf-8")
    small.edit(small.toml, "points = 11", "points = 2")
    path = small.submit(KEEPER)
    secret = "70717273"
    words = ("--course", small.root, "ex01", path, "--format")
    assert secret in grade(*words, "json").out  # it is there, for those who have the checks
    shown = grade(*words, style)
    assert shown.code == 1
    assert secret not in shown.out
    assert "secret" not in shown.out
