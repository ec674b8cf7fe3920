"""What a student's process does: load one submission and answer calls of its functions.

Runs inside the sandbox; standard library and NumPy only. It knows no reference, no check and no
score: values come in, values go out.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import itertools
import os
import random
import re
import sys
import textwrap
import time
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from opcode import opname
from typing import Any, NoReturn

import numpy as np

from grader.sandbox import frames, guarantees, watch, wire
from grader.sandbox.cells import Clock
from grader.sandbox.endless import endless
from grader.sandbox.handles import MOST_OBJECTS, Handles, TooManyObjects
from grader.sandbox.imports import (
    AbsentFinder,
    ForbiddenFinder,
    LastFinder,
    Source,
    SourceFinder,
    forbid,
)
from grader.sandbox.members import find_callable
from grader.sandbox.sentences import MANY_OBJECTS, NOT_PRINTABLE, TOO_LARGE, template_of
from grader.sandbox.spent import Place, Spent, TimeIsUp
from grader.sandbox.standins import StandInFinder
from grader.sandbox.trials import Trials, patched

MESSAGE_LIMIT = 2000
SPARE = 4 << 20  # bytes that are given back when memory is full, so that this can be told
CHUNK = 1 << 16  # what a pipe holds; a larger buffer would be mapped and unmapped at every read


class Student:
    """Loads one submission and calls its functions.

    Args:
        requests, answers: descriptors to read frames from and to write frames to.
        stream: where the submission's own output goes; flushed before every answer.
    """

    def __init__(self, requests: int, answers: int, stream: io.TextIOWrapper) -> None:
        self._requests, self._answers, self._stream = requests, answers, stream
        self._reader = frames.FrameReader()
        self._handles = Handles()
        self.problems: list[dict[str, Any]] = []
        self._warnings: list[str] = []
        self._labels: set[str] = set()
        self._lines: dict[str, list[str]] = {}
        self._namespace: dict[str, Any] = {}
        self._attributes: frozenset[str] = frozenset()
        self._modules: list[str] = []
        self._given, self._returned = watch.Held(), watch.Held()
        self._trials: Trials | None = None
        self._worn = ExitStack()
        self._spare = np.empty(SPARE, np.uint8)  # never written, so that it costs no memory
        warnings.simplefilter("always")
        warnings.showwarning = self._note_warning  # type: ignore[assignment]

    def run(self, hello: dict[str, Any]) -> NoReturn:
        """Send the layers of confinement in force, then answer requests for ever."""
        self._send(hello)
        while True:
            header, body = self._receive()
            encoder = self._new_encoder()
            answer: dict[str, Any]
            more = b""
            if header["do"] == "loop":
                guarantees.loop()
            elif header["do"] == "flood":
                guarantees.flood()
                answer = {}
            elif header["do"] == "load":
                answer = self._load(header)
            elif header["do"] == "keep":
                answer = self._keep_cases(header, body)
            elif header["do"] == "try":
                assert self._trials is not None
                sets, more = self._trials.run(header, body)
                answer = {"sets": sets}
            elif header["do"] == "wear":
                self._worn.close()
                self._worn.enter_context(patched(header["patches"], body))
                answer = {}
            else:
                answer = self._answer(header, body, encoder)
            self._flush()
            answer["id"] = header["id"]
            try:
                self._send(answer, encoder.body + more)
            except frames.WireError:
                self._send({"id": header["id"], "results": [unsendable(TOO_LARGE, {})]})

    def _new_encoder(self) -> wire.Encoder:
        return wire.Encoder(self._handles.hold_object, self._handles.hold)

    def _receive(self) -> tuple[dict[str, Any], bytes]:
        while (frame := self._reader.next()) is None:
            data = os.read(self._requests, CHUNK)
            if not data:
                os._exit(0)
            self._reader.feed(data)
        return frame

    def _send(self, header: dict[str, Any], body: bytes = b"") -> None:
        data = memoryview(frames.pack(header, body))
        while data:
            data = data[os.write(self._answers, data) :]

    def _flush(self) -> None:
        for stream in {self._stream, sys.stdout, sys.stderr}:
            try:
                stream.flush()
            except BaseException:  # the student's code may have replaced or closed it
                continue

    # Loading

    def _load(self, header: dict[str, Any]) -> dict[str, Any]:
        sources = {name: Source(pieces, notebook) for name, pieces, notebook in header["modules"]}
        for source in sources.values():
            for label, text, *_ in source.cells:
                self._labels.add(label)
                self._lines[label] = text.splitlines()
        self._modules = list(sources)
        self._seed(header["seed"])
        forbid(header["forbidden"])
        finders: list[Any] = [
            f for f in sys.meta_path if getattr(f, "__name__", "") != "PathFinder"
        ]
        # Behind Python's own: a submission's `numpy.py` or `sitecustomize.py` shadows nothing.
        sys.meta_path[:] = [
            *finders,
            ForbiddenFinder(header["forbidden"]),
            SourceFinder(sources, self._note_problem, Clock(header["seconds"])),
            AbsentFinder(header["absent"]),
            StandInFinder(),
            LastFinder(sources, header["forbidden"]),
        ]
        self.problems.clear()
        try:
            with folders_pretended():
                self._namespace = vars(importlib.import_module(header["main"]))
        except BaseException as error:  # a student may raise anything
            if not self.problems:
                self._note_problem(error)
        self._attributes = frozenset(header["attributes"])
        functions, values = {}, []
        for name in header["functions"]:
            try:
                if (definition := self._definition(self._found(name))) is not None:
                    functions[name] = definition
                elif name in self._namespace:
                    values.append(name)
            except BaseException:  # a metaclass is student code, too
                functions[name] = ["", 0, None]
        return {"functions": functions, "values": values, "problems": self.problems}

    def _found(self, name: str) -> Any:
        """The function, class or method of this name, as far as it can be found without a call."""
        owner, dot, member = name.partition(".")
        value: Any = self._namespace.get(owner)
        if not dot or not issubclass(type(value), type):
            return None if dot else value
        return next((vars(c)[member] for c in value.__mro__ if member in vars(c)), None)

    def _definition(self, found: Any) -> list[Any] | None:
        """Where it is defined and what its parameters are: `[label, line, names or None]`; None if it
        cannot be called. Of a class: those of its constructor, without the object."""
        if issubclass(type(found), type):
            own = [f for f in vars(found).values() if type(f) is types.FunctionType]
            label, line, names = self._definition(vars(found).get("__init__")) or ["", 0, None]
            if not label and own:
                label, line, _ = self._definition(own[0]) or ["", 0, None]
            return [label, line, names and names[1:]]
        if not callable(found):
            return None
        if type(found) is not types.FunctionType:
            return ["", 0, None]
        code = found.__code__
        label = code.co_filename if code.co_filename in self._labels else ""
        star = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
        return [label, code.co_firstlineno, None if star else names[:50]]

    # Calling

    def _answer(self, header: dict[str, Any], body: bytes, encoder: Any) -> dict[str, Any]:
        try:
            return self._calls(header, body, encoder)
        except MemoryError as error:  # of our own code: the student's has left no room
            return {"results": [{"error": self.describe(error)}]}

    def _calls(self, header: dict[str, Any], body: bytes, encoder: Any) -> dict[str, Any]:
        if header.get("fresh"):
            self._handles.clear()
        self._handles.release(header.get("release", ()))
        decoder = wire.Decoder(body, self._handles.take)
        name, keep = header["function"], header["keep"]
        function = find_callable(self._namespace, name, self._attributes)
        results: list[dict[str, Any]] = []
        seconds, began = header.get("seconds"), time.process_time()
        for number, (arguments, keywords) in enumerate(header["calls"]):
            slots, values, positional, named = _given(arguments, keywords, decoder, body)
            # Other numbers at every call: an answer that depends on them does not repeat itself.
            self._seed(header["seed"] + number)
            self._warnings.clear()
            value, notes = None, []
            before = self._given.begin(name), self._returned.begin(name)
            left = None if seconds is None else seconds - (time.process_time() - began)
            spent = Spent(self._labels, left)
            try:
                with (
                    watch.watched(header.get("watch", ()), self._module_namespaces()) as notes,
                    spent,
                ):
                    value = function(*positional, **named)  # type: ignore[misc]
                result: dict[str, Any] = {"value": self._encode(value, keep, encoder)}
            except wire.Unsendable as error:
                result = unsendable(error.message, error.values)
            except TooManyObjects:
                result = unsendable(MANY_OBJECTS, {"most": f"{MOST_OBJECTS:,}"})
            except TimeIsUp as up:
                result = {"late": True, "endless": self._endless(up)}
            except BaseException as error:  # student code may raise anything
                result = {"error": self.describe(error, spent.latest)}
            result["changed"] = self._traces(slots, values, value, keep)
            theirs = tuple(v for v, raw in values if raw is not None)  # the student keeps others
            if self._given.end(name, before[0], theirs):
                result["changed"].append([0, "reached back"])
            if self._returned.end(name, before[1], value, keep):
                result["changed"].append([0, "overwrote"])
            result["watched"] = notes
            result["spent"] = spent.places()
            result["warnings"] = self._warnings[:10]
            results.append(result)
            if "value" not in result:
                break
        return {"results": results}

    def _module_namespaces(self) -> list[dict[str, Any]]:
        return [vars(sys.modules[n]) for n in self._modules if n in sys.modules]

    # Trying changed functions

    def _keep_cases(self, header: dict[str, Any], body: bytes) -> dict[str, Any]:
        self._trials = Trials(self._try_call, self._handles, self._labels)
        self._trials.keep(header, body)
        return {}

    def _try_call(self, call: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """One call as in `_calls`, of which less is told."""
        name, keep, encoder = call["function"], call["keep"], self._new_encoder()
        function = find_callable(self._namespace, name, self._attributes)
        decoder = wire.Decoder(body, self._handles.take)
        arguments, keywords = call["given"]
        slots, values, positional, named = _given(arguments, keywords, decoder, body)
        self._seed(call["seed"])
        try:
            value = function(*positional, **named)  # type: ignore[misc]
            result: dict[str, Any] = {"value": self._encode(value, keep, encoder)}
        except wire.Unsendable as error:
            result = {"unsendable": [error.message, error.values]}
        except TooManyObjects:
            result = {"unsendable": [MANY_OBJECTS, {}]}
        except BaseException as error:  # student code may raise anything
            result = {"error": self.describe(error)}
        self._warnings.clear()
        result["changed"] = [
            index
            for index, ((_, tree), (argument, raw)) in enumerate(zip(slots, values, strict=True))
            if raw is not None and self._difference(tree, raw, argument) == "changed"
        ]
        return result, encoder.body if "value" in result else b""

    def _encode(self, value: Any, keep: list[int], encoder: Any) -> Any:
        if not keep or not issubclass(type(value), tuple | list):
            return encoder.encode(value)
        # Past the methods of a subclass, which may not tell the items that it holds.
        row = issubclass(type(value), tuple)
        items = list(tuple.__iter__(value) if row else list.__iter__(value))
        trees = [encoder.opaque(v) if i in keep else encoder.encode(v) for i, v in enumerate(items)]
        return {"t": trees} if row else trees

    def _traces(
        self, slots: list[Any], values: list[Any], value: Any, keep: list[int]
    ) -> list[list[Any]]:
        """What a call did with each argument beside reading it, as `[position, what]`."""
        traces: list[list[Any]] = []
        for index, ((_, tree), (argument, raw)) in enumerate(zip(slots, values, strict=True)):
            if raw is not None and (kind := self._difference(tree, raw, argument)):
                traces.append([index, kind])
            if raw is not None and wire.shares_memory(argument, value, keep):
                traces.append([index, "shared"])
        return traces

    def _difference(self, tree: Any, raw: bytes, value: Any) -> str:
        """`changed` if an argument is no longer what it was, `drew` for a generator that was used."""
        if type(tree) not in (dict, list):  # a plain number or text cannot change
            return ""
        encoder = wire.Encoder(lambda _: -1)
        try:
            same = encoder.encode(value) == tree and encoder.body == raw
        except BaseException:  # the code may have put anything into it
            same = False
        if same:
            return ""
        return "drew" if type(tree) is dict and "rng" in tree else "changed"

    def _seed(self, seed: int) -> None:
        random.seed(seed)
        np.random.seed(seed % (1 << 32))

    def _note_warning(self, message: Warning, *details: Any, **more: Any) -> None:
        if len(self._warnings) < 10:
            self._warnings.append(f"{type(message).__name__}: {message}"[:200])

    # Describing exceptions

    def _note_problem(self, error: BaseException) -> None:
        problem = self.describe(error)
        if len(self.problems) < 20 and problem not in self.problems:
            self.problems.append(problem)

    def describe(self, error: BaseException, latest: Place | None = None) -> dict[str, Any]:
        """An exception as text: its type, its message, and the lines of the submission that it passed; of
        one that full memory left no room for, the `latest` place where the submission was seen.
        Its own `__str__` may raise, or run for ever until the time is over."""
        if isinstance(error, MemoryError):
            self._spare = np.empty(0, np.uint8)
            while isinstance(
                error.__context__, MemoryError
            ):  # the first was raised by the student's
                error = error.__context__
        try:
            message, said = str(error), template_of(error)
        except BaseException:
            message, said = NOT_PRINTABLE, [NOT_PRINTABLE, {}]
        frames: list[list[Any]]
        if isinstance(error, SyntaxError) and error.filename in self._labels:
            line = error.lineno or 0
            frames = [[error.filename, line, "", self._line(error.filename, line)]]
            message = error.msg or "invalid syntax"
        else:
            unbound = message if type(error) is UnboundLocalError else ""
            frames = list(self._frames_of(error, unbound))
            if not frames and latest and isinstance(error, MemoryError):
                frames = [[*latest, self._line(*latest[:2])]]
        return {
            "type": type(error).__name__[:100],
            "bases": [base.__name__ for base in type(error).__mro__[1:] if _is_known(base)],
            "message": message[:MESSAGE_LIMIT],
            "said": said,
            "frames": frames[:3] + frames[3:][-5:],
            "leftover": self._leftover(error),
            "values": self._values(error),
        }

    def _frames_of(self, error: BaseException, unbound: str) -> Iterator[list[Any]]:
        step = error.__traceback__
        while step is not None:
            label = step.tb_frame.f_code.co_filename
            if label in self._labels:
                name = step.tb_frame.f_code.co_name
                line = reading_line(step, unbound) or step.tb_frame.f_code.co_firstlineno
                yield [label, line, name, self._line(label, line)]
            step = step.tb_next

    def _values(self, error: BaseException) -> list[list[Any]]:
        """Of the names in the line that raised: `[name, "given" or "made"]` of those that are None, where the
        function was given it or made it; `[name, axes]` of arrays with more than two; `[name, keys]` of
        dictionaries; `[name, "self"]` of unknown ones that the object has; `[name, "like other"]` of those that
        differ from a variable in capital letters only; and, where values were unpacked, `[name, "list 3"]` or
        `[name, "array 3"]`, with the length, of an argument."""
        step, last = error.__traceback__, None
        while step is not None:
            if step.tb_frame.f_code.co_filename in self._labels:
                last = step
            step = step.tb_next
        if last is None:
            return []
        code, local = last.tb_frame.f_code, last.tb_frame.f_locals
        line = self._line(code.co_filename, last.tb_lineno or 0)
        given = code.co_varnames[: code.co_argcount]
        unpacked = _says_unpack(error)
        notes: list[list[Any]] = []
        for word in dict.fromkeys(re.findall(r"(?<![\w.])[^\W\d]\w*(?:\.\w+)?", line)):
            name, _, attribute = word.partition(".")
            value = local.get(name, ...)
            if value is ... and name in _fields(local.get("self")):
                notes.append([name, "self"])
            elif value is ... and (other := _in_other_letters(name, local)):
                notes.append([name, f"like {other}"])
            elif unpacked and name in given and type(value) is list:
                notes.append([name, f"list {len(value)}"])
            elif unpacked and name in given and type(value) is np.ndarray and value.ndim:
                notes.append([name, f"array {len(value)}"])
            elif type(value) is np.ndarray and value.ndim > 2:
                notes.append([name, value.ndim])
            if attribute and value is not None:
                name, value = word, _fields(value).get(attribute, ...)
            if value is None:
                notes.append([name, "given" if name in given else "made"])
            elif type(value) is dict:
                notes.append([name, [key for key in value if type(key) is str][:50]])
        return notes[:10]

    def _endless(self, up: TimeIsUp) -> list[Any]:
        """`[file, first line, names]` of a loop that was running and cannot end, see `endless`; or empty."""
        for label, line, *_ in self._frames_of(up, ""):
            if found := endless("\n".join(self._lines.get(label, [])), line):
                return [label, *found]
        return []

    def _leftover(self, error: BaseException) -> str:
        """Where the code stands beside the `raise NotImplementedError` of a stub: `above` or `below` it, or
        the `raise` stands in a `branch`; empty if there is no code yet, or the error is another one."""
        step = error.__traceback__ if isinstance(error, NotImplementedError) else None
        while step is not None and step.tb_next is not None:
            step = step.tb_next
        if step is None:
            return ""
        code = step.tb_frame.f_code
        return beside_raise(
            self._lines.get(code.co_filename, []), code.co_firstlineno, step.tb_lineno
        )

    def _line(self, label: str, number: int) -> str:
        lines = self._lines.get(label, [])
        return lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""


def _says_unpack(error: BaseException) -> bool:
    """Whether Python could not unpack something; nothing of the student's runs for it."""
    if type(error) is not ValueError:
        return False
    return any(type(said) is str and "to unpack" in said for said in error.args)


def _in_other_letters(name: str, local: Mapping[str, Any]) -> str:
    """The one variable that a name differs from in capital letters only; empty if there is none."""
    like = [other for other in local if other.lower() == name.lower() and other != name]
    return like[0] if len(like) == 1 else ""


def _given(
    arguments: list[Any], keywords: list[Any], decoder: Any, body: bytes
) -> tuple[list[Any], list[tuple[Any, bytes | None]], list[Any], dict[str, Any]]:
    """What a call is given: `(keyword or None, tree)` of each argument; its value, with its bytes unless the
    student keeps it; and the values by position and by keyword."""
    slots = [*((None, tree) for tree in arguments), *keywords]
    values: list[tuple[Any, bytes | None]] = []
    for _, tree in slots:
        begin, opaque = decoder.position
        value = decoder.decode(tree)
        end, opaque_after = decoder.position
        values.append((value, None if opaque_after > opaque else body[begin:end]))
    first = len(arguments)
    positional = [value for value, _ in values[:first]]
    named = {key: v for (key, _), (v, _) in zip(keywords, values[first:], strict=True)}
    return slots, values, positional, named


def reading_line(step: types.TracebackType, unbound: str) -> int | None:
    """The line at which a step of a traceback stands; `unbound` is the message that a variable has no value
    there. Python 3.11 runs two instructions on variables as one, and gives the line of the first, also
    where the second reads that variable."""
    code, at = step.tb_frame.f_code, step.tb_lasti
    for index in (at, at + 2) if unbound and step.tb_next is None else ():
        operation, number = code.co_code[index : index + 2] or (0, 0)
        reads = opname[operation].startswith("LOAD_FAST") and number < len(code.co_varnames)
        if reads and f"'{code.co_varnames[number]}'" in unbound:
            return next(itertools.islice(code.co_positions(), index // 2, None))[0]
    return step.tb_lineno


def beside_raise(lines: list[str], first: int, number: int) -> str:
    """See `Student._leftover`; the function begins at line `first`, and its `raise` is at `number`."""
    try:
        block = inspect.getblock([f"{line}\n" for line in lines[first - 1 :]])
        (function,) = ast.parse(textwrap.dedent("".join(block))).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    if not isinstance(function, ast.FunctionDef):
        return ""
    statements = [
        s
        for s in function.body
        if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    at = number - first + 1
    for index, statement in enumerate(statements):
        if statement.lineno <= at <= (statement.end_lineno or 0):
            if not isinstance(statement, ast.Raise):
                return "branch"
            if statement is not statements[-1]:
                return "below"
            return "above" if index else ""
    return ""


@contextmanager
def folders_pretended() -> Iterator[None]:
    """While a file is loaded, making a folder or changing into one succeeds and does nothing: it is
    for pictures that are not drawn here, either."""
    names = ("mkdir", "chdir")
    real = {name: getattr(os, name) for name in names}
    for name in names:
        setattr(os, name, lambda *_, **__: None)
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(os, name, function)


def _fields(value: Any) -> dict[str, Any]:
    """What an object keeps under its own names; nothing of the student's runs for it."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def _is_known(kind: type) -> bool:
    """Whether an exception's type is Python's or NumPy's, and no student's."""
    return kind.__module__ in ("builtins", "numpy.exceptions", "numpy.linalg")


def unsendable(message: str, values: dict[str, str]) -> dict[str, Any]:
    """The answer in place of a value that cannot be sent, and the sentence on it."""
    said = [message, values]
    return {"unsendable": said, "changed": [], "warnings": [], "watched": []}
