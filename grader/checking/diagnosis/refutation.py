"""Which recognised misconceptions simple calls refute.

Two mistakes may answer alike to the calls of one check. A misconception is not the student's where it
answers a simple call wrongly to which the student answers rightly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.student import error_summary
from grader.checking.diagnosis.contrast import Probe
from grader.checking.diagnosis.features import SEED
from grader.checking.diagnosis.recognition import Parts, RunnableMisconception, answer_parts
from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.repair.cases import draws
from grader.errors import CheckEnded
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
        if not draws(probe.case.calls) and not probe.case.wrong(one.parts)
    ]
    return {
        one.name
        for one in wrong
        if any(
            answers_wrongly(exercise, {**reference, **one.functions}, probe)
            for probe in _concerned(right, one)
        )
    }


def _concerned(right: Sequence[Probe], one: RunnableMisconception) -> list[Probe]:
    """The probes that call a function of a misconception."""
    calls = (p for p in right if any(call.function in one.functions for call in p.case.calls))
    return list(islice(calls, MOST))


def answers_wrongly(exercise: Exercise, namespace: Mapping[str, Any], probe: Probe) -> bool:
    """Whether functions answer a probe wrongly."""
    code = LocalCode(namespace, exercise)
    parts: list[Parts] = []
    kept: Any = None
    for call in probe.case.calls:
        args = tuple(kept if isinstance(a, Opaque) else a for a in call.args)
        returns = exercise.callables[call.function].returns
        keep = [i for i, (_, kind) in enumerate(returns) if kind == "cache"]
        try:
            (answer,) = code.call(call.function, [(args, {})], keep, SEED, 0.0)
        except CheckEnded as end:
            parts.append(answer_parts(None, error_summary(end)))
            break
        parts.append(answer_parts(answer))
        if isinstance(answer.value, Opaque):  # an object, which the calls after it are of
            kept = answer.value
        elif keep and isinstance(answer.value, tuple):
            kept = answer.value[-1]
    return bool(probe.case.wrong(parts))
