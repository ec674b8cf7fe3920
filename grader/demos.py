"""What a demo shows: the items that the `demo` of an exercise's `demo.py` yields, one by one.

    from grader.demos import Curves, Pictures, Text

    def demo(student, rng):
        x = rng.random((4, 1, 8, 8))
        yield Pictures("Your filter on noise", student.conv_forward(x, w, b)[0][:, 0])

What it says with values in it, it says with `say`; see `grader.language`. `student` calls the student's functions in their process, as in a check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.language import say

__all__ = ["Curves", "Item", "Pictures", "Text", "say"]


@dataclass(frozen=True)
class Text:
    """A sentence or two."""

    text: str


@dataclass(frozen=True)
class Curves:
    """Numbers by name, drawn as curves from left to right, such as a loss by epoch."""

    title: str
    curves: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Pictures:
    """Small grey pictures: rows of numbers, dark where they are small.

    Attributes:
        title: what they are.
        pictures: arrays of shape (H, W).
        captions: a word below each.
        right: whether each is as it should be, where that is known.
    """

    title: str
    pictures: Sequence[Any]
    captions: Sequence[str] = ()
    right: Sequence[bool] = ()


Item = Text | Curves | Pictures
