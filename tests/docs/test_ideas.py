"""The table of ideas is current, and leaves out nothing that an exercise says it covers."""

import copy
import importlib.util
import tomllib
from pathlib import Path

import pytest

from grader.course.loader import find_course

ROOT = Path(__file__).resolve().parents[2]

spec = importlib.util.spec_from_file_location("ideas", ROOT / "exercises" / "ideas.py")
ideas = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ideas)

COURSE = find_course(ROOT)
LISTED = tomllib.loads(ideas.IDEAS.read_text(encoding="utf-8"))["idea"]


def test_all_that_is_named_exists_and_nothing_is_left_out():
    """Each idea names exercises, functions and checks that exist; each sentence of `covers` belongs to
    an idea; each function of the course serves one."""
    assert ideas.problems(LISTED, COURSE) == []
    served = {(w["exercise"], f) for idea in LISTED for w in idea["where"] for f in w["functions"]}
    assert served == {(e.id, f) for e in COURSE.exercises for f in e.names}


def test_every_exercise_serves_an_idea():
    """No exercise of the course is there without an idea."""
    assert {w["exercise"] for idea in LISTED for w in idea["where"]} == {
        e.id for e in COURSE.exercises
    }


def test_the_table_is_current():
    """docs/ideas.md is what exercises/ideas.py writes."""
    assert ideas.TABLE.read_text(encoding="utf-8") == ideas.page(LISTED, COURSE)


def test_no_idea_is_listed_twice():
    """Each idea has one entry, and is a sentence."""
    sentences = [idea["idea"] for idea in LISTED]
    assert len(set(sentences)) == len(sentences) >= 30
    assert all(s.endswith(".") for s in sentences)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("exercise", "ex99", "ex99: no such exercise"),
        ("covers", "no such sentence", "0 sentences begin 'no such sentence'"),
        ("functions", ["nothing"], "ex01: no function nothing"),
        ("checks", ["test_nothing"], "ex01: no check test_nothing"),
        ("checks", [], "names no check"),
    ],
)
def test_what_does_not_exist_is_noticed(key, value, words):
    """A name that does not exist, and a sentence that is left out, are problems."""
    changed = copy.deepcopy(LISTED)
    changed[0]["where"][0][key] = value
    assert any(words in p for p in ideas.problems(changed, COURSE))


def test_a_sentence_without_an_idea_is_noticed():
    """If an idea is taken off the list, the sentence that it served is named."""
    without = [i for i in LISTED if "Kullback" not in i["idea"]]
    assert ideas.problems(without, COURSE) == [
        "ex07: belongs to no idea: the Kullback-Leibler divergence"
    ]
