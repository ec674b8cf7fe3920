"""What an export is."""

from __future__ import annotations

from dataclasses import dataclass

FORMATS = ("csv", "json", "canvas", "moodle", "nbgrader", "github-classroom", "feedback")


@dataclass(frozen=True, slots=True)
class Export:
    """What to write, which grades it lacks (`student exercise: why`), and what to mind."""

    data: str | bytes
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
