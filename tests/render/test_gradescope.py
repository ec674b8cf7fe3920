"""Reports as Gradescope's results.json."""

import json
from pathlib import Path

import jsonschema
import pytest
from sample_reports import EVERYTHING, MIXED, NOTEBOOK, RIGHT, SECRET

from grader.render import gradescope, render
from grader.render.gradescope import UNGRADED

SCHEMA = json.loads(
    (Path(__file__).parent / "schemas" / "gradescope.schema.json").read_text("utf-8")
)


def test_result_is_as_written_down(golden):
    """One of everything is the result of the golden file."""
    golden("gradescope.json", render(EVERYTHING, "gradescope"))


@pytest.mark.parametrize(
    "text",
    [
        *(gradescope.render(r) for r in (EVERYTHING, [MIXED], [RIGHT], [])),
        gradescope.failure("killed by \x1b[2J"),
    ],
)
def test_result_fits_its_schema(text):
    """Every result is valid for Gradescope: there is always a score or a test with one."""
    jsonschema.validate(json.loads(text), SCHEMA)


def test_points_are_the_reports():
    """The total is the sum of the tests, and each test has its own points."""
    value = json.loads(gradescope.render([MIXED]))
    assert value["score"] == MIXED.score == sum(t["score"] for t in value["tests"])
    assert sum(t["max_score"] for t in value["tests"]) == MIXED.max_score


def test_late_submission_keeps_a_share_of_its_points():
    """A penalty changes the total and not the tests, and is said."""
    value = json.loads(gradescope.render([RIGHT], factor=0.9, remarks=["One day late: −10 %."]))
    assert value["score"] == 5.4
    assert [t["score"] for t in value["tests"]] == [3.0, 3.0]
    assert value["output"].startswith("One day late")


def test_ungraded_is_no_failure_of_the_students():
    """A check that could not be judged has no score and no status; the text says whose fault it is."""
    value = json.loads(gradescope.render([NOTEBOOK]))
    ungraded = value["tests"][1]
    assert "score" not in ungraded
    assert "status" not in ungraded
    assert value["output"].startswith(UNGRADED)


def test_hidden_checks_stay_hidden():
    """Hidden checks say whether they passed; how visible that is, is the instructor's choice."""
    text = gradescope.render([MIXED], hidden="after_published")
    assert SECRET not in text
    tests = json.loads(text)["tests"]
    shown = {t["name"]: t["visibility"] for t in tests}
    assert shown["ex04: Hidden check 1."] == "after_published"
    assert set(shown.values()) == {"after_published", "visible"}
    assert json.loads(text)["stdout_visibility"] == "hidden"
    visible = sum(c.duration for c in MIXED.checks if not c.hidden)
    assert json.loads(text)["execution_time"] == visible  # time would be a way out for inputs
