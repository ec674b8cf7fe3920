"""What a report tells a student to do next."""

from __future__ import annotations

import ast
import textwrap

import pytest

from grader.model import Guide, Outcome, Suspect
from grader.render import render

GUIDE = Guide("exercises/ex01_line/README.md", ("mean", "line_forward"))


def show(*reports, **options):
    """The reports as text, with a guide."""
    return render(reports, "terminal", guides={"ex01": GUIDE}, **options)


def stub(make, function, line=12):
    """A check that ended because `function` is still a stub."""
    about = {"function": function, "unwritten": function, "file": "ex01_line.py", "line": line}
    message = f"{function} is not written yet."
    return make.check(Outcome.ERROR, f"test_{function}", message=message, **about)


def waiting(make, name, cause):
    """A check that was skipped because of another one."""
    message = f"“The title of {cause}” must pass first."
    return make.check(Outcome.SKIPPED, name, message=message)


def test_a_fresh_file_says_where_to_begin(make):
    """Nothing is written: one function to begin with, its place and its help; the others in one line."""
    report = make.report(
        stub(make, "mean"),
        stub(make, "line_forward", 20),
        waiting(make, "test_more", "test_mean"),
        waiting(make, "test_values", "test_line_forward"),
    )
    assert show(report, width=80).splitlines()[2:] == [
        "  Begin here: mean, line 12 of ex01_line.py",
        "    The title of test_mean.",
        "    handout exercises/ex01_line/README.md; grade hint ex01 mean",
        "",
        "  · 1 more function is not written yet: line_forward.",
        "  – 2 checks wait for what is not written yet.",
        "",
        "  0 of 8 points   0.00 s",
    ]


def test_what_is_written_comes_first(make):
    """While something is wrong, that is what a student works on; the stubs stay one line."""
    wrong = make.check(Outcome.FAILED, "test_mean", function="mean")
    text = show(make.report(stub(make, "line_forward"), wrong, stub(make, "line_backward")))
    assert "Begin here" not in text
    assert text.index("What happened in test_mean.") < text.index(
        "· 2 functions are not written yet: line_forward, line_backward."
    )
    assert text.splitlines()[-2:] == [
        "  Stuck? grade hint ex01 mean",
        "  Debug it with print and breakpoint(): grade ex01 -k test_mean --debug",
    ]


def test_the_next_function(make):
    """When all that is written passes, the next stub is told, with its file if it is another one."""
    text = show(make.report(make.check(), stub(make, "line_forward")))
    assert "Go on with: line_forward, line 12 of ex01_line.py" in text


@pytest.mark.parametrize(
    ("about", "command"),
    [
        ({"function": "mean"}, "grade hint ex01 mean"),
        ({"function": "count"}, "grade hint ex01"),
        ({"function": "mean.forward"}, "grade hint ex01 mean"),
        ({}, "grade hint ex01"),
        (
            {"function": "mean", "suspect": Suspect("a.py", 3, "line_forward")},
            "grade hint ex01 line_forward",
        ),
    ],
)
def test_a_failure_says_where_the_next_hint_is(make, about, command):
    """The command names the function that is wrong, if it has hints."""
    lines = show(make.report(make.check(Outcome.TIMEOUT, **about))).splitlines()
    assert lines[-1] == f"  Stuck? {command}"


def test_no_help_is_promised_that_is_not_there(make):
    """Without hints and a handout, nothing is said of them; full marks need no help."""
    failed = make.report(make.check(Outcome.FAILED), stub(make, "mean"))
    assert "hint" not in render([failed], "terminal")
    assert "handout" not in render([failed], "terminal")
    assert "Stuck?" not in show(make.report(make.check()))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_command_stays_in_one_piece(make, width):
    """However narrow the terminal, a command can be copied, and no word is broken."""
    name = "test_the_backward_pass_is_the_gradient_of_the_forward_pass"
    report = make.report(make.check(Outcome.FAILED, name, function="line_forward"))
    text = show(report, width=width)
    assert f"grade ex01 -k {name} --debug" in text
    assert "grade hint ex01 line_forward" in text
    fresh = show(make.report(stub(make, "line_forward")), width=width)
    assert "handout exercises/ex01_line/README.md" in fresh


CALL = """out, cache = affine_forward(np.array([[1.5, -0.5]]), np.array([[-0.5], [-0.5]]), np.array([1.5]))
affine_backward(np.array([[1.625]]), cache)
# came back: (np.array([[-1.625, -1.625]]), np.array([[4.875], [-1.625]]), np.array([3.25]))"""


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_call_fits_and_can_be_pasted(make, width):
    """The call is broken inside its parentheses only: what a student pastes is valid and the same."""
    text = show(make.report(make.check(Outcome.FAILED, call=CALL)), width=width)
    shown = text.partition("To try it:\n")[2].partition("\n\n")[0]
    assert ast.unparse(ast.parse(textwrap.dedent(shown))) == ast.unparse(ast.parse(CALL))
    assert max(map(len, shown.splitlines())) <= max(width, 57)


STRINGS = """loss = train([(np.array([[1.0, -0.5]]), 'one  and another')], 'relu', rate=0.25, steps=12, note="it's")"""


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_string_is_broken(make, width):
    """A call with strings is broken between its arguments; one with quotes in quotes stays as it is."""
    text = show(make.report(make.check(Outcome.FAILED, call=STRINGS)), width=width)
    shown = text.partition("To try it:\n")[2].partition("\n\n")[0]
    assert ast.unparse(ast.parse(textwrap.dedent(shown))) == ast.unparse(ast.parse(STRINGS))
    assert max(map(len, shown.splitlines())) <= max(width, 50)
    same = r"note('a\'b', other=" + "1, " * 40 + "2)"
    assert same in show(make.report(make.check(Outcome.FAILED, call=same)), width=width)
