"""A report in one line, for the comment beside a student's grade."""

from __future__ import annotations

from grader.model import Outcome, Report
from grader.render import for_students, headline

MOST_HINTS = 3  # more of them would fill the cell of a table


def comment_of(report: Report | None) -> str:
    """What is worth telling a student in one line: what is wrong with the submission as a whole, or
    the hints of the first checks that failed; of skipped checks only if there are no others."""
    if report is None:
        return ""
    if report.problems:
        return headline(report.problems[0])
    checks = for_students(report).checks
    lost = [c for c in checks if c.outcome is not Outcome.PASSED and not c.hidden]
    failed = [c for c in lost if c.outcome is not Outcome.SKIPPED] or lost
    hints = dict.fromkeys(c.hint or headline(c.message) for c in failed)
    return " · ".join([hint for hint in hints if hint][:MOST_HINTS])
