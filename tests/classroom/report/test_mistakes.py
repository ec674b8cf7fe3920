"""The mistakes of a class: what is counted as one, and what is shown of somebody's code."""

from __future__ import annotations

from grader.classroom.report.mistakes import common_mistakes
from grader.model import CheckResult, Confinement, Outcome, Report, Suspect

CODE = """# by Ada Lovelace
def f(x):
    total = 0  # Ada's way
    name = "Ada"
    total = x.sum()
    return total
"""


def report(**more):
    """A report of one check that failed."""
    check = CheckResult("test_a", "A.", Outcome.FAILED, 0.0, 1.0, **more)
    return Report("ex01", "T", "s", (check,), Confinement(), "1.0.0")


def suspicious(line, file="f.py"):
    """A report with a suspect line."""
    hint = f"f would be right if line {line} of {file} were different. Look at the axis."
    return report(hint=hint, suspect=Suspect(file, line, "f"))


def test_all_three_sources_count():
    """Names, lines and contrasts are listed together, the most frequent first."""
    reports = [
        report(misconception="no_axis", hint="Which axis?"),
        report(contrast="g is right with n = 1, and wrong as soon as n is 2."),
        suspicious(5),
        suspicious(7, "other.py"),
    ]
    found = common_mistakes(reports)
    assert [(m.name, m.count, m.part) for m in found] == [
        ("f", 2, 0.5),
        ("no_axis", 1, 0.25),
        ("g", 1, 0.25),
    ]
    assert found[0].hint == "f would be right if one line were different. Look at the axis."


def test_a_mistake_in_several_lines_is_one():
    """Neither do several lines make a mistake another one."""
    hints = [
        f"f would be right if lines {lines} of f.py were different. Look at the name."
        for lines in ("5 and 6", "7, 8 and 12")
    ]
    found = common_mistakes([report(hint=h, suspect=Suspect("f.py", 5, "f")) for h in hints])
    wanted = "f would be right if some lines were different. Look at the name."
    assert [(m.hint, m.count) for m in found] == [(wanted, 2)]


def test_an_excerpt_tells_nobody():
    """The code around the line is shown without comments and texts, where names may stand."""
    (found,) = common_mistakes([suspicious(5)], lambda _: {"f.py": CODE})
    assert found.excerpt == '    total = 0\n    name = "…"\n    total = x.sum()\n    return total'
    assert "Ada" not in found.excerpt


def test_what_has_no_line_has_no_excerpt():
    """A recognised mistake without a suspect line shows no code, nor does one whose file is gone."""
    (named,) = common_mistakes([report(misconception="m", hint="h")], lambda _: {"f.py": CODE})
    (gone,) = common_mistakes([suspicious(5)])
    assert named.excerpt == gone.excerpt == ""
