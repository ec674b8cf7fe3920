"""The whole way on Classroom 50, with its runner recreated: from a push to result.json."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest
from autograder_host import CASES
from classroom50_runner import COMMITTED, Runner

from grader.authoring.release import release
from grader.course.loader import find_course, find_exercise
from grader.errors import UsageError
from grader.hosts.classroom50 import build

RIGHT = (CASES / "right" / "submission" / "ex01_line.py").read_text("utf-8")
WRONG = (CASES / "wrong_value" / "submission" / "ex01_line.py").read_text("utf-8")
RUN = ("-P", "-m", "grader.hosts.classroom50.run")  # as `-I`, but with the tests' own PYTHONPATH

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the runners are Linux")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of an assignment, made from the small course."""
    course = find_course(CASES, CASES / "course")
    made = tmp_path_factory.mktemp("classroom50") / "autograders" / "ex01"
    build.write(build.classroom50(release(course, course.exercises)), made)
    return made


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


@pytest.fixture
def run(runner, folder):
    """Grades the checkout as the folder's program does once it has installed the grader."""

    def start(**changes):
        return runner.execute(*RUN, folder / "course", **changes)

    return start


@pytest.mark.slow
def test_a_push_becomes_a_result(runner, folder, record_property):
    """The folder's program installs the grader, grades with the public checks and ends with 0; what
    the student committed under the names of its files is gone."""
    runner.commit(ex01_line=RIGHT)
    (runner.checkout / "result.json").write_text('{"score": 99}')
    start = time.perf_counter()
    done = runner.execute(runner.fetch(folder))
    record_property("seconds", time.perf_counter() - start)
    assert done.returncode == 0, done.stderr
    value = runner.result()
    assert value["datetime"] == COMMITTED
    assert value["review"] == value["commit"]  # the runner had no comparison to offer
    assert value["score"] == value["max-score"] == sum(t["score"] for t in value["tests"]) > 0
    assert runner.outputs()["status"] == "success"
    assert "all checks passed" in done.stdout


def test_what_is_wrong_is_explained(runner, run):
    """A mistake is no error of the autograder: it ends with 0, and the release tells the hint."""
    runner.commit(ex01_line=WRONG)
    assert run().returncode == 0
    value = runner.result()
    assert 0 < value["score"] < value["max-score"]
    assert [t["passed"] for t in value["tests"]].count(False) == 1
    body = (runner.checkout / "release-body.md").read_text("utf-8")
    assert "**Hint:**" in body
    assert "submit/2026-06-01T14-32-05Z-a1b2c3d" in body
    outputs = runner.outputs()
    assert outputs["status"] == "failure"
    assert outputs["summary"].startswith(f"{value['score']}/{value['max-score']} points, ")


def test_nothing_handed_in_is_zero_points(runner, run):
    """A repository without the exercise's file is graded: with no points, and the reason."""
    runner.commit(notes="x = 1\n", more="x = 2\n")
    assert run().returncode == 0
    assert runner.result()["score"] == 0
    assert "ex01_line" in (runner.checkout / "release-body.md").read_text("utf-8").replace("\\", "")


def test_the_students_checks_do_not_count(runner, run):
    """Checks and a configuration in the student's repository are not those that are run."""
    runner.commit(ex01_line=WRONG, conftest="raise SystemExit(0)\n", numpy="raise SystemExit(0)\n")
    (runner.checkout / "exercises").mkdir()
    (runner.checkout / "exercises" / "course.toml").write_text("title = 1\n")
    assert run().returncode == 0
    assert runner.result()["score"] < runner.result()["max-score"]


@pytest.mark.parametrize("name", ["CLASSROOM", "ASSIGNMENT", "COMMIT_URL", "SUBMISSION_TAG"])
def test_without_its_runner_there_is_no_result(runner, run, name):
    """Where the runner's variables are missing, it does not end with 0, and leaves no result."""
    runner.commit(ex01_line=RIGHT)
    done = run(**{name: ""})
    assert done.returncode == 1
    assert done.stderr == f"grade: ${name} is not set: this is run by Classroom 50's runner\n"
    assert not (runner.checkout / "result.json").exists()


def test_checks_that_cannot_be_run_are_no_grade(runner, folder, tmp_path):
    """If the checks themselves are broken there is no result: the runner reports an error."""
    broken = shutil.copytree(folder / "course", tmp_path / "course")
    (checks,) = broken.rglob("test_*.py")
    checks.write_text("import there_is_no_such_module\n")
    runner.commit(ex01_line=RIGHT)
    done = runner.execute(*RUN, broken)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (runner.checkout / "result.json").exists()


def test_the_tag_says_when_if_git_does_not(runner, run):
    """In a checkout without history the time is the one in the submission's tag, never the clock."""
    runner.checkout.mkdir()
    (runner.checkout / "ex01_line.py").write_text(RIGHT, encoding="utf-8")
    assert run(GIT_CEILING_DIRECTORIES=str(runner.root)).returncode == 0
    assert runner.result()["datetime"] == "2026-06-01T14:32:05Z"
    done = run(GIT_CEILING_DIRECTORIES=str(runner.root), SUBMISSION_TAG="submit/mine")
    assert done.returncode == 1
    assert "says when it was submitted" in done.stderr


def test_everybody_may_read_the_folder(folder):
    """No solution, no misconception, no hidden check and no salt is in it."""
    texts = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".whl", ".pyc")
    }
    checks = CASES / "course" / "ex01_line" / "test_ex01.py"
    (secret,) = re.findall(r"mark\.hidden\n(?:@.*\n)*def (\w+)", checks.read_text("utf-8"))
    for name, text in texts.items():
        assert secret not in text, name
        assert "only the instructor knows" not in text, name
    assert {Path(name).name for name in texts} == {
        *("autograder.py", "requirements.txt", "course.toml", "exercise.toml", "test_ex01.py"),
        *("README.md", "recorded.npz"),
    }


def test_the_command_writes_the_folder(grade, tmp_path):
    """`grade package classroom50` writes it, again over an earlier one, never over other files; a
    workspace's course, which has no solutions, is as good."""
    made = tmp_path / "autograders" / "ex04"
    words = ("package", "classroom50", "ex04", "--course", CASES.parents[1] / "student_template")
    for _ in range(2):
        done = grade(*words, "-o", made)
        assert done.code == 0, done.complaint
    assert (made / "course" / "exercises" / "ex04_convolution" / "recorded.npz").is_file()
    assert not (made / "course" / "exercises" / "ex05_pooling").exists()
    (tmp_path / "mine.txt").write_text("")
    done = grade(*words, "-o", tmp_path)
    assert done.code == 2
    assert "holds other files" in done.complaint
    assert (tmp_path / "mine.txt").exists()


def test_a_folder_that_the_host_refuses_is_not_made(monkeypatch):
    """Classroom 50 takes 10 MiB at most: more is refused here, before anything is pushed."""
    monkeypatch.setattr(build, "LARGEST", 1000)
    course = find_course(CASES, CASES.parents[1] / "student_template")
    files = build.checks_of_workspace(course, [find_exercise(course, "ex04")])
    with pytest.raises(UsageError, match="takes at most"):
        build.classroom50(files)
