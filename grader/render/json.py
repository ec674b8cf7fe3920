"""Reports as JSON, the machine-readable format with everything. See docs/report.schema.json."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from grader.model import CheckResult, Picture, Report

SCHEMA = 1


def render(reports: Sequence[Report]) -> str:
    """One object for one report, a list of objects for several."""
    values = [as_dict(r) for r in reports]
    value = values[0] if len(values) == 1 else values
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """A report as plain JSON values."""
    return {
        "schema": SCHEMA,
        "exercise": report.exercise,
        "title": report.title,
        "submission": report.submission,
        "score": report.score,
        "max_score": report.max_score,
        "outcome": report.outcome,
        "selection": report.selection,
        "problems": list(report.problems),
        "notes": list(report.notes),
        "checks": [_check(c) for c in report.checks],
        "sandbox": asdict(report.confinement),
        "grader": report.grader,
        "duration": round(report.duration, 4),
    }


def _check(check: CheckResult) -> dict[str, Any]:
    value: dict[str, Any] = {
        "name": check.name,
        "title": check.title,
        "outcome": str(check.outcome),
        "score": check.score,
        "max_score": check.max_score,
        "hidden": check.hidden,
        "message": check.message,
        "hint": check.hint,
        "misconception": check.misconception,
        "output": check.output,
        "file": check.file,
        "line": check.line,
        "duration": round(check.duration, 4),
    }
    if check.picture is not None:
        value["picture"] = _picture(check.picture)
    return value


def _picture(picture: Picture) -> dict[str, Any]:
    def rows(values: tuple[tuple[float, ...], ...]) -> list[list[float | str]]:
        # JSON has no NaN and no infinity, so these are strings
        return [[v if math.isfinite(v) else str(v) for v in row] for row in values]

    return {
        "title": picture.title,
        "expected": rows(picture.expected),
        "got": rows(picture.got),
        "wrong": [list(row) for row in picture.wrong],
    }
