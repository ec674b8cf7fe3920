"""The instructor's guide works as it stands: its five commands lead from a download to grades."""

import csv
import re
import shlex
import shutil
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
CLASS = ["amira_im2col.py", "chloe_flipped.py", "farid_unfinished.ipynb"]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def prepare(folder):
    """A course's folder with the guide's tables, a Canvas download, a roster and Canvas' gradebook."""
    (folder / "solutions").symlink_to(ROOT / "solutions")
    shutil.copytree(ROOT / "exercises", folder / "exercises")
    with (folder / "exercises" / "course.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(blocks("toml")))
    rows = ["Student,ID,SIS User ID,SIS Login ID,Section,ex04 (77)", "    Points Possible,,,,,42"]
    people = ["id,name"]
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for number, name in enumerate(CLASS):
            first = name.partition("_")[0]
            suffix = Path(name).suffix
            data = (ROOT / "examples" / name).read_bytes()
            archive.writestr(f"doe{first}_{500 + number}_9{number}_ex04_convolution{suffix}", data)
            rows.append(f'"Doe, {first.title()}",{500 + number},,,S1,')
            people.append(f"{1815 + number},{first.title()} Doe")
    (folder / "gradebook.csv").write_text("\n".join(rows) + "\n")
    (folder / "roster.csv").write_text("\n".join(people) + "\n")


def test_the_commands_of_the_guide(grade, tmp_path):
    """Five commands grade, list, report, and fill in what is uploaded; the others run, too."""
    prepare(tmp_path)
    first, *others = blocks("sh")
    assert len(first.strip().splitlines()) == 5
    for line in "".join([first, *others]).strip().splitlines():
        done = grade(*shlex.split(line)[1:], cwd=tmp_path)
        assert done.code == 0, f"{line}\n{done.out}{done.err}"
    with (tmp_path / "grades_for_canvas.csv").open(newline="") as file:
        scores = [row[5] for row in list(csv.reader(file))[2:]]
    assert scores[0] == "42.00"
    assert 0 < float(scores[1]) < 42
    assert 0 <= float(scores[2]) < 42
    assert (tmp_path / "report" / "index.html").is_file()
    with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
        assert archive.namelist()[0] == "doeamira_500_90_ex04_convolution.html"


def test_the_declaration_of_lateness_can_be_used(small):
    """The guide's tables are what `course.toml` takes."""
    from grader.course.late import late_policy
    from grader.course.loader import find_course
    from grader.course.rubric import rubrics

    text = "\n".join(blocks("toml"))
    assert set(tomllib.loads(text)) == {"due", "late", "rubric"}
    with (small.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(text.replace("ex04", "ex01"))
    policy = late_policy(find_course(small.root))
    assert (policy.per_day, policy.at_most, policy.zone) == (0.1, 0.5, "Europe/Berlin")
    assert [one.points for one in rubrics(find_course(small.root))["ex01"]] == [2, 4]


def test_links_lead_somewhere():
    """Every relative link of the guides exists."""
    for name in ("instructors.md", "scale.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / "docs" / target).exists(), target
