"""Sentences of ours that Python raises in a student's process. Runs on both sides; standard library only.

There they are English, like all that Python says, and a student's code may print them. The grader says
them in the reader's language: so the template and the values of each cross beside its text.
"""

from __future__ import annotations

from typing import Any


def later(message: str) -> str:
    """Mark a sentence, as `grader.language.later` does, which is not there inside."""
    return message


NO_KEYBOARD = later("input() cannot be used: there is no keyboard while grading")

NO_SCREEN = later("{name} cannot be imported while grading: it needs a screen")
NO_TERMINAL = later("{name} cannot be imported while grading: it needs a terminal")
NO_BROWSER = later("{name} cannot be imported while grading: it opens a web browser")
NO_INSTALLING = later("{name} cannot be imported while grading: it installs packages")
NO_WRITING = later("{name} cannot be imported while grading: it writes files when it is imported")
NO_TESTS = later("{name} cannot be imported while grading: it is Python's own test suite")
NO_MODULE = later(
    "No module named {name!r} here: while grading, only NumPy, the standard library and your own files "
    "({files}) can be imported"
)
NO_PART = later(
    "No module named {name!r} here: while grading, only NumPy, the standard library and your own files "
    "({files}) can be imported, and {inside} may not be used in this exercise"
)
NOT_NAMED = later("{name} can be imported while grading only by an import statement that names it")
FORBIDDEN = later("{name} may not be used in this exercise")

NO_LOOP = later(
    "there is no event loop while grading, so `await` works only for what never has to wait"
)
SET_ASIDE = later("{cell} was not run, because %%{magic} does not run it as Python here")
TOO_LONG = later(
    "This cell was stopped after {seconds} seconds; what comes after this line in it was not run. While "
    "grading, all cells are run: put training and experiments below "
    '`if __name__ == "__main__":`, which is false then, or into a notebook of their own'
)
NOT_PRINTABLE = later("(the exception cannot be printed)")

# What cannot be sent.
TOO_DEEP = later("{function} returned something nested too deeply.")
TOO_MANY = later("{function} returned something made of too many parts.")
LONG_TEXT = later("{function} returned a text of more than a million characters.")
LARGE_ARRAY = later("{function} returned an array of shape {shape}, {bytes} bytes.")
LARGE_ARRAYS = later("{function} returned arrays of more than {megabytes} megabytes.")
MANY_OBJECTS = later("{function} returned something with more than {most} objects.")
TOO_LARGE = later("{function} returned something that is too large to send.")

SENTENCES = frozenset(
    value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)
)


class Sentence(str):
    """A sentence of ours in English, which knows the template and the values that it was made of."""

    __slots__ = ("message", "values")
    message: str
    values: dict[str, str]


def sentence(message: str, **values: str) -> Sentence:
    """What the grader says of it is `say(message, **values)`."""
    made = Sentence(message.format(**values) if values else message)
    made.message, made.values = message, values
    return made


def template_of(error: BaseException) -> list[Any]:
    """The template and the values of what an exception says, if that is a sentence of ours; else nothing."""
    given = vars(BaseException)["args"].__get__(error)  # past the methods of a student's class
    first = given[0] if given else None
    return [first.message, first.values] if type(first) is Sentence else []
