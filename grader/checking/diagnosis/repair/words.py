"""What is said of a repair: the line, the value that it would make right, and what to look at. Never
the edit."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from grader.checking.diagnosis.repair.repair import ALONE, Repair
from grader.language import all_of, later, later_n, say, say_n
from grader.model import Exercise, Suspect

LOOK = {
    "add": later("Is a value to be put there, or to be added to what is there?"),
    "alias": later("Is that a new array, or another name for an old one?"),
    "argument": later("Look at what the call is given."),
    "axis": later("Look at the axes that are gone over, and at those that are left."),
    "branch": later("Look at the condition: when does it hold?"),
    "brackets": later("Look at what is computed first."),
    "call": later("Look at the function that is called, or is not called."),
    "comparison": later("Look at the comparison: which side may be larger, and may both be equal?"),
    "condition": later("Look at the condition: when does it hold?"),
    "copy": later("Whose array is changed there?"),
    "count": later("Look at the number of places: on which lengths does it depend?"),
    "crop": later("Look at what is cut off at the borders, also when there is no padding."),
    "default": later("Look at what a parameter is where a call does not give it."),
    "entry": later("Look at the number in square brackets: is that the entry that you mean?"),
    "function": later("Look at the function that is called, or is not called."),
    "index": later("Look at which axis each index belongs to."),
    "kept": later("Is what was there before still needed?"),
    "limit": later("Look at the number that values are compared with: may one lie beyond it?"),
    "loops": later("Look at which loop counts what."),
    "missing": later("Is a step missing there, or beside it?"),
    "name": later("Look at each name: is it the one that you mean?"),
    "number": later("Look at the number."),
    "once": later("Is every term to be added in each turn of the loop, or one of them only once?"),
    "operands": later("Look at which side of the operator each value belongs to."),
    "operator": later("Look at the operator."),
    "order": later("Look at the order of the values."),
    "place": later("Does it stand in the right block: inside of the loop or branch, or outside?"),
    "range": later("Look at where the counting begins and ends."),
    "return": later("Look at what is returned."),
    "scale": later("Look at what the value is multiplied or divided by, and how often."),
    "sequence": later("Look at what has to happen first."),
    "shape": later("Look at the shape, and at which entries come to lie next to each other."),
    "share": later("Look at which share is meant: p, or 1 - p?"),
    "sign": later("Look at the sign."),
    "slice": later("Look at where the slice begins and ends."),
    "statement": later("What is the line for?"),
    "step": later("Look at how far it is from one place to the next."),
    "source": later("Where do the random numbers come from?"),
    "stop": later("Is it to end there?"),
    "sum": later("Look at what is added up, and over what."),
    "switch": later("Look at the True or False."),
    "term": later("Look at the terms and factors: is one missing, or one too many?"),
    "text": later("Look at the text in quotes."),
    "ties": later("Several entries may be the largest at once: what does each of them get?"),
    "transpose": later("Look at the shapes, and at which way round each array is."),
    "type": later("Look at whether the array holds whole numbers or fractions."),
}

# Kinds of which the look helps beside advice on an exception in the same line; the advice says more of a name
# that is unknown, or of a function that is not there.
BESIDE_ADVICE = {
    "axis", "count", "crop", "entry", "index", "operands", "operator", "order", "range", "slice", "sum",
    "transpose",
}  # fmt: skip
ALONE_THERE = later_n(
    "{what} comes from line {line} of {file} alone: look there.",
    "{what} come from line {line} of {file} alone: look there.",
)
FEW_THERE = later_n(
    "{what} comes from lines {lines} of {file} alone: look there.",
    "{what} come from lines {lines} of {file} alone: look there.",
)
SOME = later("This check would pass if line {line} of {file} were different. {look}")
SOME_LINES = later("This check would pass if lines {lines} of {file} were different. {look}")
SOME_EITHER = later(
    "This check would pass if line {line} or line {other} of {file} were different. {look}"
)
ONE = later("{what} would be right if line {line} of {file} were different. {look}")
LINES = later("{what} would be right if lines {lines} of {file} were different. {look}")
EITHER = later(
    "{what} would be right if line {line} or line {other} of {file} were different. {look}"
)
ONE_OF = later("{what} would be right if one of the lines {lines} of {file} were different. {look}")


@dataclass(frozen=True)
class Told:
    """What a check's result says of a repair."""

    suspect: Suspect
    sentence: str
    either: bool = False  # it may be another line as well
    look: str = ""  # what helps beside advice on an exception that came up in that line
    bare: bool = False  # the sentence tells the line, and no more
    of_operator: bool = (
        False  # `look` is on an operator, which is often one of several that would do
    )


def told(repair: Repair, exercise: Exercise) -> Told:
    """The line that a repair names, and a sentence on what to look at."""
    edit = repair.edit
    suspect = Suspect(repair.place.label, edit.at, repair.place.path)
    names = [name for name, kind in exercise.callables[repair.function].returns if kind != "cache"]
    right = [names[p] for p in sorted(repair.parts) if 0 <= p < len(names)]
    if repair.part is None:
        right = []
    if repair.only_changes:  # the check has said so in better words; what is new is the line
        return Told(suspect, "")
    if repair.look is not None:
        return Told(suspect, say(LOOK[repair.look]) if repair.look else "", bare=True)
    if edit.kind == ALONE:
        return _told_alone(repair, suspect, right)
    one_of = len(repair.rivals) == 2 and bool(repair.parts)
    either, several = one_of or len(repair.rivals) == 1, bool(edit.also)
    if repair.parts:
        words = ONE_OF if one_of else EITHER if either else LINES if several else ONE
    else:
        words = SOME_EITHER if either else SOME_LINES if several else SOME
    look = say(LOOK.get(edit.kind, ""))
    sentence = say(
        words,
        what=all_of(right) if right else repair.function,
        line=suspect.line,
        lines=_lines(repair, repair.rivals) if one_of else _lines(repair),
        other=repair.rivals[0] if either else 0,
        file=suspect.file,
        look=look,
    )
    beside = look if edit.kind in BESIDE_ADVICE else ""
    return Told(suspect, sentence, either, beside, of_operator=edit.kind == "operator")


def _told_alone(repair: Repair, suspect: Suspect, values: Sequence[str]) -> Told:
    """The one or two lines that these values can come from; without any, what the function returns."""
    if not any(isinstance(node, ast.Return) for node in ast.walk(repair.place.node)):
        return Told(suspect, "")  # the check asks whether a `return` is missing
    several = bool(repair.edit.also)
    sentence = say_n(
        *(FEW_THERE if several else ALONE_THERE),
        len(values) or 1,
        what=all_of(values) if values else say("What {function} returns", function=repair.function),
        line=suspect.line,
        lines=_lines(repair),
        file=suspect.file,
    )
    return Told(suspect, sentence, several, bare=True)


def _lines(repair: Repair, rivals: Sequence[int] = ()) -> str:
    return all_of([str(line) for line in sorted({repair.edit.at, *repair.edit.also, *rivals})])
