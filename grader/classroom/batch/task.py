"""What a worker gets to grade. A module of its own, because a worker needs nothing else of a batch."""

from __future__ import annotations

from dataclasses import dataclass

Contents = dict[str, bytes | str]


@dataclass(frozen=True, slots=True)
class Task:
    """Files to grade against one exercise, whoever submitted them.

    Attributes:
        key: of the result: a hash of the files, the exercise, and the grader's version and source.
        exercise: the exercise's short name.
        bundle: the hash of the bundle that holds it.
        content_hash: the hash of the contents.
        contents: by relative path, a file's bytes, or a sentence on why it cannot be read.
        explain: also look for the line of a mistake.
    """

    key: str
    exercise: str
    bundle: str
    content_hash: str
    contents: Contents
    explain: bool = False
