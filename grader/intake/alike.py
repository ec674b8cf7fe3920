"""Whether two scripts are the same code on the same lines, whatever their comments say.

Then their reports are the same, too, with every line that they name.
"""

from __future__ import annotations

import hashlib
import io
import re
import tokenize
from collections.abc import Mapping

from grader.errors import SubmissionError
from grader.intake.imports import imported_names
from grader.intake.submission import submission_from_bytes
from grader.model import Exercise

_LINE_OF_COMMENT = re.compile(rb"^[ \t]*#.*$", re.MULTILINE)
_LEFT_OUT = {tokenize.NL, tokenize.ENDMARKER, tokenize.NEWLINE, tokenize.ENCODING}
MAX_LENGTH = 100_000  # characters: nobody writes as much by hand


def outline(contents: Mapping[str, bytes | str]) -> str:
    """A digest that scripts with the same code have in common, and others seldom; `""` for anything but one
    script."""
    ((name, data), *others) = contents.items() or [("", "")]
    if others or not name.endswith(".py") or isinstance(data, str):
        return ""
    bare = _LINE_OF_COMMENT.sub(b"", data).rstrip()
    return hashlib.sha256(b"%s\0%s" % (name.encode("utf-8", "surrogateescape"), bare)).hexdigest()


def same_code(one: str, other: str) -> bool:
    """Whether two scripts differ in nothing but lines of comments.

    >>> same_code("# Ada\\nx = 1\\n", "# Ben\\nx = 1\\n\\n# the end")
    True
    >>> same_code("x = 1\\n", "\\nx = 1\\n")
    False
    """
    if max(len(one), len(other)) > MAX_LENGTH:
        return False
    try:
        same = _code(one) == _code(other)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return False
    return same and imported_names([one]) == imported_names(
        [other]
    )  # which are read in comments, too


def _code(text: str) -> list[tuple[int, str, tuple[int, int]]]:
    """The parts of a script, with their places; of the comments those that stand behind code."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        comment = token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
        if token.type not in _LEFT_OUT and not comment:
            place = (0, 0) if token.type == tokenize.DEDENT else token.start
            found.append((token.type, token.string, place))
    return found


def only_script(contents: dict[str, bytes | str], exercise: Exercise) -> tuple[str, str] | None:
    """Label and text of what was handed in, if it is one script in one piece, and there is nothing to
    note about it; else None."""
    try:
        submission = submission_from_bytes("", contents, exercise)
    except SubmissionError:
        return None
    cells = [cell for module in submission.modules for cell in module.cells]
    plain = len(cells) == 1 and not submission.modules[0].notebook and not submission.notes
    return (cells[0].label, cells[0].source) if plain else None
