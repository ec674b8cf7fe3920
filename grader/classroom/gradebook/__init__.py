"""Submissions, reports and grades in a database that stays valid when a batch is killed."""

from grader.classroom.gradebook.connect import open_gradebook
from grader.classroom.gradebook.grades import Grade
from grader.classroom.gradebook.store import Gradebook

__all__ = ["Grade", "Gradebook", "open_gradebook"]
