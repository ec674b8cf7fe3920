"""After the points stand: what made a submission's answers wrong.

The checks that were skipped run once more, for what their calls tell; a repair is looked for; and the
checks confirm it. Nothing here changes a score.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.calls.student import Call
from grader.checking.diagnosis.contrast import Contrast, Probe, contrasts, run_probes, tiny_cases
from grader.checking.diagnosis.recognition import Catalogue, Recognition, recognise, wrong_in
from grader.checking.diagnosis.refutation import refuted
from grader.checking.diagnosis.repair.bench import Bench, Tried
from grader.checking.diagnosis.repair.cases import Case, cases
from grader.checking.diagnosis.repair.repair import ALONE, Repair
from grader.checking.diagnosis.repair.search import Search
from grader.checking.diagnosis.repair.source import Place, functions, rewritten
from grader.checking.diagnosis.repair.suspicion import used
from grader.checking.diagnosis.repair.words import Told, told
from grader.checking.diagnosis.slips import calls_a_variable, fraction, idle, only_return, slip
from grader.checking.diagnosis.spelling import spelled_otherwise
from grader.checking.diagnosis.whole_numbers import has_whole_numbers, right_as_floats
from grader.checking.run.causes import FAILURES
from grader.checking.run.fitting import Fitting
from grader.checking.run.grading import UNEXPLAINED, Grading, process_settings
from grader.checking.run.target import Target
from grader.errors import CheckEnded
from grader.language import say
from grader.model import Exercise, Limits, Outcome, Submission, Suspect

BENCH_SECONDS = 10.0  # of computing, for all attempts together: far more than their steps take
REHEARSE_SECONDS, CONFIRM_SECONDS = 0.5, 0.8  # of computing, for the confirmations all together
LEAST_SECONDS = 0.3  # for each of them
MANY = 3  # checks that do not pass by chance all together
MOST_FITTED, OF_FIRST = 2, 0.6  # checks that run again and again, and the share of steps of each
STEPS = 1_400_000  # of about a microsecond, for searches and runs of checks together


def explain(grading: Grading, exercise: Exercise, submission: Submission) -> tuple[str, ...]:
    """Look for what makes a submission's checks fail, and note what is to be said.

    What goes wrong here costs an explanation, and no points: it is returned, to be told.
    """
    try:
        with _undisturbed():
            _explain(grading, exercise, submission)
    except CheckEnded:
        return ()
    except Exception as error:  # ours, whatever it is: the points stand, and have to be handed out
        return (
            say(
                "The points stand, but what is wrong could not be looked for, which is not your fault "
                "({error}).",
                error=f"{type(error).__name__}: {error}",
            ),
        )
    return ()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Collect no garbage, which would mean to look through thousands of edits again and again, and show no
    warnings of Python's about edits, which may be odd."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if was_on:
            gc.enable()


def _explain(grading: Grading, exercise: Exercise, submission: Submission) -> None:
    target = grading.target
    wrong = (
        [r for r in target.results if r.outcome in FAILURES and not r.unwritten] if target else []
    )
    if target is None or not wrong:
        return
    if target.code is None or not target.code.functions:
        return
    places = functions(submission)
    if not places:
        return
    _note_certain_lines(target, places)
    logged = _quick(grading, target)
    rehearsal = grading.rehearse(exercise, submission, _skipped(grading), REHEARSE_SECONDS)
    logged |= rehearsal.logged
    catalogue = grading.trusted.catalogue(exercise)
    adoptable = _recognise_skipped(target, rehearsal, catalogue)
    _drop_refuted(target, rehearsal)
    _adopt_recognised(target, rehearsal, adoptable)
    failing = {
        function for r in wrong if not r.hidden for function in target.called.get(r.name, ())
    }
    found = cases(exercise, logged, catalogue)
    limits = replace(exercise.limits, total_seconds=BENCH_SECONDS)
    quick = replace(exercise, limits=limits)
    bench = Bench(grading.server, quick, submission, process_settings(exercise))
    fitting = Fitting(grading, exercise, submission, places, logged, target.waiting)
    passed = _Confirmed(grading, fitting)
    repairs: list[Repair] = []
    left = STEPS
    try:
        probes = [p for p in grading.trusted.probes(exercise) if p.case.function in failing]
        answers = run_probes(bench, probes)
        if answers:
            _note_simple_calls(grading, exercise, probes, answers)
            found += tiny_cases(probes, answers)
        whole = {n: logged[n] for n in _with_whole_numbers(target) if n in logged}
        target.as_floats |= right_as_floats(bench, cases(exercise, whole, catalogue))
        if found:
            search = Search(bench, found, places, passed.any_with)
            fitting.weights, fitting.known = search.weights, search.edits
            repairs = search.repairs()
            left -= search.steps
    finally:
        bench.close()
    failed = {r.name for r in wrong if not r.hidden}
    for repair in repairs:
        if failed <= passed.sure_with(repair):
            _drop_refuted(target, rehearsal, alone=True)
        _tell(target, repair, passed)
    _fit(target, fitting, passed, found, left)
    _note_idle(target, places)


def _fit(
    target: Target, fitting: Fitting, passed: _Confirmed, found: Sequence[Case], steps: float
) -> None:
    """Look for edits by the checks themselves, and note their lines: first by those of which nothing is known
    and the cases `found` say little, then by those without a line, then by those whose mistake has a name."""
    doubtful: list[Repair] = []
    told_of = target.told - set(target.waiting)
    for failed, settled in ((_unexplained, found), (_without_line, found), (_with_name, ())):
        for _ in range(MOST_FITTED):
            ran = [n for n in failed(target) if n in told_of]
            check = fitting.unsettled(ran, settled)
            if check is None or steps <= 0:
                break
            share = steps * OF_FIRST
            fitted = fitting.repair(check, share, _raised(target, check), failed(target))
            steps -= fitting.fitted[check]
            if fitted is None or _tell(target, fitted, passed, of_fit=True):
                continue
            if _is_part(target, fitted, passed.all_with(fitted)):
                continue
            doubtful.append(fitted)
            if sum(_is_same_line(fitted, other) for other in doubtful) > 1:
                for other in doubtful:
                    if _is_same_line(fitted, other):
                        _note(target, other, passed.all_with(other))


def _is_same_line(one: Repair, other: Repair) -> bool:
    return one.place is other.place and one.edit.at == other.edit.at


def _raised(target: Target, check: str) -> tuple[str, int]:
    """The file and line of the exception that ended a check; line 0 if none did."""
    (result,) = [r for r in target.results if r.name == check]
    return result.file, result.line if result.outcome is Outcome.ERROR else 0


def _tell(target: Target, repair: Repair, passed: _Confirmed, *, of_fit: bool = False) -> bool:
    """Note a repair's line for the checks that pass with it, unless one passes by chance; whether it was."""
    some = passed.all_with(repair)
    if _is_earlier(target, repair):  # what raised there may rather have been given something wrong
        some = [n for n in some if not _may_be_told_otherwise(target, n)]
    least = 1 if of_fit else 2
    by_chance = _is_chance(target, repair, some, least) or _is_part(target, repair, some)
    if not repair.parts and by_chance:
        return False
    _note(target, repair, some)
    return True


def _note(target: Target, repair: Repair, checks: Sequence[str]) -> None:
    for check in checks:
        target.lines.setdefault(check, told(repair, target.exercise))


def _may_be_told_otherwise(target: Target, check: str) -> bool:
    """Whether an exception, or a mistake in this exercise, speaks against a line of an earlier one."""
    known = target.recognised.get(check, Recognition()).found
    return bool(known) or target.outcomes.get(check) is Outcome.ERROR


def _is_earlier(target: Target, repair: Repair) -> bool:
    """Whether a repair changes a function of an earlier exercise."""
    return repair.place.module in target.exercise.requires


def _is_part(target: Target, repair: Repair, passed: Collection[str]) -> bool:
    """Whether a mistake that is recognised in a check that passes with a repair shows in one that does not, and
    calls nothing else: then the repair is not of the mistake."""
    found = {n: {m.name for m in one.found} for n, one in target.recognised.items()}
    cured = {name for check in passed for name in found.get(check, ())}
    same = {repair.function, repair.place.path}
    left = [n for n in found if n not in passed and same.issuperset(target.called.get(n, ()))]
    return any(cured & found[n] for n in left)


def _is_chance(target: Target, repair: Repair, passed: Collection[str], least: int = 2) -> bool:
    """Whether a repair lets a few checks pass, and as many others that run the same function, and at `least`
    so many, fail still. To copy something changes no answer: that is not by chance."""
    if repair.edit.kind in ("copy", "alias") or len(passed) >= MANY:
        return False
    same = {repair.function, repair.place.path}
    left = [
        r.name
        for r in target.results
        if r.outcome in FAILURES
        and not r.hidden
        and r.name not in passed
        and same.intersection(target.called.get(r.name, ()))
    ]
    return len(left) >= max(least, len(passed))


def _unexplained(target: Target) -> list[str]:
    """The visible checks that failed and of which nothing is known yet."""
    return [
        r.name
        for r in target.results
        if r.outcome in UNEXPLAINED
        and not r.hidden
        and r.name not in target.lines
        and not target.recognised.get(r.name, Recognition()).found
    ]


def _without_line(target: Target) -> list[str]:
    """The visible checks that failed and of which no line is known yet."""
    return [
        r.name
        for r in target.results
        if r.outcome in UNEXPLAINED and not r.hidden and r.name not in target.lines
    ]


def _with_name(target: Target) -> list[str]:
    """Those of them of which a mistake is recognised."""
    return [n for n in _without_line(target) if target.recognised.get(n, Recognition()).found]


def _with_whole_numbers(target: Target) -> list[str]:
    """The visible checks that failed, and called a function with an array of whole numbers."""
    return [
        r.name
        for r in target.results
        if r.outcome is Outcome.FAILED
        and not r.hidden
        and has_whole_numbers(target.logged.get(r.name, ((), False))[0])
    ]


def _note_certain_lines(target: Target, places: Sequence[Place]) -> None:
    """Name the lines that are known without a search."""
    _note_wrong_calls(target, places)
    _note_wrong_returns(target, places)
    _note_fractions(target, places)
    _note_texts(target, places)


def _note_wrong_calls(target: Target, places: Sequence[Place]) -> None:
    """Name the line that an exception came up in, where nothing but that line can be wrong."""
    for result in target.results:
        if result.name not in target.wrong_calls:
            continue
        for place in places:
            called = target.called.get(result.name, ())
            through = place.path in target.exercise.callables and place.path not in called
            if through or place.module in target.exercise.requires:
                continue  # what it is given may be wrong, too
            here = place.label == result.file and result.line in place.lines()
            sure = here and not calls_a_variable(place, result.line)
            if sure and idle([place]) is None:  # unless a line is missing
                suspect = Suspect(result.file, result.line, place.path)
                target.lines[result.name] = Told(suspect, "")


def _note_wrong_returns(target: Target, places: Sequence[Place]) -> None:
    """Name the one line that returns, where it returns another number of values than the function has to."""
    for name in target.wrong_returns:
        function = target.called[name][-1]
        for place in places:
            line = only_return(place.node) if place.path == function else 0
            if line:
                suspect = Suspect(place.label, line, place.path)
                target.lines.setdefault(name, Told(suspect, ""))


def _note_fractions(target: Target, places: Sequence[Place]) -> None:
    """Name the line of the division that a size comes from which is no integer."""
    for result in target.results:
        for place in places if result.name in target.fractions else ():
            if place.label == result.file and result.line in place.lines():
                found = fraction(place, result.line)
                if found is not None:
                    target.lines.setdefault(result.name, found)


def _note_texts(target: Target, places: Sequence[Place]) -> None:
    """Name the lines of mistakes that the text shows, for the checks that failed and call their functions: a
    word that is spelled otherwise than the call gives it, and slips."""
    slips = {place.path: slip(place, places) for place in places}
    for name, (calls, passed) in target.logged.items():
        if passed:
            continue
        spelled = spelled_otherwise(target.exercise, calls, places)
        for found in (spelled, *(slips.get(function) for function in target.called[name])):
            if found is not None:
                target.lines.setdefault(name, found)


def _note_idle(target: Target, places: Sequence[Place]) -> None:
    """Name what does nothing in the function that a check calls last, or in all of them, for the checks of which
    nothing is known."""
    own = [p for p in places if p.module == target.exercise.name]
    for name in _unexplained(target):
        if called := target.called.get(name, ()):
            last, every = (used(own, some) for some in ([called[-1]], called))
            found = idle([p for p in own if p.name in last])
            found = found or idle([p for p in own if p.name in every])
            if found is not None:
                target.lines[name] = found


def _drop_refuted(target: Target, rehearsal: Target, *, alone: bool = False) -> None:
    """Forget a mistake that is wrong in another way in another check, if only zeros or an exception spoke
    of it, or if one small mistake is known to be `alone`."""
    every = (*rehearsal.recognised.values(), *(target.recognised.values() if alone else ()))
    otherwise = {name for one in every for name in one.excluded}
    for check, one in target.recognised.items():
        names = otherwise if alone else one.weak & otherwise
        target.recognised[check] = _without(one, names)


def _note_simple_calls(
    grading: Grading, exercise: Exercise, some: Sequence[Probe], answers: Sequence[Tried]
) -> None:
    """Note what the answers to simple calls tell."""
    _drop_where_right(grading, exercise, some, answers)
    _note_contrasts(grading, contrasts(exercise, some, answers))


def _drop_where_right(
    grading: Grading, exercise: Exercise, some: Sequence[Probe], answers: Sequence[Tried]
) -> None:
    """Forget mistakes that are wrong in a simple call to which the submission answers rightly."""
    target, trusted = grading.target, grading.trusted
    assert target is not None
    names = {m.name for one in target.recognised.values() for m in one.found}
    wrong = trusted.catalogue(exercise).runnable(names)
    reference = trusted.reference(exercise).functions
    gone = refuted(exercise, some, answers, wrong, reference) if wrong else set()
    for check, one in target.recognised.items():
        target.recognised[check] = _without(one, gone)


def _without(one: Recognition, names: Collection[str]) -> Recognition:
    return replace(one, found=tuple(m for m in one.found if m.name not in names))


def _recognise_skipped(
    target: Target, rehearsal: Target, catalogue: Catalogue
) -> dict[str, set[str]]:
    """Look for misconceptions in skipped checks, as far as that may tell something: those that were found
    before, or, where some are wrong in a check without an explanation, all. Returns these, by check."""
    skipped = {
        r.name: rehearsal.logged[r.name][0]
        for r in rehearsal.results
        if r.outcome in UNEXPLAINED and r.name in rehearsal.logged
    }
    adoptable = {
        first: wrong_in(first, target.logged.get(first, ((), False))[0], catalogue)
        for first in dict.fromkeys(_first(name, target) for name in skipped)
        if not _is_sure(target.recognised.get(first, Recognition()))
    }
    found = {m.name for one in target.recognised.values() for m in one.found}
    only = None if any(adoptable.values()) else found
    for name, calls in skipped.items() if only is None or only else ():
        likely = {m.name for one in rehearsal.recognised.values() for m in one.found}
        rehearsal.recognised[name] = recognise(name, calls, catalogue, likely, only)
    return adoptable


def _is_sure(one: Recognition) -> bool:
    """Whether a misconception is found that no other check can refute."""
    return any(m.name not in one.weak for m in one.found)


def _adopt_recognised(
    target: Target, rehearsal: Target, adoptable: Mapping[str, Collection[str]]
) -> None:
    """Let a mistake that shows in a skipped check only be told by the check that it waited for.

    It is wrong there in the same way, and wrong in the first check, too (it is `adoptable`); and in no
    skipped check it is wrong in another way. That nothing else made the first check fail is not sure.
    """
    otherwise = {name for one in rehearsal.recognised.values() for name in one.excluded}
    for name, one in rehearsal.recognised.items():
        first = _first(name, target)
        sure = [
            m
            for m in one.found
            if m.name not in one.weak | otherwise and m.name in adoptable.get(first, ())
        ]
        if sure and not target.recognised.get(first, Recognition()).found:
            target.recognised[first] = replace(one, found=tuple(sure), partly=True)


def _first(name: str, target: Target) -> str:
    """The check that a skipped check waits for, which waits for none."""
    while name in target.waiting:
        name = target.waiting[name]
    return name


def _note_contrasts(grading: Grading, found: Sequence[Contrast]) -> None:
    """Give each contrast to the first visible check that failed and calls its function last."""
    target = grading.target
    assert target is not None
    for contrast in found:
        for result in target.results:
            called = target.called.get(result.name, ())
            failed = result.outcome in FAILURES and not result.hidden
            if failed and called and called[-1] == contrast.function:
                target.contrasts.setdefault(result.name, contrast)
                break


def _has_long_calls(exercise: Exercise) -> bool:
    """Whether calls may train networks: the reference and the misconceptions would train them, too."""
    return exercise.limits.call_seconds > Limits().call_seconds


def _quick(grading: Grading, target: Target) -> dict[str, tuple[Sequence[Call], bool]]:
    """The calls of the checks; where calls may be long, of those that ended with an exception, to which
    trusted code has answered already, and of those whose functions have simple inputs."""
    if not _has_long_calls(target.exercise):
        return dict(target.logged)
    simple = {p.case.function for p in grading.trusted.probes(target.exercise)}
    return {
        name: (calls, passed)
        for name, (calls, passed) in target.logged.items()
        if target.outcomes.get(name) is Outcome.ERROR
        or simple.issuperset(c.function for c in calls)
    }


def _skipped(grading: Grading) -> list[str]:
    """The visible checks that were skipped, unless calls may be long, or one did not end."""
    target = grading.target
    assert target is not None
    if _has_long_calls(target.exercise) or Outcome.TIMEOUT in target.outcomes.values():
        return []
    hidden = {r.name for r in target.results if r.hidden}
    return [n for n in target.waiting if n not in hidden]


class _Confirmed:
    """The checks that pass with a repair; they run once for each edit."""

    def __init__(self, grading: Grading, fitting: Fitting) -> None:
        self._grading, self._fitting = grading, fitting
        self._known: dict[int, list[str]] = {}
        self._sure: dict[int, set[str]] = {}
        self._seconds = CONFIRM_SECONDS

    def all_with(self, repair: Repair) -> list[str]:
        """Those that are to be told of it."""
        number = id(repair.edit)
        if number not in self._known:
            self._known[number] = self._confirmed(repair)
        return self._known[number]

    def sure_with(self, repair: Repair) -> set[str]:
        """Those that pass with it, or that can only be wrong for it."""
        self.all_with(repair)
        return self._sure.get(id(repair.edit), set())

    def any_with(self, repair: Repair) -> bool:
        """Whether there are some of those that are shown, where there may be."""
        target = self._grading.target
        assert target is not None
        shown = target.told.intersection(self._concerned(repair))
        return not shown.isdisjoint(self.all_with(repair)) or not shown

    def _concerned(self, repair: Repair) -> list[str]:
        target = self._grading.target
        assert target is not None
        changed = {repair.function, repair.place.name, *repair.functions}
        return [
            r.name
            for r in target.results
            if r.outcome in FAILURES
            and not r.hidden
            and changed.intersection(target.called.get(r.name, ()))
        ]

    def _confirmed(self, repair: Repair) -> list[str]:
        """The checks that failed, and pass with the repair; of a part, those that it was wrong in."""
        fitting, failed = self._fitting, self._concerned(repair)
        if repair.edit.kind == ALONE:
            wrong = [n for n in failed if n in repair.checks] or failed[:1]
            self._sure[id(repair.edit)] = set(wrong)
            return wrong
        with repair.edit.made():
            changed = rewritten(fitting.submission, repair.place)
        quick_first = sorted(failed, key=fitting.steps)
        seconds = max(self._seconds, LEAST_SECONDS)
        rehearsal = self._grading.rehearse(fitting.exercise, changed, quick_first, seconds)
        if isinstance(rehearsal.code, SandboxedCode):
            self._seconds = rehearsal.code.seconds_left
        passed = [n for n in failed if rehearsal.outcomes.get(n) is Outcome.PASSED]
        self._sure[id(repair.edit)] = set(passed)
        if repair.part is None:
            return passed
        return [n for n in failed if n in passed or n in repair.checks]
