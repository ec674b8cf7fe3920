"""The formats of an export, and what an export is."""

from __future__ import annotations

from dataclasses import dataclass

FORMATS = (
    "csv",
    "checks",
    "json",
    "canvas",
    "moodle",
    "blackboard",
    "brightspace",
    "nbgrader",
    "classroom50",
    "feedback",
)


@dataclass(frozen=True, slots=True)
class Export:
    """The text or zip, the grades that are not in it (`student exercise: why`), and warnings."""

    data: str | bytes
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
