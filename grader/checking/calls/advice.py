"""Advice on what Python's and NumPy's exceptions mean for a beginner."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from grader.checking.calls.advice_table import ADVICE
from grader.language import all_of, say, together

_COMPILED = [(key, re.compile(pattern, re.DOTALL), words) for key, pattern, words in ADVICE]


class Advice(NamedTuple):
    """What to look at when an exception was raised.

    Attributes:
        sentence: for the student.
        key: the same for the same advice and numbers, in every language and version.
    """

    sentence: str = ""
    key: str = ""


def advice(kind: str, text: str) -> Advice:
    """Advice on what to look at when an exception was raised; empty for most exceptions.

    Args:
        kind: the exception's type.
        text: its message.
    """
    said = f"{kind}: {text}"[:400]
    for key, pattern, words in _COMPILED:
        if found := pattern.match(said):
            groups = {name: text.strip() for name, text in found.groupdict("").items()}
            sentence = say(words, **{name: _shapes(text) for name, text in groups.items()})
            if key == "numpy_attribute":
                sentence = _with_the_name_meant(sentence, groups["name"])
            return Advice(sentence, " ".join([key, *groups.values()]))
    return Advice()


def _shapes(text: str) -> str:
    """Several shapes as a list of them; any other text as it is."""
    return all_of(re.sub(r"\)(?: into shape)? \(", ")\n(", text).split("\n"))


def _with_the_name_meant(sentence: str, word: str) -> str:
    """A sentence, and the name of NumPy's that a mistyped one is most like."""
    near = get_close_matches(word, dir(np), n=1, cutoff=0.8)
    return together(sentence, say("Do you mean np.{name}?", name=near[0])) if near else sentence
