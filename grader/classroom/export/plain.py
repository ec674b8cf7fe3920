"""The formats that need no table to fill in: csv, checks, json, nbgrader."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from grader.classroom.gradebook import Grade
from grader.classroom.roster import first_and_last
from grader.classroom.tables import escape_formula, points, write_table
from grader.model import Report
from grader.render.json import as_dict

COLUMNS = (
    "student", "exercise", "score", "max_score", "name", "email", "outcome", "earned", "penalty",
    "late_seconds", "submitted", "adjustments", "reason", "late_days", "free_days", "extension",
    "rubric", "comments", "first_name", "last_name",
)  # fmt: skip
CHECKS = (
    "student", "exercise", "check", "title", "hidden", "outcome", "score", "max_score", "misconception",
)  # fmt: skip
NBGRADER = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
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
            g.late_days,
            g.free_days,
            escape_formula(g.extended),
            escape_formula("; ".join(map(str, g.marks))),
            escape_formula("; ".join(g.comments)),
            *map(escape_formula, first_and_last(g.name, g.last)),
        )
        for g in grades
    ]
    return write_table(rows)


def to_checks(grades: Sequence[Grade], report: Callable[[Grade], Report | None]) -> str:
    """One row for each check of each submission, for statistics; hidden checks, too."""
    rows: list[Sequence[object]] = [CHECKS]
    for g in grades:
        found = report(g)
        rows += [
            (
                escape_formula(g.student),
                g.exercise,
                check.name,
                escape_formula(check.title),
                int(check.hidden),
                check.outcome.value,
                points(check.score),
                points(check.max_score),
                check.misconception,
            )
            for check in (found.checks if found else ())
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
            "late_days": g.late_days,
            "free_days": g.free_days,
            "extension": g.extended,
            "rubric": [asdict(mark) for mark in g.marks],
            "comments": list(g.comments),
            "report": as_dict(report) if (report := reports.get(g.result_key)) else None,
        }
        for g in grades
    ]
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def to_nbgrader(grades: Sequence[Grade], names: Mapping[str, str], due: Mapping[str, Any]) -> str:
    """The columns of nbgrader's own export; `names` and `due` are by an exercise's short name."""
    rows: list[Sequence[object]] = [NBGRADER]
    for g in grades:
        first, last = first_and_last(g.name, g.last)
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
