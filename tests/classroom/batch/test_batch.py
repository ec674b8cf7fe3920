"""`grade batch` grades a class into a gradebook, and nothing that is in the class stops it."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest
from reports import check, report
from sqlalchemy import update

import grader
from grader.classroom.batch import pools, worker
from grader.classroom.batch.pools import LocalPool
from grader.classroom.batch.progress import Pace, format_duration, progress_line
from grader.classroom.batch.run import WORKER_DIED, Tally, record_submission, run_batch
from grader.classroom.batch.tasks import make_tasks, plan
from grader.classroom.downloads import read_layout
from grader.classroom.gradebook import open_gradebook
from grader.classroom.gradebook.schema import result
from grader.classroom.roster import Roster
from grader.course.digest import pack_exercises
from grader.course.loader import find_course
from grader.errors import InternalError
from grader.intake.tree import open_tree

ROOT = Path(__file__).resolve().parents[3]
RIGHT = (ROOT / "tests/cases/course/solutions/ex01_line.py").read_text(encoding="utf-8")
WRONG = [
    RIGHT.replace("x @ w + b, (x, w)", "x @ w, (x, w)"),
    RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0)"),
    RIGHT.replace("return int(np.size(x))", "raise NotImplementedError"),
]
LOOP = "\nwhile True:\n    pass\n"
DAWDLE = """
import time

def _slow(function):
    def slow(*args, **keywords):
        now = time.process_time()
        while time.process_time() - now < 0.15:
            pass
        return function(*args, **keywords)
    return slow

mean, count, line_forward, line_backward = map(_slow, (mean, count, line_forward, line_backward))
"""


@pytest.fixture
def batch(grade, small, tmp_path):
    """Run `grade batch` on the small course, with one worker."""

    def call(folder, *words):
        words = (folder, "ex01", "--course", small.root, "-j", 1, *words)
        return grade("batch", *words, cwd=tmp_path)

    return call


def grades(path):
    with open_gradebook(str(path)) as book:
        return {g.student: g for g in book.grades()}


def test_a_class(batch, submit_files, small, tmp_path):
    """Everybody gets a verdict; a second run grades nothing; a changed check grades all anew."""
    folder = submit_files(
        ada=RIGHT, ben=WRONG[0], cleo=RIGHT, dan="import os\nos._exit(0)\n", eve=""
    )
    (folder / "fay").mkdir()
    (folder / "gus.zip").write_bytes(b"PK no zip")
    (folder / "fay" / "work.rar").write_bytes(b"Rar!")
    first = batch(folder)
    assert first.code == 0, first.err
    assert (
        "7 submissions: 6 graded now, 0 known before, 1 the same as another of them, 5" in first.out
    )
    found = grades(tmp_path / "grades.db")
    assert {s for s, g in found.items() if g.outcome == "passed"} == {"ada", "cleo"}
    assert {s for s, g in found.items() if g.score == 0} == {"dan", "eve", "fay", "gus"}
    assert all(found[s].reason for s in ("dan", "eve", "fay", "gus"))
    assert "(found: work.rar)" in found["fay"].reason
    assert 0 < found["ben"].score < 11

    assert "0 graded now, 7 known before" in batch(folder).out

    with small.checks.open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    third = batch(folder).out
    assert "6 graded now" in third
    assert "6 of these had been graded before, and were graded again: the exercise has" in third
    with open_gradebook(str(tmp_path / "grades.db")) as book:
        assert len(book.history("ada")) == 2
        assert [r["counts"] for r in book.history("ada")] == [False, True]


def test_comments_are_not_graded(small, tmp_path, submit_files):
    """A submission with the code of an earlier one, on the same lines, has its report without being
    graded again, right or wrong; one that ran out of time, or whose code lies elsewhere, is graded."""
    kinds = {"a": RIGHT, "b": WRONG[0], "c": "# another line\n" + RIGHT, "d": RIGHT + LOOP}
    folder = submit_files(**{f"{k}{n}": f"{t}# {n}\n" for k, t in kinds.items() for n in range(3)})
    course = find_course(small.root)
    bundle = pack_exercises(course, course.exercises)
    graded = []

    class Once:
        """A pool that grades at once, and passes for what it is told."""

        width, lost = 1, ()

        def submit(self, task):
            graded.append(task.content_hash)
            (text,) = task.contents.values()
            outcome = (
                "timeout" if b"while True" in text else "failed" if b"w, (x" in text else "passed"
            )
            made = report(
                check(outcome=outcome, score=11.0 * (outcome == "passed"), max_score=11.0)
            )
            future = Future()
            future.set_result(worker.TaskResult(task.key, made, {"ex01_line.py": text.decode()}))
            return future

    with open_tree(folder) as tree, open_gradebook(":memory:", create=True) as book:
        planned = plan(read_layout(tree)[1], course, (), Roster(), lambda _: None)
        tally = run_batch(planned, bundle, book, Once())
        assert (tally.graded, tally.failed, len(graded)) == (
            12,
            6,
            6,
        )  # a, b and c once, d each time
        for grade in book.grades():
            (text,) = book.sources(grade.submission, "ex01").values()
            assert text == f"{kinds[grade.student[0]]}# {grade.student[1]}\n"
            assert grade.score == (11.0 if grade.student[0] in "ac" else 0.0)


def test_another_version_of_the_grader_grades_again(
    grade, submit_files, small, monkeypatch, tmp_path
):
    """After an update everything is graded anew, and the command says so; what was is history."""
    words = ("batch", submit_files(ada=RIGHT), "ex01", "--course", small.root, "-j", 1)
    book = ("--gradebook", tmp_path / "grades.db")
    assert "graded again" not in grade(*words, *book).out
    with open_gradebook(str(tmp_path / "grades.db")) as one, one.engine.begin() as connection:
        connection.execute(update(result).values(grader="0.9", key="as 0.9 made it"))
    done = grade(*words, *book)
    now = grader.__version__
    assert f"1 of these had been graded before, and were graded again: nn-grader 0.9 graded them, and this is {now}" in done.out  # fmt: skip
    with open_gradebook(str(tmp_path / "grades.db")) as one:
        assert [(r["grader"], r["counts"]) for r in one.history("ada")] == [
            ("0.9", False),
            (now, True),
        ]


def test_asking_for_explanations_is_no_change_of_the_grader(batch, submit_files):
    """What is graded again for `--explain` is said to be, and not that something has changed."""
    folder = submit_files(ben=WRONG[0])
    batch(folder)
    assert "graded again: --explain was not given then" in batch(folder, "--explain").out
    assert "0 graded now, 1 known before" in batch(folder, "--explain").out


@pytest.mark.slow
def test_a_change_in_the_grader_s_source_grades_again(command, submit_files, small, tmp_path):
    """A comparison that somebody changes in the installed package decides every verdict from then on,
    whatever the version says."""
    package = tmp_path / "installed" / "grader"
    shutil.copytree(ROOT / "grader", package, ignore=shutil.ignore_patterns("__pycache__"))
    words = (submit_files(ben=WRONG[0]), "ex01", "--course", small.root, "-j", 1)

    def batch():
        path = str(package.parent)
        return command("grader", "batch", *words, cwd=tmp_path, PYTHONPATH=path)

    assert "1 graded now" in batch().out
    before = grades(tmp_path / "grades.db")["ben"]
    assert "0 graded now, 1 known before" in batch().out
    with (package / "checks.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef assert_same(*args, **keywords):\n    pass\n")
    out = batch().out
    assert "1 graded now" in out
    assert "graded again: the grader's source files have changed" in out
    assert grades(tmp_path / "grades.db")["ben"].score > before.score


@pytest.mark.slow
def test_killed_and_resumed_equals_undisturbed(mixed, small, tmp_path):
    """A mixed class, killed with SIGKILL in the middle and resumed, gives the same gradebook."""
    folder = tmp_path / "submissions"
    mixed.generate(folder, 36, "ex01_line", [RIGHT], WRONG)
    assert mixed.compare(folder, tmp_path, small.root, "ex01", 36, 2) == []


def children(process):
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl_c", "sigterm"])
def test_a_stop_says_how_to_resume_and_leaves_nothing_behind(how, small, submit_files, tmp_path):
    """Ctrl-C, which every process hears, and SIGTERM to the batch end with the command that goes on; no
    process and no temporary file stays."""
    folder = submit_files(**{f"s{n}": RIGHT + f"# {n}" + LOOP for n in range(20)}, first=RIGHT)
    (tmp_path / "tmp").mkdir()
    command = ["batch", str(folder), "ex01", "--course", str(small.root), "-j", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *command],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.1)
        if (tmp_path / "grades.db").exists() and any(
            g.outcome != "waiting" for g in grades(tmp_path / "grades.db").values()
        ):
            break
    born = children(process)
    assert born
    (os.killpg if how == signal.SIGINT else os.kill)(process.pid, how)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "To continue: grade batch" in said
    assert str(folder) in said
    assert "Traceback" not in said
    assert "leaked" not in said
    _, alive = psutil.wait_procs(born, timeout=10)
    assert alive == []
    assert [p.name for p in (tmp_path / "tmp").iterdir()] == []


def test_ctrl_c_again_while_it_stops(grade, small, submit_files, monkeypatch, tmp_path):
    """Whoever presses Ctrl-C twice is told how to go on, too."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.classroom.batch.grade.run_batch", interrupted)
    monkeypatch.setattr(LocalPool, "close", interrupted)
    folder, book = submit_files(ada=RIGHT), tmp_path / "grades.db"
    with open_gradebook(str(book), create=True) as one:  # another download's students
        one.add_exercise("e1", "ex01", "A line", 11)
        one.add_submission(("ben", "", ""), "ex01", "s1", "k1")
        one.add_result("k1", "s1", "e1", report(check(outcome="passed", score=11, max_score=11)))
    done = grade("batch", folder, "ex01", "--course", small.root, "--gradebook", book)
    assert done.code == 130
    assert "stopped: 0 of 1 are graded, and stay so. To continue: grade" in done.err


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_worker_that_is_starting_does_not_hear_ctrl_c(small, submit_files):
    """Ctrl-C reaches the workers, too, from the first moment on; it is their parent's to handle."""
    pool, task = start_pool(small, submit_files)
    future = pool.submit(task)
    while not pool.processes:
        time.sleep(0.01)
    (worker,) = pool.processes
    for _ in range(20):
        os.kill(worker.pid, signal.SIGINT)
        time.sleep(0.02)
    assert future.result().report.outcome == "passed"
    pool.close()


def test_workers_end_when_the_batch_is_killed(small, submit_files, tmp_path):
    """After `kill -9` of the batch alone its workers and their students end by themselves, and the
    course's files are removed."""
    (tmp_path / "tmp").mkdir()
    folder = submit_files(**{f"s{n}": RIGHT + f"# {n}" + LOOP for n in range(20)})
    command = ["batch", str(folder), "ex01", "--course", str(small.root), "-j", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *command],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(children(process)) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    born = children(process)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(born, timeout=15)
    assert alive == []
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.fixture
def kill_at(monkeypatch):
    """Have workers killed just before a method of theirs, as often as wanted."""

    def arrange(method, times, victim=b""):
        original, left = getattr(pools._Worker, method), [times]

        def deadly(worker, *words):
            if left[0] and (not victim or victim in b"".join(words[0].contents.values())):
                left[0] -= 1
                worker.process.kill()
            return original(worker, *words)

        monkeypatch.setattr(pools._Worker, method, deadly)

    return arrange


@pytest.mark.parametrize(("times", "outcome"), [(1, "passed"), (99, "ungraded")])
def test_a_worker_that_dies(times, outcome, small, submit_files, kill_at):
    """A task whose worker died is tried again; one that kills its worker is not judged, and
    never a pass. Everybody else gets the verdict."""
    course = find_course(small.root)
    folder = submit_files(ada=RIGHT, ben=RIGHT + "# deadly", cleo=WRONG[0])
    bundle = pack_exercises(course, course.exercises)
    kill_at("ask", times, b"deadly")
    pool = LocalPool(bundle, 1)
    with open_tree(folder) as tree, open_gradebook(":memory:", create=True) as book:
        submissions = read_layout(tree)[1]
        planned = plan(submissions, course, (), Roster(), lambda _: None)
        tally = run_batch(planned, bundle, book, pool)
        pool.close()
        found = {g.student: g for g in book.grades()}
    assert tally.graded == 3
    assert found["ada"].outcome == "passed"
    assert found["cleo"].outcome == "failed"
    assert found["ben"].outcome == outcome
    if outcome == "ungraded":
        assert (found["ben"].score, found["ben"].reason) == (None, WORKER_DIED)


def start_pool(small, submit_files, padding=0):
    """A pool with one worker, and a task of a right submission."""
    (small.exercise / "data.bin").write_bytes(random.Random(0).randbytes(padding))
    course = find_course(small.root)
    bundle = pack_exercises(course, course.exercises)
    assert len(bundle.data) > padding
    with open_tree(submit_files(ada=RIGHT)) as tree:
        planned = plan(read_layout(tree)[1], course, (), Roster(), lambda _: None)
        ((_, task),) = make_tasks(planned, bundle.hash, bundle.hashes)
    return LocalPool(bundle, 1), task


@pytest.mark.parametrize("times", [1, 99])
def test_a_worker_that_dies_while_it_starts(times, small, submit_files, kill_at):
    """It is replaced; if none gets started, that is an error, soon, and no submission's fault. The
    course is larger than what a pipe holds, so nobody may wait for a dead process to read it."""
    kill_at("wait_until_ready", times)
    pool, task = start_pool(small, submit_files, padding=1 << 18)
    future = pool.submit(task)
    if times == 1:
        assert future.result(60).report.outcome == "passed"
    else:
        with pytest.raises(InternalError, match="worker processes do not start"):
            future.result(30)
    pool.close()


def test_a_submission_that_dawdles_in_every_check(batch, grade, submit_files, small, tmp_path):
    """One that stays below the limit of each call is stopped by that of all calls together; what
    is left is no pass, and the batch goes on. The same holds for one person's run."""
    path = small.root / "ex01_line" / "exercise.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("call_seconds", "total_seconds = 0.4\ncall_seconds"), "utf-8")
    folder = submit_files(ada=RIGHT + DAWDLE, ben=RIGHT)
    assert batch(folder).code == 0
    found = grades(tmp_path / "grades.db")
    assert (found["ada"].outcome, found["ben"].outcome) == ("failed", "passed")
    assert found["ada"].score < found["ben"].score
    assert found["ada"].reason.startswith("Your code has used up the 0.4 seconds")
    done = grade("ex01", folder / "ada", "--course", small.root)
    assert done.code == 1
    assert "Your code has used up the 0.4 seconds" in done.out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda small: small.checks.write_text("import nonsense\n", "utf-8"), "test_ex01.py"),
        (lambda small: small.checks.unlink(), "ex01_line: has no checks"),
        (lambda small: small.solution.write_text("x = 1\n", "utf-8"), "solutions/ex01_line.py"),
    ],
    ids=["imports", "none", "solution"],
)
def test_an_author_s_mistake_stops_the_batch(change, said, batch, submit_files, small):
    """Checks that cannot be loaded are nobody's zero: the batch ends and says which file of the
    course it is, not which copy of it."""
    change(small)
    done = batch(submit_files(ada=RIGHT))
    assert done.code == 3
    assert said in done.err
    assert "Traceback" not in done.err
    assert "nn-grader-worker" not in done.err


def test_earlier_verdicts_stay_until_there_are_new_ones(batch, submit_files, small, tmp_path):
    """Checks that cannot be loaded, or a batch that is stopped, take nobody's points away; nor does a
    batch that cannot grade them again say that they are graded."""
    folder = submit_files(ada=RIGHT, ben=WRONG[0])
    batch(folder)
    before = grades(tmp_path / "grades.db")
    good = small.checks.read_text("utf-8")
    small.checks.write_text("import nonsense\n", "utf-8")
    assert batch(folder).code == 3
    after = grades(tmp_path / "grades.db")
    kept = ("outcome", "score", "max_score", "reason", "result_key", "graded")
    for student, grade in before.items():
        assert [getattr(after[student], k) for k in kept] == [getattr(grade, k) for k in kept]
    with open_gradebook(str(tmp_path / "grades.db")) as book:
        assert [row["counts"] for row in book.history("ada")] == [True]
        assert book.report(after["ada"].result_key).outcome == "passed"

    small.checks.write_text(good + "# another version\n", "utf-8")
    assert "2 graded now" in batch(folder).out
    now = grades(tmp_path / "grades.db")
    assert all(now[s].result_key != g.result_key for s, g in before.items())


def test_what_matches_nobody_or_is_left_out_is_counted(batch, submit_files, tmp_path):
    """In the last line; and with --strict it decides the exit code, unless something is worse."""
    folder = submit_files(ada=RIGHT, eve=RIGHT)
    (folder / "ada" / "notes.sqlite").write_bytes(b"x")
    (folder / "fay_ex07.txt").write_text("")
    (tmp_path / "roster.csv").write_text("id,name\nada,Ada Lovelace\n")
    roster = ("--roster", tmp_path / "roster.csv")
    plain = batch(folder, *roster)
    last = plain.out.strip().splitlines()[-1]
    notes = [line for line in plain.err.splitlines() if "skipped" in line]
    assert plain.code == 0
    assert "1 not matched to anybody on the roster" in last
    assert f"{len(notes)} left out" in last
    assert batch(folder, *roster, "--strict").code == 1
    shutil.rmtree(folder / "eve")
    (folder / "fay_ex07.txt").unlink()
    (folder / "ada" / "notes.sqlite").unlink()
    assert batch(folder, *roster, "--strict").code == 0


def test_the_time_left_is_told_soon(small, tmp_path):
    """After a tenth it is right within a factor of two, however long the start took, whatever was known
    before and however many submissions are equal."""
    course = find_course(small.root)
    bundle = pack_exercises(course, course.exercises)
    folder = tmp_path / "submissions"
    for number in range(200):  # the last half has a result; of the others two in five share one
        (folder / f"s{number:03}").mkdir(parents=True)
        mark = number // 5 * 5 if number % 5 < 3 else number
        (folder / f"s{number:03}" / "ex01_line.py").write_text(f"{RIGHT}# {mark}", "utf-8")

    class Steady:
        """A pool that takes ten seconds to start, and two for each task, on a clock of its own."""

        width, lost = 4, ()

        def __init__(self):
            self.clock, self.waiting = 0.0, []

        def submit(self, task):
            """Keep a task until somebody looks."""
            future = Future()
            self.waiting.append((future, task))
            if len(self.waiting) == self.width:
                self.work()
            return future

        def work(self):
            """Grade the first one."""
            future, task = self.waiting.pop(0)
            self.clock = (self.clock or 10.0) + 2
            future.set_result(worker.ungraded_result(task, "never"))

    with open_tree(folder) as tree, open_gradebook(":memory:", create=True) as book:
        planned = plan(read_layout(tree)[1], course, (), Roster(), lambda _: None)
        for one, task in make_tasks(planned[100:], bundle.hash, bundle.hashes):
            record_submission(book, one, task)
            passed = report(check(outcome="passed", score=11, max_score=11))
            book.add_exercise(bundle.hashes["ex01"], "ex01", "A line", 11)
            book.add_result(task.key, task.content_hash, bundle.hashes["ex01"], passed)
        pool, pace, told = Steady(), Pace(), []

        def show(tally):
            rate = pace.rate(tally, pool.clock)
            told.append((pool.clock, tally.graded, tally.ahead / rate if rate else None))
            if pool.waiting and tally.total == 200 and len(pool.waiting) < pool.width:
                pool.work()

        tally = run_batch(planned, bundle, book, pool, show)
    assert (tally.known, tally.shared, tally.graded) == (100, 40, 60)
    late = [(at, left) for at, graded, left in told if 6 <= graded <= 54]
    assert late
    for at, left in late:
        assert (pool.clock - at) / 2 <= left <= (pool.clock - at) * 2


def test_what_is_left_is_counted_with_real_workers(small, submit_files):
    """Two processes grade, and of the submissions some are equal: from the first tenth on, what is said to
    be left is right within a factor of two, in results instead of seconds."""
    course = find_course(small.root)
    bundle = pack_exercises(course, course.exercises)
    folder = submit_files(
        **{f"s{n:02}": f"{RIGHT}# {n // 3 * 3 if n % 3 else n}" for n in range(30)}
    )
    pool, told = LocalPool(bundle, 2), []
    with open_tree(folder) as tree, open_gradebook(":memory:", create=True) as book:
        planned = plan(read_layout(tree)[1], course, (), Roster(), lambda _: None)
        tally = run_batch(planned, bundle, book, pool, lambda t: told.append((t.graded, t.ahead)))
        pool.close()
    assert (tally.graded, tally.shared, tally.known) == (10, 20, 0)
    late = [(10 - graded, ahead) for graded, ahead in told if 1 <= graded < 10]
    assert late
    for left, ahead in late:
        assert left / 2 <= ahead <= left * 2
    assert told[-1] == (10, 0)


def test_late_work_costs_what_is_declared(batch, small, tmp_path):
    """A Canvas download with a LATE mark: one day's price, and the roster's names."""
    folder = tmp_path / "canvas"
    folder.mkdir()
    (folder / "lovelaceada_LATE_7_70_ex01_line.py").write_text(RIGHT, "utf-8")
    (folder / "babbagecharles_8_80_ex01_line.py").write_text(RIGHT, "utf-8")
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada Lovelace\ns2,Charles Babbage\ns3,Dora\n")
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write("\n[due]\nex01 = 2026-10-14\n[late]\npercent_per_day = 20\n")
    done = batch(folder, "--roster", tmp_path / "roster.csv")
    assert done.code == 0, done.err
    assert "canvas: 2 students, ex01" in done.err
    found = grades(tmp_path / "grades.db")
    assert (found["s1"].score, found["s2"].score) == (pytest.approx(8.8), 11.0)
    assert found["s1"].name == "Ada Lovelace"


def test_the_roster_forgotten_at_first(batch, small, tmp_path):
    """Graded without the roster and again with it, a student stands in the gradebook once; Canvas'
    number is not mistaken for somebody's id of the roster, nor are its adjustments."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, number, text in ((first, 70, WRONG[0]), (second, 80, RIGHT)):
        folder.mkdir()
        (folder / f"lovelaceada_7_{number}_ex01_line.py").write_text(text, "utf-8")
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada Lovelace\n7,Zoe Else\n")
    batch(first)
    with open_gradebook(str(tmp_path / "grades.db")) as book:
        book.adjust("canvas 7", "ex01", "add", -1, "late", "Prof. X")
    done = batch(second, "--roster", tmp_path / "roster.csv")
    found = grades(tmp_path / "grades.db")
    assert (found["s1"].score, found["s1"].adjusted, "7" in found) == (11.0, (), False)
    assert "note: s1 in ex01: the same account was in the gradebook as canvas 7" in done.err
    assert "adjustments of canvas 7 stay there" in done.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("no_such_folder", "ex01"), "no such folder"),
        ((".", "ex77"), "no such exercise"),
        ((".", "ex01", "--layout", "whiteboard"), "no such layout"),
        ((".", "ex01", "--roster", "nobody.csv"), "nobody.csv: cannot be read as a table"),
    ],
)
def test_wrong_usage(grade, small, arguments, reason):
    """What does not exist ends in one line with exit code 2."""
    done = grade("batch", *arguments, "--course", small.root, cwd=small.root)
    assert done.code == 2
    assert re.fullmatch(f"grade: .*{reason}.*\n", done.err), done.err


def test_a_student_s_run_pays_for_none_of_this(command):
    """`grade ex01` imports no database, no dask, no plots."""
    script = (
        "import sys; sys.argv = ['grade', 'ex04', 'solutions']; import grader.cli.app as app; "
        "app.run(None); heavy = {'sqlalchemy', 'alembic', 'distributed', 'matplotlib', 'jinja2'}; "
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "heavy: []" in done.stdout


def test_progress_in_words():
    """A log says count, rate, failures so far and the time left."""
    tally = Tally(total=1000, known=100, graded=280, shared=20, failed=25, ahead=600)
    assert progress_line(tally, 5.0) == (
        "400 of 1000 (100 known before), 5.0 a second, 25 without full marks, about 2 min left"
    )
    assert (format_duration(40), format_duration(600), format_duration(7200)) == (
        "40 s",
        "10 min",
        "2.0 h",
    )


@pytest.mark.parametrize("moment", ["begins", "ends"])
def test_what_killed_workers_left_is_removed(moment, monkeypatch, small, tmp_path):
    """A batch removes the bundles of workers that are gone, and no one else's, even if it has
    nothing to grade; at its end, too, for a killed process may take a while to be gone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, mine = (tmp_path / f"nn-grader-worker-{n}-x" for n in (gone.pid, os.getpid()))
    mine.mkdir()
    course = find_course(small.root)
    if moment == "begins":
        left.mkdir()
    pool = LocalPool(pack_exercises(course, course.exercises), 1)
    if moment == "ends":
        left.mkdir()
        pool.close()
    assert (left.exists(), mine.exists()) == (False, True)
