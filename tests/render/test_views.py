"""What a page shows of a report, and in which order."""

from hypothesis import given
from hypothesis import strategies as st
from sample_reports import MIXED, PICTURE, check, report

from grader.model import Outcome, Suspect
from grader.render.pages import level, percent
from grader.render.views import excerpt, picture_panels, view_report

CODE = "a = 1\r\nb = 2\rc = 3\nd = 4\n"


def failed(name, **more):
    """A check that failed."""
    return check(name, Outcome.FAILED, **more)


def test_one_card_for_each_mistake():
    """Checks with the same misconception or suspect line share a card; its points are theirs together,
    and its picture is the first that one of them has."""
    line = Suspect("work.py", 3, "f")
    about = report(
        failed("test_a", suspect=line, message="a"),
        failed("test_b", misconception="flipped", message="b"),
        failed("test_c", suspect=line, message="c", picture=PICTURE),
        failed("test_d", misconception="flipped", message="d"),
        failed("test_e", message="e"),
    )
    view = view_report(about, "ex04", {"work.py": CODE})
    assert [(c.check.name, [o.name for o in c.others]) for c in view.cards] == [
        ("test_a", ["test_c"]),
        ("test_b", ["test_d"]),
        ("test_e", []),
    ]
    assert [c.lost for c in view.cards] == ["−6 points", "−6 points", "−3 points"]
    assert view.cards[0].picture == "out[0,0]"
    assert view.cards[0].excerpt == [(2, "b = 2", False), (3, "c = 3", True), (4, "d = 4", False)]
    assert view.cards[0].href == "ex04-s0-3"
    assert '<mark id="ex04-s0-3"><i></i>c = 3</mark>' in view.sources[0].code


def test_a_reason_that_was_given_is_not_a_card():
    """Where nothing ran, the problem is said once."""
    about = report(failed("test_a", message="no such name"), problems=("no such name",))
    view = view_report(about, "ex04", {})
    assert view.cards == []
    assert view.problems == ("no such name",)


def test_skipped_checks_are_one_line():
    """So many, and each reason once."""
    skipped = [
        check(f"test_{n}", Outcome.SKIPPED, message=f"needs “{m}”, which did not pass.")
        for n, m in enumerate("AAB")
    ]
    view = view_report(report(*skipped), "ex04", {})
    assert view.skipped == (
        "3 checks were skipped: needs “A”, which did not pass; needs “B”, which did not pass."
    )


def test_a_file_is_shown_once():
    """What the page shows elsewhere is shown again only where a card points into it."""
    texts = {"a.py": CODE, "b.py": CODE}
    about = report(failed("test_a", file="b.py", line=2))
    view = view_report(about, "ex09", texts, known=texts)
    assert [(s.label, s.marked) for s in view.sources] == [("b.py", True)]
    assert len(view_report(about, "ex09", texts).sources) == 2


def test_a_line_that_is_not_there():
    """A line beyond the end, or of a file that is not known, has no excerpt and does no harm."""
    assert excerpt(CODE, 0) == excerpt(CODE, 99) == excerpt("", 1) == []
    far = report(failed("test_a", file="a.py", line=99), failed("test_b", file="z.py", line=1))
    assert len(view_report(far, "ex04", {"a.py": CODE}).cards) == 2


def test_pictures_have_one_scale():
    """Equal numbers have equal colours in what was expected and in what came; the rest is its own."""
    (_, expected), (_, yours), (_, gap) = picture_panels(PICTURE)
    assert expected[0][0] == yours[0][0] == ("1", "up2")
    assert yours[0][1] == ("-2.5", "down4 wrong")
    assert yours[1] == [("inf", "wrong"), ("0", "wrong")]
    assert gap[0] == [("·", ""), ("-5", "down4 wrong")]


@given(st.floats(-1, 1))
def test_levels_are_symmetric(share):
    """Colours are ordered by size, and mirror each other."""
    assert level(share).removeprefix("up").removeprefix("down") == level(-share)[-1:]


@given(st.floats(0, 1))
def test_only_all_is_100_percent(share):
    """A share is rounded, but never to all or to nothing."""
    assert (percent(share) == "100 %") == (share == 1)
    assert (percent(share) == "0 %") == (share == 0)


def test_an_instructor_sees_hidden_checks():
    """With `hidden`, hidden checks have cards; without, one line."""
    names = [c.check.name for c in view_report(MIXED, "a", {}, hidden=True).cards]
    assert "test_hidden" in names
    view = view_report(MIXED, "a", {})
    assert "test_hidden" not in [c.check.name for c in view.cards]
    assert view.hidden == ["1 of 2 hidden checks passed, 3 of 6 points."]
