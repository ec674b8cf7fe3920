"""`--debug`: the student's code in the grader's own process."""

from workspaces import run, solve

from grader.student.workspace import RECORD


def test_the_end_of_the_debugger_is_the_end(workspace):
    """`q` in the debugger stops the run; nothing is recorded."""
    solve(workspace)
    file = workspace / "ex04_convolution.py"
    text = file.read_text(encoding="utf-8").replace('    """', '    breakpoint()\n    """')
    file.write_text(text, encoding="utf-8")
    done = run(workspace, "ex04", "--debug", input="q\n")
    assert done.returncode == 130
    assert "stopped" in done.stderr
    assert not (workspace / RECORD).exists()
