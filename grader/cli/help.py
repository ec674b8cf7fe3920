"""Help and usage errors in another language than English, whose punctuation and widths Click does not know.

A translation is one line where the English text has several, and its characters may be two columns wide.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from copy import deepcopy

import click

from grader.columns import columns, lines
from grader.language import FULL_WIDTH, SOURCE, language, say, together

AS_IS = "\b\n"  # begins a paragraph whose lines Click leaves alone


class Formatter(click.HelpFormatter):
    """The parts of a page of help, with the language's own colons, and columns that fit."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line that shows how the command is called."""
        for line in lines(together(say("Usage:"), f"{prog} {args}"), self.width, "", " " * 10):
            self.write(line + "\n")

    def write_heading(self, heading: str) -> None:
        """The title of a section."""
        self.write(" " * self.current_indent + say("{heading}:", heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        """Paragraphs; those that begin with `\\b` as they are."""
        indent = " " * self.current_indent
        shown = []
        for paragraph in inspect.cleandoc(text).split("\n\n"):
            if paragraph.startswith(AS_IS):
                shown.append([indent + line for line in paragraph.removeprefix(AS_IS).splitlines()])
            else:
                shown.append(lines(_unbroken(paragraph), self.width, indent, indent))
        self.write("\n\n".join("\n".join(part) for part in shown) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Terms and what they mean, side by side."""
        rows = list(rows)
        indent = " " * self.current_indent
        room = min(max(columns(term) for term, _ in rows), col_max) + col_spacing
        left = indent + " " * room
        for term, text in rows:
            head = indent + term + " " * (room - columns(term))
            if columns(term) + col_spacing > room:
                self.write(indent + term + "\n")
                head = left
            found = lines(_unbroken(text), self.width, head, left) or [head.rstrip()]
            self.write("\n".join(found) + "\n")


class Context(click.Context):
    """Where a command writes its help with these parts."""

    formatter_class = Formatter


def in_language(command: click.Command) -> click.Command:
    """A command, and those in it, with help in the reader's language; the given one is left as it is."""
    return command if language() == SOURCE else _translated(deepcopy(command))


def translate(context: click.Context) -> None:
    """Show the help of a command that is parsed already in the reader's language."""
    if language() != SOURCE:
        context.command = in_language(context.command)
        _translate_options(context.command.get_params(context))  # with Click's own --help
        context.formatter_class = Formatter


def in_words(error: click.ClickException) -> click.ClickException:
    """Wrong usage, with the language's own punctuation where Click joins what it says."""
    if language() == SOURCE:
        return error
    text = error.format_message()
    context = getattr(error, "ctx", None)
    if context is not None:
        translate(context)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        hint = error.param.get_error_hint(context)
        text = text.replace(f"{hint}.", say("{text}.", text=hint), 1)
    text = re.sub(f"(?<=[{''.join(FULL_WIDTH)}]) ", "", text)
    return click.UsageError(text, context)


def _translated(command: click.Command) -> click.Command:
    command.context_class = Context
    parts = say(inspect.cleandoc(command.help or "")).split("\n\n")
    command.help = "\n\n".join(map(_unbroken, parts))
    command.epilog = say(command.epilog or "")
    _translate_options(command.params)
    for inner in getattr(command, "commands", {}).values():
        _translated(inner)
    return command


def _translate_options(parameters: Iterable[click.Parameter]) -> None:
    for option in parameters:
        if isinstance(option, click.Option):
            option.help = say(option.help or "")


def _unbroken(paragraph: str) -> str:
    """A paragraph in one line, unless it stays as it is."""
    if paragraph.startswith(AS_IS):
        return paragraph
    text = ""
    for line in map(str.strip, paragraph.split("\n")):
        wide = text and line and columns(text[-1]) == columns(line[0]) == 2
        text = text + line if wide or not text else together(text, line)
    return text
