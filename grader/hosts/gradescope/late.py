"""How late a submission is and what that costs, by the host's own record and never by the clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from grader.hosts.gradescope.settings import Settings


class Lateness(NamedTuple):
    """What a submission keeps of its points (1 for all), and a sentence about it, or none."""

    factor: float
    remark: str


def lateness(metadata: Any, settings: Settings) -> Lateness:
    """What `submission_metadata.json` means for the points.

    `created_at` is compared with the assignment's `due_date`, so that a regrade gives the same
    answer. Where the record cannot be read nothing is taken off, and the remark says so.
    """
    assignment = metadata.get("assignment") if isinstance(metadata, Mapping) else None
    due = assignment.get("due_date") if isinstance(assignment, Mapping) else None
    if due is None and isinstance(assignment, Mapping):
        return Lateness(1.0, "")  # the assignment has no due date
    try:
        late = datetime.fromisoformat(metadata["created_at"]) - datetime.fromisoformat(str(due))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Lateness(1.0, "It is not known when this was handed in; nothing was taken off.")
    if late <= timedelta(minutes=settings.grace_minutes):
        return Lateness(1.0, "")
    days = math.ceil(late / timedelta(days=1))
    cost = min(settings.late_most, settings.late_per_day * days)
    words = f"Handed in {_duration(late)} late"
    if not cost:
        return Lateness(1.0, f"{words}; no points are taken off.")
    return Lateness(1.0 - cost, f"{words}: {cost:.0%} of the points are taken off.")


def _duration(late: timedelta) -> str:
    minutes = max(1, math.ceil(late / timedelta(minutes=1)))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    return " ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in parts if n)
