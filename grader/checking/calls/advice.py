"""Advice on what Python's and NumPy's exceptions mean for a beginner."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from grader.language import all_of, later, say, together

# A key, a pattern for the exception's type and text, and advice with the pattern's groups in it. The first
# match wins. Recorded answers hold the key, so it stays when the sentence is made better.
ADVICE = (
    (
        "matmul_empty",
        r"ValueError: matmul: .*\(size (?:0 is different from \d+|\d+ is different from 0)\)",
        later(
            "One of the arrays of this product has a length of 0: a slice is empty, or nothing was put into a "
            "list. Print both shapes."
        ),
    ),
    (
        "matmul",
        r"ValueError: matmul: .*\(size (?P<right>\d+) is different from (?P<left>\d+)\)",
        later(
            "In A @ B, each row of A must be as long as each column of B; here {left} meets {right}. Write both "
            "shapes below the product: which of them is not the one that you expect?"
        ),
    ),
    (
        "dot",
        r"ValueError: shapes (?P<first>\([\d,]*\)) and (?P<second>\([\d,]*\)) not aligned",
        later(
            "In a product, each row of the first array must be as long as each column of the second; here "
            "they are {first} and {second}. Which of them is not the one that you expect?"
        ),
    ),
    (
        "broadcast_empty",
        r"ValueError: .*broadcast.* shapes? (?P<shapes>.*[(,]0[,)].*)",
        later(
            "One of the shapes {shapes} has a length of 0: a slice is empty. Print its start and end: "
            "are both inside the array, and do you slice the right array (padded or not)?"
        ),
    ),
    (
        "broadcast",
        r"ValueError: operands could not be broadcast together with shapes (?P<shapes>.*)",
        later(
            "The shapes {shapes} do not fit: compared from the right, two lengths must be equal, or one of them "
            "must be 1. Print both: which of them is not the one that you expect?"
        ),
    ),
    (
        "reduce_empty",
        r"ValueError: zero-size array to reduction operation (?P<operation>\w+)",
        later(
            "The {operation} of no entries is asked for: a slice or a window is empty. Print its shape, and where it "
            "starts and ends."
        ),
    ),
    (
        "inplace_shape",
        r"ValueError: non-broadcastable output operand with shape (?P<shape>\S+.*) doesn't match",
        later(
            "+= and the like cannot store a result that is larger than the array, of shape {shape}. Print both "
            "shapes."
        ),
    ),
    (
        "assigned_shape",
        r"ValueError: could not broadcast input array from shape (?P<shape>\(.*?\)) into shape (?P<place>\(.*?\))",
        later(
            "You assign an array of shape {shape} to a place of shape {place}. Print both shapes: is there an axis "
            "that should have been summed over, or is a slice cut off at the edge?"
        ),
    ),
    (
        "reshape",
        r"ValueError: cannot reshape array of size (?P<size>\d+) into shape (?P<shape>\(.*?\))",
        later(
            "reshape keeps the number of entries, and {size} entries do not fill the shape {shape}. Print the shape "
            "before it: is it the array that you expect?"
        ),
    ),
    (
        "truth_value",
        r"ValueError: The truth value of an array",
        later(
            "`if`, `and`, `or`, `not` and Python's max need a single True or False, and this is a whole "
            "array. Compare entry by entry, as in (x > 0), or use np.where, np.maximum, & and |."
        ),
    ),
    (
        "sequence_entry",
        r"ValueError: setting an array element with a sequence",
        later(
            "One entry cannot hold several numbers, and rows of different lengths do not form an array. "
            "Print the shape of what you assign: is a sum over an axis missing?"
        ),
    ),
    (
        "unpack",
        r"ValueError: (?:not enough|too many) values to unpack",
        later(
            "The right side of `=` does not have one value for each name on the left. Print it: does a "
            "function return a cache besides its result, or is something missing in the cache?"
        ),
    ),
    (
        "scalar_conversion",
        r"TypeError: only (?:length-1|size-1|0-dimensional) arrays can be converted",
        later(
            "float(), int() and the functions of `math` take a single number. For a whole array, use NumPy's "
            "functions, such as np.exp; .item() returns the number in an array of one."
        ),
    ),
    (
        "inplace_integers",
        r"\w*TypeError: Cannot cast ufunc '\w+' output from dtype\('float",
        later(
            "The array that the result is put into, with an operator such as /= or with out=, holds integers, "
            "and no fractions. Make it of floats first: with .astype(float), or with np.zeros(shape) in place "
            "of zeros_like."
        ),
    ),
    (
        "unbound_local",
        r"UnboundLocalError: .*variable '(?P<name>\w+)'",
        later(
            "{name} has no value yet at this line: it gets one further down, or in a branch or loop that did not "
            "run this time."
        ),
    ),
    (
        "numpy_name",
        r"NameError: name '(?P<name>np|numpy)' is not defined",
        later("NumPy is not imported: write `import numpy as np` at the top of the file."),
    ),
    (
        "unknown_name",
        r"NameError: name '(?P<name>\w+)' is not defined",
        later(
            "This function knows nothing called {name}. Is it a typo? The variables of other functions are not "
            "visible here: what backward needs must be in the cache."
        ),
    ),
    (
        "tuple_index",
        r"IndexError: tuple index out of range",
        later(
            "A tuple, such as a shape, has fewer entries than that: an array with one axis has only shape[0]. "
            "Print it: does the array have fewer axes than you expect?"
        ),
    ),
    (
        "axis_index",
        r"\w*IndexError: index (?P<index>-?\d+) is out of bounds for axis (?P<axis>\d+) with size (?P<length>\d+)",
        later(
            "Axis {axis} has the length {length} here, and its entry number {index} is asked for; the first one has the "
            "number 0. Print the shape and the index: is it the axis that you mean?"
        ),
    ),
    (
        "index",
        r"\w*IndexError: .*out of (?:range|bounds)|IndexError: list index",
        later("The last of n entries has the index n - 1. Print the index and the length."),
    ),
    (
        "too_many_indices",
        r"IndexError: too many indices for array: array is (?P<axes>\d+)-dimensional",
        later("This array has only {axes} axes. Print its shape: was an axis lost earlier?"),
    ),
    (
        "index_type",
        r"IndexError: .*(?:must be (?:integers|of integer)|only integers, slices)",
        later("An index must be an integer; / gives a float, // an integer."),
    ),
    (
        "size_type",
        r"TypeError: (?:'(?:numpy\.)?float\w*' object cannot be interpreted as an integer"
        r"|expected a sequence of integers)",
        later("Sizes and counts must be integers; / gives a float, // an integer."),
    ),
    (
        "axis",
        r"AxisError: axis (?P<axis>-?\d+) is out of bounds for array of dimension (?P<axes>\d+)",
        later(
            "An array with {axes} axes has no axis {axis}: axes are counted from 0. Print its shape."
        ),
    ),
    (
        "none_used",
        r"AttributeError: 'NoneType' object has no attribute|TypeError: 'NoneType' object is not",
        later(
            "Something is None here. A function without `return` gives None, and so do methods that change "
            "what they are called on, such as sort and append."
        ),
    ),
    (
        "none_unpacked",
        r"TypeError: cannot unpack non-iterable NoneType",
        later("The function on the right returned None: is its `return` missing?"),
    ),
    (
        "list_attribute",
        r"AttributeError: '(?P<kind>list|tuple)' object has no attribute",
        later("This is a {kind}, not a NumPy array; np.array(…) converts it."),
    ),
    (
        "generator_seed",
        r"AttributeError: 'numpy\.random\._generator\.Generator' object has no attribute 'seed'",
        later(
            "A Generator is not seeded again: its next numbers are to differ from its last ones."
        ),
    ),
    (
        "generator_attribute",
        r"AttributeError: 'numpy\.random\._generator\.Generator' object has no attribute",
        later(
            "The functions of a Generator have other names than those of np.random: rng.random(shape), "
            "rng.standard_normal(shape), rng.integers(low, high, shape)."
        ),
    ),
    (
        "numpy_attribute",
        r"AttributeError: module 'numpy' has no attribute '(?P<name>\w+)'",
        later(
            "This version of NumPy has no np.{name}: look for the right name in NumPy's documentation."
        ),
    ),
    (
        "operand",
        r"TypeError: unsupported operand type\(s\) for (?P<sign>[-+*/]|@|\*\*)=?: '(?:int|float)' and "
        r"'(?P<right>\w+)'$",
        later(
            "Python found no way to compute `number {sign} {right}`. Where a number stands on the left, it asks "
            "what stands on the right for a method with r in its name, such as __radd__ or __rmul__."
        ),
    ),
    (
        "recursion",
        r"RecursionError",
        later("The function calls itself without end. Did you mean to call another function?"),
    ),
)
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
