"""Which of the repairs that were found are told."""

from types import SimpleNamespace

import pytest

from grader.checking.run.explain import _is_chance
from grader.model import Outcome

CALLED = {"first": ["Adam", "Adam.step"], "values": ["Adam", "Adam.step"], "eps": ["Adam.step"]}


@pytest.mark.parametrize(
    ("passed", "others", "kind", "chance"),
    [
        (["first", "values", "eps"], {}, "sign", False),
        (["first", "values", "eps"], {n: ["Adam.step"] for n in "abc"}, "sign", False),
        (["first", "eps"], {}, "sign", False),
        (["first", "eps"], {"all": ["SGD.step", "Adam.step"]}, "sign", True),
        (["first", "eps"], {"other": ["SGD.step"]}, "sign", False),
        (["first"], {}, "sign", True),
        (["first"], {"all": ["SGD.step", "Adam.step"]}, "sign", True),
        (["first"], {"all": ["SGD.step", "Adam.step"]}, "copy", False),
    ],
)
def test_a_repair_of_a_few_checks_may_be_chance(passed, others, kind, chance):
    """It is, where as many others that call the same function fail with it, and these are at least two; but
    not where three checks pass, or where nothing is done but to copy."""
    called = CALLED | others
    results = [SimpleNamespace(name=name, outcome=Outcome.FAILED, hidden=False) for name in called]
    target = SimpleNamespace(results=results, called=called)
    place, edit = SimpleNamespace(path="Adam.step"), SimpleNamespace(kind=kind)
    repair = SimpleNamespace(function="Adam.step", place=place, edit=edit)
    assert _is_chance(target, repair, passed) is chance
