"""A new interpreter for each student's process, for systems without fork (Windows) or where fork fails.

Only three pipes are passed on. Threads read them, because Windows can wait for sockets only. One
process is always kept ready, so that nobody waits for its start.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO, Any

from grader.language import say
from grader.sandbox.box import Box, Output
from grader.sandbox.forked import ServerGone
from grader.sandbox.frames import FrameReader, pack
from grader.sandbox.guarantees import CLEAN_ENVIRONMENT

CHUNK = 1 << 16
# Windows needs these to start any program that uses the network or random numbers.
WINDOWS_VARIABLES = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR")


class Spawn:
    """Starts a process for each submission. The same interface as `forked.Fork`."""

    killed = False  # there is no server that could be

    def __init__(self, command: Sequence[str], config: dict[str, Any]) -> None:
        self._canary = config["canary"]
        self._command = [*command, json.dumps({**config, "control": None})]
        self._spare: Threads | None = Threads(self._command)
        self.closed = False

    @property
    def failed(self) -> bool:
        """Whether the process that is kept ready has ended already."""
        return self._spare is not None and self._spare.ended

    def ready(self) -> Box | None:
        """The canary, if there is to be one."""
        return (
            self._box({"settings": self._canary, "canary": True, "modules": []})
            if self._canary
            else None
        )

    def start(self, settings: dict[str, Any], modules: Sequence[str]) -> Box:
        """A student's process with these `confine.Settings` and modules."""
        return self._box({"settings": settings, "canary": False, "modules": list(modules)})

    def _box(self, orders: dict[str, Any]) -> Box:
        if self.closed or self._spare is None:
            raise ServerGone(say("it was ended"))
        channel, self._spare = self._spare, Threads(self._command)
        channel.put(pack(orders))
        return Box(channel)

    def close(self) -> str:
        """End the process that is kept ready."""
        self.closed = True
        if self._spare is not None:
            self._spare.end(kill=True)
            self._spare = None
        return ""


class Threads:
    """See `box.Channel`: three pipes and a thread for each."""

    unsent = 0  # known to the sending thread only, and an answer may arrive before it says so

    def __init__(self, command: Sequence[str]) -> None:
        self.reader = FrameReader()
        self.output = Output()
        windows = {n: os.environ[n] for n in WINDOWS_VARIABLES if n in os.environ}
        self._process = subprocess.Popen(
            command,
            env={**CLEAN_ENVIRONMENT, **windows},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",
        )
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.Queue[bytes] = queue.Queue(
            64
        )  # bounded, so that a flood stays in the pipe
        self._lock = threading.Lock()
        self._output_size = 0
        jobs = (self._write_requests, self._read_answers, self._read_output)
        self._threads = [threading.Thread(target=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def put(self, data: bytes) -> None:
        """See `box.Channel`."""
        if data:
            self._requests.put(data)

    def pump(self, seconds: float) -> bool:
        """See `box.Channel`."""
        try:
            data = self._answers.get(timeout=max(0.001, seconds))
        except queue.Empty:
            return True
        self.reader.feed(data)
        return bool(data)

    def drain(self) -> None:
        """See `box.Channel`: wait until the reading thread finds nothing more."""
        quiet = 0
        while quiet < 3:
            seen = self._output_size
            time.sleep(0.005)
            quiet = 0 if self._output_size != seen or self._has_output() else quiet + 1

    def _has_output(self) -> bool:
        """Whether there is output in the pipe; False where the system cannot tell."""
        if sys.platform == "win32" or not self._threads[2].is_alive():
            return False
        return bool(select.select([_open_pipe(self._process.stderr)], [], [], 0)[0])

    def computed(self, default: float) -> float:
        """See `box.Channel`: the clock of another process is not read here."""
        return default

    def queued(self) -> float | None:
        """See `box.Channel`: not known here."""
        return None

    def end(self, *, kill: bool) -> int | None:
        """See `box.Channel`."""
        if not kill:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
        self._kill_tree()
        code = self._process.wait()
        self._requests.put(None)
        while any(thread.is_alive() for thread in self._threads):
            with contextlib.suppress(queue.Empty):  # make room for the last answers
                self._answers.get(timeout=0.01)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                _open_pipe(pipe).close()
        return code

    def _kill_tree(self) -> None:
        if sys.platform == "win32":
            words = ["taskkill", "/T", "/F", "/PID", str(self._process.pid)]
            with contextlib.suppress(OSError):
                subprocess.run(words, check=False, capture_output=True)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def _write_requests(self) -> None:
        pipe = _open_pipe(self._process.stdin)
        while (data := self._requests.get()) is not None:
            try:
                pipe.write(data)
                pipe.flush()
            except (OSError, ValueError):  # it is gone
                return

    def _read_answers(self) -> None:
        descriptor = _open_pipe(self._process.stdout).fileno()
        data = b"?"
        while data:
            data = os.read(descriptor, CHUNK)
            self._answers.put(data)

    def _read_output(self) -> None:
        descriptor = _open_pipe(self._process.stderr).fileno()
        while data := os.read(descriptor, CHUNK):
            with self._lock:
                self.output.add(data)
                self._output_size += len(data)


def _open_pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
