"""Which failures follow from others."""

import pytest
from check_results import results

from grader.checking.run.causes import skip_consequences, used_functions
from grader.model import Outcome

SOURCE = '''
import numpy as np

def inner(x):
    """Not outer(x), which is only named here."""
    return x  # nor lonely(x)

def _helper(x):
    return inner(x)

def outer(x):
    table = {"a": _helper}
    return table["a"](x)

async def lonely(x):
    inner = x + 1
    for outer in range(3):
        inner += outer
    return inner
'''


def test_uses_reads_names_in_code_only():
    """Uses are followed through helpers; comments, texts and variables of the same name do not count."""
    found = used_functions(SOURCE, ["inner", "outer", "lonely"])
    assert found == {
        "inner": frozenset(),
        "outer": frozenset({"inner"}),
        "lonely": frozenset(),
    }


@pytest.mark.parametrize("source", ["def f(:\n", "'''", "\x00", "def f():\n  x\n y", "💥"])
def test_uses_of_what_is_no_python(source):
    """What cannot be read uses nothing."""
    assert not any(used_functions(source, ["f"]).values())


def outcomes(followed):
    """Outcome and message of each check."""
    return {r.name: (r.outcome.value, r.message) for r in followed}


USED = {"outer": {"inner"}, "inner": set()}


def test_a_failure_follows_from_the_function_that_is_used():
    """A check of a function fails with the function that it uses, and is skipped with its title."""
    found = skip_consequences(
        results(one="failed", two="error"), {"one": ["inner"], "two": ["outer"]}, {}, USED
    )
    assert outcomes(found) == {
        "one": ("failed", "wrong"),
        "two": ("skipped", "“Title of one” must pass first."),
    }
    assert found[1].hint == ""


def test_what_passes_is_left_alone():
    """A check that passes does so, whatever its function uses."""
    found = skip_consequences(
        results(one="failed", two="passed"), {"one": ["inner"], "two": ["outer"]}, {}, USED
    )
    assert found[1].outcome is Outcome.PASSED


def test_one_odd_failure_of_the_used_function_explains_nothing():
    """Where the first check of a function passed, a single later failure is no cause; two are."""
    called = {"one": ["inner"], "edge": ["inner"], "more": ["inner"], "two": ["outer"]}
    found = skip_consequences(results(one="passed", edge="failed", two="failed"), called, {}, USED)
    assert found[2].outcome is Outcome.FAILED
    found = skip_consequences(
        results(one="passed", edge="failed", more="failed", two="failed"), called, {}, USED
    )
    assert found[3].message == "“Title of edge” must pass first."


def test_the_first_cause_is_named():
    """A check that was skipped names the cause of the check that it waited for."""
    called = {"one": ["inner"], "two": ["outer"]}
    found = skip_consequences(
        results(one="failed", two="failed", three="skipped"), called, {"three": "two"}, USED
    )
    assert found[2].message == "“Title of one” must pass first."


def test_hidden_checks_are_no_cause():
    """A title of a hidden check is not told."""
    called = {"hidden_one": ["inner"], "two": ["outer"]}
    found = skip_consequences(results(hidden_one="failed", two="failed"), called, {}, USED)
    assert found[1].outcome is Outcome.FAILED


@pytest.mark.parametrize(("forward", "told"), [("passed", "skipped"), ("failed", "failed")])
def test_a_backward_is_called_with_its_forward(forward, told):
    """Two failures of a backward after a forward that is right are a cause, too; after one that is
    wrong they are not the backward's."""
    called = {
        "shape": ["f", "b"],
        "values": ["f"],
        "one": ["f", "b"],
        "two": ["f", "b"],
        "net": ["g", "n"],
    }
    used = {"f": set(), "b": set(), "g": set(), "n": {"b"}}
    found = skip_consequences(
        results(shape="passed", values=forward, one="failed", two="failed", net="failed"),
        called,
        {},
        used,
    )
    assert found[4].outcome.value == told
    if told == "skipped":
        assert found[4].message == "“Title of one” must pass first."
