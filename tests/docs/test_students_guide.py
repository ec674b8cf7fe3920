"""The students' guide is done as it is written: from an empty folder to the first points."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "students.md").read_text(encoding="utf-8")
FILES = sorted((ROOT / "exercises").glob("ex*_*"))
FILE = "ex02_activations.py"


@pytest.fixture
def run(grade):
    """What a command prints in a folder, in one line."""

    def call(folder, *words):
        done = grade(*words, cwd=folder)
        assert "Traceback" not in done.out + done.err
        return " ".join(done.out.split())

    return call


def put(path, code):
    """Replace each function of `path` that `code` defines."""
    for new in ast.parse(code).body:
        source = path.read_text(encoding="utf-8")
        [old] = [n for n in ast.parse(source).body if getattr(n, "name", "") == new.name]
        lines = source.splitlines()
        lines[old.lineno - 1 : old.end_lineno] = ast.get_source_segment(code, new).splitlines()
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_guide(tmp_path, run):
    """Each step of the guide gives what it shows, the score rises, and the whole exercise can be
    finished in the same folder."""
    assert f"{len(FILES)} exercises" in run(tmp_path, "init", "my-course")
    folder = tmp_path / "my-course"
    steps = re.findall(r"```(python|console)\n([\s\S]+?)```", GUIDE)
    assert [kind for kind, _ in steps].count("console") >= 3
    scores = []
    for kind, text in steps:
        if kind == "python":
            put(folder / FILE, text)
            continue
        command, *shown = text.strip().splitlines()
        printed = run(folder, *command.removeprefix("$ grade ").split())
        scores.append(float(re.search(r"([\d.]+) of [\d.]+ points", printed)[1]))
        assert " ".join(" ".join(shown).split()) in printed
    before = scores[-1]
    assert scores == sorted(scores)
    after = float(re.search(r"([\d.]+) of", run(folder, "ex02").split("passed")[-1])[1])
    assert after > before
    solution = (ROOT / "solutions" / FILE).read_text(encoding="utf-8")
    (folder / FILE).write_text(solution, encoding="utf-8")
    assert "all checks passed" in run(folder, "ex02")
    assert "✓ ex02" in run(folder)
