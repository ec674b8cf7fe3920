"""The student's side of the channel. Runs inside the sandbox; standard library and NumPy only.

Theory of operation. The grader starts this file as a fresh interpreter (`python -I -S`). It loads
NumPy and a list of common modules, and then *serves*: on request it forks a child, hands it three
pipes, and reports how it ended. The server never runs student code. The child gives up every right
it can (`confine`), receives the submission as text, and answers calls one frame at a time. It knows
no reference, no check and no score: values come in, values go out.

Where there is no fork (Windows) the process is the child at once.
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
    "abc argparse array ast base64 bisect calendar cmath collections.abc colorsys contextlib copy "
    "csv dataclasses datetime decimal difflib enum fractions functools gc glob hashlib heapq inspect "
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
    for name in ("cells", "confine", "frames", "wire"):
        importlib.import_module(name)
    sys.argv = [""]
    if config["control"] is None:
        become_student(0, 1, config["settings"])
    gc.collect()
    gc.freeze()  # children share these pages instead of copying them
    serve(socket.socket(fileno=config["control"]))


# The server ------------------------------------------------------------------------------------


def serve(control: socket.socket) -> None:
    """Fork and bury students until the grader hangs up. One JSON line in, one JSON line out."""
    adopt_orphans()
    say(control, {"ready": True})
    lines = b""
    descriptors: list[int] = []
    while True:
        data, received, _, _ = socket.recv_fds(control, 4096, 3)
        descriptors += received
        if not data:
            os._exit(0)
        lines += data
        while b"\n" in lines:
            line, _, lines = lines.partition(b"\n")
            request = json.loads(line)
            if "start" in request:
                start(control, request["start"], descriptors)
                descriptors = []
            else:
                say(control, {"status": bury(request["end"])})


def start(control: socket.socket, settings: dict[str, Any], descriptors: list[int]) -> None:
    """Fork a student and tell the grader its process id; on Linux with a handle to kill it by."""
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            requests, answers, output = descriptors
            os.dup2(output, 1)
            os.dup2(output, 2)
            become_student(requests, answers, settings)
        except BaseException as error:  # noqa: BLE001 - the child must never return to the server
            os.write(2, f"{type(error).__name__}: {error}".encode(errors="replace")[:MESSAGE_LIMIT])
        finally:
            os._exit(70)
    for descriptor in descriptors:
        os.close(descriptor)
    handles = [os.pidfd_open(pid)] if hasattr(os, "pidfd_open") else []
    say(control, {"pid": pid}, handles)
    for handle in handles:
        os.close(handle)


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
    """Our child processes, as far as the system tells."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:  # noqa: PTH123
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def say(
    control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None
) -> None:
    """Send one JSON line to the grader."""
    socket.send_fds(control, [json.dumps(message).encode() + b"\n"], descriptors or [])


# The student -----------------------------------------------------------------------------------


def become_student(requests: int, answers: int, settings: dict[str, Any]) -> NoReturn:
    """Give up every right, then answer calls on the two descriptors until the grader hangs up."""
    import confine  # type: ignore[import-not-found]

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
    Student(requests, answers, stream).run(layers)


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
        import frames  # type: ignore[import-not-found]
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

    def run(self, layers: list[str]) -> NoReturn:
        """Say hello with the confinement that holds, then answer frames for ever."""
        self._send({"hello": list(layers)})
        while True:
            header, body = self._receive()
            encoder = self._wire.Encoder(self._hold)
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
        package = any(other.startswith(name + ".") for other in self._sources)
        if name in self._sources or package:
            return importlib.util.spec_from_loader(name, self, is_package=package)
        top = name.partition(".")[0]
        if top in self._forbidden:
            raise ModuleNotFoundError(f"{top} may not be used in this exercise", name=name)
        if top in STAND_INS:
            return importlib.util.spec_from_loader(name, QuietLoader(), is_package=True)
        raise ModuleNotFoundError(
            f"No module named {name!r} here: while grading, only NumPy, common modules of the "
            f"standard library and your own files ({', '.join(sorted(self._sources))}) "
            "can be imported",
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
