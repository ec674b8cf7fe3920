"""Where an answer follows another library's convention, the hint names it, and what the course asks."""

import sys
from functools import cache
from pathlib import Path

import pytest

from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise
from grader.intake.submission import read_submission
from grader.model import Outcome

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from conventions.grading import Variant, variants  # noqa: E402

ON_PAGE = {variant.form: variant for variant in variants()}


def other(exercise, *edits, only=""):
    """A solution with other passages that is not on the page of conventions."""
    return Variant("", "", exercise, edits, only)


def variant_of(case):
    """The solution of a case, which names one of the page or is another."""
    return ON_PAGE[case[0]] if isinstance(case[0], str) else case[0]


DROPOUT = "    return np.where(kept, x / keep, 0), (kept, keep)"
START = "rng.normal(0, np.sqrt(2 / inputs), size=(inputs, outputs)), np.zeros(outputs)"
PADS = "((0, 0), (0, 0), (pad, pad), (pad, pad))"
POOLED = "    windows = _windows(x, size, stride)\n    cells"

# For each: the mistake that is recognised, and words of the hint: the library, and what is asked.
CASES = [
    ("the neuron fires above 0 only", "silent_on_the_boundary", "scikit-learn", "at 0 and above"),
    (
        "the perceptron also learns from a sum of exactly 0, as scikit-learn's",
        "learns_from_a_sum_of_zero", "scikit-learn", "a sum of 0 fires",
    ),
    ("slope ½ at 0", "slope_one_half_at_zero", "JAX's maximum", "asks for 0"),
    ("slope 1 at 0", "slope_one_at_zero", "tf.maximum", "asks for 0"),
    (
        "slope 1 at 0 between the layers of ex03",
        "hidden_slope_one_at_zero", "tf.maximum", "its slope 0",
    ),
    ("filters flipped, forward and backward", "flipped_filter", "np.convolve", "unflipped"),
    (
        "as many zeros in all, but fewer before than behind",
        "fewer_zeros_before_than_behind", "Keras", "each side gets pad",
    ),
    (
        other(
            "ex04_convolution",
            (PADS, "((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad))"),
            ("[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]", "[:, :, : x.shape[2], : x.shape[3]]"),
        ),
        "zeros_behind_only", "Keras", "each side gets pad",
    ),
    (
        'windows that hang out are pooled, too ("ceil")',
        "hanging_windows_as_ceil_mode", "PyTorch", "left out",
    ),
    (
        other("ex05_pooling", (POOLED, """    counts = [-(-side // (stride or 1)) for side in x.shape[2:]]
    extra = [max(0, (n - 1) * stride + size - side) for n, side in zip(counts, x.shape[2:])]
    sides = [(more // 2, more - more // 2) for more in extra]
    x = np.pad(x, ((0, 0), (0, 0), *sides), constant_values=-np.inf)
""" + POOLED)),
        "hanging_windows_as_same", "Keras", "left out",
    ),
    ("all of it to each of the tied", "every_tied_maximum_gets_all", "tinygrad", "one dout"),
    ("gradient NaN where the length is 0", "divides_zero_by_zero", "JAX's norm", "be 0 there"),
    (
        "not scaled in training, but times 1 − p in prediction",
        "scaled_in_prediction_instead", "Keras", "belongs in training",
    ),
    (
        other("ex06_dropout", (DROPOUT, """    if training:
        return np.where(kept, x, 0), (kept, 1.0)
    return x * (1 - float(p_drop)), (kept, 1.0)""")),
        "scaled_in_prediction_instead", "Keras", "belongs in training",
    ),
    ("p = 1 gives zeros, no `ValueError`", "everything_may_be_dropped", "Keras", "raises ValueError"),
    ("half the mean, as scikit-learn's networks", "mse_halved", "scikit-learn", "no factor 1/2"),
    ("shapes (N, 1) and (N,) broadcast, as in PyTorch", "mse_broadcasts", "PyTorch", "ValueError"),
    ("over the whole array, as SciPy without an axis", "softmax_over_everything", "SciPy", "each row"),
    (
        other("ex07_losses", ("powers / powers.sum(axis=-1, keepdims=True)", "powers / powers.sum()")),
        "softmax_sum_without_axis", "SciPy", "each row",
    ),
    ("probabilities clipped at 10⁻⁷, as Keras does", "clipped_probabilities", "Keras", "no cap"),
    ('the mean over all entries, as PyTorch\'s "mean"', "kl_over_all_entries", "PyTorch", "divide by N"),
    ("the arguments in the other order", "kl_reversed", "PyTorch", "ours first"),
    (
        "p and q clipped at 10⁻⁷, as in Keras: finite where ours is infinite",
        "kl_clipped", "Keras", "infinite",
    ),
    (
        "PyTorch's default, uniform ±√(1/D)",
        "weights_start_as_in_pytorch", "PyTorch", "sqrt(2 / inputs)",
    ),
    (
        other(
            "ex08_backpropagation",
            (START, "*(rng.uniform(-1, 1, s) / np.sqrt(inputs) for s in ((inputs, outputs), outputs)),"),
            only="network_s or start",
        ),
        "all_start_as_in_pytorch", "PyTorch", "biases 0",
    ),
    (
        "Keras' default, uniform ±√(6/(D + M))",
        "weights_start_as_in_keras", "Keras", "sqrt(2 / inputs)",
    ),
    ("random biases", "", "PyTorch", "Only the weights are drawn"),
    (
        "history: the mean of the losses on the way, as Keras' `fit`",
        "history_as_in_keras", "Keras", "at the end of the epoch",
    ),
    ("`shuffled[π[k]] = picture[k]`", "inverse_permutation", "np.put", "takes its pixel from"),
    (
        "gates in ONNX's order: input, output, forget, candidate",
        "gates_in_onnx_order", "ONNX", "input, forget, candidate, output",
    ),
    ("time as the first axis of out", "time_comes_first", "PyTorch", "second axis"),
    (
        "limit / (norm + 10⁻⁶), as PyTorch",
        "a_little_more_in_the_divisor", "PyTorch", "limit / norm",
    ),
    (
        "True hides, as in PyTorch's `nn.MultiheadAttention`",
        "mask_the_other_way_round", "PyTorch", "may look there",
    ),
    (
        "all hidden: the mean of what is hidden, as in Keras",
        "sees_all_where_nothing_may_be_seen", "Keras", "gives zeros",
    ),
    (
        "all hidden: NaN, as in tinygrad",
        "nan_where_nothing_is_seen", "tinygrad", "gives zeros",
    ),
    (
        "the norm behind the sum, as PyTorch's default",
        "normalised_after_adding", "PyTorch", "what each part reads",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def reports(server, tmp_path_factory):
    """The reports on all variants of an exercise that run the same checks; one session grades them."""

    @cache
    def graded(exercise_name, only):
        course = find_course(ROOT)
        exercise = find_exercise(course, exercise_name)
        jobs, found = [], {}
        for number, case in enumerate(CASES):
            variant = variant_of(case)
            if (variant.exercise, variant.only) == (exercise_name, only):
                folder = variant.write(tmp_path_factory.mktemp("variant") / "solutions")
                submission = read_submission(folder / exercise.file, exercise)
                jobs.append(Job(exercise, submission, label=str(number)))

        def on_report(job, report):
            found[int(job.label)] = report

        run_jobs(course, [exercise], jobs, on_report, keyword=only, server=server)
        return found

    return graded


LATE = "ex15"  # whose checks train a network


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            number,
            id=case[1] or case[0],
            marks=pytest.mark.slow if variant_of(case).exercise.startswith(LATE) else (),
        )
        for number, case in enumerate(CASES)
    ],
)
def test_the_hint_names_the_convention(number, reports):
    """The first failed check names the library and what is asked, and no check names another mistake."""
    _, mistake, library, asked = CASES[number]
    variant = variant_of(CASES[number])
    report = reports(variant.exercise, variant.only)[number]
    failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
    assert library in failed[0].hint
    assert asked in failed[0].hint
    assert {check.misconception for check in failed} - {""} == {mistake} - {""}
