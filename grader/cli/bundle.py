"""`grade bundle`: packs the course into one file, for hosts that grade."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from grader.cli.options import PATH, chosen_course, course_option
from grader.course.bundle import make_bundle
from grader.files import write_file


@click.command(
    epilog="""\b
Examples:
  grade bundle -o course.zip
  grade --course course.zip ex04 my_work.py
  grade ex04 --course https://example.org/course.zip --sha256 4f1c…
"""
)
@click.option("-o", "--output", type=PATH, required=True, help="The file to write.")
@course_option
@click.pass_context
def bundle(context: click.Context, output: Path, course: Path | None) -> None:
    """Pack the course into one file: exercises, hidden checks, references and misconceptions.

    Prints the file's SHA-256, for --sha256. It contains all solutions: do not give it to students.
    """
    data = make_bundle(chosen_course(context, course))
    write_file(output, data)
    click.echo(f"{hashlib.sha256(data).hexdigest()}  {output}")
