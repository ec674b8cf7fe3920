"""Reads many reports and sources in one query."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sqlalchemy import Engine, func, select

from grader.classroom.gradebook.damage import naming_damage
from grader.classroom.gradebook.packing import sources_by_exercise, unpack_json
from grader.classroom.gradebook.schema import handin, result, student, submission
from grader.language import say, series
from grader.model import Report
from grader.render.json import from_dict


def read_reports(engine: Engine, keys: Iterable[str]) -> dict[str, Report]:
    """The reports of results, by their keys; without those that are not there yet."""
    query = select(result.c.key, result.c.report).where(result.c.key.in_(set(keys)))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    found = {}
    for key, data in rows:
        with naming_damage(partial(_owners, engine, key), engine):
            found[key] = from_dict(unpack_json(data))
    return found


def _owners(engine: Engine, key: str) -> str:
    whose = select(student.c.key, handin.c.exercise).where(handin.c.result_key == key)
    whose = whose.join(student, student.c.id == handin.c.student)
    with engine.connect() as connection:
        rows = connection.execute(whose.limit(3)).all()
    of = series(say("{student} in {exercise}", student=r[0], exercise=r[1]) for r in rows) or key
    return say("the stored report of {of}", of=of)


def read_sources(
    engine: Engine, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, str]]:
    """Sources by file, for submissions and the exercises that they were graded for; empty where nothing
    is stored."""
    pairs = list(wanted)
    query = select(submission.c.hash, submission.c.sources)
    with engine.connect() as connection:
        rows = connection.execute(query.where(submission.c.hash.in_({h for h, _ in pairs}))).all()
    found: dict[str, dict[str, dict[str, str]]] = {}
    for hash_, data in rows:
        with naming_damage(partial(_submission, hash_), engine):
            found[hash_] = sources_by_exercise(data)
    parts = ((pair, found.get(pair[0], {})) for pair in pairs)
    # An old gradebook does not say for which exercise.
    return {pair: own.get(pair[1]) or own.get("", {}) for pair, own in parts}


def _submission(hash_: str) -> str:
    return say("what is stored of the submission {hash}", hash=hash_)


def count_attempts(engine: Engine) -> dict[tuple[str, str], int]:
    """How often each student handed in different files, by student and exercise."""
    query = (
        select(student.c.key, handin.c.exercise, func.count())
        .join(student, student.c.id == handin.c.student)
        .group_by(student.c.key, handin.c.exercise)
    )
    with engine.connect() as connection:
        return {(key, exercise): count for key, exercise, count in connection.execute(query)}
