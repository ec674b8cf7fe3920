"""Text in the columns of a terminal, where a Chinese character is two columns wide: its width, padding,
and lines. Imports nothing of the package.

A line ends at a space, or beside a wide character; never inside a word of letters, before a mark that
closes, or behind one that opens.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

CLOSING = frozenset("，。、；：？！）」』》】〉…％,.;:?!)]}%”’")
OPENING = frozenset("（「『《【〈([{“‘")


def columns(text: str) -> int:
    """How many columns a text takes.

    >>> columns("ReLU"), columns("卷積 2D")
    (4, 7)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def padded(text: str, width: int) -> str:
    """A text with spaces behind it, up to a width.

    >>> padded("卷積", 6) + "|"
    '卷積  |'
    """
    return text + " " * (width - columns(text))


def shortened(text: str, width: int) -> str:
    """A text in at most so many columns, cut between words, with ` …` where something is left out.

    >>> shortened("Convolution with shared weights", 20)
    'Convolution with …'
    """
    if columns(text) <= width:
        return text
    kept = ""
    for piece in _pieces(text):
        if columns((kept + piece).rstrip()) + 2 > width:
            break
        kept += piece
    return f"{kept.rstrip()} …"


def lines(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """A text in lines of at most so many columns; only a word that is longer makes a longer one.

    Args:
        text: a text without line ends.
        width: the columns of a line, with its indentation.
        first, rest: the indentation of the first line and of the others.

    >>> lines("把所有樣本的梯度加起來，再除以 N。", 16)
    ['把所有樣本的梯度', '加起來，再除以', 'N。']
    """
    if text.isascii():
        return textwrap.wrap(
            text,
            width,
            initial_indent=first,
            subsequent_indent=rest,
            break_on_hyphens=False,
            break_long_words=False,
        )
    found, line, bare = [], first, True
    for piece in _pieces(text.strip()):
        if not bare and columns(line) + columns(piece.rstrip()) > width:
            found.append(line.rstrip())
            line = rest
        line += piece
        bare = False
    return [*found, line.rstrip()] if not bare else found


def _pieces(text: str) -> Iterator[str]:
    """The parts between which a line may end; spaces stay with the part before them."""
    start = 0
    for index in range(1, len(text)):
        if _may_end(text[index - 1], text[index]):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _may_end(before: str, after: str) -> bool:
    if after.isspace():
        return False
    if before.isspace():
        return True
    wide = _width(before) == 2 or _width(after) == 2
    return wide and after not in CLOSING and before not in OPENING


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
