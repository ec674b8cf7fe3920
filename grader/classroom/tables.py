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


class _Semicolon(csv.excel):
    delimiter = ";"


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written; `mark` is its byte-order mark, or nothing."""

    dialect: type[csv.Dialect] | str = "excel"
    mark: str = ""


PLAIN = Form()


def read_table(path: Path) -> tuple[list[Row], Form]:
    """The rows of a downloaded table, and how it was written. Raises `UsageError`.

    A row that is shorter than the header, as some programs leave out empty cells, is filled up.
    """
    try:
        text = path.read_text(encoding="utf-8")
        mark = BOM if text.startswith(BOM) else ""
        text = text.removeprefix(BOM)
        first = text.partition("\n")[0]
        dialect: type[csv.Dialect] | str = "excel"
        if first.count(";") > first.count(","):
            dialect = _Semicolon
        elif first.count("\t") > first.count(","):
            dialect = "excel-tab"
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    except UnicodeDecodeError:
        raise UsageError(
            f"{path}: is not UTF-8 text; in a spreadsheet, save it as “CSV UTF-8”"
        ) from None
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read as a table ({reason})") from None
    if not rows:
        raise UsageError(f"{path}: is empty")
    width = len(rows[0])
    return [row and row + [""] * (width - len(row)) for row in rows], Form(dialect, mark)


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
    """The number in a cell, with a decimal point or comma; None if it is not a plain number."""
    plain = text.strip().replace(",", ".")
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain, re.ASCII) else None
