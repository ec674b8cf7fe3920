"""`grade verify`: exercises are proven, and broken ones are found out."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.checking.calls.local_code import LocalCode
from grader.checking.run import session
from grader.checking.run.runner import run_check


@pytest.fixture
def verify(small, grade):
    """Verify the small course; exit code, and what was found."""

    def run(*words):
        result = grade("verify", "ex01", *words, cwd=small.root)
        assert "Traceback" not in result.out + result.err
        return result

    return run


def test_small_course_is_proven(verify):
    """The small course of these tests holds, with more seeds than one."""
    result = verify("--seeds", "3")
    assert result.code == 0
    assert "7 claims tried" in result.out
    assert "✓" not in result.out


def test_every_claim_is_told(verify):
    """With -v each claim has a line: the stub scores nothing, right solutions everything, and each
    misconception is caught by the check that it names, and recognised."""
    result = verify("-v")
    assert (result.code, result.err) == (0, "")
    assert "✗" not in result.out
    for claim in ("stub", "empty file", "reference", "misconception "):
        assert f"✓ ex01 {claim}" in result.out
    assert result.out.endswith("All hold.\n")


def test_whole_course(small, grade):
    """Without a name every exercise is tried."""
    assert grade("verify", cwd=small.root).code == 0


def test_a_stub_that_scores(small, verify):
    """A check that the stub passes is found, by name."""
    small.edit(small.checks, "    assert_shape(out, (4, 2))\n", "    assert_shape(out, (4, 2))\n\n\n@pytest.mark.points(1)\ndef test_free(student):\n    \"\"\"Points for everyone.\"\"\"\n")  # fmt: skip
    small.edit(small.toml, "points = 11", "points = 12")
    result = verify()
    assert result.code == 1
    assert "✗ ex01 stub\n      scores 1 points, in test_free" in result.out
    assert "✗ ex01 empty file" in result.out
    assert "2 do not hold." in result.out


def test_a_reference_that_fails(small, verify):
    """A reference that its own checks fail is found, with the check's message."""
    small.edit(small.solution, "np.sum(x) / np.size(x)", "np.sum(x) / np.size(x) + 1")
    result = verify()
    assert result.code == 1
    assert (
        "✗ ex01 reference\n      test_mean failed: mean([1, 2, 6]) is 4, expected 3." in result.out
    )


def test_an_alternative_that_fails(small, verify):
    """An alternative that does not get full marks is found, with its name."""
    folder = small.root / "solutions" / "alternatives" / "ex01_line"
    folder.mkdir(parents=True)
    source = small.solution.read_text("utf-8")
    (folder / "fine.py").write_text(source, "utf-8")
    (folder / "broken.py").write_text(
        source.replace("dout.sum(axis=0)", "dout.mean(axis=0)"), "utf-8"
    )
    result = verify("-v")
    assert result.code == 1
    assert "✓ ex01 alternative fine" in result.out
    assert "✗ ex01 alternative broken\n      test_backward failed" in result.out


def test_an_alternative_that_uses_a_part_of_numpy(small, verify):
    """What NumPy loads at its first use is there for an alternative, too, as for any submission."""
    folder = small.root / "solutions" / "alternatives" / "ex01_line"
    folder.mkdir(parents=True)
    source = small.solution.read_text("utf-8")
    mean = source.replace("np.sum(x) / np.size(x)", "np.ma.array(x).sum() / np.size(x)")
    assert mean != source
    (folder / "masked.py").write_text(mean, "utf-8")
    assert "✓ ex01 alternative masked" in verify("-v").out


def misconception(small, body, caught_by="test_mean", name="odd_one"):
    """Put one misconception in place of the small course's."""
    (small.exercise / "misconceptions.py").write_text(
        "from grader.checks import misconception\n\n\n"
        f"@misconception(hint='Look again.', caught_by={caught_by!r})\n"
        f"def {name}(reference):\n    {body}\n",
        encoding="utf-8",
    )


@pytest.mark.parametrize(("count", "holds"), [("n", True), ("1 if fresh else n", False)])
def test_a_contrast_that_does_not_hold(small, verify, count, holds):
    """What would be said of a misconception's inputs is tried on inputs that it was not made from."""
    features = f"""
from grader.checks import inputs_of, positive_values

@inputs_of("mean", vary={{"n": (2,)}})
def numbers(rng, n=1):
    fresh = rng.bit_generator.seed_seq.entropy >= 1000
    return positive_values(rng, {count})
"""
    misconception(small, "def mean(x):\n        return float(sum(x))\n\n    return mean")
    (small.exercise / "features.py").write_text(features, encoding="utf-8")
    out = verify("-v").out
    assert "✓ ex01 contrasts of the misconceptions" in out or not holds
    assert holds == ("odd_one: mean is not always wrong by n alone" not in out)


def test_a_misconception_that_nothing_catches(small, verify):
    """A mistake that passes the check which should catch it is found, and which check does."""
    misconception(small, "def count(x):\n        return x.size + 1\n    return count")
    result = verify()
    assert result.code == 1
    assert "✗ ex01 misconception odd_one\n      test_mean passed; it is caught by test_count" in (
        result.out
    )


def test_a_check_that_is_right_anyway_is_not_run_again(small, verify, monkeypatch):
    """A check that calls nothing of a misconception's is run with the right submissions alone."""
    misconception(small, "def mean(x):\n        return 0.0\n    return mean")
    ran = Counter()

    def run(grading, item, following):
        ran[item.name, isinstance(grading.code, LocalCode)] += 1
        run_check(grading, item, following)

    monkeypatch.setattr(session, "run_check", run)
    assert verify().code == 0
    assert ran["test_mean", True] == 1
    assert ran["test_count", True] == 0
    assert ran["test_count", False] >= 1


def test_a_misconception_that_is_none(small, verify):
    """A mistake that answers like the reference is caught by no check, and that is said."""
    misconception(small, "def mean(x):\n        return reference.mean(x)\n    return mean")
    assert "test_mean passed; it is caught by no check" in verify().out


def test_a_misconception_that_names_no_check(small, verify):
    """A misconception that names a check which does not exist is found."""
    misconception(small, "def mean(x):\n        return 0.0\n    return mean", caught_by="test_gone")
    result = verify()
    assert result.code == 1
    assert "names the check test_gone, which does not exist" in result.out


def test_a_misconception_that_is_not_recognised(small, verify):
    """Of two mistakes with the same answers one is recognised; the other is found out."""
    misconception(small, "def mean(x):\n        return 0.0\n    return mean", name="first")
    file = small.exercise / "misconceptions.py"
    text = file.read_text("utf-8")
    second = text.partition("\n\n\n")[2].replace("def first", "def second")
    file.write_text(f"{text}\n\n{second}", "utf-8")
    result = verify()
    assert result.code == 1
    assert "test_mean fails, but recognises first" in result.out
    assert "1 does not hold." in result.out


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "def median(x):\n        return 0\n    return median",
            "median is not a function or class of this exercise",
        ),
        ("return 1 / 0", "misconceptions.py: "),
        ("return None", "misconceptions.py: "),
    ],
)
def test_a_misconception_that_is_no_function(small, verify, body, words):
    """A maker that raises, or makes something else than the exercise's functions, is the author's
    mistake: one line that names the file; exit code 3."""
    misconception(small, body)
    result = verify()
    assert result.code == 3
    assert words in result.complaint
    assert "odd_one" in result.complaint


def test_checks_that_no_misconception_fails_are_noted(small, verify):
    """A check that no misconception fails may be unable to fail: `-v` names it, and it is no mistake."""
    misconception(small, "def mean(x):\n        return 0.0\n    return mean")
    result = verify("-v")
    assert result.code == 0
    line = next(x for x in result.out.splitlines() if "no misconception fails" in x)
    assert "test_count" in line
    assert "test_mean" not in line


def test_an_exercise_without_misconceptions(small, verify):
    """A catalogue without entries is the author's to fill."""
    (small.exercise / "misconceptions.py").write_text("", encoding="utf-8")
    result = verify()
    assert result.code == 3
    assert "misconceptions.py names no misconception" in result.complaint


def test_a_solution_without_marks(small, verify):
    """A solution whose stub would be the solution itself is refused."""
    text = small.solution.read_text("utf-8")
    small.solution.write_text(text.replace("### ", "# "), "utf-8")
    result = verify()
    assert result.code == 3
    assert "has no ### BEGIN SOLUTION" in result.complaint


def test_a_course_without_solutions(small, verify):
    """A student's workspace cannot be verified, and says why."""
    small.edit(small.root / "course.toml", 'solutions = "solutions"\n', "")
    result = verify()
    assert result.code == 3
    assert "this course has no solutions" in result.complaint
