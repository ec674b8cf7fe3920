"""Grades the submissions of a whole class in parallel, into a gradebook."""
