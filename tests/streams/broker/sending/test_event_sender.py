import json
import subprocess
import sys
import time
from uuid import uuid4

import pytest
from kafka.partitioner import murmur2

from streams.broker.admin import create_topics
from streams.broker.sending.event_sender import ReplayCounts, replay, replay_located
from streams.demo.embedded_broker import EmbeddedBroker
from streams.errors import BrokerError
from streams.files.events import Origin
from streams.wire.routing import LARGEST_RECORD
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.brokers.selection import AvailableBroker
from tests.limited_process import limited
from tests.streams.broker.sending.sent_events import PARTITIONS, event, events, stored

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"replay-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix, PARTITIONS)
    return prefix


def test_events_arrive_unchanged_in_the_topics_of_their_types(
    any_broker: AvailableBroker, prefix: str
) -> None:
    lines = events(300)
    counts = replay(lines, any_broker.bootstrap, prefix)
    assert counts == ReplayCounts(sales=100, cancellations=100, account_activity=100)
    records = stored(any_broker.bootstrap, prefix, len(lines))
    assert sorted(record.value for record in records) == sorted(lines)
    for record in records:
        assert json.loads(record.value)["type"] == EVENT_TOPICS[record.topic]


def test_the_account_is_the_key_and_alone_decides_the_partition(
    any_broker: AvailableBroker, prefix: str
) -> None:
    replay(events(300), any_broker.bootstrap, prefix)
    for record in stored(any_broker.bootstrap, prefix, 300):
        assert record.key == json.loads(record.value)["account_id"].encode()
        assert record.partition == (murmur2(record.key) & 0x7FFF_FFFF) % PARTITIONS


def test_what_is_about_an_agent_is_in_every_partition(
    any_broker: AvailableBroker, prefix: str
) -> None:
    line = (
        b'{"type": "agent_merged", "event_id": "e", "account_id": "old", "agent_id": "old", '
        b'"into_agent_id": "new", "occurred_at": "2025-03-01T12:00:00Z"}'
    )
    counts = replay([line, *events(3)], any_broker.bootstrap, prefix)
    assert counts.account_activity == 2
    records = stored(any_broker.bootstrap, prefix, PARTITIONS + 3)
    found = [record for record in records if record.value == line]
    assert {record.topic for record in found} == {Topic.ACCOUNT_ACTIVITY}
    assert sorted(record.partition for record in found) == list(range(PARTITIONS))


def test_events_keep_their_order_in_a_partition(any_broker: AvailableBroker, prefix: str) -> None:
    lines = events(3_000)
    located = ((event, Origin("-", 1)) for event in lines)
    replay_located(located, any_broker.bootstrap, prefix, slice_size=70)
    place = {event: number for number, event in enumerate(lines)}
    newest: dict[tuple[Topic, int], int] = {}
    for record in stored(any_broker.bootstrap, prefix, len(lines)):
        partition = (record.topic, record.partition)
        assert place[record.value] > newest.get(partition, -1)
        newest[partition] = place[record.value]


def test_a_slice_arrives_after_the_whole_slice_before(
    any_broker: AvailableBroker, prefix: str
) -> None:
    lines = events(500)
    located = ((event, Origin("-", 1)) for event in lines)
    watched: list[float] = []
    replay_located(
        located,
        any_broker.bootstrap,
        prefix,
        slice_size=100,
        watch=lambda: watched.append(time.monotonic()),
    )
    assert len(watched) >= 5
    slice_of = {event: number // 100 for number, event in enumerate(lines)}
    arrivals: dict[int, list[int]] = {}
    for record in stored(any_broker.bootstrap, prefix, len(lines)):
        arrivals.setdefault(slice_of[record.value], []).append(record.arrived)
    for number in range(4):
        assert max(arrivals[number]) <= min(arrivals[number + 1])


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b'{"type": "sale", "account_id": "a"',
        b'{"account_id": "a"}',
        b'{"type": "refund", "account_id": "a"}',
        b'{"type": 7}',
        b"[]",
        b"\xff\xfe",
        b'{"type": ' + b"[" * 100_000,
    ],
    ids=["text", "cut", "untyped", "other", "number", "list", "bytes", "deep"],
)
def test_lines_of_unknown_type_become_dead_letters(
    any_broker: AvailableBroker, prefix: str, line: bytes
) -> None:
    lines = [event(1, "sale"), line, b"", b" \t", event(2, "sale")]
    counts = replay(lines, any_broker.bootstrap, prefix)
    assert counts == ReplayCounts(sales=2, dead_letters=1)
    records = stored(any_broker.bootstrap, prefix, 3)
    (letter,) = [record for record in records if record.topic is Topic.DEAD_LETTERS]
    assert letter.value == line
    assert letter.headers["reason"] == "unknown_source"
    assert letter.headers["detail"]
    assert (letter.headers["source"], letter.headers["line"]) == ("-", "2")


def test_a_line_larger_than_a_topic_takes_leaves_its_beginning_in_the_dead_letters(
    any_broker: AvailableBroker, prefix: str
) -> None:
    line = event(1, "sale", "x" * LARGEST_RECORD)
    assert replay([line], any_broker.bootstrap, prefix) == ReplayCounts(dead_letters=1)
    (letter,) = stored(any_broker.bootstrap, prefix, 1)
    assert letter.headers["reason"] == "too_large"
    assert letter.value == line[: len(letter.value)]
    assert len(letter.value) == 65_536


def test_the_largest_line_a_topic_takes_is_stored_whole(
    any_broker: AvailableBroker, prefix: str
) -> None:
    # Hexadecimal digits of a hash: gzip cannot make them small.
    head = b'{"type": "sale", "account_id": "a", "spare": "'
    digits = "".join(uuid4().hex for _ in range(LARGEST_RECORD // 32)).encode()
    line = head + digits[: LARGEST_RECORD - len(head) - 2] + b'"}'
    assert len(line) == LARGEST_RECORD
    assert replay([line], any_broker.bootstrap, prefix) == ReplayCounts(sales=1)
    assert stored(any_broker.bootstrap, prefix, 1)[0].value == line


@pytest.mark.parametrize("account", ["null", "[7]", '"' + "x" * 400_000 + '"', '""', '"\\ud800"'])
def test_an_event_without_a_usable_account_is_left_to_the_worker(
    any_broker: AvailableBroker, prefix: str, account: str
) -> None:
    line = f'{{"type": "cancellation", "account_id": {account}}}'.encode()
    assert replay([line], any_broker.bootstrap, prefix) == ReplayCounts(cancellations=1)
    (record,) = stored(any_broker.bootstrap, prefix, 1)
    assert (record.topic, record.key, record.value) == (Topic.CANCELLATIONS, b"", line)


def test_a_number_is_an_account(any_broker: AvailableBroker, prefix: str) -> None:
    line = b'{"type": "cancellation", "account_id": 7}'
    assert replay([line], any_broker.bootstrap, prefix) == ReplayCounts(cancellations=1)
    (record,) = stored(any_broker.bootstrap, prefix, 1)
    assert (record.topic, record.key, record.value) == (Topic.CANCELLATIONS, b"7", line)


def test_events_wait_for_their_time(any_broker: AvailableBroker, prefix: str) -> None:
    lines = [event(0, "sale"), event(60, "sale"), event(30, "sale"), event(120, "sale")]
    begun = time.monotonic()
    replay(lines, any_broker.bootstrap, prefix, speed=240)
    assert time.monotonic() - begun >= 0.5
    records = stored(any_broker.bootstrap, prefix, 4)
    arrived = {record.value: record.arrived for record in records}
    assert arrived[lines[3]] - arrived[lines[1]] >= 100


def test_missing_topics_are_named_with_the_remedy(any_broker: AvailableBroker) -> None:
    prefix = f"none-{uuid4()}-"
    with pytest.raises(BrokerError, match=f"no topic {prefix}sales.*aboveboard topics"):
        replay(events(1), any_broker.bootstrap, prefix)


# In a process of its own, since kafka-python leaves sockets open when it loses a broker.
_REPLAY_WITH_PATIENCE = """
import sys
from streams.files.events import Origin
from streams.broker.sending.event_sender import replay_located
lines = ((line.rstrip(), Origin("-", 1)) for line in sys.stdin.buffer)
replay_located(
    lines, sys.argv[1], slice_size=100, patience=2, watch=lambda: print("slice", flush=True)
)
"""


def test_a_broker_that_is_lost_on_the_way_is_an_error() -> None:
    with EmbeddedBroker() as broker:
        create_topics(broker.bootstrap)
        process = subprocess.Popen(
            [sys.executable, "-c", _REPLAY_WITH_PATIENCE, broker.bootstrap],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with limited(process):
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(b"\n".join([*events(150), b""]))
            process.stdin.flush()
            assert process.stdout.readline() == b"slice\n"
            broker.stop()
            _, error = process.communicate(b"\n".join(events(50)), timeout=20)
    assert process.returncode == 1
    assert b"did not store all records" in error
