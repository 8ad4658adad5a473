"""Unpacking: the same records as the client's own, faster, and hostile header names."""

import gc
import weakref
from typing import Any, NamedTuple

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.batches.checked import CheckedRecords
from streams.broker.batches.clients import PositionedRecords
from streams.broker.transport.batch import Stretch, slices
from streams.broker.transport.unpacking import unpack
from tests.streams.broker.transport.hostile_batches import rename_headers
from tests.streams.stages.actors.in_memory import Record

PLACE = TopicPartition("topic", 0)


class Given(NamedTuple):
    """A record to be packed."""

    gap: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


SOME_BYTES = st.none() | st.binary(max_size=12)
RECORDS = st.builds(
    Given,
    st.integers(0, 3),
    st.integers(0, 10**12),
    SOME_BYTES,
    SOME_BYTES,
    st.lists(st.tuples(st.text(max_size=3), SOME_BYTES), max_size=2),
)
BATCHES = st.lists(st.lists(RECORDS, min_size=1, max_size=6), min_size=1, max_size=4)


def packed(batches: list[list[Given]], codec: int = 0) -> bytes:
    """Pack batches one after the other, with gaps between offsets as compaction leaves them."""
    content = b""
    offset = 0
    for batch in batches:
        builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 20)
        base = offset
        for given_record in batch:
            offset += given_record.gap
            builder.append(offset - base, *given_record[1:])
            offset += 1
        built = bytearray(builder.build())
        built[:8] = base.to_bytes(8, "big")
        content += bytes(built)
    return content


def stock(content: bytes, position: int) -> Any:  # noqa: ANN401 - untyped
    return PartitionRecords(PLACE, MemoryRecords(content), [], position, None, None, True, 0)  # noqa: FBT003 - the client's signature


def buffered(content: bytes, position: int) -> Any:  # noqa: ANN401 - untyped
    return PositionedRecords(PLACE, CheckedRecords(content), [], position, None, None, True, 0)  # noqa: FBT003 - as above


def fields(records: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - of any client
    return [
        (
            record.offset,
            record.timestamp,
            record.timestamp_type,
            record.key,
            record.value,
            [tuple(pair) for pair in record.headers],
        )
        for record in records
    ]


@given(BATCHES, st.integers(0, 9), st.sampled_from([0, 1]))
def test_as_the_client_would_unpack_it(
    batches: list[list[Given]], position: int, codec: int
) -> None:
    content = packed(batches, codec)
    position = min(position, unpack(buffered(content, 0)).next_offset - 1)
    client = stock(content, position)
    # The client goes back over batches that end before what it asked for; brokers send none.
    expected = [one for one in fields(client) if one[0] >= position]
    found = unpack(buffered(content, position))
    assert fields(found.records) == expected
    assert (found.next_offset, found.corrupt) == (client.next_fetch_offset, None)
    assert fields(buffered(content, position)) == expected  # as commands and changelogs read


def test_a_batch_cut_off_by_the_broker_is_left_for_the_next_fetch() -> None:
    batch = [Given(0, 0, None, b"value", [])]
    content = packed([batch, batch])
    cut = content[:-5]
    assert [record.offset for record in unpack(buffered(cut, 0)).records] == [0]


def test_records_of_the_oldest_format_are_read_too() -> None:
    builder = LegacyRecordBatchBuilder(1, 0, 1 << 16)
    builder.append(0, 1_000, b"key", b"value")
    content = bytes(builder.build())
    expected = fields(stock(content, 0))
    assert fields(unpack(buffered(content, 0)).records) == expected


@pytest.mark.parametrize("codec", [0, 1])
def test_a_header_name_that_is_no_utf_8_takes_nothing_down(codec: int) -> None:
    hostile = [
        Given(0, 0, b"k", b"before", []),
        Given(0, 0, None, None, [("abcd", b"1")]),
        Given(0, 0, b"k", b"after", []),
    ]
    content = rename_headers(packed([hostile], codec), b"abcd", b"\xff\xfe\xfd\xfc")
    with pytest.raises(UnicodeDecodeError):  # aiokafka alone never gets past it
        list(stock(content, 0))
    assert [record.value for record in buffered(content, 0)] == [b"before", None, b"after"]
    records, following, *_ = unpack(buffered(content, 0))
    assert [record.value for record in records] == [b"before", None, b"after"]
    assert [name.encode("utf-8", "surrogateescape") for name, _ in records[1].headers] == [
        b"\xff\xfe\xfd\xfc"
    ]
    assert following == 3


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.integers(0, 2)),
        st.tuples(st.integers(0, 3), st.sets(st.integers(3, 40), max_size=20), st.integers(0, 3)),
    ),
    st.integers(1, 7),
)
def test_slices_keep_the_order_of_every_partition_and_bound_a_batch(
    drawn: dict[tuple[str, int], tuple[int, set[int], int]], largest: int
) -> None:
    taken = {}
    for place, (since, offsets, markers) in drawn.items():
        until = max(offsets, default=since) + 1 + markers
        taken[place] = Stretch(since, until, [Record(o, None, b"") for o in sorted(offsets)])
    parts = list(slices(taken, largest))
    assert all(len(part.records) <= largest for _, part in parts)
    for place, stretch in taken.items():
        own = [part for where, part in parts if where == place]
        assert [record for part in own for record in part.records] == stretch.records
        # Nothing lies between two of them, and each lies where it says.
        assert [part.since for part in own] == [stretch.since, *(part.until for part in own[:-1])]
        assert own[-1].until == stretch.until
        assert all(p.since <= r.offset < p.until for p in own for r in p.records)
        assert len(own) == 1 or all(part.records for part in own)


def test_what_was_unpacked_is_free_without_a_collection() -> None:
    content = packed([[Given(0, 0, b"k", b"v", [])]], 0)
    taken, left = buffered(content, 0), stock(content, 0)
    unpack(taken)
    gone, stays = weakref.ref(taken), weakref.ref(left)
    gc.disable()
    try:
        del taken, left
        assert gone() is None
        assert stays() is not None  # else the client has no such cycle any more, and we need not
    finally:
        gc.enable()
