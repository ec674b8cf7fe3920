"""Advice on what Python's and NumPy's exceptions mean for a beginner."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from grader.checking.calls.advice_table import ADVICE
from grader.language import all_of, later, say, together
from grader.sandbox.wire import clean

# What is better said where more is known than a pattern of the table tells: the key stays the same.
UNEQUAL_ROWS = later(
    "Rows of different lengths, or arrays of different shapes, do not form one array: keep them in a list, and "
    "go through it one by one."
)
AXES_OF_A_SHAPE = later(
    "A shape has one number for each axis, so this array has more axes, or fewer, than there are names on the "
    "left. Print the shape: may the array have any number of axes?"
)
GIVES_NONE = later(
    "A function without `return` gives None, and so do methods that change what they are called on, such as sort "
    "and append."
)
AS_IN_PYTHON_3 = later("Python 3 has no {name}: it is called {now}.")
RENAMED = {"xrange": "range", "raw_input": "input", "unicode": "str", "unichr": "chr"}
ARRAY_FOR_SHAPE = later(
    "np.zeros, np.ones and np.empty take a shape, and here they are given an array: x.shape is the shape of x."
)
MADE_OF_A_SHAPE = re.compile(r"\bnp\.(?:zeros|ones|empty)\(\w+\)")
OF_A_SHAPE = re.compile(r"[\w\s,*()\[\]]+=\s*(?:[\w.]+\.shape|np\.shape\([\w.]+\))\s*(?:#.*)?$")


class Advice(NamedTuple):
    """What to look at when an exception was raised.

    Attributes:
        sentence: for the student.
        key: the same for the same advice and numbers, in every language and version.
    """

    sentence: str = ""
    key: str = ""


def advice(kind: str, text: str, code: str = "") -> Advice:
    """Advice on what to look at when an exception was raised; empty for most exceptions.

    Args:
        kind: the exception's type.
        text: its message.
        code: the line that raised it, if it is known.
    """
    said = f"{kind}: {text}"[:400]
    for key, pattern, words in _table_of(kind):
        if key == "own_assert" and not code.strip().startswith("assert"):
            continue  # it was raised otherwise
        if found := pattern.match(said):
            groups = {name: text.strip() for name, text in found.groupdict("").items()}
            better = _known_better(key, text, code.strip()) or words
            sentence = say(better, **{name: _shapes(text) for name, text in groups.items()})
            if key == "numpy_attribute":
                sentence = _with_the_name_meant(sentence, groups["name"])
            return Advice(sentence, " ".join([key, *groups.values()]))
    return Advice()


IS_NONE = later("{name} is None here: look at where it gets its value.")
NO_SUCH_AXIS_OF_ONE = later(
    "An array with 1 axis has no axis {axis}: axes are counted from 0. Print its shape."
)
ONLY_ONE_AXIS = later("This array has only 1 axis. Print its shape: was an axis lost earlier?")
OF_THE_OBJECT = later(
    "There is no variable called {name} here; the object has one: do you mean self.{name}?"
)
LIKE_ANOTHER = later(
    "There is no variable called {name} here, but one called {other}: capital and small letters are different "
    "names."
)
ROWS_UNPACKED = later(
    "Several names on the left go along the first axis of {name}, whose length is {length} here. A column is "
    "{name}[:, 0]."
)
LIST_UNPACKED = later(
    "{name} has the length {length} here, and the left side has names for another number of values. May it have any "
    "length? Then go through it in a loop."
)
NEAR_KEY = later("The dictionary has no entry {name} at this line. Do you mean {near}?")
NOT_NONE = later(
    "{name} is a whole array here, which is not simply true or false. To ask whether there is one, write `{name} "
    "is not None`; to ask of each entry, use np.where or a mask."
)
ASKED = re.compile(r"(?:el)?if (?:not )?(\w+):")
ALL_AXES = later(
    "{name} has {axes} axes, and .T reverses all of them; {name}.swapaxes(-1, -2) exchanges the last two only."
)


def about_values(key: str, code: str, values: Sequence[Sequence[Any]]) -> str:
    """What is better said than advice on an exception where values of names in its line are known.

    Args:
        key: the key of the advice, and what it is about.
        code: the line.
        values: a name, and its number of axes, `"given"` or `"made"` for None, the keys of a dictionary, or
            `"self"` where the object has it, `"like other"` where a variable differs in capital letters only;
            and `"list 3"` or `"array 3"` for an argument of that length.
    """
    what, _, about = key.partition(" ")
    notes = [(clean(str(name)), known) for name, known in values[:10]]
    none = list({n: None for n, known in notes if known in ("given", "made") and _is_used(n, code)})
    if what.startswith("none_") and len(none) == 1:
        told = say(IS_NONE, name=none[0])
        return told if (none[0], "given") in notes else together(told, say(GIVES_NONE))
    if what == "unknown_name" and (about, "self") in notes:
        return say(OF_THE_OBJECT, name=about)
    if what == "unknown_name" and about in RENAMED:
        return say(AS_IN_PYTHON_3, name=about, now=RENAMED[about])
    if what == "unknown_name":
        like = [known[5:] for n, known in notes if n == about and _begins(known, "like ")]
        return say(LIKE_ANOTHER, name=about, other=clean(like[0])) if like else ""
    if what == "unpack":
        return _of_an_argument(code, notes)
    if what == "dictionary_key":
        keys = [clean(str(k)) for _, known in notes if isinstance(known, list) for k in known[:50]]
        near = get_close_matches(about.strip("'"), keys, n=1, cutoff=0.8)
        return say(NEAR_KEY, name=about, near=repr(near[0])) if near else ""
    if what == "truth_value" and (asked := ASKED.match(code)):
        return say(NOT_NONE, name=asked[1])
    turned = [
        (name, int(known))
        for name, known in notes
        if isinstance(known, int) and re.search(rf"(?<![\w.]){re.escape(name)}\.T\b", code)
    ]
    if what in ("matmul", "broadcast") and turned:
        name, axes = turned[0]
        return say(ALL_AXES, name=name, axes=axes)
    return ""


def _begins(known: Any, start: str) -> bool:
    return isinstance(known, str) and known.startswith(start)


def _of_an_argument(code: str, notes: Sequence[tuple[str, Any]]) -> str:
    """The sentence on a line that gives the entries of an argument to another number of names; empty for
    other lines."""
    try:
        line = ast.parse(code.strip()).body
    except (SyntaxError, ValueError):
        return ""
    if (
        len(line) != 1
        or not isinstance(line[0], ast.Assign)
        or not isinstance(line[0].value, ast.Name)
    ):
        return ""
    names = getattr(line[0].targets[0], "elts", [])
    for start, words in (("array ", ROWS_UNPACKED), ("list ", LIST_UNPACKED)):
        for name, known in notes:
            if name == line[0].value.id and _begins(known, start):
                length = known[len(start) :]
                return say(words, name=name, length=length) if length != str(len(names)) else ""
    return ""


def _is_used(name: str, code: str) -> bool:
    """Whether a line does something with a value, besides handing it on and asking whether it is None."""
    word = rf"(?<![\w.]){re.escape(name)}(?!\w)"
    return bool(re.search(word, re.sub(rf"(?<=[(,=])\s*{word}\s*(?=[,)])|{word} is\b", "", code)))


@lru_cache(64)
def _table_of(kind: str) -> list[tuple[str, re.Pattern[str], str]]:
    """The part of the table that is about exceptions of a type: few are ever raised in one run."""
    return [
        (key, re.compile(pattern, re.DOTALL), words)
        for key, pattern, words in ADVICE
        if any(re.fullmatch(name, kind) for name in re.findall(r"(?:\\w\*)?\w+Error", pattern))
    ]


def _known_better(key: str, text: str, code: str) -> str:
    """What is said in place of a key's words, where the line or the rest of the message tells more."""
    if key == "sequence_entry" and "inhomogeneous" in text:
        return UNEQUAL_ROWS
    if key == "array_for_integer" and MADE_OF_A_SHAPE.search(code):
        return ARRAY_FOR_SHAPE
    if key == "unpack" and OF_A_SHAPE.match(code):
        return AXES_OF_A_SHAPE
    if key == "axis" and text.endswith("dimension 1"):
        return NO_SUCH_AXIS_OF_ONE
    if key == "too_many_indices" and "1-dimensional" in text:
        return ONLY_ONE_AXIS
    return ""


def _shapes(text: str) -> str:
    """Several shapes as a list of them; any other text as it is."""
    return all_of(re.sub(r"\)(?: into shape)? \(", ")\n(", text).split("\n"))


def _with_the_name_meant(sentence: str, word: str) -> str:
    """A sentence, and the name of NumPy's that a mistyped one is most like."""
    near = get_close_matches(word, dir(np), n=1, cutoff=0.8)
    return together(sentence, say("Do you mean np.{name}?", name=near[0])) if near else sentence
