"""Students' processes are started, talked to and ended from outside, whatever they do.

Each test runs with processes forked from a server, and with processes started afresh (as on
Windows).
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from grader.checking.calls.local_code import LocalCode
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.errors import CheckEnded, InternalError, SandboxError, UsageError
from grader.intake.imports import needed_modules
from grader.model import Cell, Exercise, Function, Limits, Module, Outcome, Submission
from grader.sandbox import launch, levels
from grader.sandbox.box import OUTPUT_LIMIT, Box, BoxEnded
from grader.sandbox.guarantees import ATTEMPTS, FROM_OUTSIDE, GUARANTEES
from grader.sandbox.launch import Server
from grader.sandbox.library import REFUSED

SETTINGS = {"memory_bytes": 256 << 20, "cpu_seconds": 60}
FORK = hasattr(os, "fork")
F = Function("f", (("x", ...),), (("value", "any"),))
Load = Callable[..., SandboxedCode]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("forked", marks=pytest.mark.skipif(not FORK, reason="no fork here")),
        pytest.param("spawned", marks=pytest.mark.slow if FORK else ()),
    ],
)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of each kind."""
    with Server(fork=request.param == "forked") as server:
        yield server


@pytest.fixture
def load(server: Server) -> Iterator[Load]:
    """Makes a submission of some source; all are ended afterwards."""
    opened = []

    def make(
        source: str, seconds: float = 1.0, notebook: bool = False, **more: Any
    ) -> SandboxedCode:
        exercise = Exercise(
            "ex00", "ex00_test", "Test", Path(), 1,
            {"f": F},
            forbidden_imports=tuple(more.get("forbidden", ())),
            limits=Limits(seconds, more.get("total", 50.0)),
        )  # fmt: skip
        sources = source if isinstance(source, list) else [source]
        cells = tuple(Cell(f"cell {n + 1}", text) for n, text in enumerate(sources))
        modules = (Module("ex00_test", cells, notebook),)
        submission = Submission("test", "ex00_test", modules, imports=needed_modules(modules))
        settings = {**SETTINGS, **more.get("settings", {})}
        opened.append(SandboxedCode(server, exercise, submission, settings))
        return opened[-1]

    yield make
    for code in opened:
        code.close()


def call(code: SandboxedCode, *arguments: Any, seconds: float = 1.0) -> Any:
    """`f(*arguments)` in the student's process."""
    return code.call("f", [(arguments, {})], [], 0, seconds)[0].value


def ended(code: SandboxedCode, seconds: float = 0.3) -> CheckEnded:
    """How a call of `f` ends that does not come back with a value."""
    with pytest.raises(CheckEnded) as caught:
        call(code, 1, seconds=seconds)
    return caught.value


# Calls ------------------------------------------------------------------------------------------


def test_values_go_in_and_come_back(load: Load) -> None:
    """A function is called with arrays and answers with arrays."""
    code = load("def f(x): return x * 2, {'shape': x.shape}")
    value, about = call(code, np.arange(6.0).reshape(2, 3))
    assert value.tolist() == [[0, 2, 4], [6, 8, 10]]
    assert about == {"shape": (2, 3)}


@pytest.mark.parametrize(
    ("answer", "keep", "shared"),
    [
        ("x", [], (0,)),
        ("(x[1:, None], 2)", [], (0,)),
        ("np.asarray(x, float)", [], (0,)),
        ("np.array(x)", [], ()),
        ("(x * 1, x)", [1], ()),
        ("1 / 0", [], None),
    ],
)
def test_an_argument_that_is_given_back_is_noticed(
    answer: str, keep: list[int], shared: tuple[int, ...] | None, load: Load
) -> None:
    """Values cross by copy, so the call says which of them lie in an argument's memory; what is kept
    there does not count. Code that is called right here says the same."""
    source = f"import numpy as np\ndef f(x): return {answer}"
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    here = LocalCode(namespace, Exercise("ex00", "ex00_test", "Test", Path(), 1, {"f": F}))
    for code in (load(source), here):
        if shared is None:
            with pytest.raises(CheckEnded):
                code.call("f", [((np.arange(3.0),), {})], keep, 0, 1.0)
        else:
            assert code.call("f", [((np.arange(3.0),), {})], keep, 0, 1.0)[0].shared == shared


def test_what_is_observed_inside_can_be_forged_and_values_cannot(load: Load) -> None:
    """docs/security.md: code that takes over its process can deny what it did to its arguments, but
    its value is judged outside."""
    source = (
        "import sys\ndef f(x):\n  x[:] = 7\n  worker = sys._getframe(1).f_locals['self']\n"
        "  worker._difference = lambda *_: ''\n  return x.sum()"
    )
    (answer,) = load(source).call("f", [((np.zeros(2),), {})], [], 0, 1.0)
    assert answer.changed == ()
    assert answer.value == 14


def test_large_arguments_and_answers_cross(load: Load) -> None:
    """More than a pipe holds goes in and comes back at once, in both directions."""
    code = load("def f(x): return x + 1")
    big = np.arange(2_000_000.0)
    assert np.array_equal(call(code, big, seconds=5), big + 1)


def test_an_answer_that_is_too_large_is_said_to_be(load: Load) -> None:
    """A value beyond the limit of a message ends the check with a sentence, not the process."""
    code = load("import numpy as np\ndef f(x): return np.zeros(9_000_000) if x == 1 else x")
    end = ended(code, 3)
    assert end.outcome is Outcome.FAILED
    assert "72,000,000 bytes" in end.message
    assert call(code, 2) == 2
    assert code.starts == 1


def test_input_says_that_nobody_is_there(load: Load) -> None:
    """`input()` raises at once instead of waiting."""
    end = ended(load("def f(x): return input('your name? ')"))
    assert end.outcome is Outcome.ERROR
    assert "keyboard" in end.message


def test_the_environment_is_clean(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the grader's is seen, nor its arguments or search path."""
    monkeypatch.setenv("NN_GRADER_SECRET", "42")
    code = load("import os, sys\ndef f(x): return dict(os.environ), sys.argv, sys.path")
    home = {"USERPROFILE": "\\"} if os.name == "nt" else {"HOME": "/"}
    assert call(code, 1) == (home, [""], [])


def test_a_file_may_ask_where_home_is(load: Load) -> None:
    """A path below the home folder, as notebooks put it together at their top, costs nothing."""
    code = load(
        "import os\nfrom pathlib import Path\n"
        "DATA = Path.home() / 'data', Path('~/x').expanduser()\n"
        "def f(x): return [str(p) for p in DATA], os.path.expanduser('~')"
    )
    code.load()
    assert code.problems == []
    assert call(code, 1)[0][0].endswith("data")


# Output -----------------------------------------------------------------------------------------


def test_output_belongs_to_the_check_that_caused_it(load: Load) -> None:
    """What is printed while loading and in each call is handed out separately."""
    code = load("print('loading')\ndef f(x):\n    print('called with', x)\n    return x")
    code.load()
    assert code.load_output == "loading\n"
    for number in (1, 2):
        call(code, number)
        assert code.take_output() == f"called with {number}\n"
    assert code.take_output() == ""


def test_output_is_kept_up_to_a_bound_and_the_rest_is_counted(load: Load) -> None:
    """A flood neither blocks the student nor fills the grader's memory."""
    code = load("def f(x):\n    for _ in range(500): print('x' * 9_999)\n    return x")
    assert call(code, 1, seconds=5) == 1
    text = code.take_output()
    assert len(text) < OUTPUT_LIMIT + 100
    assert f"{5_000_000 - OUTPUT_LIMIT:,} more bytes" in text


def test_output_of_a_process_that_ended_is_not_lost(load: Load) -> None:
    """What was printed before a crash is still shown."""
    code = load("import os\ndef f(x):\n    print('so far', flush=True)\n    os._exit(3)")
    assert ended(code).outcome is Outcome.CRASHED
    assert code.take_output() == "so far\n"


# Ends -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    while True: pass",
        "import time\ndef f(x): time.sleep(60)",
        "import re\ndef f(x): re.match('(a+)+$', 'a' * 64 + 'b')",
        "import signal\nfor s in (1, 2, 15, 24): signal.signal(s, signal.SIG_IGN)\n"
        "def f(x):\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass",
    ],
    ids=["loop", "sleep", "regex", "deaf"],
)
def test_a_call_that_takes_too_long_is_ended(load: Load, source: str) -> None:
    """Computing, sleeping, holding the interpreter or ignoring signals: it ends, by killing."""
    code = load(source)
    end = ended(code, 0.1)
    assert end.outcome is Outcome.TIMEOUT
    assert "0.1 seconds" in end.message


@pytest.mark.skipif(sys.platform == "win32", reason="nothing can be paused with a signal")
def test_a_machine_that_is_paused_costs_the_student_no_time(load: Load) -> None:
    """A laptop that sleeps, a virtual machine that is moved: nobody computes, and nobody is late."""
    code = load(
        "import time\ndef f(x):\n    end = time.process_time() + 0.3\n"
        "    while time.process_time() < end: pass\n    return x"
    )
    assert call(code, 1) == 1  # the process is there
    students = [p for p in psutil.Process().children(recursive=True) if "python" in p.name()]
    pause = "import psutil, sys, time; people = [psutil.Process(int(p)) for p in sys.argv[1:]]"
    pause += "; time.sleep(0.1); [p.suspend() for p in people]"
    pause += "; time.sleep(4); [p.resume() for p in people]"
    people = [str(os.getpid()), *(str(p.pid) for p in students)]
    with subprocess.Popen([sys.executable, "-c", pause, *people]):
        assert call(code, 2, seconds=2.5) == 2


def test_loading_that_takes_too_long_is_ended(load: Load) -> None:
    """A loop at the top of the file ends, too, and is not waited for in every check."""
    code = load("while True: pass", seconds=0.1)
    assert ended(code).outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os\ndef f(x): os._exit(3)", "exit code 3"),
        ("import os\ndef f(x): os.abort()", "aborted"),
        ("import ctypes\ndef f(x): return ctypes.string_at(0)", "segmentation fault"),
    ],
    ids=["exit", "abort", "null"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the words are those of POSIX")
def test_a_crash_says_how_it_ended(load: Load, source: str, words: str) -> None:
    """The student reads what ended the process."""
    end = ended(load(source), 2)
    assert end.outcome is Outcome.CRASHED
    assert words in end.message


def test_after_a_crash_the_next_call_has_a_new_process(load: Load) -> None:
    """A crash costs one check: the submission is loaded again for the next one."""
    code = load("import os\ndef f(x): return os._exit(1) if x == 1 else x")
    assert call(code, 2) == 2
    assert ended(code).outcome is Outcome.CRASHED
    assert call(code, 3) == 3
    assert code.starts == 2


@pytest.mark.parametrize(
    "use",
    ["while time.process_time() - now < 0.1: pass", "time.sleep(0.5)", "os._exit(1)"],
    ids=["computing", "sleeping", "ending"],
)
def test_a_submission_s_whole_time_is_limited(use: str, load: Load) -> None:
    """Calls that stay below their own limit still come to an end: all together have a limit, too."""
    code = load(
        "import os, time\n"
        "def f(x):\n"
        "    now = time.process_time()\n"
        "    while time.process_time() - now < 0.05: pass\n"
        f"    {use}",
        total=0.6,
    )
    for _ in range(20):
        with suppress(CheckEnded):
            call(code, 1)
    starts, messages = code.starts, code.messages
    end = ended(code)
    assert end.outcome is Outcome.TIMEOUT
    assert end.message.startswith("not run: your code has used up the 0.6 seconds")
    assert (code.starts, code.messages) == (starts, messages)
    assert messages - starts < 20
    assert [p.message for p in code.problems if "used up" in p.message] == [
        "Your code has used up the 0.6 seconds for all checks."
    ]


@pytest.mark.usefixtures("memory_limited")
def test_memory_is_limited_as_the_exercise_says(load: Load) -> None:
    """Beyond the limit there is MemoryError."""
    source = "import numpy as np\ndef f(x): return int(np.ones(x << 17).sum())"
    code = load(source, settings={"memory_bytes": 64 << 20})
    assert call(code, 20) == 20 << 17
    with pytest.raises(CheckEnded, match="MemoryError"):
        call(code, 100)


@pytest.mark.usefixtures("memory_limited")
@pytest.mark.parametrize("piece", ["bytes(100)", "bytes(5000)", "np.zeros(500)", "[0.0] * 20"])
def test_memory_that_is_full_to_the_brim(piece: str, load: Load) -> None:
    """Small pieces leave no room for the answer: what is kept free for it is enough to say so."""
    source = f"import numpy as np\nkept = []\ndef f(x):\n    while True: kept.append({piece})"
    end = ended(load(source, settings={"memory_bytes": 64 << 20}), 5)
    assert end.exception == "MemoryError"
    assert end.where == ("cell 1", 4)


@pytest.mark.usefixtures("memory_limited")
def test_after_a_memory_error_the_next_call_has_a_new_process(load: Load) -> None:
    """What is still in memory must not fail the next check: the submission is loaded again for it."""
    source = "kept = []\ndef f(x):\n    print(x)\n    kept.append(bytearray(x << 20))\n    return len(kept)"
    code = load(source, settings={"memory_bytes": 64 << 20})
    assert [call(code, 10), call(code, 10)] == [1, 2]
    with pytest.raises(CheckEnded, match="MemoryError"):
        call(code, 100)
    assert code.take_output().split() == ["10", "10", "100"]
    assert call(code, 10) == 1
    assert code.starts == 2


@pytest.mark.parametrize(
    "write",
    [
        "bytes(64)",
        "b'\\xff' * 64",
        "struct.pack('<II', 2, 0) + b'{}'",
        "struct.pack('<II', 2, 0) + b'[]'",
        "struct.pack('<II', 4, 0) + b'nope'",
        "struct.pack('<II', 5000, 0) + b'[' * 5000",
    ],
)
def test_forged_answers_end_the_process(load: Load, write: str) -> None:
    """Bytes on the answers' pipe that the worker did not write are a violation, not an answer."""
    code = load(
        "import os, struct\n"
        "def f(x):\n"
        "    for pipe in range(3, 64):\n"
        f"        try: os.write(pipe, {write})\n"
        "        except OSError: pass\n"
        "    return x"
    )
    assert ended(code, 1).outcome is Outcome.VIOLATION


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_a_submission_starts_is_gone_with_it() -> None:
    """Grandchildren that detached themselves are killed, too, where they could be started at all."""
    with Server("T0") as server:
        weak = ("session", "parent_death")
        server._claims = server.claims._replace(layers=weak)
        server._level = server._level._replace(layers=weak)
        box = server.start(SETTINGS)
        source = (
            "import os, time\nfor _ in range(3):\n    if not os.fork():\n        os.setsid()\n"
            "        if not os.fork(): time.sleep(60)\n        os._exit(0)\n"
            "def f(x): return 1"
        )
        header = {
            "do": "load", "modules": [["m", [["m.py", source]], False]], "main": "m", "absent": [], "seconds": 1,
            "functions": ["f"], "forbidden": [], "seed": 0, "attributes": [],
        }  # fmt: skip
        answer, _ = box.exchange(header)
        assert answer["problems"] == []
        started = family(server)
        box.close()
        assert len(started) >= 4
        assert len(family(server)) == 0


def family(server: Server) -> set[int]:
    """The descendants of a server."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parents[int(folder.name)] = int(words.rpartition(")")[2].split()[1])
    top = {server._process._process.pid}
    below = set(top)
    while more := {p for p, parent in parents.items() if parent in below} - below:
        below |= more
    return below - top


def test_a_box_that_has_ended_stays_ended(server: Server) -> None:
    """Ending twice is harmless, and the output is still there."""
    box = server.start(SETTINGS)
    box.close()
    assert box.end("timeout").why == "crashed"
    assert box.take_output() == ""


def test_boxes_do_not_hold_each_other_s_pipes_open(server: Server) -> None:
    """Two processes at once: the end of one is noticed although the other lives."""
    first, second = server.start(SETTINGS), server.start(SETTINGS)
    for box in (first, second):
        with pytest.raises(BoxEnded):
            box.exchange({"do": "loop"}, seconds=0.01)


# Levels and guarantees --------------------------------------------------------------------------


def test_every_guarantee_is_attacked() -> None:
    """There is no promise without an attempt to break it."""
    attacked = {guarantee for guarantee, _ in ATTEMPTS.values()} | set(FROM_OUTSIDE.values())
    assert attacked == set(GUARANTEES)


def test_claims_follow_from_the_attempts(server: Server) -> None:
    """A guarantee with an attempt that was not refused, or not made, is not claimed."""
    claims = server.claims
    for name in claims.tried:
        guarantee = {**{n: g for n, (g, _) in ATTEMPTS.items()}, **FROM_OUTSIDE}[name]
        assert claims._replace(tried={**claims.tried, name: ""}).held[guarantee] is False
    assert not any(claims._replace(tried={}).held.values())


def test_time_and_output_are_bounded_everywhere(server: Server) -> None:
    """What the grader does itself holds at every level."""
    assert server.claims.held["cpu"]
    assert server.claims.held["output"]
    assert server.claims.held["environment"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's levels")
@pytest.mark.parametrize("level", ["T3", "T2", "T1"])
def test_at_t1_and_above_everything_is_guaranteed(level: str) -> None:
    """All guarantees hold at each level that has Landlock and the system call filter."""
    try:
        with Server(level) as server:
            assert all(server.claims.held.values())
            assert server.claims.level == level
    except SandboxError as error:
        pytest.skip(str(error))


def test_at_t0_no_secrecy_is_claimed() -> None:
    """Limits alone do not protect files or processes, and the canary finds that out."""
    with Server("T0") as server:
        assert server.claims.level == "T0"
        assert not server.claims.held["filesystem"]
        assert not server.claims.held["processes"]


def test_a_demand_that_is_not_met_stops_everything() -> None:
    """With a guarantee demanded that does not hold, no process is started."""
    with Server("T0") as server:
        server.demand(["cpu", "filesystem"])
        with pytest.raises(SandboxError, match="filesystem: required") as caught:
            server.start(SETTINGS)
        assert "grade doctor" in str(caught.value)


def test_a_demand_for_something_unknown_is_a_mistake_of_the_caller() -> None:
    """A misspelt guarantee is refused, not ignored."""
    with Server("T0") as server, pytest.raises(UsageError, match="sekrecy"):
        server.demand(["sekrecy"])
    with pytest.raises(UsageError, match="T9"):
        Server("T9")


@pytest.mark.skipif(not FORK, reason="no fork here")
def test_a_level_that_does_not_start_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """bubblewrap that is refused by the system costs nothing but its place."""
    monkeypatch.setattr(levels, "bubblewrap", lambda: "/bin/false")
    monkeypatch.setattr(launch, "bubblewrap_command", lambda *_: ["/bin/false"])
    with Server() as server:
        server._process._process.wait()
        server.skip_failed_level()
        assert [name for name, _ in server.declined] == ["T3"]
        assert server.claims.level in ("T2", "T1", "T0")


def test_processes_are_started_afresh_where_forked_ones_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If no server works, the last resort is a process for each submission."""
    monkeypatch.setattr(launch, "Fork", lambda *_: (_ for _ in ()).throw(OSError("no fork today")))
    with Server() as server:
        assert server.declined[-1][1] == "no fork today"
        server.start(SETTINGS).close()


def test_where_nothing_starts_the_reason_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An interpreter that cannot run ends in an error that names the next command."""
    broken = tmp_path / "worker.py"
    broken.write_text("raise SystemExit('no such luck')", encoding="utf-8")
    monkeypatch.setattr(launch, "WORKER", broken)
    with Server() as server:
        for _ in range(2):  # asking again neither hangs nor says something else
            with pytest.raises(SandboxError, match=r"no such luck|ended") as caught:
                server.start(SETTINGS)
            assert "grade doctor" in str(caught.value)


@pytest.mark.skipif(not FORK, reason="no fork here")
def test_a_server_that_dies_between_submissions_is_replaced() -> None:
    """Nobody's check fails for it."""
    with Server() as server:
        layers = server.start(SETTINGS).layers
        os.killpg(server._process._process.pid, signal.SIGKILL)
        box = server.start(SETTINGS)
        assert box.layers == layers
        box.close()


@pytest.mark.skipif(not FORK, reason="no fork here")
def test_a_server_that_never_lives_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is replaced a few times, and then that is said; it raises SandboxError, which names
    `grade doctor`."""
    launched = []
    launch = Server._launch

    def stillborn(server: Server, *, canary: bool) -> Any:
        level, process = launch(server, canary=canary)
        os.killpg(process._process.pid, signal.SIGKILL)
        launched.append(process)
        return level, process

    with Server() as server:
        server.start(SETTINGS).close()
        monkeypatch.setattr(Server, "_launch", stillborn)
        server._process.close()
        with pytest.raises(SandboxError, match="grade doctor"):
            server.start(SETTINGS)
    assert 1 < len(launched) < 5


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's levels")
def test_a_server_that_is_killed_before_anybody_trusts_it_costs_no_level() -> None:
    """The same level is tried again: who is killed has not shown that it does not work."""
    with Server() as usual:
        level = usual.claims.level
    with Server() as server:
        os.killpg(server._process._process.pid, signal.SIGKILL)
        assert server.claims.level == level
        assert server.declined == usual.declined


@pytest.mark.skipif(not FORK, reason="no fork here")
def test_a_server_that_dies_with_a_submission_is_replaced() -> None:
    """Where a submission can kill the server, it ends its own check and nothing else."""
    with Server() as server:
        box = server.start(SETTINGS)
        os.killpg(server._process._process.pid, signal.SIGKILL)
        with pytest.raises(BoxEnded) as caught:
            box.exchange({"do": "loop"}, seconds=5)
        assert caught.value.why == "crashed"
        server.start(SETTINGS).close()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's levels")
@pytest.mark.parametrize(("level", "raised"), [("T1", InternalError), ("T0", CheckEnded)])
def test_a_server_that_somebody_else_kills_costs_no_points(
    level: str, raised: type[Exception], load: Load
) -> None:
    """Where a submission cannot reach the server, its end is our failure, and no verdict."""
    made = load("def f(x):\n    while x == 2:\n        pass\n    return x")
    with Server(level) as server:
        code = SandboxedCode(server, made._exercise, made._submission, SETTINGS)
        assert call(code, 1) == 1
        os.killpg(server._process._process.pid, signal.SIGKILL)
        with pytest.raises(raised):
            call(code, 2, seconds=5)
        assert call(code, 3) == 3  # with a new server


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's levels")
@pytest.mark.parametrize(("level", "kept"), [("T1", True), ("T0", False)])
def test_a_server_is_kept_only_where_it_is_out_of_reach(level: str, kept: bool) -> None:
    """Without Landlock and the system call filter each submission gets a server of its own."""
    with Server(level) as server:
        server.start(SETTINGS).close()
        process = server._process
        server.end_submission()
        server.start(SETTINGS).close()
        assert (server._process is process) is kept


def test_a_process_confined_less_than_the_canary_is_refused(server: Server) -> None:
    """Claims hold for every process, not only for the one that was tried."""
    claims = server.claims
    server._claims = claims._replace(layers=(*claims.layers, "moat"))
    try:
        with pytest.raises(SandboxError, match="moat"):
            server.start(SETTINGS)
    finally:
        server._claims = claims


def test_a_user_of_its_own_is_never_somebody_s() -> None:
    """Users for boxes are drawn from numbers that belong to nobody, anew each time."""
    drawn = {levels.fresh_uid() for _ in range(100)}
    assert len(drawn) > 90
    assert min(drawn) > 60_000
    assert max(drawn) < 1 << 31


# Rules of an exercise ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "named"),
    [
        ("import numpy.fft", "numpy.fft"),
        ("from numpy import fft\nfft.fft([1.0])", "numpy.fft"),
        ("import numpy as np\nnp.fft.fft2([[1.0]])", "numpy.fft"),
        ("from numpy.fft import fft2", "numpy.fft"),
        ("__import__('importlib').import_module('numpy.fft')", "numpy.fft"),
        ("import scipy.signal", "scipy.signal"),
        ("import torch", "torch"),
        ("from torch import nn", "torch"),
        ("import json", "json"),
    ],
)
@pytest.mark.parametrize("notebook", [False, True], ids=["file", "notebook"])
def test_forbidden_modules_are_named(load: Load, use: str, named: str, notebook: bool) -> None:
    """An exercise's forbidden imports are refused with a clear message, loaded already or not."""
    forbidden = ["numpy.fft", "scipy.signal", "torch", "json"]
    code = load([use, "def f(x): return x"], notebook=notebook, forbidden=forbidden)
    code.load()
    assert f"{named} may not be used in this exercise" in code.problems[0].message
    assert ("f" in code.functions) is notebook


def test_what_is_not_forbidden_still_works(load: Load) -> None:
    """Forbidding one module leaves the rest of NumPy alone, also what uses it inside."""
    source = "import numpy as np\ndef f(x): return float(np.linalg.det(np.eye(3)) + np.polyfit([0, 1], [0, 1], 1)[0])"
    assert call(load(source, forbidden=["numpy.fft"]), 1) == pytest.approx(2)


def test_a_module_that_is_not_there_says_what_is(load: Load) -> None:
    """An import that cannot work here says which ones can."""
    code = load("import pandas")
    code.load()
    assert "only NumPy, the standard library and your own files" in code.problems[0].message


UNIMPORTABLE = {"msilib", "msvcrt", "nt", "ntpath", "winreg", "winsound"}  # Windows' own


def importable() -> list[str]:
    """The standard library's public modules that this Python has and the sandbox does not refuse."""
    names = [n for n in sys.stdlib_module_names if not n.startswith("_") and n not in REFUSED]
    return sorted(n for n in names if importlib.util.find_spec(n) is not None)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_standard_library_can_be_imported(load: Load) -> None:
    """Every module of it can be, and submodules, but for those that are refused with a reason."""
    names = [*importable(), "xml.etree.ElementTree", "email.mime.text"]
    assert len(names) > 180
    lines = [f"try: import {n}\nexcept ImportError as e: lost.append(str(e))" for n in names]
    lines += [f"from concurrent.futures import {n}Executor" for n in ("ThreadPool", "ProcessPool")]
    source = "\n".join(["lost = []", *lines, "def f(x): return lost"])
    code = load(source, seconds=10.0)
    code.load()
    assert code.problems == []
    assert call(load(source, seconds=10.0), 1, seconds=10.0) == []


@pytest.mark.parametrize(("name", "message"), REFUSED.items())
def test_what_is_refused_says_why(name: str, message: str, load: Load) -> None:
    """A module that is of no use here, or dangerous to import, is refused in words."""
    code = load(f"import {name}")
    code.load()
    assert message.format(name=name) in code.problems[0].message
    assert "cannot be imported while grading" in code.problems[0].message


@pytest.mark.parametrize("name", ["venv.__main__", "ensurepip.__main__", "json.tool.__main__"])
def test_no_program_is_run_before_the_confinement(name: str, load: Load) -> None:
    """A `__main__` runs when it is imported, so it never is, and neither is what is not Python's."""
    code = load(f"import {name}")
    code.load()
    assert "ModuleNotFoundError" in code.problems[0].message


def test_a_module_that_nobody_named(load: Load) -> None:
    """What only running code asks for cannot be loaded any more; the message says how it can."""
    end = ended(load("def f(x): return __import__('ht' + 'ml')"))
    assert "html" in end.message
    assert "import statement" in end.message


def test_numpy_s_own_modules(load: Load) -> None:
    """All of NumPy's submodules can be imported, and used where NumPy loads them itself."""
    source = (
        "import numpy as np, numpy.matlib, numpy.polynomial.legendre\n"
        "from numpy.lib import recfunctions, scimath\n"
        "def f(x): return [str(np.char.upper('a')), np.matlib.ones(1).tolist(), scimath.sqrt(-1) == 1j]"
    )
    assert call(load(source), 1) == ["A", [[1.0]], True]


@pytest.mark.parametrize("name", ["np", "numbers"])
def test_parts_of_numpy_that_nobody_imported(name: str, load: Load) -> None:
    """NumPy's parts are there without an import of their own, whatever NumPy is called."""
    source = (
        f"import numpy as {name}\ndef f(x):\n  {name}.testing.assert_array_equal(x, x)\n"
        f"  return [float({name}.ma.array(x).sum()), {name}.polynomial.Polynomial([1, 2])(x[0])]"
    )
    assert call(load(source), np.ones(2)) == [2.0, 3.0]


def test_functions_of_numpy_that_need_its_parts(load: Load) -> None:
    """`np.unique` and `np.median` look whether an array is masked, which loads a part of NumPy."""
    source = (
        "import numpy as np\ndef f(x):\n"
        "  return [np.unique(x).size, np.union1d(x, x).size, np.quantile(x, 0.5), np.median(x)]"
    )
    assert call(load(source), np.ones(2)) == [1, 1, 1.0, 1.0]


@pytest.mark.parametrize(
    "words",
    ["np.unique(x)", "np.nanmedian(x)", "np.percentile(x, 50)", "np.setdiff1d(x, x)", "np.histogram(x, 'auto')"],
)  # fmt: skip
def test_each_function_that_needs_a_part(words: str, load: Load) -> None:
    """Each alone, too."""
    assert call(load(f"import numpy as np\ndef f(x):\n  {words}\n  return 1"), np.ones(2)) == 1


def test_parts_of_numpy_by_a_star(load: Load) -> None:
    """`from numpy import *` brings them, too, by the names that NumPy gives them."""
    source = (
        "from numpy import *\nimport io\ndef f(x):\n  testing.assert_array_equal(x, x)\n"
        "  return [float(ma.array(x).sum()), genfromtxt(io.StringIO('1 2')).tolist()]"
    )
    assert call(load(source), np.ones(2)) == [2.0, [1.0, 2.0]]


def test_doctest_of_a_file_while_it_loads(load: Load) -> None:
    """`doctest.testmod()` at the end of a file finds no tests and harms nothing."""
    assert call(load("import doctest\ndoctest.testmod()\ndef f(x): return x"), 3) == 3


def test_a_file_of_arrays_in_memory(load: Load) -> None:
    """NumPy writes and reads an archive in memory."""
    source = (
        "import io\nimport numpy as np\ndef f(x):\n  b = io.BytesIO()\n  np.savez_compressed(b, x=x)\n"
        "  b.seek(0)\n  return np.load(b)['x']"
    )
    assert call(load(source), np.arange(3)).tolist() == [0, 1, 2]


def test_folders_are_made_only_while_a_file_loads(load: Load) -> None:
    """Folders for pictures cost nothing; a function that makes one is told that it cannot."""
    source = (
        "import os, pathlib\nos.makedirs('figures/a', exist_ok=True)\nos.chdir('/content')\n"
        "pathlib.Path('more').mkdir(parents=True, exist_ok=True)\n"
        "def f(x): os.makedirs('figures')"
    )
    assert "PermissionError" in ended(load(source)).message


def test_the_worker_s_own_modules_are_not_the_student_s(load: Load) -> None:
    """A submission's file may be called like one of ours, and ours cannot be imported."""
    code = load("import grader.sandbox.wire")
    code.load()
    assert "No module named 'grader'" in code.problems[0].message


def test_a_box_reports_its_layers(server: Server) -> None:
    """What a process says it is under is what the canary was under."""
    box: Box = server.start(SETTINGS)
    assert box.layers == server.claims.layers
    box.close()


# Loading ----------------------------------------------------------------------------------------


def test_everything_of_numpy_can_be_imported_at_once(load: Load) -> None:
    """`from numpy import *` loads, although NumPy would load parts of itself only then."""
    assert call(load("from numpy import *\ndef f(x): return float(sqrt(x))"), 4.0) == 2.0


def test_a_file_of_numbers_cannot_be_read(load: Load) -> None:
    """NumPy looks for a file in ways of its own; what is told is what `open` says."""
    source = "import numpy as np\nimport urllib.request\ndef f(x): return np.loadtxt('data.csv')"
    message = ended(load(source)).message
    assert "data.csv not found; files" in message
    assert "not available while grading" in message


def test_a_statement_that_raises_is_passed_over(load: Load) -> None:
    """In a notebook's cell each statement that raises is named, and the others still take effect."""
    cell = (
        "import pandas as pd\nimport numpy as np\nfrom nowhere import (\n  a,\n)\nb = 2\n1 / 0\n"
        "if True:\n  import torch\nb = 3"
    )
    code = load([cell, "def f(x): return b * np.ones(1)"], notebook=True)
    assert call(code, 1).tolist() == [3.0]
    assert [p.where for p in code.problems] == [("cell 1", n) for n in (1, 3, 7, 9)]
    assert all("assed over" in p.message for p in code.problems)


def test_a_script_that_raises_does_not_load(load: Load) -> None:
    """A file that is no notebook is run as Python runs it: an exception ends it."""
    script = load("import pandas\ndef f(x): return 1")
    script.load()
    assert script.functions == {}


def test_a_cell_that_ends_itself_keeps_its_definitions(load: Load) -> None:
    """After `sys.exit()` only what costs nothing is run: definitions and imports."""
    cell = "import sys\na = 1\nsys.exit()\na = 2\nimport math\ndef f(x): return a, math.pi > 3"
    assert call(load(cell, notebook=True), 1) == (1, True)


@pytest.mark.parametrize(
    ("wait", "told"), [("answer()", ""), ("asyncio.sleep(0)", ""), ("asyncio.sleep(1)", "await")]
)
def test_a_cell_may_await(wait: str, told: str, load: Load) -> None:
    """A coroutine that never waits is run, as IPython does; for others the reason is given."""
    cell = f"import asyncio\nasync def answer(): return 3\nn = await answer()\nawait {wait}"
    code = load([cell, "def f(x): return n"], notebook=True)
    assert call(code, 1) == 3
    assert [(told in p.message, p.where) for p in code.problems] == (
        [(True, ("cell 1", 4))] if told else []
    )


def test_a_future_statement_counts_for_its_cell(load: Load) -> None:
    """`from __future__ import annotations` reaches the definitions below it."""
    cell = "from __future__ import annotations\ndef f(x: nothing): return 1"
    assert call(load(cell, notebook=True), 1) == 1


@pytest.mark.skipif(not FORK, reason="Windows has no timer that counts computing")
@pytest.mark.parametrize("server", ["forked"], indirect=True)  # where computing is what counts
def test_a_cell_that_computes_too_long_is_named(load: Load) -> None:
    """The clock of cells stops one, names it, and leaves time for the others."""
    cells = ["def f(x): return x", "def train():\n  while True: pass", "train()\nf = None", "a = 1"]
    code = load(cells, seconds=0.4, notebook=True)
    assert call(code, 1) == 1
    (problem,) = code.problems
    assert problem.message.startswith("This cell was stopped after 0.")
    assert "__main__" in problem.message
    assert "cell 3, line 1: train()" in problem.message
