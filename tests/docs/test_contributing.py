"""What contributors read is true: the map, the way of a submission, the chores, the changes."""

import ast
import re
from pathlib import Path

import pytest
from test_architecture import PLAN

import grader

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n([\s\S]+?)(?=^## |\Z)", GUIDE, re.MULTILINE))


def first_cells(section):
    """The first cell of each row of the section's table."""
    rows = re.findall(r"^\| (.+?) \| ", SECTIONS[section], re.MULTILINE)
    return [row.strip("`") for row in rows[1:]]


def test_the_map_is_the_plan():
    """The map lists the rooms of the plan that the architecture is tested against, in its order."""
    assert first_cells("The map") == list(PLAN)


def test_the_way_leads_through_modules_that_exist():
    """A submission takes ten steps, and each names at least one module."""
    steps = re.findall(r"^\d+\. (.+)$", SECTIONS["The way of a submission"], re.MULTILINE)
    assert len(steps) == 10
    for step in steps:
        modules = re.findall(r"`([\w/]+\.py)`", step)
        modules = [name for name in modules if name != "work.py"]
        assert modules, step
        for name in modules:
            assert (ROOT / "grader" / name).is_file(), name


def test_the_glossary_is_a_glossary():
    """At least twenty terms, in order, each once, each explained."""
    terms = first_cells("Words")
    assert len(terms) >= 20
    assert terms == sorted(set(terms))


def test_every_chore_exists():
    """The chores of the guide are the sessions of noxfile.py."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    sessions = set()
    for node in tree.body:
        for mark in getattr(node, "decorator_list", []):
            given = {k.arg: k.value for k in getattr(mark, "keywords", [])}
            sessions.add(given["name"].value if "name" in given else node.name)
    assert sessions
    assert {row.split()[2] for row in first_cells("Set up")} == sessions


def is_slow_mark(node):
    """Whether a node of a test's source is `pytest.mark.slow`."""
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.slow"


def test_what_is_left_out_is_listed():
    """The table of what the quick run leaves out names each file with slow tests, and no other."""
    slow = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "mark.slow" in (text := path.read_text(encoding="utf-8"))
        and any(map(is_slow_mark, ast.walk(ast.parse(text))))
    }
    rows = re.findall(r"^\| .+ \| `nox -s tests-\w+` \|$", SECTIONS["Tests"], re.MULTILINE)
    assert set(re.findall(r"`(tests/[\w/]+\.py)`", "".join(rows))) == slow


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name):
    """Every relative link exists."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_newest_change_is_this_version():
    """The package has the version of the newest entry, and the entries go down from there."""
    versions = re.findall(r"^## (.+)$", CHANGES, re.MULTILINE)
    assert versions[0] == grader.__version__
    numbers = [tuple(map(int, version.split("."))) for version in versions]
    assert numbers == sorted(set(numbers), reverse=True)


def test_the_site_has_every_page():
    """Each document and each handout is in the navigation of the documentation site."""
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    handouts = [p.relative_to(ROOT) for p in ROOT.glob("exercises/ex*/README.md")]
    assert len(handouts) >= 10
    for page in [*(p.relative_to(ROOT / "docs") for p in ROOT.glob("docs/*.md")), *handouts]:
        assert f": {page.as_posix()}\n" in listed, page
