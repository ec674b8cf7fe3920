"""Reports as Classroom 50 reads them: `result.json`, the text of a release, and a step's outputs.

The contract is on the page Advanced-Autograding of the wiki of foundation50/classroom50, and in
`validate_result` of its runner.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from grader.language import say
from grader.model import Outcome, Report
from grader.render import for_students, markdown, printable

SCHEMA = "classroom50/result/v1"
BODY_LIMIT = 120_000  # GitHub takes 125,000 characters


def result(reports: Sequence[Report], about: Mapping[str, str]) -> dict[str, Any]:
    """The value of `result.json`; `about` has the keys that say whose submission it is.

    Points are whole numbers: where a check has halves, all are doubled, and so on.
    """
    seen = [for_students(report) for report in reports]
    checks = [(report, check) for report in seen for check in report.checks]
    parts = [Fraction(str(check.max_score)) for _, check in checks]
    scale = lcm(*(part.denominator for part in parts))
    several = len(seen) > 1
    tests: list[dict[str, Any]] = []
    for (report, check), most in zip(checks, parts, strict=True):
        title = f"{report.exercise}: {check.title}" if several else check.title
        passed = check.outcome is Outcome.PASSED
        whole = int(most * scale)
        tests.append(
            {
                "test-name": " ".join(printable(title).split()),
                "passed": passed,
                "score": whole if passed else 0,
                "max-score": whole,
            }
        )
    points = {key: sum(test[key] for test in tests) for key in ("score", "max-score")}
    return {"schema": SCHEMA, **about, **points, "tests": tests}


def body(reports: Sequence[Report]) -> str:
    """The Markdown that the student reads in the release, with the hints."""
    return markdown.summary(reports, BODY_LIMIT)


def outputs(value: Mapping[str, Any]) -> dict[str, str]:
    """What goes into `$GITHUB_OUTPUT` about a value of `result`."""
    tests = value["tests"]
    passed = sum(test["passed"] for test in tests)
    points = f"{value['score']}/{value['max-score']}"
    return {
        "status": "success" if passed == len(tests) else "failure",
        "summary": say(
            "{points} points, {passed} of {all} checks passed",
            points=points,
            passed=passed,
            all=len(tests),
        ),
    }
