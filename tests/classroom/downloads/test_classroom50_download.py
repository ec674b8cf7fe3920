"""The folder that `gh teacher download` of Classroom 50 makes.

Names, columns and files are those of foundation50/classroom50, cli/gh-teacher/internal/download/download.go
at commit 0343327c.
"""

import json
from datetime import UTC, datetime

import pytest

from grader.classroom.downloads import read_layout
from grader.intake.tree import open_tree

FOLDER = "cs-ex04_submissions_2026_10_20_T_09_30_00"
HEADER = (
    "username,first_name,last_name,email,section,score,max_score,datetime,submission_tag,"
    "submitted_by,review_url,late,override\n"
)


def result(owner, when="2026-10-14T12:00:00Z", **changes):
    """`result.json` of a repository."""
    value = {"schema": "classroom50/result/v1", "classroom": "cs", "assignment": "ex04"}
    return json.dumps({**value, "owner": owner, "datetime": when, **changes})


@pytest.fixture
def read(tmp_path):
    """Lay out a download and read it: the submissions by student, and the notes."""

    def call(files, folder=FOLDER):
        for name, text in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        notes = []
        with open_tree(tmp_path / folder) as tree:
            layout, found = read_layout(tree, note=notes.append)
        assert layout == "classroom50"
        return {one.student: one for one in found}, notes

    return call


def test_accounts_and_times(read):
    """The account is what follows the assignment in a clone's name, the time that of its latest release;
    a student without a release, who has only the template, has no time."""
    found, notes = read(
        {
            "cs-ex04-ada/ex04_convolution.py": "x",
            "cs-ex04-ada/result.json": result("Ada"),
            "cs-ex04-ada/results.json": "[]",
            "cs-ex04-bo-b/ex04_convolution.py": "x",
            "cs-ex04-bo-b/result.json": result("bo-b", "2026-10-15T12:00:00Z"),
            "cs-ex04-cy/ex04_convolution.py": "x",
            "scores.csv": HEADER
            + "ada,,,,,39,39,2026-10-14T12:00:00Z,submit/a,ada,,false,\n"
            + "bo-b,,,,,9,39,2026-10-15T12:00:00Z,submit/b,bo-b,,true,\n"
            + "bo-b,,,,,1,39,2026-10-13T12:00:00Z,submit/c,bo-b,,false,\n"
            + "cy,,,,,,,,,,,,\n",
        }
    )
    assert {s: (h.submitted, h.late, h.assignment) for s, h in found.items()} == {
        "ada": (datetime(2026, 10, 14, 12, tzinfo=UTC), False, "ex04"),
        "bo-b": (datetime(2026, 10, 15, 12, tzinfo=UTC), True, "ex04"),
        "cy": (None, None, "ex04"),
    }
    assert [str(p) for p in found["ada"].files] == ["ex04_convolution.py"]
    assert found["ada"].identity == "classroom50 ada"
    assert notes == ["cs-ex04-cy: has no release, so there is no time of submission"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", result("bo"), result("ada", schema="x"), result("ada", assignment="ex05")],
)
def test_a_result_of_another_repository_says_nothing(read, text):
    """A student can commit or publish any result: one that is not this repository's gives no time."""
    found, notes = read({"cs-ex04-ada/ex04_convolution.py": "x", "cs-ex04-ada/result.json": text})
    assert found["ada"].submitted is None
    assert notes == [
        "cs-ex04-ada/result.json: is not the result of this repository, so it is treated as on time"
    ]


def test_a_folder_of_another_name(read):
    """With `-d` the folder has any name: what most results say is the classroom and the assignment."""
    files = {f"cs-ex04-{name}/a.py": "x" for name in ("ada", "bo", "x-eve")}
    files |= {f"cs-ex04-{name}/result.json": result(name) for name in ("ada", "bo")}
    files["cs-ex04-x-eve/result.json"] = result("eve", assignment="ex04-x")
    found, notes = read(files, "mine")
    assert sorted(found) == ["ada", "bo", "x-eve"]  # and not eve
    assert found["x-eve"].submitted is None
    assert len(notes) == 1


def test_a_group_is_credited(read):
    """Who has no repository, and is credited for somebody's, gets that submission; a team's own name is
    nobody's account."""
    url = "https://github.com/org/{}/compare/a...b"
    history = json.dumps([{"submission_tag": "submit/a", "result": None}])
    found, _ = read(
        {
            "cs-ex04-ada/a.py": "x",
            "cs-ex04-ada/result.json": result("ada"),
            "cs-ex04-ada/results.json": history,
            "cs-ex04-group-2/a.py": "x",
            "cs-ex04-group-2/result.json": result("group-2"),
            "cs-ex04-group-2/results.json": history,
            "scores.csv": HEADER
            + f"ada,,,,,1,2,2026,submit/a,ada,{url.format('cs-ex04-ada')},false,\n"
            + f"bo,,,,,1,2,2026,submit/a,ada,{url.format('cs-ex04-ada')},false,\n"
            + f"cy,,,,,1,2,2026,submit/a,cy,{url.format('cs-ex04-group-2')},true,\n"
            + f"eve,,,,,1,2,2026,submit/z,eve,{url.format('cs-ex04-ada')},false,\n",
        }
    )
    assert {student: one.origin for student, one in found.items()} == {
        "ada": "cs-ex04-ada",
        "bo": "cs-ex04-ada",
        "cy": "cs-ex04-group-2",
    }
