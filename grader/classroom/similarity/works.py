"""The works in a gradebook: what counts of each student for an exercise."""

from __future__ import annotations

from collections.abc import Sequence

from grader.classroom.gradebook import Gradebook
from grader.classroom.similarity.compare import Work


def works_of(book: Gradebook, exercises: Sequence[str]) -> dict[str, list[Work]]:
    """The works of each exercise, as they were graded; those that hold no readable source are left out.

    Raises `UsageError` if the gradebook has no grades of them.
    """
    found: dict[str, list[Work]] = {}
    for grade in book.existing_grades(exercises):
        sources = book.sources(grade.submission, grade.exercise) if grade.submission else {}
        text = "\n".join(source for _, source in sorted(sources.items()))
        if text.strip():
            together = f"{grade.origin} {grade.submission}" if grade.origin else ""
            one = Work(grade.student, grade.name, text, together)
            found.setdefault(grade.exercise, []).append(one)
    return found
