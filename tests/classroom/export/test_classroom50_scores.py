"""Points as overrides in `scores.json` of Classroom 50.

The file is written as `save_scores` in collect_scores.py of foundation50/classroom50 does it, and
collected again as `apply_updates` there does: an entry with `"override": true` is kept.
"""

import copy
import json

import pytest


def submission(owner, when, score=30):
    return {
        "schema": "classroom50/result/v1",
        "owner": owner,
        "submission": f"submit/{when}",
        "datetime": f"2026-10-{when}T12:00:00Z",
        "score": score,
        "max-score": 39,
        "tests": [{"test-name": "größe", "passed": True, "score": 1, "max-score": 1}],
    }


def entry(owner, *days, **more):
    return {"owner": owner, "submissions": [submission(owner, day) for day in days], **more}


@pytest.fixture
def fill(export, tmp_path):
    """Fill these entries of ex01: how it ended, the file before and after."""

    def call(*entries, slug="ex01", kind="individual", words=()):
        buckets = {slug: {"type": kind, "entries": list(entries), "collected_at": "2026-10-20"}}
        buckets["reflection"] = {"type": "individual", "entries": [entry("ada", "11")]}
        before = {"schema": "classroom50/scores/v1", "assignments": buckets}
        text = json.dumps(before, indent=2) + "\n"
        (tmp_path / "scores.json").write_text(text, encoding="utf-8")
        done, data = export("ex01", "--to", "classroom50", "--fill", "scores.json", *words)
        return done, text, data.decode()

    return call


@pytest.fixture
def account(graded):
    """Grade a submission of an account."""

    def call(name, score, key="", **about):
        graded(key or name, "", f"cs-ex01-{name}", score, identity=f"classroom50 {name}", **about)

    return call


def test_an_override_and_nothing_else(account, fill):
    """The newest submission has the points and its entry the override; every other byte stays."""
    account("Ada", 9.0, key="1815")
    done, before, after = fill(entry("ada", "14", "12"), entry("bo", "13"))
    assert (done.code, done.err) == (0, f"written to {done.err.split(' to ')[1].strip()}\n")
    expected = json.loads(before)
    ours = expected["assignments"]["ex01"]["entries"][0]
    ours["submissions"][0] |= {"score": 9, "max-score": 11}
    ours["override"] = True
    assert after == json.dumps(expected, indent=2) + "\n"


def test_it_is_kept_when_scores_are_collected(account, fill):
    """The round trip: collecting replaces every entry but those with an override; a second export of the
    same grades changes no byte."""
    account("ada", 9.0)
    _, _, after = fill(entry("ada", "14"), entry("bo", "13"))
    collected = json.loads(after)
    bucket = collected["assignments"]["ex01"]["entries"]
    fresh = [entry("ada", "15", "14"), entry("bo", "16", "13")]
    bucket[:] = [
        old if old.get("override") is True else new for old, new in zip(bucket, fresh, strict=True)
    ]
    assert bucket[0]["submissions"][0]["score"] == 9
    assert bucket[1] == fresh[1]
    _, before, again = fill(*copy.deepcopy(bucket))
    assert again == before


def test_the_newest_is_by_time(account, fill):
    """Which submission is the newest, its time says: readers sort by it."""
    account("ada", 9.0)
    _, _, after = fill(entry("ada", "12", "14"))
    first, second = json.loads(after)["assignments"]["ex01"]["entries"][0]["submissions"]
    assert (first["score"], second["score"]) == (30, 9)


def test_points_are_whole(account, fill):
    """Half a point is rounded, and said; so is an override that was there before."""
    account("ada", 8.5)
    done, _, after = fill(entry("ada", "14", override=True))
    assert json.loads(after)["assignments"]["ex01"]["entries"][0]["submissions"][0]["score"] == 9
    assert "8.5 points are written as 9; there was an override with 30 points" in done.err


def test_who_is_left_out(account, graded, fill):
    """Who has no entry, no submission or no score is named."""
    account("ada", None)
    account("bo", 9.0)
    account("cy", 9.0)
    done, before, after = fill(entry("ada", "14"), entry("bo"))
    assert done.code == 1
    assert after == before
    assert [line for line in done.err.splitlines() if "left out" in line] == [
        "left out: ada ex01: no score to record",
        "left out: bo ex01: no submission there",
        "left out: cy ex01: ex01 has no entry of cy",
    ]


def test_a_group_shares_an_entry(account, fill):
    """One entry for all members: written if they have the same points, else left out."""
    for name in ("ada", "bo"):
        account(name, 9.0, content="same")
    members = {"member_usernames": ["ada", "bo"]}
    done, _, after = fill(entry("ada", "14", **members), kind="group")
    assert done.code == 0
    assert json.loads(after)["assignments"]["ex01"]["entries"][0]["submissions"][0]["score"] == 9
    account("cy", 3.0)
    members = {"member_usernames": ["ada", "bo", "cy"]}
    done, before, after = fill(entry("ada", "14", **members), kind="group")
    assert after == before
    assert "ada, bo, cy ex01: have one entry there, and not the same points" in done.err


def test_the_assignment_is_asked_for(account, fill):
    """An assignment that is not named after the exercise is named with --column."""
    account("ada", 9.0)
    done, _, _ = fill(entry("ada", "14"), slug="neurons")
    assert done.code == 2
    assert "it has neurons, reflection" in done.complaint
    done, _, after = fill(entry("ada", "14"), slug="neurons", words=("--column", "ex01=neurons"))
    assert json.loads(after)["assignments"]["neurons"]["entries"][0]["override"] is True


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "classroom50/result/v1"}', "[1]"])
def test_another_file_is_refused(account, export, tmp_path, text):
    """What is no scores.json is not written to."""
    account("ada", 9.0)
    (tmp_path / "scores.json").write_text(text)
    done, data = export("ex01", "--to", "classroom50", "--fill", "scores.json")
    assert (done.code, data) == (2, b"")
    assert "scores.json" in done.complaint
