"""The formats that need no table to fill in: csv, json, nbgrader, GitHub Classroom."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from grader.classroom.gradebook import Grade
from grader.classroom.roster import first_and_last
from grader.classroom.tables import escape_formula, points, write_table
from grader.model import Report
from grader.render.json import as_dict

COLUMNS = (
    "student", "exercise", "score", "max_score", "name", "email", "outcome", "earned", "penalty",
    "late_seconds", "submitted", "adjustments", "reason",
)  # fmt: skip
NBGRADER = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
CLASSROOM = (
    "assignment_name", "assignment_url", "starter_code_url", "github_username",
    "roster_identifier", "student_repository_name", "student_repository_url",
    "submission_timestamp", "points_awarded", "points_available",
)  # fmt: skip


def to_csv(grades: Sequence[Grade]) -> str:
    """One row for each student and exercise."""
    rows: list[Sequence[object]] = [COLUMNS]
    rows += [
        (
            escape_formula(g.student),
            g.exercise,
            points(g.score),
            points(g.max_score),
            escape_formula(g.name),
            escape_formula(g.email),
            g.outcome,
            points(g.earned),
            f"{g.penalty:g}",
            f"{g.late_seconds:g}",
            g.submitted.isoformat() if g.submitted else "",
            escape_formula("; ".join(g.adjusted)),
            escape_formula(g.reason),
        )
        for g in grades
    ]
    return write_table(rows)


def to_json(grades: Sequence[Grade], reports: Mapping[str, Report | None]) -> str:
    """Everything, with the report under each grade."""
    values = [
        {
            "student": g.student,
            "exercise": g.exercise,
            "score": g.score,
            "max_score": g.max_score,
            "name": g.name,
            "email": g.email,
            "outcome": g.outcome,
            "earned": g.earned,
            "penalty": g.penalty,
            "late_seconds": g.late_seconds,
            "submitted": g.submitted.isoformat() if g.submitted else None,
            "adjustments": list(g.adjusted),
            "reason": g.reason,
            "report": as_dict(report) if (report := reports.get(g.result_key)) else None,
        }
        for g in grades
    ]
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def to_nbgrader(grades: Sequence[Grade], names: Mapping[str, str], due: Mapping[str, Any]) -> str:
    """The columns of nbgrader's own export; `names` and `due` are by an exercise's short name."""
    rows: list[Sequence[object]] = [NBGRADER]
    for g in grades:
        first, last = first_and_last(g.name)
        when = due.get(g.exercise)
        taken = g.earned * g.penalty
        rows.append(
            (
                names.get(g.exercise, g.exercise),
                when.isoformat(sep=" ") if when else "",
                g.submitted.isoformat(sep=" ") if g.submitted else "",
                escape_formula(g.student),
                escape_formula(last),
                escape_formula(first),
                escape_formula(g.email),
                points(g.earned),
                points(taken),
                points(g.score),
                points(g.max_score),
            )
        )
    return write_table(rows)


def to_classroom(grades: Sequence[Grade], names: Mapping[str, str]) -> str:
    """The columns of GitHub Classroom's grades CSV; what the gradebook does not know is blank.

    For a submission from GitHub Classroom, `github_username` is the account, and the repository is
    named; `roster_identifier` is filled in only if the student has another key.
    """
    rows: list[Sequence[object]] = [CLASSROOM]
    for g in grades:
        when = g.submitted.strftime("%Y-%m-%d %H:%M:%S UTC") if g.submitted else ""
        platform, _, account = g.identity.partition(" ")
        cloned = platform == "github-classroom"
        login, repository = (account, g.origin) if cloned else ("", "")
        listed = "" if cloned and g.student in (account, f"{platform} {account}") else g.student
        who = [escape_formula(word) for word in (login, listed, repository)]
        name = names.get(g.exercise, g.exercise)
        rows.append((name, "", "", *who, "", when, points(g.score), points(g.max_score)))
    return write_table(rows)
