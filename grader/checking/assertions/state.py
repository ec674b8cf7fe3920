"""Assertions that a function keeps nothing from one call to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.checking.assertions.values import assert_arguments_unchanged, assert_same, fail
from grader.checking.calls.student import StudentFunction
from grader.checking.gradients.inputs import upstream
from grader.checking.gradients.probe import flatten
from grader.language import say


def assert_results_kept(
    function: StudentFunction, *calls: Sequence[Any], **keywords: Any
) -> list[Any]:
    """Call a function with each tuple of arguments, and assert that the last call does not write into
    what the call before it returned, be it an array or a list.

    Args:
        function: a function of the student's.
        calls: arguments of one shape but with other numbers: a buffer that is used again must fit.
        keywords: shared by all calls.

    Returns what the function returned, a list. Raises `CheckEnded` where a result was overwritten.

    >>> calls = (np.array([-1.0, 2.0]),), (np.array([3.0, -4.0]),)
    >>> (first, _), (second, _) = assert_results_kept(student.relu_forward, *calls)
    >>> first.tolist(), second.tolist()
    ([0.0, 2.0], [3.0, 0.0])
    """
    values = function.map([tuple(args) for args in calls], **keywords)
    if function.last.overwrote:
        fail(
            say(
                "{function} wrote into what it returned from the call before: that result is lost.",
                function=function.name,
            ),
            hint=say("Make a new array in every call; keep no result in a global."),
        )
    return values


def assert_caches_apart(
    forward: StudentFunction,
    backward: StudentFunction,
    rng: np.random.Generator,
    first: Sequence[Any],
    second: Sequence[Any],
    *others: Sequence[Any],
    **keywords: Any,
) -> tuple[np.ndarray, Any]:
    """Assert that several forward calls before two backward calls do not get mixed up, and that no
    argument is changed.

    Each cache is used once. What the first backward pass answers is compared with what it answers right
    after its own forward pass.

    Args:
        forward: a function of the student's.
        backward: the one that belongs to it.
        rng: draws `dout`.
        first: arguments of `forward`.
        second: arguments of the same shapes, but with other numbers.
        others: arguments of further forward calls in between, of any shapes.
        keywords: of `forward`, shared.

    Returns `dout`, and what `backward` answered to it right after `forward(*first)`. Raises `CheckEnded`
    with the first difference, or where an argument was changed or a result overwritten.

    >>> first, second = [np.array([-1.0, 2.0])], [np.array([3.0, -4.0])]
    >>> dout, dx = assert_caches_apart(
    ...     student.relu_forward, student.relu_backward, rng, first, second
    ... )
    >>> bool(dx[1] == dout[1])
    True
    """
    out, cache = assert_arguments_unchanged(forward, *first, **keywords)
    dout = upstream(rng, np.shape(out))
    alone = assert_arguments_unchanged(backward, dout, cache)
    answers = assert_results_kept(forward, first, second, **keywords)
    for other in others:
        forward(*other, **keywords)
    # The latest cache is right also where caches are kept in a global: the earlier one tells.
    together = assert_results_kept(backward, *[(dout, cache) for _, cache in answers])
    names = [name for name, _ in backward.declared.returns]
    parts = [*zip(flatten(together[0]), flatten(alone), strict=True)]
    for number, (mine, right) in enumerate(parts):
        assert_same(
            mine,
            right,
            name=names[number] if len(names) == len(parts) else f"gradient {number}",
            because=say(
                "Two forward passes of one shape, then two backward passes; the first one:"
            ),
        )
    return dout, alone
