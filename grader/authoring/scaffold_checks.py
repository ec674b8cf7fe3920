"""The checks of a new exercise: one for each thing that can be told from a declaration alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader import checks
from grader.model import Class, Function

BLANK = "FILL IN"


@dataclass(frozen=True, slots=True)
class Pair:
    """A forward function, and the backward function that returns its gradients."""

    forward: Function
    backward: Function


def pairs_of(functions: Sequence[Function]) -> list[Pair]:
    """Each `f_forward` that returns an array and a cache, with its `f_backward`."""
    known = {f.name: f for f in functions}
    pairs = []
    for function in functions:
        backward = known.get(re.sub("_forward$", "_backward", function.name))
        kinds = [kind for _, kind in function.returns]
        if backward not in (None, function) and (kinds[0], kinds[-1]) == ("array", "cache"):
            assert backward is not None
            pairs.append(Pair(function, backward))
    return pairs


def checks_of(
    name: str, functions: Sequence[Function], classes: Sequence[Class] = ()
) -> tuple[str, int]:
    """The file of checks, and their points in total."""
    pairs = pairs_of(functions)
    second = [p.backward.name for p in pairs]
    names = [f.name for f in functions] + [one.name for one in classes]
    body = f'''

@pytest.mark.points(1)
def test_worked_example(student):
    """The example of the handout, worked by hand."""
    fail("{BLANK}: call student.{names[0]} on small numbers, compare with assert_same")
'''
    for function in functions:
        if function.name not in second:
            body += _inputs(function) + _value_checks(function) + _loss_check(function)
    body += "".join(_gradient_checks(pair) for pair in pairs)
    body += "".join(_class_checks(one) for one in classes)
    words = sorted(set(re.findall(r"\w+", body)) & set(checks.__all__))
    imported = "".join(f"    {word},\n" for word in words)
    head = (
        f'"""The checks of {name[:4]}: {BLANK}: the title in small letters."""\n\n'
        f"import pytest\n\nfrom grader.checks import (\n{imported})\n"
    )
    return head + body, sum(int(n) for n in re.findall(r"points\((\d+)\)", body))


def _inputs(function: Function) -> str:
    needed = [name for name, default in function.parameters if default is ...]
    lines = "".join(
        f"    {name} = grid_values(rng, {'(n, 3)' if name == needed[0] else '3'})"
        f"  # {BLANK}: the shape, or the number, that {name} is\n"
        for name in needed
    )
    result = f"({needed[0]},)" if len(needed) == 1 else ", ".join(needed) or "()"
    return f'''

def {_stem(function)}_inputs(rng, n=4):
    """Arguments of {function.name}: axes that mean different things have different sizes."""
{lines}    return {result}
'''


def _stem(function: Function) -> str:
    return function.name.removesuffix("_forward")


def _value_checks(function: Function) -> str:
    name, stem = function.name, _stem(function)
    names = [n for n, kind in function.returns if kind != "cache"]
    cut = "" if len(names) == len(function.returns) else f"[:{len(names)}]"
    title = names[0]
    if len(function.returns) > 1:
        cut, title = ("[0]", title) if len(names) == 1 else (cut, f"({', '.join(names)})")
    if function.returns[0][1] != "array":
        return f'''

@pytest.mark.points(2)
def test_{stem}_values(student, reference, rng):
    """{name} returns the right values, for one example and for several."""
    for n in (1, 4):
        given = {stem}_inputs(rng, n)
        got, want = student.{name}(*given), reference.{name}(*given)
        assert_same(got{cut}, want{cut}, name="{title}")
'''
    first = "[0]" if len(function.returns) > 1 else ""
    return f'''

@pytest.mark.points(2)
def test_{stem}_shape(student, reference, rng):
    """{name} answers in the right shape, for one example and for several."""
    for n in (1, 4):
        given = {stem}_inputs(rng, n)
        got, want = student.{name}(*given), reference.{name}(*given)
        assert_shape(got{first}, want{first}.shape, name="{names[0]}")


@pytest.mark.points(2)
@pytest.mark.after("test_{stem}_shape")
def test_{stem}_values(student, reference, rng):
    """{name} returns the right values."""
    given = {stem}_inputs(rng)
    got, want = student.{name}(*given), reference.{name}(*given)
    assert_same(got{cut}, want{cut}, name="{title}")
'''


def _loss_check(function: Function) -> str:
    """The gradient check for a function that returns a loss and its gradients."""
    kinds = [kind for _, kind in function.returns]
    if kinds[0] != "number" or "array" not in kinds[1:]:
        return ""
    stem = _stem(function)
    return f'''

@pytest.mark.points(3)
@pytest.mark.after("test_{stem}_values")
def test_{stem}_gradient(student, rng):
    """The gradient is that of the loss that you return beside it."""
    assert_loss_gradient(student.{function.name}, *{stem}_inputs(rng))
'''


def _gradient_checks(pair: Pair) -> str:
    forward, backward, stem = pair.forward.name, pair.backward.name, _stem(pair.forward)
    outs = ", ".join(n for n, _ in pair.forward.returns)
    first = pair.forward.returns[0][0]
    names = ", ".join(f'"{n}"' for n, _ in pair.backward.returns)
    single = len(pair.backward.returns) == 1
    returned = f"student.{backward}(upstream(rng, {first}.shape), cache)"
    return f'''

@pytest.mark.points(1)
@pytest.mark.after("test_{stem}_shape")
def test_{stem}_gradient_shapes(student, rng):
    """Each gradient has the shape of its argument."""
    given = {stem}_inputs(rng)
    {outs} = student.{forward}(*given)
    names = ({names}{"," if single else ""})
    gradients = {f"({returned},)" if single else returned}
    for name, gradient, argument in zip(names, gradients, given, strict=False):
        assert_shape(gradient, argument.shape, name=name)


@pytest.mark.points(3)
@pytest.mark.after("test_{stem}_gradient_shapes")
def test_{stem}_backward_is_the_gradient_of_forward(student, rng):
    """The backward pass is the gradient of your own forward pass."""
    assert_gradients(student.{forward}, student.{backward}, *{stem}_inputs(rng))


@pytest.mark.points(1)
@pytest.mark.after("test_{stem}_gradient_shapes")
def test_{stem}_arguments_are_left_alone(student, rng):
    """What the functions are given is the same after the call as before it."""
    {outs} = assert_arguments_unchanged(student.{forward}, *{stem}_inputs(rng))
    assert_arguments_unchanged(student.{backward}, upstream(rng, {first}.shape), cache)
'''


def _class_checks(declared: Class) -> str:
    """What an object answers, beside one of the reference; and that two objects share nothing."""
    name, stem = declared.name, declared.name.lower()
    answering = [m for m, f in declared.methods.items() if f.returns and not m.startswith("__")]
    calls = [f"{method}(*given)" for method in answering]
    asked = [(method, f"{method}(*given)") for method in answering]
    asked += [(attribute, attribute) for attribute in declared.attributes]
    compared = [
        f'assert_same(mine.{call}, right.{call}, name="{what}")' for what, call in asked
    ] or [f'fail("{BLANK}: ask mine and right something, and compare with assert_same")']
    made = ", ".join(parameter for parameter, _ in declared.constructor.parameters) or "nothing"
    uses = "".join(f"    used.{call}\n" for call in calls)
    repeated = "".join(f"        {line}\n" for line in compared)
    once = "".join(f"    {line}\n" for line in compared)
    return f'''

def {stem}_arguments(rng):
    """Arguments of the constructor ({made}), and of the methods."""
    return (), ()  # {BLANK}: a tuple for each


@pytest.mark.points(2)
def test_{stem}_values(student, reference, rng):
    """An object answers as it should, when it is new and when it was used before."""
    made, given = {stem}_arguments(rng)
    mine, right = student.{name}(*made), reference.{name}(*made)
    for _ in range(3):
{repeated}

@pytest.mark.points(1)
@pytest.mark.after("test_{stem}_values")
def test_{stem}_objects_are_apart(student, reference, rng):
    """Two objects share nothing: what one does is not seen in the other."""
    made, given = {stem}_arguments(rng)
    used, mine, right = student.{name}(*made), student.{name}(*made), reference.{name}(*made)
{uses}{once}'''
