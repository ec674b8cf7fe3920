"""One student's process as the grader sees it: send a request, wait until a deadline, check the answer.

A `Channel` carries the bytes: `forked` polls pipes, `spawned` reads them in threads.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any, Protocol

from grader.language import later, say
from grader.sandbox.frames import FrameReader, WireError, pack

START_SECONDS = 60.0
OUTPUT_LIMIT = 64 << 10
KILLED = 9  # SIGKILL, which Windows does not have
# With what people and systems end processes: SIGHUP, SIGINT, SIGKILL and SIGTERM.
STOPPING = {1, 2, KILLED, 15}


class BoxEnded(Exception):
    """A student's process ended before it answered.

    Attributes:
        why: `timeout`, `crashed` or `violation`.
        message: one sentence for the student.
        doubt: what may have ended it in place of the student's code: `kill`, a SIGKILL or the like that
            we did not send; `server`, the end of the process that it was forked from; or nothing.
    """

    def __init__(self, why: str, message: str, doubt: str = "") -> None:
        super().__init__(message)
        self.why = why
        self.message = message
        self.doubt = doubt


class Output:
    """What a process printed, up to a bound; what is beyond it is counted."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Keep as much of `data` as fits."""
        room = max(0, OUTPUT_LIMIT - len(self._text))
        self._text += data[:room]
        self._dropped += len(data) - min(room, len(data))

    def take(self) -> str:
        """What was printed since the last time."""
        text, dropped = self._text.decode("utf-8", "replace"), self._dropped
        self._text, self._dropped = bytearray(), 0
        if dropped:
            note = say("… {n} more bytes of output were dropped", n=f"{dropped:,}")
            text = f"{text}\n{note}\n"
        return text


class Channel(Protocol):
    """The bytes to and from one process, and the means to end it.

    Attributes:
        reader: collects the answers.
        output: collects what is printed.
    """

    reader: FrameReader
    output: Output

    @property
    def unsent(self) -> int:
        """How many bytes of the request have not gone out yet."""
        ...

    def put(self, data: bytes) -> None:
        """Add bytes for `pump` to send."""
        ...

    def pump(self, seconds: float) -> bool:
        """Send and receive what is possible now, or wait for it; False when no more answers can come."""
        ...

    def drain(self) -> None:
        """Read the output that is there already."""
        ...

    def computed(self, default: float) -> float:
        """Seconds of CPU that the process has used, seen from outside; else `default`."""
        ...

    def queued(self) -> float | None:
        """Seconds that the process was ready to run, while others used the processor; None if that is not
        known."""
        ...

    def end(self, *, kill: bool) -> int | None:
        """Kill the process (unless it ended by itself) and all that it started, and release it.

        Returns its exit code as `subprocess` does, negative for a signal; None if it is unknown.
        """
        ...


SHORT = 0.1  # seconds
LOOK = 0.5  # seconds between two looks at a long call


class Box:
    """One student's process. Made by `Server.start`; ended when `exchange` raises `BoxEnded`.

    Attributes:
        layers: the confinement that the process says it is under.
        used: seconds that it took for the latest request, without those in which others had the processor.
        tried: for a canary, how each of its attempts ended.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._open = True
        self.used = 0.0
        try:
            header, _ = self._talk(b"", START_SECONDS)
        except BoxEnded as end:
            # It has not run any code of the student's yet, so what it printed is the reason.
            reason = channel.output.take().strip() or end.message
            raise BoxEnded(end.why, reason, end.doubt) from None
        names = header.get("hello")
        self.layers = tuple(map(str, names)) if isinstance(names, list) else ()
        self.tried = header.get("tried")

    def exchange(
        self, header: dict[str, Any], body: bytes = b"", seconds: float = 5.0, grace: float = 0.0
    ) -> tuple[dict[str, Any], bytes]:
        """Send one request and wait for its answer.

        Args:
            header, body: the frame; a random call id is added, and must come back.
            seconds: how long the student may compute or sleep.
            grace: seconds more, in which the process may say itself that its time is up.

        Raises `BoxEnded` when no proper answer came; the process is gone then.
        """
        header["id"] = os.urandom(8).hex()
        answer, data = self._talk(pack(header, body), seconds, grace)
        if answer.get("id") != header["id"]:
            raise self.end("violation")
        return answer, data

    def take_output(self) -> str:
        """What the submission printed since the last call, shortened to a bound."""
        if self._open:
            self._channel.drain()
        return self._channel.output.take()

    def end(self, why: str = "closed", seconds: float = 0) -> BoxEnded:
        """Kill the process and everything it started; returns the reason, to be raised."""
        if not self._open:
            return BoxEnded("crashed", say("the process had ended before"))
        self._open = False
        code = self._channel.end(kill=why != "crashed")
        return BoxEnded(why, _explain_end(why, code, seconds), _doubt(why, code))

    def close(self) -> None:
        """End the process if it is still there."""
        self.end()

    def _talk(
        self, request: bytes, seconds: float, grace: float = 0.0
    ) -> tuple[dict[str, Any], bytes]:
        channel = self._channel
        channel.put(request)
        started = time.monotonic()
        before = channel.computed(0.0)
        stalled = 0.0  # how long this process itself stood still, as in a machine that was paused

        queued: list[float | None] = []  # a first look, once the call is not a short one

        def used() -> float:
            elapsed = time.monotonic() - started - stalled
            computed = channel.computed(before + elapsed) - before
            asleep = elapsed / 5  # where it is not known how long it waited for a busy processor
            if elapsed >= SHORT:
                queued.append(channel.queued())
                if queued[0] is not None and queued[-1] is not None:
                    asleep = elapsed - (queued[-1] - queued[0])
            return max(asleep, min(elapsed, computed))

        while True:
            self.used = used()
            try:
                if frame := channel.reader.next():
                    break
            except WireError:
                raise self.end("violation") from None
            if self.used > seconds + grace:
                raise self.end("timeout", seconds)
            looked, worked = time.monotonic(), time.process_time()
            elapsed = looked - started - stalled
            left = seconds - elapsed if elapsed > SHORT else min(seconds, SHORT) - elapsed
            wait = min(left, LOOK) if left > 0 else min(SHORT, seconds)
            if not channel.pump(wait):
                self.used = used()
                raise self.end("crashed")
            idle = time.monotonic() - looked - (time.process_time() - worked)
            stalled += max(0.0, idle - wait - SHORT)
        if channel.reader.pending or channel.unsent:
            raise self.end("violation")
        return frame


def _doubt(why: str, code: int | None) -> str:
    """See `BoxEnded.doubt`."""
    if why != "crashed":  # it was there until we ended it
        return ""
    if code is None:
        return "server"
    return "kill" if -code in STOPPING else ""


ENDED_BY = {
    "SIGSEGV": later(
        "your code's process ended: a segmentation fault, often caused by infinite recursion or by memory "
        "that ran out."
    ),
    "SIGABRT": later("your code's process ended: it aborted."),
    "SIGXCPU": later("your code's process ended: it used up all of its computing time."),
    "SIGKILL": later(
        "your code's process ended: it was killed, most likely for using too much memory."
    ),
}


def _explain_end(why: str, code: int | None, seconds: float) -> str:
    if why == "timeout":
        return say(
            "stopped, because it took longer than {seconds:g} seconds. Is there an infinite loop?",
            seconds=seconds,
        )
    if why == "violation":
        return say("your code wrote to the grader's own channel, so its process was stopped.")
    if code is None:
        return say("your code's process ended.")
    if code >= 0:
        return say("your code ended its own process (exit code {code}).", code=code)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    other = later("your code's process ended: it received the signal {name}.")
    return say(ENDED_BY.get(name, other), name=name)
