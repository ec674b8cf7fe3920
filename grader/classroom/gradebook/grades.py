"""What counts for a student: the result of the checks, lateness, and a person's adjustments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True)
class Grade:
    """What one student gets for one exercise, and how it is computed.

    Attributes:
        student, name, email: the student.
        exercise: its short name.
        outcome: `passed`, `failed` or `ungraded`; `waiting` if it is not graded yet; `adjusted` if
            there is no submission and a person gave points.
        earned: points of the checks.
        score: after the penalty and the adjustments; None if there is nothing to record.
        max_score: what could be earned.
        penalty: the share of the points that lateness costs, from 0 to 1.
        late_seconds: how late.
        submitted: when it was submitted, if that is known.
        reason: why it could not be graded, or what is wrong with it as a whole.
        note: what else is worth knowing about the submission.
        origin: the file or folder in the download.
        identity: the account on the platform, such as `clones adal`.
        adjusted: the points that a person added or removed, and why.
        result_key, submission: the hashes that identify the result and the submitted files.
        graded, seen: when it was graded, and when it was last in a batch.
    """

    student: str
    name: str
    email: str
    exercise: str
    outcome: str
    earned: float
    score: float | None
    max_score: float
    penalty: float
    late_seconds: float
    submitted: datetime | None
    reason: str
    note: str
    origin: str
    identity: str
    adjusted: tuple[str, ...]
    result_key: str
    submission: str
    graded: datetime | None
    seen: datetime | None


NOTHING: Mapping[str, Any] = {
    "outcome": "adjusted", "score": 0.0, "max_score": 0.0, "penalty": 0.0, "late_seconds": 0.0,
    "submitted": None, "reason": "", "note": "nothing submitted", "origin": "", "identity": "",
    "result_key": "", "submission": "", "graded": None, "seen": None,
}  # fmt: skip


def grade_of(row: Mapping[str, Any], changes: Iterable[Any], most: Mapping[str, float]) -> Grade:
    """The grade of a submission, with the student's adjustments.

    Args:
        row: the submission with its student and its result, or `NOTHING` and the student.
        changes: the adjustments, oldest first.
        most: the points of each exercise, used where there is no result.
    """
    judged = row["outcome"] not in (None, "ungraded")
    earned = float(row["score"] or 0.0) if judged else 0.0
    fixed: float | None = None
    added, words = 0.0, list[str]()
    for change in changes:
        if change.kind == "add":
            added += change.points
        else:  # replaces all adjustments before it
            added, fixed = 0.0, change.points if change.kind == "set" else None
            words.clear()
        if change.kind != "clear":
            sign = "=" if change.kind == "set" else "+" if change.points >= 0 else "-"
            words.append(f"{sign}{abs(change.points):g} {change.reason} ({change.author})")
    base = fixed if fixed is not None else earned * (1 - row["penalty"])
    score = round(max(0.0, base + added), 4) if judged or fixed is not None else None
    return Grade(
        student=row["key"],
        name=row["name"],
        email=row["email"],
        exercise=row["exercise"],
        outcome=row["outcome"] or "waiting",
        earned=earned,
        score=score,
        max_score=float(row["max_score"] or most.get(row["exercise"], 0.0)),
        penalty=row["penalty"],
        late_seconds=row["late_seconds"],
        submitted=row["submitted"],
        reason=row["reason"] or "",
        note=row["note"],
        origin=row["origin"],
        identity=row["identity"],
        adjusted=tuple(words),
        result_key=row["result_key"],
        submission=row["submission"],
        graded=row["graded"],
        seen=row["seen"],
    )


def no_such_student(key: str, people: Mapping[str, str]) -> str:
    """The message about an unknown student; `people` are the names of the known ones, by key."""
    words = {word: k for k, name in people.items() for word in (name, k) if word}
    near = [words[word] for word in get_close_matches(key, words, 5)] or sorted(people)[:5]
    shown = ", ".join(f"{k} ({people[k]})" if people[k] else k for k in dict.fromkeys(near))
    known = f"the gradebook has {len(people)}, such as {shown}" if people else "it has none"
    return f"{key}: no such student; {known}"
