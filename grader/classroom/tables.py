"""Reads and writes tables as spreadsheets and learning platforms expect them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grader.classroom.workbooks import Workbook, open_workbook
from grader.errors import UsageError
from grader.language import any_of, say

Row = list[str]
# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
RISKY = frozenset("=+-@\t\r")
BOM = "\ufeff"  # byte-order mark: tells a spreadsheet the encoding
UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


SEPARATOR = "sep="  # begins the line above the header that tells a spreadsheet the separator
QUOTED = re.compile(r'"[^"]*"')
DECIMAL_COMMA = re.compile(r"\d+,\d+")
DECIMAL_POINT = re.compile(r"\d+\.\d+")


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
        encoding: of its text.
        quoted: whether every cell is in quotes.
        comma: whether its numbers have decimal commas.
        workbook: the spreadsheet that it is in, if it is no text.
    """

    dialect: type[csv.Dialect] | str = "excel"
    mark: str = ""
    above: int = 0
    encoding: str = "utf-8"
    quoted: bool = False
    comma: bool = False
    workbook: Workbook | None = None

    def number(self, value: float) -> str:
        """Points with two decimals, as this table writes them."""
        text = f"{value:.2f}"
        return text.replace(".", ",") if self.comma else text


PLAIN = Form()


def read_table(path: Path, title: str = "") -> tuple[list[Row], Form]:
    """The rows of a downloaded table, and how it was written. Every cell is text: 0012 stays 0012.

    A row that is shorter than the header, as some programs leave out empty cells, is filled up. Text is
    UTF-8, or UTF-16 with a byte-order mark, whatever the file is called; XLSX and ODS are read, too.

    Args:
        path: the table.
        title: of a column that it should have, in any case.

    Raises `UsageError` if it cannot be read, or nothing says by what its columns are separated.
    """
    try:
        data = path.read_bytes()
        if workbook := open_workbook(path, data):
            return _filled_up(path, workbook.rows(), Form(workbook=workbook))
        encoding = UTF_16.get(data[:2], "utf-8")
        text = data.decode(encoding)
        mark = BOM if text.startswith(BOM) else ""
        text = text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
        separator = _separator(path, text, title.casefold())
        rows = list(csv.reader(io.StringIO(text, newline=""), DIALECTS[separator]))
    except UnicodeDecodeError:
        raise UsageError(
            say("{path}: is not UTF-8 text; in a spreadsheet, save it as “CSV UTF-8”", path=path)
        ) from None
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            say("{path}: cannot be read as a table ({reason})", path=path, reason=reason)
        ) from None
    above = int(bool(rows) and "".join(rows[0]).startswith(SEPARATOR))
    rows = rows[above:]
    form = Form(
        DIALECTS[separator],
        mark,
        above,
        encoding,
        bool(rows) and _is_quoted(text.splitlines()[above], rows[0]),
        _has_decimal_commas(rows, separator),
    )
    return _filled_up(path, rows, form)


def _filled_up(path: Path, rows: list[Row], form: Form) -> tuple[list[Row], Form]:
    if not rows:
        raise UsageError(say("{path}: is empty", path=path))
    width = len(rows[0])
    return [row and row + [""] * (width - len(row)) for row in rows], form


def _is_quoted(line: str, cells: Row) -> bool:
    """Whether each cell of a line is in quotes."""
    return bool(cells) and line.count('"') >= 2 * len(cells)


def _has_decimal_commas(rows: Iterable[Row], separator: str) -> bool:
    """Whether the numbers of a table have decimal commas. Where it has no such number, semicolons between
    its columns say that commas are in use."""
    cells = [cell.strip() for row in rows for cell in row]
    commas = any(DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    points = any(DECIMAL_POINT.fullmatch(cell) for cell in cells)
    return commas and not points if commas or points else separator == ";"


def _separator(path: Path, text: str, title: str) -> str:
    """Semicolon, tab or comma: the one that the header has outside quotes. If it has several, the one
    that makes `title` a cell, or that every row has as often as the header."""
    lines = [line for line in QUOTED.sub("", text).splitlines() if line.strip(" ")]
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
        say(
            "{path}: its columns may be separated by {separators}; say which in a line above the "
            "header, such as sep=;",
            path=path,
            separators=any_of([repr(mark) for mark in found]),
        )
    )


def write_table(rows: Iterable[Sequence[object]], form: Form = PLAIN) -> str:
    """Rows as CSV text."""
    target = io.StringIO(newline="")
    if form.quoted:
        csv.writer(target, form.dialect, quoting=csv.QUOTE_ALL).writerows(rows)
    else:
        csv.writer(target, form.dialect).writerows(rows)
    return form.mark + target.getvalue()


def write_back(rows: Sequence[Row], form: Form) -> str | bytes:
    """A table that was read and changed, as it was written before."""
    if form.workbook is not None:
        return form.workbook.filled(rows)
    text = write_table(rows, form)
    return text if form.encoding == "utf-8" else text.encode(form.encoding)


def escape_formula(text: str) -> str:
    """A student's text for a cell, so that a spreadsheet does not take it for a formula."""
    return f"'{text}" if text and text[0] in RISKY else text


@lru_cache(maxsize=1000)  # a class has few different points
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
