"""Every exercise is proven as its author proves it; `nox -s tests-lowest` does it with the lowest versions."""

import pytest

NAMES = [f"ex{n:02d}" for n in range(1, 11)]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_is_proven(name, grade):
    """`grade verify` holds: the stub scores nothing, right solutions everything, and each misconception
    is caught and recognised."""
    done = grade("verify", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("All hold.\n")
