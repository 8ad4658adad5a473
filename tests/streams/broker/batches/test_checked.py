"""Batches that cannot be unpacked are named, with their offsets; all others are read."""

import gzip
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

import lz4.frame
import pytest
from aiokafka import TopicPartition
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.batches.checked import LARGEST_FETCH_UNPACKED, CheckedRecords
from streams.broker.batches.clients import PositionedRecords
from streams.broker.batches.codecs import LARGEST_UNPACKED
from streams.broker.transport.unpacking import Unpacked, unpack
from tests.streams.broker.batches.made import CODECS, FORMS, batch, bomb, frame, record

PLACE: Final = TopicPartition("topic", 0)
BEFORE: Final = batch([b"0", b"1"])
AFTER: Final = batch([b"5", b"6"], base=5)
BODY: Final = b"".join(record(at, b"value") for at in range(3))
END: Final = 7


def changed(content: bytes, at: int, other: bytes) -> bytes:
    return content[:at] + other + content[at + len(other) :]


def squeezed(body: bytes, count: int = 3) -> bytes:
    return frame(body, count, codec=CODECS["gzip"], base=2)


LZ4: Final = lz4.frame.compress(BODY, content_checksum=True, block_linked=False)
XERIAL: Final = b"\x82SNAPPY\0\0\0\0\1\0\0\0\1"

CORRUPT: Final[Mapping[str, bytes]] = {
    "wrong checksum": frame(BODY, 3, base=2, checksum=1),
    "one bit of a value": changed(frame(BODY, 3, base=2), 75, b"X"),
    "codec 5": frame(BODY, 3, base=2, codec=5),
    "codec 7": frame(BODY, 3, base=2, codec=7),
    **{
        f"{name}, no such content": frame(b"garbage" * 5, 3, base=2, codec=codec)
        for name, codec in CODECS.items()
    },
    **{f"{name}, empty": frame(b"", 3, base=2, codec=codec) for name, codec in CODECS.items()},
    "gzip, cut off": squeezed(gzip.compress(BODY)[:-9]),
    "lz4, wrong content checksum": frame(
        LZ4[:-1] + bytes([LZ4[-1] ^ 1]), 3, base=2, codec=CODECS["lz4"]
    ),
    "snappy, a block of minus four bytes": frame(
        XERIAL + struct.pack(">i", -4), 3, base=2, codec=CODECS["snappy"]
    ),
    "snappy, a block of two gigabytes": frame(
        XERIAL + struct.pack(">i", 2**31 - 1) + b"x", 3, base=2, codec=CODECS["snappy"]
    ),
    "snappy, said to become four gigabytes": frame(
        b"\xff\xff\xff\xff\x0f\0a", 3, base=2, codec=CODECS["snappy"]
    ),
    "more records than there are": frame(BODY, 5, base=2, delta=2),
    "fewer records than there are": frame(BODY, 2, base=2, delta=2),
    "minus one record": frame(BODY, -1, base=2, delta=2),
    "two thousand million records": frame(BODY, 2**31 - 1, base=2, delta=2),
    "a record of a length that is none": frame(changed(BODY, 0, b"\x7f"), 3, base=2),
    "a key longer than the batch": frame(
        record(0, b"v").replace(b"\x06key", b"\x7ekey"), 3, base=2
    ),
    "a format of the future": frame(BODY, 3, base=2, form=3, checksum=1),
    "format -1": frame(BODY, 3, base=2, form=-1, checksum=1),
    "too large": bomb(LARGEST_UNPACKED + 1, base=2)[:23] + bomb(LARGEST_UNPACKED + 1, base=2)[23:],
}
"""Batches of the offset 2 that nobody can unpack; the header says where they end: 2, 3 or 4."""


DISORDERLY: Final[Mapping[str, bytes]] = {
    "offsets that all are one": frame(
        record(0, b"a") + record(0, b"b") + record(0, b"c"), 3, base=2
    ),
    "an offset far away": frame(record(0, b"a") + record(10**6, b"b") + record(2, b"c"), 3, base=2),
    "a last offset far away": frame(
        record(0, b"a") + record(1, b"b") + record(10**6, b"c"), 3, base=2
    ),
    "an offset before its batch": frame(
        record(-2, b"a") + record(1, b"b") + record(2, b"c"), 3, base=2
    ),
    "offsets the other way round": frame(
        record(2, b"a") + record(1, b"b") + record(0, b"c"), 3, base=2
    ),
}
"""Batches that a broker stores, though the offsets of their records lie."""


def fetched(content: bytes, position: int = 0, end: int | None = END) -> Any:  # noqa: ANN401 - the client's
    checked = CheckedRecords(content)
    checked.end = end
    return PositionedRecords(PLACE, checked, [], position, None, None, True, 0)  # noqa: FBT003 - the client's signature


def read_all(content: bytes, end: int = END) -> tuple[list[bytes | None], list[tuple[int, int]]]:
    """Read as a worker does, from a broker that answers with all from the position on."""
    values: list[bytes | None] = []
    corrupt: list[tuple[int, int]] = []
    position = 0
    starts = _starts(content)
    while position < end:
        at = max((at for base, at in starts if base <= position), default=0)
        found = unpack(fetched(content[at:], position, end))
        values += [one.value for one in found.records]
        if found.corrupt is not None:
            corrupt.append((found.corrupt.first, found.corrupt.last))
        assert found.next_offset > position, "it would read the same for ever"
        position = found.next_offset
    return values, corrupt


def _starts(content: bytes) -> list[tuple[int, int]]:
    """Return the base offset of each batch made here, and where it begins."""
    return [(0, 0), (2, len(BEFORE)), (5, len(content) - len(AFTER))]


@pytest.mark.parametrize("name", CORRUPT)
def test_exactly_the_corrupt_batch_is_stepped_over(name: str) -> None:
    values, corrupt = read_all(BEFORE + CORRUPT[name] + AFTER)
    assert values == [b"0", b"1", b"5", b"6"]
    assert corrupt == [(2, 4)]


@pytest.mark.parametrize("name", CORRUPT)
def test_the_client_without_our_care_stops_there_or_is_led_astray(name: str) -> None:
    if name == "too large":
        assert len(CORRUPT[name]) < 10_000
        return
    batches = MemoryRecords(CORRUPT[name])
    try:
        one = batches.next_batch()
        offsets = [found.offset for found in one] if one.validate_crc() else []
    except Exception:  # noqa: BLE001 - of whatever kind
        return
    assert offsets != [2, 3, 4]


@pytest.mark.parametrize("name", DISORDERLY)
@pytest.mark.parametrize("others", [0, 2_001])
def test_offsets_that_lie_lead_past_nothing_and_lose_nothing(name: str, others: int) -> None:
    end = END + others
    content = BEFORE + DISORDERLY[name] + AFTER + batch([b"x"] * others, base=END) * bool(others)
    found = unpack(fetched(content, 0, end))
    assert [one.value for one in found.records[:7]] == [b"0", b"1", b"a", b"b", b"c", b"5", b"6"]
    assert (found.next_offset, found.corrupt) == (end, None)
    assert found.records[-1].offset == end - 1
    careful = [one.offset for one in fetched(content, 0, end)]
    assert careful == list(range(end))
    if others:
        assert [one.offset for one in found.records] == careful


@pytest.mark.parametrize("name", DISORDERLY)
def test_offsets_that_lie_at_the_end_of_a_fetch_are_put_right(name: str) -> None:
    found = unpack(fetched(BEFORE + DISORDERLY[name], 0, 5))
    assert (found.records[-1].offset, found.next_offset) == (4, 5)
    assert [one.value for one in found.records] == [b"0", b"1", b"a", b"b", b"c"]


def test_a_batch_that_begins_before_the_one_in_front_of_it_is_corrupt() -> None:
    found = unpack(fetched(BEFORE + batch([b"v"], base=1), 0, 9))
    assert found.corrupt is not None
    assert "before what was read" in found.corrupt.why
    again = unpack(fetched(BEFORE + AFTER, 2, 9))
    assert [one.value for one in again.records] == [b"5", b"6"]
    assert again.corrupt is None
    stale = unpack(fetched(BEFORE, 2, 9))
    assert stale.corrupt is not None
    assert stale.next_offset == 3


@pytest.mark.parametrize("length", [-(2**31), -100, -13, -12, -1, 0, 5, 14, 20, 48, 2**31 - 1])
def test_a_length_that_cannot_be_leaves_out_one_offset_at_a_time(length: int) -> None:
    spoilt = changed(frame(BODY, 9, base=2, delta=2), 8, struct.pack(">i", length))
    found = unpack(fetched(spoilt, 2))
    assert found.corrupt is not None
    assert (found.corrupt.first, found.corrupt.last, found.next_offset) == (2, 2, 3)
    assert "one offset" in found.corrupt.why


@pytest.mark.parametrize("length", range(1, 62))
def test_an_answer_of_a_few_bytes_ends_nothing(length: int) -> None:
    found = unpack(fetched(frame(BODY, 3, base=2)[:length], 2))
    assert found.records == []
    assert found.corrupt is not None
    assert found.next_offset > 2


def test_what_the_broker_cut_off_at_the_end_is_no_corrupt_batch() -> None:
    for cut in range(1, len(AFTER)):
        found = unpack(fetched(BEFORE + AFTER[:-cut]))
        assert (len(found.records), found.next_offset, found.corrupt) == (2, 2, None)


def test_an_end_that_only_a_spoilt_header_names_is_not_believed() -> None:
    spoilt = frame(BODY, 3, base=2, delta=10**6, checksum=1)
    found = unpack(fetched(spoilt, 2))
    assert found.next_offset == 3
    beyond = unpack(fetched(batch([b"v"], base=10**9), 2))
    assert beyond.records == []
    assert beyond.next_offset == 3


def test_a_batch_that_was_read_in_part_is_left_out_from_there_on() -> None:
    found = unpack(fetched(CORRUPT["wrong checksum"], 3))
    assert found.corrupt is not None
    assert (found.corrupt.first, found.corrupt.last) == (3, 4)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_every_codec_is_read(form: str) -> None:
    values = [b"%d" % at * 40 for at in range(300)]
    found = unpack(fetched(batch(values, form=form), 0, 300))
    assert [one.value for one in found.records] == values
    assert [one.value for one in fetched(batch(values, form=form), 0, 300)] == values
    assert (found.corrupt, found.next_offset) == (None, 300)


def test_a_fetch_of_bombs_ends_before_they_fill_the_memory() -> None:
    size = LARGEST_FETCH_UNPACKED // 3
    content = b"".join(bomb(size, base=at) for at in range(40))
    found = unpack(fetched(content, 0, 40))
    assert 3 <= len(found.records) <= 4
    assert found.next_offset == len(found.records)
    assert found.corrupt is None


@pytest.mark.parametrize("form", ["gzip", "snappy, xerial", "lz4", "zstd", "zstd, no size"])
def test_the_largest_batch_is_read_and_a_larger_one_is_not(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = batch([bytes(400_000)], form=form)
    size = len(record(0, bytes(400_000)))
    read: dict[int, Unpacked] = {}
    for limit in (size, size - 1):
        monkeypatch.setattr("streams.broker.batches.checked.LARGEST_UNPACKED", limit)
        read[limit] = unpack(fetched(content, 0, 1))
    assert len(read[size].records) == 1
    left_out = read[size - 1].corrupt
    assert left_out is not None
    assert "bytes once it is unpacked" in left_out.why


MUTATE: Final = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4)


@given(form=st.sampled_from(sorted(FORMS)), changes=MUTATE, reseal=st.booleans())
def test_whatever_bytes_come_reading_gets_on_and_nothing_is_raised(
    *, form: str, changes: list[tuple[int, int]], reseal: bool
) -> None:
    content = bytearray(BEFORE + batch([b"2", b"3", b"4"], form=form, base=2) + AFTER)
    for at, byte in changes:
        content[at % len(content)] = byte
    middle = slice(len(BEFORE), len(content) - len(AFTER))
    if reseal:  # as a producer would that is wrong, and not a disk
        content[middle] = frame(bytes(content[middle])[61:], 3, codec=FORMS[form][0], base=2)
    values, _ = read_all(bytes(content))
    if not changes:
        assert values == [b"%d" % at for at in range(7)]


def test_the_careful_reader_says_what_the_quick_one_says() -> None:
    content = BEFORE + batch([b"2", b"3", b"4"], base=2) + AFTER
    careful: Callable[[], Any] = lambda: fetched(content)  # noqa: E731 - a fresh one each time
    assert [one.value for one in careful()] == [one.value for one in unpack(careful()).records]
