"""Reports to and from JSON: the one machine format that holds everything.

Its schema is docs/report.schema.json.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import cache
from typing import Any

from grader.model import CheckResult, Confinement, Outcome, Picture, Report, Suspect

SCHEMA = 1
# JSON has no NaN and no infinity. One object each, so that equal pictures are equal again when read.
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


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
        "suspect": None if check.suspect is None else asdict(check.suspect),
        "contrast": check.contrast,
        "call": check.call,
        "function": check.function,
        "unwritten": check.unwritten,
    }
    if check.picture is not None:
        value["picture"] = _picture(check.picture)
    return value


def _picture(picture: Picture) -> dict[str, Any]:
    def rows(values: tuple[tuple[float, ...], ...]) -> list[list[float | str]]:
        return [[v if math.isfinite(v) else str(v) for v in row] for row in values]

    return {
        "title": picture.title,
        "expected": rows(picture.expected),
        "got": rows(picture.got),
        "wrong": [list(row) for row in picture.wrong],
    }


def from_dict(value: Mapping[str, Any]) -> Report:
    """The report of which `as_dict` made plain JSON values.

    Points and outcome are computed from the checks. Unknown keys, as of a later version, are ignored.
    """
    own = {"checks": tuple(_check_from(check) for check in value["checks"])}
    own |= {"confinement": _from_known_keys(Confinement, value["sandbox"])}
    own |= {name: tuple(value[name]) for name in ("problems", "notes")}
    report: Report = _from_known_keys(Report, {**value, **own})
    return report


def _check_from(value: Mapping[str, Any]) -> CheckResult:
    picture = value.get("picture")
    suspect = value.get("suspect")
    own = {"outcome": Outcome(value["outcome"]), "picture": picture and _picture_from(picture)}
    own |= {"suspect": suspect and _from_known_keys(Suspect, suspect)}
    check: CheckResult = _from_known_keys(CheckResult, {**value, **own})
    return check


def _picture_from(value: Mapping[str, Any]) -> Picture:
    def rows(name: str) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(NOT_FINITE.get(v, v) for v in row) for row in value[name])

    wrong = tuple(map(tuple, value["wrong"]))
    return Picture(value["title"], rows("expected"), rows("got"), wrong)


def _from_known_keys(kind: Any, value: Mapping[str, Any]) -> Any:
    """A dataclass's value from those keys that are its fields."""
    names = _names(kind)
    return kind(**{name: part for name, part in value.items() if name in names})


@cache
def _names(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind))
