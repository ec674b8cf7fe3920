"""The student's side of the channel. Runs inside the sandbox; standard library and NumPy only.

Theory of operation. The grader starts this file as a fresh interpreter (`python -I -S`). It loads
NumPy and a list of common modules, and then *serves*: on request it forks a child, hands it three
pipes, and reports how it ended. The server never runs student code. The child gives up every right
it can (`confine`), receives the submission as text, and answers calls one frame at a time. It knows
no reference, no check and no score: values come in, values go out.

The first child is a canary: before any student it attempts what is forbidden (`guarantees`).

Where there is no fork (Windows) the process is the child at once, and is told so by its first frame.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - no pathlib yet

import builtins
import gc
import importlib.util
import inspect
import io
import json
import random
import signal
import socket
import types
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

PRELOADED = (
    "_strptime abc argparse array ast base64 bisect calendar cmath collections.abc colorsys contextlib copy "
    "csv dataclasses datetime decimal difflib encodings.ascii encodings.idna encodings.latin_1 encodings.utf_16 enum fractions functools gc glob hashlib heapq inspect "
    "io itertools json keyword locale logging math numbers operator os pathlib pickle platform "
    "pprint queue random re secrets shutil statistics string struct sys tempfile textwrap threading "
    "time timeit traceback types typing unittest unittest.mock uuid warnings weakref zlib "
    "numpy.ctypeslib numpy.fft numpy.lib.stride_tricks numpy.linalg numpy.ma numpy.polynomial "
    "numpy.random numpy.testing numpy.typing"
).split()

# Notebooks draw pictures and show progress; that must not cost anyone a point.
STAND_INS = ("IPython", "ipywidgets", "matplotlib", "seaborn", "tqdm")

MESSAGE_LIMIT = 2000


def main() -> None:
    """Start from the settings in `argv[1]`; see `grader.sandbox.launch.Server`."""
    config = json.loads(sys.argv[1])
    sys.path.insert(1, config["packages"])
    for name in PRELOADED:
        importlib.import_module(name)
    for name in ("cells", "confine", "frames", "guarantees", "wire"):
        importlib.import_module(name)
    sys.argv = [""]
    if config["control"] is None:
        alone()
    gc.collect()
    gc.freeze()  # children share these pages instead of copying them
    serve(socket.socket(fileno=config["control"]), config["server"], config["canary"])


# The server ------------------------------------------------------------------------------------


def serve(
    control: socket.socket, settings: dict[str, Any], canary: dict[str, Any] | None
) -> NoReturn:
    """Fork and bury students until the grader hangs up. One JSON line in, one JSON line out."""
    import confine  # type: ignore[import-not-found]
    import guarantees  # type: ignore[import-not-found]

    adopt_orphans()
    confine.confine(confine.Settings(**settings))
    listener = None
    if canary is None:
        say(control, {"ready": True})
    else:
        listener = guarantees.listen()
        target = guarantees.aim(canary["memory_bytes"], listener)
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
            listener = listener.close()
        lines += data
        while b"\n" in lines:
            line, _, lines = lines.partition(b"\n")
            request = json.loads(line)
            if "start" in request:
                start(control, request["start"], descriptors)
                descriptors = []
            else:
                say(control, {"status": bury(request["end"])})


def start(
    control: socket.socket,
    settings: dict[str, Any],
    descriptors: list[int],
    target: Any = None,
    handed: list[int] | None = None,
) -> None:
    """Fork a student and tell the grader its process id; on Linux with a handle to kill it by.

    With a `target` it is a canary, and `handed` are the grader's ends of its pipes.
    """
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            requests, answers, output = descriptors
            os.dup2(output, 1)
            os.dup2(output, 2)
            become_student(requests, answers, {**settings, "parent": server}, target)
        except BaseException as error:  # noqa: BLE001 - the child must never return to the server
            os.write(2, f"{type(error).__name__}: {error}".encode(errors="replace")[:MESSAGE_LIMIT])
        finally:
            os._exit(70)
    for descriptor in descriptors:
        os.close(descriptor)
    handles = [*(handed or []), *([os.pidfd_open(pid)] if hasattr(os, "pidfd_open") else [])]
    say(control, {"pid": pid}, handles)
    for handle in handles:
        os.close(handle)


def pipes() -> tuple[list[int], list[int]]:
    """Pipes for requests, answers and output: the grader's ends, and the student's."""
    (a, b), (c, d), (e, f) = os.pipe(), os.pipe(), os.pipe()
    return [b, c, e], [a, d, f]


def bury(pid: int) -> int:
    """Kill a student and all that descends from it; returns its wait status."""
    try:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        status = -1
    while orphans := children():  # what the student left behind was handed to us by the system
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)
    return status


def adopt_orphans() -> None:
    """Let grandchildren whose parent dies become ours, so that `bury` finds them (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def children() -> list[int]:
    """Our child processes, as far as the system tells (there is no /proc in bubblewrap; there a
    student's process has the system call filter, or the whole server ends with the submission)."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:  # noqa: PTH123
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def say(
    control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None
) -> None:
    """Send one JSON line to the grader."""
    socket.send_fds(control, [json.dumps(message).encode() + b"\n"], descriptors or [])


# The student -----------------------------------------------------------------------------------


def alone() -> NoReturn:
    """This process is the student: requests come by standard input, the first one is its orders."""
    import frames  # type: ignore[import-not-found]
    import guarantees

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
    target = guarantees.aim(settings["memory_bytes"], guarantees.listen())
    become_student(requests, answers, settings, target if orders["canary"] else None)


def become_student(
    requests: int, answers: int, settings: dict[str, Any], target: Any = None
) -> NoReturn:
    """Give up every right, then answer calls on the two descriptors until the grader hangs up.

    With a `target` it is a canary: it attempts to break out before it says hello.
    """
    import confine
    import guarantees

    no_keyboard()
    os.environ.clear()
    sys.path.clear()
    sys.path_importer_cache.clear()
    sys.modules.pop("__main__", None)
    stream = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = stream
    layers = confine.confine(confine.Settings(**settings), (0, 1, 2, requests, answers))
    hello: dict[str, Any] = {"hello": layers}
    if target is not None:
        numpy = sys.modules["numpy"]
        numpy.linalg.svd(numpy.ones((8, 8)) @ numpy.ones((8, 8)))  # honest work must survive a fork
        hello["tried"] = guarantees.attempt_all(target)
    Student(requests, answers, stream).run(hello)


def no_keyboard() -> None:
    """`input()` says so at once instead of waiting for nobody."""

    def no_input(prompt: object = "") -> str:
        raise EOFError("there is no keyboard while grading: input() cannot be used")

    builtins.input = no_input


class Student:
    """Loads one submission and calls its functions.

    Args:
        requests, answers: descriptors to read frames from and to write frames to.
        stream: where the submission's own output goes; flushed before every answer.
    """

    def __init__(self, requests: int, answers: int, stream: io.TextIOWrapper) -> None:
        import frames
        import numpy
        import wire  # type: ignore[import-not-found]

        self._frames, self._wire, self._numpy = frames, wire, numpy
        self._requests, self._answers, self._stream = requests, answers, stream
        self._reader = frames.FrameReader()
        self._handles: dict[int, object] = {}
        self._warnings: list[str] = []
        self._labels: set[str] = set()
        self._lines: dict[str, list[str]] = {}
        self._namespace: dict[str, Any] = {}
        warnings.simplefilter("always")
        warnings.showwarning = self._note_warning  # type: ignore[assignment]

    def run(self, hello: dict[str, Any]) -> NoReturn:
        """Say hello with the confinement that holds, then answer frames for ever."""
        self._send(hello)
        while True:
            header, body = self._receive()
            encoder = self._wire.Encoder(self._hold)
            if header["do"] == "misbehave":
                sys.modules["guarantees"].misbehave()
            if header["do"] == "load":
                answer = self._load(header)
            else:
                answer = self._calls(header, body, encoder)
            self._flush()
            answer["id"] = header["id"]
            try:
                self._send(answer, encoder.body)
            except self._frames.WireError as error:
                self._send({"id": header["id"], "results": [unsendable(str(error))]})

    def _receive(self) -> tuple[dict[str, Any], bytes]:
        while (frame := self._reader.next()) is None:
            data = os.read(self._requests, 1 << 20)
            if not data:
                os._exit(0)
            self._reader.feed(data)
        return frame  # type: ignore[no-any-return]

    def _send(self, header: dict[str, Any], body: bytes = b"") -> None:
        data = memoryview(self._frames.pack(header, body))
        while data:
            data = data[os.write(self._answers, data) :]

    def _flush(self) -> None:
        for stream in {self._stream, sys.stdout, sys.stderr}:
            try:
                stream.flush()
            except BaseException:  # noqa: BLE001, S112 - the student may have replaced or closed it
                continue

    # Loading

    def _load(self, header: dict[str, Any]) -> dict[str, Any]:
        import cells  # type: ignore[import-not-found]

        sources = {name: (pieces, notebook) for name, pieces, notebook in header["modules"]}
        for pieces, notebook in sources.values():
            for piece in pieces:
                label, source = piece
                self._labels.add(label)
                self._lines[label] = source.splitlines()
                if notebook:
                    piece[1] = cells.set_aside(source)
        self._seed(header["seed"])
        forbid(header["forbidden"])
        finder = StudentFinder(sources, header["forbidden"], self)
        sys.meta_path[:] = [
            f for f in sys.meta_path if getattr(f, "__name__", "") != "PathFinder"
        ] + [finder]
        self.problems: list[dict[str, Any]] = []
        try:
            self._namespace = vars(importlib.import_module(header["main"]))
        except BaseException as error:  # noqa: BLE001 - a student may raise anything
            if not self.problems:
                self.problems.append(self.describe(error))
        found = {n: self._namespace.get(n) for n in header["functions"]}
        functions = {n: self._definition(f) for n, f in found.items() if callable(f)}
        return {"functions": functions, "problems": self.problems}

    def _definition(self, function: Any) -> list[Any]:
        """Where a function is defined and what its parameters are: `[label, line, names or None]`."""
        if type(function) is not types.FunctionType:
            return ["", 0, None]
        code = function.__code__
        label = code.co_filename if code.co_filename in self._labels else ""
        star = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
        return [label, code.co_firstlineno, None if star else names[:50]]

    # Calling

    def _calls(self, header: dict[str, Any], body: bytes, encoder: Any) -> dict[str, Any]:
        if header["fresh"]:
            self._handles.clear()
        decoder = self._wire.Decoder(body, self._handles.get)
        name, keep = header["function"], header["keep"]
        function = self._namespace.get(name)
        results: list[dict[str, Any]] = []
        for arguments, keywords in header["calls"]:
            slots = [*((None, tree) for tree in arguments), *keywords]
            values = []
            for _, tree in slots:
                begin, opaque = decoder.position
                value = decoder.decode(tree)
                end, opaque_after = decoder.position
                values.append((value, None if opaque_after > opaque else body[begin:end]))
            positional = [v for (key, _), (v, _) in zip(slots, values, strict=True) if key is None]
            named = {
                key: v for (key, _), (v, _) in zip(slots, values, strict=True) if key is not None
            }
            self._seed(header["seed"])
            self._warnings.clear()
            try:
                value = function(*positional, **named)  # type: ignore[misc]
                result: dict[str, Any] = {"value": self._encode(value, keep, encoder)}
            except self._wire.Unsendable as error:
                result = unsendable(str(error))
            except BaseException as error:  # noqa: BLE001 - a student may raise anything
                result = {"error": self.describe(error)}
            changed = []
            for index, ((_, tree), (value, raw)) in enumerate(zip(slots, values, strict=True)):
                if raw is not None and (kind := self._difference(tree, raw, value)):
                    changed.append([index, kind])
            result["changed"] = changed
            result["warnings"] = self._warnings[:10]
            results.append(result)
            if "value" not in result:
                break
        return {"results": results}

    def _encode(self, value: Any, keep: list[int], encoder: Any) -> Any:
        if keep and type(value) is tuple:
            return {
                "t": [
                    encoder.opaque(v) if i in keep else encoder.encode(v)
                    for i, v in enumerate(value)
                ]
            }
        return encoder.encode(value)

    def _difference(self, tree: Any, raw: bytes, value: Any) -> str:
        """`changed` if an argument is no longer what it was, `drew` for a generator that was used."""
        encoder = self._wire.Encoder(lambda _: -1)
        try:
            same = encoder.encode(value) == tree and encoder.body == raw
        except BaseException:  # noqa: BLE001 - what was put in may be anything
            same = False
        if same:
            return ""
        return "drew" if type(tree) is dict and "rng" in tree else "changed"

    def _hold(self, value: object) -> int:
        handle = len(self._handles)
        self._handles[handle] = value
        return handle

    def _seed(self, seed: int) -> None:
        random.seed(seed)
        self._numpy.random.seed(seed % (1 << 32))

    def _note_warning(self, message: Warning, *details: Any, **more: Any) -> None:
        if len(self._warnings) < 10:
            self._warnings.append(f"{type(message).__name__}: {message}"[:200])

    # Telling what went wrong

    def describe(self, error: BaseException) -> dict[str, Any]:
        """An exception as text: its type, its message, and the lines of the submission it went
        through. An exception's own `__str__` may raise, or never end; the latter is the clock's."""
        try:
            message = str(error)
        except BaseException:  # noqa: BLE001
            message = "(the exception cannot be printed)"
        if isinstance(error, SyntaxError) and error.filename in self._labels:
            line = error.lineno or 0
            frames = [[error.filename, line, "", self._line(error.filename, line)]]
            message = error.msg or "invalid syntax"
        else:
            frames = list(self._frames_of(error))
        return {
            "type": type(error).__name__[:100],
            "message": message[:MESSAGE_LIMIT],
            "frames": frames[:3] + frames[3:][-5:],
        }

    def _frames_of(self, error: BaseException) -> Iterator[list[Any]]:
        step = error.__traceback__
        while step is not None:
            label = step.tb_frame.f_code.co_filename
            if label in self._labels:
                name = step.tb_frame.f_code.co_name
                yield [label, step.tb_lineno, name, self._line(label, step.tb_lineno)]
            step = step.tb_next

    def _line(self, label: str, number: int) -> str:
        lines = self._lines.get(label, [])
        return lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""


def unsendable(reason: str) -> dict[str, Any]:
    """The answer in place of a value that cannot cross."""
    return {"unsendable": reason, "changed": [], "warnings": []}


class StudentFinder:
    """Imports the submission's modules from memory. Last in line: a submission's `numpy.py` or
    `sitecustomize.py` shadows nothing."""

    def __init__(
        self,
        sources: dict[str, tuple[list[list[str]], bool]],
        forbidden: list[str],
        student: Student,
    ) -> None:
        self._sources = sources
        self._forbidden = forbidden
        self._student = student

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """The module's spec, or an ImportError that says what can be imported."""
        if is_below(name, self._forbidden):
            raise forbidden(name)
        package = any(other.startswith(name + ".") for other in self._sources)
        if name in self._sources or package:
            return importlib.util.spec_from_loader(name, self, is_package=package)
        if name.partition(".")[0] in STAND_INS:
            return importlib.util.spec_from_loader(name, QuietLoader(), is_package=True)
        inside = [other for other in self._forbidden if other.startswith(name + ".")]
        raise ModuleNotFoundError(
            f"No module named {name!r} here: while grading, only NumPy, common modules of the "
            f"standard library and your own files ({', '.join(sorted(self._sources))}) "
            "can be imported"
            + (f", and {', '.join(inside)} may not be used in this exercise" if inside else ""),
            name=name,
        )

    def create_module(self, spec: Any) -> None:
        """The default module object will do."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module's cells. A notebook goes on after a cell that raises."""
        cells, survive = self._sources.get(module.__name__, ([], False))
        for label, source in cells:
            try:
                exec(compile(source, label, "exec", dont_inherit=True), vars(module))  # noqa: S102
            except BaseException as error:
                if not survive:
                    raise
                self._student.problems.append(self._student.describe(error))


def is_below(name: str, tops: list[str]) -> bool:
    """Whether the module `name` is one of `tops`, or lies in one of them."""
    return any(name == top or name.startswith(top + ".") for top in tops)


def forbidden(name: str) -> ModuleNotFoundError:
    """What using a forbidden module raises."""
    return ModuleNotFoundError(f"{name} may not be used in this exercise", name=name)


def forbid(tops: list[str]) -> None:
    """Take modules that are loaded already out of reach of an import, and of `numpy.fft`.

    A rule of the exercise, not a wall: code that searches the interpreter's memory finds them.
    """
    for name in [n for n in sys.modules if is_below(n, tops)]:
        del sys.modules[name]
        parent, _, last = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], last, Forbidden(name))


class Forbidden(types.ModuleType):
    """What stands in a package where a forbidden module was."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise forbidden(self.__name__)


class Quiet(types.ModuleType):
    """A stand-in for a plotting library: accepts everything, does nothing."""

    __path__: list[str] = []  # noqa: RUF012 - what makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Quiet(name)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if self.__name__ in ("tqdm", "trange"):  # a progress bar hands through what it counts
            return range(*arguments) if self.__name__ == "trange" else arguments[0]
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter((self, self))  # so that `figure, axes = plt.subplots()` works

    def __getitem__(self, key: Any) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *details: object) -> None:
        pass


class QuietLoader:
    """Makes `Quiet` modules."""

    def create_module(self, spec: Any) -> types.ModuleType:
        """A stand-in under the name that was asked for."""
        return Quiet(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


if __name__ == "__main__":
    main()
