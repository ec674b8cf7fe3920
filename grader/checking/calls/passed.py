"""What checks that passed have asked of a submission, and what it answered.

A check's verdict follows from the answers that it gets. So each submission's own process is asked what the
check asked before, question by question; if every answer is the same, byte for byte, the check has passed
again, and its verdict is not computed anew. At the first answer that differs the check runs as ever, and is
given the answers that are there.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

MOST_BYTES = 16 << 20  # of what is remembered; a check that passes after that is computed each time


@dataclass(frozen=True, slots=True)
class Question:
    """One message to a submission's process: what it asks, how long the answer may take, and of which function."""

    header: dict[str, Any]
    body: bytes
    seconds: float
    function: str

    def same(self, other: Question) -> bool:
        """Whether the other one asks the same; the time that is left for it may differ."""
        mine, theirs = ({**q.header, "seconds": 0, "id": 0} for q in (self, other))
        return self.function == other.function and self.body == other.body and mine == theirs


class Asked(NamedTuple):
    """A question that was asked, the `digest` of its answer, and how many bytes of arrays that held."""

    question: Question
    answer: bytes
    size: int


def digest(header: dict[str, Any], body: bytes) -> bytes:
    """A fingerprint of an answer, in which 1, 1.0 and True differ."""
    said = marshal.dumps({k: v for k, v in header.items() if k != "id"}, 2)
    return hashlib.sha256(len(said).to_bytes(8, "little") + said + body).digest()


class PassedChecks:
    """Questions by the answers before them; and after the last one what the check has logged."""

    def __init__(self) -> None:
        self._known: dict[bytes, Question | tuple[Any, ...]] = {}
        self._questions: dict[bytes, Question] = {}
        self._unsteady: set[bytes] = set()
        self._size = 0

    def after(self, key: bytes) -> Question | tuple[Any, ...] | None:
        """The next question; what a check has logged that asks no more; or None if that is not known.

        Args:
            key: `start` of the check, or `following` each answer.
        """
        return self._known.get(key)

    @staticmethod
    def start(check: object) -> bytes:
        """The key of a check before any answer; `check` is all that it depends on, as its `repr` tells."""
        return hashlib.sha256(repr(check).encode()).digest()

    @staticmethod
    def following(key: bytes, answer: bytes) -> bytes:
        """The key after an answer of this `digest`."""
        return hashlib.sha256(key + answer).digest()

    def add(self, start: bytes, asked: Iterable[Asked], logged: Sequence[Any]) -> None:
        """Remember a check that passed: what it asked, and its log."""
        if start in self._unsteady or self._size > MOST_BYTES:
            return
        key = start
        for question, answer, size in asked:
            self._known[key] = self._once(question)
            key = self.following(key, answer)
            self._size += len(question.body) + size  # the log holds about as much once more
        self._known[key] = tuple(logged)

    def _once(self, question: Question) -> Question:
        """The question that is remembered already, if it is the same."""
        return self._questions.setdefault(digest(question.header, question.body), question)

    def forget(self, start: bytes) -> None:
        """Compute this check from now on: it does not ask the same each time."""
        self._unsteady.add(start)
        self._known.pop(start, None)
