"""A student's progress, as lines for a terminal: what is done, what is begun, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader import columns
from grader.course.hints import find_handout, short_path
from grader.language import say, series
from grader.model import Course, Exercise
from grader.student.progress import Progress, has_changed, next_exercise, read_progress
from grader.student.workspace import exercise_file, workspace_folder

BAR = 10  # columns


def bar(share: float, width: int = BAR) -> str:
    """A bar that is full where `share` is 1. It is full only then, and empty only at 0."""
    full = min(width, max(0, int(share * width)))
    full = 1 if share > 0 and full == 0 else full
    return "█" * full + "░" * (width - full)


def overview(course: Course, folder: Path, width: int) -> list[str]:
    """The progress in all exercises, for a terminal of `width` columns, as seen from `folder`."""
    progress = read_progress(course)
    lines = [course.title, "", *table(course, progress, width)]
    if workspace_folder(course) is not None:
        lines += ["", f"  {points(course, progress)}"]
    upcoming = next_exercise(course, progress)
    if upcoming is None:
        return _wrap_lines([*lines, "", say("All done. Well done!")], width)
    here = exercise_file(upcoming, folder) is not None
    command = f"grade {upcoming.id}" + ("" if here else f" path/to/{upcoming.file}")
    handout = find_handout(upcoming)
    lines += [
        "",
        say("Next: {title}. Check it with `{command}`.", title=upcoming.title, command=command),
    ]
    if handout.is_file():
        lines.append(say("Its handout: {path}", path=short_path(handout, folder)))
    return _wrap_lines(lines, width)


def table(course: Course, progress: Mapping[str, Progress], width: int) -> list[str]:
    """One line for each exercise, and below it what comes next in it."""
    shown = BAR + 2 if width >= 72 else 0
    wide = min(max(columns.columns(e.title) for e in course.exercises), max(10, width - 20 - shown))
    ids = {e.name: e.id for e in course.exercises}
    lines = []
    for exercise in course.exercises:
        known = progress.get(exercise.id)
        mark = "✓" if known and known.done else "·" if known else " "
        score = f"{known.score:g}/{known.max_score:g}" if known else f"–/{exercise.points:g}"
        share = known.score / known.max_score if known and known.max_score else 0.0
        title = columns.padded(columns.shortened(exercise.title, wide), wide)
        line = f"  {mark} {exercise.id}  {title}"
        line += f"  {bar(share)}" if shown else ""
        lines.append(f"{line}  {score:>7}")
        lines += [f"         {said}" for said in _below(course, exercise, known, ids, progress)]
    return lines


def _below(
    course: Course,
    exercise: Exercise,
    known: Progress | None,
    ids: Mapping[str, str],
    progress: Mapping[str, Progress],
) -> list[str]:
    """What is said below an exercise's line."""
    changed = known is not None and has_changed(course, exercise, known)
    if known and known.done:
        if not known.when:
            return [say("done; the file has changed since")] if changed else []
        if changed:
            return [say("done on {day}; the file has changed since", day=known.when)]
        return [say("done on {day}", day=known.when)]
    needed = [ids.get(n, n) for n in exercise.requires]
    missing = [n for n in needed if not (n in progress and progress[n].done)]
    lines = [say("builds on {exercises}", exercises=series(missing))] if missing else []
    if known and changed:
        lines.append(say("next: {check}; the file has changed since", check=known.first))
    elif known:
        lines.append(say("next: {check}", check=known.first))
    return lines


def points(course: Course, progress: Mapping[str, Progress]) -> str:
    """The points of all exercises together, with a bar."""
    score = sum(p.score for p in progress.values())
    most = sum(progress[e.id].max_score if e.id in progress else e.points for e in course.exercises)
    done = sum(p.done for p in progress.values())
    share = score / most if most else 0.0
    said = say(
        "{score:g} of {all:g} points, {done} of {exercises} exercises done",
        score=score,
        all=most,
        done=done,
        exercises=len(course.exercises),
    )
    return f"{bar(share, 2 * BAR)}  {said}"


def _wrap_lines(lines: Sequence[str], width: int) -> list[str]:
    """The lines; long ones are wrapped and indented."""
    fitted = []
    for line in lines:
        rest = " " * (9 if line.startswith("         ") else 10 if line.startswith(" ") else 0)
        own = line[: len(line) - len(line.lstrip())]
        fitted += columns.lines(line.strip(), width, own, rest) or [""]
    return fitted
