"""The gradebook. Every write is a transaction of its own, and writing the same twice changes nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import repeat
from operator import attrgetter
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Select, Table, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from grader.classroom.gradebook.by_hand import ByHand, clean, now
from grader.classroom.gradebook.damage import damage_in
from grader.classroom.gradebook.grades import NOTHING, Grade, grade_of
from grader.classroom.gradebook.packing import pack_json, sources_by_exercise
from grader.classroom.gradebook.precedence import (
    counted_submissions,
    describe_change,
    earlier_results,
    is_later,
    lock_transaction,
)
from grader.classroom.gradebook.schema import (
    adjustment,
    criterion,
    exercise,
    handin,
    result,
    student,
    submission,
)
from grader.classroom.gradebook.statements import (
    ADD_HANDIN,
    CHANGE_HANDIN,
    CHANGE_SOURCES,
    EXERCISE_ID,
    GRADED,
    GRADED_BEFORE,
    SOURCES,
    STUDENT,
    insert_new,
)
from grader.classroom.gradebook.stored import count_attempts, read_reports, read_sources
from grader.classroom.gradebook.urls import reason_of, without_password
from grader.errors import GradebookError, UsageError
from grader.language import say
from grader.model import Outcome, Report
from grader.render.json import as_dict


class Gradebook(ByHand):
    """Students, submissions, results, and what people write. Opened by `open_gradebook`; close it."""

    # What a batch writes

    def add_student(self, key: str, name: str = "", email: str = "") -> None:
        """Add a student, or update name and address."""
        self.add_students([(key, name, email)])

    def add_students(self, people: Iterable[tuple[str, ...]]) -> None:
        """Add or update many in one transaction: key, name, address and, if known, last name of each."""
        with self._writing.begin() as connection:
            for person in sorted(people):  # in one order, so that two writers never deadlock
                _student(connection, *person)

    def add_exercise(self, hash_: str, id_: str, title: str, points: float) -> None:
        """Add a version of an exercise, which becomes the current one."""
        values = {"hash": hash_, "id": id_, "title": title, "points": points, "added": now()}
        with self._writing.begin() as connection:
            if not _insert(connection, exercise, values, "hash"):
                same = update(exercise).where(exercise.c.hash == hash_)
                connection.execute(same.values(added=values["added"]))

    def add_submission(
        self, who: tuple[str, str, str], exercise_id: str, submission_hash: str, result_key: str, *,
        identity: str = "", submitted: datetime | None = None, **about: Any,
    ) -> str:  # fmt: skip
        """Add a student's submission; it counts for the exercise unless there is a later one.

        One submission counts for an account of a platform, too: what was stored under another
        student before, as without the roster, no longer counts.

        Args:
            who: the student's key, name and address, as `add_student` takes them.
            exercise_id: the exercise's short name.
            submission_hash: of its files.
            result_key: of the result that will count for it; until there is one, an earlier result of
                the same files counts.
            identity: the account on the platform.
            submitted: when.
            about: `late_seconds`, `late_days`, `penalty`, `marked_late`, `note`, `origin`.

        Returns what the instructor should know of it, or nothing.
        """
        values = {n: clean(v) if isinstance(v, str) else v for n, v in about.items()}
        values |= {"result_key": result_key, "current": True, "seen": now()}
        values |= {"identity": clean(identity), "submitted": submitted}
        with self._writing.begin() as connection:
            lock_transaction(connection, f"{exercise_id} {values['identity']}")
            number = _student(connection, *who)
            row = {"student": number, "exercise": exercise_id, "submission": submission_hash}
            before = counted_submissions(connection, row, values["identity"])
            same = {f"of_{name}": value for name, value in row.items()}
            later = [b for b in before if is_later(b, submitted, str(values.get("origin", "")))]
            ours = [b for b in before if (b.student, b.submission) == (number, submission_hash)]
            if any(b in later for b in ours):
                values = {"result_key": result_key, "seen": now()}  # its later timestamp stays
            elif later:
                values["current"] = False
            elif replaced := [b.id for b in before if b not in ours]:
                stale = update(handin).where(handin.c.id.in_(replaced))
                connection.execute(stale.values(current=False))
            if not connection.execute(CHANGE_HANDIN, {**same, **values}).rowcount:
                connection.execute(ADD_HANDIN, {**row, **values})
            return describe_change(connection, clean(who[0]), {**row, **values}, before, later)

    def is_graded(self, key: str) -> bool:
        """Whether there is a result with this key; one that is `ungraded` is tried again."""
        with self.engine.connect() as connection:
            return connection.scalar(GRADED, {"key": key}) is not None

    def graded_before(self, submission_hash: str, exercise_id: str) -> tuple[str, str]:
        """The version of the grader that graded these files last, and the hash of the exercise that
        it graded them against; `""` for both if none did."""
        given = {"submission": submission_hash, "exercise": exercise_id}
        with self.engine.connect() as connection:
            row = connection.execute(GRADED_BEFORE, given).first()
        return (row.grader, row.exercise) if row else ("", "")

    def add_result(
        self,
        key: str,
        submission_hash: str,
        exercise_hash: str,
        report: Report,
        sources: Mapping[str, str] | None = None,
    ) -> bool:
        """Store a report, committed when this returns. False if there was a result already."""
        reasons = report.problems or [
            c.message for c in report.checks if c.outcome is Outcome.UNGRADED
        ]
        values = {
            "key": key,
            "submission": submission_hash,
            "exercise": exercise_hash,
            "grader": report.grader,
            "outcome": report.outcome,
            "score": report.score,
            "max_score": report.max_score,
            "reason": clean("\n".join(reasons[:3])),
            "report": pack_json(as_dict(report)),
            "graded": now(),
            "tries": 1,
        }
        with self._writing.begin() as connection:
            if sources:
                _add_sources(connection, submission_hash, exercise_hash, sources)
            else:
                _insert(connection, submission, {"hash": submission_hash}, "hash")
            if _insert(connection, result, values, "key"):
                return True
            changes = {**values, "tries": result.c.tries + 1}
            failed = (result.c.key == key) & (result.c.outcome == "ungraded")
            return bool(connection.execute(update(result).where(failed).values(**changes)).rowcount)

    # What is read

    def grades(
        self, exercises: Iterable[str] = (), *, key: str = "", missing: bool = False
    ) -> list[Grade]:
        """What counts now, by student and exercise. An adjustment without a submission is a grade, too.

        Args:
            exercises: short names; all if there are none.
            key: one student only.
            missing: also a grade without a score for each student who submitted nothing for one of the
                exercises; without names, for those that somebody submitted something for.
        """
        with _collecting_no_garbage():
            return self._grades(list(exercises), key, missing)

    def _grades(self, wanted: list[str], key: str, missing: bool) -> list[Grade]:
        query = (
            select(handin, student.c.key, student.c.name, student.c.email, student.c.last)
            .add_columns(
                result.c.outcome,
                result.c.score,
                result.c.max_score,
                result.c.reason,
                result.c.graded,
            )
            .join(student, student.c.id == handin.c.student)
            .outerjoin(result, result.c.key == handin.c.result_key)
            .where(handin.c.current)
        )
        same = (handin.c.student == adjustment.c.student) & (
            handin.c.exercise == adjustment.c.exercise
        )
        alone = (
            select(adjustment.c.student, adjustment.c.exercise)
            .add_columns(student.c.key, student.c.name, student.c.email, student.c.last)
            .join(student, student.c.id == adjustment.c.student)
            .where(~select(handin.c.id).where(same).exists())
            .distinct()
        )
        if wanted:
            query = query.where(handin.c.exercise.in_(wanted))
            alone = alone.where(adjustment.c.exercise.in_(wanted))
        if key:
            query = query.where(student.c.key == key)
            alone = alone.where(student.c.key == key)
        points = {id_: most for id_, _, most in self.exercises()}
        with self.engine.connect() as connection:
            changes: dict[tuple[int, str], list[Any]] = {}
            for row in connection.execute(select(adjustment).order_by(adjustment.c.id)):
                changes.setdefault((row.student, row.exercise), []).append(row)
            rows = _rows(connection, query)
            if any(row["outcome"] is None for row in rows):
                earlier = earlier_results(connection)
                for waiting in (one for one in rows if one["outcome"] is None):
                    waiting.update(earlier.get((waiting["submission"], waiting["exercise"]), {}))
            written = {(r["student"], r["exercise"]): r for r in _rows(connection, alone)}
            if missing:
                here = (
                    {row["exercise"] for row in rows} if not wanted else set(wanted) & set(points)
                )
                have = {(row["student"], row["exercise"]) for row in rows}
                written |= {
                    (who["student"], id_): {**who, "exercise": id_}
                    for who in _rows(connection, _people(key))
                    for id_ in here
                    if (who["student"], id_) not in have
                }
            rows += [{**NOTHING, **row} for row in written.values()]
            rubrics: dict[str, list[Any]] = {}
            for row in connection.execute(select(criterion).order_by(criterion.c.id)):
                rubrics.setdefault(row.exercise, []).append(row)
        found = [
            grade_of(
                row,
                changes.get((row["student"], row["exercise"]), []),
                points,
                rubrics.get(row["exercise"], []),
            )
            for row in rows
        ]
        found = [grade for grade in found if missing or grade.outcome != "missing"]
        return sorted(found, key=attrgetter("student", "exercise"))

    def existing_grades(
        self, exercises: Iterable[str] = (), *, missing: bool = False
    ) -> list[Grade]:
        """The same as `grades`. Raises `UsageError` if nothing was submitted, nor given by hand."""
        found = self.grades(exercises, missing=missing)
        if all(grade.outcome == "missing" for grade in found):
            shown = without_password(self.engine.url.render_as_string())
            raise UsageError(
                say("{shown}: holds no such grades; see `grade gradebook list`", shown=shown)
            )
        return found

    def students(self) -> list[tuple[str, str, str]]:
        """Key, name and address of all students, also of those without a submission; but not of those
        whose submissions all count under another key now, and who have no adjustment."""
        query = _people()
        with self.engine.connect() as connection:
            return [(row.key, row.name, row.email) for row in connection.execute(query)]

    def report(self, key: str) -> Report | None:
        """The report of a result; None if there is no such result yet."""
        return self.reports([key]).get(key)

    def reports(self, keys: Iterable[str]) -> dict[str, Report]:
        """The reports of some hundred results, by their keys; without those that are not there yet."""
        return read_reports(self.engine, keys)

    def sources(self, submission_hash: str, exercise_id: str) -> dict[str, str]:
        """The sources of a submission that were graded for an exercise, by file."""
        pair = (submission_hash, exercise_id)
        return self.all_sources([pair])[pair]

    def all_sources(
        self, wanted: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], dict[str, str]]:
        """The same for some hundred pairs of a submission and an exercise."""
        return read_sources(self.engine, wanted)

    def attempts(self) -> dict[tuple[str, str], int]:
        """How often each student handed in different files, by student and exercise."""
        return count_attempts(self.engine)

    def history(self, key: str, exercise_id: str = "") -> list[dict[str, Any]]:
        """Every result that a student's submissions ever had, and every adjustment, by time."""
        query = (
            select(handin.c.exercise, handin.c.submission, handin.c.submitted, handin.c.current)
            .add_columns(result.c.key, result.c.outcome, result.c.score, result.c.max_score)
            .add_columns(result.c.graded.label("at"), result.c.grader, handin.c.result_key)
            .join(student, student.c.id == handin.c.student)
            .join(result, result.c.submission == handin.c.submission)
            .join(
                exercise,
                (exercise.c.hash == result.c.exercise) & (exercise.c.id == handin.c.exercise),
            )
            .where(student.c.key == key)
        )
        words = (
            select(adjustment, adjustment.c.made.label("at"))
            .join(student, student.c.id == adjustment.c.student)
            .where(student.c.key == key)
        )
        if exercise_id:
            query = query.where(handin.c.exercise == exercise_id)
            words = words.where(adjustment.c.exercise == exercise_id)
        with self.engine.connect() as connection:
            found = _rows(connection, query)
            earlier = earlier_results(connection)
            for row in found:
                instead = earlier.get((row["submission"], row["exercise"]))
                wanted = instead["result_key"] if instead else row["result_key"]
                row["counts"] = bool(row.pop("current")) and row["key"] == wanted
                del row["result_key"]
            found += _rows(connection, words)
        return sorted(found, key=lambda row: row["at"])

    def exercises(self) -> list[tuple[str, str, float]]:
        """Short name, title and points of each exercise, in its current version."""
        query = select(exercise).order_by(exercise.c.id, exercise.c.added)
        with self.engine.connect() as connection:
            latest = {r.id: (r.id, r.title, r.points) for r in connection.execute(query)}
        return list(latest.values())

    def count_results(self) -> int:
        """How many results there are, old ones included."""
        with self.engine.connect() as connection:
            return int(connection.scalar(select(func.count()).select_from(result)) or 0)

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if isinstance(error, SQLAlchemyError):
            shown = without_password(self.engine.url.render_as_string())
            if damage := damage_in(error, shown):
                raise damage from error
            raise GradebookError(  # the disk is full, the server is gone
                say(
                    "{shown}: {error}. What is stored is safe: run the command again",
                    shown=shown,
                    error=reason_of(error),
                )
            ) from error


@contextmanager
def _collecting_no_garbage() -> Iterator[None]:
    """Make objects by the hundred thousand without looking through all that are there again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _people(key: str = "") -> Select[Any]:
    """The query for `Gradebook.students`, or for one of them."""
    own = select(handin.c.id).where(handin.c.student == student.c.id)
    counts = own.where(handin.c.current).exists()
    adjusted = select(adjustment.c.id).where(adjustment.c.student == student.c.id).exists()
    query = select(student.c.id.label("student"), student.c.key, student.c.name, student.c.email)
    query = (
        query.add_columns(student.c.last)
        .where(~own.exists() | counts | adjusted)
        .order_by(student.c.key)
    )
    return query.where(student.c.key == key) if key else query


def _rows(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    """The rows by the names of their columns, which are asked for once and not for each row."""
    found = connection.execute(query)
    names = list(found.keys())
    return [*map(dict, map(zip, repeat(names), found.all()))]


def _add_sources(
    connection: Connection, submission_hash: str, exercise_hash: str, sources: Mapping[str, str]
) -> None:
    """Store a submission with the sources that were graded; each exercise may have used other files of it."""
    name = connection.scalar(EXERCISE_ID, {"hash": exercise_hash})
    parts = {str(name or ""): dict(sources)}
    row = {"hash": submission_hash, "sources": pack_json(parts)}
    if not _insert(connection, submission, row, "hash"):
        held = connection.scalar(SOURCES, {"hash": submission_hash})
        data = pack_json(dict(sorted({**sources_by_exercise(held), **parts}.items())))
        connection.execute(CHANGE_SOURCES, {"of_hash": submission_hash, "sources": data})


def _student(connection: Connection, key: str, name: str, email: str, last: str = "") -> int:
    values = {"key": clean(key), "name": clean(name), "email": clean(email), "last": clean(last)}
    found = connection.execute(STUDENT, values).first()
    if found is None:
        _insert(connection, student, values, "key")
        found = connection.execute(STUDENT, values).one()
    known = {n: v for n, v in values.items() if v and v != getattr(found, n)}
    if known:
        connection.execute(update(student).where(student.c.id == found.id).values(**known))
    return int(found.id)


def _insert(connection: Connection, table: Table, values: dict[str, Any], key: str) -> bool:
    """Insert a row unless there is one with this key; whether it was inserted."""
    statement = insert_new(connection.dialect.name, table, key)
    return bool(connection.execute(statement, values).rowcount > 0)
