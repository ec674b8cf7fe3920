"""A word that a call gives, and the student's function spells otherwise: 'mse' and "MSE"."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher

from grader.checking.calls.student import Call
from grader.checking.diagnosis.repair.source import Place
from grader.checking.diagnosis.repair.words import Told
from grader.language import say
from grader.model import Exercise, Suspect

ALIKE = 0.85  # of difflib's ratio, for letters and digits alone


def spelled_otherwise(
    exercise: Exercise, calls: Sequence[Call], places: Sequence[Place]
) -> Told | None:
    """What is said where the last call gives a word that its function compares with others only, of which
    one is nearly the same; None otherwise."""
    if not calls:
        return None
    for name, word in _words(exercise, calls[-1]):
        known = {w for call in calls for n, w in _words(exercise, call) if n == name}
        for place in places:
            if place.path == calls[-1].function and (found := _nearly(place, name, word, known)):
                line, other = found
                sentence = say(
                    "Line {line} of {file} compares {name} with {other}, and the call gives {word}: capital "
                    "letters, spaces and signs count.",
                    line=line,
                    file=place.label,
                    name=name,
                    other=repr(other),
                    word=repr(word),
                )
                return Told(Suspect(place.label, line, place.path), sentence)
    return None


def _words(exercise: Exercise, call: Call) -> Iterator[tuple[str, str]]:
    """The words that a call gives, by parameter."""
    names = [name for name, _ in exercise.callables[call.function].parameters]
    for name, value in (*zip(names, call.args, strict=False), *call.keywords.items()):
        if isinstance(value, str):
            yield name, value


def _nearly(place: Place, name: str, word: str, known: Collection[str]) -> tuple[int, str] | None:
    """The line that compares the parameter with a word like the given one, and that word."""
    compared: dict[str, int] = {}
    for node in ast.walk(place.node):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return None
        if isinstance(node, ast.Compare):
            for other in _compared(node, name):
                compared.setdefault(other, node.lineno)
    if word in compared:
        return None
    near = [other for other in compared if other not in known and _alike(word, other)]
    return (compared[near[0]], near[0]) if len(near) == 1 else None


def _compared(node: ast.Compare, name: str) -> Iterator[str]:
    """The words with which a comparison compares a variable."""
    sides = [node.left, *node.comparators]
    if not any(isinstance(side, ast.Name) and side.id == name for side in sides):
        return
    for side in sides:
        parts = side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side]
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, _plain(one), _plain(other)).ratio() >= ALIKE


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())
