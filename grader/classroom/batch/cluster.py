"""Runs the tasks of a batch on a dask.distributed cluster.

The scheduler keeps the bundle and gives it to each worker once, also to one that joins later. A task
whose worker dies goes to another worker; if both return a result, the gradebook keeps one.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from distributed import Client, KilledWorker, WorkerPlugin

import grader
from grader.classroom.batch.task import Task
from grader.classroom.batch.worker import TaskResult, add_bundle, close_sessions, grade_task
from grader.course.digest import PackedExercises, grader_digest
from grader.errors import UsageError
from grader.language import say

CONNECT_SECONDS = 15


class BundlePlugin(WorkerPlugin):  # type: ignore[misc]  # the library has no types
    """Gives a worker the exercises when it joins, and cleans up when it leaves."""

    def __init__(self, bundle: PackedExercises) -> None:
        self.name = f"nn-grader-{bundle.hash[:16]}"
        self._bundle = bundle
        self._version, self._source = grader.__version__, grader_digest()

    def setup(self, worker: Any) -> None:
        """A worker joins. Raises `UsageError` if its grader is not the same."""
        if grader.__version__ != self._version:
            raise UsageError(
                say(
                    "{address} has nn-grader {version}, not {own}; install the same version "
                    "everywhere",
                    address=worker.address,
                    version=grader.__version__,
                    own=self._version,
                )
            )
        if grader_digest() != self._source:
            raise UsageError(
                say(
                    "{address} has nn-grader {version} with other source files; install the same files "
                    "everywhere",
                    address=worker.address,
                    version=self._version,
                )
            )
        add_bundle(self._bundle.hash, self._bundle.data)

    def teardown(self, worker: Any) -> None:
        """A worker leaves."""
        close_sessions()


class ClusterPool:
    """Workers of a dask cluster."""

    lost: tuple[type[BaseException], ...] = (KilledWorker,)

    def __init__(self, bundle: PackedExercises, address: str) -> None:
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                say(
                    "{address}: no dask scheduler answers there ({error}); start one with: dask scheduler",
                    address=address,
                    error=error,
                )
            ) from None
        self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        self._client.register_plugin(BundlePlugin(bundle))
        self._executor = self._client.get_executor(pure=False, retries=0)
        self.width = max(8, 3 * sum(self._client.nthreads().values()))

    def submit(self, task: Task) -> Future[TaskResult]:
        """Run a task on some worker."""
        future: Future[TaskResult] = self._executor.submit(grade_task, task)
        return future

    def restart(self) -> None:
        """Nothing to do: the scheduler replaces lost workers."""

    def close(self, *, now: bool = False) -> None:
        """Leave the cluster; `now` cancels the tasks that are not done."""
        self._executor.shutdown(wait=not now)  # without waiting it cancels what is left
        self._client.close()
