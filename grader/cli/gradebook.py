"""`grade gradebook`: shows a gradebook, and adjusts grades."""

from __future__ import annotations

import getpass
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.cli.options import chosen_course, course_option, optional_course
from grader.columns import padded
from grader.course.loader import find_exercise, is_exercise_name
from grader.errors import UsageError
from grader.language import say, say_n, series

if TYPE_CHECKING:
    from grader.classroom.gradebook import Gradebook

WORDS = ("comment", "erase")  # what people wrote without any points
Command = TypeVar("Command", bound=Callable[..., Any])


def gradebook_option(command: Command) -> Command:
    """`--gradebook URL`."""
    return click.option(
        "--gradebook",
        default="grades.db",
        show_default=True,
        envvar="GRADE_GRADEBOOK",
        metavar="URL",
        help="A file, or a URL such as sqlite:///grades.db or postgresql+psycopg://host/grades.",
    )(command)


def require_libraries(*modules: str, extra: str = "instructor") -> None:
    """Raise `UsageError` unless the libraries of an extra are installed."""
    for name in modules:
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                say(
                    "{name} is not installed; run: pip install 'nn-grader[{extra}]'",
                    name=name,
                    extra=extra,
                )
            )


@click.group(
    epilog="""\b
Examples:
  grade gradebook list ex04
  grade gradebook history s1815
  grade gradebook adjust s1815 ex04 --add 2 --reason "explained it in the oral exam"
  grade gradebook comment s1815 ex04 "Well explained, good names."
"""
)
def gradebook() -> None:
    """Show a gradebook, adjust grades, and comment on them."""
    require_libraries("sqlalchemy", "alembic")


@gradebook.command(
    "list",
    epilog="""\b
Examples:
  grade gradebook list
  grade gradebook list ex04 --ungraded
  grade gradebook list ex04 --missing
""",
)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@gradebook_option
@click.option("--ungraded", is_flag=True, help="Only what could not be graded.")
@click.option("--missing", is_flag=True, help="Only students who submitted nothing.")
@course_option
@click.pass_context
def list_(
    context: click.Context,
    exercises: tuple[str, ...],
    gradebook: str,
    ungraded: bool,
    missing: bool,
    course: Path | None,
) -> None:
    """List what counts for each student, with the reason if there is no score.

    Students of the class who submitted nothing for an exercise are `missing`.
    """
    from grader.classroom.gradebook import open_gradebook

    if ungraded and missing:
        raise UsageError(say("use one of --ungraded and --missing"))
    shown = ("ungraded", "waiting") if ungraded else ("missing",) if missing else ()
    lines: list[str] = []
    with open_gradebook(gradebook) as book:
        for grade in book.grades(short_names(context, exercises, course), missing=True):
            if shown and grade.outcome not in shown:
                continue
            points = "-" if grade.score is None else f"{grade.score:g}/{grade.max_score:g}"
            words = [
                f"{padded(grade.student, 12)} {padded(grade.name, 20)} {grade.exercise}  {points:>9}  {say(grade.outcome)}"
            ]
            words += [
                grade.lateness,
                say("extended {days}", days=grade.extended) if grade.extended else "",
            ]
            words += [grade.reason.partition("\n")[0], *grade.adjusted]
            words += [
                *map(str, grade.marks),
                *(say("“{text}”", text=said) for said in grade.comments),
            ]
            lines.append("  ".join(w for w in words if w))
    if lines:
        click.echo("\n".join(lines))
    else:
        nobody = say("nobody is missing") if missing else say("there are no grades")
        click.echo(say("everything is graded") if ungraded else nobody, err=True)


@gradebook.command(epilog="\b\nExample:\n  grade gradebook history s1815 ex04\n")
@click.argument("student")
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]")
@gradebook_option
@course_option
@click.pass_context
def history(
    context: click.Context,
    student: str,
    exercises: tuple[str, ...],
    gradebook: str,
    course: Path | None,
) -> None:
    """Show every result that a STUDENT ever had, and every adjustment."""
    from grader.classroom.gradebook import open_gradebook
    from grader.classroom.gradebook.urls import without_password

    wanted = short_names(context, exercises, course)
    with open_gradebook(gradebook) as book:
        rows = [r for r in book.history(student) if not wanted or r["exercise"] in wanted]
        if not rows:
            shown = without_password(gradebook)
            raise UsageError(
                say(
                    "{student}: {shown} has nothing of this student; see `grade gradebook list`",
                    student=student,
                    shown=shown,
                )
            )
        for row in rows:
            at = row["at"].strftime("%Y-%m-%d %H:%M")
            if "author" in row:
                what = " ".join(filter(None, [row["kind"], row["criterion"]]))
                what += (
                    f" {row['until'] or format(row['points'], 'g')}"
                    if row["kind"] not in WORDS
                    else ""
                )
                said = say("{reason} ({author})", reason=row["reason"], author=row["author"])
                what = say("{head}: {text}", head=what, text=said)
            else:
                what = (
                    f"{row['score']:g}/{row['max_score']:g}  {say(row['outcome'])}  {row['grader']}"
                )
                what += "  " + say("submission {hash}", hash=row["submission"][:8])
                what += "  " + say("counts") if row["counts"] else ""
            click.echo(f"{at}  {row['exercise']}  {what}")


@gradebook.command(
    epilog="""\b
Examples:
  grade gradebook adjust s1815 ex04 --add -3 --reason "no name in the file"
  grade gradebook adjust s1815 ex04 --set 40 --reason "graded by hand" --author "Prof. X"
  grade gradebook adjust s1815 ex04 --clear --reason "was meant for s1816"
"""
)
@click.argument("student")
@click.argument("exercise")
@click.option("--add", type=float, help="Points to add; negative to deduct.")
@click.option("--set", "set_", type=click.FloatRange(0), help="The score, whatever the checks say.")
@click.option("--clear", is_flag=True, help="Remove the adjustments so far.")
@click.option("--reason", required=True, help="Why; it is stored, and shown in the report.")
@click.option("--author", default=getpass.getuser, help="Who adjusts (default: your login name).")
@gradebook_option
@course_option
@click.pass_context
def adjust(
    context: click.Context,
    student: str,
    exercise: str,
    add: float | None,
    set_: float | None,
    clear: bool,
    reason: str,
    author: str,
    gradebook: str,
    course: Path | None,
) -> None:
    """Adjust the score of a STUDENT for an EXERCISE. Grading again does not undo it."""
    from grader.classroom.gradebook import open_gradebook

    given = [("add", add), ("set", set_), ("clear", 0.0 if clear else None)]
    chosen = [(kind, points) for kind, points in given if points is not None]
    if len(chosen) != 1:
        raise UsageError(say("use exactly one of --add POINTS, --set POINTS and --clear"))
    ((kind, points),) = chosen
    (name,) = short_names(context, (exercise,), course)
    with open_gradebook(gradebook) as book:
        add_missing_exercise(context, book, name, course)
        book.adjust(student, name, kind, points, reason, author)
        shown = say("nothing counts")
        for grade in book.grades([name], key=student):
            if grade.score is None:
                shown = say("nothing yet")
            else:
                shown = say("{score:g} points", score=grade.score)
        click.echo(f"{student}  " + say("{head}: {text}", head=name, text=shown))


@gradebook.command(
    epilog="""\b
Examples:
  grade gradebook comment s1815 ex04 "Well explained, good names."
  grade gradebook comment s1815 ex04 --erase --reason "was meant for s1816"
"""
)
@click.argument("student")
@click.argument("exercise")
@click.argument("text", required=False)
@click.option("--erase", is_flag=True, help="Take back the comments so far.")
@click.option("--reason", help="Why they are taken back; it is stored.")
@click.option("--author", default=getpass.getuser, help="Who comments (default: your login name).")
@gradebook_option
@course_option
@click.pass_context
def comment(
    context: click.Context,
    student: str,
    exercise: str,
    text: str | None,
    erase: bool,
    reason: str | None,
    author: str,
    gradebook: str,
    course: Path | None,
) -> None:
    """Say something to a STUDENT about an EXERCISE: it is on the student's page and in the feedback.

    Grading again does not undo it.
    """
    from grader.classroom.gradebook import open_gradebook

    said = reason if erase else text
    if said is None or (text is not None) == erase:
        raise UsageError(say("write a TEXT, or --erase with a --reason"))
    (name,) = short_names(context, (exercise,), course)
    with open_gradebook(gradebook) as book:
        add_missing_exercise(context, book, name, course)
        book.comment(student, name, said, author, erase=erase)
        (grade,) = book.grades([name], key=student, missing=True)
    click.echo(
        say_n(
            "{student}  {name}: {n} comment",
            "{student}  {name}: {n} comments",
            len(grade.comments),
            student=student,
            name=name,
        )
    )


@gradebook.command(
    epilog="""\b
Examples:
  grade gradebook rubric s1815 ex04 names 2
  grade gradebook rubric s1815 ex04 report 3.5 --comment "what about stride 2?"

\b
The rubric is declared in course.toml:
  [rubric.ex04]
  names = { points = 2, title = "Readable names" }
"""
)
@click.argument("student")
@click.argument("exercise")
@click.argument("criterion")
@click.argument("points", type=click.FloatRange(0))
@click.option("--comment", default="", help="What the student should know.")
@click.option("--author", default=getpass.getuser, help="Who judges (default: your login name).")
@gradebook_option
@course_option
@click.pass_context
def rubric(
    context: click.Context,
    student: str,
    exercise: str,
    criterion: str,
    points: float,
    comment: str,
    author: str,
    gradebook: str,
    course: Path | None,
) -> None:
    """Give a STUDENT POINTS for a CRITERION of an EXERCISE's rubric, beside those of the checks.

    They come after the penalty for lateness, and grading again does not undo them.
    """
    from grader.classroom.gradebook import open_gradebook
    from grader.course.rubric import rubrics

    (name,) = short_names(context, (exercise,), course)
    found = optional_course(context, course)
    with open_gradebook(gradebook) as book:
        add_missing_exercise(context, book, name, course)
        if found is not None:
            book.set_rubric(name, rubrics(found).get(name, ()))
        book.mark(student, name, criterion, points, comment, author)
        (grade,) = book.grades([name], key=student, missing=True)
    if grade.score is None:
        score = say("no score yet")
    else:
        score = say("{score:g}/{all:g} points", score=grade.score, all=grade.max_score)
    shown = say("; ").join([score, series(map(str, grade.marks))])
    click.echo(f"{student}  " + say("{head}: {text}", head=name, text=shown))


def add_missing_exercise(
    context: click.Context, book: Gradebook, name: str, course: Path | None
) -> None:
    """Make an exercise of the course known to a gradebook that does not have it yet."""
    from grader.classroom.batch.grade import add_exercise

    known = {id_ for id_, _, _ in book.exercises()}
    if name not in known and (found := optional_course(context, course)):
        add_exercise(book, found, name)


def short_names(context: click.Context, names: tuple[str, ...], course: Path | None) -> list[str]:
    """The short names of exercises. The course is read only if a name is not short already."""
    found = []
    for name in names:
        word = name.lower()
        if is_exercise_name(word) and word.startswith("ex") and "_" not in word:
            found.append(word)
        else:
            found.append(find_exercise(chosen_course(context, course), name).id)
    return found
