"""What the plugin and the grading both need: marks, seeds, and the key of the session's state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import pytest

# A session keeps its `Grading` under this key. `Any`, because that class reads marks: naming it here would
# be a circle of imports.
GRADING_KEY: pytest.StashKey[Any] = pytest.StashKey()


def mark_args(item: pytest.Item, name: str) -> Iterable[Any]:
    """The positional arguments of a check's mark; empty if the check has no such mark."""
    mark = item.get_closest_marker(name)
    return mark.args if mark else ()


def derive_seed(*parts: object) -> int:
    """A seed that depends on all of `parts` and on nothing else, the same on every machine."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7], "little")
