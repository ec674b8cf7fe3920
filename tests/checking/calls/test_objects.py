"""Classes of a submission: objects stay there, and what a check does with one becomes a call."""

import gc
from pathlib import Path

import numpy as np
import pytest

from grader.checking.assertions.values import assert_arguments_unchanged, assert_raises
from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.calls.student import Student
from grader.checking.run.grading import process_settings
from grader.course import declarations
from grader.course.declarations import parse_class
from grader.errors import CheckEnded, ExerciseError
from grader.model import Cell, Exercise, Limits, Module, Outcome, Submission
from grader.sandbox import members

CLASSES = {
    "Counter": {
        "new": "start=0",
        "attributes": "value: number, log: list",
        "methods": {"add": "n -> value: number", "twin": "-> it: Counter", "fill": "array, n"},
    },
    "Value": {
        "new": "data",
        "attributes": "data: number, grad: number",
        "methods": {
            "__add__": "other -> sum: Value",
            "__mul__": "other -> product: Value",
            "__len__": "-> n: integer",
            "__getitem__": "i -> part: number",
            "__call__": "x -> y: number",
            "backward": "",
            "parents": "-> all: list",
        },
    },
}

SOURCE = """
class Counter:
    def __init__(self, start=0):
        self.value, self.log = start, []
    def add(self, n):
        self.value += n
        self.log.append(n)
        return self.value
    def twin(self):
        return self
    def fill(self, array, n):
        array[:] = n
        return object()

class Value:
    def __init__(self, data, above=(), slopes=()):
        self.data, self.grad, self.above, self.slopes = float(data), 0.0, above, slopes
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))
    __radd__, __rmul__ = __add__, __mul__
    def __len__(self):
        return 3
    def __getitem__(self, i):
        return self.data + i
    def __call__(self, x):
        return self.data * x
    def backward(self, grad=1.0):
        self.grad += grad
        for value, slope in zip(self.above, self.slopes):
            value.backward(grad * slope)
    def parents(self):
        return list(self.above)
"""


def made_exercise(classes=CLASSES):
    """An exercise of these classes."""
    declared = {name: parse_class("here", name, table, classes) for name, table in classes.items()}
    return Exercise("ex00", "ex00_test", "Test", Path(), 1, {}, declared, limits=Limits(1, 5))


def sandboxed(server, source, classes=CLASSES):
    """The `student` of a submission of this text, and its code."""
    exercise = made_exercise(classes)
    submission = Submission("test", "ex00_test", (Module("ex00_test", (Cell("f.py", source),)),))
    code = SandboxedCode(server, exercise, submission, process_settings(exercise))
    code.load()
    return Student(code, exercise, 0), code


@pytest.fixture(params=["sandboxed", "local"])
def student(request, server):
    """The classes of `SOURCE`, in a process of their own, and in this one."""
    if request.param == "sandboxed":
        student, code = sandboxed(server, SOURCE)
    else:
        namespace: dict = {}
        exec(SOURCE, namespace)
        exercise = made_exercise()
        code = LocalCode(namespace, exercise)
        student = Student(code, exercise, 0)
    yield student
    code.close()


def test_an_object_keeps_its_state(student):
    """A method changes the object, and attributes can be read and set."""
    counter = student.Counter(start=2)
    assert counter.add(3) == 5
    assert counter.add.map([(1,), (1,)]) == [6, 7]
    assert (counter.value, counter.log) == (7, [3, 1, 1])
    counter.value = -1
    assert counter.add(1) == 0


def test_the_same_object_is_the_same_here(student):
    """`is` tells whether two objects are one; two that were made apart are two."""
    counter = student.Counter()
    assert counter.twin() is counter
    assert student.Counter() is not counter


def test_what_a_method_changes_in_place_is_told(student):
    """Arguments that a method changes are named; what it returns does not matter if undeclared."""
    counter = student.Counter()
    array = np.zeros(3)
    assert counter.fill(array, 4) is None
    assert counter.fill.changed_arguments((array, 4), {}) == ["array"]
    assert not array.any()
    with pytest.raises(CheckEnded, match=r"Counter\.fill changed its argument array"):
        assert_arguments_unchanged(counter.fill, array, 4)
    assert_raises(counter.add, "TypeError", "x")


def test_operators_are_applied_as_python_does(student):
    """Also with a number or an array on the left, and across objects of one graph."""
    a, b = student.Value(2.0), student.Value(5.0)
    total = a * b + 3 * a
    assert total.data == 16
    total.backward()
    assert (a.grad, b.grad) == (8, 2)
    left, right = (a * b).parents()
    assert left is a
    assert right is b
    assert (len(a), a[1], a(10)) == (3, 3.0, 20.0)
    assert (2.5 * a).data == 5


def test_what_is_not_declared_is_an_authors_mistake(student):
    """A misspelt method or attribute names what is not declared."""
    counter = student.Counter()
    for use in (lambda: counter.ad, lambda: setattr(counter, "valu", 1), lambda: student.Counte):
        with pytest.raises(AttributeError, match="declare"):
            use()
    with pytest.raises(TypeError):
        counter + counter


def test_an_object_ends_with_its_check(student):
    """A later check cannot use it: it is told so, and not given another one of the same number."""
    counter = student.Counter(1)
    student.Counter(2)
    code = vars(student)["_caller"].code
    code.begin_check()
    student.Counter(3)
    with pytest.raises(CheckEnded, match="This Counter is gone") as info:
        counter.add(1)
    assert info.value.outcome is Outcome.ERROR


def test_a_wrong_kind_is_said(server):
    """An array where an object is due, and an attribute of another kind."""
    classes = {
        "A": {"new": "", "attributes": "w", "methods": {"self_": "-> it: A"}},
    }
    student, code = sandboxed(
        server,
        "import numpy as np\nclass A:\n    w = 'x'\n    def self_(self): return np.ones(2)\n",
        classes,
    )
    a = student.A()
    with pytest.raises(
        CheckEnded, match=r"A\.self_ must return an object of class A, not an array"
    ):
        a.self_()
    with pytest.raises(CheckEnded, match=r"A\.w must be a NumPy array of numbers, not a string"):
        _ = a.w
    code.close()


@pytest.mark.parametrize(
    ("source", "use", "words"),
    [
        ("class B: pass", lambda s: s.A(), r"The class A\(n=1\) is missing"),
        ("class A:\n    def __init__(self): pass", lambda s: s.A(), "must have the parameters of"),
        ("class A:\n    def f(self): pass", lambda s: s.A().f(1), "must have the parameters of"),
        ("class A:\n    def __init__(self, n=1): pass", lambda s: s.A().f(1), "no attribute 'f'"),
        ("A = 3", lambda s: s.A(), r"A is not a class here, and should be A\(n=1\): which line"),
    ],
)
def test_what_is_missing_is_named(server, source, use, words):
    """A class, its constructor's parameters, a method or its parameters."""
    classes = {"A": {"new": "n=1", "methods": {"f": "x -> y"}}}
    student, code = sandboxed(server, source, classes)
    with pytest.raises(CheckEnded, match=words) as info:
        use(student)
    assert info.value.outcome is Outcome.ERROR
    code.close()


def test_objects_are_forgotten_when_dropped(server):
    """The student's process holds what a check still holds, and no more."""
    classes = {"A": {"new": "", "methods": {"alive": "-> n: integer"}}}
    source = """
class A:
    living = 0
    def __init__(self): A.living += 1
    def __del__(self): A.living -= 1
    def alive(self): return A.living
"""
    student, code = sandboxed(server, source, classes)
    kept = student.A()
    for _ in range(20):
        student.A()
    gc.collect()
    assert kept.alive() == 1
    code.close()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return [A() for _ in range(20_000)]", "more than 10,000 objects"),
        ("return self", "must return a list, not a"),
        ("return [A] * 3", None),
    ],
)
def test_objects_are_bounded(server, body, words):
    """Handles cannot grow without end, and an object is no list."""
    classes = {"A": {"new": "", "methods": {"f": "-> all: list"}}}
    student, code = sandboxed(server, f"class A:\n    def f(self): {body}", classes)
    if words is None:
        assert len(student.A().f()) == 3
    else:
        with pytest.raises(CheckEnded, match=words):
            student.A().f()
    code.close()


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def __getattr__(self, name): return 0\n    def f(self): return 1.0",
        "class A:\n    def __getattribute__(self, name): raise ValueError(name)",
        "class M(type):\n    __mro__ = property(lambda c: 1 / 0)\nclass A(metaclass=M):\n    def f(self): return 2.0",
        "class A:\n    __class__ = property(lambda s: float)\n    def f(self): return self",
        "class A:\n    def __new__(cls): return 3.0\n    def f(self): return 1.0",
        "class A:\n    def __eq__(self, other): raise ValueError\n    __hash__ = None\n    def f(self): return 4.0",
        "class A:\n    def __del__(self): raise ValueError\n    def f(self): return 5.0",
        "class A:\n    def __deepcopy__(self, memo): raise ValueError\n    def f(self): return 6.0",
    ],
)
def test_objects_that_pretend_harm_nobody_else(server, source):
    """Whatever the class does, the answer is a number or the student's own failure; the next
    submission is graded as if nothing had been."""
    classes = {"A": {"new": "", "methods": {"f": "-> y: number"}}}
    student, code = sandboxed(server, source, classes)
    outcome = None
    try:
        student.A().f()
    except CheckEnded as end:
        outcome = end.outcome
    assert outcome in (None, Outcome.ERROR, Outcome.FAILED)
    assert sandboxed(server, "class A:\n    def f(self): return 7.0", classes)[0].A().f() == 7
    code.close()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("x", "must be a table"),
        ({"init": ""}, "init is an unknown key"),
        ({"new": "*"}, "not a list of parameters"),
        ({"attributes": "w: tensor"}, "must be NAME or NAME: array|.*|A"),
        ({"methods": {"f": "x -> y: B"}}, "must be NAME"),
        ({"methods": {"__del__": ""}}, "no operator that may be declared"),
        ({"attributes": "f", "methods": {"f": ""}}, "as an attribute and as a method"),
    ],
)
def test_a_wrong_declaration_is_refused(table, words):
    """With the place and what is known there."""
    with pytest.raises(ExerciseError, match=words):
        parse_class("exercise.toml: classes.A", "A", table, ["A"])


def test_both_sides_know_the_same_operators():
    """What may be declared can be called, and nothing else."""
    assert members.OPERATORS.keys() == declarations.OPERATORS
