"""The student's process that changed functions are tried in: a fresh one, confined like any other.

It is given arguments and code, and gives answers; what is right stays here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.checking.calls.code import Answer
from grader.checking.calls.exceptions import call_error
from grader.checking.calls.sandboxed_code import MALFORMED_ANSWER, SandboxedCode
from grader.checking.calls.student import Call, error_summary, kept, loggable
from grader.checking.diagnosis.recognition import Parts, answer_parts
from grader.checking.diagnosis.repair.cases import Case
from grader.checking.diagnosis.repair.source import Place
from grader.model import Function
from grader.sandbox.wire import Decoder, Encoder, clean

MOST_LINES = 4_000  # that an answer may name
NEVER = 1_000_000


@dataclass(frozen=True)
class Tried:
    """What a case answered.

    Attributes:
        parts: the answers, call by call; after the first call that gave nothing back there are none.
        lines: for each call the lines that ran, as (file, line), if they were asked for.
        raised: the line of the submission that raised, if one did.
        steps: how many lines ran, if they were asked for, as the student's process says.
        stopped: whether a call was stopped, because it took too long.
        wrong: which parts of the answers are wrong, see `Case.wrong`.
        value: what the last call returned; None if it gave nothing back.
        error: what it raised, if it did.
        kind: the type of that.
    """

    parts: list[Parts]
    lines: list[set[tuple[str, int]]]
    raised: tuple[str, int] | None
    steps: int = 0
    stopped: bool = False
    wrong: frozenset[tuple[int, int]] = frozenset()
    value: Any = None
    error: str = ""
    kind: str = ""


class Bench(SandboxedCode):
    """A submission in a process of its own, with cases to try changed functions on."""

    def keep(self, cases: Sequence[Case]) -> None:
        """Start the process, if it is not there, and hand it the cases. Raises `CheckEnded`."""
        self._cases = cases
        self._restore()

    def _declared(self, call: Call) -> Function:
        return self._exercise.callables[call.function]

    def _restore(self) -> None:
        self._told: list[Tried] = []
        self.load()
        trees = []
        bodies = []
        for case in self._cases:
            calls = []
            for call in case.calls:
                encoder = Encoder(lambda _: 0)
                calls.append(
                    {
                        "function": call.function,
                        "keep": kept(self._declared(call)),
                        "seed": call.seed,
                        "given": [
                            [encoder.encode(a) for a in call.args],
                            [[k, encoder.encode(v)] for k, v in call.keywords.items()],
                        ],
                        "bytes": len(encoder.body),
                    }
                )
                bodies.append(encoder.body)
            trees.append(calls)
        self._exchange({"do": "keep", "cases": trees}, b"".join(bodies), 2.0, "preparing")

    @property
    def order(self) -> list[str]:
        """The functions that the exercise declares, in its order."""
        return list(self._exercise.callables)

    @property
    def used(self) -> float:
        """Seconds of computing so far."""
        return self._exercise.limits.total_seconds - self._seconds_left

    def attempt(
        self,
        which: Sequence[int],
        sets: Sequence[Sequence[tuple[Place, bytes]]] = ((),),
        *,
        each: float,
        trace: bool = False,
        stops: int = NEVER,
    ) -> list[list[Tried] | None]:
        """Run some cases, once for each of `sets`, with other code in the place of some functions.

        What a set answers is None if it cannot be put in place. A call that takes more than `each`
        seconds is stopped, and after so many `stops` there are no answers to the sets that are left. Raises `CheckEnded` if the process ends over it; the next attempt has a new
        one.
        """
        if self._box is None:
            self._restore()
        header, body = self._exchange(
            {
                "do": "try",
                "run": list(which),
                "trace": trace,
                "each": each,
                "stops": stops,
                "sets": [[[p.module, p.path, len(code)] for p, code in one] for one in sets],
            },
            b"".join(code for one in sets for _, code in one),
            most_seconds(which, sets, each),
            "trying",
        )
        self._timeouts.clear()
        decoder = Decoder(body)
        try:
            return [
                None
                if answers is None
                else [
                    self._known(self._cases[index], case, decoder, numbered=not trace)
                    for index, case in zip(which, answers, strict=True)
                ]
                for _, answers in zip(sets, header["sets"], strict=stops == NEVER)
            ]
        except MALFORMED_ANSWER:
            raise self._violation() from None

    def _known(self, asked: Case, case: Any, decoder: Decoder, *, numbered: bool) -> Tried:
        """What a case answered: most answers were there before, and come as their number."""
        if type(case) is int:
            return self._told[case if case >= 0 else len(self._told)]
        tried = self._tried(asked, case, decoder)
        if numbered:
            self._told.append(tried)
        return tried

    def _tried(self, asked: Case, case: dict[str, Any], decoder: Decoder) -> Tried:
        parts: list[Parts] = []
        raised: tuple[str, int] | None = None
        value: Any = None
        stopped, error, kind = False, "", ""
        for call, result in zip(asked.calls, case["results"], strict=False):
            value = None
            if "error" in result:
                end = call_error(result["error"], call.function)
                parts.append(answer_parts(None, error_summary(end)))
                raised = end.where
                kind = end.exception
                stopped = kind == "TooLong"
                error = raised_words(result["error"])
            elif "unsendable" in result:
                parts.append(answer_parts(None, "unsendable"))
            else:
                changed = tuple(map(int, result["changed"]))
                answer = Answer(decoder.decode(result["value"]), changed)
                answer = loggable(answer, self._declared(call), self._exercise)
                value = answer.value
                parts.append(answer_parts(answer))
        lines = [
            {(str(label), int(n)) for label, ns in one.items() for n in ns[:MOST_LINES]}
            for one in case["lines"]
        ]
        wrong = frozenset(asked.wrong(parts))
        steps = int(case["steps"])
        return Tried(parts, lines, raised, steps, stopped, wrong, value, error, kind)


def raised_words(error: Any) -> str:
    """The type and the message of an exception, on one line."""
    return f"{clean(str(error['type']))}: {clean(str(error['message']))}".replace("\n", " ")[:150]


def most_seconds(which: Sequence[int], sets: Sequence[Any], each: float) -> float:
    """How long an attempt may take; calls are stopped before, if the system has a clock for that."""
    return each * (1 + max(1, len(which)) * min(8, len(sets)) / 4)


class Fitted(SandboxedCode):
    """A submission in whose process other code stands in the place of a function while checks run."""

    _wanted: tuple[Place, bytes] | None = None
    _worn: tuple[Place, bytes] | None = None

    def wear(self, place: Place, code: bytes) -> None:
        """Let `place` run other code from the next call on."""
        self._wanted = place, code
        self._timeouts.clear()

    def load(self) -> None:
        """See `SandboxedCode.load`; the other code is put in place, too."""
        if self._box is None:
            self._worn = None
        super().load()
        if self._wanted is not None and self._worn is not self._wanted:
            place, code = self._wanted
            self._worn = self._wanted
            patches = [[place.module, place.path, len(code)]]
            self._exchange({"do": "wear", "patches": patches}, code, 1.0, "trying")
