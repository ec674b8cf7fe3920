"""The command group, and what `grade` alone shows."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
import traceback
from pathlib import Path

import click
from click.shell_completion import CompletionItem
from click_default_group import DefaultGroup

import grader
from grader.cli.help import in_language, in_words
from grader.cli.options import (
    chosen_course,
    complete_exercise_or_all,
    lang_option,
    sha256_option,
    terminal_width,
)
from grader.errors import ExitCode, GraderError
from grader.language import say, settle, system_language
from grader.sandbox.launch import Server

LAZY = {  # imported only when called
    "batch": "grader.cli.batch:batch",
    "bundle": "grader.cli.bundle:bundle",
    "check": "grader.cli.check:check",
    "demo": "grader.cli.demo:demo",
    "doctor": "grader.cli.doctor:doctor",
    "export": "grader.cli.export:export",
    "extend": "grader.cli.extend:extend",
    "gradebook": "grader.cli.gradebook:gradebook",
    "init": "grader.cli.init:init",
    "hint": "grader.cli.hint:hint",
    "new": "grader.cli.new:new",
    "package": "grader.cli.package:package",
    "release": "grader.cli.release:release",
    "report": "grader.cli.report:report",
    "reset": "grader.cli.reset:reset",
    "similar": "grader.cli.similar:similar",
    "translate": "grader.cli.translate:translate",
    "verify": "grader.cli.verify:verify",
    "watch": "grader.cli.watch:watch",
}


def run(server: Server | None) -> int:
    """Run the command line and return the exit code. An error of ours is one line, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    settle(system_language())
    try:
        code = in_language(main).main(prog_name="grade", standalone_mode=False, obj=server)
    except click.exceptions.Abort:
        click.echo(say("grade: stopped"), err=True)
        return 130
    except click.ClickException as error:
        in_words(error).show()
        return ExitCode.USAGE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except KeyboardInterrupt:
        click.echo("\n" + say("grade: stopped"), err=True)
        return 130
    except GraderError as error:
        click.echo(f"grade: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        _give_up_output()
        return ExitCode.CANNOT_GRADE
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _give_up_output()
            click.echo(say("grade: the report cannot be written: the disk is full"), err=True)
            return ExitCode.CANNOT_GRADE
        click.echo(
            say("grade: internal error: {kind}: {error}", kind=type(error).__name__, error=error),
            err=True,
        )
        if os.environ.get("GRADE_TRACEBACK"):
            traceback.print_exc()
        else:
            click.echo(say("Set GRADE_TRACEBACK=1 to see where, and please report it."), err=True)
        return ExitCode.CANNOT_GRADE
    return code if isinstance(code, int) else ExitCode.FULL_MARKS


def _give_up_output() -> None:
    """Let what is still to be printed go nowhere: Python tries once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Group(DefaultGroup):
    """A word that is not a command is an exercise. Commands are imported when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All commands, the lazy ones included."""
        return sorted([*super().list_commands(context), *LAZY])

    def shell_complete(self, context: click.Context, text: str) -> list[CompletionItem]:
        """Commands, and exercises: the first word may be either."""
        words = complete_exercise_or_all(context, None, text)
        return [*super().shell_complete(context, text), *map(CompletionItem, words)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command called `name`, imported if necessary."""
        if name not in LAZY:
            context.arg0 = name  # type: ignore[attr-defined]  # where DefaultGroup looks for it
            name = "check"
        module, _, attribute = LAZY[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return in_language(command)


@click.group(
    cls=Group,
    default="check",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  grade                       your progress, and what to do next
  grade watch                 walk through the course: every save is checked
  grade ex04                  check ex04_convolution.py in this folder
  grade ex04 my_work.ipynb    check a notebook
  grade all solutions/        check every exercise in a folder

Exit codes: 0 full marks, 1 a check did not pass, 2 wrong usage, 3 the grader could not grade.
""",
)
@click.version_option(grader.__version__, prog_name="nn-grader")
@click.option(
    "--course",
    envvar="GRADE_COURSE",
    metavar="DIR|BUNDLE",
    help="The course's folder, or a bundle: a file, or an https address with --sha256.",
)
@sha256_option
@lang_option
@click.pass_context
def main(context: click.Context, course: str | None) -> None:
    """Check the exercises of a course on neural networks.

    Without a command, the first word is an exercise: `grade ex04` is `grade check ex04`.
    """
    context.meta["course"] = course
    if context.invoked_subcommand is None:
        from grader.student.overview import overview

        found = chosen_course(context, None)
        click.echo("\n".join(overview(found, Path(), terminal_width())))
