"""Other graders against ours: the same exercise, the same submissions, in turn, in one run.

    python benchmarks/peers.py --runs 7 --batch 50 --write docs

Builds one virtual environment for each grader (kept in --environments), lets each prove on a right
and three wrong submissions that it judges as we do, measures one submission and a batch, and writes
a table and a plot. A grader that cannot be installed or that fails its proof is left out, and the
table says so. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from meter import Group, Reading, measure
from peers import table
from peers.check50 import Check50
from peers.environments import CannotInstall, environment, install_ours, variables
from peers.exercise import ROOT, Submission, samples, submissions
from peers.gradescope import Gradescope
from peers.nbgrader import Nbgrader
from peers.otter import Otter
from peers.ours import Ours, level
from peers.peer import Peer, PeerFailed, Setting
from peers.plain import Fresh, Pytest, Warm, Xdist, XdistSession

PEERS: tuple[Peer, ...] = (
    Ours(), Warm(), Fresh(), Pytest(), Xdist(), XdistSession(), Gradescope(), Check50(),
    Nbgrader(), Otter(),
)  # fmt: skip
MEMORY_SINGLE, MEMORY_BATCH = 0.01, 0.25  # seconds between samples


class Bench:
    """Measures the graders in turn and keeps a record."""

    def __init__(self, environments: Path, work: Path, record: dict[str, Any]) -> None:
        self.environments, self.work, self.record = environments, work, record
        self.pythons: dict[str, Path] = {}

    def setting(self, peer: Peer, what: str, given: list[Submission]) -> Setting:
        """A fresh folder in which the grader finds the exercise and the submissions."""
        python = self.pythons[peer.name]
        folder = self.work / what / peer.name.replace(" ", "_").replace(":", "").replace(",", "")
        folder.mkdir(parents=True)
        setting = Setting(folder, python, variables(python, self.work / "home"), given)
        peer.prepare(setting)
        return setting

    def run(self, peer: Peer, setting: Setting, every: float = 0.0) -> Reading:
        """One run; a verdict that is not the expected one goes on record."""
        peer.reset(setting)
        measured, done = measure(peer.commands(setting), setting.variables, every)
        verdicts = peer.verdicts(setting, done)
        for submission in setting.submissions:
            if verdicts.get(submission.label) is not submission.right:
                kind = "a right" if submission.right else "a wrong"
                self.record["disagreements"].append(
                    f"{peer.name} judges {kind} submission, {submission.label}, "
                    f"as {'right' if verdicts.get(submission.label) else 'wrong'}"
                )
        return peer.reading(measured, done)

    def enter(self, peer: Peer) -> dict[str, Any]:
        """Install a grader and let it prove itself; the row of the record that it gets."""
        row: dict[str, Any] = {"name": peer.name, "how": peer.how, "version": "", "left_out": ""}
        row |= {"single": [], "batch": [], "single_memory": [], "batch_memory": []}
        known = len(self.record["disagreements"])
        try:
            python = environment(self.environments, peer.environment)
            if isinstance(peer, Ours):
                install_ours(python)
            self.pythons[peer.name] = python
            setting = self.setting(peer, "proof", samples())
            if peer.distribution:
                row["version"] = version(setting, peer.distribution)
            if isinstance(peer, Ours):
                self.record["level"] = level(setting)
                self.record["versions"]["NumPy"] = version(setting, "numpy")
            self.run(peer, setting)
        except (CannotInstall, PeerFailed, OSError, ValueError, KeyError) as error:
            row["left_out"] = f"{type(error).__name__}: {error}"
        if wrong := self.record["disagreements"][known:]:
            row["left_out"] = "; ".join(wrong)
            del self.record["disagreements"][known:]
        return row

    def rounds(self, kind: str, given: list[Submission], runs: int, every: float) -> None:
        """All graders, one after another, several times. `every` samples memory in timed runs."""
        settings = {}
        for turn in range(runs + (not every)):
            for peer, row in zip(PEERS, self.record["graders"], strict=True):
                if row["left_out"] or (peer.only_batch and kind == "single"):
                    continue
                # Without sampling on the way the first turn samples: it fills caches and is not timed.
                sampled = every or (0.0 if turn else MEMORY_SINGLE)
                try:
                    if peer.name not in settings:
                        settings[peer.name] = self.setting(peer, kind, given)
                    reading = self.run(peer, settings[peer.name], sampled)
                except (PeerFailed, OSError, ValueError, KeyError) as error:
                    row["left_out"] = f"{kind}, run {turn}: {type(error).__name__}: {error}"
                    row |= {"single": [], "batch": []}
                    say(f"left out: {peer.name}, {row['left_out']}")
                    continue
                if sampled:
                    row[f"{kind}_memory"].append(reading.memory)
                if every or turn:
                    row[kind].append({k: v for k, v in asdict(reading).items() if k != "memory"})
                say(f"{kind} {turn}, {peer.name}: {reading.wall:.2f} s, CPU {reading.cpu:.2f} s")


def version(setting: Setting, distribution: str) -> str:
    """The installed version."""
    code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    return setting.run(str(setting.python), "-c", code).strip()


def say(words: str) -> None:
    """Progress, on standard error."""
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


def machine() -> str:
    """Processor, cores and kernel."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    return f"{names[0] if names else platform.machine()}, {cores} cores, Linux {platform.release()}"


def exact() -> bool:
    """Whether CPU time is counted by the kernel, for all descendants."""
    with Group() as group:
        return group.exact


def commit() -> str:
    """The commit of this checkout."""
    words = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def main() -> None:
    """Measure, or only render."""
    cache = Path(tempfile.gettempdir()) / "nn-grader-peers"
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7, help="timed runs of one submission")
    parser.add_argument("--batch", type=int, default=50, help="submissions of a batch")
    parser.add_argument("--batch-runs", type=int, default=1, help="timed runs of the batch")
    parser.add_argument("--environments", type=Path, default=cache, metavar="DIR")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="where to keep the measurements"
    )
    parser.add_argument("--render", type=Path, metavar="FILE", help="only write this record again")
    parser.add_argument("--write", type=Path, metavar="DOCS", help="default: print the table")
    options = parser.parse_args()
    if options.render:
        record = json.loads(options.render.read_text(encoding="utf-8"))
    else:
        if sys.platform != "linux":
            sys.exit("this benchmark needs Linux: it counts the CPU time of every descendant")
        record = measured(options)
    if options.write:
        print(f"written: {table.write(record, options.write)}")
    else:
        print(table.markdown(record))
    for line in record["disagreements"]:
        print(f"NOT THE SAME VERDICT: {line}")


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """The record of a run."""
    record: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": {"Python": platform.python_version(), "commit": commit()},
        "command": f"python benchmarks/peers.py --runs {options.runs} --batch {options.batch} "
        f"--batch-runs {options.batch_runs}",
        "level": "",
        "exact": exact(),
        **{name: getattr(options, name) for name in ("runs", "batch", "batch_runs")},
        "disagreements": [],
        "graders": [],
    }
    kept = options.record or options.environments / "record.json"
    work = Path(tempfile.mkdtemp(prefix="peers-"))
    try:
        bench = Bench(options.environments.resolve(), work, record)
        for peer in PEERS:
            record["graders"].append(bench.enter(peer))
            say(f"ready: {peer.name} {record['graders'][-1]['left_out']}")
        bench.rounds("single", submissions(1), options.runs, 0.0)
        kept.write_text(json.dumps(record, indent=1), encoding="utf-8")
        bench.rounds("batch", submissions(options.batch), options.batch_runs, MEMORY_BATCH)
        kept.write_text(json.dumps(record, indent=1), encoding="utf-8")
        say(f"record: {kept}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return record


if __name__ == "__main__":
    main()
