"""Which account on which platform a grade's hand-in came from."""

from __future__ import annotations

from sqlalchemy import select

from grader.gradebook import Gradebook
from grader.gradebook.schema import handin, student


def accounts(book: Gradebook) -> dict[tuple[str, str], str]:
    """By student and exercise, the account of the hand-in that counts, such as `github-classroom
    adal`."""
    query = select(student.c.key, handin.c.exercise, handin.c.identity)
    query = query.join(student, student.c.id == handin.c.student).where(handin.c.current)
    with book.engine.connect() as connection:
        return {(row.key, row.exercise): row.identity for row in connection.execute(query)}
