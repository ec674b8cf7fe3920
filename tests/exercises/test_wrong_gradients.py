"""A backward pass that computes nothing earns nothing: not with zeros, ones, dout or random numbers.

Every function of every exercise that returns gradients is replaced, one at a time. Of the checks that
call it none may pass then, but for those that are named here, with the reason.
"""

import zlib
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from grader.checking.calls.local_code import LocalCode
from grader.checking.diagnosis.reference import importable, load_reference
from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise

ROOT = Path(__file__).resolve().parents[2]
COURSE = find_course(ROOT)

# Beside the checks of shapes: what asks for something else than the gradient, or for a gradient that
# is dout itself.
OTHERS = {
    ("ex07", "mse_loss"): {"test_mse_value", "test_mse_refuses_other_shapes"},  # the loss alone
    ("ex07", "cross_entropy_loss"): {"test_cross_entropy_value"},
    ("ex08", "loss_and_gradients"): {"test_loss", "test_unknown_activation"},
    ("ex09", "cnn_loss"): {"test_loss"},
    ("ex11", "layer_norm_backward"): {"test_layer_no_hidden_state"},
}
DOUT_IS_RIGHT = {
    "identity_backward": {
        "test_any_sizes",
        "test_identity",
        "test_identity_is_a_copy",
        "test_identity_with_other_inputs",
    },
    "dropout_backward": {"test_prediction_is_the_identity", "test_nothing_to_drop"},
}
WANTED = {"ex09": "gradient or test_loss"}  # the other checks train a network


def functions():
    """Every function that returns gradients: its exercise and its name."""
    for exercise in COURSE.exercises:
        for name, function in exercise.functions.items():
            returned = [n for n, _ in function.returns]
            if any(
                n == "grads" or n in ("delta", "dx", "dq", "dpred", "dlogits") for n in returned
            ):
                yield exercise.id, name


def zeros(_dout, gradient, _rng):
    return np.zeros(gradient.shape)


def ones(_dout, gradient, _rng):
    return np.ones(gradient.shape)


def dout(dout, gradient, _rng):
    return np.resize(dout, gradient.shape)


def chance(_dout, gradient, rng):
    return rng.normal(size=gradient.shape)


class Watched(LocalCode):
    """Functions of this process; it notes which check called which."""

    def __init__(self, functions, exercise):
        super().__init__(functions, exercise)
        self.called = defaultdict(set)
        self.check = ""

    def call(self, name, *rest):
        """See `LocalCode.call`."""
        self.called[self.check].add(name)
        return super().call(name, *rest)


def replaced(right, declared, fill):
    """A function whose gradients are filled in another way; a loss and a cache stay."""
    names = [name for name, _ in declared.returns]

    def filled(value, upstream, rng):
        if isinstance(value, list | tuple):
            return type(value)(filled(part, upstream, rng) for part in value)
        return fill(upstream, np.asarray(value), rng)

    def wrong(*args, **keywords):
        answer = right(*args, **keywords)
        rng = np.random.default_rng(7)
        upstream = args[0] if declared.parameters[0][0] == "dout" else np.ones(1)
        if names[0] == "loss":
            return (answer[0], *filled(tuple(answer[1:]), upstream, rng))
        return filled(answer, upstream, rng)

    return wrong


def results(exercise, functions, keyword=""):
    """The results of all checks of an exercise with these functions, by name."""
    reports = []
    with importable(COURSE.solutions):
        run_jobs(
            COURSE,
            [exercise],
            [Job(exercise, code=LocalCode(functions, exercise))],
            lambda _, report: reports.append(report),
            keyword=keyword,
        )
    return {check.name: check for check in reports[0].checks}


MEASURED = (
    "test_max_backward",
    "test_max_backward_with_overlap",
    "test_max_backward_with_gaps",
    "test_l2_backward",
)


def test_noise_earns_no_gradient():
    """Pooling with noise that its input seeds hides its slopes: a backward pass of zeros earns none of
    the gradient's points, and reads why."""
    exercise = find_exercise(COURSE, "ex05")
    right = load_reference(COURSE, exercise).functions

    def noisy(forward):
        def wrong(x, *sizes, **options):
            out, cache = forward(x, *sizes, **options)
            rng = np.random.default_rng(zlib.crc32(x.tobytes()))
            return out + 0.01 * rng.normal(size=out.shape), (cache, x.shape)

        return wrong

    def backward(dout, cache):
        return np.zeros(cache[1])

    wrong = {
        f"{kind}_pool_{way}": function
        for kind in ("max", "l2")
        for way, function in (
            ("forward", noisy(right[f"{kind}_pool_forward"])),
            ("backward", backward),
        )
    }
    found = results(exercise, {**right, **wrong}, "backward or shape")
    for name in MEASURED:
        assert found[name].score == 0
        assert "cannot be differentiated" in found[name].message


def test_a_memory_earns_no_gradient():
    """A forward pass that answers from memory when it is called again earns no gradient either."""
    exercise = find_exercise(COURSE, "ex05")
    right = load_reference(COURSE, exercise).functions

    def remembering(forward):
        answers = {}

        def wrong(x, size=2, stride=2):
            out, _ = forward(x, size=size, stride=stride)
            return answers.setdefault((x.shape, size, stride), out), x.shape

        return wrong

    def backward(dout, shape):
        return np.zeros(shape)

    wrong = {
        "max_pool_forward": remembering(right["max_pool_forward"]),
        "max_pool_backward": backward,
    }
    found = results(exercise, {**right, **wrong}, "max")
    assert [n for n, check in found.items() if "backward" in n and check.score] == []


FILLS = {fill.__name__: fill for fill in (zeros, ones, dout, chance)}


@cache
def earned(exercise):
    """For each function of an exercise and each way to fill its gradients: the checks that call the
    function, and those of them that give points. One session grades all of them."""
    found = find_exercise(COURSE, exercise)
    right = load_reference(COURSE, found).functions
    codes, earned = {}, {}

    def jobs():
        for name in [name for one, name in functions() if one == exercise]:
            for fill, value in FILLS.items():
                wrong = replaced(right[name], found.functions[name], value)
                codes[name, fill] = Watched({**right, name: wrong}, found)
                yield Job(found, code=codes[name, fill])

    def on_check(_index, _count, title):
        code = list(codes.values())[-1]
        code.check = title

    def on_report(_, report):
        (name, fill), code = list(codes.items())[-1]
        calls = {c.name for c in report.checks if name in code.called[c.title]}
        earned[name, fill] = calls, {c.name for c in report.checks if c.score} & calls

    with importable(COURSE.solutions):
        run_jobs(
            COURSE,
            [found],
            jobs(),
            on_report,
            keyword=WANTED.get(exercise, ""),
            on_check=on_check,
        )
    return earned


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(
    ("exercise", "name"),
    [pytest.param(*f, marks=pytest.mark.slow if f[0] > "ex08" else ()) for f in functions()],
)
def test_no_points_for_no_gradient(exercise, name, fill):
    """Only the checks of its shape give points for a gradient that was not computed."""
    calls, paid = earned(exercise)[name, fill]
    assert calls
    if fill == "dout":
        paid = paid - DOUT_IS_RIGHT.get(name, set())
    paid = paid - OTHERS.get((exercise, name), set())
    assert [check for check in paid if "shape" not in check] == []


# What tells nothing of gradients: the start, the shapes, what is drawn, what is left alone, and the loss.
TRAINING = {
    ("ex08", "loss_and_gradients", "train"): {
        "test_training_shapes",
        "test_zero_learning_rate",
        "test_training_can_be_repeated",
        "test_training_leaves_the_data_alone",
        "test_history",
    },
    ("ex14", "rnn_backward", "train_rnn"): {"test_training_shapes", "test_loss_of_training"},
    ("ex09", "cnn_loss", "train_cnn"): {
        "test_training_shapes",
        "test_training_starts_at_the_start",
        "test_usual_settings",
        "test_dropout_while_training",
        "test_history_is_weighted",
    },
}
STANDING_STILL = {"test_history", "test_history_is_weighted"}  # not to be seen where nothing moves


@pytest.mark.parametrize("fill", [zeros, ones, chance], ids=lambda f: f.__name__)
@pytest.mark.parametrize("which", TRAINING, ids=lambda which: which[0])
def test_no_points_for_steps_without_gradient(which, fill, monkeypatch):
    """Nor do the checks of training give points for steps with such gradients, though each step is
    what these gradients make of it."""
    exercise, name, trains = which
    found = find_exercise(COURSE, exercise)
    right = load_reference(COURSE, found).functions
    wrong = replaced(right[name], found.functions[name], fill)
    monkeypatch.setitem(right[trains].__globals__, name, wrong)
    code = Watched({**right, name: wrong}, found)
    reports = []

    def on_check(_index, _count, title):
        code.check = title

    with importable(COURSE.solutions):
        run_jobs(
            COURSE,
            [found],
            [Job(found, code=code)],
            lambda _, report: reports.append(report),
            keyword="shape or train or step or epoch or history or usual or gradients",
            on_check=on_check,
        )
    earned = {c.name for c in reports[0].checks if c.score and trains in code.called[c.title]}
    assert "test_training_shapes" in earned
    assert earned <= TRAINING[which] - (STANDING_STILL if fill is zeros else set())


def test_all_gradients_are_tried():
    """The functions are found by what exercise.toml says they return."""
    found = set(functions())
    assert len(found) >= 13
    for exercise in COURSE.exercises:
        for name in exercise.functions:
            assert not name.endswith("_backward") or (exercise.id, name) in found
