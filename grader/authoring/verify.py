"""Verifies an exercise: stubs get no points, right solutions get all, and every misconception is caught
by the check that it names, and recognised."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, tee
from multiprocessing import get_context

from grader.authoring.contrasts import untrue
from grader.authoring.scaffold import blanks
from grader.authoring.with_babel import translation
from grader.checking.calls.local_code import LocalCode
from grader.checking.diagnosis.contrast import probes
from grader.checking.diagnosis.features import FEATURES_FILE, Inputs, load_features
from grader.checking.diagnosis.reference import load_misconceptions, load_reference
from grader.checking.run.session import Job, run_jobs
from grader.course.stub import make_stub
from grader.errors import ExerciseError
from grader.intake.imports import needed_modules
from grader.intake.submission import read_submission
from grader.language import later, say, series
from grader.model import Cell, CheckResult, Course, Exercise, Module, Outcome, Report, Submission
from grader.sandbox.launch import Server

FEATURES_CLAIM = later("inputs of features.py")
CONTRASTS_CLAIM = later("contrasts of the misconceptions")
# What is claimed of a submission, by the first word of its key.
CLAIMS = {
    "stub": later("stub"),
    "empty": later("empty file"),
    "reference": later("reference"),
    "alternative": later("alternative {name}"),
    "misconception": later("misconception {name}"),
}
NOT_FAILED = (Outcome.PASSED, Outcome.SKIPPED)
OUTCOMES = {Outcome.PASSED: later("passed"), Outcome.SKIPPED: later("skipped")}


@dataclass(frozen=True, slots=True)
class Proof:
    """One claim about an exercise that was tried, and what is wrong with it.

    Attributes:
        exercise: the exercise's id.
        claim: what was tried, such as `misconception no_bias`.
        problems: in what the claim does not hold; empty if it does.
        note: it is only a remark, not a claim.
    """

    exercise: str
    claim: str
    problems: tuple[str, ...]
    note: bool = False


def verify(
    course: Course,
    exercises: Sequence[Exercise],
    *,
    seeds: Sequence[int] = (0,),
    server: Server | None,
) -> Iterator[Proof]:
    """Try every claim about `exercises`, with right solutions for each of `seeds`.

    Raises `ExerciseError` if an exercise cannot be tried at all.
    """
    for exercise in exercises:
        if left := tuple(blanks(course, exercise)):
            yield Proof(exercise.id, say("has no blank left"), left)
            continue
        if features := load_features(exercise):
            yield Proof(
                exercise.id, say(FEATURES_CLAIM), tuple(_unanswered(course, exercise, features))
            )
            yield Proof(
                exercise.id, say(CONTRASTS_CLAIM), tuple(_untrue(course, exercise, features))
            )
        yield from _translations(course, exercise)
        load_reference(course, exercise)  # or there is nothing to try
        never_failed: list[str] | None = None  # checks that no misconception fails
        for seed in dict.fromkeys([0, *seeds]):
            reports: list[Report] = []
            tried = right_submissions(course, exercise)
            if seed == 0:
                tried = chain(tried, _wrong(course, exercise, reports))
            tried, told = tee(tried)
            run_jobs(
                course,
                [exercise],
                (job for job, _ in tried),
                lambda _, report: reports.append(report),  # noqa: B023 - used up in this turn
                seed=seed,
                server=server,
            )
            for (_, claim), report in zip(told, reports, strict=True):
                shown = _in_words(claim)
                if seed:
                    shown = say("{claim} (seed {seed})", claim=shown, seed=seed)
                problems = tuple(_problems(claim, report, course, exercise))
                yield Proof(exercise.id, shown, problems)
                if claim.startswith("misconception "):
                    left_alone = [c.name for c in report.checks if c.outcome in NOT_FAILED]
                    never_failed = [
                        n for n in left_alone if never_failed is None or n in never_failed
                    ]
        if never_failed:  # a remark only: other mistakes may fail them
            names = series(never_failed)
            yield Proof(
                exercise.id, say("(no misconception fails {names})", names=names), (), note=True
            )


def _in_words(claim: str) -> str:
    kind, _, name = claim.partition(" ")
    return say(CLAIMS[kind], name=name)


def verify_all(
    course: Course, exercises: Sequence[Exercise], *, seeds: Sequence[int] = (0,), jobs: int = 1
) -> Iterator[tuple[Exercise, list[Proof]]]:
    """The proofs of each exercise, in order; up to `jobs` exercises are verified at once."""
    if jobs < 2 or len(exercises) < 2:
        for exercise in exercises:
            yield exercise, _verify_one(course, exercise, seeds)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        # The later exercises train networks: start with what takes longest.
        begun = {e.id: pool.submit(_verify_one, course, e, seeds) for e in reversed(exercises)}
        for exercise in exercises:
            yield exercise, begun[exercise.id].result()


def _verify_one(course: Course, exercise: Exercise, seeds: Sequence[int]) -> list[Proof]:
    return list(verify(course, [exercise], seeds=seeds, server=None))


def right_submissions(course: Course, exercise: Exercise) -> Iterator[tuple[Job, str]]:
    """Submissions that must get full marks: the reference and the alternatives."""
    assert course.solutions is not None
    path = course.solutions / exercise.file
    yield Job(exercise, read_submission(path, exercise)), "reference"
    reference = {m.name: m for m in read_submission(path, exercise).modules}
    for other in sorted((course.solutions / "alternatives" / exercise.name).glob("*.py")):
        own = read_submission(other, exercise)
        modules = {**reference, **{m.name: m for m in own.modules}}
        ordered = sorted(modules.values(), key=lambda m: m.name != exercise.name)
        yield Job(exercise, _submission(other.name, exercise, ordered)), f"alternative {other.stem}"


def _submission(label: str, exercise: Exercise, modules: Sequence[Module]) -> Submission:
    """What these modules are together, with all that they seem to import."""
    imports = needed_modules(modules)
    return Submission(label, exercise.name, tuple(modules), imports=imports)


def _unanswered(course: Course, exercise: Exercise, features: Sequence[Inputs]) -> Iterator[str]:
    """The functions whose simplest input, as declared, the reference refuses."""
    reference = load_reference(course, exercise).functions
    answered = probes(exercise, features, reference)
    for one in features:
        simplest = [p for p in answered if p.inputs is one and p.setting == one.simplest]
        if len(simplest) < len(one.judged):
            yield say(
                "{file}: the reference does not answer the simplest input of {function}",
                file=FEATURES_FILE,
                function=one.function,
            )


def _translations(course: Course, exercise: Exercise) -> Iterator[Proof]:
    """That nothing is missing in any language that the exercise has."""
    if not any(exercise.folder.glob("*/messages.po")):
        return
    babel = translation()
    for tag in babel.languages(exercise):
        yield Proof(
            exercise.id, say("language {tag}", tag=tag), tuple(babel.missing(course, exercise, tag))
        )


def _untrue(course: Course, exercise: Exercise, features: Sequence[Inputs]) -> Iterator[str]:
    """The misconceptions of which a contrast would say what is not so."""
    reference = load_reference(course, exercise)
    wrong = load_misconceptions(course, exercise, reference)
    yield from untrue(exercise, features, reference.functions, wrong)


def _wrong(
    course: Course, exercise: Exercise, right: Sequence[Report] = ()
) -> Iterator[tuple[Job, str]]:
    """Submissions that must not get full marks: the stub, an empty file, and each misconception.
    What the first report of `right`, the reference's, tells of a misconception is not found out again."""
    reference = load_reference(course, exercise)
    assert course.solutions is not None
    path = course.solutions / exercise.file
    stub = make_stub(path.read_text(encoding="utf-8"), str(path))
    for source, claim in ((stub, "stub"), ("", "empty file")):
        module = Module(exercise.name, (Cell(exercise.file, source),))
        others = [m for m in read_submission(path, exercise).modules if m.name != exercise.name]
        yield Job(exercise, _submission(claim, exercise, (module, *others))), claim
    wrong = load_misconceptions(course, exercise, reference)
    if not wrong:
        raise ExerciseError(
            say("{folder}: misconceptions.py names no misconception", folder=exercise.folder)
        )
    for one in wrong:
        code = LocalCode({**reference.functions, **one.functions}, exercise)
        known = {c.name: c for r in right[:1] for c in r.checks if is_untouched(c, one.functions)}
        yield Job(exercise, code=code, known=known), f"misconception {one.name}"


def is_untouched(check: CheckResult, changed: Collection[str]) -> bool:
    """Whether a check that passed ends the same with other functions in place of those of these names:
    it calls none of them, and what it calls is not made of them."""
    called = {name.partition(".")[0] for name in check.called}
    return check.outcome is Outcome.PASSED and called.isdisjoint(changed)


def _problems(claim: str, report: Report, course: Course, exercise: Exercise) -> Iterator[str]:
    kind, _, name = claim.partition(" ")
    for check in report.checks:
        if check.outcome is Outcome.UNGRADED:
            yield say("{head}: {text}", head=check.name, text=check.message)
    if kind in ("reference", "alternative"):
        for check in report.checks:
            if check.outcome is not Outcome.PASSED:
                head = f"{check.name} {check.outcome}"
                yield say("{head}: {text}", head=head, text=check.message.partition("\n")[0])
    elif kind in ("stub", "empty"):
        if report.score != 0:
            earned = series(c.name for c in report.checks if c.score)
            yield say("scores {score:g} points, in {checks}", score=report.score, checks=earned)
    else:
        yield from _misconception_problems(name, report, course, exercise)


def _misconception_problems(
    name: str, report: Report, course: Course, exercise: Exercise
) -> Iterator[str]:
    catalogue = load_misconceptions(course, exercise, load_reference(course, exercise))
    wrong = next(w for w in catalogue if w.name == name)
    check = next((c for c in report.checks if c.name == wrong.caught_by), None)
    if check is None:
        yield say("names the check {check}, which does not exist", check=wrong.caught_by)
        return
    if check.outcome in (Outcome.PASSED, Outcome.SKIPPED):
        caught = series(
            c.name for c in report.checks if c.score == 0 and c.outcome is not Outcome.SKIPPED
        )
        yield say(
            "{check} {outcome}; it is caught by {checks}",
            check=check.name,
            outcome=say(OUTCOMES[check.outcome]),
            checks=caught or say("no check"),
        )
    elif check.misconception != name:
        yield say(
            "{check} fails, but recognises {name}",
            check=check.name,
            name=check.misconception or say("nothing"),
        )
