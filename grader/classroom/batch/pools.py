"""Where tasks run: a pool of processes on this machine, or anything else with the same methods."""

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
    """Runs tasks in other processes, and returns futures.

    Attributes:
        width: how many tasks to keep submitted at a time.
        lost: the exceptions that mean that a worker died, not that its task failed.
    """

    width: int
    lost: tuple[type[BaseException], ...]

    def submit(self, task: Task) -> Future[TaskResult]:
        """Run a task in a worker."""

    def restart(self) -> None:
        """Make the pool usable again after a worker died."""

    def close(self, *, now: bool = False) -> None:
        """Close the pool; `now` does not wait for running tasks."""


@contextmanager
def block_sigint() -> Iterator[None]:
    """Block SIGINT in this process, and in those that it starts meanwhile, which inherit the mask.

    Ctrl-C reaches every process of a terminal, but only the parent handles it, after this block.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # now: started with the first worker, it would unblock the signal again
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

    def restart(self) -> None:
        """Replace the processes."""
        self.close(now=True)
        self._executor = self._new()

    def close(self, *, now: bool = False) -> None:
        """End the processes; `now` does not wait for running tasks."""
        if now:
            processes = list((self._executor._processes or {}).values())
            self._executor.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            for process in processes:
                process.join(timeout=10)
        else:
            self._executor.shutdown()
        remove_leftovers()  # again: workers of a batch that was just killed may have ended since the start
