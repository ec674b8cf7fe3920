"""A coverage-guided fuzz target for what the grader reads from a student's process; run by hand.

    pip install atheris numpy
    python tests/sandbox/fuzz_wire.py -max_total_time=600 CORPUS_FOLDER

Each input is read twice: as raw bytes on the pipe, and as the JSON of one answer with a body (so
that the fuzzer need not find out lengths). Only WireError, and an end of the check, may come out of
it; anything else is a finding.
"""

from __future__ import annotations

import contextlib
import struct
import sys
from pathlib import Path
from typing import Any

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["grader", "json"]):
    from grader.checking.calls.sandboxed_code import SandboxedCode
    from grader.errors import CheckEnded
    from grader.sandbox.frames import FrameReader, WireError
    from grader.sandbox.wire import Decoder, Encoder


class Ended:
    """A box that is only ever ended."""

    def end(self, why: str) -> Any:
        """The reason, as `Box.end` gives it."""
        return type("End", (), {"message": why})

    def take_output(self) -> str:
        """Nothing."""
        return ""


def read(data: bytes) -> None:
    """What the grader does with bytes from a box."""
    reader = FrameReader()
    reader.feed(data)
    while frame := reader.next():
        header, body = frame
        for tree in header.values():
            with contextlib.suppress(WireError):
                decoder = Decoder(body)
                value = decoder.decode(tree)
                decoder.finish()
                Encoder(lambda _: 0).encode(value)  # what was let in can be sent on
        code = SandboxedCode.__new__(SandboxedCode)
        code._box = Ended()  # type: ignore[assignment]
        with contextlib.suppress(CheckEnded):
            code._answers("f", header, body, 1)


def test_one_input(data: bytes) -> None:
    """One input, read both ways."""
    with contextlib.suppress(WireError):
        read(data)
    text, _, body = data.partition(b"\0")
    with contextlib.suppress(WireError):
        read(struct.pack("<II", len(text), len(body)) + text + body)


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
