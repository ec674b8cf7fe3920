"""Trying changed functions: what goes back, and what is not told twice."""

from __future__ import annotations

import marshal
import sys
import types

import numpy as np
import pytest

from grader.sandbox.handles import Handles
from grader.sandbox.trials import Trials


@pytest.fixture
def trials(monkeypatch):
    """Trials of `f(x) = x + 1`, with cases that call it with 1 and with 2."""
    module = types.ModuleType("tried")
    exec("def f(x):\n    return x + 1", vars(module))
    monkeypatch.setitem(sys.modules, "tried", module)

    def call(one, data):
        value = module.f(*one["given"][0])
        return {"value": value, "changed": []}, data + bytes([value % 256])

    made = Trials(call, Handles(), set())
    calls = [[{"given": [[x], []], "bytes": 0}] for x in (1, 2)]
    made.keep({"cases": calls}, b"")
    return made


def run(trials, *bodies, which=(0,)):
    """The answers of the cases `which`, once for each text of a function `f`."""
    codes = []
    for body in bodies:
        space = {}
        exec(f"def f(x):\n    return {body}", space)
        codes.append(marshal.dumps((space["f"].__code__, None)))
    header = {
        "run": which,
        "trace": False,
        "each": 1.0,
        "stops": 1,
        "sets": [[["tried", "f", len(code)]] for code in codes],
    }
    return trials.run(header, b"".join(codes))


def value(answer):
    """The value of an answer that came in full."""
    return answer["results"][0]["value"]


def test_an_answer_goes_back_once_and_then_its_number(trials):
    """Edits that change nothing answer as others did; the arrays come with what is told in full."""
    answers, arrays = run(trials, "x + 1", "1 + x", "x * 3", "x * 3")
    assert [value(answers[0][0]), answers[1], value(answers[2][0]), answers[3]] == [2, [0], 3, [1]]
    assert arrays == bytes([2, 3])
    answers, arrays = run(trials, "x * 3")  # also in a later batch
    assert answers == [[1]]
    assert arrays == b""


def test_equal_answers_to_different_cases_are_told_apart(trials):
    """The number stands for an answer of one case."""
    ((first, second),), _ = run(trials, "7", which=(0, 1))
    assert value(first) == value(second) == 7


def test_what_does_not_go_back_has_no_number(trials):
    """A set that fails at its second case leaves neither a number nor an array behind."""
    answers, arrays = run(trials, "5 if x == 1 else 1 // 0", "5", which=(0, 1))
    assert answers[0] is None
    assert [value(answer) for answer in answers[1]] == [5, 5]
    assert arrays == bytes([5, 5])
    assert run(trials, "5")[0] == [[0]]


def test_what_is_taken_once_is_not_copied():
    """A cache that another call may take is copied before it is used up; else that is for nothing."""
    handles = Handles()
    for single in (False, True):
        handles.clear(single=single)
        number = handles.hold({"x": np.zeros(2)})
        handles.take(number)["x"][0] = 1.0
        assert handles.take(number)["x"][0] == single


def test_after_calls_that_were_stopped_the_rest_waits(trials, monkeypatch):
    """What takes long seldom comes alone: whoever asked decides whether it goes on."""
    answers, _ = run(trials, "2 if x else 1", "3")
    assert len(answers) == 2
    call = trials._call
    stopped = {"error": {"type": "TooLong"}, "changed": []}, b""
    monkeypatch.setattr(trials, "_call", lambda one, data: stopped)
    answers, _ = run(trials, "2", "3")
    assert len(answers) == 1
    monkeypatch.setattr(trials, "_call", call)
    assert len(run(trials, "2", "3")[0]) == 2
