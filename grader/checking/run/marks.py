"""What the plugin and the grading behind it both need: marks, seeds, and where the state is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import pytest

# Where a session keeps its `Grading`. Untyped here: that class reads marks, so naming it would be a
# circle.
GRADING_KEY: pytest.StashKey[Any] = pytest.StashKey()


def mark_args(item: pytest.Item, name: str) -> Iterable[Any]:
    """The arguments of a check's mark, in order; nothing if it is not there."""
    mark = item.get_closest_marker(name)
    return mark.args if mark else ()


def derive_seed(*parts: object) -> int:
    """A seed that depends on all of `parts` and on nothing else."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7], "little")
