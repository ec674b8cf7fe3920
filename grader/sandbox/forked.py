"""Students' processes forked from a server that has NumPy loaded (every system but Windows).

`Fork` starts the server and asks it to fork; `Pipes` is the channel to one forked process.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.language import say
from grader.sandbox.box import KILLED, START_SECONDS, Box, Output
from grader.sandbox.frames import FrameReader
from grader.sandbox.guarantees import CLEAN_ENVIRONMENT


class ServerGone(Exception):
    """The server ended or did not start; the message is the last line that it printed."""


class Fork:
    """A trusted process that forks students' processes on request.

    Args:
        command: the server's program and options.
        config: its settings, see `worker.main`; `control` is added.

    Every method raises `ServerGone` when the server does not answer.

    Attributes:
        closed: whether it has ended.
        killed: whether it ended by a SIGKILL that we did not send.
    """

    def __init__(self, command: Sequence[str], config: dict[str, Any]) -> None:
        ours, theirs = socket.socketpair()
        config = {**config, "control": theirs.fileno()}
        with theirs, contextlib.ExitStack() as undo:
            undo.callback(ours.close)
            self._process = subprocess.Popen(
                [*command, json.dumps(config)],
                env=CLEAN_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            undo.pop_all()
        self._control = ours
        self._control.settimeout(START_SECONDS)
        self._lines = b""
        self.closed = False
        self.killed = False

    @property
    def failed(self) -> bool:
        """Whether it has ended already."""
        return self._process.poll() is not None

    def ready(self) -> Box | None:
        """Wait until it has loaded NumPy; the canary, if it was to fork one."""
        answer, handles = self._answer()
        if "pid" not in answer:
            return None
        return Box(Pipes(self, int(answer["pid"]), handles[3:], handles[:3]))

    def start(self, settings: dict[str, Any], modules: Sequence[str]) -> Box:
        """Fork a student's process with these `confine.Settings` and modules."""
        ours, theirs = pipe_ends()
        try:
            answer, handles = self._ask({"start": settings, "modules": list(modules)}, theirs)
        except BaseException:
            for descriptor in ours:
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return Box(Pipes(self, int(answer["pid"]), handles, ours))

    def reap(self, pid: int) -> int | None:
        """Have the server kill and reap a child and its descendants; returns its exit code."""
        answer, _ = self._ask({"end": pid})
        status = int(answer["status"])
        return os.waitstatus_to_exitcode(status) if status >= 0 else None

    def close(self) -> str:
        """End the server and its children; returns what it printed."""
        if self.closed:
            return ""
        self.closed = True
        self._control.close()
        code = self._process.poll()
        self.killed = code in (-KILLED, 128 + KILLED)  # the second is bubblewrap's
        if code is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)  # bubblewrap and all inside
            self._process.kill()
        said = self._process.communicate()[1] or b""
        return said.decode(errors="replace").strip()

    def _ask(
        self, message: dict[str, Any], descriptors: Sequence[int] = ()
    ) -> tuple[dict[str, Any], list[int]]:
        if self.closed:
            raise ServerGone(say("it was ended"))
        try:
            socket.send_fds(self._control, [json.dumps(message).encode() + b"\n"], descriptors)
        except OSError:
            raise self._gone() from None
        return self._answer()

    def _answer(self) -> tuple[dict[str, Any], list[int]]:
        handles: list[int] = []
        while b"\n" not in self._lines:
            try:
                data, received, _, _ = socket.recv_fds(self._control, 4096, 4)
            except OSError:
                raise self._gone() from None
            handles += received
            if not data:
                raise self._gone()
            self._lines += data
        line, _, self._lines = self._lines.partition(b"\n")
        return json.loads(line), handles

    def _gone(self) -> ServerGone:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)  # time to print why it ended
        return ServerGone((self.close().splitlines() or [say("it gave no reason")])[-1])


def pipe_ends() -> tuple[list[int], list[int]]:
    """Three new pipes (requests, answers, output): the grader's ends, the student's ends."""
    ours: list[int] = []
    theirs: list[int] = []
    for index in range(3):
        read, write = os.pipe()
        theirs.append(read if index == 0 else write)
        ours.append(write if index == 0 else read)
    return ours, theirs


class Pipes:
    """See `box.Channel`.

    Args:
        server: forked the process, and reaps it.
        pid: its process id as the server sees it.
        handles: on Linux a pidfd, which cannot come to mean another process.
        pipes: our ends for requests, answers and output.
    """

    def __init__(self, server: Fork, pid: int, handles: list[int], pipes: list[int]) -> None:
        self.reader = FrameReader()
        self.output = Output()
        self._server, self._pid = server, pid
        self._handle = handles[0] if handles else None
        here = _process_id(self._handle)
        self._clock = _cpu_clock(here)
        self._schedule = f"/proc/{here}/schedstat" if here is not None else ""
        self._pipes = self._requests, self._answers, self._printed = tuple(pipes)
        for pipe in pipes:
            os.set_blocking(pipe, False)
        self._left = memoryview(b"")
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        self._poll.register(self._printed, select.POLLIN)

    @property
    def unsent(self) -> int:
        """How many bytes of the request have not gone out yet."""
        return len(self._left)

    def put(self, data: bytes) -> None:
        """See `box.Channel`."""
        self._left = memoryview(data)
        if data:
            self._send()
        if self._left:
            self._poll.register(self._requests, select.POLLOUT)

    def pump(self, seconds: float) -> bool:
        """See `box.Channel`."""
        for pipe, event in self._poll.poll(1 + 1000 * seconds):
            if pipe == self._requests:
                self._send()
                if not self._left:
                    self._poll.unregister(pipe)
            elif pipe == self._answers:
                if not self._receive():
                    return False
            elif not self._listen() and event & select.POLLHUP:
                self._poll.unregister(pipe)
        return True

    def _send(self) -> None:
        try:
            self._left = self._left[os.write(self._requests, self._left) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._left = self._left[:0]

    def _receive(self) -> bool:
        try:
            data = os.read(self._answers, 1 << 16)
        except BlockingIOError:
            return True
        self.reader.feed(data)
        return bool(data)

    def drain(self) -> None:
        """See `box.Channel`."""
        self._listen()

    def _listen(self) -> int:
        """Read output that is there; returns how many bytes it was."""
        total = 0
        while total <= 16 << 20:  # then check the deadline, even in a flood
            try:
                data = os.read(self._printed, 1 << 16)
            except OSError:  # nothing more
                break
            if not data:
                break
            total += len(data)
            self.output.add(data)
        return total

    def computed(self, default: float) -> float:
        """See `box.Channel`."""
        if self._clock is None:
            return default
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return default

    def queued(self) -> float | None:
        """See `box.Channel`; Linux tells it in `/proc`."""
        try:
            return int(Path(self._schedule).read_bytes().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return None

    def end(self, *, kill: bool) -> int | None:
        """See `box.Channel`."""
        if self._handle is not None:
            if kill and sys.platform == "linux":
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            os.close(self._handle)
        self.drain()
        try:
            return self._server.reap(self._pid)
        except ServerGone:  # `launch.Server` notices at the next start
            return None
        finally:
            self.drain()
            for pipe in self._pipes:
                os.close(pipe)


def _process_id(handle: int | None) -> int | None:
    """The process id of a pidfd as it is here, and not in the process's own namespace (Linux)."""
    if handle is None:
        return None
    try:
        text = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii")
        pid = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pid:"))
    except (OSError, StopIteration):
        return None
    return pid if pid > 0 else None


def _cpu_clock(pid: int | None) -> int | None:
    """The clock of another process's CPU time, made as clock_getcpuclockid(3) makes it (Linux)."""
    return None if pid is None else (~pid << 3) | 2
