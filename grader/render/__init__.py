"""Reports as text. Every renderer is a pure function of the reports: nothing is read or written."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from grader.errors import UsageError
from grader.model import Report

FORMATS = ("terminal", "json", "junit")


def render(reports: Sequence[Report], name: str, **terminal: Any) -> str:
    """The reports in the format called `name`; `color`, `width`, `verbose` matter to the terminal."""
    if name not in FORMATS:
        raise UsageError(f"{name}: no such format; there are {', '.join(FORMATS)}")
    module = importlib.import_module(f"grader.render.{name}")
    if name == "terminal":
        return str(module.render(reports, **terminal))
    return str(module.render(reports))


def printable(text: str) -> str:
    """A student's text without control characters: nothing that moves a cursor or hides a line."""
    return "".join(
        c if c in "\n\t" or (c.isprintable()) else "\N{REPLACEMENT CHARACTER}" for c in text
    )
