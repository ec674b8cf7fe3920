"""`grade init`: creates a student's workspace."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from grader.cli.options import PATH, lang_option
from grader.errors import ExitCode
from grader.language import say


@click.command(
    epilog="""\b
Examples:
  grade init my-course && cd my-course && grade watch
  grade init --notebooks my-notebooks
  grade init --lang zh-Hant my-course
"""
)
@click.argument("folder", type=PATH, default=Path())
@click.option("--notebooks", is_flag=True, help="Make notebooks to fill in, not scripts.")
@lang_option
def init(folder: Path, notebooks: bool) -> int:
    """Create a workspace: files to fill in, handouts and checks. FOLDER must be new or empty."""
    from grader.student.workspace import create

    files = create(folder, notebooks=notebooks)
    go = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    click.echo(say("{n} exercises are in {folder}/. Begin here:", n=len(files), folder=folder))
    click.echo(f"  {go}grade watch\n")
    click.echo(
        say(
            "It checks {name} on every save, and goes on when it is done. The handout:",
            name=files[0].name,
        )
    )
    click.echo(f"  {folder / 'exercises' / files[0].stem / 'README.md'}")
    if notebooks:
        click.echo(
            say(
                "Or open {name} in Jupyter, Colab or VS Code: its last cell checks it.",
                name=files[0].name,
            )
        )
        return ExitCode.FULL_MARKS
    click.echo(
        say("Or check it yourself, as often as you like: grade {files}", files=files[0].stem[:4])
    )
    return ExitCode.FULL_MARKS
