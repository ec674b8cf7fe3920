"""Runs a batch: what is not graded yet goes to the pool, and what comes back is stored at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

import grader
from grader.classroom.batch.pools import Pool
from grader.classroom.batch.tasks import Planned, Task, make_tasks
from grader.classroom.batch.worker import TaskResult, ungraded_result
from grader.classroom.gradebook import Gradebook
from grader.course.digest import PackedExercises

REFRESH_SECONDS = 0.5
WORKER_DIED = (
    "the grader's own process ended twice while it graded this submission: its memory or its "
    "machine gave out"
)


@dataclass
class Tally:
    """How far a batch is.

    Attributes:
        total: hand-ins.
        known: those that had their verdict before, or share it with one in this batch.
        graded: verdicts that were stored now.
        failed: of these, the ones without full marks.
        ungraded: those that the grader could not judge.
        regraded: of those that are graded now, how many had a verdict that no longer counts, by what
            has changed since then.
    """

    total: int
    known: int = 0
    graded: int = 0
    failed: int = 0
    ungraded: int = 0
    regraded: Counter[str] = field(default_factory=Counter)

    @property
    def finished(self) -> int:
        """Hand-ins that nothing is left to do for."""
        return self.known + self.graded


def run_batch(
    planned: Sequence[Planned],
    bundle: PackedExercises,
    book: Gradebook,
    pool: Pool,
    progress: Callable[[Tally], None] = lambda _: None,
    note: Callable[[str], None] = lambda _: None,
) -> Tally:
    """Grade every hand-in that has no verdict in the gradebook yet.

    `note` is told what the instructor should know of a hand-in that met others in the gradebook.

    Whatever ends this early leaves every verdict so far in the gradebook; calling it again goes on
    from there. Raises `ExerciseError` and `SandboxError` where nothing can be graded at all.
    """
    for exercise in {p.exercise.id: p.exercise for p in planned}.values():
        hash_ = bundle.hashes[exercise.id]
        book.add_exercise(hash_, exercise.id, exercise.title, exercise.points)
    batch = _Batch(Tally(len(planned)), bundle, book, pool, progress)
    started: set[str] = set()
    for one, task in make_tasks(planned, bundle.hash, bundle.hashes):
        if said := record_submission(book, one, task):
            note(said)
        if task.key in started or book.is_graded(task.key):
            batch.tally.known += 1
        else:
            started.add(task.key)
            version, exercise_hash = book.graded_before(task.content_hash, task.exercise)
            if version:
                same = exercise_hash == bundle.hashes[task.exercise]
                batch.tally.regraded[what_changed(version, same_exercise=same)] += 1
            batch.submit(task)
        progress(batch.tally)
        while len(batch.running) >= pool.width:
            batch.collect()
    while batch.running:
        batch.collect()
    return batch.tally


def what_changed(version: str, *, same_exercise: bool) -> str:
    """Why a verdict that `version` of the grader gave no longer counts."""
    if version != grader.__version__:
        return f"nn-grader {version} graded them, and this is {grader.__version__}"
    return "the grader's source files have changed" if same_exercise else "the exercise has changed"


@dataclass
class _Batch:
    """The tasks that are at the pool."""

    tally: Tally
    bundle: PackedExercises
    book: Gradebook
    pool: Pool
    progress: Callable[[Tally], None]
    running: dict[Future[TaskResult], Task] = field(default_factory=dict)

    def submit(self, task: Task) -> None:
        """Hand a task to the pool."""
        try:
            self.running[self.pool.submit(task)] = task
        except self.pool.lost:  # a worker died since we looked last
            self._retry([task])

    def collect(self) -> None:
        """Store what is ready; waits for a moment."""
        ready, _ = wait(self.running, timeout=REFRESH_SECONDS, return_when=FIRST_COMPLETED)
        suspects = []
        for future in ready:
            task = self.running.pop(future)
            try:
                self._store(task, future.result())
            except self.pool.lost:
                suspects.append(task)
        if suspects:
            self._retry(suspects)
        self.progress(self.tally)

    def _store(self, task: Task, done: TaskResult) -> None:
        hash_ = self.bundle.hashes[task.exercise]
        self.book.add_result(task.key, task.content_hash, hash_, done.report, done.sources)
        self.tally.graded += 1
        self.tally.failed += done.report.outcome != "passed"
        self.tally.ungraded += done.report.outcome == "ungraded"

    def _retry(self, suspects: list[Task]) -> None:
        """A worker died. Any task that was there may be the reason: each is tried alone."""
        for future, task in self.running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._store(task, future.result())
            else:
                future.cancel()
                suspects.append(task)
        self.running.clear()
        self.pool.renew()
        for task in suspects:
            try:
                self._store(task, self.pool.submit(task).result())
            except self.pool.lost:
                self._store(task, ungraded_result(task, WORKER_DIED))
                self.pool.renew()
            self.progress(self.tally)


def record_submission(book: Gradebook, one: Planned, task: Task) -> str:
    """Write down who handed this in, before it is graded: a batch that ends here knows of it.

    Returns what the instructor should know, or nothing."""
    return book.add_submission(
        (one.person.id, one.person.name, one.person.email),
        one.exercise.id,
        task.content_hash,
        task.key,
        identity=one.submission.identity,
        submitted=one.submission.submitted,
        late_seconds=one.lateness.seconds,
        penalty=one.lateness.penalty,
        note=one.lateness.note,
        origin=one.submission.origin,
    )
