"""Notes for the instructor that are counted, too. Every other note is a plain text."""

from __future__ import annotations

from typing import Self


class Unmatched(str):
    """A note about a submission that matches nobody on the roster for sure."""

    __slots__ = ()


class LeftOut(str):
    """A note about work that is not graded, though no later work of the student's replaces it.

    Attributes:
        pieces: how many files or submissions it is about.
    """

    pieces: int

    def __new__(cls, text: str, pieces: int = 1) -> Self:
        """The note."""
        note = super().__new__(cls, text)
        note.pieces = pieces
        return note
