"""Whether an answer that is wrong for whole numbers is right for the same numbers as floats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from grader.checking.calls.student import Call
from grader.checking.diagnosis.repair.bench import Bench
from grader.checking.diagnosis.repair.cases import Case
from grader.errors import CheckEnded
from grader.language import say, together

SECONDS = 0.2  # for one call
TWINS = 4  # of one case


def right_as_floats(bench: Bench, found: Sequence[Case]) -> dict[str, str]:
    """What to say of the checks whose wrong cases are all answered rightly with floats, by check.

    Args:
        bench: the submission.
        found: cases of the checks.
    """
    wrong = sorted((c for c in found if c.wrong()), key=lambda c: c.check)
    said = {}
    for check, some in groupby(wrong, key=lambda c: c.check):
        kinds = [_kind(bench, case) for case in some]
        if all(kinds):
            said[check] = _sentence(kinds[0])
    return said


def has_whole_numbers(calls: Iterable[Call]) -> bool:
    """Whether an argument of some call is an array of whole numbers, or a list with one."""
    return any(_whole_in(value) for call in calls for value in call.args)


def _whole_in(value: Any) -> str:
    """The type of the first array of whole numbers in an argument; `""` if there is none."""
    if isinstance(value, list | tuple):
        return next(filter(None, map(_whole_in, value)), "")
    whole = isinstance(value, np.ndarray) and value.dtype.kind in "iu" and value.size > 0
    return str(value.dtype) if whole else ""


def _as_floats(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_as_floats, value))
    return np.asarray(value, float) if _whole_in(value) else value


def _kind(bench: Bench, case: Case) -> str:
    """The type of the numbers that a case is wrong with, and right without; `""` if there is none."""
    twins = list(_twins(case))[:TWINS]
    if not twins:
        return ""
    try:
        bench.keep([twin for twin, _ in twins])
        (answers,) = bench.attempt(range(len(twins)), each=SECONDS)
    except CheckEnded:
        return ""
    for (twin, kind), answer in zip(twins, answers or (), strict=False):
        if not twin.wrong(answer.parts):
            return kind
    return ""


def _twins(case: Case) -> Iterator[tuple[Case, str]]:
    """The case with floats in all arrays of whole numbers, and with floats in one of them, each with the
    type that it had before."""
    places = [
        (c, a)
        for c, call in enumerate(case.calls)
        for a, value in enumerate(call.args)
        if _whole_in(value)
    ]
    some = [places, *([place] for place in places)] if len(places) > 1 else [places]
    for chosen in filter(None, some):
        calls = tuple(
            replace(
                call,
                args=tuple(
                    _as_floats(value) if (c, a) in chosen else value
                    for a, value in enumerate(call.args)
                ),
            )
            for c, call in enumerate(case.calls)
        )
        first, at = chosen[0]
        yield replace(case, calls=calls), _whole_in(case.calls[first].args[at])


def _sentence(kind: str) -> str:
    said = say(
        "With the same numbers as floats your answer is right: convert whole numbers (here {kind}) to "
        "floats before you compute with them.",
        kind=kind,
    )
    if kind != "uint8":
        return said
    return together(
        said, say("A byte holds 0 to 255 only, and NumPy's exp of bytes keeps few digits.")
    )
