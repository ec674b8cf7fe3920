"""Which of the repairs that were found are told."""

from types import SimpleNamespace

import pytest

from grader.checking.run.explain import _is_chance
from grader.model import Outcome

CALLED = {"first": ["Adam", "Adam.step"], "values": ["Adam", "Adam.step"], "eps": ["Adam.step"]}


@pytest.mark.parametrize(
    ("passed", "others", "chance"),
    [
        (["first", "values", "eps"], {}, False),
        (["first", "eps"], {}, False),
        (["first", "eps"], {"all": ["SGD.step", "Adam.step"]}, True),
        (["first", "eps"], {"other": ["SGD.step"]}, False),
        (["first"], {}, True),
        (["first"], {"all": ["SGD.step", "Adam.step"]}, True),
    ],
)
def test_a_repair_of_a_few_checks_may_be_chance(passed, others, chance):
    """It is, where as many others that call the same function fail with it, and these are at least two."""
    called = CALLED | others
    results = [SimpleNamespace(name=name, outcome=Outcome.FAILED, hidden=False) for name in called]
    target = SimpleNamespace(results=results, called=called)
    repair = SimpleNamespace(function="Adam.step", place=SimpleNamespace(path="Adam.step"))
    assert _is_chance(target, repair, passed) is chance
