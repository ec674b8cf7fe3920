"""What counts for a student: the result of the checks, lateness, and a person's adjustments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

from grader.language import say, say_n, series


@dataclass(frozen=True, slots=True)
class Mark:
    """A criterion of the exercise's rubric, and what a person gave for it; None if nobody has yet."""

    criterion: str
    title: str
    most: float
    points: float | None = None
    comment: str = ""
    author: str = ""

    def __str__(self) -> str:
        given = f"–/{self.most:g}" if self.points is None else f"{self.points:g}/{self.most:g}"
        said = f"{self.title} {given}"
        if self.comment:
            said = say("{head}: {text}", head=said, text=self.comment)
        return say("{reason} ({author})", reason=said, author=self.author) if self.author else said


class Grade(NamedTuple):  # a frozen dataclass takes three times as long to make, and there are many
    """What one student gets for one exercise, and how it is computed.

    Attributes:
        student, name, email: the student.
        last: the last name, where a class list tells it; it ends the name.
        exercise: its short name.
        outcome: `passed`, `failed` or `ungraded`; `waiting` if it is not graded yet; `adjusted` if
            there is no submission and a person gave points; `missing` if there is nothing.
        earned: points of the checks.
        score: after the penalty and the adjustments; None if there is nothing to record.
        max_score: what could be earned.
        penalty: the share of the points that lateness costs, from 0 to 1.
        late_seconds: how late.
        late_days, free_days: late days that have begun, and how many of these cost nothing.
        marked_late: whether a platform that tells no time marks it as late.
        extra_days, until: the student's extension, in days or as a moment.
        extended: the same in words, with its reason and author.
        submitted: when it was submitted, if that is known.
        reason: why it could not be graded, or what is wrong with it as a whole.
        note: what else is worth knowing about the submission.
        origin: the file or folder in the download.
        identity: the account on the platform, such as `clones adal`.
        adjusted: the points that a person added or removed, and why.
        comments: what a person said to the student.
        marks: the points that a person gave, for each criterion of the exercise's rubric.
        result_key, submission: the hashes that identify the result and the submitted files.
        graded, seen: when it was graded, and when it was last in a batch.
    """

    student: str
    name: str
    email: str
    last: str
    exercise: str
    outcome: str
    earned: float
    score: float | None
    max_score: float
    penalty: float
    late_seconds: float
    late_days: int
    free_days: int
    marked_late: bool
    extra_days: int
    until: datetime | None
    extended: str
    submitted: datetime | None
    reason: str
    note: str
    origin: str
    identity: str
    adjusted: tuple[str, ...]
    comments: tuple[str, ...]
    marks: tuple[Mark, ...]
    result_key: str
    submission: str
    graded: datetime | None
    seen: datetime | None

    @property
    def lateness(self) -> str:
        """How late it is and what that costs, in a few words; nothing if it is on time."""
        if not (self.late_days or self.penalty):
            return ""
        cost = {"free": self.free_days, "penalty": self.penalty}
        if self.free_days:
            return say_n(
                "late: {n} day, {free} free, -{penalty:.0%}",
                "late: {n} days, {free} free, -{penalty:.0%}",
                self.late_days,
                **cost,
            )
        return say_n(
            "late: {n} day, -{penalty:.0%}",
            "late: {n} days, -{penalty:.0%}",
            self.late_days,
            **cost,
        )


NOTHING: Mapping[str, Any] = {
    "outcome": "missing", "score": 0.0, "max_score": 0.0, "penalty": 0.0, "late_seconds": 0.0,
    "late_days": 0, "free_days": 0, "marked_late": False, "submitted": None, "reason": "",
    "note": "nothing submitted", "origin": "", "identity": "", "result_key": "", "submission": "",
    "graded": None, "seen": None,
}  # fmt: skip


@dataclass
class _Written:
    """What people wrote of a student's exercise, read in the order in which they did."""

    fixed: float | None = None
    added: float = 0.0
    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    marks: dict[str, Any] = field(default_factory=dict)
    extension: Any = None

    def read(self, change: Any) -> None:
        """Take one more row of the table `adjustment` into account."""
        if change.kind == "comment":
            said = say("{reason} ({author})", reason=change.reason, author=change.author)
            self.comments.append(said)
        elif change.kind == "erase":
            self.comments.clear()
        elif change.kind == "mark":
            self.marks[change.criterion] = change
        elif change.kind == "extend":
            self.extension = change if change.points or change.until else None
        else:
            self._adjust(change)

    def _adjust(self, change: Any) -> None:
        if change.kind == "add":
            self.added += change.points
        else:  # replaces all adjustments before it
            self.added, self.fixed = 0.0, change.points if change.kind == "set" else None
            self.words.clear()
        if change.kind != "clear":
            sign = "=" if change.kind == "set" else "+" if change.points >= 0 else "-"
            said = say("{reason} ({author})", reason=change.reason, author=change.author)
            self.words.append(f"{sign}{abs(change.points):g} {said}")

    @property
    def extended(self) -> str:
        """The extension in words."""
        if self.extension is None:
            return ""
        days, until = int(self.extension.points), self.extension.until
        if until:
            more = say("until {time} UTC", time=f"{until:%Y-%m-%d %H:%M}")
        else:
            more = say_n("by {n} day", "by {n} days", days)
        said = say(
            "{reason} ({author})", reason=self.extension.reason, author=self.extension.author
        )
        return say("{head}: {text}", head=more, text=said)


_NOTHING_WRITTEN = _Written()  # of most grades


def grade_of(
    row: Mapping[str, Any],
    changes: Sequence[Any],
    most: Mapping[str, float],
    rubric: Sequence[Any] = (),
) -> Grade:
    """The grade of a submission, with what people wrote.

    Args:
        row: the submission with its student and its result, or `NOTHING` and the student.
        changes: what people wrote, oldest first.
        most: the points of each exercise, used where there is no result.
        rubric: the criteria of the exercise.
    """
    written = _NOTHING_WRITTEN
    if changes:
        written = _Written()
        for change in changes:
            written.read(change)
    marks = [_mark(one, written.marks.get(one.name)) for one in rubric]
    given = [mark.points for mark in marks if mark.points is not None]
    outcome = row["outcome"] or "waiting"
    if outcome == "missing" and (written.words or given):
        outcome = "adjusted"
    judged = outcome not in ("waiting", "ungraded", "missing")
    earned = float(row["score"] or 0.0) if judged else 0.0
    base = earned * (1 - row["penalty"]) + sum(given) if written.fixed is None else written.fixed
    score = round(max(0.0, base + written.added), 4)
    checks = float(row["max_score"] or most.get(row["exercise"], 0.0))
    return Grade(
        student=row["key"],
        name=row["name"],
        email=row["email"],
        last=row["last"],
        exercise=row["exercise"],
        outcome=outcome,
        earned=earned,
        score=score if judged or written.fixed is not None else None,
        max_score=checks + sum(mark.most for mark in marks),
        penalty=row["penalty"],
        late_seconds=row["late_seconds"],
        late_days=row["late_days"],
        free_days=row["free_days"],
        marked_late=row["marked_late"],
        extra_days=int(written.extension.points) if written.extension else 0,
        until=written.extension.until if written.extension else None,
        extended=written.extended,
        submitted=row["submitted"],
        reason=row["reason"] or "",
        note=row["note"],
        origin=row["origin"],
        identity=row["identity"],
        adjusted=tuple(written.words),
        comments=tuple(written.comments),
        marks=tuple(marks),
        result_key=row["result_key"],
        submission=row["submission"],
        graded=row["graded"],
        seen=row["seen"],
    )


def _mark(criterion: Any, given: Any) -> Mark:
    kind = Mark(criterion.name, criterion.title, criterion.points)
    if given is None:
        return kind
    return replace(kind, points=given.points, comment=given.reason, author=given.author)


def no_such_student(key: str, people: Mapping[str, str]) -> str:
    """The message about an unknown student; `people` are the names of the known ones, by key."""
    words = {word: k for k, name in people.items() for word in (name, k) if word}
    near = [words[word] for word in get_close_matches(key, words, 5)] or sorted(people)[:5]
    shown = series(f"{k} ({people[k]})" if people[k] else k for k in dict.fromkeys(near))
    if not people:
        return say("{key}: no such student; the gradebook has none", key=key)
    return say_n(
        "{key}: no such student; the gradebook has {n}, such as {shown}",
        "{key}: no such student; the gradebook has {n}, such as {shown}",
        len(people),
        key=key,
        shown=shown,
    )
