"""Where tasks run: a pool of processes on this machine, or anything else with the same methods."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Any, Protocol

from grader.classroom.batch.task import Task
from grader.classroom.batch.worker import PREFIX, TaskResult, remove_leftovers, run_worker
from grader.course.digest import PackedExercises
from grader.errors import InternalError
from grader.language import say

START_SECONDS = 60.0
START_TRIES = 3
END_SECONDS = 10.0
LONGEST_SOCKET = 107  # bytes of a path that a Unix socket may have
PRELOAD = "grader.classroom.batch.preload"


class WorkerDied(Exception):
    """A worker died while it graded a task."""


class WorkerNotStarted(Exception):
    """A worker died, or was not ready in time, before it was given a task."""


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

    def close(self, *, now: bool = False) -> None:
        """Close the pool; `now` does not wait for running tasks."""


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
    """Worker processes on this machine.

    A thread for each waits for its answers, so that nothing that happens to a worker can make the main
    thread wait, which hears Ctrl-C. Each worker has a connection of its own, which nobody else holds:
    it breaks when the worker dies, wherever that was in the middle of an answer. (With a queue that
    workers share, as `ProcessPoolExecutor` has one, the reader would wait for the rest for ever.)
    """

    lost: tuple[type[BaseException], ...] = (WorkerDied,)

    def __init__(self, bundle: PackedExercises, jobs: int) -> None:
        self.width = jobs * 2
        remove_leftovers()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))  # for us only
        self._hash, self._bundle = bundle.hash, self._folder / "bundle.zip"
        self._bundle.write_bytes(bundle.data)
        self._lock = threading.Lock()
        self._closed = False
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        _prepare_signals()
        self._threads = ThreadPoolExecutor(jobs, "worker", initializer=_leave_ctrl_c)

    @property
    def processes(self) -> list[BaseProcess]:
        """The worker processes that there are now."""
        with self._lock:
            return [worker.process for worker in self._workers]

    def submit(self, task: Task) -> Future[TaskResult]:
        """Run a task in one of the processes."""
        return self._threads.submit(self._grade, task)

    def _grade(self, task: Task) -> TaskResult:
        worker = self._take()
        try:
            answer = worker.ask(task)
        except BaseException:
            self._discard(worker)
            raise
        with self._lock:
            self._idle.append(worker)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _take(self) -> _Worker:
        """A worker that is ready. Raises `InternalError` if none gets there."""
        for _ in range(START_TRIES):
            try:
                return self._idle_or_new()
            except WorkerNotStarted as error:
                reason = error
        raise InternalError(
            say(
                "the grader's worker processes do not start ({reason}): the machine may be out of "
                "memory",
                reason=reason,
            )
        )

    def _idle_or_new(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise WorkerDied
            if self._idle:
                worker = self._idle.pop()
                if worker.process.is_alive():
                    return worker
                self._workers.discard(worker)
            worker = _Worker(self._hash, self._bundle)
            self._workers.add(worker)
        try:
            worker.wait_until_ready()
        except WorkerNotStarted:
            self._discard(worker)
            raise
        return worker

    def _discard(self, worker: _Worker) -> None:
        worker.end(now=True)
        worker.close()
        with self._lock:
            self._workers.discard(worker)

    def close(self, *, now: bool = False) -> None:
        """End the processes; `now` does not wait for running tasks."""
        if not now:
            self._threads.shutdown()
        with self._lock:
            self._closed = True
            workers = list(self._workers)
        for worker in workers:
            worker.hang_up(now=now)
        for worker in workers:
            worker.end()
        self._threads.shutdown(cancel_futures=True)  # their workers have ended, so they do, too
        for worker in workers:
            worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        remove_leftovers()  # again: workers of a batch that was just killed may have ended since


class _Worker:
    """A worker process, and the connection to it. Used by one thread at a time.

    Raises `WorkerNotStarted`.
    """

    def __init__(self, hash_: str, bundle: Path) -> None:
        context = _context()
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        words = theirs, hash_, bundle, dict(os.environ), Path(get_temp_dir())
        # As a daemon it would be ended at the latest when the parent exits.
        self.process = context.Process(target=run_worker, args=words, daemon=True)
        try:
            with theirs:
                self.process.start()
        except (EOFError, OSError) as error:  # what forks it was killed, or memory is out
            self._connection.close()
            raise WorkerNotStarted(str(error)) from None

    def wait_until_ready(self) -> None:
        """Wait for its first word. Raises `WorkerNotStarted`."""
        try:
            if self._connection.poll(START_SECONDS):
                self._connection.recv()
                return
        except (EOFError, OSError):
            self.process.join(END_SECONDS)
            raise WorkerNotStarted(
                say("exit code {exitcode}", exitcode=self.process.exitcode)
            ) from None
        raise WorkerNotStarted(
            say("not ready after {start_seconds:g} seconds", start_seconds=START_SECONDS)
        )

    def ask(self, task: Task) -> TaskResult | Exception:
        """Have it grade a task. Raises `WorkerDied`."""
        try:
            self._connection.send(task)
            answer: TaskResult | Exception = self._connection.recv()
        except (EOFError, OSError):
            raise WorkerDied from None
        return answer

    def hang_up(self, *, now: bool) -> None:
        """Let it end: after what it does, or `now`."""
        if now:
            self.process.terminate()
        else:
            with contextlib.suppress(OSError):
                self._connection.send(None)

    def end(self, *, now: bool = False) -> None:
        """Wait until it has ended; kill it if that takes too long."""
        if not now:
            self.process.join(END_SECONDS)
        self.process.kill()
        self.process.join()

    def close(self) -> None:
        """Let go of the connection, which nobody waits for any more."""
        self._connection.close()


def _context() -> Any:
    """How workers start: on Linux one process imports what all need, and forks them."""
    its_socket = Path(get_temp_dir(), "listener-12345678")  # or another such name
    if sys.platform != "linux" or len(os.fsencode(its_socket)) > LONGEST_SOCKET:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD])
    return context


def _prepare_signals() -> None:
    """Start `multiprocessing`'s own helper now: when it starts, it unblocks SIGINT in its thread."""
    if sys.platform != "win32":
        from multiprocessing.resource_tracker import ensure_running

        ensure_running()


def _leave_ctrl_c() -> None:
    """Block SIGINT in this thread, and in the processes that it starts, which inherit the mask.

    Ctrl-C reaches every process of a terminal, but only the main thread handles it.
    """
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
