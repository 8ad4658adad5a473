"""Where an id stands, what removes it, and when."""

from typing import Final

import msgspec
import pytest

from detectors.settings import Settings
from streams.erasure.dates import SLACK, by_compaction, by_retention
from streams.erasure.needle import Needle
from streams.erasure.search import Leftover, Remover, search
from streams.erasure.words import is_overdue, leftover_lines
from streams.stages.state.names import Epoch, PartName, head_key
from streams.wire.topics import Topic
from tests.streams.erasure.memory_logs import NOW, MemoryLogs

DAY: Final = 86_400_000
EVENT: Final = b'{"account_id": "a-1"}'


def found(logs: MemoryLogs) -> dict[Topic, Leftover]:
    return {one.topic: one for one in search(Needle("a-1"), logs, Settings())}


def test_an_empty_installation_holds_nothing() -> None:
    assert found(MemoryLogs()) == {}


@pytest.mark.parametrize("topic", Topic)
def test_it_is_found_in_every_topic(topic: Topic) -> None:
    logs = MemoryLogs()
    logs.put(topic, b"other", None)
    logs.put(topic, b"key", msgspec.msgpack.encode(["a-1"]) if packed(topic) else EVENT)
    assert list(found(logs)) == [topic]
    assert found(logs)[topic].records == 1
    assert found(logs)[topic].ends == {0: 2}


def packed(topic: Topic) -> bool:
    return topic.value.endswith("-state") or topic in (
        Topic.MENTIONS,
        Topic.OUTCOMES,
        Topic.PEER_TOTALS,
        Topic.PEER_EXPECTATIONS,
    )


def test_what_was_replaced_goes_with_compaction_and_what_was_not_stays() -> None:
    logs = MemoryLogs()
    logs.put(Topic.ALERTS_CURRENT, b"k", EVENT)
    assert found(logs)[Topic.ALERTS_CURRENT].remover is Remover.NOBODY
    logs.put(Topic.ALERTS_CURRENT, b"k", None, partition=1)
    assert found(logs)[Topic.ALERTS_CURRENT].remover is Remover.NOBODY
    logs.put(Topic.ALERTS_CURRENT, b"k", None)
    one = found(logs)[Topic.ALERTS_CURRENT]
    assert (one.remover, one.goes_at) == (Remover.COMPACTION, logs.now + DAY + SLACK)
    assert is_overdue(one, logs.now + 2 * DAY)


def test_a_state_has_a_date_from_the_last_event_of_the_account_on() -> None:
    logs = MemoryLogs()
    logs.put(Topic.AGENTS_STATE, head_key(Epoch(0, 1)), msgspec.msgpack.encode(["a-1"]))
    assert found(logs)[Topic.AGENTS_STATE].goes_at is None
    logs.put(Topic.SALES, b"a-1", EVENT)
    heard_at = logs.now
    one = found(logs)[Topic.AGENTS_STATE]
    assert one.remover is Remover.FORGETTING
    assert one.goes_at is not None
    assert heard_at + 60 * DAY < one.goes_at < heard_at + 120 * DAY


def test_a_segment_that_the_state_has_dropped_goes_with_compaction() -> None:
    logs = MemoryLogs()
    key = PartName(Epoch(0, 1), 0, 0).key()
    logs.put(Topic.AGENTS_STATE, key, b"\x00" + msgspec.msgpack.encode(["a-1"]))
    assert found(logs)[Topic.AGENTS_STATE].remover is Remover.FORGETTING
    logs.put(Topic.AGENTS_STATE, key, None)
    assert found(logs)[Topic.AGENTS_STATE].remover is Remover.COMPACTION


def test_retention_counts_from_the_newest_record_of_a_file() -> None:
    settings = {"retention.ms": str(10 * DAY), "segment.ms": str(DAY)}
    assert by_retention(settings, NOW) == NOW + 11 * DAY + SLACK
    assert by_retention({"retention.ms": "-1"}, NOW) is None
    assert by_retention({}, NOW) is None
    assert by_compaction({"max.compaction.lag.ms": str(2**63 - 1)}, NOW) is None


def test_the_lines_say_what_stays_and_how_to_delete_events() -> None:
    logs = MemoryLogs()
    logs.put(Topic.SALES, b"a-1", EVENT, partition=3)
    logs.put(Topic.ALERTS, b"id", EVENT)
    logs.put(Topic.OUTCOMES, b"0", msgspec.msgpack.encode(["a-1"]))
    lines = list(leftover_lines(list(found(logs).values()), "p-", "host:9092", logs.now))
    text = "\n".join(lines)
    assert "ABOVEBOARD_RETENTION_ALERTS" in text
    assert '{"topic": "p-sales", "partition": 3, "offset": 1}' in text
    assert "kafka-delete-records.sh --bootstrap-server host:9092" in text
    assert "by 2025-07-06" in next(line for line in lines if line.startswith("outcomes"))
    assert len(lines) == 6
