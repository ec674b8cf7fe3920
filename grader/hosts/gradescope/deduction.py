"""What lateness costs on Gradescope, by the host's own record and never by the clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from grader.course.late import LatePolicy, lateness, penalty
from grader.language import say, say_n


class Deduction(NamedTuple):
    """What a submission keeps of its points (1 for all), and a sentence about it, or none."""

    factor: float
    remark: str


def deduction(metadata: Any, policy: LatePolicy) -> Deduction:
    """What `submission_metadata.json` means for the points.

    `created_at` is compared with the student's own due date, or else the assignment's, so that a regrade
    gives the same answer. Where the record cannot be read nothing is deducted, and the remark says so.
    """
    assignment = metadata.get("assignment") if isinstance(metadata, Mapping) else None
    due = _due(metadata, assignment)
    if due is None and isinstance(assignment, Mapping):
        return Deduction(1.0, "")  # the assignment has no due date
    try:
        dates = datetime.fromisoformat(str(due)), datetime.fromisoformat(metadata["created_at"])
        late = lateness(policy, *dates)
    except (KeyError, TypeError, ValueError, AttributeError):
        remark = say("The submission time is not known, so no points are deducted for lateness.")
        return Deduction(1.0, remark)
    if not late:
        return Deduction(1.0, "")
    cost = penalty(policy, *dates)
    if not cost:
        remark = say("Submitted {time} late: no points are deducted.", time=_duration(late))
    else:
        remark = say(
            "Submitted {time} late: {cost:.0%} of the points are deducted.",
            time=_duration(late),
            cost=cost,
        )
    return Deduction(1.0 - cost, remark)


def _due(metadata: Any, assignment: Any) -> Any:
    """The due date. A student who has an extension has one of their own, in `users[0].assignment`."""
    try:
        own = metadata["users"][0]["assignment"]["due_date"]
    except (KeyError, TypeError, IndexError):
        own = None
    return own or (assignment.get("due_date") if isinstance(assignment, Mapping) else None)


def _duration(late: timedelta) -> str:
    minutes = max(1, math.ceil(late / timedelta(minutes=1)))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    said = []
    if days:
        said.append(say_n("{n} day", "{n} days", days))
    if hours:
        said.append(say_n("{n} hour", "{n} hours", hours))
    if minutes:
        said.append(say_n("{n} minute", "{n} minutes", minutes))
    return " ".join(said)
