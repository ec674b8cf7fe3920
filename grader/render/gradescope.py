"""Reports as Gradescope's results.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.language import later, say
from grader.model import CheckResult, Outcome, Report
from grader.render import (
    explanations,
    for_students,
    guarantees_sentence,
    place,
    points_sentence,
    printable,
    truncate,
)

TEXT_LIMIT = 20_000
UNGRADED = later(
    "The grader could not grade everything. That is not your fault, and this is not your score."
)


def render(
    reports: Sequence[Report],
    *,
    factor: float = 1.0,
    remarks: Sequence[str] = (),
    hidden: str = "visible",
) -> str:
    """The reports as one result.

    Args:
        reports: one for each exercise of the assignment.
        factor: the share of its points that a late submission keeps; 1 for all.
        remarks: sentences for the top, such as how late the submission is.
        hidden: Gradescope's visibility for hidden checks. They tell only whether they passed; if they
            are invisible, Gradescope hides the total, too.
    """
    seen = [for_students(report) for report in reports]
    lines = [
        *remarks,
        *(
            say("{head}: {text}", head=f"{r.exercise} {r.title}", text=points_sentence(r))
            for r in seen
        ),
    ]
    lines += [words for report in seen for words in (*report.problems, *report.notes)]
    lines += dict.fromkeys(guarantees_sentence(report) for report in seen)
    judged = bool(seen) and all(report.outcome != "ungraded" for report in seen)
    value = {
        "score": round(factor * sum(report.score for report in seen), 6),
        "execution_time": round(sum(report.duration for report in seen), 3),
        "output": truncate(
            printable("\n".join(lines if judged else [say(UNGRADED), *lines])), TEXT_LIMIT
        ),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(report, check, hidden) for report in seen for check in report.checks],
        "extra_data": {
            "grader": seen[0].grader if seen else "",
            "outcomes": {report.exercise: report.outcome for report in seen},
            "factor": factor,
        },
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def failure(reason: str) -> str:
    """A result that says why there is none. Gradescope requires a score, so it has 0."""
    value = {
        "score": 0,
        "output": f"{say(UNGRADED)}\n{printable(reason)}",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"outcomes": {}, "ungraded": True},
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _test(report: Report, check: CheckResult, hidden: str) -> dict[str, Any]:
    value: dict[str, Any] = {
        "name": f"{report.exercise}: {check.title}",
        "max_score": check.max_score,
        "output": truncate(printable(_text(check)), TEXT_LIMIT),
        "visibility": hidden if check.hidden else "visible",
    }
    if check.outcome is not Outcome.UNGRADED:
        value["score"] = check.score
        value["status"] = "passed" if check.outcome is Outcome.PASSED else "failed"
    return value


def _text(check: CheckResult) -> str:
    parts = []
    if check.outcome is Outcome.UNGRADED:
        parts.append(say("Not counted: the grader could not grade this check."))
    hint = check.hint and say("Hint: {hint}", hint=check.hint)
    where = check.file and say("At {place}.", place=place(check.file, check.line))
    parts += [check.message, hint, *explanations(check), where]
    if check.output.strip():
        parts.append(f"{say('Your code printed:')}\n{check.output.rstrip()}")
    return "\n".join(filter(None, parts))
