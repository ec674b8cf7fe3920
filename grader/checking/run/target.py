"""One submission that is being graded: what its checks found so far, and what follows from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from grader.checking.calls.sandboxed import Code
from grader.checking.calls.student import fits, missing, wrong_parameters
from grader.checking.diagnosis.recognise import Recognised
from grader.checking.run.causes import follow, uses
from grader.errors import CheckEnded
from grader.model import CheckResult, Exercise, Misconception, Outcome

PARTLY = "The hint explains only a part of what is wrong here."


@dataclass
class Target:
    """The submission that is being graded.

    Attributes:
        code: its functions; None if it could not be read, and `refused` says why.
        source: the text that defines the functions.
        results: of the checks that ended, in their order.
        outcomes: how they ended, by check.
        called: the functions that each of them called.
        waiting: for a check that was skipped, the one that has to pass first.
        recognised: the mistakes that answer as the submission did, by check.
    """

    exercise: Exercise
    code: Code | None
    refused: CheckEnded | None = None
    source: str = ""
    results: list[CheckResult] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    called: dict[str, list[str]] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    recognised: dict[str, Recognised] = field(default_factory=dict)

    def explained(self) -> list[CheckResult]:
        """The results, with the mistakes named that explain most of them."""
        results = self._with_causes()
        told = {r.name for r in results if r.outcome is not Outcome.SKIPPED}
        excluded = {name for one in self.recognised.values() for name in one.excluded}
        candidates = {
            check: [
                m for m in one.found if m.name not in one.weak & excluded and not self._denied(m)
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
                message += f"\n{PARTLY}"
            return replace(result, misconception=best.name, hint=best.hint, message=message)

        return [named(result) for result in results]

    def _denied(self, mistake: Misconception) -> bool:
        """Whether the check that nobody passes with this mistake passed, or failed in another way."""
        own = self.recognised.get(mistake.caught_by, Recognised())
        passed = self.outcomes.get(mistake.caught_by) is Outcome.PASSED
        return passed or mistake.name in own.excluded

    def _with_causes(self) -> list[CheckResult]:
        if all(outcome is Outcome.PASSED for outcome in self.outcomes.values()):
            return self.results
        used = uses(self.source, self.exercise.functions)
        return follow(self.results, self.called, self.waiting, used)

    def problems(self) -> list[str]:
        """What is wrong with the submission as a whole: each said once."""
        if self.refused is not None:
            return [self.refused.message]
        if self.code is None:
            return []
        if self.code.problems and not self.code.functions:
            return [p.message for p in self.code.problems]
        said = [p.message for p in self.code.problems]
        for name, declared in self.exercise.functions.items():
            definition = self.code.functions.get(name)
            if definition is None:
                said.append(missing(declared, self.exercise, self.code))
            elif not fits(definition, declared):
                said.append(wrong_parameters(definition, declared))
        return said
