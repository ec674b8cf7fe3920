"""Every exercise is proven as its author proves it; `nox -s tests-lowest` does it with the lowest versions."""

from pathlib import Path

import pytest

EXERCISES = Path(__file__).resolve().parents[1] / "exercises"
# What takes longest begins: these, and then the later ones.
LONGEST = ("ex04", "ex06", "ex10")
NAMES = sorted(
    (path.parent.name[:4] for path in EXERCISES.glob("ex*/exercise.toml")),
    key=lambda name: (name in LONGEST, name),
    reverse=True,
)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_is_proven(name, grade):
    """`grade verify` holds: the stub scores nothing, right solutions everything, and each misconception
    is caught and recognised."""
    done = grade("verify", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("All hold.\n")
