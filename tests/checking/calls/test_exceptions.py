"""Advice about exceptions: real ones, raised by this Python and this NumPy."""

import math

import numpy as np
import pytest

from grader.checking.calls.advice import advice
from grader.checking.calls.exceptions import call_error

X = np.ones((3, 5))


def unbound(flag=False):
    if flag:
        mask = 1
    return mask


def add_fraction():
    whole = np.zeros(3, dtype=int)
    whole += 0.5


def assign(shape):
    np.zeros((2, 3))[:] = np.ones(shape)


def unpack(values):
    first, second = values
    return first, second


def put(values):
    values[0] = 1


def again():
    return again()


MISTAKES = {
    "product": (lambda: X @ X, "here 5 meets 3"),
    "dot": (lambda: np.dot(X, X), "here they are (3,5) and (3,5)"),
    "entry by entry": (lambda: X / X.sum(axis=1), "(3,5) and (3,)"),
    "empty product": (lambda: X[:, :0] @ X, "length of 0"),
    "largest of nothing": (X[3:].max, "maximum of no entries"),
    "empty slice": (lambda: X + X[0:0, :3], "a slice is empty"),
    "into a smaller place": (lambda: assign((2, 3, 2)), "shape (2,3,2) to a place of shape (2,3)"),
    "reshape": (lambda: X.reshape(4, 4), "15 entries do not fill the shape (4,4)"),
    "if": (lambda: 1 if X > 0 else 0, "np.where"),
    "Python's max": (lambda: max(X, 0), "np.maximum"),
    "too few to unpack": (lambda: unpack([1]), "each name on the left"),
    "too many to unpack": (lambda: unpack([1, 2, 3]), "each name on the left"),
    "math": (lambda: math.exp(X), "np.exp"),
    "several numbers into one place": (
        lambda: np.zeros(3).__setitem__(0, [1, 2]),
        "sum over an axis",
    ),
    "rows of different lengths": (lambda: np.array([[1], [1, 2]]), "different lengths"),
    "fraction into whole numbers": (add_fraction, "integers"),
    "not in every branch": (unbound, "mask has no value yet"),
    "unknown name": (lambda: mask, "called mask"),  # noqa: F821
    "past the end": (lambda: X[3], "Axis 0 has the length 3"),
    "past the end of a shape": (lambda: np.ones(3).shape[1], "only shape[0]"),
    "past the end of a list": (lambda: list(X)[3], "index n - 1"),
    "too many indices": (lambda: X[0, 0, 0], "only 2 axes"),
    "too many indices of a row": (lambda: X[0][0, 0], "only 1 axis"),
    "index with a fraction": (lambda: X[1.0], "integer"),
    "size with a fraction": (lambda: np.zeros(4 / 2), "integers"),
    "axis": (lambda: X.sum(axis=2), "An array with 2 axes has no axis 2"),
    "axis of a row": (lambda: X[0].sum(axis=1), "An array with 1 axis has no axis 1"),
    "shape of None": (lambda: None.shape, "without `return`"),
    "None unpacked": (lambda: unpack(None), "its `return` missing"),
    "shape of a list": (lambda: [1, 2].shape, "np.array"),
    "gone from NumPy": (lambda: np.no_such_name, "no np.no_such_name"),
    "itself again": (again, "calls itself"),
    "number on the left": (lambda: 2 * object(), "`number * object`"),
    "None as an operand": (lambda: 1 + None, "One side is None"),
    "list less list": (lambda: [1] - [2], "One side is a list or a tuple"),
    "number less list": (lambda: 1.0 - [2], "One side is a list or a tuple"),
    "list times fraction": (lambda: [1] * 2.0, "np.array"),
    "minus a list": (lambda: -[1], "This is a list"),
    "two indices of a list": (lambda: [[1]].__getitem__((0, 0)), "x[i][j]"),
    "index of a list with a fraction": (lambda: [1].__getitem__(4 / 4), "must be an integer"),
    "einsum of lengths": (lambda: np.einsum("ij,jk->ik", X, X), "a letter would have two"),
    "einsum of axes": (lambda: np.einsum("ijk,jk->ik", X, X), "one letter for each of its axes"),
    "einsum's output": (lambda: np.einsum("ij,jk->im", X, X), "letter m stands behind"),
    "spread": (lambda: np.broadcast_to(X, (4, 4)), "(3,5) does not fill the shape (4,4)"),
    "pairs of pad": (lambda: np.pad(X, ((1, 1),) * 3), "one pair of numbers for each axis"),
    "tensordot": (lambda: np.tensordot(X, X, axes=(1, 0)), "which axes are paired"),
    "negative length": (lambda: np.zeros((2, -1)), "is negative"),
    "division by zero": (lambda: 1 // 0, "is 0 here"),
    "axes of transpose": (lambda: X.transpose(0, 1, 2), "as many axes as you name? x.swapaxes"),
    "joined": (
        lambda: np.concatenate([X, X[:, 1:]]),
        "in axis 1 one has the length 5 and another 4",
    ),
    "stacked": (lambda: np.stack([X, X[1:]]), "the same shape"),
    "logarithm of zero": (lambda: math.log(0), "no logarithm of 0"),
    "key": (lambda: {}["W1"], "no entry 'W1'"),
    "array called": (lambda: X(0), "of the type numpy.ndarray"),
    "entry of a number": (lambda: np.float64(1)[0], "single number"),
    "entry of a plain number": (lambda: X.item(0)[0], "single number"),
    "entry of a tuple": (lambda: put(X.shape), "cannot be changed"),
    "walk over a number": (lambda: list(np.array(3)), "no axis"),
    "length of a number": (lambda: len(3), "no length"),
    "shape of a number": (lambda: (3).shape, "np.asarray"),
    "largest of no list": (lambda: max([]), "nothing to choose from"),
    "place of the largest of nothing": (lambda: np.argmax([]), "nothing to choose from"),
    "mask of another length": (lambda: X[np.ones(4, bool)], "3 entries, and the mask has 4"),
    "values for a mask": (lambda: X.__setitem__(X > 0, [1, 2]), "2 values are put"),
    "window": (
        lambda: np.lib.stride_tricks.sliding_window_view(X, (4, 4)),
        "larger than the array",
    ),
    "along an axis": (lambda: np.take_along_axis(X, np.array([0]), 1), "indices[:, None]"),
    "shape in pieces": (lambda: np.zeros(2, 3), "np.zeros((2, 3))"),
    "shape in many pieces": (lambda: np.zeros(2, 3, 4, 5), "np.zeros((2, 3))"),
    "np.max of two": (lambda: np.max(X, X), "np.maximum"),
    "booleans subtracted": (lambda: (X > 0) - (X > 1), ".astype(float)"),
    "function with brackets": (lambda: np.zeros[3], "parentheses"),
}
if np.lib.NumpyVersion(np.__version__) >= "2.0.0":  # before, NumPy only warned
    MISTAKES["below a byte"] = (
        lambda: np.zeros(2, np.uint8).__setitem__(0, -1),
        "uint8 cannot be -1",
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_advice_on_what_beginners_meet(name):
    """What Python and NumPy say of a usual mistake gets a sentence that a beginner can act on."""
    mistake, words = MISTAKES[name]
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any: the advice is what is tested
        mistake()
    error = caught.value
    assert words in advice(type(error).__name__, str(error)).sentence


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("N, D = x.shape", "one number for each axis"),
        ("n, _ = np.shape(x)  # rows", "one number for each axis"),
        ("out, cache = forward(x)", "return a cache"),
        ("a, b = pairs[x.shape]", "return a cache"),
        ("", "return a cache"),
    ],
)
def test_advice_on_names_for_a_shape(code, words):
    """Where a shape is taken apart, the advice is on axes; its key is that of all unpacking."""
    given = advice("ValueError", "not enough values to unpack (expected 2, got 1)", code)
    assert words in given.sentence
    assert given.key == "unpack"


@pytest.mark.parametrize(
    ("code", "words"),
    [("grad = np.zeros(x)", "x.shape is the shape of x"), ("y = np.max(0, x)", "np.maximum")],
)
def test_advice_on_an_array_for_a_shape(code, words):
    """An array in place of a shape is told by the line: the exception is that of an array for an axis."""
    text = "only integer scalar arrays can be converted to a scalar index"
    assert words in advice("TypeError", text, code).sentence


def test_advice_on_an_assert_of_ones_own():
    """A condition that does not hold is told of; not an AssertionError that is raised otherwise."""
    assert "print what it compares" in advice("AssertionError", "", "assert n % 2 == 0").sentence
    assert advice("AssertionError", "no", "raise AssertionError('no')") == ("", "")


def test_no_advice_on_the_rest():
    """An exception of the student's own gets no advice, and none with a strange text breaks it."""
    assert advice("ValueError", "unknown loss") == ("", "")
    assert advice("ValueError", "") == ("", "")
    assert advice("NameError", "name '{0}' is not defined") == ("", "")
    assert "{" not in advice("ValueError", "shapes (3,) and (4,) not aligned: {x}").sentence


@pytest.mark.parametrize("mistake", [lambda: X @ X, lambda: X / X.sum(axis=1), lambda: X[3]])
def test_advice_guesses_no_cause(mistake):
    """What has many causes is told as it is: no transposing, no keepdims, no loop that is not there."""
    with pytest.raises((ValueError, IndexError)) as caught:
        mistake()
    words = advice(type(caught.value).__name__, str(caught.value)).sentence
    assert words
    assert not [
        guess for guess in ("transpose", "swapped", "keepdims", "range", "loop") if guess in words
    ]


@pytest.mark.parametrize(
    ("called", "raising", "name"),
    [
        ("mean", "mean", "mean"),
        ("mean", "_total", "_total"),
        ("mean", "<lambda>", "mean"),
        ("Layer", "__init__", "Layer.__init__"),
        ("Layer.forward", "forward", "Layer.forward"),
        ("Layer.forward", "_scale", "_scale"),
    ],
)
def test_the_name_of_a_stub(called, raising, name):
    """A stub goes by the name under which a student finds it; a method by that of its class, too."""
    frames = [["ex01_line.py", 3, raising, "raise NotImplementedError"]]
    error = {"type": "NotImplementedError", "message": "", "bases": [], "frames": frames}
    end = call_error(error, called)
    assert end.unwritten == name
    assert end.message == f"{name} is not written yet."
    assert call_error({**error, "leftover": "below"}, called).unwritten == ""


def test_two_shapes_that_numpy_names_are_a_list():
    """NumPy's "into shape" is no word of our sentence."""
    text = "could not broadcast input array from shape (0,3) into shape (2,3)"
    said = advice("ValueError", text).sentence
    assert said.startswith("One of the shapes (0,3) and (2,3) has a length of 0")
