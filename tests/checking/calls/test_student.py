"""What checks are told of answers of a wrong kind, of missing functions and of calls that failed."""

import re
import signal
from pathlib import Path

import numpy as np
import pytest

from grader.checking.assertions.values import assert_raises
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
    Outcome,
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


def test_one_of_several_values_is_none():
    """Where one value of a tuple is None, a `return` is there: it is told which one."""
    declared = Function("f", (("x", ...),), (("dx", "array"), ("dw", "array")))
    exercise = made_exercise({"f": declared})
    student = Student(LocalCode({"f": lambda x: (np.ones(3), None)}, exercise), exercise, 0)
    with pytest.raises(CheckEnded) as caught:
        student.f(1)
    assert caught.value.message.endswith("number 2 of the 2 values that it returned is None.")


READS = """
def f(x):
    if x > 0:
        half = x / 2
    for _ in range(3):
        for k in range(2):
            y = half + k
    return y
"""


def test_the_line_that_reads_what_has_no_value(server):
    """Also after many calls, which let Python 3.11 run two instructions as one and tell the first's line."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("y", "number"),))})
    code = made_code(server, exercise, READS)
    code.load()
    student = Student(code, exercise, 0)
    student.f.map([(1,)] * 50)
    with pytest.raises(CheckEnded, match="y = half") as caught:
        student.f(0)
    code.close()
    assert caught.value.where == ("f.py", 7)


OTHERS = """
class C:
    def __init__(self): self.size = 1
    def get(self): return size
def g(a, b):
    return a * b
def g2(a=None):
    pass
def g3(layers):
    (w, b), (w2, b2) = layers
def g4(x):
    first, second = x
def g5(x):
    first, second = [x]
"""
VALUES = {
    "an argument that is None": ("return x * None if x else g(3, None)", "b is None here: look at"),
    "what a method gives": (
        "y = [3, 1].sort()\n    return y[0]",
        "y is None here: .* such as sort",
    ),
    "two names": ("y = z = None\n    return y + z", "One side is None"),
    "what append gives": (
        "y = [].append(x)\n    y = y.append(x)",
        "y is None here: .* such as sort",
    ),
    "an attribute that is None": ("f.y = None\n    g = f\n    return g.y + 1", "g.y is None here"),
    "what the object has": ("return C().get()", r"do you mean self\.size\?"),
    "a key that is mistyped": (
        "y = {'gamma1': 2}\n    return y['gamma_1']",
        "Do you mean 'gamma1'",
    ),
    "a key unlike all others": ("y = {'gamma1': 2}\n    return y['w']", "Print its keys"),
    "an array that is asked for": (
        "y = np.ones(3)\n    if y:\n        return 1",
        "write `y is not None`",
    ),
    "a name that is only asked for": (
        "y = None\n    return 1 + g2() if y is None else 0",
        "One side is None",
    ),
    "a name that is only handed on": ("y = None\n    return 1 + g2(y)", "One side is None"),
    "a name in brackets": ("y = None\n    return abs(1 + y)", "y is None here"),
    ".T of three axes": (
        "y = np.ones((2, 3, 4))\n    return y @ y.T",
        r"y has 3 axes, and \.T reverses",
    ),
    "a name in other letters": (
        "Y = 1\n    return y",
        "no variable called y here, but one called Y: capital and small",
    ),
    "a name that two others are like": ("Ab = aB = 1\n    return ab", "Is it a typo"),
    "Python 2's range": ("return [k for k in xrange(3)]", "no xrange: it is called range"),
    "layers that an argument holds": (
        "return g3([1])",
        "layers has the length 1 here, and the left",
    ),
    "rows of an argument": ("return g4(np.ones((5, 2)))", "axis of x, whose length is 5 here"),
    "what a function returned": ("return g5(x)", "does a function return a cache"),
    "an argument's pairs": ("return g3([(1, 2), (1, 2, 3)])", "each name on the left"),
    ".T of two axes": ("y = np.ones((2, 3))\n    return y.T @ y.T", "here 2 meets 3"),
}


@pytest.mark.parametrize("mistake", VALUES)
def test_values_in_the_line_that_raised(mistake, server):
    """Which name is None, and which array has more axes than the line expects, is told; a guess is not."""
    code, says = VALUES[mistake]
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("y", "number"),))})
    source = f"import numpy as np\n{OTHERS}def f(x):\n    {code}"
    made = made_code(server, exercise, source)
    made.load()
    with pytest.raises(CheckEnded) as caught:
        Student(made, exercise, 0).f(0)
    made.close()
    assert re.search(says, caught.value.hint), caught.value.hint


def test_the_mean_of_nothing_is_told(server):
    """NumPy only warns, and NaN comes out: a failure without a hint tells of it."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("y", "number"),))})
    code = made_code(server, exercise, "import numpy as np\ndef f(x): return np.ones(x).mean()")
    code.load()
    student, end = Student(code, exercise, 0), CheckEnded(Outcome.FAILED, "f must be finite.")
    student.f(1)
    student.add_empty_mean(end)
    assert not end.hint
    student.f(0)
    student.add_empty_mean(end)
    code.close()
    assert "the mean of an empty slice" in end.hint


def test_none_is_no_exception():
    """Where a call has to raise and returns None, it is told that it has to raise."""
    declared = Function("f", (("x", ...),), (("out", "array"),))
    exercise = made_exercise({"f": declared})
    student = Student(LocalCode({"f": lambda x: None}, exercise), exercise, 0)
    with pytest.raises(CheckEnded, match=r"f\(x=1\) must raise ValueError; it did not"):
        assert_raises(student.f, "ValueError", 1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no clock tells where the time goes")
def test_a_loop_that_cannot_end_is_named(server):
    """Also where most of the time goes into what it calls."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("y", "number"),))})
    helper = "def g(k): return sum(i for i in range(k))\n"
    code = made_code(
        server, exercise, f"{helper}def f(x):\n    k = 0\n    while k < x:\n        g(9999)"
    )
    code.load()
    with pytest.raises(
        CheckEnded, match=r"line 4 of f\.py never ends: .* changes k or x\.$"
    ) as caught:
        Student(code, exercise, 0).f(1)
    code.close()
    assert caught.value.where == ("f.py", 4)


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


@pytest.mark.parametrize("value", ["3", "None", "[len]"])
def test_a_name_that_is_no_function(server, value):
    """A name that stands for a value is not missing: it is no function, in either process."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("out", "array"),))})
    sandboxed = made_code(server, exercise, f"f = {value}")
    sandboxed.load()
    for code in (sandboxed, LocalCode({"f": 3}, exercise)):
        with pytest.raises(CheckEnded, match=r"^f is not a function here, and should be f\(x\): "):
            Student(code, exercise, 0).f(1)
    sandboxed.close()


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


# Right answers in unusual forms

PASS = Function("f", (("x", ...),), (("out", "array"), ("cache", "cache")))
BACK = Function("g", (("dout", ...), ("cache", ...)), (("dx", "array"),))
CACHES = {
    "named tuple": """
from typing import NamedTuple
class Cache(NamedTuple):
    x: np.ndarray
class Result(NamedTuple):
    out: np.ndarray
    cache: Cache
def f(x): return Result(x * 1.0, Cache(x))
def g(dout, cache): return dout * cache.x
""",
    "list": """
from collections import OrderedDict
class Cache(OrderedDict):
    def product(self, dout): return dout * self["x"]
def f(x): return [x * 1.0, Cache(x=x)]
def g(dout, cache): return cache.product(dout)
""",
    "used up": """
def f(x): return x * 1.0, [x, 1]
def g(dout, cache): return cache.pop() * dout * cache.pop()
""",
    "a generator": """
def f(x): return x * 1.0, (part for part in (x, 1))
def g(dout, cache): return next(cache) * dout * next(cache)
""",
    "a generator in a tuple": """
def f(x): return x * 1.0, (1, map(float, x))
def g(dout, cache):
    one, parts = cache
    return np.array(list(parts)) * dout * one
""",
    "changed in place": """
def f(x): return x * 1.0, (x,)
def g(dout, cache):
    cache[0][:] *= dout
    return cache[0]
""",
    "known by its identity": """
KNOWN = {}
def f(x):
    key = object()
    KNOWN[key] = x
    return x * 1.0, key
def g(dout, cache): return dout * KNOWN[cache]
""",
    "cannot be copied": """
class Cache:
    def __init__(self, x): self.x = x
    def __deepcopy__(self, memo): raise RuntimeError("never")
def f(x): return x * 1.0, Cache(x)
def g(dout, cache): return dout * cache.x
""",
}


@pytest.mark.parametrize("here", [False, True], ids=["sandboxed", "local"])
@pytest.mark.parametrize("form", CACHES)
def test_a_cache_is_whatever_backward_needs(form, here, server):
    """A cache stays what it is, whatever it is returned in, and a used-up one is had again."""
    exercise = made_exercise({"f": PASS, "g": BACK})
    source = f"import numpy as np\n{CACHES[form]}"
    code = made_code(server, exercise, source)
    if here:
        namespace = {"__name__": "ex00_test"}
        exec(source, namespace)
        code = LocalCode(namespace, exercise)
    else:
        code.load()
    student = Student(code, exercise, 0)
    x = np.arange(3.0)
    out, cache = student.f(x)
    assert out.tolist() == [0, 1, 2]
    times = 1 if form == "known by its identity" else 3
    for _ in range(times):
        assert student.g(2 * np.ones(3), cache).tolist() == [0, 2, 4]
    code.close()


NUMBERS = {
    "list": ("history", "np.array([0.5, 0.25])", [0.5, 0.25]),
    "rows": (
        "rows",
        "[{'size': np.int64(6), 'right': np.bool_(True)}]",
        [{"size": 6, "right": True}],
    ),
    "dict": ("counts", "{'all': np.int32(3), 'mean': np.float32(0.5)}", {"all": 3, "mean": 0.5}),
    "integer": ("count", "np.array(7)", 7),
    "number": ("loss", "np.float32(0.5)", 0.5),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_numpy_are_numbers(kind, server):
    """NumPy's scalars and arrays are taken where numbers and lists are asked, and become plain."""
    name, source, want = NUMBERS[kind]
    declared = Function("f", (("x", ...),), ((name, kind if kind != "rows" else "list"),))
    exercise = made_exercise({"f": declared})
    code = made_code(server, exercise, f"import numpy as np\ndef f(x): return {source}")
    code.load()
    got = Student(code, exercise, 0).f(1)
    code.close()
    assert got == want
    assert "numpy" not in {type(part).__module__ for part in _parts(got)}


def _parts(value):
    """A value, and what is in it."""
    yield value
    if isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _parts(inner)


@pytest.mark.parametrize(
    ("source", "passes"),
    [
        ("class ShapeError(ValueError): pass\ndef f(x): raise ShapeError('odd')", True),
        ("import numpy as np\ndef f(x): np.sum(np.ones(2), axis=5)", True),
        ("def f(x): raise ValueError", True),
        ("def f(x): raise TypeError('odd')", False),
        ("class ValueErrors(Exception): pass\ndef f(x): raise ValueErrors", False),
        ("def f(x): return 1", False),
    ],
)
@pytest.mark.parametrize("here", [False, True], ids=["sandboxed", "local"])
def test_an_own_exception_may_be_derived(source, passes, here, server):
    """`assert_raises` accepts what is derived from the exception that is asked for."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("value", "any"),))})
    code = made_code(server, exercise, source)
    if here:
        namespace = {"__name__": "ex00_test"}
        exec(source, namespace)
        code = LocalCode(namespace, exercise)
    else:
        code.load()
    student = Student(code, exercise, 0)
    if passes:
        assert_raises(student.f, "ValueError", 1)
    else:
        with pytest.raises(CheckEnded, match="must raise ValueError"):
            assert_raises(student.f, "ValueError", 1)
    code.close()


def test_a_stub_is_never_said_to_raise_the_wrong_exception(server):
    """Where an exception is asked for, a stub is not written yet, and nothing else is said of it."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("value", "any"),))})
    code = made_code(server, exercise, "def f(x):\n    raise NotImplementedError\n")
    code.load()
    with pytest.raises(CheckEnded, match="f is not written yet") as caught:
        assert_raises(Student(code, exercise, 0).f, "ValueError", 1)
    code.close()
    assert caught.value.unwritten == "f"


SLOW = """
import time

def inner():
    for _ in range(10**12):
        pass

def f(x):
    if x == 1:
        inner()
    try:
        time.sleep(60)
    except BaseException:
        pass
    return x
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such clock")
def test_what_took_the_time_is_told(server):
    """A call that computes for too long tells the function and line; one that sleeps ends as well."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("y", "number"),))})
    code = made_code(server, exercise, SLOW)
    for argument, words, line in [
        (1, "; nearly all of it in inner (", 5),
        (2, "0.3 seconds.", None),
    ]:
        with pytest.raises(
            CheckEnded, match=r"stopped, because it took longer than 0\.3"
        ) as caught:
            code.call("f", [((argument,), {})], [], 0, 0.3)
        assert caught.value.outcome is Outcome.TIMEOUT
        assert words in caught.value.message
        assert line is None or caught.value.where[1] in (line, line + 1)
    code.close()


def test_a_short_call_tells_no_place(server):
    """How long a call took is known; where it was spent only if it was long enough to tell."""
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("y", "number"),))})
    code = made_code(server, exercise, "def f(x): return x")
    (answer,) = code.call("f", [((1,), {})], [], 0, 5.0)
    code.close()
    assert answer.spent == ()
    assert answer.seconds > 0


LEFTOVERS = {
    "above the code": ("raise NotImplementedError\n    return 1", "line 2 of"),
    "above a comment": ("raise NotImplementedError\n    # nothing yet", "not written yet"),
    "in a branch": (
        "if x is not None:\n        raise NotImplementedError\n    return 1",
        "this branch is not written",
    ),
    "below the code": ("y = x + 1\n    raise NotImplementedError", "as far as line 3 of"),
    "below a docstring": ('"""Add."""\n    raise NotImplementedError', "not written yet"),
    "alone": ("raise NotImplementedError", "not written yet"),
}


@pytest.mark.parametrize("name", LEFTOVERS)
def test_a_raise_that_was_left_over(name, server):
    """A function is "not written yet" only if nothing stands below its `raise`; else that line is told."""
    body, words = LEFTOVERS[name]
    exercise = made_exercise({"f": Function("f", (("x", ...),), (("y", "number"),))})
    code = made_code(server, exercise, f"def f(x):\n    {body}\n")
    with pytest.raises(CheckEnded) as caught:
        code.call("f", [((1,), {})], [], 0, 5.0)
    code.close()
    assert words in caught.value.message
    assert caught.value.unwritten == ("f" if words == "not written yet" else "")
