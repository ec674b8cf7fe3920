"""What the name of a call means: a function, a class, or what an object has. Runs on both sides.

Linear            makes an object
Linear.forward    its method, which takes the object as the first argument
Linear.__add__    the operator, as Python applies it to both operands
Linear.weight     reads an attribute, and Linear.weight= sets it
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

# Applied to its operands, so that the reflected method of the right one counts as it does in Python.
WORDS = "add sub mul matmul truediv pow neg getitem eq lt le gt ge contains"
OPERATORS: dict[str, Callable[..., Any]] = {
    "__len__": len,
    "__call__": lambda it, *args, **keywords: it(*args, **keywords),
    **{f"__{word}__": getattr(operator, word) for word in WORDS.split()},
}


def find_callable(
    namespace: Mapping[str, Any], name: str, attributes: Collection[str]
) -> Callable[..., Any] | None:
    """What a call of `name` calls; None if there is no such function or class.

    Args:
        namespace: the names of the module.
        name: the name of the call.
        attributes: the names of calls that read an attribute.
    """
    owner, dot, member = name.partition(".")
    if not dot:
        found = namespace.get(owner)
        return found if callable(found) else None
    if member in OPERATORS:
        return OPERATORS[member]
    if member.endswith("="):
        return lambda it, value: setattr(it, member[:-1], value)
    if name in attributes:
        return lambda it: getattr(it, member)
    return lambda it, *args, **keywords: getattr(it, member)(*args, **keywords)
