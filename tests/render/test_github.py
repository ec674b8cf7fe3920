"""What a GitHub job prints, and the summary that it writes."""

import re

import pytest
from sample_reports import EVERYTHING, MARKUP, MIXED, RIGHT, SECRET, check, report

from grader.hosts.github import publish, with_repository_paths
from grader.model import Outcome
from grader.render import github, terminal

COMMAND = re.compile(r"^\s*(::|##\[)")


def outside(text):
    """The lines that a runner reads as commands or text: those between the pauses are left out."""
    lines, token = [], ""
    for line in re.split("[\r\n]", text):
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif found := re.fullmatch(r"::stop-commands::(\w+)", line):
            token = found[1]
        else:
            lines.append(line)
    assert not token, "commands were never switched on again"
    return lines


def properties(command):
    """The properties of an annotation as a runner reads them."""
    found = re.fullmatch(r"::(error|warning) (.*?)::(.*)", command)
    decode = {"%3A": ":", "%2C": ",", "%0A": "\n", "%0D": "\r", "%25": "%"}
    pairs = [pair.partition("=")[::2] for pair in found[2].split(",")]
    return {k: re.sub("|".join(decode), lambda m: decode[m[0]], v) for k, v in pairs}


def test_annotations_are_as_written_down(golden):
    """The commands for one of everything are those of the golden file."""
    golden("github.txt", "\n".join(outside(github.render(EVERYTHING))))


def test_nothing_of_a_students_is_a_command():
    """Outside the pause every line that a runner may read as a command is an annotation of ours."""
    for line in outside(github.render(EVERYTHING)):
        if COMMAND.match(line) or "##[" in line:
            assert line.startswith(("::error ", "::warning "))
            assert not re.search(r"##\[|::\w+::", line.partition(",title=")[0])


def test_the_pause_ends_with_a_digest_of_what_it_encloses():
    """The token is the same for the same report, another for another one, and not in the text."""
    first, again = github.render([MIXED]), github.render([MIXED])
    assert first == again
    start = re.compile("^::stop-commands::(.+)$", re.MULTILINE)
    tokens = [start.search(github.render([r]))[1] for r in (MIXED, RIGHT)]
    assert len({*tokens}) == 2
    assert all(len(token) == 64 for token in tokens)
    assert first.count(tokens[0]) == 2
    printed = report(check("test_a", Outcome.FAILED, output=f"::{tokens[0]}::\n::error::forged"))
    assert not [x for x in outside(github.render([printed])) if "forged" in x]


def test_log_holds_the_report_for_a_person():
    """Between the commands stands what a terminal would show, without the hidden checks' secrets."""
    from grader.render import for_students

    assert terminal.render([for_students(MIXED)], width=100) in github.render([MIXED])


@pytest.mark.parametrize(
    ("submission", "label", "path"),
    [
        ("ex04_convolution.py", "ex04_convolution.py", "ex04_convolution.py"),
        ("./mine/ex04_convolution.py", "ex04_convolution.py", "mine/ex04_convolution.py"),
        ("work\\ex04_convolution.py", "ex04_convolution.py", "work/ex04_convolution.py"),
        ("work", "helpers/sums.py", "work/helpers/sums.py"),
        (".", "ex04_convolution.py", "ex04_convolution.py"),
        ("hw.ipynb", "hw.ipynb cell 3", "hw.ipynb"),
        ("a, b%.py", "a, b%.py", "a, b%.py"),
        ("ex04_convolution.py", "", "ex04_convolution.py"),
        ("work.zip", "ex04_convolution.py", None),
        ("/elsewhere/ex04_convolution.py", "ex04_convolution.py", None),
        ("work", "../../etc/passwd", None),
    ],
)
def test_annotation_names_the_file_in_the_repository(submission, label, path):
    """A label within the submission becomes a path from the top; what is not in the repository has
    none; a line of a notebook's cell is not taken for a line of its file."""
    made = report(check("test_a", Outcome.FAILED, file=label, line=5), submission=submission)
    found = properties(github.annotation_commands([made])[0])
    assert found.get("file") == path
    assert found.get("line") == ("5" if path and "cell" not in label else None)


def test_three_failures_are_three_annotations():
    """Three checks that fail for their own reasons are three annotations at their lines; checks that
    say the same of the same line share one, and skipped ones have none."""
    failed = [check(f"test_{n}", Outcome.FAILED, line=n) for n in (3, 5, 8)]
    skipped = check("test_s", Outcome.SKIPPED)
    made = github.annotation_commands([report(*failed, skipped)])
    assert [properties(line)["line"] for line in made] == ["3", "5", "8"]
    same = [check(f"test_{n}", Outcome.ERROR, message="line 3 is wrong") for n in range(5)]
    (line,) = github.annotation_commands([report(*same)])
    assert "and 4 more" in properties(line)["title"]


def test_at_most_ten_annotations():
    """GitHub shows ten: the rest is counted."""
    many = [check(f"test_{n}", Outcome.FAILED, line=n) for n in range(1, 25)]
    text = github.render([report(*many)])
    assert text.count("::error ") == 10
    assert "14 more" in text


def test_hidden_checks_stay_hidden():
    """Log and summary tell of a hidden check only whether it passed."""
    for text in (github.render(EVERYTHING), github.summary(EVERYTHING)):
        assert SECRET not in text
        assert "test_hidden" not in text
        assert "Hidden check 1" in text


def test_summary_is_cut_at_githubs_limit():
    """A summary above 1 MiB ends between two checks and says that something is left out."""
    many = [check(f"test_{n}", Outcome.FAILED, line=n, message="é" * 7000) for n in range(1, 200)]
    text = github.summary([report(*many)])
    assert len(text.encode()) <= 1 << 20
    assert "left out" in text[-200:]
    assert text.count("```") % 2 == 0
    assert "left out" not in github.summary(EVERYTHING)


def test_the_summary_is_appended(tmp_path):
    """The summary is added to what the file holds; a file that cannot be written is told of."""
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    assert publish([MIXED], {"GITHUB_STEP_SUMMARY": str(path)}) == []
    assert path.read_text("utf-8") == "before\n" + github.summary([MIXED])
    (problem,) = publish([MIXED], {"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "file")})
    assert "$GITHUB_STEP_SUMMARY" in problem
    assert publish([MIXED], {}) == []


def test_paths_start_at_the_top_of_the_repository(tmp_path, monkeypatch):
    """In a job that works in a sub-folder, annotations still name files from the repository's top."""
    (tmp_path / "week4").mkdir()
    monkeypatch.chdir(tmp_path / "week4")
    made = report(check("test_a", Outcome.FAILED), submission="ex04_convolution.py")
    (there,) = with_repository_paths([made], {"GITHUB_WORKSPACE": str(tmp_path)})
    assert properties(github.annotation_commands([there])[0])["file"] == "week4/ex04_convolution.py"
    assert with_repository_paths([made], {}) == [made]
    away = report(submission="/elsewhere/ex04.py")
    assert with_repository_paths([away], {"GITHUB_WORKSPACE": str(tmp_path)}) == [away]


def test_the_command_publishes(grade, small, tmp_path, monkeypatch):
    """`grade --format github` prints annotations, writes the summary and fails the job."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    source = small.solution.read_text("utf-8")
    path = small.submit(source.replace("def line_forward", "def broken"))
    done = grade("--course", small.root, "ex01", path, "--format", "github")
    assert done.code == 1
    assert "::error file=ex01_line.py" in done.out
    assert "points" in summary.read_text("utf-8")


def test_markup_is_escaped_in_commands():
    """A message keeps its text: what a runner decodes is what the student's code said."""
    made = report(check("test_a", Outcome.FAILED, message=MARKUP))
    (line,) = github.annotation_commands([made])
    assert "\n" not in line
    assert "\r" not in line
    assert "100 %25 a:b,c" in line
