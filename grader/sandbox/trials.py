"""Trying changed functions: runs inside the student's process, standard library and NumPy only.

The grader sends a few calls, once, and then code objects that are to stand in for functions of the
submission while these calls are made again. Only answers go back, and of one that went back before its
number, which most are. What is right is known elsewhere.
"""

from __future__ import annotations

import marshal
import signal
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from grader.sandbox.handles import Handles

FIRST = (
    1 << 20
)  # of the numbers under which later calls of a case find what earlier ones left behind
MOST_STEPS = (
    60_000  # lines that a call may run while they are noted: its count is the same everywhere
)
DEEPEST = 150  # calls inside of each other
PLAIN = 2  # the version of the format in which equal values are equal bytes
HAS_CLOCK = hasattr(signal, "setitimer")
Lines = dict[str, set[int]]  # of each of the submission's files, the lines that ran
Answer = dict[str, Any]


class Trials:
    """Calls that are made again and again, with other code in the place of some functions.

    Args:
        call: makes one call; gives back its answer, and the bytes of the arrays in it.
        handles: what earlier calls left behind, by its number.
        labels: the files of the submission, as tracebacks call them.
    """

    def __init__(
        self,
        call: Callable[[dict[str, Any], bytes], tuple[Answer, bytes]],
        handles: Handles,
        labels: set[str],
    ) -> None:
        self._call, self._handles, self._labels = call, handles, labels
        self._cases: list[list[tuple[dict[str, Any], bytes]]] = []
        self._single: list[bool] = []  # whether no call takes what another took before
        self._told: dict[bytes, int] = {}  # the numbers of answers
        self._stopped = 0

    def keep(self, header: Mapping[str, Any], body: bytes) -> None:
        """Remember cases; each is a list of calls, of which later ones take what earlier ones kept."""
        at = 0
        self._cases, self._single = [], []
        self._told.clear()
        for calls in header["cases"]:
            kept = []
            taken = [tree["op"][1] for c in calls for tree in c["given"][0] if _is_kept(tree)]
            self._single.append(len(taken) == len(set(taken)))
            for call in calls:
                kept.append((call, body[at : at + call["bytes"]]))
                at += call["bytes"]
            self._cases.append(kept)

    def run(
        self, header: Mapping[str, Any], body: bytes
    ) -> tuple[list[list[Answer | int] | None], bytes]:
        """Make the calls of some cases, once for each of `header["sets"]`: whose code to replace, as
        `[module, dotted name, bytes of code]`. None stands for a set that cannot be put in place.

        After `header["stops"]` calls that were stopped, the sets that are left are not tried.
        Answers without lines are numbered as they go out; one that is the same again is its number. With
        them come the bytes of all their arrays.
        """
        answers: list[list[Answer | int] | None] = []
        arrays: list[bytes] = []
        at = 0
        self._stopped = 0
        for patches in header["sets"]:
            if self._stopped >= header["stops"]:
                break
            size = sum(patch[2] for patch in patches)
            told, sent = len(self._told), len(arrays)
            try:
                with patched(patches, body[at : at + size]), shallow(), stoppable():
                    answers.append([self._case(i, header, arrays) for i in header["run"]])
            except Exception:
                answers.append(None)
                del arrays[sent:]
                while len(self._told) > told:
                    self._told.popitem()
            at += size
        return answers, b"".join(arrays)

    def _case(self, index: int, header: Mapping[str, Any], arrays: list[bytes]) -> Answer | int:
        """Make the calls of one case, which ends where a call of it gives nothing back."""
        self._handles.clear(single=self._single[index])
        lines: Lines = {}
        steps = [0]
        results: list[Answer] = []
        bodies: list[bytes] = []
        traces: list[dict[str, list[int]]] = []
        for number, (call, data) in enumerate(self._cases[index]):
            wanted = header["trace"]
            with traced(self._labels, lines, steps, wanted=wanted), limited(header["each"]):
                answer, body = self._call(call, data)
            results.append(answer)
            bodies.append(body)
            traces.append({label: sorted(found) for label, found in lines.items()})
            lines.clear()
            if "value" not in answer:
                self._stopped += answer.get("error", {}).get("type") == TooLong.__name__
                break
            self._number(number, answer["value"])
        if header["trace"]:
            arrays += bodies
            return {"results": results, "lines": traces, "steps": steps[0]}
        digest = blake2b(marshal.dumps((index, results), PLAIN), digest_size=16)
        for body in bodies:
            digest.update(body)
        key = digest.digest()
        if key in self._told:
            return self._told[key]
        self._told[key] = len(self._told)
        arrays += bodies
        return {"results": results, "lines": [], "steps": 0}

    def _number(self, call: int, tree: Any) -> None:
        """Find the part `p` that call `c` left behind under the number `FIRST + 100 c + p`, too."""
        if type(tree) is dict:
            parts = [tree] if "op" in tree else tree.get("t", ())
        else:
            parts = tree if type(tree) is list else ()
        for part, inner in enumerate(parts):
            if type(inner) is dict and "op" in inner:
                self._handles.rename(inner["op"][1], FIRST + 100 * call + part)


def _is_kept(tree: Any) -> bool:
    return type(tree) is dict and "op" in tree


@contextmanager
def patched(patches: Sequence[Sequence[Any]], body: bytes) -> Iterator[None]:
    """For a moment, let functions run other code; closures and tables that hold them see it, too."""
    undo: list[tuple[types.FunctionType, types.CodeType, Any]] = []
    at = 0
    try:
        for module, path, size in patches:
            function = found(module, path)
            code, defaults = marshal.loads(body[at : at + size])
            at += size
            undo.append((function, function.__code__, function.__defaults__))
            function.__code__ = code
            if defaults is not None:
                function.__defaults__ = defaults or None
        yield
    finally:
        for function, code, defaults in undo:
            function.__code__, function.__defaults__ = code, defaults


def found(module: str, path: str) -> types.FunctionType:
    """The plain function at a dotted name, below whatever was wrapped around it."""
    value: Any = sys.modules[module]
    for name in path.split("."):
        value = vars(value)[name]
    for _ in range(8):
        value = getattr(value, "__func__", value)  # of a static or class method
        value = getattr(value, "fget", value)  # of a property
        value = getattr(value, "__wrapped__", value)
    if type(value) is not types.FunctionType:
        raise TypeError(f"{path} is no plain function")
    return value


@contextmanager
def shallow() -> Iterator[None]:
    """For a moment, let calls be nested less deep: what calls itself for ever is to end soon."""
    depth, frame, most = 0, sys._getframe(), sys.getrecursionlimit()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(min(most, depth + DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(most)


class TooLong(BaseException):
    """A call was stopped; what runs in it may catch this, so the grader has a clock of its own."""


@contextmanager
def stoppable() -> Iterator[None]:
    """For a moment, let `limited` stop what takes too long, where the system has such a clock."""
    if not HAS_CLOCK:
        yield
        return

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what runs after so many seconds of computing."""
    if not HAS_CLOCK:
        yield
        return
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@contextmanager
def traced(labels: set[str], lines: Lines, steps: list[int], *, wanted: bool) -> Iterator[None]:
    """Note which lines of the submission run, and add up how many, if that is `wanted`; a call that
    runs too many is stopped."""
    if not wanted:
        yield
        return

    most = steps[0] + MOST_STEPS

    def step(frame: types.FrameType, event: str, _: Any) -> Any:
        label = frame.f_code.co_filename
        if label not in labels:
            return None
        if event == "line":
            lines.setdefault(label, set()).add(frame.f_lineno)
            steps[0] += 1
            if steps[0] > most:
                raise TooLong
        return step

    sys.settrace(step)
    try:
        yield
    finally:
        sys.settrace(None)
