"""What a course gives its students, or expects of them: nobody has it from somebody else."""

from __future__ import annotations

import re

from grader.course.stub import make_stub
from grader.model import Course

CODE = re.compile(r"```(?:python|py)?\n(.*?)```", re.DOTALL)


def given_code(course: Course) -> list[str]:
    """The stubs, references and handouts' code of all exercises; later ones include earlier ones."""
    found = []
    for exercise in course.exercises:
        handout = course.root / exercise.folder / "README.md"
        if handout.is_file():
            found += CODE.findall(handout.read_text(encoding="utf-8"))
        reference = course.solutions / exercise.file if course.solutions else None
        if reference and reference.is_file():
            source = reference.read_text(encoding="utf-8")
            found += [source, make_stub(source, exercise.name)]
    return found
