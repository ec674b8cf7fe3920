"""Repairs that the checks judge themselves.

Where right solutions may answer differently (they draw other random numbers), or where a check looks at
more than answers, cases with trusted answers say little. Then a failing check runs again and again, each
time with another small edit of the functions that it calls. An edit that it passes with, and that spoils
no other check, is a repair.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.checking.calls.student import Call
from grader.checking.diagnosis.repair.bench import Fitted
from grader.checking.diagnosis.repair.cases import Case, Growth, draws, size_of
from grader.checking.diagnosis.repair.edits import Edit
from grader.checking.diagnosis.repair.repair import AGREE, Repair, rivals
from grader.checking.diagnosis.repair.search import OF_LINE
from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.suspicion import by_cost
from grader.checking.run.grading import Grading, process_settings
from grader.errors import CheckEnded
from grader.model import Exercise, Limits, Outcome, Submission

OF_RUN, OF_CALL, OF_NUMBER = 1_300, 300, 0.05  # steps of about a microsecond, as in `search`
LONGEST = 60_000  # a check that takes more steps is not run again and again
OF_TIMEOUT = 300_000
LIMITS = Limits(call_seconds=0.3, total_seconds=1.0)
NEARLY = 3  # times the steps of the cheapest check that the one that runs again and again may take


@dataclass
class Fitting:
    """Looks for repairs of one submission by its checks.

    Args:
        grading: runs the checks.
        exercise, submission: what is graded.
        places: the submission's functions.
        logged: of each check its calls, and whether it passed.
        waiting: the checks that were skipped: they show what a check of shapes lets through.
        weights: how many lines calls of each function run.
        known: the edits of functions that were made already, by the number of the function.

    Attributes:
        fitted: the checks that were run again and again, with the steps that it took.
    """

    grading: Grading
    exercise: Exercise
    submission: Submission
    places: Sequence[Place]
    logged: Mapping[str, tuple[Sequence[Call], bool]]
    waiting: Collection[str]
    weights: Mapping[str, Growth] = field(default_factory=dict)
    known: dict[int, list[Edit]] = field(default_factory=dict)
    fitted: dict[str, float] = field(default_factory=dict)

    def unsettled(self, failed: Collection[str], cases: Sequence[Case] = ()) -> str | None:
        """The first of the failing checks that were not run again and again, of which the `cases` say little,
        and that are quickly run."""
        settled = {case.check for case in cases if case.wrong()}
        steps = {
            name: self.steps(name)
            for name in failed
            if name in self.logged
            and name not in self.fitted
            and (name not in settled or draws(self.logged[name][0]))
        }
        least = min(steps.values(), default=LONGEST)
        quick = (name for name, count in steps.items() if count < min(LONGEST, NEARLY * least))
        return next(quick, None)

    def steps(self, check: str) -> float:
        """What a run of a check takes; without end if a function of it was never looked at."""
        if check not in self.logged:
            return math.inf
        steps = float(OF_RUN)
        for call in self.logged[check][0]:
            numbers = sum(size_of(a) for a in (*call.args, *call.keywords.values()))
            growth = self.weights.get(call.function)
            if growth is None:
                return math.inf
            steps += OF_CALL + OF_LINE * growth.at(numbers) + OF_NUMBER * numbers
        return steps

    def repair(
        self, check: str, steps: float, raised: tuple[str, int], failed: Collection[str] = ()
    ) -> Repair | None:
        """The likeliest edit that lets `check` pass and spoils no other; None if there is none, or if several
        lines would do. Before it come those that let others that `failed` pass, too. `raised` is the file and
        line of an exception, if one ended the check."""
        called = self._functions_of(check)
        own, others = self._guarded(called)
        cleared = self._cleared()
        quick = replace(self.exercise, limits=LIMITS)
        code = Fitted(self.grading.server, quick, self.submission, process_settings(self.exercise))
        spent = 0.0
        found: list[tuple[float, Place, Edit]] = []
        part: list[tuple[float, Place, Edit]] = []
        alone: list[tuple[float, Place, Edit]] = []
        with_it = [n for n in failed if n != check and self._is_of(n, called)]
        try:
            for price, place, edit in by_cost(self.places, called, cleared, raised, self.known):
                if spent > steps or (found and price > found[0][0] + AGREE):
                    break
                with edit.made():
                    changed = place.code()
                if changed is None:
                    continue
                code.wear(place, changed)
                lost, cost = self._first_lost(code, (check, *own, *others))
                spent += cost
                if lost in others:
                    alone.append((price, place, edit))
                if lost is not None:
                    continue
                lost, cost = self._first_lost(code, with_it)
                spent += cost
                (found if lost is None else part).append((price, place, edit))
        except CheckEnded:
            return None
        finally:
            self.fitted[check] = spent
            code.close()
        if code.seconds_left <= 0:
            return None
        nearest = [one for one in part if one[0] <= part[0][0] + AGREE]
        return self._chosen(found or nearest or alone, check, called)

    def _functions_of(self, check: str) -> set[str]:
        return {c.function for c in self.logged[check][0]}

    def _guarded(self, called: set[str]) -> tuple[list[str], list[str]]:
        """The checks that are not to be lost: those that call no other function, and those that do."""
        every = [
            name
            for name, (calls, passed) in self.logged.items()
            if any(c.function in called for c in calls)
            and self.steps(name) < LONGEST
            and (passed or (name in self.waiting and not self._functions_of(name) - called))
        ]
        own = [n for n in every if not self._functions_of(n) - called]
        return own, [n for n in every if n not in own]

    def _first_lost(self, code: Fitted, checks: Sequence[str]) -> tuple[str | None, float]:
        """The first of some checks that does not pass, and the steps that it took to know."""
        spent = 0.0
        for name in checks:
            outcome = self._outcome(code, name)
            spent += self.steps(name) + OF_TIMEOUT * (outcome is Outcome.TIMEOUT)
            if outcome is not Outcome.PASSED:
                return name, spent
        return None, spent

    def _is_of(self, check: str, called: Collection[str]) -> bool:
        """Whether a check calls nothing but some functions, and is quickly run."""
        calls = self.logged[check][0] if check in self.logged else ()
        mine = bool(calls) and all(c.function in called for c in calls)
        return mine and self.steps(check) < LONGEST

    def _cleared(self) -> set[str]:
        """The functions that checks call which passed, and none that did not."""
        by_outcome: dict[bool, set[str]] = {True: set(), False: set()}
        for calls, passed in self.logged.values():
            by_outcome[passed] |= {c.function for c in calls}
        return by_outcome[True] - by_outcome[False]

    def _outcome(self, code: Fitted, check: str) -> Outcome:
        return self.grading.run_aside(self.exercise, code, [check]).outcomes[check]

    def _chosen(
        self,
        found: Sequence[tuple[float, Place, Edit]],
        check: str,
        called: Collection[str],
    ) -> Repair | None:
        if not found:
            return None
        price, place, edit = found[0]
        near = [(p, e) for _, p, e in found]
        if len({e.line for _, e in near}) > 2:
            return None
        function = self.logged[check][0][-1].function
        return Repair(
            function=function,
            place=place,
            edit=edit,
            part=None,
            parts=frozenset(),
            functions=frozenset(called),
            only_changes=False,
            cost=price,
            checks=frozenset({check}),
            rivals=rivals(place, edit, near),
        )
