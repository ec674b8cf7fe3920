"""A student's own folder: made by `grade init`, with progress, suggestions and `--watch`."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.catalog import find_course
from grader.errors import UsageError
from grader.workspace import RECORD, create, overview, read_progress, template_folder

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def workspace(tmp_path):
    create(tmp_path / "course")
    return tmp_path / "course"


def run(folder, *words, **options):
    return subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        **options,
    )


def solve(folder, name="ex04_convolution"):
    source = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    (folder / "new.tmp").write_text(source, encoding="utf-8")
    (folder / "new.tmp").replace(folder / f"{name}.py")  # never seen half written


def test_init_makes_a_workspace(tmp_path):
    """`grade init` copies the template and says what to do; the folder then grades by itself."""
    done = run(tmp_path, "init", "my-course")
    assert done.returncode == 0
    assert "cd my-course && grade" in done.stdout
    checked = run(tmp_path / "my-course", "ex04")
    assert checked.returncode == 1
    assert "not written yet" in checked.stdout
    assert "0 of" in checked.stdout


def test_init_overwrites_nothing(workspace):
    """A folder that holds anything is refused, and stays as it is."""
    before = sorted(workspace.rglob("*"))
    with pytest.raises(UsageError, match="not empty"):
        create(workspace)
    assert sorted(workspace.rglob("*")) == before


def test_progress_is_remembered(workspace):
    """After a check, `grade` alone shows the points and what comes next; then the next exercise."""
    run(workspace, "ex04")
    shown = run(workspace).stdout
    assert "0/" in shown
    assert "next: output_size counts" in shown
    solve(workspace)
    done = run(workspace, "ex04")
    assert done.returncode == 0
    assert "Next: " in done.stdout
    course = find_course(workspace)
    assert read_progress(course)["ex04"].done
    assert any(line.startswith("  ✓ ex04") for line in overview(course, workspace))


def test_a_partial_run_does_not_count(workspace):
    """A run of some checks with -k, or of another file, leaves the record alone."""
    solve(workspace)
    run(workspace, "ex04", "-k", "output_size")
    run(workspace, "ex04", str(ROOT / "examples" / "ben_loops.py"))
    assert not (workspace / RECORD).exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 99}', '{"version": 1, "exercises": 3}']
)
def test_a_broken_record_is_no_record(workspace, text):
    """A record that cannot be read is begun anew, without a word about it."""
    (workspace / RECORD).parent.mkdir()
    (workspace / RECORD).write_text(text, encoding="utf-8")
    assert run(workspace).returncode == 0
    run(workspace, "ex04")
    record = json.loads((workspace / RECORD).read_text(encoding="utf-8"))
    assert list(record["exercises"]) == ["ex04"]


def test_nothing_is_recorded_in_a_clone():
    """In a course with its solutions no record is kept."""
    assert read_progress(find_course(ROOT)) == {}
    assert not (ROOT / RECORD).exists()


def test_another_seed_needs_the_solutions(workspace):
    """Recorded answers belong to their inputs: --seed is refused with a reason."""
    done = run(workspace, "ex04", "--seed", "3")
    assert done.returncode == 2
    assert "--seed needs the course's solutions" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent in another way there")
def test_watch_checks_again_on_save(workspace):
    """With --watch a save brings a new report, and Ctrl-C ends with the latest one's exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "ex04", "--watch"],
        cwd=workspace,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        first = read_report(process.stdout)
        assert "not written yet" in first
        with saving(workspace):
            second = read_report(process.stdout)
        assert "all checks passed" in second
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


@contextmanager
def saving(folder):
    """Save the solution again and again, because nobody tells when the watcher has begun."""
    seen = threading.Event()

    def save():
        while not seen.is_set():
            solve(folder)
            seen.wait(0.5)

    thread = threading.Thread(target=save)
    thread.start()
    try:
        yield
    finally:
        seen.set()
        thread.join()


def read_report(stream):
    lines = []
    for line in stream:
        lines.append(line)
        if " points" in line and " of " in line:
            break
    return "".join(lines)


def test_watch_refuses_what_it_cannot_do(workspace):
    """--watch with several submissions or another format is a usage error."""
    for words in (["--format", "json"], ["--debug"], ["a.py", "b.py"]):
        done = run(workspace, "ex04", "--watch", *words)
        assert done.returncode == 2
        assert "--watch goes with one exercise" in done.stderr


def test_the_template_has_every_exercise():
    """The template holds the stub, the handout and the recorded answers of each exercise."""
    course, template = find_course(ROOT), template_folder()
    for exercise in course.exercises:
        folder = template / "exercises" / exercise.name
        assert (template / exercise.file).is_file()
        assert (folder / "README.md").is_file()
        assert (folder / "recorded.npz").is_file()
