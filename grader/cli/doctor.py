"""`grade doctor`: what this machine offers, found out by trying."""

from __future__ import annotations

import platform
import sys

import click

import grader
from grader.errors import ExitCode, GraderError


@click.command(epilog="\b\nExample:\n  grade doctor\n")
def doctor() -> int:
    """Show which guarantees hold for student code on this machine."""
    import numpy

    from grader.checking.grading import confinement
    from grader.sandbox.launch import Server

    click.echo(
        f"nn-grader {grader.__version__}, Python {platform.python_version()} ({sys.executable})"
    )
    click.echo(f"NumPy {numpy.__version__}, {platform.platform()}\n")
    try:
        with Server() as server:
            box = server.start({})
            layers = box.layers
            box.close()
    except GraderError as error:
        click.echo(f"Student code cannot be run here: {error}")
        return ExitCode.CANNOT_GRADE
    held = confinement(layers)
    click.echo("Student code runs in a process of its own.")
    for name, meaning in (
        ("filesystem", "cannot read or write files"),
        ("network", "cannot open connections"),
        ("processes", "cannot start or signal processes"),
        ("memory", "cannot use more memory than its limit"),
    ):
        mark = (
            click.style("yes", fg="green") if getattr(held, name) else click.style("no ", fg="red")
        )
        click.echo(f"  {mark}  {name:<11} {meaning}")
    click.echo(f"\nBy: {', '.join(layers) or 'nothing'}")
    return ExitCode.FULL_MARKS
