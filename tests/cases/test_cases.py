"""Golden reports: one folder for each scenario, with what was handed in and what must be said of it.

`pytest tests/cases --update-golden` writes the reports anew; read the difference before you commit
it. Which check ends how is written down here, too, so that an update cannot change it unseen.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.course.stub import make_stub

CASES = Path(__file__).parent
COURSE = CASES / "course"
CHECKS = ("mean", "count", "forward_shape", "forward_values", "backward", "arguments", "bias")
FORWARD = ("forward_values", "backward", "arguments", "bias")  # they come after forward_shape


def ends(*names: str, **outcomes: str) -> dict[str, str]:
    """The checks that do not pass; those in `names` are skipped."""
    return {f"test_{name}": outcome for name, outcome in outcomes.items()} | {
        f"test_{name}": "skipped" for name in names
    }


def nothing_loads(outcome: str) -> dict[str, str]:
    """How the checks end when the file as a whole has no use."""
    return ends(*FORWARD, mean=outcome, count=outcome, forward_shape=outcome)


SCENARIOS = {
    "right": ends(),
    "right_in_float32": ends(),
    "other_parameter_names": ends(),
    "several_modules": ends(),
    "output_flood": ends(),
    "notebook_with_magics": ends(),
    "notebook_with_a_raising_cell": ends(),
    "notebook_line_numbers": ends(mean="error"),
    # nothing to grade
    "stub": nothing_loads("error"),
    "empty_file": nothing_loads("error"),
    "syntax_error": nothing_loads("error"),
    "raises_at_import": nothing_loads("error"),
    "imports_what_is_not_there": nothing_loads("error"),
    "infinite_loop_at_import": nothing_loads("timeout"),
    "ends_its_process_at_import": nothing_loads("crashed"),
    "missing_functions": ends(*FORWARD, count="error", forward_shape="error"),
    "wrong_arity": ends(*FORWARD, count="error", forward_shape="error"),
    # wrong answers
    "wrong_value": ends(mean="failed"),
    "wrong_shape": ends(*FORWARD, forward_shape="failed"),
    "wrong_gradient": ends(backward="failed"),
    "misconception_recognised": ends(forward_values="failed", bias="failed"),
    "changes_its_arguments": ends(backward="failed", arguments="failed"),
    "uses_what_is_wrong": ends("count", mean="failed"),
    "prints": ends(mean="failed", count="failed"),
    "its_own_configuration": ends(mean="failed"),
    # answers of a wrong kind
    "returns_none": ends(*FORWARD, forward_shape="failed"),
    "returns_a_list": ends(*FORWARD, forward_shape="failed"),
    "returns_a_matrix": ends(*FORWARD, forward_shape="failed"),
    "returns_too_few_values": ends(*FORWARD, forward_shape="failed"),
    "returns_other_kinds": ends(mean="failed", count="failed", backward="failed"),
    "returns_an_object_array": ends(
        *FORWARD, mean="failed", count="failed", forward_shape="failed"
    ),
    "returns_nan": ends(mean="failed", forward_values="failed", backward="failed", bias="failed"),
    "returns_something_huge": ends(mean="failed"),
    # no answer
    "raises_in_a_call": ends(backward="error"),
    "helper_not_written": ends(mean="error"),
    "forgets_the_cache": ends(mean="failed", backward="error"),
    "raises_the_graders_own_kinds": ends(mean="error", count="error", backward="error"),
    "ordinary_recursion": ends(mean="error"),
    "memory_bomb": ends(mean="error"),
    "memory_bomb_piece_by_piece": ends(mean="error"),
    "infinite_loop": ends(backward="timeout"),
    "ends_its_process": ends(mean="crashed"),
    "aborts": ends(mean="crashed"),
    "segfault": ends(mean="crashed"),
    "deep_recursion": ends(mean="crashed"),
    "writes_to_the_channel": ends(mean="violation"),
}


def comparable(report):
    """A report without what differs from run to run and from machine to machine."""
    del report["duration"], report["sandbox"], report["grader"]
    report["submission"] = Path(report["submission"]).name
    for check in report["checks"]:
        del check["duration"]
        if len(check["output"]) > 1000:
            first, *_, last = check["output"].splitlines()
            check["output"] = f"{first}\n[…]\n{last}\n"
        # how much was asked for is NumPy's wording
        check["message"] = re.sub(
            r"Unable to allocate .*", "Unable to allocate …", check["message"]
        )
    return report


def test_every_folder_is_a_scenario():
    """No folder is forgotten here, and no scenario lacks its folder."""
    folders = {p.parent.name for p in CASES.glob("*/submission")}
    assert folders == set(SCENARIOS)


LARGE = {"memory_bomb_piece_by_piece", "returns_something_huge"}  # each fills a process's memory


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in LARGE else ()) for n in SCENARIOS]
)
def test_scenario(name, grade, outcomes, pytestconfig):
    """Each scenario ends only its own checks, in its own way, and is reported as written down."""
    result = grade("--course", COURSE, "ex01", CASES / name / "submission", "--format", "json")
    assert result.err == ""
    report = result.report
    assert outcomes(report) == SCENARIOS[name]
    assert [c["name"] for c in report["checks"]] == [f"test_{check}" for check in CHECKS]
    assert report["score"] == sum(c["score"] for c in report["checks"])
    assert report["max_score"] == 11
    assert result.code == (0 if report["outcome"] == "passed" else 1)
    for check in report["checks"]:
        assert check["score"] == (check["max_score"] if check["outcome"] == "passed" else 0)
    golden = CASES / name / "report.json"
    text = json.dumps(comparable(report), indent=2, ensure_ascii=False) + "\n"
    if pytestconfig.getoption("update_golden"):
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def test_the_stub_of_the_scenario_is_the_generated_one():
    """The scenario `stub` is what `make_stub` makes of the small course's solution."""
    solution = (COURSE / "solutions" / "ex01_line.py").read_text(encoding="utf-8")
    stub = (CASES / "stub" / "submission" / "ex01_line.py").read_text(encoding="utf-8")
    assert make_stub(solution, "ex01_line.py") == stub


@pytest.mark.parametrize("name", ["its_own_configuration", "several_modules"])
def test_zip_is_graded_like_its_folder(name, grade, tmp_path):
    """A zip, also with a folder around everything, gives the report of the folder in it."""
    for around in ("", "ada_lovelace/"):
        path = tmp_path / f"hand_in{len(around)}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted((CASES / name / "submission").rglob("*.*")):
                inside = file.relative_to(CASES / name / "submission").as_posix()
                archive.write(file, around + inside)
        report = grade("--course", COURSE, "ex01", path, "--format", "json").report
        want = json.loads((CASES / name / "report.json").read_text(encoding="utf-8"))
        assert comparable(report)["checks"] == want["checks"]


def test_configuration_in_the_current_folder_has_no_effect(grade, tmp_path):
    """Grading from inside a submission's folder does not run its conftest.py or pytest.ini."""
    folder = tmp_path / "mine"
    shutil.copytree(CASES / "its_own_configuration" / "submission", folder)
    report = grade("--course", COURSE, "ex01", "--format", "json", cwd=folder).report
    want = json.loads((CASES / "its_own_configuration" / "report.json").read_text("utf-8"))
    assert comparable(report)["checks"] == want["checks"]


def test_neither_code_nor_time_of_one_submission_reaches_the_next(grade, outcomes):
    """Several submissions in one run are graded as if each were alone."""
    names = ["ends_its_process", "right", "infinite_loop", "raises_at_import", "right"]
    result = grade(
        "--course", COURSE, "ex01", *(CASES / n / "submission" for n in names), "--format", "json"
    )
    assert [outcomes(r) for r in json.loads(result.out)] == [SCENARIOS[n] for n in names]
    assert result.code == 1
