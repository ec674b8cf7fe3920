"""Ctrl-C in a long batch is not lost, wherever Python happens to be."""

import os
import signal
import threading

import pytest

from grader.batch.interrupt import interruptible

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")


class Fussy:
    """Python prints and forgets what a destructor raises."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)


def interrupted_in_a_destructor():
    with interruptible() as go_on:
        go_on()
        fussy = Fussy()
        del fussy
        for _ in range(1000):  # nothing happens here, as without us
            pass
        go_on()
    raise AssertionError("the interrupt is lost")


def interrupted_in_a_loop():
    with interruptible():
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass
    raise AssertionError("the interrupt is lost")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_was_swallowed_is_raised_at_the_next_step():
    """An interrupt inside of a destructor ends the batch all the same."""
    with pytest.raises(KeyboardInterrupt):
        interrupted_in_a_destructor()


def test_otherwise_it_is_raised_at_once():
    """Nothing has to be waited for where Python can raise it."""
    with pytest.raises(KeyboardInterrupt):
        interrupted_in_a_loop()


def test_handlers_of_others_are_left_alone():
    """Somebody else's handler stays, and outside of the main thread nothing is touched."""
    mine = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible() as go_on:
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            go_on()
    finally:
        signal.signal(signal.SIGINT, mine)
    failed = []

    def elsewhere():
        try:
            with interruptible() as go_on:
                go_on()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert failed == []
    assert signal.getsignal(signal.SIGINT) is mine
