"""One pytest session that grades a stream of submissions with checks that are collected once.

Starting pytest and collecting takes much longer than running a check. So the session stays open: its
run loop takes jobs from an iterator until there are no more.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.checking.calls.code import Code
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.diagnosis.recording import Recorder
from grader.checking.run.collection import Check
from grader.checking.run.grading import Grading, confinement_of
from grader.checking.run.marks import GRADING_KEY
from grader.checking.run.pytest_internals import abandon_item, keyword_error
from grader.checking.run.runner import PLUGIN_MODULE, run_check
from grader.errors import ExerciseError, GraderError, InternalError, Interrupted, UsageError
from grader.language import later, say, series
from grader.model import CheckResult, Course, Exercise, Report, Submission
from grader.sandbox.launch import Server

SETTINGS = Path(__file__).with_name("checks.ini")

# A developer's own settings for pytest must not change a student's points.
PYTEST_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")

# Plugins of pytest that checks do not need: loading them would slow down every run.
UNUSED_PLUGINS = [
    "cacheprovider",
    "capture",
    "debugging",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "pastebin",
    "recwarn",
    "setuponly",
    "setupplan",
    "stepwise",
    "terminal",
    "threadexception",
    "tmpdir",
    "unittest",
    "unraisableexception",
    "warnings",
    "legacypath",
]

# Of one submission whose processes something outside may have killed: whoever kills at random may well
# hit its next process, too, but hardly in the same check each time.
MAX_TRIES = 6
MAX_KILLS = 4
MAX_LOST = 2

OnCheck = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Job:
    """One submission to grade against one exercise.

    Attributes:
        exercise: the exercise.
        submission: the submission; or
        code: functions that are loaded already (trusted, or under `--debug`); or
        refused: why the submission cannot be graded.
        label: what the report calls the submission.
        explain: also look for the line of a mistake, after the points are known; takes about a second.
        known: results by check that need not be found out.
    """

    exercise: Exercise
    submission: Submission | None = None
    code: Code | None = None
    refused: str = ""
    label: str = ""
    explain: bool = False
    known: Mapping[str, CheckResult] = field(default_factory=dict)


def run_jobs(
    course: Course,
    exercises: Sequence[Exercise],
    jobs: Iterable[Job],
    on_report: Callable[[Job, Report], None],
    *,
    keyword: str = "",
    seed: int = 0,
    server: Server | None = None,
    recorder: Recorder | None = None,
    on_check: OnCheck | None = None,
    answers_file: Callable[[Exercise], Path] | None = None,
) -> None:
    """Grade each of `jobs` in turn; `on_report` gets each report as soon as it is ready.

    Args:
        course: the course.
        exercises: the exercises whose checks are collected; that of every job must be one of them.
        jobs: consumed one by one, so a generator may produce them over time.
        keyword: pytest's `-k`: which checks to run.
        seed: added to every check's seed.
        server: forks students' processes.
        recorder: records the answers of the reference and of the code under test in public checks.
        on_check: called before each check with the number of checks done, the number of all, and the
            check's title.
        answers_file: the file that keeps an exercise's answers of trusted code from one batch to the next.

    Raises `ExerciseError` for an author's mistake, `UsageError` for a keyword that is not valid or selects
    no check, `InternalError` for the grader's own fault.
    """
    grading = Grading(
        course, seed=seed, server=server, recorder=recorder, answers_file=answers_file
    )
    loop = _GradingLoop(grading, exercises, jobs, on_report, keyword, on_check)
    files = [str(f) for e in exercises for f in sorted(e.folder.glob("test_*.py"))]
    for exercise in exercises:
        if not any(exercise.folder.glob("test_*.py")):
            raise ExerciseError(
                say("{path}: has no checks: there is no test_*.py", path=exercise.folder)
            )
    options = ["-c", str(SETTINGS), f"--rootdir={course.root}", "--noconftest", "--assert=plain"]
    # Else pytest would look at everything in the folders that the course lies in.
    options += [f"--confcutdir={course.root}"]
    options += ["--import-mode=importlib"]
    options += [word for name in UNUSED_PLUGINS for word in ("-p", f"no:{name}")]
    options += ["-k", keyword] if keyword else []
    validate_keyword(keyword)
    kept = {name: os.environ.pop(name) for name in PYTEST_VARIABLES if name in os.environ}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        # Named by `-p`, the plugin would be looked for in the metadata of every distribution.
        code = pytest.main([*options, *files], plugins=[import_module(PLUGIN_MODULE), loop])
    finally:
        grading.close()
        _unload_modules(course.root, exercises)
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(kept)
    if loop.error is not None:
        raise loop.error
    if not loop.ran:
        raise InternalError(f"pytest ended with {code!r} before any check ran")


def validate_keyword(keyword: str) -> None:
    """Raise `UsageError` unless `keyword` is a valid expression for pytest's `-k`."""
    if reason := keyword_error(keyword or "all"):
        raise UsageError(
            say(
                "-k {keyword}: must be names joined by `and`, `or`, `not` ({reason})",
                keyword=keyword,
                reason=reason,
            )
        )


def _unload_modules(folder: Path, exercises: Sequence[Exercise]) -> None:
    """Remove the course's test files from `sys.modules`: another course has files of the same names.

    And what pytest makes of an exercise's folder, a package: the reference has the same name.
    """
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        named = file.rpartition(os.sep)[2].startswith("test_")  # a path of each would take long
        if named and Path(file).is_relative_to(folder):
            del sys.modules[name]
    for exercise in exercises:
        if getattr(sys.modules.get(exercise.name), "__file__", None) is None:
            sys.modules.pop(exercise.name, None)


def points_so_far(grading: Grading) -> str:
    """The points of the submission that is being graded, for those who wait for the rest."""
    results = grading.target.results if grading.target is not None else []
    score, most = sum(r.score for r in results), sum(r.max_score for r in results)
    return say("{score:g} of {most:g} points; looking for the mistake", score=score, most=most)


def _not_loaded(file: str, line: str, reason: str) -> str:
    """Why checks cannot be loaded; the `line` may not be known."""
    if line:
        message = later("{file}, line {line}: the checks cannot be loaded: {reason}")
    else:
        message = later("{file}: the checks cannot be loaded: {reason}")
    return say(message, file=file, line=line, reason=reason)


class _GradingLoop:
    """The plugin that replaces pytest's run loop."""

    def __init__(
        self,
        grading: Grading,
        exercises: Sequence[Exercise],
        jobs: Iterable[Job],
        on_report: Callable[[Job, Report], None],
        keyword: str,
        on_check: OnCheck | None,
    ) -> None:
        self._exercises = exercises
        self._selected: set[pytest.Item] = set()
        self.error: BaseException | None = None
        self.ran = False
        self._grading = grading
        self._jobs = jobs
        self._on_report = on_report
        self._keyword = keyword
        self._on_check = on_check

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[GRADING_KEY] = self._grading

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.error is None:
            lines = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines()]
            reason = next((line for line in reversed(lines) if line), "")
            number = re.findall(
                rf"{re.escape(Path(report.nodeid).name)}\D{{1,9}}(\d+)", "\n".join(lines)
            )
            line = number[-1] if number else ""
            self.error = ExerciseError(_not_loaded(report.nodeid, line, reason))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        # By now the plugin has read all checks, and pytest has removed those that -k does not select.
        self._selected = set(items)
        self.error = self.error or self._grading.checks.error
        try:
            for exercise in self._exercises if self.error is None else ():
                self._grading.checks.validate_points(exercise)
        except GraderError as error:
            self.error = error

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.error is not None:
            return True
        try:
            self._run_all()
        except (GraderError, KeyboardInterrupt) as error:
            self.error = error
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """A report without a traceback: formatting tracebacks takes longer than running the checks."""
        outcome: Any = "passed" if call.excinfo is None else "failed"
        when: Any = call.when
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, when)

    def _run_all(self) -> None:
        for job in self._jobs:
            report = self._grade(job)
            self.ran = True
            self._on_report(job, report)

    def _grade(self, job: Job) -> Report:
        """Grade a submission; again if something outside may have killed one of its processes.

        Raises `Interrupted` if the process that starts students' processes ended twice: that is never
        the student's doing. A student's own process that was killed `MAX_KILLS` times in the same check,
        or is killed in the last try, has its end to itself.
        """
        kills: Counter[str] = Counter()  # by check
        lost = 0
        for left in reversed(range(MAX_TRIES)):
            try:
                return self._grade_once(job, kills if left else None)
            except Interrupted as error:
                self._grading.abandon()
                lost += error.doubt == "server"
                if lost == MAX_LOST or not left:
                    raise
        raise AssertionError("the last try raises or returns")

    def _grade_once(self, job: Job, kills: Counter[str] | None) -> Report:
        grading = self._grading
        started = time.perf_counter()
        if job.refused:
            grading.refuse(job.exercise, job.refused)
        elif job.code is not None:
            grading.open_code(job.exercise, job.code)
        elif job.submission is not None:
            grading.open(job.exercise, job.submission)
        checks = self._checks_of(job.exercise)
        code = grading.code
        ahead = deque(c.item for c in checks if c.name not in job.known)
        for index, check in enumerate(checks):
            if self._on_check is not None:
                self._on_check(index, len(checks), check.title)
            if known := job.known.get(check.name):
                grading.take(known)
                continue
            ahead.popleft()
            following = ahead[0] if ahead else None
            if isinstance(code, SandboxedCode):
                doubtful = kills is not None and kills[check.name] < MAX_KILLS
                code.excuses = frozenset({"server", "kill"} if doubtful else {"server"})
            try:
                run_check(grading, check.item, following)
            except Interrupted as error:
                if kills is not None and error.doubt == "kill":
                    kills[check.name] += 1
                abandon_item(check.item)
                raise
        problems = tuple(grading.problems(selected=bool(self._keyword)))
        faults = self._explain(job, len(checks))
        results = grading.finish()
        notes = (*(job.submission.notes if job.submission else ()), *faults)
        if isinstance(code, SandboxedCode) and code.load_output.strip():
            notes = (
                *notes,
                say("printed while loading:\n{output}", output=code.load_output.rstrip()),
            )
        return Report(
            exercise=job.exercise.id,
            title=job.exercise.title,
            submission=job.label or (job.submission.label if job.submission else ""),
            checks=tuple(results),
            confinement=confinement_of(grading.server if isinstance(code, SandboxedCode) else None),
            grader=grader.__version__,
            problems=problems,
            notes=notes,
            selection=self._keyword,
            duration=time.perf_counter() - started,
        )

    def _explain(self, job: Job, count: int) -> tuple[str, ...]:
        """Look for the mistake, once the points stand, where that was asked for; what went wrong."""
        target = self._grading.target
        if not job.explain or job.submission is None or target is None or not target.failed:
            return ()
        if self._on_check is not None:  # the points are known, and are told at once
            self._on_check(count, count, points_so_far(self._grading))
        from grader.checking.run.explain import explain  # which many runs do not need

        return explain(self._grading, job.exercise, job.submission)

    def _checks_of(self, exercise: Exercise) -> list[Check]:
        """The checks to run, in their order. Raises `UsageError` if there are none."""
        every = self._grading.checks.of(exercise).values()
        checks = [c for c in every if c.item in self._selected]
        # Hidden checks run last, so that no other check can print inputs of theirs that a process kept.
        checks.sort(key=lambda check: check.hidden)
        if not checks:
            names = [check.name for check in every if not check.hidden]
            near = get_close_matches(self._keyword, names, n=3, cutoff=0.0)
            raise UsageError(
                say(
                    "-k {keyword}: selects no check of {exercise}; the nearest names are {names}",
                    keyword=self._keyword,
                    exercise=exercise.id,
                    names=series(near),
                )
            )
        return checks
