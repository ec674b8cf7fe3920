"""What every layout is read into."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.downloads.times import parse_time
from grader.intake.tree import Entry

SOURCES = (".py", ".ipynb", ".zip")
_EXERCISE = re.compile(r"(?<![^\W_])ex\d\d(?!\d)")

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DownloadedSubmission:
    """What one student handed in at one time.

    Attributes:
        student: who, as the layout says it.
        files: by the name that the student gave.
        name, email: as far as the layout knows them.
        submitted: when, with a time zone; None if the layout does not say.
        late: whether the layout says that it came late; None if it does not say.
        assignment: what the layout calls the assignment, if it holds several.
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

    @property
    def identity(self) -> str:
        """The layout's name and its word for the student: one account on one platform."""
        return f"{self.layout} {self.student}".strip()


def exercise_in(name: str) -> str:
    """The exercise that a file is named after: `ex04` in `Ada_EX04_final.py`; "" if there is none."""
    found = _EXERCISE.search(name.lower())
    return found[0] if found else ""


def parse_timestamp(value: object, where: str, note: Note) -> datetime | None:
    """A time as a platform writes it; one that cannot be read is noted."""
    found = parse_time(value)
    if value and found is None:
        note(f"{where}: {str(value)[:60]!r} is no time that can be read: counted as punctual")
    return found
