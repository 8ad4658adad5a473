"""The way back from a poisoned clock: the events once more, without the records that moved it."""

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec
import pytest

from streams.stages.event_copy import EventCopy
from streams.stages.timing.followers import in_ranges
from streams.wire.dead_letter import LEFT_OUT
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.streams.stages.actors.in_memory import Broker, Partition, Record, run_installation
from tests.streams.stages.actors.small_stream import SETTINGS, expected_revisions, partitioned

ACCOUNTS = 10
"""So many wrong clocks are enough to move any partition."""

AHEAD = "2025-01-24T00:00:00Z"
POISONED_AT = 60
"""The record before which they come, some days after the beginning."""


def wrong_clock(topic: Topic, number: int) -> bytes:
    event = {
        "type": EVENT_TOPICS[topic],
        "event_id": f"wrong-{topic}-{number}",
        "account_id": f"wrong-{number}",
        "occurred_at": AHEAD,
        "sale_id": f"wrong-{number}",
        "customer_id": "c",
        "agent_id": None,
        "product": "p",
        "amount": "1.00",
        "reason": "other",
        "initiated_by": "customer",
        "kind": "login",
    }
    return msgspec.json.encode(event)


@cache
def poisoned() -> dict[Partition, list[bytes | None]]:
    logs = {place: list(log) for place, log in partitioned(1).items()}
    for (topic, _), log in logs.items():
        log[POISONED_AT:POISONED_AT] = [wrong_clock(topic, n) for n in range(ACCOUNTS)]
    return logs


def revisions(logs: Mapping[Partition, Sequence[bytes | None]]) -> frozenset[bytes]:
    broker = Broker(1, [], logs)
    run_installation(broker, seed=1, most=1_000)
    alerts = broker.logs[Topic.ALERTS, 0]
    return frozenset(record.value for record in alerts if record.value is not None)


def copied(copy: EventCopy) -> tuple[dict[Partition, list[bytes | None]], list[str]]:
    """Return the new logs, and the reasons of the letters."""
    logs: dict[Partition, list[bytes | None]] = {place: [] for place in poisoned()}
    reasons = []
    for (topic, partition), values in poisoned().items():
        for offset, value in enumerate(values):
            record = Record(offset, b"key", value)
            letter = copy.letter(topic, partition, record)
            if letter is None:
                logs[topic, partition].append(value)
            else:
                assert (letter.offset, letter.record) == (offset, value or b"")
                reasons.append(letter.reason)
    return logs, reasons


def test_without_the_named_records_nothing_of_the_poison_is_left() -> None:
    look = EventCopy(SETTINGS, "old.")
    same, _ = copied(look)
    found, number = look.followers.found()
    assert number == ACCOUNTS * len(EVENT_TOPICS)  # these, and no honest one
    wrong = list(in_ranges(found))
    assert sorted(wrong) == sorted(
        (topic, 0, POISONED_AT, POISONED_AT + ACCOUNTS - 1) for topic in EVENT_TOPICS
    )
    healed, reasons = copied(EventCopy(SETTINGS, "old.", wrong))
    assert reasons.count(LEFT_OUT) == number
    assert reasons.count("not_json") == len(EVENT_TOPICS)  # the tombstones
    assert revisions(healed) == expected_revisions()
    # A copy that leaves nothing out, the broken one, brings the poison along.
    assert revisions(same) != expected_revisions()


def test_what_was_ahead_of_its_arrival_stays_out_although_its_time_has_come() -> None:
    copy = EventCopy(SETTINGS, "old.")
    value = wrong_clock(Topic.SALES, 1)
    arrived = Record(0, b"key", value, timestamp=1_735_900_000_000)  # 3 January 2025
    letter = copy.letter(Topic.SALES, 0, arrived)
    assert letter is not None
    assert letter.reason == "impossible_time"
    assert copy.letter(Topic.SALES, 0, arrived._replace(timestamp_type=0)) is None


@pytest.mark.parametrize("value", [b"", b"null", b"\xff", b'{"event_id": "e"}'])
def test_what_is_no_event_is_left_to_the_new_workers(value: bytes) -> None:
    assert EventCopy(SETTINGS, "old.").letter(Topic.SALES, 0, Record(0, b"key", value)) is None
