"""What checks are told of answers of a wrong kind, of missing functions and of calls that failed."""

from pathlib import Path

import numpy as np
import pytest

from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.calls.student import Student, describe_value
from grader.checking.diagnosis.fingerprint import fingerprint, match
from grader.checking.diagnosis.recognition import answer_parts
from grader.checking.run.grading import process_settings
from grader.errors import CheckEnded
from grader.model import (
    Cell,
    Exercise,
    Function,
    Limits,
    Module,
    Submission,
)
from grader.sandbox.wire import Decoder, Encoder


def made_exercise(functions):
    """An exercise of these functions."""
    return Exercise("ex00", "ex00_test", "Test", Path(), 1, functions, limits=Limits(1, 5))


def made_code(server, exercise, source):
    """A submission of this text."""
    submission = Submission("test", "ex00_test", (Module("ex00_test", (Cell("f.py", source),)),))
    return SandboxedCode(server, exercise, submission, process_settings(exercise))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (ValueError("odd"), "a ValueError (an exception is not returned: write `raise ValueError"),
        (ValueError, "a class (for an exception, write `raise"),
        (np.ones(3).mean, "a function (are the parentheses missing?)"),
        (np.exp, "a function (are the parentheses missing?)"),
    ],
)
def test_what_was_meant_otherwise(value, words):
    """An exception that is returned, and a function that is not called, are told as such."""
    encoder = Encoder(lambda _: 0)
    tree = encoder.encode(value)
    assert describe_value(Decoder(encoder.body).decode(tree)).startswith(words)


def test_a_wrong_type_is_like_no_other_answer(server):
    """What stays with the student is a cache only where one is declared: an exception that is returned
    is no misconception's answer."""
    declared = Function("f", (("x", ...),), (("out", "array"), ("cache", "cache")))
    exercise = made_exercise({"f": declared})
    code = made_code(server, exercise, "def f(x): return ValueError('odd'), ValueError('even')")
    code.load()
    student = Student(code, exercise, 0)
    with pytest.raises(
        CheckEnded, match="must return out as a NumPy array of numbers, not a ValueErr"
    ):
        student.f(1)
    code.close()
    out, cache, _ = answer_parts(student.calls[0].answer)
    assert not match(out, fingerprint(np.ones(3)))
    assert match(cache, fingerprint(np.ones(3)))


def test_a_function_under_another_name(server):
    """Where a function is missing, one that is nearly called so is named; others are not."""
    exercise = made_exercise(
        {"relu_forward": Function("relu_forward", (("x", ...),), (("out", "array"),))}
    )
    for source, told in (
        ("def Relu_forward(x): pass", "; is Relu_forward meant to be it?"),
        ("def relu_foward(x): pass", "; is relu_foward meant to be it?"),
        ("def relu(x): pass", "is missing."),
    ):
        code = made_code(server, exercise, source)
        code.load()
        with pytest.raises(CheckEnded) as caught:
            Student(code, exercise, 0).relu_forward(1)
        code.close()
        assert caught.value.message.endswith(told)


def test_words_that_a_call_had_are_told():
    """A wrong answer to a call with a word may be about that word; it is said once."""
    declared = Function("f", (("x", ...), ("loss", ...)), (("out", "array"),))
    exercise = made_exercise({"f": declared})
    student = Student(LocalCode({"f": lambda x, loss: None}, exercise), exercise, 0)
    with pytest.raises(CheckEnded) as caught:
        student.f(1, "mse")
    student.add_text_arguments(caught.value)
    student.add_text_arguments(caught.value)
    assert caught.value.message.endswith(
        "`return` missing?).\n  This call was made with loss='mse'."
    )


@pytest.mark.parametrize("source", ["import sys\nsys.exit()", "raise SystemExit(3)"])
def test_an_end_of_the_program_is_told_in_words(source, server):
    """`sys.exit()` at the left margin is no message of its own."""
    code = made_code(server, made_exercise({}), source)
    code.load()
    code.close()
    assert "sys.exit() ends the whole program" in code.problems[0].message
