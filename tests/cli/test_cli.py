"""The command: help, exit codes, formats, and what goes where."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import pytest

import grader
from grader.cli.app import main
from grader.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "cases" / "course"
CASES = ROOT / "tests" / "cases"
RIGHT = CASES / "right" / "submission" / "ex01_line.py"
WRONG = CASES / "wrong_value" / "submission" / "ex01_line.py"
ESCAPE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def commands(words="grade", command=main):
    """All commands with the words that call them, the group itself first."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=words)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(f"{words} {name}", found)


COMMANDS = dict(commands())


def examples(command):
    """The commands that a help text gives as examples, without their explanations."""
    lines = re.sub(r" \\\n\s*", " ", command.epilog or "").splitlines()
    return [re.split(r"\s{2,}", line.strip())[0] for line in lines if line.startswith("  grade")]


# Help


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_help_with_an_example(words, grade):
    """`--help` says what the command and each of its options do, and ends in an example."""
    command = COMMANDS[words]
    result = grade(*words.split()[1:], "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Usage: grade")
    assert examples(command), f"{words} has no example"
    shown = re.sub(r" \\\n\s*", " ", result.out)
    for example in examples(command):
        assert example in shown
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            text = getattr(parameter, "help", None)
            assert text, f"{words}: {parameter.opts} has no help"
            assert text.endswith("."), f"{words}: {parameter.opts}"


# The commands whose examples are run here; the others have tests of their own that run them.
RUN_HERE = ("grade", "grade check", "grade doctor", "grade hint")
EXAMPLES = sorted({e for words in RUN_HERE for e in examples(COMMANDS[words])})
# The files that the examples speak of, and which of the repository's they are.
FILES = {
    "ex04_convolution.py": "solutions/ex04_convolution.py",
    "work/ex04_convolution.py": "solutions/ex04_convolution.py",
    "my_work.ipynb": "examples/farid_unfinished.ipynb",
}
# Slow, of the network, without end, or of a workspace; and the README's first command, which its own test
# runs.
NOT_HERE = {"all", "--course", "--watch", "watch", "reset", "examples/*"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the repository in which the examples' files exist."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("exercises", "solutions", "examples"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, source in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / source, root / name)
    shutil.make_archive(str(root / "submission"), "zip", root / "work")
    return root


@pytest.mark.parametrize("example", [e for e in EXAMPLES if not NOT_HERE & set(shlex.split(e))])
def test_examples_of_the_help_run(example, copy, grade):
    """Each example runs as it stands and ends with a verdict, not with a complaint about usage."""
    words = []
    for word in shlex.split(example)[1:]:
        matches = sorted(copy.glob(word)) if "*" in word else []
        words += [str(m.relative_to(copy)) for m in matches] or [word]
    result = grade(*words, cwd=copy)
    assert result.code in (ExitCode.FULL_MARKS, ExitCode.NOT_FULL_MARKS)
    assert "grade: " not in result.err


def test_version(grade, command):
    """`--version` names the distribution and its version."""
    result = grade("--version")
    assert (result.code, result.out) == (0, f"nn-grader, version {grader.__version__}\n")
    assert command("grader", "--version").out == result.out


def test_installed_command_is_the_module():
    """The command `grade` that the package installs is `python -m grader`."""
    script = Path(sys.executable).with_name("grade")
    if not script.exists():
        pytest.skip("not installed as a package here")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert grader.__version__ in done.stdout


# Exit codes


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["ex01", RIGHT], 0),
        (["ex01", WRONG], 1),
        (["ex01", RIGHT, WRONG], 1),
        (["ex01", "nothing.py"], 2),
        (["ex01"], 2),
        (["ex09", RIGHT], 2),
        (["notacommand"], 2),
        (["ex01", RIGHT, "-k", "no_such_check"], 2),
        (["ex01", RIGHT, "-k", "and and"], 2),
        (["ex01", RIGHT, "--format", "yaml"], 2),
        (["ex01", RIGHT, "--unknown"], 2),
        (["ex01", RIGHT, "--seed", "x"], 2),
        (["check"], 2),
        (["verify", "ex09"], 2),
        ([], 0),
    ],
)
def test_exit_codes(words, code, grade, tmp_path):
    """0 full marks, 1 some check did not pass, 2 wrong usage; never a traceback."""
    result = grade("--course", SMALL, *words, cwd=tmp_path)
    assert result.code == code
    assert "Traceback" not in result.out + result.err
    assert "internal error" not in result.err
    assert bool(result.err) == (code == 2)
    assert bool(result.out) == (code != 2)


def test_usage_errors_are_one_line_that_helps(grade, tmp_path):
    """A usage error names what was wrong and what there is, in one line."""
    result = grade("--course", SMALL, "ex09")
    assert result.complaint == "grade: ex09: no such exercise; this course has ex01"
    result = grade("--course", SMALL, "ex01", cwd=tmp_path)
    assert "grade ex01 path/to/ex01_line.py" in result.complaint
    result = grade("--course", SMALL, "all", cwd=tmp_path)
    assert "name a folder" in result.complaint
    result = grade("--course", SMALL, "ex01", RIGHT, "-k", "no_such_check")
    assert "-k no_such_check: selects no check of ex01; the nearest names are test_" in (
        result.complaint
    )


def test_internal_error_is_not_a_score(grade, monkeypatch):
    """A fault of ours ends with exit code 3 and one line on where to look; nothing is scored."""

    def broken(*_args, **_keywords):
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("grader.student.grade.run_jobs", broken)
    result = grade("--course", SMALL, "ex01", RIGHT, "--format", "json")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("grade: internal error: ZeroDivisionError: of ours\n")
    assert "Traceback" not in result.err
    monkeypatch.setenv("GRADE_TRACEBACK", "1")
    assert "Traceback" in grade("--course", SMALL, "ex01", RIGHT).err


def test_solution_of_convolution_has_full_marks(grade):
    """`grade ex04 solutions/` gives full marks and exit code 0."""
    result = grade("ex04", "solutions/")
    assert result.code == 0
    assert re.search(r"(\d+) of \1 points", result.out)


def test_stub_of_convolution_has_no_points(grade, tmp_path):
    """The stub gives 0 points and exit code 1."""
    from grader.course.stub import make_stub

    source = (ROOT / "solutions" / "ex04_convolution.py").read_text("utf-8")
    path = tmp_path / "ex04_convolution.py"
    path.write_text(make_stub(source, path.name), "utf-8")
    result = grade("ex04", path, "--format", "json")
    assert result.code == 1
    assert result.report["score"] == 0
    assert "is not written yet" in result.report["checks"][0]["message"]


# Formats, and where they go


def test_json_on_standard_output_alone(grade):
    """One report is one object, several are a list; nothing else is printed."""
    result = grade("--course", SMALL, "ex01", RIGHT, "--format", "json")
    assert result.err == ""
    assert result.report["outcome"] == "passed"
    several = grade("--course", SMALL, "ex01", RIGHT, WRONG, "--format", "json")
    assert several.err == ""
    assert [r["outcome"] for r in json.loads(several.out)] == ["passed", "failed"]


def test_output_of_student_code_does_not_reach_machine_output(command, schema):
    """What student code prints is in the report, not between its lines, in a real process."""
    result = command(
        "grader", "--course", SMALL, "ex01", CASES / "prints" / "submission", "--format", "json"
    )
    assert result.code == 1
    assert result.err == ""
    schema.validate(result.report)
    assert "Full marks" in result.report["checks"][0]["output"]


def test_junit(grade):
    """`--format junit` is XML that CI reads: a suite per report, a case per check."""
    result = grade("--course", SMALL, "ex01", RIGHT, WRONG, "--format", "junit")
    assert (result.code, result.err) == (1, "")
    suites = ET.fromstring(result.out).findall("testsuite")
    assert [s.get("failures") for s in suites] == ["0", "1"]


def test_a_page_shows_the_student_s_source(grade):
    """`--format html` is the page of a report with the source of each submission, also where one of them
    cannot be read."""
    result = grade(
        "--course", SMALL, "ex01", RIGHT, WRONG, SMALL / "course.toml", "--format", "html"
    )
    for path in (RIGHT, WRONG):
        line = (path / "ex01_line.py" if path.is_dir() else path).read_text().splitlines()[-1]
        assert f"<i></i>{html.escape(line, quote=False)}" in result.out
    assert result.out.count('class="code"') == 2


def test_output_file(grade, tmp_path, schema):
    """`-o` writes the report to a file, and says on standard error where it is."""
    target = tmp_path / "report.json"
    result = grade("--course", SMALL, "ex01", WRONG, "--format", "json", "-o", target)
    assert (result.code, result.out) == (1, "")
    assert result.err == f"10 of 11 points; the report is in {target}\n"
    schema.validate(json.loads(target.read_text("utf-8")))


def test_output_that_cannot_be_written(grade, tmp_path):
    """A file that cannot be written is named; exit code 2."""
    for target in (tmp_path, tmp_path / "no" / "folder" / "report.json"):
        result = grade("--course", SMALL, "ex01", RIGHT, "-o", target)
        assert result.code == 2
        assert f"{target}: cannot be written" in result.complaint


def test_submission_whose_name_is_not_text(grade, tmp_path):
    """A file name that is not UTF-8 does not end the run in an error of ours."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/ex01_\xff.py"))
    try:
        shutil.copy(RIGHT, path)
    except OSError:
        pytest.skip("this file system takes only text as names")
    for style in ("terminal", "json", "junit"):
        result = grade("--course", SMALL, "ex01", path, "--format", style)
        assert (result.code, result.err) == (0, "")
        target = tmp_path / "report"
        assert grade("--course", SMALL, "ex01", path, "--format", style, "-o", target).code == 0


def test_keyword_selects_checks(grade):
    """`-k` runs the checks that match, as pytest's does, and the report says so."""
    result = grade("--course", SMALL, "ex01", RIGHT, "-k", "mean or count", "--format", "json")
    report = result.report
    assert [c["name"] for c in report["checks"]] == ["test_mean", "test_count"]
    assert (report["score"], report["max_score"], report["selection"]) == (2, 2, "mean or count")
    text = grade("--course", SMALL, "ex01", RIGHT, "-k", "mean").out
    assert "1 of 1 points (only the checks selected by -k mean)" in text


def test_keyword_that_selects_a_later_check(grade, outcomes):
    """A check that builds on one that was not run is run, not skipped."""
    result = grade("--course", SMALL, "ex01", RIGHT, "-k", "backward", "--format", "json")
    assert outcomes(result.report) == {}


def test_verbose_lists_what_passed(grade):
    """Checks that passed are counted; `-v` lists them."""
    title = "mean is the sum of the entries"
    assert title not in grade("--course", SMALL, "ex01", RIGHT).out
    assert title in grade("--course", SMALL, "ex01", RIGHT, "-v").out


def test_several_submissions_end_in_a_table(grade):
    """Several submissions are reported one by one, then side by side."""
    out = grade("--course", SMALL, "ex01", RIGHT, WRONG).out
    assert [line.split()[1] for line in out.splitlines()[-2:]] == ["11/11", "10/11"]


def test_all_exercises_of_a_folder(grade, tmp_path):
    """`all` grades each exercise of the course; without a submission, those that are here."""
    shutil.copy(WRONG, tmp_path / "ex01_line.py")
    result = grade("--course", SMALL, "all", "--format", "json", cwd=tmp_path)
    assert result.report["exercise"] == "ex01"
    assert result.code == 1
    assert grade("--course", SMALL, "all", tmp_path).code == 1


def test_course_after_the_command(grade):
    """`--course` may stand before the exercise or after it."""
    assert grade("ex01", RIGHT, "--course", SMALL).code == 0
    assert grade("check", "ex01", RIGHT, "--course", SMALL).code == 0


def test_overview(grade, tmp_path):
    """`grade` alone lists the exercises and says what to do next."""
    out = grade("--course", SMALL, cwd=tmp_path).out
    assert "ex01  A line through the data" in out
    assert "grade ex01" in out


# The terminal


@pytest.mark.parametrize("scenario", ["right", "misconception_recognised", "prints", "stub"])
def test_no_escape_codes_without_a_terminal(scenario, grade):
    """Into a file or a pipe go no escape codes, whatever the student printed."""
    out = grade("--course", SMALL, "ex01", CASES / scenario / "submission", "-v").out
    assert not ESCAPE.search(out)


def on_a_terminal(*words, **env):
    """Run `grade` on a pseudo-terminal; what appeared on it, but for the bar that stderr gets."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **env},
    )
    os.close(theirs)
    data = b""
    while True:
        try:
            more = os.read(ours, 1 << 16)
        except OSError:  # how Linux says that the other end is gone
            break
        if not more:
            break
        data += more
    os.close(ours)
    process.wait(60)
    return data.decode().replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_colour_on_a_terminal_unless_refused():
    """A terminal gets colour; NO_COLOR takes it away."""
    words = ("--course", SMALL, "ex01", CASES / "prints" / "submission")
    colour = on_a_terminal(*words)
    assert "\x1b[31m" in colour
    assert "\x1b[2J" not in colour
    plain = on_a_terminal(*words, NO_COLOR="1")
    assert not ESCAPE.search(plain)
    seconds = re.compile(r"\d+\.\d\d s")
    assert seconds.sub("", re.sub(r"\x1b\[\d*m", "", colour)) == seconds.sub("", plain)


def test_output_in_a_terminal_that_cannot_show_it(command):
    """A console without Unicode does not end the run in a traceback."""
    result = command("grader", "--course", SMALL, "ex01", WRONG, PYTHONIOENCODING="ascii")
    assert result.code == 1
    assert "Traceback" not in result.err


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="only Linux has a device that is always full"
)
def test_a_full_disk(unbuffered):
    """Where the report does not fit on the disk, one line says so; it is no error of ours, and none of
    Python's when it ends."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        words = [sys.executable, "-m", "grader", "--course", SMALL, "ex01", RIGHT]
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(
            words, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    assert done.returncode == 3
    assert done.stderr == "grade: the report cannot be written: the disk is full\n"


def test_closed_pipe(tmp_path):
    """A reader that leaves early, as `head` does, causes no traceback."""
    line = f"{shlex.quote(sys.executable)} -m grader --course {SMALL} ex01 {WRONG} | true"
    done = subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""


# Debugging


def test_debug_shows_prints(grade):
    """Under `--debug` the student's prints appear as they happen, on the screen."""
    result = grade("--course", SMALL, "ex01", CASES / "prints" / "submission", "--debug")
    assert result.code == 1
    assert "counting (2, 5)" in result.out
    assert "Your code printed" not in result.out


def test_debug_runs_in_this_process(grade, small):
    """Under `--debug` the code runs here, so that a debugger can stop in it."""
    path = small.submit(RIGHT.read_text() + "\n\nimport os\nprint('process', os.getpid())\n")
    assert f"process {os.getpid()}" in grade("ex01", path, "--debug", cwd=small.root).out


@pytest.mark.parametrize("scenario", ["raises_in_a_call", "raises_at_import", "syntax_error"])
def test_debug_shows_the_exception(scenario, grade):
    """Under `--debug` an exception is reported with the student's own lines."""
    path = CASES / scenario / "submission" / "ex01_line.py"
    result = grade("--course", SMALL, "ex01", path, "--debug")
    assert result.code == 1
    assert re.search("(KeyError|SyntaxError|ValueError): ", result.out)
    assert "internal error" not in result.err


def test_debug_survives_an_exit(grade):
    """Under `--debug` student code that calls exit() ends its check, not the grader."""
    scenario = CASES / "raises_the_graders_own_kinds" / "submission"
    result = grade("--course", SMALL, "ex01", scenario, "--debug", "--format", "json")
    assert result.code == 1
    assert result.report["checks"][4]["outcome"] == "error"


@pytest.mark.parametrize(
    "scenario",
    ["right", "several_modules", "notebook_with_magics", "right_in_float32", "empty_file",
     "missing_functions", "wrong_arity", "returns_a_list", "changes_its_arguments"],
)  # fmt: skip
def test_debug_gives_the_verdict_of_an_ordinary_run(scenario, grade, outcomes):
    """Under `--debug` each check ends as it does without."""
    words = ("--course", SMALL, "ex01", CASES / scenario / "submission", "--format", "json")
    assert outcomes(grade(*words, "--debug").report) == outcomes(grade(*words).report)


def test_debug_imports_only_what_the_submission_imports(grade, outcomes):
    """Under `--debug` a submission's own numpy.py, sitecustomize.py and tests are not run, either."""
    scenario = CASES / "its_own_configuration" / "submission"
    result = grade("--course", SMALL, "ex01", scenario, "--debug", "--format", "json")
    assert outcomes(result.report) == {"test_mean": "failed"}
    assert "sitecustomize" not in result.out


def test_debug_lets_modules_import_each_other_in_any_order(grade, tmp_path):
    """Under `--debug` a module may import one that comes after it in the folder."""
    (tmp_path / "ex01_line.py").write_text("from aa import *\n" + RIGHT.read_text())
    (tmp_path / "aa.py").write_text("import zz\nfrom pkg.deep import here\n")
    (tmp_path / "zz.py").write_text("x = 1\n")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "deep.py").write_text("here = 1\n")
    result = grade("--course", SMALL, "ex01", tmp_path, "--debug")
    assert result.code == 0
    assert not {"aa", "zz", "pkg", "pkg.deep", "ex01_line"} & {
        name for name, module in sys.modules.items() if getattr(module, "__file__", None) is None
    }


# Completion, surroundings


@pytest.mark.parametrize("text", ["", "ex", "a"])
def test_completion_lists_exercises(text, command):
    """The shell completes the exercises' names."""
    result = command(
        "grader", cwd=SMALL, _GRADE_COMPLETE="bash_complete", COMP_WORDS=f"grade check {text}",
        COMP_CWORD="2",
    )  # fmt: skip
    offered = [line.partition(",")[2] for line in result.out.splitlines()]
    assert [o for o in offered if not o.startswith("-")] == [
        name for name in ("ex01", "all") if name.startswith(text)
    ]


def test_completion_without_a_word_before(command):
    """`grade e<TAB>` completes exercises as well as commands."""
    result = command(
        "grader", cwd=SMALL, _GRADE_COMPLETE="bash_complete", COMP_WORDS="grade ex", COMP_CWORD="1"
    )
    assert "plain,ex01" in result.out.splitlines()


def test_surroundings_do_not_change_the_verdict(command, tmp_path):
    """pytest's environment variables, a pytest.ini and a sitecustomize of the place do nothing."""
    shutil.copy(RIGHT, tmp_path / "ex01_line.py")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (tmp_path / "conftest.py").write_text("raise SystemExit('taken over')\n")
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken over')\n")
    (tmp_path / "run").mkdir()
    result = command(
        "grader", "--course", SMALL, "ex01", tmp_path / "ex01_line.py", cwd=tmp_path / "run",
        PYTEST_ADDOPTS="--collect-only", PYTEST_PLUGINS="nothing_of_this_name",
    )  # fmt: skip
    assert (result.code, result.err) == (0, "")


def test_student_code_sees_no_environment(command, small):
    """The grader's environment variables do not reach student code."""
    path = small.submit("import os\nprint(sorted(os.environ))\n" + RIGHT.read_text())
    result = command("grader", "ex01", path, "-v", cwd=small.root, SECRET_TOKEN="hush")
    assert "SECRET_TOKEN" not in result.out
