"""The decorator that makes a function of `misconceptions.py` an entry of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Maker = TypeVar("Maker", bound=Callable[..., Any])


def misconception(*, hint: str, caught_by: str) -> Callable[[Maker], Maker]:
    """Mark a function of `misconceptions.py` that makes wrong functions.

    The maker takes the reference and returns one function, or a tuple of them, each named like the
    function of the exercise that it replaces. The name of the maker is the name of the misconception.

    Args:
        hint: one sentence that a good teacher would say, with a question or a pointer.
        caught_by: the name of the check that must catch it.

    Returns a decorator that gives the maker back.

    >>> @misconception(hint="Which sign does ReLU keep?", caught_by="test_negative_values_become_0")
    ... def keeps_the_negative_values(reference):
    ...     def relu_forward(x):
    ...         return np.minimum(x, 0), x
    ...     return relu_forward
    >>> wrong = keeps_the_negative_values(reference)
    >>> wrong(np.array([-1.0, 2.0]))[0]
    array([-1.,  0.])
    """

    def mark(maker: Maker) -> Maker:
        maker.misconception = {"hint": hint, "caught_by": caught_by}  # type: ignore[attr-defined]
        return maker

    return mark
