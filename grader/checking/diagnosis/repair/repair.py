"""A repair that a search found, and which of several is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grader.checking.diagnosis.repair.edits import Edit
from grader.checking.diagnosis.repair.source import Place

ALONE = "alone"  # the kind of a repair whose line was found without a search
VAGUE = 3.0  # an edit that costs more, and has several rivals, is not told
AGREE = 0.6  # an edit that costs this much more than the first repair is not compared with it


@dataclass(frozen=True)
class Repair:
    """An edit that makes answers right.

    Attributes:
        function: the exercise's function whose answers were wrong.
        place: the function that is edited, as it is without the edit.
        edit: the edit, whose line is named.
        part: which returned value it makes right; None for all of them.
        parts: the numbers of the values that it makes right.
        only_changes: nothing was wrong but that an argument was changed in place.
        functions: every function of the exercise that it makes right in all cases.
        cost: how unlikely it is; less is better.
        rivals: other lines where an edit as likely would do the same.

    With no `part` and no `parts` it makes only some checks right, which `checks` names.
    """

    function: str
    place: Place
    edit: Edit
    part: int | None
    parts: frozenset[int]
    functions: frozenset[str]
    only_changes: bool
    cost: float
    checks: frozenset[str]
    rivals: tuple[int, ...] = ()


def likeliest(full: Sequence[Repair]) -> list[Repair]:
    """The likeliest full repair, with the lines that do nearly as well alone; none if it is vague, and these
    are several."""
    first = full[0]
    near = [r.edit for r in full if r.cost <= first.cost + AGREE]
    if len({edit.line for edit in near}) > 2 and first.cost > VAGUE:
        return []
    return [replace(first, rivals=rivals(first.edit, near))]


def rivals(first: Edit, near: Iterable[Edit]) -> tuple[int, ...]:
    """Other lines that do as well as the first edit, each alone; where that needs several lines, none."""
    if first.also:
        return ()
    return tuple(sorted({e.line for e in near if not e.also} - {first.line}))


def clearest(by_check: Sequence[Repair]) -> list[Repair]:
    """The repair that makes the most checks right; none if another line does nearly as well."""
    if not by_check:
        return []
    most = max(by_check, key=lambda r: (len(r.checks), -r.cost))
    near = [r for r in by_check if r.cost <= most.cost + AGREE and r.checks >= most.checks]
    return [most] if {r.edit.line for r in near} == {most.edit.line} else []
