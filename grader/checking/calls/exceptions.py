"""What a student reads about an exception: what was raised, where, and what to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.sandbox.wire import clean

# The exception's type and text, and a sentence; groups of the pattern go into it. First match wins.
ADVICE = (
    (
        r"ValueError: matmul: .*\(size (\d+) is different from (\d+)\)",
        "In A @ B, each row of A must be as long as each column of B; here {2} meets {1}. Write both "
        "shapes below the product: is one of them to be transposed, or do they change places?",
    ),
    (
        r"ValueError: shapes (\([\d,]*\)) and (\([\d,]*\)) not aligned",
        "In a product, each row of the first array must be as long as each column of the second; here "
        "they are {1} and {2}. Is one to be transposed, or do they change places?",
    ),
    (
        r"ValueError: .*broadcast.* shapes? (.*[(,]0[,)].*)",
        "One of the shapes {1} has a length of 0: a slice is empty. Print where it begins and ends; "
        "are both inside of the array, and is it the array (padded or not) that you mean?",
    ),
    (
        r"ValueError: operands could not be broadcast together with shapes (.*)",
        "Entry by entry, {1} do not fit: from the right, two lengths must be equal or one of them 1. "
        "Print both. With keepdims=True a sum, mean or max leaves an axis of length 1; array[:, None] "
        "adds one.",
    ),
    (
        r"ValueError: non-broadcastable output operand with shape (\S+.*) doesn't match",
        "A result that is larger than {1} cannot be put into it by += or the like. Print both shapes.",
    ),
    (
        r"ValueError: could not broadcast input array from shape (\(.*?\)) into shape (\(.*?\))",
        "What is assigned has shape {1}, the place for it {2}. Print both shapes: is an axis left that "
        "should have been summed over, or a slice cut off at the edge?",
    ),
    (
        r"ValueError: cannot reshape array of size (\d+) into shape (\(.*?\))",
        "reshape keeps the number of entries: {1} do not fill {2}. Print the shape before it: is it "
        "the array that you think it is?",
    ),
    (
        r"ValueError: The truth value of an array",
        "`if`, `and`, `or`, `not` and Python's max want a single truth value, and this is a whole "
        "array. Compare entry by entry, as in (x > 0), or use np.where, np.maximum, & and |.",
    ),
    (
        r"ValueError: setting an array element with a sequence",
        "A place for one number cannot take several, and rows of different lengths make no array. "
        "Print the shape of what is assigned: is a sum over an axis missing?",
    ),
    (
        r"ValueError: (?:not enough|too many) values to unpack",
        "There are more or fewer values than names to the left of `=`. Print what is on the right: "
        "does a function return a cache beside its result, or was something left out of the cache?",
    ),
    (
        r"TypeError: only (?:length-1|size-1|0-dimensional) arrays can be converted",
        "Functions of `math`, float() and int() take a single number. For a whole array use NumPy's, "
        "such as np.exp; from an array of one number, .item() takes it out.",
    ),
    (
        r"\w*TypeError: Cannot cast ufunc '\w+' output from dtype\('float",
        "The array on the left holds whole numbers, so += cannot put a fraction into it. Make it of "
        "floats: np.zeros(shape), without dtype=int or zeros_like of whole numbers.",
    ),
    (
        r"UnboundLocalError: .*variable '(\w+)'",
        "{1} gets its value only in a branch or loop that was not entered this time. Give it one in "
        "every case.",
    ),
    (
        r"NameError: name '(np|numpy)' is not defined",
        "NumPy is not imported: `import numpy as np` belongs at the top of the file.",
    ),
    (
        r"NameError: name '(\w+)' is not defined",
        "Nothing is called {1} in this function. Is it a typing mistake? Other functions' variables "
        "are not seen here: what backward needs must go through the cache.",
    ),
    (
        r"IndexError: tuple index out of range",
        "A tuple, such as a shape, has fewer entries than that: of an array with one axis there is only "
        "shape[0]. Print it: is one less there than you count on?",
    ),
    (
        r"\w*IndexError: .*out of (?:range|bounds)|IndexError: list index",
        "range(n) ends at n - 1, which is also the last index of n entries. Print the index and the "
        "length: where does the loop go one too far?",
    ),
    (
        r"IndexError: too many indices for array: array is (\d+)-dimensional",
        "This array has only {1} axes. Print its shape: was an axis lost on the way?",
    ),
    (
        r"IndexError: .*(?:must be (?:integers|of integer)|only integers, slices)",
        "An index must be a whole number; / gives a float, // a whole number.",
    ),
    (
        r"TypeError: (?:'(?:numpy\.)?float\w*' object cannot be interpreted as an integer"
        r"|expected a sequence of integers)",
        "Sizes and counts must be whole numbers; / gives a float, // a whole number.",
    ),
    (
        r"AxisError: axis (-?\d+) is out of bounds for array of dimension (\d+)",
        "There is no axis {1} in an array of {2} axes: they count from 0. Print its shape.",
    ),
    (
        r"AttributeError: 'NoneType' object has no attribute|TypeError: 'NoneType' object is not",
        "Something is None here. Does a function that you call lack its `return`?",
    ),
    (
        r"TypeError: cannot unpack non-iterable NoneType",
        "The function on the right returned None: does it lack its `return`?",
    ),
    (
        r"AttributeError: '(list|tuple)' object has no attribute",
        "This is a {1}, not a NumPy array; np.array(…) makes one of it.",
    ),
    (
        r"AttributeError: module 'numpy' has no attribute '(\w+)'",
        "This version of NumPy has no np.{1}: look for its name in NumPy's manual.",
    ),
    (
        r"RecursionError",
        "The function calls itself again and again. Was another function meant?",
    ),
)
_EXERCISE_MISSING = re.compile(r"No module named '(ex\d\d_\w+)'")
_COMPILED = [(re.compile(pattern, re.DOTALL), words) for pattern, words in ADVICE]


def advice(kind: str, text: str) -> str:
    """A sentence on what to look at when an exception was raised; nothing for most.

    Args:
        kind: the exception's type.
        text: its message.
    """
    said = f"{kind}: {text}"[:400]
    for pattern, words in _COMPILED:
        if found := pattern.match(said):
            groups = (g.strip().replace(") (", ") and (") for g in found.groups(""))
            return words.format("", *groups)
    return ""


def describe_exception(
    error: Mapping[str, Any], name: str = "", *, notebook: bool = False
) -> tuple[str, tuple[str, int] | None]:
    """What a student's exception says, in words, and the line of theirs that raised it."""
    kind, text = clean(str(error["type"])), clean(str(error["message"])).strip()
    frames = [
        (clean(str(label)), int(line), clean(str(function)), clean(str(source)))
        for label, line, function, source in error["frames"][:8]
    ]
    where = (frames[-1][0], frames[-1][1]) if frames else None
    if kind == "NotImplementedError" and name:
        file, _, inner, _ = frames[-1] if frames else ("", 0, name, "")
        of = f" of {file}" if frames and file != frames[0][0] else ""
        return f"{inner if inner.isidentifier() else name}{of} is not written yet.", where
    if missing := _EXERCISE_MISSING.match(text):
        text = f"there is no {missing[1]}.py beside your file, which builds on it"
    if kind == "SystemExit":
        text = "sys.exit() ends the whole program; take it out"
    if kind == "MemoryError" and not text:
        text = "more memory was asked for than a check may use"
    if kind in ("PermissionError", "FileNotFoundError") or text == "can't start new thread":
        text = text.rstrip(".")
        text += "; while grading, files, threads, processes and the network cannot be used"
    if not frames and name and kind == "TypeError" and "argument" in text:
        head = f"{name} was called as the exercise says, but Python answered"
    else:
        head = f"{name} raised" if name else "This raised"
        if not name and not notebook:
            head = "Your file cannot be loaded:"
    lines = [f"{head} {kind}: {text}" if text else f"{head} {kind}."]
    for label, number, function, source in frames:
        inside = f", in {function}" if function and function not in ("<module>", name) else ""
        lines.append(f"  {label}, line {number}{inside}" + (f": {source}" if source else ""))
    if kind == "CellTooLong":
        lines[0] = f"{text}:"
    if kind == "NotImplementedError" and text:
        lines[0] = f"Not written yet: {text}"
    return "\n".join(lines), where
