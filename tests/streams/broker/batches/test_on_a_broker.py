"""What a real broker stores, read by both clients; and the forms that only it would refuse."""

import asyncio
import gzip
import logging
from typing import Final
from uuid import uuid4

import lz4.frame
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams.broker.changelog import read_changelog
from streams.broker.reader import read_topic
from streams.wire.seal import SEAL, place_of, seal_of
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.batches.made import (
    CODECS,
    FORMS,
    batch,
    bomb,
    frame,
    produce,
    record,
)

TOO_LARGE: Final = 200_000_000
CHECKED_LZ4: Final = lz4.frame.compress(record(0, b"lost"), content_checksum=True)

STORED: Final = {
    "a bomb of zstd": bomb(TOO_LARGE),
    "a bomb of gzip": bomb(TOO_LARGE, form="gzip"),
    "bytes behind the gzip stream": frame(
        gzip.compress(record(0, b"lost")) + b"garbage!", 1, codec=CODECS["gzip"]
    ),
    "a wrong checksum inside an lz4 frame": frame(
        CHECKED_LZ4[:-1] + bytes([CHECKED_LZ4[-1] ^ 1]), 1, codec=CODECS["lz4"]
    ),
}
"""Batches that Kafka 4.1 takes from a producer, and no Python client unpacks, or should."""


@pytest.fixture(scope="module")
def topic(broker: AvailableBroker) -> str:
    """Return a topic that holds every form of a batch, and every one that cannot be unpacked."""
    name = f"batches-{uuid4()}"
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics([NewTopic(name, 1, 1)])
    admin.close()
    for form in FORMS:
        assert produce(broker.bootstrap, name, 0, batch([form.encode()] * 3, form=form)) in {0, 87}
    for content in STORED.values():
        assert produce(broker.bootstrap, name, 0, content) == 0
    lying = frame(record(0, b"a") + record(10**6, b"b") + record(2, b"c"), 3)
    assert produce(broker.bootstrap, name, 0, lying) == 0
    # Of a changelog only what bears our seal counts.
    seal = seal_of(place_of(name, 0), b"key", b"last")
    last = record(0, b"last", headers=[(SEAL.encode(), seal)])
    assert produce(broker.bootstrap, name, 0, frame(last, 1)) == 0
    return name


def test_the_commands_read_all_and_say_what_they_leave_out(
    broker: AvailableBroker, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "aboveboard.broker"):
        found = list(read_topic(broker.bootstrap, topic))
    assert [one.value for one in found[-4:]] == [b"a", b"b", b"c", b"last"]
    assert {one.value.decode() for one in found[:-4]} >= {"none", "gzip", "snappy, raw", "zstd"}
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == len(STORED)
    assert all("cannot be unpacked and is left out" in one for one in said)
    offsets = [one.offset for one in found]
    assert offsets == sorted(set(offsets))


def test_a_changelog_is_read_past_them(broker: AvailableBroker, topic: str) -> None:
    reading = asyncio.run(read_changelog(broker.bootstrap, topic, 0))
    assert reading.entries == {b"key": b"last"}
    assert reading.complete
    read_by_commands = list(read_topic(broker.bootstrap, topic))
    assert reading.foreign.number == len(read_by_commands) - 1
