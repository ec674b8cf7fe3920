"""Runs a batch: submits to the pool what is not graded yet, and stores each result at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace

import grader
from grader.classroom.batch.pools import Pool
from grader.classroom.batch.task import Task
from grader.classroom.batch.tasks import Planned, make_tasks, result_key
from grader.classroom.batch.worker import TaskResult, ungraded_result
from grader.classroom.gradebook import Gradebook
from grader.classroom.gradebook.by_hand import clean
from grader.course.digest import PackedExercises
from grader.intake.alike import only_script, outline, same_code
from grader.language import later, say
from grader.model import Exercise, Outcome

REFRESH_SECONDS = 0.5
# How a check ends again if nothing has changed; what ran out of time, or was killed, may not.
REPEATABLE = (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED)
MOST_ALIKE = 10_000  # submissions that later ones are compared with
WORKER_DIED = later(
    "the grader's own process died twice while it graded this submission: the machine may "
    "be out of memory"
)


@dataclass
class Tally:
    """The progress of a batch.

    Attributes:
        total: how many submissions there are.
        known: those that had a result before.
        shared: those that had none, and share that of another submission of this batch.
        graded: results that were stored now.
        failed: of these, the ones without full marks.
        ungraded: of these, the ones that the grader could not grade.
        regraded: of these, how many had a result that no longer counts, by what has changed.
        ahead: how many are still to be graded, as far as can be told: those that were not looked at yet
            may have a result, or share one.
    """

    total: int
    known: int = 0
    shared: int = 0
    graded: int = 0
    failed: int = 0
    ungraded: int = 0
    regraded: Counter[str] = field(default_factory=Counter)
    ahead: float = 0.0

    @property
    def finished(self) -> int:
        """Submissions for which nothing is left to do."""
        return self.known + self.shared + self.graded


def run_batch(
    planned: Sequence[Planned],
    bundle: PackedExercises,
    book: Gradebook,
    pool: Pool,
    progress: Callable[[Tally], None] = lambda _: None,
    note: Callable[[str], None] = lambda _: None,
    *,
    explain: bool = False,
) -> Tally:
    """Grade every submission that has no result in the gradebook yet.

    `note` is called with what the instructor should know of a submission for which the gradebook
    already has another. With `explain`, also look for the lines of mistakes, which takes about a second
    for each submission.

    If this ends early, the gradebook keeps every result so far; another call continues from there.

    Raises `ExerciseError` and `SandboxError` where nothing can be graded at all.
    """
    for exercise in {p.exercise.id: p.exercise for p in planned}.values():
        hash_ = bundle.hashes[exercise.id]
        book.add_exercise(hash_, exercise.id, exercise.title, exercise.points)
    batch = _Batch(
        Tally(len(planned)), bundle, book, pool, progress, count_judged(book, planned, bundle)
    )
    started: set[str] = set()
    for one, task in make_tasks(planned, bundle.hash, bundle.hashes, explain=explain):
        if remark := record_submission(book, one, task):
            note(remark)
        if task.key in started:
            batch.tally.shared += 1
        elif book.is_graded(task.key):
            batch.tally.known += 1
        else:
            started.add(task.key)
            if reason := why_again(book, task, bundle.hashes[task.exercise]):
                batch.tally.regraded[reason] += 1
            if not batch.copy(one.exercise, task):
                batch.submit(task)
        batch.looked_at += 1
        batch.show()
        while len(batch.running) >= pool.width:
            batch.collect()
    while batch.running:
        batch.collect()
    return batch.tally


def why_again(book: Gradebook, task: Task, exercise_hash: str) -> str:
    """Why files that have a result are graded again; `""` if they have none."""
    version, before = book.graded_before(task.content_hash, task.exercise)
    if not version:
        return ""
    parts = (task.content_hash, task.exercise, exercise_hash)
    if book.is_graded(result_key(*parts, explain=not task.explain)):
        return (
            say("--explain was not given then")
            if task.explain
            else say("--explain is not given now")
        )
    return what_changed(version, same_exercise=before == exercise_hash)


def what_changed(version: str, *, same_exercise: bool) -> str:
    """Why a result of `version` of the grader no longer counts."""
    if version != grader.__version__:
        return say(
            "nn-grader {version} graded them, and this is {own}",
            version=version,
            own=grader.__version__,
        )
    return (
        say("the grader's source files have changed")
        if same_exercise
        else say("the exercise has changed")
    )


@dataclass
class _Batch:
    """The tasks that are submitted to the pool."""

    tally: Tally
    bundle: PackedExercises
    book: Gradebook
    pool: Pool
    progress: Callable[[Tally], None]
    judged: int  # submissions that had a result before
    running: dict[Future[TaskResult], Task] = field(default_factory=dict)
    deadly: set[str] = field(default_factory=set)  # the keys of tasks whose worker died once
    looked_at: int = 0
    outlines: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # of running tasks, by their key
    alike: dict[tuple[str, str], Task] = field(
        default_factory=dict
    )  # graded, by exercise and outline

    def copy(self, exercise: Exercise, task: Task) -> bool:
        """Store the report of an earlier submission of this batch with the same code on the same lines,
        if there is one: it would be the same."""
        at = (task.exercise, outline(task.contents))
        before = self.alike.get(at)
        if before is None and at[1]:
            self.outlines[task.key] = at
        script = only_script(task.contents, exercise) if before is not None else None
        if before is None or script is None:
            return False
        label, text = script
        known = self.book.sources(before.content_hash, before.exercise).get(label, "")
        report = self.book.report(before.key) if same_code(known, text) else None
        if report is None:
            return False
        self._store(task, TaskResult(task.key, report, {label: text}))
        return True

    def submit(self, task: Task) -> None:
        """Submit a task to the pool."""
        self.running[self.pool.submit(task)] = task

    def show(self) -> None:
        """Show the progress."""
        tally = self.tally
        unseen = tally.total - self.looked_at - max(0, self.judged - tally.known)
        fresh = self.looked_at - tally.known
        alone = 1 - tally.shared / fresh if fresh else 1.0
        tally.ahead = len(self.running) + max(0, unseen) * alone
        self.progress(tally)

    def collect(self) -> None:
        """Wait for a moment, and store the results that are ready."""
        ready, _ = wait(self.running, timeout=REFRESH_SECONDS, return_when=FIRST_COMPLETED)
        for future in ready:
            task = self.running.pop(future)
            try:
                self._store(task, future.result())
            except self.pool.lost:
                if task.key in self.deadly:
                    self._store(task, ungraded_result(task, say(WORKER_DIED)))
                else:
                    self.deadly.add(task.key)
                    self.submit(task)
        self.show()

    def _store(self, task: Task, done: TaskResult) -> None:
        hash_ = self.bundle.hashes[task.exercise]
        at = self.outlines.pop(task.key, None)
        if (
            at is not None
            and done.sources
            and all(c.outcome in REPEATABLE for c in done.report.checks)
        ):
            if len(self.alike) >= MOST_ALIKE:
                self.alike.clear()
            self.alike[at] = replace(task, contents={})
        self.book.add_result(task.key, task.content_hash, hash_, done.report, done.sources)
        self.tally.graded += 1
        self.tally.failed += done.report.outcome != "passed"
        self.tally.ungraded += done.report.outcome == "ungraded"


def _result_keys(content_hash: str, exercise_id: str, bundle: PackedExercises) -> set[str]:
    """The keys under which this grader's result may be stored, with an explanation or without."""
    parts = (content_hash, exercise_id, bundle.hashes[exercise_id])
    return {result_key(*parts), result_key(*parts, explain=True)}


def count_judged(book: Gradebook, planned: Sequence[Planned], bundle: PackedExercises) -> int:
    """How many of these submissions have a result of this grader and these exercises."""
    wanted = {(clean(p.person.id), p.exercise.id) for p in planned}
    judged = {
        (g.student, g.exercise)
        for g in book.grades({exercise for _, exercise in wanted})
        if g.outcome not in ("waiting", "ungraded", "adjusted")
        and g.result_key in _result_keys(g.submission, g.exercise, bundle)
    }
    return len(wanted & judged)


def record_submission(book: Gradebook, one: Planned, task: Task) -> str:
    """Store whose submission this is, before it is graded, so that an interrupted batch knows of it.

    Returns what the instructor should know of it, or nothing."""
    return book.add_submission(
        (one.person.id, one.person.name, one.person.email),
        one.exercise.id,
        task.content_hash,
        task.key,
        identity=one.submission.identity,
        submitted=one.submission.submitted,
        late_seconds=one.lateness.seconds,
        late_days=one.lateness.days,
        marked_late=bool(one.submission.late and one.submission.submitted is None),
        penalty=one.lateness.penalty,
        note=one.lateness.note,
        origin=one.submission.origin,
    )
