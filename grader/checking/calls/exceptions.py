"""What a beginner can do about an exception: Python's and NumPy's words, in the course's words."""

from __future__ import annotations

import re

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
