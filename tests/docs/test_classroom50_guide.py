"""docs/classroom50.md leads from a repository to points, with the commands as they stand."""

import json
import re
import shlex
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "classroom50.md").read_text(encoding="utf-8")


def test_the_commands_of_the_guide(grade, tmp_path):
    """Package, grade a push, grade the download, and write the points: `gh` and `git` are played."""
    for name in ("exercises", "solutions"):
        (tmp_path / name).symlink_to(ROOT / name)
    classroom = tmp_path / "classroom50" / "CS"
    classroom.mkdir(parents=True)
    (classroom / "roster.csv").write_text("username,first_name,last_name\nada,Ada,Lovelace\n")
    clone = tmp_path / "submissions" / "cs-ex04-ada"
    clone.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "ex04_convolution.py", clone)
    result = {
        "schema": "classroom50/result/v1", "classroom": "cs", "assignment": "ex04", "owner": "ada",
        "submission": "submit/x", "datetime": "2026-10-14T12:00:00Z", "score": 39, "max-score": 39,
    }  # fmt: skip
    (clone / "result.json").write_text(json.dumps(result))
    entry = {"owner": "ada", "submissions": [result]}
    scores = {"ex04": {"type": "individual", "entries": [entry]}}
    (classroom / "scores.json").write_text(
        json.dumps({"schema": "classroom50/scores/v1", "assignments": scores}, indent=2)
    )
    lines = [
        line for b in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in b.splitlines()
    ]
    ours = [shlex.split(line)[1:] for line in lines if line.startswith("grade ")]
    assert [words[0] for words in ours] == ["package", "batch", "gradebook", "report", "export"]
    for words in ours:
        more = ["--course", ROOT / "student_template"] if words[0] == "package" else []
        done = grade(*words, *more, cwd=tmp_path)
        assert done.code == 0, f"{words}\n{done.out}{done.err}"
    assert (classroom / "autograders" / "ex04" / "autograder.py").is_file()
    (written,) = json.loads((tmp_path / "scores.json").read_text())["assignments"]["ex04"][
        "entries"
    ]
    assert (written["override"], written["submissions"][0]["score"]) == (True, 42)


def test_it_says_that_the_folder_is_public():
    """Who packages an autograder must know that everybody reads it; the page is no longer than one."""
    assert "**Everything in an autograder's folder is public.**" in GUIDE
    assert len(GUIDE.splitlines()) < 80
