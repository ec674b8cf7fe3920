"""The package for Gradescope, as it is uploaded."""

import io
import json
import zipfile

from autograder_host import CASES

from grader.course.late import LatePolicy
from grader.course.loader import find_course
from grader.hosts.gradescope.build import gradescope
from grader.hosts.gradescope.settings import Settings, loads


def test_package_is_what_gradescope_unpacks(tmp_path):
    """At the zip's root: two programs with a `#!` line, and nothing is in a folder; the same
    package again has the same bytes."""
    course = find_course(CASES, CASES / "course")
    data = gradescope(course, Settings(("ex01",)))
    assert gradescope(course, Settings(("ex01",))) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [n for n in archive.namelist() if "/" in n]
        for name in ("setup.sh", "run_autograder"):
            assert archive.read(name).startswith(b"#!/")
            assert b"\r" not in archive.read(name)
            assert archive.getinfo(name).external_attr >> 16 & 0o111 == 0o111


def test_command_makes_the_package(grade, tmp_path):
    """`grade package gradescope` writes the zip, with what was declared, and names the points."""
    path = tmp_path / "ex04.zip"
    words = ("--late", 10, "--late-most", 50, "--grace", 15, "--hidden", "after_published")
    done = grade("package", "gradescope", "ex04", "-o", path, *words, "--require", "network")
    assert done.code == 0
    assert "42 points" in done.out
    with zipfile.ZipFile(path) as archive:
        settings = json.loads(archive.read("settings.json"))
    assert settings == {
        "exercises": ["ex04"],
        "seconds": 540.0,
        "late": {
            "grace_minutes": 15.0,
            "per_day": 0.1,
            "at_most": 0.5,
            "zone": "UTC",
            "free_days": 0,
        },
        "hidden": "after_published",
        "require": ["network"],
    }
    wrong = grade("package", "gradescope", "ex04", "-o", path, "--require", "magic")
    assert "no such guarantee" in wrong.complaint


def test_the_course_s_late_policy_is_the_package_s(grade, small, tmp_path):
    """The package takes the late policy of `course.toml`; an option changes its own part only."""
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write("[late]\npercent_per_day = 20\nat_most_percent = 60\n")
    path = tmp_path / "ex01.zip"
    for words, most in (((), 0.6), (("--late-most", 0), 0.0)):
        done = grade("package", "gradescope", "ex01", "-o", path, "--course", small.root, *words)
        assert done.code == 0, done.err
        with zipfile.ZipFile(path) as archive:
            settings = loads(archive.read("settings.json").decode())
        assert settings.late == LatePolicy(per_day=0.2, at_most=most)
