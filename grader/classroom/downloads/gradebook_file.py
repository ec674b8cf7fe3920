"""What is known of a platform's own table of grades, which is filled in and given back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.classroom.downloads.columns import TITLES, kinds_of, plain_title


@dataclass(frozen=True, slots=True)
class GradebookFile:
    """A platform's table of grades: a row for each student, a column for each assignment.

    Attributes:
        what: what it is called in messages.
        identifiers: pairs of a column (its title, or its kind in `columns.TITLES`) and what of ours is in
            it, the surest first: `account` (what the platform's downloads call the student), `id` (the
            roster's) or `email`.
        assignment: matches the whole title of an assignment's column. Its group `title` is the
            assignment's, and `most`, if there is one, the most points.
        needed: columns without which it is another table.
        maxima: how the name begins in the row that has the most points, if there is one.
        kept: cells that are never filled in, and why.
    """

    what: str
    identifiers: tuple[tuple[str, str], ...]
    assignment: re.Pattern[str]
    needed: tuple[str, ...]
    maxima: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)

    def lacks(self, titles: Sequence[str]) -> list[str]:
        """The needed columns that a table does not have."""
        return [key for key in self.needed if place(titles, key) is None]

    def name(self, titles: Sequence[str], row: Sequence[str]) -> str:
        """The name in a row, last name first where it is in two columns."""
        kinds = kinds_of(titles)
        if "name" in kinds:
            return row[kinds["name"]].strip()
        parts = [row[kinds[kind]].strip() for kind in ("last", "first") if kind in kinds]
        return ", ".join(filter(None, parts))


def place(titles: Sequence[str], key: str) -> int | None:
    """Where the column with a title, or of a kind, is; None if there is none."""
    if key in TITLES:
        return kinds_of(titles).get(key)
    plain = [plain_title(title) for title in titles]
    return plain.index(plain_title(key)) if plain_title(key) in plain else None
