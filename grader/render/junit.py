"""Reports as JUnit XML, for GitLab, Jenkins and most other CI."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from grader.language import SOURCE, language, say
from grader.model import CheckResult, Outcome, Report
from grader.render import explanations, for_students, printable


def render(reports: Sequence[Report]) -> str:
    """One test suite for each report, one test case for each check."""
    root = ET.Element("testsuites", time=f"{sum(r.duration for r in reports):.3f}")
    for report in map(for_students, reports):
        failures = sum(c.outcome is Outcome.FAILED for c in report.checks)
        skipped = sum(c.outcome is Outcome.SKIPPED for c in report.checks)
        passed = sum(c.outcome is Outcome.PASSED for c in report.checks)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=xml_text(f"{report.exercise} {report.title}: {report.submission}"),
            tests=str(len(report.checks)),
            failures=str(failures),
            skipped=str(skipped),
            errors=str(len(report.checks) - failures - skipped - passed),
            time=f"{report.duration:.3f}",
        )
        properties = ET.SubElement(suite, "properties")
        for name, value in (("score", report.score), ("max_score", report.max_score)):
            ET.SubElement(properties, "property", name=name, value=f"{value:g}")
        for check in report.checks:
            _case(suite, report, check)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, report: Report, check: CheckResult) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=report.exercise,
        # A host compares names from run to run, whatever the language is.
        name=xml_text(f"{check.name}: {check.title}" if language() == SOURCE else check.name),
        time=f"{check.duration:.3f}",
    )
    if check.file:
        case.set("file", xml_text(check.file))
    if check.outcome is not Outcome.PASSED:
        tag = {Outcome.FAILED: "failure", Outcome.SKIPPED: "skipped"}.get(check.outcome, "error")
        hint = check.hint and say("Hint: {hint}", hint=check.hint)
        text = "\n".join(filter(None, [check.message, hint, *explanations(check)]))
        element = ET.SubElement(case, tag, message=xml_text(text.partition("\n")[0]))
        element.set("type", str(check.outcome))
        element.text = xml_text(text)
    if check.output:
        ET.SubElement(case, "system-out").text = xml_text(check.output)


def xml_text(text: str) -> str:
    """`text` without the characters that XML 1.0 does not allow."""
    return printable(text).replace("\ufffe", "").replace("\uffff", "")
