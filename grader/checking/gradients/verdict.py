"""What a gradient check found, and its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from grader.checking.gradients.compare import both, place
from grader.language import say, say_n, series

Outcome = Literal["right", "wrong", "inconclusive"]


@dataclass(frozen=True)
class Gradient:
    """One array's gradient under test.

    Attributes:
        name: `dx`, or `grads[0][1]`.
        argument: name of the array that it belongs to.
        analytic: what the backward returned.
        numeric: the trusted gradient, or slopes of the forward itself, NaN where none was measured.
        wrong: which of these entries disagree.
        step: the smallest step of those that these slopes were believed at; 0 if none was needed.
    """

    name: str
    argument: str
    analytic: np.ndarray
    numeric: np.ndarray
    wrong: np.ndarray
    step: float = 0.0

    def __str__(self) -> str:
        places = [tuple(int(i) for i in p) for p in np.argwhere(self.wrong)]
        if not places:
            return say("{gradient} differs somewhere.", gradient=self.name)
        worst = max(places, key=lambda p: abs(self.analytic[p] - self.numeric[p]))
        mine, slope = both(self.analytic[worst], self.numeric[worst])
        tried = int((~np.isnan(self.numeric)).sum())
        values = {
            "name": self.name,
            "n": len(places),
            "tried": tried,
            "at": place(worst),
            "mine": mine,
            "slope": slope,
        }
        if self.step:
            return say(
                "{name}: {n} of {tried} entries differ, most {name}{at}: it is {mine}, the slope is {slope} "
                "(smallest step believed: {step:.2g})",
                **values,
                step=self.step,
            )
        return say(
            "{name}: {n} of {tried} entries differ, most {name}{at}: it is {mine}, the slope is {slope}",
            **values,
        )


@dataclass(frozen=True)
class Verdict:
    """The result of a gradient check. `print` shows it in words.

    Attributes:
        problem: what broke the contract, or empty.
        culprit: which of the two functions broke it, `forward` or `backward`.
        wrong: the gradients that disagree.
        reason: why it is inconclusive, or empty: the numbers do not tell; neither a pass nor a fail.
        known: whether the output is that of the trusted forward.
        dout: the upstream gradient used.
        out: the output.
        gradients: the analytic gradients by name, where the contract held.
        evaluations: how many times the forward was called.
    """

    problem: str = ""
    culprit: str = "backward"
    wrong: tuple[Gradient, ...] = ()
    reason: str = ""
    known: bool = False
    dout: np.ndarray | None = None
    out: np.ndarray | None = None
    gradients: dict[str, np.ndarray] = field(default_factory=dict)
    evaluations: int = 0

    @property
    def outcome(self) -> Outcome:
        """`right`, `wrong` or `inconclusive`. Never right by default."""
        if self.problem or self.wrong:
            return "wrong"
        return "right" if self.gradients and not self.reason else "inconclusive"

    @property
    def passed(self) -> bool:
        """True only when the contract held and every gradient was confirmed."""
        return self.outcome == "right"

    @property
    def inconclusive(self) -> bool:
        """True when the numbers do not tell."""
        return self.outcome == "inconclusive"

    def __str__(self) -> str:
        calls = {"calls": self.evaluations}
        if self.passed:
            return say_n(
                "right: {names} is the gradient ({calls} forward calls)",
                "right: {names} are the gradient ({calls} forward calls)",
                len(self.gradients),
                names=series(self.gradients),
                **calls,
            )
        if self.problem:
            return say("wrong: {problem} ({calls} forward calls)", problem=self.problem, **calls)
        if self.wrong:
            return "\n  ".join(
                [say("wrong ({calls} forward calls)", **calls), *map(str, self.wrong)]
            )
        return say("inconclusive: {reason} ({calls} forward calls)", reason=self.reason, **calls)
