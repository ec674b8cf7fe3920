"""Which recognised misconceptions simple calls refute.

Two mistakes may answer alike to the calls of one check. A misconception is not the student's where it
answers a simple call wrongly to which the student answers rightly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any

import numpy as np

from grader.checking.calls.code import Answer
from grader.checking.diagnosis.contrast import Probe, without_cache
from grader.checking.diagnosis.recognition import Parts, RunnableMisconception, answer_parts
from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.repair.cases import draws
from grader.model import Exercise
from grader.sandbox.wire import Opaque

MOST = 60  # simple calls of one misconception; the simplest come first


def refuted(
    exercise: Exercise,
    some: Sequence[Probe],
    answers: Sequence[Tried],
    wrong: Sequence[RunnableMisconception],
    reference: Mapping[str, Callable[..., Any]],
) -> set[str]:
    """The names of the misconceptions that are wrong in a probe to which the submission answered rightly."""
    right = [
        probe
        for probe, one in zip(some, answers, strict=True)
        if probe.inputs.function not in exercise.classes
        and not draws(probe.case.calls)
        and not probe.case.wrong(one.parts)
    ]
    return {
        one.name
        for one in wrong
        if any(_is_wrong(exercise, probe, one, reference) for probe in _concerned(right, one))
    }


def _concerned(right: Sequence[Probe], one: RunnableMisconception) -> list[Probe]:
    """The probes that call a function of a misconception."""
    calls = (p for p in right if any(call.function in one.functions for call in p.case.calls))
    return list(islice(calls, MOST))


def _is_wrong(
    exercise: Exercise,
    probe: Probe,
    one: RunnableMisconception,
    reference: Mapping[str, Callable[..., Any]],
) -> bool:
    functions = {**reference, **one.functions}
    parts: list[Parts] = []
    cache = None
    with np.errstate(all="ignore"):
        for call in probe.case.calls:
            args = [cache if isinstance(a, Opaque) else deepcopy(a) for a in call.args]
            try:
                value = functions[call.function](*args)
            except Exception:  # whatever a mistake raises: it is no right answer
                return True
            cache = value[-1] if isinstance(value, tuple) else None
            parts.append(answer_parts(Answer(without_cache(exercise, call.function, value))))
    return bool(probe.case.wrong(parts))
