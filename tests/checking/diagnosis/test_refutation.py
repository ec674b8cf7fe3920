"""Names of mistakes that simple calls refute."""

import numpy as np
from test_repair import COURSE, graded

from grader.checking.calls.code import Answer
from grader.checking.diagnosis.contrast import probes
from grader.checking.diagnosis.features import load_features
from grader.checking.diagnosis.recognition import RunnableMisconception, answer_parts
from grader.checking.diagnosis.refutation import refuted
from grader.checking.diagnosis.repair.bench import Tried
from grader.checking.diagnosis.trusted_code import TrustedCode
from grader.course.loader import find_exercise

EXERCISE = find_exercise(COURSE, "ex07")
OVERFLOWS = """

def cross_entropy_loss(logits, labels):
    rows, logits = np.arange(len(labels)), np.asarray(logits, float)
    loss = np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[rows, labels])
    slopes = softmax(logits)
    slopes[rows, labels] -= 1
    return loss, slopes / len(labels)
"""


def made(name, function):
    return RunnableMisconception(name, "", "", {"softmax": function})


def raising(logits):
    raise ValueError("no")


def test_what_is_wrong_where_the_submission_is_right_is_refuted():
    """A mistake is refuted by wrong values and by an exception; not where all answers are wrong as well."""
    reference = TrustedCode(COURSE).reference(EXERCISE).functions
    some = [
        p
        for p in probes(EXERCISE, load_features(EXERCISE), reference)
        if p.case.function == "softmax"
    ]

    def of_small(x):
        with np.errstate(all="ignore"):
            return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    wrong = [
        made("of_small", of_small),
        made("of_columns", lambda x: reference["softmax"](x.T).T),
        made("raising", raising),
    ]

    def answers(softmax):
        parts = [[answer_parts(Answer(softmax(*p.case.calls[0].args)))] for p in some]
        return [Tried(one, [], None) for one in parts]

    def names(softmax):
        return refuted(EXERCISE, some, answers(softmax), wrong, reference)

    assert names(reference["softmax"]) == {"of_small", "of_columns", "raising"}
    assert names(of_small) == {"of_columns", "raising"}
    assert names(lambda x: x) == set()


def test_of_two_mistakes_that_end_alike_the_one_that_was_made_is_named(tmp_path, server):
    """Two losses are infinite for the same logits: one for a probability of 0, one for a sum that overflows."""
    report, _ = graded(tmp_path, server, "ex07", OVERFLOWS)
    named = {check.misconception for check in report.checks if check.misconception}
    assert named == {"log_of_a_sum_that_overflows"}
