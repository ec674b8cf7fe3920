"""A submission in a download, whatever platform it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.downloads.times import parse_time
from grader.intake.tree import Entry
from grader.language import say

SOURCES = (".py", ".ipynb", ".zip")
_EXERCISE = re.compile(r"(?<![^\W_])ex\d\d(?!\d)")

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DownloadedSubmission:
    """What one student submitted at one time. None of its files has been read yet.

    Attributes:
        student: the student, as the platform calls them.
        files: by the name that the student gave.
        name, email: the student's, if the platform gives them.
        readings: other ways to read the name: a platform may put a group's in front of it.
        submitted: when, with a time zone; None if the download does not say.
        late: whether the platform marks it as late; None if it marks nothing.
        assignment: what the platform calls the assignment, if the download holds several.
        origin: the folder or file in the download that feedback has to be named after.
        layout: the layout's name.
    """

    student: str
    files: Mapping[PurePosixPath, Entry]
    name: str = ""
    email: str = ""
    submitted: datetime | None = None
    late: bool | None = None
    assignment: str = ""
    origin: str = ""
    layout: str = ""
    readings: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """One account on one platform: the layout's name, and what it calls the student."""
        return f"{self.layout} {self.student}".strip()


def exercise_in(name: str) -> str:
    """The exercise that a file is named after: `ex04` in `Ada_EX04_final.py`; "" if there is none."""
    found = _EXERCISE.search(name.lower())
    return found[0] if found else ""


def parse_timestamp(value: object, where: str, note: Note) -> datetime | None:
    """A time as a platform writes it; None if there is none, or it cannot be read, which is noted."""
    found = parse_time(value)
    if value and found is None:
        note(
            say(
                "{where}: {time!r} is not a timestamp, so it is treated as on time",
                where=where,
                time=str(value)[:60],
            )
        )
    return found
