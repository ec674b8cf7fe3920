"""Writes docs/cli.md from the commands themselves: python docs/cli_reference.py"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from grader.cli.app import main

HEAD = """# The command line

What `--help` says, for every command. This page is written by `python docs/cli_reference.py`.
"""


def pages() -> Iterator[str]:
    """One section for each command, the group first."""
    root = click.Context(
        main, info_name="grade", max_content_width=90, terminal_width=90, **main.context_settings
    )
    yield section(main, root)
    for name in main.list_commands(root):
        command = main.get_command(root, name)
        assert command is not None
        yield from sections(command, name, root)


def sections(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """A command, and the commands inside it."""
    context = click.Context(
        command, info_name=name, parent=parent, max_content_width=90, terminal_width=90
    )
    yield section(command, context)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from sections(found, inner, context)


def section(command: click.Command, context: click.Context) -> str:
    """A heading and the help text."""
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"## {context.command_path}\n\n```text\n{text.strip()}\n```\n"


def document() -> str:
    """The whole page."""
    return "\n".join([HEAD, *pages()])


if __name__ == "__main__":
    Path(__file__).with_name("cli.md").write_text(document(), encoding="utf-8", newline="\n")
