"""`--debug`: the student's code in the grader's own process."""

import importlib.util
import sys
from pathlib import Path

from workspaces import run_apart, solve

from grader.course.loader import find_course
from grader.student.grade import grade as grade_submissions
from grader.student.progress import RECORD


def test_the_end_of_the_debugger_is_the_end(workspace):
    """`q` in the debugger stops the run; nothing is recorded."""
    solve(workspace)
    file = workspace / "ex04_convolution.py"
    text = file.read_text(encoding="utf-8").replace('    """', '    breakpoint()\n    """')
    file.write_text(text, encoding="utf-8")
    done = run_apart(workspace, "ex04", "--debug", input="q\n")
    assert done.returncode == 130
    assert "stopped" in done.stderr
    assert not (workspace / RECORD).exists()


def test_what_was_loaded_is_forgotten(small):
    """Once it is graded, the student's modules cannot be imported here any more, nor are they left:
    neither the one that is graded nor one that a function imports when it is called."""
    finders = [*sys.meta_path]
    folder = small.root / "submission"
    folder.mkdir()
    text = small.solution.read_text(encoding="utf-8")
    late = text.replace("def mean(x):\n", "def mean(x):\n    import late_helper\n\n", 1)
    assert late != text
    (folder / "ex01_line.py").write_text(late, encoding="utf-8")
    (folder / "late_helper.py").write_text("", encoding="utf-8")
    course = find_course(small.root)
    (report,) = grade_submissions(course, course.exercises, [folder], debug=True)
    assert report.score == report.max_score
    assert sys.meta_path == finders
    assert "late_helper" not in sys.modules
    left = sys.modules.get("ex01_line")  # the reference has the same name
    assert left is None or Path(left.__file__) == small.solution
    assert importlib.util.find_spec("late_helper") is None
