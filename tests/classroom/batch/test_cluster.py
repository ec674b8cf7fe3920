"""The same batch on a real dask cluster, also when one of its workers is killed."""

import os
import signal
import time

import psutil
import pytest
from distributed import LocalCluster

from grader.classroom.batch.cluster import ClusterPool
from grader.classroom.batch.run import run_batch
from grader.classroom.batch.tasks import plan
from grader.classroom.downloads import read_layout
from grader.classroom.gradebook import open_gradebook
from grader.classroom.roster import Roster
from grader.course.digest import pack_exercises
from grader.course.loader import find_course
from grader.errors import UsageError
from grader.intake.tree import open_tree

COUNT = 24


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and three worker processes on this machine."""
    with LocalCluster(
        n_workers=3, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as one:
        yield one


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # dask's own tear-down warns of what we kill
def test_a_worker_is_killed_in_mid_batch(cluster, small, submit_files):
    """Every submission gets its verdict, stored exactly once, though a worker dies on the way."""
    right = small.solution.read_text(encoding="utf-8")
    folder = submit_files(**{f"s{n:02d}": f"{right}NUMBER = {n}\n" for n in range(COUNT)})
    course = find_course(small.root)
    bundle = pack_exercises(course, course.exercises)
    killed = []

    def progress(tally):
        if tally.graded >= 5 and not killed:
            victim = next(iter(cluster.workers.values())).pid
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    pool = ClusterPool(bundle, cluster.scheduler_address)
    with open_tree(folder) as tree, open_gradebook(":memory:", create=True) as book:
        planned = plan(read_layout(tree)[1], course, (), Roster(), lambda _: None)
        stored = []
        add = book.add_result
        book.add_result = lambda *a, **k: stored.append(add(*a, **k))
        tally = run_batch(planned, bundle, book, pool, progress)
        again = run_batch(planned, bundle, book, pool)
        grades = book.grades()
    pool.close()
    assert killed
    deadline = time.monotonic() + 10
    while psutil.pid_exists(killed[0]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not psutil.pid_exists(killed[0]) or psutil.Process(killed[0]).status() == "zombie"
    assert [g.outcome for g in grades] == ["passed"] * COUNT
    assert stored == [True] * COUNT
    assert (tally.graded, again.graded, again.known) == (COUNT, 0, COUNT)


def test_no_scheduler_is_one_line(small, monkeypatch):
    """An address where nobody answers says how to start a scheduler."""
    monkeypatch.setattr("grader.classroom.batch.cluster.CONNECT_SECONDS", 1)
    course = find_course(small.root)
    with pytest.raises(UsageError, match="dask scheduler"):
        ClusterPool(pack_exercises(course, course.exercises), "tcp://127.0.0.1:9")
