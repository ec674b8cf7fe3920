"""An exercise with classes: proven, graded, its mistakes named, with code at hand and from a recording."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from small_course import SMALL

from grader.checking.diagnosis.dialogue import Dialogue
from grader.checking.diagnosis.reference import load_reference
from grader.course.loader import find_course

OBJECTS = SMALL.parent / "objects"

# Each of the three parts that a student may get wrong is wrong here.
WRONG = """
import numpy as np

class Linear:
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias
        self.clear()
    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias
    def backward(self, dout):
        self.dweight = self.x.T @ dout
        self.dbias = dout.mean(axis=0)
        return dout @ self.weight.T
    def clear(self):
        self.dweight, self.dbias = np.zeros_like(self.weight), np.zeros_like(self.bias)
    def __add__(self, other):
        self.weight = self.weight + other.weight
        self.bias = self.bias + other.bias
        return self

def total(layer):
    return layer.weight.sum() + layer.bias.sum()
"""
SAID = (
    "dbias from backward is not the gradient",
    "Are the gradients of the second backward pass added to those of the first?",
    "A sum makes a new layer. Does yours change one of the two?",
)


@pytest.fixture
def course(tmp_path):
    """A copy of the course."""
    ignore = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(OBJECTS, tmp_path / "course", ignore=ignore))


def flat(text):
    """A report without its line breaks."""
    return " ".join(text.split())


def test_it_is_proven(grade):
    """The stub scores nothing, the reference everything, and each misconception is recognised."""
    result = grade("verify", "ex01", cwd=OBJECTS)
    assert (result.code, result.err) == (0, "")


@pytest.mark.slow
def test_mistakes_are_named_with_code_and_from_a_recording(course, grade, tmp_path):
    """The same three sentences in the course and in a workspace without solutions."""
    file = tmp_path / "ex01_layer.py"
    file.write_text(WRONG, "utf-8")
    result = grade("ex01", file, cwd=course)
    assert result.code == 1
    assert all(words in flat(result.out) for words in SAID)

    assert grade("release", tmp_path / "workspace", cwd=course).code == 0
    own = tmp_path / "workspace" / file.name
    assert "NotImplementedError" in own.read_text("utf-8")
    assert grade("ex01", cwd=own.parent).code == 1
    shutil.copy(file, own)
    replayed = grade("ex01", cwd=own.parent)
    assert all(words in flat(replayed.out) for words in SAID)
    shutil.copy(course / "solutions" / file.name, own)
    right = grade("ex01", cwd=own.parent)
    assert right.code == 0
    assert "12 of 12 points" in right.out


def test_a_class_that_is_missing_is_named(course, grade, tmp_path):
    """With its constructor, once; what does not need it is graded."""
    file = tmp_path / "ex01_layer.py"
    file.write_text("def total(layer): return 0.0\n", "utf-8")
    result = grade("ex01", file, cwd=course)
    assert "The class Linear(weight, bias) is missing." in flat(result.out)


def test_a_dialogue_goes_on_from_what_was_said(course):
    """The same call has another key after another history, and an object is the same when it returns."""
    exercise = find_course(course).exercises[0]
    reference = load_reference(find_course(course), exercise)
    keys = []

    def answer(key, make):
        keys.append(key)
        return make()

    dialogue = Dialogue(exercise, answer, reference.functions)
    weight, bias = np.ones((2, 1)), np.zeros(1)
    for scale in (1.0, 2.0):
        dialogue.begin()
        layer = dialogue.function("Linear")(scale * weight, bias)
        assert (layer + layer).weight[0, 0] == 2 * scale
        assert layer.weight[0, 0] == scale
    assert len(set(keys)) == len(keys)
    again = list(keys[: len(keys) // 2])
    keys.clear()
    dialogue.begin()
    layer = dialogue.function("Linear")(weight, bias)
    _ = (layer + layer).weight, layer.weight
    assert keys == again
