"""Tables in XLSX and ODS files: only the cells that are filled in are changed."""

from __future__ import annotations

import io
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.language import say

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
MOST_ROWS = 100_000


class Workbook(ABC):
    """A spreadsheet file, of which the first sheet is the table."""

    @abstractmethod
    def rows(self) -> list[list[str]]:
        """The cells of the first sheet, as text."""

    @abstractmethod
    def set(self, row: int, column: int, value: float | str) -> None:
        """Change one cell, counted from 0."""

    @abstractmethod
    def save(self) -> bytes:
        """The file."""

    def filled(self, rows: Sequence[Sequence[str]]) -> bytes:
        """The file with the cells of `rows` that are not as they were."""
        for row, column, text in _changes(self.rows(), rows):
            self.set(row, column, float(text) if NUMBER.fullmatch(text) else text)
        return self.save()


def _changes(
    before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]
) -> Iterator[tuple[int, int, str]]:
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        for column, text in enumerate(new):
            if text != (old[column] if column < len(old) else ""):
                yield number, column, text


class _Xlsx(Workbook):
    def __init__(self, data: bytes) -> None:
        import openpyxl

        self._book = openpyxl.load_workbook(io.BytesIO(data))
        self._sheet = self._book.worksheets[0]

    def rows(self) -> list[list[str]]:
        most = min(self._sheet.max_row, MOST_ROWS)
        values = self._sheet.iter_rows(values_only=True, max_row=most)
        return _trimmed([[_text(cell) for cell in row] for row in values])

    def set(self, row: int, column: int, value: float | str) -> None:
        cell = self._sheet.cell(row + 1, column + 1)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # a comment that begins with = is no formula

    def save(self) -> bytes:
        target = io.BytesIO()
        self._book.save(target)
        return target.getvalue()


class _Ods(Workbook):
    def __init__(self, data: bytes) -> None:
        import odfdo

        self._book = odfdo.Document(io.BytesIO(data))
        self._table: Any = self._book.body.get_tables()[0]

    def rows(self) -> list[list[str]]:
        values = self._table.get_values(coord=(0, 0, None, min(self._table.height, MOST_ROWS) - 1))
        return _trimmed([[_text(cell) for cell in row] for row in values])

    def set(self, row: int, column: int, value: float | str) -> None:
        self._table.set_value((column, row), value)

    def save(self) -> bytes:
        target = io.BytesIO()
        self._book.save(target)
        return target.getvalue()


def _text(cell: object) -> str:
    """A cell's text; whole numbers, such as ids, without decimals."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _trimmed(rows: list[list[str]]) -> list[list[str]]:
    """Rows without the empty ones at the end."""
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def open_workbook(path: Path, data: bytes) -> Workbook | None:
    """The spreadsheet in a file, whatever the file is called; None if it is none.

    Raises `UsageError` if it cannot be read.
    """
    if data.startswith(OLD_EXCEL):
        raise UsageError(
            say("{path}: is in Excel's old format; save it as .xlsx, or as “CSV UTF-8”", path=path)
        )
    if not data.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
        kind = _Xlsx if "xl/workbook.xml" in names else _Ods if "content.xml" in names else None
        if kind is None:
            raise UsageError(say("{path}: is a zip, and no spreadsheet", path=path))
        return kind(data)
    except ImportError as error:
        raise UsageError(
            say(
                "{path}: {error} is not installed; run: pip install 'nn-grader[instructor]'",
                path=path,
                error=error.name,
            )
        ) from None
    except UsageError:
        raise
    except (
        Exception
    ) as error:  # the libraries raise whatever a damaged file makes them stumble over
        raise UsageError(
            say("{path}: cannot be read as a spreadsheet ({error})", path=path, error=error)
        ) from None
