"""What a student reads about an exception: what was raised, where, and what to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from grader.errors import CheckEnded
from grader.model import Outcome
from grader.sandbox.wire import clean

# A key, a pattern for the exception's type and text, and advice in which {1} is the pattern's first group.
# The first match wins. Recorded answers hold the key, so it stays when the sentence is made better.
ADVICE = (
    (
        "matmul_empty",
        r"ValueError: matmul: .*\(size (?:0 is different from \d+|\d+ is different from 0)\)",
        "One of the arrays of this product has a length of 0: a slice is empty, or nothing was put into a "
        "list. Print both shapes.",
    ),
    (
        "matmul",
        r"ValueError: matmul: .*\(size (\d+) is different from (\d+)\)",
        "In A @ B, each row of A must be as long as each column of B; here {2} meets {1}. Write both "
        "shapes below the product: which of them is not the one that you expect?",
    ),
    (
        "dot",
        r"ValueError: shapes (\([\d,]*\)) and (\([\d,]*\)) not aligned",
        "In a product, each row of the first array must be as long as each column of the second; here "
        "they are {1} and {2}. Which of them is not the one that you expect?",
    ),
    (
        "broadcast_empty",
        r"ValueError: .*broadcast.* shapes? (.*[(,]0[,)].*)",
        "One of the shapes {1} has a length of 0: a slice is empty. Print its start and end: "
        "are both inside the array, and do you slice the right array (padded or not)?",
    ),
    (
        "broadcast",
        r"ValueError: operands could not be broadcast together with shapes (.*)",
        "The shapes {1} do not fit: compared from the right, two lengths must be equal, or one of them "
        "must be 1. Print both: which of them is not the one that you expect?",
    ),
    (
        "reduce_empty",
        r"ValueError: zero-size array to reduction operation (\w+)",
        "The {1} of no entries is asked for: a slice or a window is empty. Print its shape, and where it "
        "starts and ends.",
    ),
    (
        "inplace_shape",
        r"ValueError: non-broadcastable output operand with shape (\S+.*) doesn't match",
        "+= and the like cannot store a result that is larger than the array, of shape {1}. Print both "
        "shapes.",
    ),
    (
        "assigned_shape",
        r"ValueError: could not broadcast input array from shape (\(.*?\)) into shape (\(.*?\))",
        "You assign an array of shape {1} to a place of shape {2}. Print both shapes: is there an axis "
        "that should have been summed over, or is a slice cut off at the edge?",
    ),
    (
        "reshape",
        r"ValueError: cannot reshape array of size (\d+) into shape (\(.*?\))",
        "reshape keeps the number of entries, and {1} entries do not fill the shape {2}. Print the shape "
        "before it: is it the array that you expect?",
    ),
    (
        "truth_value",
        r"ValueError: The truth value of an array",
        "`if`, `and`, `or`, `not` and Python's max need a single True or False, and this is a whole "
        "array. Compare entry by entry, as in (x > 0), or use np.where, np.maximum, & and |.",
    ),
    (
        "sequence_entry",
        r"ValueError: setting an array element with a sequence",
        "One entry cannot hold several numbers, and rows of different lengths do not form an array. "
        "Print the shape of what you assign: is a sum over an axis missing?",
    ),
    (
        "unpack",
        r"ValueError: (?:not enough|too many) values to unpack",
        "The right side of `=` does not have one value for each name on the left. Print it: does a "
        "function return a cache besides its result, or is something missing in the cache?",
    ),
    (
        "scalar_conversion",
        r"TypeError: only (?:length-1|size-1|0-dimensional) arrays can be converted",
        "float(), int() and the functions of `math` take a single number. For a whole array, use NumPy's "
        "functions, such as np.exp; .item() returns the number in an array of one.",
    ),
    (
        "inplace_integers",
        r"\w*TypeError: Cannot cast ufunc '\w+' output from dtype\('float",
        "The array on the left holds integers, so an operator that works in place cannot store a "
        "fraction in it. Make it of floats first: with .astype(float), or with np.zeros(shape) in place "
        "of zeros_like.",
    ),
    (
        "unbound_local",
        r"UnboundLocalError: .*variable '(\w+)'",
        "{1} has no value yet at this line: it gets one further down, or in a branch or loop that did not "
        "run this time.",
    ),
    (
        "numpy_name",
        r"NameError: name '(np|numpy)' is not defined",
        "NumPy is not imported: write `import numpy as np` at the top of the file.",
    ),
    (
        "unknown_name",
        r"NameError: name '(\w+)' is not defined",
        "This function knows nothing called {1}. Is it a typo? The variables of other functions are not "
        "visible here: what backward needs must be in the cache.",
    ),
    (
        "tuple_index",
        r"IndexError: tuple index out of range",
        "A tuple, such as a shape, has fewer entries than that: an array with one axis has only shape[0]. "
        "Print it: does the array have fewer axes than you expect?",
    ),
    (
        "axis_index",
        r"\w*IndexError: index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
        "Axis {2} has the length {3} here, and its entry number {1} is asked for; the first one has the "
        "number 0. Print the shape and the index: is it the axis that you mean?",
    ),
    (
        "index",
        r"\w*IndexError: .*out of (?:range|bounds)|IndexError: list index",
        "The last of n entries has the index n - 1. Print the index and the length.",
    ),
    (
        "too_many_indices",
        r"IndexError: too many indices for array: array is (\d+)-dimensional",
        "This array has only {1} axes. Print its shape: was an axis lost earlier?",
    ),
    (
        "index_type",
        r"IndexError: .*(?:must be (?:integers|of integer)|only integers, slices)",
        "An index must be an integer; / gives a float, // an integer.",
    ),
    (
        "size_type",
        r"TypeError: (?:'(?:numpy\.)?float\w*' object cannot be interpreted as an integer"
        r"|expected a sequence of integers)",
        "Sizes and counts must be integers; / gives a float, // an integer.",
    ),
    (
        "axis",
        r"AxisError: axis (-?\d+) is out of bounds for array of dimension (\d+)",
        "An array with {2} axes has no axis {1}: axes are counted from 0. Print its shape.",
    ),
    (
        "none_used",
        r"AttributeError: 'NoneType' object has no attribute|TypeError: 'NoneType' object is not",
        "Something is None here. A function without `return` gives None, and so do methods that change "
        "what they are called on, such as sort and append.",
    ),
    (
        "none_unpacked",
        r"TypeError: cannot unpack non-iterable NoneType",
        "The function on the right returned None: is its `return` missing?",
    ),
    (
        "list_attribute",
        r"AttributeError: '(list|tuple)' object has no attribute",
        "This is a {1}, not a NumPy array; np.array(…) converts it.",
    ),
    (
        "generator_seed",
        r"AttributeError: 'numpy\.random\._generator\.Generator' object has no attribute 'seed'",
        "A Generator is not seeded again: its next numbers are to differ from its last ones.",
    ),
    (
        "generator_attribute",
        r"AttributeError: 'numpy\.random\._generator\.Generator' object has no attribute",
        "The functions of a Generator have other names than those of np.random: rng.random(shape), "
        "rng.standard_normal(shape), rng.integers(low, high, shape).",
    ),
    (
        "numpy_attribute",
        r"AttributeError: module 'numpy' has no attribute '(\w+)'",
        "This version of NumPy has no np.{1}: look for the right name in NumPy's documentation.",
    ),
    (
        "recursion",
        r"RecursionError",
        "The function calls itself without end. Did you mean to call another function?",
    ),
)
_EXERCISE_MISSING = re.compile(r"No module named '(ex\d\d_\w+)'")
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
            groups = [g.strip() for g in found.groups("")]
            sentence = words.format("", *(g.replace(") (", ") and (") for g in groups))
            return Advice(sentence + _meant(said, groups), " ".join([key, *groups]))
    return Advice()


def _meant(said: str, groups: Sequence[str]) -> str:
    """The name of NumPy's that a mistyped one is most like."""
    if not said.startswith("AttributeError: module 'numpy'"):
        return ""
    near = get_close_matches(groups[0], dir(np), n=1, cutoff=0.8)
    return f" Do you mean np.{near[0]}?" if near else ""


def call_error(error: Mapping[str, Any], name: str) -> CheckEnded:
    """What ends a check in which the function `name` raised, as the student's process describes it."""
    message, where = describe_exception(error, name)
    kind, text = clean(str(error["type"])), clean(str(error["message"])).strip()
    bases = tuple(clean(str(base)) for base in error["bases"][:20])
    hint, key = advice(kind, text)
    return CheckEnded(
        Outcome.ERROR,
        message,
        hint=hint,
        where=where,
        exception=kind,
        advice=key,
        bases=bases,
        unwritten=_raising(error, name)
        if kind == "NotImplementedError" and not _left(error)
        else "",
    )


# Where code stands beside a `raise NotImplementedError`, and what to say of it.
LEFTOVERS = {
    "below": "{function} ends at line {line} of {file}, which raises NotImplementedError: the code below it "
    "never runs. Delete that line.",
    "above": "{function} runs as far as line {line} of {file}, which raises NotImplementedError. If the code "
    "above it is complete, delete that line; what is left to write takes its place.",
    "branch": "{function} reached line {line} of {file}, which raises NotImplementedError: this branch is not "
    "written yet.",
}


def _left(error: Mapping[str, Any]) -> str:
    """The sentence on a `raise NotImplementedError` that was left beside code; empty for a stub."""
    return LEFTOVERS.get(str(error.get("leftover", "")), "") if error["frames"] else ""


def _raising(error: Mapping[str, Any], name: str) -> str:
    """The function that raised: `name`, or one of the submission that it called. A method goes by the name
    of its class, too."""
    inner = clean(str(error["frames"][:8][-1][2])) if error["frames"] else name
    if inner == name.rpartition(".")[2] or not inner.isidentifier():
        return name
    return f"{name}.{inner}" if inner == "__init__" else inner


def _unfinished(error: Mapping[str, Any], name: str) -> str:
    """The message for a function that raises `NotImplementedError`."""
    function, frames = _raising(error, name), error["frames"][:8]
    if not frames:
        return f"{function} is not written yet."
    file, line = clean(str(frames[-1][0])), int(frames[-1][1])
    if sentence := _left(error):
        return sentence.format(function=function, line=line, file=file)
    of = f" of {file}" if file != clean(str(frames[0][0])) else ""
    return f"{function}{of} is not written yet."


def describe_exception(
    error: Mapping[str, Any], name: str = "", *, notebook: bool = False
) -> tuple[str, tuple[str, int] | None]:
    """The message for a student's exception, and the file and line of theirs that raised it."""
    kind, text = clean(str(error["type"])), clean(str(error["message"])).strip()
    frames = [
        (clean(str(label)), int(line), clean(str(function)), clean(str(source)))
        for label, line, function, source in error["frames"][:8]
    ]
    where = (frames[-1][0], frames[-1][1]) if frames else None
    if kind == "NotImplementedError" and name:
        return _unfinished(error, name), where
    if missing := _EXERCISE_MISSING.match(text):
        text = f"there is no {missing[1]}.py next to your file, which needs it"
    if kind == "SystemExit":
        text = "sys.exit() ends the whole program; remove it"
    if kind == "MemoryError" and not text:
        text = "your code asked for more memory than a check may use"
    if kind in ("PermissionError", "FileNotFoundError") or text == "can't start new thread":
        text = text.rstrip(".")
        text += "; files, threads, processes and the network are not available while grading"
    if not frames and name and kind == "TypeError" and "argument" in text:
        head = f"{name} was called as the exercise says, but Python answered"
    else:
        head = f"{name} raised" if name else "Passed over, because it raised"
        if not name and not notebook:
            head = "Your file cannot be loaded:"
    lines = [f"{head} {kind}: {text}" if text else f"{head} {kind}."]
    for label, number, function, source in frames:
        inside = f", in {function}" if function and function not in ("<module>", name) else ""
        lines.append(f"  {label}, line {number}{inside}" + (f": {source}" if source else ""))
    if kind in ("CellTooLong", "CellSetAside"):
        lines[0] = f"{text}:" if frames else f"{text}."
    if kind == "NotImplementedError" and text:
        lines[0] = f"Not written yet: {text}"
    return "\n".join(lines), where
