"""docs/ci.md says what is true: short, and with commands that are there."""

import re
from pathlib import Path

import click
import pytest

from grader.cli.app import main
from grader.hosts.gradescope.settings import USUAL_SECONDS

ROOT = Path(__file__).resolve().parents[2]
yaml = pytest.importorskip("yaml", reason="reads the workflow")

TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"`(grade [^`\n]+)`|^(grade [^#\n]+)", TEXT, re.MULTILINE)


@pytest.mark.parametrize("host", ["GitHub", "GitLab", "Gradescope"])
def test_each_host_takes_at_most_ten_lines(host):
    """What there is to do on a host is a numbered list of at most ten lines."""
    section = TEXT.partition(f"## {host}\n")[2].partition("\n\n")[0]
    assert section.startswith("1. ")
    assert len(section.splitlines()) <= 10


@pytest.mark.parametrize("words", [(a or b).split() for a, b in COMMANDS], ids=" ".join)
def test_commands_and_options_exist(words):
    """Every command in the text is one, and knows the options that it is shown with."""
    context = click.Context(main)
    command = main.get_command(context, words[1]) or main.get_command(context, "check")
    while isinstance(command, click.Group):
        command = command.commands[words[2]]
    known = {option for p in command.params for option in p.opts}
    assert {word for word in words if re.match("-{1,2}[a-z]", word)} <= known


def test_loose_options_exist():
    """Options that the text names on their own belong to some command here."""
    sources = "".join(p.read_text("utf-8") for p in Path(ROOT / "grader/cli").glob("*.py"))
    for option in set(re.findall(r"`(--[a-z0-9-]+)", TEXT)):
        assert f'"{option}"' in sources, option


def test_numbers_are_the_programs():
    """The usual time limit in the text is the program's, and the variables are those that are read."""
    assert f"`--minutes` ({USUAL_SECONDS / 60:g}," in TEXT
    workflow = ROOT / "grader/student/templates/.github/workflows/grade.yml"
    steps = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]["grade"]["steps"]
    (variables,) = [set(s["env"]) for s in steps if s.get("id") == "grade"]
    known = {p.envvar for p in main.params if p.envvar}
    assert variables == known - {"GRADE_LANG"} == {"GRADE_COURSE", "GRADE_SHA256"}
    assert all(f"`{name}`" in TEXT for name in known)
