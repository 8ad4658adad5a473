"""Faults of Faust's streams, tables and topics, and what takes their place here."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import faust
import msgspec
import pytest
from faust.types import TP

from detectors.basis.event_time import Seconds
from detectors.decoding import EventDecoder
from detectors.ledger.stage import Ledger
from detectors.settings import read_settings
from streams.broker.transport.batch import FetchedBatch, Stretch, slices
from streams.broker.transport.schema import BATCHES_WAITING, batch_topic
from tests.streams.hostile_corpus import sale

PARTITIONS: Final = 3
SOLD_AT: Final = 1_740_830_400.0  # when `sale` sells


def stock_app(folder: Path) -> faust.App:
    return faust.App("defects", broker="kafka://localhost:9", datadir=folder, web_enabled=False)


# -------------------------------------------------------------------- windows that close unnoticed


async def stock_windows_told(folder: Path) -> int:
    """Let the same window of three partitions end on one worker; count the callbacks (#193)."""
    told: list[Any] = []
    app = stock_app(folder)
    table: Any = app.Table("windows", default=int, on_window_close=lambda key, _: told.append(key))
    table = table.tumbling(10, expires=1).table
    window = (0.0, 9.9)
    for partition in range(PARTITIONS):
        key = (f"agent-{partition}", window)
        table.data.data[key] = 1
        table._partition_timestamp_keys[partition, window[1]] = {key}  # noqa: SLF001 - the defect
        table._partition_timestamps[partition].append(window[1])  # noqa: SLF001 - as above
        table._partition_latest_timestamp[partition] = time.time()  # noqa: SLF001 - as above
    await table._del_old_keys()  # noqa: SLF001 - as above
    return len(told)


def our_windows_told() -> int:
    """Let the same window of three partitions end; count the alerts."""
    settings = read_settings({"patterns": {"unused_account": {"window": "1d"}}})
    told = 0
    for partition in range(PARTITIONS):
        ledger = Ledger(settings, partition)
        ledger.apply(EventDecoder(settings.limits).decode(sale(account_id=f'"a-{partition}"')))
        ledger.advance(Seconds(SOLD_AT + 10 * 86_400))
        told += len(ledger.drain().bundle.findings)
    return told


def test_stock_faust_tells_one_partition_of_three(tmp_path: Path) -> None:
    assert asyncio.run(stock_windows_told(tmp_path)) < PARTITIONS


def test_our_ledgers_tell_every_one() -> None:
    assert our_windows_told() == PARTITIONS


# ----------------------------------------------------------------------------- batches of a stream


def test_a_batch_of_ours_is_of_one_partition_and_state_is_kept_by_its_number() -> None:
    state = dict.fromkeys(range(PARTITIONS), 0)
    records = [message_of(b"record") for _ in range(5)]
    taken = {("sales", number): Stretch(0, 5, records) for number in range(PARTITIONS)}
    for (topic, partition), stretch in slices(taken, 2):
        batch = FetchedBatch(topic, partition, 1, *stretch, finish=lambda: None)
        state[batch.partition] += len(batch.records)
    assert state == dict.fromkeys(range(PARTITIONS), 5)


# --------------------------------------------------------------------------- buffers without bound


def test_stock_faust_drops_the_bound_of_a_topic(tmp_path: Path) -> None:
    topic: Any = stock_app(tmp_path).topic("sales", maxsize=BATCHES_WAITING)
    assert topic.maxsize != BATCHES_WAITING


def test_topics_of_batches_are_bounded(tmp_path: Path) -> None:
    topic: Any = batch_topic(stock_app(tmp_path), "sales")
    assert topic.maxsize == BATCHES_WAITING


# -------------------------------------------------------------------- a record that cannot be read


async def stock_reads(folder: Path, value: bytes) -> list[Any]:
    """Decode a record as a stock topic does."""
    topic: Any = stock_app(folder).topic("sales", value_serializer="json")
    return [await topic.decode(message_of(value), propagate=True)]


async def ours_reads(folder: Path, value: bytes) -> list[Any]:
    """Decode a batch with the record in it as one of our topics does."""
    topic: Any = batch_topic(stock_app(folder), "sales")
    message = message_of(b"")
    message.value = FetchedBatch("sales", 0, 1, 0, 1, [message_of(value)], finish=lambda: None)
    event = await topic.decode(message, propagate=True)
    return [record.value for record in event.value.records]


def message_of(value: bytes) -> Any:  # noqa: ANN401 - as Faust makes them
    return faust.types.tuples.ConsumerMessage(
        "sales", 0, 0, 0.0, 0, None, None, value, None, tp=TP("sales", 0)
    )


@pytest.mark.parametrize("value", [b"\xff\xfe", b"{", b"\x00"])
def test_stock_faust_acknowledges_what_it_cannot_read_ours_hands_it_on(
    value: bytes, tmp_path: Path
) -> None:
    with pytest.raises(faust.exceptions.ValueDecodeError):  # upon which the conductor acks it
        asyncio.run(stock_reads(tmp_path, value))
    assert asyncio.run(ours_reads(tmp_path, value)) == [value]
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(value)  # it is for the stage to send it to the dead letters
