"""How late a submission in a download is: by its timestamp, or by what the platform says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from grader.classroom.downloads import DownloadedSubmission
from grader.course.late import LatePolicy, lateness, penalty

NO_TIMESTAMP = "no timestamp"


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a submission is, and the share of its points that this costs, from 0 to 1."""

    seconds: float = 0.0
    penalty: float = 0.0
    note: str = ""


def judge(submission: DownloadedSubmission, due: datetime | None, policy: LatePolicy) -> Lateness:
    """How late a submission is for an exercise that is `due`, if it is due at all.

    The timestamp decides. Without one, a submission that the platform marks as late is one day late;
    any other is on time, and the note says so.
    """
    if submission.submitted is None:
        if submission.late:
            note = "marked as late, without a timestamp: treated as one day late"
            return Lateness(penalty=policy.price(1), note=note)
        return Lateness(note=NO_TIMESTAMP if due and submission.late is None else "")
    if due is None:
        return Lateness()
    late = lateness(policy, due, submission.submitted)
    return Lateness(late.total_seconds(), penalty(policy, due, submission.submitted))
