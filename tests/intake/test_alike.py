"""Scripts with the same code on the same lines have the same report; nothing else has."""

from pathlib import Path

import pytest

from grader.course.loader import find_course, find_exercise
from grader.intake.alike import only_script, outline, same_code

ROOT = Path(__file__).resolve().parents[2]
CODE = '''"""What this is.

# Not a comment.
"""
import numpy as np
# A comment.

def f(x):
    # Another.
    return "#" + x  # behind code
'''


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# A comment.", "# Written by Ada"),
        ("# A comment.", ""),
        ("    # Another.", "# Another,\t further left"),
        ("behind code\n", "behind code\n\n# The end.\n\n"),
    ],
)
def test_comments_make_no_difference(before, after):
    """Lines of comments may say anything, or be empty."""
    other = CODE.replace(before, after)
    assert other != CODE
    assert same_code(CODE, other)
    assert outline({"a.py": CODE.encode()}) == outline({"a.py": other.encode()})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# Not a comment.", "# Another text."),
        ("# A comment.\n", ""),
        ("# A comment.\n", "# One.\n# Two.\n"),
        ("# behind code", "# behind, and quoted with the line"),
        ("np\n# A comment.", "np\n# import os.path"),
        ('"#"', '"##"'),
        ("    return", "     return"),
        ("f(x)", "g(x)"),
    ],
)
def test_everything_else_makes_one(before, after):
    """Texts, lines that move, what is quoted with a line, and what is imported."""
    other = CODE.replace(before, after)
    assert other != CODE
    assert not same_code(CODE, other)


def test_what_cannot_be_read_is_like_nothing():
    """A script that ends in the middle of a text is graded."""
    assert not same_code("x = '''\n", "x = '''\n")


def test_only_one_script_in_one_piece(tmp_path):
    """Not a notebook, nor a script that was made of one, nor several files."""
    exercise = find_exercise(find_course(ROOT), "ex04")
    name = "ex04_convolution.py"
    assert only_script({name: CODE.encode()}, exercise) == (name, CODE)
    assert only_script({name: b"# %%\nx = 1\n# %%\ny = 2\n"}, exercise) is None
    assert only_script({"ex04_convolution.ipynb": b"{}"}, exercise) is None
    assert only_script({name: "cannot be read"}, exercise) is None
    for contents in ({}, {"a.txt": b"x"}, {"a.py": "cannot be read"}, {"a.py": b"x", "b.py": b"y"}):
        assert outline(contents) == ""
