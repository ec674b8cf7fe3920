"""Recognising a mistake by its answers; answers remembered from one submission serve the next."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grader.checking.calls.advice import advice
from grader.checking.calls.code import Answer
from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.student import Call, Student, error_summary
from grader.checking.diagnosis import recognition
from grader.checking.diagnosis.fingerprint import fingerprint
from grader.checking.diagnosis.recognition import (
    LiveCatalogue,
    answer_parts,
    call_history_digests,
    recognise,
)
from grader.checking.run.session import run_jobs
from grader.course.loader import find_course, find_exercise
from grader.errors import CheckEnded
from grader.model import Misconception, Outcome
from grader.student.grade import make_job

ROOT = Path(__file__).resolve().parents[3]
WRONG = ("dmitri_overwrites.py", "chloe_flipped.py", "dmitri_overwrites.py")


def test_a_fingerprint_of_the_largest_numbers_gives_no_warning():
    """Their sums overflow; a warning would be the grader's, and the student would read it."""
    assert fingerprint(np.full(1000, 1.7e308)).structure == fingerprint(np.ones(1000)).structure


@pytest.fixture
def exercise():
    """ex04, as it is declared."""
    return find_exercise(find_course(ROOT), "ex04")


def graded(names, server, monkeypatch):
    """What each submission is told, and how often trusted code was asked for it."""
    asked, told = [0], []
    ask = LiveCatalogue._ask

    def counted(self, *args):
        asked[0] += 1
        return ask(self, *args)

    monkeypatch.setattr(LiveCatalogue, "_ask", counted)
    course = find_course(ROOT)
    exercise = find_exercise(course, "ex04")

    def on_report(_, report):
        told.append(
            (asked[0], [(c.name, c.message, c.misconception, c.hint) for c in report.checks])
        )
        asked[0] = 0

    jobs = [make_job(exercise, ROOT / "examples" / name) for name in names]
    run_jobs(course, [exercise], jobs, on_report, server=server)
    monkeypatch.setattr(LiveCatalogue, "_ask", ask)
    return told


def test_the_second_of_a_class_is_told_the_same_for_less(server, monkeypatch):
    """The same mistake again: the same words, and hardly any trusted code is run for it."""
    first, _, again = graded(WRONG, server, monkeypatch)
    assert again[1] == first[1]
    assert any(mistake for *_, mistake, _ in first[1])
    assert again[0] < first[0] / 20, f"{again[0]} answers computed anew, {first[0]} at first"


@pytest.mark.slow
def test_memory_does_not_depend_on_who_came_before(server, monkeypatch):
    """A submission is told the same first, last, and with no memory at all."""
    alone = graded(["chloe_flipped.py"], server, monkeypatch)[0][1]
    after = graded(WRONG, server, monkeypatch)[1][1]
    monkeypatch.setattr(recognition, "MAX_REMEMBERED", 3)
    forgetful = graded(WRONG, server, monkeypatch)[1][1]
    assert alone == after == forgetful


def test_what_explained_one_check_is_tried_first_in_the_next(server, monkeypatch):
    """After the first check of a known mistake, few misconceptions are asked about the others."""
    asked = []
    recognise = recognition.recognise

    def watched(check, calls, catalogue, likely=()):
        counter = [0]
        wrong = catalogue.wrong

        def counted(*args):
            for one, answers in wrong(*args):
                yield one, (counter.append(0) or part for part in answers)

        monkeypatch.setattr(catalogue, "wrong", counted)
        found = recognise(check, calls, catalogue, likely)
        monkeypatch.setattr(catalogue, "wrong", wrong)
        asked.append((len(counter) - 1, [m.name for m in found.found]))
        return found

    monkeypatch.setattr("grader.checking.run.grading.recognise", watched)
    graded(["dmitri_overwrites.py"], server, monkeypatch)
    (first, named), *others = asked
    assert len(others) >= 2
    assert all(found == named for _, found in others)
    assert all(count < first / 3 for count, _ in others), asked


def test_histories_tell_calls_apart():
    """Another argument, keyword, seed or earlier call is another history; the same is the same."""
    one = Call("f", (np.ones(3), 2), {"pad": 1}, None, "", 7)
    same = Call("f", (np.ones(3), 2), {"pad": 1}, None, "", 7)
    others = [
        Call("g", (np.ones(3), 2), {"pad": 1}, None, "", 7),
        Call("f", (np.ones(3), 3), {"pad": 1}, None, "", 7),
        Call("f", (np.ones((3, 1)), 2), {"pad": 1}, None, "", 7),
        Call("f", (np.zeros(3), 2), {"pad": 1}, None, "", 7),
        Call("f", (np.ones(3), 2), {"pad": 2}, None, "", 7),
        Call("f", (np.ones(3), 2), {"pad": 1}, None, "", 8),
    ]
    (first,) = call_history_digests([one])
    assert list(call_history_digests([same])) == [first]
    assert len({first, *(next(call_history_digests([other])) for other in others)}) == 7
    after = {list(call_history_digests([before, one]))[1] for before in others}
    assert len(after) == 6
    assert first not in after


def test_of_several_calls_the_one_that_fails_is_written_down(exercise):
    """Calls before it keep their answers; the failing one is known with its arguments."""

    def output_size(size, field, stride, pad):
        if size > 2:
            raise IndexError(size)
        return size

    code = LocalCode({"output_size": output_size}, exercise)
    student = Student(code, exercise, 0)
    with pytest.raises(CheckEnded) as ended:
        student.output_size.map([(n, 1, 1, 0) for n in range(1, 6)])
    assert ended.value.exception == "IndexError"
    assert [(c.args[0], c.answer and c.answer.value, c.error) for c in student.calls] == [
        (1, 1, ""),
        (2, 2, ""),
        (3, None, "IndexError"),
    ]


def test_an_exception_is_known_by_more_than_its_type():
    """Of two ValueErrors, those that Python explains in the same words are alike."""

    def call(text):
        hint, key = advice("ValueError", text)
        end = CheckEnded(Outcome.ERROR, "", hint=hint, exception="ValueError", advice=key)
        return Call("f", (), {}, None, error_summary(end), 0)

    shapes = "operands could not be broadcast together with shapes (2,3) (4,)"

    def recognised(text, mistake=shapes):
        wrong = [answer_parts(None, call(mistake).error)]
        catalogue = SimpleNamespace(
            right=lambda *_: iter([[fingerprint(1.0), fingerprint("changed ()")]]),
            wrong=lambda *_: [(Misconception("odd_one", "Look."), iter(wrong))],
        )
        return recognise("test_f", [call(text)], catalogue)

    assert recognised(shapes).found
    assert recognised(shapes).weak
    assert not recognised("operands could not be broadcast together with shapes (2,3) (5,)").found
    assert not recognised("channels do not fit").found
    unknown = recognised("channels do not fit", "negative number of rows")
    assert not unknown.found, "two ValueErrors of which nothing more is known are not alike"


def recognised_of(theirs, right, wrong, functions):
    """What is recognised where one misconception is known, in answers to calls of these functions."""

    def parts(answers):
        return [[fingerprint(one), fingerprint("changed ()")] for one in answers]

    calls = [
        Call(function, (), {}, Answer(value, ()), "", 0)
        for function, value in zip(functions, theirs, strict=True)
    ]
    catalogue = SimpleNamespace(
        right=lambda *_: iter(parts(right)),
        wrong=lambda *_: [(Misconception("odd_one", "Look.", "test_f"), iter(parts(wrong)))],
    )
    return recognise("test_f", calls, catalogue)


def test_a_mistake_names_no_check_where_an_earlier_answer_is_wrong_without_it():
    """The report shows the earlier call, and a sentence about a later one would be false of it. Another
    function's answer may be none that the check judges."""
    both = np.array([0.5, 1.0]), np.array([1.5, 2.5])
    right = np.array([0.25, 1.0]), np.array([3.0, 5.0])
    only_later = right[0], both[1]
    assert not recognised_of(both, right, only_later, "ff").found
    assert recognised_of(only_later, right, only_later, "ff").found
    found = recognised_of(both, right, only_later, "fg")
    assert found.found
    assert found.partly


def test_answers_that_mistakes_share_by_chance_must_all_be_explained():
    """A single 1 or only zeros come from many mistakes; a single fraction does not."""
    one, none = np.array([1]), np.array([0])
    assert not recognised_of((one, one), (none, none), (one, none), "ff").found
    assert recognised_of((one, one), (none, none), (one, one), "ff").found
    assert recognised_of((one, one), (none, none), (one, none), "fg").found
    zeros, few = np.zeros(3), np.array([0.1, 0.2, 0.3])
    assert not recognised_of((zeros, zeros), (few, few), (zeros, few), "ff").found
    assert recognised_of((0.3, 0.7), (0.6, 0.5), (0.3, 0.5), "ff").found
    nothing = np.zeros((2, 0))
    assert recognised_of((nothing, few), (few, zeros), (nothing, zeros), "ff").found, (
        "another shape"
    )
    assert not recognised_of((True, True), (False, False), (True, False), "ff").found
