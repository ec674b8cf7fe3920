"""What a failed assertion says: right, and no more than it knows."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from grader.checking.assertions.gradients import assert_gradients, assert_loss_gradient
from grader.checking.assertions.patterns import pattern
from grader.checking.assertions.values import assert_same, assert_shape, lengths
from grader.checking.calls.code import Answer
from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.student import Call, Student, describe_value
from grader.checking.diagnosis.fingerprint import fingerprint, is_zero
from grader.checking.diagnosis.recognition import recognise
from grader.checking.gradients.inputs import grid_values
from grader.course.loader import find_course, find_exercise
from grader.errors import CheckEnded
from grader.model import Misconception

ROOT = Path(__file__).resolve().parents[3]


def ended(assertion, *args, **keywords):
    """How a failing assertion ends the check."""
    with pytest.raises(CheckEnded) as caught:
        assertion(*args, **keywords)
    return caught.value


def test_a_loss_is_shown_the_students_own_numbers():
    """The gradient of a loss is shown as it was returned, and without a dout, which there is not."""

    def loss(pred):
        return float(np.sum(pred**2)), 3 * pred

    end = ended(assert_loss_gradient, loss, np.array([1.0, 2.0]))
    assert "dpred[1], which is 6, expected 4." in end.message
    assert "if pred[1] rises by a tiny h, the loss rises by 4·h" in end.message
    assert "dout" not in end.message


def test_shapes_that_tell_the_mistake():
    """A wrong shape that shows what was done gets a sentence; another one gets none."""
    assert "lack its axis" in ended(assert_shape, np.float64(3), (4,)).hint
    assert "swapped" in ended(assert_shape, np.ones((3, 4)), (4, 3)).hint
    assert "too many" in ended(assert_shape, np.ones((1, 4)), (4,)).hint
    assert "missing" in ended(assert_shape, np.ones(4), (4, 1)).hint
    shapes = {"dx": (3, 5), "dw": (5, 4)}
    assert (
        "shape of dw" in ended(assert_shape, np.ones((5, 4)), (3, 5), name="dx", others=shapes).hint
    )
    assert "too many, of length 2" in ended(assert_shape, np.ones((2, 3, 4)), (3, 4)).hint
    assert "lacks an axis, of length 3" in ended(assert_shape, np.ones((2, 4)), (2, 3, 4)).hint
    assert ended(assert_shape, np.ones((2, 3)), (2, 4)).hint == ""
    assert ended(assert_shape, np.ones((2, 3, 4)), (5, 4)).hint == ""


def test_keys_that_are_there_are_named():
    """A misspelt key can be found: both lists are there."""
    end = ended(assert_same, {"a-b": 1}, {"a_b": 1}, name="counts")
    assert end.message == "counts must have the keys 'a_b'; it has 'a-b'."


def test_fractions_that_were_cut_off():
    """Whole numbers where fractions belong are noticed, in arrays and in single numbers."""
    want = np.array([1.5, 2.25, -0.75, 4.0])
    assert "fractions are lost" in pattern("out", np.trunc(want), want, {})
    assert "fractions are lost" in pattern("out", np.floor(want), want, {})
    assert "//" in ended(assert_same, 0, 0.5, name="share").hint


@pytest.mark.parametrize(
    ("got", "want"),
    [([1.0, 0.0, 0.0, 1.0, 0.0], [1.0] * 5), ([0.0, 1.0, 1.0, 0.0, 1.0], [0.5] * 5)],
)
def test_zeros_and_ones_are_not_fractions_cut_off(got, want):
    """A mask instead of ones, or of other numbers, is not called rounding."""
    assert "fractions" not in pattern("slopes", np.array(got), np.array(want), {})


def test_almost_right_is_not_called_a_wrong_sign():
    """Where the difference is tiny no sign, factor or region is blamed."""
    want = np.linspace(-1, 1, 12).reshape(3, 4)
    assert "almost right" in pattern("dx", want + 1e-4, want, {})
    assert "agrees to about 6 digits" in pattern("dx", want + 1e-6, want, {})


def test_small_arrays_have_no_wrong_rows():
    """Of four entries, two that are wrong in one column may be chance."""
    want = np.array([[7.0, 2.0], [3.0, 1.0]])
    assert pattern("w", np.array([[1.0, 2.0], [0.5, 1.0]]), want, {}) == ""


def test_a_few_zeros_have_no_factor():
    """Where a few numbers should all be zero, nothing is divided by them, and nothing is said."""
    assert pattern("y", np.ones(2), np.zeros(2), {}) == ""
    assert pattern("y", np.zeros(2), np.ones(2), {}) == ""


def test_numbers_that_print_alike_get_more_digits():
    """What came back and what was expected are told apart, and the digits are blamed."""
    end = ended(assert_same, 0.836988191, 0.836988216, name="loss")
    assert end.message == "loss is 0.83698819, expected 0.83698822."
    assert "about 8 digits" in end.hint
    assert "float64" in end.hint
    end = ended(assert_same, np.array([1 - 2.0**-40, 5]), np.array([1.0, 2]), tolerance=0)
    assert "out[0] is 0.999999999999, expected 1" in end.message
    few = ended(assert_same, np.array([1 + 1e-7, 2 / 3]), np.array([1, 2 / 3]), name="share")
    assert "share agrees to about 7 digits" in few.hint
    assert "float32" not in ended(assert_same, 1 + 1e-12, 1.0, tolerance=0).hint


def test_a_factor_names_a_length_only_where_no_other_is_as_long():
    """A half may come from anywhere, and 4 from whatever is 4 long."""
    x, w = np.ones((4, 5)), np.ones((5, 3))
    assert lengths([x @ w, x, w]) == {"Here {size} is N, the number of examples.": 4}
    assert lengths([np.ones((4, 4)), x, np.ones((5, 4))]) == {}
    assert lengths([np.ones((2, 3)), np.ones((2, 5))]) == {}
    assert lengths([np.ones((4, 2)), x, [(np.ones((5, 4)), np.ones(4))]]) == {}
    pictures, filters = np.ones((5, 2, 6, 7)), np.ones((2, 3, 3, 3))
    assert lengths([pictures, np.ones((5, 3, 8, 9)), filters]) == {
        "Here {size} is N, the number of examples.": 5,
        "Here {size} is the number of places in a feature map.": 42,
    }
    want = np.arange(1.0, 13).reshape(4, 3)
    assert "Here 4 is N" in ended(assert_same, want / 4, want, name="dx").hint
    assert ended(assert_same, want / 4, want, name="dw").hint == (
        "Every entry of dw is 1/4 times what is expected."
    )
    assert "half of what is expected" in ended(assert_same, want / 2, want, name="dx").hint
    assert "N" not in ended(assert_same, want[:2] / 2, want[:2], name="dx").hint


def test_one_number_has_no_factor():
    """Where all but one are zero, one factor says nothing about every entry."""
    want = np.array([[0, 0, 0.5, 0]])
    assert pattern("dx", want / 4, want, {}) == ""
    assert pattern("dx", want[:, 2:3] / 4, want[:, 2:3], {}) == ""


def test_another_logarithm_is_named():
    """A number that is too large by the factor between two logarithms tells which was taken; 1.44 does not."""
    assert "with np.log2," in ended(assert_same, np.log2(5.0), np.log(5.0), name="loss").hint
    want = np.array([0.5, -2.0, 0.0])
    assert "with np.log10," in pattern("out", want / np.log(10), want, {})
    assert "np.log" not in pattern("out", 1.4427 * want, want, {})


def test_zeros_that_were_computed_are_not_called_forgotten():
    """Zero inputs without their bias give zeros, and so does a filter beside the only pixel."""
    random = np.random.default_rng(0).normal(size=(3, 5))
    zero = np.zeros((3, 5))
    assert "was nothing put into it" in pattern("out", zero, random, {})
    assert pattern("out", zero, np.broadcast_to(random[:1], (3, 5)), {}) == ""
    assert pattern("out", zero, random * (random > 1), {}) == ""
    assert pattern("out", zero, 1e-9 * random, {}) == ""


def test_single_precision_of_a_gradient_is_no_mistake():
    """A gradient in float32, in whole or in part, is right; one of another size is not linear."""

    def forward(x):
        return x / 3, None

    def single(dout, cache):
        return (dout / 3).astype(np.float32)

    def in_part(dout, cache):
        return np.concatenate([dout[:1] / 3, single(dout[1:], None)])

    def of_another_size(dout, cache):
        return abs(dout) / 3

    x = np.arange(1.0, 13).reshape(3, 4) / 4
    assert_gradients(forward, single, x)
    assert_gradients(forward, in_part, x)
    assert "does not grow in proportion" in (
        ended(assert_gradients, forward, of_another_size, x).message
    )


def test_half_of_a_small_array_is_not_the_border():
    """Where the middle has two entries only, six wrong ones may miss it by chance."""
    want = np.arange(1.0, 13).reshape(3, 4) ** 2
    got = want.copy()
    got[[0, 0, 1, 2, 2, 2], [0, 3, 0, 0, 2, 3]] += [1.0, 3, -2, 5, 7, -1]
    assert "border" not in pattern("dx", got, want, {})


def test_one_corner_is_not_the_border():
    """A wrong corner is not called a wrong border."""
    want = np.arange(1.0, 21).reshape(1, 1, 4, 5)
    got = want.copy()
    got[..., 3, 4] = 0
    assert "border" not in pattern("out", got, want, {})


def test_a_middle_of_two_entries_is_not_enough():
    """Two entries may be right by chance; the whole border is wrong for a reason."""
    want = np.arange(1.0, 13).reshape(3, 4)
    got = want.copy()
    got[0], got[2] = [3, 1, 4, 2], [2, 0, 1, 7]
    assert "border" not in pattern("dx", got, want, {})
    got[1, [0, 3]] = 0, 1
    assert "Only the border" in pattern("dx", got, want, {})


def test_axes_of_pictures_are_named():
    """In an array of four axes the examples are called so."""
    want = np.arange(1.0, 49).reshape(2, 2, 3, 4)
    got = want.copy()
    got[1] = 0
    assert "index 1 of axis 0, the examples, only" in pattern("out", got, want, {})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "the number 0"),
        (np.float32(0.5), "the number 0.5"),
        (True, "the boolean True"),
        ([1], "a list of 1 item"),
        ((1, 2), "a tuple of 2 values"),
        ({"a": 1}, "a dict of 1 entry"),
    ],
)
def test_values_in_a_beginners_words(value, words):
    """What came back is described without Python's type names for numbers, and in good English."""
    assert describe_value(value) == words


class Catalogue:
    """One misconception, and what it answers to the only call."""

    def __init__(self, right, wrong):
        self._right, self._wrong = right, wrong

    def right(self, check, calls):
        """What is right."""
        return iter([[fingerprint(v) for v in self._right] + [fingerprint("changed ()")]])

    def wrong(self, check, calls):
        """What the misconception answers."""
        answer = [fingerprint(v) for v in self._wrong] + [fingerprint("changed ()")]
        return [(Misconception("odd_one", "Look."), iter([answer]))]


def asked(theirs, right, wrong):
    """What is recognised in an answer."""
    call = Call("f", (), {}, Answer(theirs), "", 0)
    return recognise("test_f", [call], Catalogue(right, wrong))


def test_zeros_are_weak_evidence():
    """An unfinished function returns zeros; a misconception that does so is believed only if it is
    excluded nowhere else."""
    dx, zero = np.arange(1.0, 25).reshape(4, 6), np.zeros((4, 6))
    assert is_zero(fingerprint(zero))
    assert is_zero(fingerprint(np.zeros(4)))
    assert not is_zero(fingerprint(np.eye(2)))
    assert asked((zero, dx), (dx, dx), (zero, dx)).weak == {"odd_one"}
    assert asked((2 * dx, dx), (dx, dx), (2 * dx, dx)).weak == frozenset()
    elsewhere = asked((zero, dx), (dx, dx), (3 * dx, dx))
    assert elsewhere.found == ()
    assert elsewhere.excluded == {"odd_one"}


def test_a_wrong_shape_is_explained_first():
    """Where one value has a wrong shape, a mistake in another value is not what is told."""
    loss, dpred = 2.0, np.arange(1.0, 5)
    assert asked((loss, 2 * dpred), (loss, dpred), (loss, 2 * dpred)).found
    assert not asked((np.ones(4), 2 * dpred), (loss, dpred), (loss, 2 * dpred)).found
    nan = np.full(4, np.nan)
    assert asked((nan, 2 * dpred), (np.ones(4), dpred), (np.ones(4), 2 * dpred)).found


def test_values_in_another_order():
    """Who swaps the returned values hears of their order, not that a tuple can become an array."""
    exercise = find_exercise(find_course(ROOT), "ex04")
    right = runpy.run_path(str(ROOT / "solutions" / "ex04_convolution.py"))

    def conv_forward(x, w, b, stride=1, pad=0):
        return right["conv_forward"](x, w, b, stride, pad)[::-1]

    student = Student(LocalCode({"conv_forward": conv_forward}, exercise), exercise, 0, right)
    with pytest.raises(CheckEnded) as end:
        student.conv_forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), np.ones(1))
    words = "must return (out, cache); these values seem to be in the wrong order."
    assert end.value.message == f"conv_forward {words}"


def test_a_part_of_a_gradient_has_the_name_of_the_whole():
    """The gradients of a list of weights are called as the exercise calls the list that is returned."""
    exercise = find_exercise(find_course(ROOT), "ex03")
    right = runpy.run_path(str(ROOT / "solutions" / "ex03_fully_connected.py"))

    def mlp_backward(dout, cache):
        dx, grads = right["mlp_backward"](dout, cache)
        return dx, [(dw, 3 * db) for dw, db in grads]

    code = LocalCode({**right, "mlp_backward": mlp_backward}, exercise)
    student = Student(code, exercise, 0, right)
    rng = np.random.default_rng(0)
    params = [(grid_values(rng, (3, 4)), grid_values(rng, 4))]
    with pytest.raises(CheckEnded, match=r"grads\[0\]\[1\] from mlp_backward is not the gradient"):
        assert_gradients(
            student.mlp_forward, student.mlp_backward, grid_values(rng, (2, 3)), params
        )
