"""Everything that can go wrong, sorted by whose fault it is. Imports nothing of ours.

Four different things, never mixed:

* a *student's failure* ends one check with an outcome and a message (`CheckEnded`);
* a *submission* that cannot be read, or is hostile, is graded zero with a reason (`SubmissionError`);
* an *exercise author's* mistake stops grading (`ExerciseError`);
* *our own* fault stops grading too, and is never turned into a score (`InternalError`).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.model import Outcome, Picture


class ExitCode(IntEnum):
    """What the `grade` command tells the shell."""

    FULL_MARKS = 0
    NOT_FULL_MARKS = 1
    USAGE = 2
    CANNOT_GRADE = 3


class GraderError(Exception):
    """Base of the errors that end a command; each says which file, what is wrong, what to do."""

    exit_code = ExitCode.CANNOT_GRADE


class UsageError(GraderError):
    """The command was called with something that does not exist or does not fit."""

    exit_code = ExitCode.USAGE


class SubmissionError(GraderError):
    """The submission cannot be read, or tries something that a submission never needs."""

    exit_code = ExitCode.NOT_FULL_MARKS


class ExerciseError(GraderError):
    """An exercise's own files are wrong: the author must mend them before anyone is graded."""


class SandboxError(GraderError):
    """The student's process could not be started, or is weaker than what is required."""


class InternalError(GraderError):
    """The grader itself failed."""


class CheckEnded(Exception):
    """A check ended without passing, through something the student's code did.

    Args:
        outcome: the outcome that the check gets.
        message: what happened, in the student's words.
        hint: a sentence that helps, if one is known already.
        where: `(file, line)` in the submission, if one line is to blame.
        picture: expected against got, small enough to look at.
        exception: the type's name, if the student's code raised.

    Attributes:
        answers: of several calls in one message, what the calls before this one gave back.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        *,
        hint: str = "",
        where: tuple[str, int] | None = None,
        picture: Picture | None = None,
        exception: str = "",
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.hint = hint
        self.where = where
        self.picture = picture
        self.exception = exception
        self.answers: list[Any] = []
