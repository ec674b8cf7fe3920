"""Proves what would be said of each misconception by its contrast: on inputs that it was not made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from grader.checking.diagnosis.contrast import Probe, contradicts, guilty_features, probes
from grader.checking.diagnosis.features import Inputs
from grader.checking.diagnosis.recognition import RunnableMisconception
from grader.checking.diagnosis.refutation import answers_wrongly
from grader.language import all_of, say
from grader.model import Exercise

FRESH = 1000  # added to the seeds


def untrue(
    exercise: Exercise,
    features: Sequence[Inputs],
    reference: Mapping[str, Any],
    wrong: Sequence[RunnableMisconception],
) -> Iterator[str]:
    """What does not hold of the contrasts of an exercise's misconceptions."""
    made = probes(exercise, features, reference)
    fresh = probes(exercise, features, reference, FRESH)
    for one in wrong:
        is_wrong = partial(answers_wrongly, exercise, {**reference, **one.functions})
        for inputs in features:
            for function in inputs.judged:
                mine, others = (_of(some, inputs, function) for some in (made, fresh))
                if not mine or one.functions.keys().isdisjoint(_functions(mine[0])):
                    continue
                guilty = _told(mine, is_wrong)
                if guilty and _contradicted(guilty, others, is_wrong):
                    yield say(
                        "{misconception}: {function} is not always wrong by {features} alone",
                        misconception=one.name,
                        function=function,
                        features=all_of(list(guilty)),
                    )


def _functions(probe: Probe) -> Iterator[str]:
    return (call.function for call in probe.case.calls)


def _told(some: Sequence[Probe], is_wrong: Callable[[Probe], bool]) -> dict[str, list[Any]]:
    """The guilty features of which a sentence is said; no more probes are asked than are needed."""
    by_changes: dict[int, list[Probe]] = {}
    for probe in some:
        changes = sum(probe.setting[n] != v for n, v in probe.inputs.simplest.items())
        by_changes.setdefault(changes, []).append(probe)
    simplest, near = by_changes.pop(0, []), by_changes.pop(1, [])
    if any(map(is_wrong, simplest)):
        return {}
    flags = [False for _ in simplest] + [is_wrong(probe) for probe in near]
    guilty = guilty_features([*simplest, *near], flags)
    if any(map(contradicts(guilty), [*simplest, *near], flags)):
        return {}
    further = [probe for probes in by_changes.values() for probe in probes]
    return {} if guilty and _contradicted(guilty, further, is_wrong) else guilty


def _contradicted(
    guilty: Mapping[str, Sequence[Any]], some: Sequence[Probe], is_wrong: Callable[[Probe], bool]
) -> bool:
    return any(map(contradicts(guilty), some, map(is_wrong, some)))


def _of(some: Sequence[Probe], inputs: Inputs, function: str) -> list[Probe]:
    return [p for p in some if p.inputs is inputs and p.case.function == function]
