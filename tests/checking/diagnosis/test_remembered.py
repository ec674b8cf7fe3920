"""Answers of trusted code are kept from one batch to the next, and only save time."""

import json
import sys
import threading

import pytest

from grader.checking.diagnosis import remembered
from grader.checking.diagnosis.fingerprint import fingerprint
from grader.checking.diagnosis.recognition import LiveCatalogue
from grader.checking.diagnosis.remembered import Turn, load_answers, pack, save_answers, unpack
from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course
from grader.intake.submission import submission_from_bytes


@pytest.fixture
def graded(small, server, tmp_path, monkeypatch):
    """Grades a wrong submission; its report without durations, and how often trusted code was asked."""
    asked = []
    ask = LiveCatalogue._ask
    monkeypatch.setattr(LiveCatalogue, "_ask", lambda *a: asked.append(1) or ask(*a))
    course = find_course(small.root)
    (exercise,) = (e for e in course.exercises if e.id == "ex01")
    text = small.solution.read_text("utf-8").replace("dout.sum(axis=0)", "dout.mean(axis=0)")

    def grade(path):
        asked.clear()
        reports = []
        submission = submission_from_bytes("s", {"ex01_line.py": text.encode()}, exercise)
        jobs = [Job(exercise, submission=submission)]
        run_jobs(
            course,
            [exercise],
            jobs,
            lambda _, r: reports.append(r) or grade.kept.append(path.exists()),
            server=server,
            answers_file=lambda _: path,
        )
        (found,) = reports
        told = [(c.name, c.outcome, c.misconception, c.hint, c.message) for c in found.checks]
        return told, len(asked)

    grade.kept = []
    return grade


def test_the_second_batch_asks_nothing(graded, tmp_path):
    """The same report, by looking up what the first one computed."""
    first, asked = graded(tmp_path / "cache" / "answers.json")
    assert asked > 0
    assert any(misconception for _, _, misconception, _, _ in first)
    assert graded(tmp_path / "cache" / "answers.json") == (first, 0)


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{}",
        "[[1]]",
        '[["a", "zz", [], ""]]',
        '[["", "00", ["x"], "00"]]',
        '[["", "00", ["x"], ""]]',
        f'[["", "00", [7], "{bytes(56).hex()}"]]',
    ],
)
def test_a_damaged_file_is_done_without(graded, tmp_path, damage):
    """It is computed anew, and the file is written anew."""
    path = tmp_path / "answers.json"
    first, asked = graded(path)
    path.write_text(damage, encoding="utf-8")
    assert graded(path) == (first, asked)
    assert graded(path) == (first, 0)


def test_a_place_that_cannot_be_written_is_done_without(graded, tmp_path):
    """Grading goes on without."""
    (tmp_path / "file").write_text("")
    _, asked = graded(tmp_path / "file" / "answers.json")
    assert asked > 0


def test_what_two_workers_found_is_united(tmp_path):
    """Saving adds to what another process has saved since; NaN and infinity survive."""
    path = tmp_path / "answers.json"
    one = {("", b"1"): [fingerprint(1.5)], ("m", b"1"): [fingerprint([float("nan"), float("inf")])]}
    two = {("", b"2"): [fingerprint("text")]}
    save_answers(path, {at: pack(parts) for at, parts in one.items()})
    save_answers(path, {at: pack(parts) for at, parts in two.items()})
    assert {at: unpack(kept) for at, kept in load_answers(path).items()} == {**one, **two}
    assert len(json.loads(path.read_text("utf-8"))) == 3


locks = pytest.mark.skipif(sys.platform == "win32", reason="has no such locks")


@locks
def test_a_worker_waits_for_the_one_that_computes(graded, tmp_path):
    """Then it looks up what that one has kept."""
    path, other = tmp_path / "cache" / "answers.json", tmp_path / "other" / "answers.json"
    first, _ = graded(other)
    turn = Turn(path)

    def computed():
        path.write_bytes(other.read_bytes())
        turn.end()

    threading.Timer(0.3, computed).start()
    assert graded(path) == (first, 0)


@locks
def test_a_worker_does_not_wait_for_ever(graded, tmp_path, monkeypatch):
    """Who computes may be killed, or busy with a submission that takes long."""
    monkeypatch.setattr(remembered, "MAX_WAIT", 0.05)
    turn = Turn(tmp_path / "answers.json")
    _, asked = graded(tmp_path / "answers.json")
    turn.end()
    assert asked > 0
    assert load_answers(tmp_path / "answers.json")


def test_answers_are_kept_as_soon_as_the_first_submission_ends(graded, tmp_path):
    """Others need not wait for the end of the batch."""
    graded(tmp_path / "answers.json")
    assert graded.kept == [True]
