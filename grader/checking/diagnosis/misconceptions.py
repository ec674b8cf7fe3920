"""The decorator that makes a function of `misconceptions.py` an entry of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Maker = TypeVar("Maker", bound=Callable[..., Any])


def misconception(*, hint: str, caught_by: str) -> Callable[[Maker], Maker]:
    """Mark a maker of wrong functions.

    The maker takes the reference and returns one function, or a tuple of them, each named like the
    function of the exercise that it replaces. The maker's own name is the misconception's.

    Args:
        hint: one sentence that a good teacher would say, ending in a question or a pointer.
        caught_by: the name of the check that must catch it.
    """

    def mark(maker: Maker) -> Maker:
        maker.misconception = {"hint": hint, "caught_by": caught_by}  # type: ignore[attr-defined]
        return maker

    return mark
