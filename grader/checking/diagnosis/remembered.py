"""What the reference and the misconceptions answered, as fingerprints, kept in a file from one batch of an
exercise to the next: then the first student with a mistake costs no more than the tenth. Where nobody has kept
them yet, one worker computes them, and the others wait for it.

Only hints depend on it, never points. A file that cannot be read, or written, is done without.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from grader.checking.diagnosis.fingerprint import SUMS, Fingerprint
from grader.files import replace_file

# The structures of an answer's parts, and their numbers, as in the file: most are never asked for.
Packed = tuple[tuple[str, ...], bytes]
# By the name of a misconception (`""`: the reference), and the digest of a call and of all before it.
Answers = dict[tuple[str, bytes], Packed]
MAX_REMEMBERED = 10_000  # answers of about one kilobyte each
NUMBERS = struct.Struct(f"<{SUMS + 1}d")  # the sums of a fingerprint, and its scale
MAX_WAIT = 3.0  # seconds for another worker to compute what is not there yet
LOOK = 0.02  # seconds between two looks whether it has
MAX_DAYS = 60  # after which a file that nobody has written anew is removed


def load_answers(path: Path) -> Answers:
    """The answers in a file; none if it is not there, or damaged."""
    try:
        return {
            (name, bytes.fromhex(history)): _checked(structures, bytes.fromhex(numbers))
            for name, history, structures, numbers in json.loads(path.read_text(encoding="utf-8"))
        }
    except (OSError, ValueError, TypeError, RecursionError):
        return {}


def _checked(structures: list[str], numbers: bytes) -> Packed:
    if len(numbers) != NUMBERS.size * len(structures):
        raise ValueError("not fingerprints")
    return tuple(map(sys.intern, structures)), numbers  # thousands of answers have few structures


def pack(parts: Sequence[Fingerprint]) -> Packed:
    """The parts of an answer as they are kept."""
    numbers = b"".join(NUMBERS.pack(*part.sums, part.scale) for part in parts)
    return tuple(part.structure for part in parts), numbers


def unpack(packed: Packed) -> list[Fingerprint]:
    """The parts of an answer that is kept."""
    structures, numbers = packed
    return [
        Fingerprint(structure, tuple(sums), scale)
        for structure, (*sums, scale) in zip(structures, NUMBERS.iter_unpack(numbers), strict=True)
    ]


def save_answers(path: Path, answers: Answers) -> None:
    """Add answers to those in a file."""
    every = {**load_answers(path), **answers}
    rows = [
        [name, history.hex(), structures, numbers.hex()]
        for (name, history), (structures, numbers) in list(every.items())[-MAX_REMEMBERED:]
    ]
    with contextlib.suppress(OSError):
        replace_file(path, json.dumps(rows, separators=(",", ":")))
        oldest = time.time() - MAX_DAYS * 24 * 3600
        for other in [*path.parent.glob("*.json"), *path.parent.glob("*.turn")]:
            if other.stat().st_mtime < oldest:
                other.unlink()


class Turn:
    """The turn to compute answers that are not there yet. Where the system has no such locks, all take it.

    Args:
        path: the file of the answers. Waits while another process has the turn, but not for long.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        try:
            import fcntl
        except ImportError:  # Windows
            return
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path.with_suffix(".turn"), os.O_CREAT | os.O_RDWR, 0o600)
        end = time.monotonic() + MAX_WAIT
        while self._descriptor is not None and time.monotonic() < end:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(LOOK)

    def end(self) -> None:
        """Let the next one have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)  # which also unlocks it
            self._descriptor = None
