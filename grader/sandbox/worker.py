"""The student's side of the channel. Runs inside the sandbox; standard library and NumPy only.

Theory of operation. The grader starts this file in a new interpreter (`python -I -S`). It loads
NumPy and a list of common modules, and becomes a *server*: on request it forks a child, passes it
three pipes, and reports how it ended. The server never runs student code. The child gives up every
right it can (`confine`), receives the submission as text, and answers one call at a time. It knows
no reference, no check and no score: values come in, values go out.

The first child is a canary: it attempts what is forbidden (`guarantees`) before any student can.

Where there is no fork (Windows), the process itself is the child; its first frame holds its orders.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import io
import json
import os
import signal
import socket
import sys
import types
from typing import Any, NoReturn

# Here `grader.sandbox` is this folder and nothing else of the grader is there.
for _name, _path in (("grader", ""), ("grader.sandbox", os.path.dirname(__file__))):  # noqa: PTH120
    _package = types.ModuleType(_name)
    _package.__path__ = [_path]
    sys.modules[_name] = _package

from grader.sandbox import confine, frames, guarantees  # noqa: E402 - found only from here on
from grader.sandbox.library import load_named  # noqa: E402 - likewise
from grader.sandbox.sentences import NO_KEYBOARD, sentence  # noqa: E402 - likewise

PRELOADED = """
    _strptime abc array ast base64 bisect calendar cmath collections.abc
    contextlib copy dataclasses datetime decimal encodings.ascii encodings.cp437
    encodings.cp1252 encodings.idna encodings.latin_1 encodings.utf_16 encodings.utf_8_sig enum fractions functools gc glob hashlib heapq inspect io
    itertools json keyword locale math numbers operator os pathlib pickle platform pprint
    random re secrets shutil string struct subprocess sys tempfile textwrap threading time
    traceback types typing warnings weakref zipfile zlib
    numpy.ctypeslib numpy.fft numpy.lib.stride_tricks numpy.linalg numpy.ma numpy.random numpy.typing
    grader.sandbox.calls marshal
"""
MESSAGE_LIMIT = 2000
OWN_MODULES: list[str] = []  # the names of our modules, removed where student code runs
NUMPY_NAMES: list[str] = []  # what `from numpy import *` gives anywhere else


def main() -> None:
    """Start from the settings in `argv[1]`; see `grader.sandbox.launch.Server`."""
    config = json.loads(sys.argv[1])
    gc.disable()  # what is loaded here stays
    sys.path[0] = config["packages"]  # in place of this file's folder
    for name in PRELOADED.split():
        importlib.import_module(name)
    OWN_MODULES.extend(name for name in sys.modules if name.partition(".")[0] == "grader")
    # Done here once, so that each child keeps sharing this memory instead of changing its copy.
    sys.argv = [""]
    disable_input()
    unite_output()
    offer_loaded()
    os.environ.clear()
    os.environ["USERPROFILE" if os.name == "nt" else "HOME"] = guarantees.HOME
    library = sys.path[1:]  # without the packages, which are not the student's to import
    sys.path.clear()
    sys.path_importer_cache.clear()
    sys.modules["__main__"] = types.ModuleType("__main__")  # which `doctest.testmod` looks into
    gc.freeze()  # children share these pages instead of copying them
    gc.enable()
    if config["control"] is None:
        serve_one(library)
    serve(socket.socket(fileno=config["control"]), config["server"], config["canary"], library)


# The server ------------------------------------------------------------------------------------


def serve(
    control: socket.socket,
    settings: dict[str, Any],
    canary: dict[str, Any] | None,
    library: list[str],
) -> NoReturn:
    """Fork and reap children until the grader closes the socket. One JSON line in, one JSON line out."""
    become_subreaper()
    confine.confine(confine.Settings(**settings))
    listener = None
    if canary is None:
        send_line(control, {"ready": True})
    else:
        listener = guarantees.listen()
        target = guarantees.make_target(canary["memory_bytes"], listener)
        ours, theirs = pipes()
        start(control, canary, theirs, target, ours)
    lines = b""
    descriptors: list[int] = []
    while True:
        data, received, _, _ = socket.recv_fds(control, 4096, 3)
        descriptors += received
        if not data:
            os._exit(0)
        if listener is not None:  # the canary has answered
            listener.close()
            listener = None
        lines += data
        while b"\n" in lines:
            line, _, lines = lines.partition(b"\n")
            request = json.loads(line)
            if "start" in request:
                modules = (request["modules"], library)
                start(control, request["start"], descriptors, modules=modules)
                descriptors = []
            else:
                send_line(control, {"status": reap(request["end"])})


def start(
    control: socket.socket,
    settings: dict[str, Any],
    descriptors: list[int],
    target: Any = None,
    handed: list[int] | None = None,
    modules: tuple[list[str], list[str]] = ([], []),
) -> None:
    """Fork a student and tell the grader its process id; on Linux with a handle to kill it by.

    With a `target` it is a canary, and `handed` are the grader's ends of its pipes. `modules` are
    the names of modules to load first, and the folders of the standard library.
    """
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            requests, answers, output = descriptors
            os.dup2(output, 1)
            os.dup2(output, 2)
            if modules[0]:
                load_named(*modules)
                offer_loaded()
            become_student(requests, answers, {**settings, "parent": server}, target)
        except BaseException as error:  # the child must never return to the server
            os.write(2, f"{type(error).__name__}: {error}".encode(errors="replace")[:MESSAGE_LIMIT])
        finally:
            os._exit(70)
    for descriptor in descriptors:
        os.close(descriptor)
    handles = [*(handed or []), *([os.pidfd_open(pid)] if hasattr(os, "pidfd_open") else [])]
    send_line(control, {"pid": pid}, handles)
    for handle in handles:
        os.close(handle)


def pipes() -> tuple[list[int], list[int]]:
    """Pipes for requests, answers and output: the grader's ends, and the student's."""
    (a, b), (c, d), (e, f) = os.pipe(), os.pipe(), os.pipe()
    return [b, c, e], [a, d, f]


def reap(pid: int) -> int:
    """Kill a child and all its descendants; returns its wait status."""
    try:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        status = -1
    while orphans := children():  # the system made us the parent of what it left behind
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)
    return status


def become_subreaper() -> None:
    """Let grandchildren whose parent dies become ours, so that `reap` finds them (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def children() -> list[int]:
    """Our child processes, where /proc shows them. In bubblewrap there is no /proc; there either the
    system call filter prevents children, or the whole server ends with the submission."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:  # noqa: PTH123
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def send_line(
    control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None
) -> None:
    """Send one JSON line to the grader."""
    socket.send_fds(control, [json.dumps(message).encode() + b"\n"], descriptors or [])


# The student -----------------------------------------------------------------------------------


def serve_one(library: list[str]) -> NoReturn:
    """Be the only child: requests come through standard input, and the first holds the orders."""
    requests, answers = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    reader = frames.FrameReader()
    while (frame := reader.next()) is None:
        data = os.read(requests, 1 << 16)
        if not data:
            os._exit(0)
        reader.feed(data)
    orders, _ = frame
    settings = orders["settings"]
    load_named(orders["modules"], library)
    offer_loaded()
    target = guarantees.make_target(settings["memory_bytes"], guarantees.listen())
    become_student(requests, answers, settings, target if orders["canary"] else None)


def become_student(
    requests: int, answers: int, settings: dict[str, Any], target: Any = None
) -> NoReturn:
    """Give up every right, then answer calls on the two descriptors until the grader closes them.

    With a `target` it is a canary: it attempts to break out before it says hello.
    """
    stream: Any = sys.stdout
    numpy = sys.modules["numpy"]
    layers = confine.confine(confine.Settings(**settings), (0, 1, 2, requests, answers))
    hello: dict[str, Any] = {"hello": layers}
    if target is not None:
        numpy.linalg.svd(numpy.ones((8, 8)) @ numpy.ones((8, 8)))  # honest work must survive a fork
        hello["tried"] = guarantees.attempt_all(target)
    from grader.sandbox.calls import Student

    for name in OWN_MODULES:
        del sys.modules[name]
    Student(requests, answers, stream).run(hello)


def unite_output() -> None:
    """Let everything that is printed go to descriptor 2."""
    stream = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
        setattr(sys, name, stream)


def offer_loaded() -> None:
    """Let `from numpy import *` give what is loaded: it would load the rest."""
    numpy = sys.modules["numpy"]
    NUMPY_NAMES.extend(numpy.__all__ if not NUMPY_NAMES else ())
    vars(numpy)["__all__"] = [name for name in NUMPY_NAMES if name in vars(numpy)]


def disable_input() -> None:
    """Make `input()` fail at once, since nobody can answer it."""

    def no_input(prompt: object = "") -> str:
        raise EOFError(sentence(NO_KEYBOARD))

    builtins.input = no_input


if __name__ == "__main__":
    main()
