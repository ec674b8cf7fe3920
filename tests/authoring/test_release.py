"""What students get: everything of `grade ex04` works in it, and no solution is in it."""

import ast
import io
import json
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from grader.authoring.release import _record as record_now
from grader.authoring.release import public_checks, release, write
from grader.checking.diagnosis.recording import RECORDED_FILE
from grader.course.loader import find_course, find_exercise
from grader.course.stub import BEGIN, END
from grader.errors import UsageError
from grader.student.grade import grade

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def course():
    return find_course(ROOT)


@pytest.fixture(scope="module")
def files():
    """What is released of ex04, by name: from the committed template, which another test keeps current."""
    template = ROOT / "student_template"
    names = [PurePosixPath(p.relative_to(template).as_posix()) for p in template.rglob("*")]
    other = re.compile(r"ex(?!04)\d\d_|__pycache__")
    return {
        n: (template / n).read_bytes()
        for n in names
        if not other.search(str(n)) and (template / n).is_file()
    }


@pytest.fixture(scope="module")
def workspace(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    write(files, folder)
    return folder


def secret_lines():
    """Lines of code that a student must not find: solutions, misconceptions, hidden checks."""
    for path in sorted((ROOT / "solutions").rglob("*.py")):
        inside = "alternatives" in path.parts
        for line in path.read_text(encoding="utf-8").splitlines():
            mark = line.strip()
            if mark in (BEGIN, END):
                inside = mark == BEGIN
            elif inside:
                yield line
    for path in sorted((ROOT / "exercises").glob("*/misconceptions.py")):
        text = path.read_text(encoding="utf-8")
        hints = {
            node.value
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for line in text.splitlines():
            if not any(line.strip().strip("\"' ") in hint for hint in hints):
                yield line
    for path in sorted((ROOT / "exercises").glob("*/test_*.py")):
        source = path.read_text(encoding="utf-8")
        public = set(public_checks(source).splitlines())
        yield from (line for line in source.splitlines() if line not in public)


def test_no_secret_line_is_in_it(files):
    """No telling line of a solution, a misconception or a hidden check is in any file, the recorded
    answers included."""
    telling = {line.strip() for line in secret_lines()}
    telling = {
        line for line in telling if len(line) >= 24 and not line.startswith(("import ", "from "))
    }
    assert len(telling) > 500
    texts = []
    for name, data in files.items():
        if name.suffix == ".npz":
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                texts += [arrays[key].tobytes() for key in arrays]
        else:
            texts.append(data)
    handouts = "".join(p.read_text(encoding="utf-8") for p in ROOT.glob("exercises/*/README.md"))
    everything = b"\n".join(texts).decode("utf-8", "replace")
    found = {line for line in telling if line in everything and line not in handouts}
    stubs = "".join(
        data.decode()
        for name, data in files.items()
        if name.suffix == ".py" and len(name.parts) == 1
    )
    checks = "".join(data.decode() for name, data in files.items() if name.name.startswith("test_"))
    assert {line for line in found if line not in stubs and line not in checks} == set()


@pytest.mark.slow
def test_it_is_deterministic(course):
    """Released twice, an exercise gives the same bytes."""
    first, again = (release(course, [find_exercise(course, "ex01")]) for _ in range(2))
    assert again == first


def test_stubs_score_nothing(workspace, monkeypatch):
    """In a fresh workspace the stub gets no point, and each function is said to be unwritten."""
    monkeypatch.chdir(workspace)
    course = find_course(workspace)
    [report] = grade(course, course.exercises, [])
    assert report.score == 0
    said = {c.message for c in report.checks if "not written yet" in c.message}
    assert len(said) >= 3


def test_every_alternative_passes_without_solutions(workspace):
    """Right solutions of every kind get full marks against the recorded answers."""
    course = find_course(workspace)
    paths = sorted((ROOT / "solutions" / "alternatives" / "ex04_convolution").glob("*.py"))
    reports = grade(course, course.exercises, [ROOT / "solutions" / "ex04_convolution.py", *paths])
    for report in reports:
        wrong = [(c.name, c.message) for c in report.checks if c.outcome != "passed"]
        assert wrong == [], report.submission


def test_mistakes_are_recognised_without_solutions(workspace):
    """The hint of a recognised mistake is the same as with the live catalogue."""
    here, there = find_course(workspace), find_course(ROOT)
    for name in ("chloe_flipped", "dmitri_overwrites", "emma_crop"):
        paths = [ROOT / "examples" / f"{name}.py"]
        [mine] = grade(here, here.exercises, paths, explain=False)
        [live] = grade(there, [find_exercise(there, "ex04")], paths, explain=False)
        hidden = {c.name for c in live.checks if c.hidden}
        assert [(c.name, c.outcome, c.misconception) for c in mine.checks] == [
            (c.name, c.outcome, c.misconception) for c in live.checks if c.name not in hidden
        ]
        assert any(c.misconception for c in mine.checks)


def test_a_damaged_recording_is_said_in_one_line(workspace, tmp_path):
    """A recorded file that is missing or cut off ends with one line that names it, exit code 3."""
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(workspace, copy)
    recorded = copy / "exercises" / "ex04_convolution" / RECORDED_FILE
    for damage in (lambda: recorded.write_bytes(recorded.read_bytes()[:1000]), recorded.unlink):
        damage()
        done = subprocess.run(
            [sys.executable, "-m", "grader", "ex04"],
            cwd=copy,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 3
        assert RECORDED_FILE in done.stderr
        assert "Traceback" not in done.stderr + done.stdout


def recorded(data):
    """A recording as its keys, and the numbers behind them."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        header = json.loads(arrays["header"].tobytes())
    checks = {"": header["right"]}
    checks |= {name: entry["checks"] for name, entry in header["misconceptions"].items()}
    keys = {
        (name, check): (entry["keys"], entry["parts"])
        for name, found in checks.items()
        for check, entry in found.items()
    }
    return set(header["reference"]), keys


ALL = tuple(path.name[:4] for path in sorted((ROOT / "exercises").glob("ex*_*")))
TRAINING = ALL[7:]  # recording their misconceptions takes minutes
LATER = ALL[8:]  # recording their references takes longer than that of all others


@pytest.mark.parametrize(
    ("quick", "kept"),
    [
        pytest.param(ALL, LATER, id="references"),
        pytest.param(TRAINING, TRAINING[:1], id="misconceptions", marks=pytest.mark.slow),
    ],
)
def test_the_committed_template_is_current(course, quick, kept, monkeypatch):
    """student_template/ is what `grade release` builds today: every file to the byte, and every
    recording with the same calls (of the exercises in `quick`, the reference's; in `kept`, none)."""
    template = ROOT / "student_template"

    def record(course, exercise, *, quick):
        if exercise.id not in kept:
            return record_now(course, exercise, quick=quick)
        folder = template / "exercises" / exercise.name
        points = re.search(r"(?m)^points = (.+)$", (folder / "exercise.toml").read_text("utf-8"))
        return (folder / RECORDED_FILE).read_bytes(), float(points[1])

    monkeypatch.setattr("grader.authoring.release._record", record)
    built = release(course, course.exercises, quick=quick)
    there = {
        PurePosixPath(p.relative_to(template).as_posix())
        for p in template.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    assert there == set(built), "run: grade release"
    for name, data in built.items():
        committed = (template / name).read_bytes()
        if name.name != RECORDED_FILE:
            assert committed == data, f"{name}: run `grade release`"
            continue
        answers, calls = recorded(data)
        known, known_calls = recorded(committed)
        assert answers == known, f"{name}: run `grade release`"
        assert calls.items() <= known_calls.items(), f"{name}: run `grade release`"
        if not any(part.startswith(quick) for part in name.parts):
            assert calls == known_calls, f"{name}: run `grade release`"


def test_hidden_checks_and_their_helpers_are_left_out():
    """A hidden check goes with its decorators, and with what only it used."""
    source = '''"""Checks."""

import pytest

SECRET = 5
SHARED = 2


def helper():
    return SECRET


def shared():
    return SHARED


@pytest.mark.points(1)
@pytest.mark.hidden
def test_hidden(student):
    """Hidden."""
    assert student.f() == helper() + shared(), "no"


@pytest.mark.points(1)
def test_public(student):
    """Public."""
    assert student.f() == shared(), "no"
'''
    public = public_checks(source)
    assert "hidden" not in public.lower()
    assert "SECRET" not in public
    assert "helper" not in public
    assert "def shared" in public
    assert "def test_public" in public


def test_points_are_those_of_the_public_checks(files):
    """exercise.toml in the workspace adds up with the checks that are there."""
    text = files[PurePosixPath("exercises/ex04_convolution/exercise.toml")].decode()
    checks = files[PurePosixPath("exercises/ex04_convolution/test_ex04.py")].decode()
    points = sum(map(float, re.findall(r"points\((\d+)\)", checks)))
    assert float(re.search(r"^points = (.+)$", text, re.MULTILINE)[1]) == points


def test_nothing_of_the_student_is_overwritten(files, tmp_path):
    """A folder that holds something else is refused."""
    (tmp_path / "thesis.txt").write_text("important", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        write(files, tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "important"
