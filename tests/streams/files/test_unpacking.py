"""Packed files are told by their bytes, read to their end, and what is missing is reported."""

import gzip
import io
import random
from collections.abc import Callable
from typing import Final

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import InvalidInput
from streams.files.unpacking import CHUNK, unpacked

TEXT = "".join(f'{{"number":{n}}}\n' for n in range(3_000)).encode()
PACKERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
}


def read(content: bytes, piece: int = CHUNK) -> tuple[bytes, list[str]]:
    source = io.BytesIO(content)
    reported: list[str] = []
    pieces = unpacked(lambda size: source.read(min(size, piece)), reported.append)
    return b"".join(pieces), reported


@pytest.mark.parametrize("packing", PACKERS)
@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=5), piece=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_members_and_frames_are_read_to_the_end_however_they_arrive(
    packing: str, parts: list[bytes], piece: int
) -> None:
    pack = PACKERS[packing]
    packed = b"".join(pack(part) for part in parts)
    assert read(packed, piece) == (b"".join(parts), [])


@pytest.mark.parametrize("packing", PACKERS)
@given(cut=st.integers(1, 10**9), piece=st.sampled_from([1, 7, CHUNK]))
@settings(max_examples=60, deadline=None)
def test_a_missing_ending_is_a_hole_and_what_stands_before_is_read(
    packing: str, cut: int, piece: int
) -> None:
    whole = PACKERS[packing](TEXT)
    rest, reported = read(whole[: 4 + cut % (len(whole) - 4)], piece)
    assert TEXT.startswith(rest)
    assert reported == [f"its {packing} data end before their ending"]


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("rest", [b"garbage", b"g", TEXT])
def test_what_follows_the_end_is_a_hole(packing: str, rest: bytes) -> None:
    found, reported = read(PACKERS[packing](TEXT) + rest)
    assert found == TEXT
    assert reported == [f"something that is no {packing} follows its {packing} data"]


def test_padding_between_members_is_none() -> None:
    packed = gzip.compress(b"a\n") + bytes(700) + gzip.compress(b"b\n") + bytes(300_000)
    assert read(packed) == (b"a\nb\n", [])


def test_skippable_frames_are_skipped() -> None:
    skipped = b"\x53\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    packed = skipped + zstandard.compress(b"a\n") + skipped + zstandard.compress(b"b\n")
    assert read(packed) == (b"a\nb\n", [])


@pytest.mark.parametrize("packing", PACKERS)
def test_damage_is_refused(packing: str) -> None:
    packer = zstandard.ZstdCompressor(write_checksum=True)
    noise = random.Random(1).randbytes(60_000)  # noqa: S311 - bytes that do not pack
    whole = gzip.compress(noise) if packing == "gzip" else packer.compress(noise)
    middle = len(whole) // 2
    with pytest.raises(InvalidInput, match=f"its {packing} data are damaged"):
        read(whole[:middle] + bytes(64) + whole[middle + 64 :])


@pytest.mark.parametrize("packing", PACKERS)
def test_no_piece_is_large_however_little_it_was_packed_into(packing: str) -> None:
    packed = PACKERS[packing](bytes(50_000_000))
    source = io.BytesIO(packed)
    sizes = [len(piece) for piece in unpacked(source.read, pytest.fail)]
    assert sum(sizes) == 50_000_000
    assert max(sizes) <= CHUNK


@given(content=st.binary(max_size=2_000), piece=st.integers(1, 100))
@settings(max_examples=100, deadline=None)
def test_whatever_is_not_packed_is_given_as_it_is(content: bytes, piece: int) -> None:
    if not content.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        assert read(content, piece) == (content, [])
