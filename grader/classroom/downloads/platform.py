"""What is known of a platform. A new platform is a module with a `PLATFORM`, named in
`read.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.classroom.downloads.gradebook_file import GradebookFile
from grader.classroom.downloads.submission import DownloadedSubmission, Note
from grader.intake.tree import Tree


def whole(tree: Tree) -> Tree:
    """All of a download."""
    return tree


@dataclass(frozen=True, slots=True)
class Platform:
    """The layout of a platform's downloads, and its table of grades.

    Attributes:
        name: what `--layout` and messages call it.
        matches: whether the root of a download has this layout.
        read: the submissions below the root; files keep the names that the students gave. A time without
            a zone is that of the course.
        root: the part of a download that holds the submissions.
        own: whether a path below the root is the platform's own, or was noted already: it is not missed
            where it belongs to no submission.
        numbers: whether it calls students by numbers of its own, which may be another student's id.
        loose: whether names in a student's own folder may look like it by chance.
        account: the student's number in an `origin`, where it is the one in the platform's tables; without
            it that is what the download calls the student.
        gradebook: its table of grades, if it takes one back.
        looks: what the layout looks like, for those whose download does not have it.
    """

    name: str
    matches: Callable[[Tree], bool]
    read: Callable[[Tree, Note], list[DownloadedSubmission]]
    root: Callable[[Tree], Tree] = whole
    own: Callable[[PurePosixPath], bool] = lambda _: False
    numbers: bool = False
    loose: bool = False
    account: Callable[[str], str] | None = None
    gradebook: GradebookFile | None = None
    looks: str = ""


def only_folder(tree: Tree) -> Tree:
    """What is in the one folder at the top, where there is no more; otherwise all."""
    tops = tree.tops()
    return tree.inside(tops[0]) if len(tops) == 1 and tree.is_folder(tops[0]) else tree


def mostly(names: list[str], fits: Callable[[str], object]) -> bool:
    """Whether more than half of these names fit."""
    return sum(bool(fits(name)) for name in names) * 2 > len(names)
