"""The register of rows, and how a value is written into a table."""

from __future__ import annotations

import importlib
import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of a table.

    name: what the guess and the result are filed under.
    topic: the section of the page.
    library: who computes it; it decides in which environments the row runs.
    call: what is called, in Markdown.
    function: computes the value, importing what it needs.
    """

    name: str
    topic: str
    library: str
    call: str
    function: Callable[[], Any]


ROWS: dict[str, Row] = {}
MODULES = [
    "activations",
    "extremes",
    "layers",
    "pooling",
    "dropout",
    "losses",
    "entropies",
    "training",
    "answers",
    "dtypes",
    "arithmetic",
    "recurrence",
    "attention",
    "engines",
]


def load() -> dict[str, Row]:
    """All rows, by name; loads no library."""
    for module in MODULES:
        importlib.import_module(f".{module}", __package__)
    return ROWS


def row(topic: str, library: str, call: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Enter a function as a row of the table of `topic`."""

    def enter(function: Callable[[], Any]) -> Callable[[], Any]:
        name = function.__name__
        if name in ROWS:
            raise ValueError(f"two rows are called {name}")
        ROWS[name] = Row(name, topic, library, call, function)
        return function

    return enter


def answer(function: Callable[[], Any]) -> str:
    """The value of a row as text; an error is an answer, too."""
    try:
        return show(function())
    except ImportError:
        raise  # the environment is wrong, not the library
    except Exception as error:
        return f"raises {type(error).__name__}"


def show(value: Any) -> str:
    """A value for the table: numbers to four digits, arrays as the numbers in them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Number):
        return number(float(value))
    if hasattr(value, "tolist"):
        return show(value.tolist())
    if isinstance(value, list | tuple):
        return " ".join(show(part) for part in value)
    return show(float(value))


def number(value: float) -> str:
    """Four digits: enough to tell conventions apart, few enough to be the same on every processor."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
