"""The same class from every platform of the instructor's guide: everybody is matched or named, everybody
gets the same points, and the table that comes back is read again by pandas."""

import io
import re
import shlex
from concurrent.futures import Future
from pathlib import Path

import pandas
import pytest
from made_class import COURSE, PLATFORMS, STUDENTS, zipped

from grader.classroom.batch import grade as batch
from grader.classroom.batch.pools import LocalPool

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
DONE = {}  # the results of the few works, which all platforms hand over; each is graded once


class OncePool:
    """Grades a work that no platform has handed over yet."""

    width = 1
    lost = ()

    def __init__(self, bundle, *_):
        self._bundle, self._pool = bundle, None

    def submit(self, task):
        """The result, at once."""
        if task.key not in DONE:
            self._pool = self._pool or LocalPool(self._bundle, 1)
            DONE[task.key] = self._pool.submit(task).result()
        future = Future()
        future.set_result(DONE[task.key])
        return future

    def close(self, *, now=False):
        """End the worker, if there was one."""
        if self._pool:
            self._pool.close(now=now)


def rows_of_the_guide():
    """The rows of the guide's table, by platform: download, class list, command, what comes back."""
    table = re.search(r"^\| platform \| `submissions.zip`.*?\n\n", GUIDE, re.MULTILINE | re.DOTALL)
    rows = [line.strip("|").split(" | ") for line in table[0].strip().splitlines()[2:]]
    return {name.strip(): rest for name, *rest in rows}


ROWS = rows_of_the_guide()


@pytest.fixture
def folder(small, tmp_path, monkeypatch):
    """A folder to work in, with a due date in the course, where nothing is graded twice."""
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(COURSE)
    monkeypatch.setattr(batch, "open_pool", OncePool)
    monkeypatch.setenv("GRADE_COURSE", str(small.root))
    work = tmp_path / "work"
    work.mkdir()
    return work


def test_the_guide_has_every_platform():
    """A platform that is read is in the guide's table, and the other way round."""
    assert set(ROWS) == set(PLATFORMS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform(platform, grade, folder, small):
    """The row's commands work: batch, list and export; the points are those of the table of students."""
    made, (_, listed, command, _) = PLATFORMS[platform], ROWS[platform]
    (folder / "submissions.zip").write_bytes(zipped(made.lay()))
    text = made.list()
    assert made.file in listed
    (folder / made.file).write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(line):
        _, *words = shlex.split(line.replace("ex04", "ex01"))
        course = [] if "gradebook" in words[:1] else ["--course", small.root]
        return grade(*words, *course, cwd=folder)

    done = run(f"grade batch submissions.zip ex04 --roster {made.file}")
    assert done.code == 0, done.err
    assert f"{made.file}: 12 students; id from" in done.err
    known = {made.key(s): s for s in STUDENTS}
    sure = {key: s for key, s in known.items() if s.works and s.id not in made.unsure}
    for key in {made.key(s) for s in STUDENTS if s.id in made.unsure}:
        assert re.search(rf"may be .*{re.escape(key)}", done.err)  # named, not mixed up
    assert done.out.count("not matched") == bool(made.unsure)
    shown = run("grade gradebook list").out
    assert all(re.search(rf"^{re.escape(key)} ", shown, re.MULTILINE) for key in sure)

    done = run(command.strip("` "))
    assert done.code == bool(made.unsure) * ("--fill" in command), done.err
    expected = {key: s.score(timed=made.timed) for key, s in sure.items()}
    assert points(folder, command.strip("` "), known) == dict.fromkeys(known) | expected


def points(folder, command, known):
    """The points in the table that came back, by what the gradebook calls a student."""
    data = (folder / command.split()[-1]).read_bytes()
    utf_16 = data.startswith(b"\xff\xfe")
    sep = "\t" if utf_16 else ","
    encoding = "utf-16" if utf_16 else "utf-8"
    table = pandas.read_csv(io.BytesIO(data), sep=sep, encoding=encoding, dtype=str)
    column = next(c for c in table if re.match(r"A line|score$|Grade$", c))
    found = dict.fromkeys(known)
    for _, row in table.iterrows():
        cells = {str(cell).removeprefix("#") for cell in row}
        (key,) = [key for key in known if key in cells] or [None]
        if key and isinstance(row[column], str):
            found[key] = float(row[column])
    return found
