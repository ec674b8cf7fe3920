"""The grading of submissions, one at a time: the state behind the plugin's fixtures."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from grader.checking.calls.code import Code
from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.passed import PassedChecks
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.calls.student import Student
from grader.checking.diagnosis.recognition import recognise
from grader.checking.diagnosis.recording import NotRecorded, Recorder
from grader.checking.diagnosis.trusted_code import TrustedCode
from grader.checking.run.causes import skip_message
from grader.checking.run.collection import Check, CheckCollection
from grader.checking.run.marks import GRADING_KEY, derive_seed
from grader.checking.run.pytest_internals import reset_fixtures
from grader.checking.run.runner import NO_SUBMISSION, run_check
from grader.checking.run.target import Target
from grader.errors import CheckEnded, ExerciseError, GraderError
from grader.intake.submission import read_submission
from grader.language import say
from grader.model import CheckResult, Confinement, Course, Exercise, Outcome, Submission
from grader.sandbox.launch import Server

# A second line of defence: calls are stopped by the wall clock long before.
CPU_SECONDS = 600
UNEXPLAINED = (Outcome.FAILED, Outcome.ERROR)  # what a misconception may explain


@dataclass
class _CheckRun:
    """One check that is running."""

    check: Check
    started: float
    student: Student | None = None
    start: bytes = b""  # its key in `PassedChecks`, where it may be there
    ended: CheckEnded | None = None
    unexpected: BaseException | None = None
    passed: bool = False


OF_FRACTIONS = ("size_type", "index_type")  # advice on a float in the place of an integer


class Grading:
    """Grades submissions with the collected checks of one course.

    Args:
        course: the course.
        path: a submission to read when the first check of an exercise asks for it (plain pytest).
        seed: added to every check's seed.
        server: forks students' processes; created when needed, if not given.
        recorder: records the answers of the reference and of the code under test in public checks.
        answers_file: the file that keeps an exercise's answers of trusted code from one batch to the next.
    """

    def __init__(
        self,
        course: Course,
        *,
        path: Path | None = None,
        seed: int = 0,
        server: Server | None = None,
        recorder: Recorder | None = None,
        answers_file: Callable[[Exercise], Path] | None = None,
    ) -> None:
        self.course = course
        self.checks: CheckCollection = CheckCollection(course)
        self.trusted: TrustedCode = TrustedCode(course, recorder, answers_file)
        self._path = path
        self._seed = seed
        self._seeds: dict[pytest.Item, int] = {}
        self._server = server
        self._own_server = server is None
        self._requirements_checked = False
        self._recorder = recorder
        self._target: Target | None = None
        self._run: _CheckRun | None = None
        self._passed = PassedChecks()
        self._recognising = True

    def seed_of(self, item: pytest.Item) -> int:
        """The seed of a check's inputs."""
        if item not in self._seeds:
            exercise = self.checks.exercise_of(item)
            hidden = item.get_closest_marker("hidden") is not None
            salt = self.course.salt if hidden else ""
            self._seeds[item] = derive_seed(exercise.id, item.name, salt, self._seed)
        return self._seeds[item]

    # One submission

    @property
    def code(self) -> Code | None:
        """The code that is being graded."""
        return self._target.code if self._target else None

    @property
    def server(self) -> Server:
        """The server that forks students' processes. Raises if it lacks a required guarantee."""
        if self._server is None:
            self._server = Server()
        if not self._requirements_checked:
            self._server.demand(self.course.require)
            self._requirements_checked = True
        return self._server

    def open(self, exercise: Exercise, submission: Submission) -> None:
        """Begin to grade a submission."""
        _ = (
            self.server.claims
        )  # raises here, and not in a check, if a required guarantee is missing
        settings = process_settings(exercise)
        self.open_code(exercise, SandboxedCode(self.server, exercise, submission, settings))
        assert self._target is not None
        self._target.source = "\n".join(
            c.source for m in submission.modules if m.name == submission.main for c in m.cells
        )

    def open_code(self, exercise: Exercise, code: Code) -> None:
        """Begin to grade functions that are loaded already."""
        self._target = Target(exercise, code)

    def refuse(self, exercise: Exercise, reason: str) -> None:
        """Begin to grade a submission that cannot be read: every check ends with the reason."""
        self._target = Target(exercise, None, CheckEnded(Outcome.ERROR, reason))

    def finish(self) -> list[CheckResult]:
        """End the submission; returns its results, with recognised misconceptions."""
        assert self._target is not None
        target, self._target = self._target, None
        if target.code is not None:
            target.code.close()
        self.trusted.end_submission()
        return target.final_results()

    @property
    def target(self) -> Target | None:
        """What is being graded, and what is known of it so far."""
        return self._target

    def rehearse(
        self, exercise: Exercise, submission: Submission, names: Sequence[str], seconds: float
    ) -> Target:
        """Run some checks on a submission to see how they end; nothing is scored by it.

        Args:
            exercise: the exercise.
            submission: the submission, or what it might have been.
            names: the checks.
            seconds: how long all their calls may take together.
        """
        limits = replace(exercise.limits, total_seconds=seconds)
        code = SandboxedCode(
            self.server, replace(exercise, limits=limits), submission, process_settings(exercise)
        )
        try:
            return self.run_aside(exercise, code, names)
        finally:
            code.close()

    def run_aside(self, exercise: Exercise, code: Code, names: Sequence[str]) -> Target:
        """Run some checks on other code, between two checks or after all; what was found out."""
        checks = self.checks.of(exercise)
        return self._run_aside(exercise, code, [checks[name] for name in names])

    def problems(self, *, selected: bool = False) -> list[str]:
        """What is wrong with the submission as a whole, see `Target.problems`."""
        assert self._target is not None
        return self._target.problems(selected=selected)

    # One check

    def begin(self, item: pytest.Item) -> None:
        """Begin a check. Raises `CheckEnded`, or skips, if it is not to be run."""
        exercise = self.checks.exercise_of(item)
        if self._target is None or self._target.exercise.id != exercise.id:
            self._begin_from_path(exercise)
        assert self._target is not None
        checks = self.checks.of(exercise)
        check = checks[item.name]
        self._run = _CheckRun(check, time.perf_counter())
        if self._recorder is not None:
            self._recorder.enabled = not check.hidden
        for name in check.after:
            outcome = self._target.outcomes.get(name)
            if outcome is not None and outcome is not Outcome.PASSED:
                message = skip_message(checks[name].title)
                self._run.ended = CheckEnded(Outcome.SKIPPED, message)
                self._target.waiting[check.name] = name
                pytest.skip(self._run.ended.message)
        if self._target.refused is not None:
            raise self._target.refused
        self.trusted.begin_check(exercise)
        if self._target.code is not None:
            self._target.code.begin_check()

    def begin_readable(self, items: Sequence[pytest.Item]) -> None:
        """Begin with the first exercise of these checks that the path can be read for.

        Raises `pytest.UsageError` if there is none.
        """
        first: pytest.UsageError | None = None
        for exercise in self.checks.exercises_of(items):
            try:
                self._begin_from_path(exercise)
            except pytest.UsageError as error:
                first = first or error
            else:
                return
        if first is not None:
            raise first

    def _begin_from_path(self, exercise: Exercise) -> None:
        if self._path is None:
            raise pytest.UsageError(say(NO_SUBMISSION))
        self.close_target()
        try:
            self.open(exercise, read_submission(self._path, exercise))
        except GraderError as error:
            raise pytest.UsageError(str(error)) from None

    def student(self, item: pytest.Item) -> Student:
        """The `student` of a check. Raises `CheckEnded` if the submission does not load."""
        assert self._target is not None
        assert self._run is not None
        code, exercise = self._target.code, self._target.exercise
        assert code is not None
        if isinstance(code, SandboxedCode):
            code.load()
        if code.problems and not code.functions:
            first = code.problems[0]
            raise CheckEnded(Outcome.ERROR, first.message, where=first.where)
        if self._run.check.seconds is not None:
            limits = replace(exercise.limits, call_seconds=self._run.check.seconds)
            exercise = replace(exercise, limits=limits)
        self._run.student = Student(
            code, exercise, self.seed_of(item), self.trusted.reference(exercise).functions
        )
        return self._run.student

    def passes_again(self, item: pytest.Item) -> bool:
        """Whether the submission answers all that this check asks as another one did that passed it."""
        assert self._target is not None
        run, code, exercise = self._run, self._target.code, self._target.exercise
        if run is None or run.student is None or not isinstance(code, SandboxedCode):
            return False
        if (
            exercise.classes or self._recorder is not None
        ):  # what an object is asked depends on when it goes
            return False
        run.start = self._passed.start((exercise.id, item.name, code.parameters))
        logged = code.ask_again(self._passed, run.start)
        if logged is None:
            return False
        run.student.calls.extend(logged)
        return True

    def _remember_passed(self, run: _CheckRun) -> None:
        """Keep what a check has asked that passed, for the next submission."""
        code = self._target.code if self._target is not None else None
        if not run.start or run.student is None or run.student.measured:
            return
        if isinstance(code, SandboxedCode) and code.asked:
            self._passed.add(run.start, code.asked, run.student.calls)

    def note(self, item: pytest.Item, phase: str, error: BaseException | None) -> None:
        """Record how a phase of the check ended; after the last phase, the check's result."""
        run = self._run
        if run is None:
            return
        if error is not None and run.ended is None:
            run.ended, run.unexpected = classify(error)
        elif phase == "call" and error is None:
            run.passed = True
        if phase == "teardown":
            self._conclude(run)
            self._run = None

    def take(self, result: CheckResult) -> None:
        """Take a check's result as known, without running it."""
        assert self._target is not None
        self._target.results.append(result)
        self._target.outcomes[result.name] = result.outcome
        self._target.called[result.name] = list(result.called)

    def ended(self, item: pytest.Item) -> CheckEnded | None:
        """How the check that is running ended, if it did not pass."""
        return self._run.ended if self._run else None

    def _conclude(self, run: _CheckRun) -> None:
        target, check = self._target, run.check
        assert target is not None
        output = target.code.take_output() if target.code is not None else ""
        ended = run.ended
        if run.unexpected is not None:
            ended = self._attribute_error(run, run.unexpected)
        elif ended is None and not run.passed:
            ended = CheckEnded(Outcome.UNGRADED, say("the check did not run"))
        if ended is not None and run.student is not None:
            run.student.add_text_arguments(ended)
            run.student.drop_doubtful_length(ended)
            run.student.add_empty_mean(ended)
        outcome = ended.outcome if ended else Outcome.PASSED
        target.outcomes[check.name] = outcome
        if ended is None:
            self._remember_passed(run)
        if ended is not None and ended.wrong_call:
            target.wrong_calls.add(check.name)
        if ended is not None and ended.advice in OF_FRACTIONS:
            target.fractions.add(check.name)
        if ended is not None and ended.wrong_return:
            target.wrong_returns.add(check.name)
        if ended is not None and ended.of_author:
            target.author_hints.add(check.name)
        if run.student is not None and not check.hidden:
            target.logged[check.name] = run.student.calls, outcome is Outcome.PASSED
        if run.student is not None:
            target.called[check.name] = list(dict.fromkeys(c.function for c in run.student.calls))
        file, line = ended.where or self._definition(run) if ended else ("", 0)
        target.results.append(
            CheckResult(
                name=check.name,
                title=check.title,
                outcome=outcome,
                score=check.points if outcome is Outcome.PASSED else 0.0,
                max_score=check.points,
                hidden=check.hidden,
                message=ended.message if ended else "",
                hint=ended.hint if ended else "",
                output=output,
                file=file,
                line=line,
                picture=ended.picture if ended else None,
                duration=time.perf_counter() - run.started,
                function=run.student.calls[-1].function
                if ended and run.student is not None and run.student.calls
                else "",
                unwritten=ended.unwritten if ended else "",
                called=tuple(target.called.get(check.name, ())),
            )
        )
        if run.student is not None and self._recorder is not None:
            self._recorder.observe(check.name, run.student.calls)
        elif run.student is not None and self._recognising and outcome in UNEXPLAINED:
            catalogue = self.trusted.catalogue(target.exercise)
            likely = {m.name for one in target.recognised.values() for m in one.found}
            target.recognised[check.name] = recognise(
                check.name, run.student.calls, catalogue, likely
            )

    def _definition(self, run: _CheckRun) -> tuple[str, int]:
        """File and line of the function that was called last."""
        if run.student is None or not run.student.calls:
            return "", 0
        name = run.student.calls[-1].function
        return getattr(run.student, name).where or ("", 0)

    def _attribute_error(self, run: _CheckRun, error: BaseException) -> CheckEnded:
        """How a check ended whose own code raised. If the check passes with the reference, the student's
        value is at fault; otherwise the check is, and it is not graded."""
        target = self._target
        assert target is not None
        if isinstance(error, NotRecorded):
            return CheckEnded(Outcome.UNGRADED, str(error))
        words = f"{type(error).__name__}: {error}"
        called = run.student is not None and bool(run.student.calls)
        if called and self._passes_on_reference(run.check, target.exercise):
            name = run.student.calls[-1].function if run.student else ""
            return CheckEnded(
                Outcome.FAILED,
                say(
                    "What {name} returned cannot be used the way the exercise says ({error}).",
                    name=name,
                    error=words,
                ),
                hint=say("Compare its shape and type with the docstring."),
            )
        return CheckEnded(
            Outcome.UNGRADED, say("this check could not be run ({error})", error=words)
        )

    def _passes_on_reference(self, check: Check, exercise: Exercise) -> bool:
        if self.course.solutions is None:  # known from when the answers were recorded
            return self.trusted.passed_on_reference(exercise, check.name)
        reference = LocalCode(self.trusted.reference(exercise).functions, exercise)
        results = self._run_aside(exercise, reference, [check]).results
        return bool(results) and results[0].outcome is Outcome.PASSED

    def _run_aside(self, exercise: Exercise, code: Code, checks: Sequence[Check]) -> Target:
        kept = self._target, self._run
        other = Grading(self.course, seed=self._seed, server=self._server)
        other.checks, other.trusted = self.checks, self.trusted
        other._recognising = False
        other.open_code(exercise, code)
        target = other.target
        assert target is not None
        try:
            for check in checks:
                check.item.config.stash[GRADING_KEY] = other
                reset_fixtures(check.item)  # or the fixtures would still be those of the submission
                with warnings.catch_warnings():  # of numbers that only a tried change leads to
                    warnings.simplefilter("ignore", RuntimeWarning)
                    other._try(check)
        finally:
            for check in checks:
                check.item.config.stash[GRADING_KEY] = self
            self._target, self._run = kept
        return target

    def _try(self, check: Check) -> None:
        """Run a check; what its assertions cannot take is no fault of the author here."""
        try:
            run_check(self, check.item, None)
        except ExerciseError:
            assert self._target is not None
            self._target.outcomes[check.name] = Outcome.ERROR

    def abandon(self) -> None:
        """Drop the submission that is being graded, and the check that was running."""
        self._run = None
        self.close_target()

    def close_target(self) -> None:
        """End the submission's process, if there is one."""
        if self._target is not None and self._target.code is not None:
            self._target.code.close()
        self._target = None

    def close(self) -> None:
        """End everything that was started here."""
        self.close_target()
        self.trusted.close()
        if self._own_server and self._server is not None:
            self._server.close()
            self._server = None


def classify(error: BaseException) -> tuple[CheckEnded | None, BaseException | None]:
    """How a check ended, or an unexpected exception, of the student's value or of the check."""
    if isinstance(error, CheckEnded):
        return error, None
    if isinstance(error, pytest.skip.Exception):
        return CheckEnded(Outcome.SKIPPED, str(error)), None
    if isinstance(error, AssertionError | pytest.fail.Exception):
        words = str(error) or say("An assertion of this check failed.")
        return CheckEnded(Outcome.FAILED, words), None
    if isinstance(
        error, GraderError | KeyboardInterrupt | pytest.UsageError | pytest.exit.Exception
    ):
        raise error
    return None, error


def confinement_of(server: Server | None) -> Confinement:
    """The guarantees that were tried and held for the processes of `server`."""
    if server is None:
        return Confinement()
    claims = server.claims
    return Confinement(
        **claims.held, level=claims.level, mechanism=", ".join(claims.mechanisms) or "none"
    )


def process_settings(exercise: Exercise) -> dict[str, Any]:
    """The values of `confine.Settings` for a student's process of this exercise."""
    return {"memory_bytes": exercise.limits.memory_mb << 20, "cpu_seconds": CPU_SECONDS}
