"""`--watch`: the submission is checked again whenever it is saved."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from workspaces import solve

from grader.course.loader import find_course
from grader.student.progress import read_progress


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
        (workspace / "ex04_convolution.py").unlink()
        while "is missing" not in (last := read_report(process.stdout)):
            assert "all checks passed" in last  # a save that came late
        # A missing file changes no progress.
        assert read_progress(find_course(workspace))["ex04"].done
        with saving(workspace):
            assert "all checks passed" in read_report(process.stdout)
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


def test_watch_refuses_what_it_cannot_do(workspace, run):
    """--watch with several submissions or another format is a usage error."""
    for words in (["--format", "json"], ["--debug"], ["a.py", "b.py"]):
        done = run(workspace, "ex04", "--watch", *words)
        assert done.code == 2
        assert "--watch needs one exercise" in done.err
