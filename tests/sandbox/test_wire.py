"""Values cross unchanged, and bytes from an enemy end in WireError and nothing else."""

from __future__ import annotations

import contextlib
import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.checking.calls.local_code import identical as equal
from grader.checking.calls.sandboxed_code import SandboxedCode
from grader.errors import CheckEnded
from grader.sandbox.frames import MAX_BODY, MAX_HEADER, FrameReader, WireError, pack
from grader.sandbox.wire import Decoder, Encoder, Opaque, Unsendable

DTYPES = st.sampled_from(
    [
        "?",
        "i1",
        "<i2",
        "<i4",
        "<i8",
        "u1",
        "<u2",
        "<u4",
        "<u8",
        "<f2",
        "<f4",
        "<f8",
        "<c8",
        "<c16",
        ">i4",
        ">f8",
        ">c8",
    ]
)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(np.dtype(dtype), SHAPES))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
NUMPY_SCALARS = ARRAYS.filter(lambda a: a.size > 0).map(
    lambda a: a.astype(a.dtype.newbyteorder("=")).flat[0]
)
GENERATORS = st.integers(0, 1 << 60).map(np.random.default_rng)
LEAVES = st.one_of(SCALARS, ARRAYS, NUMPY_SCALARS, GENERATORS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(SCALARS.filter(lambda v: v == v), inner, max_size=4),  # noqa: PLR0124
    ),
    max_leaves=12,
)
JSON = st.recursive(
    st.one_of(SCALARS, st.sampled_from(["<f8", "C", "F", "|b1", "<i8"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.sampled_from(["nd", "ns", "t", "d", "rng", "op", "x"]), inner, max_size=2
        ),
    ),
    max_leaves=20,
)
FRAMES = st.binary(max_size=64)


def refuse(value: object) -> int:
    """For values of which everything crosses."""
    raise AssertionError(f"{value!r} was held back")


def cross(value: Any) -> Any:
    """A value as the other side gets it, through a frame."""
    encoder = Encoder(refuse)
    tree = encoder.encode(value)
    reader = FrameReader()
    reader.feed(pack({"value": tree}, encoder.body))
    frame = reader.next()
    assert frame is not None
    decoder = Decoder(frame[1])
    result = decoder.decode(frame[0]["value"])
    decoder.finish()
    return result


def native(value: Any) -> Any:
    """A value with its arrays in this machine's byte order, as they arrive."""
    if isinstance(value, np.ndarray):
        return value.astype(value.dtype.newbyteorder("="))
    if isinstance(value, list | tuple):
        return type(value)(map(native, value))
    if isinstance(value, dict):
        return {key: native(inner) for key, inner in value.items()}
    return value


@given(VALUES)
def test_values_come_back_as_they_were(value: Any) -> None:
    """Numbers, text, arrays, generators and their containers cross with type, shape and bits."""
    assert equal(cross(value), native(value))


@given(ARRAYS)
def test_arrays_keep_their_layout(array: np.ndarray) -> None:
    """An array in Fortran's order arrives in that order, and every copy may be written to."""
    arrived = cross(np.asfortranarray(array))
    assert arrived.flags.f_contiguous
    assert arrived.flags.writeable


def test_a_view_of_an_array_crosses_as_what_it_shows() -> None:
    """Strides, also negative ones, do not cross; the entries do."""
    base = np.arange(24.0).reshape(4, 6)
    for view in (base[::-1], base[:, ::2], base.T, np.broadcast_to(base[0], (3, 6))):
        assert equal(cross(view), view.copy())


class Pretender:
    """Claims to be an array, and to be anything when it is unpickled."""

    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        raise AssertionError("an attribute of a student's object was used")

    def __reduce__(self) -> Any:
        raise AssertionError("it was pickled")


class Subclass(np.ndarray):
    """An array that may lie."""


@pytest.mark.parametrize(
    "value",
    [
        Pretender(),
        np.array([None], object),
        np.zeros(2).view(Subclass),
        np.zeros(2, "datetime64[s]"),
        np.zeros(2, [("a", "f8")]),
        np.random.RandomState(0),
        1 << 64,
        {1, 2},
        1j,
        b"bytes",
        lambda: 0,
    ],
    ids=lambda value: type(value).__name__,
)
def test_everything_else_stays_behind_a_handle(value: object) -> None:
    """What is not a plain value is held back, never converted, pickled or asked anything."""
    held: list[object] = []
    encoder = Encoder(lambda v: held.append(v) or 7)  # type: ignore[func-returns-value]
    tree = encoder.encode(value)
    assert held[0] is value
    assert encoder.body == b""
    decoded = Decoder(b"").decode(json.loads(json.dumps(tree)))
    assert isinstance(decoded, Opaque)
    assert decoded.handle == 7


def test_too_much_does_not_go_out() -> None:
    """Too deep, too many parts, too much text, too many bytes: each is refused before it is copied."""
    deep: list[Any] = []
    deep.append(deep)
    giant = np.broadcast_to(np.zeros(1), (1 << 40,))
    for value in (deep, [0] * 300_000, "x" * (2 << 20), giant):
        with pytest.raises(Unsendable):
            Encoder(refuse).encode(value)


# Bytes from an enemy ---------------------------------------------------------------------------


def digest(data: bytes) -> int:
    """Read frames and decode each of their values: how many were well-formed."""
    reader = FrameReader()
    reader.feed(data)
    count = 0
    try:
        while frame := reader.next():
            header, body = frame
            for tree in header.values():
                decoder = Decoder(body)
                decoder.decode(tree)
                decoder.finish()
            count += 1
    except WireError:
        pass
    return count


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_wire_error(data: bytes) -> None:
    """Bytes that nobody wrote as a frame raise WireError or wait for more; nothing else."""
    digest(data)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), st.binary(max_size=64))
def test_any_tree_ends_in_a_value_or_a_wire_error(header: dict[str, Any], body: bytes) -> None:
    """A proper frame around an improper tree raises WireError, whatever the tree is."""
    text = json.dumps(header).encode()
    digest(struct.pack("<II", len(text), len(body)) + text + body)


@given(VALUES, st.data())
def test_a_mutated_frame_ends_in_a_value_or_a_wire_error(value: Any, data: st.DataObject) -> None:
    """Bytes changed, cut out or put in somewhere in a good frame do no other harm."""
    encoder = Encoder(refuse)
    frame = bytearray(pack({"value": encoder.encode(value)}, encoder.body))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(frame)))
        end = data.draw(st.integers(at, min(len(frame), at + 8)))
        frame[at:end] = data.draw(st.binary(max_size=8))
    digest(bytes(frame))


@given(
    st.lists(st.tuples(st.dictionaries(st.text(max_size=3), SCALARS), FRAMES), max_size=4),
    st.data(),
)
def test_frames_arrive_whole_however_they_are_cut(
    frames: list[tuple[dict[str, Any], bytes]], data: st.DataObject
) -> None:
    """Frames come out one by one and in order, whatever pieces the pipe delivers."""
    stream = b"".join(pack(header, body) for header, body in frames)
    reader, found = FrameReader(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        reader.feed(stream[:size])
        stream = stream[size:]
        while frame := reader.next():
            found.append(frame)
    assert [body for _, body in found] == [body for _, body in frames]
    assert all(map(equal, [header for header, _ in found], [header for header, _ in frames]))
    assert reader.pending == 0


@pytest.mark.parametrize("sizes", [(MAX_HEADER + 1, 0), (0, MAX_BODY + 1), (2**32 - 1, 2**32 - 1)])
def test_a_frame_that_announces_too_much_is_refused_at_once(sizes: tuple[int, int]) -> None:
    """Nothing is waited for, and nothing is stored, when the first eight bytes are too much."""
    reader = FrameReader()
    reader.feed(struct.pack("<II", *sizes))
    with pytest.raises(WireError):
        reader.next()


@pytest.mark.parametrize(
    "tree",
    [
        {"nd": ["<f8", [1 << 40], "C"]},
        {"nd": ["<f8", [2, -1], "C"]},
        {"nd": ["<f8", [0] * 33, "C"]},
        {"nd": ["<f8", [1 << 26, 1 << 26, 0, 1 << 26], "C"]},
        {"nd": ["O", [1], "C"]},
        {"nd": ["<f8", [True], "C"]},
        {"ns": "O"},
        {"d": [[[1], 2]]},
        {"d": [[{"nd": ["<f8", [1], "C"]}, 2]]},
        {"rng": [1, 2, 3, 1 << 200]},
        {"rng": [0, 0, 1 << 100, 0]},
        {"op": ["x", 1.5]},
        {"op": ["x", True]},
        {"t": [], "d": []},
        1 << 70,
    ],
    ids=str,
)
def test_a_tree_that_the_encoder_never_writes_is_refused(tree: Any) -> None:
    """Sizes that overflow, types that are not on the list, and look-alikes raise WireError."""
    with pytest.raises(WireError):
        Decoder(bytes(8)).decode(tree)


@pytest.mark.parametrize("shape", [(0, 1 << 40), (1 << 30, 0), (1,) * 33])
def test_shapes_that_would_be_refused_are_not_sent(shape: tuple[int, ...]) -> None:
    """An empty array with giant sides, or one of too many axes, is unsendable; it is no attack."""
    if len(shape) > 32 and np.lib.NumpyVersion(np.__version__) < "2.0.0":
        pytest.skip("NumPy 1 has 32 axes at most")
    empty = np.lib.stride_tricks.as_strided(np.zeros(1), shape, (0,) * len(shape))
    with pytest.raises(Unsendable):
        Encoder(refuse).encode(empty)


def test_bytes_that_belong_to_nobody_are_refused() -> None:
    """A body has to be used up exactly."""
    with pytest.raises(WireError):
        Decoder(b"\0").finish()


def test_halves_of_surrogate_pairs_are_taken_out_of_text() -> None:
    """No text arrives that cannot be printed."""
    assert Decoder(b"").decode("a\ud800b").encode() == b"a?b"


# The grader's reading of answers ----------------------------------------------------------------

ANSWERS = st.recursive(
    st.one_of(SCALARS, st.just(math.inf), st.just({"type": "T", "message": "", "frames": []})),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                [
                    "results",
                    "value",
                    "error",
                    "unsendable",
                    "changed",
                    "warnings",
                    "type",
                    "message",
                    "said",
                    "frames",
                ]
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=25,
)


class Ended:
    """A box that is only ever ended."""

    def end(self, why: str) -> Any:
        """The reason, as `Box.end` gives it."""
        return type("End", (), {"message": why})

    def take_output(self) -> str:
        """Nothing."""
        return ""


def read_answer(header: dict[str, Any], body: bytes) -> None:
    """Let the grader read an answer: it gets values, or the check ends."""
    code = SandboxedCode.__new__(SandboxedCode)
    code._box = Ended()  # type: ignore[assignment]
    with contextlib.suppress(CheckEnded):
        code._answers("f", header, body, 1, 5.0)


@given(st.one_of(ANSWERS, ANSWERS.map(lambda a: [a])), st.binary(max_size=16))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_answer_is_values_or_ends_the_check(results: Any, body: bytes) -> None:
    """Whatever a student's process answers, the grader itself does not stumble."""
    read_answer({"results": results}, body)


@pytest.mark.parametrize(
    "result",
    [
        {"value": 1, "changed": [[math.inf, "changed"]], "warnings": []},
        {"value": 1, "changed": [[math.nan, "changed"]], "warnings": []},
        {"error": {"type": "E", "message": "", "frames": [["f", math.inf, "", ""]]}},
        {"error": {"type": "E", "message": {"a": 1}, "frames": {"a": 1}}},
        {"value": 1, "changed": {"0": 1}, "warnings": {"a": 1}},
        {"unsendable": {}},
        {"unsendable": ["{function} is mine", {}]},
        {"error": {"type": "E", "message": "", "said": ["{0.__class__}", {}], "frames": []}},
        "error",
        ["value"],
    ],
    ids=str,
)
def test_answers_of_the_wrong_kind_end_the_check(result: Any) -> None:
    """Infinite positions, objects for lists and text for objects are a violation, no crash."""
    read_answer({"results": [result]}, b"")


def test_an_answer_too_deep_to_print_ends_the_check() -> None:
    """A type's name that is a thousand lists within each other is a violation, no crash."""
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    read_answer({"results": [{"error": {"type": deep, "message": deep, "frames": []}}]}, b"")
