"""Frames: how a stream of bytes is divided into messages. Runs on both sides; standard library only.

    u32 header length | u32 body length | header: JSON | body: raw bytes of arrays

The reader trusts nothing: lengths are checked before anything is stored, and its buffer grows only
with received bytes.
"""

from __future__ import annotations

import json
import struct
from typing import Any

PREFIX = struct.Struct("<II")
MAX_HEADER = 8 << 20
MAX_BODY = 64 << 20
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class WireError(Exception):
    """The bytes on the channel are not a message of ours."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """One frame as bytes. Raises `WireError` if it would be larger than the other side accepts."""
    text = _encode(header).encode()
    if len(text) > MAX_HEADER or len(body) > MAX_BODY:
        raise WireError(f"a message of {len(text) + len(body):,} bytes is too large to send")
    return PREFIX.pack(len(text), len(body)) + text + body


class FrameReader:
    """Collects bytes and gives back whole frames as `(header, body)`."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add bytes as they were received."""
        self._buffer += data

    @property
    def pending(self) -> int:
        """How many bytes wait for the rest of their frame."""
        return len(self._buffer)

    def next(self) -> tuple[dict[str, Any], bytes] | None:
        """The next whole frame, or None if more bytes are needed. Raises `WireError`."""
        if len(self._buffer) < PREFIX.size:
            return None
        header_size, body_size = PREFIX.unpack_from(self._buffer)
        if header_size > MAX_HEADER or body_size > MAX_BODY:
            raise WireError(f"announced a frame of {header_size:,} + {body_size:,} bytes")
        end = PREFIX.size + header_size + body_size
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view:
            text = bytes(view[PREFIX.size : end - body_size])
            body = bytes(view[end - body_size : end])
        del self._buffer[:end]
        try:
            header = json.loads(text.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise WireError(f"the header is not JSON: {type(error).__name__}") from None
        if type(header) is not dict:
            raise WireError("the header is not an object")
        return header, body
