"""Results that last: submissions, reports and grades in a database that a killed batch cannot harm."""

from grader.gradebook.connect import open_gradebook
from grader.gradebook.grades import Grade
from grader.gradebook.store import Gradebook

__all__ = ["Grade", "Gradebook", "open_gradebook"]
