"""The language that people read. Every sentence of ours is written in English and said with `say`:

    say("{name} must have shape {shape}.", name="dx", shape=(2, 3))

A catalogue of gettext, made with Babel, has its translation: the framework's is in `languages/`, an
exercise's beside it. A sentence that is not in it stays English. Imports nothing of the package, and
for English reads no file.
"""

from __future__ import annotations

import gettext
import os
import string
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

SOURCE = "en"
VARIABLE = "GRADE_LANG"  # what was asked for; the processes of a batch inherit it
FOLDER = Path(__file__).with_name("languages")
CATALOGUE = "messages.mo"
DOMAIN = "messages"
FULL_WIDTH = (
    "。",
    "，",
    "、",
    "；",
    "：",
    "？",
    "！",
    "）",
    "」",
    "』",
)  # they bring their own gap
# Which script a region writes, where a language has more than one.
SCRIPTS = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant"}

_language = SOURCE
_catalogue: gettext.NullTranslations | None = None
_read: set[Path] = set()


def say(message: str, /, **values: object) -> str:
    """A sentence in the reader's language, with its `{placeholders}` filled in.

    Args:
        message: the whole sentence in English; its placeholders are named, and may have formats.
        values: what stands for the placeholders. Without any, braces are only braces.

    Raises `KeyError` for a placeholder without its value.

    >>> say("{n} of {all} checks passed.", n=3, all=4)
    '3 of 4 checks passed.'
    """
    if _catalogue is None:
        return message.format(**values) if values else message
    text = _catalogue.gettext(message) if message else message
    return _filled(text, values) if values else text


def say_n(one: str, many: str, n: int, /, **values: object) -> str:
    """A sentence about `n` things, in the form that the language has for that number.

    >>> say_n("{n} check failed.", "{n} checks failed.", 2)
    '2 checks failed.'
    """
    values["n"] = n
    if _catalogue is None:
        return (one if n == 1 else many).format(**values)
    return _filled(_catalogue.ngettext(one, many, n), values)


def later(message: str) -> str:
    """Mark a sentence that stands in a table, and is said where it is used: `say(TABLE[key])`."""
    return message


def later_n(one: str, many: str) -> tuple[str, str]:
    """Likewise for the two forms of a sentence about things: `say_n(*TABLE[key], n)`."""
    return one, many


def series(words: Iterable[str]) -> str:
    """Things behind each other, in one sentence or beside it.

    >>> series(["dx", "dw", "db"])
    'dx, dw, db'
    """
    return say(", ").join(words)


def clauses(first: str, *others: str) -> str:
    """Short statements in one line.

    >>> clauses("3 of 10", "1 left out")
    '3 of 10, 1 left out'
    """
    for one in others:
        first = say("{said}, {more}", said=first, more=one)
    return first


def all_of(words: Sequence[str]) -> str:
    """Several things in one sentence, all of which count.

    >>> all_of(["dx", "dw", "db"])
    'dx, dw and db'
    """
    *first, last = words or [""]
    return say("{first} and {last}", first=series(first), last=last) if first else last


def any_of(words: Sequence[str]) -> str:
    """Several things in one sentence, one of which counts.

    >>> any_of(["dx", "dw", "db"])
    'dx, dw or db'
    """
    *first, last = words or [""]
    return say("{first} or {last}", first=series(first), last=last) if first else last


def together(first: str, *others: str) -> str:
    """Sentences behind each other: with a space between them, but none behind a full-width mark.

    >>> together("Hint:", "Add."), together("提示：", "加起來。")
    ('Hint: Add.', '提示：加起來。')
    """
    for text in others:
        first += text if first.endswith(FULL_WIDTH) else f" {text}"
    return first


def language() -> str:
    """The language in use, such as `en` or `zh-Hant`."""
    return _language


def languages() -> list[str]:
    """The languages that the framework can say."""
    return [SOURCE, *sorted(p.name for p in FOLDER.iterdir() if p.is_dir() and p.name[0] != "_")]


def known(tag: str) -> str:
    """The language that a tag or locale means: `zh_TW.UTF-8` is `zh-Hant`; `""` if it is none of ours.

    >>> known("zh_TW.UTF-8"), known("en_GB"), known("tlh")
    ('zh-Hant', 'en', '')
    """
    word = tag.partition(".")[0].partition("@")[0].replace("_", "-").lower()
    word = SCRIPTS.get(word, word)
    if word.partition("-")[0] in (SOURCE, "c", "posix"):
        return SOURCE
    by_name = {name.lower(): name for name in languages()}
    return by_name.get(word) or by_name.get(word.partition("-")[0]) or ""


def use(tag: str) -> None:
    """Speak a language from now on; one that the framework has no catalogue of is said in English."""
    global _language, _catalogue
    before = _language
    _language, _catalogue = tag, None
    _read.clear()
    if tag == before == SOURCE:
        return
    # So that Click, which asks gettext's own catalogue, speaks it as well, and English again after it.
    os.environ["LANGUAGE"] = tag
    if tag != SOURCE:
        _add(FOLDER / tag / "LC_MESSAGES" / CATALOGUE)
        gettext.bindtextdomain(DOMAIN, str(FOLDER))


def settle(wanted: str = "") -> None:
    """Speak what the environment asks for; else what the course wants, if it wants a language."""
    tag = known(os.environ.get(VARIABLE, "")) or wanted
    if tag and tag != _language:
        use(tag)


def add(folder: Path) -> None:
    """Add the catalogue of an exercise, for the language in use."""
    if _language != SOURCE:
        _add(folder / _language / CATALOGUE)


def system_language() -> str:
    """The language of this machine's user, as far as we speak it; else English."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    tag = next((os.environ[name] for name in names if os.environ.get(name)), "")
    if not tag and sys.platform == "win32":
        import ctypes
        import locale

        tag = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return (known(tag) if tag else "") or SOURCE


def _filled(text: str, values: Mapping[str, object]) -> str:
    """A translation with its placeholders filled in. What stands in one may be Chinese or not, which
    decides about the space beside it."""
    formats = string.Formatter()
    said = ""
    for literal, name, spec, conversion in formats.parse(text):
        said = _beside(said, literal, words=literal != " ")
        if name is not None:
            value = formats.convert_field(formats.get_field(name, (), values)[0], conversion)
            shown = formats.format_field(value, (spec or "").format(**values))
            said = _beside(said, shown, words=literal != " ")
    return said


def _beside(before: str, after: str, *, words: bool) -> str:
    """Two parts of a sentence: with a space between Chinese and others, but none between Chinese (unless
    these are not `words` of a sentence), nor at a full-width mark. More spaces are an author's columns."""
    left, right = before.rstrip(" "), after.lstrip(" ")
    gap = len(before) + len(after) - len(left) - len(right)
    if not left or not right or gap > 1:
        return before + after
    ends, begins = left[-1], right[0]
    if _is_mark(ends) or _is_mark(begins):
        gap *= ends in string.punctuation
    elif _is_wide(ends) and _is_wide(begins):
        gap *= not words
    elif (_is_wide(ends) and (begins.isalnum() or begins in "([{`")) or (
        _is_wide(begins) and (ends.isalnum() or ends in ")]}`%")
    ):
        gap = 1
    return left + " " * gap + right


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _is_mark(character: str) -> bool:
    return _is_wide(character) and not character.isalnum()


def _add(path: Path) -> None:
    """Put a catalogue before those that were read."""
    global _catalogue  # noqa: PLW0603 - a process speaks one language at a time
    if path in _read:
        return
    _read.add(path)
    try:
        with path.open("rb") as file:
            found = gettext.GNUTranslations(file)
    except FileNotFoundError:
        return
    if _catalogue is not None:
        found.add_fallback(_catalogue)
    _catalogue = found
