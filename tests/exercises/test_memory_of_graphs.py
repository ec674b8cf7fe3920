"""What a submission to ex13 reads whose steps keep their graphs, until the memory is full."""

from pathlib import Path

import pytest

from grader.checking.run.session import Job, run_jobs
from grader.course.loader import find_course, find_exercise
from grader.model import Cell, Module, Submission

ROOT = Path(__file__).resolve().parents[2]

# What is written in place of what in the reference.
KEPT = {
    "a history of tensors": {
        "history.append(float(loss.data))": "history.append(loss)",
        "for weight in weights], history": "for weight in weights], [float(x.data) for x in history]",
    },
    "a global list": {
        "class Tensor:": "TAPE = []\n\n\nclass Tensor:",
        "        self._parents = ()\n": "        self._parents = ()\n        TAPE.append(self)\n",
    },
}


def kept(name, file):
    """The reference, but for what is kept."""
    source = (ROOT / "solutions" / file).read_text(encoding="utf-8")
    for old, new in KEPT[name].items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    stem = file.removesuffix(".py")
    return Submission(name, stem, (Module(stem, (Cell(file, source),)),))


@pytest.mark.slow
@pytest.mark.usefixtures("memory_limited")
@pytest.mark.parametrize("name", KEPT)
def test_graphs_that_are_kept(name, server):
    """One check fails and says why; the full memory fails none after it."""
    course = find_course(ROOT)
    exercise = find_exercise(course, "ex13")
    reports = []
    jobs = [Job(exercise, kept(name, exercise.file))]
    which = "test_a_thousand_steps_fit_into_memory or test_any_graph or test_new_tensor"
    run_jobs(course, [exercise], jobs, lambda _, r: reports.append(r), keyword=which, server=server)
    checks = {check.name: check for check in reports[0].checks}
    failed = checks.pop("test_a_thousand_steps_fit_into_memory")
    assert failed.outcome == "failed"
    assert failed.message == (
        "10 steps fit into memory, 1000 do not: something of every step is kept."
    )
    assert "a list in train or outside of any function" in failed.hint
    assert {str(check.outcome) for check in checks.values()} == {"passed"}
