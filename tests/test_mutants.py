"""No mechanical mutant of a reference gets full marks, but those that are argued to be equivalent.

A sample of each exercise's mutants is graded here, always the same. All of them:

    NN_MUTANTS=all python -m pytest tests/test_mutants.py     or     python tests/mutants.py
"""

import importlib.util
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXERCISES = sorted(p.parent.name[:4] for p in (ROOT / "exercises").glob("ex*/exercise.toml"))

# Of exercises that train networks only the functions that do not, by the checks that do not (`-k`).
# What trains is left to the run by hand.
SAMPLE = 20
CHEAP = {
    "ex09": (("init_cnn",), "start_shapes or start_values"),
    "ex10": (("shuffle_pixels",), "shuffl or pixels_move or kind_of or permutation"),
}

spec = importlib.util.spec_from_file_location("mutants", Path(__file__).with_name("mutants.py"))
mutants = importlib.util.module_from_spec(spec)
sys.modules["mutants"] = mutants
spec.loader.exec_module(mutants)


def complaints(exercise, chosen, keyword=""):
    """What is wrong with the fates of these mutants, in words."""
    known = mutants.read_equivalent()
    found = []
    for fate in mutants.grade_mutants(exercise, chosen, keyword=keyword):
        if problem := mutants.complaint(fate, known):
            mutant = fate.mutant
            found.append(f"{mutant.function}: {mutant.line}\n    {mutant.mutation}\n    {problem}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_sample_of_mutants_is_caught(exercise):
    """Each mutant of the sample loses points, or is on the list of equivalent ones and loses none."""
    functions, keyword = CHEAP.get(exercise, (None, ""))
    every = [
        m for m in mutants.mutants_of(exercise) if functions is None or m.function in functions
    ]
    assert complaints(exercise, mutants.sample(every, SAMPLE), keyword) == []


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("NN_MUTANTS") != "all", reason="set NN_MUTANTS=all to grade all")
@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_mutant_is_caught(exercise):
    """The same for all mutants of an exercise."""
    assert complaints(exercise, mutants.mutants_of(exercise)) == []


@pytest.mark.slow
def test_what_is_argued_exists():
    """Each entry of the list names a mutant that there is, and says why in a sentence."""
    every = {m.key for exercise in EXERCISES for m in mutants.mutants_of(exercise)}
    for key, argument in mutants.read_equivalent().items():
        assert key in every, key
        assert len(argument.why) > 20, key
        assert argument.why.endswith("."), key


def test_mutants_are_as_said():
    """Operators, constants, comparisons, conditions, arguments, axes, slices and statements change."""
    source = (
        "def f(x, y, pad=0):\n"
        "    if x[0] < y:\n"
        "        x = x + 1\n"
        "    return np.maximum(x[pad:], y).sum(axis=0, keepdims=True)\n"
    )
    made = {m.mutation for m in mutants.make_mutants("ex00", source)}
    for mutation in (
        "0 → 1",
        "x + 1 → x - 1",
        "x + 1 → x",
        "1 → 2",
        "x[0] < y → x[0] <= y",
        "if x[0] < y: → if not x[0] < y:",
        "x = x + 1 → (nothing)",
        "np.maximum(x[pad:], y) → np.maximum(y, x[pad:])",
        "np.maximum → np.minimum",
        "pad: → :",
        "np.maximum(x[pad:], y).sum(axis=0, keepdims=True) → np.maximum(x[pad:], y).sum(axis=0)",
        "np.maximum(x[pad:], y).sum → np.maximum(x[pad:], y).mean",
    ):
        assert mutation in made, mutation


@pytest.mark.slow
def test_mutants_differ():
    """No two mutants of a module are the same, and none is the module itself."""
    for exercise in EXERCISES:
        made = mutants.mutants_of(exercise)
        sources, keys = Counter(m.source for m in made), Counter(m.key for m in made)
        assert max(sources.values()) == 1
        assert max(keys.values()) == 1


@pytest.mark.slow
def test_a_mutant_that_never_ends_is_stopped():
    """It is ended from outside; the next one is graded by a new process."""
    source = (ROOT / "solutions" / "ex01_neuron.py").read_text(encoding="utf-8")
    loops = source.replace("either, both =", "while True: pass\n    either, both =")
    endless = mutants.Mutant("ex01", "xor_gate", "", "", loops)
    wrong = mutants.Mutant("ex01", "or_gate", "", "", source.replace("-0.5", "-2.5"))
    fates = mutants.grade_mutants("ex01", [endless, wrong], least_seconds=0.2)
    assert [f.outcome for f in fates] == ["stopped", "killed"]


def test_a_survivor_is_reported():
    """A mutant with full marks is a complaint, unless it is on the list; one that is on the list and
    is caught is a complaint as well."""
    one = mutants.Mutant("ex01", "f", "x", "y", "")
    known = {one.key: mutants.Argument("It is the same.", sometimes=False)}
    assert "nobody has argued" in mutants.complaint(mutants.Fate(one, "survived"), {})
    assert mutants.complaint(mutants.Fate(one, "survived"), known) == ""
    assert "test_a catches it" in mutants.complaint(mutants.Fate(one, "killed", "test_a"), known)
    assert mutants.complaint(mutants.Fate(one, "killed", "test_a"), {}) == ""
    assert "cannot be graded" in mutants.complaint(mutants.Fate(one, "ungraded", "test_a"), {})
