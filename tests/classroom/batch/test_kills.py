"""Whatever is killed whenever: after a resumed batch the gradebook is as if nothing had happened.

NN_KILLS=200 python -m pytest tests/classroom/batch/test_kills.py kills 200 times with each database, in
batches of 60 submissions, instead of the few times of every run; NN_KILLS_SEED begins elsewhere.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, make_url, text

ROOT = Path(__file__).resolve().parents[3]
RIGHT = (ROOT / "tests/cases/course/solutions/ex01_line.py").read_text(encoding="utf-8")
WRONG = [
    RIGHT.replace("x @ w + b, (x, w)", "x @ w, (x, w)"),
    RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0)"),
]
KILLS = int(os.environ.get("NN_KILLS", "0"))
SEED = int(os.environ.get("NN_KILLS_SEED", "0"))
MOST_IN_ONE_GRADEBOOK = 12
PATIENCE = 240  # seconds for a batch that nobody disturbs any more

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


def family(process):
    """The processes of a batch, by what they are: parent, workers and what forks them, servers,
    students, others."""
    kinds = {"parent": [psutil.Process(process.pid)]}
    for one in kinds["parent"][0].children(recursive=True):
        try:
            words, above = " ".join(one.cmdline()), " ".join(one.parent().cmdline())
        except (psutil.Error, AttributeError):  # it has just ended
            continue
        if "spawn_main" in words or "multiprocessing.forkserver" in above:
            kind = "worker"
        elif "multiprocessing.forkserver" in words:
            kind = "forker"
        elif one.name() == "bwrap" or "sandbox/worker.py" not in words:
            kind = "other"
        else:
            forked = "sandbox/worker.py" in above and "bwrap" not in above.split()[0]
            kind = "student" if forked else "server"
        kinds.setdefault(kind, []).append(one)
    return kinds


class Disturbed:
    """Batches with one gradebook, of which somebody kills parts.

    Attributes:
        killed: how often what was killed.
    """

    def __init__(self, mixed, folder, course, gradebook, log):
        self._mixed, self._words = mixed, (folder, gradebook, log, course, "ex01", 2)
        self._born = set()
        self.killed = []

    def disturb(self, rng, most):
        """Kill something now and then until a batch comes to its end in spite of it, or `most` times."""
        while len(self.killed) < most:
            process = self._mixed.start(*self._words)
            while process.poll() is None and len(self.killed) < most:
                self._kill_one(process, rng)
            _, code = process.communicate(timeout=PATIENCE), process.returncode
            assert code in (0, 3, -signal.SIGKILL), code
            if code == 0:
                return

    def finish(self):
        """Resume undisturbed; nothing is left of any of the batches."""
        process = self._mixed.start(*self._words)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, self._words[2].read_text()
        _, alive = psutil.wait_procs(self._born, timeout=15)
        assert alive == []

    def _kill_one(self, process, rng):
        """Kill one of a kind, which may take a while to be there, at a random moment."""
        kind = rng.choice(["parent", "forker", "worker", "server", "student"])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.choice([0.0, rng.uniform(0.0, 0.5), rng.uniform(0.0, 4.0)]))
        with contextlib.suppress(psutil.NoSuchProcess):
            while process.poll() is None:
                kinds = family(process)
                self._born.update(one for some in kinds.values() for one in some)
                if kind in kinds:
                    rng.choice(kinds[kind]).kill()
                    self.killed.append(kind)
                    return
                time.sleep(rng.uniform(0.0, 0.02))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_gradebook(request, tmp_path):
    """Makes URLs of new gradebooks."""
    if request.param == "sqlite":
        return lambda number: f"sqlite:///{tmp_path / f'torn{number}.db'}"
    url = make_url(request.getfixturevalue("postgres"))

    def create(number):
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        name = f"kills_{os.getpid()}_{number}"
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return url.set(database=name).render_as_string(hide_password=False)

    return create


def test_whatever_is_killed_the_resumed_gradebook_is_the_same(
    mixed, small, tmp_path, new_gradebook
):
    """Parent, workers, servers and students are killed at random moments; then the batch is resumed."""
    folder, whole, log = tmp_path / "submissions", str(tmp_path / "whole.db"), tmp_path / "log"
    mixed.generate(folder, 60 if KILLS else 16, "ex01_line", [RIGHT], WRONG, seed=SEED)
    mixed.start(folder, whole, log, small.root, "ex01", 2).communicate(timeout=PATIENCE)
    expected = mixed.rows(whole)
    wanted, killed, rounds = KILLS or 4, [], 0
    while len(killed) < wanted:
        rng = random.Random(f"{SEED} {rounds}")
        gradebook = new_gradebook(rounds)
        batches = Disturbed(mixed, folder, small.root, gradebook, log)
        batches.disturb(rng, min(MOST_IN_ONE_GRADEBOOK, wanted - len(killed)))
        batches.finish()
        found = mixed.rows(gradebook)
        assert found == expected, (SEED, rounds, batches.killed)
        killed += batches.killed
        rounds += 1
        print(rounds, batches.killed, flush=True)
    print({kind: killed.count(kind) for kind in sorted(set(killed))})
