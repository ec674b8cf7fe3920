"""A course in one file: the same bytes again, proven before use, unpacked out of reach."""

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from grader.course import bundle
from grader.course.loader import find_course
from grader.errors import ExerciseError, UsageError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def made(small):
    """A bundle of the small course."""
    return bundle.make_bundle(find_course(small.root, small.root))


def repacked(data, changed):
    """The bundle with members changed or added, or left out where there is None."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {n: archive.read(n) for n in archive.namelist()} | changed
    return bundle.make_zip({n: (m, False) for n, m in members.items() if m is not None})


def test_the_same_course_gives_the_same_bytes(small, made):
    """Neither times nor the order of a folder nor what Python left there change a bundle."""
    for path in sorted(small.root.rglob("*"), reverse=True):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    cache = small.exercise / "__pycache__"
    cache.mkdir()
    (cache / "test_ex01.pyc").write_bytes(b"x")
    assert bundle.make_bundle(find_course(small.root, small.root)) == made
    small.edit(small.toml, 'title = "', 'title = "Another ')
    assert bundle.make_bundle(find_course(small.root, small.root)) != made


def test_manifest_names_every_member(made):
    """bundle.json has a version, the exercises, and the digest of every other member."""
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        manifest = json.loads(archive.read("bundle.json"))
        others = set(archive.namelist()) - {"bundle.json"}
        assert manifest["bundle"] == 1
        assert manifest["exercises"] == ["ex01"]
        assert set(manifest["files"]) == others
        assert {"exercises/course.toml", "solutions/ex01_line.py"} <= others
        for name, digest in manifest["files"].items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_unpacked_out_of_reach(made, tmp_path):
    """The unpacked course can be entered and read by its owner only, and is gone after the run."""
    path = tmp_path / "course.zip"
    path.write_bytes(made)
    root = bundle.open_bundle(str(path))
    course = find_course(Path(), root)
    assert [e.id for e in course.exercises] == ["ex01"]
    assert course.solutions == root.parent / "solutions"
    for place in (root.parent, root, course.exercises[0].folder / "test_ex01.py"):
        assert not stat.S_IMODE(place.stat().st_mode) & 0o077
    bundle.remove_unpacked(root.parent)
    assert not root.parent.exists()


@pytest.mark.slow
def test_whole_course_grades_from_its_bundle(grade, tmp_path):
    """`grade --course BUNDLE` gives the report that the folder gives, hidden checks included."""
    path = tmp_path / "course.zip"
    done = grade("bundle", "-o", path)
    assert done.code == 0
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert done.out == f"{digest}  {path}\n"
    submission = ROOT / "examples" / "chloe_flipped.py"
    words = ("ex04", submission, "-k", "worked or hidden", "--format", "json")
    here, there = grade(*words), grade(*words, "--course", path, "--sha256", digest, cwd=tmp_path)
    assert here.code == there.code == 1
    seen = [
        [(c["name"], c["outcome"], c["hint"]) for c in r.report["checks"]] for r in (here, there)
    ]
    assert seen[0] == seen[1]


def test_course_from_the_environment(command, made, tmp_path):
    """A host may name the bundle and its digest by GRADE_COURSE and GRADE_SHA256."""
    path = tmp_path / "course.zip"
    path.write_bytes(made)
    digest = hashlib.sha256(made).hexdigest()
    there = command("grader", cwd=tmp_path, GRADE_COURSE=str(path), GRADE_SHA256=digest)
    assert "ex01" in there.out
    other = command("grader", cwd=tmp_path, GRADE_COURSE=str(path), GRADE_SHA256="0" * 64)
    assert "was not used" in other.complaint


def test_wrong_digest_is_refused(grade, made, tmp_path):
    """A bundle that is not the pinned one is refused in one line, with both digests."""
    path = tmp_path / "course.zip"
    path.write_bytes(made)
    refused = grade("--course", path, "--sha256", "ab" * 32, "ex01", "x.py")
    assert refused.code == 2
    assert hashlib.sha256(made).hexdigest() in refused.complaint
    assert "ab" * 32 in refused.complaint


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"solutions/ex01_line.py": b"x"}, "does not match the bundle's manifest"),
        ({"solutions/ex01_line.py": None}, "does not match the bundle's manifest"),
        ({"exercises/new.py": b"x"}, "does not match the bundle's manifest"),
        ({"../escape.py": b"x"}, "leads out of"),
        ({"bundle.json": b"{}"}, "is not a course bundle"),
        ({"bundle.json": None}, "is not a course bundle"),
        ({"bundle.json": b'{"bundle": 9, "grader": "7.0", "files": {}}'}, "version 9"),
    ],
)
def test_broken_bundle_is_refused(made, tmp_path, change, complaint):
    """A bundle with a member changed, missing or added, or of another version, is not used."""
    path = tmp_path / "course.zip"
    path.write_bytes(repacked(made, change))
    with pytest.raises(UsageError, match=complaint):
        bundle.open_bundle(str(path))


def test_what_is_no_bundle_is_refused(grade, tmp_path):
    """A file that is no zip, and an address without digest or without https, are refused in words."""
    path = tmp_path / "course.zip"
    path.write_bytes(b"nothing")
    assert "is not a course bundle" in grade("--course", path, "ex01", "x").complaint
    assert "needs its digest" in grade("--course", "https://x.test/c.zip?key=1", "ex01").complaint
    shown = grade(
        "--course", "http://x.test/c.zip?key=s3cret", "--sha256", "0" * 64, "ex01"
    ).complaint
    assert "https only" in shown
    assert "s3cret" not in shown


def test_address_is_fetched_and_proven(made, monkeypatch):
    """An https address is fetched; what comes back must have the pinned digest."""

    class Answer(io.BytesIO):
        def geturl(self):
            return "https://x.test/course.zip"

    asked = []

    def urlopen(place, timeout):
        asked.append(place)
        return Answer(made)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    place = "https://x.test/course.zip?key=a//b"
    root = bundle.open_bundle(place, hashlib.sha256(made).hexdigest().upper())
    assert (root / "course.toml").is_file()
    assert asked == [place]
    bundle.remove_unpacked(root.parent)
    with pytest.raises(UsageError, match="was not used"):
        bundle.open_bundle(place, "0" * 64)


def test_course_without_solutions_makes_no_bundle(small):
    """A student's workspace has no references: a bundle of it would grade nothing that is hidden."""
    small.edit(small.root / "course.toml", 'solutions = "solutions"\n', "")
    with pytest.raises(ExerciseError, match="no solutions"):
        bundle.make_bundle(find_course(small.root, small.root))


def test_link_in_a_course_makes_no_bundle(small):
    """A link is refused by name: the bundle would lack the file or hold another one tomorrow."""
    (small.exercise / "data.npz").symlink_to("/etc/hostname")
    with pytest.raises(ExerciseError, match=r"data\.npz: is a symbolic link"):
        bundle.make_bundle(find_course(small.root, small.root))


def test_unpacked_bundle_is_gone_after_the_command(made, tmp_path):
    """The command leaves nothing in the folder for temporary files."""
    path = tmp_path / "course.zip"
    path.write_bytes(made)
    place = tmp_path / "tmp"
    place.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "grader", "--course", str(path)],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(place)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert list(place.iterdir()) == []
