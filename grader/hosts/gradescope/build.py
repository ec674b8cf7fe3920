"""Makes the autograder zip for Gradescope."""

from __future__ import annotations

from importlib import resources

from grader.course.bundle import make_bundle, make_zip
from grader.hosts.gradescope.settings import Settings
from grader.hosts.wheel import constraints, make_wheel, wheel_name
from grader.model import Course

PROGRAMS = ("setup.sh", "run_autograder")


def gradescope(course: Course, settings: Settings) -> bytes:
    """The autograder zip: two programs, the course with all its solutions, and the grader.

    Raises `ExerciseError` if the course has no solutions.
    """
    templates = resources.files("grader.hosts.gradescope") / "templates"
    members = {name: ((templates / name).read_bytes(), True) for name in PROGRAMS}
    members["course.zip"] = (make_bundle(course), False)
    members["settings.json"] = (settings.dumps().encode(), False)
    members["constraints.txt"] = (constraints().encode(), False)
    members[wheel_name()] = (make_wheel(), False)
    return make_zip(members)
