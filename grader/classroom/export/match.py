"""Pairs the rows of a platform's table with grades. No row is better than the wrong one.

One grade fills at most one row, and one row takes at most one grade. Identifiers are compared with
their own kind only. A name decides only if no identifier does, nobody else has it in the table or in
the gradebook, and no identifier contradicts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.classroom.downloads import LAYOUTS, MOODLE, Platform, canvas_name
from grader.classroom.gradebook import Grade
from grader.classroom.roster import first_and_last, normalised
from grader.language import say


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, as the table or the gradebook knows them.

    Attributes:
        ids: identifiers of the same kinds in the same order, the surest first; `""` if unknown.
        name: first or last name first.
    """

    ids: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """A kind of identifiers that both the table and the gradebook may have.

    Attributes:
        label: its name in messages.
        sure: whether both come from the same platform, so that a difference means two people. A
            difference in another kind only rules out a match by name, and only if some identifier of
            the kind is equal elsewhere: a roster's ids need not be the platform's.
    """

    label: str
    sure: bool = False


def match_rows(
    kinds: Sequence[IdentifierKind],
    rows: Sequence[Identity],
    grades: Sequence[Identity],
    everybody: Iterable[str],
) -> tuple[dict[int, int], dict[int, str]]:
    """The row of each grade that has one, and for each other grade why it has none.

    Args:
        kinds: of the identifiers.
        rows: the people in the table.
        grades: the people whose grades are to be filled in.
        everybody: the names of all students, also of those without a grade.
    """
    found: dict[int, int] = {}
    taken: set[int] = set()
    why: dict[int, str] = {}
    binding = [n for n, kind in enumerate(kinds) if kind.sure]

    def contradiction(grade: int, row: int) -> str:
        for kind in binding:
            ours, theirs = grades[grade].ids[kind], rows[row].ids[kind]
            if ours and theirs and ours.casefold() != theirs.casefold():
                label = kinds[kind].label
                return say("{label} {theirs}, not {ours}", label=label, theirs=theirs, ours=ours)
        return ""

    def pair(grade: int, row: int, by: str) -> None:
        if other := contradiction(grade, row):
            why.setdefault(
                grade, say("the row with their {by} has the {other}", by=by, other=other)
            )
        elif row in taken:
            why.setdefault(grade, say("the row with their {by} is another student's", by=by))
        else:
            taken.add(row)
            found[grade] = row

    fits: list[int] = []
    for number, kind in enumerate(kinds):
        ours, theirs = _by_id(grades, number), _by_id(rows, number)
        both = [value for value in ours if value in theirs]
        for value in both:
            if len(ours[value]) > 1 or len(theirs[value]) > 1:
                why.update(
                    dict.fromkeys(
                        ours[value], say("somebody else has the same {label}", label=kind.label)
                    )
                )
            elif ours[value][0] not in found:
                pair(ours[value][0], theirs[value][0], kind.label)
        fits += [number] if both else []
    binding += fits
    named_rows, named = _by_name([r.name for r in rows]), _by_name(everybody)
    for number, grade in enumerate(grades):
        if number in found or number in why:
            continue
        same = {row for form in _name_forms(grade.name) for row in named_rows.get(form, ())}
        people = {one for form in _name_forms(grade.name) for one in named.get(form, ())}
        if len(same) > 1 or (same and len(people) > 1):
            why[number] = say("somebody else has the same name")
        elif same:
            pair(number, same.pop(), "name")
    nobody = {n: say("no row of the table is theirs") for n in range(len(grades)) if n not in found}
    return found, {**nobody, **{n: words for n, words in why.items() if n not in found}}


def _by_id(people: Sequence[Identity], kind: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, who in enumerate(people):
        if who.ids[kind]:
            found[who.ids[kind].casefold()].append(number)
    return found


def _by_name(names: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        for form in _name_forms(name):
            found[form].append(number)
    return found


def _name_forms(name: str) -> set[str]:
    """A name normalised, as written and with the last name first: `Lovelace, Ada` is `Ada Lovelace`."""
    first, last = first_and_last(name)
    return {normalised(first + last), normalised(last + first)} - {""}


def account_of(grade: Grade, platform: Platform) -> str:
    """What the platform calls the student; `""` where the submission is from elsewhere."""
    if platform.account:
        return platform.account(grade.origin)
    name, _, account = grade.identity.partition(" ")
    return account if name == platform.name else ""


def roster_id(grade: Grade) -> str:
    """The roster's id; `""` where the gradebook has only the platform's number."""
    for name, platform in LAYOUTS.items():
        number = account_of(grade, platform) if platform.numbers else ""
        if number and grade.student in (number, f"{name} {number}"):
            return ""
    return grade.student


def email_of(grade: Grade) -> str:
    """The e-mail address, which may be the roster's id."""
    return grade.email or (grade.student if "@" in grade.student else "")


def latest_grades(grades: Sequence[Grade]) -> tuple[list[Grade], tuple[str, ...]]:
    """The grades without those that a later one replaces, and a sentence on each of these.

    After one batch without the roster and one with it, a student of Canvas or Moodle is in the
    gradebook twice. Both have the platform's number and name for the student.
    """
    groups: dict[tuple[str, str | tuple[str, ...]], list[Grade]] = defaultdict(list)
    for grade in grades:
        groups[grade.exercise, _person(grade)].append(grade)
    kept, left_out = [], []
    for group in groups.values():
        if len(group) == 1:
            kept += group
            continue
        last = max(group, key=_when)
        kept.append(last)
        left_out += [
            say(
                "{student} {exercise}: the same person has a later submission as {other}",
                student=one.student,
                exercise=one.exercise,
                other=last.student,
            )
            for one in group
            if one is not last
        ]
    return kept, tuple(left_out)


def _person(grade: Grade) -> str | tuple[str, ...]:
    """The student, by the platform's number and name where it tells them."""
    if "_" not in grade.origin:  # which both have in the names of files
        return grade.student
    canvas, moodle = canvas_name(grade.origin), MOODLE.fullmatch(grade.origin)
    if canvas and canvas["user"]:
        return "canvas", canvas["user"], canvas["name"]
    return ("moodle", moodle["id"], moodle["name"]) if moodle else grade.student


def _when(grade: Grade) -> tuple[datetime, datetime]:
    never = datetime.min.replace(tzinfo=UTC)
    return grade.submitted or never, grade.seen or never
