"""What runs in each worker process: one open pytest session, and the students' processes under it.

A worker is trusted: it has the references and the checks. It unpacks the bundle once, collects the
checks once, and then grades one task after the other. An executor only has to call `grade_task`.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import hashlib
import multiprocessing
import os
import platform
import queue
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import grader
from grader.classroom.batch.task import Task
from grader.errors import (
    ExerciseError,
    GraderError,
    InternalError,
    Interrupted,
    SandboxError,
    SubmissionError,
)
from grader.language import later, say
from grader.model import Confinement, Exercise, Report
from grader.sandbox.launch import Server

LABEL = later("your submission")
PREFIX = "nn-grader-worker-"
CACHE_VARIABLE = "NN_GRADER_CACHE"  # a folder in place of the user's cache
MAX_STORED = 1 << 20  # characters of source that are stored; of a longer submission none are


@dataclass(frozen=True, slots=True)
class TaskResult:
    """A task's report, and the sources that were graded."""

    task: str
    report: Report
    sources: dict[str, str]


class Session:
    """An open pytest session in a thread of its own. Use it from one thread at a time."""

    def __init__(self, data: bytes) -> None:
        from grader.course.digest import unpack_exercises

        remove_leftovers()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))  # for us only
        self._server = Server()
        self.course = unpack_exercises(data, self._folder)
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        from grader.checking.run.session import run_jobs

        try:
            run_jobs(
                self.course,
                self.course.exercises,
                iter(self._jobs.get, None),
                lambda _, report: self._answers.put(report),
                server=self._server,
                answers_file=self._answers_file,
            )
            self._answers.put(InternalError(say("the session with the checks ended too early")))
        except ExerciseError as error:  # name the course's files, not these copies
            self._answers.put(ExerciseError(str(error).replace(f"{self._folder}{os.sep}", "")))
        except BaseException as error:  # whatever it is, `grade` must raise it
            self._answers.put(error)

    def _answers_file(self, exercise: Exercise) -> Path:
        """Where the answers of an exercise's trusted code are kept, which this machine computes."""
        import numpy as np
        import platformdirs

        from grader.course.digest import exercise_hash, grader_digest

        parts = [exercise_hash(self.course, exercise), grader_digest(), np.__version__]
        parts += [platform.python_version(), platform.machine()]
        folder = os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_path("nn-grader")
        return Path(folder, f"{hashlib.sha256(repr(parts).encode()).hexdigest()}.json")

    def grade(self, task: Task) -> TaskResult:
        """Grade one task. Raises what ended the session, which cannot be used any more."""
        from grader.checking.run.session import Job
        from grader.intake.submission import submission_from_bytes

        exercise = next(e for e in self.course.exercises if e.id == task.exercise)
        sources: dict[str, str] = {}
        try:
            submission = submission_from_bytes(say(LABEL), task.contents, exercise)
        except SubmissionError as error:
            self._jobs.put(Job(exercise, refused=str(error), label=say(LABEL)))
        else:
            sources = submission.texts
            if sum(map(len, sources.values())) > MAX_STORED:
                sources = {}
            self._jobs.put(
                Job(exercise, submission=submission, label=say(LABEL), explain=task.explain)
            )
        answer = self._answers.get()
        if isinstance(answer, BaseException):
            raise answer
        return TaskResult(task.key, answer, sources)

    def close(self, *, now: bool = False) -> None:
        """End the session and the students' processes, and remove the bundle's files.

        `now` does not wait for a submission that is being graded.
        """
        self._jobs.put(None)
        if not now:
            self._thread.join(timeout=5)
        self._server.close()
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None) or ""
            if file.startswith(f"{self._folder}{os.sep}"):
                del sys.modules[name]
        shutil.rmtree(self._folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Remove the folders of workers that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        with contextlib.suppress(OSError):
            if number.isdecimal() and not _alive(int(number)) and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)


def _alive(number: int) -> bool:
    if os.name != "posix":  # on Windows `os.kill` would end the process: remove nothing
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's process
        return True
    return True


_bundles: dict[str, bytes] = {}
_sessions: dict[str, Session] = {}
_lock = threading.Lock()


def add_bundle(hash_: str, data: bytes) -> None:
    """Make a bundle known to this process."""
    _bundles[hash_] = data


def run_worker(
    connection: Connection,
    hash_: str,
    bundle: Path,
    environment: Mapping[str, str],
    sockets: Path,
) -> None:
    """What a worker process of a local pool does: it says that it is ready, and grades the tasks that
    come until there are no more.

    Args:
        connection: to the parent; each answer is a `TaskResult`, or the exception that a task raised.
        hash_: of the bundle.
        bundle: the file that has it: what a process is started with must be small, because the parent
            waits until it has been read.
        environment: the parent's variables, which may have changed since the process that forks workers
            began.
        sockets: the folder of the socket at which that process is asked; it goes with the parent.
    """
    os.environ.clear()
    os.environ.update(environment)
    start_worker(sockets)
    add_bundle(hash_, bundle.read_bytes())
    try:
        connection.send(None)
        while (task := connection.recv()) is not None:
            try:
                answer: TaskResult | Exception = grade_task(task)
            except Exception as error:
                answer = error
            connection.send(answer)
        gc.freeze()  # Python's shutdown looks through what is left for cycles
    except (EOFError, ConnectionError):  # the parent is gone
        if (parent := multiprocessing.parent_process()) is not None:
            _exit_with_parent(parent, sockets)


def start_worker(sockets: Path) -> None:
    """Prepare a worker process of a local pool, so that it ends when its parent does."""
    gc.enable()
    gc.set_threshold(20_000)  # it makes many objects and little garbage
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, lambda *_: _exit())
    Finalize(None, close_sessions, exitpriority=100)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_with_parent, args=(parent, sockets), daemon=True).start()


def _exit_with_parent(parent: BaseProcess, sockets: Path) -> None:
    parent.join()
    if parent.pid is not None:  # whoever ended it left it no time to remove the bundle
        _remove_folders_of(parent.pid)
        shutil.rmtree(sockets, ignore_errors=True)
    _exit()


def _exit() -> None:
    with contextlib.suppress(Exception):
        close_sessions(now=True)
        _remove_folders_of(os.getpid())  # of a session that was just starting
    os._exit(1)


def _remove_folders_of(number: int) -> None:
    """Remove the folders of a process that ends, or has ended."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}{number}-*"):
        shutil.rmtree(folder, ignore_errors=True)


@atexit.register
def close_sessions(*, now: bool = False) -> None:
    """Close the sessions of this process."""
    while _sessions:
        _sessions.popitem()[1].close(now=now)


def grade_task(task: Task) -> TaskResult:
    """Grade one task, in the session of its bundle.

    If the grader itself fails, it tries once more in a new session, and then reports `ungraded`.

    Raises `ExerciseError` and `SandboxError`: then no task can be graded at all.
    """
    with _lock:
        try:
            return _session(task.bundle).grade(task)
        except ExerciseError:
            close_sessions()
            raise
        except Interrupted as error:  # twice: the session has tried again already
            close_sessions()
            return _failed_result(task, error)
        except Exception:  # also a sandbox that did not start: on a busy machine it may next time
            close_sessions()
        try:
            return _session(task.bundle).grade(task)
        except (ExerciseError, SandboxError):
            close_sessions()
            raise
        except Exception as error:
            close_sessions()
            return _failed_result(task, error)


def _session(hash_: str) -> Session:
    if hash_ not in _sessions:
        close_sessions()  # one at a time: sessions share `sys.modules`
        if hash_ not in _bundles:
            raise ExerciseError(
                say("this worker was not given the exercises; start the batch again")
            )
        _sessions[hash_] = Session(_bundles[hash_])
    return _sessions[hash_]


def _failed_result(task: Task, error: Exception) -> TaskResult:
    reason = str(error) if isinstance(error, GraderError) else repr(error)
    return ungraded_result(
        task, say("the grader failed on this submission: {reason}", reason=reason)
    )


def ungraded_result(task: Task, reason: str) -> TaskResult:
    """The result of a task that could not be graded: no score, and the reason."""
    report = Report(
        exercise=task.exercise,
        title="",
        submission=say(LABEL),
        checks=(),
        confinement=Confinement(),
        grader=grader.__version__,
        problems=(reason,),
    )
    return TaskResult(task.key, report, {})
