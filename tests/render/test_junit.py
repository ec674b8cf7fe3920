"""Reports as JUnit XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Outcome
from grader.render import render

COUNTED = {Outcome.PASSED: None, Outcome.FAILED: "failures", Outcome.SKIPPED: "skipped"}


def tree(*reports):
    """The parsed document."""
    return ET.fromstring(render(reports, "junit"))


def test_counts(make):
    """Each suite counts its cases as CI expects: tests, failures, skipped, errors."""
    checks = [make.check(outcome, f"test_{i}") for i, outcome in enumerate(Outcome)]
    (suite,) = tree(make.report(*checks))
    assert suite.get("tests") == str(len(Outcome))
    assert (suite.get("failures"), suite.get("skipped")) == ("1", "1")
    assert suite.get("errors") == str(len(Outcome) - 3)
    assert len(suite.findall("testcase")) == len(Outcome)
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties == {"score": "2", "max_score": str(2 * len(Outcome))}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_has_its_element(make, outcome):
    """Only a check that passed is a case without an element that says why not."""
    (suite,) = tree(make.report(make.check(outcome, hint="Add b.")))
    case = suite.find("testcase")
    tags = [child.tag for child in case]
    names = {"failures": "failure", "skipped": "skipped"}
    expected = {None: []}.get(COUNTED.get(outcome, ""), [names.get(COUNTED.get(outcome), "error")])
    assert tags == expected
    for child in case:
        assert child.get("type") == str(outcome)
        assert "What happened" in child.get("message")
        assert child.text.endswith("Hint: Add b.")


def test_names_are_unique(make):
    """Cases of one suite have names of their own, and suites of several submissions differ."""
    checks = [make.check(name=f"test_{i}") for i in range(5)]
    reports = [make.report(*checks, submission=f"{name}.py") for name in ("ada", "ben")]
    root = tree(*reports)
    for suite in root:
        names = [case.get("name") for case in suite.findall("testcase")]
        assert len(set(names)) == len(names) == 5
    assert len({suite.get("name") for suite in root}) == 2


def test_hostile_text_is_valid_xml(make):
    """Nothing that a student writes can break the document or forge an element."""
    bad = make.HOSTILE + "</failure><testcase name='forged'/>"
    one = make.check(Outcome.ERROR, message=bad, hint=bad, output=bad, file="hw\x00.py", title=bad)
    root = tree(make.report(one, title=bad, submission=bad))
    assert [case.get("name") for case in root.iter("testcase")] != ["forged"]
    assert len(list(root.iter("testcase"))) == 1
    assert "Full marks" in next(root.iter("system-out")).text


@given(st.text(max_size=60))
def test_any_text_is_valid_xml(make, text):
    """Whatever text a report holds, the document parses and can be written as UTF-8."""
    checks = [make.check(Outcome.FAILED, message=text + "x", hint=text, output=text, file=text)]
    document = render([make.report(*checks, submission=text)], "junit")
    assert ET.fromstring(document.encode("utf-8")) is not None


def test_no_report(make):
    """A document of no reports is valid, too."""
    assert list(tree()) == []
