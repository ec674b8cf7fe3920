"""The bar that long checks show on a terminal, and that quick ones do not pay for."""

import os
import subprocess
import sys
import textwrap

import pytest

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")

LONG = """
    import sys, threading, time
    from grader.cli import progress_bar
    progress_bar.MOMENT = 0.0
    shown = progress_bar.ProgressBar()
    for turn in range(2):
        shown(1, 3, "Trained [bold]well[/]")
        for _ in range(2000):
            if shown._bar is not None and shown._bar.live.is_started:
                break
            time.sleep(0.01)
        else:
            sys.exit("no bar")
        shown(2, 3, "And then")
        shown._bar.refresh()
        shown.close()
        assert shown._bar is None
"""
QUICK = """
    import sys, threading
    from grader.cli.progress_bar import ProgressBar
    shown = ProgressBar()
    shown(1, 3, "Quick")
    shown.close()
    assert "rich" not in sys.modules
"""


def on_terminal(code, **variables):
    """Exit code and stderr of a program whose stderr is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", **variables},
    )
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # how Linux says that nobody holds the other end any more
        pass
    os.close(ours)
    return process.wait(), said.decode("utf-8")


def test_a_long_run_shows_a_bar_and_takes_it_away():
    """The bar names the running check as it is written, counts, and leaves an empty line; twice."""
    code, said = on_terminal(LONG)
    assert code == 0, said
    assert said.count("Trained [bold]well[/]") >= 2
    assert "1/3" in said
    assert "2/3" in said
    assert "And then" in said
    assert said.rindex("\x1b[2K") > said.rindex("And then")


def test_no_colour_where_none_is_wanted():
    """NO_COLOR holds for the bar, too."""
    code, said = on_terminal(LONG, NO_COLOR="1")
    assert code == 0, said
    assert "\x1b[3" not in said


def test_a_quick_run_shows_nothing_and_loads_nothing():
    """What is over within a moment does not even import the library."""
    assert on_terminal(QUICK) == (0, "")


def test_nothing_is_shown_without_a_terminal():
    """In a pipe or a log there is no bar, however long it takes."""
    code = textwrap.dedent(LONG).partition("    for _ in")[0]
    code += "    time.sleep(0.05)\n    assert threading.active_count() == 1\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
