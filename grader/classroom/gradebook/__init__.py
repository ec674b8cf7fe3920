"""Results that last: submissions, reports and grades in a database that a killed batch cannot harm."""

from grader.classroom.gradebook.connect import open_gradebook
from grader.classroom.gradebook.grades import Grade
from grader.classroom.gradebook.store import Gradebook

__all__ = ["Grade", "Gradebook", "open_gradebook"]
