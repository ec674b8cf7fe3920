"""Writing a report: few queries, small pages, little memory."""

import pytest
from reports import check, report
from sqlalchemy import event

from grader.classroom.gradebook import open_gradebook
from grader.classroom.report import site
from grader.model import Picture


@pytest.fixture
def queries(tmp_path):
    """Write the report of so many students; returns how many queries that took."""

    def call(count):
        path = tmp_path / f"{count}.db"
        with open_gradebook(str(path), create=True) as book:
            book.add_exercise("e1", "ex01", "A line", 5)
            for number in range(count):
                who = (f"s{number}", "", "")
                book.add_submission(who, "ex01", f"h{number}", f"k{number}")
                book.add_result(f"k{number}", f"h{number}", "e1", report(check()), {"a.py": "x"})
        asked = []
        with open_gradebook(str(path)) as book:
            event.listen(
                book.engine, "before_cursor_execute", lambda *words: asked.append(words[2])
            )
            assert site.write_site("Course", book, (), tmp_path / f"out{count}") == count
        return sum(words.startswith("SELECT") for words in asked)

    return call


def test_queries_do_not_grow_with_the_class(queries, monkeypatch):
    """Reports and sources are read by the hundred, not one by one."""
    monkeypatch.setattr(site, "AT_ONCE", 20)
    assert queries(20) == queries(2)
    assert queries(40) - queries(20) == 2


def test_equal_checks_are_kept_once():
    """What the class's page needs of two equal checks is one object, without pictures and outputs."""
    picture = Picture("t", ((1.0,),), ((2.0,),), ((True,),))
    kept = site.Kept()
    for key, seconds in (("a", 0.5), ("b", 0.7)):
        one = check(picture=picture, output="much", duration=seconds, hint="Which axis?")
        kept.add({key: report(one)})
    (first,), (second,) = (kept.reports[key].checks for key in "ab")
    assert first is second
    assert (first.picture, first.output, first.hint) == (None, "", "Which axis?")
