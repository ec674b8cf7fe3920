"""Reports and sources as the database stores them: JSON, compressed."""

from __future__ import annotations

import json
import zlib
from typing import Any


def pack_json(value: Any) -> bytes:
    """A JSON value, compressed."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def unpack_json(data: bytes | None) -> Any:
    """The JSON value in what `packed` made; None for None."""
    return None if data is None else json.loads(zlib.decompress(data))


def sources_by_exercise(data: bytes | None) -> dict[str, dict[str, str]]:
    """The sources of a submission by exercise; `""` where an old gradebook does not say which."""
    value = unpack_json(data) or {}
    plain = any(isinstance(part, str) for part in value.values())
    return {"": value} if plain else value
