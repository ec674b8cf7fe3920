"""What is noticed beside a call's value: overwritten results, calls of other functions, other chance."""

from pathlib import Path

import numpy as np
import pytest

from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.calls.student import Student
from grader.checks import assert_arguments_unchanged
from grader.course.declarations import parse_class
from grader.course.loader import find_course, find_exercise
from grader.errors import CheckEnded
from grader.model import Cell, Exercise, Module, Submission
from grader.sandbox.watch import Held, watched


def test_an_array_that_is_used_again_is_noticed():
    """A call that writes into what the call of the same function before it returned is told of."""
    results, buffer = Held(), np.zeros(3)

    def call(value, write):
        before = results.begin("f")
        if write:
            buffer[:] += 1
        return results.end("f", before, value, [1])

    assert not call((buffer, "cache"), True)
    assert call((buffer, "cache"), True)
    assert not call((buffer.copy(), "cache"), False)
    assert not call((buffer, buffer), True)


def test_a_cache_that_is_returned_does_not_count():
    """Only returned values count, not what is kept as a cache."""
    results, cache = Held(), np.zeros(3)
    results.end("f", results.begin("f"), (np.ones(3), cache), [1])
    before = results.begin("f")
    cache += 1
    assert not results.end("f", before, (np.ones(3), cache), [1])


def test_a_list_that_is_used_again_is_noticed():
    """New arrays in an old list count, in a dictionary, too; the same ones do not."""
    for kept, place in (([np.ones(2), np.ones(3)], 0), ({"w": np.ones(2)}, "w")):
        held = Held()
        held.end("f", [], (1.0, kept))
        before = held.begin("f")
        assert not held.end("f", before, (1.0, kept))
        before = held.begin("f")
        kept[place] = np.zeros(2)
        assert held.end("f", before, (1.0, kept))


KEEPERS = {
    "the array": "self.v = g[0]",
    "a view of it": "self.v = g[0][:]",
    "the list": "self.v = g",
    "a copy": "self.v = g[0].copy()",
    "a sum": "self.v = 0 + g[0]",
}
KEEPER = """
import numpy as np

class Layer:
    v = None
    def __init__(self, n): pass
    def forward(self, x, g):
        if self.v is None:
            KEEPER
        elif type(self.v) is list:
            self.v[0] = self.v[0] + g[0]
        else:
            self.v += g[0]
        return x
"""


@pytest.mark.parametrize("how", KEEPERS)
@pytest.mark.parametrize("local", [False, True])
def test_an_argument_that_is_kept_and_changed_later(how, local, server):
    """A later call that writes into what an earlier one was given is told of, and one that keeps a copy
    is not."""
    layer = parse_class("", "Layer", {"new": "n", "methods": {"forward": "x, g -> out"}})
    exercise = Exercise("ex00", "ex00_test", "Test", Path(), 1, {}, classes={"Layer": layer})
    source = KEEPER.replace("KEEPER", KEEPERS[how])
    if local:
        namespace = {}
        exec(source, namespace)
        code = LocalCode(namespace, exercise)
    else:
        module = Module("ex00_test", (Cell("f.py", source),))
        code = SandboxedCode(server, exercise, Submission("it", "ex00_test", (module,)), {})
        code.load()
    forward = Student(code, exercise, 0).Layer(1).forward
    calls = [(np.ones(2), [np.arange(2.0)]) for _ in range(2)]
    try:
        assert_arguments_unchanged(forward, *calls[0])
        if how.startswith(("a copy", "a sum")):
            assert_arguments_unchanged(forward, *calls[1])
        else:
            with pytest.raises(CheckEnded, match="wrote into an argument of the call before"):
                assert_arguments_unchanged(forward, *calls[1])
    finally:
        code.close()


def test_calls_of_named_functions_are_noted_under_any_name():
    """Numbers among the arguments are noted, defaults too; afterwards the functions are as before."""

    def train(x, lr, epochs=40, sizes=()):
        return x * lr

    first, second = {"train": train}, {"fit": train, "other": len}
    with watched(["train"], [first, second]) as notes:
        assert second["fit"](np.ones(2), 0.5, sizes=[3, np.int64(4)]).tolist() == [0.5, 0.5]
        first["train"](1.0, np.float32(2.0), epochs=1)
        with pytest.raises(TypeError):
            first["train"]()
    assert notes == [
        ["train", {"lr": 0.5, "epochs": 40, "sizes": [3, 4]}],
        ["train", {"x": 1.0, "lr": 2.0, "epochs": 1, "sizes": []}],
    ]
    assert first["train"] is second["fit"] is train


def test_nothing_is_touched_without_names():
    """Without names no function is replaced."""
    module = {"f": len}
    with watched([], [module]) as notes:
        assert module == {"f": len}
    assert notes == []


def test_every_call_has_other_numbers_of_the_global_generators(server, small):
    """`np.random` and `random` are seeded anew before every call, differently, and alike in every run."""
    exercise = find_exercise(find_course(small.root), "ex01")
    name = next(iter(exercise.functions))
    source = (
        f"import random\nimport numpy as np\n\n\ndef {name}(*args, **keys):\n"
        "    return np.array([np.random.random(), random.random()])\n"
    )
    module = Module(exercise.name, (Cell(exercise.file, source),))
    submission = Submission("one", exercise.name, (module,))
    runs = []
    for _ in range(2):
        code = SandboxedCode(server, exercise, submission, {})
        answers = [code.call(name, [((), {})] * 2, [], seed, 5.0) for seed in (7, 9)]
        runs.append([a.value.tolist() for message in answers for a in message])
        code.close()
    assert runs[0] == runs[1]
    assert len({tuple(values) for values in runs[0]}) == 4
    assert len({value for values in runs[0] for value in values}) == 8
