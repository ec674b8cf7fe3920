"""The workflows that students' repositories start with: valid, and their steps do what they say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from autograder_host import CASES, ROOT

import grader
from grader.course.loader import find_course
from grader.hosts.wheel import make_wheel, wheel_name

yaml = pytest.importorskip("yaml", reason="reads the workflows")

TEMPLATES = ROOT / "grader" / "student" / "templates"
GITHUB = TEMPLATES / ".github" / "workflows" / "grade.yml"
GITLAB = TEMPLATES / ".gitlab-ci.yml"

THREE_WRONG = """import numpy as np


def mean(x):
    return np.sum(x) / (len(x) + 1)


def count(x):
    return len(x) + 1


def line_forward(x, w, b):
    return x * w + b, (x, w)
"""


def read(path):
    """A workflow as values."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "words",
    [
        ["vendor.github-workflows", GITHUB],
        ["vendor.gitlab-ci", "--data-transform", "gitlab-ci", GITLAB],
    ],
)
def test_workflow_fits_its_hosts_schema(words):
    """Each file is valid by the schema that its host publishes."""
    program = shutil.which("check-jsonschema") or shutil.which(
        "check-jsonschema", path=str(Path(sys.executable).parent)
    )
    if program is None:
        pytest.skip("check-jsonschema is not installed")
    command = [program, "--builtin-schema", *map(str, words)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [GITHUB, GITLAB])
def test_versions_are_pinned(path):
    """The grader is this version; every package, action and image is an exact one."""
    text = path.read_text(encoding="utf-8")
    assert f"nn-grader=={grader.__version__}" in text
    for line in re.findall(r"pip install (.+)$", text, re.MULTILINE):
        assert all("==" in word for word in line.split() if not word.startswith("--"))
    for action in re.findall(r"uses: (\S+)", text):
        assert re.search(r"@[0-9a-f]{40}$", action)
    assert not re.search(r"image: \S+:(latest|3|3\.\d+)$", text, re.MULTILINE)


def test_actions_run_on_a_node_that_is_there():
    """Node 20 leaves GitHub's machines in September 2026 (github.blog/changelog, 2025-09-19): the
    actions are of the releases that run on Node 24, by what their own release notes say."""
    lowest = {"actions/checkout": 5, "actions/setup-python": 6}
    pinned = re.findall(r"uses: (\S+)@[0-9a-f]{40} # v(\d+)\.\d+\.\d+$", GITHUB.read_text(), re.M)
    assert {name for name, _ in pinned} == set(lowest)
    assert all(int(major) >= lowest[name] for name, major in pinned)


def test_nothing_of_a_students_is_pasted_into_a_shell():
    """No `run:` holds an expression: a branch's name or a file's name cannot become a command."""
    for step in read(GITHUB)["jobs"]["grade"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(("host", "path"), [("github", GITHUB), ("gitlab", GITLAB)])
def test_workflow_is_written_into_a_repository(host, path, grade, tmp_path):
    """`grade package HOST DIR` writes the file, again if it is the same, and replaces no other."""
    for _ in range(2):
        assert grade("package", host, tmp_path).code == 0
    written = tmp_path / path.relative_to(TEMPLATES)
    assert written.read_bytes() == path.read_bytes()
    written.write_text("mine")
    assert "another file is there" in grade("package", host, tmp_path).complaint
    assert written.read_text() == "mine"


@pytest.fixture
def clone(installed, tmp_path):
    """A clean clone of a student's repository, and how to run a step in it; the grader is not
    installed, and pip finds its wheel in a folder."""
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    origin = tmp_path / "origin"
    shutil.copytree(TEMPLATES, origin)
    shutil.copytree(CASES / "course", origin, dirs_exist_ok=True)  # its public checks
    (origin / "ex01_line.py").write_text(THREE_WRONG, encoding="utf-8")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Hand in"]):
        subprocess.run([*git, *words], cwd=origin, check=True)
    here = tmp_path / "clone"
    subprocess.run([*git, "clone", "-q", origin, here], check=True)

    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / wheel_name()).write_bytes(make_wheel())
    programs = installed.root / "venv" / "bin"
    subprocess.run([programs / "pip", "uninstall", "-q", "-y", "nn-grader"], check=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "GRADE"))}
    links = f"{tmp_path / 'wheels'} {os.environ.get('PIP_FIND_LINKS', '')}"
    base = {**kept, "PATH": f"{programs}:{os.environ['PATH']}", "PIP_FIND_LINKS": links}

    def step(script, **variables):
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=here,
            env={**base, **variables},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    yield here, step
    command = [programs / "pip", "install", "-q", "--no-deps", tmp_path / "wheels" / wheel_name()]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.skipif(os.name == "nt", reason="the runners are Linux")
@pytest.mark.slow
def test_github_workflow_grades_a_clone(clone, tmp_path):
    """The steps, run in order: three failures are three annotations at the student's lines, the
    summary has the points, and the job fails."""
    here, step = clone
    job = read(GITHUB)["jobs"]["grade"]
    variables = {k: str(v) for k, v in job["env"].items()}
    variables["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary.md")
    variables["GITHUB_WORKSPACE"] = str(here)
    done = []
    for one in job["steps"]:
        if "run" in one:
            none = dict.fromkeys(one.get("env", {}), "")  # no secret, no variable is set
            done.append(step(one["run"], **none, **variables))
    install, grade = done
    assert install.returncode == 0, install.stderr
    assert grade.returncode == 1, grade.stderr
    blamed = re.findall(r"^::error file=ex01_line.py,line=(\d+),", grade.stdout, re.MULTILINE)
    source = THREE_WRONG.splitlines()
    assert [source[int(line) - 1].split("(")[0] for line in blamed] == [
        "    return np.sum",  # one small change makes it right
        "    return len",  # what is wrong can come from nowhere else
        "    return x * w + b, ",
    ]
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert re.search(r"## ✗ ex01 .*: \d+ of 11 points", summary)


@pytest.mark.skipif(os.name == "nt", reason="the runners are Linux")
@pytest.mark.slow
def test_gitlab_job_grades_a_clone(clone, tmp_path):
    """The script, run in order, with the course from a bundle: it writes the JUnit report and fails."""
    from grader.course.bundle import make_bundle

    here, step = clone
    job = read(GITLAB)["grade"]
    bundle = tmp_path / "course.zip"
    bundle.write_bytes(make_bundle(find_course(CASES, CASES / "course")))
    variables = {k: str(v) for k, v in job["variables"].items()} | {"GRADE_COURSE": str(bundle)}
    done = [step(line, **variables) for line in [*job["before_script"], *job["script"]]]
    assert [d.returncode for d in done] == [0, 1], done[-1].stderr
    assert "of 11 points" in done[-1].stderr
    report = here / job["artifacts"]["reports"]["junit"]
    assert "<testsuite " in report.read_text("utf-8")
