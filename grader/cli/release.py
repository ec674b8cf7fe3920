"""`grade release`: builds the workspace that students start from."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import PATH, chosen_course, course_option
from grader.errors import ExitCode, UsageError
from grader.language import say


@click.command(
    epilog="""\b
Examples:
  grade release                   into student_template/
  grade release /tmp/workspace    into another folder
  grade release --notebooks /tmp/workspace
  grade release --from-notebook mine.ipynb -o theirs.ipynb
"""
)
@click.argument("folder", type=PATH, required=False)
@click.option("--notebooks", is_flag=True, help="Release notebooks instead of scripts.")
@click.option(
    "--from-notebook",
    "source",
    type=PATH,
    metavar="FILE",
    help="Only make a student's notebook from yours, by nbgrader's marks.",
)
@click.option("-o", "--output", type=PATH, help="The student's notebook to write.")
@course_option
@click.pass_context
def release(
    context: click.Context,
    folder: Path | None,
    notebooks: bool,
    source: Path | None,
    output: Path | None,
    course: Path | None,
) -> int:
    """Build a student's workspace: stubs, handouts, public checks, recorded answers; no solutions."""
    if (source is None) != (output is None):
        raise UsageError(say("--from-notebook FILE and -o FILE must be used together"))
    if source is not None and output is not None:
        if notebooks or folder:
            raise UsageError(
                say("--from-notebook makes one notebook; it takes no folder and no --notebooks")
            )
        from grader.authoring.nbgrader_marks import convert

        cells = convert(source, output)
        click.echo(
            say(
                "{output}: {cells} cells, without solutions, hidden tests and outputs",
                output=output,
                cells=cells,
            )
        )
        return ExitCode.FULL_MARKS
    from grader.authoring.release import release as build
    from grader.authoring.release import write

    folder = folder or Path("student_template")
    found = chosen_course(context, course)
    files = build(found, found.exercises, notebooks=notebooks)
    write(files, folder)
    size = sum(len(data) for data in files.values())
    click.echo(
        say(
            "{folder}: {files} files, {size:.0f} kB, {exercises} exercises",
            folder=folder,
            files=len(files),
            size=size / 1024,
            exercises=len(found.exercises),
        )
    )
    return ExitCode.FULL_MARKS
