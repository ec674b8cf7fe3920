"""Wall time, CPU time and memory of commands with all their descendants. Linux only.

CPU time is what the kernel counts for a control group that the command runs in: exact, and nobody
leaves it, however a process ends. Where such a group cannot be made (that takes root), descendants
that outlive their parents are adopted and waited for; what they then report can be too little, and
`Group.exact` says so. Memory is the sum of the descendants' proportional set sizes, in which a page
that several share is counted once, at its peak among samples.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

PR_SET_CHILD_SUBREAPER = 36
CGROUPS = (("/sys/fs/cgroup/cpuacct", "cpuacct.usage"), ("/sys/fs/cgroup", "cpu.stat"))


class Group:
    """Counts the CPU time of the processes that join it, and of all that descend from them."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        for base, file in CGROUPS:
            folder = Path(base) / f"nn-grader-{os.getpid()}-{id(self)}"
            with contextlib.suppress(OSError):
                folder.mkdir()
                if (folder / file).exists() and (folder / "cgroup.procs").exists():
                    self._folder, self._file = folder, folder / file
                    return
                folder.rmdir()
        if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError("CPU time of all descendants is not to be had on this system")

    @property
    def exact(self) -> bool:
        """Whether the kernel counts for us."""
        return self._folder is not None

    def join(self) -> None:
        """Put the calling process into the group."""
        if self._folder is not None:
            (self._folder / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")

    def seconds(self) -> float:
        """User and system time so far."""
        if self._folder is None:
            reap()
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime
        text = self._file.read_text(encoding="ascii")
        if self._file.name == "cpuacct.usage":
            return int(text) / 1e9
        return int(text.partition("usage_usec ")[2].split()[0]) / 1e6

    def close(self) -> None:
        """End what is left in the group, and remove it."""
        if self._folder is None:
            return
        parent = self._folder.parent / "cgroup.procs"
        for word in (self._folder / "cgroup.procs").read_text(encoding="ascii").split():
            if int(word) == os.getpid():
                parent.write_text(word, encoding="ascii")
            else:
                with contextlib.suppress(OSError):
                    os.kill(int(word), 9)
        for _ in range(500):
            with contextlib.suppress(OSError):
                self._folder.rmdir()
                return
            time.sleep(0.01)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Command:
    """A command line, where it runs, and what it finds in its environment beside the usual."""

    words: list[str]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class Reading:
    """Seconds, and bytes at the peak (0: not sampled)."""

    wall: float
    cpu: float
    memory: int = 0


def measure(
    commands: list[Command], environment: dict[str, str], every: float = 0.0
) -> tuple[Reading, list[Done]]:
    """Run commands one after another; sample memory each `every` seconds, unless that is 0."""
    wall = 0.0
    done = []
    with Group() as group, Sampler(every) as sampler:
        before = group.seconds()
        for command in commands:
            started = time.perf_counter()
            done.append(_run(command, environment, group))
            wall += time.perf_counter() - started
        cpu = group.seconds() - before
    return Reading(wall, cpu, sampler.peak), done


def _run(command: Command, environment: dict[str, str], group: Group) -> Done:
    # Files, not pipes: a descendant that outlives the command may keep a pipe open.
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
    ):
        process = subprocess.Popen(
            command.words,
            cwd=command.folder,
            env=environment | command.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            preexec_fn=group.join,  # noqa: PLW1509 - no thread of ours holds a lock it needs
        )
        code = process.wait()
        for file in (output, errors):
            file.seek(0)
        return Done(code, output.read(), errors.read())


def reap(patience: float = 5.0) -> None:
    """Wait for the children that are left; end what does not end by itself."""
    deadline = time.monotonic() + patience
    while True:
        try:
            found, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not found:
            if time.monotonic() > deadline:
                for process in psutil.Process().children(recursive=True):
                    process.kill()
            time.sleep(0.01)


class Sampler:
    """Watches the descendants' memory from a thread; its own CPU time is not a child's."""

    def __init__(self, every: float) -> None:
        self.peak = 0
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        if self._every:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._every:
            self._over.set()
            self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._over.wait(self._every):
            self.peak = max(self.peak, sum(map(_memory, me.children(recursive=True))))


def _memory(process: psutil.Process) -> int:
    """A process's proportional set size; its resident set where the kernel keeps that back."""
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
        line = next(line for line in text.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) << 10
    except PermissionError:
        try:
            return int(process.memory_info().rss)
        except psutil.Error:
            return 0
    except (OSError, StopIteration):
        return 0  # it has just ended
