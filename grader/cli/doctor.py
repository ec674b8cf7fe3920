"""`grade doctor`: tries which guarantees hold for student code on this machine."""

from __future__ import annotations

import platform
import sys
import textwrap

import click

import grader
from grader.errors import ExitCode, SandboxError
from grader.sandbox.guarantees import GUARANTEES, Claims
from grader.sandbox.launch import Server
from grader.sandbox.levels import LEVELS

ADVICE = """
Do not run submissions here that you do not trust. On Linux, install bubblewrap, or run `grade` as
root in a container; elsewhere, use a Linux container or virtual machine."""


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
        click.echo(f"Student code cannot be run here: {error}")
        return ExitCode.CANNOT_GRADE
    click.echo(f"Level {claims.level}: {', '.join(claims.mechanisms) or 'only time limits'}")
    for name, reason in declined:
        click.echo(f"  not {name}: {reason}")
    click.echo("\nA process confined like a student's tried to break each guarantee:\n")
    for guarantee in GUARANTEES:
        click.echo("\n".join(_row(guarantee, claims)))
    if not all(claims.held.values()):
        click.echo(ADVICE)
    return ExitCode.FULL_MARKS


def _row(guarantee: str, claims: Claims) -> list[str]:
    """A guarantee, whether it holds, and each attempt to break it with its result."""
    attempts = claims.attempts(guarantee)
    holds = claims.held[guarantee]
    mark = click.style("yes", fg="green") if holds else click.style("no ", fg="red")
    tried = "; ".join(f"{name}: {why or 'NOT REFUSED'}" for name, why in attempts.items())
    lines = [f"  {mark}  {guarantee:<11}  {GUARANTEES[guarantee]}"]
    by = claims.enforced_by(guarantee)
    text = f"by {', '.join(by)}. Tried: {tried}" if by and holds else f"Tried: {tried}"
    return lines + textwrap.wrap(text, 88, initial_indent=" " * 20, subsequent_indent=" " * 20)
