"""What Classroom 50 reads of a report."""

import json

import pytest
from sample_reports import EVERYTHING, MIXED, RIGHT, SECRET, check, report

from grader.model import Outcome
from grader.render import classroom50

ABOUT = {"classroom": "cs", "assignment": "ex04"}


def test_points_are_whole_numbers():
    """Half points are doubled, all of them, so that nobody's share changes."""
    made = report(
        check("test_a", Outcome.PASSED, max_score=2.5, score=2.5),
        check("test_b", Outcome.FAILED, max_score=1.0),
        check("test_c", Outcome.PASSED, max_score=0.1, score=0.1),
    )
    value = classroom50.result([made], ABOUT)
    assert [(t["score"], t["max-score"]) for t in value["tests"]] == [(25, 25), (0, 10), (1, 1)]
    assert (value["score"], value["max-score"]) == (26, 36)
    whole = classroom50.result([MIXED], ABOUT)
    assert (whole["score"], whole["max-score"]) == (MIXED.score, MIXED.max_score)


@pytest.mark.parametrize("reports", [EVERYTHING, [MIXED], [RIGHT]])
def test_hidden_checks_and_commands_stay_out(reports):
    """Of a hidden check only the outcome is told; an output of the step is one line."""
    value = classroom50.result(reports, ABOUT)
    for text in (json.dumps(value), classroom50.body(reports)):
        assert SECRET not in text
        assert "test_hidden" not in text
    assert not any("\n" in v for v in classroom50.outputs(value).values())


def test_the_body_fits_into_a_release():
    """GitHub takes 125,000 characters; what is left out is said to be."""
    many = [check(f"test_{n}", Outcome.FAILED, line=n, message="é" * 7000) for n in range(1, 99)]
    body = classroom50.body([report(*many)])
    assert len(body) <= 125_000
    assert "left out" in body[-200:]
