"""What grading needs of pytest's private parts is still there, and does what it did.

If a test here fails with a new pytest, `grader/checking/run/pytest_internals.py` says at each function what
to do; it is the only module that must change. Until then, lower the bound on pytest in pyproject.toml.
"""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from grader.checking.run import pytest_internals

ROOT = Path(__file__).resolve().parents[3]
CHECKS = """
import pytest

CALLS = []

@pytest.fixture
def own():
    CALLS.append("own")
    return len(CALLS)

@pytest.mark.parametrize("number", [7])
def test_a(own, number, tmp_path):
    CALLS.append(own)

@pytest.mark.parametrize("own", [5])
def test_b(own):
    pass
"""


class Session:
    """Collects the checks, and hands them to `use` in place of pytest's run loop."""

    def __init__(self, use):
        self.use = use
        self.ran = False

    def pytest_runtestloop(self, session):
        """Hand over the items; run nothing else."""
        self.ran = True
        self.use(*session.items)
        return True


@pytest.fixture
def with_items(tmp_path):
    """Call a function with the two collected items, inside a session of pytest."""
    file = tmp_path / "test_internals_example.py"
    file.write_text(CHECKS)

    def call(use):
        session = Session(use)
        options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--noconftest"]
        options += ["--import-mode=importlib", "-c", "/dev/null", f"--rootdir={tmp_path}"]
        assert pytest.main([*options, str(file)], plugins=[session]) in (0, 5)
        assert session.ran

    return call


def test_an_item_runs_again_with_fresh_fixtures(with_items):
    """`run_protocol` runs fixtures and test; after `reset_fixtures` both run once more."""
    seen = []

    def use(item, _):
        for _ in range(2):
            pytest_internals.reset_fixtures(item)
            pytest_internals.run_protocol(item)
        seen.extend(item.module.CALLS)

    with_items(use)
    assert seen == ["own", 1, "own", 3]


def test_fixtures_and_parameters_are_told_apart(with_items):
    """A fixture comes with its module; a parameter has none, even in a fixture's place."""

    def use(first, second):
        fixtures = pytest_internals.requested_fixtures(first)
        assert fixtures == {
            "own": first.module.__name__,
            "number": "",
            "tmp_path": "_pytest.tmpdir",
        }
        assert pytest_internals.parameters_of(first) == {"number": 7}
        assert pytest_internals.requested_fixtures(second) == {"own": ""}
        assert pytest_internals.parameters_of(second) == {"own": 5}

    with_items(use)


def test_the_values_of_the_fixtures(with_items):
    """While an item is called, the values of its parameters are at hand, by name."""
    seen = {}

    class Caller:
        def pytest_pyfunc_call(self, pyfuncitem):
            """Look, and let nobody else call it."""
            seen.update(pytest_internals.fixture_values(pyfuncitem))
            return True

    def use(item, _):
        item.config.pluginmanager.register(Caller())
        pytest_internals.run_protocol(item)

    with_items(use)
    assert sorted(seen) == ["number", "own", "tmp_path"]
    assert seen["number"] == 7


@pytest.mark.parametrize("keyword", ["forward", "forward and not hidden", "a or (b and c)"])
def test_a_keyword_that_pytest_understands(keyword):
    """What `-k` understands has no error."""
    assert pytest_internals.keyword_error(keyword) == ""


@pytest.mark.parametrize("keyword", ["and", "a b", "(a", "a or"])
def test_a_keyword_that_pytest_does_not_understand(keyword):
    """What `-k` would refuse has a reason that can be shown."""
    assert pytest_internals.keyword_error(keyword)


def test_only_one_module_uses_private_parts():
    """`_pytest` is imported in one place, and no private attribute of an item is read elsewhere."""
    private = re.compile(r"(?:from|import) _pytest|\._(?:fixtureinfo|initrequest)\b|\.callspec\b")
    users = [
        p.name for p in (ROOT / "grader").rglob("*.py") if private.search(p.read_text("utf-8"))
    ]
    assert users == ["pytest_internals.py"]


def test_the_bound_on_pytest_covers_this_version():
    """Private parts are promised by nobody, so pytest has an upper bound: the next major version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [Requirement(line) for line in project["dependencies"]]
    (bound,) = [r.specifier for r in requirements if r.name == "pytest"]
    assert {s.operator for s in bound} == {">=", "<"}
    assert bound.contains(pytest.__version__)
