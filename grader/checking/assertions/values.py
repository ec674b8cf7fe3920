"""Assertions about values and calls. Each ends a check with a message that students understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from grader.checking.assertions.patterns import almost, other_logarithm, pattern
from grader.checking.calls.student import EXAMPLES, StudentFunction
from grader.checking.gradients.compare import close, differences, picture
from grader.checking.gradients.probe import flatten
from grader.errors import CheckEnded
from grader.language import all_of, later, say, series
from grader.model import Outcome

# Values with one row per example: only for these may a wrong factor be called the number of examples.
BY_EXAMPLE = ("out", "dx", "x", "dpred", "dlogits")
COLLECTIONS = (tuple, list, dict, np.ndarray)
PLAIN = (str, int, float, np.generic, type(None))


def fail(message: str, *, hint: str = "") -> NoReturn:
    """End the check as failed.

    Args:
        message: what is wrong, for the student.
        hint: a sentence that helps; none by default.

    Always raises `CheckEnded`.

    >>> fail("The loss went up.", hint="Is the sign of the update right?")
    Traceback (most recent call last):
    grader.errors.CheckEnded: The loss went up.
    """
    raise CheckEnded(Outcome.FAILED, say(message), hint=say(hint), of_author=bool(hint))


def _fail(message: str, *, hint: str = "") -> NoReturn:
    """End the check as failed, with a hint that would do for any exercise."""
    raise CheckEnded(Outcome.FAILED, message, hint=hint)


def assert_same(
    got: Any, want: Any, *, name: str = "out", tolerance: float = 1e-9, because: str = ""
) -> None:
    """Assert that a value is what it should be, up to rounding.

    Shapes must be the same; numbers may differ by `tolerance` times the largest absolute value in
    `want`, and by 1e-5 times it if the result is in float32. NaN equals NaN.

    Args:
        got: what the student's function returned: an array, a number, or a dict, tuple or list of these.
        want: what it should be; where it is a dict, tuple or list, `got` must be one too.
        name: what the message calls the value.
        tolerance: the relative tolerance; it holds for every part of a dict, tuple or list.
        because: one sentence on why this is expected, shown first; none by default.

    Raises `CheckEnded` with the first difference, a picture of it, and a hint where there is one.

    >>> assert_same(np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-12]))
    >>> assert_same({"w": 1.0 + 1e-6}, {"w": 1.0}, tolerance=1e-4)
    >>> assert_same(3.0, 4.0, name="loss")
    Traceback (most recent call last):
    grader.errors.CheckEnded: loss ...
    """
    head = f"{say(because)}\n" if because else ""
    if isinstance(want, Mapping):
        if not isinstance(got, Mapping) or set(got) != set(want):
            _fail(head + _wrong_keys(name, got, series(map(repr, want))))
        for key, value in want.items():
            part = f"{name}[{key!r}]"
            assert_same(got[key], value, name=part, tolerance=tolerance, because=because)
        return
    if isinstance(want, tuple | list):
        if not isinstance(got, tuple | list) or len(got) != len(want):
            _fail(head + say("{name} must have {n} parts.", name=name, n=len(want)))
        for index, (mine, value) in enumerate(zip(got, want, strict=True)):
            assert_same(mine, value, name=f"{name}[{index}]", tolerance=tolerance, because=because)
        return
    try:
        mine, right = np.asarray(got), np.asarray(want)
        if mine.dtype.kind not in "fiub":
            raise TypeError
    except (TypeError, ValueError):
        kind = type(got).__name__
        _fail(head + say("{name} must be numbers, not a {kind}.", name=name, kind=kind))
    assert_shape(mine, right.shape, name=name, because=because)
    right_here = close(mine, right, tolerance)
    if right_here.all():
        return
    wrong = ~right_here
    raise CheckEnded(
        Outcome.FAILED,
        head + differences(name, mine, right, wrong),
        hint=pattern(name, mine, right, lengths([right]) if name in BY_EXAMPLE else {})
        if mine.ndim
        else _cut_off(name, got, want)
        or almost(name, mine, right)
        or other_logarithm(name, mine, right),
        picture=picture(name, mine, right, wrong),
    )


def assert_shape(
    got: Any,
    shape: Sequence[int],
    *,
    name: str = "out",
    because: str = "",
    others: Mapping[str, Sequence[int]] | None = None,
) -> None:
    """Assert that an array has exactly this shape.

    Args:
        got: the array, or a number, whose shape is ().
        shape: what its shape should be.
        name: as for `assert_same`.
        because: as for `assert_same`.
        others: the shapes of what is returned with it, by name, to notice a wrong order; none by default.

    Raises `CheckEnded` with both shapes, and a hint where there is one.

    >>> assert_shape(np.zeros((2, 3)), (2, 3))
    >>> assert_shape(np.zeros((3, 2)), (2, 3), name="dw")
    Traceback (most recent call last):
    grader.errors.CheckEnded: dw has shape (3, 2), expected (2, 3).
    """
    if np.shape(got) != tuple(shape):
        head = f"{say(because)}\n" if because else ""
        _fail(
            head
            + say(
                "{name} has shape {got}, expected {shape}.",
                name=name,
                got=np.shape(got),
                shape=tuple(shape),
            ),
            hint=_about_shape(name, np.shape(got), tuple(shape), others or {}),
        )


def _about_shape(
    name: str, got: tuple[int, ...], want: tuple[int, ...], others: Mapping[str, Sequence[int]]
) -> str:
    """A hint from a wrong shape; `""` if there is none."""
    for other, shape in others.items():
        if other != name and got == tuple(shape):
            return say(
                "This is the shape of {other}. Are the values returned in the order that is asked?",
                other=other,
            )
    if not got:
        return say(
            "{name} is a single number: does a sum, mean, max or argmax lack its axis, or have the wrong one?",
            name=name,
        )
    if len(got) > 1 and got == want[::-1]:
        return say(
            "Rows and columns of {name} are swapped: is something transposed, or a product's "
            "order?",
            name=name,
        )
    if [n for n in got if n != 1] == [n for n in want if n != 1]:
        if len(got) > len(want):
            return say(
                "Only axes of length 1 are too many: look for keepdims, None and reshape, and for a sum or "
                "a mean that is missing."
            )
        return say("Only axes of length 1 are missing: look for keepdims, None and reshape.")
    if (size := _one_axis_more(got, want)) is not None:
        return say(
            "{name} has an axis too many, of length {size}: is a sum or a mean over it missing?",
            name=name,
            size=size,
        )
    if (size := _one_axis_more(want, got)) is not None:
        return say(
            "{name} lacks an axis, of length {size}: is a sum or a mean taken over it, or an entry picked?",
            name=name,
            size=size,
        )
    return ""


def _one_axis_more(many: Sequence[int], few: Sequence[int]) -> int | None:
    """The length of the axis without which the first shape would be the second; None if there is none."""
    if len(many) != len(few) + 1:
        return None
    fitting = (n for i, n in enumerate(many) if (*many[:i], *many[i + 1 :]) == tuple(few))
    return next(fitting, None)


def _wrong_keys(name: str, got: Any, wanted: str) -> str:
    if not isinstance(got, Mapping):
        return say("{name} must have the keys {keys}.", name=name, keys=wanted)
    has = series(map(repr, got))
    return say("{name} must have the keys {keys}; it has {has}.", name=name, keys=wanted, has=has)


def _cut_off(name: str, got: Any, want: Any) -> str:
    if isinstance(got, int | np.integer) and want % 1:
        return say(
            "{name} is a whole number: // and int() cut fractions off, / keeps them.", name=name
        )
    return ""


def assert_arguments_unchanged(function: StudentFunction, *args: Any, **keywords: Any) -> Any:
    """Call a function and assert that it changed neither its arguments nor those of the call before.

    The latter happens where an argument is remembered itself, not a copy, and changed in place later on.

    Args:
        function: a function of the student's.
        args: its arguments.
        keywords: its keyword arguments.

    Returns what the function returned. Raises `CheckEnded` with the names of changed arguments, or where
    the call wrote into an array or a list that the call of the function before it was given.

    >>> out, cache = assert_arguments_unchanged(student.relu_forward, np.array([[-1.0, 2.0]]))
    >>> out
    array([[0., 2.]])
    """
    value = function(*args, **keywords)
    if changed := function.changed_arguments(args, keywords):
        _fail(
            say(
                "{function} changed its argument {names} in place.",
                function=function.name,
                names=all_of(changed),
            ),
            hint=say(
                "Make a new array, or work on a copy: whoever called you still needs the original."
            ),
        )
    if function.last.reached_back:
        _fail(
            say(
                "{function} wrote into an argument of the call before: it was kept, and not a copy of it.",
                function=function.name,
            ),
            hint=say(
                "Keep a copy of what you are given: the array or the list itself is the caller's."
            ),
        )
    return value


def assert_new_arrays(function: StudentFunction, *args: Any, **keywords: Any) -> Any:
    """Call a function and assert that no array that it returns is an argument or a view of one.

    Values of the kind `cache` may share memory with the arguments.

    Args:
        function: a function of the student's.
        args: its arguments.
        keywords: its keyword arguments.

    Returns what the function returned. Raises `CheckEnded` with the names of returned arguments.

    >>> out, cache = assert_new_arrays(student.relu_forward, np.array([[1.0, 2.0]]))
    >>> out
    array([[1., 2.]])
    """
    value = function(*args, **keywords)
    if same := function.returned_arguments(args, keywords):
        name = all_of(same)
        _fail(
            say(
                "{function} gives back {name} itself, not a new array.",
                function=function.name,
                name=name,
            ),
            hint=say(
                "Return a copy: whoever changes the result later must not change {name} with it.",
                name=name,
            ),
        )
    return value


def assert_raises(function: StudentFunction, exception: str, *args: Any, **keywords: Any) -> None:
    """Assert that a call raises the named exception, and not something else or nothing.

    Args:
        function: a function of the student's.
        exception: the name of the exception's type; types derived from it count, too.
        args: the arguments of the call.
        keywords: its keyword arguments.

    Raises `CheckEnded` with the call, and with what it raised or returned instead.

    >>> assert_raises(student.mse_loss, "ValueError", np.zeros(2), np.zeros(3))
    >>> assert_raises(student.relu_forward, "ValueError", np.zeros(2))
    Traceback (most recent call last):
    grader.errors.CheckEnded: relu_forward(...) must raise ValueError; it returned a result.
    """
    try:
        value = function(*args, **keywords)
    except CheckEnded as end:
        if exception in (end.exception, *end.bases):
            return
        if end.outcome is Outcome.FAILED and function.last.value is None:
            _fail_without(exception, function, args, keywords)
        if end.outcome is not Outcome.ERROR or not end.exception or end.unwritten:
            raise
        _fail(
            say(
                "{function} must raise {exception}; it raised {raised}.",
                function=_call(function, args, keywords),
                exception=exception,
                raised=end.exception,
            )
        )
    if not function.declared.returns or not isinstance(value, (*COLLECTIONS, *PLAIN)):
        _fail_without(exception, function, args, keywords)
    call = _call(function, args, keywords)
    given = say("a result") if isinstance(value, COLLECTIONS) else _short(value)
    _fail(
        say(
            "{function} must raise {exception}; it returned {given}.",
            function=call,
            exception=exception,
            given=given,
        )
    )


def _fail_without(
    exception: str, function: StudentFunction, args: Sequence[Any], keywords: Mapping[str, Any]
) -> NoReturn:
    """End a check in which a call raised nothing."""
    call = _call(function, args, keywords)
    _fail(say("{function} must raise {exception}; it did not.", function=call, exception=exception))


def lengths(arrays: Sequence[Any]) -> dict[str, int]:
    """Lengths that a wrong factor could come from, each by a sentence with the course's name for it.

    One that something else has too is left out, and 1 and 2, which come from anywhere.

    Args:
        arrays: what has the examples as its first axis, then whatever else was given, numbers, too.
    """
    leaves = flatten([a for a in arrays if isinstance(a, np.ndarray | list | tuple)])
    shapes = list(dict.fromkeys(leaf.shape for leaf in leaves if leaf.ndim >= 2))
    if not shapes:
        return {}
    first = shapes[0]
    named = {EXAMPLES: first[0]}
    if len(first) == 4:
        named[later("Here {size} is the number of places in a feature map.")] = first[2] * first[3]
        named[later("Here {size} is the number of channels.")] = first[1]
    found = [first[0], *(a for a in arrays if isinstance(a, int))]
    for position, shape in enumerate(shapes):  # the examples of an output are those of its input
        found += shape[1:] if position < 2 and shape[0] == first[0] else shape
        found += [shape[2] * shape[3]] if len(shape) == 4 else []
    return {
        sentence: size for sentence, size in named.items() if size > 2 and found.count(size) == 1
    }


def _call(function: StudentFunction, args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    """A call in words: numbers and texts as they are, arrays by their names and shapes."""
    names = [name for name, _ in function.declared.parameters]
    if "." in function.name:
        names = names[1:]  # of a method, the object is not among the arguments
    given, shapes = [], []
    for name, value in [*zip(names, args, strict=False), *keywords.items()]:
        if isinstance(value, np.ndarray) and value.ndim > 1:
            shapes.append(say("{name} of shape {shape}", name=name, shape=value.shape))
        plain = value.tolist() if isinstance(value, np.ndarray) and value.ndim == 1 else value
        simple = isinstance(plain, str | int | float | list) and len(repr(plain)) <= 40
        given.append(f"{name}={plain!r}" if simple else name)
    call = f"{function.name}({', '.join(given)})"
    if not shapes:
        return call
    return say("With {shapes}, {call}", shapes=all_of(shapes), call=call)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
