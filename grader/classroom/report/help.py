"""Who may need help: those who handed in nothing, who stopped, and who do not get on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.classroom.gradebook import Grade
from grader.language import all_of, later, say
from grader.render.pages import percent

NOTHING = later("nothing handed in")
HALF = 0.5
MANY = 3  # hand-ins to one exercise, after which it is time to ask
LAST = 2  # so many exercises without half of the points, or without a submission, are no accident


@dataclass(frozen=True, slots=True)
class Concern:
    """A student who may need help, and why.

    Attributes:
        student, name: who.
        reasons: in words, the most serious first.
        weight: the most serious come first.
    """

    student: str
    name: str
    reasons: tuple[str, ...]
    weight: float


def share_of(grade: Grade) -> float:
    """The share of the points, from 0 to 1; more with points that a person added."""
    return (grade.score or 0.0) / (grade.max_score or 1)


def handed_in(grade: Grade) -> bool:
    """Whether there is a submission."""
    return bool(grade.submission)


def who_may_need_help(
    students: Sequence[tuple[str, str]],
    grades: Mapping[str, Sequence[Grade]],
    exercises: Sequence[str],
    attempts: Mapping[tuple[str, str], int],
) -> list[Concern]:
    """The students who may need help, the most urgent first.

    Args:
        students: key and name of each.
        grades: of each student, by key.
        exercises: in the order of the course.
        attempts: how often each student handed in, by student and exercise.
    """
    count = dict.fromkeys(exercises, 0)
    for own in grades.values():
        for grade in own:
            count[grade.exercise] += handed_in(grade)
    usual = [e for e in exercises if 2 * count[e] >= len(grades)]  # what most have handed in
    found = [
        concern
        for key, name in students
        if (concern := _concern(key, name, grades.get(key, ()), usual, attempts))
    ]
    return sorted(found, key=lambda c: (-c.weight, c.name, c.student))


def _concern(
    key: str,
    name: str,
    grades: Sequence[Grade],
    usual: Sequence[str],
    attempts: Mapping[tuple[str, str], int],
) -> Concern | None:
    own = {g.exercise: g for g in grades if handed_in(g)}
    if not own:
        return None if grades else Concern(key, name, (say(NOTHING),), 4.0)
    reasons: list[tuple[float, str]] = []
    absent = []
    for exercise in reversed(usual):
        if exercise in own:
            break
        absent.append(exercise)
    if len(absent) >= LAST:
        reasons.append((3.0, say("nothing handed in since {own}", own=max(own))))
    judged = [g for g in own.values() if g.score is not None]
    last = judged[-LAST:]
    if last and all(share_of(g) < HALF for g in last):
        words = all_of(
            [
                say("{share} in {exercise}", share=percent(share_of(g)), exercise=g.exercise)
                for g in last
            ]
        )
        reasons.append((2.0 - sum(map(share_of, last)) / len(last), words))
    for grade in judged:
        tries = attempts.get((key, grade.exercise), 1)
        if tries >= MANY and share_of(grade) < HALF:
            words = say(
                "{tries} hand-ins to {exercise}, {share}",
                tries=tries,
                exercise=grade.exercise,
                share=percent(share_of(grade)),
            )
            reasons.append((1.5, words))
    if not reasons:
        return None
    reasons.sort(key=lambda r: -r[0])
    return Concern(key, name, tuple(words for _, words in reasons), reasons[0][0])
