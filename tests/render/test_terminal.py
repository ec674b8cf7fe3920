"""Reports for a person."""

from __future__ import annotations

import gettext
import re
import unicodedata

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grader.language
from grader.model import Confinement, Outcome
from grader.render import render

HEADS = ["expected", "yours", "difference"]
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def show(*reports, **options):
    """The reports as text."""
    return render(reports, "terminal", **options)


def unwritten(make, function, **more):
    """A check that ended because `function` is still a stub."""
    about = {"function": function, "unwritten": function, "file": "ex01_line.py", "line": 12}
    message = f"{function} is not written yet."
    return make.check(Outcome.ERROR, f"test_{function}", message=message, **{**about, **more})


def controls(text):
    """The characters that steer a terminal, or hide or reorder text; colour is ours."""
    return [
        c for c in COLOUR.sub("", text) if c not in "\n\t" and unicodedata.category(c)[0] == "C"
    ]


def test_a_check_that_failed(make):
    """A failed check shows its points, title, message, hint and the student's output."""
    text = show(
        make.report(
            make.check(
                Outcome.FAILED,
                message="out is 1, expected 2.",
                hint="Add b.",
                output="shape (2, 3)\n",
            )
        )
    )
    assert "✗   0/2 The title of test_one." in text
    for words in ("out is 1, expected 2.", "Hint: Add b.", "Your code printed:", "shape (2, 3)"):
        assert words in text
    assert "0 of 2 points" in text
    assert "grade ex01 -k test_one --debug" in text


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_mark_and_its_words(make, outcome):
    """Each outcome is shown; only `passed` is without a reason."""
    text = show(make.report(make.check(outcome)), verbose=True)
    assert "The title of test_one." in text
    assert ("What happened in test_one." in text) == (outcome is not Outcome.PASSED)
    assert ("2 of 2 points" in text) == (outcome is Outcome.PASSED)


def test_the_graders_own_fault_is_called_so(make):
    """An ungraded check is neither blamed on the student nor passed over."""
    text = show(make.report(make.check(Outcome.UNGRADED), make.check(name="test_two")))
    assert "not counted: What happened in test_one." in " ".join(text.split())
    assert "could not be graded" in text


def test_what_passed_is_counted(make):
    """Checks that passed take one line; `verbose` lists them."""
    report = make.report(*(make.check(name=f"test_{i}") for i in range(3)))
    assert "✓ all checks passed" in show(report)
    assert "The title" not in show(report)
    assert show(report, verbose=True).count("The title") == 3
    text = show(make.report(make.check(), make.check(Outcome.FAILED, "test_two")))
    assert "✓ 1 check passed" in text


def test_skipped_for_one_reason_are_counted_together(make):
    """Checks that wait for the same one take one line."""
    first = make.check(Outcome.FAILED)
    later = [
        make.check(Outcome.SKIPPED, f"test_{i}", message="“The title” must pass first.")
        for i in range(4)
    ]
    text = show(make.report(first, *later))
    assert "4 checks skipped: “The title” must pass first." in text
    assert "The title of test_3" not in text


def test_one_mistake_is_explained_once(make):
    """Checks that fail by the same recognised mistake are counted after the first."""
    checks = [
        make.check(Outcome.FAILED, f"test_{i}", hint="Add b.", misconception="no_bias")
        for i in range(3)
    ]
    text = show(make.report(*checks))
    assert text.count("Hint: Add b.") == 1
    assert "2 more did not pass, probably because of a mistake named above" in " ".join(
        text.split()
    )


def test_many_reasons_to_skip_are_one_line(make):
    """Checks that wait for more than two others are counted together."""
    first = [make.check(Outcome.FAILED, f"test_{i}") for i in range(3)]
    later = [
        make.check(
            Outcome.SKIPPED, f"test_later_{i}", message=f"“The title of test_{i}” must pass."
        )
        for i in range(3)
    ]
    assert "– 2 checks skipped: “The title" not in show(make.report(*first, *later))
    assert "3 checks skipped: they build on checks that did not pass" in show(
        make.report(*first, *later)
    )
    assert show(make.report(*first[:2], *later[:2])).count("1 check skipped: “The title") == 2


def test_a_problem_of_the_whole_file_is_said_once(make):
    """What keeps every check from running stands above them, and the checks are counted."""
    reason = "Your file cannot be loaded: SyntaxError"
    checks = [make.check(Outcome.ERROR, f"test_{i}", message=reason) for i in range(3)]
    text = show(make.report(*checks, problems=(reason,), notes=("left out: x.py",)))
    assert text.count(reason) == 1
    assert "3 checks could not run for the reason above" in text
    assert "note: left out: x.py" in text


def test_a_function_that_is_not_written_yet_needs_no_debugger(make):
    """A stub is not told to look closer."""
    text = show(make.report(unwritten(make, "f")))
    assert "breakpoint()" not in text


def test_isolation_is_mentioned_only_where_it_is_missing(make):
    """A guarantee that does not hold is said; silence is for the normal case."""
    assert "Not isolated" not in show(make.report(make.check()))
    held = Confinement(filesystem=True, memory=True, mechanism="some")
    text = show(make.report(make.check(), confinement=held))
    assert ": network, processes. Run `grade doctor`" in text


def test_several_reports_end_in_a_table(make):
    """Points, exercise, name and recognised mistakes stand in columns."""
    right = make.report(make.check(), submission="ada.py")
    wrong = make.report(
        make.check(Outcome.FAILED, misconception="no_bias"), submission="a_longer_name.py"
    )
    table = show(right, wrong).splitlines()[-2:]
    assert [line.split() for line in table] == [
        ["✓", "2/2", "ex01", "ada.py"],
        ["✗", "0/2", "ex01", "a_longer_name.py", "no_bias"],
    ]
    assert table[0].index("ex01") == table[1].index("ex01")


# Pictures


def test_picture_side_by_side(make):
    """With room the three tables stand next to each other, wrong entries starred."""
    text = show(make.report(make.check(Outcome.FAILED, picture=make.picture())), width=100)
    (head,) = [line for line in text.splitlines() if "expected" in line]
    assert head.split() == ["expected", "yours", "difference"]
    assert "2.5*" in text
    assert "·" in text


def test_picture_stacked(make):
    """Without room the tables stand below each other, each row within the width."""
    text = show(make.report(make.check(Outcome.FAILED, picture=make.picture(4, 5))), width=40)
    assert [line.strip() for line in text.splitlines() if line.strip() in HEADS] == HEADS


@pytest.mark.parametrize("width", [40, 100])
def test_columns_of_a_picture_are_aligned(make, width):
    """Numbers stand under numbers, in colour as without, whatever their sizes."""
    picture = make.picture(3, 3, got=-1234.5678)
    one = make.report(make.check(Outcome.FAILED, picture=picture))
    plain, colour = show(one, width=width), show(one, width=width, color=True)
    assert COLOUR.sub("", colour) == plain
    lines = plain.splitlines()
    heads = [i for i, line in enumerate(lines) if "expected" in line or line.strip() in HEADS]
    assert len(heads) == (3 if width == 40 else 1)
    for head in heads:
        rows = lines[head + 1 : head + 4]
        ends = {tuple(m.end() for m in re.finditer(r"[^\s*]+", row)) for row in rows}
        assert len(ends) == 1


@pytest.mark.parametrize("more", ["hint", "contrast", "call", "output"])
def test_a_line_is_left_free_below_a_picture(make, more):
    """Whatever comes next stands apart from the numbers."""
    check = make.check(Outcome.FAILED, picture=make.picture(), **{more: "What comes next."})
    lines = show(make.report(check), width=100).splitlines()
    assert not lines[[i for i, line in enumerate(lines) if "*" in line][-1] + 1].strip()


def test_picture_of_odd_numbers(make):
    """NaN, infinities and minus zero have a place in a picture."""
    for got in (float("nan"), float("inf"), -0.0, 1e-300):
        text = show(make.report(make.check(Outcome.FAILED, picture=make.picture(got=got))))
        assert f"{got + 0.0:.4g}*" in text


# Width


words = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=12)
lines = st.lists(words, min_size=1, max_size=30).map(" ".join)


@pytest.mark.parametrize("width", [40, 57, 80, 100])
@given(title=lines, message=lines, hint=lines)
def test_width_is_respected_as_far_as_words_allow(make, width, title, message, hint):
    """No line is wider than asked for, unless one word is."""
    checks = [make.check(Outcome.FAILED, title=title, message=message, hint=hint)]
    checks.append(make.check(Outcome.SKIPPED, "test_two", message=message + " again"))
    text = show(make.report(*checks, problems=(message + "!",), notes=(hint,)), width=width)
    for line in text.splitlines():
        if "breakpoint()" not in line and line != text.splitlines()[0]:
            assert len(line) <= width


@pytest.mark.parametrize("width", [1, 20, 40, 100, 1000])
def test_any_width_of_a_terminal(make, width):
    """A terminal of any width gets text; less than 40 and more than 100 are not used."""
    long = make.check(Outcome.FAILED, message="word " * 60, picture=make.picture(12, 12))
    text = show(make.report(long), width=width)
    messages = [line for line in text.splitlines() if "word" in line]
    assert max(map(len, messages)) <= max(40, min(width, 100))


def test_code_in_a_message_keeps_its_indentation(make):
    """Indented lines of a message, such as a traceback's, stay indented when they are wrapped."""
    message = "f raised ValueError.\n  ada.py, line 3: " + "return x + " * 12
    text = show(make.report(make.check(Outcome.ERROR, message=message)), width=60)
    wrapped = [line for line in text.splitlines() if "return" in line]
    assert len(wrapped) > 1
    assert all(line.startswith(" " * 12) for line in wrapped)


# Hostile text


@pytest.mark.parametrize("color", [False, True])
def test_student_text_cannot_steer_the_terminal(make, color):
    """Escapes, carriage returns, invisible and reordering characters of a student are neutralised
    wherever student text is shown."""
    bad = make.HOSTILE
    checks = [
        make.check(Outcome.ERROR, message=bad, hint=bad, output=bad + "\n" + bad),
        make.check(Outcome.SKIPPED, "test_two", message=bad + "2"),
        make.check(Outcome.UNGRADED, "test_three", message=bad + "3"),
    ]
    one = make.report(*checks, submission=bad, problems=(bad + "p",), notes=(bad + "n",))
    for verbose in (False, True):
        text = show(one, one, color=color, verbose=verbose)
        assert controls(text) == []
        assert "Full marks" in text


@given(st.text(max_size=60))
def test_any_student_text_is_shown_without_control(make, bad):
    """Whatever a student prints or raises, no control character reaches the terminal."""
    checks = [make.check(Outcome.ERROR, message=bad + "x", output=bad)]
    text = show(make.report(*checks, submission=bad, problems=(bad + "y",)))
    assert controls(text) == []
    text.encode("utf-8")


def test_colour_is_off_unless_asked_for(make):
    """Without `color` there is no escape code; with it the words are the same."""
    one = make.report(make.check(Outcome.FAILED, picture=make.picture(), output="x", hint="y"))
    assert "\x1b" not in show(one)
    assert "\x1b" in show(one, color=True)
    assert click.unstyle(show(one, color=True)) == show(one)


# Output


def test_repeated_and_endless_output_is_folded(make):
    """A line that repeats is counted; after a dozen lines the rest is counted."""
    text = show(make.report(make.check(Outcome.FAILED, output="spam\n" * 500)))
    assert "spam   (×500)" in text
    output = "".join(f"line {i}\n" for i in range(40)) + "x" * 5000
    text = show(make.report(make.check(Outcome.FAILED, output=output)))
    assert "line 11" in text
    assert "line 12" not in text
    assert "… and 29 more lines" in text
    cut = (
        "".join(f"line {i}\n" for i in range(40)) + "\n… 1,234 more bytes of output were dropped\n"
    )
    text = show(make.report(make.check(Outcome.FAILED, output=cut)))
    assert "… and 28 more lines" in text
    assert "… 1,234 more bytes of output were dropped" in text


def test_the_note_on_dropped_output_is_known_in_every_language(make, monkeypatch):
    """It is shown below what was folded, also where its number stands elsewhere in the sentence."""
    words = {"… {n} more bytes of output were dropped": "捨棄了 {n} 位元組"}
    catalogue = gettext.NullTranslations()
    monkeypatch.setattr(catalogue, "gettext", lambda message: words.get(message, message))
    monkeypatch.setattr(grader.language, "_catalogue", catalogue)
    output = "".join(f"line {i}\n" for i in range(40))
    for note in ("捨棄了 1,234 位元組", "捨棄了好幾位元組"):
        text = show(make.report(make.check(Outcome.FAILED, output=f"{output}\n{note}\n")))
        assert (note in text) == ("1,234" in note)


def test_a_very_long_line_is_cut(make):
    """One line of output does not flood the screen."""
    text = show(make.report(make.check(Outcome.FAILED, output="x" * 5000)))
    assert max(map(len, text.splitlines())) < 300


def test_rendering_is_pure(make):
    """The same report gives the same text."""
    one = make.report(make.check(Outcome.FAILED, picture=make.picture()))
    assert show(one) == show(one)


def failures(make, count, **more):
    """Checks of one function that failed, each for a reason of its own."""
    return [
        make.check(
            Outcome.FAILED, f"test_{i}", message=f"Reason {i}.", file="ex01.py", line=7, **more
        )
        for i in range(count)
    ]


def test_of_many_failures_of_one_function_the_first_are_told(make):
    """From the third failure of a function on only titles are shown, unless everything is asked for."""
    report = make.report(*failures(make, 5))
    text = show(report)
    assert [f"Reason {i}." in text for i in range(5)] == [True, True, False, False, False]
    assert text.count("The title of") == 5
    assert "by title only; -v shows" in text
    assert show(report, verbose=True).count("Reason") == 5


def test_a_recognised_mistake_is_always_told(make):
    """A mistake that is recognised in a function's third failure is told in full."""
    named = make.check(
        Outcome.FAILED, message="And this.", misconception="odd", file="ex01.py", line=7
    )
    assert "And this." in show(make.report(*failures(make, 3), named))


def test_the_same_hint_for_the_same_function_is_told_once(make):
    """Two failures of a function with the same hint are one mistake."""
    text = show(make.report(*failures(make, 3, hint="out is all zero.")))
    assert text.count("out is all zero.") == 1
    assert "✗ 2 more did not pass for a reason given above" in text


def test_a_file_that_does_not_load_is_told_in_one_line(make):
    """Where nothing could run the skipped checks are not listed by what they wait for."""
    report = make.report(
        make.check(Outcome.ERROR, message="Your file cannot be loaded."),
        make.check(Outcome.SKIPPED, "test_two", message="“One” must pass first."),
        problems=("Your file cannot be loaded.",),
    )
    text = show(report)
    assert "✗ 2 checks could not run for the reason above" in text
    assert "must pass first" not in text


def test_a_command_stays_in_one_piece(make):
    """On a narrow terminal the command to look closer has a line of its own."""
    check = make.check(Outcome.FAILED, "test_with_a_long_name_that_hardly_fits_the_line")
    text = show(make.report(check), width=60)
    assert "\n    grade ex01 -k test_with_a_long_name_that_hardly_fits_the_line --debug" in text
