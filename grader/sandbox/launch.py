"""Starts students' processes at the strongest level that works on this machine.

Theory of operation. `Server` starts a fresh interpreter that loads NumPy and then forks on request;
it never runs student code, so it is started before the grader imports anything heavy, and is kept.
It is started optimistically at the strongest level; if it ends before it is ready, the next level
is tried. Unasked, it forks a canary first, which is confined like a student's process and attempts
what is forbidden (`guarantees`). When the first process is wanted, the grader reads what became of
the attempts, lets the canary flood and loop, and kills it. Only what held is claimed, and every
later process must be under the same layers as the canary.

A server serves many submissions only under Landlock and the system call filter; otherwise it is
replaced after each. Standard library only, and no NumPy: this module is imported before all others.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import SandboxError, UsageError
from grader.language import later, say, series, together
from grader.sandbox.box import OUTPUT_LIMIT, Box, BoxEnded
from grader.sandbox.forked import Fork, ServerGone
from grader.sandbox.guarantees import GUARANTEES, Claims, claims_from
from grader.sandbox.levels import (
    LEVELS,
    Level,
    bubblewrap,
    bubblewrap_command,
    interpreter,
    level_name,
    levels_to_try,
    mechanisms,
)
from grader.sandbox.spawned import Spawn

__all__ = ["OUTPUT_LIMIT", "Box", "BoxEnded", "Server", "numpy_folder"]

WORKER = Path(__file__).with_name("worker.py")
CANARY = {"memory_bytes": 256 << 20, "cpu_seconds": 60}
START_TRIES = 3
FLOOD_SECONDS, LOOP_SECONDS = 5.0, 0.004
ADVICE = later("Run `grade doctor` to see what this machine offers.")


class Server:
    """Starts students' processes, at the strongest level that works here.

    Args:
        level: T3 to T0, to use this one and no other; None to choose.
        fork: whether to fork processes from one that has NumPy loaded; where there is no fork, or
            it fails, each is started afresh.

    Attributes:
        declined: the levels that did not work, and why.
    """

    def __init__(self, level: str | None = None, *, fork: bool = hasattr(os, "fork")) -> None:
        if level is not None and level not in LEVELS:
            raise UsageError(
                say(
                    "no such level: {level}; choose one of {levels}",
                    level=level,
                    levels=series(LEVELS),
                )
            )
        self.declined: list[tuple[str, str]] = []
        self._forced = level
        self._demands: tuple[str, ...] = ()
        self._claims: Claims | None = None
        self._kills_excused = 2
        chosen = [LEVELS[level]] if level else levels_to_try()
        self._plans = [(one, True) for one in chosen] if fork else []
        self._plans += [(chosen[-1], False)]
        if level == "T3" and not bubblewrap():
            reason = say("level T3 needs bubblewrap, which is not installed.")
            raise SandboxError(together(reason, say(ADVICE)))
        self._level, self._process = self._try_next()

    def skip_failed_level(self) -> None:
        """If the level that is being tried has failed already, try the next; never wait."""
        if self._claims is None and self._process.failed and len(self._plans) > 1:
            self._try_again(self._process.close())

    def demand(self, guarantees: Iterable[str]) -> None:
        """Refuse to run anything unless these hold, too. Raises `UsageError` for unknown names."""
        self._demands += tuple(guarantees)
        if unknown := sorted(set(self._demands) - set(GUARANTEES)):
            raise UsageError(
                say(
                    "no such guarantee: {name}; choose among {known}",
                    name=unknown[0],
                    known=series(GUARANTEES),
                )
            )

    @property
    def claims(self) -> Claims:
        """What holds here. Waits for the canary the first time; raises `SandboxError` if no level
        works here, or none that satisfies `demand`."""
        while self._claims is None:
            try:
                self._claims = self._examine(self._process.ready())
            except (ServerGone, BoxEnded) as error:
                killed = isinstance(error, BoxEnded) and bool(error.doubt)
                self._try_again(self._process.close() or str(error), killed=killed)
            if self._claims is not None and self._claims.level == "T0":
                forbid_memory_reads()
        missing = [name for name in self._demands if not self._claims.held[name]]
        if missing:
            reason = say(
                "{missing}: required, but does not hold here (level {level}), so no student code was run.",
                missing=series(missing),
                level=self._claims.level,
            )
            raise SandboxError(together(reason, say(ADVICE)))
        return self._claims

    def start(self, settings: dict[str, Any], modules: Sequence[str] = ()) -> Box:
        """A student's process with these `confine.Settings`. Raises `SandboxError`.

        Args:
            settings: what the process may use.
            modules: of the standard library and NumPy, to be loaded before any student code runs.
        """
        claims = self.claims
        for left in reversed(range(START_TRIES)):
            try:
                if self._process.closed:
                    self._level, self._process = self._launch(canary=False)
                    self._process.ready()
                box = self._process.start(self._level.settings(settings), modules)
                break
            except (ServerGone, BoxEnded, OSError) as error:  # nothing of the student's has run yet
                self._process.close()
                if not left or (isinstance(error, BoxEnded) and error.why == "timeout"):
                    raise _not_started(str(error)) from None
        if box.layers != claims.layers:
            box.close()
            reason = say(
                "a student's process is less confined than the canary was: it lacks {layers}.",
                layers=series(sorted(set(claims.layers) - set(box.layers))),
            )
            raise SandboxError(together(reason, say(ADVICE)))
        return box

    @property
    def was_killed(self) -> bool:
        """Whether its process ended although no submission can reach it, so somebody else killed it."""
        return self._process.closed and self._out_of_reach

    @property
    def _out_of_reach(self) -> bool:
        return bool(self._claims and {"landlock", "seccomp"} <= set(self._claims.layers))

    def end_submission(self) -> None:
        """A submission is done: unless the server was out of its reach, the next one gets a new server."""
        if self._claims and not self._out_of_reach:
            self._process.close()

    def close(self) -> None:
        """End the server; its children die with it."""
        self._process.close()

    def _launch(self, *, canary: bool) -> tuple[Level, Fork | Spawn]:
        level, fork = self._plans[0]
        packages = numpy_folder()
        wrap = bubblewrap_command(packages, WORKER.parent) if level.namespaces else []
        program = os.path.realpath(interpreter()) if wrap else interpreter()
        command = [*wrap, program, "-I", "-S", "-B", "-X", "utf8", str(WORKER)]
        config = {
            "packages": str(packages),
            "server": level.server,
            "canary": level.settings(CANARY) if canary else None,
        }
        return level, Fork(command, config) if fork else Spawn(command, config)

    def _try_again(self, reason: str, *, killed: bool = False) -> None:
        """The level that was tried did not work: try the next, or, if the process was killed, once
        more the same, which would work if nobody interfered."""
        if (killed or self._process.killed) and self._kills_excused:
            self._kills_excused -= 1
        else:
            self._decline(reason)
        self._level, self._process = self._try_next()

    def _decline(self, reason: str) -> None:
        """The level that was tried does not work. Raises `SandboxError` if it was the last."""
        if self._plans:
            level, fork = self._plans.pop(0)
            last = (reason.splitlines() or [say("it gave no reason")])[-1]
            self.declined.append((level.name if fork else say("without fork"), last))
        if not self._plans:
            raise _not_started(self.declined[-1][1])

    def _try_next(self) -> tuple[Level, Fork | Spawn]:
        """Start the strongest level that is left; whether it works shows later."""
        while True:
            try:
                return self._launch(canary=True)
            except OSError as error:  # the program itself cannot be started
                self._decline(str(error))

    def _examine(self, canary: Box | None) -> Claims:
        """What the canary has tried, and whether its flood and its endless loop are stopped."""
        if canary is None:
            raise ServerGone(say("it started no canary process"))
        level = level_name(self._level.namespaces, canary.layers)
        found = mechanisms(self._level.namespaces, canary.layers)
        if self._forced and level != self._forced:
            canary.close()
            raise ServerGone(_not_available(self._forced, found))
        claims = claims_from(level, found, canary.layers, canary.tried)
        canary.exchange({"do": "flood"}, seconds=FLOOD_SECONDS)
        printed = len(canary.take_output())
        stopped = {"print a megabyte": "cut" if 0 < printed < 2 * OUTPUT_LIMIT else ""}
        try:
            canary.exchange({"do": "loop"}, seconds=LOOP_SECONDS)
        except BoxEnded as end:
            stopped["loop, ignoring signals"] = "killed" if end.why == "timeout" else ""
        return claims._replace(tried={**claims.tried, **stopped})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _not_started(reason: str) -> SandboxError:
    said = say("the process for student code could not be started: {reason}", reason=reason)
    return SandboxError(f"{said}\n{say(ADVICE)}")


def _not_available(level: str, found: Sequence[str]) -> str:
    if not found:
        return say("level {level} is not available here: nothing confines a process", level=level)
    return say(
        "level {level} is not available here, only {mechanisms}",
        level=level,
        mechanisms=series(map(say, found)),
    )


def numpy_folder() -> Path:
    """The folder that holds the `numpy` package, found without importing it."""
    spec = importlib.util.find_spec("numpy")
    if spec is None or spec.origin is None:
        raise SandboxError(say("NumPy is not installed; run `pip install nn-grader` again"))
    return Path(spec.origin).parent.parent


def forbid_memory_reads() -> None:
    """Forbid this user's other processes to read the memory of this one (Linux)."""
    if sys.platform == "linux":
        from grader.sandbox.confine import Settings, confine

        confine(Settings(layers=("undumpable",)))
