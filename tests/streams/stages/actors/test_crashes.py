"""Laws 1 to 3 for the stages behind topics: whatever happens, the alerts are the pipeline's."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.alerts.alert import Alert
from detectors.basis.errors import AboveboardError
from detectors.commission.action import CommissionAction
from streams.stages.actors.actor import Output
from streams.stages.pieces import LARGEST_PIECE
from streams.stages.state.journal import Entries, Journal
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Broker, MemoryJournal, run_installation
from tests.streams.stages.actors.small_stream import (
    decided_revisions,
    decisions,
    expected_actions,
    expected_letters,
    expected_revisions,
)

crash_points = st.lists(st.integers(0, 1_500), max_size=8)


def values(broker: Broker, topic: Topic) -> list[bytes]:
    return [
        record.value or b""
        for place, log in broker.logs.items()
        if place[0] is topic
        for record in log
    ]


def faults(broker: Broker, expected: frozenset[bytes] | None = None) -> list[str]:
    """Return in what the outcome of a run differs from what it must be."""
    found = []
    told = values(broker, Topic.ALERTS)
    paid = set(values(broker, Topic.COMMISSION_ACTIONS))
    if paid != expected_actions(decided=expected is not None):
        found.append("what becomes of commissions is not what the pipeline tells")
    expected = expected_revisions() if expected is None else expected
    if set(told) != expected:
        missing, strange = expected - set(told), set(told) - expected
        found.append(f"{len(missing)} revisions missing, {len(strange)} that nobody else tells")
    contents: dict[tuple[str, int], set[bytes]] = {}
    latest: dict[str, int] = {}
    current: dict[str, int] = {}
    for value in told:
        alert = msgspec.json.decode(value, type=Alert)
        contents.setdefault((alert.alert_id, alert.revision), set()).add(value)
        latest[alert.alert_id] = max(alert.revision, latest.get(alert.alert_id, 0))
    for value in values(broker, Topic.ALERTS_CURRENT):
        alert = msgspec.json.decode(value, type=Alert)
        current[alert.alert_id] = alert.revision
    if any(len(versions) > 1 for versions in contents.values()):
        found.append("one revision of an alert with two contents")
    if current != latest:
        found.append("the current alerts are not the latest revisions")
    states: dict[str, int] = {}
    for value in values(broker, Topic.COMMISSION_ACTIONS):
        action = msgspec.json.decode(value, type=CommissionAction)
        states[action.commission_id] = action.revision
        latest[action.commission_id] = max(action.revision, latest.get(action.commission_id, 0))
    if states != {name: latest[name] for name in states}:
        found.append("the current state of a commission is not the latest")
    if letters(broker) != expected_letters(broker.partitions):
        found.append("the dead letters are not the refused records")
    return found


def test_the_stream_shows_alerts_of_every_kind_of_a_month() -> None:
    kinds = {
        (alert.pattern, alert.severity, alert.status)
        for value in expected_revisions()
        for alert in [msgspec.json.decode(value, type=Alert)]
    }
    assert {pattern for pattern, _, _ in kinds} >= {
        "quick_cancellation",
        "quick_cancellation_early",
        "unused_account",
        "burst",
    }
    assert {status for _, _, status in kinds} == {"open", "resolved"}
    actions = [
        msgspec.json.decode(value, type=CommissionAction)
        for value in expected_actions(decided=False)
    ]
    assert {one.action for one in actions} >= {"release", "claw_back", "hold"}


def letters(broker: Broker) -> set[tuple[str, ...]]:
    return {
        (
            *(headers[name].decode() for name in ("reason", "source", "partition", "offset")),
            (broker.logs[topic, number][offset].value or b"").hex(),
        )
        for (topic, number, offset), headers in broker.headers.items()
        if topic is Topic.DEAD_LETTERS
    }


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    partitions=st.integers(1, 3),
    seed=st.integers(0, 2**32),
    most=st.integers(1, 80),
    crashes=crash_points,
    piece=st.sampled_from([400, 5_000, LARGEST_PIECE]),
)
def test_the_alerts_are_those_of_the_pipeline(
    partitions: int, seed: int, most: int, crashes: list[int], piece: int
) -> None:
    broker = Broker(partitions, crashes, piece=piece)
    run_installation(broker, seed, most)
    assert faults(broker) == []


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    partitions=st.integers(1, 3),
    seed=st.integers(0, 2**32),
    most=st.integers(1, 80),
    crashes=crash_points,
)
def test_what_people_decided_counts_from_its_day_on_whatever_happens(
    partitions: int, seed: int, most: int, crashes: list[int]
) -> None:
    broker = Broker(partitions, crashes, decisions=map(msgspec.json.encode, decisions()))
    run_installation(broker, seed, most)
    assert faults(broker, decided_revisions()) == []


def test_people_who_decide_change_the_alerts_of_the_stream() -> None:
    assert decided_revisions() != expected_revisions()


class OutputsAfterState(MemoryJournal):
    """Sends what a turn tells only once the state that includes it is written."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._waiting: list[Output] = []

    async def send(self, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        self._waiting += outputs
        return []

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        end = await super().write(topic, partition, entries)
        waiting, self._waiting = self._waiting, []
        await super().send(waiting)
        return end


class HeadFirst(MemoryJournal):
    """Writes the segments after the head that counts them."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._waiting: dict[tuple[Topic, int], Entries] = {}

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        if any(key.startswith(b"segment/") and value is not None for key, value in entries.items()):
            self._waiting[topic, partition] = entries
            return 0
        end = await super().write(topic, partition, entries)
        waiting = self._waiting.pop((topic, partition), None)
        return end if waiting is None else await super().write(topic, partition, waiting)


class StateAfterAcknowledgement(MemoryJournal):
    """Says that state is written, so that its records are acknowledged, and writes it later."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._waiting: list[tuple[Topic, int, Entries]] = []

    async def send(self, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        sent = await super().send(outputs)
        waiting, self._waiting = self._waiting, []
        for write in waiting:
            await super().write(*write)
        return sent

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        self._waiting.append((topic, partition, entries))
        return 0


BROKEN: Final[list[Callable[[Broker], Journal]]] = [
    OutputsAfterState,
    HeadFirst,
    StateAfterAcknowledgement,
]


def goes_wrong(journal: Callable[[Broker], Journal], seed: int) -> bool:
    broker = Broker(2, range(30 + seed, 700, 30))
    try:
        run_installation(broker, seed, 40, journal)
    except AboveboardError:
        return True
    return bool(faults(broker))


@pytest.mark.parametrize("journal", BROKEN)
def test_another_order_of_writing_is_noticed(journal: Callable[[Broker], Journal]) -> None:
    assert any(goes_wrong(journal, seed) for seed in range(10))


def test_the_right_order_stands_the_same_crashes() -> None:
    assert not any(goes_wrong(MemoryJournal, seed) for seed in range(10))
