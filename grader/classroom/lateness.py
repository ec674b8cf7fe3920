"""How late a submission is: by its timestamp, or by what the platform says of it; and what that costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from grader.course.late import LatePolicy, days_after, late_days, lateness
from grader.language import later, say

NO_TIMESTAMP = later("no timestamp")


@dataclass(frozen=True, slots=True)
class Extension:
    """More time for one student and exercise: until a moment, or so many days of the calendar."""

    until: datetime | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a submission is, and the share of its points that this costs, from 0 to 1.

    Attributes:
        days: that have begun since the student's due date, and
        free: how many of them cost nothing.
    """

    seconds: float = 0.0
    penalty: float = 0.0
    note: str = ""
    days: int = 0
    free: int = 0


def judge(
    submitted: datetime | None,
    late: bool | None,
    due: datetime | None,
    policy: LatePolicy,
    extension: Extension | None = None,
) -> Lateness:
    """How late a submission is for an exercise that is `due`, if it is due at all.

    The timestamp decides. Without one, a submission that the platform marks as `late` is one day late,
    unless the student has an extension; any other is on time, and the note says so.
    """
    if submitted is None:
        if late and extension:
            note = say("marked as late, without a timestamp: treated as on time, by the extension")
            return Lateness(note=note)
        if late:
            note = say("marked as late, without a timestamp: treated as one day late")
            return Lateness(penalty=policy.price(1), note=note, days=1)
        return Lateness(note=say(NO_TIMESTAMP) if due and late is None else "")
    if due is None:
        return Lateness()
    due = extended(due, policy, extension)
    days = late_days(policy, due, submitted)
    seconds = lateness(policy, due, submitted).total_seconds()
    return Lateness(seconds, policy.price(days), days=days)


def extended(due: datetime, policy: LatePolicy, extension: Extension | None) -> datetime:
    """A student's own due date. An extension never makes it earlier, also if all get more time later."""
    if extension is None:
        return due
    return max(due, extension.until or due, days_after(policy, due, extension.days))


def with_free_days(found: Lateness, policy: LatePolicy, left: int) -> Lateness:
    """The same with as many of `left` free days as it needs."""
    free = min(left, found.days) if policy.per_day else 0
    return replace(found, free=free, penalty=policy.price(found.days - free))
