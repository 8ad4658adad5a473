"""What is no JSON in a topic of events is a letter, byte for byte; a tombstone is called so."""

import pytest

from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.ledger_actor import LedgerActor
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.streams.stages.actors.in_memory import Record

FOREIGN = {
    "avro behind a registry's frame": b"\x00\x00\x00\x00\x2a\x08agent-7\x02\x06abc",
    "protobuf": b"\x0a\x07agent-7\x12\x03abc\x18\x96\x01",
    "text": b"sale;2025-03-01;12,50",
    "nothing": b"",
    "no value": None,
}


@pytest.mark.parametrize("topic", EVENT_TOPICS)
@pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN)
def test_foreign_bytes_become_a_letter(topic: Topic, value: bytes | None) -> None:
    actor = LedgerActor(Settings(), 0, 1, idle_after=1.0, until=None, metrics=Metrics())
    assert list(actor.apply(topic, [Record(7, b"k", value)])) == []
    (output,) = actor.outputs()
    headers = dict(output.headers)
    assert (output.topic, output.key, output.value) == (Topic.DEAD_LETTERS, b"k", value or b"")
    assert (headers["reason"], headers["source"]) == (b"not_json", topic.encode())
    assert (headers["detail"] == b"no value (tombstone)") is (value is None)
    assert ("null" in headers) is (value is None)
