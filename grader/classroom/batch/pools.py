"""Where tasks run: processes on this machine. Anything with the same three methods can replace it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from grader.classroom.batch.tasks import Task
from grader.classroom.batch.worker import TaskResult, grade_task, remove_leftovers, start_worker
from grader.course.digest import PackedExercises


class Pool(Protocol):
    """Runs tasks elsewhere, by the interface of `concurrent.futures`.

    Attributes:
        width: how many tasks to keep there at a time.
        lost: the exceptions that mean that a worker died, not that its task failed.
    """

    width: int
    lost: tuple[type[BaseException], ...]

    def submit(self, task: Task) -> Future[TaskResult]:
        """Run a task somewhere."""

    def renew(self) -> None:
        """Make the pool usable again after a worker was lost."""

    def close(self, *, now: bool = False) -> None:
        """End it; `now` does not wait for what is running."""


@contextmanager
def block_sigint() -> Iterator[None]:
    """A process that is started here never hears Ctrl-C, not even while it starts: it is ours to
    handle, and waits for the end of this block."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # or it would be started with the first process, and let the signal through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def open_pool(
    bundle: PackedExercises, jobs: int | None = None, scheduler: str | None = None
) -> Pool:
    """The workers of a dask scheduler if there is one, else `jobs` processes of this machine."""
    if scheduler:
        from grader.classroom.batch.cluster import ClusterPool  # loads dask

        return ClusterPool(bundle, scheduler)
    return LocalPool(bundle, jobs or _cores())


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


class LocalPool:
    """Worker processes on this machine."""

    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)

    def __init__(self, bundle: PackedExercises, jobs: int) -> None:
        self._bundle, self._jobs = bundle, jobs
        self.width = jobs * 2
        remove_leftovers()
        self._executor = self._new()

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._jobs,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=start_worker,
            initargs=({self._bundle.hash: self._bundle.data},),
        )

    def submit(self, task: Task) -> Future[TaskResult]:
        """Run a task in one of the processes."""
        with block_sigint():
            return self._executor.submit(grade_task, task)

    def renew(self) -> None:
        """Start the processes anew."""
        self.close(now=True)
        self._executor = self._new()

    def close(self, *, now: bool = False) -> None:
        """End the processes; `now` does not wait for what is running."""
        if now:
            processes = list((self._executor._processes or {}).values())
            self._executor.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            for process in processes:
                process.join(timeout=10)
        else:
            self._executor.shutdown()
        remove_leftovers()  # again: of a batch that was killed a moment ago, not all were gone at the start
