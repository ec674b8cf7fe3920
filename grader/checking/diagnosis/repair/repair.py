"""A repair that a search found, and which of several is told."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.checking.diagnosis.repair.edits import Edit
from grader.checking.diagnosis.repair.source import Place

ALONE = "alone"  # the kind of a repair whose line was found without a search
VAGUE = 3.0  # an edit that costs more, and has several rivals, is not told
# What one line puts together another takes apart: a repair of a kind may stand for one of these in the other.
COUNTERPARTS = {
    "order": {"order"}, "name": {"order"}, "index": {"order"}, "sign": {"operands"}, "number": {"order"}, "text": {"text"},
}  # fmt: skip
OF_WHOLE = {
    "scale",
    "share",
    "sign",
    "term",
}  # what is done to a whole value: where it is made, or used
OTHER_SIDE = 3.5  # what an edit of the other one may cost more
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
        look: what is to be looked at, where the line was seen to be at fault (see `seen`); else None.

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
    look: str | None = None


def likeliest(full: Sequence[Repair], home: str) -> list[Repair]:
    """The likeliest full repair, with the lines that do nearly as well alone; none if it is vague, and these
    are several.

    Args:
        full: those found, the likeliest first.
        home: the file of the function that is wrong.
    """
    first = full[0]
    if first.edit.also:  # one line is likelier than several
        first = next((r for r in full if not r.edit.also), first)
    if first.place.label != home:  # an earlier exercise has been graded by itself
        first = next((r for r in full if r.place.label == home), first)
    near = [(r.place, r.edit) for r in full if r.cost <= first.cost + AGREE]
    first = next((r for r in full if _is_in_caller(first, r.place, r.edit)), first)
    if len({edit.at for _, edit in near}) > 2 and first.cost > VAGUE:
        return []
    return [replace(first, rivals=rivals(first.place, first.edit, near))]


def rivals(place: Place, first: Edit, near: Iterable[tuple[Place, Edit]]) -> tuple[int, ...]:
    """Other lines of a file that do as well as the first edit, each alone; where that needs several lines,
    none."""
    if first.also:
        return ()
    others = {e.at for other, e in near if other.label == place.label and not e.also}
    return tuple(sorted(others - {first.at}))


def clearest(by_check: Sequence[Repair]) -> list[Repair]:
    """The repair that makes the most checks right, with another line that does nearly as well; none if these
    are several."""
    if not by_check:
        return []
    most = max(by_check, key=lambda r: (len(r.checks), -r.cost))
    same = [r for r in by_check if r.checks >= most.checks]
    near = [r for r in same if r.cost <= most.cost + AGREE]
    if len({r.edit.at for r in near}) > 2 or any(r.place is not most.place for r in near):
        return []
    other = [r for r in same if is_counterpart(most, r.cost, r.place, r.edit)]
    beside = [(r.place, r.edit) for r in (*near, *other)]
    return [replace(most, rivals=rivals(most.place, most.edit, beside))]


def may_have_counterparts(first: Repair) -> bool:
    """Whether there may be counterparts of a repair, by its kind."""
    return first.edit.kind in COUNTERPARTS or first.edit.kind in OF_WHOLE


def is_counterpart(first: Repair, cost: float, place: Place, edit: Edit) -> bool:
    """Whether an edit is to another line what a repair is to its own: the order in which one packs and the
    other unpacks, the key that one writes and the other reads, or what is done to a helper's value."""
    if cost <= first.cost + OTHER_SIDE and _is_in_caller(first, place, edit):
        return True
    if edit.kind not in COUNTERPARTS.get(first.edit.kind, ()) or cost > first.cost + OTHER_SIDE:
        return False
    return place is not first.place or edit.at != first.edit.at


def _is_in_caller(first: Repair, place: Place, edit: Edit) -> bool:
    """Whether a repair changes all that a helper returns, and an edit does so where the helper is called."""
    helper = first.place
    made = first.edit.changes[0][0].owner if first.edit.changes else None
    if first.edit.kind not in OF_WHOLE or not isinstance(made, ast.Return):
        return False
    if helper.path == first.function or place is helper or edit.kind != first.edit.kind:
        return False
    calls = (n for slot, _ in edit.changes for n in _nodes(slot.get()) if isinstance(n, ast.Call))
    return any(getattr(call.func, "id", "") == helper.path for call in calls)


def _nodes(value: object) -> Iterator[ast.AST]:
    return ast.walk(value) if isinstance(value, ast.AST) else iter(())
