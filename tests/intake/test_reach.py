"""A result depends on the exercise's own file and on what that can import, not on what lies beside it."""

from pathlib import Path

import pytest

from grader.course.loader import find_course, find_exercise
from grader.intake.reach import deciding_files
from grader.intake.submission import submission_from_bytes

ROOT = Path(__file__).resolve().parents[2]
FOLDER = {p.name: p.read_bytes() for p in (ROOT / "solutions").glob("*.py")}
NAME = "ex04_convolution.py"


@pytest.fixture(scope="module")
def exercise():
    return find_exercise(find_course(ROOT), "ex04")


def kept(exercise, main, **others):
    """The names of the files that decide, for `main` and other scripts beside it."""
    files = {NAME: main.encode()} | {f"{n}.py": text.encode() for n, text in others.items()}
    return {name.removesuffix(".py") for name in deciding_files(files, exercise)} - {NAME[:-3]}


def test_the_course(exercise):
    """Each file of the first seven exercises stands alone; a later one needs what it imports, and what
    that imports."""
    course = find_course(ROOT)
    for one in course.exercises:
        found = {n[:4] for n in deciding_files(FOLDER, one)}
        if one.id <= "ex07":
            assert found == {one.id}
    backward = find_exercise(course, "ex08")
    assert {n[:4] for n in deciding_files(FOLDER, backward)} == {"ex02", "ex03", "ex07", "ex08"}


def test_the_rest_of_the_submission_is_the_same(exercise):
    """What is left out changes neither which file is graded, nor a note, nor another module."""
    whole = submission_from_bytes("s", FOLDER, exercise)
    part = submission_from_bytes("s", deciding_files(FOLDER, exercise), exercise)
    assert (part.main, part.notes) == (whole.main, whole.notes)
    assert set(part.modules) < set(whole.modules)


@pytest.mark.parametrize(
    ("main", "needed"),
    [
        ("import numpy as np, math", set()),
        ("import helper", {"helper", "deeper"}),
        ("from helper import *", {"helper", "deeper"}),
        ("from . import helper", {"helper", "deeper"}),
        ("try:\n    from helper import f\nexcept ImportError:\n    pass", {"helper", "deeper"}),
        ("# as in helper", {"helper", "deeper"}),
        ("import ｈｅｌｐｅｒ", {"helper", "deeper"}),
        ("import deeper", {"deeper"}),
        ("import importlib\nimportlib.import_module('hel' 'per')", {"helper", "deeper", "alone"}),
        ("exec('import hel' + 'per')", {"helper", "deeper", "alone"}),
        ("import helpers_of_mine", {"helper", "deeper", "alone"}),
        ("import scipy", {"helper", "deeper", "alone"}),
    ],
)
def test_what_is_needed(exercise, main, needed):
    """A script is left out only if nothing can import it, and nothing would tell that it is there."""
    others = {"helper": "import deeper", "deeper": "x = 1", "alone": "y = 2"}
    assert kept(exercise, main, **others) == needed


@pytest.mark.parametrize(
    "files",
    [
        {NAME: b"x = 1", "notes.zip": b"PK"},
        {NAME: b"x = 1", "broken.py": b"\xff\xfe\x00"},
        {NAME: b"x = 1", "broken.py": "broken.py: is larger than 5 MB"},
        {NAME: b"x = 1", "inside/helper.py": b"y = 2"},
        {"my_ex04.py": b"x = 1", "helper.py": b"y = 2"},
        {NAME: b"x = 1", f"copy/{NAME}": b"x = 2", "helper.py": b"y = 3"},
    ],
)
def test_nothing_is_left_out_where_it_is_not_certain(exercise, files):
    """Archives, files that cannot be read, folders below, and more than one file of that name."""
    assert deciding_files(files, exercise) == files


def test_notebooks(exercise):
    """A notebook is no module of another exercise's; one that is graded is read like a script."""
    own = b'{"cells": [{"source": ["import helper\\n"]}]}'
    files = {
        "ex04_convolution.ipynb": own,
        "ex05_pooling.ipynb": b"{}",
        "helper.py": b"",
        "b.py": b"",
    }
    found = deciding_files(files, exercise)
    assert set(found) == {"ex04_convolution.ipynb", "helper.py"}
