"""Catalogues of translated sentences: gettext's `.po` files, which people edit, and the `.mo` files that
are read. Needs Babel, and imports nothing of the package: the package's own build uses it as well.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

NAME = "messages.po"
WIDTH = 100
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
# Dates and tools in the header would make a file differ that says the same.
HEADER = re.compile(
    r'^"(?:Project-Id|Report-Msgid|POT-|PO-|Last-|Language-Team|Generated).*\n', re.M
)


class Sentence(NamedTuple):
    """What is to be translated: a message or its two forms for one and many, and the file it is in."""

    message: str | tuple[str, str]
    file: str


def is_language(tag: str) -> bool:
    """Whether there is a language of this tag, such as `fr` or `zh-Hant`."""
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def read(path: Path, language: str) -> Catalog:
    """A catalogue; empty if there is no such file."""
    locale = Locale.parse(language, sep="-")
    if not path.is_file():
        return Catalog(locale)
    with path.open("rb") as file:
        return read_po(file, locale)


def update(path: Path, language: str, sentences: Iterable[Sentence]) -> Catalog:
    """Bring a catalogue up to date with what there is to say, and write it.

    A sentence that changed keeps its old translation, marked as fuzzy until somebody has read it; one
    that is gone is dropped.
    """
    template = Catalog()
    for message, file in sentences:
        template.add(message, locations=[(file, 0)])
    catalogue = read(path, language)
    catalogue.update(template)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(catalogue), encoding="utf-8", newline="\n")
    return catalogue


def text(catalogue: Catalog) -> str:
    """A catalogue as the text of a `.po` file: the same for the same sentences."""
    target = io.BytesIO()
    catalogue.header_comment, catalogue.fuzzy = "", False
    write_po(target, catalogue, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    return HEADER.sub("", target.getvalue().decode())


def untranslated(catalogue: Catalog) -> list[str]:
    """The sentences that have no translation, or one that nobody has read since they changed."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and not is_translated(message)
    ]


def is_translated(message: Message) -> bool:
    """Whether a sentence has all its translated forms, and they have been read."""
    forms = (message.string,) if isinstance(message.string, str) else message.string or ("",)
    return not message.fuzzy and all(forms)


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as the bytes of a `.mo` file: the same for the same sentences."""
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def compile_below(folder: Path) -> list[Path]:
    """Compile every catalogue below a folder that changed; returns the files written."""
    written = []
    for path in sorted(folder.rglob(NAME)):
        language = next(p for p in path.relative_to(folder).parts[::-1][1:] if p != "LC_MESSAGES")
        target, data = path.with_suffix(".mo"), compiled(read(path, language))
        if not target.is_file() or target.read_bytes() != data:  # somebody may be reading it
            target.write_bytes(data)
            written.append(target)
    return written
