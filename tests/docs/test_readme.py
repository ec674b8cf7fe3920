"""The README says what is true: its commands, its output, its folders."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-Hant.md").read_text(encoding="utf-8")


def shown(text):
    """Output with the time it took left out."""
    return re.sub(r" +\d+\.\d\d? s$", "", text, flags=re.MULTILINE).strip()


@pytest.mark.parametrize(("text", "tag"), [(README, "en"), (CHINESE, "zh-Hant")], ids=["en", "zh"])
def test_the_failing_check_is_shown_as_it_is(text, tag):
    """The transcript of a failing check is what the command prints today."""
    block = re.search(r"```text\n\$ grade (.+)\n([\s\S]+?)```", text)
    command = [sys.executable, "-m", "grader", *block[1].split()]
    environment = {**os.environ, "COLUMNS": "80", "GRADE_LANG": tag}
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, env=environment
    )
    assert done.returncode == 1
    assert shown(done.stdout) == shown(block[2])


def test_ci_runs_the_second_command():
    """The script of CI takes its test command from the README, and finds exactly one there."""
    pattern = re.search(
        r"grep -E '(.+)' README.md", (ROOT / ".ci/run").read_text(encoding="utf-8")
    )[1]
    assert len(re.findall(pattern, README, re.MULTILINE)) == 1


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
def test_folders_and_links_exist(text):
    """Every folder in the map and every relative link leads somewhere."""
    folders = re.findall(r"^\| `([\w/]+)/` \|", text, re.MULTILINE)
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert len(folders) >= 6
    for target in folders + links:
        assert (ROOT / target).exists(), target


def test_the_readmes_have_the_same_commands():
    """What is run and what the map lists is the same in both languages."""
    for pattern in (r"```sh\n(.+?)\n```", r"^\| `([\w/]+)/` \|"):
        assert re.findall(pattern, CHINESE, re.M) == re.findall(pattern, README, re.M)


def test_the_exercises_that_are_scaffolded_can_be_added(tmp_path, grade):
    """What the README, the guide for authors and the help tell to scaffold fits into the course as it is."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("exercises", "solutions"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    guide = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    texts = (
        README,
        re.search(r"```sh\n(grade new [\s\S]+?)```", guide)[1],
        grade("new", "--help").out,
    )
    commands = [
        shlex.split(" ".join(found.replace("\\\n", " ").split()))
        for text in texts
        for found in re.findall(
            r"\bgrade (new ex\d\d_\w+(?:[\s\\]+--\w+\s+(?:\"[^\"]+\"|[\w.]+))*)", text
        )
    ]
    assert len(commands) == 5
    for command in commands:
        done = grade(*command, cwd=tmp_path)
        assert done.code == 0, done.err
        assert grade("verify", command[1][:4], cwd=tmp_path).out.count("FILL IN") > 5
        shutil.rmtree(tmp_path / "exercises" / command[1])
        (tmp_path / "solutions" / f"{command[1]}.py").unlink()
