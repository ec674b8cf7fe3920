"""What would take too long is told after two calls."""

from __future__ import annotations

import pytest

from grader.checking.assertions.timing import assert_in_time
from grader.checking.calls.code import Answer, Place
from grader.errors import CheckEnded
from grader.model import Outcome


class Function:
    """A function whose calls take the given seconds."""

    name = "cnn_loss"
    where = ("ex09_cnn.py", 3)

    def __init__(self, *seconds, spent=()):
        self._left, self.calls, self._spent = list(seconds), 0, spent

    def __call__(self, *args, **keywords):
        """Take the next of them."""
        self.calls += 1
        self._last = Answer(0.0, spent=self._spent, seconds=self._left.pop(0))

    def timed(self):
        """The latest answer."""
        return self._last


@pytest.mark.parametrize("seconds", [(0.0,), (0.05,), (9.0, 0.1), (0.1,)])
def test_what_may_end_in_time_is_tried(seconds):
    """A second call is made only after a slow one, and a little too slow is not hopeless."""
    function = Function(*seconds)
    assert_in_time(function, 1, times=1640, seconds=150, doing="train_cnn makes them")
    assert function.calls == len(seconds)


def test_what_is_hopeless_is_told_with_its_place():
    """The message has the time of one call and of all, and the function that takes most of it."""
    place = Place("conv_forward", "ex04_convolution.py", 31, 0.83)
    function = Function(0.6, 0.5, spent=(place,))
    with pytest.raises(CheckEnded) as caught:
        assert_in_time(function, 1, times=1640, seconds=150, doing="train_cnn makes 1,640 steps")
    assert caught.value.message == (
        "One call of cnn_loss takes 0.5 s, 83% of it in conv_forward (ex04_convolution.py, about line "
        "31). And train_cnn makes 1,640 steps: that would take 14 minutes, while 150 s are allowed. So it "
        "was not tried."
    )
    assert caught.value.outcome is Outcome.TIMEOUT
    assert caught.value.where == ("ex04_convolution.py", 31)


@pytest.mark.parametrize(("step", "words"), [(0.2, "5 hours"), (2e-3, "3 minutes"), (5e-4, "49 s")])
def test_long_times_in_words(step, words):
    """Seconds, minutes or hours, whichever reads best; without a place, the function's own line."""
    with pytest.raises(CheckEnded) as caught:
        assert_in_time(Function(step, step), times=98400, seconds=1, doing="it is called often")
    assert f"that would take {words}," in caught.value.message
    assert caught.value.where == ("ex09_cnn.py", 3)
