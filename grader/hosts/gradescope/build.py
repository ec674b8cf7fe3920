"""Makes the zip that Gradescope asks for."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from grader.course.bundle import make_bundle, make_zip
from grader.errors import UsageError
from grader.hosts.gradescope.settings import Settings
from grader.hosts.gradescope.wheel import constraints, make_wheel, wheel_name
from grader.model import Course

PROGRAMS = ("setup.sh", "run_autograder")
WORKFLOWS = {"github": ".github/workflows/grade.yml", "gitlab": ".gitlab-ci.yml"}


def gradescope(course: Course, settings: Settings) -> bytes:
    """The autograder zip: at its root two programs, the course with all its answers, the grader.

    Raises `ExerciseError` if the course has no solutions.
    """
    templates = resources.files("grader.hosts.gradescope") / "templates"
    members = {name: ((templates / name).read_bytes(), True) for name in PROGRAMS}
    members["course.zip"] = (make_bundle(course), False)
    members["settings.json"] = (settings.dumps().encode(), False)
    members["constraints.txt"] = (constraints().encode(), False)
    members[wheel_name()] = (make_wheel(), False)
    return make_zip(members)


def write_workflow(host: str, folder: Path) -> Path:
    """Put the workflow of `github` or `gitlab` into a repository; returns the file's path.

    Raises `UsageError` if another file is there, or none can be written.
    """
    data = (resources.files("grader.student") / "templates" / WORKFLOWS[host]).read_bytes()
    path = folder / WORKFLOWS[host]
    try:
        if path.exists() and path.read_bytes() != data:
            raise UsageError(f"{path}: another file is there; move it away first")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    return path
