"""Reads and writes CSV as spreadsheets and learning platforms expect it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

Row = list[str]
# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
RISKY = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"  # byte-order mark: tells a spreadsheet that the text is UTF-8


SEPARATOR = "sep="  # begins the line above the header that tells a spreadsheet the separator
QUOTED = re.compile(r'"[^"]*"')


class _Semicolon(csv.excel):
    delimiter = ";"


DIALECTS: dict[str, type[csv.Dialect] | str] = {",": "excel", ";": _Semicolon, "\t": "excel-tab"}


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written.

    Attributes:
        dialect: separator, quotes and line ends, in the words of `csv`.
        mark: its byte-order mark, or nothing.
        above: how many lines stood above its header; they are not written again.
    """

    dialect: type[csv.Dialect] | str = "excel"
    mark: str = ""
    above: int = 0


PLAIN = Form()


def read_table(path: Path, title: str = "") -> tuple[list[Row], Form]:
    """The rows of a downloaded table, and how it was written. Every cell is text: 0012 stays 0012.

    A row that is shorter than the header, as some programs leave out empty cells, is filled up.

    Args:
        path: the table.
        title: of a column that it should have, in any case.

    Raises `UsageError` if it cannot be read, or nothing says by what its columns are separated.
    """
    try:
        text = path.read_text(encoding="utf-8")
        mark = BOM if text.startswith(BOM) else ""
        text = text.removeprefix(BOM)
        dialect = DIALECTS[_separator(path, text, title.casefold())]
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    except UnicodeDecodeError:
        raise UsageError(
            f"{path}: is not UTF-8 text; in a spreadsheet, save it as “CSV UTF-8”"
        ) from None
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read as a table ({reason})") from None
    above = int(bool(rows) and "".join(rows[0]).startswith(SEPARATOR))
    rows = rows[above:]
    if not rows:
        raise UsageError(f"{path}: is empty")
    width = len(rows[0])
    return [row and row + [""] * (width - len(row)) for row in rows], Form(dialect, mark, above)


def _separator(path: Path, text: str, title: str) -> str:
    """Semicolon, tab or comma: the one that the header has outside quotes. If it has several, the one
    that makes `title` a cell, or that every row has as often as the header."""
    lines = [line for line in QUOTED.sub("", text).splitlines() if line.strip()]
    found = [mark for mark in DIALECTS if lines and mark in lines[0]]
    if lines and lines[0].startswith(SEPARATOR):
        return lines[0][4:5] if lines[0][4:5] in DIALECTS else ","
    if len(found) < 2:
        return found[0] if found else ","
    header = text.lstrip().splitlines()[0].casefold()
    titled = [m for m in found if title and title in (cell.strip(' "') for cell in header.split(m))]
    regular = [m for m in found if len({line.count(m) for line in lines}) == 1]
    for sure in (titled, regular):
        if len(sure) == 1:
            return sure[0]
    raise UsageError(
        f"{path}: its columns may be separated by {' or '.join(map(repr, found))}; say which in a line "
        "above the header, such as sep=;"
    )


def write_table(rows: Iterable[Sequence[object]], form: Form = PLAIN) -> str:
    """Rows as CSV text."""
    target = io.StringIO(newline="")
    csv.writer(target, form.dialect).writerows(rows)
    return form.mark + target.getvalue()


def escape_formula(text: str) -> str:
    """A student's text for a cell, so that a spreadsheet does not take it for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def points(value: float | None) -> str:
    """Points with at most two decimals; blank where there is nothing to record."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def number(text: str) -> float | None:
    """The number in a cell, with a decimal point or comma; None if it is not a plain number.

    Nor is 1.234 or 1,234 one: in some countries it is a thousand, in others little more than 1.

    >>> number("7,50"), number("0.125"), number("1.234")
    (7.5, 0.125, None)
    """
    plain = text.strip().replace(",", ".")
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain, re.ASCII):
        return None
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain, re.ASCII) else None
