"""`grade doctor`: tries which guarantees hold for student code on this machine."""

from __future__ import annotations

import platform
import sys

import click

import grader
from grader.columns import columns, lines, padded
from grader.errors import ExitCode, SandboxError
from grader.language import later, say, series
from grader.sandbox.guarantees import GUARANTEES, Claims
from grader.sandbox.launch import Server
from grader.sandbox.levels import LEVELS

ADVICE = later("""\
Do not run submissions here that you do not trust. On Linux, install bubblewrap, or run `grade` as
root in a container; elsewhere, use a Linux container or virtual machine.""")


@click.command(
    epilog="""\b
Examples:
  grade doctor
  grade doctor --level T1      as if no stronger level were available

Exit codes: 0 student code can be run, 3 it cannot.
"""
)
@click.option("--level", type=click.Choice(LEVELS), help="Try only this level.")
def doctor(level: str | None) -> int:
    """Show which guarantees hold for student code on this machine, and how each was tested."""
    import numpy

    click.echo(
        f"nn-grader {grader.__version__}, Python {platform.python_version()} ({sys.executable})"
    )
    click.echo(f"NumPy {numpy.__version__}, {platform.platform()}\n")
    try:
        with Server(level) as server:
            claims, declined = server.claims, server.declined
    except SandboxError as error:
        click.echo(say("Student code cannot be run here: {error}", error=error))
        return ExitCode.CANNOT_GRADE
    click.echo(
        say(
            "Level {level}: {mechanisms}",
            level=claims.level,
            mechanisms=series(map(say, claims.mechanisms)) or say("only time limits"),
        )
    )
    for name, reason in declined:
        click.echo("  " + say("not {name}: {reason}", name=name, reason=reason))
    tried = say("A process confined like a student's tried to break each guarantee:")
    click.echo(f"\n{tried}\n")
    for guarantee in GUARANTEES:
        click.echo("\n".join(_row(guarantee, claims)))
    if not all(claims.held.values()):
        click.echo(f"\n{say(ADVICE)}")
    return ExitCode.FULL_MARKS


def _row(guarantee: str, claims: Claims) -> list[str]:
    """A guarantee, whether it holds, and each attempt to break it with its result."""
    attempts = claims.attempts(guarantee)
    holds = claims.held[guarantee]
    words = {True: say("yes"), False: say("no")}
    wide = max(map(columns, words.values()))
    mark = click.style(padded(words[holds], wide), fg="green" if holds else "red")
    refused = say("NOT REFUSED")
    tried = say("; ").join(
        say("{head}: {text}", head=say(name), text=why or refused) for name, why in attempts.items()
    )
    head = f"  {mark}  {guarantee:<11}  {say(GUARANTEES[guarantee])}"
    by = claims.enforced_by(guarantee)
    if by and holds:
        text = say("by {mechanisms}. Tried: {tried}", mechanisms=series(map(say, by)), tried=tried)
    else:
        text = say("Tried: {tried}", tried=tried)
    return [head, *lines(text, 88, " " * 20, " " * 20)]
