"""Classroom 50: writes points into `scores.json` as overrides, which its collection of scores keeps.

By the wiki of foundation50/classroom50, CLI-Teacher-Guide, “Override a score”: the newest submission's
points, and `"override": true` beside them. Points are whole numbers there, and at most `max-score`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import floor
from pathlib import Path
from typing import Any

from grader.classroom.downloads import exercise_in
from grader.classroom.export.exported import Export
from grader.classroom.gradebook import Grade
from grader.errors import UsageError
from grader.language import say, series

SCHEMA = "classroom50/scores/v1"
PLATFORM = "classroom50"
Json = dict[str, Any]


def fill_scores(
    path: Path, grades: Sequence[Grade], slugs: Mapping[str, str], names: Mapping[str, str]
) -> Export:
    """The file with the points of these grades; nothing else in it changes.

    Args:
        path: the classroom's `scores.json`.
        grades: what counts.
        slugs: what the assignment of an exercise is called, where its name does not say.
        names: the exercise's name, by its short name.
    """
    text, value = _read(path)
    left_out, warnings = list[str](), list[str]()
    for exercise in dict.fromkeys(g.exercise for g in grades):
        slug = slugs.get(exercise) or _slug(path, value, exercise, names.get(exercise, ""))
        entries = _entries(path, value, slug)
        own = {account_of(g): g for g in grades if g.exercise == exercise}
        taken: set[str] = set()
        for entry in entries:
            who = [name for name in _credited(entry) if name in own]
            taken.update(who)
            wanted = {(own[name].score, own[name].max_score) for name in who}
            whom = series(own[name].student for name in who)
            if len(wanted) > 1:
                left_out.append(
                    say(
                        "{whom} {exercise}: have one entry there, and not the same points",
                        whom=whom,
                        exercise=exercise,
                    )
                )
            for score, most in wanted if len(wanted) == 1 else ():
                newest = _newest(entry)
                if score is None or newest is None:
                    what = say("score to record") if score is None else say("submission there")
                    left_out.append(f"{whom} {exercise}: no {what}")
                elif said := _override(entry, newest, score, most):
                    warnings.append(say("{head}: {text}", head=f"{whom} {exercise}", text=said))
        left_out += [
            say(
                "{student} {exercise}: {slug} has no entry of {name}",
                student=g.student,
                exercise=exercise,
                slug=slug,
                name=name,
            )
            for name, g in own.items()
            if name not in taken
        ]
    return Export(_written(text, value), tuple(left_out), tuple(warnings))


def account_of(grade: Grade) -> str:
    """The student's account, as the download has it; else what the gradebook calls the student."""
    platform, _, account = grade.identity.partition(" ")
    return (account if platform == PLATFORM else grade.student).lower()


def _read(path: Path) -> tuple[str, Json]:
    try:
        text = path.read_text(encoding="utf-8")
        value = json.loads(text)
    except OSError as error:
        raise UsageError(
            say("{path}: cannot be read ({strerror})", path=path, strerror=error.strerror)
        ) from None
    except ValueError:
        raise UsageError(
            say("{path}: is not JSON; download scores.json of the classroom", path=path)
        ) from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise UsageError(
            say(
                "{path}: is not a scores.json of Classroom 50 (its schema is not {schema})",
                path=path,
                schema=SCHEMA,
            )
        )
    return text, value


def _slug(path: Path, value: Json, exercise: str, name: str) -> str:
    """The one assignment that is called after the exercise."""
    slugs = list(value.get("assignments") or ())
    words = {exercise, name.replace("_", "-"), name.partition("_")[2].replace("_", "-")} - {""}
    found = [s for s in slugs if s.lower() in words or exercise_in(s) == exercise]
    if len(found) != 1:
        raise UsageError(
            say(
                "{path}: {n} assignments could be {exercise}; it has {slugs}. Say which: --column "
                "{exercise}=ASSIGNMENT",
                path=path,
                n=len(found),
                exercise=exercise,
                slugs=series(slugs) or say("none"),
            )
        )
    return str(found[0])


def _entries(path: Path, value: Json, slug: str) -> list[Json]:
    bucket = (value.get("assignments") or {}).get(slug)
    entries = bucket.get("entries") if isinstance(bucket, dict) else None
    if not isinstance(entries, list):
        raise UsageError(say("{path}: has no assignment {slug} with entries", path=path, slug=slug))
    return [entry for entry in entries if isinstance(entry, dict)]


def _credited(entry: Json) -> Iterator[str]:
    """The accounts that an entry is about: a group's members, or its owner."""
    members = entry.get("member_usernames")
    for name in members if isinstance(members, list) and members else [entry.get("owner")]:
        if isinstance(name, str):
            yield name.lower()


def _newest(entry: Json) -> Json | None:
    submissions = [one for one in entry.get("submissions") or () if isinstance(one, dict)]
    return max(submissions, key=lambda one: str(one.get("datetime")), default=None)


def _override(entry: Json, newest: Json, score: float, most: float) -> str:
    """Write the points into the newest submission; returns what the instructor should know."""
    limit = floor(most + 0.5)
    points, before = min(floor(score + 0.5), limit), newest.get("score")
    again = entry.get("override") is True and before != points
    newest["score"], newest["max-score"] = points, limit
    entry["override"] = True
    said = (
        [say("{score:g} points are written as {points}", score=score, points=points)]
        if points != score
        else []
    )
    return say("; ").join(
        said + ([say("there was an override with {before} points", before=before)] if again else [])
    )


def _written(text: str, value: Json) -> str:
    """The value, written as the file was."""
    inner = text.partition("{")[2].partition('"')[0].rpartition("\n")
    indent = len(inner[2]) if inner[1] else None
    separators = (",", ":") if '":"' in text and '": "' not in text else None
    plain = not text.isascii()
    made = json.dumps(value, indent=indent, separators=separators, ensure_ascii=not plain)
    return made + text[len(text.rstrip()) :]
