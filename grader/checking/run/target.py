"""One submission that is being graded: the results of its checks so far, and what follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from grader.checking.calls.code import Code
from grader.checking.calls.missing import (
    accepts_declared_call,
    missing_message,
    wrong_parameters_message,
)
from grader.checking.calls.student import Call
from grader.checking.diagnosis.recognition import Recognition
from grader.checking.run.causes import FAILURES, skip_consequences, used_functions
from grader.errors import CheckEnded
from grader.language import say, together
from grader.model import CheckResult, Exercise, Misconception, Outcome

if TYPE_CHECKING:  # a batch seldom needs them
    from grader.checking.diagnosis.contrast import Contrast
    from grader.checking.diagnosis.repair.words import Told


@dataclass
class Target:
    """The submission that is being graded.

    Attributes:
        exercise: the exercise.
        code: the functions; None if the submission could not be read.
        refused: why it could not be read.
        source: the text that defines the functions.
        results: the results of the checks that ended, in order.
        outcomes: how they ended, by check.
        called: the functions that each of them called.
        waiting: for a check that was skipped, the check that must pass first.
        recognised: what the answers show about misconceptions, by check.
        logged: the calls of each visible check, and whether it passed.
        contrasts: what simple calls tell of a check's function, by check.
        lines: the suspect line of a check and the sentence on it, by check.
        as_floats: what to say of a check that fails over whole numbers, and not over floats.
        fractions: the checks that ended because a float stood where a size or a count belongs.
        wrong_returns: the checks that ended because a function returned another number of values.
        wrong_calls: the checks that ended in a call that was not given what it takes.
        author_hints: the checks that ended with a hint of the exercise's author.
    """

    exercise: Exercise
    code: Code | None
    refused: CheckEnded | None = None
    source: str = ""
    results: list[CheckResult] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    called: dict[str, list[str]] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    recognised: dict[str, Recognition] = field(default_factory=dict)
    logged: dict[str, tuple[Sequence[Call], bool]] = field(default_factory=dict)
    contrasts: dict[str, Contrast] = field(default_factory=dict)
    lines: dict[str, Told] = field(default_factory=dict)
    as_floats: dict[str, str] = field(default_factory=dict)
    wrong_calls: set[str] = field(default_factory=set)
    wrong_returns: set[str] = field(default_factory=set)
    fractions: set[str] = field(default_factory=set)
    author_hints: set[str] = field(default_factory=set)

    @property
    def failed(self) -> bool:
        """Whether a check ended as it should not, so that there is something to explain."""
        return any(outcome in FAILURES for outcome in self.outcomes.values())

    @property
    def told(self) -> set[str]:
        """The checks that are not skipped, also not because another failed."""
        return _not_skipped(self._with_consequences_skipped())

    def final_results(self) -> list[CheckResult]:
        """The results, each with the recognised misconception that explains the most checks."""
        results = self._with_consequences_skipped()
        told = _not_skipped(results)
        excluded = {name for one in self.recognised.values() for name in one.excluded}
        candidates = {
            check: [
                m
                for m in one.found
                if m.name not in one.weak & excluded and not self._is_ruled_out(m)
            ]
            for check, one in self.recognised.items()
            if check in told
        }
        votes = Counter(m.name for found in candidates.values() for m in found)

        def named(result: CheckResult) -> CheckResult:
            found = candidates.get(result.name)
            if not found:
                return result
            best = max(found, key=lambda m: votes[m.name])
            message = result.message
            if self.recognised[result.name].partly:
                partly = say("The hint may explain only part of what is wrong here.")
                message = f"{message}\n{partly}"
            wrong = next((f for f in result.called if f in best.functions), result.function)
            return replace(
                result,
                misconception=best.name,
                hint=say(best.hint),
                message=message,
                function=wrong,
            )

        return [
            self._with_contrast(self._with_floats(self._with_line(named(result))))
            for result in results
        ]

    def _with_floats(self, result: CheckResult) -> CheckResult:
        """The result with what is known of whole numbers, in the place of what a repair says."""
        said = self.as_floats.get(result.name)
        if said is None or result.misconception or result.outcome not in FAILURES:
            return result
        return replace(result, hint=said)

    def _with_contrast(self, result: CheckResult) -> CheckResult:
        """The result with the contrast of its function and its smallest wrong call."""
        found = self.contrasts.get(result.name)
        if found is None or result.outcome not in FAILURES:
            return result
        return replace(result, contrast=found.sentence, call=found.call)

    def _with_line(self, result: CheckResult) -> CheckResult:
        """The result with the line that a repair found; its sentence, if no mistake has a name."""
        told = self.lines.get(result.name)
        if told is None or result.outcome not in FAILURES:
            return result
        same = result.outcome is Outcome.ERROR and result.line == told.suspect.line
        of_author = (
            result.name in self.author_hints and not result.misconception and not told.either
        )
        kept = result.misconception or same or of_author or told.bare or not told.sentence
        known = result.hint and kept
        hint = result.hint if known else told.sentence
        beside = same or (of_author and not told.of_operator)
        if known and beside and told.look and not result.misconception:
            hint = together(hint, told.look)
        if known and told.either:  # a hint that does not name both lines
            hint = together(hint, told.sentence)
        return replace(result, suspect=told.suspect, hint=hint)

    def _is_ruled_out(self, mistake: Misconception) -> bool:
        """Whether the check that this mistake always fails passed, or failed in another way."""
        own = self.recognised.get(mistake.caught_by, Recognition())
        passed = self.outcomes.get(mistake.caught_by) is Outcome.PASSED
        return passed or mistake.name in own.excluded

    def _with_consequences_skipped(self) -> list[CheckResult]:
        if all(outcome is Outcome.PASSED for outcome in self.outcomes.values()):
            return self.results
        used = used_functions(self.source, self.exercise.functions)
        return skip_consequences(self.results, self.called, self.waiting, used)

    def problems(self, *, selected: bool = False) -> list[str]:
        """What is wrong with the submission as a whole, each problem once. If only some checks were
        `selected`, a function that none of them met is not spoken of."""
        if self.refused is not None:
            return [self.refused.message]
        if self.code is None:
            return []
        if self.code.problems and not self.code.functions:
            return [p.message for p in self.code.problems]
        said = [p.message for p in self.code.problems]
        met = {f.partition(".")[0] for called in self.called.values() for f in called}
        for name in self.exercise.names:
            if selected and name not in met:
                continue
            declared = self.exercise.callables[name]
            definition = self.code.functions.get(name)
            if definition is None:
                said.append(missing_message(declared, self.exercise, self.code))
            elif not accepts_declared_call(definition, declared):
                said.append(wrong_parameters_message(definition, declared))
        return said


def _not_skipped(results: Sequence[CheckResult]) -> set[str]:
    return {r.name for r in results if r.outcome is not Outcome.SKIPPED}
