"""After the points stand: what made a submission's answers wrong.

The checks that were skipped run once more, for what their calls tell; a repair is looked for; and the
checks confirm it. Nothing here changes a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.checking.diagnosis.contrast import Contrast, contrasts, run_probes, tiny_cases
from grader.checking.diagnosis.recognition import Recognition
from grader.checking.diagnosis.repair.bench import Bench
from grader.checking.diagnosis.repair.cases import cases
from grader.checking.diagnosis.repair.search import Repair, Search
from grader.checking.diagnosis.repair.source import functions, rewritten
from grader.checking.diagnosis.repair.words import told
from grader.checking.run.causes import FAILURES
from grader.checking.run.grading import Grading, process_settings
from grader.checking.run.target import Target
from grader.errors import CheckEnded
from grader.model import Exercise, Limits, Outcome, Submission

BENCH_SECONDS = 4.0  # of computing, for all attempts together
CONFIRM_SECONDS = 2.0
FAULT = "The points stand, but what is wrong could not be looked for, which is not your fault ({error})."
SLOW = 0.5  # seconds: a check that takes longer tells its calls to nobody


def explain(grading: Grading, exercise: Exercise, submission: Submission) -> tuple[str, ...]:
    """Look for what makes a submission's checks fail, and note what is to be said.

    What goes wrong here costs an explanation, and no points: it is returned, to be told.
    """
    try:
        _explain(grading, exercise, submission)
    except CheckEnded:
        return ()
    except Exception as error:  # ours, whatever it is: the points stand, and have to be handed out
        return (FAULT.format(error=f"{type(error).__name__}: {error}"),)
    return ()


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
    slow = {r.name for r in target.results if r.duration > SLOW}
    logged = {n: one for n, one in target.logged.items() if n not in slow}
    rehearsal = grading.rehearse(exercise, submission, _skipped(grading), CONFIRM_SECONDS)
    logged |= rehearsal.logged
    _adopt_recognised(target, rehearsal)
    failing = {
        function for r in wrong if not r.hidden for function in target.called.get(r.name, ())
    }
    found = cases(exercise, logged, grading.trusted.catalogue(exercise))
    limits = replace(exercise.limits, total_seconds=BENCH_SECONDS)
    quick = replace(exercise, limits=limits)
    bench = Bench(grading.server, quick, submission, process_settings(exercise))
    repairs: list[Repair] = []
    try:
        probes = [p for p in grading.trusted.probes(exercise) if p.case.function in failing]
        answers = run_probes(bench, probes)
        if answers:
            _note_contrasts(grading, contrasts(exercise, probes, answers))
            found += tiny_cases(probes, answers)
        if any(case.wrong() for case in found):
            repairs = Search(bench, found, places).repairs()
    finally:
        bench.close()
    for repair in repairs:
        for check in _confirmed(grading, exercise, submission, repair):
            target.lines.setdefault(check, told(repair, exercise))


def _adopt_recognised(target: Target, rehearsal: Target) -> None:
    """Let a mistake that shows in a skipped check only be told by the check that it waited for.

    It is wrong there in the same way; that it made the first check fail, too, is not sure.
    """
    for name, one in rehearsal.recognised.items():
        first = name
        while first in target.waiting:
            first = target.waiting[first]
        sure = [m for m in one.found if m.name not in one.weak]
        if sure and not target.recognised.get(first, Recognition()).found:
            target.recognised[first] = replace(one, found=tuple(sure), partly=True)


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


def _skipped(grading: Grading) -> list[str]:
    """The visible checks that were skipped, unless the exercise is one of long calls."""
    target = grading.target
    assert target is not None
    if target.exercise.limits.call_seconds > Limits().call_seconds:
        return []  # the reference and the misconceptions would train networks, too
    hidden = {r.name for r in target.results if r.hidden}
    return [n for n in target.waiting if n not in hidden]


def _confirmed(
    grading: Grading, exercise: Exercise, submission: Submission, repair: Repair
) -> Iterable[str]:
    """The checks that failed, and pass with the repair; of a part, those that it was wrong in."""
    target = grading.target
    assert target is not None
    concerned = {repair.function, repair.place.name, *repair.functions}
    failed = [
        r.name
        for r in target.results
        if r.outcome in FAILURES
        and not r.hidden
        and concerned.intersection(target.called.get(r.name, ()))
    ]
    with repair.edit.made():
        changed = rewritten(submission, repair.place)
    outcomes = grading.rehearse(exercise, changed, failed, CONFIRM_SECONDS).outcomes
    passed = [n for n in failed if outcomes.get(n) is Outcome.PASSED]
    if passed or repair.part is None:
        return passed
    return [n for n in failed if n in repair.checks]
