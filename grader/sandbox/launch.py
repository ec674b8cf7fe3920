"""The grader's side of the student's process: start it, talk to it, stop it.

Theory of operation. `Server` is a fresh interpreter that has loaded NumPy and forks on request; it
never runs student code, so it is started before the grader imports anything heavy, and is kept. A
`Box` is one forked child with three pipes: requests, answers, output. All waiting is done here, from
outside, with a deadline: a child that is late, writes what is not a frame, or dies is killed through
a handle that names exactly this process, and buried together with whatever it started.

Standard library only, and no NumPy: this module is imported before everything else.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import SandboxError
from grader.sandbox.frames import FrameReader, WireError, pack

WORKER = Path(__file__).with_name("worker.py")
START_SECONDS = 60.0
OUTPUT_LIMIT = 64 << 10
CLEAN_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    # One thread: reproducible, no stray processes, and 40 MB less address space for each thread.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}


class BoxEnded(Exception):
    """A student's process ended before it answered.

    Attributes:
        why: `timeout`, `crashed` or `violation`.
        message: one sentence for the student.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why
        self.message = message


class Server:
    """A trusted process with NumPy loaded, from which students' processes are forked.

    Args:
        wrap: a command to put in front, such as bubblewrap and its options.
    """

    def __init__(self, wrap: Sequence[str] = ()) -> None:
        ours, theirs = socket.socketpair()
        config = {"packages": str(numpy_folder()), "control": theirs.fileno()}
        interpreter = getattr(sys, "_base_executable", None) or sys.executable
        command = [*wrap, interpreter, "-I", "-S", "-B", "-X", "utf8", str(WORKER)]
        with theirs:
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
        self._control = ours
        self._control.settimeout(START_SECONDS)
        self._lines = b""
        self._ready = False

    def start(self, settings: dict[str, Any]) -> Box:
        """Fork a student's process with these `confine.Settings`. Raises `SandboxError`."""
        self.wait()
        theirs: list[int] = []
        ours: list[int] = []
        for index in range(3):  # requests, answers, output
            read, write = os.pipe()
            theirs.append(read if index == 0 else write)
            ours.append(write if index == 0 else read)
        try:
            answer, handles = self._ask({"start": settings}, theirs)
        except BaseException:
            for descriptor in ours:
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return Box(self, answer["pid"], handles[0] if handles else None, ours)

    def wait(self) -> None:
        """Wait until the server has loaded NumPy and is ready to fork."""
        if not self._ready:
            self._answer()
            self._ready = True

    def bury(self, pid: int) -> int:
        """Have a child and its descendants killed and reaped; returns its wait status."""
        answer, _ = self._ask({"end": pid})
        return int(answer["status"])

    def close(self) -> None:
        """End the server; its children die with it."""
        self._control.close()
        if self._process.stderr:
            self._process.stderr.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()

    def _ask(
        self, message: dict[str, Any], descriptors: Sequence[int] = ()
    ) -> tuple[dict[str, Any], list[int]]:
        try:
            socket.send_fds(self._control, [json.dumps(message).encode() + b"\n"], descriptors)
        except OSError as error:
            raise self._dead() from error
        return self._answer()

    def _answer(self) -> tuple[dict[str, Any], list[int]]:
        handles: list[int] = []
        while b"\n" not in self._lines:
            try:
                data, received, _, _ = socket.recv_fds(self._control, 4096, 1)
            except OSError as error:
                raise self._dead() from error
            handles += received
            if not data:
                raise self._dead()
            self._lines += data
        line, _, self._lines = self._lines.partition(b"\n")
        return json.loads(line), handles

    def _dead(self) -> SandboxError:
        self._process.kill()
        stderr = self._process.communicate()[1] or b""
        last = stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it gave no reason"]
        return SandboxError(
            f"the process for student code could not be started: {last[0]}\n"
            "Run `grade doctor` to see what this machine offers."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Box:
    """One student's process. Made by `Server.start`; used up when `exchange` raises `BoxEnded`.

    Attributes:
        layers: the confinement that the process says it is under.
    """

    layers: tuple[str, ...] = ()

    def __init__(self, server: Server, pid: int, handle: int | None, pipes: list[int]) -> None:
        self._server = server
        self._pid = pid
        self._handle = handle
        self._requests, self._answers, self._output = pipes
        for pipe in pipes:
            os.set_blocking(pipe, False)
        self._clock = _cpu_clock(handle)
        self._reader = FrameReader()
        self._text = bytearray()
        self._dropped = 0
        self._open = True
        header, _ = self._talk(b"", START_SECONDS)
        self.layers = tuple(str(name) for name in header.get("hello", ()))

    def exchange(
        self, header: dict[str, Any], body: bytes = b"", seconds: float = 5.0
    ) -> tuple[dict[str, Any], bytes]:
        """Send one request and wait for its answer.

        Args:
            header, body: the frame; a random call id is added, and must come back.
            seconds: how long the student may compute. Sleeping counts a fifth.

        Raises `BoxEnded` when no proper answer came; the process is gone then.
        """
        header["id"] = secrets.token_hex(8)
        answer, data = self._talk(pack(header, body), seconds)
        if answer.get("id") != header["id"]:
            raise self.end("violation")
        return answer, data

    def take_output(self) -> str:
        """What the submission printed since the last call, shortened to a bound."""
        self._drain()
        text = self._text.decode("utf-8", "replace")
        if self._dropped:
            text += f"\n… {self._dropped:,} more bytes of output were dropped\n"
        self._text.clear()
        self._dropped = 0
        return text

    def end(self, why: str = "closed", seconds: float = 0) -> BoxEnded:
        """Kill the process and everything it started; returns why it ended, to be raised."""
        if not self._open:
            return BoxEnded("crashed", "the process had ended before")
        self._open = False
        if self._handle is not None:
            if why != "crashed":
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            os.close(self._handle)
        self._drain()
        status = self._server.bury(self._pid)
        self._drain()
        for pipe in (self._requests, self._answers, self._output):
            os.close(pipe)
        return BoxEnded(why, _sentence(why, status, seconds))

    def close(self) -> None:
        """End the process if it is still there."""
        self.end()

    def _talk(self, request: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        left = memoryview(request)
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        poll.register(self._output, select.POLLIN)
        if left:
            poll.register(self._requests, select.POLLOUT)
        started = time.monotonic()
        computed = self._computed()
        while True:
            try:
                if frame := self._reader.next():
                    break
            except WireError:
                raise self.end("violation") from None
            elapsed = time.monotonic() - started
            if elapsed > 5 * seconds or (
                elapsed > seconds and self._computed(elapsed) - computed > seconds
            ):
                raise self.end("timeout", seconds)
            wait = min(0.1, seconds) if elapsed > seconds else seconds - elapsed
            for pipe, event in poll.poll(1 + 1000 * wait):
                if pipe == self._requests:
                    try:
                        left = left[os.write(pipe, left) :]
                    except BlockingIOError:
                        continue
                    except BrokenPipeError:
                        left = left[:0]
                    if not left:
                        poll.unregister(pipe)
                elif pipe == self._output:
                    if not self._drain() and event & select.POLLHUP:
                        poll.unregister(pipe)
                elif not self._receive():
                    raise self.end("crashed")
        if self._reader.pending or left:
            raise self.end("violation")
        return frame

    def _receive(self) -> bool:
        try:
            data = os.read(self._answers, 1 << 20)
        except BlockingIOError:
            return True
        self._reader.feed(data)
        return bool(data)

    def _drain(self) -> int:
        """Read what output is there; keep a bounded part. Returns how much was read."""
        total = 0
        while True:
            try:
                data = os.read(self._output, 1 << 16)
            except OSError:  # nothing more, or closed
                return total
            if not data:
                return total
            total += len(data)
            room = max(0, OUTPUT_LIMIT - len(self._text))
            self._text += data[:room]
            self._dropped += len(data) - min(room, len(data))
            if total > 16 << 20:  # let the deadline be looked at between floods
                return total

    def _computed(self, default: float = 0.0) -> float:
        """Seconds of CPU that the process has used, seen from outside; else `default`."""
        if self._clock is None:
            return default
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return default


def _cpu_clock(handle: int | None) -> int | None:
    """The clock of another process's CPU time, made as clock_getcpuclockid(3) makes it (Linux)."""
    if handle is None:
        return None
    try:
        text = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii")
        pid = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pid:"))
    except (OSError, StopIteration):
        return None
    return (~pid << 3) | 2 if pid > 0 else None


def _sentence(why: str, status: int, seconds: float) -> str:
    if why == "timeout":
        return f"stopped after {seconds:g} seconds. Is there a loop that does not end?"
    if why == "violation":
        return "your code wrote to the grader's own channel, so its process was stopped."
    if status >= 0 and os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        reason = {
            "SIGSEGV": "a segmentation fault: often a recursion without end",
            "SIGABRT": "it aborted",
            "SIGXCPU": "it used up all of its computing time",
            "SIGKILL": "it was killed, most likely for using too much memory",
        }.get(name, f"it got the signal {name}")
        return f"your code's process ended: {reason}."
    if status >= 0 and os.WIFEXITED(status):
        return f"your code ended its own process (exit code {os.WEXITSTATUS(status)})."
    return "your code's process ended."


def numpy_folder() -> Path:
    """The folder that holds the `numpy` package, found without importing it."""
    spec = importlib.util.find_spec("numpy")
    if spec is None or spec.origin is None:
        raise SandboxError("NumPy is not installed here; run `pip install nn-grader` again")
    return Path(spec.origin).parent.parent
