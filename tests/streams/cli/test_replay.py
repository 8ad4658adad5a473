import gzip
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.partitioner import murmur2

from streams.broker.admin import create_topics
from streams.broker.event_sender import ReplayCounts, replay, replay_located
from streams.cli.main import main
from streams.demo.embedded_broker import EmbeddedBroker
from streams.errors import BrokerError
from streams.files.events import Origin
from streams.wire.routing import LARGEST_RECORD
from streams.wire.topics import EVENT_TOPICS, Topic, topic_name
from tests.brokers.selection import AvailableBroker

pytestmark = pytest.mark.integration

_PARTITIONS = 3
_TYPES = ("sale", "account_activity", "cancellation")


class Stored(NamedTuple):
    topic: Topic
    partition: int
    arrived: int
    key: bytes | None
    value: bytes
    headers: dict[str, str]


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"replay-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix, _PARTITIONS)
    return prefix


def _event(number: int, kind: str, account: str = "a") -> bytes:
    # Spaces and an unknown field: what is stored are the bytes of the source.
    return (
        f'{{ "type": "{kind}", "event_id": "e{number}", "account_id": "{account}", '
        f'"occurred_at": "2025-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"'
        f', "spare": [{number}], "sale_id": "s", "customer_id": "c", "agent_id": null, '
        '"product": "card", "amount": 1, "reason": "other", "initiated_by": "customer", '
        '"kind": "login" }'
    ).encode()


def _events(count: int) -> list[bytes]:
    return [
        _event(number, _TYPES[number % len(_TYPES)], f"a{number % 17}") for number in range(count)
    ]


def _stored(bootstrap: str, prefix: str, count: int) -> list[Stored]:
    """Read so many records of the topics that replay writes, and see that there are no more."""
    topics = {topic_name(prefix, topic): topic for topic in (*EVENT_TOPICS, Topic.DEAD_LETTERS)}
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=2**22
    )
    found: list[Stored] = []
    try:
        consumer.assign([TopicPartition(name, n) for name in topics for n in range(_PARTITIONS)])
        deadline = time.monotonic() + 20
        while len(found) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=200).values():
                found.extend(
                    Stored(
                        topics[record.topic],
                        record.partition,
                        record.timestamp,
                        record.key,
                        record.value,
                        {name: value.decode() for name, value in record.headers},
                    )
                    for record in records
                )
        assert not consumer.poll(timeout_ms=200)
    finally:
        consumer.close()
    assert len(found) == count
    return found


def test_events_arrive_unchanged_in_the_topics_of_their_types(
    any_broker: AvailableBroker, prefix: str
) -> None:
    events = _events(300)
    counts = replay(events, any_broker.bootstrap, prefix)
    assert counts == ReplayCounts(sales=100, cancellations=100, account_activity=100)
    stored = _stored(any_broker.bootstrap, prefix, len(events))
    assert sorted(record.value for record in stored) == sorted(events)
    for record in stored:
        assert json.loads(record.value)["type"] == EVENT_TOPICS[record.topic]


def test_the_account_is_the_key_and_alone_decides_the_partition(
    any_broker: AvailableBroker, prefix: str
) -> None:
    replay(_events(300), any_broker.bootstrap, prefix)
    for record in _stored(any_broker.bootstrap, prefix, 300):
        assert record.key == json.loads(record.value)["account_id"].encode()
        assert record.partition == (murmur2(record.key) & 0x7FFF_FFFF) % _PARTITIONS


def test_events_keep_their_order_in_a_partition(any_broker: AvailableBroker, prefix: str) -> None:
    events = _events(3_000)
    located = ((event, Origin("-", 1)) for event in events)
    replay_located(located, any_broker.bootstrap, prefix, slice_size=70)
    place = {event: number for number, event in enumerate(events)}
    newest: dict[tuple[Topic, int], int] = {}
    for record in _stored(any_broker.bootstrap, prefix, len(events)):
        partition = (record.topic, record.partition)
        assert place[record.value] > newest.get(partition, -1)
        newest[partition] = place[record.value]


def test_a_slice_arrives_after_the_whole_slice_before(
    any_broker: AvailableBroker, prefix: str
) -> None:
    events = _events(500)
    located = ((event, Origin("-", 1)) for event in events)
    watched: list[float] = []
    replay_located(
        located,
        any_broker.bootstrap,
        prefix,
        slice_size=100,
        watch=lambda: watched.append(time.monotonic()),
    )
    assert len(watched) >= 5
    slice_of = {event: number // 100 for number, event in enumerate(events)}
    arrivals: dict[int, list[int]] = {}
    for record in _stored(any_broker.bootstrap, prefix, len(events)):
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
        b'{"type": "sale", "account_id": "\\ud800"}',
        b'{"type": ' + b"[" * 100_000,
    ],
    ids=["text", "cut", "untyped", "other", "number", "list", "bytes", "surrogate", "deep"],
)
def test_lines_of_unknown_type_become_dead_letters(
    any_broker: AvailableBroker, prefix: str, line: bytes
) -> None:
    events = [_event(1, "sale"), line, b"", b" \t", _event(2, "sale")]
    counts = replay(events, any_broker.bootstrap, prefix)
    assert counts == ReplayCounts(sales=2, dead_letters=1)
    stored = _stored(any_broker.bootstrap, prefix, 3)
    (letter,) = [record for record in stored if record.topic is Topic.DEAD_LETTERS]
    assert letter.value == line
    assert letter.headers["reason"] == "unknown_source"
    assert letter.headers["detail"]
    assert (letter.headers["source"], letter.headers["line"]) == ("-", "2")


def test_a_line_larger_than_a_topic_takes_leaves_its_beginning_in_the_dead_letters(
    any_broker: AvailableBroker, prefix: str
) -> None:
    line = _event(1, "sale", "x" * LARGEST_RECORD)
    assert replay([line], any_broker.bootstrap, prefix) == ReplayCounts(dead_letters=1)
    (letter,) = _stored(any_broker.bootstrap, prefix, 1)
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
    assert _stored(any_broker.bootstrap, prefix, 1)[0].value == line


@pytest.mark.parametrize("account", ["null", "7", '"' + "x" * 400_000 + '"', '""'])
def test_an_event_without_a_usable_account_is_left_to_the_worker(
    any_broker: AvailableBroker, prefix: str, account: str
) -> None:
    line = f'{{"type": "cancellation", "account_id": {account}}}'.encode()
    assert replay([line], any_broker.bootstrap, prefix) == ReplayCounts(cancellations=1)
    (record,) = _stored(any_broker.bootstrap, prefix, 1)
    assert (record.topic, record.key, record.value) == (Topic.CANCELLATIONS, b"", line)


def test_events_wait_for_their_time(any_broker: AvailableBroker, prefix: str) -> None:
    events = [_event(0, "sale"), _event(60, "sale"), _event(30, "sale"), _event(120, "sale")]
    begun = time.monotonic()
    replay(events, any_broker.bootstrap, prefix, speed=240)
    assert time.monotonic() - begun >= 0.5
    stored = _stored(any_broker.bootstrap, prefix, 4)
    arrived = {record.value: record.arrived for record in stored}
    assert arrived[events[3]] - arrived[events[1]] >= 100


def test_missing_topics_are_named_with_the_remedy(any_broker: AvailableBroker) -> None:
    prefix = f"none-{uuid4()}-"
    with pytest.raises(BrokerError, match=f"no topic {prefix}sales.*aboveboard topics"):
        replay(_events(1), any_broker.bootstrap, prefix)


# In a process of its own, since kafka-python leaves sockets open when it loses a broker.
_REPLAY_WITH_PATIENCE = """
import sys
from streams.files.events import Origin
from streams.cli.replay import replay_located
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
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(b"\n".join([*_events(150), b""]))
            process.stdin.flush()
            assert process.stdout.readline() == b"slice\n"
            broker.stop()
            _, error = process.communicate(b"\n".join(_events(50)), timeout=20)
    assert process.returncode == 1
    assert b"did not store all records" in error


def test_the_command_merges_files_and_says_what_it_sent(
    any_broker: AvailableBroker,
    prefix: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = [_event(number, "sale") for number in range(10)]
    (tmp_path / "even.jsonl").write_bytes(b"\n".join(events[::2]))
    (tmp_path / "odd.jsonl.gz").write_bytes(gzip.compress(b"\n".join(events[1::2])))
    paths = [str(tmp_path / name) for name in ("even.jsonl", "odd.jsonl.gz")]
    place = ["--broker", any_broker.bootstrap, "--topic-prefix", prefix]
    assert main(["replay", *paths, *place, "--limit", "7"]) == 0
    assert "7 events sent" in capsys.readouterr().err
    stored = _stored(any_broker.bootstrap, prefix, 7)
    assert [record.value for record in stored] == events[:7]


def test_a_path_that_is_not_there_is_named(
    any_broker: AvailableBroker, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--broker", any_broker.bootstrap, "--topic-prefix", prefix]
    assert main(["replay", "nowhere.jsonl", *place]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err
