"""Wrong submissions that once got full marks: each fails the check that was made for it.

What a misconception of the exercise stands for is not repeated here, as `grade verify` tries it.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from grader.checking.calls.local_code import LocalCode
from grader.checking.diagnosis.reference import importable
from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise

ROOT = Path(__file__).resolve().parents[2]

# An answer that is looked up by the shapes of its arguments.
REMEMBERED = """
answers, right = {}, {name}

def look(value):
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype)
    return tuple(map(look, value)) if isinstance(value, list) else value

def {name}(*arguments):
    return answers.setdefault(look(list(arguments)), right(*arguments))
"""

# What is defined anew after the reference, and the check that says so.
CASES = [
    (
        "ex01",
        "test_answers_are_numbers",
        "def threshold_neuron(x, w, b): return (x @ w + b >= 0).astype(float)",
    ),
    (
        "ex01",
        "test_perceptron_follows_the_rule",
        REMEMBERED.replace("{name}", "perceptron_fit"),
    ),
    (
        "ex02",
        "test_identity_is_a_copy",
        "def identity_forward(x): return x, None",
    ),
    (
        "ex02",
        "test_identity_is_a_copy",
        "def identity_backward(dout, cache): return dout[...]",
    ),
    (
        "ex02",
        "test_collapse_two_layers",
        REMEMBERED.replace("{name}", "collapse"),
    ),
    (
        "ex02",
        "test_gradient_through_many_layers",
        REMEMBERED.replace("{name}", "gradient_through"),
    ),
    (
        "ex04",
        "test_layers_that_do_not_fit",
        "right = conv_forward\ndef conv_forward(x, w, b, stride=1, pad=0):\n"
        "    try: return right(x, w, b, stride, pad)\n"
        "    except ValueError: return np.zeros((len(x), len(w), 1, 1)), None",
    ),
    (
        "ex04",
        "test_layers_that_do_not_fit",
        "right = conv_forward\ndef conv_forward(x, w, b, stride=1, pad=0):\n"
        "    c = min(x.shape[1], w.shape[1])  # the channels that both have\n"
        "    return right(x[:, :c], w[:, :c], b, stride, pad)",
    ),
    (
        "ex06",
        "test_prediction_is_the_identity",
        "right = dropout_forward\n\ndef dropout_forward(x, p_drop, training, rng):\n"
        "    out, cache = right(x, p_drop, training, rng)\n"
        "    return (out if training else x), cache\n",
    ),
    (
        "ex07",
        "test_kl_zero_log_zero",
        "def kl_divergence(p, q): return np.where(p > 0, p * np.log(p / q), 0).sum() / len(p)",
    ),
    (
        "ex07",
        "test_kl_gradient_properties",
        REMEMBERED.replace("{name}", "kl_gradient"),
    ),
    (
        "ex08",
        "test_steps_are_plain",
        "def train(x, y, sizes, activation, lr, epochs, batch, rng):\n"
        "    params, history = init_network(sizes, rng), []\n"
        "    for _ in range(epochs):\n"
        "        order = rng.permutation(len(x))\n"
        "        for at in range(0, len(x), batch):\n"
        "            now = order[at : at + batch]\n"
        "            _, grads = loss_and_gradients(x[now], y[now], params, activation)\n"
        "            short = [(dw * min(1, 5 / np.linalg.norm(dw)), db) for dw, db in grads]\n"
        "            params = sgd_step(params, short, lr)\n"
        "        history.append(loss_and_gradients(x, y, params, activation)[0])\n"
        "    return params, history",
    ),
]


@cache
def outcomes(exercise_name):
    """The outcomes of all checks by source, "" for the reference; one session grades all of them."""
    course = find_course(ROOT)
    exercise = find_exercise(course, exercise_name)
    right = (ROOT / "solutions" / exercise.file).read_text(encoding="utf-8")
    found = {}

    def jobs():
        for source in ("", *(source for of, _, source in CASES if of == exercise_name)):
            namespace = {"__name__": exercise.name, "np": np}
            with importable(course.solutions):
                exec(compile(f"{right}\n\n{source}", exercise.file, "exec"), namespace)
            yield Job(exercise, code=LocalCode(namespace, exercise), label=source)

    def on_report(job, report):
        found[job.label] = {c.name: str(c.outcome) for c in report.checks}

    run_jobs(course, [exercise], jobs(), on_report)
    return found


@pytest.mark.parametrize(("exercise", "check", "source"), CASES)
def test_it_is_caught(exercise, check, source):
    """The reference passes the check, and with the changed function it fails."""
    found = outcomes(exercise)
    assert (found[""][check], found[source][check]) == ("passed", "failed")
