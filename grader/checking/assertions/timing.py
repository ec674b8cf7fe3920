"""Whether something long would end in time: told after a moment, and not after the wait."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from grader.checking.calls.code import Place
from grader.checking.calls.student import StudentFunction
from grader.errors import CheckEnded
from grader.language import later, say
from grader.model import Outcome

# Times on a busy machine differ: only what would take so many times too long is not tried.
HOPELESS = 1.3


def assert_in_time(
    function: StudentFunction,
    *args: Any,
    times: int,
    seconds: float,
    doing: str,
    hint: str = "",
    **keywords: Any,
) -> None:
    """Assert that so many calls like this one can end in time; one or two are made and measured.

    Args:
        function: a function of the student's.
        args: the arguments of the call.
        times: how many such calls the check is about to cause.
        seconds: how long they may take together.
        doing: what causes them, such as `train_cnn makes 1,640 such steps`.
        hint: where to read how fast it has to be.
        keywords: keyword arguments of the call.

    Raises `CheckEnded` with the outcome `timeout`, with the time that it would take and the function that
    takes most of it. A call that is only a little too slow does not end the check: it is tried.

    >>> assert_in_time(student.relu_forward, np.zeros(3), times=100, seconds=5, doing="it is called 100 times")
    """
    calls = []
    for _ in range(2):  # the first one may be slow only because it is the first
        function(*args, **keywords)
        calls.append(function.timed())
        fastest = min(calls, key=lambda answer: answer.seconds)
        needed = fastest.seconds * times
        if needed <= HOPELESS * seconds:
            return
    place = fastest.spent[0] if fastest.spent else None
    hopeless = say(
        "And {doing}: that would take {duration}, while {seconds:g} s are allowed. So it was not tried.",
        doing=doing,
        duration=_duration(needed),
        seconds=seconds,
    )
    raise CheckEnded(
        Outcome.TIMEOUT,
        f"{_one_call(function.name, fastest.seconds, place)} {hopeless}",
        hint=hint,
        where=(place.file, place.line) if place else function.where,
    )


def _one_call(name: str, seconds: float, place: Place | None) -> str:
    """How long one call takes, and where, if that is known."""
    if place is None:
        return say("One call of {name} takes {seconds:.2g} s.", name=name, seconds=seconds)
    if place.share > 0.95:
        message = later(
            "One call of {name} takes {seconds:.2g} s, nearly all of it in {function} ({file}, about line "
            "{line})."
        )
    else:
        message = later(
            "One call of {name} takes {seconds:.2g} s, {share:.0%} of it in {function} ({file}, about line "
            "{line})."
        )
    return say(message, name=name, seconds=seconds, **asdict(place))


def _duration(seconds: float) -> str:
    """A long time in words."""
    if seconds < 120:
        return say("{n:.0f} s", n=seconds)
    if seconds < 7200:
        return say("{n:.0f} minutes", n=seconds / 60)
    return say("{n:.0f} hours", n=seconds / 3600)
