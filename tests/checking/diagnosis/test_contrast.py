"""The simplest right call beside the simplest wrong one: what is said of which function."""

from __future__ import annotations

import ast
from dataclasses import replace

import numpy as np
import pytest
from test_repair import CONV_BACKWARD, COURSE, graded

from grader.checking.diagnosis.contrast import find_contrast, paste, probes, shown
from grader.checking.diagnosis.features import load_features
from grader.checking.diagnosis.recording import Recorder, Recording
from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.trusted_code import TrustedCode
from grader.course.loader import find_exercise
from grader.errors import ExerciseError


def said(report):
    """The contrasts of a report."""
    return {c.contrast for c in report.checks if c.contrast}


def test_one_feature_is_named(tmp_path, server):
    """A function that is wrong with a stride only is told so, with its smallest wrong call."""
    code = CONV_BACKWARD.replace("r, c = i * stride, j * stride", "r, c = i, j")
    report, _ = graded(tmp_path, server, "ex04", code)
    (sentence,) = said(report)
    assert "right with stride = 1, and wrong as soon as stride is 2" in sentence
    call = next(c.call for c in report.checks if c.contrast)
    assert "conv_backward(np.array(" in call
    assert "# expected:" in call


ADAM = """
right = Adam


class Adam(right):
    def step(self, parameters, gradients):
        WRONG
        return super().step(parameters, gradients)
"""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            "self._steps = 0",
            "right while no step came before, and wrong as soon as a step came before.",
        ),
        pytest.param(
            "self.decay *= 2",
            "right while decay is 0, and wrong as soon as decay is not 0.",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "self.l2, self.decay = 0.0, self.l2",
            "right while l2 is 0 and decay is 0, and wrong as soon as one of these is different.",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_feature_of_an_object_is_named(wrong, words, tmp_path, server):
    """A method of a class is called on a new object, as often as its maker says."""
    report, _ = graded(tmp_path, server, "ex12", ADAM.replace("WRONG", wrong))
    (sentence,) = said(report)
    assert f"Adam.step is {words}" in sentence
    (call,) = {c.call for c in report.checks if c.contrast}
    assert "adam = Adam(rate=0.5, " in call
    assert "adam.step([np.array([" in call
    assert "Opaque" not in call


def test_a_constructor_that_raises_is_no_method_that_is_wrong(tmp_path, server):
    """Nothing is told of a method whose object cannot be made."""
    code = "class Adam:\n    def __init__(self, *args, **keys):\n        self.rate = nothing\n"
    report, _ = graded(tmp_path, server, "ex12", code)
    assert report.score < report.max_score
    assert not any("Adam" in c.contrast + c.call for c in report.checks)


def test_objects_are_the_same_where_there_are_no_solutions(tmp_path):
    """What is recorded of the reference's objects answers each maker's calls, in any order."""
    exercise = find_exercise(COURSE, "ex12")
    every, recorder = load_features(exercise), Recorder()
    recorder.enabled = True
    live = recorder.wrap(TrustedCode(COURSE).reference(exercise), exercise)
    made = probes(exercise, every, live.functions, begin=live.begin_check)
    (tmp_path / "recorded.npz").write_bytes(recorder.save())
    known = Recording(tmp_path / "recorded.npz", exercise).reference
    again = probes(exercise, every[::-1], known.functions, begin=known.begin_check)
    for inputs in every:
        mine, theirs = (
            [p.case.right for p in some if p.inputs is inputs] for some in (made, again)
        )
        assert len(mine) > 20
        assert mine == theirs


def test_a_call_can_be_pasted():
    """Values are printed as Python reads them."""
    values = (np.array([[1.5, -2.0]]), 3, True, "mse", [np.float64(0.5)], None)
    again = eval(shown(values), {"np": np})
    np.testing.assert_array_equal(again[0], values[0])
    assert again[1:] == (3, True, "mse", [0.5], None)


def test_a_call_that_shows_nothing_is_not_told(tmp_path, server):
    """Where the printed answers are the same, or nothing is written yet, there is nothing to paste; what
    was raised is named."""
    changed = "def relu_forward(x):\n    x[x < 0] = 0\n    return x, x\n"
    report, _ = graded(tmp_path, server, "ex02", changed)
    assert not any("relu_forward(" in c.call for c in report.checks)
    unwritten = "def softmax(logits):\n    raise NotImplementedError\n"
    report, _ = graded(tmp_path, server, "ex07", unwritten)
    assert not any(c.call for c in report.checks)
    report, _ = graded(tmp_path, server, "ex07", "def softmax(logits):\n    return nothing\n")
    (call,) = {c.call for c in report.checks if c.call}
    assert "# raised NameError: name 'nothing' is not defined" in call


EXERCISES = [
    pytest.param(e, marks=pytest.mark.slow if e.id > "ex08" else ()) for e in COURSE.exercises
]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_every_call_is_python(exercise):
    """Whatever the arguments are, a call that is told can be pasted."""
    reference = TrustedCode(COURSE).reference(exercise).functions
    for probe in probes(exercise, load_features(exercise), reference):
        ast.parse(paste(probe, exercise, Tried([], [], None, value=0)))


def some_probes(exercise):
    """The first maker's probes of an exercise, without a backward pass."""
    found = find_exercise(COURSE, exercise)
    inputs = load_features(found)[0]
    reference = TrustedCode(COURSE).reference(found).functions
    return [p for p in probes(found, [inputs], reference) if p.case.function == inputs.function]


def test_a_sentence_holds_at_random_too():
    """What holds for one feature alone, but not for settings drawn at random, is said of some of them, or
    not at all."""
    some = some_probes("ex04")
    by_stride = [p.setting["stride"] == 2 for p in some]
    sentence, smallest = find_contrast("conv_forward", some, by_stride)
    assert "stride" in sentence
    assert smallest.setting["stride"] == 2
    by_both = [p.setting["stride"] == 2 and p.setting["pad"] == 0 for p in some]
    sentence, _ = find_contrast("conv_forward", some, by_both)
    assert sentence == ""  # of too few
    often = [p.setting["stride"] > 1 and p.setting["pad"] < 2 for p in some]
    sentence, _ = find_contrast("conv_forward", some, often)
    assert (
        sentence == "conv_forward is right with stride = 1, but not always where stride is 2 or 3."
    )
    beside = [
        w or (p.setting["pad"] > 1 and p.setting["n"] > 1) for p, w in zip(some, often, strict=True)
    ]
    assert find_contrast("conv_forward", some, beside)[0] == ""


def test_two_features_may_be_wrong_together_only():
    """Where neither of two features does harm alone, both are named; not where it is often so only."""
    some = some_probes("ex05")
    together = [p.setting["n"] > 1 and p.setting["w"] > 0 for p in some]
    sentence, _ = find_contrast("max_pool_forward", some, together)
    assert sentence == (
        "max_pool_forward is right while there is one picture or pictures are square, and wrong as soon "
        "as neither is so."
    )
    seldom = [w and p.setting["gap"] != 0 for p, w in zip(some, together, strict=True)]
    assert find_contrast("max_pool_forward", some, seldom)[0] == ""
    one = [False] * len(some)
    one[together.index(True)] = True
    assert find_contrast("max_pool_forward", some, one)[0] == ""


def test_words_for_several_values_hold_for_each():
    """ "Wrong as soon as" is not said where only some of the values that the words mean are wrong."""
    some = some_probes("ex05")
    assert (
        "wrong as soon as they are not"
        in find_contrast("max_pool_forward", some, [p.setting["w"] > 0 for p in some])[0]
    )
    most = [p.setting["w"] == 1 or (p.setting["w"] == 2 and p.setting["n"] == 2) for p in some]
    sentence, _ = find_contrast("max_pool_forward", some, most)
    assert (
        sentence
        == "max_pool_forward is right while pictures are square, but not always where they are not."
    )


def test_two_features_may_each_do_harm_often():
    """Where two features are each wrong, and not always, both are named as what need not be right."""
    some = some_probes("ex04")
    both = [(p.setting["stride"] > 1 or p.setting["pad"] > 0) for p in some]
    often = [w and (i % 4 > 0 or sum(both[:i]) < 9) for i, w in enumerate(both)]
    assert find_contrast("conv_forward", some, often)[0] == (
        "conv_forward is right while stride = 1 and pad = 0, but not always where one of these is different."
    )


def test_what_is_right_with_some_values_only_is_told():
    """Where the simplest value is wrong, and another one never is, both are told; not where some are."""
    some = some_probes("ex04")
    no_border = [p.setting["pad"] == 0 for p in some]
    sentence, _ = find_contrast("conv_forward", some, no_border)
    assert sentence == "conv_forward is right with pad = 1 or 2, and wrong with pad = 0."
    one_border = [p.setting["pad"] != 1 for p in some]
    sentence, _ = find_contrast("conv_forward", some, one_border)
    assert sentence == "conv_forward is right with pad = 1, and wrong with pad = 0 or 2."
    alone = [p.setting["n"] == 1 for p in some]
    sentence, _ = find_contrast("conv_forward", some, alone)
    assert sentence == (
        "conv_forward is wrong while there is one picture, and right as soon as there are several pictures."
    )
    border = [w or p.setting["stride"] == 3 for p, w in zip(some, one_border, strict=True)]
    assert find_contrast("conv_forward", some, border)[0] == ""


def test_what_is_wrong_everywhere_has_no_contrast():
    """Where the simplest call is wrong already, there is a call to try, and no sentence."""
    some = some_probes("ex04")
    sentence, smallest = find_contrast("conv_forward", some, [True] * len(some))
    assert sentence == ""
    assert smallest.case.size == min(p.case.size for p in some)
    assert find_contrast("conv_forward", some, [False] * len(some)) is None


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_every_declared_input_is_answered_by_the_reference(exercise):
    """The simplest setting of each maker of inputs is one that the reference answers."""
    every = load_features(exercise)
    reference = TrustedCode(COURSE).reference(exercise).functions
    some = probes(exercise, every, reference)
    for inputs in every:
        mine = [dict(p.setting) for p in some if p.inputs is inputs]
        assert dict(inputs.simplest) in mine


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('@inputs_of("softmax2", vary={})\ndef f(rng, n=1): ...', "softmax2 is not one"),
        ('@inputs_of("softmax", vary={"m": (2,)})\ndef f(rng, n=1): ...', "m is not one"),
        ('@inputs_of("softmax", vary={})\ndef f(rng, n): ...', "n has no default"),
        ('@inputs_of("Adam", vary={})\ndef f(rng): ...', "Adam is not one"),
        ('@inputs_of("Adam", then="SGD.step", vary={})\ndef f(rng): ...', "SGD.step is not one"),
    ],
)
def test_an_author_is_told_what_is_wrong(tmp_path, text, words):
    """Features that do not fit the exercise are the author's to mend, by name."""
    (tmp_path / "features.py").write_text(f"from grader.checks import inputs_of\n{text}\n")
    exercise = replace(
        find_exercise(COURSE, "ex12" if "Adam" in text else "ex07"),
        folder=tmp_path,
        name=f"x{len(text)}",
    )
    with pytest.raises(ExerciseError, match=words):
        load_features(exercise)
