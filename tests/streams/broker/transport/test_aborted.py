"""Transactions in the bytes of a fetch: what was aborted is left out, by both ways of unpacking."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.batches.checked import CheckedRecords
from streams.broker.transport.unpacking import Listed, Unpacked, _unpack, unpack
from tests.detectors.refutation import refuted

PRODUCERS: Final = (7, 8, 9)
ABORT: Final = b"\x00\x00\x00\x00"
COMMIT: Final = b"\x00\x00\x00\x01"
CONTROL: Final = 0x20

_ATTRIBUTES: Final = slice(21, 23)
_CHECKSUM: Final = slice(17, 21)


class Written(NamedTuple):
    """Bytes of a log, its aborted transactions, and the values that are committed."""

    content: bytes
    aborted: list[tuple[int, int]]
    committed: list[bytes]


def batch(base: int, producer: int, values: list[bytes], *, transactional: bool) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, int(transactional), producer, 0, 0, 1 << 20)
    for number, value in enumerate(values):
        builder.append(number, 0, b"key", value, [])
    return at(base, bytes(builder.build()))


def marker(base: int, producer: int, key: bytes) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 1, producer, 0, 0, 1 << 20)
    builder.append(0, 0, key, b"\x00" * 6, [])
    built = bytearray(builder.build())
    attributes = int.from_bytes(built[_ATTRIBUTES], "big") | CONTROL
    built[_ATTRIBUTES] = attributes.to_bytes(2, "big")
    built[_CHECKSUM] = calc_crc32c(bytes(built[_ATTRIBUTES.start :])).to_bytes(4, "big")
    return at(base, bytes(built))


def at(base: int, built: bytes) -> bytes:
    return base.to_bytes(8, "big") + built[8:]


@st.composite
def logs(draw: st.DrawFn) -> Written:
    """Write by three producers in turn, in transactions and beside them; end the last at will."""
    content, offset = b"", 0
    begun: dict[int, int] = {}
    values: list[tuple[int | None, bytes]] = []  # a transaction is known by its first offset
    aborted: list[tuple[int, int]] = []
    for step in draw(st.lists(st.tuples(st.sampled_from(PRODUCERS), st.integers(0, 4)))):
        producer, act = step
        if act <= 2:
            count = draw(st.integers(1, 3))
            some = [b"%d" % (offset + number) for number in range(count)]
            transactional = act > 0 or producer in begun
            if transactional:
                begun.setdefault(producer, offset)
            content += batch(offset, producer, some, transactional=transactional)
            values += [(begun.get(producer), value) for value in some]
            offset += count
        else:
            first = begun.pop(producer, None)
            if first is not None and act == 3:
                aborted.append((producer, first))
            content += marker(offset, producer, ABORT if act == 3 else COMMIT)
            offset += 1
    # Reading ends before the first record of an open transaction.
    stable = min(begun.values(), default=offset)
    gone = {first for _, first in aborted}
    committed = [
        value
        for first, value in values
        if first not in gone and first not in begun.values() and int(value) < stable
    ]
    return Written(cut_at(content, stable), aborted, committed)


def cut_at(content: bytes, offset: int) -> bytes:
    start = 0
    while start < len(content) and int.from_bytes(content[start : start + 8], "big") < offset:
        start += 12 + int.from_bytes(content[start + 8 : start + 12], "big")
    return content[:start]


def buffered(written: Written, kind: type = MemoryRecords) -> Any:  # noqa: ANN401 - aiokafka publishes no types
    records = kind(written.content)
    place = TopicPartition("topic", 0)
    return PartitionRecords(
        place,
        records,
        written.aborted,
        0,
        None,
        None,
        check_crcs=True,
        isolation_level=READ_COMMITTED,
    )


def by_the_client(written: Written) -> Unpacked:
    return unpack(buffered(written, CheckedRecords))


def carefully(written: Written, aborted: Listed | None = None) -> Unpacked:
    """Unpack as what is compressed, or odd, is unpacked."""
    listed = written.aborted if aborted is None else aborted
    return _unpack(CheckedRecords(written.content), 0, listed, begins_within=True)


def uncommitted(written: Written) -> Unpacked:
    """Take everything."""
    return carefully(written, ())


def for_ever(written: Written) -> Unpacked:
    """Take a producer that has aborted once for one that always does."""
    found = carefully(written, ())
    gone = dict(reversed(written.aborted))
    stock = buffered(written)
    kept = []
    while stock._records.has_next():  # noqa: SLF001 - to see whose batch it is
        one = stock._records.next_batch()  # noqa: SLF001 - as above
        first = gone.get(one.producer_id)
        if first is None or one.base_offset < first:
            kept += [
                record
                for record in found.records
                if record.offset in range(one.base_offset, one.next_offset)
            ]
    return Unpacked(kept, found.next_offset)


def what_is_committed(unpacked: Callable[[Written], Unpacked], data: st.DataObject) -> None:
    """Exactly the committed records are given, and all that was fetched is passed."""
    written = data.draw(logs())
    records, following, *_ = unpacked(written)
    assert [record.value for record in records] == written.committed
    stock = buffered(written)
    assert [record.value for record in stock] == written.committed
    assert following == stock.next_fetch_offset


@given(st.data())
def test_what_is_committed_is_given_and_nothing_else(data: st.DataObject) -> None:
    what_is_committed(by_the_client, data)


@given(st.data())
def test_the_careful_way_gives_the_same(data: st.DataObject) -> None:
    what_is_committed(carefully, data)


def test_the_law_bites() -> None:
    assert refuted(what_is_committed, uncommitted)
    assert refuted(what_is_committed, for_ever)


def test_a_marker_that_cannot_be_read_ends_a_transaction_all_the_same() -> None:
    aborted = batch(0, 7, [b"0"], transactional=True)
    after = batch(2, 7, [b"1"], transactional=True)
    written = Written(aborted + marker(1, 7, b"\x00") + after, [(7, 0)], [b"1"])
    for way in (by_the_client, carefully):
        assert [record.value for record in way(written).records] == [b"1"]
