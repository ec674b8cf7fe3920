"""All errors, by whose fault they are. Imports nothing of the package but the language.

There are four kinds, and they are never mixed:

* a *student's mistake* ends one check with an outcome and a message (`CheckEnded`);
* a *submission* that cannot be read, or is hostile, gets zero points and a reason (`SubmissionError`);
* an *exercise author's* mistake stops grading (`ExerciseError`);
* the *grader's own* fault stops grading too, and never becomes a score (`InternalError`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from grader.language import any_of, say

if TYPE_CHECKING:
    from grader.model import Outcome, Picture


class ExitCode(IntEnum):
    """The exit codes of the `grade` command."""

    FULL_MARKS = 0
    NOT_FULL_MARKS = 1
    USAGE = 2
    CANNOT_GRADE = 3


class GraderError(Exception):
    """Base of the errors that end a command. Each message says which file, what is wrong, and what to do."""

    exit_code = ExitCode.CANNOT_GRADE


class UsageError(GraderError):
    """The command was called with arguments that do not exist or do not fit together."""

    exit_code = ExitCode.USAGE


class SubmissionError(GraderError):
    """The submission cannot be read, or does something that no submission needs."""

    exit_code = ExitCode.NOT_FULL_MARKS


class ExerciseError(GraderError):
    """An exercise's own files are wrong: its author must fix them before anyone is graded."""


class SandboxError(GraderError):
    """The student's process could not be started, or lacks a guarantee that is required."""


class InternalError(GraderError):
    """The grader itself failed."""


class Interrupted(InternalError):
    """Something outside ended a process while it ran a submission, which can be graded again.

    Attributes:
        doubt: which process, see `grader.sandbox.box.BoxEnded`.
    """

    def __init__(self, message: str, doubt: str) -> None:
        super().__init__(message)
        self.doubt = doubt

    def __reduce__(self) -> tuple[type[Interrupted], tuple[str, str]]:
        return Interrupted, (str(self), self.doubt)


class GradebookError(GraderError):
    """The gradebook's database is damaged, or cannot be read or written."""


LIKE, CLOSE = 0.6, 0.05  # ratios of difflib: of a word that is meant, and of one as likely
MOST_MEANT = 3


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to add to an error message on a mistyped word; empty if no known word is like it.

    >>> did_you_mean("conv_foward", ["conv_forward", "conv_backward"])
    '; did you mean conv_forward?'
    """
    from difflib import SequenceMatcher

    alike = {
        name: SequenceMatcher(None, word.lower(), name.lower()).ratio() for name in known if name
    }
    best = max(alike.values(), default=0.0)
    close = [name for name, ratio in alike.items() if ratio > best - CLOSE]
    if best < LIKE or len(close) > MOST_MEANT:
        return ""
    return say("; did you mean {names}?", names=any_of(close))


class CheckEnded(Exception):
    """A check ended without passing, because of what the student's code did.

    Args:
        outcome: the outcome that the check gets.
        message: what happened, in words that the student understands.
        hint: a sentence that helps, if one is known.
        where: `(file, line)` in the submission, if one line is to blame.
        picture: expected against got, small enough to look at.
        exception: the name of the exception's type, if the student's code raised one.
        advice: the key of the advice that `hint` gives on that exception.
        bases: the names of Python's and NumPy's types from which that type is derived.
        unwritten: the function that is still a stub, if that ended the check.
        wrong_call: whether what the student's code called was not given what it takes.
        wrong_return: whether a function returned another number of values than it has to.
        of_author: whether `hint` was written for this check, by the author of the exercise.

    Attributes:
        answers: the answers of the earlier calls, if several calls were sent in one message.
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
        advice: str = "",
        bases: tuple[str, ...] = (),
        unwritten: str = "",
        wrong_call: bool = False,
        wrong_return: bool = False,
        of_author: bool = False,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.hint = hint
        self.where = where
        self.picture = picture
        self.exception = exception
        self.advice = advice
        self.bases = bases
        self.unwritten = unwritten
        self.wrong_call = wrong_call
        self.wrong_return = wrong_return
        self.of_author = of_author
        self.answers: list[Any] = []
