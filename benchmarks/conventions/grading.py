"""What our checks say of other conventions: each variant of a reference solution is graded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIANTS = Path(__file__).with_name("variants.toml")


@dataclass(frozen=True)
class Variant:
    """A reference solution with another convention.

    topic: the section of the page.
    form: the convention in words.
    exercise: the exercise's name.
    edits: pairs of a passage of the solution and what stands in its place.
    only: which checks to run, as for `grade -k`; empty for all.
    alternative: start from this one of `solutions/alternatives/`, not from the reference.
    """

    topic: str
    form: str
    exercise: str
    edits: tuple[tuple[str, str], ...]
    only: str = ""
    alternative: str = ""

    def write(self, folder: Path) -> Path:
        """Put all solutions, this one changed, into `folder`; returns it.

        Raises ValueError if the solution has not got exactly one of a passage.
        """
        shutil.copytree(ROOT / "solutions", folder, ignore=shutil.ignore_patterns("alternatives"))
        path = folder / f"{self.exercise}.py"
        if self.alternative:
            others = ROOT / "solutions" / "alternatives" / self.exercise
            shutil.copy(others / f"{self.alternative}.py", path)
        text = path.read_text(encoding="utf-8")
        for old, new in self.edits:
            if text.count(old) != 1:
                raise ValueError(f"{self.form}: {text.count(old)} times in {path.name}: {old!r}")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        return folder


def variants() -> list[Variant]:
    """All variants, in the order of their file."""
    tables = tomllib.loads(VARIANTS.read_text(encoding="utf-8"))["variant"]
    return [
        Variant(**{**table, "edits": tuple((old, new) for old, new in table["edits"])})
        for table in tables
    ]


def verdicts(wanted: Sequence[Variant]) -> dict[Variant, str]:
    """ "accepted", or which check it does not pass; variants of one exercise are graded together."""
    found: dict[Variant, str] = {}
    for exercise, only in dict.fromkeys((v.exercise, v.only) for v in wanted):
        group = [v for v in wanted if (v.exercise, v.only) == (exercise, only)]
        with tempfile.TemporaryDirectory() as scratch:
            folders = [v.write(Path(scratch, str(i))) for i, v in enumerate(group)]
            reports = _grade(exercise, only, folders)
        found |= {v: _verdict(report) for v, report in zip(group, reports, strict=True)}
    return {variant: found[variant] for variant in wanted}


def _grade(exercise: str, only: str, folders: Sequence[Path]) -> list[dict]:
    words = [exercise.partition("_")[0], *map(str, folders), "--format", "json"]
    words += ["-k", only] if only else []
    done = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)
    reports = json.loads(done.stdout)
    return reports if isinstance(reports, list) else [reports]


def _verdict(report: dict) -> str:
    """All checks passed, or the first that did not."""
    if report["outcome"] == "ungraded" or not report["checks"]:
        raise RuntimeError(f"not graded: {report}")
    bad = [check for check in report["checks"] if check["outcome"] != "passed"]
    return f"not accepted: `{bad[0]['name']}`" if bad else "accepted"
