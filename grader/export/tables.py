"""Reading and writing CSV as a spreadsheet and a learning platform expect it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.errors import UsageError

Row = list[str]
RISKY = ("=", "+", "-", "@", "\t", "\r")


def read_table(path: Path) -> tuple[list[Row], type[csv.Dialect] | str]:
    """The rows of a downloaded table, and how it was written. Raises `UsageError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.partition("\n")[0]
        dialect: type[csv.Dialect] | str = "excel"
        if first.count(";") > first.count(","):
            dialect = _Semicolon
        elif first.count("\t") > first.count(","):
            dialect = "excel-tab"
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    except UnicodeDecodeError:
        raise UsageError(
            f"{path}: is no text in UTF-8; in a spreadsheet, save it as “CSV UTF-8”"
        ) from None
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: cannot be read as a table ({reason})") from None
    if not rows:
        raise UsageError(f"{path}: is empty")
    return rows, dialect


class _Semicolon(csv.excel):
    delimiter = ";"


def write_table(
    rows: Iterable[Sequence[object]], dialect: type[csv.Dialect] | str = "excel"
) -> str:
    """Rows as CSV text."""
    target = io.StringIO(newline="")
    csv.writer(target, dialect).writerows(rows)
    return target.getvalue()


def harmless(text: str) -> str:
    """A student's text for a cell: a spreadsheet must not take it for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def points(value: float | None) -> str:
    """Points with at most two decimals; blank where there is nothing to record."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def number(text: str) -> float | None:
    """The number in a cell, with a decimal point or comma; None if it is no plain number."""
    plain = text.strip().replace(",", ".")
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain, re.ASCII) else None
