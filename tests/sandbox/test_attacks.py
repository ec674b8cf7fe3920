"""Every attack of tests/attacks is contained, at every level that this machine can offer.

Each is graded as a submission of ex04 is: its functions are called through `Server`, `Box` and
`SandboxedCode`, and what they return is compared with the reference. What gets through at a lower
level stands in the table of docs/security.md, and exactly that gets through here. Attacks that need
no mechanism (the grader's own side stops them) are run at the strongest level only.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.checking.calls.student import Student
from grader.checking.diagnosis.reference import load_reference
from grader.checking.run.grading import process_settings
from grader.course.loader import find_course, find_exercise
from grader.errors import CheckEnded, SandboxError
from grader.intake.submission import read_submission
from grader.model import Exercise, Limits
from grader.sandbox import levels
from grader.sandbox.launch import Server
from grader.sandbox.levels import LEVELS, is_root

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks are on Linux")

ROOT = Path(__file__).parents[2]
ATTACKS = sorted((ROOT / "tests/attacks").glob("*.py"))
TEMPORARY, SHARED = Path("/tmp"), Path("/dev/shm")
SHARED_KEY, QUEUE = 0x6E6E6741, b"/nn-grader-attack"
CALLS = 5
# Users for this run only, so that another run on this machine is not taken for what ours left.
USERS = range(1_900_000_000 + os.getpid() * 20, 1_900_000_000 + os.getpid() * 20 + 20)


@dataclass(frozen=True)
class Attack:
    """What an attack's docstring declares."""

    path: Path
    outcomes: frozenset[str]
    at_import: bool
    needs: frozenset[str]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.stem


def declared(path: Path) -> Attack:
    """Read an attack's docstring."""
    text = path.read_text(encoding="utf-8").split('"""')[1]
    found = dict(re.findall(r"^(\w+):[ \t]*(.*)$", text, re.MULTILINE))
    return Attack(
        path,
        frozenset(found["outcome"].split("|")),
        found["where"] == "import",
        frozenset(w.strip() for w in found["needs"].split(",") if w.strip()),
    )


ALL = {path.stem: declared(path) for path in ATTACKS}


def table() -> dict[str, dict[str, bool]]:
    """The table of docs/security.md: level, attack, whether it gets through."""
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.MULTILINE)
    through: dict[str, dict[str, bool]] = {level: {} for level in LEVELS}
    for name, cells in rows:
        for level, cell in zip(LEVELS, cells.split("|"), strict=True):
            through[level][name] = {"stopped": False, "through": True}[cell.strip()]
    return through


# The bait, and what an attack may leave ---------------------------------------------------------


class Bait:
    """Things to steal, and people to talk to, as tests/attacks/README.md asks for."""

    def __init__(self, stack: ExitStack) -> None:
        self.file = TEMPORARY / "nn-grader-canary"
        self.folder = TEMPORARY / "nn-grader-canary.d"
        self.socket = TEMPORARY / "nn-grader-attack.sock"
        self.socket.unlink(missing_ok=True)
        self.talk = [
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)),
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
            stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)),
            stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)),
        ]
        names = [("127.0.0.1", 47015)] * 2 + [str(self.socket), "\0nn-grader-attack"]
        for listener, name in zip(self.talk, names, strict=True):
            if listener.family == socket.AF_INET:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(name)
            listener.setblocking(False)
            if listener.type == socket.SOCK_STREAM:
                listener.listen()
        self.socket.chmod(0o777)
        stack.callback(self.take_away)

    def lay(self, owner: int | None) -> None:
        """Put the files there as they were, belonging to `owner`."""
        self.folder.mkdir(exist_ok=True)
        module = self.folder / "nn_grader_canary.py"
        module.write_text("SECRET = 42\n", encoding="utf-8")
        self.file.write_text("the solution", encoding="utf-8")
        for path, mode in ((self.file, 0o600), (module, 0o600), (self.folder, 0o700)):
            if owner is not None:
                os.chown(path, owner, owner)
            path.chmod(mode)

    def damage(self) -> list[str]:
        """What is not as it was laid, and who was talked to."""
        found = []
        if not self.file.exists() or self.file.stat().st_mode & 0o777 != 0o600:
            found.append("the canary was changed")
        for listener in self.talk:
            try:
                stream = listener.type == socket.SOCK_STREAM
                listener.accept()[0].close() if stream else listener.recv(100)
            except BlockingIOError:
                continue
            found.append(f"somebody talked to {listener.getsockname()!r}")
        return found

    def take_away(self) -> None:
        """Remove the files."""
        self.file.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def leftovers() -> list[str]:
    """What attacks leave when they get through, by the names that they use; it is removed."""
    found = []
    for folder in (TEMPORARY, SHARED):
        for path in folder.glob("nn-grader-attack-*"):
            found.append(str(path))
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    libc = ctypes.CDLL(None)
    if (segment := libc.shmget(SHARED_KEY, 0, 0)) >= 0:
        libc.shmctl(segment, 0, None)
        found.append("a shared memory segment")
    if hasattr(libc, "mq_unlink") and libc.mq_unlink(QUEUE) == 0:
        found.append("a message queue")
    return found


def strangers() -> set[int]:
    """Processes of our sandboxes' users, and everything below this process."""
    parents, owners = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            parents[int(folder.name)] = int(words.rpartition(")")[2].split()[1])
            owners[int(folder.name)] = folder.stat().st_uid
        except OSError:
            continue
    below = {os.getpid()}
    while more := {p for p, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {os.getpid()} | {p for p, uid in owners.items() if uid in USERS}


def open_files() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def state() -> dict[str, Any]:
    """What an attack on the grader's own process would change."""
    return {
        "folder": Path.cwd(),
        "limits": [resource.getrlimit(n) for n in range(16)],
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "user": os.getresuid(),
        "mounts": Path("/proc/self/mounts").read_text(encoding="utf-8"),
        "error state": np.geterr(),
    }


@pytest.fixture(scope="module")
def bait() -> Iterator[Bait]:
    """The bait, for as long as attacks run."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NN_GRADER_CANARY", "the salt of the hidden checks")
        patch.setattr(levels, "NOBODY", USERS[0])
        patch.setattr(levels, "_free_uids", lambda: USERS[1:])
        stack.enter_context(Path(__file__).open("rb"))  # a descriptor to inherit
        yield Bait(stack)


@pytest.fixture(scope="module")
def servers(bait: Bait) -> Iterator[dict[str, Server | str]]:
    """One server for each level; where there is none, the reason."""
    with ExitStack() as stack:
        found: dict[str, Server | str] = {}
        for level in LEVELS:
            try:
                server = stack.enter_context(Server(level))
                server.claims  # noqa: B018 - waits until it is ready
                found[level] = server
            except SandboxError as error:
                found[level] = str(error)
        yield found


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    """ex04, with little memory."""
    found = find_exercise(find_course(ROOT), "ex04")
    return replace(found, limits=Limits(memory_mb=128))


@pytest.fixture(scope="module")
def reference(exercise: Exercise) -> Student:
    """The right answers."""
    functions = load_reference(find_course(ROOT), exercise).functions
    return Student(LocalCode(functions, exercise), exercise, 0)


# Grading ----------------------------------------------------------------------------------------


def hostile_part(student: Student, reference: Student) -> str:
    """How the checks of the two hostile functions end: the first thing that goes wrong."""
    rng = np.random.default_rng(0)
    for _ in range(CALLS):
        x, w = rng.normal(size=(2, 2, 5, 5)), rng.normal(size=(3, 2, 3, 3))
        dout, b = rng.normal(size=(2, 3, 5, 5)), rng.normal(size=3)
        right, memory = reference.conv_forward(x, w, b, stride=1, pad=1)
        try:
            out, cache = student.conv_forward(x, w, b, stride=1, pad=1)
            if not equal(out, right):
                return "failed"
            gradients = student.conv_backward(dout, cache)
        except CheckEnded as end:
            return str(end.outcome)
        if not all(map(equal, gradients, reference.conv_backward(dout, memory))):
            return "failed"
    return "none"


def equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether a check would say that a value is right."""
    return a.shape == b.shape and np.allclose(a, b)


def honest_part(student: Student, reference: Student) -> bool:
    """Whether the two honest functions score."""
    sizes = [(7, 3, 2, 1), (28, 5, 1, 0), (9, 3, 3, 0)]
    counts = (3, 28, 28, 4, 5)
    return student.output_size.map(sizes) == reference.output_size.map(sizes) and (
        student.parameter_counts(*counts) == reference.parameter_counts(*counts)
    )


CASES = [
    pytest.param(
        attack,
        level,
        id=f"{level}-{name}",
        marks=() if level == "T3" else pytest.mark.slow,
    )
    for level in LEVELS
    for name, attack in ALL.items()
    if level == "T3" or attack.needs
]


@pytest.mark.parametrize(("attack", "level"), CASES)
def test_attack(
    attack: Attack,
    level: str,
    bait: Bait,
    servers: dict[str, Server | str],
    exercise: Exercise,
    reference: Student,
) -> None:
    """It ends as declared, the honest parts score, and nothing is harmed or left; or it gets
    through, where docs/security.md says so."""
    server = servers[level]
    if isinstance(server, str):
        pytest.skip(server)
    if "timeout" in attack.outcomes:  # the others have time enough, however busy the machine is
        exercise = replace(exercise, limits=replace(exercise.limits, call_seconds=0.3))
    bait.lay(USERS[0] if is_root() and level in ("T1", "T0") else None)
    before, known, files = state(), strangers(), open_files()
    submission = read_submission(attack.path, exercise)
    code = SandboxedCode(server, exercise, submission, process_settings(exercise))
    try:
        student = Student(code, exercise, 0)
        try:
            code.load()
            outcome = "error" if code.problems else hostile_part(student, reference)
        except CheckEnded as end:
            outcome = str(end.outcome)
        through = outcome not in attack.outcomes
        loads = not (attack.at_import and outcome in ("error", "timeout", "crashed"))
        honest = through or not loads or honest_part(student, reference)
    finally:
        code.close()
    patience = time.monotonic() + 5
    while (left := strangers() - known) and time.monotonic() < patience:
        time.sleep(0.01)  # the kernel takes a moment to bury them
    traces = bait.damage() + leftovers() + [f"process {p}" for p in left]
    through = through or bool(traces)
    assert state() == before
    assert open_files() <= files
    assert honest
    assert through is table()[level].get(attack.name, False), f"{outcome}, left: {traces}"


def test_table_names_only_attacks_that_exist() -> None:
    """docs/security.md has no row for an attack that is not there."""
    assert set(table()["T0"]) <= set(ALL)


def test_there_are_at_least_fifty_attacks() -> None:
    """The corpus is large, and each of the guarantees is attacked."""
    assert len(ALL) >= 50
